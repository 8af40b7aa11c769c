/* table: the key customers for people to read, aligned columns with the reason at the end, as wide as the terminal. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { ROWS, SHOW, COLUMNS, WIDTH };
enum { SHOW_KEY_CUSTOMERS, SHOW_TOP };
static const char *const shows[] = {"key_customers", "top", NULL};
static const tarazu_param params[] = {
    {.name = "rows",
     .kind = TARAZU_INTEGER,
     .initial = "20",
     .least = 1,
     .most = 100000,
     .help = "customers shown at most"},
    {.name = "show",
     .kind = TARAZU_CHOICE,
     .initial = "key_customers",
     .choices = shows,
     .help = "the key customers alone, or the first by rank"},
    {.name = "columns",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "these columns in this order, named as in every output; without it those that fit"},
    {.name = "width",
     .kind = TARAZU_INTEGER,
     .optional = 1,
     .least = 40,
     .most = 10000,
     .help = "laid out as for a terminal of so many characters, on a wider one and in a file, too"},
};

/* ---- text on a terminal -------------------------------------------------------------------------------------- */

typedef struct line {
  char *bytes;
  size_t length, room;
  int failed; /* no memory: told once, at the end */
} line;

static void put(line *out, const char *bytes, size_t count)
{
  if (!out->bytes || out->length + count + 1 > out->room) {
    size_t room = (out->length + count + 1) * 2;
    char *more = realloc(out->bytes, room);
    if (!more) {
      out->failed = 1;
      return;
    }
    out->bytes = more;
    out->room = room;
  }
  memcpy(out->bytes + out->length, bytes, count);
  out->length += count;
  out->bytes[out->length] = 0;
}

static void put_text(line *out, const char *text)
{
  put(out, text, strlen(text));
}

static void put_times(line *out, const char *text, int64_t times)
{
  for (int64_t i = 0; i < times; i++) put_text(out, text);
}

/* One character of UTF-8 and its bytes; what is no UTF-8 is one byte of U+FFFD. */
static uint32_t decode(const char *bytes, size_t count, size_t *taken)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *b = (const unsigned char *)bytes;
  size_t length = b[0] < 0x80 ? 1 : b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : b[0] >= 0xc0 ? 2 : 0;
  uint32_t code = length == 1 ? b[0] : length == 2 ? b[0] & 0x1fu : length == 3 ? b[0] & 0x0fu : b[0] & 0x07u;
  int good = length > 0 && length <= count && b[0] < 0xf8;
  for (size_t i = 1; good && i < length; i++) {
    good = (b[i] & 0xc0) == 0x80;
    code = code << 6 | (b[i] & 0x3fu);
  }
  good = good && code >= least[length] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  *taken = good ? length : 1;
  return good ? code : 0xfffd;
}

typedef struct span {
  uint32_t first, last;
} span;

static int in_spans(const span *spans, size_t count, uint32_t code)
{
  for (size_t i = 0; i < count; i++)
    if (code >= spans[i].first && code <= spans[i].last) return 1;
  return 0;
}

/* Columns of a character: marks that sit on another take none, East Asian ones and pictures two (Unicode annex 11). */
static int columns_of(uint32_t code)
{
  static const span none[] = {
      {0x300, 0x36f},   {0x483, 0x489},     {0x591, 0x5bd},    {0x610, 0x61a},   {0x64b, 0x65f},   {0x670, 0x670},
      {0x6d6, 0x6dc},   {0x6df, 0x6e4},     {0x6e7, 0x6e8},    {0x6ea, 0x6ed},   {0x93c, 0x93c},   {0x941, 0x948},
      {0x94d, 0x94d},   {0xe31, 0xe31},     {0xe34, 0xe3a},    {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
      {0x200b, 0x200f}, {0x202a, 0x202e},   {0x2060, 0x2069},  {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
      {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef}};
  static const span wide[] = {{0x1100, 0x115f},  {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
                              {0xac00, 0xd7a3},  {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                              {0xffe0, 0xffe6},  {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
                              {0x20000, 0x3fffd}};
  if (code < 0x300) return 1;
  if (in_spans(none, sizeof none / sizeof *none, code)) return 0;
  return in_spans(wide, sizeof wide / sizeof *wide, code) ? 2 : 1;
}

static int64_t width_of(const char *text)
{
  int64_t width = 0;
  size_t length = strlen(text), taken;
  for (size_t i = 0; i < length; i += taken) width += columns_of(decode(text + i, length - i, &taken));
  return width;
}

/* Text that cannot steer a terminal: control characters and what is no UTF-8 become U+FFFD. NULL: no memory. */
static char *harmless(const char *bytes, size_t count)
{
  line out = {0};
  size_t taken;
  put_text(&out, "");
  for (size_t i = 0; i < count; i += taken) {
    uint32_t code = decode(bytes + i, count - i, &taken);
    int steers = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
                 (code >= 0x2066 && code <= 0x2069) || code == 0xfffd;
    if (steers) put_text(&out, "\xef\xbf\xbd");
    else put(&out, bytes + i, taken);
  }
  if (!out.failed) return out.bytes;
  free(out.bytes);
  return NULL;
}

/* How many bytes of a text fit a width. */
static size_t fitting(const char *text, size_t length, int64_t width)
{
  size_t end = 0, taken;
  int64_t used = 0;
  for (; end < length; end += taken) {
    used += columns_of(decode(text + end, length - end, &taken));
    if (used > width) break;
  }
  return end;
}

/* The text in exactly a width, cut with an ellipsis where it is too long. */
static void put_cell(line *out, const char *text, int64_t width, int right)
{
  int64_t wide = width_of(text);
  if (wide > width) {
    put(out, text, fitting(text, strlen(text), width - 1));
    put_text(out, "…");
    return;
  }
  if (right) put_times(out, " ", width - wide);
  put_text(out, text);
  if (!right) put_times(out, " ", width - wide);
}

/* ---- numbers ------------------------------------------------------------------------------------------------- */

/* Four digits that tell, and none after the point that would not: 0.7482, 7.482, 74.82, 12,346. */
static int decimals_for(double most)
{
  if (!(most < 1000)) return 0;
  return most <= 1 ? 4 : most < 10 ? 3 : most < 100 ? 2 : 1;
}

/* With commas between thousands. */
static void format_number(char *out, size_t size, double x, int decimals)
{
  char digits[400];
  if (fabs(x) >= 1e15 || (x != 0 && fabs(x) < 0.00005 && decimals)) {
    snprintf(out, size, "%.4g", x);
    return;
  }
  snprintf(digits, sizeof digits, "%.*f", decimals, x);
  size_t whole = strcspn(digits, "."), at = 0;
  for (size_t i = 0; digits[i] && at + 2 < size; i++) {
    size_t left = whole - i;
    if (i && i < whole && left % 3 == 0 && digits[i - 1] != '-') out[at++] = ',';
    out[at++] = digits[i];
  }
  out[at] = 0;
}

/* A moment of UTC as a date, with the time of day where it is not midnight (days to dates: Hinnant 2013). */
static void format_time(char *out, size_t size, int64_t microseconds)
{
  int64_t second = microseconds / 1000000 - (microseconds % 1000000 < 0);
  int64_t day = second / 86400 - (second % 86400 < 0), rest = second - day * 86400;
  int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
  int64_t y = yoe + era * 400 + (m <= 2);
  int used = snprintf(out, size, "%04lld-%02lld-%02lld", (long long)y, (long long)m, (long long)d);
  if (rest && used > 0 && (size_t)used < size)
    snprintf(out + used, size - (size_t)used, " %02lld:%02lld", (long long)(rest / 3600), (long long)(rest / 60 % 60));
}

/* ---- what is kept of the results ------------------------------------------------------------------------------ */

typedef enum column_part {
  PART_RANK,
  PART_CUSTOMER,
  PART_SCORE,
  PART_DIMENSION,
  PART_CRITERION,
  PART_DETAIL, /* normalized value, contribution, further output of a criterion */
  PART_SEGMENT,
  PART_KEY,
  PART_REASON,
  PART_COVERAGE,
  PART_CONFIDENCE
} column_part;

typedef struct shown {
  char *name;
  uint32_t index; /* in the results */
  uint32_t type;
  column_part part;
  int64_t width; /* on the screen; 0: left out */
  double most;   /* magnitude of the largest value */
  int fraction;  /* 1: some value is not a whole number */
  int idle;      /* 1: says nothing here, and nobody has asked for it */
} shown;

typedef struct cell {
  char *text;    /* NULL: a number, or null */
  double number; /* NaN: null */
} cell;

typedef struct settings {
  const tarazu_args *args;
} settings;

typedef struct screen {
  FILE *file;
  char *location;
  int committed;
  int terminal;
  int64_t width, most_rows;
  int64_t show;
  shown *columns;
  uint32_t count;
  int32_t key_index, score_index; /* in the results; -1: none */
  cell *cells;                    /* kept rows × count */
  int64_t kept, room, customers, keys;
  double best; /* score of the first customer */
} screen;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context, (void)error;
  ((settings *)self)->args = args;
  return TARAZU_OK;
}

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the table of customers");
}

static tarazu_status cannot_write(const screen *s, int reason, tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_INTERNAL, "cannot write %s: %s", s->location, strerror(reason));
}

static tarazu_status open_screen(const void *self, const tarazu_target *target, void **writer, tarazu_error *error)
{
  const tarazu_args *args = ((const settings *)self)->args;
  screen *s = *writer = calloc(1, sizeof *s);
  if (!s) return no_memory(error);
  s->terminal = target->terminal != 0;
  s->width = target->width;
  const tarazu_value *most = tarazu_arg(args, WIDTH);
  if (most->given && (!s->width || most->integer < s->width)) s->width = most->integer;
  s->most_rows = tarazu_arg(args, ROWS)->integer;
  s->show = tarazu_arg(args, SHOW)->integer;
  s->key_index = s->score_index = -1;
  s->location = malloc(strlen(target->location) + 1);
  if (!s->location) return no_memory(error);
  strcpy(s->location, target->location);
  s->file = fopen(s->location, "wb");
  return s->file ? TARAZU_OK : cannot_write(s, errno, error);
}

static void close_screen(const void *self, void *writer)
{
  (void)self;
  screen *s = writer;
  if (!s) return;
  if (s->file) fclose(s->file);
  if (s->location && !s->committed) remove(s->location);
  for (int64_t i = 0; i < s->kept * s->count; i++) free(s->cells[i].text);
  for (uint32_t c = 0; s->columns && c < s->count; c++) free(s->columns[c].name);
  free(s->cells);
  free(s->columns);
  free(s->location);
  free(s);
}

/* ---- which columns --------------------------------------------------------------------------------------------- */

static const tarazu_bound *bound(const tarazu_table *table, uint32_t index)
{
  return tarazu_at(&table->columns, index);
}

static int32_t find(const tarazu_table *table, const char *name, size_t length)
{
  for (uint32_t i = 0; i < table->columns.count; i++) {
    const char *other = bound(table, i)->name;
    if (!strncmp(other, name, length) && !other[length]) return (int32_t)i;
  }
  return -1;
}

static int is_criterion(const tarazu_table *table, const char *name, size_t length)
{
  char normalized[512];
  int used = snprintf(normalized, sizeof normalized, "%.*s_normalized", (int)length, name);
  return used > 0 && (size_t)used < sizeof normalized && find(table, normalized, (size_t)used) >= 0;
}

/* Where the criteria's columns begin to end: the index of the last criterion; -1: none. */
static int32_t last_criterion(const tarazu_table *table)
{
  int32_t last = -1;
  for (uint32_t i = 0; i < table->columns.count; i++)
    if (is_criterion(table, bound(table, i)->name, strlen(bound(table, i)->name))) last = (int32_t)i;
  return last;
}

/* A column whose name goes on after that of a criterion, the score or a segmentation before it. Only a text after the
 * last criterion is taken for a segmentation even so. */
static int is_detail(const tarazu_table *table, uint32_t index)
{
  const char *name = bound(table, index)->name;
  int32_t last = last_criterion(table);
  for (const char *end = strchr(name, '_'); end; end = strchr(end + 1, '_')) {
    size_t length = (size_t)(end - name);
    int32_t owner = find(table, name, length);
    if (owner < 0 || owner >= (int32_t)index) continue;
    if (is_criterion(table, name, length)) return (int32_t)index < last || bound(table, index)->type != TARAZU_TEXT;
    if (owner > last || (length == 5 && !strncmp(name, "score", 5))) return 1;
  }
  return 0;
}

static column_part part_of(const tarazu_table *table, uint32_t index)
{
  static const struct {
    const char *name;
    column_part part;
  } fixed[] = {
      {"rank", PART_RANK},     {"customer", PART_CUSTOMER}, {"score", PART_SCORE},          {"key_customer", PART_KEY},
      {"reason", PART_REASON}, {"coverage", PART_COVERAGE}, {"confidence", PART_CONFIDENCE}};
  const char *name = bound(table, index)->name;
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
    if (!strcmp(name, fixed[i].name)) return fixed[i].part;
  if (is_criterion(table, name, strlen(name))) return PART_CRITERION;
  int32_t coverage = find(table, "coverage", strlen("coverage")); /* behind it stand figures of the list */
  if ((coverage >= 0 && (int32_t)index > coverage) || is_detail(table, index)) return PART_DETAIL;
  return (int32_t)index > last_criterion(table) ? PART_SEGMENT : PART_DIMENSION;
}

static int keep_column(screen *s, const tarazu_table *table, uint32_t index, column_part part)
{
  const tarazu_bound *b = bound(table, index);
  char *name = harmless(b->name, strlen(b->name));
  if (!name) return 0;
  s->columns[s->count++] = (shown){.name = name, .index = index, .type = b->type, .part = part};
  return 1;
}

static tarazu_status columns_asked(screen *s, const tarazu_table *table, const tarazu_value *asked, tarazu_error *error)
{
  for (uint32_t i = 0; i < asked->count; i++) {
    int32_t index = find(table, asked->texts[i], strlen(asked->texts[i]));
    if (index < 0) {
      error->param = COLUMNS;
      error->item = (int32_t)i;
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the results have no column '%s'", asked->texts[i]);
    }
    if (!keep_column(s, table, (uint32_t)index, part_of(table, (uint32_t)index))) return no_memory(error);
  }
  return TARAZU_OK;
}

/* In the order of a person's questions: which place, who, how good, good at what, what kind, why. */
static tarazu_status columns_usual(screen *s, const tarazu_table *table, tarazu_error *error)
{
  static const column_part order[] = {PART_RANK,    PART_CUSTOMER, PART_SCORE, PART_DIMENSION,  PART_CRITERION,
                                      PART_SEGMENT, PART_COVERAGE, PART_KEY,   PART_CONFIDENCE, PART_REASON};
  for (size_t o = 0; o < sizeof order / sizeof *order; o++)
    for (uint32_t i = 0; i < table->columns.count; i++) {
      if (part_of(table, i) != order[o] || (order[o] == PART_KEY && s->show != SHOW_TOP)) continue;
      if (!keep_column(s, table, i, order[o])) return no_memory(error);
    }
  return TARAZU_OK;
}

static tarazu_status begin_table(const void *self, void *writer, const tarazu_table *table, tarazu_error *error)
{
  screen *s = writer;
  const tarazu_value *asked = tarazu_arg(((const settings *)self)->args, COLUMNS);
  uint32_t most = table->columns.count > asked->count ? table->columns.count : asked->count;
  s->columns = calloc(most + 1u, sizeof *s->columns);
  if (!s->columns) return no_memory(error);
  s->key_index = find(table, "key_customer", strlen("key_customer"));
  s->score_index = find(table, "score", strlen("score"));
  return asked->given ? columns_asked(s, table, asked, error) : columns_usual(s, table, error);
}

/* ---- which rows ------------------------------------------------------------------------------------------------ */

static double number_at(const tarazu_column *column, int64_t row)
{
  if (!column || !tarazu_is_valid(column, row)) return (double)NAN;
  if (column->type == TARAZU_F64) return ((const double *)column->values)[row];
  if (column->type == TARAZU_BOOL) return ((const uint8_t *)column->values)[row];
  if (column->type == TARAZU_TEXT) return (double)NAN;
  return (double)((const int64_t *)column->values)[row];
}

static int take_cell(shown *c, const tarazu_column *column, int64_t row, cell *out)
{
  *out = (cell){NULL, (double)NAN};
  if (!column || !tarazu_is_valid(column, row)) return 1;
  char words[64] = "";
  if (column->type == TARAZU_TEXT) {
    const tarazu_dictionary *d = column->dictionary;
    int32_t code = ((const int32_t *)column->values)[row];
    return (out->text = harmless(d->bytes + d->offsets[code], (size_t)(d->offsets[code + 1] - d->offsets[code]))) !=
           NULL;
  }
  if (column->type == TARAZU_TIME) format_time(words, sizeof words, ((const int64_t *)column->values)[row]);
  else if (column->type == TARAZU_BOOL) strcpy(words, ((const uint8_t *)column->values)[row] ? "yes" : "no");
  else if (c->part == PART_CUSTOMER)
    snprintf(words, sizeof words, "%lld", (long long)((const int64_t *)column->values)[row]);
  if (*words) return (out->text = harmless(words, strlen(words))) != NULL;
  out->number = number_at(column, row);
  if (fabs(out->number) > c->most) c->most = fabs(out->number);
  c->fraction |= out->number != trunc(out->number);
  return 1;
}

static tarazu_status keep_row(screen *s, const tarazu_batch *batch, int64_t row, tarazu_error *error)
{
  if (s->kept == s->room) {
    int64_t room = s->room ? s->room * 2 : 32;
    cell *more = realloc(s->cells, (size_t)room * (s->count + 1u) * sizeof *more);
    if (!more) return no_memory(error);
    s->cells = more;
    s->room = room;
  }
  cell *cells = s->cells + s->kept * s->count;
  memset(cells, 0, s->count * sizeof *cells);
  s->kept++;
  for (uint32_t c = 0; c < s->count; c++)
    if (!take_cell(&s->columns[c], batch->columns[s->columns[c].index], row, &cells[c])) return no_memory(error);
  return TARAZU_OK;
}

static tarazu_status write_rows(const void *self, void *writer, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self;
  screen *s = writer;
  for (int64_t i = 0; i < batch->rows; i++) {
    int key = s->key_index >= 0 && number_at(batch->columns[s->key_index], i) > 0;
    if (!s->customers++ && s->score_index >= 0) s->best = number_at(batch->columns[s->score_index], i);
    s->keys += key;
    if (s->kept >= s->most_rows || (s->show == SHOW_KEY_CUSTOMERS && s->key_index >= 0 && !key)) continue;
    tarazu_status status = keep_row(s, batch, i, error);
    if (status) return status;
  }
  return TARAZU_OK;
}

/* ---- the page -------------------------------------------------------------------------------------------------- */

enum { GAP = 2, TEXT_MOST = 28, REASON_LEAST = 30, REASON_NARROW = 16, REASON_LINES = 3, BAR = 8, HEADER_LINES = 4 };

static int is_number(const shown *c)
{
  return c->part != PART_CUSTOMER && (c->type == TARAZU_F64 || c->type == TARAZU_I64);
}

static const cell *cell_at(const screen *s, int64_t row, uint32_t column)
{
  return &s->cells[row * s->count + column];
}

static const char *text_of(const screen *s, int64_t row, uint32_t column, char buffer[64])
{
  const cell *c = cell_at(s, row, column);
  const shown *as = &s->columns[column];
  if (c->text) return c->text;
  if (isnan(c->number)) return "–";
  format_number(buffer, 64, c->number, as->fraction ? decimals_for(as->most) : 0);
  return buffer;
}

/* A heading breaks at its underscores, so that a narrow column can have a long name. */
static size_t heading_part(const char *name, int64_t width)
{
  size_t length = strlen(name), best = 0;
  if (width_of(name) <= width) return length;
  for (size_t i = 0; i < length; i++)
    if (name[i] == '_' && (!best || fitting(name, i + 1, width) == i + 1)) best = i + 1;
  return best ? best : length;
}

static int64_t heading_width(const char *name)
{
  int64_t longest = 0;
  while (*name) {
    size_t end = strcspn(name, "_");
    char word[256];
    snprintf(word, sizeof word, "%.*s", (int)(end + (name[end] == '_')), name);
    int64_t width = width_of(word);
    if (width > longest) longest = width;
    name += end + (name[end] == '_');
  }
  return longest;
}

static int64_t natural_width(const screen *s, uint32_t column)
{
  char buffer[64];
  int64_t width = heading_width(s->columns[column].name);
  for (int64_t row = 0; row < s->kept; row++) {
    int64_t wide = width_of(text_of(s, row, column, buffer));
    if (wide > width) width = wide;
  }
  return !is_number(&s->columns[column]) && s->columns[column].part != PART_REASON && width > TEXT_MOST ? TEXT_MOST
                                                                                                        : width;
}

/* Says nothing: coverage where everybody's is whole, anything that nobody shown has. */
static int is_idle(const screen *s, uint32_t column)
{
  for (int64_t row = 0; row < s->kept; row++) {
    const cell *c = cell_at(s, row, column);
    if (c->text || (!isnan(c->number) && (s->columns[column].part != PART_COVERAGE || c->number != 1))) return 0;
  }
  return 1;
}

static int has_bar(const screen *s, const shown *c)
{
  return c->part == PART_SCORE && s->best > 0;
}

/* Criteria get what room there is beside the rest and a reason that can be read, the first ones first. */
static void lay_out(screen *s, int chosen)
{
  int64_t used = 0, reason = 0;
  for (uint32_t c = 0; c < s->count; c++) {
    shown *column = &s->columns[c];
    column->idle = !chosen && is_idle(s, c);
    column->width = column->idle ? 0 : natural_width(s, c);
    if (column->part == PART_REASON) reason = column->width;
    else if (column->width && (chosen || column->part != PART_CRITERION))
      used += column->width + GAP + (has_bar(s, column) ? BAR + GAP : 0);
  }
  int64_t wanted = reason < REASON_LEAST ? reason : REASON_LEAST;
  for (uint32_t c = 0; c < s->count && !chosen; c++) {
    if (s->columns[c].part != PART_CRITERION || s->columns[c].idle) continue;
    if (s->width && used + s->columns[c].width + GAP + wanted > s->width) s->columns[c].width = 0;
    else used += s->columns[c].width + GAP;
  }
  for (uint32_t c = 0; c < s->count; c++) {
    if (s->columns[c].part != PART_REASON || s->columns[c].idle || !s->width) continue;
    int64_t left = s->width - used;
    s->columns[c].width = reason < left ? reason : left > REASON_NARROW ? left : REASON_NARROW;
  }
}

/* Eighths of a character, so that eight characters tell 64 lengths. */
static void put_bar(const screen *s, line *out, double score)
{
  static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  double part = score > 0 && s->best > 0 ? score / s->best : 0;
  int length = (int)((part < 1 ? part : 1) * 8 * BAR + 0.5), whole = length / 8;
  if (s->terminal) put_text(out, "\033[36m");
  put_times(out, "█", whole);
  put_text(out, eighths[length % 8]);
  if (s->terminal) put_text(out, "\033[0m");
  put_times(out, " ", BAR - whole - (length % 8 > 0));
}

/* Nothing but spaces at a line's end helps nobody. */
static void end_line(line *out)
{
  while (out->length && out->bytes[out->length - 1] == ' ') out->length--;
  put_text(out, "\n");
}

static void put_heading_line(const screen *s, line *out, const char **rest)
{
  for (uint32_t c = 0; c < s->count; c++) {
    const shown *column = &s->columns[c];
    if (!column->width) continue;
    char part[512];
    size_t length = heading_part(rest[c], column->width);
    snprintf(part, sizeof part, "%.*s", (int)length, rest[c]);
    rest[c] += length;
    put_cell(out, part, column->width, is_number(column));
    put_times(out, " ", GAP + (has_bar(s, column) ? BAR + GAP : 0));
  }
  end_line(out);
}

static void put_heading(const screen *s, line *out)
{
  const char **rest = calloc(s->count + 1u, sizeof *rest);
  int more = 1;
  int64_t width = 0;
  if (!rest) {
    out->failed = 1;
    return;
  }
  for (uint32_t c = 0; c < s->count; c++) rest[c] = s->columns[c].name;
  if (s->terminal) put_text(out, "\033[1m");
  for (int i = 0; more && i < HEADER_LINES; i++) {
    put_heading_line(s, out, rest);
    more = 0;
    for (uint32_t c = 0; c < s->count; c++) more |= s->columns[c].width && *rest[c];
  }
  if (s->terminal) put_text(out, "\033[0m");
  for (uint32_t c = 0; c < s->count; c++)
    if (s->columns[c].width) width += s->columns[c].width + GAP + (has_bar(s, &s->columns[c]) ? BAR + GAP : 0);
  put_times(out, "─", width - GAP);
  put_text(out, "\n");
  free(rest);
}

/* The bytes of a text that go on one line of a width: up to a space where there is one. */
static size_t line_part(const char *text, int64_t width)
{
  size_t length = strlen(text), end = fitting(text, length, width);
  if (end == length) return length;
  for (size_t i = end; i > 0; i--)
    if (text[i] == ' ') return i;
  return end ? end : 1;
}

/* One line of a row: the reason's part in its column, all else on the first line alone. */
static void put_row_line(const screen *s, line *out, int64_t row, int first, const char **reason, int last)
{
  char buffer[64];
  for (uint32_t c = 0; c < s->count; c++) {
    const shown *column = &s->columns[c];
    if (!column->width) continue;
    if (column->part == PART_REASON) {
      size_t part = last ? strlen(*reason) : line_part(*reason, column->width);
      char *text = harmless(*reason, part);
      put_cell(out, text ? text : "", column->width, 0);
      free(text);
      *reason += part;
      while (**reason == ' ') ++*reason;
    } else put_cell(out, first ? text_of(s, row, c, buffer) : "", column->width, is_number(column));
    put_times(out, " ", GAP);
    if (!has_bar(s, column)) continue;
    if (first) put_bar(s, out, cell_at(s, row, c)->number);
    else put_times(out, " ", BAR);
    put_times(out, " ", GAP);
  }
  end_line(out);
}

static void put_row(const screen *s, line *out, int64_t row)
{
  char buffer[64];
  const char *reason = "";
  for (uint32_t c = 0; c < s->count; c++)
    if (s->columns[c].part == PART_REASON) reason = text_of(s, row, c, buffer);
  put_row_line(s, out, row, 1, &reason, !s->width);
  for (int i = 2; *reason && i <= REASON_LINES; i++) put_row_line(s, out, row, 0, &reason, i == REASON_LINES);
}

static void put_count(const screen *s, line *out)
{
  char kept[64], keys[64], customers[64], text[400];
  format_number(kept, sizeof kept, (double)s->kept, 0);
  format_number(keys, sizeof keys, (double)s->keys, 0);
  format_number(customers, sizeof customers, (double)s->customers, 0);
  const char *plural = s->customers == 1 ? "customer" : "customers";
  if (s->key_index < 0) snprintf(text, sizeof text, "%s of %s %s shown", kept, customers, plural);
  else if (!s->keys) snprintf(text, sizeof text, "no key customer among %s %s", customers, plural);
  else if (s->show == SHOW_TOP)
    snprintf(text, sizeof text, "%s of %s %s shown, %s of all are key customers", kept, customers, plural, keys);
  else
    snprintf(text, sizeof text, "%s of %s key customer%s shown, among %s %s", kept, keys, s->keys == 1 ? "" : "s",
             customers, plural);
  put_text(out, text);
  put_text(out, "\n");
}

static void put_left_out(const screen *s, line *out)
{
  int any = 0;
  for (uint32_t c = 0; c < s->count; c++) {
    if (s->columns[c].part != PART_CRITERION || s->columns[c].width || s->columns[c].idle) continue;
    put_text(out, any ? ", " : "no room for ");
    put_text(out, s->columns[c].name);
    any = 1;
  }
  if (any) put_text(out, "\n");
}

static tarazu_status prepare(const void *self, void *writer, tarazu_error *error)
{
  screen *s = writer;
  line out = {0};
  lay_out(s, (int)tarazu_arg(((const settings *)self)->args, COLUMNS)->given);
  if (s->kept) put_heading(s, &out);
  for (int64_t row = 0; row < s->kept; row++) put_row(s, &out, row);
  if (s->kept) put_text(&out, "\n");
  put_count(s, &out);
  if (s->kept) put_left_out(s, &out);
  size_t written = out.failed ? 0 : fwrite(out.bytes, 1, out.length, s->file);
  int failed = out.failed, whole = written == out.length;
  free(out.bytes);
  if (failed) return no_memory(error);
  FILE *file = s->file;
  s->file = NULL;
  int reason = errno;
  if (fclose(file)) return cannot_write(s, errno, error);
  return whole ? TARAZU_OK : cannot_write(s, reason, error);
}

static tarazu_status commit(const void *self, void *writer, tarazu_error *error)
{
  (void)self, (void)error;
  ((screen *)writer)->committed = 1;
  return TARAZU_OK;
}

static const tarazu_sink sink = {
    .size = sizeof sink,
    .tables = TARAZU_CUSTOMERS,
    .accepts = (const char *const[]){"-", NULL},
    .open = open_screen,
    .table = begin_table,
    .write = write_rows,
    .prepare = prepare,
    .commit = commit,
    .close = close_screen,
};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.sink/1") ? NULL : &sink;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SINK,
    .id = "table",
    .version = "1.0",
    .license = "MIT",
    .summary = "the key customers as a table to read",
    .params = TARAZU_LIST(params),
    .self_size = sizeof(settings),
    .create = create,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "table",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
