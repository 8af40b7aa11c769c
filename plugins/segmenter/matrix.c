/* matrix: two values against each other, each cut into bands, every cell with a name. As it comes, the customer value
 * matrix of lifetime value against referral value (Kumar, Petersen, Leone 2007), both halved at the median. */
#include <math.h>
#include <stdio.h>

#include "../shared/order.h"

enum { X_CUTS, Y_CUTS, X_VALUES, Y_VALUES, NAMES };
static const tarazu_param params[] = {
    {.name = "x_cuts",
     .kind = TARAZU_REALS,
     .initial = "[50%]",
     .least = 0,
     .most = 1,
     .help = "quantiles of x where a band ends, ascending"},
    {.name = "y_cuts",
     .kind = TARAZU_REALS,
     .initial = "[50%]",
     .least = 0,
     .most = 1,
     .help = "quantiles of y where a band ends, ascending"},
    {.name = "x_values",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "values of x where a band ends, in place of x_cuts"},
    {.name = "y_values",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "values of y where a band ends, in place of y_cuts"},
    {.name = "names",
     .kind = TARAZU_STRINGS,
     .initial = "[misers, affluents, advocates, champions]",
     .help = "the cells' names, the row of the lowest y first, in each row the lowest x first"},
};
static const tarazu_field x_field[] = {{.name = "x", .type = TARAZU_F64, .help = "the value across"}};
static const tarazu_field y_field[] = {{.name = "y", .type = TARAZU_F64, .help = "the value upward"}};
static const tarazu_input inputs[] = {
    {.name = "x",
     .bind = "financial",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(x_field),
     .help = "the value across, the financial score where nothing is said"},
    {.name = "y",
     .bind = "non_financial",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(y_field),
     .help = "the value upward, the non-financial score where nothing is said"},
};
static const tarazu_output outputs[] = {
    {.name = "cell", .type = TARAZU_TEXT, .help = "the name of the customer's cell"},
};

enum { AXES = 2, NAME_ROOM = 96 };

/* Where one value's bands end. */
typedef struct axis {
  const double *quantiles; /* NULL: the cuts are the profile's */
  double *cuts;            /* NaN: nobody has a value */
  uint32_t count, reserved;
} axis;

typedef struct matrix {
  axis axes[AXES];
  const char *const *names;
  int32_t *code; /* of each cell: that of the first cell with its name */
  uint32_t cells, fact_count;
  tarazu_fact *facts;
  char (*fact_names)[NAME_ROOM];
} matrix;

static tarazu_status take_axis(axis *a, const tarazu_args *args, uint32_t quantiles, uint32_t values,
                               tarazu_error *error)
{
  const tarazu_value *given = tarazu_arg(args, values);
  uint32_t param = given->given ? values : quantiles;
  if (!given->given) given = tarazu_arg(args, quantiles);
  a->count = given->count;
  a->cuts = calloc(given->count + 1u, sizeof *a->cuts);
  if (!a->cuts) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  a->quantiles = param == quantiles ? given->reals : NULL;
  for (uint32_t i = 0; i < given->count; i++) {
    a->cuts[i] = given->reals[i];
    if (!i || given->reals[i] > given->reals[i - 1]) continue;
    error->param = (int32_t)param;
    error->item = (int32_t)i;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "cuts must ascend, %g does not after %g", given->reals[i],
                       given->reals[i - 1]);
  }
  return TARAZU_OK;
}

static tarazu_status take_names(matrix *m, const tarazu_value *names, tarazu_error *error)
{
  uint32_t across = m->axes[0].count + 1, up = m->axes[1].count + 1;
  if (names->count != across * up) {
    error->param = NAMES;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "%u names for %u cells: %u rows, the lowest y first, of %u names, the lowest x first",
                       (unsigned)names->count, (unsigned)(across * up), (unsigned)up, (unsigned)across);
  }
  uint32_t most = m->axes[0].count + m->axes[1].count + names->count;
  m->names = names->texts;
  m->cells = names->count;
  m->code = calloc(m->cells, sizeof *m->code);
  m->facts = calloc(most, sizeof *m->facts);
  m->fact_names = calloc(most, sizeof *m->fact_names);
  if (!m->code || !m->facts || !m->fact_names) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  for (uint32_t cell = 0; cell < m->cells; cell++)
    while (strcmp(m->names[m->code[cell]], m->names[cell]) != 0) m->code[cell]++;
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context;
  matrix *m = self;
  tarazu_status status = take_axis(&m->axes[0], args, X_CUTS, X_VALUES, error);
  if (!status) status = take_axis(&m->axes[1], args, Y_CUTS, Y_VALUES, error);
  return status ? status : take_names(m, tarazu_arg(args, NAMES), error);
}

static void destroy(void *self)
{
  matrix *m = self;
  for (int a = 0; a < AXES; a++) free(m->axes[a].cuts);
  free(m->code);
  free(m->facts);
  free(m->fact_names);
}

/* Linear between the order statistics around (n - 1) p: definition 7 of Hyndman and Fan (1996). */
static double quantile(const ordered *items, int64_t n, double p)
{
  double place = (double)(n - 1) * p;
  int64_t below = (int64_t)place;
  if (below >= n - 1) return items[n - 1].value;
  double part = place - (double)below, low = items[below].value, high = items[below + 1].value;
  return low < high ? low * (1 - part) + high * part : low; /* between equals exactly there, not a bit beside */
}

static int cut(axis *a, const tarazu_column *column, int64_t rows)
{
  int64_t n;
  if (!a->quantiles) return 1;
  ordered *items = order_column(column, rows, &n);
  for (uint32_t i = 0; items && i < a->count; i++) a->cuts[i] = n ? quantile(items, n, a->quantiles[i]) : (double)NAN;
  free(items);
  return items != NULL;
}

/* The number of cuts that a value is above; -1: no cut is known. A value on a cut belongs below it. */
static int64_t band(const axis *a, double x)
{
  uint32_t band = 0;
  if (a->count && isnan(a->cuts[0])) return -1;
  while (band < a->count && x > a->cuts[band]) band++;
  return band;
}

/* A row's cell; -1: none. */
static int32_t cell(const matrix *m, const tarazu_batch *batch, int64_t row)
{
  int64_t bands[AXES];
  for (int a = 0; a < AXES; a++) {
    const tarazu_column *column = batch->columns[a];
    bands[a] = tarazu_is_valid(column, row) ? band(&m->axes[a], ((const double *)column->values)[row]) : -1;
  }
  return bands[0] < 0 || bands[1] < 0 ? -1 : m->code[bands[1] * (m->axes[0].count + 1) + bands[0]];
}

static void tell(matrix *m, const tarazu_batch *batch)
{
  m->fact_count = 0;
  for (int a = 0; a < AXES; a++)
    for (uint32_t i = 0; i < m->axes[a].count; i++) {
      if (isnan(m->axes[a].cuts[i])) continue;
      snprintf(m->fact_names[m->fact_count], NAME_ROOM, "%c_cut_%u", "xy"[a], (unsigned)i + 1);
      m->facts[m->fact_count] = (tarazu_fact){m->fact_names[m->fact_count], NULL, m->axes[a].cuts[i], -1, 0, 0};
      m->fact_count++;
    }
  for (uint32_t c = 0; c < m->cells; c++) {
    if (m->code[c] != (int32_t)c) continue;
    int64_t customers = 0;
    for (int64_t i = 0; i < batch->rows; i++) customers += cell(m, batch, i) == (int32_t)c;
    snprintf(m->fact_names[m->fact_count], NAME_ROOM, "customers_in_%s", m->names[c]);
    m->facts[m->fact_count] = (tarazu_fact){m->fact_names[m->fact_count], NULL, (double)customers, -1, 0, 0};
    m->fact_count++;
  }
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  matrix *m = self;
  for (int a = 0; a < AXES; a++)
    if (!cut(&m->axes[a], spaces[0]->columns[a], spaces[0]->rows))
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)spaces[0]->rows);
  tell(m, spaces[0]);
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  int32_t *cells = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    cells[i] = cell(self, batch, i);
    if (cells[i] < 0) tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  (void)output;
  *count = ((const matrix *)self)->cells;
  return ((const matrix *)self)->names;
}

static tarazu_list facts(const void *self)
{
  const matrix *m = self;
  return (tarazu_list){m->facts, m->fact_count, sizeof *m->facts};
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const matrix *m = self;
  for (int a = 0; a < AXES; a++)
    if (!writer->write(writer, m->axes[a].cuts, m->axes[a].count * sizeof(double)))
      return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  matrix *m = self;
  size_t x = m->axes[0].count * sizeof(double), y = m->axes[1].count * sizeof(double);
  if (count != x + y) {
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of matrix with %u cells: %zu bytes", (unsigned)m->cells,
                       count);
  }
  if (x) memcpy(m->axes[0].cuts, bytes, x);
  if (y) memcpy(m->axes[1].cuts, (const char *)bytes + x, y);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "matrix",
    .version = "1.0",
    .license = "MIT",
    .summary = "two values against each other, every cell with a name",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(matrix),
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
    .name = "matrix",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
