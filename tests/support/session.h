/* A run of tarazu's library for a test: a profile in a folder of its own, tables out of C arrays by the Arrow C stream
 * interface, results by the names of their columns.
 *
 *   trial t;
 *   trial_new(&t);
 *   trial_open(&t, "tarazu: 1\ndata:\n  customers: {key: id}\n…");
 *   trial_push(&t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("spent", 1, NAN, 3));
 *   assert_int_equal(trial_run(&t), TARAZU_GOOD);
 *   sheet *s = sheet_read(&t, "customers");
 *   assert_near(sheet_real_of(s, "ann", "score"), 1, 0);
 *   sheet_free(s);
 *   trial_free(&t);
 *
 * A wrong use of these helpers (a column that is not there) fails the test at hand. */
#ifndef TESTS_SUPPORT_SESSION_H
#define TESTS_SUPPORT_SESSION_H

#include "support/near.h"
#include <string.h>
#include <tarazu/tarazu.h>

/* ---- tables in ----------------------------------------------------------------------------------------------- */

/* A column: its format is Arrow's: "g" doubles (NAN: null), "l" int64_t (INT64_MIN: null), "tsu:UTC" the same as
 * microseconds, "u" const char * (NULL: null). */
typedef struct given {
  const char *name;
  const char *format;
  const void *values;
} given;
#define REALS(name, ...) ((given){(name), "g", (const double[]){__VA_ARGS__}})
#define WHOLE(name, ...) ((given){(name), "l", (const int64_t[]){__VA_ARGS__}})
#define TEXTS(name, ...) ((given){(name), "u", (const char *const[]){__VA_ARGS__}})

/* How the rows of a table come: in record batches of this many rows (0: one), in this order (NULL: as they are). */
typedef struct arrival {
  int64_t batch_rows;
  const int64_t *order;
} arrival;

/* A stream with copies of the values; whoever takes it releases it. */
void stream_make(struct ArrowArrayStream *out, const given *columns, uint32_t count, int64_t rows, arrival how);

/* ---- a session ----------------------------------------------------------------------------------------------- */

typedef struct trial {
  char folder[64]; /* the profile's; gone with trial_free */
  tarazu_options
      options; /* 2 threads, the plugins of the build and those of tests/plugins_run; change before trial_open */
  tarazu_session *session; /* NULL before trial_open */
} trial;

void trial_new(trial *trial);
void trial_free(trial *trial);

/* Each returns what the library's call returns. trial_open closes a session that was opened before. */
int trial_open(trial *trial, const char *profile);
int trial_push_as(trial *trial, const char *table, int64_t rows, const given *columns, uint32_t count, arrival how);
#define trial_push(trial, table, rows, ...)                             \
  trial_push_as((trial), (table), (rows), (const given[]){__VA_ARGS__}, \
                (uint32_t)(sizeof((const given[]){__VA_ARGS__}) / sizeof(given)), (arrival){0, NULL})
int trial_run(trial *trial);

/* Fails unless the status is good, telling the problems otherwise. */
#define assert_good(trial, status)                                                                         \
  do {                                                                                                     \
    int status_ = (status);                                                                                \
    if (status_) fail_msg("%s: status %d\n%s", #status, status_, tarazu_problems((trial)->session, 0, 0)); \
  } while (0)
/* Fails unless the session's problems hold these words. */
#define assert_told(trial, words)     assert_words(tarazu_problems((trial)->session, 0, 0), (words))
#define assert_not_told(trial, words) assert_no_words(tarazu_problems((trial)->session, 0, 0), (words))
#define assert_words(text, words)                                                                             \
  do {                                                                                                        \
    const char *text_ = (text), *words_ = (words);                                                            \
    if (!text_ || !strstr(text_, words_)) fail_msg("no \"%s\" in:\n%s", words_, text_ ? text_ : "(nothing)"); \
  } while (0)
#define assert_no_words(text, words)                                                        \
  do {                                                                                      \
    const char *text_ = (text), *words_ = (words);                                          \
    if (text_ && strstr(text_, words_)) fail_msg("there is \"%s\" in:\n%s", words_, text_); \
  } while (0)
int trial_errors(const trial *trial); /* how many errors the session tells */

/* Files in the trial's folder. */
const char *trial_path(const trial *trial, const char *name); /* valid until the 8th next call */
void trial_write(const trial *trial, const char *name, const char *bytes);
char *trial_file(const trial *trial, const char *name); /* its bytes, zero-terminated, to be freed; NULL: no file */
int trial_file_count(const trial *trial); /* of files, hidden ones too, that lie in the folder and below */
/* A folder in the trial's that holds nothing but one plugin of BUILD_DIR/tests, as "plugins_bad/bad_nan": on its plugin
 * path. */
void trial_use_plugin(trial *trial, const char *plugin);

/* ---- results out --------------------------------------------------------------------------------------------- */

typedef struct sheet sheet;

sheet *sheet_read(trial *trial, const char *table); /* fails the test where there is none */
void sheet_free(sheet *sheet);                      /* NULL is fine */
int64_t sheet_rows(const sheet *sheet);
uint32_t sheet_columns(const sheet *sheet);
const char *sheet_column(const sheet *sheet, uint32_t index); /* its name */
int sheet_has(const sheet *sheet, const char *column);

double sheet_real(const sheet *sheet, const char *column, int64_t row);      /* numbers and switches; NAN: null */
const char *sheet_text(const sheet *sheet, const char *column, int64_t row); /* keys too, as text; NULL: null */
/* By the text of the first column: "customer", "criterion". */
int64_t sheet_find(const sheet *sheet, const char *key);
double sheet_real_of(const sheet *sheet, const char *key, const char *column);
const char *sheet_text_of(const sheet *sheet, const char *key, const char *column);

/* Every cell of a sheet, bit for bit, to compare two runs by; free it. */
char *sheet_bytes(const sheet *sheet, size_t *count);

#endif
