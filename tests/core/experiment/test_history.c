#include "experiment/history.h"

#include "support/near.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 40 };

/* A run that a test makes up: each customer's score (NAN: none) and what was measured of her. */
typedef struct made {
  const char *settings; /* of the profile, in JSON; NULL: no manifest at all */
  const char *data;     /* the fingerprint */
  int64_t count;
  double score[MOST], measured[MOST];
  int64_t rank[MOST];
} made;

typedef struct desk {
  char folder[64];
  arena *arena;
  problems *problems;
  store *store;
} desk;

static desk *desk_new(void)
{
  desk *d = test_malloc(sizeof *d);
  strcpy(d->folder, "/tmp/tarazu-history-XXXXXX");
  assert_non_null(mkdtemp(d->folder));
  d->arena = arena_new();
  d->problems = problems_new();
  d->store = store_open(arena_format(d->arena, "%s/tarazu.db", d->folder), STORE_WRITE, NOWHERE, d->problems);
  assert_non_null(d->store);
  return d;
}

static void desk_free(desk *d)
{
  char command[128];
  store_close(d->store);
  snprintf(command, sizeof command, "rm -rf '%s'", d->folder);
  assert_int_equal(system(command), 0);
  problems_free(d->problems);
  arena_free(d->arena);
  test_free(d);
}

/* 1 more than how many of the others score more than this. */
static int64_t counted_place(const made *m, double score, int64_t but)
{
  int64_t ahead = 0;
  for (int64_t i = 0; i < m->count; i++)
    ahead += i != but && !isnan(m->score[i]) && (isnan(score) || m->score[i] > score);
  return ahead + 1;
}

static void stand(void *argument, int64_t i, store_standing *out)
{
  static char key[16];
  const made *m = argument;
  snprintf(key, sizeof key, "c%lld", (long long)i);
  *out = (store_standing){.key = key,
                          .key_length = strlen(key),
                          .rank = isnan(m->score[i]) ? 0 : counted_place(m, m->score[i], i),
                          .score = m->score[i],
                          .listed = !isnan(m->score[i]) && counted_place(m, m->score[i], i) <= 2,
                          .measured = &m->measured[i]};
}

static int64_t record(desk *d, made *m, const char *path)
{
  static const store_criterion spend = {
      .name = "spend", .dimension = "financial", .plugin = "monetary", .weight = 1, .better = 1};
  int64_t id, scored = 0;
  for (int64_t i = 0; i < m->count; i++) scored += !isnan(m->score[i]);
  store_record r = {.profile = path,
                    .criteria = &spend,
                    .criterion_count = 1,
                    .customers = m->count,
                    .scored = scored,
                    .standing_count = m->count,
                    .standing = stand,
                    .argument = m};
  if (m->settings)
    r.manifest = arena_format(d->arena,
                              "{\"as_of\": \"2026-01-01\", \"profile\": {\"settings\": %s}, \"data\": [{\"table\": "
                              "\"orders\", \"fingerprint\": \"%s\"}]}",
                              m->settings, m->data);
  assert_true(store_add(d->store, &r, &id));
  return id;
}

static const history *only_history(desk *d, const char *customer, const store_filter *filter)
{
  history *found;
  uint32_t count;
  assert_true(history_find(d->store, customer, filter, d->arena, &found, &count));
  assert_int_equal(count, 1);
  return found;
}

static made first_run(void)
{
  return (made){.settings = "{\"seed\": 1}",
                .data = "a",
                .count = 5,
                .score = {5, 4, 3, 2, NAN},
                .measured = {50, 40, 30, 20, NAN}};
}

/* ---- what a move is due to --------------------------------------------------------------------------------------- */

static void a_move_with_nothing_of_her_own_changed_is_her_rivals(void **state)
{
  (void)state;
  desk *d = desk_new();
  made m = first_run();
  record(d, &m, "/p.yaml");
  m.data = "b";
  m.score[0] = 1; /* the first fell behind */
  m.measured[0] = 10;
  m.score[1] = 4.5; /* hers follows from others' values by normalizing */
  record(d, &m, "/p.yaml");
  const history_step *to = &only_history(d, "c1", NULL)->steps[1];
  assert_near(to->moved, 1, 0);
  assert_int_equal(to->own, 0);
  assert_int_equal(to->settings, SAME);
  assert_int_equal(to->data, DIFFERENT);
  assert_near(to->by.share[SWITCH_RIVALS], 1, 0);
  assert_near(to->by.share[SWITCH_OWN], 0, 0);
  assert_int_equal(to->measured_count, 0);
  desk_free(d);
}

static void a_move_that_settings_made_is_theirs(void **state)
{
  (void)state;
  desk *d = desk_new();
  made m = first_run();
  record(d, &m, "/p.yaml");
  m.settings = "{\"seed\": 2, \"combine\": {\"plugin\": \"topsis\"}}";
  m.score[3] = 9;
  record(d, &m, "/p.yaml");
  const history_step *to = &only_history(d, "c3", NULL)->steps[1];
  assert_near(to->moved, 3, 0);
  assert_int_equal(to->settings, DIFFERENT);
  assert_int_equal(to->data, SAME);
  assert_near(to->by.share[SWITCH_SETTINGS], 3, 0);
  assert_int_equal(to->differing_count, 2);
  assert_string_equal(to->differing[0].key, "seed");
  assert_string_equal(to->differing[1].key, "combine");
  assert_null(to->differing[1].at[0]);
  desk_free(d);
}

static void settings_and_data_at_once_are_not_told_apart(void **state)
{
  (void)state;
  desk *d = desk_new();
  made m = first_run();
  record(d, &m, "/p.yaml");
  m.settings = "{\"seed\": 2}";
  m.data = "b";
  m.score[3] = 9;
  record(d, &m, "/p.yaml");
  m.settings = NULL;
  record(d, &m, "/p.yaml");
  const history *h = only_history(d, "c3", NULL);
  for (int i = 1; i < 3; i++)
    for (int k = 0; k < SWITCHES; k++) assert_near(h->steps[i].by.share[k], NAN, 0);
  assert_int_equal(h->steps[2].settings, NOT_KNOWN);
  desk_free(d);
}

static void nothing_changed_is_nothing(void **state)
{
  (void)state;
  desk *d = desk_new();
  made m = first_run();
  record(d, &m, "/p.yaml");
  m.settings = "{\"output\": [], \"seed\": 1}"; /* where results go changes no score */
  record(d, &m, "/p.yaml");
  const history_step *to = &only_history(d, "c3", NULL)->steps[1];
  assert_int_equal(to->settings, SAME);
  assert_int_equal(to->data, SAME);
  assert_near(to->moved, 0, 0);
  for (int k = 0; k < SWITCHES; k++) assert_near(to->by.share[k], 0, 0);
  desk_free(d);
}

static unsigned dice = 12345;

static unsigned throw(unsigned sides)
{
  dice = dice * 1664525u + 1013904223u;
  return (dice >> 8) % sides;
}

/* Scores with many ties, some without. */
static void shuffle(made *m)
{
  m->count = 1 + throw(MOST);
  for (int64_t i = 0; i < m->count; i++) {
    m->score[i] = throw(8) ? (double) throw(12) / 4 : (double)NAN;
    m->measured[i] = (double) throw(1000000);
  }
}

/* Her old and new score among the others' old and new ones, counted one by one; each order of the two changes by hand.
 */
static void own_data_and_rivals_share_as_counting_says(void **state)
{
  (void)state;
  int told = 0;
  for (int round = 0; round < 60; round++) {
    desk *d = desk_new();
    made a = {.settings = "{}", .data = "a"}, b = {.settings = "{}", .data = "b"};
    shuffle(&a);
    shuffle(&b);
    int64_t who = throw(MOST);
    record(d, &a, "/p.yaml");
    record(d, &b, "/p.yaml");
    char key[16];
    snprintf(key, sizeof key, "c%lld", (long long)who);
    history *found;
    uint32_t count;
    assert_true(history_find(d->store, key, NULL, d->arena, &found, &count));
    if (who >= a.count && who >= b.count) {
      assert_int_equal(count, 0);
    } else if (who >= b.count) {
      assert_int_equal(found->count, 2);
      assert_int_equal(found->steps[1].found, 0);
    } else {
      double old = who < a.count ? a.score[who] : (double)NAN, new = b.score[who];
      double p00 = (double)counted_place(&a, old, who), p10 = (double)counted_place(&a, new, who);
      double p01 = (double)counted_place(&b, old, who), p11 = (double)counted_place(&b, new, who);
      const history_step *to = &found->steps[1];
      assert_near(to->moved, p00 - p11, 0);
      assert_near(to->by.share[SWITCH_OWN], (p00 - p10 + p01 - p11) / 2, 1e-9);
      assert_near(to->by.share[SWITCH_RIVALS], (p00 - p01 + p10 - p11) / 2, 1e-9);
      told++;
    }
    desk_free(d);
  }
  assert_true(told > 20);
}

static void who_scores_more_is_counted_right_with_ties(void **state)
{
  (void)state;
  desk *d = desk_new();
  for (int round = 0; round < 40; round++) {
    made m = {.settings = "{}", .data = "a"};
    shuffle(&m);
    int64_t id = record(d, &m, "/p.yaml");
    for (int quarter = -1; quarter <= 13; quarter++) {
      double score = quarter == 13 ? (double)NAN : quarter / 4.0;
      assert_int_equal(store_ahead(d->store, id, score, NULL), counted_place(&m, score, -1) - 1);
      assert_int_equal(store_ahead(d->store, id, score, "c0"), counted_place(&m, score, 0) - 1);
      assert_int_equal(store_ahead(d->store, id, score, "stranger"), counted_place(&m, score, -1) - 1);
    }
  }
  desk_free(d);
}

/* ---- which runs -------------------------------------------------------------------------------------------------- */

static void profiles_have_histories_of_their_own(void **state)
{
  (void)state;
  desk *d = desk_new();
  made m = first_run(), other = first_run();
  other.count = 2;
  record(d, &other, "/a/p.yaml"); /* does not know c3 yet, nor the run before */
  record(d, &other, "/a/p.yaml");
  record(d, &m, "/b/p.yaml");
  int64_t first = record(d, &m, "/a/p.yaml");
  history *found;
  uint32_t count;
  assert_true(history_find(d->store, "c3", NULL, d->arena, &found, &count));
  assert_int_equal(count, 2);
  assert_string_equal(found[0].profile, "/b/p.yaml");
  assert_int_equal(found[0].count, 1);
  assert_string_equal(found[1].profile, "/a/p.yaml");
  assert_int_equal(found[1].count, 2); /* from the run before the first that knew her */
  assert_int_equal(found[1].steps[0].found, 0);
  assert_int_equal(found[1].steps[1].run.id, first);
  assert_near(found[1].steps[1].moved, 3 - 4, 0); /* from behind the two who have a score */
  assert_int_equal(only_history(d, "c3", &(store_filter){.profile = "b/p.yaml"})->count, 1);
  assert_true(history_find(d->store, "nobody", NULL, d->arena, &found, &count));
  assert_int_equal(count, 0);
  desk_free(d);
}

static void variants_and_failures_are_no_part_of_it(void **state)
{
  (void)state;
  desk *d = desk_new();
  made m = first_run();
  record(d, &m, "/p.yaml");
  store_record r = {.variant = {.experiment = store_experiment(d->store, "e", "e", NULL, NULL), .key = "v"},
                    .customers = 5,
                    .scored = 4,
                    .standing_count = 1,
                    .standing = stand,
                    .argument = &m};
  assert_true(store_add(d->store, &r, NULL));
  r = (store_record){.profile = "/p.yaml", .status = EXIT_DATA, .problem = "no data", .standing = stand};
  assert_true(store_add(d->store, &r, NULL));
  assert_int_equal(only_history(d, "c0", NULL)->count, 1);
  desk_free(d);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void settings_differ_key_by_key(void **state)
{
  (void)state;
  arena *home = arena_new();
  setting_difference *all;
  uint32_t count;
  const char *settings[2] = {"{\"a\": {\"b\": 1, \"c\": [1, 2]}, \"data\": {\"x\": 1}, \"same\": 2}",
                             "{\"same\": 2, \"a\": {\"c\": [1, 3], \"d\": \"é\"}, \"data\": {\"x\": 2}}"};
  settings_differences(settings, 0, home, &all, &count);
  assert_int_equal(count, 4);
  const char *const keys[] = {"a.b", "a.c", "a.d", "data.x"};
  for (int i = 0; i < 4; i++) assert_string_equal(all[i].key, keys[i]);
  assert_string_equal(all[0].at[0], "1");
  assert_null(all[0].at[1]);
  assert_string_equal(all[1].at[1], "[1, 3]");
  assert_string_equal(all[2].at[1], "\"é\"");
  settings_differences(settings, 1, home, &all, &count);
  assert_int_equal(count, 3); /* not where the data are */
  settings[1] = NULL;
  settings_differences(settings, 0, home, &all, &count);
  assert_int_equal(count, 3);
  arena_free(home);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_move_with_nothing_of_her_own_changed_is_her_rivals),
      cmocka_unit_test(a_move_that_settings_made_is_theirs),
      cmocka_unit_test(settings_and_data_at_once_are_not_told_apart),
      cmocka_unit_test(nothing_changed_is_nothing),
      cmocka_unit_test(own_data_and_rivals_share_as_counting_says),
      cmocka_unit_test(who_scores_more_is_counted_right_with_ties),
      cmocka_unit_test(profiles_have_histories_of_their_own),
      cmocka_unit_test(variants_and_failures_are_no_part_of_it),
      cmocka_unit_test(settings_differ_key_by_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
