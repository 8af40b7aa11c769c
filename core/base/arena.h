/* Memory that lives as long as one thing does (a profile, a catalog, a run) and goes with it in one call.
 *
 * Arenas are for what grows with the profile. What grows with the data (columns) is asked of column_new and friends,
 * which can fail; an arena that cannot get its few bytes ends the process with status 1 and one line, since no message
 * could be built any more. An arena is not shared between threads. */
#ifndef TARAZU_BASE_ARENA_H
#define TARAZU_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct arena arena;

arena *arena_new(void);
void arena_free(arena *arena); /* NULL is fine */

void *arena_alloc(arena *arena, size_t size);               /* zeroed, aligned for anything */
void *arena_array(arena *arena, size_t count, size_t item); /* zeroed; checks the product */
char *arena_copy(arena *arena, const char *text);           /* NULL gives NULL */
char *arena_copy_n(arena *arena, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) char *arena_format(arena *arena, const char *format, ...);
char *arena_vformat(arena *arena, const char *format, va_list arguments);

/* A growing array in an arena: `thing *things = NULL; uint32_t count = 0, room = 0;
 * *arena_push(arena, things, count, room) = (thing){...};` Old copies stay in the arena until it goes. */
#define arena_push(arena, items, count, room) \
  ((items) = arena_grow((arena), (items), (count), &(room), sizeof *(items)), &(items)[(count)++])
void *arena_grow(arena *arena, void *items, size_t count, unsigned *room, size_t item);

#endif
