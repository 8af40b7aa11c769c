/* The section `measure`: names, what stands behind them, and everything that is wrong with it told at once. */
#include "backtested.h"

#define OUTCOMES "outcomes:\n  revenue: monetary\n  purchases: {plugin: rfm}\n"

static int read_section(backtested *b, const char *measures)
{
  backtested_forgive(b);
  return backtested_read(b, arena_format(b->home, OUTCOMES "measure:\n%s", measures));
}

static void names_tell_what_was_asked(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  assert_true(
      read_section(&b, "- seconds\n- share_captured: revenue\n"
                       "- {mae: purchases.frequency, prediction: clv.expected_purchases}\n"
                       "- {against_baseline: revenue, baseline: past}\n- {ndcg: revenue, k: 50}\n"
                       "- dimension_share: financial\n- balance\n- {list_cost: hours}\n"
                       "- {list_cost: {plugin: monetary}, name: cost}\n- {rank_biased_overlap: , persistence: 0.9}\n"
                       "- {overlap: , between: cut_offs}\n- {gini: revenue, prediction: clv}\n"));
  static const char *const names[] = {"seconds",
                                      "share_captured of revenue",
                                      "mae of purchases.frequency by clv.expected_purchases",
                                      "against_baseline of revenue by past",
                                      "ndcg of revenue at 50",
                                      "dimension_share of financial",
                                      "balance",
                                      "list_cost of hours",
                                      "cost",
                                      "rank_biased_overlap",
                                      "overlap",
                                      "gini of revenue by clv"};
  assert_int_equal(b.asked.count, sizeof names / sizeof *names);
  for (uint32_t i = 0; i < b.asked.count; i++) assert_string_equal(b.asked.items[i].name, names[i]);
  assert_int_equal(b.asked.items[4].k, 50);
  assert_int_equal(b.asked.beside.count, 1);
  assert_true(b.asked.items[8].cost_beside);
  assert_near(b.asked.items[9].persistence, 0.9, 0);
  assert_int_equal(b.asked.items[10].between, BETWEEN_CUT_OFFS);
  assert_int_equal(b.asked.items[1].place.line, 6);
  backtested_free(&b);
}

static void an_only_outcome_need_not_be_named(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  assert_true(backtested_read(&b, "outcomes: {revenue: monetary}\nmeasure: [share_captured, {lift: }]\n"));
  assert_string_equal(b.asked.items[0].name, "share_captured of revenue");
  assert_string_equal(b.asked.items[1].outcome.text, "revenue");
  backtested_forgive(&b);
  assert_false(backtested_read(&b, OUTCOMES "measure: [share_captured]\n"));
  assert_fault(&b, "experiment.yaml:4:11: error: measure[0]: which outcome? expected `share_captured: OUTCOME`");
  backtested_forgive(&b);
  assert_false(backtested_read(&b, "measure: [seconds, lift]\n"));
  assert_fault(&b, "measure[1]: 'lift' needs an outcome, but there is none; expected `outcomes: {NAME: {plugin: …}}`");
  backtested_free(&b);
}

static void every_fault_is_told_with_its_place(void **state)
{
  static const struct {
    const char *item, *says;
  } faults[] = {
      {"- share_capture: revenue", "5:3: error: measure[0]: 'share_capture' is no measure"},
      {"- share_capture: revenue", "did you mean 'share_captured'?"},
      {"- secnds", "5:3: error: measure[0]: found text 'secnds', expected a measure"},
      {"- secnds", "did you mean 'seconds'?"},
      {"- [seconds]", "5:3: error: measure[0]: found a list, expected a measure"},
      {"- {}", "measure[0]: '' is no measure"},
      {"- {lift: revenue, gini: revenue}", "5:19: error: measure[0]: found 'gini' beside 'lift', expected one measure"},
      {"- share_captured: revnue", "5:19: error: measure[0]: there is no outcome 'revnue'"},
      {"- share_captured: revnue", "did you mean 'revenue'?"},
      {"- share_captured: {plugin: monetary}", "5:19: error: measure[0]: found a map, expected a name"},
      {"- {share_captured: revenue, prediction: x}", "5:29: error: measure[0]: unknown key 'prediction'"},
      {"- {mae: revenue, predction: x}", "did you mean 'prediction'?"},
      {"- against_baseline: revenue", "5:3: error: measure[0]: 'against_baseline' needs a baseline"},
      {"- value_per_cost: revenue", "measure[0]: 'value_per_cost' needs a cost"},
      {"- list_cost", "measure[0]: 'list_cost' needs a cost"},
      {"- {against_baseline: revenue, baseline: [1]}", "5:41: error: measure[0]: found a list, expected a name"},
      {"- {against_baseline: revenue, baseline: {plugn: monetary}}", "measure[0]: baseline: unknown key 'plugn'"},
      {"- dimension_share", "measure[0]: which dimension? expected `dimension_share: DIMENSION`"},
      {"- {seconds: revenue}", "5:13: error: measure[0]: 'seconds' is of nothing else; expected it alone"},
      {"- {ndcg: revenue, k: 0}", "measure[0]: k: found the number 0, expected"},
      {"- {rank_biased_overlap: , persistence: 1}", "measure[0]: persistence: found the number 1, expected"},
      {"- {overlap: , samples: 20}", "measure[0]: 'samples' is expected beside `between: samples` alone"},
      {"- {overlap: , between: samples, samples: 1}", "measure[0]: samples: found the number 1, expected"},
      {"- {overlap: , between: years}", "measure[0]: between: found"},
      {"- seconds\n- seconds",
       "6:3: error: measure[1]: 'seconds' is asked for twice (line 5); give one of them a `name`"},
  };
  backtested b;
  (void)state;
  backtested_new(&b);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    backtested_forgive(&b);
    assert_false(backtested_read(&b, arena_format(b.home, OUTCOMES "measure:\n%s\n", faults[i].item)));
    assert_fault(&b, faults[i].says);
  }
  assert_false(read_section(&b, "- sconds\n- lift: x\n- balance\n"));
  assert_int_equal(problems_errors(b.faults), 2); /* all at once */
  assert_int_equal(b.asked.count, 1);
  backtested_forgive(&b);
  assert_false(backtested_read(&b, "measure: []\n"));
  assert_fault(&b, "measure: found an empty list, expected a list of measures");
  assert_false(backtested_read(&b, "outcomes: {a: monetary}\n"));
  assert_fault(&b, "measure: found nothing, expected a list of measures");
  backtested_free(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_tell_what_was_asked),
      cmocka_unit_test(an_only_outcome_need_not_be_named),
      cmocka_unit_test(every_fault_is_told_with_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
