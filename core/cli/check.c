/* tarazu check: everything that can be known of a profile without its data. */
#include "cli/session.h"
#include <stdio.h>

static int check(invocation *asked)
{
  sitting at;
  if (sitting_start(&at, asked)) sitting_step(&at, tarazu_check);
  int written = EXIT_GOOD;
  if (asked->json && at.session) {
    text out = {0};
    text_addf(&out, "%s\n", tarazu_problems(at.session, 1, 0));
    progress_end(at.progress);
    written = output_write(&out);
    text_free(&out);
    asked->quiet = 1;
  } else if (!asked->quiet && at.status == EXIT_GOOD) {
    text out = {0};
    text_addf(&out, "%s: good\n", asked->operands.items[0]);
    progress_end(at.progress);
    written = output_write(&out);
    text_free(&out);
  }
  int status = sitting_end(&at, asked);
  return status != EXIT_GOOD ? status : written;
}

static const option options[] = {
    OPTION_SET,   OPTION_PLUGINS, OPTION_LOCKED, OPTION_JSON("what is wrong as a JSON array on standard output"),
    OPTION_QUIET, OPTION_HELP,    OPTION_END};

const command command_check = {
    .name = "check",
    .operands = "PROFILE",
    .least_operands = 1,
    .most_operands = 1,
    .summary = "tell everything that is wrong with a profile, without reading its data",
    .details =
        "Reads a profile with all that it extends, and checks keys, types, ranges, bindings, cycles and plugins.\n"
        "Every fault is told with its place, what was expected and the nearest name; status 3 where there is one.\n"
        "\n"
        "examples\n"
        "  tarazu check company/profile.yaml\n"
        "  tarazu check company/profile.yaml --set combine.plugin=topsis\n"
        "  tarazu check company/profile.yaml --json",
    .options = options,
    .act = check,
};
