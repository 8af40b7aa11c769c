/* critic: a criterion weighs the more, the more it varies and the less it goes along with the others (criteria
 * importance through intercriteria correlation, Diakoulaki, Mavrotas, Papayannakis 1995). */
#include "../shared/order.h"
#include "../shared/weigher.h"

enum { CORRELATION };
enum { PEARSON, SPEARMAN };

static const char *const correlations[] = {"pearson", "spearman", NULL};
static const tarazu_param params[] = {
    {.name = "correlation",
     .kind = TARAZU_CHOICE,
     .choices = correlations,
     .initial = "pearson",
     .help = "how going along is measured: on values, or on ranks"},
};

typedef struct critic {
  weigher weigher;
  int64_t correlation;
} critic;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ((critic *)self)->correlation = tarazu_arg(args, CORRELATION)->integer;
  return weigher_create(self, context, "critic", error);
}

/* What the pairs are computed from. */
typedef struct fitting {
  const weigher *w;
  const tarazu_batch *customers;
  column_summary s[MOST_CRITERIA];
  double *values[MOST_CRITERIA]; /* from 0, the worst, to 1, the best; NULL: constant */
  double *ranks[MOST_CRITERIA];  /* for spearman; otherwise the values */
  double deviation[MOST_CRITERIA];
  double *r; /* count × count */
} fitting;

/* x_ij = (f - f worst) / (f best - f worst), so that more is better in every criterion. */
static int scale(fitting *f, uint32_t c)
{
  const tarazu_column *column = f->customers->columns[c];
  f->s[c] = summarize(column, f->customers->rows);
  if (!f->s[c].count || f->s[c].least == f->s[c].most) return 1;
  double half = f->s[c].most / 2 - f->s[c].least / 2;
  f->values[c] = malloc(((size_t)f->customers->rows + 1) * sizeof *f->values[c]);
  for (int64_t i = 0; f->values[c] && i < f->customers->rows; i++) {
    double above = tarazu_is_valid(column, i) ? (weigher_value(column, i) / 2 - f->s[c].least / 2) / half : 0;
    f->values[c][i] = weigher_is_cost(f->w, c) ? 1 - above : above;
  }
  return f->values[c] != NULL;
}

/* Ranks from 0 to 1, ties at their middle. */
static int rank(fitting *f, uint32_t c)
{
  int64_t count;
  if (!f->values[c]) return 1;
  ordered *items = order_column(f->customers->columns[c], f->customers->rows, &count);
  f->ranks[c] = calloc((size_t)f->customers->rows + 1, sizeof *f->ranks[c]);
  for (int64_t i = 0, next; items && f->ranks[c] && i < count; i = next) {
    for (next = i + 1; next < count && items[next].value == items[i].value;) next++;
    double middle = (double)(i + next - 1) / 2 / (double)(count - 1);
    for (int64_t k = i; k < next; k++) f->ranks[c][items[k].row] = weigher_is_cost(f->w, c) ? 1 - middle : middle;
  }
  int good = items && f->ranks[c];
  free(items);
  return good;
}

typedef struct moments {
  long_sum x, y, xx, yy, xy;
  int64_t count;
} moments;

static void gather(moments *m, const fitting *f, uint32_t a, uint32_t b, double mean_x, double mean_y)
{
  const tarazu_column *first = f->customers->columns[a], *second = f->customers->columns[b];
  for (int64_t i = 0; i < f->customers->rows; i++) {
    if (!tarazu_is_valid(first, i) || !tarazu_is_valid(second, i)) continue;
    double x = f->ranks[a][i] - mean_x, y = f->ranks[b][i] - mean_y;
    m->count++;
    long_sum_add(&m->x, x);
    long_sum_add(&m->y, y);
    long_sum_add(&m->xx, x * x);
    long_sum_add(&m->yy, y * y);
    long_sum_add(&m->xy, x * y);
  }
}

/* Of the customers who have both; 0 where one of the two does not vary among them. */
static double correlation(const fitting *f, uint32_t a, uint32_t b)
{
  moments first = {0}, m = {0};
  gather(&first, f, a, b, 0, 0);
  if (first.count < 2) return 0;
  double n = (double)first.count;
  gather(&m, f, a, b, long_sum_value(&first.x) / n, long_sum_value(&first.y) / n);
  double spread = sqrt(long_sum_value(&m.xx)) * sqrt(long_sum_value(&m.yy));
  double r = spread > 0 ? long_sum_value(&m.xy) / spread : 0;
  return r > 1 ? 1 : r < -1 ? -1 : r;
}

/* One task a criterion: its deviation, and its correlations with those after it. */
static void measure(void *argument, int64_t index)
{
  fitting *f = argument;
  uint32_t a = (uint32_t)index, count = f->w->count;
  long_sum sum = {0, 0}, squares = {0, 0};
  if (!f->values[a]) return;
  for (int64_t i = 0; i < f->customers->rows; i++)
    if (tarazu_is_valid(f->customers->columns[a], i)) long_sum_add(&sum, f->values[a][i]);
  double mean = long_sum_value(&sum) / (double)f->s[a].count;
  for (int64_t i = 0; i < f->customers->rows; i++) {
    double d = f->values[a][i] - mean;
    if (tarazu_is_valid(f->customers->columns[a], i)) long_sum_add(&squares, d * d);
  }
  f->deviation[a] = sqrt(long_sum_value(&squares) / (double)(f->s[a].count - 1));
  for (uint32_t b = a + 1; b < count; b++)
    if (f->values[b]) f->r[a * count + b] = f->r[b * count + a] = correlation(f, a, b);
}

/* C_j = sigma_j sum over k of (1 - r_jk) (equation 3); constant criteria have no correlation and no part in it. */
static void weigh(weigher *w, const fitting *f)
{
  for (uint32_t a = 0; a < w->count; a++) {
    double conflict = 0;
    for (uint32_t b = 0; b < w->count; b++)
      if (b != a && f->values[b]) conflict += 1 - f->r[a * w->count + b];
    w->measure[a] = f->values[a] ? f->deviation[a] * conflict : 0;
  }
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  int ranked = ((critic *)self)->correlation == SPEARMAN, good = 1;
  fitting f = {.w = w, .customers = spaces[0]};
  f.r = calloc((size_t)w->count * w->count + 1, sizeof *f.r);
  for (uint32_t c = 0; good && c < w->count; c++) {
    good = f.r && scale(&f, c) && (!ranked || rank(&f, c));
    if (!ranked) f.ranks[c] = f.values[c];
  }
  if (good) {
    w->context->host->parallel(w->context->host, w->count, measure, &f);
    weigh(w, &f);
  }
  for (uint32_t c = 0; c < w->count; c++) {
    free(f.values[c]);
    if (ranked) free(f.ranks[c]);
  }
  free(f.r);
  return good ? weigher_settle(w, "information", error)
              : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria of %lld customers", (unsigned)w->count,
                            (long long)spaces[0]->rows);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "critic",
    .version = "1.0",
    .license = "MIT",
    .summary = "what varies much and goes along with little weighs most",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(critic),
    .create = create,
    .destroy = weigher_destroy,
    .fit = fit,
    .save = weigher_save,
    .load = weigher_load,
    .weights = weigher_weights,
    .facts = weigher_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "critic",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
