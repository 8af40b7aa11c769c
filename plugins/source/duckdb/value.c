/* Values in SQL. What DuckDB's casts would take in silence is objected to first; the same words tell, once a reading
 * has failed, whose value it was. */
#define _GNU_SOURCE
#include "value.h"

form value_form(duckdb_type type)
{
  switch (type) {
  case DUCKDB_TYPE_UBIGINT:
  case DUCKDB_TYPE_HUGEINT: return FORM_WIDE;
  case DUCKDB_TYPE_UHUGEINT: return FORM_UNSIGNED;
  case DUCKDB_TYPE_DECIMAL: return FORM_DECIMAL;
  case DUCKDB_TYPE_LIST:
  case DUCKDB_TYPE_ARRAY:
  case DUCKDB_TYPE_STRUCT:
  case DUCKDB_TYPE_MAP:
  case DUCKDB_TYPE_UNION: return FORM_NESTED;
  default: break;
  }
  switch (relation_type(type)) {
  case TARAZU_I64: return FORM_INTEGER;
  case TARAZU_F64: return FORM_FLOAT;
  case TARAZU_BOOL: return FORM_BOOL;
  case TARAZU_CIVIL: return FORM_CIVIL;
  case TARAZU_TIME: return FORM_ZONED;
  default: return FORM_TEXT;
  }
}

uint32_t value_own_type(form of)
{
  static const uint32_t types[] = {
      [FORM_INTEGER] = TARAZU_I64, [FORM_WIDE] = TARAZU_F64,   [FORM_UNSIGNED] = TARAZU_F64,
      [FORM_DECIMAL] = TARAZU_F64, [FORM_FLOAT] = TARAZU_F64,  [FORM_BOOL] = TARAZU_BOOL,
      [FORM_CIVIL] = TARAZU_TIME,  [FORM_ZONED] = TARAZU_TIME, [FORM_TEXT] = TARAZU_TEXT,
      [FORM_NESTED] = TARAZU_TEXT};
  return types[of];
}

const char *value_words(uint32_t type)
{
  static const char *const words[] = {[TARAZU_F64] = "a number",
                                      [TARAZU_I64] = "a whole number",
                                      [TARAZU_BOOL] = "true or false",
                                      [TARAZU_TIME] = "a date",
                                      [TARAZU_TEXT] = "text"};
  return words[type];
}

const char *value_obstacle(form is, uint32_t wanted)
{
  bool dated = is == FORM_CIVIL || is == FORM_ZONED;
  if (wanted == TARAZU_TEXT) return NULL;
  if (is == FORM_NESTED) return "a structure";
  if (dated && wanted != TARAZU_TIME) return "a date";
  return is == FORM_BOOL && wanted == TARAZU_TIME ? "true or false" : NULL;
}

static bool is_number(form is)
{
  return is == FORM_INTEGER || is == FORM_WIDE || is == FORM_UNSIGNED || is == FORM_DECIMAL || is == FORM_FLOAT;
}

/* A number is seconds since 1970. Two numbers that are dates in other clothes would give a wrong year in silence, so
 * they are errors: milliseconds (10^11 seconds are the year 5138), and 19000101 to 21001231 (a few weeks of 1970). */
static void objections_to_seconds(const char *a, const char *before, const char *after, sql *to)
{
  sql_add(to,
          " WHEN abs(%s) >= 100000000000 THEN %sCAST(%s AS VARCHAR) || ' is no time in seconds since 1970; "
          "of milliseconds write to_timestamp(… / 1000)'%s",
          a, before, a, after);
  sql_add(to,
          " WHEN %s BETWEEN 19000101 AND 21001231 THEN %sCAST(%s AS VARCHAR) || ' is read as seconds since 1970; "
          "if it is a date, write strptime(CAST(CAST(… AS BIGINT) AS VARCHAR), ''%%Y%%m%%d'')'%s",
          a, before, a, after);
}

/* Appends cases, WHEN … THEN …, in which the item's value must not be cast, with what is said of it between before and
 * after. A text is a clock without a zone; one with a zone must be said to be so, since casting would drop it. */
static void objections(const item *it, uint32_t type, const char *before, const char *after, sql *to)
{
  const char *a = it->alias;
  if (type == TARAZU_I64 && it->is == FORM_TEXT)
    sql_add(to,
            " WHEN NOT regexp_full_match(%s, '\\s*[-+]?\\d+\\s*') THEN %s'\"' || %s || '\" is not a whole number'%s", a,
            before, a, after);
  else if (type == TARAZU_I64 && (it->is == FORM_DECIMAL || it->is == FORM_FLOAT))
    sql_add(to,
            " WHEN NOT (%s = trunc(%s) AND abs(%s) <= 9007199254740992) THEN %sCAST(%s AS VARCHAR) || "
            "' is not a whole number'%s",
            a, a, a, before, a, after);
  else if (type == TARAZU_BOOL && is_number(it->is))
    sql_add(to, " WHEN %s <> 0 AND %s <> 1 THEN %sCAST(%s AS VARCHAR) || ' is neither true nor false'%s", a, a, before,
            a, after);
  else if (type == TARAZU_TIME && it->is == FORM_TEXT)
    sql_add(to,
            " WHEN %s LIKE '%%:%%+%%' OR %s LIKE '%%:%%-%%' OR %s LIKE '%%Z' THEN %s'\"' || %s || "
            "'\" has a time zone: write CAST(… AS TIMESTAMPTZ)'%s",
            a, a, a, before, a, after);
  else if (type == TARAZU_TIME && is_number(it->is)) objections_to_seconds(a, before, after, to);
}

static void unguarded(const item *it, uint32_t type, sql *to)
{
  const char *a = it->alias;
  switch (type) {
  case TARAZU_I64: sql_add(to, "CAST(%s AS BIGINT)", a); break;
  case TARAZU_BOOL: sql_add(to, is_number(it->is) ? "%s <> 0" : "CAST(%s AS BOOLEAN)", a); break;
  case TARAZU_TEXT: sql_add(to, "CAST(%s AS VARCHAR)", a); break;
  case TARAZU_TIME:
    if (is_number(it->is)) sql_add(to, "CAST(round(%s * 1000000) AS BIGINT)", a);
    else sql_add(to, it->is == FORM_ZONED ? "%s" : "CAST(%s AS TIMESTAMP)", a);
    break;
  default: /* F64 */
    if (it->is == FORM_UNSIGNED || it->is == FORM_DECIMAL) sql_add(to, "%s", a);
    else sql_add(to, it->is == FORM_WIDE ? "CAST(%s AS HUGEINT)" : "CAST(%s AS DOUBLE)", a);
  }
}

void value_cast(const item *it, uint32_t type, sql *to)
{
  sql guards = {0};
  const char *after = type == TARAZU_BOOL                         ? ")::BOOLEAN"
                      : type == TARAZU_TIME && !is_number(it->is) ? ")::TIMESTAMP"
                                                                  : ")::BIGINT";
  objections(it, type, "error(", after, &guards);
  if (guards.length) sql_add(to, "CASE%s ELSE ", guards.text);
  unguarded(it, type, to);
  if (guards.length) sql_add(to, " END");
  to->failed |= guards.failed;
  sql_free(&guards);
}

void value_reason(const item *it, uint32_t type, sql *to)
{
  static const char *const types[] = {[TARAZU_F64] = "DOUBLE",
                                      [TARAZU_I64] = "BIGINT",
                                      [TARAZU_BOOL] = "BOOLEAN",
                                      [TARAZU_TIME] = "TIMESTAMP",
                                      [TARAZU_TEXT] = "VARCHAR"};
  const char *a = it->alias;
  sql_add(to, "CASE");
  objections(it, type, "", "", to);
  if (it->is == FORM_TEXT)
    sql_add(to, " WHEN %s IS NOT NULL AND TRY_CAST(%s AS %s) IS NULL THEN 'found ''' || %s || ''', expected %s'", a, a,
            types[type], a, value_words(type));
  else if (type == TARAZU_I64)
    sql_add(
        to,
        " WHEN %s IS NOT NULL AND TRY_CAST(%s AS BIGINT) IS NULL THEN 'found ' || CAST(%s AS VARCHAR) || ', expected "
        "a whole number of 64 bits'",
        a, a, a);
  if (type == TARAZU_F64 && (it->is == FORM_TEXT || it->is == FORM_FLOAT))
    sql_add(
        to,
        " WHEN NOT isfinite(CAST(%s AS DOUBLE)) THEN 'found ' || CAST(%s AS VARCHAR) || ', expected a finite number "
        "or nothing'",
        a, a);
  sql_add(to, " WHEN length(CAST(%s AS VARCHAR)) < 0 THEN '' END", a); /* what fails of itself fails here, too */
}
