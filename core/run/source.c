/* Sources as the data layer calls them: each call is noted while it lasts, so that a crash in it is told as the
 * plugin's. */
#include "run/engine.h"
#include <string.h>

static const tarazu_source *source_of(const instance *in)
{
  return strategy_source(in->step->strategy);
}

/* Of a process that ended the error says how; here whose it was. */
static tarazu_status told(const instance *in, tarazu_status status, tarazu_error *error)
{
  const char *fault = in->step->isolated ? isolated_fault(in->step->isolated) : NULL;
  if (status == TARAZU_OK || !fault || strcmp(error->message, fault) != 0) return status;
  return tarazu_fail(error, status, "its source '%.64s' %.900s", in->step->strategy->id, fault);
}

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error)
{
  instance *in = self;
  engine_enter(in, "describe");
  tarazu_status status = source_of(in)->describe(in->self, request, columns, error);
  engine_leave();
  return told(in, status, error);
}

static tarazu_status plan_request(void *self, const tarazu_request *request, tarazu_error *error)
{
  instance *in = self;
  engine_enter(in, "plan");
  tarazu_status status = source_of(in)->plan(in->self, request, error);
  engine_leave();
  return told(in, status, error);
}

static tarazu_status open_reader(void *self, const tarazu_request *request, void **reader, uint32_t *parts,
                                 tarazu_error *error)
{
  instance *in = self;
  engine_enter(in, "open");
  tarazu_status status = source_of(in)->open(in->self, request, reader, parts, error);
  engine_leave();
  return told(in, status, error);
}

static tarazu_status read_chunk(const void *self, void *reader, uint32_t part, const tarazu_chunk **chunk,
                                tarazu_error *error)
{
  const instance *in = self;
  engine_enter(in, "read");
  tarazu_status status = source_of(in)->read(in->self, reader, part, chunk, error);
  engine_leave();
  return told(in, status, error);
}

static tarazu_status fingerprint(const void *self, void *reader, char digits[65], tarazu_error *error)
{
  const instance *in = self;
  engine_enter(in, "fingerprint");
  tarazu_status status = source_of(in)->fingerprint(in->self, reader, digits, error);
  engine_leave();
  return told(in, status, error);
}

static void close_reader(const void *self, void *reader)
{
  const instance *in = self;
  engine_enter(in, "close");
  source_of(in)->close(in->self, reader);
  engine_leave();
}

const tarazu_source *source_noted(void)
{
  static const tarazu_source noted = {.size = sizeof noted,
                                      .describe = describe,
                                      .plan = plan_request,
                                      .open = open_reader,
                                      .read = read_chunk,
                                      .fingerprint = fingerprint,
                                      .close = close_reader};
  return &noted;
}
