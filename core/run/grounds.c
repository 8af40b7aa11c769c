/* Reason codes out of contributions, as a scorecard gives them: what lifts a score most, and what keeps it back. */
#include "run/grounds.h"

#include "run/stages.h"
#include "run/stranger.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const series *contributions_of(const engine *e)
{
  const plan *p = e->plan;
  return &p->combiner->outputs[p->combiner->strategy->outputs.count + p->profile->dimension_count];
}

static double contribution(const engine *e, uint32_t criterion, int64_t row)
{
  const column *c = &contributions_of(e)[criterion].column;
  return c->values && column_is_valid(c, row) ? ((const double *)c->values)[row] : NAN;
}

/* Worths above 0 alone; of equal ones the first stays first. */
static void keep(ground *kept, uint32_t *count, ground one)
{
  uint32_t at = *count;
  if (!(one.worth > 0) || (at == MOST_GROUNDS && one.worth <= kept[at - 1].worth)) return;
  if (at < MOST_GROUNDS) (*count)++;
  else at--;
  for (; at && kept[at - 1].worth < one.worth; at--) kept[at] = kept[at - 1];
  kept[at] = one;
}

uint32_t grounds_for(const engine *e, int64_t row, ground *out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++)
    keep(out, &count, (ground){i, contribution(e, i, row), NAN});
  return count;
}

/* Over the key customers who have the criterion; 0: none has. */
static double mean_of_key(const engine *e, const selection *chosen, uint32_t criterion)
{
  const uint8_t *key = chosen->key.values;
  double sum = 0, count = 0;
  for (int64_t r = 0; r < e->people.count; r++) {
    double part = key[r] ? contribution(e, criterion, r) : NAN;
    if (isnan(part)) continue;
    sum += part;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

uint32_t grounds_against(const engine *e, const selection *chosen, int64_t row, ground *out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++)
    keep(out, &count, (ground){i, mean_of_key(e, chosen, i) - contribution(e, i, row), NAN});
  return count;
}

double grounds_standing(const series *s, int64_t row)
{
  double own, other, worse = 0, all = 0;
  if (!measured_value(&s->column, row, &own)) return NAN;
  for (int64_t i = 0; i < s->column.rows; i++) {
    if (!measured_value(&s->column, i, &other)) continue;
    all++;
    worse += other == own ? 0.5 : (s->better < 0 ? other > own : other < own);
  }
  return worse / all;
}

/* Certain only where it is so of everyone: 99.97 % is not 100 %. */
static void add_share(text *out, double share)
{
  double percent = 100 * share;
  if (percent > 99.9 && percent < 100) text_add(out, "more than 99.9 %");
  else if (percent > 99 || percent < 1) text_addf(out, "%.1f %%", percent);
  else text_addf(out, "%.0f %%", percent);
}

void grounds_words(const engine *e, int64_t row, const ground *one, int against, text *out)
{
  const series *s = e->plan->raw[one->criterion];
  double value;
  text_add(out, e->plan->profile->criteria[one->criterion].name);
  if (!measured_value(&s->column, row, &value)) {
    text_add(out, ", of which she has no value");
  } else {
    if (fabs(value) >= 1000) text_addf(out, " %.2f", value);
    else text_addf(out, " %.4g", value);
    if (s->unit && *s->unit) text_addf(out, " %s", s->unit);
    if (!isnan(one->better)) {
      text_add(out, ", better than ");
      add_share(out, one->better);
      text_add(out, " of the customers");
    }
  }
  text_addf(out, " (%+.4g)", against ? -one->worth : one->worth);
}

/* ---- columns of the results ------------------------------------------------------------------------------------ */

/* One key customer's ground, of the criterion at hand. */
typedef struct asked {
  double value;
  int64_t at; /* in the table of all grounds */
  double below, equal;
} asked;

typedef struct standings {
  const engine *e;
  const int64_t *rows;
  const double *sorted[64]; /* by criterion, all values rising, out of the cache; NULL: not there */
  int64_t sorted_count[64];
  int64_t count;   /* of key customers */
  ground *grounds; /* MOST_GROUNDS each */
  uint32_t *counts;
  atomic_int failed;
} standings;

static int by_asked_value(const void *a, const void *b)
{
  double x = ((const asked *)a)->value, y = ((const asked *)b)->value;
  return (x > y) - (x < y);
}

/* How everybody stands to those values, in one pass: each is counted at the first asked value that is not below hers.
 */
static void count_through(const series *s, asked *all, int64_t count)
{
  double value, total = 0, below = 0;
  for (int64_t r = 0; r < s->column.rows; r++) {
    if (!measured_value(&s->column, r, &value)) continue;
    int64_t first = 0, last = count;
    total++;
    while (first < last) {
      int64_t half = first + (last - first) / 2;
      if (all[half].value < value) first = half + 1;
      else last = half;
    }
    if (first == count) continue;
    if (all[first].value == value) all[first].equal++;
    else all[first].below++;
  }
  for (int64_t i = 0, end; i < count; i = end) {
    double equal = all[i].equal;
    below += all[i].below;
    for (end = i; end < count && all[end].value == all[i].value; end++) {
      double worse = s->better < 0 ? total - below - equal : below;
      all[end].below = (worse + equal / 2) / total;
    }
    below += equal;
  }
}

/* How many values lie below, or (up_to) not above. */
static int64_t count_below(const double *sorted, int64_t count, double value, int up_to)
{
  int64_t first = 0, last = count;
  while (first < last) {
    int64_t half = first + (last - first) / 2;
    if (sorted[half] < value || (up_to && sorted[half] == value)) first = half + 1;
    else last = half;
  }
  return first;
}

/* The same as count_through, of values in order. */
static void look_up(const series *s, const double *sorted, int64_t total, asked *all, int64_t count)
{
  for (int64_t i = 0; i < count; i++) {
    double below = (double)count_below(sorted, total, all[i].value, 0);
    double equal = (double)count_below(sorted, total, all[i].value, 1) - below;
    double worse = s->better < 0 ? (double)total - below - equal : below;
    all[i].below = (worse + equal / 2) / (double)total;
  }
}

/* The order of a criterion's values is the same under all weights: it is made once where there is a cache. */
static void sort_once(engine *e, standings *t, uint32_t criterion)
{
  const series *s = e->plan->raw[criterion];
  size_t bytes;
  int64_t count = 0, there;
  if (!stages_keeps(e, s)) return;
  const double *sorted = stages_lend(e, s, "sorted", &bytes);
  if (!sorted) {
    double *values = malloc(((size_t)s->column.rows + 1) * sizeof *values);
    for (int64_t r = 0; values && r < s->column.rows; r++) count += measured_value(&s->column, r, &values[count]);
    int64_t *order = values ? order_descending(values, NULL, count, &there) : NULL;
    double *rising = order ? malloc(((size_t)count + 1) * sizeof *rising) : NULL;
    for (int64_t i = 0; rising && i < count; i++) rising[i] = values[order[count - 1 - i]];
    if (rising) stages_remember(e, s, "sorted", rising, (size_t)count * sizeof *rising);
    free(values);
    free(order);
    free(rising);
    sorted = stages_lend(e, s, "sorted", &bytes);
  }
  t->sorted[criterion] = sorted;
  t->sorted_count[criterion] = sorted ? (int64_t)(bytes / sizeof *sorted) : 0;
}

static void find_standings(void *argument, int64_t criterion, int worker)
{
  standings *t = argument;
  const series *s = t->e->plan->raw[criterion];
  asked *all = malloc(((size_t)t->count + 1) * sizeof *all);
  int64_t count = 0;
  (void)worker;
  if (!all) atomic_store(&t->failed, 1);
  for (int64_t i = 0; all && i < t->count; i++)
    for (uint32_t k = 0; k < t->counts[i]; k++) {
      int64_t at = i * MOST_GROUNDS + k;
      double value;
      if (t->grounds[at].criterion != criterion || !measured_value(&s->column, t->rows[i], &value)) continue;
      all[count++] = (asked){.value = value, .at = at};
    }
  if (count && t->sorted[criterion]) {
    look_up(s, t->sorted[criterion], t->sorted_count[criterion], all, count);
  } else if (count) {
    qsort(all, (size_t)count, sizeof *all, by_asked_value);
    count_through(s, all, count);
  }
  for (int64_t i = 0; i < count; i++) t->grounds[all[i].at].better = all[i].below;
  free(all);
}

static int write_codes(standings *t, dictionary *words, column *out)
{
  for (int64_t i = 0; i < t->count; i++)
    for (uint32_t k = 0; k < t->counts[i]; k++) {
      text said = {0};
      int64_t row = t->rows[i];
      grounds_words(t->e, row, &t->grounds[i * MOST_GROUNDS + k], 0, &said);
      int32_t code = dictionary_add(words, text_string(&said), said.length);
      text_free(&said);
      if (code < 0) return 0;
      ((int32_t *)out[k].values)[row] = code;
      out[k].valid[row >> 3] = (uint8_t)(out[k].valid[row >> 3] | 1u << (row & 7));
    }
  return 1;
}

int grounds_columns(engine *e, const selection *chosen, dictionary *words, column *out)
{
  const uint8_t *key = chosen->key.values;
  size_t room = (size_t)chosen->count + 1;
  int64_t *rows = malloc(room * sizeof *rows);
  standings t = {.e = e, .rows = rows};
  t.grounds = malloc(room * MOST_GROUNDS * sizeof *t.grounds);
  t.counts = malloc(room * sizeof *t.counts);
  int good = rows && t.grounds && t.counts;
  for (int k = 0; good && k < MOST_GROUNDS; k++) {
    good = column_new(&out[k], TARAZU_TEXT, e->people.count, 1);
    if (good) memset(out[k].valid, 0, (size_t)(e->people.count + 7) / 8);
  }
  for (int64_t i = 0; good && t.count < chosen->count && i < e->people.count; i++) {
    int64_t row = e->order[i];
    if (!key[row]) continue;
    t.counts[t.count] = grounds_for(e, row, t.grounds + t.count * MOST_GROUNDS);
    rows[t.count++] = row;
  }
  for (uint32_t i = 0; good && t.count && i < e->plan->profile->criterion_count; i++) sort_once(e, &t, i);
  if (good) pool_run(e->pool, e->plan->profile->criterion_count, find_standings, &t);
  good = good && !atomic_load(&t.failed) && write_codes(&t, words, out);
  for (int k = 0; good && k < MOST_GROUNDS; k++) column_count_nulls(&out[k]);
  free(rows);
  free(t.grounds);
  free(t.counts);
  return good;
}
