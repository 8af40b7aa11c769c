/* YAML bytes to trees of nodes by libyaml's events, which let the expansion of aliases be bounded while it happens. */
#include "config/yaml.h"
#include "base/file.h"
#include "config/inner.h"
#include "config/value.h"
#include <errno.h>
#include <string.h>

enum { MOST_FAULTS = 100 }; /* of one file: nobody reads on, and looking for the nearest name takes its time */

/* What `!!` stands for. */
#define YAML_TAGS "tag:yaml.org,2002:"

/* A position in the source. libyaml counts code points, and lines also by breaks that no editor shows as such: the
 * index alone is taken from it, the rest is counted here. */
typedef struct cursor {
  size_t index; /* code points since the YAML began */
  size_t byte;
  size_t line_start;
  int line;
} cursor;

typedef struct reader {
  yaml_parser_t parser;
  const yaml_source *source;
  arena *arena;
  problems *problems;
  cursor cursor; /* of the last place asked for: they come in rising order */
  names anchors;
  const node **anchored; /* by the number of the anchor; NULL while what it names is still being read */
  uint32_t anchored_count, anchored_room;
  size_t errors; /* there were before */
  int stopped;   /* after an error that nothing can be read behind */
} reader;

static const cursor *first_cursor(const yaml_source *source, cursor *spot)
{
  *spot = (struct cursor){.byte = source->start, .line = 1};
  /* A byte order mark is no part of the first line. */
  if (source->start == 3 && memcmp(source->bytes, "\xEF\xBB\xBF", 3) == 0) spot->line_start = 3;
  return spot;
}

static int at_break(const yaml_source *source, size_t byte)
{
  const char *bytes = source->bytes;
  return bytes[byte] == '\n' || (bytes[byte] == '\r' && bytes[byte + 1] != '\n');
}

static void step(const yaml_source *source, cursor *spot)
{
  int ends_line = at_break(source, spot->byte);
  spot->byte++;
  while (spot->byte < source->count && ((unsigned char)source->bytes[spot->byte] & 0xC0) == 0x80) spot->byte++;
  spot->index++;
  if (!ends_line) return;
  spot->line++;
  spot->line_start = spot->byte;
}

static place place_at(const yaml_source *source, const cursor *spot)
{
  return (place){.file = source->file,
                 .line_text = source->bytes + spot->line_start,
                 .line = spot->line,
                 .column = (int)(spot->byte - spot->line_start) + 1,
                 .length = 1};
}

/* The place of a stretch of the source; its length ends with the line. */
static place locate(reader *r, yaml_mark_t start, yaml_mark_t end)
{
  const yaml_source *source = r->source;
  if (start.index < r->cursor.index) first_cursor(source, &r->cursor);
  while (r->cursor.index < start.index && r->cursor.byte < source->count) step(source, &r->cursor);
  place where = place_at(source, &r->cursor);
  cursor last = r->cursor;
  while (last.index < end.index && last.byte < source->count && !strchr("\r\n", source->bytes[last.byte]))
    step(source, &last);
  if (last.byte > r->cursor.byte) where.length = (int)(last.byte - r->cursor.byte);
  return where;
}

static place place_of_byte(const yaml_source *source, size_t byte)
{
  cursor spot;
  first_cursor(source, &spot);
  while (spot.byte < byte && spot.byte < source->count) step(source, &spot);
  return place_at(source, &spot);
}

static void *stop(reader *r)
{
  r->stopped = 1;
  return NULL;
}

/* ---- events ---- */

static void tell_syntax(reader *r)
{
  const yaml_parser_t *parser = &r->parser;
  exit_status status = r->source->status;
  if (parser->error == YAML_MEMORY_ERROR) {
    problem_add(r->problems, EXIT_INTERNAL, NOWHERE, "out of memory while reading %s", r->source->file);
  } else if (parser->error == YAML_READER_ERROR) {
    size_t byte = r->source->start + parser->problem_offset;
    place at = place_of_byte(r->source, byte);
    if (byte < r->source->count && (unsigned char)r->source->bytes[byte] >= 0x80 &&
        !text_is_utf8(r->source->bytes, r->source->count))
      problem_add(r->problems, status, at, "the byte 0x%02X is no UTF-8; expected a file saved as UTF-8",
                  (unsigned)(unsigned char)r->source->bytes[byte]);
    else
      problem_add(r->problems, status, at, "the control character U+%04X; expected text without such characters",
                  (unsigned)parser->problem_value);
  } else {
    place context = {0};
    if (parser->context) context = locate(r, parser->context_mark, parser->context_mark);
    place at = locate(r, parser->problem_mark, parser->problem_mark);
    syntax_problem(parser, status, at, context, r->source->bytes + r->cursor.byte, r->problems);
  }
}

static int next(reader *r, yaml_event_t *event)
{
  if (yaml_parser_parse(&r->parser, event)) return 1;
  tell_syntax(r);
  stop(r);
  return 0;
}

/* ---- nodes ---- */

static node *new_node(reader *r, node_kind kind, place where)
{
  if (*r->source->nodes == YAML_MOST_NODES) {
    problem_add(r->problems, r->source->status, where,
                "more than %d values, counting what aliases repeat; expected a file of fewer", (int)YAML_MOST_NODES);
    return stop(r);
  }
  ++*r->source->nodes;
  node *made = arena_alloc(r->arena, sizeof *made);
  made->kind = kind;
  made->place = where;
  return made;
}

static int too_deep(reader *r, int depth, place where)
{
  if (depth <= YAML_MOST_DEPTH) return 0;
  problem_add(r->problems, r->source->status, where, "lists and maps are nested more than %d deep",
              (int)YAML_MOST_DEPTH);
  stop(r);
  return 1;
}

/* Scalars may be called text, by `!!str` or `!`; there is nothing else to say by a tag. */
static void check_tag(reader *r, const yaml_char_t *tag, node_kind kind, place where)
{
  const char *name = (const char *)tag;
  if (!tag || (kind == NODE_SCALAR && (strcmp(name, "!") == 0 || strcmp(name, YAML_TAGS "str") == 0))) return;
  int known = strncmp(name, YAML_TAGS, strlen(YAML_TAGS)) == 0;
  problem_add(r->problems, r->source->status, where, "the tag '%s%.60s'; expected no tag, or !!str before text",
              known ? "!!" : "", known ? name + strlen(YAML_TAGS) : name);
}

/* The number of an anchor that begins here, whose node is not known yet. */
static uint32_t open_anchor(reader *r, const yaml_char_t *anchor)
{
  if (!anchor) return NAMES_NONE;
  uint32_t number = names_add(&r->anchors, r->arena, arena_copy(r->arena, (const char *)anchor));
  if (number == r->anchored_count) *arena_push(r->arena, r->anchored, r->anchored_count, r->anchored_room) = NULL;
  r->anchored[number] = NULL;
  return number;
}

static node *close_anchor(reader *r, uint32_t number, node *given)
{
  if (number != NAMES_NONE) r->anchored[number] = given;
  return given;
}

static node *copy(reader *r, const node *from, int depth, place alias)
{
  if (from->kind != NODE_SCALAR && too_deep(r, depth, alias)) return NULL;
  node *made = new_node(r, from->kind, alias);
  if (!made) return NULL;
  *made = *from;
  if (from->kind == NODE_LIST) {
    made->items = arena_array(r->arena, from->count, sizeof *made->items);
    for (uint32_t i = 0; i < from->count && !r->stopped; i++)
      made->items[i] = copy(r, from->items[i], depth + 1, alias);
  } else if (from->kind == NODE_MAP) {
    made->entries = arena_array(r->arena, from->count, sizeof *made->entries);
    for (uint32_t i = 0; i < from->count && !r->stopped; i++) {
      made->entries[i].key = copy(r, from->entries[i].key, depth + 1, alias);
      if (!r->stopped) made->entries[i].value = copy(r, from->entries[i].value, depth + 1, alias);
    }
  }
  return r->stopped ? NULL : made;
}

static node *build_alias(reader *r, const yaml_event_t *event, int depth)
{
  const char *name = (const char *)event->data.alias.anchor;
  place where = locate(r, event->start_mark, event->end_mark);
  uint32_t number = names_find(&r->anchors, name);
  if (number != NAMES_NONE && r->anchored[number]) return copy(r, r->anchored[number], depth, where);
  if (number != NAMES_NONE) {
    problem_add(r->problems, r->source->status, where, "the alias '*%.60s' stands inside what it repeats", name);
  } else {
    problem_add(r->problems, r->source->status, where,
                "the alias '*%.60s' repeats nothing: there is no '&%.60s' above it", name, name);
    problem_hint(r->problems, "put text that begins with '*' in quotes");
    problem_nearest(r->problems, name, r->anchors.words, r->anchors.count);
  }
  /* A text in its place lets the rest be checked. */
  node *made = new_node(r, NODE_SCALAR, where);
  if (made) *made = (node){.kind = NODE_SCALAR, .quoted = 1, .place = where, .text = arena_copy(r->arena, name)};
  return made;
}

static node *build_scalar(reader *r, const yaml_event_t *event)
{
  node *made = new_node(r, NODE_SCALAR, locate(r, event->start_mark, event->end_mark));
  if (!made) return NULL;
  const char *value = (const char *)event->data.scalar.value;
  size_t length = event->data.scalar.length;
  made->text = arena_copy_n(r->arena, value, length);
  made->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || event->data.scalar.tag;
  check_tag(r, event->data.scalar.tag, NODE_SCALAR, made->place);
  if (memchr(value, 0, length))
    problem_add(r->problems, r->source->status, made->place, "text with a zero byte; expected text without");
  return close_anchor(r, open_anchor(r, event->data.scalar.anchor), made);
}

static node *build(reader *r, yaml_event_t *event, int depth);

/* `[a, b]` and `{a: b}` show where they end; a list or map of lines is shown by its first mark alone. */
static void end_flow(node *given, reader *r, const yaml_event_t *first, const yaml_event_t *end)
{
  int flow = first->type == YAML_SEQUENCE_START_EVENT ? first->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                                                      : first->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
  size_t start = (size_t)(given->place.line_text - r->source->bytes) + (size_t)given->place.column - 1;
  place last = locate(r, end->end_mark, end->end_mark);
  size_t stop_byte = (size_t)(last.line_text - r->source->bytes) + (size_t)last.column - 1;
  if (flow && last.line == given->place.line && stop_byte > start) given->place.length = (int)(stop_byte - start);
}

static node *build_list(reader *r, const yaml_event_t *first, int depth)
{
  place where = locate(r, first->start_mark, first->start_mark);
  node *list = too_deep(r, depth, where) ? NULL : new_node(r, NODE_LIST, where);
  if (!list) return NULL;
  check_tag(r, first->data.sequence_start.tag, NODE_LIST, where);
  uint32_t anchor = open_anchor(r, first->data.sequence_start.anchor), room = 0;
  yaml_event_t event;
  while (next(r, &event)) {
    if (event.type == YAML_SEQUENCE_END_EVENT) {
      end_flow(list, r, first, &event);
      yaml_event_delete(&event);
      return close_anchor(r, anchor, list);
    }
    node *item = build(r, &event, depth + 1);
    if (r->stopped) return NULL;
    *arena_push(r->arena, list->items, list->count, room) = item;
  }
  return NULL;
}

/* Whether a key can be one; tells why not. */
static int check_key(reader *r, const node *key)
{
  char found[80];
  const char *fault = NULL, *hint = NULL;
  if (key->kind != NODE_SCALAR) {
    fault = "as a key; expected text before the ':'";
    hint = "put text that begins with '[' or '{' in quotes";
  } else if (!key->quoted && !*key->text) {
    fault = "before the ':'; expected a key";
  } else if (!key->quoted && strcmp(key->text, "<<") == 0) {
    fault =
        "is YAML's merge key, which is not supported; expected the settings themselves, or `extends: file` at the top";
  }
  if (!fault) return 1;
  problem_add(r->problems, r->source->status, key->place, "%s %s", value_found(key, found), fault);
  if (hint) problem_hint(r->problems, "%s", hint);
  return 0;
}

static void add_entry(reader *r, node *map, names *keys, unsigned *room, node *key, node *value)
{
  if (!check_key(r, key)) return;
  uint32_t number = names_add(keys, r->arena, key->text);
  if (number < map->count) {
    place first = map->entries[number].key->place;
    problem_add(r->problems, r->source->status, key->place, "the key '%.60s' is given twice; expected it once",
                key->text);
    problem_hint(r->problems, "first given at %s:%d:%d", first.file, first.line, first.column);
    return;
  }
  *arena_push(r->arena, map->entries, map->count, *room) = (entry){key, value};
}

static node *build_map(reader *r, const yaml_event_t *first, int depth)
{
  place where = locate(r, first->start_mark, first->start_mark);
  node *map = too_deep(r, depth, where) ? NULL : new_node(r, NODE_MAP, where);
  if (!map) return NULL;
  check_tag(r, first->data.mapping_start.tag, NODE_MAP, where);
  uint32_t anchor = open_anchor(r, first->data.mapping_start.anchor);
  unsigned room = 0;
  names keys = {0};
  yaml_event_t event;
  while (next(r, &event)) {
    if (event.type == YAML_MAPPING_END_EVENT) {
      end_flow(map, r, first, &event);
      yaml_event_delete(&event);
      return close_anchor(r, anchor, map);
    }
    node *key = build(r, &event, depth + 1);
    if (r->stopped || !next(r, &event)) return NULL;
    node *value = build(r, &event, depth + 1);
    if (r->stopped) return NULL;
    add_entry(r, map, &keys, &room, key, value);
  }
  return NULL;
}

/* NULL only where reading has stopped. Takes the event. */
static node *build(reader *r, yaml_event_t *event, int depth)
{
  node *made = NULL;
  if (event->type == YAML_SCALAR_EVENT) made = build_scalar(r, event);
  else if (event->type == YAML_ALIAS_EVENT) made = build_alias(r, event, depth);
  else if (event->type == YAML_SEQUENCE_START_EVENT) made = build_list(r, event, depth);
  else made = build_map(r, event, depth);
  yaml_event_delete(event);
  return problems_errors(r->problems) - r->errors < MOST_FAULTS ? made : stop(r);
}

/* ---- documents ---- */

/* The first document's root, and nothing after it. */
static node *build_document(reader *r)
{
  node *root = NULL;
  yaml_event_t event;
  while (!r->stopped && next(r, &event)) {
    yaml_event_type_t type = event.type;
    if (type == YAML_DOCUMENT_START_EVENT && root) {
      problem_add(r->problems, r->source->status, locate(r, event.start_mark, event.end_mark),
                  "a second document begins here; expected one document a file");
      stop(r);
    }
    if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT || type == YAML_DOCUMENT_END_EVENT ||
        type == YAML_STREAM_END_EVENT)
      yaml_event_delete(&event);
    else root = build(r, &event, 1);
    if (type == YAML_STREAM_END_EVENT) break;
  }
  if (r->stopped) return NULL;
  if (!root) {
    cursor start;
    root = new_node(r, NODE_SCALAR, place_at(r->source, first_cursor(r->source, &start)));
    if (root) root->text = "";
  }
  return root;
}

/* What is told of the bytes as such, before libyaml sees them. 1: they may be parsed. */
static int check_bytes(const yaml_source *source, problems *faults)
{
  place file = {.file = source->file};
  if (source->count > YAML_MOST_BYTES) {
    problem_add(faults, source->status, file, "the file has %zu bytes; expected at most %d", source->count,
                (int)YAML_MOST_BYTES);
    return 0;
  }
  if (source->count >= 2 && (memcmp(source->bytes, "\xFF\xFE", 2) == 0 || memcmp(source->bytes, "\xFE\xFF", 2) == 0)) {
    problem_add(faults, source->status, file, "the file is UTF-16; expected a file saved as UTF-8");
    return 0;
  }
  const char *zero = memchr(source->bytes, 0, source->count);
  if (!zero) return 1;
  problem_add(faults, source->status, place_of_byte(source, (size_t)(zero - source->bytes)),
              "a zero byte; expected text");
  return 0;
}

node *yaml_build(const yaml_source *source, arena *memory, problems *faults)
{
  if (!check_bytes(source, faults)) return NULL;
  reader r = {.source = source, .arena = memory, .problems = faults, .errors = problems_errors(faults)};
  first_cursor(source, &r.cursor);
  if (!yaml_parser_initialize(&r.parser)) {
    problem_add(faults, EXIT_INTERNAL, NOWHERE, "out of memory while reading %s", source->file);
    return NULL;
  }
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)source->bytes + source->start,
                               source->count - source->start);
  node *root = build_document(&r);
  yaml_parser_delete(&r.parser);
  return root;
}

/* An empty file is a map of nothing. */
static node *or_map(node *root)
{
  if (root && value_is_null(root) && !*root->text) *root = (node){.kind = NODE_MAP, .place = root->place};
  return root;
}

static size_t after_mark(const char *bytes, size_t count)
{
  return count >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

node *yaml_parse(const char *name, const char *bytes, size_t count, arena *memory, problems *faults)
{
  uint32_t nodes = 0;
  yaml_source source = {.file = arena_copy(memory, name),
                        .bytes = arena_copy_n(memory, bytes, count),
                        .count = count,
                        .start = after_mark(bytes, count),
                        .status = EXIT_PROFILE,
                        .nodes = &nodes};
  return or_map(yaml_build(&source, memory, faults));
}

static void tell_unreadable(const char *path, int error, place where, problems *faults)
{
  char buffer[128];
  if (error == EFBIG)
    problem_add(faults, EXIT_PROFILE, where, "cannot read '%s': it is larger than %d MiB; expected a smaller file",
                path, (int)(YAML_MOST_BYTES >> 20));
  else if (error == EISDIR)
    problem_add(faults, EXIT_PROFILE, where, "cannot read '%s': it is a folder; expected a YAML file", path);
  else problem_add(faults, EXIT_PROFILE, where, "cannot read '%s': %s", path, strerror_r(error, buffer, sizeof buffer));
}

node *yaml_read_counted(const char *path, const place *asked, uint32_t *nodes, arena *memory, problems *faults)
{
  yaml_source source = {.file = arena_copy(memory, path), .status = EXIT_PROFILE, .nodes = nodes};
  char *bytes = NULL;
  int error = file_read(path, YAML_MOST_BYTES, memory, &bytes, &source.count);
  if (error) {
    tell_unreadable(path, error, asked ? *asked : (place){.file = source.file}, faults);
    return NULL;
  }
  source.bytes = bytes;
  source.start = after_mark(bytes, source.count);
  return or_map(yaml_build(&source, memory, faults));
}

node *yaml_read(const char *path, arena *memory, problems *faults)
{
  uint32_t nodes = 0;
  return yaml_read_counted(path, NULL, &nodes, memory, faults);
}
