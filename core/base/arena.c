/* The arena: blocks that double in size, handed out from the front, and one walk that frees them all. */
#include "base/arena.h"

#include "base/memory.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

typedef struct block {
  struct block *next;
  size_t used, size;
  alignas(max_align_t) unsigned char bytes[];
} block;

struct arena {
  block *blocks; /* the one being filled comes first */
  size_t next_size;
};

void memory_exhausted(void)
{
  fputs("tarazu: out of memory\n", stderr);
  _Exit(1);
}

/* calloc, so that what is handed out is zero without being touched. */
static block *block_new(size_t size)
{
  if (size > SIZE_MAX - sizeof(block)) memory_exhausted();
  block *fresh = calloc(1, sizeof(block) + size);
  if (!fresh) memory_exhausted();
  fresh->size = size;
  return fresh;
}

arena *arena_new(void)
{
  arena *fresh = calloc(1, sizeof *fresh);
  if (!fresh) memory_exhausted();
  fresh->next_size = FIRST_BLOCK;
  return fresh;
}

void arena_free(arena *self)
{
  if (!self) return;
  for (block *at = self->blocks, *next; at; at = next) {
    next = at->next;
    free(at);
  }
  free(self);
}

/* A piece larger than a quarter of a block gets a block of its own, behind the one being filled, whose rest stays
 * usable. */
static void *alloc_apart(arena *self, size_t size)
{
  block *fresh = block_new(size);
  fresh->used = size;
  if (self->blocks) {
    fresh->next = self->blocks->next;
    self->blocks->next = fresh;
  } else {
    self->blocks = fresh;
  }
  return fresh->bytes;
}

void *arena_alloc(arena *self, size_t size)
{
  const size_t unit = alignof(max_align_t);
  if (size > SIZE_MAX - unit) memory_exhausted();
  size = size ? (size + unit - 1) / unit * unit : unit;
  block *at = self->blocks;
  if (!at || at->size - at->used < size) {
    if (size > self->next_size / 4) return alloc_apart(self, size);
    at = block_new(self->next_size);
    at->next = self->blocks;
    self->blocks = at;
    if (self->next_size < LARGEST_BLOCK) self->next_size *= 2;
  }
  void *piece = at->bytes + at->used;
  at->used += size;
  return piece;
}

void *arena_array(arena *self, size_t count, size_t item)
{
  size_t size;
  if (__builtin_mul_overflow(count, item, &size)) memory_exhausted();
  return arena_alloc(self, size);
}

char *arena_copy(arena *self, const char *text)
{
  return text ? arena_copy_n(self, text, strlen(text)) : NULL;
}

char *arena_copy_n(arena *self, const char *text, size_t length)
{
  if (length == SIZE_MAX) memory_exhausted();
  char *copy = arena_alloc(self, length + 1);
  if (length) memcpy(copy, text, length);
  return copy;
}

char *arena_format(arena *self, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  char *made = arena_vformat(self, format, arguments);
  va_end(arguments);
  return made;
}

char *arena_vformat(arena *self, const char *format, va_list arguments)
{
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (length < 0) return arena_copy(self, "");
  char *made = arena_alloc(self, (size_t)length + 1);
  vsnprintf(made, (size_t)length + 1, format, arguments);
  return made;
}

void *arena_grow(arena *self, void *items, size_t count, unsigned *room, size_t item)
{
  if (count < *room) return items;
  if (*room > UINT32_MAX / 2) memory_exhausted();
  *room = *room ? *room * 2 : 8;
  void *grown = arena_array(self, *room, item);
  if (count) memcpy(grown, items, count * item);
  return grown;
}
