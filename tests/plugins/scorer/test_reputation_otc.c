/* Which method foretells: the reputations of Bitcoin OTC's members learned from the earlier four fifths of the ratings,
 * judged by what they were rated afterwards. Prints the table that docs/methods/reputation.md shows. Skipped where the
 * data are not. */
#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RATINGS = 60000, MOST_MEMBERS = 20000, FOUNDERS = 10, DRAWS = 1000 };

typedef struct rating {
  int64_t from, to, time; /* time in microseconds */
  double value;
} rating;

static rating ratings[MOST_RATINGS];
static int64_t rating_count, earlier, members;
static int64_t number_of[100000]; /* a member's row, by what the file calls her; 0: none yet, else 1 more */

static int64_t row_of(long name)
{
  if (name < 0 || name >= 100000) fail_msg("a member called %ld", name);
  if (!number_of[name]) number_of[name] = ++members;
  return number_of[name] - 1;
}

static int by_time(const void *a, const void *b)
{
  const rating *x = a, *y = b;
  if (x->time != y->time) return x->time < y->time ? -1 : 1;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return (x->to > y->to) - (x->to < y->to);
}

static int by_ends(const void *a, const void *b)
{
  const rating *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->time > y->time) - (x->time < y->time);
}

/* 0: there is no such file. */
static int read_ratings(void)
{
  char line[256];
  FILE *file = fopen(SOURCE_DIR "/../shared/data/bitcoin_otc/ratings.csv", "r");
  if (!file) return 0;
  assert_non_null(fgets(line, sizeof line, file)); /* the header */
  while (fgets(line, sizeof line, file)) {
    char *at = line;
    long from = strtol(at, &at, 10), to = strtol(at + 1, &at, 10);
    double value = strtod(at + 1, &at), time = strtod(at + 1, &at);
    assert_true(rating_count < MOST_RATINGS);
    ratings[rating_count++] = (rating){row_of(from), row_of(to), (int64_t)(time * 1e6), value};
  }
  fclose(file);
  assert_true(members <= MOST_MEMBERS);
  qsort(ratings, (size_t)rating_count, sizeof *ratings, by_time);
  return 1;
}

/* ---- scores ---- */

typedef struct contender {
  const char *name, *params;
  int founders; /* the first raters are pre-trusted */
  double score[MOST_MEMBERS];
} contender;

static contender contenders[] = {
    {.name = "mean (plain)", .params = "method: mean"},
    {.name = "mean, prior_strength 5", .params = "method: mean, prior_strength: 5"},
    {.name = "mean, half_life 52 weeks", .params = "method: mean, half_life: 52 weeks"},
    {.name = "mean, both", .params = "method: mean, prior_strength: 5, half_life: 52 weeks"},
    {.name = "beta", .params = "method: beta"},
    {.name = "beta, half_life 52 weeks", .params = "method: beta, half_life: 52 weeks"},
    {.name = "wilson", .params = "method: wilson"},
    {.name = "wilson, half_life 52 weeks", .params = "method: wilson, half_life: 52 weeks"},
    {.name = "eigentrust", .params = "method: eigentrust"},
    {.name = "eigentrust, 10 founders", .params = "method: eigentrust", .founders = 1},
    {.name = "fairness_goodness", .params = "method: fairness_goodness"},
    {.name = "fairness_goodness, half_life 52 weeks", .params = "method: fairness_goodness, half_life: 52 weeks"},
    {.name = "rev2", .params = "method: rev2"},
    {.name = "rev2, half_life 52 weeks", .params = "method: rev2, half_life: 52 weeks"},
};
enum { CONTENDERS = sizeof contenders / sizeof *contenders };

static void bind_founders(rig *r)
{
  double *trusted = calloc((size_t)members, sizeof *trusted);
  for (int64_t i = 0, found = 0; i < earlier && found < FOUNDERS; i++) {
    found += !(trusted[ratings[i].from] > 0);
    trusted[ratings[i].from] = 1;
  }
  rig_f64(r, "pre_trusted", trusted, members);
  free(trusted);
}

static rig *open_earlier(void)
{
  static rating sorted[MOST_RATINGS];
  static int64_t column[MOST_RATINGS];
  static double values[MOST_RATINGS];
  memcpy(sorted, ratings, (size_t)earlier * sizeof *sorted);
  qsort(sorted, (size_t)earlier, sizeof *sorted, by_ends);
  rig *r = rig_open("scorer", "reputation");
  r->as_of = ratings[earlier - 1].time;
  rig_customers(r, members);
  for (int64_t i = 0; i < earlier; i++) column[i] = sorted[i].from;
  rig_i64(r, "from", column, earlier);
  for (int64_t i = 0; i < earlier; i++) column[i] = sorted[i].to;
  rig_i64(r, "to", column, earlier);
  for (int64_t i = 0; i < earlier; i++) column[i] = sorted[i].time;
  rig_i64(r, "time", column, earlier);
  for (int64_t i = 0; i < earlier; i++) values[i] = sorted[i].value;
  rig_f64(r, "rating", values, earlier);
  return r;
}

static void score_all(void)
{
  for (int c = 0; c < CONTENDERS; c++) {
    char params[200];
    rig *r = open_earlier();
    if (contenders[c].founders) bind_founders(r);
    snprintf(params, sizeof params, "{%s, least: -10, most: 10}", contenders[c].params);
    assert_int_equal(rig_create(r, params), TARAZU_OK);
    assert_int_equal(rig_learn(r), TARAZU_OK);
    assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
    for (int64_t i = 0; i < members; i++) contenders[c].score[i] = rig_value(r, 0, i);
    rig_close(r);
  }
}

/* ---- Spearman's rank correlation ---- */

typedef struct placed {
  double value;
  int64_t at;
} placed;

static int by_value(const void *a, const void *b)
{
  const placed *x = a, *y = b;
  return (x->value > y->value) - (x->value < y->value);
}

/* Ranks, tied ones sharing their mean. */
static void ranks_of(const double *values, int64_t count, double *ranks)
{
  static placed order[MOST_MEMBERS];
  for (int64_t i = 0; i < count; i++) order[i] = (placed){values[i], i};
  qsort(order, (size_t)count, sizeof *order, by_value);
  for (int64_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && by_value(&order[i], &order[end]) == 0;) end++;
    for (int64_t k = i; k < end; k++) ranks[order[k].at] = (double)(i + end - 1) / 2;
  }
}

static double correlation(const double *x, const double *y, int64_t count)
{
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (int64_t i = 0; i < count; i++) mx += x[i] / (double)count, my += y[i] / (double)count;
  for (int64_t i = 0; i < count; i++) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xy / sqrt(xx * yy);
}

static double spearman(const double *x, const double *y, int64_t count)
{
  static double a[MOST_MEMBERS], b[MOST_MEMBERS];
  ranks_of(x, count, a);
  ranks_of(y, count, b);
  return correlation(a, b, count);
}

/* ---- judging ---- */

static int64_t judged[MOST_MEMBERS], judged_count; /* rated both before and after */
static double later[MOST_MEMBERS];                 /* their mean rating afterwards */

/* Learns from ratings [0, first), judges by [first, last). */
static void score_and_find(int64_t first, int64_t last)
{
  static double sum[MOST_MEMBERS], count[MOST_MEMBERS];
  memset(sum, 0, sizeof sum);
  memset(count, 0, sizeof count);
  earlier = first;
  judged_count = 0;
  score_all();
  for (int64_t i = first; i < last; i++) {
    sum[ratings[i].to] += ratings[i].value;
    count[ratings[i].to]++;
  }
  for (int64_t i = 0; i < members; i++) {
    if (!(count[i] > 0) || isnan(contenders[0].score[i])) continue;
    later[judged_count] = sum[i] / count[i];
    judged[judged_count++] = i;
  }
}

static double judge(const contender *c, const int64_t *drawn)
{
  static double x[MOST_MEMBERS], y[MOST_MEMBERS];
  for (int64_t i = 0; i < judged_count; i++) {
    int64_t which = drawn ? drawn[i] : i;
    x[i] = c->score[judged[which]];
    y[i] = later[which];
  }
  return spearman(x, y, judged_count);
}

static int by_number(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Of each contender's lead over the plain mean: members drawn with replacement, a thousand times. */
static void bootstrap(double low[CONTENDERS], double high[CONTENDERS])
{
  static double leads[CONTENDERS][DRAWS];
  static int64_t drawn[MOST_MEMBERS];
  uint64_t seed = 2016;
  for (int d = 0; d < DRAWS; d++) {
    for (int64_t i = 0; i < judged_count; i++) drawn[i] = (int64_t)(next_uniform(&seed) * (double)judged_count);
    double plain = judge(&contenders[0], drawn);
    for (int c = 0; c < CONTENDERS; c++) leads[c][d] = judge(&contenders[c], drawn) - plain;
  }
  for (int c = 0; c < CONTENDERS; c++) {
    qsort(leads[c], DRAWS, sizeof *leads[c], by_number);
    low[c] = leads[c][DRAWS / 40];
    high[c] = leads[c][DRAWS - 1 - DRAWS / 40];
  }
}

/* Which method is best is chosen on the fourth fifth, learned from the three before, so that what it is worth can be
 * told on the last one without the choice having seen it. The lead is told as it is, be it none: see the page. */
static void the_chosen_method_is_compared_with_the_plain_mean(void **state)
{
  (void)state;
  double before[CONTENDERS], rho[CONTENDERS], low[CONTENDERS], high[CONTENDERS];
  int chosen = 0, best = 0;
  if (!read_ratings()) {
    printf("the ratings of Bitcoin OTC are not here\n");
    skip();
  }
  score_and_find(rating_count * 3 / 5, rating_count * 4 / 5);
  for (int c = 0; c < CONTENDERS; c++) {
    before[c] = judge(&contenders[c], NULL);
    if (before[c] > before[chosen]) chosen = c;
  }
  printf("%lld ratings, %lld members; on the fourth fifth %lld were rated who had been rated before, ",
         (long long)rating_count, (long long)members, (long long)judged_count);
  score_and_find(rating_count * 4 / 5, rating_count);
  printf("on the last %lld\n", (long long)judged_count);
  bootstrap(low, high);
  printf("%-40s%12s%12s%10s%22s\n", "", "4th fifth", "5th fifth", "lead", "95 % of bootstraps");
  for (int c = 0; c < CONTENDERS; c++) {
    rho[c] = judge(&contenders[c], NULL);
    if (rho[c] > rho[best]) best = c;
    printf("%-40s%12.4f%12.4f%10.4f%12.4f to %7.4f\n", contenders[c].name, before[c], rho[c], rho[c] - rho[0], low[c],
           high[c]);
    assert_true(rho[c] > 0 && rho[c] < 1); /* each foretells something */
    assert_true(low[c] <= rho[c] - rho[0] && rho[c] - rho[0] <= high[c]);
  }
  printf("chosen on the 4th fifth: %s; best on the 5th: %s\n", contenders[chosen].name, contenders[best].name);
  assert_int_equal(rating_count, 35592);
  assert_true(rho[best] > rho[0]);
  assert_true(rho[chosen] > rho[0]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_chosen_method_is_compared_with_the_plain_mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
