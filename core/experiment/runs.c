/* The runs of a store in a list, and one run by itself: as people read them, and as JSON. */
#include "experiment/runs.h"

#include "base/grid.h"
#include <math.h>
#include <string.h>

/* ---- as text ----------------------------------------------------------------------------------------------------- */

enum { SHOWN = 50 };

const char *run_label(const store_run *run, arena *home)
{
  const char *label = run->label ? run->label : run->variant;
  if (!run->experiment) return run->profile ? run->profile : "";
  return run->repeat ? arena_format(home, "%s, repeat %lld", label, (long long)run->repeat) : label;
}

static const char *moment_of(const store_run *run, arena *home)
{
  if (strlen(run->began) < 16) return run->began;
  return arena_format(home, "%.10s %.5s", run->began, run->began + 11);
}

static const char *as_of(const store_run *run)
{
  return run->cut_off ? run->cut_off : run->as_of;
}

static const char *state_of(const store_run *run, arena *home)
{
  if (!run->status) return "";
  const char *problem = run->problem ? run->problem : "";
  return arena_format(home, "failed with status %d: %.*s", run->status, (int)strcspn(problem, "\n"), problem);
}

void runs_list_text(const store_run *runs, uint32_t count, arena *home, text *out, screen to)
{
  grid g = grid_new(home, 9, 0xf1);
  const char *heads[] = {"run",     "recorded", "experiment", "profile or variant", "as of", "customers", "listed",
                         "seconds", ""};
  for (int i = 0; i < 9; i++) grid_cell(&g, heads[i]);
  for (uint32_t i = 0; i < count; i++) {
    const store_run *run = &runs[i];
    grid_cellf(&g, "%lld", (long long)run->id);
    grid_cell(&g, moment_of(run, home));
    grid_cell(&g, run->experiment_name);
    grid_cell(&g, run_label(run, home));
    grid_cell(&g, as_of(run));
    grid_cellf(&g, "%lld", (long long)run->customers);
    grid_cellf(&g, "%lld", (long long)run->listed);
    if (isnan(run->seconds)) grid_cell(&g, "-");
    else grid_cellf(&g, "%.2f", run->seconds);
    grid_cell(&g, state_of(run, home));
  }
  grid_print(&g, out, to);
}

static const char *figure(arena *home, double value)
{
  if (isnan(value)) return "-";
  return arena_format(home, fabs(value) >= 1000 && fabs(value) < 1e15 ? "%.0f" : "%.4g", value + 0.0);
}

static void fact(grid *g, const char *name, const char *words)
{
  if (!words || !*words) return;
  grid_cell(g, name);
  grid_cell(g, words);
}

static void write_facts(const store_run *run, arena *home, text *out)
{
  grid g = grid_new(home, 2, 0);
  text_addf(out, "Run %lld\n", (long long)run->id);
  fact(&g, "experiment", run->experiment_name);
  if (run->experiment) fact(&g, "variant", run_label(run, home));
  fact(&g, "cut-off", run->cut_off);
  fact(&g, "profile", run->profile);
  fact(&g, "company", run->company);
  fact(&g, "as of", run->as_of);
  fact(&g, "recorded", run->began);
  if (!isnan(run->seconds)) fact(&g, "took", arena_format(home, "%.2f seconds", run->seconds));
  fact(&g, "tarazu", run->version);
  fact(&g, "settings", run->settings_sha256 ? arena_format(home, "sha256 %.12s…", run->settings_sha256) : NULL);
  fact(&g, "data", run->data_sha256 ? arena_format(home, "sha256 %.12s…", run->data_sha256) : NULL);
  fact(&g, "customers",
       arena_format(home, "%lld, %lld with a score, %lld on the list", (long long)run->customers,
                    (long long)run->scored, (long long)run->listed));
  fact(&g, "", state_of(run, home));
  grid_print(&g, out, (screen){0});
}

static void write_criteria(const store_criterion *criteria, uint32_t count, arena *home, text *out, screen to)
{
  grid g = grid_new(home, 5, 0x8);
  if (!count) return;
  const char *heads[] = {"criterion", "dimension", "plugin", "weight", "better"};
  for (int i = 0; i < 5; i++) grid_cell(&g, heads[i]);
  for (uint32_t i = 0; i < count; i++) {
    grid_cell(&g, criteria[i].name);
    grid_cell(&g, criteria[i].dimension);
    grid_cell(&g, criteria[i].plugin);
    grid_cellf(&g, "%.4f", criteria[i].weight);
    grid_cell(&g, criteria[i].better < 0 ? "less" : "more");
  }
  text_add(out, "\n");
  grid_print(&g, out, to);
}

static void write_measures(const store_measure *measures, uint32_t count, arena *home, text *out, screen to)
{
  grid g = grid_new(home, 5, 0xe);
  if (!count) return;
  const char *heads[] = {"measure", "value", "from", "to", "better"};
  for (int i = 0; i < 5; i++) grid_cell(&g, heads[i]);
  for (uint32_t i = 0; i < count; i++) {
    grid_cell(&g, measures[i].name);
    grid_cell(&g, figure(home, measures[i].value));
    grid_cell(&g, figure(home, measures[i].low));
    grid_cell(&g, figure(home, measures[i].high));
    grid_cell(&g, measures[i].better < 0 ? "less" : measures[i].better ? "more" : "neither");
  }
  text_add(out, "\n");
  grid_print(&g, out, to);
}

static void write_list(const store_standing *list, int64_t count, arena *home, text *out, screen to)
{
  grid g = grid_new(home, 4, 0x5);
  if (!count) return;
  const char *heads[] = {"rank", "customer", "score", "reason"};
  for (int i = 0; i < 4; i++) grid_cell(&g, heads[i]);
  for (int64_t i = 0; i < count && i < SHOWN; i++) {
    if (list[i].rank) grid_cellf(&g, "%lld", (long long)list[i].rank);
    else grid_cell(&g, "-");
    grid_cell(&g, list[i].key);
    if (isnan(list[i].score)) grid_cell(&g, "-");
    else grid_cellf(&g, "%.4f", list[i].score);
    grid_cell(&g, list[i].reason);
  }
  text_add(out, "\n");
  grid_print(&g, out, to);
  if (count > SHOWN) text_addf(out, "… and %lld more, which --json has\n", (long long)(count - SHOWN));
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

typedef struct details {
  store_criterion *criteria;
  store_measure *measures;
  store_standing *list;
  uint32_t criterion_count, measure_count;
  int64_t listed;
} details;

static int read_details(store *s, int64_t run, arena *home, details *d)
{
  return store_criteria(s, run, home, &d->criteria, &d->criterion_count) &&
         store_measures(s, run, home, &d->measures, &d->measure_count) &&
         store_standings(s, run, 1, home, &d->list, &d->listed);
}

int runs_show_text(store *s, const store_run *run, arena *home, text *out, screen to)
{
  details d;
  if (!read_details(s, run->id, home, &d)) return 0;
  write_facts(run, home, out);
  write_criteria(d.criteria, d.criterion_count, home, out, to);
  write_measures(d.measures, d.measure_count, home, out, to);
  write_list(d.list, d.listed, home, out, to);
  return 1;
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static void json_text(text *out, const char *name, const char *words)
{
  text_addf(out, ", \"%s\": ", name);
  text_add_json(out, words);
}

static void json_number(text *out, const char *name, double value)
{
  text_addf(out, ", \"%s\": ", name);
  text_add_number(out, value);
}

static void json_whole(text *out, const char *name, int64_t value)
{
  text_addf(out, ", \"%s\": %lld", name, (long long)value);
}

/* Without the brace at its end. */
static void json_run(const store_run *run, text *out)
{
  text_addf(out, "{\"run\": %lld", (long long)run->id);
  json_text(out, "experiment", run->experiment_name);
  json_text(out, "variant", run->variant);
  json_text(out, "label", run->label);
  if (run->experiment) json_whole(out, "repeat", run->repeat);
  else text_add(out, ", \"repeat\": null");
  json_text(out, "cut_off", run->cut_off);
  json_text(out, "recorded", run->began);
  json_number(out, "seconds", run->seconds);
  json_whole(out, "status", run->status);
  json_text(out, "problem", run->problem);
  json_text(out, "tarazu", run->version);
  json_text(out, "profile", run->profile);
  json_text(out, "company", run->company);
  json_text(out, "as_of", run->as_of);
  json_text(out, "settings_sha256", run->settings_sha256);
  json_text(out, "data_sha256", run->data_sha256);
  json_whole(out, "customers", run->customers);
  json_whole(out, "scored", run->scored);
  json_whole(out, "listed", run->listed);
  text_addf(out, ", \"everyone_recorded\": %s", run->all ? "true" : "false");
}

void runs_list_json(const store_run *runs, uint32_t count, text *out)
{
  text_add(out, "[");
  for (uint32_t i = 0; i < count; i++) {
    text_add(out, i ? ",\n " : "\n ");
    json_run(&runs[i], out);
    text_add(out, "}");
  }
  text_add(out, count ? "\n]\n" : "]\n");
}

static void json_details(const details *d, text *out)
{
  text_add(out, ",\n \"criteria\": [");
  for (uint32_t i = 0; i < d->criterion_count; i++) {
    const store_criterion *c = &d->criteria[i];
    text_add(out, i ? ",\n  {\"name\": " : "\n  {\"name\": ");
    text_add_json(out, c->name);
    json_text(out, "dimension", c->dimension);
    json_text(out, "plugin", c->plugin);
    json_number(out, "weight", c->weight);
    json_whole(out, "better", c->better);
    text_add(out, "}");
  }
  text_add(out, "],\n \"measures\": [");
  for (uint32_t i = 0; i < d->measure_count; i++) {
    const store_measure *m = &d->measures[i];
    text_add(out, i ? ",\n  {\"name\": " : "\n  {\"name\": ");
    text_add_json(out, m->name);
    json_number(out, "value", m->value);
    json_number(out, "low", m->low);
    json_number(out, "high", m->high);
    json_whole(out, "better", m->better);
    text_add(out, "}");
  }
  text_add(out, "],\n \"list\": [");
  for (int64_t i = 0; i < d->listed; i++) {
    const store_standing *one = &d->list[i];
    text_add(out, i ? ",\n  {\"customer\": " : "\n  {\"customer\": ");
    text_add_json_n(out, one->key, one->key_length);
    if (one->rank) json_whole(out, "rank", one->rank);
    else text_add(out, ", \"rank\": null");
    json_number(out, "score", one->score);
    json_text(out, "reason", one->reason);
    text_add(out, "}");
  }
  text_add(out, "]");
}

int runs_show_json(store *s, const store_run *run, arena *home, text *out)
{
  details d;
  if (!read_details(s, run->id, home, &d)) return 0;
  const char *settings = store_settings(s, run->id, home), *manifest = store_manifest(s, run->id, home);
  json_run(run, out);
  json_details(&d, out);
  text_addf(out, ",\n \"settings\": %s,\n \"manifest\": %s}\n", settings ? settings : "null",
            manifest ? manifest : "null");
  return 1;
}
