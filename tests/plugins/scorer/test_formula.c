/* The formula scorer: what scripts compute, where their errors are said to be, and what they cannot get at. */
#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The values as a profile gives them: a script of several lines stands in a block. */
static void profile_of(const char *script, const char *more, char *yaml, size_t room)
{
  size_t length = (size_t)snprintf(yaml, room, "%s\nscript: |2-\n  ", more);
  for (; *script && length + 4 < room; script++) {
    yaml[length++] = *script;
    if (*script == '\n') yaml[length++] = ' ', yaml[length++] = ' ';
  }
  yaml[length] = 0;
}

static tarazu_status make(rig *r, const char *script, const char *more)
{
  static char yaml[100000];
  profile_of(script, more ? more : "", yaml, sizeof yaml);
  return rig_create(r, yaml);
}

static void score(rig *r, const char *script)
{
  if (make(r, script, NULL)) fail_msg("%s: %s", script, r->error.message);
  if (rig_apply(r, 2048)) fail_msg("%s: %s", script, r->error.message);
}

static rig *open_columns(void)
{
  rig *r = rig_open("scorer", "formula");
  rig_f64(r, "margin", (double[]){10, -2.5, NAN, 0}, 4);
  rig_f64(r, "customers.age", (double[]){40, 20, 30, NAN}, 4);
  return r;
}

static void check_values(rig *r, const char *script, double a, double b, double c, double d)
{
  const double expected[] = {a, b, c, d};
  score(r, script);
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, 0, i), expected[i], 1e-12);
}

/* ---- what scripts compute ---- */

static void an_expression_or_lines_that_return(void **state)
{
  (void)state;
  rig *r = open_columns();
  check_values(r, "margin and margin * 2 + 1", 21, -4, NAN, 1);
  check_values(r, "return margin and margin * 2 + 1", 21, -4, NAN, 1);
  check_values(r, "customers_age -- of the customer", 40, 20, 30, NAN);
  check_values(r, "if not margin then\n  return nil\nend\nlocal age = customers_age or 50\nreturn margin + age", 50,
               17.5, NAN, 50);
  check_values(r, "(margin or 0) ^ 2", 100, 6.25, 0, 0);
  check_values(r, "math.min(margin or 7, 8, 9) + math.max(1, customers_age or 2)", 48, 17.5, 37, 2);
  check_values(r, "math.ceil((margin or 0) / 4) + math.floor(2.5)", 5, 2, 2, 2);
  check_values(r,
               "local s = 0\nfor _, step in ipairs{5, 25, 35} do\n  if (customers_age or 0) >= step then s = s + 1 "
               "end\nend\nreturn s",
               3, 1, 2, 0);
  check_values(r, "local function twice(x) return x and 2 * x end\nreturn twice(margin)", 20, -5, NAN, 0);
  check_values(r, "1", 1, 1, 1, 1);
  rig_close(r);
}

static void what_follows_a_break_of_the_line_is_the_same_script(void **state)
{
  (void)state;
  rig *r = open_columns();
  check_values(r, "(margin or 0)\n  + 1 -- and one", 11, -1.5, 1, 1);
  rig_close(r);
}

static void aggregates_of_events_have_names(void **state)
{
  (void)state;
  static const char *const names[] = {"n", "first", "last", "sum", "mean", "least", "most", "oldest", "newest"};
  rig *r = rig_open("scorer", "formula");
  const int64_t day = INT64_C(86400000000);
  for (int i = 0; i < 9; i++) r->bound[i].name = names[i];
  rig_i64(r, "n", (int64_t[]){2, 0}, 2);
  rig_i64(r, "first", (int64_t[]){r->as_of - 30 * day, INT64_MIN}, 2);
  rig_i64(r, "last", (int64_t[]){r->as_of - day / 2, INT64_MIN}, 2);
  rig_f64(r, "sum", (double[]){30, 0}, 2);
  rig_f64(r, "mean", (double[]){15, NAN}, 2);
  score(r, "event_count * 1000 + (last_event_days or 100) + (first_event_days or 0)");
  assert_near(rig_value(r, 0, 0), 2030.5, 1e-9);
  assert_near(rig_value(r, 0, 1), 100, 0);
  score(r, "amount_mean and amount_sum / amount_mean");
  assert_near(rig_value(r, 0, 0), 2, 0);
  assert_true(isnan(rig_value(r, 0, 1)));
  assert_int_equal(make(r, "amount_max", NULL), TARAZU_BAD_PARAMETER); /* not bound */
  rig_close(r);
}

static void names_are_as_lua_writes_them(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "formula");
  rig_f64(r, "customers.Net Value", (double[]){3}, 1);
  rig_f64(r, "customers.سود", (double[]){4}, 1);
  rig_f64(r, "2nd", (double[]){5}, 1);
  rig_f64(r, "end", (double[]){6}, 1);
  rig_f64(r, "a.b", (double[]){7}, 1);
  rig_f64(r, "a_b", (double[]){8}, 1);
  score(r, "customers_Net_Value + customers_سود * _2nd");
  assert_near(rig_value(r, 0, 0), 23, 0);
  assert_int_equal(make(r, "a_b", NULL), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "two columns are called 'a_b'"));
  rig_close(r);
}

/* ---- errors ---- */

/* The script cannot be: create says so, and where. */
static void refuse(rig *r, const char *script, const char *words)
{
  if (make(r, script, NULL) != TARAZU_BAD_PARAMETER) fail_msg("%s is not refused", script);
  if (!strstr(r->error.message, words)) fail_msg("'%s' is not in '%s'", words, r->error.message);
  assert_int_equal(r->error.param, 0);
  assert_int_equal(r->error.row, -1);
}

/* It fails at a row. */
static void fail_at(rig *r, const char *script, int64_t row, const char *words)
{
  if (make(r, script, NULL)) fail_msg("%s: %s", script, r->error.message);
  assert_int_not_equal(rig_apply(r, 2048), TARAZU_OK);
  if (!strstr(r->error.message, words)) fail_msg("'%s' is not in '%s'", words, r->error.message);
  assert_int_equal(r->error.param, 0);
  assert_int_equal(r->error.row, row);
}

static void errors_name_the_line_and_the_row(void **state)
{
  (void)state;
  rig *r = open_columns();
  refuse(r, "local a = 1\nreturn a +", "script, line 2: unexpected symbol near");
  refuse(r, "margin *", "script, line 1: unexpected symbol");
  refuse(r, "local a = 1\nreturn margn * a",
         "script, line 2: there is no `margn`; known are margin, customers_age, math");
  refuse(r, "local a = 1\ntotal = a\nreturn a", "script, line 2: `total` is not local");
  refuse(r, "local a = 1", "returns nothing");
  refuse(r, "", "not one expression");
  refuse(r, "1, 2", "not one expression");
  fail_at(r, "local a = 1\nreturn margin + a", 2,
          "script, line 2: attempt to perform arithmetic on local 'margin' (a nil");
  fail_at(r, "for i = 1, 2 do\n  local x = customers_age + 1\nend\nreturn 1", 3, "script, line 2: attempt");
  fail_at(r, "if margin == 0 then error('no margin') end\nreturn 1", 3, "script, line 1: no margin");
  fail_at(r, "if margin == 0 then error{} end\nreturn 1", 3, "without a text");
  fail_at(r, "if margin == 0 then error() end\nreturn 1", 3, "without a text");
  fail_at(r, "assert(margin ~= -2.5)\nreturn 1", 1, "assertion failed");
  fail_at(r, "local x = math.min(margin, 3)\nreturn x", 2, "script, line 1: math.min takes two numbers or more");
  fail_at(r, "margin == 0", 0, "gives a boolean; expected a number");
  fail_at(r, "'10'", 0, "gives a string");
  fail_at(r, "{margin}", 0, "gives a table");
  fail_at(r, "1LL", 0, "gives a cdata");
  fail_at(r, "math.floor", 0, "gives a function");
  fail_at(r, "1 / (margin or 1)", 3, "gives infinity");
  assert_int_equal(r->error.status, TARAZU_NUMERIC);
  fail_at(r, "0 * (1 / (margin or 1))", 3, "not a number");
  const int64_t order[] = {1, 3, 0};
  r->order = order;
  r->order_count = 3;
  fail_at(r, "1 / (margin or 1)", 3, "gives infinity");
  r->unknown_rows = 1;
  fail_at(r, "1 / (margin or 1)", -1, "gives infinity");
  rig_close(r);
}

/* ---- the sandbox ---- */

static void nothing_but_numbers_can_be_reached(void **state)
{
  (void)state;
  static const char *const names[] = {
      "io",      "os",        "require", "ffi",        "jit",          "debug",        "package",
      "string",  "table",     "load",    "loadstring", "loadfile",     "dofile",       "collectgarbage",
      "getfenv", "setfenv",   "pcall",   "xpcall",     "getmetatable", "setmetatable", "rawget",
      "rawset",  "rawequal",  "pairs",   "next",       "select",       "tostring",     "tonumber",
      "print",   "coroutine", "_G",      "_ENV",       "newproxy",     "unpack",       "module",
      "gcinfo",  "type",      "bit",     "arg"};
  rig *r = open_columns();
  char script[200], words[100];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(words, sizeof words, "line 1: there is no `%s`", names[i]);
    snprintf(script, sizeof script, "%s", names[i]);
    refuse(r, script, words);
    snprintf(script, sizeof script, "local f = function() return %s.x end return f()", names[i]);
    refuse(r, script, words);
  }
  static const char *const missing[] = {"math.random()", "math.randomseed(1)", "math.pow(2, 2)"};
  for (int i = 0; i < 3; i++) fail_at(r, missing[i], 0, "attempt to call field");
  rig_close(r);
}

static void strings_lead_nowhere(void **state)
{
  (void)state;
  rig *r = open_columns();
  fail_at(r, "('').rep", 0, "attempt to index a string value");
  fail_at(r, "('x'):rep(1e9)", 0, "attempt to");
  fail_at(r, "('').__index", 0, "attempt to index a string value");
  fail_at(r, "#('x'):dump()", 0, "attempt to");
  refuse(r, "local s = 'x' s = s .. s return 1", "no texts to join");
  refuse(r, "local function f(s) return s .. s end return f('x')", "no texts to join");
  fail_at(r, "(1LL).x", 0, "no member");
  fail_at(r, "(1LL)()", 0, "not callable");
  rig_close(r);
}

static void compiled_code_is_not_loaded(void **state)
{
  (void)state;
  rig *r = open_columns();
  assert_int_equal(rig_create(r, "script: \"\\eLJ\\x02\\x02\""), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "script, line 1: unexpected symbol"));
  rig_close(r);
  r = rig_open("scorer", "formula"); /* without columns, so that nothing comes before the script */
  rig_customers(r, 1);
  assert_int_equal(rig_create(r, "script: \"\\eLJ\\x02\\x02\""), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

static void a_script_does_not_break_out_of_its_surroundings(void **state)
{
  (void)state;
  rig *r = open_columns();
  refuse(r, "1) while true do end (1", "line 1");
  refuse(r, "1 end while true do end", "line 1");
  refuse(r, "1 --[[", "line 1");
  refuse(r, "'", "line 1");
  rig_close(r);
}

static void nothing_is_kept_from_row_to_row(void **state)
{
  (void)state;
  rig *r = open_columns();
  fail_at(r, "math.pi = 3 return math.pi", 0, "`math` cannot be changed");
  fail_at(r, "math.count = (math.count or 0) + 1 return 1", 0, "`math` cannot be changed");
  check_values(r, "local t = {0} t[1] = t[1] + 1 return t[1]", 1, 1, 1, 1);
  check_values(r, "local n = 0 local function f() n = n + 1 return n end return f() + f()", 3, 3, 3, 3);
  rig_close(r);
}

/* ---- limits ---- */

static void what_does_not_end_is_stopped(void **state)
{
  (void)state;
  static const char *const endless[] = {
      "while true do end",
      "repeat until false",
      "for i = 1, 1e18 do end",
      "::again:: goto again",
      "::again:: if margin ~= 1e9 then goto again end",
      "for i = 1, 1e18 do local x = math.min(i, 2) end",
      "local function f() return f() end f()",
      "local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)",
      "local t = {} while true do t[#t + 1] = 1 end",
      "for _ = 1, 1e9 do for _ in ipairs{1, 2, 3} do end end",
  };
  rig *r = open_columns();
  char script[200];
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    snprintf(script, sizeof script, "local a = 1\n%s\ndo return a end", endless[i]);
    fail_at(r, script, 0, "script, line 2: too many instructions");
  }
  fail_at(r, "local function f(x) return f(x) + 1 end return f(1)", 0, "stack overflow");
  fail_at(r, "for _ in ipairs{1} do while true do end end return 1 -- 'for'", 0, "too many instructions");
  rig_close(r);
}

/* The limit is each row's own: many rows may take more together. */
static void instructions_are_counted_by_row(void **state)
{
  (void)state;
  enum { ROWS = 3000 };
  double n[ROWS];
  rig *r = rig_open("scorer", "formula");
  for (int i = 0; i < ROWS; i++) n[i] = 80;
  rig_f64(r, "n", n, ROWS);
  const char *script = "local s = 0 for i = 1, n do s = s + i end return s"; /* of 80: 80 * 81 / 2 */
  assert_int_equal(make(r, script, "instructions: 400"), TARAZU_OK);
  assert_int_equal(rig_apply(r, ROWS), TARAZU_OK);
  for (int i = 0; i < ROWS; i++) assert_near(rig_value(r, 0, i), 3240, 0);
  n[2111] = 400;
  rig_f64(r, "n", n, ROWS);
  assert_int_equal(make(r, script, "instructions: 400"), TARAZU_OK);
  assert_int_equal(rig_apply(r, ROWS), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.row, 2111);
  rig_close(r);
}

static void memory_has_an_end(void **state)
{
  (void)state;
  rig *r = open_columns();
  const char *script = "local t = {} for i = 1, 1e8 do t[i] = {i} end return 1";
  assert_int_equal(make(r, script, "instructions: 1000000000\nmemory: 4"), TARAZU_OK);
  assert_int_equal(rig_apply(r, 4), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "more than 4 MiB of memory"));
  assert_int_equal(r->error.param, 2);
  assert_int_equal(r->error.row, 0);
  /* what a row has left behind is used again */
  assert_int_equal(make(r, "local t = {} for i = 1, 20000 do t[i] = i end return #t", "instructions: 1000000"),
                   TARAZU_OK);
  for (int i = 0; i < 40; i++) assert_int_equal(rig_apply(r, 1), TARAZU_OK);
  rig_close(r);
}

static void a_script_nested_too_deeply_is_refused(void **state)
{
  (void)state;
  rig *r = open_columns();
  char *deep = calloc(1, 50000);
  memset(deep, '(', 24000);
  strcat(deep, "1");
  memset(deep + 24001, ')', 24000);
  refuse(r, deep, "line 1");
  memset(deep, '{', 40000);
  deep[40000] = 0;
  refuse(r, deep, "line 1");
  free(deep);
  deep = calloc(1, 70000);
  memset(deep, ' ', 69000);
  deep[69000] = '1';
  refuse(r, deep, "bytes");
  free(deep);
  rig_close(r);
}

/* ---- one result, however it is run ---- */

enum { ROWS = 5000 };

static rig *open_random(void)
{
  static double x[ROWS], y[ROWS], z[ROWS];
  uint64_t seed = 9;
  rig *r = rig_open("scorer", "formula");
  for (int i = 0; i < ROWS; i++) {
    x[i] = next_uniform(&seed) * 200 - 50;
    y[i] = next_uniform(&seed) < 0.2 ? (double)NAN : floor(next_uniform(&seed) * 40) - 5;
    z[i] = next_uniform(&seed) < 0.1 ? 0 : next_uniform(&seed);
  }
  x[17] = -0.0, x[99] = 1e300, x[1200] = 5e-324, x[3000] = 9007199254740993.0;
  rig_f64(r, "x", x, ROWS);
  rig_f64(r, "y", y, ROWS);
  rig_f64(r, "z", z, ROWS);
  return r;
}

/* Adds an expression of at most so many levels; # stands for one of a level less. */
static void add_expression(uint64_t *seed, int levels, char *into)
{
  static const char *const leaves[] = {"x", "(y or 1)", "z", "3", "0.5", "-1", "2", "100", "math.pi", "1e-3"};
  static const char *const forms[] = {"math.abs(#)",
                                      "math.floor(#)",
                                      "math.ceil(#)",
                                      "math.sqrt(math.abs(#))",
                                      "math.sin(#)",
                                      "math.atan(#)",
                                      "math.tanh(#)",
                                      "math.exp(math.min(#, 3))",
                                      "(- #)",
                                      "math.log(1 + math.abs(#))",
                                      "(# + #)",
                                      "math.log10(2 + math.abs(#))",
                                      "(# - #)",
                                      "(# * #)",
                                      "(# + # * #)",
                                      "(# / (2 + math.abs(#)))",
                                      "math.min(#, #)",
                                      "math.max(#, #, #)",
                                      "(# < 3 and 4 or #)",
                                      "(# % (1 + math.abs(#)))",
                                      "math.atan2(#, #)",
                                      "math.fmod(#, 7.5 + math.abs(#))"};
  enum { FORMS = sizeof forms / sizeof *forms };
  int choice = (int)(next_uniform(seed) * (FORMS + 3));
  const char *form = levels && choice < FORMS ? forms[choice] : leaves[(int)(next_uniform(seed) * 10)];
  for (; *form; form++) {
    if (*form == '#') add_expression(seed, levels - 1, into);
    else strncat(into, form, 1);
  }
}

/* A loop that turns once has the script interpreted; without it the script is compiled once it is hot. */
static void compiled_and_interpreted_scripts_give_the_same_bits(void **state)
{
  (void)state;
  uint64_t seed = 21;
  rig *r = open_random();
  char expression[20000], script[21000];
  int compared = 0;
  for (int run = 0; run < 150; run++) {
    size_t count, other_count;
    expression[0] = 0;
    add_expression(&seed, 4, expression);
    snprintf(script, sizeof script, "local v = %s if v ~= v or v - v ~= 0 then return nil end return v", expression);
    score(r, script);
    assert_non_null(strstr(rig_fact(r, "script")->text, "compiled"));
    void *bytes = rig_bytes(r, &count);
    snprintf(script, sizeof script,
             "local v for _ = 1, 1 do v = %s end if v ~= v or v - v ~= 0 then return nil end return v", expression);
    score(r, script);
    assert_non_null(strstr(rig_fact(r, "script")->text, "loops"));
    void *other = rig_bytes(r, &other_count);
    if (count != other_count || memcmp(bytes, other, count) != 0) fail_msg("%s differs", expression);
    for (int i = 0; i < ROWS; i++) compared += !isnan(rig_value(r, 0, i));
    free(bytes);
    free(other);
  }
  assert_true(compared > 100 * ROWS);
  rig_close(r);
}

static void powers_are_not_compiled(void **state)
{
  (void)state;
  rig *r = open_random();
  score(r, "z ^ 2");
  assert_non_null(strstr(rig_fact(r, "script")->text, "powers"));
  check_batches(r);
  rig_close(r);
}

static void results_do_not_depend_on_batches(void **state)
{
  (void)state;
  rig *r = open_random();
  score(r, "y and math.log(1 + z) * x - y");
  check_batches(r);
  score(r, "local s = y for i = 1, 3 do s = s and s + x / i end return s");
  check_batches(r);
  rig_close(r);
}

typedef struct caller {
  rig *r;
  int64_t first;
  double results[ROWS];
  int failed;
} caller;

static void *call(void *argument)
{
  caller *c = argument;
  static const uint8_t half[] = {0x55};
  for (int64_t round = 0; round < 200; round++) {
    double x[8], y[8] = {0};
    uint8_t valid = 0xff;
    for (int i = 0; i < 8; i++) x[i] = (double)(c->first + round * 8 + i);
    const tarazu_column a = {.size = sizeof a, .type = TARAZU_F64, .values = x};
    const tarazu_column b = {.size = sizeof b, .type = TARAZU_F64, .values = y, .valid = half};
    const tarazu_column *const columns[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &a, &b, &a};
    const tarazu_batch batch = {
        .size = sizeof batch, .first_row = -1, .rows = 8, .columns = columns, .column_count = 12};
    tarazu_result result = {
        .size = sizeof result, .type = TARAZU_F64, .values = &c->results[round * 8], .valid = &valid};
    tarazu_result *const results[] = {&result};
    tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
    c->failed |= c->r->strategy->apply(rig_self(c->r), &batch, results, &error) != TARAZU_OK || valid != 0x55;
  }
  return NULL;
}

static void several_threads_run_one_script(void **state)
{
  (void)state;
  enum { THREADS = 4 };
  rig *r = open_random();
  pthread_t threads[THREADS];
  static caller callers[THREADS];
  score(r, "y and x * 3 + y");
  for (int i = 0; i < THREADS; i++) {
    callers[i] = (caller){.r = r, .first = i * 100000};
    assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_false(callers[i].failed);
    for (int k = 0; k < 1600; k += 2) assert_near(callers[i].results[k], 3.0 * (i * 100000 + k), 0);
  }
  rig_close(r);
}

static void no_row_and_one_row(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "formula");
  rig_f64(r, "x", NULL, 0);
  score(r, "x + 1");
  rig_close(r);
  r = rig_open("scorer", "formula");
  rig_f64(r, "x", (double[]){-1}, 1);
  score(r, "x * 0");
  double zero = 0, got = rig_value(r, 0, 0);
  assert_memory_equal(&got, &zero, sizeof zero);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_expression_or_lines_that_return),
      cmocka_unit_test(what_follows_a_break_of_the_line_is_the_same_script),
      cmocka_unit_test(aggregates_of_events_have_names),
      cmocka_unit_test(names_are_as_lua_writes_them),
      cmocka_unit_test(errors_name_the_line_and_the_row),
      cmocka_unit_test(nothing_but_numbers_can_be_reached),
      cmocka_unit_test(strings_lead_nowhere),
      cmocka_unit_test(compiled_code_is_not_loaded),
      cmocka_unit_test(a_script_does_not_break_out_of_its_surroundings),
      cmocka_unit_test(nothing_is_kept_from_row_to_row),
      cmocka_unit_test(what_does_not_end_is_stopped),
      cmocka_unit_test(instructions_are_counted_by_row),
      cmocka_unit_test(memory_has_an_end),
      cmocka_unit_test(a_script_nested_too_deeply_is_refused),
      cmocka_unit_test(compiled_and_interpreted_scripts_give_the_same_bits),
      cmocka_unit_test(powers_are_not_compiled),
      cmocka_unit_test(results_do_not_depend_on_batches),
      cmocka_unit_test(several_threads_run_one_script),
      cmocka_unit_test(no_row_and_one_row),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
