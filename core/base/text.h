/* The one string builder, and what messages need of words: nearest name, plurals, numbers a person reads. */
#ifndef TARAZU_BASE_TEXT_H
#define TARAZU_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Always zero-terminated once something was added; start from {0}. */
typedef struct text {
  char *bytes;
  size_t length;
  size_t room;
} text;

void text_add(text *text, const char *string);
void text_add_n(text *text, const char *bytes, size_t count);
__attribute__((format(printf, 2, 3))) void text_addf(text *text, const char *format, ...);
void text_add_json(text *text, const char *string); /* quoted and escaped; NULL gives null */
void text_add_json_n(text *text, const char *bytes, size_t count);
void text_add_shell(text *text, const char *word); /* quoted where a shell would not take it as one word */
void text_add_number(text *text, double value);    /* shortest digits that read back; null for NaN and infinity */
/* A field of a CSV file (RFC 4180): in quotes where it has a comma, a quote or a line's end. */
void text_add_csv(text *text, const char *bytes, size_t count);
void text_free(text *text);                /* leaves {0} */
const char *text_string(const text *text); /* "" where nothing was added */

/* The candidate nearest to a word by edit distance, case aside; NULL where none is near enough to be meant. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

int text_is_utf8(const char *bytes, size_t count);
/* Bytes of the character that starts here, 0 where there is no valid one. */
size_t text_character(const char *bytes, size_t count);
/* Columns a string takes on a terminal (wide characters two, combining ones none). */
int text_columns(const char *string, size_t count);

#endif
