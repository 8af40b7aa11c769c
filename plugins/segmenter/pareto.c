/* pareto: ABC classes by cumulative share, the customers who together hold the first 80 % of a value, the next 15 % and
 * the rest (Juran 1951; Dickie 1951). */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "../shared/order.h"
#include "../shared/segments.h"

enum { CUTS, NAMES, MISSING };
static const tarazu_param params[] = {
    {.name = "cuts",
     .kind = TARAZU_REALS,
     .initial = "[80%, 95%]",
     .least = 0,
     .most = 1,
     .help = "cumulative shares of the value where a class ends, ascending"},
    {.name = "names",
     .kind = TARAZU_STRINGS,
     .initial = "[A, B, C]",
     .help = "the classes' names, the most valuable first, one more than cuts"},
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the class of customers without the value; null where absent"},
};
static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what is shared among customers"},
};
static const tarazu_input inputs[] = {
    {.name = "value",
     .bind = "score",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value),
     .help = "the value that classes hold their share of"},
};
static const tarazu_output outputs[] = {
    {.name = "class", .type = TARAZU_TEXT, .help = "the customer's class"},
};

/* A share reached but for the rounding of a million additions counts as reached. */
static const double SLACK = 1e-12;
static const double TOP = 0.2; /* whose share is told, the other half of the 80/20 rule */
enum { FACTS_OF_CLASS = 4, FACTS_BESIDE = 5, NAME_ROOM = 96 };

typedef struct class_count {
  int64_t customers;
  double sum;
} class_count;

typedef struct pareto {
  const char *const *names;
  const double *cuts;
  uint32_t classes, fact_count;
  segment_list segments; /* a place a class */
  double *from; /* the least value in each class and those above it; the last class has none; infinity: empty */
  tarazu_fact *facts;
  char (*fact_names)[NAME_ROOM];
} pareto;

static tarazu_status wrong(tarazu_error *error, int32_t param, int32_t item, const char *message)
{
  error->param = param;
  error->item = item;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s", message);
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context;
  pareto *p = self;
  const tarazu_value *cuts = tarazu_arg(args, CUTS), *names = tarazu_arg(args, NAMES);
  for (uint32_t i = 0; i < cuts->count; i++)
    if (!(cuts->reals[i] > (i ? cuts->reals[i - 1] : 0)))
      return wrong(error, CUTS, (int32_t)i, "cuts must ascend, the first one above 0");
  if (names->count != cuts->count + 1)
    return wrong(error, NAMES, -1, "there must be one name more than there are cuts");
  p->names = names->texts;
  p->cuts = cuts->reals;
  p->classes = names->count;
  uint32_t facts = p->classes * FACTS_OF_CLASS + FACTS_BESIDE;
  p->from = calloc(p->classes, sizeof *p->from);
  p->facts = calloc(facts, sizeof *p->facts);
  p->fact_names = calloc(facts, sizeof *p->fact_names);
  int good = segments_take(&p->segments, names->texts, names->count, tarazu_arg(args, MISSING));
  return good && p->from && p->facts && p->fact_names ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
}

static void destroy(void *self)
{
  pareto *p = self;
  segments_free(&p->segments);
  free(p->from);
  free(p->facts);
  free(p->fact_names);
}

/* A running sum that keeps what rounding loses (Neumaier 1974), so that who is in a class does not hang on it. */
typedef struct running {
  double sum, lost;
} running;

static void add(running *r, double x)
{
  double sum = r->sum + x;
  r->lost += fabs(r->sum) >= fabs(x) ? (r->sum - sum) + x : (x - sum) + r->sum;
  r->sum = sum;
}

static double total(running r)
{
  return r.sum + r.lost;
}

static double positive(double x)
{
  return x > 0 ? x : 0;
}

/* What the most valuable `top` of the customers hold; the one at the edge counts by the part of her that is inside. */
static double held_by(const ordered *items, int64_t n, double top)
{
  double wanted = top * (double)n;
  int64_t whole = (int64_t)wanted;
  running held = {0};
  for (int64_t i = 0; i < whole; i++) add(&held, positive(items[n - 1 - i].value));
  if (whole < n) add(&held, (wanted - (double)whole) * positive(items[n - 1 - whole].value));
  return total(held);
}

/* Down from the highest value, equal ones together: a customer's class is the first whose cut those before her do not
 * reach. */
static void classify(pareto *p, const ordered *items, int64_t n, double all, class_count *counts)
{
  running before = {0};
  uint32_t class = 0;
  for (uint32_t k = 0; k < p->classes; k++) p->from[k] = (double)INFINITY;
  for (int64_t high = n, low; high > 0; high = low) {
    double x = items[high - 1].value;
    for (low = high; low > 0 && !(items[low - 1].value < x); low--) {
    }
    while (class < p->classes - 1 && (!(x > 0) || total(before) >= p->cuts[class] * all * (1 - SLACK))) class ++;
    running inside = {0};
    for (int64_t i = low; i < high; i++) {
      add(&inside, positive(x));
      add(&before, positive(x));
    }
    counts[class].customers += high - low;
    counts[class].sum += total(inside);
    for (uint32_t k = class; k < p->classes - 1; k++) p->from[k] = x;
  }
}

static void tell(pareto *p, int32_t level, double number, const char *text, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void tell(pareto *p, int32_t level, double number, const char *text, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(p->fact_names[p->fact_count], NAME_ROOM, format, arguments);
  va_end(arguments);
  p->facts[p->fact_count] = (tarazu_fact){p->fact_names[p->fact_count], text, number, -1, level, 0};
  p->fact_count++;
}

static int is_class(const pareto *p, int32_t code)
{
  uint32_t k = 0;
  while (k < p->classes && p->segments.codes[k] != code) k++;
  return k < p->classes;
}

static void tell_all(pareto *p, const ordered *items, int64_t n, int64_t nulls, double all, const class_count *counts)
{
  const segment_list *l = &p->segments;
  p->fact_count = 0;
  tell(p, 0, (double)n, NULL, "customers");
  tell(p, 0, all, NULL, "total");
  for (uint32_t k = 0; k < p->classes; k++) {
    const char *name = p->names[k];
    int64_t more = l->missing == l->codes[k] ? nulls : 0;
    tell(p, 0, (double)(counts[k].customers + more), NULL, "customers_in_%s", name);
    tell(p, 0, n ? (double)counts[k].customers / (double)n : 0, NULL, "share_of_customers_in_%s", name);
    tell(p, 0, all > 0 ? counts[k].sum / all : 0, NULL, "share_of_value_in_%s", name);
    if (k < p->classes - 1 && counts[k].customers) tell(p, 0, p->from[k], NULL, "least_value_in_%s", name);
  }
  if (all > 0) tell(p, 0, held_by(items, n, TOP) / all, NULL, "share_of_value_of_top_20_percent");
  if (l->missing >= 0 && !is_class(p, l->missing))
    tell(p, 0, (double)nulls, NULL, "customers_in_%s", l->labels[l->missing]);
  int64_t negative = 0;
  while (negative < n && items[negative].value < 0) negative++;
  if (n && !(all > 0)) tell(p, 1, 0, "nobody has a value above zero: all are in the last class", "verdict");
  else if (negative) tell(p, 0, (double)negative, NULL, "negative_values_counted_as_zero");
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  pareto *p = self;
  int64_t n;
  ordered *items = order_column(spaces[0]->columns[0], spaces[0]->rows, &n);
  class_count *counts = calloc(p->classes, sizeof *counts);
  int good = items && counts;
  if (good) {
    running sum = {0};
    for (int64_t i = n; i > 0; i--) add(&sum, positive(items[i - 1].value));
    double all = total(sum);
    good = isfinite(all);
    if (good) {
      classify(p, items, n, all, counts);
      tell_all(p, items, n, spaces[0]->rows - n, all, counts);
    } else tarazu_fail(error, TARAZU_NUMERIC, "the sum of the values is too large for a number");
  } else tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)spaces[0]->rows);
  free(items);
  free(counts);
  return good ? TARAZU_OK : (tarazu_status)error->status;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const pareto *p = self;
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    uint32_t k = 0;
    while (k < p->classes - 1 && x[i] < p->from[k]) k++;
    segment_write(&p->segments, results[0], i, tarazu_is_valid(column, i) ? (int64_t)k : -1);
  }
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  (void)output;
  *count = ((const pareto *)self)->segments.count;
  return ((const pareto *)self)->segments.labels;
}

static tarazu_list facts(const void *self)
{
  const pareto *p = self;
  return (tarazu_list){p->facts, p->fact_count, sizeof *p->facts};
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const pareto *p = self;
  if (writer->write(writer, p->from, p->classes * sizeof *p->from)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  pareto *p = self;
  if (count != p->classes * sizeof *p->from)
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of pareto with %u classes: %zu bytes", (unsigned)p->classes,
                       count);
  memcpy(p->from, bytes, count);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "pareto",
    .version = "1.0",
    .license = "MIT",
    .summary = "ABC classes by cumulative share of a value",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(pareto),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
    .labels = labels,
    .facts = facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "pareto",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
