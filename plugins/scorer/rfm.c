/* rfm: how recently, how often and for how much a customer bought, each also as a bin from 1 (worst) to `bins` (best)
 * of the customers who bought at all. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { MOST_BINS = 10 };
enum { BINS };
enum { LAST, COUNT, SUM }; /* columns */
enum { RECENCY, FREQUENCY, MONETARY, MEASURES };
enum { SCORE, FIRST_MEASURE, FIRST_BIN = FIRST_MEASURE + MEASURES }; /* outputs */

static const char *const names[MEASURES] = {"recency", "frequency", "monetary"};
static const char *const filled_names[MEASURES] = {"recency_bins_filled", "frequency_bins_filled",
                                                   "monetary_bins_filled"};

static const tarazu_param params[] = {
    {.name = "bins",
     .kind = TARAZU_INTEGER,
     .initial = "5",
     .least = 2,
     .most = MOST_BINS,
     .help = "bins of each measure"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only orders of this long before as_of; all where absent"},
};
static const tarazu_field order_fields[] = {
    {.name = "time",
     .type = TARAZU_TIME,
     .aggregate = TARAZU_MAX,
     .window = "window",
     .help = "when the order was placed"},
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_COUNT, .window = "window", .help = "the orders, counted"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .help = "what the customer paid"},
};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "what the customer bought"},
};
static const tarazu_output outputs[] = {
    {.name = "rfm", .type = TARAZU_F64, .better = 1, .help = "mean of the three bins"},
    {.name = "recency", .type = TARAZU_F64, .better = -1, .unit = "days", .help = "from the last order to as_of"},
    {.name = "frequency", .type = TARAZU_I64, .better = 1, .unit = "orders", .help = "number of orders"},
    {.name = "monetary", .type = TARAZU_F64, .better = 1, .help = "sum of the amounts"},
    {.name = "recency_bin", .type = TARAZU_I64, .better = 1, .help = "bin of recency, the most recent the highest"},
    {.name = "frequency_bin", .type = TARAZU_I64, .better = 1, .help = "bin of frequency"},
    {.name = "monetary_bin", .type = TARAZU_I64, .better = 1, .help = "bin of the sum"},
};

/* Fitted: a customer's bin of a measure is 1 and one more for each cut-off that she reaches. Goodness is more where the
 * measure is better: of recency minus the microseconds since the last order, which a double holds exactly. */
typedef struct model {
  int64_t bins;
  int64_t customers;                    /* with an order */
  double cuts[MEASURES][MOST_BINS - 1]; /* rising goodness; infinity: so many are tied that nobody reaches it */
} model;

enum { MOST_FACTS = 1 + MEASURES * MOST_BINS };

typedef struct rfm {
  const tarazu_host *host;
  int64_t as_of;
  model model;
  tarazu_fact facts[MOST_FACTS];
  char texts[MOST_FACTS][128]; /* their names, or what they say */
  uint32_t fact_count;
} rfm;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  rfm *r = self;
  r->host = context->host;
  r->as_of = context->as_of;
  r->model.bins = tarazu_arg(args, BINS)->integer;
  return TARAZU_OK;
}

static int64_t orders_of(const tarazu_batch *batch, int64_t row)
{
  return ((const int64_t *)batch->columns[COUNT]->values)[row];
}

static double goodness(const rfm *r, const tarazu_batch *batch, int measure, int64_t row)
{
  switch (measure) {
  case RECENCY: return (double)(((const int64_t *)batch->columns[LAST]->values)[row] - r->as_of);
  case FREQUENCY: return (double)orders_of(batch, row);
  default: return ((const double *)batch->columns[SUM]->values)[row];
  }
}

/* As people read it: recency in days. */
static double in_unit(int measure, double good)
{
  return measure == RECENCY ? (0 - good) / MICROSECONDS_PER_DAY : good;
}

/* ---- telling ---- */

static tarazu_fact *tell(rfm *r, double value)
{
  tarazu_fact *fact = &r->facts[r->fact_count];
  *fact = (tarazu_fact){.name = r->texts[r->fact_count], .value = value, .error = -1};
  r->fact_count++;
  return fact;
}

static void report_measure(rfm *r, int measure)
{
  const model *m = &r->model;
  int64_t filled = 1;
  for (int64_t k = 0; k < m->bins - 1; k++) {
    double reached = m->cuts[measure][k];
    if (isinf(reached)) continue;
    filled += k == 0 || reached > m->cuts[measure][k - 1];
    char *name = r->texts[r->fact_count];
    tell(r, in_unit(measure, reached));
    snprintf(name, sizeof r->texts[0], "%s_cut_%lld", names[measure], (long long)k + 2);
  }
  if (filled == m->bins) return;
  char *text = r->texts[r->fact_count];
  tarazu_fact *fact = tell(r, (double)filled);
  snprintf(text, sizeof r->texts[0], "only %lld of %lld bins of %s hold a customer: equal ones stay together",
           (long long)filled, (long long)m->bins, names[measure]);
  *fact = (tarazu_fact){.name = filled_names[measure], .text = text, .value = (double)filled, .error = -1, .level = 1};
}

static void report(rfm *r)
{
  r->fact_count = 0;
  tarazu_fact *customers = tell(r, (double)r->model.customers);
  customers->name = "customers";
  if (!r->model.customers) {
    customers->text = "no customer has an order";
    customers->level = 1;
    return;
  }
  for (int m = 0; m < MEASURES; m++) report_measure(r, m);
}

/* ---- fitting ---- */

/* A whole number for each double, in the same order. */
static uint64_t sortable(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double unsortable(uint64_t bits)
{
  double value;
  bits = bits >> 63 ? bits & ~(UINT64_C(1) << 63) : ~bits;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Sorts count keys byte by byte from the lowest (radix sort), with room for as many; gives where they ended up. */
static uint64_t *sort(uint64_t *keys, uint64_t *room, int64_t count)
{
  for (int shift = 0; shift < 64; shift += 8) {
    int64_t place[257] = {0};
    for (int64_t i = 0; i < count; i++) place[((keys[i] >> shift) & 255) + 1]++;
    if (place[((keys[0] >> shift) & 255) + 1] == count) continue;
    for (int b = 0; b < 256; b++) place[b + 1] += place[b];
    for (int64_t i = 0; i < count; i++) room[place[(keys[i] >> shift) & 255]++] = keys[i];
    uint64_t *other = keys;
    keys = room;
    room = other;
  }
  return keys;
}

/* Cut-off k of bins - 1 is the smallest value than which at least k/bins of the customers are worse. */
static void cut(const uint64_t *sorted, int64_t count, int64_t bins, double *cuts)
{
  for (int64_t k = 1; k < bins; k++) {
    int64_t at = (k * count + bins - 1) / bins;
    while (at < count && unsortable(sorted[at]) <= unsortable(sorted[at - 1])) at++;
    cuts[k - 1] = at < count ? unsortable(sorted[at]) : (double)INFINITY;
  }
}

typedef struct fitting {
  rfm *r;
  const tarazu_batch *customers;
  int failed[MEASURES];
} fitting;

static void fit_measure(void *argument, int64_t measure)
{
  fitting *f = argument;
  model *m = &f->r->model;
  uint64_t *keys = malloc((size_t)m->customers * 2 * sizeof *keys);
  if (!keys) {
    f->failed[measure] = 1;
    return;
  }
  int64_t count = 0;
  for (int64_t i = 0; i < f->customers->rows; i++)
    if (orders_of(f->customers, i)) keys[count++] = sortable(goodness(f->r, f->customers, (int)measure, i));
  cut(sort(keys, keys + count, count), count, m->bins, m->cuts[measure]);
  free(keys);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  rfm *r = self;
  fitting f = {.r = r, .customers = spaces[0]}; /* there is no other space */
  (void)count;
  r->model.customers = 0;
  for (int64_t i = 0; i < f.customers->rows; i++) r->model.customers += orders_of(f.customers, i) > 0;
  if (!r->host->progress(r->host, 0)) return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
  for (int m = 0; m < MEASURES; m++)
    for (int k = 0; k < MOST_BINS - 1; k++) r->model.cuts[m][k] = INFINITY;
  if (r->model.customers) r->host->parallel(r->host, MEASURES, fit_measure, &f);
  for (int m = 0; m < MEASURES; m++)
    if (f.failed[m])
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld customers", (long long)r->model.customers);
  report(r);
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const rfm *r = self;
  if (!writer->write(writer, &r->model, sizeof r->model))
    return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  rfm *r = self;
  int64_t bins = r->model.bins;
  if (count != sizeof r->model)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&r->model, bytes, count);
  if (r->model.bins == bins) {
    report(r);
    return TARAZU_OK;
  }
  error->param = BINS;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model has %lld bins, not %lld", (long long)r->model.bins,
                     (long long)bins);
}

/* ---- scoring ---- */

static int64_t bin(const model *m, int measure, double good)
{
  int64_t number = 1;
  while (number < m->bins && good >= m->cuts[measure][number - 1]) number++;
  return number;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const rfm *r = self;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!orders_of(batch, i)) {
      for (int o = 0; o < FIRST_BIN + MEASURES; o++)
        if (results[o]) tarazu_set_null(results[o], i);
      continue;
    }
    int64_t bins = 0;
    for (int m = 0; m < MEASURES; m++) {
      double good = goodness(r, batch, m, i);
      int64_t number = bin(&r->model, m, good);
      const tarazu_result *measure = results[FIRST_MEASURE + m], *its_bin = results[FIRST_BIN + m];
      if (measure && m == FREQUENCY) ((int64_t *)measure->values)[i] = orders_of(batch, i);
      else if (measure) ((double *)measure->values)[i] = in_unit(m, good);
      if (its_bin) ((int64_t *)its_bin->values)[i] = number;
      bins += number;
    }
    ((double *)results[SCORE]->values)[i] = (double)bins / MEASURES;
  }
  return TARAZU_OK;
}

/* ---- explaining ---- */

static tarazu_list facts(const void *self)
{
  const rfm *r = self;
  return (tarazu_list){r->facts, r->fact_count, sizeof r->facts[0]};
}

/* One measure's line: its value, its bin, and what the next better bin takes. */
static int reason(const rfm *r, int measure, double good, char *line, size_t room)
{
  static const char *const units[2][MEASURES] = {{"days since the last order", "orders", "in all"},
                                                 {"day since the last order", "order", "in all"}};
  const model *m = &r->model;
  int64_t number = bin(m, measure, good);
  double next = number < m->bins ? m->cuts[measure][number - 1] : (double)INFINITY;
  int length = snprintf(line, room, "%s: %.6g %s, bin %lld of %lld", names[measure], in_unit(measure, good),
                        units[in_unit(measure, good) == 1][measure], (long long)number, (long long)m->bins);
  if (isinf(next)) return length + snprintf(line + length, room - (size_t)length, "\n");
  return length + snprintf(line + length, room - (size_t)length, "; a better one at %.6g\n", in_unit(measure, next));
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const rfm *r = self;
  char line[256];
  for (int m = 0; m < MEASURES; m++) {
    int length = orders_of(row, 0) ? reason(r, m, goodness(r, row, m, 0), line, sizeof line)
                                   : snprintf(line, sizeof line, "no order\n");
    if (!writer->write(writer, line, (size_t)length))
      return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
    if (!orders_of(row, 0)) return TARAZU_OK;
  }
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

/* ---- strategy ---- */

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "rfm",
    .version = "1.0",
    .summary = "recency, frequency and monetary value, with their quantile bins",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(rfm),
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
    .name = "rfm",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
