/* What differs between two rankings, and what each customer's move is due to: her own data, weights and settings, or
 * her rivals. */
#ifndef TARAZU_RUN_COMPARE_H
#define TARAZU_RUN_COMPARE_H

#include "base/terminal.h"
#include "run/attribution.h"
#include "run/ranking.h"

typedef struct customer_move {
  int64_t row[2];  /* in A and in B, -1: not among the customers */
  double place[2]; /* her rank; of one without a score, or who is not there, behind all others */
  attribution by;
} customer_move;

typedef struct agreement_found {
  int64_t customers; /* ranked on both sides */
  double spearman, kendall, weighted_spearman, ws;
  int64_t k; /* the shorter list's length, or 10 where there is no list */
  double overlap, rank_biased_overlap, persistence;
} agreement_found;

typedef enum sameness { NOT_KNOWN = -1, DIFFERENT, SAME } sameness;

typedef struct comparison {
  /* given */
  const ranking *sides[2];
  const results *cross[2]; /* A's settings on B's data, B's settings on A's data; NULL: there is no such run */
  const char *why_not[2];  /* there is none; NULL: it was not needed */
  sameness settings, data;
  const char *const *asked; /* customers, NULL-terminated; NULL: none */
  const char *names[2];     /* of the sides, in a table's heads: "A", "B" */
  arena *arena;
  problems *problems;
  /* found */
  agreement_found agreement;
  int64_t shared; /* on both lists */
  customer_move *entered, *left, *moved, *asked_moves;
  uint32_t entered_count, left_count, moved_count, asked_count;
} comparison;

/* Whether two runs have the same settings, and the same data, by what their profiles say. */
void comparison_by_profiles(comparison *c, const node *const roots[2], const profile *const profiles[2]);
/* The same by what manifests say: settings, models and strategies; the tables' fingerprints. */
void comparison_by_manifests(comparison *c);
/* What the latter compares, as words that are equal exactly where it is the same: the settings that can change a score,
 * with the models and the versions of strategies; and what the run saw. 0: the manifest does not tell. */
int manifest_settings(const node *manifest, arena *arena, text *out);
int manifest_data(const node *manifest, text *out);
/* Whether a section of a profile is among those settings: "combine", not "data" or "output". */
int settings_weigh(const char *section);
int comparison_has_ranks(const comparison *c); /* both sides, so that there are moves */
/* Finds the rest. 1, or 0 with a problem. */
int comparison_make(comparison *c);
void comparison_text(const comparison *c, text *out, screen to);
void comparison_json(const comparison *c, text *out);

#endif
