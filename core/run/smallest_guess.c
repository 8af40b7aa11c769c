/* Guesses at who would be on the list, for searches that cannot combine everybody anew at each step: her what-if rows,
 * scored with what the run has learned, against the customer at the list's edge and the floors; and for weights, her
 * and those who stand first in line. */
#include "run/smallest_inner.h"
#include "run/stranger.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RIVALS = 20000 };

static double score_of(const engine *e, int64_t row)
{
  return ((const double *)e->plan->score->column.values)[row];
}

static const column *dimension_score(const engine *e, uint32_t dimension)
{
  return &e->plan->combiner->outputs[e->plan->combiner->strategy->outputs.count + dimension].column;
}

/* ---- the edge ------------------------------------------------------------------------------------------------ */

static int is_member(const search *s)
{
  return s->chosen->keep_within > 0 && selection_was_listed(s->e, s->row);
}

/* Outside: the last in line with a seat that is not kept for her, or who stands where members are still kept. On the
 * list: the first in line without a seat, or who stands where members are no longer kept. */
static int64_t find_rival(const search *s)
{
  const selection *c = s->chosen;
  const uint8_t *key = c->key.values;
  if (is_member(s)) {
    int64_t at = s->listed ? c->keep_within : c->keep_within - 1;
    if (at < c->line_count) return c->line[at];
    if (s->listed) return -1;
  }
  int64_t last = -1;
  for (int64_t i = 0; i < c->line_count; i++) {
    int64_t row = c->line[i];
    if (row == s->row) continue;
    if (s->listed && !key[row]) return row;
    if (!s->listed && key[row] && !c->kept_seat[row]) last = row;
  }
  return last;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int make_ladders(search *s)
{
  const profile *f = s->e->plan->profile;
  s->ladders = calloc(f->floor_count + 1, sizeof *s->ladders);
  if (!s->ladders) return 0;
  for (uint32_t i = 0; i < f->floor_count; i++) {
    const column *c = dimension_score(s->e, (uint32_t)profile_dimension(f, f->floors[i].dimension));
    ladder *l = &s->ladders[i];
    if (f->floors[i].of_score) continue;
    if (!(l->scores = malloc(((size_t)c->rows + 1) * sizeof *l->scores))) return 0;
    for (int64_t r = 0; r < c->rows; r++)
      if (r != s->row && column_is_valid(c, r)) l->scores[l->count++] = ((const double *)c->values)[r];
    qsort(l->scores, (size_t)l->count, sizeof *l->scores, by_value);
  }
  return 1;
}

/* How many are below a score, or (through) not above it. */
static int64_t count_below(const ladder *l, double score, int through)
{
  int64_t first = 0, last = l->count;
  while (first < last) {
    int64_t half = first + (last - first) / 2;
    if (through ? l->scores[half] <= score : l->scores[half] < score) first = half + 1;
    else last = half;
  }
  return first;
}

/* As select.c asks it: the share of those with a score who score less, she and her equals by half. */
static int meets(const ladder *l, const floor_profile *f, double score)
{
  if (f->of_score) return score >= f->least;
  int64_t below = count_below(l, score, 0), equal = count_below(l, score, 1) - below + 1;
  return ((double)below + (double)equal / 2) / (double)(l->count + 1) >= f->least;
}

/* ---- her values ---------------------------------------------------------------------------------------------- */

static int see_own(search *s)
{
  engine *e = s->e;
  for (uint32_t i = 0; i < s->criteria; i++) {
    const column *c = &e->plan->normalized[i]->column;
    s->is_seen[i] = (uint8_t)column_is_valid(c, s->row);
    s->seen[i] = s->is_seen[i] ? ((const double *)c->values)[s->row] : 0;
    for (int64_t k = 0; k < GUESS_ROOM; k++) s->columns[(size_t)i * GUESS_ROOM + (size_t)k] = s->seen[i];
  }
  return 1;
}

/* The score that the criteria in `wanted` give; 0: there is none, or it cannot be said. */
static int score_rows(search *s, instance *in, uint64_t wanted, const double *const *columns, int64_t rows)
{
  double weights[64], sum = 0;
  const double *there[64];
  for (uint32_t i = 0; i < s->criteria; i++) {
    there[i] = wanted >> i & 1 ? columns[i] : NULL;
    weights[i] = there[i] ? s->e->weights[i] : 0;
    sum += weights[i];
  }
  if (!(sum > 0)) return 0;
  for (uint32_t i = 0; i < s->criteria; i++) weights[i] /= sum;
  return combine_rows_by(s->e, in, there, weights, rows, s->scores);
}

/* Marks as turned those rows that miss a floor. */
static int heed_floors(search *s, const double *const *columns, int64_t rows, uint8_t *off)
{
  const profile *f = s->e->plan->profile;
  instance *in = instance_of(s->e, s->e->plan->combiner);
  for (uint32_t i = 0; i < f->floor_count; i++) {
    uint32_t d = (uint32_t)profile_dimension(f, f->floors[i].dimension);
    instance *one = in->of_dimension ? &in->of_dimension[d] : in;
    if (!score_rows(s, one, criteria_of_dimension(s->e, d), columns, rows)) return 0;
    for (int64_t k = 0; k < rows; k++) off[k] |= !meets(&s->ladders[i], &f->floors[i], s->scores[k]);
  }
  return 1;
}

int guess_values(search *s, uint32_t count, const uint32_t *criterion, const double *const *values, int64_t rows,
                 uint8_t *turned)
{
  engine *e = s->e;
  const double *columns[64];
  for (uint32_t i = 0; i < s->criteria; i++) columns[i] = s->is_seen[i] ? s->columns + (size_t)i * GUESS_ROOM : NULL;
  for (uint32_t k = 0; k < count; k++) {
    double *to = s->varied + (size_t)k * GUESS_ROOM;
    if (!strangers_normalize(e, criterion[k], values[k], NULL, rows, to, s->missing)) return 0;
    for (int64_t i = 0; i < rows; i++)
      if (!s->missing[i]) return 0;
    columns[criterion[k]] = to;
  }
  if (!score_rows(s, instance_of(e, e->plan->combiner), UINT64_MAX, columns, rows)) return 0;
  double edge = s->rival < 0 ? 0 : score_of(e, s->rival);
  for (int64_t k = 0; k < rows; k++) {
    int ahead = s->scores[k] > edge || (s->scores[k] == edge && s->row < s->rival);
    turned[k] = s->rival >= 0 && !ahead;
  }
  if (!heed_floors(s, columns, rows, turned)) return 0;
  for (int64_t k = 0; !s->listed && k < rows; k++) turned[k] = !turned[k];
  return 1;
}

/* ---- weights ------------------------------------------------------------------------------------------------- */

static uint64_t lacks_of(const search *s, int64_t row)
{
  uint64_t lacks = 0;
  for (uint32_t i = 0; i < s->criteria; i++)
    lacks |= (uint64_t)!column_is_valid(&s->e->plan->normalized[i]->column, row) << i;
  return lacks;
}

typedef struct lacking {
  uint64_t lacks;
  int64_t row;
} lacking;

static int by_lacks(const void *a, const void *b)
{
  const lacking *x = a, *y = b;
  if (x->lacks != y->lacks) return x->lacks < y->lacks ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

/* She and the first in line, in groups that lack the same. */
static int choose_rivals(search *s)
{
  const selection *c = s->chosen;
  int64_t room = c->line_count < MOST_RIVALS ? c->line_count : MOST_RIVALS;
  lacking *all = malloc(((size_t)room + 1) * sizeof *all);
  int good = all && (s->rivals = malloc(((size_t)room + 1) * sizeof *s->rivals)) &&
             (s->rival_values = malloc(((size_t)room + 1) * s->criteria * sizeof *s->rival_values)) &&
             (s->rival_scores = malloc(((size_t)room + 1) * sizeof *s->rival_scores));
  for (int64_t i = 0; good && i < room; i++)
    if (c->line[i] != s->row) all[s->rival_count++] = (lacking){lacks_of(s, c->line[i]), c->line[i]};
  if (good) all[s->rival_count++] = (lacking){lacks_of(s, s->row), s->row};
  if (good) qsort(all, (size_t)s->rival_count, sizeof *all, by_lacks);
  for (int64_t k = 0; good && k < s->rival_count; k++) {
    s->rivals[k] = all[k].row;
    for (uint32_t i = 0; i < s->criteria; i++)
      s->rival_values[(size_t)i * (size_t)s->rival_count + (size_t)k] =
          ((const double *)s->e->plan->normalized[i]->column.values)[all[k].row];
  }
  free(all);
  if (is_member(s)) s->places = c->keep_within;
  else s->places = c->unpinned - c->kept;
  return good;
}

static int score_rivals(search *s, const double *given)
{
  for (int64_t begin = 0, end; begin < s->rival_count; begin = end) {
    const double *columns[64];
    double weights[64], sum = 0;
    uint64_t lacks = lacks_of(s, s->rivals[begin]);
    for (end = begin + 1; end < s->rival_count && lacks_of(s, s->rivals[end]) == lacks;) end++;
    for (uint32_t i = 0; i < s->criteria; i++) {
      int there = !(lacks >> i & 1);
      columns[i] = there ? s->rival_values + (size_t)i * (size_t)s->rival_count + begin : NULL;
      weights[i] = there ? given[i] : 0;
      sum += weights[i];
    }
    for (uint32_t i = 0; i < s->criteria; i++) weights[i] = sum > 0 ? weights[i] / sum : 0;
    if (!(sum > 0)) {
      for (int64_t k = begin; k < end; k++) s->rival_scores[k] = -INFINITY;
    } else if (!combine_rows(s->e, columns, weights, end - begin, s->rival_scores + begin)) {
      return 0;
    }
  }
  return 1;
}

int guess_weights(search *s, const double *weights)
{
  double own = NAN;
  int64_t ahead = 0;
  if (!s->rivals || !score_rivals(s, weights)) return -1;
  for (int64_t k = 0; k < s->rival_count; k++)
    if (s->rivals[k] == s->row) own = s->rival_scores[k];
  for (int64_t k = 0; k < s->rival_count; k++)
    ahead += s->rival_scores[k] > own || (s->rival_scores[k] == own && s->rivals[k] < s->row);
  return (ahead < s->places) != s->listed;
}

/* ---- room ---------------------------------------------------------------------------------------------------- */

int guesses_prepare(search *s)
{
  size_t room = GUESS_ROOM;
  s->guesses = strangers_taken(s->e);
  if (!s->guesses) return 1;
  s->rival = find_rival(s);
  s->columns = malloc(s->criteria * room * sizeof *s->columns);
  s->varied = malloc(2 * room * sizeof *s->varied);
  s->scores = malloc(room * sizeof *s->scores);
  s->values = malloc(2 * room * sizeof *s->values);
  s->missing = malloc(room);
  if (!s->columns || !s->varied || !s->scores || !s->values || !s->missing) return 0;
  if (s->e->plan->combiner->strategy->flags & TARAZU_LEARNS_WEIGHTS) return see_own(s) && make_ladders(s);
  return see_own(s) && make_ladders(s) && choose_rivals(s);
}

void guesses_free(search *s)
{
  free(s->columns);
  free(s->varied);
  free(s->scores);
  free(s->values);
  free(s->missing);
  for (uint32_t i = 0; s->ladders && i < s->e->plan->profile->floor_count; i++) free(s->ladders[i].scores);
  free(s->ladders);
  free(s->rivals);
  free(s->rival_values);
  free(s->rival_scores);
}
