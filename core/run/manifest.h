/* The manifest of a run: exactly what ran on what, as JSON. */
#ifndef TARAZU_RUN_MANIFEST_H
#define TARAZU_RUN_MANIFEST_H

#include "run/results.h"

/* settings: the profile's tree after `extends` and settings laid over it; files: those it was read from. */
void manifest_write(const results *results, const node *settings, const char *const *files, text *out);

#endif
