/* Criteria on scales that the profile gives: the ends of each scale and the ideal on it, or, where it says nothing, the
 * least and the largest value of the data and the better one of the two. For combiners that measure a distance to an
 * ideal on a scale of its own, which no other customer can move.
 *
 * A combiner's own struct begins with a `bounds`; bounds_destroy, bounds_finish, bounds_load and bounds_facts are its
 * functions, the others those of criteria.h. */
#ifndef PLUGINS_SHARED_BOUNDS_H
#define PLUGINS_SHARED_BOUNDS_H

#include "criteria.h"
#include "facts.h"

#include <math.h>

enum { BOUND_CRITERION, BOUND_RANGE, BOUND_IDEAL };

static const tarazu_param bounds_fields[] = {
    {.name = "criterion", .kind = TARAZU_COLUMN, .help = "the criterion that this is of"},
    {.name = "range",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "the ends of its scale, [0, 60]; absent: the least and the most of the data"},
    {.name = "ideal",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "the best value, [30], or the ends of the best range, [30, 35]; absent: the better end of the scale"},
};

/* The scale is from a to b, the ideal from c to d; NaN: not given. */
typedef struct scale_of {
  double a, b, c, d;
} scale_of;

typedef struct bounds {
  criteria criteria;
  scale_of *given;
  fact_list facts;
} bounds;

static inline tarazu_status bounds_ends(const tarazu_value *v, int one_will_do, double *low, double *high,
                                        tarazu_error *error)
{
  *low = *high = (double)NAN;
  if (!v->given) return TARAZU_OK;
  if (v->count == 1 && one_will_do) return *low = *high = v->reals[0], TARAZU_OK;
  if (v->count != 2)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found %u values; expected %s", (unsigned)v->count,
                       one_will_do ? "one, the ideal, or two, its ends" : "two, the ends of the scale");
  *low = v->reals[0];
  *high = v->reals[1];
  if (*low < *high || (one_will_do && *low == *high)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "from %g to %g; expected the lower end first", *low, *high);
}

static inline tarazu_status bounds_read(bounds *b, const tarazu_args *record, uint8_t *read, tarazu_error *error)
{
  uint32_t column = (uint32_t)tarazu_arg(record, BOUND_CRITERION)->integer;
  scale_of *s = &b->given[column];
  const char *name = tarazu_bound_at(b->criteria.context, column)->name;
  if (read[column]) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' stands here a second time", name);
  read[column] = 1;
  tarazu_status status = bounds_ends(tarazu_arg(record, BOUND_RANGE), 0, &s->a, &s->b, error);
  if (status == TARAZU_OK) status = bounds_ends(tarazu_arg(record, BOUND_IDEAL), 1, &s->c, &s->d, error);
  if (status != TARAZU_OK || !(s->c < s->a || s->d > s->b)) return status;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the scale of '%s', from %g to %g, does not hold its ideal", name,
                     s->a, s->b);
}

/* param: the records, each with the fields above. */
TARAZU_UNUSED static tarazu_status bounds_create(bounds *b, const tarazu_context *context, const tarazu_args *args,
                                                 uint32_t param, const char *id, tarazu_error *error)
{
  const tarazu_value *records = tarazu_arg(args, param);
  uint8_t read[MOST_CRITERIA] = {0};
  tarazu_status status = criteria_create(&b->criteria, context, id, error);
  if (status != TARAZU_OK) return status;
  b->given = malloc((b->criteria.count + 1u) * sizeof *b->given);
  if (!b->given || !facts_begin(&b->facts, b->criteria.count))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)b->criteria.count);
  for (uint32_t k = 0; k < b->criteria.count; k++)
    b->given[k] = (scale_of){(double)NAN, (double)NAN, (double)NAN, (double)NAN};
  for (uint32_t i = 0; records->given && i < records->count; i++) {
    error->param = (int32_t)param;
    error->item = (int32_t)i;
    status = bounds_read(b, &records->records[i], read, error);
    if (status != TARAZU_OK) return status;
  }
  error->param = error->item = -1;
  return TARAZU_OK;
}

TARAZU_UNUSED static void bounds_destroy(void *self)
{
  bounds *b = self;
  free(b->given);
  facts_free(&b->facts);
  criteria_destroy(self);
}

/* ---- what was learned -------------------------------------------------------------------------------------- */

/* Whoever is beyond a scale that was given is told of. */
static inline void bounds_tell(bounds *b)
{
  b->facts.count = 0;
  for (uint32_t k = 0; k < b->criteria.count; k++) {
    const scale_of *s = &b->given[k];
    const criterion_summary *of = &b->criteria.of[k];
    if (!of->seen || !(of->least < s->a || of->most > s->b)) continue;
    const char *name = tarazu_bound_at(b->criteria.context, k)->name;
    tarazu_fact *fact = fact_add(&b->facts, 0, "beyond_range_%s", name);
    fact_say(&b->facts, fact, 1, "'%s' goes from %g to %g, beyond its range, %g to %g, whose ends count instead", name,
             of->least, of->most, s->a, s->b);
  }
}

TARAZU_UNUSED static tarazu_status bounds_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  criteria_finish(self, state, again, error);
  bounds_tell(self);
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status bounds_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  tarazu_status status = criteria_load(self, bytes, count, error);
  if (status == TARAZU_OK) bounds_tell(self);
  return status;
}

TARAZU_UNUSED static tarazu_list bounds_facts(const void *self)
{
  const bounds *b = self;
  return (tarazu_list){b->facts.items, b->facts.count, sizeof *b->facts.items};
}

/* The whole scale of a criterion. What is not given comes from the data, a scale widened to hold its ideal. */
static inline scale_of bounds_of(const bounds *b, const criterion_term *term)
{
  scale_of s = b->given[term->column];
  int ranged = !isnan(s.a), ideal = !isnan(s.c);
  if (!ranged) {
    s.a = ideal && s.c < term->of->least ? s.c : term->of->least;
    s.b = ideal && s.d > term->of->most ? s.d : term->of->most;
  }
  if (!ideal) s.c = s.d = term->cost ? s.a : s.b;
  return s;
}

/* A term of a batch with what a distance to the ideal is measured by, below it and above it. In halves, since a whole
 * scale can be longer than the largest double. */
typedef struct bounded {
  const double *x;
  double w, a, b, c, d, below, above;
  uint32_t column;
} bounded;

/* Criteria whose scale has no length say nothing and are left out. own: sides are measured each by itself. */
static inline uint32_t bounds_terms(const bounds *b, const tarazu_batch *batch, int own, bounded terms[MOST_CRITERIA])
{
  criterion_term there[MOST_CRITERIA];
  uint32_t count = criteria_shares(&b->criteria, batch, there), kept = 0;
  for (uint32_t k = 0; k < count; k++) {
    scale_of s = bounds_of(b, &there[k]);
    double length = s.b / 2 - s.a / 2, below = own ? s.c / 2 - s.a / 2 : length,
           above = own ? s.b / 2 - s.d / 2 : length;
    if (!(length > 0)) continue;
    terms[kept++] = (bounded){
        there[k].x, there[k].w, s.a, s.b, s.c, s.d, below > 0 ? below : 1, above > 0 ? above : 1, there[k].column};
  }
  return kept;
}

/* How far each value is from the ideal: 0 in it, 1 at the end of the measure. Values beyond the scale count as its end.
 */
VECTORS static void bounds_distances(const bounded *t, int64_t first, int64_t rows, double *restrict distance)
{
  const double *restrict x = t->x + first;
  const double a = t->a, b = t->b, c = t->c / 2, d = t->d / 2, below = t->below, above = t->above;
  for (int64_t i = 0; i < rows; i++) {
    double half = (x[i] < a ? a : x[i] > b ? b : x[i]) / 2;
    double under = (c - half) / below, over = (half - d) / above, far = under > over ? under : over;
    distance[i] = far > 0 ? far : 0;
  }
}

#endif
