/* influence: whom others listen to. PageRank, PageRank from given customers, LeaderRank or Katz's status over weighted
 * edges that fade with time; and the value of those influenced, as far as it is owed to each who influenced them. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "../shared/graph.h"

enum {
  METHOD,
  INFLUENCER,
  DAMPING,
  ATTENUATION,
  HALF_LIFE,
  TOLERANCE,
  MOST_ITERATIONS,
  VALUE_SHARE,
  LEVELS,
  PASSED_ON
};
enum { PAGERANK, PERSONALIZED_PAGERANK, LEADER_RANK, KATZ };
enum { INFLUENCER_TO, INFLUENCER_FROM };

static const char *const methods[] = {"pagerank", "personalized_pagerank", "leader_rank", "katz", NULL};
static const char *const ends[] = {"to", "from", NULL};
static const tarazu_param params[] = {
    {.name = "method",
     .kind = TARAZU_CHOICE,
     .choices = methods,
     .initial = "pagerank",
     .help = "how influence adds up along edges"},
    {.name = "influencer",
     .kind = TARAZU_CHOICE,
     .choices = ends,
     .initial = "to",
     .help = "which end of an edge has influence on the other; to: edges say who follows, trusts or rates whom"},
    {.name = "damping",
     .kind = TARAZU_PROPORTION,
     .initial = "85%",
     .least = 0,
     .most = 0.9999,
     .help = "of PageRank: how much of a rank is handed on along edges"},
    {.name = "attenuation",
     .kind = TARAZU_REAL,
     .optional = 1,
     .least = 1e-300,
     .most = 1e300,
     .help = "of katz: what each further step counts; where absent 0.85 / the spectral radius, bounded from above"},
    {.name = "half_life",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "an edge this old weighs half; all weigh fully where absent"},
    {.name = "tolerance",
     .kind = TARAZU_REAL,
     .initial = "1e-10",
     .least = 1e-14,
     .most = 0.1,
     .help =
         "iterations end when all ranks together change by no more; of katz when no status can grow by more than this "
         "share of it"},
    {.name = "most_iterations",
     .kind = TARAZU_INTEGER,
     .initial = "1000",
     .least = 1,
     .most = 1e6,
     .help = "where these do not reach the tolerance, a warning says so"},
    {.name = "value_share",
     .kind = TARAZU_PROPORTION,
     .initial = "100%",
     .least = 0,
     .most = 1,
     .help = "how much of a customer's value is owed to those who influence her"},
    {.name = "levels",
     .kind = TARAZU_INTEGER,
     .initial = "2",
     .least = 1,
     .most = 100,
     .help =
         "1: value goes to those who influence a customer directly; 2: also to those who influence them; and so on"},
    {.name = "passed_on",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "how much of the value that came to her an influencer owes to those who influence her"},
};

enum { FROM, TO, WEIGHT, TIME, RESTART, VALUE }; /* columns */

static const tarazu_field edge_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "one end"},
    {.name = "to", .type = TARAZU_ROW, .help = "the other"},
    {.name = "weight", .type = TARAZU_F64, .optional = 1, .help = "how strong, 0 or more; all alike where not bound"},
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when it came to be, or was last seen"},
};
static const tarazu_field restart_fields[] = {
    {.name = "restart", .type = TARAZU_F64, .help = "0 or more; null counts 0"},
};
static const tarazu_field value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what a customer is worth"},
};
static const tarazu_input inputs[] = {
    {.name = "edges",
     .shape = TARAZU_EDGES,
     .fields = TARAZU_LIST(edge_fields),
     .help = "who follows, trusts, rates, mentions or tells whom"},
    {.name = "restart",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(restart_fields),
     .help = "of personalized_pagerank: from whom influence is counted, and by how much"},
    {.name = "value",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(value_fields),
     .help = "what a customer is worth: another criterion, or a column; for the output value"},
};

enum { SCORE, OWED, INFLUENCED }; /* outputs */

static const tarazu_output outputs[] = {
    {.name = "influence",
     .type = TARAZU_F64,
     .better = 1,
     .help = "PageRank: all sum to 1; leader_rank: the mean is 1; katz: 0 for one who influences nobody"},
    {.name = "value",
     .type = TARAZU_F64,
     .better = 1,
     .help =
         "the value of others that is owed to her influence, in the unit of the input; null where that is not bound"},
    {.name = "influenced", .type = TARAZU_I64, .better = 1, .unit = "customers", .help = "directly"},
};

enum { MOST_FACTS = 20, SURE_STEPS = 100 };

/* An edge weighs more than the one or is dropped, all edges on a customer no more than the other, so that whatever is
 * divided by them stays a double. */
static const double least_weight = 1e-250, most_strength = 1e250;

/* rank(i) = carry * sum over those j whom i influences of w(i, j) / divisor(j) * (rank(j) - base) + what is everybody's
 */
typedef struct influence {
  const tarazu_host *host;
  int64_t method, influencer, most_iterations, levels, as_of;
  double damping, attenuation, half_life, tolerance, value_share, passed_on;
  int has_value;
  int64_t rows;
  graph pull;       /* fitted: each customer with those whom she influences */
  double *strength; /* of all influence on a customer */
  double *divisor;  /* what the method divides an edge on a customer by; NULL: 1 */
  double *score, *owed;
  double carry, base, mean;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} influence;

/* ---- creation ---- */

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  influence *v = self;
  const tarazu_value *half_life = tarazu_arg(args, HALF_LIFE), *attenuation = tarazu_arg(args, ATTENUATION);
  *v = (influence){.host = context->host,
                   .method = tarazu_arg(args, METHOD)->integer,
                   .influencer = tarazu_arg(args, INFLUENCER)->integer,
                   .most_iterations = tarazu_arg(args, MOST_ITERATIONS)->integer,
                   .levels = tarazu_arg(args, LEVELS)->integer,
                   .as_of = context->as_of,
                   .damping = tarazu_arg(args, DAMPING)->real,
                   .attenuation = attenuation->given ? attenuation->real : 0,
                   .half_life = half_life->given ? half_life->real : 0,
                   .tolerance = tarazu_arg(args, TOLERANCE)->real,
                   .value_share = tarazu_arg(args, VALUE_SHARE)->real,
                   .passed_on = tarazu_arg(args, PASSED_ON)->real,
                   .has_value = tarazu_bound_at(context, VALUE)->type != 0};
  int restarts = tarazu_bound_at(context, RESTART)->type != 0;
  if (restarts != (v->method == PERSONALIZED_PAGERANK)) {
    error->param = METHOD;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       restarts ? "method %s takes no restart: leave the input out, or choose personalized_pagerank"
                                : "method %s needs the input restart: the customers from whom influence is counted",
                       methods[v->method]);
  }
  if (attenuation->given && v->method != KATZ) {
    error->param = ATTENUATION;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "attenuation is of the method katz, not of %s", methods[v->method]);
  }
  return TARAZU_OK;
}

static void forget(influence *v)
{
  graph_free(&v->pull);
  free(v->divisor);
  free(v->strength);
  free(v->score);
  free(v->owed);
  v->divisor = v->strength = v->score = v->owed = NULL;
  v->fact_count = 0;
}

static void destroy(void *self)
{
  forget(self);
}

static void tell(influence *v, const char *name, double value)
{
  v->facts[v->fact_count++] = (tarazu_fact){.name = name, .value = value, .error = -1};
}

static void warn(influence *v, const char *name, double value, const char *text)
{
  v->facts[v->fact_count++] = (tarazu_fact){.name = name, .value = value, .error = -1, .text = text, .level = 1};
}

/* ---- sums over the graph ---- */

/* What an iteration goes over, and what it finds: a sum, a sum of changes and a greatest value of each part, which are
 * then taken together in the parts' order. */
typedef struct sweep {
  const influence *v;
  const double *restart; /* NULL: all alike */
  double *leak;          /* of LeaderRank and PageRank: the chance to start anew */
  const double *now;
  double *next, *total;
  int64_t parts, *bounds;
  double leaking, carry, uniform, ground;
  struct sweep_part {
    double sum, change, most;
  } * found, all;
} sweep;

/* The sum over those whom a customer influences. Plainly one after the other: rows are short, and the processor goes on
 * to the next while memory is waited for; several sums side by side were measured to be no faster. */
static double gather(const graph *g, int64_t row, const double *y)
{
  const uint32_t *column = g->column;
  int64_t end = g->start[row + 1];
  double sum = 0;
  if (g->weight)
    for (int64_t e = g->start[row]; e < end; e++) sum += g->weight[e] * y[column[e]];
  else
    for (int64_t e = g->start[row]; e < end; e++) sum += y[column[e]];
  return sum;
}

static void run(sweep *s, void (*task)(void *argument, int64_t part))
{
  s->v->host->parallel(s->v->host, s->parts, task, s);
  s->all = (struct sweep_part){0, 0, 0};
  for (int64_t i = 0; i < s->parts; i++) {
    s->all.sum += s->found[i].sum;
    s->all.change += s->found[i].change;
    if (s->found[i].most > s->all.most) s->all.most = s->found[i].most;
  }
}

static void turn(sweep *s, double **now, double **next)
{
  double *before = *now;
  *now = *next;
  *next = before;
  s->now = *now;
  s->next = *next;
}

static int sweep_make(sweep *s, const influence *v)
{
  *s = (sweep){.v = v, .parts = graph_parts(&v->pull), .uniform = v->rows ? 1 / (double)v->rows : 0};
  s->bounds = malloc(((size_t)s->parts + 1) * sizeof *s->bounds);
  s->found = malloc((size_t)s->parts * sizeof *s->found);
  for (int64_t i = 0; s->bounds && i <= s->parts; i++) s->bounds[i] = graph_part_row(&v->pull, i, s->parts);
  return s->bounds && s->found;
}

static void sweep_free(sweep *s)
{
  free(s->bounds);
  free(s->found);
}

/* ---- PageRank and LeaderRank ---- */

/* u(i) = carry * sum w(i, j) u(j) / D(j) + r(i) * sum leak(j) u(j): who stands at j goes on along an edge, or with
 * chance leak(j) starts anew at r. What is iterated is y = u / D, which is all that others ask of j. */
static void rank_part(void *argument, int64_t part)
{
  sweep *s = argument;
  const influence *v = s->v;
  struct sweep_part found = {0, 0, 0};
  for (int64_t i = s->bounds[part]; i < s->bounds[part + 1]; i++) {
    double r = s->restart ? s->restart[i] : s->uniform;
    double u = s->carry * gather(&v->pull, i, s->now) + s->leaking * r;
    double y = u / v->divisor[i];
    found.change += fabs(y - s->now[i]) * v->divisor[i];
    found.sum += s->leak[i] * u;
    s->next[i] = y;
  }
  s->found[part] = found;
}

static void rank_begin_part(void *argument, int64_t part)
{
  sweep *s = argument;
  struct sweep_part found = {0, 0, 0};
  for (int64_t i = s->bounds[part]; i < s->bounds[part + 1]; i++) {
    double r = s->restart ? s->restart[i] : s->uniform;
    s->next[i] = r / s->v->divisor[i];
    found.sum += s->leak[i] * r;
  }
  s->found[part] = found;
}

/* From y back to u, and all of them together. */
static void rank_end_part(void *argument, int64_t part)
{
  sweep *s = argument;
  struct sweep_part found = {0, 0, 0};
  for (int64_t i = s->bounds[part]; i < s->bounds[part + 1]; i++) {
    s->total[i] = s->now[i] * s->v->divisor[i];
    found.sum += s->total[i];
    found.change += s->leak[i] * s->total[i];
  }
  s->found[part] = found;
}

static tarazu_status rank_iterate(influence *v, sweep *s, double **now, double **next, tarazu_error *error)
{
  int64_t iterations = 0;
  double change = INFINITY;
  s->next = *next;
  run(s, rank_begin_part);
  turn(s, now, next);
  for (; iterations < v->most_iterations && change > v->tolerance; iterations++) {
    if (!v->host->progress(v->host, (double)iterations / (double)v->most_iterations))
      return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    s->leaking = s->all.sum;
    run(s, rank_part);
    turn(s, now, next);
    change = s->all.change;
  }
  tell(v, "iterations", (double)iterations);
  if (change > v->tolerance)
    warn(v, "residual", change, "not converged within most_iterations: all ranks together still changed by this");
  else tell(v, "residual", change);
  return TARAZU_OK;
}

/* PageRank (Brin, Page 1998): u sums to 1. LeaderRank (Lü, Zhang, Yeung, Zhou 2011): a ground customer is tied to
 * everyone both ways; in the stationary state the others have s(i) and she s_g = sum s(j) leak(j), together N, and
 * S(i) = s(i) + s_g / N. She is folded into leak and restart here, so that u is s but for a factor. */
static void rank_finish(influence *v, sweep *s)
{
  s->total = v->score;
  run(s, rank_end_part);
  double n = (double)v->rows, sum = s->all.sum, ground = s->all.change / sum, factor = 1 / sum;
  v->base = 0;
  if (v->method == LEADER_RANK) {
    factor = n / (1 + ground) / sum;
    v->base = ground / (1 + ground);
  }
  for (int64_t i = 0; i < v->rows; i++) v->score[i] = factor * v->score[i] + v->base;
}

static int is_influenced(const influence *v, int64_t row)
{
  return v->strength[row] > 0;
}

/* One whom nobody influences hands nothing on along edges: PageRank starts anew from her, as igraph has it. */
static void rank_prepare_part(void *argument, int64_t part)
{
  sweep *s = argument;
  const influence *v = s->v;
  for (int64_t i = s->bounds[part]; i < s->bounds[part + 1]; i++) {
    double strength = v->strength[i];
    if (v->method == LEADER_RANK) {
      v->divisor[i] = strength + s->ground;
      s->leak[i] = s->ground / v->divisor[i];
    } else {
      v->divisor[i] = strength > 0 ? strength : 1;
      s->leak[i] = strength > 0 ? 1 - v->damping : 1;
    }
  }
  s->found[part] = (struct sweep_part){0, 0, 0};
}

/* The ground customer's edges weigh as much as the mean edge, which is 1 as in the paper where edges have no weights.
 */
static void rank_prepare(influence *v, sweep *s)
{
  double weight = 0;
  for (int64_t i = 0; v->method == LEADER_RANK && i < v->rows; i++) weight += v->strength[i];
  s->ground = v->pull.edges ? weight / (double)v->pull.edges : 1;
  s->carry = v->carry = v->method == LEADER_RANK ? 1 : v->damping;
  run(s, rank_prepare_part);
}

/* restart / its sum. */
static tarazu_status read_restart(const tarazu_column *column, int64_t rows, double *restart, tarazu_error *error)
{
  double sum = 0;
  for (int64_t i = 0; i < rows; i++) {
    restart[i] = tarazu_is_valid(column, i) ? ((const double *)column->values)[i] : 0;
    if (!(restart[i] >= 0)) {
      error->row = i;
      return tarazu_fail(error, TARAZU_BAD_DATA, "restart is %g, expected 0 or more", restart[i]);
    }
    sum += restart[i];
  }
  if (!(sum > 0) || !isfinite(sum))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the column restart sums to %g, expected a number above 0", sum);
  for (int64_t i = 0; i < rows; i++) restart[i] /= sum;
  return TARAZU_OK;
}

static tarazu_status rank(influence *v, sweep *s, const tarazu_column *restart, tarazu_error *error)
{
  size_t room = (size_t)v->rows + 1;
  double *now = malloc(room * sizeof *now), *next = malloc(room * sizeof *next), *leak = malloc(room * sizeof *leak);
  double *from = restart ? malloc(room * sizeof *from) : NULL;
  v->divisor = malloc(room * sizeof *v->divisor);
  int good = now && next && leak && v->divisor && (from || !restart);
  tarazu_status status = good ? TARAZU_OK : graph_no_memory(error, v->rows, v->pull.edges);
  if (good && restart) status = read_restart(restart, v->rows, from, error);
  if (!status) {
    s->leak = leak;
    s->restart = from;
    rank_prepare(v, s);
    status = rank_iterate(v, s, &now, &next, error);
  }
  if (!status) rank_finish(v, s);
  free(now);
  free(next);
  free(leak);
  free(from);
  return status;
}

/* ---- Katz ---- */

/* One more term of the sum over walks: next = a A now, x += next. */
static void katz_part(void *argument, int64_t part)
{
  sweep *s = argument;
  struct sweep_part found = {0, 0, 0};
  for (int64_t i = s->bounds[part]; i < s->bounds[part + 1]; i++) {
    double term = s->carry * gather(&s->v->pull, i, s->now);
    s->next[i] = term;
    if (s->total) s->total[i] += term;
    found.sum += term;
    if (term > found.most) found.most = term;
  }
  s->found[part] = found;
}

static void katz_begin(sweep *s, double *now, double *next, double a)
{
  for (int64_t i = 0; i < s->v->rows; i++) now[i] = 1;
  s->now = now;
  s->next = next;
  s->carry = a;
}

/* An upper bound of the spectral radius r: the greatest row sum of A^k is at least r^k, whatever A is, and its k-th
 * root comes down to r as k grows (Gelfand 1941). The smallest bound above 0; 0: there is no edge. */
static double spectral_bound(sweep *s, double **now, double **next)
{
  double widest = 0, bound;
  for (int64_t i = 0; i < s->v->rows; i++) {
    double sum = 0;
    for (int64_t e = s->v->pull.start[i]; e < s->v->pull.start[i + 1]; e++) sum += graph_weight(&s->v->pull, e);
    if (sum > widest) widest = sum;
  }
  bound = widest;
  if (!(widest > 0)) return 0;
  katz_begin(s, *now, *next, 1 / widest);
  for (int k = 1; k <= SURE_STEPS; k++) {
    run(s, katz_part);
    turn(s, now, next);
    if (!(s->all.most > 1e-280)) break;
    double root = widest * pow(s->all.most, 1. / k);
    if (root < bound) bound = root;
  }
  return bound;
}

/* The terms grow as the powers of attenuation * spectral radius do; how much is seen from the last power of two but one
 * to now, so that neither the beginning nor a back and forth between terms shows much. 0: not known yet. */
typedef struct growth {
  int64_t k[2];
  double sum[2];
} growth;

static double growth_rate(growth *g, int64_t k, double sum)
{
  double rate = g->k[0] && sum > 0 ? pow(sum / g->sum[0], 1 / (double)(k - g->k[0])) : 0;
  if ((k & (k - 1)) == 0) *g = (growth){{g->k[1], k}, {g->sum[1], sum}};
  return rate;
}

static tarazu_status katz_diverges(const influence *v, double rate, int64_t terms, tarazu_error *error)
{
  error->param = v->attenuation > 0 && rate >= 1 ? ATTENUATION : MOST_ITERATIONS;
  if (error->param == MOST_ITERATIONS)
    return tarazu_fail(error, TARAZU_NUMERIC,
                       "with attenuation %g the walks do not fade yet after %lld steps: more most_iterations or less "
                       "attenuation is needed",
                       v->carry, (long long)terms);
  return tarazu_fail(
      error, TARAZU_BAD_PARAMETER,
      "attenuation %g is too large: after %lld steps the walks still do not fade. It must be below 1 / the "
      "spectral radius of the edges, about %.4g; leave it out to have it chosen",
      v->carry, (long long)terms, v->carry / rate);
}

/* x = sum over k >= 1 of a^k A^k 1 (Katz 1953). If no entry of the last term is above c < 1, none of the terms to come,
 * k further on, is above c times the term k: together they add at most c / (1 - c) of what is there. */
static tarazu_status katz_sum(influence *v, sweep *s, double **now, double **next, tarazu_error *error)
{
  double left = INFINITY, rate = 0;
  growth g = {{0, 0}, {0, 0}};
  int64_t k = 0;
  katz_begin(s, *now, *next, v->carry);
  s->total = v->score;
  while (k < v->most_iterations && left > v->tolerance) {
    if (!v->host->progress(v->host, (double)k / (double)v->most_iterations))
      return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    run(s, katz_part);
    turn(s, now, next);
    double c = s->all.most;
    rate = growth_rate(&g, ++k, s->all.sum);
    if (!(c < 1e250)) return katz_diverges(v, rate > 0 ? rate : pow(fmin(c, DBL_MAX), 1 / (double)k), k, error);
    left = c < 1 ? c / (1 - c) : INFINITY;
  }
  if (!(left < INFINITY)) return katz_diverges(v, rate, k, error);
  tell(v, "iterations", (double)k);
  if (left > v->tolerance) warn(v, "residual", left, "not converged within most_iterations: some may lack this share");
  else tell(v, "residual", left);
  return TARAZU_OK;
}

static tarazu_status katz(influence *v, sweep *s, tarazu_error *error)
{
  size_t room = (size_t)v->rows + 1;
  double *now = malloc(room * sizeof *now), *next = malloc(room * sizeof *next);
  tarazu_status status = now && next ? TARAZU_OK : graph_no_memory(error, v->rows, v->pull.edges);
  v->base = -1;
  if (!status) {
    double bound = v->attenuation > 0 ? 0 : spectral_bound(s, &now, &next);
    v->carry = v->attenuation > 0 ? v->attenuation : bound > 0 ? 0.85 / bound : 0;
    if (bound > 0) tell(v, "spectral_radius_at_most", bound);
    tell(v, "attenuation", v->carry);
    status = katz_sum(v, s, &now, &next, error);
  }
  free(now);
  free(next);
  return status;
}

/* ---- the value of those influenced ---- */

/* Kumar, Bhaskaran, Mirchandani, Shah (2013): an influencer's value is that of those whom she influences, each by the
 * share of all influence on him that is hers, h(i, j) = w(i, j) / sum over i of w(i, j). Of what came to her an
 * influencer keeps 1 - passed_on; the rest goes on in the same shares to those who influence her. */
typedef struct tracing {
  sweep s;
  const graph *push; /* each customer with those who influence her */
  const tarazu_column *value;
  double *came, *y, *back;
  int64_t level;
} tracing;

static double value_of(const tracing *t, int64_t row)
{
  return t->value && tarazu_is_valid(t->value, row) ? ((const double *)t->value->values)[row] : 0;
}

/* What goes round between i and one who influences her and whom she influences: of i's own value what would come back
 * to her on level 2, and what of others' she would send back. The first is not hers, the second stays with her. */
static void two_ways(const tracing *t, int64_t i, double *own, double *others)
{
  const influence *v = t->s.v;
  const graph *a = &v->pull, *b = t->push;
  int64_t x = a->start[i], y = b->start[i];
  *own = *others = 0;
  while (x < a->start[i + 1] && y < b->start[i + 1]) {
    uint32_t j = a->column[x];
    if (j == b->column[y] && is_influenced(v, j)) {
      double share = graph_weight(a, x) / v->strength[j] * (graph_weight(b, y) / v->strength[i]);
      *own += share * value_of(t, i);
      *others += share * value_of(t, j);
    }
    if (j <= b->column[y]) x++;
    if (j >= b->column[y]) y++;
  }
}

/* Keeps what stays of what came on this level, and lays ready what goes on, per unit of weight. */
static void keep_part(void *argument, int64_t part)
{
  tracing *t = argument;
  const influence *v = t->s.v;
  for (int64_t i = t->s.bounds[part]; i < t->s.bounds[part + 1]; i++) {
    double came = t->came[i], on = t->level < v->levels && is_influenced(v, i) ? v->passed_on * came : 0;
    if (t->level == 0) on = is_influenced(v, i) ? came : 0;
    double own = 0, others = 0;
    if (t->level == 1 && v->levels > 1 && is_influenced(v, i)) two_ways(t, i, &own, &others);
    if (t->level == 1) t->back[i] = v->passed_on * own;
    if (t->level > 0) v->owed[i] += came - (on - v->passed_on * others);
    t->y[i] = is_influenced(v, i) ? on / v->strength[i] : 0;
  }
}

static void come_part(void *argument, int64_t part)
{
  tracing *t = argument;
  for (int64_t i = t->s.bounds[part]; i < t->s.bounds[part + 1]; i++)
    t->came[i] = gather(&t->s.v->pull, i, t->y) - (t->level == 2 ? t->back[i] : 0);
}

static void trace(influence *v, tracing *t)
{
  const tarazu_host *host = v->host;
  for (int64_t i = 0; i < v->rows; i++) t->came[i] = value_of(t, i);
  for (t->level = 0; t->level <= v->levels; t->level++) {
    if (t->level) host->parallel(host, t->s.parts, come_part, t);
    host->parallel(host, t->s.parts, keep_part, t);
  }
  for (int64_t i = 0; i < v->rows; i++) v->owed[i] *= v->value_share;
}

/* ---- fitting ---- */

static void report_edges(influence *v, const graph_counts *c)
{
  int64_t uninfluenced = 0;
  for (int64_t i = 0; i < v->rows; i++) uninfluenced += !is_influenced(v, i);
  tell(v, "nodes", (double)v->rows);
  tell(v, "edges", (double)v->pull.edges);
  tell(v, "merged", (double)c->repeated);
  tell(v, "dropped", (double)(c->selves + c->unknown + c->weightless));
  if (c->selves) tell(v, "dropped_self_edges", (double)c->selves);
  if (c->weightless) tell(v, "dropped_without_weight", (double)c->weightless);
  if (c->unknown)
    warn(v, "dropped_unknown", (double)c->unknown, "edges whose weight or date is missing; they were left out");
  tell(v, "uninfluenced", (double)uninfluenced);
}

static void report_value(influence *v, const tracing *t)
{
  double influenced = 0, owed = 0;
  int64_t without = 0;
  for (int64_t i = 0; i < v->rows; i++) {
    owed += v->owed[i];
    if (!is_influenced(v, i)) continue;
    influenced += value_of(t, i);
    without += !tarazu_is_valid(t->value, i);
  }
  tell(v, "value_of_influenced", influenced);
  tell(v, "value_owed", owed);
  if (without)
    warn(v, "influenced_without_value", (double)without, "customers who are influenced but have no value count as 0");
}

static tarazu_status fit_value(influence *v, const graph *push, const tarazu_column *value, tarazu_error *error)
{
  size_t room = (size_t)v->rows + 1;
  tracing t = {.push = push, .value = value};
  t.came = malloc(room * sizeof *t.came);
  t.y = malloc(room * sizeof *t.y);
  t.back = malloc(room * sizeof *t.back);
  v->owed = calloc(room, sizeof *v->owed);
  int good = sweep_make(&t.s, v) && t.came && t.y && t.back && v->owed;
  if (good) {
    trace(v, &t);
    report_value(v, &t);
  }
  sweep_free(&t.s);
  free(t.came);
  free(t.y);
  free(t.back);
  if (!good) return graph_no_memory(error, v->rows, v->pull.edges);
  for (int64_t i = 0; i < v->rows; i++) {
    if (isfinite(v->owed[i])) continue;
    error->row = i;
    return tarazu_fail(error, TARAZU_NUMERIC, "the value of those influenced is beyond what a double holds");
  }
  return TARAZU_OK;
}

static tarazu_status fit_scores(influence *v, const tarazu_column *restart, tarazu_error *error)
{
  sweep s = {0};
  v->score = calloc((size_t)v->rows + 1, sizeof *v->score);
  tarazu_status status = TARAZU_OK;
  if (!v->score || !sweep_make(&s, v)) status = graph_no_memory(error, v->rows, v->pull.edges);
  else if (v->rows) status = v->method == KATZ ? katz(v, &s, error) : rank(v, &s, restart, error);
  sweep_free(&s);
  v->mean = 0;
  for (int64_t i = 0; !status && i < v->rows; i++) v->mean += v->score[i];
  if (!status && !isfinite(v->mean))
    status = tarazu_fail(error, TARAZU_NUMERIC, "the sum over walks is beyond what a double holds");
  if (v->rows) v->mean /= (double)v->rows;
  return status;
}

/* Where `to` influences `from`, the host's order lists for each customer those who influence her, otherwise those whom
 * she influences; the other way round comes by turning. */
static tarazu_status make_graphs(influence *v, graph *push, const graph_source *source, tarazu_error *error)
{
  graph_counts counts;
  graph *straight = v->influencer == INFLUENCER_TO ? push : &v->pull;
  graph *turned = v->influencer == INFLUENCER_TO ? &v->pull : push;
  tarazu_status status = graph_make(straight, &counts, source, error);
  if (!status) status = graph_transpose(turned, straight, v->host, error);
  if (status) return status;
  v->strength = malloc(((size_t)v->rows + 1) * sizeof *v->strength);
  if (!v->strength) return graph_no_memory(error, v->rows, push->edges);
  graph_sums(push, v->host, v->strength);
  for (int64_t i = 0; i < v->rows; i++) {
    if (v->strength[i] <= most_strength) continue;
    error->row = i;
    return tarazu_fail(error, TARAZU_NUMERIC, "the edges that influence her weigh %g together, expected at most %g",
                       v->strength[i], most_strength);
  }
  report_edges(v, &counts);
  return TARAZU_OK;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  influence *v = self;
  graph push = {0};
  graph_source source = {.host = v->host, .as_of = v->as_of, .half_life = v->half_life, .least = least_weight};
  const tarazu_batch *customers = spaces[0];
  for (uint32_t i = 1; i < count; i++) {
    if (!spaces[i]->rows) continue;
    source.edges = spaces[i]->rows;
    source.from = spaces[i]->columns[FROM]->values;
    source.to = spaces[i]->columns[TO]->values;
    source.weight = spaces[i]->columns[WEIGHT];
    source.time = v->half_life > 0 ? spaces[i]->columns[TIME] : NULL;
  }
  forget(v);
  v->rows = source.rows = customers->rows;
  tarazu_status status = make_graphs(v, &push, &source, error);
  if (!v->has_value) graph_free(&push);
  if (!status) status = fit_scores(v, customers->columns[RESTART], error);
  if (!status && v->has_value) status = fit_value(v, &push, customers->columns[VALUE], error);
  graph_free(&push);
  return status;
}

/* ---- scoring ---- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const influence *v = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t row = batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
    if (row < 0 || row >= v->rows)
      return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
    ((double *)results[SCORE]->values)[i] = v->score[row];
    if (results[OWED]) {
      ((double *)results[OWED]->values)[i] = v->owed ? v->owed[row] : 0;
      if (!v->owed) tarazu_set_null(results[OWED], i);
    }
    if (results[INFLUENCED]) ((int64_t *)results[INFLUENCED]->values)[i] = v->pull.start[row + 1] - v->pull.start[row];
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const influence *v = self;
  return (tarazu_list){v->facts, v->fact_count, sizeof v->facts[0]};
}

/* ---- explaining ---- */

enum { NAMED = 3 };

typedef struct named {
  int64_t row; /* -1: none */
  double part;
} named;

/* What an edge of hers brings to her score. */
static double brought(const influence *v, int64_t edge)
{
  int64_t j = v->pull.column[edge];
  return v->carry * graph_weight(&v->pull, edge) / (v->divisor ? v->divisor[j] : 1) * (v->score[j] - v->base);
}

/* The largest first; of equal ones the first row. */
static void name_largest(const influence *v, int64_t row, named *best)
{
  for (int k = 0; k < NAMED; k++) best[k] = (named){-1, 0};
  for (int64_t e = v->pull.start[row]; e < v->pull.start[row + 1]; e++) {
    named fresh = {v->pull.column[e], brought(v, e)};
    for (int k = 0; k < NAMED; k++) {
      if (best[k].row >= 0 && best[k].part >= fresh.part) continue;
      named moved = best[k];
      best[k] = fresh;
      fresh = moved;
      if (fresh.row < 0) break;
    }
  }
}

static int say(const tarazu_writer *writer, const char *text)
{
  return writer->write(writer, text, strlen(text)) != 0;
}

static int say_named(const influence *v, int64_t row, const tarazu_writer *writer)
{
  named best[NAMED];
  char text[100];
  name_largest(v, row, best);
  int good = 1;
  for (int k = 0; k < NAMED && best[k].row >= 0 && v->score[row] > 0; k++) {
    const char *key = v->host->customer(v->host, best[k].row);
    good = good && say(writer, k ? ", " : ", the largest parts through ") && say(writer, key ? key : "?");
    snprintf(text, sizeof text, " (%.3g %%)", 100 * best[k].part / v->score[row]);
    good = good && say(writer, text);
  }
  return good;
}

static tarazu_status reasons(const void *self, const tarazu_batch *batch, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const influence *v = self;
  int64_t row = batch->row_numbers ? batch->row_numbers[0] : batch->first_row;
  char text[200];
  if (row < 0 || row >= v->rows) return TARAZU_OK;
  long long influenced = (long long)(v->pull.start[row + 1] - v->pull.start[row]);
  double times = v->mean > 0 ? v->score[row] / v->mean : 0, owed = v->owed ? v->owed[row] : 0;
  if (influenced)
    snprintf(text, sizeof text, "influences %lld customer%s directly; %.3g times the mean influence", influenced,
             influenced == 1 ? "" : "s", times);
  else snprintf(text, sizeof text, "influences nobody; %.3g times the mean influence", times);
  int good = say(writer, text) && say_named(v, row, writer);
  snprintf(text, sizeof text, "\nof what others are worth, %.10g is owed to her", round(owed * 100) / 100);
  good = good && (round(owed * 100) == 0 || say(writer, text)) && say(writer, "\n");
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "influence",
    .version = "1.0",
    .summary = "whom others listen to: PageRank, LeaderRank, Katz; and the value of those influenced",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_BY_ROW,
    .self_size = sizeof(influence),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "influence",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
