/* Sound, though it refuses in apply, in words, what it cannot score: what is returned of nothing, or more than all. */
#include <tarazu/plugin.h>

static const tarazu_param params[] = {{.name = "window",
                                       .kind = TARAZU_DURATION,
                                       .initial = "52 weeks",
                                       .least = 1,
                                       .most = 36525,
                                       .help = "how far back"}};
static const tarazu_field fields[] = {
    {.name = "all", .type = TARAZU_F64, .aggregate = TARAZU_SUM, .window = "window", .help = "ordered"},
    {.name = "back", .type = TARAZU_F64, .aggregate = TARAZU_SUM, .window = "window", .help = "returned"}};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(fields), .help = "orders"}};
static const tarazu_output outputs[] = {{.name = "kept", .type = TARAZU_F64, .better = 1, .help = "what was kept"}};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const double *all = batch->columns[0]->values, *back = batch->columns[1]->values;
  double *kept = results[0]->values;
  (void)self;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(batch->columns[0], i) || !tarazu_is_valid(batch->columns[1], i))
      tarazu_set_null(results[0], i);
    else if (back[i] < 0 || back[i] > all[i]) return tarazu_fail(error, TARAZU_BAD_DATA, "%g of %g", back[i], all[i]);
    else kept[i] = all[i] > 0 ? 1 - back[i] / all[i] : 1;
  }
  return TARAZU_OK;
}

static const tarazu_strategy refuses = {.size = sizeof refuses,
                                        .role = TARAZU_SCORER,
                                        .id = "refuses",
                                        .version = "1.0",
                                        .license = "MIT",
                                        .summary = "what was kept of all",
                                        .params = TARAZU_LIST(params),
                                        .inputs = TARAZU_LIST(inputs),
                                        .outputs = TARAZU_LIST(outputs),
                                        .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "refuses", .strategies = (const tarazu_strategy *const[]){&refuses, NULL}};
