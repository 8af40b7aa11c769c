/* Nodes to numbers, switches, texts, choices, durations, proportions and dates, with errors that say what stands there
 * and what was expected. */
#include "config/value.h"
#include "base/calendar.h"
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- plain text ---- */

static const char *skip_digits(const char *at)
{
  while (*at >= '0' && *at <= '9') at++;
  return at;
}

/* The end of a number by YAML 1.2's core schema, which has no separators, no hexadecimals and no words here; the start
 * where there is none. */
static const char *end_of_number(const char *start)
{
  const char *whole = start + (*start == '+' || *start == '-'), *end = skip_digits(whole);
  size_t digits = (size_t)(end - whole);
  if (*end == '.') {
    const char *fraction = end + 1;
    end = skip_digits(fraction);
    digits += (size_t)(end - fraction);
  }
  if (!digits) return start;
  if (*end != 'e' && *end != 'E') return end;
  const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');
  return skip_digits(exponent) > exponent ? skip_digits(exponent) : end;
}

/* The finite number that string begins with, whatever the process's locale; *end is after it. */
static int number_before(const char *string, const char **end, double *out)
{
  *end = end_of_number(string);
  if (*end == string) return 0;
  locale_t plain = newlocale(LC_ALL_MASK, "C", NULL);
  *out = strtod_l(string, NULL, plain);
  freelocale(plain);
  return isfinite(*out);
}

int value_parse_real(const char *string, double *out)
{
  const char *end;
  return number_before(string, &end, out) && !*end;
}

int value_parse_integer(const char *string, int64_t *out)
{
  const char *digits = string + (*string == '+' || *string == '-');
  int64_t value = 0;
  if (!*digits || *skip_digits(digits)) return 0;
  for (; *digits; digits++) {
    int digit = *digits - '0';
    if (__builtin_mul_overflow(value, 10, &value)) return 0;
    if (*string == '-' ? __builtin_sub_overflow(value, digit, &value) : __builtin_add_overflow(value, digit, &value))
      return 0;
  }
  *out = value;
  return 1;
}

static const char *skip_blanks(const char *at)
{
  while (*at == ' ') at++;
  return at;
}

int value_parse_proportion(const char *string, double *out, const char **why)
{
  const char *end;
  *why = "expected a proportion such as 12% or 0.12";
  if (!number_before(string, &end, out)) return 0;
  if (strcmp(skip_blanks(end), "%") == 0) *out /= 100;
  else if (*end) return 0;
  return 1;
}

typedef struct unit {
  const char *name;
  double days;
} unit;

static const unit units[] = {
    {"second", 1.0 / 86400}, {"minute", 1.0 / 1440}, {"hour", 1.0 / 24}, {"day", 1}, {"week", 7},
    {"month", 365.25 / 12},  {"year", 365.25}};

static double days_of(const char *name)
{
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t length = strlen(units[i].name);
    if (strncmp(name, units[i].name, length) == 0 && strcmp(name + length + (name[length] == 's'), "") == 0)
      return units[i].days;
  }
  return 0;
}

int value_parse_duration(const char *string, double *days, const char **why)
{
  const char *end;
  double number;
  *why = "expected a duration such as 90 days, 52 weeks, 3 months, 10 years or 6 hours";
  if (!number_before(string, &end, &number)) return 0;
  const char *name = skip_blanks(end);
  if (number < 0) {
    *why = "expected a duration of at least 0 days";
    return 0;
  }
  if (!*name && number == 0) {
    *days = 0;
    return 1;
  }
  if (!*name) {
    *why = "expected a duration with its unit, such as 90 days or 52 weeks";
    return 0;
  }
  double one = days_of(name);
  if (one == 0 || !isfinite(number * one)) return 0;
  *days = number * one;
  return 1;
}

int value_parse_bytes(const char *string, int64_t *out)
{
  static const char letters[] = "KMGT";
  const char *end;
  double number;
  if (!number_before(string, &end, &number) || number < 0) return 0;
  const char *letter = *end ? strchr(letters, *end) : NULL;
  if (letter) end++;
  if (letter && end[0] == 'i' && end[1] == 'B') end += 2;
  else if (end[0] == 'B') end++;
  number = ldexp(number, letter ? 10 * ((int)(letter - letters) + 1) : 0);
  if (*end || number >= 0x1p62) return 0;
  *out = (int64_t)number;
  return 1;
}

/* ---- what is found ---- */

int value_is_null(const node *given)
{
  if (!given) return 1;
  if (given->kind != NODE_SCALAR || given->quoted) return 0;
  return !*given->text || strcmp(given->text, "~") == 0 || strcmp(given->text, "null") == 0 ||
         strcmp(given->text, "Null") == 0 || strcmp(given->text, "NULL") == 0;
}

/* As much of a string as a message has room for, cut between characters. */
static void show(const char *string, char *out, size_t room)
{
  size_t length = strlen(string);
  if (length < room) {
    memcpy(out, string, length + 1);
  } else {
    size_t kept = room - sizeof "…";
    while (kept && ((unsigned char)string[kept] & 0xC0) == 0x80) kept--;
    memcpy(out, string, kept);
    memcpy(out + kept, "…", sizeof "…");
  }
}

const char *value_found(const node *given, char buffer[80])
{
  char shown[60];
  double number;
  if (value_is_null(given)) return strcpy(buffer, "nothing");
  if (given->kind == NODE_LIST) return strcpy(buffer, given->count ? "a list" : "an empty list");
  if (given->kind == NODE_MAP) return strcpy(buffer, given->count ? "a map" : "an empty map");
  show(given->text, shown, sizeof shown);
  int plain_number = !given->quoted && value_parse_real(given->text, &number);
  snprintf(buffer, 80, plain_number ? "the number %s" : "text '%s'", shown);
  return buffer;
}

static place where_of(const node *given)
{
  return given ? given->place : NOWHERE;
}

static void tell(const node *given, const char *what, problems *faults, const char *expected)
{
  char found[80];
  problem_add(faults, EXIT_PROFILE, where_of(given), "%s: found %s, expected %s", what, value_found(given, found),
              expected);
}

static int is_plain(const node *given)
{
  return given && given->kind == NODE_SCALAR && !given->quoted && !value_is_null(given);
}

static int is_text(const node *given)
{
  return given && given->kind == NODE_SCALAR && !value_is_null(given);
}

/* Hints for what looks like a number and is none. */
static void hint_number(const node *given, problems *faults)
{
  double number;
  if (!is_text(given)) return;
  if (given->quoted && value_parse_real(given->text, &number)) {
    problem_hint(faults, "quotes make it text; write it without them");
  } else if (isdigit((unsigned char)*given->text) && strpbrk(given->text, "_,")) {
    problem_hint(faults, "numbers are written without separators, and with a point: 1234.5");
  }
}

/* ---- ranges ---- */

static int bounded(double least, double most)
{
  return least != 0 || most != 0;
}

/* "NOUN of at least 1 UNIT", "NOUN from 1 to 5 UNIT"; bounds that say nothing are left out. */
static void add_bounds(text *out, const char *noun, const char *low, const char *high, const char *behind)
{
  text_add(out, noun);
  if (low && high) text_addf(out, " from %s to %s", low, high);
  else if (low) text_addf(out, " of at least %s", low);
  else if (high) text_addf(out, " of at most %s", high);
  if (low || high) text_add(out, behind);
}

static void add_real_bounds(text *out, const char *noun, double least, double most, const char *behind)
{
  text low = {0}, high = {0};
  if (bounded(least, most) && least > -DBL_MAX) text_add_number(&low, least);
  if (bounded(least, most) && most < DBL_MAX) text_add_number(&high, most);
  add_bounds(out, noun, low.length ? low.bytes : NULL, high.length ? high.bytes : NULL, behind);
  text_free(&low);
  text_free(&high);
}

static int in_range(double value, double least, double most)
{
  return !bounded(least, most) || (value >= least && value <= most);
}

/* ---- values ---- */

int value_real(const node *given, const char *what, double least, double most, problems *faults, double *out)
{
  double value;
  if (is_plain(given) && value_parse_real(given->text, &value) && in_range(value, least, most)) {
    *out = value;
    return 1;
  }
  text expected = {0};
  add_real_bounds(&expected, "a number", least, most, "");
  tell(given, what, faults, text_string(&expected));
  hint_number(given, faults);
  text_free(&expected);
  return 0;
}

int value_integer(const node *given, const char *what, int64_t least, int64_t most, problems *faults, int64_t *out)
{
  int64_t value;
  int open = least == 0 && most == 0;
  if (is_plain(given) && value_parse_integer(given->text, &value) && (open || (value >= least && value <= most))) {
    *out = value;
    return 1;
  }
  text expected = {0}, low = {0}, high = {0};
  if (!open && least > INT64_MIN) text_addf(&low, "%lld", (long long)least);
  if (!open && most < INT64_MAX) text_addf(&high, "%lld", (long long)most);
  add_bounds(&expected, "a whole number", low.bytes, high.bytes, "");
  tell(given, what, faults, text_string(&expected));
  hint_number(given, faults);
  text_free(&expected);
  text_free(&low);
  text_free(&high);
  return 0;
}

int value_switch(const node *given, const char *what, problems *faults, int *out)
{
  static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
  for (int i = 0; is_text(given) && i < 6; i++) {
    if (strcasecmp(given->text, words[i]) != 0) continue;
    if (!given->quoted) {
      *out = i % 2;
      return 1;
    }
    tell(given, what, faults, "true or false");
    problem_hint(faults, "quotes make it text; write it without them");
    return 0;
  }
  tell(given, what, faults, "true or false");
  return 0;
}

int value_string(const node *given, const char *what, problems *faults, const char **out)
{
  if (is_text(given)) {
    *out = given->text;
    return 1;
  }
  tell(given, what, faults, "text");
  return 0;
}

/* "a, b, c", or the first of many. */
static void add_names(text *out, const char *const *names)
{
  enum { SHOWN = 24 };
  for (int i = 0; i < SHOWN && names[i]; i++) text_addf(out, i ? ", %s" : "%s", names[i]);
  for (int i = 0; i <= SHOWN && names[i]; i++)
    if (i == SHOWN) text_add(out, ", …");
}

static size_t count_of(const char *const *names)
{
  size_t count = 0;
  while (names[count]) count++;
  return count;
}

int value_choice(const node *given, const char *what, const char *const *choices, problems *faults, int *out)
{
  for (int i = 0; is_text(given) && choices[i]; i++) {
    if (strcmp(given->text, choices[i]) != 0) continue;
    *out = i;
    return 1;
  }
  text expected = {0};
  if (choices[0] && choices[1]) text_add(&expected, "one of ");
  add_names(&expected, choices);
  tell(given, what, faults, text_string(&expected));
  if (is_text(given)) problem_nearest(faults, given->text, choices, count_of(choices));
  text_free(&expected);
  return 0;
}

int value_proportion(const node *given, const char *what, double least, double most, problems *faults, double *out)
{
  double value;
  const char *why;
  int parsed = is_text(given) && value_parse_proportion(given->text, &value, &why);
  int percent = is_text(given) && strchr(given->text, '%');
  /* "12%" is no number to YAML, so its quotes change nothing; those of "0.12" do. */
  if (parsed && (!given->quoted || percent) && in_range(value, least, most)) {
    *out = value;
    return 1;
  }
  text expected = {0};
  add_real_bounds(&expected, "a proportion", least, most, "");
  text_add(&expected, " (12% or 0.12)");
  tell(given, what, faults, text_string(&expected));
  if (parsed && !given->quoted && !percent && in_range(value / 100, least, most))
    problem_hint(faults, "did you mean '%s%%'?", given->text);
  else hint_number(given, faults);
  text_free(&expected);
  return 0;
}

/* Of less than a day, in the largest unit of which it is a whole number. */
static void add_part_of_day(text *out, double days)
{
  size_t i = 2;
  while (i && fabs(days / units[i].days - round(days / units[i].days)) > 1e-9) i--;
  double count = round(days / units[i].days);
  text_addf(out, "%g %s%s", count, units[i].name, count == 1 ? "" : "s");
}

static void add_duration_bounds(text *out, double least, double most)
{
  if (!(least > 0 && least < 1)) {
    add_real_bounds(out, "a duration", least, most, least == 1 && most >= DBL_MAX ? " day" : " days");
    return;
  }
  text_add(out, most >= DBL_MAX ? "a duration of at least " : "a duration from ");
  add_part_of_day(out, least);
  if (most < DBL_MAX) text_addf(out, " to %g days", most);
}

int value_duration(const node *given, const char *what, double least, double most, problems *faults, double *out)
{
  double days;
  const char *why = NULL;
  if (is_text(given) && value_parse_duration(given->text, &days, &why)) {
    if (in_range(days, least, most)) {
      *out = days;
      return 1;
    }
    why = NULL;
  }
  text expected = {0};
  if (why) text_add(&expected, why + strlen("expected "));
  else add_duration_bounds(&expected, least, most);
  tell(given, what, faults, text_string(&expected));
  text_free(&expected);
  return 0;
}

/* 2024-06-31: written as a date, but there is no such day. */
static int looks_like_date(const char *words)
{
  static const char form[] = "0000-00-00";
  size_t i = 0;
  while (form[i] && (form[i] == '-' ? words[i] == '-' : words[i] >= '0' && words[i] <= '9')) i++;
  return !form[i] && !words[i];
}

int value_date(const node *given, const char *what, const void *clock, problems *faults, int64_t *out)
{
  int64_t moment;
  int zoned;
  if (is_text(given) && calendar_parse(given->text, &moment, &zoned)) {
    *out = zoned ? moment : zone_from_civil(clock, moment);
    return 1;
  }
  if (is_text(given) && looks_like_date(given->text)) tell(given, what, faults, "a day that the calendar has");
  else tell(given, what, faults, "a date such as 2011-12-10, or with a time, 2011-12-10T08:26:00Z");
  return 0;
}

/* ---- maps ---- */

static int is_known(const char *key, const char *const *known)
{
  for (size_t i = 0; known[i]; i++)
    if (strcmp(key, known[i]) == 0) return 1;
  return 0;
}

int value_keys(const node *map, const char *what, const char *const *known, problems *faults)
{
  int good = 1;
  if (!map || map->kind != NODE_MAP) {
    tell(map, what, faults, "a map");
    return 0;
  }
  text expected = {0};
  add_names(&expected, known);
  for (uint32_t i = 0; i < map->count; i++) {
    const node *key = map->entries[i].key;
    char shown[60];
    if (is_known(key->text, known)) continue;
    show(key->text, shown, sizeof shown);
    problem_add(faults, EXIT_PROFILE, key->place, "%s: unknown key '%s'; expected %s%s", what, shown,
                count_of(known) > 1 ? "one of " : "", known[0] ? text_string(&expected) : "none");
    problem_nearest(faults, key->text, known, count_of(known));
    good = 0;
  }
  text_free(&expected);
  return good;
}
