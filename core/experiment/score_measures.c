/* Measures of scores as an order, as a probability, as a prediction. Formulas and sources are told in
 * docs/experiments/measures.md. */
#include "experiment/measure_inner.h"

#include <math.h>
#include <string.h>

/* ---- orders ---------------------------------------------------------------------------------------------------- */

/* Customers of the sample from place i on who tie, and where the next ones begin. */
static double tied(const lineup *of, const uint8_t *counts, int64_t i, int64_t *next)
{
  double count = 0;
  do count += times(counts, of->row[i]);
  while (!of->last[i++]);
  *next = i;
  return count;
}

static double all_of(const lineup *of, const uint8_t *counts)
{
  double count = 0;
  for (int64_t i = 0; i < of->count; i++) count += times(counts, of->row[i]);
  return count;
}

/* Pearson's correlation of mean ranks (Spearman 1904), each customer as often as she is drawn. */
double score_spearman(const measure *m, const uint8_t *counts, void *room)
{
  double *centred = room, above = 0, middle = all_of(&m->by_score, counts) / 2, xx = 0, yy = 0, xy = 0;
  for (int64_t i = 0, next; i < m->count; i = next) {
    double W = tied(&m->by_score, counts, i, &next), x = above + W / 2 - middle;
    for (int64_t k = i; k < next; k++) centred[m->by_score.row[k]] = x;
    xx += W * x * x;
    above += W;
  }
  above = 0;
  for (int64_t i = 0, next; i < m->count; i = next) {
    double W = tied(&m->by_outcome, counts, i, &next), y = above + W / 2 - middle, x = 0;
    for (int64_t k = i; k < next; k++) x += times(counts, m->by_outcome.row[k]) * centred[m->by_outcome.row[k]];
    xy += x * y;
    yy += W * y * y;
    above += W;
  }
  return xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : (double)NAN;
}

static double pairs(double count)
{
  return count * (count - 1) / 2;
}

static double tied_pairs(const lineup *of, const uint8_t *counts)
{
  double sum = 0;
  for (int64_t i = 0, next; i < of->count; i = next) sum += pairs(tied(of, counts, i, &next));
  return sum;
}

/* Of those noted so far, who have at most that gain; a tree of partial counts (Fenwick 1994). */
static double noted(const uint32_t *tree, uint32_t number)
{
  double count = 0;
  for (; number; number &= number - 1) count += tree[number];
  return count;
}

static void note(uint32_t *tree, int64_t size, uint32_t number, uint32_t count)
{
  for (int64_t at = number; at <= size; at += at & -at) tree[at] += count;
}

/* Those who tie by score, at [i, next): pairs that tie by outcome too, and discordant ones with those above. */
static double discordant(const measure *m, const uint8_t *counts, uint32_t *tree, int64_t i, int64_t next,
                         double *tied_in_both)
{
  double sum = 0, alike = 0;
  for (int64_t k = i; k < next; k++) {
    double w = times(counts, m->by_score.row[k]);
    if (w > 0) sum += w * noted(tree, m->gain_number[k] - 1);
    alike += w;
    if (k + 1 < next && m->gain_number[k + 1] == m->gain_number[k]) continue;
    *tied_in_both += pairs(alike);
    alike = 0;
  }
  for (int64_t k = i; k < next; k++) {
    uint32_t w = counts ? counts[m->by_score.row[k]] : 1;
    if (w) note(tree, m->gain_numbers, m->gain_number[k], w);
  }
  return sum;
}

/* tau_b = (C - D) / sqrt((n0 - n1) (n0 - n2)) (Kendall 1945), with C + D = n0 - n1 - n2 + n3. */
double score_kendall(const measure *m, const uint8_t *counts, void *room)
{
  uint32_t *tree = room;
  double D = 0, n3 = 0, n0 = pairs(all_of(&m->by_score, counts));
  memset(tree, 0, m->room);
  for (int64_t i = 0, next; i < m->count; i = next) {
    for (next = i + 1; !m->by_score.last[next - 1];) next++;
    D += discordant(m, counts, tree, i, next, &n3);
  }
  double n1 = tied_pairs(&m->by_score, counts), n2 = tied_pairs(&m->by_outcome, counts);
  double untied = (n0 - n1) * (n0 - n2);
  return untied > 0 ? (n0 - n1 - n2 + n3 - 2 * D) / sqrt(untied) : (double)NAN;
}

/* U / (P N) of Mann and Whitney (1947): a tie is half won. */
double score_auc(const measure *m, const uint8_t *counts, void *room)
{
  double positives = 0, negatives = 0, won = 0;
  (void)room;
  for (int64_t i = 0; i < m->count;) {
    double P = 0, N = 0;
    do {
      double w = times(counts, m->by_score.row[i]);
      P += w * m->by_score.gain[i];
      N += w * (1 - m->by_score.gain[i]);
    } while (!m->by_score.last[i++]);
    won += N * (positives + P / 2);
    positives += P;
    negatives += N;
  }
  return positives > 0 && negatives > 0 ? won / positives / negatives : (double)NAN;
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

double score_mae(const measure *m, const uint8_t *counts, void *room)
{
  const lineup *of = &m->everyone;
  double sum = 0, count = 0;
  (void)room;
  for (int64_t i = 0; i < of->count; i++) {
    double w = times(counts, of->row[i]);
    sum += w * fabs(of->value[i] - of->gain[i]);
    count += w;
  }
  return count > 0 ? sum / count : (double)NAN;
}

/* Brier 1950, for an event that comes or does not. */
double score_brier(const measure *m, const uint8_t *counts, void *room)
{
  const lineup *of = &m->everyone;
  double sum = 0, count = 0;
  (void)room;
  for (int64_t i = 0; i < of->count; i++) {
    double w = times(counts, of->row[i]), error = of->value[i] - of->gain[i];
    sum += w * error * error;
    count += w;
  }
  return count > 0 ? sum / count : (double)NAN;
}

double score_rmse(const measure *m, const uint8_t *counts, void *room)
{
  return sqrt(score_brier(m, counts, room));
}

/* ---- calibration ------------------------------------------------------------------------------------------------ */

typedef struct tenth {
  double count, predicted, actual, least, most;
} tenth;

/* Who tie stay together, in the tenth that the middle one of them is in. */
static void fill_tenths(const measure *m, const uint8_t *counts, tenth *tenths)
{
  const lineup *of = &m->by_score;
  double all = all_of(of, counts), above = 0;
  memset(tenths, 0, CALIBRATION_ROWS * sizeof *tenths);
  for (int64_t i = 0, next; i < of->count; i = next) {
    double W = tied(of, counts, i, &next), below = all - above - W / 2;
    above += W;
    if (W <= 0) continue;
    int at = (int)(CALIBRATION_ROWS * below / all);
    tenth *t = &tenths[at < CALIBRATION_ROWS ? at : CALIBRATION_ROWS - 1];
    if (t->count <= 0) t->most = of->value[i];
    t->least = of->value[i];
    t->count += W;
    t->predicted += W * of->value[i];
    for (int64_t k = i; k < next; k++) t->actual += times(counts, of->row[k]) * of->gain[k];
  }
}

/* sum W_b / N |mean prediction - mean outcome|, with tenths of the customers as bins (Naeini, Cooper, Hauskrecht 2015,
 * whose bins are of equal width). */
double calibration_error(const measure *m, const uint8_t *counts, void *room)
{
  tenth tenths[CALIBRATION_ROWS];
  double sum = 0, count = 0;
  (void)room;
  fill_tenths(m, counts, tenths);
  for (int b = 0; b < CALIBRATION_ROWS; b++) {
    sum += fabs(tenths[b].predicted - tenths[b].actual);
    count += tenths[b].count;
  }
  return count > 0 ? sum / count : (double)NAN;
}

void measure_calibration(const measure *m, calibration_row rows[CALIBRATION_ROWS])
{
  tenth tenths[CALIBRATION_ROWS];
  fill_tenths(m, NULL, tenths);
  for (int b = 0; b < CALIBRATION_ROWS; b++) {
    const tenth *t = &tenths[b];
    int there = t->count > 0;
    rows[b] = (calibration_row){.customers = (int64_t)t->count,
                                .least = there ? t->least : (double)NAN,
                                .most = there ? t->most : (double)NAN,
                                .predicted = there ? t->predicted / t->count : (double)NAN,
                                .actual = there ? t->actual / t->count : (double)NAN};
  }
}
