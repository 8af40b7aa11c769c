/* Writes a run's outputs: every one is prepared before any is made visible, so that a reader sees the old files or the
 * new. */
#ifndef TARAZU_RUN_PUBLISH_H
#define TARAZU_RUN_PUBLISH_H

#include "run/results.h"

/* Someone who publishes along with the outputs, such as a store of runs. prepare is called when every output is written
 * and before any is made visible; commit when all files are in place and before anything comes on the screen. Each 1,
 * or 0 with a problem. Where commit is not called, what was prepared is to be undone by whoever gave this. */
typedef struct companion {
  int (*prepare)(void *argument);
  int (*commit)(void *argument);
  void *argument;
} companion;

/* Creates every sink and lets it go again: what sinks say of their parameters, before anything is computed. */
int publish_check(engine *e);
/* manifest: JSON, written beside the first output that is a file, as NAME.manifest.json. with: NULL: nobody. 1, or
 * 0 with problems and nothing written. *manifest_path: where it went, in the engine's arena; NULL: no output is a file.
 */
int publish(engine *e, const results *results, const char *manifest, const companion *with, const char **manifest_path);

#endif
