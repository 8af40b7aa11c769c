/* From a request to SQL, in three layers:
 *
 *   SELECT <aggregates or values> FROM (
 *     SELECT *, <the row's date> AS "tarazu time" FROM (
 *       SELECT <keys, date and wants as the profile writes them> FROM <files> WHERE (<where>)))
 *   WHERE "tarazu time" <= <until> GROUP BY …
 *
 * so that an expression sees the files' columns and nothing else. How a value is made into the type that is wanted
 * depends on its own type, which preparing the innermost layer tells. No rounding is left to DuckDB: what it would
 * round (decimals and wide integers to doubles, sums of doubles) is handed on unrounded or added up by exact.c. */
#define _GNU_SOURCE
#include "query.h"

enum { WHERE_ITEM = -2, FIRST_KEY_ITEM = -3, SECOND_KEY_ITEM = -4, TIME_ITEM = -5 };

typedef struct builder {
  const relation *data;
  const tarazu_request *request;
  tarazu_error *error;
  item *items; /* keys, then the time, then the wants that have an expression */
  uint32_t count, key_count;
  bool timed;
  bool counts_undated; /* rows without a date are wanted, as a number */
  reading *raw;        /* a column: how it must be there beside its own type */
  int *want_items;     /* a want: its item; -1: none */
  query *to;
  uint32_t columns; /* of the statement so far */
} builder;

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
}

static const tarazu_want *want_at(const tarazu_request *request, uint32_t index)
{
  return tarazu_at(&request->wants, index);
}

/* ---- expressions ------------------------------------------------------------------------------------------------- */

/* What DuckDB's own parser makes of it: one expression, of this row alone, the same in every run. */
static const char *const check_expression =
    "SELECT coalesce(json_extract_string(j, '$.error_message'), ''),"
    "  CASE WHEN json_extract_string(j, '$.error') = 'true' THEN 'syntax'"
    "    WHEN json_array_length(j, '$.statements') <> 1 OR json_array_length(j, '$.statements[0].node.select_list') <> "
    "1"
    "      OR json_extract_string(j, '$.statements[0].node.from_table.type') <> 'EMPTY' OR json_extract_string(j, "
    "'$.statements[0].node.modifiers') <> '[]'"
    "      THEN 'it must be one expression'"
    "    WHEN contains(t, '\"class\":\"SUBQUERY\"') THEN 'a query within it is not allowed'"
    "    WHEN contains(t, '\"class\":\"WINDOW\"') THEN 'a window function is not allowed: the order of rows must not "
    "count'"
    "    WHEN contains(t, '\"class\":\"STAR\"') THEN '* stands for many columns; name one'"
    "    WHEN contains(t, '\"class\":\"PARAMETER\"') THEN 'it must not have parameters (?, $1)'"
    "    WHEN regexp_matches(t, "
    "'\"function_name\":\"(now|today|random|uuid|uuidv4|uuidv7|gen_random_uuid|nextval|setseed|"
    "get_current_time|get_current_timestamp|transaction_timestamp|txid_current|current_query)\"|"
    "\"column_names\":\\[\"(current_date|current_time|current_timestamp|localtime|localtimestamp)\"\\]')"
    "      THEN 'a clock or a random number would give another result in every run'"
    "    ELSE '' END "
    "FROM (SELECT j, CAST(j AS VARCHAR) AS t FROM (SELECT json_serialize_sql(";

static tarazu_status expression_verdict(void *argument, const char *const *values, tarazu_error *error)
{
  const item *checked = argument;
  if (!values[1] || !*values[1]) return TARAZU_OK;
  error->item = checked->number;
  bool syntax = strcmp(values[1], "syntax") == 0 && !strstr(values[0], "serialized to json");
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: %.400s: %s", checked->name, checked->expression,
                     syntax                             ? values[0]
                     : strcmp(values[1], "syntax") == 0 ? "it must be one expression"
                                                        : values[1]);
}

static tarazu_status check_item(builder *build, item *checked)
{
  if (relation_column(build->data, checked->expression) >= 0) return TARAZU_OK;
  sql written = {0}, text = {0};
  sql_add(&written, "SELECT (%s\n)", checked->expression);
  sql_add(&text, "%s", check_expression);
  if (written.text) sql_string(&text, written.text);
  sql_add(&text, ")::JSON AS j))");
  tarazu_status status = text.failed || written.failed ? no_memory(build->error)
                                                       : relation_rows(&build->data->planning, text.text,
                                                                       expression_verdict, checked, build->error);
  sql_free(&written);
  sql_free(&text);
  return status;
}

static void raw_name(sql *to, const char *column)
{
  sql alias = {0};
  sql_add(&alias, "tarazu raw %s", column);
  if (alias.text) sql_name(to, alias.text);
  to->failed |= alias.failed;
  sql_free(&alias);
}

/* A column's name, or the expression in brackets; the newline ends a comment that it may end with. */
static void item_text(const builder *build, const item *it, sql *to)
{
  int64_t column = relation_column(build->data, it->expression);
  if (column < 0) sql_add(to, "(%s\n)", it->expression);
  else if (it->raw) raw_name(to, build->data->columns[column].name);
  else sql_name(to, build->data->columns[column].name);
}

/* ---- the innermost layer ----------------------------------------------------------------------------------------- */

/* The files, or with planned the empty table in their place. A column that is wanted as it is written comes twice: as
 * text, and under its own name in its own type for expressions. */
static void add_from(const builder *build, bool planned, sql *to)
{
  const relation *data = build->data;
  bool any = false;
  sql_add(to, "(SELECT * ");
  for (uint32_t i = 0; i < data->column_count; i++) {
    if (!build->raw[i]) continue;
    sql_add(to, any ? ", CAST(" : "REPLACE (CAST(");
    sql_name(to, data->columns[i].name);
    sql_add(to, " AS %s) AS ", data->columns[i].declared);
    sql_name(to, data->columns[i].name);
    any = true;
  }
  if (any) sql_add(to, ")");
  for (uint32_t i = 0; i < data->column_count; i++) {
    if (!build->raw[i]) continue;
    sql_add(to, ", CAST(");
    sql_name(to, data->columns[i].name);
    sql_add(to, build->raw[i] == READ_AS_MOMENT ? " AS TIMESTAMP) AS " : " AS VARCHAR) AS ");
    raw_name(to, data->columns[i].name);
  }
  sql_add(to, " FROM ");
  if (planned) sql_add(to, "source");
  else relation_scan(data, build->raw, build->request->memory, to);
  sql_add(to, ")");
}

/* only: that item alone (or the where, WHERE_ITEM); -1: all of them. A plain column stands before the items, so that an
 * aggregate function in one of them is an error, as it must be. */
static void add_inner(const builder *build, bool planned, int only, sql *to)
{
  sql_add(to, "SELECT ");
  sql_name(to, build->data->columns[0].name);
  sql_add(to, " AS \"tarazu row\"");
  for (uint32_t i = 0; i < build->count; i++) {
    if (only != -1 && only != (int)i) continue;
    sql_add(to, ", ");
    item_text(build, &build->items[i], to);
    sql_add(to, " AS %s", build->items[i].alias);
  }
  sql_add(to, " FROM ");
  add_from(build, planned, to);
  if (build->request->where && (only == -1 || only == WHERE_ITEM)) sql_add(to, " WHERE (%s\n)", build->request->where);
}

static bool prepares(const builder *build, const char *text, duckdb_prepared_statement *out, char message[DUCK_MESSAGE])
{
  const duck_session *planning = &build->data->planning;
  bool good = planning->api->prepare(planning->connection, text, out) == DuckDBSuccess;
  if (!good) duck_message(planning->api->prepare_error(*out), message);
  return good;
}

/* A CSV column's type is seen from its values; one without any is text, with which nothing is reckoned. */
static const char *untyped(const builder *build, const char *message)
{
  if (build->data->kind != READ_CSV || !strstr(message, "VARCHAR")) return "";
  if (!strstr(message, "No function matches") && !strstr(message, "Cannot compare")) return "";
  return "; a CSV column without any value is taken for text: tell its type, as in CAST(column AS DOUBLE) or AS DATE";
}

/* Which of the items DuckDB does not take, and why. */
static tarazu_status blame(const builder *build, const char *whole)
{
  char message[DUCK_MESSAGE];
  for (int i = WHERE_ITEM; i < (int)build->count; i++) {
    if (i == -1 || (i == WHERE_ITEM && !build->request->where)) continue;
    sql text = {0};
    add_inner(build, true, i, &text);
    duckdb_prepared_statement statement = NULL;
    bool good = text.failed || prepares(build, text.text, &statement, message);
    build->data->planning.api->destroy_prepare(&statement);
    sql_free(&text);
    if (good) continue;
    build->error->item = i == WHERE_ITEM ? WHERE_ITEM : build->items[i].number;
    const char *expression = i == WHERE_ITEM ? build->request->where : build->items[i].expression;
    sql missing = {0};
    sql_add(&missing, "there is no column \"%s\"", expression);
    bool alone = missing.text && strcmp(missing.text, message) == 0; /* the column is all the expression is */
    sql_free(&missing);
    if (alone) return tarazu_fail(build->error, TARAZU_BAD_PARAMETER, "%s", message);
    if (strstr(message, "must appear in the GROUP BY clause"))
      snprintf(message, sizeof message,
               "an expression is of one row; a sum or another aggregate of many is not allowed");
    return tarazu_fail(build->error, TARAZU_BAD_PARAMETER, "%.250s: %s%s", expression, message,
                       untyped(build, message));
  }
  return tarazu_fail(build->error, TARAZU_BAD_PARAMETER, "%s", whole);
}

static tarazu_status find_forms(builder *build)
{
  const duck_api *api = build->data->planning.api;
  sql text = {0};
  char message[DUCK_MESSAGE];
  duckdb_prepared_statement statement = NULL;
  tarazu_status status = TARAZU_OK;
  add_inner(build, true, -1, &text);
  if (text.failed) status = no_memory(build->error);
  else if (!prepares(build, text.text, &statement, message)) status = blame(build, message);
  for (uint32_t i = 0; i < build->count && status == TARAZU_OK; i++) {
    duckdb_logical_type type = api->prepared_statement_column_logical_type(statement, i + 1);
    build->items[i].is = value_form(api->get_type_id(type));
    api->destroy_logical_type(&type);
  }
  api->destroy_prepare(&statement);
  sql_free(&text);
  return status;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* *type is the wanted one (0: its own) and becomes CIVIL where a TIME has no zone. */
static tarazu_status value_text(const builder *build, const item *it, uint32_t *type, sql *to)
{
  uint32_t wanted = *type ? *type : value_own_type(it->is);
  const char *against = value_obstacle(it->is, wanted);
  if (against) {
    build->error->item = it->number;
    return tarazu_fail(build->error, TARAZU_BAD_PARAMETER, "%s: %.300s is %s, and %s is wanted", it->name,
                       it->expression, against, value_words(wanted));
  }
  *type = wanted;
  if (wanted == TARAZU_TIME && (it->is == FORM_CIVIL || it->is == FORM_TEXT)) *type = TARAZU_CIVIL;
  value_cast(it, wanted, to);
  return TARAZU_OK;
}

/* ---- the outer layers -------------------------------------------------------------------------------------------- */

static const item *time_item(const builder *build)
{
  return build->timed ? &build->items[build->key_count] : NULL;
}

static bool is_civil(const builder *build)
{
  return time_item(build)->is == FORM_CIVIL || time_item(build)->is == FORM_TEXT;
}

/* DuckDB's timestamps end before 64 bits of microseconds do; a bound out there bounds nothing. */
static bool is_bound(int64_t moment_us)
{
  return moment_us < INT64_C(9000000000000000000) && moment_us > -INT64_C(9000000000000000000);
}

/* "tarazu time" compared with a moment, in the time's own kind, so that Parquet can skip row groups by it. */
static void compare(const builder *build, const char *comparison, int64_t zoned, int64_t civil, sql *to)
{
  const item *time = time_item(build);
  sql_add(to, "\"tarazu time\" %s ", comparison);
  if (is_civil(build)) sql_add(to, "make_timestamp(%lld)", (long long)civil);
  else if (time->is == FORM_ZONED) sql_add(to, "make_timestamptz(%lld)", (long long)zoned);
  else sql_add(to, "%lld", (long long)zoned);
}

static void add_output(builder *build, uint32_t type, bool mean)
{
  build->to->outputs[build->to->output_count++] = (output){.type = type, .index = build->columns, .mean = mean};
  build->columns += mean ? 2 : 1;
}

static bool key_is_integer(const builder *build, uint32_t key)
{
  return build->items[key].is == FORM_INTEGER && !build->items[key].raw;
}

/* Undated rows that are to be counted go to the row without a key: so they cost the other aggregates no filter. */
static void add_keys(builder *build, sql *to)
{
  for (uint32_t i = 0; i < build->key_count; i++) {
    sql_add(to,
            build->counts_undated ? "%sCASE WHEN \"tarazu time\" IS NOT NULL THEN CAST(%s AS %s) END"
                                  : "%sCAST(%s AS %s)",
            i ? ", " : "", build->items[i].alias, key_is_integer(build, i) ? "BIGINT" : "VARCHAR");
    add_output(build, key_is_integer(build, i) ? TARAZU_I64 : TARAZU_TEXT, false);
  }
}

static tarazu_status leave_to_host(builder *build, uint32_t want, const char *reason)
{
  build->error->item = (int32_t)want;
  return tarazu_fail(build->error, TARAZU_NO_RESULT, "%s: %s", want_at(build->request, want)->name, reason);
}

static void add_window(const builder *build, const tarazu_want *want, sql *to)
{
  int64_t since = is_civil(build) ? want->since_civil : want->since;
  if (!is_bound(since)) return;
  sql_add(to, " FILTER (WHERE ");
  compare(build, ">", want->since, want->since_civil, to);
  sql_add(to, ")");
}

static tarazu_status add_extreme(builder *build, const tarazu_want *want, const item *it, sql *to)
{
  uint32_t type = want->type;
  sql value = {0};
  tarazu_status status = value_text(build, it, &type, &value);
  const char *function = want->aggregate == TARAZU_MIN ? "min" : "max";
  if (status == TARAZU_OK && type == TARAZU_F64 && (it->is == FORM_FLOAT || it->is == FORM_TEXT))
    /* among the extremes a value that is not a number could hide */
    sql_add(to, "%s(CASE WHEN isfinite(%s) OR %s IS NULL THEN %s ELSE error('a value is not a finite number') END)",
            function, value.text, value.text, value.text);
  else if (status == TARAZU_OK) sql_add(to, "%s(%s)", function, value.text);
  if (value.failed) to->failed = true;
  sql_free(&value);
  if (status == TARAZU_OK) add_output(build, type, false);
  return status;
}

/* A sum of integers or decimals is DuckDB's own, in 128 bits; of doubles and texts that are numbers, exact.c's. */
static tarazu_status add_sum(builder *build, uint32_t number, const tarazu_want *want, const item *it, sql *to)
{
  bool mean = want->aggregate == TARAZU_MEAN;
  uint32_t wanted = want->type ? want->type : value_own_type(it->is);
  const char *against = value_obstacle(it->is, TARAZU_F64);
  if (against) {
    build->error->item = it->number;
    return tarazu_fail(build->error, TARAZU_BAD_PARAMETER, "%s: %.300s is %s, which cannot be summed", it->name,
                       it->expression, against);
  }
  if (it->is == FORM_UNSIGNED) return leave_to_host(build, number, "a sum of UHUGEINT");
  bool whole = !mean && wanted == TARAZU_I64;
  if (!whole && (it->is == FORM_FLOAT || it->is == FORM_TEXT)) {
    sql_add(to, "tarazu_%s(CAST(%s AS DOUBLE))", mean ? "mean" : "sum", it->alias);
    add_output(build, TARAZU_F64, false);
    if (want->windowed) add_window(build, want, to);
    return TARAZU_OK;
  }
  if (!mean) sql_add(to, "coalesce(");
  sql_add(to, "sum(");
  if (whole) value_cast(it, TARAZU_I64, to);
  else if (it->is == FORM_DECIMAL) sql_add(to, "%s", it->alias);
  else sql_add(to, "CAST(%s AS %s)", it->alias, it->is == FORM_WIDE ? "HUGEINT" : "BIGINT");
  sql_add(to, ")");
  if (want->windowed) add_window(build, want, to);
  if (!mean) sql_add(to, ", 0)"); /* of no value */
  if (mean) {
    sql_add(to, ", count(%s)", it->alias);
    if (want->windowed) add_window(build, want, to);
  }
  add_output(build, whole ? TARAZU_I64 : TARAZU_F64, mean);
  return TARAZU_OK;
}

/* Distinct floors of the day over the period, of days on the clock that the file has. */
static tarazu_status add_periods(builder *build, uint32_t number, const tarazu_want *want, const item *it, sql *to)
{
  if (!build->timed || !is_civil(build)) return leave_to_host(build, number, "periods of times with a zone");
  const int64_t day = INT64_C(86400000000);
  if (want->period < day || want->period % day) return leave_to_host(build, number, "a period of less than a day");
  long long days = (long long)(want->period / day);
  sql_add(to, "count(DISTINCT ");
  if (it) sql_add(to, "CASE WHEN %s IS NOT NULL THEN ", it->alias);
  /* the remainder of a negative number is negative in SQL */
  sql_add(to, "(d - ((d %% %lld) + %lld) %% %lld)", days, days, days);
  if (it) sql_add(to, " END");
  sql_add(to, ")");
  add_output(build, TARAZU_I64, false);
  return TARAZU_OK;
}

/* Undated rows that have a key: those without one are left out as such. An empty text is no key. */
static void add_undated(const builder *build, sql *to)
{
  const char *key = build->items[0].alias;
  sql_add(to, "count(CASE WHEN \"tarazu time\" IS NULL THEN ");
  sql_add(to, key_is_integer(build, 0) ? "%s END)" : "nullif(CAST(%s AS VARCHAR), '') END)", key);
}

static tarazu_status add_aggregate(builder *build, uint32_t number, sql *to)
{
  const tarazu_want *want = want_at(build->request, number);
  const item *it = build->want_items[number] < 0 ? NULL : &build->items[build->want_items[number]];
  if (want->span != TARAZU_ALL) return leave_to_host(build, number, "spans of a customer's own");
  if (want->windowed && !build->timed) return leave_to_host(build, number, "a window of undated rows");
  if (!it && want->aggregate != TARAZU_COUNT && want->aggregate < TARAZU_PERIODS)
    return leave_to_host(build, number, "no expression");
  tarazu_status status = TARAZU_OK;
  switch (want->aggregate) {
  case TARAZU_COUNT:
    sql_add(to, "count(%s)", it ? it->alias : "*");
    if (build->counts_undated && !it && !want->windowed) {
      sql_add(to, " - ");
      add_undated(build, to);
    }
    add_output(build, TARAZU_I64, false);
    break;
  case TARAZU_SUM:
  case TARAZU_MEAN: return add_sum(build, number, want, it, to);
  case TARAZU_MIN:
  case TARAZU_MAX: status = add_extreme(build, want, it, to); break;
  case TARAZU_PERIODS: status = add_periods(build, number, want, it, to); break;
  case TARAZU_UNDATED:
    if (!build->counts_undated) return leave_to_host(build, number, "undated rows of an undated table");
    add_undated(build, to);
    add_output(build, TARAZU_I64, false);
    break;
  default: return leave_to_host(build, number, "the first or the last value");
  }
  if (status == TARAZU_OK && want->windowed) add_window(build, want, to);
  return status;
}

static tarazu_status add_values(builder *build, sql *to)
{
  tarazu_status status = TARAZU_OK;
  if (build->timed) {
    if (build->columns) sql_add(to, ", ");
    sql_add(to, "\"tarazu time\"");
    add_output(build, is_civil(build) ? TARAZU_CIVIL : TARAZU_TIME, false);
  }
  for (uint32_t i = 0; i < build->request->wants.count && status == TARAZU_OK; i++) {
    if (build->columns) sql_add(to, ", ");
    uint32_t type = want_at(build->request, i)->type;
    status = value_text(build, &build->items[build->want_items[i]], &type, to);
    add_output(build, type, false);
  }
  return status;
}

static tarazu_status add_wants(builder *build, sql *to)
{
  if (!build->to->aggregated) return add_values(build, to);
  tarazu_status status = TARAZU_OK;
  for (uint32_t i = 0; i < build->request->wants.count && status == TARAZU_OK; i++) {
    if (build->columns) sql_add(to, ", ");
    status = add_aggregate(build, i, to);
  }
  return status;
}

static bool needs_days(const builder *build)
{
  for (uint32_t i = 0; i < build->request->wants.count; i++)
    if (want_at(build->request, i)->aggregate == TARAZU_PERIODS) return true;
  return false;
}

static tarazu_status add_middle(const builder *build, bool planned, sql *to)
{
  /* the day in a layer of its own: of a text the date may end in an error, and such a one is not named twice */
  bool days = build->timed && is_civil(build) && needs_days(build);
  sql_add(to, " FROM (");
  if (days) sql_add(to, "SELECT *, date_diff('day', DATE '1970-01-01', CAST(\"tarazu time\" AS DATE)) AS d FROM (");
  sql_add(to, "SELECT *");
  if (build->timed) {
    uint32_t type = TARAZU_TIME;
    sql value = {0};
    tarazu_status status = value_text(build, time_item(build), &type, &value);
    if (status == TARAZU_OK && !value.failed) sql_add(to, ", %s AS \"tarazu time\"", value.text);
    to->failed |= value.failed;
    sql_free(&value);
    if (status != TARAZU_OK) return status;
  }
  sql_add(to, " FROM (");
  add_inner(build, planned, -1, to);
  sql_add(to, days ? ")))" : "))");
  return TARAZU_OK;
}

/* Undated rows come out, to be counted, where rows are asked for or their number is; an aggregate is of dated rows
 * alone. */
static void add_filter(const builder *build, sql *to)
{
  const tarazu_request *request = build->request;
  if (!build->timed) return;
  bool bound = is_bound(is_civil(build) ? request->until_civil : request->until);
  bool dated = build->to->aggregated && !build->counts_undated;
  if (!bound && dated) sql_add(to, " WHERE \"tarazu time\" IS NOT NULL");
  if (!bound) return;
  sql_add(to, " WHERE (");
  compare(build, "<=", request->until, request->until_civil, to);
  sql_add(to, dated ? ")" : ") IS DISTINCT FROM false"); /* an OR would merge and sort two selections of rows */
}

/* ---- probes ------------------------------------------------------------------------------------------------------ */

/* The type that a want's values must be fit for; TEXT where only their presence counts. */
static uint32_t probed_type(const builder *build, const item *it)
{
  if (it->number == TIME_ITEM) return TARAZU_TIME;
  if (it->number < 0) return TARAZU_TEXT;
  const tarazu_want *want = want_at(build->request, (uint32_t)it->number);
  uint32_t type = want->type ? want->type : value_own_type(it->is);
  if (want->aggregate == TARAZU_COUNT || want->aggregate == TARAZU_PERIODS) return TARAZU_TEXT;
  if (want->aggregate == TARAZU_MEAN || (want->aggregate == TARAZU_SUM && type != TARAZU_I64)) return TARAZU_F64;
  return type;
}

static void probe_text(const builder *build, const item *it, sql *to)
{
  sql_add(to, "SELECT k, r FROM (SELECT ");
  if (build->key_count) sql_add(to, "CAST(%s AS VARCHAR) AS k, ", build->items[0].alias);
  else sql_add(to, "NULL::VARCHAR AS k, ");
  value_reason(it, probed_type(build, it), to);
  sql_add(to, " AS r FROM (");
  add_inner(build, false, -1, to);
  sql_add(to, ")) WHERE r IS NOT NULL ORDER BY k, r LIMIT 1");
}

static void where_probe_text(const builder *build, sql *to)
{
  sql_add(to, "SELECT NULL::VARCHAR, CASE WHEN count(*) < 0 THEN '' END FROM (");
  add_inner(build, false, WHERE_ITEM, to);
  sql_add(to, ")");
}

static void add_probe(builder *build, const item *it, bool is_where)
{
  probe *added = &build->to->probes[build->to->probe_count++];
  sql text = {0};
  if (is_where) where_probe_text(build, &text);
  else probe_text(build, it, &text);
  *added = (probe){.number = it->number, .keyed = build->key_count > 0 && !is_where};
  added->name = strdup(it->name ? it->name : "");
  added->expression = strdup(it->expression);
  if (text.failed) sql_free(&text);
  added->text = text.text;
}

static void add_probes(builder *build)
{
  item where = {.name = "where", .expression = build->request->where, .number = WHERE_ITEM};
  if (where.expression) add_probe(build, &where, true);
  for (uint32_t i = 0; i < build->count; i++) add_probe(build, &build->items[i], false);
}

static tarazu_status build_text(builder *build, bool planned, sql *to)
{
  build->columns = 0;
  build->to->output_count = 0;
  sql_add(to, "SELECT ");
  add_keys(build, to);
  tarazu_status status = add_wants(build, to);
  if (status == TARAZU_OK) status = add_middle(build, planned, to);
  if (status != TARAZU_OK) return status;
  add_filter(build, to);
  for (uint32_t i = 0; i < build->key_count && build->to->aggregated; i++)
    sql_add(to, "%s%u", i ? ", " : " GROUP BY ", i + 1);
  return to->failed ? no_memory(build->error) : TARAZU_OK;
}

/* ---- a request's items ------------------------------------------------------------------------------------------- */

/* What a plain column is read as for an item of that type: TEXT as written, TIME as the moment it stands for. */
static reading reading_of(const relation *data, const char *declared, uint32_t type)
{
  if (type == TARAZU_TEXT && data->kind != READ_PARQUET && strcmp(declared, "VARCHAR") != 0) return READ_AS_TEXT;
  if (type == TARAZU_TIME && data->kind == READ_CSV && !strcmp(declared, "DATE")) return READ_AS_MOMENT;
  return READ_AS_DECLARED;
}

static void add_item(builder *build, const char *name, const char *expression, int32_t number, uint32_t type)
{
  item *it = &build->items[build->count];
  *it = (item){.name = name, .expression = expression, .number = number};
  snprintf(it->alias, sizeof it->alias, "\"tarazu %u\"", build->count);
  int64_t column = relation_column(build->data, expression);
  if (column >= 0) it->raw = reading_of(build->data, build->data->columns[column].declared, type);
  if (it->raw && build->raw[column] && build->raw[column] != it->raw) it->raw = READ_AS_DECLARED; /* a key that dates */
  if (it->raw) build->raw[column] = it->raw;
  build->count++;
}

static void add_items(builder *build)
{
  const tarazu_request *request = build->request;
  for (int32_t i = 0; i < 2; i++)
    if (request->keys[i]) add_item(build, "key", request->keys[i], FIRST_KEY_ITEM - i, TARAZU_TEXT);
  build->key_count = build->to->key_count = build->count;
  build->timed = request->time != NULL;
  if (build->timed) add_item(build, "time", request->time, TIME_ITEM, TARAZU_TIME);
  for (uint32_t i = 0; i < request->wants.count; i++) {
    const tarazu_want *want = want_at(request, i);
    build->want_items[i] = want->expression ? (int)build->count : -1;
    if (want->expression) add_item(build, want->name, want->expression, (int32_t)i, want->type);
    if (want->aggregate != TARAZU_NONE) build->to->aggregated = true;
    if (want->aggregate == TARAZU_UNDATED) build->counts_undated = build->timed && build->key_count == 1;
  }
}

static tarazu_status check_items(builder *build)
{
  tarazu_status status = TARAZU_OK;
  for (uint32_t i = 0; i < build->count && status == TARAZU_OK; i++) status = check_item(build, &build->items[i]);
  for (uint32_t i = 0; i < build->request->wants.count && status == TARAZU_OK && !build->to->aggregated; i++)
    if (build->want_items[i] < 0)
      status = tarazu_fail(build->error, TARAZU_INTERNAL, "%s: no expression", want_at(build->request, i)->name);
  if (status == TARAZU_OK && build->request->where) {
    item where = {.name = "where", .expression = build->request->where, .number = WHERE_ITEM};
    status = check_item(build, &where);
  }
  return status;
}

/* The whole statement on the empty table: types that do not go together show here. */
static tarazu_status try_whole(builder *build)
{
  sql text = {0};
  char message[DUCK_MESSAGE];
  duckdb_prepared_statement statement = NULL;
  tarazu_status status = build_text(build, true, &text);
  if (status == TARAZU_OK && !prepares(build, text.text, &statement, message))
    status = tarazu_fail(build->error, TARAZU_BAD_PARAMETER, "%s", message);
  build->data->planning.api->destroy_prepare(&statement);
  sql_free(&text);
  return status;
}

tarazu_status query_make(query *out, const relation *data, const tarazu_request *request, tarazu_error *error)
{
  uint32_t wants = request->wants.count;
  sql text = {0};
  *out = (query){.outputs = calloc(wants + 3, sizeof(output)), .probes = calloc(wants + 4, sizeof(probe))};
  builder build = {.data = data,
                   .request = request,
                   .error = error,
                   .to = out,
                   .items = calloc(wants + 3, sizeof(item)),
                   .raw = calloc(data->column_count, sizeof(reading)),
                   .want_items = calloc(wants + 1, sizeof(int))};
  tarazu_status status = TARAZU_OK;
  if (!out->outputs || !out->probes || !build.items || !build.raw || !build.want_items) status = no_memory(error);
  else add_items(&build);
  if (status == TARAZU_OK) status = check_items(&build);
  if (status == TARAZU_OK) status = find_forms(&build);
  if (status == TARAZU_OK) status = try_whole(&build);
  if (status == TARAZU_OK) status = build_text(&build, false, &text);
  if (status == TARAZU_OK) add_probes(&build);
  out->text = text.text;
  free(build.items);
  free(build.raw);
  free(build.want_items);
  return status;
}

void query_free(query *made)
{
  for (uint32_t i = 0; i < made->probe_count; i++) {
    free(made->probes[i].name);
    free(made->probes[i].expression);
    free(made->probes[i].text);
  }
  free(made->probes);
  free(made->text);
  free(made->outputs);
  *made = (query){0};
}
