/* natural_breaks: the groups of one value within which values differ least (Fisher 1958; Jenks 1977), exactly. */
#include "../shared/order.h"
#include "../shared/segments.h"

enum { GROUPS, GOODNESS, MOST, NAMES, MISSING };
enum { MOST_GROUPS = 100 };
static const tarazu_param params[] = {
    {.name = "groups",
     .kind = TARAZU_INTEGER,
     .optional = 1,
     .least = 1,
     .most = MOST_GROUPS,
     .help = "how many; where absent, as few as reach the goodness"},
    {.name = "goodness",
     .kind = TARAZU_PROPORTION,
     .initial = "80%",
     .least = 0,
     .most = 1,
     .help = "the goodness of variance fit to be reached where groups is absent"},
    {.name = "most",
     .kind = TARAZU_INTEGER,
     .initial = "10",
     .least = 1,
     .most = MOST_GROUPS,
     .help = "the most groups to try where groups is absent"},
    {.name = "names",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "one a group, that of the lowest values first; class 1, class 2, … where absent"},
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the segment of customers without the value; null where absent"},
};
static const tarazu_field value[] = {{.name = "value", .type = TARAZU_F64, .help = "what is broken into groups"}};
static const tarazu_input inputs[] = {
    {.name = "value",
     .bind = "score",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value),
     .help = "what is broken into groups, the score where nothing is said"},
};
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the customer's group"},
    {.name = "group", .type = TARAZU_I64, .better = 0, .help = "its number, 1 that of the lowest values"},
};

/* Of the table that says where groups begin; 4 bytes each. */
static const int64_t MOST_ENTRIES = INT64_C(1) << 28;

typedef struct breaks {
  banded bands;
  const tarazu_host *host;
  double wanted;  /* goodness of variance fit; beyond reach where groups are given */
  double reached; /* saved behind the bands */
  int64_t groups; /* found: distinct values can be fewer than groups */
  int32_t given;  /* groups is */
  int32_t reserved;
} breaks;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  breaks *b = self;
  banded *bands = &b->bands;
  const tarazu_value *groups = tarazu_arg(args, GROUPS), *names = tarazu_arg(args, NAMES);
  const tarazu_value *missing = tarazu_arg(args, MISSING);
  uint32_t places = (uint32_t)tarazu_arg(args, groups->given ? GROUPS : MOST)->integer;
  b->host = context->host;
  b->wanted = tarazu_arg(args, GOODNESS)->real;
  b->given = groups->given != 0;
  if (names->given && names->count != places)
    return segments_refuse(error, NAMES, -1, "%u names for %s%u groups", (unsigned)names->count,
                           b->given ? "" : "up to ", (unsigned)places);
  int good = names->given ? segments_take(&bands->segments, names->texts, places, missing)
                          : segments_make(&bands->segments, "class ", places, missing);
  return good && banded_begin(bands, 4)
             ? TARAZU_OK
             : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u groups", (unsigned)places);
}

static void destroy(void *self)
{
  banded_free(self);
}

/* ---- sums of squared deviations -------------------------------------------------------------------------------- */

/* Sums of the first so many distinct values, of w, w y and w y^2, where y is x less the median and w the customers who
 * have it. They are counted from the median outward (those before it are negative), so that a far outlier on one side
 * takes no digits from the sums of the many near the middle; and in long double, since Fisher's criterion subtracts
 * squares. */
typedef struct sums {
  long double w, wy, wyy;
} sums;

/* Of the distinct values from i to j: Σ w y² - (Σ w y)² / Σ w = Σ w (y - mean)². */
static long double squares(const sums *s, int64_t i, int64_t j)
{
  long double w = s[j + 1].w - s[i].w, wy = s[j + 1].wy - s[i].wy, wyy = s[j + 1].wyy - s[i].wyy;
  long double d = wyy - wy * wy / w;
  return d > 0 ? d : 0;
}

static void step(sums *to, const sums *from, const ordered *items, int64_t i, long double middle, long double unit)
{
  long double y = ((long double)items[i].value - middle) / unit, w = (long double)items[i].row;
  long double sign = to > from ? 1 : -1;
  *to = (sums){from->w + sign * w, from->wy + sign * w * y, from->wyy + sign * w * y * y};
}

/* items: distinct values, each with its count in row. In units of the largest magnitude nothing overflows where long
 * double is no wider than double. */
static void add_up(sums *s, const ordered *items, int64_t n)
{
  int64_t center = n / 2;
  long double middle = items[center].value;
  long double unit = fmaxl(fabsl((long double)items[0].value), fabsl((long double)items[n - 1].value));
  if (!(unit > 0)) unit = 1;
  s[center] = (sums){0};
  for (int64_t i = center; i < n; i++) step(&s[i + 1], &s[i], items, i, middle, unit);
  for (int64_t i = center - 1; i >= 0; i--) step(&s[i], &s[i + 1], items, i, middle, unit);
}

/* ---- the dynamic program ------------------------------------------------------------------------------------- */

/* least[j] of k groups: the least sum of squares of the values 0 to j in k groups. D_k(j) = min over i of D_{k-1}(i -
 * 1)
 * + squares(i, j); the best i never falls as j grows, so the best for the middle j bounds those on both sides of it:
 * n log n a group (divide and conquer; Wang and Song 2011 and Song, Zhong 2020 for the weighted case). */
typedef struct layer {
  const sums *s;
  const long double *before;
  long double *least;
  int32_t *begins; /* of each j: where the last group begins */
} layer;

static void solve(const layer *l, int64_t from, int64_t to, int64_t first, int64_t last)
{
  while (from <= to) {
    int64_t j = from + (to - from) / 2, most = j < last ? j : last, best = first;
    long double least = (long double)INFINITY;
    for (int64_t i = first; i <= most; i++) {
      long double d = l->before[i - 1] + squares(l->s, i, j);
      if (d < least) least = d, best = i;
    }
    l->least[j] = least;
    l->begins[j] = (int32_t)best;
    solve(l, from, j - 1, first, best);
    from = j + 1;
    first = best;
  }
}

typedef struct work {
  sums *s;
  long double *rows[2];
  int32_t *begins; /* a layer of `n` for each group from the second on */
} work;

static void work_free(work *w)
{
  free(w->s);
  free(w->rows[0]);
  free(w->rows[1]);
  free(w->begins);
}

static int work_begin(work *w, int64_t n, int64_t groups)
{
  size_t room = (size_t)n + 1;
  w->s = malloc(room * sizeof *w->s);
  w->rows[0] = malloc(room * sizeof *w->rows[0]);
  w->rows[1] = malloc(room * sizeof *w->rows[1]);
  w->begins = malloc(room * (size_t)groups * sizeof *w->begins);
  return w->s && w->rows[0] && w->rows[1] && w->begins;
}

/* The goodness of variance fit, 1 - (squares within groups) / (squares about the mean of all); of a constant 1. */
static double goodness(long double within, long double all)
{
  return all > 0 ? (double)(1 - within / all) : 1;
}

/* A value belongs above the cut in the middle of the gap between two groups. */
static double between(double low, double high)
{
  double middle = low / 2 + high / 2;
  return middle > low && middle < high ? middle : high;
}

static void place_cuts(breaks *b, const ordered *items, int64_t n, const work *w)
{
  double *cuts = b->bands.cuts;
  for (uint32_t k = 0; k < banded_cuts(&b->bands); k++) cuts[k] = INFINITY;
  for (int64_t k = b->groups - 1, end = n - 1; k > 0; k--) {
    int64_t begin = w->begins[(k - 1) * n + end];
    cuts[k - 1] = between(items[begin - 1].value, items[begin].value);
    end = begin - 1;
  }
}

/* One group more each time, until there are as many as asked for, or the fit is good, or each value has its own. */
static tarazu_status search(breaks *b, const ordered *items, int64_t n, work *w, tarazu_error *error)
{
  int64_t most = b->bands.segments.places < n ? b->bands.segments.places : n;
  add_up(w->s, items, n);
  for (int64_t j = 0; j < n; j++) w->rows[0][j] = squares(w->s, 0, j);
  long double all = w->rows[0][n - 1];
  b->reached = goodness(all, all);
  for (b->groups = 1; b->groups < most && (b->given || b->reached < b->wanted); b->groups++) {
    int64_t k = b->groups;
    if (!b->host->progress(b->host, (double)k / (double)most)) return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    const layer l = {w->s, w->rows[(k - 1) & 1], w->rows[k & 1], w->begins + (k - 1) * n};
    solve(&l, k, n - 1, k, n - 1);
    b->reached = goodness(l.least[n - 1], all);
  }
  place_cuts(b, items, n, w);
  return TARAZU_OK;
}

/* Equal values together: the count takes the place of the row. */
static int64_t distinct(ordered *items, int64_t count)
{
  int64_t n = 0;
  for (int64_t i = 0; i < count; i++) {
    if (n && !(items[i].value > items[n - 1].value)) {
      items[n - 1].row++;
      continue;
    }
    items[n++] = (ordered){items[i].value, 1};
  }
  return n;
}

static tarazu_status break_up(breaks *b, ordered *items, int64_t count, tarazu_error *error)
{
  int64_t n = distinct(items, count), groups = b->bands.segments.places;
  b->groups = 0;
  b->reached = 1;
  b->bands.known = n > 0;
  if (!n) return TARAZU_OK;
  if (n > MOST_ENTRIES / groups)
    return tarazu_fail(error, TARAZU_BAD_DATA,
                       "%lld distinct values in up to %lld groups are more than natural_breaks keeps in memory: "
                       "values times groups can be %lld; ask for fewer groups or round the values",
                       (long long)n, (long long)groups, (long long)MOST_ENTRIES);
  work w = {0};
  tarazu_status status = work_begin(&w, n, groups)
                             ? search(b, items, n, &w, error)
                             : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld distinct values", (long long)n);
  work_free(&w);
  return status;
}

static void report(breaks *b)
{
  fact_list *facts = &b->bands.facts;
  uint32_t places = b->bands.segments.places;
  banded_tell(&b->bands);
  if (!b->bands.known) return;
  fact_add(facts, b->reached, "goodness_of_variance_fit");
  tarazu_fact *groups = fact_add(facts, (double)b->groups, "groups");
  if (b->given && b->groups < places)
    fact_say(facts, groups, 1, "only %lld of %u groups hold a customer: there are no more distinct values",
             (long long)b->groups, (unsigned)places);
  if (!b->given && b->reached < b->wanted)
    fact_say(facts, groups, 1, "%lld groups, the most to try, reach a goodness of %.4g, not %.4g", (long long)b->groups,
             b->reached, b->wanted);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  breaks *b = self;
  int64_t n;
  ordered *items = order_column(spaces[0]->columns[0], spaces[0]->rows, &n);
  if (!items) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort %lld values", (long long)spaces[0]->rows);
  tarazu_status status = break_up(b, items, n, error);
  free(items);
  if (status) return status;
  banded_count(&b->bands, spaces[0]->columns[0], spaces[0]->rows);
  report(b);
  return TARAZU_OK;
}

/* A model: that of the bands, the number of groups, the goodness. */
static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const breaks *b = self;
  if (writer->write(writer, &b->groups, sizeof b->groups) && writer->write(writer, &b->reached, sizeof b->reached))
    return banded_save(self, writer, error);
  return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  breaks *b = self;
  size_t own = sizeof b->groups + sizeof b->reached;
  if (count < own) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  tarazu_status status = banded_load(&b->bands, (const char *)bytes + own, count - own, error);
  if (status) return status;
  memcpy(&b->groups, bytes, sizeof b->groups);
  memcpy(&b->reached, (const char *)bytes + sizeof b->groups, sizeof b->reached);
  report(b);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "natural_breaks",
    .version = "1.0",
    .license = "MIT",
    .summary = "groups within which one value differs least (Fisher, Jenks)",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(breaks),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = banded_apply,
    .labels = banded_labels,
    .facts = banded_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "natural_breaks",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
