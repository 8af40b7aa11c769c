/* @NAME@: a criterion weighs what the profile says, times the share of the customers of whom it is known. */
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "a criterion"}};
static const tarazu_input inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(fields),
     .help = "the criteria to weigh"},
};

enum { MOST_CRITERIA = 256 };

typedef struct weigher {
  const tarazu_context *context;
  double known[MOST_CRITERIA]; /* shares */
} weigher;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  ((weigher *)self)->context = context;
  if (context->columns.count <= MOST_CRITERIA) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, @NAME@ takes %d", (unsigned)context->columns.count,
                     MOST_CRITERIA);
}

/* Whole columns, one a criterion. The share is Laplace's (1814), which is never 0: (known + 1) / (customers + 2). */
static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count, (void)error;
  const tarazu_batch *customers = spaces[0];
  for (uint32_t c = 0; c < customers->column_count; c++) {
    int64_t known = 0;
    for (int64_t i = 0; i < customers->rows; i++) known += tarazu_is_valid(customers->columns[c], i);
    ((weigher *)self)->known[c] = (double)(known + 1) / (double)(customers->rows + 2);
  }
  return TARAZU_OK;
}

/* They need not add up to 1. */
static tarazu_status weights(const void *self, double *weights, uint32_t count, tarazu_error *error)
{
  (void)error;
  const weigher *w = self;
  for (uint32_t c = 0; c < count; c++) weights[c] = tarazu_bound_at(w->context, c)->weight * w->known[c];
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "@NAME@",
    .version = "1.0",
    .license = "MIT",
    .summary = "criteria that are known of more customers weigh more",
    .inputs = TARAZU_LIST(inputs),
    .self_size = sizeof(weigher),
    .create = create,
    .fit = fit,
    .weights = weights,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "@NAME@",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
