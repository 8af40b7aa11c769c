/* The tables of a run: asked of sources, their customers numbered, aligned into columns.
 *
 * table_load reads every table once (twice where a source gives some aggregates itself and other columns are wanted as
 * rows), numbers the customers densely in the order of their sorted keys (all integers: by value; otherwise as bytes of
 * UTF-8), and turns keys into row numbers. Neither the order of rows in a source, nor the number of parts, nor that of
 * threads shows in anything here. */
#ifndef TARAZU_DATA_TABLE_H
#define TARAZU_DATA_TABLE_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/pool.h"
#include "base/problem.h"
#include "data/column.h"
#include "data/dictionary.h"
#include <stdint.h>
#include <tarazu/plugin.h>

/* One column that strategies want of a table. */
typedef struct want {
  tarazu_want as; /* name, expression, type, aggregate, span, period, window */
  place place;    /* where the profile asks for it, for messages */
  column column;  /* out, for ATTRIBUTES wants and aggregates: one value a customer. AGGREGATES of no event: COUNT, SUM,
                     PERIODS 0, others null */
} want;

/* Columns (as == NONE) that one strategy sees together of an EVENTS or EDGES table, in declared order: sorted by
 * customer, then time, then these columns' values in order (EDGES: by from, to, then the columns in order). Two
 * strategies that bind the same columns share a set. */
typedef struct want_set {
  uint32_t count;
  const uint32_t *wants; /* indexes into table.wants */
  column *columns;       /* out: count of them, with offsets for EVENTS */
  int64_t *offsets;      /* out: EVENTS: customers + 1 */
  column from, to;       /* out: EDGES: TARAZU_ROW */
  int64_t rows;          /* out */
  int borrowed;          /* out: offsets belong to somebody else */
} want_set;

/* What was found, for the manifest. */
typedef struct table_counts {
  int64_t rows;              /* that the source gave, aggregates counted by their events */
  int64_t null_keys;         /* left out: no key (an edge: either end) */
  int64_t unknown_customers; /* left out: customers who are not in `customers` (rows) */
  int64_t null_times;        /* left out: no date, in a dated table */
  int64_t duplicates; /* ATTRIBUTES: rows equal to an earlier one of the same customer in every wanted column, counted
                         once */
} table_counts;

typedef struct table {
  /* asked */
  const char *name;
  place place;                              /* of the table in the profile */
  place key_place, where_place, time_place; /* of what the request says; no file: unknown */
  uint32_t shape;                           /* tarazu_shape */
  int is_customers;                         /* this table says who the customers are */
  int is_aside;                             /* its keys make nobody a customer (an earlier list) */
  const tarazu_source *source;
  void *self;
  tarazu_request request;     /* all but wants; keys, where, time, until… filled in */
  int has_after;              /* rows dated up to `after` only make their customers known */
  int64_t after, after_civil; /* the same moment by both clocks, as request.until */
  want *wants;
  uint32_t want_count;
  want_set *sets;
  uint32_t set_count;
  /* got */
  table_counts counts;
  char fingerprint[65];
  int pushed_down; /* aggregates that the source gave */
} table;

/* Who the customers are. */
typedef struct population {
  int64_t count;
  uint32_t key_type; /* TARAZU_I64 or TARAZU_TEXT */
  column keys;       /* in order; TEXT: code i is customer i */
  dictionary *names; /* each key as text, code i is customer i */
} population;

typedef struct load_options {
  pool *pool;
  const zone *zone;
  uint64_t seed;
  /* [any thread] 0: cancelled. done: from 0 to 1, or negative where nobody knows. */
  int (*progress)(void *argument, double done);
  void *argument;
} load_options;

/* Fills the tables' columns, the population and the run's dictionary of strings. Returns 1, or adds problems
 * (EXIT_DATA; a source's own fault EXIT_PLUGIN; EXIT_CANCELLED) and returns 0; tables_free in any case. Errors, with
 * the key, value and line at fault: two different rows of one customer in an ATTRIBUTES table; a customer without a
 * key; a value of another type than wanted; NaN or infinity; no customer at all. An empty table, an all-null column:
 * fine, counted or warned of. */
int tables_load(table *tables, uint32_t count, const load_options *options, population *population, dictionary *strings,
                problems *problems);
/* The latest date in the dated tables, a civil one in the zone; 0: none has a date. */
int tables_latest(table *tables, uint32_t count, const load_options *options, int64_t *moment, problems *problems);
/* Warns of what is fine but what nobody expects of a table that was loaded: no row, a column without a value. */
void table_warn(const table *table, problems *problems);
void tables_free(table *tables, uint32_t count);
void population_free(population *population);

#endif
