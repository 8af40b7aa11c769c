#include "support/near.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Results in rank order, as the host gives them to a sink. */
typedef struct field {
  const char *name;
  uint32_t type;
  const double *numbers;    /* NAN: null */
  const char *const *texts; /* of TEXT; NULL: null */
} field;

typedef struct printed {
  tarazu_status status;
  tarazu_error error;
  char text[20000];
} printed;

enum { MOST = 64 };

static int32_t add_text(tarazu_dictionary *d, int64_t *offsets, char *bytes, const char *text)
{
  memcpy(bytes + offsets[d->count], text, strlen(text));
  offsets[d->count + 1] = offsets[d->count] + (int64_t)strlen(text);
  return (int32_t)d->count++;
}

/* One column's window in buffers of its own. */
static tarazu_column column(const field *f, int64_t first, int64_t rows, tarazu_dictionary *d, int64_t *offsets,
                            char *bytes)
{
  void *values = calloc((size_t)rows + 1, 8);
  uint8_t *valid = malloc((size_t)(rows + 7) / 8 + 1);
  memset(valid, 0xff, (size_t)(rows + 7) / 8 + 1);
  tarazu_result nulls = {.valid = valid};
  for (int64_t i = 0; i < rows; i++) {
    if (f->type == TARAZU_TEXT ? !f->texts[first + i] : isnan(f->numbers[first + i])) tarazu_set_null(&nulls, i);
    else if (f->type == TARAZU_TEXT) ((int32_t *)values)[i] = add_text(d, offsets, bytes, f->texts[first + i]);
    else if (f->type == TARAZU_F64) ((double *)values)[i] = f->numbers[first + i];
    else if (f->type == TARAZU_BOOL) ((uint8_t *)values)[i] = (uint8_t)f->numbers[first + i];
    else ((int64_t *)values)[i] = (int64_t)f->numbers[first + i];
  }
  return (tarazu_column){sizeof(tarazu_column), f->type, values, valid, NULL, d};
}

static tarazu_status write_batch(const tarazu_sink *sink, const void *self, void *writer, const field *fields,
                                 uint32_t count, int64_t first, int64_t rows, tarazu_error *error)
{
  static char bytes[100000];
  static int64_t offsets[5000];
  tarazu_dictionary dictionary = {sizeof dictionary, 0, offsets, bytes};
  tarazu_column columns[MOST];
  const tarazu_column *pointers[MOST];
  for (uint32_t c = 0; c < count; c++) {
    columns[c] = column(&fields[c], first, rows, &dictionary, offsets, bytes);
    pointers[c] = &columns[c];
  }
  tarazu_batch batch = {
      .size = sizeof batch, .first_row = first, .rows = rows, .columns = pointers, .column_count = count};
  tarazu_status status = sink->write(self, writer, &batch, error);
  for (uint32_t c = 0; c < count; c++) {
    free((void *)(uintptr_t)columns[c].values);
    free((void *)(uintptr_t)columns[c].valid);
  }
  return status;
}

static void read_back(const char *path, printed *out)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  out->text[fread(out->text, 1, sizeof out->text - 1, file)] = 0;
  fclose(file);
}

/* Takes the sink through its calls, three rows a batch; a run that fails leaves no file. */
static void print(const field *fields, uint32_t count, int64_t rows, const char *params, uint32_t width,
                  uint32_t terminal, printed *out)
{
  char path[] = "/tmp/tarazu-table-XXXXXX";
  close(mkstemp(path));
  rig *r = rig_open("sink", "table");
  if (rig_create(r, params)) fail_msg("%s", r->error.message);
  const tarazu_sink *sink = r->strategy->extension("tarazu.sink/1");
  tarazu_target target = {
      .size = sizeof target, .location = path, .manifest = "{}", .width = width, .terminal = terminal};
  tarazu_bound bounds[MOST];
  for (uint32_t c = 0; c < count; c++) bounds[c] = (tarazu_bound){.name = fields[c].name, .type = fields[c].type};
  tarazu_table table = {sizeof table, TARAZU_CUSTOMERS, "customers", rows, {bounds, count, sizeof *bounds}};
  void *writer = NULL;
  *out = (printed){.error = {.size = sizeof out->error, .row = -1, .param = -1, .item = -1}};
  out->status = sink->open(rig_self(r), &target, &writer, &out->error);
  if (!out->status) out->status = sink->table(rig_self(r), writer, &table, &out->error);
  for (int64_t first = 0; first < rows && !out->status; first += 3)
    out->status =
        write_batch(sink, rig_self(r), writer, fields, count, first, rows - first < 3 ? rows - first : 3, &out->error);
  if (!out->status) out->status = sink->prepare(rig_self(r), writer, &out->error);
  if (!out->status) read_back(path, out);
  if (!out->status) out->status = sink->commit(rig_self(r), writer, &out->error);
  sink->close(rig_self(r), writer);
  assert_int_equal(access(path, F_OK), out->status ? -1 : 0);
  remove(path);
  rig_close(r);
}

static void expect(const printed *p, const char *text)
{
  if (p->status) fail_msg("%s", p->error.message);
  if (strcmp(p->text, text)) fail_msg("printed:\n%s\nexpected:\n%s", p->text, text);
}

static const field company[] = {
    {"customer", TARAZU_TEXT, NULL, (const char *[]){"Ada", "Zoë", "山田", "Dan", "Eve"}},
    {"rank", TARAZU_I64, (double[]){1, 2, 3, 4, 5}, NULL},
    {"score", TARAZU_F64, (double[]){0.8, 0.6, 0.4, 0.25, NAN}, NULL},
    {"financial", TARAZU_F64, (double[]){0.9, 0.25, 0.5, 0.1, NAN}, NULL},
    {"lifetime_value", TARAZU_F64, (double[]){1234567.891, 20, 300, 4, NAN}, NULL},
    {"lifetime_value_normalized", TARAZU_F64, (double[]){1, 0, 0, 0, NAN}, NULL},
    {"lifetime_value_contribution", TARAZU_F64, (double[]){1, 0, 0, 0, NAN}, NULL},
    {"lifetime_value_p_alive", TARAZU_F64, (double[]){1, 0, 0, 0, NAN}, NULL},
    {"trust", TARAZU_F64, (double[]){4.5, NAN, 3, 2, NAN}, NULL},
    {"trust_normalized", TARAZU_F64, (double[]){1, NAN, 0, 0, NAN}, NULL},
    {"trust_contribution", TARAZU_F64, (double[]){1, NAN, 0, 0, NAN}, NULL},
    {"trust_map", TARAZU_TEXT, NULL, (const char *[]){"A", "B", "C", NULL, "C"}},
    {"key_customer", TARAZU_BOOL, (double[]){1, 0, 1, 0, 0}, NULL},
    {"reason", TARAZU_TEXT, NULL,
     (const char *[]){"first by lifetime value and trusted by all who know her",
                      "below the floor of non-financial value", "kept", "too low", "nothing known"}},
    {"coverage", TARAZU_F64, (double[]){1, 0.5, 1, 1, 0}, NULL},
};
enum { COMPANY = sizeof company / sizeof *company };

static void key_customers_stand_aligned_with_their_reasons(void **state)
{
  (void)state;
  printed p;
  print(company, COMPANY, 5, NULL, 0, 0, &p);
  expect(
      &p,
      "rank  customer   score            financial  lifetime_  trust  trust_  reason\n"
      "                                                 value         map\n"
      "───────────────────────────────────────────────────────────────────────────────────────────────────────────────"
      "───────────────\n"
      "   1  Ada       0.8000  ████████     0.9000  1,234,568  4.500  A       first by lifetime value and trusted by "
      "all who know her\n"
      "   3  山田      0.4000  ████         0.5000        300  3.000  C       kept\n"
      "\n"
      "2 of 2 key customers shown, among 5 customers\n");
}

static void the_first_by_rank_can_be_shown_with_gaps(void **state)
{
  (void)state;
  printed p;
  print(company, COMPANY, 5, "{show: top, columns: [customer, score, trust, coverage, key_customer]}", 0, 0, &p);
  expect(&p, "customer   score            trust  coverage  key_\n"
             "                                             customer\n"
             "─────────────────────────────────────────────────────\n"
             "Ada       0.8000  ████████  4.500    1.0000  yes\n"
             "Zoë       0.6000  ██████        –    0.5000  no\n"
             "山田      0.4000  ████      3.000    1.0000  yes\n"
             "Dan       0.2500  ██▌       2.000    1.0000  no\n"
             "Eve            –                –    0.0000  no\n"
             "\n"
             "5 of 5 customers shown, 2 of all are key customers\n");
}

static int64_t widest_line(const char *text)
{
  int64_t widest = 0, width = 0;
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '\n') width = 0;
    else if ((*c & 0xc0) != 0x80)
      width += *c == 0xe5 || *c == 0xe7 ? 2 : 1; /* the two wide characters of these tests */
    if (width > widest) widest = width;
  }
  return widest;
}

static void a_narrow_terminal_wraps_the_reason_and_drops_criteria(void **state)
{
  (void)state;
  printed p;
  for (uint32_t width = 82; width < 140; width++) {
    print(company, COMPANY, 5, NULL, width, 0, &p);
    assert_int_equal(p.status, TARAZU_OK);
    if (widest_line(p.text) > width) fail_msg("wider than %u:\n%s", (unsigned)width, p.text);
    assert_non_null(strstr(p.text, "first by lifetime"));
    assert_non_null(strstr(p.text, " her\n"));
  }
  print(company, COMPANY, 5, NULL, 82, 0, &p);
  expect(&p, "rank  customer   score            financial  trust_  reason\n"
             "                                             map\n"
             "──────────────────────────────────────────────────────────────────────────────────\n"
             "   1  Ada       0.8000  ████████     0.9000  A       first by lifetime value and\n"
             "                                                     trusted by all who know her\n"
             "   3  山田      0.4000  ████         0.5000  C       kept\n"
             "\n"
             "2 of 2 key customers shown, among 5 customers\n"
             "no room for lifetime_value, trust\n");
}

static void a_width_that_is_asked_for_holds_in_files_and_on_wider_terminals(void **state)
{
  (void)state;
  printed narrow, p;
  print(company, COMPANY, 5, NULL, 82, 0, &narrow);
  print(company, COMPANY, 5, "{width: 82}", 0, 0, &p);
  expect(&p, narrow.text);
  print(company, COMPANY, 5, "{width: 82}", 200, 0, &p);
  expect(&p, narrow.text);
  print(company, COMPANY, 5, "{width: 200}", 82, 0, &p);
  expect(&p, narrow.text);
}

static void a_reason_of_many_lines_is_cut_with_an_ellipsis(void **state)
{
  (void)state;
  char reason[1000] = "";
  for (int i = 0; i < 60; i++) strcat(reason, "word ");
  const field fields[] = {{"customer", TARAZU_I64, (double[]){12345}, NULL},
                          {"key_customer", TARAZU_BOOL, (double[]){1}, NULL},
                          {"reason", TARAZU_TEXT, NULL, (const char *[]){reason}}};
  printed p;
  print(fields, 3, 1, NULL, 40, 0, &p);
  expect(&p, "customer  reason\n"
             "────────────────────────────────────────\n"
             "12345     word word word word word word\n"
             "          word word word word word word\n"
             "          word word word word word word…\n"
             "\n"
             "1 of 1 key customer shown, among 1 customer\n");
}

static void no_more_rows_than_asked_are_shown_and_all_are_counted(void **state)
{
  (void)state;
  printed p;
  print(company, COMPANY, 5, "{rows: 1, columns: [customer]}", 0, 0, &p);
  expect(&p, "customer\n────────\nAda\n\n1 of 2 key customers shown, among 5 customers\n");
  print(company, COMPANY, 5, "{rows: 4, show: top, columns: [rank]}", 0, 0, &p);
  expect(&p, "rank\n────\n   1\n   2\n   3\n   4\n\n4 of 5 customers shown, 2 of all are key customers\n");
}

static void nobody_to_show_is_said_in_a_line(void **state)
{
  (void)state;
  const field nobody[] = {{"customer", TARAZU_TEXT, NULL, (const char *[]){"Ada", "Bea"}},
                          {"key_customer", TARAZU_BOOL, (double[]){0, NAN}, NULL}};
  printed p;
  print(nobody, 2, 2, NULL, 80, 0, &p);
  expect(&p, "no key customer among 2 customers\n");
  print(nobody, 2, 0, NULL, 80, 0, &p);
  expect(&p, "no key customer among 0 customers\n");
}

static void without_a_rule_the_first_by_rank_are_shown(void **state)
{
  (void)state;
  const field plain[] = {{"customer", TARAZU_TEXT, NULL, (const char *[]){"Ada", "Bea"}}};
  printed p;
  print(plain, 1, 2, "{rows: 1}", 80, 0, &p);
  expect(&p, "customer\n────────\nAda\n\n1 of 2 customers shown\n");
}

static void a_column_that_nobody_has_stays_out_unless_asked_for(void **state)
{
  (void)state;
  const field fields[] = {{"customer", TARAZU_TEXT, NULL, (const char *[]){"Ada", "Bea"}},
                          {"score", TARAZU_F64, (double[]){0.5, 0.25}, NULL},
                          {"trust", TARAZU_F64, (double[]){NAN, NAN}, NULL},
                          {"revenue", TARAZU_F64, (double[]){NAN, NAN}, NULL},
                          {"revenue_normalized", TARAZU_F64, (double[]){NAN, NAN}, NULL},
                          {"revenue_contribution", TARAZU_F64, (double[]){NAN, NAN}, NULL},
                          {"tier", TARAZU_TEXT, NULL, (const char *[]){NULL, NULL}}};
  printed p;
  print(fields, 7, 2, NULL, 80, 0, &p);
  expect(&p, "customer   score\n──────────────────────────\nAda       0.5000  ████████\n"
             "Bea       0.2500  ████\n\n2 of 2 customers shown\n");
  print(fields, 7, 2, "{columns: [trust, tier]}", 80, 0, &p);
  expect(&p, "trust  tier\n───────────\n    –  –\n    –  –\n\n2 of 2 customers shown\n");
}

static void a_column_that_is_not_there_is_named(void **state)
{
  (void)state;
  printed p;
  print(company, COMPANY, 5, "{columns: [customer, scoer]}", 0, 0, &p);
  assert_int_equal(p.status, TARAZU_BAD_PARAMETER);
  assert_int_equal(p.error.param, 2);
  assert_int_equal(p.error.item, 1);
  assert_non_null(strstr(p.error.message, "'scoer'"));
}

static void data_cannot_steer_the_terminal(void **state)
{
  (void)state;
  const field evil[] = {
      {"customer", TARAZU_TEXT, NULL, (const char *[]){"a\033[2Jb", "c\nd", "\xff\xc0\xaf", "e\xe2\x80\xae"}}};
  printed p;
  print(evil, 1, 4, NULL, 80, 0, &p);
  expect(&p, "customer\n────────\na\xef\xbf\xbd[2Jb\nc\xef\xbf\xbd"
             "d\n\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\ne\xef\xbf\xbd\n\n4 of 4 customers shown\n");
}

static void colour_is_for_terminals(void **state)
{
  (void)state;
  printed p;
  print(company, COMPANY, 5, NULL, 120, 1, &p);
  assert_int_equal(p.status, TARAZU_OK);
  assert_non_null(strstr(p.text, "\033["));
  print(company, COMPANY, 5, NULL, 120, 0, &p);
  assert_null(strstr(p.text, "\033"));
}

static void numbers_have_the_digits_that_tell(void **state)
{
  (void)state;
  const field numbers[] = {{"a", TARAZU_F64, (double[]){0.00123456, -0.5}, NULL},
                           {"b", TARAZU_F64, (double[]){123456.5, -1234}, NULL},
                           {"c", TARAZU_F64, (double[]){12, -3}, NULL},
                           {"d", TARAZU_F64, (double[]){1e20, 1}, NULL},
                           {"e", TARAZU_TIME, (double[]){-1000000, 1325376000e6}, NULL},
                           {"f", TARAZU_F64, (double[]){1e-9, 0.5}, NULL}};
  printed p;
  print(numbers, 6, 2, "{columns: [a, b, c, d, e, f]}", 0, 0, &p);
  expect(&p, "      a        b   c      d  e                      f\n"
             "─────────────────────────────────────────────────────\n"
             " 0.0012  123,456  12  1e+20  1969-12-31 23:59   1e-09\n"
             "-0.5000   -1,234  -3      1  2012-01-01        0.5000\n"
             "\n"
             "2 of 2 customers shown\n");
}

/* Segmentations follow the criteria; what else a criterion tells stays out, as does what a segmentation adds. */
static void further_outputs_are_told_from_segmentations(void **state)
{
  (void)state;
  const field fields[] = {{"customer", TARAZU_TEXT, NULL, (const char *[]){"Ada"}},
                          {"score", TARAZU_F64, (double[]){-1}, NULL},
                          {"rfm", TARAZU_F64, (double[]){5}, NULL},
                          {"rfm_normalized", TARAZU_F64, (double[]){5}, NULL},
                          {"rfm_contribution", TARAZU_F64, (double[]){5}, NULL},
                          {"rfm_recency", TARAZU_F64, (double[]){5}, NULL},
                          {"score_far", TARAZU_F64, (double[]){5}, NULL},
                          {"rfm_grid", TARAZU_TEXT, NULL, (const char *[]){"loyal"}},
                          {"rfm_grid_distance", TARAZU_F64, (double[]){5}, NULL}};
  printed p;
  print(fields, 9, 1, NULL, 0, 0, &p);
  expect(&p, "customer  score  rfm  rfm_\n"
             "                      grid\n"
             "───────────────────────────\n"
             "Ada          -1    5  loyal\n"
             "\n"
             "1 of 1 customer shown\n");
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
  (void)state;
  rig *r = rig_open("sink", "table");
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  const tarazu_sink *sink = r->strategy->extension("tarazu.sink/1");
  tarazu_target target = {.size = sizeof target, .location = "/nonexistent/table"};
  void *writer = NULL;
  assert_int_not_equal(sink->open(rig_self(r), &target, &writer, &r->error), TARAZU_OK);
  assert_non_null(strstr(r->error.message, "/nonexistent/table"));
  sink->close(rig_self(r), writer);
  sink->close(rig_self(r), NULL);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(key_customers_stand_aligned_with_their_reasons),
      cmocka_unit_test(the_first_by_rank_can_be_shown_with_gaps),
      cmocka_unit_test(a_narrow_terminal_wraps_the_reason_and_drops_criteria),
      cmocka_unit_test(a_width_that_is_asked_for_holds_in_files_and_on_wider_terminals),
      cmocka_unit_test(a_reason_of_many_lines_is_cut_with_an_ellipsis),
      cmocka_unit_test(no_more_rows_than_asked_are_shown_and_all_are_counted),
      cmocka_unit_test(nobody_to_show_is_said_in_a_line),
      cmocka_unit_test(without_a_rule_the_first_by_rank_are_shown),
      cmocka_unit_test(a_column_that_nobody_has_stays_out_unless_asked_for),
      cmocka_unit_test(a_column_that_is_not_there_is_named),
      cmocka_unit_test(data_cannot_steer_the_terminal),
      cmocka_unit_test(colour_is_for_terminals),
      cmocka_unit_test(numbers_have_the_digits_that_tell),
      cmocka_unit_test(further_outputs_are_told_from_segmentations),
      cmocka_unit_test(a_place_that_cannot_be_written_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
