/* A backtest of one profile in a trial's folder: from the texts of a profile and of an experiment's sections to
 * numbers.
 */
#ifndef TESTS_CORE_EXPERIMENT_BACKTESTED_H
#define TESTS_CORE_EXPERIMENT_BACKTESTED_H

#include "experiment/judge.h"
#include "support/session.h"

#define DAY     (INT64_C(86400) * 1000000)
#define CUT_OFF (INT64_C(19732) * DAY) /* 2024-01-10 */
#define UNTIL   (INT64_C(19742) * DAY) /* 2024-01-20 */

typedef struct backtested {
  trial t;
  arena *home;
  problems *faults;
  outcomes outcomes;
  asked_measures asked;
  outcome_window window;
  cache *cache; /* NULL: none; the caller frees it */
  universe *universe;
  outcome_values *later, *beside;
  tarazu_session *session;
  judgement judgement;
} backtested;

static inline void backtested_new(backtested *b)
{
  *b = (backtested){0};
  trial_new(&b->t);
  b->home = arena_new();
  b->faults = problems_new();
}

static inline void backtested_free(backtested *b)
{
  tarazu_close(b->session);
  outcome_values_free(b->later);
  outcome_values_free(b->beside);
  universe_free(b->universe);
  problems_free(b->faults);
  arena_free(b->home);
  trial_free(&b->t);
}

static inline const char *backtested_problems(const backtested *b)
{
  text out = {0};
  problems_print(b->faults, &out, 0);
  const char *kept = arena_copy(b->home, text_string(&out));
  text_free(&out);
  return kept;
}

#define assert_fault(b, words) assert_words(backtested_problems(b), (words))
#define assert_no_fault(b)                                                                 \
  do {                                                                                     \
    if (problems_errors((b)->faults)) fail_msg("unexpected:\n%s", backtested_problems(b)); \
  } while (0)

/* Forgets what was told. */
static inline void backtested_forgive(backtested *b)
{
  problems_free(b->faults);
  b->faults = problems_new();
}

/* Reads `outcomes` and `measure` of an experiment's file; 0 with problems. */
static inline int backtested_read(backtested *b, const char *experiment)
{
  node *root = yaml_parse("experiment.yaml", experiment, strlen(experiment), b->home, b->faults);
  assert_non_null(root);
  int good = outcomes_read(node_get(root, "outcomes"), b->home, b->faults, &b->outcomes);
  return measures_read(node_get(root, "measure"), &b->outcomes, b->home, b->faults, &b->asked) && good;
}

static inline void backtested_profile(backtested *b, const char *words)
{
  trial_write(&b->t, "profile.yaml", words);
  b->window = (outcome_window){.path = arena_copy(b->home, trial_path(&b->t, "profile.yaml")),
                               .options = &b->t.options,
                               .cache = b->cache,
                               .backtest = 1,
                               .cut_off = CUT_OFF,
                               .until = UNTIL,
                               .cut_off_place = {.file = "experiment.yaml", .line = 9, .column = 5, .length = 1}};
  b->window.root = yaml_read_extended(b->window.path, b->home, b->faults, &b->window.files);
  assert_non_null(b->window.root);
}

/* Whose outcomes there are; 0 with problems. */
static inline int backtested_measure(backtested *b)
{
  if (!b->universe && !(b->universe = universe_find(&b->window, b->faults))) return 0;
  outcome_values_free(b->later);
  outcome_values_free(b->beside);
  b->beside = NULL;
  b->later = outcomes_measure(&b->outcomes, &b->window, 1, b->universe, b->faults);
  if (b->later) b->beside = outcomes_measure(&b->asked.beside, &b->window, 0, b->universe, b->faults);
  return b->later && b->beside;
}

/* The variant with this tree at the window's cut-off, run and judged; 0 with problems. */
static inline int backtested_judge(backtested *b, const node *root, int64_t samples)
{
  session_trial how = {
      .root = root, .backtest = b->window.backtest, .as_of = b->window.cut_off, .as_of_place = b->window.cut_off_place};
  const judge_later by = {b->universe, b->later, b->beside};
  const judge_options options = {.samples = samples, .seed = 5, .seconds = 1.5, .memory = NAN};
  tarazu_close(b->session);
  b->session = NULL;
  int status = session_open_trial(b->window.path, &how, &b->t.options, &b->session);
  if (!status && b->cache) session_use_cache(b->session, b->cache);
  if (status || tarazu_run(b->session)) {
    problems_take(b->faults, session_problems(b->session), NULL, NULL);
    return 0;
  }
  return judge_run(&b->asked, b->session, &by, &options, b->home, b->faults, &b->judgement);
}

/* All of it, without fault. */
static inline void backtested_run(backtested *b, const char *profile_words, const char *experiment, int64_t samples)
{
  backtested_profile(b, profile_words);
  if (!backtested_read(b, experiment) || !backtested_measure(b) || !backtested_judge(b, b->window.root, samples))
    fail_msg("%s", backtested_problems(b));
}

/* The value of the measure of this name. */
static inline double backtested_value(const backtested *b, const char *name)
{
  for (uint32_t i = 0; i < b->asked.count; i++)
    if (!strcmp(b->asked.items[i].name, name)) {
      assert_non_null(b->judgement.numbers[i]);
      return b->judgement.numbers[i][0];
    }
  fail_msg("no measure '%s'", name);
  return NAN;
}

#endif
