/* CSV files as RFC 4180 has them, read just far enough to say how they are written, or why they cannot be read. */
#include "csv.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEAD = 65536, MOST_NAMES = 4096 };

/* ---- the beginning ----------------------------------------------------------------------------------------------- */

/* The delimiter is what the header line has most of. Lines that end now with CR LF, now with LF alone, which a strict
 * reader takes for a broken file, are common in files that were put together; nothing else is forgiven. */
static void find_dialect(const char *head, size_t count, char *delimiter, bool *strict)
{
  static const char candidates[] = ",;\t|";
  size_t found[sizeof candidates] = {0}, alone = 0, with_return = 0;
  bool quoted = false, header = true;
  for (size_t i = 0; i < count; i++) {
    if (head[i] == '"') quoted = !quoted;
    if (quoted) continue;
    const char *candidate = head[i] ? strchr(candidates, head[i]) : NULL;
    if (header && candidate) found[candidate - candidates]++;
    if (head[i] == '\n' || head[i] == '\r') header = false;
    if (head[i] == '\n') *(i && head[i - 1] == '\r' ? &with_return : &alone) += 1;
  }
  *strict = !(alone && with_return);
  if (*delimiter) return;
  size_t best = 0;
  for (size_t i = 1; candidates[i]; i++)
    if (found[i] > found[best]) best = i;
  *delimiter = candidates[best];
}

/* The header's names, one after the other, each with its zero byte, into `names`; how many, 0: the header does not end
 * within head. */
static size_t split_header(const char *head, size_t count, char delimiter, char *names, const char **starts)
{
  size_t at = count >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, found = 0;
  bool quoted = false;
  starts[found++] = names;
  for (; at < count; at++) {
    char c = head[at];
    if (c == '"' && quoted && at + 1 < count && head[at + 1] == '"') {
      *names++ = head[at++];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == delimiter || c == '\n' || c == '\r')) {
      *names++ = 0;
      if (c != delimiter) return found;
      if (found == MOST_NAMES) return 0;
      starts[found++] = names;
    } else {
      *names++ = c;
    }
  }
  *names = 0;
  return count < HEAD ? found : 0;
}

static int by_name(const void *left, const void *right)
{
  return strcasecmp(*(const char *const *)left, *(const char *const *)right);
}

/* SQL takes no notice of case, so neither may names differ by it alone. */
static tarazu_status check_header(const char *head, size_t count, const char *name, char delimiter, tarazu_error *error)
{
  char *names = malloc(count + 1);
  const char **starts = calloc(MOST_NAMES, sizeof *starts);
  tarazu_status status = TARAZU_OK;
  if (!names || !starts) {
    status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  } else {
    size_t found = split_header(head, count, delimiter, names, starts);
    qsort(starts, found, sizeof *starts, by_name);
    for (size_t i = 1; i < found && status == TARAZU_OK; i++)
      if (*starts[i] && strcasecmp(starts[i - 1], starts[i]) == 0)
        status = tarazu_fail(error, TARAZU_BAD_DATA,
                             "%s: its header names two columns '%.*s'; expected a name of its own for each", name,
                             (int)strcspn(starts[i], "\r\n"), starts[i]);
  }
  free(names);
  free(starts);
  return status;
}

static tarazu_status check_text(const char *head, size_t count, const char *name, tarazu_error *error)
{
  bool wide = count >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0);
  if (wide) return tarazu_fail(error, TARAZU_BAD_DATA, "%s is UTF-16; expected a file saved as UTF-8", name);
  if (!memchr(head, 0, count)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_DATA, "%s is no text: it has a zero byte; expected a CSV file in UTF-8", name);
}

tarazu_status csv_look(const char *path, const char *name, char *delimiter, bool *strict, tarazu_error *error)
{
  FILE *file = fopen(path, "rb");
  char *head = malloc(HEAD);
  size_t count = 0;
  tarazu_status status = TARAZU_OK;
  if (!file) status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s cannot be read: %s", name, strerror(errno));
  else if (!head) status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  else if ((count = fread(head, 1, HEAD, file)) == 0)
    status = tarazu_fail(error, TARAZU_BAD_DATA, "%s is empty: it lacks even a header", name);
  else status = check_text(head, count, name, error);
  if (status == TARAZU_OK) {
    find_dialect(head, count, delimiter, strict);
    status = check_header(head, count, name, *delimiter, error);
  }
  free(head);
  if (file) fclose(file);
  return status;
}

/* ---- what is wrong ----------------------------------------------------------------------------------------------- */

/* A reading under way; lines count from 1. */
typedef struct scan {
  FILE *file;
  const char *name;
  char delimiter;
  long long line, began; /* began: where the record did */
  long long header;      /* how many values the header has; 0: not read yet */
  long long values;
  int first;       /* the first byte of the character under way */
  int rest;        /* bytes that a UTF-8 character still lacks */
  int least, most; /* which the next of them may be */
  char *message;
  size_t size;
} scan;

/* Whether a byte may stand here in UTF-8 (RFC 3629, section 4). */
static bool take_byte(scan *self, int c)
{
  if (self->rest) {
    bool good = c >= self->least && c <= self->most;
    self->least = 0x80;
    self->most = 0xbf;
    self->rest--;
    return good;
  }
  self->first = c;
  if (c < 0x80) return true;
  self->rest = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
  self->least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
  self->most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
  return c >= 0xc2 && c <= 0xf4;
}

static int next(scan *self, bool *good)
{
  int c = getc(self->file);
  *good = c == EOF ? !self->rest : take_byte(self, c);
  if (*good) return c;
  snprintf(self->message, self->size, "%s, line %lld: the byte 0x%02X is no UTF-8; expected a file saved as UTF-8",
           self->name, self->line, (unsigned)self->first);
  return EOF;
}

/* A record of one empty value is an empty line. */
static bool record_fault(scan *self, bool empty)
{
  long long values = self->values;
  self->values = 1;
  if (empty && values == 1) return false;
  if (!self->header) self->header = values;
  if (values == self->header) return false;
  snprintf(self->message, self->size, "%s, line %lld: %lld value%s where the header has %lld", self->name, self->began,
           values, values == 1 ? "" : "s", self->header);
  return true;
}

/* Past a quoted value, whose first quote is read already; *c: what follows it. true: a fault. */
static bool quoted_fault(scan *self, int *c)
{
  long long opened = self->line;
  bool good = true;
  for (;;) {
    *c = next(self, &good);
    if (!good) return true;
    if (*c == '\n') self->line++;
    if (*c == EOF) {
      snprintf(self->message, self->size, "%s, line %lld: a quote is opened that is never closed", self->name, opened);
      return true;
    }
    if (*c != '"') continue;
    *c = next(self, &good);
    if (!good) return true;
    if (*c == '"') continue;
    if (*c == self->delimiter || *c == '\n' || *c == '\r' || *c == EOF) return false;
    snprintf(self->message, self->size,
             "%s, line %lld: a quoted value goes on after its quote; within it a quote is written twice", self->name,
             self->line);
    return true;
  }
}

static bool find_fault(scan *self)
{
  bool good = true, fresh = true, empty = true; /* fresh: at a value's beginning; empty: nothing in the record yet */
  for (;;) {
    int c = next(self, &good);
    if (!good) return true;
    if (c == '"' && fresh) {
      if (quoted_fault(self, &c)) return true;
      empty = false;
    }
    if (c == EOF) return record_fault(self, empty);
    fresh = c == self->delimiter || c == '\n';
    if (c == self->delimiter) self->values++;
    if (c != '\n' && c != '\r') empty = false;
    if (c != '\n') continue;
    if (record_fault(self, empty)) return true;
    self->began = ++self->line;
    empty = true;
  }
}

bool csv_fault(const char *path, const char *name, char delimiter, char *message, size_t size)
{
  scan self = {.file = fopen(path, "rb"),
               .name = name,
               .delimiter = delimiter,
               .line = 1,
               .began = 1,
               .values = 1,
               .message = message,
               .size = size};
  if (!self.file) return false;
  static const char mark[] = "\xef\xbb\xbf";
  for (int i = 0; i < 3; i++) {
    int c = getc(self.file);
    if (c == (unsigned char)mark[i]) continue;
    rewind(self.file);
    break;
  }
  bool found = find_fault(&self);
  fclose(self.file);
  return found;
}
