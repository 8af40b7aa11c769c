/* tarazu plugin new: the files that it begins a plugin with, held in the program by .ci/embed.sh from core/cli/new. */
#ifndef TARAZU_CLI_PLUGIN_NEW_H
#define TARAZU_CLI_PLUGIN_NEW_H

#include "cli/command.h"

/* path: "all/README.md", "c/Makefile", "scorer/@NAME@.c". In path and text @NAME@, @ROLE@ and @SOURCE@ are replaced. */
typedef struct new_file {
  const char *path;
  const char *text;
} new_file;

extern const new_file new_files[]; /* the last one's path is NULL */

/* asked: "new", NAME, --role, --lang. An exit status. */
int plugin_new(const invocation *asked);

#endif
