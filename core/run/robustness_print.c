/* What a robustness study found, as people read it and as JSON. */
#include "base/grid.h"
#include "run/robustness.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const weight_steps[WEIGHT_STEPS] = {"-50 %", "-25 %", "-10 %", "+10 %", "+25 %", "+50 %"};

static void cell_number(grid *g, const char *format, double value)
{
  char words[64];
  if (isnan(value)) snprintf(words, sizeof words, "-");
  else snprintf(words, sizeof words, format, value);
  grid_cell(g, words);
}

static void heads(grid *g, const char *const *names, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) grid_cell(g, names[i]);
}

static const char *exchange(const robustness *r, const distance *d)
{
  if (!d->out && !d->in) return "";
  return arena_format(r->arena, "%s%s%s%s%s", d->first_out ? d->first_out : "", d->first_out ? " out" : "",
                      d->first_out && d->first_in ? ", " : "", d->first_in ? d->first_in : "",
                      d->first_in ? " in" : "");
}

/* ---- rank reversal --------------------------------------------------------------------------------------------- */

typedef struct reversal_group {
  const char *name;
  int copied;
  int (*has)(const reversal *r);
} reversal_group;

static int is_leader(const reversal *r)
{
  return r->rank == 1;
}

static int is_member(const reversal *r)
{
  return r->is_key && r->rank != 1;
}

static int is_other(const reversal *r)
{
  return !r->is_key && r->rank != 1;
}

static const reversal_group groups[] = {{"the leader dropped", 0, is_leader}, {"a member dropped", 0, is_member},
                                        {"another dropped", 0, is_other},     {"the leader doubled", 1, is_leader},
                                        {"a member doubled", 1, is_member},   {"another doubled", 1, is_other}};

static void write_group(const robustness *r, const reversal_group *of, grid *g)
{
  int64_t count = 0, any = 0, lost = 0;
  const reversal *worst = NULL;
  for (uint32_t i = 0; i < r->reversal_count; i++) {
    const reversal *v = &r->reversals[i];
    if (v->copied != of->copied || !of->has(v)) continue;
    count++;
    any += v->reversed > 0;
    lost += v->lost > 0;
    if (!worst || v->reversed > worst->reversed) worst = v;
  }
  if (!count) return;
  grid_cell(g, of->name);
  grid_cellf(g, "%lld", (long long)count);
  grid_cellf(g, "%lld", (long long)any);
  cell_number(g, "%.0f", worst->reversed);
  cell_number(g, "%.3f %%", worst->pairs > 0 ? 100 * worst->reversed / worst->pairs : NAN);
  grid_cell(g, worst->reversed > 0 ? worst->customer : "");
  grid_cellf(g, "%lld", (long long)lost);
}

static void write_reversals(const robustness *r, text *out, screen to)
{
  static const char *const names[] = {"variant",       "tried",   "with a reversal", "most pairs",
                                      "of the others", "by whom", "members lost"};
  grid g = grid_new(r->arena, 7, 0x5e);
  if (!(r->parts & ROBUST_REVERSAL)) return;
  text_add(out, "\nrank reversal: do others change places when one customer goes, or comes twice?\n");
  heads(&g, names, 7);
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) write_group(r, &groups[i], &g);
  grid_print(&g, out, to);
}

/* ---- weights --------------------------------------------------------------------------------------------------- */

static void write_weights(const robustness *r, text *out, screen to)
{
  static const char *const names[] = {"criterion", "weight", "down to", "", "up to", "", "without it"};
  grid g = grid_new(r->arena, 7 + WEIGHT_STEPS, 0x1fd6);
  if (!(r->parts & ROBUST_WEIGHTS)) return;
  text_add(out, "\nweights: the first weight, the others rescaled, at which the list is another; and the share of the "
                "list that stays\n");
  heads(&g, names, 7);
  heads(&g, weight_steps, WEIGHT_STEPS);
  for (uint32_t i = 0; i < r->weight_count; i++) {
    const weight_range *w = &r->weights[i];
    grid_cell(&g, w->criterion);
    cell_number(&g, "%.4f", w->weight);
    cell_number(&g, "%.4f", w->down);
    grid_cell(&g, exchange(r, &w->at_down));
    cell_number(&g, "%.4f", w->up);
    grid_cell(&g, exchange(r, &w->at_up));
    cell_number(&g, "%.0f %%", 100 * w->without.overlap);
    for (int k = 0; k < WEIGHT_STEPS; k++) cell_number(&g, "%.0f %%", 100 * w->overlap[k]);
  }
  grid_print(&g, out, to);
  if (!r->weight_count) text_add(out, "one criterion has all the weight\n");
}

/* ---- parameters ------------------------------------------------------------------------------------------------ */

static void write_parameters(const robustness *r, text *out, screen to)
{
  static const char *const names[] = {"setting", "given", "varied", "tau-b", "list stays", "first change"};
  grid g = grid_new(r->arena, 6, 0x1e);
  if (!(r->parts & ROBUST_PARAMETERS)) return;
  text_add(out, "\nparameters: a tenth less, and a tenth more\n");
  heads(&g, names, 6);
  for (uint32_t i = 0; i < r->parameter_count; i++) {
    const parameter_step *p = &r->parameters[i];
    grid_cell(&g, p->setting);
    grid_cell(&g, p->given);
    grid_cell(&g, p->varied);
    cell_number(&g, "%.4f", p->fault ? NAN : p->to.kendall);
    cell_number(&g, "%.0f %%", p->fault ? NAN : 100 * p->to.overlap);
    grid_cell(&g, p->fault ? arena_format(r->arena, "cannot be: %s", p->fault) : exchange(r, &p->to));
  }
  grid_print(&g, out, to);
  if (!r->parameter_count && !r->not_run) text_add(out, "no strategy of this profile has a numeric parameter\n");
  if (r->not_run)
    text_addf(out, "%lld more steps need whole runs, of which --runs %lld are made\n", (long long)r->not_run,
              (long long)r->most_runs);
}

/* ---- methods --------------------------------------------------------------------------------------------------- */

/* Columns by number, so that twenty methods stand side by side. */
static void write_matrix(const robustness *r, const char *title, size_t offset, text *out, screen to)
{
  uint32_t good = 0, line = 0;
  for (uint32_t i = 0; i < r->result_count; i++) good += !r->results[i].fault;
  grid g = grid_new(r->arena, good + 2, ~UINT64_C(2));
  if (good < 2 || good > 60) return;
  text_addf(out, "\n%s\n", title);
  grid_cell(&g, "");
  grid_cell(&g, "");
  for (uint32_t i = 1; i <= good; i++) grid_cellf(&g, "%u", i);
  for (uint32_t i = 0; i < r->result_count; i++) {
    if (r->results[i].fault) continue;
    grid_cellf(&g, "%u", ++line);
    grid_cell(&g, r->results[i].combiner);
    for (uint32_t k = 0; k < r->result_count; k++) {
      double value;
      if (r->results[k].fault) continue;
      memcpy(&value, (const char *)&r->pairs[(size_t)i * r->result_count + k] + offset, sizeof value);
      cell_number(&g, "%.2f", value);
    }
  }
  grid_print(&g, out, to);
}

static void write_methods(const robustness *r, text *out, screen to)
{
  static const char *const names[] = {"combiner", "Spearman", "tau-b", "WS", "rank-biased", "overlap"};
  grid g = grid_new(r->arena, 6, 0x3e);
  if (!(r->parts & ROBUST_METHODS)) return;
  text_addf(out, "\nmethods: the same criteria by other combiners, against '%s'; the last two of the first %lld\n",
            r->results[0].combiner, (long long)r->k);
  heads(&g, names, 6);
  for (uint32_t i = 1; i < r->result_count; i++) {
    const method_pair *p = &r->pairs[i];
    const double values[] = {p->spearman, p->kendall, p->ws, p->rank_biased_overlap, p->overlap};
    if (r->results[i].fault) continue;
    grid_cell(&g, r->results[i].combiner);
    for (int k = 0; k < 5; k++) cell_number(&g, "%.4f", values[k]);
  }
  grid_print(&g, out, to);
  for (uint32_t i = 1; i < r->result_count; i++)
    if (r->results[i].fault) text_addf(out, "not %s: %s\n", r->results[i].combiner, r->results[i].fault);
  write_matrix(r, "Kendall's tau-b of each pair", offsetof(method_pair, kendall), out, to);
  write_matrix(r, arena_format(r->arena, "overlap of the first %lld of each pair", (long long)r->k),
               offsetof(method_pair, overlap), out, to);
}

void robustness_text(const robustness *r, text *out, screen to)
{
  text_addf(out, "%s: %s of %lld\n", r->profile, r->own_list ? "the list" : "no list; the first", (long long)r->k);
  write_reversals(r, out, to);
  write_weights(r, out, to);
  write_parameters(r, out, to);
  write_methods(r, out, to);
  text_addf(out, "\nthe criteria were combined %lld times, and the data read %lld times\n", (long long)r->combined + 1,
            (long long)r->whole + 1);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void json_number(text *out, const char *name, double value, const char *behind)
{
  text_addf(out, "\"%s\": ", name);
  text_add_number(out, value);
  text_add(out, behind);
}

static void json_text(text *out, const char *name, const char *value, const char *behind)
{
  text_addf(out, "\"%s\": ", name);
  text_add_json(out, value);
  text_add(out, behind);
}

static void json_distance(text *out, const char *name, const distance *d)
{
  text_addf(out, "\"%s\": {", name);
  json_number(out, "kendall_tau_b", d->kendall, ", ");
  json_number(out, "overlap", d->overlap, ", ");
  text_addf(out, "\"out\": %lld, \"in\": %lld, ", (long long)d->out, (long long)d->in);
  json_text(out, "first_out", d->first_out, ", ");
  json_text(out, "first_in", d->first_in, "}");
}

static void json_reversals(const robustness *r, text *out)
{
  text_add(out, ",\n \"rank_reversal\": [");
  for (uint32_t i = 0; i < r->reversal_count; i++) {
    const reversal *v = &r->reversals[i];
    text_add(out, i ? ",\n  {" : "\n  {");
    json_text(out, "variant", v->copied ? "doubled" : "dropped", ", ");
    json_text(out, "customer", v->customer, ", ");
    text_addf(out, "\"rank\": %lld, \"key_customer\": %s, ", (long long)v->rank, v->is_key ? "true" : "false");
    json_number(out, "pairs", v->pairs, ", ");
    json_number(out, "reversed", v->reversed, ", ");
    text_addf(out, "\"members_lost\": %lld}", (long long)v->lost);
  }
  text_add(out, "]");
}

static void json_weights(const robustness *r, text *out)
{
  text_add(out, ",\n \"weights\": [");
  for (uint32_t i = 0; i < r->weight_count; i++) {
    const weight_range *w = &r->weights[i];
    text_add(out, i ? ",\n  {" : "\n  {");
    json_text(out, "criterion", w->criterion, ", ");
    json_number(out, "weight", w->weight, ", ");
    json_number(out, "down_to", w->down, ", ");
    json_distance(out, "at_down", &w->at_down);
    text_add(out, ", ");
    json_number(out, "up_to", w->up, ", ");
    json_distance(out, "at_up", &w->at_up);
    text_add(out, ", ");
    json_distance(out, "without", &w->without);
    text_add(out, ", \"overlap\": {");
    for (int k = 0; k < WEIGHT_STEPS; k++)
      json_number(out, weight_steps[k], w->overlap[k], k + 1 < WEIGHT_STEPS ? ", " : "}}");
  }
  text_add(out, "]");
}

static void json_parameters(const robustness *r, text *out)
{
  text_add(out, ",\n \"parameters\": [");
  for (uint32_t i = 0; i < r->parameter_count; i++) {
    const parameter_step *p = &r->parameters[i];
    text_add(out, i ? ",\n  {" : "\n  {");
    json_text(out, "setting", p->setting, ", ");
    json_text(out, "given", p->given, ", ");
    json_text(out, "varied", p->varied, ", ");
    json_text(out, "fault", p->fault, ", ");
    text_addf(out, "\"whole_run\": %s, ", p->whole_run ? "true" : "false");
    if (p->fault) text_add(out, "\"change\": null}");
    else json_distance(out, "change", &p->to), text_add(out, "}");
  }
  text_addf(out, "],\n \"parameters_not_run\": %lld", (long long)r->not_run);
}

static void json_methods(const robustness *r, text *out)
{
  int begun = 0;
  text_add(out, ",\n \"methods\": [");
  for (uint32_t i = 0; i < r->result_count; i++) {
    text_add(out, i ? ", {" : "{");
    json_text(out, "combiner", r->results[i].combiner, ", ");
    json_text(out, "fault", r->results[i].fault, "}");
  }
  text_add(out, "],\n \"pairs\": [");
  for (uint32_t i = 0; i < r->result_count; i++)
    for (uint32_t k = 0; k < r->result_count; k++) {
      const method_pair *p = &r->pairs[(size_t)i * r->result_count + k];
      if (i == k || r->results[i].fault || r->results[k].fault) continue;
      text_add(out, begun++ ? ",\n  {" : "\n  {");
      json_text(out, "a", r->results[i].combiner, ", ");
      json_text(out, "b", r->results[k].combiner, ", ");
      json_number(out, "spearman", p->spearman, ", ");
      json_number(out, "kendall_tau_b", p->kendall, ", ");
      json_number(out, "ws", p->ws, ", ");
      json_number(out, "rank_biased_overlap", p->rank_biased_overlap, ", ");
      json_number(out, "overlap", p->overlap, "}");
    }
  text_add(out, "]");
}

void robustness_json(const robustness *r, text *out)
{
  text_add(out, "{");
  json_text(out, "profile", r->profile, ", ");
  text_addf(out, "\"k\": %lld, \"list\": %s, \"combined\": %lld, \"data_read\": %lld", (long long)r->k,
            r->own_list ? "true" : "false", (long long)r->combined + 1, (long long)r->whole + 1);
  if (r->parts & ROBUST_REVERSAL) json_reversals(r, out);
  if (r->parts & ROBUST_WEIGHTS) json_weights(r, out);
  if (r->parts & ROBUST_PARAMETERS) json_parameters(r, out);
  if (r->parts & ROBUST_METHODS) json_methods(r, out);
  text_add(out, "}\n");
}
