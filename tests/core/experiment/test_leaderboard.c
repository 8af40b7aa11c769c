#include "experiment/leaderboard.h"

#include "config/yaml.h"
#include "support/properties.h"
#include <string.h>

enum { PEOPLE = 150, VARIANTS = 8, MEASURES = 3 };

/* Two settings: the first decides how much of the outcome a score knows, the second nothing. Variant 6 did not run, 7
 * is the base once more; memory is known of variants 0 and 1. */
typedef struct world {
  leaderboard board;
  double outcome[PEOPLE];
  double *numbers[VARIANTS][MEASURES];
  double memory[VARIANTS];
  board_variant variants[VARIANTS];
  int32_t first[VARIANTS], second[VARIANTS];
  board_knob knobs[2];
} world;

static const board_measure measures[MEASURES] = {
    {MEASURE_MAE, "mae of spend, all"}, {MEASURE_SPEARMAN, "spearman"}, {MEASURE_MEMORY, "memory"}};
static const char *const names[VARIANTS] = {"plain", "a1", "a2", "b0", "b1", "b2", "broken", "again"};

static void measure_one(world *w, int v, int noise, uint64_t seed)
{
  double score[PEOPLE];
  int64_t length = resample_length(&w->board.resampling);
  const measure *of[2];
  measure_fault fault;
  for (int i = 0; i < PEOPLE; i++) score[i] = w->outcome[i] + (1 + noise) * (next_uniform(&seed) - .5);
  judged j = {.customers = PEOPLE, .score = score, .outcome = w->outcome};
  for (int m = 0; m < 2; m++) {
    of[m] = measure_new(measures[m].id, &j, &fault);
    assert_non_null(of[m]);
    w->numbers[v][m] = test_malloc((size_t)length * sizeof(double));
  }
  assert_int_equal(resample_measures(&w->board.resampling, of, 2, NULL, NULL, w->numbers[v]), 1);
  for (int m = 0; m < 2; m++) measure_free((measure *)of[m]);
}

static world *world_new(int64_t samples)
{
  static const char *const noises[] = {"0", "1", "2"}, *const methods[] = {"topsis", "borda, \"new\""};
  world *w = test_calloc(1, sizeof *w);
  uint64_t seed = 5;
  w->board = (leaderboard){.resampling = {PEOPLE, samples, 3},
                           .level = .95,
                           .measures = measures,
                           .measure_count = MEASURES,
                           .variants = w->variants,
                           .variant_count = VARIANTS,
                           .knobs = w->knobs,
                           .knob_count = 2,
                           .arena = arena_new()};
  for (int i = 0; i < PEOPLE; i++) w->outcome[i] = 10 * next_uniform(&seed);
  for (int v = 0; v < VARIANTS; v++) {
    w->variants[v].name = names[v];
    w->first[v] = v < 6 ? v % 3 : 0;
    w->second[v] = v < 6 ? v / 3 : 0;
    if (v == 6) {
      w->variants[v].fault = "no such column";
      continue;
    }
    measure_one(w, v, w->first[v], v == 7 ? 1 : (uint64_t)v + 1);
    w->memory[v] = 1e6 + v;
    w->numbers[v][2] = v < 2 ? &w->memory[v] : NULL;
    w->variants[v].numbers = (const double *const *)w->numbers[v];
  }
  w->knobs[0] = (board_knob){"noise", {w->first, 3}, noises};
  w->knobs[1] = (board_knob){"combine.plugin", {w->second, 2}, methods};
  assert_int_equal(leaderboard_find(&w->board), 1);
  return w;
}

static void world_free(world *w)
{
  for (int v = 0; v < VARIANTS; v++)
    for (int m = 0; m < 2; m++)
      if (w->numbers[v][m]) test_free(w->numbers[v][m]);
  arena_free(w->board.arena);
  test_free(w);
}

/* What is found is what the parts say, corrected over the six others that have a value. */
static void a_board_is_made_of_its_parts(void **state)
{
  world *w = world_new(399);
  const leaderboard *b = &w->board;
  paired_comparison others[6];
  int better[6], count = 0;
  (void)state;
  for (int v = 1; v < VARIANTS; v++) {
    if (v == 6) continue;
    interval expected;
    assert_near(leaderboard_entry(b, v, 1)->value, w->numbers[v][1][0], 0);
    assert_int_equal(resample_interval(&b->resampling, w->numbers[v][1], .95, INTERVAL_BCA, &expected), 1);
    assert_near(leaderboard_entry(b, v, 1)->between.low, expected.low, 0);
    assert_int_equal(
        paired_compare(&b->resampling, w->numbers[0][1], w->numbers[v][1], .95, INTERVAL_BCA, &others[count]), 1);
    better[count++] = 1;
  }
  assert_int_equal(paired_judge(CORRECTION_HOLM, others, better, count, .95), 1);
  count = 0;
  for (int v = 1; v < VARIANTS; v++) {
    if (v == 6) continue;
    assert_int_equal(leaderboard_entry(b, v, 1)->against.verdict, others[count].verdict);
    assert_near(leaderboard_entry(b, v, 1)->against.adjusted, others[count++].adjusted, 0);
  }
  assert_int_equal(b->comparisons, 7);
  assert_int_equal(leaderboard_entry(b, 2, 0)->against.verdict, PAIRED_WORSE);
  assert_int_equal(leaderboard_entry(b, 5, 0)->against.verdict, PAIRED_WORSE);
  assert_int_equal(leaderboard_entry(b, 7, 0)->against.verdict, PAIRED_SAME);
  assert_near(leaderboard_entry(b, 6, 0)->value, NAN, 0);
  assert_near(leaderboard_entry(b, 1, 2)->against.difference, 1, 0);
  assert_int_equal(leaderboard_entry(b, 1, 2)->against.verdict, PAIRED_UNKNOWN);
  world_free(w);
}

static void the_best_variant_stands_first(void **state)
{
  world *w = world_new(99);
  const leaderboard *b = &w->board;
  (void)state;
  for (int i = 0; i + 2 < VARIANTS; i++) /* of an error, the least */
    assert_true(leaderboard_entry(b, b->order[i], 0)->value <= leaderboard_entry(b, b->order[i + 1], 0)->value);
  assert_int_equal(b->order[VARIANTS - 1], 6);
  assert_true(b->effects[0].of[0].share > .9);
  assert_true(b->effects[0].of[1].share < .1);
  assert_int_equal(b->effects[0].variants, 7);
  assert_int_equal(b->effects[2].count, 0);
  world_free(w);
}

static const char *line_with(const char *all, const char *word)
{
  const char *at = strstr(all, word);
  if (!at) fail_msg("no \"%s\" in:\n%s", word, all);
  return at;
}

static void people_read_a_table(void **state)
{
  world *w = world_new(399);
  text out = {0};
  (void)state;
  leaderboard_text(&w->board, &out, (screen){0});
  const char *all = text_string(&out);
  assert_int_equal(strncmp(all, "place  variant  mae of spend, all  ", 34), 0);
  line_with(all, "the same as the base");
  line_with(all, "the base");
  line_with(all, "worse than the base by ");
  line_with(all, "no real difference from the base (");
  line_with(all, "broken was not run: no such column\n");
  line_with(all, "from 399 bootstrap samples of 150 customers, with Holm's correction for 7.\n");
  line_with(all, "what matters: shares of the variance of mae of spend, all over 7 variants\n");
  line_with(all, "best (mean)");
  assert_true(line_with(all, "noise ") < line_with(all, "0 ("));
  assert_null(strstr(all, "so few samples"));
  assert_null(strstr(all, "nan"));
  text_free(&out);
  world_free(w);
  w = world_new(99);
  leaderboard_text(&w->board, &out, (screen){0});
  line_with(text_string(&out),
            "Among 7 comparisons no difference can be told from so few samples: expected at least 279.\n");
  text_free(&out);
  world_free(w);
}

/* Of the measures but the first, those that fit; the others are named. */
static void a_narrow_screen_is_kept_to(void **state)
{
  world *w = world_new(399);
  text out = {0};
  (void)state;
  for (uint32_t width = 80; width <= 200; width++) {
    leaderboard_text(&w->board, &out, (screen){.width = width});
    const char *end = line_with(text_string(&out), "broken was not run");
    for (const char *line = text_string(&out); line < end; line += strcspn(line, "\n") + 1)
      assert_in_range(text_columns(line, strcspn(line, "\n")), 1, width);
    assert_null(strstr(text_string(&out), "no room"));
    text_free(&out);
  }
  leaderboard_text(&w->board, &out, (screen){.width = 60});
  line_with(text_string(&out), "no room for ");
  text_free(&out);
  world_free(w);
}

/* A row a variant, as many fields in each; what has a comma or quotes is quoted. */
static void a_csv_has_a_row_a_variant(void **state)
{
  world *w = world_new(99);
  text out = {0};
  int rows = 0, fields = 0, quoted = 0;
  (void)state;
  leaderboard_csv(&w->board, &out);
  for (const char *c = text_string(&out); *c; c++) {
    if (*c == '"') quoted = !quoted;
    if (*c == ',' && !quoted) fields++;
    if (*c != '\n') continue;
    assert_int_equal(fields, 4 + 9 * MEASURES);
    fields = 0;
    rows++;
  }
  assert_int_equal(rows, 1 + VARIANTS);
  line_with(text_string(&out),
            "place,variant,fault,noise,combine.plugin,\"mae of spend, all\",\"mae of spend, all_low\"");
  line_with(text_string(&out), "8,broken,no such column,0,topsis,,,");
  line_with(text_string(&out), ",\"borda, \"\"new\"\"\",");
  assert_null(strstr(text_string(&out), "nan"));
  text_free(&out);
  world_free(w);
}

static void json_can_be_read_again(void **state)
{
  world *w = world_new(99);
  text out = {0};
  problems *faults = problems_new();
  (void)state;
  leaderboard_json(&w->board, &out);
  assert_null(strstr(text_string(&out), "nan"));
  node *root = yaml_parse("board", text_string(&out), out.length, w->board.arena, faults);
  assert_non_null(root);
  assert_int_equal(node_get(root, "variants")->count, VARIANTS);
  assert_int_equal(node_get(root, "main_effects")->count, 2);
  assert_string_equal(node_get(root, "correction")->text, "holm");
  assert_string_equal(node_get(root, "samples")->text, "99");
  problems_free(faults);
  text_free(&out);
  world_free(w);
}

static void without_samples_values_are_told_alone(void **state)
{
  world *w = world_new(0);
  text out = {0};
  (void)state;
  assert_near(leaderboard_entry(&w->board, 1, 0)->value, w->numbers[1][0][0], 0);
  assert_int_equal(leaderboard_entry(&w->board, 1, 0)->between.method, INTERVAL_NONE);
  assert_int_equal(leaderboard_entry(&w->board, 1, 0)->against.verdict, PAIRED_UNKNOWN);
  leaderboard_text(&w->board, &out, (screen){0});
  line_with(text_string(&out), "cannot be said");
  assert_null(strstr(text_string(&out), "bootstrap"));
  text_free(&out);
  world_free(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_board_is_made_of_its_parts),
                                     cmocka_unit_test(the_best_variant_stands_first),
                                     cmocka_unit_test(people_read_a_table),
                                     cmocka_unit_test(a_csv_has_a_row_a_variant),
                                     cmocka_unit_test(a_narrow_screen_is_kept_to),
                                     cmocka_unit_test(json_can_be_read_again),
                                     cmocka_unit_test(without_samples_values_are_told_alone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
