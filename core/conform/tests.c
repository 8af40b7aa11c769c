#include "conform/test.h"

#include "base/clock.h"
#include "conform/elf.h"
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- which tests a strategy calls for ---------------------------------------------------------------------- */

static int all(const tarazu_strategy *s)
{
  (void)s;
  return 1;
}

static int applies_rows(const tarazu_strategy *s)
{
  return s->apply && s->role != TARAZU_WEIGHER;
}

static int learns(const tarazu_strategy *s)
{
  return s->learn != NULL;
}

static int works_whole(const tarazu_strategy *s)
{
  return s->fit || s->finish || s->weights;
}

static int saves(const tarazu_strategy *s)
{
  return s->save && s->apply;
}

static int knows_strangers(const tarazu_strategy *s)
{
  return applies_rows(s) && !(s->flags & TARAZU_BY_ROW);
}

static int has_more_outputs(const tarazu_strategy *s)
{
  return applies_rows(s) && s->outputs.count > 1;
}

static int is_parallel(const tarazu_strategy *s)
{
  return applies_rows(s) && !(s->flags & TARAZU_SERIAL);
}

static int explains(const tarazu_strategy *s)
{
  const tarazu_explain *e = s->extension ? s->extension("tarazu.explain/1") : NULL;
  return e && (e->contributions || e->reasons);
}

/* ---- comparing two ways ------------------------------------------------------------------------------------ */

static void expect_same(const outcome *one, const char *one_way, const outcome *other, const char *other_way,
                        double tolerance)
{
  text how = {0};
  if (outcome_differs(one, one_way, other, other_way, tolerance, &how)) child_fault("%s", text_string(&how));
  text_free(&how);
}

static life life_on(const trial *t)
{
  return (life){.of = t->of};
}

static const tarazu_strategy *strategy_of(const trial *t)
{
  return t->of->with->strategy;
}

int trial_is_accepted(const trial *t, outcome *refusal)
{
  life l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, refusal);
  return refusal->status == TARAZU_OK;
}

/* ---- batches ----------------------------------------------------------------------------------------------- */

static void test_batches(const trial *t)
{
  static const struct {
    int64_t rows;
    int backwards;
    const char *way;
  } ways[] = {{1, 0, "in batches of 1 row"},
              {7, 0, "in batches of 7 rows"},
              {64, 0, "in batches of 64 rows"},
              {65536, 0, "in batches of 65,536 rows"},
              {100, 1, "from the last row to the first in batches of 100"}};
  outcome usual;
  life l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, &usual);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    outcome other;
    if (ways[i].rows == 1 && t->of->customers > 400) continue; /* the shorter samples try that */
    l = life_on(t);
    life_whole(&l, ways[i].rows, ways[i].backwards, &other);
    expect_same(&usual, "in batches of 2,048 rows", &other, ways[i].way, 0);
    outcome_free(&other);
  }
  outcome_free(&usual);
}

/* Strategies without rows of their own are sound where their life comes to an end. */
static void test_sound(const trial *t)
{
  outcome first, second;
  life l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, &first);
  l = life_on(t);
  life_whole(&l, 7, 1, &second);
  expect_same(&first, "in batches of 2,048 rows", &second, "from the last row to the first in batches of 7", 0);
  outcome_free(&first);
  outcome_free(&second);
}

/* ---- life -------------------------------------------------------------------------------------------------- */

static void in_use(life *l, const trial *t, outcome *out)
{
  double weights[MOST_COLUMNS];
  life_facts(l);
  if (strategy_of(t)->weights) life_weights(l, weights);
  if (applies_rows(strategy_of(t))) {
    if (life_apply(l, TARAZU_BLOCK, 0, out)) return; /* refused: only destroy follows */
    if (explains(strategy_of(t)) && t->of->customers) {
      const tarazu_explain *e = strategy_of(t)->extension("tarazu.explain/1");
      if (e->reasons) life_reasons(l, 0);
    }
  }
  life_facts(l);
}

/* Two instances side by side, the second made and learning while the first is in use. */
static void two_instances(const trial *t, const outcome *usual)
{
  life one = life_on(t), two = life_on(t);
  outcome first = {0}, second = {0};
  if (life_create(&one) || life_create(&two) || life_learn(&one)) {
    life_end(&two);
    life_end(&one);
    return;
  }
  tarazu_status status = life_learn(&two);
  in_use(&one, t, &first);
  if (!status) in_use(&two, t, &second);
  life_end(&one);
  if (first.count) expect_same(usual, "alone", &first, "beside another instance", 0);
  if (second.count) expect_same(usual, "alone", &second, "beside another instance", 0);
  life_end(&two);
  outcome_free(&first);
  outcome_free(&second);
}

static void learn_again(const trial *t, const outcome *usual)
{
  life l = life_on(t);
  outcome again = {0};
  if (!life_create(&l) && !life_learn(&l) && !life_learn(&l) && applies_rows(strategy_of(t))) {
    life_apply(&l, TARAZU_BLOCK, 0, &again);
    expect_same(usual, "after learning once", &again, "after learning a second time", 0);
  }
  life_end(&l);
  outcome_free(&again);
}

static void test_lifecycle(const trial *t)
{
  outcome usual;
  life l = life_on(t);
  life_create(&l);
  life_end(&l);
  l = life_on(t);
  if (!life_create(&l)) life_begin_learning(&l);
  life_end(&l);
  l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, &usual);
  two_instances(t, &usual);
  learn_again(t, &usual);
  outcome_free(&usual);
  for (int after = 1; after <= 3; after++) {
    l = life_on(t);
    l.cancel_after = after;
    life_whole(&l, TARAZU_BLOCK, 0, &usual);
    outcome_free(&usual);
  }
}

/* ---- learning ---------------------------------------------------------------------------------------------- */

static void test_shares(const trial *t)
{
  outcome usual, other;
  life l = life_on(t);
  life_whole(&l, 65536, 0, &usual);
  l = life_on(t);
  l.shares_forward = 1;
  life_whole(&l, 65536, 0, &other);
  expect_same(&usual, "with shares learned from the last to the first", &other, "from the first to the last", 0);
  outcome_free(&other);
  l = life_on(t);
  l.merge_pairs = 1;
  life_whole(&l, 65536, 0, &other);
  expect_same(&usual, "with shares merged as ((1 2) 3)", &other, "merged as (1 (2 3))", 1e-7);
  outcome_free(&other);
  outcome_free(&usual);
}

static void test_tasks(const trial *t)
{
  outcome usual, other;
  life l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, &usual);
  l = life_on(t);
  l.tasks = TASKS_BACKWARDS;
  life_whole(&l, TARAZU_BLOCK, 0, &other);
  expect_same(&usual, "with the tasks of host->parallel in order", &other, "with them from the last to the first", 0);
  outcome_free(&other);
  l = life_on(t);
  l.tasks = TASKS_SIDE_BY_SIDE;
  life_whole(&l, TARAZU_BLOCK, 0, &other);
  expect_same(&usual, "with the tasks of host->parallel in order", &other, "with them side by side", 0);
  outcome_free(&other);
  outcome_free(&usual);
}

/* ---- threads ----------------------------------------------------------------------------------------------- */

typedef struct racer {
  prepared *batch;
  uint64_t expected;
  double until; /* at the latest */
  int wrong;
  tarazu_status status;
} racer;

/* For a while of its own processor time, so that racers are switched amid apply however busy the machine is. */
static void *race(void *argument)
{
  racer *r = argument;
  double enough = clock_thread_seconds() + 0.03;
  for (int i = 0;
       !r->wrong && !r->status && (i < 20 || (clock_thread_seconds() < enough && clock_seconds() < r->until)); i++) {
    r->status = prepared_apply(r->batch);
    r->wrong = prepared_hash(r->batch) != r->expected;
  }
  return NULL;
}

/* Applied to the same rows the second time nothing static may change, nor with other rows: what does is shared by
 * threads. (What changes both times is a counter of the compiler's for coverage.) */
static void check_static_data(const trial *t, racer *one, racer *other)
{
  size_t count;
  prepared_apply(one->batch);
  void *copy = static_data_copy(strategy_of(t), &count);
  prepared_apply(one->batch);
  int counts = static_data_changed(strategy_of(t), copy, count);
  prepared_apply(other->batch);
  int changed = static_data_changed(strategy_of(t), copy, count);
  free(copy);
  if (changed && !counts)
    child_fault("apply changes static data of the plugin, which the threads that apply at once share");
}

static void test_threads(const trial *t)
{
  enum { RACERS = 4 };
  racer racers[RACERS] = {{0}};
  pthread_t threads[RACERS];
  life l = life_on(t);
  outcome out;
  int64_t each = t->of->customers / RACERS;
  int ready = each > 0 && !life_create(&l) && !life_learn(&l), made = 0, running = 0;
  for (; ready && made < RACERS; made++) {
    racers[made].batch = life_prepare(&l, made * each, each);
    if (!racers[made].batch) break;
    child_enter("apply", t->of->customers);
    if ((racers[made].status = prepared_apply(racers[made].batch))) ready = 0;
    racers[made].expected = prepared_hash(racers[made].batch);
  }
  if (ready && made == RACERS) {
    check_static_data(t, &racers[0], &racers[1]);
    child_enter("apply, by several threads at once,", 200000);
    for (int i = 0; i < RACERS; i++) racers[i].until = clock_seconds() + 2;
    while (running < RACERS && !pthread_create(&threads[running], NULL, race, &racers[running])) running++;
    while (running) pthread_join(threads[--running], NULL);
    for (int i = 0; i < RACERS; i++)
      if (racers[i].wrong || racers[i].status)
        child_fault("apply gives other results when several threads apply at once on one instance");
  }
  child_leave();
  outcome_new(&l, &out);
  for (int i = 0; i < made; i++) prepared_collect(&l, racers[i].batch, racers[i].status, &out);
  outcome_free(&out);
  life_end(&l);
}

/* ---- nulls ------------------------------------------------------------------------------------------------- */

static void test_nulls(const trial *t)
{
  static const char *const ways[] = {"with zeros under the nulls", "with other values under the nulls",
                                     "with NaN and impossible codes under the nulls"};
  outcome usual, other;
  sample *of = (sample *)(uintptr_t)t->of;
  life l = life_on(t);
  sample_fill_nulls(of, 0);
  life_whole(&l, TARAZU_BLOCK, 0, &usual);
  for (int garbage = 1; garbage <= 2; garbage++) {
    sample_fill_nulls(of, garbage);
    l = life_on(t);
    life_whole(&l, TARAZU_BLOCK, 0, &other);
    expect_same(&usual, ways[0], &other, ways[garbage], 0);
    outcome_free(&other);
  }
  sample_fill_nulls(of, 0);
  outcome_free(&usual);
}

/* ---- determinism ------------------------------------------------------------------------------------------- */

static void test_determinism(const trial *t)
{
  static unsigned char now[1 << 18];
  child_note *note = child_own_note();
  outcome first, second;
  if (t->pass == 1 && t->index == 0) {
    clock_shift(strategy_of(t));
    setenv("TZ", "Asia/Tehran", 1);
    setenv("LC_ALL", "tr_TR.UTF-8", 1);
  }
  life l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, &first);
  l = life_on(t);
  life_whole(&l, TARAZU_BLOCK, 0, &second);
  expect_same(&first, "the first time", &second, "the second time, of the same data", 0);
  size_t count = outcome_write(&first, now, sizeof now);
  unsigned char *then = note->data + *t->cursor;
  if (*t->cursor + sizeof now > sizeof note->data) count = 0;
  if (t->pass == 0) memcpy(then, now, count);
  else if (count && memcmp(then, now, count) != 0) {
    size_t line = 0, at = 0;
    for (; at < count && then[at] == now[at]; at++)
      if (now[at] == '\n') line = at + 1;
    int before = (int)strcspn((char *)then + line, "\n"), after = (int)strcspn((char *)now + line, "\n");
    child_fault("a new process, on another day, gives other results: %.*s, then %.*s", before, then + line, after,
                now + line);
  }
  *t->cursor += count;
  outcome_free(&first);
  outcome_free(&second);
}

/* ---- models ------------------------------------------------------------------------------------------------ */

/* An instance that has learned; 0: it refused to. */
static int grow(const trial *t, life *l)
{
  *l = life_on(t);
  l->unknown_rows = 1;
  if (!life_create(l) && !life_learn(l)) return 1;
  life_end(l);
  return 0;
}

static void test_reload(const trial *t)
{
  life l;
  outcome before, after;
  unsigned char *bytes, *again;
  size_t count, again_count;
  if (!grow(t, &l)) return;
  tarazu_status status = life_apply(&l, TARAZU_BLOCK, 0, &before);
  if (life_save(&l, SIZE_MAX, &bytes, &count) || status) {
    free(bytes);
    outcome_free(&before);
    life_end(&l);
    return;
  }
  life_save(&l, SIZE_MAX, &again, &again_count);
  if (count != again_count || (count && memcmp(bytes, again, count) != 0))
    child_fault("save wrote other bytes the second time");
  free(again);
  l.disk_full = 1;
  if (!life_save(&l, count / 2, &again, &again_count) && count > 1)
    child_fault("save says that all is well, though the writer stopped it");
  free(again);
  life_end(&l);
  l = life_on(t);
  l.unknown_rows = 1;
  if (life_create(&l)) child_fault("create refused parameters that it had accepted: %s", l.message);
  if (life_load(&l, bytes, count)) child_fault("load refused what save wrote: %s", l.message);
  life_facts(&l);
  if (life_apply(&l, TARAZU_BLOCK, 0, &after)) child_fault("apply failed after load: %s", l.message);
  expect_same(&before, "before it was saved", &after, "after it was loaded", 0);
  life_end(&l);
  free(bytes);
  outcome_free(&before);
  outcome_free(&after);
}

/* 1: a new instance takes these bytes for a model. */
static int is_taken(const trial *t, const unsigned char *bytes, size_t count)
{
  life l = life_on(t);
  int taken = !life_create(&l) && !life_load(&l, bytes, count);
  life_end(&l);
  return taken;
}

static void test_garbage(const trial *t)
{
  enum { RANDOM_BYTES = 5000 };
  static const size_t sizes[] = {1, 7, 8, 16, 64, 1000, RANDOM_BYTES};
  static unsigned char random_bytes[RANDOM_BYTES];
  dice d = dice_of(t->of->seed, 5, 5);
  life l;
  unsigned char *bytes;
  size_t count;
  if (!grow(t, &l)) return;
  tarazu_status status = life_save(&l, SIZE_MAX, &bytes, &count);
  life_end(&l);
  for (size_t i = 0; !status && i < 40 && i < count; i++) {
    size_t length = i < 20 ? count * i / 20 : count - 1 - (i - 20) % count;
    if (is_taken(t, bytes, length))
      child_fault("load took the first %zu of %zu bytes of a model for a whole one", length, count);
  }
  for (size_t i = 0; !status && count && i < sizeof sizes / sizeof *sizes; i++) {
    for (size_t k = 0; k < sizes[i]; k++) random_bytes[k] = (unsigned char)dice_below(&d, 256);
    if (is_taken(t, random_bytes, sizes[i]) && sizes[i] != count)
      child_fault("load took %zu random bytes for a model", sizes[i]);
  }
  for (int i = 0; !status && count && i < 64; i++) { /* it may take these; a crash is what must not be */
    size_t at = (size_t)dice_below(&d, (int64_t)count);
    unsigned char was = bytes[at];
    bytes[at] = (unsigned char)(i % 3 ? was ^ (1u << dice_below(&d, 8)) : 0xff);
    is_taken(t, bytes, count);
    bytes[at] = was;
  }
  free(bytes);
}

/* ---- the rest ---------------------------------------------------------------------------------------------- */

static void test_unwanted(const trial *t)
{
  outcome usual, other;
  life l = life_on(t);
  uint32_t outputs = strategy_of(t)->outputs.count;
  life_whole(&l, TARAZU_BLOCK, 0, &usual);
  for (uint32_t i = 1; i <= outputs && i < MOST_OUTPUTS; i++) {
    l = life_on(t);
    l.unwanted = i == outputs ? ~UINT64_C(1) : UINT64_C(1) << i; /* each one, then all but the first */
    life_whole(&l, TARAZU_BLOCK, 0, &other);
    expect_same(&usual, "when all are wanted", &other, "when others are not wanted", 0);
    outcome_free(&other);
  }
  outcome_free(&usual);
}

static void test_strangers(const trial *t)
{
  outcome usual, other;
  life l = life_on(t);
  l.unknown_rows = 1;
  life_whole(&l, TARAZU_BLOCK, 0, &usual);
  l = life_on(t);
  l.unknown_rows = 1;
  life_whole(&l, 7, 0, &other);
  expect_same(&usual, "for rows that are not of the run in one batch", &other, "in batches of 7", 0);
  outcome_free(&usual);
  outcome_free(&other);
}

static void test_explanation(const trial *t)
{
  const tarazu_explain *e = strategy_of(t)->extension("tarazu.explain/1");
  life l = life_on(t);
  outcome scores = {0};
  if (!life_create(&l) && !life_learn(&l) && !life_apply(&l, TARAZU_BLOCK, 0, &scores)) {
    if (e->contributions && strategy_of(t)->role == TARAZU_COMBINER) life_contributions(&l, &scores);
    for (int64_t i = 0; e->reasons && i < t->of->customers && i < 40; i++) life_reasons(&l, i);
  }
  outcome_free(&scores);
  life_end(&l);
}

static int open_files(void)
{
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (folder && readdir(folder)) count++;
  if (folder) closedir(folder);
  return count;
}

static size_t memory_in_use(void)
{
#ifdef __GLIBC__
  struct mallinfo2 about = mallinfo2();
  return about.uordblks + about.hblkhd;
#else
  return 0;
#endif
}

/* A whole life with all that can be asked of it. */
static void live(const trial *t)
{
  life l = life_on(t);
  outcome out = {0};
  unsigned char *bytes = NULL;
  size_t count = 0;
  tarazu_status status = TARAZU_OK;
  if (!life_create(&l) && !life_learn(&l)) {
    in_use(&l, t, &out);
    if (saves(strategy_of(t))) {
      status = life_save(&l, SIZE_MAX, &bytes, &count);
      life_end(&l);
      l = life_on(t);
      if (!status && !life_create(&l)) life_load(&l, bytes, count);
    }
  }
  free(bytes);
  outcome_free(&out);
  life_end(&l);
}

/* Memory that malloc has given and not got back, which stays about the same once caches are warm: its smallest piece is
 * 32 bytes, and a leak shows in every round. */
static void test_leaks(const trial *t)
{
  enum { WARM = 10, LIVES = 12, ROUNDS = 24, LEAST = 32 };
  size_t grown = SIZE_MAX;
  for (int i = 0; i < WARM; i++) live(t);
  int files = open_files();
  for (int round = 0; round < ROUNDS && grown; round++) {
    size_t before = memory_in_use();
    for (int i = 0; i < LIVES; i++) live(t);
    size_t after = memory_in_use(), more = after > before ? after - before : 0;
    if (more < grown) grown = more;
    if (grown < LIVES * LEAST) grown = 0;
  }
  if (grown)
    child_fault("%d lives from create to destroy left %zu bytes of malloc's behind (%zu each)", LIVES, grown,
                grown / LIVES);
  if (open_files() > files) child_fault("%d lives left %d files open", LIVES, open_files() - files);
}

#define PLAIN(rows, each)                              \
  {TWIST_NONE, rows, each}, {TWIST_NULLS, rows, each}, \
  {                                                    \
    TWIST_MIXED, rows, each                            \
  }

const column_test column_tests[] = {
    {"lifecycle",
     "every allowed order of calls; two instances side by side; learning again; cancelled",
     all,
     test_lifecycle,
     1,
     0,
     {PLAIN(40, 1)}},
    {"batches",
     "the same results in batches of 1, 7, 64, 2,048 and 65,536 rows, and backwards",
     applies_rows,
     test_batches,
     1,
     0,
     {PLAIN(90, 1), {TWIST_NONE, 2113, 0}}},
    {"shares",
     "the same results however shares are learned and merged",
     learns,
     test_shares,
     1,
     0,
     {{TWIST_NONE, 300, 1}, {TWIST_NULLS, 2 * TARAZU_SHARE + 77, 0}}},
    {"tasks",
     "the same results whatever the order of the tasks of host->parallel",
     works_whole,
     test_tasks,
     1,
     0,
     {PLAIN(90, 1), {TWIST_NONE, 700, 0}}},
    {"threads",
     "apply by several threads at once on one instance",
     is_parallel,
     test_threads,
     1,
     0,
     {{TWIST_NONE, 800, 0}, {TWIST_TIES, 240, 1}}},
    {"nulls",
     "nulls in every input, whatever lies under them",
     all,
     test_nulls,
     1,
     1,
     {{TWIST_NULLS, 120, 2}, {TWIST_MIXED, 40, 3}}},
    {"empty",
     "no customers, no values, no events",
     all,
     test_sound,
     1,
     0,
     {{TWIST_EMPTY, 9, 1}, {TWIST_NONE, NO_ROWS, 1}}},
    {"one_row",
     "one customer",
     all,
     test_sound,
     1,
     0,
     {{TWIST_NONE, 1, 2}, {TWIST_NULLS, 1, 3}, {TWIST_EXTREME, 1, 3}, {TWIST_EMPTY, 1, 1}, {TWIST_CONSTANT, 2, 1}}},
    {"constant", "one value a column", all, test_sound, 1, 0, {{TWIST_CONSTANT, 30, 2}, {TWIST_CONSTANT, 3, 1}}},
    {"ties", "two values a column", all, test_sound, 1, 0, {{TWIST_TIES, 60, 2}, {TWIST_TIES, 5, 2}}},
    {"extremes", "the ends of every type", all, test_sound, 1, 0, {{TWIST_EXTREME, 40, 3}, {TWIST_EXTREME, 4, 6}}},
    {"random",
     "samples of any kind and size",
     all,
     test_sound,
     1,
     0,
     {{TWIST_MIXED, SOME_ROWS, 8}, {TWIST_NULLS, SOME_ROWS, 4}}},
    {"determinism",
     "the same results twice, and in a new process on another day",
     all,
     test_determinism,
     2,
     0,
     {PLAIN(80, 1)}},
    {"reload", "the same results after save and load", saves, test_reload, 1, 0, {PLAIN(80, 1)}},
    {"garbage", "truncated and random models are refused", saves, test_garbage, 1, 0, {{TWIST_NONE, 60, 1}}},
    {"unwanted", "results that nobody wants change no others", has_more_outputs, test_unwanted, 1, 0, {PLAIN(60, 1)}},
    {"strangers", "rows that are not of the run", knows_strangers, test_strangers, 1, 0, {PLAIN(60, 1)}},
    {"explanation",
     "contributions add up to the score; reasons are text",
     explains,
     test_explanation,
     1,
     0,
     {PLAIN(60, 1), {TWIST_EXTREME, 20, 1}}},
    {"leaks",
     "neither memory nor files are left behind",
     all,
     test_leaks,
     1,
     0,
     {{TWIST_NONE, 40, 1}, {TWIST_NULLS, 40, 0}}},
    {NULL, NULL, NULL, NULL, 0, 0, {{TWIST_NONE, 0, 0}}},
};
