/* A run's results as the run store keeps them, recorded along with the publishing of its outputs. */
#include "experiment/record.h"

#include "experiment/store.h"
#include "run/session.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A walk over the customers whose standing is recorded. */
typedef struct walk {
  const results *run;
  int64_t *rows; /* in rank order; NULL: everyone */
  double *measured;
  int64_t near; /* so many in rank order have their reason kept, on the list or not */
} walk;

static double raw_value(const column *c, int64_t row)
{
  if (!column_is_valid(c, row)) return NAN;
  if (c->type == TARAZU_F64) return ((const double *)c->values)[row];
  if (c->type == TARAZU_I64) return (double)((const int64_t *)c->values)[row];
  return ((const uint8_t *)c->values)[row];
}

/* Reasons are kept of those on the list, and of those who are not and stand within twice its length. */
static void put_reason(const walk *w, int64_t at, int64_t row, store_standing *out)
{
  const column *reason = &w->run->selection->reason;
  if ((!out->listed && at >= w->near) || !column_is_valid(reason, row)) return;
  int32_t code = ((const int32_t *)reason->values)[row];
  const tarazu_dictionary *words = reason->dictionary;
  if (code < 0 || !words) return;
  out->reason = words->bytes + words->offsets[code];
  out->reason_length = (size_t)(words->offsets[code + 1] - words->offsets[code]);
}

static void stand(void *argument, int64_t index, store_standing *out)
{
  walk *w = argument;
  const engine *e = w->run->engine;
  const plan *p = e->plan;
  int64_t at = w->rows ? w->rows[index] : index, row = e->order[at];
  *out = (store_standing){
      .rank = e->rank[row],
      .score = column_is_valid(&p->score->column, row) ? ((const double *)p->score->column.values)[row] : NAN,
      .listed = ((const uint8_t *)w->run->selection->key.values)[row],
      .measured = w->measured};
  out->key = dictionary_string(e->people.names, (int32_t)row, &out->key_length);
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) w->measured[i] = raw_value(&p->raw[i]->column, row);
  put_reason(w, at, row, out);
}

static store_criterion *list_criteria(const engine *e, arena *home)
{
  const plan *p = e->plan;
  const profile *f = p->profile;
  store_criterion *all = arena_array(home, (size_t)f->criterion_count + 1, sizeof *all);
  for (uint32_t i = 0; i < f->criterion_count; i++)
    all[i] = (store_criterion){.name = f->criteria[i].name,
                               .dimension = f->criteria[i].dimension,
                               .plugin = p->raw[i]->maker->strategy->id,
                               .weight = e->weights[i],
                               .better = p->raw[i]->better};
  return all;
}

void store_record_results(store_record *record, const results *run, int all, arena *home)
{
  const engine *e = run->engine;
  const uint8_t *key = run->selection->key.values;
  walk *w = arena_alloc(home, sizeof *w);
  *w = (walk){.run = run, .near = 2 * run->selection->count};
  w->measured = arena_array(home, (size_t)e->plan->profile->criterion_count + 1, sizeof *w->measured);
  if (!all) w->rows = arena_array(home, (size_t)run->selection->count + 1, sizeof *w->rows);
  int64_t listed = 0;
  for (int64_t at = 0; at < e->people.count; at++) {
    if (!key[e->order[at]]) continue;
    if (w->rows) w->rows[listed] = at;
    listed++;
  }
  record->criteria = list_criteria(e, home);
  record->criterion_count = e->plan->profile->criterion_count;
  record->customers = e->people.count;
  record->scored = e->scored;
  record->standing_count = all ? e->people.count : listed;
  record->standing = stand;
  record->argument = w;
}

/* ---- with a session -------------------------------------------------------------------------------------------- */

typedef struct recording {
  store *store;
  store_record record;
  int64_t id;
  int committed;
} recording;

static int prepare(void *argument)
{
  recording *r = argument;
  return store_prepare(r->store, &r->record, &r->id);
}

static int commit(void *argument)
{
  recording *r = argument;
  return (r->committed = store_commit(r->store));
}

int record_check(tarazu_session *session)
{
  place where;
  problems *faults = session_problems(session);
  const char *path = session_store(session, &where);
  if (problems_errors(faults)) return TARAZU_GOOD; /* the run tells these, with all else that is wrong */
  if (path && access(path, F_OK) == 0) store_close(store_open(path, STORE_WRITE, where, faults));
  return (int)problems_status(faults);
}

TARAZU_API int tarazu_publish(tarazu_session *session)
{
  place where;
  recording r = {0};
  const char *path = session_store(session, &where);
  const results *run = session_results(session);
  if (!path || !run) return session_publish(session, NULL);
  if (!(r.store = store_open(path, STORE_WRITE, where, session_problems(session))))
    return (int)problems_status(session_problems(session));
  char *profile_path = realpath(session_profile(session)->path, NULL);
  r.record.manifest = tarazu_manifest(session);
  r.record.profile = profile_path; /* seen from every folder the same; NULL: the manifest's */
  store_record_results(&r.record, run, 1, session_arena(session));
  const companion with = {.prepare = prepare, .commit = commit, .argument = &r};
  int status = session_publish(session, &with);
  if (r.committed) *session_recorded(session) = r.id;
  store_close(r.store);
  free(profile_path);
  return status;
}
