/* A column's sum of squares, learned block by block, and its values over its length. */
#ifndef PLUGINS_SHARED_SQUARES_H
#define PLUGINS_SHARED_SQUARES_H

#include <math.h>
#include <stdint.h>
#include <tarazu/plugin.h>

enum { SQUARES_LANES = 4 };

/* The sum of squares is sum * 4^exponent, so that neither 1e200 nor 1e-200 is lost in squaring. All zeros: sum 0. */
typedef struct squares {
  double sum;
  int32_t exponent, reserved;
} squares;

static inline void squares_add(squares *into, squares more)
{
  if (!(more.sum > 0)) return;
  if (!(into->sum > 0)) *into = more;
  else if (into->exponent >= more.exponent) into->sum += ldexp(more.sum, 2 * (more.exponent - into->exponent));
  else *into = (squares){more.sum + ldexp(into->sum, 2 * (into->exponent - more.exponent)), more.exponent, 0};
}

/* 2^-exponent in two exact factors, since it can be outside the range of a double where 2^exponent is in it. */
static inline void squares_scale(int exponent, double *half, double *rest)
{
  *half = ldexp(1, -exponent / 2);
  *rest = ldexp(1, -exponent - -exponent / 2);
}

/* Of one block without nulls. */
static inline squares squares_of(const double *x, int64_t rows)
{
  double most = 0, half, rest, lanes[SQUARES_LANES] = {0};
  for (int64_t i = 0; i < rows; i++) {
    double size = fabs(x[i]);
    if (size > most) most = size;
  }
  if (!(most > 0)) return (squares){0, 0, 0};
  int exponent = ilogb(most);
  squares_scale(exponent, &half, &rest);
  for (int64_t i = 0; i < rows; i++) {
    double scaled = x[i] * half * rest;
    lanes[i % SQUARES_LANES] += scaled * scaled;
  }
  return (squares){(lanes[0] + lanes[1]) + (lanes[2] + lanes[3]), exponent, 0};
}

#endif
