/* Values as bytes between the host and its workers: written into a text, read back with every length checked, since the
 * other side may say anything. */
#ifndef TARAZU_ISOLATE_PACKET_H
#define TARAZU_ISOLATE_PACKET_H

#include "base/arena.h"
#include "base/text.h"
#include <stdint.h>
#include <tarazu/plugin.h>

typedef struct packet {
  const char *at, *end;
  arena *arena; /* what is read lives there */
  int broken;   /* it said less than it promised: all that is read from then on is 0 and NULL */
} packet;

void packet_add_u32(text *out, uint32_t value);
void packet_add_i64(text *out, int64_t value);
void packet_add_real(text *out, double value);
void packet_add_string(text *out, const char *string); /* NULL stays NULL */
void packet_add_bytes(text *out, const void *bytes, size_t count);

uint32_t packet_u32(packet *from);
int64_t packet_i64(packet *from);
double packet_real(packet *from);
const char *packet_string(packet *from); /* without zero bytes inside */
/* Of items that take at least `least` bytes each: a count that cannot be true breaks the packet. */
uint32_t packet_count(packet *from, size_t least);

/* What a strategy declares, and which of its functions there are. */
void packet_add_strategy(text *out, const tarazu_strategy *strategy);

enum { /* tarazu_strategy's functions, as bits */
       HAS_CREATE = 1,
       HAS_DESTROY = 2,
       HAS_STATE = 4,
       HAS_LEARN = 8,
       HAS_MERGE = 16,
       HAS_FINISH = 32,
       HAS_FIT = 64,
       HAS_SAVE = 128,
       HAS_LOAD = 256,
       HAS_APPLY = 512,
       HAS_WEIGHTS = 1024,
       HAS_LABELS = 2048,
       HAS_FACTS = 4096,
       HAS_CONTRIBUTIONS = 8192,
       HAS_REASONS = 16384
};

/* What a source or a sink declares besides. */
typedef struct packet_files {
  const char *const *accepts;
  uint32_t tables; /* of a sink */
} packet_files;

/* All but the functions, which `has` tells; 0: broken. */
int packet_strategy(packet *from, tarazu_strategy *out, uint32_t *has, packet_files *files);

/* What an instance is created with. */
void packet_add_args(text *out, const tarazu_args *args);
void packet_args(packet *from, tarazu_args *out);
void packet_add_context(text *out, const tarazu_context *context);
void packet_context(packet *from, tarazu_context *out); /* its host is left alone */

/* What sources and sinks are asked, and answer (packet_files.c). */
void packet_add_request(text *out, const tarazu_request *request);
void packet_request(packet *from, tarazu_request *out);
void packet_add_target(text *out, const tarazu_target *target);
void packet_target(packet *from, tarazu_target *out);
void packet_add_table(text *out, const tarazu_table *table);
void packet_table(packet *from, tarazu_table *out);
void packet_add_source_columns(text *out, const tarazu_list *columns);
tarazu_list packet_source_columns(packet *from);

/* Shared by both files: what stands at the places of a batch; lists of strings, NULL-terminated (NULL stays NULL). */
void packet_add_bound(text *out, const tarazu_list *bound);
tarazu_list packet_bound(packet *from);
void packet_add_strings(text *out, const char *const *strings);
const char *const *packet_strings(packet *from);

#endif
