/* Strings to codes by an open-addressing table of hashes with linear probing; the strings lie one after the other. */
#include "data/dictionary_many.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* The whole hash stands beside the code, so that growing reads no string and most misses compare none. */
typedef struct slot {
  uint32_t hash;
  int32_t code; /* -1: free */
} slot;

struct dictionary {
  tarazu_dictionary view;
  int64_t *offsets;
  char *bytes;
  size_t byte_room;
  uint32_t room; /* strings that offsets can hold */
  slot *slots;
  uint32_t mask;
  int borrowed;
};

enum { FIRST_SLOTS = 64, FIRST_STRINGS = 32 };

static slot *slots_new(uint32_t count)
{
  slot *slots = malloc((size_t)count * sizeof *slots);
  if (slots) memset(slots, 0xff, (size_t)count * sizeof *slots);
  return slots;
}

dictionary *dictionary_new(void)
{
  dictionary *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  self->slots = slots_new(FIRST_SLOTS);
  self->mask = FIRST_SLOTS - 1;
  self->offsets = calloc(FIRST_STRINGS + 1, sizeof *self->offsets);
  self->room = FIRST_STRINGS;
  self->byte_room = 256;
  self->bytes = malloc(self->byte_room);
  if (!self->slots || !self->offsets || !self->bytes) {
    dictionary_free(self);
    return NULL;
  }
  self->view = (tarazu_dictionary){sizeof self->view, 0, self->offsets, self->bytes};
  return self;
}

void dictionary_free(dictionary *self)
{
  if (!self) return;
  if (!self->borrowed) {
    free(self->slots);
    free(self->offsets);
    free(self->bytes);
  }
  free(self);
}

static uint32_t string_hash(const char *bytes, size_t count)
{
  uint64_t hash = hash_bytes(bytes, count, 0);
  return (uint32_t)(hash ^ hash >> 32);
}

/* The slot that holds the string, or the free one where it belongs. */
static slot *find_slot(const dictionary *self, const char *bytes, size_t count, uint32_t hash)
{
  for (uint32_t at = hash & self->mask;; at = (at + 1) & self->mask) {
    slot *there = &self->slots[at];
    if (there->code < 0) return there;
    if (there->hash != hash) continue;
    const int64_t *offset = &self->offsets[there->code];
    if ((size_t)(offset[1] - offset[0]) == count && (!count || !memcmp(self->bytes + offset[0], bytes, count)))
      return there;
  }
}

static int grow_slots(dictionary *self)
{
  if (self->mask >= UINT32_MAX / 2) return 0;
  uint32_t count = (self->mask + 1) * 2;
  slot *slots = slots_new(count);
  if (!slots) return 0;
  for (uint32_t i = 0; i <= self->mask; i++) {
    if (self->slots[i].code < 0) continue;
    uint32_t at = self->slots[i].hash & (count - 1);
    while (slots[at].code >= 0) at = (at + 1) & (count - 1);
    slots[at] = self->slots[i];
  }
  free(self->slots);
  self->slots = slots;
  self->mask = count - 1;
  return 1;
}

static int make_room(dictionary *self, size_t bytes)
{
  uint32_t count = self->view.count;
  if (count >= INT32_MAX || self->borrowed) return 0;
  if (count >= self->mask / 2 && !grow_slots(self)) return 0;
  if (count == self->room) {
    size_t room = (size_t)self->room * 2;
    int64_t *offsets = realloc(self->offsets, (room + 1) * sizeof *offsets);
    if (!offsets) return 0;
    self->view.offsets = self->offsets = offsets;
    self->room = (uint32_t)room;
  }
  size_t used = (size_t)self->offsets[count];
  if (bytes > SIZE_MAX / 4 - used) return 0;
  if (used + bytes > self->byte_room) {
    size_t room = (used + bytes) * 2;
    char *grown = realloc(self->bytes, room);
    if (!grown) return 0;
    self->view.bytes = self->bytes = grown;
    self->byte_room = room;
  }
  return 1;
}

static int32_t add_hashed(dictionary *self, const char *bytes, size_t count, uint32_t hash)
{
  slot *there = find_slot(self, bytes, count, hash);
  if (there->code >= 0) return there->code;
  if (!make_room(self, count)) return -1;
  there = find_slot(self, bytes, count, hash); /* the table may have moved */
  int32_t code = (int32_t)self->view.count;
  int64_t end = self->offsets[code];
  if (count) memcpy(self->bytes + end, bytes, count);
  self->offsets[code + 1] = end + (int64_t)count;
  there->hash = hash;
  there->code = code;
  self->view.count++;
  return code;
}

int32_t dictionary_add(dictionary *self, const char *bytes, size_t count)
{
  return add_hashed(self, bytes, count, string_hash(bytes, count));
}

int dictionary_add_many(dictionary *self, const dictionary_item *items, size_t count, int32_t *codes)
{
  uint32_t hashes[DICTIONARY_MANY];
  for (size_t i = 0; i < count; i++) {
    hashes[i] = string_hash(items[i].bytes, items[i].count);
    __builtin_prefetch(&self->slots[hashes[i] & self->mask]);
  }
  for (size_t i = 0; i < count; i++) {
    codes[i] = self->slots[hashes[i] & self->mask].code;
    if (codes[i] >= 0) __builtin_prefetch(&self->offsets[codes[i]]);
  }
  for (size_t i = 0; i < count; i++)
    if (codes[i] >= 0) __builtin_prefetch(self->bytes + self->offsets[codes[i]]);
  for (size_t i = 0; i < count; i++)
    if ((codes[i] = add_hashed(self, items[i].bytes, items[i].count, hashes[i])) < 0) return 0;
  return 1;
}

int32_t dictionary_find(const dictionary *self, const char *bytes, size_t count)
{
  return find_slot(self, bytes, count, string_hash(bytes, count))->code;
}

uint32_t dictionary_count(const dictionary *self)
{
  return self->view.count;
}

const char *dictionary_string(const dictionary *self, int32_t code, size_t *count)
{
  *count = (size_t)(self->offsets[code + 1] - self->offsets[code]);
  return self->bytes + self->offsets[code];
}

const tarazu_dictionary *dictionary_view(const dictionary *self)
{
  return &self->view;
}

void dictionary_lend(const dictionary *self, dictionary_buffers *out)
{
  *out = (dictionary_buffers){.count = self->view.count,
                              .slots = self->mask + 1,
                              .offsets = self->offsets,
                              .bytes = self->bytes,
                              .table = self->slots,
                              .table_bytes = ((size_t)self->mask + 1) * sizeof *self->slots};
}

/* Nothing of a borrowed dictionary is written to, whatever its type says. */
dictionary *dictionary_borrow(const dictionary_buffers *from)
{
  int fits = from->slots && !(from->slots & (from->slots - 1)) && from->count < from->slots &&
             from->table_bytes == (size_t)from->slots * sizeof(slot);
  dictionary *self = fits ? calloc(1, sizeof *self) : NULL;
  if (!self) return NULL;
  self->borrowed = 1;
  self->offsets = (int64_t *)(uintptr_t)from->offsets;
  self->bytes = (char *)(uintptr_t)from->bytes;
  self->slots = (slot *)(uintptr_t)from->table;
  self->mask = from->slots - 1;
  self->view = (tarazu_dictionary){sizeof self->view, from->count, self->offsets, self->bytes};
  return self;
}
