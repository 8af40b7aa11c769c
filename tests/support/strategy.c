#include "support/strategy.h"
#include "support/params.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A bound column as a whole. */
typedef struct held {
  uint32_t type;
  int64_t count; /* of values */
  void *values;
  uint8_t *valid;
  const int64_t *offsets; /* of its input, events only */
} held;

typedef struct output {
  void *values;
  uint8_t *valid;
} output;

typedef struct rig_inside {
  void *library;
  void *self;
  tarazu_host host;
  rig *rig;
  tarazu_context context;
  params *params;
  held held[RIG_COLUMNS];
  int64_t *offsets[RIG_COLUMNS]; /* by input */
  tarazu_dictionary dictionary;
  int64_t *dictionary_offsets;
  char *dictionary_bytes;
  output outputs[RIG_OUTPUTS];
  char name[16][24]; /* of customers, the last ones told */
  unsigned names;
  double *contributions[RIG_COLUMNS];
  int ready;
} rig_inside;

static void misuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void misuse(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fputs("tests/support/strategy: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  abort();
}

static void *take(size_t bytes)
{
  void *memory = calloc(1, bytes ? bytes : 1);
  if (!memory) misuse("no memory for %zu bytes", bytes);
  return memory;
}

static size_t width(uint32_t type)
{
  return type == TARAZU_BOOL ? 1 : type == TARAZU_TEXT ? 4 : 8;
}

static int bit(const uint8_t *bits, int64_t index)
{
  return (bits[index >> 3] >> (index & 7)) & 1;
}

static void clear_bit(uint8_t *bits, int64_t index)
{
  bits[index >> 3] = (uint8_t)(bits[index >> 3] & ~(1u << (index & 7)));
}

static uint8_t *all_set(int64_t count)
{
  size_t bytes = (size_t)(count + 7) / 8;
  uint8_t *bits = take(bytes);
  memset(bits, 0xff, bytes);
  return bits;
}

/* ---- the host's services ---- */

static void host_log(const tarazu_host *host, int32_t level, const char *message)
{
  rig *r = ((const rig_inside *)((const char *)host - offsetof(rig_inside, host)))->rig;
  size_t used = strlen(r->log);
  snprintf(r->log + used, sizeof r->log - used, "%d %s\n", (int)level, message);
}

static int host_progress(const tarazu_host *host, double done)
{
  rig *r = ((const rig_inside *)((const char *)host - offsetof(rig_inside, host)))->rig;
  int calls = __atomic_add_fetch(&r->progress_calls, 1, __ATOMIC_RELAXED);
  if (!(done >= 0 && done <= 1)) misuse("progress of %g, which is not in 0 to 1", done);
  return !r->cancel_after || calls < r->cancel_after;
}

/* splitmix64's last step (Steele, Lea, Flood 2014) over the parts: even enough for tests. */
static uint64_t mix(uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static double host_uniform(const tarazu_host *host, int64_t row, uint32_t draw)
{
  const rig *r = ((const rig_inside *)((const char *)host - offsetof(rig_inside, host)))->rig;
  return (double)(mix(mix(mix(r->seed) ^ (uint64_t)row) ^ draw) >> 11) * 0x1p-53;
}

/* "c0", "c1", … */
static const char *host_customer(const tarazu_host *host, int64_t row)
{
  rig_inside *in = (rig_inside *)((char *)(uintptr_t)host - offsetof(rig_inside, host));
  if (row < 0 || row >= in->rig->rows) return NULL;
  snprintf(in->name[in->names % 16], sizeof in->name[0], "c%lld", (long long)row);
  return in->name[in->names++ % 16];
}

typedef struct work {
  void (*task)(void *argument, int64_t index);
  void *argument;
  int64_t count, next;
} work;

static void *worker(void *argument)
{
  work *w = argument;
  for (int64_t i; (i = __atomic_sub_fetch(&w->next, 1, __ATOMIC_RELAXED)) >= 0;) w->task(w->argument, i);
  return NULL;
}

/* Two threads, tasks from the last to the first, so that neither order nor sharing goes unnoticed. */
static void host_parallel(const tarazu_host *host, int64_t count, void (*task)(void *argument, int64_t index),
                          void *argument)
{
  (void)host;
  work w = {task, argument, count, count};
  pthread_t thread;
  int alone = pthread_create(&thread, NULL, worker, &w);
  worker(&w);
  if (!alone) pthread_join(thread, NULL);
}

/* ---- opening ---- */

static uint32_t first_column(const tarazu_strategy *strategy, uint32_t input)
{
  uint32_t column = 0;
  for (uint32_t i = 0; i < input; i++) column += ((const tarazu_input *)tarazu_at(&strategy->inputs, i))->fields.count;
  return column;
}

static void declare_columns(rig *r)
{
  for (uint32_t i = 0; i < r->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&r->strategy->inputs, i);
    for (uint32_t f = 0; !input->many && f < input->fields.count; f++) {
      const tarazu_field *field = tarazu_at(&input->fields, f);
      if (r->bound_count == RIG_COLUMNS) misuse("more than %d columns", RIG_COLUMNS);
      r->bound[r->bound_count++] = (tarazu_bound){
          .name = field->name, .input = i, .space = input->shape == TARAZU_EDGES ? i + 1 : 0, .better = 1};
    }
  }
}

rig *rig_open(const char *role, const char *name)
{
  char path[4096];
  snprintf(path, sizeof path, BUILD_DIR "/plugins/%s/%s.so", role, name);
  rig *r = take(sizeof *r);
  rig_inside *in = r->inside = take(sizeof *in);
  in->rig = r;
  in->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!in->library) misuse("%s", dlerror());
  const tarazu_plugin *plugin = dlsym(in->library, "tarazu_plugin_v1");
  if (!plugin) misuse("%s: not a plugin", path);
  r->strategy = plugin->strategies[0];
  for (const tarazu_strategy *const *s = plugin->strategies; *s; s++)
    if (!strcmp((*s)->id, name)) r->strategy = *s;
  r->as_of = INT64_C(1577836800000000);
  r->seed = 1;
  r->error.size = sizeof r->error;
  in->host = (tarazu_host){sizeof in->host, TARAZU_ABI_MINOR, host_log,     host_progress,
                           host_uniform,    host_parallel,    host_customer};
  in->dictionary = (tarazu_dictionary){.size = sizeof in->dictionary, .offsets = in->dictionary_offsets = take(8)};
  declare_columns(r);
  return r;
}

static void drop_instance(rig *r)
{
  rig_inside *in = r->inside;
  if (in->self && r->strategy->destroy) r->strategy->destroy(in->self);
  free(in->self);
  in->self = NULL;
  in->ready = 0;
}

static void drop_outputs(rig *r)
{
  rig_inside *in = r->inside;
  for (uint32_t i = 0; i < RIG_OUTPUTS; i++) {
    free(in->outputs[i].values);
    free(in->outputs[i].valid);
    in->outputs[i] = (output){0};
  }
}

void rig_close(rig *r)
{
  if (!r) return;
  rig_inside *in = r->inside;
  drop_instance(r);
  drop_outputs(r);
  params_free(in->params);
  for (uint32_t i = 0; i < RIG_COLUMNS; i++) {
    free(in->held[i].values);
    free(in->held[i].valid);
    free(in->offsets[i]);
    free(in->contributions[i]);
  }
  free(in->dictionary_offsets);
  free(in->dictionary_bytes);
  dlclose(in->library);
  free(in);
  free(r);
}

/* ---- binding ---- */

static int named(const rig *r, uint32_t column, const char *name)
{
  const tarazu_input *input = tarazu_at(&r->strategy->inputs, r->bound[column].input);
  const char *field = r->bound[column].name;
  size_t length = strlen(input->name);
  return !strcmp(field, name) || (!input->many && input->fields.count == 1 && !strcmp(input->name, name)) ||
         (!strncmp(name, input->name, length) && name[length] == '.' && !strcmp(name + length + 1, field));
}

/* The column of a name; one more of the `many` input where none has it. */
static uint32_t column_named(rig *r, const char *asked)
{
  char name[256];
  const char *number = strrchr(asked, '#');
  long which = number ? strtol(number + 1, NULL, 10) : 1;
  snprintf(name, sizeof name, "%.*s", (int)(number ? number - asked : (ptrdiff_t)strlen(asked)), asked);
  for (uint32_t i = 0; i < r->bound_count; i++)
    if (named(r, i, name) && !--which) return i;
  uint32_t inputs = r->strategy->inputs.count;
  const tarazu_input *last = inputs ? tarazu_at(&r->strategy->inputs, inputs - 1) : NULL;
  if (!last || !last->many) misuse("%s has no field '%s'", r->strategy->id, asked);
  if (r->bound_count == RIG_COLUMNS) misuse("more than %d columns", RIG_COLUMNS);
  r->bound[r->bound_count] =
      (tarazu_bound){.name = asked, .dimension = "financial", .weight = 1, .input = inputs - 1, .better = 1};
  return r->bound_count++;
}

static const tarazu_field *field_of(const rig *r, uint32_t column)
{
  uint32_t i = r->bound[column].input;
  const tarazu_input *input = tarazu_at(&r->strategy->inputs, i);
  return tarazu_at(&input->fields, input->many ? 0 : column - first_column(r->strategy, i));
}

tarazu_bound *rig_bound(rig *r, const char *field)
{
  return &r->bound[column_named(r, field)];
}

void rig_customers(rig *r, int64_t customers)
{
  r->rows = customers;
}

void rig_events(rig *r, const char *name, const int64_t *offsets, int64_t customers)
{
  uint32_t i = 0;
  const tarazu_list *inputs = &r->strategy->inputs;
  while (i < inputs->count && strcmp(((const tarazu_input *)tarazu_at(inputs, i))->name, name)) i++;
  if (i == inputs->count) misuse("%s has no input '%s'", r->strategy->id, name);
  free(r->inside->offsets[i]);
  r->inside->offsets[i] = take((size_t)(customers + 1) * 8);
  memcpy(r->inside->offsets[i], offsets, (size_t)(customers + 1) * 8);
  r->rows = customers;
}

/* Makes room for a column's values; as: the types that the caller can give. */
static held *hold(rig *r, const char *name, int64_t count, const uint32_t *as)
{
  uint32_t c = column_named(r, name);
  const tarazu_field *field = field_of(r, c);
  uint32_t type = field->aggregate == TARAZU_COUNT || field->aggregate == TARAZU_PERIODS ? TARAZU_I64
                  : field->aggregate == TARAZU_MEAN                                      ? TARAZU_F64
                                                                                         : field->type;
  while (*as && *as != type) as++;
  if (!*as) misuse("field '%s' is of another type (%u)", name, (unsigned)type);
  const tarazu_input *input = tarazu_at(&r->strategy->inputs, r->bound[c].input);
  held *h = &r->inside->held[c];
  free(h->values);
  free(h->valid);
  *h = (held){type, count, take((size_t)count * width(type)), all_set(count), NULL};
  if (input->shape == TARAZU_EVENTS && field->aggregate == TARAZU_NONE) {
    h->offsets = r->inside->offsets[r->bound[c].input];
    if (!h->offsets) misuse("rig_events comes before the columns of '%s'", input->name);
  } else if (input->shape != TARAZU_EDGES) r->rows = count;
  r->bound[c].type = type;
  return h;
}

/* A bitmap without a null is none, as the engine gives it. */
static void settle(held *h, int nulls)
{
  if (nulls) return;
  free(h->valid);
  h->valid = NULL;
}

void rig_f64(rig *r, const char *field, const double *values, int64_t count)
{
  held *h = hold(r, field, count, (const uint32_t[]){TARAZU_F64, 0});
  int nulls = 0;
  for (int64_t i = 0; i < count; i++) {
    if (isnan(values[i])) clear_bit(h->valid, i), nulls = 1;
    else ((double *)h->values)[i] = values[i];
  }
  settle(h, nulls);
}

void rig_i64(rig *r, const char *field, const int64_t *values, int64_t count)
{
  held *h = hold(r, field, count, (const uint32_t[]){TARAZU_I64, TARAZU_TIME, TARAZU_ROW, 0});
  int nulls = 0;
  for (int64_t i = 0; i < count; i++) {
    if (values[i] == INT64_MIN) clear_bit(h->valid, i), nulls = 1;
    else ((int64_t *)h->values)[i] = values[i];
  }
  settle(h, nulls);
}

void rig_bool(rig *r, const char *field, const int8_t *values, int64_t count)
{
  held *h = hold(r, field, count, (const uint32_t[]){TARAZU_BOOL, 0});
  int nulls = 0;
  for (int64_t i = 0; i < count; i++) {
    if (values[i] < 0) clear_bit(h->valid, i), nulls = 1;
    else ((uint8_t *)h->values)[i] = values[i] != 0;
  }
  settle(h, nulls);
}

/* Looks through all strings: tests have few. */
static int32_t code_of(rig_inside *in, const char *string)
{
  tarazu_dictionary *d = &in->dictionary;
  int64_t length = (int64_t)strlen(string), end = d->offsets[d->count];
  for (uint32_t i = 0; i < d->count; i++)
    if (d->offsets[i + 1] - d->offsets[i] == length && !memcmp(d->bytes + d->offsets[i], string, (size_t)length))
      return (int32_t)i;
  in->dictionary_offsets = realloc(in->dictionary_offsets, (d->count + 2) * sizeof(int64_t));
  in->dictionary_bytes = realloc(in->dictionary_bytes, (size_t)(end + length) + 1);
  if (!in->dictionary_offsets || !in->dictionary_bytes) misuse("no memory");
  memcpy(in->dictionary_bytes + end, string, (size_t)length);
  in->dictionary_offsets[d->count + 1] = end + length;
  d->offsets = in->dictionary_offsets;
  d->bytes = in->dictionary_bytes;
  return (int32_t)d->count++;
}

void rig_text(rig *r, const char *field, const char *const *values, int64_t count)
{
  held *h = hold(r, field, count, (const uint32_t[]){TARAZU_TEXT, 0});
  int nulls = 0;
  for (int64_t i = 0; i < count; i++) {
    if (!values[i]) clear_bit(h->valid, i), nulls = 1;
    else ((int32_t *)h->values)[i] = code_of(r->inside, values[i]);
  }
  settle(h, nulls);
}

/* ---- batches ---- */

/* Rows of one space, each column in memory of its own. */
typedef struct gathered {
  tarazu_batch batch;
  tarazu_column columns[RIG_COLUMNS];
  const tarazu_column *pointers[RIG_COLUMNS];
  double weights[RIG_COLUMNS];
} gathered;

/* Events keep up to three values of nobody in front, since offsets[0] need not be 0. */
static void gather_events(const held *h, const int64_t *rows, int64_t count, tarazu_column *out)
{
  int64_t front = count % 4, total = front, *offsets = take((size_t)(count + 1) * 8);
  for (int64_t i = 0; i < count; i++) {
    offsets[i] = total;
    total += h->offsets[rows[i] + 1] - h->offsets[rows[i]];
  }
  offsets[count] = total;
  size_t each = width(h->type);
  char *values = take((size_t)total * each);
  uint8_t *valid = h->valid ? all_set(total) : NULL;
  memset(values, 0x7f, (size_t)front * each);
  for (int64_t i = 0; i < count; i++) {
    int64_t from = h->offsets[rows[i]], n = offsets[i + 1] - offsets[i];
    memcpy(values + (size_t)offsets[i] * each, (const char *)h->values + (size_t)from * each, (size_t)n * each);
    for (int64_t k = 0; valid && k < n; k++)
      if (!bit(h->valid, from + k)) clear_bit(valid, offsets[i] + k);
  }
  out->values = values;
  out->valid = valid;
  out->offsets = offsets;
}

static void gather_plain(const held *h, const int64_t *rows, int64_t count, tarazu_column *out)
{
  size_t each = width(h->type);
  char *values = take((size_t)count * each);
  uint8_t *valid = h->valid ? all_set(count) : NULL;
  for (int64_t i = 0; i < count; i++) {
    memcpy(values + (size_t)i * each, (const char *)h->values + (size_t)rows[i] * each, each);
    if (valid && !bit(h->valid, rows[i])) clear_bit(valid, i);
  }
  out->values = values;
  out->valid = valid;
}

/* skip: columns left out, one bit each, which only combiners have; then no validity is given. */
static gathered *gather(rig *r, uint32_t space, const int64_t *rows, int64_t count, uint64_t skip)
{
  gathered *g = take(sizeof *g);
  int combiner = r->strategy->role == TARAZU_COMBINER;
  double sum = 0;
  for (uint32_t c = 0; c < r->bound_count; c++) {
    const held *h = &r->inside->held[c];
    if (!h->values || r->bound[c].space != space || ((skip >> c) & 1)) continue;
    g->columns[c] = (tarazu_column){.size = sizeof(tarazu_column), .type = h->type};
    if (h->type == TARAZU_TEXT) g->columns[c].dictionary = &r->inside->dictionary;
    if (h->offsets) gather_events(h, rows, count, &g->columns[c]);
    else gather_plain(h, rows, count, &g->columns[c]);
    if (combiner) {
      free((void *)(uintptr_t)g->columns[c].valid);
      g->columns[c].valid = NULL;
    }
    g->pointers[c] = &g->columns[c];
    sum += g->weights[c] = r->bound[c].weight;
  }
  for (uint32_t c = 0; c < r->bound_count; c++) g->weights[c] /= sum;
  int consecutive = count && rows[count - 1] - rows[0] == count - 1;
  for (int64_t i = 1; consecutive && i < count; i++) consecutive = rows[i] == rows[i - 1] + 1;
  int64_t *numbers = take((size_t)count * 8);
  memcpy(numbers, rows, (size_t)count * 8);
  g->batch = (tarazu_batch){.size = sizeof g->batch,
                            .space = space,
                            .first_row = count ? rows[0] : 0,
                            .rows = count,
                            .columns = g->pointers,
                            .weights = combiner ? g->weights : NULL,
                            .row_numbers = consecutive ? NULL : numbers,
                            .column_count = r->bound_count};
  if (consecutive) free(numbers);
  return g;
}

static void gathered_free(gathered *g)
{
  for (uint32_t c = 0; c < RIG_COLUMNS; c++) {
    free((void *)(uintptr_t)g->columns[c].values);
    free((void *)(uintptr_t)g->columns[c].valid);
    free((void *)(uintptr_t)g->columns[c].offsets);
  }
  free((void *)(uintptr_t)g->batch.row_numbers);
  free(g);
}

/* The criteria that a combiner's row lacks, one bit each. */
static uint64_t lacking(const rig *r, int64_t row)
{
  uint64_t mask = 0;
  if (r->strategy->role != TARAZU_COMBINER) return 0;
  for (uint32_t c = 0; c < r->bound_count; c++) {
    const held *h = &r->inside->held[c];
    if (!h->values || (h->valid && !bit(h->valid, row))) mask |= UINT64_C(1) << c;
  }
  return mask;
}

static double weight_left(const rig *r, uint64_t skip)
{
  double sum = 0;
  for (uint32_t c = 0; c < r->bound_count; c++)
    if (!((skip >> c) & 1)) sum += r->bound[c].weight;
  return sum;
}

typedef tarazu_status call(rig *r, gathered *g, void *argument);

/* Calls for rows[0 .. count) of a space, those that lack the same criteria together. */
static tarazu_status each_pattern(rig *r, uint32_t space, const int64_t *rows, int64_t count, call *then,
                                  void *argument)
{
  tarazu_status status = TARAZU_OK;
  char *done = take((size_t)count);
  int64_t *same = take((size_t)count * 8);
  for (int64_t i = 0; i < count && !status; i++) {
    if (done[i]) continue;
    uint64_t mask = space ? 0 : lacking(r, rows[i]);
    int64_t n = 0;
    for (int64_t k = i; k < count; k++)
      if (!done[k] && (space || lacking(r, rows[k]) == mask)) done[k] = 1, same[n++] = rows[k];
    if (r->strategy->role == TARAZU_COMBINER && !(weight_left(r, mask) > 0)) continue;
    gathered *g = gather(r, space, same, n, mask);
    status = then(r, g, argument);
    gathered_free(g);
  }
  free(same);
  free(done);
  return status;
}

/* ---- life ---- */

static tarazu_error *clean(rig *r)
{
  r->error = (tarazu_error){.size = sizeof r->error, .row = -1, .param = -1, .item = -1};
  return &r->error;
}

/* A function that fails must say so in the error as well. */
static tarazu_status told(rig *r, tarazu_status status)
{
  if (status && !r->error.message[0]) misuse("%s fails (%d) without a message", r->strategy->id, (int)status);
  return status;
}

static int32_t column_index(void *argument, const char *name)
{
  rig *r = argument;
  for (uint32_t i = 0; i < r->bound_count; i++)
    if (named(r, i, name)) return (int32_t)i;
  return -1;
}

static tarazu_status make_instance(rig *r)
{
  rig_inside *in = r->inside;
  const tarazu_strategy *s = r->strategy;
  drop_instance(r);
  in->self = take(s->self_size);
  in->context = (tarazu_context){.size = sizeof in->context,
                                 .host = &in->host,
                                 .as_of = r->as_of,
                                 .columns = {r->bound, r->bound_count, sizeof r->bound[0]}};
  tarazu_status status = s->create ? s->create(in->self, &in->context, params_args(in->params), clean(r)) : TARAZU_OK;
  in->ready = !status && !s->learn && !s->fit;
  return told(r, status);
}

tarazu_status rig_create(rig *r, const char *yaml)
{
  rig_inside *in = r->inside;
  drop_instance(r);
  params_free(in->params);
  in->params =
      params_read(r->strategy, yaml ? yaml : "{}", column_index, r, clean(r)->message, sizeof r->error.message);
  if (!in->params) return (tarazu_status)(r->error.status = TARAZU_BAD_PARAMETER);
  return make_instance(r);
}

static int64_t space_rows(const rig *r, uint32_t space)
{
  if (!space) return r->rows;
  uint32_t first = first_column(r->strategy, space - 1);
  return r->inside->held[first].count;
}

static int is_space(const rig *r, uint32_t space)
{
  if (!space) return 1;
  const tarazu_input *input = tarazu_at(&r->strategy->inputs, space - 1);
  return input->shape == TARAZU_EDGES && r->inside->held[first_column(r->strategy, space - 1)].values;
}

static tarazu_status learn_call(rig *r, gathered *g, void *argument)
{
  return told(r, r->strategy->learn(r->inside->self, argument, &g->batch, clean(r)));
}

static tarazu_status learn_share(rig *r, uint32_t space, int64_t share, void *state)
{
  int64_t all = space_rows(r, space), end = (share + 1) * TARAZU_SHARE < all ? (share + 1) * TARAZU_SHARE : all;
  int64_t rows[TARAZU_BLOCK];
  for (int64_t first = share * TARAZU_SHARE; first < end; first += TARAZU_BLOCK) {
    int64_t count = end - first < TARAZU_BLOCK ? end - first : TARAZU_BLOCK;
    for (int64_t i = 0; i < count; i++) rows[i] = first + i;
    tarazu_status status = each_pattern(r, space, rows, count, learn_call, state);
    if (status) return status;
  }
  return TARAZU_OK;
}

/* A state somewhere else in memory, the old bytes gone. */
static void *moved(void *state, size_t size)
{
  void *other = take(size);
  memcpy(other, state, size);
  memset(state, 0xa5, size);
  free(state);
  return other;
}

static tarazu_status learn_pass(rig *r, int32_t *again)
{
  const tarazu_strategy *s = r->strategy;
  tarazu_status status = TARAZU_OK;
  size_t size = s->state_size(r->inside->self);
  void *whole = take(size);
  for (uint32_t space = 0; space <= s->inputs.count && !status; space++) {
    if (!is_space(r, space)) continue;
    int64_t shares = (space_rows(r, space) + TARAZU_SHARE - 1) / TARAZU_SHARE;
    void **states = take((size_t)shares * sizeof *states);
    for (int64_t i = shares - 1; i >= 0 && !status; i--) {
      states[i] = take(size);
      status = learn_share(r, space, i, states[i]);
      states[i] = moved(states[i], size);
    }
    for (int64_t i = 0; i < shares; i++) {
      if (!status && !space && !i) memcpy(whole, states[i], size);
      else if (!status) status = told(r, s->merge(r->inside->self, whole, states[i], clean(r)));
      free(states[i]);
    }
    free(states);
    whole = moved(whole, size);
  }
  if (!status) status = told(r, s->finish(r->inside->self, whole, again, clean(r)));
  free(whole);
  return status;
}

static tarazu_status fit_whole(rig *r)
{
  tarazu_batch spaces[RIG_COLUMNS];
  const tarazu_batch *pointed[RIG_COLUMNS];
  tarazu_column columns[RIG_COLUMNS];
  const tarazu_column *pointers[RIG_COLUMNS][RIG_COLUMNS] = {{0}};
  double weights[RIG_COLUMNS], sum = weight_left(r, 0);
  uint32_t count = 0;
  for (uint32_t c = 0; c < r->bound_count; c++) weights[c] = sum > 0 ? r->bound[c].weight / sum : 0;
  for (uint32_t space = 0; space <= r->strategy->inputs.count; space++) {
    if (!is_space(r, space)) continue;
    for (uint32_t c = 0; c < r->bound_count; c++) {
      const held *h = &r->inside->held[c];
      if (!h->values || r->bound[c].space != space) continue;
      columns[c] = (tarazu_column){sizeof *columns, h->type, h->values, h->valid, h->offsets, &r->inside->dictionary};
      pointers[count][c] = &columns[c];
    }
    spaces[count] = (tarazu_batch){.size = sizeof *spaces,
                                   .space = space,
                                   .rows = space_rows(r, space),
                                   .columns = pointers[count],
                                   .weights = r->strategy->role == TARAZU_COMBINER ? weights : NULL,
                                   .column_count = r->bound_count};
    pointed[count] = &spaces[count];
    count++;
  }
  return told(r, r->strategy->fit(r->inside->self, pointed, count, clean(r)));
}

tarazu_status rig_learn(rig *r)
{
  tarazu_status status = TARAZU_OK;
  r->passes = 0;
  r->inside->ready = 0;
  if (r->strategy->fit) status = fit_whole(r);
  else if (r->strategy->learn)
    for (int32_t again = 1; again && !status; r->passes++) {
      again = 0;
      status = learn_pass(r, &again);
    }
  r->inside->ready = !status;
  return status;
}

/* ---- applying ---- */

static const tarazu_output *output_at(const rig *r, uint32_t index)
{
  return tarazu_at(&r->strategy->outputs, index);
}

static const char *label(const rig *r, uint32_t index, int32_t code)
{
  uint32_t count = 0;
  const char *const *labels = r->strategy->labels ? r->strategy->labels(r->inside->self, index, &count) : NULL;
  return code >= 0 && (uint32_t)code < count ? labels[code] : NULL;
}

static int refused(const rig *r, uint32_t index, const void *values, int64_t row)
{
  if (output_at(r, index)->type == TARAZU_F64) return !isfinite(((const double *)values)[row]);
  if (output_at(r, index)->type == TARAZU_TEXT) return !label(r, index, ((const int32_t *)values)[row]);
  return 0;
}

/* Puts a batch's results where the rows are. */
static tarazu_status scatter(rig *r, const int64_t *rows, int64_t count, tarazu_result *results)
{
  for (uint32_t o = 0; o < r->strategy->outputs.count; o++) {
    size_t each = width(output_at(r, o)->type);
    output *out = &r->inside->outputs[o];
    for (int64_t i = 0; results[o].values && i < count; i++) {
      if (!bit(results[o].valid, i)) continue;
      if (refused(r, o, results[o].values, i))
        return tarazu_fail(&r->error, TARAZU_INTERNAL, "row %lld has no proper value in output '%s'",
                           (long long)rows[i], output_at(r, o)->name);
      memcpy((char *)out->values + (size_t)rows[i] * each, (const char *)results[o].values + (size_t)i * each, each);
      out->valid[rows[i] >> 3] = (uint8_t)(out->valid[rows[i] >> 3] | 1u << (rows[i] & 7));
    }
  }
  return TARAZU_OK;
}

static void hide_rows(const rig *r, gathered *g, int64_t **rows)
{
  *rows = take((size_t)g->batch.rows * 8);
  for (int64_t i = 0; i < g->batch.rows; i++)
    (*rows)[i] = g->batch.row_numbers ? g->batch.row_numbers[i] : g->batch.first_row + i;
  if (!r->unknown_rows) return;
  free((void *)(uintptr_t)g->batch.row_numbers);
  g->batch.row_numbers = NULL;
  g->batch.first_row = -1;
}

static tarazu_status apply_call(rig *r, gathered *g, void *argument)
{
  (void)argument;
  uint32_t count = r->strategy->outputs.count;
  tarazu_result results[RIG_OUTPUTS] = {{0}}, *pointers[RIG_OUTPUTS];
  int64_t *rows;
  hide_rows(r, g, &rows);
  for (uint32_t o = 0; o < count; o++) {
    pointers[o] = NULL;
    if ((r->unwanted >> o) & 1) continue;
    size_t bytes = (size_t)g->batch.rows * width(output_at(r, o)->type);
    results[o] = (tarazu_result){sizeof *results, output_at(r, o)->type, take(bytes), all_set(g->batch.rows)};
    memset(results[o].values, 0xff, bytes); /* a NaN, code -1: what is left unwritten is found */
    pointers[o] = &results[o];
  }
  tarazu_status status = told(r, r->strategy->apply(r->inside->self, &g->batch, pointers, clean(r)));
  if (!status) status = scatter(r, rows, g->batch.rows, results);
  for (uint32_t o = 0; o < count; o++) {
    free(results[o].values);
    free(results[o].valid);
  }
  free(rows);
  return status;
}

static tarazu_status in_batches(rig *r, int64_t batch_rows, call *then)
{
  if (!r->inside->ready) misuse("%s is not ready: rig_create, then rig_learn", r->strategy->id);
  tarazu_status status = TARAZU_OK;
  int64_t count = r->order ? r->order_count : r->rows;
  int64_t *rows = take((size_t)batch_rows * 8);
  for (int64_t first = 0; first < count && !status; first += batch_rows) {
    int64_t n = count - first < batch_rows ? count - first : batch_rows;
    for (int64_t i = 0; i < n; i++) rows[i] = r->order ? r->order[first + i] : first + i;
    status = each_pattern(r, 0, rows, n, then, NULL);
  }
  free(rows);
  return status;
}

tarazu_status rig_apply(rig *r, int64_t batch_rows)
{
  drop_outputs(r);
  if (r->strategy->outputs.count > RIG_OUTPUTS) misuse("more than %d outputs", RIG_OUTPUTS);
  for (uint32_t o = 0; o < r->strategy->outputs.count; o++)
    r->inside->outputs[o] =
        (output){take((size_t)r->rows * width(output_at(r, o)->type)), take((size_t)(r->rows + 7) / 8)};
  return in_batches(r, batch_rows, apply_call);
}

static tarazu_status contribution_call(rig *r, gathered *g, void *argument)
{
  (void)argument;
  const tarazu_explain *explain = r->strategy->extension("tarazu.explain/1");
  tarazu_result results[RIG_COLUMNS] = {{0}}, *pointers[RIG_COLUMNS];
  int64_t *rows;
  hide_rows(r, g, &rows);
  for (uint32_t c = 0; c < r->bound_count; c++) {
    size_t bytes = (size_t)g->batch.rows * 8;
    results[c] = (tarazu_result){sizeof *results, TARAZU_F64, take(bytes), all_set(g->batch.rows)};
    memset(results[c].values, 0xff, bytes);
    pointers[c] = &results[c];
  }
  tarazu_status status = told(r, explain->contributions(r->inside->self, &g->batch, pointers, &r->baseline, clean(r)));
  for (uint32_t c = 0; c < r->bound_count; c++) {
    for (int64_t i = 0; i < g->batch.rows && !status; i++)
      r->inside->contributions[c][rows[i]] = bit(results[c].valid, i) ? ((double *)results[c].values)[i] : (double)NAN;
    free(results[c].values);
    free(results[c].valid);
  }
  free(rows);
  return status;
}

tarazu_status rig_contributions(rig *r, int64_t batch_rows)
{
  const tarazu_explain *explain = r->strategy->extension ? r->strategy->extension("tarazu.explain/1") : NULL;
  if (!explain || !explain->contributions) misuse("%s has no contributions", r->strategy->id);
  for (uint32_t c = 0; c < r->bound_count; c++) {
    free(r->inside->contributions[c]);
    r->inside->contributions[c] = take((size_t)r->rows * 8);
    for (int64_t i = 0; i < r->rows; i++) r->inside->contributions[c][i] = (double)NAN;
  }
  return in_batches(r, batch_rows, contribution_call);
}

tarazu_status rig_weights(rig *r, double *weights)
{
  if (!r->inside->ready || !r->strategy->weights) misuse("%s gives no weights now", r->strategy->id);
  return told(r, r->strategy->weights(r->inside->self, weights, r->bound_count, clean(r)));
}

const void *rig_self(const rig *r)
{
  return r->inside->self;
}

/* ---- saving ---- */

typedef struct bytes_writer {
  tarazu_writer writer;
  char *bytes;
  size_t count;
} bytes_writer;

static int write_bytes(const tarazu_writer *writer, const void *bytes, size_t count)
{
  bytes_writer *w = (bytes_writer *)(uintptr_t)writer;
  w->bytes = realloc(w->bytes, w->count + count + 1);
  if (!w->bytes) return 0;
  memcpy(w->bytes + w->count, bytes, count);
  w->count += count;
  return 1;
}

tarazu_status rig_save(rig *r, void **bytes, size_t *count)
{
  if (!r->inside->ready || !r->strategy->save) misuse("%s cannot be saved now", r->strategy->id);
  bytes_writer w = {.writer = {.size = sizeof w.writer, .write = write_bytes}};
  tarazu_status status = told(r, r->strategy->save(r->inside->self, &w.writer, clean(r)));
  *bytes = w.bytes;
  *count = w.count;
  return status;
}

tarazu_status rig_load(rig *r, const void *bytes, size_t count)
{
  tarazu_status status = make_instance(r);
  if (status) return status;
  void *exact = take(count);
  if (count) memcpy(exact, bytes, count);
  status = told(r, r->strategy->load(r->inside->self, exact, count, clean(r)));
  free(exact);
  r->inside->ready = !status;
  return status;
}

tarazu_status rig_reload(rig *r)
{
  void *bytes;
  size_t count;
  tarazu_status status = rig_save(r, &bytes, &count);
  if (!status) status = rig_load(r, bytes, count);
  free(bytes);
  return status;
}

/* ---- results ---- */

static const output *result_of(const rig *r, uint32_t index, int64_t row)
{
  const output *out = &r->inside->outputs[index];
  if (index >= r->strategy->outputs.count || !out->values || row < 0 || row >= r->rows)
    misuse("no result %u of row %lld", (unsigned)index, (long long)row);
  return bit(out->valid, row) ? out : NULL;
}

int64_t rig_integer(const rig *r, uint32_t index, int64_t row)
{
  const output *out = result_of(r, index, row);
  if (!out) return INT64_MIN;
  if (output_at(r, index)->type == TARAZU_BOOL) return ((uint8_t *)out->values)[row];
  return ((int64_t *)out->values)[row];
}

double rig_value(const rig *r, uint32_t index, int64_t row)
{
  const output *out = result_of(r, index, row);
  if (!out) return (double)NAN;
  if (output_at(r, index)->type != TARAZU_F64) return (double)rig_integer(r, index, row);
  return ((double *)out->values)[row];
}

const char *rig_label(const rig *r, uint32_t index, int64_t row)
{
  const output *out = result_of(r, index, row);
  return out ? label(r, index, ((int32_t *)out->values)[row]) : NULL;
}

double rig_contribution(const rig *r, uint32_t column, int64_t row)
{
  return r->inside->contributions[column][row];
}

const tarazu_fact *rig_fact(const rig *r, const char *name)
{
  tarazu_list facts = r->strategy->facts ? r->strategy->facts(r->inside->self) : (tarazu_list){0};
  for (uint32_t i = 0; i < facts.count; i++) {
    const tarazu_fact *fact = tarazu_at(&facts, i);
    if (!strcmp(fact->name, name)) return fact;
  }
  return NULL;
}

void *rig_bytes(const rig *r, size_t *count)
{
  size_t bits = (size_t)(r->rows + 7) / 8, size = 0;
  for (uint32_t o = 0; o < r->strategy->outputs.count; o++)
    size += (size_t)r->rows * width(output_at(r, o)->type) + bits;
  char *bytes = take(size), *at = bytes;
  for (uint32_t o = 0; o < r->strategy->outputs.count; o++) {
    size_t values = (size_t)r->rows * width(output_at(r, o)->type);
    memcpy(at, r->inside->outputs[o].values, values);
    memcpy(at + values, r->inside->outputs[o].valid, bits);
    at += values + bits;
  }
  *count = size;
  return bytes;
}
