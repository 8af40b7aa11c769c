/* Writes the manifest. Everything but the seconds is the same whenever profile, data, plugins and seed are. */
#include "run/manifest.h"

#include "base/hash.h"
#include "run/confidence.h"
#include "run/shapley.h"
#include "run/uses.h"
#include <string.h>

static void field(text *out, const char *name, const char *value)
{
  text_addf(out, "\"%s\": ", name);
  text_add_json(out, value);
}

static void write_profile(const results *r, const node *settings, const char *const *files, text *out)
{
  const profile *f = r->engine->plan->profile;
  char digest[65];
  text canonical = {0};
  node_write_json(settings, &canonical);
  hash_sha256(text_string(&canonical), canonical.length, digest);
  text_add(out, "  \"profile\": {");
  field(out, "path", f->path);
  text_add(out, ", ");
  field(out, "settings_sha256", digest);
  text_add(out, ",\n    \"files\": [");
  for (size_t i = 0; files && files[i]; i++) {
    text_add(out, i ? ", {" : "{");
    field(out, "path", files[i]);
    if (hash_file(files[i], digest) == 0) {
      text_add(out, ", ");
      field(out, "sha256", digest);
    }
    text_add(out, "}");
  }
  text_add(out, "],\n    \"settings\": ");
  text_add(out, text_string(&canonical));
  text_add(out, "},\n");
  text_free(&canonical);
}

static void write_plugin(text *out, int first, const plugin_use *of)
{
  text_add(out, first ? "\n    {" : ",\n    {");
  field(out, "name", of->name);
  text_add(out, ", ");
  field(out, "role", role_name(of->strategy->role));
  text_add(out, ", ");
  field(out, "plugin", of->strategy->id);
  text_add(out, ", ");
  field(out, "version", of->strategy->version);
  text_add(out, ", ");
  field(out, "file", of->file->path);
  text_add(out, ", ");
  field(out, "sha256", of->file->sha256);
  text_add(out, of->isolated ? ", \"isolated\": true}" : "}");
}

static void write_plugins(const results *r, text *out)
{
  uint32_t count;
  const plugin_use *uses = uses_of(r->engine->plan, r->engine->arena, &count);
  text_add(out, "  \"plugins\": [");
  for (uint32_t i = 0; i < count; i++) write_plugin(out, i == 0, &uses[i]);
  text_add(out, "\n  ],\n  ");
  const lock *held = catalog_lock(r->engine->plan->catalog);
  field(out, "lock", held ? held->file : NULL);
  text_add(out, ",\n");
}

/* What failed, and the run went on without. */
static void write_skipped(const results *r, text *out)
{
  const engine *e = r->engine;
  int first = 1;
  text_add(out, "  \"skipped\": [");
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    const instance *in = &e->instances[i];
    if (!in->skipped) continue;
    text_add(out, first ? "\n    {" : ",\n    {");
    first = 0;
    field(out, "name", in->step->name);
    text_add(out, ", ");
    field(out, "plugin", in->step->strategy->id);
    text_add(out, ", ");
    field(out, "why", in->why);
    text_add(out, "}");
  }
  text_add(out, first ? "],\n" : "\n  ],\n");
}

static void write_tables(const results *r, text *out)
{
  static const char *const shapes[] = {"?", "attributes", "events", "edges"};
  const engine *e = r->engine;
  text_add(out, "  \"data\": [");
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    const table *t = &e->tables[i];
    text_add(out, i ? ",\n    {" : "\n    {");
    field(out, "table", t->name);
    text_add(out, ", ");
    field(out, "shape", shapes[t->shape & 3]);
    text_add(out, ", ");
    field(out, "from", t->request.location);
    text_add(out, ", ");
    field(out, "fingerprint", t->fingerprint);
    text_addf(out,
              ", \"rows\": %lld, \"left_out\": {\"null_keys\": %lld, \"unknown_customers\": %lld, \"null_times\": "
              "%lld}, \"duplicates\": %lld, "
              "\"aggregated_by_source\": %s}",
              (long long)t->counts.rows, (long long)t->counts.null_keys, (long long)t->counts.unknown_customers,
              (long long)t->counts.null_times, (long long)t->counts.duplicates, t->pushed_down ? "true" : "false");
  }
  text_add(out, "\n  ],\n");
}

/* The models that strategies took in place of learning, and those that this run saves. */
static void write_models(const results *r, text *out)
{
  const engine *e = r->engine;
  int begun = 0;
  text_add(out, "  \"models\": [");
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    const model *m = e->instances[i].model;
    if (!m) continue;
    text_add(out, begun++ ? ",\n    {" : "\n    {");
    field(out, "name", e->plan->steps[i]->name);
    text_add(out, ", ");
    field(out, "from", m->path);
    text_add(out, ", ");
    field(out, "sha256", m->sha256);
    text_addf(out, ",\n     \"fitted\": %s}", m->header);
  }
  text_add(out, begun ? "\n  ],\n" : "],\n");
  text_add(out, "  \"saved_models\": [");
  for (uint32_t i = 0; i < e->saved_count; i++) {
    const saved_model *m = &e->saved[i];
    text_add(out, i ? ",\n    {" : "\n    {");
    field(out, "name", m->step->name);
    text_add(out, ", ");
    field(out, "plugin", m->step->strategy->id);
    text_add(out, ", ");
    field(out, m->why ? "not_saved" : "to", m->why ? m->why : m->to);
    if (!m->why) text_add(out, ", ");
    if (!m->why) field(out, "sha256", m->sha256);
    text_add(out, "}");
  }
  text_add(out, e->saved_count ? "\n  ],\n" : "],\n");
}

static void write_outputs(const results *r, text *out)
{
  const plan *p = r->engine->plan;
  text_add(out, "  \"outputs\": [");
  for (uint32_t i = 0; i < p->profile->output_count; i++) {
    text_add(out, i ? ", {" : "{");
    field(out, "plugin", p->outputs[i].sink->id);
    text_add(out, ", ");
    field(out, "to", p->outputs[i].profile->to);
    text_add(out, "}");
  }
  text_add(out, "],\n");
}

static void write_weights(const results *r, text *out)
{
  const engine *e = r->engine;
  const profile *f = e->plan->profile;
  text_add(out, "  \"weights\": {");
  for (uint32_t i = 0; i < f->criterion_count; i++) {
    text_add(out, i ? ", " : "");
    text_add_json(out, f->criteria[i].name);
    text_add(out, ": ");
    text_add_number(out, e->weights[i]);
  }
  text_add(out, "},\n  \"dimension_weights\": {");
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    text_add(out, d ? ", " : "");
    text_add_json(out, f->dimensions[d].name);
    text_add(out, ": ");
    text_add_number(out, e->dimension_weights[d]);
  }
  text_add(out, "},\n");
}

/* How far the list's order is that of dominance, and what it takes of the capacity. */
static void write_choice(const results *r, text *out)
{
  const profile *f = r->engine->plan->profile;
  text_addf(out, "  \"ahead_by_dominance\": %lld,\n", (long long)r->selection->advanced);
  if (!r->engine->plan->capacity) return;
  text_add(out, "  \"capacity\": {\"total\": ");
  text_add_number(out, f->capacity.total);
  text_add(out, ", \"taken\": ");
  text_add_number(out, r->selection->used);
  text_addf(out, ", \"passed_over\": %lld},\n", (long long)r->selection->passed_over);
}

/* How contributions were found, of how many key customers, and how well they are known. */
static void write_contributions(const results *r, text *out)
{
  const engine *e = r->engine;
  const shapley_account *a = &e->shapley;
  int closed = contributions_closed(e);
  text_add(out, "  \"contribution_baseline\": ");
  text_add_number(out, e->baseline);
  text_add(out, ",\n  \"contributions\": {");
  field(out, "method", closed ? "closed form" : shapley_possible(e) ? "shapley" : NULL);
  if (!closed && shapley_possible(e)) {
    text_addf(out,
              ", \"exact\": %lld, \"sampled\": %lld, \"orders\": %u, \"largest_standard_error\": ", (long long)a->exact,
              (long long)a->sampled, shapley_orders());
    text_add_number(out, a->largest_error);
  }
  text_add(out, "},\n");
}

static void write_cell(const result_table *t, uint32_t column_index, int64_t row, text *out)
{
  const column *c = t->columns[column_index].column;
  if (!column_is_valid(c, row)) {
    text_add(out, "null");
  } else if (c->type == TARAZU_TEXT) {
    const tarazu_dictionary *d = c->dictionary;
    int32_t code = ((const int32_t *)c->values)[row];
    text_add_json_n(out, d->bytes + d->offsets[code], (size_t)(d->offsets[code + 1] - d->offsets[code]));
  } else {
    text_add_number(out, ((const double *)c->values)[row]);
  }
}

/* A small table as a list of objects. */
static void write_rows(const result_table *t, const char *name, text *out)
{
  text_addf(out, "  \"%s\": [", name);
  for (int64_t row = 0; row < t->rows; row++) {
    text_add(out, row ? ",\n    {" : "\n    {");
    for (uint32_t i = 0; i < t->count; i++) {
      text_addf(out, "%s\"%s\": ", i ? ", " : "", t->columns[i].as.name);
      write_cell(t, i, row, out);
    }
    text_add(out, "}");
  }
  text_add(out, t->rows ? "\n  ],\n" : "],\n");
}

/* How sure the list is; null where the profile does not ask. */
static void write_confidence(const results *r, text *out)
{
  const engine *e = r->engine;
  const confidence *c = e->confidence;
  const profile *f = e->plan->profile;
  if (!c) {
    text_add(out, "  \"confidence\": null,\n");
    return;
  }
  text_addf(out, "  \"confidence\": {\"draws\": %lld, \"weights_drawn\": ", (long long)c->draws);
  text_add_json(out, confidence_weights(f, e->arena));
  text_add(out, ", \"values_drawn\": [");
  for (uint32_t i = 0, begun = 0; i < f->criterion_count; i++) {
    if (!(c->uncertain >> i & 1)) continue;
    text_add(out, begun++ ? ", " : "");
    text_add_json(out, f->criteria[i].name);
  }
  text_add(out, "], \"standard_error_at_most\": ");
  text_add_number(out, confidence_error(c, 0.5));
  if (c->has_list) {
    text_addf(out, ",\n    \"firm\": %lld, \"likely\": %lld, \"open\": %lld, \"near\": %lld, \"firm_share\": ",
              (long long)c->firm, (long long)c->likely, (long long)c->open, (long long)c->near);
    if (r->selection->count) text_add_number(out, (double)c->firm / (double)r->selection->count);
    else text_add(out, "null");
    text_add(out, ", \"expected_overlap\": ");
    text_add_number(out, c->overlap);
  }
  text_add(out, "},\n");
}

static void write_warnings(const results *r, text *out)
{
  const problems *found = r->engine->problems;
  text_add(out, "  \"warnings\": [");
  for (size_t i = 0; i < problems_warnings(found); i++) {
    text_add(out, i ? ", " : "");
    text_add_json(out, problems_warning(found, i));
  }
  text_add(out, "],\n");
}

void manifest_write(const results *r, const node *settings, const char *const *files, text *out)
{
  const engine *e = r->engine;
  const profile *f = e->plan->profile;
  char as_of[32];
  calendar_format(e->as_of, as_of);
  text_add(out, "{\n  \"tarazu\": ");
  text_add_json(out, TARAZU_VERSION);
  text_add(out, ",\n  ");
  field(out, "company", f->company);
  text_add(out, ",\n  ");
  field(out, "as_of", as_of);
  text_addf(out, ",\n  \"as_of_from\": \"%s\",\n  ", f->has_as_of ? "profile" : "data");
  field(out, "time_zone", f->time_zone_name);
  text_addf(out, ",\n  \"seed\": %llu,\n", (unsigned long long)f->seed);
  write_profile(r, settings, files, out);
  write_plugins(r, out);
  write_skipped(r, out);
  write_tables(r, out);
  write_models(r, out);
  write_outputs(r, out);
  text_addf(
      out, "  \"customers\": %lld,\n  \"scored\": %lld,\n  \"key_customers\": %lld,\n  \"kept_from_previous\": %lld,\n",
      (long long)e->people.count, (long long)e->scored, (long long)r->selection->count, (long long)r->selection->kept);
  write_choice(r, out);
  write_weights(r, out);
  write_contributions(r, out);
  write_rows(&r->criteria, "criteria", out);
  write_rows(&r->facts, "facts", out);
  write_confidence(r, out);
  write_warnings(r, out);
  if (e->cache) {
    int64_t taken, made;
    engine_stages(e, &taken, &made);
    text_addf(out, "  \"cache\": {\"taken\": %lld, \"made\": %lld},\n", (long long)taken, (long long)made);
  }
  text_add(out, "  \"seconds\": {");
  for (uint32_t i = 0; i < e->time_count; i++)
    text_addf(out, "%s\"%s\": %.3f", i ? ", " : "", e->times[i].name, e->times[i].seconds);
  text_addf(out, "},\n  \"threads\": %u\n}\n", e->threads);
}
