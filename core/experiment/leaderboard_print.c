/* A leaderboard as people read it, and as CSV and JSON. */
#include "base/grid.h"
#include "experiment/leaderboard.h"
#include <math.h>
#include <string.h>

/* ---- as text ----------------------------------------------------------------------------------------------------- */

enum { PAIRS_SHOWN = 5, FIRST_FURTHER = 4 /* the column of the second measure */ };

static const char *figure(const leaderboard *b, double value)
{
  if (isnan(value)) return "-";
  return arena_format(b->arena, fabs(value) >= 1000 && fabs(value) < 1e15 ? "%.0f" : "%.4g", value + 0.0);
}

static const char *between(const leaderboard *b, const interval *i)
{
  return isnan(i->low) ? "-" : arena_format(b->arena, "%s to %s", figure(b, i->low), figure(b, i->high));
}

/* What is found of the first measure against the base. */
static const char *finding(const leaderboard *b, int64_t variant)
{
  text words = {0};
  if (variant == b->base) return "the base";
  paired_words(&leaderboard_entry(b, variant, 0)->against, "the base", b->level, &words);
  const char *kept = arena_copy(b->arena, text_string(&words));
  text_free(&words);
  return kept;
}

static int any_ran(const leaderboard *b)
{
  for (int64_t v = 0; v < b->variant_count; v++)
    if (!b->variants[v].fault) return 1;
  return 0;
}

static void write_board(const leaderboard *b, text *out, screen to)
{
  uint32_t further = b->measure_count - 1 < 50 ? b->measure_count - 1 : 50, columns = 5 + further;
  grid g = grid_new(b->arena, columns, (UINT64_C(1) << columns) - 1 - (1 << 1) - (UINT64_C(1) << (columns - 1)));
  grid_cell(&g, "place");
  grid_cell(&g, "variant");
  grid_cell(&g, b->measures[0].name);
  grid_cellf(&g, "%g %%", b->level * 100);
  for (uint32_t m = 1; m <= further; m++) grid_cell(&g, b->measures[m].name);
  grid_cellf(&g, "by %s", b->measures[0].name);
  for (int64_t i = 0; i < b->variant_count; i++) {
    int64_t v = b->order[i];
    if (b->variants[v].fault) continue;
    grid_cellf(&g, "%lld", (long long)i + 1);
    grid_cell(&g, b->variants[v].name);
    grid_cell(&g, figure(b, leaderboard_entry(b, v, 0)->value));
    grid_cell(&g, between(b, &leaderboard_entry(b, v, 0)->between));
    for (uint32_t m = 1; m <= further; m++) grid_cell(&g, figure(b, leaderboard_entry(b, v, m)->value));
    grid_cell(&g, finding(b, v));
  }
  grid_fit(&g, to.width, ((UINT64_C(1) << further) - 1) << FIRST_FURTHER);
  grid_print(&g, out, to);
  for (uint32_t m = 1, told = 0; m <= further; m++)
    if (g.hidden >> (FIRST_FURTHER + m - 1) & 1)
      text_addf(out, "%s%s", told++ ? ", " : "no room for ", b->measures[m].name);
  if (g.hidden) text_add(out, "\n");
}

static const char *level_of(const leaderboard *b, uint32_t k, int highest)
{
  const board_knob *of = &b->knobs[k];
  int32_t chosen = -1;
  double most = 0;
  for (int32_t l = 0; l < of->by.levels; l++) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t v = 0; v < b->variant_count; v++) {
      if (of->by.level[v] != l || isnan(leaderboard_entry(b, v, 0)->value)) continue;
      sum += leaderboard_entry(b, v, 0)->value;
      count++;
    }
    double mean = count ? sum / (double)count : (double)NAN;
    if (isnan(mean) || (chosen >= 0 && (highest ? mean <= most : mean >= most))) continue;
    most = mean;
    chosen = l;
  }
  return chosen < 0 ? "-" : arena_format(b->arena, "%s (%s)", of->words[chosen], figure(b, most));
}

static void cell_share(grid *g, const leaderboard *b, const effect *e)
{
  if (isnan(e->share)) grid_cell(g, "-");
  else grid_cellf(g, "%.1f %%", 100 * e->share);
  if (isnan(e->share_between.low)) grid_cell(g, "-");
  else
    grid_cell(g, arena_format(b->arena, "%.1f %% to %.1f %%", 100 * e->share_between.low, 100 * e->share_between.high));
}

/* The pairs that matter most, each once. */
static void write_pairs(const leaderboard *b, const effects *e, grid *g)
{
  double below = INFINITY;
  for (int shown = 0; shown < PAIRS_SHOWN; shown++) {
    const effect *next = NULL;
    for (uint32_t i = b->knob_count; i < e->count; i++)
      if (e->of[i].share < below && (!next || e->of[i].share > next->share)) next = &e->of[i];
    if (!next || next->share < 0.005) return;
    grid_cellf(g, "%s with %s", b->knobs[next->first].name, b->knobs[next->second].name);
    cell_share(g, b, next);
    grid_cell(g, "");
    grid_cell(g, "");
    below = next->share;
  }
}

static const char *confusion(const leaderboard *b, const effects *e)
{
  for (uint32_t k = 0; k < b->knob_count; k++)
    if (e->of[k].confused)
      return "Some settings were only turned together: what each of them does alone cannot be told apart.\n";
  return "";
}

static void write_effects(const leaderboard *b, text *out, screen to)
{
  const effects *e = &b->effects[0];
  int better = measure_list[b->measures[0].id].better;
  if (!e->count || !(e->deviation > 0)) return;
  grid g = grid_new(b->arena, 5, 6);
  text_addf(out, "\nwhat matters: shares of the variance of %s over %lld variants\n", b->measures[0].name,
            (long long)e->variants);
  grid_cell(&g, "setting");
  grid_cell(&g, "share");
  grid_cellf(&g, "%g %%", b->level * 100);
  grid_cell(&g, better ? "best (mean)" : "most (mean)");
  grid_cell(&g, better ? "worst (mean)" : "least (mean)");
  for (uint32_t k = 0; k < b->knob_count; k++) {
    grid_cell(&g, b->knobs[k].name);
    cell_share(&g, b, &e->of[k]);
    grid_cell(&g, level_of(b, k, better >= 0));
    grid_cell(&g, level_of(b, k, better < 0));
  }
  write_pairs(b, e, &g);
  grid_print(&g, out, to);
  text_addf(out, "Each alone they account for %.1f %%.\n%s", 100 * e->additive, confusion(b, e));
}

void leaderboard_text(const leaderboard *b, text *out, screen to)
{
  static const char *const corrections[] = {"Holm's correction", "Benjamini and Hochberg's correction",
                                            "no correction"};
  int64_t samples = b->resampling.samples, least = paired_least_samples(b->comparisons, b->level);
  if (!b->measure_count || !b->variant_count) return;
  if (any_ran(b)) write_board(b, out, to);
  for (int64_t v = 0; v < b->variant_count; v++)
    if (b->variants[v].fault) text_addf(out, "%s was not run: %s\n", b->variants[v].name, b->variants[v].fault);
  if (!any_ran(b)) return;
  if (samples && b->comparisons)
    text_addf(out, "Intervals and comparisons from %lld bootstrap samples of %lld customers, with %s for %lld.\n",
              (long long)samples, (long long)b->resampling.customers, corrections[b->correction],
              (long long)b->comparisons);
  else if (samples)
    text_addf(out, "Intervals from %lld bootstrap samples of %lld customers.\n", (long long)samples,
              (long long)b->resampling.customers);
  if (samples && samples < least && b->correction != CORRECTION_NONE)
    text_addf(out, "Among %lld comparisons no difference can be told from so few samples: expected at least %lld.\n",
              (long long)b->comparisons, (long long)least);
  write_effects(b, out, to);
}

/* ---- as CSV ------------------------------------------------------------------------------------------------------ */

static void csv_text(text *out, const char *words)
{
  text_add_csv(out, words, strlen(words));
}

/* Nothing where there is no number. */
static void csv_number(text *out, double value)
{
  text_add(out, ",");
  if (!isnan(value)) text_add_number(out, value);
}

static void csv_head(const leaderboard *b, text *out)
{
  static const char *const ends[] = {
      "",        "_low", "_high", "_difference", "_difference_low", "_difference_high", "_p_value", "_adjusted_p_value",
      "_verdict"};
  text_add(out, "place,variant,fault");
  for (uint32_t k = 0; k < b->knob_count; k++) {
    text_add(out, ",");
    csv_text(out, b->knobs[k].name);
  }
  for (uint32_t m = 0; m < b->measure_count; m++)
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
      text_add(out, ",");
      csv_text(out, arena_format(b->arena, "%s%s", b->measures[m].name, ends[i]));
    }
  text_add(out, "\n");
}

static void csv_entry(const board_entry *e, int is_base, text *out)
{
  const paired_comparison *c = &e->against;
  csv_number(out, e->value);
  csv_number(out, e->between.low);
  csv_number(out, e->between.high);
  csv_number(out, is_base ? (double)NAN : c->difference);
  csv_number(out, c->interval.low);
  csv_number(out, c->interval.high);
  csv_number(out, c->p);
  csv_number(out, c->adjusted);
  text_addf(out, ",%s", is_base ? "base" : paired_verdict_name(c->verdict));
}

void leaderboard_csv(const leaderboard *b, text *out)
{
  csv_head(b, out);
  for (int64_t i = 0; i < b->variant_count; i++) {
    int64_t v = b->order[i];
    text_addf(out, "%lld,", (long long)i + 1);
    csv_text(out, b->variants[v].name);
    text_add(out, ",");
    if (b->variants[v].fault) csv_text(out, b->variants[v].fault);
    for (uint32_t k = 0; k < b->knob_count; k++) {
      text_add(out, ",");
      csv_text(out, b->knobs[k].words[b->knobs[k].by.level[v]]);
    }
    for (uint32_t m = 0; m < b->measure_count; m++) csv_entry(leaderboard_entry(b, v, m), v == b->base, out);
    text_add(out, "\n");
  }
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static void json_number(text *out, const char *name, double value)
{
  text_addf(out, ", \"%s\": ", name);
  text_add_number(out, value);
}

static void json_interval(text *out, const interval *i)
{
  json_number(out, "low", i->low);
  json_number(out, "high", i->high);
  text_addf(out, ", \"interval\": \"%s\", \"undefined_samples\": %lld", interval_method_name(i->method),
            (long long)i->undefined);
}

static void json_entry(const leaderboard *b, int64_t v, uint32_t m, text *out)
{
  const board_entry *e = leaderboard_entry(b, v, m);
  const paired_comparison *c = &e->against;
  text words = {0};
  text_addf(out, "%s\n        {\"measure\": ", m ? "," : "");
  text_add_json(out, b->measures[m].name);
  json_number(out, "value", e->value);
  json_interval(out, &e->between);
  if (v != b->base) {
    text_add(out, ", \"against_base\": {\"verdict\": ");
    text_add_json(out, paired_verdict_name(c->verdict));
    paired_words(c, b->variants[b->base].name, b->level, &words);
    text_add(out, ", \"finding\": ");
    text_add_json(out, text_string(&words));
    json_number(out, "difference", c->difference);
    json_interval(out, &c->interval);
    json_number(out, "p_value", c->p);
    json_number(out, "adjusted_p_value", c->adjusted);
    text_add(out, "}");
  }
  text_add(out, "}");
  text_free(&words);
}

static void json_variant(const leaderboard *b, int64_t place_of, text *out)
{
  int64_t v = b->order[place_of];
  text_addf(out, "%s\n    {\"place\": %lld, \"variant\": ", place_of ? "," : "", (long long)place_of + 1);
  text_add_json(out, b->variants[v].name);
  text_addf(out, ", \"base\": %s, \"fault\": ", v == b->base ? "true" : "false");
  text_add_json(out, b->variants[v].fault);
  text_add(out, ",\n      \"settings\": {");
  for (uint32_t k = 0; k < b->knob_count; k++) {
    if (k) text_add(out, ", ");
    text_add_json(out, b->knobs[k].name);
    text_add(out, ": ");
    text_add_json(out, b->knobs[k].words[b->knobs[k].by.level[v]]);
  }
  text_add(out, "},\n      \"measures\": [");
  for (uint32_t m = 0; m < b->measure_count; m++) json_entry(b, v, m, out);
  text_add(out, "]}");
}

static void json_effects(const leaderboard *b, uint32_t m, text *out)
{
  const effects *e = &b->effects[m];
  text_add(out, "\n    {\"measure\": ");
  text_add_json(out, b->measures[m].name);
  text_addf(out, ", \"variants\": %lld", (long long)e->variants);
  json_number(out, "mean", e->mean);
  json_number(out, "standard_deviation", e->deviation);
  json_number(out, "additive_share", e->additive);
  text_add(out, ", \"effects\": [");
  for (uint32_t i = 0; i < e->count; i++) {
    text_addf(out, "%s\n        {\"settings\": [", i ? "," : "");
    text_add_json(out, b->knobs[e->of[i].first].name);
    if (e->of[i].second >= 0) {
      text_add(out, ", ");
      text_add_json(out, b->knobs[e->of[i].second].name);
    }
    text_add(out, "]");
    json_number(out, "share", e->of[i].share);
    json_interval(out, &e->of[i].share_between);
    text_addf(out, ", \"freedom\": %d, \"confused\": %d}", e->of[i].freedom, e->of[i].confused);
  }
  text_add(out, "]}");
}

void leaderboard_json(const leaderboard *b, text *out)
{
  text_addf(out,
            "{\n  \"customers\": %lld, \"samples\": %lld, \"seed\": %llu, \"level\": %g, \"correction\": \"%s\", "
            "\"comparisons\": %lld,\n  \"variants\": [",
            (long long)b->resampling.customers, (long long)b->resampling.samples,
            (unsigned long long)b->resampling.seed, b->level, correction_names[b->correction],
            (long long)b->comparisons);
  for (int64_t i = 0; i < b->variant_count; i++) json_variant(b, i, out);
  text_add(out, "],\n  \"main_effects\": [");
  int told = 0;
  for (uint32_t m = 0; m < b->measure_count; m++) {
    if (!b->effects[m].count) continue;
    if (told++) text_add(out, ",");
    json_effects(b, m, out);
  }
  text_add(out, "]\n}\n");
}
