/* What is learned of all customers: the items, the groups, the sums that means, margins, alpha and the strength of
 * shrinkage come from; and its saving. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

void survey_forget(survey *s)
{
  names_free(&s->items);
  names_free(&s->groups);
  item_sums_free(&s->sums);
  facts_free(&s->facts);
  free(s->reversed);
  free(s->of_group);
  s->reversed = NULL;
  s->of_group = NULL;
  s->tally = (tally){0};
  s->fitted = 0;
}

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the answers' sums");
}

/* ---- items ---- */

/* The names of a parameter's list in the order of their bytes, once each. */
static int sorted_list(name_table *to, const tarazu_value *list)
{
  name_found *found = malloc((list->count + 1u) * sizeof *found);
  const char **texts = malloc((list->count + 1u) * sizeof *texts);
  int64_t *lengths = malloc((list->count + 1u) * sizeof *lengths);
  int good = found && texts && lengths;
  uint32_t kept = 0;
  for (uint32_t i = 0; good && i < list->count; i++)
    found[i] = (name_found){list->texts[i], (int64_t)strlen(list->texts[i])};
  if (good && list->count) qsort(found, list->count, sizeof *found, names_compare);
  for (uint32_t i = 0; good && i < list->count; i++) {
    if (i && !names_compare(&found[i], &found[i - 1])) continue;
    texts[kept] = found[i].text;
    lengths[kept++] = found[i].length;
  }
  good = good && names_copy(to, texts, lengths, kept);
  free(found);
  free((void *)texts);
  free(lengths);
  return good;
}

/* The column's name as the profile writes it, `customers.ease`, in the profile's order. */
static int column_items(survey *s)
{
  uint32_t count = s->context->columns.count - FIRST_ITEM;
  const char **texts = malloc((count + 1u) * sizeof *texts);
  int64_t *lengths = malloc((count + 1u) * sizeof *lengths);
  for (uint32_t k = 0; texts && lengths && k < count; k++) {
    texts[k] = tarazu_bound_at(s->context, FIRST_ITEM + k)->name;
    lengths[k] = (int64_t)strlen(texts[k]);
  }
  int good = texts && lengths && names_copy(&s->items, texts, lengths, count);
  free((void *)texts);
  free(lengths);
  return good;
}

static int is_called(const char *item, const char *name, int of_column)
{
  const char *dot = of_column ? strchr(item, '.') : NULL;
  return !strcmp(item, name) || (dot && !strcmp(dot + 1, name));
}

/* A name that no answer has is most likely misspelt: without this it would turn nothing round, silently. */
static tarazu_status unknown_item(const name_table *there, int32_t param, uint32_t index, const char *name,
                                  tarazu_error *error)
{
  char known[300];
  size_t length = 0;
  known[0] = 0;
  for (uint32_t i = 0; i < there->count && length + 60 < sizeof known; i++)
    length += (size_t)snprintf(known + length, sizeof known - length, "%s%.50s", i ? ", " : "", name_at(there, i));
  error->param = param;
  error->item = (int32_t)index;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no answer is to an item '%.80s'; there are answers to %s", name,
                     known);
}

static tarazu_status mark_reversed(survey *s, tarazu_error *error)
{
  const tarazu_value *list = tarazu_arg(s->args, REVERSED);
  if (!list->count || !s->items.count) return TARAZU_OK;
  s->reversed = calloc(s->items.count, 1);
  if (!s->reversed) return no_memory(error);
  for (uint32_t i = 0; i < list->count; i++) {
    int hits = 0;
    for (uint32_t k = 0; k < s->items.count; k++) {
      if (!is_called(name_at(&s->items, k), list->texts[i], s->from == FROM_COLUMNS)) continue;
      s->reversed[k] = 1;
      hits++;
    }
    if (!hits) return unknown_item(&s->items, REVERSED, i, list->texts[i], error);
  }
  return TARAZU_OK;
}

static tarazu_status event_items(survey *s, const tarazu_batch *all, tarazu_error *error)
{
  const tarazu_column *column = all->columns[ITEM];
  const tarazu_value *scale = tarazu_arg(s->args, SCALE);
  name_table there = {0};
  if (!names_gather(&there, column, column->offsets[all->rows])) return no_memory(error);
  tarazu_status status = TARAZU_OK;
  for (uint32_t i = 0; there.count && !status && i < scale->count; i++)
    if (names_find(&there, scale->texts[i], (int64_t)strlen(scale->texts[i])) < 0)
      status = unknown_item(&there, SCALE, i, scale->texts[i], error);
  if (scale->count && there.count && !status) {
    if (!sorted_list(&s->items, scale)) status = no_memory(error);
    names_free(&there);
  } else {
    s->items = there;
  }
  return status;
}

static tarazu_status find_items(survey *s, const tarazu_batch *all, tarazu_error *error)
{
  if (!s->has_items) return TARAZU_OK;
  tarazu_status status = s->from == FROM_EVENTS ? event_items(s, all, error)
                         : column_items(s)      ? TARAZU_OK
                                                : no_memory(error);
  if (status) return status;
  if (s->items.count > MOST_ITEMS)
    return tarazu_fail(
        error, TARAZU_BAD_DATA,
        "%u items (%.60s, %.60s, …); a scale takes %d, as all pairs of items are compared: name those of "
        "the scale in the parameter scale",
        (unsigned)s->items.count, name_at(&s->items, 0), name_at(&s->items, 1), MOST_ITEMS);
  return mark_reversed(s, error);
}

/* ---- sums ---- */

static double middle(const survey *s)
{
  return s->kind == NPS ? 0 : 50;
}

static void count_group(const survey *s, group_tally *g, const told *t)
{
  double n = (double)t->answers, m = t->y_sum / n - middle(s);
  g->responders++;
  g->answers += t->answers;
  g->promoters += t->promoters;
  g->detractors += t->detractors;
  g->y_sum += t->y_sum;
  g->y_squares += t->y_squares;
  g->m_sum += t->mean;
  g->n += n;
  g->n_squares += n * n;
  g->nm += n * m;
  g->nm_squares += n * m * m;
}

/* Of one who answered every item, her latest answers: those of one questionnaire, once a customer. */
static void count_complete(survey *s, const hearing *h, group_tally *g, double *answers)
{
  double total = 0;
  for (uint32_t k = 0; k < s->items.count; k++) {
    answers[k] = h->voices[k].latest;
    total += answers[k] - (s->least + s->most) / 2;
  }
  item_sums_add(&s->sums, answers);
  g->complete++;
  g->total += total;
  g->total_squares += total * total;
}

static void count_customer(survey *s, const hearing *h, uint32_t group, const told *t, double *answers)
{
  tally *a = &s->tally;
  a->customers++;
  a->without_item += t->without_item;
  a->other_items += t->other_items;
  a->silent += t->silent;
  a->asked_customers += t->asked > 0;
  a->asked_responders += t->asked > 0 && t->answers;
  if (!t->answers) return;
  a->responders++;
  a->answers += t->answers;
  a->promoters += t->promoters;
  a->detractors += t->detractors;
  a->y_sum += t->y_sum;
  a->y_squares += t->y_squares;
  a->m_sum += t->mean;
  a->m_squares += t->mean * t->mean;
  a->within_squares += t->within_squares;
  a->within_freedom += (double)(t->answers - 1);
  count_group(s, &s->of_group[group], t);
  if (s->has_items && t->complete) count_complete(s, h, &s->of_group[group], answers);
}

static tarazu_status count_all(survey *s, const tarazu_batch *all, hearing *h, double *answers, tarazu_error *error)
{
  const tarazu_host *host = s->context->host;
  for (int64_t i = 0; i < all->rows; i++) {
    told t;
    if (i % TARAZU_SHARE == 0 && !host->progress(host, (double)i / (double)all->rows))
      return tarazu_fail(error, TARAZU_CANCELLED, "cancelled");
    tarazu_status status = listen(s, h, all, i, &t, error);
    if (status) return status;
    count_customer(s, h, group_of(s, h, all, i), &t, answers);
  }
  return TARAZU_OK;
}

tarazu_status survey_fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  survey *s = self;
  const tarazu_batch *all = spaces[0]; /* there is no other space */
  (void)count;
  survey_forget(s);
  tarazu_status status = find_items(s, all, error);
  if (status) return status;
  if (s->has_groups && !names_gather(&s->groups, all->columns[PEER_GROUP], all->rows)) return no_memory(error);
  s->of_group = calloc(s->groups.count + 1u, sizeof *s->of_group);
  if (!s->of_group || !item_sums_make(&s->sums, s->items.count)) return no_memory(error);
  hearing h;
  double *answers = calloc(s->items.count + 1u, sizeof *answers);
  if (!hearing_begin(&h, s, all) || !answers) status = no_memory(error);
  if (!status) status = count_all(s, all, &h, answers, error);
  hearing_end(&h);
  free(answers);
  if (status) return status;
  s->fitted = 1;
  return settle(s, error);
}

/* ---- saved models ---- */

typedef struct saved {
  int64_t kind;
  double least, most;
  int64_t has_items, respondents;
  double total, total_squares;
  tally tally;
} saved;

tarazu_status survey_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const survey *s = self;
  size_t k = s->items.count;
  saved head = {s->kind, s->least, s->most, s->has_items, s->sums.respondents, s->sums.total, s->sums.total_squares,
                s->tally};
  int good = writer->write(writer, &head, sizeof head) && names_write(&s->items, writer);
  for (size_t i = 0; good && i < k; i++) {
    int64_t turned = s->reversed && s->reversed[i];
    good = writer->write(writer, &turned, sizeof turned);
  }
  if (good && k)
    good = writer->write(writer, s->sums.origin, k * sizeof *s->sums.origin) &&
           writer->write(writer, s->sums.sums, k * sizeof *s->sums.sums) &&
           writer->write(writer, s->sums.products, k * k * sizeof *s->sums.products);
  good = good && names_write(&s->groups, writer) &&
         writer->write(writer, s->of_group, (s->groups.count + 1u) * sizeof *s->of_group);
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static tarazu_status check_head(const survey *s, const saved *head, tarazu_error *error)
{
  if (head->kind < NPS || head->kind > LIKERT) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged");
  if (head->kind != s->kind || head->least != s->least || head->most != s->most)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model is of %s from %g to %g, not of %s from %g to %g",
                       survey_kinds[head->kind], head->least, head->most, survey_kinds[s->kind], s->least, s->most);
  if (head->has_items != s->has_items)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model is of %s",
                       head->has_items ? "a scale of several items" : "one question");
  return TARAZU_OK;
}

/* Which items were turned round, as read, against the parameter: a mean of other answers would be another scale's. */
static tarazu_status check_reversed(survey *s, const int64_t *turned, tarazu_error *error)
{
  tarazu_status status = mark_reversed(s, error);
  for (uint32_t k = 0; !status && k < s->items.count; k++) {
    if ((turned[k] != 0) == (s->reversed && s->reversed[k])) continue;
    error->param = REVERSED;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model has item '%.80s' %s", name_at(&s->items, k),
                       turned[k] ? "reversed" : "not reversed");
  }
  return status;
}

static int read_sums(survey *s, saved_part *p)
{
  size_t k = s->items.count;
  return part_read(p, s->sums.origin, k * sizeof *s->sums.origin) &&
         part_read(p, s->sums.sums, k * sizeof *s->sums.sums) &&
         part_read(p, s->sums.products, k * k * sizeof *s->sums.products) && names_read(&s->groups, p) &&
         (s->of_group = calloc(s->groups.count + 1u, sizeof *s->of_group)) != NULL &&
         part_read(p, s->of_group, (s->groups.count + 1u) * sizeof *s->of_group) && !p->left;
}

static tarazu_status check_columns(const survey *s, tarazu_error *error)
{
  uint32_t bound = s->context->columns.count - FIRST_ITEM;
  for (uint32_t k = 0; k < bound || k < s->items.count; k++)
    if (k >= bound || k >= s->items.count ||
        strcmp(tarazu_bound_at(s->context, FIRST_ITEM + k)->name, name_at(&s->items, k)))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model is of other items than the columns bound");
  return TARAZU_OK;
}

tarazu_status survey_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  survey *s = self;
  saved head;
  saved_part p = {bytes, count};
  int64_t turned[MOST_ITEMS];
  survey_forget(s);
  if (!part_read(&p, &head, sizeof head))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  tarazu_status status = check_head(s, &head, error);
  if (status) return status;
  if (!names_read(&s->items, &p) || s->items.count > MOST_ITEMS ||
      !part_read(&p, turned, s->items.count * sizeof *turned) || !item_sums_make(&s->sums, s->items.count) ||
      !read_sums(s, &p))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  if (s->from == FROM_COLUMNS) status = check_columns(s, error);
  if (!status) status = check_reversed(s, turned, error);
  if (status) return status;
  s->sums.respondents = head.respondents;
  s->sums.total = head.total;
  s->sums.total_squares = head.total_squares;
  s->tally = head.tally;
  s->fitted = 1;
  return settle(s, error);
}
