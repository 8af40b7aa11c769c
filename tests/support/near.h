/* cmocka with what it lacks: its headers in the order that they need, and a comparison of doubles (its own goes through
 * float). */
#ifndef TESTS_SUPPORT_NEAR_H
#define TESTS_SUPPORT_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fails unless |got - expected| <= tolerance; a NaN equals a NaN alone. */
#define assert_near(got, expected, tolerance)                                            \
  do {                                                                                   \
    double got_ = (got), expected_ = (expected), tolerance_ = (tolerance);               \
    int both_ = isnan(got_) && isnan(expected_);                                         \
    if (!both_ && !(fabs(got_ - expected_) <= tolerance_) && got_ != expected_)          \
      fail_msg("%s is %.17g, not %.17g (within %g)", #got, got_, expected_, tolerance_); \
  } while (0)

#endif
