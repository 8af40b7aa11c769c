/* One way to use a strategy: parameters as a profile would write them, and which of its inputs are bound. */
#ifndef TARAZU_CONFORM_SETTING_H
#define TARAZU_CONFORM_SETTING_H

#include "catalog/args.h"
#include "conform/dice.h"

enum { MOST_COLUMNS = 64, MOST_INPUTS = 16, MANY_COLUMNS = 4 };

/* What stands at a place of the context's columns. */
typedef struct place_bound {
  const tarazu_input *input;
  const tarazu_field *field;
  uint32_t raw;                         /* column of the input's table */
  const char *values, *valid, *offsets; /* how messages call these buffers */
} place_bound;

typedef struct setting {
  const tarazu_strategy *strategy;
  const char *params; /* YAML, one line */
  args given;
  uint32_t count;
  tarazu_bound *bound;
  place_bound *places;
  uint32_t many; /* columns of the last input, where it takes many */
  int64_t as_of;
} setting;

/* BIND_ONE and more: of the inputs that may be left out that one alone. */
typedef enum bind_choice { BIND_ALL, BIND_NEEDED, BIND_SOME, BIND_ONE } bind_choice;

/* Parameters from the text, or made up: tame 1 keeps defaults, 2 gives optional
 * ones too, 0 gives any. NULL with a line in *why where
 * the text is not what the declaration takes. */
const setting *setting_of(const tarazu_strategy *strategy, const char *params, int binds, dice *d, arena *memory,
                          const char **why);
const char *setting_invent(const tarazu_strategy *strategy, int tame, dice *d, arena *memory);

/* The columns of an input's table: fields that share a name share one. The index of a name, -1: none. */
uint32_t raw_columns(const tarazu_input *input, uint32_t many);
const char *raw_name(const tarazu_input *input, uint32_t raw);
uint32_t raw_type(const tarazu_input *input, uint32_t raw);
/* The type of a field's values as a strategy gets them. */
uint32_t field_gives(const tarazu_field *field);
/* A duration parameter's value in days; negative: it is not given. */
double setting_days(const setting *with, const char *name);

#endif
