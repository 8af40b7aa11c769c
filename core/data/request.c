/* Requests: everything is offered to the source at once, then want by want; what it cannot give is read as rows. */
#include "data/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/aggregate.h"

static int same_text(const char *a, const char *b)
{
  return a == b || (a && b && !strcmp(a, b));
}

static int no_memory(const loading *self, problems *out)
{
  problem_add(out, EXIT_INTERNAL, self->table->place, "table '%s': no memory to plan its reading", self->table->name);
  return 0;
}

/* Whether a want of rows is read at all: in events and edges only what a set holds is. */
static int is_used(const table *of, uint32_t index)
{
  if (of->shape == TARAZU_ATTRIBUTES) return 1;
  for (uint32_t s = 0; s < of->set_count; s++)
    for (uint32_t c = 0; c < of->sets[s].count; c++)
      if (of->sets[s].wants[c] == index) return 1;
  return 0;
}

static int is_the_time(const table *of, const tarazu_want *as)
{
  if (!of->request.time || !same_text(as->expression, of->request.time)) return 0;
  return !as->type || as->type == TARAZU_TIME || (as->aggregate && !aggregate_needs_values(as));
}

/* ---- passes ------------------------------------------------------------------------------------------------- */

static int pass_new(loading *self, rows *pass, uint32_t **columns)
{
  const table *of = self->table;
  size_t room = (size_t)of->want_count + 2;
  *pass = (rows){.table = of, .request = of->request, .options = self->options};
  pass->counting = pass->undated = ROWS_NONE;
  pass->request.wants = (tarazu_list){NULL, 0, sizeof(tarazu_want)};
  pass->key_count = of->shape == TARAZU_EDGES ? 2 : 1;
  pass->columns = calloc(room, sizeof *pass->columns);
  pass->request.wants.items = calloc(room, sizeof(tarazu_want));
  *columns = malloc(room * sizeof **columns);
  if (*columns)
    for (size_t i = 0; i < room; i++) (*columns)[i] = ROWS_NONE;
  return pass->columns && pass->request.wants.items && *columns;
}

static void pass_free(rows *self)
{
  rows_free(self);
  free(self->columns);
  free((void *)self->request.wants.items);
}

static uint32_t add_column(rows *pass, const tarazu_want *as, const row_column *kept)
{
  uint32_t index = pass->column_count++;
  pass->columns[index] = *kept;
  ((tarazu_want *)pass->request.wants.items)[index] = *as;
  pass->request.wants.count = pass->column_count;
  return index;
}

/* ---- rows --------------------------------------------------------------------------------------------------- */

/* The column that has what a want is made of, if the rows bring one. */
static uint32_t find_column(const rows *pass, const tarazu_want *as)
{
  int presence = as->aggregate && !aggregate_needs_values(as);
  if (is_the_time(pass->table, as)) return ROWS_TIME;
  for (uint32_t c = 0; c < pass->column_count; c++) {
    const tarazu_want *there = tarazu_at(&pass->request.wants, c);
    if (!same_text(there->expression, as->expression)) continue;
    if (presence || (!pass->columns[c].presence && pass->columns[c].wanted == as->type)) return c;
  }
  return ROWS_NONE;
}

/* Makes the rows bring what a want is made of. */
static void want_rows(loading *self, uint32_t index)
{
  rows *pass = &self->plain;
  const want *wanted = &self->table->wants[index];
  const tarazu_want *as = &wanted->as;
  int presence = as->aggregate && !aggregate_needs_values(as);
  uint32_t found = find_column(pass, as);
  if (as->aggregate && aggregate_needs_times(as)) pass->keep_times = 1;
  if (found == ROWS_TIME) pass->keep_times = 1;
  if (found == ROWS_NONE && !(as->aggregate && aggregate_of_rows(as)))
    found = add_column(pass,
                       &(tarazu_want){.name = as->name, .expression = as->expression, .type = presence ? 0 : as->type},
                       &(row_column){as->name, wanted->place, presence ? 0 : as->type, presence});
  self->plain_columns[index] = found;
}

/* ---- aggregates --------------------------------------------------------------------------------------------- */

static void want_pushed(loading *self, uint32_t index)
{
  const want *wanted = &self->table->wants[index];
  row_column kept = {wanted->as.name, wanted->place, aggregate_gives(&wanted->as), 0};
  self->pushed_columns[index] = add_column(&self->pushed, &wanted->as, &kept);
}

/* How many events there were, and rows that are none for want of a date, which aggregates alone would not tell. */
static void want_events(loading *self)
{
  place here = self->table->place;
  tarazu_want events = {.name = "events", .type = TARAZU_I64, .aggregate = TARAZU_COUNT};
  tarazu_want undated = {.name = "undated", .type = TARAZU_I64, .aggregate = TARAZU_UNDATED};
  self->pushed.counting = add_column(&self->pushed, &events, &(row_column){"events", here, TARAZU_I64, 0});
  if (self->table->request.time)
    self->pushed.undated = add_column(&self->pushed, &undated, &(row_column){"undated", here, TARAZU_I64, 0});
}

static void forget_pushed(loading *self)
{
  self->pushed.column_count = self->pushed.request.wants.count = 0;
  self->pushed.counting = self->pushed.undated = ROWS_NONE;
  for (uint32_t i = 0; i < self->table->want_count; i++) self->pushed_columns[i] = ROWS_NONE;
}

/* ---- faults ------------------------------------------------------------------------------------------------- */

/* What the request says where the error is. */
static const char *expression_at(const rows *pass, int32_t item)
{
  const tarazu_request *request = &pass->request;
  if (item >= 0 && (uint32_t)item < request->wants.count)
    return ((const tarazu_want *)tarazu_at(&request->wants, (uint32_t)item))->expression;
  switch (item) {
  case -2: return request->where;
  case -3: return request->keys[0];
  case -4: return request->keys[1];
  case -5: return request->time;
  default: return NULL;
  }
}

static int is_name(const char *word, size_t length, const char *const *names, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (strlen(names[i]) == length && !strncasecmp(names[i], word, length)) return 1;
  return 0;
}

/* The word, to be freed, where it is no column and the message quotes it. */
static char *if_unknown(const char *word, size_t length, const char *message, const char *const *names, uint32_t count)
{
  char *name = is_name(word, length, names, count) ? NULL : strndup(word, length);
  for (const char *at = message; name && (at = strstr(at, name)); at++)
    if (at > message && (at[-1] == '"' || at[-1] == '\'') && at[length] == at[-1]) return name;
  free(name);
  return NULL;
}

/* Of an expression all or a word. */
static char *unknown_name(const char *expression, const char *message, const char *const *names, uint32_t count)
{
  static const char between[] = " \t\n()+-*/%<>=!,;:|&^'\"";
  char *found = if_unknown(expression, strlen(expression), message, names, count);
  for (const char *word = expression + strspn(expression, between); *word && !found; word += strspn(word, between)) {
    size_t length = strcspn(word, between);
    found = if_unknown(word, length, message, names, count);
    word += length;
  }
  return found;
}

static void list_columns(const char *const *names, uint32_t count, problems *out)
{
  enum { LISTED = 40 };
  text all = {0};
  for (uint32_t i = 0; i < count && i < LISTED; i++) text_addf(&all, "%s%.60s", i ? ", " : "", names[i]);
  problem_hint(out, "its columns are %s%s", text_string(&all), count > LISTED ? ", …" : "");
  text_free(&all);
}

void plan_problem(const rows *pass, int status, const tarazu_error *error, problems *out)
{
  const table *of = pass->table;
  const char *expression = expression_at(pass, error->item);
  tarazu_list columns = {0};
  tarazu_error ignored = {.size = sizeof ignored, .row = -1, .param = -1, .item = -1};
  source_problem(out, pass, status, error);
  if (!expression || status != TARAZU_BAD_PARAMETER || !of->source->describe) return;
  if (of->source->describe(of->self, &pass->request, &columns, &ignored) != TARAZU_OK || !columns.count) return;
  const char **names = calloc(columns.count, sizeof *names);
  for (uint32_t i = 0; names && i < columns.count; i++)
    names[i] = ((const tarazu_source_column *)tarazu_at(&columns, i))->name;
  char *unknown = names ? unknown_name(expression, error->message, names, columns.count) : NULL;
  if (unknown) {
    problem_nearest(out, unknown, names, columns.count);
    list_columns(names, columns.count, out);
  }
  free(unknown);
  free(names);
}

/* The source's word on a pass: 1 yes, 0 it cannot, -1 the profile is at fault and told so. */
static int ask(const loading *self, const rows *pass, problems *out)
{
  const table *of = self->table;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  tarazu_status status = of->source->plan(of->self, &pass->request, &error);
  error.message[sizeof error.message - 1] = 0;
  if (status == TARAZU_OK) return 1;
  if (status == TARAZU_NO_RESULT && pass->aggregated) return 0;
  plan_problem(pass, (int)status, &error, out);
  return -1;
}

/* Marks in `given` the aggregates of `tried` that the source can give; leaves them in the pass. 0: told. */
static int push_down(loading *self, const char *tried, char *given, int count_events, problems *out)
{
  const table *of = self->table;
  for (uint32_t i = 0; i < of->want_count; i++)
    if (tried[i]) want_pushed(self, i);
  if (count_events) want_events(self);
  int answer = self->pushed.column_count ? ask(self, &self->pushed, out) : 0;
  if (answer) {
    memcpy(given, tried, of->want_count);
    self->has_pushed = 1;
    return answer > 0;
  }
  uint32_t accepted = 0;
  for (uint32_t i = 0; i < of->want_count; i++) {
    if (!tried[i]) continue;
    forget_pushed(self);
    want_pushed(self, i);
    if ((answer = ask(self, &self->pushed, out)) < 0) return 0;
    given[i] = (char)answer;
    accepted += (uint32_t)answer;
  }
  forget_pushed(self);
  for (uint32_t i = 0; i < of->want_count; i++)
    if (given[i]) want_pushed(self, i);
  if (accepted && (answer = ask(self, &self->pushed, out)) < 0) return 0;
  self->has_pushed = accepted && answer;
  if (self->has_pushed) return 1;
  forget_pushed(self);
  memset(given, 0, of->want_count);
  return 1;
}

/* Aggregates for the source, the others for the host. An aggregate whose column and time come as rows anyway is not
 * worth a second reading; where rows before a moment are to be left out, a source does not know of it. */
static int share_aggregates(loading *self, char *tried, char *given, problems *out)
{
  const table *of = self->table;
  int rows_anyway = of->shape != TARAZU_EVENTS || of->set_count > 0;
  for (uint32_t i = 0; i < of->want_count; i++) {
    const tarazu_want *as = &of->wants[i].as;
    if (!as->aggregate) continue;
    int there = aggregate_of_rows(as) || find_column(&self->plain, as) != ROWS_NONE;
    tried[i] = !(rows_anyway && there);
  }
  if (of->shape == TARAZU_EVENTS && !of->has_after && !push_down(self, tried, given, !rows_anyway, out)) return 0;
  self->has_plain = self->pushed.counting == ROWS_NONE; /* where events are counted, everything was given */
  return 1;
}

/* ---- both --------------------------------------------------------------------------------------------------- */

static int check_wants(const loading *self, problems *out)
{
  const table *of = self->table;
  int good = 1;
  if (!of->request.keys[0] || (of->shape == TARAZU_EDGES && !of->request.keys[1])) {
    problem_add(out, EXIT_PROFILE, of->place, "table '%s' has no key, expected the column%s that name%s the customer%s",
                of->name, of->shape == TARAZU_EDGES ? "s" : "", of->shape == TARAZU_EDGES ? "" : "s",
                of->shape == TARAZU_EDGES ? "s" : "");
    return 0;
  }
  for (uint32_t i = 0; i < of->want_count; i++) {
    const tarazu_want *as = &of->wants[i].as;
    if (as->aggregate && of->shape != TARAZU_EVENTS) {
      problem_add(out, EXIT_INTERNAL, of->wants[i].place, "table '%s': an aggregate of '%s', which is no event's",
                  of->name, as->name);
      good = 0;
    } else if (as->aggregate && aggregate_needs_times(as) && !of->request.time) {
      problem_add(out, EXIT_PROFILE, of->wants[i].place, "table '%s': '%s' needs dates, but the table has no time",
                  of->name, as->name);
      good = 0;
    }
  }
  return good;
}

int loading_plan(loading *self, problems *out)
{
  table *of = self->table;
  char *tried = calloc((size_t)of->want_count + 1, 1), *given = calloc((size_t)of->want_count + 1, 1);
  int good = 0;
  if (!check_wants(self, out)) goto out;
  good = tried && given && pass_new(self, &self->pushed, &self->pushed_columns) &&
         pass_new(self, &self->plain, &self->plain_columns);
  if (!good) {
    no_memory(self, out);
    goto out;
  }
  self->pushed.aggregated = 1;
  self->plain.keep_lines = of->shape == TARAZU_ATTRIBUTES;
  self->plain.keep_times = of->shape == TARAZU_EVENTS && of->set_count > 0 && of->request.time;
  for (uint32_t i = 0; i < of->want_count; i++)
    if (!of->wants[i].as.aggregate && is_used(of, i)) want_rows(self, i);
  good = share_aggregates(self, tried, given, out);
  if (!good || !self->has_plain) goto out;
  for (uint32_t i = 0; i < of->want_count; i++)
    if (of->wants[i].as.aggregate && !given[i]) want_rows(self, i);
  good = ask(self, &self->plain, out) > 0;
out:
  free(tried);
  free(given);
  return good;
}

void loading_free(loading *self)
{
  pass_free(&self->pushed);
  pass_free(&self->plain);
  free(self->pushed_columns);
  free(self->plain_columns);
}
