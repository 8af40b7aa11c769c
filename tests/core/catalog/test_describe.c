/* The pages, the JSON and the JSON Schema that are made from declarations. JSON is read back as YAML, of which it is a
 * part. */
#include "catalog/describe.h"
#include "config/yaml.h"
#include "support/near.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FROZEN BUILD_DIR "/tests/abi"
#define SINKS  BUILD_DIR "/tests/plugins_good"

static arena *memory;
static catalog *found;
static text out;

static int set_up(void **state)
{
  (void)state;
  memory = arena_new();
  found = catalog_open(FROZEN ":" SINKS ":/nowhere/at all", NULL);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  text_free(&out);
  catalog_free(found);
  arena_free(memory);
  return 0;
}

static void assert_holds(const char *part)
{
  if (!strstr(text_string(&out), part)) fail_msg("\"%s\" is not in\n%s", part, text_string(&out));
}

/* Runs of spaces become one, so that only the test of the list depends on widths. */
static void squeeze(void)
{
  size_t to = 0;
  for (size_t i = 0; i < out.length; i++)
    if (out.bytes[i] != ' ' || !to || out.bytes[to - 1] != ' ') out.bytes[to++] = out.bytes[i];
  out.bytes[out.length = to] = 0;
}

static const tarazu_strategy *strategy_called(uint32_t role, const char *id, const plugin_file **file)
{
  const tarazu_strategy *s = catalog_strategy(found, role, id, NOWHERE, NULL, file, NULL);
  assert_non_null(s);
  return s;
}

/* "a.b.0.c" */
static node *at(node *root, const char *path)
{
  char *rest = NULL, *copy = arena_copy(memory, path);
  node *here = root;
  for (char *step = strtok_r(copy, ".", &rest); step; step = strtok_r(NULL, ".", &rest)) {
    node *next =
        here->kind == NODE_LIST && (uint32_t)atoi(step) < here->count ? here->items[atoi(step)] : node_get(here, step);
    if (!next) fail_msg("no '%s' of %s", step, path);
    here = next;
  }
  return here;
}

static void assert_at(node *root, const char *path, const char *expected)
{
  node *value = at(root, path);
  assert_int_equal(value->kind, NODE_SCALAR);
  assert_string_equal(value->text, expected);
}

/* Parsing refuses a key that stands twice. */
static node *parsed(void)
{
  problems *faults = problems_new();
  node *root = yaml_parse("out.json", text_string(&out), out.length, memory, faults);
  text told = {0};
  problems_print(faults, &told, 0);
  if (!root || problems_errors(faults)) fail_msg("%s", text_string(&told));
  text_free(&told);
  problems_free(faults);
  return root;
}

/* ---- pages ------------------------------------------------------------------------------------------------- */

static void the_list_is_by_role_and_then_tells_faults(void **state)
{
  (void)state;
  describe_list(found, &out, 0);
  assert_string_equal(text_string(&out), "  role      strategy      version  summary\n"
                                         "  scorer    frozen_spend  1.0      a customer's spend over the mean spend\n"
                                         "  combiner  frozen_sum    1.0      the weighted sum of the criteria\n"
                                         "  sink      quick         1.0      writes nothing\n"
                                         "  sink      slow          1.0      writes nothing\n"
                                         "  sink      special       1.0      writes nothing\n"
                                         "\n"
                                         "  file             cannot be used\n"
                                         "  /nowhere/at all  cannot be read: No such file or directory\n");
}

static void an_empty_list_says_so(void **state)
{
  (void)state;
  catalog *none = catalog_open("", NULL);
  describe_list(none, &out, 1);
  assert_string_equal(text_string(&out), "no plugins were found\n");
  catalog_free(none);
}

static void a_page_tells_everything_of_a_strategy(void **state)
{
  const plugin_file *file;
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_SCORER, "frozen_spend", &file);
  describe_strategy(s, file, &out, 0);
  squeeze();
  assert_holds("scorer frozen_spend 1.0\n"
               "a customer's spend over the mean spend\n"
               "\n"
               " license MIT\n"
               " models can be saved, and loaded by `model:`\n"
               " file " FROZEN "/scorer_1_0.so\n"
               "\n"
               " parameter kind default range what it is\n"
               " measure choice total total or largest what of the orders\n"
               " window duration none 1 to 36525 days orders to look at\n"
               " cap number 100 1 to 1000000 the highest ratio\n"
               " keep_zero switch true score those who bought nothing 0\n"
               " bands records [{from: 0, name: low}, {from: 1, name: high}] bands of the ratio, from the lowest\n"
               " from number required the least ratio of the band\n"
               " name text required what it is called\n"
               "\n"
               " input of what it is\n"
               " orders events the customer's orders\n"
               " total sum of number, within 'window' what the orders sum to (where measure=total)\n"
               " largest max of number, within 'window' the largest order (where measure=largest)\n"
               " time count, within 'window' when it was placed\n"
               "\n"
               " output type better what it is\n"
               " ratio number more spend over the mean spend\n"
               " band text - the band of the ratio\n"
               "\n"
               "In a profile\n");
}

static void a_sample_of_a_profile_can_be_read(void **state)
{
  const plugin_file *file;
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_SCORER, "frozen_spend", &file);
  describe_strategy(s, file, &out, 0);
  const char *sample = strstr(text_string(&out), "In a profile\n");
  assert_non_null(sample);
  const char *yaml = arena_copy(memory, strchr(sample, '\n') + 1);
  text_free(&out);
  text_add(&out, yaml);
  node *root = parsed();
  assert_at(root, "criteria.frozen_spend.plugin", "frozen_spend");
  assert_at(root, "criteria.frozen_spend.dimension", "financial");
  assert_at(root, "criteria.frozen_spend.input.orders", "orders");
  assert_at(root, "criteria.frozen_spend.params.cap", "100");
  assert_at(root, "criteria.frozen_spend.params.bands.1.name", "high");
}

static void samples_stand_where_the_role_does(void **state)
{
  const plugin_file *file;
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_COMBINER, "frozen_sum", &file);
  describe_strategy(s, file, &out, 0);
  assert_holds("In a profile\n  combine:\n    plugin: frozen_sum\n");
  squeeze();
  assert_holds("\n normalizer minmax\n");
  assert_holds("\n criteria any number of attributes, else criteria all criteria\n"
               " criterion number a criterion, normalized\n");
  text_free(&out);
  s = strategy_called(TARAZU_SINK, "special", &file);
  describe_strategy(s, file, &out, 0);
  assert_holds("In a profile\n  output:\n    - plugin: special\n      to: scoresspecial.csv\n");
}

static void colours_are_for_terminals(void **state)
{
  const plugin_file *file;
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_COMBINER, "frozen_sum", &file);
  describe_strategy(s, file, &out, 0);
  assert_null(strchr(text_string(&out), '\033'));
  text_free(&out);
  describe_strategy(s, file, &out, 1);
  assert_holds("\033[1mcombiner frozen_sum 1.0\033[0m\n");
}

/* A strategy with every kind, unit, bound and meaning, declared here. */
static const char *const modes[] = {"fast", "slow", NULL};
static const tarazu_param record_fields[] = {
    {.name = "who", .kind = TARAZU_COLUMN, .help = "a criterion"},
    {.name = "how_much", .kind = TARAZU_PROPORTION, .optional = 1, .most = 1, .help = "its part"},
};
static const tarazu_param every_param[] = {
    {.name = "mode", .kind = TARAZU_CHOICE, .choices = modes, .help = "how"},
    {.name = "level",
     .kind = TARAZU_REAL,
     .initial = "1.50",
     .least = 1,
     .most = INFINITY,
     .unit = "EUR",
     .help = "a \"level\""},
    {.name = "steps", .kind = TARAZU_INTEGER, .initial = "3", .least = -INFINITY, .most = 9, .help = "how many"},
    {.name = "loud", .kind = TARAZU_SWITCH, .initial = "no", .help = "whether"},
    {.name = "title", .kind = TARAZU_STRING, .initial = "12", .help = "what it is called"},
    {.name = "share", .kind = TARAZU_PROPORTION, .initial = "12.5%", .least = 0, .most = .5, .help = "a part"},
    {.name = "since", .kind = TARAZU_DATE, .optional = 1, .help = "from when"},
    {.name = "cuts", .kind = TARAZU_REALS, .initial = "[0.5, 95%]", .least = 0, .most = 1, .help = "where"},
    {.name = "tags", .kind = TARAZU_STRINGS, .initial = "[a, '7']", .help = "words"},
    {.name = "pairs", .kind = TARAZU_RECORDS, .fields = TARAZU_LIST(record_fields), .help = "some pairs"},
};
static const tarazu_field every_field[] = {
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_MAX, .window = "half", .help = "the last"},
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_COUNT, .span = TARAZU_LATER_PERIODS, .help = "how many"},
    {.name = "amount", .type = TARAZU_F64, .aggregate = TARAZU_SUM, .when = "mode=fast", .optional = 1, .help = "paid"},
};
static const tarazu_field edge_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "who"},
    {.name = "to", .type = TARAZU_ROW, .help = "whom"},
};
static const tarazu_field value_fields[] = {{.name = "value", .type = TARAZU_F64, .help = "any"}};
static const tarazu_input every_input[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(every_field), .help = "orders"},
    {.name = "edges", .shape = TARAZU_EDGES, .fields = TARAZU_LIST(edge_fields), .optional = 1, .help = "edges"},
    {.name = "worth",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value_fields),
     .bind = "score",
     .help = "worth"},
};
static const tarazu_output every_output[] = {
    {.name = "score", .type = TARAZU_F64, .unit = "EUR", .better = -1, .help = "the score"},
    {.name = "low", .type = TARAZU_F64, .meaning = TARAZU_LOWER, .of = 0, .help = "its end"},
};
static const tarazu_strategy every = {
    .size = sizeof every,
    .role = TARAZU_SEGMENTER,
    .id = "every",
    .version = "2.0",
    .summary = "everything there is",
    .license = "MIT",
    .params = TARAZU_LIST(every_param),
    .inputs = TARAZU_LIST(every_input),
    .outputs = TARAZU_LIST(every_output),
    .flags = TARAZU_BY_ROW,
};

static void every_kind_has_its_words(void **state)
{
  (void)state;
  describe_strategy(&every, NULL, &out, 0);
  assert_holds("      input:\n        orders: orders\n        worth: score\n      params:\n        mode: fast\n");
  assert_holds("        pairs: …  # records\n");
  squeeze();
  assert_holds("\n mode choice required fast or slow how\n"
               " level number 1.50 at least 1 EUR a \"level\"\n"
               " steps integer 3 at most 9 how many\n"
               " loud switch no whether\n"
               " title text 12 what it is called\n"
               " share proportion 12.5% 0% to 50% a part\n"
               " since date none from when\n"
               " cuts numbers [0.5, 95%] 0 to 1 where\n"
               " tags texts [a, '7'] words\n"
               " pairs records required some pairs\n"
               " who column required a criterion\n"
               " how_much proportion none 0% to 100% its part\n");
  assert_holds("\n orders events orders\n"
               " time max of time, within 'half' the last\n"
               " time count of the later periods how many\n"
               " amount sum of number, optional paid (where mode=fast)\n"
               " edges edges, optional edges\n"
               " from customer who\n"
               " to customer whom\n"
               " worth attributes, else score worth\n"
               " value number any\n");
  assert_holds("\n score number, EUR less the score\n low number, lower end of score - its end\n");
}

/* ---- JSON -------------------------------------------------------------------------------------------------- */

static void a_strategy_as_json_tells_the_same(void **state)
{
  (void)state;
  describe_strategy_json(&every, NULL, &out);
  node *root = parsed();
  assert_at(root, "role", "segmenter");
  assert_at(root, "id", "every");
  assert_at(root, "by_row", "true");
  assert_at(root, "usual", "false");
  assert_at(root, "serial", "false");
  assert_at(root, "params.0.required", "true");
  assert_at(root, "params.0.choices.1", "slow");
  assert_at(root, "params.1.help", "a \"level\"");
  assert_at(root, "params.1.least", "1");
  assert_null(node_get(at(root, "params.1"), "most"));
  assert_at(root, "params.5.most", "0.5");
  assert_at(root, "params.9.fields.1.name", "how_much");
  assert_at(root, "inputs.0.fields.1.span", "later_periods");
  assert_at(root, "inputs.0.fields.2.when", "mode=fast");
  assert_at(root, "inputs.2.bind", "score");
  assert_at(root, "outputs.0.better", "less");
  assert_at(root, "outputs.1.of", "score");
}

static void the_list_as_json_has_strategies_and_faults(void **state)
{
  (void)state;
  describe_list_json(found, &out);
  node *root = parsed();
  assert_int_equal(at(root, "strategies")->count, 5);
  assert_at(root, "strategies.0.id", "frozen_spend");
  assert_at(root, "strategies.0.plugin", "scorer_1_0");
  assert_at(root, "strategies.0.file", FROZEN "/scorer_1_0.so");
  assert_int_equal(at(root, "faults")->count, 1);
  assert_at(root, "faults.0.file", "/nowhere/at all");
  assert_int_equal(text_string(&out)[out.length - 1], '\n');
}

static void the_hash_stands_there_once_a_strategy_is_in_use(void **state)
{
  const plugin_file *file;
  (void)state;
  const tarazu_strategy *s = strategy_called(TARAZU_SINK, "quick", &file);
  describe_strategy_json(s, file, &out);
  node *root = parsed();
  assert_int_equal(strlen(at(root, "sha256")->text), 64);
  assert_at(root, "accepts.1", "-");
}

/* ---- the schema -------------------------------------------------------------------------------------------- */

static void the_schema_knows_the_strategies_of_each_role(void **state)
{
  (void)state;
  describe_schema(found, &out);
  node *root = parsed();
  assert_at(root, "$schema", "https://json-schema.org/draft/2020-12/schema");
  assert_at(root, "additionalProperties", "false");
  assert_at(root, "$defs.scorer_id.oneOf.0.const", "frozen_spend");
  assert_at(root, "$defs.scorer_id.oneOf.0.description", "a customer's spend over the mean spend");
  assert_int_equal(at(root, "$defs.sink_id.oneOf")->count, 3);
  assert_at(root, "$defs.weigher_id.oneOf.0", "false"); /* there is none: no name is good */
  static const char *const loads[] = {"criterion", "normalizer_of_criterion.anyOf.1", "weigher.anyOf.1",
                                      "combiner.anyOf.1", "segmenter.anyOf.1"};
  for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
    assert_at(root, arena_format(memory, "$defs.%s.properties.model.type", loads[i]), "string");
  assert_null(node_get(at(root, "$defs.normalizer.anyOf.1.properties"), "model"));
}

static void parameters_hold_where_their_strategy_is_named(void **state)
{
  (void)state;
  describe_schema(found, &out);
  node *root = parsed();
  node *when = at(root, "$defs.criterion.allOf.0");
  assert_at(when, "if.properties.plugin.const", "frozen_spend");
  assert_at(when, "if.required.0", "plugin");
  node *params = at(when, "then.properties.params");
  assert_at(params, "additionalProperties", "false");
  assert_at(params, "properties.measure.enum.1", "largest");
  assert_at(params, "properties.measure.default", "total");
  assert_at(params, "properties.measure.description", "what of the orders");
  assert_at(params, "properties.window.description", "orders to look at; 1 to 36525 days");
  assert_at(params, "properties.cap.minimum", "1");
  assert_at(params, "properties.cap.maximum", "1000000");
  assert_at(params, "properties.cap.default", "100");
  assert_at(params, "properties.keep_zero.default", "true");
  assert_at(params, "properties.bands.items.required.1", "name");
  assert_at(params, "properties.bands.items.properties.from.type", "number");
  assert_at(params, "properties.bands.default.1.name", "high");
  node *orders = at(when, "then.properties.input.properties.orders");
  assert_at(orders, "anyOf.1.properties.from.description", "the table");
  assert_at(orders, "anyOf.1.properties.largest.description", "the largest order");
}

static void the_schema_has_every_key_of_a_profile(void **state)
{
  static const char *const keys[] = {"tarazu",    "extends", "company", "description", "currency",      "as_of",
                                     "time_zone", "seed",    "data",    "criteria",    "missing",       "dimensions",
                                     "normalize", "weigh",   "combine", "segments",    "key_customers", "confidence",
                                     "output",    "store",   "isolate"};
  (void)state;
  describe_schema(found, &out);
  node *properties = at(parsed(), "properties");
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) assert_non_null(node_get(properties, keys[i]));
  assert_int_equal(properties->count, sizeof keys / sizeof *keys);
}

/* Every reference leads to a definition. */
static void follow(node *root, const node *here)
{
  for (uint32_t i = 0; i < here->count; i++) {
    if (here->kind == NODE_LIST) {
      follow(root, here->items[i]);
      continue;
    }
    const entry *e = &here->entries[i];
    if (strcmp(e->key->text, "$ref") != 0) {
      follow(root, e->value);
      continue;
    }
    assert_int_equal(strncmp(e->value->text, "#/$defs/", 8), 0);
    assert_non_null(node_get(at(root, "$defs"), e->value->text + 8));
  }
}

static void references_lead_somewhere(void **state)
{
  (void)state;
  describe_schema(found, &out);
  node *root = parsed();
  follow(root, root);
}

static void a_schema_without_plugins_is_whole(void **state)
{
  (void)state;
  catalog *none = catalog_open("", NULL);
  describe_schema(none, &out);
  node *root = parsed();
  follow(root, root);
  assert_at(root, "$defs.scorer_id.oneOf.0", "false");
  catalog_free(none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(the_list_is_by_role_and_then_tells_faults),
      TEST(an_empty_list_says_so),
      TEST(a_page_tells_everything_of_a_strategy),
      TEST(a_sample_of_a_profile_can_be_read),
      TEST(samples_stand_where_the_role_does),
      TEST(colours_are_for_terminals),
      TEST(every_kind_has_its_words),
      TEST(a_strategy_as_json_tells_the_same),
      TEST(the_list_as_json_has_strategies_and_faults),
      TEST(the_hash_stands_there_once_a_strategy_is_in_use),
      TEST(the_schema_knows_the_strategies_of_each_role),
      TEST(parameters_hold_where_their_strategy_is_named),
      TEST(the_schema_has_every_key_of_a_profile),
      TEST(references_lead_somewhere),
      TEST(a_schema_without_plugins_is_whole),
  };
  return cmocka_run_group_tests_name("describe", tests, NULL, NULL);
}
