/* The measures by name, and how one is made ready: checked, left to those who are known, sorted. */
#include "experiment/measure_inner.h"

#include "base/text.h"
#include "run/engine.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LIST = MEASURE_NEEDS_LIST,
  SCORE = MEASURE_NEEDS_SCORE,
  OUTCOME = MEASURE_NEEDS_OUTCOME,
  BASELINE = MEASURE_NEEDS_BASELINE,
  COST = MEASURE_NEEDS_COST,
  PARTS = MEASURE_NEEDS_CONTRIBUTIONS,
  DIMENSION = MEASURE_NEEDS_DIMENSION,
  TAKES_K = MEASURE_TAKES_K,
  EARLIER = MEASURE_NEEDS_EARLIER,
  LISTS = MEASURE_NEEDS_LISTS,
  RUN = MEASURE_NEEDS_RUN
};

const measure_about measure_list[MEASURE_COUNT] = {
    [MEASURE_VALUE_CAPTURED] = {"value_captured", MEASURE_OF_LIST, 1, LIST | OUTCOME, MEASURE_IN_OUTCOME,
                                "the outcome of the list's customers, summed"},
    [MEASURE_SHARE_CAPTURED] = {"share_captured", MEASURE_OF_LIST, 1, LIST | OUTCOME, MEASURE_IN_SHARES,
                                "the list's share of everyone's outcome"},
    [MEASURE_SHARE_OF_BEST] = {"share_of_best", MEASURE_OF_LIST, 1, LIST | OUTCOME, MEASURE_IN_SHARES,
                               "the list's outcome as a share of the best possible list's of its size"},
    [MEASURE_AGAINST_BASELINE] = {"against_baseline", MEASURE_OF_LIST, 1, LIST | OUTCOME | BASELINE, MEASURE_IN_RATIO,
                                  "the list's outcome in times that of the list of its size by the baseline alone"},
    [MEASURE_LIFT] = {"lift", MEASURE_OF_LIST, 1, LIST | OUTCOME, MEASURE_IN_RATIO,
                      "the mean outcome on the list in times everyone's"},
    [MEASURE_GINI] = {"gini", MEASURE_OF_LIST, 1, SCORE | OUTCOME, MEASURE_IN_RATIO,
                      "Gini of the cumulative gains: how far up the scores carry the outcome"},
    [MEASURE_NORMALIZED_GINI] = {"normalized_gini", MEASURE_OF_LIST, 1, SCORE | OUTCOME, MEASURE_IN_RATIO,
                                 "gini in times the best order's"},
    [MEASURE_NDCG] = {"ndcg", MEASURE_OF_LIST, 1, SCORE | OUTCOME | TAKES_K, MEASURE_IN_RATIO,
                      "discounted gain of the first k in times the best order's, the outcome itself as the gain"},
    [MEASURE_NDCG_EXPONENTIAL] = {"ndcg_exponential", MEASURE_OF_LIST, 1, SCORE | OUTCOME | TAKES_K, MEASURE_IN_RATIO,
                                  "discounted gain of the first k in times the best order's, gain 2^outcome - 1"},
    [MEASURE_PRECISION] = {"precision", MEASURE_OF_LIST, 1, LIST | OUTCOME | TAKES_K, MEASURE_IN_SHARES,
                           "share of the list that is among the k with the best outcome"},
    [MEASURE_RECALL] = {"recall", MEASURE_OF_LIST, 1, LIST | OUTCOME | TAKES_K, MEASURE_IN_SHARES,
                        "share of the k with the best outcome that is on the list"},
    [MEASURE_LIST_COST] = {"list_cost", MEASURE_OF_LIST, -1, LIST | COST, MEASURE_IN_COST,
                           "the cost of the list's customers, summed"},
    [MEASURE_VALUE_PER_COST] = {"value_per_cost", MEASURE_OF_LIST, 1, LIST | OUTCOME | COST, MEASURE_IN_RATIO,
                                "the list's outcome for each unit of its cost"},
    [MEASURE_SPEARMAN] = {"spearman", MEASURE_OF_SCORES, 1, SCORE | OUTCOME, MEASURE_IN_RATIO,
                          "correlation of the ranks by score and by outcome"},
    [MEASURE_KENDALL] = {"kendall", MEASURE_OF_SCORES, 1, SCORE | OUTCOME, MEASURE_IN_RATIO,
                         "pairs that score and outcome put in one order, less those in the opposite (tau-b)"},
    [MEASURE_AUC] = {"auc", MEASURE_OF_SCORES, 1, SCORE | OUTCOME, MEASURE_IN_SHARES,
                     "how often one with outcome 1 scores above one with 0"},
    [MEASURE_BRIER] = {"brier", MEASURE_OF_SCORES, -1, SCORE | OUTCOME, MEASURE_IN_RATIO,
                       "mean squared error of a probability of an outcome of 0 or 1"},
    [MEASURE_MAE] = {"mae", MEASURE_OF_SCORES, -1, SCORE | OUTCOME, MEASURE_IN_OUTCOME,
                     "mean absolute error of a prediction"},
    [MEASURE_RMSE] = {"rmse", MEASURE_OF_SCORES, -1, SCORE | OUTCOME, MEASURE_IN_OUTCOME,
                      "root of the mean squared error of a prediction"},
    [MEASURE_CALIBRATION_ERROR] = {"calibration_error", MEASURE_OF_SCORES, -1, SCORE | OUTCOME, MEASURE_IN_OUTCOME,
                                   "how far mean prediction and mean outcome are apart, by tenths of the customers"},
    [MEASURE_DIMENSION_SHARE] = {"dimension_share", MEASURE_OF_BALANCE, 0, LIST | PARTS | DIMENSION, MEASURE_IN_SHARES,
                                 "a dimension's share of what moves the scores of the list's customers"},
    [MEASURE_BALANCE] = {"balance", MEASURE_OF_BALANCE, 0, LIST | PARTS, MEASURE_IN_RATIO,
                         "how even the dimensions' shares are: 1 all alike, 0 one has all"},
    [MEASURE_OVERLAP] = {"overlap", MEASURE_OF_STABILITY, 1, LIST | EARLIER, MEASURE_IN_SHARES,
                         "what two lists have in common, as a share of the longer one"},
    [MEASURE_TURNOVER] = {"turnover", MEASURE_OF_STABILITY, -1, LIST | EARLIER, MEASURE_IN_SHARES,
                          "share of the earlier list that is not on this one"},
    [MEASURE_RANK_BIASED_OVERLAP] = {"rank_biased_overlap", MEASURE_OF_STABILITY, 1, LISTS, MEASURE_IN_SHARES,
                                     "overlap at every depth of two lists, the top weighing most"},
    [MEASURE_LIST_STABILITY] = {"list_stability", MEASURE_OF_STABILITY, 1, LISTS, MEASURE_IN_RATIO,
                                "how alike many lists are, corrected for chance: 1 the same, 0 as if drawn by lot"},
    [MEASURE_SECONDS] = {"seconds", MEASURE_OF_COST, -1, RUN, MEASURE_IN_SECONDS, "time that the run took"},
    [MEASURE_MEMORY] = {"memory", MEASURE_OF_COST, -1, RUN, MEASURE_IN_BYTES, "memory that the run took at most"},
};

/* What a measure is made of. */
enum {
  EVERYONE = 1,
  BY_SCORE = 2,
  BY_OUTCOME = 4,
  BY_BASELINE = 8,
  DISCOUNTS = 16,
  BOTH_TIES = 32, /* who tie by score stand in the order of outcomes */
  SCORED = 64,    /* those without a score are left out, not last */
  BINARY = 128,   /* the outcome is 0 or 1 */
  PROBABILITY = 256,
  EXPONENTIAL = 512
};

static const struct {
  measure_function *value_of;
  unsigned made_of;
} makings[MEASURE_COUNT] = {
    [MEASURE_VALUE_CAPTURED] = {value_captured, 0},
    [MEASURE_SHARE_CAPTURED] = {share_captured, EVERYONE},
    [MEASURE_SHARE_OF_BEST] = {share_of_best, BY_OUTCOME},
    [MEASURE_AGAINST_BASELINE] = {against_baseline, BY_BASELINE},
    [MEASURE_LIFT] = {lift_of_list, EVERYONE},
    [MEASURE_GINI] = {gini_of_gains, BY_SCORE | BY_OUTCOME},
    [MEASURE_NORMALIZED_GINI] = {normalized_gini, BY_SCORE | BY_OUTCOME},
    [MEASURE_NDCG] = {ndcg, BY_SCORE | BY_OUTCOME | DISCOUNTS},
    [MEASURE_NDCG_EXPONENTIAL] = {ndcg, BY_SCORE | BY_OUTCOME | DISCOUNTS | EXPONENTIAL},
    [MEASURE_PRECISION] = {precision_of_list, BY_OUTCOME},
    [MEASURE_RECALL] = {recall_of_list, BY_OUTCOME},
    [MEASURE_LIST_COST] = {list_cost, 0},
    [MEASURE_VALUE_PER_COST] = {value_per_cost, 0},
    [MEASURE_SPEARMAN] = {score_spearman, BY_SCORE | BY_OUTCOME},
    [MEASURE_KENDALL] = {score_kendall, BY_SCORE | BY_OUTCOME | BOTH_TIES},
    [MEASURE_AUC] = {score_auc, BY_SCORE | BINARY},
    [MEASURE_BRIER] = {score_brier, EVERYONE | SCORED | BINARY | PROBABILITY},
    [MEASURE_MAE] = {score_mae, EVERYONE | SCORED},
    [MEASURE_RMSE] = {score_rmse, EVERYONE | SCORED},
    [MEASURE_CALIBRATION_ERROR] = {calibration_error, BY_SCORE | SCORED},
    [MEASURE_DIMENSION_SHARE] = {dimension_share, 0},
    [MEASURE_BALANCE] = {balance_of_dimensions, 0},
    [MEASURE_OVERLAP] = {list_overlap, 0},
    [MEASURE_TURNOVER] = {list_turnover, 0},
};

/* A grade above it would weigh more than a double tells apart. */
#define MOST_GRADE 100

/* ---- by name ------------------------------------------------------------------------------------------------- */

int measure_find(const char *name, measure_id *out)
{
  for (int i = 0; i < MEASURE_COUNT; i++)
    if (strcmp(measure_list[i].name, name) == 0) {
      *out = (measure_id)i;
      return 1;
    }
  return 0;
}

const char *measure_nearest(const char *name)
{
  const char *names[MEASURE_COUNT];
  for (int i = 0; i < MEASURE_COUNT; i++) names[i] = measure_list[i].name;
  return text_nearest(name, names, MEASURE_COUNT);
}

int measure_is_sampled(measure_id id)
{
  return measure_list[id].kind != MEASURE_OF_STABILITY && measure_list[id].kind != MEASURE_OF_COST;
}

const char *measure_kind_name(measure_kind kind)
{
  static const char *const names[] = {"list", "scores", "balance", "stability", "cost"};
  return names[kind];
}

/* ---- faults -------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static int refuse(measure_fault *fault, int64_t row, const char *format, ...)
{
  va_list arguments;
  fault->row = row;
  va_start(arguments, format);
  vsnprintf(fault->message, sizeof fault->message, format, arguments);
  va_end(arguments);
  return 0;
}

static int lacks(measure_id id, const judged *j, measure_fault *fault)
{
  const measure_about *about = &measure_list[id];
  const char *what = NULL;
  if (about->needs & LISTS) what = "several lists: it is of repeats or dates";
  else if (about->needs & RUN) what = "a run: it is told by who ran";
  else if (about->needs & LIST && !j->chosen) what = "a list";
  else if (about->needs & EARLIER && !j->earlier) what = "an earlier list";
  else if (about->needs & SCORE && !j->score) what = "scores";
  else if (about->needs & OUTCOME && !j->outcome) what = "an outcome";
  else if (about->needs & BASELINE && !j->baseline) what = "a baseline";
  else if (about->needs & COST && !j->cost) what = "a cost";
  else if (about->needs & PARTS && (!j->contributions || !j->dimensions)) what = "contributions by dimension";
  return what && !refuse(fault, -1, "%s needs %s", about->name, what);
}

static int check_row(measure_id id, const judged *j, unsigned made_of, int64_t r, measure_fault *fault)
{
  const char *name = measure_list[id].name;
  unsigned needs = measure_list[id].needs;
  if (needs & OUTCOME && isinf(j->outcome[r])) return refuse(fault, r, "%s: the outcome is infinite", name);
  if (needs & SCORE && isinf(j->score[r])) return refuse(fault, r, "%s: the score is infinite", name);
  if (needs & BASELINE && isinf(j->baseline[r])) return refuse(fault, r, "%s: the baseline is infinite", name);
  if (needs & COST && j->chosen[r] && !isfinite(j->cost[r]))
    return refuse(fault, r, "%s: a customer on the list has no cost; expected a number", name);
  if (made_of & BINARY && !isnan(j->outcome[r]) && j->outcome[r] != 0 && j->outcome[r] != 1)
    return refuse(fault, r, "%s: the outcome is %g; expected 0 or 1", name, j->outcome[r]);
  if (made_of & PROBABILITY && (j->score[r] < 0 || j->score[r] > 1))
    return refuse(fault, r, "%s: the prediction is %g; expected a probability, 0 to 1", name, j->score[r]);
  if (made_of & EXPONENTIAL && fabs(j->outcome[r]) > MOST_GRADE)
    return refuse(fault, r, "%s: the outcome is %g; expected grades of at most %d, as its gain is 2^outcome - 1", name,
                  j->outcome[r], MOST_GRADE);
  for (uint32_t d = 0; needs & PARTS && d < j->dimensions; d++)
    if (isinf(j->contributions[d][r])) return refuse(fault, r, "%s: a contribution is infinite", name);
  return 1;
}

static int check(measure_id id, const judged *j, unsigned made_of, measure_fault *fault)
{
  const char *name = measure_list[id].name;
  if (lacks(id, j, fault)) return 0;
  if (j->customers < 0 || j->customers > UINT32_MAX)
    return refuse(fault, -1, "%s: %lld customers; expected at most %lld", name, (long long)j->customers,
                  (long long)UINT32_MAX);
  if (j->k < 0) return refuse(fault, -1, "%s: k is %lld; expected 0 or more", name, (long long)j->k);
  if (measure_list[id].needs & DIMENSION && j->dimension >= j->dimensions)
    return refuse(fault, -1, "%s: dimension %u of %u", name, j->dimension, j->dimensions);
  for (int64_t r = 0; r < j->customers; r++)
    if (!check_row(id, j, made_of, r, fault)) return 0;
  return 1;
}

/* ---- made ready ---------------------------------------------------------------------------------------------- */

/* Goes with the measure; NULL: no memory. */
static void *take(measure *m, int64_t count, size_t size)
{
  void *bytes = calloc((size_t)count + 1, size);
  m->owned[m->owned_count++] = bytes;
  return bytes;
}

static int lineup_new(measure *m, int64_t count, lineup *to)
{
  to->count = count;
  to->row = take(m, count, sizeof *to->row);
  to->gain = take(m, count, sizeof *to->gain);
  to->value = take(m, count, sizeof *to->value);
  to->last = take(m, count, sizeof *to->last);
  to->mark = take(m, count, sizeof *to->mark);
  return to->row && to->gain && to->value && to->last && to->mark;
}

/* places[i] stands at i; values by place of `from`. */
static void fill_lineup(const lineup *from, const int64_t *places, const double *values, lineup *to)
{
  for (int64_t i = 0; i < to->count; i++) {
    int64_t at = places[i];
    to->row[i] = from->row[at];
    to->gain[i] = from->gain[at];
    to->mark[i] = from->mark[at];
    to->value[i] = values[at];
    to->last[i] = i + 1 == to->count || values[places[i + 1]] != values[at];
  }
}

/* by: by row; NULL: by gain. Who has no value ranks last. */
static int sort_lineup(measure *m, const lineup *from, const double *by, lineup *to)
{
  int64_t valid, *order = NULL;
  double *values = malloc(((size_t)from->count + 1) * sizeof *values);
  int good = values && lineup_new(m, from->count, to);
  for (int64_t i = 0; good && i < from->count; i++) {
    values[i] = by ? by[from->row[i]] : from->gain[i];
    if (isnan(values[i])) values[i] = -INFINITY;
  }
  good = good && (order = order_descending(values, NULL, from->count, &valid));
  if (good) fill_lineup(from, order, values, to);
  free(order);
  free(values);
  return good;
}

static int is_known(measure_id id, const judged *j, unsigned made_of, int64_t r)
{
  return !(measure_list[id].needs & OUTCOME && isnan(j->outcome[r])) && !(made_of & SCORED && isnan(j->score[r]));
}

static int line_up_everyone(measure *m, const judged *j, unsigned made_of)
{
  unsigned needs = measure_list[m->id].needs;
  lineup *to = &m->everyone;
  if (!lineup_new(m, j->customers, to)) return 0;
  to->count = 0;
  for (int64_t r = 0; r < j->customers; r++) {
    if (!is_known(m->id, j, made_of, r)) continue;
    double gain = needs & OUTCOME ? j->outcome[r] : 0;
    to->row[to->count] = (uint32_t)r;
    to->gain[to->count] = made_of & EXPONENTIAL ? exp2(gain) - 1 : gain;
    to->value[to->count] = needs & SCORE ? j->score[r] : 0;
    to->mark[to->count] = needs & LIST && j->chosen[r];
    if (needs & EARLIER && j->earlier[r]) to->mark[to->count] |= ON_EARLIER;
    to->count++;
  }
  m->count = to->count;
  return 1;
}

static int line_up_members(measure *m, const judged *j)
{
  const lineup *from = &m->everyone;
  unsigned needs = measure_list[m->id].needs;
  int64_t count = 0;
  for (int64_t i = 0; i < from->count; i++) count += from->mark[i] != 0;
  if (!lineup_new(m, count, &m->members)) return 0;
  if (needs & PARTS && !(m->parts = take(m, count * j->dimensions, sizeof *m->parts))) return 0;
  count = 0;
  for (int64_t i = 0; i < from->count; i++) {
    if (!from->mark[i]) continue;
    m->members.row[count] = from->row[i];
    m->members.gain[count] = from->gain[i];
    m->members.mark[count] = from->mark[i];
    m->members.value[count] = needs & COST ? j->cost[from->row[i]] : 0;
    for (uint32_t d = 0; needs & PARTS && d < j->dimensions; d++) {
      double part = fabs(j->contributions[d][from->row[i]]);
      m->parts[count * j->dimensions + d] = isnan(part) ? 0 : part;
    }
    count++;
  }
  return 1;
}

/* 1 / log2(1 + place), summed; a sample has never more customers than there are. */
static int sum_discounts(measure *m)
{
  if (!m->k || m->k > m->customers) m->k = m->customers;
  if (!(m->discounts = take(m, m->k + 1, sizeof *m->discounts))) return 0;
  for (int64_t i = 1; i <= m->k; i++) m->discounts[i] = m->discounts[i - 1] + 1 / log2((double)i + 1);
  return 1;
}

/* The distinct gains are numbered from 1, the least first. */
static int number_gains(measure *m)
{
  uint32_t *of_row = malloc(((size_t)m->customers + 1) * sizeof *of_row);
  m->gain_number = take(m, m->count, sizeof *m->gain_number);
  for (int64_t i = m->count; of_row && m->gain_number && i-- > 0;) {
    m->gain_numbers += m->by_outcome.last[i];
    of_row[m->by_outcome.row[i]] = (uint32_t)m->gain_numbers;
  }
  for (int64_t i = 0; of_row && m->gain_number && i < m->count; i++) m->gain_number[i] = of_row[m->by_score.row[i]];
  free(of_row);
  return of_row && m->gain_number;
}

static int make_ready(measure *m, const judged *j, unsigned made_of)
{
  int good = line_up_everyone(m, j, made_of) && line_up_members(m, j);
  if (good && made_of & BY_OUTCOME) good = sort_lineup(m, &m->everyone, NULL, &m->by_outcome);
  if (good && made_of & BY_SCORE)
    good = sort_lineup(m, made_of & BOTH_TIES ? &m->by_outcome : &m->everyone, j->score, &m->by_score);
  if (good && made_of & BY_BASELINE) good = sort_lineup(m, &m->everyone, j->baseline, &m->by_baseline);
  if (good && made_of & DISCOUNTS) good = sum_discounts(m);
  if (good && made_of & BOTH_TIES) {
    good = number_gains(m);
    m->room = ((size_t)m->gain_numbers + 1) * sizeof(uint32_t);
  }
  if (m->id == MEASURE_SPEARMAN) m->room = ((size_t)m->customers + 1) * sizeof(double);
  return good;
}

measure *measure_new(measure_id id, const judged *what, measure_fault *fault)
{
  measure *m;
  *fault = (measure_fault){.row = -1};
  if (!check(id, what, makings[id].made_of, fault)) return NULL;
  if ((m = calloc(1, sizeof *m))) {
    *m = (measure){.id = id,
                   .customers = what->customers,
                   .value_of = makings[id].value_of,
                   .dimensions = what->dimensions,
                   .dimension = what->dimension,
                   .k = what->k};
    if (make_ready(m, what, makings[id].made_of)) return m;
  }
  measure_free(m);
  refuse(fault, -1, "%s: no memory for %lld customers", measure_list[id].name, (long long)what->customers);
  return NULL;
}

void measure_free(measure *m)
{
  if (!m) return;
  for (int i = 0; i < m->owned_count; i++) free(m->owned[i]);
  free(m);
}

int64_t measure_customers(const measure *m)
{
  return m->count;
}

size_t measure_room(const measure *m)
{
  return m->room;
}

double measure_value(const measure *m, const uint8_t *counts, void *room)
{
  double value = m->count ? m->value_of(m, counts, room) : (double)NAN;
  return isfinite(value) ? value : (double)NAN;
}
