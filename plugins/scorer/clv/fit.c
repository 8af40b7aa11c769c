/* Maximum likelihood: sums of rows in fixed shares, several starts on a sample, the rest on everybody. */
#include "fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "maximize.h"

/* Rows of one task. Sums are taken share by share in order, so that threads never show. */
enum { SHARE = 4096 };

typedef struct partial {
  double value, gradient[PARAMETERS];
} partial;

/* A sum over rows at one theta. */
typedef struct summation {
  const tarazu_host *host;
  const family *of; /* NULL: gamma-gamma */
  const cohort *cohort;
  const keyed *spenders;
  int64_t rows;
  int count; /* of parameters */
  double customers, penalty;
  double theta[PARAMETERS];
  double *by_time; /* four tables of most_T + 1 */
  partial *partials;
  int cancelled;
} summation;

static int open_summation(summation *s)
{
  int64_t shares = (s->rows + SHARE - 1) / SHARE;
  s->partials = malloc((size_t)(shares + 1) * sizeof *s->partials);
  if (s->of) s->by_time = malloc(((size_t)s->cohort->most_T + 1) * 4 * sizeof *s->by_time);
  return s->partials && (s->by_time || !s->of);
}

static void close_summation(summation *s)
{
  free(s->partials);
  free(s->by_time);
}

static double *table(const summation *s, int number)
{
  return s->by_time + (size_t)number * ((size_t)s->cohort->most_T + 1);
}

static void fill_tables(summation *s)
{
  for (int k = 0; k < 2; k++) {
    if (s->of->scales[k] < 0) continue;
    double scale = s->theta[s->of->scales[k]], unit = s->cohort->unit;
    double *logs = table(s, 2 * k), *shares = table(s, 2 * k + 1);
    for (int32_t t = 0; t <= s->cohort->most_T; t++) {
      logs[t] = log1p(t * unit / scale);
      shares[t] = t * unit / (scale + t * unit);
    }
  }
}

static void sum_share(void *argument, int64_t index)
{
  const summation *s = argument;
  partial *p = &s->partials[index];
  int64_t from = index * SHARE, to = from + SHARE < s->rows ? from + SHARE : s->rows;
  if (!s->of) {
    p->value = gamma_gamma_sum(s->theta, s->spenders + from, to - from, p->gradient);
    return;
  }
  likelihood l = {s->cohort, s->theta, {table(s, 0), table(s, 1), table(s, 2), table(s, 3)}};
  p->value = s->of->sum(&l, from, to, p->gradient);
}

static double sum_all(summation *s, double *gradient)
{
  int64_t shares = (s->rows + SHARE - 1) / SHARE;
  double value = 0;
  if (s->of) fill_tables(s);
  s->host->parallel(s->host, shares, sum_share, s);
  for (int k = 0; k < s->count; k++) gradient[k] = 0;
  for (int64_t i = 0; i < shares; i++) {
    value += s->partials[i].value;
    for (int k = 0; k < s->count; k++) gradient[k] += s->partials[i].gradient[k];
  }
  return value;
}

/* The mean log-likelihood of a customer less penalty times the sum of squared parameters, by their logarithms. */
static double value_at(void *data, const double *at, double *gradient)
{
  summation *s = data;
  if (s->cancelled || !s->host->progress(s->host, 0)) {
    s->cancelled = 1;
    return -INFINITY;
  }
  double squares = 0;
  for (int k = 0; k < s->count; k++) {
    s->theta[k] = exp(at[k]);
    squares += s->theta[k] * s->theta[k];
  }
  double value = sum_all(s, gradient) / s->customers - s->penalty * squares;
  for (int k = 0; k < s->count; k++)
    gradient[k] = gradient[k] / s->customers - 2 * s->penalty * s->theta[k] * s->theta[k];
  return value;
}

/* ---- starts ---- */

/* Shapes between 1e-6 and 1e6, times likewise around what is usual for them. */
static const double widest = 13.8;

enum { STARTS = 3 };

/* The rate of purchases is r / alpha, a little more as some have dropped out. */
static void bg_nbd_starts(const cohort *c, double starts[STARTS][PARAMETERS])
{
  static const double r[STARTS] = {0.3, 1, 3}, a[STARTS] = {0.8, 0.3, 0.1}, b[STARTS] = {2.5, 3, 1};
  for (int i = 0; i < STARTS; i++) {
    double alpha = 0.7 * r[i] * c->time / c->purchases;
    memcpy(starts[i], (double[]){r[i], alpha, a[i], b[i]}, sizeof starts[i]);
  }
}

static void pareto_nbd_starts(const cohort *c, double starts[STARTS][PARAMETERS])
{
  static const double r[STARTS] = {0.5, 1, 3}, s[STARTS] = {0.6, 0.5, 1.5}, beta[STARTS] = {0.3, 1, 3};
  for (int i = 0; i < STARTS; i++) {
    double alpha = 0.7 * r[i] * c->time / c->purchases;
    memcpy(starts[i], (double[]){r[i], alpha, s[i], beta[i] * c->time / c->customers}, sizeof starts[i]);
  }
}

static void bg_bb_starts(const cohort *c, double starts[STARTS][PARAMETERS])
{
  static const double a[STARTS] = {1, 0.4, 3}, g[STARTS] = {0.6, 0.5, 2}, d[STARTS] = {0.3, 1, 3};
  double odds = fmax(0.1, c->time / c->purchases - 1);
  for (int i = 0; i < STARTS; i++)
    memcpy(starts[i], (double[]){a[i], 0.7 * a[i] * odds, g[i], d[i] * c->time / c->customers}, sizeof starts[i]);
}

static void find_starts(const family *of, const cohort *c, double starts[STARTS][PARAMETERS])
{
  if (of == &pareto_nbd) pareto_nbd_starts(c, starts);
  else if (of == &bg_bb) bg_bb_starts(c, starts);
  else bg_nbd_starts(c, starts);
}

/* ---- estimating ---- */

static void set_box(problem *p, const summation *s)
{
  for (int k = 0; k < p->count; k++) {
    double center = 0;
    if (!s->of) center = k == GAMMA ? log(s->theta[GAMMA]) : 0;
    else if (k == s->of->scales[0] || k == s->of->scales[1]) center = log(s->cohort->time / s->cohort->customers);
    p->least[k] = center - widest;
    p->most[k] = center + widest;
  }
}

/* The best of the climbs from all starts, on a sample. */
static maximum best_start(const problem *p, double starts[STARTS][PARAMETERS])
{
  maximum best = {.value = -INFINITY};
  const double rough = 1e-4, fine = 1e-8;
  int evaluations = 0;
  for (int i = 0; i < STARTS; i++) {
    maximum m = {.value = -INFINITY};
    for (int k = 0; k < p->count; k++) m.at[k] = fmin(fmax(log(starts[i][k]), p->least[k]), p->most[k]);
    climb(p, &m, rough);
    evaluations += m.evaluations;
    if (m.value > best.value) best = m;
  }
  best.evaluations = evaluations;
  if (isfinite(best.value)) climb(p, &best, fine);
  return best;
}

/* A gain of the log-likelihood that nobody would notice; below it a step counts as none. */
static const double unnoticed = 1e-3;

static int is_reached(const maximum *m, double customers)
{
  double most = 0;
  for (int k = 0; k < MOST_VARIABLES; k++)
    if (!m->at_bound[k]) most = fmax(most, fabs(m->gradient[k]));
  return m->curved ? m->decrement * customers < unnoticed : most < 1e-6;
}

static void settle(const problem *p, const summation *s, const maximum *m, estimate *e)
{
  e->evaluations += m->evaluations;
  e->failure = !isfinite(m->value) ? FIT_NOT_FINITE : is_reached(m, s->customers) ? FIT_GOOD : FIT_NOT_CONVERGED;
  e->unidentified = !m->curved;
  double squares = 0;
  for (int k = 0; k < p->count; k++) {
    e->theta[k] = exp(m->at[k]);
    e->at_bound[k] = m->at_bound[k];
    e->deviation[k] = m->curved && !m->at_bound[k] ? sqrt(m->covariance[k][k] / s->customers) : -1;
    squares += e->theta[k] * e->theta[k];
  }
  e->log_likelihood = (m->value + s->penalty * squares) * s->customers;
}

static tarazu_status maximize_likelihood(summation *all, summation *sample, double starts[STARTS][PARAMETERS],
                                         estimate *e)
{
  if (!open_summation(all) || (sample != all && !open_summation(sample))) return TARAZU_NO_MEMORY;
  problem on_sample = {.value = value_at, .data = sample, .count = all->count};
  set_box(&on_sample, all);
  problem on_all = on_sample;
  on_all.data = all;
  maximum m = best_start(&on_sample, starts);
  const double precise = fmax(1e-6 / all->customers, 1e-12);
  if (isfinite(m.value)) polish(&on_all, &m, precise);
  if (isfinite(m.value) && !is_reached(&m, all->customers)) {
    climb(&on_all, &m, 1e-9);
    polish(&on_all, &m, precise);
  }
  settle(&on_all, all, &m, e);
  return all->cancelled || sample->cancelled ? TARAZU_CANCELLED : TARAZU_OK;
}

static summation of_cohort(const family *of, const cohort *c, double penalty, const tarazu_host *host)
{
  return (summation){.host = host,
                     .of = of,
                     .cohort = c,
                     .rows = c->row_count,
                     .count = PARAMETERS,
                     .customers = c->customers,
                     .penalty = penalty};
}

static void empty(estimate *e, int failure)
{
  *e = (estimate){.failure = failure, .log_likelihood = NAN};
  for (int k = 0; k < PARAMETERS; k++) e->deviation[k] = -1;
}

tarazu_status fit_family(const family *of, sampled customers, double penalty, const tarazu_host *host, estimate *e)
{
  empty(e, FIT_TOO_FEW);
  if (customers.all->repeaters < FEWEST_REPEATERS || customers.sample->repeaters < 1) return TARAZU_OK;
  double starts[STARTS][PARAMETERS];
  find_starts(of, customers.sample, starts);
  summation all = of_cohort(of, customers.all, penalty, host), part = of_cohort(of, customers.sample, penalty, host);
  summation *sample = customers.sample == customers.all ? &all : &part;
  tarazu_status status = maximize_likelihood(&all, sample, starts, e);
  close_summation(&all);
  close_summation(&part);
  return status;
}

static summation of_spenders(const keyed *customers, int64_t count, double penalty, const tarazu_host *host)
{
  double mean = 0;
  for (int64_t i = 0; i < count; i++) mean += customers[i].value / (double)customers[i].key / (double)count;
  return (summation){.host = host,
                     .spenders = customers,
                     .rows = count,
                     .count = SPEND_PARAMETERS,
                     .customers = (double)count,
                     .penalty = penalty,
                     .theta = {1, 1, mean}};
}

tarazu_status fit_gamma_gamma(const keyed *customers, int64_t count, double penalty, const tarazu_host *host,
                              estimate *e)
{
  empty(e, FIT_TOO_FEW);
  if (count < FEWEST_REPEATERS) return TARAZU_OK;
  static const double p[STARTS] = {5, 1, 30}, q[STARTS] = {4, 2, 10};
  const int64_t sample_of = 20000, every = 1 + count / sample_of;
  keyed *some = malloc((size_t)(count / every + 1) * sizeof *some);
  if (!some) return TARAZU_NO_MEMORY;
  int64_t taken = 0;
  for (int64_t i = 0; i < count; i += every) some[taken++] = customers[i];
  summation all = of_spenders(customers, count, penalty, host), part = of_spenders(some, taken, penalty, host);
  double starts[STARTS][PARAMETERS];
  for (int i = 0; i < STARTS; i++)
    memcpy(starts[i], (double[]){p[i], q[i], all.theta[GAMMA] * (q[i] - 1) / p[i], 1}, sizeof starts[i]);
  tarazu_status status = maximize_likelihood(&all, every > 1 ? &part : &all, starts, e);
  if (!e->failure && e->theta[Q] <= 1) e->failure = FIT_INFINITE_MEAN;
  close_summation(&all);
  close_summation(&part);
  free(some);
  return status;
}

double cohort_log_likelihood(const family *of, const cohort *c, const double *theta, const tarazu_host *host)
{
  double gradient[PARAMETERS], value = NAN;
  summation s = of_cohort(of, c, 0, host);
  memcpy(s.theta, theta, sizeof s.theta);
  if (open_summation(&s)) value = sum_all(&s, gradient);
  close_summation(&s);
  return value;
}

/* ---- judging ---- */

/* Rows of every T are gathered first; where there are many lengths, those that make up each group of neighbours are
 * taken at their mean. */
void expected_counts(const family *of, const cohort *c, const double *theta, double *expected, int most)
{
  enum { GROUPS = 400, MOST = 64 };
  double weight[GROUPS + 1] = {0}, time[GROUPS + 1] = {0}, chance[MOST];
  for (int64_t i = 0; i < c->row_count; i++) {
    const history *h = &c->rows[i];
    int64_t g = c->most_T < GROUPS ? h->T : (int64_t)h->T * GROUPS / c->most_T;
    weight[g] += h->count;
    time[g] += h->count * h->T;
  }
  for (int n = 0; n <= most; n++) expected[n] = 0;
  for (int g = 0; g <= GROUPS; g++) {
    if (weight[g] == 0) continue;
    double T = time[g] / weight[g], rest = 1;
    of->counts(theta, (of == &bg_bb ? round(T) : T) * c->unit, chance, most - 1);
    for (int n = 0; n < most; n++) {
      expected[n] += weight[g] * chance[n];
      rest -= chance[n];
    }
    expected[most] += weight[g] * fmax(0, rest);
  }
}

const char *failure_text(int failure)
{
  switch (failure) {
  case FIT_GOOD: return "converged";
  case FIT_TOO_FEW: return "too few repeat buyers";
  case FIT_NOT_CONVERGED: return "the maximum of the likelihood was not reached";
  case FIT_INFINITE_MEAN: return "the mean spend that fits best is infinite";
  default: return "the likelihood is not finite anywhere that was tried";
  }
}
