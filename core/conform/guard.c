#include "conform/guard.h"

#include "conform/child.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_REGIONS = 1 << 12, FILL = 0x5c };

typedef enum region_state { UNUSED, WRITABLE, SEALED, GONE } region_state;

/* Pages of which all but those that hold the bytes are out of reach. */
typedef struct region {
  unsigned char *base;
  size_t whole;
  unsigned char *bytes;
  size_t count;
  const char *what;
  uint32_t next; /* in its scope, as number + 1 */
  region_state state;
} region;

/* The first half is for buffers of a page, which are used again as they are, the rest for larger ones. */
enum { SMALL = MOST_REGIONS / 2 };
static region regions[MOST_REGIONS];
static uint32_t latest[2] = {0, SMALL};
static int at_start;

static size_t page_size(void)
{
  static size_t size;
  if (!size) size = (size_t)sysconf(_SC_PAGESIZE);
  return size;
}

static unsigned char *data_pages(const region *r)
{
  return r->base + page_size();
}

static size_t data_size(const region *r)
{
  return r->whole - 2 * page_size();
}

/* Numbers from the newest back to the oldest of a half. */
static region *back_from(int large, uint32_t steps)
{
  uint32_t first = large ? SMALL : 0;
  return &regions[first + (latest[large] - first + 2 * SMALL - 1 - steps) % SMALL];
}

/* A place in the table: the one that was given back longest ago. */
static region *free_region(int large, uint32_t *index)
{
  uint32_t first = large ? SMALL : 0;
  for (uint32_t i = 0; i < SMALL; i++) {
    region *r = &regions[ *index = first + (latest[large] - first + i) % SMALL];
    if (r->state == WRITABLE || r->state == SEALED) continue;
    if (r->state == GONE && large) {
      munmap(r->base, r->whole);
      r->base = NULL;
    }
    latest[large] = first + (*index + 1 - first) % SMALL;
    return r;
  }
  child_fault("there are more than %d buffers in use at once; the strategy keeps too much alive", SMALL);
}

/* Its pages: those of the last buffer that was here, zeroed, or new ones. */
static void find_pages(region *r, size_t pages)
{
  size_t page = page_size();
  int again = r->base != NULL;
  /* cppcheck-suppress invalidFunctionArg; memory without a file has -1 */
  if (!again) r->base = mmap(NULL, pages + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  r->whole = pages + 2 * page;
  if (r->base == MAP_FAILED || mprotect(data_pages(r), pages, PROT_READ | PROT_WRITE) != 0)
    child_fault("no memory for %zu bytes, %s: the limit is reached", r->count, r->what);
  if (again) memset(data_pages(r), 0, pages);
}

void *guard_take(guard_scope *scope, size_t count, size_t align, const char *what)
{
  uint32_t index;
  size_t page = page_size(), pages = (count + page - 1) / page * page;
  if (!pages) pages = page;
  region *r = free_region(pages > page, &index);
  *r = (region){.base = r->base, .count = count, .what = what, .next = scope->last};
  find_pages(r, pages);
  size_t end = (pages - count) / align * align;
  r->bytes = data_pages(r) + (at_start ? 0 : end);
  r->state = WRITABLE;
  memset(data_pages(r), FILL, (size_t)(r->bytes - data_pages(r)));
  memset(r->bytes + count, FILL, pages - count - (size_t)(r->bytes - data_pages(r)));
  scope->last = index + 1;
  return r->bytes;
}

void *guard_give(guard_scope *scope, const void *bytes, size_t count, size_t align, const char *what)
{
  void *copy = guard_take(scope, count, align, what);
  if (count) memcpy(copy, bytes, count);
  guard_writable(copy, 0);
  return copy;
}

void guard_turn(void)
{
  at_start = !at_start;
}

void guard_writable(const void *bytes, int writable)
{
  for (uint32_t i = 0; i < MOST_REGIONS; i++) {
    region *r = back_from((int)(i & 1), i / 2); /* the newest first */
    if (r->bytes != bytes || (r->state != WRITABLE && r->state != SEALED)) continue;
    region_state wanted = writable ? WRITABLE : SEALED;
    if (r->state == wanted) return;
    mprotect(data_pages(r), data_size(r), writable ? PROT_READ | PROT_WRITE : PROT_READ);
    r->state = wanted;
    return;
  }
}

static int is_filled(const unsigned char *from, const unsigned char *to)
{
  while (from < to)
    if (*from++ != FILL) return 0;
  return 1;
}

const char *guard_overrun(const guard_scope *scope)
{
  for (uint32_t at = scope->last; at; at = regions[at - 1].next) {
    const region *r = &regions[at - 1];
    if (!is_filled(data_pages(r), r->bytes) || !is_filled(r->bytes + r->count, data_pages(r) + data_size(r)))
      return r->what;
  }
  return NULL;
}

void guard_drop(guard_scope *scope)
{
  for (uint32_t at = scope->last; at; at = regions[at - 1].next) {
    region *r = &regions[at - 1];
    r->state = GONE;
    if (data_size(r) <= (size_t)1 << 18) {
      mprotect(data_pages(r), data_size(r), PROT_NONE);
      continue;
    }
    munmap(r->base, r->whole); /* large ones would use up the limit */
    r->base = NULL;
    r->state = UNUSED;
  }
  scope->last = 0;
}

int guard_explain(const void *address, char *out, size_t room)
{
  const unsigned char *at = address;
  for (uint32_t i = 0; i < MOST_REGIONS; i++) {
    const region *r = back_from((int)(i & 1), i / 2);
    if (r->state == UNUSED || at < r->base || at >= r->base + r->whole) continue;
    if (r->state == GONE)
      snprintf(out, room, "it used %s of an earlier call: a pointer was kept that was valid until that call's end",
               r->what);
    else if (at < data_pages(r)) snprintf(out, room, "it reached before the beginning of %s", r->what);
    else if (at >= data_pages(r) + data_size(r))
      snprintf(out, room, "it reached past the end of %s, which has %zu bytes", r->what, r->count);
    else snprintf(out, room, "it wrote to %s, which it may only read", r->what);
    return 1;
  }
  return 0;
}
