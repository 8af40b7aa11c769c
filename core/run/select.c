/* Fills the seats of the list of key customers, and words the reason of every decision. */
#include "run/select.h"

#include "base/calendar.h"
#include "data/buffer.h"
#include "run/dominance.h"
#include "run/grounds.h"
#include <stdlib.h>
#include <string.h>

typedef struct chooser {
  engine *e;
  selection *out;
  uint8_t *key;
  int32_t *reason;
  int64_t *place;
  int64_t *by_score; /* place in line by row, were it by score alone; NULL: it is */
  const char *limit; /* in words; "": there is none */
  int64_t unpinned;  /* seats that pins leave */
  double pinned;     /* of the capacity */
  uint8_t *anyway;   /* 1 by row for those who would be chosen without the previous list */
  int decided;       /* something is, of somebody */
  int failed;
} chooser;

static int32_t code_of(chooser *c, const char *words)
{
  int32_t code = dictionary_add(c->out->reasons, words, strlen(words));
  if (code < 0) c->failed = 1;
  return code;
}

static void decide(chooser *c, int64_t row, int key, const char *words)
{
  int32_t code = code_of(c, words);
  c->decided = 1;
  c->out->count += key && !c->key[row];
  if (key && !c->key[row]) c->out->used += selection_cost(c->e, row);
  c->key[row] = (uint8_t)key;
  c->reason[row] = code;
}

__attribute__((format(printf, 4, 5))) static void decidef(chooser *c, int64_t row, int key, const char *format, ...)
{
  char words[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  decide(c, row, key, words);
}

static int undecided(const chooser *c, int64_t row)
{
  return c->reason[row] < 0;
}

/* ---- pins and exclusions ----------------------------------------------------------------------------------- */

static int64_t row_of(const engine *e, const char *key)
{
  return dictionary_find(e->people.names, key, strlen(key));
}

/* Whether a decision has ended; a date alone holds to the end of its day, on the profile's clock. */
static int is_over(const engine *e, const decision_profile *d, char until[32])
{
  *until = 0;
  if (d->until == INT64_MAX) return 0;
  const zone *clock = e->plan->profile->zone;
  int64_t civil = zone_to_civil(clock, d->until);
  if (civil % MICROSECONDS_PER_DAY) {
    calendar_format(d->until, until);
    return d->until < e->as_of;
  }
  calendar_format(civil, until);
  return civil + MICROSECONDS_PER_DAY <= zone_to_civil(clock, e->as_of);
}

static int names(const engine *e, const decision_profile *decisions, uint32_t count, int64_t row)
{
  char until[32];
  for (uint32_t i = 0; i < count; i++)
    if (row_of(e, decisions[i].customer) == row && !is_over(e, &decisions[i], until)) return 1;
  return 0;
}

int selection_by_hand(const engine *e, int64_t row)
{
  const profile *f = e->plan->profile;
  return names(e, f->pins, f->pin_count, row) || names(e, f->exclusions, f->exclusion_count, row);
}

static void decide_by_hand(chooser *c, const decision_profile *decisions, uint32_t count, int key)
{
  for (uint32_t i = 0; i < count; i++) {
    const decision_profile *d = &decisions[i];
    char until[32];
    int64_t row = row_of(c->e, d->customer);
    if (is_over(c->e, d, until)) {
      problem_warn(c->e->problems, d->place, "the %s of customer '%s' ended on %s and no longer counts",
                   key ? "pin" : "exclusion", d->customer, until);
    } else if (row < 0) {
      problem_warn(c->e->problems, d->place, "%s customer '%s' is not among the customers", key ? "pinned" : "excluded",
                   d->customer);
    } else {
      decide(c, row, key,
             arena_format(c->e->arena, "%s by %s%s%s: %s", key ? "pinned" : "excluded", d->author,
                          *until ? " until " : "", until, d->reason));
    }
  }
}

/* ---- floors ------------------------------------------------------------------------------------------------ */

/* Share of those with a score in the dimension who score less, ties by half: 0 to 1 by row; negative: no score. */
static double *percentiles(const column *score)
{
  int64_t there;
  const double *values = score->values;
  int64_t *order = order_descending(values, score->valid, score->rows, &there);
  double *out = malloc(((size_t)score->rows + 1) * sizeof *out);
  for (int64_t r = 0; out && r < score->rows; r++) out[r] = -1;
  for (int64_t i = 0, end; order && out && i < there; i = end) {
    for (end = i + 1; end < there && values[order[end]] == values[order[i]];) end++;
    double below = (double)(there - end), equal = (double)(end - i);
    for (int64_t k = i; k < end; k++) out[order[k]] = (below + equal / 2) / (double)there;
  }
  free(order);
  if (order) return out;
  free(out);
  return NULL;
}

static int apply_floor(chooser *c, const floor_profile *f)
{
  engine *e = c->e;
  uint32_t d = (uint32_t)profile_dimension(e->plan->profile, f->dimension);
  const column *score = &e->plan->combiner->outputs[e->plan->combiner->strategy->outputs.count + d].column;
  double *share = f->of_score ? NULL : percentiles(score);
  if (!f->of_score && !share) return 0;
  const char *none = arena_format(e->arena, "%s cannot be scored, and it has a floor", f->dimension), *below;
  if (f->of_score) below = arena_format(e->arena, "%s is below the floor of %g", f->dimension, f->least);
  else
    below =
        arena_format(e->arena, "%s is below the floor, the %g %% point of all customers", f->dimension, 100 * f->least);
  for (int64_t r = 0; r < e->people.count; r++) {
    if (!undecided(c, r)) continue;
    if (!column_is_valid(score, r)) decide(c, r, 0, none);
    else if ((share ? share[r] : ((const double *)score->values)[r]) < f->least) decide(c, r, 0, below);
  }
  free(share);
  return 1;
}

/* ---- capacity ---------------------------------------------------------------------------------------------- */

static const column *capacity_column(const engine *e)
{
  const binding *b = &e->plan->capacity->bindings[0];
  return b->kind == BOUND_SERIES ? &b->series->column : &e->tables[b->table].wants[b->item].column;
}

double selection_cost(const engine *e, int64_t row)
{
  const capacity_profile *f = &e->plan->profile->capacity;
  if (!e->plan->capacity) return 0;
  const column *c = capacity_column(e);
  if (column_is_valid(c, row)) return ((const double *)c->values)[row];
  return f->has_missing && f->missing.rule == MISSING_VALUE ? f->missing.value : -1;
}

/* The slack is for sums of decimals: three times 0.1 go into 0.3. */
int selection_fits(const engine *e, double used, double cost)
{
  return !e->plan->capacity || used + cost <= e->plan->profile->capacity.total * (1 + 1e-9);
}

/* What the profile calls that which is limited. */
static const char *capacity_of(const chooser *c)
{
  const node *of = c->e->plan->profile->capacity.of, *criterion = node_get(of, "criterion");
  return of->text ? of->text : criterion ? criterion->text : "";
}

/* Whoever may be chosen must say what she takes: unknown costs are an error, unless the profile says what they are. */
static int check_costs(chooser *c)
{
  engine *e = c->e;
  const capacity_profile *f = &e->plan->profile->capacity;
  int64_t missing = -1, count = 0;
  if (!e->plan->capacity) return 1;
  const column *cost = capacity_column(e);
  for (int64_t r = 0; r < e->people.count; r++) {
    int there = column_is_valid(cost, r);
    double value = there ? ((const double *)cost->values)[r] : 0;
    if (value < 0) {
      problem_add(e->problems, EXIT_DATA, f->place,
                  "key_customers.capacity: customer '%s' takes %g of '%s'; expected at "
                  "least 0",
                  customer_name(e, r), value, capacity_of(c));
      return 0;
    }
    int counts = c->key[r] || (undecided(c, r) && e->rank[r]);
    if (there || !counts || (f->has_missing && f->missing.rule == MISSING_VALUE)) continue;
    if (f->has_missing && !c->key[r]) {
      decide(c, r, 0, arena_format(e->arena, "no value of %s, which the capacity counts", capacity_of(c)));
      continue;
    }
    if (missing < 0) missing = r;
    count++;
  }
  if (!count) return 1;
  problem_add(e->problems, EXIT_DATA, f->place, "key_customers.capacity: customer '%s'%s%s%s has no value of '%s'",
              customer_name(e, missing), c->key[missing] ? ", who is pinned," : "", count > 1 ? " (and others)" : "",
              "", capacity_of(c));
  problem_hint(e->problems,
               "`missing: 2` says what such a customer takes, `missing: leave_out` that she is not chosen");
  return 0;
}

/* ---- the line ---------------------------------------------------------------------------------------------- */

static int64_t seats(int64_t count, double share, int64_t people)
{
  if (share > 0) count = (int64_t)(share * (double)people + 1e-9);
  return count > 0 ? count : 1;
}

int selection_was_listed(const engine *e, int64_t row)
{
  int previous = e->plan->previous;
  return previous >= 0 && column_is_valid(&e->tables[previous].wants[0].column, row);
}

static void number_places(chooser *c)
{
  for (int64_t i = 0; i < c->out->line_count; i++) c->place[c->out->line[i]] = i + 1;
}

/* A line and places of the selection's own. 0: no memory. */
static int make_line(chooser *c)
{
  selection *out = c->out;
  out->as_ranked = 0;
  c->place = out->place = buffer_new(c->e->people.count, sizeof *out->place, 1);
  out->line = buffer_new(c->e->people.count, sizeof *out->line, 0);
  return out->place && out->line;
}

static int line_by_score(chooser *c)
{
  engine *e = c->e;
  if (!c->decided && !e->tied && e->scored == e->people.count) { /* all as they are ranked */
    c->out->as_ranked = 1;
    c->out->line = e->order;
    c->out->line_count = e->scored;
    c->place = c->out->place = e->rank;
    return 1;
  }
  if (!make_line(c)) return 0;
  for (int64_t i = 0; i < e->scored; i++)
    if (undecided(c, e->order[i])) c->out->line[c->out->line_count++] = e->order[i];
  number_places(c);
  return 1;
}

/* Chooses by the line alone, without the previous list, and only notes who it would be. How far down the line that
 * goes: the last place that is looked at. */
static int64_t walk(chooser *c)
{
  int64_t left = c->unpinned, last = 0;
  double used = c->pinned;
  memset(c->anyway, 0, (size_t)c->e->people.count);
  for (int64_t i = 0; left > 0 && i < c->out->line_count; i++) {
    int64_t row = c->out->line[i];
    double cost = selection_cost(c->e, row);
    c->anyway[row] = (uint8_t)selection_fits(c->e, used, cost);
    if (!c->anyway[row]) continue;
    used += cost;
    left--;
    last = i + 1;
  }
  return last;
}

/* Lays the line out again with each move's customer before the one she dominates. `by_score`: the line so far. */
static void apply_moves(chooser *c, const dominance_moves *moves, const int64_t *by_score)
{
  int64_t next = 0, at = 0, count = c->out->line_count;
  for (int64_t r = 0; r < c->e->people.count; r++) c->out->ahead_of[r] = -1;
  for (int64_t i = 0; i < moves->count; i++)
    c->out->ahead_of[by_score[moves->items[i].from]] = by_score[moves->items[i].to];
  for (int64_t i = 0; i < count; i++) {
    for (; next < moves->count && moves->items[next].to == i; next++)
      c->out->line[at++] = by_score[moves->items[next].from];
    if (c->out->ahead_of[by_score[i]] < 0) c->out->line[at++] = by_score[i];
  }
  c->out->advanced = moves->count;
  number_places(c);
}

/* The line and places by score, before the first move. 0: no memory. */
static int copy_line(chooser *c, int64_t **by_score)
{
  size_t count = (size_t)c->out->line_count, people = (size_t)c->e->people.count;
  *by_score = malloc((count + 1) * sizeof **by_score);
  c->by_score = malloc((people + 1) * sizeof *c->by_score);
  c->out->ahead_of = malloc((people + 1) * sizeof *c->out->ahead_of);
  if (!*by_score || !c->by_score || !c->out->ahead_of) return 0;
  memcpy(*by_score, c->out->line, count * sizeof **by_score);
  memcpy(c->by_score, c->place, people * sizeof *c->by_score);
  return !c->out->as_ranked || make_line(c);
}

/* A customer who dominates one whose moved place is earlier than that one's own stands before her there as well: places
 * to move to are those by score, and whoever dominates X dominates all whom X does. */
static int heed_dominance(chooser *c)
{
  int64_t looked_at = 0, count = c->out->line_count;
  int64_t *by_score = NULL;
  for (;;) {
    dominance_moves moves;
    int64_t far = walk(c);
    if (far < c->out->keep_within) far = c->out->keep_within < count ? c->out->keep_within : count;
    if (far <= looked_at) break;
    looked_at = far;
    if (!dominance_find(c->e, by_score ? by_score : c->out->line, by_score ? c->by_score : c->place, count, far,
                        &moves))
      return 0;
    int good = !moves.count || by_score || copy_line(c, &by_score);
    if (good && moves.count) apply_moves(c, &moves, by_score);
    free(moves.items);
    if (!good) {
      free(by_score);
      return 0;
    }
  }
  free(by_score);
  return 1;
}

/* ---- seats ------------------------------------------------------------------------------------------------- */

static int64_t advanced_before(const chooser *c, int64_t row)
{
  return c->out->ahead_of ? c->out->ahead_of[row] : -1;
}

/* "; ahead of 'X', whom she is at least as good as in every criterion" */
static const char *ahead(const chooser *c, int64_t row)
{
  int64_t other = advanced_before(c, row);
  return other < 0 ? ""
                   : arena_format(c->e->arena, "; ahead of '%s', whom she is at least as good as in every criterion",
                                  customer_name(c->e, other));
}

/* "within the limit of 15 and the capacity of 400 (12 taken)" */
static const char *within(const chooser *c, int64_t row)
{
  const profile *f = c->e->plan->profile;
  if (!c->e->plan->capacity) return c->limit;
  return arena_format(c->e->arena, "%s%sthe capacity of %g (she takes %g)", c->limit, f->unlimited ? "" : " and ",
                      f->capacity.total, selection_cost(c->e, row));
}

/* "rank 28, 15 in line, within the limit of 15": the place in line where floors and exclusions make it another than the
 * rank. */
static void seat(chooser *c, int64_t row, const char *also)
{
  char line[40] = "";
  if (c->place[row] != c->e->rank[row]) snprintf(line, sizeof line, ", %lld in line", (long long)c->place[row]);
  decidef(c, row, 1, "rank %lld%s, within %s%s%s", (long long)c->e->rank[row], line, within(c, row), ahead(c, row),
          also);
}

static int has_room(const chooser *c, int64_t row)
{
  return c->out->count < c->out->limit && selection_fits(c->e, c->out->used, selection_cost(c->e, row));
}

static void keep_members(chooser *c)
{
  for (int64_t i = 0; i < c->out->line_count && i < c->out->keep_within; i++) {
    int64_t r = c->out->line[i];
    if (!selection_was_listed(c->e, r) || !has_room(c, r)) continue;
    if (!c->anyway[r]) {
      c->out->kept++;
      c->out->kept_seat[r] = 1;
      decidef(c, r, 1, "kept: on the previous list and %lld in line, within %lld%s", (long long)c->place[r],
              (long long)c->out->keep_within, ahead(c, r));
    } else {
      seat(c, r, "; on the previous list too");
    }
  }
}

/* Who went ahead of one who would have had a seat by her score. */
static void pass_behind(chooser *c, int64_t row)
{
  int64_t in_line = c->place[row], ahead_of_her = -1;
  for (int64_t i = 0; ahead_of_her < 0 && i < in_line - 1; i++)
    if (advanced_before(c, c->out->line[i]) == row) ahead_of_her = c->out->line[i];
  if (ahead_of_her >= 0)
    decidef(c, row, 0,
            "%lld in line, behind '%s', who is at least as good in every criterion: beyond the limit of %lld",
            (long long)in_line, customer_name(c->e, ahead_of_her), (long long)c->out->limit);
  else
    decidef(c, row, 0,
            "%lld in line, behind customers who are at least as good in every criterion as others ahead of "
            "her: beyond the limit of %lld",
            (long long)in_line, (long long)c->out->limit);
}

static void pass_for_capacity(chooser *c, int64_t row)
{
  double total = c->e->plan->profile->capacity.total, left = total - c->out->used;
  c->out->passed_over++;
  decidef(c, row, 0, "%s%lld in line, but she takes %g and %g of the capacity of %g is left",
          selection_was_listed(c->e, row) ? "left the list: " : "", (long long)c->place[row], selection_cost(c->e, row),
          left > 0 ? left : 0, total);
}

/* Why one who may be chosen was not. */
static void pass_over(chooser *c, int64_t row, const char *beyond)
{
  long long limit = c->out->limit, most = c->out->keep_within ? c->out->keep_within : limit;
  long long in_line = c->place[row];
  if (c->out->count < c->out->limit) {
    pass_for_capacity(c, row);
  } else if (selection_was_listed(c->e, row)) {
    if (in_line > most) decidef(c, row, 0, "left the list: beyond %lld in line", most);
    else decidef(c, row, 0, "left the list: all %lld seats are taken", limit);
  } else if (in_line > c->unpinned && c->by_score && c->by_score[row] <= c->unpinned) {
    pass_behind(c, row);
  } else if (in_line > limit) {
    decide(c, row, 0, beyond);
  } else if (in_line > c->unpinned) {
    decidef(c, row, 0, "%lld in line, but pins take %lld of the %lld seats", in_line, limit - (long long)c->unpinned,
            limit);
  } else {
    decidef(c, row, 0, "%lld in line, but members of the previous list within %lld keep their seats", in_line, most);
  }
}

/* All seats are taken, and nothing but the place in line says why: those beyond the limit, in the order of rows, which
 * is that of memory. */
static void pass_rest(chooser *c, const char *beyond)
{
  int32_t code = code_of(c, beyond);
  for (int64_t r = 0; r < c->e->people.count; r++)
    if (undecided(c, r) && c->place[r] > c->out->limit) c->reason[r] = code;
}

static void seat_by_line(chooser *c)
{
  engine *e = c->e;
  char beyond[64];
  int64_t i = 0;
  snprintf(beyond, sizeof beyond, "beyond the limit of %lld", (long long)c->out->limit);
  for (; i < c->out->line_count && (i < c->out->limit || c->out->count < c->out->limit); i++) {
    int64_t r = c->out->line[i];
    if (!undecided(c, r)) continue;
    if (has_room(c, r)) seat(c, r, "");
    else pass_over(c, r, beyond);
  }
  if (i < c->out->line_count && e->plan->previous < 0 && !c->by_score) {
    pass_rest(c, beyond);
    i = c->out->line_count;
  }
  for (; i < c->out->line_count; i++)
    if (undecided(c, c->out->line[i])) pass_over(c, c->out->line[i], beyond);
  for (i = e->scored; i < e->people.count; i++)
    if (undecided(c, e->order[i])) decide(c, e->order[i], 0, "no score: nothing that weighs could be measured");
}

static int pins_fit(chooser *c)
{
  engine *e = c->e;
  const profile *f = e->plan->profile;
  if (c->out->count > c->out->limit)
    problem_add(e->problems, EXIT_PROFILE, f->key_place,
                "key_customers: %lld customers are pinned, but the limit is %lld", (long long)c->out->count,
                (long long)c->out->limit);
  else if (!selection_fits(e, c->out->used, 0))
    problem_add(e->problems, EXIT_PROFILE, f->key_place,
                "key_customers: customers who are pinned take %g, but the capacity is %g", c->out->used,
                f->capacity.total);
  else return 1;
  return 0;
}

static int choose_all(chooser *c)
{
  engine *e = c->e;
  const profile *f = e->plan->profile;
  decide_by_hand(c, f->exclusions, f->exclusion_count, 0);
  decide_by_hand(c, f->pins, f->pin_count, 1);
  for (uint32_t i = 0; i < f->floor_count; i++)
    if (!apply_floor(c, &f->floors[i])) return 0;
  if (!check_costs(c) || !pins_fit(c)) return 0;
  if (!line_by_score(c)) return 0;
  c->unpinned = c->out->limit - c->out->count;
  c->pinned = c->out->used;
  if (!heed_dominance(c)) return 0;
  if (c->out->keep_within) keep_members(c);
  seat_by_line(c);
  if (!c->out->count)
    problem_warn(e->problems, f->key_place, "key_customers: nobody %s; the list is empty",
                 c->out->line_count ? "goes into the capacity" : "meets what the profile requires");
  return !c->failed;
}

static void nobody(chooser *c)
{
  for (int64_t r = 0; r < c->e->people.count; r++) decide(c, r, 0, "the profile asks for no key customers");
}

static int chooser_new(chooser *c)
{
  selection *out = c->out;
  int64_t people = c->e->people.count;
  size_t room = (size_t)people + 1;
  if (!column_new(&out->key, TARAZU_BOOL, people, 0) || !column_new(&out->reason, TARAZU_TEXT, people, 0)) return 0;
  out->kept_seat = calloc(room, sizeof *out->kept_seat);
  c->anyway = calloc(room, sizeof *c->anyway);
  c->key = out->key.values;
  c->reason = out->reason.values;
  memset(c->reason, 0xff, (size_t)people * sizeof *c->reason);
  return out->reasons && out->kept_seat && c->anyway;
}

static int choose(chooser *c)
{
  const profile *f = c->e->plan->profile;
  selection *out = c->out;
  int64_t people = c->e->people.count;
  if (f->limit < 0) {
    nobody(c);
    return make_line(c) && !c->failed;
  }
  out->limit = f->unlimited ? people : seats(f->limit, f->limit_share, people);
  c->limit = f->unlimited ? "" : arena_format(c->e->arena, "the limit of %lld", (long long)out->limit);
  if (f->keep_within || f->keep_within_share > 0)
    out->keep_within = seats(f->keep_within, f->keep_within_share, people);
  if (!f->unlimited && out->keep_within && out->keep_within < out->limit) out->keep_within = out->limit;
  return choose_all(c);
}

int select_key_customers(engine *e, selection *out)
{
  chooser c = {.e = e, .out = out};
  *out = (selection){.reasons = dictionary_new()};
  size_t before = problems_errors(e->problems);
  int good = chooser_new(&c) && choose(&c);
  free(c.by_score);
  free(c.anyway);
  out->unpinned = c.unpinned;
  if (good) out->reason.dictionary = dictionary_view(out->reasons);
  else if (problems_errors(e->problems) == before)
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to choose key customers in");
  return good;
}

/* ---- grounds ----------------------------------------------------------------------------------------------- */

int selection_tell_grounds(engine *e, selection *s)
{
  const uint8_t *key = s->key.values;
  int32_t *reason = s->reason.values;
  int good = 1;
  for (int64_t i = 0, left = s->count; good && left && i < e->people.count; i++) {
    int64_t r = e->order[i];
    ground most[MOST_GROUNDS];
    text words = {0};
    size_t length;
    if (!key[r]) continue;
    left--;
    uint32_t count = grounds_for(e, r, most);
    if (!count) continue;
    int two = count > 1 && most[1].worth >= most[0].worth / 2;
    const char *so_far = dictionary_string(s->reasons, reason[r], &length);
    text_add_n(&words, so_far, length);
    const criterion_profile *criteria = e->plan->profile->criteria;
    text_addf(&words, "; most by %s%s%s", criteria[most[0].criterion].name, two ? ", " : "",
              two ? criteria[most[1].criterion].name : "");
    good = (reason[r] = dictionary_add(s->reasons, text_string(&words), words.length)) >= 0;
    text_free(&words);
  }
  s->reason.dictionary = dictionary_view(s->reasons);
  return good;
}

void selection_free(selection *s)
{
  column_free(&s->key);
  column_free(&s->reason);
  dictionary_free(s->reasons);
  if (!s->as_ranked) free(s->line);
  if (!s->as_ranked) free(s->place);
  free(s->ahead_of);
  free(s->kept_seat);
  *s = (selection){0};
}
