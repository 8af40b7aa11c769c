/* loyalty: behavioural loyalty out of the times of a customer's orders alone: for how long she has been buying, how
 * regularly, how evenly, and for how long still, if she is still there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#include "../shared/distributions.h"
#include "../shared/scoring.h"

enum {
  PERIOD,
  SHRINKAGE,
  DROPOUT,
  HALF_TENURE,
  TENURE_WEIGHT,
  REGULARITY_WEIGHT,
  EVENNESS_WEIGHT,
  COMMITMENT_WEIGHT,
  CLUMPINESS_WINDOW,
  SIGNIFICANCE,
  DRAWS
};
enum { TIME };                                                                                          /* columns */
enum { LOYALTY, TENURE, REGULARITY, INTERVAL, CLUMPINESS, CLUMPY, STILL_THERE, COMMITMENT, OCCASIONS }; /* outputs */
enum { PARTS = 4 }; /* of the score, in the order of their weights */
enum { LONGEST_WINDOW = 3660, LONGEST_RUN = 1024 };

/* The shape of intervals is sought between these. */
static const double least_k = 0.05, most_k = 100;
/* Periods gone through for critical values: above, simulating takes more than some ten seconds. */
static const double most_drawn = 2e9;

static const tarazu_param params[] = {
    {.name = "period",
     .kind = TARAZU_DURATION,
     .initial = "1 day",
     .least = 0.125,
     .most = 366,
     .help = "orders of one such period, counted back from as_of, are one occasion; intervals count periods"},
    {.name = "shrinkage",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0,
     .most = 1e6,
     .unit = "intervals",
     .help = "as many intervals like everybody's are added to each customer's own"},
    {.name = "dropout",
     .kind = TARAZU_PROPORTION,
     .initial = "10%",
     .least = 0,
     .most = 0.99,
     .help = "the chance that a customer never returns after an order, before her silence tells more"},
    {.name = "half_tenure",
     .kind = TARAZU_DURATION,
     .initial = "1 year",
     .least = 1,
     .most = 36525,
     .help = "a tenure or commitment this long is worth half of the most that it can be worth"},
    {.name = "tenure_weight",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .help = "of tenure in the score"},
    {.name = "regularity_weight",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .help = "of regularity in the score"},
    {.name = "evenness_weight",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .help = "of evenness, 1 less clumpiness, in the score"},
    {.name = "commitment_weight",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .help = "of commitment in the score"},
    {.name = "clumpiness_window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "clumpiness is of the occasions of this long before as_of; where absent, of those after the first one"},
    {.name = "significance",
     .kind = TARAZU_PROPORTION,
     .initial = "5%",
     .least = 0.001,
     .most = 0.5,
     .help = "clumpy: more so than this share of random histories; known with clumpiness_window alone"},
    {.name = "draws",
     .kind = TARAZU_INTEGER,
     .initial = "999",
     .least = 99,
     .most = 99999,
     .help = "random histories drawn for each number of occasions"},
};
static const tarazu_field order_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the order was placed"},
};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "what the customer bought"},
};
static const tarazu_output outputs[] = {
    {.name = "loyalty", .type = TARAZU_F64, .better = 1, .help = "weighted mean of the four parts, from 0 to 1"},
    {.name = "tenure", .type = TARAZU_F64, .better = 1, .unit = "days", .help = "from the first order to the last"},
    {.name = "regularity",
     .type = TARAZU_F64,
     .better = 1,
     .help = "shape k of the intervals between orders: 1 random, more regular, less in bursts"},
    {.name = "interval", .type = TARAZU_F64, .unit = "days", .help = "mean interval, shrunk toward everybody's"},
    {.name = "clumpiness", .type = TARAZU_F64, .better = -1, .help = "from 0, evenly spread, to 1, all at once"},
    {.name = "clumpy", .type = TARAZU_BOOL, .better = -1, .help = "1: clumpier than random buying would be"},
    {.name = "still_there", .type = TARAZU_F64, .better = 1, .help = "the chance that she has not left"},
    {.name = "commitment",
     .type = TARAZU_F64,
     .better = 1,
     .unit = "days",
     .help = "from the first order to as_of, times the chance that she has not left"},
    {.name = "occasions", .type = TARAZU_I64, .better = 1, .help = "periods with an order"},
};

/* What all customers come to; flat, as it is a state. */
typedef struct tally {
  int64_t customers, buyers, orders, occasions, repeaters;
  double mean_sum;                  /* of the repeaters' mean intervals, in periods */
  int64_t runs[LONGEST_RUN + 1];    /* how many runs there are of so many intervals */
  double log_sum;                   /* of the logarithms of intervals as shares of their run's sum */
  int64_t pairs;                    /* customers with two intervals; M: their last over the sum of their last two */
  double pair_sum, pair_squares;    /* of M - 1/2 */
  uint8_t seen[LONGEST_WINDOW + 1]; /* 1: somebody has so many occasions in the window */
} tally;

typedef struct model {
  int64_t window; /* periods; 0: none */
  double period;
  int64_t buyers, orders, occasions, repeaters;
  double k, k_error;                   /* shape of everybody's intervals; error below 0: unknown */
  double interval;                     /* mean of the repeaters' means, in periods; 0: nobody has one */
  double wheat_morrison;               /* the same by moments; below 0: unknown */
  double critical[LONGEST_WINDOW + 1]; /* clumpiness by number of occasions; below 0: not drawn */
} model;

enum { MOST_FACTS = 8 };

typedef struct loyalty {
  const tarazu_host *host;
  int64_t as_of;
  double period; /* days */
  double shrinkage, dropout, half_tenure;
  double weights[PARTS];
  int64_t window; /* periods; 0: none */
  double significance;
  int64_t draws;
  model model;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} loyalty;

/* ---- creation ---- */

static tarazu_status check_window(loyalty *l, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *window = tarazu_arg(args, CLUMPINESS_WINDOW);
  if (!window->given) return TARAZU_OK;
  double periods = round(window->real / l->period);
  error->param = CLUMPINESS_WINDOW;
  if (periods < 1 || periods > LONGEST_WINDOW)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "clumpiness_window is of %.10g periods of %.4g days: it must be of 1 to %d", periods, l->period,
                       LONGEST_WINDOW);
  error->param = DRAWS;
  if (l->significance * (double)(l->draws + 1) < 1)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "%lld draws cannot tell a significance of %g: that takes %.0f or more", (long long)l->draws,
                       l->significance, ceil(1 / l->significance - 1));
  error->param = -1;
  l->window = (int64_t)periods;
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  loyalty *l = self;
  double sum = 0;
  l->host = context->host;
  l->as_of = context->as_of;
  l->period = tarazu_arg(args, PERIOD)->real;
  l->shrinkage = tarazu_arg(args, SHRINKAGE)->real;
  l->dropout = tarazu_arg(args, DROPOUT)->real;
  l->half_tenure = tarazu_arg(args, HALF_TENURE)->real;
  l->significance = tarazu_arg(args, SIGNIFICANCE)->real;
  l->draws = tarazu_arg(args, DRAWS)->integer;
  for (uint32_t i = 0; i < PARTS; i++) sum += l->weights[i] = tarazu_arg(args, TENURE_WEIGHT + i)->real;
  if (!(sum > 0)) {
    error->param = TENURE_WEIGHT;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "all four weights are 0: nothing is left to score by");
  }
  return check_window(l, args, error);
}

/* ---- one customer ---- */

/* Her occasions, in periods back from as_of; an interval lies between two that follow one another. */
typedef struct history {
  int64_t orders, occasions;
  int64_t first, last;             /* periods ago */
  int64_t intervals;               /* occasions - 1 */
  double log_sum;                  /* of the intervals' logarithms */
  double x_log_x;                  /* sum of x log x, x an interval in periods */
  int64_t last_two[2];             /* the last interval and the one before it */
  int64_t in_window, window_first; /* occasions in the window, the first of them */
  double window_x_log_x;
} history;

/* For learning: the intervals as runs. NULL: not wanted. */
typedef struct run {
  tally *to;
  int64_t count, sum;
  double log_sum;
} run;

/* Runs are conditioned on their own sum each, see learn. */
static void close_run(run *r)
{
  if (r->count > 1) {
    r->to->runs[r->count]++;
    r->to->log_sum += r->log_sum - (double)r->count * log((double)r->sum);
  }
  *r = (run){.to = r->to};
}

static void add_interval(history *h, int64_t x, int in_window, run *r)
{
  double log_x = x > 1 ? log((double)x) : 0;
  h->intervals++;
  h->log_sum += log_x;
  h->x_log_x += (double)x * log_x;
  if (in_window) h->window_x_log_x += (double)x * log_x;
  h->last_two[1] = h->last_two[0];
  h->last_two[0] = x;
  if (!r) return;
  r->count++;
  r->sum += x;
  r->log_sum += log_x;
  if (r->count == LONGEST_RUN) close_run(r);
}

/* An order of age 0 is in period 0, one of (0, 1] periods in period 1: days of the profile's time zone where as_of is
 * a date. The window is of the periods 0 to window - 1. */
static history recall(const loyalty *l, const tarazu_batch *batch, int64_t row, run *r)
{
  const tarazu_column *time = batch->columns[TIME];
  history h = {0};
  for (int64_t i = time->offsets[row]; i < time->offsets[row + 1]; i++) {
    double ago = ceil(scoring_age(time, i, l->as_of) / l->period);
    if (!tarazu_is_valid(time, i) || ago < 0) continue;
    int64_t now = (int64_t)ago;
    h.orders++;
    if (h.occasions && now == h.last) continue;
    if (h.occasions) add_interval(&h, h.last - now, h.last < l->window, r);
    else h.first = now;
    if (now < l->window && !h.in_window++) h.window_first = now;
    h.last = now;
    h.occasions++;
  }
  if (r) close_run(r);
  return h;
}

/* Zhang, Bradlow and Small (2013, 2015): Hp = 1 + sum of log(x_i) x_i / log(n + 1) over n + 1 shares x_i of N + 1
 * periods: before the first of n occasions, between them, and from the last to the period after the N-th. */
static double clumpiness(double gaps_x_log_x, double first_gap, double last_gap, double all, double n)
{
  double sum = gaps_x_log_x + last_gap * log(last_gap) + (first_gap > 0 ? first_gap * log(first_gap) : 0);
  return fmin(fmax(1 + (sum / all - log(all)) / log(n + 1), 0), 1);
}

/* NAN: no occasion to tell it by. */
static double clumpiness_of(const loyalty *l, const history *h)
{
  double last_gap = (double)h->last + 1;
  if (l->window && h->in_window)
    return clumpiness(h->window_x_log_x, (double)(l->window - h->window_first), last_gap, (double)l->window + 1,
                      (double)h->in_window);
  if (!l->window && h->intervals)
    return clumpiness(h->x_log_x, 0, last_gap, (double)h->first + 1, (double)h->intervals);
  return (double)NAN;
}

/* ---- regularity ---- */

/* What n intervals of gamma shape k, as shares of their sum, have for a mean of the sum of their logarithms: of a
 * Dirichlet distribution n (digamma(k) - digamma(n k)). slope: its derivative by k. */
static double expected_logs(double n, double k, double *slope)
{
  *slope += n * (trigamma_of(k) - n * trigamma_of(n * k));
  return n * (digamma_of(k) - digamma_of(n * k));
}

/* Excess of the observed logarithms over those expected at k; it falls as k rises. */
typedef double (*excess_of)(const void *about, double k, double *slope);

/* Its zero between least_k and most_k: Newton's steps in log k within a bisection. */
static double solve(excess_of excess, const void *about, double start)
{
  double low = log(least_k), high = log(most_k), y = log(start), slope = 0;
  if (excess(about, least_k, &slope) <= 0) return least_k;
  if (excess(about, most_k, &slope) >= 0) return most_k;
  for (int i = 0; i < 200 && high - low > 1e-14; i++) {
    double k = exp(y), miss;
    slope = 0;
    miss = excess(about, k, &slope);
    if (miss > 0) low = y;
    else high = y;
    double next = y - miss / (slope * k);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (fabs(next - y) < 1e-13) break;
    y = next;
  }
  return exp(y);
}

static double everybodys_excess(const void *about, double k, double *slope)
{
  const tally *a = about;
  double expected = 0, rise = 0;
  for (int n = 2; n <= LONGEST_RUN; n++) {
    double one_rise = 0;
    if (!a->runs[n]) continue;
    expected += (double)a->runs[n] * expected_logs(n, k, &one_rise);
    rise += (double)a->runs[n] * one_rise;
  }
  *slope -= rise;
  return a->log_sum - expected;
}

typedef struct one {
  double intervals, logs;  /* her own */
  double pseudo, expected; /* those added and what their logarithms are */
} one;

static double ones_excess(const void *about, double k, double *slope)
{
  const one *o = about;
  double rise = 0, expected = 0;
  if (o->intervals > 1) expected += expected_logs(o->intervals, k, &rise);
  if (o->pseudo > 1) expected += expected_logs(o->pseudo, k, &rise);
  *slope -= rise;
  return o->logs + o->expected - expected;
}

/* Maximum likelihood of the shape given the sum of the intervals, whose distribution is free of the rate, with
 * shrinkage + 1 intervals added that look exactly as everybody's. NAN: nothing to tell it by. */
static double shape_of(const loyalty *l, const history *h)
{
  double m = (double)h->intervals, pseudo = l->shrinkage > 0 ? l->shrinkage + 1 : 0, slope = 0;
  if (h->intervals < 2) return pseudo > 0 ? l->model.k : (double)NAN;
  one o = {.intervals = m,
           .logs = h->log_sum - m * log((double)(h->first - h->last)),
           .pseudo = pseudo,
           .expected = pseudo > 0 ? expected_logs(pseudo, l->model.k, &slope) : 0};
  return solve(ones_excess, &o, l->model.k);
}

/* ---- the parts ---- */

typedef struct portrait {
  double tenure, k, interval, clumpiness, still_there, commitment; /* NAN: not known */
  double score;
} portrait;

/* Reutterer, Platzer and Schroeder (2021), of one customer whose rate, shape k and chance p to leave after an order are
 * known: (1 - p) Q / ((1 - p) Q + p), where Q is the chance that one who stays is silent for so long. */
static double still_there(double p, double k, double silence, double interval)
{
  if (p <= 0) return 1;
  double stays = (1 - p) * gamma_above(k, k * silence / interval);
  return stays / (stays + p);
}

static double saturate(double days, double half)
{
  return 1 - exp2(-days / half);
}

/* Burstiness (Goh, Barabasi 2008) is B = (s - m) / (s + m) of mean m and deviation s, here s / m = 1 / sqrt(k); the
 * part is (1 - B) / 2. */
static double part_of_shape(double k)
{
  return sqrt(k) / (1 + sqrt(k));
}

static portrait draw_up(const loyalty *l, const history *h)
{
  portrait p = {.k = shape_of(l, h), .clumpiness = clumpiness_of(l, h)};
  double m = (double)h->intervals, kappa = l->model.interval > 0 ? l->shrinkage : 0;
  double interval = m + kappa > 0 ? ((double)(h->first - h->last) + kappa * l->model.interval) / (m + kappa) : NAN;
  p.tenure = (double)(h->first - h->last) * l->period;
  p.interval = interval * l->period;
  p.still_there =
      isnan(interval) ? (double)NAN : still_there(l->dropout, isnan(p.k) ? l->model.k : p.k, (double)h->last, interval);
  p.commitment = (double)h->first * l->period * p.still_there;
  const double parts[PARTS] = {saturate(p.tenure, l->half_tenure), part_of_shape(p.k), 1 - p.clumpiness,
                               saturate(p.commitment, l->half_tenure)};
  double sum = 0, weights = 0;
  for (int i = 0; i < PARTS; i++) {
    if (isnan(parts[i])) continue;
    sum += l->weights[i] * parts[i];
    weights += l->weights[i];
  }
  p.score = weights > 0 ? sum / weights : (double)NAN;
  return p;
}

/* ---- learning ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)error;
  tally *a = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    run r = {.to = a};
    history h = recall(self, batch, i, &r);
    a->customers++;
    a->orders += h.orders;
    a->occasions += h.occasions;
    a->buyers += h.occasions > 0;
    a->seen[h.in_window] = 1;
    if (!h.intervals) continue;
    a->repeaters++;
    a->mean_sum += (double)(h.first - h.last) / (double)h.intervals;
    if (h.intervals < 2) continue;
    double m = (double)h.last_two[0] / (double)(h.last_two[0] + h.last_two[1]) - 0.5;
    a->pairs++;
    a->pair_sum += m;
    a->pair_squares += m * m;
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  a->customers += b->customers;
  a->buyers += b->buyers;
  a->orders += b->orders;
  a->occasions += b->occasions;
  a->repeaters += b->repeaters;
  a->mean_sum += b->mean_sum;
  for (int i = 0; i <= LONGEST_RUN; i++) a->runs[i] += b->runs[i];
  a->log_sum += b->log_sum;
  a->pairs += b->pairs;
  a->pair_sum += b->pair_sum;
  a->pair_squares += b->pair_squares;
  for (int i = 0; i <= LONGEST_WINDOW; i++) a->seen[i] |= b->seen[i];
  return TARAZU_OK;
}

/* Wheat and Morrison (1990): M = x_2 / (x_1 + x_2) of a customer's two last intervals has a Beta(k, k) distribution, so
 * that k = (1 - 4 V) / (8 V) with its variance V. */
static double wheat_morrison(const tally *a)
{
  if (a->pairs < 2) return -1;
  double n = (double)a->pairs, variance = (a->pair_squares - a->pair_sum * a->pair_sum / n) / (n - 1);
  return variance > 1e-12 ? fmax(0, (1 - 4 * variance) / (8 * variance)) : -1;
}

static int by_value(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* Histories drawn for one number of occasions. */
typedef struct drawing {
  loyalty *to;
  int no_memory;
  int64_t count, occasions[LONGEST_WINDOW];
} drawing;

/* splitmix64 (Steele, Lea, Flood 2014), in [0, 1) */
static double next_random(uint64_t *state)
{
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* n of the periods 1 to N, every choice as likely (Knuth's algorithm S), and how clumpy that is. */
static double clumpiness_at_random(int64_t n, int64_t N, uint64_t *state)
{
  double sum = 0, first_gap = 0;
  int64_t last = 0, left = n;
  for (int64_t t = 1; left; t++) {
    if (next_random(state) * (double)(N - t + 1) >= (double)left) continue;
    double gap = (double)(t - last);
    if (last) sum += gap * log(gap);
    else first_gap = gap;
    last = t;
    left--;
  }
  return clumpiness(sum, first_gap, (double)(N + 1 - last), (double)N + 1, (double)n);
}

static void draw(void *argument, int64_t index)
{
  drawing *d = argument;
  loyalty *l = d->to;
  int64_t n = d->occasions[index];
  double *drawn = malloc((size_t)l->draws * sizeof *drawn);
  if (!drawn) {
    __atomic_store_n(&d->no_memory, 1, __ATOMIC_RELAXED);
    return;
  }
  uint64_t state = (uint64_t)(l->host->uniform(l->host, -n, 0) * 0x1p53);
  for (int64_t i = 0; i < l->draws; i++) drawn[i] = clumpiness_at_random(n, l->window, &state);
  qsort(drawn, (size_t)l->draws, sizeof *drawn, by_value);
  /* As many as significance x (draws + 1), one's own counted, may reach it: the rank of a Monte Carlo test. */
  int64_t above = (int64_t)floor(l->significance * (double)(l->draws + 1) * (1 + 1e-12));
  l->model.critical[n] = drawn[l->draws - above];
  free(drawn);
}

static tarazu_status simulate(loyalty *l, const tally *a, tarazu_error *error)
{
  drawing d = {.to = l};
  for (int i = 0; i <= LONGEST_WINDOW; i++) l->model.critical[i] = -1;
  if (!l->window) return TARAZU_OK;
  for (int i = 1; i <= LONGEST_WINDOW; i++)
    if (a->seen[i]) d.occasions[d.count++] = i;
  double drawn = (double)d.count * (double)l->draws * (double)l->window;
  if (drawn > most_drawn) {
    error->param = DRAWS;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "%lld draws of %lld periods for %lld numbers of occasions are %.3g steps, more than %.3g: give "
                       "fewer draws, a shorter clumpiness_window or a longer period",
                       (long long)l->draws, (long long)l->window, (long long)d.count, drawn, most_drawn);
  }
  l->host->parallel(l->host, d.count, draw, &d);
  return d.no_memory ? tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld draws", (long long)l->draws)
                     : TARAZU_OK;
}

static tarazu_fact *tell(loyalty *l, const char *name, double value)
{
  tarazu_fact *fact = &l->facts[l->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

static void report(loyalty *l)
{
  const model *m = &l->model;
  l->fact_count = 0;
  tarazu_fact *buyers = tell(l, "buyers", (double)m->buyers);
  if (!m->buyers) {
    buyers->text = "nobody has ordered";
    buyers->level = 1;
    return;
  }
  tell(l, "occasions", (double)m->occasions);
  tell(l, "orders_of_the_same_period", (double)(m->orders - m->occasions));
  tarazu_fact *repeaters = tell(l, "repeat_buyers", (double)m->repeaters);
  if (!m->repeaters) {
    repeaters->text = "nobody has ordered twice: there is no interval to tell regularity by";
    repeaters->level = 1;
    return;
  }
  tell(l, "pooled_interval", m->interval * l->period);
  tarazu_fact *k = tell(l, "pooled_regularity", m->k);
  k->error = m->k_error;
  if (m->k_error < 0) {
    k->text = m->k <= least_k || m->k >= most_k
                  ? "at the end of what is sought: all intervals are alike, or hardly any two are"
                  : "nobody has two intervals: taken as random";
    k->level = 1;
  }
  if (m->wheat_morrison >= 0) tell(l, "wheat_morrison", m->wheat_morrison);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again;
  loyalty *l = self;
  const tally *a = state;
  model *m = &l->model;
  double slope = 0;
  *m = (model){.window = l->window,
               .period = l->period,
               .buyers = a->buyers,
               .orders = a->orders,
               .occasions = a->occasions,
               .repeaters = a->repeaters,
               .k = 1,
               .k_error = -1,
               .interval = a->repeaters ? a->mean_sum / (double)a->repeaters : 0,
               .wheat_morrison = wheat_morrison(a)};
  if (a->pairs) {
    m->k = solve(everybodys_excess, a, 1);
    everybodys_excess(a, m->k, &slope);
    if (m->k > least_k && m->k < most_k && slope < 0) m->k_error = sqrt(-1 / slope);
  }
  report(l);
  return simulate(l, a, error);
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const loyalty *l = self;
  return scoring_write(writer, &l->model, sizeof l->model, error);
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  loyalty *l = self;
  model from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  if (!(from.k >= least_k && from.k <= most_k) || !(from.interval >= 0 && isfinite(from.interval)))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  if (from.window != l->window || from.period != l->period)
    return tarazu_fail(
        error, TARAZU_BAD_PARAMETER,
        "the saved model is of periods of %g days and a clumpiness_window of %lld of them (0: none), not "
        "of %g and %lld",
        from.period, (long long)from.window, l->period, (long long)l->window);
  l->model = from;
  report(l);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static void put_clumpy(const loyalty *l, tarazu_result *result, int64_t row, const history *h, double clumpiness_is)
{
  double critical = l->model.critical[h->in_window];
  if (!result) return;
  if (l->window && h->in_window && critical >= 0) ((uint8_t *)result->values)[row] = clumpiness_is > critical;
  else tarazu_set_null(result, row);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const loyalty *l = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    history h = recall(l, batch, i, NULL);
    portrait p = {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    if (h.occasions) p = draw_up(l, &h);
    scoring_put(results[LOYALTY], i, !isnan(p.score), p.score);
    scoring_put(results[TENURE], i, !isnan(p.tenure), p.tenure);
    scoring_put(results[REGULARITY], i, !isnan(p.k), p.k);
    scoring_put(results[INTERVAL], i, !isnan(p.interval), p.interval);
    scoring_put(results[CLUMPINESS], i, !isnan(p.clumpiness), p.clumpiness);
    put_clumpy(l, results[CLUMPY], i, &h, p.clumpiness);
    scoring_put(results[STILL_THERE], i, !isnan(p.still_there), p.still_there);
    scoring_put(results[COMMITMENT], i, !isnan(p.commitment), p.commitment);
    scoring_count(results[OCCASIONS], i, h.occasions);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const loyalty *l = self;
  return (tarazu_list){l->facts, l->fact_count, sizeof l->facts[0]};
}

/* ---- explaining ---- */

static const char *manner_of(double k)
{
  return k > 1.5 ? "regularly" : k < 0.67 ? "in bursts" : "about at random";
}

/* 0.814 as "81 %"; the ends are not reached. */
static const char *percent(double chance, char out[40])
{
  if (chance < 0.01) return "below 1 %";
  if (chance > 0.99) return "above 99 %";
  snprintf(out, 40, "%.0f %%", 100 * chance);
  return out;
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const loyalty *l = self;
  history h = recall(l, row, 0, NULL);
  if (!h.occasions) return scoring_say(writer, error, "never ordered");
  portrait p = draw_up(l, &h);
  char chance[40];
  double silence = (double)h.last * l->period;
  tarazu_status status =
      scoring_say(writer, error, "%lld occasion%s over %.4g days, the last %.4g day%s ago", (long long)h.occasions,
                  scoring_plural(h.occasions), p.tenure, silence, silence == 1 ? "" : "s");
  if (!status && h.intervals > 1 && !isnan(p.k))
    status = scoring_say(writer, error, "buys %s: regularity %.3g where all have %.3g (1 is random)", manner_of(p.k),
                         p.k, l->model.k);
  if (!status && !isnan(p.clumpiness))
    status = scoring_say(writer, error, "clumpiness %.3g (0 is evenly spread, 1 all at once)", p.clumpiness);
  if (!status && !isnan(p.still_there))
    status = scoring_say(writer, error, "expected every %.3g days; the chance that she is still there: %s", p.interval,
                         percent(p.still_there, chance));
  return status;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "loyalty",
    .version = "1.0",
    .summary = "how long, how regularly and how evenly a customer has been buying, and whether she still does",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(loyalty),
    .create = create,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = save,
    .load = load,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "loyalty",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
