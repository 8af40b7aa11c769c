/* Verdicts as lines of words. A word has its spaces, percent signs and control bytes written as %20, so that any path
 * fits; the cache's first line carries a hash of the rest, so that a torn or edited file is never half believed. */
#include "catalog/verdict.h"

#include "base/file.h"
#include "base/hash.h"
#include "catalog/trust.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tarazu/plugin.h>
#include <unistd.h>

enum { MOST_BYTES = 16 << 20, MOST_OTHERS = 1000 };

/* ---- words ------------------------------------------------------------------------------------------------- */

static void add_word(text *out, const char *word)
{
  text_add_n(out, " ", 1);
  for (; *word; word++) {
    unsigned char byte = (unsigned char)*word;
    if (byte <= ' ' || byte == '%' || byte == 0x7f) text_addf(out, "%%%02x", byte);
    else text_add_n(out, word, 1);
  }
}

static int hexadecimal(char digit)
{
  static const char digits[] = "0123456789abcdef";
  const char *found = digit ? strchr(digits, digit) : NULL;
  return found ? (int)(found - digits) : -1;
}

/* The next word of the line, decoded; NULL at its end. */
static const char *next_word(const char **at, arena *memory)
{
  if (**at != ' ') return NULL;
  size_t length = strcspn(++*at, " \n");
  char *word = arena_copy_n(memory, *at, length), *to = word;
  for (const char *from = word; *from; from++) {
    int escaped = from[0] == '%' && hexadecimal(from[1]) >= 0 && hexadecimal(from[2]) >= 0;
    *to++ = escaped ? (char)(hexadecimal(from[1]) * 16 + hexadecimal(from[2])) : *from;
    if (escaped) from += 2;
  }
  *to = 0;
  *at += length;
  return word;
}

static int next_number(const char **at, arena *memory, int64_t *out)
{
  const char *word = next_word(at, memory);
  char *end;
  if (!word || !*word) return 0;
  *out = strtoll(word, &end, 10);
  return !*end;
}

/* Whether the line begins with this word, which is then passed. */
static int takes(const char **at, const char *word)
{
  size_t length = strlen(word);
  if (strncmp(*at, word, length) != 0 || ((*at)[length] != ' ' && (*at)[length] != '\n')) return 0;
  *at += length;
  return 1;
}

static int ends_line(const char **at)
{
  if (**at != '\n') return 0;
  ++*at;
  return 1;
}

/* ---- one verdict ------------------------------------------------------------------------------------------- */

void verdict_write(const verdict *v, text *out)
{
  if (v->fault) {
    text_add(out, v->passing ? "passing" : "fault");
    add_word(out, v->fault);
    text_add(out, "\n");
  } else {
    text_add(out, "plugin");
    add_word(out, v->plugin);
    text_add(out, "\n");
  }
  for (uint32_t i = 0; !v->fault && i < v->strategy_count; i++) {
    const verdict_strategy *s = &v->strategies[i];
    text_addf(out, "strategy %u %u", s->role, s->usual);
    add_word(out, s->id);
    for (uint32_t k = 0; k < s->accept_count; k++) add_word(out, s->accepts[k]);
    text_add(out, "\n");
  }
  text_add(out, VERDICT_END);
}

static int read_strategy(const char **at, arena *memory, verdict_strategy *out)
{
  int64_t role, usual;
  unsigned room = 0;
  const char *accepts;
  *out = (verdict_strategy){0};
  if (!next_number(at, memory, &role) || !next_number(at, memory, &usual) || !(out->id = next_word(at, memory)))
    return 0;
  out->role = (uint32_t)role;
  out->usual = usual != 0;
  while ((accepts = next_word(at, memory))) *arena_push(memory, out->accepts, out->accept_count, room) = accepts;
  return ends_line(at);
}

int verdict_read(const char **at, arena *memory, verdict *out)
{
  unsigned room = 0;
  *out = (verdict){.known = 1};
  if (takes(at, "plugin")) {
    if (!(out->plugin = next_word(at, memory)) || !ends_line(at)) return 0;
    while (takes(at, "strategy"))
      if (!read_strategy(at, memory, arena_push(memory, out->strategies, out->strategy_count, room))) return 0;
  } else {
    out->passing = takes(at, "passing");
    if ((!out->passing && !takes(at, "fault")) || !(out->fault = next_word(at, memory)) || !ends_line(at)) return 0;
  }
  return takes(at, "end") && ends_line(at);
}

/* ---- the cache --------------------------------------------------------------------------------------------- */

typedef struct remembered {
  found_file file;
  verdict verdict;
} remembered;

static void write_header(text *out, const char *body, size_t length)
{
  text_addf(out, "tarazu-verdicts 2 %u %016" PRIx64 "\n", TARAZU_ABI_MINOR, hash_bytes(body, length, 0));
}

static int read_memory(const char **at, arena *home, remembered *out)
{
  *out = (remembered){0};
  return takes(at, "file") && (out->file.path = next_word(at, home)) && next_number(at, home, &out->file.state.size) &&
         next_number(at, home, &out->file.state.changed) && next_number(at, home, &out->file.state.status_changed) &&
         ends_line(at) && verdict_read(at, home, &out->verdict);
}

static remembered *read_cache(const char *path, arena *home, unsigned *count)
{
  struct stat about;
  char *bytes;
  size_t length;
  remembered *memories = NULL;
  unsigned room = 0;
  text header = {0};
  *count = 0;
  if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode) || trust_fault(&about, home)) return NULL;
  if (file_read(path, MOST_BYTES, home, &bytes, &length) != 0 || strlen(bytes) != length) return NULL;
  const char *at = strchr(bytes, '\n');
  if (!at++) return NULL;
  write_header(&header, at, length - (size_t)(at - bytes));
  int same = header.length == (size_t)(at - bytes) && !memcmp(header.bytes, bytes, header.length);
  text_free(&header);
  while (same && *at) {
    remembered *next = arena_push(home, memories, *count, room);
    if (!read_memory(&at, home, next)) {
      *count = 0;
      return NULL;
    }
  }
  return memories;
}

static int is_same(const found_file *a, const found_file *b)
{
  return a->state.size == b->state.size && a->state.changed == b->state.changed &&
         a->state.status_changed == b->state.status_changed && !strcmp(a->path, b->path);
}

void verdicts_recall(const char *path, const found_file *files, verdict *verdicts, uint32_t count, arena *home)
{
  unsigned known;
  remembered *memories = read_cache(path, home, &known);
  for (uint32_t i = 0; i < count; i++) {
    found_file key = files[i];
    key.path = files[i].target;
    for (unsigned k = 0; k < known && !files[i].fault; k++)
      if (is_same(&memories[k].file, &key)) verdicts[i] = memories[k].verdict;
  }
}

static void add_memory(text *body, const char *target, const found_file *file, const verdict *v)
{
  text_add(body, "file");
  add_word(body, target);
  text_addf(body, " %" PRId64 " %" PRId64 " %" PRId64 "\n", file->state.size, file->state.changed,
            file->state.status_changed);
  verdict_write(v, body);
}

void verdicts_remember(const char *path, const found_file *files, const verdict *verdicts, uint32_t count, arena *home)
{
  unsigned known, others = 0;
  remembered *memories = read_cache(path, home, &known);
  text body = {0}, all = {0};
  for (uint32_t i = 0; i < count; i++)
    if (verdicts[i].known && !verdicts[i].passing) add_memory(&body, files[i].target, &files[i], &verdicts[i]);
  for (unsigned k = 0; k < known && others < MOST_OTHERS; k++) {
    uint32_t i = 0;
    while (i < count && strcmp(files[i].target, memories[k].file.path) != 0) i++;
    if (i < count || access(memories[k].file.path, F_OK) != 0) continue;
    add_memory(&body, memories[k].file.path, &memories[k].file, &memories[k].verdict);
    others++;
  }
  write_header(&all, text_string(&body), body.length);
  text_add_n(&all, text_string(&body), body.length);
  file_make_folders(file_folder(home, path));
  file_write(path, all.bytes, all.length);
  text_free(&body);
  text_free(&all);
}
