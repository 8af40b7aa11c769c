/* Packets: what is written comes back the same, and what is cut short or altered is refused or harmless. */
#include "isolate/packet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const choices[] = {"one", "two", NULL};
static const tarazu_param record[] = {{.name = "from", .kind = TARAZU_REAL, .help = "where it begins"}};
static const tarazu_param params[] = {
    {.name = "kind", .initial = "one", .choices = choices, .kind = TARAZU_CHOICE, .help = "which"},
    {.name = "bands", .fields = TARAZU_LIST(record), .kind = TARAZU_RECORDS, .optional = 1, .least = -1, .most = 2.5}};
static const tarazu_field fields[] = {
    {.name = "amount", .help = "money", .window = "window", .type = TARAZU_F64, .aggregate = TARAZU_SUM}};
static const tarazu_input inputs[] = {
    {.name = "orders", .help = "what was bought", .fields = TARAZU_LIST(fields), .shape = TARAZU_EVENTS}};
static const tarazu_output outputs[] = {{.name = "value", .type = TARAZU_F64, .better = -1}};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)batch, (void)results, (void)error;
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "sample",
                                         .version = "1.0",
                                         .summary = "ö",
                                         .params = TARAZU_LIST(params),
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .flags = TARAZU_SERIAL,
                                         .apply = apply};

static packet over(const char *bytes, size_t count, arena *memory)
{
  return (packet){bytes, bytes + count, memory, 0};
}

static void test_a_strategy_comes_back(void **state)
{
  text said = {0};
  arena *memory = arena_new();
  tarazu_strategy back;
  uint32_t has;
  packet_files files;
  (void)state;
  packet_add_strategy(&said, &strategy);
  packet from = over(said.bytes, said.length, memory);
  assert_true(packet_strategy(&from, &back, &has, &files));
  assert_ptr_equal(from.at, from.end);
  assert_int_equal(has, HAS_APPLY);
  assert_int_equal(back.role, TARAZU_SCORER);
  assert_int_equal(back.flags, TARAZU_SERIAL);
  assert_string_equal(back.id, "sample");
  assert_string_equal(back.summary, "ö");
  assert_null(back.license);
  assert_int_equal(back.params.count, 2);
  const tarazu_param *kind = tarazu_at(&back.params, 0), *bands = tarazu_at(&back.params, 1);
  assert_string_equal(kind->choices[1], "two");
  assert_null(kind->choices[2]);
  assert_null(bands->choices);
  assert_true(bands->most == 2.5);
  assert_string_equal(((const tarazu_param *)tarazu_at(&bands->fields, 0))->name, "from");
  const tarazu_input *input = tarazu_at(&back.inputs, 0);
  assert_string_equal(((const tarazu_field *)tarazu_at(&input->fields, 0))->window, "window");
  assert_int_equal(((const tarazu_output *)tarazu_at(&back.outputs, 0))->better, -1);
  assert_null(files.accepts);
  text_free(&said);
  arena_free(memory);
}

static void test_what_is_cut_short_is_refused(void **state)
{
  text said = {0};
  tarazu_strategy back;
  uint32_t has;
  packet_files files;
  (void)state;
  packet_add_strategy(&said, &strategy);
  for (size_t count = 0; count < said.length; count++) {
    arena *memory = arena_new();
    char *copy = malloc(count + 1); /* so that a read past the end is one */
    memcpy(copy, said.bytes, count);
    packet from = over(copy, count, memory);
    assert_false(packet_strategy(&from, &back, &has, &files));
    free(copy);
    arena_free(memory);
  }
  text_free(&said);
}

/* Whatever a byte is changed to: nothing is read outside the packet, nothing huge is asked for. */
static void test_what_is_altered_is_harmless(void **state)
{
  static const unsigned char bytes[] = {0, 1, 0x7f, 0x80, 0xff};
  text said = {0};
  tarazu_strategy back;
  uint32_t has;
  packet_files files;
  (void)state;
  packet_add_strategy(&said, &strategy);
  for (size_t at = 0; at < said.length; at++)
    for (size_t k = 0; k < sizeof bytes; k++) {
      arena *memory = arena_new();
      char *copy = malloc(said.length);
      memcpy(copy, said.bytes, said.length);
      copy[at] = (char)bytes[k];
      packet from = over(copy, said.length, memory);
      if (packet_strategy(&from, &back, &has, &files)) assert_true(from.at <= from.end);
      free(copy);
      arena_free(memory);
    }
  text_free(&said);
}

static void test_arguments_and_context_come_back(void **state)
{
  static const double reals[] = {0.8, 0.95};
  static const char *const texts[] = {"a", "b", "c"};
  tarazu_value inner[] = {{.given = 1, .count = 1, .real = 7}};
  tarazu_args records[] = {{TARAZU_LIST(inner)}};
  tarazu_value values[] = {{.given = 1, .count = 2, .reals = reals},
                           {.given = 0},
                           {.given = 1, .count = 3, .texts = texts},
                           {.given = 1, .count = 1, .integer = INT64_MIN, .text = ""},
                           {.given = 1, .count = 1, .records = records}};
  tarazu_bound bound[] = {{.name = "amount", .dimension = "financial", .weight = 3, .type = TARAZU_F64, .better = -1}};
  const tarazu_args args = {TARAZU_LIST(values)};
  const tarazu_context context = {.as_of = 42, .columns = TARAZU_LIST(bound)};
  tarazu_context back = {0};
  tarazu_args found;
  text said = {0};
  arena *memory = arena_new();
  (void)state;
  packet_add_context(&said, &context);
  packet_add_args(&said, &args);
  packet from = over(said.bytes, said.length, memory);
  packet_context(&from, &back);
  packet_args(&from, &found);
  assert_false(from.broken);
  assert_ptr_equal(from.at, from.end);
  assert_int_equal(back.as_of, 42);
  assert_string_equal(tarazu_bound_at(&back, 0)->dimension, "financial");
  assert_null(tarazu_bound_at(&back, 0)->unit);
  assert_int_equal(tarazu_bound_at(&back, 0)->better, -1);
  assert_int_equal(found.values.count, 5);
  assert_true(tarazu_arg(&found, 0)->reals[1] == 0.95);
  assert_null(tarazu_arg(&found, 1)->reals);
  assert_string_equal(tarazu_arg(&found, 2)->texts[2], "c");
  assert_string_equal(tarazu_arg(&found, 3)->text, "");
  assert_true(tarazu_arg(&found, 3)->integer == INT64_MIN);
  assert_true(tarazu_arg(&tarazu_arg(&found, 4)->records[0], 0)->real == 7);
  text_free(&said);
  arena_free(memory);
}

static tarazu_status open_writer(const void *self, const tarazu_target *target, void **writer, tarazu_error *error)
{
  (void)self, (void)target, (void)writer, (void)error;
  return TARAZU_OK;
}

static const void *sink_extension(const char *id)
{
  static const char *const accepts[] = {"*.one", "two:*", NULL};
  static const tarazu_sink sink = {
      .size = sizeof sink, .tables = TARAZU_CUSTOMERS | TARAZU_FACTS, .accepts = accepts, .open = open_writer};
  return !strcmp(id, "tarazu.sink/1") ? &sink : NULL;
}

static void test_what_a_sink_accepts_comes_back(void **state)
{
  const tarazu_strategy as = {.size = sizeof as, .role = TARAZU_SINK, .id = "sample", .extension = sink_extension};
  text said = {0};
  arena *memory = arena_new();
  tarazu_strategy back;
  uint32_t has;
  packet_files files;
  (void)state;
  packet_add_strategy(&said, &as);
  packet from = over(said.bytes, said.length, memory);
  assert_true(packet_strategy(&from, &back, &has, &files));
  assert_string_equal(files.accepts[1], "two:*");
  assert_null(files.accepts[2]);
  assert_int_equal(files.tables, TARAZU_CUSTOMERS | TARAZU_FACTS);
  text_free(&said);
  arena_free(memory);
}

static const tarazu_want wants[] = {{.name = "amount",
                                     .expression = "price * pieces",
                                     .type = TARAZU_F64,
                                     .aggregate = TARAZU_SUM,
                                     .span = TARAZU_LATER_PERIODS,
                                     .windowed = 1,
                                     .period = 10,
                                     .since = -20,
                                     .since_civil = INT64_MIN},
                                    {.name = "events", .aggregate = TARAZU_COUNT}};
static const tarazu_request request = {.size = sizeof request,
                                       .shape = TARAZU_EVENTS,
                                       .table = "orders",
                                       .location = "orders/*.csv",
                                       .keys = {"id", NULL},
                                       .time = "day",
                                       .until = 30,
                                       .until_civil = 31,
                                       .memory = 1 << 20,
                                       .scratch = "/tmp",
                                       .wants = TARAZU_LIST(wants),
                                       .threads = 3};

static void test_a_request_comes_back(void **state)
{
  text said = {0};
  arena *memory = arena_new();
  tarazu_request back;
  (void)state;
  packet_add_request(&said, &request);
  packet from = over(said.bytes, said.length, memory);
  packet_request(&from, &back);
  assert_false(from.broken);
  assert_ptr_equal(from.at, from.end);
  assert_int_equal(back.size, sizeof back);
  assert_int_equal(back.shape, TARAZU_EVENTS);
  assert_string_equal(back.table, "orders");
  assert_string_equal(back.location, "orders/*.csv");
  assert_null(back.where);
  assert_string_equal(back.keys[0], "id");
  assert_null(back.keys[1]);
  assert_string_equal(back.time, "day");
  assert_int_equal(back.until, 30);
  assert_int_equal(back.until_civil, 31);
  assert_int_equal(back.memory, 1 << 20);
  assert_string_equal(back.scratch, "/tmp");
  assert_int_equal(back.threads, 3);
  assert_int_equal(back.wants.count, 2);
  const tarazu_want *first = tarazu_at(&back.wants, 0), *second = tarazu_at(&back.wants, 1);
  assert_string_equal(first->expression, "price * pieces");
  assert_int_equal(first->aggregate, TARAZU_SUM);
  assert_int_equal(first->span, TARAZU_LATER_PERIODS);
  assert_int_equal(first->windowed, 1);
  assert_int_equal(first->period, 10);
  assert_int_equal(first->since, -20);
  assert_true(first->since_civil == INT64_MIN);
  assert_null(second->expression);
  text_free(&said);
  arena_free(memory);
}

static void test_columns_targets_and_tables_come_back(void **state)
{
  static const tarazu_source_column columns[] = {{"id", "VARCHAR", TARAZU_TEXT, 0}, {"odd", NULL, 0, 0}};
  static const tarazu_bound bound[] = {{.name = "score", .unit = "points", .type = TARAZU_F64}};
  const tarazu_list told = TARAZU_LIST(columns);
  const tarazu_target target = {
      .size = sizeof target, .terminal = 1, .location = "out/.a", .manifest = "{}", .width = 80};
  const tarazu_table table = {.size = sizeof table,
                              .kind = TARAZU_CRITERIA,
                              .name = "criteria",
                              .rows = INT64_C(1) << 40,
                              .columns = TARAZU_LIST(bound)};
  text said = {0};
  arena *memory = arena_new();
  tarazu_target to;
  tarazu_table of;
  (void)state;
  packet_add_source_columns(&said, &told);
  packet_add_target(&said, &target);
  packet_add_table(&said, &table);
  packet from = over(said.bytes, said.length, memory);
  const tarazu_list back = packet_source_columns(&from);
  packet_target(&from, &to);
  packet_table(&from, &of);
  assert_false(from.broken);
  assert_ptr_equal(from.at, from.end);
  assert_int_equal(back.count, 2);
  assert_string_equal(((const tarazu_source_column *)tarazu_at(&back, 0))->declared, "VARCHAR");
  assert_string_equal(((const tarazu_source_column *)tarazu_at(&back, 1))->declared, ""); /* a host compares it */
  assert_int_equal(to.terminal, 1);
  assert_string_equal(to.location, "out/.a");
  assert_string_equal(to.manifest, "{}");
  assert_int_equal(to.width, 80);
  assert_int_equal(of.kind, TARAZU_CRITERIA);
  assert_string_equal(of.name, "criteria");
  assert_true(of.rows == INT64_C(1) << 40);
  assert_string_equal(((const tarazu_bound *)tarazu_at(&of.columns, 0))->unit, "points");
  text_free(&said);
  arena_free(memory);
}

/* A worker's word on columns, which its host reads, cut short at any place. */
static void test_columns_cut_short_are_none(void **state)
{
  static const tarazu_source_column columns[] = {{"id", "VARCHAR", TARAZU_TEXT, 0}, {"odd", "BLOB", 0, 0}};
  const tarazu_list told = TARAZU_LIST(columns);
  text said = {0};
  (void)state;
  packet_add_source_columns(&said, &told);
  for (size_t count = 0; count < said.length; count++) {
    arena *memory = arena_new();
    char *copy = malloc(count + 1);
    memcpy(copy, said.bytes, count);
    packet from = over(copy, count, memory);
    assert_int_equal(packet_source_columns(&from).count, 0);
    free(copy);
    arena_free(memory);
  }
  text_free(&said);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_strategy_comes_back),
                                     cmocka_unit_test(test_what_is_cut_short_is_refused),
                                     cmocka_unit_test(test_what_is_altered_is_harmless),
                                     cmocka_unit_test(test_arguments_and_context_come_back),
                                     cmocka_unit_test(test_what_a_sink_accepts_comes_back),
                                     cmocka_unit_test(test_a_request_comes_back),
                                     cmocka_unit_test(test_columns_targets_and_tables_come_back),
                                     cmocka_unit_test(test_columns_cut_short_are_none)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
