/* One function a layout; the format strings are those of the Arrow C data interface. */
#include "data/arrow_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "data/column.h"
#include "data/days.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

/* ---- types -------------------------------------------------------------------------------------------------- */

static arrow_type integer_type(char format)
{
  static const char formats[] = "cCsSiIlL";
  const char *at = strchr(formats, format);
  if (!format || !at) return (arrow_type){0};
  return (arrow_type){ARROW_INTEGERS, TARAZU_I64, 1 << (at - formats) / 2, (at - formats) % 2 == 0, 0, 0, 0};
}

/* "d:19,10" or "d:19,10,128" */
static arrow_type decimal_type(const char *format)
{
  int precision, scale, bits = 128, read = 0;
  if (sscanf(format, "d:%d,%d%n", &precision, &scale, &read) < 2) return (arrow_type){0};
  if (format[read] == ',') bits = atoi(format + read + 1);
  if (bits != 128 || scale < -300 || scale > 300) return (arrow_type){0};
  return (arrow_type){ARROW_DECIMALS, TARAZU_F64, 16, 1, scale, 0, 0};
}

/* "tsu:UTC": a moment where a zone follows, else a time of a clock. */
static arrow_type moment_type(const char *format)
{
  int64_t per_second;
  switch (format[2]) {
  case 's': per_second = 1; break;
  case 'm': per_second = 1000; break;
  case 'u': per_second = 1000000; break;
  case 'n': per_second = 1000000000; break;
  default: return (arrow_type){0};
  }
  if (format[3] != ':') return (arrow_type){0};
  return (arrow_type){ARROW_MOMENTS, format[4] ? TARAZU_TIME : TARAZU_CIVIL, 8, 1, 0, per_second, 0};
}

static arrow_type plain_type(const char *format)
{
  if (!strcmp(format, "n")) return (arrow_type){ARROW_NULLS, TARAZU_F64, 0, 0, 0, 0, 0};
  if (!strcmp(format, "b")) return (arrow_type){ARROW_BITS, TARAZU_BOOL, 0, 0, 0, 0, 0};
  if (!strcmp(format, "e")) return (arrow_type){ARROW_FLOATS, TARAZU_F64, 2, 1, 0, 0, 0};
  if (!strcmp(format, "f")) return (arrow_type){ARROW_FLOATS, TARAZU_F64, 4, 1, 0, 0, 0};
  if (!strcmp(format, "g")) return (arrow_type){ARROW_FLOATS, TARAZU_F64, 8, 1, 0, 0, 0};
  if (!strcmp(format, "u")) return (arrow_type){ARROW_STRINGS, TARAZU_TEXT, 4, 0, 0, 0, 0};
  if (!strcmp(format, "U")) return (arrow_type){ARROW_STRINGS, TARAZU_TEXT, 8, 0, 0, 0, 0};
  if (!strcmp(format, "tdD")) return (arrow_type){ARROW_DAYS, TARAZU_CIVIL, 4, 1, 0, 0, 0};
  if (!strcmp(format, "tdm")) return (arrow_type){ARROW_MOMENTS, TARAZU_CIVIL, 8, 1, 0, 1000, 0};
  if (!strncmp(format, "ts", 2)) return moment_type(format);
  if (!strncmp(format, "d:", 2)) return decimal_type(format);
  return format[0] && !format[1] ? integer_type(format[0]) : (arrow_type){0};
}

arrow_type arrow_type_of(const struct ArrowSchema *schema)
{
  arrow_type type = schema->format ? plain_type(schema->format) : (arrow_type){0};
  if (!schema->dictionary) return type;
  arrow_type strings = schema->dictionary->format ? plain_type(schema->dictionary->format) : (arrow_type){0};
  if (type.layout != ARROW_INTEGERS || strings.layout != ARROW_STRINGS) return (arrow_type){0};
  type.layout = ARROW_CODES;
  type.type = TARAZU_TEXT;
  type.string_width = strings.width;
  return type;
}

static int strings_fit(const struct ArrowArray *array)
{
  return array->length >= 0 && array->offset >= 0 && array->n_buffers == 3 && array->buffers &&
         (array->buffers[1] || array->length + array->offset == 0);
}

int arrow_array_fits(const arrow_type *type, const struct ArrowArray *array)
{
  if (!array || array->length < 0 || array->offset < 0) return 0;
  if (type->layout == ARROW_OTHER || type->layout == ARROW_NULLS) return 1;
  if (type->layout == ARROW_STRINGS) return strings_fit(array);
  if (array->n_buffers != 2 || !array->buffers || (array->length && !array->buffers[1])) return 0;
  return type->layout != ARROW_CODES || (array->dictionary && strings_fit(array->dictionary));
}

/* ---- values ------------------------------------------------------------------------------------------------- */

static int64_t integer_at(const arrow_type *type, const void *values, int64_t at)
{
  switch (type->width * 2 + type->is_signed) {
  case 2: return ((const uint8_t *)values)[at];
  case 3: return ((const int8_t *)values)[at];
  case 4: return ((const uint16_t *)values)[at];
  case 5: return ((const int16_t *)values)[at];
  case 8: return ((const uint32_t *)values)[at];
  case 9: return ((const int32_t *)values)[at];
  default: return ((const int64_t *)values)[at]; /* uint64: below 0 where it does not fit */
  }
}

/* IEEE 754 binary16. */
static double half_at(const uint16_t *values, int64_t at)
{
  int exponent = values[at] >> 10 & 31, mantissa = values[at] & 1023;
  double size = exponent == 31  ? (mantissa ? (double)NAN : (double)INFINITY)
                : exponent == 0 ? ldexp(mantissa, -24)
                                : ldexp(mantissa + 1024, exponent - 25);
  return values[at] >> 15 ? -size : size;
}

/* value / 10^scale, rounded once: by one division of exact doubles where both are, else by the digits. */
static double decimal_value(wide value, int scale)
{
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (value >= -(INT64_C(1) << 53) && value <= INT64_C(1) << 53 && scale >= 0 && scale <= 22)
    return (double)value / powers[scale];
  unsigned_wide rest = value < 0 ? -(unsigned_wide)value : (unsigned_wide)value;
  enum { POWER = 48 }; /* where the power of ten stands; 39 digits and a sign come before it */
  char digits[64];
  size_t at = POWER;
  snprintf(digits + POWER, sizeof digits - POWER, "e%d", -scale);
  do digits[--at] = (char)('0' + (int)(rest % 10));
  while (rest /= 10);
  if (value < 0) digits[--at] = '-';
  return strtod(digits + at, NULL);
}

static double decimal_at(const arrow_type *type, const void *values, int64_t at)
{
  wide value;
  memcpy(&value, (const char *)values + at * 16, sizeof value);
  return decimal_value(value, type->scale);
}

/* Microseconds, rounded down; 0: out of range. */
static int moment_of(const arrow_type *type, int64_t value, int64_t *out)
{
  if (type->per_second > 1000000) *out = floor_divide(value, type->per_second / 1000000);
  else return !__builtin_mul_overflow(value, 1000000 / type->per_second, out);
  return 1;
}

/* One valid value of any layout but strings. NULL, or what is wrong with it. */
static const char *put_value(const arrow_type *type, const void *values, int64_t at, const tarazu_dictionary *strings,
                             arrow_cells *out, int64_t row)
{
  int64_t value;
  double real;
  switch (type->layout) {
  case ARROW_BITS: ((uint8_t *)out->values)[row] = ((const uint8_t *)values)[at >> 3] >> (at & 7) & 1; return NULL;
  case ARROW_INTEGERS:
    value = integer_at(type, values, at);
    out->values[row] = value;
    return type->width == 8 && !type->is_signed && value < 0 ? "an integer beyond 2^63 - 1" : NULL;
  case ARROW_FLOATS:
    real = type->width == 8   ? ((const double *)values)[at]
           : type->width == 4 ? (double)((const float *)values)[at]
                              : half_at(values, at);
    memcpy(&out->values[row], &real, sizeof real);
    return NULL;
  case ARROW_DECIMALS:
    real = decimal_at(type, values, at);
    memcpy(&out->values[row], &real, sizeof real);
    return NULL;
  case ARROW_DAYS: out->values[row] = ((const int32_t *)values)[at] * MICROSECONDS_PER_DAY; return NULL;
  case ARROW_MOMENTS:
    return moment_of(type, ((const int64_t *)values)[at], &out->values[row]) ? NULL : "a date out of range";
  default:
    value = integer_at(type, values, at);
    if (value < 0 || value >= strings->count) return "a dictionary's index out of range";
    ((int32_t *)out->values)[row] = (int32_t)value;
    return NULL;
  }
}

/* The offsets of rows of strings, widened. NULL, or what is wrong. */
static const char *put_strings(int width, const struct ArrowArray *array, int64_t first, int64_t rows, int64_t *offsets)
{
  const void *from = array->buffers[1];
  for (int64_t i = 0; i <= rows; i++) {
    int64_t at = array->offset + first + i;
    offsets[i] = !from ? 0 : width == 4 ? ((const int32_t *)from)[at] : ((const int64_t *)from)[at];
    if (offsets[i] < 0 || (i && offsets[i] < offsets[i - 1])) return "offsets of strings that run backwards";
  }
  return offsets[rows] > offsets[0] && !array->buffers[2] ? "strings without bytes" : NULL;
}

int arrow_strings(int string_width, const struct ArrowArray *array, tarazu_dictionary *out)
{
  *out = (tarazu_dictionary){.size = sizeof *out};
  if (array->length > INT32_MAX) return 0;
  int64_t *offsets = malloc(((size_t)array->length + 1) * sizeof *offsets);
  if (!offsets) return 0;
  int good = !put_strings(string_width, array, 0, array->length, offsets);
  out->count = good ? (uint32_t)array->length : 0; /* none can be used where the offsets are broken */
  out->offsets = offsets;
  out->bytes = array->buffers[2] ? array->buffers[2] : "";
  return 1;
}

/* ---- pieces of columns -------------------------------------------------------------------------------------- */

/* An index that stands for a null of the dictionary is a null itself. */
static void null_through(const struct ArrowArray *dictionary, int64_t rows, arrow_cells *out)
{
  const uint8_t *valid = dictionary->null_count != 0 ? dictionary->buffers[0] : NULL;
  for (int64_t i = 0; valid && i < rows; i++) {
    int64_t at = dictionary->offset + ((const int32_t *)out->values)[i];
    if (!(valid[at >> 3] >> (at & 7) & 1)) out->valid[i >> 3] &= (uint8_t) ~(1u << (i & 7));
  }
}

static void read_valid(const struct ArrowArray *array, int64_t first, int64_t rows, arrow_cells *out)
{
  const uint8_t *valid = array->n_buffers && array->null_count != 0 ? array->buffers[0] : NULL;
  memset(out->valid, 0xff, (size_t)(rows + 7) / 8);
  if (valid) bits_copy(out->valid, 0, valid, array->offset + first, rows);
}

tarazu_status arrow_read(const arrow_type *type, const struct ArrowArray *array, const tarazu_dictionary *strings,
                         int64_t first, int64_t rows, arrow_cells *out, tarazu_error *error)
{
  out->column =
      (tarazu_column){.size = sizeof out->column, .type = type->type, .values = out->values, .valid = out->valid};
  if (type->layout == ARROW_NULLS) {
    memset(out->valid, 0, (size_t)(rows + 7) / 8);
    memset(out->values, 0, (size_t)rows * sizeof *out->values);
    return TARAZU_OK;
  }
  read_valid(array, first, rows, out);
  if (type->layout == ARROW_STRINGS) {
    const char *wrong = put_strings(type->width, array, first, rows, out->offsets);
    if (wrong) return tarazu_fail(error, TARAZU_BAD_DATA, "it holds %s", wrong);
    out->dictionary = (tarazu_dictionary){sizeof out->dictionary, (uint32_t)rows, out->offsets,
                                          array->buffers[2] ? array->buffers[2] : ""};
    out->column.values = NULL;
    out->column.dictionary = &out->dictionary;
    return TARAZU_OK;
  }
  size_t width = column_width(type->type);
  for (int64_t i = 0; i < rows; i++) {
    if (!(out->valid[i >> 3] >> (i & 7) & 1)) {
      memset((char *)out->values + (size_t)i * width, 0, width);
      continue;
    }
    const char *wrong = put_value(type, array->buffers[1], array->offset + first + i, strings, out, i);
    if (!wrong) continue;
    error->row = first + i;
    return tarazu_fail(error, TARAZU_BAD_DATA, "it holds %s", wrong);
  }
  if (type->layout == ARROW_CODES) {
    if (strings->count) null_through(array->dictionary, rows, out);
    out->column.dictionary = strings;
  }
  return TARAZU_OK;
}
