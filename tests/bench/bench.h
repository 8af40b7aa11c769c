/* What the benchmarks share: medians, a stop watch's rounds, and a barrier for the compiler. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "base/clock.h"
#include <stdint.h>
#include <stdlib.h>

/* Whatever the compiler knows of memory it forgets here: no call can be left out or moved over another. */
#define BENCH_BARRIER() __asm__ volatile("" ::: "memory")

static inline int bench_compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorts. */
static inline double bench_median(double *values, int count)
{
  qsort(values, (size_t)count, sizeof *values, bench_compare);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

typedef void bench_work(void *argument);

/* Runs all works in turn, `rounds` times, each round beginning with another one, so that whatever else the machine does
 * meets all alike. medians[i] is the median of work i's seconds. rounds is at most BENCH_ROUNDS. */
enum { BENCH_ROUNDS = 512, BENCH_WORKS = 8 };

static inline void bench_interleave(bench_work *const *works, int count, int rounds, void *argument, double *medians)
{
  static double seconds[BENCH_WORKS][BENCH_ROUNDS];
  for (int round = 0; round < rounds; round++)
    for (int i = 0; i < count; i++) {
      int at = (round + i) % count;
      double begin = clock_seconds();
      works[at](argument);
      seconds[at][round] = clock_seconds() - begin;
    }
  for (int i = 0; i < count; i++) medians[i] = bench_median(seconds[i], rounds);
}

#endif
