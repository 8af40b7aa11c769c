/* Any bytes as YAML: what comes out is a tree within its bounds whose every node has a place in the source, and a tree
 * written as canonical text reads back as the same. Bytes before the first newline that hold a '=' are a setting too.
 * libFuzzer: clang -fsanitize=fuzzer,address. */
#include "config/value.h"
#include "config/yaml.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

typedef struct walk {
  uint32_t nodes;
  problems *problems;
} walk;

static void require(int holds)
{
  if (!holds) abort();
}

static void check_place(const place *where)
{
  require(where->file && where->line >= 1 && where->column >= 1 && where->length >= 1);
  /* The place lies within its line, or just behind it. */
  require(memchr(where->line_text, 0, (size_t)where->column - 1) == NULL);
}

static void read_as_everything(walk *w, const node *at)
{
  static const char *const words[] = {"plugin", "weight", NULL};
  double real;
  int64_t integer;
  int choice;
  const char *string;
  char found[80];
  value_found(at, found);
  require(text_is_utf8(found, strlen(found)));
  value_real(at, "v", 0, 1, w->problems, &real);
  value_integer(at, "v", 1, 5, w->problems, &integer);
  value_switch(at, "v", w->problems, &choice);
  value_string(at, "v", w->problems, &string);
  value_choice(at, "v", words, w->problems, &choice);
  value_proportion(at, "v", 0, 1, w->problems, &real);
  value_duration(at, "v", 0, 0, w->problems, &real);
  value_date(at, "v", NULL, w->problems, &integer);
  value_keys(at, "v", words, w->problems);
}

static void visit(walk *w, const node *at, int depth)
{
  w->nodes++;
  require(depth <= YAML_MOST_DEPTH + 1);
  check_place(&at->place);
  if (w->nodes < 100) read_as_everything(w, at);
  for (uint32_t i = 0; at->kind == NODE_LIST && i < at->count; i++) visit(w, at->items[i], depth + 1);
  for (uint32_t i = 0; at->kind == NODE_MAP && i < at->count; i++) {
    visit(w, at->entries[i].key, depth + 1);
    visit(w, at->entries[i].value, depth + 1);
  }
  if (at->kind == NODE_SCALAR) require(text_is_utf8(at->text, strlen(at->text)));
}

/* JSON is YAML: what is written is read as the same. */
static void check_round_trip(const node *root, arena *memory)
{
  text once = {0}, twice = {0};
  problems *faults = problems_new();
  node_write_json(root, &once);
  node *again = yaml_parse("json", once.bytes, once.length, memory, faults);
  if (again && !problems_errors(faults)) {
    node_write_json(again, &twice);
    require(strcmp(text_string(&once), text_string(&twice)) == 0);
  }
  problems_free(faults);
  text_free(&once);
  text_free(&twice);
}

static void set(node *root, const uint8_t *bytes, size_t count, arena *memory, problems *faults)
{
  const uint8_t *line = memchr(bytes, '\n', count);
  size_t length = line ? (size_t)(line - bytes) : count;
  char *assignment = arena_copy_n(memory, (const char *)bytes, length);
  if (!strchr(assignment, '=')) return;
  walk w = {.problems = faults};
  if (node_set(root, assignment, memory, faults)) visit(&w, root, -2 * YAML_MOST_DEPTH);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  arena *memory = arena_new();
  problems *faults = problems_new();
  text told = {0};
  node *root = yaml_parse("fuzz.yaml", (const char *)bytes, count, memory, faults);
  require(root || problems_errors(faults));
  if (root) {
    walk w = {.problems = faults};
    visit(&w, root, 1);
    require(w.nodes <= YAML_MOST_NODES);
    check_round_trip(root, memory);
    if (root->kind == NODE_MAP) set(root, bytes, count, memory, faults);
  }
  problems_print(faults, &told, 0);
  require(text_is_utf8(text_string(&told), told.length));
  text_free(&told);
  problems_free(faults);
  arena_free(memory);
  return 0;
}
