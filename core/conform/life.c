#include "conform/life.h"

#include "base/hash.h"
#include "conform/child.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What a plugin's host pointer points at. */
typedef struct services {
  tarazu_host host;
  life *of;
} services;

static const tarazu_strategy *strategy_of(const life *l)
{
  return l->of->with->strategy;
}

static void *take(size_t count)
{
  void *bytes = calloc(1, count ? count : 1);
  if (!bytes) child_fault("no memory is left: the limit is reached");
  return bytes;
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

/* ---- the host's services ----------------------------------------------------------------------------------- */

static life *life_of(const tarazu_host *host)
{
  return ((const services *)(const void *)host)->of;
}

static void host_log(const tarazu_host *host, int32_t level, const char *message)
{
  (void)host, (void)level;
  if (!message || !text_is_utf8(message, strlen(message))) child_fault("it logged what is no UTF-8 text");
}

static int host_progress(const tarazu_host *host, double done)
{
  life *l = life_of(host);
  int calls = __atomic_add_fetch(&l->progress_calls, 1, __ATOMIC_RELAXED);
  if (!(done >= 0 && done <= 1)) child_fault("it told a progress of %g; expected 0 to 1", done);
  return !l->cancel_after || calls < l->cancel_after;
}

static double host_uniform(const tarazu_host *host, int64_t row, uint32_t draw)
{
  (void)host;
  dice d = dice_of(42, (uint64_t)row, draw);
  return dice_unit(&d);
}

static const char *host_customer(const tarazu_host *host, int64_t row)
{
  life *l = life_of(host);
  if (row < 0 || row >= l->of->customers) return NULL;
  char *name = l->names + row * 24;
  snprintf(name, 24, "c%lld", (long long)row);
  return name;
}

typedef struct work {
  void (*task)(void *argument, int64_t index);
  void *argument;
  int64_t left;
} work;

static void *work_on(void *argument)
{
  work *w = argument;
  for (int64_t i; (i = __atomic_sub_fetch(&w->left, 1, __ATOMIC_RELAXED)) >= 0;) w->task(w->argument, i);
  return NULL;
}

static void host_parallel(const tarazu_host *host, int64_t count, void (*task)(void *argument, int64_t index),
                          void *argument)
{
  const life *l = life_of(host);
  const char *function = child_own_note()->calling;
  if (!function || (strcmp(function, "fit") && strcmp(function, "finish") && strcmp(function, "weights")))
    child_fault("host->parallel was called in %s; it is for finish, fit and weights", function ? function : "a thread");
  if (l->tasks == TASKS_SIDE_BY_SIDE) {
    pthread_t threads[2];
    int started = 0;
    work w = {task, argument, count};
    while (started < 2 && !pthread_create(&threads[started], NULL, work_on, &w)) started++;
    work_on(&w);
    while (started) pthread_join(threads[--started], NULL);
    return;
  }
  for (int64_t i = 0; i < count; i++) task(argument, l->tasks == TASKS_BACKWARDS ? count - 1 - i : i);
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

/* One call of a plugin's function: what it borrows, and its error. */
typedef struct call {
  guard_scope scope;
  tarazu_error *error;
} call;

static call begin(life *l, const char *function)
{
  call c = {{0}, NULL};
  guard_turn();
  l->function = function;
  c.error = guard_take(&c.scope, sizeof *c.error, _Alignof(tarazu_error), "the error");
  *c.error = (tarazu_error){.size = sizeof *c.error, .row = -1, .param = -1, .item = -1};
  return c;
}

static void check_error(life *l, const char *function, tarazu_status status, const tarazu_error *error)
{
  int said = memchr(error->message, 0, sizeof error->message) != NULL && error->message[0];
  if (status < TARAZU_OK || status > TARAZU_INTERNAL)
    child_fault("%s returned %d, which is no status", function, (int)status);
  if (error->size != sizeof *error) child_fault("%s changed the size of the error", function);
  if (status == TARAZU_OK) return;
  if (!said || !text_is_utf8(error->message, strlen(error->message)))
    child_fault("%s failed with status %d without a message; expected what was found and what was expected", function,
                (int)status);
  snprintf(l->message, sizeof l->message, "%s", error->message);
  if (status == TARAZU_INTERNAL && !l->disk_full)
    child_fault("%s failed with a fault of its own: %s", function, error->message);
  if (status == TARAZU_NO_MEMORY)
    child_fault("%s ran out of memory, of which it may have 1 GiB: %s", function, error->message);
  if (status == TARAZU_CANCELLED && !l->cancel_after && !l->disk_full)
    child_fault("%s says that it was cancelled, though nobody has: %s", function, error->message);
  if (error->param < -1 || error->param >= (int64_t)strategy_of(l)->params.count)
    child_fault("%s failed on parameter %d, which does not exist", function, error->param);
}

static tarazu_status finish_call(life *l, call *c, tarazu_status status)
{
  const char *beside = guard_overrun(&c->scope);
  if (beside) child_fault("%s wrote beside %s", l->function, beside);
  beside = guard_overrun(&l->kept);
  if (beside) child_fault("%s wrote beside %s", l->function, beside);
  check_error(l, l->function, status, c->error);
  guard_drop(&c->scope);
  l->status = status;
  return status;
}

/* The instance: read-only where a function takes it as const, but for those that say that they are called one at a
 * time. */
static void self_writable(const life *l, int writable)
{
  if (l->self && !(strategy_of(l)->flags & TARAZU_SERIAL)) guard_writable(l->self, writable);
}

/* ---- create and destroy ------------------------------------------------------------------------------------ */

tarazu_status life_create(life *l)
{
  const setting *with = l->of->with;
  const tarazu_strategy *s = with->strategy;
  services made = {.host = {.size = sizeof made.host,
                            .abi_minor = TARAZU_ABI_MINOR,
                            .log = host_log,
                            .progress = host_progress,
                            .uniform = host_uniform,
                            .parallel = host_parallel,
                            .customer = host_customer},
                   .of = l};
  call c = begin(l, "create");
  l->ready = 0;
  l->names = guard_take(&l->kept, (size_t)l->of->customers * 24, 8, "the customers' keys");
  l->services = guard_give(&l->kept, &made, sizeof made, 16, "the host's services");
  tarazu_context context = {.size = sizeof context, .host = &l->services->host, .as_of = with->as_of};
  context.columns = (tarazu_list){guard_give(&l->kept, with->bound, with->count * sizeof *with->bound, 8,
                                             "what the columns are (context->columns)"),
                                  with->count, sizeof *with->bound};
  l->context = guard_give(&l->kept, &context, sizeof context, 8, "the context");
  l->self = guard_take(&l->kept, s->self_size, 64, "the instance (self_size bytes)");
  tarazu_status status = TARAZU_OK;
  if (s->create) {
    child_enter("create", 0);
    status = s->create(l->self, l->context, &with->given.args, c.error);
    child_leave();
  }
  l->ready = status == TARAZU_OK && !s->learn && !s->fit;
  return finish_call(l, &c, status);
}

void life_end(life *l)
{
  if (l->self) {
    call c = begin(l, "destroy");
    self_writable(l, 1);
    if (strategy_of(l)->destroy) {
      child_enter("destroy", l->of->customers);
      strategy_of(l)->destroy(l->self);
      child_leave();
    }
    finish_call(l, &c, TARAZU_OK);
  }
  guard_drop(&l->kept);
  l->self = NULL;
  l->ready = 0;
}

/* ---- batches ----------------------------------------------------------------------------------------------- */

static void give_bits(call *c, const column_values *v, const int64_t *from, int64_t count, tarazu_column *out,
                      const char *what)
{
  if (!v->valid) return;
  size_t bytes = (size_t)(count + 7) / 8;
  uint8_t *bits = guard_take(&c->scope, bytes, 1, what);
  memset(bits, 0xff, bytes);
  for (int64_t i = 0; i < count; i++)
    if (from[i] < 0 || !bit(v->valid, from[i])) clear_bit(bits, i);
  guard_writable(bits, 0);
  out->valid = bits;
}

/* Values picked by number; a negative one is a value of nobody. */
static void give_values(call *c, const column_values *v, const int64_t *from, int64_t count, tarazu_column *out,
                        const place_bound *p)
{
  size_t each = width(v->type);
  char *to = guard_take(&c->scope, (size_t)count * each, each, p->values);
  for (int64_t i = 0; i < count; i++) {
    if (from[i] < 0) memset(to + (size_t)i * each, 0x7f, each);
    else memcpy(to + (size_t)i * each, (const char *)v->values + (size_t)from[i] * each, each);
  }
  guard_writable(to, 0);
  out->values = to;
  give_bits(c, v, from, count, out, p->valid);
}

/* Up to three values of nobody stand in front, since offsets[0] need not be 0. */
static void give_events(call *c, const column_values *v, const int64_t *rows, int64_t count, tarazu_column *out,
                        const place_bound *p)
{
  int64_t front = count % 4, total = front;
  int64_t *offsets = guard_take(&c->scope, (size_t)(count + 1) * 8, 8, p->offsets);
  for (int64_t i = 0; i < count; i++) {
    offsets[i] = total;
    total += v->offsets[rows[i] + 1] - v->offsets[rows[i]];
  }
  offsets[count] = total;
  int64_t *from = take((size_t)total * 8), at = 0;
  while (at < front) from[at++] = -1;
  for (int64_t i = 0; i < count; i++)
    for (int64_t k = v->offsets[rows[i]]; k < v->offsets[rows[i] + 1]; k++) from[at++] = k;
  give_values(c, v, from, total, out, p);
  free(from);
  guard_writable(offsets, 0);
  out->offsets = offsets;
}

static const tarazu_dictionary *give_words(call *c)
{
  tarazu_dictionary words = *sample_words();
  words.bytes = guard_give(&c->scope, words.bytes, (size_t)words.offsets[words.count], 1, "the dictionary's bytes");
  words.offsets = guard_give(&c->scope, words.offsets, (words.count + 1) * 8, 8, "the dictionary's offsets");
  return guard_give(&c->scope, &words, sizeof words, 8, "the dictionary");
}

static int has_text(const life *l)
{
  for (uint32_t i = 0; i < l->of->with->count; i++)
    if (l->of->columns[i].type == TARAZU_TEXT) return 1;
  return 0;
}

static int follow_one_another(const int64_t *rows, int64_t count)
{
  for (int64_t i = 1; i < count; i++)
    if (rows[i] != rows[0] + i) return 0;
  return 1;
}

/* A combiner's weights: those of the criteria that are there, over their sum; 0: they have none. */
static double weigh(const life *l, uint64_t lacks, double *weights)
{
  const setting *with = l->of->with;
  double sum = 0;
  for (uint32_t i = 0; i < with->count; i++)
    if (l->of->columns[i].type && !(lacks >> i & 1)) sum += with->bound[i].weight;
  for (uint32_t i = 0; i < with->count; i++)
    weights[i] = l->of->columns[i].type && !(lacks >> i & 1) && sum > 0 ? with->bound[i].weight / sum : 0;
  return sum;
}

static int is_combiner(const life *l)
{
  return strategy_of(l)->role == TARAZU_COMBINER;
}

/* The structs of a batch stand in one buffer, which ends where the last of them does. */
typedef struct batch_structs {
  tarazu_batch *batch;
  tarazu_column *columns;
  double *weights;
  const tarazu_column **pointers;
} batch_structs;

static batch_structs structs_of(const life *l, call *c)
{
  uint32_t count = l->of->with->count;
  size_t weights = is_combiner(l) ? count * sizeof(double) : 0;
  char *bytes =
      guard_take(&c->scope, sizeof(tarazu_batch) + count * (sizeof(tarazu_column) + sizeof(tarazu_column *)) + weights,
                 16, "the batch and its columns' structs");
  batch_structs s = {.batch = (tarazu_batch *)(void *)bytes};
  s.columns = (tarazu_column *)(void *)(s.batch + 1);
  s.weights = weights ? (double *)(void *)(s.columns + count) : NULL;
  s.pointers = (const tarazu_column **)(void *)((char *)(s.columns + count) + weights);
  return s;
}

static const tarazu_batch *give_batch(life *l, call *c, uint32_t space, const int64_t *rows, int64_t count,
                                      uint64_t lacks, int whole)
{
  const setting *with = l->of->with;
  const tarazu_dictionary *dictionary = has_text(l) ? give_words(c) : NULL;
  batch_structs s = structs_of(l, c);
  for (uint32_t i = 0; i < with->count; i++) {
    const column_values *v = &l->of->columns[i];
    tarazu_column *column = &s.columns[i];
    if (!v->type || with->bound[i].space != space || lacks >> i & 1) continue;
    *column = (tarazu_column){.size = sizeof *column, .type = v->type};
    if (v->type == TARAZU_TEXT) column->dictionary = dictionary;
    if (v->offsets) give_events(c, v, rows, count, column, &with->places[i]);
    else give_values(c, v, rows, count, column, &with->places[i]);
    if (is_combiner(l) && !whole) column->valid = NULL;
    s.pointers[i] = column;
  }
  *s.batch = (tarazu_batch){.size = sizeof *s.batch,
                            .space = space,
                            .first_row = count ? rows[0] : 0,
                            .rows = count,
                            .columns = s.pointers,
                            .weights = s.weights,
                            .column_count = with->count};
  if (s.weights) weigh(l, lacks, s.weights);
  if (!follow_one_another(rows, count))
    s.batch->row_numbers = guard_give(&c->scope, rows, (size_t)count * 8, 8, "the batch's row numbers");
  if (l->unknown_rows) {
    s.batch->first_row = -1;
    s.batch->row_numbers = NULL;
  }
  guard_writable(s.batch, 0);
  return s.batch;
}

/* What a row lacks, of a combiner: it never sees a null. */
static uint64_t gaps_of(const life *l, int64_t row)
{
  uint64_t lacks = 0;
  for (uint32_t i = 0; is_combiner(l) && i < l->of->with->count; i++) {
    const column_values *v = &l->of->columns[i];
    if (v->valid && !bit(v->valid, row)) lacks |= UINT64_C(1) << i;
  }
  return lacks;
}

/* Rows that lack the same go together, in the order of their first one. */
typedef tarazu_status group_task(life *l, uint32_t space, const int64_t *rows, int64_t count, uint64_t lacks,
                                 void *argument);

static tarazu_status each_group(life *l, uint32_t space, const int64_t *rows, int64_t count, group_task *task,
                                void *argument)
{
  if (space || !is_combiner(l)) return task(l, space, rows, count, 0, argument);
  tarazu_status status = TARAZU_OK;
  uint64_t *lacks = take((size_t)count * sizeof *lacks);
  int64_t *members = take((size_t)count * sizeof *members);
  uint8_t *done = take((size_t)count);
  for (int64_t i = 0; i < count; i++) lacks[i] = gaps_of(l, rows[i]);
  for (int64_t i = 0; i < count && status == TARAZU_OK; i++) {
    int64_t found = 0;
    for (int64_t k = i; !done[i] && k < count; k++)
      if (!done[k] && lacks[k] == lacks[i]) members[found++] = k;
    for (int64_t k = 0; k < found; k++) {
      done[members[k]] = 1;
      members[k] = rows[members[k]];
    }
    if (found) status = task(l, space, members, found, lacks[i], argument);
  }
  free(lacks);
  free(members);
  free(done);
  return status;
}

/* ---- learning ---------------------------------------------------------------------------------------------- */

static const char *const state_name = "the learning state (state_size bytes)";

/* A state with a scope of its own, so that it can be moved. */
typedef struct state {
  guard_scope scope;
  void *bytes;
  size_t size;
} state;

static state state_new(size_t size)
{
  state s = {{0}, NULL, size};
  s.bytes = guard_take(&s.scope, size, 64, state_name);
  return s;
}

static void state_move(state *s)
{
  state other = state_new(s->size);
  const char *beside = guard_overrun(&s->scope);
  if (beside) child_fault("learn or merge wrote beside %s", beside);
  memcpy(other.bytes, s->bytes, s->size);
  guard_drop(&s->scope);
  *s = other;
}

static tarazu_status learn_group(life *l, uint32_t space, const int64_t *rows, int64_t count, uint64_t lacks,
                                 void *argument)
{
  state *s = argument;
  call c = begin(l, "learn");
  const tarazu_batch *batch = give_batch(l, &c, space, rows, count, lacks, 0);
  child_enter("learn", count);
  tarazu_status status = strategy_of(l)->learn(l->self, s->bytes, batch, c.error);
  child_leave();
  return finish_call(l, &c, status);
}

static tarazu_status learn_share(life *l, uint32_t space, int64_t share, state *s)
{
  int64_t all = l->of->space_rows[space], end = (share + 1) * TARAZU_SHARE, rows[TARAZU_BLOCK];
  if (end > all) end = all;
  for (int64_t first = share * TARAZU_SHARE; first < end; first += TARAZU_BLOCK) {
    int64_t count = end - first < TARAZU_BLOCK ? end - first : TARAZU_BLOCK;
    for (int64_t i = 0; i < count; i++) rows[i] = first + i;
    tarazu_status status = each_group(l, space, rows, count, learn_group, s);
    if (status) return status;
  }
  return TARAZU_OK;
}

static int is_space(const life *l, uint32_t space)
{
  for (uint32_t i = 0; i < l->of->with->count; i++)
    if (l->of->with->bound[i].space == space && l->of->columns[i].type) return 1;
  return space == 0;
}

static tarazu_status merge(life *l, state *into, state *from)
{
  call c = begin(l, "merge");
  guard_writable(from->bytes, 0);
  child_enter("merge", 0);
  tarazu_status status = strategy_of(l)->merge(l->self, into->bytes, from->bytes, c.error);
  child_leave();
  status = finish_call(l, &c, status);
  guard_drop(&from->scope);
  from->bytes = NULL;
  state_move(into);
  return status;
}

static tarazu_status merge_all(life *l, state *states, int64_t count)
{
  tarazu_status status = TARAZU_OK;
  /* the last two first, then each into the one before it: other brackets, the same order */
  for (int64_t i = count - 1; l->merge_pairs && i > 0 && !status; i--) status = merge(l, &states[i - 1], &states[i]);
  for (int64_t i = 1; !l->merge_pairs && i < count && !status; i++) status = merge(l, &states[0], &states[i]);
  return status;
}

static tarazu_status finish(life *l, state *whole, int32_t *again)
{
  call c = begin(l, "finish");
  int32_t *asked = guard_take(&c.scope, sizeof *asked, sizeof *asked, "again");
  guard_writable(whole->bytes, 0);
  self_writable(l, 1);
  child_enter("finish", l->of->customers);
  tarazu_status status = strategy_of(l)->finish(l->self, whole->bytes, asked, c.error);
  child_leave();
  *again = *asked;
  return finish_call(l, &c, status);
}

static tarazu_status learn_pass(life *l, int32_t *again)
{
  const tarazu_strategy *s = strategy_of(l);
  tarazu_status status = TARAZU_OK;
  int64_t count = 0, share_of[1024], made = 0;
  uint32_t space_of[1024];
  state states[1024] = {{{0}, NULL, 0}};
  self_writable(l, 0);
  size_t size = s->state_size(l->self);
  for (uint32_t space = 0; space <= s->inputs.count; space++)
    for (int64_t i = 0; is_space(l, space) && i * TARAZU_SHARE < l->of->space_rows[space] && count < 1024; i++) {
      space_of[count] = space;
      share_of[count++] = i;
    }
  for (int64_t i = 0; i < count && !status; i++) {
    int64_t k = l->shares_forward ? i : count - 1 - i;
    states[k] = state_new(size);
    made++;
    status = learn_share(l, space_of[k], share_of[k], &states[k]);
    if (!status) state_move(&states[k]);
  }
  if (!count) states[0] = state_new(size);
  if (!status) status = merge_all(l, states, count);
  if (!status) status = finish(l, &states[0], again);
  for (int64_t i = 0; i < count || i == 0; i++)
    if (states[i].bytes) guard_drop(&states[i].scope);
  return status;
}

tarazu_status life_begin_learning(life *l)
{
  if (!strategy_of(l)->learn || !l->of->customers) return TARAZU_OK;
  self_writable(l, 0);
  state half = state_new(strategy_of(l)->state_size(l->self));
  tarazu_status status = learn_share(l, 0, 0, &half);
  guard_drop(&half.scope);
  return status;
}

static tarazu_status fit(life *l)
{
  call c = begin(l, "fit");
  const tarazu_batch *spaces[MOST_INPUTS + 1];
  uint32_t count = 0;
  for (uint32_t space = 0; space <= strategy_of(l)->inputs.count; space++) {
    if (!is_space(l, space)) continue;
    int64_t all = l->of->space_rows[space], *rows = take((size_t)all * 8);
    for (int64_t i = 0; i < all; i++) rows[i] = i;
    spaces[count++] = give_batch(l, &c, space, rows, all, 0, 1);
    free(rows);
  }
  const tarazu_batch *const *given = guard_give(&c.scope, spaces, count * sizeof *spaces, 8, "the list of spaces");
  self_writable(l, 1);
  child_enter("fit", l->of->customers);
  tarazu_status status = strategy_of(l)->fit(l->self, given, count, c.error);
  child_leave();
  return finish_call(l, &c, status);
}

tarazu_status life_learn(life *l)
{
  enum { MOST_PASSES = 2000 };
  tarazu_status status = TARAZU_OK;
  if (strategy_of(l)->fit) status = fit(l);
  else if (strategy_of(l)->learn) {
    int32_t again = 1;
    for (int passes = 0; again && !status; passes++) {
      again = 0;
      if (passes == MOST_PASSES) child_fault("finish asked for more than %d passes over the data", MOST_PASSES);
      status = learn_pass(l, &again);
    }
  }
  l->ready = !status;
  return status;
}

/* ---- applying ---------------------------------------------------------------------------------------------- */

static const tarazu_output *output_at(const life *l, uint32_t index)
{
  return tarazu_at(&strategy_of(l)->outputs, index);
}

void outcome_new(const life *l, outcome *out)
{
  *out = (outcome){.rows = l->of->customers, .count = strategy_of(l)->outputs.count};
  if (out->count > MOST_OUTPUTS) out->count = MOST_OUTPUTS;
  for (uint32_t i = 0; i < out->count; i++) {
    out->outputs[i].name = output_at(l, i)->name;
    out->outputs[i].type = output_at(l, i)->type;
    if (l->unwanted >> i & 1) continue;
    out->outputs[i].values = take((size_t)out->rows * width(out->outputs[i].type));
    out->outputs[i].valid = take((size_t)(out->rows + 7) / 8);
    if (out->outputs[i].type != TARAZU_TEXT) continue;
    uint32_t count = 0;
    child_enter("labels", 0);
    const char *const *labels = strategy_of(l)->labels(l->self, i, &count);
    child_leave();
    out->outputs[i].labels = take(count * sizeof *out->outputs[i].labels);
    for (uint32_t k = 0; k < count; k++) {
      if (!labels || !labels[k])
        child_fault("labels counts %u labels of output '%s', but number %u is none", count, out->outputs[i].name, k);
      if (!(out->outputs[i].labels[k] = strdup(labels[k]))) child_fault("no memory is left");
    }
    out->outputs[i].label_count = count;
  }
}

void outcome_free(outcome *out)
{
  for (uint32_t i = 0; i < out->count; i++) {
    for (uint32_t k = 0; k < out->outputs[i].label_count; k++) free(out->outputs[i].labels[k]);
    free(out->outputs[i].labels);
    free(out->outputs[i].values);
    free(out->outputs[i].valid);
  }
  *out = (outcome){0};
}

/* A signalling NaN, numbers that nobody means, a code without a label: what is left unwritten is found. */
static void poison(uint32_t type, void *to, int64_t rows)
{
  static const uint64_t real = UINT64_C(0x7ff4dead5ca1ab1e), whole = UINT64_C(0x5ca1ab1edeadbeef);
  size_t each = width(type);
  if (type == TARAZU_BOOL) memset(to, 0xa5, (size_t)rows);
  else if (type == TARAZU_TEXT) memset(to, 0xff, (size_t)rows * each);
  else
    for (int64_t i = 0; i < rows; i++) memcpy((char *)to + 8 * i, type == TARAZU_F64 ? &real : &whole, 8);
}

struct prepared {
  const life *of;
  call call;
  const tarazu_batch *batch;
  tarazu_result *results[MOST_OUTPUTS];
  tarazu_result *const *given;
  int64_t *rows, count;
};

static prepared prepare(life *l, const int64_t *rows, int64_t count, uint64_t lacks)
{
  prepared p = {.of = l, .call = begin(l, "apply"), .count = count, .rows = take((size_t)count * 8)};
  uint32_t outputs = strategy_of(l)->outputs.count;
  memcpy(p.rows, rows, (size_t)count * 8);
  p.batch = give_batch(l, &p.call, 0, rows, count, lacks, 0);
  tarazu_result *structs = guard_take(&p.call.scope, outputs * sizeof *structs, 8, "the results' structs");
  for (uint32_t i = 0; i < outputs && i < MOST_OUTPUTS; i++) {
    if (l->unwanted >> i & 1) continue;
    uint32_t type = output_at(l, i)->type;
    size_t each = width(type), bits = (size_t)(count + 7) / 8;
    tarazu_result result = {.size = sizeof result, .type = type};
    result.values = guard_take(&p.call.scope, (size_t)count * each, each, "the values of a result");
    result.valid = guard_take(&p.call.scope, bits, 1, "the validity bits of a result");
    poison(type, result.values, count);
    memset(result.valid, 0xff, bits);
    structs[i] = result;
    p.results[i] = &structs[i];
  }
  guard_writable(structs, 0);
  p.given = guard_give(&p.call.scope, p.results, outputs * sizeof *p.results, 8, "the list of results");
  self_writable(l, 0);
  return p;
}

prepared *life_prepare(life *l, int64_t first, int64_t count)
{
  int64_t *rows = take((size_t)count * 8);
  int gaps = 0;
  for (int64_t i = 0; i < count; i++) gaps |= gaps_of(l, rows[i] = first + i) != 0;
  prepared *p = gaps ? NULL : take(sizeof *p);
  if (p) *p = prepare(l, rows, count, 0);
  free(rows);
  return p;
}

tarazu_status prepared_apply(const prepared *p)
{
  return strategy_of(p->of)->apply(p->of->self, p->batch, p->given, p->call.error);
}

uint64_t prepared_hash(const prepared *p)
{
  uint64_t hash = 0;
  for (uint32_t o = 0; o < strategy_of(p->of)->outputs.count && o < MOST_OUTPUTS; o++) {
    const tarazu_result *result = p->results[o];
    size_t each = result ? width(result->type) : 0;
    for (int64_t i = 0; result && i < p->count; i++)
      hash = bit(result->valid, i) ? hash_bytes((const char *)result->values + (size_t)i * each, each, hash)
                                   : hash_u64(hash + 1);
  }
  return hash;
}

static void check_bits(const tarazu_result *result, int64_t rows, const char *name)
{
  for (int64_t i = rows; i < (rows + 7) / 8 * 8; i++)
    if (!bit(result->valid, i))
      child_fault("apply cleared a validity bit of output '%s' that belongs to no row (bit %lld of a batch of %lld)",
                  name, (long long)i, (long long)rows);
}

static void check_value(const outcome *out, uint32_t index, const void *value, int64_t row)
{
  unsigned char untouched[8];
  const char *name = out->outputs[index].name;
  uint32_t type = out->outputs[index].type;
  poison(type, untouched, 1);
  if (!memcmp(untouched, value, width(type)))
    child_fault("apply left output '%s' of row %lld unwritten; expected a value, or its validity bit cleared", name,
                (long long)row);
  if (type == TARAZU_F64) {
    double real;
    memcpy(&real, value, sizeof real);
    if (!isfinite(real))
      child_fault("output '%s' of row %lld is %g; expected a number or null", name, (long long)row, real);
  } else if (type == TARAZU_BOOL) {
    if (*(const uint8_t *)value > 1)
      child_fault("output '%s' of row %lld is %d; expected 0 or 1", name, (long long)row, *(const uint8_t *)value);
  } else if (type == TARAZU_TEXT) {
    int32_t code;
    memcpy(&code, value, sizeof code);
    if (code < 0 || (uint32_t)code >= out->outputs[index].label_count)
      child_fault("output '%s' of row %lld has the code %d, but there are %u labels", name, (long long)row, code,
                  out->outputs[index].label_count);
  }
}

static void collect(prepared *p, outcome *out)
{
  for (uint32_t o = 0; o < out->count; o++) {
    const tarazu_result *result = p->results[o];
    if (!result) continue;
    size_t each = width(out->outputs[o].type);
    check_bits(result, p->count, out->outputs[o].name);
    for (int64_t i = 0; i < p->count; i++) {
      int64_t row = p->rows[i];
      const char *value = (const char *)result->values + (size_t)i * each;
      if (!bit(result->valid, i)) continue;
      check_value(out, o, value, row);
      memcpy((char *)out->outputs[o].values + (size_t)row * each, value, each);
      out->outputs[o].valid[row >> 3] = (uint8_t)(out->outputs[o].valid[row >> 3] | 1u << (row & 7));
    }
  }
}

void prepared_collect(life *l, prepared *p, tarazu_status status, outcome *out)
{
  if (status == TARAZU_OK) collect(p, out);
  finish_call(l, &p->call, status);
  free(p->rows);
  free(p);
}

static tarazu_status apply_group(life *l, uint32_t space, const int64_t *rows, int64_t count, uint64_t lacks,
                                 void *argument)
{
  double weights[MOST_COLUMNS];
  (void)space;
  if (is_combiner(l) && !(weigh(l, lacks, weights) > 0)) return TARAZU_OK; /* null, by the host */
  prepared p = prepare(l, rows, count, lacks);
  child_enter("apply", count);
  tarazu_status status = prepared_apply(&p);
  child_leave();
  if (status == TARAZU_OK) collect(&p, argument);
  free(p.rows);
  return finish_call(l, &p.call, status);
}

/* The ends of an interval in their order. (A mean may lie outside of an interval of quantiles.) */
static void check_interval(const outcome *out, uint32_t lower, uint32_t upper)
{
  const double *low = out->outputs[lower].values, *high = out->outputs[upper].values;
  for (int64_t i = 0; low && high && i < out->rows; i++)
    if (bit(out->outputs[lower].valid, i) && bit(out->outputs[upper].valid, i) && low[i] > high[i])
      child_fault("of row %lld output '%s' is %g, above '%s', %g", (long long)i, out->outputs[lower].name, low[i],
                  out->outputs[upper].name, high[i]);
}

static void check_intervals(const life *l, const outcome *out)
{
  for (uint32_t a = 0; a < out->count; a++)
    for (uint32_t b = 0; b < out->count; b++) {
      const tarazu_output *lower = output_at(l, a), *upper = output_at(l, b);
      if (lower->meaning == TARAZU_LOWER && upper->meaning == TARAZU_UPPER && lower->of == upper->of &&
          lower->type == TARAZU_F64)
        check_interval(out, a, b);
    }
}

static void refuse(const life *l, outcome *out)
{
  out->status = l->status;
  out->function = l->function;
  snprintf(out->message, sizeof out->message, "%s", l->message);
}

tarazu_status life_apply(life *l, int64_t batch_rows, int backwards, outcome *out)
{
  tarazu_status status = TARAZU_OK;
  int64_t all = l->of->customers, *rows = take((size_t)batch_rows * 8);
  outcome_new(l, out);
  for (int64_t first = 0; first < all && !status; first += batch_rows) {
    int64_t count = all - first < batch_rows ? all - first : batch_rows;
    for (int64_t i = 0; i < count; i++) rows[i] = backwards ? all - 1 - first - i : first + i;
    status = each_group(l, 0, rows, count, apply_group, out);
  }
  free(rows);
  if (status == TARAZU_OK) check_intervals(l, out);
  else refuse(l, out);
  return status;
}

void life_whole(life *l, int64_t batch_rows, int backwards, outcome *out)
{
  *out = (outcome){0};
  tarazu_status status = life_create(l);
  if (!status) status = life_learn(l);
  if (!status && strategy_of(l)->role == TARAZU_WEIGHER) {
    double weights[MOST_COLUMNS];
    status = life_weights(l, weights);
    *out = (outcome){.count = 1, .rows = l->of->with->many};
    out->outputs[0].name = "weights";
    out->outputs[0].type = TARAZU_F64;
    out->outputs[0].values = take((size_t)out->rows * 8);
    out->outputs[0].valid = take((size_t)out->rows);
    if (!status) memcpy(out->outputs[0].values, weights, (size_t)out->rows * 8);
    memset(out->outputs[0].valid, 0xff, (size_t)out->rows);
  } else if (!status) status = life_apply(l, batch_rows, backwards, out);
  if (status) refuse(l, out);
  life_end(l);
}

/* ---- weights, facts, explanations -------------------------------------------------------------------------- */

tarazu_status life_weights(life *l, double *weights)
{
  uint32_t count = l->of->with->many;
  double sum = 0;
  call c = begin(l, "weights");
  double *given = guard_take(&c.scope, count * sizeof *given, 8, "the weights");
  poison(TARAZU_F64, given, count);
  self_writable(l, 0);
  child_enter("weights", l->of->customers);
  tarazu_status status = strategy_of(l)->weights(l->self, given, count, c.error);
  child_leave();
  memcpy(weights, given, count * sizeof *given);
  if (status == TARAZU_OK)
    for (uint32_t i = 0; i < count; i++) {
      if (!isfinite(weights[i]) || weights[i] < 0)
        child_fault("weights gave criterion %u of %u the weight %g; expected a number of at least 0", i + 1, count,
                    weights[i]);
      sum += weights[i];
    }
  if (status == TARAZU_OK && !(sum > 0)) child_fault("all weights are 0; expected an error, or one above 0");
  return finish_call(l, &c, status);
}

static void check_words(const char *what, const char *string, int may_lack)
{
  if (!string && may_lack) return;
  if (!string || !text_is_utf8(string, strlen(string))) child_fault("facts gave a %s that is no UTF-8 text", what);
}

void life_facts(life *l)
{
  if (!strategy_of(l)->facts) return;
  self_writable(l, 0);
  child_enter("facts", 0);
  tarazu_list facts = strategy_of(l)->facts(l->self);
  child_leave();
  if (facts.count && (!facts.items || facts.stride < sizeof(tarazu_fact)))
    child_fault("facts counts %u facts, but the list is not of facts", facts.count);
  for (uint32_t i = 0; i < facts.count; i++) {
    const tarazu_fact *fact = tarazu_at(&facts, i);
    check_words("name", fact->name, 0);
    check_words("text", fact->text, 1);
    if (fact->level < 0 || fact->level > 2)
      child_fault("fact '%s' has the level %d; expected 0, 1 or 2", fact->name, fact->level);
  }
}

static const tarazu_explain *explain_of(const life *l)
{
  const tarazu_strategy *s = strategy_of(l);
  return s->extension ? s->extension("tarazu.explain/1") : NULL;
}

static tarazu_status explain_group(life *l, uint32_t space, const int64_t *rows, int64_t count, uint64_t lacks,
                                   void *argument)
{
  const outcome *scores = argument;
  double weights[MOST_COLUMNS];
  (void)space;
  if (!(weigh(l, lacks, weights) > 0)) return TARAZU_OK;
  call c = begin(l, "contributions");
  const tarazu_batch *batch = give_batch(l, &c, 0, rows, count, lacks, 0);
  tarazu_result *results[MOST_COLUMNS] = {0};
  for (uint32_t i = 0; i < batch->column_count; i++) {
    if (!batch->columns[i]) continue;
    tarazu_result result = {.size = sizeof result, .type = TARAZU_F64};
    result.values = guard_take(&c.scope, (size_t)count * 8, 8, "the contributions of a criterion");
    result.valid = guard_take(&c.scope, (size_t)(count + 7) / 8, 1, "the validity bits of contributions");
    poison(TARAZU_F64, result.values, count);
    memset(result.valid, 0xff, (size_t)(count + 7) / 8);
    results[i] = guard_give(&c.scope, &result, sizeof result, 8, "a result's struct");
  }
  tarazu_result *const *given =
      guard_give(&c.scope, results, batch->column_count * sizeof *results, 8, "the list of contributions");
  double *baseline = guard_take(&c.scope, sizeof *baseline, 8, "the baseline");
  self_writable(l, 0);
  child_enter("contributions", count);
  tarazu_status status = explain_of(l)->contributions(l->self, batch, given, baseline, c.error);
  child_leave();
  for (int64_t k = 0; k < count && status == TARAZU_OK; k++) {
    double sum = *baseline, size = fabs(*baseline);
    int null = !bit(scores->outputs[0].valid, rows[k]);
    for (uint32_t i = 0; i < batch->column_count; i++) {
      if (!results[i] || !bit(results[i]->valid, k)) continue;
      double part = ((const double *)results[i]->values)[k];
      if (!isfinite(part))
        child_fault("the contribution of criterion %u to row %lld is %g, or was not written", i + 1, (long long)rows[k],
                    part);
      sum += part;
      size += fabs(part);
    }
    if (null || scores->outputs[0].type != TARAZU_F64) continue;
    double score = ((const double *)scores->outputs[0].values)[rows[k]];
    if (fabs(sum - score) > 1e-9 * (size + fabs(score)))
      child_fault("the contributions to row %lld and the baseline add up to %.17g, but its score is %.17g",
                  (long long)rows[k], sum, score);
  }
  return finish_call(l, &c, status);
}

tarazu_status life_contributions(life *l, const outcome *scores)
{
  int64_t *rows = take((size_t)l->of->customers * 8);
  for (int64_t i = 0; i < l->of->customers; i++) rows[i] = i;
  outcome copy = *scores;
  tarazu_status status = l->of->customers ? each_group(l, 0, rows, l->of->customers, explain_group, &copy) : TARAZU_OK;
  free(rows);
  return status;
}

/* ---- bytes ------------------------------------------------------------------------------------------------- */

typedef struct bytes_writer {
  tarazu_writer writer;
  unsigned char *bytes;
  size_t count, room, stop_after;
} bytes_writer;

static int write_bytes(const tarazu_writer *writer, const void *bytes, size_t count)
{
  bytes_writer *w = (bytes_writer *)(uintptr_t)writer;
  if (w->count + count > w->stop_after) return 0;
  if (w->count + count > w->room) {
    w->room = 2 * (w->count + count) + 64;
    w->bytes = realloc(w->bytes, w->room);
    if (!w->bytes) child_fault("no memory is left for what it writes");
  }
  if (count) memcpy(w->bytes + w->count, bytes, count);
  w->count += count;
  return 1;
}

tarazu_status life_save(life *l, size_t stop_after, unsigned char **bytes, size_t *count)
{
  bytes_writer w = {.writer = {.size = sizeof w.writer, .write = write_bytes}, .stop_after = stop_after};
  call c = begin(l, "save");
  self_writable(l, 0);
  child_enter("save", l->of->customers);
  tarazu_status status = strategy_of(l)->save(l->self, &w.writer, c.error);
  child_leave();
  *bytes = w.bytes;
  *count = w.count;
  return finish_call(l, &c, status);
}

tarazu_status life_load(life *l, const void *bytes, size_t count)
{
  call c = begin(l, "load");
  const void *given = guard_give(&c.scope, bytes, count, 1, "the model's bytes");
  self_writable(l, 1);
  child_enter("load", (int64_t)count);
  tarazu_status status = strategy_of(l)->load(l->self, given, count, c.error);
  child_leave();
  l->ready = !status;
  return finish_call(l, &c, status);
}

static tarazu_status reasons_group(life *l, uint32_t space, const int64_t *rows, int64_t count, uint64_t lacks,
                                   void *argument)
{
  double weights[MOST_COLUMNS];
  (void)space, (void)argument;
  if (is_combiner(l) && !(weigh(l, lacks, weights) > 0)) return TARAZU_OK;
  bytes_writer w = {.writer = {.size = sizeof w.writer, .write = write_bytes}, .stop_after = 1 << 20};
  call c = begin(l, "reasons");
  const tarazu_batch *batch = give_batch(l, &c, 0, rows, count, lacks, 0);
  self_writable(l, 0);
  child_enter("reasons", l->of->customers);
  tarazu_status status = explain_of(l)->reasons(l->self, batch, &w.writer, c.error);
  child_leave();
  if (status == TARAZU_OK && !text_is_utf8((const char *)w.bytes, w.count))
    child_fault("the reasons of row %lld are no UTF-8 text", (long long)rows[0]);
  free(w.bytes);
  return finish_call(l, &c, status);
}

tarazu_status life_reasons(life *l, int64_t row)
{
  return each_group(l, 0, &row, 1, reasons_group, NULL);
}

/* ---- comparing --------------------------------------------------------------------------------------------- */

static const char *shown(const outcome *from, uint32_t index, int64_t row, char words[80])
{
  const void *values = from->outputs[index].values;
  if (!bit(from->outputs[index].valid, row)) return "null";
  switch (from->outputs[index].type) {
  case TARAZU_F64: snprintf(words, 80, "%.17g", ((const double *)values)[row]); break;
  case TARAZU_BOOL: snprintf(words, 80, "%d", ((const uint8_t *)values)[row]); break;
  case TARAZU_TEXT: snprintf(words, 80, "'%.60s'", from->outputs[index].labels[((const int32_t *)values)[row]]); break;
  default: snprintf(words, 80, "%lld", (long long)((const int64_t *)values)[row]); break;
  }
  return words;
}

static const char *status_word(const outcome *from)
{
  return from->status == TARAZU_OK ? "a result" : from->message;
}

static int is_near(const outcome *one, const outcome *other, uint32_t index, int64_t row, double tolerance)
{
  if (!(tolerance > 0) || one->outputs[index].type != TARAZU_F64) return 0;
  if (!bit(one->outputs[index].valid, row) || !bit(other->outputs[index].valid, row)) return 0;
  double a = ((const double *)one->outputs[index].values)[row], b = ((const double *)other->outputs[index].values)[row];
  return fabs(a - b) <= tolerance * (fabs(a) + fabs(b) + 1e-9);
}

int outcome_differs(const outcome *one, const char *one_way, const outcome *other, const char *other_way,
                    double tolerance, text *how)
{
  if (one->status != other->status) {
    text_addf(how, "%s it gives %s, but %s: %s", one_way, status_word(one), other_way, status_word(other));
    return 1;
  }
  for (uint32_t o = 0; one->status == TARAZU_OK && o < one->count && o < other->count; o++)
    for (int64_t i = 0; one->outputs[o].values && other->outputs[o].values && i < one->rows && i < other->rows; i++) {
      char a[80], b[80];
      const char *first = shown(one, o, i, a), *second = shown(other, o, i, b);
      if (!strcmp(first, second) || is_near(one, other, o, i, tolerance)) continue;
      text_addf(how, "output '%s' of row %lld is %s %s, but %s %s", one->outputs[o].name, (long long)i, first, one_way,
                second, other_way);
      return 1;
    }
  return 0;
}

size_t outcome_write(const outcome *from, unsigned char *bytes, size_t room)
{
  size_t at = 0;
  char words[80];
  int length = snprintf((char *)bytes, room, "status %d\n", (int)from->status);
  for (uint32_t o = 0; from->status == TARAZU_OK && o < from->count; o++)
    for (int64_t i = 0; from->outputs[o].values && i < from->rows; i++) {
      at += (size_t)length;
      if (at + 200 > room) return 0;
      length = snprintf((char *)bytes + at, room - at, "output '%s' of row %lld: %s\n", from->outputs[o].name,
                        (long long)i, shown(from, o, i, words));
    }
  return at + (size_t)length;
}
