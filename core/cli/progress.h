/* How far a run is, on one line of the terminal that goes when it is done. */
#ifndef TARAZU_CLI_PROGRESS_H
#define TARAZU_CLI_PROGRESS_H

typedef struct progress progress;

/* NULL where nobody watches: standard error is no terminal, or quiet. All functions take NULL. */
progress *progress_start(int quiet);
/* As tarazu_options.progress has it; argument is the progress. [any thread] */
void progress_tell(void *argument, const char *stage, double done);
/* Clears the line; what is told afterwards is not shown any more. */
void progress_end(progress *progress);
void progress_free(progress *progress);

#endif
