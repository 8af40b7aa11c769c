/* tarazu runs: what a run store holds, listed, shown, compared, ranked by a measure and exported. */
#include "experiment/runs.h"
#include "base/file.h"
#include "base/grid.h"
#include "cli/recorded.h"
#include "experiment/differences.h"
#include "experiment/recalled.h"
#include <stdio.h>
#include <string.h>

static int write_out(text *out)
{
  int status = output_write(out);
  text_free(out);
  return status;
}

/* ---- list, show, best ------------------------------------------------------------------------------------------ */

static int list(reading *r)
{
  store_run *runs;
  uint32_t count;
  text out = {0};
  if (!reading_runs(r, &runs, &count)) return EXIT_USAGE;
  if (r->asked->json) runs_list_json(runs, count, &out);
  else if (count) runs_list_text(runs, count, r->asked->arena, &out, output_screen());
  else text_addf(&out, "'%s' has no run yet\n", store_path(r->store));
  return write_out(&out);
}

static int show(reading *r)
{
  store_run run;
  text out = {0};
  if (!reading_run(r, r->asked->operands.items[1], &run)) return EXIT_USAGE;
  int good = r->asked->json ? runs_show_json(r->store, &run, r->asked->arena, &out)
                            : runs_show_text(r->store, &run, r->asked->arena, &out, output_screen());
  if (good) return write_out(&out);
  text_free(&out);
  return EXIT_DATA;
}

static void keep_variants(store_run *runs, uint32_t *count)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < *count; i++)
    if (runs[i].experiment) runs[kept++] = runs[i];
  *count = kept;
}

static int best(reading *r)
{
  store_run *runs;
  uint32_t count;
  best_list found;
  text out = {0};
  r->filter.good = 1;
  if (!reading_runs(r, &runs, &count)) return EXIT_USAGE;
  keep_variants(runs, &count);
  if (!runs_best(r->store, runs, count, r->asked->by, r->asked->arena, &found)) return EXIT_DATA;
  if (!found.measure_count) {
    problem_add(r->problems, EXIT_USAGE, NOWHERE,
                "'%s' has no variant with measures; `tarazu experiment run` makes them", store_path(r->store));
    return EXIT_USAGE;
  }
  if (!found.measure) {
    problem_add(r->problems, EXIT_USAGE, NOWHERE, "--by '%s' names no one measure of these runs; they have %s%s%s",
                r->asked->by, found.measures[0], found.measure_count > 1 ? ", " : "",
                found.measure_count > 1 ? found.measures[1] : "");
    problem_nearest(r->problems, r->asked->by, found.measures, found.measure_count);
    return EXIT_USAGE;
  }
  if (r->asked->json) runs_best_json(&found, &out);
  else runs_best_text(&found, r->asked->arena, &out, output_screen());
  return write_out(&out);
}

/* ---- diff ------------------------------------------------------------------------------------------------------ */

static void tell_settings(const setting_difference *all, uint32_t count, const char *const names[2], arena *home,
                          text *out)
{
  grid g = grid_new(home, 3, 0);
  if (!count) return;
  grid_cell(&g, "setting");
  for (int k = 0; k < 2; k++) grid_cell(&g, names[k]);
  for (uint32_t i = 0; i < count; i++) {
    grid_cell(&g, all[i].key);
    for (int k = 0; k < 2; k++) grid_cell(&g, all[i].at[k] ? all[i].at[k] : "-");
  }
  text_add(out, "\n");
  grid_print(&g, out, output_screen());
}

static void tell_settings_json(const setting_difference *all, uint32_t count, text *out)
{
  text_add(out, "[");
  for (uint32_t i = 0; i < count; i++) {
    text_add(out, i ? ",\n  {\"key\": " : "\n  {\"key\": ");
    text_add_json(out, all[i].key);
    text_addf(out, ", \"a\": %s", all[i].at[0] ? all[i].at[0] : "null");
    text_addf(out, ", \"b\": %s}", all[i].at[1] ? all[i].at[1] : "null");
  }
  text_add(out, "]");
}

static int tell_difference(reading *r, const store_run runs[2], const comparison *c)
{
  arena *home = r->asked->arena;
  setting_difference *differing;
  uint32_t count;
  text out = {0};
  const char *settings[2];
  for (int k = 0; k < 2; k++) settings[k] = store_settings(r->store, runs[k].id, home);
  settings_differences(settings, 0, home, &differing, &count);
  if (r->asked->json) {
    text_addf(&out, "{\"a\": %lld, \"b\": %lld, \"settings\": ", (long long)runs[0].id, (long long)runs[1].id);
    tell_settings_json(differing, count, &out);
    text_add(&out, ",\n\"comparison\": ");
    comparison_json(c, &out);
    text_add(&out, "}\n");
  } else {
    comparison_text(c, &out, output_screen());
    tell_settings(differing, count, c->names, home, &out);
  }
  return write_out(&out);
}

static int diff(reading *r)
{
  arena *home = r->asked->arena;
  store_run runs[2];
  recalled sides[2] = {{.names = NULL}, {.names = NULL}};
  int status = EXIT_USAGE;
  for (int k = 0; k < 2; k++)
    if (!reading_run(r, r->asked->operands.items[k + 1], &runs[k])) return EXIT_USAGE;
  comparison c = {
      .sides = {&sides[0].ranking, &sides[1].ranking},
      .names = {arena_format(home, "%lld", (long long)runs[0].id), arena_format(home, "%lld", (long long)runs[1].id)},
      .asked = r->asked->asked.items,
      .arena = home,
      .problems = r->problems};
  int good = recall(r->store, &runs[0], home, r->problems, &sides[0]) &&
             recall(r->store, &runs[1], home, r->problems, &sides[1]);
  if (good) {
    recall_sameness(r->store, &runs[0], &runs[1], &c.settings, &c.data);
    if (comparison_make(&c)) status = tell_difference(r, runs, &c);
  }
  recalled_free(&sides[0]);
  recalled_free(&sides[1]);
  return status;
}

/* ---- export ---------------------------------------------------------------------------------------------------- */

static int write_file(reading *r, const char *path, text *out)
{
  if (strcmp(path, "-") == 0) return write_out(out);
  int number = file_write(path, text_string(out), out->length);
  text_free(out);
  if (number) problem_add(r->problems, EXIT_OUTPUT, NOWHERE, "cannot write '%s': %s", path, strerror(number));
  else if (!r->asked->quiet) fprintf(stderr, "wrote %s\n", path);
  return EXIT_GOOD;
}

static int is_csv(const char *path)
{
  size_t length = strlen(path);
  return strcmp(path, "-") == 0 || (length > 4 && strcmp(path + length - 4, ".csv") == 0);
}

static int export_run(reading *r)
{
  store_run run;
  text out = {0};
  if (!reading_run(r, r->asked->operands.items[1], &run)) return EXIT_USAGE;
  if (runs_export_run(r->store, &run, r->asked->arena, &out)) return write_file(r, r->asked->operands.items[2], &out);
  text_free(&out);
  return EXIT_DATA;
}

static int export_all(reading *r)
{
  store_run *runs;
  uint32_t count;
  text out = {0};
  if (!reading_runs(r, &runs, &count)) return EXIT_USAGE;
  if (runs_export(r->store, runs, count, r->asked->arena, &out))
    return write_file(r, r->asked->operands.items[1], &out);
  text_free(&out);
  return EXIT_DATA;
}

static int export(reading *r)
{
  return r->asked->operands.count == 3 ? export_run(r) : export_all(r);
}

/* ---- the command ----------------------------------------------------------------------------------------------- */

static const struct verb {
  const char *name, *operands;
  uint32_t least, most; /* operands behind it */
  int (*act)(reading *reading);
} verbs[] = {{"list", "", 0, 0, list},
             {"show", "RUN", 1, 1, show},
             {"diff", "RUN RUN", 2, 2, diff},
             {"best", "", 0, 0, best},
             {"export", "[RUN] FILE.csv", 1, 2, export}};
enum { VERBS = sizeof verbs / sizeof *verbs };

/* 1, or 0 with a message. */
static int understood(const invocation *asked, const struct verb *verb)
{
  uint32_t given = asked->operands.count - 1;
  const char *file = asked->operands.items[asked->operands.count - 1];
  int is_export = verb->act == export;
  if (given < verb->least || given > verb->most)
    usage_fault(asked, "%s takes %s%s%s", verb->name, verb->most ? "" : "nothing", verb->operands,
                given < verb->least ? "" : ", and no more");
  else if (asked->by && verb->act != best) usage_fault(asked, "--by is of best");
  else if (asked->asked.count && verb->act != diff) usage_fault(asked, "--customer is of diff");
  else if (asked->json && is_export) usage_fault(asked, "export writes CSV; show --json and list --json give JSON");
  else if (is_export && !is_csv(file))
    usage_fault(asked, "export writes CSV: expected a file such as runs.csv, or '-', not '%s'", file);
  else return 1;
  return 0;
}

static int runs(invocation *asked)
{
  const char *name = asked->operands.items[0], *names[VERBS];
  const struct verb *verb = NULL;
  reading r;
  for (int i = 0; i < VERBS; i++) {
    names[i] = verbs[i].name;
    if (strcmp(name, verbs[i].name) == 0) verb = &verbs[i];
  }
  if (!verb) {
    const char *nearest = text_nearest(name, names, VERBS);
    return usage_fault(asked, "'%s' is none of list, show, diff, best and export%s%s%s", name,
                       nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
  }
  if (!understood(asked, verb)) return EXIT_USAGE;
  int status = reading_start(&r, asked) ? verb->act(&r) : EXIT_USAGE;
  return reading_end(&r, status);
}

static const option options[] = {
    OPTION_STORE("the run store; tarazu.db in the current folder"),
    OPTION_PROFILE,
    {"in", OPTION_STRING, offsetof(invocation, in), "EXPERIMENT", "only runs of this experiment", 0, 0},
    OPTION_LATEST,
    {"by", OPTION_STRING, offsetof(invocation, by), "MEASURE", "best: the measure, such as share_captured", 0, 0},
    {"customer", OPTION_STRINGS, offsetof(invocation, asked), "KEY", "diff: tell this customer's move too", 0, 0},
    OPTION_JSON("the same as JSON"),
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END};

const command command_runs = {
    .name = "runs",
    .operands = "list|show|diff|best|export [RUN…] [FILE]",
    .least_operands = 1,
    .most_operands = 3,
    .summary = "list, show, compare, rank and export the runs of a store",
    .details =
        "Reads the run store that `store: FILE` in a profile, `tarazu run PROFILE --store FILE` or an experiment "
        "wrote.\n"
        "RUN is a number as list tells it, or latest.\n"
        "\n"
        "list      every run and variant, oldest first, a line each\n"
        "show      what ran on what: criteria, weights, measures, and the list with its reasons; --json: all of it\n"
        "diff      which settings of two runs differ, who entered and left the list, how far the rankings agree\n"
        "best      the variants of experiments by a measure, best first\n"
        "export    all runs with their measures as CSV; with RUN that run's customers\n"
        "\n"
        "examples\n"
        "  tarazu runs list\n"
        "  tarazu runs list --profile wholesale.yaml --latest 10\n"
        "  tarazu runs show latest --store company/tarazu.db\n"
        "  tarazu runs diff 16 17\n"
        "  tarazu runs best --by share_captured --in cdnow_lifetime_value\n"
        "  tarazu runs export runs.csv\n"
        "  tarazu runs export 17 list.csv",
    .options = options,
    .act = runs,
};
