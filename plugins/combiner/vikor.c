/* vikor: the compromise between the good of the many (all regrets together) and of the one (the largest regret), and
 * whether the best customer stands far and firm enough before the others (Opricovic, Tzeng 2004). */
#include "../shared/facts.h"
#include "../shared/staged.h"

enum { V };

static const tarazu_param params[] = {
    {.name = "v",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "the weight of all regrets together; above 50% by majority, below it with a veto for each criterion"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "1 - Q"},
    {.name = "s", .type = TARAZU_F64, .better = -1, .help = "S, all regrets together"},
    {.name = "r", .type = TARAZU_F64, .better = -1, .help = "R, the largest regret"},
    {.name = "q", .type = TARAZU_F64, .better = -1, .help = "Q, the compromise; 0 the best"},
};

/* Stages: criteria, S and R, the leaders, and where these are too many to be listed their number. */
enum { S, R, QUANTITIES, LEADING = 2, COUNTING = 3, STAGES = 4, LEADERS = 16, NAMED = 8 };

/* One of the best by Q; firm: the best by S or R too. */
typedef struct leader {
  double q;
  int64_t row;
  int64_t firm;
} leader;

typedef struct leaders {
  int64_t seen;  /* customers with a score */
  int64_t count; /* of them listed, best first */
  leader of[LEADERS];
} leaders;

typedef struct vikor {
  staged staged;
  double v, least[QUANTITIES], most[QUANTITIES];
  leaders leaders;
  int64_t compromise; /* customers in the compromise set */
  fact_list facts;
} vikor;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  vikor *m = self;
  m->v = tarazu_arg(args, V)->real;
  tarazu_status status = criteria_create(&m->staged.criteria, context, "vikor", error);
  if (status != TARAZU_OK) return status;
  return facts_begin(&m->facts, 3) ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for facts");
}

static void destroy(void *self)
{
  facts_free(&((vikor *)self)->facts);
  criteria_destroy(self);
}

/* ---- regrets ----------------------------------------------------------------------------------------------- */

/* w (f* - f) / (f* - f-) is a criterion's regret, S their sum and R the largest (step b). In halves, as f* - f- can be
 * beyond the largest double. */
VECTORS static void add_regrets(double w, double best, double length, const double *restrict x, int64_t rows,
                                double *restrict s, double *restrict r)
{
  for (int64_t i = 0; i < rows; i++) {
    double regret = w * criteria_held((best - x[i] / 2) / length);
    s[i] += regret;
    r[i] = regret > r[i] ? regret : r[i];
  }
}

/* A what-if may be better than the best in every criterion: its largest regret is then below zero. */
static uint32_t measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                        staged_chunk quantities)
{
  (void)self;
  uint32_t telling = 0;
  for (int64_t i = 0; i < rows; i++) quantities[S][i] = 0, quantities[R][i] = -CRITERIA_FAR;
  for (uint32_t k = 0; k < count; k++) {
    double best = criterion_best(&terms[k]) / 2, length = best - criterion_worst(&terms[k]) / 2;
    if (!(length > 0 || length < 0)) continue; /* all are equal in it: nobody regrets */
    add_regrets(terms[k].w, best, length, terms[k].x + first, rows, quantities[S], quantities[R]);
    telling++;
  }
  if (telling < count || !count)
    for (int64_t i = 0; i < rows; i++) quantities[R][i] = quantities[R][i] > 0 ? quantities[R][i] : 0;
  return QUANTITIES;
}

/* The place between the least and the most; 0 where these are one. */
static double place(double x, double least, double most)
{
  return most > least ? criteria_held((x - least) / (most - least)) : 0;
}

/* Q = v (S - S*) / (S- - S*) + (1 - v) (R - R*) / (R- - R*) (step c). */
static void compromise(const vikor *m, double of[STAGED_QUANTITIES][CRITERIA_CHUNK], int64_t rows, double *q)
{
  for (int64_t i = 0; i < rows; i++)
    q[i] = m->v * place(of[S][i], m->least[S], m->most[S]) + (1 - m->v) * place(of[R][i], m->least[R], m->most[R]);
}

/* ---- the compromise set ------------------------------------------------------------------------------------ */

static int is_before(const leader *a, const leader *b)
{
  if (a->q != b->q) return a->q < b->q;
  return a->firm != b->firm ? a->firm > b->firm : a->row < b->row;
}

static void enlist(leaders *l, leader one)
{
  if (l->count == LEADERS && !is_before(&one, &l->of[LEADERS - 1])) return;
  int64_t at = l->count < LEADERS ? l->count++ : LEADERS - 1;
  for (; at && is_before(&one, &l->of[at - 1]); at--) l->of[at] = l->of[at - 1];
  l->of[at] = one;
}

/* DQ = 1 / (J - 1). */
static double needed(const leaders *l)
{
  return 1 / (double)(l->seen - 1);
}

static int has_advantage(const leaders *l)
{
  return l->seen == 1 || l->of[1].q - l->of[0].q >= needed(l);
}

/* Who is in the compromise set (step e): the first alone where both conditions hold, with the second where only
 * stability fails, with all who are less than DQ behind where the advantage does. Equals go together. */
static int is_member(const leaders *l, double q)
{
  if (!has_advantage(l)) return q - l->of[0].q < needed(l);
  return q <= l->of[l->of[0].firm || l->seen == 1 ? 0 : 1].q;
}

/* Stage LEADING lists, stage COUNTING counts who is within the limit. */
static void learn_leaders(const vikor *m, leaders *l, const tarazu_batch *batch)
{
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&m->staged.criteria, batch, terms);
  for (int64_t first = 0; count && first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk of;
    double q[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(m, terms, count, first, rows, of);
    compromise(m, of, rows, q);
    l->seen += rows;
    for (int64_t i = 0; m->staged.stage == COUNTING && i < rows; i++) l->count += is_member(&m->leaders, q[i]);
    for (int64_t i = 0; m->staged.stage == LEADING && i < rows; i++)
      if (l->count < LEADERS || q[i] <= l->of[LEADERS - 1].q)
        enlist(l, (leader){q[i], criteria_row(batch, first + i), of[S][i] <= m->least[S] || of[R][i] <= m->least[R]});
  }
}

static size_t state_size(const void *self)
{
  return staged_state_size(self) > sizeof(leaders) ? staged_state_size(self) : sizeof(leaders);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  if (((const staged *)self)->stage < LEADING) return staged_learn(self, state, batch, error, measure);
  learn_leaders(self, state, batch);
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  const staged *s = self;
  leaders *l = into;
  const leaders *more = from;
  if (s->stage < LEADING) return staged_merge(self, into, from, error);
  l->seen += more->seen;
  if (s->stage == COUNTING) l->count += more->count;
  for (int64_t i = 0; s->stage == LEADING && i < more->count; i++) enlist(l, more->of[i]);
  return TARAZU_OK;
}

/* ---- facts ------------------------------------------------------------------------------------------------- */

static void say_members(vikor *m, tarazu_fact *fact)
{
  const tarazu_host *host = m->staged.criteria.context->host;
  char text[FACT_TEXT] = "";
  size_t used = 0;
  for (int64_t i = 0; i < m->leaders.count && i < NAMED && is_member(&m->leaders, m->leaders.of[i].q); i++) {
    const char *name = host->customer(host, m->leaders.of[i].row);
    int length = snprintf(text + used, sizeof text - used, "%s%.24s", i ? ", " : "", name ? name : "?");
    used += length > 0 ? (size_t)length : 0;
  }
  if (m->compromise > NAMED) fact_say(&m->facts, fact, 0, "%s and %lld more", text, (long long)m->compromise - NAMED);
  else fact_say(&m->facts, fact, 0, "%s", text);
}

static void tell(vikor *m)
{
  const leaders *l = &m->leaders;
  m->facts.count = 0;
  if (!l->seen) return;
  double lead = l->seen > 1 ? l->of[1].q - l->of[0].q : 0;
  tarazu_fact *fact = fact_add(&m->facts, lead, "acceptable_advantage");
  if (l->seen == 1) fact_say(&m->facts, fact, 0, "yes: there is nobody else");
  else
    fact_say(&m->facts, fact, 0, "%s: the second's Q is %.6g above the first's, needed is 1 / %lld",
             has_advantage(l) ? "yes" : "no", lead, (long long)l->seen - 1);
  fact = fact_add(&m->facts, (double)l->of[0].firm, "acceptable_stability");
  fact_say(&m->facts, fact, 0,
           l->of[0].firm ? "yes: the first is the best by S or by R too" : "no: the first is best by neither S nor R");
  fact = fact_add(&m->facts, (double)m->compromise, "compromise_set");
  say_members(m, fact);
}

static void settle(vikor *m)
{
  const leaders *l = &m->leaders;
  m->compromise = 0;
  while (m->compromise < l->count && is_member(l, l->of[m->compromise].q)) m->compromise++;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  vikor *m = self;
  uint32_t stage = m->staged.stage;
  if (stage == LEADING) {
    memcpy(&m->leaders, state, sizeof m->leaders);
    settle(m);
  } else if (stage == COUNTING) {
    m->compromise = ((const leaders *)state)->count;
  }
  staged_finish(self, state, STAGES, again);
  for (int q = 0; stage == 1 && q < QUANTITIES; q++) {
    m->least[q] = m->staged.learned[q].least;
    m->most[q] = m->staged.learned[q].most;
  }
  /* A list that does not end within the set says that there may be more of it. */
  if (stage == LEADING && (m->compromise < LEADERS || m->leaders.seen == LEADERS)) m->staged.stage = 0;
  *again = m->staged.stage > 0;
  if (!*again) tell(m);
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const vikor *m = self;
  return (tarazu_list){m->facts.items, m->facts.count, sizeof *m->facts.items};
}

/* ---- scores ------------------------------------------------------------------------------------------------ */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const vikor *m = self;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&m->staged.criteria, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk of;
    double q[CRITERIA_CHUNK], score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(self, terms, count, first, rows, of);
    compromise(m, of, rows, q);
    for (int64_t i = 0; i < rows; i++) score[i] = 1 - q[i];
    criteria_give(results[0], first, score, rows);
    criteria_give(results[1], first, of[S], rows);
    criteria_give(results[2], first, of[R], rows);
    criteria_give(results[3], first, q, rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "vikor",
    .version = "1.0",
    .license = "MIT",
    .summary = "the compromise between the good of the many and of the one",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_LEARNS_WEIGHTS,
    .self_size = sizeof(vikor),
    .create = create,
    .destroy = destroy,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .apply = apply,
    .facts = facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "vikor",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
