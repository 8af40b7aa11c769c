/* Exact arithmetic for the duckdb source: sums and means of doubles as aggregate functions of DuckDB's, and 128-bit
 * integers and decimals as doubles, each rounded to nearest, ties to even, once. */
#ifndef TARAZU_SOURCE_DUCKDB_EXACT_H
#define TARAZU_SOURCE_DUCKDB_EXACT_H

#include "../../shared/duckdb.h"
#include <stdatomic.h>

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

/* Accumulators that groups of extraordinary range have needed; one list a database. */
typedef struct wide wide;
typedef struct wide_list {
  _Atomic(wide *) first;
} wide_list;

/* Registers tarazu_sum and tarazu_mean, DOUBLE to DOUBLE; of no value the sum is 0 and the mean null. The list is
 * borrowed and outlives the connection's queries. */
tarazu_status exact_register(const duck_session *session, wide_list *list, tarazu_error *error);
void wide_list_free(wide_list *list);

/* number / (count * 10^scale), rounded once; count > 0, scale from 0 to 38. */
double exact_ratio(int128 number, int64_t count, unsigned scale);
double exact_unsigned(uint128 number);

#endif
