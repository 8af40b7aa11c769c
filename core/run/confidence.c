/* What the draws say of the list: each customer's probability, the word for it, and the weights that speak for her. */
#include "run/confidence.h"

#include "run/acceptability.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRM, LIKELY, OPEN };
static const char *const words[] = {"firm", "likely", "open"};

double confidence_error(const confidence *c, double probability)
{
  return sqrt(probability * (1 - probability) / (double)c->draws);
}

const char *confidence_word(const confidence *c, int64_t row)
{
  if (!c->has_list || !column_is_valid(&c->level, row)) return NULL;
  return words[((const int32_t *)c->level.values)[row]];
}

const char *confidence_weights(const profile *f, arena *home)
{
  switch (f->confidence.rule) {
  case WEIGHTS_GIVEN: return "as they are";
  case WEIGHTS_CONCENTRATION:
    return arena_format(home, "around the given weights, by a Dirichlet distribution of concentration %g",
                        f->confidence.concentration);
  case WEIGHTS_INTERVALS: return "any within the intervals";
  case WEIGHTS_ORDER: return "any in the order of the given weights";
  default: return "any";
  }
}

static void set_null(column *c, int64_t row)
{
  c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] & ~(1u << (row & 7)));
}

/* Counts over draws; a customer without a score has no rank. */
static int share_of_draws(const engine *e, const acceptability *found, const int64_t *counts, int needs_score,
                          column *out)
{
  double all = (double)found->draws * (double)ACCEPTED;
  if (!column_new(out, TARAZU_F64, e->people.count, 1)) return 0;
  for (int64_t r = 0; r < e->people.count; r++) {
    if (e->rank[r] || !needs_score) ((double *)out->values)[r] = (double)counts[r] / all;
    else set_null(out, r);
  }
  column_count_nulls(out);
  return 1;
}

/* Who is pinned is on the list whatever is drawn. */
static void set_pinned(const engine *e, const selection *chosen, column *probability)
{
  for (int64_t r = 0; r < e->people.count; r++)
    if (((const uint8_t *)chosen->key.values)[r] && !chosen->place[r]) ((double *)probability->values)[r] = 1;
}

static int set_levels(const engine *e, const selection *chosen, confidence *c)
{
  const double *probability = c->probability.values;
  double sum = 0;
  if (!column_new(&c->level, TARAZU_TEXT, e->people.count, 1)) return 0;
  for (int64_t r = 0; r < e->people.count; r++) {
    int member = ((const uint8_t *)chosen->key.values)[r];
    double sure = member ? probability[r] : 1 - probability[r];
    int32_t level = sure >= CONFIDENCE_FIRM ? FIRM : sure >= CONFIDENCE_LIKELY ? LIKELY : OPEN;
    if (!member && probability[r] < CONFIDENCE_NEAR) {
      set_null(&c->level, r);
      continue;
    }
    if (!member && level == FIRM) level = LIKELY; /* at the very edge of being near */
    ((int32_t *)c->level.values)[r] = level;
    c->near += !member;
    if (!member) continue;
    *(level == FIRM ? &c->firm : level == LIKELY ? &c->likely : &c->open) += 1;
    sum += probability[r];
  }
  c->overlap = chosen->count ? sum / (double)chosen->count : 1;
  column_count_nulls(&c->level);
  return 1;
}

/* SMAA's central weight vector, for a place on the list in place of the first one: the mean of the weights that bring
 * her there. */
static int set_central(const engine *e, const acceptability *found, uint32_t criterion, column *out)
{
  uint32_t criteria = e->plan->profile->criterion_count;
  if (!column_new(out, TARAZU_F64, e->people.count, 1)) return 0;
  for (int64_t r = 0; r < e->people.count; r++) {
    int32_t member = found->member[r];
    if (member < 0 || !found->listed[r]) set_null(out, r);
    else
      ((double *)out->values)[r] =
          (double)found->central[(size_t)member * criteria + criterion] / (double)found->listed[r];
  }
  column_count_nulls(out);
  return 1;
}

static void name_words(const engine *e, confidence *c)
{
  int64_t *offsets = arena_array(e->arena, 4, sizeof *offsets);
  text all = {0};
  for (int i = 0; i < 3; i++) {
    text_add(&all, words[i]);
    offsets[i + 1] = (int64_t)all.length;
  }
  c->words = (tarazu_dictionary){.size = sizeof c->words,
                                 .count = 3,
                                 .offsets = offsets,
                                 .bytes = arena_copy_n(e->arena, text_string(&all), all.length)};
  c->level.dictionary = &c->words;
  text_free(&all);
}

static int tell(const engine *e, const selection *chosen, const acceptability *found, confidence *c)
{
  const confidence_profile *asked = &e->plan->profile->confidence;
  c->draws = found->draws;
  c->uncertain = found->uncertain;
  c->band_count = asked->band_count;
  memcpy(c->bands, asked->bands, sizeof c->bands);
  c->has_list = found->listed != NULL;
  for (uint32_t i = 0; i < c->band_count; i++)
    if (!share_of_draws(e, found, found->within[i], 1, &c->within[i])) return 0;
  if (!c->has_list) return 1;
  if (!share_of_draws(e, found, found->listed, 0, &c->probability)) return 0;
  set_pinned(e, chosen, &c->probability);
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++)
    if (!set_central(e, found, i, &c->central[i])) return 0;
  if (!set_levels(e, chosen, c)) return 0;
  name_words(e, c);
  return 1;
}

int confidence_measure(engine *e, const selection *chosen)
{
  const confidence_profile *asked = &e->plan->profile->confidence;
  acceptability found;
  if (!asked->asked) return 1;
  if (!acceptability_measure(e, chosen, &found)) {
    acceptability_free(&found);
    return 0;
  }
  if (asked->rule == WEIGHTS_GIVEN && !found.uncertain)
    problem_warn(e->problems, asked->place,
                 "confidence: nothing was drawn: weights are as given, and no value has an interval");
  e->confidence = calloc(1, sizeof *e->confidence);
  int good = e->confidence && tell(e, chosen, &found, e->confidence);
  acceptability_free(&found);
  if (!good) problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to tell how sure the list is");
  return good;
}

void confidence_free(confidence *c)
{
  if (!c) return;
  column_free(&c->probability);
  column_free(&c->level);
  for (int i = 0; i < MOST_BANDS; i++) column_free(&c->within[i]);
  for (int i = 0; i < 64; i++) column_free(&c->central[i]);
  free(c);
}
