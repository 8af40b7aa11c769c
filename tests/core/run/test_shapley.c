/* Contributions of criteria where a combiner has no closed form, against the mean over all orders in which criteria can
 * join (Shapley 1953), and baselines. */
#include "config/yaml.h"
#include "run/session.h"
#include "run/shapley.h"
#include "support/properties.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

enum { PEOPLE = 41, MOST = 16 };

typedef struct crowd {
  uint32_t criteria;
  char ids[PEOPLE][4];
  const char *keys[PEOPLE];
  double x[MOST][PEOPLE];
} crowd;

static void make_crowd(crowd *c, uint32_t criteria, double gaps, uint64_t seed)
{
  c->criteria = criteria;
  for (int i = 0; i < PEOPLE; i++) {
    snprintf(c->ids[i], sizeof c->ids[i], "c%02d", i);
    c->keys[i] = c->ids[i];
    for (uint32_t k = 0; k < criteria; k++) {
      c->x[k][i] = next_uniform(&seed) * 10;
      if (next_uniform(&seed) < gaps) c->x[k][i] = NAN;
    }
  }
}

static const char *name_of(uint32_t criterion)
{
  static const char *const names[MOST] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                          "i", "j", "k", "l", "m", "n", "o", "p"};
  return names[criterion];
}

static sheet *run(trial *t, const crowd *c, const char *more)
{
  char yaml[6000] = "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncriteria:\n";
  given columns[MOST + 1] = {{"id", "u", c->keys}};
  for (uint32_t k = 0; k < c->criteria; k++) {
    char line[200];
    snprintf(line, sizeof line,
             "  %s: {plugin: attribute, dimension: financial, weight: %u, input: {value: customers.%s}}\n", name_of(k),
             k + 1, name_of(k));
    strcat(yaml, line);
    columns[k + 1] = (given){name_of(k), "g", c->x[k]};
  }
  strcat(yaml, more);
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push_as(t, "customers", PEOPLE, columns, c->criteria + 1, (arrival){0, NULL}));
  assert_good(t, trial_run(t));
  return sheet_read(t, "customers");
}

/* ---- TOPSIS as a game ----------------------------------------------------------------------------------------------
 */

typedef struct game {
  uint32_t players, player[MOST];
  double own[MOST], median[MOST], least[MOST], most[MOST], weight[MOST]; /* by criterion */
} game;

static double column_of(const sheet *s, uint32_t criterion, const char *ending, int64_t row)
{
  char name[40];
  snprintf(name, sizeof name, "%s_%s", name_of(criterion), ending);
  return sheet_real(s, name, row);
}

static int compare(const void *a, const void *b)
{
  return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

/* What the customer of a row brings, against what the median customer would bring. */
static void set_up(game *g, const sheet *s, const crowd *c, int64_t row)
{
  double sum = 0;
  *g = (game){0};
  for (uint32_t k = 0; k < c->criteria; k++) {
    double sorted[PEOPLE];
    int count = 0;
    for (int64_t i = 0; i < PEOPLE; i++) {
      double value = column_of(s, k, "normalized", i);
      if (!isnan(value)) sorted[count++] = value;
    }
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    g->least[k] = sorted[0];
    g->most[k] = sorted[count - 1];
    g->median[k] = count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    g->own[k] = column_of(s, k, "normalized", row);
    if (isnan(g->own[k])) continue;
    g->player[g->players++] = k;
    g->weight[k] = k + 1.0;
    sum += g->weight[k];
  }
  for (uint32_t k = 0; k < c->criteria; k++) g->weight[k] /= sum;
}

static double worth(const game *g, uint32_t members)
{
  double near = 0, far = 0;
  for (uint32_t i = 0; i < g->players; i++) {
    uint32_t k = g->player[i];
    double v = g->weight[k] * (members >> i & 1 ? g->own[k] : g->median[k]);
    near += pow(v - g->weight[k] * g->most[k], 2);
    far += pow(v - g->weight[k] * g->least[k], 2);
  }
  return sqrt(far) / (sqrt(near) + sqrt(far));
}

/* Goes through every order in which the players join, and sums what each adds; the number of orders. */
static int join(const game *g, uint32_t members, double before, double *phi)
{
  int orders = 0;
  if (members + 1 == 1u << g->players) return 1;
  for (uint32_t i = 0; i < g->players; i++) {
    if (members >> i & 1) continue;
    double after = worth(g, members | 1u << i);
    int below = join(g, members | 1u << i, after, phi);
    phi[i] += below * (after - before);
    orders += below;
  }
  return orders;
}

static void all_orders(const game *g, double *phi)
{
  memset(phi, 0, MOST * sizeof *phi);
  int orders = join(g, 0, worth(g, 0), phi), expected = 1;
  for (uint32_t i = 2; i <= g->players; i++) expected *= (int)i;
  assert_int_equal(orders, expected);
  for (uint32_t i = 0; i < g->players; i++) phi[i] /= orders;
}

/* The same by subsets, for more players than orders can be counted of. */
static void all_subsets(const game *g, double *phi)
{
  uint32_t n = g->players;
  double *worths = malloc((1u << n) * sizeof *worths), share[MOST + 1];
  for (uint32_t s = 0; s < 1u << n; s++) worths[s] = worth(g, s);
  share[0] = 1.0 / n;
  for (uint32_t s = 1; s < n; s++) share[s] = share[s - 1] * s / (n - s);
  memset(phi, 0, MOST * sizeof *phi);
  for (uint32_t s = 0; s < 1u << n; s++)
    for (uint32_t i = 0; i < n; i++)
      if (!(s >> i & 1)) phi[i] += share[__builtin_popcount(s)] * (worths[s | 1u << i] - worths[s]);
  free(worths);
}

static void assert_contributions(const sheet *s, const crowd *c, int64_t row, double tolerance)
{
  game g;
  double phi[MOST], sum = 0;
  set_up(&g, s, c, row);
  if (!g.players) return;
  if (g.players <= 7) all_orders(&g, phi);
  else all_subsets(&g, phi);
  uint32_t player = 0;
  for (uint32_t k = 0; k < c->criteria; k++) {
    double part = column_of(s, k, "contribution", row);
    assert_near(part, isnan(g.own[k]) ? NAN : phi[player], tolerance);
    if (isnan(g.own[k])) continue;
    sum += part;
    player++;
  }
  assert_near(sheet_real(s, "score", row), worth(&g, (1u << g.players) - 1), 1e-12);
  assert_near(sum, sheet_real(s, "score", row) - worth(&g, 0), 1e-12);
}

static void key_customers_contributions_are_the_mean_over_all_orders(void **state)
{
  (void)state;
  for (uint32_t criteria = 1; criteria <= 6; criteria++)
    for (int gaps = 0; gaps < 2; gaps++) {
      crowd c;
      trial t;
      make_crowd(&c, criteria, gaps ? 0.25 : 0, 10 * criteria);
      trial_new(&t);
      sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 9}\n");
      for (int64_t row = 0; row < PEOPLE; row++) {
        if (sheet_real(s, "key_customer", row) > 0) assert_contributions(s, &c, row, 1e-12);
        else
          for (uint32_t k = 0; k < criteria; k++) assert_near(column_of(s, k, "contribution", row), NAN, 0);
      }
      sheet_free(s);
      trial_free(&t);
    }
}

static void twelve_criteria_are_still_exact(void **state)
{
  crowd c;
  trial t;
  (void)state;
  make_crowd(&c, 12, 0, 3);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 2}\n");
  assert_contributions(s, &c, 0, 1e-12);
  assert_contributions(s, &c, 1, 1e-12);
  sheet_free(s);
  trial_free(&t);
}

static void more_are_sampled_and_still_add_up(void **state)
{
  crowd c;
  trial t;
  (void)state;
  make_crowd(&c, 15, 0.05, 4);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 4}\n");
  for (int64_t row = 0; row < 4; row++) assert_contributions(s, &c, row, 0.002);
  size_t count[2];
  char *bytes[2] = {sheet_bytes(s, &count[0]), NULL};
  sheet_free(s);
  s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 4}\n"); /* the same sample again */
  bytes[1] = sheet_bytes(s, &count[1]);
  assert_int_equal(count[0], count[1]);
  assert_memory_equal(bytes[0], bytes[1], count[0]);
  free(bytes[0]);
  free(bytes[1]);
  sheet_free(s);
  trial_free(&t);
}

static void one_who_is_asked_for_gets_hers_too(void **state)
{
  crowd c;
  trial t;
  const char *out[2];
  (void)state;
  make_crowd(&c, 4, 0.2, 8);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 2}\n");
  const char *customer = sheet_text(s, "customer", 20);
  assert_near(column_of(s, 0, "contribution", 20), NAN, 0);
  for (int i = 0; i < 3; i++) assert_good(&t, tarazu_explain_customer(t.session, customer, 1, &out[0]));
  sheet *after = sheet_read(&t, "customers");
  assert_contributions(after, &c, 20, 1e-12);
  assert_contributions(after, &c, 0, 1e-12);
  sheet_free(after);
  sheet_free(s);
  trial_free(&t);
}

/* ---- closed forms and combiners that have none --------------------------------------------------------------------
 */

static void without_row_numbers_there_are_none(void **state)
{
  crowd c;
  trial t;
  const char *out;
  (void)state;
  make_crowd(&c, 3, 0.2, 8);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: by_row\nkey_customers: {limit: 2}\n");
  for (int64_t row = 0; row < PEOPLE; row++)
    for (uint32_t k = 0; k < 3; k++) assert_near(column_of(s, k, "contribution", row), NAN, 0);
  assert_good(&t, tarazu_explain_customer(t.session, "c07", 0, &out));
  assert_words(tarazu_manifest(t.session), "\"contribution_baseline\": null");
  sheet_free(s);
  trial_free(&t);
}

static double baseline_of(trial *t)
{
  arena *memory = arena_new();
  problems *faults = problems_new();
  const char *manifest = tarazu_manifest(t->session);
  const node *value =
      node_get(yaml_parse("manifest", manifest, strlen(manifest), memory, faults), "contribution_baseline");
  assert_non_null(value);
  double baseline = strcmp(value->text, "null") ? strtod(value->text, NULL) : NAN;
  problems_free(faults);
  arena_free(memory);
  return baseline;
}

static void every_score_is_the_baseline_and_its_contributions(void **state)
{
  static const char *const combiners[] = {"weighted_sum", "from_ten", "topsis"};
  (void)state;
  for (int i = 0; i < 3; i++) {
    crowd c;
    trial t;
    char more[200];
    make_crowd(&c, 5, 0.1, 12);
    trial_new(&t);
    snprintf(more, sizeof more, "combine: %s\nkey_customers: {limit: 100%%}\n", combiners[i]);
    sheet *s = run(&t, &c, more);
    double baseline = baseline_of(&t);
    int complete = 0;
    if (i < 2) assert_near(baseline, 10 * i, 0);
    for (int64_t row = 0; row < PEOPLE; row++) {
      double sum = 0;
      if (sheet_real(s, "coverage", row) < 1) continue;
      for (uint32_t k = 0; k < 5; k++) sum += column_of(s, k, "contribution", row);
      assert_near(sheet_real(s, "score", row), baseline + sum, 1e-12);
      complete++;
    }
    assert_in_range(complete, 10, PEOPLE);
    sheet_free(s);
    trial_free(&t);
  }
}

static void a_baseline_needs_someone_who_has_everything(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: topsis\n"
                                 "criteria:\n"
                                 "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                 "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, NAN), REALS("b", NAN, 1)));
  assert_good(&t, trial_run(&t));
  assert_near(baseline_of(&t), NAN, 0);
  trial_free(&t);
}

/* Off by as much as the standard error says, over many values; pairs of orders keep most of it small. */
static void a_samples_error_is_told_and_is_right(void **state)
{
  enum { ROWS = 12 };
  crowd c;
  trial t;
  double errors[ROWS * 14], squares = 0, largest = 0;
  int64_t rows[ROWS];
  int values = 0, beyond = 0;
  shapley_account account = {0};
  (void)state;
  make_crowd(&c, 14, 0, 21);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 3}\n");
  for (int i = 0; i < ROWS; i++) rows[i] = 2 * i;
  assert_int_equal(shapley_explain(session_engine(t.session), rows, ROWS, errors, &account), 1);
  assert_int_equal(account.sampled, ROWS);
  assert_int_equal(account.exact, 0);
  sheet *after = sheet_read(&t, "customers");
  for (int i = 0; i < ROWS; i++) {
    game g;
    double phi[MOST];
    int64_t at = sheet_find(after, c.keys[rows[i]]);
    set_up(&g, after, &c, at);
    all_subsets(&g, phi);
    for (uint32_t k = 0; k < 14; k++) {
      double error = errors[i * 14 + (int)k], part = column_of(after, k, "contribution", at);
      if (g.own[k] == g.median[k]) { /* brings nothing, whatever the order */
        assert_near(part, 0, 0);
        assert_near(error, 0, 0);
        continue;
      }
      double off = (part - phi[k]) / error;
      assert_true(error > 0);
      largest = fmax(largest, error);
      squares += off * off;
      beyond += fabs(off) > 3;
      values++;
    }
  }
  assert_near(account.largest_error, largest, 0);
  assert_true(squares / values > 0.6 && squares / values < 1.6);
  assert_in_range(beyond, 0, 3);
  assert_words(tarazu_manifest(t.session), "\"contributions\": {\"method\": \"shapley\", \"exact\": 0, \"sampled\": 3, "
                                           "\"orders\": 512, \"largest_standard_error\": ");
  sheet_free(after);
  sheet_free(s);
  trial_free(&t);
}

/* ---- every combiner ------------------------------------------------------------------------------------------ */

enum { FEW = 5 };

typedef struct joining {
  engine *e;
  uint32_t players, player[FEW];
  double own[FEW], weights[FEW];
  double worths[1 << FEW];
} joining;

/* What the combiner itself makes of each coalition, the absent standing at the median. */
static void find_worths(joining *g, engine *e, const double *medians, int64_t row)
{
  double sum = 0;
  *g = (joining){.e = e};
  for (uint32_t k = 0; k < FEW; k++) {
    const column *c = &e->plan->normalized[k]->column;
    if (!column_is_valid(c, row)) continue;
    g->weights[k] = e->weights[k];
    sum += g->weights[k];
    g->own[k] = ((const double *)c->values)[row];
    g->player[g->players++] = k;
  }
  for (uint32_t k = 0; k < FEW; k++) g->weights[k] /= sum;
  for (uint32_t members = 0; members < 1u << g->players; members++) {
    double values[FEW];
    const double *columns[FEW] = {NULL};
    for (uint32_t i = 0; i < g->players; i++) {
      uint32_t k = g->player[i];
      values[k] = members >> i & 1 ? g->own[k] : medians[k];
      columns[k] = &values[k];
    }
    assert_int_equal(combine_rows(e, columns, g->weights, 1, &g->worths[members]), 1);
  }
}

static int join_worths(const joining *g, uint32_t members, double *phi)
{
  int orders = 0;
  if (members + 1 == 1u << g->players) return 1;
  for (uint32_t i = 0; i < g->players; i++) {
    uint32_t after = members | 1u << i;
    if (after == members) continue;
    int below = join_worths(g, after, phi);
    phi[i] += below * (g->worths[after] - g->worths[members]);
    orders += below;
  }
  return orders;
}

static void find_medians(const sheet *s, double *medians)
{
  for (uint32_t k = 0; k < FEW; k++) {
    double sorted[PEOPLE];
    int count = 0;
    for (int64_t i = 0; i < PEOPLE; i++)
      if (!isnan(column_of(s, k, "normalized", i))) sorted[count++] = column_of(s, k, "normalized", i);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    medians[k] = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  }
}

/* By the engine's own function, also where a combiner has a closed form that a run would take. */
static void assert_all_orders(trial *t, const char *combiner)
{
  engine *e = session_engine(t->session);
  double medians[FEW], largest = 0;
  int64_t rows[PEOPLE];
  double errors[PEOPLE * FEW];
  shapley_account account = {0};
  sheet *s = sheet_read(t, "customers");
  find_medians(s, medians);
  sheet_free(s);
  for (int64_t r = 0; r < PEOPLE; r++) rows[r] = r;
  assert_int_equal(shapley_explain(e, rows, PEOPLE, errors, &account), 1);
  assert_int_equal(account.exact, PEOPLE);
  assert_int_equal(account.sampled, 0);
  assert_near(account.largest_error, 0, 0);
  const series *parts = &e->plan->combiner->outputs[e->plan->combiner->strategy->outputs.count + 2];
  const double *scores = e->plan->score->column.values;
  for (int64_t r = 0; r < PEOPLE; r++) {
    joining g;
    double phi[FEW] = {0}, sum = 0;
    find_worths(&g, e, medians, r);
    int orders = join_worths(&g, 0, phi);
    for (uint32_t i = 0; i < g.players; i++) {
      const column *c = &parts[g.player[i]].column;
      double part = ((const double *)c->values)[r], size = fmax(1, fabs(part));
      assert_int_equal(column_is_valid(c, r), 1);
      if (!(fabs(part - phi[i] / orders) <= 1e-9 * size))
        fail_msg("%s: %.17g is not the mean over all orders, %.17g", combiner, part, phi[i] / orders);
      largest = fmax(largest, fabs(part));
      sum += part;
    }
    if (!(fabs(scores[r] - g.worths[0] - sum) <= 1e-9 * fmax(1, fabs(scores[r]))))
      fail_msg("%s: %.17g is not %.17g and contributions of %.17g", combiner, scores[r], g.worths[0], sum);
  }
  if (!(largest > 0)) fail_msg("%s: nothing contributes", combiner);
}

static void every_combiners_are_the_mean_over_all_orders_and_add_up(void **state)
{
  const tarazu_strategy *const *all;
  const plugin_file *const *files;
  trial first;
  crowd c;
  int tried = 0;
  (void)state;
  make_crowd(&c, FEW, 0.1, 77);
  for (uint32_t k = 0; k < FEW; k++) /* everybody has something, so that all have a score */
    for (int i = 0; i < PEOPLE; i++)
      if (isnan(c.x[k][i]) && k == 0) c.x[k][i] = 5;
  trial_new(&first);
  assert_good(&first, trial_open(&first, "tarazu: 1\ndata: {customers: {key: id}}\ncriteria:\n  a: {plugin: attribute, "
                                         "dimension: financial, input: {value: customers.a}}\n"));
  uint32_t count = catalog_strategies(session_catalog(first.session), &all, &files);
  for (uint32_t i = 0; i < count; i++) {
    if (all[i]->role != TARAZU_COMBINER || all[i]->flags & TARAZU_BY_ROW) continue;
    trial t;
    char more[200];
    snprintf(more, sizeof more, "combine: %s\nkey_customers: {limit: 4}\n", all[i]->id);
    trial_new(&t);
    sheet_free(run(&t, &c, more));
    assert_all_orders(&t, all[i]->id);
    trial_free(&t);
    tried++;
  }
  assert_in_range(tried, 22, 1000);
  trial_free(&first);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(key_customers_contributions_are_the_mean_over_all_orders),
      cmocka_unit_test(twelve_criteria_are_still_exact),
      cmocka_unit_test(more_are_sampled_and_still_add_up),
      cmocka_unit_test(one_who_is_asked_for_gets_hers_too),
      cmocka_unit_test(without_row_numbers_there_are_none),
      cmocka_unit_test(every_score_is_the_baseline_and_its_contributions),
      cmocka_unit_test(a_samples_error_is_told_and_is_right),
      cmocka_unit_test(every_combiners_are_the_mean_over_all_orders_and_add_up),
      cmocka_unit_test(a_baseline_needs_someone_who_has_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
