/* A recorded run as one side of a comparison: the standings that the store has of it as a ranking. */
#include "experiment/recalled.h"

#include <stdlib.h>
#include <string.h>

/* The arrays of a ranking and the column of reasons. */
static int take_arrays(recalled *r, int64_t count)
{
  size_t room = (size_t)count + 1;
  r->names = dictionary_new();
  r->reasons = dictionary_new();
  r->ranking.rank = calloc(room, sizeof *r->ranking.rank);
  r->ranking.score = calloc(room, sizeof *r->ranking.score);
  r->ranking.own_order = calloc(room, sizeof *r->ranking.own_order);
  r->ranking.own_key = calloc(room, sizeof *r->ranking.own_key);
  return r->names && r->reasons && r->ranking.rank && r->ranking.score && r->ranking.own_order && r->ranking.own_key &&
         column_new(&r->reason, TARAZU_TEXT, count, 1);
}

/* Standings come in rank order, so that a row's number is its place. */
static int take_standing(recalled *r, const store_standing *one, int64_t row)
{
  int32_t code = one->reason ? dictionary_add(r->reasons, one->reason, one->reason_length) : 0;
  if (dictionary_add(r->names, one->key, one->key_length) != row || code < 0) return 0;
  r->ranking.own_order[row] = row;
  r->ranking.rank[row] = one->rank;
  r->ranking.score[row] = one->score;
  r->ranking.own_key[row] = one->listed != 0;
  r->ranking.scored += one->rank > 0;
  r->ranking.listed += one->listed != 0;
  ((int32_t *)r->reason.values)[row] = code;
  if (!one->reason) r->reason.valid[row >> 3] &= (uint8_t) ~(1u << (row & 7));
  return 1;
}

static const char *name_of(const store_run *run, arena *home)
{
  if (run->experiment)
    return arena_format(home, "%s: %s%s%s", run->experiment_name, run->label ? run->label : run->variant,
                        run->cut_off ? ", " : "", run->cut_off ? run->cut_off : "");
  return arena_format(home, "%s of %.10s", run->profile ? run->profile : "a run", run->began);
}

int recall(store *s, const store_run *run, arena *home, problems *faults, recalled *out)
{
  store_standing *all;
  int64_t count;
  *out = (recalled){0};
  if (!store_standings(s, run->id, 0, home, &all, &count)) return 0;
  int good = take_arrays(out, count);
  for (int64_t i = 0; good && i < count; i++) good = take_standing(out, &all[i], i);
  if (!good) {
    problem_add(faults, EXIT_INTERNAL, NOWHERE, "no memory to read run %lld in", (long long)run->id);
    return 0;
  }
  ranking *r = &out->ranking;
  r->name = name_of(run, home);
  r->count = count;
  r->names = out->names;
  r->key = r->own_key;
  r->arena = home;
  r->manifest = recall_manifest(s, run->id, home);
  out->reason.dictionary = dictionary_view(out->reasons);
  r->reason = &out->reason;
  r->order = r->own_order;
  if (run->all) return 1;
  free(r->rank);
  free(r->score);
  r->rank = NULL;
  r->score = NULL;
  r->order = NULL;
  return 1;
}

void recalled_free(recalled *r)
{
  ranking_free(&r->ranking);
  column_free(&r->reason);
  dictionary_free(r->names);
  dictionary_free(r->reasons);
  *r = (recalled){0};
}

const node *recall_manifest(store *s, int64_t run, arena *home)
{
  const char *words = store_manifest(s, run, home);
  problems *unread = problems_new();
  const node *root = words ? yaml_parse("manifest", arena_copy(home, words), strlen(words), home, unread) : NULL;
  problems_free(unread);
  return root;
}

static sameness by_digest(const char *a, const char *b)
{
  return a && b ? strcmp(a, b) ? DIFFERENT : SAME : NOT_KNOWN;
}

void recall_sameness(store *s, const store_run *a, const store_run *b, sameness *settings, sameness *data)
{
  *settings = by_digest(a->settings_sha256, b->settings_sha256);
  *data = by_digest(a->data_sha256, b->data_sha256);
  if (*settings != NOT_KNOWN && *data != NOT_KNOWN) return;
  arena *home = arena_new();
  ranking sides[2] = {{.manifest = recall_manifest(s, a->id, home)}, {.manifest = recall_manifest(s, b->id, home)}};
  comparison c = {.sides = {&sides[0], &sides[1]}, .arena = home};
  comparison_by_manifests(&c);
  *settings = c.settings;
  *data = c.data;
  arena_free(home);
}
