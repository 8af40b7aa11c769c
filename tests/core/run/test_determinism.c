/* The same bytes for any number of threads, any size of batches, any order of rows and any chunks that they come in. */
#include "support/properties.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

/* The thread sanitizer is slow, and what it looks for does not need as many. */
#if defined(__SANITIZE_THREAD__)
enum { PEOPLE = 17000, ORDERS = 3 * PEOPLE, ANSWERS = PEOPLE, FRIENDS = PEOPLE };
#else
enum { PEOPLE = 20000, ORDERS = 5 * PEOPLE, ANSWERS = 2 * PEOPLE, FRIENDS = PEOPLE };
#endif
#define DAY INT64_C(86400000000)

/* Every strategy that fits: aggregates and whole events, edges, learning and fitted scorers, four normalizers. */
static const char head[] =
    "tarazu: 1\nas_of: 2020-01-01\nseed: 3\n"
    "data:\n"
    "  customers: {key: id}\n"
    "  orders: {key: who, columns: {time: day}}\n"
    "  surveys: {key: who, columns: {time: day}}\n"
    "  friends: {edge: [of, to]}\n"
    "criteria:\n"
    "  size: {plugin: attribute, dimension: financial, input: {value: customers.size}}\n"
    "  risk: {plugin: attribute, dimension: financial, better: less, missing: median, normalize: minmax,"
    " input: {value: customers.risk}}\n"
    "  sum: {plugin: monetary, dimension: financial, weight: 3}\n"
    "  lately: {plugin: monetary, dimension: financial, normalize: percentile, params: {half_life: 90 days}}\n"
    "  habit: {plugin: rfm, dimension: financial, normalize: sum}\n"
    "  mouth: {plugin: referral, dimension: non_financial, input: {referrals: friends, value: lately}}\n"
    "  mood: {plugin: survey, dimension: non_financial, weight: 2, params: {kind: nps, half_life: 180 days},"
    " input: {answers: surveys}}\n"
    "  luck: {plugin: served, dimension: chance, weight: 0.1, input: {value: customers.size}}\n"
    "  step: {plugin: typed, dimension: chance, input: {value: customers.size}}\n"
    "dimensions: {financial: 60%, non_financial: 35%, chance: 5%}\n"
    "segments:\n"
    "  tier: pareto\n"
    "  cell: matrix\n"
    "key_customers: {limit: 2%, require: {non_financial: 0.4}}\n";

typedef struct world {
  char names[PEOPLE][8];
  const char *ids[PEOPLE];
  double size[PEOPLE], risk[PEOPLE];
  const char *buyers[ORDERS];
  int64_t bought[ORDERS];
  double amounts[ORDERS];
  const char *answerers[ANSWERS];
  int64_t answered[ANSWERS];
  double answers[ANSWERS];
  const char *of[FRIENDS], *to[FRIENDS];
} world;

static world *make_world(void)
{
  uint64_t seed = 77;
  world *w = calloc(1, sizeof *w);
  const int64_t end = INT64_C(1577836800000000); /* 2020-01-01 */
  if (!w) abort();
  for (int64_t i = 0; i < PEOPLE; i++) {
    snprintf(w->names[i], sizeof w->names[i], "k%05d", (int)i);
    w->ids[i] = w->names[i];
    w->size[i] = next_uniform(&seed) < 0.1 ? NAN : floor(1000 * next_uniform(&seed)) / 7;
    w->risk[i] = next_uniform(&seed) < 0.3 ? NAN : next_uniform(&seed) - 0.5;
  }
  for (int64_t i = 0; i < ORDERS; i++) {
    double u = next_uniform(&seed);
    w->buyers[i] = w->ids[(int64_t)(u * u * PEOPLE)]; /* some buy often, the last ones hardly */
    w->bought[i] = end - (int64_t)(700 * next_uniform(&seed)) * DAY + (next_uniform(&seed) < 0.02 ? 400 * DAY : 0);
    w->amounts[i] =
        next_uniform(&seed) < 0.01 ? NAN : 1e4 * next_uniform(&seed) - 100; /* sums that order would show in */
  }
  for (int64_t i = 0; i < ANSWERS; i++) {
    w->answerers[i] = w->ids[(int64_t)(next_uniform(&seed) * PEOPLE)];
    w->answered[i] = end - (int64_t)(900 * next_uniform(&seed)) * DAY;
    w->answers[i] = next_uniform(&seed) < 0.1 ? NAN : floor(11 * next_uniform(&seed));
  }
  for (int64_t i = 0; i < FRIENDS; i++) {
    double u = next_uniform(&seed);
    w->of[i] = w->ids[(int64_t)(u * u * u * PEOPLE)];
    w->to[i] = w->ids[(int64_t)(next_uniform(&seed) * PEOPLE)];
  }
  return w;
}

static int64_t *shuffled(int64_t count, uint64_t seed)
{
  int64_t *order = malloc((size_t)count * sizeof *order);
  if (!order) abort();
  for (int64_t i = 0; i < count; i++) order[i] = i;
  for (int64_t i = count - 1; i > 0; i--) {
    int64_t k = (int64_t)(next_uniform(&seed) * (double)(i + 1)), swap = order[i];
    order[i] = order[k];
    order[k] = swap;
  }
  return order;
}

static void push_shuffled(trial *t, const char *table, int64_t rows, const given *columns, uint32_t count,
                          int64_t batch_rows, uint64_t seed)
{
  int64_t *order = seed ? shuffled(rows, seed) : NULL;
  assert_good(t, trial_push_as(t, table, rows, columns, count, (arrival){batch_rows, order}));
  free(order);
}

static char *bytes_of(const world *w, const char *combiner, uint32_t threads, int64_t batch, int64_t batch_rows,
                      uint64_t seed, size_t *count)
{
  trial t;
  char yaml[4000];
  snprintf(yaml, sizeof yaml, "%scombine: %s\n", head, combiner);
  trial_new(&t);
  t.options.threads = threads;
  t.options.batch = batch;
  assert_good(&t, trial_open(&t, yaml));
  const given customers[] = {{"id", "u", w->ids}, {"size", "g", w->size}, {"risk", "g", w->risk}};
  const given orders[] = {{"who", "u", w->buyers}, {"day", "tsu:UTC", w->bought}, {"amount", "g", w->amounts}};
  const given surveys[] = {{"who", "u", w->answerers}, {"day", "tsu:UTC", w->answered}, {"answer", "g", w->answers}};
  const given friends[] = {{"of", "u", w->of}, {"to", "u", w->to}};
  push_shuffled(&t, "customers", PEOPLE, customers, 3, batch_rows, seed);
  push_shuffled(&t, "orders", ORDERS, orders, 3, batch_rows, seed ? seed + 1 : 0);
  push_shuffled(&t, "surveys", ANSWERS, surveys, 3, batch_rows, seed ? seed + 2 : 0);
  push_shuffled(&t, "friends", FRIENDS, friends, 2, batch_rows, seed ? seed + 3 : 0);
  assert_good(&t, trial_run(&t));
  char *all = NULL;
  *count = 0;
  static const char *const tables[] = {"customers", "criteria", "facts"};
  for (int i = 0; i < 3; i++) {
    size_t more;
    sheet *s = sheet_read(&t, tables[i]);
    char *bytes = sheet_bytes(s, &more);
    if (!(all = realloc(all, *count + more))) abort();
    memcpy(all + *count, bytes, more);
    *count += more;
    free(bytes);
    sheet_free(s);
  }
  trial_free(&t);
  return all;
}

typedef struct way {
  uint32_t threads;
  int64_t batch, batch_rows;
  uint64_t seed;
} way;

static void assert_same(const char *combiner, const way *ways, size_t count)
{
  world *w = make_world();
  size_t expected_count, got_count;
  char *expected = bytes_of(w, combiner, 1, 0, 0, 0, &expected_count);
  for (size_t i = 0; i < count; i++) {
    char *got = bytes_of(w, combiner, ways[i].threads, ways[i].batch, ways[i].batch_rows, ways[i].seed, &got_count);
    if (got_count != expected_count || memcmp(got, expected, got_count) != 0)
      fail_msg("%s: other bytes with %u threads, batches of %lld, chunks of %lld, order %llu", combiner,
               ways[i].threads, (long long)ways[i].batch, (long long)ways[i].batch_rows,
               (unsigned long long)ways[i].seed);
    free(got);
  }
  free(expected);
  free(w);
}

static void threads_and_batches_do_not_show(void **state)
{
  static const way ways[] = {
      {1, 1, 0, 0},     {1, 7, 0, 0}, {1, 65536, 0, 0}, {2, 1, 0, 0},    {2, 7, 0, 0},     {2, 2048, 0, 0},
      {2, 65536, 0, 0}, {8, 1, 0, 0}, {8, 7, 0, 0},     {8, 2048, 0, 0}, {8, 65536, 0, 0},
  };
  (void)state;
  assert_same("topsis", ways, sizeof ways / sizeof *ways);
}

static void orders_and_chunks_of_rows_do_not_show(void **state)
{
  static const way ways[] = {{2, 0, 1000, 0}, {2, 0, 0, 5}, {8, 7, 777, 6}, {1, 2048, 16384, 7}, {3, 100, 1, 0}};
  (void)state;
  assert_same("weighted_sum", ways, sizeof ways / sizeof *ways);
  assert_same("topsis", ways, 3);
}

/* ---- more customers than one state of learning sees ------------------------------------------------------------ */

enum { MANY = 65536 + 4321 };

static char *many_bytes(const int64_t *ids, double *const *values, way how, size_t *count)
{
  trial t;
  trial_new(&t);
  t.options.threads = how.threads;
  t.options.batch = how.batch;
  assert_good(&t,
              trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: topsis\ncriteria:\n"
                             "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                             "  b: {plugin: attribute, dimension: financial, normalize: sum,"
                             " input: {value: customers.b}}\n"
                             "  c: {plugin: attribute, dimension: non_financial, normalize: percentile, better: less,"
                             " input: {value: customers.c}}\n"
                             "weigh: present\nsegments: {tier: {plugin: pareto, input: {value: a}}}\n"
                             "key_customers: {limit: 100}\n"));
  const given columns[] = {{"id", "l", ids}, {"a", "g", values[0]}, {"b", "g", values[1]}, {"c", "g", values[2]}};
  push_shuffled(&t, "customers", MANY, columns, 4, how.batch_rows, how.seed);
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_int_equal(sheet_rows(s), MANY);
  char *bytes = sheet_bytes(s, count);
  sheet_free(s);
  trial_free(&t);
  return bytes;
}

static void shares_of_learning_do_not_show(void **state)
{
  static const way ways[] = {{1, 0, 0, 0}, {8, 7, 0, 9}, {2, 65536, 5000, 0}};
  int64_t *ids = malloc(MANY * sizeof *ids);
  double *values[3];
  char *bytes[3];
  size_t counts[3];
  uint64_t seed = 4;
  (void)state;
  for (int k = 0; k < 3; k++) values[k] = malloc(MANY * sizeof *values[k]);
  for (int64_t i = 0; i < MANY; i++) {
    ids[i] = i;
    for (int k = 0; k < 3; k++) values[k][i] = next_uniform(&seed) < 0.05 ? NAN : 100 * next_uniform(&seed);
  }
  for (int i = 0; i < 3; i++) bytes[i] = many_bytes(ids, values, ways[i], &counts[i]);
  for (int i = 1; i < 3; i++) {
    assert_int_equal(counts[i], counts[0]);
    assert_memory_equal(bytes[i], bytes[0], counts[0]);
  }
  for (int i = 0; i < 3; i++) {
    free(values[i]);
    free(bytes[i]);
  }
  free(ids);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_and_batches_do_not_show),
      cmocka_unit_test(orders_and_chunks_of_rows_do_not_show),
      cmocka_unit_test(shares_of_learning_do_not_show),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
