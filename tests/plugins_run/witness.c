/* A scorer that tells what reached it: of each customer the earliest and latest date among her events, and how many. */
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {{.name = "time", .type = TARAZU_TIME, .help = "when it was"}};
static const tarazu_input inputs[] = {
    {.name = "events", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(fields), .help = "whatever has happened"}};
static const tarazu_output outputs[] = {
    {.name = "latest", .type = TARAZU_F64, .better = 1, .unit = "us", .help = "null where there is no event"},
    {.name = "earliest", .type = TARAZU_F64, .better = 1, .unit = "us", .help = "null where there is no event"},
    {.name = "events", .type = TARAZU_I64, .better = 1, .help = "how many"},
};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const tarazu_column *time = batch->columns[0];
  const int64_t *times = time->values;
  (void)self, (void)error;
  for (int64_t row = 0; row < batch->rows; row++) {
    int64_t first = time->offsets[row], end = time->offsets[row + 1];
    for (int k = 0; k < 2; k++) {
      if (!results[k]) continue;
      if (first == end) tarazu_set_null(results[k], row);
      else ((double *)results[k]->values)[row] = (double)times[k ? first : end - 1];
    }
    if (results[2]) ((int64_t *)results[2]->values)[row] = end - first;
  }
  return TARAZU_OK;
}

static const tarazu_strategy witness = {.size = sizeof witness,
                                        .role = TARAZU_SCORER,
                                        .id = "witness",
                                        .version = "1.0",
                                        .license = "MIT",
                                        .summary = "tells which dates reached it",
                                        .inputs = TARAZU_LIST(inputs),
                                        .outputs = TARAZU_LIST(outputs),
                                        .apply = apply};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "witness",
    .strategies = (const tarazu_strategy *const[]){&witness, NULL},
};
