/* Memory that tells on those who misuse it: every buffer lies between pages that nobody may touch, what is the host's
 * can be made read-only, and what was given back stays out of reach for a while, so that a pointer which was kept
 * crashes instead of reading what came after. */
#ifndef TARAZU_CONFORM_GUARD_H
#define TARAZU_CONFORM_GUARD_H

#include <stddef.h>
#include <stdint.h>

/* Buffers that are given back together; starts as {0}. */
typedef struct guard_scope {
  uint32_t last;
} guard_scope;

/* Zeroed bytes, aligned to `align` (a power of two, at most a page). what: how messages call them, kept by pointer.
 * Every other call's buffers end at their last byte, the others begin at their first (guard_turn). Ends the test where
 * there is no memory left. */
void *guard_take(guard_scope *scope, size_t count, size_t align, const char *what);
/* A copy that may only be read. */
void *guard_give(guard_scope *scope, const void *bytes, size_t count, size_t align, const char *what);
void guard_turn(void); /* the next buffers lie at the other end of their pages */

void guard_writable(const void *bytes, int writable);
/* NULL, or which writable buffer of the scope was written to beside its bytes, where no page could tell. */
const char *guard_overrun(const guard_scope *scope);
void guard_drop(guard_scope *scope);

/* What an address that a crash was about means, in words; 0: nothing of ours. [in a signal handler] */
int guard_explain(const void *address, char *out, size_t room);

#endif
