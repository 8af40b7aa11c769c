/* Numbers that look random and follow from a seed alone. */
#ifndef TARAZU_CONFORM_DICE_H
#define TARAZU_CONFORM_DICE_H

#include <stdint.h>

typedef struct dice {
  uint64_t state;
} dice;

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t dice_bits(dice *d)
{
  uint64_t x = d->state += UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static inline dice dice_of(uint64_t seed, uint64_t first, uint64_t second)
{
  dice d = {seed};
  d.state = dice_bits(&d) ^ first * UINT64_C(0xd6e8feb86659fd93);
  d.state = dice_bits(&d) ^ second * UINT64_C(0xa0761d6478bd642f);
  dice_bits(&d);
  return d;
}

static inline double dice_unit(dice *d) /* in [0, 1) */
{
  return (double)(dice_bits(d) >> 11) * 0x1p-53;
}

static inline int64_t dice_below(dice *d, int64_t count)
{
  return (int64_t)(dice_unit(d) * (double)count);
}

static inline int dice_chance(dice *d, double chance)
{
  return dice_unit(d) < chance;
}

#endif
