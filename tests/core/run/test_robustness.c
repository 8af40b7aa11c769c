/* Criteria combined anew give what a whole run would give, and what is told of a list's robustness is so. */
#include "run/agreement.h"
#include "run/rescore.h"
#include "run/robustness.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

enum { PEOPLE = 60 };

static double fraction(unsigned *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 24);
}

/* Some cells empty; without: a row that is left out, -1: none. */
static void write_people(const trial *t, const char *name, int without)
{
  unsigned seed = 17;
  text out = {0};
  text_add(&out, "id,x,y,z,hours\n");
  for (int i = 0; i < PEOPLE; i++) {
    double x = fraction(&seed), y = fraction(&seed), z = fraction(&seed), hours = fraction(&seed);
    if (i == without) continue;
    text_addf(&out, "p%02d,%.6f,", i, x);
    if (i % 7 == 3) text_add(&out, ",");
    else text_addf(&out, "%.6f,", y);
    if (i % 11 == 5) text_add(&out, ",");
    else text_addf(&out, "%.6f,", exp(3 * z));
    text_addf(&out, "%.3f\n", hours);
  }
  trial_write(t, name, text_string(&out));
  text_free(&out);
}

#define PROFILE                                                                                        \
  "tarazu: 1\nas_of: 2020-01-01\ndata: {customers: {from: people.csv, key: id}}\ncriteria:\n"          \
  "  x: {plugin: attribute, dimension: financial, weight: 2, input: {value: customers.x}}\n"           \
  "  y: {plugin: attribute, dimension: non_financial, missing: median, input: {value: customers.y}}\n" \
  "  z: {plugin: attribute, dimension: non_financial, better: less, input: {value: customers.z}}\n"    \
  "weigh: entropy\ndimensions: {financial: 60%, non_financial: 40%}\n"                                 \
  "segments: {tier: {plugin: pareto}}\n"                                                               \
  "key_customers: {limit: 8, require: {non_financial: 20%}}\n"

/* a leads by x, b by y, c by both together: of two weights w and 1 - w, a and b stand at w and 1 - w, and c at 0.6. */
#define TWO                                                                                \
  "tarazu: 1\nas_of: 2020-01-01\ndata: {customers: {from: few.csv, key: id}}\ncriteria:\n" \
  "  x: {plugin: attribute, dimension: financial, input: {value: customers.x}}\n"          \
  "  y: {plugin: attribute, dimension: financial, input: {value: customers.y}}\n"          \
  "combine: weighted_sum\nkey_customers: {limit: 1}\n"

typedef struct bench {
  trial t;
  char path[256];
  tarazu_session *own, *other;
} bench;

static void begin_on(bench *b, const char *few, const char *profile_text)
{
  *b = (bench){.own = NULL};
  trial_new(&b->t);
  write_people(&b->t, "people.csv", -1);
  if (few) trial_write(&b->t, "few.csv", few);
  trial_write(&b->t, "two.yaml", TWO);
  trial_write(&b->t, "p.yaml", profile_text);
  snprintf(b->path, sizeof b->path, "%s", trial_path(&b->t, "p.yaml"));
  assert_int_equal(tarazu_open(b->path, &b->t.options, &b->own), TARAZU_GOOD);
  if (tarazu_run(b->own)) fail_msg("%s", tarazu_problems(b->own, 0, 0));
}

static void begin(bench *b, const char *profile_text)
{
  begin_on(b, NULL, profile_text);
}

static tarazu_session *with(bench *b, const char *setting)
{
  const char *settings[] = {setting, NULL};
  tarazu_options options = b->t.options;
  tarazu_session *s;
  options.settings = settings;
  assert_int_equal(tarazu_open(b->path, &options, &s), TARAZU_GOOD);
  return s;
}

static void end(bench *b)
{
  tarazu_close(b->own);
  tarazu_close(b->other);
  trial_free(&b->t);
}

/* Scores, ranks and list of two engines, by key. */
static void assert_same(engine *a, engine *b)
{
  selection left, right;
  assert_int_equal(a->people.count, b->people.count);
  assert_true(select_key_customers(a, &left) && select_key_customers(b, &right));
  for (int64_t i = 0; i < a->people.count; i++) {
    const char *name = customer_name(a, i);
    int64_t k = dictionary_find(b->people.names, name, strlen(name));
    assert_true(k >= 0);
    assert_int_equal(a->rank[i], b->rank[k]);
    assert_near(((const double *)a->plan->score->column.values)[i], ((const double *)b->plan->score->column.values)[k],
                0);
    assert_int_equal(((const uint8_t *)left.key.values)[i], ((const uint8_t *)right.key.values)[k]);
  }
  selection_free(&left);
  selection_free(&right);
}

static void the_same_again_is_the_same(void **state)
{
  static const char *const combiners[] = {"combine=topsis", "combine=borda", "combine=vikor", "combine=weighted_sum"};
  (void)state;
  for (size_t i = 0; i < sizeof combiners / sizeof *combiners; i++) {
    bench b;
    begin(&b, PROFILE);
    tarazu_close(b.own);
    b.own = with(&b, combiners[i]);
    assert_int_equal(tarazu_run(b.own), TARAZU_GOOD);
    b.other = with(&b, combiners[i]);
    assert_true(session_plan(b.other));
    engine *to = session_engine(b.other), *from = session_engine(b.own);
    rescoring asked = {.from = from};
    for (int again = 0; again < 3; again++) {
      asked.weights = again ? from->weights : NULL;
      asked.same_normalized = again == 2;
      assert_true(rescore(to, &asked));
      assert_same(from, to);
      rescore_undo(to);
    }
    end(&b);
  }
}

static void other_settings_are_as_in_a_whole_run(void **state)
{
  static const char *const settings[] = {"combine=topsis", "combine=copeland", "weigh=critic", "normalize=zscore"};
  (void)state;
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    bench b;
    begin(&b, PROFILE);
    b.other = with(&b, settings[i]);
    assert_true(session_plan(b.other));
    rescoring asked = {.from = session_engine(b.own)};
    assert_true(rescore(session_engine(b.other), &asked));
    tarazu_session *whole = with(&b, settings[i]);
    assert_int_equal(tarazu_run(whole), TARAZU_GOOD);
    assert_same(session_engine(whole), session_engine(b.other));
    tarazu_close(whole);
    end(&b);
  }
}

static void one_customer_less_is_as_if_she_were_not_in_the_data(void **state)
{
  (void)state;
  for (int gone = 0; gone < PEOPLE; gone += 7) {
    bench b;
    int64_t rows[PEOPLE], count = 0;
    tarazu_session *whole;
    begin(&b, PROFILE "combine: topsis\n");
    assert_int_equal(tarazu_open(b.path, &b.t.options, &b.other), TARAZU_GOOD);
    assert_true(session_plan(b.other));
    for (int64_t i = 0; i < PEOPLE; i++)
      if (i != gone) rows[count++] = i;
    rescoring asked = {.from = session_engine(b.own), .rows = rows, .count = count};
    assert_true(rescore(session_engine(b.other), &asked));
    write_people(&b.t, "people.csv", gone);
    assert_int_equal(tarazu_open(b.path, &b.t.options, &whole), TARAZU_GOOD);
    assert_int_equal(tarazu_run(whole), TARAZU_GOOD);
    assert_same(session_engine(whole), session_engine(b.other));
    tarazu_close(whole);
    end(&b);
  }
}

static void copies_have_names_of_their_own(void **state)
{
  bench b;
  const int64_t rows[] = {0, 1, 2, 1, 1};
  (void)state;
  begin(&b, PROFILE);
  assert_int_equal(tarazu_open(b.path, &b.t.options, &b.other), TARAZU_GOOD);
  assert_true(session_plan(b.other));
  engine *to = session_engine(b.other);
  rescoring asked = {.from = session_engine(b.own), .rows = rows, .count = 5};
  assert_true(rescore(to, &asked));
  assert_string_equal(customer_name(to, 3), "p01 (copy 1)");
  assert_int_equal(to->rank[1], to->rank[3]);
  assert_int_equal(to->rank[1], to->rank[4]);
  end(&b);
}

/* ---- what is told ---------------------------------------------------------------------------------------------- */

static void study(bench *b, robustness *r, unsigned parts)
{
  const char *path = b->path;
  *r = (robustness){.profile = path,
                    .options = &b->t.options,
                    .session = b->own,
                    .parts = parts,
                    .sample = 100,
                    .arena = arena_new(),
                    .methods = r->methods,
                    .most_runs = r->most_runs};
  if (!robustness_find(r)) fail_msg("%s", tarazu_problems(b->own, 0, 0));
}

/* Borda's count by hand: for each criterion, how many one stands before, ties by half. */
static double count_before(double (*v)[3], int n, int i, int without)
{
  double sum = 0;
  for (int c = 0; c < 3; c++)
    for (int k = 0; k < n; k++)
      if (k != i && k != without) sum += v[k][c] < v[i][c] ? 1 : v[k][c] == v[i][c] ? 0.5 : 0;
  return sum;
}

#define THREE                                                                              \
  "tarazu: 1\nas_of: 2020-01-01\ndata: {customers: {from: few.csv, key: id}}\ncriteria:\n" \
  "  x: {plugin: attribute, dimension: financial, input: {value: customers.x}}\n"          \
  "  y: {plugin: attribute, dimension: financial, input: {value: customers.y}}\n"          \
  "  z: {plugin: attribute, dimension: financial, input: {value: customers.z}}\n"

/* Against Borda's counts of those who are left, pair by pair: Borda is known to reverse ranks. */
static void reversals_of_borda_are_those_by_hand(void **state)
{
  enum { N = 30 };
  bench b;
  robustness r = {0};
  double v[N][3], all = 0;
  unsigned seed = 99;
  text file = {0};
  (void)state;
  text_add(&file, "id,x,y,z\n");
  for (int i = 0; i < N; i++) {
    for (int c = 0; c < 3; c++) v[i][c] = round(1e6 * fraction(&seed)) / 1e6;
    text_addf(&file, "p%02d,%.6f,%.6f,%.6f\n", i, v[i][0], v[i][1], v[i][2]);
  }
  begin_on(&b, text_string(&file), THREE "combine: borda\nkey_customers: {limit: 3}\n");
  text_free(&file);
  study(&b, &r, ROBUST_REVERSAL);
  assert_int_equal(r.reversal_count, 2 * N);
  for (uint32_t k = 0; k < N; k++) {
    int gone = atoi(r.reversals[k].customer + 1);
    double reversed = 0;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < i; j++)
        if (i != gone && j != gone)
          reversed += (count_before(v, N, i, -1) - count_before(v, N, j, -1)) *
                          (count_before(v, N, i, gone) - count_before(v, N, j, gone)) <
                      0;
    assert_false(r.reversals[k].copied);
    assert_near(r.reversals[k].reversed, reversed, 0);
    assert_near(r.reversals[k].pairs, (N - 1) * (N - 2) / 2.0, 0);
    all += reversed;
  }
  assert_true(all > 0);
  arena_free(r.arena);
  end(&b);
}

#define TWO_FILE "id,x,y\na,1,0\nb,0,1\nc,0.6,0.6\n"

static void weights_move_up_to_where_scores_meet(void **state)
{
  bench b;
  robustness r = {0};
  (void)state;
  begin_on(&b, TWO_FILE, TWO);
  study(&b, &r, ROBUST_WEIGHTS);
  assert_int_equal(r.weight_count, 2);
  for (int i = 0; i < 2; i++) {
    const weight_range *w = &r.weights[i];
    assert_near(w->weight, 0.5, 0);
    assert_near(w->up, 0.6, 1e-4);
    assert_near(w->down, 0.4, 1e-4);
    assert_string_equal(w->at_up.first_out, "c");
    assert_string_equal(w->at_up.first_in, i ? "b" : "a");
    assert_string_equal(w->at_down.first_in, i ? "a" : "b");
    assert_near(w->without.overlap, 0, 0);
    static const double stays[WEIGHT_STEPS] = {0, 0, 1, 1, 0, 0}; /* 0.25 0.375 0.45 0.55 0.625 0.75 */
    for (int k = 0; k < WEIGHT_STEPS; k++) assert_near(w->overlap[k], stays[k], 0);
  }
  arena_free(r.arena);
  end(&b);
}

static void a_list_that_hangs_on_no_weight_has_no_ends(void **state)
{
  bench b;
  robustness r = {0};
  (void)state;
  begin_on(&b, "id,x,y\na,1,1\nb,0,1\nc,0.6,0.6\nd,0,0\n", TWO);
  study(&b, &r, ROBUST_WEIGHTS | ROBUST_REVERSAL);
  for (int i = 0; i < 2; i++) assert_near(r.weights[i].up, NAN, 0);
  assert_near(r.weights[0].down, NAN, 0); /* at weight 0 a and b tie, and a's key is first */
  assert_int_equal(r.weights[0].without.out, 0);
  arena_free(r.arena);
  end(&b);
  /* One criterion alone has all the weight. */
  r = (robustness){0};
  begin_on(&b, TWO_FILE, TWO "weigh: {plugin: manual}\n");
  tarazu_close(b.own);
  b.own = with(&b, "criteria.y.weight=0");
  assert_int_equal(tarazu_run(b.own), TARAZU_GOOD);
  const char *settings[] = {"criteria.y.weight=0", NULL};
  b.t.options.settings = settings;
  study(&b, &r, ROBUST_WEIGHTS);
  assert_int_equal(r.weight_count, 1);
  assert_string_equal(r.weights[0].criterion, "y");
  arena_free(r.arena);
  end(&b);
}

/* Of a leader's copy, only the seat that it takes is lost, and no other pair turns. */
static void a_copy_takes_a_seat_and_no_more(void **state)
{
  bench b;
  robustness r = {0};
  (void)state;
  begin_on(&b, "id,x,y\na,1,1\nb,0.8,0.7\nc,0.6,0.6\nd,0,0\n", "extends: two.yaml\nkey_customers: {limit: 2}\n");
  study(&b, &r, ROBUST_REVERSAL);
  assert_int_equal(r.reversal_count, 8);
  for (uint32_t i = 0; i < r.reversal_count; i++) {
    assert_int_equal((int)r.reversals[i].copied, i >= 4);
    assert_near(r.reversals[i].reversed, 0, 0);
    assert_int_equal((int)r.reversals[i].lost, 0);
  }
  assert_string_equal(r.reversals[0].customer, "a");
  assert_int_equal((int)r.reversals[0].rank, 1);
  arena_free(r.arena);
  end(&b);
}

static void methods_agree_as_whole_runs_of_them_do(void **state)
{
  static const char *const asked[] = {"topsis", "borda", "nonsense", NULL};
  bench b;
  robustness r = {.methods = asked};
  double scores[2][PEOPLE];
  (void)state;
  begin(&b, PROFILE "combine: weighted_sum\n");
  study(&b, &r, ROBUST_METHODS);
  assert_int_equal(r.result_count, 4);
  assert_true(r.results[0].own);
  assert_null(r.results[1].fault);
  assert_non_null(r.results[3].fault);
  assert_words(r.results[3].fault, "nonsense");
  for (uint32_t i = 0; i < 3; i++) {
    assert_near(r.pairs[i * 4 + i].kendall, 1, 1e-12);
    assert_near(r.pairs[i * 4 + i].overlap, 1, 0);
    assert_near(r.pairs[i * 4 + 3].kendall, NAN, 0);
    for (uint32_t k = 0; k < 3; k++) assert_near(r.pairs[i * 4 + k].kendall, r.pairs[k * 4 + i].kendall, 1e-12);
  }
  b.other = with(&b, "combine=borda");
  assert_int_equal(tarazu_run(b.other), TARAZU_GOOD);
  for (int i = 0; i < PEOPLE; i++) {
    scores[0][i] = ((const double *)session_engine(b.own)->plan->score->column.values)[i];
    scores[1][i] = ((const double *)session_engine(b.other)->plan->score->column.values)[i];
  }
  assert_near(r.pairs[2].kendall, agreement_kendall(scores[0], scores[1], PEOPLE), 1e-12);
  assert_near(r.pairs[2].spearman, agreement_spearman(scores[0], scores[1], PEOPLE), 1e-12);
  arena_free(r.arena);
  end(&b);
}

/* A combiner's parameter needs no data; the list and the ranking are those of a run with --set. */
static void parameters_change_what_a_run_with_them_changes(void **state)
{
  bench b;
  robustness r = {.most_runs = 0};
  double scores[2][PEOPLE];
  int seen = 0;
  (void)state;
  begin(&b, PROFILE "combine: {plugin: waspas, params: {lambda: 0.5}}\nnormalize: {plugin: sum}\n");
  study(&b, &r, ROBUST_PARAMETERS);
  assert_int_equal((int)r.whole, 0);
  for (uint32_t i = 0; i < r.parameter_count; i++) {
    if (strcmp(r.parameters[i].setting, "combine.params.lambda") != 0) continue;
    seen++;
    assert_null(r.parameters[i].fault);
    assert_false(r.parameters[i].whole_run);
    assert_string_equal(r.parameters[i].given, "0.5");
    assert_string_equal(r.parameters[i].varied, seen == 1 ? "0.45" : "0.55");
    tarazu_close(b.other);
    b.other = with(&b, seen == 1 ? "combine.params.lambda=0.45" : "combine.params.lambda=0.55");
    assert_int_equal(tarazu_run(b.other), TARAZU_GOOD);
    for (int k = 0; k < PEOPLE; k++) {
      scores[0][k] = ((const double *)session_engine(b.own)->plan->score->column.values)[k];
      scores[1][k] = ((const double *)session_engine(b.other)->plan->score->column.values)[k];
    }
    assert_near(r.parameters[i].to.kendall, agreement_kendall(scores[0], scores[1], PEOPLE), 1e-12);
  }
  assert_int_equal(seen, 2);
  arena_free(r.arena);
  end(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_again_is_the_same),
      cmocka_unit_test(other_settings_are_as_in_a_whole_run),
      cmocka_unit_test(one_customer_less_is_as_if_she_were_not_in_the_data),
      cmocka_unit_test(copies_have_names_of_their_own),
      cmocka_unit_test(reversals_of_borda_are_those_by_hand),
      cmocka_unit_test(weights_move_up_to_where_scores_meet),
      cmocka_unit_test(a_list_that_hangs_on_no_weight_has_no_ends),
      cmocka_unit_test(a_copy_takes_a_seat_and_no_more),
      cmocka_unit_test(methods_agree_as_whole_runs_of_them_do),
      cmocka_unit_test(parameters_change_what_a_run_with_them_changes),
  };
  return cmocka_run_group_tests_name("robustness", tests, NULL, NULL);
}
