/* The one parser of command lines: each option is a row of a table, so that parsing, help and the nearest name for a
 * typing error cannot disagree. */
#include "cli/options.h"

#include "config/value.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPTIONS = 32 };

static void strings_add(strings *list, arena *memory, const char *string)
{
  *arena_push(memory, list->items, list->count, list->room) = string;
  *arena_push(memory, list->items, list->count, list->room) = NULL;
  list->count--;
}

static const option *option_find(const option *table, const char *name, size_t length)
{
  for (; table->name; table++) {
    if (strlen(table->name) == length && strncmp(table->name, name, length) == 0) return table;
  }
  return NULL;
}

static int fault_unknown(const option *table, const char *word, size_t length, text *fault)
{
  const char *names[MOST_OPTIONS];
  size_t count = 0;
  for (; table->name && count < MOST_OPTIONS; table++) names[count++] = table->name;
  text_addf(fault, "unknown option '%.*s'", (int)length, word);
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)(length - strspn(word, "-")), word + strspn(word, "-"));
  const char *nearest = text_nearest(name, names, count);
  if (nearest) text_addf(fault, "; did you mean '--%s'?", nearest);
  return 0;
}

static int read_integer(const option *row, const char *value, int64_t *out, text *fault)
{
  char *end;
  errno = 0;
  long long number = strtoll(value, &end, 10);
  if (end == value || *end || errno || number < row->least || number > row->most) {
    text_addf(fault, "--%s is '%s'; expected a whole number from %lld to %lld", row->name, value, (long long)row->least,
              (long long)row->most);
    return 0;
  }
  *out = number;
  return 1;
}

static int read_bytes(const option *row, const char *value, int64_t *out, text *fault)
{
  int64_t bytes;
  if (value_parse_bytes(value, &bytes) && bytes >= row->least && bytes <= row->most) {
    *out = bytes;
    return 1;
  }
  text_addf(fault, "--%s is '%s'; expected a size from %lldM to %lldM, such as 512M or 2G", row->name, value,
            (long long)row->least >> 20, (long long)row->most >> 20);
  return 0;
}

static int read_value(const option *row, const char *value, void *fields, arena *memory, text *fault)
{
  void *field = (char *)fields + row->into;
  switch (row->kind) {
  case OPTION_SWITCH: *(int *)field = 1; return 1;
  case OPTION_INTEGER: return read_integer(row, value, field, fault);
  case OPTION_BYTES: return read_bytes(row, value, field, fault);
  case OPTION_STRING: *(const char **)field = value; return 1;
  case OPTION_STRINGS: strings_add(field, memory, value); return 1;
  }
  return 0;
}

int options_parse(const option *table, int count, char *const *words, void *fields, strings *operands, arena *memory,
                  text *fault)
{
  for (int i = 0; i < count; i++) {
    const char *word = words[i];
    if (strcmp(word, "--") == 0) {
      while (++i < count) strings_add(operands, memory, words[i]);
      break;
    }
    if (word[0] != '-' || !word[1]) {
      strings_add(operands, memory, word);
      continue;
    }
    if (strcmp(word, "-h") == 0) word = "--help";
    size_t length = strcspn(word, "=");
    const option *row = strncmp(word, "--", 2) == 0 ? option_find(table, word + 2, length - 2) : NULL;
    if (!row) return fault_unknown(table, word, length, fault);
    const char *value = word[length] ? word + length + 1 : NULL;
    if (!row->value && value) {
      text_addf(fault, "--%s takes no value, but has '%s'", row->name, value);
      return 0;
    }
    if (row->value && !value) {
      if (++i == count) {
        text_addf(fault, "--%s needs a value: --%s %s", row->name, row->name, row->value);
        return 0;
      }
      value = words[i];
    }
    if (!read_value(row, value, fields, memory, fault)) return 0;
  }
  return 1;
}

void options_describe(const option *table, text *out)
{
  for (; table->name; table++) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", table->name, table->value ? " " : "", table->value ? table->value : "");
    text_addf(out, "  %-22s %s\n", left, table->help);
  }
}
