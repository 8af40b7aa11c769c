/* What only the dynamic linker's tables tell of a plugin: its static data, and the clock that it asks. */
#ifndef TARAZU_CONFORM_ELF_H
#define TARAZU_CONFORM_ELF_H

#include <stddef.h>

/* A copy of the static data that the object which `inside` points into can write; free it. NULL: it has none. */
void *static_data_copy(const void *inside, size_t *count);
/* Whether they are other than the copy says. */
int static_data_changed(const void *inside, const void *copy, size_t count);

/* From now on the object's calls of time, clock_gettime and gettimeofday tell another day. Where its kind of relocation
 * is not known nothing happens. */
void clock_shift(const void *inside);

#endif
