/* A scorer whose file changes while it is loaded, where TARAZU_TEST_TOUCH is set: as if another were put in its place.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <tarazu/plugin.h>

static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "nothing"}};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) tarazu_set_null(results[0], i);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "touchy",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "no score for anybody",
                                         .outputs = TARAZU_LIST(outputs),
                                         .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "touchy", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};

__attribute__((constructor)) static void touch(void)
{
  Dl_info here;
  if (getenv("TARAZU_TEST_TOUCH") && dladdr(&strategy, &here)) (void)!chmod(here.dli_fname, 0700);
}
