/* A session of the library's as the command line asks for it: options, progress line, Ctrl-C, problems on stderr. */
#include "cli/session.h"
#include "cli/signals.h"
#include "run/session.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void warn_of_cache(const sitting *at)
{
  const char *fault = at->cache ? cache_fault(at->cache, session_arena(at->session)) : NULL;
  if (fault) problem_warn(session_problems(at->session), NOWHERE, "%s", fault);
}

tarazu_options sitting_options(const sitting *at, const invocation *asked)
{
  return (tarazu_options){
      .size = sizeof(tarazu_options),
      .threads = (uint32_t)asked->threads,
      .batch = asked->batch,
      .memory = asked->memory,
      .plugin_path = asked->plugins,
      .settings = asked->settings.items,
      .save_models = asked->save_models,
      .store = asked->store,
      .locked = (uint32_t)asked->locked,
      .progress = at->progress ? progress_tell : NULL,
      .argument = at->progress,
  };
}

int sitting_start(sitting *at, const invocation *asked)
{
  return sitting_open(at, asked, asked->operands.items[0], NULL);
}

int sitting_open(sitting *at, const invocation *asked, const char *path, const char *data)
{
  *at = (sitting){.progress = progress_start(asked->quiet)};
  tarazu_options options = sitting_options(at, asked);
  at->status = session_open_on(path, data, &options, &at->session);
  if (!at->session) return 0;
  if (asked->cache && (at->cache = cache_open(asked->cache, 0, 0))) session_use_cache(at->session, at->cache);
  signals_watch(session_stop(at->session));
  return 1;
}

int sitting_step(sitting *at, int (*act)(tarazu_session *session))
{
  signals_watch(session_stop(at->session));
  at->status = act(at->session);
  return at->status == TARAZU_GOOD;
}

int sitting_end(sitting *at, const invocation *asked)
{
  signals_leave();
  progress_end(at->progress);
  if (at->session) warn_of_cache(at);
  if (!at->session) fputs("tarazu: not enough memory\n", stderr);
  else if (at->status != TARAZU_GOOD || !asked->quiet)
    fputs(tarazu_problems(at->session, 0, output_colour(STDERR_FILENO)), stderr);
  tarazu_close(at->session);
  cache_free(at->cache);
  progress_free(at->progress);
  return at->status;
}

void sitting_close(sitting *at)
{
  signals_leave();
  progress_end(at->progress);
  tarazu_close(at->session);
  cache_free(at->cache);
  progress_free(at->progress);
  *at = (sitting){0};
}

const node *sitting_manifest(const sitting *at, arena *home)
{
  const char *manifest = tarazu_manifest(at->session);
  problems *unread = problems_new();
  const node *root =
      manifest ? yaml_parse("manifest", arena_copy(home, manifest), strlen(manifest), home, unread) : NULL;
  problems_free(unread);
  return root;
}

const char *sitting_fault(const sitting *at, arena *home)
{
  const char *words = at->session ? tarazu_problems(at->session, 0, 0) : "not enough memory", *error;
  if ((error = strstr(words, "error: "))) words = error + strlen("error: ");
  return arena_copy_n(home, words, strcspn(words, "\n"));
}
