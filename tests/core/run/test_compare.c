/* Two profiles on files in a folder, and what a comparison says that moves are due to. */
#include "run/compare.h"
#include "run/session.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

/* Raw values from 0 to 1 with an anchor at each end, so that weights alone decide what a value is worth. */
#define HEAD "tarazu: 1\nas_of: 2020-01-01\n"
#define CRITERIA                                                                  \
  "criteria:\n"                                                                   \
  "  x: {plugin: attribute, dimension: financial, input: {value: customers.x}}\n" \
  "  y: {plugin: attribute, dimension: non_financial, input: {value: customers.y}}\n"
#define RULE           "key_customers: {limit: 2}\n"
#define ON(file)       "data: {customers: {from: " file ", key: id}}\n"
#define WEIGHING(x, y) "dimensions: {financial: " x ", non_financial: " y "}\n"
#define PROFILE(file, x, y) \
  HEAD ON(file)             \
  CRITERIA WEIGHING(x, y) RULE "combine: weighted_sum\n"

typedef struct pair_of_runs {
  trial t;
  tarazu_session *own[2], *cross[2];
  ranking sides[2];
  arena *home;
  problems *faults;
  comparison c;
} pair_of_runs;

static tarazu_session *run_on(pair_of_runs *p, const char *path, const char *data, const char **why)
{
  tarazu_session *s;
  int status = session_open_on(path, data, &p->t.options, &s);
  if (!status) status = tarazu_run(s);
  if (status && !why) fail_msg("%s", tarazu_problems(s, 0, 0));
  if (status) *why = arena_copy(p->home, tarazu_problems(s, 0, 0));
  return s;
}

static void begin(pair_of_runs *p)
{
  *p = (pair_of_runs){.home = arena_new(), .faults = problems_new()};
  trial_new(&p->t);
}

static void compare_with(pair_of_runs *p, const char *a, const char *b, const char *const *asked)
{
  char paths[2][256];
  const node *roots[2];
  const profile *profiles[2];
  trial_write(&p->t, "a.yaml", a);
  trial_write(&p->t, "b.yaml", b);
  snprintf(paths[0], sizeof paths[0], "%s", trial_path(&p->t, "a.yaml"));
  snprintf(paths[1], sizeof paths[1], "%s", trial_path(&p->t, "b.yaml"));
  p->c = (comparison){.sides = {&p->sides[0], &p->sides[1]},
                      .names = {"A", "B"},
                      .asked = asked,
                      .arena = p->home,
                      .problems = p->faults};
  for (int k = 0; k < 2; k++) {
    p->own[k] = run_on(p, paths[k], NULL, NULL);
    assert_true(ranking_of_run(&p->sides[k], paths[k], session_results(p->own[k])));
    roots[k] = session_root(p->own[k]);
    profiles[k] = session_profile(p->own[k]);
  }
  comparison_by_profiles(&p->c, roots, profiles);
  for (int k = 0; k < 2 && p->c.settings != SAME && p->c.data != SAME; k++) {
    p->cross[k] = run_on(p, paths[k], paths[!k], &p->c.why_not[k]);
    p->c.cross[k] = session_results(p->cross[k]);
  }
  assert_true(comparison_make(&p->c));
}

static void end(pair_of_runs *p)
{
  for (int k = 0; k < 2; k++) {
    ranking_free(&p->sides[k]);
    tarazu_close(p->own[k]);
    tarazu_close(p->cross[k]);
  }
  trial_free(&p->t);
  problems_free(p->faults);
  arena_free(p->home);
}

#define assert_shares(m, own, settings, rivals)                    \
  do {                                                             \
    assert_near((m).by.share[SWITCH_OWN], (own), 1e-12);           \
    assert_near((m).by.share[SWITCH_SETTINGS], (settings), 1e-12); \
    assert_near((m).by.share[SWITCH_RIVALS], (rivals), 1e-12);     \
  } while (0)

static const char *const ann_and_bob[] = {"ann", "bob", NULL};

/* Ann's own value rises past Bob and Cid: her move is her own, theirs are their rivals'. */
static void only_her_own_data_changed(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.2,0.5\nbob,0.6,0.5\ncid,0.4,0.5\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y\nann,0.8,0.5\nbob,0.6,0.5\ncid,0.4,0.5\ntop,1,1\nend,0,0\n");
  compare_with(&p, PROFILE("a.csv", "1", "1"), PROFILE("b.csv", "1", "1"), ann_and_bob);
  assert_int_equal(p.c.settings, SAME);
  assert_int_equal(p.c.data, DIFFERENT);
  assert_shares(p.c.asked_moves[0], 2, 0, 0);
  assert_shares(p.c.asked_moves[1], 0, 0, -1);
  assert_int_equal(p.c.entered_count, 1);
  assert_int_equal(p.c.left_count, 1);
  assert_near(p.c.entered[0].place[0] - p.c.entered[0].place[1], 2, 0);
  assert_int_equal(p.c.shared, 1);
  end(&p);
}

static void only_weights_changed(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.1,0.9\nbob,0.9,0.1\ncid,0.6,0.4\ntop,1,1\nend,0,0\n");
  compare_with(&p, PROFILE("a.csv", "3", "1"), PROFILE("a.csv", "1", "3"), ann_and_bob);
  assert_int_equal(p.c.settings, DIFFERENT);
  assert_int_equal(p.c.data, SAME);
  assert_shares(p.c.asked_moves[0], 0, 2, 0);
  assert_shares(p.c.asked_moves[1], 0, -2, 0);
  assert_int_equal(p.c.asked_moves[0].by.orders, 6);
  end(&p);
}

static void only_a_rival_changed_or_came(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.5,0.5\nbob,0.2,0.5\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y\nann,0.5,0.5\nbob,0.7,0.5\nnew,0.6,0.6\ntop,1,1\nend,0,0\n");
  compare_with(&p, PROFILE("a.csv", "1", "1"), PROFILE("b.csv", "1", "1"), (const char *const[]){"ann", "new", NULL});
  assert_shares(p.c.asked_moves[0], 0, 0, -2);
  /* New stood nowhere, behind all four, and stands second (a tie with Bob): that is her own data, and Bob's rise did
   * not pass her. */
  assert_shares(p.c.asked_moves[1], 3, 0, 0);
  assert_int_equal((int)p.c.asked_moves[1].row[0], -1);
  end(&p);
}

/* Rank-based combiners score her among others: what is hers is still told from what is theirs. */
static void a_combiner_by_ranks_tells_rivals_from_her_own(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.5,0.4\nbob,0.2,0.3\ncid,0.1,0.1\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y\nann,0.5,0.4\nbob,0.7,0.6\ncid,0.1,0.1\ntop,1,1\nend,0,0\n");
  compare_with(&p, HEAD ON("a.csv") CRITERIA RULE "combine: borda\n", HEAD ON("b.csv") CRITERIA RULE "combine: borda\n",
               ann_and_bob);
  assert_shares(p.c.asked_moves[0], 0, 0, -1);
  assert_near(p.c.asked_moves[1].by.share[SWITCH_OWN], 1, 1e-12);
  end(&p);
}

/* ---- all at once ----------------------------------------------------------------------------------------------- */

enum { PEOPLE = 40 };
typedef struct world {
  double x[2][PEOPLE], y[2][PEOPLE];
  double weight[2]; /* of x; the rest is of y */
} world;

static double fraction(unsigned *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 24);
}

/* Nine decimals, so that nobody ties and files hold them exactly; the first two people are the ends of both scales. */
static void imagine(world *w, unsigned seed)
{
  w->weight[0] = 0.75, w->weight[1] = 0.375;
  for (int d = 0; d < 2; d++)
    for (int i = 0; i < PEOPLE; i++) {
      w->x[d][i] = i < 2 ? i : round(1e9 * fraction(&seed)) / 1e9;
      w->y[d][i] = i < 2 ? i : round(1e9 * fraction(&seed)) / 1e9;
    }
}

static void write_world(trial *t, const world *w, int d, const char *name)
{
  text out = {0};
  text_add(&out, "id,x,y\n");
  for (int i = 0; i < PEOPLE; i++) text_addf(&out, "p%02d,%.9f,%.9f\n", i, w->x[d][i], w->y[d][i]);
  trial_write(t, name, text_string(&out));
  text_free(&out);
}

static double worth(const world *w, int settings, int data, int i)
{
  return w->weight[settings] * w->x[data][i] + (1 - w->weight[settings]) * w->y[data][i];
}

static double stands(const world *w, int i, int own, int settings, int rivals)
{
  double mine = worth(w, settings, own, i), ahead = 1;
  for (int k = 0; k < PEOPLE; k++) ahead += k != i && worth(w, settings, rivals, k) > mine;
  return ahead;
}

/* The mean over the six orders, by hand. */
static void expected_shares(const world *w, int i, double shares[3])
{
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int k = 0; k < 3; k++) shares[k] = 0;
  for (int o = 0; o < 6; o++) {
    int at[3] = {0, 0, 0};
    for (int k = 0; k < 3; k++) {
      double before = stands(w, i, at[SWITCH_OWN], at[SWITCH_SETTINGS], at[SWITCH_RIVALS]);
      at[orders[o][k]] = 1;
      shares[orders[o][k]] += (before - stands(w, i, at[SWITCH_OWN], at[SWITCH_SETTINGS], at[SWITCH_RIVALS])) / 6;
    }
  }
}

static void shares_of_a_world_that_changed_altogether(void **state)
{
  pair_of_runs p;
  world w;
  const char *asked[PEOPLE + 1] = {NULL};
  (void)state;
  begin(&p);
  imagine(&w, 3);
  write_world(&p.t, &w, 0, "a.csv");
  write_world(&p.t, &w, 1, "b.csv");
  for (int i = 0; i < PEOPLE; i++) asked[i] = arena_format(p.home, "p%02d", i);
  compare_with(&p, PROFILE("a.csv", "0.75", "0.25"), PROFILE("b.csv", "0.375", "0.625"), asked);
  assert_int_equal(p.c.asked_count, PEOPLE);
  double moved = 0;
  for (int i = 0; i < PEOPLE; i++) {
    const customer_move *m = &p.c.asked_moves[i];
    double shares[3], sum = 0;
    expected_shares(&w, i, shares);
    assert_int_equal(m->by.orders, 6);
    for (int k = 0; k < 3; k++) {
      assert_near(m->by.share[k], shares[k], 1e-9);
      sum += m->by.share[k];
    }
    assert_near(sum, m->place[0] - m->place[1], 1e-9);
    moved += fabs(sum);
  }
  assert_true(moved > PEOPLE); /* the worlds do differ */
  end(&p);
}

/* B measures what A's data do not have: settings come last in every order that can be gone. */
static void settings_that_cannot_be_run_on_the_others_data(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.2,0.5\nbob,0.6,0.5\ncid,0.4,0.5\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y,z\nann,0.5,0.5,1\nbob,0.6,0.5,0\ncid,0.4,0.5,0.5\ntop,1,1,0\nend,0,0,0\n");
  compare_with(&p, PROFILE("a.csv", "1", "1"),
               HEAD ON("b.csv") CRITERIA
               "  z: {plugin: attribute, dimension: financial, input: {value: customers.z}}\n" RULE
               "combine: weighted_sum\n",
               ann_and_bob);
  assert_non_null(p.c.cross[0]);
  assert_null(p.c.cross[1]);
  assert_words(p.c.why_not[1], "z");
  for (int i = 0; i < 2; i++) {
    const customer_move *m = &p.c.asked_moves[i];
    assert_int_equal(m->by.orders, 2);
    assert_near(m->by.share[0] + m->by.share[1] + m->by.share[2], m->place[0] - m->place[1], 1e-12);
  }
  /* Ann passes Cid by her own x before z counts at all. */
  assert_near(p.c.asked_moves[0].by.share[SWITCH_OWN], 1, 1e-12);
  end(&p);
}

static void customers_who_came_and_went_are_absent(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.9,0.9\nbob,0.6,0.5\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y\nbob,0.6,0.5\neve,0.8,0.5\ntop,1,1\nend,0,0\n");
  compare_with(&p, PROFILE("a.csv", "1", "1"), PROFILE("b.csv", "1", "1"), NULL);
  assert_int_equal(p.c.entered_count, 1);
  assert_int_equal(p.c.left_count, 1);
  assert_int_equal((int)p.c.entered[0].row[0], -1);
  assert_int_equal((int)p.c.left[0].row[1], -1);
  assert_near(p.c.left[0].place[1], 5, 0); /* behind all four */
  /* Of second, she falls behind three rivals of A by going, and Eve makes it four: -2 and -1, or 0 and -3. */
  assert_shares(p.c.left[0], -2.5, 0, -0.5);
  assert_int_equal((int)p.c.agreement.customers, 3);
  end(&p);
}

static void customers_who_are_on_neither_side_are_told(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.9,0.9\nbob,0.6,0.5\n");
  compare_with(&p, PROFILE("a.csv", "1", "1"), PROFILE("a.csv", "1", "1"), NULL);
  assert_int_equal(p.c.settings, SAME);
  assert_int_equal(p.c.data, SAME);
  assert_int_equal(p.c.entered_count + p.c.left_count + p.c.moved_count, 0);
  assert_near(p.c.agreement.kendall, 1, 0);
  assert_near(p.c.agreement.rank_biased_overlap, 1, 1e-15);
  p.c.asked = (const char *const[]){"zoe", NULL};
  assert_false(comparison_make(&p.c));
  assert_int_equal(problems_status(p.faults), EXIT_USAGE);
  end(&p);
}

/* ---- out of files ---------------------------------------------------------------------------------------------- */

static void publish_as(pair_of_runs *p, const char *name, const char *profile_text)
{
  tarazu_session *s;
  trial_write(&p->t, name, profile_text);
  assert_int_equal(tarazu_open(trial_path(&p->t, name), &p->t.options, &s), TARAZU_GOOD);
  assert_int_equal(tarazu_run(s), TARAZU_GOOD);
  assert_int_equal(tarazu_publish(s), TARAZU_GOOD);
  tarazu_close(s);
}

static void compare_files(pair_of_runs *p, const char *const *asked)
{
  static const char *const names[] = {"a_out.csv", "b_out.csv"};
  catalog *plugins = catalog_open(p->t.options.plugin_path, NULL);
  p->c = (comparison){.sides = {&p->sides[0], &p->sides[1]},
                      .names = {"A", "B"},
                      .asked = asked,
                      .arena = p->home,
                      .problems = p->faults};
  for (int k = 0; k < 2; k++) {
    const list_source from = {.path = arena_copy(p->home, trial_path(&p->t, names[k])), .key = "customer"};
    assert_true(ranking_of_file(&p->sides[k], &from, plugins, p->home, p->faults));
    assert_non_null(p->sides[k].manifest);
  }
  comparison_by_manifests(&p->c);
  assert_true(comparison_make(&p->c));
  for (int k = 0; k < 2; k++) ranking_free(&p->sides[k]);
  catalog_free(plugins);
}

static void results_of_the_same_settings_tell_her_own_from_rivals(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.2,0.5\nbob,0.6,0.5\ncid,0.4,0.5\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y\nann,0.8,0.5\nbob,0.6,0.5\ncid,0.4,0.5\ntop,1,1\nend,0,0\n");
  publish_as(&p, "a.yaml", PROFILE("a.csv", "1", "1") "output: [{to: a_out.csv}]\n");
  publish_as(&p, "b.yaml", PROFILE("b.csv", "1", "1") "output: [{to: b_out.csv}]\n");
  compare_files(&p, ann_and_bob);
  assert_int_equal(p.c.settings, SAME);
  assert_int_equal(p.c.data, DIFFERENT);
  assert_shares(p.c.asked_moves[0], 2, 0, 0);
  assert_shares(p.c.asked_moves[1], 0, 0, -1);
  assert_int_equal(p.c.entered_count, 1);
  end(&p);
}

static void results_of_the_same_data_owe_all_to_settings(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.1,0.9\nbob,0.9,0.1\ncid,0.6,0.4\ntop,1,1\nend,0,0\n");
  publish_as(&p, "a.yaml", PROFILE("a.csv", "3", "1") "output: [{to: a_out.csv}]\n");
  publish_as(&p, "b.yaml", PROFILE("a.csv", "1", "3") "output: [{to: b_out.csv}]\n");
  compare_files(&p, ann_and_bob);
  assert_int_equal(p.c.settings, DIFFERENT);
  assert_int_equal(p.c.data, SAME);
  assert_shares(p.c.asked_moves[0], 0, 2, 0);
  end(&p);
}

static void results_of_other_settings_and_data_say_no_causes(void **state)
{
  pair_of_runs p;
  (void)state;
  begin(&p);
  trial_write(&p.t, "a.csv", "id,x,y\nann,0.1,0.9\nbob,0.9,0.1\ncid,0.6,0.4\ntop,1,1\nend,0,0\n");
  trial_write(&p.t, "b.csv", "id,x,y\nann,0.1,0.9\nbob,0.8,0.1\ncid,0.6,0.4\ntop,1,1\nend,0,0\n");
  publish_as(&p, "a.yaml", PROFILE("a.csv", "3", "1") "output: [{to: a_out.csv}]\n");
  publish_as(&p, "b.yaml", PROFILE("b.csv", "1", "3") "output: [{to: b_out.csv}]\n");
  compare_files(&p, ann_and_bob);
  assert_int_equal(p.c.asked_moves[0].by.orders, 0);
  assert_near(p.c.asked_moves[0].place[0] - p.c.asked_moves[0].place[1], 2, 0);
  end(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_her_own_data_changed),
      cmocka_unit_test(only_weights_changed),
      cmocka_unit_test(only_a_rival_changed_or_came),
      cmocka_unit_test(a_combiner_by_ranks_tells_rivals_from_her_own),
      cmocka_unit_test(shares_of_a_world_that_changed_altogether),
      cmocka_unit_test(settings_that_cannot_be_run_on_the_others_data),
      cmocka_unit_test(customers_who_came_and_went_are_absent),
      cmocka_unit_test(customers_who_are_on_neither_side_are_told),
      cmocka_unit_test(results_of_the_same_settings_tell_her_own_from_rivals),
      cmocka_unit_test(results_of_the_same_data_owe_all_to_settings),
      cmocka_unit_test(results_of_other_settings_and_data_say_no_causes),
  };
  return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
