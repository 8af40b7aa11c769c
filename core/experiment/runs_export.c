/* What the run store holds as CSV: all runs with their measures, or one run's customers under the names that outputs
 * use. */
#include "experiment/runs.h"
#include <math.h>
#include <string.h>

static void cell(text *out, const char *words)
{
  text_add(out, ",");
  if (words) text_add_csv(out, words, strlen(words));
}

/* Nothing where there is no number. */
static void cell_number(text *out, double value)
{
  text_add(out, ",");
  if (!isnan(value)) text_add_number(out, value);
}

/* ---- all runs ---------------------------------------------------------------------------------------------------- */

typedef struct sheet {
  const char **names; /* of measures, in order of their first sight */
  uint32_t count;
  unsigned room;
} sheet;

/* Measures of a run, without their samples. */
typedef struct measured_run {
  store_measure *measures;
  uint32_t count;
} measured_run;

static int read_measures(store *s, int64_t run, sheet *all, arena *home, measured_run *out)
{
  arena *own = arena_new();
  store_measure *read;
  int good = store_measures(s, run, own, &read, &out->count);
  out->measures = good ? arena_array(home, out->count + 1, sizeof *out->measures) : NULL;
  for (uint32_t i = 0; good && i < out->count; i++) {
    uint32_t k = 0;
    while (k < all->count && strcmp(all->names[k], read[i].name) != 0) k++;
    if (k == all->count) *arena_push(home, all->names, all->count, all->room) = arena_copy(home, read[i].name);
    out->measures[i] = read[i];
    out->measures[i].name = all->names[k];
    out->measures[i].samples = NULL;
  }
  arena_free(own);
  return good;
}

static void write_head(const sheet *all, arena *home, text *out)
{
  text_add(out, "run,experiment,variant,label,repeat,cut_off,recorded,seconds,status,problem,tarazu,profile,company,"
                "as_of,settings_sha256,data_sha256,customers,scored,listed");
  for (uint32_t i = 0; i < all->count; i++) {
    cell(out, all->names[i]);
    cell(out, arena_format(home, "%s_low", all->names[i]));
    cell(out, arena_format(home, "%s_high", all->names[i]));
  }
  text_add(out, "\n");
}

static void write_run(const store_run *run, text *out)
{
  text_addf(out, "%lld", (long long)run->id);
  cell(out, run->experiment_name);
  cell(out, run->variant);
  cell(out, run->label);
  if (run->experiment) text_addf(out, ",%lld", (long long)run->repeat);
  else text_add(out, ",");
  cell(out, run->cut_off);
  cell(out, run->began);
  cell_number(out, run->seconds);
  text_addf(out, ",%d", run->status);
  const char *words[] = {run->problem, run->version,         run->profile,    run->company,
                         run->as_of,   run->settings_sha256, run->data_sha256};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) cell(out, words[i]);
  text_addf(out, ",%lld,%lld,%lld", (long long)run->customers, (long long)run->scored, (long long)run->listed);
}

static void write_measures(const sheet *all, const measured_run *run, text *out)
{
  for (uint32_t i = 0; i < all->count; i++) {
    const store_measure none = {.value = NAN, .low = NAN, .high = NAN}, *m = &none;
    for (uint32_t k = 0; k < run->count; k++)
      if (run->measures[k].name == all->names[i]) m = &run->measures[k];
    cell_number(out, m->value);
    cell_number(out, m->low);
    cell_number(out, m->high);
  }
  text_add(out, "\n");
}

int runs_export(store *s, const store_run *runs, uint32_t count, arena *home, text *out)
{
  sheet all = {0};
  measured_run *measured = arena_array(home, count + 1, sizeof *measured);
  for (uint32_t i = 0; i < count; i++)
    if (!read_measures(s, runs[i].id, &all, home, &measured[i])) return 0;
  write_head(&all, home, out);
  for (uint32_t i = 0; i < count; i++) {
    write_run(&runs[i], out);
    write_measures(&all, &measured[i], out);
  }
  return 1;
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

int runs_export_run(store *s, const store_run *run, arena *home, text *out)
{
  store_criterion *criteria;
  store_standing *all;
  uint32_t count;
  int64_t rows;
  if (!store_criteria(s, run->id, home, &criteria, &count) || !store_standings(s, run->id, 0, home, &all, &rows))
    return 0;
  text_add(out, "customer,rank,score");
  for (uint32_t i = 0; i < count; i++) cell(out, criteria[i].name);
  text_add(out, ",key_customer,reason\n");
  for (int64_t row = 0; row < rows; row++) {
    const store_standing *one = &all[row];
    text_add_csv(out, one->key, one->key_length);
    if (one->rank) text_addf(out, ",%lld", (long long)one->rank);
    else text_add(out, ",");
    cell_number(out, one->score);
    for (uint32_t i = 0; i < count; i++) cell_number(out, one->measured ? one->measured[i] : (double)NAN);
    text_add(out, one->listed ? ",true" : ",false");
    cell(out, one->reason);
    text_add(out, "\n");
  }
  return 1;
}
