/* @NAME@: what one order of a customer is worth on average; not known of who ordered too seldom. */
#include <tarazu/plugin.h>

enum { WINDOW, LEAST_ORDERS }; /* parameters, as declared */
static const tarazu_param params[] = {
    {.name = "window", .kind = TARAZU_DURATION, .initial = "52 weeks", .least = 1, .most = 36525, .help = "how far back"},
    {.name = "least_orders", .kind = TARAZU_INTEGER, .initial = "2", .least = 1, .most = 1e6, .help = "or not known"}};

enum { ORDERS, MEAN }; /* columns of a batch, one value a customer: tarazu makes them of her rows */
static const tarazu_field fields[] = {
    {.name = "amount", .type = TARAZU_F64, .aggregate = TARAZU_COUNT, .window = "window", .help = "an order's worth"},
    {.name = "amount", .type = TARAZU_F64, .aggregate = TARAZU_MEAN, .window = "window", .help = "an order's worth"}};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(fields), .help = "what customers ordered"}};
static const tarazu_output outputs[] = {
    {.name = "worth", .type = TARAZU_F64, .better = 1, .help = "the mean of the orders' amounts"}};

typedef struct scorer {
  int64_t least_orders;
} scorer;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context, (void)error;
  ((scorer *)self)->least_orders = tarazu_arg(args, LEAST_ORDERS)->integer;
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const int64_t *orders = batch->columns[ORDERS]->values;
  const double *mean = batch->columns[MEAN]->values;
  double *worth = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    int known = tarazu_is_valid(batch->columns[MEAN], i) && orders[i] >= ((const scorer *)self)->least_orders;
    if (known) worth[i] = mean[i];
    else tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy, .role = TARAZU_SCORER, .id = "@NAME@", .version = "1.0", .license = "MIT",
    .summary = "what one order is worth on average", .params = TARAZU_LIST(params), .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs), .self_size = sizeof(scorer), .create = create, .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "@NAME@", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};
