#include "conform/elf.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- static data ------------------------------------------------------------------------------------------- */

/* Calls visit(argument, bytes, count) for each part of an object's static data that can be written. */
typedef struct walk {
  uintptr_t inside;
  void (*visit)(struct walk *walk, const char *bytes, size_t count);
  char *copy;
  size_t count;
  int changed;
} walk;

static int is_of(const struct dl_phdr_info *about, uintptr_t inside)
{
  for (int i = 0; i < about->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &about->dlpi_phdr[i];
    uintptr_t from = about->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_LOAD && inside >= from && inside < from + part->p_memsz) return 1;
  }
  return 0;
}

static int walk_object(struct dl_phdr_info *about, size_t size, void *argument)
{
  walk *w = argument;
  (void)size;
  if (!is_of(about, w->inside)) return 0;
  for (int i = 0; i < about->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &about->dlpi_phdr[i];
    if (part->p_type == PT_LOAD && part->p_flags & PF_W)
      w->visit(w, (const char *)(about->dlpi_addr + part->p_vaddr), part->p_memsz);
  }
  return 1;
}

static void copy_part(walk *w, const char *bytes, size_t count)
{
  char *more = realloc(w->copy, w->count + count);
  if (!more) return;
  w->copy = more;
  memcpy(w->copy + w->count, bytes, count);
  w->count += count;
}

static void compare_part(walk *w, const char *bytes, size_t count)
{
  w->changed |= memcmp(w->copy + w->count, bytes, count) != 0;
  w->count += count;
}

void *static_data_copy(const void *inside, size_t *count)
{
  walk w = {.inside = (uintptr_t)inside, .visit = copy_part};
  dl_iterate_phdr(walk_object, &w);
  *count = w.count;
  return w.copy;
}

int static_data_changed(const void *inside, const void *copy, size_t count)
{
  walk w = {.inside = (uintptr_t)inside, .visit = compare_part, .copy = (char *)(uintptr_t)copy};
  if (copy) dl_iterate_phdr(walk_object, &w);
  return w.changed && w.count == count;
}

/* ---- the clock --------------------------------------------------------------------------------------------- */

enum { LATER = 1000 * 86400 + 12345 }; /* seconds */

static time_t later_time(time_t *out)
{
  time_t now = time(NULL) + LATER;
  if (out) *out = now;
  return now;
}

static int later_clock_gettime(clockid_t id, struct timespec *out)
{
  int status = clock_gettime(id, out);
  out->tv_sec += LATER;
  return status;
}

static int later_gettimeofday(struct timeval *out, void *zone)
{
  (void)zone;
  int status = gettimeofday(out, NULL);
  out->tv_sec += LATER;
  return status;
}

static uintptr_t later(const char *name)
{
  if (!strcmp(name, "time")) return (uintptr_t)later_time;
  if (!strcmp(name, "clock_gettime")) return (uintptr_t)later_clock_gettime;
  if (!strcmp(name, "gettimeofday")) return (uintptr_t)later_gettimeofday;
  return 0;
}

#if defined(__x86_64__)
#define IS_FUNCTION_SLOT(type) ((type) == R_X86_64_JUMP_SLOT || (type) == R_X86_64_GLOB_DAT)
#elif defined(__aarch64__)
#define IS_FUNCTION_SLOT(type) ((type) == R_AARCH64_JUMP_SLOT || (type) == R_AARCH64_GLOB_DAT)
#endif

#ifdef IS_FUNCTION_SLOT
typedef struct tables {
  const ElfW(Rela) * relocations[2];
  size_t bytes[2];
  const ElfW(Sym) * symbols;
  const char *names;
} tables;

static tables tables_of(const struct link_map *map)
{
  tables t = {{0}, {0}, NULL, NULL};
  for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++) {
    switch (d->d_tag) {
    case DT_JMPREL: t.relocations[0] = (const void *)d->d_un.d_ptr; break;
    case DT_PLTRELSZ: t.bytes[0] = d->d_un.d_val; break;
    case DT_RELA: t.relocations[1] = (const void *)d->d_un.d_ptr; break;
    case DT_RELASZ: t.bytes[1] = d->d_un.d_val; break;
    case DT_SYMTAB: t.symbols = (const void *)d->d_un.d_ptr; break;
    case DT_STRTAB: t.names = (const void *)d->d_un.d_ptr; break;
    default: break;
    }
  }
  return t;
}

static void redirect(uintptr_t slot, uintptr_t to)
{
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = slot / page * page;
  if (mprotect((void *)from, page, PROT_READ | PROT_WRITE) == 0) memcpy((void *)slot, &to, sizeof to);
}

void clock_shift(const void *inside)
{
  struct link_map *map = NULL;
  Dl_info about;
  if (!dladdr1(inside, &about, (void **)&map, RTLD_DL_LINKMAP) || !map) return;
  tables t = tables_of(map);
  for (int k = 0; k < 2 && t.symbols && t.names; k++)
    for (size_t i = 0; t.relocations[k] && i < t.bytes[k] / sizeof(ElfW(Rela)); i++) {
      const ElfW(Rela) *r = &t.relocations[k][i];
      if (!IS_FUNCTION_SLOT(ELF64_R_TYPE(r->r_info))) continue;
      uintptr_t to = later(t.names + t.symbols[ELF64_R_SYM(r->r_info)].st_name);
      if (to) redirect(map->l_addr + r->r_offset, to);
    }
}
#else
void clock_shift(const void *inside)
{
  (void)inside, (void)later;
}
#endif
