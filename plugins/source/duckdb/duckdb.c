/* The duckdb source: CSV, JSON and Parquet files, with SQL expressions, through DuckDB's library. */
#define _GNU_SOURCE
#include "reader.h"

/* One instance; the last relation is kept, since describe, plan and open follow one another on a location. */
typedef struct source {
  const duck_api *api;
  const tarazu_host *host;
  relation *last;
} source;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  source *made = self;
  made->host = context ? context->host : NULL;
  return duck_load(&made->api, &tarazu_plugin_v1, error);
}

static void destroy(void *self)
{
  relation_close(((source *)self)->last);
}

static tarazu_status relation_of(source *self, const tarazu_request *request, tarazu_error *error)
{
  if (!request->location || !*request->location) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no file is named");
  if (self->last && relation_fits(self->last, request->location)) return TARAZU_OK;
  relation_close(self->last);
  self->last = NULL;
  return relation_open(&self->last, self->api, request->location, error);
}

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error)
{
  source *from = self;
  relation_close(from->last); /* what is there now */
  from->last = NULL;
  tarazu_status status = relation_of(from, request, error);
  if (status != TARAZU_OK) return status;
  *columns = (tarazu_list){from->last->columns, from->last->column_count, sizeof *from->last->columns};
  return TARAZU_OK;
}

static tarazu_status plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  source *from = self;
  query made = {0};
  tarazu_status status = relation_of(from, request, error);
  if (status == TARAZU_OK) status = query_make(&made, from->last, request, error);
  query_free(&made);
  return status;
}

static tarazu_status open_reader(void *self, const tarazu_request *request, void **out, uint32_t *parts,
                                 tarazu_error *error)
{
  source *from = self;
  reader *made = NULL;
  tarazu_status status = relation_of(from, request, error);
  if (status == TARAZU_OK) status = reader_open(&made, parts, from->last, request, from->host, error);
  *out = made;
  return status;
}

static tarazu_status read_part(const void *self, void *from, uint32_t part, const tarazu_chunk **chunk,
                               tarazu_error *error)
{
  (void)self;
  return reader_read(from, part, chunk, error);
}

static tarazu_status fingerprint(const void *self, void *from, char digits[65], tarazu_error *error)
{
  (void)self;
  return reader_fingerprint(from, digits, error);
}

static void close_reader(const void *self, void *from)
{
  (void)self;
  reader_close(from);
}

static const char *const accepts[] = {"*.csv",     "*.csv.gz", "*.tsv",       "*.tsv.gz", "*.parquet",  "*.json",
                                      "*.json.gz", "*.ndjson", "*.ndjson.gz", "*.jsonl",  "*.jsonl.gz", NULL};

static const tarazu_source interface = {.size = sizeof interface,
                                        .accepts = accepts,
                                        .describe = describe,
                                        .plan = plan,
                                        .open = open_reader,
                                        .read = read_part,
                                        .fingerprint = fingerprint,
                                        .close = close_reader};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.source/1") == 0 ? &interface : NULL;
}

static const tarazu_strategy duckdb = {.size = sizeof duckdb,
                                       .role = TARAZU_SOURCE,
                                       .id = "duckdb",
                                       .version = "0.1.0",
                                       .summary = "CSV, TSV, JSON and Parquet files, with SQL expressions",
                                       .license = "MIT",
                                       .self_size = sizeof(source),
                                       .create = create,
                                       .destroy = destroy,
                                       .extension = extension};

static const tarazu_strategy *const strategies[] = {&duckdb, NULL};

TARAZU_EXPORT const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "duckdb", .author = "the tarazu authors", .strategies = strategies};
