/* concentration: how narrow a customer's purchases are: the Herfindahl-Hirschman index over product categories, what
 * number of equal categories it amounts to, and the entropy of their shares. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { WINDOW };
enum { TIME, CATEGORY, AMOUNT }; /* columns */
enum { SCORE, INDEX, EFFECTIVE, ENTROPY, CATEGORIES };

static const tarazu_param params[] = {
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only orders of this long before as_of; all where absent"},
};
static const tarazu_field order_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .when = "window", .help = "when the order was placed"},
    {.name = "category", .type = TARAZU_TEXT, .help = "what kind of product it was of"},
    {.name = "amount",
     .type = TARAZU_F64,
     .optional = 1,
     .help = "what the customer paid; negative for a return; orders are counted where not bound"},
};
static const tarazu_input inputs[] = {
    {.name = "orders",
     .shape = TARAZU_EVENTS,
     .fields = TARAZU_LIST(order_fields),
     .help = "what the customer bought, by category"},
};
static const tarazu_output outputs[] = {
    {.name = "concentration",
     .type = TARAZU_F64,
     .better = -1,
     .help = "from 0, bought evenly of every category that there is, to 1, of one"},
    {.name = "index", .type = TARAZU_F64, .better = -1, .help = "Herfindahl-Hirschman index: sum of squared shares"},
    {.name = "effective_categories",
     .type = TARAZU_F64,
     .better = 1,
     .unit = "categories",
     .help = "equal categories that give the same index"},
    {.name = "entropy", .type = TARAZU_F64, .better = 1, .help = "Shannon's, from 0, one category, to 1, all evenly"},
    {.name = "categories", .type = TARAZU_I64, .better = 1, .unit = "categories", .help = "bought of"},
};

/* Fitted. */
typedef struct model {
  int64_t categories; /* that anybody's known purchases are of */
  int64_t customers;  /* who have one */
  int64_t unknown;    /* orders without a category or an amount */
} model;

typedef struct concentration {
  int64_t since; /* orders at this moment or before do not count */
  int has_window, has_amount;
  model model;
  tarazu_fact facts[4];
  uint32_t fact_count;
} concentration;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  concentration *c = self;
  const tarazu_value *window = tarazu_arg(args, WINDOW);
  c->has_window = (int)window->given;
  if (window->given) c->since = context->as_of - (int64_t)llround(window->real * MICROSECONDS_PER_DAY);
  c->has_amount = tarazu_bound_at(context, AMOUNT)->type != 0;
  return TARAZU_OK;
}

/* ---- one customer ---- */

typedef struct purchase {
  int32_t category;
  int64_t order; /* its place among the customer's */
  double amount;
} purchase;

static int by_category(const void *a, const void *b)
{
  const purchase *p = a, *q = b;
  if (p->category != q->category) return p->category < q->category ? -1 : 1;
  return (p->order > q->order) - (p->order < q->order);
}

static int by_amount(const void *a, const void *b)
{
  const purchase *p = a, *q = b;
  return (p->amount > q->amount) - (p->amount < q->amount);
}

/* The customer's known purchases, in *count; unknown counts the others. */
static void gather(const concentration *c, const tarazu_batch *batch, int64_t row, purchase *to, int64_t *count,
                   int64_t *unknown)
{
  const tarazu_column *categories = batch->columns[CATEGORY], *amounts = c->has_amount ? batch->columns[AMOUNT] : NULL;
  const int64_t *time = c->has_window ? (const int64_t *)batch->columns[TIME]->values : NULL;
  *count = 0;
  for (int64_t i = categories->offsets[row]; i < categories->offsets[row + 1]; i++) {
    if (time && time[i] <= c->since) continue;
    if (!tarazu_is_valid(categories, i) || (amounts && !tarazu_is_valid(amounts, i))) {
      ++*unknown;
      continue;
    }
    to[*count] =
        (purchase){((const int32_t *)categories->values)[i], i, amounts ? ((const double *)amounts->values)[i] : 1};
    ++*count;
  }
}

/* Sums by category, those above 0 kept: what was returned was not bought. Their order is then by amount, since codes
 * are of this run and must not show in the last digit. 0: a sum is beyond a double. */
static int sum_up(purchase *p, int64_t *count)
{
  int64_t kept = 0;
  qsort(p, (size_t)*count, sizeof *p, by_category);
  for (int64_t i = 0; i < *count;) {
    purchase sum = p[i++];
    while (i < *count && p[i].category == sum.category) sum.amount += p[i++].amount;
    if (!isfinite(sum.amount)) return 0;
    if (sum.amount > 0) p[kept++] = sum;
  }
  *count = kept;
  qsort(p, (size_t)kept, sizeof *p, by_amount);
  return 1;
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

static tarazu_status purchases(const concentration *c, const tarazu_batch *batch, int64_t row, purchase *to,
                               int64_t *count, int64_t *unknown, tarazu_error *error)
{
  gather(c, batch, row, to, count, unknown);
  if (sum_up(to, count)) return TARAZU_OK;
  error->row = row_number(batch, row);
  return tarazu_fail(error, TARAZU_NUMERIC, "the sum of a category's amounts is beyond what a double holds");
}

/* Room for the orders of the batch's busiest customer. NULL: no memory. */
static purchase *make_room(const tarazu_batch *batch)
{
  const int64_t *offsets = batch->columns[CATEGORY]->offsets;
  int64_t most = 0;
  for (int64_t i = 0; i < batch->rows; i++)
    if (offsets[i + 1] - offsets[i] > most) most = offsets[i + 1] - offsets[i];
  return malloc(((size_t)most + 1) * sizeof(purchase));
}

/* ---- fitting ---- */

static void report(concentration *c)
{
  c->fact_count = 0;
  c->facts[c->fact_count++] = (tarazu_fact){.name = "categories", .value = (double)c->model.categories, .error = -1};
  c->facts[c->fact_count++] = (tarazu_fact){.name = "customers", .value = (double)c->model.customers, .error = -1};
  if (c->model.unknown)
    c->facts[c->fact_count++] = (tarazu_fact){
        .name = "orders_without_category_or_amount", .value = (double)c->model.unknown, .error = -1, .level = 1};
  if (c->model.categories > 1) return;
  c->facts[0].level = 1;
  c->facts[0].text = c->model.categories ? "there is just one category: nobody can be broad, concentration is null"
                                         : "nobody bought anything of a known category";
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  concentration *c = self;
  const tarazu_batch *all = spaces[0]; /* there is no other space */
  const tarazu_dictionary *dictionary = all->columns[CATEGORY]->dictionary;
  uint8_t *seen = calloc((dictionary ? dictionary->count : 0) + 1u, 1);
  purchase *p = make_room(all);
  tarazu_status status = TARAZU_OK;
  (void)count;
  c->model = (model){0};
  if (!seen || !p) status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the categories");
  for (int64_t i = 0; !status && i < all->rows; i++) {
    int64_t n;
    status = purchases(c, all, i, p, &n, &c->model.unknown, error);
    if (status) break;
    c->model.customers += n > 0;
    for (int64_t k = 0; k < n; k++) {
      c->model.categories += !seen[p[k].category];
      seen[p[k].category] = 1;
    }
  }
  free(seen);
  free(p);
  report(c);
  return status;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const concentration *c = self;
  if (!writer->write(writer, &c->model, sizeof c->model))
    return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  concentration *c = self;
  if (count != sizeof c->model)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&c->model, bytes, count);
  if (c->model.categories < 0) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  report(c);
  return TARAZU_OK;
}

/* ---- scoring ---- */

typedef struct breadth {
  double index, entropy;
} breadth;

/* Amounts are divided by the largest first, so that no sum overflows and no square vanishes. */
static breadth measure(const purchase *p, int64_t count)
{
  breadth b = {0};
  double total = 0;
  for (int64_t i = 0; i < count; i++) total += p[i].amount / p[count - 1].amount;
  for (int64_t i = 0; i < count; i++) {
    double share = p[i].amount / p[count - 1].amount / total;
    b.index += share * share;
    if (share > 0) b.entropy -= share * log(share);
  }
  b.index = fmin(b.index, 1);
  return b;
}

static void put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

/* 0 for even purchases of all K categories there are, 1 for those of one. */
static double normalized(double index, double most)
{
  return fmin(fmax((index - 1 / most) / (1 - 1 / most), 0), 1);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const concentration *c = self;
  double most = (double)c->model.categories;
  purchase *p = make_room(batch);
  tarazu_status status = TARAZU_OK;
  if (!p) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a customer's orders");
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t n, unknown = 0;
    status = purchases(c, batch, i, p, &n, &unknown, error);
    if (status) break;
    breadth b = measure(p, n);
    put(results[SCORE], i, n && most > 1, normalized(b.index, most));
    put(results[INDEX], i, n > 0, b.index);
    put(results[EFFECTIVE], i, n > 0, 1 / b.index);
    put(results[ENTROPY], i, n && most > 1, fmin(b.entropy / log(most), 1));
    if (results[CATEGORIES]) ((int64_t *)results[CATEGORIES]->values)[i] = n;
  }
  free(p);
  return status;
}

static tarazu_list facts(const void *self)
{
  const concentration *c = self;
  return (tarazu_list){c->facts, c->fact_count, sizeof c->facts[0]};
}

/* ---- explaining ---- */

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  char line[300];
  int64_t n, unknown = 0;
  purchase *p = make_room(row);
  if (!p) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a customer's orders");
  tarazu_status status = purchases(self, row, 0, p, &n, &unknown, error);
  int length = 0;
  if (!status && n)
    length = snprintf(line, sizeof line, "bought of %lld categories, as of %.3g equal ones\n", (long long)n,
                      1 / measure(p, n).index);
  else length = snprintf(line, sizeof line, "bought nothing of a known category\n");
  free(p);
  if (status) return status;
  if (!writer->write(writer, line, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "concentration",
    .version = "1.0",
    .summary = "how narrow a customer's purchases are: Herfindahl-Hirschman index over categories",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(concentration),
    .create = create,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "concentration",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
