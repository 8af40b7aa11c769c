/* Units of an experiment, run by several workers, each of which takes the next one that is not recorded. */
#include "experiment/runner.h"

#include "base/clock.h"
#include "base/pool.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the units of one company and cut-off are judged by. */
typedef struct standard {
  outcome_values *later, *beside;
} standard;

typedef struct shop {
  runner *r;
  campaign *c;
  universe **everyone;  /* by company */
  standard *standards;  /* by company and cut-off */
  uint8_t *wanted;      /* by unit: it is not recorded yet */
  int *statuses;        /* by unit */
  pthread_mutex_t lock; /* of the store and what is told */
  double began;
} shop;

/* ---- one unit ---------------------------------------------------------------------------------------------------- */

/* The largest resident memory since the last call, in bytes; NAN: the system does not tell. */
static double peak_memory(int begin)
{
  char line[128];
  double kilobytes = NAN;
  FILE *file = fopen(begin ? "/proc/self/clear_refs" : "/proc/self/status", begin ? "w" : "r");
  if (!file) return NAN;
  if (begin) fputs("5", file);
  else
    while (fgets(line, sizeof line, file))
      if (!strncmp(line, "VmHWM:", 6)) kilobytes = strtod(line + 6, NULL);
  fclose(file);
  return kilobytes * 1024;
}

/* The variant's tree with the repeat's seed. */
static const node *tree_of(const campaign *c, const campaign_unit *unit, arena *home)
{
  const node *tree = c->companies[unit->company].trees[unit->variant];
  if (!c->of.seed_count) return tree;
  node *own = node_copy(tree, home), *seed = arena_alloc(home, sizeof *seed);
  *seed = (node){.kind = NODE_SCALAR,
                 .text = arena_format(home, "%llu", (unsigned long long)c->of.seeds[unit->repeat]),
                 .place = c->of.repeat_place};
  node_lay(own, "seed", c->of.repeat_place, seed, home, c->problems);
  return own;
}

/* The first error, on one line and without its place. */
static const char *fault_of(tarazu_session *session, arena *home)
{
  const char *words = session ? tarazu_problems(session, 0, 0) : "error: not enough memory";
  const char *error = strstr(words, "error: ");
  if (error) words = error + strlen("error: ");
  return arena_copy_n(home, words, strcspn(words, "\n"));
}

static store_measure *list_measures(const campaign *c, const judgement *found, arena *home, uint32_t *count)
{
  const resampling *by = &found->resampling;
  store_measure *all = arena_array(home, (size_t)c->measures.count + 1, sizeof *all);
  *count = 0;
  for (uint32_t i = 0; i < c->measures.count; i++) {
    const asked_measure *asked = &c->measures.items[i];
    const double *numbers = found->numbers[i];
    interval between = {NAN, NAN, INTERVAL_NONE, 0};
    if (!numbers) continue;
    int sampled = measure_is_sampled(asked->id) && by->samples;
    if (sampled) resample_interval(by, numbers, c->of.level, c->of.method, &between);
    all[(*count)++] = (store_measure){.name = asked->name,
                                      .value = numbers[0],
                                      .low = between.low,
                                      .high = between.high,
                                      .better = measure_list[asked->id].better,
                                      .samples = sampled ? numbers + 1 : NULL,
                                      .sample_count = sampled ? (uint32_t)(resample_length(by) - 1) : 0};
  }
  all[(*count)++] = (store_measure){.name = CUSTOMERS_JUDGED, .value = (double)by->customers, .low = NAN, .high = NAN};
  return all;
}

/* The manifest, with the tables of calibration and gains that come along with some measures. */
static const char *manifest_of(const campaign *c, tarazu_session *session, const judgement *found, arena *home)
{
  const char *manifest = tarazu_manifest(session), *end = strrchr(manifest, '}');
  int tables = 0;
  for (uint32_t i = 0; i < c->measures.count; i++) tables |= found->calibration[i] || found->gains[i];
  if (!tables) return manifest;
  text out = {0};
  text_add_n(&out, manifest, (size_t)(end - manifest));
  text_add(&out, ",\n  \"judged\": ");
  judge_tables_json(&c->measures, found, &out);
  text_add(&out, "}\n");
  const char *kept = arena_copy(home, text_string(&out));
  text_free(&out);
  return kept;
}

/* Seen from every folder the same. */
static const char *absolute(const char *path, arena *home)
{
  char *real = realpath(path, NULL);
  const char *out = arena_copy(home, real ? real : path);
  free(real);
  return out;
}

static int add_record(shop *s, const store_record *record)
{
  pthread_mutex_lock(&s->lock);
  int good = store_add(s->r->store, record, NULL);
  pthread_mutex_unlock(&s->lock);
  return good;
}

static int judge_unit(shop *s, const campaign_unit *unit, tarazu_session *session, double seconds, double memory,
                      arena *home, judgement *found)
{
  const campaign *c = s->c;
  const standard *by = &s->standards[unit->company * c->cuts + unit->cut];
  const judge_later later = {.later = by->later, .beside = by->beside, .universe = s->everyone[unit->company]};
  const judge_options options = {.samples = c->of.bootstrap,
                                 .seed = c->of.bootstrap_seed,
                                 .threads = session_engine(session)->pool,
                                 .stop = &s->c->stop,
                                 .seconds = seconds,
                                 .memory = memory};
  return judge_run(&c->measures, session, &later, &options, home, session_problems(session), found);
}

/* An exit status, also that of a unit that failed and is recorded as that; EXIT_CANCELLED: stopped. */
static int run_unit(shop *s, const campaign_unit *unit, arena *home)
{
  campaign *c = s->c;
  const campaign_company *company = &c->companies[unit->company];
  const session_trial trial = campaign_trial(c, company, tree_of(c, unit, home), unit->cut);
  tarazu_session *session;
  judgement found = {0};
  int memory = c->jobs == 1;
  if (memory) peak_memory(1);
  double began = clock_seconds();
  int status = session_open_trial(company->as->profile, &trial, &c->options.session, &session);
  if (session && c->cache && !c->options.uncached) session_use_cache(session, c->cache);
  if (status == TARAZU_GOOD) status = tarazu_run(session);
  double seconds = clock_seconds() - began;
  if (status == TARAZU_GOOD && !judge_unit(s, unit, session, seconds, memory ? peak_memory(0) : NAN, home, &found))
    status = (int)problems_status(session_problems(session));
  if (!session) status = TARAZU_FAULT_INTERNAL;
  if (!atomic_load(&c->stop)) {
    store_record record = {.variant = campaign_variant(c, unit, s->r->experiment, home),
                           .profile = absolute(company->as->profile, home),
                           .status = status,
                           .seconds = seconds};
    if (status == TARAZU_GOOD) {
      record.manifest = manifest_of(c, session, &found, home);
      record.measures = list_measures(c, &found, home, &record.measure_count);
      store_record_results(&record, session_results(session), 0, home);
    } else {
      text settings = {0};
      node_write_json(trial.root, &settings);
      record.settings = arena_copy(home, text_string(&settings));
      record.problem = fault_of(session, home);
      text_free(&settings);
    }
    if (!add_record(s, &record)) atomic_store(&c->stop, 1);
  } else {
    status = EXIT_CANCELLED;
  }
  tarazu_close(session);
  return status;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void tell(shop *s, int status)
{
  runner *r = s->r;
  pthread_mutex_lock(&s->lock);
  r->at.done++;
  r->at.failed += status != EXIT_GOOD;
  r->at.seconds = clock_seconds() - s->began;
  if (r->tell) r->tell(r->argument, &r->at);
  pthread_mutex_unlock(&s->lock);
}

/* Another process may have run it in the meantime. */
static int is_recorded(shop *s, const campaign_unit *unit, arena *home)
{
  const store_variant as = campaign_variant(s->c, unit, s->r->experiment, home);
  pthread_mutex_lock(&s->lock);
  int has = store_has(s->r->store, &as);
  pthread_mutex_unlock(&s->lock);
  if (has < 0) atomic_store(&s->c->stop, 1);
  return has;
}

static void unit_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  shop *s = argument;
  if (!s->wanted[index] || atomic_load(&s->c->stop)) return;
  arena *home = arena_new();
  const campaign_unit unit = campaign_unit_at(s->c, index);
  int status = is_recorded(s, &unit, home) ? EXIT_GOOD : run_unit(s, &unit, home);
  s->statuses[index] = status;
  if (status != EXIT_CANCELLED) tell(s, status);
  arena_free(home);
}

/* How many units are still to be run; -1: a problem. */
static int64_t find_wanted(shop *s)
{
  int64_t wanted = 0;
  for (int64_t i = 0; i < s->r->at.units; i++) {
    arena *home = arena_new();
    const campaign_unit unit = campaign_unit_at(s->c, i);
    int has = is_recorded(s, &unit, home);
    arena_free(home);
    if (has < 0) return -1;
    s->wanted[i] = !has;
    wanted += !has;
  }
  s->r->at.there = s->r->at.units - wanted;
  return wanted;
}

/* ---- what they are judged by ------------------------------------------------------------------------------------- */

static int is_wanted(const shop *s, uint32_t company, int64_t cut)
{
  int64_t many = s->c->variants.count * s->c->repeats, each = s->c->cuts * many, first = company * each;
  for (int64_t i = first + (cut < 0 ? 0 : cut * many); i < first + (cut < 0 ? each : (cut + 1) * many); i++)
    if (s->wanted[i]) return 1;
  return 0;
}

static void universe_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  shop *s = argument;
  campaign *c = s->c;
  if (!is_wanted(s, (uint32_t)index, -1) || atomic_load(&c->stop)) return;
  outcome_window last = campaign_window(c, &c->companies[index], c->cuts - 1);
  s->everyone[index] = universe_find(&last, c->problems);
}

static void standard_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  shop *s = argument;
  campaign *c = s->c;
  uint32_t company = (uint32_t)(index / c->cuts), cut = (uint32_t)(index % c->cuts);
  if (!is_wanted(s, company, cut) || atomic_load(&c->stop)) return;
  outcome_window window = campaign_window(c, &c->companies[company], cut);
  standard *to = &s->standards[index];
  if (c->outcomes.count) to->later = outcomes_measure(&c->outcomes, &window, 1, s->everyone[company], c->problems);
  if (c->measures.beside.count && !problems_errors(c->problems))
    to->beside = outcomes_measure(&c->measures.beside, &window, 0, s->everyone[company], c->problems);
}

/* The pool runs tasks in their order, so that units which share the most run one after the other. */
static int run_all(shop *s, pool *workers)
{
  campaign *c = s->c;
  pool_run(workers, c->of.company_count, universe_task, s);
  if (problems_errors(c->problems) || atomic_load(&c->stop)) return 0;
  pool_run(workers, (int64_t)c->of.company_count * c->cuts, standard_task, s);
  if (problems_errors(c->problems) || atomic_load(&c->stop)) return 0;
  s->began = clock_seconds();
  pool_run(workers, s->r->at.units, unit_task, s);
  for (int64_t i = s->r->at.units - 1; i >= 0; i--)
    if (s->statuses[i]) s->r->status = s->statuses[i];
  return !problems_errors(c->problems) && !atomic_load(&c->stop);
}

static void close_shop(shop *s)
{
  for (int64_t i = 0; s->standards && i < (int64_t)s->c->of.company_count * s->c->cuts; i++) {
    outcome_values_free(s->standards[i].later);
    outcome_values_free(s->standards[i].beside);
  }
  for (uint32_t i = 0; s->everyone && i < s->c->of.company_count; i++) universe_free(s->everyone[i]);
  free(s->standards);
  free(s->everyone);
  free(s->wanted);
  free(s->statuses);
  pthread_mutex_destroy(&s->lock);
}

int runner_run(runner *r)
{
  campaign *c = r->campaign;
  int64_t units = campaign_units(c), wanted = 0;
  shop s = {.r = r, .c = c};
  r->at = (run_progress){.units = units};
  pthread_mutex_init(&s.lock, NULL);
  s.everyone = calloc((size_t)c->of.company_count + 1, sizeof *s.everyone);
  s.standards = calloc((size_t)c->of.company_count * c->cuts + 1, sizeof *s.standards);
  s.wanted = calloc((size_t)units + 1, sizeof *s.wanted);
  s.statuses = calloc((size_t)units + 1, sizeof *s.statuses);
  pool *workers = pool_new((int)(c->jobs < units ? c->jobs : units));
  int good = s.everyone && s.standards && s.wanted && s.statuses && workers;
  if (!good)
    problem_add(c->problems, EXIT_INTERNAL, NOWHERE, "no memory or no threads for %lld units", (long long)units);
  good = good && (wanted = find_wanted(&s)) >= 0 && (!wanted || run_all(&s, workers));
  if (atomic_load(&c->stop) && !problems_errors(c->problems))
    problem_add(c->problems, EXIT_CANCELLED, NOWHERE, "cancelled");
  pool_free(workers);
  close_shop(&s);
  return good && !problems_errors(c->problems);
}
