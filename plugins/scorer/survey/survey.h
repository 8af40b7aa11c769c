/* What the files of the survey scorer share: its parameters, what it learns of all customers, what one of them said. */
#ifndef SURVEY_H
#define SURVEY_H

#include <tarazu/plugin.h>

#include "../../shared/facts.h"
#include "../../shared/names.h"
#include "reliability.h"

#define MICROSECONDS_PER_DAY 86400e6

enum { KIND, LEAST, MOST, HALF_LIFE, SHRINKAGE, REVERSED, SCALE, CREDIBILITY, GROUP_SHRINKAGE };
enum { NPS, CSAT, LIKERT };
enum { GIVEN, ESTIMATED };
enum { ONE_ANSWER, TIME, ANSWER, ITEM, INVITED, PEER_GROUP, FIRST_ITEM }; /* columns */
enum { FROM_ONE, FROM_EVENTS, FROM_COLUMNS };

/* Covariances of all pairs of items are kept for each respondent: their number is squared. */
enum { MOST_ITEMS = 200, GROUPS_TOLD = 50 };

/* What all answers of the population come to. y is an answer's worth, m a customer's mean of it; flat, as it is
 * saved. within_squares: of the answers around each customer's plain mean, with within_freedom degrees of freedom. */
typedef struct tally {
  int64_t customers, responders, answers, promoters, detractors;
  double y_sum, y_squares, m_sum, m_squares;
  double within_squares, within_freedom;
  int64_t asked_customers, asked_responders;
  int64_t silent;                    /* rows of a question without an answer */
  int64_t without_item, other_items; /* answers to no item, and to one that is not of the scale */
} tally;

/* The same of a group of customers, with what the variance between them is estimated from: n answers of plain mean m
 * (counted from the scale's middle); totals of those who answered every item. */
typedef struct group_tally {
  int64_t responders, answers, promoters, detractors, complete;
  double y_sum, y_squares, m_sum;
  double n, n_squares, nm, nm_squares;
  double total, total_squares;
} group_tally;

typedef struct survey {
  const tarazu_args *args;
  const tarazu_context *context;
  int64_t kind;
  double least, most;
  double half_life; /* days; 0: every answer counts fully */
  double shrinkage;
  double group_shrinkage;
  int64_t as_of;
  int estimated, from, has_items, has_invitations, has_groups;
  /* Learned: */
  int fitted;
  tally tally;
  name_table items; /* none where there is one question */
  uint8_t *reversed;
  item_sums sums;
  name_table groups;
  group_tally *of_group; /* groups.count + 1, the last of customers without a group */
  /* Derived of these: */
  double mean;     /* of the responders' means */
  double strength; /* k; infinity: nothing sets customers apart */
  fact_list facts;
} survey;

/* What one customer said to one item: weights are 2^(-age / half_life), age from her last answer to it. */
typedef struct voice {
  int64_t answers, last_time;
  double sum, weight, latest;
} voice;

/* What one customer answered. */
typedef struct told {
  int64_t answers, promoters, detractors, asked, silent, without_item, other_items;
  double y_sum, y_squares; /* every answer counting fully */
  double within_squares;
  double mean;   /* by recency, of the items' means */
  double weight; /* in whole questionnaires: sum of 2^(-age / half_life), age from as_of, over the number of items */
  int complete;
} told;

/* A call's own room to listen in. */
typedef struct hearing {
  name_lookup items;
  name_lookup groups;
  voice *voices; /* one an item */
} hearing;

/* Whether the data say who was asked: by invitations, or by rows without an answer. A table of answers alone does not.
 */
static inline int knows_asked(const survey *s)
{
  return s->has_invitations || s->tally.silent > 0;
}

static inline int64_t question_count(const survey *s)
{
  return s->has_items ? (int64_t)s->items.count : 1;
}

extern const char *const survey_kinds[];

/* listen.c */
int hearing_begin(hearing *h, const survey *s, const tarazu_batch *batch); /* 0: no memory */
void hearing_end(hearing *h);
tarazu_status listen(const survey *s, hearing *h, const tarazu_batch *batch, int64_t row, told *t, tarazu_error *error);
uint32_t group_of(const survey *s, hearing *h, const tarazu_batch *batch, int64_t row);  /* groups.count: none */
int counted_item(const survey *s, hearing *h, const tarazu_batch *batch, int64_t event); /* -1: does not count */
double pull_target(const survey *s, uint32_t group);
double shrunk(const survey *s, const told *t, uint32_t group);

/* learn.c */
tarazu_status survey_fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error);
tarazu_status survey_save(const void *self, const tarazu_writer *writer, tarazu_error *error);
tarazu_status survey_load(void *self, const void *bytes, size_t count, tarazu_error *error);
void survey_forget(survey *s);

/* report.c */
tarazu_status settle(survey *s, tarazu_error *error);

#endif
