/* Draws weights. A Dirichlet distribution is drawn by gamma variates, the uniform distribution over a simplex by
 * exponential ones (Rubinstein 1982), over the ordered simplex by sorting these (Tervonen, Lahdelma 2007), within
 * intervals by rejection, and by a walk that keeps to them where rejection would hardly ever end. */
#include "run/weight_draw.h"

#include <math.h>
#include <string.h>

/* ---- random numbers ---------------------------------------------------------------------------------------- */

/* Steele, Lea, Flood (2014): splitmix64. */
uint64_t random_mix(uint64_t number)
{
  number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
  return number ^ number >> 31;
}

double random_unit(uint64_t bits)
{
  return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

random_stream random_open(uint64_t seed, uint64_t number)
{
  return (random_stream){random_mix(random_mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ number)};
}

double random_uniform(random_stream *stream)
{
  stream->state += UINT64_C(0x9e3779b97f4a7c15);
  return random_unit(random_mix(stream->state));
}

static double exponential(random_stream *stream)
{
  return -log(random_uniform(stream));
}

static uint32_t random_below(random_stream *stream, uint32_t count)
{
  uint32_t number = (uint32_t)(random_uniform(stream) * count);
  return number < count ? number : count - 1;
}

static double polynomial(const double *a, int degree, double x)
{
  double sum = a[degree];
  for (int i = degree - 1; i >= 0; i--) sum = sum * x + a[i];
  return sum;
}

/* Wichura (1988), algorithm AS 241, PPND16. */
double normal_quantile(double p)
{
  static const double a[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                             1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                             3.3430575583588128105e4, 2.5090809287301226727e3};
  static const double b[] = {1.0,
                             4.2313330701600911252e1,
                             6.8718700749205790830e2,
                             5.3941960214247511077e3,
                             2.1213794301586595867e4,
                             3.9307895800092710610e4,
                             2.8729085735721942674e4,
                             5.2264952788528545610e3};
  static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                             3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                             2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double d[] = {1.0,
                             2.05319162663775882187e0,
                             1.67638483018380384940e0,
                             6.89767334985100004550e-1,
                             1.48103976427480074590e-1,
                             1.51986665636164571966e-2,
                             5.47593808499534494600e-4,
                             1.05075007164441684324e-9};
  static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                             2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                             2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[] = {1.0,
                             5.99832206555887937690e-1,
                             1.36929880922735805310e-1,
                             1.48753612908506148525e-2,
                             7.86869131145613259100e-4,
                             1.84631831751005468180e-5,
                             1.42151175831644588870e-7,
                             2.04426310338993978564e-15};
  double q = p - 0.5;
  if (fabs(q) <= 0.425) {
    double r = 0.180625 - q * q;
    return q * polynomial(a, 7, r) / polynomial(b, 7, r);
  }
  double r = sqrt(-log(q < 0 ? p : 1 - p));
  double z = r <= 5 ? polynomial(c, 7, r - 1.6) / polynomial(d, 7, r - 1.6)
                    : polynomial(e, 7, r - 5) / polynomial(f, 7, r - 5);
  return q < 0 ? -z : z;
}

/* ---- one level --------------------------------------------------------------------------------------------- */

/* The logarithm of a gamma variate of shape a: Marsaglia, Tsang (2000); below 1 as G(a + 1) U^(1 / a), in logarithms
 * because that falls below what a double holds. */
static double log_gamma_variate(random_stream *stream, double a)
{
  double shape = a < 1 ? a + 1 : a, d = shape - 1.0 / 3, c = 1 / sqrt(9 * d), v, x;
  do {
    do {
      x = normal_quantile(random_uniform(stream));
      v = 1 + c * x;
    } while (v <= 0);
    v = v * v * v;
  } while (log(random_uniform(stream)) >= 0.5 * x * x + d - d * v + d * log(v));
  return log(d * v) + (a < 1 ? log(random_uniform(stream)) / a : 0);
}

static void draw_around(const weight_level *l, random_stream *stream, double *weights)
{
  double logs[DRAW_MOST], largest = -INFINITY, sum = 0;
  for (uint32_t k = 0; k < l->drawn; k++) {
    logs[k] = log_gamma_variate(stream, l->concentration * l->given[l->order[k]]);
    if (logs[k] > largest) largest = logs[k];
  }
  for (uint32_t k = 0; k < l->drawn; k++) sum += logs[k] = exp(logs[k] - largest);
  for (uint32_t k = 0; k < l->drawn; k++) weights[l->order[k]] = logs[k] / sum;
}

/* Uniform over the simplex: exponential variates over their sum. */
static void draw_simplex(uint32_t count, random_stream *stream, double *parts)
{
  double sum = 0;
  for (uint32_t k = 0; k < count; k++) sum += parts[k] = exponential(stream);
  for (uint32_t k = 0; k < count; k++) parts[k] /= sum;
}

static void draw_any(const weight_level *l, random_stream *stream, double *weights)
{
  double parts[DRAW_MOST];
  draw_simplex(l->drawn, stream, parts);
  for (uint32_t k = 0; k < l->drawn; k++) weights[l->order[k]] = parts[k];
}

/* Heaviest first; of those that are given equal weights any may be the heavier one. */
static void draw_ordered(const weight_level *l, random_stream *stream, double *weights)
{
  double parts[DRAW_MOST];
  draw_simplex(l->drawn, stream, parts);
  for (uint32_t k = 1; k < l->drawn; k++)
    for (uint32_t i = k; i > 0 && parts[i] > parts[i - 1]; i--) {
      double swap = parts[i];
      parts[i] = parts[i - 1];
      parts[i - 1] = swap;
    }
  for (uint32_t first = 0, end; first < l->drawn; first = end) {
    for (end = first + 1; end < l->drawn && l->given[l->order[end]] == l->given[l->order[first]];) end++;
    for (uint32_t k = end; k > first + 1; k--) {
      uint32_t other = first + random_below(stream, k - first);
      double swap = parts[k - 1];
      parts[k - 1] = parts[other];
      parts[other] = swap;
    }
  }
  for (uint32_t k = 0; k < l->drawn; k++) weights[l->order[k]] = parts[k];
}

/* ---- within intervals -------------------------------------------------------------------------------------- */

enum { TRIES = 2000, WALK = 20 };
static const double LEAST_ACCEPTED = 0.02;

/* The lower ends and a point of the simplex over what they leave; 0: it lies beyond an upper end. */
static int try_within(const weight_level *l, random_stream *stream, double *parts)
{
  draw_simplex(l->drawn, stream, parts);
  for (uint32_t k = 0; k < l->drawn; k++)
    if ((parts[k] *= l->rest) > l->length[k]) return 0;
  return 1;
}

/* From a point within, two weights at a time change places for a stretch drawn evenly from what both intervals allow
 * (hit-and-run along the directions e_i - e_j: Smith 1984; Belisle, Romeijn, Smith 1993). */
static void walk_within(const weight_level *l, random_stream *stream, double *parts)
{
  uint32_t n = l->drawn, steps = WALK * n * n;
  memcpy(parts, l->start, n * sizeof *parts);
  for (uint32_t s = 0; s < steps && n > 1; s++) {
    uint32_t i = random_below(stream, n), j = random_below(stream, n - 1);
    j += j >= i;
    double both = parts[i] + parts[j];
    double low = both > l->length[j] ? both - l->length[j] : 0, high = both < l->length[i] ? both : l->length[i];
    if (high > low) parts[i] = low + (high - low) * random_uniform(stream);
    parts[j] = both - parts[i];
  }
}

static void draw_within(const weight_level *l, random_stream *stream, double *weights)
{
  double parts[DRAW_MOST];
  if (l->walks) walk_within(l, stream, parts);
  else
    while (!try_within(l, stream, parts)) continue;
  for (uint32_t k = 0; k < l->drawn; k++) weights[l->order[k]] = l->least[l->order[k]] + parts[k];
}

/* Whether enough points of the simplex lie within the intervals; the same points at every asking. */
static int rejection_ends(const weight_level *l)
{
  random_stream stream = random_open(0, 0);
  double parts[DRAW_MOST];
  int accepted = 0;
  for (int i = 0; i < TRIES; i++) accepted += try_within(l, &stream, parts);
  return accepted >= LEAST_ACCEPTED * TRIES;
}

static int prepare_intervals(weight_level *l, const char **why)
{
  double low = 0, high = 0;
  for (uint32_t k = 0; k < l->drawn; k++) {
    low += l->least[l->order[k]];
    high += l->most[l->order[k]];
  }
  *why = low > 1 + 1e-12 ? "their lower ends add up to more than 100 %" : "their upper ends add up to less than 100 %";
  if (low > 1 + 1e-12 || high < 1 - 1e-12) return 0;
  l->rest = low < 1 ? 1 - low : 0;
  for (uint32_t k = 0; k < l->drawn; k++) {
    l->length[k] = l->most[l->order[k]] - l->least[l->order[k]];
    l->start[k] = high > low ? l->length[k] * (l->rest / (high - low)) : 0;
  }
  l->walks = !rejection_ends(l);
  return 1;
}

int weight_level_prepare(weight_level *l, const char **why)
{
  *why = NULL;
  l->drawn = 0;
  for (uint32_t i = 0; i < l->count; i++) {
    uint32_t k = l->drawn;
    if (!(l->given[i] > 0)) continue;
    for (; k > 0 && l->given[l->order[k - 1]] < l->given[i]; k--) l->order[k] = l->order[k - 1];
    l->order[k] = i;
    l->drawn++;
  }
  return l->rule != WEIGHTS_INTERVALS || !l->drawn || prepare_intervals(l, why);
}

void weight_level_draw(const weight_level *l, random_stream *stream, double *weights)
{
  for (uint32_t i = 0; i < l->count; i++) weights[i] = l->rule == WEIGHTS_GIVEN ? l->given[i] : 0;
  switch (l->drawn ? l->rule : WEIGHTS_GIVEN) {
  case WEIGHTS_GIVEN: return;
  case WEIGHTS_CONCENTRATION: draw_around(l, stream, weights); return;
  case WEIGHTS_INTERVALS: draw_within(l, stream, weights); return;
  case WEIGHTS_ORDER: draw_ordered(l, stream, weights); return;
  case WEIGHTS_ANY: draw_any(l, stream, weights); return;
  }
}

/* ---- the levels of a profile ------------------------------------------------------------------------------- */

/* The interval of that name; NULL: none. */
static const weight_interval *interval_of(const profile *f, const char *name)
{
  for (uint32_t i = 0; i < f->confidence.interval_count; i++)
    if (!strcmp(f->confidence.intervals[i].name, name)) return &f->confidence.intervals[i];
  return NULL;
}

/* A level of which nobody is named keeps its given weights; beside those that are, the others are free. */
static int fill_level(weight_level *l, const profile *f, const char *const *names, const char *what, problems *faults)
{
  const confidence_profile *c = &f->confidence;
  const weight_interval *named = NULL;
  const char *why;
  l->rule = c->rule;
  l->concentration = c->concentration;
  for (uint32_t i = 0; i < l->count && c->rule == WEIGHTS_INTERVALS; i++) {
    const weight_interval *one = interval_of(f, names[i]);
    l->least[i] = one ? one->least : 0;
    l->most[i] = one ? one->most : 1;
    if (one) named = one;
    if (!one || l->given[i] > 0 || !(one->least > 0)) continue;
    problem_add(faults, EXIT_PROFILE, one->place,
                "confidence.weights.intervals.%s: found at least %g %%, but it weighs nothing in this run", one->name,
                100 * one->least);
    return 0;
  }
  if (c->rule == WEIGHTS_INTERVALS && !named) l->rule = WEIGHTS_GIVEN;
  if (weight_level_prepare(l, &why)) return 1;
  problem_add(faults, EXIT_PROFILE, named->place, "confidence.weights.intervals: no weights of %s are within: %s", what,
              why);
  return 0;
}

/* One whole. A Dirichlet around the weights is drawn as one even where there are dimensions: their sums are then
 * Dirichlet around the dimensions' weights with the same concentration, and independent of the shares within. */
static int make_flat(const profile *f, const double *weights, problems *faults, weight_draws *out)
{
  const char *names[DRAW_MOST];
  out->across.count = out->criteria;
  for (uint32_t i = 0; i < out->criteria; i++) {
    out->across.given[i] = weights[i];
    names[i] = f->criteria[i].name;
  }
  return fill_level(&out->across, f, names, "the criteria", faults);
}

/* The level of a dimension's criteria, where it has any, and the dimension's own weight. */
static int make_dimension(const profile *f, const double *weights, const char *dimension, arena *home, problems *faults,
                          weight_draws *out)
{
  const char *names[DRAW_MOST];
  uint32_t d = out->dimensions;
  weight_level *l = &out->within[d];
  for (uint32_t i = 0; i < out->criteria; i++) {
    if (strcmp(f->criteria[i].dimension, dimension) != 0) continue;
    out->dimension_of[i] = d;
    out->place[i] = l->count;
    names[l->count] = f->criteria[i].name;
    l->given[l->count++] = weights[i];
    out->across.given[d] += weights[i];
  }
  if (!l->count) return 1;
  for (uint32_t k = 0; k < l->count && out->across.given[d] > 0; k++) l->given[k] /= out->across.given[d];
  out->dimensions++;
  return fill_level(l, f, names, arena_format(home, "dimension '%s'", dimension), faults);
}

static int make_dimensions(const profile *f, const double *weights, arena *home, problems *faults, weight_draws *out)
{
  const char *names[DRAW_MOST];
  out->within = arena_array(home, f->dimension_count + 1, sizeof *out->within);
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    uint32_t before = out->dimensions;
    if (!make_dimension(f, weights, f->dimensions[d].name, home, faults, out)) return 0;
    if (out->dimensions > before) names[before] = f->dimensions[d].name;
  }
  out->across.count = out->dimensions;
  return fill_level(&out->across, f, names, "the dimensions", faults);
}

int weight_draws_make(const profile *f, const double *weights, arena *home, problems *faults, weight_draws *out)
{
  weight_rule rule = f->confidence.rule;
  *out = (weight_draws){.criteria = f->criterion_count};
  if (!f->dimension_weights || rule == WEIGHTS_CONCENTRATION || rule == WEIGHTS_GIVEN)
    return make_flat(f, weights, faults, out);
  return make_dimensions(f, weights, home, faults, out);
}

void weight_draws_take(const weight_draws *draws, random_stream *stream, double *weights)
{
  double across[DRAW_MOST], shares[DRAW_MOST];
  weight_level_draw(&draws->across, stream, draws->dimensions ? across : weights);
  for (uint32_t d = 0; d < draws->dimensions; d++) {
    weight_level_draw(&draws->within[d], stream, shares);
    for (uint32_t i = 0; i < draws->criteria; i++)
      if (draws->dimension_of[i] == d) weights[i] = across[d] * shares[draws->place[i]];
  }
}
