/* Fault: a parameter without help. */
#include "faulty.h"

#define SHARE_HELP NULL

#include "faulty_scorer.h"
