/* monetary: what a customer's orders are worth: their sum, their mean, or their margin over cost, over all time or a
 * window, every order counting fully or the less the older it is. */
#include <math.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { MEASURE, WINDOW, HALF_LIFE };
enum { SUM, MEAN, MARGIN };

static const char *const measures[] = {"sum", "mean", "margin", NULL};
static const tarazu_param params[] = {
    {.name = "measure",
     .kind = TARAZU_CHOICE,
     .initial = "sum",
     .choices = measures,
     .help = "sum: all amounts; mean: the average order; margin: all amounts less their costs"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only orders of this long before as_of; all where absent"},
    {.name = "half_life",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "an order this old counts half; all count fully where absent"},
};

/* Without a half-life the host's aggregates say it all; with one, each order's own age is needed. */
enum { AMOUNT_SUM, AMOUNT_COUNT, COST_SUM, COST_COUNT, TIME, AMOUNT, COST };

static const tarazu_field order_fields[] = {
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .when = "!half_life",
     .help = "what the customer paid; negative for a return"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_COUNT,
     .window = "window",
     .when = "!half_life",
     .help = "orders with an amount"},
    {.name = "cost",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .when = "!half_life,measure=margin",
     .help = "what the order cost the company"},
    {.name = "cost",
     .type = TARAZU_F64,
     .aggregate = TARAZU_COUNT,
     .window = "window",
     .when = "!half_life,measure=margin",
     .help = "orders with a cost"},
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when the order was placed"},
    {.name = "amount", .type = TARAZU_F64, .when = "half_life", .help = "what the customer paid"},
    {.name = "cost", .type = TARAZU_F64, .when = "half_life,measure=margin", .help = "what the order cost the company"},
};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "what the customer bought"},
};
static const tarazu_output outputs[] = {
    {.name = "value",
     .type = TARAZU_F64,
     .better = 1,
     .help = "in the currency of the amounts; of no order 0, for the mean null"},
};

typedef struct monetary {
  int64_t measure;
  double half_life; /* days; 0: every order counts fully */
  int64_t as_of;
  int64_t since; /* orders at this moment or before do not count */
} monetary;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  monetary *m = self;
  const tarazu_value *window = tarazu_arg(args, WINDOW), *half_life = tarazu_arg(args, HALF_LIFE);
  m->measure = tarazu_arg(args, MEASURE)->integer;
  m->half_life = half_life->given ? half_life->real : 0;
  m->as_of = context->as_of;
  m->since = window->given ? context->as_of - (int64_t)llround(window->real * MICROSECONDS_PER_DAY) : INT64_MIN;
  return TARAZU_OK;
}

/* Every order counts fully. 0: nothing can be said of this row. */
static int by_aggregates(const monetary *m, const tarazu_batch *batch, int64_t row, double *value)
{
  double amount = ((const double *)batch->columns[AMOUNT_SUM]->values)[row];
  int64_t amounts = ((const int64_t *)batch->columns[AMOUNT_COUNT]->values)[row];
  *value = amount;
  if (m->measure == SUM) return 1;
  if (m->measure == MEAN) {
    *value = amount / (double)amounts;
    return amounts > 0;
  }
  *value = amount - ((const double *)batch->columns[COST_SUM]->values)[row];
  return amounts == ((const int64_t *)batch->columns[COST_COUNT]->values)[row];
}

/* The first of a customer's orders [first, last), which come in time order, that is younger than m->since. */
static int64_t first_counted(const monetary *m, const int64_t *time, int64_t first, int64_t last)
{
  while (first < last) {
    int64_t middle = first + (last - first) / 2;
    if (time[middle] > m->since) last = middle;
    else first = middle + 1;
  }
  return first;
}

/* Sums w a (margin: w (a - c)) over the orders in time order, w = 2^(-age / half_life), age counted from as_of. The
 * mean is sum(w a) / sum(w), where ages may count from any moment alike: from the last known amount, so that the
 * weights of one who has long been away do not all vanish. 0: nothing can be said of this row. */
static int by_orders(const monetary *m, const tarazu_batch *batch, int64_t row, double *value)
{
  const tarazu_column *amounts = batch->columns[AMOUNT];
  const tarazu_column *costs = m->measure == MARGIN ? batch->columns[COST] : NULL;
  const int64_t *time = batch->columns[TIME]->values;
  const double *amount = amounts->values, *cost = costs ? costs->values : NULL;
  int64_t last = amounts->offsets[row + 1], first = first_counted(m, time, amounts->offsets[row], last);
  double total = 0, weights = 0;
  while (m->measure == MEAN && last > first && !tarazu_is_valid(amounts, last - 1)) last--;
  int64_t origin = m->measure == MEAN && last > first ? time[last - 1] : m->as_of;
  for (int64_t i = first; i < last; i++) {
    int known = tarazu_is_valid(amounts, i);
    if (costs && known != tarazu_is_valid(costs, i)) return 0;
    if (!known) continue;
    double age = (double)(origin - time[i]) / MICROSECONDS_PER_DAY;
    double weight = exp2(-age / m->half_life);
    total += weight * (cost ? amount[i] - cost[i] : amount[i]);
    weights += weight;
  }
  *value = m->measure == MEAN ? total / weights : total;
  return m->measure != MEAN || weights > 0;
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const monetary *m = self;
  double *values = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    int said = m->half_life > 0 ? by_orders(m, batch, i, &values[i]) : by_aggregates(m, batch, i, &values[i]);
    if (!said) {
      tarazu_set_null(results[0], i);
    } else if (!isfinite(values[i])) {
      error->row = row_number(batch, i);
      return tarazu_fail(error, TARAZU_NUMERIC, "the %s of the amounts is beyond what a double holds",
                         measures[m->measure]);
    }
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "monetary",
    .version = "1.0",
    .summary = "sum, mean or margin of a customer's orders, in a window or with decay",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(monetary),
    .create = create,
    .apply = apply,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "monetary",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
