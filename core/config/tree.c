/* Trees of nodes: looking into them, laying one over another, settings given on the command line, and their canonical
 * text. */
#include "config/inner.h"
#include "config/value.h"
#include <string.h>

static const entry *find(const node *map, const char *key)
{
  if (!map || map->kind != NODE_MAP) return NULL;
  for (uint32_t i = 0; i < map->count; i++)
    if (strcmp(map->entries[i].key->text, key) == 0) return &map->entries[i];
  return NULL;
}

node *node_get(const node *map, const char *key)
{
  const entry *found = find(map, key);
  return found ? found->value : NULL;
}

node *node_get_key(const node *map, const char *key)
{
  const entry *found = find(map, key);
  return found ? found->key : NULL;
}

/* ---- merging ---- */

static void drop_removed(node *map)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < map->count; i++)
    if (map->entries[i].value) map->entries[kept++] = map->entries[i];
  map->count = kept;
}

/* Another plugin's parameters, model and hash are none of this one's: they fall away where a map that is laid over
 * names another plugin. */
static void part_with_plugin(node *map, const node *now)
{
  static const char *const its[] = {"params", "model", "sha256"};
  const node *before = node_get(map, "plugin");
  if (!before || !now || before->kind != NODE_SCALAR || now->kind != NODE_SCALAR) return;
  if (strcmp(before->text, now->text) == 0) return;
  for (size_t k = 0; k < sizeof its / sizeof *its; k++)
    for (uint32_t i = 0; i < map->count; i++)
      if (strcmp(map->entries[i].key->text, its[k]) == 0) map->entries[i].value = NULL;
  drop_removed(map);
}

void node_merge(node *base, const node *over, arena *memory)
{
  names keys = {0};
  part_with_plugin(base, node_get(over, "plugin"));
  for (uint32_t i = 0; i < base->count; i++) names_add(&keys, memory, base->entries[i].key->text);
  entry *entries = arena_array(memory, (size_t)base->count + over->count, sizeof *entries);
  if (base->count) memcpy(entries, base->entries, base->count * sizeof *entries);
  base->entries = entries;
  base->place = over->place;
  for (uint32_t i = 0; i < over->count; i++) {
    const entry *given = &over->entries[i];
    uint32_t at = names_find(&keys, given->key->text);
    if (at == NAMES_NONE) {
      entries[base->count++] = *given;
    } else if (value_is_null(given->value)) {
      entries[at].value = NULL;
    } else if (given->value->kind == NODE_MAP && entries[at].value->kind == NODE_MAP) {
      entries[at].key = given->key;
      node_merge(entries[at].value, given->value, memory);
    } else {
      entries[at] = *given;
    }
  }
  drop_removed(base);
}

node *node_copy(const node *given, arena *memory)
{
  if (!given) return NULL;
  node *copy = arena_alloc(memory, sizeof *copy);
  *copy = *given;
  if (given->kind == NODE_LIST) {
    copy->items = arena_array(memory, (size_t)given->count + 1, sizeof *copy->items);
    for (uint32_t i = 0; i < given->count; i++) copy->items[i] = node_copy(given->items[i], memory);
  }
  if (given->kind == NODE_MAP) {
    copy->entries = arena_array(memory, (size_t)given->count + 1, sizeof *copy->entries);
    for (uint32_t i = 0; i < given->count; i++)
      copy->entries[i] = (entry){node_copy(given->entries[i].key, memory), node_copy(given->entries[i].value, memory)};
  }
  return copy;
}

/* ---- single settings laid over ---- */

/* A key of the path, and where it stands. */
typedef struct part {
  const char *key;
  place place;
} part;

typedef struct assignment {
  const char *text;   /* all of it */
  exit_status status; /* of faults */
  place place;        /* of the path in a file; NOWHERE: of the command line */
  part parts[YAML_MOST_DEPTH];
  uint32_t count;
  arena *arena;
  problems *problems;
} assignment;

static int refuse(const assignment *a, const char *fault)
{
  problem_add(a->problems, a->status, a->place, "'%s': %s; expected %s", a->text, fault,
              a->place.file ? "KEY or KEY.KEY, such as combine.plugin" : "key=value or key.key=value");
  return 0;
}

/* Of a part of the path. A key that a file has in quotes, or not as it is read, is shown as a whole. */
static place place_of(const assignment *a, const char *start, const char *stop)
{
  place where = a->place;
  if (!where.file) where = (place){.file = "--set", .line_text = a->text, .line = 1, .column = 1};
  else if (where.length != (int)strlen(a->text)) return where;
  where.column += (int)(start - a->text);
  where.length = (int)(stop - start);
  return where;
}

static int split(assignment *a, const char *end)
{
  for (const char *start = a->text, *stop; start <= end; start = stop + 1) {
    stop = memchr(start, '.', (size_t)(end - start));
    if (!stop) stop = end;
    if (stop == start) return refuse(a, "an empty key");
    if (a->count == YAML_MOST_DEPTH) return refuse(a, "too many keys");
    a->parts[a->count++] = (part){arena_copy_n(a->arena, start, (size_t)(stop - start)), place_of(a, start, stop)};
  }
  return 1;
}

/* Makes the key with an empty value. */
static node *add_key(const assignment *a, node *map, const part *piece)
{
  entry *entries = arena_array(a->arena, (size_t)map->count + 1, sizeof *entries);
  if (map->count) memcpy(entries, map->entries, map->count * sizeof *entries);
  node *made = arena_array(a->arena, 2, sizeof *made);
  made[0] = (node){.kind = NODE_SCALAR, .quoted = 1, .laid = 1, .text = piece->key, .place = piece->place};
  made[1] = (node){.kind = NODE_SCALAR, .text = "", .place = piece->place};
  entries[map->count++] = (entry){&made[0], &made[1]};
  map->entries = entries;
  return &made[1];
}

static node *item_of(const assignment *a, const node *list, const part *piece)
{
  int64_t number;
  if (value_parse_integer(piece->key, &number) && number >= 0 && number < (int64_t)list->count)
    return list->items[number];
  if (!list->count)
    problem_add(a->problems, a->status, piece->place, "'%s': no item '%.60s' in an empty list", a->text, piece->key);
  else
    problem_add(a->problems, a->status, piece->place,
                "'%s': no item '%.60s' in the list; expected a number from 0 to %u", a->text, piece->key,
                (unsigned)(list->count - 1));
  return NULL;
}

/* One step of the path; a missing or empty value on it becomes a map. NULL after an error. */
static node *step(const assignment *a, node *at, const part *piece)
{
  if (at->kind == NODE_LIST) return item_of(a, at, piece);
  if (value_is_null(at)) *at = (node){.kind = NODE_MAP, .place = piece->place};
  if (at->kind == NODE_MAP) {
    node *value = node_get(at, piece->key);
    return value ? value : add_key(a, at, piece);
  }
  char found[80];
  problem_add(a->problems, a->status, piece->place, "'%s': cannot set '%.60s' in %s; expected a map or a list", a->text,
              piece->key, value_found(at, found));
  return NULL;
}

static int tell_missing(const assignment *a, const node *map, const part *piece)
{
  names keys = {0};
  problem_add(a->problems, a->status, piece->place, "'%s': there is no '%.60s' to remove; expected a key that is set",
              a->text, piece->key);
  for (uint32_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
    names_add(&keys, a->arena, map->entries[i].key->text);
  problem_nearest(a->problems, piece->key, keys.words, keys.count);
  return 0;
}

/* Nothing is made on the way to what is to be removed. */
static int remove_at(const assignment *a, node *owner)
{
  for (uint32_t i = 0;; i++) {
    const part *piece = &a->parts[i];
    node *value = owner->kind == NODE_LIST ? item_of(a, owner, piece) : node_get(owner, piece->key);
    if (!value) return owner->kind == NODE_LIST ? 0 : tell_missing(a, owner, piece);
    if (i + 1 < a->count) {
      owner = value;
    } else if (owner->kind == NODE_LIST) {
      problem_add(a->problems, a->status, piece->place, "'%s': cannot remove from a list; expected a whole new list",
                  a->text);
      return 0;
    } else {
      uint32_t at = 0;
      while (owner->entries[at].value != value) at++;
      owner->entries[at].value = NULL;
      drop_removed(owner);
      return 1;
    }
  }
}

static int set_at(const assignment *a, node *target, const node *value)
{
  for (uint32_t i = 0; i < a->count && target; i++) {
    if (i + 1 == a->count && strcmp(a->parts[i].key, "plugin") == 0) part_with_plugin(target, value);
    target = step(a, target, &a->parts[i]);
  }
  if (!target) return 0;
  if (value->kind == NODE_MAP && target->kind == NODE_MAP) node_merge(target, value, a->arena);
  else *target = *value;
  return 1;
}

int node_set(node *root, const char *string, arena *memory, problems *faults)
{
  assignment a = {.text = arena_copy(memory, string), .status = EXIT_USAGE, .arena = memory, .problems = faults};
  const char *equals = strchr(a.text, '=');
  if (!text_is_utf8(a.text, strlen(a.text))) return refuse(&a, "no UTF-8");
  if (!equals) return refuse(&a, "no '='");
  if (!split(&a, equals)) return 0;
  uint32_t nodes = 0;
  yaml_source source = {.file = "--set",
                        .bytes = a.text,
                        .count = strlen(a.text),
                        .start = (size_t)(equals - a.text) + 1,
                        .status = EXIT_USAGE,
                        .nodes = &nodes};
  size_t errors = problems_errors(faults);
  const node *value = yaml_build(&source, memory, faults);
  if (!value || problems_errors(faults) != errors) return 0;
  return value_is_null(value) ? remove_at(&a, root) : set_at(&a, root, value);
}

int node_lay(node *root, const char *key, place where, const node *value, arena *memory, problems *faults)
{
  assignment a = {
      .text = arena_copy(memory, key), .status = EXIT_PROFILE, .place = where, .arena = memory, .problems = faults};
  if (!split(&a, a.text + strlen(a.text))) return 0;
  return value_is_null(value) ? remove_at(&a, root) : set_at(&a, root, node_copy(value, memory));
}

/* ---- canonical text ---- */

/* Whether a plain scalar is a number as JSON writes it. */
static int is_json_number(const char *string)
{
  double value;
  if (*string == '-') string++;
  if (*string < '0' || *string > '9' || (string[0] == '0' && string[1] >= '0' && string[1] <= '9')) return 0;
  const char *point = strchr(string, '.');
  return value_parse_real(string, &value) && !(point && (point[1] < '0' || point[1] > '9'));
}

static void write_scalar(const node *given, text *out)
{
  if (value_is_null(given)) text_add(out, "null");
  else if (!given->quoted &&
           (strcmp(given->text, "true") == 0 || strcmp(given->text, "false") == 0 || is_json_number(given->text)))
    text_add(out, given->text);
  else text_add_json(out, given->text);
}

void node_write_json(const node *given, text *out)
{
  if (!given || given->kind == NODE_SCALAR) {
    write_scalar(given, out);
  } else if (given->kind == NODE_LIST) {
    for (uint32_t i = 0; i < given->count; i++) {
      text_add(out, i ? ", " : "[");
      node_write_json(given->items[i], out);
    }
    text_add(out, given->count ? "]" : "[]");
  } else {
    for (uint32_t i = 0; i < given->count; i++) {
      text_add(out, i ? ", " : "{");
      text_add_json(out, given->entries[i].key->text);
      text_add(out, ": ");
      node_write_json(given->entries[i].value, out);
    }
    text_add(out, given->count ? "}" : "{}");
  }
}
