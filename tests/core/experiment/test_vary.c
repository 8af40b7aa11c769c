/* What an experiment varies: lists, ranges, alternatives, samples, their labels, and how they are laid over a profile.
 */
#include "experiment/vary.h"
#include "support/session.h"
#include <math.h>

typedef struct varied {
  trial t;
  arena *home;
  problems *faults;
  experiment of;
  variants all;
} varied;

/* The experiment of these lines, its variants found. */
static int vary(varied *v, const char *lines)
{
  trial_new(&v->t);
  v->home = arena_new();
  v->faults = problems_new();
  trial_write(&v->t, "e.yaml", arena_format(v->home, "tarazu_experiment: 1\nprofile: p.yaml\n%s", lines));
  experiment_read(trial_path(&v->t, "e.yaml"), v->home, v->faults, &v->of);
  return vary_find(&v->of, v->home, v->faults, &v->all) && !problems_errors(v->faults);
}

static void varied_free(varied *v)
{
  problems_free(v->faults);
  arena_free(v->home);
  trial_free(&v->t);
}

/* All labels, a line each. */
static const char *labels(const varied *v)
{
  text out = {0};
  for (int64_t i = 0; i < v->all.count; i++) text_addf(&out, "%s\n", v->all.items[i].label);
  const char *kept = arena_copy(v->home, text_string(&out));
  text_free(&out);
  return kept;
}

static void assert_labels(const char *lines, const char *expected)
{
  varied v;
  assert_true(vary(&v, lines));
  assert_string_equal(labels(&v), expected);
  varied_free(&v);
}

static void a_grid_has_all_combinations_the_first_knob_slowest(void **state)
{
  (void)state;
  assert_labels("vary: {combine: [topsis, {plugin: vikor, params: {v: 0.5}}], key_customers.limit: [5%, 10]}",
                "combine=topsis, limit=5%\ncombine=topsis, limit=10\n"
                "combine=vikor (v 0.5), limit=5%\ncombine=vikor (v 0.5), limit=10\n");
  assert_labels("", "as it is\n");
}

static void ranges_have_steps_or_a_count_and_whole_numbers_stay_whole(void **state)
{
  (void)state;
  assert_labels("vary: {a.x: {from: 1, to: 4}}", "x=1\nx=2\nx=3\nx=4\n");
  assert_labels("vary: {a.x: {from: 1, to: 8, step: 3}}", "x=1\nx=4\nx=7\n");
  assert_labels("vary: {a.x: {from: 0.2, to: 0.8, step: 0.1}}", "x=0.2\nx=0.3\nx=0.4\nx=0.5\nx=0.6\nx=0.7\nx=0.8\n");
  assert_labels("vary: {a.x: {from: 0, to: 1.0, count: 3}}", "x=0\nx=0.5\nx=1\n");
  assert_labels("vary: {a.x: {from: 1, to: 1000, count: 4, scale: log}}", "x=1\nx=10\nx=100\nx=1000\n");
  assert_labels("vary: {a.x: {from: 1, to: 3, count: 9}}", "x=1\nx=2\nx=3\n");
  assert_labels("vary: {a.x: {from: 5%, to: 20%, count: 4}}", "x=5%\nx=10%\nx=15%\nx=20%\n");
  assert_labels("vary: {a.x: {from: 13 weeks, to: 39 weeks, step: 13 weeks}}", "x=13 weeks\nx=26 weeks\nx=39 weeks\n");
  assert_labels("vary: {a.x: {from: -2, to: 0}}", "x=-2\nx=-1\nx=0\n");
  assert_labels("vary: {a.x: {from: 1e2, to: 3e2, step: 1e2}}", "x=100\nx=200\nx=300\n");
}

static void labels_are_as_short_as_tells_knobs_and_values_apart(void **state)
{
  (void)state;
  assert_labels("vary: {criteria.a.weight: [1], criteria.b.weight: [2], criteria.a.params.k: [3], c.plugin: [x]}",
                "a.weight=1, b.weight=2, k=3, c.plugin=x\n");
  assert_labels("vary: {a.p.k: [1], b.p.k: [2], k: [3]}", "a.p.k=1, b.p.k=2, k=3\n");
  assert_labels("vary: {c: [{plugin: x, input: {y: z}}, {plugin: x, params: {y: z}}, {a: [1, 2]}, null]}",
                "c=x (input y z)\nc=x (y z)\nc=a [1, 2]\nc=nothing\n");
  assert_labels("vary: {c: ['1', 1]}", "c=1\nc=1 #2\n");
}

static const char *laid(varied *v, int64_t index, const char *profile)
{
  const node *base = yaml_parse("p.yaml", profile, strlen(profile), v->home, v->faults);
  const node *set = vary_set(&v->of, base, v->home, v->faults);
  assert_non_null(set);
  const node *root = vary_lay(&v->all, &v->all.items[index], set, v->home, v->faults);
  assert_non_null(root);
  text out = {0};
  node_write_json(root, &out);
  const char *kept = arena_copy(v->home, text_string(&out));
  text_free(&out);
  return kept;
}

static void alternatives_set_several_things_and_lie_over_what_all_share(void **state)
{
  (void)state;
  varied v;
  static const char profile[] =
      "{combine: {plugin: vikor, params: {v: 1}}, criteria: {a: {weight: 1}, b: {weight: 1}}}";
  assert_true(vary(&v, "set: {criteria.a.weight: 9, limit: 5}\n"
                       "vary: {mix: {as_is: {}, large: {criteria.a.weight: 3, combine: topsis}, deep: {criteria: {b: "
                       "{weight: 4}}}}}\n"));
  assert_string_equal(labels(&v), "mix=as_is\nmix=large\nmix=deep\n");
  assert_string_equal(laid(&v, 0, profile), "{\"combine\": {\"plugin\": \"vikor\", \"params\": {\"v\": 1}}, "
                                            "\"criteria\": {\"a\": {\"weight\": 9}, \"b\": {\"weight\": 1}}, "
                                            "\"limit\": 5}");
  assert_string_equal(laid(&v, 1, profile), "{\"combine\": \"topsis\", \"criteria\": {\"a\": {\"weight\": 3}, \"b\": "
                                            "{\"weight\": 1}}, \"limit\": 5}");
  assert_string_equal(laid(&v, 2, profile), "{\"combine\": {\"plugin\": \"vikor\", \"params\": {\"v\": 1}}, "
                                            "\"criteria\": {\"a\": {\"weight\": 9}, \"b\": {\"weight\": 4}}, "
                                            "\"limit\": 5}");
  varied_free(&v);
}

static double number_of(const varied *v, int64_t index, uint32_t knob)
{
  return v->all.items[index].of[knob].number;
}

static void every_part_of_a_range_is_used_once_in_a_hypercube(void **state)
{
  (void)state;
  varied v;
  int seen[2][50] = {{0}};
  double sum = 0;
  assert_true(vary(&v, "vary: {a.x: {from: 0.5, to: 1.5}, a.y: {from: 1, to: 100000, scale: log}, b: [p, q]}\n"
                       "sample: {latin_hypercube: 50, seed: 9}"));
  assert_int_equal(v.all.count, 50);
  int p = 0;
  for (int64_t i = 0; i < 50; i++) {
    double x = number_of(&v, i, 0), y = number_of(&v, i, 1);
    assert_true(x >= 0.5 && x <= 1.5 && y >= 1 && y <= 100000 && y == round(y));
    seen[0][(int)((x - 0.5) * 50 - 1e-9)]++;
    sum += (x - 1) * log10(y);
    p += !strcmp(v.all.items[i].of[2].words, "p");
  }
  for (int i = 0; i < 50; i++) assert_int_equal(seen[0][i], 1);
  assert_int_equal(p, 25);
  assert_true(fabs(sum / 50) < 0.2); /* the knobs' orders are their own */
  varied_free(&v);
}

static void what_is_drawn_hangs_on_seed_and_name_alone(void **state)
{
  (void)state;
  varied a, b, c;
  assert_true(vary(&a, "vary: {k.x: {from: 0.0, to: 1.0}, k.y: {from: 1, to: 6}}\nsample: {random: 200, seed: 4}"));
  assert_true(vary(&b, "vary: {k.z: [u, v], k.x: {from: 0.0, to: 1.0}}\nsample: {random: 300, seed: 4}"));
  assert_true(vary(&c, "vary: {k.x: {from: 0.0, to: 1.0}}\nsample: {random: 200, seed: 5}"));
  double mean = 0;
  int faces[7] = {0}, same = 0;
  for (int64_t i = 0; i < 200; i++) {
    assert_true(number_of(&a, i, 0) == number_of(&b, i, 1));
    same += number_of(&a, i, 0) == number_of(&c, i, 0);
    mean += number_of(&a, i, 0) / 200;
    faces[(int)number_of(&a, i, 1)]++;
  }
  assert_true(fabs(mean - 0.5) < 0.06); /* three standard errors of 200 even draws */
  assert_int_equal(same, 0);
  for (int i = 1; i <= 6; i++) assert_in_range(faces[i], 18, 50); /* 33 expected, three standard deviations of 5.3 */
  varied_free(&a);
  varied_free(&b);
  varied_free(&c);
}

static void what_is_drawn_twice_runs_once(void **state)
{
  (void)state;
  varied v;
  assert_true(vary(&v, "vary: {a: [p, q]}\nsample: {random: 100}"));
  assert_int_equal(v.all.count, 2);
  varied_free(&v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_grid_has_all_combinations_the_first_knob_slowest),
      cmocka_unit_test(ranges_have_steps_or_a_count_and_whole_numbers_stay_whole),
      cmocka_unit_test(labels_are_as_short_as_tells_knobs_and_values_apart),
      cmocka_unit_test(alternatives_set_several_things_and_lie_over_what_all_share),
      cmocka_unit_test(every_part_of_a_range_is_used_once_in_a_hypercube),
      cmocka_unit_test(what_is_drawn_hangs_on_seed_and_name_alone),
      cmocka_unit_test(what_is_drawn_twice_runs_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
