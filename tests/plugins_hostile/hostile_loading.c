/* hostile_loading.c: a constructor that reaches for files while the plugin is being loaded.
 * What it could reach is its score. */
#include <fcntl.h>
#include <tarazu/plugin.h>
#include <unistd.h>

static double reached;

__attribute__((constructor)) static void reach(void)
{
  if (open("/etc/passwd", O_RDONLY) >= 0) reached += 1;
  if (access("/etc/passwd", R_OK) == 0) reached += 2;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = reached;
  return TARAZU_OK;
}

static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "not looked at"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "not looked at"}};
static const tarazu_output outputs[] = {
    {.name = "reached", .type = TARAZU_F64, .better = 1, .help = "what it reached"}};
static const tarazu_strategy scorer = {.size = sizeof scorer,
                                       .role = TARAZU_SCORER,
                                       .id = "hostile_loading",
                                       .version = "1.0",
                                       .license = "MIT",
                                       .summary = "reaches for files while it is loaded",
                                       .inputs = TARAZU_LIST(inputs),
                                       .outputs = TARAZU_LIST(outputs),
                                       .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {.size = sizeof tarazu_plugin_v1,
                                        .name = "hostile_loading",
                                        .strategies = (const tarazu_strategy *const[]){&scorer, NULL}};
