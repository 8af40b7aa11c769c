/* promethee: PROMETHEE II, how much a customer is preferred to all others less how much all others are preferred to her
 * (Brans, Vincke 1985; Brans, Vincke, Mareschal 1986). Flows come from sorted columns and running sums, in O(n log n) a
 * criterion, in place of comparing every pair. */
#include "../shared/ranks.h"

enum { PREFERENCE, Q, P, S, CRITERIA };                    /* parameters */
enum { USUAL, U_SHAPE, V_SHAPE, LEVEL, LINEAR, GAUSSIAN }; /* preference functions, types I to VI of the paper */
enum { OF_CRITERION, OF_PREFERENCE, OF_Q, OF_P, OF_S };    /* a record's fields */
enum { MOST_GAUSSIAN = 10000, CHUNK = 512 };

static const char *const preferences[] = {"usual", "u_shape", "v_shape", "level", "linear", "gaussian", NULL};

#define THRESHOLDS                                                                                    \
  {.name = "q",                                                                                       \
   .kind = TARAZU_REAL,                                                                               \
   .optional = 1,                                                                                     \
   .least = 0,                                                                                        \
   .most = HUGE_VAL,                                                                                  \
   .help = "indifference: a difference up to it counts nothing (u_shape, level, linear)"},            \
      {.name = "p",                                                                                   \
       .kind = TARAZU_REAL,                                                                           \
       .optional = 1,                                                                                 \
       .least = 0,                                                                                    \
       .most = HUGE_VAL,                                                                              \
       .help = "strict preference: a difference from it on counts in full (v_shape, level, linear)"}, \
  {                                                                                                   \
    .name = "s", .kind = TARAZU_REAL, .optional = 1, .least = 0, .most = HUGE_VAL,                    \
    .help = "where the gaussian function bends (gaussian)"                                            \
  }

static const tarazu_param record_fields[] = {
    {.name = "criterion", .kind = TARAZU_COLUMN, .help = "the criterion that this is of"},
    {.name = "preference",
     .kind = TARAZU_CHOICE,
     .choices = preferences,
     .optional = 1,
     .help = "its preference function"},
    THRESHOLDS,
};
static const tarazu_param params[] = {
    {.name = "preference",
     .kind = TARAZU_CHOICE,
     .choices = preferences,
     .initial = "usual",
     .help = "how a difference becomes a preference, for criteria without a function of their own"},
    THRESHOLDS,
    {.name = "criteria",
     .kind = TARAZU_RECORDS,
     .optional = 1,
     .fields = TARAZU_LIST(record_fields),
     .help = "functions and thresholds of single criteria, in their units"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "net flow, phi = phi+ - phi-, from -1 to 1"},
    {.name = "positive", .type = TARAZU_F64, .better = 1, .help = "phi+, how much she is preferred to the others"},
    {.name = "negative", .type = TARAZU_F64, .better = -1, .help = "phi-, how much the others are preferred to her"},
};

typedef struct flow {
  double plus, minus;
} flow;

/* A sum in two doubles, so that differences of long running sums keep their digits. */
typedef struct wide {
  double high, low;
} wide;

/* One criterion: how a difference counts, and what follows from all customers' values. */
typedef struct scale {
  int64_t preference;
  double q, p, s;
  const ranking *of;
  wide *sum;   /* of the values of those below each distinct value; one more is of all. NULL: has no slope */
  flow *flows; /* of each customer of the run; NULL in a loaded model */
} scale;

typedef struct promethee {
  rankings rankings;
  scale *scales; /* one a criterion */
} promethee;

/* ---- parameters -------------------------------------------------------------------------------------------- */

static void take(scale *s, const tarazu_args *args, uint32_t preference)
{
  const tarazu_value *function = tarazu_arg(args, preference);
  const tarazu_value *q = tarazu_arg(args, preference + 1), *p = tarazu_arg(args, preference + 2);
  const tarazu_value *bend = tarazu_arg(args, preference + 3);
  if (function->given) s->preference = function->integer;
  if (q->given) s->q = q->real;
  if (p->given) s->p = p->real;
  if (bend->given) s->s = bend->real;
}

/* 1, or 0 with what is missing. Thresholds that were not given are NaN. */
static int is_complete(const scale *s, const char **lacks)
{
  const int64_t f = s->preference;
  *lacks = NULL;
  if ((f == U_SHAPE || f == LEVEL || f == LINEAR) && isnan(s->q)) *lacks = "q, the indifference threshold";
  else if ((f == V_SHAPE || f == LEVEL || f == LINEAR) && isnan(s->p)) *lacks = "p, the preference threshold";
  else if (f == GAUSSIAN && isnan(s->s)) *lacks = "s, where the function bends";
  else if (f == V_SHAPE && !(s->p > 0)) *lacks = "p above 0";
  else if (f == GAUSSIAN && !(s->s > 0)) *lacks = "s above 0";
  else if ((f == LEVEL || f == LINEAR) && !(s->p > s->q)) *lacks = "p above q";
  return !*lacks;
}

static tarazu_status read_records(promethee *m, const tarazu_args *args, int32_t *record_of, tarazu_error *error)
{
  const tarazu_value *records = tarazu_arg(args, CRITERIA);
  for (uint32_t i = 0; records->given && i < records->count; i++) {
    uint32_t column = (uint32_t)tarazu_arg(&records->records[i], OF_CRITERION)->integer;
    error->param = CRITERIA;
    error->item = (int32_t)i;
    if (record_of[column] >= 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' stands here a second time",
                         tarazu_bound_at(m->rankings.context, column)->name);
    record_of[column] = (int32_t)i;
    take(&m->scales[column], &records->records[i], OF_PREFERENCE);
  }
  error->param = error->item = -1;
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  promethee *m = self;
  int32_t record_of[MOST_CRITERIA];
  const char *lacks;
  tarazu_status status = rankings_create(&m->rankings, context, "promethee", error);
  if (status != TARAZU_OK) return status;
  m->scales = calloc(m->rankings.count + 1u, sizeof *m->scales);
  if (!m->scales) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", m->rankings.count);
  for (uint32_t c = 0; c < m->rankings.count; c++) {
    scale *s = &m->scales[c];
    record_of[c] = -1;
    s->q = s->p = s->s = (double)NAN;
    s->of = &m->rankings.of[c];
    take(s, args, PREFERENCE);
  }
  status = read_records(m, args, record_of, error);
  for (uint32_t c = 0; status == TARAZU_OK && c < m->rankings.count; c++) {
    if (is_complete(&m->scales[c], &lacks)) continue;
    error->param = record_of[c] >= 0 ? CRITERIA : PREFERENCE;
    error->item = record_of[c];
    status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "the preference function %s of criterion '%s' needs %s",
                         preferences[m->scales[c].preference], tarazu_bound_at(context, c)->name, lacks);
  }
  return status;
}

static void forget(scale *s)
{
  free(s->sum);
  free(s->flows);
  s->sum = NULL;
  s->flows = NULL;
}

static void destroy(void *self)
{
  promethee *m = self;
  for (uint32_t c = 0; m->scales && c < m->rankings.count; c++) forget(&m->scales[c]);
  free(m->scales);
  rankings_destroy(&m->rankings);
}

/* ---- sums in two doubles ----------------------------------------------------------------------------------- */

/* Knuth's exact sum of two doubles, and Dekker's way to carry the rest. */
static wide wide_add(wide a, wide b)
{
  double sum = a.high + b.high, part = sum - a.high;
  double rest = (a.high - (sum - part)) + (b.high - part) + (a.low + b.low);
  double high = sum + rest;
  return (wide){high, rest - (high - sum)};
}

static wide wide_times(double a, double b)
{
  double product = a * b;
  return (wide){product, fma(a, b, -product)};
}

/* The sum of (a - x) over the customers with values number [from, to). */
static double sum_below(const scale *s, double a, int64_t from, int64_t to)
{
  wide others = wide_add(s->sum[to], (wide){-s->sum[from].high, -s->sum[from].low});
  wide mine = wide_times((double)(s->of->below[to] - s->of->below[from]), a);
  wide all = wide_add(mine, (wide){-others.high, -others.low});
  return all.high + all.low;
}

/* ---- flows ------------------------------------------------------------------------------------------------- */

/* Where the values around one value a begin and end: of those below it, the ones by more than p (or as far) end at far
 * and the ones by more than q at near; above it alike, from near_up and far_up on. */
typedef struct edges {
  int64_t far, near, near_up, far_up;
} edges;

/* Differences as the functions see them: d > q, and d > p for the functions with p (at d = p linear ones are at 1
 * whichever side it falls on; level is at 1/2 up to p). */
static double near_of(const scale *s)
{
  return s->preference == USUAL || s->preference == V_SHAPE ? 0 : s->q;
}

static double far_of(const scale *s)
{
  return s->preference == USUAL || s->preference == U_SHAPE ? near_of(s) : s->p;
}

static double share(const scale *s, double a, int64_t from, int64_t to)
{
  double customers = (double)(s->of->below[to] - s->of->below[from]);
  double q = near_of(s), p = s->p;
  if (s->preference == LEVEL) return customers / 2;
  if (s->preference == USUAL || s->preference == U_SHAPE) return 0;
  return (fabs(sum_below(s, a, from, to)) - q * customers) / (p - q);
}

/* phi+ and phi- of a value, without the gaussian function. */
static flow flow_between(const scale *s, double a, const edges *e)
{
  double others = (double)(s->of->count > 1 ? s->of->count - 1 : 1);
  double plus = (double)s->of->below[e->far], minus = (double)(s->of->count - s->of->below[e->far_up]);
  if (e->far < e->near) plus += share(s, a, e->far, e->near);
  if (e->near_up < e->far_up) minus += share(s, a, e->near_up, e->far_up);
  return (flow){plus / others, minus / others};
}

/* Type VI, P(d) = 1 - exp(-d^2 / 2 s^2), which no running sum can take apart. */
static flow flow_gaussian(const scale *s, double a)
{
  double others = (double)(s->of->count > 1 ? s->of->count - 1 : 1), plus = 0, minus = 0;
  for (int64_t i = 0; i < s->of->distinct; i++) {
    double d = (a - s->of->value[i]) / s->s, customers = (double)(s->of->below[i + 1] - s->of->below[i]);
    double preference = -expm1(-d * d / 2) * customers;
    if (d > 0) plus += preference;
    else minus += preference;
  }
  return (flow){plus / others, minus / others};
}

/* How many values, the first ones, lie below a by more than d. */
static int64_t count_below(const scale *s, double a, double d)
{
  int64_t least = 0, most = s->of->distinct;
  while (least < most) {
    int64_t middle = least + (most - least) / 2;
    if (a - s->of->value[middle] > d) least = middle + 1;
    else most = middle;
  }
  return least;
}

/* The first value that lies above a by more than d. */
static int64_t first_above(const scale *s, double a, double d)
{
  int64_t least = 0, most = s->of->distinct;
  while (least < most) {
    int64_t middle = least + (most - least) / 2;
    if (s->of->value[middle] - a > d) most = middle;
    else least = middle + 1;
  }
  return least;
}

/* Of any value, one of the population or not. */
static flow flow_of(const scale *s, double a)
{
  if (s->preference == GAUSSIAN) return flow_gaussian(s, a);
  double q = near_of(s), p = far_of(s);
  return flow_between(s, a,
                      &(edges){count_below(s, a, p), count_below(s, a, q), first_above(s, a, q), first_above(s, a, p)});
}

/* ---- from the order of values to that of customers ---------------------------------------------------------- */

/* Flows arise in the order of values. Written straight to where their customers stand, nearly every one would wait for
 * memory; so they are first put, one after the other, into the piece of the list that their customer is in, and each
 * piece is then put in order while it is in the cache. */
enum { MOST_PIECES = 2048 };

typedef struct delivery {
  flow *to, *piece;            /* one a customer of the run; room for one piece */
  uint32_t *within;            /* beside `to`: the place in the piece that a flow belongs to */
  int64_t filled[MOST_PIECES]; /* of each piece */
  int64_t pieces;
  int shift; /* customers of a piece: 2^shift */
} delivery;

/* 0: no memory. */
static int delivery_begin(delivery *d, flow *to, int64_t rows)
{
  *d = (delivery){.to = to, .shift = 6};
  while ((rows >> d->shift) >= MOST_PIECES) d->shift++;
  d->pieces = (rows >> d->shift) + 1;
  d->piece = malloc(((size_t)1 << d->shift) * sizeof *d->piece);
  d->within = malloc(((size_t)rows + 1) * sizeof *d->within);
  return d->piece && d->within;
}

static void deliver(delivery *d, int64_t row, flow f)
{
  int64_t piece = row >> d->shift, at = (piece << d->shift) + d->filled[piece]++;
  d->to[at] = f;
  d->within[at] = (uint32_t)(row - (piece << d->shift));
}

static void delivery_end(delivery *d)
{
  for (int64_t piece = 0; piece < d->pieces; piece++) {
    int64_t first = piece << d->shift;
    memcpy(d->piece, d->to + first, (size_t)d->filled[piece] * sizeof *d->piece);
    for (int64_t i = 0; i < d->filled[piece]; i++) d->to[first + d->within[first + i]] = d->piece[i];
  }
}

static void delivery_free(delivery *d)
{
  free(d->piece);
  free(d->within);
}

/* Of the values number [from, to), the edges moving up with them. */
static void flows_of_values(const scale *s, int64_t from, int64_t to, edges *at, flow *flows)
{
  double q = near_of(s), p = far_of(s);
  edges e = *at;
  for (int64_t i = from; i < to; i++) {
    double a = s->of->value[i];
    if (s->preference == GAUSSIAN) {
      flows[i - from] = flow_gaussian(s, a);
      continue;
    }
    while (e.far < s->of->distinct && a - s->of->value[e.far] > p) e.far++;
    while (e.near < s->of->distinct && a - s->of->value[e.near] > q) e.near++;
    while (e.near_up < s->of->distinct && !(s->of->value[e.near_up] - a > q)) e.near_up++;
    while (e.far_up < s->of->distinct && !(s->of->value[e.far_up] - a > p)) e.far_up++;
    flows[i - from] = flow_between(s, a, &e);
  }
  *at = e;
}

/* Of every customer of the run. Some values at once: a flow that is read right after it was written would wait until
 * everything written before it is in memory. */
static void all_flows(const scale *s, const ordered *items, delivery *d)
{
  flow flows[CHUNK];
  edges e = {0};
  for (int64_t from = 0, to; from < s->of->distinct; from = to) {
    to = s->of->distinct - from < CHUNK ? s->of->distinct : from + CHUNK;
    flows_of_values(s, from, to, &e, flows);
    for (int64_t i = from; i < to; i++)
      for (int64_t k = s->of->below[i]; k < s->of->below[i + 1]; k++) deliver(d, items[k].row, flows[i - from]);
  }
}

/* ---- fitting ----------------------------------------------------------------------------------------------- */

/* Sums of so many values stay finite. */
static int is_too_large(const ranking *r)
{
  return r->distinct && (r->value[0] < -1e280 || r->value[r->distinct - 1] > 1e280);
}

static int is_refused(const scale *s)
{
  return is_too_large(s->of) || (s->preference == GAUSSIAN && s->of->distinct > MOST_GAUSSIAN);
}

static int has_slope(const scale *s)
{
  return s->preference == V_SHAPE || s->preference == LINEAR;
}

/* The running sums of the sorted values. 0: no memory. */
static int add_up(scale *s)
{
  const ranking *r = s->of;
  if (!has_slope(s) || is_refused(s)) return 1;
  s->sum = malloc(((size_t)r->distinct + 1) * sizeof *s->sum);
  if (!s->sum) return 0;
  s->sum[0] = (wide){0, 0};
  for (int64_t i = 0; i < r->distinct; i++) {
    wide here = wide_times((double)(r->below[i + 1] - r->below[i]), r->value[i]);
    s->sum[i + 1] = wide_add(s->sum[i], here);
  }
  return 1;
}

static int complete(void *self, uint32_t criterion, const ordered *items)
{
  promethee *m = self;
  scale *s = &m->scales[criterion];
  if (is_refused(s)) return 1;
  delivery d;
  s->flows = malloc(((size_t)m->rankings.rows + 1) * sizeof *s->flows);
  if (!s->flows || !add_up(s)) return 0;
  int good = delivery_begin(&d, s->flows, m->rankings.rows);
  if (good) {
    all_flows(s, items, &d);
    delivery_end(&d);
  }
  delivery_free(&d);
  return good;
}

static tarazu_status check(const promethee *m, tarazu_error *error)
{
  for (uint32_t c = 0; c < m->rankings.count; c++) {
    const ranking *r = &m->rankings.of[c];
    const char *name = tarazu_bound_at(m->rankings.context, c)->name;
    if (is_too_large(r))
      return tarazu_fail(error, TARAZU_NUMERIC, "criterion '%s' has values beyond 1e280, which cannot be summed", name);
    if (is_refused(&m->scales[c]))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "criterion '%s' has %lld different values; the gaussian function must compare every two of "
                         "them and takes at most %d (the others take any number: linear is nearest to it)",
                         name, (long long)r->distinct, MOST_GAUSSIAN);
  }
  return TARAZU_OK;
}

static void forget_all(promethee *m)
{
  for (uint32_t c = 0; c < m->rankings.count; c++) forget(&m->scales[c]);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  promethee *m = self;
  forget_all(m);
  m->rankings.then = complete;
  tarazu_status status = rankings_fit(self, spaces, count, error);
  return status == TARAZU_OK ? check(m, error) : status;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  promethee *m = self;
  forget_all(m);
  tarazu_status status = rankings_load(self, bytes, count, error);
  for (uint32_t c = 0; status == TARAZU_OK && c < m->rankings.count; c++)
    if (!add_up(&m->scales[c]))
      status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the flows of criterion '%s'",
                           tarazu_bound_at(m->rankings.context, c)->name);
  return status == TARAZU_OK ? check(m, error) : status;
}

/* ---- scores ------------------------------------------------------------------------------------------------ */

static flow flow_of_row(const promethee *m, uint32_t column, const tarazu_batch *batch, int64_t i)
{
  const scale *s = &m->scales[column];
  if (batch->first_row >= 0 && s->flows) {
    int64_t row = batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
    if (row < m->rankings.rows) return s->flows[row];
  }
  double x = ((const double *)batch->columns[column]->values)[i];
  return flow_of(s, s->of->cost ? 0 - x : x);
}

/* The flows of one criterion (equations 4 and 5 of the paper, one term each of the sums over criteria). */
static void add_flows(const promethee *m, uint32_t column, const tarazu_batch *batch, int64_t first, int64_t rows,
                      flow *flows)
{
  double w = batch->weights[column];
  if (!m->rankings.of[column].count) return;
  const flow *known = m->scales[column].flows;
  int64_t row = batch->first_row + first;
  if (known && batch->first_row >= 0 && !batch->row_numbers && row + rows <= m->rankings.rows) {
    for (int64_t i = 0; i < rows; i++) {
      flows[i].plus += w * known[row + i].plus;
      flows[i].minus += w * known[row + i].minus;
    }
    return;
  }
  for (int64_t i = 0; i < rows; i++) {
    flow f = flow_of_row(m, column, batch, first + i);
    flows[i].plus += w * f.plus;
    flows[i].minus += w * f.minus;
  }
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const promethee *m = self;
  double *score = results[0]->values, *positive = results[1] ? results[1]->values : NULL;
  double *negative = results[2] ? results[2]->values : NULL;
  for (int64_t first = 0; first < batch->rows; first += CHUNK) {
    flow flows[CHUNK] = {0};
    int64_t rows = batch->rows - first < CHUNK ? batch->rows - first : CHUNK;
    for (uint32_t c = 0; c < m->rankings.count; c++)
      if (batch->columns[c]) add_flows(m, c, batch, first, rows, flows);
    for (int64_t i = 0; i < rows; i++) score[first + i] = flows[i].plus - flows[i].minus;
    for (int64_t i = 0; positive && i < rows; i++) positive[first + i] = flows[i].plus;
    for (int64_t i = 0; negative && i < rows; i++) negative[first + i] = flows[i].minus;
  }
  return TARAZU_OK;
}

/* The net flow is a sum over the criteria as it stands. */
static tarazu_status contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   double *baseline, tarazu_error *error)
{
  (void)error;
  const promethee *m = self;
  *baseline = 0;
  for (uint32_t c = 0; c < m->rankings.count; c++) {
    if (!results[c]) continue;
    double *part = results[c]->values;
    for (int64_t i = 0; i < batch->rows; i++) {
      if (!batch->columns[c]) {
        tarazu_set_null(results[c], i);
        continue;
      }
      flow f = m->rankings.of[c].count ? flow_of_row(m, c, batch, i) : (flow){0, 0};
      part[i] = batch->weights[c] * (f.plus - f.minus);
    }
  }
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .contributions = contributions};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "promethee",
    .version = "1.0",
    .license = "MIT",
    .summary = "how much a customer is preferred to the others less how much they are to her",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(promethee),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = rankings_save,
    .load = load,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "promethee",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
