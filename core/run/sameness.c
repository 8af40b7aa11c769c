/* Whether two runs had the same settings and the same data, by their profiles or by their manifests. */
#include "run/compare.h"
#include <stdlib.h>
#include <string.h>

static int is_one_of(const char *key, const char *const *keys)
{
  for (; *keys; keys++)
    if (!strcmp(key, *keys)) return 1;
  return 0;
}

/* What decides which data a run sees, and what changes no score. All else are settings. */
static const char *const of_data[] = {"data", "as_of", "time_zone", NULL};
static const char *const of_no_weight[] = {"company", "description", "currency", "output", "store", NULL};

static int by_key(const void *a, const void *b)
{
  return strcmp(((const entry *)a)->key->text, ((const entry *)b)->key->text);
}

/* The canonical text of some of a profile's sections, whatever their order. */
static void write_sections(const node *root, int data, arena *home, text *out)
{
  entry *entries = arena_array(home, (size_t)root->count + 1, sizeof *entries);
  memcpy(entries, root->entries, root->count * sizeof *entries);
  qsort(entries, root->count, sizeof *entries, by_key);
  for (uint32_t i = 0; i < root->count; i++) {
    const char *key = entries[i].key->text;
    if (is_one_of(key, of_no_weight) || is_one_of(key, of_data) != data) continue;
    text_addf(out, "%s: ", key);
    node_write_json(entries[i].value, out);
    text_add(out, "\n");
  }
}

static sameness same_sections(comparison *c, const node *const roots[2], int data)
{
  text words[2] = {{0}, {0}};
  for (int k = 0; k < 2; k++) write_sections(roots[k], data, c->arena, &words[k]);
  int same = !strcmp(text_string(&words[0]), text_string(&words[1]));
  text_free(&words[0]);
  text_free(&words[1]);
  return same ? SAME : DIFFERENT;
}

static int same_text(const char *a, const char *b)
{
  return a == b || (a && b && !strcmp(a, b));
}

/* One relative path in two folders is two files. */
static int same_tables(const profile *a, const profile *b)
{
  if (a->table_count != b->table_count) return 0;
  for (uint32_t i = 0; i < a->table_count; i++) {
    const table_profile *other = profile_table(b, a->tables[i].name);
    if (!other || !same_text(a->tables[i].from, other->from)) return 0;
  }
  return 1;
}

static int same_models(const profile *a, const profile *b)
{
  int same = same_text(a->combiner.model, b->combiner.model) && a->criterion_count == b->criterion_count &&
             a->weigher_count == b->weigher_count;
  for (uint32_t i = 0; same && i < a->criterion_count; i++)
    same = same_text(a->criteria[i].scorer.model, b->criteria[i].scorer.model) &&
           same_text(a->criteria[i].normalizer.model, b->criteria[i].normalizer.model);
  for (uint32_t i = 0; same && i < a->weigher_count; i++)
    same = same_text(a->weighers[i].use.model, b->weighers[i].use.model);
  return same;
}

void comparison_by_profiles(comparison *c, const node *const roots[2], const profile *const profiles[2])
{
  c->settings = same_sections(c, roots, 0);
  c->data = same_sections(c, roots, 1);
  if (c->settings == SAME && !same_models(profiles[0], profiles[1])) c->settings = DIFFERENT;
  if (c->data == SAME && !same_tables(profiles[0], profiles[1])) c->data = DIFFERENT;
}

static const char *scalar(const node *map, const char *key)
{
  const node *value = node_get(map, key);
  return value && value->kind == NODE_SCALAR ? value->text : NULL;
}

/* Items of two lists that say the same under each of these keys, in order; items for which skip holds are passed. */
static int same_items(const node *a, const node *b, const char *const *keys, int (*skip)(const node *item))
{
  uint32_t i = 0, k = 0, counts[2] = {a ? a->count : 0, b ? b->count : 0};
  for (;; i++, k++) {
    while (i < counts[0] && skip && skip(a->items[i])) i++;
    while (k < counts[1] && skip && skip(b->items[k])) k++;
    if (i >= counts[0] || k >= counts[1]) return i >= counts[0] && k >= counts[1];
    for (const char *const *key = keys; *key; key++)
      if (!same_text(scalar(a->items[i], *key), scalar(b->items[k], *key))) return 0;
  }
}

static int has_no_weight(const node *plugin)
{
  const char *role = scalar(plugin, "role");
  return role && (!strcmp(role, "source") || !strcmp(role, "sink") || !strcmp(role, "segmenter"));
}

/* The list of an earlier run decides who stays, not who scores what. */
static int is_previous(const node *item)
{
  return same_text(scalar(item, "table"), "previous");
}

void comparison_by_manifests(comparison *c)
{
  static const char *const model_keys[] = {"name", "sha256", NULL};
  static const char *const plugin_keys[] = {"name", "plugin", "version", NULL};
  static const char *const table_keys[] = {"table", "fingerprint", NULL};
  const node *m[2] = {c->sides[0]->manifest, c->sides[1]->manifest};
  c->settings = c->data = NOT_KNOWN;
  if (!m[0] || !m[1]) return;
  const node *roots[2] = {node_get(node_get(m[0], "profile"), "settings"),
                          node_get(node_get(m[1], "profile"), "settings")};
  if (roots[0] && roots[1] && roots[0]->kind == NODE_MAP && roots[1]->kind == NODE_MAP) {
    c->settings = same_sections(c, roots, 0);
    if (!same_items(node_get(m[0], "models"), node_get(m[1], "models"), model_keys, NULL) ||
        !same_items(node_get(m[0], "plugins"), node_get(m[1], "plugins"), plugin_keys, has_no_weight))
      c->settings = DIFFERENT;
  }
  c->data = same_items(node_get(m[0], "data"), node_get(m[1], "data"), table_keys, is_previous) &&
                    same_text(scalar(m[0], "as_of"), scalar(m[1], "as_of"))
                ? SAME
                : DIFFERENT;
}
