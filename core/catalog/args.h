/* A profile's `params:` checked against a strategy's declaration and turned into the values it is created with. */
#ifndef TARAZU_CATALOG_ARGS_H
#define TARAZU_CATALOG_ARGS_H

#include "config/yaml.h"
#include <tarazu/plugin.h>

typedef struct args {
  tarazu_args args;   /* for create; lives in the arena */
  const node **nodes; /* one a parameter: where the profile gives it, NULL: default; for places in messages */
  node *params;       /* the whole map, or NULL */
} args;

/* What a TARAZU_COLUMN parameter's name stands for: the index into the context's columns, -1: none (adds no problem).
 */
typedef int32_t args_column(void *argument, const char *name);

/* params: the map or NULL. subject names its owner in messages: "criterion 'word_of_mouth'". zone: for dates. 1, or 0
 * with problems. With defaults, ranges, choices, unknown and missing parameters, records and their fields. */
int args_read(const tarazu_strategy *strategy, node *params, place where, const char *subject, const void *zone,
              args_column *column, void *argument, arena *arena, problems *problems, args *out);
/* The place of what an error of create is about. */
place args_place(const args *args, const tarazu_error *error, place otherwise);
/* As JSON, with the defaults and in the order of the declaration: however a profile writes them, the same text. */
void args_write(const tarazu_list *declared, const tarazu_args *given, text *out);

#endif
