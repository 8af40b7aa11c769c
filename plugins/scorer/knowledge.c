/* knowledge: customer knowledge value: what a customer's ideas, adopted or still being weighed, and her participation
 * are worth to the company, in currency. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#include "../shared/scoring.h"

enum { SHARE_PARAM, IDEA_VALUE, PENDING_PARAM, ADOPTION_RATE, SHRINKAGE, PARTICIPATION_RATE, HALF_LIFE };
enum { IDEA_TIME, ADOPTED, VALUE, SHARE, PARTICIPATION_TIME, AMOUNT };                   /* columns */
enum { KNOWLEDGE, FROM_IDEAS, FROM_PARTICIPATION, IDEAS, ADOPTED_COUNT, PENDING, RATE }; /* outputs */
enum { EXPECTED, NOTHING };

static const char *const pending_choices[] = {"expected", "nothing", NULL};
static const tarazu_param params[] = {
    {.name = "share",
     .kind = TARAZU_PROPORTION,
     .initial = "100%",
     .least = 0,
     .most = 1,
     .help = "how much of an idea's value is the customer's doing, where the column share does not say"},
    {.name = "idea_value",
     .kind = TARAZU_REAL,
     .optional = 1,
     .help = "what an idea is worth where its value is null; where absent such ideas are left out"},
    {.name = "pending",
     .kind = TARAZU_CHOICE,
     .choices = pending_choices,
     .initial = "expected",
     .help = "an idea not yet decided on counts its value times the chance that it is adopted, or nothing"},
    {.name = "adoption_rate",
     .kind = TARAZU_PROPORTION,
     .optional = 1,
     .least = 0,
     .most = 1,
     .help = "the chance that anybody's idea is adopted; where absent, as of all ideas decided on"},
    {.name = "shrinkage",
     .kind = TARAZU_REAL,
     .initial = "5",
     .least = 0,
     .most = 1e6,
     .unit = "ideas",
     .help = "as many decided ideas of anybody's rate are added to each customer's own"},
    {.name = "participation_rate",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = -1e12,
     .most = 1e12,
     .help = "what one act of participation, or one unit of its amount, is worth in currency"},
    {.name = "half_life",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "what is this old is worth half; all is worth its whole value where absent"},
};
static const tarazu_field idea_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when the idea was offered"},
    {.name = "adopted", .type = TARAZU_F64, .help = "1: adopted, 0: turned down; null: not yet decided"},
    {.name = "value",
     .type = TARAZU_F64,
     .help = "what it is worth, or would be, in currency; below 0 where it costs; null: not known"},
    {.name = "share", .type = TARAZU_F64, .optional = 1, .help = "how much of that is the customer's doing, 0 to 1"},
};
static const tarazu_field participation_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the customer took part"},
    {.name = "amount", .type = TARAZU_F64, .optional = 1, .help = "how much: hours, answers; 1 where not bound"},
};
static const tarazu_input inputs[] = {
    {.name = "ideas",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(idea_fields),
     .help = "what the customer suggested, and what became of it"},
    {.name = "participation",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(participation_fields),
     .help = "tests, panels, workshops that the customer took part in"},
};
static const tarazu_output outputs[] = {
    {.name = "knowledge",
     .type = TARAZU_F64,
     .better = 1,
     .help = "customer knowledge value, in the currency of values"},
    {.name = "from_ideas", .type = TARAZU_F64, .better = 1, .help = "the part of it that ideas brought"},
    {.name = "from_participation", .type = TARAZU_F64, .better = 1, .help = "the part that participation brought"},
    {.name = "ideas", .type = TARAZU_I64, .better = 1, .unit = "ideas", .help = "offered"},
    {.name = "adopted", .type = TARAZU_I64, .better = 1, .unit = "ideas", .help = "of them adopted"},
    {.name = "pending", .type = TARAZU_I64, .unit = "ideas", .help = "of them not yet decided on"},
    {.name = "adoption_rate",
     .type = TARAZU_F64,
     .better = 1,
     .help = "the chance that an idea of hers is adopted, shrunk toward everybody's; null without ideas"},
};

/* Flat, as it is a state. */
typedef struct tally {
  int64_t customers, givers; /* who offered an idea or took part */
  int64_t ideas, adopted, pending, acts;
  int64_t unvalued, acts_left_out; /* adopted or pending ideas of unknown value, acts of unknown amount */
} tally;

enum { MOST_FACTS = 10 };

typedef struct knowledge {
  int64_t as_of;
  double share, idea_value; /* value NAN: not given */
  int64_t pending;
  double adoption_rate; /* given; below 0: learned */
  double shrinkage, participation_rate, half_life;
  int has_ideas, has_acts;
  tally tally;
  double rate; /* everybody's; NAN: nothing is known of it */
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} knowledge;

/* ---- creation ---- */

static tarazu_status check(const knowledge *k, tarazu_error *error)
{
  if (!k->has_ideas && !k->has_acts)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no input is bound: knowledge needs ideas, participation or both");
  if (k->has_acts && !k->has_ideas && k->participation_rate == 0) {
    error->param = PARTICIPATION_RATE;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "participation alone is bound and worth nothing: give participation_rate");
  }
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  knowledge *k = self;
  const tarazu_value *value = tarazu_arg(args, IDEA_VALUE), *rate = tarazu_arg(args, ADOPTION_RATE);
  const tarazu_value *half_life = tarazu_arg(args, HALF_LIFE);
  k->as_of = context->as_of;
  k->share = tarazu_arg(args, SHARE_PARAM)->real;
  k->idea_value = value->given ? value->real : (double)NAN;
  k->pending = tarazu_arg(args, PENDING_PARAM)->integer;
  k->adoption_rate = rate->given ? rate->real : -1;
  k->shrinkage = tarazu_arg(args, SHRINKAGE)->real;
  k->participation_rate = tarazu_arg(args, PARTICIPATION_RATE)->real;
  k->half_life = half_life->given ? half_life->real : 0;
  k->has_ideas = tarazu_bound_at(context, ADOPTED)->type != 0;
  k->has_acts = tarazu_bound_at(context, PARTICIPATION_TIME)->type != 0;
  k->rate = k->adoption_rate >= 0 ? k->adoption_rate : (double)NAN;
  return check(k, error);
}

/* ---- one customer ---- */

typedef struct offer {
  int64_t ideas, adopted, pending, acts, unvalued, acts_left_out;
  int64_t valued;                      /* adopted ones of known value */
  double adopted_value, pending_value; /* faded, the customer's share */
  double best;                         /* of an adopted idea */
  double amount;                       /* faded */
} offer;

static tarazu_status bad_value(const tarazu_batch *batch, int64_t row, tarazu_error *error, const char *what,
                               double value, const char *expected)
{
  error->row = scoring_row(batch, row);
  return tarazu_fail(error, TARAZU_BAD_DATA, "%s is %.10g: expected %s", what, value, expected);
}

static double fade(const knowledge *k, const tarazu_batch *batch, uint32_t column, int64_t i)
{
  if (!(k->half_life > 0)) return 1;
  return scoring_fade(fmax(scoring_age(batch->columns[column], i, k->as_of), 0), k->half_life);
}

static tarazu_status add_ideas(const knowledge *k, const tarazu_batch *batch, int64_t row, offer *o,
                               tarazu_error *error)
{
  const tarazu_column *column = batch->columns[ADOPTED];
  for (int64_t i = column->offsets[row]; i < column->offsets[row + 1]; i++) {
    double adopted = scoring_real(column, i), value = scoring_real(batch->columns[VALUE], i);
    double share = scoring_real(batch->columns[SHARE], i);
    if (!isnan(adopted) && adopted != 0 && adopted != 1)
      return bad_value(batch, row, error, "whether an idea was adopted", adopted, "0, 1 or, while undecided, nothing");
    if (share < 0 || share > 1) return bad_value(batch, row, error, "the customer's share of an idea", share, "0 to 1");
    o->ideas++;
    o->adopted += adopted == 1;
    o->pending += isnan(adopted);
    if (isnan(value)) value = k->idea_value;
    if (adopted == 0) continue;
    if (isnan(value)) {
      o->unvalued++;
      continue;
    }
    value *= (isnan(share) ? k->share : share) * fade(k, batch, IDEA_TIME, i);
    if (adopted == 1) o->best = o->valued++ ? fmax(o->best, value) : value;
    *(adopted == 1 ? &o->adopted_value : &o->pending_value) += value;
  }
  return TARAZU_OK;
}

static tarazu_status add_acts(const knowledge *k, const tarazu_batch *batch, int64_t row, offer *o, tarazu_error *error)
{
  const tarazu_column *time = batch->columns[PARTICIPATION_TIME], *amounts = batch->columns[AMOUNT];
  for (int64_t i = time->offsets[row]; i < time->offsets[row + 1]; i++) {
    double amount = amounts ? scoring_real(amounts, i) : 1;
    if (amount < 0) return bad_value(batch, row, error, "an amount of participation", amount, "0 or more");
    if (isnan(amount)) {
      o->acts_left_out++;
      continue;
    }
    o->acts++;
    o->amount += amount * fade(k, batch, PARTICIPATION_TIME, i);
  }
  return TARAZU_OK;
}

static tarazu_status look(const knowledge *k, const tarazu_batch *batch, int64_t row, offer *o, tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  *o = (offer){0};
  if (k->has_ideas) status = add_ideas(k, batch, row, o, error);
  if (!status && k->has_acts) status = add_acts(k, batch, row, o, error);
  return status;
}

/* The beta-binomial posterior mean (a + kappa Q) / (n + kappa) of a adopted among n decided ideas, Q everybody's rate.
 * NAN: neither hers nor everybody's is known. */
static double rate_of(const knowledge *k, const offer *o)
{
  double n = (double)(o->ideas - o->pending), a = (double)o->adopted;
  double kappa = isnan(k->rate) ? 0 : k->shrinkage;
  if (n + kappa > 0) return (a + (kappa > 0 ? kappa * k->rate : 0)) / (n + kappa);
  return k->rate;
}

static double worth_of_pending(const knowledge *k, const offer *o)
{
  double rate = rate_of(k, o);
  return k->pending == EXPECTED && !isnan(rate) ? rate * o->pending_value : 0;
}

/* ---- learning ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  tally *a = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    offer o;
    tarazu_status status = look(self, batch, i, &o, error);
    if (status) return status;
    a->customers++;
    a->givers += o.ideas + o.acts > 0;
    a->ideas += o.ideas;
    a->adopted += o.adopted;
    a->pending += o.pending;
    a->acts += o.acts;
    a->unvalued += o.unvalued;
    a->acts_left_out += o.acts_left_out;
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  a->customers += b->customers;
  a->givers += b->givers;
  a->ideas += b->ideas;
  a->adopted += b->adopted;
  a->pending += b->pending;
  a->acts += b->acts;
  a->unvalued += b->unvalued;
  a->acts_left_out += b->acts_left_out;
  return TARAZU_OK;
}

static tarazu_fact *tell(knowledge *k, const char *name, double value)
{
  tarazu_fact *fact = &k->facts[k->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

static void warn(knowledge *k, const char *name, double value, const char *text)
{
  tarazu_fact *fact = tell(k, name, value);
  fact->text = text;
  fact->level = 1;
}

static void report(knowledge *k)
{
  const tally *a = &k->tally;
  k->fact_count = 0;
  tell(k, "givers", (double)a->givers);
  if (k->has_ideas) {
    tell(k, "ideas", (double)a->ideas);
    tell(k, "ideas_adopted", (double)a->adopted);
    tell(k, "ideas_pending", (double)a->pending);
    if (!isnan(k->rate)) tell(k, "adoption_rate", k->rate);
    else if (a->pending)
      warn(k, "adoption_rate_unknown", (double)a->pending, "no idea has been decided on: pending ones count nothing");
  }
  if (k->has_acts) tell(k, "participations", (double)a->acts);
  if (k->has_acts && k->participation_rate == 0)
    warn(k, "participation_rate", 0, "participation is bound but worth nothing: participation_rate is 0");
  if (a->unvalued) warn(k, "ideas_left_out", (double)a->unvalued, "adopted or pending ideas of unknown value");
  if (a->acts_left_out) warn(k, "participations_left_out", (double)a->acts_left_out, "of unknown amount");
}

static void settle(knowledge *k)
{
  double decided = (double)(k->tally.ideas - k->tally.pending);
  k->rate = k->adoption_rate >= 0 ? k->adoption_rate : decided > 0 ? (double)k->tally.adopted / decided : (double)NAN;
  report(k);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again, (void)error;
  knowledge *k = self;
  memcpy(&k->tally, state, sizeof k->tally);
  settle(k);
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const knowledge *k = self;
  return scoring_write(writer, &k->tally, sizeof k->tally, error);
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  knowledge *k = self;
  tally from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  if (from.adopted < 0 || from.pending < 0 || from.ideas < from.pending || from.adopted > from.ideas - from.pending)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  k->tally = from;
  settle(k);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const knowledge *k = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    offer o;
    tarazu_status status = look(k, batch, i, &o, error);
    if (status) return status;
    double ideas = o.adopted_value + worth_of_pending(k, &o), acts = o.amount * k->participation_rate;
    double rate = o.ideas ? rate_of(k, &o) : (double)NAN;
    if (!isfinite(ideas + acts)) {
      error->row = scoring_row(batch, i);
      return tarazu_fail(error, TARAZU_NUMERIC, "the value of a customer's knowledge is beyond what a double holds");
    }
    scoring_put(results[KNOWLEDGE], i, 1, ideas + acts);
    scoring_put(results[FROM_IDEAS], i, 1, ideas);
    scoring_put(results[FROM_PARTICIPATION], i, 1, acts);
    scoring_count(results[IDEAS], i, o.ideas);
    scoring_count(results[ADOPTED_COUNT], i, o.adopted);
    scoring_count(results[PENDING], i, o.pending);
    scoring_put(results[RATE], i, !isnan(rate), rate);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const knowledge *k = self;
  return (tarazu_list){k->facts, k->fact_count, sizeof k->facts[0]};
}

/* ---- explaining ---- */

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const knowledge *k = self;
  offer o;
  tarazu_status status = look(k, row, 0, &o, error);
  if (status) return status;
  if (!o.ideas && !o.acts) return scoring_say(writer, error, "no idea offered, no participation");
  char pending[60] = "", best[60] = "";
  if (o.pending) snprintf(pending, sizeof pending, ", %lld not yet decided on", (long long)o.pending);
  if (o.valued > 1) snprintf(best, sizeof best, ", the best of them %.6g", o.best);
  if (o.ideas)
    status = scoring_say(writer, error, "%lld idea%s offered, %lld adopted%s", (long long)o.ideas,
                         scoring_plural(o.ideas), (long long)o.adopted, pending);
  if (!status && o.valued)
    status = scoring_say(writer, error, "what was adopted brought %.6g%s", o.adopted_value, best);
  if (!status && o.pending)
    status = scoring_say(writer, error, "those not yet decided on, %.6g, count %.6g at an adoption rate of %.3g",
                         o.pending_value, worth_of_pending(k, &o), rate_of(k, &o));
  if (!status && o.acts)
    status = scoring_say(writer, error, "took part %lld time%s, worth %.6g", (long long)o.acts, scoring_plural(o.acts),
                         o.amount * k->participation_rate);
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
    .id = "knowledge",
    .version = "1.0",
    .summary = "customer knowledge value: ideas adopted, ideas pending and participation, in currency",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(knowledge),
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
    .name = "knowledge",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
