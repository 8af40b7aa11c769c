/* The ABI's promise: today's header has every member of the first versions where it was, and plugins built with the
 * headers of those versions load, learn, score, are saved and explain themselves. The numbers below never change; see
 * tests/abi. */
#include "base/arena.h"
#include "catalog/args.h"
#include "catalog/catalog.h"
#include "support/near.h"
#include <string.h>

/* ---- layout ------------------------------------------------------------------------------------------------ */

typedef struct layout {
  const char *structure, *member; /* member NULL: the structure itself */
  size_t offset, size;            /* today's */
  size_t old_offset, old_size;
} layout;

#define STRUCT(type, size)                         \
  {                                                \
#type, NULL, 0, sizeof(tarazu_##type), 0, size \
  }
#define MEMBER(type, member, offset, size)                                                              \
  {                                                                                                     \
#type, #member, offsetof(tarazu_##type, member), sizeof(((tarazu_##type *)0)->member), offset, size \
  }

/* Version 1.0 on machines of 64 bits. */
static const layout version_1_0[] = {
    STRUCT(list, 16),
    MEMBER(list, items, 0, 8),
    MEMBER(list, count, 8, 4),
    MEMBER(list, stride, 12, 4),
    STRUCT(error, 1024),
    MEMBER(error, size, 0, 4),
    MEMBER(error, status, 4, 4),
    MEMBER(error, row, 8, 8),
    MEMBER(error, param, 16, 4),
    MEMBER(error, item, 20, 4),
    MEMBER(error, message, 24, 1000),
    STRUCT(dictionary, 24),
    MEMBER(dictionary, size, 0, 4),
    MEMBER(dictionary, count, 4, 4),
    MEMBER(dictionary, offsets, 8, 8),
    MEMBER(dictionary, bytes, 16, 8),
    STRUCT(column, 40),
    MEMBER(column, size, 0, 4),
    MEMBER(column, type, 4, 4),
    MEMBER(column, values, 8, 8),
    MEMBER(column, valid, 16, 8),
    MEMBER(column, offsets, 24, 8),
    MEMBER(column, dictionary, 32, 8),
    STRUCT(batch, 56),
    MEMBER(batch, size, 0, 4),
    MEMBER(batch, space, 4, 4),
    MEMBER(batch, first_row, 8, 8),
    MEMBER(batch, rows, 16, 8),
    MEMBER(batch, columns, 24, 8),
    MEMBER(batch, weights, 32, 8),
    MEMBER(batch, row_numbers, 40, 8),
    MEMBER(batch, column_count, 48, 4),
    MEMBER(batch, reserved, 52, 4),
    STRUCT(result, 24),
    MEMBER(result, size, 0, 4),
    MEMBER(result, type, 4, 4),
    MEMBER(result, values, 8, 8),
    MEMBER(result, valid, 16, 8),
    STRUCT(param, 80),
    MEMBER(param, name, 0, 8),
    MEMBER(param, initial, 8, 8),
    MEMBER(param, unit, 16, 8),
    MEMBER(param, help, 24, 8),
    MEMBER(param, least, 32, 8),
    MEMBER(param, most, 40, 8),
    MEMBER(param, choices, 48, 8),
    MEMBER(param, fields, 56, 16),
    MEMBER(param, kind, 72, 4),
    MEMBER(param, optional, 76, 4),
    STRUCT(value, 56),
    MEMBER(value, given, 0, 4),
    MEMBER(value, count, 4, 4),
    MEMBER(value, real, 8, 8),
    MEMBER(value, integer, 16, 8),
    MEMBER(value, text, 24, 8),
    MEMBER(value, reals, 32, 8),
    MEMBER(value, texts, 40, 8),
    MEMBER(value, records, 48, 8),
    STRUCT(args, 16),
    MEMBER(args, values, 0, 16),
    STRUCT(field, 56),
    MEMBER(field, name, 0, 8),
    MEMBER(field, help, 8, 8),
    MEMBER(field, period, 16, 8),
    MEMBER(field, window, 24, 8),
    MEMBER(field, when, 32, 8),
    MEMBER(field, type, 40, 4),
    MEMBER(field, aggregate, 44, 4),
    MEMBER(field, span, 48, 4),
    MEMBER(field, optional, 52, 4),
    STRUCT(input, 56),
    MEMBER(input, name, 0, 8),
    MEMBER(input, bind, 8, 8),
    MEMBER(input, help, 16, 8),
    MEMBER(input, fields, 24, 16),
    MEMBER(input, shape, 40, 4),
    MEMBER(input, optional, 44, 4),
    MEMBER(input, many, 48, 4),
    MEMBER(input, reserved, 52, 4),
    STRUCT(output, 40),
    MEMBER(output, name, 0, 8),
    MEMBER(output, unit, 8, 8),
    MEMBER(output, help, 16, 8),
    MEMBER(output, type, 24, 4),
    MEMBER(output, better, 28, 4),
    MEMBER(output, meaning, 32, 4),
    MEMBER(output, of, 36, 4),
    STRUCT(host, 40),
    MEMBER(host, size, 0, 4),
    MEMBER(host, abi_minor, 4, 4),
    MEMBER(host, log, 8, 8),
    MEMBER(host, progress, 16, 8),
    MEMBER(host, uniform, 24, 8),
    MEMBER(host, parallel, 32, 8),
    STRUCT(bound, 48),
    MEMBER(bound, name, 0, 8),
    MEMBER(bound, dimension, 8, 8),
    MEMBER(bound, unit, 16, 8),
    MEMBER(bound, weight, 24, 8),
    MEMBER(bound, input, 32, 4),
    MEMBER(bound, type, 36, 4),
    MEMBER(bound, space, 40, 4),
    MEMBER(bound, better, 44, 4),
    STRUCT(context, 40),
    MEMBER(context, size, 0, 4),
    MEMBER(context, reserved, 4, 4),
    MEMBER(context, host, 8, 8),
    MEMBER(context, as_of, 16, 8),
    MEMBER(context, columns, 24, 16),
    STRUCT(writer, 16),
    MEMBER(writer, size, 0, 4),
    MEMBER(writer, reserved, 4, 4),
    MEMBER(writer, write, 8, 8),
    STRUCT(fact, 40),
    MEMBER(fact, name, 0, 8),
    MEMBER(fact, text, 8, 8),
    MEMBER(fact, value, 16, 8),
    MEMBER(fact, error, 24, 8),
    MEMBER(fact, level, 32, 4),
    MEMBER(fact, reserved, 36, 4),
    STRUCT(strategy, 216),
    MEMBER(strategy, size, 0, 4),
    MEMBER(strategy, role, 4, 4),
    MEMBER(strategy, id, 8, 8),
    MEMBER(strategy, version, 16, 8),
    MEMBER(strategy, summary, 24, 8),
    MEMBER(strategy, license, 32, 8),
    MEMBER(strategy, normalizer, 40, 8),
    MEMBER(strategy, params, 48, 16),
    MEMBER(strategy, inputs, 64, 16),
    MEMBER(strategy, outputs, 80, 16),
    MEMBER(strategy, flags, 96, 4),
    MEMBER(strategy, self_size, 100, 4),
    MEMBER(strategy, create, 104, 8),
    MEMBER(strategy, destroy, 112, 8),
    MEMBER(strategy, state_size, 120, 8),
    MEMBER(strategy, learn, 128, 8),
    MEMBER(strategy, merge, 136, 8),
    MEMBER(strategy, finish, 144, 8),
    MEMBER(strategy, fit, 152, 8),
    MEMBER(strategy, save, 160, 8),
    MEMBER(strategy, load, 168, 8),
    MEMBER(strategy, apply, 176, 8),
    MEMBER(strategy, weights, 184, 8),
    MEMBER(strategy, labels, 192, 8),
    MEMBER(strategy, facts, 200, 8),
    MEMBER(strategy, extension, 208, 8),
    STRUCT(plugin, 40),
    MEMBER(plugin, size, 0, 4),
    MEMBER(plugin, abi_minor, 4, 4),
    MEMBER(plugin, name, 8, 8),
    MEMBER(plugin, author, 16, 8),
    MEMBER(plugin, homepage, 24, 8),
    MEMBER(plugin, strategies, 32, 8),
    STRUCT(explain, 24),
    MEMBER(explain, size, 0, 4),
    MEMBER(explain, reserved, 4, 4),
    MEMBER(explain, contributions, 8, 8),
    MEMBER(explain, reasons, 16, 8),
    STRUCT(want, 56),
    MEMBER(want, name, 0, 8),
    MEMBER(want, expression, 8, 8),
    MEMBER(want, type, 16, 4),
    MEMBER(want, aggregate, 20, 4),
    MEMBER(want, span, 24, 4),
    MEMBER(want, windowed, 28, 4),
    MEMBER(want, period, 32, 8),
    MEMBER(want, since, 40, 8),
    MEMBER(want, since_civil, 48, 8),
    STRUCT(request, 112),
    MEMBER(request, size, 0, 4),
    MEMBER(request, shape, 4, 4),
    MEMBER(request, table, 8, 8),
    MEMBER(request, location, 16, 8),
    MEMBER(request, where, 24, 8),
    MEMBER(request, keys, 32, 16),
    MEMBER(request, time, 48, 8),
    MEMBER(request, until, 56, 8),
    MEMBER(request, until_civil, 64, 8),
    MEMBER(request, memory, 72, 8),
    MEMBER(request, scratch, 80, 8),
    MEMBER(request, wants, 88, 16),
    MEMBER(request, threads, 104, 4),
    MEMBER(request, reserved, 108, 4),
    STRUCT(source_column, 24),
    MEMBER(source_column, name, 0, 8),
    MEMBER(source_column, declared, 8, 8),
    MEMBER(source_column, type, 16, 4),
    MEMBER(source_column, reserved, 20, 4),
    STRUCT(chunk, 40),
    MEMBER(chunk, size, 0, 4),
    MEMBER(chunk, column_count, 4, 4),
    MEMBER(chunk, rows, 8, 8),
    MEMBER(chunk, first_line, 16, 8),
    MEMBER(chunk, columns, 24, 8),
    MEMBER(chunk, bytes, 32, 8),
    STRUCT(source, 64),
    MEMBER(source, size, 0, 4),
    MEMBER(source, reserved, 4, 4),
    MEMBER(source, accepts, 8, 8),
    MEMBER(source, describe, 16, 8),
    MEMBER(source, plan, 24, 8),
    MEMBER(source, open, 32, 8),
    MEMBER(source, read, 40, 8),
    MEMBER(source, fingerprint, 48, 8),
    MEMBER(source, close, 56, 8),
    STRUCT(target, 32),
    MEMBER(target, size, 0, 4),
    MEMBER(target, terminal, 4, 4),
    MEMBER(target, location, 8, 8),
    MEMBER(target, manifest, 16, 8),
    MEMBER(target, width, 24, 4),
    MEMBER(target, reserved, 28, 4),
    STRUCT(table, 40),
    MEMBER(table, size, 0, 4),
    MEMBER(table, kind, 4, 4),
    MEMBER(table, name, 8, 8),
    MEMBER(table, rows, 16, 8),
    MEMBER(table, columns, 24, 16),
    STRUCT(sink, 64),
    MEMBER(sink, size, 0, 4),
    MEMBER(sink, tables, 4, 4),
    MEMBER(sink, accepts, 8, 8),
    MEMBER(sink, open, 16, 8),
    MEMBER(sink, table, 24, 8),
    MEMBER(sink, write, 32, 8),
    MEMBER(sink, prepare, 40, 8),
    MEMBER(sink, commit, 48, 8),
    MEMBER(sink, close, 56, 8),
};
enum { LINES = sizeof version_1_0 / sizeof *version_1_0 };

static void every_member_is_where_it_was(void **state)
{
  (void)state;
  for (int i = 0; i < LINES; i++) {
    const layout *l = &version_1_0[i];
    if (!l->member) continue;
    if (l->offset != l->old_offset || l->size != l->old_size)
      fail_msg("tarazu_%s.%s: %zu bytes at %zu, in version 1.0 %zu bytes at %zu", l->structure, l->member, l->size,
               l->offset, l->old_size, l->old_offset);
  }
}

/* Structs with a size, and items of lists with a stride, may have grown. Those that stand in arrays without a stride
 * cannot: the batches of fit, the args of records. */
static void structs_have_only_grown(void **state)
{
  static const char *const fixed[] = {"list", "args", "batch", NULL};
  (void)state;
  for (int i = 0; i < LINES; i++) {
    const layout *l = &version_1_0[i];
    int is_fixed = 0;
    if (l->member) continue;
    for (const char *const *name = fixed; *name; name++) is_fixed |= !strcmp(*name, l->structure);
    if (l->size < l->old_size || l->size % 8 || (is_fixed && l->size != l->old_size))
      fail_msg("tarazu_%s has %zu bytes; in version 1.0 %zu", l->structure, l->size, l->old_size);
  }
}

/* The members of version 1.0 lie side by side up to its end, so that no later member can hide in a gap. */
static void no_struct_has_gaps(void **state)
{
  size_t end = 0, size = 0;
  (void)state;
  for (int i = 0; i < LINES; i++) {
    const layout *l = &version_1_0[i];
    if (!l->member) {
      assert_int_equal(end, size);
      end = 0;
      size = l->old_size;
    } else {
      if (l->old_offset != end) fail_msg("there is a gap before tarazu_%s.%s", l->structure, l->member);
      end += l->old_size;
    }
  }
  assert_int_equal(end, size);
}

static void what_version_1_1_added_is_where_it_was(void **state)
{
  (void)state;
  assert_int_equal(offsetof(tarazu_host, customer), 40);
  assert_int_equal(sizeof((tarazu_host *)0)->customer, 8);
  assert_true(sizeof(tarazu_host) >= 48);
}

static void numbers_mean_what_they_meant(void **state)
{
  static const struct {
    int today, version_1_0;
  } numbers[] = {
      {TARAZU_OK, 0},        {TARAZU_BAD_PARAMETER, 1}, {TARAZU_BAD_DATA, 2},      {TARAZU_NO_RESULT, 3},
      {TARAZU_NUMERIC, 4},   {TARAZU_NO_MEMORY, 5},     {TARAZU_CANCELLED, 6},     {TARAZU_INTERNAL, 7},
      {TARAZU_F64, 1},       {TARAZU_I64, 2},           {TARAZU_BOOL, 3},          {TARAZU_TIME, 4},
      {TARAZU_TEXT, 5},      {TARAZU_ROW, 6},           {TARAZU_CIVIL, 7},         {TARAZU_REAL, 1},
      {TARAZU_INTEGER, 2},   {TARAZU_SWITCH, 3},        {TARAZU_STRING, 4},        {TARAZU_CHOICE, 5},
      {TARAZU_DURATION, 6},  {TARAZU_PROPORTION, 7},    {TARAZU_DATE, 8},          {TARAZU_REALS, 9},
      {TARAZU_STRINGS, 10},  {TARAZU_RECORDS, 11},      {TARAZU_COLUMN, 12},       {TARAZU_ATTRIBUTES, 1},
      {TARAZU_EVENTS, 2},    {TARAZU_EDGES, 3},         {TARAZU_NONE, 0},          {TARAZU_COUNT, 1},
      {TARAZU_SUM, 2},       {TARAZU_MEAN, 3},          {TARAZU_MIN, 4},           {TARAZU_MAX, 5},
      {TARAZU_FIRST, 6},     {TARAZU_LAST, 7},          {TARAZU_PERIODS, 8},       {TARAZU_UNDATED, 9},
      {TARAZU_ALL, 0},       {TARAZU_FIRST_PERIOD, 1},  {TARAZU_LATER_PERIODS, 2}, {TARAZU_VALUE, 0},
      {TARAZU_LOWER, 1},     {TARAZU_UPPER, 2},         {TARAZU_SCORER, 1},        {TARAZU_NORMALIZER, 2},
      {TARAZU_WEIGHER, 3},   {TARAZU_COMBINER, 4},      {TARAZU_SEGMENTER, 5},     {TARAZU_SOURCE, 6},
      {TARAZU_SINK, 7},      {TARAZU_SERIAL, 1},        {TARAZU_BY_ROW, 2},        {TARAZU_LEARNS_WEIGHTS, 4},
      {TARAZU_CUSTOMERS, 1}, {TARAZU_CRITERIA, 2},      {TARAZU_FACTS, 4},         {TARAZU_CHANGES, 8},
      {TARAZU_BLOCK, 2048},  {TARAZU_SHARE, 65536},     {TARAZU_USUAL, 8},
  };
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (numbers[i].today != numbers[i].version_1_0)
      fail_msg("number %zu of the list is %d, in version 1.0 %d", i, numbers[i].today, numbers[i].version_1_0);
}

/* ---- the plugin of version 1.0 ----------------------------------------------------------------------------- */

static catalog *frozen;
static problems *faults;
static arena *memory;

static int open_frozen(void **state)
{
  (void)state;
  memory = arena_new();
  faults = problems_new();
  frozen = catalog_open(BUILD_DIR "/tests/abi:" BUILD_DIR "/tests/abi_1_1", NULL);
  return 0;
}

static int close_frozen(void **state)
{
  (void)state;
  catalog_free(frozen);
  problems_free(faults);
  arena_free(memory);
  return 0;
}

static const tarazu_strategy *strategy_called(uint32_t role, const char *id)
{
  const tarazu_strategy *s = catalog_strategy(frozen, role, id, NOWHERE, NULL, NULL, faults);
  assert_non_null(s);
  return s;
}

/* Four customers' orders: sums of 10, 20 and 30, and one who bought nothing; their mean spend is 20. */
static double totals[] = {10, 20, 30, 0};
static uint8_t has_total[] = {0x7};
static int64_t counts[] = {1, 2, 1, 0};
static const tarazu_column total_column = {
    .size = sizeof total_column, .type = TARAZU_F64, .values = totals, .valid = has_total};
static const tarazu_column count_column = {.size = sizeof count_column, .type = TARAZU_I64, .values = counts};
static const tarazu_column *const order_columns[] = {&total_column, NULL, &count_column};
static const tarazu_batch orders = {.size = sizeof orders, .rows = 4, .columns = order_columns, .column_count = 3};

static void *new_spend(const tarazu_strategy *s, tarazu_error *error)
{
  static const tarazu_host host = {.size = sizeof host};
  static const tarazu_context context = {.size = sizeof context, .host = &host};
  args values;
  void *self = arena_alloc(memory, s->self_size);
  assert_true(args_read(s, NULL, NOWHERE, "criterion 'spend'", NULL, NULL, NULL, memory, faults, &values));
  assert_int_equal(s->create(self, &context, &values.args, error), TARAZU_OK);
  return self;
}

static void learn(const tarazu_strategy *s, void *self, tarazu_error *error)
{
  void *state = arena_alloc(memory, s->state_size(self)), *other = arena_alloc(memory, s->state_size(self));
  int32_t again = 1;
  assert_int_equal(s->learn(self, state, &orders, error), TARAZU_OK);
  assert_int_equal(s->merge(self, state, other, error), TARAZU_OK);
  assert_int_equal(s->finish(self, state, &again, error), TARAZU_OK);
  assert_int_equal(again, 0);
}

static void assert_scores(const tarazu_strategy *s, const void *self, tarazu_error *error)
{
  double ratios[4];
  int32_t bands[4];
  uint8_t valid[2] = {0xff, 0xff};
  tarazu_result ratio = {sizeof ratio, TARAZU_F64, ratios, &valid[0]};
  tarazu_result band = {sizeof band, TARAZU_TEXT, bands, &valid[1]};
  uint32_t count = 0;
  assert_int_equal(s->apply(self, &orders, (tarazu_result *const[]){&ratio, &band}, error), TARAZU_OK);
  const char *const *labels = s->labels(self, 1, &count);
  const char *expected[] = {"low", "high", "high", "low"};
  assert_int_equal(count, 2);
  for (int i = 0; i < 4; i++) {
    assert_near(ratios[i], totals[i] / 20, 0);
    assert_string_equal(labels[bands[i]], expected[i]);
  }
}

typedef struct model {
  tarazu_writer writer;
  char bytes[64];
  size_t count;
} model;

static int keep(const tarazu_writer *writer, const void *bytes, size_t count)
{
  model *m = (model *)(uintptr_t)writer;
  assert_true(m->count + count <= sizeof m->bytes);
  memcpy(m->bytes + m->count, bytes, count);
  m->count += count;
  return 1;
}

static void its_scorer_learns_scores_and_is_saved(void **state)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_SCORER, "frozen_spend");
  void *self = new_spend(s, &error);
  learn(s, self, &error);
  assert_scores(s, self, &error);
  tarazu_list facts = s->facts(self);
  assert_int_equal(facts.count, 2);
  assert_string_equal(((const tarazu_fact *)tarazu_at(&facts, 0))->name, "mean_spend");
  assert_near(((const tarazu_fact *)tarazu_at(&facts, 0))->value, 20, 0);
  assert_near(((const tarazu_fact *)tarazu_at(&facts, 1))->value, 3, 0);
  model saved = {.writer = {.size = sizeof saved.writer, .write = keep}};
  assert_int_equal(s->save(self, &saved.writer, &error), TARAZU_OK);
  void *loaded = new_spend(s, &error);
  assert_int_equal(s->load(loaded, saved.bytes, saved.count, &error), TARAZU_OK);
  assert_scores(s, loaded, &error);
  assert_int_equal(s->load(loaded, saved.bytes, saved.count - 1, &error), TARAZU_BAD_DATA);
  assert_string_equal(error.message, "a model has 16 bytes, not 15");
}

/* Criteria 1, 2 and 3, 4 with the weights 1/4 and 3/4: 2.5 and 3.5. */
static void its_combiner_combines_and_explains(void **state)
{
  static double first[] = {1, 2}, second[] = {3, 4}, weights[] = {.25, .75};
  static const tarazu_column a = {.size = sizeof a, .type = TARAZU_F64, .values = first};
  static const tarazu_column b = {.size = sizeof b, .type = TARAZU_F64, .values = second};
  static const tarazu_column *const columns[] = {&a, &b};
  static const tarazu_batch batch = {
      .size = sizeof batch, .rows = 2, .columns = columns, .weights = weights, .column_count = 2};
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  double sums[2], parts[2][2], baseline = -1;
  uint8_t valid = 0xff;
  tarazu_result sum = {sizeof sum, TARAZU_F64, sums, &valid};
  tarazu_result part[2] = {{sizeof *part, TARAZU_F64, parts[0], &valid}, {sizeof *part, TARAZU_F64, parts[1], &valid}};
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_COMBINER, "frozen_sum");
  const tarazu_explain *explain = strategy_explain(s);
  assert_string_equal(s->normalizer, "minmax");
  assert_int_equal(s->apply(NULL, &batch, (tarazu_result *const[]){&sum}, &error), TARAZU_OK);
  assert_near(sums[0], 2.5, 0);
  assert_near(sums[1], 3.5, 0);
  assert_non_null(explain);
  assert_int_equal(
      explain->contributions(NULL, &batch, (tarazu_result *const[]){&part[0], &part[1]}, &baseline, &error), TARAZU_OK);
  for (int i = 0; i < 2; i++) assert_near(baseline + parts[0][i] + parts[1][i], sums[i], 0);
  assert_null(strategy_source(s));
  assert_null(strategy_sink(s));
}

/* ---- the plugin of version 1.1 ----------------------------------------------------------------------------- */

static const char *name_of(const tarazu_host *host, int64_t row)
{
  (void)host;
  return row == 1 ? "bea" : NULL;
}

static void its_scorer_names_the_customer(void **state)
{
  static double values[] = {3};
  static const tarazu_column column = {.size = sizeof column, .type = TARAZU_F64, .values = values};
  static const tarazu_column *const columns[] = {&column};
  static const tarazu_host host = {.size = sizeof host, .abi_minor = 1, .customer = name_of};
  static const tarazu_context context = {.size = sizeof context, .host = &host};
  const tarazu_batch batch = {.size = sizeof batch, .first_row = 1, .rows = 1, .columns = columns, .column_count = 1};
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  double score = 0;
  uint8_t valid = 0xff;
  tarazu_result result = {sizeof result, TARAZU_F64, &score, &valid};
  model told = {.writer = {.size = sizeof told.writer, .write = keep}};
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_SCORER, "frozen_named");
  void *self = arena_alloc(memory, s->self_size);
  assert_int_equal(s->create(self, &context, NULL, &error), TARAZU_OK);
  assert_int_equal(s->apply(self, &batch, (tarazu_result *const[]){&result}, &error), TARAZU_OK);
  assert_near(score, 1.5, 0);
  assert_int_equal(strategy_explain(s)->reasons(self, &batch, &told.writer, &error), TARAZU_OK);
  assert_int_equal(told.count, strlen("this is bea\n"));
  assert_memory_equal(told.bytes, "this is bea\n", told.count);
}

static void its_weigher_is_the_usual_one(void **state)
{
  double weights[2] = {0};
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  (void)state;
  const tarazu_strategy *s = catalog_usual(frozen, TARAZU_WEIGHER, NOWHERE, NULL, faults);
  assert_string_equal(s->id, "frozen_alike");
  assert_int_equal(s->weights(NULL, weights, 2, &error), TARAZU_OK);
  assert_near(weights[0], weights[1], 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_member_is_where_it_was),
      cmocka_unit_test(structs_have_only_grown),
      cmocka_unit_test(no_struct_has_gaps),
      cmocka_unit_test(what_version_1_1_added_is_where_it_was),
      cmocka_unit_test(numbers_mean_what_they_meant),
      cmocka_unit_test_setup_teardown(its_scorer_learns_scores_and_is_saved, open_frozen, close_frozen),
      cmocka_unit_test_setup_teardown(its_combiner_combines_and_explains, open_frozen, close_frozen),
      cmocka_unit_test_setup_teardown(its_scorer_names_the_customer, open_frozen, close_frozen),
      cmocka_unit_test_setup_teardown(its_weigher_is_the_usual_one, open_frozen, close_frozen),
  };
  return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
