#include "base/program.h"

#include "base/file.h"
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

const char *program_worker(arena *home)
{
  static const char *const tails[] = {"tarazu-worker", "../lib/tarazu/tarazu-worker", "tarazu/tarazu-worker",
                                      "../tarazu/tarazu-worker"};
  const char *given = getenv("TARAZU_WORKER"), *from[2] = {NULL, NULL};
  Dl_info here;
  char self[4096];
  if (given && *given) return given;
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (dladdr((void *)(uintptr_t)program_worker, &here) && here.dli_fname) from[0] = here.dli_fname;
  if (length > 0) from[1] = arena_copy_n(home, self, (size_t)length);
  for (int i = 0; i < 2; i++)
    for (size_t k = 0; from[i] && k < sizeof tails / sizeof *tails; k++) {
      const char *path = arena_format(home, "%s/%s", file_folder(home, from[i]), tails[k]);
      if (access(path, X_OK) == 0) return path;
    }
  return NULL;
}

char **program_surroundings(arena *home)
{
  static const char *const names[] = {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", NULL};
  char **out = arena_array(home, sizeof names / sizeof *names, sizeof *out);
  size_t count = 0;
  for (size_t i = 0; names[i]; i++)
    if (getenv(names[i])) out[count++] = arena_format(home, "%s=%s", names[i], getenv(names[i]));
  return out;
}
