/* best_worst: weights from how many times as important the best criterion is as each other one, and each other one as
 * the worst (the best-worst method, Rezaei 2015; its linear model, Rezaei 2016; input-based consistency, Liang,
 * Brunelli, Rezaei 2020). */
#include "../shared/facts.h"
#include "../shared/weigher.h"

#include <glpk.h>

enum { JUDGEMENTS, WITHIN, INCONSISTENT };
enum { CRITERION, BEST_OVER, OVER_WORST, JUDGE }; /* a judgement's fields */
enum { ALL, DIMENSIONS };
enum { WARNING, ERROR };
enum { MOST_JUDGES = 100 };

static const char *const withins[] = {"all", "dimensions", NULL};
static const char *const outcomes[] = {"warning", "error", NULL};
static const tarazu_param judgement_fields[] = {
    {.name = "criterion", .kind = TARAZU_COLUMN, .help = "a criterion"},
    {.name = "best_over",
     .kind = TARAZU_REAL,
     .least = 1,
     .most = 9,
     .help = "how many times as important the best criterion is as it; of the best one itself 1"},
    {.name = "over_worst",
     .kind = TARAZU_REAL,
     .least = 1,
     .most = 9,
     .help = "how many times as important it is as the worst criterion; of the worst one itself 1"},
    {.name = "judge", .kind = TARAZU_STRING, .optional = 1, .help = "whose judgement it is, where there are several"},
};
static const tarazu_param params[] = {
    {.name = "judgements",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(judgement_fields),
     .help = "one a criterion, and one a judge where there are several"},
    {.name = "within",
     .kind = TARAZU_CHOICE,
     .choices = withins,
     .initial = "all",
     .help = "whether all criteria have one best and one worst, or those of each dimension"},
    {.name = "inconsistent",
     .kind = TARAZU_CHOICE,
     .choices = outcomes,
     .initial = "warning",
     .help = "what judgements that contradict each other too much are"},
};

typedef struct best_worst {
  weigher weigher;
  fact_list facts;
} best_worst;

/* What one judge says of the criteria of one group. */
typedef struct opinion {
  const char *judge; /* NULL: the only one */
  const char *group; /* the dimension's name; NULL: all criteria */
  uint32_t count;
  uint32_t criteria[MOST_CRITERIA];
  int32_t items[MOST_CRITERIA]; /* their records; -1: none yet */
  double best_over[MOST_CRITERIA], over_worst[MOST_CRITERIA];
  uint32_t best, worst; /* places among the group's criteria */
  double w[MOST_CRITERIA], xi, ratio;
} opinion;

/* ---- consistency ------------------------------------------------------------------------------------------- */

/* CR = max over j of |a_Bj a_jW - a_BW| / (a_BW^2 - a_BW), and the criterion j where it is reached. */
static double input_ratio(const opinion *o, uint32_t *at)
{
  double whole = o->best_over[o->worst], most = 0;
  *at = o->best;
  for (uint32_t j = 0; j < o->count; j++) {
    double ratio = whole > 1 ? fabs(o->best_over[j] * o->over_worst[j] - whole) / (whole * whole - whole) : 0;
    if (!(ratio > most)) continue;
    most = ratio;
    *at = j;
  }
  return most;
}

/* Up to which ratio judgements agree well enough: by a_BW from 3 to 9 (rows) and 3 to 9 criteria (Liang, Brunelli,
 * Rezaei 2020, thresholds of the input-based ratio). */
static double threshold(double whole, uint32_t criteria)
{
  static const double known[7][7] = {
      {.1667, .1667, .1667, .1667, .1667, .1667, .1667}, {.1121, .1529, .1898, .2206, .2527, .2577, .2683},
      {.1354, .1994, .2306, .2546, .2716, .2844, .2960}, {.1330, .1990, .2643, .3044, .3144, .3221, .3262},
      {.1294, .2457, .2819, .3029, .3144, .3251, .3403}, {.1309, .2521, .2958, .3154, .3408, .3620, .3657},
      {.1359, .2681, .3062, .3337, .3517, .3620, .3662}};
  int row = (int)round(whole) - 3, column = (int)criteria - 3;
  row = row < 0 ? 0 : row > 6 ? 6 : row;
  column = column < 0 ? 0 : column > 6 ? 6 : column;
  return known[row][column];
}

/* ---- the linear model -------------------------------------------------------------------------------------- */

/* One constraint |w_i - a w_j| <= xi, as two rows: w_i - a w_j - xi <= 0 and -w_i + a w_j - xi <= 0. */
static void constrain(glp_prob *lp, int i, int j, double a, int xi)
{
  for (int sign = 1; sign >= -1; sign -= 2) {
    int row = glp_add_rows(lp, 1);
    const int columns[] = {0, i, j, xi};
    const double values[] = {0, sign, -sign * a, -1};
    glp_set_row_bnds(lp, row, GLP_UP, 0, 0);
    glp_set_mat_row(lp, row, 3, columns, values);
  }
}

/* min xi over w with |w_B - a_Bj w_j| <= xi, |w_j - a_jW w_W| <= xi, w >= 0, sum w = 1. 0: the solver gave up. */
static int solve(opinion *o)
{
  int begun = glp_init_env(); /* GLPK's own, one a thread; 1: somebody else's stands there, and stays */
  if (begun > 1) return 0;
  glp_prob *lp = glp_create_prob();
  int n = (int)o->count, xi = n + 1, columns[MOST_CRITERIA + 1];
  double ones[MOST_CRITERIA + 1];
  glp_smcp quiet;
  glp_init_smcp(&quiet);
  quiet.msg_lev = GLP_MSG_OFF;
  quiet.tol_bnd = quiet.tol_dj = 1e-10;
  glp_add_cols(lp, n + 1);
  for (int j = 1; j <= n + 1; j++) glp_set_col_bnds(lp, j, GLP_LO, 0, 0);
  glp_set_obj_dir(lp, GLP_MIN);
  glp_set_obj_coef(lp, xi, 1);
  for (int j = 1; j <= n; j++) {
    columns[j] = j;
    ones[j] = 1;
    if (j - 1 != (int)o->best) constrain(lp, (int)o->best + 1, j, o->best_over[j - 1], xi);
    if (j - 1 != (int)o->worst && j - 1 != (int)o->best) constrain(lp, j, (int)o->worst + 1, o->over_worst[j - 1], xi);
  }
  int whole = glp_add_rows(lp, 1);
  glp_set_row_bnds(lp, whole, GLP_FX, 1, 1);
  glp_set_mat_row(lp, whole, n, columns, ones);
  int good = glp_simplex(lp, &quiet) == 0 && glp_get_status(lp) == GLP_OPT;
  for (int j = 1; j <= n; j++) o->w[j - 1] = glp_get_col_prim(lp, j);
  o->xi = glp_get_obj_val(lp);
  glp_delete_prob(lp);
  if (begun == 0) glp_free_env();
  return good;
}

/* ---- judgements -------------------------------------------------------------------------------------------- */

static const char *group_of(const weigher *w, int64_t within, uint32_t criterion)
{
  const char *dimension = tarazu_bound_at(w->context, criterion)->dimension;
  return within == ALL ? NULL : dimension ? dimension : "";
}

static int same(const char *a, const char *b)
{
  return a == b || (a && b && !strcmp(a, b));
}

/* The judge's opinion on the group, made where there is none; NULL: too many. */
static opinion *opinion_of(const weigher *w, opinion *all, uint32_t *count, const char *judge, const char *group,
                           int64_t within)
{
  for (uint32_t k = 0; k < *count; k++)
    if (same(all[k].judge, judge) && same(all[k].group, group)) return &all[k];
  if (*count == MOST_JUDGES) return NULL;
  opinion *o = &all[(*count)++];
  o->judge = judge;
  o->group = group;
  for (uint32_t c = 0; c < w->count; c++) {
    if (!same(group_of(w, within, c), group)) continue;
    o->items[o->count] = -1;
    o->criteria[o->count++] = c;
  }
  return o;
}

static tarazu_status read_judgements(const weigher *w, const tarazu_args *args, opinion *all, uint32_t *count,
                                     tarazu_error *error)
{
  const tarazu_value *judgements = tarazu_arg(args, JUDGEMENTS);
  int64_t within = tarazu_arg(args, WITHIN)->integer;
  for (uint32_t k = 0; k < judgements->count; k++) {
    const tarazu_args *record = &judgements->records[k];
    const char *judge = tarazu_arg(record, JUDGE)->given ? tarazu_arg(record, JUDGE)->text : NULL;
    uint32_t criterion = (uint32_t)tarazu_arg(record, CRITERION)->integer, at = 0;
    error->item = (int32_t)k;
    opinion *o = opinion_of(w, all, count, judge, group_of(w, within, criterion), within);
    if (!o) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "best_worst takes at most %d judges", MOST_JUDGES);
    while (o->criteria[at] != criterion) at++;
    if (o->items[at] >= 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' is judged a second time%s%s",
                         weigher_criterion(w, criterion), judge ? " by " : "", judge ? judge : "");
    o->items[at] = (int32_t)k;
    o->best_over[at] = tarazu_arg(record, BEST_OVER)->real;
    o->over_worst[at] = tarazu_arg(record, OVER_WORST)->real;
  }
  error->item = -1;
  return TARAZU_OK;
}

/* " of sales, dimension financial", for messages. */
static const char *whose(const opinion *o, char *to, size_t size)
{
  snprintf(to, size, "%s%s%s%s%s", o->judge ? " by " : "", o->judge ? o->judge : "", o->group ? " in dimension '" : "",
           o->group ? o->group : "", o->group ? "'" : "");
  return to;
}

/* The best criterion is the one that the best is once as important as; of several, the one furthest over the worst. */
static tarazu_status find_ends(const weigher *w, opinion *o, tarazu_error *error)
{
  char by[200];
  int32_t best = -1, worst = -1;
  whose(o, by, sizeof by);
  for (uint32_t j = 0; j < o->count; j++) {
    if (o->items[j] < 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' is not judged%s; every one is needed",
                         weigher_criterion(w, o->criteria[j]), by);
    if (o->best_over[j] <= 1 && (best < 0 || o->over_worst[j] > o->over_worst[best])) best = (int32_t)j;
    if (o->over_worst[j] <= 1 && (worst < 0 || o->best_over[j] > o->best_over[worst])) worst = (int32_t)j;
  }
  if (best < 0 || worst < 0)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no criterion has %s: 1%s; the %s one has",
                       best < 0 ? "best_over" : "over_worst", by, best < 0 ? "best" : "worst");
  o->best = (uint32_t)best;
  o->worst = (uint32_t)worst;
  if (o->best_over[worst] == o->over_worst[best]) return TARAZU_OK;
  error->item = o->items[worst];
  return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                     "the best criterion, '%s', is %g times as important as the worst, '%s', by the one's over_worst, "
                     "and %g times by the other's best_over%s; expected the same number",
                     weigher_criterion(w, o->criteria[best]), o->over_worst[best],
                     weigher_criterion(w, o->criteria[worst]), o->best_over[worst], by);
}

/* ---- the verdict ------------------------------------------------------------------------------------------- */

static tarazu_status judge_opinion(best_worst *m, opinion *o, int64_t outcome, tarazu_error *error)
{
  char by[200], words[600];
  uint32_t at;
  double limit = threshold(o->best_over[o->worst], o->count);
  o->ratio = input_ratio(o, &at);
  const char *name = o->judge ? o->judge : o->group ? o->group : "criteria";
  fact_add(&m->facts, o->ratio, "consistency_ratio_%s%s%s", name, o->judge && o->group ? "_" : "",
           o->judge && o->group ? o->group : "");
  if (o->ratio <= limit) return TARAZU_OK;
  snprintf(words, sizeof words,
           "the judgements%s contradict each other: consistency ratio %.4f, above %.4f; what hurts most is '%s': best "
           "over it %g times, it over worst %g times, together %g, expected near %g (best over worst)",
           whose(o, by, sizeof by), o->ratio, limit, weigher_criterion(&m->weigher, o->criteria[at]), o->best_over[at],
           o->over_worst[at], o->best_over[at] * o->over_worst[at], o->best_over[o->worst]);
  if (outcome == ERROR) {
    error->item = o->items[at];
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s", words);
  }
  fact_say(&m->facts, fact_add(&m->facts, o->ratio, "verdict_%s", name), 1, "%s", words);
  return TARAZU_OK;
}

/* Judges meet at the geometric mean of their weights; how far they are apart is the geometric standard deviation of the
 * criterion on which they differ most. */
static void meet(best_worst *m, const opinion *all, uint32_t count)
{
  double most = 0;
  uint32_t where = 0;
  for (uint32_t c = 0; c < m->weigher.count; c++) {
    double sum = 0, squares = 0, judges = 0, nothing = 0;
    for (uint32_t k = 0; k < count; k++)
      for (uint32_t j = 0; j < all[k].count; j++) {
        if (all[k].criteria[j] != c) continue;
        double logarithm = all[k].w[j] > 0 ? log(all[k].w[j]) : 0;
        nothing += !(all[k].w[j] > 0);
        sum += logarithm;
        squares += logarithm * logarithm;
        judges++;
      }
    m->weigher.measure[c] = nothing > 0 ? 0 : exp(sum / judges);
    double variance = judges > 1 && !(nothing > 0) ? (squares - sum * sum / judges) / (judges - 1) : 0;
    if (variance > most) {
      most = variance;
      where = c;
    }
  }
  if (most > 0) fact_add(&m->facts, exp(sqrt(most)), "disagreement_%s", weigher_criterion(&m->weigher, where));
}

static tarazu_status judge(best_worst *m, const tarazu_args *args, opinion *all, tarazu_error *error)
{
  uint32_t count = 0;
  error->param = JUDGEMENTS;
  tarazu_status status = read_judgements(&m->weigher, args, all, &count, error);
  for (uint32_t k = 0; status == TARAZU_OK && k < count; k++) {
    status = find_ends(&m->weigher, &all[k], error);
    if (status == TARAZU_OK && !solve(&all[k]))
      status = tarazu_fail(error, TARAZU_NUMERIC, "the weights of these judgements were not found");
    if (status == TARAZU_OK) status = judge_opinion(m, &all[k], tarazu_arg(args, INCONSISTENT)->integer, error);
    if (status == TARAZU_OK && all[k].count > 1)
      fact_add(&m->facts, all[k].xi, "xi%s%s%s%s", all[k].judge ? "_" : "", all[k].judge ? all[k].judge : "",
               all[k].group ? "_" : "", all[k].group ? all[k].group : "");
  }
  for (uint32_t c = 0; status == TARAZU_OK && c < m->weigher.count; c++) {
    int judged = 0;
    for (uint32_t k = 0; k < count; k++)
      for (uint32_t j = 0; j < all[k].count; j++) judged |= all[k].criteria[j] == c;
    if (!judged)
      status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' is not judged; every one is needed",
                           weigher_criterion(&m->weigher, c));
  }
  if (status == TARAZU_OK) meet(m, all, count);
  return status;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  best_worst *m = self;
  tarazu_status status = weigher_create(&m->weigher, context, "best_worst", error);
  if (status != TARAZU_OK) return status;
  opinion *all = calloc(MOST_JUDGES, sizeof *all);
  if (all && facts_begin(&m->facts, 3 * MOST_JUDGES + 1)) status = judge(m, args, all, error);
  else status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the judgements");
  free(all);
  if (status == TARAZU_OK) error->param = error->item = -1;
  return status;
}

static void destroy(void *self)
{
  facts_free(&((best_worst *)self)->facts);
  weigher_destroy(self);
}

static tarazu_list facts(const void *self)
{
  const fact_list *l = &((const best_worst *)self)->facts;
  return (tarazu_list){l->items, l->count, sizeof *l->items};
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "best_worst",
    .version = "1.0",
    .license = "MIT",
    .summary = "weights from comparing each criterion with the best and the worst one",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(best_worst),
    .create = create,
    .destroy = destroy,
    .weights = weigher_weights,
    .facts = facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "best_worst",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
