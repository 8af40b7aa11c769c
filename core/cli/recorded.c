/* What the commands that read a run store share: finding the store, its runs, and the nearest name. */
#include "cli/recorded.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usual_store[] = "tarazu.db";

int reading_start(reading *r, const invocation *asked)
{
  const char *path = asked->store ? asked->store : usual_store;
  *r = (reading){.asked = asked,
                 .problems = problems_new(),
                 .filter = {.profile = asked->profile, .in = asked->in, .latest = asked->latest}};
  if (!asked->store && access(path, F_OK) != 0) {
    problem_add(r->problems, EXIT_USAGE, NOWHERE, "there is no run store '%s' in this folder", path);
    problem_hint(r->problems, "--store FILE names one; `tarazu run PROFILE --store FILE` makes one");
    return 0;
  }
  return (r->store = store_open(path, STORE_READ, NOWHERE, r->problems)) != NULL;
}

int reading_end(reading *r, int status)
{
  text words = {0};
  store_close(r->store);
  problems_print(r->problems, &words, output_colour(2));
  fputs(text_string(&words), stderr);
  text_free(&words);
  if (problems_errors(r->problems)) status = (int)problems_status(r->problems);
  problems_free(r->problems);
  return status;
}

/* As many folders of a path's end as the word has. */
static const char *end_like(const char *path, const char *word)
{
  const char *end = path + strlen(path);
  size_t slashes = 1;
  for (; *word; word++) slashes += *word == '/';
  while (end > path && !(end[-1] == '/' && !--slashes)) end--;
  return end;
}

static void tell_nearest(reading *r, const char *word, const char *const *names, uint32_t count)
{
  const char **ends = arena_array(r->asked->arena, (size_t)count + 1, sizeof *ends);
  for (uint32_t i = 0; i < count; i++) ends[i] = end_like(names[i], word);
  problem_nearest(r->problems, word, ends, count);
}

/* Why a filter finds nothing: a name that is not there. 1: all names are. */
static int names_are_there(reading *r, int experiments, const char *name)
{
  const char *const *names;
  uint32_t count, found = 0;
  const store_filter one = {.in = experiments ? name : NULL, .profile = experiments ? NULL : name, .latest = 1};
  store_run *runs;
  if (!name) return 1;
  if (!store_runs(r->store, &one, r->asked->arena, &runs, &found)) return 0;
  if (found) return 1;
  if (!store_names(r->store, experiments, r->asked->arena, &names, &count)) return 0;
  problem_add(r->problems, EXIT_USAGE, NOWHERE, "'%s' has no run of %s '%s'", store_path(r->store),
              experiments ? "an experiment" : "the profile", name);
  if (experiments) problem_nearest(r->problems, name, names, count);
  else tell_nearest(r, name, names, count);
  return 0;
}

int reading_runs(reading *r, store_run **runs, uint32_t *count)
{
  if (!store_runs(r->store, &r->filter, r->asked->arena, runs, count)) return 0;
  if (*count) return 1;
  return names_are_there(r, 1, r->filter.in) && names_are_there(r, 0, r->filter.profile);
}

static int tell_missing(reading *r, const char *word)
{
  store_run *newest;
  uint32_t count;
  const store_filter last = {.latest = 1};
  if (!store_runs(r->store, &last, r->asked->arena, &newest, &count)) return 0;
  if (!count) problem_add(r->problems, EXIT_USAGE, NOWHERE, "'%s' has no run yet", store_path(r->store));
  else
    problem_add(r->problems, EXIT_USAGE, NOWHERE, "there is no run %s in '%s'; the newest is %lld", word,
                store_path(r->store), (long long)newest->id);
  return 0;
}

int reading_run(reading *r, const char *word, store_run *out)
{
  store_filter f = r->filter;
  store_run *runs;
  uint32_t count;
  char *end;
  errno = 0;
  if (strcmp(word, "latest") == 0) {
    f.latest = 1;
  } else {
    f = (store_filter){.id = strtoll(word, &end, 10)};
    if (*end || errno || f.id < 1) {
      problem_add(r->problems, EXIT_USAGE, NOWHERE,
                  "'%s' is no run: expected a number, as `tarazu runs list` tells, or latest", word);
      return 0;
    }
  }
  if (!store_runs(r->store, &f, r->asked->arena, &runs, &count)) return 0;
  if (count) *out = runs[0];
  if (count || f.id) return count || tell_missing(r, word);
  return names_are_there(r, 1, f.in) && names_are_there(r, 0, f.profile) && tell_missing(r, word);
}
