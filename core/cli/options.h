/* The one parser of command lines: a table of long options, read into the fields of an invocation. */
#ifndef TARAZU_CLI_OPTIONS_H
#define TARAZU_CLI_OPTIONS_H

#include "base/arena.h"
#include "base/text.h"
#include <stddef.h>
#include <stdint.h>

typedef enum option_kind {
  OPTION_SWITCH = 1, /* int, set to 1 */
  OPTION_INTEGER,    /* int64_t, within least and most */
  OPTION_BYTES,      /* int64_t; "512M", "2G", "1.5GiB" or plain bytes */
  OPTION_STRING,     /* const char * */
  OPTION_STRINGS     /* strings, once for each time it is given */
} option_kind;

/* A growing list of borrowed strings; items is NULL-terminated once it is not NULL. */
typedef struct strings {
  const char **items;
  uint32_t count;
  unsigned room;
} strings;

typedef struct option {
  const char *name; /* without the dashes */
  option_kind kind;
  size_t into;       /* offset of its field in the structure that is filled */
  const char *value; /* what help calls its value; NULL: a switch */
  const char *help;  /* one line */
  int64_t least, most;
} option;

/* Reads words [0, count) into *fields by a table that ends with a name NULL: --name VALUE, --name=VALUE, "--" before
 * words that only look like options. All else are operands. 1, or 0 with a message, without a line end, in fault. The
 * words are borrowed. */
int options_parse(const option *table, int count, char *const *words, void *fields, strings *operands, arena *memory,
                  text *fault);
/* The table as help shows it, a line an option. */
void options_describe(const option *table, text *out);

#endif
