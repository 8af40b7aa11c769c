/* tarazu run: a profile's whole pipeline, its outputs written all or none. */
#include "cli/session.h"
#include "config/yaml.h"
#include "experiment/record.h"
#include "run/session.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *text_of(const node *item, const char *key)
{
  const node *value = node_get(item, key);
  return value && value->kind == NODE_SCALAR ? value->text : NULL;
}

static void tell_list(const node *list)
{
  for (uint32_t i = 0; list && list->kind == NODE_LIST && i < list->count; i++) {
    const node *item = list->items[i];
    const char *to = text_of(item, "to"), *why = text_of(item, "not_saved");
    if (to && strcmp(to, "-") != 0) fprintf(stderr, "wrote %s\n", to);
    if (why) fprintf(stderr, "no model of %s: '%s' %s\n", text_of(item, "name"), text_of(item, "plugin"), why);
  }
}

/* Lines "wrote out/scores.csv", from the manifest's own account. JSON is YAML, so the profiles' reader reads it. */
static void tell_outputs(const invocation *asked, const char *manifest)
{
  problems *unread = problems_new();
  const node *root = yaml_parse("manifest", manifest, strlen(manifest), asked->arena, unread);
  tell_list(node_get(root, "outputs"));
  tell_list(node_get(root, "saved_models"));
  problems_free(unread);
}

/* With --json, standard output is the manifest's alone: a table meant for the screen goes to standard error. */
static void tell_record(tarazu_session *session)
{
  place unread;
  int64_t number = *session_recorded(session);
  if (number) fprintf(stderr, "recorded run %lld in %s\n", (long long)number, session_store(session, &unread));
}

static int publish_all(tarazu_session *session)
{
  return tarazu_publish(session);
}

static int publish_aside(tarazu_session *session)
{
  fflush(stdout);
  int kept = dup(STDOUT_FILENO);
  if (kept < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return TARAZU_FAULT_OUTPUT;
  int status = tarazu_publish(session);
  fflush(stdout);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  return status;
}

static int run(invocation *asked)
{
  sitting at;
  int written = EXIT_GOOD;
  if (sitting_start(&at, asked) && sitting_step(&at, record_check) && sitting_step(&at, tarazu_run)) {
    progress_end(at.progress); /* a table may now come on the screen */
    if (sitting_step(&at, asked->json ? publish_aside : publish_all)) {
      const char *manifest = tarazu_manifest(at.session);
      if (!asked->quiet) {
        tell_outputs(asked, manifest);
        tell_record(at.session);
      }
      if (asked->json) {
        text out = {0};
        text_add(&out, manifest);
        written = output_write(&out);
        text_free(&out);
      }
    }
  }
  int status = sitting_end(&at, asked);
  return status != EXIT_GOOD ? status : written;
}

static const option options[] = {
    OPTION_SET,         OPTION_THREADS,
    OPTION_MEMORY,      OPTION_BATCH,
    OPTION_SAVE_MODELS, OPTION_STORE("record the run in this store, in place of the profile's `store:`"),
    OPTION_CACHE,       OPTION_PLUGINS,
    OPTION_LOCKED,      OPTION_JSON("the run's manifest on standard output"),
    OPTION_QUIET,       OPTION_HELP,
    OPTION_END};

const command command_run = {
    .name = "run",
    .operands = "PROFILE",
    .least_operands = 1,
    .most_operands = 1,
    .summary = "find the key customers and write every output of a profile",
    .details =
        "Reads the data that a profile names, scores and ranks every customer, selects the key customers with a "
        "reason\n"
        "each, and writes every output, all of them or none, with a manifest that says exactly what ran on what.\n"
        "Ctrl-C leaves no half output; a second one ends the program at once.\n"
        "\n"
        "examples\n"
        "  tarazu run company/profile.yaml\n"
        "  tarazu run company/profile.yaml --set key_customers.limit=20 --set dimensions.financial=0.5\n"
        "  tarazu run company/profile.yaml --quiet --json >manifest.json\n"
        "  tarazu run company/profile.yaml --locked\n"
        "  tarazu run company/profile.yaml --set as_of=2025-01-01 --save-models company/models\n"
        "  tarazu run company/profile.yaml --store company/tarazu.db\n"
        "  tarazu run company/profile.yaml --set criteria.habit.model=company/models/habit.model",
    .options = options,
    .act = run,
};
