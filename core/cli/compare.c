/* tarazu compare: what differs between two profiles' runs, or two files of results, and what each move is due to. */
#include "run/compare.h"
#include "cli/session.h"
#include "run/session.h"
#include <stdio.h>
#include <string.h>

/* Everything that a comparison holds until its end. */
typedef struct meeting {
  invocation *asked;
  sitting at[2], cross[2]; /* cross[k]: the settings of k on the data of the other */
  catalog *catalog;        /* for files */
  problems *problems;
  ranking sides[2];
  comparison c;
  int status;
} meeting;

static int is_profile(const char *path)
{
  const char *dot = strrchr(path, '.');
  return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

/* A profile is opened, so that its plugins are found before there are threads; 0: it is faulty. */
static int open_profile(meeting *m, int side)
{
  const char *path = m->asked->operands.items[side];
  if (!sitting_open(&m->at[side], m->asked, path, NULL)) return 0;
  if (m->at[side].status != TARAZU_GOOD) sitting_step(&m->at[side], tarazu_check); /* tells all else that is wrong */
  return m->at[side].status == TARAZU_GOOD;
}

static void open_cross(meeting *m, int side)
{
  const char *const *paths = m->asked->operands.items;
  if (sitting_open(&m->cross[side], m->asked, paths[side], paths[!side]) && m->cross[side].status == TARAZU_GOOD)
    return;
  m->c.why_not[side] = sitting_fault(&m->cross[side], m->asked->arena);
}

static int fail(meeting *m, int status)
{
  if (m->status == EXIT_GOOD) m->status = status ? status : EXIT_INTERNAL;
  return 0;
}

static int run_side(meeting *m, int side)
{
  if (!sitting_step(&m->at[side], tarazu_run)) return fail(m, m->at[side].status);
  return ranking_of_run(&m->sides[side], m->asked->operands.items[side], session_results(m->at[side].session)) ||
         fail(m, EXIT_INTERNAL);
}

static int read_side(meeting *m, int side)
{
  const list_source from = {.path = m->asked->operands.items[side], .key = "customer"};
  catalog *found = m->catalog;
  if (m->asked->locked) found = session_catalog(m->at[!side].session);
  else if (!found) found = m->catalog = command_catalog(m->asked);
  return ranking_of_file(&m->sides[side], &from, found, m->asked->arena, m->problems) ||
         fail(m, (int)problems_status(m->problems));
}

/* A run that only serves to tell causes apart may be impossible, but not cancelled. */
static int run_cross(meeting *m, int side)
{
  if (!m->cross[side].session || m->c.why_not[side]) return 1;
  if (sitting_step(&m->cross[side], tarazu_run)) {
    m->c.cross[side] = session_results(m->cross[side].session);
    return 1;
  }
  if (m->cross[side].status == EXIT_CANCELLED) return fail(m, EXIT_CANCELLED);
  m->c.why_not[side] = sitting_fault(&m->cross[side], m->asked->arena);
  return 1;
}

static int meet_profiles(meeting *m)
{
  for (int k = 0; k < 2; k++)
    if (!open_profile(m, k)) return fail(m, m->at[k].status);
  const node *roots[2];
  const profile *profiles[2];
  for (int k = 0; k < 2; k++) {
    roots[k] = session_root(m->at[k].session);
    profiles[k] = session_profile(m->at[k].session);
  }
  comparison_by_profiles(&m->c, roots, profiles);
  int differ = m->c.settings != SAME && m->c.data != SAME;
  for (int k = 0; k < 2 && differ; k++) open_cross(m, k);
  for (int k = 0; k < 2; k++)
    if (!run_side(m, k)) return 0;
  for (int k = 0; k < 2 && differ; k++)
    if (!run_cross(m, k)) return 0;
  return 1;
}

/* At least one side is a file; with --locked it is read by the plugins of the other side's profile. */
static int meet_files(meeting *m)
{
  const char *const *paths = m->asked->operands.items;
  for (int k = 0; k < 2; k++)
    if (is_profile(paths[k]) && !open_profile(m, k)) return fail(m, m->at[k].status);
  for (int k = 0; k < 2; k++)
    if (!is_profile(paths[k]) && !read_side(m, k)) return 0;
  for (int k = 0; k < 2; k++)
    if (is_profile(paths[k]) && !run_side(m, k)) return 0;
  for (int k = 0; k < 2; k++)
    if (is_profile(paths[k])) m->sides[k].manifest = sitting_manifest(&m->at[k], m->asked->arena);
  comparison_by_manifests(&m->c);
  return 1;
}

static int tell(meeting *m)
{
  text out = {0};
  if (m->asked->json) comparison_json(&m->c, &out);
  else comparison_text(&m->c, &out, output_screen());
  int status = output_write(&out);
  text_free(&out);
  return status;
}

static int end(meeting *m)
{
  text words = {0};
  for (int k = 0; k < 2; k++) {
    ranking_free(&m->sides[k]);
    sitting_close(&m->cross[k]);
  }
  for (int k = 0; k < 2; k++)
    if (m->at[k].session) sitting_end(&m->at[k], m->asked);
  catalog_free(m->catalog);
  problems_print(m->problems, &words, output_colour(2));
  fputs(text_string(&words), stderr);
  text_free(&words);
  problems_free(m->problems);
  return m->status;
}

static int compare(invocation *asked)
{
  const char *const *paths = asked->operands.items;
  if (asked->locked && !is_profile(paths[0]) && !is_profile(paths[1]))
    return usage_fault(asked, "--locked is of a profile's lock, and neither %s nor %s is a profile", paths[0],
                       paths[1]);
  meeting m = {.asked = asked, .problems = problems_new()};
  m.c = (comparison){.sides = {&m.sides[0], &m.sides[1]},
                     .names = {"A", "B"},
                     .asked = asked->asked.items,
                     .arena = asked->arena,
                     .problems = m.problems};
  int profiles = is_profile(paths[0]) && is_profile(paths[1]);
  if (profiles ? meet_profiles(&m) : meet_files(&m)) {
    if (comparison_make(&m.c)) m.status = tell(&m);
    else fail(&m, (int)problems_status(m.problems));
  }
  return end(&m);
}

static const option options[] = {{"customer", OPTION_STRINGS, offsetof(invocation, asked), "KEY",
                                  "tell this customer's move too; as often as needed", 0, 0},
                                 OPTION_SET,
                                 OPTION_THREADS,
                                 OPTION_MEMORY,
                                 OPTION_BATCH,
                                 OPTION_LOCKED,
                                 OPTION_PLUGINS,
                                 OPTION_JSON("what differs as JSON"),
                                 OPTION_QUIET,
                                 OPTION_HELP,
                                 OPTION_END};

const command command_compare = {
    .name = "compare",
    .operands = "A B",
    .least_operands = 2,
    .most_operands = 2,
    .summary = "tell what differs between two profiles' runs or two results, and what for",
    .details =
        "Runs two profiles (.yaml), or reads two files of results with the manifests beside them, and tells how far "
        "the\n"
        "rankings agree, who entered the list and who left, who moved most, and how many places each of them gained "
        "or\n"
        "lost by her own data, by weights and settings, and by her rivals. The places add up. For two profiles whose\n"
        "settings and data both differ, each one's settings are also run on the other's data. Writes no output.\n"
        "\n"
        "examples\n"
        "  tarazu compare june.yaml july.yaml\n"
        "  tarazu compare june.yaml july.yaml --customer 1042 --json\n"
        "  tarazu compare archive/june/scores.csv out/scores.csv\n"
        "  tarazu compare out/scores.csv company/profile.yaml",
    .options = options,
    .act = compare,
};
