/* The profile's tree as an experiment runs it, and the tables whose rows cannot be told to be of the past. */
#include "run/backtest.h"

#include <stdio.h>
#include <string.h>

/* A map without some of its keys. */
static node *without(const node *map, const char *const *keys, arena *home)
{
  node *out = arena_alloc(home, sizeof *out);
  *out = *map;
  out->entries = arena_array(home, (size_t)map->count + 1, sizeof *out->entries); /* one more for the caller */
  out->count = 0;
  for (uint32_t i = 0; i < map->count; i++) {
    int kept = 1;
    for (const char *const *key = keys; *key; key++) kept &= strcmp(map->entries[i].key->text, *key) != 0;
    if (kept) out->entries[out->count++] = map->entries[i];
  }
  return out;
}

static node *scalar(const char *words, place where, arena *home)
{
  node *out = arena_alloc(home, sizeof *out);
  *out = (node){.kind = NODE_SCALAR, .place = where, .text = words};
  return out;
}

/* The moment with its zone, so that it is the same by whatever clock the profile goes. */
static const char *moment_text(int64_t moment, arena *home)
{
  char words[32];
  calendar_format(moment, words);
  return arena_format(home, "%s%s", words, strchr(words, 'T') ? "" : "T00:00:00Z");
}

node *backtest_tree(const session_trial *trial, arena *home)
{
  static const char *const dropped[] = {"output", "store", "confidence", NULL};
  static const char *const dropped_and_as_of[] = {"output", "store", "confidence", "as_of", NULL};
  static const char *const earlier_list[] = {"previous", NULL};
  if (trial->root->kind != NODE_MAP) return without(trial->root, earlier_list + 1, home); /* told when it is read */
  node *root = without(trial->root, trial->backtest ? dropped_and_as_of : dropped, home);
  if (trial->backtest)
    root->entries[root->count++] = (entry){scalar("as_of", trial->as_of_place, home),
                                           scalar(moment_text(trial->as_of, home), trial->as_of_place, home)};
  for (uint32_t i = 0; i < root->count; i++) {
    entry *e = &root->entries[i];
    if (!strcmp(e->key->text, "key_customers") && e->value->kind == NODE_MAP)
      e->value = without(e->value, earlier_list, home);
  }
  return root;
}

/* Whether anything of a table comes into the run: its columns, or who the customers are. */
static int matters(const plan *p, const table_plan *t)
{
  int customers = 0, others = 0;
  if (t->want_count || t->set_count) return 1;
  for (uint32_t i = 0; i < p->table_count; i++) {
    const table_profile *f = p->tables[i].profile;
    customers |= f->shape == TARAZU_ATTRIBUTES && !strcmp(f->name, "customers");
    others |= f->shape != TARAZU_ATTRIBUTES;
  }
  if (customers) return !strcmp(t->profile->name, "customers");
  return !others || t->profile->shape != TARAZU_ATTRIBUTES;
}

int backtest_check(const plan *p, const session_trial *trial)
{
  int good = 1;
  for (uint32_t i = 0; trial->backtest && i < p->table_count; i++) {
    const table_profile *f = p->tables[i].profile;
    if ((int)i == p->previous || f->time || f->timeless || f->faulty || !matters(p, &p->tables[i])) continue;
    problem_add(p->problems, EXIT_PROFILE, f->place,
                "table '%s' has no dates, so that a backtest cannot tell what of it was known at the cut-off; expected "
                "%s, or `timeless: yes` where it was true all along",
                f->name, f->shape == TARAZU_ATTRIBUTES ? "`known_at: COLUMN`" : "`columns: {time: COLUMN}`");
    problem_hint(p->problems, "an experiment can promise that by `set: {data.%s.timeless: yes}`", f->name);
    good = 0;
  }
  return good;
}
