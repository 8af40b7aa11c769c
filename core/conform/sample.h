/* Data made up for a strategy's declared inputs: tables as a company has them, and the columns that the host would make
 * of them. All follows from a seed; what fails is made smaller until it can be read. */
#ifndef TARAZU_CONFORM_SAMPLE_H
#define TARAZU_CONFORM_SAMPLE_H

#include "conform/setting.h"

/* What numbers look like: a strategy may ask for scales, shares or amounts. */
typedef enum style {
  STYLE_WHOLE,
  STYLE_AMOUNT,
  STYLE_SHARE,
  STYLE_SIGNED,
  STYLE_RATING,
  STYLE_FLAG,
  STYLE_COUNT
} style;

typedef enum twist {
  TWIST_NONE,
  TWIST_NULLS,    /* three in ten values missing */
  TWIST_EMPTY,    /* columns without any value, customers without events */
  TWIST_CONSTANT, /* one value a column */
  TWIST_EXTREME,  /* the ends of each type, zeros, the smallest steps */
  TWIST_TIES,     /* two values a column */
  TWIST_MIXED,    /* each column another of these */
  TWIST_COUNT
} twist;

typedef union cell {
  double real;
  int64_t whole; /* all types but F64 */
} cell;

typedef struct raw_column {
  const char *name;
  uint32_t type;
  cell *cells;
  uint8_t *missing; /* a byte a value */
} raw_column;

/* An input's table as it is in the company: rows of events and edges have an owner (the customer, the edge's from). */
typedef struct raw_table {
  const tarazu_input *input;
  int64_t rows;
  int64_t *owner;
  int64_t *times; /* of events */
  raw_column *columns;
  uint32_t count;
} raw_table;

/* A column as a strategy gets it. */
typedef struct column_values {
  uint32_t type; /* 0: not bound */
  int64_t count;
  void *values;
  uint8_t *valid;   /* NULL: all are */
  int64_t *offsets; /* of events */
} column_values;

typedef struct sample {
  const setting *with;
  arena *arena;
  style style;
  twist twist;
  uint64_t seed;
  int64_t customers;
  raw_table tables[MOST_INPUTS];
  uint32_t table_count;
  int64_t space_rows[MOST_INPUTS + 1];
  column_values columns[MOST_COLUMNS];
} sample;

sample *sample_new(const setting *with, style style, twist twist, int64_t customers, uint64_t seed, int null_column);
void sample_free(sample *of); /* NULL is fine */

/* What lies where values are missing: zeros, other values of the column, or what must never be read. */
void sample_fill_nulls(sample *of, int garbage);

/* The words of every TEXT column, by code. */
const tarazu_dictionary *sample_words(void);

/* Makes a smaller sample for which fails() still holds; the given one is freed. fails: 1, 0, or -1: stop trying. */
sample *sample_shrink(sample *of, int (*fails)(void *argument, const sample *smaller), void *argument);

/* "300 customers, whole numbers from 0 to 10, three in ten values missing" */
void sample_name(const sample *of, text *out);
/* Its tables, where they are short. */
void sample_print(const sample *of, text *out);

#endif
