/* Writes a run's outputs: every one is prepared before any is made visible, so that a reader sees the old files or the
 * new. */
#ifndef TARAZU_RUN_PUBLISH_H
#define TARAZU_RUN_PUBLISH_H

#include "run/results.h"

/* Creates every sink and lets it go again: what sinks say of their parameters, before anything is computed. */
int publish_check(engine *e);
/* manifest: JSON, written beside the first output that is a file, as NAME.manifest.json. 1, or 0 with problems and
 * nothing written. *manifest_path: where it went, in the engine's arena; NULL: no output is a file. */
int publish(engine *e, const results *results, const char *manifest, const char **manifest_path);

#endif
