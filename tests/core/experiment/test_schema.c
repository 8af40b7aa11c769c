/* The schema of experiments' files: whole, also without plugins, with every key and measure. That files fit it or do
 * not is tried by tests/cli/test_schema.sh. */
#include "config/yaml.h"
#include "experiment/asked.h"
#include "experiment/schema.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
// cmocka needs the above
#include <cmocka.h>

static arena *memory;
static text out;
static node *root;

static int set_up(void **state)
{
  (void)state;
  problems *faults = problems_new();
  catalog *none = catalog_open("", NULL);
  memory = arena_new();
  experiment_schema(none, &out);
  root = yaml_parse("schema", text_string(&out), out.length, memory, faults);
  int errors = (int)problems_errors(faults);
  catalog_free(none);
  problems_free(faults);
  return errors;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(memory);
  text_free(&out);
  return 0;
}

static void it_has_every_key(void **state)
{
  static const char *const keys[] = {"tarazu_experiment",
                                     "extends",
                                     "name",
                                     "description",
                                     "profile",
                                     "profiles",
                                     "set",
                                     "vary",
                                     "sample",
                                     "base",
                                     "measure",
                                     "outcomes",
                                     "backtest",
                                     "repeat",
                                     "output",
                                     "store",
                                     "jobs"};
  (void)state;
  const node *properties = node_get(root, "properties");
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) assert_non_null(node_get(properties, keys[i]));
  assert_int_equal(properties->count, sizeof keys / sizeof *keys);
}

/* Each with the keys that are read of it, and no others. */
static void it_has_every_measure(void **state)
{
  (void)state;
  const node *forms = node_get(node_get(node_get(root, "$defs"), "measure"), "anyOf");
  assert_int_equal(forms->count, 1 + MEASURE_COUNT);
  for (int id = 0; id < MEASURE_COUNT; id++) {
    const node *properties = node_get(forms->items[1 + id], "properties");
    const char *keys[ASKED_KEYS];
    uint32_t count = 0;
    asked_keys((measure_id)id, keys);
    assert_string_equal(keys[0], measure_list[id].name);
    for (; keys[count]; count++) assert_non_null(node_get(properties, keys[count]));
    assert_int_equal(properties->count, count);
  }
}

static void follow(const node *here)
{
  for (uint32_t i = 0; i < here->count; i++) {
    const node *value = here->kind == NODE_LIST ? here->items[i] : here->entries[i].value;
    if (here->kind == NODE_MAP && !strcmp(here->entries[i].key->text, "$ref")) {
      assert_int_equal(strncmp(value->text, "#/$defs/", 8), 0);
      assert_non_null(node_get(node_get(root, "$defs"), value->text + 8));
    } else if (value->kind != NODE_SCALAR) {
      follow(value);
    }
  }
}

static void references_lead_somewhere(void **state)
{
  (void)state;
  follow(root);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(it_has_every_key),
      TEST(it_has_every_measure),
      TEST(references_lead_somewhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
