/* A strategy's parameters for a test, out of the YAML text that a profile would hold. */
#ifndef TESTS_SUPPORT_PARAMS_H
#define TESTS_SUPPORT_PARAMS_H

#include <stddef.h>
#include <stdint.h>
#include <tarazu/plugin.h>

typedef struct params params;

/* NULL, with the reason in message, where the text is not what the strategy declares. column: the index of the column
 * that a TARAZU_COLUMN parameter names, -1: none. */
params *params_read(const tarazu_strategy *strategy, const char *yaml,
                    int32_t (*column)(void *argument, const char *name), void *argument, char *message, size_t size);
const tarazu_args *params_args(const params *params);
void params_free(params *params); /* NULL is fine */

#endif
