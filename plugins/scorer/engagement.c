/* engagement: customer engagement value (Kumar, Aksoy, Donkers, Venkatesan, Wiesel, Tillmanns 2010), what a customer's
 * own purchases, referrals, influence and knowledge are worth, each euro being divided among customers and counted
 * once. */
#include "../shared/facts.h"
#include "../shared/graph.h"
#include "../shared/referrals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { REFERRAL_SHARE, INFLUENCE_SHARE, LEVELS, PASSED_ON, JOINED_ANYWAY, INFLUENCER };
enum { INFLUENCER_TO, INFLUENCER_FROM };

static const char *const ends[] = {"to", "from", NULL};
static const tarazu_param params[] = {
    {.name = "referral_share",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "of the lifetime value of one who came because of a referral, what is owed to who brought her"},
    {.name = "influence_share",
     .kind = TARAZU_PROPORTION,
     .optional = 1,
     .least = 0,
     .most = 1,
     .help =
         "of a customer's lifetime value, what is owed to those who influence her; needed where influence is bound"},
    {.name = "levels",
     .kind = TARAZU_INTEGER,
     .initial = "3",
     .least = 1,
     .most = 10,
     .help = "1: only to those who brought or influenced her; 2: also to who brought or influenced these; and so on"},
    {.name = "passed_on",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "of what came to one who was brought or influenced, what is owed to the next level"},
    {.name = "joined_anyway",
     .kind = TARAZU_PROPORTION,
     .optional = 1,
     .least = 0,
     .most = 1,
     .help = "share of the referred who would have joined anyway and owe nothing; where absent the mean of the column "
             "joined_anyway, 0 where there is none"},
    {.name = "influencer",
     .kind = TARAZU_CHOICE,
     .choices = ends,
     .initial = "to",
     .help = "which end of an edge of influences has influence on the other"},
};

/* Columns. */
enum {
  OWN,
  FROM,
  TO,
  SAYS_ANYWAY,
  INFLUENCE_FROM,
  INFLUENCE_TO,
  WEIGHT,
  REFERRAL_CLAIM,
  INFLUENCE_CLAIM,
  KNOWS,
  SAVES,
  COSTS
};

static const tarazu_field own_fields[] = {
    {.name = "lifetime_value", .type = TARAZU_F64, .help = "what she will buy herself, as a present value"}};
static const tarazu_field referral_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "the referrer"},
    {.name = "to", .type = TARAZU_ROW, .help = "the referred"},
    {.name = "joined_anyway",
     .type = TARAZU_F64,
     .optional = 1,
     .help = "chance from 0 to 1 that the referred would have joined anyway; null: the parameter"},
};
static const tarazu_field influence_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "one end"},
    {.name = "to", .type = TARAZU_ROW, .help = "the other"},
    {.name = "weight", .type = TARAZU_F64, .optional = 1, .help = "how strong, 0 or more; all alike where not bound"},
};
static const tarazu_field referral_claim_fields[] = {
    {.name = "referral_value", .type = TARAZU_F64, .help = "of other customers' lifetime value"}};
static const tarazu_field influence_claim_fields[] = {
    {.name = "influence_value", .type = TARAZU_F64, .help = "of other customers' lifetime value"}};
static const tarazu_field knowledge_fields[] = {
    {.name = "knowledge_value", .type = TARAZU_F64, .help = "of her ideas and feedback; in nobody's lifetime value"}};
static const tarazu_field saved_fields[] = {
    {.name = "saved_acquisition", .type = TARAZU_F64, .help = "by her referrals; in nobody's lifetime value"}};
static const tarazu_field reward_fields[] = {
    {.name = "rewards", .type = TARAZU_F64, .help = "what her referrals cost; in nobody's lifetime value"}};
static const tarazu_input inputs[] = {
    {.name = "lifetime_value",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(own_fields),
     .help = "customer lifetime value: another criterion, or a column"},
    {.name = "referrals",
     .shape = TARAZU_EDGES,
     .optional = 1,
     .fields = TARAZU_LIST(referral_fields),
     .help = "who brought whom"},
    {.name = "influences",
     .shape = TARAZU_EDGES,
     .optional = 1,
     .fields = TARAZU_LIST(influence_fields),
     .help = "who follows, trusts, mentions or tells whom"},
    {.name = "referral_value",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(referral_claim_fields),
     .help = "where there are no referrals: what she has brought; paid for by all lifetime values alike"},
    {.name = "influence_value",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(influence_claim_fields),
     .help = "where there are no influences: what others buy because of her; paid for by all lifetime values alike"},
    {.name = "knowledge_value",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(knowledge_fields),
     .help = "customer knowledge value"},
    {.name = "saved_acquisition",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(saved_fields),
     .help = "acquisition cost saved by her referrals"},
    {.name = "rewards",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(reward_fields),
     .help = "rewards paid for her referrals"},
};

enum { OUT_TOTAL, OUT_OWN, OUT_REFERRAL, OUT_INFLUENCE, OUT_KNOWLEDGE };

static const tarazu_output outputs[] = {
    {.name = "engagement",
     .type = TARAZU_F64,
     .better = 1,
     .help = "the sum of the others, in the unit of the lifetime value"},
    {.name = "own", .type = TARAZU_F64, .better = 1, .help = "her lifetime value less what she owes to others"},
    {.name = "referral",
     .type = TARAZU_F64,
     .better = 1,
     .help = "what is owed to her for those she brought, with the acquisition cost saved, less rewards"},
    {.name = "influence", .type = TARAZU_F64, .better = 1, .help = "what is owed to her for those she influences"},
    {.name = "knowledge", .type = TARAZU_F64, .better = 1, .help = "the value of her knowledge"},
};

/* Who owes what part to whom: of what customer to[e] divides, the part[e] is owed to i, e in [start[i], start[i + 1]).
 * owed[j] is the sum of the parts of j, at most 1. */
typedef struct flow {
  int64_t *start, *to;
  double *part, *owed;
} flow;

/* One customer's value: what stays and what comes. */
typedef struct account {
  double own, referral, influence, knowledge;
} account;

enum { MOST_FACTS = 24 };

typedef struct engagement {
  const tarazu_host *host;
  double referral_share, influence_share, passed_on, anyway;
  int64_t levels;
  int anyway_given, has_anyway, influencer;
  uint8_t bound[COSTS + 1];
  int64_t rows; /* fitted, as the rest */
  flow brought, influenced;
  double *lifetime;
  account *accounts;
  fact_list facts;
} engagement;

/* ---- creation ---- */

static tarazu_status check_shares(const engagement *g, int given, tarazu_error *error)
{
  int needed = g->bound[INFLUENCE_FROM] || g->bound[INFLUENCE_CLAIM];
  error->param = INFLUENCE_SHARE;
  if (needed && !given)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "influence_share is missing: what part of a lifetime value is owed to influence is for you to "
                       "say, since no data here tell it");
  if (given && !needed)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "influence_share has nothing to divide by: bind influences or influence_value, or leave it out");
  if (g->referral_share + g->influence_share > 1)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "referral_share %g and influence_share %g are more than the whole lifetime value together",
                       g->referral_share, g->influence_share);
  error->param = -1;
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  engagement *g = self;
  const tarazu_value *influence = tarazu_arg(args, INFLUENCE_SHARE), *anyway = tarazu_arg(args, JOINED_ANYWAY);
  g->host = context->host;
  g->referral_share = tarazu_arg(args, REFERRAL_SHARE)->real;
  g->influence_share = influence->given ? influence->real : 0;
  g->levels = tarazu_arg(args, LEVELS)->integer;
  g->passed_on = tarazu_arg(args, PASSED_ON)->real;
  g->anyway_given = (int)anyway->given;
  g->anyway = anyway->given ? anyway->real : 0;
  g->influencer = (int)tarazu_arg(args, INFLUENCER)->integer;
  for (uint32_t i = 0; i <= COSTS; i++) g->bound[i] = tarazu_bound_at(context, i)->type != 0;
  return check_shares(g, (int)influence->given, error);
}

static void flow_free(flow *f)
{
  free(f->start);
  free(f->to);
  free(f->part);
  free(f->owed);
  *f = (flow){0};
}

static void forget(engagement *g)
{
  flow_free(&g->brought);
  flow_free(&g->influenced);
  free(g->lifetime);
  free(g->accounts);
  g->lifetime = NULL;
  g->accounts = NULL;
  facts_free(&g->facts);
}

static void destroy(void *self)
{
  forget(self);
}

static tarazu_status no_memory(const engagement *g, tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)g->rows);
}

/* ---- who owes whom ---- */

/* Parts that sum to at most 1, but for rounding. */
static void sum_owed(flow *f, int64_t rows)
{
  for (int64_t e = 0; e < f->start[rows]; e++) f->owed[f->to[e]] += f->part[e];
  for (int64_t i = 0; i < rows; i++) f->owed[i] = fmin(f->owed[i], 1);
}

static void tell_anyway(engagement *g, const referrals_anyway *anyway, int says, int64_t count)
{
  if (!says && !g->anyway_given) return;
  tarazu_fact *fact = fact_add(&g->facts, anyway->share, "joined_anyway");
  fact->error = anyway->error;
  if (!g->anyway_given && !anyway->known && count)
    fact_say(&g->facts, fact, 1, "no referral says whether the referred would have joined anyway; taken as 0");
}

/* The n distinct referrers of one who was brought are owed (1 - p) / n each, p being the chance that she would have
 * joined without that referral. */
static tarazu_status flow_of_referrals(engagement *g, const tarazu_batch *edges, tarazu_error *error)
{
  flow *f = &g->brought;
  referrals r;
  referrals_anyway anyway = {0};
  const int64_t *from = edges->rows ? edges->columns[FROM]->values : NULL;
  const int64_t *to = edges->rows ? edges->columns[TO]->values : NULL;
  const tarazu_column *says = edges->rows && g->bound[SAYS_ANYWAY] ? edges->columns[SAYS_ANYWAY] : NULL;
  int good = referrals_make(&r, g->rows, from, to, edges->rows, NULL, 0);
  f->part = good ? malloc(((size_t)r.count + 1) * sizeof *f->part) : NULL;
  f->owed = calloc((size_t)g->rows + 1, sizeof *f->owed);
  tarazu_status status = f->part && f->owed ? TARAZU_OK : no_memory(g, error);
  if (!status) status = referrals_join_anyway(&r, says, g->anyway_given ? &g->anyway : NULL, f->part, &anyway, error);
  if (!status) {
    for (int64_t e = 0; e < r.count; e++) f->part[e] = (1 - f->part[e]) / (double)r.referrers[r.to[e]];
    f->start = r.start;
    f->to = r.to;
    r.start = r.to = NULL;
    sum_owed(f, g->rows);
    fact_add(&g->facts, (double)r.count, "referrals");
    fact_add(&g->facts, (double)r.selves, "self_referrals");
    fact_add(&g->facts, (double)r.repeated, "repeated_referrals");
    tell_anyway(g, &anyway, says != NULL, r.count);
  }
  referrals_free(&r);
  return status;
}

/* The edges of `on` are of those influenced, those of `by` of the influencers; part = weight / all weight on her. */
static tarazu_status take_parts(engagement *g, const graph *on, const graph *by, tarazu_error *error)
{
  flow *f = &g->influenced;
  double *strength = calloc((size_t)g->rows + 1, sizeof *strength);
  f->start = malloc(((size_t)g->rows + 1) * sizeof *f->start);
  f->to = malloc(((size_t)by->edges + 1) * sizeof *f->to);
  f->part = malloc(((size_t)by->edges + 1) * sizeof *f->part);
  f->owed = calloc((size_t)g->rows + 1, sizeof *f->owed);
  int good = strength && f->start && f->to && f->part && f->owed;
  tarazu_status status = good ? TARAZU_OK : no_memory(g, error);
  if (good) graph_sums(on, g->host, strength);
  for (int64_t i = 0; !status && i < g->rows; i++) {
    if (isfinite(strength[i])) continue;
    error->row = i;
    status =
        tarazu_fail(error, TARAZU_NUMERIC, "the weights of those who influence her are beyond what a double holds");
  }
  if (!status) {
    memcpy(f->start, by->start, ((size_t)g->rows + 1) * sizeof *f->start);
    for (int64_t e = 0; e < by->edges; e++) {
      f->to[e] = by->column[e];
      f->part[e] = graph_weight(by, e) / strength[by->column[e]];
    }
    sum_owed(f, g->rows);
  }
  free(strength);
  return status;
}

static tarazu_status flow_of_influences(engagement *g, const tarazu_batch *edges, tarazu_error *error)
{
  graph straight = {0}, turned = {0};
  graph_counts counts = {0};
  graph_source source = {.host = g->host, .rows = g->rows, .edges = edges->rows};
  if (edges->rows) {
    source.from = edges->columns[INFLUENCE_FROM]->values;
    source.to = edges->columns[INFLUENCE_TO]->values;
    if (g->bound[WEIGHT]) source.weight = edges->columns[WEIGHT];
  }
  tarazu_status status = graph_make(&straight, &counts, &source, error);
  if (!status) status = graph_transpose(&turned, &straight, g->host, error);
  int straight_is_on = g->influencer == INFLUENCER_TO;
  if (!status)
    status = take_parts(g, straight_is_on ? &straight : &turned, straight_is_on ? &turned : &straight, error);
  if (!status) {
    fact_add(&g->facts, (double)straight.edges, "influences");
    fact_add(&g->facts, (double)counts.selves, "self_influences");
    if (counts.unknown) fact_add(&g->facts, (double)counts.unknown, "influences_without_weight")->level = 1;
  }
  graph_free(&straight);
  graph_free(&turned);
  return status;
}

/* ---- dividing ---- */

enum { TASKS = 64 };

typedef struct sweep {
  const flow *f;
  const double *divided;
  double *arrives;
  int64_t rows;
} sweep;

/* arrives(i) = sum over those j of whom a part is owed to i of part(i, j) divided(j), for a share of the customers. */
static void sweep_share(void *argument, int64_t task)
{
  const sweep *s = argument;
  for (int64_t i = s->rows * task / TASKS; i < s->rows * (task + 1) / TASKS; i++) {
    double sum = 0;
    for (int64_t e = s->f->start[i]; e < s->f->start[i + 1]; e++) sum += s->f->part[e] * s->divided[s->f->to[e]];
    s->arrives[i] = sum;
  }
}

/* Level after level: what arrives at i stays there, but for the part that i owes for having been brought or influenced
 * in turn; on the last level all stays. So the sum of what stays is that of what was divided, whatever circles there
 * are. kept(j) is what j divides; received is added to. */
static tarazu_status divide(engagement *g, const flow *f, double share, double *given, double *received,
                            tarazu_error *error)
{
  double *divided = malloc(((size_t)g->rows + 1) * sizeof *divided);
  double *arrives = malloc(((size_t)g->rows + 1) * sizeof *arrives);
  tarazu_status status = divided && arrives ? TARAZU_OK : no_memory(g, error);
  for (int64_t i = 0; !status && i < g->rows; i++) {
    divided[i] = share * g->lifetime[i];
    given[i] = f->owed[i] * divided[i];
  }
  sweep s = {f, divided, arrives, g->rows};
  for (int64_t level = 1; !status && level <= g->levels; level++) {
    g->host->parallel(g->host, TASKS, sweep_share, &s);
    double passed_on = level < g->levels ? g->passed_on : 0;
    for (int64_t i = 0; i < g->rows; i++) {
      divided[i] = passed_on * arrives[i];
      received[i] += arrives[i] - f->owed[i] * divided[i];
    }
    if (!g->host->progress(g->host, (double)level / (double)g->levels))
      status = tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
  }
  free(divided);
  free(arrives);
  return status;
}

static double number(const tarazu_column *column, int64_t row)
{
  return column && tarazu_is_valid(column, row) ? ((const double *)column->values)[row] : 0;
}

/* Claims on others' lifetime value without a word on whose: all lifetime values above 0 pay for them in proportion, up
 * to `share` of each; claims above that are cut in proportion. */
static void pay_claims(engagement *g, const tarazu_column *claims, double share, double *given, double *received,
                       double *asked, double *times)
{
  double wealth = 0, positive = 0, all = 0;
  for (int64_t i = 0; i < g->rows; i++) {
    double claim = number(claims, i);
    wealth += fmax(g->lifetime[i], 0);
    positive += fmax(claim, 0);
    all += claim;
  }
  double most = share * wealth;
  *asked = positive;
  *times = wealth > 0 ? positive > most ? most / positive : 1 : 0;
  for (int64_t i = 0; i < g->rows; i++) {
    received[i] += *times * number(claims, i);
    if (wealth > 0) given[i] += *times * all * (fmax(g->lifetime[i], 0) / wealth);
  }
}

/* One way of engaging: by edges where they are bound, else by claims. */
typedef struct way {
  const flow *f; /* NULL: no edges */
  const tarazu_column *claims;
  double share;
  const char *moved, *claimed, *claim; /* names of facts, of the input of claims */
} way;

static void tell_claims(engagement *g, const way *w, double moved, double asked, double times)
{
  tarazu_fact *fact = fact_add(&g->facts, asked, "%s", w->claimed);
  if (w->f && asked > moved)
    fact_say(
        &g->facts, fact, 1,
        "%s claims %.10g where the edges move %.10g; it is not used, and added to the lifetime values it would count "
        "the rest twice",
        w->claim, asked, moved);
  else if (!w->f && times < 1 && asked > 0)
    fact_say(
        &g->facts, fact, 1,
        "%s claims %.10g of others' lifetime value, more than the share of it that is given, and was cut to %.10g: "
        "the rest would be counted twice",
        w->claim, asked, times * asked);
}

/* given and received have room for a number a customer and come as zeros. */
static tarazu_status go(engagement *g, const way *w, double *given, double *received, tarazu_error *error)
{
  double moved = 0, asked = 0, times = 1;
  if (w->f) {
    tarazu_status status = divide(g, w->f, w->share, given, received, error);
    if (status) return status;
    for (int64_t i = 0; w->claims && i < g->rows; i++) asked += fmax(number(w->claims, i), 0);
  } else if (w->claims) {
    pay_claims(g, w->claims, w->share, given, received, &asked, &times);
  }
  for (int64_t i = 0; i < g->rows; i++) moved += given[i];
  if (!isfinite(moved) || !isfinite(asked))
    return tarazu_fail(error, TARAZU_NUMERIC, "what is divided is beyond what a double holds");
  if (w->f || w->claims) fact_add(&g->facts, moved, "%s", w->moved);
  if (w->claims) tell_claims(g, w, moved, asked, times);
  return TARAZU_OK;
}

/* ---- fitting ---- */

static tarazu_status read_lifetime(engagement *g, const tarazu_column *column, tarazu_error *error)
{
  int64_t unknown = 0;
  g->lifetime = malloc(((size_t)g->rows + 1) * sizeof *g->lifetime);
  g->accounts = calloc((size_t)g->rows + 1, sizeof *g->accounts);
  if (!facts_begin(&g->facts, MOST_FACTS) || !g->lifetime || !g->accounts) return no_memory(g, error);
  for (int64_t i = 0; i < g->rows; i++) {
    unknown += !tarazu_is_valid(column, i);
    g->lifetime[i] = number(column, i);
  }
  tarazu_fact *fact = fact_add(&g->facts, (double)unknown, "without_lifetime_value");
  if (unknown)
    fact_say(&g->facts, fact, 1, "%lld customer%s no lifetime value; it counts as 0", (long long)unknown,
             unknown == 1 ? " has" : "s have");
  return TARAZU_OK;
}

static const tarazu_column *column_of(const engagement *g, const tarazu_batch *customers, uint32_t column)
{
  return g->bound[column] ? customers->columns[column] : NULL;
}

/* What a customer adds that is in nobody's lifetime value. */
typedef struct news {
  const tarazu_column *knowledge, *saved, *rewards;
} news;

/* Whether all there is after the division is what there was before it: own lifetime values and what is new. */
static tarazu_status check_sums(engagement *g, const news *n, tarazu_error *error)
{
  double lifetime = 0, knowledge = 0, saved = 0, rewards = 0, after = 0, size = 0;
  for (int64_t i = 0; i < g->rows; i++) {
    const account *a = &g->accounts[i];
    double total = a->own + a->referral + a->influence + a->knowledge;
    double K = number(n->knowledge, i), S = number(n->saved, i), R = number(n->rewards, i);
    if (!isfinite(total)) {
      error->row = i;
      return tarazu_fail(error, TARAZU_NUMERIC, "her engagement value is beyond what a double holds");
    }
    lifetime += g->lifetime[i];
    knowledge += K;
    saved += S;
    rewards += R;
    after += total;
    size += fabs(g->lifetime[i]) + fabs(K) + fabs(S) + fabs(R);
  }
  double before = lifetime + knowledge + saved - rewards, imbalance = size > 0 ? fabs(after - before) / size : 0;
  if (!(imbalance <= 1e-9))
    return tarazu_fail(error, TARAZU_NUMERIC, "all engagement value is %.17g, not the %.17g that there is", after,
                       before);
  fact_add(&g->facts, lifetime, "lifetime_value");
  if (n->knowledge) fact_add(&g->facts, knowledge, "knowledge_value");
  if (n->saved) fact_add(&g->facts, saved, "saved_acquisition");
  if (n->rewards) fact_add(&g->facts, rewards, "rewards");
  fact_add(&g->facts, before, "total_before");
  fact_add(&g->facts, after, "total_after");
  fact_add(&g->facts, imbalance, "imbalance");
  return TARAZU_OK;
}

/* CEV = CLV + CRV + CIV + CKV, the first being what she keeps of her lifetime value. */
static tarazu_status settle(engagement *g, const tarazu_batch *customers, tarazu_error *error)
{
  const way ways[] = {{.f = g->bound[FROM] ? &g->brought : NULL,
                       .claims = column_of(g, customers, REFERRAL_CLAIM),
                       .share = g->referral_share,
                       .moved = "moved_by_referral",
                       .claimed = "claimed_by_referral",
                       .claim = "referral_value"},
                      {.f = g->bound[INFLUENCE_FROM] ? &g->influenced : NULL,
                       .claims = column_of(g, customers, INFLUENCE_CLAIM),
                       .share = g->influence_share,
                       .moved = "moved_by_influence",
                       .claimed = "claimed_by_influence",
                       .claim = "influence_value"}};
  news n = {column_of(g, customers, KNOWS), column_of(g, customers, SAVES), column_of(g, customers, COSTS)};
  double *sums = calloc(4 * ((size_t)g->rows + 1), sizeof *sums);
  if (!sums) return no_memory(g, error);
  double *by_referral = sums, *to_referral = sums + g->rows, *by_influence = sums + 2 * g->rows;
  double *to_influence = sums + 3 * g->rows;
  tarazu_status status = go(g, &ways[0], to_referral, by_referral, error);
  if (!status) status = go(g, &ways[1], to_influence, by_influence, error);
  for (int64_t i = 0; !status && i < g->rows; i++)
    g->accounts[i] = (account){.own = g->lifetime[i] - to_referral[i] - to_influence[i],
                               .referral = by_referral[i] + number(n.saved, i) - number(n.rewards, i),
                               .influence = by_influence[i],
                               .knowledge = number(n.knowledge, i)};
  free(sums);
  return status ? status : check_sums(g, &n, error);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  engagement *g = self;
  const tarazu_batch none = {.size = sizeof none}, *by_input[] = {NULL, &none, &none};
  forget(g);
  for (uint32_t i = 1; i < count; i++) by_input[spaces[i]->space - 1] = spaces[i];
  g->rows = spaces[0]->rows;
  tarazu_status status = read_lifetime(g, spaces[0]->columns[OWN], error);
  if (!status && g->bound[FROM]) status = flow_of_referrals(g, by_input[1], error);
  if (!status && g->bound[INFLUENCE_FROM]) status = flow_of_influences(g, by_input[2], error);
  return status ? status : settle(g, spaces[0], error);
}

/* ---- scoring ---- */

static int64_t row_number(const tarazu_batch *batch, int64_t i)
{
  return batch->row_numbers ? batch->row_numbers[i] : batch->first_row < 0 ? -1 : batch->first_row + i;
}

static double total(const account *a)
{
  return a->own + a->referral + a->influence + a->knowledge;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const engagement *g = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t row = row_number(batch, i);
    if (row < 0 || row >= g->rows)
      return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
    const account *a = &g->accounts[row];
    ((double *)results[OUT_TOTAL]->values)[i] = total(a);
    if (results[OUT_OWN]) ((double *)results[OUT_OWN]->values)[i] = a->own;
    if (results[OUT_REFERRAL]) ((double *)results[OUT_REFERRAL]->values)[i] = a->referral;
    if (results[OUT_INFLUENCE]) ((double *)results[OUT_INFLUENCE]->values)[i] = a->influence;
    if (results[OUT_KNOWLEDGE]) ((double *)results[OUT_KNOWLEDGE]->values)[i] = a->knowledge;
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const engagement *g = self;
  return (tarazu_list){g->facts.items, g->facts.count, sizeof *g->facts.items};
}

/* ---- explaining ---- */

static int say(const tarazu_writer *writer, const char *words)
{
  return writer->write(writer, words, strlen(words));
}

static double amount_of(const engagement *g, const flow *f, double share, int64_t e)
{
  return f->part[e] * share * g->lifetime[f->to[e]];
}

/* The three customers who owe her most, of both ways; an edge of influence is told apart by a negative number. */
static referrals_top debtors(const engagement *g, int64_t row)
{
  referrals_top top = {.count = 0};
  for (int64_t e = g->brought.start ? g->brought.start[row] : 0; g->brought.start && e < g->brought.start[row + 1]; e++)
    referrals_rank(&top, fabs(amount_of(g, &g->brought, g->referral_share, e)), e);
  for (int64_t e = g->influenced.start ? g->influenced.start[row] : 0;
       g->influenced.start && e < g->influenced.start[row + 1]; e++)
    referrals_rank(&top, fabs(amount_of(g, &g->influenced, g->influence_share, e)), -1 - e);
  return top;
}

static int say_debtor(const engagement *g, int64_t item, const tarazu_writer *writer)
{
  char line[100], amount[40];
  int by_influence = item < 0;
  const flow *f = by_influence ? &g->influenced : &g->brought;
  int64_t e = by_influence ? -1 - item : item;
  const char *key = g->host->customer(g->host, f->to[e]);
  double owes = amount_of(g, f, by_influence ? g->influence_share : g->referral_share, e);
  snprintf(line, sizeof line, " owes %s for having been %s\n", referrals_amount(owes, amount),
           by_influence ? "influenced" : "brought");
  return say(writer, key ? key : "one") && say(writer, line);
}

static tarazu_status reasons(const void *self, const tarazu_batch *batch, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const engagement *g = self;
  int64_t row = row_number(batch, 0);
  char line[400], own[40], lifetime[40], referral[40], influence[40], knowledge[40];
  if (row < 0 || row >= g->rows) return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
  const account *a = &g->accounts[row];
  snprintf(line, sizeof line, "keeps %s of a lifetime value of %s; by referral %s, influence %s, knowledge %s\n",
           referrals_amount(a->own, own), referrals_amount(g->lifetime[row], lifetime),
           referrals_amount(a->referral, referral), referrals_amount(a->influence, influence),
           referrals_amount(a->knowledge, knowledge));
  referrals_top top = debtors(g, row);
  int good = say(writer, line);
  for (int i = 0; i < top.count && good; i++) good = say_debtor(g, top.best[i].item, writer);
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
    .id = "engagement",
    .version = "1.0",
    .summary = "customer engagement value: own purchases, referrals, influence and knowledge, no euro twice",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_BY_ROW,
    .self_size = sizeof(engagement),
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
    .name = "engagement",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
