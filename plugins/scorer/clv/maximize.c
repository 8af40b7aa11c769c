/* A maximizer for at most four variables with an analytic gradient: quasi-Newton steps (Broyden, Fletcher, Goldfarb,
 * Shanno 1970) with the variables at a bound held there, then Newton's with a Hessian from differences of gradients. */
#include "maximize.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { N = MOST_VARIABLES };

static double evaluate(const problem *p, maximum *m, const double *at, double *gradient)
{
  m->evaluations++;
  double value = p->value(p->data, at, gradient);
  int good = isfinite(value);
  for (int i = 0; i < p->count; i++) good &= isfinite(gradient[i]) != 0;
  return good ? value : -INFINITY;
}

/* Which variables stand at a bound that the gradient points out of. */
static void look_at_bounds(const problem *p, maximum *m)
{
  for (int i = 0; i < p->count; i++)
    m->at_bound[i] =
        m->at[i] <= p->least[i] && m->gradient[i] <= 0 ? -1 : m->at[i] >= p->most[i] && m->gradient[i] >= 0;
}

static double steepness(const problem *p, const maximum *m)
{
  double most = 0;
  for (int i = 0; i < p->count; i++)
    if (!m->at_bound[i]) most = fmax(most, fabs(m->gradient[i]));
  return most;
}

static void identity(double b[N][N])
{
  memset(b, 0, sizeof(double[N][N]));
  for (int i = 0; i < N; i++) b[i][i] = 1;
}

/* Goes from m->at along `along`, at most to the bounds, halving until enough is gained (Armijo 1966). 0: nothing is. */
static int step(const problem *p, maximum *m, const double *along)
{
  double slope = 0, longest = 0;
  for (int i = 0; i < p->count; i++) longest = fmax(longest, fabs(along[i]));
  const double most_move = 2; /* in logarithms: a factor of 7 */
  double length = longest > most_move ? most_move / longest : 1;
  for (int halvings = 0; halvings < 40; halvings++, length /= 2) {
    maximum next = *m;
    slope = 0;
    for (int i = 0; i < p->count; i++) {
      if (m->at_bound[i]) continue;
      next.at[i] = fmin(fmax(m->at[i] + length * along[i], p->least[i]), p->most[i]);
      slope += m->gradient[i] * (next.at[i] - m->at[i]);
    }
    if (!(slope > 1e-16 * fabs(m->value))) return 0; /* no more than rounding could be gained */
    next.value = evaluate(p, &next, next.at, next.gradient);
    m->evaluations = next.evaluations;
    if (next.value >= m->value + 1e-4 * slope && next.value > m->value) {
      *m = next;
      return 1;
    }
  }
  return 0;
}

/* The inverse Hessian of the negative objective, brought up to date with one step. */
static void update(int count, double b[N][N], const double *s, const double *y)
{
  double sy = 0, by[N] = {0}, yby = 0;
  for (int i = 0; i < count; i++) {
    sy += s[i] * y[i];
    for (int j = 0; j < count; j++) by[i] += b[i][j] * y[j];
  }
  for (int i = 0; i < count; i++) yby += y[i] * by[i];
  if (!(sy > 1e-14)) return;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++) b[i][j] += (1 + yby / sy) * s[i] * s[j] / sy - (by[i] * s[j] + s[i] * by[j]) / sy;
}

void climb(const problem *p, maximum *m, double tolerance)
{
  double b[N][N];
  int fresh = 1;
  identity(b);
  m->value = evaluate(p, m, m->at, m->gradient);
  for (int iteration = 0; iteration < 300 && isfinite(m->value); iteration++) {
    look_at_bounds(p, m);
    if (steepness(p, m) <= tolerance) return;
    maximum before = *m;
    double along[N] = {0};
    for (int i = 0; i < p->count; i++)
      for (int j = 0; j < p->count; j++)
        if (!m->at_bound[i] && !m->at_bound[j]) along[i] += b[i][j] * m->gradient[j];
    if (!step(p, m, along)) {
      if (fresh) return;
      identity(b);
      fresh = 1;
      continue;
    }
    fresh = 0;
    double s[N], y[N];
    for (int i = 0; i < p->count; i++) {
      s[i] = m->at[i] - before.at[i];
      y[i] = before.gradient[i] - m->gradient[i];
    }
    update(p->count, b, s, y);
  }
}

/* Minus the Hessian, from central differences of the gradient; one that reaches over a bound is one-sided. */
static int curvature(const problem *p, maximum *m, double h[N][N])
{
  const double width = 1e-4;
  for (int i = 0; i < p->count; i++) {
    double up[N], down[N], above[N], below[N];
    memcpy(up, m->at, sizeof up);
    memcpy(down, m->at, sizeof down);
    up[i] = fmin(m->at[i] + width, p->most[i]);
    down[i] = fmax(m->at[i] - width, p->least[i]);
    if (isinf(evaluate(p, m, up, above)) || isinf(evaluate(p, m, down, below))) return 0;
    for (int j = 0; j < p->count; j++) h[i][j] = (below[j] - above[j]) / (up[i] - down[i]);
  }
  for (int i = 0; i < p->count; i++)
    for (int j = 0; j < i; j++) h[i][j] = h[j][i] = (h[i][j] + h[j][i]) / 2;
  return 1;
}

/* The inverse of the rows and columns that are off the bounds, by Cholesky's factors; 0: not positive definite. */
static int invert(const problem *p, const int *at_bound, double h[N][N], double inverse[N][N])
{
  int free_ones[N], count = 0;
  double l[N][N] = {{0}}, u[N][N] = {{0}};
  memset(inverse, 0, sizeof(double[N][N]));
  for (int i = 0; i < p->count; i++)
    if (!at_bound[i]) free_ones[count++] = i;
  for (int i = 0; i < count; i++) {
    for (int j = 0; j <= i; j++) {
      double sum = h[free_ones[i]][free_ones[j]];
      for (int k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      if (i != j) l[i][j] = sum / l[j][j];
      else if (sum > 1e-13 * fabs(h[free_ones[i]][free_ones[i]])) l[i][i] = sqrt(sum);
      else return 0;
    }
    for (int j = 0; j <= i; j++) { /* u = l^-1 */
      double sum = i == j;
      for (int k = j; k < i; k++) sum -= l[i][k] * u[k][j];
      u[i][j] = sum / l[i][i];
    }
  }
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++)
      for (int k = i > j ? i : j; k < count; k++) inverse[free_ones[i]][free_ones[j]] += u[k][i] * u[k][j];
  return 1;
}

static double newton_direction(const problem *p, const maximum *m, double inverse[N][N], double *along)
{
  double decrement = 0;
  for (int i = 0; i < p->count; i++) {
    along[i] = 0;
    for (int j = 0; j < p->count; j++) along[i] += inverse[i][j] * m->gradient[j];
    decrement += m->gradient[i] * along[i];
  }
  return decrement;
}

void polish(const problem *p, maximum *m, double decrement)
{
  double h[N][N], along[N];
  m->value = evaluate(p, m, m->at, m->gradient);
  m->curved = 0;
  m->decrement = INFINITY;
  for (int rounds = 0; rounds < 20 && isfinite(m->value); rounds++) {
    look_at_bounds(p, m);
    m->curved = curvature(p, m, h) && invert(p, m->at_bound, h, m->covariance);
    if (!m->curved) return;
    /* One Hessian serves a few steps. */
    for (int steps = 0; steps < 8; steps++) {
      m->decrement = newton_direction(p, m, m->covariance, along);
      if (m->decrement <= decrement) {
        if (steps >= 2) m->curved = curvature(p, m, h) && invert(p, m->at_bound, h, m->covariance);
        return;
      }
      int before[N];
      memcpy(before, m->at_bound, sizeof before);
      if (!step(p, m, along)) return;
      look_at_bounds(p, m);
      if (memcmp(before, m->at_bound, sizeof before)) break;
      if (newton_direction(p, m, m->covariance, along) > m->decrement / 4) break;
    }
  }
}
