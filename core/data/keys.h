/* Customers' keys: the distinct ones of a part of a table, and how those of all tables become one population. */
#ifndef TARAZU_DATA_KEYS_H
#define TARAZU_DATA_KEYS_H

#include "data/dictionary_many.h"
#include "data/table.h"
#include <stdint.h>

typedef struct integer_slot integer_slot;

/* Distinct keys of one type, numbered by first sight; starts zeroed. */
typedef struct keys {
  uint32_t type; /* TARAZU_I64 or TARAZU_TEXT; 0: none seen yet */
  uint32_t count;
  uint32_t room;
  uint32_t mask;
  int64_t *integers;
  integer_slot *slots;
  dictionary *texts;
} keys;

/* codes[i]: in, below 0: leave row i alone; out, the number of value i. 0: no memory. */
int keys_add_integers(keys *keys, const int64_t *values, int64_t count, int32_t *codes);
int32_t keys_add_text(keys *keys, const char *bytes, size_t count); /* below 0: no memory */
/* The same for at most DICTIONARY_MANY of them. 0: no memory. */
int keys_add_texts(keys *keys, const dictionary_item *items, size_t count, int32_t *codes);
void keys_free(keys *keys);
/* Key `code` as people read it, in the buffer if it is an integer. */
const char *keys_text(const keys *keys, int32_t code, char buffer[24], size_t *count);

size_t integer_text(int64_t value, char buffer[24]); /* decimal digits, zero-terminated; how many */

/* One part's keys, and where they stand in the population. */
typedef struct key_map {
  const keys *keys;
  int defines;   /* these keys are customers */
  int32_t *rows; /* out: by number of key, the customer's row, -1: none of them; to be freed by the caller */
} key_map;

/* Numbers the customers. 0: no memory, or more than 2^31 of them. */
int population_number(population *population, key_map *maps, size_t count);

/* The codes of a dictionary in the order of their bytes; to be freed. NULL: no memory. */
int32_t *dictionary_sorted(const dictionary *dictionary);

#endif
