/* Saved models. A file is a line "tarazu model 1 SHA256" (of all behind it), a line of JSON that says whose model it is
 * and what it was fitted on, and the bytes that the strategy wrote. Nothing in it depends on the clock, so that the
 * same fit gives the same file. */
#include "base/calendar.h"
#include "base/file.h"
#include "base/hash.h"
#include "catalog/words.h"
#include "run/engine.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char mark[] = "tarazu model ";
static const char format[] = "1";
#define MOST_BYTES ((size_t)1 << 31)

/* ---- what a model is of ------------------------------------------------------------------------------------ */

static void write_columns(const step *s, text *out)
{
  for (uint32_t i = 0; i < s->count; i++) {
    const tarazu_bound *b = &s->bound[i];
    text_add(out, i ? ", {\"name\": " : "{\"name\": ");
    text_add_json(out, b->name);
    text_add(out, ", \"type\": ");
    text_add_json(out, b->type ? type_name(b->type) : "not bound");
    text_addf(out, ", \"better\": %d}", b->better);
  }
}

/* What must be the same in the run that saves and the run that loads; without the brace that ends it. */
static void write_whose(const step *s, text *out)
{
  text_add(out, "{\"tarazu\": \"" TARAZU_VERSION "\", \"role\": ");
  text_add_json(out, role_name(s->strategy->role));
  text_add(out, ", \"strategy\": ");
  text_add_json(out, s->strategy->id);
  text_add(out, ", \"version\": ");
  text_add_json(out, s->strategy->version);
  text_add(out, ", \"plugin_sha256\": ");
  text_add_json(out, s->file ? s->file->sha256 : NULL);
  text_add(out, ", \"name\": ");
  text_add_json(out, s->name);
  text_add(out, ", \"parameters\": ");
  args_write(&s->strategy->params, &s->args.args, out);
  text_add(out, ", \"columns\": [");
  write_columns(s, out);
  text_add(out, "]");
}

static void write_fitted_on(const engine *e, size_t payload, text *out)
{
  char as_of[32];
  calendar_format(e->as_of, as_of);
  text_addf(out, ", \"as_of\": \"%s\", \"customers\": %lld, \"data\": [", as_of, (long long)e->people.count);
  int begun = 0;
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    if ((int)i == e->plan->previous) continue;
    text_add(out, begun++ ? ", {\"table\": " : "{\"table\": ");
    text_add_json(out, e->tables[i].name);
    text_add(out, ", \"fingerprint\": ");
    text_add_json(out, e->tables[i].fingerprint);
    text_add(out, "}");
  }
  text_addf(out, "], \"payload_bytes\": %zu}", payload);
}

/* ---- saving ------------------------------------------------------------------------------------------------ */

typedef struct text_writer {
  tarazu_writer writer;
  text *out;
} text_writer;

static int take_bytes(const tarazu_writer *writer, const void *bytes, size_t count)
{
  text_add_n(((const text_writer *)(const void *)writer)->out, bytes, count);
  return 1;
}

static int save(engine *e, instance *in, saved_model *to)
{
  const step *s = in->step;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  text payload = {0}, body = {0}, all = {0};
  char digits[65];
  text_writer writer = {{.size = sizeof(tarazu_writer), .write = take_bytes}, &payload};
  engine_enter(in, "save");
  tarazu_status status = s->strategy->save(in->self, &writer.writer, &error);
  engine_leave();
  if (status == TARAZU_OK) {
    write_whose(s, &body);
    write_fitted_on(e, payload.length, &body);
    text_add(&body, "\n");
    if (payload.length) text_add_n(&body, payload.bytes, payload.length);
    hash_sha256(body.bytes, body.length, digits);
    text_addf(&all, "%s%s %s\n", mark, format, digits);
    text_add_n(&all, body.bytes, body.length);
    hash_sha256(all.bytes, all.length, to->sha256);
    to->bytes = arena_copy_n(e->arena, all.bytes, all.length);
    to->count = all.length;
    to->to = arena_format(e->arena, "%s/%s.model", e->save_models, s->name);
  }
  text_free(&payload);
  text_free(&body);
  text_free(&all);
  return status == TARAZU_OK || instance_failed(e, in, " could not save its model", status, &error);
}

/* A step that learns in this run. */
static int learns(const step *s)
{
  return s->strategy && !s->model && (s->strategy->learn || s->strategy->fit);
}

int models_check_names(engine *e)
{
  const plan *p = e->plan;
  int good = 1;
  for (uint32_t i = 0; e->save_models && i < p->step_count; i++)
    for (uint32_t k = 0; k < i; k++) {
      if (!learns(p->steps[i]) || !learns(p->steps[k]) || strcmp(p->steps[i]->name, p->steps[k]->name) != 0) continue;
      problem_add(e->problems, EXIT_PROFILE, p->steps[i]->place,
                  "%s and %s would both be saved as '%s.model'; give the criterion another name", p->steps[i]->subject,
                  p->steps[k]->subject, p->steps[i]->name);
      good = 0;
    }
  return good;
}

int models_save(engine *e)
{
  const plan *p = e->plan;
  uint32_t written = 0;
  if (!e->save_models) return 1;
  e->saved = arena_array(e->arena, p->step_count + 1, sizeof *e->saved);
  for (uint32_t i = 0; i < p->step_count; i++) {
    if (!learns(p->steps[i])) continue;
    saved_model *m = &e->saved[e->saved_count++];
    m->step = p->steps[i];
    m->why = why_no_model(p->steps[i]->strategy);
    if (e->instances[i].skipped) m->why = "failed, and was left out";
    if (m->why) continue;
    if (!save(e, &e->instances[i], m)) return 0;
    written++;
  }
  if (!written)
    problem_warn(e->problems, (place){.file = p->profile->path},
                 "no model is saved: nothing that learned here can save");
  return 1;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static int refuse(engine *e, const step *s, exit_status status, const char *words,
                                                        ...)
{
  char why[1200];
  va_list arguments;
  va_start(arguments, words);
  vsnprintf(why, sizeof why, words, arguments);
  va_end(arguments);
  problem_add(e->problems, status, s->model_place, "%s: the model '%s' %s", s->subject, s->model, why);
  return 0;
}

/* The text of a member; "" where it is not there. */
static const char *told(const model *m, const char *key)
{
  const node *value = node_get(m->told, key);
  return value && value->kind == NODE_SCALAR ? value->text : "";
}

static const node *parse(engine *e, const char *json)
{
  problems *unread = problems_new();
  const node *root = yaml_parse("model", json, strlen(json), e->arena, unread);
  int good = root && root->kind == NODE_MAP && !problems_errors(unread);
  problems_free(unread);
  return good ? root : NULL;
}

/* Takes the file apart: 1, or 0 where it is damaged. */
static int take_apart(engine *e, const step *s, const char *bytes, size_t count, model *m)
{
  char digits[65], end;
  size_t least = strlen(mark);
  const char *line = memchr(bytes, '\n', count);
  if (count < least || memcmp(bytes, mark, least) != 0)
    return refuse(e, s, EXIT_DATA, "is no saved model: it does not begin with '%s%s'", mark, format);
  if (strncmp(bytes + least, format, strlen(format)) != 0 || bytes[least + strlen(format)] != ' ')
    return refuse(e, s, EXIT_DATA, "is of format %.*s; this version of tarazu reads %s",
                  (int)strcspn(bytes + least, " \n"), bytes + least, format);
  if (!line) return refuse(e, s, EXIT_DATA, "is cut short: it ends within its first line");
  const char *body = line + 1, *behind = memchr(body, '\n', count - (size_t)(body - bytes));
  if (!behind) return refuse(e, s, EXIT_DATA, "is cut short: it ends within its header");
  m->header = arena_copy_n(e->arena, body, (size_t)(behind - body));
  m->told = parse(e, m->header);
  m->count = count - (size_t)(behind + 1 - bytes);
  m->payload = memcpy(arena_alloc(e->arena, m->count + 1), behind + 1, m->count); /* where any type may begin */
  long long expected = -1;
  if (m->told && sscanf(told(m, "payload_bytes"), "%lld%c", &expected, &end) == 1 && (size_t)expected > m->count)
    return refuse(e, s, EXIT_DATA, "is cut short: %zu bytes of %lld are there", m->count, expected);
  hash_sha256(body, count - (size_t)(body - bytes), digits);
  const char *said = bytes + least + strlen(format) + 1;
  if (line - said != 64 || memcmp(said, digits, 64) != 0 || !m->told || (size_t)expected != m->count)
    return refuse(e, s, EXIT_DATA, "is damaged: its contents are not those that were written");
  return 1;
}

static int same_strategy(engine *e, const step *s, const model *m)
{
  const char *role = role_name(s->strategy->role);
  if (!strcmp(told(m, "role"), role) && !strcmp(told(m, "strategy"), s->strategy->id)) return 1;
  return refuse(e, s, EXIT_PROFILE, "is of the %s '%s', not of the %s '%s'", told(m, "role"), told(m, "strategy"), role,
                s->strategy->id);
}

static const char *json_of(engine *e, const node *value)
{
  text out = {0};
  if (!value) return "nothing";
  node_write_json(value, &out);
  const char *kept = arena_copy(e->arena, text_string(&out));
  text_free(&out);
  return kept;
}

static int same_parameters(engine *e, const step *s, const model *m, const node *here)
{
  const node *then = node_get(m->told, "parameters"), *now = node_get(here, "parameters");
  int good = 1;
  for (uint32_t i = 0; i < now->count; i++) {
    const char *name = now->entries[i].key->text, *is = json_of(e, now->entries[i].value),
               *was = json_of(e, node_get(then, name));
    if (!strcmp(is, was)) continue;
    good = refuse(e, s, EXIT_PROFILE, "was fitted with %s: %.200s; here it is %.200s", name, was, is);
  }
  for (uint32_t i = 0; then && i < then->count; i++)
    if (!node_get(now, then->entries[i].key->text))
      good = refuse(e, s, EXIT_PROFILE, "was fitted with a parameter '%s', which '%s' does not have",
                    then->entries[i].key->text, s->strategy->id);
  return good;
}

/* "'margin' (number, less is better)" */
static const char *column_words(engine *e, const node *of)
{
  const node *name = node_get(of, "name"), *type = node_get(of, "type"), *better = node_get(of, "better");
  const char *way = !better || !strcmp(better->text, "0") ? ""
                    : *better->text == '-'                ? ", less is better"
                                                          : ", more is better";
  return arena_format(e->arena, "'%s' (%s%s)", name ? name->text : "?", type ? type->text : "?", way);
}

static int same_columns(engine *e, const step *s, const model *m, const node *here)
{
  const node *then = node_get(m->told, "columns"), *now = node_get(here, "columns");
  uint32_t count = then ? then->count : 0;
  if (count != now->count)
    return refuse(e, s, EXIT_PROFILE, "was fitted on %u columns; here there are %u", count, now->count);
  for (uint32_t i = 0; i < count; i++)
    if (strcmp(json_of(e, then->items[i]), json_of(e, now->items[i])) != 0)
      return refuse(e, s, EXIT_PROFILE, "was fitted on %s as column %u; here that is %s",
                    column_words(e, then->items[i]), i + 1, column_words(e, now->items[i]));
  return 1;
}

static int read_model(engine *e, const step *s, model *m)
{
  char *bytes;
  size_t count;
  text whose = {0};
  m->path = s->model;
  int status = file_read(s->model, MOST_BYTES, e->arena, &bytes, &count);
  if (status)
    return refuse(e, s, EXIT_PROFILE, "cannot be read: %s", status == EFBIG ? "it is too large" : strerror(status));
  if (!take_apart(e, s, bytes, count, m) || !same_strategy(e, s, m)) return 0;
  hash_sha256(bytes, count, m->sha256);
  write_whose(s, &whose);
  text_add(&whose, "}");
  const node *here = parse(e, text_string(&whose));
  text_free(&whose);
  if (!here) return refuse(e, s, EXIT_INTERNAL, "cannot be compared: this run's own header cannot be read");
  int good = same_parameters(e, s, m, here);
  return same_columns(e, s, m, here) && good;
}

int models_read(engine *e)
{
  int good = 1;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    const step *s = e->plan->steps[i];
    if (!s->model) continue;
    model *m = arena_alloc(e->arena, sizeof *m);
    if (read_model(e, s, m)) e->instances[i].model = m;
    else good = 0;
  }
  return good;
}

/* ---- loading ----------------------------------------------------------------------------------------------- */

/* A model that was fitted later than the run looks from knows what had not happened yet. */
static int is_of_the_past(engine *e, const step *s, const model *m, int64_t as_of)
{
  int64_t fitted;
  int zoned;
  char now[32];
  if (!calendar_parse(told(m, "as_of"), &fitted, &zoned))
    return refuse(e, s, EXIT_DATA, "does not say as of when it was fitted");
  if (fitted <= as_of) return 1;
  calendar_format(as_of, now);
  return refuse(e, s, EXIT_PROFILE, "was fitted as of %s, later than this run's as_of, %s: it knows of what came after",
                told(m, "as_of"), now);
}

static int load(engine *e, instance *in)
{
  const step *s = in->step;
  const model *m = in->model;
  const char *then = told(m, "version"), *now = s->strategy->version;
  int same = !strcmp(then, now);
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  engine_enter(in, "load");
  tarazu_status status = s->strategy->load(in->self, m->payload, m->count, &error);
  engine_leave();
  error.message[sizeof error.message - 1] = 0;
  if (status != TARAZU_OK) {
    refuse(e, s, plugin_status(status), "cannot be loaded: %s",
           *error.message ? error.message : "the strategy does not say why");
    if (!same) problem_hint(e->problems, "it was fitted by version %s of '%s'; this is %s", then, s->strategy->id, now);
    return 0;
  }
  if (!same)
    problem_warn(e->problems, s->model_place, "%s: the model '%s' was fitted by version %s of '%s'; this is %s",
                 s->subject, s->model, then, s->strategy->id, now);
  return 1;
}

int models_load(engine *e, int64_t as_of)
{
  int good = 1;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    instance *in = &e->instances[i];
    if (!in->model) continue;
    good &= is_of_the_past(e, in->step, in->model, as_of) && load(e, in);
  }
  return good;
}
