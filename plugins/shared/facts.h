/* A list of facts whose names and texts are made while a model is reported: one a rater, an item, a group. */
#ifndef PLUGINS_SHARED_FACTS_H
#define PLUGINS_SHARED_FACTS_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { FACT_NAME = 120, FACT_TEXT = 300 };

typedef struct fact_list {
  tarazu_fact *items;
  char (*names)[FACT_NAME];
  char (*texts)[FACT_TEXT];
  uint32_t count, room;
} fact_list;

static inline void facts_free(fact_list *l)
{
  free(l->items);
  free(l->names);
  free(l->texts);
  *l = (fact_list){0};
}

/* An empty list with room for so many. 0: no memory. */
static inline int facts_begin(fact_list *l, uint32_t room)
{
  facts_free(l);
  l->items = calloc(room + 1u, sizeof *l->items);
  l->names = calloc(room + 1u, sizeof *l->names);
  l->texts = calloc(room + 1u, sizeof *l->texts);
  l->room = room;
  if (l->items && l->names && l->texts) return 1;
  return facts_free(l), 0;
}

/* What was cut is not cut within a character. */
static inline void facts_print(char *to, size_t room, const char *format, va_list arguments)
{
  int length = vsnprintf(to, room, format, arguments);
  if (length < 0 || (size_t)length < room) return;
  size_t end = room - 1;
  while (end && ((unsigned char)to[end - 1] & 0xc0) == 0x80) end--;
  if (end && (unsigned char)to[end - 1] >= 0xc0) to[end - 1] = 0;
}

/* Beyond the room the last one is overwritten: the room is counted by who begins the list. */
TARAZU_UNUSED TARAZU_PRINTF(3, 4) static inline tarazu_fact *fact_add(fact_list *l, double value, const char *name, ...)
{
  uint32_t at = l->count < l->room ? l->count++ : l->room;
  va_list arguments;
  va_start(arguments, name);
  facts_print(l->names[at], FACT_NAME, name, arguments);
  va_end(arguments);
  l->items[at] = (tarazu_fact){.name = l->names[at], .value = value, .error = -1};
  return &l->items[at];
}

/* A fact with a text is read as the text alone. */
TARAZU_UNUSED TARAZU_PRINTF(4, 5) static inline void fact_say(fact_list *l, tarazu_fact *fact, int32_t level,
                                                              const char *format, ...)
{
  char *text = l->texts[fact - l->items];
  va_list arguments;
  va_start(arguments, format);
  facts_print(text, FACT_TEXT, format, arguments);
  va_end(arguments);
  fact->text = text;
  fact->level = level;
}

#endif
