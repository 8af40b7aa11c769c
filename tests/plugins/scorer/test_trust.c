/* The trust scorer: each kind of evidence, how it is forgotten, the posterior and its interval, and what is refused. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

#define DAY INT64_C(86400000000)

enum { TRUST, LOWER, UPPER, BEHAVIOUR, ASKED, EVIDENCE, EVENTS, OUTPUTS };

static void bind_days(rig *r, const char *field, const double *days, int64_t count)
{
  int64_t *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++)
    times[i] = isnan(days[i]) ? INT64_MIN : r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_i64(r, field, times, count);
  free(times);
}

/* Each where offsets are given; days: before as_of, NULL: undated. */
typedef struct evidence {
  const int64_t *promises, *disputes, *complaints, *answers; /* offsets */
  const double *due, *kept, *disputed, *opened, *resolved, *asked, *answer;
} evidence;

static rig *open_evidence(int64_t customers, evidence e)
{
  rig *r = rig_open("scorer", "trust");
  if (e.promises) {
    rig_events(r, "promises", e.promises, customers);
    if (e.due) bind_days(r, "promises.time", e.due, e.promises[customers]);
    rig_f64(r, "kept", e.kept, e.promises[customers]);
  }
  if (e.disputes) {
    rig_events(r, "disputes", e.disputes, customers);
    bind_days(r, "disputes.time", e.disputed, e.disputes[customers]);
  }
  if (e.complaints) {
    rig_events(r, "complaints", e.complaints, customers);
    bind_days(r, "complaints.time", e.opened, e.complaints[customers]);
    bind_days(r, "resolved", e.resolved, e.complaints[customers]);
  }
  if (e.answers) {
    rig_events(r, "answers", e.answers, customers);
    if (e.asked) bind_days(r, "answers.time", e.asked, e.answers[customers]);
    rig_f64(r, "answer", e.answer, e.answers[customers]);
  }
  rig_customers(r, customers);
  return r;
}

static void score(rig *r, const char *params)
{
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
}

/* (r + 1) / (r + s + 2): Josang and Ismail (2002), figure 1: of 7 good and 1 bad 0.8. The ends: SciPy 1.17.1,
 * stats.beta.ppf([0.05, 0.95], 8, 2). */
static void promises_alone_are_the_beta_reputation(void **state)
{
  (void)state;
  rig *r = open_evidence(
      2, (evidence){.promises = (int64_t[]){0, 8, 11}, .kept = (double[]){1, 1, 1, 0, 1, 1, 1, 1, 0.5, 0.25, NAN}});
  score(r, "{prior: 50%}");
  assert_near(rig_value(r, TRUST, 0), 0.8, 1e-15);
  assert_near(rig_value(r, LOWER, 0), 0.5708644529685656, 1e-10);
  assert_near(rig_value(r, UPPER, 0), 0.9589768324930035, 1e-10);
  assert_near(rig_value(r, BEHAVIOUR, 0), 0.875, 1e-15);
  assert_near(rig_value(r, EVIDENCE, 0), 8, 0);
  assert_near(rig_value(r, TRUST, 1), 1.75 / 4, 1e-15); /* kept in part; one is not known */
  assert_int_equal(rig_integer(r, EVENTS, 1), 2);
  assert_true(isnan(rig_value(r, ASKED, 0)));
  assert_near(rig_fact(r, "left_out")->value, 1, 0);
  assert_near(rig_fact(r, "promises_kept")->value, 7.75 / 10, 1e-15);
  rig_close(r);
}

/* Six customers, one kind of complaint each. */
static void a_complaint_counts_by_what_became_of_it(void **state)
{
  (void)state;
  static const int64_t offsets[] = {0, 1, 2, 3, 4, 5, 6};
  static const double opened[] = {100, 100, 100, 100, 5, 14};
  static const double resolved[] = {86, 85, NAN, -1, NAN, NAN}; /* in 14 days, in 15, open, tomorrow, new, just new */
  rig *r = open_evidence(6, (evidence){.complaints = offsets, .opened = opened, .resolved = resolved});
  score(r, "{prior: 50%, half_life: 100 days}");
  static const double good[] = {0.25, 0, 0, 0, 0, 0}, bad[] = {0.25, 0.25, 2, 2, 0.5, 0.5};
  for (int i = 0; i < 6; i++) {
    assert_near(rig_value(r, TRUST, i), (1 + good[i]) / (2 + good[i] + bad[i]), 1e-14);
    assert_near(rig_value(r, EVIDENCE, i), good[i] + bad[i], 1e-14);
  }
  assert_near(rig_fact(r, "complaints_unresolved")->value, 2, 0);
  score(r, "{prior: 50%, prompt: 20 days, complaint_weight: 1, unresolved_weight: 4, recovery_weight: 0.75}");
  static const double more_good[] = {0.75, 0.75, 0, 0, 0, 0}, more_bad[] = {1, 1, 4, 4, 1, 1};
  for (int i = 0; i < 6; i++)
    assert_near(rig_value(r, TRUST, i), (1 + more_good[i]) / (2 + more_good[i] + more_bad[i]), 1e-14);
  rig_close(r);
}

static void disputes_and_answers_are_evidence_too(void **state)
{
  (void)state;
  rig *r = open_evidence(3, (evidence){.disputes = (int64_t[]){0, 2, 2, 2},
                                       .disputed = (double[]){10, 20},
                                       .answers = (int64_t[]){0, 1, 4, 5},
                                       .answer = (double[]){4, 1, 5, 5, NAN}});
  score(r, "{prior: 50%}");
  assert_near(rig_value(r, TRUST, 0), (1 + 2 * 0.75) / (2 + 2 + 4), 1e-15);
  assert_near(rig_value(r, BEHAVIOUR, 0), 0, 0);
  assert_near(rig_value(r, ASKED, 0), 0.75, 1e-15);
  assert_near(rig_value(r, TRUST, 1), (1 + 4) / (2. + 6), 1e-15);
  assert_near(rig_value(r, ASKED, 1), 2. / 3, 1e-15);
  assert_true(isnan(rig_value(r, BEHAVIOUR, 1)));
  for (uint32_t o = TRUST; o <= ASKED; o++) assert_true(isnan(rig_value(r, o, 2)));
  score(r, "{prior: 20%, prior_weight: 10, least: 0, most: 10, answer_weight: 3, dispute_weight: 1.5}");
  assert_near(rig_value(r, TRUST, 0), (2 + 3 * 0.4) / (10 + 3 + 3), 1e-15);
  rig_close(r);
}

static void who_is_not_known_is_left_out_or_gets_the_prior(void **state)
{
  (void)state;
  rig *r = open_evidence(2, (evidence){.promises = (int64_t[]){0, 4, 4}, .kept = (double[]){1, 1, 1, 0}});
  score(r, NULL); /* the prior is learned: 3 of 4 */
  assert_near(rig_fact(r, "prior")->value, 0.75, 1e-15);
  assert_near(rig_value(r, TRUST, 0), 0.75, 1e-15);
  for (uint32_t o = TRUST; o <= ASKED; o++) assert_true(isnan(rig_value(r, o, 1)));
  assert_near(rig_value(r, EVIDENCE, 1), 0, 0);
  score(r, "{no_evidence: prior, prior: 50%}");
  assert_near(rig_value(r, TRUST, 1), 0.5, 0);
  assert_near(rig_value(r, LOWER, 1), 0.05, 1e-12); /* of an even distribution */
  assert_near(rig_value(r, UPPER, 1), 0.95, 1e-12);
  assert_true(isnan(rig_value(r, BEHAVIOUR, 1)));
  rig_close(r);
  r = open_evidence(2, (evidence){.promises = (int64_t[]){0, 0, 0}});
  score(r, "{no_evidence: prior}");
  assert_near(rig_value(r, TRUST, 0), 0.5, 0);
  assert_int_equal(rig_fact(r, "customers_with_evidence")->level, 1);
  rig_close(r);
  r = open_evidence(1, (evidence){.promises = (int64_t[]){0, 2}, .kept = (double[]){1, 1}});
  score(r, NULL); /* a prior of 1 could never be shaken */
  assert_near(rig_fact(r, "prior")->value, 0.999, 0);
  assert_true(rig_value(r, UPPER, 0) <= 1);
  rig_close(r);
  r = open_evidence(0, (evidence){.promises = (int64_t[]){0}});
  score(r, NULL);
  rig_close(r);
}

static void what_is_off_a_scale_names_the_customer(void **state)
{
  (void)state;
  rig *r = open_evidence(2, (evidence){.promises = (int64_t[]){0, 1, 2}, .kept = (double[]){1, 1.5}});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 1);
  assert_string_equal(r->error.message, "a promise kept of 1.5 is off the scale from 0 to 1");
  rig_close(r);
  r = open_evidence(1, (evidence){.answers = (int64_t[]){0, 1}, .answer = (double[]){0}});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(rig_create(r, "{least: 5, most: 5}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
  r = rig_open("scorer", "trust");
  rig_customers(r, 1);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

/* ---- everything at once ---- */

enum { CUSTOMERS = 300, MOST = CUSTOMERS * 6 };
typedef struct world {
  int64_t offsets[4][CUSTOMERS + 1];
  double due[MOST], kept[MOST], disputed[MOST], opened[MOST], resolved[MOST], asked[MOST], answer[MOST];
} world;

static evidence fill(world *w, uint64_t seed)
{
  for (int kind = 0; kind < 4; kind++) {
    int64_t n = 0;
    double *days[] = {w->due, w->disputed, w->opened, w->asked};
    for (int i = 0; i < CUSTOMERS; i++) {
      for (int k = (int)(next_uniform(&seed) * 6); k > 0; k--, n++) {
        double u = next_uniform(&seed);
        days[kind][n] = next_uniform(&seed) * 500;
        if (kind == 0) w->kept[n] = u < 0.1 ? (double)NAN : u < 0.3 ? 0 : u < 0.4 ? u : 1;
        if (kind == 2) w->resolved[n] = u < 0.3 ? (double)NAN : w->opened[n] - 40 * u;
        if (kind == 3) w->answer[n] = u < 0.1 ? (double)NAN : 1 + 4 * u;
      }
      w->offsets[kind][i + 1] = n;
    }
  }
  return (evidence){.promises = w->offsets[0],
                    .disputes = w->offsets[1],
                    .complaints = w->offsets[2],
                    .answers = w->offsets[3],
                    .due = w->due,
                    .kept = w->kept,
                    .disputed = w->disputed,
                    .opened = w->opened,
                    .resolved = w->resolved,
                    .asked = w->asked,
                    .answer = w->answer};
}

/* Against the plain definition, the prior being that of all. The interval holds what it says of the density. */
static void trust_is_that_of_the_plain_definition(void **state)
{
  (void)state;
  static world w;
  rig *r = open_evidence(CUSTOMERS, fill(&w, 4));
  score(r, "{half_life: 200 days, prior_weight: 3, confidence: 80%}");
  double good[CUSTOMERS] = {0}, bad[CUSTOMERS] = {0}, all_good = 0, all = 0;
  for (int i = 0; i < CUSTOMERS; i++) {
    for (int64_t k = w.offsets[0][i]; k < w.offsets[0][i + 1]; k++)
      if (!isnan(w.kept[k])) {
        good[i] += pow(0.5, w.due[k] / 200) * w.kept[k];
        bad[i] += pow(0.5, w.due[k] / 200) * (1 - w.kept[k]);
      }
    for (int64_t k = w.offsets[1][i]; k < w.offsets[1][i + 1]; k++) bad[i] += 2 * pow(0.5, w.disputed[k] / 200);
    for (int64_t k = w.offsets[2][i]; k < w.offsets[2][i + 1]; k++) {
      int is_open = isnan(w.resolved[k]) || w.resolved[k] < 0;
      double took = w.opened[k] - (is_open ? 0 : w.resolved[k]), fading = pow(0.5, w.opened[k] / 200);
      if (is_open) bad[i] += took > 14 ? 2 : 0.5;
      else bad[i] += 0.5 * fading, good[i] += took > 14 ? 0 : 0.5 * fading;
    }
    for (int64_t k = w.offsets[3][i]; k < w.offsets[3][i + 1]; k++)
      if (!isnan(w.answer[k])) {
        good[i] += 2 * pow(0.5, w.asked[k] / 200) * (w.answer[k] - 1) / 4;
        bad[i] += 2 * pow(0.5, w.asked[k] / 200) * (5 - w.answer[k]) / 4;
      }
    all_good += good[i];
    all += good[i] + bad[i];
  }
  for (int i = 0; i < CUSTOMERS; i++) {
    double alpha = 3 * all_good / all + good[i], beta = 3 * (1 - all_good / all) + bad[i];
    if (good[i] + bad[i] == 0) {
      assert_true(isnan(rig_value(r, TRUST, i)));
      continue;
    }
    assert_near(rig_value(r, TRUST, i), alpha / (alpha + beta), 1e-12);
    double low = rig_value(r, LOWER, i), high = rig_value(r, UPPER, i), inside = 0;
    for (int j = 0; j < 2000; j++) { /* in the logit, where the density is smooth */
      double from = log(low / (1 - low)), to = log(high / (1 - high)), y = from + (to - from) * (j + 0.5) / 2000;
      inside += exp(alpha * y - (alpha + beta) * log1p(exp(y)) + lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)) *
                (to - from) / 2000;
    }
    assert_near(inside, 0.8, 1e-4);
  }
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* One more broken promise, dispute or open complaint never helps; one more kept promise or top answer never harms. */
static void more_of_what_is_bad_is_less_trust(void **state)
{
  (void)state;
  double before = 0;
  for (int n = 0; n < 8; n++) {
    double kept[9] = {1, 0, 1}, opened[] = {90, 80, 70, 60, 50, 40, 30, 20}, open[8];
    for (int i = 0; i < 8; i++) open[i] = (double)NAN;
    for (int i = 3; i < 3 + n && i < 9; i++) kept[i] = 1;
    rig *r = open_evidence(2, (evidence){.promises = (int64_t[]){0, 3 + (n < 6 ? n : 6), 3 + (n < 6 ? n : 6)},
                                         .kept = kept,
                                         .complaints = (int64_t[]){0, 0, n},
                                         .opened = opened,
                                         .resolved = open});
    score(r, "{prior: 60%}");
    if (n && n <= 6) assert_true(rig_value(r, TRUST, 0) > before);
    if (n) assert_near(rig_value(r, TRUST, 1), 1.2 / (2 + 2 * n), 1e-14);
    before = rig_value(r, TRUST, 0);
    rig_close(r);
  }
}

static void a_damaged_model_is_refused(void **state)
{
  (void)state;
  void *bytes;
  size_t count;
  rig *r = open_evidence(1, (evidence){.promises = (int64_t[]){0, 1}, .kept = (double[]){1}});
  score(r, NULL);
  assert_int_equal(rig_save(r, &bytes, &count), TARAZU_OK);
  memset(bytes, 0xff, count);
  assert_int_equal(rig_load(r, bytes, count), TARAZU_BAD_DATA);
  free(bytes);
  rig_close(r);
}

static void an_explanation_names_the_evidence(void **state)
{
  (void)state;
  rig *r = open_evidence(1, (evidence){.promises = (int64_t[]){0, 4},
                                       .kept = (double[]){1, 1, 0, 1},
                                       .disputes = (int64_t[]){0, 1},
                                       .disputed = (double[]){3},
                                       .complaints = (int64_t[]){0, 2},
                                       .opened = (double[]){80, 60},
                                       .resolved = (double[]){70, NAN},
                                       .answers = (int64_t[]){0, 1},
                                       .answer = (double[]){2}});
  score(r, "{prior: 50%}");
  const int64_t opened[] = {r->as_of - 80 * DAY, r->as_of - 60 * DAY}, resolved[] = {r->as_of - 70 * DAY, 0};
  const uint8_t valid = 1;
  static const char *const said[] = {"no evidence\n", "3 of 4 promises kept\n"
                                                      "1 dispute\n"
                                                      "2 complaints, 1 resolved within 14 days, 1 open for longer\n"
                                                      "asked for her trust, from 1 to 5: 2 (1 answer)\n"
                                                      "evidence worth 11 promises, beside a prior of 0.5 worth 2\n"};
  for (int all = 0; all < 2; all++) {
    const tarazu_column columns[] = {
        {.size = sizeof *columns, .values = (double[]){1, 1, 0, 1}, .offsets = (int64_t[]){0, 4 * all}},
        {.size = sizeof *columns, .values = opened, .offsets = (int64_t[]){0, all}},
        {.size = sizeof *columns, .values = opened, .offsets = (int64_t[]){0, 2 * all}},
        {.size = sizeof *columns, .values = resolved, .valid = &valid, .offsets = (int64_t[]){0, 2 * all}},
        {.size = sizeof *columns, .values = (double[]){2}, .offsets = (int64_t[]){0, all}}};
    assert_reasons(
        r, (const tarazu_column *const[]){NULL, &columns[0], &columns[1], &columns[2], &columns[3], NULL, &columns[4]},
        7, said[all]);
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(promises_alone_are_the_beta_reputation),
      cmocka_unit_test(a_complaint_counts_by_what_became_of_it),
      cmocka_unit_test(disputes_and_answers_are_evidence_too),
      cmocka_unit_test(who_is_not_known_is_left_out_or_gets_the_prior),
      cmocka_unit_test(what_is_off_a_scale_names_the_customer),
      cmocka_unit_test(trust_is_that_of_the_plain_definition),
      cmocka_unit_test(more_of_what_is_bad_is_less_trust),
      cmocka_unit_test(a_damaged_model_is_refused),
      cmocka_unit_test(an_explanation_names_the_evidence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
