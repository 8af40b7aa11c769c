/* Reads an experiment's units out of the store and puts them together to a leaderboard a company. */
#include "experiment/boards.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LEVELS = 12, GROUPS = 6, EACH = 3 /* variants in a group, at least */ };

typedef struct reader {
  const campaign *c;
  store *store;
  arena *arena;
  store_run *runs; /* of the experiment, in the order of by_unit */
  uint32_t run_count;
} reader;

/* ---- finding a unit's run ---------------------------------------------------------------------------------------- */

static int by_unit(const void *a, const void *b)
{
  const store_run *x = a, *y = b;
  int order = strcmp(x->variant, y->variant);
  if (!order) order = strcmp(x->cut_off ? x->cut_off : "", y->cut_off ? y->cut_off : "");
  return order ? order : (x->repeat > y->repeat) - (x->repeat < y->repeat);
}

static const store_run *run_of(const reader *r, const campaign_unit *unit)
{
  const store_variant as = campaign_variant(r->c, unit, 0, r->arena);
  const store_run wanted = {.variant = as.key, .cut_off = as.cut_off, .repeat = as.repeat};
  return r->run_count ? bsearch(&wanted, r->runs, r->run_count, sizeof wanted, by_unit) : NULL;
}

/* ---- a variant's numbers ------------------------------------------------------------------------------------------
 */

/* Sums of what its units measured, by asked measure. */
typedef struct sums {
  double **numbers;
  uint32_t *lengths;
  uint32_t *counts; /* units that have the measure */
  int64_t customers;
} sums;

static const store_measure *measure_named(const store_measure *all, uint32_t count, const char *name)
{
  for (uint32_t i = 0; i < count; i++)
    if (!strcmp(all[i].name, name)) return &all[i];
  return NULL;
}

static void add_numbers(sums *s, uint32_t m, const store_measure *from, arena *home)
{
  if (!s->numbers[m]) {
    s->lengths[m] = from->sample_count + 1;
    s->numbers[m] = arena_array(home, s->lengths[m], sizeof(double));
  }
  s->counts[m]++;
  s->numbers[m][0] += from->value;
  for (uint32_t i = 0; i < from->sample_count && i + 1 < s->lengths[m]; i++) s->numbers[m][i + 1] += from->samples[i];
}

static int add_unit(reader *r, const store_run *run, sums *s)
{
  arena *home = arena_new();
  store_measure *all;
  uint32_t count;
  int good = store_measures(r->store, run->id, home, &all, &count);
  for (uint32_t m = 0; good && m < r->c->measures.count; m++) {
    const store_measure *from = measure_named(all, count, r->c->measures.items[m].name);
    if (from) add_numbers(s, m, from, r->arena);
  }
  const store_measure *customers = good ? measure_named(all, count, CUSTOMERS_JUDGED) : NULL;
  if (customers) s->customers = (int64_t)customers->value;
  arena_free(home);
  return good;
}

/* ---- stability ----------------------------------------------------------------------------------------------------
 */

static int read_list(reader *r, const store_run *run, arena *home, kept_list *out)
{
  store_standing *all;
  int64_t count;
  if (!store_standings(r->store, run->id, 1, home, &all, &count)) return 0;
  const char **keys = arena_array(home, (size_t)count + 1, sizeof *keys);
  for (int64_t i = 0; i < count; i++) keys[i] = arena_copy_n(home, all[i].key, all[i].key_length);
  *out = (kept_list){keys, count, run->customers};
  return 1;
}

static int has_stability(const campaign *c)
{
  for (uint32_t m = 0; m < c->measures.count; m++)
    if (asked_of_lists(&c->measures.items[m])) return 1;
  return 0;
}

static int find_stability(reader *r, const store_run *const *runs, double **numbers, interval *given)
{
  const campaign *c = r->c;
  arena *home = arena_new();
  kept_list *lists = arena_array(home, (size_t)c->cuts * c->repeats, sizeof *lists);
  int good = 1;
  for (uint32_t i = 0; good && i < c->cuts * c->repeats; i++) good = read_list(r, runs[i], home, &lists[i]);
  for (uint32_t m = 0; good && m < c->measures.count; m++) {
    const asked_measure *asked = &c->measures.items[m];
    if (!asked_of_lists(asked)) continue;
    numbers[m] = arena_alloc(r->arena, sizeof(double));
    good = judge_stability(asked, lists, c->cuts, c->repeats, c->of.level, numbers[m], &given[m]);
  }
  arena_free(home);
  return good;
}

/* ---- a company's board --------------------------------------------------------------------------------------------
 */

/* The variant's runs by cut-off and repeat, or its fault. */
static const char *find_runs(reader *r, uint32_t company, int64_t index, const store_run **runs, board *to)
{
  const char *fault = NULL;
  campaign_unit unit = {.company = company, .variant = index};
  int64_t lacking = 0;
  for (unit.cut = 0; unit.cut < r->c->cuts; unit.cut++)
    for (unit.repeat = 0; unit.repeat < r->c->repeats; unit.repeat++) {
      const store_run *run = run_of(r, &unit);
      runs[unit.cut * r->c->repeats + unit.repeat] = run;
      to->recorded += run != NULL;
      lacking += !run;
      to->failed += run && run->status;
      if (run && run->status && !fault) fault = run->problem ? run->problem : "it failed";
    }
  if (fault || !lacking) return fault;
  int64_t all = (int64_t)r->c->cuts * r->c->repeats;
  return lacking == all
             ? "not yet"
             : arena_format(r->arena, "%lld of its %lld runs are lacking yet", (long long)lacking, (long long)all);
}

static int find_variant(reader *r, uint32_t company, int64_t index, board *to, board_variant *out, int64_t *customers)
{
  const campaign *c = r->c;
  const store_run **runs = arena_array(r->arena, (size_t)c->cuts * c->repeats, sizeof *runs);
  uint32_t measures = c->measures.count;
  *out = (board_variant){.name = c->variants.items[index].label, .fault = find_runs(r, company, index, runs, to)};
  if (out->fault) return 1;
  sums s = {.numbers = arena_array(r->arena, measures + 1, sizeof *s.numbers),
            .lengths = arena_array(r->arena, measures + 1, sizeof *s.lengths),
            .counts = arena_array(r->arena, measures + 1, sizeof *s.counts)};
  interval *given = arena_array(r->arena, measures + 1, sizeof *given);
  for (uint32_t m = 0; m < measures; m++) given[m] = (interval){NAN, NAN, INTERVAL_NONE, 0};
  for (uint32_t i = 0; i < c->cuts * c->repeats; i++)
    if (!add_unit(r, runs[i], &s)) return 0;
  for (uint32_t m = 0; m < measures; m++)
    for (uint32_t i = 0; i < s.lengths[m]; i++) s.numbers[m][i] /= s.counts[m];
  if (has_stability(c) && !find_stability(r, runs, s.numbers, given)) return 0;
  if (s.customers) *customers = s.customers;
  out->numbers = (const double *const *)s.numbers;
  out->given = given;
  return 1;
}

/* ---- knobs --------------------------------------------------------------------------------------------------------
 */

static const char *group_words(arena *home, const double *numbers, const int32_t *level, int64_t count, int32_t at)
{
  double least = NAN, most = NAN;
  for (int64_t i = 0; i < count; i++) {
    if (level[i] != at) continue;
    least = fmin(least, numbers[i]);
    most = fmax(most, numbers[i]);
  }
  return least < most ? arena_format(home, "%.4g to %.4g", least, most) : arena_format(home, "%.4g", least);
}

/* Numbers of many values are put in groups, few enough that differences between them can be told from others. */
static board_knob group_knob(reader *r, uint32_t k, int32_t *level)
{
  const campaign *c = r->c;
  double *numbers = arena_array(r->arena, (size_t)c->variants.count, sizeof *numbers);
  for (int64_t i = 0; i < c->variants.count; i++) numbers[i] = c->variants.items[i].of[k].number;
  int32_t groups = c->variants.count / EACH < GROUPS ? (int32_t)(c->variants.count / EACH) : GROUPS;
  int32_t levels = effects_levels(numbers, c->variants.count, groups > 2 ? groups : 2, level);
  const char **words = arena_array(r->arena, (size_t)(levels > 0 ? levels : 0) + 1, sizeof *words);
  for (int32_t l = 0; l < levels; l++) words[l] = group_words(r->arena, numbers, level, c->variants.count, l);
  return (board_knob){c->variants.knobs[k].label, {level, levels > 0 ? levels : 0}, words};
}

static board_knob make_knob(reader *r, uint32_t k)
{
  const campaign *c = r->c;
  const vary_knob *varied = &c->variants.knobs[k];
  int32_t *level = arena_array(r->arena, (size_t)c->variants.count, sizeof *level), count = 0;
  const char **words = arena_array(r->arena, (size_t)c->variants.count + 1, sizeof *words);
  int numbers = 1;
  for (int64_t i = 0; i < c->variants.count; i++) {
    const vary_level *of = &c->variants.items[i].of[k];
    int32_t at = 0;
    numbers &= !isnan(of->number);
    while (at < count && strcmp(words[at], of->words) != 0) at++;
    if (at == count) words[count++] = of->words;
    level[i] = at;
  }
  /* Drawn, and hardly any value twice: each would explain all that the other knobs do. */
  int alone = !varied->level_count && count > 2 && count * 2 > c->variants.count && c->variants.knob_count > 1;
  if (numbers && (count > MOST_LEVELS || alone)) return group_knob(r, k, level);
  return (board_knob){varied->label, {level, count}, words};
}

static int find_board(reader *r, uint32_t company, board *to)
{
  const campaign *c = r->c;
  board_variant *all = arena_array(r->arena, (size_t)c->variants.count, sizeof *all);
  board_measure *measures = arena_array(r->arena, c->measures.count + 1, sizeof *measures);
  board_knob *knobs = arena_array(r->arena, c->variants.knob_count + 1, sizeof *knobs);
  int64_t customers = 0;
  *to = (board){.company = c->companies[company].as->name, .units = c->variants.count * c->cuts * c->repeats};
  for (int64_t v = 0; v < c->variants.count; v++)
    if (!find_variant(r, company, v, to, &all[v], &customers)) return 0;
  for (uint32_t m = 0; m < c->measures.count; m++)
    measures[m] = (board_measure){c->measures.items[m].id, c->measures.items[m].name};
  for (uint32_t k = 0; k < c->variants.knob_count; k++) knobs[k] = make_knob(r, k);
  to->found = (leaderboard){.resampling = campaign_resampling(c, customers),
                            .level = c->of.level,
                            .method = c->of.method,
                            .correction = c->of.correction,
                            .measures = measures,
                            .measure_count = c->measures.count,
                            .variants = all,
                            .variant_count = c->variants.count,
                            .base = c->base,
                            .knobs = knobs,
                            .knob_count = c->variants.knob_count,
                            .arena = r->arena};
  if (leaderboard_find(&to->found)) return 1;
  problem_add(c->problems, EXIT_INTERNAL, NOWHERE, "no memory for a table of %lld variants",
              (long long)c->variants.count);
  return 0;
}

int boards_find(const campaign *c, store *s, int64_t number, arena *home, boards *out)
{
  reader r = {.c = c, .store = s, .arena = home};
  const store_filter filter = {.experiment = number};
  *out = (boards){.campaign = c, .count = c->of.company_count, .units = campaign_units(c)};
  out->items = arena_array(home, (size_t)out->count + 1, sizeof *out->items);
  if (!store_runs(s, &filter, home, &r.runs, &r.run_count)) return 0;
  if (r.run_count) qsort(r.runs, r.run_count, sizeof *r.runs, by_unit);
  for (uint32_t i = 0; i < out->count; i++) {
    if (!find_board(&r, i, &out->items[i])) return 0;
    out->recorded += out->items[i].recorded;
    out->failed += out->items[i].failed;
  }
  return 1;
}

/* ---- telling ------------------------------------------------------------------------------------------------------
 */

static const char *plural(int64_t count)
{
  return count == 1 ? "" : "s";
}

static void add_count(int64_t count, const char *what, text *out)
{
  if (count) text_addf(out, "%lld %s %s", (long long)count, count == 1 ? "is" : "are", what);
  else text_addf(out, "none is %s", what);
}

/* By the first measure, of those that were compared. */
static void tell_verdicts(const leaderboard *l, text *out)
{
  int64_t better = 0, worse = 0, alike = 0;
  int side = l->measure_count ? measure_list[l->measures[0].id].better : 0;
  for (int64_t v = 0; v < l->variant_count; v++) {
    paired_verdict is = leaderboard_entry(l, v, 0)->against.verdict;
    better += is == PAIRED_BETTER || is == PAIRED_MORE;
    worse += is == PAIRED_WORSE || is == PAIRED_LESS;
    alike += is == PAIRED_SAME || is == PAIRED_NONE;
  }
  if (!better && !worse && !alike) return;
  text_add(out, "Against the base ");
  add_count(better, side ? "better" : "more", out);
  text_add(out, ", ");
  add_count(worse, side ? "worse" : "less", out);
  text_add(out, "; ");
  add_count(alike, "no real difference", out);
  text_add(out, ".\n");
}

void boards_text(const boards *b, text *out, screen to)
{
  const experiment *x = &b->campaign->of;
  text_addf(out, "%s%s%s\n", x->name, x->description ? ": " : "", x->description ? x->description : "");
  for (uint32_t i = 0; i < b->count; i++) {
    const board *one = &b->items[i];
    text_add(out, "\n");
    if (one->company) text_addf(out, "%s\n", one->company);
    leaderboard_text(&one->found, out, to);
    tell_verdicts(&one->found, out);
  }
  if (x->backtest)
    text_addf(out, "Means over %u cut-off%s, each judged by the %g days after it.\n", x->cut_count,
              plural(x->cut_count), x->horizon);
  if (b->campaign->repeats > 1) text_addf(out, "Means over %u seeds.\n", b->campaign->repeats);
  if (b->recorded < b->units)
    text_addf(out, "%lld of %lld runs are recorded; 'tarazu experiment resume' goes on.\n", (long long)b->recorded,
              (long long)b->units);
}

/* The lines of one company's table, its name before each. */
static void add_with_company(const char *company, const char *lines, int with_head, text *out)
{
  for (int line = 0; *lines; line++) {
    size_t length = strcspn(lines, "\n") + 1;
    if (line || with_head) {
      text_addf(out, "%s,", line ? company : "company");
      text_add_n(out, lines, length);
    }
    lines += length;
  }
}

void boards_csv(const boards *b, text *out)
{
  for (uint32_t i = 0; i < b->count; i++) {
    text own = {0};
    leaderboard_csv(&b->items[i].found, &own);
    if (b->items[i].company) add_with_company(b->items[i].company, text_string(&own), i == 0, out);
    else text_add(out, text_string(&own));
    text_free(&own);
  }
}

void boards_json(const boards *b, text *out)
{
  text_add(out, "{\"experiment\": ");
  text_add_json(out, b->campaign->of.name);
  text_add(out, ", \"description\": ");
  text_add_json(out, b->campaign->of.description);
  text_addf(out, ", \"key\": \"%s\", \"runs\": %lld, \"recorded\": %lld, \"failed\": %lld,\n\"boards\": [",
            b->campaign->key, (long long)b->units, (long long)b->recorded, (long long)b->failed);
  for (uint32_t i = 0; i < b->count; i++) {
    text_addf(out, "%s\n{\"company\": ", i ? "," : "");
    text_add_json(out, b->items[i].company);
    text_add(out, ", \"leaderboard\": ");
    leaderboard_json(&b->items[i].found, out);
    text_add(out, "}");
  }
  text_add(out, "]}\n");
}
