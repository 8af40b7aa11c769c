/* percentile: the share of customers that one stands above, half of her equals counted, (below + equal / 2) / n. */
#include "../shared/normalizer.h"
#include "../shared/order.h"

NORMALIZER_INPUT("what customers are ranked by");
NORMALIZER_OUTPUT("share of customers below, half of the equal ones counted");

typedef struct step {
  double value;
  int64_t below; /* customers with a smaller value */
} step;

typedef struct percentile {
  normalizer common;
  step *steps; /* the distinct values, ascending, and one more at the end whose `below` is n */
  int64_t count;
  double *of_row; /* of rows of the run, already looked up; NULL in a loaded model */
  int64_t rows;
} percentile;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  normalizer_create(self, context, 0);
  return TARAZU_OK;
}

static void destroy(void *self)
{
  percentile *p = self;
  free(p->steps);
  free(p->of_row);
}

/* A cost's places are counted from the other end: n - below - equal are better than it in number. */
static double place(const percentile *p, int64_t below, int64_t upto)
{
  int64_t n = p->steps[p->count].below;
  return (p->common.cost ? (double)(2 * n - below - upto) : (double)(below + upto)) / (2 * (double)n);
}

static void take_steps(percentile *p, const ordered *items, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    if (!i || items[i].value > items[i - 1].value) p->steps[p->count++] = (step){items[i].value, i};
  p->steps[p->count] = (step){0, n};
  for (int64_t s = 0; s < p->count; s++)
    for (int64_t i = p->steps[s].below; i < p->steps[s + 1].below; i++)
      p->of_row[items[i].row] = place(p, p->steps[s].below, p->steps[s + 1].below);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  percentile *p = self;
  int64_t n;
  destroy(p);
  ordered *items = order_column(spaces[0]->columns[0], spaces[0]->rows, &n);
  p->count = 0;
  p->rows = spaces[0]->rows;
  p->steps = items ? malloc(((size_t)n + 1) * sizeof *p->steps) : NULL;
  p->of_row = calloc((size_t)p->rows + 1, sizeof *p->of_row);
  int good = p->steps && p->of_row;
  if (good) take_steps(p, items, n);
  free(items);
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)p->rows);
}

/* A value that no customer has stands between two of them. */
static double search(const percentile *p, double x)
{
  int64_t low = 0, high = p->count; /* the first step that is not below x is in [low, high] */
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (p->steps[middle].value < x) low = middle + 1;
    else high = middle;
  }
  int equal = low < p->count && p->steps[low].value == x;
  return place(p, p->steps[low].below, p->steps[low + equal].below);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const percentile *p = self;
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double *normalized = results[0]->values;
  int known = p->of_row && batch->first_row >= 0, none = !p->steps[p->count].below;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (none || !tarazu_is_valid(column, i)) tarazu_set_null(results[0], i);
    else normalized[i] = known ? p->of_row[normalizer_row(batch, i)] : search(p, x[i]);
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const percentile *p = self;
  tarazu_status status = normalizer_written(writer, &p->count, sizeof p->count, error);
  if (status != TARAZU_OK) return status;
  return normalizer_written(writer, p->steps, ((size_t)p->count + 1) * sizeof *p->steps, error);
}

static int ascend(const step *steps, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    if (steps[i].below >= steps[i + 1].below || (i && !(steps[i].value > steps[i - 1].value))) return 0;
  return steps[0].below == 0;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  percentile *p = self;
  const size_t head = sizeof p->count;
  int64_t steps = -1;
  if (count >= head) memcpy(&steps, bytes, head);
  if (steps < 0 || (count - head) % sizeof *p->steps || (count - head) / sizeof *p->steps != (size_t)steps + 1)
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of percentile: %zu bytes", count);
  p->steps = malloc(count - head);
  if (!p->steps) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a model of %zu bytes", count);
  memcpy(p->steps, (const char *)bytes + head, count - head);
  p->count = steps;
  if (ascend(p->steps, p->count)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of percentile: its values do not ascend");
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "percentile",
    .version = "1.0",
    .license = "MIT",
    .summary = "the share of customers that one stands above, ties averaged",
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(percentile),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "percentile",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
