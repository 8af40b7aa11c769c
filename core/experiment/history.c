/* One customer through the runs of a store, with what each of her moves is due to. */
#include "experiment/history.h"

#include "experiment/recalled.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what was measured of her -------------------------------------------------------------------------------- */

static double relative(const measured_change *c)
{
  if (isnan(c->before) || isnan(c->after)) return INFINITY;
  double larger = fmax(fabs(c->before), fabs(c->after));
  return larger > 0 ? fabs(c->after - c->before) / larger : 0;
}

static int by_size(const void *a, const void *b)
{
  double x = relative(a), y = relative(b);
  return (x < y) - (x > y);
}

static int same_number(double a, double b)
{
  return a == b || (isnan(a) && isnan(b));
}

static double measured_of(const history_step *at, uint32_t criterion)
{
  return at->found && at->standing.measured ? at->standing.measured[criterion] : (double)NAN;
}

/* Criteria meet by name; those that only one run has are a matter of settings. */
static int find_changes(store *s, const history_step *from, history_step *to, arena *home)
{
  store_criterion *a, *b;
  uint32_t counts[2];
  unsigned room = 0;
  to->own = -1;
  if (!store_criteria(s, from->run.id, home, &a, &counts[0]) || !store_criteria(s, to->run.id, home, &b, &counts[1]))
    return 0;
  if (from->found != to->found) {
    to->own = 1;
    return 1;
  }
  if (!to->found || !from->standing.measured || !to->standing.measured) return 1;
  for (uint32_t i = 0; i < counts[1]; i++) {
    uint32_t k = 0;
    while (k < counts[0] && strcmp(a[k].name, b[i].name) != 0) k++;
    if (k == counts[0]) continue;
    measured_change c = {.criterion = b[i].name, .before = measured_of(from, k), .after = measured_of(to, i)};
    if (!same_number(c.before, c.after)) *arena_push(home, to->measured, to->measured_count, room) = c;
  }
  to->own = to->measured_count > 0;
  if (to->measured_count) qsort(to->measured, to->measured_count, sizeof *to->measured, by_size);
  return 1;
}

/* ---- what moved her ------------------------------------------------------------------------------------------ */

typedef struct subject {
  store *store;
  const char *customer;
  const history_step *at[2];
  sameness settings, data;
} subject;

static double score_at(const history_step *at)
{
  return at->found ? at->standing.score : (double)NAN;
}

/* Her score of one run among the scores of the other: settings that are the same have not changed it. */
static int place_of(void *argument, unsigned at_b, double *stands)
{
  const subject *who = argument;
  int own = at_b >> SWITCH_OWN & 1, settings = at_b >> SWITCH_SETTINGS & 1, rivals = at_b >> SWITCH_RIVALS & 1;
  if (who->data == SAME) own = rivals = settings;
  else if (who->settings != SAME && (own != settings || rivals != settings)) return 0;
  if (own == rivals) {
    *stands = who->at[own]->place;
    return 1;
  }
  int64_t ahead = store_ahead(who->store, who->at[rivals]->run.id, score_at(who->at[own]), who->customer);
  *stands = (double)ahead + 1;
  return ahead >= 0;
}

static attribution due_to(const subject *who)
{
  const history_step *to = who->at[1];
  attribution rivals = {.share = {[SWITCH_RIVALS] = to->moved}, .data = NAN, .orders = 6};
  attribution unknown = {.share = {NAN, NAN, NAN}, .data = NAN};
  if (who->settings == SAME && who->data == SAME) return to->moved == 0 ? (attribution){.data = NAN} : unknown;
  if (who->settings == SAME && to->own == 0) return rivals;
  attribution by = attribute(place_of, (void *)who);
  return by.orders ? by : unknown;
}

static int compare_steps(store *s, const char *customer, const history_step *from, history_step *to, arena *home)
{
  recall_sameness(s, &from->run, &to->run, &to->settings, &to->data);
  to->moved = from->place - to->place;
  if (!find_changes(s, from, to, home)) return 0;
  to->by = due_to(&(subject){s, customer, {from, to}, to->settings, to->data});
  if (to->settings != DIFFERENT) return 1;
  const char *settings[2] = {store_settings(s, from->run.id, home), store_settings(s, to->run.id, home)};
  settings_differences(settings, 1, home, &to->differing, &to->differing_count);
  return 1;
}

/* ---- the runs ------------------------------------------------------------------------------------------------ */

static int same_profile(const store_run *a, const store_run *b)
{
  return a->profile == b->profile || (a->profile && b->profile && strcmp(a->profile, b->profile) == 0);
}

static int read_step(store *s, const char *customer, const store_run *run, arena *home, history_step *out)
{
  *out = (history_step){.run = *run, .moved = NAN, .settings = NOT_KNOWN, .data = NOT_KNOWN, .own = -1};
  out->by = (attribution){.share = {NAN, NAN, NAN}, .data = NAN};
  if (!store_standing_of(s, run->id, customer, home, &out->standing, &out->found)) return 0;
  int64_t others = run->scored;
  if (out->found && out->standing.rank) others = out->standing.rank - 1;
  out->place = (double)others + 1;
  return 1;
}

/* Of the profile of the last of these runs; from the run before the first that knew her on. */
static int read_history(store *s, const char *customer, const store_run *runs, uint32_t count, arena *home, history *h)
{
  uint32_t all = 0, unknown = 0;
  history_step *steps = arena_array(home, count, sizeof *steps);
  *h = (history){.profile = runs[count - 1].profile, .company = runs[count - 1].company};
  for (uint32_t i = 0; i < count; i++) {
    if (!same_profile(&runs[i], &runs[count - 1])) continue;
    if (!read_step(s, customer, &runs[i], home, &steps[all++])) return 0;
  }
  while (unknown < all && !steps[unknown].found) unknown++;
  if (unknown == all) return 1;
  if (unknown) unknown--;
  h->steps = steps + unknown;
  h->count = all - unknown;
  for (uint32_t i = 1; i < h->count; i++)
    if (!compare_steps(s, customer, &h->steps[i - 1], &h->steps[i], home)) return 0;
  return 1;
}

int history_find(store *s, const char *customer, const store_filter *filter, arena *home, history **out,
                 uint32_t *count)
{
  store_filter f = filter ? *filter : (store_filter){0};
  store_run *runs;
  uint32_t run_count;
  *count = 0;
  f.experiment = -1;
  f.good = 1;
  f.customer = NULL;
  if (!store_runs(s, &f, home, &runs, &run_count)) return 0;
  *out = arena_array(home, run_count + 1, sizeof **out);
  for (uint32_t i = 0; i < run_count; i++) {
    int newest = 1;
    for (uint32_t k = i + 1; k < run_count && newest; k++) newest = !same_profile(&runs[i], &runs[k]);
    if (!newest) continue;
    if (!read_history(s, customer, runs, i + 1, home, &(*out)[*count])) return 0;
    *count += (*out)[*count].count > 0;
  }
  return 1;
}
