/* What follows from the sums: the population's mean, the strength of shrinkage, and the facts, the quality of a scale
 * of several items among them. */
#include <math.h>

#include "survey.h"

#define CONFIDENCE 0.95
#define WITHIN_95  1.959963984540054 /* standard errors on each side of a mean, for 95 % */

/* Below this an instrument is not reliable enough even for early research (Nunnally 1978). */
#define NUNNALLY 0.7

/* ---- strength of shrinkage ---- */

static tarazu_status cannot_estimate(tarazu_error *error, const char *why)
{
  error->param = CREDIBILITY;
  return tarazu_fail(error, TARAZU_NO_RESULT, "%s: how strongly to shrink cannot be estimated; give it as shrinkage",
                     why);
}

static double strength_of(double within, double between)
{
  return between > 0 ? within / between : (double)INFINITY;
}

/* Of one question (Buehlmann, Straub 1970): k = s^2 / a, s^2 = sum over customers i and answers j of (y_ij - m_i)^2
 * / sum of (n_i - 1); a = (sum over groups g of sum over i in g of n_i (m_i - M_g)^2 - (I - G) s^2) / sum over g of
 * (N_g - sum of n_i^2 / N_g), for I customers in G groups. Every answer counts fully here. */
static tarazu_status estimate_by_answers(survey *s, tarazu_error *error)
{
  const tally *t = &s->tally;
  double between = 0, freedom = 0, scale = 0;
  if (!(t->within_freedom > 0)) return cannot_estimate(error, "no customer answered more than once");
  double s2 = t->within_squares / t->within_freedom;
  for (uint32_t i = 0; i <= s->groups.count; i++) {
    const group_tally *g = &s->of_group[i];
    if (!g->responders) continue;
    between += fmax(g->nm_squares - g->nm * g->nm / g->n, 0);
    freedom += (double)(g->responders - 1);
    scale += g->n - g->n_squares / g->n;
  }
  if (!(freedom > 0 && scale > 0)) return cannot_estimate(error, "no two customers to compare answered");
  s->strength = strength_of(s2, (between - freedom * s2) / scale);
  return TARAZU_OK;
}

/* Of a scale (Kelley 1947): a share 1 - alpha of the variance V of complete respondents is error, what is left of the
 * variance within groups V_w is between customers: k = (1 - alpha) V / (V_w - (1 - alpha) V), which is
 * (1 - alpha) / alpha where there are no groups. */
static tarazu_status estimate_by_items(survey *s, tarazu_error *error)
{
  double alpha = cronbach_alpha(&s->sums), squares = 0, freedom = 0;
  if (isnan(alpha)) return cannot_estimate(error, "alpha is not defined");
  for (uint32_t i = 0; i <= s->groups.count; i++) {
    const group_tally *g = &s->of_group[i];
    if (!g->complete) continue;
    squares += fmax(g->total_squares - g->total * g->total / (double)g->complete, 0);
    freedom += (double)(g->complete - 1);
  }
  if (!(freedom > 0)) return cannot_estimate(error, "no two customers of a group answered all items");
  double V = scale_variance(&s->sums), error_variance = fmax(1 - alpha, 0) * V;
  s->strength = strength_of(error_variance, squares / freedom - error_variance);
  return TARAZU_OK;
}

/* ---- facts ---- */

/* A mean with its standard error, sqrt((mean of squares - mean^2) / n): of the net promoter score that is
 * 100 sqrt((p + d - (p - d)^2) / n) for shares p of promoters and d of detractors (Rocks 2016). */
static void tell_mean(survey *s, tarazu_fact *fact, double sum, double squares, int64_t count)
{
  (void)s;
  double n = (double)count, mean = sum / n;
  fact->value = mean;
  if (count > 1) fact->error = sqrt(fmax(squares / n - mean * mean, 0) / n);
}

static void tell_answers(survey *s)
{
  const tally *a = &s->tally;
  fact_list *l = &s->facts;
  fact_add(l, (double)a->answers, "answers");
  tell_mean(s, fact_add(l, 0, "population_mean"), a->m_sum, a->m_squares, a->responders);
  tarazu_fact *mean = fact_add(l, 0, "%s", survey_kinds[s->kind]);
  tell_mean(s, mean, a->y_sum, a->y_squares, a->answers);
  if (mean->error >= 0) fact_add(l, WITHIN_95 * mean->error, "margin_of_error");
  if (s->kind != NPS) return;
  fact_add(l, (double)a->promoters / (double)a->answers, "promoters");
  fact_add(l, (double)a->detractors / (double)a->answers, "detractors");
}

static void tell_asked(survey *s)
{
  const tally *a = &s->tally;
  fact_list *l = &s->facts;
  if (knows_asked(s) && a->asked_customers) {
    fact_add(l, (double)a->asked_customers, "asked_customers");
    fact_add(l, (double)a->asked_responders / (double)a->asked_customers, "response_rate_of_asked");
  }
  if (a->without_item) fact_add(l, (double)a->without_item, "answers_without_item")->level = 1;
  if (a->other_items) fact_add(l, (double)a->other_items, "answers_to_other_items");
}

static void tell_groups(survey *s)
{
  if (!s->has_groups) return;
  fact_add(&s->facts, (double)s->groups.count, "groups");
  for (uint32_t i = 0; i < s->groups.count && i < GROUPS_TOLD; i++) {
    const group_tally *g = &s->of_group[i];
    if (!g->responders) continue;
    tarazu_fact *mean = fact_add(&s->facts, 0, "%s.%s", survey_kinds[s->kind], name_at(&s->groups, i));
    tell_mean(s, mean, g->y_sum, g->y_squares, g->answers);
    if (mean->error >= 0) fact_add(&s->facts, WITHIN_95 * mean->error, "margin_of_error.%s", name_at(&s->groups, i));
  }
}

static void tell_shrinkage(survey *s)
{
  if (!s->estimated) return;
  if (!isinf(s->strength)) {
    fact_add(&s->facts, s->strength, "shrinkage");
    return;
  }
  fact_say(&s->facts, fact_add(&s->facts, 0, "shrinkage"), 1,
           "the answers do not tell customers apart (no variance between them beyond their own): all stand at the "
           "mean");
}

static void tell_alpha(survey *s)
{
  const item_sums *r = &s->sums;
  fact_list *l = &s->facts;
  double alpha = cronbach_alpha(r), lower, upper;
  fact_add(l, (double)r->respondents, "complete_respondents");
  if (isnan(alpha)) {
    fact_say(l, fact_add(l, 0, "alpha"), 1, "not defined: %s",
             r->items < 2         ? "there is one item"
             : r->respondents < 2 ? "fewer than two customers answered all items"
                                  : "the customers who answered all items do not differ");
    return;
  }
  feldt_interval(alpha, r->items, r->respondents, CONFIDENCE, &lower, &upper);
  int low = alpha < NUNNALLY;
  fact_add(l, alpha, "alpha")->level = low;
  fact_add(l, lower, "alpha_lower");
  fact_add(l, upper, "alpha_upper");
  if (low)
    fact_say(l, fact_add(l, 0, "alpha_verdict"), 1,
             "Cronbach's alpha of %.3f is below 0.7 (Nunnally 1978): the items hardly measure one thing", alpha);
}

static void tell_items(survey *s)
{
  const item_sums *r = &s->sums;
  fact_list *l = &s->facts;
  for (uint32_t k = 0; r->respondents > 1 && k < s->items.count; k++) {
    const char *name = name_at(&s->items, k);
    double correlation = item_rest_correlation(r, k), without = alpha_without(r, k);
    fact_add(l, item_mean(r, k), "item_mean.%s", name);
    if (!isnan(correlation)) fact_add(l, correlation, "item_total.%s", name)->level = correlation < 0;
    if (!isnan(without)) fact_add(l, without, "alpha_without.%s", name);
    if (correlation < 0)
      fact_say(l, fact_add(l, 0, "item_verdict.%s", name), 1, "answers to %.80s run against the others: %s", name,
               s->reversed && s->reversed[k] ? "it is in reversed, is that right?" : "does it belong in reversed?");
  }
}

tarazu_status settle(survey *s, tarazu_error *error)
{
  const tally *a = &s->tally;
  uint32_t shown = s->groups.count < GROUPS_TOLD ? s->groups.count : GROUPS_TOLD;
  if (!facts_begin(&s->facts, 24 + 4 * s->items.count + 2 * shown))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the facts");
  s->strength = s->shrinkage;
  s->mean = 0;
  tarazu_fact *responders = fact_add(&s->facts, (double)a->responders, "responders");
  if (!a->responders) {
    fact_say(&s->facts, responders, 1, "nobody has answered");
    tell_asked(s);
    return TARAZU_OK;
  }
  s->mean = a->m_sum / (double)a->responders;
  if (s->estimated) {
    tarazu_status status =
        s->has_items && s->items.count > 1 ? estimate_by_items(s, error) : estimate_by_answers(s, error);
    if (status) return status;
  }
  fact_add(&s->facts, (double)a->responders / (double)a->customers, "response_rate");
  tell_answers(s);
  tell_asked(s);
  tell_shrinkage(s);
  if (s->has_items) {
    tell_alpha(s);
    tell_items(s);
  }
  tell_groups(s);
  return TARAZU_OK;
}
