/* Fault: a default that its own range does not allow. */
#include "faulty.h"

#define SHARE_DEFAULT "150%"

#include "faulty_scorer.h"
