/* Names of kinds, types, shapes and aggregates, and ranges as people write them. */
#include "catalog/words.h"

#include "base/text.h"
#include <math.h>

#define NAME(names, index) ((index) < sizeof(names) / sizeof *(names) ? (names)[index] : "?")

const char *kind_name(uint32_t kind)
{
  static const char *const names[] = {"?",          "number", "integer", "switch", "text",    "choice", "duration",
                                      "proportion", "date",   "numbers", "texts",  "records", "column"};
  return NAME(names, kind);
}

const char *type_name(uint32_t type)
{
  static const char *const names[] = {"?", "number", "integer", "switch", "time", "text", "customer"};
  return NAME(names, type);
}

const char *shape_name(uint32_t shape)
{
  static const char *const names[] = {"?", "attributes", "events", "edges"};
  return NAME(names, shape);
}

const char *aggregate_name(uint32_t aggregate)
{
  static const char *const names[] = {NULL, "count", "sum", "mean", "min", "max", "first", "last", "periods"};
  return NAME(names, aggregate);
}

const char *meaning_name(uint32_t meaning)
{
  static const char *const names[] = {NULL, "lower", "upper"};
  return NAME(names, meaning);
}

/* An end so far out that nobody reaches it is how a declaration says that there is none. */
static int is_end(const tarazu_param *param, double end)
{
  return (param->least != 0 || param->most != 0) && fabs(end) < 1e15;
}

int has_least(const tarazu_param *param)
{
  return is_end(param, param->least);
}

int has_most(const tarazu_param *param)
{
  return is_end(param, param->most);
}

static void add_bound(text *out, const tarazu_param *param, double bound)
{
  int percent = param->kind == TARAZU_PROPORTION;
  text_add_number(out, percent ? bound * 100 : bound);
  text_add(out, percent ? "%" : "");
}

const char *range_words(const tarazu_param *param, arena *memory)
{
  text out = {0};
  int least = has_least(param), most = has_most(param);
  if (param->kind == TARAZU_CHOICE)
    for (const char *const *choice = param->choices; *choice; choice++)
      text_addf(&out, "%s%s", choice == param->choices ? "" : choice[1] ? ", " : " or ", *choice);
  if (least) {
    if (!most) text_add(&out, "at least ");
    add_bound(&out, param, param->least);
  }
  if (most) {
    text_add(&out, least ? " to " : "at most ");
    add_bound(&out, param, param->most);
  }
  if ((least || most) && param->kind == TARAZU_DURATION) text_add(&out, " days");
  const char *words = arena_copy(memory, text_string(&out));
  text_free(&out);
  return words;
}
