/* Keys: open addressing for integers, a dictionary for texts, then one sort for the whole population. */
#include "data/keys.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "data/order.h"

struct integer_slot {
  int64_t key;
  int64_t code; /* below 0: free */
};

enum { FIRST_SLOTS = 256, BATCH = 32 };

static integer_slot *find_slot(integer_slot *slots, uint32_t mask, uint64_t hash, int64_t key)
{
  for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask)
    if (slots[at].code < 0 || slots[at].key == key) return &slots[at];
}

/* Makes room for BATCH more keys, the table at most half full. */
static int make_room(keys *self)
{
  if (self->count + BATCH > self->room) {
    if (self->count > INT32_MAX / 2 - BATCH) return 0;
    uint32_t room = self->room ? self->room * 2 : FIRST_SLOTS / 2;
    int64_t *integers = realloc(self->integers, room * sizeof *integers);
    if (!integers) return 0;
    self->integers = integers;
    integer_slot *slots = malloc((size_t)room * 2 * sizeof *slots);
    if (!slots) return 0;
    memset(slots, 0xff, (size_t)room * 2 * sizeof *slots);
    for (uint32_t i = 0; i < self->count; i++)
      *find_slot(slots, room * 2 - 1, hash_u64((uint64_t)integers[i]), integers[i]) = (integer_slot){integers[i], i};
    free(self->slots);
    self->slots = slots;
    self->mask = room * 2 - 1;
    self->room = room;
  }
  return 1;
}

int keys_add_integers(keys *self, const int64_t *values, int64_t count, int32_t *codes)
{
  uint64_t hashes[BATCH];
  for (int64_t first = 0; first < count; first += BATCH) {
    int64_t end = count - first < BATCH ? count - first : BATCH;
    if (!make_room(self)) return 0;
    /* Hashes first, so that the table's cache lines are under way together. */
    for (int64_t i = 0; i < end; i++) {
      hashes[i] = hash_u64((uint64_t)values[first + i]);
      __builtin_prefetch(&self->slots[(uint32_t)hashes[i] & self->mask]);
    }
    for (int64_t i = 0; i < end; i++) {
      if (codes[first + i] < 0) continue;
      int64_t key = values[first + i];
      integer_slot *slot = find_slot(self->slots, self->mask, hashes[i], key);
      if (slot->code < 0) {
        *slot = (integer_slot){key, self->count};
        self->integers[self->count++] = key;
      }
      codes[first + i] = (int32_t)slot->code;
    }
  }
  return 1;
}

int32_t keys_add_text(keys *self, const char *bytes, size_t count)
{
  if (!self->texts && !(self->texts = dictionary_new())) return -1;
  int32_t code = dictionary_add(self->texts, bytes, count);
  self->count = dictionary_count(self->texts);
  return code;
}

int keys_add_texts(keys *self, const dictionary_item *items, size_t count, int32_t *codes)
{
  if (!self->texts && !(self->texts = dictionary_new())) return 0;
  int good = dictionary_add_many(self->texts, items, count, codes);
  self->count = dictionary_count(self->texts);
  return good;
}

void keys_free(keys *self)
{
  free(self->integers);
  free(self->slots);
  dictionary_free(self->texts);
  *self = (struct keys){0};
}

size_t integer_text(int64_t value, char buffer[24])
{
  char digits[24];
  size_t count = 0, at = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do digits[count++] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0) buffer[at++] = '-';
  while (count) buffer[at++] = digits[--count];
  buffer[at] = 0;
  return at;
}

const char *keys_text(const keys *self, int32_t code, char buffer[24], size_t *count)
{
  if (self->type == TARAZU_TEXT) return dictionary_string(self->texts, code, count);
  *count = integer_text(self->integers[code], buffer);
  return buffer;
}

/* ---- the population ----------------------------------------------------------------------------------------- */

/* The first eight bytes as an integer that compares as they do. */
static int64_t prefix_order(const char *bytes, size_t count)
{
  uint64_t prefix = 0;
  for (size_t i = 0; i < 8; i++) prefix = prefix << 8 | (i < count ? (unsigned char)bytes[i] : 0);
  return (int64_t)(prefix ^ UINT64_C(1) << 63);
}

static int compare_strings(const void *argument, int64_t a, int64_t b)
{
  size_t a_count, b_count;
  const char *a_bytes = dictionary_string(argument, (int32_t)a, &a_count);
  const char *b_bytes = dictionary_string(argument, (int32_t)b, &b_count);
  int order = memcmp(a_bytes, b_bytes, a_count < b_count ? a_count : b_count);
  return order ? order : (a_count > b_count) - (a_count < b_count);
}

static order_item *items_new(uint32_t count, order_item **scratch)
{
  order_item *items = malloc(((size_t)count * 2 + 1) * sizeof *items);
  if (items) *scratch = items + count;
  return items;
}

int32_t *dictionary_sorted(const dictionary *self)
{
  uint32_t count = dictionary_count(self);
  order_item *scratch, *items = items_new(count, &scratch);
  int32_t *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
  if (items && sorted) {
    for (uint32_t i = 0; i < count; i++) {
      size_t length;
      const char *bytes = dictionary_string(self, (int32_t)i, &length);
      items[i] = (order_item){prefix_order(bytes, length), i};
    }
    order_sort(items, scratch, count, compare_strings, self);
    for (uint32_t i = 0; i < count; i++) sorted[i] = (int32_t)items[i].index;
  } else {
    free(sorted);
    sorted = NULL;
  }
  free(items);
  return sorted;
}

/* The distinct keys that define customers, all of one type. */
static int gather_customers(keys *all, const key_map *maps, size_t count)
{
  for (size_t m = 0; m < count; m++) {
    const keys *some = maps[m].keys;
    if (!maps[m].defines || !some->count) continue;
    if (all->type == TARAZU_I64) {
      int32_t *codes = calloc(some->count, sizeof *codes);
      int good = codes && keys_add_integers(all, some->integers, some->count, codes);
      free(codes);
      if (!good) return 0;
      continue;
    }
    for (uint32_t i = 0; i < some->count; i++) {
      char buffer[24];
      size_t length;
      const char *bytes = keys_text(some, (int32_t)i, buffer, &length);
      if (keys_add_text(all, bytes, length) < 0) return 0;
    }
  }
  return 1;
}

/* ranks[code]: the place of each key in the order of all; fills the population's keys and names. */
static int sort_customers(population *self, const keys *all, int32_t *ranks)
{
  order_item *scratch, *items = NULL;
  int32_t *sorted = NULL;
  int good = 0;
  if (all->type == TARAZU_I64) {
    if (!(items = items_new(all->count, &scratch))) return 0;
    for (uint32_t i = 0; i < all->count; i++) items[i] = (order_item){all->integers[i], i};
    order_sort(items, scratch, all->count, NULL, NULL);
  } else if (all->count && !(sorted = dictionary_sorted(all->texts))) {
    return 0;
  }
  for (uint32_t row = 0; row < all->count; row++) {
    int32_t code = items ? (int32_t)items[row].index : sorted[row];
    char buffer[24];
    size_t length;
    const char *bytes = keys_text(all, code, buffer, &length);
    if (dictionary_add(self->names, bytes, length) < 0) goto out;
    ranks[code] = (int32_t)row;
    if (items) ((int64_t *)self->keys.values)[row] = items[row].by;
    else ((int32_t *)self->keys.values)[row] = (int32_t)row;
  }
  if (!items) self->keys.dictionary = dictionary_view(self->names);
  good = 1;
out:
  free(items);
  free(sorted);
  return good;
}

/* A key as an integer; 0: its text is none, or not as integer_text writes it ("007" is another key than 7). */
static int key_as_integer(const keys *self, int32_t code, int64_t *value)
{
  if (self->type == TARAZU_I64) {
    *value = self->integers[code];
    return 1;
  }
  size_t count;
  const char *bytes = dictionary_string(self->texts, code, &count);
  char written[24], *end;
  if (!count || count >= sizeof written) return 0;
  memcpy(written, bytes, count);
  written[count] = 0;
  errno = 0;
  *value = strtoll(written, &end, 10);
  char canonical[24];
  return !errno && !*end && integer_text(*value, canonical) == count && !memcmp(canonical, written, count);
}

/* -1 where the population lacks the key. */
static int32_t find_key(const keys *all, const keys *self, int32_t code)
{
  if (!all->count) return -1;
  if (all->type == TARAZU_I64) {
    int64_t key;
    if (!key_as_integer(self, code, &key)) return -1;
    return (int32_t)find_slot(all->slots, all->mask, hash_u64((uint64_t)key), key)->code;
  }
  char buffer[24];
  size_t length;
  const char *bytes = keys_text(self, code, buffer, &length);
  return dictionary_find(all->texts, bytes, length);
}

static int map_rows(key_map *map, const keys *all, const int32_t *ranks)
{
  map->rows = malloc(((size_t)map->keys->count + 1) * sizeof *map->rows);
  if (!map->rows) return 0;
  for (uint32_t i = 0; i < map->keys->count; i++) {
    int32_t code = find_key(all, map->keys, (int32_t)i);
    map->rows[i] = code < 0 ? -1 : ranks[code];
  }
  return 1;
}

int population_number(population *self, key_map *maps, size_t count)
{
  keys all = {.type = TARAZU_I64};
  for (size_t m = 0; m < count; m++)
    if (maps[m].defines && maps[m].keys->type == TARAZU_TEXT && maps[m].keys->count) all.type = TARAZU_TEXT;
  int32_t *ranks = NULL;
  int good = 0;
  if (!gather_customers(&all, maps, count)) goto out;
  self->count = all.count;
  self->key_type = all.type;
  self->names = dictionary_new();
  ranks = malloc(((size_t)all.count + 1) * sizeof *ranks);
  if (!self->names || !ranks || !column_new(&self->keys, all.type, all.count, 0)) goto out;
  if (!sort_customers(self, &all, ranks)) goto out;
  good = 1;
  for (size_t m = 0; m < count && good; m++) good = map_rows(&maps[m], &all, ranks);
out:
  free(ranks);
  keys_free(&all);
  return good;
}

void population_free(population *self)
{
  column_free(&self->keys);
  dictionary_free(self->names);
  *self = (struct population){0};
}
