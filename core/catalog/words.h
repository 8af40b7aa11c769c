/* The words for what declarations say in numbers. Results are static, or in the arena that is given. */
#ifndef TARAZU_CATALOG_WORDS_H
#define TARAZU_CATALOG_WORDS_H

#include "base/arena.h"
#include <tarazu/plugin.h>

const char *kind_name(uint32_t kind);           /* "duration" */
const char *type_name(uint32_t type);           /* "number" */
const char *shape_name(uint32_t shape);         /* "events" */
const char *aggregate_name(uint32_t aggregate); /* "sum"; NULL: none */
const char *meaning_name(uint32_t meaning);     /* "lower"; NULL: a value */

/* Which ends a range has. */
int has_least(const tarazu_param *param);
int has_most(const tarazu_param *param);
/* "0% to 100%", "at least 1 days", "a, b or c", "" */
const char *range_words(const tarazu_param *param, arena *arena);

#endif
