/* Strategies that turn columns into columns: finds parameters and data that they accept, then runs every test on
 * samples of many kinds, and makes what fails small. */
#include "base/clock.h"
#include "base/hash.h"
#include "catalog/catalog.h"
#include "conform/conform.h"
#include "conform/test.h"
#include <string.h>

enum {
  SETTINGS = 24,   /* ways to use it that are tried */
  ACCEPTED = 3,    /* of those that work, the ones that every test uses */
  TRIAL_ROWS = 40, /* of the samples that tell what works */
  MOST_SPECS = 400,
  SHRINK_RUNS = 150
};
static const double SHRINK_SECONDS = 5;

/* What a sample is made of. */
typedef struct spec {
  const setting *with;
  style style;
  twist twist;
  int64_t rows;
  uint64_t seed;
  int null_column; /* -1: none */
} spec;

typedef struct accepted {
  const setting *with;
  style style;
} accepted;

/* One test's run over its samples, and what is needed to make one smaller. */
typedef struct run {
  const column_test *test;
  spec *specs;
  uint32_t count;
  child_note *note;
  const sample *only; /* in place of the specs */
  int pass;
  /* while shrinking */
  char why[CHILD_WORDS];
  int runs;
  double until;
} run;

static sample *sample_of(const spec *s)
{
  return sample_new(s->with, s->style, s->twist, s->rows, s->seed, s->null_column);
}

static void run_in_child(void *argument)
{
  run *r = argument;
  size_t cursor = 0;
  for (uint32_t i = 0; i < (r->only ? 1 : r->count); i++) {
    r->note->item = i;
    sample *made = r->only ? NULL : sample_of(&r->specs[i]);
    trial t = {.of = r->only ? r->only : made, .pass = r->pass, .cursor = &cursor, .index = i};
    r->test->body(&t);
    r->note->tries++;
    sample_free(made);
  }
}

static int runs_well(run *r)
{
  int good = 1;
  for (r->pass = 0; good && r->pass < r->test->passes; r->pass++) good = child_run(r->note, run_in_child, r);
  return good;
}

static int still_fails(void *argument, const sample *smaller)
{
  run *r = argument;
  if (++r->runs > SHRINK_RUNS || clock_seconds() > r->until) return -1;
  r->only = smaller;
  int failed = !runs_well(r);
  r->only = NULL;
  if (failed) memcpy(r->why, r->note->why, sizeof r->why);
  return failed;
}

/* The sample that failed, as small as it can be made in the time that there is. */
static void tell_failure(run *r, double took, conform_result *out, arena *memory)
{
  const spec *s = &r->specs[r->note->item < r->count ? r->note->item : 0];
  int64_t tries = r->note->tries;
  text words = {0}, table = {0};
  memcpy(r->why, r->note->why, sizeof r->why);
  r->until = clock_seconds() + SHRINK_SECONDS;
  sample *small = sample_of(s);
  if (took < SHRINK_SECONDS) small = sample_shrink(small, still_fails, r);
  sample_name(small, &words);
  sample_print(small, &table);
  out->why = arena_copy(memory, r->why);
  out->data = arena_copy(memory, text_string(&words));
  out->params = s->with->params;
  out->table = arena_copy(memory, text_string(&table));
  text_free(&words);
  text_free(&table);
  sample_free(small);
  r->note->tries = tries;
}

static void run_test(run *r, conform_result *out, arena *memory)
{
  double begun = clock_seconds();
  r->note->tries = 0;
  out->passed = runs_well(r);
  if (!out->passed) tell_failure(r, clock_seconds() - begun, out, memory);
  out->tries = r->note->tries;
  out->seconds = clock_seconds() - begun;
}

/* ---- what it accepts --------------------------------------------------------------------------------------- */

typedef struct found {
  unsigned char accepted[MOST_SPECS];
  char refusal[1200]; /* the first one */
} found;

static void try_parameters(const trial *t)
{
  outcome out;
  found *f = (found *)(void *)child_own_note()->data;
  int good = trial_is_accepted(t, &out);
  f->accepted[t->index] = (unsigned char)good;
  if (!good && !f->refusal[0]) snprintf(f->refusal, sizeof f->refusal, "%s: %.900s", out.function, out.message);
  outcome_free(&out);
}

static const column_test parameters = {
    .name = "parameters",
    .tells = "parameters of all kinds and data of all kinds: accepted, or refused in words",
    .body = try_parameters,
    .passes = 1};

/* Defaults first, then parameters and inputs as the dice fall. */
static uint32_t make_settings(const conform_request *request, const tarazu_strategy *s, const setting **out,
                              const char **why, arena *memory)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < SETTINGS * 3 && count < SETTINGS; i++) {
    dice d = dice_of(request->seed, hash_bytes(s->id, strlen(s->id), 3), i);
    uint32_t ways = BIND_ONE + s->inputs.count, tame = ways + 3;
    int binds = i < ways ? (int)i : BIND_SOME;
    const char *reason, *params = request->params ? request->params
                                                  : setting_invent(s,
                                                                   i < ways   ? 1
                                                                   : i < tame ? 2
                                                                              : 0,
                                                                   &d, memory);
    const setting *made = setting_of(s, params, binds, &d, memory, &reason);
    if (made) out[count++] = made;
    else if (!*why) *why = arena_format(memory, "params %s: %s", params, reason);
  }
  return count;
}

/* Of each setting the first style that it goes with, then further styles. */
static uint32_t choose(const run *r, const found *f, uint32_t settings, accepted *out)
{
  uint32_t count = 0;
  int taken[MOST_SPECS] = {0};
  for (int round = 0; round < STYLE_COUNT; round++)
    for (uint32_t k = 0; k < settings && count < ACCEPTED; k++)
      for (uint32_t style_index = 0; style_index < STYLE_COUNT; style_index++) {
        uint32_t at = k * STYLE_COUNT + style_index;
        if (at >= r->count || !f->accepted[at] || taken[at]) continue;
        taken[at] = 1;
        out[count++] = (accepted){r->specs[at].with, r->specs[at].style};
        break;
      }
  return count;
}

static uint32_t find_accepted(conform_report *report, const tarazu_strategy *s, child_note *note, accepted *out,
                              arena *memory)
{
  const setting *settings[SETTINGS] = {0};
  const char *why = NULL, *name = conform_name(s, memory);
  spec *specs = arena_array(memory, MOST_SPECS, sizeof *specs);
  found *f = (found *)(void *)note->data;
  uint32_t count = make_settings(report->request, s, settings, &why, memory);
  run r = {.test = &parameters, .specs = specs, .note = note};
  for (uint32_t k = 0; k < count; k++)
    for (int style_index = 0; style_index < STYLE_COUNT; style_index++)
      specs[r.count++] = (spec){settings[k], (style)style_index, TWIST_NONE, TRIAL_ROWS, report->request->seed + k, -1};
  *f = (found){.refusal = ""};
  conform_result told = {.passed = 0};
  if (count) run_test(&r, &told, memory);
  uint32_t chosen = choose(&r, f, count, out);
  if (!chosen && !told.why)
    told.why = arena_format(memory,
                            "none of %u made-up ways to use it was accepted, so that nothing else can be tried; give "
                            "parameters that work by --params '{…}'. The first refusal: %s",
                            r.count,
                            count ? f->refusal
                            : why ? why
                                  : "");
  if (conform_wants(report->request, s, parameters.name) || !chosen) {
    conform_result *kept = conform_add(report, name, parameters.name, parameters.tells, memory);
    told.strategy = kept->strategy, told.test = kept->test, told.tells = kept->tells, told.replay = kept->replay;
    told.passed = told.passed && chosen;
    *kept = told;
  }
  return chosen;
}

/* ---- the tests --------------------------------------------------------------------------------------------- */

static void add_spec(run *r, const accepted *a, twist how, int64_t rows, int null_column, uint64_t seed)
{
  if (r->count == MOST_SPECS) return;
  uint64_t own = hash_u64(seed ^ hash_bytes(r->test->name, strlen(r->test->name), r->count));
  dice d = {own};
  if (rows == SOME_ROWS) rows = 1 + dice_below(&d, 60);
  if (rows == NO_ROWS) rows = 0;
  r->specs[r->count++] = (spec){a->with, a->style, how, rows, own, null_column};
}

static void plan_specs(run *r, const accepted *chosen, uint32_t count, uint64_t seed)
{
  for (uint32_t a = 0; a < count; a++) {
    for (const sample_kind *k = r->test->kinds; k < r->test->kinds + MOST_KINDS && k->rows; k++) {
      int each = k->each ? k->each : a == 0;
      for (int i = 0; i < each; i++) add_spec(r, &chosen[a], k->twist, k->rows, -1, seed);
    }
    for (uint32_t c = 0; r->test->each_column && c < chosen[a].with->count; c++)
      if (chosen[a].with->bound[c].type) add_spec(r, &chosen[a], TWIST_NONE, TRIAL_ROWS, (int)c, seed);
  }
}

void conform_columns(conform_report *report, const tarazu_strategy *s, arena *memory)
{
  accepted chosen[ACCEPTED];
  child_note *note = child_note_new();
  if (!note) return;
  uint32_t count = find_accepted(report, s, note, chosen, memory);
  for (const column_test *test = column_tests; count && test->name; test++) {
    if (!test->applies(s) || !conform_wants(report->request, s, test->name)) continue;
    run r = {.test = test, .specs = arena_array(memory, MOST_SPECS, sizeof *r.specs), .note = note};
    plan_specs(&r, chosen, count, report->request->seed);
    conform_result *out = conform_add(report, conform_name(s, memory), test->name, test->tells, memory);
    run_test(&r, out, memory);
  }
  child_note_free(note);
}
