/* rules: segments by conditions over several columns, tried in the profile's order; the first rule that a customer
 * meets names her segment. */
#include "../shared/names.h"
#include "../shared/segments.h"

enum { RULES, OTHERWISE, MISSING };
enum { NAME, COLUMN, IS, IS_NOT, FROM, ABOVE, TO, BELOW, KNOWN, OR }; /* a record's fields */
static const tarazu_param record_fields[] = {
    {.name = "name",
     .kind = TARAZU_STRING,
     .help = "the segment's; records in a row with the same name are one rule, all of which must hold"},
    {.name = "column",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "one of columns, or category, category_2, …; absent: the record holds for everybody"},
    {.name = "is", .kind = TARAZU_STRINGS, .optional = 1, .help = "holds if the value is one of these"},
    {.name = "is_not", .kind = TARAZU_STRINGS, .optional = 1, .help = "holds if there is a value, none of these"},
    {.name = "from", .kind = TARAZU_REAL, .optional = 1, .help = "holds if the value is this or more"},
    {.name = "above", .kind = TARAZU_REAL, .optional = 1, .help = "holds if the value is more than this"},
    {.name = "to", .kind = TARAZU_REAL, .optional = 1, .help = "holds if the value is this or less"},
    {.name = "below", .kind = TARAZU_REAL, .optional = 1, .help = "holds if the value is less than this"},
    {.name = "known", .kind = TARAZU_SWITCH, .optional = 1, .help = "holds if there is a value; no: if there is none"},
    {.name = "or",
     .kind = TARAZU_SWITCH,
     .initial = "no",
     .help = "begins another rule though the record before has the same name"},
};
static const tarazu_param params[] = {
    {.name = "rules",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(record_fields),
     .help = "what makes a customer a member of which segment; the first rule that she meets wins"},
    {.name = "otherwise",
     .kind = TARAZU_STRING,
     .initial = "others",
     .help = "the segment of customers who meet no rule"},
    {.name = "missing",
     .kind = TARAZU_STRING,
     .optional = 1,
     .help = "the segment of those who meet no rule and lack every column that rules use; null where absent"},
};

enum { TEXTS = 6, FIRST_NUMBER = TEXTS }; /* columns of a batch: text, then numbers */
static const tarazu_field text_fields[TEXTS] = {
    {.name = "category", .type = TARAZU_TEXT, .optional = 1, .help = "a column of text"},
    {.name = "category_2", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_3", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_4", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_5", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
    {.name = "category_6", .type = TARAZU_TEXT, .optional = 1, .help = "another column of text"},
};
static const tarazu_field number_fields[] = {
    {.name = "column", .type = TARAZU_F64, .help = "a column of numbers, a criterion, a dimension's score, the score"},
};
static const tarazu_input inputs[] = {
    {.name = "categories",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .fields = TARAZU_LIST(text_fields),
     .help = "columns of text, one value a customer"},
    {.name = "columns",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .many = 1,
     .fields = TARAZU_LIST(number_fields),
     .help = "columns of numbers: criteria, their outputs, scores"},
};
static const tarazu_output outputs[] = {
    {.name = "segment", .type = TARAZU_TEXT, .help = "the name of the first rule that the customer meets"},
};

enum { MOST_RECORDS = 1000 };

/* A value of a column: a number, or the place of a text among the words that rules use (-1: another text). */
typedef struct datum {
  double number;
  int32_t word;
  int32_t known;
} datum;

typedef struct condition {
  uint32_t used; /* the column's place among those that rules use; NONE: holds for everybody */
  int32_t known; /* 1: there must be a value, 0: there must be none */
  int32_t takes; /* 1: one of the list, -1: none of it, 0: there is no list */
  uint32_t count;
  datum *list;
  double from, to;
  int32_t from_open, to_open; /* the end itself does not belong */
} condition;
static const uint32_t NONE = UINT32_MAX;

typedef struct rule {
  uint32_t first, count; /* its conditions */
} rule;

/* A column that rules use, and the values that stand for all that rules can tell apart in it. */
typedef struct used {
  uint32_t column;
  const char *name;
  datum *samples;
  uint32_t sample_count, reserved;
} used;

typedef struct rules {
  segment_list segments; /* a place a rule, then otherwise */
  fact_list facts;
  name_table words;
  condition *conditions;
  rule *rules;
  used *columns;
  uint8_t *meets;   /* see meets_at */
  int32_t *covered; /* of each rule: by which one, or a reason below; NOT_COVERED */
  uint32_t condition_count, rule_count, column_count, most_samples;
} rules;
enum { NOT_COVERED = -1, BY_SEVERAL = -2, BY_NOTHING = -3 }; /* BY_NOTHING: it contradicts itself */

static int holds(const condition *c, const datum *d, int is_text)
{
  if (!c->known) return !d->known;
  if (!d->known) return 0;
  int listed = 0;
  for (uint32_t i = 0; i < c->count && !listed; i++)
    listed =
        is_text ? c->list[i].word == d->word : !(c->list[i].number < d->number) && !(c->list[i].number > d->number);
  if (c->takes && (c->takes > 0) != listed) return 0;
  if (is_text) return 1;
  return (c->from_open ? d->number > c->from : d->number >= c->from) &&
         (c->to_open ? d->number < c->to : d->number <= c->to);
}

static int is_text(const used *u)
{
  return u->column < FIRST_NUMBER;
}

/* ---- creation: columns ------------------------------------------------------------------------------------------ */

static tarazu_status find_column(const tarazu_context *context, const char *name, int32_t item, uint32_t *column,
                                 tarazu_error *error)
{
  char names[400] = "";
  size_t length = 0;
  uint32_t hits = 0;
  for (uint32_t c = 0; c < context->columns.count; c++) {
    const tarazu_bound *bound = tarazu_bound_at(context, c);
    if (!bound->type) continue;
    if (length < sizeof names)
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", bound->name);
    if (strcmp(bound->name, name) != 0) continue;
    *column = c;
    hits++;
  }
  if (hits == 1) return TARAZU_OK;
  if (hits) return segments_refuse(error, RULES, item, "two columns are called '%.80s'", name);
  return segments_refuse(error, RULES, item, "there is no column '%.80s'; bound are: %s", name,
                         *names ? names : "none (name them in the input `columns`, texts in `category`)");
}

static uint32_t use_column(rules *r, uint32_t column, const char *name)
{
  uint32_t at = 0;
  while (at < r->column_count && r->columns[at].column != column) at++;
  if (at == r->column_count) r->columns[r->column_count++] = (used){.column = column, .name = name};
  return at;
}

/* ---- creation: words ----------------------------------------------------------------------------------------------
 */

/* All texts of is and is_not, each once, sorted: text or number is known later. */
static int gather_words(rules *r, const tarazu_value *records)
{
  uint32_t all = 0, count = 0, unique = 0;
  for (uint32_t i = 0; i < records->count; i++)
    all += tarazu_arg(&records->records[i], IS)->count + tarazu_arg(&records->records[i], IS_NOT)->count;
  name_found *found = malloc((all + 1u) * sizeof *found);
  const char **texts = malloc((all + 1u) * sizeof *texts);
  int64_t *lengths = malloc((all + 1u) * sizeof *lengths);
  int good = found && texts && lengths;
  for (uint32_t i = 0; good && i < records->count; i++)
    for (uint32_t field = IS; field <= IS_NOT; field++) {
      const tarazu_value *list = tarazu_arg(&records->records[i], field);
      for (uint32_t k = 0; k < list->count; k++)
        found[count++] = (name_found){list->texts[k], (int64_t)strlen(list->texts[k])};
    }
  if (good) qsort(found, count, sizeof *found, names_compare);
  for (uint32_t i = 0; good && i < count; i++) {
    if (i && !names_compare(&found[i], &found[i - 1])) continue;
    texts[unique] = found[i].text;
    lengths[unique++] = found[i].length;
  }
  good = good && names_copy(&r->words, texts, lengths, unique);
  free(found);
  free((void *)texts);
  free(lengths);
  return good;
}

/* ---- creation: conditions ---------------------------------------------------------------------------------------- */

static int is_given(const tarazu_args *record, uint32_t field)
{
  return tarazu_arg(record, field)->given != 0;
}

static tarazu_status take_list(const rules *r, condition *c, const tarazu_args *record, int32_t item,
                               tarazu_error *error)
{
  const tarazu_value *list = tarazu_arg(record, is_given(record, IS) ? IS : IS_NOT);
  if (!list->given) return TARAZU_OK;
  c->takes = is_given(record, IS) ? 1 : -1;
  c->list = calloc(list->count + 1u, sizeof *c->list);
  if (!c->list) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u values", (unsigned)list->count);
  for (uint32_t i = 0; i < list->count; i++) {
    char *end;
    datum *d = &c->list[c->count++];
    d->known = 1;
    d->word = names_find(&r->words, list->texts[i], (int64_t)strlen(list->texts[i]));
    if (is_text(&r->columns[c->used])) continue;
    d->number = strtod(list->texts[i], &end);
    if (end == list->texts[i] || *end || !isfinite(d->number))
      return segments_refuse(error, RULES, item, "'%.80s' is no number, and the column is one of numbers",
                             list->texts[i]);
  }
  return TARAZU_OK;
}

static tarazu_status take_band(const rules *r, condition *c, const tarazu_args *record, int32_t item,
                               tarazu_error *error)
{
  int any = 0;
  for (uint32_t field = FROM; field <= BELOW; field++) any |= is_given(record, field);
  if (any && is_text(&r->columns[c->used]))
    return segments_refuse(error, RULES, item, "'%.80s' is text, which has no bands: say `is: […]`",
                           tarazu_arg(record, COLUMN)->text);
  if ((is_given(record, FROM) && is_given(record, ABOVE)) || (is_given(record, TO) && is_given(record, BELOW)))
    return segments_refuse(error, RULES, item, "one of `from` and `above`, and one of `to` and `below`");
  c->from_open = is_given(record, ABOVE);
  c->to_open = is_given(record, BELOW);
  c->from = any && (c->from_open || is_given(record, FROM)) ? tarazu_arg(record, c->from_open ? ABOVE : FROM)->real
                                                            : -(double)INFINITY;
  c->to = any && (c->to_open || is_given(record, TO)) ? tarazu_arg(record, c->to_open ? BELOW : TO)->real
                                                      : (double)INFINITY;
  if (!any && !c->takes && !is_given(record, KNOWN))
    return segments_refuse(error, RULES, item,
                           "nothing is asked of '%.80s': say is, is_not, from, above, to, below or known",
                           tarazu_arg(record, COLUMN)->text);
  if (!c->known && (any || c->takes))
    return segments_refuse(error, RULES, item,
                           "`known: no` asks that there is no value: nothing else can be asked of it");
  return TARAZU_OK;
}

static tarazu_status take_condition(rules *r, const tarazu_context *context, const tarazu_args *record, int32_t item,
                                    tarazu_error *error)
{
  condition *c = &r->conditions[r->condition_count++];
  const tarazu_value *column = tarazu_arg(record, COLUMN), *known = tarazu_arg(record, KNOWN);
  uint32_t place;
  *c = (condition){.used = NONE, .known = 1};
  if (!column->given) {
    for (uint32_t field = IS; field <= KNOWN; field++)
      if (is_given(record, field)) return segments_refuse(error, RULES, item, "a condition without `column`");
    return TARAZU_OK;
  }
  tarazu_status status = find_column(context, column->text, item, &place, error);
  if (status) return status;
  c->used = use_column(r, place, column->text);
  if (known->given) c->known = known->integer != 0;
  if (is_given(record, IS) && is_given(record, IS_NOT))
    return segments_refuse(error, RULES, item, "one of `is` and `is_not`");
  status = take_list(r, c, record, item, error);
  return status ? status : take_band(r, c, record, item, error);
}

static tarazu_status take_records(rules *r, const tarazu_context *context, const tarazu_value *records,
                                  const char **names, tarazu_error *error)
{
  for (uint32_t i = 0; i < records->count; i++) {
    const tarazu_args *record = &records->records[i];
    const char *name = tarazu_arg(record, NAME)->text;
    tarazu_status status = take_condition(r, context, record, (int32_t)i, error);
    if (status) return status;
    int begins = !r->rule_count || strcmp(names[r->rule_count - 1], name) != 0 || tarazu_arg(record, OR)->integer;
    if (begins) {
      names[r->rule_count] = name;
      r->rules[r->rule_count++] = (rule){i, 0};
    }
    r->rules[r->rule_count - 1].count++;
  }
  return TARAZU_OK;
}

/* ---- which rules nobody can meet --------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The numbers that conditions name, and one below, between and above them. 0: no memory. */
static int sample_numbers(used *u, double *ends, uint32_t count)
{
  qsort(ends, count, sizeof *ends, compare_numbers);
  u->samples = calloc(2 * count + 4u, sizeof *u->samples);
  if (!u->samples) return 0;
  double below = count ? nextafter(ends[0], -(double)INFINITY) : 0;
  u->samples[u->sample_count++] = (datum){below, -1, 1};
  for (uint32_t i = 0; i < count; i++) {
    if (i && !(ends[i] > ends[i - 1])) continue;
    double between = i ? ends[i - 1] / 2 + ends[i] / 2 : 0;
    if (i && between > ends[i - 1] && between < ends[i]) u->samples[u->sample_count++] = (datum){between, -1, 1};
    u->samples[u->sample_count++] = (datum){ends[i], -1, 1};
  }
  if (count) u->samples[u->sample_count++] = (datum){nextafter(ends[count - 1], (double)INFINITY), -1, 1};
  u->samples[u->sample_count++] = (datum){0, -1, 0};
  return 1;
}

static int sample_column(const rules *r, uint32_t place)
{
  used *u = &r->columns[place];
  if (is_text(u)) {
    u->samples = calloc(r->words.count + 2u, sizeof *u->samples);
    for (uint32_t w = 0; u->samples && w <= r->words.count; w++)
      u->samples[u->sample_count++] = (datum){0, (int32_t)w - 1, 1};
    if (u->samples) u->samples[u->sample_count++] = (datum){0, -1, 0};
    return u->samples != NULL;
  }
  uint32_t room = 2, count = 0;
  for (uint32_t i = 0; i < r->condition_count; i++) room += r->conditions[i].count + 2;
  double *ends = calloc(room, sizeof *ends);
  for (uint32_t i = 0; ends && i < r->condition_count; i++) {
    const condition *c = &r->conditions[i];
    if (c->used != place || !c->known) continue;
    if (isfinite(c->from)) ends[count++] = c->from;
    if (isfinite(c->to)) ends[count++] = c->to;
    for (uint32_t k = 0; k < c->count; k++) ends[count++] = c->list[k].number;
  }
  int good = ends && sample_numbers(u, ends, count);
  free(ends);
  return good;
}

/* Whether a rule's conditions on a column hold for a sample of it. */
static uint8_t *meets_at(const rules *r, uint32_t rule_number, uint32_t column)
{
  return r->meets + ((size_t)rule_number * r->column_count + column) * r->most_samples;
}

static int fill_meets(rules *r)
{
  int good = 1;
  for (uint32_t c = 0; good && c < r->column_count; c++) {
    good = sample_column(r, c);
    if (r->columns[c].sample_count > r->most_samples) r->most_samples = r->columns[c].sample_count;
  }
  r->meets = good ? malloc((size_t)r->rule_count * r->column_count * r->most_samples + 1) : NULL;
  if (!r->meets) return 0;
  memset(r->meets, 1, (size_t)r->rule_count * r->column_count * r->most_samples);
  for (uint32_t i = 0; i < r->rule_count; i++)
    for (uint32_t k = 0; k < r->rules[i].count; k++) {
      const condition *c = &r->conditions[r->rules[i].first + k];
      if (c->used == NONE) continue;
      const used *u = &r->columns[c->used];
      uint8_t *meets = meets_at(r, i, c->used);
      for (uint32_t s = 0; s < u->sample_count; s++) meets[s] &= (uint8_t)holds(c, &u->samples[s], is_text(u));
    }
  return 1;
}

static int contradicts_itself(const rules *r, uint32_t i)
{
  for (uint32_t c = 0; c < r->column_count; c++)
    if (!memchr(meets_at(r, i, c), 1, r->columns[c].sample_count)) return 1;
  return 0;
}

/* Whoever meets rule j meets rule i. */
static int covers(const rules *r, uint32_t i, uint32_t j)
{
  for (uint32_t c = 0; c < r->column_count; c++) {
    const uint8_t *wide = meets_at(r, i, c), *narrow = meets_at(r, j, c);
    for (uint32_t s = 0; s < r->columns[c].sample_count; s++)
      if (narrow[s] && !wide[s]) return 0;
  }
  return 1;
}

/* Steps of the search for one whom a rule leaves to rule j; beyond it the rule counts as reachable. */
enum { MOST_STEPS = 100000 };

/* One value a column is chosen so that rule j holds; alive are the earlier rules that still could hold, and where they
 * do once every column is chosen, they take the customer. 1: somebody is left; -1: too many to try. */
static int left(const rules *r, uint32_t j, uint32_t column, const uint8_t *alive, int *steps)
{
  uint8_t still[MOST_RECORDS];
  if (!memchr(alive, 1, j)) return 1;
  if (column == r->column_count) return 0;
  const uint8_t *own = meets_at(r, j, column);
  int any = 0;
  for (uint32_t s = 0; s < r->columns[column].sample_count; s++) {
    if (!own[s]) continue;
    if (++*steps > MOST_STEPS) return -1;
    for (uint32_t i = 0; i < j; i++) still[i] = alive[i] & meets_at(r, i, column)[s];
    any = left(r, j, column + 1, still, steps);
    if (any) return any;
  }
  return 0;
}

static void find_covered(rules *r)
{
  uint8_t alive[MOST_RECORDS];
  memset(alive, 1, sizeof alive);
  for (uint32_t j = 0; j < r->rule_count; j++) {
    int steps = 0;
    r->covered[j] = contradicts_itself(r, j) ? BY_NOTHING : NOT_COVERED;
    for (uint32_t i = 0; i < j && r->covered[j] == NOT_COVERED; i++)
      if (covers(r, i, j)) r->covered[j] = (int32_t)i;
    if (r->covered[j] == NOT_COVERED && !left(r, j, 0, alive, &steps)) r->covered[j] = BY_SEVERAL;
  }
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

static tarazu_status take_all(rules *r, const tarazu_context *context, const tarazu_args *args, const char **names,
                              tarazu_error *error)
{
  tarazu_status status = take_records(r, context, tarazu_arg(args, RULES), names, error);
  if (status) return status;
  names[r->rule_count] = tarazu_arg(args, OTHERWISE)->text;
  r->covered = calloc(r->rule_count + 1u, sizeof *r->covered);
  if (!r->covered || !fill_meets(r) ||
      !segments_take(&r->segments, names, r->rule_count + 1, tarazu_arg(args, MISSING)) ||
      !facts_begin(&r->facts, segments_facts(&r->segments) + r->rule_count))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", (unsigned)r->rule_count);
  find_covered(r);
  return TARAZU_OK;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  rules *r = self;
  const tarazu_value *records = tarazu_arg(args, RULES);
  if (records->count > MOST_RECORDS)
    return segments_refuse(error, RULES, MOST_RECORDS, "%u conditions, rules takes %d", (unsigned)records->count,
                           MOST_RECORDS);
  const char **names = calloc(records->count + 1u, sizeof *names);
  r->conditions = calloc(records->count + 1u, sizeof *r->conditions);
  r->rules = calloc(records->count + 1u, sizeof *r->rules);
  r->columns = calloc(records->count + 1u, sizeof *r->columns);
  tarazu_status status = names && r->conditions && r->rules && r->columns && gather_words(r, records)
                             ? take_all(r, context, args, names, error)
                             : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u rules", (unsigned)records->count);
  free((void *)names);
  return status;
}

static void destroy(void *self)
{
  rules *r = self;
  segments_free(&r->segments);
  facts_free(&r->facts);
  names_free(&r->words);
  for (uint32_t i = 0; r->conditions && i < r->condition_count; i++) free(r->conditions[i].list);
  for (uint32_t i = 0; r->columns && i < r->column_count; i++) free(r->columns[i].samples);
  free(r->conditions);
  free(r->rules);
  free(r->columns);
  free(r->meets);
  free(r->covered);
}

/* ---- segments ------------------------------------------------------------------------------------------------------
 */

/* A batch's columns that rules use, and a row's values of them: a call's own. */
typedef struct reading {
  const rules *r;
  const tarazu_batch *batch;
  datum *row;
  name_lookup texts[TEXTS];
} reading;

static int read_begin(reading *d, const rules *r, const tarazu_batch *batch)
{
  d->r = r;
  d->batch = batch;
  d->row = malloc((r->column_count + 1u) * sizeof *d->row);
  for (uint32_t c = 0; c < r->column_count; c++)
    if (is_text(&r->columns[c]))
      lookup_begin(&d->texts[r->columns[c].column], &r->words, batch->columns[r->columns[c].column]);
  return d->row != NULL;
}

/* The first rule met, then otherwise; -1: nothing is known. */
static int64_t place_of(reading *d, int64_t row)
{
  const rules *r = d->r;
  int known = !r->column_count;
  for (uint32_t c = 0; c < r->column_count; c++) {
    const used *u = &r->columns[c];
    const tarazu_column *column = d->batch->columns[u->column];
    datum *value = &d->row[c];
    *value = (datum){.known = tarazu_is_valid(column, row)};
    known |= value->known;
    if (!value->known) continue;
    if (is_text(u)) value->word = lookup_at(&d->texts[u->column], row);
    else value->number = ((const double *)column->values)[row];
  }
  for (uint32_t i = 0; i < r->rule_count; i++) {
    int all = 1;
    for (uint32_t k = 0; k < r->rules[i].count && all; k++) {
      const condition *c = &r->conditions[r->rules[i].first + k];
      all = c->used == NONE || holds(c, &d->row[c->used], is_text(&r->columns[c->used]));
    }
    if (all) return i;
  }
  return known ? (int64_t)r->rule_count : -1;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const rules *r = self;
  reading d;
  if (!read_begin(&d, r, batch)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a row");
  for (int64_t i = 0; i < batch->rows; i++) segment_write(&r->segments, results[0], i, place_of(&d, i));
  free(d.row);
  return TARAZU_OK;
}

static void report(rules *r)
{
  r->facts.count = 0;
  segments_tell(&r->segments, &r->facts);
  for (uint32_t i = 0; i < r->rule_count; i++) {
    if (r->covered[i] == NOT_COVERED) continue;
    const char *name = r->segments.labels[r->segments.codes[i]];
    tarazu_fact *fact = fact_add(&r->facts, 0, "rule_%u", (unsigned)i + 1);
    if (r->covered[i] >= 0)
      fact_say(&r->facts, fact, 1, "nobody can reach rule %u, '%.80s': rule %d, '%.80s', takes all who meet it",
               (unsigned)i + 1, name, r->covered[i] + 1, r->segments.labels[r->segments.codes[r->covered[i]]]);
    else if (r->covered[i] == BY_SEVERAL)
      fact_say(&r->facts, fact, 1, "nobody can reach rule %u, '%.80s': the rules before it take all who meet it",
               (unsigned)i + 1, name);
    else
      fact_say(&r->facts, fact, 1, "nobody can meet rule %u, '%.80s': its conditions contradict each other",
               (unsigned)i + 1, name);
  }
}

/* What is learned is only what is told: how many are in each segment. */
static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  rules *r = self;
  reading d;
  if (!read_begin(&d, r, spaces[0])) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a row");
  segments_forget(&r->segments);
  for (int64_t i = 0; i < spaces[0]->rows; i++) segments_add(&r->segments, place_of(&d, i));
  free(d.row);
  report(r);
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const rules *r = self;
  if (writer->write(writer, r->segments.customers, (r->segments.count + 1u) * sizeof *r->segments.customers))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  rules *r = self;
  size_t expected = (r->segments.count + 1u) * sizeof *r->segments.customers;
  if (count != expected)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is of other rules, or damaged: %zu bytes, not %zu",
                       count, expected);
  memcpy(r->segments.customers, bytes, count);
  report(r);
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  const rules *r = self;
  (void)output;
  *count = r->segments.count;
  return r->segments.labels;
}

static tarazu_list facts(const void *self)
{
  const rules *r = self;
  return (tarazu_list){r->facts.items, r->facts.count, sizeof *r->facts.items};
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "rules",
    .version = "1.0",
    .license = "MIT",
    .summary = "segments by conditions over several columns, the first that holds",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(rules),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
    .labels = labels,
    .facts = facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "rules",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
