/* hostile.c: a scorer and a segmenter that do on purpose what no plugin may. The parameter `deed` says what, `when` in
 * which of their functions, `of` whom it is about (a file, a process). Other than that they give back their input. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tarazu/plugin.h>
#include <unistd.h>

enum { DEED, WHEN, OF };
enum deed {
  NOTHING,
  READS_FILE,
  WRITES_FILE,
  LOOKS_AT_FILE,
  OPENS_SOCKET,
  FORKS,
  FORKS_RAW,
  STARTS_THREAD,
  EXECS,
  EXHAUSTS_MEMORY,
  SHARES_MEMORY,
  SPINS,
  SLEEPS,
  SCRIBBLES,
  WRITES_INPUTS,
  WRITES_PAST_RESULTS,
  EXITS,
  ABORTS,
  ENDS_THREAD,
  KILLS_ITSELF,
  KILLS_PARENT,
  TRACES_PARENT,
  WRITES_TO_PARENT,
  CLOSES_FILES,
  ANSWERS_ITSELF,
  RAISES_LIMITS,
  UNDOES_HANDLER,
  FLOODS_LOG,
  FAILS,
  BLAMES_PARAMETER,
  GIVES_NAN,
  ODD_STATUS
};
static const char *const deeds[] = {"nothing",
                                    "reads_file",
                                    "writes_file",
                                    "looks_at_file",
                                    "opens_socket",
                                    "forks",
                                    "forks_raw",
                                    "starts_thread",
                                    "execs",
                                    "exhausts_memory",
                                    "shares_memory",
                                    "spins",
                                    "sleeps",
                                    "scribbles",
                                    "writes_inputs",
                                    "writes_past_results",
                                    "exits",
                                    "aborts",
                                    "ends_thread",
                                    "kills_itself",
                                    "kills_parent",
                                    "traces_parent",
                                    "writes_to_parent",
                                    "closes_files",
                                    "answers_itself",
                                    "raises_limits",
                                    "undoes_handler",
                                    "floods_log",
                                    "fails",
                                    "blames_parameter",
                                    "gives_nan",
                                    "odd_status",
                                    NULL};
enum when { IN_CREATE, IN_LEARN, IN_FINISH, IN_APPLY, IN_FACTS, IN_DESTROY };
static const char *const whens[] = {"create", "learn", "finish", "apply", "facts", "destroy", NULL};

typedef struct hostile {
  const tarazu_host *host;
  int deed, when;
  const char *of;
} hostile;

static void *nothing(void *argument)
{
  return argument;
}

static void exhaust(void)
{
  for (;;) {
    char *more = malloc(1 << 24);
    memset(more, 1, 1 << 24); /* a null pointer, in the end */
  }
}

static void answer(void)
{
  char lie[24] = "all is well";
  for (int file = 3; file < 64; file++) send(file, lie, sizeof lie, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void scribble(void)
{
  for (volatile char *at = (volatile char *)(uintptr_t)&scribble; at; at -= 4096) *at = 1;
}

static tarazu_status act(const hostile *h, const tarazu_batch *batch, tarazu_result *const *results,
                         tarazu_error *error)
{
  pthread_t thread;
  char byte = 0;
  struct stat about;
  static volatile int always = 1;
  switch (h->deed) {
  case READS_FILE:
    if (read(open(h->of, O_RDONLY), &byte, 1) == 1) h->host->log(h->host, 1, "it read a file");
    break;
  case WRITES_FILE:
    if (write(open(h->of, O_WRONLY | O_CREAT, 0666), &byte, 1) == 1) h->host->log(h->host, 1, "it wrote a file");
    break;
  case LOOKS_AT_FILE: stat(h->of, &about); break;
  case OPENS_SOCKET: socket(AF_INET, SOCK_STREAM, 0); break;
  case FORKS:
    if (fork() == 0) _exit(0);
    break;
  case FORKS_RAW:
    if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) _exit(0);
    break;
  case STARTS_THREAD: pthread_create(&thread, NULL, nothing, NULL); break;
  case EXECS: execl("/bin/true", "true", (char *)NULL); break;
  case EXHAUSTS_MEMORY: exhaust(); break;
  case SHARES_MEMORY: mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); break;
  case SPINS:
    while (always) {
    }
    break;
  case SLEEPS: sleep(1000); break;
  case SCRIBBLES: scribble(); break;
  case WRITES_INPUTS:
    if (batch) ((double *)(uintptr_t)batch->columns[0]->values)[0] = 1e6;
    break;
  case WRITES_PAST_RESULTS:
    if (results) memset(results[0]->values, 7, 1 << 22);
    break;
  case EXITS: _exit(0);
  case ABORTS: abort();
  case ENDS_THREAD: syscall(SYS_exit, 0); break;
  case KILLS_ITSELF: kill(getpid(), SIGKILL); break;
  case KILLS_PARENT: kill(getppid(), SIGKILL); break;
  case TRACES_PARENT: ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); break;
  case WRITES_TO_PARENT: syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0); break;
  case CLOSES_FILES:
    for (int file = 0; file < 256; file++) close(file);
    break;
  case ANSWERS_ITSELF: answer(); break;
  case RAISES_LIMITS: syscall(SYS_prlimit64, getppid(), 7, NULL, NULL); break;
  case UNDOES_HANDLER: signal(SIGSYS, SIG_IGN); break;
  case FLOODS_LOG:
    for (int i = 0; i < 100000; i++) h->host->log(h->host, 1, "a message that says nothing at all, again and again");
    break;
  case FAILS: return tarazu_fail(error, TARAZU_BAD_DATA, "it does not like the data");
  case BLAMES_PARAMETER:
    error->param = OF;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "it does not like the parameter");
  case ODD_STATUS: return (tarazu_status)99;
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
  return h->when == IN_CREATE ? act(h, NULL, NULL, error) : TARAZU_OK;
}

static void destroy(void *self)
{
  const hostile *h = self;
  tarazu_error error;
  if (h->when == IN_DESTROY) act(h, NULL, NULL, &error);
}

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(double);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const hostile *h = self;
  *(double *)state += (double)batch->rows;
  return h->when == IN_LEARN ? act(h, batch, NULL, error) : TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  *(double *)into += *(const double *)from;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  const hostile *h = self;
  (void)state, (void)again;
  return h->when == IN_FINISH ? act(h, NULL, NULL, error) : TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const hostile *h = self;
  const double *values = batch->columns[0]->values;
  double *out = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (tarazu_is_valid(batch->columns[0], i)) out[i] = h->deed == GIVES_NAN ? strtod("nan", NULL) : values[i];
    else tarazu_set_null(results[0], i);
  }
  return h->when == IN_APPLY ? act(h, batch, results, error) : TARAZU_OK;
}

static tarazu_status segment(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                             tarazu_error *error)
{
  memset(results[0]->values, 0, (size_t)batch->rows * sizeof(int32_t));
  return act(self, batch, results, error);
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  static const char *const all[] = {"all"};
  (void)self, (void)output;
  *count = 1;
  return all;
}

static tarazu_list facts(const void *self)
{
  static const tarazu_fact one[] = {{.name = "rows_seen", .value = 1, .error = -1}};
  const hostile *h = self;
  tarazu_error error;
  if (h->when == IN_FACTS) act(h, NULL, NULL, &error);
  return (tarazu_list)TARAZU_LIST(one);
}

static const tarazu_param params[] = {
    {.name = "deed", .kind = TARAZU_CHOICE, .choices = deeds, .initial = "nothing", .help = "what it does"},
    {.name = "when", .kind = TARAZU_CHOICE, .choices = whens, .initial = "apply", .help = "in which function"},
    {.name = "of", .kind = TARAZU_STRING, .initial = "/etc/passwd", .help = "the file that it is about"}};
static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "what it gives back"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "what it gives back"}};
static const tarazu_output outputs[] = {{.name = "value", .type = TARAZU_F64, .better = 1, .help = "its input"}};
static const tarazu_output segments[] = {{.name = "segment", .type = TARAZU_TEXT, .help = "one for all"}};

static const tarazu_strategy scorer = {.size = sizeof scorer,
                                       .role = TARAZU_SCORER,
                                       .id = "hostile",
                                       .version = "1.0",
                                       .license = "MIT",
                                       .summary = "does what it must not",
                                       .params = TARAZU_LIST(params),
                                       .inputs = TARAZU_LIST(inputs),
                                       .outputs = TARAZU_LIST(outputs),
                                       .self_size = sizeof(hostile),
                                       .create = create,
                                       .destroy = destroy,
                                       .state_size = state_size,
                                       .learn = learn,
                                       .merge = merge,
                                       .finish = finish,
                                       .apply = apply,
                                       .facts = facts};
static const tarazu_strategy segmenter = {.size = sizeof segmenter,
                                          .role = TARAZU_SEGMENTER,
                                          .id = "hostile",
                                          .version = "1.0",
                                          .license = "MIT",
                                          .summary = "does what it must not",
                                          .params = TARAZU_LIST(params),
                                          .inputs = TARAZU_LIST(inputs),
                                          .outputs = TARAZU_LIST(segments),
                                          .self_size = sizeof(hostile),
                                          .create = create,
                                          .apply = segment,
                                          .labels = labels};
const tarazu_plugin tarazu_plugin_v1 = {.size = sizeof tarazu_plugin_v1,
                                        .name = "hostile",
                                        .strategies = (const tarazu_strategy *const[]){&scorer, &segmenter, NULL}};
