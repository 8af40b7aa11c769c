/* Memory for values: aligned and padded as column.h promises. */
#ifndef TARAZU_DATA_BUFFER_H
#define TARAZU_DATA_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* count items of width bytes, to be freed with free. The padding is zero; the items are so only where zeroed is set,
 * since touching a large buffer twice costs as much as filling it. NULL: no memory. */
void *buffer_new(int64_t count, size_t width, int zeroed);

#endif
