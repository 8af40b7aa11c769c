/* profit: what is left of a customer's revenue after the direct costs of what was bought, the costs of serving her
 * (pseudo-direct) and her part of the costs that no customer causes alone (indirect). */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { INDIRECT_COST, ALLOCATE_BY, WINDOW };
enum { BY_REVENUE, BY_ORDERS, BY_DRIVER };
enum { AMOUNT_SUM, AMOUNT_COUNT, COST_SUM, COST_COUNT, SERVICE_SUM, DRIVER }; /* columns */
enum {
  PROFIT,
  REVENUE,
  DIRECT,
  SERVICE,
  INDIRECT,
  GROSS_MARGIN,
  CONTRIBUTION_MARGIN,
  PROFIT_MARGIN,
  DIRECT_SHARE,
  SERVICE_SHARE,
  INDIRECT_SHARE
};

static const char *const allocations[] = {"revenue", "orders", "driver", NULL};
static const tarazu_param params[] = {
    {.name = "indirect_cost",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = 0,
     .most = 1e300,
     .help = "costs that no customer causes alone, in the currency of the amounts, to share out among all"},
    {.name = "allocate_by",
     .kind = TARAZU_CHOICE,
     .initial = "revenue",
     .choices = allocations,
     .help = "indirect costs go by each customer's part of all revenue, orders, or the input driver"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only orders of this long before as_of; all where absent"},
};
static const tarazu_field order_fields[] = {
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .help = "what the customer paid; negative for a return"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_COUNT,
     .window = "window",
     .help = "orders with an amount"},
    {.name = "cost",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .optional = 1,
     .help = "direct: what was sold cost the company"},
    {.name = "cost",
     .type = TARAZU_F64,
     .aggregate = TARAZU_COUNT,
     .window = "window",
     .optional = 1,
     .help = "orders with a direct cost"},
    {.name = "cost_to_serve",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .optional = 1,
     .help = "pseudo-direct: handling, delivery, visits, service for this customer; null counts as none"},
};
static const tarazu_field driver_fields[] = {
    {.name = "driver",
     .type = TARAZU_F64,
     .when = "allocate_by=driver",
     .help = "what causes indirect costs; null: none"},
};
static const tarazu_input inputs[] = {
    {.name = "orders",
     .shape = TARAZU_EVENTS,
     .fields = TARAZU_LIST(order_fields),
     .help = "what the customer bought, and what that cost"},
    {.name = "driver",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(driver_fields),
     .help = "with allocate_by: driver; hours of support, pallets, calls"},
};
static const tarazu_output outputs[] = {
    {.name = "profit", .type = TARAZU_F64, .better = 1, .help = "revenue less all three kinds of cost"},
    {.name = "revenue", .type = TARAZU_F64, .better = 1, .help = "sum of the amounts"},
    {.name = "direct_cost", .type = TARAZU_F64, .better = -1, .help = "of what was bought"},
    {.name = "cost_to_serve", .type = TARAZU_F64, .better = -1, .help = "pseudo-direct"},
    {.name = "indirect_cost", .type = TARAZU_F64, .better = -1, .help = "the customer's part of it"},
    {.name = "gross_margin", .type = TARAZU_F64, .better = 1, .help = "revenue less direct costs, a share of revenue"},
    {.name = "contribution_margin",
     .type = TARAZU_F64,
     .better = 1,
     .help = "revenue less direct costs and cost to serve, a share of revenue"},
    {.name = "profit_margin", .type = TARAZU_F64, .better = 1, .help = "profit as a share of revenue"},
    {.name = "direct_share", .type = TARAZU_F64, .better = 0, .help = "of the customer's costs"},
    {.name = "service_share", .type = TARAZU_F64, .better = -1, .help = "cost to serve, of the customer's costs"},
    {.name = "indirect_share", .type = TARAZU_F64, .better = 0, .help = "of the customer's costs"},
};

/* What all customers come to; flat, a state. */
typedef struct tally {
  int64_t customers, incomplete, losers;
  double driver; /* of all */
  double revenue, direct, service, profit, losses;
} tally;

typedef struct model {
  int64_t allocate_by;
  double rate; /* indirect cost of one unit of the driver; 0: nobody has any */
  tally all;
} model;

enum { MOST_FACTS = 12 };

typedef struct profit {
  double indirect_cost;
  int has_cost, has_service;
  int rated; /* the first pass is done: the rate is known */
  model model;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} profit;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  profit *p = self;
  p->indirect_cost = tarazu_arg(args, INDIRECT_COST)->real;
  p->model.allocate_by = tarazu_arg(args, ALLOCATE_BY)->integer;
  p->has_cost = tarazu_bound_at(context, COST_SUM)->type != 0;
  p->has_service = tarazu_bound_at(context, SERVICE_SUM)->type != 0;
  return TARAZU_OK;
}

/* ---- one customer ---- */

typedef struct account {
  double revenue, direct, service, driver, indirect, profit;
  int complete; /* each order with an amount has a direct cost, and the reverse */
} account;

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* Who returned more than she bought drives no indirect cost by revenue. */
static double driver_of(const profit *p, const tarazu_batch *batch, int64_t row, double revenue)
{
  if (p->model.allocate_by == BY_REVENUE) return fmax(revenue, 0);
  if (p->model.allocate_by == BY_ORDERS) return (double)((const int64_t *)batch->columns[AMOUNT_COUNT]->values)[row];
  const tarazu_column *driver = batch->columns[DRIVER];
  return tarazu_is_valid(driver, row) ? ((const double *)driver->values)[row] : 0;
}

static tarazu_status add_up(const profit *p, const tarazu_batch *batch, int64_t row, account *a, tarazu_error *error)
{
  int64_t amounts = ((const int64_t *)batch->columns[AMOUNT_COUNT]->values)[row];
  *a = (account){.revenue = ((const double *)batch->columns[AMOUNT_SUM]->values)[row], .complete = 1};
  if (p->has_cost) {
    a->direct = ((const double *)batch->columns[COST_SUM]->values)[row];
    a->complete = ((const int64_t *)batch->columns[COST_COUNT]->values)[row] == amounts;
  }
  if (p->has_service) a->service = ((const double *)batch->columns[SERVICE_SUM]->values)[row];
  a->driver = driver_of(p, batch, row, a->revenue);
  a->indirect = p->model.rate * a->driver;
  a->profit = a->revenue - a->direct - a->service - a->indirect;
  if (a->driver >= 0 && isfinite(a->driver) && isfinite(a->profit)) return TARAZU_OK;
  error->row = row_number(batch, row);
  if (a->driver < 0)
    return tarazu_fail(error, TARAZU_BAD_DATA, "a driver of %.10g: nobody can cause less than no cost", a->driver);
  return tarazu_fail(error, TARAZU_NUMERIC, "the profit is beyond what a double holds");
}

/* ---- learning: first the driver of all, then what all come to ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const profit *p = self;
  tally *t = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    account a;
    tarazu_status status = add_up(p, batch, i, &a, error);
    if (status) return status;
    t->driver += a.driver;
    if (!p->rated) continue;
    t->customers++;
    t->incomplete += !a.complete;
    if (!a.complete) continue;
    t->revenue += a.revenue;
    t->direct += a.direct;
    t->service += a.service;
    t->profit += a.profit;
    t->losers += a.profit < 0;
    t->losses += fmin(a.profit, 0);
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  a->customers += b->customers;
  a->incomplete += b->incomplete;
  a->losers += b->losers;
  a->driver += b->driver;
  a->revenue += b->revenue;
  a->direct += b->direct;
  a->service += b->service;
  a->profit += b->profit;
  a->losses += b->losses;
  return TARAZU_OK;
}

static tarazu_fact *tell(profit *p, const char *name, double value)
{
  tarazu_fact *fact = &p->facts[p->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

static void report(profit *p)
{
  const tally *t = &p->model.all;
  p->fact_count = 0;
  tell(p, "customers", (double)t->customers);
  if (t->incomplete) {
    tarazu_fact *incomplete = tell(p, "customers_incomplete", (double)t->incomplete);
    incomplete->text = "of some orders only one of amount and cost is known: their profit is null";
    incomplete->level = 1;
  }
  tell(p, "total_revenue", t->revenue);
  tell(p, "total_direct_cost", t->direct);
  tell(p, "total_cost_to_serve", t->service);
  tell(p, "total_profit", t->profit);
  tell(p, "customers_at_a_loss", (double)t->losers);
  tell(p, "total_of_losses", t->losses);
  tell(p, "indirect_cost_of_one_unit", p->model.rate);
  if (p->model.rate > 0 || !(p->indirect_cost > 0)) return;
  tarazu_fact *unallocated = tell(p, "indirect_cost_not_allocated", p->indirect_cost);
  unallocated->text = "nobody has revenue, orders or a driver to allocate it by";
  unallocated->level = 1;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  profit *p = self;
  tally t;
  memcpy(&t, state, sizeof t);
  if (!isfinite(t.driver) || !isfinite(t.revenue) || !isfinite(t.profit) || !isfinite(t.direct) ||
      !isfinite(t.service) || !isfinite(t.losses))
    return tarazu_fail(error, TARAZU_NUMERIC, "the sum over all customers is beyond what a double holds");
  if (p->rated) {
    p->model.all = t;
    report(p);
    return TARAZU_OK;
  }
  p->model.rate = t.driver > 0 ? p->indirect_cost / t.driver : 0;
  if (!isfinite(p->model.rate)) p->model.rate = 0; /* a driver of next to nothing */
  p->rated = 1;
  *again = 1;
  return TARAZU_OK;
}

/* ---- saved models: the rate, so that this year's customers bear last year's cost of a unit ---- */

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const profit *p = self;
  if (!writer->write(writer, &p->model, sizeof p->model))
    return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  profit *p = self;
  model from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  if (from.allocate_by < BY_REVENUE || from.allocate_by > BY_DRIVER || !(from.rate >= 0) || !isfinite(from.rate))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  if (from.allocate_by != p->model.allocate_by) {
    error->param = ALLOCATE_BY;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model allocates by %s, not by %s",
                       allocations[from.allocate_by], allocations[p->model.allocate_by]);
  }
  p->model = from;
  p->rated = 1;
  report(p);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static void put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known && isfinite(value)) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const profit *p = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    account a;
    tarazu_status status = add_up(p, batch, i, &a, error);
    if (status) return status;
    double costs = a.direct + a.service + a.indirect, gross = a.revenue - a.direct;
    int earns = a.complete && a.revenue > 0, costly = a.complete && costs > 0;
    put(results[PROFIT], i, a.complete, a.profit);
    put(results[REVENUE], i, 1, a.revenue);
    put(results[DIRECT], i, 1, a.direct);
    put(results[SERVICE], i, 1, a.service);
    put(results[INDIRECT], i, 1, a.indirect);
    put(results[GROSS_MARGIN], i, earns, gross / a.revenue);
    put(results[CONTRIBUTION_MARGIN], i, earns, (gross - a.service) / a.revenue);
    put(results[PROFIT_MARGIN], i, earns, a.profit / a.revenue);
    put(results[DIRECT_SHARE], i, costly, a.direct / costs);
    put(results[SERVICE_SHARE], i, costly, a.service / costs);
    put(results[INDIRECT_SHARE], i, costly, a.indirect / costs);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const profit *p = self;
  return (tarazu_list){p->facts, p->fact_count, sizeof p->facts[0]};
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  char line[300];
  account a;
  tarazu_status status = add_up(self, row, 0, &a, error);
  if (status) return status;
  int length = snprintf(line, sizeof line, "revenue %.10g less direct %.10g, to serve %.10g, indirect %.10g: %.10g%s\n",
                        a.revenue, a.direct, a.service, a.indirect, a.profit,
                        a.complete ? "" : ", of some orders only one of amount and cost being known");
  if (!writer->write(writer, line, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "profit",
    .version = "1.0",
    .summary = "revenue less direct, pseudo-direct and indirect costs",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(profit),
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
    .name = "profit",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
