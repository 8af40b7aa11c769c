/* hostile_files.c: a source and a sink that do on purpose what none may. The parameter `deed` says what, `when` in
 * which of their functions, `of` which file it is about. Other than that the source gives five customers with a value
 * each, in two parts, and the sink writes how many rows it got. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <tarazu/plugin.h>
#include <unistd.h>

enum { DEED, WHEN, OF };
enum deed {
  NOTHING,
  READS_FILE,
  READS_LEGACY,
  READS_LOCATION,
  READS_PROC,
  LISTS_FOLDER,
  WRITES_FILE,
  EMPTIES_FILE,
  MAKES_FILE,
  MAKES_FOLDER,
  REMOVES_FILE,
  RENAMES_FILE,
  LINKS_FILE,
  CHANGES_RIGHTS,
  SPILLS,
  OPENS_SOCKET,
  FORKS,
  FORKS_RAW,
  FORKS_NEWLY,
  EXECS,
  STARTS_THREAD,
  ENDS_THREAD,
  TELLS_MEMORY,
  EXHAUSTS_MEMORY,
  SPINS,
  SCRIBBLES,
  EXITS,
  KILLS_PARENT,
  TRACES_PARENT,
  FAILS,
  /* of a source */
  UNORDERED_STRINGS,
  ENDLESS_STRINGS,
  WRONG_CODE,
  SHORT_VALUES,
  ENDLESS_ROWS,
  FEWER_COLUMNS,
  MANY_PARTS,
  ODD_FINGERPRINT,
  BIG_CHUNK,
  /* of a sink */
  WRITES_BESIDE,
  LEAVES_NOTHING,
  LEAVES_FOLDER,
  LEAVES_RIGHTS
};
static const char *const deeds[] = {"nothing",
                                    "reads_file",
                                    "reads_legacy",
                                    "reads_location",
                                    "reads_proc",
                                    "lists_folder",
                                    "writes_file",
                                    "empties_file",
                                    "makes_file",
                                    "makes_folder",
                                    "removes_file",
                                    "renames_file",
                                    "links_file",
                                    "changes_rights",
                                    "spills",
                                    "opens_socket",
                                    "forks",
                                    "forks_raw",
                                    "forks_newly",
                                    "execs",
                                    "starts_thread",
                                    "ends_thread",
                                    "tells_memory",
                                    "exhausts_memory",
                                    "spins",
                                    "scribbles",
                                    "exits",
                                    "kills_parent",
                                    "traces_parent",
                                    "fails",
                                    "unordered_strings",
                                    "endless_strings",
                                    "wrong_code",
                                    "short_values",
                                    "endless_rows",
                                    "fewer_columns",
                                    "many_parts",
                                    "odd_fingerprint",
                                    "big_chunk",
                                    "writes_beside",
                                    "leaves_nothing",
                                    "leaves_folder",
                                    "leaves_rights",
                                    NULL};
enum when {
  IN_CREATE,
  IN_DESCRIBE,
  IN_PLAN,
  IN_OPEN,
  IN_READ,
  IN_FINGERPRINT,
  IN_TABLE,
  IN_WRITE,
  IN_PREPARE,
  IN_COMMIT,
  IN_CLOSE
};
static const char *const whens[] = {"create", "describe", "plan",    "open",   "read",  "fingerprint",
                                    "table",  "write",    "prepare", "commit", "close", NULL};

typedef struct hostile {
  const tarazu_host *host;
  int deed, when;
  const char *of;
} hostile;

static void *note(void *argument)
{
  *(int *)argument = 1;
  return NULL;
}

static void exhaust(void)
{
  for (;;) {
    char *more = malloc(1 << 24);
    memset(more, 1, 1 << 24); /* a null pointer, in the end */
  }
}

static void tell(const hostile *h, int did, const char *what)
{
  if (did) h->host->log(h->host, 1, what);
}

/* location: of the data, or where to write; scratch: NULL for a sink. */
static tarazu_status act(const hostile *h, enum when when, const char *location, const char *scratch,
                         tarazu_error *error)
{
  pthread_t thread;
  char byte = 0, path[4200];
  int done = 0;
  static volatile int always = 1;
  if ((int)when != h->when) return TARAZU_OK;
  snprintf(path, sizeof path, "%s/spilled", scratch ? scratch : "");
  switch (h->deed) {
  case READS_FILE: tell(h, read(open(h->of, O_RDONLY), &byte, 1) == 1, "it read a file"); break;
  case READS_LEGACY: tell(h, read((int)syscall(SYS_open, h->of, O_RDONLY), &byte, 1) == 1, "it read a file"); break;
  case READS_LOCATION: tell(h, read(open(location, O_RDONLY), &byte, 1) == 1, "it read its location"); break;
  case READS_PROC:
    tell(h, read(open("/proc/self/environ", O_RDONLY), &byte, 1) == 1, "it read its surroundings");
    break;
  case LISTS_FOLDER: tell(h, opendir(h->of) != NULL, "it listed a folder"); break;
  case WRITES_FILE: tell(h, write(open(h->of, O_WRONLY), "x", 1) == 1, "it wrote a file"); break;
  case EMPTIES_FILE: tell(h, open(h->of, O_RDONLY | O_TRUNC) >= 0, "it emptied a file"); break;
  case MAKES_FILE: tell(h, open(h->of, O_WRONLY | O_CREAT, 0600) >= 0, "it made a file"); break;
  case MAKES_FOLDER: tell(h, mkdir(h->of, 0700) == 0, "it made a folder"); break;
  case REMOVES_FILE: tell(h, unlink(h->of) == 0, "it removed a file"); break;
  case RENAMES_FILE: tell(h, rename(h->of, path) == 0, "it renamed a file"); break;
  case LINKS_FILE: tell(h, link(h->of, path) == 0, "it linked a file"); break;
  case CHANGES_RIGHTS: tell(h, chmod(h->of, 0777) == 0, "it changed the rights of a file"); break;
  case SPILLS:
    done = write(open(path, O_RDWR | O_CREAT, 0600), "x", 1) == 1 && read(open(path, O_RDONLY), &byte, 1) == 1;
    tell(h, done && unlink(path) == 0, "it spilled");
    break;
  case OPENS_SOCKET: tell(h, socket(AF_INET, SOCK_STREAM, 0) >= 0, "it opened a socket"); break;
  case FORKS:
    if (fork() == 0) _exit(0);
    break;
  case FORKS_RAW:
    if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) _exit(0);
    break;
  case FORKS_NEWLY: {
    const uint64_t how[11] = {[4] = SIGCHLD};
    if (syscall(SYS_clone3, how, sizeof how) == 0) _exit(0);
    syscall(SYS_execve, "/bin/true", NULL, NULL); /* it is told that there is no such call */
    break;
  }
  case EXECS: execl("/bin/true", "true", (char *)NULL); break;
  case STARTS_THREAD:
    if (pthread_create(&thread, NULL, note, &done) == 0) pthread_join(thread, NULL);
    tell(h, done, "it started a thread");
    break;
  case ENDS_THREAD: syscall(SYS_exit, 0); break;
  case EXHAUSTS_MEMORY: exhaust(); break;
  case SPINS:
    while (always) {
    }
    break;
  case SCRIBBLES:
    for (volatile char *at = (volatile char *)(uintptr_t)&exhaust; at; at -= 4096) *at = 1;
    break;
  case EXITS: _exit(0);
  case KILLS_PARENT: kill(getppid(), SIGKILL); break;
  case TRACES_PARENT: ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); break;
  case WRITES_BESIDE:
    snprintf(path, sizeof path, "%s.wal", location);
    tell(h, write(open(path, O_WRONLY | O_CREAT, 0600), "x", 1) == 1, "it wrote beside its file");
    break;
  case LEAVES_NOTHING: tell(h, unlink(location) == 0, "it left nothing"); break;
  case LEAVES_FOLDER: tell(h, unlink(location) == 0 && mkdir(location, 0700) == 0, "it left a folder"); break;
  case LEAVES_RIGHTS:
    tell(h, unlink(location) == 0 && open(location, O_WRONLY | O_CREAT, 06777) >= 0, "it left other rights");
    break;
  case FAILS: return tarazu_fail(error, TARAZU_BAD_DATA, "it does not like the data");
  default: break;
  }
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  hostile *h = self;
  h->host = context->host;
  h->deed = (int)tarazu_arg(args, DEED)->integer;
  h->when = (int)tarazu_arg(args, WHEN)->integer;
  h->of = tarazu_arg(args, OF)->text;
  return act(h, IN_CREATE, "", NULL, error);
}

/* ---- the source -------------------------------------------------------------------------------------------- */

enum { ROWS = 5, PARTS = 2, BIG = 400000 };

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error)
{
  static const tarazu_source_column all[] = {{.name = "id", .declared = "TEXT", .type = TARAZU_TEXT},
                                             {.name = "value", .declared = "REAL", .type = TARAZU_F64}};
  *columns = (tarazu_list)TARAZU_LIST(all);
  return act(self, IN_DESCRIBE, request->location, request->scratch, error);
}

static tarazu_status plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  const hostile *h = self;
  char words[60];
  snprintf(words, sizeof words, "it may use %lld bytes", (long long)request->memory);
  tell(h, h->deed == TELLS_MEMORY, words);
  return act(self, IN_PLAN, request->location, request->scratch, error);
}

typedef struct reader {
  uint32_t columns;
  int given[PARTS];
} reader;

static tarazu_status open_reader(void *self, const tarazu_request *request, void **out, uint32_t *parts,
                                 tarazu_error *error)
{
  const hostile *h = self;
  reader *made = calloc(1, sizeof *made);
  *out = made;
  made->columns = 1 + request->wants.count;
  *parts = h->deed == MANY_PARTS ? UINT32_MAX : PARTS;
  return act(self, IN_OPEN, request->location, request->scratch, error);
}

/* Five customers in the first part; in the second none, or so many that no message holds them. */
static const tarazu_chunk *chunk_of(const hostile *h, const reader *from, int big)
{
  static const int64_t good[] = {0, 1, 2, 3, 4, 5}, unordered[] = {0, 4, 2, 3, 4, 5},
                       endless[] = {0, 1, 2, 3, 4, INT64_C(1) << 40};
  static const int32_t codes[] = {0, 1, 2, 3, 4}, wrong[] = {0, 1, 2, 3, 1 << 28};
  static const double values[] = {5, 4, 3, 2, 1};
  static int64_t bytes[8], big_offsets[BIG + 1];
  static char big_strings[7 * BIG];
  static double big_values[BIG];
  static tarazu_column columns[8];
  static const tarazu_column *pointers[8];
  static tarazu_dictionary names;
  static tarazu_chunk chunk;
  int64_t rows = big ? BIG : ROWS;
  for (int i = 0; big && i < BIG; i++) {
    snprintf(big_strings + (size_t)7 * (size_t)i, 7, "%06d", i); /* the zero byte is written over */
    big_offsets[i] = 7 * (int64_t)i;
    big_strings[7 * i + 6] = '.';
    big_values[i] = i;
  }
  big_offsets[BIG] = 7 * (int64_t)BIG;
  names = (tarazu_dictionary){.size = sizeof names, .count = (uint32_t)rows, .offsets = good, .bytes = "abcde"};
  if (h->deed == UNORDERED_STRINGS) names.offsets = unordered;
  if (h->deed == ENDLESS_STRINGS) names.offsets = endless;
  if (big) names.offsets = big_offsets, names.bytes = big_strings;
  columns[0] = (tarazu_column){.size = sizeof *columns, .type = TARAZU_TEXT, .dictionary = &names};
  if (!big) columns[0].values = h->deed == WRONG_CODE ? wrong : codes;
  bytes[0] = big ? 0 : sizeof codes;
  for (uint32_t i = 1; i < from->columns && i < 8; i++) {
    columns[i] = (tarazu_column){.size = sizeof *columns, .type = TARAZU_F64, .values = big ? big_values : values};
    bytes[i] = h->deed == SHORT_VALUES ? 16 : rows * (int64_t)sizeof(double);
  }
  for (uint32_t i = 0; i < 8; i++) pointers[i] = &columns[i];
  chunk = (tarazu_chunk){.size = sizeof chunk,
                         .column_count = from->columns - (h->deed == FEWER_COLUMNS),
                         .rows = h->deed == ENDLESS_ROWS ? INT64_MAX / 16 : rows,
                         .columns = pointers,
                         .bytes = bytes};
  return &chunk;
}

static tarazu_status read_part(const void *self, void *argument, uint32_t part, const tarazu_chunk **chunk,
                               tarazu_error *error)
{
  const hostile *h = self;
  reader *from = argument;
  int big = part == 1;
  *chunk = from->given[part] || (big && h->deed != BIG_CHUNK) ? NULL : chunk_of(h, from, big);
  if (big != (h->deed == BIG_CHUNK)) *chunk = NULL; /* its columns are static: one part at a time */
  from->given[part] = 1;
  return part ? TARAZU_OK : act(h, IN_READ, "", NULL, error);
}

static tarazu_status fingerprint(const void *self, void *from, char digits[65], tarazu_error *error)
{
  const hostile *h = self;
  (void)from;
  snprintf(digits, 65, "%s", h->deed == ODD_FINGERPRINT ? "\", \"injected\": \"" : "0123");
  return act(h, IN_FINGERPRINT, "", NULL, error);
}

static void close_reader(const void *self, void *from)
{
  tarazu_error error;
  act(self, IN_CLOSE, "", NULL, &error);
  free(from);
}

static const void *source_extension(const char *id)
{
  static const char *const accepts[] = {"*.hostile", "hostile:*", NULL};
  static const tarazu_source source = {.size = sizeof source,
                                       .accepts = accepts,
                                       .describe = describe,
                                       .plan = plan,
                                       .open = open_reader,
                                       .read = read_part,
                                       .fingerprint = fingerprint,
                                       .close = close_reader};
  return strcmp(id, "tarazu.source/1") == 0 ? &source : NULL;
}

/* ---- the sink ---------------------------------------------------------------------------------------------- */

typedef struct writer {
  char location[4096];
  long long rows;
} writer;

static tarazu_status open_writer(const void *self, const tarazu_target *target, void **out, tarazu_error *error)
{
  writer *made = calloc(1, sizeof *made);
  *out = made;
  snprintf(made->location, sizeof made->location, "%s", target->location);
  return act(self, IN_OPEN, made->location, NULL, error);
}

static tarazu_status begin_table(const void *self, void *argument, const tarazu_table *table, tarazu_error *error)
{
  const writer *to = argument;
  (void)table;
  return act(self, IN_TABLE, to->location, NULL, error);
}

static tarazu_status write_rows(const void *self, void *argument, const tarazu_batch *batch, tarazu_error *error)
{
  writer *to = argument;
  to->rows += batch->rows;
  return act(self, IN_WRITE, to->location, NULL, error);
}

static tarazu_status prepare(const void *self, void *argument, tarazu_error *error)
{
  const writer *to = argument;
  FILE *file = fopen(to->location, "w");
  if (!file || fprintf(file, "%lld rows\n", to->rows) < 0 || fclose(file) != 0)
    return tarazu_fail(error, TARAZU_INTERNAL, "its file cannot be written");
  return act(self, IN_PREPARE, to->location, NULL, error);
}

static tarazu_status commit(const void *self, void *argument, tarazu_error *error)
{
  const writer *to = argument;
  return act(self, IN_COMMIT, to->location, NULL, error);
}

static void close_writer(const void *self, void *argument)
{
  const writer *to = argument;
  tarazu_error error;
  if (to) act(self, IN_CLOSE, to->location, NULL, &error);
  free(argument);
}

static const void *sink_extension(const char *id)
{
  static const char *const accepts[] = {"*.hostile", "hostile:*", NULL};
  static const tarazu_sink sink = {.size = sizeof sink,
                                   .tables = TARAZU_CUSTOMERS,
                                   .accepts = accepts,
                                   .open = open_writer,
                                   .table = begin_table,
                                   .write = write_rows,
                                   .prepare = prepare,
                                   .commit = commit,
                                   .close = close_writer};
  return strcmp(id, "tarazu.sink/1") == 0 ? &sink : NULL;
}

static const tarazu_param params[] = {
    {.name = "deed", .kind = TARAZU_CHOICE, .choices = deeds, .initial = "nothing", .help = "what it does"},
    {.name = "when", .kind = TARAZU_CHOICE, .choices = whens, .initial = "open", .help = "in which function"},
    {.name = "of", .kind = TARAZU_STRING, .initial = "/etc/passwd", .help = "the file that it is about"}};
static const tarazu_strategy source_strategy = {.size = sizeof source_strategy,
                                                .role = TARAZU_SOURCE,
                                                .id = "hostile",
                                                .version = "1.0",
                                                .license = "MIT",
                                                .summary = "does what it must not",
                                                .params = TARAZU_LIST(params),
                                                .self_size = sizeof(hostile),
                                                .create = create,
                                                .extension = source_extension};
static const tarazu_strategy sink_strategy = {.size = sizeof sink_strategy,
                                              .role = TARAZU_SINK,
                                              .id = "hostile",
                                              .version = "1.0",
                                              .license = "MIT",
                                              .summary = "does what it must not",
                                              .params = TARAZU_LIST(params),
                                              .self_size = sizeof(hostile),
                                              .create = create,
                                              .extension = sink_extension};
const tarazu_plugin tarazu_plugin_v1 = {.size = sizeof tarazu_plugin_v1,
                                        .name = "hostile",
                                        .strategies =
                                            (const tarazu_strategy *const[]){&source_strategy, &sink_strategy, NULL}};
