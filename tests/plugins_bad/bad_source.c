/* A source that crashes where its location says: "read.crash", or "thread.crash" in a thread of its own. */
#include "bad.h"
#include <pthread.h>
#include <string.h>

static int *volatile nothing;

static void *fall(void *argument)
{
  *nothing = 1;
  return argument;
}

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error)
{
  (void)self, (void)request, (void)columns;
  return tarazu_fail(error, TARAZU_BAD_DATA, "there are none");
}

static tarazu_status plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  (void)self, (void)request, (void)error;
  return TARAZU_OK;
}

static tarazu_status open_rows(void *self, const tarazu_request *request, void **reader, uint32_t *parts,
                               tarazu_error *error)
{
  (void)self, (void)error;
  *reader = strstr(request->location, "thread.crash") ? (void *)(uintptr_t)1 : NULL;
  *parts = 1;
  return TARAZU_OK;
}

static tarazu_status read_rows(const void *self, void *reader, uint32_t part, const tarazu_chunk **chunk,
                               tarazu_error *error)
{
  pthread_t thread;
  (void)self, (void)part, (void)chunk;
  if (!reader) fall(NULL);
  if (pthread_create(&thread, NULL, fall, NULL) == 0) pthread_join(thread, NULL);
  return tarazu_fail(error, TARAZU_INTERNAL, "it did not crash");
}

static tarazu_status fingerprint(const void *self, void *reader, char digits[65], tarazu_error *error)
{
  (void)self, (void)reader, (void)error;
  digits[0] = 0;
  return TARAZU_OK;
}

static void close_rows(const void *self, void *reader)
{
  (void)self, (void)reader;
}

static const tarazu_source source = {.size = sizeof source,
                                     .accepts = (const char *const[]){"*.crash", NULL},
                                     .describe = describe,
                                     .plan = plan,
                                     .open = open_rows,
                                     .read = read_rows,
                                     .fingerprint = fingerprint,
                                     .close = close_rows};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.source/1") == 0 ? &source : NULL;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SOURCE,
                                         .id = "bad_source",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "crashes while it reads",
                                         .extension = extension};
PLUGIN(strategy);
