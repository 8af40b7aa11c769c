/* Problems: collected from any thread, each once, then told in the order of their places, every one with the line it
 * stands on and a caret below. */
#include "base/problem.h"

#include "base/arena.h"
#include "base/hash.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SHOWN_COLUMNS = 100, /* of a source line; a longer one is cut around the caret */
  BEFORE_CARET = 40,   /* columns kept in front of the caret in a line that is cut */
  SCANNED_BYTES = 1024 /* of the line, on either side of the caret: no line is looked at further */
};

/* What is printed of the line: text, then how far right the caret stands and how much it underlines. NULL: nothing. */
typedef struct snippet {
  const char *line;
  int before, under;
} snippet;

typedef struct problem {
  const char *file, *message;
  const char **hints;
  unsigned hint_count, hint_room;
  int line, column, length;
  int status; /* EXIT_GOOD: a warning */
  size_t order;
  uint64_t hash;
  snippet shown;
} problem;

/* Each thread's newest problem, which its hints belong to. */
typedef struct newest {
  pthread_t thread;
  problem *problem;
} newest;

struct problems {
  pthread_mutex_t lock;
  arena *arena;  /* holds this struct too */
  problem **all; /* as they came */
  unsigned count, room;
  problem **sorted; /* all of them, when sorted_count is count */
  unsigned sorted_count;
  uint32_t *slots; /* index into all plus one, 0 empty; open addressing, at most half full */
  uint32_t slot_count;
  newest *newest;
  unsigned newest_count, newest_room;
  size_t errors;
};

problems *problems_new(void)
{
  arena *memory = arena_new();
  problems *fresh = arena_alloc(memory, sizeof *fresh);
  fresh->arena = memory;
  pthread_mutex_init(&fresh->lock, NULL);
  return fresh;
}

void problems_free(problems *self)
{
  if (!self) return;
  pthread_mutex_destroy(&self->lock);
  arena_free(self->arena);
}

/* ---- the line and its caret -------------------------------------------------------------------------------- */

/* Bytes up to the end of the line, no further than `most`. */
static size_t line_length(const char *line, size_t most)
{
  size_t length = 0;
  while (length < most && line[length] && line[length] != '\n') length++;
  if (length && line[length - 1] == '\r' && (line[length] == '\n' || !line[length])) length--;
  return length;
}

/* Where the character that a byte belongs to begins; the byte itself where it belongs to none. No more than the line is
 * read: what ends a line is never inside a character. */
static size_t character_start(const char *line, size_t at)
{
  for (size_t back = 1; back <= 3 && back <= at; back++) {
    if (text_character(line + at - back, 4) > back) return at - back;
  }
  return at;
}

static int is_control(const char *bytes, size_t step)
{
  unsigned char first = (unsigned char)bytes[0];
  if (step == 1) return first < 0x20 || first == 0x7f;
  return step == 2 && first == 0xC2 && (unsigned char)bytes[1] < 0xA0;
}

/* Text that others wrote, fit for a terminal: tabs as blanks up to the next eighth column, line ends as one blank, what
 * a terminal would obey or cannot show as a replacement character. *column moves on. */
static void show(text *out, int *column, const char *bytes, size_t count)
{
  for (size_t at = 0, step; at < count; at += step) {
    int columns = 1;
    step = text_character(bytes + at, count - at);
    if (bytes[at] == '\t') {
      columns = 8 - *column % 8;
      text_addf(out, "%*s", columns, "");
    } else if (bytes[at] == '\n') {
      text_add(out, " ");
    } else if (!step || is_control(bytes + at, step)) {
      text_add(out, "\xEF\xBF\xBD");
      step = step ? step : 1;
    } else {
      text_add_n(out, bytes + at, step);
      columns = text_columns(bytes + at, step);
    }
    *column += columns;
  }
}

/* What of a shown line falls into columns [first, last); half a wide character leaves a blank. */
static void cut(text *out, const text *shown, int first, int last)
{
  int column = 0;
  for (size_t at = 0, step; at < shown->length; at += step) {
    step = text_character(shown->bytes + at, shown->length - at);
    int end = column + text_columns(shown->bytes + at, step);
    if (column >= first && end <= last) text_add_n(out, shown->bytes + at, step);
    else if (column < last && end > first) text_add(out, " ");
    column = end;
  }
}

/* The line as a whole or, where it is long, around the caret. */
static snippet snippet_of(arena *memory, const place *where)
{
  if (!where->line_text || where->line < 1 || where->column < 1) return (snippet){0};
  const char *line = where->line_text;
  size_t caret = line_length(line, (size_t)where->column - 1);
  caret = character_start(line, caret);
  size_t skipped = caret > SCANNED_BYTES ? character_start(line, caret - SCANNED_BYTES) : 0;
  line += skipped;
  caret -= skipped;
  size_t behind = line_length(line + caret, SCANNED_BYTES), marked = where->length > 1 ? (size_t)where->length : 1;
  if (marked > behind) marked = behind;
  while (marked < behind && character_start(line, caret + marked) != caret + marked) marked++;

  text all = {0}, shown = {0};
  int before = 0;
  show(&all, &before, line, caret);
  int end = before;
  show(&all, &end, line + caret, marked);
  int whole = end;
  show(&all, &whole, line + caret + marked, behind - marked);
  int first = before > SHOWN_COLUMNS - BEFORE_CARET && whole > SHOWN_COLUMNS ? before - BEFORE_CARET : 0;
  int last = first + SHOWN_COLUMNS;
  if (end > last) end = last;
  if (first || skipped) text_add(&shown, "…"), before++, end++;
  cut(&shown, &all, first, last);
  if (whole > last || behind == SCANNED_BYTES) text_add(&shown, "…");
  snippet made = {arena_copy(memory, text_string(&shown)), before - first, end > before ? end - before : 1};
  text_free(&all);
  text_free(&shown);
  return made;
}

/* ---- adding ------------------------------------------------------------------------------------------------ */

static int same_text(const char *a, const char *b)
{
  return a == b || (a && b && strcmp(a, b) == 0);
}

static int same(const problem *a, const problem *b)
{
  return a->hash == b->hash && !a->status == !b->status && a->line == b->line && a->column == b->column &&
         same_text(a->file, b->file) && strcmp(a->message, b->message) == 0;
}

static uint64_t hash_of(const problem *one)
{
  const int64_t numbers[3] = {!one->status, one->line, one->column};
  uint64_t hash = hash_bytes(numbers, sizeof numbers, 0);
  if (one->file) hash = hash_bytes(one->file, strlen(one->file), hash);
  return hash_bytes(one->message, strlen(one->message), hash);
}

/* The slot where an equal problem stands, or the empty one where it would. */
static uint32_t *slot_of(problems *self, const problem *one)
{
  uint32_t at = (uint32_t)one->hash & (self->slot_count - 1);
  while (self->slots[at] && !same(self->all[self->slots[at] - 1], one)) at = (at + 1) & (self->slot_count - 1);
  return &self->slots[at];
}

static void grow_slots(problems *self)
{
  if (2 * ((uint64_t)self->count + 1) <= self->slot_count) return;
  self->slot_count = self->slot_count ? 2 * self->slot_count : 64;
  self->slots = arena_array(self->arena, self->slot_count, sizeof *self->slots);
  for (unsigned i = 0; i < self->count; i++) *slot_of(self, self->all[i]) = i + 1;
}

static newest *newest_of_thread(problems *self)
{
  pthread_t thread = pthread_self();
  for (unsigned i = 0; i < self->newest_count; i++) {
    if (pthread_equal(self->newest[i].thread, thread)) return &self->newest[i];
  }
  return NULL;
}

static void add(problems *self, int status, place where, const char *format, va_list arguments)
{
  pthread_mutex_lock(&self->lock);
  problem *one = arena_alloc(self->arena, sizeof *one);
  *one = (problem){.file = arena_copy(self->arena, where.file),
                   .message = arena_vformat(self->arena, format, arguments),
                   .line = where.line,
                   .column = where.column,
                   .length = where.length,
                   .status = status,
                   .order = self->count};
  one->hash = hash_of(one);
  grow_slots(self);
  uint32_t *slot = slot_of(self, one);
  if (*slot) {
    one = self->all[*slot - 1];
  } else {
    one->shown = snippet_of(self->arena, &where);
    *arena_push(self->arena, self->all, self->count, self->room) = one;
    *slot = self->count;
    self->errors += status != EXIT_GOOD;
  }
  newest *mine = newest_of_thread(self);
  if (!mine) {
    mine = arena_push(self->arena, self->newest, self->newest_count, self->newest_room);
    mine->thread = pthread_self();
  }
  mine->problem = one;
  pthread_mutex_unlock(&self->lock);
}

void problem_add(problems *self, exit_status status, place where, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  add(self, status == EXIT_GOOD ? EXIT_INTERNAL : (int)status, where, format, arguments);
  va_end(arguments);
}

void problem_warn(problems *self, place where, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  add(self, EXIT_GOOD, where, format, arguments);
  va_end(arguments);
}

void problem_hint(problems *self, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&self->lock);
  const newest *mine = newest_of_thread(self);
  if (mine) {
    problem *one = mine->problem;
    const char *hint = arena_vformat(self->arena, format, arguments);
    int known = 0;
    for (unsigned i = 0; i < one->hint_count; i++) known |= strcmp(one->hints[i], hint) == 0;
    if (!known) *arena_push(self->arena, one->hints, one->hint_count, one->hint_room) = hint;
  }
  pthread_mutex_unlock(&self->lock);
  va_end(arguments);
}

void problem_nearest(problems *self, const char *word, const char *const *candidates, size_t count)
{
  const char *nearest = text_nearest(word, candidates, count);
  if (nearest) problem_hint(self, "did you mean '%s'?", nearest);
}

static int has(const problems *given, const problem *one)
{
  problems *self = (problems *)given;
  pthread_mutex_lock(&self->lock);
  int found = self->slot_count && *slot_of(self, one);
  pthread_mutex_unlock(&self->lock);
  return found;
}

void problems_take(problems *self, const problems *from, const problems *usual, const char *hint)
{
  pthread_mutex_lock(&self->lock);
  for (unsigned i = 0; i < from->count; i++) {
    const problem *one = from->all[i];
    if (!one->status) continue;
    grow_slots(self);
    uint32_t *slot = slot_of(self, one);
    if (*slot) continue;
    problem *copy = arena_alloc(self->arena, sizeof *copy);
    *copy = *one;
    copy->file = arena_copy(self->arena, one->file);
    copy->message = arena_copy(self->arena, one->message);
    copy->shown.line = arena_copy(self->arena, one->shown.line);
    copy->order = self->count;
    copy->hints = NULL;
    copy->hint_count = copy->hint_room = 0;
    for (unsigned h = 0; h < one->hint_count; h++)
      *arena_push(self->arena, copy->hints, copy->hint_count, copy->hint_room) = arena_copy(self->arena, one->hints[h]);
    if (hint && !(usual && has(usual, one)))
      *arena_push(self->arena, copy->hints, copy->hint_count, copy->hint_room) = arena_copy(self->arena, hint);
    *arena_push(self->arena, self->all, self->count, self->room) = copy;
    *slot = self->count;
    self->errors++;
  }
  pthread_mutex_unlock(&self->lock);
}

/* ---- telling ----------------------------------------------------------------------------------------------- */

static int in_order(const void *left, const void *right)
{
  const problem *a = *(problem *const *)left, *b = *(problem *const *)right;
  int files = strcmp(a->file ? a->file : "", b->file ? b->file : "");
  if (files) return files;
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

/* Under the lock, which reading needs too: every problems object is writable, whoever looks at it. */
static problems *lock_sorted(const problems *given)
{
  problems *self = (problems *)given;
  pthread_mutex_lock(&self->lock);
  if (self->sorted_count != self->count) {
    self->sorted = arena_array(self->arena, self->count, sizeof *self->sorted);
    memcpy(self->sorted, self->all, self->count * sizeof *self->sorted);
    qsort(self->sorted, self->count, sizeof *self->sorted, in_order);
    self->sorted_count = self->count;
  }
  return self;
}

size_t problems_errors(const problems *self)
{
  pthread_mutex_lock(&((problems *)self)->lock);
  size_t errors = self->errors;
  pthread_mutex_unlock(&((problems *)self)->lock);
  return errors;
}

size_t problems_warnings(const problems *self)
{
  pthread_mutex_lock(&((problems *)self)->lock);
  size_t warnings = self->count - self->errors;
  pthread_mutex_unlock(&((problems *)self)->lock);
  return warnings;
}

exit_status problems_status(const problems *self)
{
  int status = EXIT_GOOD;
  pthread_mutex_lock(&((problems *)self)->lock);
  for (unsigned i = 0; i < self->count && status == EXIT_GOOD; i++) status = self->all[i]->status;
  pthread_mutex_unlock(&((problems *)self)->lock);
  return (exit_status)status;
}

static void add_plain(text *out, const char *string)
{
  int column = 0;
  show(out, &column, string, strlen(string));
}

static void add_place(text *out, const problem *one)
{
  if (!one->file) return;
  add_plain(out, one->file);
  if (one->line > 0) text_addf(out, ":%d", one->line);
  if (one->line > 0 && one->column > 0) text_addf(out, ":%d", one->column);
  text_add(out, ":");
}

const char *problems_warning(const problems *given, size_t index)
{
  problems *self = lock_sorted(given);
  const char *made = NULL;
  for (unsigned i = 0; i < self->count && !made; i++) {
    const problem *one = self->sorted[i];
    if (one->status != EXIT_GOOD || index-- > 0) continue;
    text line = {0};
    add_place(&line, one);
    if (line.length) text_add(&line, " ");
    add_plain(&line, one->message);
    for (unsigned k = 0; k < one->hint_count; k++) {
      text_add(&line, "; ");
      add_plain(&line, one->hints[k]);
    }
    made = arena_copy(self->arena, text_string(&line));
    text_free(&line);
  }
  pthread_mutex_unlock(&self->lock);
  return made;
}

/* ANSI colours, as compilers use them; empty strings where there are none to be. */
typedef struct palette {
  const char *bold, *error, *warning, *caret, *off;
} palette;

static void print_snippet(text *out, const problem *one, const palette *use)
{
  if (!one->shown.line) return;
  int gutter = snprintf(NULL, 0, "%5d", one->line);
  text_addf(out, "%*d | %s\n", gutter, one->line, one->shown.line);
  text_addf(out, "%*s | %*s%s^", gutter, "", one->shown.before, "", use->caret);
  for (int i = 1; i < one->shown.under; i++) text_add(out, "~");
  text_addf(out, "%s\n", use->off);
}

static void print_problem(text *out, const problem *one, const palette *use)
{
  text_add(out, use->bold);
  add_place(out, one);
  if (one->file) text_add(out, " ");
  text_addf(out, "%s%s%s:%s ", use->off, one->status ? use->error : use->warning, one->status ? "error" : "warning",
            use->off);
  add_plain(out, one->message);
  text_add(out, "\n");
  print_snippet(out, one, use);
  for (unsigned i = 0; i < one->hint_count; i++) {
    text_add(out, "  ");
    add_plain(out, one->hints[i]);
    text_add(out, "\n");
  }
}

void problems_print(const problems *given, text *out, int colour)
{
  const palette none = {"", "", "", "", ""};
  const palette ansi = {"\033[1m", "\033[1;31m", "\033[1;35m", "\033[1;32m", "\033[0m"};
  problems *self = lock_sorted(given);
  for (unsigned i = 0; i < self->count; i++) print_problem(out, self->sorted[i], colour ? &ansi : &none);
  pthread_mutex_unlock(&self->lock);
}

static void print_json(text *out, const problem *one)
{
  text_addf(out, "{\"severity\": \"%s\", \"status\": %d, \"file\": ", one->status ? "error" : "warning", one->status);
  text_add_json(out, one->file);
  if (one->line > 0) text_addf(out, ", \"line\": %d, \"column\": %d", one->line, one->column);
  text_add(out, ", \"message\": ");
  text_add_json(out, one->message);
  text_add(out, ", \"hints\": [");
  for (unsigned i = 0; i < one->hint_count; i++) {
    if (i) text_add(out, ", ");
    text_add_json(out, one->hints[i]);
  }
  text_add(out, "]}");
}

void problems_print_json(const problems *given, text *out)
{
  problems *self = lock_sorted(given);
  text_add(out, "[");
  for (unsigned i = 0; i < self->count; i++) {
    text_add(out, i ? ",\n " : "\n ");
    print_json(out, self->sorted[i]);
  }
  text_add(out, self->count ? "\n]" : "]");
  pthread_mutex_unlock(&self->lock);
}
