/* tarazu demo: a make-believe company's data, and a profile that finds its key customers. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/company.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char profile[] =
    "# The key customers of a make-believe wholesaler. Try: tarazu run profile.yaml, tarazu explain profile.yaml 1042\n"
    "tarazu: 1\n"
    "company: Make-believe Wholesale\n"
    "as_of: " COMPANY_AS_OF "\n"
    "\n"
    "data:\n"
    "  customers: {from: customers.csv, key: customer_id}\n"
    "  orders:\n"
    "    from: orders.csv\n"
    "    key: customer_id\n"
    "    columns: {time: order_date, amount: quantity * unit_price, cost: cost}\n"
    "  referrals: {from: referrals.csv, edge: [referrer_id, referred_id]}\n"
    "  surveys:\n"
    "    from: surveys.csv\n"
    "    key: customer_id\n"
    "    columns: {time: date, answer: score}\n"
    "  complaints:  # resolved is empty while one is open; severity from 1 to 5\n"
    "    from: complaints.csv\n"
    "    key: customer_id\n"
    "    columns: {time: opened, severity: severity, cost: cost}\n"
    "  promises: {from: promises.csv, key: customer_id, columns: {time: due}}  # kept: 1 or 0\n"
    "  ideas: {from: ideas.csv, key: customer_id, columns: {time: date}}  # adopted: 1 or 0; what it was worth\n"
    "  judgements: {from: judgements.csv, key: customer_id, columns: {time: date}}  # rater, score from 1 to 7\n"
    "  trust_answers:\n"
    "    from: survey_items.csv\n"
    "    key: customer_id\n"
    "    columns: {time: date}\n"
    "    where: item = 'trust'\n"
    "  mentions: {from: mentions.csv, edge: [from_id, to_id], columns: {time: date, weight: weight}}\n"
    "  # There is more to measure by: each of these is read as soon as a criterion asks for it.\n"
    "  survey_items:  # item, answer from 1 to 5; regret is asked the other way round\n"
    "    from: survey_items.csv\n"
    "    key: customer_id\n"
    "    columns: {time: date}\n"
    "  ratings: {from: ratings.csv, edge: [rater_id, rated_id], columns: {time: date}}  # from -10 to 10\n"
    "\n"
    "criteria:\n"
    "  margin: {plugin: monetary, dimension: financial, weight: 3, params: {measure: margin}}\n"
    "  habit: {plugin: rfm, dimension: financial}\n"
    "  complaints: {plugin: complaints, dimension: financial, weight: 0.5, params: {window: 104 weeks}}\n"
    "  word_of_mouth: {plugin: referral, dimension: non_financial, weight: 4, input: {value: margin}}\n"
    "  influence:\n"
    "    plugin: influence\n"
    "    dimension: non_financial\n"
    "    weight: 2\n"
    "    params: {half_life: 52 weeks, value_share: 10%}\n"
    "    input: {edges: mentions, value: margin}\n"
    "  recommendation: {plugin: survey, dimension: non_financial, weight: 2, params: {kind: nps}, input: {answers: "
    "surveys}}\n"
    "  satisfaction: {plugin: attribute, dimension: non_financial, input: {value: customers.satisfaction}}\n"
    "  trust: {plugin: trust, dimension: non_financial, params: {half_life: 104 weeks}}\n"
    "  knowledge: {plugin: knowledge, dimension: non_financial, params: {idea_value: 1500}}\n"
    "  strategic_fit: {plugin: attribute, dimension: non_financial, input: {value: customers.strategic_fit}}\n"
    "  standing: {plugin: standing, dimension: non_financial, weight: 0.5}\n"
    "  loyalty: {plugin: loyalty, dimension: non_financial, weight: 0.5}\n"
    "\n"
    "dimensions: {financial: 50%, non_financial: 50%}\n"
    "combine: {plugin: topsis}\n"
    "\n"
    "segments:\n"
    "  tier: {plugin: pareto}\n"
    "  portfolio: {plugin: matrix, input: {x: financial, y: non_financial}}\n"
    "\n"
    "# Who is big in revenue alone is not key by that alone.\n"
    "key_customers:\n"
    "  limit: 15\n"
    "  require: {non_financial: 30%}\n"
    "\n"
    "output:\n"
    "  - plugin: table\n"
    "    to: \"-\"\n"
    "    params: {columns: [rank, customer, score, financial, non_financial, margin, word_of_mouth, trust, portfolio, "
    "reason]}\n"
    "  - {plugin: csv, to: out/scores.csv}\n";

static int fault_output(const char *path, int fault)
{
  fprintf(stderr, "tarazu demo: %s: %s\n", path, strerror(fault));
  return fault == ENOMEM ? EXIT_INTERNAL : EXIT_OUTPUT;
}

/* 1234567 as "1,234,567" */
static void add_grouped(text *out, int64_t number)
{
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
  for (int i = 0; i < length; i++) text_addf(out, "%s%c", i && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

static void add_line(text *out, const char *folder, const char *name, int64_t count, const char *what)
{
  text_addf(out, "%s/%s  ", folder, name);
  add_grouped(out, count);
  text_addf(out, " %s", what);
}

static int tell(const char *folder, const company_counts *counts, int profile_written)
{
  text out = {0};
  add_line(&out, folder, "customers.csv", counts->customers, "customers\n");
  add_line(&out, folder, "orders.csv", counts->orders, "orders worth ");
  add_grouped(&out, counts->revenue / 100);
  text_addf(&out, ".%02d\n", (int)(counts->revenue % 100));
  add_line(&out, folder, "referrals.csv", counts->referrals, "referrals\n");
  add_line(&out, folder, "surveys.csv", counts->answers, "answers\n");
  add_line(&out, folder, "complaints.csv", counts->complaints, "complaints\n");
  add_line(&out, folder, "promises.csv", counts->promises, "promises\n");
  add_line(&out, folder, "ideas.csv", counts->ideas, "ideas\n");
  add_line(&out, folder, "judgements.csv", counts->judgements, "judgements\n");
  add_line(&out, folder, "survey_items.csv", counts->item_answers, "answers to single questions\n");
  add_line(&out, folder, "mentions.csv", counts->mentions, "mentions of one customer by another\n");
  add_line(&out, folder, "ratings.csv", counts->ratings, "ratings of one customer by another\n");
  text_addf(&out, "%s/profile.yaml  %s; next: tarazu run %s/profile.yaml\n", folder,
            profile_written ? "how to weigh them" : "kept as it was", folder);
  int status = output_write(&out);
  text_free(&out);
  return status;
}

/* A profile that is there already may hold somebody's changes: it stays. */
static int write_profile(const char *path, int *written)
{
  FILE *there = fopen(path, "r");
  if (there) fclose(there);
  *written = !there;
  return there ? 0 : file_write(path, profile, sizeof profile - 1);
}

static int demo(invocation *asked)
{
  const char *folder = asked->operands.items[0], *path = arena_format(asked->arena, "%s/profile.yaml", folder);
  company_size size = {
      .customers = asked->customers ? asked->customers : 500,
      .years = asked->years ? asked->years : 3,
      .seed = (uint64_t)asked->seed,
  };
  size.orders = asked->orders ? asked->orders : size.customers * 24;
  company_counts counts;
  char failed[4096];
  int written, fault = file_make_folders(folder);
  if (fault) return fault_output(folder, fault);
  if ((fault = company_write(folder, &size, &counts, failed))) return fault_output(failed, fault);
  if ((fault = write_profile(path, &written))) return fault_output(path, fault);
  return asked->quiet ? EXIT_GOOD : tell(folder, &counts, written);
}

static const option options[] = {
    {"customers", OPTION_INTEGER, offsetof(invocation, customers), "N", "customers; 500", 1, 50000000},
    {"orders", OPTION_INTEGER, offsetof(invocation, orders), "N", "orders; 24 a customer", 1, 1000000000},
    {"years", OPTION_INTEGER, offsetof(invocation, years), "N", "years that the orders span; 3", 1, 25},
    {"seed", OPTION_INTEGER, offsetof(invocation, seed), "N", "another number, another company; 0", 0,
     INT64_C(1) << 48},
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END};

const command command_demo = {
    .name = "demo",
    .operands = "FOLDER",
    .least_operands = 1,
    .most_operands = 1,
    .summary = "make a believable company's data, and a profile for it",
    .details =
        "Writes tables of a make-believe wholesaler, and profile.yaml, which weighs them. A profile.yaml that is "
        "there\n"
        "already is kept. The same options give the same bytes on every machine.\n"
        "\n"
        "tables\n"
        "  customers.csv     who they are, satisfaction, strategic fit\n"
        "  orders.csv        what they bought, when, at what price and cost\n"
        "  referrals.csv     who brought whom\n"
        "  surveys.csv       would you recommend us, from 0 to 10\n"
        "  complaints.csv    opened, resolved, severity, cost\n"
        "  promises.csv      due, kept\n"
        "  ideas.csv         adopted, and what that was worth\n"
        "  judgements.csv    of each customer by people of the house, from 1 to 7\n"
        "  survey_items.csv  answers to single questions, from 1 to 5\n"
        "  mentions.csv      who speaks of whom\n"
        "  ratings.csv       of one customer by another, from -10 to 10\n"
        "\n"
        "examples\n"
        "  tarazu demo company\n"
        "  tarazu demo large --customers 200000 --orders 10000000\n"
        "  tarazu demo other --seed 7",
    .options = options,
    .act = demo,
};
