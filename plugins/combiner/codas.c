/* codas: far from the worst of every criterion, by the straight distance, and where that tells two customers apart by
 * the sum of the distances too (combinative distance-based assessment: Keshavarz Ghorabaee, Zavadskas, Turskis,
 * Antucheviciene 2016). All pairs are compared by sorting and running sums. */
#include "../shared/fitted.h"
#include "../shared/order.h"

#include <math.h>

enum { TAU };
enum { E, T, QUANTITIES };

static const tarazu_param params[] = {
    {.name = "tau",
     .kind = TARAZU_REAL,
     .initial = "0.02",
     .least = 0,
     .most = 1,
     .help = "straight distances that differ by less are equal enough for the sums of distances not to count"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "H, compared with all others, summed up"},
    {.name = "euclidean", .type = TARAZU_F64, .better = 1, .help = "E, the straight distance from the worst"},
    {.name = "taxicab", .type = TARAZU_F64, .better = 1, .help = "T, the sum of the distances from the worst"},
};

/* Customers by rising E: their E, the sums of T of those before each (one more is of all), and the sum of all E. */
typedef struct codas {
  criteria criteria;
  double tau;
  int64_t count;
  double *e, *t_before;
  double e_sum;
} codas;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ((codas *)self)->tau = tarazu_arg(args, TAU)->real;
  tarazu_status status = criteria_create(self, context, "codas", error);
  return status == TARAZU_OK ? criteria_refuse_costs(self, error) : status;
}

static void forget(codas *c)
{
  free(c->e);
  free(c->t_before);
  c->e = c->t_before = NULL;
  c->count = 0;
}

static void destroy(void *self)
{
  forget(self);
  criteria_destroy(self);
}

/* ---- distances --------------------------------------------------------------------------------------------- */

/* With ns the least of v = w r (step 4): E^2, the sum of (v - ns)^2, and T, the sum of |v - ns| (step 5). */
VECTORS static void add_distances(double w, double least, const double *restrict r, int64_t rows,
                                  double *restrict squares, double *restrict taxicab)
{
  for (int64_t i = 0; i < rows; i++) {
    double distance = w * (criteria_held(r[i]) - least);
    squares[i] += distance * distance;
    taxicab[i] += distance < 0 ? -distance : distance;
  }
}

VECTORS static void take_roots(double *squares, int64_t rows)
{
  for (int64_t i = 0; i < rows; i++) squares[i] = sqrt(squares[i]);
}

static uint32_t measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                        staged_chunk q)
{
  (void)self;
  for (int64_t i = 0; i < rows; i++) q[E][i] = q[T][i] = 0;
  for (uint32_t k = 0; k < count; k++)
    add_distances(terms[k].w, criteria_held(terms[k].of->least), terms[k].x + first, rows, q[E], q[T]);
  take_roots(q[E], rows);
  return QUANTITIES;
}

/* ---- fitting ----------------------------------------------------------------------------------------------- */

static void take(void *model, uint32_t column, const double *r, int64_t rows)
{
  const criterion_summary block = criterion_summarize(r, rows);
  criterion_widen(&((const criteria *)model)->of[column], &block);
}

static int fit_sorted(codas *c, const fitted *f)
{
  ordered *by_e = malloc(((size_t)f->customers->rows + 1) * sizeof *by_e);
  for (int64_t row = 0; by_e && row < f->customers->rows; row++)
    if (f->scored[row]) by_e[c->count++] = (ordered){f->quantities[E][row], row};
  int good = by_e && order_sort(by_e, c->count);
  c->e_sum = c->t_before[0] = 0;
  for (int64_t i = 0; good && i < c->count; i++) {
    c->e[i] = by_e[i].value;
    c->e_sum += c->e[i];
    c->t_before[i + 1] = c->t_before[i] + f->quantities[T][by_e[i].row];
  }
  free(by_e);
  return good;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  codas *c = self;
  size_t room = (size_t)spaces[0]->rows + 1;
  fitted f = {.model = self, .customers = spaces[0], .take = take, .measure = measure};
  forget(c);
  c->e = malloc(room * sizeof *c->e);
  c->t_before = malloc(room * sizeof *c->t_before);
  int good = c->e && c->t_before && fitted_run(&f, QUANTITIES) && fit_sorted(c, &f);
  fitted_free(&f);
  if (good) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld customers", (long long)spaces[0]->rows);
}

/* ---- scores ------------------------------------------------------------------------------------------------ */

/* The first customer for whom e - E_k is below tau (side 1), or E_k - e is at tau or above (side -1). */
static int64_t find(const codas *c, double e, int side)
{
  int64_t least = 0, most = c->count;
  while (least < most) {
    int64_t middle = least + (most - least) / 2;
    int before = side > 0 ? e - c->e[middle] >= c->tau : c->e[middle] - e < c->tau;
    if (before) least = middle + 1;
    else most = middle;
  }
  return least;
}

/* H = sum over k of (E - E_k) + psi(E - E_k) (T - T_k), psi 1 where |E - E_k| >= tau, otherwise 0 (steps 6 and 7). */
static double assessment(const codas *c, double e, double t)
{
  int64_t near = find(c, e, 1), after = find(c, e, -1);
  if (after < near) after = near; /* tau 0: nobody is near */
  double far = (double)(c->count - (after - near));
  double t_far = c->t_before[near] + (c->t_before[c->count] - c->t_before[after]);
  return ((double)c->count * e - c->e_sum) + (far * t - t_far);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const codas *c = self;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&c->criteria, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk q;
    double score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(self, terms, count, first, rows, q);
    for (int64_t i = 0; i < rows; i++) score[i] = assessment(c, q[E][i], q[T][i]);
    criteria_give(results[0], first, score, rows);
    criteria_give(results[1], first, q[E], rows);
    criteria_give(results[2], first, q[T], rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "codas",
    .version = "1.0",
    .license = "MIT",
    .summary = "far from the worst of every criterion",
    .normalizer = "max",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_LEARNS_WEIGHTS,
    .self_size = sizeof(codas),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "codas",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
