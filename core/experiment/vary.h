/* The variants of an experiment: every combination, or a sample, of the values that its settings are varied over. */
#ifndef TARAZU_EXPERIMENT_VARY_H
#define TARAZU_EXPERIMENT_VARY_H

#include "experiment/file.h"

enum { VARY_MOST = 10000, VARY_MOST_KNOBS = 64 };

/* A setting as --set names it, with its value and where the experiment's file has it. */
typedef struct setting {
  const char *key;
  place place;
  const node *value;
} setting;

/* One of the values of a knob: of a labelled alternative several settings, otherwise one. */
typedef struct vary_level {
  const char *words; /* for people: "vikor (v 0.5)" */
  double number;     /* NAN: it is none */
  setting *settings;
  uint32_t count;
} vary_level;

/* What is varied: a setting, or the name of labelled alternatives. */
typedef struct vary_knob {
  const char *name;  /* "criteria.margin.weight" */
  const char *label; /* as short as tells it from the others: "margin.weight" */
  place place;
  vary_level *levels;
  uint32_t level_count; /* 0: numbers are drawn between from and to */
  double from, to;
  int logarithmic, whole;
  const char *unit; /* behind the numbers: "%", " weeks", "" */
  place value_place;
} vary_knob;

typedef struct variant {
  const char *label; /* "margin.weight=2, combine=topsis"; where nothing is varied "as it is" */
  vary_level *of;    /* by knob */
} variant;

typedef struct variants {
  vary_knob *knobs;
  uint32_t knob_count;
  variant *items; /* the first knob's values change slowest */
  int64_t count;
} variants;

/* From the sections `vary` and `sample` of an experiment without faults so far. The same file gives the same variants.
 * 1, or 0 with problems. */
int vary_find(const experiment *of, arena *arena, problems *problems, variants *out);

/* A copy of a profile's tree with `set` laid over it, and one with a variant's settings. NULL: problems. */
node *vary_set(const experiment *of, const node *root, arena *arena, problems *problems);
node *vary_lay(const variants *all, const variant *one, const node *root, arena *arena, problems *problems);

#endif
