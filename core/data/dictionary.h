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

/* The buffers that a dictionary stands on. */
typedef struct dictionary_buffers {
  uint32_t count, slots; /* strings; slots of the table, a power of two */
  const int64_t *offsets;
  const char *bytes;
  const void *table;
  size_t table_bytes;
} dictionary_buffers;

void dictionary_lend(const dictionary *dictionary, dictionary_buffers *out); /* valid until the next add */
/* A dictionary on buffers of another one, or copies of them, that outlive it; it never grows. NULL: no memory, or they
 * do not fit each other. */
dictionary *dictionary_borrow(const dictionary_buffers *buffers);

#endif
