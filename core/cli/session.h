/* A session of the library's as the command line asks for it: options, progress line, Ctrl-C, problems on stderr. */
#ifndef TARAZU_CLI_SESSION_H
#define TARAZU_CLI_SESSION_H

#include "cli/command.h"
#include "cli/progress.h"
#include "config/yaml.h"
#include "run/cache.h"
#include <tarazu/tarazu.h>

typedef struct sitting {
  tarazu_session *session;
  progress *progress;
  cache *cache; /* NULL: none */
  int status;   /* of the last step */
} sitting;

tarazu_options sitting_options(const sitting *sitting, const invocation *asked);
/* Opens the profile, which is the first operand. 1, also where it is faulty, so that the next step tells all else that
 * is wrong; 0: leave with sitting_end. */
int sitting_start(sitting *sitting, const invocation *asked);
/* The same for any profile, with the data of another (NULL: its own). */
int sitting_open(sitting *sitting, const invocation *asked, const char *path, const char *data);
/* One of tarazu_check, tarazu_run, tarazu_publish. 1, or 0: leave with sitting_end. */
int sitting_step(sitting *sitting, int (*act)(tarazu_session *session));
/* Clears the progress line, tells every problem (warnings not when quiet), closes. The command's exit status. */
int sitting_end(sitting *sitting, const invocation *asked);
/* The same of one that tells nothing: a run that only serves a comparison. */
void sitting_close(sitting *sitting);
/* The manifest of a sitting that ran, as a tree; NULL: it cannot be read back. */
const node *sitting_manifest(const sitting *sitting, arena *arena);
/* The first error of a sitting that failed, on one line. */
const char *sitting_fault(const sitting *sitting, arena *arena);

#endif
