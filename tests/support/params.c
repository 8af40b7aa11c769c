#include "support/params.h"

#include <stdio.h>
#include <string.h>

#include "catalog/args.h"

struct params {
  arena *arena;
  args args;
};

params *params_read(const tarazu_strategy *strategy, const char *yaml,
                    int32_t (*column)(void *argument, const char *name), void *argument, char *message, size_t size)
{
  arena *memory = arena_new();
  problems *faults = problems_new();
  params *p = arena_alloc(memory, sizeof *p);
  text told = {0};
  p->arena = memory;
  node *map = yaml_parse("params", yaml, strlen(yaml), memory, faults);
  int good = map && args_read(strategy, map, NOWHERE, strategy->id, NULL, column, argument, memory, faults, &p->args);
  problems_print(faults, &told, 0);
  snprintf(message, size, "%s", text_string(&told));
  text_free(&told);
  problems_free(faults);
  if (good) return p;
  arena_free(memory);
  return NULL;
}

const tarazu_args *params_args(const params *p)
{
  return &p->args.args;
}

void params_free(params *p)
{
  if (p) arena_free(p->arena);
}
