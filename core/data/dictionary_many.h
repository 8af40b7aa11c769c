/* Many strings into a dictionary at once, so that the cache misses of looking them up are waited for together. */
#ifndef TARAZU_DATA_DICTIONARY_MANY_H
#define TARAZU_DATA_DICTIONARY_MANY_H

#include "data/dictionary.h"

enum { DICTIONARY_MANY = 32 };

typedef struct dictionary_item {
  const char *bytes;
  size_t count;
} dictionary_item;

/* As dictionary_add for each of at most DICTIONARY_MANY items. 0: no memory or too many. */
int dictionary_add_many(dictionary *dictionary, const dictionary_item *items, size_t count, int32_t *codes);

#endif
