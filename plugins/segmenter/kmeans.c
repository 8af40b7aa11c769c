/* kmeans: customers in groups around centres, so that the squared distances to them are least (MacQueen 1967; Lloyd
 * 1982), started by k-means++ (Arthur, Vassilvitskii 2007); how many groups is given, or chosen by the silhouette
 * (Rousseeuw 1987; for many customers its simplified form, Hruschka, Campello, de Castro 2004). */
#include "../shared/lloyd.h"

enum { K, K_LEAST, K_MOST, STANDARDIZE, STARTS, TOLERANCE, ITERATIONS, ORDER, NAMES };
static const tarazu_param params[] = {
    {.name = "k",
     .kind = TARAZU_INTEGER,
     .optional = 1,
     .least = 1,
     .most = MOST_GROUPS,
     .help = "how many segments; left out: as many, from k_least to k_most, as the silhouette says"},
    {.name = "k_least",
     .kind = TARAZU_INTEGER,
     .initial = "2",
     .least = 2,
     .most = MOST_GROUPS,
     .help = "where k is left out, the fewest segments"},
    {.name = "k_most",
     .kind = TARAZU_INTEGER,
     .initial = "8",
     .least = 2,
     .most = MOST_GROUPS,
     .help = "where k is left out, the most segments"},
    PARAM_STANDARDIZE,
    {.name = "starts",
     .kind = TARAZU_INTEGER,
     .initial = "10",
     .least = 1,
     .most = 1000,
     .help = "runs from different centres, of which the one with the least inertia is kept"},
    {.name = "tolerance",
     .kind = TARAZU_REAL,
     .initial = "0.0001",
     .least = 0,
     .most = 1,
     .help = "a run ends once the squared ways of the centres add up to this part of the columns' mean variance"},
    {.name = "iterations",
     .kind = TARAZU_INTEGER,
     .initial = "300",
     .least = 1,
     .most = 100000,
     .help = "a run ends after so many in any case"},
    PARAM_ORDER,
    PARAM_NAMES("each", ", where k is given"),
};
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the customer's segment, that of the nearest centre"},
    {.name = "distance",
     .type = TARAZU_F64,
     .better = -1,
     .help = "how far she is from its centre, in the standardized columns' units"},
};

/* Up to so many customers the silhouette compares every two of them. */
enum { MOST_COMPARED = 5000 };

typedef struct kmeans {
  grouping grouping;
  uint32_t k_least, k_most; /* the same: k is given */
  uint32_t given, reserved;
  int64_t starts;
  lloyd_rule rule; /* its tolerance relative */
  double *centres; /* in the segments' order, standardized */
} kmeans;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  kmeans *m = self;
  const tarazu_value *k = tarazu_arg(args, K);
  m->given = k->given;
  m->k_least = (uint32_t)(k->given ? k : tarazu_arg(args, K_LEAST))->integer;
  m->k_most = (uint32_t)(k->given ? k : tarazu_arg(args, K_MOST))->integer;
  m->starts = tarazu_arg(args, STARTS)->integer;
  m->rule = (lloyd_rule){tarazu_arg(args, TOLERANCE)->real, tarazu_arg(args, ITERATIONS)->integer};
  if (m->k_least > m->k_most) {
    error->param = K_MOST;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "k_most is %u, less than k_least, %u", (unsigned)m->k_most,
                       (unsigned)m->k_least);
  }
  tarazu_status status = grouping_create(&m->grouping, context, tarazu_arg(args, STANDARDIZE)->integer,
                                         tarazu_arg(args, ORDER)->integer, error);
  if (status != TARAZU_OK) return status;
  return grouping_take_names(&m->grouping, tarazu_arg(args, NAMES), NAMES, k->given ? m->k_most : 0, "k", error);
}

static void destroy(void *self)
{
  kmeans *m = self;
  free(m->centres);
  facts_free(&m->grouping.facts);
}

/* ---- the silhouette ---------------------------------------------------------------------------------------- */

/* s = (b - a) / max(a, b): a how far one is from her own group, b from the next one; alone in a group: 0. */
static double silhouette_of(double a, double b)
{
  double larger = a > b ? a : b;
  return larger > 0 ? (b - a) / larger : 0;
}

typedef struct silhouette_work {
  const lloyd *run;
  double sums[MOST_TASKS];
} silhouette_work;

/* a and b are the mean distances to the others of the own group and to those of the nearest other group. */
static double exact_silhouette(const lloyd *l, int64_t i)
{
  const points *p = l->points;
  const double *x = points_at(p, i);
  double sums[MOST_GROUPS] = {0}, nearest = HUGE_VAL;
  int32_t own = l->label[i];
  for (int64_t other = 0; other < p->count; other++) {
    const double *y = points_at(p, other);
    double square = 0;
    for (uint32_t c = 0; c < p->columns; c++) square += (x[c * TILE] - y[c * TILE]) * (x[c * TILE] - y[c * TILE]);
    sums[l->label[other]] += sqrt(square);
  }
  for (uint32_t j = 0; j < l->k; j++)
    if ((int32_t)j != own && l->sizes[j] > 0 && sums[j] / l->sizes[j] < nearest) nearest = sums[j] / l->sizes[j];
  return l->sizes[own] > 1 && nearest < HUGE_VAL ? silhouette_of(sums[own] / (l->sizes[own] - 1), nearest) : 0;
}

static void exact_task(void *argument, int64_t task)
{
  silhouette_work *w = argument;
  int64_t count = w->run->points->count;
  w->sums[task] = 0;
  for (int64_t i = count * task / MOST_TASKS; i < count * (task + 1) / MOST_TASKS; i++)
    w->sums[task] += exact_silhouette(w->run, i);
}

/* a and b are the distances to the own centre and to the nearest other one. */
static void simplified_task(void *argument, int64_t task)
{
  silhouette_work *w = argument;
  const lloyd *l = w->run;
  const points *p = l->points;
  double a[PIECE], b[PIECE];
  int32_t label[PIECE];
  w->sums[task] = 0;
  for (int64_t first = task * p->each, end = points_end(p, task); first < end; first += PIECE) {
    int64_t count = end - first < PIECE ? end - first : PIECE;
    nearest_centres(points_at(p, first), tiles_of(count), p->columns, l->centres, l->k, label, a, b);
    for (int64_t i = 0; i < count; i++)
      if (l->sizes[label[i]] > 1) w->sums[task] += silhouette_of(sqrt(a[i]), sqrt(b[i]));
  }
}

/* The mean over the customers; NaN: there is one group. */
static double silhouette(const lloyd *l)
{
  const points *p = l->points;
  silhouette_work w = {.run = l};
  int exact = p->count <= MOST_COMPARED;
  int64_t tasks = exact ? MOST_TASKS : p->tasks;
  double sum = 0;
  if (l->k < 2) return (double)NAN;
  p->host->parallel(p->host, tasks, exact ? exact_task : simplified_task, &w);
  for (int64_t task = 0; task < tasks; task++) sum += w.sums[task];
  return sum / (double)p->count;
}

/* ---- fitting ----------------------------------------------------------------------------------------------- */

/* The best run so far, of one k or of all. */
typedef struct winner {
  lloyd run;
  double silhouette;
} winner;

static void swap_runs(lloyd *a, lloyd *b)
{
  lloyd keep = *a;
  *a = *b;
  *b = keep;
}

typedef struct fitting {
  lloyd work;
  winner of_k, best;
  double silhouettes[MOST_GROUPS + 1]; /* of each k that was tried */
  uint32_t last;                       /* the last one */
  uint32_t reserved;
} fitting;

/* The run of least inertia among the starts; the first of equally good ones. 0: cancelled. */
static int best_start(const kmeans *m, fitting *f, uint32_t k, const lloyd_rule *rule)
{
  double done = (double)((k - m->k_least) * m->starts), of = (double)((m->k_most - m->k_least + 1) * m->starts);
  for (int64_t start = 0; start < m->starts; start++) {
    if (!lloyd_run(&f->work, k, k * 1000 + start, rule, done + (double)start, of)) return 0;
    if (!start || f->work.inertia < f->of_k.run.inertia) swap_runs(&f->work, &f->of_k.run);
  }
  return 1;
}

/* Over the ks; the least k of equally good ones. 0: cancelled. */
static int search(const kmeans *m, fitting *f)
{
  const points *p = f->work.points;
  const lloyd_rule rule = {m->rule.tolerance * mean_variance(p), m->rule.most};
  for (uint32_t k = m->k_least; k <= m->k_most; k++) {
    if (!best_start(m, f, k, &rule)) return 0;
    f->of_k.silhouette = f->silhouettes[k] = silhouette(&f->of_k.run);
    f->last = k;
    int better = k == m->k_least || f->of_k.silhouette > f->best.silhouette;
    uint32_t found = f->of_k.run.k;
    if (better) {
      swap_runs(&f->of_k.run, &f->best.run);
      f->best.silhouette = f->of_k.silhouette;
    }
    if (found < k) break; /* no more customers differ */
  }
  return 1;
}

static void tell(kmeans *m, const fitting *f, const tarazu_batch *customers, const double *sizes)
{
  grouping *g = &m->grouping;
  const lloyd *l = &f->best.run;
  const points *p = l->points;
  int exact = p->count <= MOST_COMPARED;
  double unit = grouping_unit(g);
  tell_points(g, customers, p, m->given ? m->k_most : 0);
  for (uint32_t j = 0; j < g->groups; j++) fact_add(&g->facts, sizes[j], "customers_in_%s", g->labels[j]);
  fact_add(&g->facts, l->inertia * unit * unit, "inertia");
  if (g->groups > 1) fact_add(&g->facts, f->best.silhouette, exact ? "silhouette" : "simplified_silhouette");
  for (uint32_t k = m->k_least; !m->given && k <= f->last && f->last; k++)
    if (isfinite(f->silhouettes[k]))
      fact_add(&g->facts, f->silhouettes[k], "%s_of_%u", exact ? "silhouette" : "simplified_silhouette", (unsigned)k);
  fact_add(&g->facts, (double)l->iterations, "iterations");
  if (p->count && !l->converged)
    fact_say(&g->facts, fact_add(&g->facts, 0, "convergence"), 1, "the best run had not ended after %lld iterations",
             (long long)l->iterations);
  tell_means(g, m->centres);
}

/* The model out of the best run, its groups in their order. 0: no memory. */
static int settle(kmeans *m, const fitting *f, const tarazu_batch *customers)
{
  grouping *g = &m->grouping;
  const lloyd *l = &f->best.run;
  uint32_t place[MOST_GROUPS];
  double sizes[MOST_GROUPS] = {0};
  g->groups = l->k;
  free(m->centres);
  m->centres = calloc((size_t)g->groups * g->columns + 1, sizeof *m->centres);
  if (!m->centres || !facts_begin(&g->facts, FACTS_OF_POINTS + 4 + MOST_GROUPS + g->bound + g->groups * (g->bound + 1)))
    return 0;
  groups_order(g, l->centres, l->sizes, place);
  grouping_name(g);
  for (uint32_t j = 0; j < g->groups; j++) {
    sizes[j] = l->sizes[place[j]];
    memcpy(m->centres + (size_t)j * g->columns, l->centres + (size_t)place[j] * g->columns,
           g->columns * sizeof *m->centres);
  }
  tell(m, f, customers, sizes);
  return 1;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  kmeans *m = self;
  points p;
  fitting f = {0};
  tarazu_status status = points_make(&p, &m->grouping, spaces[0], error);
  if (status == TARAZU_OK) {
    int room = lloyd_begin(&f.work, &p, m->k_most) && lloyd_begin(&f.of_k.run, &p, m->k_most) &&
               lloyd_begin(&f.best.run, &p, m->k_most);
    if (room && p.count && !search(m, &f)) status = tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    else if (!room || !settle(m, &f, spaces[0]))
      status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to group %lld customers", (long long)p.count);
  }
  lloyd_free(&f.work);
  lloyd_free(&f.of_k.run);
  lloyd_free(&f.best.run);
  points_free(&p);
  return status;
}

/* ---- applying ---------------------------------------------------------------------------------------------- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const kmeans *m = self;
  const grouping *g = &m->grouping;
  double tile[MOST_COLUMNS * TILE], square[TILE], unit = grouping_unit(g);
  int32_t *segment = results[0]->values, label[TILE];
  for (int64_t first = 0; first < batch->rows; first += TILE) {
    int64_t rows = batch->rows - first < TILE ? batch->rows - first : TILE;
    memset(tile, 0, g->columns * TILE * sizeof *tile);
    for (int64_t i = 0; i < rows; i++) {
      if (point_place(g, batch, first + i, tile + i) && g->groups) continue;
      tarazu_set_null(results[0], first + i);
      if (results[1]) tarazu_set_null(results[1], first + i);
    }
    nearest_centres(tile, 1, g->columns, m->centres, g->groups, label, square, NULL);
    for (int64_t i = 0; i < rows; i++) {
      segment[first + i] = label[i];
      if (results[1]) ((double *)results[1]->values)[first + i] = g->groups ? sqrt(square[i]) * unit : 0;
    }
  }
  return TARAZU_OK;
}

/* ---- models: the grouping, the centres --------------------------------------------------------------------- */

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const kmeans *m = self;
  size_t bytes = (size_t)m->grouping.groups * m->grouping.columns * sizeof *m->centres;
  if (grouping_write(&m->grouping, writer) && (!bytes || writer->write(writer, m->centres, bytes))) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  kmeans *m = self;
  grouping *g = &m->grouping;
  saved_part p = {bytes, count};
  int good = grouping_read(g, &p, m->k_most);
  size_t values = (size_t)g->groups * g->columns;
  free(m->centres);
  m->centres = calloc(values + 1, sizeof *m->centres);
  if (!m->centres) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the model");
  if (good && part_read(&p, m->centres, values * sizeof *m->centres) && !p.left && all_finite(m->centres, values))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of kmeans over %u columns: %zu bytes", (unsigned)g->bound,
                     count);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "kmeans",
    .version = "1.0",
    .license = "MIT",
    .summary = "groups of customers around centres in any number of columns",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(points_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(kmeans),
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
    .name = "kmeans",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
