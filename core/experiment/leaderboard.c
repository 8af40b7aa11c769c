/* Values, intervals, comparisons with the base, the order of the variants, and main effects. */
#include "experiment/leaderboard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const board_entry *leaderboard_entry(const leaderboard *b, int64_t variant, uint32_t measure_index)
{
  return &b->entries[variant * b->measure_count + measure_index];
}

static const double *numbers_of(const leaderboard *b, int64_t variant, uint32_t m)
{
  const board_variant *v = &b->variants[variant];
  return v->numbers ? v->numbers[m] : NULL;
}

static int is_sampled(const leaderboard *b, uint32_t m)
{
  return b->resampling.samples && measure_is_sampled(b->measures[m].id);
}

/* A measure without samples has a value alone, and of two values a difference. */
static int fill_entry(const leaderboard *b, int64_t variant, uint32_t m, board_entry *e)
{
  const double *own = numbers_of(b, variant, m), *base = numbers_of(b, b->base, m);
  double value = own ? own[0] : (double)NAN, of_base = base ? base[0] : (double)NAN;
  interval unknown = {(double)NAN, (double)NAN, INTERVAL_NONE, 0};
  *e = (board_entry){.value = value,
                     .between = unknown,
                     .against = {.base = of_base,
                                 .variant = value,
                                 .difference = value - of_base,
                                 .interval = unknown,
                                 .p = NAN,
                                 .adjusted = NAN,
                                 .verdict = PAIRED_UNKNOWN}};
  if (own && b->variants[variant].given) e->between = b->variants[variant].given[m];
  if (!own || !is_sampled(b, m)) return 1;
  if (!resample_interval(&b->resampling, own, b->level, b->method, &e->between)) return 0;
  if (!base || variant == b->base) return 1;
  return paired_compare(&b->resampling, base, own, b->level, b->method, &e->against);
}

/* All variants by one measure are one family. */
static int judge(leaderboard *b, uint32_t m)
{
  size_t room = (size_t)b->variant_count + 1;
  paired_comparison *family = malloc(room * sizeof *family);
  int *better = malloc(room * sizeof *better), good = family && better;
  int64_t count = 0, at = 0;
  for (int64_t v = 0; good && v < b->variant_count; v++) {
    if (v == b->base) continue;
    better[count] = measure_list[b->measures[m].id].better;
    family[count++] = leaderboard_entry(b, v, m)->against;
  }
  good = good && paired_judge(b->correction, family, better, count, b->level);
  for (int64_t v = 0; good && v < b->variant_count; v++)
    if (v != b->base) b->entries[v * b->measure_count + m].against = family[at++];
  if (count > b->comparisons) b->comparisons = count;
  free(family);
  free(better);
  return good;
}

/* ---- the order --------------------------------------------------------------------------------------------------- */

typedef struct standing {
  double merit; /* more is better; NAN: none */
  int64_t variant;
} standing;

static int by_merit(const void *a, const void *b)
{
  const standing *x = a, *y = b;
  if (isnan(x->merit) != isnan(y->merit)) return isnan(x->merit) ? 1 : -1;
  if (x->merit > y->merit || x->merit < y->merit) return x->merit > y->merit ? -1 : 1;
  return (x->variant > y->variant) - (x->variant < y->variant);
}

static int put_in_order(leaderboard *b)
{
  standing *all = malloc(((size_t)b->variant_count + 1) * sizeof *all);
  if (!all) return 0;
  b->order = arena_array(b->arena, (size_t)b->variant_count + 1, sizeof *b->order);
  for (int64_t v = 0; v < b->variant_count; v++) {
    double value = b->measure_count ? leaderboard_entry(b, v, 0)->value : (double)NAN;
    int falls = b->measure_count && measure_list[b->measures[0].id].better < 0;
    all[v] = (standing){falls ? -value : value, v};
  }
  qsort(all, (size_t)b->variant_count, sizeof *all, by_merit);
  for (int64_t v = 0; v < b->variant_count; v++) b->order[v] = all[v].variant;
  free(all);
  return 1;
}

/* ---- knobs ------------------------------------------------------------------------------------------------------- */

static int find_effects(const leaderboard *b, uint32_t m, const knob *knobs, effects *out)
{
  int64_t length = resample_length(&b->resampling);
  double *nothing = malloc((size_t)length * sizeof *nothing);
  const double **numbers = malloc(((size_t)b->variant_count + 1) * sizeof *numbers);
  int found = nothing && numbers;
  for (int64_t i = 0; found && i < length; i++) nothing[i] = NAN;
  for (int64_t v = 0; found && v < b->variant_count; v++)
    numbers[v] = numbers_of(b, v, m) ? numbers_of(b, v, m) : nothing;
  if (found) found = effects_find(&b->resampling, numbers, b->variant_count, knobs, b->knob_count, b->level, out);
  if (found && out->of) {
    effect *kept = arena_array(b->arena, out->count + 1, sizeof *kept);
    memcpy(kept, out->of, out->count * sizeof *kept);
    free(out->of);
    out->of = kept;
  }
  free(nothing);
  free(numbers);
  return found;
}

static int find_all_effects(leaderboard *b)
{
  knob *knobs = arena_array(b->arena, b->knob_count + 1, sizeof *knobs);
  effects *all = arena_array(b->arena, b->measure_count + 1, sizeof *all);
  b->effects = all;
  for (uint32_t k = 0; k < b->knob_count; k++) knobs[k] = b->knobs[k].by;
  for (uint32_t m = 0; b->knob_count && m < b->measure_count; m++)
    if (is_sampled(b, m) && !find_effects(b, m, knobs, &all[m])) return 0;
  return 1;
}

int leaderboard_find(leaderboard *b)
{
  b->entries = arena_array(b->arena, (size_t)b->variant_count * b->measure_count + 1, sizeof *b->entries);
  b->comparisons = 0;
  for (int64_t v = 0; v < b->variant_count; v++)
    for (uint32_t m = 0; m < b->measure_count; m++)
      if (!fill_entry(b, v, m, &b->entries[v * b->measure_count + m])) return 0;
  for (uint32_t m = 0; m < b->measure_count; m++)
    if (is_sampled(b, m) && !judge(b, m)) return 0;
  return put_in_order(b) && find_all_effects(b);
}
