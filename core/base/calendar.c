/* Dates, moments and time zones, from TZif files (RFC 8536) where a zone has a name. Nothing here reads a clock. */
#include "base/calendar.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, LONGEST_FILE = 1 << 20 };

#define MICROSECONDS   INT64_C(1000000)
#define FOUR_CENTURIES (INT64_C(146097) * DAY) /* after which the Gregorian calendar repeats, weekdays included */

static int64_t floor_divide(int64_t value, int64_t by)
{
  return value / by - (value % by < 0);
}

/* ---- dates ------------------------------------------------------------------------------------------------- */

/* Years are counted from March, so that the leap day ends them; month lengths from March on are then the steps of
 * (153 m + 2) / 5. 719468 days lie between 0000-03-01 and 1970-01-01. Months outside 1 to 12 carry into the year. */
int64_t calendar_days(int year, int month, int day)
{
  int64_t months = (int64_t)year * 12 + month - 3;
  int64_t y = floor_divide(months, 12), m = months - y * 12;
  return 365 * y + floor_divide(y, 4) - floor_divide(y, 100) + floor_divide(y, 400) + (153 * m + 2) / 5 + day - 1 -
         719468;
}

/* A four-century, a century, a four-year and a year are taken off in turn; a leap day at the end of the larger one must
 * not begin another of the smaller. */
void calendar_date(int64_t days, int *year, int *month, int *day)
{
  days += 719468;
  int64_t era = floor_divide(days, 146097), left = days - era * 146097;
  int64_t century = left / 36524 < 3 ? left / 36524 : 3;
  left -= century * 36524;
  int64_t four = left / 1461;
  left -= four * 1461;
  int64_t single = left / 365 < 3 ? left / 365 : 3;
  left -= single * 365;
  int64_t m = (5 * left + 2) / 153;
  *day = (int)(left - (153 * m + 2) / 5) + 1;
  *month = (int)(m < 10 ? m + 3 : m - 9);
  *year = (int)(400 * era + 100 * century + 4 * four + single + (m >= 10));
}

/* ---- reading and writing ----------------------------------------------------------------------------------- */

/* Exactly `digits` digits, no more than `most`; moves on past them. -1: not so. */
static int read_digits(const char **at, int digits, int most)
{
  int value = 0;
  for (int i = 0; i < digits; i++) {
    char digit = (*at)[i];
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  if (value > most) return -1;
  *at += digits;
  return value;
}

/* "+03:30", "-0500", "+01": seconds east of Greenwich. */
static int read_offset(const char **at, int *offset)
{
  char sign = **at;
  if (sign != '+' && sign != '-') return 0;
  ++*at;
  int hours = read_digits(at, 2, 23), minutes = 0;
  if (hours < 0) return 0;
  if (**at == ':') {
    ++*at;
    minutes = read_digits(at, 2, 59);
  } else if (**at) {
    minutes = read_digits(at, 2, 59);
  }
  if (minutes < 0) return 0;
  *offset = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
  return 1;
}

static int read_date(const char **at, int64_t *days)
{
  int year = read_digits(at, 4, 9999);
  if (year < 0 || *(*at)++ != '-') return 0;
  int month = read_digits(at, 2, 12);
  if (month < 1 || *(*at)++ != '-') return 0;
  int day = read_digits(at, 2, 31);
  if (day < 1) return 0;
  *days = calendar_days(year, month, day);
  return day <= calendar_days(year, month + 1, 1) - calendar_days(year, month, 1);
}

/* "08:26", "08:26:00", "08:26:00.5"; digits behind the microseconds are dropped. */
static int read_time(const char **at, int64_t *micros)
{
  int hour = read_digits(at, 2, 23);
  if (hour < 0 || *(*at)++ != ':') return 0;
  int minute = read_digits(at, 2, 59), second = 0;
  if (minute < 0) return 0;
  int64_t fraction = 0;
  if (**at == ':') {
    ++*at;
    second = read_digits(at, 2, 59);
    if (second < 0) return 0;
    if (**at == '.') {
      ++*at;
      if (**at < '0' || **at > '9') return 0;
      for (int64_t unit = MICROSECONDS / 10; **at >= '0' && **at <= '9'; ++*at, unit /= 10) {
        fraction += unit * (**at - '0');
      }
    }
  }
  *micros = (hour * 3600 + minute * 60 + second) * MICROSECONDS + fraction;
  return 1;
}

int calendar_parse(const char *string, int64_t *micros, int *zoned)
{
  const char *at = string;
  int64_t days, time = 0;
  int offset = 0;
  *micros = 0;
  *zoned = 0;
  if (!read_date(&at, &days)) return 0;
  if (*at == ' ' || *at == 'T' || *at == 't') {
    ++at;
    if (!read_time(&at, &time)) return 0;
    if (*at == 'Z' || *at == 'z') {
      *zoned = 1;
      ++at;
    } else if (*at) {
      if (!read_offset(&at, &offset)) return 0;
      *zoned = 1;
    }
  }
  if (*at) return 0;
  *micros = days * MICROSECONDS_PER_DAY + time - offset * MICROSECONDS;
  return 1;
}

void calendar_format(int64_t moment, char out[32])
{
  int year, month, day;
  int64_t days = floor_divide(moment, MICROSECONDS_PER_DAY);
  int64_t time = moment % MICROSECONDS_PER_DAY + (moment % MICROSECONDS_PER_DAY < 0 ? MICROSECONDS_PER_DAY : 0);
  int64_t seconds = time / MICROSECONDS;
  calendar_date(days, &year, &month, &day);
  size_t length = (size_t)snprintf(out, 32, "%s%04u-%02u-%02u", year < 0 ? "-" : "", (unsigned)abs(year) % 1000000,
                                   (unsigned)month % 100, (unsigned)day % 100);
  if (!time) return;
  length += (size_t)snprintf(out + length, 32 - length, "T%02d:%02d:%02d", (int)(seconds / 3600 % 24),
                             (int)(seconds / 60 % 60), (int)(seconds % 60));
  if (time % MICROSECONDS) {
    length += (size_t)snprintf(out + length, 32 - length, ".%06d", (int)(time % MICROSECONDS));
    while (out[length - 1] == '0') length--;
  }
  snprintf(out + length, 32 - length, "Z");
}

/* ---- zones ------------------------------------------------------------------------------------------------- */

/* From `at` on (seconds since 1970 UTC) clocks are `after` seconds ahead. `wall`: what they show when nothing but
 * `after` is in question any more, the later of the two readings at the change. */
typedef struct change {
  int64_t at, wall;
  int32_t before, after;
} change;

struct zone {
  int32_t first; /* the offset before any change */
  size_t count;
  int64_t cycle_end; /* from here on the changes repeat every four centuries; 0: they do not */
  change changes[];
};

static zone *zone_new(int32_t offset, size_t room)
{
  zone *fresh = calloc(1, sizeof *fresh + room * sizeof *fresh->changes);
  if (fresh) fresh->first = offset;
  return fresh;
}

void zone_free(zone *self)
{
  free(self);
}

uint64_t zone_hash(const zone *self)
{
  if (!self) return 0;
  uint64_t hash = hash_u64((uint64_t)self->first) ^ hash_u64((uint64_t)self->cycle_end + 1);
  _Static_assert(sizeof(change) == 24, "no byte of it is padding");
  return hash_bytes(self->changes, self->count * sizeof *self->changes, hash);
}

static void add_change(zone *self, int64_t at, int32_t after)
{
  int32_t before = self->count ? self->changes[self->count - 1].after : self->first;
  self->changes[self->count++] = (change){at, at + (before > after ? before : after), before, after};
}

/* The offset at a second, of UTC or of the clock on the wall. */
static int32_t offset_at(const zone *self, int64_t second, int wall)
{
  if (self->cycle_end && second >= self->cycle_end) {
    second -= ((second - self->cycle_end) / FOUR_CENTURIES + 1) * FOUR_CENTURIES;
  }
  size_t low = 0, high = self->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const change *one = &self->changes[middle];
    if ((wall ? one->wall : one->at) <= second) low = middle + 1;
    else high = middle;
  }
  return low ? self->changes[low - 1].after : self->first;
}

/* Times that no 64 bits can hold stay at the last that they can. */
static int64_t add_seconds(int64_t micros, int32_t seconds)
{
  int64_t sum;
  if (!__builtin_add_overflow(micros, seconds * MICROSECONDS, &sum)) return sum;
  return seconds < 0 ? INT64_MIN : INT64_MAX;
}

int64_t zone_to_civil(const zone *self, int64_t moment)
{
  if (!self) return moment;
  return add_seconds(moment, offset_at(self, floor_divide(moment, MICROSECONDS), 0));
}

int64_t zone_from_civil(const zone *self, int64_t civil)
{
  if (!self) return civil;
  return add_seconds(civil, -offset_at(self, floor_divide(civil, MICROSECONDS), 1));
}

/* ---- the footer's rule: POSIX TZ, with RFC 8536's hours from -167 to 167 ------------------------------------ */

typedef struct rule_day {
  char form;            /* 'J': day 1 to 365, never 29 February; 'n': day 0 to 365; 'M': month, week, weekday */
  int month, week, day; /* week 5: the last */
  int time;             /* seconds after midnight on the clock in force before the change */
} rule_day;

typedef struct footer {
  int32_t standard, summer; /* seconds east of Greenwich */
  int has_summer;
  rule_day begin, end; /* of summer time */
} footer;

static int read_number(const char **at, int most)
{
  int value = 0, digits = 0;
  for (; **at >= '0' && **at <= '9' && digits < 4; ++*at, digits++) value = value * 10 + (**at - '0');
  return digits && value <= most ? value : -1;
}

/* [+-]hh[:mm[:ss]] */
static int read_clock(const char **at, int most_hours, int *seconds)
{
  int sign = **at == '-' ? -1 : 1;
  if (**at == '-' || **at == '+') ++*at;
  int parts[3] = {read_number(at, most_hours), 0, 0};
  for (int i = 1; i < 3 && **at == ':'; i++) {
    ++*at;
    parts[i] = read_number(at, 59);
  }
  if (parts[0] < 0 || parts[1] < 0 || parts[2] < 0) return 0;
  *seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
  return 1;
}

static int is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int skip_name(const char **at)
{
  const char *start = *at;
  if (**at == '<') {
    while (**at && **at != '>') ++*at;
    return *(*at)++ == '>';
  }
  while (is_letter(**at)) ++*at;
  return *at - start >= 3;
}

static int read_rule_day(const char **at, rule_day *day)
{
  *day = (rule_day){.form = 'n', .time = 2 * 3600};
  if (**at == 'M') {
    day->form = *(*at)++;
    day->month = read_number(at, 12);
    if (day->month < 1 || *(*at)++ != '.') return 0;
    day->week = read_number(at, 5);
    if (day->week < 1 || *(*at)++ != '.') return 0;
    day->day = read_number(at, 6);
  } else {
    if (**at == 'J') day->form = *(*at)++;
    day->day = read_number(at, 365);
    if (day->form == 'J' && day->day == 0) return 0;
  }
  if (day->day < 0) return 0;
  if (**at != '/') return 1;
  ++*at;
  return read_clock(at, 167, &day->time);
}

/* POSIX counts offsets west of Greenwich. */
static int read_rule(const char *at, footer *rule)
{
  int west;
  if (!skip_name(&at) || !read_clock(&at, 24, &west)) return 0;
  rule->standard = -west;
  rule->has_summer = *at != 0;
  if (!rule->has_summer) return 1;
  if (!skip_name(&at)) return 0;
  rule->summer = rule->standard + 3600;
  if (*at != ',') {
    if (!read_clock(&at, 24, &west)) return 0;
    rule->summer = -west;
  }
  if (*at++ != ',' || !read_rule_day(&at, &rule->begin)) return 0;
  if (*at++ != ',' || !read_rule_day(&at, &rule->end)) return 0;
  return *at == 0;
}

/* The rule's moment in a year, as the wall shows it, in seconds. 1970-01-01 was a Thursday, weekday 4 from Sunday. */
static int64_t rule_second(const rule_day *on, int year)
{
  int64_t day = calendar_days(year, 1, 1) + on->day;
  if (on->form == 'M') {
    int64_t first = calendar_days(year, on->month, 1), next = calendar_days(year, on->month + 1, 1);
    int64_t weekday = first + 4 - floor_divide(first + 4, 7) * 7;
    day = first + (on->day - weekday + 7) % 7 + (on->week - 1) * 7;
    if (day >= next) day -= 7;
  } else if (on->form == 'J') {
    int leap = calendar_days(year, 3, 1) - calendar_days(year, 2, 28) == 2;
    day += leap && on->day >= 60 ? 0 : -1;
  }
  return day * DAY + on->time;
}

enum { YEARS_BY_RULE = 403 }; /* the rest of the last change's year, one whole year, and then a full cycle */

/* The rule's changes behind the last one of the file, so that one search finds them all. */
static void add_rule(zone *self, const footer *rule)
{
  if (!rule->has_summer) return;
  const int64_t last = self->count ? self->changes[self->count - 1].at : INT64_MIN;
  int first_year = 1900, month, day;
  if (self->count) calendar_date(floor_divide(last, DAY), &first_year, &month, &day);
  for (int year = first_year; year < first_year + YEARS_BY_RULE; year++) {
    const int64_t begin = rule_second(&rule->begin, year) - rule->standard;
    const int64_t end = rule_second(&rule->end, year) - rule->summer;
    if (end < begin && end > last) add_change(self, end, rule->standard);
    if (begin > last) add_change(self, begin, rule->summer);
    if (end >= begin && end > last) add_change(self, end, rule->standard);
  }
  self->cycle_end = calendar_days(first_year + YEARS_BY_RULE - 1, 1, 1) * DAY;
}

/* ---- TZif files -------------------------------------------------------------------------------------------- */

enum { HEADER = 44, MOST_ITEMS = 100000 };

/* The six counts of a header, in their order. */
typedef struct counts {
  size_t ut, standard, leap, times, types, letters;
} counts;

static int64_t big_endian(const unsigned char *bytes, int count)
{
  uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;
  for (int i = 0; i < count; i++) value = value << 8 | bytes[i];
  return (int64_t)value;
}

/* Versions before 2 have neither 64 bits nor a footer; leap seconds would make moments differ from everybody else's. */
static int read_header(const unsigned char *bytes, size_t count, counts *has)
{
  size_t values[6];
  if (count < HEADER || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2') return 0;
  for (int i = 0; i < 6; i++) {
    int64_t value = big_endian(bytes + 20 + 4 * i, 4);
    if (value < 0 || value > MOST_ITEMS) return 0;
    values[i] = (size_t)value;
  }
  *has = (counts){values[0], values[1], values[2], values[3], values[4], values[5]};
  return has->types > 0 && has->leap == 0;
}

static size_t body_size(const counts *has, size_t width)
{
  return has->times * (width + 1) + has->types * 6 + has->letters + has->standard + has->ut;
}

/* The changes of the 64-bit block at `bytes`, which is known to be whole. */
static int add_block(zone *self, const unsigned char *bytes, const counts *has)
{
  const unsigned char *index = bytes + has->times * 8, *types = index + has->times;
  const int64_t most = INT64_C(1) << 60;
  for (size_t i = 0; i <= has->times; i++) {
    size_t type = i ? index[i - 1] : 0;
    if (type >= has->types) return 0;
    int64_t offset = big_endian(types + 6 * type, 4);
    if (offset <= -2 * DAY || offset >= 2 * DAY) return 0;
    if (i == 0) {
      self->first = (int32_t)offset;
      continue;
    }
    int64_t at = big_endian(bytes + 8 * (i - 1), 8);
    if (at < -most || at > most || (self->count && at <= self->changes[self->count - 1].at)) return 0;
    add_change(self, at, (int32_t)offset);
  }
  return 1;
}

/* The footer stands between two newlines; an empty one has no rule. */
static int add_footer(zone *self, const unsigned char *bytes, size_t count)
{
  char line[128];
  const unsigned char *end = count ? memchr(bytes + 1, '\n', count - 1) : NULL;
  if (!end || bytes[0] != '\n' || (size_t)(end - bytes) > sizeof line) return 0;
  const size_t length = (size_t)(end - bytes) - 1;
  const int64_t latest = calendar_days(9999, 1, 1) * DAY;
  footer rule;
  memcpy(line, bytes + 1, length);
  line[length] = 0;
  if (!length) return 1;
  if (!read_rule(line, &rule) || (self->count && self->changes[self->count - 1].at > latest)) return 0;
  add_rule(self, &rule);
  return 1;
}

static zone *zone_of_file(const unsigned char *bytes, size_t count)
{
  counts has;
  if (!read_header(bytes, count, &has)) return NULL;
  const size_t old = HEADER + body_size(&has, 4);
  if (count < old || !read_header(bytes + old, count - old, &has)) return NULL;
  bytes += old + HEADER;
  count -= old + HEADER;
  const size_t size = body_size(&has, 8);
  if (count < size) return NULL;
  zone *made = zone_new(0, has.times + 2 * YEARS_BY_RULE);
  if (!made) return NULL;
  if (add_block(made, bytes, &has) && add_footer(made, bytes + size, count - size)) return made;
  zone_free(made);
  return NULL;
}

/* Letters, digits and "+-_/", as IANA's names have: so no dot, and no way out of the folder. */
static int is_zone_name(const char *name)
{
  if (!*name || *name == '/') return 0;
  for (; *name; name++) {
    if (!is_letter(*name) && !(*name >= '0' && *name <= '9') && !strchr("+-_/", *name)) return 0;
  }
  return 1;
}

zone *zone_open(const char *name)
{
  const char *at = name;
  int offset = 0;
  if (strcmp(name, "UTC") == 0 || (read_offset(&at, &offset) && !*at)) return zone_new(offset, 0);
  if (!is_zone_name(name)) return NULL;
  const char *folder = getenv("TZDIR");
  if (!folder || !*folder) folder = "/usr/share/zoneinfo";
  arena *memory = arena_new();
  char *bytes;
  size_t count;
  zone *made = NULL;
  if (file_read(arena_format(memory, "%s/%s", folder, name), LONGEST_FILE, memory, &bytes, &count) == 0) {
    made = zone_of_file((const unsigned char *)bytes, count);
  }
  arena_free(memory);
  return made;
}
