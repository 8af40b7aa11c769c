/* No fault: what the others are, but for theirs. */
#include "faulty.h"

#include "faulty_scorer.h"
