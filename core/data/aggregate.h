/* Aggregates that the host computes itself from rows grouped by customer. */
#ifndef TARAZU_DATA_AGGREGATE_H
#define TARAZU_DATA_AGGREGATE_H

#include "data/group.h"

/* What an aggregate of a want's type is kept as before it is computed (0: as it comes), and whether values matter at
 * all. */
uint32_t aggregate_reads(const tarazu_want *as);
/* The type of its result; 0: that of what is read. */
uint32_t aggregate_gives(const tarazu_want *as);
int aggregate_needs_values(const tarazu_want *as);
int aggregate_needs_times(const tarazu_want *as);
int aggregate_of_nothing(const tarazu_want *as); /* 1: the aggregate of no event is 0, otherwise null */
int aggregate_of_rows(const tarazu_want *as);    /* 1: counts rows, whatever is in them */

/* Fills wanted->column. index: the column of the groups, ROWS_TIME, or ROWS_NONE where only rows count. 1, or 0 with a
 * problem. */
int aggregate_fill(want *wanted, const table *of, const rows *read, const grouped *from, uint32_t index,
                   const population *people, const tarazu_dictionary *strings, const load_options *options,
                   problems *out);

#endif
