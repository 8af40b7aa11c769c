/* Made-up data: the same seed makes the same, aggregates are those of the events, and shrinking keeps what fails. */
#include "conform/sample.h"
#include "support/near.h"

#include <string.h>

static const tarazu_field order_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when", .aggregate = TARAZU_LAST},
    {.name = "amount", .type = TARAZU_F64, .help = "how much", .aggregate = TARAZU_SUM},
    {.name = "amount", .type = TARAZU_F64, .help = "how many", .aggregate = TARAZU_COUNT},
    {.name = "amount", .type = TARAZU_F64, .help = "the largest", .aggregate = TARAZU_MAX}};
static const tarazu_field value_fields[] = {{.name = "value", .type = TARAZU_F64, .help = "any"}};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "orders"},
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value_fields), .help = "a value"}};
static const tarazu_strategy strategy = {
    .size = sizeof strategy, .role = TARAZU_SCORER, .id = "tested", .inputs = TARAZU_LIST(inputs)};

static const setting *setting_for(arena *memory)
{
  const char *why;
  dice d = {1};
  const setting *with = setting_of(&strategy, "{}", BIND_ALL, &d, memory, &why);
  assert_non_null(with);
  return with;
}

static void the_same_seed_makes_the_same(void **state)
{
  arena *memory = arena_new();
  const setting *with = setting_for(memory);
  text one = {0}, other = {0}, another = {0};
  sample *a = sample_new(with, STYLE_AMOUNT, TWIST_MIXED, 4, 7, -1);
  sample *b = sample_new(with, STYLE_AMOUNT, TWIST_MIXED, 4, 7, -1);
  sample *c = sample_new(with, STYLE_AMOUNT, TWIST_MIXED, 4, 8, -1);
  (void)state;
  sample_print(a, &one);
  sample_print(b, &other);
  sample_print(c, &another);
  assert_string_equal(text_string(&one), text_string(&other));
  assert_string_not_equal(text_string(&one), text_string(&another));
  text_free(&one);
  text_free(&other);
  text_free(&another);
  sample_free(a);
  sample_free(b);
  sample_free(c);
  arena_free(memory);
}

static void aggregates_are_of_the_events(void **state)
{
  arena *memory = arena_new();
  sample *of = sample_new(setting_for(memory), STYLE_WHOLE, TWIST_NULLS, 50, 3, -1);
  const raw_table *orders = &of->tables[0];
  int64_t with_events = 0;
  (void)state;
  for (int64_t i = 0; i < of->customers; i++) {
    double sum = 0, largest = 0;
    int64_t count = 0, last = INT64_MIN;
    for (int64_t r = 0; r < orders->rows; r++) {
      if (orders->owner[r] != i) continue;
      if (orders->times[r] > last) last = orders->times[r];
      if (orders->columns[1].missing[r]) continue;
      double amount = orders->columns[1].cells[r].real;
      sum += amount;
      if (!count || amount > largest) largest = amount;
      count++;
    }
    with_events += last > INT64_MIN;
    if (last > INT64_MIN) assert_int_equal(((int64_t *)of->columns[0].values)[i], last);
    assert_near(((double *)of->columns[1].values)[i], sum, 0);
    assert_int_equal(((int64_t *)of->columns[2].values)[i], count);
    int there = !of->columns[3].valid || (of->columns[3].valid[i >> 3] >> (i & 7) & 1);
    assert_int_equal(there, count > 0);
    if (count) assert_near(((double *)of->columns[3].values)[i], largest, 0);
  }
  assert_true(with_events > 20 && with_events < 50);
  sample_free(of);
  arena_free(memory);
}

/* "Fails" where any value is above 8. */
static int has_large_value(void *argument, const sample *of)
{
  const raw_column *value = &of->tables[1].columns[0];
  ++*(int *)argument;
  for (int64_t i = 0; i < of->customers; i++)
    if (!value->missing[i] && value->cells[i].real > 8) return 1;
  return 0;
}

static void shrinking_keeps_what_fails(void **state)
{
  arena *memory = arena_new();
  int runs = 0;
  (void)state;
  sample *of = sample_new(setting_for(memory), STYLE_WHOLE, TWIST_NONE, 300, 5, -1);
  of = sample_shrink(of, has_large_value, &runs);
  assert_int_equal(of->customers, 1);
  assert_int_equal(of->tables[0].rows, 0);
  assert_true(has_large_value(&runs, of));
  assert_true(runs < 200);
  sample_free(of);
  arena_free(memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_seed_makes_the_same),
                                     cmocka_unit_test(aggregates_are_of_the_events),
                                     cmocka_unit_test(shrinking_keeps_what_fails)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
