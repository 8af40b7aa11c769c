/* Recording a session's run in the run store that its profile or options name. tarazu_publish (tarazu.h) does
 * so, and leaves the run's number in session_recorded. */
#ifndef TARAZU_EXPERIMENT_RECORD_H
#define TARAZU_EXPERIMENT_RECORD_H

#include <tarazu/tarazu.h>

/* Before a run: whether a store that is there can be written, so that nothing is computed in vain. A status. */
int record_check(tarazu_session *session);

#endif
