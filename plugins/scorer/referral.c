/* referral: what the customers are worth whom a customer brought, those whom they brought in turn, and so on, each
 * further level counting less. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <tarazu/plugin.h>

enum { LEVELS, DECAY };

static const tarazu_param params[] = {
    {.name = "levels",
     .kind = TARAZU_INTEGER,
     .initial = "3",
     .least = 1,
     .most = 10,
     .help = "1: only those brought directly; 2: also those they brought; and so on"},
    {.name = "decay",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "what each further level counts of the level before"},
};

enum { FROM, TO, VALUE }; /* columns */

static const tarazu_field referral_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "the referrer"},
    {.name = "to", .type = TARAZU_ROW, .help = "the referred"},
};
static const tarazu_field value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what a referred customer is worth"},
};
static const tarazu_input inputs[] = {
    {.name = "referrals", .shape = TARAZU_EDGES, .fields = TARAZU_LIST(referral_fields), .help = "who brought whom"},
    {.name = "value",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value_fields),
     .help = "what a customer is worth: another criterion, or a column"},
};
static const tarazu_output outputs[] = {
    {.name = "value",
     .type = TARAZU_F64,
     .better = 1,
     .help = "in the unit of the input; 0 for one who brought nobody"},
    {.name = "referred", .type = TARAZU_I64, .better = 1, .unit = "customers", .help = "brought directly"},
    {.name = "reached", .type = TARAZU_I64, .better = 1, .unit = "customers", .help = "brought within all levels"},
};

enum { MOST_FACTS = 6 };

typedef struct referral {
  const tarazu_host *host;
  int64_t levels;
  double decay;
  int64_t rows;
  double *value; /* fitted, one a customer, as the next two */
  int64_t *referred;
  int64_t *reached;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} referral;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  referral *r = self;
  r->host = context->host;
  r->levels = tarazu_arg(args, LEVELS)->integer;
  r->decay = tarazu_arg(args, DECAY)->real;
  return TARAZU_OK;
}

static void forget(referral *r)
{
  free(r->value);
  free(r->referred);
  free(r->reached);
  r->value = NULL;
  r->referred = r->reached = NULL;
}

static void destroy(void *self)
{
  forget(self);
}

/* ---- the graph ---- */

/* Edges as the host sorted them, by referrer, then by referred: a customer's are [start[row], start[row + 1]). Repeated
 * ones and those of a customer to herself are passed over wherever they are met. */
typedef struct graph {
  int64_t rows, edges;
  const int64_t *from, *to;
  int64_t *start;
  int64_t *referrers; /* distinct ones, of each customer */
  const tarazu_column *value;
} graph;

static int repeats(const graph *g, int64_t edge)
{
  return edge > 0 && g->from[edge] == g->from[edge - 1] && g->to[edge] == g->to[edge - 1];
}

static int is_referral(const graph *g, int64_t edge)
{
  return g->from[edge] != g->to[edge] && !repeats(g, edge);
}

static double value_of(const graph *g, int64_t row)
{
  return tarazu_is_valid(g->value, row) ? ((const double *)g->value->values)[row] : 0;
}

static void graph_free(graph *g)
{
  free(g->start);
  free(g->referrers);
}

/* 0: no memory. */
static int graph_make(graph *g, const tarazu_batch *const *spaces, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    if (!spaces[i]->space) {
      g->rows = spaces[i]->rows;
      g->value = spaces[i]->columns[VALUE];
    } else if (spaces[i]->rows) {
      g->edges = spaces[i]->rows;
      g->from = spaces[i]->columns[FROM]->values;
      g->to = spaces[i]->columns[TO]->values;
    }
  }
  g->start = calloc((size_t)g->rows + 1, sizeof *g->start);
  g->referrers = calloc((size_t)g->rows + 1, sizeof *g->referrers);
  if (!g->start || !g->referrers) return 0;
  for (int64_t e = 0; e < g->edges; e++) {
    g->start[g->from[e] + 1]++;
    if (is_referral(g, e)) g->referrers[g->to[e]]++;
  }
  for (int64_t i = 0; i < g->rows; i++) g->start[i + 1] += g->start[i];
  return 1;
}

/* ---- the walk from one customer ---- */

/* One who was reached: her row, and which share of her is the walking customer's. */
typedef struct brought {
  int64_t row;
  double share;
} brought;

/* Those reached, level after level; place[row] is a row's index among them if that item names the row (a sparse set,
 * Briggs and Torczon 1993: starting anew costs nothing). */
typedef struct walk {
  brought *items;
  int64_t count, room;
  int64_t *place;
} walk;

static int walk_add(walk *w, int64_t row, double share)
{
  if (w->count == w->room) {
    int64_t room = w->room ? 2 * w->room : 1024;
    brought *items = realloc(w->items, (size_t)room * sizeof *items);
    if (!items) return 0;
    w->items = items;
    w->room = room;
  }
  w->place[row] = w->count;
  w->items[w->count++] = (brought){row, share};
  return 1;
}

/* Takes one step from item `at`: every customer she brought gets, for each of her distinct referrers alike, an equal
 * part of what comes down from the referrer. One who was reached on an earlier level is left as she is: only shortest
 * paths count. 0: no memory. */
static int walk_step(walk *w, const graph *g, int64_t at, int64_t level_begin)
{
  int64_t row = w->items[at].row;
  double share = w->items[at].share;
  for (int64_t e = g->start[row]; e < g->start[row + 1]; e++) {
    if (!is_referral(g, e)) continue;
    int64_t to = g->to[e], place = w->place[to];
    double part = share / (double)g->referrers[to];
    int known = place < w->count && w->items[place].row == to;
    if (known && place >= level_begin) w->items[place].share += part;
    if (!known && !walk_add(w, to, part)) return 0;
  }
  return 1;
}

/* value = sum over levels l of decay^(l - 1) sum over those j first reached on level l of share(j) value(j). */
static int walk_from(walk *w, const graph *g, const referral *r, int64_t row)
{
  double weight = 1, value = 0;
  w->count = 0;
  if (!walk_add(w, row, 1)) return 0;
  int64_t begin = 0, end = 1;
  for (int64_t level = 1; level <= r->levels && begin < end; level++) {
    for (int64_t at = begin; at < end; at++)
      if (!walk_step(w, g, at, end)) return 0;
    begin = end;
    end = w->count;
    double sum = 0;
    for (int64_t at = begin; at < end; at++) sum += w->items[at].share * value_of(g, w->items[at].row);
    value += weight * sum;
    weight *= r->decay;
    if (level == 1) r->referred[row] = end - begin;
  }
  r->value[row] = value;
  r->reached[row] = w->count - 1;
  return 1;
}

/* ---- fitting ---- */

enum { TASKS = 64 };

typedef struct fitting {
  const referral *r;
  const graph *g;
  atomic_int done, no_memory, cancelled;
} fitting;

/* Customers [rows * task / TASKS, rows * (task + 1) / TASKS). */
static void fit_share(void *argument, int64_t task)
{
  fitting *f = argument;
  int64_t rows = f->g->rows, first = rows * task / TASKS, last = rows * (task + 1) / TASKS;
  if (first == last || f->no_memory || f->cancelled) return;
  walk w = {.place = calloc((size_t)rows, sizeof *w.place)};
  int good = w.place != NULL;
  for (int64_t row = first; row < last && good; row++)
    if (f->g->start[row] < f->g->start[row + 1]) good = walk_from(&w, f->g, f->r, row);
  free(w.place);
  free(w.items);
  if (!good) f->no_memory = 1;
  if (!f->r->host->progress(f->r->host, (double)(++f->done) / TASKS)) f->cancelled = 1;
}

static void tell(referral *r, const char *name, double value)
{
  r->facts[r->fact_count++] = (tarazu_fact){.name = name, .value = value, .error = -1};
}

static void report(referral *r, const graph *g)
{
  int64_t referrals = 0, selves = 0, referred = 0, without_value = 0;
  double credited = 0;
  for (int64_t e = 0; e < g->edges; e++) {
    referrals += is_referral(g, e);
    selves += g->from[e] == g->to[e];
  }
  for (int64_t i = 0; i < g->rows; i++) {
    referred += g->referrers[i] > 0;
    without_value += g->referrers[i] > 0 && !tarazu_is_valid(g->value, i);
    credited += r->value[i];
  }
  r->fact_count = 0;
  tell(r, "referrals", (double)referrals);
  tell(r, "self_referrals", (double)selves);
  tell(r, "repeated_referrals", (double)(g->edges - referrals - selves));
  tell(r, "referred_customers", (double)referred);
  tell(r, "credited_value", credited);
  tell(r, "referred_without_value", (double)without_value);
  if (!without_value) return;
  r->facts[r->fact_count - 1].text = "customers who were brought but have no value; they count as 0";
  r->facts[r->fact_count - 1].level = 1;
}

static tarazu_status fit_graph(referral *r, const graph *g, tarazu_error *error)
{
  size_t rows = (size_t)g->rows + 1;
  forget(r);
  r->rows = g->rows;
  r->value = calloc(rows, sizeof *r->value);
  r->referred = calloc(rows, sizeof *r->referred);
  r->reached = calloc(rows, sizeof *r->reached);
  fitting f = {.r = r, .g = g};
  if (!r->value || !r->referred || !r->reached) f.no_memory = 1;
  r->host->parallel(r->host, TASKS, fit_share, &f);
  if (f.no_memory)
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the referrals of %lld customers", (long long)g->rows);
  if (f.cancelled) return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
  for (int64_t i = 0; i < g->rows; i++) {
    if (isfinite(r->value[i])) continue;
    error->row = i;
    return tarazu_fail(error, TARAZU_NUMERIC, "the value of those referred is beyond what a double holds");
  }
  report(r, g);
  return TARAZU_OK;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  graph g = {0};
  tarazu_status status = graph_make(&g, spaces, count)
                             ? fit_graph(self, &g, error)
                             : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)g.rows);
  graph_free(&g);
  return status;
}

/* ---- scoring ---- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const referral *r = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t row = batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
    if (row < 0 || row >= r->rows)
      return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
    ((double *)results[0]->values)[i] = r->value[row];
    if (results[1]) ((int64_t *)results[1]->values)[i] = r->referred[row];
    if (results[2]) ((int64_t *)results[2]->values)[i] = r->reached[row];
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const referral *r = self;
  return (tarazu_list){r->facts, r->fact_count, sizeof r->facts[0]};
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "referral",
    .version = "1.0",
    .summary = "value of the customers one brought, over several levels",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_BY_ROW,
    .self_size = sizeof(referral),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .apply = apply,
    .facts = facts,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "referral",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
