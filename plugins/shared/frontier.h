/* What comparable customers reach: a high quantile of a value given group and sizes, by linear quantile regression
 * (Koenker, Bassett 1978). The learning half of the scorers share_of_wallet and potential, which differ in what they
 * make of the distance. */
#ifndef PLUGINS_SHARED_FRONTIER_H
#define PLUGINS_SHARED_FRONTIER_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

enum { FRONTIER_SIZES = 8, FRONTIER_TERMS = FRONTIER_SIZES + 1, FRONTIER_FACTS = 8 };
enum { FRONTIER_QUANTILE, FRONTIER_LEAST_PEERS };             /* parameters */
enum { FRONTIER_VALUE, FRONTIER_GROUP, FRONTIER_FIRST_SIZE }; /* columns */
enum { FRONTIER_SCORE, FRONTIER_REACHED, FRONTIER_PEERS };    /* outputs */

static const tarazu_param frontier_params[] = {
    {.name = "quantile",
     .kind = TARAZU_PROPORTION,
     .initial = "90%",
     .least = 0.5,
     .most = 0.999,
     .help = "the frontier is what this share of comparable customers stays below"},
    {.name = "least_peers",
     .kind = TARAZU_INTEGER,
     .initial = "30",
     .least = 2,
     .most = 1000000,
     .unit = "customers",
     .help = "a group of fewer is judged by all customers"},
};
static const tarazu_field frontier_value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what the customer brings"},
};
static const tarazu_field frontier_group_fields[] = {
    {.name = "group", .type = TARAZU_TEXT, .help = "whom she is compared with: an industry, a region"},
};
static const tarazu_field frontier_size_fields[] = {
    {.name = "size", .type = TARAZU_F64, .help = "how large the customer is: employees, revenue, branches"},
};
static const tarazu_input frontier_inputs[] = {
    {.name = "value",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(frontier_value_fields),
     .help = "a column or criterion in currency"},
    {.name = "group",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(frontier_group_fields),
     .help = "a frontier for each; one for all where not bound"},
    {.name = "sizes",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .many = 1,
     .fields = TARAZU_LIST(frontier_size_fields),
     .help = "at most 8 columns along which the frontier rises or falls; flat where none"},
};

/* The frontier of one group: b[0] + sum over j of b[j + 1] (x[j] / unit[j] - center[j]) / spread[j]. */
typedef struct frontier_fit {
  int64_t peers;
  int64_t dropped; /* sizes that say nothing beside the others: constant or a sum of them */
  int64_t failed;  /* 1: did not converge: the plain quantile stands in */
  double b[FRONTIER_TERMS];
  double unit[FRONTIER_SIZES], center[FRONTIER_SIZES], spread[FRONTIER_SIZES];
} frontier_fit;

typedef struct frontier_head {
  double quantile;
  int64_t sizes, groups, customers, in_small_groups, beyond, names_size;
} frontier_head;

typedef struct frontier {
  const tarazu_host *host;
  int64_t least_peers;
  int has_group;
  frontier_head head;
  frontier_fit *fits; /* groups + 1: first that of all customers, then each group's in the order of their names */
  int64_t *name_ends; /* groups */
  char *names;
  tarazu_fact facts[FRONTIER_FACTS];
  uint32_t fact_count;
} frontier;

static inline tarazu_status frontier_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                            tarazu_error *error)
{
  frontier *f = self;
  f->host = context->host;
  f->head.quantile = tarazu_arg(args, FRONTIER_QUANTILE)->real;
  f->least_peers = tarazu_arg(args, FRONTIER_LEAST_PEERS)->integer;
  f->has_group = tarazu_bound_at(context, FRONTIER_GROUP)->type != 0;
  f->head.sizes = (int64_t)context->columns.count - FRONTIER_FIRST_SIZE;
  if (f->head.sizes <= FRONTIER_SIZES) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%lld sizes are bound; at most %d can be used",
                     (long long)f->head.sizes, FRONTIER_SIZES);
}

static inline void frontier_forget(frontier *f)
{
  free(f->fits);
  free(f->name_ends);
  free(f->names);
  f->fits = NULL;
  f->name_ends = NULL;
  f->names = NULL;
}

static inline void frontier_destroy(void *self)
{
  frontier_forget(self);
}

/* ---- rows ---- */

static inline double frontier_number(const tarazu_batch *batch, int64_t column, int64_t row)
{
  return ((const double *)batch->columns[column]->values)[row];
}

static inline int frontier_has_sizes(const frontier *f, const tarazu_batch *batch, int64_t row)
{
  for (int64_t j = 0; j < f->head.sizes; j++)
    if (!tarazu_is_valid(batch->columns[FRONTIER_FIRST_SIZE + j], row)) return 0;
  return 1;
}

/* Her group's code; -1: none. */
static inline int32_t frontier_code(const frontier *f, const tarazu_batch *batch, int64_t row)
{
  if (!f->has_group || !tarazu_is_valid(batch->columns[FRONTIER_GROUP], row)) return -1;
  return ((const int32_t *)batch->columns[FRONTIER_GROUP]->values)[row];
}

/* ---- one quantile regression ---- */

/* p terms, the first of them 1; row i's at x + i * p. */
typedef struct frontier_program {
  int64_t n;
  int p;
  double quantile;
  double *x, *y;
  double *a, *u, *v, *da, *du, *dv;
} frontier_program;

static inline double frontier_dot(const double *x, const double *b, int p)
{
  double sum = 0;
  for (int j = 0; j < p; j++) sum += x[j] * b[j];
  return sum;
}

/* Solves m b = b in place for a symmetric positive definite m (Cholesky). 0: it is not. */
static inline int frontier_solve(double m[FRONTIER_TERMS][FRONTIER_TERMS], double *b, int p)
{
  for (int j = 0; j < p; j++) {
    for (int i = j; i < p; i++) {
      for (int k = 0; k < j; k++) m[i][j] -= m[i][k] * m[j][k];
      if (i == j && !(m[j][j] > 0)) return 0;
      m[i][j] = i == j ? sqrt(m[j][j]) : m[i][j] / m[j][j];
    }
  }
  for (int i = 0; i < p; i++) b[i] = (b[i] - frontier_dot(m[i], b, i)) / m[i][i];
  for (int i = p - 1; i >= 0; i--) {
    for (int k = i + 1; k < p; k++) b[i] -= m[k][i] * b[k];
    b[i] /= m[i][i];
  }
  return 1;
}

/* What the second-order and centring terms of Mehrotra's corrector add to a residual. */
static inline double frontier_bend(const frontier_program *q, int64_t i, double mu)
{
  return (mu - q->da[i] * q->dv[i]) / q->a[i] - (mu + q->da[i] * q->du[i]) / (1 - q->a[i]);
}

/* One Newton direction: X'QX db = X'Q (y - Xb + bend), da = Q (y - Xb + bend - X db), Q = 1 / (u / (1 - a) + v / a). */
static inline int frontier_direction(frontier_program *q, const double *b, double *db, int correct, double mu)
{
  double m[FRONTIER_TERMS][FRONTIER_TERMS] = {{0}};
  memset(db, 0, (size_t)q->p * sizeof *db);
  for (int64_t i = 0; i < q->n; i++) {
    const double *x = q->x + i * q->p;
    double weight = 1 / (q->u[i] / (1 - q->a[i]) + q->v[i] / q->a[i]);
    double residual = q->y[i] - frontier_dot(x, b, q->p) + (correct ? frontier_bend(q, i, mu) : 0);
    for (int j = 0; j < q->p; j++) {
      db[j] += weight * residual * x[j];
      for (int k = 0; k <= j; k++) m[j][k] += weight * x[j] * x[k];
    }
  }
  if (!frontier_solve(m, db, q->p)) return 0;
  for (int64_t i = 0; i < q->n; i++) {
    const double *x = q->x + i * q->p;
    double a = q->a[i], s = 1 - a, bent = correct ? frontier_bend(q, i, mu) : 0;
    double to_v = correct ? (mu - q->da[i] * q->dv[i]) / a : 0, to_u = correct ? (mu + q->da[i] * q->du[i]) / s : 0;
    double weight = 1 / (q->u[i] / s + q->v[i] / a);
    double da = weight * (q->y[i] - frontier_dot(x, b, q->p) + bent - frontier_dot(x, db, q->p));
    q->da[i] = da;
    q->dv[i] = to_v - q->v[i] - q->v[i] * da / a;
    q->du[i] = to_u - q->u[i] + q->u[i] * da / s;
  }
  return 1;
}

/* How far a and the residuals' parts may go before one of them is 0. */
static inline void frontier_steps(const frontier_program *q, double *step_a, double *step_b)
{
  double a = 1e20, b = 1e20;
  for (int64_t i = 0; i < q->n; i++) {
    if (q->da[i] < 0) a = fmin(a, -q->a[i] / q->da[i]);
    if (q->da[i] > 0) a = fmin(a, (1 - q->a[i]) / q->da[i]);
    if (q->du[i] < 0) b = fmin(b, -q->u[i] / q->du[i]);
    if (q->dv[i] < 0) b = fmin(b, -q->v[i] / q->dv[i]);
  }
  *step_a = fmin(1, 0.9995 * a);
  *step_b = fmin(1, 0.9995 * b);
}

static inline double frontier_gap(const frontier_program *q, double step_a, double step_b)
{
  double gap = 0;
  for (int64_t i = 0; i < q->n; i++) {
    double a = q->a[i] + step_a * q->da[i];
    gap += a * (q->v[i] + step_b * q->dv[i]) + (1 - a) * (q->u[i] + step_b * q->du[i]);
  }
  return gap;
}

/* Minimizes tau sum(u) + (1 - tau) sum(v) where y = Xb + u - v, u, v >= 0; its dual is to maximize y'a where X'a = (1 -
 * tau) X'1, 0 <= a <= 1. By the primal-dual interior point method with Mehrotra's corrector that Portnoy and Koenker
 * (1997) propose for it: some 20 passes over the rows however many there are. y is of order 1. 1: converged. */
static inline int frontier_minimize(frontier_program *q, double *b)
{
  double db[FRONTIER_TERMS], step_a, step_b;
  for (int64_t i = 0; i < q->n; i++) {
    double e = q->y[i] - frontier_dot(q->x + i * q->p, b, q->p);
    q->a[i] = 1 - q->quantile;
    q->u[i] = fmax(e, 0) + 0.1;
    q->v[i] = fmax(-e, 0) + 0.1;
    q->da[i] = q->du[i] = q->dv[i] = 0;
  }
  for (int pass = 0; pass < 100; pass++) {
    double gap = frontier_gap(q, 0, 0);
    if (gap <= 1e-11 * (double)q->n) return 1;
    if (!frontier_direction(q, b, db, 0, 0)) return gap <= 1e-7 * (double)q->n;
    frontier_steps(q, &step_a, &step_b);
    double ratio = frontier_gap(q, step_a, step_b) / gap;
    if (step_a < 1 || step_b < 1) {
      double mu = gap * ratio * ratio * ratio / (2 * (double)q->n);
      if (!frontier_direction(q, b, db, 1, mu)) return gap <= 1e-7 * (double)q->n;
      frontier_steps(q, &step_a, &step_b);
    }
    for (int64_t i = 0; i < q->n; i++) {
      q->a[i] = fmin(fmax(q->a[i] + step_a * q->da[i], 1e-300), 1 - 1e-16);
      q->u[i] = fmax(q->u[i] + step_b * q->du[i], 1e-300);
      q->v[i] = fmax(q->v[i] + step_b * q->dv[i], 1e-300);
    }
    for (int j = 0; j < q->p; j++) b[j] += step_b * db[j];
  }
  return 0;
}

/* ---- one group ---- */

typedef struct frontier_work {
  frontier *f;
  const tarazu_batch *all;
  const int64_t *rows;   /* usable ones by group */
  const int64_t *starts; /* of each fit's rows, groups + 2: fit g has rows [starts[g], starts[g + 1]); the first all */
  int *failed;           /* by fit: no memory */
} frontier_work;

/* The least value that at least `share` of the sorted values do not exceed: the minimizer where there are no sizes. */
static inline double frontier_order(const ordered *sorted, int64_t n, double share)
{
  int64_t at = (int64_t)ceil(share * (double)n - 1e-9);
  return sorted[at < 1 ? 0 : at > n ? n - 1 : at - 1].value;
}

/* Columns are brought to about -1 … 1, by their largest value first so that no sum overflows. */
static inline void frontier_scale(const frontier_work *w, const int64_t *rows, int64_t n, frontier_fit *fit)
{
  for (int64_t j = 0; j < w->f->head.sizes; j++) {
    double most = 0, sum = 0, spread = 0;
    int64_t column = FRONTIER_FIRST_SIZE + j;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(frontier_number(w->all, column, rows[i])));
    fit->unit[j] = most > 0 ? most : 1;
    for (int64_t i = 0; i < n; i++) sum += frontier_number(w->all, column, rows[i]) / fit->unit[j];
    fit->center[j] = n ? sum / (double)n : 0;
    for (int64_t i = 0; i < n; i++)
      spread = fmax(spread, fabs(frontier_number(w->all, column, rows[i]) / fit->unit[j] - fit->center[j]));
    fit->spread[j] = spread > 1e-12 ? spread : 0; /* 0: constant */
  }
}

static inline double frontier_scaled(const frontier_fit *fit, int64_t j, double size)
{
  return (size / fit->unit[j] - fit->center[j]) / fit->spread[j];
}

/* The sizes that add something to those before them: by what is left of each column's squares once these are taken out
 * (the pivots of Cholesky's method). Gives how many; kept[k] is the size of term k + 1. */
static inline int frontier_independent(const frontier_work *w, const int64_t *rows, int64_t n, const frontier_fit *fit,
                                       int *kept)
{
  double m[FRONTIER_SIZES][FRONTIER_SIZES] = {{0}}, x[FRONTIER_SIZES];
  int sizes = (int)w->f->head.sizes, count = 0;
  for (int64_t i = 0; i < n; i++) {
    for (int j = 0; j < sizes; j++)
      x[j] =
          fit->spread[j] > 0 ? frontier_scaled(fit, j, frontier_number(w->all, FRONTIER_FIRST_SIZE + j, rows[i])) : 0;
    for (int j = 0; j < sizes; j++)
      for (int k = 0; k <= j; k++) m[j][k] += x[j] * x[k];
  }
  for (int j = 0; j < sizes; j++) {
    double squares = m[j][j];
    for (int c = 0; c < count; c++) {
      int k = kept[c];
      for (int d = 0; d < c; d++) m[j][k] -= m[j][kept[d]] * m[k][kept[d]];
      m[j][k] /= m[k][k];
      m[j][j] -= m[j][k] * m[j][k];
    }
    if (!(m[j][j] > 1e-10 * squares)) continue;
    m[j][j] = sqrt(m[j][j]);
    kept[count++] = j;
  }
  return count;
}

/* Beyond a million spreads from the median a value's distance says no more to a quantile than its side. */
static inline void frontier_fill(const frontier_work *w, const int64_t *rows, const frontier_fit *fit, const int *kept,
                                 frontier_program *q, double median, double spread)
{
  for (int64_t i = 0; i < q->n; i++) {
    double *x = q->x + i * q->p;
    x[0] = 1;
    for (int k = 1; k < q->p; k++)
      x[k] = frontier_scaled(fit, kept[k - 1], frontier_number(w->all, FRONTIER_FIRST_SIZE + kept[k - 1], rows[i]));
    q->y[i] = fmin(fmax((frontier_number(w->all, FRONTIER_VALUE, rows[i]) - median) / spread, -1e6), 1e6);
  }
}

static inline int frontier_regress(const frontier_work *w, const int64_t *rows, frontier_fit *fit, const int *kept,
                                   int terms, double median, double spread)
{
  int64_t n = fit->peers;
  double *room = malloc((size_t)n * (size_t)(terms + 7) * sizeof *room), b[FRONTIER_TERMS] = {0};
  if (!room) return 0;
  frontier_program q = {.n = n, .p = terms, .quantile = w->f->head.quantile, .x = room};
  double *next = room + n * terms, **columns[] = {&q.y, &q.a, &q.u, &q.v, &q.da, &q.du, &q.dv};
  for (int i = 0; i < 7; i++, next += n) *columns[i] = next;
  frontier_fill(w, rows, fit, kept, &q, median, spread);
  b[0] = (fit->b[0] - median) / spread;
  if (frontier_minimize(&q, b)) {
    fit->b[0] = median + spread * b[0];
    for (int k = 1; k < terms; k++) fit->b[kept[k - 1] + 1] = spread * b[k];
  } else {
    fit->failed = 1;
  }
  free(room);
  return 1;
}

/* A spread that is not 0 unless all values are equal: half are within it of the median, or else nearly all. */
static inline double frontier_spread(const ordered *sorted, int64_t n, double quantile, double median)
{
  double spread = frontier_order(sorted, n, 0.75) / 2 - frontier_order(sorted, n, 0.25) / 2;
  spread = fmax(spread, fabs(frontier_order(sorted, n, quantile) / 2 - median / 2));
  spread = fmax(spread, frontier_order(sorted, n, 0.99) / 2 - median / 2);
  return spread > 0 ? spread : sorted[n - 1].value / 2 - sorted[0].value / 2;
}

static inline void frontier_fit_group(void *argument, int64_t index)
{
  frontier_work *w = argument;
  frontier_fit *fit = &w->f->fits[index];
  const int64_t *rows = w->rows + (index ? w->starts[index] : 0);
  int64_t n = index ? w->starts[index + 1] - w->starts[index] : w->f->head.customers;
  ordered *sorted = malloc(((size_t)n + 1) * sizeof *sorted);
  int kept[FRONTIER_SIZES], terms = 1;
  *fit = (frontier_fit){.peers = n};
  for (int64_t i = 0; sorted && i < n; i++)
    sorted[i] = (ordered){frontier_number(w->all, FRONTIER_VALUE, rows[i]) + 0.0, i};
  if (!sorted || !order_sort(sorted, n)) {
    w->failed[index] = 1;
  } else if (n) {
    double median = frontier_order(sorted, n, 0.5);
    double spread = frontier_spread(sorted, n, w->f->head.quantile, median);
    fit->b[0] = frontier_order(sorted, n, w->f->head.quantile);
    frontier_scale(w, rows, n, fit);
    terms += frontier_independent(w, rows, n, fit, kept);
    fit->dropped = w->f->head.sizes + 1 - terms;
    if (terms > 1 && spread > 0 && n > terms && !frontier_regress(w, rows, fit, kept, terms, median, spread))
      w->failed[index] = 1;
  }
  for (int64_t j = 0; j < w->f->head.sizes; j++)
    if (!(fit->spread[j] > 0)) fit->spread[j] = 1;
  free(sorted);
}

/* ---- what is learned ---- */

static inline const char *frontier_name(const frontier *f, int64_t group, size_t *length)
{
  int64_t start = group ? f->name_ends[group - 1] : 0;
  *length = (size_t)(f->name_ends[group] - start);
  return f->names + start;
}

static inline int frontier_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
  int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* The fit that judges a customer: her group's, or that of all. By name, since codes are of one run. */
static inline const frontier_fit *frontier_of(const frontier *f, const tarazu_batch *batch, int64_t row)
{
  int32_t code = frontier_code(f, batch, row);
  if (code < 0) return &f->fits[0];
  const tarazu_dictionary *d = batch->columns[FRONTIER_GROUP]->dictionary;
  const char *text = d->bytes + d->offsets[code];
  size_t length = (size_t)(d->offsets[code + 1] - d->offsets[code]), other_length;
  int64_t low = 0, high = f->head.groups;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    const char *other = frontier_name(f, middle, &other_length);
    int order = frontier_compare(text, length, other, other_length);
    if (!order) return &f->fits[middle + 1];
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return &f->fits[0];
}

/* Nobody's wallet is below nothing. */
static inline double frontier_reach(const frontier *f, const frontier_fit *fit, const tarazu_batch *batch, int64_t row)
{
  double reach = fit->b[0];
  for (int64_t j = 0; j < f->head.sizes; j++)
    if (fit->b[j + 1] != 0)
      reach += fit->b[j + 1] * frontier_scaled(fit, j, frontier_number(batch, FRONTIER_FIRST_SIZE + j, row));
  return reach < 0 ? 0 : reach;
}

static inline tarazu_fact *frontier_tell(frontier *f, const char *name, double value, const char *warning)
{
  tarazu_fact *fact = &f->facts[f->fact_count++];
  *fact = (tarazu_fact){.name = name, .text = warning, .value = value, .error = -1, .level = warning != NULL};
  return fact;
}

static inline void frontier_report(frontier *f)
{
  const frontier_head *h = &f->head;
  int64_t dropped = 0, failed = 0;
  for (int64_t g = 0; g <= h->groups; g++) {
    dropped += f->fits[g].dropped > 0;
    failed += f->fits[g].failed;
  }
  f->fact_count = 0;
  frontier_tell(f, "customers", (double)h->customers,
                h->customers > h->sizes + 1 ? NULL : "too few customers with a value to learn a frontier from");
  frontier_tell(f, "groups", (double)h->groups, NULL);
  if (h->in_small_groups)
    frontier_tell(f, "customers_of_small_groups", (double)h->in_small_groups, "judged by all customers");
  if (h->customers) frontier_tell(f, "share_beyond_frontier", (double)h->beyond / (double)h->customers, NULL);
  if (h->sizes && !h->groups && h->customers && !f->fits[0].failed && !f->fits[0].dropped)
    frontier_tell(f, "frontier_at_mean_sizes", f->fits[0].b[0], NULL);
  if (dropped)
    frontier_tell(f, "frontiers_without_some_size", (double)dropped,
                  "a size is constant or follows from the others: it was left out");
  if (failed)
    frontier_tell(f, "frontiers_not_converged", (double)failed, "the plain quantile, without sizes, stands in");
}

/* ---- fitting ---- */

typedef struct frontier_group {
  const char *text;
  size_t length;
  int32_t code;
} frontier_group;

static inline int frontier_by_name(const void *a, const void *b)
{
  const frontier_group *x = a, *y = b;
  return frontier_compare(x->text, x->length, y->text, y->length);
}

/* The groups of enough customers, by name; f->names gets their names, of_code each code's fit (0: that of all). */
static inline int frontier_find_groups(frontier *f, const tarazu_dictionary *d, const int64_t *counts, int64_t *of_code)
{
  uint32_t codes = d ? d->count : 0;
  frontier_group *groups = malloc(((size_t)codes + 1) * sizeof *groups);
  size_t bytes = 0;
  f->head.groups = 0;
  for (uint32_t c = 0; groups && c < codes; c++) {
    of_code[c] = 0;
    if (counts[c] && counts[c] < f->least_peers) f->head.in_small_groups += counts[c];
    if (counts[c] < f->least_peers) continue;
    size_t length = (size_t)(d->offsets[c + 1] - d->offsets[c]);
    groups[f->head.groups++] = (frontier_group){d->bytes + d->offsets[c], length, (int32_t)c};
    bytes += length;
  }
  if (groups) qsort(groups, (size_t)f->head.groups, sizeof *groups, frontier_by_name);
  f->fits = calloc((size_t)f->head.groups + 1, sizeof *f->fits);
  f->name_ends = malloc(((size_t)f->head.groups + 1) * sizeof *f->name_ends);
  f->names = malloc(bytes + 1);
  int good = groups && f->fits && f->name_ends && f->names;
  f->head.names_size = 0;
  for (int64_t g = 0; good && g < f->head.groups; g++) {
    memcpy(f->names + f->head.names_size, groups[g].text, groups[g].length);
    f->head.names_size += (int64_t)groups[g].length;
    f->name_ends[g] = f->head.names_size;
    of_code[groups[g].code] = g + 1;
  }
  free(groups);
  return good;
}

/* Usable rows twice: in row order for the fit of all, then by group. starts: where each group's begin. */
static inline void frontier_sort_rows(const frontier *f, const tarazu_batch *all, const int64_t *of_code, int64_t *rows,
                                      int64_t *starts)
{
  int64_t n = f->head.customers, used = 0;
  for (int64_t i = 0; i < all->rows; i++)
    if (tarazu_is_valid(all->columns[FRONTIER_VALUE], i) && frontier_has_sizes(f, all, i)) rows[used++] = i;
  for (int64_t i = 0; i < n; i++) {
    int32_t code = frontier_code(f, all, rows[i]);
    if (code >= 0 && of_code[code]) starts[of_code[code] + 1]++;
  }
  starts[1] = n;
  for (int64_t g = 1; g <= f->head.groups; g++) starts[g + 1] += starts[g];
  for (int64_t i = 0; i < n; i++) {
    int32_t code = frontier_code(f, all, rows[i]);
    if (code >= 0 && of_code[code]) rows[starts[of_code[code]]++] = rows[i];
  }
  for (int64_t g = f->head.groups; g >= 1; g--) starts[g + 1] = starts[g];
  starts[1] = n;
}

static inline tarazu_status frontier_learn(frontier *f, const tarazu_batch *all, const tarazu_dictionary *d,
                                           int64_t *counts, int64_t *of_code, int64_t *rows, tarazu_error *error)
{
  for (int64_t i = 0; i < all->rows; i++) {
    if (!tarazu_is_valid(all->columns[FRONTIER_VALUE], i) || !frontier_has_sizes(f, all, i)) continue;
    int32_t code = frontier_code(f, all, i);
    f->head.customers++;
    if (code >= 0) counts[code]++;
  }
  int found = frontier_find_groups(f, d, counts, of_code);
  int64_t *starts = calloc((size_t)f->head.groups + 3, sizeof *starts);
  int *failed = calloc((size_t)f->head.groups + 1, sizeof *failed), short_of_memory = 0;
  if (found && starts && failed) {
    frontier_sort_rows(f, all, of_code, rows, starts);
    frontier_work work = {f, all, rows, starts, failed};
    f->host->parallel(f->host, f->head.groups + 1, frontier_fit_group, &work);
    for (int64_t g = 0; g <= f->head.groups; g++) short_of_memory |= failed[g];
  }
  int good = found && starts && failed && !short_of_memory;
  free(starts);
  free(failed);
  if (!good)
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the frontier of %lld customers",
                       (long long)f->head.customers);
  for (int64_t i = 0; i < f->head.customers; i++)
    f->head.beyond +=
        frontier_number(all, FRONTIER_VALUE, rows[i]) > frontier_reach(f, frontier_of(f, all, rows[i]), all, rows[i]);
  frontier_report(f);
  return TARAZU_OK;
}

static inline tarazu_status frontier_fit_all(void *self, const tarazu_batch *const *spaces, uint32_t count,
                                             tarazu_error *error)
{
  frontier *f = self;
  const tarazu_batch *all = spaces[0]; /* there is no other space */
  const tarazu_dictionary *d = f->has_group ? all->columns[FRONTIER_GROUP]->dictionary : NULL;
  size_t codes = (d ? d->count : 0) + (size_t)1;
  (void)count;
  if (!f->host->progress(f->host, 0)) return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
  frontier_forget(f);
  f->head = (frontier_head){.quantile = f->head.quantile, .sizes = f->head.sizes};
  int64_t *counts = calloc(codes, sizeof *counts), *of_code = calloc(codes, sizeof *of_code);
  int64_t *rows = malloc(((size_t)all->rows * 2 + 1) * sizeof *rows);
  tarazu_status status = counts && of_code && rows ? frontier_learn(f, all, d, counts, of_code, rows, error)
                                                   : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the groups");
  free(counts);
  free(of_code);
  free(rows);
  return status;
}

/* ---- saved models: head, fits, ends of names, names ---- */

static inline tarazu_status frontier_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const frontier *f = self;
  if (writer->write(writer, &f->head, sizeof f->head) &&
      writer->write(writer, f->fits, ((size_t)f->head.groups + 1) * sizeof *f->fits) &&
      (!f->head.groups || (writer->write(writer, f->name_ends, (size_t)f->head.groups * sizeof *f->name_ends) &&
                           writer->write(writer, f->names, (size_t)f->head.names_size))))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static inline int frontier_is_sound(const frontier *f)
{
  for (int64_t g = 0; g < f->head.groups; g++)
    if (f->name_ends[g] < (g ? f->name_ends[g - 1] : 0) || f->name_ends[g] > f->head.names_size) return 0;
  for (int64_t g = 0; g <= f->head.groups; g++)
    for (int64_t j = 0; j < f->head.sizes; j++)
      if (!(fabs(f->fits[g].unit[j]) > 0) || !(fabs(f->fits[g].spread[j]) > 0)) return f->fits[g].peers == 0;
  return 1;
}

static inline tarazu_status frontier_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  frontier *f = self;
  frontier_head head = {0};
  if (count >= sizeof head) memcpy(&head, bytes, sizeof head);
  int64_t most = (int64_t)(count / sizeof *f->fits) + 1;
  if (count < sizeof head || head.groups < 0 || head.groups > most || head.names_size < 0 ||
      head.names_size > (int64_t)count ||
      count != sizeof head + ((size_t)head.groups + 1) * sizeof *f->fits + (size_t)head.groups * sizeof *f->name_ends +
                   (head.groups ? (size_t)head.names_size : 0))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  if (head.sizes != f->head.sizes)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model is of %lld sizes, not of %lld",
                       (long long)head.sizes, (long long)f->head.sizes);
  const char *from = (const char *)bytes + sizeof head;
  size_t fits = ((size_t)head.groups + 1) * sizeof *f->fits, ends = (size_t)head.groups * sizeof *f->name_ends;
  frontier_forget(f);
  f->head = head;
  f->fits = malloc(fits);
  f->name_ends = malloc(ends + 1);
  f->names = malloc((size_t)head.names_size + 1);
  if (!f->fits || !f->name_ends || !f->names) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the model");
  memcpy(f->fits, from, fits);
  memcpy(f->name_ends, from + fits, ends);
  if (head.groups) memcpy(f->names, from + fits + ends, (size_t)head.names_size);
  if (!frontier_is_sound(f)) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  frontier_report(f);
  return TARAZU_OK;
}

/* ---- scoring ---- */

/* What a scorer makes of a customer's own value (0 where negative) and her wallet: the frontier, or her own value where
 * that is beyond it. 0: nothing can be said. */
typedef int frontier_distance(double own, double wallet, double *score);

static inline void frontier_put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static inline tarazu_status frontier_apply(const frontier *f, const tarazu_batch *batch, tarazu_result *const *results,
                                           frontier_distance *distance, tarazu_error *error)
{
  for (int64_t i = 0; i < batch->rows; i++) {
    const frontier_fit *fit = frontier_of(f, batch, i);
    int known = fit->peers > 0 && frontier_has_sizes(f, batch, i), has_own = 0;
    double reach = known ? frontier_reach(f, fit, batch, i) : 0, score = 0;
    if (known && tarazu_is_valid(batch->columns[FRONTIER_VALUE], i)) {
      double own = fmax(frontier_number(batch, FRONTIER_VALUE, i), 0);
      has_own = distance(own, fmax(reach, own), &score);
    }
    if (!isfinite(reach) || !isfinite(score)) {
      error->row = batch->row_numbers ? batch->row_numbers[i] : batch->first_row < 0 ? -1 : batch->first_row + i;
      return tarazu_fail(error, TARAZU_NUMERIC, "the frontier at these sizes is beyond what a double holds");
    }
    frontier_put(results[FRONTIER_SCORE], i, has_own, score);
    frontier_put(results[FRONTIER_REACHED], i, known, reach);
    if (results[FRONTIER_PEERS]) ((int64_t *)results[FRONTIER_PEERS]->values)[i] = fit->peers;
  }
  return TARAZU_OK;
}

static inline tarazu_status frontier_reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                                             tarazu_error *error)
{
  const frontier *f = self;
  const frontier_fit *fit = frontier_of(f, row, 0);
  char line[200];
  int length;
  if (!fit->peers) length = snprintf(line, sizeof line, "nobody to compare with\n");
  else if (!frontier_has_sizes(f, row, 0)) length = snprintf(line, sizeof line, "her size is not known\n");
  else
    length =
        snprintf(line, sizeof line, "%g %% of %lld comparable customers%s stay below %.10g\n", 100 * f->head.quantile,
                 (long long)fit->peers, fit == f->fits ? "" : " of her group", frontier_reach(f, fit, row, 0));
  if (!writer->write(writer, line, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static const tarazu_explain frontier_explain = {.size = sizeof frontier_explain, .reasons = frontier_reasons};

static inline const void *frontier_extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &frontier_explain;
}

static inline tarazu_list frontier_facts(const void *self)
{
  const frontier *f = self;
  return (tarazu_list){f->facts, f->fact_count, sizeof f->facts[0]};
}

#endif
