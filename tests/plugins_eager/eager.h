/* What the eager plugins share: a scorer that knows nothing of anybody. */
#ifndef TARAZU_TESTS_EAGER_H
#define TARAZU_TESTS_EAGER_H

#include <tarazu/plugin.h>

static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "nothing"}};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) tarazu_set_null(results[0], i);
  return TARAZU_OK;
}

#define EAGER(called)                                                            \
  static const tarazu_strategy strategy = {.size = sizeof strategy,              \
                                           .role = TARAZU_SCORER,                \
                                           .id = called,                         \
                                           .version = "1.0",                     \
                                           .license = "MIT",                     \
                                           .summary = "acts while it is loaded", \
                                           .outputs = TARAZU_LIST(outputs),      \
                                           .apply = apply};                      \
  const tarazu_plugin tarazu_plugin_v1 = {.size = sizeof tarazu_plugin_v1,       \
                                          .name = called,                        \
                                          .strategies = (const tarazu_strategy *const[]){&strategy, NULL}}

#endif
