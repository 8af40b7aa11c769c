/* Shared memory of a fixed size that nobody can shrink, and its passing from process to process. */
#ifndef TARAZU_ISOLATE_AREA_H
#define TARAZU_ISOLATE_AREA_H

#include <stddef.h>
#include <sys/types.h>

typedef struct area {
  char *bytes; /* NULL: none */
  size_t size;
  int file; /* -1: closed */
} area;

/* A new area, mapped writable here. sealed: nobody who maps it from now on can write to it. 0, or errno. */
int area_new(area *area, size_t size, int sealed);
/* Maps what came from the host. 0, or errno. */
int area_map(area *area, int file, size_t size, int writable);
void area_free(area *area); /* leaves none */

/* Of a message over a socket, with files. bytes, or -1 with errno. */
ssize_t socket_send(int socket, const void *bytes, size_t count, const int *files, int file_count);
/* Files that came with it are the caller's; *file_count: room, then how many. -1 with errno; 0: the other side is gone.
 */
ssize_t socket_receive(int socket, void *bytes, size_t room, int *files, int *file_count);

#endif
