/* Analysis of variance by orthogonal projections: the differences between a knob's levels, freed of what the other
 * knobs explain, span a space, and the share of the variance that lies in it is the knob's effect. On a full grid that
 * is the functional ANOVA's main effect, the first-order Sobol index; on a partial one the extra sum of squares (type
 * II; Yates 1934). */
#include "experiment/effects.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column that all but lies in the space of the others adds nothing. */
#define DEPENDENT 1e-10

/* Orthonormal columns. */
typedef struct space {
  int64_t height, width, room;
  double *columns;
} space;

static int space_new(space *s, int64_t height, int64_t room)
{
  *s = (space){.height = height, .room = room};
  return (s->columns = malloc(((size_t)height * (size_t)room + 1) * sizeof *s->columns)) != NULL;
}

static double *column_of(const space *s, int64_t index)
{
  return s->columns + index * s->height;
}

static double product(const double *x, const double *y, int64_t height)
{
  double sum = 0;
  for (int64_t i = 0; i < height; i++) sum += x[i] * y[i];
  return sum;
}

static void remove_part(const space *s, double *x)
{
  for (int64_t c = 0; c < s->width; c++) {
    const double *q = column_of(s, c);
    double part = product(q, x, s->height);
    for (int64_t i = 0; i < s->height; i++) x[i] -= part * q[i];
  }
}

/* Adds what x has outside of `apart` and of s itself; x is spent. Twice is enough (Kahan; Parlett 1980, section 6.9).
 */
static int add_column(space *s, const space *apart, double *x)
{
  double before = product(x, x, s->height);
  for (int again = 0; again < 2; again++) {
    if (apart) remove_part(apart, x);
    remove_part(s, x);
  }
  double left = product(x, x, s->height);
  if (!(left > DEPENDENT * before)) return 0;
  double *to = column_of(s, s->width++);
  for (int64_t i = 0; i < s->height; i++) to[i] = x[i] / sqrt(left);
  return 1;
}

/* ---- the design -------------------------------------------------------------------------------------------------- */

typedef struct design {
  const knob *knobs;
  uint32_t knob_count;
  int64_t height;   /* variants with a value */
  int64_t *variant; /* their numbers */
  double *x;        /* a column to work on */
  space all;        /* the constant and every knob */
} design;

static int has(const design *d, uint32_t k, int32_t level, int64_t i)
{
  return d->knobs[k].level[d->variant[i]] == level;
}

/* A column a level, centred, so that the constant takes nothing of it. The last one adds nothing: the others make it
 * up. Returns how many differences were added. */
static int add_knob(const design *d, uint32_t k, const space *apart, space *to)
{
  int added = 0;
  for (int32_t l = 0; l < d->knobs[k].levels; l++) {
    double count = 0;
    for (int64_t i = 0; i < d->height; i++) count += d->x[i] = has(d, k, l, i);
    for (int64_t i = 0; i < d->height; i++) d->x[i] -= count / (double)d->height;
    if (count > 0 && count < (double)d->height) added += add_column(to, apart, d->x);
  }
  return added;
}

static int add_constant(const design *d, space *to)
{
  for (int64_t i = 0; i < d->height; i++) d->x[i] = 1;
  return add_column(to, NULL, d->x);
}

static int64_t levels_of(const design *d)
{
  int64_t sum = 1;
  for (uint32_t k = 0; k < d->knob_count; k++) sum += d->knobs[k].levels;
  return sum;
}

/* A knob apart from the constant and all the others. */
static int make_main(const design *d, effect *e, space *to)
{
  space others = {0}, alone = {0};
  uint32_t own = (uint32_t)e->first;
  int good = space_new(&others, d->height, levels_of(d)) && space_new(&alone, d->height, d->knobs[own].levels) &&
             space_new(to, d->height, d->knobs[own].levels);
  if (good) {
    add_constant(d, &others);
    for (uint32_t k = 0; k < d->knob_count; k++)
      if (k != own) add_knob(d, k, NULL, &others);
    int seen = add_knob(d, own, NULL, &alone);
    e->freedom = add_knob(d, own, &others, to);
    e->confused = seen - e->freedom;
  }
  free(others.columns);
  free(alone.columns);
  return good;
}

static int64_t together(const design *d, const effect *e, int32_t a, int32_t b)
{
  int64_t count = 0;
  for (int64_t i = 0; i < d->height; i++)
    count += has(d, (uint32_t)e->first, a, i) && has(d, (uint32_t)e->second, b, i);
  return count;
}

static int32_t levels_seen(const design *d, uint32_t k)
{
  int32_t seen = 0;
  for (int32_t l = 0; l < d->knobs[k].levels; l++)
    for (int64_t i = 0; i < d->height; i++)
      if (has(d, k, l, i)) {
        seen++;
        break;
      }
  return seen;
}

/* Cells of the pair apart from every knob alone; none where a cell is empty that its row and column are not. */
static int make_pair(const design *d, effect *e, space *to)
{
  int32_t rows = d->knobs[e->first].levels, columns = d->knobs[e->second].levels, cells = 0;
  int64_t wanted = (int64_t)levels_seen(d, (uint32_t)e->first) * levels_seen(d, (uint32_t)e->second);
  if (wanted > EFFECTS_MOST_CELLS) return 1;
  for (int32_t a = 0; a < rows; a++)
    for (int32_t b = 0; b < columns; b++) cells += together(d, e, a, b) > 0;
  if (!space_new(to, d->height, cells == wanted ? cells : 0)) return 0;
  if (cells != wanted) return 1;
  for (int32_t a = 0; a < rows; a++)
    for (int32_t b = 0; b < columns; b++) {
      for (int64_t i = 0; i < d->height; i++)
        d->x[i] = has(d, (uint32_t)e->first, a, i) && has(d, (uint32_t)e->second, b, i);
      if (together(d, e, a, b)) add_column(to, &d->all, d->x);
    }
  e->freedom = (int32_t)to->width;
  e->confused = (levels_seen(d, (uint32_t)e->first) - 1) * (levels_seen(d, (uint32_t)e->second) - 1) - e->freedom;
  return 1;
}

static int design_make(design *d, const double *const *numbers, int64_t variants)
{
  d->variant = malloc(((size_t)variants + 1) * sizeof *d->variant);
  d->x = malloc(((size_t)variants + 1) * sizeof *d->x);
  if (!d->variant || !d->x) return 0;
  for (int64_t v = 0; v < variants; v++)
    if (!isnan(numbers[v][0])) d->variant[d->height++] = v;
  if (!space_new(&d->all, d->height, levels_of(d))) return 0;
  add_constant(d, &d->all);
  for (uint32_t k = 0; k < d->knob_count; k++) add_knob(d, k, NULL, &d->all);
  return 1;
}

static void design_free(design *d)
{
  free(d->all.columns);
  free(d->variant);
  free(d->x);
}

/* ---- shares ------------------------------------------------------------------------------------------------------ */

/* How much of y's square lies in the space. */
static double within(const space *s, const double *y)
{
  double sum = 0;
  for (int64_t c = 0; c < s->width; c++) {
    double part = product(column_of(s, c), y, s->height);
    sum += part * part;
  }
  return sum;
}

/* The measure of the variants on one sample, less its mean; the sum of squares, 0 where the values are equal but for
 * rounding; NAN where one is missing. */
static double centre(const design *d, const double *const *numbers, int64_t sample, double *y, double *mean)
{
  double sum = 0, most = 0, n = (double)d->height;
  for (int64_t i = 0; i < d->height; i++) {
    y[i] = numbers[d->variant[i]][sample];
    sum += y[i];
    most = fmax(most, fabs(y[i]));
  }
  *mean = sum / n;
  for (int64_t i = 0; i < d->height; i++) y[i] -= *mean;
  double squares = product(y, y, d->height);
  return squares > n * 1e-24 * most * most || isnan(squares) ? squares : 0;
}

static int find_share(const design *d, const resampling *r, const double *const *numbers, double level, double *shares,
                      effect *e)
{
  space of = {0};
  double mean;
  int good = (e->second < 0 ? make_main : make_pair)(d, e, &of);
  for (int64_t s = 0; good && s < resample_length(r); s++) {
    double all = centre(d, numbers, s, d->x, &mean);
    shares[s] = all > 0 && of.width ? within(&of, d->x) / all : (double)NAN;
  }
  free(of.columns);
  e->share = good ? shares[0] : (double)NAN;
  return good && resample_interval(r, shares, level, INTERVAL_BCA, &e->share_between);
}

static void list_effects(uint32_t knobs, effects *out)
{
  uint32_t at = knobs;
  for (uint32_t k = 0; k < knobs; k++) out->of[k] = (effect){.first = (int32_t)k, .second = -1};
  for (uint32_t a = 0; a < knobs; a++)
    for (uint32_t b = a + 1; b < knobs; b++) out->of[at++] = (effect){.first = (int32_t)a, .second = (int32_t)b};
}

int effects_find(const resampling *r, const double *const *numbers, int64_t variants, const knob *knobs,
                 uint32_t knob_count, double level, effects *out)
{
  design d = {.knobs = knobs, .knob_count = knob_count};
  *out = (effects){.mean = NAN, .deviation = NAN, .additive = NAN};
  if (levels_of(&d) - 1 > EFFECTS_MOST_LEVELS) return -1;
  out->count = knob_count + knob_count * (knob_count - 1) / 2;
  if (!(out->of = calloc((size_t)out->count + 1, sizeof *out->of))) return 0;
  list_effects(knob_count, out);
  double *shares = malloc((size_t)resample_length(r) * sizeof *shares);
  int good = shares && design_make(&d, numbers, variants);
  if (good && d.height) {
    double all = centre(&d, numbers, 0, d.x, &out->mean);
    out->variants = d.height;
    out->deviation = sqrt(all / (double)d.height);
    if (all > 0) out->additive = within(&d.all, d.x) / all;
  }
  for (uint32_t i = 0; good && i < out->count; i++) good = find_share(&d, r, numbers, level, shares, &out->of[i]);
  design_free(&d);
  free(shares);
  return good;
}

void effects_free(effects *e)
{
  free(e->of);
  *e = (effects){0};
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

double effects_level_mean(const double *const *numbers, int64_t variants, const knob *of, int32_t level, int64_t *count)
{
  double sum = 0;
  *count = 0;
  for (int64_t v = 0; v < variants; v++) {
    if (of->level[v] != level || isnan(numbers[v][0])) continue;
    sum += numbers[v][0];
    ++*count;
  }
  return *count ? sum / (double)*count : (double)NAN;
}

typedef struct setting {
  double value;
  int64_t variant;
} setting;

static int by_value(const void *a, const void *b)
{
  const setting *x = a, *y = b;
  return (x->value > y->value) - (x->value < y->value);
}

int32_t effects_levels(const double *values, int64_t variants, int32_t most, int32_t *level)
{
  setting *sorted = malloc(((size_t)variants + 1) * sizeof *sorted);
  int64_t different = 0;
  int32_t last = -1, group = -1;
  if (!sorted) return -1;
  for (int64_t v = 0; v < variants; v++) sorted[v] = (setting){values[v], v};
  qsort(sorted, (size_t)variants, sizeof *sorted, by_value);
  for (int64_t i = 0; i < variants; i++) different += !i || sorted[i].value > sorted[i - 1].value;
  for (int64_t i = 0; i < variants; i++) {
    int is_new = !i || sorted[i].value > sorted[i - 1].value;
    int32_t of = (int32_t)((double)i / (double)variants * most);
    if (is_new && (different <= most || of != group)) {
      last++;
      group = of;
    }
    level[sorted[i].variant] = last;
  }
  free(sorted);
  return last + 1;
}
