/* reputation: what customers say of one another in ratings, by one of six methods: from the plain mean to those in
 * which a rating counts by the standing of who gave it. */
#include "reputation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  METHOD,
  LEAST,
  MOST,
  NEUTRAL,
  OFF_SCALE,
  REPEATED,
  HALF_LIFE,
  PRIOR_STRENGTH,
  PRIOR_MEAN,
  CONFIDENCE,
  PRE_TRUST_SHARE,
  ALPHA1,
  BETA1,
  GAMMA1,
  GAMMA2,
  COLD_START,
  TOLERANCE,
  ITERATIONS
};

static const char *const methods[] = {"beta", "wilson", "eigentrust", "fairness_goodness", "rev2", "mean", NULL};
static const char *const off_scales[] = {"error", "leave_out", "clamp", NULL};
static const char *const repeats[] = {"latest", "all", NULL};
static const char *const cold_starts[] = {"mean", "middle", NULL};

static const tarazu_param params[] = {
    {.name = "method", .kind = TARAZU_CHOICE, .choices = methods, .help = "how ratings become a reputation"},
    {.name = "least", .kind = TARAZU_REAL, .least = -1e9, .most = 1e9, .help = "the scale's lowest rating"},
    {.name = "most", .kind = TARAZU_REAL, .least = -1e9, .most = 1e9, .help = "the scale's highest rating"},
    {.name = "neutral",
     .kind = TARAZU_REAL,
     .optional = 1,
     .least = -1e9,
     .most = 1e9,
     .help = "wilson, eigentrust: ratings above it speak for a customer; the middle of the scale where absent"},
    {.name = "off_scale",
     .kind = TARAZU_CHOICE,
     .choices = off_scales,
     .initial = "error",
     .help = "what becomes of a rating outside the scale"},
    {.name = "repeated",
     .kind = TARAZU_CHOICE,
     .choices = repeats,
     .initial = "latest",
     .help = "of one customer's ratings of another the latest counts, or all"},
    {.name = "half_life",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "a rating this old counts half; all count fully where absent"},
    {.name = "prior_strength",
     .kind = TARAZU_REAL,
     .optional = 1,
     .least = 0,
     .most = 1e9,
     .unit = "ratings",
     .help = "beta, mean: as many ratings of prior_mean are added to each customer's own; where absent 2 and 0"},
    {.name = "prior_mean",
     .kind = TARAZU_REAL,
     .optional = 1,
     .least = -1e9,
     .most = 1e9,
     .help = "beta, mean: on the scale; where absent its middle and the mean of all ratings"},
    {.name = "confidence",
     .kind = TARAZU_PROPORTION,
     .initial = "95%",
     .least = 0.01,
     .most = 0.9999,
     .help = "wilson, beta: of the two-sided interval"},
    {.name = "pre_trust",
     .kind = TARAZU_PROPORTION,
     .initial = "15%",
     .least = 0.01,
     .most = 1,
     .help = "eigentrust: the share of all trust that always stays with the pre-trusted (the paper's a)"},
    {.name = "alpha1",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .unit = "ratings",
     .help = "rev2: ratings of the default reliability that are added to those each customer gave"},
    {.name = "beta1",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .unit = "ratings",
     .help = "rev2: ratings of the default goodness that are added to those each customer received"},
    {.name = "gamma1",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 0,
     .most = 1e6,
     .help = "rev2: the rater's fairness in a rating's reliability"},
    {.name = "gamma2",
     .kind = TARAZU_REAL,
     .initial = "1",
     .least = 1e-6,
     .most = 1e6,
     .help = "rev2: the nearness to the rated one's goodness in a rating's reliability"},
    {.name = "cold_start",
     .kind = TARAZU_CHOICE,
     .choices = cold_starts,
     .initial = "mean",
     .help = "rev2: the defaults are the means of all, or the middle of their range"},
    {.name = "tolerance",
     .kind = TARAZU_REAL,
     .initial = "1e-10",
     .least = 1e-13,
     .most = 0.1,
     .help = "methods of several rounds end when no value is further than this from where they lead"},
    {.name = "iterations",
     .kind = TARAZU_INTEGER,
     .initial = "10000",
     .least = 1,
     .most = 1e9,
     .unit = "rounds",
     .help = "that may be taken; more is an error"},
};

static const tarazu_field rating_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "the rater"},
    {.name = "to", .type = TARAZU_ROW, .help = "the rated"},
    {.name = "time", .type = TARAZU_TIME, .optional = 1, .help = "when it was given"},
    {.name = "rating", .type = TARAZU_F64, .help = "from least to most"},
};
static const tarazu_field trust_fields[] = {
    {.name = "pre_trusted", .type = TARAZU_F64, .help = "a weight, 0 or null for most"},
};
static const tarazu_input inputs[] = {
    {.name = "ratings", .shape = TARAZU_EDGES, .fields = TARAZU_LIST(rating_fields), .help = "who rated whom"},
    {.name = "pre_trusted",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(trust_fields),
     .help = "eigentrust: who is trusted beforehand, and how much; all alike where absent"},
};

enum { SCORE, FAIRNESS, COUNT, LOWER, UPPER };

static const tarazu_output outputs[] = {
    {.name = "reputation", .type = TARAZU_F64, .better = 1, .help = "in the method's own unit; null: nothing is known"},
    {.name = "fairness",
     .type = TARAZU_F64,
     .better = 1,
     .help =
         "how well the ratings that the customer gave are borne out, 0 to 1; null: the method has none, or gave none"},
    {.name = "ratings", .type = TARAZU_I64, .better = 0, .unit = "ratings", .help = "received, that count"},
    {.name = "lower", .type = TARAZU_F64, .meaning = TARAZU_LOWER, .of = SCORE, .help = "of beta and wilson"},
    {.name = "upper", .type = TARAZU_F64, .meaning = TARAZU_UPPER, .of = SCORE, .help = "of beta and wilson"},
};

/* ---- creation ---- */

static tarazu_status bad(tarazu_error *error, int32_t param, const char *message)
{
  error->param = param;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s", message);
}

static tarazu_status check_scale(const reputation *r, const tarazu_args *args, tarazu_error *error)
{
  if (!(r->least < r->most)) {
    error->param = MOST;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "a scale from %g to %g has no room for ratings: least must be below most", r->least, r->most);
  }
  if (!(r->neutral >= r->least && r->neutral < r->most)) {
    error->param = NEUTRAL;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "%g is not on the scale from %g to below %g: no rating could be above it", r->neutral, r->least,
                       r->most);
  }
  if (tarazu_arg(args, PRIOR_MEAN)->given && !(r->prior_mean >= r->least && r->prior_mean <= r->most)) {
    error->param = PRIOR_MEAN;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%g is off the scale from %g to %g", r->prior_mean, r->least,
                       r->most);
  }
  return TARAZU_OK;
}

static tarazu_status check_use(const reputation *r, const tarazu_context *context, const tarazu_args *args,
                               tarazu_error *error)
{
  int prior = r->method == BETA || r->method == MEAN;
  if (!prior && tarazu_arg(args, PRIOR_STRENGTH)->given)
    return bad(error, PRIOR_STRENGTH, "prior_strength is of the methods beta and mean alone");
  if (!prior && tarazu_arg(args, PRIOR_MEAN)->given)
    return bad(error, PRIOR_MEAN, "prior_mean is of the methods beta and mean alone");
  if (r->method != WILSON && r->method != EIGENTRUST && tarazu_arg(args, NEUTRAL)->given)
    return bad(error, NEUTRAL, "neutral is of the methods wilson and eigentrust alone");
  if (r->half_life > 0 && !tarazu_bound_at(context, TIME)->type)
    return bad(error, HALF_LIFE, "half_life needs dated ratings: give their table a column `time`");
  if (r->method != EIGENTRUST && tarazu_bound_at(context, PRE_TRUST)->type)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the input pre_trusted is of the method eigentrust alone");
  return TARAZU_OK;
}

static void read_params(reputation *r, const tarazu_args *args)
{
  const tarazu_value *neutral = tarazu_arg(args, NEUTRAL), *half_life = tarazu_arg(args, HALF_LIFE);
  const tarazu_value *strength = tarazu_arg(args, PRIOR_STRENGTH), *mean = tarazu_arg(args, PRIOR_MEAN);
  r->method = tarazu_arg(args, METHOD)->integer;
  r->least = tarazu_arg(args, LEAST)->real;
  r->most = tarazu_arg(args, MOST)->real;
  double middle = r->least + (r->most - r->least) / 2;
  r->neutral = neutral->given ? neutral->real : middle;
  r->off_scale = tarazu_arg(args, OFF_SCALE)->integer;
  r->repeated = tarazu_arg(args, REPEATED)->integer;
  r->half_life = half_life->given ? half_life->real : 0;
  r->prior_strength = strength->given ? strength->real : r->method == BETA ? 2 : 0;
  r->prior_mean = mean->given ? mean->real : middle;
  r->prior_mean_given = mean->given != 0;
  r->confidence = tarazu_arg(args, CONFIDENCE)->real;
  r->z = normal_quantile(r->confidence);
  r->pre_trust = tarazu_arg(args, PRE_TRUST_SHARE)->real;
  r->alpha1 = tarazu_arg(args, ALPHA1)->real;
  r->beta1 = tarazu_arg(args, BETA1)->real;
  r->gamma1 = tarazu_arg(args, GAMMA1)->real;
  r->gamma2 = tarazu_arg(args, GAMMA2)->real;
  r->cold_start = tarazu_arg(args, COLD_START)->integer;
  r->tolerance = tarazu_arg(args, TOLERANCE)->real;
  r->iterations = tarazu_arg(args, ITERATIONS)->integer;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  reputation *r = self;
  r->host = context->host;
  r->as_of = context->as_of;
  read_params(r, args);
  tarazu_status status = check_scale(r, args, error);
  return status ? status : check_use(r, context, args, error);
}

static void forget(reputation *r)
{
  ratings_free(&r->received);
  free(r->score);
  free(r->fairness);
  free(r->share);
  r->score = r->fairness = r->share = NULL;
}

static void destroy(void *self)
{
  forget(self);
}

/* ---- facts ---- */

tarazu_fact *reputation_tell(reputation *r, const char *name, double value)
{
  tarazu_fact *fact = &r->facts[r->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

static void tell_if_any(reputation *r, const char *name, int64_t count, const char *text)
{
  if (!count) return;
  tarazu_fact *fact = reputation_tell(r, name, (double)count);
  fact->text = text;
  fact->level = 1;
}

static void tell_ratings(reputation *r, const rating_lists *given)
{
  int64_t count = given->start[r->rows], raters = 0, rated = 0;
  for (int64_t i = 0; i < r->rows; i++) {
    raters += given->start[i] < given->start[i + 1];
    rated += r->received.start[i] < r->received.start[i + 1];
  }
  tarazu_fact *fact = reputation_tell(r, "ratings", (double)count);
  if (!count) {
    fact->text = "nobody has rated anybody";
    fact->level = 1;
  }
  reputation_tell(r, "raters", (double)raters);
  reputation_tell(r, "rated_customers", (double)rated);
  reputation_tell(r, "self_ratings", (double)r->passed.selves);
  reputation_tell(r, "repeated_ratings", (double)r->passed.repeated);
  tell_if_any(r, "missing_ratings", r->passed.missing, "rows without a rating; they are left out");
  tell_if_any(r, "off_scale_ratings", r->passed.off_scale,
              r->off_scale == OFF_SCALE_CLAMP ? "they count as the nearest end of the scale" : "they are left out");
  tell_if_any(r, "forgotten_ratings", r->passed.forgotten, "older than 1,000 half-lives; they are left out");
}

static void tell_method(reputation *r)
{
  if (r->method == MEAN && !isnan(r->prior_mean))
    reputation_tell(r, r->prior_mean_given ? "prior_mean" : "mean_rating", r->prior_mean);
  if (r->method == REV2) {
    reputation_tell(r, "default_fairness", r->default_fairness);
    reputation_tell(r, "default_goodness", r->default_goodness);
  }
  if (!r->rounds) return;
  reputation_tell(r, "iterations", (double)r->rounds);
  reputation_tell(r, "last_change", r->change);
}

/* ---- fitting ---- */

static tarazu_status fit_method(reputation *r, const tarazu_column *pre_trusted, const rating_lists *given,
                                tarazu_error *error)
{
  switch (r->method) {
  case EIGENTRUST: return fit_eigentrust(r, pre_trusted, error);
  case FAIRNESS_GOODNESS: return fit_fairness_goodness(r, given, error);
  case REV2: return fit_rev2(r, given, error);
  default: return count_ratings(r, error);
  }
}

static tarazu_status fit_ratings(reputation *r, const tarazu_batch *edges, const tarazu_column *pre_trusted,
                                 rating_lists *given, tarazu_error *error)
{
  int fair = r->method == FAIRNESS_GOODNESS || r->method == REV2;
  tarazu_status status = ratings_read(r, edges, given, error);
  if (status) return status;
  r->score = calloc((size_t)r->rows + 1, sizeof *r->score);
  r->fairness = fair ? calloc((size_t)r->rows + 1, sizeof *r->fairness) : NULL;
  if (!r->score || (fair && !r->fairness))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)r->rows);
  tell_ratings(r, given);
  status = fit_method(r, pre_trusted, given, error);
  if (!status) tell_method(r);
  return status;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  reputation *r = self;
  rating_lists given = {0};
  const tarazu_batch none = {.size = sizeof none}, *edges = &none;
  forget(r);
  r->fact_count = 0;
  r->rounds = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!spaces[i]->space) r->rows = spaces[i]->rows;
    else edges = spaces[i];
  }
  tarazu_status status = fit_ratings(r, edges, spaces[0]->columns[PRE_TRUST], &given, error);
  ratings_free(&given);
  return status;
}

/* ---- scoring ---- */

static void put(tarazu_result *result, int64_t at, double value)
{
  if (!result) return;
  if (isnan(value)) tarazu_set_null(result, at);
  else ((double *)result->values)[at] = value;
}

static void score_row(const reputation *r, int64_t row, tarazu_result *const *results, int64_t at)
{
  double lower = NAN, upper = NAN;
  put(results[SCORE], at, r->score[row]);
  put(results[FAIRNESS], at, r->fairness ? r->fairness[row] : NAN);
  if (results[COUNT]) ((int64_t *)results[COUNT]->values)[at] = r->received.start[row + 1] - r->received.start[row];
  if (!results[LOWER] && !results[UPPER]) return;
  if (!rating_interval(r, row, &lower, &upper)) lower = upper = NAN;
  put(results[LOWER], at, lower);
  put(results[UPPER], at, upper);
}

static int64_t row_of(const tarazu_batch *batch, int64_t at)
{
  return batch->row_numbers ? batch->row_numbers[at] : batch->first_row + at;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const reputation *r = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t row = row_of(batch, i);
    if (row < 0 || row >= r->rows)
      return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
    score_row(r, row, results, i);
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const reputation *r = self;
  return (tarazu_list){r->facts, r->fact_count, sizeof r->facts[0]};
}

/* ---- reasons ---- */

enum { NAMED = 3 };

/* The items that say most, the first ones first among equals, and none that says nothing. Returns how many; *total:
 * what all items say. */
static int64_t weightiest(const reputation *r, int64_t row, int64_t named[NAMED], double *total)
{
  int64_t count = 0;
  *total = 0;
  for (int64_t k = r->received.start[row]; k < r->received.start[row + 1]; k++) {
    double say = rating_say(r, row, k);
    int64_t at = count;
    *total += say;
    if (!(say > 0)) continue;
    while (at > 0 && rating_say(r, row, named[at - 1]) < say) at--;
    if (at == NAMED) continue;
    count += count < NAMED;
    for (int64_t i = count - 1; i > at; i--) named[i] = named[i - 1];
    named[at] = k;
  }
  return count;
}

static int say_head(const reputation *r, int64_t count, int64_t shown, char *line, size_t size)
{
  int by_rater = r->method == EIGENTRUST || r->method == FAIRNESS_GOODNESS || r->method == REV2;
  if (!count) return snprintf(line, size, "nobody has rated this customer");
  return snprintf(line, size, "%lld rating%s%s", (long long)count, count == 1 ? "" : "s",
                  !shown     ? ", of no weight"
                  : by_rater ? ", counting by who gave them"
                             : "");
}

static tarazu_status reasons(const void *self, const tarazu_batch *batch, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const reputation *r = self;
  int64_t row = row_of(batch, 0), named[NAMED];
  double total;
  char line[1000];
  if (row < 0 || row >= r->rows) return tarazu_fail(error, TARAZU_INTERNAL, "row %lld was not fitted", (long long)row);
  int64_t count = r->received.start[row + 1] - r->received.start[row], shown = weightiest(r, row, named, &total);
  int length = say_head(r, count, shown, line, sizeof line);
  for (int64_t i = 0; i < shown; i++) {
    const char *rater = r->host->customer(r->host, r->received.other[named[i]]);
    double share = 100 * (rating_say(r, row, named[i]) / total);
    length += snprintf(line + length, sizeof line - (size_t)length, "%s%.200s rated %.4g (%.3g %%%s)",
                       i               ? ", "
                       : count > shown ? "; most by "
                                       : ": ",
                       rater ? rater : "somebody", r->received.value[named[i]], share, i ? "" : " of the weight");
  }
  length += snprintf(line + length, sizeof line - (size_t)length, "\n");
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
    .id = "reputation",
    .version = "1.0",
    .summary = "standing among those who rate one another: beta, Wilson, EigenTrust, fairness and goodness, REV2",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_BY_ROW,
    .self_size = sizeof(reputation),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "reputation",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
