/* The calendar: dates, what is read and written, and time zones against facts that Python's zoneinfo agrees with. */
#include "base/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
// cmocka needs the headers above
#include <cmocka.h>

#define SECOND INT64_C(1000000)

/* "2011-12-10 08:26", whatever its zone, in microseconds. */
static int64_t at(const char *text)
{
  int64_t micros;
  int zoned;
  if (!calendar_parse(text, &micros, &zoned)) fail_msg("'%s' is no date", text);
  return micros;
}

/* ---- dates ------------------------------------------------------------------------------------------------- */

static void dates_count_from_1970(void **state)
{
  (void)state;
  assert_int_equal(calendar_days(1970, 1, 1), 0);
  assert_int_equal(calendar_days(1969, 12, 31), -1);
  assert_int_equal(calendar_days(2000, 2, 29), 11016);
  assert_int_equal(calendar_days(2011, 12, 10), 15318);
  assert_int_equal(calendar_days(1, 1, 1), -719162);
  assert_int_equal(calendar_days(9999, 12, 31), 2932896);
}

/* Day by day with the rule of leap years spelled out, over more than a whole cycle of 400 years and the year 0. */
static void every_day_follows_the_one_before(void **state)
{
  (void)state;
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = -801, month = 1, day = 1;
  int64_t first = calendar_days(year, month, day);
  for (int64_t days = first; year < 2500; days++) {
    int y, m, d;
    calendar_date(days, &y, &m, &d);
    if (y != year || m != month || d != day || calendar_days(y, m, d) != days) {
      fail_msg("day %lld is %d-%d-%d, expected %d-%d-%d", (long long)days, y, m, d, year, month, day);
    }
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (++day > lengths[month - 1] + (month == 2 && leap)) day = 1, month++;
    if (month > 12) month = 1, year++;
  }
}

static void months_carry_into_years(void **state)
{
  (void)state;
  assert_int_equal(calendar_days(2011, 13, 1), calendar_days(2012, 1, 1));
  assert_int_equal(calendar_days(2011, 0, 1), calendar_days(2010, 12, 1));
  assert_int_equal(calendar_days(2011, -11, 1), calendar_days(2010, 1, 1));
  assert_int_equal(calendar_days(2011, 12 + 24 + 3, 5), calendar_days(2014, 3, 5));
}

/* ---- reading and writing ----------------------------------------------------------------------------------- */

static void assert_parsed(const char *text, int64_t expected, int expected_zoned)
{
  int64_t micros = -1;
  int zoned = -1;
  if (!calendar_parse(text, &micros, &zoned)) fail_msg("'%s' is no date", text);
  assert_int_equal(micros, expected);
  assert_int_equal(zoned, expected_zoned);
}

static void dates_and_moments_are_read(void **state)
{
  (void)state;
  const int64_t day = 15318 * MICROSECONDS_PER_DAY, minute = 60 * SECOND;
  assert_parsed("2011-12-10", day, 0);
  assert_parsed("2011-12-10 08:26", day + 506 * minute, 0);
  assert_parsed("2011-12-10T08:26:00", day + 506 * minute, 0);
  assert_parsed("2011-12-10T08:26:00.5", day + 506 * minute + SECOND / 2, 0);
  assert_parsed("2011-12-10t08:26:59.123456", day + 506 * minute + 59 * SECOND + 123456, 0);
  assert_parsed("2011-12-10 08:26:00.1234569999", day + 506 * minute + 123456, 0);
  assert_parsed("2011-12-10T08:26:00Z", day + 506 * minute, 1);
  assert_parsed("2011-12-10 08:26z", day + 506 * minute, 1);
  assert_parsed("2011-12-10T08:26:00.5+03:30", day + 296 * minute + SECOND / 2, 1);
  assert_parsed("2011-12-10T08:26-0500", day + 806 * minute, 1);
  assert_parsed("2011-12-10 00:00:00+01", day - 60 * minute, 1);
  assert_parsed("2012-02-29", calendar_days(2012, 2, 29) * MICROSECONDS_PER_DAY, 0);
  assert_parsed("0000-01-01", INT64_C(-719528) * MICROSECONDS_PER_DAY, 0);
  assert_parsed("9999-12-31T23:59:59.999999", INT64_C(2932897) * MICROSECONDS_PER_DAY - 1, 0);
}

static void what_is_no_date_is_refused(void **state)
{
  (void)state;
  const char *const bad[] = {"",
                             "2011",
                             "2011-12",
                             "2011-1-1",
                             "11-12-10",
                             "2011/12/10",
                             "2011-13-01",
                             "2011-00-01",
                             "2011-12-00",
                             "2011-12-32",
                             "2011-02-29",
                             "1900-02-29",
                             "2011-04-31",
                             "2011-12-10 ",
                             " 2011-12-10",
                             "2011-12-10T",
                             "2011-12-10 08",
                             "2011-12-10 24:00",
                             "2011-12-10 08:60",
                             "2011-12-10 08:26:60",
                             "2011-12-10 8:26",
                             "2011-12-10 08:26:",
                             "2011-12-10 08:26:00.",
                             "2011-12-10 08:26:00,5",
                             "2011-12-10Z",
                             "2011-12-10+01:00",
                             "2011-12-10 08:26 Z",
                             "2011-12-10 08:26+",
                             "2011-12-10 08:26+1",
                             "2011-12-10 08:26+01:",
                             "2011-12-10 08:26+01:3",
                             "2011-12-10 08:26+24:00",
                             "2011-12-10 08:26+01:60",
                             "2011-12-10 08:26+01:00x",
                             "2011-12-10 08:26ZZ",
                             "2011-12-10x",
                             "-2011-12-10",
                             "+2011-12-10",
                             "20111210",
                             "yesterday",
                             "12345-01-01",
                             "2011-12-1٠"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    int64_t micros;
    int zoned;
    if (calendar_parse(bad[i], &micros, &zoned)) fail_msg("'%s' was taken for a date", bad[i]);
  }
}

static void assert_formatted(int64_t moment, const char *expected)
{
  char out[32];
  calendar_format(moment, out);
  assert_string_equal(out, expected);
}

static void moments_are_written(void **state)
{
  (void)state;
  assert_formatted(0, "1970-01-01");
  assert_formatted(-1, "1969-12-31T23:59:59.999999Z");
  assert_formatted(at("2011-12-10"), "2011-12-10");
  assert_formatted(at("2011-12-10 08:26"), "2011-12-10T08:26:00Z");
  assert_formatted(at("2011-12-10 08:26:07.250"), "2011-12-10T08:26:07.25Z");
  assert_formatted(at("2011-12-10 00:00:00.00001"), "2011-12-10T00:00:00.00001Z");
  assert_formatted(at("0033-04-03"), "0033-04-03");
  assert_formatted(INT64_MAX, "294247-01-10T04:00:54.775807Z");
  assert_formatted(INT64_MIN, "-290308-12-21T19:59:05.224192Z");
}

static void what_is_written_is_read_back(void **state)
{
  (void)state;
  uint64_t bits = 88172645463325252u;
  const int64_t first = at("0000-01-01"), span = at("9999-12-31") - first;
  for (int i = 0; i < 20000; i++) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    int64_t moment = first + (int64_t)(bits % (uint64_t)span), micros;
    char out[32];
    int zoned;
    calendar_format(moment, out);
    assert_true(calendar_parse(out, &micros, &zoned));
    assert_int_equal(micros, moment);
  }
}

/* ---- zones without files ----------------------------------------------------------------------------------- */

static void fixed_offsets_need_no_files(void **state)
{
  (void)state;
  const struct {
    const char *name;
    int minutes;
  } zones[] = {{"UTC", 0}, {"+03:30", 210}, {"-05:00", -300}, {"+0545", 345}, {"-08", -480}, {"+00:00", 0}};
  setenv("TZDIR", "/nonexistent", 1);
  for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
    zone *own = zone_open(zones[i].name);
    assert_non_null(own);
    int64_t moment = at("2011-12-10 08:26:00.5"), shift = zones[i].minutes * 60 * SECOND;
    assert_int_equal(zone_to_civil(own, moment), moment + shift);
    assert_int_equal(zone_from_civil(own, moment + shift), moment);
    zone_free(own);
  }
  unsetenv("TZDIR");
  assert_int_equal(zone_to_civil(NULL, 12345), 12345);
  assert_int_equal(zone_from_civil(NULL, -12345), -12345);
  zone_free(NULL);
}

static void times_that_no_64_bits_hold_stay_at_the_last(void **state)
{
  (void)state;
  zone *east = zone_open("+03:30"), *west = zone_open("-03:30");
  assert_true(zone_to_civil(east, INT64_MAX) == INT64_MAX);
  assert_true(zone_to_civil(west, INT64_MIN) == INT64_MIN);
  assert_true(zone_from_civil(east, INT64_MIN) == INT64_MIN);
  assert_true(zone_from_civil(west, INT64_MAX) == INT64_MAX);
  zone_free(east);
  zone_free(west);
}

static void names_that_lead_elsewhere_are_no_zones(void **state)
{
  (void)state;
  const char *const bad[] = {"",
                             "/etc/localtime",
                             "../zoneinfo/UTC",
                             "Europe/../Europe/London",
                             "..",
                             ".",
                             "Nowhere/None",
                             "Europe",
                             "Europe/",
                             "zone.tab",
                             "+25:00",
                             "+3",
                             "+03:30x",
                             "UTC ",
                             "Europe/London\n",
                             "/usr/share/zoneinfo/Europe/London",
                             "./UTC",
                             "+",
                             "-",
                             "+03:",
                             "tzdata.zi",
                             "leapseconds"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    zone *own = zone_open(bad[i]);
    if (own) fail_msg("'%s' was taken for a zone", bad[i]);
  }
}

/* ---- zones of the system ----------------------------------------------------------------------------------- */

static zone *open_or_skip(const char *name)
{
  if (access("/usr/share/zoneinfo/Europe/London", R_OK) != 0) {
    print_message("no zoneinfo files here\n");
    skip();
  }
  zone *own = zone_open(name);
  if (!own) fail_msg("no zone '%s'", name);
  return own;
}

typedef struct fact {
  const char *zone, *moment, *civil;
} fact;

static void moments_become_what_clocks_showed(void **state)
{
  (void)state;
  const fact facts[] = {
      {"Europe/London", "2024-03-31 00:59:59", "2024-03-31 00:59:59"},
      {"Europe/London", "2024-03-31 01:00:00", "2024-03-31 02:00:00"},
      {"Europe/London", "2024-10-27 00:59:59.999999", "2024-10-27 01:59:59.999999"},
      {"Europe/London", "2024-10-27 01:00:00", "2024-10-27 01:00:00"},
      {"Asia/Tehran", "1900-01-01 00:00:00", "1900-01-01 03:25:44"}, /* local mean time */
      {"Asia/Tehran", "2022-03-21 20:29:59", "2022-03-21 23:59:59"},
      {"Asia/Tehran", "2022-03-21 20:30:00", "2022-03-22 01:00:00"},
      {"Asia/Tehran", "2022-09-21 19:30:00", "2022-09-21 23:00:00"},
      {"Asia/Tehran", "2023-07-01 00:00:00", "2023-07-01 03:30:00"}, /* no summer time any more */
      {"Asia/Tehran", "2500-07-01 00:00:00", "2500-07-01 03:30:00"},
      {"Pacific/Apia", "2011-12-30 09:59:59", "2011-12-29 23:59:59"}, /* which had no 30 December */
      {"Pacific/Apia", "2011-12-30 10:00:00", "2011-12-31 00:00:00"},
      {"America/New_York", "2500-07-01 00:00:00", "2500-06-30 20:00:00"},
      {"America/New_York", "2500-01-01 00:00:00", "2499-12-31 19:00:00"},
      {"Australia/Sydney", "2300-01-01 00:00:00", "2300-01-01 11:00:00"},
      {"Europe/Dublin", "2400-07-01 00:00:00", "2400-07-01 01:00:00"}, /* whose winter is the exception */
      {"Australia/Lord_Howe", "2200-07-01 00:00:00", "2200-07-01 10:30:00"},
      {"Australia/Lord_Howe", "2200-01-01 00:00:00", "2200-01-01 11:00:00"}, /* half an hour */
      {"UTC", "2500-01-01 00:00:00", "2500-01-01 00:00:00"},
      {"Etc/GMT+5", "2500-01-01 00:00:00", "2499-12-31 19:00:00"},
  };
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    zone *own = open_or_skip(facts[i].zone);
    assert_int_equal(zone_to_civil(own, at(facts[i].moment)), at(facts[i].civil));
    zone_free(own);
  }
}

static void skipped_and_repeated_times_mean_the_earlier_offset(void **state)
{
  (void)state;
  const fact facts[] = {
      {"Europe/London", "2024-03-31 00:59:59", "2024-03-31 00:59:59"},
      {"Europe/London", "2024-03-31 01:30:00", "2024-03-31 01:30:00"}, /* skipped */
      {"Europe/London", "2024-03-31 01:00:00", "2024-03-31 02:00:00"},
      {"Europe/London", "2024-10-26 23:59:59", "2024-10-27 00:59:59"},
      {"Europe/London", "2024-10-27 00:30:00", "2024-10-27 01:30:00"}, /* shown twice */
      {"Europe/London", "2024-10-27 02:00:00", "2024-10-27 02:00:00"},
      {"Asia/Tehran", "2022-03-21 21:00:00", "2022-03-22 00:30:00"},  /* skipped: a day that began at one */
      {"Asia/Tehran", "2022-09-21 18:30:00", "2022-09-21 23:00:00"},  /* shown twice */
      {"Pacific/Apia", "2011-12-30 22:00:00", "2011-12-30 12:00:00"}, /* a day skipped */
      {"America/New_York", "2500-03-14 07:30:00", "2500-03-14 02:30:00"},
      {"America/New_York", "2500-11-07 05:30:00", "2500-11-07 01:30:00"},
  };
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    zone *own = open_or_skip(facts[i].zone);
    assert_int_equal(zone_from_civil(own, at(facts[i].civil)), at(facts[i].moment));
    zone_free(own);
  }
}

/* The C library's reader of the same files, over the years that it reads from them. */
static void the_c_library_agrees(void **state)
{
  (void)state;
  const char *const names[] = {"Europe/London",     "America/New_York", "Asia/Tehran",      "Africa/Casablanca",
                               "America/Sao_Paulo", "Pacific/Chatham",  "Antarctica/Troll", "Europe/Dublin"};
  const int64_t first = at("1930-01-01"), last = at("2399-12-31");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    zone *own = open_or_skip(names[i]);
    setenv("TZ", names[i], 1);
    tzset();
    for (int64_t moment = first; moment < last; moment += 1000003 * SECOND) {
      time_t seconds = (time_t)(moment / SECOND - (moment % SECOND < 0));
      struct tm shown;
      assert_non_null(localtime_r(&seconds, &shown));
      if ((zone_to_civil(own, moment) - moment) / SECOND != shown.tm_gmtoff) {
        fail_msg("%s at %lld", names[i], (long long)seconds);
      }
    }
    zone_free(own);
  }
  unsetenv("TZ");
  tzset();
}

/* ---- zones of our own making ------------------------------------------------------------------------------- */

typedef struct made_file {
  unsigned char bytes[4096];
  size_t count;
} made_file;

static void put(made_file *file, int64_t value, int width)
{
  for (int i = width - 1; i >= 0; i--) file->bytes[file->count++] = (unsigned char)((uint64_t)value >> (8 * i));
}

static void put_header(made_file *file, char version, int times, int types)
{
  memcpy(file->bytes + file->count, "TZif", 4);
  file->bytes[file->count + 4] = (unsigned char)version;
  memset(file->bytes + file->count + 5, 0, 15);
  file->count += 20;
  const int counts[] = {0, 0, 0, times, types, 4};
  for (int i = 0; i < 6; i++) put(file, counts[i], 4);
}

static void put_types(made_file *file, const int32_t *offsets, int types)
{
  for (int i = 0; i < types; i++) {
    put(file, offsets[i], 4);
    put(file, 0, 2);
  }
  put(file, 0x58585800, 4); /* one name, "XXX" */
}

/* RFC 8536: an empty version 1 block, then the 64-bit one, whose changes go to types 1, 0, 1, …, and the footer. */
static made_file make_file(const int64_t *times, int count, const int32_t offsets[2], const char *footer)
{
  made_file file = {.count = 0};
  put_header(&file, '2', 0, 1);
  put_types(&file, offsets, 1);
  put_header(&file, '2', count, 2);
  for (int i = 0; i < count; i++) put(&file, times[i], 8);
  for (int i = 0; i < count; i++) put(&file, (i + 1) % 2, 1);
  put_types(&file, offsets, 2);
  file.count += (size_t)sprintf((char *)file.bytes + file.count, "\n%s\n", footer);
  return file;
}

static zone *open_made(const made_file *file, size_t count)
{
  char folder[] = "/tmp/tarazu-zone-XXXXXX", path[100];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/Own", folder);
  FILE *out = fopen(path, "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(file->bytes, 1, count, out), count);
  fclose(out);
  setenv("TZDIR", folder, 1);
  zone *own = zone_open("Own");
  unsetenv("TZDIR");
  unlink(path);
  rmdir(folder);
  return own;
}

/* Hours ahead of UTC that a zone of this rule alone shows. */
static void assert_rule(const char *rule, const char *moment, double hours)
{
  const int32_t offsets[2] = {0, 0};
  made_file file = make_file(NULL, 0, offsets, rule);
  zone *own = open_made(&file, file.count);
  if (!own) fail_msg("rule '%s' was not understood", rule);
  int64_t shift = zone_to_civil(own, at(moment)) - at(moment);
  if (shift != (int64_t)(hours * 3600) * SECOND) {
    fail_msg("rule '%s' at %s: %g hours", rule, moment, (double)shift / 3600e6);
  }
  zone_free(own);
}

/* POSIX.1-2017, section 8.3, and RFC 8536, section 3.3.1. */
static void the_footers_rule_is_followed(void **state)
{
  (void)state;
  const char *eastern = "EST5EDT,M3.2.0,M11.1.0"; /* second Sunday of March to first Sunday of November, at two */
  assert_rule(eastern, "2024-03-10 06:59:59", -5);
  assert_rule(eastern, "2024-03-10 07:00:00", -4);
  assert_rule(eastern, "2024-11-03 05:59:59", -4);
  assert_rule(eastern, "2024-11-03 06:00:00", -5);
  assert_rule("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2024-03-31 00:59:59", -3); /* times before midnight */
  assert_rule("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2024-03-31 01:00:00", -2);
  assert_rule("XXX0YYY,J60,J300", "2024-03-01 01:59:59", 0); /* 1 March, leap year or not */
  assert_rule("XXX0YYY,J60,J300", "2024-03-01 02:00:00", 1);
  assert_rule("XXX0YYY,J60,J300", "2023-03-01 02:00:00", 1);
  assert_rule("XXX0YYY,J60,J300", "2023-03-01 01:59:59", 0);
  assert_rule("XXX0YYY,J59,J300", "2024-02-28 02:00:00", 1);
  assert_rule("XXX0YYY,59,300", "2024-02-29 02:00:00", 1); /* day 59 from zero: 29 February where there is one */
  assert_rule("XXX0YYY,59,300", "2024-02-29 01:59:59", 0);
  assert_rule("XXX0YYY,59,300", "2023-03-01 02:00:00", 1);
  assert_rule("XXX0YYY,59,300", "2023-03-01 01:59:59", 0);
  assert_rule("AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-01-01 00:00:00", 11); /* summer over the new year */
  assert_rule("AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-07-01 00:00:00", 10);
  assert_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2024-01-01 00:00:00", 0);
  assert_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2024-07-01 00:00:00", 1);
  assert_rule("XXX3EDT4,0/0,J365/23", "2024-07-01 00:00:00", -4); /* summer all the year */
  assert_rule("XXX3EDT4,0/0,J365/23", "2023-12-31 23:59:59", -4);
  assert_rule("EST5EDT,0/0,J365/25", "2024-01-01 04:59:59", -4);
  assert_rule("EST5EDT,0/0,J365/25", "2024-01-01 05:00:00", -4);
  assert_rule("XXX-5:45:30", "2024-01-01 00:00:00", 0); /* no change: the file's only type is in force */
  assert_rule(eastern, "9998-07-01 00:00:00", -4);
  assert_rule(eastern, "9998-12-01 00:00:00", -5);
}

/* The rule's year by year, by brute force over 1,300 years: each second Sunday of March from the calendar alone. */
static void the_rule_holds_for_ever(void **state)
{
  (void)state;
  const int32_t offsets[2] = {0, 0};
  made_file file = make_file(NULL, 0, offsets, "EST5EDT,M3.2.0,M11.1.0");
  zone *own = open_made(&file, file.count);
  assert_non_null(own);
  for (int year = 1901; year < 3200; year++) {
    int64_t day = calendar_days(year, 3, 8);
    while (((day + 4) % 7 + 7) % 7 != 0) day++;
    int64_t change = (day * 24 + 7) * 3600 * SECOND;
    assert_int_equal(zone_to_civil(own, change - 1), change - 1 - 5 * 3600 * SECOND);
    assert_int_equal(zone_to_civil(own, change), change - 4 * 3600 * SECOND);
    assert_int_equal(zone_from_civil(own, change - 5 * 3600 * SECOND - 1), change - 1);
    assert_int_equal(zone_from_civil(own, change - 4 * 3600 * SECOND), change);
  }
  zone_free(own);
}

static void the_rule_begins_behind_the_last_change(void **state)
{
  (void)state;
  const int64_t times[] = {at("1980-01-01") / SECOND, at("2010-07-01") / SECOND};
  const int32_t offsets[2] = {3600, 7200};
  made_file file = make_file(times, 2, offsets, "XXX-1YYY,M3.5.0,M10.5.0/3");
  zone *own = open_made(&file, file.count);
  assert_non_null(own);
  const struct {
    const char *moment;
    int hours;
  } facts[] = {{"1979-12-31 23:59", 1}, {"1980-01-01", 2}, {"2005-07-01", 2}, {"2010-06-30 23:59", 2},
               {"2010-07-01", 1},       {"2010-12-01", 1}, {"2011-07-01", 2}, {"2011-12-01", 1},
               {"2812-07-01", 2},       {"2812-12-01", 1}};
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    int64_t moment = at(facts[i].moment);
    assert_int_equal(zone_to_civil(own, moment), moment + facts[i].hours * 3600 * SECOND);
  }
  zone_free(own);
}

static void broken_files_are_no_zones(void **state)
{
  (void)state;
  const int64_t times[] = {0, 1000}, backwards[] = {1000, 0};
  const int32_t offsets[2] = {0, 3600}, wild[2] = {0, 3600 * 100};
  made_file good = make_file(times, 2, offsets, "XXX0YYY,M3.2.0,M11.1.0"), bad;
  zone *own = open_made(&good, good.count);
  assert_non_null(own);
  zone_free(own);
  for (size_t count = 0; count < good.count; count++) assert_null(open_made(&good, count));
  bad = make_file(backwards, 2, offsets, "");
  assert_null(open_made(&bad, bad.count));
  bad = make_file(times, 2, wild, "");
  assert_null(open_made(&bad, bad.count));
  bad = good, bad.bytes[4] = 0; /* version 1 */
  assert_null(open_made(&bad, bad.count));
  const char *const rules[] = {"X0",
                               "XXX",
                               "XXX25",
                               "XXX0YYY",
                               "XXX0YYY,M13.1.0,M11.1.0",
                               "XXX0YYY,J0,J1",
                               "XXX0YYY,366,1",
                               "XXX0YYY,J1",
                               "<XXX0",
                               "XXX0YYY,M3.6.0,M11.1.0",
                               "XXX0:60",
                               "XXX0YYY,J1,J2/168",
                               "XXX0 ",
                               "XXX0YYY,J1,J2,"};
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    bad = make_file(times, 2, offsets, rules[i]);
    if (open_made(&bad, bad.count)) fail_msg("rule '%s' was taken", rules[i]);
  }
}

/* Any byte changed: a zone or none, but nothing worse. */
static void damaged_files_do_no_harm(void **state)
{
  (void)state;
  const int64_t times[] = {0, 1000};
  const int32_t offsets[2] = {0, 3600};
  const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff, '/', ',', '9'};
  const made_file good = make_file(times, 2, offsets, "XXX0YYY,M3.2.0,M11.1.0");
  for (size_t i = 0; i < good.count; i++) {
    for (size_t k = 0; k < sizeof values; k++) {
      made_file bad = good;
      bad.bytes[i] = values[k];
      zone *own = open_made(&bad, bad.count);
      if (!own) continue;
      zone_to_civil(own, INT64_MAX);
      zone_from_civil(own, INT64_MIN);
      zone_from_civil(own, 1500 * SECOND);
      zone_free(own);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dates_count_from_1970),
      cmocka_unit_test(every_day_follows_the_one_before),
      cmocka_unit_test(months_carry_into_years),
      cmocka_unit_test(dates_and_moments_are_read),
      cmocka_unit_test(what_is_no_date_is_refused),
      cmocka_unit_test(moments_are_written),
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(fixed_offsets_need_no_files),
      cmocka_unit_test(times_that_no_64_bits_hold_stay_at_the_last),
      cmocka_unit_test(names_that_lead_elsewhere_are_no_zones),
      cmocka_unit_test(moments_become_what_clocks_showed),
      cmocka_unit_test(skipped_and_repeated_times_mean_the_earlier_offset),
      cmocka_unit_test(the_c_library_agrees),
      cmocka_unit_test(the_footers_rule_is_followed),
      cmocka_unit_test(the_rule_holds_for_ever),
      cmocka_unit_test(the_rule_begins_behind_the_last_change),
      cmocka_unit_test(broken_files_are_no_zones),
      cmocka_unit_test(damaged_files_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
