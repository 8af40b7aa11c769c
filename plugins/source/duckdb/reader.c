/* Runs a query and hands out its chunks. DuckDB streams one result, made by all its threads in any order; the parts
 * take turns at fetching from it and make columns of their chunks side by side. Meanwhile one thread hashes the files
 * and another asks the host whether to go on. */
#define _GNU_SOURCE
#include "reader.h"

#include "exact.h"
#include <errno.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PIECE = 1 << 20, ASK_EVERY = 50 /* ms */ };

/* A part's own: the chunk it holds and the columns that show it. */
typedef struct part {
  duckdb_data_chunk chunk;
  tarazu_column *columns;
  const tarazu_column **pointers;
  int64_t *bytes;
  tarazu_dictionary *dictionaries;
  void **buffers; /* a column's own values, of as many rows as a DuckDB vector holds */
  char **strings; /* its strings' bytes, and how many there is room for */
  size_t *room;
  tarazu_chunk view;
} part;

/* How a column of the result is stored. */
typedef struct physical {
  duckdb_type type; /* of a decimal: its integers' */
  unsigned scale;   /* of a decimal */
} physical;

struct reader {
  relation *data;
  duck_session session;
  database *reads; /* session's */
  query asked;
  duckdb_prepared_statement statement;
  pthread_mutex_t turn; /* to fetch; guards result, started, ended and failure */
  duckdb_result result;
  bool started, ended;
  physical *stored; /* an output's; known once started */
  tarazu_status failure;
  char message[DUCK_MESSAGE];
  int32_t failed_item;
  part *parts;
  uint32_t part_count;

  const tarazu_host *host;
  pthread_t asker;
  bool asks;
  pthread_mutex_t rest; /* guards closing */
  pthread_cond_t wake;
  bool closing;
  atomic_bool cancelled;

  pthread_t hasher;
  bool hashes;
  XXH128_hash_t digest;
  int hash_error; /* errno */
  uint32_t hash_file;
};

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
}

/* ---- what goes on beside ----------------------------------------------------------------------------------------- */

/* 0, or errno. Each file's length goes in after it, so that bytes moved from one file to the next show. */
static int hash_one(reader *of, const char *name, XXH3_state_t *state, void *piece)
{
  FILE *file = fopen(name, "rb");
  if (!file) return errno;
  setvbuf(file, NULL, _IONBF, 0);
  uint64_t total = 0;
  size_t count;
  while (!atomic_load(&of->cancelled) && (count = fread(piece, 1, PIECE, file)) > 0) {
    XXH3_128bits_update(state, piece, count);
    total += count;
  }
  int failure = ferror(file) ? (errno ? errno : EIO) : 0;
  fclose(file);
  unsigned char length[8];
  for (int i = 0; i < 8; i++) length[i] = (unsigned char)(total >> (8 * i));
  XXH3_128bits_update(state, length, sizeof length);
  return failure;
}

static void *hash_files(void *argument)
{
  reader *of = argument;
  XXH3_state_t *state = XXH3_createState();
  void *piece = malloc(PIECE);
  if (state && piece) {
    XXH3_128bits_reset(state);
    for (of->hash_file = 0; of->hash_file < of->data->file_count && !of->hash_error; of->hash_file++)
      of->hash_error = hash_one(of, of->data->files[of->hash_file], state, piece);
    of->digest = XXH3_128bits_digest(state);
  } else {
    of->hash_error = ENOMEM;
  }
  free(piece);
  XXH3_freeState(state);
  return NULL;
}

static void *ask_host(void *argument)
{
  reader *of = argument;
  pthread_mutex_lock(&of->rest);
  while (!of->closing) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += ASK_EVERY * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_cond_timedwait(&of->wake, &of->rest, &until) == 0) continue;
    double percent = of->session.api->query_progress(of->session.connection).percentage;
    if (of->host->progress(of->host, percent > 100 ? 1 : percent > 0 ? percent / 100 : 0)) continue;
    atomic_store(&of->cancelled, true);
    of->session.api->interrupt(of->session.connection);
  }
  pthread_mutex_unlock(&of->rest);
  return NULL;
}

static void stop_beside(reader *of)
{
  if (of->asks) {
    pthread_mutex_lock(&of->rest);
    of->closing = true;
    pthread_cond_signal(&of->wake);
    pthread_mutex_unlock(&of->rest);
    pthread_join(of->asker, NULL);
    of->asks = false;
  }
  if (of->hashes) pthread_join(of->hasher, NULL);
  of->hashes = false;
}

static tarazu_status start_beside(reader *of, const tarazu_host *host, tarazu_error *error)
{
  of->hashes = pthread_create(&of->hasher, NULL, hash_files, of) == 0;
  of->host = host && host->progress ? host : NULL;
  of->asks = of->host && pthread_create(&of->asker, NULL, ask_host, of) == 0;
  if (!of->hashes || (of->host && !of->asks)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no thread can be started");
  return TARAZU_OK;
}

/* ---- from DuckDB's vectors to columns ---------------------------------------------------------------------------- */

static int128 hugeint_of(duckdb_hugeint value)
{
  return (int128)((uint128)(uint64_t)value.upper << 64 | value.lower);
}

/* The value at a row of a vector of whole numbers or decimals, before its scale. */
static int128 integer_at(const void *values, duckdb_type type, idx_t row)
{
  switch (type) {
  case DUCKDB_TYPE_SMALLINT: return ((const int16_t *)values)[row];
  case DUCKDB_TYPE_INTEGER: return ((const int32_t *)values)[row];
  case DUCKDB_TYPE_BIGINT: return ((const int64_t *)values)[row];
  default: return hugeint_of(((const duckdb_hugeint *)values)[row]);
  }
}

static bool valid_at(const uint64_t *validity, idx_t row)
{
  return !validity || (validity[row >> 6] >> (row & 63) & 1);
}

static void make_doubles(const reader *of, const output *out, physical stored, const part *own, idx_t rows, double *to)
{
  const duck_api *api = of->session.api;
  duckdb_vector vector = api->data_chunk_get_vector(own->chunk, out->index);
  const void *values = api->vector_get_data(vector);
  const uint64_t *validity = api->vector_get_validity(vector);
  const int64_t *counts =
      out->mean ? api->vector_get_data(api->data_chunk_get_vector(own->chunk, out->index + 1)) : NULL;
  for (idx_t i = 0; i < rows; i++) {
    to[i] = 0;
    if (!valid_at(validity, i)) continue;
    if (stored.type == DUCKDB_TYPE_UHUGEINT) {
      duckdb_uhugeint value = ((const duckdb_uhugeint *)values)[i];
      to[i] = exact_unsigned((uint128)value.upper << 64 | value.lower);
    } else {
      to[i] = exact_ratio(integer_at(values, stored.type, i), counts && counts[i] > 0 ? counts[i] : 1, stored.scale);
    }
  }
}

/* Sums of BIGINT come as HUGEINT; false: one does not fit 64 bits. */
static bool make_integers(const duckdb_hugeint *values, const uint64_t *validity, idx_t rows, int64_t *to)
{
  for (idx_t i = 0; i < rows; i++) {
    int128 value = valid_at(validity, i) ? hugeint_of(values[i]) : 0;
    to[i] = (int64_t)value;
    if (to[i] != value) return false;
  }
  return true;
}

static bool make_strings(part *own, uint32_t column, duckdb_string_t *values, const uint64_t *validity, idx_t rows)
{
  int64_t *offsets = own->buffers[column];
  size_t total = 0;
  for (idx_t i = 0; i < rows; i++)
    if (valid_at(validity, i)) total += values[i].value.inlined.length;
  if (total > own->room[column]) {
    free(own->strings[column]);
    own->room[column] = 0;
    own->strings[column] = malloc(2 * total);
    if (!own->strings[column]) return false;
    own->room[column] = 2 * total;
  }
  char *to = own->strings[column];
  size_t at = 0;
  for (idx_t i = 0; i < rows; i++) {
    offsets[i] = (int64_t)at;
    if (!valid_at(validity, i)) continue;
    size_t count = values[i].value.inlined.length;
    if (count) memcpy(to + at, count <= 12 ? values[i].value.inlined.inlined : values[i].value.pointer.ptr, count);
    at += count;
  }
  offsets[rows] = (int64_t)at;
  own->dictionaries[column] = (tarazu_dictionary){
      .size = sizeof(tarazu_dictionary), .count = (uint32_t)rows, .offsets = offsets, .bytes = to ? to : ""};
  return true;
}

static tarazu_status show_column(const reader *of, part *own, uint32_t column, idx_t rows, tarazu_error *error)
{
  const duck_api *api = of->session.api;
  const output *out = &of->asked.outputs[column];
  duckdb_vector vector = api->data_chunk_get_vector(own->chunk, out->index);
  physical stored = of->stored[column];
  void *data = api->vector_get_data(vector);
  const uint64_t *validity = api->vector_get_validity(vector);
  tarazu_column *shown = &own->columns[column];
  /* DuckDB's validity is words of 64 bits, the least significant first: on a little-endian machine Arrow's bitmap */
  *shown =
      (tarazu_column){.size = sizeof *shown, .type = out->type, .values = data, .valid = (const uint8_t *)validity};
  own->bytes[column] = (int64_t)(rows * (out->type == TARAZU_BOOL ? 1 : 8));
  if (out->type == TARAZU_TEXT) {
    if (!make_strings(own, column, data, validity, rows)) return no_memory(error);
    shown->values = NULL;
    shown->dictionary = &own->dictionaries[column];
    own->bytes[column] = 0;
  } else if (out->type == TARAZU_F64 && stored.type != DUCKDB_TYPE_DOUBLE) {
    make_doubles(of, out, stored, own, rows, own->buffers[column]);
    shown->values = own->buffers[column];
  } else if (out->type == TARAZU_I64 && stored.type == DUCKDB_TYPE_HUGEINT) {
    error->item = (int32_t)(column - of->asked.key_count);
    if (!make_integers(data, validity, rows, own->buffers[column]))
      return tarazu_fail(error, TARAZU_BAD_DATA, "a sum of whole numbers does not fit 64 bits");
    shown->values = own->buffers[column];
  }
  return TARAZU_OK;
}

static tarazu_status show_chunk(const reader *of, part *own, const tarazu_chunk **chunk, tarazu_error *error)
{
  idx_t rows = of->session.api->data_chunk_get_size(own->chunk);
  tarazu_status status = TARAZU_OK;
  for (uint32_t i = 0; i < of->asked.output_count && status == TARAZU_OK; i++)
    status = show_column(of, own, i, rows, error);
  own->view.rows = (int64_t)rows;
  if (status == TARAZU_OK) *chunk = &own->view;
  return status;
}

/* ---- the query --------------------------------------------------------------------------------------------------- */

/* ---- failures ---------------------------------------------------------------------------------------------------- */

/* file, line 7: "amount". Could not convert string "x" to 'DOUBLE' */
static void plain_words(char message[DUCK_MESSAGE])
{
  static const char said[] = "\". Could not convert string \"", to[] = "\" to '";
  char copy[DUCK_MESSAGE];
  const char *end = strstr(message, said), *column = end;
  const char *value = end ? end + strlen(said) : NULL, *type = value ? strstr(value, to) : NULL;
  while (column && column > message && column[-1] != '"') column--;
  if (!type || column == message) return;
  const char *name = type + strlen(to);
  uint32_t wanted = strncmp(name, "DOUBLE", 6) == 0 ? TARAZU_F64
                    : strncmp(name, "BOOL", 4) == 0 ? TARAZU_BOOL
                                                    : TARAZU_TIME;
  snprintf(copy, sizeof copy, "%.*s'%.*s': found '%.*s', expected %s", (int)(column - 1 - message), message,
           (int)(end - column), column, (int)(type - value), value, value_words(wanted));
  memcpy(message, copy, sizeof copy);
}

/* What DuckDB says, with files named as the profile names them. */
static void own_message(const reader *of, const char *message, char out[DUCK_MESSAGE])
{
  char clear[DUCK_MESSAGE], name[RELATION_NAME];
  duck_message(message, clear);
  plain_words(clear);
  snprintf(out, DUCK_MESSAGE, "%s", clear);
  for (uint32_t i = 0; i < of->data->file_count; i++) {
    const char *path = of->data->files[i], *at = strstr(clear, path);
    if (!at) continue;
    relation_name(of->data, path, name);
    snprintf(out, DUCK_MESSAGE, "%.*s%s%s", (int)(at - clear), clear, name, at + strlen(path));
    return;
  }
}

typedef struct finding {
  const probe *by;
  char *message;
} finding;

static tarazu_status take_finding(void *argument, const char *const *values, tarazu_error *error)
{
  const finding *found = argument;
  (void)error;
  if (!values[1]) return TARAZU_OK;
  snprintf(found->message, DUCK_MESSAGE, "%s%.100s%s'%.100s': %.400s",
           values[0]          ? "customer '"
           : found->by->keyed ? "a row without a key, "
                              : "",
           values[0] ? values[0] : "", values[0] ? "', " : "", found->by->name, values[1]);
  return TARAZU_OK;
}

/* Whether the probe finds what the reading failed of; by it, or by failing itself. */
static bool is_found(reader *of, const probe *by)
{
  char before[DUCK_MESSAGE];
  finding found = {by, of->message};
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  memcpy(before, of->message, sizeof before);
  if (!by->name || !by->expression || !by->text) return false;
  tarazu_status status = relation_rows(&of->data->planning, by->text, take_finding, &found, &error);
  if (status == TARAZU_OK) return strcmp(before, of->message) != 0;
  if (status == TARAZU_NO_MEMORY) return false;
  if (relation_column(of->data, by->expression) < 0) /* what is said of a column says which it is */
    snprintf(of->message, sizeof of->message, "%.100s: %.250s: %.500s", by->name, by->expression, before);
  return true;
}

/* DuckDB says what failed, though not of whom: so the parts of the request are asked one after the other. */
static void find_culprit(reader *of)
{
  for (uint32_t i = 0; i < of->asked.probe_count; i++) {
    if (!is_found(of, &of->asked.probes[i])) continue;
    of->failed_item = of->asked.probes[i].number;
    return;
  }
}

/* With the turn held. */
static void note_failure(reader *of, const char *message)
{
  duckdb_error_type type = of->session.api->result_error_type(&of->result);
  char named[DUCK_MESSAGE];
  of->failure = atomic_load(&of->cancelled)          ? TARAZU_CANCELLED
                : type == DUCKDB_ERROR_OUT_OF_MEMORY ? TARAZU_NO_MEMORY
                                                     : TARAZU_BAD_DATA;
  of->ended = true;
  own_message(of, of->failure == TARAZU_CANCELLED ? "cancelled" : message, of->message);
  if (of->failure != TARAZU_BAD_DATA) return;
  /* what is no CSV file at some line, rather than a value that is none of its type */
  bool broken = message && (strstr(message, "CSV Error") || strstr(message, "unicode"));
  if (broken && !strstr(message, "Error when converting") && relation_fault(of->data, named, sizeof named))
    memcpy(of->message, named, sizeof named);
  else if (!broken || strstr(message, "Error when converting")) find_culprit(of);
}

static void start(reader *of)
{
  const duck_api *api = of->session.api;
  of->started = true;
  if (api->execute_prepared_streaming(of->statement, &of->result) != DuckDBSuccess) {
    note_failure(of, api->result_error(&of->result));
    return;
  }
  for (uint32_t i = 0; i < of->asked.output_count; i++) {
    duckdb_logical_type type = api->column_logical_type(&of->result, of->asked.outputs[i].index);
    duckdb_type id = api->get_type_id(type);
    bool decimal = id == DUCKDB_TYPE_DECIMAL;
    of->stored[i] = (physical){.type = decimal ? api->decimal_internal_type(type) : id,
                               .scale = decimal ? api->decimal_scale(type) : 0};
    api->destroy_logical_type(&type);
  }
}

/* The next chunk that has rows; NULL at the end, and after a failure. */
static duckdb_data_chunk fetch(reader *of)
{
  const duck_api *api = of->session.api;
  if (!of->started) start(of);
  while (!of->ended) {
    if (atomic_load(&of->cancelled)) {
      note_failure(of, NULL);
      return NULL;
    }
    duckdb_data_chunk chunk = api->fetch_chunk(of->result);
    if (chunk && api->data_chunk_get_size(chunk)) return chunk;
    if (chunk) {
      api->destroy_data_chunk(&chunk);
      continue;
    }
    const char *message = api->result_error(&of->result);
    if (message) note_failure(of, message);
    else of->ended = true;
  }
  return NULL;
}

tarazu_status reader_read(reader *from, uint32_t number, const tarazu_chunk **chunk, tarazu_error *error)
{
  part *own = &from->parts[number];
  *chunk = NULL;
  if (own->chunk) from->session.api->destroy_data_chunk(&own->chunk);
  pthread_mutex_lock(&from->turn);
  own->chunk = fetch(from);
  tarazu_status status = from->failure;
  if (status != TARAZU_OK) {
    error->item = from->failed_item;
    tarazu_fail(error, status, "%s", from->message);
  }
  pthread_mutex_unlock(&from->turn);
  if (status != TARAZU_OK || !own->chunk) return status;
  return show_chunk(from, own, chunk, error);
}

tarazu_status reader_fingerprint(reader *from, char digits[65], tarazu_error *error)
{
  if (from->hashes) pthread_join(from->hasher, NULL);
  from->hashes = false;
  if (atomic_load(&from->cancelled)) return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
  if (from->hash_error) {
    char name[RELATION_NAME] = "files";
    if (from->hash_file) relation_name(from->data, from->data->files[from->hash_file - 1], name);
    return tarazu_fail(error, TARAZU_BAD_DATA, "%s: %s", name, strerror(from->hash_error));
  }
  snprintf(digits, 65, "%016llx%016llx", (unsigned long long)from->digest.high64,
           (unsigned long long)from->digest.low64);
  return TARAZU_OK;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static void free_part(const reader *of, part *own)
{
  if (own->chunk) of->session.api->destroy_data_chunk(&own->chunk);
  for (uint32_t i = 0; i < of->asked.output_count; i++) {
    if (own->buffers) free(own->buffers[i]);
    if (own->strings) free(own->strings[i]);
  }
  free(own->columns);
  free(own->pointers);
  free(own->bytes);
  free(own->dictionaries);
  free(own->buffers);
  free(own->strings);
  free(own->room);
}

static bool make_part(const reader *of, part *own)
{
  uint32_t count = of->asked.output_count;
  own->columns = calloc(count, sizeof *own->columns);
  own->pointers = calloc(count, sizeof *own->pointers);
  own->bytes = calloc(count, sizeof *own->bytes);
  own->dictionaries = calloc(count, sizeof *own->dictionaries);
  own->buffers = calloc(count, sizeof *own->buffers);
  own->strings = calloc(count, sizeof *own->strings);
  own->room = calloc(count, sizeof *own->room);
  if (!own->columns || !own->pointers || !own->bytes || !own->dictionaries || !own->buffers || !own->strings ||
      !own->room)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    own->pointers[i] = &own->columns[i];
    own->buffers[i] = malloc((of->session.api->vector_size() + 1) * sizeof(int64_t));
    if (!own->buffers[i]) return false;
  }
  own->view =
      (tarazu_chunk){.size = sizeof own->view, .column_count = count, .columns = own->pointers, .bytes = own->bytes};
  return true;
}

/* Rows are worth sharing out; of aggregates there are few. */
static tarazu_status make_parts(reader *of, const tarazu_request *request, tarazu_error *error)
{
  uint32_t count = of->asked.aggregated || request->threads < 1 ? 1 : request->threads;
  of->parts = calloc(count, sizeof *of->parts);
  of->stored = calloc(of->asked.output_count, sizeof *of->stored);
  if (!of->parts || !of->stored) return no_memory(error);
  of->part_count = count;
  for (uint32_t i = 0; i < count; i++)
    if (!make_part(of, &of->parts[i])) return no_memory(error);
  return TARAZU_OK;
}

void reader_close(reader *from)
{
  if (!from) return;
  const duck_api *api = from->session.api;
  atomic_store(&from->cancelled, true); /* a hash half done is done */
  stop_beside(from);
  for (uint32_t i = 0; i < from->part_count; i++) free_part(from, &from->parts[i]);
  if (from->started) api->destroy_result(&from->result);
  if (from->statement) api->destroy_prepare(&from->statement);
  if (api) duck_session_close(&from->session);
  database_leave(from->reads);
  free(from->parts);
  free(from->stored);
  query_free(&from->asked);
  relation_close(from->data);
  pthread_mutex_destroy(&from->turn);
  pthread_mutex_destroy(&from->rest);
  pthread_cond_destroy(&from->wake);
  free(from);
}

static tarazu_status prepare(reader *of, relation *data, const tarazu_request *request, tarazu_error *error)
{
  const duck_api *api = data->planning.api;
  duck_limits limits = {
      .folder = data->folder, .scratch = request->scratch, .memory = request->memory, .threads = request->threads};
  tarazu_status status = query_make(&of->asked, data, request, error);
  if (status == TARAZU_OK) status = database_open(&of->reads, &of->session, api, &limits, error);
  if (status == TARAZU_OK && of->reads != data->reads) {
    database_leave(data->reads);
    data->reads = database_keep(of->reads);
  }
  if (status == TARAZU_OK && api->prepare(of->session.connection, of->asked.text, &of->statement) != DuckDBSuccess)
    status = duck_fail(error, TARAZU_BAD_DATA, data->location, api->prepare_error(of->statement));
  return status;
}

tarazu_status reader_open(reader **out, uint32_t *parts, relation *data, const tarazu_request *request,
                          const tarazu_host *host, tarazu_error *error)
{
  *out = NULL;
  reader *made = calloc(1, sizeof *made);
  if (!made) return no_memory(error);
  made->data = data;
  made->failed_item = -1;
  data->users++;
  pthread_mutex_init(&made->turn, NULL);
  pthread_mutex_init(&made->rest, NULL);
  pthread_cond_init(&made->wake, NULL);
  tarazu_status status = prepare(made, data, request, error);
  if (status == TARAZU_OK) status = make_parts(made, request, error);
  if (status == TARAZU_OK) status = start_beside(made, host, error);
  if (status != TARAZU_OK) {
    reader_close(made);
    return status;
  }
  *parts = made->part_count;
  *out = made;
  return TARAZU_OK;
}
