/* One value of a request: what it is in SQL, and how it becomes the type that is wanted without rounding, wrapping or
 * misreading in silence. */
#ifndef TARAZU_SOURCE_DUCKDB_VALUE_H
#define TARAZU_SOURCE_DUCKDB_VALUE_H

#include "relation.h"

/* What a value is, as far as conversions care. */
typedef enum form {
  FORM_INTEGER,  /* fits 64 bits */
  FORM_WIDE,     /* fits 128 bits */
  FORM_UNSIGNED, /* 128 bits without a sign */
  FORM_DECIMAL,
  FORM_FLOAT,
  FORM_BOOL,
  FORM_CIVIL,
  FORM_ZONED,
  FORM_TEXT,
  FORM_NESTED /* lists, structures: can only be shown */
} form;

/* One thing that the innermost layer selects. */
typedef struct item {
  const char *name;       /* for messages */
  const char *expression; /* as the profile writes it */
  int32_t number;         /* for error->item */
  char alias[24];
  reading raw; /* keys and texts of CSV and JSON: as the file writes them; dates of CSV that are moments */
  form is;
} item;

form value_form(duckdb_type type);
/* tarazu_type of a form where none is wanted. */
uint32_t value_own_type(form is);
/* "a number": what a tarazu_type is in messages. */
const char *value_words(uint32_t type);
/* NULL: a value of this form can be had as that type. Text may turn out to be a number or a date (a CSV column without
 * a value is text, too); a date never is a number. */
const char *value_obstacle(form is, uint32_t wanted);
/* Appends the item as a value of the type, unrounded. An error of DuckDB's names a value that is none. */
void value_cast(const item *it, uint32_t type, sql *to);
/* Appends what is wrong with the item as a value of the type, as a text, or null. */
void value_reason(const item *it, uint32_t type, sql *to);

#endif
