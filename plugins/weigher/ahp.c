/* ahp: weights from judgements how many times more important one criterion is than another, the analytic hierarchy
 * process (Saaty 1977, 1980): the principal eigenvector of the matrix of judgements, and how far these contradict each
 * other. */
#include "../shared/facts.h"
#include "../shared/weigher.h"

enum { JUDGEMENTS, LIMIT, INCONSISTENT };
enum { OF, OVER, TIMES, JUDGE }; /* a judgement's fields */
enum { WARNING, ERROR };
enum { MOST_MEMBERS = 64, MOST_GROUPS = 65, MOST_ROUNDS = 10000 };

static const char *const outcomes[] = {"warning", "error", NULL};
static const tarazu_param judgement_fields[] = {
    {.name = "criterion", .kind = TARAZU_STRING, .help = "a criterion, or a dimension"},
    {.name = "over", .kind = TARAZU_STRING, .help = "what it is compared with"},
    {.name = "times",
     .kind = TARAZU_REAL,
     .least = 1.0 / 9,
     .most = 9,
     .help =
         "how many times as important it is: 1 equally, 3 moderately, 5 strongly, 7 very, 9 extremely more; below 1: "
         "less"},
    {.name = "judge", .kind = TARAZU_STRING, .optional = 1, .help = "whose judgement it is, where there are several"},
};
static const tarazu_param params[] = {
    {.name = "judgements",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(judgement_fields),
     .help = "every two criteria of a dimension, and every two dimensions, or every two criteria"},
    {.name = "consistency_limit",
     .kind = TARAZU_REAL,
     .initial = "0.10",
     .least = 0,
     .most = 10,
     .help = "the consistency ratio above which judgements contradict each other too much"},
    {.name = "inconsistent",
     .kind = TARAZU_CHOICE,
     .choices = outcomes,
     .initial = "warning",
     .help = "what such judgements are"},
};

/* What is compared with one another: the criteria of a dimension, the dimensions, or all criteria. */
typedef struct group {
  const char *name; /* NULL: all criteria, or the dimensions */
  uint32_t count;
  const char *members[MOST_MEMBERS];
  double *a;     /* count × count: the geometric mean of the judgements a_ij; 0: none */
  int32_t *item; /* count × count: the record that strays most from the mean; -1: none */
  double w[MOST_MEMBERS];
  double lambda, ratio;
} group;

typedef struct ahp {
  weigher weigher;
  fact_list facts;
} ahp;

/* ---- the eigenvector --------------------------------------------------------------------------------------- */

/* Powers of the matrix, whose dominant eigenvalue is simple (Perron, Frobenius: all entries are positive). An entry of
 * 0 is a missing one: its place counts on the diagonal instead (Harker 1987). Returns the eigenvalue. */
static double principal(const double *a, uint32_t n, double *w)
{
  double next[MOST_MEMBERS], lambda = n;
  for (uint32_t i = 0; i < n; i++) w[i] = 1.0 / n;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    double sum = 0, moved = 0;
    for (uint32_t i = 0; i < n; i++) {
      next[i] = 0;
      for (uint32_t j = 0; j < n; j++) next[i] += a[i * n + j] > 0 ? a[i * n + j] * w[j] : w[i];
      sum += next[i];
    }
    for (uint32_t i = 0; i < n; i++) {
      moved = fmax(moved, fabs(next[i] / sum - w[i]));
      w[i] = next[i] / sum;
    }
    lambda = sum;
    if (moved < 1e-16) break;
  }
  return lambda;
}

/* The mean consistency index of random matrices of size n: of 3 to 10 by simulation, beyond by the line that Alonso and
 * Lamata (2006) fitted to it, mean lambda = 2.7699 n - 4.3513. */
static double random_index(uint32_t n)
{
  static const double known[] = {.5799, .8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882};
  if (n < 3) return 0;
  if (n <= 10) return known[n - 3];
  return (2.7699 * n - 4.3513 - n) / (n - 1);
}

/* CR = CI / RI, CI = (lambda - n) / (n - 1). */
static double ratio_of(double lambda, uint32_t n)
{
  double index = n > 2 ? (lambda - n) / (n - 1) / random_index(n) : 0;
  return index > 0 ? index : 0;
}

/* ---- who is compared with whom ----------------------------------------------------------------------------- */

static const char *dimension_of(const weigher *w, uint32_t criterion)
{
  const char *name = tarazu_bound_at(w->context, criterion)->dimension;
  return name ? name : "";
}

static int32_t member_of(const group *g, const char *name)
{
  for (uint32_t i = 0; i < g->count; i++)
    if (!strcmp(g->members[i], name)) return (int32_t)i;
  return -1;
}

static int32_t find_criterion(const weigher *w, const char *name)
{
  for (uint32_t c = 0; c < w->count; c++)
    if (!strcmp(weigher_criterion(w, c), name)) return (int32_t)c;
  return -1;
}

static int32_t find_group(const group *groups, uint32_t count, const char *name)
{
  for (uint32_t g = 1; g < count; g++)
    if (!strcmp(groups[g].name, name)) return (int32_t)g;
  return -1;
}

/* Two criteria of different dimensions, or two of the one dimension that there is: then all are compared with all. */
static int is_flat(const weigher *w, const tarazu_value *judgements)
{
  int several = 0;
  for (uint32_t c = 1; c < w->count; c++) several |= strcmp(dimension_of(w, c), dimension_of(w, 0)) != 0;
  for (uint32_t k = 0; several && k < judgements->count; k++) {
    int32_t a = find_criterion(w, tarazu_arg(&judgements->records[k], OF)->text);
    int32_t b = find_criterion(w, tarazu_arg(&judgements->records[k], OVER)->text);
    if (a >= 0 && b >= 0 && strcmp(dimension_of(w, (uint32_t)a), dimension_of(w, (uint32_t)b)) != 0) return 1;
  }
  return !several;
}

/* groups[0]: the dimensions, or all criteria; then one a dimension. Their number. */
static uint32_t make_groups(const weigher *w, int flat, group *groups)
{
  uint32_t count = 1;
  for (uint32_t c = 0; c < w->count; c++) {
    if (flat) {
      groups[0].members[groups[0].count++] = weigher_criterion(w, c);
      continue;
    }
    int32_t g = find_group(groups, count, dimension_of(w, c));
    if (g < 0) {
      g = (int32_t)count++;
      groups[g].name = dimension_of(w, c);
      groups[0].members[groups[0].count++] = groups[g].name;
    }
    groups[g].members[groups[g].count++] = weigher_criterion(w, c);
  }
  return count;
}

/* ---- judgements -------------------------------------------------------------------------------------------- */

/* Of several judgements on one pair, as they are read: logarithms, so that their mean is the geometric one. */
typedef struct pair_sum {
  double sum, squares;
  uint32_t count;
} pair_sum;

static tarazu_status tell_unknown(const weigher *w, const group *groups, uint32_t count, const char *name,
                                  tarazu_error *error)
{
  char known[700] = "";
  for (uint32_t g = count > 1 ? 0 : 1; g < count; g++)
    for (uint32_t i = 0; !g && i < groups[0].count; i++) {
      size_t used = strlen(known);
      snprintf(known + used, sizeof known - used, "%s, ", groups[0].members[i]);
    }
  for (uint32_t c = 0; c < w->count; c++) {
    size_t used = strlen(known);
    snprintf(known + used, sizeof known - used, "%s%s", c ? ", " : "", weigher_criterion(w, c));
  }
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found '%s'; expected one of %s", name, known);
}

/* The group in which both stand, and where; NULL with an error. */
static group *place(const weigher *w, group *groups, uint32_t count, const tarazu_args *record, uint32_t *a,
                    uint32_t *b, tarazu_error *error)
{
  const char *names[] = {tarazu_arg(record, OF)->text, tarazu_arg(record, OVER)->text};
  for (int k = 0; k < 2; k++) {
    int known = 0;
    for (uint32_t g = 0; g < count; g++) known |= member_of(&groups[g], names[k]) >= 0;
    if (known) continue;
    tell_unknown(w, groups, count, names[k], error);
    return NULL;
  }
  for (uint32_t g = 0; g < count; g++) {
    int32_t i = member_of(&groups[g], names[0]), j = member_of(&groups[g], names[1]);
    if (i < 0 || j < 0 || i == j) continue;
    *a = (uint32_t)i;
    *b = (uint32_t)j;
    return &groups[g];
  }
  tarazu_fail(error, TARAZU_BAD_PARAMETER,
              strcmp(names[0], names[1]) ? "'%s' and '%s' cannot be compared: one is a dimension, the other a criterion"
                                         : "'%s' is compared with itself",
              names[0], names[1]);
  return NULL;
}

static int same_judge(const tarazu_args *a, const tarazu_args *b)
{
  const tarazu_value *x = tarazu_arg(a, JUDGE), *y = tarazu_arg(b, JUDGE);
  return x->given == y->given && (!x->given || !strcmp(x->text, y->text));
}

static int same_pair(const tarazu_args *a, const tarazu_args *b)
{
  const char *of = tarazu_arg(a, OF)->text, *over = tarazu_arg(a, OVER)->text;
  const char *other_of = tarazu_arg(b, OF)->text, *other_over = tarazu_arg(b, OVER)->text;
  return (!strcmp(of, other_of) && !strcmp(over, other_over)) || (!strcmp(of, other_over) && !strcmp(over, other_of));
}

/* Everybody's judgements into the groups' matrices: the geometric mean a pair (Aczel, Saaty 1983). */
static tarazu_status gather(const weigher *w, group *groups, uint32_t count, const tarazu_value *judgements,
                            pair_sum *sums, tarazu_error *error)
{
  for (uint32_t k = 0; k < judgements->count; k++) {
    const tarazu_args *record = &judgements->records[k];
    uint32_t a, b;
    error->item = (int32_t)k;
    for (uint32_t other = 0; other < k; other++)
      if (same_judge(record, &judgements->records[other]) && same_pair(record, &judgements->records[other]))
        return tarazu_fail(error, TARAZU_BAD_PARAMETER, "'%s' and '%s' are compared a second time%s%s",
                           tarazu_arg(record, OF)->text, tarazu_arg(record, OVER)->text,
                           tarazu_arg(record, JUDGE)->given ? " by " : "",
                           tarazu_arg(record, JUDGE)->given ? tarazu_arg(record, JUDGE)->text : "");
    group *g = place(w, groups, count, record, &a, &b, error);
    if (!g) return TARAZU_BAD_PARAMETER;
    pair_sum *s = &sums[(size_t)(g - groups) * MOST_MEMBERS * MOST_MEMBERS];
    double times = log(tarazu_arg(record, TIMES)->real);
    for (int turned = 0; turned < 2; turned++) {
      pair_sum *one = &s[(turned ? b : a) * g->count + (turned ? a : b)];
      double value = turned ? -times : times;
      one->sum += value;
      one->squares += value * value;
      one->count++;
    }
  }
  error->item = -1;
  return TARAZU_OK;
}

/* The record that strays most from what all together say of a pair. */
static void find_stray(const weigher *w, group *groups, uint32_t count, const tarazu_value *judgements)
{
  tarazu_error ignored = {.size = sizeof ignored};
  for (uint32_t k = 0; k < judgements->count; k++) {
    uint32_t a, b;
    group *g = place(w, groups, count, &judgements->records[k], &a, &b, &ignored);
    int32_t before = g->item[a * g->count + b];
    double stray = fabs(log(tarazu_arg(&judgements->records[k], TIMES)->real / g->a[a * g->count + b]));
    if (before >= 0) {
      uint32_t x, y;
      place(w, groups, count, &judgements->records[before], &x, &y, &ignored);
      double known = log(tarazu_arg(&judgements->records[before], TIMES)->real);
      if (fabs((x == a ? known : -known) - log(g->a[a * g->count + b])) >= stray) continue;
    }
    g->item[a * g->count + b] = g->item[b * g->count + a] = (int32_t)k;
  }
}

static tarazu_status fill(group *g, const pair_sum *sums, int required, tarazu_error *error)
{
  for (uint32_t i = 0; i < g->count; i++)
    for (uint32_t j = 0; j < g->count; j++) {
      const pair_sum *s = &sums[i * g->count + j];
      g->item[i * g->count + j] = -1;
      g->a[i * g->count + j] = i == j ? 1 : s->count ? exp(s->sum / s->count) : required ? 0 : 1;
      if (g->a[i * g->count + j] > 0) continue;
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "nobody compares '%s' with '%s'%s%s%s; every two are needed",
                         g->members[i], g->members[j], g->name ? " (of dimension '" : "", g->name ? g->name : "",
                         g->name ? "')" : "");
    }
  return TARAZU_OK;
}

/* ---- consistency ------------------------------------------------------------------------------------------- */

/* The judgement whose correction would help most, and the value, on the scale of 1 to 9, that it would have to have. */
typedef struct correction {
  uint32_t i, j;
  double value, ratio;
} correction;

static double on_the_scale(double value)
{
  double whole = value >= 1 ? round(value) : round(1 / value);
  whole = whole > 9 ? 9 : whole < 1 ? 1 : whole;
  return value >= 1 ? whole : 1 / whole;
}

/* Each judgement in turn is left out and the others say what it should be (w_i / w_j by Harker 1987; after Saaty 2003).
 */
static correction find_correction(group *g)
{
  correction best = {0, 0, 0, HUGE_VAL};
  double w[MOST_MEMBERS];
  uint32_t n = g->count;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = i + 1; j < n; j++) {
      double kept = g->a[i * n + j];
      g->a[i * n + j] = g->a[j * n + i] = 0;
      principal(g->a, n, w);
      double value = on_the_scale(w[i] / w[j]);
      g->a[i * n + j] = value;
      g->a[j * n + i] = 1 / value;
      double ratio = ratio_of(principal(g->a, n, w), n);
      if (ratio < best.ratio) best = (correction){i, j, value, ratio};
      g->a[i * n + j] = kept;
      g->a[j * n + i] = 1 / kept;
    }
  return best;
}

/* "3", "1/5". */
static const char *written(double value, char *to, size_t size)
{
  if (value >= 1) snprintf(to, size, "%.3g", value);
  else snprintf(to, size, "1/%.3g", 1 / value);
  return to;
}

static tarazu_status judge_group(ahp *m, group *g, double limit, int64_t outcome, tarazu_error *error)
{
  char now[32], then[32], words[500];
  const char *name = g->name ? g->name : m->weigher.count == g->count ? "criteria" : "dimensions";
  if (g->ratio <= limit) return TARAZU_OK;
  correction c = find_correction(g);
  snprintf(words, sizeof words,
           "the judgements on %s contradict each other: consistency ratio %.3f, above %g; what hurts most is '%s' over "
           "'%s', %s times; with %s the ratio would be %.3f",
           name, g->ratio, limit, g->members[c.i], g->members[c.j],
           written(g->a[c.i * g->count + c.j], now, sizeof now), written(c.value, then, sizeof then), c.ratio);
  if (outcome == ERROR) {
    error->item = g->item[c.i * g->count + c.j];
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s", words);
  }
  fact_say(&m->facts, fact_add(&m->facts, g->ratio, "verdict_%s", name), 1, "%s", words);
  return TARAZU_OK;
}

/* ---- weights ----------------------------------------------------------------------------------------------- */

/* How far judges are apart: the geometric standard deviation of the pair on which they differ most. */
static void tell_disagreement(ahp *m, const group *g, const pair_sum *sums)
{
  double most = 0;
  uint32_t at = 0;
  for (uint32_t k = 0; k < g->count * g->count; k++) {
    double n = sums[k].count, mean = n > 0 ? sums[k].sum / n : 0;
    double variance = n > 1 ? (sums[k].squares - n * mean * mean) / (n - 1) : 0;
    if (variance > most) {
      most = variance;
      at = k;
    }
  }
  if (!(most > 0)) return;
  fact_add(&m->facts, exp(sqrt(most)), "disagreement_%s_over_%s", g->members[at / g->count], g->members[at % g->count]);
}

static tarazu_status solve(ahp *m, group *groups, uint32_t count, const pair_sum *sums, const tarazu_args *args,
                           tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  for (uint32_t g = 0; status == TARAZU_OK && g < count; g++) {
    group *one = &groups[g];
    const char *name = one->name ? one->name : count > 1 ? "dimensions" : "criteria";
    one->lambda = principal(one->a, one->count, one->w);
    one->ratio = ratio_of(one->lambda, one->count);
    if (one->count > 2) {
      fact_add(&m->facts, one->ratio, "consistency_ratio_%s", name);
      fact_add(&m->facts, one->lambda, "lambda_max_%s", name);
    }
    tell_disagreement(m, one, &sums[(size_t)g * MOST_MEMBERS * MOST_MEMBERS]);
    status = judge_group(m, one, tarazu_arg(args, LIMIT)->real, tarazu_arg(args, INCONSISTENT)->integer, error);
  }
  for (uint32_t c = 0; c < m->weigher.count; c++) {
    const char *name = weigher_criterion(&m->weigher, c);
    if (count == 1) {
      m->weigher.measure[c] = groups[0].w[c];
      continue;
    }
    const group *own = &groups[find_group(groups, count, dimension_of(&m->weigher, c))];
    m->weigher.measure[c] = groups[0].w[member_of(&groups[0], own->name)] * own->w[member_of(own, name)];
  }
  return status;
}

static tarazu_status judge(ahp *m, group *groups, pair_sum *sums, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *judgements = tarazu_arg(args, JUDGEMENTS);
  weigher *w = &m->weigher;
  uint32_t count = make_groups(w, is_flat(w, judgements), groups);
  error->param = JUDGEMENTS;
  tarazu_status status = gather(w, groups, count, judgements, sums, error);
  /* Where nobody compares dimensions, the profile weighs them. */
  int compared = count == 1;
  for (uint32_t k = 0; k < MOST_MEMBERS * MOST_MEMBERS; k++) compared |= sums[k].count > 0;
  for (uint32_t g = 0; status == TARAZU_OK && g < count; g++) {
    size_t cells = (size_t)groups[g].count * groups[g].count;
    groups[g].a = malloc((cells + 1) * sizeof *groups[g].a);
    groups[g].item = malloc((cells + 1) * sizeof *groups[g].item);
    if (!groups[g].a || !groups[g].item) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the judgements");
    status = fill(&groups[g], &sums[(size_t)g * MOST_MEMBERS * MOST_MEMBERS], g || compared, error);
  }
  if (status != TARAZU_OK) return status;
  find_stray(w, groups, count, judgements);
  return solve(m, groups, count, sums, args, error);
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ahp *m = self;
  tarazu_status status = weigher_create(&m->weigher, context, "ahp", error);
  if (status != TARAZU_OK) return status;
  if (m->weigher.count > MOST_MEMBERS)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, ahp takes %d", m->weigher.count, MOST_MEMBERS);
  group *groups = calloc(MOST_GROUPS, sizeof *groups);
  pair_sum *sums = calloc((size_t)MOST_GROUPS * MOST_MEMBERS * MOST_MEMBERS, sizeof *sums);
  if (groups && sums && facts_begin(&m->facts, 4 * MOST_GROUPS)) status = judge(m, groups, sums, args, error);
  else status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the judgements");
  for (uint32_t g = 0; groups && g < MOST_GROUPS; g++) {
    free(groups[g].a);
    free(groups[g].item);
  }
  free(groups);
  free(sums);
  if (status == TARAZU_OK) error->param = error->item = -1;
  return status;
}

static void destroy(void *self)
{
  facts_free(&((ahp *)self)->facts);
  weigher_destroy(self);
}

static tarazu_list facts(const void *self)
{
  const fact_list *l = &((const ahp *)self)->facts;
  return (tarazu_list){l->items, l->count, sizeof *l->items};
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "ahp",
    .version = "1.0",
    .license = "MIT",
    .summary = "weights from judgements on every two criteria, and whether these agree",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(ahp),
    .create = create,
    .destroy = destroy,
    .weights = weigher_weights,
    .facts = facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "ahp",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
