/* trust: how far customer and company can rely on each other: promises kept, disputes, complaints and what became of
 * them, and what the customer says when asked, as evidence of one beta distribution. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#include "../shared/distributions.h"
#include "../shared/scoring.h"

enum {
  PRIOR,
  PRIOR_WEIGHT,
  HALF_LIFE,
  DISPUTE_WEIGHT,
  COMPLAINT_WEIGHT,
  UNRESOLVED_WEIGHT,
  RECOVERY_WEIGHT,
  PROMPT,
  ANSWER_WEIGHT,
  LEAST,
  MOST,
  CONFIDENCE,
  NO_EVIDENCE
};
enum { PROMISE_TIME, KEPT, DISPUTE_TIME, COMPLAINT_TIME, RESOLVED, ANSWER_TIME, ANSWER }; /* columns */
enum { TRUST, LOWER, UPPER, BEHAVIOUR, ASKED, EVIDENCE, EVENTS };                         /* outputs */
enum { LEAVE_OUT, AT_PRIOR };

static const char *const no_evidence_choices[] = {"leave_out", "prior", NULL};
static const tarazu_param params[] = {
    {.name = "prior",
     .kind = TARAZU_PROPORTION,
     .optional = 1,
     .least = 0.001,
     .most = 0.999,
     .help = "trust before any evidence; where absent the share of good in all customers' evidence"},
    {.name = "prior_weight",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0.001,
     .most = 1e6,
     .unit = "promises",
     .help = "how much evidence the prior stands for"},
    {.name = "half_life",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "evidence this old counts half; all counts fully where absent"},
    {.name = "dispute_weight",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0,
     .most = 1e6,
     .unit = "promises",
     .help = "a dispute counts as so many broken promises"},
    {.name = "complaint_weight",
     .kind = TARAZU_REAL,
     .initial = "0.5",
     .least = 0,
     .most = 1e6,
     .unit = "promises",
     .help = "a complaint that was resolved, or is too new for that, counts as so many broken promises"},
    {.name = "unresolved_weight",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0,
     .most = 1e6,
     .unit = "promises",
     .help = "a complaint open for longer than prompt counts as so many broken promises"},
    {.name = "recovery_weight",
     .kind = TARAZU_REAL,
     .initial = "0.5",
     .least = 0,
     .most = 1e6,
     .unit = "promises",
     .help = "one that was resolved within prompt counts as so many kept promises, too"},
    {.name = "prompt",
     .kind = TARAZU_DURATION,
     .initial = "14 days",
     .least = 0,
     .most = 36525,
     .help = "how long resolving a complaint may take"},
    {.name = "answer_weight",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0,
     .most = 1e6,
     .unit = "promises",
     .help = "an answer tells as much as so many promises"},
    {.name = "least", .kind = TARAZU_REAL, .initial = "1", .help = "the answers' scale's lowest: no trust"},
    {.name = "most", .kind = TARAZU_REAL, .initial = "5", .help = "the answers' scale's highest: full trust"},
    {.name = "confidence",
     .kind = TARAZU_PROPORTION,
     .initial = "90%",
     .least = 0.01,
     .most = 0.999,
     .help = "of the interval"},
    {.name = "no_evidence",
     .kind = TARAZU_CHOICE,
     .choices = no_evidence_choices,
     .initial = "leave_out",
     .help = "a customer of whom nothing is known has no trust (null), or that of the prior"},
};
static const tarazu_field promise_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when the promise was due"},
    {.name = "kept", .type = TARAZU_F64, .help = "1: kept, 0: broken, between: in part; null: not known"},
};
static const tarazu_field dispute_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the dispute arose"},
};
static const tarazu_field complaint_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the complaint was made"},
    {.name = "resolved", .type = TARAZU_TIME, .help = "when it was resolved; null: it is open"},
};
static const tarazu_field answer_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when the answer was given"},
    {.name = "answer", .type = TARAZU_F64, .help = "how much the customer says she trusts; null: no answer"},
};
static const tarazu_input inputs[] = {
    {.name = "promises",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(promise_fields),
     .help = "what was promised, and whether that was kept"},
    {.name = "disputes",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(dispute_fields),
     .help = "invoices refused, claims, quarrels"},
    {.name = "complaints",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(complaint_fields),
     .help = "what the customer complained of, and what became of it"},
    {.name = "answers",
     .bind = "trust_answers",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(answer_fields),
     .help = "what she said when asked whether she trusts"},
};
static const tarazu_output outputs[] = {
    {.name = "trust", .type = TARAZU_F64, .better = 1, .help = "the chance that the next promise is kept, 0 to 1"},
    {.name = "lower",
     .type = TARAZU_F64,
     .better = 1,
     .meaning = TARAZU_LOWER,
     .of = TRUST,
     .help = "lower end of its interval: what can be relied on"},
    {.name = "upper",
     .type = TARAZU_F64,
     .better = 1,
     .meaning = TARAZU_UPPER,
     .of = TRUST,
     .help = "upper end of its interval"},
    {.name = "behaviour",
     .type = TARAZU_F64,
     .better = 1,
     .help = "share of good in what happened, prior and answers aside"},
    {.name = "asked", .type = TARAZU_F64, .better = 1, .help = "mean of the answers, 0 to 1"},
    {.name = "evidence",
     .type = TARAZU_F64,
     .unit = "promises",
     .help = "how much evidence there is, by weight and age"},
    {.name = "events", .type = TARAZU_I64, .unit = "events", .help = "how many events that is of"},
};

/* What one customer's events, or all of them, come to; flat, as it is a state. */
typedef struct account {
  double good, bad;         /* evidence of behaviour, weighted */
  double asked, answer_sum; /* weight of the answers, and of what they say */
  int64_t promises, disputes, complaints, prompt, unresolved, answers;
  double kept;      /* promises, in part where in part */
  int64_t left_out; /* promises and answers of which nothing is known */
} account;

typedef struct tally {
  account all;
  int64_t customers, known; /* of whom there is evidence */
} tally;

enum { MOST_FACTS = 12 };

typedef struct trust {
  int64_t as_of;
  double prior; /* below 0: learned */
  double prior_weight, half_life, dispute, complaint, unresolved, recovery, prompt, answer, least, most, confidence;
  int64_t no_evidence;
  int has_promises, has_disputes, has_complaints, has_answers;
  tally tally;
  double mean; /* the prior's, given or learned */
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} trust;

/* ---- creation ---- */

static tarazu_status check(const trust *t, tarazu_error *error)
{
  if (!t->has_promises && !t->has_disputes && !t->has_complaints && !t->has_answers)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "no input is bound: trust needs promises, disputes, complaints or answers, or several of them");
  if (t->least < t->most) return TARAZU_OK;
  error->param = MOST;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                     "a scale from %g to %g has no room for answers: least must be below most", t->least, t->most);
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  trust *t = self;
  const tarazu_value *prior = tarazu_arg(args, PRIOR), *half_life = tarazu_arg(args, HALF_LIFE);
  t->as_of = context->as_of;
  t->prior = prior->given ? prior->real : -1;
  t->prior_weight = tarazu_arg(args, PRIOR_WEIGHT)->real;
  t->half_life = half_life->given ? half_life->real : 0;
  t->dispute = tarazu_arg(args, DISPUTE_WEIGHT)->real;
  t->complaint = tarazu_arg(args, COMPLAINT_WEIGHT)->real;
  t->unresolved = tarazu_arg(args, UNRESOLVED_WEIGHT)->real;
  t->recovery = tarazu_arg(args, RECOVERY_WEIGHT)->real;
  t->prompt = tarazu_arg(args, PROMPT)->real;
  t->answer = tarazu_arg(args, ANSWER_WEIGHT)->real;
  t->least = tarazu_arg(args, LEAST)->real;
  t->most = tarazu_arg(args, MOST)->real;
  t->confidence = tarazu_arg(args, CONFIDENCE)->real;
  t->no_evidence = tarazu_arg(args, NO_EVIDENCE)->integer;
  t->has_promises = tarazu_bound_at(context, KEPT)->type != 0;
  t->has_disputes = tarazu_bound_at(context, DISPUTE_TIME)->type != 0;
  t->has_complaints = tarazu_bound_at(context, COMPLAINT_TIME)->type != 0;
  t->has_answers = tarazu_bound_at(context, ANSWER)->type != 0;
  return check(t, error);
}

/* ---- one customer ---- */

/* 2^(-age / half-life) of the i-th event; 0 for one after as_of. */
static double fade(const trust *t, const tarazu_batch *batch, uint32_t column, int64_t i)
{
  if (!(t->half_life > 0)) return 1;
  double age = scoring_age(batch->columns[column], i, t->as_of);
  return age < 0 ? 0 : scoring_fade(age, t->half_life);
}

static tarazu_status off_the_scale(const tarazu_batch *batch, int64_t row, const char *what, double value, double least,
                                   double most, tarazu_error *error)
{
  error->row = scoring_row(batch, row);
  return tarazu_fail(error, TARAZU_BAD_DATA, "%s of %.10g is off the scale from %.10g to %.10g", what, value, least,
                     most);
}

static tarazu_status add_promises(const trust *t, const tarazu_batch *batch, int64_t row, account *a,
                                  tarazu_error *error)
{
  const tarazu_column *column = batch->columns[KEPT];
  for (int64_t i = column->offsets[row]; i < column->offsets[row + 1]; i++) {
    double kept = scoring_real(column, i);
    if (isnan(kept)) {
      a->left_out++;
      continue;
    }
    if (!(kept >= 0 && kept <= 1)) return off_the_scale(batch, row, "a promise kept", kept, 0, 1, error);
    double w = fade(t, batch, PROMISE_TIME, i);
    a->good += w * kept;
    a->bad += w * (1 - kept);
    a->kept += kept;
    a->promises++;
  }
  return TARAZU_OK;
}

static void add_disputes(const trust *t, const tarazu_batch *batch, int64_t row, account *a)
{
  const int64_t *offsets = batch->columns[DISPUTE_TIME]->offsets;
  for (int64_t i = offsets[row]; i < offsets[row + 1]; i++) {
    a->bad += t->dispute * fade(t, batch, DISPUTE_TIME, i);
    a->disputes++;
  }
}

/* What was resolved after as_of is not known to be. An open complaint is not forgotten: it counts fully, however old.
 */
static void add_complaints(const trust *t, const tarazu_batch *batch, int64_t row, account *a)
{
  const tarazu_column *opened = batch->columns[COMPLAINT_TIME], *resolved = batch->columns[RESOLVED];
  for (int64_t i = opened->offsets[row]; i < opened->offsets[row + 1]; i++) {
    double age = scoring_age(opened, i, t->as_of), since = -1;
    if (age < 0) continue;
    if (tarazu_is_valid(resolved, i)) since = scoring_age(resolved, i, t->as_of);
    int open = since<0, late = (open ? age : age - since)> t->prompt;
    double w = open ? 1 : scoring_fade(age, t->half_life);
    a->complaints++;
    a->unresolved += open && late;
    a->prompt += !open && !late;
    a->bad += w * (open && late ? t->unresolved : t->complaint);
    if (!open && !late) a->good += w * t->recovery;
  }
}

static tarazu_status add_answers(const trust *t, const tarazu_batch *batch, int64_t row, account *a,
                                 tarazu_error *error)
{
  const tarazu_column *column = batch->columns[ANSWER];
  for (int64_t i = column->offsets[row]; i < column->offsets[row + 1]; i++) {
    double answer = scoring_real(column, i);
    if (isnan(answer)) {
      a->left_out++;
      continue;
    }
    if (!(answer >= t->least && answer <= t->most))
      return off_the_scale(batch, row, "an answer", answer, t->least, t->most, error);
    double w = t->answer * fade(t, batch, ANSWER_TIME, i);
    a->asked += w;
    a->answer_sum += w * ((answer - t->least) / (t->most - t->least));
    a->answers++;
  }
  return TARAZU_OK;
}

static tarazu_status take_account(const trust *t, const tarazu_batch *batch, int64_t row, account *a,
                                  tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  *a = (account){0};
  if (t->has_promises) status = add_promises(t, batch, row, a, error);
  if (t->has_disputes) add_disputes(t, batch, row, a);
  if (t->has_complaints) add_complaints(t, batch, row, a);
  if (!status && t->has_answers) status = add_answers(t, batch, row, a, error);
  return status;
}

static double evidence_of(const account *a)
{
  return a->good + a->bad + a->asked;
}

/* The posterior Beta(alpha, beta) of evidence and prior (Josang, Ismail 2002; of promises alone Bernoulli's trials).
 * Answers are evidence in shares: its precision grows with their number as with that of promises, so that the mean is
 * that of prior, behaviour and answers, each by its precision. */
typedef struct posterior {
  double alpha, beta;
} posterior;

static posterior update(const trust *t, const account *a)
{
  return (posterior){.alpha = t->prior_weight * t->mean + a->good + a->answer_sum,
                     .beta = t->prior_weight * (1 - t->mean) + a->bad + (a->asked - a->answer_sum)};
}

/* ---- learning ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static void add(account *a, const account *b)
{
  a->good += b->good;
  a->bad += b->bad;
  a->asked += b->asked;
  a->answer_sum += b->answer_sum;
  a->promises += b->promises;
  a->disputes += b->disputes;
  a->complaints += b->complaints;
  a->prompt += b->prompt;
  a->unresolved += b->unresolved;
  a->answers += b->answers;
  a->kept += b->kept;
  a->left_out += b->left_out;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  tally *to = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    account a;
    tarazu_status status = take_account(self, batch, i, &a, error);
    if (status) return status;
    add(&to->all, &a);
    to->customers++;
    to->known += evidence_of(&a) > 0;
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  add(&a->all, &b->all);
  a->customers += b->customers;
  a->known += b->known;
  return TARAZU_OK;
}

static tarazu_fact *tell(trust *t, const char *name, double value)
{
  tarazu_fact *fact = &t->facts[t->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

static void report(trust *t)
{
  const account *all = &t->tally.all;
  t->fact_count = 0;
  tarazu_fact *known = tell(t, "customers_with_evidence", (double)t->tally.known);
  if (!t->tally.known) {
    known->text = "there is no evidence of anybody";
    known->level = 1;
  }
  tell(t, "prior", t->mean);
  if (t->has_promises) tell(t, "promises", (double)all->promises);
  if (all->promises) tell(t, "promises_kept", all->kept / (double)all->promises);
  if (t->has_disputes) tell(t, "disputes", (double)all->disputes);
  if (t->has_complaints) tell(t, "complaints", (double)all->complaints);
  if (t->has_complaints) tell(t, "complaints_unresolved", (double)all->unresolved);
  if (t->has_answers) tell(t, "answers", (double)all->answers);
  if (all->asked > 0) tell(t, "answers_mean", all->answer_sum / all->asked);
  if (!all->left_out) return;
  tarazu_fact *left_out = tell(t, "left_out", (double)all->left_out);
  left_out->text = "promises of which it is not known whether they were kept, and questions without an answer";
}

/* A learned prior is kept from 0 and 1, where no evidence could move it. */
static void settle(trust *t)
{
  const account *all = &t->tally.all;
  double sum = evidence_of(all);
  t->mean = t->prior >= 0 ? t->prior : sum > 0 ? fmin(fmax((all->good + all->answer_sum) / sum, 0.001), 0.999) : 0.5;
  report(t);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again, (void)error;
  trust *t = self;
  memcpy(&t->tally, state, sizeof t->tally);
  settle(t);
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const trust *t = self;
  return scoring_write(writer, &t->tally, sizeof t->tally, error);
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  trust *t = self;
  tally from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  const double sums[] = {from.all.good, from.all.bad, from.all.asked, from.all.answer_sum};
  for (int i = 0; i < 4; i++)
    if (!(sums[i] >= 0 && isfinite(sums[i]))) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  t->tally = from;
  settle(t);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const trust *t = self;
  double tail = (1 - t->confidence) / 2;
  for (int64_t i = 0; i < batch->rows; i++) {
    account a;
    tarazu_status status = take_account(t, batch, i, &a, error);
    if (status) return status;
    posterior p = update(t, &a);
    int known = evidence_of(&a) > 0 || t->no_evidence == AT_PRIOR;
    scoring_put(results[TRUST], i, known, p.alpha / (p.alpha + p.beta));
    if (results[LOWER]) scoring_put(results[LOWER], i, known, known ? beta_quantile(tail, p.alpha, p.beta) : 0);
    if (results[UPPER]) scoring_put(results[UPPER], i, known, known ? beta_quantile(1 - tail, p.alpha, p.beta) : 0);
    scoring_put(results[BEHAVIOUR], i, a.good + a.bad > 0, a.good / (a.good + a.bad));
    scoring_put(results[ASKED], i, a.asked > 0, a.answer_sum / a.asked);
    scoring_put(results[EVIDENCE], i, 1, evidence_of(&a));
    scoring_count(results[EVENTS], i, a.promises + a.disputes + a.complaints + a.answers);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const trust *t = self;
  return (tarazu_list){t->facts, t->fact_count, sizeof t->facts[0]};
}

/* ---- explaining ---- */

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const trust *t = self;
  account a;
  tarazu_status status = take_account(t, row, 0, &a, error);
  if (!status && a.promises)
    status = scoring_say(writer, error, "%.4g of %lld promise%s kept", a.kept, (long long)a.promises,
                         scoring_plural(a.promises));
  if (!status && a.disputes)
    status = scoring_say(writer, error, "%lld dispute%s", (long long)a.disputes, scoring_plural(a.disputes));
  char open[60] = "";
  if (a.unresolved) snprintf(open, sizeof open, ", %lld open for longer", (long long)a.unresolved);
  if (!status && a.complaints)
    status = scoring_say(writer, error, "%lld complaint%s, %lld resolved within %.4g days%s", (long long)a.complaints,
                         scoring_plural(a.complaints), (long long)a.prompt, t->prompt, open);
  if (!status && a.asked > 0)
    status = scoring_say(writer, error, "asked for her trust, from %g to %g: %.3g%s (%lld answer%s)", t->least, t->most,
                         t->least + (t->most - t->least) * (a.answer_sum / a.asked),
                         a.answers > 1 ? " in the mean" : "", (long long)a.answers, scoring_plural(a.answers));
  if (status) return status;
  if (!(evidence_of(&a) > 0)) return scoring_say(writer, error, "no evidence");
  return scoring_say(writer, error, "evidence worth %.3g promises, beside a prior of %.3g worth %.3g", evidence_of(&a),
                     t->mean, t->prior_weight);
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "trust",
    .version = "1.0",
    .summary = "promises kept, disputes, complaints and asked trust as evidence of one beta distribution",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(trust),
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
    .name = "trust",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
