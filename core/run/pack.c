/* A block is the number of its pieces, their lengths, and the pieces. */
#include "run/pack.h"

#include "run/cache.h"
#include <string.h>

enum { ALIGNMENT = 64 };

static size_t padded(size_t count)
{
  return (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void pack_add(packing *p, const void *bytes, size_t count)
{
  *arena_push(p->home, p->pieces, p->count, p->room) = (piece){bytes, count};
}

void pack_add_copy(packing *p, const void *bytes, size_t count)
{
  pack_add(p, count ? memcpy(arena_alloc(p->home, count), bytes, count) : NULL, count);
}

void pack_add_text(packing *p, const char *words)
{
  if (words) pack_add_copy(p, words, strlen(words) + 1);
  else pack_add(p, NULL, 0);
}

void pack_add_integer(packing *p, int64_t value)
{
  pack_add_copy(p, &value, sizeof value);
}

typedef struct column_head {
  int64_t rows, nulls;
  uint32_t type, there;
} column_head;

static size_t bitmap_bytes(int64_t rows)
{
  return (size_t)(rows / 8 + 1);
}

void pack_add_column(packing *p, const column *c)
{
  column_head head = {.rows = c->rows, .nulls = c->nulls, .type = c->type, .there = c->values != NULL};
  pack_add_copy(p, &head, sizeof head);
  pack_add(p, c->values, c->values ? (size_t)c->rows * column_width(c->type) : 0);
  pack_add(p, c->valid, c->valid ? bitmap_bytes(c->rows) : 0);
}

void *pack_make(const packing *p, size_t *count)
{
  size_t head = padded((1 + (size_t)p->count) * sizeof(uint64_t)), all = head;
  for (uint32_t i = 0; i < p->count; i++) all += padded(p->pieces[i].count);
  unsigned char *block = cache_bytes_new(all);
  if (!block) return NULL;
  memset(block, 0, head);
  uint64_t *lengths = (uint64_t *)(void *)block;
  lengths[0] = p->count;
  size_t at = head;
  for (uint32_t i = 0; i < p->count; i++) {
    size_t length = p->pieces[i].count, room = padded(length);
    lengths[1 + i] = length;
    if (length) memcpy(block + at, p->pieces[i].bytes, length);
    memset(block + at + length, 0, room - length);
    at += room;
  }
  *count = all;
  return block;
}

unpacking pack_open(const void *bytes, size_t count)
{
  unpacking u = {.bytes = bytes, .lengths = bytes, .end = count};
  if (count < sizeof(uint64_t) || u.lengths[0] > count / sizeof(uint64_t)) return u;
  u.count = u.lengths[0];
  u.at = padded((1 + (size_t)u.count) * sizeof(uint64_t));
  u.good = u.at <= count;
  return u;
}

const void *pack_next(unpacking *u, size_t *count)
{
  *count = 0;
  if (!u->good || u->next >= u->count) {
    u->good = 0;
    return NULL;
  }
  size_t length = (size_t)u->lengths[1 + u->next++];
  if (length > u->end - u->at || padded(length) > u->end - u->at) {
    u->good = 0;
    return NULL;
  }
  const void *here = u->bytes + u->at;
  u->at += padded(length);
  *count = length;
  return here;
}

const char *pack_next_text(unpacking *u)
{
  size_t count;
  const char *words = pack_next(u, &count);
  if (!count) return NULL;
  if (!words[count - 1]) return words;
  u->good = 0;
  return NULL;
}

int64_t pack_next_integer(unpacking *u)
{
  size_t count;
  int64_t value = 0;
  const void *bytes = pack_next(u, &count);
  if (count == sizeof value) memcpy(&value, bytes, sizeof value);
  else u->good = 0;
  return value;
}

void pack_next_column(unpacking *u, column *out)
{
  size_t count, values_count, valid_count;
  column_head head = {0};
  const void *bytes = pack_next(u, &count);
  if (count == sizeof head) memcpy(&head, bytes, sizeof head);
  else u->good = 0;
  const void *values = pack_next(u, &values_count), *valid = pack_next(u, &valid_count);
  *out = (column){.type = head.type, .shared = COLUMN_BORROWED, .rows = head.rows, .nulls = head.nulls};
  if (!u->good || !head.there) return;
  int fits = head.rows >= 0 && values_count == (size_t)head.rows * column_width(head.type) &&
             (!valid_count || valid_count == bitmap_bytes(head.rows));
  u->good = fits;
  if (!fits) return;
  out->values = (void *)(uintptr_t)values;
  if (valid_count) out->valid = (uint8_t *)(uintptr_t)valid;
}
