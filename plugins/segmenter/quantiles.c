/* quantiles: groups of as nearly the same number of customers as ties allow, by one value; equal values are never in
 * different groups. */
#include "../shared/order.h"
#include "../shared/segments.h"

enum { GROUPS, NAMES, MISSING };
enum { MOST_GROUPS = 1000 };
static const tarazu_param params[] = {
    {.name = "groups", .kind = TARAZU_INTEGER, .initial = "4", .least = 1, .most = MOST_GROUPS, .help = "how many"},
    {.name = "names",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "one a group, that of the lowest values first; Q1, Q2, … where absent"},
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the segment of customers without the value; null where absent"},
};
static const tarazu_field value[] = {{.name = "value", .type = TARAZU_F64, .help = "what customers are ordered by"}};
static const tarazu_input inputs[] = {
    {.name = "value",
     .bind = "score",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value),
     .help = "what customers are ordered by, the score where nothing is said"},
};
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the customer's group"},
    {.name = "group", .type = TARAZU_I64, .better = 0, .help = "its number, 1 that of the lowest values"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context;
  banded *b = self;
  uint32_t groups = (uint32_t)tarazu_arg(args, GROUPS)->integer;
  const tarazu_value *names = tarazu_arg(args, NAMES), *missing = tarazu_arg(args, MISSING);
  if (names->given && names->count != groups)
    return segments_refuse(error, NAMES, -1, "%u names for %u groups", (unsigned)names->count, (unsigned)groups);
  int good = names->given ? segments_take(&b->segments, names->texts, groups, missing)
                          : segments_make(&b->segments, "Q", groups, missing);
  return good && banded_begin(b, 1) ? TARAZU_OK
                                    : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u groups", (unsigned)groups);
}

static void destroy(void *self)
{
  banded_free(self);
}

/* Group floor(n below / N) + 1, below being the customers of N whose value is less: so cut k is the least value that
 * at least k N / n customers are below. */
static void cut(double *cuts, uint32_t n, const ordered *items, int64_t N)
{
  for (uint32_t k = 1; k < n; k++) {
    int64_t at = (k * N + n - 1) / n;
    while (at > 0 && at < N && !(items[at].value > items[at - 1].value)) at++;
    cuts[k - 1] = at < N ? items[at].value : (double)INFINITY;
  }
}

static void report(banded *b)
{
  uint32_t groups = b->segments.places, filled = b->known != 0;
  banded_tell(b);
  for (uint32_t k = 0; b->known && k + 1 < groups; k++)
    filled += isfinite(b->cuts[k]) && (k + 2 == groups || b->cuts[k + 1] > b->cuts[k]);
  /* the first group is empty only of nobody: at least one customer is below none */
  if (b->known && filled < groups)
    fact_say(&b->facts, fact_add(&b->facts, filled, "groups_filled"), 1,
             "only %u of %u groups hold a customer: equal values stay together", (unsigned)filled, (unsigned)groups);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  banded *b = self;
  int64_t n;
  ordered *items = order_column(spaces[0]->columns[0], spaces[0]->rows, &n);
  if (!items) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)spaces[0]->rows);
  b->known = n > 0;
  cut(b->cuts, b->segments.places, items, n);
  free(items);
  banded_count(b, spaces[0]->columns[0], spaces[0]->rows);
  report(b);
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  tarazu_status status = banded_load(self, bytes, count, error);
  if (!status) report(self);
  return status;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "quantiles",
    .version = "1.0",
    .license = "MIT",
    .summary = "equally large groups by one value, ties kept whole",
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
    .name = "quantiles",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
