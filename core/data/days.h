/* A time zone's offsets remembered day by day, since a table of events asks for the same few thousand days over and
 * over. */
#ifndef TARAZU_DATA_DAYS_H
#define TARAZU_DATA_DAYS_H

#include "base/calendar.h"
#include <stdint.h>

enum { DAYS_KEPT = 1024 };

typedef struct day_offset {
  int64_t day;
  int64_t offset; /* microseconds to add all day long */
  int kind;       /* 0: nothing here; 1: offset holds; 2: clocks change that day */
} day_offset;

/* One thread's; starts zeroed but for the zone. */
typedef struct days {
  const zone *zone; /* NULL: UTC */
  day_offset to_moment[DAYS_KEPT];
  day_offset to_civil[DAYS_KEPT];
} days;

int64_t days_moment(days *days, int64_t civil); /* as zone_from_civil */
int64_t days_civil(days *days, int64_t moment); /* as zone_to_civil */

/* Rounds down: the day, or any other period, that a microsecond is in. */
static inline int64_t floor_divide(int64_t value, int64_t by)
{
  return value / by - (value % by < 0);
}

#endif
