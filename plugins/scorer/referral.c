/* referral: customer referral value (Kumar, Petersen, Leone 2010): what those bring whom a customer brought, those whom
 * they brought in turn, and so on; who would have joined anyway brings the saved cost of acquiring her alone. */
#include "../shared/facts.h"
#include "../shared/referrals.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6
#define DAYS_PER_YEAR        365.25

enum { LEVELS, DECAY, CREDIT, JOINED_ANYWAY, ACQUISITION_COST, REWARD, REWARDED, DISCOUNT_RATE, WINDOW };
enum { EVERY_LEVEL, ONCE };   /* credit */
enum { TYPE_ONE_ALONE, ALL }; /* rewarded */

static const char *const credits[] = {"every_level", "once", NULL};
static const char *const rewarded[] = {"type_one", "all", NULL};
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
    {.name = "credit",
     .kind = TARAZU_CHOICE,
     .initial = "every_level",
     .choices = credits,
     .help = "every_level: each level is credited in full, so that all credit together is more than what was brought; "
             "once: the levels divide it, so that it is what was brought"},
    {.name = "joined_anyway",
     .kind = TARAZU_PROPORTION,
     .optional = 1,
     .least = 0,
     .most = 1,
     .help = "share of the referred who would have joined anyway (type two); where absent the mean of the column "
             "joined_anyway, 0 where there is none"},
    {.name = "acquisition_cost",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = 0,
     .most = 1e15,
     .help = "what it costs to win a customer who was not referred, saved for each who was"},
    {.name = "reward",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = 0,
     .most = 1e15,
     .help = "what a referral costs: the reward paid for it"},
    {.name = "rewarded",
     .kind = TARAZU_CHOICE,
     .initial = "type_one",
     .choices = rewarded,
     .help = "type_one: only rewards for those who came because of the referral count, as published; all: every one"},
    {.name = "discount_rate",
     .kind = TARAZU_PROPORTION,
     .initial = "0%",
     .least = 0,
     .most = 10,
     .help = "of a year; brings what was saved and paid on the day of the referral to as_of"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only referrals of this long before as_of; all where absent"},
};

enum { FROM, TO, TIME, SAYS_ANYWAY, SAYS_REWARD, VALUE, SAYS_COST }; /* columns */

static const tarazu_field referral_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "the referrer"},
    {.name = "to", .type = TARAZU_ROW, .help = "the referred"},
    {.name = "time", .type = TARAZU_TIME, .optional = 1, .help = "when; for discount_rate and window"},
    {.name = "joined_anyway",
     .type = TARAZU_F64,
     .optional = 1,
     .help = "chance from 0 to 1 that the referred would have joined anyway; null: the parameter"},
    {.name = "reward", .type = TARAZU_F64, .optional = 1, .help = "what the referral cost; null: the parameter"},
};
static const tarazu_field value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what a referred customer is worth"},
};
static const tarazu_field cost_fields[] = {
    {.name = "acquisition_cost", .type = TARAZU_F64, .help = "of this customer; null: the parameter"},
};
static const tarazu_input inputs[] = {
    {.name = "referrals", .shape = TARAZU_EDGES, .fields = TARAZU_LIST(referral_fields), .help = "who brought whom"},
    {.name = "value",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value_fields),
     .help = "what a customer is worth, marketing cost deducted, at as_of: another criterion, or a column"},
    {.name = "acquisition_cost",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(cost_fields),
     .help = "what it would have cost to win a customer without a referral"},
};

enum { OUT_VALUE, OUT_REFERRED, OUT_REACHED, OUT_SAVED, OUT_REWARDS, OUT_TYPE_ONE, OUT_TYPE_TWO };

static const tarazu_output outputs[] = {
    {.name = "value",
     .type = TARAZU_F64,
     .better = 1,
     .help = "in the unit of the input; 0 for one who brought nobody"},
    {.name = "referred", .type = TARAZU_I64, .better = 1, .unit = "customers", .help = "brought directly"},
    {.name = "reached", .type = TARAZU_I64, .better = 1, .unit = "customers", .help = "brought within all levels"},
    {.name = "saved_acquisition", .type = TARAZU_F64, .better = 1, .help = "of value, what was saved in winning them"},
    {.name = "rewards", .type = TARAZU_F64, .better = -1, .help = "what value is less for rewards"},
    {.name = "type_one",
     .type = TARAZU_F64,
     .better = 1,
     .unit = "customers",
     .help = "of referred, expected to have come because of the referral"},
    {.name = "type_two",
     .type = TARAZU_F64,
     .better = 0,
     .unit = "customers",
     .help = "of referred, expected to have joined anyway"},
};

enum { MOST_FACTS = 14 };

/* What a distinct referral brings, in money of as_of; how many referrers share the referred. */
typedef struct gain {
  double margin, saved, reward;
  double referrers;
} gain;

/* One customer's outputs. */
typedef struct score {
  double value, saved, rewards, type_one;
  int64_t referred, reached;
} score;

typedef struct referral {
  const tarazu_host *host;
  int64_t as_of, levels, since;
  int once, reward_all, has_window;
  int has_time, has_anyway, has_reward, has_cost; /* bound */
  int anyway_given;
  double decay, anyway, cost, reward, rate;
  referrals graph; /* fitted, as the rest */
  gain *gains;     /* one a distinct referral */
  double *handed;  /* with `once`: how often a referral would be credited in all; otherwise NULL */
  score *scores;   /* one a customer */
  fact_list facts;
} referral;

static tarazu_status need_time(const referral *r, int32_t param, const char *what, tarazu_error *error)
{
  if (r->has_time) return TARAZU_OK;
  error->param = param;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                     "%s needs dated referrals: name the table's date with columns: {time: COLUMN}", what);
}

static int is_bound(const tarazu_context *context, uint32_t column)
{
  return tarazu_bound_at(context, column)->type != 0;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  referral *r = self;
  const tarazu_value *window = tarazu_arg(args, WINDOW), *anyway = tarazu_arg(args, JOINED_ANYWAY);
  r->host = context->host;
  r->as_of = context->as_of;
  r->levels = tarazu_arg(args, LEVELS)->integer;
  r->decay = tarazu_arg(args, DECAY)->real;
  r->once = tarazu_arg(args, CREDIT)->integer == ONCE;
  r->anyway_given = (int)anyway->given;
  r->anyway = anyway->given ? anyway->real : 0;
  r->cost = tarazu_arg(args, ACQUISITION_COST)->real;
  r->reward = tarazu_arg(args, REWARD)->real;
  r->reward_all = tarazu_arg(args, REWARDED)->integer == ALL;
  r->rate = tarazu_arg(args, DISCOUNT_RATE)->real;
  r->has_window = (int)window->given;
  r->has_time = is_bound(context, TIME);
  r->has_anyway = is_bound(context, SAYS_ANYWAY);
  r->has_reward = is_bound(context, SAYS_REWARD);
  r->has_cost = is_bound(context, SAYS_COST);
  if (window->given) r->since = context->as_of - (int64_t)llround(window->real * MICROSECONDS_PER_DAY);
  tarazu_status status = TARAZU_OK;
  if (window->given) status = need_time(r, WINDOW, "window", error);
  if (!status && r->rate > 0) status = need_time(r, DISCOUNT_RATE, "discount_rate", error);
  return status;
}

static void forget(referral *r)
{
  facts_free(&r->facts);
  referrals_free(&r->graph);
  free(r->gains);
  free(r->handed);
  free(r->scores);
  r->gains = NULL;
  r->handed = NULL;
  r->scores = NULL;
}

static void destroy(void *self)
{
  forget(self);
}

/* ---- what each referral brings ---- */

/* The tables as they come. */
typedef struct tables {
  int64_t rows, edges;
  const int64_t *from, *to, *time;
  const tarazu_column *value, *cost, *anyway, *reward;
} tables;

static tables tables_of(const referral *r, const tarazu_batch *const *spaces, uint32_t count)
{
  tables t = {0};
  for (uint32_t i = 0; i < count; i++) {
    const tarazu_column *const *columns = spaces[i]->columns;
    if (!spaces[i]->space) {
      t.rows = spaces[i]->rows;
      t.value = columns[VALUE];
      if (r->has_cost) t.cost = columns[SAYS_COST];
    } else if (spaces[i]->rows) {
      t.edges = spaces[i]->rows;
      t.from = columns[FROM]->values;
      t.to = columns[TO]->values;
      if (r->has_time) t.time = columns[TIME]->values;
      if (r->has_anyway) t.anyway = columns[SAYS_ANYWAY];
      if (r->has_reward) t.reward = columns[SAYS_REWARD];
    }
  }
  return t;
}

static double number(const tarazu_column *column, int64_t row, double instead)
{
  return column && tarazu_is_valid(column, row) ? ((const double *)column->values)[row] : instead;
}

static tarazu_status check_costs(const tables *t, const referrals *g, tarazu_error *error)
{
  for (int64_t i = 0; t->cost && i < t->rows; i++) {
    double cost = number(t->cost, i, 0);
    if (cost >= 0) continue;
    error->row = i;
    return tarazu_fail(error, TARAZU_BAD_DATA, "an acquisition_cost of %.10g; expected 0 or more, or nothing", cost);
  }
  for (int64_t i = 0; t->reward && i < t->rows; i++)
    for (int64_t e = g->start[i]; e < g->start[i + 1]; e++) {
      double reward = number(t->reward, g->edge[e], 0);
      if (reward >= 0) continue;
      error->row = i;
      return tarazu_fail(error, TARAZU_BAD_DATA, "a referral's reward is %.10g; expected 0 or more, or nothing",
                         reward);
    }
  return TARAZU_OK;
}

/* Kumar, Petersen, Leone (2010): CRV = sum over t and type one y of (A_ty - a_ty - M_ty + ACQ1_ty) / (1 + r)^t
 *                                    + sum over t and type two y of ACQ2_ty / (1 + r)^t.
 * value is A - M of all t, at as_of already. a and ACQ flowed on the day of the referral, so t is years from as_of to
 * that day, which is not after it: they are carried forward. y is of type two with chance p; n referrers of y share
 * what y brings, each having cost his own reward. */
static gain gain_of(const referral *r, const tables *t, int64_t edge, double p, double n)
{
  double years = t->time ? (double)(t->time[edge] - r->as_of) / MICROSECONDS_PER_DAY / DAYS_PER_YEAR : 0;
  double factor = r->rate > 0 ? pow(1 + r->rate, -years) : 1;
  int64_t y = t->to[edge];
  double A_less_M = number(t->value, y, 0), ACQ = number(t->cost, y, r->cost) * factor;
  double a = number(t->reward, edge, r->reward) * factor;
  return (gain){
      .margin = (1 - p) * A_less_M / n, .saved = ACQ / n, .reward = r->reward_all ? a : (1 - p) * a, .referrers = n};
}

static tarazu_status weigh_up(referral *r, const tables *t, referrals_anyway *anyway, tarazu_error *error)
{
  const referrals *g = &r->graph;
  double *p = malloc(((size_t)g->count + 1) * sizeof *p);
  r->gains = malloc(((size_t)g->count + 1) * sizeof *r->gains);
  tarazu_status status =
      p && r->gains ? referrals_join_anyway(g, t->anyway, r->anyway_given ? &r->anyway : NULL, p, anyway, error)
                    : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld referrals", (long long)g->count);
  for (int64_t i = 0; !status && i < g->rows; i++)
    for (int64_t e = g->start[i]; e < g->start[i + 1]; e++) {
      r->gains[e] = gain_of(r, t, g->edge[e], p[e], g->shared ? (double)g->referrers[g->to[e]] : 1);
      r->scores[i].type_one += 1 - p[e];
    }
  free(p);
  return status;
}

/* ---- the walk from one customer ---- */

/* One who was reached: her row, and which share of her is the walking customer's. */
typedef struct brought {
  int64_t row;
  double share;
} brought;

/* Those reached, level after level, the first being where the walk began. Who has one referrer cannot be met twice, but
 * at the beginning; of the others place[row] is a row's index among the items if that item names the row (a sparse set,
 * Briggs and Torczon 1993: starting anew costs nothing). */
typedef struct walk {
  brought *items;
  int64_t count, room;
  int64_t *place;
  double *handed; /* not NULL: counts for each referral what is credited of it in all */
} walk;

/* One level: where its items begin, what it counts, what it brings. */
typedef struct level {
  int64_t begin;
  double weight;
  gain sum;
} level;

static int walk_add(walk *w, int64_t row, double share, double referrers)
{
  if (w->count == w->room) {
    int64_t room = w->room ? 2 * w->room : 1024;
    brought *items = realloc(w->items, (size_t)room * sizeof *items);
    if (!items) return 0;
    w->items = items;
    w->room = room;
  }
  if (referrers > 1) w->place[row] = w->count;
  w->items[w->count++] = (brought){row, share};
  return 1;
}

static void credit(const walk *w, const referral *r, level *l, int64_t referral_number, double share)
{
  if (w->handed) {
    w->handed[referral_number] += l->weight * share;
    return;
  }
  const gain *brings = &r->gains[referral_number];
  if (r->handed) share /= r->handed[referral_number]; /* at least 1: the direct referrer's own credit */
  l->sum.margin += share * brings->margin;
  l->sum.saved += share * brings->saved;
  l->sum.reward += share * brings->reward;
}

/* The item of one who was reached already, -1 if she was not. */
static int64_t walk_find(const walk *w, int64_t row, double referrers)
{
  if (row == w->items[0].row) return 0;
  if (referrers <= 1) return -1;
  int64_t place = w->place[row];
  return place < w->count && w->items[place].row == row ? place : -1;
}

/* Takes one step from item `at`: every customer she brought gets, for each of her distinct referrers alike, an equal
 * part of what comes down from the referrer. One who was reached on an earlier level is left as she is: only shortest
 * paths count. 0: no memory. */
static int walk_step(walk *w, const referral *r, int64_t at, level *l)
{
  const referrals *g = &r->graph;
  int64_t row = w->items[at].row, last = g->start[row + 1];
  double share = w->items[at].share;
  for (int64_t e = g->start[row]; e < last; e++) {
    double referrers = r->gains[e].referrers, part = share / referrers;
    int64_t place = walk_find(w, g->to[e], referrers);
    if (place >= 0 && place < l->begin) continue;
    if (place >= 0) w->items[place].share += part;
    else if (!walk_add(w, g->to[e], part, referrers)) return 0;
    credit(w, r, l, e, share);
  }
  return 1;
}

/* value = sum over levels l of decay^(l - 1) sum over those j first reached on level l of what the referrals on the
 * shortest paths to j bring, times the share of the referrer. */
static int walk_from(walk *w, const referral *r, int64_t row)
{
  level l = {.weight = 1};
  gain all = {0};
  w->count = 0;
  if (!walk_add(w, row, 1, 1)) return 0;
  int64_t begin = 0, end = 1;
  for (int64_t number_of = 1; number_of <= r->levels && begin < end; number_of++) {
    l = (level){.begin = end, .weight = l.weight};
    for (int64_t at = begin; at < end; at++)
      if (!walk_step(w, r, at, &l)) return 0;
    begin = end;
    end = w->count;
    all.margin += l.weight * l.sum.margin;
    all.saved += l.weight * l.sum.saved;
    all.reward += l.weight * l.sum.reward;
    l.weight *= r->decay;
  }
  if (w->handed) return 1;
  score *s = &r->scores[row];
  s->value = all.margin + all.saved - all.reward;
  s->saved = all.saved;
  s->rewards = all.reward;
  s->referred = r->graph.start[row + 1] - r->graph.start[row];
  s->reached = w->count - 1;
  return 1;
}

/* ---- fitting ---- */

static tarazu_status no_memory(const referral *r, tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the referrals of %lld customers",
                     (long long)r->graph.rows);
}

enum { TASKS = 64 };

/* Room for walks is handed from task to task: as many as run at once are made. */
typedef struct fitting {
  const referral *r;
  walk walks[TASKS];
  atomic_flag taken[TASKS];
  double *handed; /* for the walk */
  atomic_int done, no_memory, cancelled;
} fitting;

static walk *take_walk(fitting *f)
{
  int at = 0;
  while (atomic_flag_test_and_set(&f->taken[at])) at++; /* there are as many as tasks */
  walk *w = &f->walks[at];
  if (!w->place) w->place = calloc((size_t)f->r->graph.rows, sizeof *w->place);
  w->handed = f->handed;
  return w;
}

/* Customers [rows * task / TASKS, rows * (task + 1) / TASKS). */
static void fit_share(void *argument, int64_t task)
{
  fitting *f = argument;
  const referrals *g = &f->r->graph;
  int64_t first = g->rows * task / TASKS, last = g->rows * (task + 1) / TASKS;
  if (first == last || f->no_memory || f->cancelled) return;
  walk *w = take_walk(f);
  int good = w->place != NULL;
  for (int64_t row = first; row < last && good; row++)
    if (g->start[row] < g->start[row + 1]) good = walk_from(w, f->r, row);
  atomic_flag_clear(&f->taken[w - f->walks]);
  if (!good) f->no_memory = 1;
  if (!f->r->host->progress(f->r->host, (double)(++f->done) / TASKS)) f->cancelled = 1;
}

/* All walks. handed: counts credits, one task after the other, since the sums of several customers meet in it. */
static tarazu_status walk_all(const referral *r, double *handed, tarazu_error *error)
{
  fitting f = {.r = r, .handed = handed};
  for (int i = 0; i < TASKS; i++) atomic_flag_clear(&f.taken[i]);
  if (!handed) r->host->parallel(r->host, TASKS, fit_share, &f);
  for (int64_t task = 0; handed && task < TASKS; task++) fit_share(&f, task);
  for (int i = 0; i < TASKS; i++) {
    free(f.walks[i].place);
    free(f.walks[i].items);
  }
  if (f.no_memory) return no_memory(r, error);
  return f.cancelled ? tarazu_fail(error, TARAZU_CANCELLED, "cancelled") : TARAZU_OK;
}

/* ---- a forest, all at once ---- */

/* What comes to a customer from within some levels. */
typedef struct sums {
  double margin, saved, reward;
  int64_t reached;
} sums;

/* Where everybody has one referrer at most and there is no circle, only one path leads from one customer to another:
 * what comes from within l levels is what the direct referrals bring and, times the decay, what comes from within l - 1
 * levels to those whom they brought. Going through all customers once a level takes the time of one walk's step each,
 * and reads memory in an order that can be foreseen. */
typedef struct sweep {
  const referral *r;
  const sums *below; /* of the levels so far; NULL: of none */
  sums *above;       /* with one level more; NULL: it is the last, and goes to the scores */
  atomic_int done, cancelled;
} sweep;

static sums sums_of(const sweep *s, int64_t row)
{
  const referral *r = s->r;
  sums all = {0};
  for (int64_t e = r->graph.start[row]; e < r->graph.start[row + 1]; e++) {
    const gain *brings = &r->gains[e];
    double part = r->handed ? 1 / r->handed[e] : 1;
    all.margin += part * brings->margin;
    all.saved += part * brings->saved;
    all.reward += part * brings->reward;
    all.reached++;
    if (!s->below || !referrals_brings(&r->graph, r->graph.to[e])) continue;
    const sums *below = &s->below[r->graph.to[e]];
    all.margin += r->decay * below->margin;
    all.saved += r->decay * below->saved;
    all.reward += r->decay * below->reward;
    all.reached += below->reached;
  }
  return all;
}

static void put_score(score *s, const sums *all, int64_t referred)
{
  s->value = all->margin + all->saved - all->reward;
  s->saved = all->saved;
  s->rewards = all->reward;
  s->referred = referred;
  s->reached = all->reached;
}

static void sweep_share(void *argument, int64_t task)
{
  sweep *s = argument;
  const referrals *g = &s->r->graph;
  if (s->cancelled) return;
  for (int64_t row = g->rows * task / TASKS; row < g->rows * (task + 1) / TASKS; row++) {
    if (!referrals_brings(g, row)) continue; /* her sums are never looked at, and her score is 0 already */
    sums all = sums_of(s, row);
    if (s->above) s->above[row] = all;
    else put_score(&s->r->scores[row], &all, g->start[row + 1] - g->start[row]);
  }
  if (!s->r->host->progress(s->r->host, (double)(++s->done) / (TASKS * (double)s->r->levels))) s->cancelled = 1;
}

/* How often each referral would be credited in all, by the same reasoning from the top down: once, and with the decay
 * as often as within one level less that by which the referrer came. */
static int count_handed(const referral *r, double *handed)
{
  const referrals *g = &r->graph;
  double *own = calloc(2 * (size_t)g->rows + 1, sizeof *own);
  if (!own) return 0;
  double *next = own + g->rows;
  for (int64_t l = 1; l <= r->levels; l++) {
    for (int64_t row = 0; row < g->rows; row++)
      for (int64_t e = g->start[row]; e < g->start[row + 1]; e++) next[g->to[e]] = handed[e] = 1 + r->decay * own[row];
    memcpy(own, next, (size_t)g->rows * sizeof *own);
  }
  free(own);
  return 1;
}

static tarazu_status sweep_all(const referral *r, tarazu_error *error)
{
  size_t rows = (size_t)r->graph.rows + 1;
  sums *room[2] = {NULL, NULL};
  for (int i = 0; i < 2 && i < r->levels - 1; i++)
    if (!(room[i] = malloc(rows * sizeof **room))) {
      free(room[0]);
      return no_memory(r, error);
    }
  sweep s = {.r = r};
  for (int64_t l = 1; l <= r->levels; l++) {
    s.above = l < r->levels ? room[(l - 1) % 2] : NULL;
    r->host->parallel(r->host, TASKS, sweep_share, &s);
    s.below = s.above;
  }
  free(room[0]);
  free(room[1]);
  return s.cancelled ? tarazu_fail(error, TARAZU_CANCELLED, "cancelled") : TARAZU_OK;
}

static void report_counts(referral *r, const tables *t, const referrals_anyway *anyway, int64_t in_cycles)
{
  const referrals *g = &r->graph;
  int64_t referred = 0, without_value = 0;
  for (int64_t i = 0; i < g->rows; i++) {
    referred += g->referrers[i] > 0;
    without_value += g->referrers[i] > 0 && !tarazu_is_valid(t->value, i);
  }
  fact_add(&r->facts, (double)g->count, "referrals");
  fact_add(&r->facts, (double)g->selves, "self_referrals");
  fact_add(&r->facts, (double)g->repeated, "repeated_referrals");
  if (r->has_window) fact_add(&r->facts, (double)g->outside, "referrals_before_window");
  fact_add(&r->facts, (double)in_cycles, "referrals_in_cycles");
  fact_add(&r->facts, (double)referred, "referred_customers");
  tarazu_fact *fact = fact_add(&r->facts, (double)without_value, "referred_without_value");
  if (without_value)
    fact_say(&r->facts, fact, 1, "%lld customer%s brought but without a value; that counts as 0",
             (long long)without_value, without_value == 1 ? " was" : "s were");
  if (!r->has_anyway && !r->anyway_given) return;
  fact = fact_add(&r->facts, anyway->share, "joined_anyway");
  fact->error = anyway->error;
  if (r->has_anyway) fact_add(&r->facts, (double)anyway->known, "referrals_that_say");
  if (!r->anyway_given && !anyway->known && g->count)
    fact_say(&r->facts, fact, 1, "no referral says whether the referred would have joined anyway; taken as 0");
}

/* credited_share of what was brought: 1 on one level or with `once`; otherwise from 1 to the sum of decay^(l - 1) over
 * the levels, where nothing brought is negative. */
static void report_values(referral *r)
{
  double brought_value = 0, credited = 0, saved = 0, rewards = 0;
  for (int64_t e = 0; e < r->graph.count; e++) {
    const gain *brings = &r->gains[e];
    brought_value += brings->margin + brings->saved - brings->reward;
    saved += brings->saved;
    rewards += brings->reward;
  }
  for (int64_t i = 0; i < r->graph.rows; i++) credited += r->scores[i].value;
  double share = credited / brought_value;
  if (isfinite(brought_value)) fact_add(&r->facts, brought_value, "brought_value");
  if (isfinite(credited)) fact_add(&r->facts, credited, "credited_value");
  if (isfinite(share)) fact_add(&r->facts, share, "credited_share");
  if (isfinite(saved)) fact_add(&r->facts, saved, "saved_acquisition");
  if (isfinite(rewards)) fact_add(&r->facts, rewards, "rewards");
}

static tarazu_status check_finite(const referral *r, tarazu_error *error)
{
  for (int64_t i = 0; i < r->graph.rows; i++) {
    if (isfinite(r->scores[i].value)) continue;
    error->row = i;
    return tarazu_fail(error, TARAZU_NUMERIC, "the value of those referred is beyond what a double holds");
  }
  return TARAZU_OK;
}

static tarazu_status credit_all(referral *r, int64_t in_cycles, tarazu_error *error)
{
  int forest = !r->graph.shared && !in_cycles;
  if (r->once) {
    double *handed = calloc((size_t)r->graph.count + 1, sizeof *handed);
    tarazu_status status = !handed                   ? no_memory(r, error)
                           : !forest                 ? walk_all(r, handed, error)
                           : count_handed(r, handed) ? TARAZU_OK
                                                     : no_memory(r, error);
    r->handed = handed;
    if (status) return status;
  }
  return forest ? sweep_all(r, error) : walk_all(r, NULL, error);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  referral *r = self;
  tables t = tables_of(r, spaces, count);
  referrals_anyway anyway = {0};
  forget(r);
  r->scores = calloc((size_t)t.rows + 1, sizeof *r->scores);
  int64_t in_cycles = -1;
  if (r->scores && facts_begin(&r->facts, MOST_FACTS) &&
      referrals_make(&r->graph, t.rows, t.from, t.to, t.edges, r->has_window ? t.time : NULL, r->since))
    in_cycles = referrals_in_cycles(&r->graph);
  if (in_cycles < 0)
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld referrals of %lld customers", (long long)t.edges,
                       (long long)t.rows);
  tarazu_status status = check_costs(&t, &r->graph, error);
  if (!status) status = weigh_up(r, &t, &anyway, error);
  if (!status) status = credit_all(r, in_cycles, error);
  if (!status) status = check_finite(r, error);
  if (status) return status;
  report_counts(r, &t, &anyway, in_cycles);
  report_values(r);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static int64_t row_number(const tarazu_batch *batch, int64_t i)
{
  return batch->row_numbers ? batch->row_numbers[i] : batch->first_row < 0 ? -1 : batch->first_row + i;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const referral *r = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t row = row_number(batch, i);
    if (row < 0 || row >= r->graph.rows)
      return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
    const score *s = &r->scores[row];
    ((double *)results[OUT_VALUE]->values)[i] = s->value;
    if (results[OUT_REFERRED]) ((int64_t *)results[OUT_REFERRED]->values)[i] = s->referred;
    if (results[OUT_REACHED]) ((int64_t *)results[OUT_REACHED]->values)[i] = s->reached;
    if (results[OUT_SAVED]) ((double *)results[OUT_SAVED]->values)[i] = s->saved;
    if (results[OUT_REWARDS]) ((double *)results[OUT_REWARDS]->values)[i] = s->rewards;
    if (results[OUT_TYPE_ONE]) ((double *)results[OUT_TYPE_ONE]->values)[i] = s->type_one;
    if (results[OUT_TYPE_TWO]) ((double *)results[OUT_TYPE_TWO]->values)[i] = (double)s->referred - s->type_one;
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const referral *r = self;
  return (tarazu_list){r->facts.items, r->facts.count, sizeof *r->facts.items};
}

/* ---- explaining ---- */

/* What the direct referrer is credited of a referral. */
static gain own_gain(const referral *r, int64_t e)
{
  gain own = r->gains[e];
  double times = r->handed ? r->handed[e] : 1;
  return (gain){own.margin / times, own.saved / times, own.reward / times, own.referrers};
}

static double net(gain of)
{
  return of.margin + of.saved - of.reward;
}

static int say(const tarazu_writer *writer, const char *words)
{
  return writer->write(writer, words, strlen(words));
}

/* "1042 brings 1200: margin 1000, saved 250, reward 50" */
static int say_one(const referral *r, int64_t e, const tarazu_writer *writer)
{
  char line[200], all[40], margin[40], saved[40], reward[40];
  const char *key = r->host->customer(r->host, r->graph.to[e]);
  gain own = own_gain(r, e);
  int length = snprintf(line, sizeof line, " brings %s", referrals_amount(net(own), all));
  if (own.saved > 0 || own.reward > 0)
    snprintf(line + length, sizeof line - (size_t)length, ": margin %s, saved %s, reward %s",
             referrals_amount(own.margin, margin), referrals_amount(own.saved, saved),
             referrals_amount(own.reward, reward));
  return say(writer, key ? key : "one") && say(writer, line) && say(writer, "\n");
}

static int say_head(const referral *r, const score *s, const tarazu_writer *writer)
{
  char line[200];
  int length =
      snprintf(line, sizeof line, "brought %lld customer%s", (long long)s->referred, s->referred == 1 ? "" : "s");
  if (s->type_one < (double)s->referred)
    length += snprintf(line + length, sizeof line - (size_t)length, ", of whom %.4g would have joined anyway",
                       (double)s->referred - s->type_one);
  if (s->reached > s->referred)
    length += snprintf(line + length, sizeof line - (size_t)length, "; reached %lld within %lld levels",
                       (long long)s->reached, (long long)r->levels);
  snprintf(line + length, sizeof line - (size_t)length, "\n");
  return say(writer, line);
}

/* What remains of the value: the others brought directly, and what comes from further levels. */
static int say_rest(const referral *r, int64_t row, const referrals_top *top, const tarazu_writer *writer)
{
  const score *s = &r->scores[row];
  char line[200], amount[40];
  double direct = 0, told = 0;
  for (int64_t e = r->graph.start[row]; e < r->graph.start[row + 1]; e++) direct += net(own_gain(r, e));
  for (int i = 0; i < top->count; i++) told += net(own_gain(r, top->best[i].item));
  int good = 1;
  if (s->referred > top->count) {
    int64_t others = s->referred - top->count;
    snprintf(line, sizeof line, "%lld other%s %s %s\n", (long long)others, others == 1 ? "" : "s",
             others == 1 ? "brings" : "bring", referrals_amount(direct - told, amount));
    good = say(writer, line);
  }
  if (!good || s->reached == s->referred) return good;
  snprintf(line, sizeof line, "those whom they brought in turn add %s\n", referrals_amount(s->value - direct, amount));
  return say(writer, line);
}

static tarazu_status reasons(const void *self, const tarazu_batch *batch, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const referral *r = self;
  int64_t row = row_number(batch, 0);
  if (row < 0 || row >= r->graph.rows)
    return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
  referrals_top top = {.count = 0};
  for (int64_t e = r->graph.start[row]; e < r->graph.start[row + 1]; e++)
    referrals_rank(&top, fabs(net(own_gain(r, e))), e);
  int good = top.count ? say_head(r, &r->scores[row], writer) : say(writer, "brought nobody\n");
  for (int i = 0; i < top.count && good; i++) good = say_one(r, top.best[i].item, writer);
  if (good && top.count) good = say_rest(r, row, &top, writer);
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
    .id = "referral",
    .version = "1.1",
    .summary = "customer referral value: what those bring whom a customer brought, over several levels",
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
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "referral",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
