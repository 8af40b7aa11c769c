/* model: auto. Each family is fitted to the time before a holdout; the one that finds the holdout's purchases most
 * likely, given those before, is chosen. Of many customers each so-manieth is asked. */
#include <math.h>
#include <stdlib.h>

#include "clv.h"

/* Histories of those who had bought by the cut, to the cut and to the end. */
typedef struct halves {
  keyed *before, *whole, *room;
  int64_t count;
  cohort early, full;
} halves;

/* Of events in time order: repeat periods and the last one, up to and with `until`. */
static int64_t read_history(const int64_t *times, int64_t count, double period, int64_t until, int64_t *last)
{
  int64_t x = -1;
  *last = INT64_MIN;
  for (int64_t i = 0; i < count; i++) {
    int64_t number = period_number(period, times[i]);
    if (number > until) break;
    x += number != *last;
    *last = number;
  }
  return x;
}

static void gather(halves *h, const clv *c, const tarazu_batch *customers, const tarazu_column *times, int64_t cut,
                   int64_t end)
{
  const int64_t *values = times->values, enough = 50000;
  for (int64_t i = 0; i < customers->rows; i += 1 + customers->rows / enough) {
    int64_t count = times->offsets[i + 1] - times->offsets[i], last;
    const int64_t *own = values + times->offsets[i];
    int64_t x = count ? read_history(own, count, c->period, cut, &last) : -1;
    if (x < 0) continue;
    int64_t first = period_number(c->period, own[0]);
    h->before[h->count].key = history_key(x, last - first, cut - first);
    x = read_history(own, count, c->period, end, &last);
    h->whole[h->count++].key = history_key(x, last - first, end - first);
  }
}

static int open_halves(halves *h, const clv *c, const tarazu_batch *customers, const tarazu_column *times, int64_t cut,
                       int64_t end)
{
  size_t rows = (size_t)customers->rows + 1;
  h->before = malloc(rows * sizeof *h->before);
  h->whole = malloc(rows * sizeof *h->whole);
  h->room = malloc(rows * sizeof *h->room);
  if (!h->before || !h->whole || !h->room) return 0;
  gather(h, c, customers, times, cut, end);
  return cohort_make(&h->early, sort_keyed(h->before, h->room, h->count), h->count, 1) &&
         cohort_make(&h->full, sort_keyed(h->whole, h->room, h->count), h->count, 1);
}

static void close_halves(halves *h)
{
  free(h->before);
  free(h->whole);
  free(h->room);
  cohort_free(&h->early);
  cohort_free(&h->full);
}

static double predicted(const family *of, const double *theta, const cohort *early, const horizon *ahead)
{
  double sum = 0;
  for (int64_t i = 0; i < early->row_count; i++) {
    const history *h = &early->rows[i];
    future f = of->ahead(theta, h->x, h->t_x, h->T, ahead);
    sum += h->count * f.alive * f.purchases;
  }
  return sum;
}

/* The likelihood of a history is the density of all its purchase times, so that the ratio of the whole one's to the
 * earlier part's is the density of the holdout given that part. BG/BB's is a probability in place of a density a
 * period, which is the same to the first order where purchases are rare. */
static tarazu_status score(clv *c, const halves *h, family_id id, const horizon *ahead)
{
  choice *to = &c->model.choice;
  estimate e;
  tarazu_status status = fit_family(families[id], (sampled){&h->early, &h->early}, c->penalty, c->host, &e);
  to->failure[id] = e.failure;
  if (status || e.failure) return status;
  double before = cohort_log_likelihood(families[id], &h->early, e.theta, c->host);
  double whole = cohort_log_likelihood(families[id], &h->full, e.theta, c->host);
  if (isnan(before) || isnan(whole)) return TARAZU_NO_MEMORY;
  to->score[id] = (whole - before) / to->customers;
  to->predicted[id] = predicted(families[id], e.theta, &h->early, ahead);
  return TARAZU_OK;
}

/* Where nothing is asked for, a third of the longest history. */
static int64_t holdout_periods(const clv *c, int64_t end)
{
  int64_t longest = end - period_number(c->model.period, c->model.first);
  return c->holdout > 0 ? (int64_t)c->holdout : longest / 3;
}

tarazu_status choose(clv *c, const tarazu_batch *customers, const tarazu_column *times)
{
  choice *to = &c->model.choice;
  int64_t end = period_number(c->period, c->as_of), held = holdout_periods(c, end);
  halves h = {0};
  *to = (choice){.made = 2, .holdout = (double)held};
  for (int k = 0; k < FAMILIES; k++) to->score[k] = NAN;
  tarazu_status status = open_halves(&h, c, customers, times, end - held, end) ? TARAZU_OK : TARAZU_NO_MEMORY;
  to->customers = h.early.customers;
  to->purchases = h.full.purchases - h.early.purchases;
  horizon *ahead = malloc(sizeof *ahead);
  if (!ahead) status = TARAZU_NO_MEMORY;
  if (!status && held > 0 && to->purchases > 0) {
    horizon_make(ahead, (double)held, 0);
    for (int k = 0; k < FAMILIES && !status; k++) {
      status = score(c, &h, (family_id)k, ahead);
      if (!isnan(to->score[k])) to->made = 1;
    }
  }
  free(ahead);
  close_halves(&h);
  return status;
}
