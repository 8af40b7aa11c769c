/* Writes JSON that people read too: one member a line, indented. Keys are NULL inside of arrays. */
#ifndef TARAZU_CATALOG_JSON_H
#define TARAZU_CATALOG_JSON_H

#include "base/text.h"

typedef struct json {
  text *out;
  int depth;
  int begun; /* something stands in the innermost object or array */
} json;

void json_open(json *json, const char *key, char bracket);      /* '{' or '[' */
void json_close(json *json, char bracket);                      /* '}' or ']' */
void json_text(json *json, const char *key, const char *value); /* NULL: nothing is written */
void json_number(json *json, const char *key, double value);
void json_bool(json *json, const char *key, int value);
/* A member whose value the caller appends to out. */
void json_key(json *json, const char *key);

#endif
