#include "conform/conform.h"

#include "base/clock.h"
#include "catalog/catalog.h"
#include "catalog/json.h"
#include "catalog/probe.h"
#include "conform/child.h"
#include <stdlib.h>
#include <string.h>

const char *conform_name(const tarazu_strategy *strategy, arena *memory)
{
  return arena_format(memory, "%s/%s", role_name(strategy->role), strategy->id);
}

int conform_wants(const conform_request *request, const tarazu_strategy *strategy, const char *test)
{
  char names[5][300];
  const char *role = role_name(strategy->role), *id = strategy->id;
  if (!request->only) return 1;
  snprintf(names[0], sizeof names[0], "%s", test);
  snprintf(names[1], sizeof names[1], "%s", id);
  snprintf(names[2], sizeof names[2], "%s/%s", id, test);
  snprintf(names[3], sizeof names[3], "%s/%s", role, id);
  snprintf(names[4], sizeof names[4], "%s/%s/%s", role, id, test);
  for (int i = 0; i < 5; i++)
    if (!strcmp(request->only, names[i])) return 1;
  return 0;
}

/* The command that tries it again, as a shell takes it. strategy NULL: the whole file. */
static const char *replay(const conform_request *request, const char *strategy, const char *test, arena *memory)
{
  text out = {0};
  text_add(&out, "tarazu plugin check ");
  text_add_shell(&out, request->file);
  if (strategy) text_addf(&out, " --only %s/%s --seed %llu", strategy, test, (unsigned long long)request->seed);
  if (strategy && request->params) {
    text_add(&out, " --params ");
    text_add_shell(&out, request->params);
  }
  const char *kept = arena_copy(memory, text_string(&out));
  text_free(&out);
  return kept;
}

conform_result *conform_add(conform_report *report, const char *strategy, const char *test, const char *tells,
                            arena *memory)
{
  conform_result *r = arena_push(memory, report->results, report->count, report->room);
  *r = (conform_result){.strategy = strategy, .test = test, .tells = tells};
  r->replay = replay(report->request, strategy, test, memory);
  return r;
}

/* ---- the file ---------------------------------------------------------------------------------------------- */

/* In a child first: what the file does while it is loaded must not be done to the checker. */
static void load_in_child(void *argument)
{
  const tarazu_plugin *plugin;
  const char *fault;
  int passing;
  arena *memory = arena_new();
  child_enter("loading it", 0);
  void *handle = probe_load(argument, memory, &plugin, &fault, &passing);
  child_leave();
  if (!handle) child_fault("%s", fault);
  arena_free(memory);
}

void conform_check(const conform_request *request, arena *memory, conform_report *out)
{
  child_note *note = child_note_new();
  const tarazu_plugin *plugin = NULL;
  const char *fault = NULL;
  int passing;
  double begun = clock_seconds();
  *out = (conform_report){.request = request};
  conform_result *r = conform_add(out, "plugin", "declarations", "what the file declares of itself", memory);
  r->replay = replay(request, NULL, NULL, memory);
  r->tries = 1;
  char *whole = realpath(request->file, NULL); /* tests go to folders of their own */
  const char *path = arena_copy(memory, whole ? whole : request->file);
  free(whole);
  r->passed = note && child_run(note, load_in_child, (void *)(uintptr_t)path);
  if (r->passed) r->passed = probe_load(path, memory, &plugin, &fault, &passing) != NULL;
  if (!r->passed) r->why = arena_copy(memory, fault ? fault : note ? note->why : "no memory");
  r->seconds = clock_seconds() - begun;
  child_note_free(note);
  for (uint32_t i = 0; r->passed && plugin->strategies[i]; i++) {
    const tarazu_strategy *s = plugin->strategies[i];
    if (s->role == TARAZU_SOURCE || s->role == TARAZU_SINK) conform_files(out, s, memory);
    else conform_columns(out, s, memory);
    r = out->results; /* which may have moved */
  }
  for (uint32_t i = 0; i < out->count; i++) out->failed += !out->results[i].passed;
  out->unknown_test = request->only && out->count == 1 && out->results[0].passed;
}

/* ---- the report -------------------------------------------------------------------------------------------- */

/* Lines of text, each behind the same blanks. */
static void add_indented(text *out, const char *lines)
{
  while (lines && *lines) {
    size_t length = strcspn(lines, "\n");
    text_add(out, "      ");
    text_add_n(out, lines, length);
    text_add(out, "\n");
    lines += length + (lines[length] == '\n');
  }
}

static void print_failure(const conform_result *r, text *out)
{
  add_indented(out, r->why);
  if (r->data) text_addf(out, "      tried on %s\n", r->data);
  if (r->params) text_addf(out, "      with params: %s\n", r->params);
  add_indented(out, r->table);
  text_addf(out, "      again: %s\n", r->replay);
}

void conform_print(const conform_report *report, text *out)
{
  const char *strategy = "";
  for (uint32_t i = 0; i < report->count; i++) {
    const conform_result *r = &report->results[i];
    if (strcmp(strategy, r->strategy) != 0) text_addf(out, "%s\n", strategy = r->strategy);
    text_addf(out, "  %s  %-13s  %5lld  %s\n", r->passed ? "passed" : "FAILED", r->test, (long long)r->tries, r->tells);
    if (!r->passed) print_failure(r, out);
  }
  text_addf(out, "%u passed, %u failed\n", report->count - report->failed, report->failed);
}

void conform_print_json(const conform_report *report, text *out)
{
  json j = {.out = out};
  json_open(&j, NULL, '{');
  json_text(&j, "file", report->request->file);
  json_number(&j, "seed", (double)report->request->seed);
  json_number(&j, "passed", report->count - report->failed);
  json_number(&j, "failed", report->failed);
  json_open(&j, "tests", '[');
  for (uint32_t i = 0; i < report->count; i++) {
    const conform_result *r = &report->results[i];
    json_open(&j, NULL, '{');
    json_text(&j, "strategy", r->strategy);
    json_text(&j, "test", r->test);
    json_bool(&j, "passed", r->passed);
    json_number(&j, "tries", (double)r->tries);
    json_number(&j, "seconds", r->seconds);
    json_text(&j, "why", r->why);
    json_text(&j, "data", r->data);
    json_text(&j, "params", r->params);
    json_text(&j, "table", r->table);
    if (!r->passed) json_text(&j, "replay", r->replay);
    json_close(&j, '}');
  }
  json_close(&j, ']');
  json_close(&j, '}');
  text_add(out, "\n");
}
