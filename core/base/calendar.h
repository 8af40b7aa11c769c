/* Dates, moments and time zones. Moments are microseconds since 1970-01-01 UTC (the ABI's TARAZU_TIME). */
#ifndef TARAZU_BASE_CALENDAR_H
#define TARAZU_BASE_CALENDAR_H

#include <stddef.h>
#include <stdint.h>

#define MICROSECONDS_PER_DAY INT64_C(86400000000)

/* A time zone by name: "UTC", a fixed offset "+03:30", or an IANA name read from the system's zoneinfo files (TZif,
 * RFC 8536, the footer's rule included; in the folder TZDIR where that is set). NULL where there is none such. */
typedef struct zone zone;
zone *zone_open(const char *name);
void zone_free(zone *zone); /* NULL is fine */

/* Between a moment and what a clock on the wall shows, itself counted in microseconds since 1970-01-01 00:00. A wall
 * time that a change of clocks skips or repeats means the earlier offset's moment. NULL zone: UTC. [any thread] */
int64_t zone_to_civil(const zone *zone, int64_t moment);
int64_t zone_from_civil(const zone *zone, int64_t civil);
/* A hash of its changes of clocks, which differ from one edition of the zoneinfo files to another. NULL zone: UTC. */
uint64_t zone_hash(const zone *zone);

/* Proleptic Gregorian days since 1970-01-01. */
int64_t calendar_days(int year, int month, int day);
void calendar_date(int64_t days, int *year, int *month, int *day);

/* Reads "2011-12-10", "2011-12-10 08:26", "2011-12-10T08:26:00.5", with or without "Z" or an offset; the whole of the
 * text. *zoned: it carried its own offset (then *micros is a moment, otherwise civil). 0: it is no date. */
int calendar_parse(const char *text, int64_t *micros, int *zoned);
/* "2011-12-10", with "T08:26:00Z" (and a fraction) where it is not midnight. */
void calendar_format(int64_t moment, char out[32]);

#endif
