/* complaints: what a customer's complaints cost: handling them by severity, the time until they were resolved, what is
 * still open, and what came back. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#include "../shared/scoring.h"

enum { COST_PARAM, SEVERITY_STEP, SEVERITIES, COST_A_DAY, UNRESOLVED_PARAM, RECURRENCE, RECURS_WITHIN, WINDOW };
enum { TIME, RESOLVED, SEVERITY, COST, ORDERS };                                               /* columns */
enum { BURDEN, HANDLING, WAITING, SURCHARGES, COUNT, UNRESOLVED, RECURRING, DAYS, PER_ORDER }; /* outputs */

static const tarazu_param params[] = {
    {.name = "cost",
     .kind = TARAZU_REAL,
     .initial = "50",
     .least = 0,
     .most = 1e12,
     .help = "what handling a complaint of severity 1 costs, where the column cost does not say"},
    {.name = "severity_step",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1000,
     .help = "each degree of severity above 1 adds this much of that cost; costs of the column stay as they are"},
    {.name = "severities",
     .kind = TARAZU_REAL,
     .initial = "5",
     .least = 1,
     .most = 1e6,
     .help = "the highest degree of severity; the least is 1"},
    {.name = "cost_a_day",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = 0,
     .most = 1e12,
     .help = "what each day costs until a complaint is resolved"},
    {.name = "unresolved",
     .kind = TARAZU_PROPORTION,
     .initial = "100%",
     .least = 0,
     .most = 1000,
     .help = "a complaint that is open at as_of costs this much of its handling on top"},
    {.name = "recurrence",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1000,
     .help = "a complaint soon after another one costs this much of its handling on top"},
    {.name = "recurs_within",
     .kind = TARAZU_DURATION,
     .initial = "90 days",
     .least = 0,
     .most = 36525,
     .help = "how soon that is"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only complaints and orders of this long before as_of; all where absent"},
};
static const tarazu_field complaint_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the complaint was made"},
    {.name = "resolved", .type = TARAZU_TIME, .help = "when it was resolved; null: it is open"},
    {.name = "severity", .type = TARAZU_F64, .optional = 1, .help = "from 1, slight, to severities; null: 1"},
    {.name = "cost", .type = TARAZU_F64, .optional = 1, .help = "what handling it cost, in currency; null: not known"},
};
static const tarazu_field order_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_COUNT, .window = "window", .help = "the orders, counted"},
};
static const tarazu_input inputs[] = {
    {.name = "complaints",
     .shape = TARAZU_EVENTS,
     .fields = TARAZU_LIST(complaint_fields),
     .help = "what the customer complained of, and when that was put right"},
    {.name = "orders",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(order_fields),
     .help = "what the customer bought, for complaints per order"},
};
static const tarazu_output outputs[] = {
    {.name = "burden", .type = TARAZU_F64, .better = -1, .help = "what her complaints cost, in currency"},
    {.name = "handling", .type = TARAZU_F64, .better = -1, .help = "the part of it for handling them"},
    {.name = "waiting", .type = TARAZU_F64, .better = -1, .help = "the part for the days until they were resolved"},
    {.name = "surcharges", .type = TARAZU_F64, .better = -1, .help = "the part for what is open and what recurred"},
    {.name = "complaints", .type = TARAZU_I64, .better = -1, .unit = "complaints", .help = "how many there were"},
    {.name = "unresolved", .type = TARAZU_I64, .better = -1, .unit = "complaints", .help = "open at as_of"},
    {.name = "recurring", .type = TARAZU_I64, .better = -1, .unit = "complaints", .help = "soon after another one"},
    {.name = "days_to_resolve",
     .type = TARAZU_F64,
     .better = -1,
     .unit = "days",
     .help = "mean of those resolved; null where none was"},
    {.name = "per_order", .type = TARAZU_F64, .better = -1, .help = "complaints per order; null without orders"},
};

/* What one customer's complaints, or all, come to; flat, as it is a state. */
typedef struct account {
  double handling, waiting, surcharges;
  double days, severity; /* sums; days of those resolved, open ones by `oldest` */
  double oldest;         /* days that the oldest open one has waited */
  int64_t complaints, resolved, unresolved, recurring;
  int64_t assumed;   /* complaints of which the table does not know the cost */
  int64_t backwards; /* resolved before they were made */
} account;

typedef struct tally {
  account all;
  int64_t customers, complainers;
} tally;

enum { MOST_FACTS = 10 };

typedef struct complaints {
  int64_t as_of;
  double cost, severity_step, severities, cost_a_day, unresolved, recurrence, recurs_within;
  double window; /* days; infinite: all */
  int has_orders;
  tally tally;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} complaints;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  complaints *c = self;
  const tarazu_value *window = tarazu_arg(args, WINDOW);
  c->as_of = context->as_of;
  c->cost = tarazu_arg(args, COST_PARAM)->real;
  c->severity_step = tarazu_arg(args, SEVERITY_STEP)->real;
  c->severities = tarazu_arg(args, SEVERITIES)->real;
  c->cost_a_day = tarazu_arg(args, COST_A_DAY)->real;
  c->unresolved = tarazu_arg(args, UNRESOLVED_PARAM)->real;
  c->recurrence = tarazu_arg(args, RECURRENCE)->real;
  c->recurs_within = tarazu_arg(args, RECURS_WITHIN)->real;
  c->window = window->given ? window->real : (double)INFINITY;
  c->has_orders = tarazu_bound_at(context, ORDERS)->type != 0;
  return TARAZU_OK;
}

/* ---- one customer ---- */

static tarazu_status bad_value(const tarazu_batch *batch, int64_t row, tarazu_error *error, const char *what,
                               double value, double least, double most)
{
  error->row = scoring_row(batch, row);
  return tarazu_fail(error, TARAZU_BAD_DATA, "a complaint's %s is %.10g: expected %.10g to %.10g", what, value, least,
                     most);
}

/* Days until it was resolved, -1 for one that is open: what was resolved after as_of is not known to be. */
static double days_until_resolved(const complaints *c, const tarazu_batch *batch, int64_t i, double age, account *a)
{
  const tarazu_column *resolved = batch->columns[RESOLVED];
  double since = tarazu_is_valid(resolved, i) ? scoring_age(resolved, i, c->as_of) : -1;
  if (since < 0) return -1;
  a->backwards += since > age;
  return fmax(age - since, 0);
}

/* handling = cost, or the assumed cost x (1 + step x (severity - 1)); previous: the age of the complaint before it. */
static tarazu_status add_complaint(const complaints *c, const tarazu_batch *batch, int64_t row, int64_t i,
                                   double previous, account *a, tarazu_error *error)
{
  double age = scoring_age(batch->columns[TIME], i, c->as_of);
  double severity = scoring_real(batch->columns[SEVERITY], i), cost = scoring_real(batch->columns[COST], i);
  if (isnan(severity)) severity = 1;
  if (severity < 1 || severity > c->severities)
    return bad_value(batch, row, error, "severity", severity, 1, c->severities);
  if (cost < 0) return bad_value(batch, row, error, "cost", cost, 0, (double)INFINITY);
  double handling = isnan(cost) ? c->cost * (1 + c->severity_step * (severity - 1)) : cost;
  double days = days_until_resolved(c, batch, i, age, a);
  int open = days < 0, recurs = previous - age <= c->recurs_within;
  a->complaints++;
  a->assumed += isnan(cost);
  a->severity += severity;
  a->unresolved += open;
  a->resolved += !open;
  a->recurring += recurs;
  a->handling += handling;
  a->waiting += c->cost_a_day * (open ? age : days);
  a->surcharges += handling * ((open ? c->unresolved : 0) + (recurs ? c->recurrence : 0));
  if (open) a->oldest = fmax(a->oldest, age);
  else a->days += days;
  return TARAZU_OK;
}

/* One before the window is not counted, but one in it may recur after it. */
static tarazu_status take_account(const complaints *c, const tarazu_batch *batch, int64_t row, account *a,
                                  tarazu_error *error)
{
  const tarazu_column *time = batch->columns[TIME];
  double previous = (double)INFINITY;
  *a = (account){0};
  for (int64_t i = time->offsets[row]; i < time->offsets[row + 1]; i++) {
    double age = scoring_age(time, i, c->as_of);
    if (age < 0) continue;
    if (age < c->window) {
      tarazu_status status = add_complaint(c, batch, row, i, previous, a, error);
      if (status) return status;
    }
    previous = age;
  }
  if (isfinite(a->handling + a->waiting + a->surcharges)) return TARAZU_OK;
  error->row = scoring_row(batch, row);
  return tarazu_fail(error, TARAZU_NUMERIC, "the cost of a customer's complaints is beyond what a double holds");
}

/* ---- learning: for the facts alone ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static void add(account *a, const account *b)
{
  a->handling += b->handling;
  a->waiting += b->waiting;
  a->surcharges += b->surcharges;
  a->days += b->days;
  a->severity += b->severity;
  a->oldest = fmax(a->oldest, b->oldest);
  a->complaints += b->complaints;
  a->resolved += b->resolved;
  a->unresolved += b->unresolved;
  a->recurring += b->recurring;
  a->assumed += b->assumed;
  a->backwards += b->backwards;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  tally *to = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    account a;
    tarazu_status status = take_account(self, batch, i, &a, error);
    if (status) return status;
    add(&to->all, &a);
    to->customers++;
    to->complainers += a.complaints > 0;
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  add(&a->all, &b->all);
  a->customers += b->customers;
  a->complainers += b->complainers;
  return TARAZU_OK;
}

static tarazu_fact *tell(complaints *c, const char *name, double value)
{
  tarazu_fact *fact = &c->facts[c->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

static void report(complaints *c)
{
  const account *all = &c->tally.all;
  c->fact_count = 0;
  tell(c, "complaints", (double)all->complaints);
  tell(c, "complainers", (double)c->tally.complainers);
  if (!all->complaints) return;
  tell(c, "unresolved", (double)all->unresolved);
  tell(c, "recurring", (double)all->recurring);
  if (all->resolved) tell(c, "days_to_resolve", all->days / (double)all->resolved);
  if (all->unresolved) tell(c, "oldest_open_days", all->oldest);
  tell(c, "mean_severity", all->severity / (double)all->complaints);
  tell(c, "cost_assumed", (double)all->assumed)->text = "complaints of which the table does not know the cost";
  if (!all->backwards) return;
  tarazu_fact *backwards = tell(c, "resolved_before_made", (double)all->backwards);
  backwards->text = "complaints dated as resolved before they were made count as resolved at once";
  backwards->level = 1;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again;
  complaints *c = self;
  memcpy(&c->tally, state, sizeof c->tally);
  const account *all = &c->tally.all;
  if (!isfinite(all->handling + all->waiting + all->surcharges))
    return tarazu_fail(error, TARAZU_NUMERIC, "the cost of all complaints is beyond what a double holds");
  report(c);
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const complaints *c = self;
  return scoring_write(writer, &c->tally, sizeof c->tally, error);
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  complaints *c = self;
  tally from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  if (from.all.complaints < 0 || from.all.resolved < 0 || !isfinite(from.all.days) || !isfinite(from.all.severity) ||
      !isfinite(from.all.oldest))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  c->tally = from;
  report(c);
  return TARAZU_OK;
}

/* ---- scoring ---- */

/* An order is counted with those of its customer: 0 where she has none. */
static int64_t orders_of(const complaints *c, const tarazu_batch *batch, int64_t row)
{
  const tarazu_column *orders = c->has_orders ? batch->columns[ORDERS] : NULL;
  return orders && tarazu_is_valid(orders, row) ? ((const int64_t *)orders->values)[row] : 0;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const complaints *c = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    account a;
    tarazu_status status = take_account(c, batch, i, &a, error);
    if (status) return status;
    int64_t orders = orders_of(c, batch, i);
    scoring_put(results[BURDEN], i, 1, a.handling + a.waiting + a.surcharges);
    scoring_put(results[HANDLING], i, 1, a.handling);
    scoring_put(results[WAITING], i, 1, a.waiting);
    scoring_put(results[SURCHARGES], i, 1, a.surcharges);
    scoring_count(results[COUNT], i, a.complaints);
    scoring_count(results[UNRESOLVED], i, a.unresolved);
    scoring_count(results[RECURRING], i, a.recurring);
    scoring_put(results[DAYS], i, a.resolved > 0, a.days / (double)a.resolved);
    scoring_put(results[PER_ORDER], i, orders > 0, (double)a.complaints / (double)orders);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const complaints *c = self;
  return (tarazu_list){c->facts, c->fact_count, sizeof c->facts[0]};
}

/* ---- explaining ---- */

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const complaints *c = self;
  account a;
  tarazu_status status = take_account(c, row, 0, &a, error);
  if (status) return status;
  if (!a.complaints && isfinite(c->window))
    return scoring_say(writer, error, "no complaint in the last %.0f days, which is no proof of satisfaction",
                       c->window);
  if (!a.complaints) return scoring_say(writer, error, "no complaint, which is no proof of satisfaction");
  char waiting[60] = "", surcharges[60] = "";
  if (a.waiting > 0) snprintf(waiting, sizeof waiting, ", waiting %.6g", a.waiting);
  if (a.surcharges > 0) snprintf(surcharges, sizeof surcharges, ", surcharges %.6g", a.surcharges);
  status =
      scoring_say(writer, error, "%lld complaint%s of mean severity %.3g: handling %.6g%s%s", (long long)a.complaints,
                  scoring_plural(a.complaints), a.severity / (double)a.complaints, a.handling, waiting, surcharges);
  if (!status && a.resolved)
    status = scoring_say(writer, error, "%lld resolved, after %.4g days in the mean", (long long)a.resolved,
                         a.days / (double)a.resolved);
  if (!status && a.unresolved)
    status = scoring_say(writer, error, "%lld open, the oldest for %.4g days", (long long)a.unresolved, a.oldest);
  if (!status && a.recurring)
    status =
        scoring_say(writer, error, "%lld within %.4g days of another one", (long long)a.recurring, c->recurs_within);
  return status;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "complaints",
    .version = "1.0",
    .summary = "what a customer's complaints cost: handling, waiting, what is open and what recurs",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(complaints),
    .create = create,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = save,
    .load = load,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "complaints",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
