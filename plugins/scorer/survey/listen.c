/* One customer's answers: what each is worth, how they are weighed by recency and item, and how the mean is pulled. */
#include <math.h>
#include <stdlib.h>

#include "survey.h"

int hearing_begin(hearing *h, const survey *s, const tarazu_batch *batch)
{
  if (s->has_items && s->from == FROM_EVENTS) lookup_begin(&h->items, &s->items, batch->columns[ITEM]);
  if (s->has_groups) lookup_begin(&h->groups, &s->groups, batch->columns[PEER_GROUP]);
  h->voices = calloc((size_t)question_count(s) + 1, sizeof *h->voices);
  return h->voices != NULL;
}

void hearing_end(hearing *h)
{
  free(h->voices);
}

uint32_t group_of(const survey *s, hearing *h, const tarazu_batch *batch, int64_t row)
{
  (void)batch;
  int32_t place = s->has_groups ? lookup_at(&h->groups, row) : -1;
  return place < 0 ? s->groups.count : (uint32_t)place;
}

/* ---- what an answer is worth ---- */

/* +1, 0 or -1. Promoters are the two highest of eleven points and detractors the seven lowest (Reichheld 2003); of
 * another scale, what its answers are once stretched to 0..10: 9 and more, 6 and less. */
static int side(const survey *s, double answer)
{
  double x = 10 * (answer - s->least), width = s->most - s->least;
  return x >= 9 * width ? 1 : x <= 6 * width ? -1 : 0;
}

static double worth(const survey *s, double answer)
{
  switch (s->kind) {
  case NPS: return 100 * side(s, answer);
  case CSAT: return answer >= s->most - 1 ? 100 : 0;
  default: return 100 * ((answer - s->least) / (s->most - s->least));
  }
}

/* ---- one customer ---- */

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

static tarazu_status off_the_scale(const survey *s, const tarazu_batch *batch, int64_t row, int64_t item, double answer,
                                   tarazu_error *error)
{
  error->row = row_number(batch, row);
  if (s->has_items)
    return tarazu_fail(error, TARAZU_BAD_DATA, "an answer of %.10g to %.80s is off the scale from %.10g to %.10g",
                       answer, name_at(&s->items, (uint32_t)item), s->least, s->most);
  return tarazu_fail(error, TARAZU_BAD_DATA, "an answer of %.10g is off the scale from %.10g to %.10g", answer,
                     s->least, s->most);
}

/* Squares are counted from the customer's first answer: equal answers then spread by exactly 0. */
typedef struct spread {
  double first, sum, squares;
} spread;

/* One answer, already on the scale, of a weight of its own among those to the item. */
static void hear(const survey *s, hearing *h, told *t, spread *w, int64_t item, double answer, double weight)
{
  if (s->reversed && s->reversed[item]) answer = s->least + s->most - answer;
  double y = worth(s, answer);
  voice *v = &h->voices[item];
  if (!t->answers) w->first = y;
  w->sum += y - w->first;
  w->squares += (y - w->first) * (y - w->first);
  t->answers++;
  t->promoters += s->kind == NPS && y > 0;
  t->detractors += s->kind == NPS && y < 0;
  t->y_sum += y;
  t->y_squares += y * y;
  v->answers++;
  v->sum += weight * y;
  v->weight += weight;
  v->latest = answer;
}

static int on_the_scale(const survey *s, double answer)
{
  return answer >= s->least && answer <= s->most;
}

int counted_item(const survey *s, hearing *h, const tarazu_batch *batch, int64_t event)
{
  if (!tarazu_is_valid(batch->columns[ANSWER], event)) return -1;
  return s->has_items ? (int)lookup_at(&h->items, event) : 0;
}

/* Ages are counted from the last answer to the same item, which changes no ratio within it: the weights of one who has
 * long been silent would all be 0 otherwise. */
static tarazu_status hear_events(const survey *s, hearing *h, const tarazu_batch *batch, int64_t row, told *t,
                                 spread *w, tarazu_error *error)
{
  const tarazu_column *column = batch->columns[ANSWER];
  const double *answers = column->values;
  const int64_t *time = s->half_life > 0 ? (const int64_t *)batch->columns[TIME]->values : NULL;
  int64_t first = column->offsets[row], last = column->offsets[row + 1];
  for (int64_t i = first; time && i < last; i++) {
    int item = counted_item(s, h, batch, i);
    if (item >= 0) h->voices[item].last_time = time[i];
  }
  for (int64_t i = first; i < last; i++) {
    int named = !s->has_items || tarazu_is_valid(batch->columns[ITEM], i);
    int in_scale = !s->has_items || lookup_at(&h->items, i) >= 0;
    t->asked += in_scale;
    t->silent += in_scale && !tarazu_is_valid(column, i);
    int item = counted_item(s, h, batch, i);
    if (item < 0) {
      t->without_item += !named && tarazu_is_valid(column, i);
      t->other_items += named && !in_scale && tarazu_is_valid(column, i);
      continue;
    }
    if (!on_the_scale(s, answers[i])) return off_the_scale(s, batch, row, item, answers[i], error);
    double age = time ? (double)(time[i] - h->voices[item].last_time) / MICROSECONDS_PER_DAY / s->half_life : 0;
    hear(s, h, t, w, item, answers[i], time ? exp2(age) : 1);
  }
  return TARAZU_OK;
}

static tarazu_status hear_columns(const survey *s, hearing *h, const tarazu_batch *batch, int64_t row, told *t,
                                  spread *w, tarazu_error *error)
{
  int64_t count = question_count(s);
  for (int64_t k = 0; k < count; k++) {
    const tarazu_column *column = batch->columns[s->from == FROM_ONE ? ONE_ANSWER : FIRST_ITEM + k];
    if (!tarazu_is_valid(column, row)) continue;
    double answer = ((const double *)column->values)[row];
    if (!on_the_scale(s, answer)) return off_the_scale(s, batch, row, k, answer, error);
    hear(s, h, t, w, k, answer, 1);
  }
  return TARAZU_OK;
}

/* The mean of the items' means, each item that was answered counting once however often it was asked. */
static void sum_up(const survey *s, const hearing *h, told *t)
{
  int64_t count = question_count(s), answered = 0;
  double sum = 0, weight = 0;
  for (int64_t k = 0; k < count; k++) {
    const voice *v = &h->voices[k];
    if (!v->answers) continue;
    double age = s->half_life > 0 ? (double)(v->last_time - s->as_of) / MICROSECONDS_PER_DAY / s->half_life : 0;
    answered++;
    sum += v->sum / v->weight;
    weight += s->half_life > 0 ? v->weight * exp2(age) : v->weight;
  }
  t->complete = answered == count;
  t->mean = sum / (double)answered;
  t->weight = weight / (double)count;
}

tarazu_status listen(const survey *s, hearing *h, const tarazu_batch *batch, int64_t row, told *t, tarazu_error *error)
{
  spread w = {0};
  *t = (told){0};
  memset(h->voices, 0, (size_t)question_count(s) * sizeof *h->voices);
  tarazu_status status = s->from == FROM_EVENTS ? hear_events(s, h, batch, row, t, &w, error)
                                                : hear_columns(s, h, batch, row, t, &w, error);
  if (status) return status;
  if (s->has_invitations) {
    const tarazu_column *invited = batch->columns[INVITED];
    t->asked = tarazu_is_valid(invited, row) ? ((const int64_t *)invited->values)[row] : 0;
  }
  if (!t->answers) return TARAZU_OK;
  t->within_squares = fmax(w.squares - w.sum * w.sum / (double)t->answers, 0);
  sum_up(s, h, t);
  return TARAZU_OK;
}

/* ---- shrinkage ---- */

/* What a customer of the group is pulled toward: its mean, itself pulled toward that of all as in hierarchical
 * credibility (Jewell 1975), by as many customers of the mean of all as group_shrinkage says. */
double pull_target(const survey *s, uint32_t group)
{
  if (group >= s->groups.count) return s->mean;
  const group_tally *g = &s->of_group[group];
  double n = (double)g->responders, k = s->group_shrinkage;
  return n + k > 0 ? (g->m_sum + k * s->mean) / (n + k) : s->mean;
}

/* Credibility (Buehlmann 1967): Z m + (1 - Z) M with Z = n / (n + k), where m is the customer's mean, n her answers by
 * weight, M the mean that she is pulled toward and k the shrinkage; the same as adding k answers of M to her own. */
double shrunk(const survey *s, const told *t, uint32_t group)
{
  double n = t->weight, k = s->strength, M = pull_target(s, group);
  if (isinf(k)) return M;
  return n + k > 0 ? (n * t->mean + k * M) / (n + k) : t->mean;
}
