/* tarazu plugin: which strategies there are, and what each takes and gives, from their declarations alone. */
#include "catalog/describe.h"
#include "cli/command.h"
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

static int plugin(invocation *asked)
{
  const char *verb = asked->operands.items[0], *name = asked->operands.items[1];
  int is_list = strcmp(verb, "list") == 0;
  if (!is_list && strcmp(verb, "info") != 0) return usage_fault(asked, "'%s' is neither list nor info", verb);
  if (is_list && name) return usage_fault(asked, "list takes no name; did you mean 'info %s'?", name);
  if (!is_list && !name) return usage_fault(asked, "info needs a name; 'tarazu plugin list' shows all");
  catalog *found = command_catalog(asked);
  int status = is_list ? list(asked, found) : info(asked, found, name);
  catalog_free(found);
  return status;
}

static const option options[] = {OPTION_PLUGINS, OPTION_JSON("the same as JSON"), OPTION_HELP, OPTION_END};

const command command_plugin = {
    .name = "plugin",
    .operands = "list|info [NAME]",
    .least_operands = 1,
    .most_operands = 2,
    .summary = "list the strategies, or tell what one takes and gives",
    .details =
        "list shows every strategy that a profile can name, by role, and every file that cannot be used, with the "
        "reason.\n"
        "info tells a strategy's parameters with their defaults and ranges, its inputs and its outputs. NAME is a\n"
        "strategy's, or ROLE/NAME where several roles have one of that name.\n"
        "\n"
        "Plugins are looked for in the folders that --plugins names, else in those of TARAZU_PLUGIN_PATH, else beside "
        "the\n"
        "program (plugins/, ../lib/tarazu/plugins/).\n"
        "\n"
        "examples\n"
        "  tarazu plugin list\n"
        "  tarazu plugin info rfm\n"
        "  tarazu plugin info combiner/topsis --json",
    .options = options,
    .act = plugin,
};
