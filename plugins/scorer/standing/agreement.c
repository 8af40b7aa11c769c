/* Krippendorff's alpha (Krippendorff 2011) in time linear in judgements, and its bootstrapped interval (Hayes and
 * Krippendorff 2007). */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "../../shared/order.h"
#include "agreement.h"
#include "sort.h"

/* Above so many draws in all the replicates' distribution is taken as normal: a mean of that many draws is. */
enum { MOST_DRAWS = 1 << 24 };

/* Pairable values alone, unit after unit, those of a unit ascending where the metric calls for it. x: what differences
 * are taken of: the value, for ordinal its mean rank. unit[i] is the unit of value i. */
typedef struct pairable {
  int64_t n, units;
  int64_t *starts;
  int64_t *unit;
  double *x;
  int64_t metric;
  double expected; /* D_e */
} pairable;

static void pairable_free(pairable *p)
{
  free(p->starts);
  free(p->unit);
  free(p->x);
}

/* ---- preparing ---- */

/* Nominal and ratio differences are counted over runs of equal values, the others come out of sums. */
static int takes_runs(int64_t metric)
{
  return metric == NOMINAL || metric == RATIO;
}

static int pairable_make(pairable *p, const judgements *j)
{
  int64_t all = j->starts[j->units];
  p->starts = malloc(((size_t)j->units + 1) * sizeof *p->starts);
  p->unit = malloc(((size_t)all + 1) * sizeof *p->unit);
  p->x = malloc(((size_t)all + 1) * sizeof *p->x);
  if (!p->starts || !p->unit || !p->x) return 0;
  p->starts[0] = 0;
  for (int64_t u = 0; u < j->units; u++) {
    int64_t first = j->starts[u], m = j->starts[u + 1] - first;
    if (m < 2) continue;
    for (int64_t i = 0; i < m; i++) {
      p->unit[p->n + i] = p->units;
      p->x[p->n + i] = j->values[first + i] + 0.0;
    }
    if (takes_runs(p->metric)) sort_values(p->x + p->n, m);
    p->n += m;
    p->starts[++p->units] = p->n;
  }
  return 1;
}

static ordered *sorted_values(const pairable *p)
{
  ordered *items = malloc(((size_t)p->n + 1) * sizeof *items);
  for (int64_t i = 0; items && i < p->n; i++) items[i] = (ordered){p->x[i], i};
  if (items && order_sort(items, p->n)) return items;
  free(items);
  return NULL;
}

/* Ordinal differences are those of mean ranks: sum of n_g over c <= g <= k, less (n_c + n_k) / 2, is r_k - r_c where
 * r_c = sum of n_g over g < c, plus n_c / 2. */
static int put_ranks(pairable *p)
{
  ordered *items = sorted_values(p);
  if (!items) return 0;
  for (int64_t first = 0, last; first < p->n; first = last) {
    for (last = first; last < p->n && items[last].value <= items[first].value; last++) continue;
    for (int64_t i = first; i < last; i++) p->x[items[i].row] = (double)first + (double)(last - first) / 2;
  }
  free(items);
  return 1;
}

/* ---- differences ---- */

static double delta_squared(int64_t metric, double c, double k)
{
  if (metric == NOMINAL) return c < k || k < c ? 1 : 0;
  double difference = metric == RATIO ? (c + k > 0 ? (c - k) / (c + k) : 0) : c - k;
  return difference * difference;
}

/* Sums over all ordered pairs of m ascending values: of delta^2 and of delta^4. */
typedef struct pair_sums {
  double squares, fourths;
} pair_sums;

/* sum of (x_i - x_j)^2 = 2 m S2 and of (x_i - x_j)^4 = 2 m S4 + 6 S2^2 - 8 S1 S3 for sums S of powers around the mean,
 * S1 = 0. Equal values leave exactly 0. */
static pair_sums of_numbers(const double *x, int64_t m)
{
  double mean = 0, S2 = 0, S4 = 0;
  for (int64_t i = 0; i < m; i++) mean += x[i] - x[0];
  mean /= (double)m;
  for (int64_t i = 0; i < m; i++) {
    double square = (x[i] - x[0] - mean) * (x[i] - x[0] - mean);
    S2 += square;
    S4 += square * square;
  }
  return (pair_sums){2 * (double)m * S2, 2 * (double)m * S4 + 6 * S2 * S2};
}

static pair_sums of_categories(const double *x, int64_t m)
{
  double same = 0;
  for (int64_t first = 0, last; first < m; first = last) {
    for (last = first; last < m && x[last] <= x[first]; last++) continue;
    same += (double)(last - first) * (double)(last - first);
  }
  double unlike = (double)m * (double)m - same;
  return (pair_sums){unlike, unlike};
}

/* Pairs of different values, each as often as it occurs. */
static pair_sums of_ratios(const double *x, int64_t m)
{
  pair_sums sums = {0};
  for (int64_t first = 0, last; first < m; first = last) {
    for (last = first; last < m && x[last] <= x[first]; last++) continue;
    for (int64_t other = last, end; other < m; other = end) {
      for (end = other; end < m && x[end] <= x[other]; end++) continue;
      double d2 = delta_squared(RATIO, x[first], x[other]), times = (double)(last - first) * (double)(end - other);
      sums.squares += 2 * times * d2;
      sums.fourths += 2 * times * d2 * d2;
    }
  }
  return sums;
}

static pair_sums of_values(int64_t metric, const double *x, int64_t m)
{
  return metric == NOMINAL ? of_categories(x, m) : metric == RATIO ? of_ratios(x, m) : of_numbers(x, m);
}

static int64_t distinct_of(const ordered *items, int64_t n)
{
  int64_t distinct = n > 0;
  for (int64_t i = 1; i < n; i++) distinct += items[i].value > items[i - 1].value;
  return distinct;
}

/* ---- alpha ---- */

/* alpha = 1 - D_o / D_e: D_o = 1 / n sum over units u of 1 / (m_u - 1) sum over pairs in u of delta^2,
 * D_e = 1 / (n (n - 1)) sum over all pairs of delta^2 (Krippendorff 2011). */
static tarazu_status expect(pairable *p, tarazu_error *error)
{
  double n = (double)p->n;
  if (!takes_runs(p->metric)) {
    if (p->n) p->expected = of_values(p->metric, p->x, p->n).squares / (n * (n - 1));
    return TARAZU_OK;
  }
  ordered *items = sorted_values(p);
  double *x = malloc(((size_t)p->n + 1) * sizeof *x);
  tarazu_status status = TARAZU_OK;
  if (!items || !x) status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld judgements", (long long)p->n);
  else if (p->metric == RATIO && distinct_of(items, p->n) > MOST_RATIO_VALUES)
    status = tarazu_fail(error, TARAZU_BAD_DATA,
                         "%lld different scores; the metric ratio compares every two of them and takes %d: round "
                         "them, or use interval",
                         (long long)distinct_of(items, p->n), MOST_RATIO_VALUES);
  for (int64_t i = 0; !status && i < p->n; i++) x[i] = items[i].value;
  if (!status && p->n) p->expected = of_values(p->metric, x, p->n).squares / (n * (n - 1));
  free(items);
  free(x);
  return status;
}

/* Also the standard error of alpha as a mean of M draws from the observed pairs: sqrt(variance of delta^2 / M) / D_e.
 */
static void observe(agreement *a, const pairable *p)
{
  double D_o = 0, fourths = 0, n = (double)p->n;
  for (int64_t u = 0; u < p->units; u++) {
    int64_t first = p->starts[u], m = p->starts[u + 1] - first;
    pair_sums s = of_values(p->metric, p->x + first, m);
    D_o += s.squares / (double)(m - 1) / n;
    fourths += s.fourths / (double)(m - 1) / n;
    a->pairs += m * (m - 1) / 2;
  }
  a->alpha = 1 - D_o / p->expected;
  a->error = sqrt(fmax(fourths - D_o * D_o, 0) / (double)a->pairs) / p->expected;
}

/* ---- the bootstrap ---- */

enum { TASKS = 64 };

typedef struct drawing {
  const pairable *p;
  const tarazu_host *host;
  double *alphas;
  int64_t replicates, pairs;
  atomic_int done, cancelled;
} drawing;

static int64_t below(double uniform, int64_t count)
{
  int64_t at = (int64_t)(uniform * (double)count);
  return at < count ? at : count - 1;
}

/* M pairs are drawn with replacement from the observed coincidences, the expected disagreement standing: a value, each
 * as likely, and one of the others on its unit, which is the coincidence o_ck / n. */
static double draw_alpha(const drawing *d, int64_t replicate)
{
  const pairable *p = d->p;
  double disagreement = 0;
  for (int64_t i = 0; i < d->pairs; i++) {
    double which = d->host->uniform(d->host, -1 - replicate, (uint32_t)(2 * i));
    double whom = d->host->uniform(d->host, -1 - replicate, (uint32_t)(2 * i + 1));
    int64_t one = below(which, p->n), unit = p->unit[one], first = p->starts[unit];
    int64_t other = first + below(whom, p->starts[unit + 1] - first - 1);
    other += other >= one;
    disagreement += delta_squared(p->metric, p->x[one], p->x[other]);
  }
  return fmax(1 - disagreement / (double)d->pairs / p->expected, -1);
}

static void draw_share(void *argument, int64_t task)
{
  drawing *d = argument;
  for (int64_t r = d->replicates * task / TASKS; r < d->replicates * (task + 1) / TASKS && !d->cancelled; r++)
    d->alphas[r] = draw_alpha(d, r);
  if (!d->host->progress(d->host, (double)(++d->done) / TASKS)) d->cancelled = 1;
}

/* Between the two replicates that the share falls between, linearly. */
static double quantile(const double *sorted, int64_t count, double share)
{
  double at = share * (double)(count - 1);
  int64_t low = (int64_t)at, high = low + 1 < count ? low + 1 : low;
  return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

static double share_below(const double *sorted, int64_t count, double limit)
{
  int64_t n = 0;
  while (n < count && sorted[n] < limit) n++;
  return (double)n / (double)count;
}

static tarazu_status draw(agreement *a, const pairable *p, int64_t replicates, const tarazu_host *host,
                          tarazu_error *error)
{
  drawing d = {.p = p, .host = host, .replicates = replicates, .pairs = a->pairs};
  d.alphas = malloc((size_t)replicates * sizeof *d.alphas);
  if (!d.alphas) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld replicates", (long long)replicates);
  host->parallel(host, TASKS, draw_share, &d);
  if (!d.cancelled) {
    sort_values(d.alphas, replicates);
    a->drawn = replicates;
    a->lower = quantile(d.alphas, replicates, 0.025);
    a->upper = quantile(d.alphas, replicates, 0.975);
    a->below_tentative = share_below(d.alphas, replicates, TENTATIVE);
    a->below_firm = share_below(d.alphas, replicates, FIRM);
  }
  free(d.alphas);
  return d.cancelled ? tarazu_fail(error, TARAZU_CANCELLED, "cancelled") : TARAZU_OK;
}

static double normal_below(double limit, double mean, double deviation)
{
  return deviation > 0 ? 0.5 * erfc((mean - limit) / deviation / sqrt(2)) : mean < limit;
}

static void take_as_normal(agreement *a)
{
  a->lower = fmax(a->alpha - 1.959963984540054 * a->error, -1);
  a->upper = fmin(a->alpha + 1.959963984540054 * a->error, 1);
  a->below_tentative = normal_below(TENTATIVE, a->alpha, a->error);
  a->below_firm = normal_below(FIRM, a->alpha, a->error);
}

static tarazu_status spread(agreement *a, const pairable *p, int64_t replicates, const tarazu_host *host,
                            tarazu_error *error)
{
  a->lower = a->upper = a->alpha;
  if (!replicates) return TARAZU_OK;
  if (a->pairs <= MOST_DRAWS / replicates) return draw(a, p, replicates, host, error);
  take_as_normal(a);
  return TARAZU_OK;
}

tarazu_status agree(agreement *a, const judgements *j, int64_t metric, int64_t replicates, const tarazu_host *host,
                    tarazu_error *error)
{
  pairable p = {.metric = metric};
  *a = (agreement){0};
  tarazu_status status = TARAZU_OK;
  if (!pairable_make(&p, j) || (metric == ORDINAL && !put_ranks(&p)))
    status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the judgements");
  if (!status) status = expect(&p, error);
  a->pairable = p.n;
  a->units = p.units;
  if (!status && p.expected > 0) {
    a->defined = 1;
    observe(a, &p);
    status = spread(a, &p, replicates, host, error);
  }
  pairable_free(&p);
  return status;
}
