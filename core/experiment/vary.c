/* Reads what an experiment varies, and makes its variants: the grid of all values, or numbers and values drawn from a
 * seed. A drawn number is a hash of seed, knob's name and variant, so that it hangs on nothing else. */
#include "experiment/vary.h"

#include "base/hash.h"
#include "config/value.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 60, MOST_VALUES = 10000 };

typedef struct maker {
  const experiment *of;
  arena *arena;
  problems *problems;
  variants *out;
} maker;

static place key_place(const entry *e)
{
  return e->key->place;
}

/* ---- words for people -------------------------------------------------------------------------------------------- */

/* `vikor (v 0.5)` for {plugin: vikor, params: {v: 0.5}}, `a 1, b 2` for {a: 1, b: 2}, `[1, 2]`. */
static void add_words(text *out, const node *value)
{
  const char *plugin = value->kind == NODE_MAP && node_get(value, "plugin") ? node_get(value, "plugin")->text : NULL;
  if (value_is_null(value)) text_add(out, "nothing");
  else if (value->kind == NODE_SCALAR) text_add(out, value->text);
  if (value->kind == NODE_LIST) {
    for (uint32_t i = 0; i < value->count; i++) {
      text_add(out, i ? ", " : "[");
      add_words(out, value->items[i]);
    }
    text_add(out, value->count ? "]" : "[]");
  }
  if (value->kind != NODE_MAP) return;
  if (plugin) text_add(out, plugin);
  int count = 0;
  for (uint32_t i = 0; i < value->count; i++) {
    const char *key = value->entries[i].key->text;
    const node *inner = value->entries[i].value;
    if (plugin && !strcmp(key, "plugin")) continue;
    text_add(out, count++ ? ", " : plugin ? " (" : "");
    if (!plugin || strcmp(key, "params") != 0) text_addf(out, "%s ", key);
    add_words(out, inner);
  }
  if (plugin && count) text_add(out, ")");
}

static const char *words_of(arena *home, const node *value)
{
  text out = {0};
  add_words(&out, value);
  char *words = arena_copy(home, text_string(&out));
  text_free(&out);
  for (char *at = words; *at; at++)
    if ((unsigned char)*at < ' ') *at = ' ';
  if (strlen(words) <= MOST_WORDS) return words;
  size_t end = MOST_WORDS - 3;
  while (end && ((unsigned char)words[end] & 0xC0) == 0x80) end--;
  return arena_format(home, "%.*s…", (int)end, words);
}

static int same_value(const node *a, const node *b)
{
  text x = {0}, y = {0};
  node_write_json(a, &x);
  node_write_json(b, &y);
  int same = !strcmp(text_string(&x), text_string(&y));
  text_free(&x);
  text_free(&y);
  return same;
}

/* Values that would be called alike are numbered. */
static void tell_levels_apart(maker *m, vary_knob *k)
{
  for (uint32_t i = 0; i < k->level_count; i++) {
    int before = 1;
    for (uint32_t h = 0; h < i; h++) before += !strcmp(k->levels[h].words, k->levels[i].words);
    if (before > 1) k->levels[i].words = arena_format(m->arena, "%s #%d", k->levels[i].words, before);
  }
}

/* The last `parts` parts of a.b.c. */
static const char *ending(const char *name, int parts)
{
  const char *at = name + strlen(name);
  while (at > name && (at[-1] != '.' || --parts > 0)) at--;
  return at;
}

/* What says nothing without the part before it. */
static int is_general(const char *word)
{
  static const char *const words[] = {"plugin", "weight", "params", "value", "from", "where", "better", "missing"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcmp(word, words[i])) return 1;
  return 0;
}

static void label_knobs(variants *v)
{
  for (uint32_t i = 0; i < v->knob_count; i++) {
    vary_knob *k = &v->knobs[i];
    int parts = is_general(ending(k->name, 1)) ? 2 : 1, alone = 0;
    for (; !alone; parts += !alone) {
      k->label = ending(k->name, parts);
      alone = 1;
      for (uint32_t o = 0; o < v->knob_count; o++)
        if (o != i && !strcmp(ending(v->knobs[o].name, parts), k->label)) alone = k->label == k->name;
    }
  }
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* What an experiment does not let a variant say, and why. */
static int may_vary(maker *m, const char *key, place where)
{
  static const struct {
    const char *key, *why;
  } refused[] = {{"output", "an experiment writes no outputs of profiles"},
                 {"store", "the experiment's own `store` says where it is recorded"},
                 {"extends", "name several `profiles` in its place"},
                 {"tarazu", "it is the version of the profile's format"},
                 {"key_customers.previous", "an experiment ignores the list that was published last"},
                 {"seed", "`repeat: {seeds: [1, 2]}` runs every variant with several"},
                 {"as_of", "the cut-offs of `backtest` say it"}};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    size_t length = strlen(refused[i].key);
    if (strncmp(key, refused[i].key, length) != 0 || (key[length] && key[length] != '.')) continue;
    if (!strcmp(refused[i].key, "as_of") && !m->of->backtest) continue;
    problem_add(m->problems, EXIT_PROFILE, where, "'%s' cannot be set here: %s", key, refused[i].why);
    return 0;
  }
  return 1;
}

static setting *add_setting(maker *m, vary_level *level, unsigned *room, const entry *e, const node *value)
{
  setting *made = arena_push(m->arena, level->settings, level->count, *room);
  *made = (setting){e->key->text, key_place(e), value};
  return made;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

/* A number and what stands behind it: "5%", "13 weeks", "0.2". */
static int read_quantity(maker *m, const node *value, const char *what, double *out, const char **unit, int *whole)
{
  char *end, found[80];
  if (value->kind == NODE_SCALAR && !value->quoted && !value_is_null(value)) {
    size_t digits = strspn(value->text, "+-0123456789.eE");
    /* "5 e" is no number; a unit may begin with an e all the same */
    char *number = arena_copy_n(m->arena, value->text, digits);
    while (digits && !value_parse_real(number, out)) number[--digits] = 0;
    end = (char *)value->text + digits;
    if (digits && strlen(end) < 16) {
      *unit = end;
      *whole = !strpbrk(number, ".eE");
      return 1;
    }
  }
  problem_add(m->problems, EXIT_PROFILE, value->place, "%s: found %s, expected a number such as 0.2, 5%% or 13 weeks",
              what, value_found(value, found));
  return 0;
}

static const node *number_node(maker *m, const vary_knob *k, double number, int drawn)
{
  node *made = arena_alloc(m->arena, sizeof *made);
  const char *digits;
  if (k->whole) digits = arena_format(m->arena, "%.0f%s", number, k->unit);
  /* What is drawn is rounded to what its label shows; steps lose what binary fractions add to them. */
  else digits = arena_format(m->arena, drawn ? "%.6g%s" : "%.12g%s", number, k->unit);
  *made = (node){.kind = NODE_SCALAR, .text = digits, .place = k->value_place};
  return made;
}

static vary_level number_level(maker *m, const vary_knob *k, double number, int drawn)
{
  unsigned room = 0;
  const node *value = number_node(m, k, number, drawn);
  vary_level made = {.words = value->text, .number = strtod(value->text, NULL)};
  *arena_push(m->arena, made.settings, made.count, room) = (setting){k->name, k->place, value};
  return made;
}

/* Where the range is at this share of its way. */
static double at_share(const vary_knob *k, double share)
{
  double value = k->logarithmic ? k->from * pow(k->to / k->from, share) : k->from + (k->to - k->from) * share;
  return k->whole ? round(value) : value;
}

static void add_number(maker *m, vary_knob *k, unsigned *room, double number)
{
  vary_level made = number_level(m, k, number, 0);
  if (k->level_count && !strcmp(k->levels[k->level_count - 1].words, made.words)) return;
  *arena_push(m->arena, k->levels, k->level_count, *room) = made;
}

static void step_range(maker *m, vary_knob *k, double step, place where)
{
  unsigned room = 0;
  double steps = floor((k->to - k->from) / step + 1e-9);
  if (steps < 1 || steps >= MOST_VALUES) {
    problem_add(m->problems, EXIT_PROFILE, where, "%s: step: found %g, expected a step that leaves from 2 to %d values",
                k->name, step, MOST_VALUES);
    return;
  }
  for (double i = 0; i <= steps; i++) add_number(m, k, &room, k->from + i * step);
}

static void count_range(maker *m, vary_knob *k, int64_t count)
{
  unsigned room = 0;
  for (int64_t i = 0; i < count; i++) add_number(m, k, &room, at_share(k, (double)i / (double)(count - 1)));
}

/* `from` and `to`. */
static int read_ends(maker *m, const node *range, vary_knob *k)
{
  const node *from = node_get(range, "from"), *to = node_get(range, "to");
  const char *what = k->name, *other = "";
  int whole = 0, also = 0;
  if (value_is_null(from) || value_is_null(to)) {
    problem_add(m->problems, EXIT_PROFILE, range->place, "%s: '%s' is missing; expected {from: …, to: …}", what,
                value_is_null(from) ? "from" : "to");
    return 0;
  }
  int good = read_quantity(m, from, arena_format(m->arena, "%s: from", what), &k->from, &k->unit, &whole);
  good &= read_quantity(m, to, arena_format(m->arena, "%s: to", what), &k->to, &other, &also);
  if (!good) return 0;
  if (strcmp(k->unit, other) != 0) {
    problem_add(m->problems, EXIT_PROFILE, to->place, "%s: to: found %s, expected the unit of 'from', %s", what,
                to->text, from->text);
    return 0;
  }
  if (k->to <= k->from) {
    problem_add(m->problems, EXIT_PROFILE, to->place, "%s: to: found %s, expected more than 'from', %s", what, to->text,
                from->text);
    return 0;
  }
  k->whole = whole && also;
  return 1;
}

static void read_range(maker *m, const node *range, vary_knob *k)
{
  static const char *const keys[] = {"from", "to", "step", "count", "scale", NULL};
  static const char *const scales[] = {"linear", "log", NULL};
  const node *step = node_get(range, "step"), *count = node_get(range, "count"), *scale = node_get(range, "scale");
  const char *unit = "";
  int whole = 1;
  double by = 1;
  int64_t many = 0;
  value_keys(range, k->name, keys, m->problems);
  k->value_place = range->place;
  if (!read_ends(m, range, k)) return;
  if (scale && !value_choice(scale, arena_format(m->arena, "%s: scale", k->name), scales, m->problems, &k->logarithmic))
    return;
  if (k->logarithmic && k->from <= 0) {
    problem_add(m->problems, EXIT_PROFILE, node_get(range, "from")->place,
                "%s: from: found %s, expected more than 0 on a logarithmic scale", k->name,
                node_get(range, "from")->text);
    return;
  }
  if (step && (count || k->logarithmic)) {
    problem_add(m->problems, EXIT_PROFILE, step->place, "%s: step: expected no step where there is %s", k->name,
                count ? "a count" : "a logarithmic scale, but a count");
    return;
  }
  if (step && !read_quantity(m, step, arena_format(m->arena, "%s: step", k->name), &by, &unit, &whole)) return;
  if (step && strcmp(unit, k->unit) != 0) {
    problem_add(m->problems, EXIT_PROFILE, step->place, "%s: step: found %s, expected the unit of 'from', %s", k->name,
                step->text, node_get(range, "from")->text);
    return;
  }
  if (step && by <= 0) {
    problem_add(m->problems, EXIT_PROFILE, step->place, "%s: step: found %s, expected more than 0", k->name,
                step->text);
    return;
  }
  k->whole = k->whole && whole;
  if (count) {
    if (value_integer(count, arena_format(m->arena, "%s: count", k->name), 2, MOST_VALUES, m->problems, &many))
      count_range(m, k, many);
  } else if (step || (k->whole && !k->logarithmic && m->of->sample == SAMPLE_GRID)) {
    step_range(m, k, by, step ? step->place : range->place);
  } else if (m->of->sample == SAMPLE_GRID) {
    problem_add(m->problems, EXIT_PROFILE, range->place, "%s: 'step' or 'count' is missing: how many values a grid has",
                k->name);
  }
}

/* ---- lists and alternatives -------------------------------------------------------------------------------------- */

static void read_list(maker *m, const entry *e, vary_knob *k)
{
  unsigned room = 0;
  const node *list = e->value;
  if (!list->count)
    problem_add(m->problems, EXIT_PROFILE, list->place, "%s: an empty list; expected the values that it takes",
                k->name);
  for (uint32_t i = 0; i < list->count; i++) {
    unsigned unread = 0;
    const node *value = list->items[i];
    vary_level made = {.words = words_of(m->arena, value), .number = NAN};
    if (value->kind == NODE_SCALAR && !value->quoted) {
      double number;
      if (value_parse_real(value->text, &number)) made.number = number;
    }
    for (uint32_t h = 0; h < i; h++)
      if (same_value(list->items[h], value))
        problem_add(m->problems, EXIT_PROFILE, value->place, "%s: %s stands there twice", k->name, made.words);
    add_setting(m, &made, &unread, e, value);
    *arena_push(m->arena, k->levels, k->level_count, room) = made;
  }
}

static void read_alternatives(maker *m, const entry *e, vary_knob *k)
{
  unsigned room = 0;
  char found[80];
  if (!e->value->count)
    problem_add(m->problems, EXIT_PROFILE, e->value->place,
                "%s: an empty map; expected alternatives, each with its settings: {NAME: {KEY: VALUE}}", k->name);
  for (uint32_t i = 0; i < e->value->count; i++) {
    const entry *one = &e->value->entries[i];
    unsigned within = 0;
    vary_level made = {.words = one->key->text, .number = NAN};
    if (!value_is_null(one->value) && one->value->kind != NODE_MAP) {
      problem_add(m->problems, EXIT_PROFILE, one->value->place, "%s.%s: found %s, expected a map of settings to values",
                  k->name, one->key->text, value_found(one->value, found));
      problem_hint(m->problems,
                   "values of one setting stand in a list: `%s: [a, b]`; numbers may be a range: `%s: "
                   "{from: 1, to: 5}`",
                   k->name, k->name);
      continue;
    }
    for (uint32_t s = 0; one->value->kind == NODE_MAP && s < one->value->count; s++) {
      const entry *inner = &one->value->entries[s];
      if (may_vary(m, inner->key->text, key_place(inner))) add_setting(m, &made, &within, inner, inner->value);
    }
    *arena_push(m->arena, k->levels, k->level_count, room) = made;
  }
}

static void read_knob(maker *m, const entry *e, unsigned *room)
{
  char found[80];
  vary_knob k = {.name = e->key->text, .place = key_place(e), .unit = "", .value_place = e->value->place};
  int range = e->value->kind == NODE_MAP && (node_get(e->value, "from") || node_get(e->value, "to"));
  if (e->value->kind == NODE_SCALAR) {
    problem_add(m->problems, EXIT_PROFILE, e->value->place,
                "vary.%s: found %s, expected a list of values, a range "
                "{from: …, to: …}, or alternatives",
                k.name, value_found(e->value, found));
    problem_hint(m->problems, "what is the same for all variants stands under `set`");
    return;
  }
  if ((range || e->value->kind == NODE_LIST) && !may_vary(m, k.name, k.place)) return;
  if (e->value->kind == NODE_LIST) read_list(m, e, &k);
  else if (range) read_range(m, e->value, &k);
  else read_alternatives(m, e, &k);
  tell_levels_apart(m, &k);
  *arena_push(m->arena, m->out->knobs, m->out->knob_count, *room) = k;
}

/* Two knobs that turn the same setting would undo each other. */
static void check_overlaps(maker *m)
{
  variants *v = m->out;
  for (uint32_t a = 0; a < v->knob_count; a++)
    for (uint32_t b = a + 1; b < v->knob_count; b++) {
      const char *x = v->knobs[a].name, *y = v->knobs[b].name;
      const vary_knob *inner = strlen(x) > strlen(y) ? &v->knobs[a] : &v->knobs[b];
      const vary_knob *outer = inner == &v->knobs[a] ? &v->knobs[b] : &v->knobs[a];
      size_t length = strlen(outer->name);
      if (strncmp(inner->name, outer->name, length) == 0 && inner->name[length] == '.' && inner == &v->knobs[a])
        problem_add(m->problems, EXIT_PROFILE, inner->place,
                    "vary.%s: '%s', which comes later, would undo it; expected it after that", inner->name,
                    outer->name);
    }
}

/* ---- variants ---------------------------------------------------------------------------------------------------- */

/* A number in [0, 1) that hangs on the seed, the knob's name and the variant alone. */
static double drawn(const maker *m, const vary_knob *k, uint64_t purpose, int64_t index)
{
  uint64_t start = hash_bytes(k->name, strlen(k->name), hash_u64(m->of->sample_seed + 0x9e3779b97f4a7c15u * purpose));
  return (double)(hash_u64(start + (uint64_t)index) >> 11) * 0x1p-53;
}

/* What stands at this share of a knob's range, or of its list. */
static vary_level level_at(maker *m, const vary_knob *k, double share)
{
  if (k->level_count) {
    uint32_t at = (uint32_t)(share * k->level_count);
    return k->levels[at < k->level_count ? at : k->level_count - 1];
  }
  double value = at_share(k, share);
  if (k->whole && !k->logarithmic) value = k->from + floor(share * (k->to - k->from + 1));
  return number_level(m, k, value < k->to ? value : k->to, 1);
}

typedef struct ticket {
  double drawn;
  int64_t index;
} ticket;

static int by_draw(const void *a, const void *b)
{
  const ticket *x = a, *y = b;
  if (x->drawn > y->drawn || x->drawn < y->drawn) return x->drawn > y->drawn ? 1 : -1;
  return (x->index > y->index) - (x->index < y->index);
}

/* Latin hypercube (McKay, Beckman, Conover 1979): of n equal parts of each knob's range every one is used once, in an
 * order of its own. */
static void draw_cube(maker *m, uint32_t knob, int64_t count, double *shares)
{
  const vary_knob *k = &m->out->knobs[knob];
  ticket *order = arena_array(m->arena, (size_t)count, sizeof *order);
  for (int64_t i = 0; i < count; i++) order[i] = (ticket){drawn(m, k, 1, i), i};
  qsort(order, (size_t)count, sizeof *order, by_draw);
  for (int64_t i = 0; i < count; i++) shares[order[i].index] = ((double)i + drawn(m, k, 2, i)) / (double)count;
}

static void draw_all(maker *m)
{
  variants *v = m->out;
  v->count = m->of->sample_count;
  v->items = arena_array(m->arena, (size_t)v->count, sizeof *v->items);
  double *shares = arena_array(m->arena, (size_t)v->count, sizeof *shares);
  for (int64_t i = 0; i < v->count; i++) v->items[i].of = arena_array(m->arena, v->knob_count, sizeof(vary_level));
  for (uint32_t k = 0; k < v->knob_count; k++) {
    if (m->of->sample == SAMPLE_LATIN_HYPERCUBE) draw_cube(m, k, v->count, shares);
    else
      for (int64_t i = 0; i < v->count; i++) shares[i] = drawn(m, &v->knobs[k], 0, i);
    for (int64_t i = 0; i < v->count; i++) v->items[i].of[k] = level_at(m, &v->knobs[k], shares[i]);
  }
}

static int make_grid(maker *m)
{
  variants *v = m->out;
  v->count = 1;
  for (uint32_t k = 0; k < v->knob_count; k++) {
    v->count *= v->knobs[k].level_count;
    if (v->count <= VARY_MOST) continue;
    problem_add(m->problems, EXIT_PROFILE, m->of->vary->place,
                "vary: the grid has more than %d variants; expected fewer, or a `sample: {latin_hypercube: 200}` of "
                "them",
                VARY_MOST);
    return 0;
  }
  v->items = arena_array(m->arena, (size_t)v->count + 1, sizeof *v->items);
  for (int64_t i = 0; i < v->count; i++) {
    v->items[i].of = arena_array(m->arena, v->knob_count + 1, sizeof(vary_level));
    int64_t rest = i;
    for (uint32_t k = v->knob_count; k-- > 0; rest /= v->knobs[k].level_count)
      v->items[i].of[k] = v->knobs[k].levels[rest % v->knobs[k].level_count];
  }
  return 1;
}

static void label_variants(maker *m)
{
  for (int64_t i = 0; i < m->out->count; i++) {
    text out = {0};
    variant *one = &m->out->items[i];
    for (uint32_t k = 0; k < m->out->knob_count; k++)
      text_addf(&out, "%s%s=%s", k ? ", " : "", m->out->knobs[k].label, one->of[k].words);
    one->label = m->out->knob_count ? arena_copy(m->arena, text_string(&out)) : "as it is";
    text_free(&out);
  }
}

/* Of variants drawn alike the first one stays. */
static void drop_doubles(variants *v)
{
  int64_t kept = 0;
  for (int64_t i = 0; i < v->count; i++) {
    int64_t at = 0;
    while (at < kept && strcmp(v->items[at].label, v->items[i].label) != 0) at++;
    if (at == kept) v->items[kept++] = v->items[i];
  }
  v->count = kept;
}

int vary_find(const experiment *of, arena *home, problems *faults, variants *out)
{
  maker m = {of, home, faults, out};
  size_t errors = problems_errors(faults);
  unsigned room = 0;
  *out = (variants){0};
  for (uint32_t i = 0; of->set && i < of->set->count; i++)
    may_vary(&m, of->set->entries[i].key->text, key_place(&of->set->entries[i]));
  if (of->vary && (!of->vary->count || of->vary->count > VARY_MOST_KNOBS))
    problem_add(faults, EXIT_PROFILE, of->vary->place, "vary: found %u settings, expected from 1 to %d",
                of->vary->count, VARY_MOST_KNOBS);
  for (uint32_t i = 0; of->vary && i < of->vary->count; i++) read_knob(&m, &of->vary->entries[i], &room);
  check_overlaps(&m);
  if (problems_errors(faults) != errors) return 0;
  label_knobs(out);
  if (of->sample != SAMPLE_GRID && out->knob_count) draw_all(&m);
  else if (!make_grid(&m)) return 0;
  label_variants(&m);
  if (of->sample != SAMPLE_GRID) drop_doubles(out);
  return 1;
}

/* ---- a variant's profile ----------------------------------------------------------------------------------------- */

node *vary_set(const experiment *of, const node *base, arena *home, problems *faults)
{
  node *root = node_copy(base, home);
  int good = 1;
  for (uint32_t i = 0; of->set && i < of->set->count; i++) {
    const entry *e = &of->set->entries[i];
    good &= node_lay(root, e->key->text, key_place(e), e->value, home, faults);
  }
  return good ? root : NULL;
}

node *vary_lay(const variants *all, const variant *one, const node *base, arena *home, problems *faults)
{
  node *root = node_copy(base, home);
  int good = 1;
  for (uint32_t k = 0; k < all->knob_count; k++)
    for (uint32_t i = 0; i < one->of[k].count; i++) {
      const setting *s = &one->of[k].settings[i];
      good &= node_lay(root, s->key, s->place, s->value, home, faults);
    }
  return good ? root : NULL;
}
