/* Three sinks that write nothing, for tests of which one takes a location: two of them accept the same pattern, one a
 * longer one. */
#include <string.h>
#include <tarazu/plugin.h>

static tarazu_status sink_open(const void *self, const tarazu_target *target, void **writer, tarazu_error *error)
{
  (void)self, (void)target, (void)error;
  *writer = NULL;
  return TARAZU_OK;
}

static tarazu_status sink_table(const void *self, void *writer, const tarazu_table *table, tarazu_error *error)
{
  (void)self, (void)writer, (void)table, (void)error;
  return TARAZU_OK;
}

static tarazu_status sink_write(const void *self, void *writer, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)writer, (void)batch, (void)error;
  return TARAZU_OK;
}

static tarazu_status sink_step(const void *self, void *writer, tarazu_error *error)
{
  (void)self, (void)writer, (void)error;
  return TARAZU_OK;
}

static void sink_close(const void *self, void *writer)
{
  (void)self, (void)writer;
}

#define SINK(...)                                                                                                 \
  {                                                                                                               \
    .size = sizeof(tarazu_sink), .tables = TARAZU_CUSTOMERS, .accepts = (const char *const[]){__VA_ARGS__, NULL}, \
    .open = sink_open, .table = sink_table, .write = sink_write, .prepare = sink_step, .commit = sink_step,       \
    .close = sink_close                                                                                           \
  }
static const tarazu_sink slow = SINK("*.csv"), quick = SINK("*.csv", "-"), special = SINK("*special.csv");

static const void *slow_extension(const char *id)
{
  return strcmp(id, "tarazu.sink/1") == 0 ? &slow : NULL;
}

static const void *quick_extension(const char *id)
{
  return strcmp(id, "tarazu.sink/1") == 0 ? &quick : NULL;
}

static const void *special_extension(const char *id)
{
  return strcmp(id, "tarazu.sink/1") == 0 ? &special : NULL;
}

#define STRATEGY(name, function)                                                                          \
  {                                                                                                       \
    .size = sizeof(tarazu_strategy), .role = TARAZU_SINK, .id = name, .version = "1.0", .license = "MIT", \
    .summary = "writes nothing", .extension = function                                                    \
  }
static const tarazu_strategy slow_strategy = STRATEGY("slow", slow_extension);
static const tarazu_strategy quick_strategy = STRATEGY("quick", quick_extension);
static const tarazu_strategy special_strategy = STRATEGY("special", special_extension);

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "patterns",
    .strategies = (const tarazu_strategy *const[]){&slow_strategy, &quick_strategy, &special_strategy, NULL},
};
