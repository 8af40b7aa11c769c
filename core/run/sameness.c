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
  if (root->count) memcpy(entries, root->entries, root->count * sizeof *entries);
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

/* One line an item of a list: what it says under each of these keys. Items for which skip holds are passed. */
static void write_items(const node *list, const char *what, const char *const *keys, int (*skip)(const node *item),
                        text *out)
{
  for (uint32_t i = 0; list && i < list->count; i++) {
    if (skip && skip(list->items[i])) continue;
    text_add(out, what);
    for (const char *const *key = keys; *key; key++) {
      const char *words = scalar(list->items[i], *key);
      text_addf(out, " %s", words ? words : "");
    }
    text_add(out, "\n");
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

int settings_weigh(const char *section)
{
  return !is_one_of(section, of_data) && !is_one_of(section, of_no_weight);
}

int manifest_settings(const node *manifest, arena *home, text *out)
{
  static const char *const model_keys[] = {"name", "sha256", NULL};
  static const char *const plugin_keys[] = {"name", "plugin", "version", NULL};
  const node *settings = node_get(node_get(manifest, "profile"), "settings");
  if (!settings || settings->kind != NODE_MAP) return 0;
  write_sections(settings, 0, home, out);
  write_items(node_get(manifest, "models"), "model", model_keys, NULL, out);
  write_items(node_get(manifest, "plugins"), "plugin", plugin_keys, has_no_weight, out);
  return 1;
}

int manifest_data(const node *manifest, text *out)
{
  static const char *const table_keys[] = {"table", "fingerprint", NULL};
  const node *tables = node_get(manifest, "data");
  const char *as_of = scalar(manifest, "as_of");
  if (!tables || tables->kind != NODE_LIST || !tables->count) return 0;
  for (uint32_t i = 0; i < tables->count; i++)
    if (!is_previous(tables->items[i]) && !scalar(tables->items[i], "fingerprint")) return 0;
  write_items(tables, "table", table_keys, is_previous, out);
  text_addf(out, "as_of %s\n", as_of ? as_of : "");
  return 1;
}

void comparison_by_manifests(comparison *c)
{
  const node *m[2] = {c->sides[0]->manifest, c->sides[1]->manifest};
  text settings[2] = {{0}, {0}}, data[2] = {{0}, {0}};
  int told_settings = 1, told_data = 1;
  c->settings = c->data = NOT_KNOWN;
  for (int k = 0; k < 2; k++) {
    told_settings = told_settings && m[k] && manifest_settings(m[k], c->arena, &settings[k]);
    told_data = told_data && m[k] && manifest_data(m[k], &data[k]);
  }
  if (told_settings) c->settings = strcmp(text_string(&settings[0]), text_string(&settings[1])) ? DIFFERENT : SAME;
  if (told_data) c->data = strcmp(text_string(&data[0]), text_string(&data[1])) ? DIFFERENT : SAME;
  for (int k = 0; k < 2; k++) {
    text_free(&settings[k]);
    text_free(&data[k]);
  }
}
