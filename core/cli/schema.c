/* tarazu schema: the JSON Schema of profiles, made from the declarations of the plugins that are found. */
#include "catalog/describe.h"
#include "cli/command.h"

static int schema(invocation *asked)
{
  text out = {0};
  catalog *found = command_catalog(asked);
  describe_schema(found, &out);
  int status = output_write(&out);
  text_free(&out);
  catalog_free(found);
  return status;
}

static const option options[] = {OPTION_PLUGINS, OPTION_HELP, OPTION_END};

const command command_schema = {
    .name = "schema",
    .operands = "",
    .summary = "print the JSON Schema of profiles, for editors",
    .details =
        "Prints the JSON Schema (draft 2020-12) of profiles, with the parameters of every strategy that is found, so "
        "that\n"
        "an editor completes and checks a profile while it is written. Editors that use the YAML language server take\n"
        "it from a profile's first line:\n"
        "  # yaml-language-server: $schema=tarazu.schema.json\n"
        "\n"
        "example\n"
        "  tarazu schema >tarazu.schema.json",
    .options = options,
    .act = schema,
};
