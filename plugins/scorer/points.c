/* points: the scorecard. Each rule gives points, or takes some, to a band of a column, to a category, or to each event
 * of a kind; groups of rules have caps, and every score can be read back rule by rule. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { RULES, GROUPS, BASE };
enum { COLUMN, IS, FROM, BELOW, POINTS, GROUP, WINDOW, DECAY, NAME }; /* a rule's fields */
enum { GROUP_NAME, LEAST, MOST };                                     /* a group's */

static const tarazu_param rule_fields[] = {
    {.name = "column",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "one of columns, or category, category_2, …; absent: the rule is of events"},
    {.name = "is",
     .kind = TARAZU_STRINGS,
     .optional = 1,
     .help = "the categories, or of a column of numbers the values, that the rule takes"},
    {.name = "from", .kind = TARAZU_REAL, .optional = 1, .help = "the band's lower end, which belongs to it"},
    {.name = "below", .kind = TARAZU_REAL, .optional = 1, .help = "the band's upper end, which does not"},
    {.name = "points", .kind = TARAZU_REAL, .least = -1e12, .most = 1e12, .help = "given, or where negative taken"},
    {.name = "group", .kind = TARAZU_STRING, .optional = 1, .help = "whose caps hold"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only events of this long before as_of"},
    {.name = "decay",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "an event's points shrink evenly with its age and are gone at this one"},
    {.name = "name",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "what the reason says; made from the rule where absent"},
};
static const tarazu_param group_fields[] = {
    {.name = "group", .kind = TARAZU_STRING, .help = "as rules call it"},
    {.name = "least", .kind = TARAZU_REAL, .optional = 1, .help = "its points are no fewer"},
    {.name = "most", .kind = TARAZU_REAL, .optional = 1, .help = "its points are no more"},
};
static const tarazu_param params[] = {
    {.name = "rules", .kind = TARAZU_RECORDS, .fields = TARAZU_LIST(rule_fields), .help = "what gives how many points"},
    {.name = "groups",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(group_fields),
     .optional = 1,
     .help = "caps of the sum of a group's points"},
    {.name = "base",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = -1e12,
     .most = 1e12,
     .help = "points that everybody begins with"},
};

/* columns of a batch; after them come those of the input `columns` */
enum { TIME, KIND, AMOUNT, FIRST_TEXT, TEXTS = 6, FIRST_NUMBER = FIRST_TEXT + TEXTS };

static const tarazu_field event_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when it happened"},
    {.name = "category", .type = TARAZU_TEXT, .optional = 1, .help = "of what kind it is"},
    {.name = "amount", .type = TARAZU_F64, .optional = 1, .help = "how much it was, for rules with a band"},
};
static const tarazu_field text_fields[TEXTS] = {
    {.name = "category", .type = TARAZU_TEXT, .optional = 1, .help = "a column of text"},
    {.name = "category_2", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_3", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_4", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_5", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_6", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
};
static const tarazu_field number_fields[] = {
    {.name = "column", .type = TARAZU_F64, .help = "a column of numbers, or another criterion"},
};
static const tarazu_input inputs[] = {
    {.name = "events",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(event_fields),
     .help = "what happened with the customer: complaints, visits, orders"},
    {.name = "categories",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(text_fields),
     .help = "columns of text, one value a customer"},
    {.name = "columns",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .many = 1,
     .fields = TARAZU_LIST(number_fields),
     .help = "columns of numbers, and other criteria"},
};

enum { REASONS = 3 };
static const tarazu_output outputs[1 + REASONS] = {
    {.name = "points", .type = TARAZU_F64, .better = 1, .unit = "points", .help = "base and what the rules give"},
    {.name = "reason_1", .type = TARAZU_TEXT, .help = "the rule with the most points, given or taken"},
    {.name = "reason_2", .type = TARAZU_TEXT, .help = "the next one"},
    {.name = "reason_3", .type = TARAZU_TEXT, .help = "the one after that"},
};

enum { MOST_RULES = 1000, LABEL = 120 };
#define NO_COLUMN UINT32_MAX

typedef struct rule {
  uint32_t column; /* of the batch; NO_COLUMN: of events */
  uint32_t place;  /* of its column among those that rules use */
  int banded;
  double from, below;
  uint32_t count; /* of `is`; neither that nor banded: what no other rule of the column takes */
  uint8_t *takes; /* by word: of text and events */
  double *values; /* of numbers */
  double points;
  int group;             /* -1: none */
  int64_t window, decay; /* microseconds; 0: none */
  char label[LABEL];
} rule;

typedef struct group {
  const char *name;
  double least, most;
} group;

/* A column that rules use. */
typedef struct used {
  uint32_t column;
  const char *name;
  double best; /* the most points that one of its rules gives */
} used;

/* Of all customers: a rule's takers and points, a column's nulls and values that no rule takes, a group's caps. */
enum { TAKERS, GIVEN, NULLS, STRAYS, CAPPED, TALLIES };

typedef struct points {
  int64_t as_of;
  double base;
  rule *rules;
  group *groups;
  used *columns;
  const char **words; /* of all `is`, sorted */
  const char **labels;
  uint32_t rule_count, group_count, column_count, word_count;
  int has_events;   /* a rule is of events */
  double *tally;    /* see at_tally */
  double customers; /* tallied */
  tarazu_fact *facts;
  char (*texts)[2 * LABEL]; /* two a fact: its name, and what it says */
  uint32_t fact_count;
} points;

/* ---- creation ---- */

static int is_given(const tarazu_args *record, uint32_t field)
{
  return (int)tarazu_arg(record, field)->given;
}

static int is_text_column(uint32_t column)
{
  return column >= FIRST_TEXT && column < FIRST_NUMBER;
}

static int is_rest(const rule *r)
{
  return r->column != NO_COLUMN && !r->banded && !r->count;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Texts with a length, as dictionaries have them, among the words; -1: none. */
static int64_t word_of(const points *p, const char *bytes, size_t length)
{
  uint32_t low = 0, high = p->word_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    size_t own = strlen(p->words[middle]);
    int order = memcmp(p->words[middle], bytes, own < length ? own : length);
    if (!order) order = (own > length) - (own < length);
    if (!order) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

static tarazu_status collect_words(points *p, const tarazu_value *rules, tarazu_error *error)
{
  uint32_t all = 0;
  for (uint32_t i = 0; i < rules->count; i++) all += tarazu_arg(&rules->records[i], IS)->count;
  p->words = calloc(all + 1u, sizeof *p->words);
  if (!p->words) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u categories", all);
  for (uint32_t i = 0; i < rules->count; i++) {
    const tarazu_value *is = tarazu_arg(&rules->records[i], IS);
    for (uint32_t k = 0; k < is->count; k++) p->words[p->word_count++] = is->texts[k];
  }
  qsort(p->words, p->word_count, sizeof *p->words, by_text);
  uint32_t unique = 0;
  for (uint32_t i = 0; i < p->word_count; i++)
    if (!unique || strcmp(p->words[unique - 1], p->words[i]) != 0) p->words[unique++] = p->words[i];
  p->word_count = unique;
  return TARAZU_OK;
}

/* The bound column of that name. */
static tarazu_status find_column(const tarazu_context *context, const char *name, uint32_t *column, tarazu_error *error)
{
  char names[400] = "";
  size_t length = 0;
  uint32_t hits = 0;
  for (uint32_t c = FIRST_TEXT; c < context->columns.count; c++) {
    const tarazu_bound *bound = tarazu_bound_at(context, c);
    if (!bound->type) continue;
    if (length < sizeof names)
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", bound->name);
    if (strcmp(bound->name, name) != 0) continue;
    *column = c;
    hits++;
  }
  if (hits == 1) return TARAZU_OK;
  if (hits) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "two columns are called '%.80s'", name);
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "there is no column '%.80s'; bound are: %s", name,
                     *names ? names : "none (name them in the input `columns`, texts in `category`)");
}

static tarazu_status read_column(points *p, rule *r, const tarazu_context *context, const tarazu_args *record,
                                 tarazu_error *error)
{
  const tarazu_value *column = tarazu_arg(record, COLUMN);
  r->column = NO_COLUMN;
  if (!column->given) {
    p->has_events = 1;
    if (!tarazu_bound_at(context, TIME)->type)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "a rule without `column` is of events, but the input `events` is "
                         "not bound");
    if (r->count && !tarazu_bound_at(context, KIND)->type)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "the rule asks what kind an event is, but the field `category` of "
                         "the events is not bound");
    if (r->banded && !tarazu_bound_at(context, AMOUNT)->type)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "the rule has a band of amounts, but the field `amount` of the events is not bound");
    return TARAZU_OK;
  }
  if (r->window || r->decay)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "`%s` is for events, which a rule with `column` is not of",
                       r->window ? "window" : "decay");
  tarazu_status status = find_column(context, column->text, &r->column, error);
  if (status) return status;
  if (is_text_column(r->column) && r->banded)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "'%s' is text, which has no bands: say `is: […]`", column->text);
  for (r->place = 0; r->place < p->column_count && p->columns[r->place].column != r->column; r->place++) {
  }
  if (r->place == p->column_count) p->columns[p->column_count++] = (used){r->column, column->text, r->points};
  used *u = &p->columns[r->place];
  u->best = fmax(u->best, r->points);
  return TARAZU_OK;
}

static tarazu_status read_is(points *p, rule *r, const tarazu_value *is, tarazu_error *error)
{
  if (!is->count) return TARAZU_OK;
  int numbers = r->column != NO_COLUMN && !is_text_column(r->column);
  r->takes = calloc(p->word_count, 1);
  r->values = calloc(is->count, sizeof *r->values);
  if (!r->takes || !r->values) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u categories", is->count);
  for (uint32_t k = 0; k < is->count; k++) {
    char *end;
    r->takes[word_of(p, is->texts[k], strlen(is->texts[k]))] = 1;
    if (!numbers) continue;
    r->values[k] = strtod(is->texts[k], &end);
    if (end == is->texts[k] || *end || !isfinite(r->values[k]))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "'%.80s' is no number, and the column is one of numbers",
                         is->texts[k]);
  }
  return TARAZU_OK;
}

static void add_label(rule *r, const char *format, ...) TARAZU_PRINTF(2, 3);
static void add_label(rule *r, const char *format, ...)
{
  size_t length = strlen(r->label);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->label + length, sizeof r->label - length, format, arguments);
  va_end(arguments);
}

static void make_label(rule *r, const tarazu_args *record)
{
  const tarazu_value *name = tarazu_arg(record, NAME), *is = tarazu_arg(record, IS);
  if (name->given) {
    add_label(r, "%s", name->text);
    return;
  }
  add_label(r, "%s", r->column == NO_COLUMN ? "event" : tarazu_arg(record, COLUMN)->text);
  for (uint32_t k = 0; k < is->count; k++) add_label(r, "%s%s", k ? ", " : " ", is->texts[k]);
  if (r->banded && isfinite(r->from)) add_label(r, " from %.10g", r->from);
  if (r->banded && isfinite(r->below)) add_label(r, " below %.10g", r->below);
  if (is_rest(r)) add_label(r, " otherwise");
  if (r->window) add_label(r, " within %.10g days", (double)r->window / MICROSECONDS_PER_DAY);
}

/* Cut in the middle of a character, a label would be no UTF-8. */
static void mend_label(char *label)
{
  size_t length = strlen(label), start = length;
  if (length + 1 < LABEL) return;
  while (start && ((unsigned char)label[start - 1] & 0xc0) == 0x80) start--;
  if (start && (unsigned char)label[start - 1] >= 0xc0) label[start - 1] = 0;
}

static int64_t microseconds(const tarazu_value *duration)
{
  return duration->given ? (int64_t)llround(duration->real * MICROSECONDS_PER_DAY) : 0;
}

static int find_group(const points *p, const char *name)
{
  for (uint32_t g = 0; g < p->group_count; g++)
    if (!strcmp(p->groups[g].name, name)) return (int)g;
  return -1;
}

static tarazu_status read_rule(points *p, rule *r, const tarazu_context *context, const tarazu_args *record,
                               tarazu_error *error)
{
  const tarazu_value *is = tarazu_arg(record, IS), *named = tarazu_arg(record, GROUP);
  r->banded = is_given(record, FROM) || is_given(record, BELOW);
  r->from = is_given(record, FROM) ? tarazu_arg(record, FROM)->real : -(double)INFINITY;
  r->below = is_given(record, BELOW) ? tarazu_arg(record, BELOW)->real : (double)INFINITY;
  r->count = is->count;
  r->points = tarazu_arg(record, POINTS)->real;
  r->window = microseconds(tarazu_arg(record, WINDOW));
  r->decay = microseconds(tarazu_arg(record, DECAY));
  r->group = -1;
  if (is->given && !is->count) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "`is` is an empty list");
  if (r->banded && !(r->from < r->below))
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "a band from %.10g to below %.10g holds nothing", r->from,
                       r->below);
  tarazu_status status = read_column(p, r, context, record, error);
  if (!status && r->column != NO_COLUMN && r->banded && r->count)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "a rule has a band or `is`, not both: make it two rules");
  if (!status) status = read_is(p, r, is, error);
  if (status) return status;
  make_label(r, record);
  mend_label(r->label);
  if (named->given) {
    r->group = find_group(p, named->text);
    if (r->group < 0) {
      r->group = (int)p->group_count;
      p->groups[p->group_count++] = (group){named->text, -(double)INFINITY, (double)INFINITY};
    }
  }
  return TARAZU_OK;
}

static tarazu_status read_caps(points *p, const tarazu_value *caps, tarazu_error *error)
{
  error->param = GROUPS;
  for (uint32_t i = 0; i < caps->count; i++) {
    const tarazu_args *record = &caps->records[i];
    const char *name = tarazu_arg(record, GROUP_NAME)->text;
    int g = find_group(p, name);
    error->item = (int32_t)i;
    for (uint32_t k = 0; k < i; k++)
      if (!strcmp(tarazu_arg(&caps->records[k], GROUP_NAME)->text, name))
        return tarazu_fail(error, TARAZU_BAD_PARAMETER, "groups[%u] and groups[%u] are both of '%.80s'", k, i, name);
    if (g < 0) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no rule is in the group '%.80s'", name);
    if (!is_given(record, LEAST) && !is_given(record, MOST))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the group '%.80s' has no cap: say `least`, `most` or both",
                         name);
    if (is_given(record, LEAST)) p->groups[g].least = tarazu_arg(record, LEAST)->real;
    if (is_given(record, MOST)) p->groups[g].most = tarazu_arg(record, MOST)->real;
    if (p->groups[g].least > p->groups[g].most)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the group '%.80s' has a least of %.10g above its most of %.10g",
                         name, p->groups[g].least, p->groups[g].most);
  }
  error->param = error->item = -1;
  return TARAZU_OK;
}

/* ---- tables: the rules that share one column, or one kind of events, one window and one decay ---- */

static int same_table(const points *p, const rule *a, const rule *b)
{
  if (a->column != b->column) return 0;
  if (a->column != NO_COLUMN) return 1;
  return a->window == b->window && a->decay == b->decay && a->banded == b->banded && !a->count == !b->count &&
         (!a->count || !memcmp(a->takes, b->takes, p->word_count));
}

static int in_band(const rule *r, double value)
{
  return r->banded && value >= r->from && value < r->below;
}

/* Tells of what both rules take; 1: there is nothing. */
static int are_apart(const points *p, const rule *a, const rule *b, char what[200])
{
  int events = a->column == NO_COLUMN, numbers = !events && !is_text_column(a->column);
  if (events && !a->banded) return snprintf(what, 200, "the same events") < 0;
  if (is_rest(a) && is_rest(b)) return snprintf(what, 200, "what no other rule takes") < 0;
  if (a->banded && b->banded && fmax(a->from, b->from) < fmin(a->below, b->below))
    return snprintf(what, 200, "from %.10g to below %.10g", fmax(a->from, b->from), fmin(a->below, b->below)) < 0;
  for (uint32_t k = 0; numbers && k < b->count; k++) {
    int hit = in_band(a, b->values[k]);
    for (uint32_t m = 0; m < a->count; m++) hit |= a->values[m] == b->values[k];
    if (hit) return snprintf(what, 200, "%.10g", b->values[k]) < 0;
  }
  for (uint32_t m = 0; numbers && m < a->count; m++)
    if (in_band(b, a->values[m])) return snprintf(what, 200, "%.10g", a->values[m]) < 0;
  for (uint32_t w = 0; !numbers && !events && a->count && b->count && w < p->word_count; w++)
    if (a->takes[w] && b->takes[w]) return snprintf(what, 200, "'%.80s'", p->words[w]) < 0;
  return 1;
}

static tarazu_status check_overlaps(const points *p, tarazu_error *error)
{
  char what[200];
  for (uint32_t j = 0; j < p->rule_count; j++)
    for (uint32_t i = 0; i < j; i++) {
      const rule *a = &p->rules[i], *b = &p->rules[j];
      if (!same_table(p, a, b) || are_apart(p, a, b, what)) continue;
      error->item = (int32_t)j;
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "rules[%u] (%s) and rules[%u] (%s) overlap: both take %s", i,
                         a->label, j, b->label, what);
    }
  return TARAZU_OK;
}

/* After check_overlaps. What follows a band begins where it ends, unless another rule takes the rest. */
static tarazu_status check_gaps(const points *p, tarazu_error *error)
{
  for (uint32_t i = 0; i < p->rule_count; i++) {
    const rule *a = &p->rules[i];
    if (!a->banded || isinf(a->below)) continue;
    uint32_t next = i;
    int rest = 0;
    for (uint32_t j = 0; j < p->rule_count; j++) {
      const rule *b = &p->rules[j];
      if (j == i || !same_table(p, a, b)) continue;
      rest |= is_rest(b);
      if (b->banded && b->from >= a->below && (next == i || b->from < p->rules[next].from)) next = j;
    }
    if (rest || next == i || p->rules[next].from <= a->below) continue;
    error->item = (int32_t)next;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "rules[%u] (%s) ends at %.10g and rules[%u] (%s) begins at %.10g: let them meet, or give a rule "
                       "of the column without a band for the rest",
                       i, a->label, a->below, next, p->rules[next].label, p->rules[next].from);
  }
  return TARAZU_OK;
}

static tarazu_status make_room(points *p, uint32_t rules, uint32_t columns, tarazu_error *error)
{
  uint32_t facts = rules + columns * 2 + rules + 1; /* groups are no more than rules */
  p->rules = calloc(rules, sizeof *p->rules);
  p->groups = calloc(rules, sizeof *p->groups);
  p->columns = calloc(columns + 1u, sizeof *p->columns);
  p->labels = calloc(rules, sizeof *p->labels);
  p->tally = calloc((size_t)TALLIES * (rules + columns + 1u), sizeof *p->tally);
  p->facts = calloc(facts, sizeof *p->facts);
  p->texts = calloc((size_t)facts * 2, sizeof *p->texts);
  if (p->rules && p->groups && p->columns && p->labels && p->tally && p->facts && p->texts) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", rules);
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  points *p = self;
  const tarazu_value *rules = tarazu_arg(args, RULES);
  p->as_of = context->as_of;
  p->base = tarazu_arg(args, BASE)->real;
  error->param = RULES;
  if (!rules->count) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "there is no rule");
  if (rules->count > MOST_RULES)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u rules; expected at most %d", rules->count, MOST_RULES);
  tarazu_status status = make_room(p, rules->count, context->columns.count, error);
  if (!status) status = collect_words(p, rules, error);
  for (uint32_t i = 0; i < rules->count && !status; i++) {
    error->item = (int32_t)i;
    status = read_rule(p, &p->rules[i], context, &rules->records[i], error);
    p->labels[i] = p->rules[i].label;
    p->rule_count++;
  }
  if (!status) status = check_overlaps(p, error);
  if (!status) status = check_gaps(p, error);
  return status ? status : read_caps(p, tarazu_arg(args, GROUPS), error);
}

static void destroy(void *self)
{
  points *p = self;
  for (uint32_t i = 0; p->rules && i < p->rule_count; i++) {
    free(p->rules[i].takes);
    free(p->rules[i].values);
  }
  free(p->rules);
  free(p->groups);
  free(p->columns);
  free(p->labels);
  free(p->words);
  free(p->tally);
  free(p->facts);
  free(p->texts);
}

/* ---- one customer ---- */

enum { UNKNOWN, STRAY, TAKEN }; /* a column's value: null, of no rule, of a rule */

/* What one customer gets, by rule, column and group; in one allocation. */
typedef struct card {
  double *given;   /* by rule */
  int64_t *events; /* by rule: that it took; of a column 1 */
  int64_t *last;   /* by rule: the last event's time */
  double *groups, *capped;
  uint8_t *states; /* by column */
  double total;
  int known;
} card;

static int card_open(const points *p, card *c)
{
  size_t rules = p->rule_count;
  c->given = calloc(rules * 5 + p->column_count, 8);
  if (!c->given) return 0;
  c->groups = c->given + rules;
  c->capped = c->groups + rules;
  c->events = (int64_t *)(void *)(c->capped + rules);
  c->last = c->events + rules;
  c->states = (uint8_t *)(c->last + rules);
  return 1;
}

static int64_t word_at(const points *p, const tarazu_column *column, int64_t row)
{
  const tarazu_dictionary *d = column->dictionary;
  int32_t code = ((const int32_t *)column->values)[row];
  return word_of(p, d->bytes + d->offsets[code], (size_t)(d->offsets[code + 1] - d->offsets[code]));
}

static int takes_value(const points *p, const rule *r, const tarazu_column *column, int64_t row)
{
  if (is_text_column(r->column)) {
    int64_t word = r->count ? word_at(p, column, row) : -1;
    return word >= 0 && r->takes[word];
  }
  double value = ((const double *)column->values)[row];
  for (uint32_t k = 0; k < r->count; k++)
    if (r->values[k] == value) return 1;
  return in_band(r, value);
}

/* Values that a rule takes by name or band first, then those that only a rule for the rest takes. */
static void read_columns(const points *p, const tarazu_batch *batch, int64_t row, card *c)
{
  for (uint32_t k = 0; k < p->column_count; k++)
    c->states[k] = tarazu_is_valid(batch->columns[p->columns[k].column], row) ? STRAY : UNKNOWN;
  for (int rest = 0; rest < 2; rest++)
    for (uint32_t i = 0; i < p->rule_count; i++) {
      const rule *r = &p->rules[i];
      if (r->column == NO_COLUMN || is_rest(r) != rest || c->states[r->place] != STRAY) continue;
      if (!rest && !takes_value(p, r, batch->columns[r->column], row)) continue;
      c->given[i] = r->points;
      c->events[i] = 1;
      c->states[r->place] = TAKEN;
    }
}

static int takes_event(const rule *r, int64_t word, const tarazu_column *amount, int64_t event)
{
  if (r->count && (word < 0 || !r->takes[word])) return 0;
  if (!r->banded) return 1;
  return tarazu_is_valid(amount, event) && in_band(r, ((const double *)amount->values)[event]);
}

/* An event's points times max(0, 1 - age / decay). */
static void read_event(const points *p, const tarazu_batch *batch, int64_t event, card *c)
{
  const tarazu_column *kind = batch->columns[KIND];
  int64_t time = ((const int64_t *)batch->columns[TIME]->values)[event], age = p->as_of - time;
  int64_t word = kind && p->word_count && tarazu_is_valid(kind, event) ? word_at(p, kind, event) : -1;
  for (uint32_t i = 0; i < p->rule_count; i++) {
    const rule *r = &p->rules[i];
    if (r->column != NO_COLUMN || (r->window && age >= r->window) || (r->decay && age >= r->decay)) continue;
    if (!takes_event(r, word, batch->columns[AMOUNT], event)) continue;
    c->given[i] += r->decay ? r->points * (1 - (double)age / (double)r->decay) : r->points;
    c->events[i]++;
    c->last[i] = time;
  }
}

/* Nothing can be said of one whose columns are all null, unless events count, of which none is an answer, too. */
static void fill_card(const points *p, const tarazu_batch *batch, int64_t row, card *c)
{
  memset(c->given, 0, (size_t)p->rule_count * 40 + p->column_count);
  read_columns(p, batch, row, c);
  if (p->has_events) {
    const int64_t *offsets = batch->columns[TIME]->offsets;
    for (int64_t e = offsets[row]; e < offsets[row + 1]; e++) read_event(p, batch, e, c);
  }
  c->total = p->base;
  c->known = p->has_events;
  for (uint32_t k = 0; k < p->column_count; k++) c->known |= c->states[k] != UNKNOWN;
  for (uint32_t i = 0; i < p->rule_count; i++) {
    if (p->rules[i].group < 0) c->total += c->given[i];
    else c->groups[p->rules[i].group] += c->given[i];
  }
  for (uint32_t g = 0; g < p->group_count; g++) {
    c->capped[g] = fmin(fmax(c->groups[g], p->groups[g].least), p->groups[g].most);
    c->total += c->capped[g];
  }
}

/* The rule with the most points, given or taken, after the rules `before`; ties in the profile's order; -1: none. */
static int64_t next_reason(const points *p, const card *c, int64_t before)
{
  int64_t best = -1;
  for (int64_t i = 0; i < p->rule_count; i++) {
    double size = fabs(c->given[i]);
    if (size <= 0) continue;
    if (before >= 0) {
      double limit = fabs(c->given[before]);
      if (size > limit || (size >= limit && i <= before)) continue;
    }
    if (best < 0 || size > fabs(c->given[best])) best = i;
  }
  return best;
}

/* ---- learning: nothing that scores depend on, but what came of each rule ---- */

/* The last number of a state counts the customers. */
static size_t tally_count(const points *p)
{
  return (size_t)p->rule_count * 2 + (size_t)p->column_count * 2 + p->group_count + 1;
}

static double *at_tally(const points *p, double *tally, int which, uint32_t index)
{
  size_t rules = p->rule_count, columns = p->column_count;
  const size_t firsts[TALLIES] = {0, rules, 2 * rules, 2 * rules + columns, 2 * rules + 2 * columns};
  return &tally[firsts[which] + index];
}

static size_t state_size(const void *self)
{
  return tally_count(self) * sizeof(double);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const points *p = self;
  double *tally = state;
  card c;
  if (!card_open(p, &c)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", p->rule_count);
  for (int64_t row = 0; row < batch->rows; row++) {
    fill_card(p, batch, row, &c);
    tally[tally_count(p) - 1]++;
    for (uint32_t i = 0; i < p->rule_count; i++) {
      *at_tally(p, tally, TAKERS, i) += c.events[i] > 0;
      *at_tally(p, tally, GIVEN, i) += c.given[i];
    }
    for (uint32_t k = 0; k < p->column_count; k++) {
      *at_tally(p, tally, NULLS, k) += c.states[k] == UNKNOWN;
      *at_tally(p, tally, STRAYS, k) += c.states[k] == STRAY;
    }
    for (uint32_t g = 0; g < p->group_count; g++)
      *at_tally(p, tally, CAPPED, g) += c.capped[g] < c.groups[g] || c.capped[g] > c.groups[g];
  }
  free(c.given);
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)error;
  double *a = into;
  const double *b = from;
  for (size_t i = 0; i < tally_count(self); i++) a[i] += b[i];
  return TARAZU_OK;
}

/* The fact's text, to be written; its name is made of what and a number from 1. */
static char *tell(points *p, const char *what, uint32_t index, double value, int32_t level)
{
  char *name = p->texts[2 * p->fact_count], *text = p->texts[2 * p->fact_count + 1];
  snprintf(name, sizeof p->texts[0], "%s_%u", what, index + 1);
  p->facts[p->fact_count++] = (tarazu_fact){.name = name, .text = text, .value = value, .error = -1, .level = level};
  return text;
}

static void report(points *p)
{
  size_t room = sizeof p->texts[0];
  p->fact_count = 0;
  p->customers = p->tally[tally_count(p) - 1];
  for (uint32_t i = 0; i < p->rule_count; i++) {
    double takers = *at_tally(p, p->tally, TAKERS, i), given = *at_tally(p, p->tally, GIVEN, i);
    char *text = tell(p, "rule", i, takers, p->customers > 0 && takers <= 0);
    if (takers > 0) snprintf(text, room, "%s: %.0f customers, %+.10g points in all", p->rules[i].label, takers, given);
    else snprintf(text, room, "%s: nobody", p->rules[i].label);
  }
  for (uint32_t k = 0; k < p->column_count; k++) {
    double nulls = *at_tally(p, p->tally, NULLS, k), strays = *at_tally(p, p->tally, STRAYS, k);
    const char *name = p->columns[k].name;
    if (nulls > 0)
      snprintf(tell(p, "null", k, nulls, 0), room, "%.80s is null for %.0f of %.0f customers: no points", name, nulls,
               p->customers);
    if (strays > 0)
      snprintf(tell(p, "not_taken", k, strays, 1), room, "no rule takes the %.80s of %.0f of %.0f customers: no points",
               name, strays, p->customers);
  }
  for (uint32_t g = 0; g < p->group_count; g++) {
    double capped = *at_tally(p, p->tally, CAPPED, g);
    if (capped > 0)
      snprintf(tell(p, "capped", g, capped, 0), room, "the caps of %.80s hold for %.0f of %.0f customers",
               p->groups[g].name, capped, p->customers);
  }
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)again, (void)error;
  points *p = self;
  memcpy(p->tally, state, state_size(p));
  report(p);
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const points *p = self;
  if (!writer->write(writer, p->tally, state_size(p)))
    return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  points *p = self;
  if (count != state_size(p))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is of other rules, or damaged: %zu bytes, not %zu",
                       count, state_size(p));
  memcpy(p->tally, bytes, count);
  report(p);
  return TARAZU_OK;
}

static tarazu_list facts(const void *self)
{
  const points *p = self;
  return (tarazu_list){p->facts, p->fact_count, sizeof p->facts[0]};
}

/* ---- scoring ---- */

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  const points *p = self;
  (void)output;
  *count = p->rule_count;
  return p->labels;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const points *p = self;
  card c;
  if (!card_open(p, &c)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", p->rule_count);
  for (int64_t row = 0; row < batch->rows; row++) {
    fill_card(p, batch, row, &c);
    if (c.known) ((double *)results[0]->values)[row] = c.total;
    else tarazu_set_null(results[0], row);
    int64_t reason = -1;
    for (int k = 1; k <= REASONS; k++) {
      if (k == 1 || reason >= 0) reason = next_reason(p, &c, reason);
      if (!results[k]) continue;
      if (reason >= 0) ((int32_t *)results[k]->values)[row] = (int32_t)reason;
      else tarazu_set_null(results[k], row);
    }
  }
  free(c.given);
  return TARAZU_OK;
}

/* ---- explaining ---- */

static void write_value(const tarazu_column *column, int64_t row, char *text, size_t room)
{
  if (column->type != TARAZU_TEXT) {
    snprintf(text, room, "%.10g", ((const double *)column->values)[row]);
    return;
  }
  const tarazu_dictionary *d = column->dictionary;
  int32_t code = ((const int32_t *)column->values)[row];
  int length = (int)(d->offsets[code + 1] - d->offsets[code]);
  snprintf(text, room, "'%.*s'", length < 200 ? length : 200, d->bytes + d->offsets[code]);
}

/* "+20 customers.age from 25 below 40: 31 (the most is +35)", "-7.5 complaint: 2 events, the last 30 days ago" */
static int reason_line(const points *p, const tarazu_batch *row, const card *c, uint32_t i, char *line, size_t room)
{
  const rule *r = &p->rules[i];
  char value[256];
  if (r->column == NO_COLUMN)
    return snprintf(line, room, "%+.6g %s: %lld event%s, the last %.6g days ago\n", c->given[i], r->label,
                    (long long)c->events[i], c->events[i] == 1 ? "" : "s",
                    (double)(p->as_of - c->last[i]) / MICROSECONDS_PER_DAY);
  write_value(row->columns[r->column], 0, value, sizeof value);
  double best = p->columns[r->place].best;
  int length = snprintf(line, room, "%+.6g %s: %s", c->given[i], r->label, value);
  if (best <= c->given[i]) return length + snprintf(line + length, room - (size_t)length, "\n");
  return length + snprintf(line + length, room - (size_t)length, " (the most is %+.6g)\n", best);
}

static int column_line(const points *p, const tarazu_batch *row, const card *c, uint32_t k, char *line, size_t room)
{
  const used *u = &p->columns[k];
  char value[256];
  if (c->states[k] == TAKEN) return 0;
  if (c->states[k] == UNKNOWN) return snprintf(line, room, "no points for %.80s, which is null\n", u->name);
  write_value(row->columns[u->column], 0, value, sizeof value);
  return snprintf(line, room, "no points for %.80s: no rule takes %s\n", u->name, value);
}

static int group_line(const points *p, const card *c, uint32_t g, char *line, size_t room)
{
  if (!(c->capped[g] < c->groups[g]) && !(c->capped[g] > c->groups[g])) return 0;
  return snprintf(line, room, "%.80s: %+.6g in all, held at %+.6g\n", p->groups[g].name, c->groups[g], c->capped[g]);
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const points *p = self;
  char line[800];
  card c;
  int going = 1;
  if (!card_open(p, &c)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", p->rule_count);
  fill_card(p, row, 0, &c);
  for (int64_t i = next_reason(p, &c, -1); i >= 0 && going; i = next_reason(p, &c, i))
    going = writer->write(writer, line, (size_t)reason_line(p, row, &c, (uint32_t)i, line, sizeof line));
  for (uint32_t g = 0; g < p->group_count && going; g++) {
    int length = group_line(p, &c, g, line, sizeof line);
    if (length) going = writer->write(writer, line, (size_t)length);
  }
  for (uint32_t k = 0; k < p->column_count && going; k++) {
    int length = column_line(p, row, &c, k, line, sizeof line);
    if (length) going = writer->write(writer, line, (size_t)length);
  }
  if (going && p->base != 0)
    going = writer->write(writer, line, (size_t)snprintf(line, sizeof line, "%+.6g to begin with\n", p->base));
  free(c.given);
  return going ? TARAZU_OK : tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "points",
    .version = "1.0",
    .summary = "a scorecard: points by band, category and event, with caps, decay and reasons",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(points),
    .create = create,
    .destroy = destroy,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = save,
    .load = load,
    .apply = apply,
    .labels = labels,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "points",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
