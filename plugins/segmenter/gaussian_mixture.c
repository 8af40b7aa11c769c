/* gaussian_mixture: customers as if drawn from several normal distributions, each a segment with a mean, a spread and a
 * direction of its own; fitted by expectation and maximization (Dempster, Laird, Rubin 1977), the number of
 * distributions given or by Schwarz's criterion (1978). */
#include "../shared/lloyd.h"

enum {
  COMPONENTS,
  COMPONENTS_LEAST,
  COMPONENTS_MOST,
  COVARIANCE,
  STANDARDIZE,
  STARTS,
  TOLERANCE,
  ITERATIONS,
  REGULARIZATION,
  ORDER,
  NAMES
};
enum { FULL, DIAGONAL, TIED, SPHERICAL };
static const char *const covariances[] = {"full", "diagonal", "tied", "spherical", NULL};
enum { MOST_COMPONENTS = 50 };

static const tarazu_param params[] = {
    {.name = "components",
     .kind = TARAZU_INTEGER,
     .optional = 1,
     .least = 1,
     .most = MOST_COMPONENTS,
     .help = "how many segments; left out: as many, from components_least to components_most, as the BIC says"},
    {.name = "components_least",
     .kind = TARAZU_INTEGER,
     .initial = "1",
     .least = 1,
     .most = MOST_COMPONENTS,
     .help = "where components is left out, the fewest segments"},
    {.name = "components_most",
     .kind = TARAZU_INTEGER,
     .initial = "6",
     .least = 1,
     .most = MOST_COMPONENTS,
     .help = "where components is left out, the most segments"},
    {.name = "covariance",
     .kind = TARAZU_CHOICE,
     .choices = covariances,
     .initial = "full",
     .help = "each segment any ellipse; along the columns alone; all the same ellipse; each a circle"},
    PARAM_STANDARDIZE,
    {.name = "starts",
     .kind = TARAZU_INTEGER,
     .initial = "3",
     .least = 1,
     .most = 1000,
     .help = "runs from different centres, of which the one with the greatest likelihood is kept"},
    {.name = "tolerance",
     .kind = TARAZU_REAL,
     .initial = "0.0001",
     .least = 0,
     .most = 1,
     .help = "a run ends once an iteration changes the mean log-likelihood by less"},
    {.name = "iterations",
     .kind = TARAZU_INTEGER,
     .initial = "300",
     .least = 1,
     .most = 100000,
     .help = "a run ends after so many in any case"},
    {.name = "regularization",
     .kind = TARAZU_REAL,
     .initial = "0.000001",
     .least = 0,
     .most = 1,
     .help = "is added to every variance of a standardized column, so that none vanishes"},
    PARAM_ORDER,
    PARAM_NAMES("each", ", where components is given"),
};
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the segment that the customer most probably belongs to"},
    {.name = "probability", .type = TARAZU_F64, .help = "that she belongs to it, from 0 to 1"},
};

/* One mixture. A matrix is columns × columns, row by row, of which the lower half counts. */
typedef struct mixture {
  uint32_t k, converged;
  int64_t iterations;
  double log_likelihood; /* of all customers */
  double *weights;       /* pi, one a component */
  double *means;         /* mu, k × columns */
  double *covariances;   /* Sigma, k matrices */
  double *whiten;        /* W, the inverse of Sigma's Cholesky factor: |W (x - mu)|² is the Mahalanobis distance */
  double *constants;     /* log pi - columns/2 log 2 pi - 1/2 log det Sigma */
} mixture;

typedef struct gaussian_mixture {
  grouping grouping;
  mixture model; /* in the segments' order */
  uint32_t least, most;
  uint32_t given, reserved;
  int64_t covariance, starts, most_iterations;
  double tolerance, regularization; /* the latter of a standardized column's variance */
} gaussian_mixture;

/* ---- life -------------------------------------------------------------------------------------------------- */

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  gaussian_mixture *m = self;
  const tarazu_value *components = tarazu_arg(args, COMPONENTS);
  m->given = components->given;
  m->least = (uint32_t)(m->given ? components : tarazu_arg(args, COMPONENTS_LEAST))->integer;
  m->most = (uint32_t)(m->given ? components : tarazu_arg(args, COMPONENTS_MOST))->integer;
  m->covariance = tarazu_arg(args, COVARIANCE)->integer;
  m->starts = tarazu_arg(args, STARTS)->integer;
  m->tolerance = tarazu_arg(args, TOLERANCE)->real;
  m->most_iterations = tarazu_arg(args, ITERATIONS)->integer;
  m->regularization = tarazu_arg(args, REGULARIZATION)->real;
  if (m->least > m->most) {
    error->param = COMPONENTS_MOST;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "components_most is %u, less than components_least, %u",
                       (unsigned)m->most, (unsigned)m->least);
  }
  tarazu_status status = grouping_create(&m->grouping, context, tarazu_arg(args, STANDARDIZE)->integer,
                                         tarazu_arg(args, ORDER)->integer, error);
  if (status != TARAZU_OK) return status;
  return grouping_take_names(&m->grouping, tarazu_arg(args, NAMES), NAMES, m->given ? m->most : 0, "components", error);
}

static void mixture_free(mixture *x)
{
  free(x->weights);
  free(x->means);
  free(x->covariances);
  free(x->whiten);
  free(x->constants);
  *x = (mixture){0};
}

/* Room for up to k components. 0: no memory. */
static int mixture_begin(mixture *x, uint32_t k, uint32_t columns)
{
  size_t matrices = (size_t)k * columns * columns + 1;
  *x = (mixture){0};
  x->weights = calloc(k + 1u, sizeof *x->weights);
  x->means = calloc((size_t)k * columns + 1, sizeof *x->means);
  x->covariances = calloc(matrices, sizeof *x->covariances);
  x->whiten = calloc(matrices, sizeof *x->whiten);
  x->constants = calloc(k + 1u, sizeof *x->constants);
  return x->weights && x->means && x->covariances && x->whiten && x->constants;
}

static void destroy(void *self)
{
  gaussian_mixture *m = self;
  mixture_free(&m->model);
  facts_free(&m->grouping.facts);
}

/* ---- densities --------------------------------------------------------------------------------------------- */

/* S = L L'; 0: not positive definite. */
static int factorize(const double *s, double *l, uint32_t columns)
{
  for (uint32_t i = 0; i < columns; i++)
    for (uint32_t j = 0; j <= i; j++) {
      double rest = s[i * columns + j];
      for (uint32_t c = 0; c < j; c++) rest -= l[i * columns + c] * l[j * columns + c];
      if (i == j && !(rest > 0 && isfinite(rest))) return 0;
      l[i * columns + j] = i == j ? sqrt(rest) : rest / l[j * columns + j];
    }
  return 1;
}

/* W = L^-1, column by column; 0: not a number any more. */
static int invert(const double *l, double *w, uint32_t columns)
{
  for (uint32_t j = 0; j < columns; j++)
    for (uint32_t i = j; i < columns; i++) {
      double rest = i == j ? 1 : 0;
      for (uint32_t c = j; c < i; c++) rest -= l[i * columns + c] * w[c * columns + j];
      w[i * columns + j] = rest / l[i * columns + i];
      if (!isfinite(w[i * columns + j])) return 0;
    }
  return 1;
}

static const double LOG_2_PI = 1.8378770664093454836;

/* What densities are made of, from weights and covariances. The number of a component whose covariance has collapsed,
 * or k. */
static uint32_t prepare(mixture *x, uint32_t columns)
{
  double l[MOST_COLUMNS * MOST_COLUMNS];
  for (uint32_t j = 0; j < x->k; j++) {
    size_t at = (size_t)j * columns * columns;
    double log_det = 0;
    if (!factorize(x->covariances + at, l, columns) || !invert(l, x->whiten + at, columns)) return j;
    for (uint32_t c = 0; c < columns; c++) log_det += 2 * log(l[c * columns + c]);
    x->constants[j] = log(x->weights[j]) - columns * LOG_2_PI / 2 - log_det / 2;
  }
  return x->k;
}

enum { STRETCH = 8 * TILE }; /* points whose densities are held at once */

/* log(pi N(x)) = constant - |W (x - mu)|² / 2 of so many tiles for every component: logs[j * STRETCH + point].
 * diagonal: W has nothing else. */
VECTORS static void log_densities(const double *tiles, int64_t count, uint32_t columns, const mixture *x, int diagonal,
                                  double *logs)
{
  for (uint32_t j = 0; j < x->k; j++) {
    const double *mu = x->means + (size_t)j * columns, *w = x->whiten + (size_t)j * columns * columns;
    for (int64_t t = 0; t < count; t++) {
      const lanes *z = (const lanes *)tiles + t * columns;
      lanes square = {0};
      for (uint32_t i = 0; i < columns; i++) {
        lanes y = {0};
        for (uint32_t c = diagonal ? i : 0; c <= i; c++) y += w[i * columns + c] * (z[c] - mu[c]);
        square += y * y;
      }
      *(lanes *)(logs + (size_t)j * STRETCH + t * TILE) = x->constants[j] - square / 2;
    }
  }
}

/* Below every log that counts, and so far from the end of doubles that differences are numbers. */
static const double LEAST_LOG = -1e300;

/* log p(x) = log Σ exp(log(pi N(x))) of one point (its logs a STRETCH apart), the first likeliest component and its
 * log. */
static double log_sum(const double *logs, uint32_t k, uint32_t *likeliest, double *its_log)
{
  double largest = LEAST_LOG, sum = 1; /* of the likeliest one, relative to itself */
  *likeliest = 0;
  for (uint32_t j = 0; j < k; j++)
    if (logs[j * STRETCH] > largest) largest = logs[j * STRETCH], *likeliest = j;
  *its_log = largest;
  for (uint32_t j = 0; j < k; j++)
    if (j != *likeliest) sum += exp(fmax(logs[j * STRETCH], LEAST_LOG) - largest);
  return largest + log(sum);
}

/* ---- expectation and maximization -------------------------------------------------------------------------- */

/* What a task adds up of a component, with r its responsibilities and d = x - mu: Σ r, Σ r d, Σ r d d'. */
typedef struct em {
  const gaussian_mixture *method;
  const points *points;
  mixture *now;
  const int32_t *label; /* the start: responsibilities are 1 for these, 0 for others; NULL: by densities */
  double *parts;        /* of each task: the log-likelihood, then the sums of each component */
  size_t part_size;
} em;

static size_t sums_size(uint32_t columns)
{
  return 1 + columns + (size_t)columns * columns;
}

static int is_diagonal(const gaussian_mixture *m)
{
  return m->covariance == DIAGONAL || m->covariance == SPHERICAL;
}

/* Of one component over some tiles; r: 0 for what fills the last one. */
VECTORS static void add_moments(const double *tiles, int64_t count, uint32_t columns, const double *mu, const double *r,
                                int diagonal, double *sums)
{
  lanes d[MOST_COLUMNS * (STRETCH / TILE)], rd[MOST_COLUMNS * (STRETCH / TILE)], total = {0};
  double *first = sums + 1, *second = first + columns;
  for (int64_t t = 0; t < count; t++) total += *(const lanes *)(r + t * TILE);
  for (int lane = 0; lane < TILE; lane++) sums[0] += total[lane];
  for (uint32_t c = 0; c < columns; c++) {
    total = (lanes){0};
    for (int64_t t = 0; t < count; t++) {
      d[c * (STRETCH / TILE) + t] = ((const lanes *)tiles)[t * columns + c] - mu[c];
      rd[c * (STRETCH / TILE) + t] = *(const lanes *)(r + t * TILE) * d[c * (STRETCH / TILE) + t];
      total += rd[c * (STRETCH / TILE) + t];
    }
    for (int lane = 0; lane < TILE; lane++) first[c] += total[lane];
  }
  for (uint32_t i = 0; i < columns; i++)
    for (uint32_t c = diagonal ? i : 0; c <= i; c++) {
      total = (lanes){0};
      for (int64_t t = 0; t < count; t++) total += rd[i * (STRETCH / TILE) + t] * d[c * (STRETCH / TILE) + t];
      for (int lane = 0; lane < TILE; lane++) second[i * columns + c] += total[lane];
    }
}

/* r = pi N(x) / p(x), in place of the logs; the sum of log p(x) over the points. */
static double responsibilities(const em *e, int64_t first, int64_t count, double *logs)
{
  const mixture *x = e->now;
  double sum = 0;
  for (int64_t i = 0; i < STRETCH; i++) {
    uint32_t likeliest;
    double largest, all = i < count && !e->label ? log_sum(logs + i, x->k, &likeliest, &largest) : 0;
    for (uint32_t j = 0; j < x->k; j++)
      logs[j * STRETCH + i] = i >= count ? 0
                              : e->label ? e->label[first + i] == (int32_t)j
                                         : exp(logs[j * STRETCH + i] - all);
    sum += all;
  }
  return sum;
}

static void em_task(void *argument, int64_t task)
{
  const em *e = argument;
  const points *p = e->points;
  double logs[MOST_COMPONENTS * STRETCH], *part = e->parts + (size_t)task * e->part_size;
  int diagonal = is_diagonal(e->method);
  memset(part, 0, e->part_size * sizeof *part);
  for (int64_t first = task * p->each, end = points_end(p, task); first < end; first += STRETCH) {
    int64_t count = end - first < STRETCH ? end - first : STRETCH, tiles = tiles_of(count);
    if (!e->label) log_densities(points_at(p, first), tiles, p->columns, e->now, diagonal, logs);
    part[0] += responsibilities(e, first, count, logs);
    for (uint32_t j = 0; j < e->now->k; j++)
      add_moments(points_at(p, first), tiles, p->columns, e->now->means + (size_t)j * p->columns, logs + j * STRETCH,
                  diagonal, part + 1 + j * sums_size(p->columns));
  }
}

/* Sums of all tasks into the first one's. */
static void add_tasks(em *e)
{
  e->points->host->parallel(e->points->host, e->points->tasks, em_task, e);
  for (int64_t task = 1; task < e->points->tasks; task++)
    for (size_t i = 0; i < e->part_size; i++) e->parts[i] += e->parts[(size_t)task * e->part_size + i];
}

/* mu + Σ r d / N, and Σ r d d' / N less what moving the mean makes of it. So little is added to N that it only keeps
 * one of a component that nobody belongs to above zero. */
static void maximize_one(const em *e, uint32_t j)
{
  uint32_t columns = e->points->columns;
  mixture *x = e->now;
  const double *sums = e->parts + 1 + j * sums_size(columns), *first = sums + 1, *second = first + columns;
  double n = sums[0] + 10 * 0x1p-52, *mu = x->means + (size_t)j * columns,
         *sigma = x->covariances + (size_t)j * columns * columns;
  x->weights[j] = n;
  for (uint32_t i = 0; i < columns; i++)
    for (uint32_t c = 0; c <= i; c++)
      sigma[i * columns + c] = second[i * columns + c] / n - first[i] / n * (first[c] / n);
  for (uint32_t c = 0; c < columns; c++) mu[c] += first[c] / n;
}

/* One covariance for all: the mean of theirs, weighed. */
static void tie(mixture *x, uint32_t columns)
{
  size_t values = (size_t)columns * columns;
  for (size_t i = 0; i < values; i++) {
    double sum = 0;
    for (uint32_t j = 0; j < x->k; j++) sum += x->weights[j] * x->covariances[j * values + i];
    for (uint32_t j = 0; j < x->k; j++) x->covariances[j * values + i] = sum;
  }
}

/* One variance for all columns: the mean of theirs. */
static void round_off(double *sigma, uint32_t columns)
{
  double sum = 0;
  for (uint32_t c = 0; c < columns; c++) sum += sigma[c * columns + c];
  for (uint32_t c = 0; c < columns; c++) sigma[c * columns + c] = sum / columns;
}

static void maximize(em *e)
{
  uint32_t columns = e->points->columns;
  mixture *x = e->now;
  double all = 0, unit = grouping_unit(&e->method->grouping);
  for (uint32_t j = 0; j < x->k; j++) {
    maximize_one(e, j);
    all += x->weights[j];
  }
  for (uint32_t j = 0; j < x->k; j++) x->weights[j] /= all;
  if (e->method->covariance == TIED) tie(x, columns);
  for (uint32_t j = 0; j < x->k; j++) {
    double *sigma = x->covariances + (size_t)j * columns * columns;
    if (e->method->covariance == SPHERICAL) round_off(sigma, columns);
    for (uint32_t c = 0; c < columns; c++) sigma[c * columns + c] += e->method->regularization / unit / unit;
  }
}

static tarazu_status collapsed(uint32_t j, uint32_t k, tarazu_error *error)
{
  error->param = REGULARIZATION;
  return tarazu_fail(error, TARAZU_NUMERIC,
                     "of %u segments number %u has no spread left in some direction: a larger regularization, fewer "
                     "columns or fewer segments will do",
                     (unsigned)k, (unsigned)j + 1);
}

/* From the groups of a k-means run on. */
static tarazu_status climb(em *e, const lloyd *start, double done, double of, tarazu_error *error)
{
  const points *p = e->points;
  const gaussian_mixture *m = e->method;
  mixture *x = e->now;
  double before = -HUGE_VAL, n = (double)p->count;
  x->k = start->k;
  e->part_size = 1 + x->k * sums_size(p->columns);
  memcpy(x->means, start->centres, (size_t)x->k * p->columns * sizeof *x->means);
  e->label = start->label;
  add_tasks(e);
  maximize(e);
  e->label = NULL;
  x->converged = 0;
  for (x->iterations = 0;; x->iterations++) {
    if (!p->host->progress(p->host, (done + (double)x->iterations / (double)(m->most_iterations + 1)) / of))
      return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    uint32_t bad = prepare(x, p->columns);
    if (bad < x->k) return collapsed(bad, x->k, error);
    add_tasks(e);
    x->log_likelihood = e->parts[0];
    if (x->converged || x->iterations == m->most_iterations) return TARAZU_OK;
    maximize(e);
    x->converged = fabs(x->log_likelihood / n - before) < m->tolerance;
    before = x->log_likelihood / n;
  }
}

/* ---- how many components ----------------------------------------------------------------------------------- */

/* Of the columns as they are standardized; as they came where they are not. */
static double likelihood(const gaussian_mixture *m, const mixture *x, double n)
{
  return x->log_likelihood - n * m->grouping.columns * log(grouping_unit(&m->grouping));
}

/* Schwarz (1978): -2 log L + parameters · log n; less is better. */
static double bic(const gaussian_mixture *m, const mixture *x, double n)
{
  double k = x->k, columns = m->grouping.columns;
  double of_covariances = m->covariance == FULL       ? k * columns * (columns + 1) / 2
                          : m->covariance == DIAGONAL ? k * columns
                          : m->covariance == TIED     ? columns * (columns + 1) / 2
                                                      : k;
  return -2 * likelihood(m, x, n) + (k - 1 + k * columns + of_covariances) * log(n);
}

typedef struct fitting {
  lloyd start;
  em em;
  mixture work, of_k, best;
  double bics[MOST_COMPONENTS + 1]; /* of each number that was tried */
  double best_bic;
  uint32_t last, reserved; /* the last one */
} fitting;

static void swap_mixtures(mixture *a, mixture *b)
{
  mixture keep = *a;
  *a = *b;
  *b = keep;
}

/* The likeliest of the starts; the first of equally good ones. */
static tarazu_status best_start(const gaussian_mixture *m, fitting *f, uint32_t k, tarazu_error *error)
{
  const points *p = f->em.points;
  const lloyd_rule rule = {1e-4 * mean_variance(p), 300};
  double of = (double)((m->most - m->least + 1) * m->starts);
  for (int64_t start = 0; start < m->starts; start++) {
    double done = (double)((k - m->least) * m->starts + start);
    if (!lloyd_run(&f->start, k, k * 1000 + start, &rule, 2 * done, 2 * of))
      return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    f->em.now = &f->work;
    tarazu_status status = climb(&f->em, &f->start, 2 * done + 1, 2 * of, error);
    if (status != TARAZU_OK) return status;
    if (!start || f->work.log_likelihood > f->of_k.log_likelihood) swap_mixtures(&f->work, &f->of_k);
  }
  return TARAZU_OK;
}

/* Over the numbers of components; the fewest of equally good ones. */
static tarazu_status search(const gaussian_mixture *m, fitting *f, tarazu_error *error)
{
  for (uint32_t k = m->least; k <= m->most; k++) {
    tarazu_status status = best_start(m, f, k, error);
    if (status != TARAZU_OK) return status;
    double here = bic(m, &f->of_k, (double)f->em.points->count);
    uint32_t found = f->of_k.k;
    f->bics[k] = here;
    f->last = k;
    if (k == m->least || here < f->best_bic) {
      swap_mixtures(&f->of_k, &f->best);
      f->best_bic = here;
    }
    if (found < k) break; /* no more customers differ */
  }
  return TARAZU_OK;
}

/* ---- fitting ----------------------------------------------------------------------------------------------- */

typedef struct count_work {
  const gaussian_mixture *method;
  const points *points;
  int64_t counts[MOST_TASKS][MOST_COMPONENTS];
} count_work;

static void count_task(void *argument, int64_t task)
{
  count_work *w = argument;
  const points *p = w->points;
  double logs[MOST_COMPONENTS * STRETCH], its_log;
  memset(w->counts[task], 0, sizeof w->counts[task]);
  for (int64_t first = task * p->each, end = points_end(p, task); first < end; first += STRETCH) {
    int64_t count = end - first < STRETCH ? end - first : STRETCH;
    log_densities(points_at(p, first), tiles_of(count), p->columns, &w->method->model, is_diagonal(w->method), logs);
    for (int64_t i = 0; i < count; i++) {
      uint32_t likeliest;
      log_sum(logs + i, w->method->model.k, &likeliest, &its_log);
      w->counts[task][likeliest]++;
    }
  }
}

static void tell_components(gaussian_mixture *m, const points *p)
{
  grouping *g = &m->grouping;
  count_work w = {.method = m, .points = p};
  p->host->parallel(p->host, p->tasks, count_task, &w);
  for (uint32_t j = 0; j < g->groups; j++) {
    int64_t count = 0;
    for (int64_t task = 0; task < p->tasks; task++) count += w.counts[task][j];
    fact_add(&g->facts, (double)count, "customers_in_%s", g->labels[j]);
    fact_add(&g->facts, m->model.weights[j], "weight_of_%s", g->labels[j]);
  }
  tell_means(g, m->model.means);
  for (uint32_t j = 0; j < g->groups; j++)
    for (uint32_t c = 0, at = 0; c < g->bound; c++) {
      if (!(g->scales[c].scale > 0)) continue;
      double variance = m->model.covariances[((size_t)j * g->columns + at) * g->columns + at];
      fact_add(&g->facts, sqrt(variance) * g->scales[c].scale, "deviation_of_%s_in_%s", grouping_column(g, c),
               g->labels[j]);
      at++;
    }
}

static void tell(gaussian_mixture *m, const fitting *f, const tarazu_batch *customers)
{
  grouping *g = &m->grouping;
  const points *p = f->em.points;
  tell_points(g, customers, p, m->given ? m->most : 0);
  if (!p->count) return;
  fact_add(&g->facts, likelihood(m, &m->model, (double)p->count), "log_likelihood");
  fact_add(&g->facts, f->best_bic, "bic");
  for (uint32_t k = m->least; !m->given && k <= f->last; k++) fact_add(&g->facts, f->bics[k], "bic_of_%u", (unsigned)k);
  fact_add(&g->facts, (double)m->model.iterations, "iterations");
  if (!m->model.converged)
    fact_say(&g->facts, fact_add(&g->facts, 0, "convergence"), 1, "the best run had not ended after %lld iterations",
             (long long)m->model.iterations);
  tell_components(m, p);
}

/* The model out of the best mixture, its components in their order. 0: no memory. */
static int settle(gaussian_mixture *m, const fitting *f, const tarazu_batch *customers)
{
  grouping *g = &m->grouping;
  const mixture *best = &f->best;
  uint32_t place[MOST_GROUPS];
  size_t matrix = (size_t)g->columns * g->columns;
  g->groups = best->k;
  mixture_free(&m->model);
  if (!mixture_begin(&m->model, best->k, g->columns) ||
      !facts_begin(&g->facts, FACTS_OF_POINTS + 4 + MOST_COMPONENTS + g->bound + g->groups * (2 * g->bound + 2)))
    return 0;
  m->model.k = best->k;
  m->model.log_likelihood = best->log_likelihood;
  m->model.iterations = best->iterations;
  m->model.converged = best->converged;
  groups_order(g, best->means, best->weights, place);
  grouping_name(g);
  for (uint32_t j = 0; j < g->groups; j++) {
    size_t from = place[j];
    m->model.weights[j] = best->weights[from];
    memcpy(m->model.means + (size_t)j * g->columns, best->means + from * g->columns, g->columns * sizeof(double));
    memcpy(m->model.covariances + j * matrix, best->covariances + from * matrix, matrix * sizeof(double));
  }
  prepare(&m->model, g->columns);
  tell(m, f, customers);
  return 1;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  gaussian_mixture *m = self;
  points p;
  fitting f = {0};
  tarazu_status status = points_make(&p, &m->grouping, spaces[0], error);
  if (status == TARAZU_OK) {
    f.em = (em){.method = m, .points = &p};
    f.em.parts = calloc((size_t)p.tasks * (1 + m->most * sums_size(p.columns)) + 1, sizeof *f.em.parts);
    int room = f.em.parts && lloyd_begin(&f.start, &p, m->most) && mixture_begin(&f.work, m->most, p.columns) &&
               mixture_begin(&f.of_k, m->most, p.columns) && mixture_begin(&f.best, m->most, p.columns);
    if (room && p.count) status = search(m, &f, error);
    if (!room || (status == TARAZU_OK && !settle(m, &f, spaces[0])))
      status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to group %lld customers", (long long)p.count);
  }
  free(f.em.parts);
  lloyd_free(&f.start);
  mixture_free(&f.work);
  mixture_free(&f.of_k);
  mixture_free(&f.best);
  points_free(&p);
  return status;
}

/* ---- applying ---------------------------------------------------------------------------------------------- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const gaussian_mixture *m = self;
  const grouping *g = &m->grouping;
  double tile[MOST_COLUMNS * TILE], logs[MOST_COMPONENTS * STRETCH];
  int32_t *segment = results[0]->values;
  for (int64_t first = 0; first < batch->rows; first += TILE) {
    int64_t rows = batch->rows - first < TILE ? batch->rows - first : TILE;
    memset(tile, 0, g->columns * TILE * sizeof *tile);
    for (int64_t i = 0; i < rows; i++) {
      if (point_place(g, batch, first + i, tile + i) && g->groups) continue;
      tarazu_set_null(results[0], first + i);
      if (results[1]) tarazu_set_null(results[1], first + i);
    }
    log_densities(tile, 1, g->columns, &m->model, is_diagonal(m), logs);
    for (int64_t i = 0; i < rows; i++) {
      uint32_t likeliest = 0;
      double largest = 0, all = 0;
      if (g->groups) all = log_sum(logs + i, g->groups, &likeliest, &largest);
      segment[first + i] = (int32_t)likeliest;
      if (results[1]) ((double *)results[1]->values)[first + i] = exp(largest - all);
    }
  }
  return TARAZU_OK;
}

/* ---- models: the grouping, then weights, means, covariances ------------------------------------------------ */

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const gaussian_mixture *m = self;
  size_t k = m->grouping.groups, means = k * m->grouping.columns, matrices = means * m->grouping.columns;
  if (grouping_write(&m->grouping, writer) && (!k || writer->write(writer, m->model.weights, k * sizeof(double))) &&
      (!means || (writer->write(writer, m->model.means, means * sizeof(double)) &&
                  writer->write(writer, m->model.covariances, matrices * sizeof(double)))))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

/* Weights that are none would give no densities. */
static int is_sound(mixture *x, uint32_t columns)
{
  size_t means = (size_t)x->k * columns;
  for (uint32_t j = 0; j < x->k; j++)
    if (!(x->weights[j] > 0 && x->weights[j] <= 1)) return 0;
  return all_finite(x->means, means) && all_finite(x->covariances, means * columns) && prepare(x, columns) == x->k;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  gaussian_mixture *m = self;
  grouping *g = &m->grouping;
  saved_part p = {bytes, count};
  int good = grouping_read(g, &p, m->most);
  size_t k = g->groups, means = k * g->columns, matrices = means * g->columns;
  mixture_free(&m->model);
  if (!mixture_begin(&m->model, g->groups, g->columns))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the model");
  m->model.k = g->groups;
  if (good && part_read(&p, m->model.weights, k * sizeof(double)) &&
      part_read(&p, m->model.means, means * sizeof(double)) &&
      part_read(&p, m->model.covariances, matrices * sizeof(double)) && !p.left && is_sound(&m->model, g->columns))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of gaussian_mixture over %u columns: %zu bytes",
                     (unsigned)g->bound, count);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "gaussian_mixture",
    .version = "1.0",
    .license = "MIT",
    .summary = "groups of customers with a spread and a direction of their own, and how probably one belongs",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(points_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(gaussian_mixture),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
    .labels = grouping_labels,
    .facts = grouping_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "gaussian_mixture",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
