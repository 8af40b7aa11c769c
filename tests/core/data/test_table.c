/* Loading against brute force: the same rows in any order, parts, chunks and threads give the same bytes, and the right
 * ones. */
#include "memory.h"

#include <stdio.h>

#include "data/arrow.h"

enum { PEOPLE = 60, EVENTS = 3000 };
#define DAY MICROSECONDS_PER_DAY

static const char *const labels[] = {"", "a", "A", "ab", "abcdefghi", "abcdefghij", "z", "é", "日本", "abcdefgh"};

/* Orders with ties in time, nulls, duplicates, -0 and 0, and texts of all lengths. */
static memory *orders_new(uint64_t seed, uint32_t key_type)
{
  memory *self = memory_new(EVENTS);
  cell *key = memory_add(self, "customer", key_type), *time = memory_add(self, "at", TARAZU_TIME);
  cell *amount = memory_add(self, "amount", TARAZU_F64), *quantity = memory_add(self, "quantity", TARAZU_I64);
  cell *label = memory_add(self, "label", TARAZU_TEXT), *flag = memory_add(self, "flag", TARAZU_BOOL);
  static char names[PEOPLE][8];
  for (int i = 0; i < PEOPLE; i++) snprintf(names[i], sizeof names[i], "%d", i * 7 - 30);
  for (int64_t i = 0; i < EVENTS; i++) {
    int who = (int)(memory_random(&seed) % PEOPLE) * (int)(memory_random(&seed) % PEOPLE) / PEOPLE;
    key[i] = (cell){.there = memory_random(&seed) % 50 != 0, .integer = who * 7 - 30, .text = names[who]};
    time[i] = (cell){memory_random(&seed) % 40 != 0, ((int64_t)(memory_random(&seed) % 60) - 20) * DAY / 2, 0, NULL};
    amount[i] = (cell){.there = memory_random(&seed) % 9 != 0,
                       .real = (double)((int64_t)(memory_random(&seed) % 900) - 200) / 64};
    if (amount[i].real == 0 && i % 2) amount[i].real = -0.0;
    quantity[i] = (cell){.there = 1, .integer = (int64_t)(memory_random(&seed) % 5) - 1};
    label[i] = (cell){.there = memory_random(&seed) % 7 != 0, .text = labels[memory_random(&seed) % 10]};
    flag[i] = (cell){.there = memory_random(&seed) % 5 != 0, .integer = (int64_t)(memory_random(&seed) & 1)};
  }
  return self;
}

static const uint32_t first_set[] = {0, 1, 2}, second_set[] = {3}, third_set[] = {1, 4, 2, 0, 1};
enum { WANTS = 40 };

static uint32_t orders_wants(want *wants)
{
  uint32_t n = 0;
  wants[n++].as = (tarazu_want){.name = "time", .expression = "at", .type = TARAZU_TIME};
  wants[n++].as = (tarazu_want){.name = "amount", .expression = "amount", .type = TARAZU_F64};
  wants[n++].as = (tarazu_want){.name = "label", .expression = "label", .type = TARAZU_TEXT};
  wants[n++].as = (tarazu_want){.name = "flag", .expression = "flag"};
  wants[n++].as = (tarazu_want){.name = "quantity", .expression = "quantity", .type = TARAZU_F64};
  for (uint32_t aggregate = TARAZU_COUNT; aggregate <= TARAZU_PERIODS; aggregate++) {
    wants[n++].as = (tarazu_want){
        .name = "amount", .expression = "amount", .type = TARAZU_F64, .aggregate = aggregate, .period = DAY};
    wants[n++].as = (tarazu_want){.name = "quantity",
                                  .expression = "quantity",
                                  .type = TARAZU_I64,
                                  .aggregate = aggregate,
                                  .period = 3 * DAY,
                                  .span = 1 + aggregate % 2};
    wants[n++].as = (tarazu_want){.name = "flag",
                                  .expression = "flag",
                                  .type = TARAZU_BOOL,
                                  .aggregate = aggregate,
                                  .windowed = 1,
                                  .since = 4 * DAY,
                                  .since_civil = 4 * DAY,
                                  .period = 2 * DAY,
                                  .span = aggregate % 3};
  }
  wants[n++].as = (tarazu_want){.name = "least", .expression = "label", .type = TARAZU_TEXT, .aggregate = TARAZU_MIN};
  wants[n++].as = (tarazu_want){.name = "last", .expression = "label", .type = TARAZU_TEXT, .aggregate = TARAZU_LAST};
  wants[n++].as = (tarazu_want){.name = "since", .expression = "at", .type = TARAZU_TIME, .aggregate = TARAZU_MIN};
  wants[n++].as = (tarazu_want){.name = "orders", .aggregate = TARAZU_COUNT};
  wants[n++].as = (tarazu_want){
      .name = "weeks", .expression = "at", .type = TARAZU_TIME, .aggregate = TARAZU_PERIODS, .period = 7 * DAY};
  return n;
}

/* ---- the whole outcome as bytes ----------------------------------------------------------------------------- */

static void dump_column(text *out, const column *all)
{
  text_addf(out, "type %u rows %lld nulls %lld\n", all->type, (long long)all->rows, (long long)all->nulls);
  text_add_n(out, all->values, (size_t)all->rows * column_width(all->type));
  if (all->valid) text_add_n(out, (const char *)all->valid, (size_t)(all->rows + 7) / 8);
}

static void dump(text *out, const table *tables, uint32_t count, const outcome *from)
{
  const tarazu_dictionary *names = dictionary_view(from->people.names), *strings = dictionary_view(from->strings);
  text_addf(out, "people %lld key %u\n", (long long)from->people.count, from->people.key_type);
  dump_column(out, &from->people.keys);
  text_add_n(out, names->bytes, (size_t)names->offsets[names->count]);
  text_add_n(out, strings->bytes, (size_t)strings->offsets[strings->count]);
  for (uint32_t t = 0; t < count; t++) {
    text_add_n(out, (const char *)&tables[t].counts, sizeof tables[t].counts);
    for (uint32_t i = 0; i < tables[t].want_count; i++) dump_column(out, &tables[t].wants[i].column);
    for (uint32_t s = 0; s < tables[t].set_count; s++) {
      const want_set *set = &tables[t].sets[s];
      if (set->offsets) text_add_n(out, (const char *)set->offsets, ((size_t)from->people.count + 1) * 8);
      for (uint32_t c = 0; c < set->count; c++) dump_column(out, &set->columns[c]);
      if (set->from.values) dump_column(out, &set->from), dump_column(out, &set->to);
    }
  }
}

/* ---- the oracle --------------------------------------------------------------------------------------------- */

static int is_of(const memory *orders, int64_t row, const char *key)
{
  const cell *mine = &orders->columns[0].cells[row];
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)mine->integer);
  return mine->there && orders->columns[1].cells[row].there &&
         !strcmp(orders->columns[0].type == TARAZU_TEXT ? mine->text : digits, key);
}

static void assert_cell(const column *all, int64_t at, const cell *expected)
{
  size_t length;
  assert_int_equal(column_is_valid(all, at), expected->there);
  if (!expected->there) return;
  switch (all->type) {
  case TARAZU_F64:
    assert_true(((double *)all->values)[at] == expected->real &&
                !signbit(expected->real == 0 ? ((double *)all->values)[at] : 0));
    break;
  case TARAZU_BOOL: assert_int_equal(((uint8_t *)all->values)[at], expected->integer); break;
  case TARAZU_TEXT: {
    const int64_t *offset = &all->dictionary->offsets[((int32_t *)all->values)[at]];
    length = (size_t)(offset[1] - offset[0]);
    assert_int_equal(length, strlen(expected->text));
    assert_memory_equal(all->dictionary->bytes + offset[0], expected->text, length);
    break;
  }
  default: assert_int_equal(((int64_t *)all->values)[at], expected->integer);
  }
}

static void check_aggregates(const memory *orders, const table *loaded, const outcome *from)
{
  char *mine = calloc(EVENTS, 1);
  for (int64_t p = 0; p < from->people.count; p++) {
    size_t length;
    const char *bytes = dictionary_string(from->people.names, (int32_t)p, &length);
    char key[40] = "";
    memcpy(key, bytes, length);
    for (int64_t i = 0; i < EVENTS; i++) mine[i] = (char)is_of(orders, i, key);
    for (uint32_t i = 0; i < loaded->want_count; i++) {
      const tarazu_want *as = &loaded->wants[i].as;
      if (!as->aggregate) continue;
      cell expected = memory_aggregate(orders, as, 1, mine);
      assert_cell(&loaded->wants[i].column, p, &expected);
    }
  }
  free(mine);
}

static const memory *sorted_orders;
static const uint32_t *sorted_columns;
static uint32_t sorted_count;

static int by_time_then_columns(const void *a, const void *b)
{
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  const memory_column *time = &sorted_orders->columns[1];
  int order = cell_order(TARAZU_TIME, &time->cells[left], &time->cells[right]);
  for (uint32_t c = 0; c < sorted_count && !order; c++) {
    const memory_column *by = &sorted_orders->columns[sorted_columns[c]];
    order = cell_order(by->type, &by->cells[left], &by->cells[right]);
  }
  return order;
}

static void check_set(const memory *orders, const want_set *set, const uint32_t *columns, const outcome *from)
{
  int64_t *mine = calloc(EVENTS, sizeof *mine), at = 0;
  sorted_orders = orders;
  sorted_columns = columns;
  sorted_count = set->count;
  for (int64_t p = 0; p < from->people.count; p++) {
    size_t length;
    const char *bytes = dictionary_string(from->people.names, (int32_t)p, &length);
    char key[40] = "";
    memcpy(key, bytes, length);
    int64_t count = 0;
    for (int64_t i = 0; i < EVENTS; i++)
      if (is_of(orders, i, key)) mine[count++] = i;
    qsort(mine, (size_t)count, sizeof *mine, by_time_then_columns);
    assert_int_equal(set->offsets[p], at);
    for (int64_t k = 0; k < count; k++, at++)
      for (uint32_t c = 0; c < set->count; c++) {
        cell expected = orders->columns[columns[c]].cells[mine[k]];
        if (orders->columns[columns[c]].type == TARAZU_I64) expected.real = (double)expected.integer;
        assert_cell(&set->columns[c], at, &expected);
      }
  }
  assert_int_equal(set->offsets[from->people.count], at);
  assert_int_equal(set->rows, at);
  free(mine);
}

/* ---- properties --------------------------------------------------------------------------------------------- */

static void set_sets(want_set *sets)
{
  sets[0] = (want_set){.count = 3, .wants = first_set};
  sets[1] = (want_set){.count = 1, .wants = second_set};
  sets[2] = (want_set){.count = 5, .wants = third_set};
}

static void load_and_compare(memory *orders, int with_sets, int threads, text *first)
{
  want wants[WANTS] = {0};
  want_set sets[3];
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
  loaded.wants = wants;
  loaded.want_count = orders_wants(wants);
  assert_true(loaded.want_count <= WANTS);
  loaded.sets = sets;
  loaded.set_count = with_sets ? 3 : 0;
  set_sets(sets);
  outcome got = memory_load(&loaded, 1, threads, NULL);
  if (!got.good) print_error("%s", text_string(&got.told));
  assert_true(got.good);
  text bytes = {0};
  assert_int_equal(loaded.counts.rows, EVENTS);
  dump(&bytes, &loaded, 1, &got);
  if (!first->length) {
    check_aggregates(orders, &loaded, &got);
    const uint32_t one[] = {1, 2, 4}, two[] = {5}, three[] = {2, 3, 4, 1, 2};
    if (with_sets) check_set(orders, &sets[0], one, &got);
    if (with_sets) check_set(orders, &sets[1], two, &got);
    if (with_sets) check_set(orders, &sets[2], three, &got);
    *first = bytes;
  } else {
    assert_int_equal(bytes.length, first->length);
    assert_memory_equal(bytes.bytes, first->bytes, bytes.length);
    text_free(&bytes);
  }
  assert_int_equal(orders->opened, orders->closed);
  outcome_free(&got, &loaded, 1);
}

static void same_bytes_however_it_is_read(uint32_t key_type, int with_sets)
{
  static const uint32_t parts[] = {1, 2, 3, 7, 16};
  static const int64_t chunks[] = {MEMORY_CHUNK, 1, 64, 5, 300};
  static const unsigned gives[] = {0, ~0u, 1u << TARAZU_COUNT | 1u << TARAZU_SUM, 0, ~0u};
  memory *orders = orders_new(11 + key_type, key_type);
  text first = {0};
  for (int round = 0; round < 10; round++) {
    orders->parts = parts[round % 5];
    orders->largest_chunk = chunks[(round + round / 5) % 5];
    orders->gives = gives[round % 5];
    orders->counts_rows = round % 2;
    orders->seed = (uint64_t)round * 100;
    orders->opened = orders->closed = orders->aggregated = 0;
    memory_shuffle(orders, (uint64_t)round);
    load_and_compare(orders, with_sets, 1 + round % 3, &first);
  }
  text_free(&first);
  memory_free(orders);
}

static void test_orders_give_the_same_bytes_however_they_are_read(void **unused)
{
  (void)unused;
  same_bytes_however_it_is_read(TARAZU_I64, 1);
  same_bytes_however_it_is_read(TARAZU_TEXT, 1);
}

static void test_aggregates_give_the_same_bytes_whoever_computes_them(void **unused)
{
  (void)unused;
  same_bytes_however_it_is_read(TARAZU_I64, 0);
  same_bytes_however_it_is_read(TARAZU_TEXT, 0);
}

/* ---- passes over a source ----------------------------------------------------------------------------------- */

static void count_passes(unsigned gives, int counts_rows, int with_set, int aggregates, int opened, int aggregated,
                         int pushed)
{
  memory *orders = orders_new(5, TARAZU_I64);
  orders->gives = gives;
  orders->counts_rows = counts_rows;
  want wants[] = {
      {.as = {.name = "amount", .expression = "amount", .type = TARAZU_F64}},
      {.as = {.name = "sum", .expression = "amount", .type = TARAZU_F64, .aggregate = TARAZU_SUM}},
      {.as = {.name = "quantity", .expression = "quantity", .type = TARAZU_I64, .aggregate = TARAZU_MAX}},
  };
  const uint32_t chosen[] = {0};
  want_set set = {.count = 1, .wants = chosen};
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
  loaded.wants = wants;
  loaded.want_count = aggregates ? 3 : 1;
  loaded.sets = &set;
  loaded.set_count = (uint32_t)with_set;
  outcome got = memory_load(&loaded, 1, 2, NULL);
  assert_true(got.good);
  assert_int_equal(orders->opened, opened);
  assert_int_equal(orders->aggregated, aggregated);
  assert_int_equal(loaded.pushed_down, pushed);
  assert_string_equal(loaded.fingerprint, "abc");
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

static void test_a_source_is_read_no_more_often_than_needed(void **unused)
{
  (void)unused;
  count_passes(~0u, 1, 0, 1, 1, 1, 2);              /* all by the source */
  count_passes(0, 0, 0, 1, 1, 0, 0);                /* all by the host */
  count_passes(1u << TARAZU_MAX, 0, 0, 1, 2, 1, 1); /* one by each */
  count_passes(~0u, 1, 1, 1, 2, 1, 1);              /* the sum's column comes as rows anyway */
  count_passes(~0u, 1, 1, 0, 1, 0, 0);              /* rows alone */
  count_passes(~0u, 1, 0, 0, 1, 1, 0);              /* keys alone, counted by the source */
}

/* ---- who the customers are ---------------------------------------------------------------------------------- */

static memory *keyed(const char *const *keys, int64_t count)
{
  memory *self = memory_new(count);
  cell *key = memory_add(self, "id", TARAZU_TEXT), *value = memory_add(self, "value", TARAZU_F64);
  for (int64_t i = 0; i < count; i++) {
    key[i] = (cell){.there = keys[i] != NULL, .text = keys[i]};
    value[i].real = (double)i;
  }
  return self;
}

static void test_customers_are_those_of_the_customers_table(void **unused)
{
  (void)unused;
  memory *customers = keyed((const char *[]){"b", "a"}, 2),
         *orders = keyed((const char *[]){"a", "x", NULL, "", "x"}, 5);
  want count = {.as = {.name = "orders", .aggregate = TARAZU_COUNT}};
  table tables[] = {memory_table(customers, "customers", TARAZU_ATTRIBUTES, "id", NULL),
                    memory_table(orders, "orders", TARAZU_EVENTS, "id", NULL)};
  tables[0].is_customers = 1;
  tables[1].wants = &count;
  tables[1].want_count = 1;
  for (int pushed = 0; pushed < 2; pushed++) {
    orders->gives = pushed ? ~0u : 0;
    orders->counts_rows = 1;
    outcome got = memory_load(tables, 2, 2, NULL);
    assert_true(got.good);
    assert_int_equal(got.people.count, 2);
    assert_int_equal(person(&got, "a"), 0);
    assert_int_equal(person(&got, "b"), 1);
    assert_int_equal(((int64_t *)count.column.values)[0], 1);
    assert_int_equal(((int64_t *)count.column.values)[1], 0);
    assert_int_equal(tables[1].counts.rows, 5);
    assert_int_equal(tables[1].counts.null_keys, 2);
    assert_int_equal(tables[1].counts.unknown_customers, 2);
    outcome_free(&got, tables, 2);
  }
  memory_free(customers);
  memory_free(orders);
}

static void test_without_a_customers_table_attributes_make_no_customer_unless_alone(void **unused)
{
  (void)unused;
  memory *one = keyed((const char *[]){"b", "q"}, 2), *two = keyed((const char *[]){"a", "b"}, 2);
  want wants[] = {{.as = {.name = "value", .expression = "value", .type = TARAZU_F64}},
                  {.as = {.name = "sum", .expression = "value", .type = TARAZU_F64, .aggregate = TARAZU_SUM}}};
  table tables[] = {memory_table(one, "survey", TARAZU_ATTRIBUTES, "id", NULL),
                    memory_table(two, "orders", TARAZU_EVENTS, "id", NULL)};
  tables[0].wants = &wants[0];
  tables[1].wants = &wants[1];
  tables[0].want_count = tables[1].want_count = 1;
  outcome got = memory_load(tables, 2, 1, NULL);
  assert_true(got.good);
  assert_int_equal(got.people.count, 2);
  assert_int_equal(person(&got, "q"), -1);
  assert_false(column_is_valid(&wants[0].column, 0));
  assert_true(((double *)wants[0].column.values)[1] == 0);
  assert_int_equal(tables[0].counts.unknown_customers, 1);
  outcome_free(&got, tables, 2);
  tables[1] = memory_table(two, "other", TARAZU_ATTRIBUTES, "id", NULL);
  got = memory_load(tables, 2, 1, NULL);
  assert_true(got.good);
  assert_int_equal(got.people.count, 3);
  outcome_free(&got, tables, 2);
  tables[0].is_aside = 1; /* an earlier list: its `q` is nobody now */
  got = memory_load(tables, 2, 1, NULL);
  assert_true(got.good);
  assert_int_equal(got.people.count, 2);
  assert_int_equal(person(&got, "q"), -1);
  assert_int_equal(tables[0].counts.unknown_customers, 1);
  outcome_free(&got, tables, 2);
  memory_free(one);
  memory_free(two);
}

static void test_integers_are_ordered_by_value_texts_by_bytes_and_both_as_texts(void **unused)
{
  (void)unused;
  memory *numbers = memory_new(5);
  cell *id = memory_add(numbers, "id", TARAZU_I64);
  const int64_t values[] = {10, -3, 9, INT64_MIN, INT64_MAX};
  for (int i = 0; i < 5; i++) id[i].integer = values[i];
  memory *texts = keyed((const char *[]){"9", "z", "é", "Z", "10 "}, 5);
  table tables[] = {memory_table(numbers, "orders", TARAZU_EVENTS, "id", NULL),
                    memory_table(texts, "visits", TARAZU_EVENTS, "id", NULL)};
  outcome got = memory_load(tables, 1, 2, NULL);
  assert_int_equal(got.people.key_type, TARAZU_I64);
  assert_int_equal(person(&got, "-9223372036854775808"), 0);
  assert_int_equal(person(&got, "-3"), 1);
  assert_int_equal(person(&got, "9"), 2);
  assert_int_equal(person(&got, "10"), 3);
  assert_int_equal(((int64_t *)got.people.keys.values)[4], INT64_MAX);
  outcome_free(&got, tables, 1);
  got = memory_load(tables, 2, 2, NULL);
  assert_int_equal(got.people.key_type, TARAZU_TEXT);
  static const char *const sorted[] = {"-3", "-9223372036854775808", "10", "10 ", "9", "9223372036854775807", "Z", "z",
                                       "é"};
  assert_int_equal(got.people.count, 9);
  for (int i = 0; i < 9; i++) assert_int_equal(person(&got, sorted[i]), i);
  outcome_free(&got, tables, 2);
  tables[1] = memory_table(texts, "previous", TARAZU_ATTRIBUTES, "id", NULL);
  tables[1].is_aside = 1; /* its texts change nobody's order, and are the integers that they spell */
  got = memory_load(tables, 2, 2, NULL);
  assert_int_equal(got.people.key_type, TARAZU_I64);
  assert_int_equal(person(&got, "9"), 2);
  assert_int_equal(tables[1].counts.unknown_customers, 4); /* all but "9": "10 " is not 10 */
  outcome_free(&got, tables, 2);
  memory_free(numbers);
  memory_free(texts);
}

static void test_nobody_at_all_is_an_error_that_says_what_was_read(void **unused)
{
  (void)unused;
  memory *orders = keyed((const char *[]){NULL, ""}, 2), *empty = memory_new(0);
  memory_add(empty, "id", TARAZU_I64);
  table tables[] = {memory_table(orders, "orders", TARAZU_EVENTS, "id", NULL),
                    memory_table(empty, "visits", TARAZU_EVENTS, "id", NULL)};
  outcome got = memory_load(tables, 2, 1, NULL);
  assert_false(got.good);
  assert_int_equal(problems_status(got.problems), EXIT_DATA);
  assert_non_null(strstr(text_string(&got.told), "no customer"));
  assert_non_null(strstr(text_string(&got.told), "'orders': 2 rows, left out: 2 without a key"));
  assert_non_null(strstr(text_string(&got.told), "'visits': 0 rows"));
  outcome_free(&got, tables, 2);
  memory_free(orders);
  memory_free(empty);
}

/* ---- attributes and edges ----------------------------------------------------------------------------------- */

static void test_equal_rows_of_a_customer_count_once_and_different_ones_are_an_error(void **unused)
{
  (void)unused;
  memory *survey = keyed((const char *[]){"a", "b", "a", "b"}, 4);
  cell *value = survey->columns[1].cells;
  value[2].real = value[0].real;
  value[3].real = value[1].real;
  survey->lines = 1;
  want wanted = {.as = {.name = "score", .expression = "value", .type = TARAZU_F64}};
  table loaded = memory_table(survey, "survey", TARAZU_ATTRIBUTES, "id", NULL);
  loaded.wants = &wanted;
  loaded.want_count = 1;
  outcome got = memory_load(&loaded, 1, 2, NULL);
  assert_true(got.good);
  assert_int_equal(loaded.counts.duplicates, 2);
  outcome_free(&got, &loaded, 1);
  value[3].there = 0;
  got = memory_load(&loaded, 1, 2, NULL);
  assert_false(got.good);
  assert_int_equal(problems_status(got.problems), EXIT_DATA);
  assert_non_null(strstr(text_string(&got.told), "two rows of customer 'b' (lines 3 and 5) that differ in 'score'"));
  outcome_free(&got, &loaded, 1);
  memory_free(survey);
}

static void test_attributes_may_be_texts_integers_as_texts_and_absent(void **unused)
{
  (void)unused;
  memory *table_of = memory_new(3);
  cell *id = memory_add(table_of, "id", TARAZU_I64), *region = memory_add(table_of, "region", TARAZU_TEXT);
  cell *zip = memory_add(table_of, "zip", TARAZU_I64), *paid = memory_add(table_of, "paid", TARAZU_F64);
  memory_add(table_of, "nothing", TARAZU_TEXT);
  static const char *const regions[] = {"south", "north", "south"};
  for (int i = 0; i < 3; i++) {
    id[i].integer = i;
    region[i].text = regions[i];
    zip[i].integer = 100 - i;
    paid[i].real = i;
    table_of->columns[4].cells[i] = (cell){0};
  }
  want wants[] = {{.as = {.name = "region", .expression = "region"}},
                  {.as = {.name = "zip", .expression = "zip", .type = TARAZU_TEXT}},
                  {.as = {.name = "paid", .expression = "paid", .type = TARAZU_I64}},
                  {.as = {.name = "nothing", .expression = "nothing", .type = TARAZU_F64}}};
  table loaded = memory_table(table_of, "customers", TARAZU_ATTRIBUTES, "id", NULL);
  loaded.wants = wants;
  loaded.want_count = 4;
  outcome got = memory_load(&loaded, 1, 2, NULL);
  assert_true(got.good);
  for (int i = 0; i < 3; i++) {
    assert_cell(&wants[0].column, i, &region[i]);
    char digits[8];
    snprintf(digits, sizeof digits, "%d", 100 - i);
    assert_cell(&wants[1].column, i, &(cell){.there = 1, .text = digits});
    assert_cell(&wants[2].column, i, &(cell){.there = 1, .integer = i});
    assert_false(column_is_valid(&wants[3].column, i));
  }
  assert_int_equal(problems_warnings(got.problems), 1);
  assert_non_null(strstr(problems_warning(got.problems, 0), "'nothing' has no value"));
  outcome_free(&got, &loaded, 1);
  memory_free(table_of);
}

typedef struct plain_edge {
  int64_t from, to, weight;
} plain_edge;

static int by_ends(const void *a, const void *b)
{
  const plain_edge *left = a, *right = b;
  if (left->from != right->from) return left->from < right->from ? -1 : 1;
  if (left->to != right->to) return left->to < right->to ? -1 : 1;
  return (left->weight > right->weight) - (left->weight < right->weight);
}

static void test_edges_are_sorted_by_their_ends_then_their_columns(void **unused)
{
  (void)unused;
  enum { EDGES = 2000 };
  uint64_t seed = 4;
  memory *edges = memory_new(EDGES);
  cell *from = memory_add(edges, "from", TARAZU_I64), *to = memory_add(edges, "to", TARAZU_TEXT);
  cell *weight = memory_add(edges, "weight", TARAZU_I64);
  static char names[30][4];
  plain_edge expected[EDGES];
  int64_t count = 0;
  memory *customers = memory_new(30);
  cell *id = memory_add(customers, "id", TARAZU_I64);
  for (int i = 0; i < 30; i++) {
    snprintf(names[i], sizeof names[i], "%d", i + 10); /* two digits: by bytes as by value */
    id[i].integer = i + 10;
  }
  customers->rows = 25; /* the last five are unknown */
  int64_t unknown = 0, keyless = 0;
  for (int i = 0; i < EDGES; i++) {
    int a = (int)(memory_random(&seed) % 30), b = (int)(memory_random(&seed) % 30);
    from[i] = (cell){memory_random(&seed) % 60 != 0, a + 10, 0, NULL};
    to[i] = (cell){memory_random(&seed) % 60 != 0, 0, 0, names[b]};
    weight[i].integer = (int64_t)(memory_random(&seed) % 3);
    if (!from[i].there || !to[i].there) keyless++;
    else if (a >= 25 || b >= 25) unknown++;
    else expected[count++] = (plain_edge){a, b, weight[i].integer};
  }
  qsort(expected, (size_t)count, sizeof *expected, by_ends);
  want wanted = {.as = {.name = "weight", .expression = "weight", .type = TARAZU_I64}};
  const uint32_t chosen[] = {0};
  for (int round = 0; round < 6; round++) {
    want_set sets[] = {{.count = 0, .wants = chosen}, {.count = 1, .wants = chosen}};
    table tables[] = {memory_table(edges, "referrals", TARAZU_EDGES, "from", NULL),
                      memory_table(customers, "customers", TARAZU_ATTRIBUTES, "id", NULL)};
    tables[0].request.keys[1] = "to";
    tables[0].wants = &wanted;
    tables[0].want_count = 1;
    tables[0].sets = sets;
    tables[0].set_count = 2;
    tables[1].is_customers = 1;
    memory_shuffle(edges, (uint64_t)round);
    edges->parts = 1 + (uint32_t)round;
    edges->largest_chunk = 1 + round * 90;
    outcome got = memory_load(tables, 2, 1 + round % 3, NULL);
    assert_true(got.good);
    for (int s = 0; s < 2; s++) {
      assert_int_equal(sets[s].rows, count);
      assert_null(sets[s].offsets);
      assert_int_equal(sets[s].from.type, TARAZU_ROW);
      for (int64_t i = 0; i < count; i++) {
        assert_int_equal(((int64_t *)sets[s].from.values)[i], expected[i].from);
        assert_int_equal(((int64_t *)sets[s].to.values)[i], expected[i].to);
        if (s) assert_int_equal(((int64_t *)sets[s].columns[0].values)[i], expected[i].weight);
      }
    }
    assert_int_equal(tables[0].counts.unknown_customers, unknown);
    assert_int_equal(tables[0].counts.null_keys, keyless);
    outcome_free(&got, tables, 2);
  }
  memory_free(edges);
  memory_free(customers);
}

/* ---- times -------------------------------------------------------------------------------------------------- */

static void test_times_of_a_clock_become_moments_and_days_begin_at_its_midnight(void **unused)
{
  (void)unused;
  zone *tehran = zone_open("+03:30");
  assert_non_null(tehran);
  memory *orders = memory_new(3);
  cell *id = memory_add(orders, "id", TARAZU_I64), *at = memory_add(orders, "at", TARAZU_CIVIL);
  const int64_t hour = DAY / 24;
  const int64_t clock[] = {0, 23 * hour, 24 * hour}; /* two on the first day there, one on the second */
  for (int i = 0; i < 3; i++) {
    id[i].integer = 1;
    at[i].integer = clock[i];
  }
  for (int zoned = 0; zoned < 2; zoned++) {
    want wants[] = {
        {.as = {.name = "time", .expression = "at", .type = TARAZU_TIME}},
        {.as = {.name = "days", .expression = "at", .type = TARAZU_TIME, .aggregate = TARAZU_PERIODS, .period = DAY}},
        {.as = {.name = "later",
                .expression = NULL,
                .aggregate = TARAZU_COUNT,
                .span = TARAZU_LATER_PERIODS,
                .period = DAY}},
        {.as = {.name = "recent",
                .aggregate = TARAZU_COUNT,
                .windowed = 1,
                .since = 23 * hour - (7 * hour) / 2,
                .since_civil = 23 * hour}}};
    const uint32_t chosen[] = {0};
    want_set set = {.count = 1, .wants = chosen};
    table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "id", "at");
    loaded.wants = wants;
    loaded.want_count = 4;
    loaded.sets = &set;
    loaded.set_count = 1;
    outcome got = memory_load(&loaded, 1, 1, tehran);
    assert_true(got.good);
    for (int i = 0; i < 3; i++) assert_int_equal(((int64_t *)set.columns[0].values)[i], clock[i] - 7 * hour / 2);
    assert_int_equal(((int64_t *)wants[1].column.values)[0], 2);
    assert_int_equal(((int64_t *)wants[2].column.values)[0], 1);
    assert_int_equal(((int64_t *)wants[3].column.values)[0], 1);
    int64_t latest = 0;
    load_options options = {.pool = pool_new(1), .zone = tehran};
    for (int gives = 0; gives < 2; gives++) {
      orders->gives = gives ? ~0u : 0;
      assert_true(tables_latest(&loaded, 1, &options, &latest, got.problems));
      assert_int_equal(latest, 24 * hour - 7 * hour / 2);
    }
    orders->gives = 0;
    pool_free(options.pool);
    outcome_free(&got, &loaded, 1);
    orders->columns[1].type = TARAZU_TIME; /* the same moments with a zone */
    for (int i = 0; i < 3; i++) at[i].integer = clock[i] - 7 * hour / 2;
  }
  memory_free(orders);
  zone_free(tehran);
}

static void test_nothing_dated_after_the_end_is_asked_and_undated_rows_are_counted(void **unused)
{
  (void)unused;
  memory *orders = orders_new(3, TARAZU_I64);
  want count = {.as = {.name = "orders", .aggregate = TARAZU_COUNT}};
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
  loaded.request.until = loaded.request.until_civil = 0;
  loaded.wants = &count;
  loaded.want_count = 1;
  outcome got = memory_load(&loaded, 1, 2, NULL);
  assert_true(got.good);
  int64_t expected = 0, undated = 0, total = 0;
  for (int64_t i = 0; i < EVENTS; i++) {
    const cell *key = &orders->columns[0].cells[i], *time = &orders->columns[1].cells[i];
    expected += key->there && time->there && time->integer <= 0;
    undated += key->there && !time->there;
  }
  for (int64_t p = 0; p < got.people.count; p++) total += ((int64_t *)count.column.values)[p];
  assert_int_equal(total, expected);
  assert_int_equal(loaded.counts.null_times, undated);
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

/* All that orders give, of everyone; after: rows up to then are left out by the host, or 0: all are taken. */
static text of_everyone(memory *orders, int with_sets, int has_after, int64_t after)
{
  memory *everyone = memory_new(PEOPLE);
  cell *id = memory_add(everyone, "id", TARAZU_I64);
  for (int64_t i = 0; i < PEOPLE; i++) id[i].integer = i * 7 - 30;
  want wants[WANTS] = {0};
  want_set sets[3];
  table tables[] = {memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at"),
                    memory_table(everyone, "customers", TARAZU_ATTRIBUTES, "id", NULL)};
  tables[0].wants = wants;
  tables[0].want_count = orders_wants(wants);
  tables[0].sets = sets;
  tables[0].set_count = with_sets ? 3 : 0;
  tables[0].has_after = has_after;
  tables[0].after = tables[0].after_civil = after;
  tables[1].is_customers = 1;
  set_sets(sets);
  outcome got = memory_load(tables, 2, 2, NULL);
  assert_true(got.good);
  tables[0].counts = (table_counts){0}; /* they tell of rows that were left out in different ways */
  text bytes = {0};
  dump(&bytes, tables, 2, &got);
  outcome_free(&got, tables, 2);
  memory_free(everyone);
  return bytes;
}

static void test_rows_up_to_a_moment_are_as_if_they_were_not_there(void **unused)
{
  (void)unused;
  static const int64_t after[] = {-11 * DAY, 5 * DAY, 100 * DAY};
  for (int i = 0; i < 6; i++) {
    memory *orders = orders_new(21, TARAZU_I64), *cut = orders_new(21, TARAZU_I64);
    orders->gives = ~0u; /* a source does not know of the moment, and is not asked for what would need it */
    orders->counts_rows = 1;
    for (int64_t row = 0; row < EVENTS; row++)
      if (cut->columns[1].cells[row].integer <= after[i / 2]) cut->columns[1].cells[row].there = 0;
    text found = of_everyone(orders, i % 2, 1, after[i / 2]), expected = of_everyone(cut, i % 2, 0, 0);
    assert_int_equal(found.length, expected.length);
    assert_memory_equal(found.bytes, expected.bytes, found.length);
    assert_int_equal(orders->aggregated, 0);
    text_free(&found);
    text_free(&expected);
    memory_free(orders);
    memory_free(cut);
  }
}

static void test_rows_up_to_a_moment_make_their_customers_known(void **unused)
{
  (void)unused;
  memory *orders = memory_new(3);
  cell *id = memory_add(orders, "id", TARAZU_I64), *at = memory_add(orders, "at", TARAZU_CIVIL);
  for (int i = 0; i < 3; i++) id[i].integer = i + 1, at[i].integer = i * DAY;
  want count = {.as = {.name = "orders", .aggregate = TARAZU_COUNT}};
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "id", "at");
  loaded.wants = &count;
  loaded.want_count = 1;
  loaded.has_after = 1;
  loaded.after = 50 * DAY; /* of times without a zone the clock's counts */
  loaded.after_civil = DAY;
  outcome got = memory_load(&loaded, 1, 2, NULL);
  assert_true(got.good);
  assert_int_equal(got.people.count, 3);
  const int64_t expected[] = {0, 0, 1};
  assert_memory_equal(count.column.values, expected, sizeof expected);
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

static void test_no_table_has_a_date(void **unused)
{
  (void)unused;
  memory *orders = memory_new(2);
  memory_add(orders, "id", TARAZU_I64);
  cell *at = memory_add(orders, "at", TARAZU_TIME);
  at[0].there = at[1].there = 0;
  table tables[] = {memory_table(orders, "orders", TARAZU_EVENTS, "id", "at"),
                    memory_table(orders, "visits", TARAZU_EVENTS, "id", NULL)};
  problems *told = problems_new();
  load_options options = {.pool = pool_new(2)};
  int64_t latest = 0;
  for (int gives = 0; gives < 2; gives++) {
    orders->gives = gives ? ~0u : 0;
    assert_false(tables_latest(tables, 2, &options, &latest, told));
  }
  assert_int_equal(problems_errors(told), 0);
  pool_free(options.pool);
  problems_free(told);
  memory_free(orders);
}

/* ---- sums --------------------------------------------------------------------------------------------------- */

static void test_integer_sums_are_exact_and_their_means_rounded_once(void **unused)
{
  (void)unused;
  memory *orders = memory_new(4);
  cell *id = memory_add(orders, "id", TARAZU_I64), *n = memory_add(orders, "n", TARAZU_I64);
  const int64_t values[] = {INT64_MAX, INT64_MAX, -INT64_MAX, 2};
  for (int i = 0; i < 4; i++) {
    id[i].integer = 1;
    n[i].integer = values[i];
  }
  want wants[] = {{.as = {.name = "mean", .expression = "n", .type = TARAZU_I64, .aggregate = TARAZU_MEAN}},
                  {.as = {.name = "sum", .expression = "n", .type = TARAZU_I64, .aggregate = TARAZU_SUM}}};
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "id", NULL);
  loaded.wants = wants;
  loaded.want_count = 1;
  outcome got = memory_load(&loaded, 1, 1, NULL);
  assert_true(got.good);
  /* (2^63 - 1 + 2) / 4 = 2^61 + 1/4 */
  assert_true(((double *)wants[0].column.values)[0] == 0x1p61);
  outcome_free(&got, &loaded, 1);
  loaded.want_count = 2;
  got = memory_load(&loaded, 1, 1, NULL);
  assert_false(got.good);
  assert_int_equal(problems_status(got.problems), EXIT_DATA);
  assert_non_null(strstr(text_string(&got.told), "customer '1': the sum of 'sum' is beyond what 64-bit integers hold"));
  outcome_free(&got, &loaded, 1);
  n[3].integer = 0;
  n[0].integer = 5;
  got = memory_load(&loaded, 1, 1, NULL);
  assert_true(got.good);
  assert_int_equal(((int64_t *)wants[1].column.values)[0], 5);
  assert_true(((double *)wants[0].column.values)[0] == 1.25);
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_orders_give_the_same_bytes_however_they_are_read),
      cmocka_unit_test(test_aggregates_give_the_same_bytes_whoever_computes_them),
      cmocka_unit_test(test_a_source_is_read_no_more_often_than_needed),
      cmocka_unit_test(test_customers_are_those_of_the_customers_table),
      cmocka_unit_test(test_without_a_customers_table_attributes_make_no_customer_unless_alone),
      cmocka_unit_test(test_integers_are_ordered_by_value_texts_by_bytes_and_both_as_texts),
      cmocka_unit_test(test_nobody_at_all_is_an_error_that_says_what_was_read),
      cmocka_unit_test(test_equal_rows_of_a_customer_count_once_and_different_ones_are_an_error),
      cmocka_unit_test(test_attributes_may_be_texts_integers_as_texts_and_absent),
      cmocka_unit_test(test_edges_are_sorted_by_their_ends_then_their_columns),
      cmocka_unit_test(test_times_of_a_clock_become_moments_and_days_begin_at_its_midnight),
      cmocka_unit_test(test_nothing_dated_after_the_end_is_asked_and_undated_rows_are_counted),
      cmocka_unit_test(test_rows_up_to_a_moment_are_as_if_they_were_not_there),
      cmocka_unit_test(test_rows_up_to_a_moment_make_their_customers_known),
      cmocka_unit_test(test_no_table_has_a_date),
      cmocka_unit_test(test_integer_sums_are_exact_and_their_means_rounded_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
