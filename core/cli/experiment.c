/* tarazu experiment: many variants of a profile run, recorded and compared. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "experiment/boards.h"
#include "experiment/differences.h"
#include "experiment/runner.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIFFERENCES_SHOWN = 8 };

typedef struct bench {
  const invocation *asked;
  problems *problems;
  campaign campaign;
  store *store;
  int64_t experiment;
  progress *progress;
} bench;

/* ---- what is recorded -------------------------------------------------------------------------------------------- */

static int same_file(const char *a, const char *b)
{
  return a && b && !strcmp(a, b);
}

static const char *own_path(const bench *b)
{
  char *real = realpath(b->campaign.of.path, NULL);
  const char *path = arena_copy(b->asked->arena, real ? real : b->campaign.of.path);
  free(real);
  return path;
}

/* The settings are others than those that were recorded of this file last. */
static void tell_differences(const bench *b, const store_trial *last)
{
  setting_difference *all;
  uint32_t count;
  const char *settings[2] = {last->settings, b->campaign.settings};
  settings_differences(settings, 0, b->asked->arena, &all, &count);
  problem_add(b->problems, EXIT_USAGE, (place){.file = b->campaign.of.path},
              "the experiment's settings are others than those recorded in '%s'; `tarazu experiment run` begins anew "
              "with these",
              b->campaign.store);
  for (uint32_t i = 0; i < count && i < DIFFERENCES_SHOWN; i++)
    problem_hint(b->problems, "%s: %s is recorded, %s is asked for", all[i].key,
                 all[i].at[0] ? all[i].at[0] : "nothing", all[i].at[1] ? all[i].at[1] : "nothing");
  if (count > DIFFERENCES_SHOWN)
    problem_hint(b->problems, "and %u settings more", (unsigned)(count - DIFFERENCES_SHOWN));
}

/* The experiment's number among those recorded. 0: a problem. */
static int64_t find_recorded(bench *b)
{
  store_trial *all;
  const store_trial *last = NULL;
  uint32_t count;
  const char *path = own_path(b);
  if (!store_experiments(b->store, b->asked->arena, &all, &count)) return 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!strcmp(all[i].key, b->campaign.key)) return all[i].id;
    if (same_file(all[i].file, path)) last = &all[i];
  }
  if (last) tell_differences(b, last);
  else
    problem_add(b->problems, EXIT_USAGE, (place){.file = b->campaign.of.path},
                "'%s' has no run of this experiment; `tarazu experiment run` begins it", b->campaign.store);
  return 0;
}

/* ---- run, resume --------------------------------------------------------------------------------------------------
 */

static const char *time_left(const run_progress *at, char room[32])
{
  double left = at->done ? at->seconds / (double)at->done * (double)(at->units - at->there - at->done) : 0;
  if (left < 100) snprintf(room, 32, "%.0f s left", left);
  else if (left < 6000) snprintf(room, 32, "%.0f min left", left / 60);
  else snprintf(room, 32, "%.0f h left", left / 3600);
  return room;
}

static void tell_progress(void *argument, const run_progress *at)
{
  bench *b = argument;
  char left[32];
  int64_t done = at->there + at->done;
  const char *stage =
      arena_format(b->asked->arena, "%lld/%lld, %s", (long long)done, (long long)at->units, time_left(at, left));
  progress_tell(b->progress, stage, (double)done / (double)at->units);
}

static int write_file(bench *b, const char *ending, const text *content)
{
  const char *path = arena_format(b->asked->arena, "%s/%s.%s", b->campaign.of.output, b->campaign.of.name, ending);
  int number = file_make_folders(b->campaign.of.output);
  if (!number) number = file_write(path, text_string(content), content->length);
  if (number) problem_add(b->problems, EXIT_OUTPUT, NOWHERE, "cannot write '%s': %s", path, strerror(number));
  else if (!b->asked->quiet) fprintf(stderr, "wrote %s\n", path);
  return !number;
}

static int write_files(bench *b, const boards *found)
{
  static const struct {
    unsigned format;
    const char *ending;
  } all[] = {{OUTPUT_TEXT, "txt"}, {OUTPUT_CSV, "csv"}, {OUTPUT_JSON, "json"}};
  int good = 1;
  for (size_t i = 0; b->campaign.of.output && i < sizeof all / sizeof *all; i++) {
    text out = {0};
    if (!(b->campaign.of.formats & all[i].format)) continue;
    if (all[i].format == OUTPUT_TEXT) boards_text(found, &out, (screen){0});
    if (all[i].format == OUTPUT_CSV) boards_csv(found, &out);
    if (all[i].format == OUTPUT_JSON) boards_json(found, &out);
    good &= write_file(b, all[i].ending, &out);
    text_free(&out);
  }
  return good;
}

/* The table as it is asked for; files where the experiment says so. */
static int show_boards(bench *b, int files)
{
  boards found;
  text out = {0};
  if (!boards_find(&b->campaign, b->store, b->experiment, b->asked->arena, &found)) return EXIT_INTERNAL;
  if (b->asked->json) boards_json(&found, &out);
  else if (b->asked->csv) boards_csv(&found, &out);
  else boards_text(&found, &out, output_screen());
  int status = output_write(&out);
  text_free(&out);
  return !files || write_files(b, &found) ? status : EXIT_OUTPUT;
}

static void tell_end(const bench *b, const run_progress *at)
{
  if (b->asked->quiet) return;
  fprintf(stderr, "%lld run%s recorded in %s", (long long)at->done, at->done == 1 ? "" : "s", b->campaign.store);
  if (at->failed) fprintf(stderr, ", %lld of them failed", (long long)at->failed);
  if (at->there) fprintf(stderr, "; %lld stood there before", (long long)at->there);
  fputs("\n", stderr);
}

static int run(bench *b, int resume)
{
  campaign *c = &b->campaign;
  if (!(b->store = store_open(c->store, STORE_WRITE, c->of.store_place, b->problems))) return EXIT_OUTPUT;
  b->experiment = resume ? find_recorded(b) : store_experiment(b->store, c->key, c->of.name, own_path(b), c->settings);
  if (!b->experiment) return EXIT_OUTPUT;
  runner r = {.campaign = c, .store = b->store, .experiment = b->experiment, .tell = tell_progress, .argument = b};
  int good = runner_run(&r);
  const char *fault = c->cache ? cache_fault(c->cache, b->asked->arena) : NULL;
  if (fault) problem_warn(b->problems, NOWHERE, "%s", fault);
  progress_end(b->progress);
  if (r.at.done || good) tell_end(b, &r.at);
  if (atomic_load(&c->stop) && r.at.there + r.at.done < r.at.units && !b->asked->quiet)
    fprintf(stderr, "'tarazu experiment resume %s' goes on\n", c->of.path);
  int shown = good ? show_boards(b, 1) : EXIT_INTERNAL;
  return shown != EXIT_GOOD ? shown : r.status;
}

/* ---- show, check --------------------------------------------------------------------------------------------------
 */

static int show(bench *b)
{
  campaign *c = &b->campaign;
  progress_end(b->progress);
  if (!(b->store = store_open(c->store, STORE_READ, c->of.store_place, b->problems))) return EXIT_USAGE;
  if (!(b->experiment = find_recorded(b))) return EXIT_USAGE;
  return show_boards(b, 0);
}

static const char *plural(int64_t count)
{
  return count == 1 ? "" : "s";
}

/* ", 3 cut-offs"; nothing where there is one. */
static const char *times(const bench *b, uint32_t count, const char *word)
{
  return count > 1 ? arena_format(b->asked->arena, ", %u %ss", count, word) : "";
}

static int tell_variants(bench *b)
{
  const campaign *c = &b->campaign;
  text out = {0};
  progress_end(b->progress);
  if (b->asked->json) text_add(&out, "[");
  for (int64_t i = 0; i < c->variants.count; i++) {
    if (b->asked->json) {
      text_add(&out, i ? ",\n " : "\n ");
      text_add_json(&out, c->variants.items[i].label);
    } else {
      text_addf(&out, "%s\n", c->variants.items[i].label);
    }
  }
  if (b->asked->json) text_add(&out, "]\n");
  int status = output_write(&out);
  text_free(&out);
  if (!b->asked->quiet)
    fprintf(stderr, "%lld run%s of %lld variant%s%s%s%s\n", (long long)campaign_units(c), plural(campaign_units(c)),
            (long long)c->variants.count, plural(c->variants.count), times(b, c->of.company_count, "profile"),
            times(b, c->of.cut_count, "cut-off"), times(b, c->of.seed_count, "seed"));
  return status;
}

/* ---- the command --------------------------------------------------------------------------------------------------
 */

static campaign_options options_of(const bench *b)
{
  const invocation *asked = b->asked;
  return (campaign_options){.session = {.size = sizeof(tarazu_options),
                                        .threads = (uint32_t)asked->threads,
                                        .batch = asked->batch,
                                        .memory = asked->memory,
                                        .plugin_path = asked->plugins,
                                        .locked = (uint32_t)asked->locked,
                                        .settings = asked->settings.items},
                            .store = asked->store,
                            .jobs = asked->jobs,
                            .cache = asked->cache ? asked->cache : cache_folder_default(asked->arena),
                            .uncached = asked->no_cache,
                            .progress = progress_tell,
                            .argument = b->progress};
}

static int obey(bench *b, const char *verb, const char *file)
{
  campaign_options options = options_of(b);
  int opened = campaign_open(file, &options, b->asked->arena, b->problems, &b->campaign);
  signals_watch(&b->campaign.stop);
  if (!opened || !campaign_check(&b->campaign)) return EXIT_PROFILE;
  if (!strcmp(verb, "check")) return tell_variants(b);
  return !strcmp(verb, "show") ? show(b) : run(b, !strcmp(verb, "resume"));
}

static int experiment_command(invocation *asked)
{
  static const char *const verbs[] = {"run", "resume", "show", "check"};
  const char *verb = asked->operands.items[0], *file = asked->operands.items[1];
  int known = 0;
  for (size_t i = 0; i < 4; i++) known |= !strcmp(verb, verbs[i]);
  if (!known) {
    const char *nearest = text_nearest(verb, verbs, 4);
    if (nearest)
      return usage_fault(asked, "'%s' is none of run, resume, show and check; did you mean '%s'?", verb, nearest);
    return usage_fault(asked, "'%s' is none of run, resume, show and check", verb);
  }
  if (!file) return usage_fault(asked, "%s needs an experiment's file, such as experiment.yaml", verb);
  if (asked->cache && asked->no_cache) return usage_fault(asked, "--cache and --no-cache exclude each other");
  if (asked->json && asked->csv) return usage_fault(asked, "--json and --csv are two forms of one output");
  bench b = {.asked = asked, .problems = problems_new(), .progress = progress_start(asked->quiet)};
  int status = obey(&b, verb, file);
  signals_leave();
  progress_end(b.progress);
  text out = {0};
  problems_print(b.problems, &out, output_colour(STDERR_FILENO));
  if (problems_errors(b.problems) || !asked->quiet) fputs(text_string(&out), stderr);
  if (problems_errors(b.problems)) status = (int)problems_status(b.problems);
  text_free(&out);
  store_close(b.store);
  campaign_close(&b.campaign);
  progress_free(b.progress);
  problems_free(b.problems);
  return status;
}

static const option options[] = {
    {"jobs", OPTION_INTEGER, offsetof(invocation, jobs), "N", "runs at once, in place of the file's; one a processor",
     1, 256},
    OPTION_SET,
    OPTION_STORE("record in this run store, in place of the file's"),
    {"csv", OPTION_SWITCH, offsetof(invocation, csv), NULL, "the table as CSV", 0, 0},
    OPTION_JSON("the table as JSON"),
    OPTION_CACHE,
    {"no-cache", OPTION_SWITCH, offsetof(invocation, no_cache), NULL, "compute everything in every run anew", 0, 0},
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_BATCH,
    OPTION_LOCKED,
    OPTION_PLUGINS,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END};

const command command_experiment = {
    .name = "experiment",
    .operands = "run|resume|show|check FILE",
    .least_operands = 1,
    .most_operands = 2,
    .summary = "try many variants of a profile and tell which names the right customers",
    .details =
        "FILE says which profile is varied in which settings, and what tells the better variant, such as the revenue\n"
        "that its list brought in the months after a cut-off date:\n"
        "\n"
        "  tarazu_experiment: 1\n"
        "  profile: company/profile.yaml\n"
        "  vary:\n"
        "    combine: [weighted_sum, topsis]\n"
        "    criteria.margin.weight: {from: 1, to: 5}\n"
        "  outcomes: {revenue: {plugin: monetary}}\n"
        "  backtest: {cut_offs: [2025-01-01], horizon: 26 weeks}\n"
        "  measure: [{share_captured: revenue}]\n"
        "\n"
        "run checks every variant before anything runs, then runs those that the run store does not have yet, several "
        "at\n"
        "once, records each as soon as it is done, and shows the variants best first, each compared with the base "
        "on the\n"
        "same bootstrap samples, and which setting matters. Ctrl-C, or whatever else ends it, loses what was under way "
        "at\n"
        "most: the same command goes on. A variant that fails is recorded and shown as that; the others go on.\n"
        "resume goes on too, but not where the settings are others than those recorded.\n"
        "show makes the table again from the store.\n"
        "check tells all that is wrong with the file, its profiles and variants, and lists the variants.\n"
        "docs/experiments/file.md tells all that a file can say.\n"
        "\n"
        "examples\n"
        "  tarazu experiment check experiment.yaml\n"
        "  tarazu experiment run experiment.yaml --jobs 4\n"
        "  tarazu experiment run experiment.yaml --set key_customers.limit=20\n"
        "  tarazu experiment resume experiment.yaml\n"
        "  tarazu experiment show experiment.yaml --csv >results.csv",
    .options = options,
    .act = experiment_command,
};
