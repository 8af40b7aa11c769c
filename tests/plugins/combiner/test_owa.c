#include "support/criteria.h"
#include "support/properties.h"

#include <string.h>

static const double equal[] = {1, 1, 1, 1};

/* Yager 1988: order weights .4, .3, .2, .1 on .7, 1, .3, .6 give .76. */
static void the_example_of_the_paper(void **state)
{
  const criteria c = {1, 4, (double[]){.7, 1, .3, .6}, equal, NULL, NULL};
  (void)state;
  rig *r = combined_with("owa", "order_weights: [0.4, 0.3, 0.2, 0.1]", &c);
  assert_near(rig_value(r, 0, 0), .76, 1e-15);
  assert_near(rig_fact(r, "orness")->value, 2.0 / 3, 1e-15); /* (3 × .4 + 2 × .3 + .2) / 3 */
  rig_close(r);
  r = combined_with("owa", "order_weights: [4, 3, 2, 1]", &c);
  assert_near(rig_value(r, 0, 0), .76, 1e-15);
  rig_close(r);
}

static void orness_goes_from_the_worst_criterion_over_the_mean_to_the_best(void **state)
{
  static const double weights[] = {.4, .3, .2, .1};
  const criteria c = {1, 4, (double[]){.7, 1, .3, .6}, weights, NULL, NULL};
  static const struct {
    const char *params;
    double score;
  } known[] = {{"orness: 0", .3}, {"orness: 1", 1}, {"orness: 0.5", .4 * .7 + .3 + .2 * .3 + .1 * .6}};
  double last = 0;
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    rig *r = combined_with("owa", known[i].params, &c);
    assert_near(rig_value(r, 0, 0), known[i].score, 1e-15);
    rig_close(r);
  }
  for (int i = 0; i <= 20; i++) {
    char params[40];
    snprintf(params, sizeof params, "orness: %g", i / 20.0);
    rig *r = combined_with("owa", params, &c);
    assert_true(rig_value(r, 0, 0) >= last);
    assert_near(rig_fact(r, "orness")->value, i / 20.0, 1e-15);
    last = rig_value(r, 0, 0);
    rig_close(r);
  }
}

/* Yager 1996: Q(r) = r^2 (orness 1/3) with weights 1, .6, .5, .9 of values .7, 1, .5, .6: sorted 1, .7, .6, .5 with
 * running shares .2, .5333, .8333, 1 of 3. */
static void criteria_bring_their_weights_into_the_order(void **state)
{
  static const double weights[] = {1, .6, .5, .9};
  const criteria c = {1, 4, (double[]){.7, 1, .5, .6}, weights, NULL, NULL};
  const double s1 = .6 / 3, s2 = 1.6 / 3, s3 = 2.5 / 3;
  (void)state;
  rig *r = combined_with("owa", "orness: 0.33333333333333333", &c);
  assert_near(rig_value(r, 0, 0), s1 * s1 + (s2 * s2 - s1 * s1) * .7 + (s3 * s3 - s2 * s2) * .6 + (1 - s3 * s3) * .5,
              1e-15);
  rig_close(r);
}

static void gaps_costs_and_order(void **state)
{
  static const int32_t better[] = {1, 1, -1, 1};
  const criteria c = {3, 4, (double[]){1, 2, 3, NAN, 2, 1, 3, NAN, NAN, NAN, NAN, NAN}, equal, better, NULL};
  (void)state;
  rig *r = combined_with("owa", "orness: 0.8", &c);
  assert_near(rig_value(r, 0, 0), rig_value(r, 0, 1), 0);
  assert_true(isnan(rig_value(r, 0, 2)));
  check_batches(r);
  rig_close(r);
  r = combined_with("owa", "orness: 0", &c);
  assert_near(rig_value(r, 0, 0), -3, 0); /* a cost that nothing normalized counts against her */
  rig_close(r);
}

static void weights_that_are_none_are_refused(void **state)
{
  static const struct {
    const char *params, *words;
  } bad[] = {{"order_weights: []", "found no weight"},
             {"order_weights: [1, -1]", "found -1; expected weights from 0 on"},
             {"order_weights: [0, 0]", "add up to 0; expected a sum above 0"}};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const criteria c = {1, 4, (double[]){.7, 1, .3, .6}, equal, NULL, NULL};
    rig *r = rig_open("combiner", "owa");
    criteria_bind(r, &c);
    assert_int_equal(rig_create(r, bad[i].params), TARAZU_BAD_PARAMETER);
    if (!strstr(r->error.message, bad[i].words)) fail_msg("%s: %s", bad[i].params, r->error.message);
    rig_close(r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_example_of_the_paper),
      cmocka_unit_test(orness_goes_from_the_worst_criterion_over_the_mean_to_the_best),
      cmocka_unit_test(criteria_bring_their_weights_into_the_order),
      cmocka_unit_test(gaps_costs_and_order),
      cmocka_unit_test(weights_that_are_none_are_refused),
  };
  return cmocka_run_group_tests_name("owa", tests, NULL, NULL);
}
