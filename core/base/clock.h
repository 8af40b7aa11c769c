/* Seconds for progress and manifests. Nothing that a result depends on may call this. */
#ifndef TARAZU_BASE_CLOCK_H
#define TARAZU_BASE_CLOCK_H

double clock_seconds(void);        /* monotonic */
double clock_thread_seconds(void); /* of the processor, that this thread has taken */

#endif
