/* tarazu preview: what a run would change in the list that was published last, before anything is written. */
#include "cli/session.h"
#include "run/compare.h"
#include "run/session.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int is_there(const char *path)
{
  return path && (strpbrk(path, "*?[") != NULL || access(path, F_OK) == 0);
}

/* A locked run may do without a source that reads what it writes. */
static void tell_not_compared(tarazu_session *session, const output_profile *output)
{
  problem_warn(session_problems(session), output->to_place, "no locked plugin reads '%s': it is not compared with",
               output->to);
  catalog_hint_lock(session_catalog(session), session_problems(session));
}

/* The profile's previous list, else the first of its own outputs that a source can read back. 0: there is none yet. */
static int find_published(tarazu_session *session, int locked, list_source *out)
{
  const profile *f = session_profile(session);
  const plan *p = session_engine(session)->plan;
  const plugin_file *file;
  if (f->previous && is_there(f->previous->from)) {
    *out = (list_source){.path = f->previous->from, .key = f->previous->key, .place = f->previous->from_place};
    for (uint32_t i = 0; i < p->table_count; i++)
      if (p->tables[i].profile == f->previous) out->as = &p->tables[i];
    int is_result = !strcmp(out->key, "customer") && f->previous->where && !strcmp(f->previous->where, "key_customer");
    out->where = is_result ? NULL : f->previous->where ? f->previous->where : "true";
    return 1;
  }
  for (uint32_t i = 0; i < f->output_count; i++) {
    const char *to = f->outputs[i].to;
    if (!to || !strcmp(to, "-") || !is_there(to)) continue;
    if (!catalog_accepting(session_catalog(session), TARAZU_SOURCE, to, NULL, &file, session_problems(session))) {
      if (locked) tell_not_compared(session, &f->outputs[i]);
      continue;
    }
    *out = (list_source){.path = to, .key = "customer", .place = f->outputs[i].to_place};
    return 1;
  }
  return 0;
}

/* A list that has no ranks beside is one all the same. */
static int read_published(ranking *out, list_source *from, tarazu_session *session, arena *home)
{
  problems *unread = problems_new();
  int good = ranking_of_file(out, from, session_catalog(session), home, unread);
  problems_free(unread);
  if (good) return 1;
  ranking_free(out);
  if (!from->where) from->where = "key_customer";
  return ranking_of_file(out, from, session_catalog(session), home, session_problems(session));
}

static int say(const invocation *asked, const comparison *c, int published, int64_t listed)
{
  text out = {0};
  int changes = published ? c->entered_count + c->left_count > 0 : listed > 0;
  if (asked->json && published) comparison_json(c, &out);
  else if (asked->json) text_addf(&out, "{\"a\": null, \"same\": {\"list\": %s}}\n", changes ? "false" : "true");
  else if (published) comparison_text(c, &out, output_screen());
  if (!asked->json && !published)
    text_addf(&out, "No list has been published yet: a run would write one of %lld key customers.\n",
              (long long)listed);
  else if (!asked->json)
    text_addf(&out, "\n%s\n", changes ? "A run would change the list." : "A run would not change the list.");
  int written = output_write(&out);
  text_free(&out);
  return written != EXIT_GOOD ? written : changes ? STATUS_CHANGES : EXIT_GOOD;
}

static int compare_with(sitting *at, invocation *asked)
{
  ranking sides[2] = {{0}, {0}};
  list_source from = {0};
  int published = find_published(at->session, asked->locked, &from), status = EXIT_INTERNAL;
  comparison c = {.sides = {&sides[0], &sides[1]},
                  .names = {"published", "a run"},
                  .arena = asked->arena,
                  .problems = session_problems(at->session)};
  int good = ranking_of_run(&sides[1], asked->operands.items[0], session_results(at->session));
  if (good && published) {
    good = read_published(&sides[0], &from, at->session, asked->arena);
    sides[1].manifest = sitting_manifest(at, asked->arena);
    comparison_by_manifests(&c);
    good = good && comparison_make(&c);
  }
  progress_end(at->progress);
  if (good) status = say(asked, &c, published, sides[1].listed);
  else if (problems_errors(c.problems)) status = (int)problems_status(c.problems);
  at->status = good ? EXIT_GOOD : status;
  ranking_free(&sides[0]);
  ranking_free(&sides[1]);
  return status;
}

static int preview(invocation *asked)
{
  sitting at;
  int status = EXIT_GOOD;
  if (sitting_start(&at, asked) && sitting_step(&at, tarazu_run)) status = compare_with(&at, asked);
  int ended = sitting_end(&at, asked);
  return ended != EXIT_GOOD ? ended : status;
}

static const option options[] = {OPTION_SET,
                                 OPTION_THREADS,
                                 OPTION_MEMORY,
                                 OPTION_BATCH,
                                 OPTION_PLUGINS,
                                 OPTION_LOCKED,
                                 OPTION_JSON("what would change as JSON"),
                                 OPTION_QUIET,
                                 OPTION_HELP,
                                 OPTION_END};

const command command_preview = {
    .name = "preview",
    .operands = "PROFILE",
    .least_operands = 1,
    .most_operands = 1,
    .summary = "tell what a run would change in the list, and write nothing",
    .details =
        "Runs a profile without writing anything, and compares its key customers with the list that was published "
        "last:\n"
        "the profile's `key_customers.previous`, else its own output file. Tells who would enter, who would leave and "
        "who\n"
        "moves, with reasons. Status 10 where somebody would enter or leave the list, 0 where it would stay as it is.\n"
        "\n"
        "examples\n"
        "  tarazu preview company/profile.yaml\n"
        "  tarazu preview company/profile.yaml --set key_customers.limit=20\n"
        "  tarazu preview company/profile.yaml --json",
    .options = options,
    .act = preview,
};
