/* Offsets remembered day by day are the zone's own, also on the days when clocks change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/days.h"

static void check_zone(const char *name)
{
  zone *in = zone_open(name);
  if (!in) skip();
  days *kept = calloc(1, sizeof *kept);
  kept->zone = in;
  const int64_t minute = 60 * INT64_C(1000000);
  /* from 1968 on, at steps that meet every hour of a day; far days share a place with near ones */
  for (int64_t at = -730 * MICROSECONDS_PER_DAY; at < 20000 * MICROSECONDS_PER_DAY; at += 397 * minute + 1) {
    assert_int_equal(days_moment(kept, at), zone_from_civil(in, at));
    assert_int_equal(days_civil(kept, at), zone_to_civil(in, at));
  }
  const int64_t march = calendar_days(2021, 3, 13) * MICROSECONDS_PER_DAY;
  for (int64_t at = march; at < march + 40 * MICROSECONDS_PER_DAY; at += 5 * minute) {
    assert_int_equal(days_moment(kept, at), zone_from_civil(in, at));
    assert_int_equal(days_civil(kept, at), zone_to_civil(in, at));
  }
  assert_int_equal(days_moment(kept, INT64_MAX / 4), zone_from_civil(in, INT64_MAX / 4));
  free(kept);
  zone_free(in);
}

static void test_offsets_are_the_zones_own(void **unused)
{
  (void)unused;
  check_zone("+03:30");
  check_zone("Europe/Berlin");
}

static void test_half_hours_and_the_southern_summer(void **unused)
{
  (void)unused;
  check_zone("Australia/Lord_Howe");
}

static void test_no_zone_is_utc(void **unused)
{
  (void)unused;
  days *kept = calloc(1, sizeof *kept);
  assert_int_equal(days_moment(kept, -5), -5);
  assert_int_equal(days_civil(kept, 123456789), 123456789);
  free(kept);
}

static void test_division_rounds_down(void **unused)
{
  (void)unused;
  assert_int_equal(floor_divide(7, 3), 2);
  assert_int_equal(floor_divide(-7, 3), -3);
  assert_int_equal(floor_divide(-6, 3), -2);
  assert_int_equal(floor_divide(INT64_MIN, 1), INT64_MIN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_offsets_are_the_zones_own),
      cmocka_unit_test(test_half_hours_and_the_southern_summer),
      cmocka_unit_test(test_no_zone_is_utc),
      cmocka_unit_test(test_division_rounds_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
