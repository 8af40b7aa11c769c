#include "conform/sample.h"

#include "base/calendar.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Longer than most buffers that somebody thought would do. */
static const char long_word[] = "a very long one: "
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static const char *const words[] = {"wholesale",
                                    "",
                                    "Bäckerei",
                                    "客户",
                                    "e\xcc\x81 with an accent of its own",
                                    "🧺 basket",
                                    "a,b;\"c\"\t\\",
                                    "مشتری",
                                    "null",
                                    long_word,
                                    "retail",
                                    "0"};
enum { WORDS = sizeof words / sizeof *words };

const tarazu_dictionary *sample_words(void)
{
  static int64_t offsets[WORDS + 1];
  static char bytes[2048];
  static tarazu_dictionary made;
  if (made.size) return &made;
  for (int i = 0; i < WORDS; i++) {
    size_t length = strlen(words[i]);
    memcpy(bytes + offsets[i], words[i], length);
    offsets[i + 1] = offsets[i] + (int64_t)length;
  }
  made = (tarazu_dictionary){.size = sizeof made, .count = WORDS, .offsets = offsets, .bytes = bytes};
  return &made;
}

/* ---- values ------------------------------------------------------------------------------------------------ */

/* About normal: Irwin-Hall of twelve. */
static double bell(dice *d)
{
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += dice_unit(d);
  return sum;
}

static double usual_number(style as, dice *d)
{
  switch (as) {
  case STYLE_WHOLE: return (double)dice_below(d, 11);
  case STYLE_AMOUNT: return round(exp(1.2 * bell(d) + 3) * 100) / 100;
  case STYLE_SHARE: return dice_unit(d);
  case STYLE_SIGNED: return 10 * bell(d);
  case STYLE_FLAG: return (double)dice_below(d, 2);
  default: return (double)(1 + dice_below(d, 5));
  }
}

static cell usual(uint32_t type, style as, int64_t as_of, dice *d)
{
  int64_t back = dice_below(d, 1000) * MICROSECONDS_PER_DAY;
  if (dice_chance(d, 0.5)) back += dice_below(d, MICROSECONDS_PER_DAY);
  switch (type) {
  case TARAZU_F64: return (cell){.real = usual_number(as, d)};
  case TARAZU_BOOL: return (cell){.whole = dice_chance(d, 0.4)};
  case TARAZU_TIME: return (cell){.whole = as_of - back};
  case TARAZU_TEXT: return (cell){.whole = dice_below(d, WORDS)};
  default: return (cell){.whole = (int64_t)round(usual_number(as, d))};
  }
}

static cell extreme(uint32_t type, int64_t as_of, dice *d)
{
  static const double reals[] = {0, -0.0, 1, -1, DBL_MAX, -DBL_MAX, DBL_MIN, 0x1p-1074, 1e300, 1e-300, 0x1p53, 1e15};
  static const int64_t wholes[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_C(1) << 53, 1000000007};
  const int64_t times[] = {as_of, 0, -1, as_of - 1, as_of - 1000000000000000000, INT64_MIN};
  switch (type) {
  case TARAZU_F64: return (cell){.real = reals[dice_below(d, 12)]};
  case TARAZU_TIME: return (cell){.whole = times[dice_below(d, 6)]};
  case TARAZU_I64: return (cell){.whole = wholes[dice_below(d, 7)]};
  default: return usual(type, STYLE_WHOLE, as_of, d);
  }
}

static void fill_column(raw_column *column, int64_t rows, style as, twist how, int64_t as_of, dice *d)
{
  cell few[2] = {usual(column->type, as, as_of, d), usual(column->type, as, as_of, d)};
  if (how == TWIST_MIXED) how = (twist)dice_below(d, TWIST_MIXED);
  for (int64_t i = 0; i < rows; i++) {
    if (how == TWIST_CONSTANT) column->cells[i] = few[0];
    else if (how == TWIST_TIES) column->cells[i] = few[dice_chance(d, 0.5)];
    else if (how == TWIST_EXTREME && dice_chance(d, 0.7)) column->cells[i] = extreme(column->type, as_of, d);
    else column->cells[i] = usual(column->type, as, as_of, d);
    column->missing[i] = how == TWIST_EMPTY || (how == TWIST_NULLS && dice_chance(d, 0.3));
  }
}

/* ---- tables ------------------------------------------------------------------------------------------------ */

static int is_time(const raw_column *column)
{
  return column->type == TARAZU_TIME && !strcmp(column->name, "time");
}

/* qsort has no argument; samples are made one at a time. */
static const raw_table *sorting;

static int by_cells(const raw_column *column, int64_t a, int64_t b)
{
  if (column->missing[a] != column->missing[b]) return column->missing[a] ? 1 : -1;
  if (column->missing[a]) return 0;
  if (column->type == TARAZU_F64)
    return (column->cells[a].real > column->cells[b].real) - (column->cells[a].real < column->cells[b].real);
  return (column->cells[a].whole > column->cells[b].whole) - (column->cells[a].whole < column->cells[b].whole);
}

/* Events by customer, time, then their other columns; edges by their columns. */
static int compare_rows(const void *one, const void *other)
{
  int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
  const raw_table *t = sorting;
  if (t->owner[a] != t->owner[b]) return t->owner[a] < t->owner[b] ? -1 : 1;
  if (t->times && t->times[a] != t->times[b]) return t->times[a] < t->times[b] ? -1 : 1;
  for (uint32_t i = 0; i < t->count; i++) {
    int order = by_cells(&t->columns[i], a, b);
    if (order) return order;
  }
  return (a > b) - (a < b);
}

static void room_for(raw_table *t, int64_t rows, uint32_t many, arena *memory)
{
  t->rows = rows;
  t->count = raw_columns(t->input, many);
  t->owner = arena_array(memory, (size_t)rows + 1, sizeof *t->owner);
  t->times = t->input->shape == TARAZU_EVENTS ? arena_array(memory, (size_t)rows + 1, sizeof *t->times) : NULL;
  t->columns = arena_array(memory, t->count + 1, sizeof *t->columns);
  for (uint32_t i = 0; i < t->count; i++)
    t->columns[i] = (raw_column){.name = raw_name(t->input, i),
                                 .type = raw_type(t->input, i),
                                 .cells = arena_array(memory, (size_t)rows + 1, sizeof(cell)),
                                 .missing = arena_array(memory, (size_t)rows + 1, 1)};
}

/* The rows given by number, in that order, each owner's number replaced by renamed[owner] (NULL: as it is). */
static raw_table pick_rows(const raw_table *from, const int64_t *rows, int64_t count, const int64_t *renamed,
                           arena *memory)
{
  raw_table t = {.input = from->input};
  room_for(&t, count, from->count, memory);
  for (int64_t i = 0; i < count; i++) {
    t.owner[i] = renamed ? renamed[from->owner[rows[i]]] : from->owner[rows[i]];
    if (t.times) t.times[i] = from->times[rows[i]];
    for (uint32_t c = 0; c < t.count; c++) {
      t.columns[c].cells[i] = from->columns[c].cells[rows[i]];
      t.columns[c].missing[i] = from->columns[c].missing[rows[i]];
      if (renamed && t.columns[c].type == TARAZU_ROW)
        t.columns[c].cells[i].whole = renamed[t.columns[c].cells[i].whole];
    }
  }
  return t;
}

static void sort_rows(raw_table *t, arena *memory)
{
  int64_t *rows = arena_array(memory, (size_t)t->rows + 1, sizeof *rows);
  for (int64_t i = 0; i < t->rows; i++) rows[i] = i;
  sorting = t;
  qsort(rows, (size_t)t->rows, sizeof *rows, compare_rows);
  *t = pick_rows(t, rows, t->rows, NULL, memory);
}

/* How many events each customer has: many have few, some none, a few many. */
static int64_t events_of(twist how, dice *d)
{
  if (how == TWIST_EMPTY || dice_chance(d, 0.2)) return 0;
  if (how == TWIST_CONSTANT) return 3;
  return 1 + dice_below(d, 4) + (dice_chance(d, 0.1) ? dice_below(d, 12) : 0);
}

static void fill_events(sample *of, raw_table *t, dice *d)
{
  int64_t room = 0, rows = 0, *counts = arena_array(of->arena, (size_t)of->customers + 1, sizeof *counts);
  for (int64_t i = 0; i < of->customers; i++) room += counts[i] = events_of(of->twist, d);
  room_for(t, room, of->with->many, of->arena);
  raw_column times = {.type = TARAZU_TIME,
                      .cells = arena_array(of->arena, (size_t)room + 1, sizeof(cell)),
                      .missing = arena_array(of->arena, (size_t)room + 1, 1)};
  for (uint32_t c = 0; c < t->count; c++)
    fill_column(&t->columns[c], room, of->style, of->twist == TWIST_EMPTY ? TWIST_NONE : of->twist, of->with->as_of, d);
  fill_column(&times, room, of->style, of->twist == TWIST_NULLS ? TWIST_NONE : of->twist, of->with->as_of, d);
  for (int64_t i = 0; i < of->customers; i++)
    for (int64_t k = 0; k < counts[i]; k++, rows++) {
      t->owner[rows] = i;
      t->times[rows] = times.cells[rows].whole;
      for (uint32_t c = 0; c < t->count; c++)
        if (is_time(&t->columns[c])) {
          t->columns[c].cells[rows].whole = t->times[rows];
          t->columns[c].missing[rows] = 0;
        }
    }
  sort_rows(t, of->arena);
}

/* Random pairs: among them the same pair twice and edges to oneself. */
static void fill_edges(sample *of, raw_table *t, dice *d)
{
  int64_t rows = of->twist == TWIST_EMPTY || !of->customers ? 0 : of->customers * 2;
  room_for(t, rows, of->with->many, of->arena);
  for (uint32_t c = 2; c < t->count; c++) fill_column(&t->columns[c], rows, of->style, of->twist, of->with->as_of, d);
  for (int64_t i = 0; i < rows; i++) {
    int64_t from = dice_below(d, of->customers), to = dice_below(d, of->customers);
    if (dice_chance(d, 0.5)) to = from / 2;
    t->owner[i] = t->columns[0].cells[i].whole = from;
    t->columns[1].cells[i].whole = to;
  }
  sort_rows(t, of->arena);
}

static void fill_attributes(sample *of, raw_table *t, dice *d)
{
  room_for(t, of->customers, of->with->many, of->arena);
  for (uint32_t c = 0; c < t->count; c++)
    fill_column(&t->columns[c], of->customers, of->style, of->twist, of->with->as_of, d);
  for (int64_t i = 0; i < of->customers; i++) t->owner[i] = i;
}

/* ---- columns of tables ------------------------------------------------------------------------------------- */

static size_t width(uint32_t type)
{
  return type == TARAZU_BOOL ? 1 : type == TARAZU_TEXT ? 4 : 8;
}

static void put(column_values *to, int64_t at, cell value)
{
  switch (to->type) {
  case TARAZU_F64: ((double *)to->values)[at] = value.real; break;
  case TARAZU_BOOL: ((uint8_t *)to->values)[at] = (uint8_t)(value.whole & 1); break;
  case TARAZU_TEXT: ((int32_t *)to->values)[at] = (int32_t)value.whole; break;
  default: ((int64_t *)to->values)[at] = value.whole; break;
  }
}

static void make_null(column_values *to, int64_t at, arena *memory)
{
  if (!to->valid) {
    size_t bytes = (size_t)(to->count + 7) / 8;
    to->valid = arena_alloc(memory, bytes + 1);
    memset(to->valid, 0xff, bytes);
  }
  to->valid[at >> 3] = (uint8_t)(to->valid[at >> 3] & ~(1u << (at & 7)));
}

static void room_of(column_values *to, uint32_t type, int64_t count, arena *memory)
{
  *to = (column_values){.type = type, .count = count, .values = arena_alloc(memory, (size_t)count * width(type) + 8)};
}

/* The rows [*first, end) of a table that are of a customer, from *first on. */
static int64_t end_of_owner(const raw_table *t, int64_t owner, int64_t *first)
{
  while (*first < t->rows && t->owner[*first] < owner) (*first)++;
  int64_t end = *first;
  while (end < t->rows && t->owner[end] == owner) end++;
  return end;
}

typedef struct span_of {
  double window; /* days; negative: none */
  int64_t period, as_of;
} span_of;

static int64_t floor_divide(int64_t value, int64_t by)
{
  return value / by - (value % by < 0);
}

static int in_window(const raw_table *t, int64_t row, const span_of *s)
{
  return s->window < 0 || (double)s->as_of - (double)t->times[row] < s->window * (double)MICROSECONDS_PER_DAY;
}

/* Whether a row's value goes into the aggregate: within the window, the span, and there. */
static int counts(const raw_table *t, const place_bound *p, int64_t row, int64_t first, const span_of *s)
{
  int64_t period = floor_divide(t->times[row], s->period), first_period = floor_divide(t->times[first], s->period);
  if (!in_window(t, row, s) || t->columns[p->raw].missing[row]) return 0;
  if (p->field->span == TARAZU_FIRST_PERIOD) return period == first_period;
  return p->field->span != TARAZU_LATER_PERIODS || period != first_period;
}

static double as_real(const raw_column *column, int64_t row)
{
  return column->type == TARAZU_F64 ? column->cells[row].real : (double)column->cells[row].whole;
}

/* One customer's aggregate over rows [first, end); 0: null. Sums that leave their type are refused by the host, so that
 * they stay at its end here. */
static int aggregate(const raw_table *t, const place_bound *p, int64_t first, int64_t end, const span_of *s, cell *out)
{
  const raw_column *column = &t->columns[p->raw];
  int64_t count = 0, periods = 0, last_period = INT64_MIN, best = -1, earliest = -1, latest = -1;
  long double sum = 0;
  for (int64_t i = first; i < end; i++) {
    if (!counts(t, p, i, first, s)) continue;
    int64_t period = floor_divide(t->times[i], s->period);
    if (!count || period != last_period) periods++;
    last_period = period;
    count++;
    sum += (long double)as_real(column, i);
    if (earliest < 0) earliest = i;
    latest = i;
    int order = best < 0 ? 0 : by_cells(column, i, best);
    if (best < 0 || (p->field->aggregate == TARAZU_MIN ? order < 0 : order > 0)) best = i;
  }
  switch (p->field->aggregate) {
  case TARAZU_COUNT: out->whole = count; return 1;
  case TARAZU_PERIODS: out->whole = periods; return 1;
  case TARAZU_SUM:
    if (field_gives(p->field) == TARAZU_F64)
      out->real = (double)fminl(fmaxl(sum, -(long double)DBL_MAX), (long double)DBL_MAX);
    else out->whole = sum >= 0x1p63L ? INT64_MAX : sum < -0x1p63L ? INT64_MIN : (int64_t)sum;
    return 1;
  case TARAZU_MEAN:
    if (count) out->real = (double)(sum / (long double)count);
    return count > 0;
  case TARAZU_FIRST: best = earliest; break;
  case TARAZU_LAST: best = latest; break;
  default: break;
  }
  if (best >= 0) *out = column->cells[best];
  return best >= 0;
}

static span_of span_for(const setting *with, const tarazu_field *field)
{
  double days = setting_days(with, field->period);
  span_of s = {.window = setting_days(with, field->window), .as_of = with->as_of};
  s.period = days >= 1 ? (int64_t)days * MICROSECONDS_PER_DAY : MICROSECONDS_PER_DAY;
  return s;
}

static void derive_aggregate(sample *of, const raw_table *t, const place_bound *p, column_values *to)
{
  span_of s = span_for(of->with, p->field);
  room_of(to, field_gives(p->field), of->customers, of->arena);
  for (int64_t i = 0, first = 0, end; i < of->customers; i++, first = end) {
    cell value = {0};
    end = end_of_owner(t, i, &first);
    if (aggregate(t, p, first, end, &s, &value)) put(to, i, value);
    else make_null(to, i, of->arena);
  }
}

static void derive_events(sample *of, const raw_table *t, const place_bound *p, column_values *to)
{
  span_of s = span_for(of->with, p->field);
  int64_t kept = 0;
  room_of(to, p->field->type, t->rows, of->arena);
  to->offsets = arena_array(of->arena, (size_t)of->customers + 1, sizeof *to->offsets);
  for (int64_t i = 0, first = 0, end; i < of->customers; i++, first = end) {
    end = end_of_owner(t, i, &first);
    for (int64_t k = first; k < end; k++) {
      if (!in_window(t, k, &s)) continue;
      put(to, kept, t->columns[p->raw].cells[k]);
      if (t->columns[p->raw].missing[k]) make_null(to, kept, of->arena);
      kept++;
    }
    to->offsets[i + 1] = kept;
  }
  to->count = kept;
}

static void derive_plain(sample *of, const raw_table *t, const place_bound *p, column_values *to)
{
  room_of(to, p->field->type, t->rows, of->arena);
  for (int64_t i = 0; i < t->rows; i++) {
    put(to, i, t->columns[p->raw].cells[i]);
    if (t->columns[p->raw].missing[i]) make_null(to, i, of->arena);
  }
}

static void derive(sample *of)
{
  const setting *with = of->with;
  of->space_rows[0] = of->customers;
  for (uint32_t i = 0; i < with->count; i++) {
    const place_bound *p = &with->places[i];
    const raw_table *t = &of->tables[with->bound[i].input];
    of->columns[i] = (column_values){0};
    if (p->input->shape == TARAZU_EDGES) of->space_rows[with->bound[i].space] = t->rows;
    if (!with->bound[i].type) continue;
    if (p->field->aggregate != TARAZU_NONE) derive_aggregate(of, t, p, &of->columns[i]);
    else if (p->input->shape == TARAZU_EVENTS) derive_events(of, t, p, &of->columns[i]);
    else derive_plain(of, t, p, &of->columns[i]);
  }
}

/* ---- samples ----------------------------------------------------------------------------------------------- */

static sample *empty_sample(const setting *with, arena *memory)
{
  sample *of = arena_alloc(memory, sizeof *of);
  *of = (sample){.with = with, .arena = memory, .table_count = with->strategy->inputs.count};
  for (uint32_t i = 0; i < of->table_count && i < MOST_INPUTS; i++)
    of->tables[i].input = tarazu_at(&with->strategy->inputs, i);
  return of;
}

static void empty_column(sample *of, int column)
{
  if (column < 0) return;
  const place_bound *p = &of->with->places[column];
  raw_table *t = &of->tables[of->with->bound[column].input];
  if (t->columns[p->raw].type != TARAZU_ROW && !(t->times && is_time(&t->columns[p->raw])))
    memset(t->columns[p->raw].missing, 1, (size_t)t->rows);
}

sample *sample_new(const setting *with, style as, twist how, int64_t customers, uint64_t seed, int null_column)
{
  sample *of = empty_sample(with, arena_new());
  of->style = as;
  of->twist = how;
  of->seed = seed;
  of->customers = customers;
  for (uint32_t i = 0; i < of->table_count; i++) {
    dice d = dice_of(seed, i + 1, (uint64_t)how * 8 + (uint64_t)as);
    raw_table *t = &of->tables[i];
    if (t->input->shape == TARAZU_EVENTS) fill_events(of, t, &d);
    else if (t->input->shape == TARAZU_EDGES) fill_edges(of, t, &d);
    else fill_attributes(of, t, &d);
  }
  empty_column(of, null_column);
  derive(of);
  return of;
}

void sample_free(sample *of)
{
  if (of) arena_free(of->arena);
}

static cell forbidden(uint32_t type)
{
  if (type == TARAZU_F64) return (cell){.real = (double)NAN};
  return (cell){.whole = type == TARAZU_TEXT || type == TARAZU_ROW ? INT32_MAX : INT64_MIN + 1};
}

void sample_fill_nulls(sample *of, int garbage)
{
  for (uint32_t c = 0; c < of->with->count; c++) {
    column_values *v = &of->columns[c];
    dice d = dice_of(of->seed, 77, c);
    for (int64_t i = 0; v->valid && i < v->count; i++) {
      if ((v->valid[i >> 3] >> (i & 7)) & 1) continue;
      put(v, i,
          garbage == 0   ? (cell){0}
          : garbage == 1 ? usual(v->type, of->style, of->with->as_of, &d)
                         : forbidden(v->type));
    }
  }
}

/* ---- smaller samples --------------------------------------------------------------------------------------- */

static sample *like(const sample *from)
{
  sample *of = empty_sample(from->with, arena_new());
  of->style = from->style;
  of->twist = from->twist;
  of->seed = from->seed;
  of->customers = from->customers;
  return of;
}

/* Without the customers [first, first + count), their events, and the edges that end at them. */
static sample *without_customers(const sample *from, int64_t first, int64_t count)
{
  sample *of = like(from);
  int64_t *renamed = arena_array(of->arena, (size_t)from->customers + 1, sizeof *renamed);
  of->customers = 0;
  for (int64_t i = 0; i < from->customers; i++) renamed[i] = i >= first && i < first + count ? -1 : of->customers++;
  for (uint32_t i = 0; i < from->table_count; i++) {
    const raw_table *t = &from->tables[i];
    int64_t kept = 0, *rows = arena_array(of->arena, (size_t)t->rows + 1, sizeof *rows);
    for (int64_t r = 0; r < t->rows; r++) {
      int stays = renamed[t->owner[r]] >= 0;
      for (uint32_t c = 0; stays && c < t->count; c++)
        if (t->columns[c].type == TARAZU_ROW) stays = renamed[t->columns[c].cells[r].whole] >= 0;
      if (stays) rows[kept++] = r;
    }
    of->tables[i] = pick_rows(t, rows, kept, renamed, of->arena);
  }
  derive(of);
  return of;
}

static sample *copy_tables(const sample *from, uint32_t but, int64_t first, int64_t count)
{
  sample *of = like(from);
  for (uint32_t i = 0; i < from->table_count; i++) {
    const raw_table *t = &from->tables[i];
    int64_t kept = 0, *rows = arena_array(of->arena, (size_t)t->rows + 1, sizeof *rows);
    for (int64_t r = 0; r < t->rows; r++)
      if (i != but || r < first || r >= first + count) rows[kept++] = r;
    of->tables[i] = pick_rows(t, rows, kept, NULL, of->arena);
  }
  return of;
}

/* Without rows [first, first + count) of a table of events or edges. */
static sample *without_rows(const sample *from, uint32_t table, int64_t first, int64_t count)
{
  sample *of = copy_tables(from, table, first, count);
  derive(of);
  return of;
}

/* A column without nulls, or all ones. */
static sample *plainer(const sample *from, uint32_t table, uint32_t column, int ones)
{
  sample *of = copy_tables(from, UINT32_MAX, 0, 0);
  raw_column *c = &of->tables[table].columns[column];
  for (int64_t i = 0; i < of->tables[table].rows; i++) {
    if (!ones) c->missing[i] = 0;
    else if (c->type == TARAZU_F64) c->cells[i].real = 1;
    else c->cells[i].whole = 1;
  }
  derive(of);
  return of;
}

typedef struct shrinking {
  sample *best;
  int (*fails)(void *argument, const sample *smaller);
  void *argument;
  int stopped;
} shrinking;

/* Takes the candidate where it fails too; 1: it does. */
static int take(shrinking *s, sample *candidate)
{
  int failed = s->stopped ? 0 : s->fails(s->argument, candidate);
  if (failed < 0) s->stopped = 1;
  sample *worse = failed > 0 ? s->best : candidate;
  if (failed > 0) s->best = candidate;
  sample_free(worse);
  return failed > 0;
}

static void fewer_customers(shrinking *s)
{
  for (int64_t size = (s->best->customers + 1) / 2; size > 0 && !s->stopped; size /= 2)
    for (int64_t at = 0; at < s->best->customers && !s->stopped;)
      if (!take(s, without_customers(s->best, at, size))) at += size;
}

static void fewer_rows(shrinking *s, uint32_t table)
{
  if (s->best->tables[table].input->shape == TARAZU_ATTRIBUTES) return;
  for (int64_t size = (s->best->tables[table].rows + 1) / 2; size > 0 && !s->stopped; size /= 2)
    for (int64_t at = 0; at < s->best->tables[table].rows && !s->stopped;)
      if (!take(s, without_rows(s->best, table, at, size))) at += size;
}

static int has_nulls(const raw_table *t, uint32_t column)
{
  return memchr(t->columns[column].missing, 1, (size_t)t->rows) != NULL;
}

sample *sample_shrink(sample *of, int (*fails)(void *argument, const sample *smaller), void *argument)
{
  shrinking s = {of, fails, argument, 0};
  fewer_customers(&s);
  for (uint32_t i = 0; i < s.best->table_count; i++) fewer_rows(&s, i);
  for (uint32_t i = 0; i < s.best->table_count; i++)
    for (uint32_t c = 0; c < s.best->tables[i].count && !s.stopped; c++) {
      const raw_table *t = &s.best->tables[i];
      if (t->columns[c].type == TARAZU_ROW || (t->times && is_time(&t->columns[c]))) continue;
      if (has_nulls(t, c)) take(&s, plainer(s.best, i, c, 0));
      take(&s, plainer(s.best, i, c, 1));
    }
  return s.best;
}

/* ---- in words ---------------------------------------------------------------------------------------------- */

void sample_name(const sample *of, text *out)
{
  static const char *const styles[] = {"whole numbers from 0 to 10", "amounts of money",    "shares from 0 to 1",
                                       "numbers of either sign",     "ratings from 1 to 5", "zeros and ones"};
  static const char *const twists[] = {"",
                                       ", three in ten values missing",
                                       ", all values missing",
                                       ", one value a column",
                                       ", with the ends of every type",
                                       ", two values a column",
                                       ", columns of different kinds"};
  text_addf(out, "%lld customer%s, %s%s", (long long)of->customers, of->customers == 1 ? "" : "s", styles[of->style],
            twists[of->twist]);
}

static void print_cell(const raw_column *column, int64_t row, text *out)
{
  char date[32];
  if (column->missing[row]) {
    text_add(out, "null");
    return;
  }
  switch (column->type) {
  case TARAZU_F64: text_add_number(out, column->cells[row].real); break;
  case TARAZU_TIME:
    calendar_format(column->cells[row].whole, date);
    text_add(out, date);
    break;
  case TARAZU_TEXT: text_add_json(out, words[column->cells[row].whole]); break;
  default: text_addf(out, "%lld", (long long)column->cells[row].whole); break;
  }
}

/* A cell of at most 19 columns and the space behind it. */
static void print_padded(const char *what, text *out)
{
  size_t length = strlen(what) < 19 ? strlen(what) : 19;
  while (length && ((unsigned char)what[length] & 0xc0) == 0x80) length--; /* not within a character */
  text_add(out, " ");
  text_add_n(out, what, length);
  for (size_t i = length; i < 19; i++) text_add(out, " ");
}

static int is_read(const sample *of, uint32_t input)
{
  for (uint32_t i = 0; i < of->with->count; i++)
    if (of->with->bound[i].input == input && of->with->bound[i].type) return 1;
  return 0;
}

static void print_table(const raw_table *t, text *out)
{
  text_addf(out, "%s:\n ", t->input->name);
  print_padded(t->input->shape == TARAZU_EDGES ? "" : "customer", out);
  for (uint32_t c = 0; c < t->count; c++) print_padded(t->columns[c].name, out);
  for (int64_t r = 0; r < t->rows; r++) {
    text one = {0};
    text_add(out, "\n ");
    text_addf(&one, "%lld", (long long)t->owner[r]);
    print_padded(t->input->shape == TARAZU_EDGES ? "" : text_string(&one), out);
    for (uint32_t c = 0; c < t->count; c++) {
      text_free(&one);
      print_cell(&t->columns[c], r, &one);
      print_padded(text_string(&one), out);
    }
    text_free(&one);
  }
  text_add(out, "\n");
}

void sample_print(const sample *of, text *out)
{
  enum { MOST_ROWS = 12 };
  for (uint32_t i = 0; i < of->table_count; i++) {
    const raw_table *t = &of->tables[i];
    if (!is_read(of, i)) continue;
    if (t->rows <= MOST_ROWS) print_table(t, out);
    else text_addf(out, "%s: %lld rows\n", t->input->name, (long long)t->rows);
  }
}
