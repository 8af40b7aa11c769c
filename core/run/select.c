/* Fills the seats of the list of key customers, and words the reason of every decision. */
#include "run/select.h"

#include "base/calendar.h"
#include <stdlib.h>
#include <string.h>

typedef struct chooser {
  engine *e;
  selection *out;
  uint8_t *key;
  int32_t *reason;
  int64_t *place;   /* in line by row, from 1: position in rank order among those who may be chosen; 0: may not */
  int64_t unpinned; /* seats that pins leave */
  int failed;
} chooser;

static void decide(chooser *c, int64_t row, int key, const char *words)
{
  int32_t code = dictionary_add(c->out->reasons, words, strlen(words));
  if (code < 0) c->failed = 1;
  c->out->count += key && !c->key[row];
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

/* ---- seats ------------------------------------------------------------------------------------------------- */

static int64_t seats(int64_t count, double share, int64_t people)
{
  if (share > 0) count = (int64_t)(share * (double)people + 1e-9);
  return count > 0 ? count : 1;
}

static int was_listed(const engine *e, int64_t row)
{
  int previous = e->plan->previous;
  return previous >= 0 && column_is_valid(&e->tables[previous].wants[0].column, row);
}

static void stand_in_line(chooser *c)
{
  engine *e = c->e;
  int64_t line = 0;
  for (int64_t i = 0; i < e->scored; i++)
    if (undecided(c, e->order[i])) c->place[e->order[i]] = ++line;
}

/* "rank 28, 15 in line, within the limit of 15": the place in line where floors and exclusions make it another than the
 * rank. */
static void seat(chooser *c, int64_t row, const char *also)
{
  char line[40] = "";
  if (c->place[row] != c->e->rank[row]) snprintf(line, sizeof line, ", %lld in line", (long long)c->place[row]);
  decidef(c, row, 1, "rank %lld%s, within the limit of %lld%s", (long long)c->e->rank[row], line,
          (long long)c->out->limit, also);
}

static void keep_members(chooser *c)
{
  engine *e = c->e;
  for (int64_t i = 0; i < e->scored; i++) {
    int64_t r = e->order[i];
    if (!undecided(c, r) || !was_listed(e, r) || c->place[r] > c->out->keep_within || c->out->count >= c->out->limit)
      continue;
    if (c->place[r] > c->unpinned) {
      c->out->kept++;
      decidef(c, r, 1, "kept: on the previous list and %lld in line, within %lld", (long long)c->place[r],
              (long long)c->out->keep_within);
    } else {
      seat(c, r, "; on the previous list too");
    }
  }
}

/* Why one who may be chosen was not. */
static void pass_over(chooser *c, int64_t row, const char *beyond)
{
  long long limit = c->out->limit, within = c->out->keep_within ? c->out->keep_within : limit;
  long long in_line = c->place[row];
  if (was_listed(c->e, row)) {
    if (in_line > within) decidef(c, row, 0, "left the list: beyond %lld in line", within);
    else decidef(c, row, 0, "left the list: all %lld seats are taken", limit);
  } else if (in_line > limit) {
    decide(c, row, 0, beyond);
  } else if (in_line > c->unpinned) {
    decidef(c, row, 0, "%lld in line, but pins take %lld of the %lld seats", in_line, limit - (long long)c->unpinned,
            limit);
  } else {
    decidef(c, row, 0, "%lld in line, but members of the previous list within %lld keep their seats", in_line, within);
  }
}

static void seat_by_rank(chooser *c)
{
  engine *e = c->e;
  char beyond[64];
  snprintf(beyond, sizeof beyond, "beyond the limit of %lld", (long long)c->out->limit);
  for (int64_t i = 0; i < e->scored; i++) {
    int64_t r = e->order[i];
    if (!undecided(c, r)) continue;
    if (c->out->count < c->out->limit) seat(c, r, "");
    else pass_over(c, r, beyond);
  }
  for (int64_t i = e->scored; i < e->people.count; i++)
    if (undecided(c, e->order[i])) decide(c, e->order[i], 0, "no score: nothing that weighs could be measured");
}

static int choose_all(chooser *c)
{
  engine *e = c->e;
  const profile *f = e->plan->profile;
  decide_by_hand(c, f->exclusions, f->exclusion_count, 0);
  decide_by_hand(c, f->pins, f->pin_count, 1);
  if (c->out->count > c->out->limit) {
    problem_add(e->problems, EXIT_PROFILE, f->key_place,
                "key_customers: %lld customers are pinned, but the limit is %lld", (long long)c->out->count,
                (long long)c->out->limit);
    return 0;
  }
  for (uint32_t i = 0; i < f->floor_count; i++)
    if (!apply_floor(c, &f->floors[i])) return 0;
  stand_in_line(c);
  c->unpinned = c->out->limit - c->out->count;
  if (c->out->keep_within) keep_members(c);
  seat_by_rank(c);
  if (!c->out->count)
    problem_warn(e->problems, f->key_place, "key_customers: nobody meets what the profile requires; the list is empty");
  return !c->failed;
}

static void nobody(chooser *c)
{
  for (int64_t r = 0; r < c->e->people.count; r++) decide(c, r, 0, "the profile asks for no key customers");
}

int select_key_customers(engine *e, selection *out)
{
  const profile *f = e->plan->profile;
  int64_t people = e->people.count;
  chooser c = {.e = e, .out = out};
  *out = (selection){.reasons = dictionary_new()};
  c.place = calloc((size_t)people + 1, sizeof *c.place);
  int good = column_new(&out->key, TARAZU_BOOL, people, 0) && column_new(&out->reason, TARAZU_TEXT, people, 0) &&
             c.place && out->reasons;
  c.key = out->key.values;
  c.reason = out->reason.values;
  for (int64_t r = 0; good && r < people; r++) c.reason[r] = -1;
  size_t before = problems_errors(e->problems);
  if (good && f->limit < 0) {
    nobody(&c);
  } else if (good) {
    out->limit = seats(f->limit, f->limit_share, people);
    if (f->keep_within || f->keep_within_share > 0)
      out->keep_within = seats(f->keep_within, f->keep_within_share, people);
    if (out->keep_within && out->keep_within < out->limit) out->keep_within = out->limit;
    good = choose_all(&c);
  }
  out->place = c.place;
  out->unpinned = c.unpinned;
  if (good) out->reason.dictionary = dictionary_view(out->reasons);
  else if (problems_errors(e->problems) == before)
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to choose key customers in");
  return good;
}

/* ---- grounds ----------------------------------------------------------------------------------------------- */

/* The criteria that lift a row's score, the first and, where it gives at least half as much, the second; NULL: none. */
static void find_grounds(const engine *e, int64_t row, const char *grounds[2])
{
  const plan *p = e->plan;
  const series *contributions =
      &p->combiner->outputs[p->combiner->strategy->outputs.count + p->profile->dimension_count];
  double most[2] = {0, 0};
  grounds[0] = grounds[1] = NULL;
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const column *c = &contributions[i].column;
    double lift = c->values && column_is_valid(c, row) ? ((const double *)c->values)[row] : 0;
    if (lift > most[0]) {
      most[1] = most[0];
      grounds[1] = grounds[0];
      most[0] = lift;
      grounds[0] = p->profile->criteria[i].name;
    } else if (lift > most[1]) {
      most[1] = lift;
      grounds[1] = p->profile->criteria[i].name;
    }
  }
  if (most[1] < most[0] / 2) grounds[1] = NULL;
}

int selection_tell_grounds(engine *e, selection *s)
{
  const uint8_t *key = s->key.values;
  int32_t *reason = s->reason.values;
  int good = 1;
  for (int64_t i = 0; good && i < e->people.count; i++) {
    int64_t r = e->order[i];
    const char *grounds[2];
    text words = {0};
    size_t length;
    if (!key[r]) continue;
    find_grounds(e, r, grounds);
    if (!grounds[0]) continue;
    const char *so_far = dictionary_string(s->reasons, reason[r], &length);
    text_add_n(&words, so_far, length);
    text_addf(&words, "; most by %s%s%s", grounds[0], grounds[1] ? ", " : "", grounds[1] ? grounds[1] : "");
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
  free(s->place);
  *s = (selection){0};
}
