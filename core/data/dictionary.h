/* A growing set of strings with codes in order of first sight; strings are stored once. */
#ifndef TARAZU_DATA_DICTIONARY_H
#define TARAZU_DATA_DICTIONARY_H

#include <stdint.h>
#include <tarazu/plugin.h>

typedef struct dictionary dictionary;

dictionary *dictionary_new(void);
void dictionary_free(dictionary *dictionary); /* NULL is fine */
int32_t dictionary_add(dictionary *dictionary, const char *bytes,
                       size_t count); /* its code; -1: no memory or too many */
int32_t dictionary_find(const dictionary *dictionary, const char *bytes, size_t count); /* -1: absent */
uint32_t dictionary_count(const dictionary *dictionary);
const char *dictionary_string(const dictionary *dictionary, int32_t code,
                              size_t *count); /* zero-terminated too? no: count bytes */
/* The ABI's view, valid until the next add. */
const tarazu_dictionary *dictionary_view(const dictionary *dictionary);

#endif
