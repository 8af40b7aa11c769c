/* Judges what a variant made: its list, scores and contributions by what came later, its lists by one another. */
#ifndef TARAZU_EXPERIMENT_JUDGE_H
#define TARAZU_EXPERIMENT_JUDGE_H

#include "experiment/asked.h"
#include "experiment/resample.h"
#include "experiment/stability.h"

/* What a company's variants at one cut-off are judged by. Borrowed; threads may share it. */
typedef struct judge_later {
  const universe *universe;
  const outcome_values *later;  /* NULL: there are no outcomes */
  const outcome_values *beside; /* NULL: nothing is measured beside */
} judge_later;

typedef struct judge_options {
  int64_t samples; /* of the bootstrap; 0: none */
  uint64_t seed;
  pool *threads;    /* NULL: this thread alone */
  atomic_int *stop; /* NULL: nothing stops it */
  double seconds;   /* that the run took */
  double memory;    /* bytes, at most; NAN: not known */
} judge_options;

/* Twenty points of a gains curve: 5 %, 10 %, … of the customers. */
enum { JUDGE_GAINS = 20 };

typedef struct judgement {
  /* By asked measure; of customers resample_length numbers, of the run's cost, and of stability between samples, one;
   * of other stability NULL: judge_stability.
   */
  double **numbers;
  resampling resampling;         /* whose numbers they are; its customers are the universe's */
  calibration_row **calibration; /* by asked measure, CALIBRATION_ROWS; NULL: not of calibration_error */
  gains_point **gains;           /* by asked measure, JUDGE_GAINS; NULL: not of gini or normalized_gini */
} judgement;

/* What a variant's plan lacks of what is asked: a criterion, an output, a dimension; of a session that was checked or
 * ran. later NULL, or its parts: what they have is not looked at. 1, or 0 with problems. */
int judge_check(const asked_measures *asked, tarazu_session *planned, const judge_later *later, problems *problems);

/* Of a session that ran. 1, or 0 with problems. What is made lives in the arena. [any thread, each with another
 * session]
 */
int judge_run(const asked_measures *asked, tarazu_session *ran, const judge_later *by, const judge_options *options,
              arena *arena, problems *problems, judgement *out);

/* The tables of calibration and gains as a JSON object, by measure's name: {"mae of …": {"calibration": […]}, …}. */
void judge_tables_json(const asked_measures *asked, const judgement *of, text *out);

/* A variant's list, best first, as the store keeps it. */
typedef struct kept_list {
  const char *const *keys;
  int64_t count;
  int64_t customers; /* there were */
} kept_list;

/* Of a measure of stability that is not between samples: lists[cut_off * repeats + repeat], cut-offs in the order of
 * time; a list with keys NULL is not there (its variant failed). NAN: fewer than two lists to compare. between has ends
 * for list_stability alone.
 *
 *   turnover                              from each cut-off to the next, mean
 *   overlap, rank_biased_overlap          of repeats, all pairs at a cut-off, mean over cut-offs; where there is one
 *                                         repeat only (or `between: cut_offs`) from each cut-off to the next, mean over
 *                                         repeats
 *   list_stability                        of all repeats at a cut-off, mean over cut-offs; or of all cut-offs
 * 1, or 0: no memory. */
int judge_stability(const asked_measure *measure, const kept_list *lists, uint32_t cut_offs, uint32_t repeats,
                    double level, double *value, interval *between);

#endif
