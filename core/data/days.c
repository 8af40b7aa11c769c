/* Days whose offset is the same at every hour are answered from memory, the others by the zone itself. */
#include "data/days.h"

#include <stddef.h>

typedef int64_t convert(const zone *in, int64_t micros);

static void look_up(day_offset *entry, const zone *in, int64_t day, convert *to)
{
  int64_t start = day * MICROSECONDS_PER_DAY;
  *entry = (day_offset){day, to(in, start) - start, 1};
  for (int64_t hour = 1; hour <= 24; hour++) {
    int64_t at = start + hour * (MICROSECONDS_PER_DAY / 24) - (hour == 24);
    if (to(in, at) - at != entry->offset) entry->kind = 2;
  }
}

static int64_t by_day(day_offset *kept, const zone *in, int64_t micros, convert *to)
{
  int64_t day = floor_divide(micros, MICROSECONDS_PER_DAY);
  if (day < -100000000 || day > 100000000) return to(in, micros);
  day_offset *entry = &kept[(uint64_t)day % DAYS_KEPT];
  if (!entry->kind || entry->day != day) look_up(entry, in, day, to);
  return entry->kind == 1 ? micros + entry->offset : to(in, micros);
}

int64_t days_moment(days *self, int64_t civil)
{
  return self->zone ? by_day(self->to_moment, self->zone, civil, zone_from_civil) : civil;
}

int64_t days_civil(days *self, int64_t moment)
{
  return self->zone ? by_day(self->to_civil, self->zone, moment, zone_to_civil) : moment;
}
