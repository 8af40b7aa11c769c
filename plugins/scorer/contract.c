/* contract: what a subscriber is still worth, from the chance that she renews: the shifted beta-geometric model of
 * Fader and Hardie (2007), fitted by maximum likelihood to tenures of which some have ended. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#define DAYS_PER_YEAR 365.25

enum { MOST_PERIODS = 6000 };
enum { PERIOD, DISCOUNT_RATE, HORIZON, SPAN, OBSERVED };
enum { LIFE, OVER_HORIZON };
enum { TENURE, CHURNED, VALUE }; /* columns */
enum { SCORE, RETENTION, SURVIVAL, EXPECTED_PERIODS };

static const char *const spans[] = {"life", "horizon", NULL};
static const tarazu_param params[] = {
    {.name = "period",
     .kind = TARAZU_DURATION,
     .initial = "1 month",
     .least = 1,
     .most = 36525,
     .help = "from one renewal to the next; tenure and horizon count these"},
    {.name = "discount_rate",
     .kind = TARAZU_PROPORTION,
     .initial = "10%",
     .least = 0,
     .most = 10,
     .unit = "a year",
     .help = "what money a year later is worth less"},
    {.name = "horizon",
     .kind = TARAZU_INTEGER,
     .initial = "12",
     .least = 1,
     .most = MOST_PERIODS,
     .unit = "periods",
     .help = "how far survival and expected_periods look"},
    {.name = "span",
     .kind = TARAZU_CHOICE,
     .initial = "life",
     .choices = spans,
     .help = "life: value of all renewals to come; horizon: of those within it"},
    {.name = "observed",
     .kind = TARAZU_INTEGER,
     .optional = 1,
     .least = 1,
     .most = MOST_PERIODS,
     .unit = "periods",
     .help = "those who left are known of this many last periods alone; of all where absent"},
};
static const tarazu_field tenure_fields[] = {
    {.name = "tenure", .type = TARAZU_F64, .help = "periods from the first one to the last renewal, or to leaving"},
};
static const tarazu_field churned_fields[] = {
    {.name = "churned", .type = TARAZU_BOOL, .help = "the customer has left"},
};
static const tarazu_field value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what a period brings; 1 where not bound: value then counts periods"},
};
static const tarazu_input inputs[] = {
    {.name = "tenure",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(tenure_fields),
     .help = "how long, in periods"},
    {.name = "churned", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(churned_fields), .help = "who has left"},
    {.name = "value",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(value_fields),
     .help = "margin or revenue of a period"},
};
static const tarazu_output outputs[] = {
    {.name = "value", .type = TARAZU_F64, .better = 1, .help = "discounted expected worth of the renewals to come"},
    {.name = "retention", .type = TARAZU_F64, .better = 1, .help = "chance of the next renewal"},
    {.name = "survival", .type = TARAZU_F64, .better = 1, .help = "chance to be still there after the horizon"},
    {.name = "expected_periods",
     .type = TARAZU_F64,
     .better = 1,
     .unit = "periods",
     .help = "renewals expected within the horizon"},
};

/* Customers by how many renewals they have come through (stayed) or in which period they left; flat, a state. */
typedef struct tally {
  int64_t unknown;
  int64_t stayed[MOST_PERIODS + 1], left[MOST_PERIODS + 1];
} tally;

typedef enum form {
  UNFITTED,
  BETA_GEOMETRIC, /* each customer's chance to leave is drawn from Beta(alpha, beta) */
  GEOMETRIC       /* all have the same one, theta */
} form;

/* Why a model is what it is. */
typedef enum reason {
  GOOD,
  NOBODY,      /* no customer's tenure is known */
  NOBODY_LEFT, /* retention 1 would be the estimate */
  NOBODY_STAYED,
  ONE_DECISION, /* renewals of one age alone: differences between customers cannot be seen */
  ALIKE,        /* the likelihood rises until all are the same */
  EXTREME,      /* alpha + beta at the lower bound: customers leave at once or never */
  NOT_CONVERGED
} reason;

typedef struct model {
  int64_t form, reason;
  int64_t customers, unknown, losses, decisions, iterations, observed;
  double alpha, beta, alpha_error, beta_error; /* errors: negative where there is none */
  double theta;
  double log_likelihood, geometric_log_likelihood;
  double survival_gap;
} model;

enum { MOST_FACTS = 20 };

typedef struct contract {
  double discount; /* of one period */
  int64_t horizon, span, observed;
  int has_value;
  model model;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
  char verdict[300];
  /* by the renewals that a customer has come through */
  double survival[MOST_PERIODS + 1], expected[MOST_PERIODS + 1], worth[MOST_PERIODS + 1];
} contract;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  contract *c = self;
  double rate = tarazu_arg(args, DISCOUNT_RATE)->real;
  const tarazu_value *observed = tarazu_arg(args, OBSERVED);
  c->discount = pow(1 + rate, -tarazu_arg(args, PERIOD)->real / DAYS_PER_YEAR);
  c->horizon = tarazu_arg(args, HORIZON)->integer;
  c->span = tarazu_arg(args, SPAN)->integer;
  c->observed = observed->given ? observed->integer : MOST_PERIODS;
  c->has_value = tarazu_bound_at(context, VALUE)->type != 0;
  if (c->span == LIFE && !(c->discount < 1 - 1e-9)) {
    error->param = DISCOUNT_RATE;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "a discount rate of %g a year gives the renewals of all time no finite worth: take a higher "
                       "rate, or span: horizon",
                       rate);
  }
  return TARAZU_OK;
}

/* ---- one customer ---- */

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* renewals: -1 where not known. One who has left did so in the period that her tenure ends in, which is at least the
 * first; one who is there has come through as many renewals as whole periods. */
static tarazu_status read_row(const tarazu_batch *batch, int64_t row, int64_t *renewals, int *left, tarazu_error *error)
{
  const tarazu_column *tenures = batch->columns[TENURE], *churned = batch->columns[CHURNED];
  *renewals = -1;
  if (!tarazu_is_valid(tenures, row) || !tarazu_is_valid(churned, row)) return TARAZU_OK;
  double tenure = ((const double *)tenures->values)[row];
  if (!(tenure >= 0 && tenure <= MOST_PERIODS)) {
    error->row = row_number(batch, row);
    return tarazu_fail(error, TARAZU_BAD_DATA, "a tenure of %.10g periods; 0 to %d can be used", tenure, MOST_PERIODS);
  }
  *left = ((const uint8_t *)churned->values)[row] != 0;
  *renewals = (int64_t)(*left ? fmax(ceil(tenure), 1) : floor(tenure));
  return TARAZU_OK;
}

/* ---- learning ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self;
  tally *t = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t renewals;
    int left = 0;
    tarazu_status status = read_row(batch, i, &renewals, &left, error);
    if (status) return status;
    if (renewals < 0) t->unknown++;
    else if (left) t->left[renewals]++;
    else t->stayed[renewals]++;
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  a->unknown += b->unknown;
  for (int i = 0; i <= MOST_PERIODS; i++) {
    a->stayed[i] += b->stayed[i];
    a->left[i] += b->left[i];
  }
  return TARAZU_OK;
}

/* ---- maximum likelihood ---- */

/* By decision: how many customers stood before renewal i + 1, and how many of them left. */
typedef struct ages {
  double faced[MOST_PERIODS], left[MOST_PERIODS];
  int count;
  double losses, decisions;
} ages;

/* Of customers who are known only since they were of some age, earlier renewals say nothing (left truncation). */
static void count_ages(const tally *t, int64_t observed, ages *a)
{
  double faced = 0;
  memset(a, 0, sizeof *a);
  for (int64_t k = MOST_PERIODS; k >= 1; k--) {
    faced += (double)(t->stayed[k] + t->left[k]);
    if (k + observed <= MOST_PERIODS) faced -= (double)(t->stayed[k + observed] + t->left[k + observed]);
    a->faced[k - 1] = faced;
    a->left[k - 1] = (double)t->left[k];
    a->losses += a->left[k - 1];
    a->decisions += faced;
    if (faced > 0 && k > a->count) a->count = (int)k;
  }
}

/* The log-likelihood and its derivatives by m = logit(alpha / (alpha + beta)) and s = ln(alpha + beta), along which it
 * is nearly separable: s alone tells how alike customers are. */
typedef struct curve {
  double value, m, s, mm, ms, ss;
  double aa, ab, bb; /* second derivatives by alpha and beta */
} curve;

/* Who has come through i renewals refuses the next with chance alpha / (alpha + beta + i) (Fader, Hardie 2007, from eq.
 * 7), so the likelihood of B2 and B3 there is a product over all decisions, without a gamma function. */
static curve likelihood(const ages *a, double m, double s)
{
  double total = exp(s), mean = 1 / (1 + exp(-m)), alpha = total * mean, beta = total / (1 + exp(m));
  double da = a->losses / alpha, db = 0;
  curve c = {.value = a->losses * log(alpha), .aa = -a->losses / alpha / alpha};
  for (int i = 0; i < a->count; i++) {
    double n = a->faced[i], stayed = n - a->left[i];
    if (n <= 0) continue;
    if (stayed > 0) c.value += stayed * log(beta + i);
    c.value -= n * log(total + i);
    da -= n / (total + i);
    db += stayed / (beta + i) - n / (total + i);
    double square = n / (total + i) / (total + i);
    c.aa += square;
    c.ab += square;
    c.bb += square - stayed / (beta + i) / (beta + i);
  }
  double g = alpha / (1 + exp(m)); /* d alpha / d m */
  c.m = g * (da - db);
  c.s = alpha * da + beta * db;
  c.mm = g * g * (c.aa - 2 * c.ab + c.bb) + g * (1 - 2 * mean) * (da - db);
  c.ms = g * (alpha * c.aa + (beta - alpha) * c.ab - beta * c.bb) + g * (da - db);
  c.ss = alpha * alpha * c.aa + 2 * alpha * beta * c.ab + beta * beta * c.bb + c.s;
  return c;
}

#define LEAST_S (-9.0) /* alpha + beta of about 1e-4 */
#define MOST_S  16.0   /* of about 9e6 */
#define MOST_M  35.0

typedef struct climb {
  double m, s;
  curve at;
  int iterations, converged;
} climb;

/* Newton's method, damped until each step rises (Levenberg 1944, Marquardt 1963); where s stands at a bound and would
 * leave, m alone moves. Converged: the rise that a full step promises is nothing beside the likelihood's rounding. */
static climb climb_from(const ages *a, double m, double s)
{
  climb c = {.m = m, .s = s, .at = likelihood(a, m, s)};
  double damping = 1e-3;
  for (c.iterations = 0; c.iterations < 300 && damping < 1e18; c.iterations++) {
    int bound = (c.s >= MOST_S && c.at.s > 0) || (c.s <= LEAST_S && c.at.s < 0);
    double mm = fabs(c.at.mm) * damping - c.at.mm, ss = bound ? 1 : fabs(c.at.ss) * damping - c.at.ss;
    double ms = bound ? 0 : -c.at.ms, to_rise_s = bound ? 0 : c.at.s, determinant = mm * ss - ms * ms;
    if (!(mm > 0 && determinant > 0)) {
      damping = damping * 8 + 1e-3;
      continue;
    }
    double step_m = (ss * c.at.m - ms * to_rise_s) / determinant, step_s = (mm * to_rise_s - ms * c.at.m) / determinant;
    double promise = (step_m * c.at.m + step_s * to_rise_s) / 2;
    if (damping <= 1 && promise <= 1e-13 * fabs(c.at.value) + 1e-12) {
      c.converged = 1;
      break;
    }
    double to_m = fmin(fmax(c.m + fmin(fmax(step_m, -3), 3), -MOST_M), MOST_M);
    double to_s = fmin(fmax(c.s + fmin(fmax(step_s, -3), 3), LEAST_S), MOST_S);
    curve next = likelihood(a, to_m, to_s);
    c.converged = 0;
    if (!(next.value >= c.at.value)) {
      damping *= 8;
      c.converged = promise <= 1e-9 * fabs(c.at.value); /* nothing left but rounding, if no step rises any more */
      continue;
    }
    c.m = to_m;
    c.s = to_s;
    c.at = next;
    damping = fmax(damping / 8, 1e-15);
  }
  return c;
}

static int ages_seen(const ages *a)
{
  int seen = 0;
  for (int i = 0; i < a->count; i++) seen += a->faced[i] > 0;
  return seen;
}

/* A rate for all is the limit of the model as alpha and beta grow, and what is fallen back to. */
static void be_geometric(model *m, reason why)
{
  m->form = GEOMETRIC;
  m->reason = why;
  m->alpha = m->beta = 0;
  m->alpha_error = m->beta_error = -1;
  m->log_likelihood = m->geometric_log_likelihood;
}

static void be_beta_geometric(model *m, const climb *best)
{
  double total = exp(best->s);
  m->form = BETA_GEOMETRIC;
  m->reason = best->s <= LEAST_S ? EXTREME : GOOD;
  m->alpha = total / (1 + exp(-best->m));
  m->beta = total / (1 + exp(best->m));
  m->log_likelihood = best->at.value;
  double determinant = best->at.aa * best->at.bb - best->at.ab * best->at.ab;
  if (m->reason != GOOD || !(best->at.aa < 0 && determinant > 0)) return;
  m->alpha_error = sqrt(-best->at.bb / determinant);
  m->beta_error = sqrt(-best->at.aa / determinant);
}

static void estimate(model *m, const ages *a)
{
  static const double starts[] = {-1, 1.5, 5}; /* of s: alpha + beta of 0.4, 4.5, 148 */
  double losses = a->losses, decisions = a->decisions, rate = losses / decisions;
  climb best = {0};
  m->theta = rate;
  m->geometric_log_likelihood = losses * log(rate) + (decisions - losses) * log1p(-rate);
  if (ages_seen(a) < 2) {
    be_geometric(m, ONE_DECISION);
    return;
  }
  for (int i = 0; i < 3; i++) {
    climb c = climb_from(a, log(rate / (1 - rate)), starts[i]);
    m->iterations += c.iterations;
    if (i == 0 || (c.converged && (!best.converged || c.at.value > best.at.value))) best = c;
  }
  if (!best.converged) be_geometric(m, NOT_CONVERGED);
  else if (best.s >= MOST_S) be_geometric(m, ALIKE);
  else be_beta_geometric(m, &best);
}

static double retention(const model *m, int64_t renewals)
{
  return m->form == GEOMETRIC ? 1 - m->theta : (m->beta + (double)renewals) / (m->alpha + m->beta + (double)renewals);
}

/* How far the model's survival curve is from the actual one (Kaplan, Meier 1958), as far as 30 customers are at risk.
 */
static void compare(model *m, const ages *a)
{
  double actual = 1, expected = 1;
  m->survival_gap = 0;
  for (int i = 0; i < a->count && a->faced[i] >= 30; i++) {
    actual *= 1 - a->left[i] / a->faced[i];
    expected *= retention(m, i);
    m->survival_gap = fmax(m->survival_gap, fabs(actual - expected));
  }
}

/* ---- what follows from a model ---- */

/* 2F1(1, b; c; z) as Gauss's continued fraction, by the method of Lentz (Thompson, Barnett 1986); c > b > 0, 0 < z < 1.
 * Its series would need millions of terms where z is nearly 1. */
static double hypergeometric(double b, double c, double z)
{
  double value = 1, numerator = 1, denominator = 0;
  for (int k = 1; k < 1000000; k++) {
    double h = floor(k / 2.0);
    double a = k % 2 ? (b + h) * (c - 1 + h) / ((c + 2 * h - 1) * (c + 2 * h))
                     : h * (c - b + h - 1) / ((c + 2 * h - 2) * (c + 2 * h - 1));
    denominator = 1 / (1 - a * z * denominator);
    numerator = 1 - a * z / numerator;
    value *= numerator * denominator;
    if (fabs(numerator * denominator - 1) < 1e-16) break;
  }
  return 1 / value;
}

/* Worth of all renewals to come, one currency unit each, seen from just before the next (Fader, Hardie 2010):
 *   DERL = (beta + k) / (alpha + beta + k) 2F1(1, beta + k + 1; alpha + beta + k + 1; discount)
 * for the greatest k; the lesser follow by DERL(k) = retention(k) (1 + discount DERL(k + 1)), which loses no digit. */
static double derl(const contract *c, double k)
{
  const model *m = &c->model;
  double r = retention(m, (int64_t)k);
  if (m->form == GEOMETRIC) return r / (1 - c->discount * r);
  return r * hypergeometric(m->beta + k + 1, m->alpha + m->beta + k + 1, c->discount);
}

static void look_ahead(contract *c)
{
  double life = c->span == LIFE ? derl(c, MOST_PERIODS + 1) : 0;
  for (int64_t k = MOST_PERIODS; k >= 0; k--) {
    double alive = 1, periods = 0, worth = 0, weight = 1;
    for (int64_t j = 0; j < c->horizon; j++) {
      alive *= retention(&c->model, k + j);
      periods += alive;
      worth += weight * alive;
      weight *= c->discount;
    }
    c->survival[k] = alive;
    c->expected[k] = periods;
    if (c->span == LIFE) life = retention(&c->model, k) * (1 + c->discount * life);
    c->worth[k] = c->span == LIFE ? life : worth;
  }
}

/* ---- telling ---- */

static tarazu_fact *tell(contract *c, const char *name, double value, double error)
{
  tarazu_fact *fact = &c->facts[c->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = error};
  return fact;
}

static void judge(contract *c)
{
  static const char *const texts[] = {
      [GOOD] = NULL,
      [NOBODY] = "not fitted: no customer's tenure is known and has reached a renewal",
      [NOBODY_LEFT] = "not fitted: nobody has left, so that nothing tells how likely leaving is",
      [NOBODY_STAYED] = "not fitted: nobody has ever renewed",
      [ONE_DECISION] = "one retention rate for all: the renewals are all of one age, which does not show how customers "
                       "differ",
      [ALIKE] = "one retention rate for all: the fit finds no difference between customers (retention does not rise "
                "with tenure)",
      [EXTREME] = "alpha + beta is at its lower bound: customers leave at once or never; values of those who stayed "
                  "are near those of one who never leaves",
      [NOT_CONVERGED] = "one retention rate for all: the shifted beta-geometric fit did not converge",
  };
  const model *m = &c->model;
  tarazu_fact *verdict = tell(c, "verdict", (double)m->form, -1);
  verdict->level = m->form == UNFITTED ? 2 : m->reason != GOOD;
  verdict->text = texts[m->reason];
  if (m->reason != GOOD) return;
  verdict->text = c->verdict;
  verdict->level = m->alpha_error < 0 || m->alpha_error > m->alpha || m->losses < 30 || m->survival_gap > 0.05;
  snprintf(
      c->verdict, sizeof c->verdict,
      "converged: shifted beta-geometric, %lld losses at %lld renewals, survival at most %.3f from the actual one%s",
      (long long)m->losses, (long long)m->decisions, m->survival_gap,
      m->losses < 30              ? "; few losses, wide errors"
      : m->alpha_error < 0        ? "; no standard errors"
      : m->alpha_error > m->alpha ? "; parameters are uncertain"
      : m->survival_gap > 0.05    ? "; fits badly"
                                  : "");
}

static void report(contract *c)
{
  const model *m = &c->model;
  c->fact_count = 0;
  judge(c);
  tell(c, "customers", (double)m->customers, -1);
  if (m->unknown) tell(c, "customers_unknown", (double)m->unknown, -1);
  tell(c, "losses", (double)m->losses, -1);
  tell(c, "renewal_decisions", (double)m->decisions, -1);
  if (m->form == UNFITTED) return;
  tell(c, "log_likelihood", m->log_likelihood, -1);
  tell(c, "log_likelihood_one_rate", m->geometric_log_likelihood, -1);
  tell(c, "largest_survival_gap", m->survival_gap, -1);
  tell(c, "iterations", (double)m->iterations, -1);
  if (m->form == GEOMETRIC) {
    tell(c, "parameter_theta", m->theta, sqrt(m->theta * (1 - m->theta) / (double)m->decisions));
    return;
  }
  tell(c, "parameter_alpha", m->alpha, m->alpha_error);
  tell(c, "parameter_beta", m->beta, m->beta_error);
  tell(c, "mean_churn", m->alpha / (m->alpha + m->beta), -1);
  tell(c, "polarization", 1 / (m->alpha + m->beta + 1), -1);
}

static void settle(contract *c)
{
  if (c->model.form != UNFITTED) look_ahead(c);
  report(c);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again, (void)error;
  contract *c = self;
  const tally *t = state;
  ages a;
  count_ages(t, c->observed, &a);
  c->model = (model){.unknown = t->unknown,
                     .losses = (int64_t)a.losses,
                     .decisions = (int64_t)a.decisions,
                     .observed = c->observed,
                     .alpha_error = -1,
                     .beta_error = -1};
  for (int k = 0; k <= MOST_PERIODS; k++) c->model.customers += t->stayed[k] + t->left[k];
  if (!c->model.decisions) c->model.reason = NOBODY;
  else if (!c->model.losses) c->model.reason = NOBODY_LEFT;
  else if (c->model.losses == c->model.decisions) c->model.reason = NOBODY_STAYED;
  else {
    estimate(&c->model, &a);
    compare(&c->model, &a);
  }
  settle(c);
  return TARAZU_OK;
}

/* ---- saved models ---- */

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const contract *c = self;
  if (!writer->write(writer, &c->model, sizeof c->model))
    return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static int is_sound(const model *m)
{
  if (m->form < UNFITTED || m->form > GEOMETRIC || m->reason < GOOD || m->reason > NOT_CONVERGED) return 0;
  if (m->form == BETA_GEOMETRIC) return m->alpha > 0 && m->beta > 0 && isfinite(m->alpha) && isfinite(m->beta);
  return m->form == UNFITTED || (m->theta > 0 && m->theta < 1);
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  contract *c = self;
  model from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  if (!is_sound(&from)) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  c->model = from;
  settle(c);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static void put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const contract *c = self;
  const tarazu_column *values = c->has_value ? batch->columns[VALUE] : NULL;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t k;
    int left = 0;
    tarazu_status status = read_row(batch, i, &k, &left, error);
    if (status) return status;
    int known = k >= 0 && (left || c->model.form != UNFITTED), there = known && !left;
    int paying = !values || tarazu_is_valid(values, i);
    double worth = there && paying ? c->worth[k] * (values ? ((const double *)values->values)[i] : 1) : 0;
    if (!isfinite(worth)) {
      error->row = row_number(batch, i);
      return tarazu_fail(error, TARAZU_NUMERIC, "the value of the renewals to come is beyond what a double holds");
    }
    put(results[SCORE], i, known && (left || paying), worth);
    put(results[RETENTION], i, known, there ? retention(&c->model, k) : 0);
    put(results[SURVIVAL], i, known, there ? c->survival[k] : 0);
    put(results[EXPECTED_PERIODS], i, known, there ? c->expected[k] : 0);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const contract *c = self;
  return (tarazu_list){c->facts, c->fact_count, sizeof c->facts[0]};
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const contract *c = self;
  char line[300];
  int64_t k;
  int left = 0, length;
  tarazu_status status = read_row(row, 0, &k, &left, error);
  if (status) return status;
  if (k < 0) length = snprintf(line, sizeof line, "tenure or whether the contract has ended is not known\n");
  else if (left) length = snprintf(line, sizeof line, "left in period %lld: worth nothing more\n", (long long)k);
  else if (c->model.form == UNFITTED) length = snprintf(line, sizeof line, "the model could not be fitted\n");
  else
    length =
        snprintf(line, sizeof line,
                 "came through %lld renewals; renews the next with %.1f %%, is there after %lld with %.1f %%; "
                 "%.4g periods' worth to come\n",
                 (long long)k, 100 * retention(&c->model, k), (long long)c->horizon, 100 * c->survival[k], c->worth[k]);
  if (!writer->write(writer, line, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "contract",
    .version = "1.0",
    .summary = "retention and residual lifetime value of subscribers (shifted beta-geometric)",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(contract),
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
    .name = "contract",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
