/* The facts of a fitted model: what was fitted on what, with which outcome, how well it describes the customers, and a
 * verdict. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clv.h"

const char *choice_name(int32_t number)
{
  static const char *const names[] = {"bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb", "empirical", "auto", "no model"};
  return names[number];
}

/* ---- telling ---- */

TARAZU_PRINTF(2, 3) static tarazu_fact *tell(clv *c, const char *name, ...)
{
  uint32_t at = c->fact_count < MOST_FACTS - 1 ? c->fact_count++ : MOST_FACTS - 1;
  va_list arguments;
  va_start(arguments, name);
  vsnprintf(c->names[at], sizeof c->names[at], name, arguments);
  va_end(arguments);
  c->facts[at] = (tarazu_fact){.name = c->names[at], .error = -1};
  return &c->facts[at];
}

TARAZU_PRINTF(4, 5) static void say(clv *c, tarazu_fact *fact, int32_t level, const char *format, ...)
{
  char *text = c->texts[fact - c->facts];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, MOST_TEXT, format, arguments);
  va_end(arguments);
  fact->text = text;
  fact->level = level;
}

static tarazu_fact *tell_value(clv *c, const char *name, double value)
{
  tarazu_fact *fact = tell(c, "%s", name);
  fact->value = value;
  return fact;
}

/* The Gregorian date of a time, by the algorithm of Hinnant (2013) from days since 0000-03-01. */
static void tell_date(clv *c, const char *name, int64_t time)
{
  int64_t days = time / MICROSECONDS_PER_DAY - (time % MICROSECONDS_PER_DAY < 0);
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
  int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
          shifted = (5 * of_year + 2) / 153;
  int64_t day = of_year - (153 * shifted + 2) / 5 + 1, month = shifted < 10 ? shifted + 3 : shifted - 9;
  tarazu_fact *fact = tell_value(c, name, (double)days);
  say(c, fact, 0, "%04lld-%02lld-%02lld", (long long)(year_of_era + era * 400 + (month <= 2)), (long long)month,
      (long long)day);
}

/* ---- the data ---- */

/* The share of customers from which on what is odd about them is a warning. */
static const double noticeable = 0.01;

static void report_odd_amounts(clv *c, const char *name, double customers, const char *which, const char *effect)
{
  tarazu_fact *fact = tell_value(c, name, customers);
  if (customers > 0)
    say(c, fact, customers > noticeable * c->model.customers,
        "%.0f with %s, which %s; to leave these out, give the table `where: amount > 0`", customers, which, effect);
}

static void report_data(clv *c)
{
  const model *m = &c->model;
  tell_value(c, "customers", m->customers);
  tell_value(c, "repeat_buyers", m->repeaters);
  tell_date(c, "fitted_from", m->first);
  tell_date(c, "fitted_to", m->as_of);
  tell_value(c, "distinct_histories", m->distinct);
  tell_value(c, "orders_merged", m->merged);
  report_odd_amounts(c, "customers_with_returns", m->with_returns, "amounts below 0",
                     "lessen the spend but count as purchases");
  report_odd_amounts(c, "customers_with_free_orders", m->with_free, "amounts of 0, none below", "count as purchases");
}

/* ---- the model of purchases ---- */

/* ln theta known to within a factor of e^4 = 55 either way is not known. */
static const double vague = 2;

static int report_parameter(clv *c, const char *prefix, const char *name, const estimate *e, int k)
{
  tarazu_fact *fact = tell(c, "%sparameter_%s", prefix, name);
  fact->value = e->theta[k];
  if (e->deviation[k] >= 0) fact->error = e->theta[k] * e->deviation[k];
  if (e->at_bound[k])
    say(c, fact, 1, "%s stands at the %s bound of what is looked at: the data do not hold it back", name,
        e->at_bound[k] < 0 ? "lower" : "upper");
  else if (e->deviation[k] > vague) say(c, fact, 1, "the data hardly tell %s", name);
  return fact->level != 0;
}

/* Half the sum of differences: the share of customers whom the model puts into another count. */
static double misfit(const model *m)
{
  double sum = 0;
  for (int n = 0; n <= MOST_COUNTED; n++) sum += fabs(m->actual[n] - m->expected[n]);
  return sum / 2 / m->customers;
}

static void report_counts(clv *c)
{
  const model *m = &c->model;
  for (int n = 0; n <= MOST_COUNTED; n++) {
    const char *more = n == MOST_COUNTED ? "_or_more" : "";
    tell(c, "actual_repeat_%d%s", n, more)->value = m->actual[n];
    tell(c, "expected_repeat_%d%s", n, more)->value = m->expected[n];
  }
}

static const double bad_misfit = 0.1, few_repeaters = 30;

static void report_family(clv *c, tarazu_fact *verdict)
{
  const model *m = &c->model;
  const estimate *e = &m->estimates[m->family];
  const family *of = families[m->family];
  int vague_ones = 0;
  tell_value(c, "log_likelihood", e->log_likelihood);
  say(c, tell_value(c, "converged", 1), 0, "%s after %d evaluations", failure_text(e->failure), (int)e->evaluations);
  for (int k = 0; k < PARAMETERS; k++) vague_ones += report_parameter(c, "", of->parameters[k], e, k);
  report_counts(c);
  double missed = misfit(m);
  tarazu_fact *fact = tell_value(c, "misfit", missed);
  if (missed > bad_misfit)
    say(c, fact, 1, "%.0f%% of the customers have another number of repeat purchases than the model expects",
        100 * missed);
  if (e->unidentified)
    say(c, verdict, 1,
        "%s fits, but its likelihood is flat: parameters cannot be told apart, only their forecasts used", of->name);
  else if (m->repeaters < few_repeaters)
    say(c, verdict, 1, "%s converged, on only %.0f repeat buyers: expect large errors", of->name, m->repeaters);
  else if (missed > bad_misfit)
    say(c, verdict, 1, "%s converged, but describes the numbers of purchases badly: see misfit", of->name);
  else if (vague_ones)
    say(c, verdict, 1, "%s converged; %d of its parameters %s not told by the data", of->name, vague_ones,
        vague_ones == 1 ? "is" : "are");
  else say(c, verdict, 0, "%s converged and describes the numbers of purchases well", of->name);
}

/* What failed on the way here. */
static void report_failures(clv *c)
{
  const model *m = &c->model;
  for (int32_t k = 0; k < FAMILIES; k++) {
    if (!m->tried[k] || !m->estimates[k].failure) continue;
    tarazu_fact *fact = tell(c, "failed_%s", choice_name(k));
    say(c, fact, 1, "%s: %s; %s is used instead", choice_name(k), failure_text(m->estimates[k].failure),
        choice_name(m->family));
  }
}

static void report_choice(clv *c)
{
  const choice *o = &c->model.choice;
  if (!o->made) return;
  tarazu_fact *by = tell_value(c, "auto_holdout", o->holdout);
  if (o->made == 2) {
    say(c, by, 1, "a holdout of %.0f periods tells nothing: chosen by the likelihood of all data", o->holdout);
    for (int32_t k = 0; k < BG_BB; k++)
      if (c->model.tried[k] && !c->model.estimates[k].failure)
        tell(c, "auto_%s", choice_name(k))->value = c->model.estimates[k].log_likelihood / c->model.customers;
    return;
  }
  say(c, by, 0, "chosen by the log-likelihood a customer of the last %.0f periods", o->holdout);
  tell_value(c, "holdout_customers", o->customers);
  tell_value(c, "holdout_purchases", o->purchases);
  for (int32_t k = 0; k < FAMILIES; k++) {
    if (isnan(o->score[k])) {
      say(c, tell(c, "auto_%s", choice_name(k)), 1, "%s", failure_text(o->failure[k]));
      continue;
    }
    tell(c, "auto_%s", choice_name(k))->value = o->score[k];
    tell(c, "predicted_%s", choice_name(k))->value = o->predicted[k];
  }
}

static void report_purchases(clv *c)
{
  const model *m = &c->model;
  tarazu_fact *verdict = tell(c, "verdict"), *used = tell(c, "model");
  say(c, used, 0, "%s", choice_name(m->family));
  report_failures(c);
  report_choice(c);
  if (m->family < FAMILIES) report_family(c, verdict);
  else if (m->family == EMPIRICAL)
    say(c, verdict, m->asked == EMPIRICAL ? 1 : 2,
        "%s: these are averages of the past, which know nothing of customers who have left, and have no interval",
        m->asked == EMPIRICAL ? "no model was asked for" : "no model could be fitted");
  else if (m->purchases > 0)
    say(c, verdict, 2, "no model could be fitted, and none is left to fall back on: there is no value");
  else
    say(c, verdict, 2, "%s: nothing can be said of the future, there is no value",
        m->customers > 0 ? "nobody bought again" : "no customer has an order");
}

/* ---- spend ---- */

static void report_gamma_gamma(clv *c)
{
  static const char *const names[] = {"p", "q", "gamma"};
  const spend_model *s = &c->model.spend;
  tell_value(c, "spend_log_likelihood", s->gamma_gamma.log_likelihood);
  for (int k = 0; k < SPEND_PARAMETERS; k++) report_parameter(c, "spend_", names[k], &s->gamma_gamma, k);
  const double dependent = 0.3;
  tarazu_fact *fact = tell_value(c, "spend_correlation", isnan(s->correlation) ? 0 : s->correlation);
  if (fabs(fact->value) > dependent)
    say(c, fact, 1,
        "who buys more often pays %s at a time, which gamma_gamma assumes not to be so; try spend: empirical",
        fact->value > 0 ? "more" : "less");
}

static void report_spend(clv *c)
{
  const spend_model *s = &c->model.spend;
  if (s->kind == SPEND_NOTHING) return;
  tarazu_fact *fact = tell(c, "spend_model");
  if (s->kind == SPEND_GAMMA_GAMMA || c->asked_spend == SPEND_EMPIRICAL)
    say(c, fact, 0, s->kind == SPEND_GAMMA_GAMMA ? "gamma_gamma" : "empirical");
  else say(c, fact, 1, "gamma_gamma: %s; empirical is used instead", failure_text(s->gamma_gamma.failure));
  tell_value(c, "spend_customers", s->customers);
  tarazu_fact *left_out = tell_value(c, "spend_not_positive", s->not_positive);
  if (s->not_positive > 0)
    say(c, left_out, s->not_positive > noticeable * (s->customers + s->not_positive),
        "%.0f of the repeat buyers paid nothing in sum, or got money back: gamma_gamma is fitted without them",
        s->not_positive);
  if (s->kind == SPEND_GAMMA_GAMMA) {
    report_gamma_gamma(c);
    return;
  }
  if (!isfinite(s->mean) || !isfinite(s->between) || !isfinite(s->within)) {
    say(c, fact, 2, "the amounts are too large for their variance to be a number: there is no value");
    return;
  }
  tell_value(c, "spend_mean", s->mean);
  tell_value(c, "spend_between", s->between);
  tell_value(c, "spend_within", s->within);
}

void report(clv *c)
{
  c->fact_count = 0;
  report_purchases(c);
  report_data(c);
  report_spend(c);
}
