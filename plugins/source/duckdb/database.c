/* The databases of this process; few at a time, so a list is enough. */
#define _GNU_SOURCE
#include "database.h"

#include "exact.h"
#include <pthread.h>

struct database {
  database *next;
  unsigned users;
  const duck_api *api;
  duckdb_database handle;
  wide_list wides; /* of its exact functions */
  char *folder, *scratch;
  int64_t memory;
  uint32_t threads;
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static database *all;

static bool same_text(const char *left, const char *right)
{
  return left && right ? strcmp(left, right) == 0 : left == right;
}

static database *find(const duck_limits *limits)
{
  database *it = all;
  while (it && !(it->memory == limits->memory && it->threads == limits->threads &&
                 same_text(it->folder, limits->folder) && same_text(it->scratch, limits->scratch)))
    it = it->next;
  return it;
}

static void release(database *of)
{
  if (of->handle) of->api->close(&of->handle);
  wide_list_free(&of->wides);
  free(of->folder);
  free(of->scratch);
  free(of);
}

/* With its first session. */
static tarazu_status make(database **out, duck_session *session, const duck_api *api, const duck_limits *limits,
                          tarazu_error *error)
{
  database *made = calloc(1, sizeof *made);
  *out = made;
  if (!made) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  *made = (database){.users = 1, .api = api, .memory = limits->memory, .threads = limits->threads};
  made->folder = strdup(limits->folder);
  made->scratch = limits->scratch ? strdup(limits->scratch) : NULL;
  if (!made->folder || (limits->scratch && !made->scratch)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  tarazu_status status = duck_database_open(&made->handle, api, limits, error);
  if (status == TARAZU_OK) status = duck_session_open(session, api, made->handle, error);
  if (status == TARAZU_OK) status = duck_lock(session, limits, error);
  return status == TARAZU_OK ? exact_register(session, &made->wides, error) : status;
}

tarazu_status database_open(database **out, duck_session *session, const duck_api *api, const duck_limits *limits,
                            tarazu_error *error)
{
  pthread_mutex_lock(&turn);
  tarazu_status status;
  *out = find(limits);
  if (*out) {
    (*out)->users++;
    status = duck_session_open(session, api, (*out)->handle, error);
  } else {
    status = make(out, session, api, limits, error);
    if (status != TARAZU_OK) {
      duck_session_close(session);
      if (*out) release(*out);
      *out = NULL;
    } else {
      (*out)->next = all;
      all = *out;
    }
  }
  pthread_mutex_unlock(&turn);
  return status;
}

database *database_keep(database *kept)
{
  pthread_mutex_lock(&turn);
  kept->users++;
  pthread_mutex_unlock(&turn);
  return kept;
}

void database_leave(database *kept)
{
  if (!kept) return;
  pthread_mutex_lock(&turn);
  bool last = --kept->users == 0;
  database **at = &all;
  while (last && *at != kept) at = &(*at)->next;
  if (last) *at = kept->next;
  pthread_mutex_unlock(&turn);
  if (last) release(kept);
}
