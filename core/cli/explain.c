/* tarazu explain: why one customer stands where she stands. */
#include "cli/session.h"

static int explain(invocation *asked)
{
  sitting at;
  const char *reasons = NULL;
  text out = {0};
  if (sitting_start(&at, asked) && sitting_step(&at, tarazu_run)) {
    at.status = tarazu_explain_customer(at.session, asked->operands.items[1], asked->json, &reasons);
    if (at.status == TARAZU_GOOD) text_add(&out, reasons);
  }
  if (out.length && out.bytes[out.length - 1] != '\n') text_add(&out, "\n");
  int status = sitting_end(&at, asked);
  int written = out.length ? output_write(&out) : EXIT_GOOD;
  text_free(&out);
  return status != EXIT_GOOD ? status : written;
}

static const option options[] = {OPTION_SET,   OPTION_THREADS, OPTION_MEMORY, OPTION_BATCH,
                                 OPTION_CACHE, OPTION_PLUGINS, OPTION_LOCKED, OPTION_JSON("the reasons as JSON"),
                                 OPTION_QUIET, OPTION_HELP,    OPTION_END};

const command command_explain = {
    .name = "explain",
    .operands = "PROFILE CUSTOMER",
    .least_operands = 2,
    .most_operands = 2,
    .summary = "say why one customer stands where she stands",
    .details =
        "Runs a profile and shows one customer's criteria, raw and normalized, what each contributes to her "
        "score, and\n"
        "what kept her among the key customers or out of them; and the smallest changes of one value, of two, of "
        "one weight\n"
        "that would bring her onto the list or take her off it. Writes no output. CUSTOMER is her key in the "
        "data; a key\n"
        "that begins with a dash goes behind '--'.\n"
        "\n"
        "examples\n"
        "  tarazu explain company/profile.yaml 1042\n"
        "  tarazu explain company/profile.yaml 1042 --json\n"
        "  tarazu explain company/profile.yaml -- -17",
    .options = options,
    .act = explain,
};
