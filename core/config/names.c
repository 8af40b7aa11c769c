/* Strings by number, in an open hash table. */
#include "base/hash.h"
#include "config/inner.h"
#include <string.h>

static uint32_t *slot_of(const names *table, const char *word)
{
  uint32_t mask = 2 * table->room - 1;
  uint32_t at = (uint32_t)hash_bytes(word, strlen(word), 0) & mask;
  while (table->slots[at] && strcmp(table->words[table->slots[at] - 1], word) != 0) at = (at + 1) & mask;
  return &table->slots[at];
}

uint32_t names_find(const names *table, const char *word)
{
  if (!table->count) return NAMES_NONE;
  uint32_t slot = *slot_of(table, word);
  return slot ? slot - 1 : NAMES_NONE;
}

static void grow(names *table, arena *memory)
{
  names larger = {.room = table->room ? 2 * table->room : 8, .count = table->count};
  larger.words = arena_array(memory, larger.room, sizeof *larger.words);
  larger.slots = arena_array(memory, 2 * (size_t)larger.room, sizeof *larger.slots);
  for (uint32_t i = 0; i < table->count; i++) {
    larger.words[i] = table->words[i];
    *slot_of(&larger, larger.words[i]) = i + 1;
  }
  *table = larger;
}

uint32_t names_add(names *table, arena *memory, const char *word)
{
  if (table->count == table->room) grow(table, memory);
  uint32_t *slot = slot_of(table, word);
  if (*slot) return *slot - 1;
  table->words[table->count] = word;
  *slot = ++table->count;
  return table->count - 1;
}
