/* rfm_grid: recency, frequency and monetary value, each cut into scores from 1 (worst) on, and segments by name as
 * rules over the scores say; the first rule that fits wins. */
#include "../shared/order.h"
#include "../shared/segments.h"

enum { AXES = 3, RECENCY = 0, MOST_BINS = 30, MOST_RULES = 500 };
enum { BINS, CUTS = BINS + AXES, BINNING = CUTS + AXES, STANDARD, RULES, OTHERS, MISSING };
enum { NAME, FIRST_RANGE }; /* a rule's fields */
enum { SHARES, SHIFTED };   /* choices of binning */
enum { CURRENT, CLASSIC };  /* choices of standard */
enum { FIFTHS = 5 };        /* the standard rules' scores */

static const char *const axis_names[AXES] = {"recency", "frequency", "monetary"};
static const char *const binnings[] = {"shares", "shifted", NULL};
static const char *const standards[] = {"current", "classic", NULL};

static const tarazu_param rule_fields[] = {
    {.name = "name", .kind = TARAZU_STRING, .help = "the segment's; rules with the same name are one segment"},
    {.name = "r", .kind = TARAZU_REALS, .optional = 1, .help = "recency scores, [from, to] or [one]; any where absent"},
    {.name = "f",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "frequency scores, [from, to] or [one]; any where absent"},
    {.name = "m",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "monetary scores, [from, to] or [one]; any where absent"},
};
#define BINS_OF(axis, what)                                                                      \
  {                                                                                              \
    .name = axis "_bins", .kind = TARAZU_INTEGER, .initial = "5", .least = 1, .most = MOST_BINS, \
    .help = "scores of " what                                                                    \
  }
#define CUTS_OF(axis, what)                                                       \
  {                                                                               \
    .name = axis "_cuts", .kind = TARAZU_REALS, .optional = 1,                    \
    .help = "where " what " bins begin, in its unit, ascending, in place of bins" \
  }
static const tarazu_param params[] = {
    BINS_OF("recency", "recency"),
    BINS_OF("frequency", "frequency"),
    BINS_OF("monetary", "monetary value"),
    CUTS_OF("recency", "recency's"),
    CUTS_OF("frequency", "frequency's"),
    CUTS_OF("monetary", "monetary value's"),
    {.name = "binning",
     .kind = TARAZU_CHOICE,
     .initial = "shares",
     .choices = binnings,
     .help = "shares: as many customers in each bin as ties allow; shifted: quantiles and one unit, as in R's rfm"},
    {.name = "standard",
     .kind = TARAZU_CHOICE,
     .initial = "current",
     .choices = standards,
     .help = "the rules where none are given: those of R's rfm since 0.3, or those of before"},
    {.name = "rules",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(rule_fields),
     .optional = 1,
     .help = "own rules in place of the standard ones; the first that fits wins"},
    {.name = "others", .kind = TARAZU_STRING, .initial = "others", .help = "the segment of scores that no rule fits"},
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the segment of customers who lack one of the three values; null where absent"},
};
static const tarazu_field recency_field[] = {{.name = "recency", .type = TARAZU_F64, .help = "time since the last"}};
static const tarazu_field frequency_field[] = {{.name = "frequency", .type = TARAZU_F64, .help = "how often"}};
static const tarazu_field monetary_field[] = {{.name = "monetary", .type = TARAZU_F64, .help = "for how much"}};
static const tarazu_input inputs[] = {
    {.name = "recency",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(recency_field),
     .help = "how long ago the last order was, less is better: habit.recency of an rfm criterion habit"},
    {.name = "frequency",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(frequency_field),
     .help = "the number of orders: habit.frequency"},
    {.name = "monetary",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(monetary_field),
     .help = "what the orders were worth: habit.monetary"},
};
enum { SEGMENT, FIRST_SCORE }; /* outputs */
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the segment's name"},
    {.name = "recency_score", .type = TARAZU_I64, .better = 1, .help = "from 1, longest ago, on"},
    {.name = "frequency_score", .type = TARAZU_I64, .better = 1, .help = "from 1, least often, on"},
    {.name = "monetary_score", .type = TARAZU_I64, .better = 1, .help = "from 1, for least, on"},
};

typedef struct rule {
  const char *name;
  int from[AXES], to[AXES]; /* scores of an own rule, fifths of a standard one */
} rule;

/* The table of rfm 0.3 (A. Hebbali, the R package's vignette) in its order. */
static const rule current_rules[] = {
    {"Champions", {5, 5, 5}, {5, 5, 5}},       {"Potential Loyalist", {3, 3, 2}, {5, 5, 5}},
    {"Loyal Customers", {2, 2, 2}, {4, 4, 4}}, {"Promising", {3, 1, 3}, {4, 3, 5}},
    {"New Customers", {4, 1, 1}, {5, 3, 5}},   {"Can't Lose Them", {1, 3, 4}, {2, 4, 5}},
    {"At Risk", {1, 2, 4}, {2, 5, 5}},         {"Need Attention", {1, 3, 3}, {3, 5, 5}},
    {"About To Sleep", {2, 1, 1}, {3, 3, 4}},  {"Lost", {1, 1, 1}, {1, 5, 5}},
};
/* The table of rfm before 0.3, of which Can't Lose Them, New Customers and Promising lie within earlier rules: it is
 * kept as it was published, and the report says so. */
static const rule classic_rules[] = {
    {"Champions", {4, 4, 4}, {5, 5, 5}},          {"Loyal Customers", {2, 3, 3}, {5, 5, 5}},
    {"Potential Loyalist", {3, 1, 1}, {5, 3, 3}}, {"New Customers", {4, 1, 1}, {5, 1, 1}},
    {"Promising", {3, 1, 1}, {4, 1, 1}},          {"Need Attention", {2, 2, 2}, {3, 3, 3}},
    {"About To Sleep", {2, 1, 1}, {3, 2, 2}},     {"At Risk", {1, 2, 2}, {2, 5, 5}},
    {"Can't Lose Them", {1, 4, 4}, {1, 5, 5}},    {"Lost", {1, 1, 1}, {2, 2, 2}},
};
enum { STANDARD_RULES = sizeof classic_rules / sizeof *classic_rules };

/* Where one value's scores end. Cuts are of the value itself, ascending; recency's scores fall as it grows. */
typedef struct axis {
  double *cuts;    /* bins - 1; infinity of either sign: so many are tied that nobody reaches it */
  uint32_t bins;   /* how many scores there are */
  int32_t given;   /* the cuts are the profile's */
  int32_t known;   /* 0: nobody had a value to learn the cuts from */
  int32_t is_past; /* a value on a cut is past it, away from 0; otherwise before it */
} axis;

/* A cell of the grid. */
typedef struct scores {
  int of[AXES]; /* 0: no value */
} scores;

/* What a rule gets of the cells that it fits. */
typedef struct reach {
  int64_t fits, lost; /* cells; lost: to earlier rules of another name */
  int64_t won;
  scores lost_cell;
  uint32_t lost_to;
} reach;

typedef struct grid {
  segment_list segments; /* a place a rule, then that of the others */
  fact_list facts;
  axis axes[AXES];
  rule *rules;
  reach *reaches;
  int32_t *places; /* of each cell */
  uint32_t rule_count;
  int32_t own; /* the rules are the profile's */
  int32_t shifted, reserved;
  int64_t without_rule; /* cells */
  scores gap;           /* one of them */
} grid;

/* ---- creation ------------------------------------------------------------------------------------------------- */

static tarazu_status take_axis(axis *a, int number, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *cuts = tarazu_arg(args, CUTS + (uint32_t)number);
  a->bins = cuts->given ? cuts->count + 1 : (uint32_t)tarazu_arg(args, BINS + (uint32_t)number)->integer;
  if (a->bins > MOST_BINS)
    return segments_refuse(error, CUTS + number, -1, "%u cuts make %u bins of %s, more than %d", (unsigned)cuts->count,
                           (unsigned)a->bins, axis_names[number], MOST_BINS);
  int32_t fallen = cuts->given ? segments_fallen(cuts->reals, cuts->count) : -1;
  if (fallen >= 0)
    return segments_refuse(error, CUTS + number, fallen, "cuts must ascend, %g does not after %g", cuts->reals[fallen],
                           cuts->reals[fallen - 1]);
  a->cuts = calloc(a->bins, sizeof *a->cuts);
  if (!a->cuts) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u bins", (unsigned)a->bins);
  a->given = a->known = cuts->given != 0;
  a->is_past = number != RECENCY || a->given || tarazu_arg(args, BINNING)->integer == SHIFTED;
  if (a->given && cuts->count) memcpy(a->cuts, cuts->reals, cuts->count * sizeof *a->cuts);
  return TARAZU_OK;
}

static int is_score(double x, uint32_t bins)
{
  return x >= 1 && x <= bins && !(x > floor(x));
}

static tarazu_status take_range(const grid *g, rule *r, int number, const tarazu_value *range, int32_t item,
                                tarazu_error *error)
{
  uint32_t bins = g->axes[number].bins;
  r->from[number] = 1;
  r->to[number] = (int)bins;
  if (!range->given) return TARAZU_OK;
  double from = range->count ? range->reals[0] : 0, to = range->count ? range->reals[range->count - 1] : 0;
  if (range->count > 2 || !is_score(from, bins) || !is_score(to, bins) || from > to)
    return segments_refuse(error, RULES, item, "'%.80s': %c must be [from, to], scores of %s from 1 to %u, or [one]",
                           r->name, axis_names[number][0], axis_names[number], (unsigned)bins);
  r->from[number] = (int)from;
  r->to[number] = (int)to;
  return TARAZU_OK;
}

static tarazu_status take_rules(grid *g, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *own = tarazu_arg(args, RULES);
  g->own = own->given != 0;
  g->rule_count = g->own ? own->count : STANDARD_RULES;
  if (g->rule_count > MOST_RULES)
    return segments_refuse(error, RULES, MOST_RULES, "%u rules, rfm_grid takes %d", (unsigned)g->rule_count,
                           MOST_RULES);
  g->rules = calloc(g->rule_count + 1u, sizeof *g->rules);
  g->reaches = calloc(g->rule_count + 1u, sizeof *g->reaches);
  if (!g->rules || !g->reaches)
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", (unsigned)g->rule_count);
  if (!g->own)
    memcpy(g->rules, tarazu_arg(args, STANDARD)->integer == CLASSIC ? classic_rules : current_rules,
           sizeof classic_rules);
  tarazu_status status = TARAZU_OK;
  for (uint32_t i = 0; g->own && i < own->count && !status; i++) {
    g->rules[i].name = tarazu_arg(&own->records[i], NAME)->text;
    for (int a = 0; a < AXES && !status; a++)
      status =
          take_range(g, &g->rules[i], a, tarazu_arg(&own->records[i], FIRST_RANGE + (uint32_t)a), (int32_t)i, error);
  }
  return status;
}

static tarazu_status take_names(grid *g, const tarazu_args *args, tarazu_error *error)
{
  const char **names = calloc(g->rule_count + 1u, sizeof *names);
  for (uint32_t i = 0; names && i < g->rule_count; i++) names[i] = g->rules[i].name;
  if (names) names[g->rule_count] = tarazu_arg(args, OTHERS)->text;
  int good = names && segments_take(&g->segments, names, g->rule_count + 1, tarazu_arg(args, MISSING));
  free((void *)names);
  uint32_t cuts = g->axes[0].bins + g->axes[1].bins + g->axes[2].bins;
  good = good && facts_begin(&g->facts, segments_facts(&g->segments) + cuts + g->rule_count + 1);
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", (unsigned)g->rule_count);
}

/* ---- the grid -------------------------------------------------------------------------------------------------- */

/* The fifth in which the middle of score s of so many bins lies: s itself where there are five. */
static int fifth(int s, int bins)
{
  return FIFTHS * (2 * s - 1) / (2 * bins) + 1;
}

static int fits(const grid *g, const rule *r, const scores *s)
{
  for (int a = 0; a < AXES; a++) {
    int score = g->own ? s->of[a] : fifth(s->of[a], (int)g->axes[a].bins);
    if (score < r->from[a] || score > r->to[a]) return 0;
  }
  return 1;
}

static int64_t cell_of(const grid *g, const scores *s)
{
  int64_t cell = 0;
  for (int a = 0; a < AXES; a++) {
    if (!s->of[a]) return -1;
    cell = cell * g->axes[a].bins + s->of[a] - 1;
  }
  return cell;
}

/* The cell's segment, and what each rule gets of it. */
static void fill_cell(grid *g, const scores *s)
{
  uint32_t winner = g->rule_count;
  for (uint32_t i = 0; i < g->rule_count; i++) {
    reach *own = &g->reaches[i];
    if (!fits(g, &g->rules[i], s)) continue;
    own->fits++;
    if (winner == g->rule_count) {
      winner = i;
      own->won++;
    } else if (g->segments.codes[winner] != g->segments.codes[i] && !own->lost++) {
      own->lost_cell = *s;
      own->lost_to = winner;
    }
  }
  if (winner == g->rule_count && !g->without_rule++) g->gap = *s;
  g->places[cell_of(g, s)] = (int32_t)winner;
}

static tarazu_status fill(grid *g, tarazu_error *error)
{
  const axis *a = g->axes;
  g->places = calloc((size_t)a[0].bins * a[1].bins * a[2].bins, sizeof *g->places);
  if (!g->places) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the grid");
  for (int r = (int)a[0].bins; r > 0; r--)
    for (int f = (int)a[1].bins; f > 0; f--)
      for (int m = (int)a[2].bins; m > 0; m--) fill_cell(g, &(scores){{r, f, m}});
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context;
  grid *g = self;
  tarazu_status status = TARAZU_OK;
  g->shifted = tarazu_arg(args, BINNING)->integer == SHIFTED;
  for (int a = 0; a < AXES && !status; a++) status = take_axis(&g->axes[a], a, args, error);
  if (!status) status = take_rules(g, args, error);
  if (!status) status = take_names(g, args, error);
  return status ? status : fill(g, error);
}

static void destroy(void *self)
{
  grid *g = self;
  segments_free(&g->segments);
  facts_free(&g->facts);
  for (int a = 0; a < AXES; a++) free(g->axes[a].cuts);
  free(g->rules);
  free(g->reaches);
  free(g->places);
}

/* ---- fitting --------------------------------------------------------------------------------------------------- */

/* Score k + 1 is reached by whom at least k N / bins customers are worse than, as in the scorer rfm. */
static void cut_shares(axis *a, int falls, const ordered *items, int64_t n)
{
  for (uint32_t k = 1; k < a->bins; k++) {
    int64_t worse = (k * n + a->bins - 1) / a->bins;
    if (!falls) {
      while (worse < n && !(items[worse].value > items[worse - 1].value)) worse++;
      a->cuts[k - 1] = worse < n ? items[worse].value : (double)INFINITY;
      continue;
    }
    int64_t at = n - 1 - worse;
    while (at >= 0 && !(items[at].value < items[at + 1].value)) at--;
    a->cuts[a->bins - 1 - k] = at >= 0 ? items[at].value : -(double)INFINITY;
  }
}

/* Linear between the order statistics around (n - 1) k / bins (definition 7 of Hyndman and Fan 1996), and one unit. */
static void cut_shifted(axis *a, const ordered *items, int64_t n)
{
  for (uint32_t k = 1; k < a->bins; k++) {
    double place = (double)(n - 1) * ((double)k / a->bins);
    int64_t below = (int64_t)place;
    double low = items[below].value, high = items[below + 1 < n ? below + 1 : n - 1].value,
           part = place - (double)below;
    a->cuts[k - 1] = (low < high ? low * (1 - part) + high * part : low) + 1;
  }
}

static int fit_axis(grid *g, int number, const tarazu_column *column, int64_t rows)
{
  axis *a = &g->axes[number];
  int64_t n;
  if (a->given) return 1;
  ordered *items = order_column(column, rows, &n);
  if (!items) return 0;
  a->known = n > 0;
  if (n && g->shifted) cut_shifted(a, items, n);
  else if (n) cut_shares(a, number == RECENCY, items, n);
  free(items);
  return 1;
}

static int score(const grid *g, int number, const tarazu_column *column, int64_t row)
{
  const axis *a = &g->axes[number];
  if (!a->known || !tarazu_is_valid(column, row)) return 0;
  double x = ((const double *)column->values)[row];
  int past = (int)cuts_reached(a->cuts, a->bins - 1, x, !a->is_past);
  return number == RECENCY ? (int)a->bins - past : 1 + past;
}

static scores score_all(const grid *g, const tarazu_batch *batch, int64_t row)
{
  scores s;
  for (int a = 0; a < AXES; a++) s.of[a] = score(g, a, batch->columns[a], row);
  return s;
}

static int64_t place(const grid *g, const scores *s)
{
  int64_t cell = cell_of(g, s);
  return cell < 0 ? -1 : g->places[cell];
}

/* ---- telling --------------------------------------------------------------------------------------------------- */

static void tell_cuts(grid *g, int number)
{
  const axis *a = &g->axes[number];
  for (uint32_t k = 1; a->known && k < a->bins; k++) {
    double at = a->cuts[number == RECENCY ? a->bins - 1 - k : k - 1];
    if (isfinite(at)) fact_add(&g->facts, at, "%s_cut_%u", axis_names[number], (unsigned)k + 1);
  }
}

static void tell_rule(grid *g, uint32_t i)
{
  const reach *r = &g->reaches[i];
  const char *name = g->rules[i].name;
  const scores *s = &r->lost_cell;
  if (!r->fits) {
    fact_say(&g->facts, fact_add(&g->facts, 0, "rule_%u", (unsigned)i + 1), 1,
             "nobody can be in '%.60s': no cell of this grid lies within its rule", name);
    return;
  }
  if (r->won && !r->lost) return;
  tarazu_fact *fact = fact_add(&g->facts, (double)(r->won ? r->lost : 0), "rule_%u", (unsigned)i + 1);
  if (!r->won && !r->lost)
    fact_say(&g->facts, fact, 1, "rule %u of '%.60s' adds nothing to its earlier ones", (unsigned)i + 1, name);
  else if (!r->won)
    fact_say(&g->facts, fact, 1,
             "nobody can be in '%.60s' by rule %u: earlier rules take all its cells, r %d, f %d, m %d '%.60s'", name,
             (unsigned)i + 1, s->of[0], s->of[1], s->of[2], g->rules[r->lost_to].name);
  else
    fact_say(&g->facts, fact, g->own,
             "%lld of the %lld cells of '%.60s' go to earlier rules: r %d, f %d, m %d to '%.60s'", (long long)r->lost,
             (long long)r->fits, name, s->of[0], s->of[1], s->of[2], g->rules[r->lost_to].name);
}

static void report(grid *g)
{
  g->facts.count = 0;
  segments_tell(&g->segments, &g->facts);
  for (int a = 0; a < AXES; a++) tell_cuts(g, a);
  for (uint32_t i = 0; i < g->rule_count; i++) tell_rule(g, i);
  if (!g->without_rule) return;
  fact_say(&g->facts, fact_add(&g->facts, (double)g->without_rule, "cells_without_rule"), g->own,
           "%lld cells fit no rule and are '%.60s': r %d, f %d, m %d", (long long)g->without_rule,
           g->segments.labels[g->segments.codes[g->rule_count]], g->gap.of[0], g->gap.of[1], g->gap.of[2]);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  grid *g = self;
  for (int a = 0; a < AXES; a++)
    if (!fit_axis(g, a, spaces[0]->columns[a], spaces[0]->rows))
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)spaces[0]->rows);
  segments_forget(&g->segments);
  for (int64_t i = 0; i < spaces[0]->rows; i++) {
    scores s = score_all(g, spaces[0], i);
    segments_add(&g->segments, place(g, &s));
  }
  report(g);
  return TARAZU_OK;
}

/* ---- models: of each axis whether it is known, and its cuts; then the customers in each segment ----------------- */

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const grid *g = self;
  int good = 1;
  for (int i = 0; good && i < AXES; i++) {
    const axis *a = &g->axes[i];
    int64_t known = a->known;
    good = writer->write(writer, &known, sizeof known);
    if (good && a->bins > 1) good = writer->write(writer, a->cuts, (a->bins - 1) * sizeof *a->cuts);
  }
  good = good && writer->write(writer, g->segments.customers, (g->segments.count + 1u) * sizeof *g->segments.customers);
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  grid *g = self;
  const char *at = bytes;
  size_t counts = (g->segments.count + 1u) * sizeof *g->segments.customers, size = counts;
  for (int i = 0; i < AXES; i++) size += sizeof(int64_t) + (g->axes[i].bins - 1) * sizeof *g->axes[i].cuts;
  if (count != size)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is of another grid, or damaged: %zu bytes, not %zu",
                       count, size);
  for (int i = 0; i < AXES; i++) {
    axis *a = &g->axes[i];
    int64_t known;
    size_t cuts = (a->bins - 1) * sizeof *a->cuts;
    memcpy(&known, at, sizeof known);
    if (cuts) memcpy(a->cuts, at + sizeof known, cuts);
    a->known = known != 0;
    at += sizeof known + cuts;
  }
  memcpy(g->segments.customers, at, counts);
  report(g);
  return TARAZU_OK;
}

/* ---- strategy -------------------------------------------------------------------------------------------------- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const grid *g = self;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    scores s = score_all(g, batch, i);
    segment_write(&g->segments, results[SEGMENT], i, place(g, &s));
    for (int a = 0; a < AXES; a++) {
      tarazu_result *result = results[FIRST_SCORE + a];
      if (!result) continue;
      ((int64_t *)result->values)[i] = s.of[a];
      if (!s.of[a]) tarazu_set_null(result, i);
    }
  }
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  const grid *g = self;
  (void)output;
  *count = g->segments.count;
  return g->segments.labels;
}

static tarazu_list facts(const void *self)
{
  const grid *g = self;
  return (tarazu_list){g->facts.items, g->facts.count, sizeof *g->facts.items};
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "rfm_grid",
    .version = "1.0",
    .license = "MIT",
    .summary = "named segments by scores of recency, frequency and monetary value",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(grid),
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
    .name = "rfm_grid",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
