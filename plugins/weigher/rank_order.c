/* rank_order: weights from nothing but the order of importance (Stillwell, Seaver, Edwards 1981; Barron, Barrett 1996).
 */
#include "../shared/weigher.h"

enum { ORDER, METHOD, EXPONENT };
enum { CENTROID, SUM, RECIPROCAL, POWER };

static const char *const methods[] = {"centroid", "sum", "reciprocal", "exponent", NULL};
static const tarazu_param params[] = {
    {.name = "order",
     .kind = TARAZU_STRINGS,
     .help = "every criterion once, the most important one first; `a = b` where two are as important"},
    {.name = "method",
     .kind = TARAZU_CHOICE,
     .choices = methods,
     .initial = "centroid",
     .help = "how steeply weights fall from one place to the next"},
    {.name = "exponent",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0,
     .most = 100,
     .help = "of method exponent: 0 equal weights, 1 as method sum"},
};

/* The weight of place k of n. */
static double weight_at(int64_t method, double exponent, uint32_t k, uint32_t n)
{
  double centroid = 0;
  switch (method) {
  case CENTROID: /* w_k = (1/n) sum from i = k to n of 1/i */
    for (uint32_t i = n; i >= k; i--) centroid += 1.0 / i;
    return centroid / n;
  case SUM: return 2.0 * (n + 1 - k) / ((double)n * (n + 1)); /* w_k = 2 (n + 1 - k) / (n (n + 1)) */
  case RECIPROCAL: return 1.0 / k;                            /* w_k = (1/k) / sum of 1/i */
  default: return pow(n + 1 - k, exponent);                   /* w_k = (n + 1 - k)^z / sum of (n + 1 - i)^z */
  }
}

/* One place of the order: the criteria named in "a = b". */
typedef struct names {
  const char *at;
} names;

/* The next name's length at *word; 0: there is none. */
static size_t next_name(names *n, const char **word)
{
  n->at += strspn(n->at, " \t=");
  *word = n->at;
  size_t length = strcspn(n->at, "=");
  n->at += length;
  while (length && ((*word)[length - 1] == ' ' || (*word)[length - 1] == '\t')) length--;
  return length;
}

static uint32_t find_criterion(const weigher *w, const char *word, size_t length)
{
  uint32_t c = 0;
  while (c < w->count && (strlen(weigher_criterion(w, c)) != length || strncmp(weigher_criterion(w, c), word, length)))
    c++;
  return c;
}

static tarazu_status tell_unknown(const weigher *w, const char *word, size_t length, tarazu_error *error)
{
  char known[600] = "";
  for (uint32_t c = 0; c < w->count; c++) {
    size_t used = strlen(known);
    snprintf(known + used, sizeof known - used, "%s%s", c ? ", " : "", weigher_criterion(w, c));
  }
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found '%.*s'; expected one of the criteria %s", (int)length, word,
                     known);
}

/* Criteria that are tied share the weights of their places. */
static tarazu_status weigh_place(weigher *w, const char *place, uint32_t *places, int64_t method, double exponent,
                                 tarazu_error *error)
{
  uint32_t tied[MOST_CRITERIA], count = 0;
  const char *word;
  double sum = 0;
  names n = {place};
  for (size_t length; (length = next_name(&n, &word)) != 0;) {
    uint32_t c = find_criterion(w, word, length);
    if (c == w->count) return tell_unknown(w, word, length, error);
    if (w->measure[c] >= 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' stands in the order a second time",
                         weigher_criterion(w, c));
    w->measure[c] = 0;
    tied[count++] = c;
    sum += weight_at(method, exponent, ++*places, w->count);
  }
  if (!count) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found no name; expected a criterion");
  for (uint32_t k = 0; k < count; k++) w->measure[tied[k]] = sum / count;
  return TARAZU_OK;
}

static tarazu_status weigh(weigher *w, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *order = tarazu_arg(args, ORDER);
  uint32_t places = 0;
  for (uint32_t c = 0; c < w->count; c++) w->measure[c] = -1;
  for (uint32_t k = 0; k < order->count; k++) {
    error->item = (int32_t)k;
    tarazu_status status = weigh_place(w, order->texts[k], &places, tarazu_arg(args, METHOD)->integer,
                                       tarazu_arg(args, EXPONENT)->real, error);
    if (status != TARAZU_OK) return status;
  }
  error->item = -1;
  for (uint32_t c = 0; c < w->count; c++)
    if (w->measure[c] < 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' is not in the order; every one has a place",
                         weigher_criterion(w, c));
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  tarazu_status status = weigher_create(self, context, "rank_order", error);
  error->param = ORDER;
  if (status == TARAZU_OK) status = weigh(self, args, error);
  if (status == TARAZU_OK) error->param = -1;
  return status;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "rank_order",
    .version = "1.0",
    .license = "MIT",
    .summary = "weights from the order of importance alone",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(weigher),
    .create = create,
    .destroy = weigher_destroy,
    .weights = weigher_weights,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "rank_order",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
