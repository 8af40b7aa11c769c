/* The knowledge scorer: what ideas bring, what those still weighed may bring, and what cannot be valued. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

#define DAY INT64_C(86400000000)

enum { KNOWLEDGE, FROM_IDEAS, FROM_PARTICIPATION, IDEAS, ADOPTED, PENDING, RATE, OUTPUTS };

static void bind_days(rig *r, const char *field, const double *days, int64_t count)
{
  int64_t *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++) times[i] = r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_i64(r, field, times, count);
  free(times);
}

typedef struct given {
  const int64_t *ideas, *acts; /* offsets; NULL: not bound */
  const double *offered, *adopted, *value, *share, *took_part, *amount;
} given;

static rig *open_given(int64_t customers, given g)
{
  rig *r = rig_open("scorer", "knowledge");
  if (g.ideas) {
    int64_t count = g.ideas[customers];
    rig_events(r, "ideas", g.ideas, customers);
    if (g.offered) bind_days(r, "ideas.time", g.offered, count);
    rig_f64(r, "adopted", g.adopted, count);
    rig_f64(r, "value", g.value, count);
    if (g.share) rig_f64(r, "share", g.share, count);
  }
  if (g.acts) {
    rig_events(r, "participation", g.acts, customers);
    bind_days(r, "participation.time", g.took_part, g.acts[customers]);
    if (g.amount) rig_f64(r, "amount", g.amount, g.acts[customers]);
  }
  rig_customers(r, customers);
  return r;
}

static void score(rig *r, const char *params)
{
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
}

/* Everybody's rate is 3 of 5. */
static void a_pending_idea_counts_its_value_times_the_chance_that_it_is_adopted(void **state)
{
  (void)state;
  rig *r = open_given(4, (given){.ideas = (int64_t[]){0, 3, 5, 7, 7},
                                 .adopted = (double[]){1, 1, NAN, 0, 1, NAN, 0},
                                 .value = (double[]){1000, 500, 800, 900, -200, 100, NAN}});
  score(r, NULL);
  assert_near(rig_fact(r, "adoption_rate")->value, 0.6, 1e-15);
  const double rates[] = {(2 + 3) / (2 + 5.), (1 + 3) / (2 + 5.), (0 + 3) / (1 + 5.)};
  const double values[] = {1500 + 800 * rates[0], -200, 100 * rates[2], 0};
  for (int i = 0; i < 4; i++) {
    assert_near(rig_value(r, KNOWLEDGE, i), values[i], 1e-12);
    assert_near(rig_value(r, FROM_IDEAS, i), values[i], 1e-12);
    assert_near(rig_value(r, RATE, i), i < 3 ? rates[i] : (double)NAN, 1e-15);
  }
  assert_int_equal(rig_integer(r, IDEAS, 0), 3);
  assert_int_equal(rig_integer(r, ADOPTED, 0), 2);
  assert_int_equal(rig_integer(r, PENDING, 0), 1);
  score(r, "{pending: nothing}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 1500, 0);
  score(r, "{shrinkage: 0, adoption_rate: 10%}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 1500 + 800, 1e-12);
  score(r, "{adoption_rate: 0%, shrinkage: 2}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 1500 + 800 * 0.5, 1e-12);
  rig_close(r);
}

static void the_customers_share_and_the_age_count(void **state)
{
  (void)state;
  rig *r = open_given(1, (given){.ideas = (int64_t[]){0, 3},
                                 .offered = (double[]){200, 100, 0},
                                 .adopted = (double[]){1, 1, 1},
                                 .value = (double[]){1000, 1000, 1000},
                                 .share = (double[]){1, NAN, 0.1},
                                 .acts = (int64_t[]){0, 2},
                                 .took_part = (double[]){100, 0},
                                 .amount = (double[]){4, 3}});
  score(r, "{share: 50%, half_life: 100 days, participation_rate: 20}");
  assert_near(rig_value(r, FROM_IDEAS, 0), 250 + 250 + 100, 1e-11);
  assert_near(rig_value(r, FROM_PARTICIPATION, 0), 20 * (2 + 3), 1e-12);
  assert_near(rig_value(r, KNOWLEDGE, 0), 700, 1e-11);
  rig_close(r);
}

static void an_act_counts_one_without_an_amount(void **state)
{
  (void)state;
  rig *r = open_given(2, (given){.acts = (int64_t[]){0, 2, 2}, .took_part = (double[]){9, 9}});
  score(r, "{participation_rate: 15}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 30, 0);
  assert_near(rig_value(r, KNOWLEDGE, 1), 0, 0);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  assert_string_equal(r->error.message, "participation alone is bound and worth nothing: give participation_rate");
  rig_close(r);
}

static void what_has_no_known_value_is_left_out_and_told(void **state)
{
  (void)state;
  rig *r = open_given(2, (given){.ideas = (int64_t[]){0, 3, 4},
                                 .adopted = (double[]){1, 0, NAN, 1},
                                 .value = (double[]){NAN, NAN, NAN, 10},
                                 .acts = (int64_t[]){0, 1, 1},
                                 .took_part = (double[]){3},
                                 .amount = (double[]){NAN}});
  score(r, NULL);
  assert_near(rig_value(r, KNOWLEDGE, 0), 0, 0);
  assert_near(rig_fact(r, "ideas_left_out")->value, 2, 0);
  assert_near(rig_fact(r, "participations_left_out")->value, 1, 0);
  assert_int_equal(rig_fact(r, "participation_rate")->level, 1);
  score(r, "{idea_value: 70, shrinkage: 0}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 70 + 70 * 0.5, 1e-12);
  assert_null(rig_fact(r, "ideas_left_out"));
  rig_close(r);
}

static void where_nothing_is_decided_pending_ideas_count_nothing(void **state)
{
  (void)state;
  rig *r = open_given(1, (given){.ideas = (int64_t[]){0, 1}, .adopted = (double[]){NAN}, .value = (double[]){100}});
  score(r, NULL);
  assert_near(rig_value(r, KNOWLEDGE, 0), 0, 0);
  assert_true(isnan(rig_value(r, RATE, 0)));
  assert_int_equal(rig_fact(r, "adoption_rate_unknown")->level, 1);
  score(r, "{adoption_rate: 25%}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 25, 0);
  score(r, "{adoption_rate: 25%, shrinkage: 0}");
  assert_near(rig_value(r, KNOWLEDGE, 0), 25, 0);
  rig_close(r);
  r = open_given(2, (given){.ideas = (int64_t[]){0, 0, 0}});
  score(r, NULL);
  assert_near(rig_value(r, KNOWLEDGE, 1), 0, 0);
  rig_close(r);
  r = open_given(0, (given){.ideas = (int64_t[]){0}});
  score(r, NULL);
  rig_close(r);
}

static void refused(given g, tarazu_status status, const char *message)
{
  rig *r = open_given(2, g);
  assert_int_equal(rig_create(r, "{participation_rate: 10}"), TARAZU_OK);
  tarazu_status got = rig_learn(r);
  if (!got) got = rig_apply(r, 2048);
  assert_int_equal(got, status);
  assert_int_equal(r->error.row, 1);
  assert_string_equal(r->error.message, message);
  rig_close(r);
}

static void odd_data_name_the_customer(void **state)
{
  (void)state;
  static const int64_t offsets[] = {0, 1, 2};
  refused((given){.ideas = offsets, .adopted = (double[]){1, 2}, .value = (double[]){1, 1}}, TARAZU_BAD_DATA,
          "whether an idea was adopted is 2: expected 0, 1 or, while undecided, nothing");
  refused((given){.ideas = offsets, .adopted = (double[]){1, 1}, .value = (double[]){1, 1}, .share = (double[]){1, -1}},
          TARAZU_BAD_DATA, "the customer's share of an idea is -1: expected 0 to 1");
  refused((given){.acts = offsets, .took_part = (double[]){1, 1}, .amount = (double[]){1, -2}}, TARAZU_BAD_DATA,
          "an amount of participation is -2: expected 0 or more");
  refused((given){.acts = offsets, .took_part = (double[]){1, 1}, .amount = (double[]){1, 1.7e308}}, TARAZU_NUMERIC,
          "the value of a customer's knowledge is beyond what a double holds");
  rig *r = rig_open("scorer", "knowledge");
  rig_customers(r, 1);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

static void the_value_is_that_of_the_plain_definition(void **state)
{
  (void)state;
  enum { CUSTOMERS = 400, MOST = CUSTOMERS * 5 };
  static double offered[MOST], adopted[MOST], value[MOST], share[MOST], took_part[MOST], amount[MOST];
  static int64_t ideas[CUSTOMERS + 1], acts[CUSTOMERS + 1];
  uint64_t seed = 21;
  int64_t n = 0, m = 0;
  double decided = 0, yes = 0;
  for (int i = 0; i < CUSTOMERS; i++) {
    for (int k = (int)(next_uniform(&seed) * 6) - 1; k > 0; k--, n++) {
      double u = next_uniform(&seed);
      offered[n] = 900 * next_uniform(&seed);
      adopted[n] = u < 0.3 ? (double)NAN : u < 0.55;
      value[n] = next_uniform(&seed) < 0.2 ? (double)NAN : 5000 * next_uniform(&seed) - 500;
      share[n] = next_uniform(&seed) < 0.5 ? (double)NAN : next_uniform(&seed);
      decided += !isnan(adopted[n]);
      yes += adopted[n] == 1;
    }
    for (int k = (int)(next_uniform(&seed) * 4); k > 0; k--, m++) {
      took_part[m] = 900 * next_uniform(&seed);
      amount[m] = 10 * next_uniform(&seed);
    }
    ideas[i + 1] = n;
    acts[i + 1] = m;
  }
  rig *r = open_given(CUSTOMERS, (given){ideas, acts, offered, adopted, value, share, took_part, amount});
  score(r, "{share: 40%, idea_value: 300, shrinkage: 3, half_life: 365 days, participation_rate: 25}");
  for (int i = 0; i < CUSTOMERS; i++) {
    double own_decided = 0, own_yes = 0, sum = 0;
    for (int64_t k = ideas[i]; k < ideas[i + 1]; k++) own_decided += !isnan(adopted[k]), own_yes += adopted[k] == 1;
    for (int64_t k = ideas[i]; k < ideas[i + 1]; k++) {
      double chance = isnan(adopted[k]) ? (own_yes + 3 * yes / decided) / (own_decided + 3) : adopted[k];
      sum +=
          chance * (isnan(value[k]) ? 300 : value[k]) * (isnan(share[k]) ? 0.4 : share[k]) * pow(0.5, offered[k] / 365);
    }
    for (int64_t k = acts[i]; k < acts[i + 1]; k++) sum += 25 * amount[k] * pow(0.5, took_part[k] / 365);
    assert_near(rig_value(r, KNOWLEDGE, i), sum, 1e-8);
  }
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

static void an_explanation_names_the_ideas(void **state)
{
  (void)state;
  rig *r = open_given(1, (given){.ideas = (int64_t[]){0, 4},
                                 .adopted = (double[]){1, 1, 0, NAN},
                                 .value = (double[]){100, 300, NAN, 60},
                                 .acts = (int64_t[]){0, 1},
                                 .took_part = (double[]){3}});
  score(r, "{shrinkage: 0, participation_rate: 7}");
  static const char *const said[] = {"no idea offered, no participation\n",
                                     "4 ideas offered, 2 adopted, 1 not yet decided on\n"
                                     "what was adopted brought 400, the best of them 300\n"
                                     "those not yet decided on, 60, count 40 at an adoption rate of 0.667\n"
                                     "took part 1 time, worth 7\n"};
  const uint8_t valid_adopted = 7, valid_value = 11;
  const int64_t time = r->as_of - 3 * DAY;
  for (int all = 0; all < 2; all++) {
    const tarazu_column columns[] = {{.size = sizeof *columns,
                                      .values = (double[]){1, 1, 0, 0},
                                      .valid = &valid_adopted,
                                      .offsets = (int64_t[]){0, 4 * all}},
                                     {.size = sizeof *columns,
                                      .values = (double[]){100, 300, 0, 60},
                                      .valid = &valid_value,
                                      .offsets = (int64_t[]){0, 4 * all}},
                                     {.size = sizeof *columns, .values = &time, .offsets = (int64_t[]){0, all}}};
    assert_reasons(r, (const tarazu_column *const[]){NULL, &columns[0], &columns[1], NULL, &columns[2], NULL}, 6,
                   said[all]);
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pending_idea_counts_its_value_times_the_chance_that_it_is_adopted),
      cmocka_unit_test(the_customers_share_and_the_age_count),
      cmocka_unit_test(an_act_counts_one_without_an_amount),
      cmocka_unit_test(what_has_no_known_value_is_left_out_and_told),
      cmocka_unit_test(where_nothing_is_decided_pending_ideas_count_nothing),
      cmocka_unit_test(odd_data_name_the_customer),
      cmocka_unit_test(the_value_is_that_of_the_plain_definition),
      cmocka_unit_test(an_explanation_names_the_ideas),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
