/* Saved models: the same results as by learning, what a file tells of itself, and everything that is refused. */
#include "base/hash.h"
#include "config/yaml.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\n"
#define SHARE HEAD "criteria:\n  share: {plugin: remembered, dimension: financial, input: {value: customers.a}}\n"
#define EVERY                                                                                             \
  HEAD "criteria:\n"                                                                                      \
       "  share:\n    plugin: remembered\n    dimension: financial\n    input: {value: customers.a}\n"    \
       "    normalize: {plugin: percentile}\n"                                                            \
       "  plain:\n    plugin: attribute\n    dimension: non_financial\n    input: {value: customers.b}\n" \
       "    better: less\n    normalize: {plugin: minmax}\n"                                              \
       "weigh: [{plugin: by_sum}, manual]\n"                                                              \
       "combine: {plugin: topsis}\n"                                                                      \
       "segments: {tier: {plugin: pareto, input: {value: share}, params: {cuts: [50%], names: [good, rest]}}}\n"

/* Where a profile takes each model of EVERY from. */
static const char *const places[][2] = {
    {"criteria.share", "share"},
    {"criteria.share.normalize", "share.normalize"},
    {"criteria.plain.normalize", "plain.normalize"},
    {"weigh.0", "weigh.0"},
    {"combine", "combine"},
    {"segments.tier", "tier"},
};
enum { PLACES = sizeof places / sizeof *places };

static const char *model_path(const trial *t, const char *name)
{
  char file[100];
  snprintf(file, sizeof file, "models/%s.model", name);
  return trial_path(t, file);
}

/* The setting PLACE.model=FILE alone, until the next call. */
static void use_model(trial *t, const char *key, const char *name)
{
  static char setting[400];
  static const char *settings[2];
  snprintf(setting, sizeof setting, "%s.model=%s", key, model_path(t, name));
  settings[0] = setting;
  t->options.settings = settings;
}

static void use_every_model(trial *t)
{
  static char settings[PLACES][400];
  static const char *all[PLACES + 1];
  for (int i = 0; i < PLACES; i++) {
    snprintf(settings[i], sizeof settings[i], "%s.model=%s", places[i][0], model_path(t, places[i][1]));
    all[i] = settings[i];
  }
  t->options.settings = all;
}

static int run(trial *t, const char *profile, double a, double b, double c)
{
  int status = trial_open(t, profile);
  if (!status)
    assert_good(t, trial_push(t, "customers", 3, TEXTS("id", "x", "y", "z"), REALS("a", a, b, c), REALS("b", 5, 1, 3)));
  return status ? status : trial_run(t);
}

/* Runs a profile whose models go to the trial's folder "models". */
static void learn(trial *t, const char *profile, double a, double b, double c)
{
  static char folder[300];
  snprintf(folder, sizeof folder, "%s", trial_path(t, "models"));
  t->options.save_models = folder;
  t->options.settings = NULL;
  assert_good(t, run(t, profile, a, b, c));
  assert_good(t, tarazu_publish(t->session));
  t->options.save_models = NULL;
}

/* ---- the same results -------------------------------------------------------------------------------------- */

/* share_known says whether its scorer was given row numbers. */
static void assert_same(const sheet *one, const sheet *other)
{
  assert_int_equal(sheet_columns(one), sheet_columns(other));
  for (uint32_t i = 0; i < sheet_columns(one); i++) {
    const char *name = sheet_column(one, i);
    assert_string_equal(name, sheet_column(other, i));
    for (int64_t row = 0; strcmp(name, "share_known") != 0 && row < 3; row++) {
      double a = sheet_real(one, name, row), b = sheet_real(other, name, row);
      const char *c = sheet_text(one, name, row), *d = sheet_text(other, name, row);
      assert_memory_equal(&a, &b, sizeof a);
      assert_int_equal(!c, !d);
      if (c) assert_string_equal(c, d);
    }
  }
}

static void a_loaded_model_gives_what_learning_gives(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, EVERY, 1, 2, 4);
  assert_words(tarazu_manifest(t.session), "\"models\": [],\n  \"saved_models\": [\n    {\"name\": ");
  sheet *fitted = sheet_read(&t, "customers");
  assert_near(sheet_real_of(fitted, "x", "share_known"), 1, 0);
  for (int batch = 1; batch < 4; batch++) {
    use_every_model(&t);
    t.options.batch = batch;
    assert_good(&t, run(&t, EVERY, 1, 2, 4));
    sheet *loaded = sheet_read(&t, "customers");
    assert_near(sheet_real_of(loaded, "x", "share_known"), 0, 0);
    assert_same(fitted, loaded);
    sheet_free(loaded);
  }
  assert_words(tarazu_manifest(t.session), "\"models\": [\n    {\"name\": ");
  assert_words(tarazu_manifest(t.session), "\"saved_models\": [],\n");
  sheet_free(fitted);
  trial_free(&t);
}

static void what_was_learned_is_of_the_other_data(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, EVERY, 1, 2, 4);
  use_every_model(&t);
  assert_good(&t, run(&t, EVERY, 14, 0.7, 3));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "x", "share"), 2, 0); /* of 1 + 2 + 4 */
  assert_near(sheet_real_of(s, "y", "share"), 0.1, 1e-16);
  assert_string_equal(sheet_text_of(s, "x", "tier"), "good");
  sheet_free(s);
  trial_free(&t);
}

/* ---- what is told ------------------------------------------------------------------------------------------ */

static void a_file_tells_what_it_is_of(void **state)
{
  trial t;
  char digits[65];
  (void)state;
  trial_new(&t);
  t.options.threads = 1;
  learn(&t,
        HEAD "criteria:\n  share:\n    plugin: remembered\n    dimension: financial\n    input: {value: customers.a}\n"
             "    params: {power: 2.50, span: 2 weeks, way: down, loud: on, until: 2019-01-01, cuts: [50%, 1], "
             "names: [\"a \\\"b\\\"\", '7']}\n",
        1, 2, 4);
  char *first = trial_file(&t, "models/share.model");
  assert_non_null(first);
  const char *body = strchr(first, '\n') + 1, *payload = strchr(body, '\n') + 1;
  double sum;
  memcpy(&sum, payload, sizeof sum);
  assert_near(sum, 7, 0);
  hash_sha256(body, (size_t)(payload - body) + sizeof sum, digits);
  assert_memory_equal(first, "tarazu model 1 ", 15);
  assert_memory_equal(first + 15, digits, 64);
  arena *memory = arena_new();
  problems *faults = problems_new();
  node *root = yaml_parse("header", body, (size_t)(payload - body), memory, faults);
  text parameters = {0}, columns = {0};
  node_write_json(node_get(root, "parameters"), &parameters);
  assert_string_equal(
      text_string(&parameters),
      "{\"power\": 2.5, \"span\": 14, \"way\": \"down\", \"loud\": true, \"until\": \"2019-01-01\", \"cuts\": "
      "[0.5, 1], \"names\": [\"a \\\"b\\\"\", \"7\"]}");
  node_write_json(node_get(root, "columns"), &columns);
  assert_string_equal(text_string(&columns), "[{\"name\": \"value\", \"type\": \"number\", \"better\": 0}]");
  static const char *const expected[][2] = {{"role", "scorer"},    {"strategy", "remembered"}, {"version", "1.0"},
                                            {"name", "share"},     {"as_of", "2020-01-01"},    {"customers", "3"},
                                            {"payload_bytes", "8"}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    assert_string_equal(node_get(root, expected[i][0])->text, expected[i][1]);
  assert_int_equal(strlen(node_get(root, "plugin_sha256")->text), 64);
  assert_string_equal(node_get(node_get(root, "data")->items[0], "table")->text, "customers");
  text_free(&parameters);
  text_free(&columns);
  problems_free(faults);
  arena_free(memory);
  free(first);
  trial_free(&t);
}

static void the_same_fit_gives_the_same_file(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  char *first = trial_file(&t, "models/share.model");
  t.options.threads = 7;
  learn(&t, SHARE, 1, 2, 4); /* replaces it */
  char *second = trial_file(&t, "models/share.model");
  assert_string_equal(first, second);
  learn(&t, SHARE, 1, 2, 5);
  char *third = trial_file(&t, "models/share.model");
  assert_string_not_equal(first, third);
  free(first);
  free(second);
  free(third);
  trial_free(&t);
}

static void the_explanation_tells_the_model(void **state)
{
  trial t;
  const char *out;
  char line[400];
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  assert_good(&t, run(&t, SHARE, 1, 2, 4));
  assert_good(&t, tarazu_explain_customer(t.session, "x", 0, &out));
  snprintf(line, sizeof line, "\nshare: by the model '%s', fitted as of 2020-01-01 on 3 customers\n",
           model_path(&t, "share"));
  assert_words(out, line);
  assert_good(&t, tarazu_explain_customer(t.session, "x", 1, &out));
  assert_words(out, "\"models\": [{\"of\": \"share\", \"from\": \"");
  assert_words(out, "\"fitted\": {\"tarazu\": ");
  t.options.settings = NULL;
  assert_good(&t, run(&t, SHARE, 1, 2, 4));
  assert_good(&t, tarazu_explain_customer(t.session, "x", 0, &out));
  assert_no_words(out, "by the model");
  trial_free(&t);
}

static void a_fault_in_a_loaded_models_results_names_the_customer(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  assert_int_equal(run(&t, SHARE, 1, -1, 4), TARAZU_FAULT_PLUGIN);
  assert_told(&t, "returned NaN; a value that cannot be said is a null in output 'score' (customer 'y')");
  assert_int_equal(run(&t, SHARE, 1, -2, 4), TARAZU_FAULT_DATA); /* it cannot know whose row it was */
  assert_told(&t, "it is -2");
  assert_not_told(&t, "(customer '");
  trial_free(&t);
}

/* ---- saving ------------------------------------------------------------------------------------------------ */

static void what_cannot_be_saved_is_passed_over(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t,
        SHARE "  other: {plugin: forgetful, dimension: financial, input: {value: customers.a}}\n"
              "combine: {plugin: relearned}\nnormalize: minmax\n",
        1, 2, 4);
  assert_words(tarazu_manifest(t.session),
               "{\"name\": \"other\", \"plugin\": \"forgetful\", \"not_saved\": \"does not save what it learns\"}");
  assert_words(tarazu_manifest(t.session), "{\"name\": \"combine\", \"plugin\": \"relearned\", \"not_saved\": \"learns "
                                           "anew whenever weights change, so it has no model to keep\"}");
  assert_int_equal(access(model_path(&t, "share"), F_OK), 0);
  assert_int_equal(access(model_path(&t, "share.normalize"), F_OK), 0);
  assert_int_equal(trial_file_count(&t), 1 + 3);
  trial_free(&t);
}

static void nothing_to_save_is_a_warning(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t,
        HEAD "criteria:\n  other: {plugin: forgetful, dimension: financial, input: {value: customers.a}}\n"
             "combine: from_ten\n",
        1, 2, 4);
  assert_told(&t, "warning: no model is saved: nothing that learned here can save");
  assert_int_equal(trial_file_count(&t), 1);
  trial_free(&t);
}

static void a_loaded_model_is_not_saved_again(void **state)
{
  trial t;
  char folder[300];
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  snprintf(folder, sizeof folder, "%s", trial_path(&t, "again"));
  t.options.save_models = folder;
  assert_good(&t, run(&t, SHARE, 1, 2, 4));
  assert_good(&t, tarazu_publish(t.session));
  assert_int_equal(access(trial_path(&t, "again/share.model"), F_OK), -1);
  assert_int_equal(access(trial_path(&t, "again/share.normalize.model"), F_OK), 0);
  trial_free(&t);
}

static void models_and_outputs_are_written_all_or_none(void **state)
{
  trial t;
  char folder[300];
  (void)state;
  trial_new(&t);
  snprintf(folder, sizeof folder, "%s", trial_path(&t, "made/models"));
  t.options.save_models = folder;
  trial_write(&t, "file", "");
  assert_good(&t, run(&t, SHARE "output: [{to: out/a.csv}, {to: file/b.csv}]\n", 1, 2, 4));
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_OUTPUT);
  assert_int_equal(trial_file_count(&t), 2);
  assert_int_equal(access(trial_path(&t, "made"), F_OK), -1);
  snprintf(folder, sizeof folder, "%s", trial_path(&t, "file"));
  assert_good(&t, run(&t, SHARE "output: [{to: out/a.csv}]\n", 1, 2, 4));
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_OUTPUT);
  assert_told(&t, "file/share.model': ");
  assert_int_equal(trial_file_count(&t), 2);
  assert_int_equal(access(trial_path(&t, "out"), F_OK), -1);
  snprintf(folder, sizeof folder, "%s", trial_path(&t, "models"));
  assert_int_equal(mkdir(folder, 0700), 0);
  assert_int_equal(mkdir(model_path(&t, "share"), 0700), 0);
  assert_good(&t, run(&t, SHARE "output: [{to: out/a.csv}]\n", 1, 2, 4));
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_OUTPUT);
  assert_told(&t, "share.model' is there already and is no regular file");
  assert_int_equal(trial_file_count(&t), 2);
  trial_free(&t);
}

static void a_save_that_fails_fails_the_run(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  t.options.save_models = trial_path(&t, "models");
  assert_int_equal(run(&t, SHARE, 6, 6, 1), TARAZU_FAULT_DATA);
  assert_told(&t, "criterion 'share' (plugin 'remembered'): 13 cannot be saved");
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_USAGE);
  assert_int_equal(trial_file_count(&t), 1);
  trial_free(&t);
}

static void two_models_of_one_name_are_refused(void **state)
{
  trial t;
  const char *profile =
      HEAD "criteria:\n  combine: {plugin: remembered, dimension: financial, input: {value: customers.a}}\n"
           "combine: topsis\n";
  (void)state;
  trial_new(&t);
  assert_good(&t, run(&t, profile, 1, 2, 4)); /* nothing is saved */
  t.options.save_models = trial_path(&t, "models");
  assert_int_equal(run(&t, profile, 1, 2, 4), TARAZU_FAULT_PROFILE);
  assert_told(&t, "would both be saved as 'combine.model'; give the criterion another name");
  t.options.save_models = "";
  assert_int_equal(trial_open(&t, profile), TARAZU_FAULT_USAGE);
  assert_told(&t, "the folder to save models in has no name");
  trial_free(&t);
}

/* ---- what is refused --------------------------------------------------------------------------------------- */

/* Checked and run alike: the status, the place in the profile, and these words. */
static void assert_refused(trial *t, const char *profile, int status, const char *words)
{
  assert_int_equal(trial_open(t, profile), TARAZU_GOOD);
  assert_good(t, trial_push(t, "customers", 1, TEXTS("id", "x"), REALS("a", 1), REALS("b", 1)));
  assert_int_equal(tarazu_check(t->session), status);
  assert_told(t, words);
  assert_int_equal(trial_errors(t), 1);
  if (t->options.settings) assert_told(t, "--set:1:");
  assert_int_equal(run(t, profile, 1, 2, 4), status);
  assert_told(t, words);
  assert_int_equal(trial_errors(t), 1);
}

static void damage_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  char *good = trial_file(&t, "models/share.model");
  size_t count = (size_t)(strchr(strchr(good, '\n') + 1, '\n') + 1 - good) + sizeof(double);
  use_model(&t, "criteria.share", "share");
  for (size_t cut = 0; cut < count; cut += cut < 100 || cut + 12 > count ? 1 : 37) { /* ended at any byte */
    FILE *file = fopen(model_path(&t, "share"), "wb");
    assert_int_equal(fwrite(good, 1, cut, file), cut);
    fclose(file);
    assert_good(&t, trial_open(&t, SHARE));
    assert_good(&t, trial_push(&t, "customers", 1, TEXTS("id", "x"), REALS("a", 1)));
    assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_DATA);
    assert_told(&t, cut < 13 ? "is no saved model" : cut < 15 ? "is of format" : "is cut short");
  }
  for (size_t at = 0; at < count; at += at < 100 || at + 12 > count ? 1 : 31) { /* another byte anywhere */
    FILE *file = fopen(model_path(&t, "share"), "wb");
    good[at] = (char)(good[at] ^ 1);
    assert_int_equal(fwrite(good, 1, count, file), count);
    good[at] = (char)(good[at] ^ 1);
    fclose(file);
    assert_good(&t, trial_open(&t, SHARE));
    assert_good(&t, trial_push(&t, "customers", 1, TEXTS("id", "x"), REALS("a", 1)));
    assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_DATA);
    assert_int_equal(trial_errors(&t), 1);
  }
  trial_write(&t, "models/share.model", "tarazu model 2 abc\n{}\n");
  assert_refused(&t, SHARE, TARAZU_FAULT_DATA, "is of format 2; this version of tarazu reads 1");
  trial_write(&t, "models/share.model", "id,a\nx,1\n");
  assert_refused(&t, SHARE, TARAZU_FAULT_DATA, "is no saved model: it does not begin with 'tarazu model 1'");
  assert_int_equal(unlink(model_path(&t, "share")), 0);
  assert_refused(&t, SHARE, TARAZU_FAULT_PROFILE, "share.model' cannot be read: No such file or directory");
  free(good);
  trial_free(&t);
}

static void a_model_of_something_else_is_refused(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, EVERY, 1, 2, 4);
  use_model(&t, "criteria.share", "plain.normalize");
  assert_refused(&t, EVERY, TARAZU_FAULT_PROFILE, "criterion 'share': the model '");
  assert_told(&t, "is of the normalizer 'minmax', not of the scorer 'remembered'");
  use_model(&t, "criteria.plain.normalize", "share.normalize");
  assert_refused(&t, EVERY, TARAZU_FAULT_PROFILE, "is of the normalizer 'percentile', not of the normalizer 'minmax'");
  trial_free(&t);
}

static void other_parameters_are_refused(void **state)
{
  trial t;
  const char *other = HEAD "criteria:\n  share: {plugin: remembered, dimension: financial, input: {value: "
                           "customers.a}, params: {power: 3, names: [a, b]}}\n";
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  assert_good(&t, trial_open(&t, other));
  assert_good(&t, trial_push(&t, "customers", 1, TEXTS("id", "x"), REALS("a", 1)));
  assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_PROFILE);
  assert_told(&t, "was fitted with power: 1; here it is 3");
  assert_told(&t, "was fitted with names: null; here it is [\"a\", \"b\"]");
  assert_int_equal(trial_errors(&t), 2);
  /* the default in other words is the same */
  assert_good(&t, run(&t,
                      HEAD "criteria:\n  share: {plugin: remembered, dimension: financial, input: {value: "
                           "customers.a}, params: {power: 1.0, way: up}}\n",
                      1, 2, 4));
  trial_free(&t);
}

/* Criteria in another order, another direction, one more: what was learned would stand for another column. */
static void other_columns_are_refused(void **state)
{
#define TWO(first, second) HEAD "criteria:\n" first second "combine: {plugin: topsis}\n"
#define A                  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
#define B                  "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"
#define C                  "  c: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, TWO(A, B), 1, 2, 4);
  use_model(&t, "combine", "combine");
  assert_good(&t, run(&t, TWO(A, B), 1, 2, 4));
  assert_refused(&t, TWO(B, A), TARAZU_FAULT_PROFILE, "combine: the model '");
  assert_told(&t, "was fitted on 'a' (number, more is better) as column 1; here that is 'b' (number, more is better)");
  assert_refused(&t, TWO(A, B C), TARAZU_FAULT_PROFILE, "was fitted on 2 columns; here there are 3");
  learn(&t, HEAD "criteria:\n" A "combine: {plugin: from_ten}\nnormalize: minmax\n", 1, 2, 4);
  use_model(&t, "criteria.a.normalize", "a.normalize");
  assert_refused(&t,
                 HEAD "criteria:\n  a: {plugin: attribute, dimension: financial, better: less, "
                      "input: {value: customers.a}, normalize: {plugin: minmax}}\n",
                 TARAZU_FAULT_PROFILE, "normalizer of criterion 'a': the model '");
  assert_told(&t, "was fitted on 'a' (number, more is better) as column 1; here that is 'a' (number, less is better)");
  trial_free(&t);
}

/* A model that was fitted later knows what had not happened yet. */
static void a_model_of_the_future_is_refused(void **state)
{
  trial t;
  char earlier[1000];
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  snprintf(earlier, sizeof earlier, "%s", SHARE);
  memcpy(strstr(earlier, "2020-01-01"), "2019-12-31", 10);
  assert_refused(&t, earlier, TARAZU_FAULT_PROFILE,
                 "was fitted as of 2020-01-01, later than this run's as_of, 2019-12-31: it knows of what came after");
  memcpy(strstr(earlier, "2019-12-31"), "2031-12-31", 10);
  assert_good(&t, run(&t, earlier, 1, 2, 4));
  trial_free(&t);
}

/* Where the profile leaves as_of to the data, only a run can tell. */
static void a_model_of_the_future_is_refused_where_the_data_say_as_of(void **state)
{
  static const char profile[] =
      "tarazu: 1\ndata:\n  customers: {key: id}\n  orders: {key: id, columns: {time: day}}\n"
      "criteria:\n  share: {plugin: remembered, dimension: financial, input: {value: customers.a}}\n"
      "  spent: {plugin: monetary, dimension: financial}\n";
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  for (int64_t later = 0; later < 2; later++) {
    int64_t day = (18260 + 2 * later) * INT64_C(86400000000); /* 2019-12-30, 2020-01-01 */
    assert_good(&t, trial_open(&t, profile));
    assert_good(&t, trial_push(&t, "customers", 1, TEXTS("id", "x"), REALS("a", 1)));
    assert_good(&t, trial_push(&t, "orders", 1, TEXTS("id", "x"), ((given){"day", "tsu:UTC", (const int64_t[]){day}}),
                               REALS("amount", 5)));
    assert_int_equal(trial_run(&t), later ? TARAZU_GOOD : TARAZU_FAULT_PROFILE);
    if (!later) assert_told(&t, "was fitted as of 2020-01-01, later than this run's as_of, 2019-12-30");
  }
  trial_free(&t);
}

static void what_has_no_model_is_told_by_a_check(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  t.options.settings = NULL;
  assert_refused(&t, SHARE "  e: {plugin: forgetful, dimension: financial, input: {value: customers.a}, model: x}\n",
                 TARAZU_FAULT_PROFILE, "criterion 'e': model: scorer 'forgetful' does not save what it learns");
  assert_refused(&t, SHARE "  e: {plugin: attribute, dimension: financial, input: {value: customers.a}, model: x}\n",
                 TARAZU_FAULT_PROFILE, "criterion 'e': model: scorer 'attribute' learns nothing");
  assert_refused(&t, SHARE "combine: {plugin: by_row, model: x}\n", TARAZU_FAULT_PROFILE,
                 "combine: model: combiner 'by_row' learns nothing");
  assert_refused(&t, SHARE "combine: {plugin: relearned, model: x}\n", TARAZU_FAULT_PROFILE,
                 "combine: model: combiner 'relearned' learns anew whenever weights change");
  assert_int_equal(trial_open(&t, SHARE "normalize: {plugin: minmax, model: x}\n"), TARAZU_FAULT_PROFILE);
  assert_told(&t, "normalize: unknown key 'model'; expected one of plugin, sha256, params, isolate"); /* no model is of
                                                                                                         all criteria */
  assert_int_equal(trial_open(&t, SHARE "combine: {plugin: topsis, model: [x]}\n"), TARAZU_FAULT_PROFILE);
  assert_told(&t, "combine: model: found a list");
  trial_free(&t);
}

/* ---- versions ---------------------------------------------------------------------------------------------- */

/* The saved model as another version of its strategy would have written it: of `payload` bytes. */
static void rewrite(const trial *t, const char *name, const char *version, size_t payload)
{
  char file[100], digits[65], *all = NULL;
  size_t count;
  snprintf(file, sizeof file, "models/%s.model", name);
  char *good = trial_file(t, file), *header = strchr(good, '\n') + 1, *bytes = strchr(header, '\n') + 1;
  memcpy(strstr(header, "\"version\": \"1.0\"") + 12, version, 3);
  FILE *out = open_memstream(&all, &count);
  char *told = strstr(header, "\"payload_bytes\": ");
  fwrite(header, 1, (size_t)(told - header), out);
  fprintf(out, "\"payload_bytes\": %zu}\n", payload);
  fwrite(bytes, 1, payload, out);
  fclose(out);
  hash_sha256(all, count, digits);
  FILE *to = fopen(trial_path(t, file), "wb");
  fprintf(to, "tarazu model 1 %s\n", digits);
  fwrite(all, 1, count, to);
  fclose(to);
  free(all);
  free(good);
}

static void another_version_is_a_warning_unless_it_is_refused(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  rewrite(&t, "share", "1.0", 8);
  assert_good(&t, run(&t, SHARE, 1, 2, 4));
  assert_string_equal(tarazu_problems(t.session, 0, 0), "");
  rewrite(&t, "share", "0.9", 8);
  assert_good(&t, run(&t, SHARE, 1, 2, 4));
  assert_told(&t, "warning: criterion 'share': the model '");
  assert_told(&t, "was fitted by version 0.9 of 'remembered'; this is 1.0");
  learn(&t, SHARE, 1, 2, 4);
  use_model(&t, "criteria.share", "share");
  rewrite(&t, "share", "0.9", 7);
  assert_refused(&t, SHARE, TARAZU_FAULT_DATA, "share.model' cannot be loaded: 7 bytes");
  assert_told(&t, "it was fitted by version 0.9 of 'remembered'; this is 1.0");
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_model_gives_what_learning_gives),
      cmocka_unit_test(what_was_learned_is_of_the_other_data),
      cmocka_unit_test(a_file_tells_what_it_is_of),
      cmocka_unit_test(the_same_fit_gives_the_same_file),
      cmocka_unit_test(the_explanation_tells_the_model),
      cmocka_unit_test(a_fault_in_a_loaded_models_results_names_the_customer),
      cmocka_unit_test(what_cannot_be_saved_is_passed_over),
      cmocka_unit_test(nothing_to_save_is_a_warning),
      cmocka_unit_test(a_loaded_model_is_not_saved_again),
      cmocka_unit_test(models_and_outputs_are_written_all_or_none),
      cmocka_unit_test(a_save_that_fails_fails_the_run),
      cmocka_unit_test(two_models_of_one_name_are_refused),
      cmocka_unit_test(damage_is_told),
      cmocka_unit_test(a_model_of_something_else_is_refused),
      cmocka_unit_test(other_parameters_are_refused),
      cmocka_unit_test(other_columns_are_refused),
      cmocka_unit_test(a_model_of_the_future_is_refused),
      cmocka_unit_test(a_model_of_the_future_is_refused_where_the_data_say_as_of),
      cmocka_unit_test(what_has_no_model_is_told_by_a_check),
      cmocka_unit_test(another_version_is_a_warning_unless_it_is_refused),
  };
  return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
