/* tarazu plugin lock: a profile, or every variant of an experiment, is planned as for a run, without its data, and what
 * it would run goes into a file beside it, which `--locked` insists on. */
#include "cli/plugin_lock.h"

#include "base/file.h"
#include "catalog/json.h"
#include "cli/session.h"
#include "experiment/campaign.h"
#include "run/session.h"
#include "run/uses.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void write_json(const lock *now, uint32_t changes, text *out)
{
  json j = {.out = out};
  json_open(&j, NULL, '{');
  json_text(&j, "lock", now->file);
  json_bool(&j, "changed", changes > 0);
  json_open(&j, "plugins", '[');
  for (uint32_t i = 0; i < now->count; i++) {
    const locked_plugin *p = &now->plugins[i];
    json_open(&j, NULL, '{');
    json_text(&j, "path", p->path);
    json_text(&j, "sha256", p->sha256);
    json_text(&j, "abi", p->abi);
    json_open(&j, "strategies", '{');
    for (uint32_t k = 0; k < p->strategy_count; k++) json_text(&j, p->strategies[k].name, p->strategies[k].version);
    json_close(&j, '}');
    json_close(&j, '}');
  }
  json_close(&j, ']');
  json_close(&j, '}');
  text_add(out, "\n");
}

/* The lock that is there, to tell what changes; NULL: none, or one that cannot be read and is told no more of. */
static lock *read_before(const invocation *asked, const char *path)
{
  lock *before = arena_alloc(asked->arena, sizeof *before);
  problems *unread = problems_new();
  int good = lock_read(path, asked->arena, unread, before);
  problems_free(unread);
  return good ? before : NULL;
}

static int write_lock(const invocation *asked, const lock *before, const lock *now)
{
  text bytes = {0}, told = {0};
  uint32_t changes = lock_differences(before, now, &told);
  lock_write(now, asked->arena, &bytes);
  int fault = before && !changes ? 0 : file_write(now->file, bytes.bytes, bytes.length), status = EXIT_GOOD;
  if (fault) {
    fprintf(stderr, "tarazu: %s cannot be written: %s\n", now->file, strerror(fault));
    status = EXIT_OUTPUT;
  } else {
    if (asked->json) text_free(&told), write_json(now, changes, &told);
    else if (before && !changes) text_addf(&told, "%s is as it should be: %u plugins\n", now->file, now->count);
    else text_addf(&told, "wrote %s: %u plugins\n", now->file, now->count);
    status = output_write(&told);
  }
  text_free(&told);
  text_free(&bytes);
  return status;
}

static int is_experiment(const invocation *asked, const char *path)
{
  problems *unread = problems_new();
  const node *root = yaml_read_extended(path, asked->arena, unread, NULL);
  problems_free(unread);
  return root && node_get(root, "tarazu_experiment");
}

/* What all its variants and its outcomes would run. */
static int lock_experiment(invocation *asked, const char *path)
{
  text told = {0};
  problems *faults = problems_new();
  lock now = lock_new(path, asked->arena);
  campaign c;
  const campaign_options options = {
      .session = {.size = sizeof(tarazu_options), .plugin_path = asked->plugins, .settings = asked->settings.items},
      .uncached = 1,
      .uses = &now};
  int good = campaign_open(path, &options, asked->arena, faults, &c) && campaign_check(&c), status = EXIT_PROFILE;
  problems_print(faults, &told, output_colour(STDERR_FILENO));
  fputs(text_string(&told), stderr);
  if (good) status = write_lock(asked, read_before(asked, path), &now);
  else if (problems_errors(faults)) status = (int)problems_status(faults);
  text_free(&told);
  campaign_close(&c);
  problems_free(faults);
  return status;
}

int plugin_lock(invocation *asked, const char *path)
{
  if (is_experiment(asked, path)) return lock_experiment(asked, path);
  sitting at;
  int status = EXIT_GOOD;
  if (sitting_open(&at, asked, path, NULL) && session_plan(at.session)) {
    lock now = lock_new(path, asked->arena);
    uses_lock(session_engine(at.session)->plan, asked->arena, &now);
    progress_end(at.progress);
    status = write_lock(asked, read_before(asked, path), &now);
  } else if (at.session) {
    at.status = (int)problems_status(session_problems(at.session));
  }
  int ended = sitting_end(&at, asked);
  return ended != EXIT_GOOD ? ended : status;
}
