/* Simulates customers, and counts what prediction intervals hold. */
#include "clv_cohort.h"

#include <math.h>

const double clv_truths[FAMILIES][PARAMETERS] = {
    {0.5, 6, 0.8, 2.5}, {0.5, 6, 0.8, 2.5}, {0.55, 10, 0.6, 12}, {1.2, 3, 0.66, 8}};
const double clv_spend_truth[SPEND_PARAMETERS] = {6.25, 3.74, 15.44};
const double clv_donors[PARAMETERS] = {1.204, 0.750, 0.657, 2.783};

/* ---- chance ---- */

/* Marsaglia (2003). */
double clv_uniform(uint64_t *seed)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return ((double)(*seed >> 11) + 0.5) / 9007199254740992.;
}

static double exponential(uint64_t *seed, double rate)
{
  return -log(clv_uniform(seed)) / rate;
}

/* Marsaglia, Tsang (2000); the normal variable by Box, Muller (1958). */
static double gamma_variable(uint64_t *seed, double shape)
{
  if (shape < 1) return gamma_variable(seed, shape + 1) * pow(clv_uniform(seed), 1 / shape);
  double d = shape - 1. / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    double n = sqrt(-2 * log(clv_uniform(seed)));
    n *= cos(6.283185307179586 * clv_uniform(seed));
    double v = 1 + c * n;
    if (v > 0 && log(clv_uniform(seed)) < n * n / 2 + d - d * v * v * v + 3 * d * log(v)) return d * v * v * v;
  }
}

static double beta_variable(uint64_t *seed, double a, double b)
{
  double x = gamma_variable(seed, a), y = gamma_variable(seed, b);
  return x / (x + y);
}

/* ---- customers ---- */

typedef struct life {
  uint64_t *seed;
  double nu; /* of her purchases, which are gamma(p, nu) */
  clv_visitor *visit;
  void *to;
} life;

static void purchase(const life *l, double t)
{
  l->visit(l->to, t, gamma_variable(l->seed, clv_spend_truth[P]) / l->nu);
}

static void live_by_opportunities(const life *l, const double *theta, double end)
{
  double buys = beta_variable(l->seed, theta[0], theta[1]), leaves = beta_variable(l->seed, theta[2], theta[3]);
  for (int t = 1; t <= end && clv_uniform(l->seed) >= leaves; t++)
    if (clv_uniform(l->seed) < buys) purchase(l, t);
}

static void live_by_rate(const life *l, int f, const double *theta, double end)
{
  double rate = gamma_variable(l->seed, theta[0]) / theta[1], leaves = 0, dies = INFINITY;
  if (f == PARETO_NBD) dies = exponential(l->seed, gamma_variable(l->seed, theta[2]) / theta[3]);
  else leaves = beta_variable(l->seed, theta[2], theta[3]);
  if (f == MBG_NBD && clv_uniform(l->seed) < leaves) return;
  for (double t = exponential(l->seed, rate); t <= end && t <= dies; t += exponential(l->seed, rate)) {
    purchase(l, t);
    if (clv_uniform(l->seed) < leaves) break;
  }
}

void clv_live(uint64_t *seed, int f, const double *theta, double end, clv_visitor *visit, void *to)
{
  const life l = {seed, gamma_variable(seed, clv_spend_truth[Q]) / clv_spend_truth[GAMMA], visit, to};
  if (f == BG_BB) live_by_opportunities(&l, theta, end);
  else live_by_rate(&l, f, theta, end);
}

static void count_purchase(void *to, double t, double amount)
{
  clv_person *p = to;
  if (t > p->T) p->later += amount;
  else {
    p->x++;
    p->t_x = t;
    p->paid += amount;
  }
}

clv_person clv_watch(uint64_t *seed, int f, const double *theta, double T, double ahead)
{
  clv_person p = {.T = T};
  clv_live(seed, f, theta, T + ahead, count_purchase, &p);
  return p;
}

spend clv_spend(const double *theta, const clv_person *p)
{
  return (spend){gamma_gamma_mean(theta, p->x, p->paid), theta[P], theta[P] * p->x + theta[Q], theta[GAMMA] + p->paid};
}

/* ---- intervals ---- */

void clv_count_interval(clv_coverage *c, const future *ahead, const spend *s, double level, double later)
{
  double lower, upper, zero = 1 - ahead->alive + ahead->alive * ahead->none;
  value_interval(ahead, s, level, &lower, &upper);
  int held = later >= lower && later <= upper;
  c->customers++;
  c->held += held;
  c->promised += fmax(level, zero);
  c->adjusted += held && zero > level ? level / zero : held;
  if (upper > 0) return;
  c->nothing++;
  c->held_nothing += held;
}
