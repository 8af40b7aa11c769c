/* survey: what a customer answered when asked (recommendation, satisfaction, agreement), recent answers counting more,
 * few answers pulled toward what the others say. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { KIND, LEAST, MOST, HALF_LIFE, SHRINKAGE };
enum { NPS, CSAT, LIKERT };

static const char *const kinds[] = {"nps", "csat", "likert", NULL};
static const tarazu_param params[] = {
    {.name = "kind",
     .kind = TARAZU_CHOICE,
     .choices = kinds,
     .help = "nps: promoters less detractors; csat: share of the two highest answers; likert: the mean answer"},
    {.name = "least",
     .kind = TARAZU_REAL,
     .optional = 1,
     .help = "the scale's lowest answer; where absent 0 for nps, otherwise 1"},
    {.name = "most",
     .kind = TARAZU_REAL,
     .optional = 1,
     .help = "the scale's highest answer; where absent 10 for nps, otherwise 5"},
    {.name = "half_life",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "an answer this old counts half; all count fully where absent"},
    {.name = "shrinkage",
     .kind = TARAZU_REAL,
     .initial = "2",
     .least = 0,
     .most = 1e6,
     .unit = "answers",
     .help = "as many answers of the population's mean are added to each customer's own"},
};

enum { ONE_ANSWER, TIME, ANSWER }; /* columns */

static const tarazu_field answer_fields[] = {
    {.name = "answer", .type = TARAZU_F64, .help = "the customer's answer"},
};
static const tarazu_field answers_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when it was given"},
    {.name = "answer", .type = TARAZU_F64, .help = "the answer; null: asked, but none given"},
};
static const tarazu_input inputs[] = {
    {.name = "answer",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(answer_fields),
     .help = "one answer a customer; this or answers"},
    {.name = "answers",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(answers_fields),
     .help = "any number of dated answers a customer; this or answer"},
};
static const tarazu_output outputs[] = {
    {.name = "survey",
     .type = TARAZU_F64,
     .better = 1,
     .help = "nps: -100 to 100, otherwise 0 to 100; null for one who never answered"},
    {.name = "answers", .type = TARAZU_I64, .better = 0, .unit = "answers", .help = "how many the customer gave"},
};

/* What all answers of the population come to. y is an answer's worth, m a customer's mean of it; flat, as it is a
 * state. */
typedef struct tally {
  int64_t customers, responders, answers, promoters, detractors;
  double y_sum, y_squares, m_sum, m_squares;
} tally;

enum { MOST_FACTS = 8 };

typedef struct survey {
  int64_t kind;
  double least, most;
  double half_life; /* days; 0: every answer counts fully */
  double shrinkage;
  int64_t as_of;
  int events; /* answers, not answer, is bound */
  tally tally;
  double mean; /* of the responders' means */
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} survey;

/* ---- creation ---- */

static tarazu_status check_scale(const survey *s, const tarazu_args *args, tarazu_error *error)
{
  error->param = tarazu_arg(args, MOST)->given ? MOST : LEAST;
  if (s->least >= s->most)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "a scale from %g to %g has no room for answers: least must be below most", s->least, s->most);
  if (s->kind == CSAT && s->most - s->least < 2)
    return tarazu_fail(
        error, TARAZU_BAD_PARAMETER,
        "a scale from %g to %g has no answer below the two highest, which csat counts; likert can use it", s->least,
        s->most);
  error->param = -1;
  return TARAZU_OK;
}

static tarazu_status check_inputs(const survey *s, const tarazu_context *context, tarazu_error *error)
{
  int one = tarazu_bound_at(context, ONE_ANSWER)->type != 0;
  if (one && s->events)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "both inputs are bound, answer (one a customer) and answers (dated ones): bind one of them");
  if (!one && !s->events)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "no input is bound: bind answer (a column, one a customer) or answers (a table of dated ones)");
  if (!s->events && s->half_life > 0) {
    error->param = HALF_LIFE;
    return tarazu_fail(
        error, TARAZU_BAD_PARAMETER,
        "half_life needs dated answers: bind the input answers in place of answer, or leave half_life out");
  }
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  survey *s = self;
  const tarazu_value *least = tarazu_arg(args, LEAST), *most = tarazu_arg(args, MOST);
  const tarazu_value *half_life = tarazu_arg(args, HALF_LIFE);
  s->kind = tarazu_arg(args, KIND)->integer;
  s->least = least->given ? least->real : s->kind == NPS ? 0 : 1;
  s->most = most->given ? most->real : s->kind == NPS ? 10 : 5;
  s->half_life = half_life->given ? half_life->real : 0;
  s->shrinkage = tarazu_arg(args, SHRINKAGE)->real;
  s->as_of = context->as_of;
  s->events = tarazu_bound_at(context, ANSWER)->type != 0;
  tarazu_status status = check_scale(s, args, error);
  return status ? status : check_inputs(s, context, error);
}

/* ---- one customer ---- */

/* +1, 0 or -1. Promoters are the two highest of eleven points and detractors the seven lowest (Reichheld 2003); of
 * another scale, what its answers are once stretched to 0..10: 9 and more, 6 and less. */
static int side(const survey *s, double answer)
{
  double x = 10 * (answer - s->least), width = s->most - s->least;
  return x >= 9 * width ? 1 : x <= 6 * width ? -1 : 0;
}

static double worth(const survey *s, double answer)
{
  switch (s->kind) {
  case NPS: return 100 * side(s, answer);
  case CSAT: return answer >= s->most - 1 ? 100 : 0;
  default: return 100 * ((answer - s->least) / (s->most - s->least));
  }
}

/* What one customer answered. */
typedef struct told {
  int64_t answers, promoters, detractors;
  double y_sum, y_squares; /* every answer counting fully */
  double mean;             /* by recency */
  double weight;           /* sum of the weights 2^(-age / half_life), age from as_of */
} told;

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* The mean counts ages from the last answer, which changes no ratio: the weights of one who has long been silent would
 * all be 0 otherwise. */
static tarazu_status listen(const survey *s, const tarazu_batch *batch, int64_t row, told *t, tarazu_error *error)
{
  const tarazu_column *column = batch->columns[s->events ? ANSWER : ONE_ANSWER];
  const int64_t *time = s->half_life > 0 ? (const int64_t *)batch->columns[TIME]->values : NULL;
  int64_t first = s->events ? column->offsets[row] : row, last = s->events ? column->offsets[row + 1] : row + 1;
  double sum = 0, weights = 0;
  *t = (told){0};
  while (last > first && !tarazu_is_valid(column, last - 1)) last--;
  for (int64_t i = first; i < last; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    double answer = ((const double *)column->values)[i];
    if (!(answer >= s->least && answer <= s->most)) {
      error->row = row_number(batch, row);
      return tarazu_fail(error, TARAZU_BAD_DATA, "an answer of %.10g is off the scale from %.10g to %.10g", answer,
                         s->least, s->most);
    }
    double y = worth(s, answer);
    double weight = time ? exp2((double)(time[i] - time[last - 1]) / MICROSECONDS_PER_DAY / s->half_life) : 1;
    t->answers++;
    t->promoters += s->kind == NPS && y > 0;
    t->detractors += s->kind == NPS && y < 0;
    t->y_sum += y;
    t->y_squares += y * y;
    sum += weight * y;
    weights += weight;
  }
  if (!t->answers) return TARAZU_OK;
  t->mean = sum / weights;
  t->weight = weights;
  if (time) t->weight *= exp2((double)(time[last - 1] - s->as_of) / MICROSECONDS_PER_DAY / s->half_life);
  return TARAZU_OK;
}

/* Credibility (Buehlmann 1967): Z m + (1 - Z) M with Z = n / (n + k), where m is the customer's mean, n her answers by
 * weight, M the population's mean and k the shrinkage; the same as adding k answers of M to her own. */
static double shrunk(const survey *s, const told *t)
{
  double n = t->weight, k = s->shrinkage;
  return n + k > 0 ? (n * t->mean + k * s->mean) / (n + k) : t->mean;
}

/* ---- learning ---- */

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(tally);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  tally *a = state;
  for (int64_t i = 0; i < batch->rows; i++) {
    told t;
    tarazu_status status = listen(self, batch, i, &t, error);
    if (status) return status;
    a->customers++;
    if (!t.answers) continue;
    a->responders++;
    a->answers += t.answers;
    a->promoters += t.promoters;
    a->detractors += t.detractors;
    a->y_sum += t.y_sum;
    a->y_squares += t.y_squares;
    a->m_sum += t.mean;
    a->m_squares += t.mean * t.mean;
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  tally *a = into;
  const tally *b = from;
  a->customers += b->customers;
  a->responders += b->responders;
  a->answers += b->answers;
  a->promoters += b->promoters;
  a->detractors += b->detractors;
  a->y_sum += b->y_sum;
  a->y_squares += b->y_squares;
  a->m_sum += b->m_sum;
  a->m_squares += b->m_squares;
  return TARAZU_OK;
}

static tarazu_fact *tell(survey *s, const char *name, double value)
{
  tarazu_fact *fact = &s->facts[s->fact_count++];
  *fact = (tarazu_fact){.name = name, .value = value, .error = -1};
  return fact;
}

/* A mean with its standard error, sqrt((mean of squares - mean^2) / n): of the net promoter score that is
 * 100 sqrt((p + d - (p - d)^2) / n) for shares p of promoters and d of detractors (Rocks 2016). */
static void tell_mean(survey *s, const char *name, double sum, double squares, int64_t count)
{
  double n = (double)count, mean = sum / n;
  tarazu_fact *fact = tell(s, name, mean);
  if (count > 1) fact->error = sqrt(fmax(squares / n - mean * mean, 0) / n);
}

static void settle(survey *s)
{
  const tally *a = &s->tally;
  s->fact_count = 0;
  tarazu_fact *responders = tell(s, "responders", (double)a->responders);
  if (!a->responders) {
    responders->text = "nobody has answered";
    responders->level = 1;
    return;
  }
  s->mean = a->m_sum / (double)a->responders;
  tell(s, "response_rate", (double)a->responders / (double)a->customers);
  tell(s, "answers", (double)a->answers);
  tell_mean(s, "population_mean", a->m_sum, a->m_squares, a->responders);
  tell_mean(s, kinds[s->kind], a->y_sum, a->y_squares, a->answers);
  if (s->kind != NPS) return;
  tell(s, "promoters", (double)a->promoters / (double)a->answers);
  tell(s, "detractors", (double)a->detractors / (double)a->answers);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again, (void)error;
  survey *s = self;
  memcpy(&s->tally, state, sizeof s->tally);
  settle(s);
  return TARAZU_OK;
}

/* ---- saved models ---- */

typedef struct saved {
  int64_t kind;
  double least, most;
  tally tally;
} saved;

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const survey *s = self;
  saved bytes = {s->kind, s->least, s->most, s->tally};
  if (!writer->write(writer, &bytes, sizeof bytes)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  survey *s = self;
  saved from;
  if (count != sizeof from) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  memcpy(&from, bytes, count);
  if (from.kind < NPS || from.kind > LIKERT) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  if (from.kind != s->kind || from.least != s->least || from.most != s->most)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model is of %s from %g to %g, not of %s from %g to %g",
                       kinds[from.kind], from.least, from.most, kinds[s->kind], s->least, s->most);
  s->tally = from.tally;
  settle(s);
  return TARAZU_OK;
}

/* ---- scoring ---- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const survey *s = self;
  for (int64_t i = 0; i < batch->rows; i++) {
    told t;
    tarazu_status status = listen(s, batch, i, &t, error);
    if (status) return status;
    if (t.answers) ((double *)results[0]->values)[i] = shrunk(s, &t);
    else tarazu_set_null(results[0], i);
    if (results[1]) ((int64_t *)results[1]->values)[i] = t.answers;
  }
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const survey *s = self;
  return (tarazu_list){s->facts, s->fact_count, sizeof s->facts[0]};
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const survey *s = self;
  char line[256];
  told t;
  tarazu_status status = listen(s, row, 0, &t, error);
  if (status) return status;
  int length =
      t.answers
          ? snprintf(line, sizeof line,
                     "%lld answer%s, mean %.4g, weight %.3g; pulled toward the mean of all, %.4g, by weight %.3g\n",
                     (long long)t.answers, t.answers == 1 ? "" : "s", t.mean, t.weight, s->mean, s->shrinkage)
          : snprintf(line, sizeof line, "never answered\n");
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
    .id = "survey",
    .version = "1.0",
    .summary = "NPS, CSAT or Likert answers, by recency, shrunk toward the mean where few",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(survey),
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
    .name = "survey",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
