/* Measures of the list, of the order that scores give, and of what dimensions add to the list. Formulas and sources
 * are told in docs/experiments/measures.md. */
#include "experiment/measure_inner.h"

#include <math.h>

/* ---- sums ------------------------------------------------------------------------------------------------------ */

typedef struct sums {
  double count, gain, cost;
} sums;

static sums sum_of(const lineup *of, const uint8_t *counts)
{
  sums s = {0};
  for (int64_t i = 0; i < of->count; i++) {
    double w = times(counts, of->row[i]);
    s.count += w;
    s.gain += w * of->gain[i];
    s.cost += w * of->value[i];
  }
  return s;
}

static double ratio(double above, double below)
{
  return below > 0 ? above / below : (double)NAN;
}

/* Customers who tie, and where the next ones begin. */
typedef struct tie {
  double count, gain, marked;
  int64_t next;
} tie;

static tie tie_at(const lineup *of, const uint8_t *counts, int64_t i)
{
  tie t = {.next = i};
  do {
    double w = times(counts, of->row[t.next]);
    t.count += w;
    t.gain += w * of->gain[t.next];
    if (of->mark[t.next]) t.marked += w;
  } while (!of->last[t.next++]);
  return t;
}

/* ---- against everyone, the best list, the baseline's list -------------------------------------------------------- */

double value_captured(const measure *m, const uint8_t *counts, void *room)
{
  (void)room;
  return sum_of(&m->members, counts).gain;
}

double share_captured(const measure *m, const uint8_t *counts, void *room)
{
  (void)room;
  return ratio(sum_of(&m->members, counts).gain, sum_of(&m->everyone, counts).gain);
}

double lift_of_list(const measure *m, const uint8_t *counts, void *room)
{
  sums list = sum_of(&m->members, counts), all = sum_of(&m->everyone, counts);
  (void)room;
  return ratio(ratio(list.gain, list.count), ratio(all.gain, all.count));
}

/* What the first `places` have; of those who tie at the end each the same part. */
static double gain_of_first(const lineup *of, const uint8_t *counts, double places)
{
  double sum = 0;
  for (int64_t i = 0; i < of->count && places > 0;) {
    tie t = tie_at(of, counts, i);
    sum += t.count <= places ? t.gain : t.gain * (places / t.count);
    places -= t.count;
    i = t.next;
  }
  return sum;
}

double share_of_best(const measure *m, const uint8_t *counts, void *room)
{
  sums list = sum_of(&m->members, counts);
  (void)room;
  return ratio(list.gain, gain_of_first(&m->by_outcome, counts, list.count));
}

double against_baseline(const measure *m, const uint8_t *counts, void *room)
{
  sums list = sum_of(&m->members, counts);
  (void)room;
  return ratio(list.gain, gain_of_first(&m->by_baseline, counts, list.count));
}

double list_cost(const measure *m, const uint8_t *counts, void *room)
{
  (void)room;
  return sum_of(&m->members, counts).cost;
}

double value_per_cost(const measure *m, const uint8_t *counts, void *room)
{
  sums list = sum_of(&m->members, counts);
  (void)room;
  return ratio(list.gain, list.cost);
}

/* ---- against an earlier list ---------------------------------------------------------------------------------------
 */

static void count_lists(const measure *m, const uint8_t *counts, double *now, double *before, double *both)
{
  *now = *before = *both = 0;
  for (int64_t i = 0; i < m->members.count; i++) {
    double w = times(counts, m->members.row[i]);
    if (m->members.mark[i] & ON_LIST) *now += w;
    if (m->members.mark[i] & ON_EARLIER) *before += w;
    if (m->members.mark[i] == (ON_LIST | ON_EARLIER)) *both += w;
  }
}

double list_overlap(const measure *m, const uint8_t *counts, void *room)
{
  double now, before, both;
  (void)room;
  count_lists(m, counts, &now, &before, &both);
  return ratio(both, fmax(now, before));
}

double list_turnover(const measure *m, const uint8_t *counts, void *room)
{
  double now, before, both;
  (void)room;
  count_lists(m, counts, &now, &before, &both);
  return ratio(before - both, before);
}

/* ---- precision and recall -----------------------------------------------------------------------------------------
 */

/* Members among the `places` with the best outcome; who tie at the end of them are in with the same chance. */
static double hits(const lineup *of, const uint8_t *counts, double places)
{
  double sum = 0;
  for (int64_t i = 0; i < of->count && places > 0;) {
    tie t = tie_at(of, counts, i);
    sum += t.count <= places ? t.marked : t.marked * (places / t.count);
    places -= t.count;
    i = t.next;
  }
  return sum;
}

static double best_places(const measure *m, const uint8_t *counts, double list)
{
  if (!m->k) return list;
  double all = 0;
  for (int64_t i = 0; i < m->count && all < (double)m->k; i++) all += times(counts, m->by_outcome.row[i]);
  return fmin((double)m->k, all);
}

double precision_of_list(const measure *m, const uint8_t *counts, void *room)
{
  double list = sum_of(&m->members, counts).count;
  (void)room;
  return ratio(hits(&m->by_outcome, counts, best_places(m, counts, list)), list);
}

double recall_of_list(const measure *m, const uint8_t *counts, void *room)
{
  double best = best_places(m, counts, sum_of(&m->members, counts).count);
  (void)room;
  return ratio(hits(&m->by_outcome, counts, best), best);
}

/* ---- cumulative gains ------------------------------------------------------------------------------------------- */

/* Twice the area between the curve of cumulative gains and the diagonal, in units of customers times gain. */
static double gains_area(const lineup *of, const uint8_t *counts, sums *all)
{
  double area = 0;
  *all = (sums){0};
  for (int64_t i = 0; i < of->count;) {
    tie t = tie_at(of, counts, i);
    area += t.count * (2 * all->gain + t.gain);
    all->count += t.count;
    all->gain += t.gain;
    i = t.next;
  }
  return area - all->count * all->gain;
}

double gini_of_gains(const measure *m, const uint8_t *counts, void *room)
{
  sums all;
  double area = gains_area(&m->by_score, counts, &all);
  (void)room;
  return all.gain > 0 ? area / (all.count * all.gain) : (double)NAN;
}

double normalized_gini(const measure *m, const uint8_t *counts, void *room)
{
  sums all;
  double area = gains_area(&m->by_score, counts, &all), best = gains_area(&m->by_outcome, counts, &all);
  (void)room;
  /* Where all outcomes are alike, the area is a rounding error away from 0. */
  return all.gain > 0 && best > 1e-12 * all.count * all.gain ? area / best : (double)NAN;
}

/* The gains of the first 1/count, 2/count … of all; within a tie the curve is a straight line. */
static void gains_at(const lineup *of, uint32_t count, gains_point *points, int of_best)
{
  double before = 0, gain = 0, all = 0;
  int64_t i = 0;
  tie t = {0};
  for (int64_t k = 0; k < of->count; k++) all += of->gain[k];
  for (uint32_t p = 0; p < count; p++) {
    double places = (double)of->count * (double)(p + 1) / (double)count, sum;
    while (i < of->count && before + (t = tie_at(of, NULL, i)).count <= places) {
      before += t.count;
      gain += t.gain;
      i = t.next;
    }
    sum = gain + (i < of->count ? t.gain * ((places - before) / t.count) : 0);
    *(of_best ? &points[p].best : &points[p].gain) = ratio(sum, all);
  }
}

void measure_gains(const measure *m, gains_point *points, uint32_t count)
{
  gains_at(&m->by_score, count, points, 0);
  gains_at(&m->by_outcome, count, points, 1);
  for (uint32_t p = 0; p < count; p++) {
    points[p].share = (double)(p + 1) / (double)count;
    points[p].lift = points[p].gain / points[p].share;
  }
}

/* ---- discounted gains ---------------------------------------------------------------------------------------------
 */

/* Who tie share the discounts of their places: the mean over all orders that the ties allow. */
static double discounted(const measure *m, const lineup *of, const uint8_t *counts)
{
  double sum = 0;
  int64_t place = 0;
  for (int64_t i = 0; i < of->count && place < m->k;) {
    tie t = tie_at(of, counts, i);
    int64_t end = place + (int64_t)t.count, within = end < m->k ? end : m->k;
    if (t.count > 0) sum += (m->discounts[within] - m->discounts[place]) * (t.gain / t.count);
    place = end;
    i = t.next;
  }
  return sum;
}

double ndcg(const measure *m, const uint8_t *counts, void *room)
{
  (void)room;
  return ratio(discounted(m, &m->by_score, counts), discounted(m, &m->by_outcome, counts));
}

/* ---- dimensions ---------------------------------------------------------------------------------------------------
 */

static double part_of(const measure *m, const uint8_t *counts, uint32_t dimension)
{
  double sum = 0;
  for (int64_t i = 0; i < m->members.count; i++)
    sum += times(counts, m->members.row[i]) * m->parts[i * m->dimensions + dimension];
  return sum;
}

double dimension_share(const measure *m, const uint8_t *counts, void *room)
{
  double all = 0;
  (void)room;
  for (uint32_t d = 0; d < m->dimensions; d++) all += part_of(m, counts, d);
  return ratio(part_of(m, counts, m->dimension), all);
}

/* J = - sum p ln p / ln D (Pielou 1966). */
double balance_of_dimensions(const measure *m, const uint8_t *counts, void *room)
{
  double all = 0, sum = 0;
  (void)room;
  if (m->dimensions < 2) return (double)NAN;
  for (uint32_t d = 0; d < m->dimensions; d++) all += part_of(m, counts, d);
  if (all <= 0) return (double)NAN;
  for (uint32_t d = 0; d < m->dimensions; d++) {
    double p = part_of(m, counts, d) / all;
    if (p > 0) sum -= p * log(p);
  }
  return sum / log(m->dimensions);
}
