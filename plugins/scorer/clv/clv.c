/* clv: what a customer will be worth over a horizon, from models of buying, dropping out and spending, fitted to all
 * customers' orders, judged, and replaced by plainer ones where they fail. */
#include "clv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double days_a_year = 365.25;
static const char saved_version[] = "clv 2"; /* of the model as it is saved */

enum { MODEL, SPEND, HORIZON, DISCOUNT_RATE, PERIOD, INTERVAL, PENALTY, FALLBACK, HOLDOUT };
enum { FIRST, LAST, PERIODS, ORDERS, REPEAT_SPEND, LEAST_AMOUNT, TIMES }; /* columns */
enum { VALUE, P_ALIVE, EXPECTED_PURCHASES, EXPECTED_SPEND, VALUE_LOWER, VALUE_UPPER, OUTPUTS };

static const char *const models[] = {"bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb", "empirical", "auto", NULL};
static const char *const spends[] = {"gamma_gamma", "empirical", NULL};

const family *const families[FAMILIES] = {&bg_nbd, &mbg_nbd, &pareto_nbd, &bg_bb};

static const tarazu_param params[] = {
    {.name = "model",
     .kind = TARAZU_CHOICE,
     .choices = models,
     .initial = "bg_nbd",
     .help = "how customers buy and drop out; auto: the one that foretells a holdout best"},
    {.name = "spend",
     .kind = TARAZU_CHOICE,
     .choices = spends,
     .initial = "gamma_gamma",
     .help = "what they pay at a time; empirical: their own mean, pulled toward everybody's"},
    {.name = "horizon",
     .kind = TARAZU_DURATION,
     .initial = "52 weeks",
     .least = 1,
     .most = 36525,
     .help = "value of this long after as_of"},
    {.name = "discount_rate",
     .kind = TARAZU_PROPORTION,
     .initial = "10%",
     .least = 0,
     .most = 10,
     .help = "of a year; applied at the end of each period"},
    {.name = "period",
     .kind = TARAZU_DURATION,
     .initial = "1 week",
     .least = 1,
     .most = 3660,
     .help = "unit of time, whole days; what is bought within one is one purchase"},
    {.name = "interval",
     .kind = TARAZU_PROPORTION,
     .initial = "90%",
     .least = 0.01,
     .most = 0.999,
     .help = "chance that the value falls between value_lower and value_upper"},
    {.name = "penalty",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = 0,
     .most = 1e6,
     .help = "times the sum of squared parameters, taken off the mean log-likelihood"},
    {.name = "fallback",
     .kind = TARAZU_STRINGS,
     .initial = "[bg_nbd, empirical]",
     .help = "models to try, in order, where the one before fails"},
    {.name = "holdout",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "the last part of the data that auto compares models on; a third of the longest history where absent"},
};
static const tarazu_field order_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_MIN, .help = "when the order was placed"},
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_MAX, .help = "the last one"},
    {.name = "time",
     .type = TARAZU_TIME,
     .aggregate = TARAZU_PERIODS,
     .period = "period",
     .help = "periods with an order"},
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_COUNT, .help = "the orders, counted"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .span = TARAZU_LATER_PERIODS,
     .period = "period",
     .help = "what the customer paid; negative for a return"},
    {.name = "amount", .type = TARAZU_F64, .aggregate = TARAZU_MIN, .help = "the least of them, to find returns"},
    {.name = "time", .type = TARAZU_TIME, .when = "model=auto", .help = "each of them, to take a holdout apart"},
};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "what the customer bought"},
};
static const tarazu_output outputs[] = {
    {.name = "value", .type = TARAZU_F64, .better = 1, .help = "expected spend of the horizon, discounted"},
    {.name = "p_alive", .type = TARAZU_F64, .better = 1, .help = "chance that the customer still buys"},
    {.name = "expected_purchases",
     .type = TARAZU_F64,
     .better = 1,
     .unit = "purchases",
     .help = "in the horizon, those of a period being one"},
    {.name = "expected_spend", .type = TARAZU_F64, .better = 1, .help = "mean of a purchase"},
    {.name = "value_lower",
     .type = TARAZU_F64,
     .better = 1,
     .meaning = TARAZU_LOWER,
     .of = VALUE,
     .help = "lower end of the prediction interval of value"},
    {.name = "value_upper",
     .type = TARAZU_F64,
     .better = 1,
     .meaning = TARAZU_UPPER,
     .of = VALUE,
     .help = "upper end of it"},
};

/* ---- creation ---- */

static int32_t model_named(const char *name)
{
  for (int32_t i = 0; models[i]; i++)
    if (!strcmp(name, models[i])) return i;
  return -1;
}

static void append(int32_t *chain, int32_t *length, int32_t number)
{
  for (int32_t i = 0; i < *length; i++)
    if (chain[i] == number) return;
  chain[(*length)++] = number;
}

static tarazu_status read_chain(clv *c, const tarazu_value *names, tarazu_error *error)
{
  if (c->asked != AUTO) append(c->declared, &c->declared_length, c->asked);
  for (uint32_t i = 0; i < names->count; i++) {
    int32_t number = model_named(names->texts[i]);
    if (number < 0 || number == AUTO) {
      error->param = FALLBACK;
      error->item = (int32_t)i;
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "%s is no model to fall back on; there are bg_nbd, mbg_nbd, pareto_nbd, bg_bb and empirical",
                         names->texts[i]);
    }
    append(c->declared, &c->declared_length, number);
  }
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  clv *c = self;
  c->host = context->host;
  c->as_of = context->as_of;
  c->asked = (int32_t)tarazu_arg(args, MODEL)->integer;
  c->asked_spend = (int32_t)tarazu_arg(args, SPEND)->integer;
  c->horizon_days = tarazu_arg(args, HORIZON)->real;
  c->period = tarazu_arg(args, PERIOD)->real;
  c->coverage = tarazu_arg(args, INTERVAL)->real;
  c->penalty = tarazu_arg(args, PENALTY)->real;
  if (c->period != floor(c->period)) {
    error->param = PERIOD;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "a period is a whole number of days, not %g", c->period);
  }
  const tarazu_value *holdout = tarazu_arg(args, HOLDOUT);
  if (holdout->given) c->holdout = fmax(1, round(holdout->real / c->period));
  double rate = tarazu_arg(args, DISCOUNT_RATE)->real;
  horizon_make(&c->horizon, c->horizon_days / c->period, expm1(log1p(rate) * c->period / days_a_year));
  return read_chain(c, tarazu_arg(args, FALLBACK), error);
}

static void destroy(void *self)
{
  outlook_free(self);
}

/* ---- customers ---- */

typedef struct customer {
  int64_t x, t_x, T;
  double spend; /* of the repeat purchases */
} customer;

static int64_t integer(const tarazu_batch *batch, int column, int64_t row)
{
  return ((const int64_t *)batch->columns[column]->values)[row];
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* 0: without orders. Periods are counted by the host on the profile's clock, first and last are put into periods here
 * by UTC: where the two differ at a border the larger of them makes a history that can have been. */
static int read_customer(const clv *c, const tarazu_batch *batch, int64_t row, customer *to)
{
  int64_t periods = integer(batch, PERIODS, row);
  if (periods < 1 || !tarazu_is_valid(batch->columns[FIRST], row)) return 0;
  int64_t first = period_number(c->period, integer(batch, FIRST, row));
  int64_t span = period_number(c->period, integer(batch, LAST, row)) - first;
  int64_t watched = period_number(c->period, c->as_of) - first;
  const tarazu_column *paid = batch->columns[REPEAT_SPEND];
  to->x = periods - 1;
  to->t_x = !to->x ? 0 : span > to->x ? span : to->x;
  to->T = watched > to->t_x ? watched : to->t_x;
  to->spend = to->x && tarazu_is_valid(paid, row) ? ((const double *)paid->values)[row] : 0;
  return 1;
}

static tarazu_status check_customer(const customer *one, const tarazu_batch *batch, int64_t row, tarazu_error *error)
{
  if (one->T <= MOST_TIME && isfinite(one->spend)) return TARAZU_OK;
  error->row = row_number(batch, row);
  if (one->T > MOST_TIME)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the first order is %lld periods before as_of; %d are possible",
                       (long long)one->T, (int)MOST_TIME);
  return tarazu_fail(error, TARAZU_BAD_DATA, "the amounts have no finite sum");
}

/* ---- fitting ---- */

/* Everybody's histories, a sample of them, and the repeat buyers' spend. */
typedef struct gathered {
  keyed *histories, *sampled, *spenders, *room;
  int64_t count, sampled_count, spender_count, every;
  cohort all, sample;
} gathered;

/* What is of each customer; the cohorts stay. */
static void release_rows(gathered *g)
{
  keyed **rows[] = {&g->histories, &g->sampled, &g->spenders, &g->room};
  for (int i = 0; i < 4; i++) {
    free(*rows[i]);
    *rows[i] = NULL;
  }
}

static void release(gathered *g)
{
  release_rows(g);
  cohort_free(&g->all);
  cohort_free(&g->sample);
}

static void count_customer(model *m, const tarazu_batch *batch, int64_t row, const customer *one)
{
  int64_t first = integer(batch, FIRST, row);
  const tarazu_column *amounts = batch->columns[LEAST_AMOUNT];
  double least = tarazu_is_valid(amounts, row) ? ((const double *)amounts->values)[row] : NAN;
  if (m->customers == 0 || first < m->first) m->first = first;
  m->customers++;
  m->repeaters += one->x > 0;
  m->orders += (double)integer(batch, ORDERS, row);
  m->merged += (double)(integer(batch, ORDERS, row) - integer(batch, PERIODS, row));
  m->with_returns += least < 0;
  m->with_free += least == 0;
  m->purchases += (double)one->x;
  m->time += (double)one->T;
}

static tarazu_status gather(clv *c, const tarazu_batch *batch, gathered *g, tarazu_error *error)
{
  for (int64_t i = 0; i < batch->rows; i++) {
    customer one;
    if (!read_customer(c, batch, i, &one)) continue;
    tarazu_status status = check_customer(&one, batch, i, error);
    if (status) return status;
    count_customer(&c->model, batch, i, &one);
    keyed key = {.key = history_key(one.x, one.t_x, one.T)};
    if (g->count % g->every == 0) g->sampled[g->sampled_count++] = key;
    g->histories[g->count++] = key;
    if (one.x) g->spenders[g->spender_count++] = (keyed){(uint64_t)one.x, one.spend};
  }
  return TARAZU_OK;
}

static tarazu_status open_gathered(clv *c, const tarazu_batch *batch, gathered *g, tarazu_error *error)
{
  const int64_t sample_of = 20000;
  size_t rows = (size_t)batch->rows + 1;
  int64_t repeaters = 1;
  for (int64_t i = 0; i < batch->rows; i++) repeaters += integer(batch, PERIODS, i) > 1;
  g->every = 1 + batch->rows / sample_of;
  g->histories = malloc(rows * sizeof *g->histories);
  g->sampled = malloc((rows / (size_t)g->every + 1) * sizeof *g->sampled);
  g->spenders = malloc((size_t)repeaters * sizeof *g->spenders);
  g->room = malloc(rows * sizeof *g->room);
  if (!g->histories || !g->sampled || !g->spenders || !g->room) return TARAZU_NO_MEMORY;
  tarazu_status status = gather(c, batch, g, error);
  if (status) return status;
  if (!cohort_make(&g->all, sort_keyed(g->histories, g->room, g->count), g->count, 1) ||
      !cohort_make(&g->sample, sort_keyed(g->sampled, g->room, g->sampled_count), g->sampled_count, 1))
    return TARAZU_NO_MEMORY;
  c->model.distinct = (double)g->all.row_count;
  return TARAZU_OK;
}

/* The chain of auto begins with the families by score; without a holdout by likelihood, BG/BB left out since its is of
 * another kind. */
static void order_by_score(clv *c, const double *score)
{
  double left[FAMILIES];
  memcpy(left, score, sizeof left);
  c->chain_length = 0;
  for (;;) {
    int32_t best = -1;
    for (int32_t k = 0; k < FAMILIES; k++)
      if (!isnan(left[k]) && (best < 0 || left[k] > left[best])) best = k;
    if (best < 0) break;
    append(c->chain, &c->chain_length, best);
    left[best] = NAN;
  }
  for (int32_t i = 0; i < c->declared_length; i++) append(c->chain, &c->chain_length, c->declared[i]);
}

static tarazu_status try_family(clv *c, const gathered *g, int32_t k)
{
  if (c->model.tried[k]) return TARAZU_OK;
  c->model.tried[k] = 1;
  const cohort *sample = g->every > 1 ? &g->sample : &g->all;
  return fit_family(families[k], (sampled){&g->all, sample}, c->penalty, c->host, &c->model.estimates[k]);
}

static tarazu_status choose_first(clv *c, const tarazu_batch *batch, const gathered *g)
{
  tarazu_status status = choose(c, batch, batch->columns[TIMES]);
  if (status || c->model.choice.made == 1) {
    order_by_score(c, c->model.choice.score);
    return status;
  }
  double score[FAMILIES] = {NAN, NAN, NAN, NAN};
  for (int32_t k = 0; k < BG_BB && !status; k++) {
    status = try_family(c, g, k);
    if (!c->model.estimates[k].failure) score[k] = c->model.estimates[k].log_likelihood;
  }
  order_by_score(c, score);
  return status;
}

static tarazu_status fit_purchases(clv *c, const tarazu_batch *batch, const gathered *g)
{
  model *m = &c->model;
  tarazu_status status = c->asked == AUTO ? choose_first(c, batch, g) : TARAZU_OK;
  m->family = NOTHING;
  for (int32_t i = 0; i < c->chain_length && !status && m->family == NOTHING; i++) {
    int32_t k = c->chain[i];
    if (k == EMPIRICAL) {
      if (m->purchases > 0) m->family = EMPIRICAL;
      else break;
      continue;
    }
    status = try_family(c, g, k);
    if (!status && !m->estimates[k].failure) m->family = k;
  }
  if (status || m->family >= FAMILIES) return status;
  for (int64_t i = 0; i < g->all.row_count; i++) {
    int32_t x = g->all.rows[i].x;
    m->actual[x < MOST_COUNTED ? x : MOST_COUNTED] += g->all.rows[i].count;
  }
  expected_counts(families[m->family], &g->all, m->estimates[m->family].theta, m->expected, MOST_COUNTED);
  return status;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  clv *c = self;
  gathered g = {0};
  outlook_free(c);
  memcpy(c->chain, c->declared, sizeof c->chain);
  c->chain_length = c->declared_length;
  c->model = (model){.asked = c->asked, .asked_spend = c->asked_spend, .period = c->period, .as_of = c->as_of};
  memcpy(c->model.version, saved_version, sizeof saved_version);
  tarazu_status status = open_gathered(c, spaces[0], &g, error);
  if (!status) status = fit_purchases(c, spaces[0], &g);
  if (!status)
    status = spend_fit(&c->model.spend, c->asked_spend, g.spenders, g.room, g.spender_count, c->penalty, c->host);
  release_rows(&g); /* their room is the outlook's */
  if (!status) outlook_make(c, &g.all);
  release(&g);
  if (status == TARAZU_CANCELLED) return tarazu_fail(error, status, "cancelled");
  if (status == TARAZU_NO_MEMORY)
    return tarazu_fail(error, status, "no memory to fit %lld customers", (long long)spaces[0]->rows);
  if (!status) report(c);
  return status;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const clv *c = self;
  if (!writer->write(writer, &c->model, sizeof c->model))
    return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static int is_sound(const model *m)
{
  if (strncmp(m->version, saved_version, sizeof m->version) != 0) return 0;
  if (m->asked < 0 || m->asked > AUTO || m->asked_spend < 0 || m->asked_spend > SPEND_EMPIRICAL) return 0;
  if (m->family < 0 || m->family > NOTHING || m->family == AUTO) return 0;
  if (m->spend.kind < 0 || m->spend.kind > SPEND_NOTHING) return 0;
  for (int k = 0; k < PARAMETERS; k++)
    if (m->family < FAMILIES && !(m->estimates[m->family].theta[k] > 0)) return 0;
  for (int k = 0; k < SPEND_PARAMETERS; k++)
    if (m->spend.kind == SPEND_GAMMA_GAMMA && !(m->spend.gamma_gamma.theta[k] > 0)) return 0;
  return 1;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  clv *c = self;
  if (count != sizeof c->model)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged, or of another version: %zu bytes", count);
  memcpy(&c->model, bytes, count);
  const model *m = &c->model;
  if (!is_sound(m)) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged, or of another version");
  if (m->asked != c->asked || m->asked_spend != c->asked_spend) {
    error->param = m->asked != c->asked ? MODEL : SPEND;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model was asked to be %s with %s spend",
                       models[m->asked], spends[m->asked_spend]);
  }
  if (m->period != c->period) {
    error->param = PERIOD;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model has periods of %g days, not %g", m->period,
                       c->period);
  }
  report(c);
  return TARAZU_OK;
}

/* ---- scoring ---- */

/* Without a model: a purchase in the population's mean time between purchases is added to her own. */
static future empirical_ahead(const clv *c, int64_t x, int64_t T)
{
  double rate = ((double)x + 1) / ((double)T + c->model.time / c->model.purchases), discounted = 0;
  for (int i = 0; i < GAUSS_POINTS; i++) discounted += c->horizon.head[0].discounted[i];
  return (future){.alive = 1, .purchases = rate * c->horizon.length, .discounted = rate * discounted};
}

future look_ahead(const clv *c, int64_t x, int64_t t_x, int64_t T)
{
  const model *m = &c->model;
  if (m->family == EMPIRICAL) return empirical_ahead(c, x, T);
  const double *theta = m->estimates[m->family].theta;
  return families[m->family]->ahead(theta, (double)x, (double)t_x, (double)T, &c->horizon);
}

/* Equal histories are looked at once: those who were fitted have been already, of others the last few of a batch are
 * remembered. */
enum { REMEMBERED = 256 };

typedef struct memory {
  struct {
    uint64_t key; /* plus 1; 0: nothing */
    future ahead;
  } seen[REMEMBERED];
} memory;

static const future *remember(memory *of, const clv *c, const customer *one)
{
  uint64_t key = history_key(one->x, one->t_x, one->T);
  const future *known = outlook_find(c, key++);
  if (known) return known;
  uint64_t place = key * UINT64_C(0x9E3779B97F4A7C15) >> 56;
  if (of->seen[place].key != key) {
    of->seen[place].ahead = look_ahead(c, one->x, one->t_x, one->T);
    of->seen[place].key = key;
  }
  return &of->seen[place].ahead;
}

static void put(tarazu_result *result, int64_t row, double value)
{
  if (!result) return;
  if (isfinite(value)) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static void put_interval(const clv *c, const future *ahead, const spend *s, tarazu_result *const *results, int64_t row)
{
  double lower = NAN, upper = NAN;
  if (!results[VALUE_LOWER] && !results[VALUE_UPPER]) return;
  if (c->model.family < FAMILIES && s->mean > 0) value_interval(ahead, s, c->coverage, &lower, &upper);
  put(results[VALUE_LOWER], row, lower);
  put(results[VALUE_UPPER], row, upper);
}

static void put_customer(const clv *c, const customer *one, const future *ahead, tarazu_result *const *results,
                         int64_t row)
{
  spend s = spend_of(&c->model.spend, (double)one->x, one->spend);
  put(results[VALUE], row, ahead->alive * ahead->discounted * s.mean);
  put(results[P_ALIVE], row, c->model.family == EMPIRICAL ? NAN : ahead->alive);
  put(results[EXPECTED_PURCHASES], row, ahead->alive * ahead->purchases);
  put(results[EXPECTED_SPEND], row, s.mean);
  put_interval(c, ahead, &s, results, row);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const clv *c = self;
  memory known;
  for (int i = 0; i < REMEMBERED; i++) known.seen[i].key = 0;
  for (int64_t i = 0; i < batch->rows; i++) {
    customer one;
    if (c->model.family == NOTHING || c->model.spend.kind == SPEND_NOTHING || !read_customer(c, batch, i, &one)) {
      for (int o = 0; o < OUTPUTS; o++)
        if (results[o]) tarazu_set_null(results[o], i);
      continue;
    }
    tarazu_status status = check_customer(&one, batch, i, error);
    if (status) return status;
    put_customer(c, &one, remember(&known, c, &one), results, i);
  }
  return TARAZU_OK;
}

/* ---- explaining ---- */

static tarazu_list facts(const void *self)
{
  const clv *c = self;
  return (tarazu_list){c->facts, c->fact_count, sizeof c->facts[0]};
}

static int write_history(const clv *c, const customer *one, char *text, size_t room)
{
  const char *days = c->period == 1 ? "day" : "days";
  if (!one->x)
    return snprintf(text, room, "one purchase %lld periods of %g %s ago, none since\n", (long long)one->T, c->period,
                    days);
  return snprintf(text, room, "%lld repeat purchase%s in %lld periods of %g %s, the last %lld periods ago\n",
                  (long long)one->x, one->x == 1 ? "" : "s", (long long)one->T, c->period, days,
                  (long long)(one->T - one->t_x));
}

static int write_outlook(const clv *c, const customer *one, char *text, size_t room)
{
  if (c->model.family == NOTHING || c->model.spend.kind == SPEND_NOTHING)
    return snprintf(text, room, "nobody bought again: nothing can be said of the future\n");
  future f = look_ahead(c, one->x, one->t_x, one->T);
  spend s = spend_of(&c->model.spend, (double)one->x, one->spend);
  int length = 0;
  if (c->model.family != EMPIRICAL) length = snprintf(text, room, "still buying with a chance of %.3g\n", f.alive);
  return length + snprintf(text + length, room - (size_t)length,
                           "%.4g purchases of %.4g each are expected in %g days, by %s\n", f.alive * f.purchases,
                           s.mean, c->horizon_days, choice_name(c->model.family));
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const clv *c = self;
  customer one;
  char text[512];
  int length = 0;
  if (!read_customer(c, row, 0, &one)) length = snprintf(text, sizeof text, "no order\n");
  else {
    length = write_history(c, &one, text, sizeof text);
    length += write_outlook(c, &one, text + length, sizeof text - (size_t)length);
  }
  if (!writer->write(writer, text, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

/* ---- strategy ---- */

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "clv",
    .version = "1.0",
    .summary = "customer lifetime value: expected purchases and spend over a horizon, discounted",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(clv),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "clv",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
