/* A folder of a run's own for what does not fit into memory and what is on its way to the screen. */
#ifndef TARAZU_RUN_SCRATCH_H
#define TARAZU_RUN_SCRATCH_H

typedef struct scratch_folder {
  char path[64]; /* "": there is none */
  int lock;      /* held as long as the folder is in use */
} scratch_folder;

/* Makes one in TMPDIR, else /tmp, and removes those that runs which crashed or were killed left there. 0, or errno. */
int scratch_make(scratch_folder *out);
void scratch_remove(scratch_folder *folder); /* with all that is in it; of none: nothing */

void folder_remove(const char *path); /* any folder, with what is in it */

#endif
