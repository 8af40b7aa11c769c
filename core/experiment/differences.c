/* Which settings of two runs differ: two trees walked at once. */
#include "experiment/differences.h"

#include "config/yaml.h"
#include "run/compare.h"
#include <string.h>

typedef struct walk {
  arena *arena;
  setting_difference *found;
  uint32_t count;
  unsigned room;
} walk;

static const char *json_of(const node *value, arena *home)
{
  text words = {0};
  if (!value) return NULL;
  node_write_json(value, &words);
  const char *kept = arena_copy(home, text_string(&words));
  text_free(&words);
  return kept;
}

static const char *under(arena *home, const char *path, const char *key)
{
  return *path ? arena_format(home, "%s.%s", path, key) : key;
}

static void compare_nodes(walk *w, const char *path, const node *a, const node *b);

static void compare_maps(walk *w, const char *path, const node *a, const node *b)
{
  for (uint32_t i = 0; i < a->count; i++) {
    const char *key = a->entries[i].key->text;
    compare_nodes(w, under(w->arena, path, key), a->entries[i].value, node_get(b, key));
  }
  for (uint32_t i = 0; i < b->count; i++) {
    const char *key = b->entries[i].key->text;
    if (!node_get(a, key)) compare_nodes(w, under(w->arena, path, key), NULL, b->entries[i].value);
  }
}

/* Maps that both have are gone into; all else differs as a whole. */
static void compare_nodes(walk *w, const char *path, const node *a, const node *b)
{
  if (a && b && a->kind == NODE_MAP && b->kind == NODE_MAP) {
    compare_maps(w, path, a, b);
    return;
  }
  setting_difference d = {.key = path, .at = {json_of(a, w->arena), json_of(b, w->arena)}};
  if (d.at[0] && d.at[1] && strcmp(d.at[0], d.at[1]) == 0) return;
  *arena_push(w->arena, w->found, w->count, w->room) = d;
}

static const node *tree_of(const char *settings, arena *home)
{
  problems *unread = problems_new();
  const char *words = settings ? settings : "{}";
  const node *root = yaml_parse("settings", arena_copy(home, words), strlen(words), home, unread);
  problems_free(unread);
  return root;
}

void settings_differences(const char *const settings[2], int weighing, arena *home, setting_difference **out,
                          uint32_t *count)
{
  walk w = {.arena = home};
  const node *a = tree_of(settings[0], home), *b = tree_of(settings[1], home);
  if (a && b) compare_nodes(&w, "", a, b);
  *out = w.found;
  *count = 0;
  for (uint32_t i = 0; i < w.count; i++) {
    const char *section = arena_copy_n(home, w.found[i].key, strcspn(w.found[i].key, "."));
    if (!weighing || settings_weigh(section)) w.found[(*count)++] = w.found[i];
  }
}
