/* thresholds: bands of one value between given cut points, each with a name. */
#include "../shared/segments.h"

enum { CUTS, NAMES, ON_CUT, MISSING };
enum { ABOVE, BELOW }; /* choices of on_cut */
static const char *const sides[] = {"above", "below", NULL};
static const tarazu_param params[] = {
    {.name = "cuts", .kind = TARAZU_REALS, .help = "where a band ends, in the value's unit, ascending"},
    {.name = "names",
     .kind = TARAZU_STRINGS,
     .help = "one more than cuts, that of the lowest values first; bands with the same name are one segment"},
    {.name = "on_cut",
     .kind = TARAZU_CHOICE,
     .initial = "above",
     .choices = sides,
     .help = "which band a value that equals a cut belongs to, the one above the cut or the one below"},
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the segment of customers without the value; null where absent"},
};
static const tarazu_field value[] = {{.name = "value", .type = TARAZU_F64, .help = "what is compared with the cuts"}};
static const tarazu_input inputs[] = {
    {.name = "value",
     .bind = "score",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value),
     .help = "what is compared with the cuts, the score where nothing is said"},
};
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the name of the customer's band"},
    {.name = "band", .type = TARAZU_I64, .better = 0, .help = "its number, 1 that of the lowest values"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context;
  banded *b = self;
  const tarazu_value *cuts = tarazu_arg(args, CUTS), *names = tarazu_arg(args, NAMES);
  int32_t fallen = segments_fallen(cuts->reals, cuts->count);
  if (fallen >= 0)
    return segments_refuse(error, CUTS, fallen, "cuts must ascend, %g does not after %g", cuts->reals[fallen],
                           cuts->reals[fallen - 1]);
  if (names->count != cuts->count + 1)
    return segments_refuse(error, NAMES, -1, "%u names for %u bands: one more than cuts", (unsigned)names->count,
                           (unsigned)cuts->count + 1);
  if (!segments_take(&b->segments, names->texts, names->count, tarazu_arg(args, MISSING)) || !banded_begin(b, 0))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u bands", (unsigned)names->count);
  if (cuts->count) memcpy(b->cuts, cuts->reals, cuts->count * sizeof *b->cuts);
  b->belongs_below = tarazu_arg(args, ON_CUT)->integer == BELOW;
  b->known = 1;
  return TARAZU_OK;
}

static void destroy(void *self)
{
  banded_free(self);
}

/* What is learned is only what is told: how many are in each band. */
static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count, (void)error;
  banded_count(self, spaces[0]->columns[0], spaces[0]->rows);
  banded_tell(self);
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  tarazu_status status = banded_load(self, bytes, count, error);
  if (!status) banded_tell(self);
  return status;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "thresholds",
    .version = "1.0",
    .license = "MIT",
    .summary = "bands of one value between given cut points",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(banded),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = banded_save,
    .load = load,
    .apply = banded_apply,
    .labels = banded_labels,
    .facts = banded_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "thresholds",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
