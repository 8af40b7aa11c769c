/* Methods in which a rating counts by who gave it: EigenTrust, fairness and goodness, REV2. Each is the fixed point of
 * a contraction, so its rounds end when the contraction's bound on what is left is within the tolerance. */
#include "reputation.h"

#include <math.h>
#include <stdlib.h>

/* Rows [rows * task / TASKS, rows * (task + 1) / TASKS) each; what tasks sum is added up in their order, so that
 * threads never show. */
enum { TASKS = 64 };

/* What one task finds; in a cache line of its own, as it is written with every row. */
typedef struct found {
  double sum[2]; /* of EIGENTRUST and REV2 */
  double change; /* the largest */
  double apart[5];
} found;

typedef struct sweep {
  const reputation *r;
  const rating_lists *given;
  void (*row)(struct sweep *sweep, int64_t row, int64_t task);
  double *signed_in, *signed_out; /* the received and the given ratings from -1 to 1 */
  const double *from;             /* the values that a step reads */
  double *to;                     /* and those that it writes */
  const double *other;
  double *means, *weights; /* of REV2 */
  found found[TASKS];
  const double *p;             /* of EIGENTRUST, as the next two */
  const unsigned char *trusts; /* whether a customer trusts anybody */
  double idle;                 /* the trust of those who trust nobody */
} sweep;

static void run_task(void *argument, int64_t task)
{
  sweep *d = argument;
  int64_t rows = d->r->rows, last = rows * (task + 1) / TASKS;
  d->found[task] = (found){0};
  for (int64_t i = rows * task / TASKS; i < last; i++) d->row(d, i, task);
}

static void run_rows(sweep *d, void (*row)(sweep *, int64_t, int64_t))
{
  d->row = row;
  d->r->host->parallel(d->r->host, TASKS, run_task, d);
}

static double sum_of(const sweep *d, int which)
{
  double sum = 0;
  for (int task = 0; task < TASKS; task++) sum += d->found[task].sum[which];
  return sum;
}

static double largest_change(const sweep *d)
{
  double most = 0;
  for (int task = 0; task < TASKS; task++) most = fmax(most, d->found[task].change);
  return most;
}

static void set_value(sweep *d, int64_t row, int64_t task, double value)
{
  d->found[task].change = fmax(d->found[task].change, fabs(value - d->to[row]));
  d->to[row] = value;
}

/* After a round whose largest change was `change`, of a contraction by q, the fixed point is within change / (1 - q).
 * Whether to end: good, or with an error. */
static int is_done(reputation *r, double change, double q, tarazu_status *status, tarazu_error *error)
{
  double left = change / (1 - q);
  r->rounds++;
  r->change = change;
  *status = TARAZU_OK;
  if (left <= r->tolerance) return 1;
  if (r->rounds >= r->iterations) {
    *status =
        tarazu_fail(error, TARAZU_NUMERIC,
                    "not converged in %lld rounds: still off by up to %.3g, where %.3g is asked for (raise iterations "
                    "or tolerance)",
                    (long long)r->rounds, left, r->tolerance);
    return 1;
  }
  if (r->host->progress(r->host, left < 1 ? log(left) / log(r->tolerance) : 0)) return 0;
  *status = tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
  return 1;
}

static tarazu_status no_memory(const reputation *r, tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)r->rows);
}

/* ---- EigenTrust (Kamvar, Schlosser, Garcia-Molina 2003) ---- */

/* p: the pre-trusted by their weights, all alike where no column says; their sum is 1. */
static tarazu_status read_pre_trusted(const reputation *r, const tarazu_column *column, double *p, tarazu_error *error)
{
  double sum = 0;
  for (int64_t i = 0; i < r->rows; i++) {
    p[i] = !column ? 1 : tarazu_is_valid(column, i) ? ((const double *)column->values)[i] : 0;
    if (!(p[i] >= 0 && p[i] <= 1e100)) {
      error->row = i;
      return tarazu_fail(error, TARAZU_BAD_DATA, "a pre-trust of %.10g, where 0 or more (at most 1e100) is expected",
                         p[i]);
    }
    sum += p[i];
  }
  if (r->rows && !(sum > 0))
    return tarazu_fail(error, TARAZU_BAD_DATA,
                       "nobody is pre-trusted: at least one customer needs a pre-trust above 0");
  for (int64_t i = 0; i < r->rows; i++) p[i] /= sum;
  return TARAZU_OK;
}

/* c_ij = max(s_ij, 0) / sum_k max(s_ik, 0), where s_ij is what i's ratings of j are above neutral, summed by weight.
 * Into r->share, at the first of i's ratings among those that j received; the others stay 0. */
static void local_trust(reputation *r, double *given, unsigned char *trusts)
{
  const rating_lists *in = &r->received;
  int64_t count = in->start[r->rows];
  for (int64_t j = 0; j < r->rows; j++)
    for (int64_t k = in->start[j], first; k < in->start[j + 1];) {
      double s = 0;
      for (first = k; k < in->start[j + 1] && in->other[k] == in->other[first]; k++)
        s += rating_weight(in, k) * (in->value[k] - r->neutral);
      r->share[first] = fmax(s, 0);
      given[in->other[first]] += fmax(s, 0);
    }
  for (int64_t k = 0; k < count; k++)
    if (r->share[k] > 0) r->share[k] /= given[in->other[k]];
  for (int64_t i = 0; i < r->rows; i++) trusts[i] = given[i] > 0;
}

static void eigentrust_idle(sweep *d, int64_t i, int64_t task)
{
  if (!d->trusts[i]) d->found[task].sum[0] += d->from[i];
}

/* t = (1 - a) C^T t + a p; the trust of one who trusts nobody goes where p says. */
static void eigentrust_row(sweep *d, int64_t j, int64_t task)
{
  const reputation *r = d->r;
  double a = r->pre_trust, t = 0;
  for (int64_t k = r->received.start[j]; k < r->received.start[j + 1]; k++)
    t += r->share[k] * d->from[r->received.other[k]];
  d->to[j] = (1 - a) * (t + d->idle * d->p[j]) + a * d->p[j];
  d->found[task].sum[0] += d->to[j];
  d->found[task].sum[1] += fabs(d->to[j] - d->from[j]);
}

static tarazu_status eigentrust_rounds(reputation *r, sweep *d, double *t, double *next, tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  for (int done = 0; !done;) {
    d->from = t;
    run_rows(d, eigentrust_idle);
    d->idle = sum_of(d, 0);
    d->to = next;
    run_rows(d, eigentrust_row);
    double sum = sum_of(d, 0); /* 1 but for rounding, which this keeps from adding up */
    for (int64_t i = 0; i < r->rows; i++) t[i] = sum > 0 ? next[i] / sum : next[i];
    done = is_done(r, sum_of(d, 1), 1 - r->pre_trust, &status, error);
  }
  return status;
}

tarazu_status fit_eigentrust(reputation *r, const tarazu_column *pre_trusted, tarazu_error *error)
{
  size_t rows = (size_t)r->rows + 1;
  double *p = calloc(rows, sizeof *p), *next = calloc(rows, sizeof *next);
  unsigned char *trusts = calloc(rows, 1);
  r->share = calloc((size_t)r->received.start[r->rows] + 1, sizeof *r->share);
  tarazu_status status =
      p && next && trusts && r->share ? read_pre_trusted(r, pre_trusted, p, error) : no_memory(r, error);
  if (!status) {
    local_trust(r, next, trusts);
    for (int64_t i = 0; i < r->rows; i++) r->score[i] = p[i];
    sweep d = {.r = r, .p = p, .trusts = trusts};
    status = eigentrust_rounds(r, &d, r->score, next, error);
    int64_t trusted = 0, idle = 0;
    for (int64_t i = 0; i < r->rows; i++) {
      trusted += p[i] > 0;
      idle += !trusts[i];
    }
    reputation_tell(r, "pre_trusted_customers", (double)trusted);
    reputation_tell(r, "customers_who_trust_nobody", (double)idle);
  }
  free(p);
  free(next);
  free(trusts);
  return status;
}

/* ---- what fairness and goodness and REV2 both do ---- */

static double *signed_values(const reputation *r, const rating_lists *lists)
{
  int64_t count = lists->start[r->rows];
  double *values = malloc(((size_t)count + 1) * sizeof *values);
  for (int64_t k = 0; values && k < count; k++) values[k] = rating_signed(r, lists->value[k]);
  return values;
}

/* 0: no memory. */
static int sweep_begin(sweep *d, reputation *r, const rating_lists *given)
{
  *d = (sweep){.r = r, .given = given};
  d->signed_in = signed_values(r, &r->received);
  d->signed_out = signed_values(r, given);
  for (int64_t i = 0; i < r->rows; i++) r->fairness[i] = r->score[i] = 1;
  return d->signed_in && d->signed_out;
}

static void sweep_end(sweep *d)
{
  free(d->signed_in);
  free(d->signed_out);
}

/* Scores of those who were never rated, and fairness of those who never rated. */
static void settle_silent(reputation *r, const rating_lists *given, double goodness)
{
  for (int64_t i = 0; i < r->rows; i++) {
    if (r->received.start[i] == r->received.start[i + 1]) r->score[i] = goodness;
    if (given->start[i] == given->start[i + 1]) r->fairness[i] = NAN;
  }
}

/* ---- fairness and goodness (Kumar, Spezzano, Subrahmanian, Faloutsos 2016) ---- */

/* g(v) = sum over u in in(v) of f(u) W(u, v) / |in(v)|, ratings counting by weight. */
static void goodness_row(sweep *d, int64_t v, int64_t task)
{
  const reputation *r = d->r;
  double sum = 0, weight = 0;
  for (int64_t k = r->received.start[v]; k < r->received.start[v + 1]; k++) {
    double w = rating_weight(&r->received, k);
    sum += w * d->from[r->received.other[k]] * d->signed_in[k];
    weight += w;
  }
  if (weight > 0) set_value(d, v, task, sum / weight);
}

/* f(u) = 1 - sum over v in out(u) of |W(u, v) - g(v)| / R / |out(u)|, R = 2 being the most that they can differ. */
static void fairness_row(sweep *d, int64_t u, int64_t task)
{
  double sum = 0, weight = 0;
  for (int64_t k = d->given->start[u]; k < d->given->start[u + 1]; k++) {
    double w = rating_weight(d->given, k);
    sum += w * fabs(d->signed_out[k] - d->from[d->given->other[k]]) / 2;
    weight += w;
  }
  if (weight > 0) set_value(d, u, task, 1 - sum / weight);
}

static tarazu_status fairness_goodness_rounds(reputation *r, sweep *d, tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  for (int done = 0; !done;) {
    d->from = r->fairness;
    d->to = r->score;
    run_rows(d, goodness_row);
    double change = largest_change(d);
    d->from = r->score;
    d->to = r->fairness;
    run_rows(d, fairness_row);
    done = is_done(r, fmax(change, largest_change(d)), 0.5, &status, error);
  }
  return status;
}

tarazu_status fit_fairness_goodness(reputation *r, const rating_lists *given, tarazu_error *error)
{
  sweep d;
  tarazu_status status = sweep_begin(&d, r, given) ? fairness_goodness_rounds(r, &d, error) : no_memory(r, error);
  settle_silent(r, given, NAN);
  sweep_end(&d);
  return status;
}

/* ---- REV2 (Kumar, Hooi, Makhija, Kumar, Faloutsos, Subrahmanian 2018) ---- */

/* R(u, p) = (gamma1 F(u) + gamma2 (1 - |score(u, p) - G(p)| / 2)) / (gamma1 + gamma2). */
static double reliability(const reputation *r, double F, double G, double score)
{
  return (r->gamma1 * F + r->gamma2 * (1 - fabs(score - G) / 2)) / (r->gamma1 + r->gamma2);
}

/* The part of n ratings beside `prior` assumed ones of the default: F = Z mean + (1 - Z) default. */
static double credence(double n, double prior)
{
  return n / (n + prior);
}

/* The mean over In(p) of R(u, p) score(u, p), and its part in the default of all: see settle_default. */
static void rated_mean(sweep *d, int64_t p, int64_t task)
{
  const reputation *r = d->r;
  double sum = 0, weight = 0;
  for (int64_t k = r->received.start[p]; k < r->received.start[p + 1]; k++) {
    double w = rating_weight(&r->received, k), score = d->signed_in[k];
    sum += w * reliability(r, d->other[r->received.other[k]], d->from[p], score) * score;
    weight += w;
  }
  d->weights[p] = weight;
  if (!(weight > 0)) return;
  double Z = credence(weight, r->beta1);
  d->means[p] = sum / weight;
  d->found[task].sum[0] += Z * d->means[p];
  d->found[task].sum[1] += Z;
}

/* The same over Out(u) of R(u, p). */
static void rater_mean(sweep *d, int64_t u, int64_t task)
{
  const reputation *r = d->r;
  double sum = 0, weight = 0;
  for (int64_t k = d->given->start[u]; k < d->given->start[u + 1]; k++) {
    double w = rating_weight(d->given, k), score = d->signed_out[k];
    sum += w * reliability(r, d->from[u], d->other[d->given->other[k]], score);
    weight += w;
  }
  d->weights[u] = weight;
  if (!(weight > 0)) return;
  double Z = credence(weight, r->alpha1);
  d->means[u] = sum / weight;
  d->found[task].sum[0] += Z * d->means[u];
  d->found[task].sum[1] += Z;
}

/* The default of all is the mean of the very values that it goes into: mu = mean(Z m + (1 - Z) mu), hence
 * mu = sum Z m / sum Z. */
static double settle_default(const sweep *d, double middle)
{
  double all = sum_of(d, 1);
  return d->r->cold_start == COLD_START_MEAN && all > 0 ? sum_of(d, 0) / all : middle;
}

/* value = (n m + prior mu) / (n + prior). Returns the largest change. */
static double settle_values(const sweep *d, double prior, double mu, double *values)
{
  double change = 0;
  for (int64_t i = 0; i < d->r->rows; i++) {
    if (!(d->weights[i] > 0)) continue;
    double Z = credence(d->weights[i], prior), value = Z * d->means[i] + (1 - Z) * mu;
    change = fmax(change, fabs(value - values[i]));
    values[i] = value;
  }
  return change;
}

static tarazu_status rev2_rounds(reputation *r, sweep *d, tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  double q = (r->gamma1 + r->gamma2 / 2) / (r->gamma1 + r->gamma2);
  for (int done = 0; !done;) {
    d->from = r->score;
    d->other = r->fairness;
    run_rows(d, rated_mean);
    r->default_goodness = settle_default(d, 0);
    double change = settle_values(d, r->beta1, r->default_goodness, r->score);
    d->from = r->fairness;
    d->other = r->score;
    run_rows(d, rater_mean);
    r->default_fairness = settle_default(d, 0.5);
    change = fmax(change, settle_values(d, r->alpha1, r->default_fairness, r->fairness));
    done = is_done(r, change, q, &status, error);
  }
  return status;
}

tarazu_status fit_rev2(reputation *r, const rating_lists *given, tarazu_error *error)
{
  sweep d;
  int good = sweep_begin(&d, r, given);
  d.means = calloc((size_t)r->rows + 1, sizeof *d.means);
  d.weights = calloc((size_t)r->rows + 1, sizeof *d.weights);
  tarazu_status status = good && d.means && d.weights ? rev2_rounds(r, &d, error) : no_memory(r, error);
  int anybody = given->start[r->rows] > 0 || r->cold_start == COLD_START_MIDDLE;
  settle_silent(r, given, r->beta1 > 0 && anybody ? r->default_goodness : (double)NAN);
  free(d.means);
  free(d.weights);
  sweep_end(&d);
  return status;
}

/* ---- reasons ---- */

double rating_say(const reputation *r, int64_t row, int64_t item)
{
  const rating_lists *in = &r->received;
  double weight = rating_weight(in, item);
  uint32_t rater = in->other[item];
  switch (r->method) {
  case EIGENTRUST: return r->share[item] * r->score[rater];
  case FAIRNESS_GOODNESS: return weight * r->fairness[rater];
  case REV2: return weight * reliability(r, r->fairness[rater], r->score[row], rating_signed(r, in->value[item]));
  default: return weight;
  }
}
