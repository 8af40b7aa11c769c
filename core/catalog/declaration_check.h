/* What the two files that check declarations share. Every check returns 1, or 0 with one line in why. */
#ifndef TARAZU_CATALOG_DECLARATION_CHECK_H
#define TARAZU_CATALOG_DECLARATION_CHECK_H

#include <tarazu/plugin.h>

enum { FAULT_ROOM = 512 };

typedef struct declaration {
  char *why; /* FAULT_ROOM bytes */
  const tarazu_strategy *strategy;
  char subject[96]; /* "combiner 'x'": how the line begins */
} declaration;

/* Writes the subject and the rest of the line; always 0. */
__attribute__((format(printf, 2, 3))) int declaration_fault(const declaration *d, const char *format, ...);

int declaration_is_line(const char *string); /* some UTF-8 without control characters */
int declaration_is_name(const char *string); /* lower_snake */

/* A list of items that are at least as large as version 1's. */
int declaration_list(const declaration *d, const tarazu_list *list, size_t least, const char *what);
/* Its items' names; within: what stands before them in messages, "orders." of a field. may_repeat: fields of one name
 * are of one column. */
int declaration_names(const declaration *d, const tarazu_list *list, const char *what, const char *within,
                      int may_repeat);

/* Parameters, or the fields of records; within as above. */
int declaration_params(const declaration *d, const tarazu_list *params, const char *within);

#endif
