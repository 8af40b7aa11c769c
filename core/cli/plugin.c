/* tarazu plugin: which strategies there are, and what each takes and gives, from their declarations alone. */
#include "catalog/describe.h"
#include "cli/command.h"
#include "cli/plugin_lock.h"
#include "cli/plugin_new.h"
#include "conform/conform.h"
#include <string.h>
#include <unistd.h>

static int list(const invocation *asked, catalog *found)
{
  text out = {0};
  if (asked->json) describe_list_json(found, &out);
  else describe_list(found, &out, output_colour(STDOUT_FILENO));
  int status = output_write(&out);
  text_free(&out);
  return status;
}

static int info_unknown(const invocation *asked, const char *name, const tarazu_strategy *const *strategies,
                        uint32_t count)
{
  const char **names = arena_array(asked->arena, count + 1, sizeof *names);
  for (uint32_t i = 0; i < count; i++) names[i] = strategies[i]->id;
  const char *slash = strchr(name, '/'), *nearest = text_nearest(slash ? slash + 1 : name, names, count);
  if (nearest) return usage_fault(asked, "no strategy is called '%s'; did you mean '%s'?", name, nearest);
  return usage_fault(asked, "no strategy is called '%s'; 'tarazu plugin list' shows all", name);
}

/* Whether a strategy is meant by "topsis" or "combiner/topsis". */
static int is_meant(const tarazu_strategy *strategy, const char *name)
{
  const char *slash = strchr(name, '/');
  if (!slash) return strcmp(strategy->id, name) == 0;
  const char *role = role_name(strategy->role);
  return strlen(role) == (size_t)(slash - name) && strncmp(role, name, (size_t)(slash - name)) == 0 &&
         strcmp(strategy->id, slash + 1) == 0;
}

/* One name may stand for several strategies, of different roles: all are told. */
static int info(const invocation *asked, catalog *found, const char *name)
{
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  uint32_t count = catalog_strategies(found, &strategies, &files), told = 0;
  text out = {0};
  if (asked->json) text_add(&out, "[");
  for (uint32_t i = 0; i < count; i++) {
    if (!is_meant(strategies[i], name)) continue;
    if (told++) text_add(&out, asked->json ? "," : "\n");
    if (asked->json) describe_strategy_json(strategies[i], files[i], &out);
    else describe_strategy(strategies[i], files[i], &out, output_colour(STDOUT_FILENO));
  }
  if (asked->json) text_add(&out, "]\n");
  int status = told ? output_write(&out) : info_unknown(asked, name, strategies, count);
  text_free(&out);
  return status;
}

/* What a file does is tried in processes of its own, wherever it lies. */
static int check(const invocation *asked, const char *file)
{
  conform_request request = {
      .file = file, .only = asked->only, .params = asked->params, .seed = asked->seed ? (uint64_t)asked->seed : 1};
  conform_report report;
  text out = {0};
  if (access(file, R_OK) != 0) return usage_fault(asked, "the file '%s' cannot be read", file);
  conform_check(&request, asked->arena, &report);
  if (report.unknown_test)
    return usage_fault(asked, "'%s' has no test '%s'; without --only all are listed", file, asked->only);
  if (asked->json) conform_print_json(&report, &out);
  else conform_print(&report, &out);
  int status = output_write(&out);
  text_free(&out);
  return status ? status : report.failed ? EXIT_PLUGIN : EXIT_GOOD;
}

static int plugin(invocation *asked)
{
  const char *verb = asked->operands.items[0], *name = asked->operands.items[1];
  int is_check = strcmp(verb, "check") == 0, is_new = strcmp(verb, "new") == 0, is_list = strcmp(verb, "list") == 0,
      is_lock = strcmp(verb, "lock") == 0;
  if (!is_check && (asked->only || asked->params || asked->seed))
    return usage_fault(asked, "--only, --params and --seed are of check");
  if (!is_new && (asked->role || asked->language)) return usage_fault(asked, "--role and --lang are of new");
  if (!is_lock && asked->settings.count) return usage_fault(asked, "--set is of lock");
  if (is_new) return plugin_new(asked);
  if (is_lock && !name) return usage_fault(asked, "lock needs a profile, such as company/profile.yaml");
  if (is_lock) return plugin_lock(asked, name);
  if (is_check && !name) return usage_fault(asked, "check needs a file, such as build/scorer.so");
  if (is_check) return check(asked, name);
  if (!is_list && strcmp(verb, "info") != 0)
    return usage_fault(asked, "'%s' is none of list, info, check, lock and new", verb);
  if (is_list && name) return usage_fault(asked, "list takes no name; did you mean 'info %s'?", name);
  if (!is_list && !name) return usage_fault(asked, "info needs a name; 'tarazu plugin list' shows all");
  catalog *found = command_catalog(asked);
  int status = is_list ? list(asked, found) : info(asked, found, name);
  catalog_free(found);
  return status;
}

static const option options[] = {
    OPTION_PLUGINS,
    {"only", OPTION_STRING, offsetof(invocation, only), "TEST", "check: TEST, ID, ID/TEST or ROLE/ID/TEST", 0, 0},
    {"params", OPTION_STRING, offsetof(invocation, params), "MAP", "check: parameters as a profile writes them", 0, 0},
    {"seed", OPTION_INTEGER, offsetof(invocation, seed), "N", "check: other made-up data", 1, INT64_MAX},
    {"role", OPTION_STRING, offsetof(invocation, role), "ROLE", "new: what the plugin is to be, such as scorer", 0, 0},
    {"lang", OPTION_STRING, offsetof(invocation, language), "LANGUAGE", "new: c or c++; c", 0, 0},
    {"set", OPTION_STRINGS, offsetof(invocation, settings), "KEY=VALUE",
     "lock: change a setting of the profile; as often as needed", 0, 0},
    OPTION_JSON("the same as JSON"),
    OPTION_HELP,
    OPTION_END};

const command command_plugin = {
    .name = "plugin",
    .operands = "list|info|check|lock|new [NAME|FILE]",
    .least_operands = 1,
    .most_operands = 2,
    .summary = "list the strategies, tell of one, check, lock or begin plugins",
    .details =
        "list shows every strategy that a profile can name, by role, and every file that cannot be used, with the "
        "reason.\n"
        "info tells a strategy's parameters with their defaults and ranges, its inputs and its outputs. NAME is a\n"
        "strategy's, or ROLE/NAME where several roles have one of that name.\n"
        "check tries whether the plugin FILE keeps what the ABI asks of it, in processes of its own, on data made up\n"
        "from its declared inputs; what fails is told with the smallest data found and the command that tries it "
        "again.\n"
        "lock writes the exact plugins of the profile or experiment FILE, with their hashes, to a file beside it\n"
        "(profile.lock), and tells what has changed; 'run --locked' runs no others. docs/plugins/trust.md tells what "
        "it is good for.\n"
        "new makes a folder NAME with a plugin that works: its source, a Makefile, a test, a README. 'make test' in "
        "it\n"
        "builds the plugin against the installed tarazu and tries it; then it is yours to change. ROLE is one of "
        "scorer,\n"
        "normalizer, weigher, combiner, segmenter, source and sink. docs/plugins/tutorial.md goes on from there.\n"
        "\n"
        "Plugins are looked for in the folders that --plugins names, else in those of TARAZU_PLUGIN_PATH, else beside "
        "the\n"
        "program (plugins/, ../lib/tarazu/plugins/).\n"
        "\n"
        "examples\n"
        "  tarazu plugin list\n"
        "  tarazu plugin info rfm\n"
        "  tarazu plugin info combiner/topsis --json\n"
        "  tarazu plugin check build/scorer.so --seed 7\n"
        "  tarazu plugin lock company/profile.yaml\n"
        "  tarazu plugin new delight --role scorer\n"
        "  tarazu plugin new delight --role scorer --lang c++",
    .options = options,
    .act = plugin,
};
