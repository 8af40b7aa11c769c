/* Exact sums against an oracle of its own: a plain big integer that tells whether a result is the nearest double. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/sum.h"

/* ---- the oracle: two's complement integers in units of 2^-1075, half the smallest double --------------------- */

enum { WORDS = 72 }; /* of 32 bits: 2^1024 and 2^100 terms fit */

typedef struct big {
  uint32_t word[WORDS];
} big;

static void big_add(big *to, const big *other, int negate)
{
  uint64_t carry = negate ? 1 : 0;
  for (int i = 0; i < WORDS; i++) {
    carry += (uint64_t)to->word[i] + (negate ? ~other->word[i] : other->word[i]);
    to->word[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

static int big_sign(const big *it)
{
  if (it->word[WORDS - 1] >> 31) return -1;
  for (int i = 0; i < WORDS; i++)
    if (it->word[i]) return 1;
  return 0;
}

/* value times `times`; infinity stands for 2^1024, where rounding to infinity begins to be nearer. */
static big big_of(double value, uint32_t times)
{
  big out = {{0}};
  int exponent;
  double fraction = isinf(value) ? 0.5 : frexp(fabs(value), &exponent);
  if (isinf(value)) exponent = 1025;
  if (fraction == 0) return out;
  uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
  int shift = exponent - 53 + 1075;
  while (shift < 0) {
    mantissa >>= 1; /* exact: subnormals have fewer digits */
    shift++;
  }
  for (int bit = 0; bit < 53; bit++)
    if (mantissa >> bit & 1) out.word[(shift + bit) / 32] |= UINT32_C(1) << ((shift + bit) % 32);
  uint64_t carry = 0;
  for (int i = 0; i < WORDS; i++) {
    carry += (uint64_t)out.word[i] * times;
    out.word[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (value < 0) {
    big negated = {{0}};
    big_add(&negated, &out, 1);
    return negated;
  }
  return out;
}

/* Sign of 2 * (exact sum) - divisor * (a + b): on which side of the middle between a and b the quotient lies. */
static int side_of_middle(const big *sum, double a, double b, uint32_t divisor)
{
  big all = *sum, term = big_of(a, divisor);
  big_add(&all, sum, 0);
  big_add(&all, &term, 1);
  term = big_of(b, divisor);
  big_add(&all, &term, 1);
  return big_sign(&all);
}

static int is_even(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return !(bits & 1);
}

static void assert_nearest(const big *sum, double result, uint32_t divisor)
{
  assert_true(result == result);
  if (!isinf(result) || result < 0) {
    double up = isinf(result) ? -DBL_MAX : nextafter(result, INFINITY);
    int side = side_of_middle(sum, result, up, divisor);
    assert_true(side < 0 || (side == 0 && (isinf(result) || is_even(result))));
  }
  if (!isinf(result) || result > 0) {
    double down = isinf(result) ? DBL_MAX : nextafter(result, -INFINITY);
    int side = side_of_middle(sum, result, down, divisor);
    assert_true(side > 0 || (side == 0 && (isinf(result) || is_even(result))));
  }
}

__extension__ typedef __int128 wide;

static uint64_t state;
static uint64_t next(void)
{
  state += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = state;
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static void shuffle(double *values, int64_t count)
{
  for (int64_t i = count - 1; i > 0; i--) {
    int64_t other = (int64_t)(next() % (uint64_t)(i + 1));
    double swap = values[i];
    values[i] = values[other];
    values[other] = swap;
  }
}

static void check(double *values, int64_t count)
{
  big sum = {{0}};
  for (int64_t i = 0; i < count; i++) {
    big term = big_of(values[i], 1);
    big_add(&sum, &term, 0);
  }
  double first = sum_exact(values, NULL, count);
  assert_nearest(&sum, first, 1);
  double mean = mean_exact(values, NULL, count);
  assert_nearest(&sum, mean, (uint32_t)count);
  for (int round = 0; round < 3; round++) {
    shuffle(values, count);
    double again = sum_exact(values, NULL, count), mean_again = mean_exact(values, NULL, count);
    assert_memory_equal(&first, &again, sizeof first);
    assert_memory_equal(&mean, &mean_again, sizeof mean);
  }
}

/* ---- tests -------------------------------------------------------------------------------------------------- */

static double random_of_kind(int kind)
{
  uint64_t bits = next();
  double value;
  switch (kind) {
  case 0: return (double)(int64_t)(bits % 2000001) / 100 - 5000; /* money */
  case 1: /* any finite double but the largest, so that middles stay finite */
    do {
      bits = next();
      memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value) || fabs(value) > 1e300);
    return value;
  case 2: bits &= UINT64_C(0x800fffffffffffff); break; /* subnormal */
  case 3: return ldexp((double)(int64_t)(bits >> 11) - 0x1p52, (int)(next() % 120) - 60);
  case 4: return ldexp(bits & 1 ? 1 : -1, (int)(bits >> 40) % 2000 - 1000); /* powers of two */
  case 5: return (double)(bits % 1000);
  default: return ldexp(1, (int)(bits % 3) * 53 - 53) * (next() & 1 ? 1 : -1); /* ties */
  }
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void test_random_sums_and_means_are_the_nearest_doubles(void **unused)
{
  (void)unused;
  double values[300];
  state = 1;
  for (int round = 0; round < 6000; round++) {
    int kind = round % 7, mixed = round % 11 == 0;
    int64_t count = 1 + (int64_t)(next() % (round % 5 ? 40 : 300));
    for (int64_t i = 0; i < count; i++) values[i] = random_of_kind(mixed ? (int)(next() % 7) : kind);
    if (round % 3 == 0) /* nearly everything cancels */
      for (int64_t i = 0; i < count / 2; i++) values[count - 1 - i] = -values[i];
    shuffle(values, count);
    check(values, count);
  }
}

static void test_ties_go_to_even_unless_something_tiny_decides(void **unused)
{
  (void)unused;
  double half = 0x1p-53;
  assert_true(sum_exact((double[]){1, half}, NULL, 2) == 1);
  assert_true(sum_exact((double[]){1, half, DBL_TRUE_MIN}, NULL, 3) == 1 + 0x1p-52);
  assert_true(sum_exact((double[]){1, half, -DBL_TRUE_MIN}, NULL, 3) == 1);
  assert_true(sum_exact((double[]){1 + 0x1p-52, half}, NULL, 2) == 1 + 0x1p-51);
  assert_true(sum_exact((double[]){1 + 0x1p-52, half, -DBL_TRUE_MIN}, NULL, 3) == 1 + 0x1p-52);
}

static void test_overflow_only_where_the_rounded_sum_overflows(void **unused)
{
  (void)unused;
  double edge = 0x1p970; /* half of the largest double's last place */
  assert_true(sum_exact((double[]){DBL_MAX, DBL_MAX, -DBL_MAX}, NULL, 3) == DBL_MAX);
  assert_true(sum_exact((double[]){DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX, 1}, NULL, 5) == 1);
  assert_true(!!isinf(sum_exact((double[]){DBL_MAX, edge}, NULL, 2)));
  assert_true(sum_exact((double[]){DBL_MAX, edge, -DBL_TRUE_MIN}, NULL, 3) == DBL_MAX);
  assert_true(!!isinf(sum_exact((double[]){-DBL_MAX, -DBL_MAX}, NULL, 2)));
  assert_true(mean_exact((double[]){DBL_MAX, DBL_MAX, DBL_MAX}, NULL, 3) == DBL_MAX);
  assert_true(mean_exact((double[]){DBL_MAX, -DBL_MAX}, NULL, 2) == 0);
}

static void test_many_huge_terms_and_one_tiny_one(void **unused)
{
  (void)unused;
  enum { COUNT = 10001 };
  static double values[COUNT];
  for (int i = 0; i < COUNT - 1; i++) values[i] = i % 2 ? -1e308 : 1e308;
  values[COUNT - 1] = DBL_TRUE_MIN;
  state = 2;
  for (int round = 0; round < 5; round++) {
    shuffle(values, COUNT);
    assert_true(sum_exact(values, NULL, COUNT) == DBL_TRUE_MIN);
  }
}

static void test_cents_add_up_to_the_nearest_double_of_the_cents(void **unused)
{
  (void)unused;
  enum { COUNT = 100000 };
  double *values = malloc(COUNT * sizeof *values);
  wide exact = 0; /* in units of 2^-59, of which each amount of a cent or more is a whole number */
  state = 3;
  for (int i = 0; i < COUNT; i++) {
    values[i] = (double)(1 + next() % 100000) / 100;
    exact += (wide)(values[i] * 0x1p59);
  }
  double rounded = (double)exact * 0x1p-59; /* the compiler's conversion rounds once */
  assert_true(sum_exact(values, NULL, COUNT) == rounded);
  shuffle(values, COUNT);
  assert_true(sum_exact(values, NULL, COUNT) == rounded);
  free(values);
}

static void test_nulls_do_not_count(void **unused)
{
  (void)unused;
  double values[] = {1, NAN, 3, 1e300, 5};
  uint8_t valid[] = {0x15};
  assert_true(sum_exact(values, valid, 5) == 9);
  assert_true(mean_exact(values, valid, 5) == 3);
  assert_true(sum_exact(values, (uint8_t[]){0}, 5) == 0);
  assert_true(!!isnan(mean_exact(values, (uint8_t[]){0}, 5)));
}

static void test_of_nothing_and_of_zeros_is_zero_without_a_sign(void **unused)
{
  (void)unused;
  assert_true(sum_exact(NULL, NULL, 0) == 0);
  assert_true(!signbit(sum_exact((double[]){-0.0, -0.0}, NULL, 2)));
  assert_true(!signbit(sum_exact((double[]){5, -5}, NULL, 2)));
}

static void test_what_is_not_finite_stays_so(void **unused)
{
  (void)unused;
  assert_true(!!isinf(sum_exact((double[]){1, INFINITY}, NULL, 2)));
  assert_true(!!isnan(sum_exact((double[]){-INFINITY, INFINITY}, NULL, 2)));
  assert_true(!!isnan(sum_exact((double[]){1, NAN}, NULL, 2)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_sums_and_means_are_the_nearest_doubles),
      cmocka_unit_test(test_ties_go_to_even_unless_something_tiny_decides),
      cmocka_unit_test(test_overflow_only_where_the_rounded_sum_overflows),
      cmocka_unit_test(test_many_huge_terms_and_one_tiny_one),
      cmocka_unit_test(test_cents_add_up_to_the_nearest_double_of_the_cents),
      cmocka_unit_test(test_nulls_do_not_count),
      cmocka_unit_test(test_of_nothing_and_of_zeros_is_zero_without_a_sign),
      cmocka_unit_test(test_what_is_not_finite_stays_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
