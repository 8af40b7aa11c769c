/* matrix: two values against each other, or three, each cut into bands, every cell with a name. As it comes, the
 * customer value matrix of lifetime value against referral value (Kumar, Petersen, Leone 2007), both halved at the
 * median; other portfolios of the literature as presets. */
#include "../shared/order.h"
#include "../shared/segments.h"

enum { X_CUTS, Y_CUTS, X_VALUES, Y_VALUES, NAMES, PRESET, STRATEGIES, Z_CUTS, Z_VALUES, X_BY, Y_BY, Z_BY, MISSING };
enum { QUANTILES, MEAN }; /* choices of x_by */
static const char *const measures[] = {"quantiles", "mean", NULL};

/* Presets name axes, bands and cells; x is across, y upward, z the layers. Names go layer by layer from the lowest z,
 * in each row by row from the lowest y, in each row from the lowest x. */
enum { AXES = 3, Z = 2, MOST_PRESET_CUTS = 2 };
typedef struct preset {
  uint32_t cuts[AXES]; /* bands but one; of z 0: the preset has two axes */
  uint32_t z_optional; /* 1: without z the highest layer is all */
  const char *const *names;
  const char *const *strategies; /* NULL: none */
} preset;

static const char *const preset_ids[] = {"customer_value",      "fiocca", "fiocca_key", "krapfel", "mcdonald",
                                         "turnbull_zolkiewski", NULL};
static const char *const customer_value[] = {"misers", "affluents", "advocates", "champions"};
static const char *const fiocca[] = {"non-key, easy", "non-key, difficult", "key, easy", "key, difficult"};
static const char *const fiocca_key[] = {
    "non-key",
    "non-key",
    "non-key",
    "non-key",
    "non-key",
    "non-key",
    "non-key",
    "non-key",
    "non-key",
    "low attractiveness, weak relationship",
    "low attractiveness, medium relationship",
    "low attractiveness, strong relationship",
    "medium attractiveness, weak relationship",
    "medium attractiveness, medium relationship",
    "medium attractiveness, strong relationship",
    "high attractiveness, weak relationship",
    "high attractiveness, medium relationship",
    "high attractiveness, strong relationship",
};
static const char *const krapfel[] = {"acquaintance", "friend", "rival", "partner"};
static const char *const mcdonald[] = {"streamline", "status", "star", "strategic"};
static const char *const mcdonald_strategies[] = {"manage for cash", "maintain", "invest selectively",
                                                  "invest for growth"};
static const char *const turnbull_zolkiewski[] = {
    "bargain basement, low relationship value",  "aggressive, low relationship value",
    "passive, low relationship value",           "carriage trade, low relationship value",
    "bargain basement, high relationship value", "aggressive, high relationship value",
    "passive, high relationship value",          "carriage trade, high relationship value",
};
static const preset presets[] = {
    {{1, 1, 0}, 0, customer_value, NULL},
    {{1, 1, 0}, 0, fiocca, NULL},
    {{2, 2, 1}, 1, fiocca_key, NULL},
    {{1, 1, 0}, 0, krapfel, NULL},
    {{1, 1, 0}, 0, mcdonald, mcdonald_strategies},
    {{1, 1, 1}, 0, turnbull_zolkiewski, NULL},
};
/* Where a preset's bands end: halves at the median, thirds. */
static const double preset_cuts[MOST_PRESET_CUTS + 1][MOST_PRESET_CUTS] = {{0}, {0.5}, {1. / 3, 2. / 3}};

#define CUTS_OF(axis)                                                                       \
  {                                                                                         \
    .name = axis "_cuts", .kind = TARAZU_REALS, .optional = 1, .least = 0, .most = 1,       \
    .help = "quantiles of " axis " where a band ends, ascending; the preset's where absent" \
  }
#define VALUES_OF(axis)                                                       \
  {                                                                           \
    .name = axis "_values", .kind = TARAZU_REALS, .optional = 1,              \
    .help = "values of " axis " where a band ends, in place of " axis "_cuts" \
  }
#define BY_OF(axis)                                                                         \
  {                                                                                         \
    .name = axis "_by", .kind = TARAZU_CHOICE, .initial = "quantiles", .choices = measures, \
    .help = "mean: " axis " has two bands, cut at its mean"                                 \
  }
static const tarazu_param params[] = {
    CUTS_OF("x"),
    CUTS_OF("y"),
    VALUES_OF("x"),
    VALUES_OF("y"),
    {.name = "names",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "the cells' names, the lowest z first, in it the row of the lowest y, in it the lowest x; the preset's"},
    {.name = "preset",
     .kind = TARAZU_CHOICE,
     .initial = "customer_value",
     .choices = preset_ids,
     .help = "whose bands and names hold where the profile gives none"},
    {.name = "strategies",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "what to do with each cell's customers, in the order of names; the preset's where it has some"},
    CUTS_OF("z"),
    VALUES_OF("z"),
    BY_OF("x"),
    BY_OF("y"),
    BY_OF("z"),
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the segment of customers who lack one of the values; null where absent"},
};
static const tarazu_field x_field[] = {{.name = "x", .type = TARAZU_F64, .help = "the value across"}};
static const tarazu_field y_field[] = {{.name = "y", .type = TARAZU_F64, .help = "the value upward"}};
static const tarazu_field z_field[] = {{.name = "z", .type = TARAZU_F64, .help = "the value of the layers"}};
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
    {.name = "z",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(z_field),
     .help = "the value of the layers, for a matrix of three dimensions"},
};
enum { CELL, STRATEGY }; /* outputs */
static const tarazu_output outputs[] = {
    {.name = "cell", .type = TARAZU_TEXT, .help = "the name of the customer's cell"},
    {.name = "strategy",
     .type = TARAZU_TEXT,
     .help = "what to do with the cell's customers; null where nothing is said"},
};

/* Where one value's bands end. */
typedef struct axis {
  const double *quantiles; /* NULL: the cuts are the profile's, or the mean */
  double *cuts;            /* NaN: nobody has a value */
  uint32_t count;
  int32_t by_mean;
} axis;

typedef struct matrix {
  axis axes[AXES];
  uint32_t axis_count, reserved;
  segment_list cells;
  segment_list strategies; /* no places: none are given */
  fact_list facts;
} matrix;

/* ---- creation ------------------------------------------------------------------------------------------------- */

static const uint32_t cuts_params[AXES] = {X_CUTS, Y_CUTS, Z_CUTS};
static const uint32_t values_params[AXES] = {X_VALUES, Y_VALUES, Z_VALUES};
static const uint32_t by_params[AXES] = {X_BY, Y_BY, Z_BY};

static tarazu_status take_axis(axis *a, int number, const preset *p, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *cuts = tarazu_arg(args, cuts_params[number]), *values = tarazu_arg(args, values_params[number]);
  uint32_t param = values->given ? values_params[number] : cuts_params[number];
  const tarazu_value *given = values->given ? values : cuts;
  a->by_mean = tarazu_arg(args, by_params[number])->integer == MEAN;
  if (a->by_mean && given->given)
    return segments_refuse(error, (int32_t)param, -1, "%c is cut at its mean: give no other cuts", "xyz"[number]);
  /* a third axis that a preset does not have is halved */
  uint32_t preset_count = number == Z && !p->cuts[Z] ? 1 : p->cuts[number];
  const double *from = given->given ? given->reals : preset_cuts[preset_count];
  a->count = a->by_mean ? 1 : given->given ? given->count : preset_count;
  a->cuts = calloc(a->count + 1u, sizeof *a->cuts);
  if (!a->cuts) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  if (a->by_mean) return TARAZU_OK;
  a->quantiles = values->given ? NULL : from;
  for (uint32_t i = 0; i < a->count; i++) a->cuts[i] = from[i];
  int32_t fallen = segments_fallen(a->cuts, a->count);
  if (fallen < 0) return TARAZU_OK;
  return segments_refuse(error, (int32_t)param, fallen, "cuts must ascend, %g does not after %g", from[fallen],
                         from[fallen - 1]);
}

static tarazu_status take_axes(matrix *m, const preset *p, const tarazu_context *context, const tarazu_args *args,
                               tarazu_error *error)
{
  int layered = tarazu_bound_at(context, Z)->type != 0;
  m->axis_count = layered ? AXES : AXES - 1;
  if (!layered && p->cuts[Z] && !p->z_optional)
    return segments_refuse(error, PRESET, -1, "%s has three dimensions: bind the input z too",
                           preset_ids[tarazu_arg(args, PRESET)->integer]);
  int32_t cuts = tarazu_arg(args, Z_CUTS)->given                ? Z_CUTS
                 : tarazu_arg(args, Z_VALUES)->given            ? Z_VALUES
                 : tarazu_arg(args, Z_BY)->integer != QUANTILES ? Z_BY
                                                                : -1;
  if (!layered && cuts >= 0) return segments_refuse(error, cuts, -1, "z has cuts, but the input z is not bound");
  tarazu_status status = TARAZU_OK;
  for (int a = 0; a < (int)m->axis_count && !status; a++) status = take_axis(&m->axes[a], a, p, args, error);
  return status;
}

/* The preset's texts for this grid; NULL where it has none, or was drawn for other bands. */
static const char *const *texts_of(const matrix *m, const preset *p, const char *const *texts, uint32_t *count)
{
  uint32_t layer = (p->cuts[0] + 1) * (p->cuts[1] + 1), layers = p->cuts[Z] + 1;
  *count = layer * layers;
  if (!texts || m->axis_count == AXES || !p->cuts[Z]) return texts;
  *count = layer;
  return texts + layer * (layers - 1);
}

static tarazu_status take_texts(matrix *m, const preset *p, const tarazu_args *args, tarazu_error *error)
{
  uint32_t across = m->axes[0].count + 1, up = m->axes[1].count + 1;
  uint32_t layers = m->axis_count == AXES ? m->axes[Z].count + 1 : 1, cells = across * up * layers, count, planned;
  const tarazu_value *names = tarazu_arg(args, NAMES), *strategies = tarazu_arg(args, STRATEGIES);
  const char *const *texts = texts_of(m, p, p->names, &count);
  const char *const *plans = texts_of(m, p, p->strategies, &planned);
  if (names->given) texts = names->texts, count = names->count;
  if (count != cells)
    return segments_refuse(error, NAMES, -1,
                           "%u names for %u cells: %s%u rows, the lowest y first, of %u names, the lowest x first",
                           (unsigned)count, (unsigned)cells, layers > 1 ? "for each z, the lowest first, " : "",
                           (unsigned)up, (unsigned)across);
  if (strategies->given && strategies->count != cells)
    return segments_refuse(error, STRATEGIES, -1, "%u strategies for %u cells", (unsigned)strategies->count,
                           (unsigned)cells);
  /* own names say that the cells mean something else than the preset's */
  if (strategies->given) plans = strategies->texts;
  else if (names->given) plans = NULL;
  m->strategies.missing = -1;
  int good = segments_take(&m->cells, texts, cells, tarazu_arg(args, MISSING)) &&
             (!plans || segments_take(&m->strategies, plans, cells, NULL)) &&
             facts_begin(&m->facts, across + up + layers + segments_facts(&m->cells));
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u cells", (unsigned)cells);
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  matrix *m = self;
  const preset *p = &presets[tarazu_arg(args, PRESET)->integer];
  tarazu_status status = take_axes(m, p, context, args, error);
  return status ? status : take_texts(m, p, args, error);
}

static void destroy(void *self)
{
  matrix *m = self;
  for (int a = 0; a < AXES; a++) free(m->axes[a].cuts);
  segments_free(&m->cells);
  segments_free(&m->strategies);
  facts_free(&m->facts);
}

/* ---- fitting --------------------------------------------------------------------------------------------------- */

/* Linear between the order statistics around (n - 1) p: definition 7 of Hyndman and Fan (1996). */
static double quantile(const ordered *items, int64_t n, double p)
{
  double place = (double)(n - 1) * p;
  int64_t below = (int64_t)place;
  if (below >= n - 1) return items[n - 1].value;
  double part = place - (double)below, low = items[below].value, high = items[below + 1].value;
  return low < high ? low * (1 - part) + high * part : low; /* between equals exactly there, not a bit beside */
}

/* Of sorted values, so that their order in the source does not show; each step adds a part of a difference, so that no
 * sum grows beyond all numbers. */
static double mean(const ordered *items, int64_t n)
{
  long double m = 0;
  for (int64_t i = 0; i < n; i++) m += ((long double)items[i].value - m) / (long double)(i + 1);
  return fmin(fmax((double)m, items[0].value), items[n - 1].value);
}

static int cut(axis *a, const tarazu_column *column, int64_t rows)
{
  int64_t n;
  if (!a->quantiles && !a->by_mean) return 1;
  ordered *items = order_column(column, rows, &n);
  for (uint32_t i = 0; items && i < a->count; i++)
    a->cuts[i] = !n ? (double)NAN : a->by_mean ? mean(items, n) : quantile(items, n, a->quantiles[i]);
  free(items);
  return items != NULL;
}

/* The number of cuts that a value is above; -1: no cut is known. A value on a cut belongs below it. */
static int64_t band(const axis *a, double x)
{
  if (a->count && isnan(a->cuts[0])) return -1;
  return cuts_reached(a->cuts, a->count, x, 1);
}

/* A row's place among the cells; -1: none. */
static int64_t place(const matrix *m, const tarazu_batch *batch, int64_t row)
{
  int64_t at = 0;
  for (int a = (int)m->axis_count - 1; a >= 0; a--) {
    const tarazu_column *column = batch->columns[a];
    int64_t own = tarazu_is_valid(column, row) ? band(&m->axes[a], ((const double *)column->values)[row]) : -1;
    if (own < 0) return -1;
    at = at * (m->axes[a].count + 1) + own;
  }
  return at;
}

static void tell_cuts(matrix *m)
{
  m->facts.count = 0;
  for (uint32_t a = 0; a < m->axis_count; a++)
    for (uint32_t i = 0; i < m->axes[a].count; i++)
      if (!isnan(m->axes[a].cuts[i])) fact_add(&m->facts, m->axes[a].cuts[i], "%c_cut_%u", "xyz"[a], (unsigned)i + 1);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  matrix *m = self;
  for (uint32_t a = 0; a < m->axis_count; a++)
    if (!cut(&m->axes[a], spaces[0]->columns[a], spaces[0]->rows))
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)spaces[0]->rows);
  segments_forget(&m->cells);
  for (int64_t i = 0; i < spaces[0]->rows; i++) segments_add(&m->cells, place(m, spaces[0], i));
  tell_cuts(m);
  segments_tell(&m->cells, &m->facts);
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const matrix *m = self;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t at = place(m, batch, i);
    segment_write(&m->cells, results[CELL], i, at);
    if (results[STRATEGY]) segment_write(&m->strategies, results[STRATEGY], i, m->strategies.places ? at : -1);
  }
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  const matrix *m = self;
  const segment_list *l = output == CELL ? &m->cells : &m->strategies;
  *count = l->count;
  return l->labels;
}

static tarazu_list facts(const void *self)
{
  const matrix *m = self;
  return (tarazu_list){m->facts.items, m->facts.count, sizeof *m->facts.items};
}

/* A model: the cuts of x, of y, and where it is bound of z. */
static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const matrix *m = self;
  for (uint32_t a = 0; a < m->axis_count; a++)
    if (m->axes[a].count && !writer->write(writer, m->axes[a].cuts, m->axes[a].count * sizeof(double)))
      return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  matrix *m = self;
  const char *at = bytes;
  size_t expected = 0;
  for (uint32_t a = 0; a < m->axis_count; a++) expected += m->axes[a].count * sizeof(double);
  if (count != expected)
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of matrix with %u cells: %zu bytes",
                       (unsigned)m->cells.places, count);
  for (uint32_t a = 0; a < m->axis_count; a++) {
    if (m->axes[a].count) memcpy(m->axes[a].cuts, at, m->axes[a].count * sizeof(double));
    at += m->axes[a].count * sizeof(double);
  }
  tell_cuts(m);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "matrix",
    .version = "1.1",
    .license = "MIT",
    .summary = "two or three values against each other, every cell with a name",
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
