/* Loading without opening files: what a plugin's file and the libraries that it brings along say they need is read
 * here, before the filter closes. A file that somebody else wrote is read, so every place in it is checked. */
#include "worker/worker.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 128, MOST_PATH = 4096 };

static struct {
  char path[MOST_PATH];
  int file;
} served[MOST_FILES];
static int served_count;

int needed_file(const char *path)
{
  for (int i = 0; i < served_count; i++)
    if (!strcmp(served[i].path, path)) return served[i].file;
  return -1;
}

/* ---- an object file ---------------------------------------------------------------------------------------- */

typedef struct object {
  const char *bytes;
  size_t size;
  const ElfW(Phdr) * parts;
  size_t part_count;
  const char *strings;
  size_t string_room;
} object;

static const void *at(const object *o, size_t from, size_t count)
{
  return from <= o->size && count <= o->size - from ? o->bytes + from : NULL;
}

/* Where in the file an address of the loaded object is; SIZE_MAX: nowhere. */
static size_t place_of(const object *o, uint64_t address)
{
  for (size_t i = 0; i < o->part_count; i++) {
    const ElfW(Phdr) *p = &o->parts[i];
    if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr < p->p_filesz)
      return p->p_offset + (size_t)(address - p->p_vaddr);
  }
  return SIZE_MAX;
}

/* A zero-terminated name of the table of strings; NULL: there is none. */
static const char *string_at(const object *o, uint64_t offset)
{
  if (offset >= o->string_room) return NULL;
  return memchr(o->strings + offset, 0, o->string_room - offset) ? o->strings + offset : NULL;
}

static const ElfW(Dyn) * dynamic_of(object *o, size_t *count)
{
  const ElfW(Ehdr) *head = at(o, 0, sizeof *head);
  if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_phentsize != sizeof(ElfW(Phdr))) return NULL;
  o->parts = at(o, head->e_phoff, (size_t)head->e_phnum * sizeof(ElfW(Phdr)));
  o->part_count = o->parts ? head->e_phnum : 0;
  for (size_t i = 0; i < o->part_count; i++) {
    if (o->parts[i].p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn) *list = at(o, o->parts[i].p_offset, o->parts[i].p_filesz);
    *count = list ? o->parts[i].p_filesz / sizeof *list : 0;
    return list;
  }
  return NULL;
}

/* ---- what it needs ----------------------------------------------------------------------------------------- */

static int serve_file(const char *path, char *why, size_t room);

/* Of the plugin itself. */
static struct {
  char run_path[MOST_PATH], origin[MOST_PATH];
} first;

/* The next folder of a run path, as the dynamic linker writes it; 0: there is none. */
static int next_folder(const char **rest, const char *origin, char out[MOST_PATH])
{
  if (!**rest) return 0;
  size_t length = strcspn(*rest, ":"), skip = 0;
  const char *part = *rest;
  *rest += length + (part[length] == ':');
  if (!strncmp(part, "$ORIGIN", 7)) skip = 7;
  else if (!strncmp(part, "${ORIGIN}", 9)) skip = 9;
  int written = snprintf(out, MOST_PATH, "%s%.*s", skip ? origin : "", (int)(length - skip), part + skip);
  while (written > 1 && written < MOST_PATH && out[written - 1] == '/') out[--written] = 0;
  return 1;
}

/* A library beside the plugin is served, also where the plugin's own run path alone leads to what another one needs;
 * one of the system's is loaded here and now. */
static int provide(const char *name, const char *run_path, const char *origin, char *why, size_t room)
{
  char folder[MOST_PATH], path[2 * MOST_PATH];
  if (*name == '/') return serve_file(name, why, room);
  if (strchr(name, '/')) {
    snprintf(why, room, "cannot be loaded: it needs '%.200s', a path that depends on where it is started", name);
    return 0;
  }
  for (int own = 1; own >= 0; own--) {
    const char *rest = own ? run_path : first.run_path, *from = own ? origin : first.origin;
    while (rest && next_folder(&rest, from, folder)) {
      snprintf(path, sizeof path, "%s/%s", folder, name);
      if (*folder == '/' && strlen(path) < MOST_PATH && access(path, R_OK) == 0) return serve_file(path, why, room);
    }
  }
  /* cppcheck-suppress leakNoVarFunctionCall; it stays, for the plugin */
  if (dlopen(name, RTLD_NOW | RTLD_LOCAL)) return 1;
  snprintf(why, room, "cannot be loaded: %.500s", dlerror());
  return 0;
}

static int provide_all(object *o, const char *origin, char *why, size_t room)
{
  size_t count = 0, strings = SIZE_MAX;
  const ElfW(Dyn) *list = dynamic_of(o, &count);
  const char *run_path = NULL;
  snprintf(why, room, "cannot be loaded: it is no whole shared object");
  for (size_t i = 0; i < count && list[i].d_tag != DT_NULL; i++) {
    if (list[i].d_tag == DT_STRTAB) strings = place_of(o, list[i].d_un.d_ptr);
    if (list[i].d_tag == DT_STRSZ) o->string_room = list[i].d_un.d_val;
  }
  if (!list || strings == SIZE_MAX || !(o->strings = at(o, strings, o->string_room))) return 0;
  for (size_t i = 0; i < count && list[i].d_tag != DT_NULL; i++)
    if (list[i].d_tag == DT_RUNPATH || list[i].d_tag == DT_RPATH) run_path = string_at(o, list[i].d_un.d_val);
  if (run_path && served_count == 1) {
    snprintf(first.run_path, sizeof first.run_path, "%s", run_path);
    snprintf(first.origin, sizeof first.origin, "%s", origin);
  }
  for (size_t i = 0; i < count && list[i].d_tag != DT_NULL; i++) {
    if (list[i].d_tag != DT_NEEDED) continue;
    const char *name = string_at(o, list[i].d_un.d_val);
    if (!name || !provide(name, run_path, origin, why, room)) return 0;
  }
  return 1;
}

/* Only what is a shared object is served: a plugin could name any file as its library. */
static int serve_file(const char *path, char *why, size_t room)
{
  struct stat about;
  char origin[MOST_PATH];
  if (needed_file(path) >= 0) return 1;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || served_count == MOST_FILES ||
      strlen(path) >= MOST_PATH) {
    snprintf(why, room, "cannot be loaded: '%.300s': %s", path, file < 0 ? strerror(errno) : "is no file");
    if (file >= 0) close(file);
    return 0;
  }
  object o = {.size = (size_t)about.st_size};
  void *bytes = mmap(NULL, o.size ? o.size : 1, PROT_READ, MAP_PRIVATE, file, 0);
  o.bytes = bytes;
  if (bytes == MAP_FAILED) {
    snprintf(why, room, "cannot be loaded: %s", strerror(errno));
    close(file);
    return 0;
  }
  snprintf(served[served_count].path, MOST_PATH, "%s", path);
  served[served_count++].file = file;
  snprintf(origin, sizeof origin, "%s", path);
  char *slash = strrchr(origin, '/');
  if (slash) *slash = 0;
  int good = provide_all(&o, origin, why, room);
  munmap(bytes, o.size ? o.size : 1);
  return good;
}

int needed_prepare(const char *path, char *why, size_t room)
{
  return serve_file(path, why, room);
}
