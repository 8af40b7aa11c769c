/* tarazu history: one customer's rank and score through the runs of a store, and what each move was due to. */
#include "experiment/history.h"
#include "cli/recorded.h"

enum { MOST_NAMES = 200000 };

/* Nobody of the filter's runs knows her: perhaps others do, or somebody of a name near hers is known. */
static void tell_unknown(reading *r, const char *customer)
{
  arena *home = r->asked->arena;
  store_run *runs;
  uint32_t count, known = 0;
  const char *const *keys;
  if (!reading_runs(r, &runs, &count)) return;
  if (!count) {
    problem_add(r->problems, EXIT_USAGE, NOWHERE, "'%s' has no run yet", store_path(r->store));
    return;
  }
  if (!store_runs(r->store, &(store_filter){.customer = customer, .latest = 1}, home, &runs, &known)) return;
  if (known && runs->experiment)
    problem_add(
        r->problems, EXIT_USAGE, NOWHERE,
        "customer '%s' is on lists of experiments alone, such as '%s', and of these no history is kept; expected "
        "runs of a profile, 'tarazu run PROFILE --store %s'",
        customer, runs->experiment_name, store_path(r->store));
  else if (known)
    problem_add(r->problems, EXIT_USAGE, NOWHERE, "customer '%s' is in other runs, such as %lld, but in none of these",
                customer, (long long)runs->id);
  if (known || !store_customers(r->store, MOST_NAMES, home, &keys, &count)) return;
  problem_add(r->problems, EXIT_USAGE, NOWHERE, "no run in '%s' knows a customer '%s'", store_path(r->store), customer);
  problem_nearest(r->problems, customer, keys, count);
}

static int tell(reading *r, const char *customer)
{
  history *found;
  uint32_t count;
  text out = {0};
  int status = EXIT_GOOD;
  if (!history_find(r->store, customer, &r->filter, r->asked->arena, &found, &count)) return EXIT_INTERNAL;
  if (!count) {
    tell_unknown(r, customer);
    return EXIT_USAGE;
  }
  if (r->asked->json) history_json(customer, found, count, &out);
  else history_text(customer, found, count, r->asked->arena, &out, output_screen());
  status = output_write(&out);
  text_free(&out);
  return status;
}

static int run_history(invocation *asked)
{
  reading r;
  int status = reading_start(&r, asked) ? tell(&r, asked->operands.items[0]) : EXIT_USAGE;
  return reading_end(&r, status);
}

static const option options[] = {
    OPTION_STORE("the run store; tarazu.db in the current folder"),    OPTION_PROFILE, OPTION_LATEST,
    OPTION_JSON("the history as JSON, with every value that changed"), OPTION_HELP,    OPTION_END};

const command command_history = {
    .name = "history",
    .operands = "CUSTOMER",
    .least_operands = 1,
    .most_operands = 1,
    .summary = "tell a customer's ranks through time, and what moved her",
    .details =
        "Shows one customer in every run that a store recorded, by profile: her rank and score, since when she is on "
        "the\n"
        "list, and how many places each move was due to her own data, to weights and settings, and to her rivals, "
        "with\n"
        "what changed. A run is recorded where its profile says `store: FILE`, or by `tarazu run PROFILE --store "
        "FILE`.\n"
        "CUSTOMER is her key in the data; a key that begins with a dash goes behind '--'.\n"
        "\n"
        "examples\n"
        "  tarazu history 1042\n"
        "  tarazu history 1042 --store company/tarazu.db --latest 12\n"
        "  tarazu history 'Ann & Sons' --profile wholesale.yaml --json\n"
        "  tarazu history -- -17",
    .options = options,
    .act = run_history,
};
