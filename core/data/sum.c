/* Exact sums: three-component expansions while those hold the sum exactly, else a superaccumulator that always does. */
#include "data/sum.h"

#include <float.h>
#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* ---- expansions --------------------------------------------------------------------------------------------- */

/* Two lanes side by side; four lanes in two of them keep the adders of a processor busy. */
typedef double lanes __attribute__((vector_size(16)));
typedef int64_t lane_bits __attribute__((vector_size(16)));

typedef struct expansion {
  double part[3];
  int spilled; /* the sum is not exact (or not finite) any more */
} expansion;

enum { SHORT = 32 }; /* below it, lanes cost more to join than they save */

/* Knuth 1969, TwoSum: *error is exactly a + b - (the sum returned). */
static inline double two_sum(double a, double b, double *error)
{
  double sum = a + b, b_part = sum - a;
  *error = (a - (sum - b_part)) + (b - b_part);
  return sum;
}

static inline lanes two_sums(lanes a, lanes b, lanes *error)
{
  lanes sum = a + b, b_part = sum - a;
  *error = (a - (sum - b_part)) + (b - b_part);
  return sum;
}

static inline void expansion_add(expansion *self, double value)
{
  double error;
  self->part[0] = two_sum(self->part[0], value, &error);
  self->part[1] = two_sum(self->part[1], error, &error);
  self->part[2] = two_sum(self->part[2], error, &error);
  self->spilled |= error != 0; /* an overflow leaves a NaN, which is not 0 either */
}

/* Adds count values, count a multiple of 4. */
static void expansion_add_lanes(expansion *self, const double *values, int64_t count)
{
  lanes part[2][3] = {{{0, 0}, {0, 0}, {0, 0}}, {{0, 0}, {0, 0}, {0, 0}}};
  lane_bits spilled = {0, 0};
  for (int64_t i = 0; i < count; i += 4) {
    for (int k = 0; k < 2; k++) {
      lanes term, error;
      memcpy(&term, values + i + 2 * k, sizeof term);
      part[k][0] = two_sums(part[k][0], term, &error);
      part[k][1] = two_sums(part[k][1], error, &error);
      part[k][2] = two_sums(part[k][2], error, &error);
      spilled |= error != (lanes){0, 0};
    }
  }
  self->spilled |= spilled[0] || spilled[1];
  for (int level = 0; level < 3; level++)
    for (int k = 0; k < 2; k++)
      for (int lane = 0; lane < 2; lane++)
        if (part[k][level][lane] != 0) expansion_add(self, part[k][level][lane]);
}

/* The same sum as components that do not overlap, from the smallest on, zeros left out (Shewchuk 1997, Grow-Expansion).
 * Returns how many. */
static int distil(const expansion *self, double out[3])
{
  int count = 0;
  for (int k = 0; k < 3; k++) {
    double carried = self->part[k];
    int kept = 0;
    for (int j = 0; j < count; j++) {
      double large = carried, small = out[j];
      if (fabs(large) < fabs(small)) {
        large = out[j];
        small = carried;
      }
      double sum = large + small, error = small - (sum - large);
      if (error != 0) out[kept++] = error;
      carried = sum;
    }
    if (carried != 0) out[kept++] = carried;
    count = kept;
  }
  return count;
}

/* Rounds once. The first addition that is not exact decides; where it met a tie, the next component tells on which side
 * of the tie the sum lies. */
static double round_distilled(const double *part, int count)
{
  if (!count) return 0;
  double high = part[--count], low = 0;
  while (count > 0 && low == 0) {
    double before = high, next = part[--count];
    high = before + next;
    low = next - (high - before);
  }
  if (count > 0 && ((low < 0 && part[count - 1] < 0) || (low > 0 && part[count - 1] > 0))) {
    double twice = low * 2, moved = high + twice;
    if (moved - high == twice) high = moved;
  }
  return high;
}

/* ---- the superaccumulator ----------------------------------------------------------------------------------- */

/* A fixed-point number as Neal (2015) has it: digit i is worth 2^(32 i - 1074) and kept in 64 bits, so that carries can
 * wait for 2^30 additions. 2^1024 has digit 65; the rest is room for carries of any count of terms. */
enum { DIGITS = 70, FRACTION = 2, CARRY_AFTER = 1 << 30 };

typedef struct accumulator {
  int64_t digit[DIGITS];
  int64_t since_carry;
  double special; /* sum of what is not finite */
} accumulator;

static void accumulator_carry(accumulator *self)
{
  for (int i = 0; i + 1 < DIGITS; i++) {
    int64_t carry = self->digit[i] >> 32;
    self->digit[i] &= INT64_C(0xffffffff);
    self->digit[i + 1] += carry;
  }
  self->since_carry = 0;
}

static void accumulator_add(accumulator *self, double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
  if (exponent == 0x7ff) {
    self->special += value;
    return;
  }
  if (exponent) mantissa |= UINT64_C(1) << 52;
  else exponent = 1;
  int first = (exponent - 1) >> 5, shift = (exponent - 1) & 31;
  uint64_t low = (mantissa & 0xffffffff) << shift, high = (mantissa >> 32) << shift;
  int64_t sign = bits >> 63 ? -1 : 1;
  self->digit[first] += sign * (int64_t)(low & 0xffffffff);
  self->digit[first + 1] += sign * (int64_t)((low >> 32) + (high & 0xffffffff));
  self->digit[first + 2] += sign * (int64_t)(high >> 32);
  if (++self->since_carry == CARRY_AFTER) accumulator_carry(self);
}

/* digits[0 .. count) in base 2^32 are worth 2^(32 i + scale); more says that something positive below them was cut off.
 * To nearest, ties to even, down to multiples of 2^-1074. */
static double round_digits(const uint32_t *digits, int count, int scale, int more)
{
  int top = count - 1;
  while (top >= 0 && !digits[top]) top--;
  if (top < 0) return 0;
  int highest = 32 * top + 31 - __builtin_clz(digits[top]);
  int lowest = highest - (DBL_MANT_DIG - 1);
  if (lowest < -1074 - scale) lowest = -1074 - scale;
  if (lowest < 0) lowest = 0;
  uint64_t kept = 0;
  for (int bit = highest; bit >= lowest; bit--) kept = kept << 1 | (digits[bit / 32] >> (bit % 32) & 1);
  int half = lowest > 0 && (digits[(lowest - 1) / 32] >> ((lowest - 1) % 32) & 1);
  for (int bit = 0; bit < lowest - 1 && !more; bit++) more = (int)(digits[bit / 32] >> (bit % 32) & 1);
  if (half && (more || (kept & 1))) kept++;
  return ldexp((double)kept, lowest + scale);
}

/* The sum divided by count, rounded once. */
static double accumulator_round(accumulator *self, int64_t count)
{
  if (self->special != 0) return self->special;
  accumulator_carry(self);
  int negative = self->digit[DIGITS - 1] < 0;
  if (negative) {
    for (int i = 0; i < DIGITS; i++) self->digit[i] = -self->digit[i];
    accumulator_carry(self);
  }
  /* Two digits more below make room for the quotient's fraction. */
  uint32_t digits[DIGITS + FRACTION] = {0};
  wide rest = 0;
  for (int i = DIGITS + FRACTION - 1; i >= 0; i--) {
    rest = rest << 32 | (i >= FRACTION ? (uint32_t)self->digit[i - FRACTION] : 0);
    if (count == 1) {
      digits[i] = (uint32_t)rest;
      rest = 0;
    } else if (rest) {
      digits[i] = (uint32_t)(rest / (uint64_t)count);
      rest %= (uint64_t)count;
    }
  }
  double rounded = round_digits(digits, DIGITS + FRACTION, -1074 - 32 * FRACTION, rest != 0);
  return negative ? -rounded : rounded;
}

/* ---- sums and means ----------------------------------------------------------------------------------------- */

static void expansion_add_all(expansion *self, const double *values, const uint8_t *valid, int64_t count)
{
  int64_t i = 0;
  if (!valid && count >= SHORT) {
    i = count / 4 * 4;
    expansion_add_lanes(self, values, i);
  }
  for (; i < count && !self->spilled; i++)
    if (!valid || (valid[i >> 3] >> (i & 7) & 1)) expansion_add(self, values[i]);
}

static double sum_slowly(const double *values, const uint8_t *valid, int64_t count, int64_t divisor)
{
  accumulator total = {0};
  for (int64_t i = 0; i < count; i++)
    if (!valid || (valid[i >> 3] >> (i & 7) & 1)) accumulator_add(&total, values[i]);
  return accumulator_round(&total, divisor);
}

double sum_exact(const double *values, const uint8_t *valid, int64_t count)
{
  expansion parts = {0};
  expansion_add_all(&parts, values, valid, count);
  if (!parts.spilled) {
    double part[3];
    double sum = round_distilled(part, distil(&parts, part));
    if (isfinite(sum)) return sum;
  }
  return sum_slowly(values, valid, count, 1);
}

/* The quotient of a distilled sum where an estimate and the bounds of its error round to the same double (Ziv 1991);
 * NaN where they do not. */
static double divide_distilled(const double *part, int parts, double count)
{
  if (!parts) return 0;
  double top = part[parts - 1], quotient = top / count;
  if (!(fabs(quotient) > 1e-250 && fabs(quotient) < 1e250)) return NAN;
  double rest = fma(-quotient, count, top), others = 0;
  for (int i = 0; i < parts - 1; i++) others += part[i];
  double correction = (rest + others) / count;
  double error = (fabs(rest) + fabs(others)) / count * 0x1p-48;
  double least = quotient + (correction - error), most = quotient + (correction + error);
  return least == most ? least : (double)NAN;
}

double mean_exact(const double *values, const uint8_t *valid, int64_t count)
{
  int64_t there = count;
  if (valid) {
    there = 0;
    for (int64_t i = 0; i < count; i++) there += valid[i >> 3] >> (i & 7) & 1;
  }
  if (!there) return NAN;
  expansion parts = {0};
  expansion_add_all(&parts, values, valid, count);
  if (!parts.spilled && there <= INT64_C(1) << 53) {
    double part[3];
    double mean = divide_distilled(part, distil(&parts, part), (double)there);
    if (isfinite(mean)) return mean;
  }
  return sum_slowly(values, valid, count, there);
}
