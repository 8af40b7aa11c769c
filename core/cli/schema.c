/* tarazu schema: the JSON Schema of profiles or experiments, made from the declarations of the plugins that are found.
 */
#include "experiment/schema.h"
#include "catalog/describe.h"
#include "cli/command.h"

static int schema(invocation *asked)
{
  text out = {0};
  catalog *found = command_catalog(asked);
  if (asked->experiment) experiment_schema(found, &out);
  else describe_schema(found, &out);
  int status = output_write(&out);
  text_free(&out);
  catalog_free(found);
  return status;
}

static const option options[] = {{"experiment", OPTION_SWITCH, offsetof(invocation, experiment), NULL,
                                  "of experiments' files, in place of profiles", 0, 0},
                                 OPTION_PLUGINS,
                                 OPTION_HELP,
                                 OPTION_END};

const command command_schema = {
    .name = "schema",
    .operands = "",
    .summary = "print the JSON Schema of profiles or experiments, for editors",
    .details =
        "Prints the JSON Schema (draft 2020-12) of profiles, with the parameters of every strategy that is found, so "
        "that\n"
        "an editor completes and checks a profile while it is written; with --experiment that of experiments' files,\n"
        "with every measure. Editors that use the YAML language server take it from a file's first line:\n"
        "  # yaml-language-server: $schema=tarazu.schema.json\n"
        "\n"
        "examples\n"
        "  tarazu schema >tarazu.schema.json\n"
        "  tarazu schema --experiment >experiment.schema.json",
    .options = options,
    .act = schema,
};
