#include "isolate/area.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

enum { MOST_FILES = 80 };

int area_map(area *a, int file, size_t size, int writable)
{
  void *bytes = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
  if (bytes == MAP_FAILED) return errno;
  *a = (area){bytes, size, file};
  /* cppcheck-suppress memleak; the caller owns it */
  return 0;
}

int area_new(area *a, size_t size, int sealed)
{
  *a = (area){.file = -1};
  int file = memfd_create("tarazu", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return errno;
  int number = ftruncate(file, (off_t)size) != 0 ? errno : area_map(a, file, size, 1);
  int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (sealed ? F_SEAL_FUTURE_WRITE : 0);
  if (!number && fcntl(file, F_ADD_SEALS, seals) != 0) number = errno;
  if (!number) return 0;
  area_free(a);
  close(file);
  *a = (area){.file = -1};
  return number;
}

void area_free(area *a)
{
  if (a->bytes) munmap(a->bytes, a->size);
  if (a->bytes && a->file >= 0) close(a->file);
  *a = (area){.file = -1};
}

ssize_t socket_send(int socket, const void *bytes, size_t count, const int *files, int file_count)
{
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(MOST_FILES * sizeof(int))];
  } control;
  struct iovec part = {(void *)(size_t)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (file_count) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.room;
    message.msg_controllen = CMSG_SPACE((size_t)file_count * sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN((size_t)file_count * sizeof(int));
    memcpy(CMSG_DATA(head), files, (size_t)file_count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t socket_receive(int socket, void *bytes, size_t room, int *files, int *file_count)
{
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(MOST_FILES * sizeof(int))];
  } control;
  int most = file_count ? *file_count : 0;
  /* cppcheck-suppress ctuuninitvar; it is filled here */
  struct iovec part = {bytes, room};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (most) {
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
  }
  ssize_t count;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (file_count) *file_count = 0;
  for (struct cmsghdr *head = count > 0 && most ? CMSG_FIRSTHDR(&message) : NULL; head;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    size_t got = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < got; i++) {
      int file;
      memcpy(&file, CMSG_DATA(head) + i * sizeof file, sizeof file);
      if (*file_count < most) files[(*file_count)++] = file;
      else close(file);
    }
  }
  return count;
}
