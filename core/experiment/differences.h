/* Which settings of two runs differ, key by key, as --set names them. */
#ifndef TARAZU_EXPERIMENT_DIFFERENCES_H
#define TARAZU_EXPERIMENT_DIFFERENCES_H

#include "base/arena.h"
#include <stdint.h>

typedef struct setting_difference {
  const char *key;   /* "criteria.margin.weight" */
  const char *at[2]; /* JSON; NULL: not there */
} setting_difference;

/* Of two texts of settings in JSON (NULL: none), in the order of the first, then of the second; weighing: only those
 * that can change a score. */
void settings_differences(const char *const settings[2], int weighing, arena *arena, setting_difference **out,
                          uint32_t *count);

#endif
