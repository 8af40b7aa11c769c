/* multimoora: three ways to look at the same criteria (the ratio system, the reference point, the full multiplicative
 * form), and who comes first in most of them (Brauers, Zavadskas 2010). */
#include "../shared/fitted.h"
#include "../shared/lengths.h"
#include "../shared/ranks.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "1: before all others by two of the three ways"},
    {.name = "ratio", .type = TARAZU_F64, .better = 1, .help = "the ratio system, benefits less costs"},
    {.name = "reference", .type = TARAZU_F64, .better = -1, .help = "the largest distance from the reference point"},
    {.name = "multiplicative", .type = TARAZU_F64, .better = 1, .help = "the logarithm of benefits over costs"},
};

/* The reference point's distance with its sign turned, so that more is better in each. */
enum { RATIO, REFERENCE, MULTIPLICATIVE, WAYS };

/* What the logarithm of zero is taken for: further down than that of any double, so that products with a zero are below
 * all others, and among each other in the order of the limit. */
#define LOG_ZERO -1e4

typedef struct multimoora {
  lengths lengths;
  rankings ways; /* of what each way gives, in place of criteria */
} multimoora;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  multimoora *m = self;
  tarazu_status status = lengths_create(&m->lengths, context, "multimoora", error);
  if (status != TARAZU_OK) return status;
  m->ways.of = calloc(WAYS, sizeof *m->ways.of);
  m->ways.count = WAYS;
  return m->ways.of ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for three rankings");
}

static void destroy(void *self)
{
  rankings_destroy(&((multimoora *)self)->ways);
  lengths_destroy(self);
}

/* ---- the three ways ---------------------------------------------------------------------------------------- */

/* Of one criterion: w x* to the sum, and w |r - x*| to the largest, r being the best x* (equations 2 to 4). A what-if
 * beyond the best is not behind it. */
VECTORS static void add_ratios(double w, double best, const double *restrict ratio, int64_t rows, double *restrict sum,
                               double *restrict nearness)
{
  for (int64_t i = 0; i < rows; i++) {
    double behind = -(w * (best - ratio[i]));
    sum[i] += w * ratio[i];
    nearness[i] = behind < nearness[i] ? behind : nearness[i];
  }
}

/* U = product of benefits^w over product of costs^w (equation 5), by logarithms. */
static void add_logarithms(double w, const double *x, int64_t rows, double *logarithm)
{
  for (int64_t i = 0; i < rows; i++) logarithm[i] += w * (x[i] > 0 ? log(x[i]) : LOG_ZERO);
}

static uint32_t measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                        staged_chunk q)
{
  double ratio[CRITERIA_CHUNK], best;
  for (int64_t i = 0; i < rows; i++) q[RATIO][i] = q[REFERENCE][i] = q[MULTIPLICATIVE][i] = 0;
  for (uint32_t k = 0; k < count; k++) {
    double sign = terms[k].cost ? -1 : 1, ideal = criterion_best(&terms[k]);
    lengths_ratios(self, &terms[k], &ideal, 1, &best);
    lengths_ratios(self, &terms[k], terms[k].x + first, rows, ratio);
    add_ratios(sign * terms[k].w, best, ratio, rows, q[RATIO], q[REFERENCE]);
    add_logarithms(sign * terms[k].w, terms[k].x + first, rows, q[MULTIPLICATIVE]);
  }
  return WAYS;
}

/* ---- fitting ----------------------------------------------------------------------------------------------- */

static void take(void *model, uint32_t column, const double *x, int64_t rows)
{
  multimoora *m = model;
  const criterion_summary block = criterion_summarize(x, rows);
  criterion_widen(&m->lengths.criteria.of[column], &block);
  squares_add(&m->lengths.squares[column], squares_of(x, rows));
}

/* The customers in the order of one way; 0: no memory. */
static int rank(ranking *r, const fitted *f, const double *quantity)
{
  int64_t count = 0, rows = f->customers->rows;
  ordered *items = malloc(((size_t)rows + 1) * sizeof *items);
  for (int64_t row = 0; items && row < rows; row++)
    if (f->scored[row]) items[count++] = (ordered){quantity[row] + 0.0, row};
  ranking_forget(r);
  int good = items && order_sort(items, count) && ranking_room(r, count, rows);
  if (good) ranking_settle(r, items, count);
  free(items);
  return good;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  multimoora *m = self;
  fitted f = {.model = self, .customers = spaces[0], .take = take, .measure = measure};
  m->ways.rows = spaces[0]->rows;
  if (m->ways.rows > INT32_MAX)
    return tarazu_fail(error, TARAZU_BAD_DATA, "%lld customers; whole columns are sorted of at most %d",
                       (long long)m->ways.rows, INT32_MAX);
  memset(m->lengths.squares, 0, m->lengths.criteria.count * sizeof *m->lengths.squares);
  int good = fitted_run(&f, WAYS);
  for (int way = 0; good && way < WAYS; way++) good = rank(&m->ways.of[way], &f, f.quantities[way]);
  fitted_free(&f);
  if (good) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld customers", (long long)spaces[0]->rows);
}

/* ---- scores ------------------------------------------------------------------------------------------------ */

/* Dominance of two ways over the third: the middle one of the three places, which the mean decides between equals.
 * Places are multiples of half of 1 / (n - 1), so that a quarter of that keeps their order. */
static double dominance(double a, double b, double c, int64_t count)
{
  double least = a < b ? a : b, most = a < b ? b : a, middle = c < least ? least : c > most ? most : c;
  double weight = count > 1 ? 0.25 / (double)(count - 1) : 0;
  return (middle + weight * ((a + b + c) / 3)) / (1 + weight);
}

/* A chunk of what the ways give as a batch of three criteria, so that its rows can be looked up in the rankings. */
static void dominances(const multimoora *m, const tarazu_batch *batch, int64_t first, int64_t rows, staged_chunk q,
                       double *score)
{
  tarazu_column columns[WAYS];
  const tarazu_column *pointers[WAYS];
  tarazu_batch ways = *batch;
  for (int way = 0; way < WAYS; way++) {
    columns[way] = (tarazu_column){.size = sizeof *columns, .type = TARAZU_F64, .values = q[way]};
    pointers[way] = &columns[way];
  }
  ways.columns = pointers;
  ways.column_count = WAYS;
  ways.rows = rows;
  if (batch->first_row >= 0) ways.first_row += first;
  if (batch->row_numbers) ways.row_numbers += first;
  for (int64_t i = 0; i < rows; i++) {
    double place[WAYS];
    for (uint32_t way = 0; way < WAYS; way++) place[way] = ranking_share(&m->ways, way, &ways, i);
    score[i] = dominance(place[RATIO], place[REFERENCE], place[MULTIPLICATIVE], m->ways.of[RATIO].count);
  }
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const multimoora *m = self;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&m->lengths.criteria, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk q;
    double score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(self, terms, count, first, rows, q);
    dominances(m, batch, first, rows, q, score);
    for (int64_t i = 0; i < rows; i++) q[REFERENCE][i] = 0 - q[REFERENCE][i];
    criteria_give(results[0], first, score, rows);
    for (uint32_t way = 0; way < WAYS; way++) criteria_give(results[way + 1], first, q[way], rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "multimoora",
    .version = "1.0",
    .license = "MIT",
    .summary = "who comes first by most of three ways to look",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_LEARNS_WEIGHTS,
    .self_size = sizeof(multimoora),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "multimoora",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
