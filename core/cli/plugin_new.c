/* tarazu plugin new: a small folder with a working plugin in it, to be changed into one's own. It is made beside its
 * place and renamed, so that there is all of it or nothing. */
#include "cli/plugin_new.h"
#include "base/file.h"
#include "catalog/catalog.h"
#include "catalog/declaration_check.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_NAME = 64, MOST_OPEN = 16 };

/* What a new plugin is. */
typedef struct sketch {
  const char *name, *role, *language; /* "c", "c++" */
  const char *source;                 /* "NAME.c" */
} sketch;

/* ---- what is asked for --------------------------------------------------------------------------------------- */

static const char *const languages[] = {"c", "c++"};

static const char *ending(const char *language)
{
  return strcmp(language, "c") == 0 ? ".c" : ".cpp";
}

/* A folder of core/cli/new that a new plugin takes its files from. */
static int is_in(const char *path, const char *folder)
{
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static int ends_with(const char *path, const char *end)
{
  size_t length = strlen(path), end_length = strlen(end);
  return length >= end_length && strcmp(path + length - end_length, end) == 0;
}

static int is_offered(const char *role, const char *language)
{
  for (const new_file *file = new_files; file->path; file++)
    if (is_in(file->path, role) && ends_with(file->path, ending(language))) return 1;
  return 0;
}

/* Two plugins of one role and name could not be told apart: a profile that names them would fail. */
static int is_taken(const invocation *asked, uint32_t role, const char *name)
{
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  catalog *found = command_catalog(asked);
  uint32_t count = catalog_strategies(found, &strategies, &files);
  int taken = 0;
  for (uint32_t i = 0; i < count && !taken; i++)
    taken = strategies[i]->role == role && strcmp(strategies[i]->id, name) == 0;
  catalog_free(found);
  return taken;
}

static int check_role(const invocation *asked)
{
  const char *roles[TARAZU_SINK];
  for (uint32_t i = 0; i < TARAZU_SINK; i++) roles[i] = role_name(i + 1);
  if (!asked->role)
    return usage_fault(asked,
                       "new needs --role, one of scorer, normalizer, weigher, combiner, segmenter, source, sink");
  if (role_by_name(asked->role)) return EXIT_GOOD;
  const char *nearest = text_nearest(asked->role, roles, TARAZU_SINK);
  if (nearest) return usage_fault(asked, "'%s' is no role; did you mean '%s'?", asked->role, nearest);
  return usage_fault(asked,
                     "'%s' is no role; expected one of scorer, normalizer, weigher, combiner, segmenter, source, sink",
                     asked->role);
}

static int check_language(const invocation *asked, const char *language)
{
  if (strcmp(language, languages[0]) != 0 && strcmp(language, languages[1]) != 0)
    return usage_fault(asked, "'%s' is neither c nor c++", language);
  if (!is_offered(asked->role, language)) return usage_fault(asked, "a %s is begun in c, not in c++", asked->role);
  return EXIT_GOOD;
}

static int check_name(const invocation *asked, const char *name)
{
  if (!name) return usage_fault(asked, "new needs a name, such as 'tarazu plugin new delight --role scorer'");
  if (!declaration_is_name(name) || strlen(name) > MOST_NAME)
    return usage_fault(asked, "'%s' is no name: small letters, digits and '_', a letter first, at most %d", name,
                       MOST_NAME);
  return EXIT_GOOD;
}

/* ---- writing it ---------------------------------------------------------------------------------------------- */

static const char *filled(const sketch *s, const char *pattern, arena *memory)
{
  const struct {
    const char *word, *value;
  } words[] = {{"@NAME@", s->name}, {"@ROLE@", s->role}, {"@SOURCE@", s->source}};
  text out = {0};
  while (*pattern) {
    size_t plain = strcspn(pattern, "@"), taken = 0;
    text_add_n(&out, pattern, plain);
    pattern += plain;
    for (size_t i = 0; i < sizeof words / sizeof *words && !taken; i++) {
      size_t length = strlen(words[i].word);
      if (strncmp(pattern, words[i].word, length) != 0) continue;
      text_add(&out, words[i].value);
      taken = length;
    }
    if (!taken && *pattern) text_add_n(&out, pattern, taken = 1);
    pattern += taken;
  }
  char *result = arena_copy(memory, text_string(&out));
  text_free(&out);
  return result;
}

/* Its place in the plugin's folder; NULL: of another role or language. */
static const char *place_of(const sketch *s, const new_file *file, arena *memory)
{
  const char *other = ending(strcmp(s->language, "c") == 0 ? "c++" : "c");
  int wanted = is_in(file->path, "all") || is_in(file->path, s->language) || is_in(file->path, s->role);
  if (!wanted || ends_with(file->path, other)) return NULL;
  return filled(s, strchr(file->path, '/') + 1, memory);
}

/* 0, or errno. */
static int write_files(const sketch *s, const char *folder, arena *memory)
{
  for (const new_file *file = new_files; file->path; file++) {
    const char *local = place_of(s, file, memory);
    if (!local) continue;
    const char *path = arena_format(memory, "%s/%s", folder, local), *content = filled(s, file->text, memory);
    int fault = file_make_folders(file_folder(memory, path));
    if (!fault) fault = file_write(path, content, strlen(content));
    if (fault) return fault;
  }
  return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
  (void)about, (void)kind, (void)at;
  return remove(path);
}

/* Not over what is there, also where it came there just now. */
static int rename_new(const char *from, const char *to)
{
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  struct stat about; /* a file system that cannot promise it */
  if (lstat(to, &about) == 0) return EEXIST;
  return rename(from, to) == 0 ? 0 : errno;
}

static int write_folder(const sketch *s, arena *memory)
{
  struct stat about;
  if (lstat(s->name, &about) == 0) return EEXIST;
  const char *beside = arena_format(memory, ".%s.%ld.part", s->name, (long)getpid());
  if (mkdir(beside, 0777) != 0) return errno;
  int fault = write_files(s, beside, memory);
  if (!fault) fault = rename_new(beside, s->name);
  if (fault) nftw(beside, remove_one, MOST_OPEN, FTW_DEPTH | FTW_PHYS);
  return fault;
}

/* ---- telling it ---------------------------------------------------------------------------------------------- */

static int tell(const invocation *asked, const sketch *s)
{
  text out = {0};
  uint32_t count = 0;
  if (asked->json) text_add(&out, "[");
  else text_addf(&out, "%s/  a %s that works: make it yours\n", s->name, s->role);
  for (const new_file *file = new_files; file->path; file++) {
    const char *local = place_of(s, file, asked->arena);
    if (!local) continue;
    if (asked->json) text_addf(&out, "%s\"%s/%s\"", count++ ? "," : "", s->name, local);
    else text_addf(&out, "  %s\n", local);
  }
  if (asked->json) text_add(&out, "]\n");
  else text_addf(&out, "next: cd %s && make test\n", s->name);
  int status = output_write(&out);
  text_free(&out);
  return status;
}

int plugin_new(const invocation *asked)
{
  const char *name = asked->operands.items[1], *language = asked->language ? asked->language : "c";
  int status = check_name(asked, name);
  if (!status) status = check_role(asked);
  if (!status) status = check_language(asked, language);
  if (status) return status;
  if (is_taken(asked, role_by_name(asked->role), name))
    return usage_fault(asked, "a %s '%s' is there already, and profiles could not tell them apart", asked->role, name);
  sketch s = {name, asked->role, language, arena_format(asked->arena, "%s%s", name, ending(language))};
  int fault = write_folder(&s, asked->arena);
  if (!fault) return tell(asked, &s);
  fprintf(stderr, "tarazu plugin: %s: %s; nothing is written\n", name,
          fault == EEXIST ? "is there already" : strerror(fault));
  return EXIT_OUTPUT;
}
