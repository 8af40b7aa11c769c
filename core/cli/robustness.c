/* tarazu robustness: how much of a list hangs on one customer, one weight, one parameter, one method. */
#include "run/robustness.h"
#include "cli/session.h"
#include <string.h>

static const struct {
  const char *name;
  unsigned bit;
} parts[] = {{"reversal", ROBUST_REVERSAL},
             {"weights", ROBUST_WEIGHTS},
             {"parameters", ROBUST_PARAMETERS},
             {"methods", ROBUST_METHODS}};
enum { PARTS = sizeof parts / sizeof *parts, USUAL_SAMPLE = 20, USUAL_RUNS = 20 };

/* The parts that are asked for, all where none is; 0: a name that is none, in *unknown. */
static unsigned parts_of(const invocation *asked, const char **unknown)
{
  unsigned bits = 0;
  for (uint32_t i = 0; i < asked->parts.count; i++) {
    unsigned bit = 0;
    for (int k = 0; k < PARTS; k++)
      if (!strcmp(asked->parts.items[i], parts[k].name)) bit = parts[k].bit;
    if (!bit) *unknown = asked->parts.items[i];
    bits |= bit;
  }
  return *unknown ? 0 : bits ? bits : ROBUST_ALL;
}

static int bad_part(const invocation *asked, const char *name)
{
  const char *names[PARTS];
  for (int k = 0; k < PARTS; k++) names[k] = parts[k].name;
  const char *nearest = text_nearest(name, names, PARTS);
  if (nearest) return usage_fault(asked, "--only is '%s'; did you mean '%s'?", name, nearest);
  return usage_fault(asked, "--only is '%s'; expected one of reversal, weights, parameters, methods", name);
}

static int study(sitting *at, invocation *asked, unsigned bits)
{
  text out = {0};
  int written = EXIT_GOOD;
  tarazu_options options = sitting_options(at, asked);
  robustness r = {.profile = asked->operands.items[0],
                  .options = &options,
                  .session = at->session,
                  .parts = bits,
                  .sample = asked->sample,
                  .most_runs = asked->runs,
                  .methods = asked->methods.items,
                  .arena = asked->arena};
  if (robustness_find(&r)) {
    progress_end(at->progress);
    if (asked->json) robustness_json(&r, &out);
    else robustness_text(&r, &out, output_screen());
    written = output_write(&out);
  } else {
    at->status = (int)problems_status(session_problems(at->session));
  }
  text_free(&out);
  return written;
}

static int robust(invocation *asked)
{
  sitting at;
  const char *unknown = NULL;
  int written = EXIT_GOOD;
  unsigned bits = parts_of(asked, &unknown);
  if (!bits) return bad_part(asked, unknown);
  if (asked->sample < 0) asked->sample = USUAL_SAMPLE;
  if (asked->runs < 0) asked->runs = USUAL_RUNS;
  if (sitting_start(&at, asked) && sitting_step(&at, tarazu_run)) written = study(&at, asked, bits);
  int status = sitting_end(&at, asked);
  return status != EXIT_GOOD ? status : written;
}

static const option options[] = {
    {"only", OPTION_STRINGS, offsetof(invocation, parts), "PART",
     "reversal, weights, parameters or methods; as often as needed", 0, 0},
    {"method", OPTION_STRINGS, offsetof(invocation, methods), "COMBINER",
     "a combiner to be compared, in place of every one installed; as often as needed", 0, 0},
    {"sample", OPTION_INTEGER, offsetof(invocation, sample), "N",
     "customers to be dropped and doubled besides the leader and 50 members; 20", 0, 100000},
    {"runs", OPTION_INTEGER, offsetof(invocation, runs), "N", "whole runs to be made for parameters at most; 20", 0,
     100000},
    OPTION_SET,
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_BATCH,
    OPTION_LOCKED,
    OPTION_PLUGINS,
    OPTION_JSON("what was found as JSON"),
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END};

const command command_robustness = {
    .name = "robustness",
    .operands = "PROFILE",
    .least_operands = 1,
    .most_operands = 1,
    .summary = "tell how much of a list hangs on one customer, weight, parameter or method",
    .details =
        "Runs a profile, varies it, and counts what changes: rank reversal when one customer goes or comes twice; how "
        "far\n"
        "each weight can move before the list is another; a tenth less and more of each numeric parameter; every "
        "installed\n"
        "combiner on the same criteria and weights. Writes no output. The criteria are measured once and combined "
        "anew, but\n"
        "for parameters of scorers, which take a whole run each.\n"
        "\n"
        "examples\n"
        "  tarazu robustness company/profile.yaml\n"
        "  tarazu robustness company/profile.yaml --only weights --only reversal --sample 100\n"
        "  tarazu robustness company/profile.yaml --only methods --method topsis --method promethee --json",
    .options = options,
    .act = robust,
};
