/* The ratings as the methods need them: by who was rated and by who rated, without those that do not count. */
#include "reputation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MICROSECONDS_PER_DAY 86400e6

/* A rating older than this many half-lives counts nothing: 2^-1000 is the last weight that no sum of squares loses. */
#define FORGOTTEN 1000

double rating_unit(const reputation *r, double value)
{
  return (value - r->least) / (r->most - r->least);
}

double rating_signed(const reputation *r, double value)
{
  return 2 * rating_unit(r, value) - 1;
}

void ratings_free(rating_lists *lists)
{
  free(lists->start);
  free(lists->other);
  free(lists->value);
  free(lists->weight);
  *lists = (rating_lists){0};
}

/* 0: no memory. */
static int make_lists(rating_lists *lists, int64_t rows, int64_t count, int weighted)
{
  size_t items = (size_t)count + 1;
  lists->start = calloc((size_t)rows + 1, sizeof *lists->start);
  lists->other = malloc(items * sizeof *lists->other);
  lists->value = malloc(items * sizeof *lists->value);
  lists->weight = weighted ? malloc(items * sizeof *lists->weight) : NULL;
  return lists->start && lists->other && lists->value && (!weighted || lists->weight);
}

static void set_item(rating_lists *lists, int64_t at, int64_t other, double value, double weight)
{
  lists->other[at] = (uint32_t)other;
  lists->value[at] = value;
  if (lists->weight) lists->weight[at] = weight;
}

/* The edges as the host sorted them: by rater, rated, time, rating. */
typedef struct edges {
  int64_t count;
  const int64_t *from, *to, *time; /* time NULL: undated */
  const tarazu_column *times, *values;
} edges;

static edges edges_of(const tarazu_batch *batch)
{
  edges e = {.count = batch->rows};
  if (!e.count) return e;
  e.from = batch->columns[FROM]->values;
  e.to = batch->columns[TO]->values;
  e.times = batch->columns[TIME];
  e.time = e.times ? e.times->values : NULL;
  e.values = batch->columns[RATING];
  return e;
}

/* Whether an edge counts; its value on the scale then. */
static tarazu_status read_value(reputation *r, const edges *e, int64_t edge, int *counts, double *value,
                                tarazu_error *error)
{
  *counts = 0;
  if (e->from[edge] == e->to[edge]) return (void)r->passed.selves++, TARAZU_OK;
  if (!tarazu_is_valid(e->values, edge) || (e->time && !tarazu_is_valid(e->times, edge)))
    return (void)r->passed.missing++, TARAZU_OK;
  *value = ((const double *)e->values->values)[edge];
  *counts = 1;
  if (*value >= r->least && *value <= r->most) return TARAZU_OK;
  r->passed.off_scale++;
  if (r->off_scale == OFF_SCALE_LEAVE_OUT) return (void)(*counts = 0), TARAZU_OK;
  if (r->off_scale == OFF_SCALE_CLAMP && !isnan(*value))
    return (void)(*value = fmin(fmax(*value, r->least), r->most)), TARAZU_OK;
  const char *rated = r->host->customer(r->host, e->to[edge]);
  error->row = e->from[edge];
  return tarazu_fail(
      error, TARAZU_BAD_DATA,
      "a rating of %.10g that this customer gave to %.80s is off the scale from %.10g to %.10g (off_scale "
      "can leave such ratings out or clamp them)",
      *value, rated ? rated : "another", r->least, r->most);
}

/* lambda^age (Josang and Ismail 2002, forgetting) with lambda = 2^(-1 / half_life) a day. In doubles, which hold any
 * two moments' difference. */
static double weight_of(const reputation *r, const edges *e, int64_t edge)
{
  if (!(r->half_life > 0)) return 1;
  double days = ((double)r->as_of - (double)e->time[edge]) / MICROSECONDS_PER_DAY, halves = days / r->half_life;
  return halves > FORGOTTEN ? 0 : exp2(-fmax(halves, 0));
}

static int is_same_moment(const edges *e, int64_t a, int64_t b)
{
  return !e->time || e->time[a] == e->time[b];
}

/* Ratings that one customer gave another, from *edge on: all of them, or the latest as one, which is the mean of those
 * given at the latest moment. */
static tarazu_status read_pair(reputation *r, const edges *e, int64_t *edge, rating_lists *out, int64_t *at,
                               tarazu_error *error)
{
  int64_t first = *edge, last = -1, k = first, moment = 0;
  for (; k < e->count && e->from[k] == e->from[first] && e->to[k] == e->to[first]; k++) {
    int counts;
    double value, weight;
    tarazu_status status = read_value(r, e, k, &counts, &value, error);
    if (status) return status;
    if (!counts) continue;
    weight = weight_of(r, e, k);
    if (!(weight > 0)) {
      r->passed.forgotten++;
      continue;
    }
    if (r->repeated == REPEATED_LATEST && last >= 0 && is_same_moment(e, last, k)) {
      out->value[*at - 1] += (value - out->value[*at - 1]) / (double)++moment;
    } else {
      *at -= r->repeated == REPEATED_LATEST && last >= 0;
      set_item(out, (*at)++, e->to[k], value, weight);
      moment = 1;
    }
    r->passed.repeated += last >= 0;
    last = k;
  }
  *edge = k;
  return TARAZU_OK;
}

/* By who rated, in the order of the edges. */
static tarazu_status read_given(reputation *r, const edges *e, rating_lists *given, tarazu_error *error)
{
  int64_t at = 0, rater = 0, edge = 0;
  while (edge < e->count) {
    for (; rater < e->from[edge]; rater++) given->start[rater + 1] = at;
    tarazu_status status = read_pair(r, e, &edge, given, &at, error);
    if (status) return status;
  }
  for (; rater < r->rows; rater++) given->start[rater + 1] = at;
  return TARAZU_OK;
}

/* The same by who was rated: counted, then placed, so that each customer's stand in the order of their raters. */
static void turn(const reputation *r, const rating_lists *given, rating_lists *received)
{
  int64_t *start = received->start, count = given->start[r->rows];
  for (int64_t k = 0; k < count; k++) start[given->other[k] + 1]++;
  for (int64_t i = 0; i < r->rows; i++) start[i + 1] += start[i];
  for (int64_t i = 0; i < r->rows; i++)
    for (int64_t k = given->start[i]; k < given->start[i + 1]; k++)
      set_item(received, start[given->other[k]]++, i, given->value[k], rating_weight(given, k));
  memmove(start + 1, start, (size_t)r->rows * sizeof *start);
  start[0] = 0;
}

tarazu_status ratings_read(reputation *r, const tarazu_batch *batch, rating_lists *given, tarazu_error *error)
{
  edges e = edges_of(batch);
  int weighted = r->half_life > 0;
  r->passed = (passed_over){0};
  if (r->rows > (int64_t)UINT32_MAX)
    return tarazu_fail(error, TARAZU_BAD_DATA, "%lld customers are more than the 2^32 - 1 that can rate one another",
                       (long long)r->rows);
  if (!make_lists(given, r->rows, e.count, weighted) || !make_lists(&r->received, r->rows, e.count, weighted))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld ratings", (long long)e.count);
  tarazu_status status = read_given(r, &e, given, error);
  if (!status) turn(r, given, &r->received);
  return status;
}

evidence ratings_evidence(const reputation *r, int64_t row)
{
  evidence v = {.count = r->received.start[row + 1] - r->received.start[row]};
  for (int64_t k = r->received.start[row]; k < r->received.start[row + 1]; k++) {
    double weight = rating_weight(&r->received, k), value = r->received.value[k];
    v.weight += weight;
    v.sum += weight * value;
    if (value > r->neutral) v.positive += weight;
  }
  return v;
}
