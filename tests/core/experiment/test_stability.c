#include "experiment/stability.h"

#include "support/near.h"
#include "support/properties.h"

#define LIST(...) \
  ((ranked_list){(const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)})

static list_change changed(ranked_list earlier, ranked_list later)
{
  list_change c;
  assert_int_equal(stability_change(&earlier, &later, 10, .9, &c), 1);
  return c;
}

static void a_change_of_the_list_is_counted(void **state)
{
  list_change c = changed(LIST(0, 1, 2, 3), LIST(3, 5, 1));
  (void)state;
  assert_int_equal(c.stayed, 2);
  assert_int_equal(c.left, 2);
  assert_int_equal(c.entered, 1);
  assert_near(c.overlap, 2.0 / 4, 0);
  assert_near(c.turnover, 2.0 / 4, 0);
  /* Of three places: shared 0, 0 and 1 of (0 1 2) and (3 5 1). */
  assert_near(c.rank_biased_overlap, .1 * .81 / 3 + 1.0 / 3 * .729, 1e-15);
}

static void empty_lists_have_what_they_can_have(void **state)
{
  ranked_list none = {NULL, 0};
  list_change both = changed(none, none), gone = changed(LIST(1, 2), none), come = changed(none, LIST(1, 2));
  (void)state;
  assert_near(both.overlap, 1, 0);
  assert_near(both.rank_biased_overlap, 1, 0);
  assert_near(both.turnover, NAN, 0);
  assert_near(gone.overlap, 0, 0);
  assert_near(gone.turnover, 1, 0);
  assert_near(gone.rank_biased_overlap, 0, 0);
  assert_near(come.turnover, NAN, 0);
  assert_int_equal(come.entered, 2);
}

/* Stability and its interval by the Python code of Nogueira, Sechidis and Brown (2018); the other figures by hand. */
static void many_lists_agree_with_the_authors(void **state)
{
  const ranked_list lists[] = {LIST(0, 1, 2), LIST(0, 1, 3), LIST(4, 3, 2, 0), LIST(0, 1, 2, 8), LIST(0, 1, 5)};
  list_stability s;
  double shares[10];
  (void)state;
  assert_int_equal(stability_of(lists, 5, 10, .9, .95, &s), 1);
  assert_int_equal(s.lists, 5);
  assert_near(s.stability, 0.3761140819964348, 1e-14);
  assert_near(s.low, 0.21674420299358987, 1e-14);
  assert_near(s.high, 0.5354839609992798, 1e-14);
  assert_int_equal(s.always, 1);
  assert_int_equal(s.sometimes, 6);
  assert_near(s.least_overlap, 1.0 / 4, 0);
  /* 2/3, 2/4, 3/4, 2/3 | 2/4, 2/4, 2/3 | 2/4, 1/4 | 2/4 */
  assert_near(s.overlap, (2 + 2.5 + .75 + .25) / 10, 1e-15);
  stability_shares(lists, 5, 10, shares);
  assert_near(shares[0], 1, 0);
  assert_near(shares[1], .8, 0);
  assert_near(shares[9], 0, 0);
}

static void the_same_lists_are_stable_and_lots_are_not(void **state)
{
  enum { LISTS = 60, PEOPLE = 200, LENGTH = 50 };
  static int64_t drawn[LISTS][PEOPLE];
  ranked_list same[LISTS], lots[LISTS];
  list_stability s;
  uint64_t seed = 3;
  (void)state;
  for (int i = 0; i < LISTS; i++) {
    for (int k = 0; k < PEOPLE; k++) drawn[i][k] = k;
    for (int k = 0; k < LENGTH; k++) {
      int other = k + (int)(next_uniform(&seed) * (PEOPLE - k));
      int64_t swap = drawn[i][k];
      drawn[i][k] = drawn[i][other];
      drawn[i][other] = swap;
    }
    same[i] = (ranked_list){drawn[0], LENGTH};
    lots[i] = (ranked_list){drawn[i], LENGTH};
  }
  assert_int_equal(stability_of(same, LISTS, PEOPLE, .9, .95, &s), 1);
  assert_near(s.stability, 1, 1e-14);
  assert_near(s.low, 1, 1e-7);
  assert_near(s.overlap, 1, 0);
  assert_near(s.rank_biased_overlap, 1, 1e-14);
  assert_int_equal(s.always, LENGTH);
  assert_int_equal(stability_of(lots, LISTS, PEOPLE, .9, .95, &s), 1);
  assert_near(s.stability, 0, .02);
  assert_near(s.overlap, (double)LENGTH / PEOPLE, .02); /* by chance alone; so the correction */
}

/* Pairs beyond the most are chosen evenly: their mean is near that of all. */
static void of_many_pairs_some_are_compared(void **state)
{
  enum { LISTS = 130, PEOPLE = 40, LENGTH = 10 };
  static int64_t drawn[LISTS][PEOPLE];
  ranked_list lists[LISTS];
  double all = 0;
  uint64_t seed = 9;
  list_stability s;
  (void)state;
  for (int i = 0; i < LISTS; i++) {
    for (int k = 0; k < PEOPLE; k++) drawn[i][k] = k;
    for (int k = 0; k < LENGTH; k++) {
      int other = k + (int)(next_uniform(&seed) * 10);
      int64_t swap = drawn[i][k];
      drawn[i][k] = drawn[i][other];
      drawn[i][other] = swap;
    }
    lists[i] = (ranked_list){drawn[i], LENGTH};
  }
  for (int a = 0; a < LISTS; a++)
    for (int b = 0; b < a; b++) {
      list_change c;
      assert_int_equal(stability_change(&lists[a], &lists[b], PEOPLE, .9, &c), 1);
      all += c.overlap;
    }
  assert_true(LISTS * (LISTS - 1) / 2 > STABILITY_MOST_PAIRS);
  assert_int_equal(stability_of(lists, LISTS, PEOPLE, .9, .95, &s), 1);
  assert_near(s.overlap, all / (LISTS * (LISTS - 1) / 2.0), .01);
}

static void where_nothing_can_be_said_nothing_is(void **state)
{
  const ranked_list everyone[] = {LIST(0, 1), LIST(1, 0)}, nobody[] = {{NULL, 0}, {NULL, 0}};
  list_stability s;
  (void)state;
  assert_int_equal(stability_of(everyone, 2, 2, .9, .95, &s), 1);
  assert_near(s.stability, NAN, 0);
  assert_near(s.overlap, 1, 0);
  assert_int_equal(stability_of(nobody, 2, 2, .9, .95, &s), 1);
  assert_near(s.stability, NAN, 0);
  assert_int_equal(stability_of(everyone, 1, 2, .9, .95, &s), 1);
  assert_near(s.overlap, NAN, 0);
  assert_near(s.stability, NAN, 0);
  assert_int_equal(stability_of(NULL, 0, 0, .9, .95, &s), 1);
  assert_near(s.stability, NAN, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_change_of_the_list_is_counted),   cmocka_unit_test(empty_lists_have_what_they_can_have),
      cmocka_unit_test(many_lists_agree_with_the_authors), cmocka_unit_test(the_same_lists_are_stable_and_lots_are_not),
      cmocka_unit_test(of_many_pairs_some_are_compared),   cmocka_unit_test(where_nothing_can_be_said_nothing_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
