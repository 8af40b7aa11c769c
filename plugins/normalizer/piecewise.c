/* piecewise: each value by a line through given points (a value function of multi-attribute value theory: Keeney,
 * Raiffa 1976), straight between two points, level beyond the first and the last. */
#include "../shared/normalizer.h"
#include <stdlib.h>

NORMALIZER_INPUT("what the points' x are of");
NORMALIZER_OUTPUT("the points' y");

enum { POINTS };
enum { X, Y };
#define MOST_Y 1e9

static const tarazu_param point_fields[] = {
    {.name = "x", .kind = TARAZU_REAL, .help = "a value of the criterion, above that of the point before"},
    {.name = "y", .kind = TARAZU_REAL, .least = -MOST_Y, .most = MOST_Y, .help = "what it is worth, usually 0 to 1"},
};
static const tarazu_param params[] = {
    {.name = "points",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(point_fields),
     .help = "two or more, by rising x; of a criterion of which less is better the y fall"},
};

typedef struct point {
  double x, y;
} point;

typedef struct piecewise {
  normalizer common;
  point *points;
  uint32_t count, reserved;
} piecewise;

/* Points that only rise, or only fall, say what is better; so does the criterion. */
static tarazu_status check_direction(const piecewise *p, int32_t better, tarazu_error *error)
{
  int rises = 0, falls = 0;
  for (uint32_t i = 1; i < p->count; i++) {
    rises |= p->points[i].y > p->points[i - 1].y;
    falls |= p->points[i].y < p->points[i - 1].y;
  }
  if (rises == falls || (better < 0 ? falls : rises) || !better) return TARAZU_OK;
  error->param = POINTS;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                     "the points %s, but of this criterion %s is better: expected `better: %s`, or points that %s",
                     rises ? "rise" : "fall", better > 0 ? "more" : "less", better > 0 ? "less" : "more",
                     rises ? "fall" : "rise");
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  piecewise *p = self;
  const tarazu_value *given = tarazu_arg(args, POINTS);
  normalizer_create(&p->common, context, 0);
  error->param = POINTS;
  if (given->count < 2)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u points, expected two or more", (unsigned)given->count);
  p->count = given->count;
  p->points = calloc(p->count, sizeof *p->points);
  if (!p->points) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u points", (unsigned)p->count);
  for (uint32_t i = 0; i < p->count; i++) {
    p->points[i] = (point){tarazu_arg(&given->records[i], X)->real, tarazu_arg(&given->records[i], Y)->real};
    if (!i || p->points[i].x > p->points[i - 1].x) continue;
    error->item = (int32_t)i;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "x is %g after %g: expected points by rising x", p->points[i].x,
                       p->points[i - 1].x);
  }
  error->param = -1;
  return check_direction(p, tarazu_bound_at(context, 0)->better, error);
}

static void destroy(void *self)
{
  free(((piecewise *)self)->points);
}

static double place(const void *self, double x)
{
  const piecewise *p = self;
  const point *points = p->points;
  uint32_t low = 0, high = p->count - 1;
  if (x <= points[low].x) return points[low].y;
  if (x >= points[high].x) return points[high].y;
  while (high - low > 1) { /* points[low].x <= x < points[high].x */
    uint32_t middle = low + (high - low) / 2;
    if (points[middle].x <= x) low = middle;
    else high = middle;
  }
  const point *a = &points[low], *b = &points[high];
  double y = a->y + (b->y - a->y) * ratio_of_differences(x, a->x, b->x, a->x);
  return a->y <= b->y ? between(y, a->y, b->y) : between(y, b->y, a->y);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  return normalizer_apply(self, batch, results, place);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "piecewise",
    .version = "1.0",
    .license = "MIT",
    .summary = "a line through given points",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(piecewise),
    .create = create,
    .destroy = destroy,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "piecewise",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
