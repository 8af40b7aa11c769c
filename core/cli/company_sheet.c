/* Tables as CSV files: lines put together in a buffer, and the whole beside its place until it is complete. */
#include "base/calendar.h"
#include "cli/company_inner.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sheet_open(sheet *s, const char *folder, const char *name)
{
  s->used = 0;
  snprintf(s->path, sizeof s->path, "%s/%s", folder, name);
  snprintf(s->draft, sizeof s->draft, "%s.part", s->path);
  s->descriptor = open(s->draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  s->fault = s->descriptor < 0 ? errno : 0;
}

static void sheet_flush(sheet *s)
{
  for (size_t done = 0; done < s->used && !s->fault;) {
    ssize_t wrote = write(s->descriptor, s->bytes + done, s->used - done);
    if (wrote >= 0) done += (size_t)wrote;
    else if (errno != EINTR) s->fault = errno;
  }
  s->used = 0;
}

char *sheet_line(sheet *s)
{
  if (s->used + LONGEST_LINE > SHEET_BUFFER) sheet_flush(s);
  return s->bytes + s->used;
}

void sheet_took(sheet *s, const char *end)
{
  s->used = (size_t)(end - s->bytes);
}

int sheet_close(sheet *s)
{
  sheet_flush(s);
  if (s->descriptor >= 0 && close(s->descriptor) != 0 && !s->fault) s->fault = errno;
  if (!s->fault && rename(s->draft, s->path) != 0) s->fault = errno;
  if (s->fault && s->descriptor >= 0) unlink(s->draft);
  return s->fault;
}

char *put_text(char *to, const char *string)
{
  size_t length = strlen(string);
  memcpy(to, string, length);
  return to + length;
}

char *put_number(char *to, int64_t number)
{
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  while (count) *to++ = digits[--count];
  return to;
}

static char *put_two(char *to, int64_t number)
{
  to[0] = (char)('0' + number / 10);
  to[1] = (char)('0' + number % 10);
  return to + 2;
}

/* Hundredths as "12.50". */
char *put_cents(char *to, int64_t cents)
{
  to = put_number(to, cents / 100);
  *to++ = '.';
  return put_two(to, cents % 100);
}

char *put_date(char *to, int64_t days)
{
  int year, month, day;
  calendar_date(days, &year, &month, &day);
  to = put_number(to, year);
  *to++ = '-';
  to = put_two(to, month);
  *to++ = '-';
  return put_two(to, day);
}
