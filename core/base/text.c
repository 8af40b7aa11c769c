/* The string builder, JSON strings and numbers, UTF-8, and the nearest of several words. */
#include "base/text.h"

#include "base/memory.h"
#include "base/width.h"
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and the zero. */
static char *make_room(text *self, size_t more)
{
  size_t need;
  if (__builtin_add_overflow(self->length, more, &need) || need > SIZE_MAX / 2) memory_exhausted();
  if (need + 1 > self->room) {
    size_t room = self->room ? self->room : 64;
    while (room < need + 1) room *= 2;
    char *bytes = realloc(self->bytes, room);
    if (!bytes) memory_exhausted();
    self->bytes = bytes;
    self->room = room;
  }
  return self->bytes + self->length;
}

void text_add(text *self, const char *string)
{
  text_add_n(self, string, strlen(string));
}

void text_add_n(text *self, const char *bytes, size_t count)
{
  char *end = make_room(self, count);
  if (count) memcpy(end, bytes, count);
  end[count] = 0;
  self->length += count;
}

void text_addf(text *self, const char *format, ...)
{
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int count = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (count >= 0) {
    vsnprintf(make_room(self, (size_t)count), (size_t)count + 1, format, arguments);
    self->length += (size_t)count;
  }
  va_end(arguments);
}

void text_add_csv(text *self, const char *bytes, size_t count)
{
  int quoted = 0;
  for (size_t i = 0; i < count; i++) quoted |= strchr(",\"\n\r", bytes[i]) && bytes[i];
  if (quoted) text_add(self, "\"");
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] == '"') text_add(self, "\"");
    text_add_n(self, bytes + i, 1);
  }
  if (quoted) text_add(self, "\"");
}

void text_free(text *self)
{
  free(self->bytes);
  *self = (text){0};
}

const char *text_string(const text *self)
{
  return self->bytes ? self->bytes : "";
}

/* ---- JSON -------------------------------------------------------------------------------------------------- */

void text_add_json(text *self, const char *string)
{
  if (string) text_add_json_n(self, string, strlen(string));
  else text_add(self, "null");
}

static void add_escape(text *self, unsigned char byte)
{
  static const char plain[] = "\b\t\n\f\r\"\\", letter[] = "btnfr\"\\";
  const char *found = byte ? strchr(plain, byte) : NULL;
  if (found) text_addf(self, "\\%c", letter[found - plain]);
  else text_addf(self, "\\u%04x", byte);
}

/* Bytes that are no UTF-8 become U+FFFD, since JSON cannot hold them. */
void text_add_json_n(text *self, const char *bytes, size_t count)
{
  size_t done = 0, at = 0;
  text_add_n(self, "\"", 1);
  while (at < count) {
    unsigned char byte = (unsigned char)bytes[at];
    size_t step = text_character(bytes + at, count - at);
    if (step && byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) {
      at += step;
      continue;
    }
    text_add_n(self, bytes + done, at - done);
    if (step) add_escape(self, byte);
    else text_add(self, "\xEF\xBF\xBD");
    done = ++at;
  }
  text_add_n(self, bytes + done, at - done);
  text_add_n(self, "\"", 1);
}

/* ---- numbers ----------------------------------------------------------------------------------------------- */

/* Decimals of at most 15 digits, 6 of them behind the point: an integer below 10^15 over a power of ten, both exact,
 * divided with one rounding, gives back the value just when its digits read back as the value. */
static int add_decimal(text *self, double value)
{
  double magnitude = fabs(value), power = 1;
  if (!(magnitude < 1e15)) return 0;
  for (int places = 0; places <= 6; places++, power *= 10) {
    double digits = nearbyint(magnitude * power);
    if (digits >= 1e15) return 0;
    if (digits / power != magnitude) continue;
    int64_t all = (int64_t)digits, unit = (int64_t)power;
    const char *sign = signbit(value) ? "-" : "";
    if (places) text_addf(self, "%s%lld.%0*lld", sign, (long long)(all / unit), places, (long long)(all % unit));
    else text_addf(self, "%s%lld", sign, (long long)all);
    return 1;
  }
  return 0;
}

/* Fewer digits than 15 are what %.15g leaves when it drops zeros, except among the subnormal numbers, which hold fewer.
 * Below a power of two the doubles lie closer than above it: there the digits nearest to the middle of what reads back
 * are tried too, for they may be 16 where those nearest to the value are not. */
static void format_shortest(double value, char out[40])
{
  int exponent;
  double fraction = frexp(value, &exponent);
  int digits = fabs(value) < 0x1p-1022 ? 1 : 15;
  for (; digits <= 17; digits++) {
    snprintf(out, 40, "%.*g", digits, value);
    if (strtod(out, NULL) == value) return;
    if (digits != 16 || fabs(fraction) != 0.5) continue;
    snprintf(out, 40, "%.16Lg", (long double)value * (1 + 0x1p-55L));
    if (strtod(out, NULL) == value) return;
  }
}

void text_add_shell(text *self, const char *word)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=:,@%";
  if (*word && !word[strspn(word, plain)]) {
    text_add(self, word);
    return;
  }
  text_add_n(self, "'", 1);
  for (; *word; word++)
    if (*word == '\'') text_add(self, "'\\''");
    else text_add_n(self, word, 1);
  text_add_n(self, "'", 1);
}

void text_add_number(text *self, double value)
{
  if (!isfinite(value)) {
    text_add(self, "null");
    return;
  }
  if (add_decimal(self, value)) return;
  char out[40];
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t before = uselocale(plain);
  format_shortest(value, out);
  uselocale(before);
  freelocale(plain);
  text_add(self, out);
}

/* ---- words ------------------------------------------------------------------------------------------------- */

enum { LONGEST_WORD = 128 }; /* characters; nothing near is looked for beyond */

static uint32_t point_of(const char *bytes, size_t step)
{
  unsigned char lead = (unsigned char)bytes[0];
  if (step == 1) return lead;
  uint32_t point = lead & (0xffu >> (step + 1));
  for (size_t i = 1; i < step; i++) point = point << 6 | ((unsigned char)bytes[i] & 0x3f);
  return point;
}

/* The word's characters, ASCII letters small, others as they are; 0 where there are none or too many. */
static int spell(const char *word, uint32_t points[LONGEST_WORD])
{
  int count = 0;
  size_t left = strlen(word);
  while (left) {
    if (count == LONGEST_WORD) return 0;
    size_t step = text_character(word, left);
    if (!step) step = 1;
    uint32_t point = point_of(word, step);
    points[count++] = point >= 'A' && point <= 'Z' ? point - 'A' + 'a' : point;
    word += step;
    left -= step;
  }
  return count;
}

static int least(int a, int b)
{
  return a < b ? a : b;
}

/* Damerau's four errors (1964), no place edited twice: insertions, deletions, replacements, swapped neighbours. */
static int edit_distance(const uint32_t *a, int a_count, const uint32_t *b, int b_count)
{
  int rows[3][LONGEST_WORD + 1];
  int *two = rows[0], *one = rows[1], *row = rows[2];
  for (int j = 0; j <= b_count; j++) one[j] = j;
  for (int i = 1; i <= a_count; i++) {
    row[0] = i;
    for (int j = 1; j <= b_count; j++) {
      row[j] = least(least(one[j] + 1, row[j - 1] + 1), one[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = least(row[j], two[j - 2] + 1);
    }
    int *oldest = two;
    two = one, one = row, row = oldest;
  }
  return one[b_count];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
  uint32_t meant[LONGEST_WORD], other[LONGEST_WORD];
  int length = spell(word, meant);
  if (!length) return NULL;
  /* A third of the word, from 1 to 3, but never all of it. */
  int best = least(least(length < 6 ? 1 : length / 3, 3), length - 1) + 1;
  const char *nearest = NULL;
  for (size_t i = 0; i < count; i++) {
    int others = spell(candidates[i], other);
    if (!others || abs(others - length) >= best) continue;
    int distance = edit_distance(meant, length, other, others);
    if (distance >= best) continue;
    best = distance;
    nearest = candidates[i];
  }
  return nearest;
}

/* ---- UTF-8 ------------------------------------------------------------------------------------------------- */

size_t text_character(const char *bytes, size_t count)
{
  if (!count) return 0;
  const unsigned char *b = (const unsigned char *)bytes;
  if (b[0] < 0x80) return 1;
  if (b[0] < 0xC2 || b[0] > 0xF4) return 0;
  size_t length = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
  if (count < length) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((b[i] & 0xC0) != 0x80) return 0;
  }
  if (b[0] == 0xE0 && b[1] < 0xA0) return 0; /* longer than need be */
  if (b[0] == 0xED && b[1] > 0x9F) return 0; /* surrogates */
  if (b[0] == 0xF0 && b[1] < 0x90) return 0; /* longer than need be */
  if (b[0] == 0xF4 && b[1] > 0x8F) return 0; /* above U+10FFFF */
  return length;
}

int text_is_utf8(const char *bytes, size_t count)
{
  for (size_t at = 0, step; at < count; at += step) {
    step = text_character(bytes + at, count - at);
    if (!step) return 0;
  }
  return 1;
}

static int is_among(uint32_t point, const uint32_t (*ranges)[2], size_t count)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (point > ranges[middle][1]) low = middle + 1;
    else high = middle;
  }
  return low < count && point >= ranges[low][0];
}

static int columns_of(uint32_t point)
{
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return 0;
  if (point < width_none[0][0]) return 1;
  if (is_among(point, width_none, sizeof width_none / sizeof *width_none)) return 0;
  return is_among(point, width_two, sizeof width_two / sizeof *width_two) ? 2 : 1;
}

/* A byte that is no UTF-8 counts as the one replacement character that terminals show for it. */
int text_columns(const char *string, size_t count)
{
  int columns = 0;
  for (size_t at = 0; at < count;) {
    size_t step = text_character(string + at, count - at);
    columns += step ? columns_of(point_of(string + at, step)) : 1;
    at += step ? step : 1;
  }
  return columns;
}
