/* survey: what a customer answered when asked (recommendation, satisfaction, a scale of several items), recent answers
 * counting more, few answers pulled toward what the others say. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "survey.h"

const char *const survey_kinds[] = {"nps", "csat", "likert", NULL};
static const char *const credibilities[] = {"given", "estimated", NULL};

static const tarazu_param params[] = {
    {.name = "kind",
     .kind = TARAZU_CHOICE,
     .choices = survey_kinds,
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
     .help =
         "as many answers of the population's mean (the group's, with peer_group) are added to each customer's own"},
    {.name = "reversed",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "items asked the other way round: their answers are turned round"},
    {.name = "scale",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "the items that count, of a table with an item column; all where absent"},
    {.name = "credibility",
     .kind = TARAZU_CHOICE,
     .initial = "given",
     .choices = credibilities,
     .help = "given: shrinkage as it is; estimated: the shrinkage that the answers' own variances call for"},
    {.name = "group_shrinkage",
     .kind = TARAZU_REAL,
     .initial = "5",
     .least = 0,
     .most = 1e6,
     .unit = "customers",
     .help = "as many customers of the population's mean are added to each peer_group's"},
};

static const tarazu_field answer_fields[] = {
    {.name = "answer", .type = TARAZU_F64, .help = "the customer's answer"},
};
static const tarazu_field answers_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .when = "half_life", .help = "when it was given"},
    {.name = "answer", .type = TARAZU_F64, .help = "the answer; null: asked, but none given"},
    {.name = "item", .type = TARAZU_TEXT, .optional = 1, .help = "the question, of a scale of several"},
};
static const tarazu_field invitation_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_COUNT, .help = "the invitations, counted"},
};
static const tarazu_field group_fields[] = {
    {.name = "peer_group", .type = TARAZU_TEXT, .help = "whose mean the customer is pulled toward"},
};
static const tarazu_field item_fields[] = {
    {.name = "item", .type = TARAZU_F64, .help = "the answers to one item"},
};
static const tarazu_input inputs[] = {
    {.name = "answer",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(answer_fields),
     .help = "one answer a customer; this, answers or items"},
    {.name = "answers",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(answers_fields),
     .help = "any number of dated answers a customer, to one question or several items"},
    {.name = "invitations",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(invitation_fields),
     .help = "when a customer was asked, answered or not"},
    {.name = "peer_group",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(group_fields),
     .help = "groups of like customers: a segment, a country"},
    {.name = "items",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .many = 1,
     .fields = TARAZU_LIST(item_fields),
     .help = "the items of a scale, a column each"},
};
static const tarazu_output outputs[] = {
    {.name = "survey",
     .type = TARAZU_F64,
     .better = 1,
     .help = "nps: -100 to 100, otherwise 0 to 100; null for one who never answered"},
    {.name = "answers", .type = TARAZU_I64, .better = 0, .unit = "answers", .help = "how many the customer gave"},
    {.name = "asked",
     .type = TARAZU_I64,
     .better = 0,
     .unit = "times",
     .help = "how often the customer was asked; null where the data do not say"},
};

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
  int one = tarazu_bound_at(context, ONE_ANSWER)->type != 0, events = tarazu_bound_at(context, ANSWER)->type != 0;
  int columns = context->columns.count > FIRST_ITEM;
  if (one + events + columns == 0)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "no input is bound: bind answer (a column, one a customer), answers (a table of dated ones) or "
                       "items (a column an item)");
  if (one + events + columns > 1)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: bind one of them",
                       !columns ? "both inputs are bound, answer (one a customer) and answers (dated ones)"
                       : one    ? "both inputs are bound, answer (one a customer) and items (a column an item)"
                                : "both inputs are bound, answers (dated ones) and items (a column an item)");
  if (!events && s->half_life > 0) {
    error->param = HALF_LIFE;
    return tarazu_fail(
        error, TARAZU_BAD_PARAMETER,
        "half_life needs dated answers: bind the input answers in place of answer, or leave half_life out");
  }
  return TARAZU_OK;
}

static tarazu_status check_lists(const survey *s, const tarazu_args *args, tarazu_error *error)
{
  const tarazu_value *reversed = tarazu_arg(args, REVERSED), *scale = tarazu_arg(args, SCALE);
  if (reversed->count && !s->has_items) {
    error->param = REVERSED;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "reversed names items, but there is one question: bind the column item of answers, or items");
  }
  if (scale->count && !(s->has_items && s->from == FROM_EVENTS)) {
    error->param = SCALE;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       s->from == FROM_COLUMNS ? "scale is for answers with an item column: bind only the columns of "
                                                 "the scale as items"
                                               : "scale names items, but there is one question: bind the column item "
                                                 "of answers");
  }
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  survey *s = self;
  const tarazu_value *least = tarazu_arg(args, LEAST), *most = tarazu_arg(args, MOST);
  const tarazu_value *half_life = tarazu_arg(args, HALF_LIFE);
  s->args = args;
  s->context = context;
  s->kind = tarazu_arg(args, KIND)->integer;
  s->least = least->given ? least->real : s->kind == NPS ? 0 : 1;
  s->most = most->given ? most->real : s->kind == NPS ? 10 : 5;
  s->half_life = half_life->given ? half_life->real : 0;
  s->shrinkage = tarazu_arg(args, SHRINKAGE)->real;
  s->estimated = tarazu_arg(args, CREDIBILITY)->integer == ESTIMATED;
  s->group_shrinkage = tarazu_arg(args, GROUP_SHRINKAGE)->real;
  s->as_of = context->as_of;
  s->from = tarazu_bound_at(context, ANSWER)->type ? FROM_EVENTS
            : context->columns.count > FIRST_ITEM  ? FROM_COLUMNS
                                                   : FROM_ONE;
  s->has_items = s->from == FROM_COLUMNS || (s->from == FROM_EVENTS && tarazu_bound_at(context, ITEM)->type);
  s->has_invitations = tarazu_bound_at(context, INVITED)->type != 0;
  s->has_groups = tarazu_bound_at(context, PEER_GROUP)->type != 0;
  tarazu_status status = check_scale(s, args, error);
  if (!status) status = check_inputs(s, context, error);
  return status ? status : check_lists(s, args, error);
}

static void destroy(void *self)
{
  survey_forget(self);
}

/* ---- scoring ---- */

static tarazu_status score_row(const survey *s, hearing *h, const tarazu_batch *batch, int64_t i,
                               tarazu_result *const *results, tarazu_error *error)
{
  told t;
  tarazu_status status = listen(s, h, batch, i, &t, error);
  if (status) return status;
  if (t.answers) ((double *)results[0]->values)[i] = shrunk(s, &t, group_of(s, h, batch, i));
  else tarazu_set_null(results[0], i);
  if (results[1]) ((int64_t *)results[1]->values)[i] = t.answers;
  if (!results[2]) return TARAZU_OK;
  if (knows_asked(s)) ((int64_t *)results[2]->values)[i] = t.asked;
  else tarazu_set_null(results[2], i);
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const survey *s = self;
  hearing h;
  tarazu_status status = TARAZU_OK;
  if (!hearing_begin(&h, s, batch)) status = tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a customer's answers");
  for (int64_t i = 0; !status && i < batch->rows; i++) status = score_row(s, &h, batch, i, results, error);
  hearing_end(&h);
  return status;
}

static tarazu_list facts(const void *self)
{
  const survey *s = self;
  return (tarazu_list){s->facts.items, s->facts.count, sizeof *s->facts.items};
}

/* ---- explaining ---- */

enum { LATEST_TOLD = 3, ITEMS_TOLD = 8 };

typedef struct line {
  char text[1200];
  size_t length;
} line;

TARAZU_PRINTF(2, 3) static void put(line *l, const char *format, ...)
{
  va_list arguments;
  if (l->length >= sizeof l->text) return;
  va_start(arguments, format);
  int length = vsnprintf(l->text + l->length, sizeof l->text - l->length, format, arguments);
  va_end(arguments);
  if (length > 0) l->length += (size_t)length;
}

static const char *nickname(const survey *s, int item)
{
  const char *name = name_at(&s->items, (uint32_t)item), *dot = s->from == FROM_COLUMNS ? strchr(name, '.') : NULL;
  return dot ? dot + 1 : name;
}

static void put_answer(const survey *s, line *l, int item, double answer, int first)
{
  put(l, "%s%.4g", first ? "" : "; ", answer);
  if (!s->has_items) return;
  put(l, " to %.60s%s", nickname(s, item), s->reversed && s->reversed[item] ? " (reversed)" : "");
}

/* The latest answers, which are those that weigh most. */
static void put_latest(const survey *s, hearing *h, const tarazu_batch *row, line *l)
{
  const tarazu_column *column = row->columns[ANSWER];
  const int64_t *time = s->half_life > 0 ? (const int64_t *)row->columns[TIME]->values : NULL;
  int told_count = 0;
  put(l, "latest on the scale from %.4g to %.4g: ", s->least, s->most);
  for (int64_t i = column->offsets[1] - 1; i >= column->offsets[0] && told_count < LATEST_TOLD; i--) {
    int item = counted_item(s, h, row, i);
    if (item < 0) continue;
    put_answer(s, l, item, ((const double *)column->values)[i], !told_count++);
    if (!time) continue;
    double age = (double)(s->as_of - time[i]) / MICROSECONDS_PER_DAY;
    put(l, " %.0f days ago, weight %.2g", age, exp2(-age / s->half_life));
  }
  put(l, "\n");
}

static void put_items(const survey *s, const tarazu_batch *row, line *l)
{
  int told_count = 0;
  put(l, "on the scale from %.4g to %.4g: ", s->least, s->most);
  for (uint32_t k = 0; k < s->items.count && told_count < ITEMS_TOLD; k++) {
    const tarazu_column *column = row->columns[FIRST_ITEM + k];
    if (tarazu_is_valid(column, 0)) put_answer(s, l, (int)k, *(const double *)column->values, !told_count++);
  }
  put(l, "\n");
}

static void put_pull(const survey *s, line *l, uint32_t group)
{
  if (group < s->groups.count) put(l, "the mean of %.60s", name_at(&s->groups, group));
  else put(l, "the mean of all");
  put(l, ", %.4g, as by %.3g more answer%s\n", pull_target(s, group), s->strength, s->strength == 1 ? "" : "s");
}

static void put_reasons(const survey *s, hearing *h, const tarazu_batch *row, const told *t, line *l)
{
  if (!t->answers) {
    if (knows_asked(s) && t->asked)
      put(l, "asked %lld time%s, never answered\n", (long long)t->asked, t->asked == 1 ? "" : "s");
    else put(l, knows_asked(s) ? "never asked\n" : "never answered\n");
    return;
  }
  put(l, "%lld answer%s, mean %.4g", (long long)t->answers, t->answers == 1 ? "" : "s", t->mean);
  if (t->weight != (double)t->answers) put(l, ", weight %.3g", t->weight);
  if (isinf(s->strength))
    put(l, "; the answers do not tell customers apart: at the mean, %.4g\n", pull_target(s, group_of(s, h, row, 0)));
  else if (s->strength > 0) put(l, "; pulled toward "), put_pull(s, l, group_of(s, h, row, 0));
  else put(l, "\n");
  if (s->from == FROM_EVENTS) put_latest(s, h, row, l);
  if (s->from == FROM_COLUMNS) put_items(s, row, l);
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const survey *s = self;
  line l = {.length = 0};
  told t;
  hearing h;
  tarazu_status status = hearing_begin(&h, s, row) ? listen(s, &h, row, 0, &t, error)
                                                   : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the answers");
  if (!status) put_reasons(s, &h, row, &t, &l);
  hearing_end(&h);
  if (status) return status;
  size_t length = l.length < sizeof l.text ? l.length : sizeof l.text - 1;
  if (!writer->write(writer, l.text, length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
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
    .version = "1.1",
    .summary = "NPS, CSAT or Likert answers or scales of several items, by recency, shrunk toward the mean where few",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(survey),
    .create = create,
    .destroy = destroy,
    .fit = survey_fit,
    .save = survey_save,
    .load = survey_load,
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
