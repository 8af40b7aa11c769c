/* What scorers of events do alike: writing a result or its absence, naming the row at fault, ages, one line of reasons.
 */
#ifndef PLUGINS_SHARED_SCORING_H
#define PLUGINS_SHARED_SCORING_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <tarazu/plugin.h>

#define SCORING_DAY 86400e6 /* microseconds */

/* known 0: there is none. result NULL: nobody wants it. */
static inline void scoring_put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static inline void scoring_count(tarazu_result *result, int64_t row, int64_t count)
{
  if (result) ((int64_t *)result->values)[row] = count;
}

/* For error->row. */
static inline int64_t scoring_row(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* Days from the i-th moment of a column to as_of, below 0 for one after it. Doubles hold microseconds exactly for 285
 * years around 1970 and do not overflow. */
static inline double scoring_age(const tarazu_column *time, int64_t i, int64_t as_of)
{
  return ((double)as_of - (double)((const int64_t *)time->values)[i]) / SCORING_DAY;
}

/* What an age counts: half as much each half-life. half_life 0: fully. */
static inline double scoring_fade(double age, double half_life)
{
  return half_life > 0 ? exp2(-age / half_life) : 1;
}

/* A column of batch, NULL where it is not bound. */
static inline const tarazu_column *scoring_column(const tarazu_batch *batch, uint32_t index)
{
  return index < batch->column_count ? batch->columns[index] : NULL;
}

/* Its i-th real; NAN: null or not bound. */
static inline double scoring_real(const tarazu_column *column, int64_t i)
{
  return column && tarazu_is_valid(column, i) ? ((const double *)column->values)[i] : (double)NAN;
}

static inline tarazu_status scoring_write(const tarazu_writer *writer, const void *bytes, size_t count,
                                          tarazu_error *error)
{
  if (writer->write(writer, bytes, count)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

/* One line of reasons; the line feed is added. */
TARAZU_PRINTF(3, 4)
static inline tarazu_status scoring_say(const tarazu_writer *writer, tarazu_error *error, const char *format, ...)
{
  char line[400];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length < 0) length = 0;
  size_t count = (size_t)length < sizeof line - 2 ? (size_t)length : sizeof line - 2;
  line[count++] = '\n';
  return scoring_write(writer, line, count, error);
}

static inline const char *scoring_plural(int64_t count)
{
  return count == 1 ? "" : "s";
}

#endif
