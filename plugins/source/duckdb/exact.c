/* Sums of doubles that no order can change.
 *
 * A group's sum is kept as three doubles whose mathematical sum is exact: a new term is added to the first, what
 * rounding lost of it to the second, what that lost to the third (Knuth's two-sum, TAOCP 4.2.2; the cascade is Klein
 * 2006, "A generalized Kahan-Babuska summation algorithm", eq. 4.3, and a grow-expansion of Shewchuk 1997 of fixed
 * length). Where even the third would round, which needs terms more than some 2^100 apart, the group goes on in a
 * superaccumulator, a fixed-point number as wide as all doubles (Neal 2015, "Fast exact summation using small and large
 * superaccumulators"). It also does the divisions whose one rounding cannot be proven right in doubles. */
#define _GNU_SOURCE
#include "exact.h"

#include <float.h>
#include <math.h>

/* ---- a fixed-point number as wide as all doubles ----------------------------------------------------------------- */

/* 2^-1074, the least double, is the unit; 64 digits of 32 bits reach 2^974, a double's top bits two more; the rest
 * takes the carries of 2^63 terms. */
enum { DIGITS = 68, UNIT = 1074 };

/* value = sum of digit[i] * 2^(32 i - 1074). Digits are signed and hold more than 32 bits until carried. */
struct wide {
  wide *next;
  int64_t digit[DIGITS];
  int64_t terms; /* since the last carry */
};

static void carry(wide *number)
{
  for (int i = 0; i + 1 < DIGITS; i++) {
    int64_t over = number->digit[i] >> 32; /* floor */
    number->digit[i] &= 0xffffffff;
    number->digit[i + 1] += over;
  }
  number->terms = 0;
}

static void wide_add(wide *number, double term)
{
  uint64_t bits;
  memcpy(&bits, &term, sizeof bits);
  unsigned exponent = (unsigned)(bits >> 52) & 0x7ff;
  uint64_t mantissa = (bits & 0xfffffffffffff) | (exponent ? UINT64_C(1) << 52 : 0);
  unsigned shift = exponent ? exponent - 1 : 0;
  uint128 shifted = (uint128)mantissa << (shift & 31);
  int64_t sign = bits >> 63 ? -1 : 1;
  for (unsigned i = 0; i < 3; i++) number->digit[(shift >> 5) + i] += sign * (int64_t)(uint32_t)(shifted >> (32 * i));
  if (++number->terms == INT64_C(1) << 29) carry(number);
}

static void wide_merge(wide *into, wide *from)
{
  carry(from);
  carry(into);
  for (int i = 0; i < DIGITS; i++) into->digit[i] += from->digit[i];
  carry(into);
}

/* A magnitude, its sign beside it. rest: something that lies below the last digit was cut off. */
typedef struct magnitude {
  uint32_t digit[DIGITS];
  bool negative;
  bool rest;
  bool half, above; /* what was cut off is half a unit or more, and more than half */
} magnitude;

static magnitude magnitude_of(wide *number)
{
  magnitude result = {0};
  carry(number);
  wide copy = *number;
  if (copy.digit[DIGITS - 1] < 0) {
    result.negative = true;
    for (int i = 0; i < DIGITS; i++) copy.digit[i] = -copy.digit[i];
    carry(&copy);
  }
  for (int i = 0; i < DIGITS; i++) result.digit[i] = (uint32_t)copy.digit[i];
  return result;
}

static void divide(magnitude *number, uint64_t divisor)
{
  uint128 left = 0;
  for (int i = DIGITS - 1; i >= 0; i--) {
    left = left << 32 | number->digit[i];
    number->digit[i] = (uint32_t)(left / divisor);
    left %= divisor;
  }
  bool rest = number->rest;
  number->half = 2 * left >= divisor;
  number->above = 2 * left > divisor || (2 * left == divisor && rest);
  number->rest = rest || left != 0;
}

static int top_bit(const magnitude *number)
{
  for (int i = DIGITS - 1; i >= 0; i--)
    if (number->digit[i]) return 32 * i + 31 - __builtin_clz(number->digit[i]);
  return -1;
}

static unsigned bit_at(const magnitude *number, int position)
{
  return number->digit[position >> 5] >> (position & 31) & 1;
}

static bool any_below(const magnitude *number, int position)
{
  for (int i = 0; i < position; i++)
    if (bit_at(number, i)) return true;
  return false;
}

static double rounded(const magnitude *number)
{
  int top = top_bit(number);
  int last = top > 52 ? top - 52 : 0; /* the position of the double's last bit */
  uint64_t mantissa = 0;
  for (int i = top; i >= last; i--) mantissa = mantissa << 1 | bit_at(number, i);
  bool half = last ? bit_at(number, last - 1) : number->half;
  bool above = last ? half && (number->rest || any_below(number, last - 1)) : number->above;
  if (half && (above || (mantissa & 1))) mantissa++;
  double result = ldexp((double)mantissa, last - UNIT);
  return number->negative ? -result : result;
}

static double wide_quotient(wide *number, int64_t count)
{
  magnitude result = magnitude_of(number);
  if (count > 1) divide(&result, (uint64_t)count);
  return rounded(&result);
}

/* ---- the aggregate functions ------------------------------------------------------------------------------------- */

typedef struct exact_state {
  double part[3];
  int64_t count;
  wide *wide; /* of the list; NULL: none was needed */
} exact_state;

static wide *wide_new(wide_list *list)
{
  wide *made = calloc(1, sizeof *made);
  if (!made) return NULL;
  wide *first = atomic_load(&list->first);
  do made->next = first;
  while (!atomic_compare_exchange_weak(&list->first, &first, made));
  return made;
}

void wide_list_free(wide_list *list)
{
  wide *item = atomic_exchange(&list->first, NULL);
  while (item) {
    wide *next = item->next;
    free(item);
    item = next;
  }
}

/* a + b, and what that rounds off in *lost: exact unless it overflows. */
static inline double two_sum(double a, double b, double *lost)
{
  double sum = a + b;
  double shadow = sum - a;
  *lost = (a - (sum - shadow)) + (b - shadow);
  return sum;
}

static bool widen(exact_state *state, wide_list *list)
{
  if (state->wide) return true;
  state->wide = wide_new(list);
  if (!state->wide) return false;
  for (int i = 0; i < 3; i++) wide_add(state->wide, state->part[i]);
  return true;
}

/* false: no memory */
static inline bool add_term(exact_state *state, double term, wide_list *list)
{
  if (state->wide) {
    wide_add(state->wide, term);
    return true;
  }
  double lost, more, last;
  double first = two_sum(state->part[0], term, &lost);
  if (lost == 0) {
    state->part[0] = first;
    return true;
  }
  double second = two_sum(state->part[1], lost, &more);
  double third = two_sum(state->part[2], more, &last);
  if (last == 0 && isfinite(first)) {
    state->part[0] = first;
    state->part[1] = second;
    state->part[2] = third;
    return true;
  }
  if (!widen(state, list)) return false;
  wide_add(state->wide, term);
  return true;
}

/* What the callbacks below call; set before the first of them can run, and the same for all of a process. */
static _Atomic(const duck_api *) functions;

static idx_t state_size(duckdb_function_info info)
{
  (void)info;
  return sizeof(exact_state);
}

static void state_init(duckdb_function_info info, duckdb_aggregate_state state)
{
  (void)info;
  *(exact_state *)(void *)state = (exact_state){0};
}

static bool valid_at(const uint64_t *validity, idx_t row)
{
  return !validity || (validity[row >> 6] >> (row & 63) & 1);
}

enum { AHEAD = 16 };

static void update(duckdb_function_info info, duckdb_data_chunk input, duckdb_aggregate_state *states)
{
  const duck_api *api = atomic_load_explicit(&functions, memory_order_acquire);
  wide_list *list = api->aggregate_function_get_extra_info(info);
  duckdb_vector vector = api->data_chunk_get_vector(input, 0);
  const double *terms = api->vector_get_data(vector);
  const uint64_t *validity = api->vector_get_validity(vector);
  idx_t count = api->data_chunk_get_size(input);
  for (idx_t i = 0; i < count; i++) {
    /* groups come in no order, so nearly every state is a cache miss */
    if (i + AHEAD < count) __builtin_prefetch(states[i + AHEAD], 1);
    if (!valid_at(validity, i)) continue;
    exact_state *state = (exact_state *)(void *)states[i];
    if (!isfinite(terms[i])) {
      api->aggregate_function_set_error(info, "a value to be summed is not a finite number");
      return;
    }
    if (!add_term(state, terms[i], list)) {
      api->aggregate_function_set_error(info, "no memory for an exact sum");
      return;
    }
    state->count++;
  }
}

static bool merge_states(exact_state *into, const exact_state *from, wide_list *list)
{
  into->count += from->count;
  if (from->wide) {
    if (!widen(into, list)) return false;
    wide_merge(into->wide, from->wide);
    return true;
  }
  for (int i = 0; i < 3; i++)
    if (!add_term(into, from->part[i], list)) return false;
  return true;
}

static void combine(duckdb_function_info info, duckdb_aggregate_state *from, duckdb_aggregate_state *into, idx_t count)
{
  const duck_api *api = atomic_load_explicit(&functions, memory_order_acquire);
  wide_list *list = api->aggregate_function_get_extra_info(info);
  for (idx_t i = 0; i < count; i++)
    if (!merge_states((exact_state *)(void *)into[i], (const exact_state *)(void *)from[i], list)) {
      api->aggregate_function_set_error(info, "no memory for an exact sum");
      return;
    }
}

/* The parts' sum over count by the superaccumulator, where doubles cannot prove their rounding. */
static double slow_mean(const exact_state *state, int64_t count)
{
  wide sum = {0};
  if (state->wide) sum = *state->wide;
  else
    for (int i = 0; i < 3; i++) wide_add(&sum, state->part[i]);
  return wide_quotient(&sum, count);
}

/* The sum as high + low, |low| at most half a unit in the last place of high; false: it needs more than two doubles. */
static bool two_parts(const exact_state *state, double *high, double *low)
{
  double lost, rest, tail;
  if (state->wide) return false;
  double middle = two_sum(state->part[1], state->part[2], &lost);
  double first = two_sum(state->part[0], middle, &rest);
  rest = two_sum(rest, lost, &tail);
  *high = two_sum(first, rest, low);
  return tail == 0 && isfinite(*high);
}

static double sum_of(const exact_state *state)
{
  double high, low;
  return two_parts(state, &high, &low) ? high : slow_mean(state, 1);
}

/* q = high / n rounded; what it leaves, high - q n, is a double (fma gives it exactly away from underflow), so q + d
 * with d = (left + low) / n is the quotient but for some 2^-100 of it. Where moving d by far more than its own error
 * does not change the rounded sum, that is the answer. */
static double mean_of(const exact_state *state)
{
  double high, low, n = (double)state->count;
  bool short_sum = two_parts(state, &high, &low);
  if (short_sum && high == 0) return 0;
  if (!short_sum || fabs(high) < 0x1p-800 || state->count >= INT64_C(1) << 53) return slow_mean(state, state->count);
  double q = high / n;
  double d = (fma(-q, n, high) + low) / n;
  double down = q + d * (1 - 0x1p-40), up = q + d * (1 + 0x1p-40);
  return down == up ? down : slow_mean(state, state->count);
}

static void finalize_sum(duckdb_function_info info, duckdb_aggregate_state *states, duckdb_vector result, idx_t count,
                         idx_t offset)
{
  (void)info;
  const duck_api *api = atomic_load_explicit(&functions, memory_order_acquire);
  double *values = api->vector_get_data(result);
  for (idx_t i = 0; i < count; i++) values[offset + i] = sum_of((const exact_state *)(void *)states[i]);
}

static void finalize_mean(duckdb_function_info info, duckdb_aggregate_state *states, duckdb_vector result, idx_t count,
                          idx_t offset)
{
  (void)info;
  const duck_api *api = atomic_load_explicit(&functions, memory_order_acquire);
  double *values = api->vector_get_data(result);
  for (idx_t i = 0; i < count; i++) {
    const exact_state *state = (const exact_state *)(void *)states[i];
    if (state->count) {
      values[offset + i] = mean_of(state);
    } else {
      api->vector_ensure_validity_writable(result);
      api->validity_set_row_invalid(api->vector_get_validity(result), offset + i);
    }
  }
}

static bool register_one(const duck_session *session, wide_list *list, const char *name,
                         duckdb_aggregate_finalize_t finalize)
{
  const duck_api *api = session->api;
  duckdb_aggregate_function function = api->create_aggregate_function();
  duckdb_logical_type type = api->create_logical_type(DUCKDB_TYPE_DOUBLE);
  api->aggregate_function_set_name(function, name);
  api->aggregate_function_add_parameter(function, type);
  api->aggregate_function_set_return_type(function, type);
  api->aggregate_function_set_functions(function, state_size, state_init, update, combine, finalize);
  api->aggregate_function_set_extra_info(function, list, NULL);
  bool good = api->register_aggregate_function(session->connection, function) == DuckDBSuccess;
  api->destroy_logical_type(&type);
  api->destroy_aggregate_function(&function);
  return good;
}

tarazu_status exact_register(const duck_session *session, wide_list *list, tarazu_error *error)
{
  atomic_store_explicit(&functions, session->api, memory_order_release);
  if (!register_one(session, list, "tarazu_sum", finalize_sum) ||
      !register_one(session, list, "tarazu_mean", finalize_mean))
    return tarazu_fail(error, TARAZU_INTERNAL, "DuckDB does not take the exact sum as a function");
  return TARAZU_OK;
}

/* ---- integers and decimals --------------------------------------------------------------------------------------- */

static double ratio_of(uint128 number, bool negative, int64_t count, unsigned scale)
{
  static const uint64_t tens[] = {1,
                                  10,
                                  100,
                                  1000,
                                  10000,
                                  100000,
                                  1000000,
                                  10000000,
                                  100000000,
                                  1000000000,
                                  10000000000,
                                  100000000000,
                                  1000000000000,
                                  10000000000000,
                                  100000000000000,
                                  1000000000000000};
  const uint64_t whole = UINT64_C(1) << 53; /* up to here integers are doubles, and a quotient of two is rounded once */
  if (number <= whole && scale < 16 && (uint128)count * tens[scale] <= whole) {
    double quotient = (double)(uint64_t)number / (double)((uint64_t)count * tens[scale]);
    return negative ? -quotient : quotient;
  }
  magnitude result = {.negative = negative};
  uint128 low = number << (UNIT % 32), high = number >> (128 - UNIT % 32);
  for (int i = 0; i < 4; i++) result.digit[UNIT / 32 + i] = (uint32_t)(low >> (32 * i));
  result.digit[UNIT / 32 + 4] = (uint32_t)high;
  divide(&result, (uint64_t)count);
  for (; scale >= 15; scale -= 15) divide(&result, tens[15]);
  divide(&result, tens[scale]);
  return rounded(&result);
}

double exact_ratio(int128 number, int64_t count, unsigned scale)
{
  uint128 size = number < 0 ? -(uint128)number : (uint128)number;
  return ratio_of(size, number < 0, count, scale);
}

double exact_unsigned(uint128 number)
{
  return ratio_of(number, false, 1, 0);
}
