/* Reads the tree of a profile into typed values, section by section; every fault is told, none stops the reading. */
#include "run/profile.h"

#include "base/file.h"
#include "config/value.h"
#include <ctype.h>
#include <string.h>
#include <tarazu/plugin.h>

typedef struct reader {
  const char *path;
  arena *arena;
  problems *problems;
  profile *out;
} reader;

/* Names that the result's columns take for themselves. */
static const char *const reserved[] = {"customer", "rank", "score", "key_customer", "reason", "coverage", "criteria"};
static const char *const reserved_endings[] = {"_normalized", "_contribution"};

static int is_identifier(const char *name)
{
  if (!isalpha((unsigned char)*name) && *name != '_') return 0;
  for (; *name; name++)
    if (!isalnum((unsigned char)*name) && *name != '_') return 0;
  return 1;
}

static void check_name(reader *r, const node *key, const char *what)
{
  const char *name = key->text;
  if (!is_identifier(name)) {
    problem_add(r->problems, EXIT_PROFILE, key->place,
                "%s '%s': expected letters, digits and '_', not beginning with a digit", what, name);
    return;
  }
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (!strcmp(name, reserved[i]))
      problem_add(r->problems, EXIT_PROFILE, key->place,
                  "%s '%s': this name belongs to a column of the results; choose another", what, name);
  size_t length = strlen(name);
  for (size_t i = 0; i < sizeof reserved_endings / sizeof *reserved_endings; i++) {
    size_t ending = strlen(reserved_endings[i]);
    if (length >= ending && !strcmp(name + length - ending, reserved_endings[i]))
      problem_add(r->problems, EXIT_PROFILE, key->place,
                  "%s '%s': names that end in '%s' belong to the results; choose another", what, name,
                  reserved_endings[i]);
  }
}

static int expect_map(reader *r, const node *value, const char *what)
{
  char found[80];
  if (value->kind == NODE_MAP) return 1;
  problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected a map", what, value_found(value, found));
  return 0;
}

static const char *read_string(reader *r, node *map, const char *key, const char *what, place *where)
{
  node *value = node_get(map, key);
  const char *out = NULL;
  if (!value) return NULL;
  if (where) *where = value->place;
  if (!value_string(value, what, r->problems, &out)) return NULL;
  return out;
}

/* The parts of a `use` that stand in a map beside other keys. */
static void read_use_map(reader *r, node *map, const char *what, use *out)
{
  node *plugin = node_get(map, "plugin");
  if (plugin) {
    out->place = plugin->place;
    value_string(plugin, arena_format(r->arena, "%s: plugin", what), r->problems, &out->plugin);
  }
  out->params = node_get(map, "params");
  if (out->params && value_is_null(out->params)) out->params = NULL;
  if (out->params && !expect_map(r, out->params, arena_format(r->arena, "%s: params", what))) out->params = NULL;
  out->input = node_get(map, "input");
  if (out->input && value_is_null(out->input)) out->input = NULL;
  if (out->input && !expect_map(r, out->input, arena_format(r->arena, "%s: input", what))) out->input = NULL;
}

/* `minmax` or `{plugin: minmax, params: {…}}`. */
static use read_use(reader *r, node *value, const char *what, const char *const *known)
{
  use out = {0};
  out.place = value->place;
  if (value->kind == NODE_SCALAR) {
    value_string(value, what, r->problems, &out.plugin);
  } else if (expect_map(r, value, what)) {
    value_keys(value, what, known, r->problems);
    read_use_map(r, value, what, &out);
    if (!out.plugin) problem_add(r->problems, EXIT_PROFILE, value->place, "%s: 'plugin' is missing", what);
  }
  return out;
}

/* ---- data -------------------------------------------------------------------------------------------------- */

static void read_edge(reader *r, node *edge, const char *what, table_profile *table)
{
  char found[80];
  table->key_place = edge->place;
  if (edge->kind != NODE_LIST || edge->count != 2) {
    problem_add(r->problems, EXIT_PROFILE, edge->place, "%s: edge: found %s, expected two columns, [from, to]", what,
                value_found(edge, found));
    return;
  }
  for (int i = 0; i < 2; i++)
    value_string(edge->items[i], arena_format(r->arena, "%s: edge", what), r->problems, &table->edge[i]);
}

static void read_columns(reader *r, node *columns, const char *what, table_profile *table)
{
  const char *expression;
  if (!expect_map(r, columns, arena_format(r->arena, "%s: columns", what))) return;
  table->columns = columns;
  for (uint32_t i = 0; i < columns->count; i++) {
    entry *e = &columns->entries[i];
    if (!value_string(e->value, arena_format(r->arena, "%s: columns.%s", what, e->key->text), r->problems, &expression))
      continue;
    if (!strcmp(e->key->text, "time")) {
      table->time = expression;
      table->time_place = e->value->place;
    }
  }
}

static void read_table(reader *r, node *key, node *value, const char *what, table_profile *table)
{
  static const char *const known[] = {"from",     "key",   "edge",   "columns", "where",
                                      "known_at", "shape", "plugin", "params",  NULL};
  static const char *const shapes[] = {"attributes", "events", "edges", NULL};
  int shape;
  place known_at;
  *table = (table_profile){.name = key->text, .place = key->place};
  if (!expect_map(r, value, what)) return;
  value_keys(value, what, known, r->problems);
  read_use_map(r, value, what, &table->source);
  const char *from = read_string(r, value, "from", arena_format(r->arena, "%s: from", what), &table->from_place);
  if (from)
    table->from = strchr(from, ':') && !strchr(from, '/')
                      ? from
                      : file_resolve(r->arena, table->from_place.file ? table->from_place.file : r->path, from);
  table->key = read_string(r, value, "key", arena_format(r->arena, "%s: key", what), &table->key_place);
  table->where = read_string(r, value, "where", arena_format(r->arena, "%s: where", what), &table->where_place);
  node *edge = node_get(value, "edge"), *columns = node_get(value, "columns"), *as = node_get(value, "shape");
  if (edge) read_edge(r, edge, what, table);
  if (columns && !value_is_null(columns)) read_columns(r, columns, what, table);
  const char *since = read_string(r, value, "known_at", arena_format(r->arena, "%s: known_at", what), &known_at);
  if (as && value_choice(as, arena_format(r->arena, "%s: shape", what), shapes, r->problems, &shape))
    table->shape = (uint32_t)shape + 1;
  if (!table->shape)
    table->shape = edge                                         ? TARAZU_EDGES
                   : !strcmp(table->name, "customers") || since ? TARAZU_ATTRIBUTES
                   : table->time                                ? TARAZU_EVENTS
                                                                : 0;
  if (since) {
    table->time = since;
    table->time_place = known_at;
  }
  if (table->key && edge)
    problem_add(r->problems, EXIT_PROFILE, edge->place,
                "%s: has both 'key' and 'edge'; a table of edges has 'edge' alone", what);
  else if (!table->key && !edge)
    problem_add(r->problems, EXIT_PROFILE, key->place,
                "%s: 'key' is missing: the column that names the customer (or 'edge: [from, to]')", what);
  if (edge && table->shape != TARAZU_EDGES)
    problem_add(r->problems, EXIT_PROFILE, as->place, "%s: has 'edge', so its shape is edges", what);
  if (!edge && table->shape == TARAZU_EDGES)
    problem_add(r->problems, EXIT_PROFILE, as->place, "%s: edges need 'edge: [from, to]'", what);
}

static void read_data(reader *r, node *data)
{
  if (!expect_map(r, data, "data")) return;
  r->out->tables = arena_array(r->arena, data->count, sizeof(table_profile));
  for (uint32_t i = 0; i < data->count; i++) {
    node *key = data->entries[i].key;
    if (!is_identifier(key->text))
      problem_add(r->problems, EXIT_PROFILE, key->place,
                  "table '%s': expected letters, digits and '_', not beginning with a digit", key->text);
    read_table(r, key, data->entries[i].value, arena_format(r->arena, "data.%s", key->text),
               &r->out->tables[r->out->table_count++]);
  }
}

/* ---- criteria, dimensions, weights ------------------------------------------------------------------------- */

static missing_profile read_missing(reader *r, const node *value, const char *what)
{
  static const char *const rules[] = {"leave_out", "median", "worst", NULL};
  missing_profile out = {0};
  int rule;
  double number;
  if (value->kind == NODE_SCALAR && !value->quoted && value_parse_real(value->text, &number))
    return (missing_profile){MISSING_VALUE, number};
  if (value_choice(value, what, rules, r->problems, &rule)) out.rule = (missing_rule)rule;
  return out;
}

static void read_criterion(reader *r, node *key, node *value, missing_profile missing, criterion_profile *out)
{
  static const char *const known[] = {"plugin", "params",    "input",   "dimension", "weight",
                                      "better", "normalize", "missing", NULL};
  static const char *const use_keys[] = {"plugin", "params", NULL};
  static const char *const directions[] = {"more", "less", NULL};
  const char *what = arena_format(r->arena, "criteria.%s", key->text);
  int direction;
  check_name(r, key, "criterion");
  *out = (criterion_profile){.name = key->text, .place = key->place, .weight = 1, .missing = missing};
  if (!expect_map(r, value, what)) return;
  value_keys(value, what, known, r->problems);
  read_use_map(r, value, what, &out->scorer);
  if (!node_get(value, "plugin")) problem_add(r->problems, EXIT_PROFILE, key->place, "%s: 'plugin' is missing", what);
  out->dimension =
      read_string(r, value, "dimension", arena_format(r->arena, "%s: dimension", what), &out->dimension_place);
  if (!node_get(value, "dimension"))
    problem_add(r->problems, EXIT_PROFILE, key->place,
                "%s: 'dimension' is missing: financial, non_financial or one of your own", what);
  node *weight = node_get(value, "weight"), *better = node_get(value, "better"),
       *normalize = node_get(value, "normalize"), *absent = node_get(value, "missing");
  if (weight) value_real(weight, arena_format(r->arena, "%s: weight", what), 0, 1e9, r->problems, &out->weight);
  if (better && value_choice(better, arena_format(r->arena, "%s: better", what), directions, r->problems, &direction))
    out->better = direction ? -1 : 1;
  if (normalize) out->normalizer = read_use(r, normalize, arena_format(r->arena, "%s: normalize", what), use_keys);
  if (absent) out->missing = read_missing(r, absent, arena_format(r->arena, "%s: missing", what));
}

static void read_criteria(reader *r, node *criteria, missing_profile missing)
{
  if (!expect_map(r, criteria, "criteria")) return;
  r->out->criteria = arena_array(r->arena, criteria->count, sizeof(criterion_profile));
  for (uint32_t i = 0; i < criteria->count; i++)
    read_criterion(r, criteria->entries[i].key, criteria->entries[i].value, missing,
                   &r->out->criteria[r->out->criterion_count++]);
  if (!criteria->count)
    problem_add(r->problems, EXIT_PROFILE, criteria->place, "criteria: there is none; a profile needs at least one");
  if (criteria->count > 64)
    problem_add(r->problems, EXIT_PROFILE, criteria->place, "criteria: there are %u; at most 64 can be combined",
                criteria->count);
}

/* financial and non_financial exist always; the others are those that the profile names. */
static void read_dimensions(reader *r, node *dimensions)
{
  profile *p = r->out;
  uint32_t listed = dimensions && dimensions->kind == NODE_MAP ? dimensions->count : 0;
  double sum = 0;
  p->dimensions = arena_array(r->arena, listed + p->criterion_count + 2, sizeof(dimension_profile));
  p->dimensions[p->dimension_count++] = (dimension_profile){.name = "financial", .weight = -1};
  p->dimensions[p->dimension_count++] = (dimension_profile){.name = "non_financial", .weight = -1};
  if (dimensions && expect_map(r, dimensions, "dimensions")) {
    p->dimension_weights = listed > 0;
    for (uint32_t i = 0; i < listed; i++) {
      entry *e = &dimensions->entries[i];
      int index = profile_dimension(p, e->key->text);
      check_name(r, e->key, "dimension");
      if (index < 0) index = (int)p->dimension_count++;
      dimension_profile *d = &p->dimensions[index];
      *d = (dimension_profile){.name = e->key->text, .place = e->key->place};
      if (value_proportion(e->value, arena_format(r->arena, "dimensions.%s", d->name), 0, 1e9, r->problems, &d->weight))
        sum += d->weight;
    }
    if (listed && sum <= 0)
      problem_add(r->problems, EXIT_PROFILE, dimensions->place,
                  "dimensions: all weights are 0; at least one must be more");
  }
  for (uint32_t i = 0; i < p->criterion_count; i++) {
    criterion_profile *c = &p->criteria[i];
    if (!c->dimension || profile_dimension(p, c->dimension) >= 0) continue;
    if (p->dimension_weights) {
      problem_add(r->problems, EXIT_PROFILE, c->dimension_place,
                  "criteria.%s: no weight is given for dimension '%s' under 'dimensions'", c->name, c->dimension);
      const char *names[64];
      uint32_t count = p->dimension_count < 64 ? p->dimension_count : 64;
      for (uint32_t k = 0; k < count; k++) names[k] = p->dimensions[k].name;
      problem_nearest(r->problems, c->dimension, names, count);
      continue;
    }
    p->dimensions[p->dimension_count++] =
        (dimension_profile){.name = c->dimension, .place = c->dimension_place, .weight = -1};
  }
  for (uint32_t i = 0; i < p->dimension_count; i++)
    if (profile_criterion(p, p->dimensions[i].name) >= 0)
      problem_add(r->problems, EXIT_PROFILE, p->criteria[profile_criterion(p, p->dimensions[i].name)].place,
                  "criterion '%s': a dimension has the same name; choose another", p->dimensions[i].name);
}

static void read_weighers(reader *r, node *value)
{
  static const char *const known[] = {"plugin", "params", "input", "share", NULL};
  profile *p = r->out;
  uint32_t count = value->kind == NODE_LIST ? value->count : 1;
  double sum = 0;
  p->weighers = arena_array(r->arena, count, sizeof(weigher_profile));
  for (uint32_t i = 0; i < count; i++) {
    node *item = value->kind == NODE_LIST ? value->items[i] : value;
    const char *what = value->kind == NODE_LIST ? arena_format(r->arena, "weigh[%u]", i) : "weigh";
    weigher_profile *w = &p->weighers[p->weigher_count++];
    *w = (weigher_profile){.use = read_use(r, item, what, known), .share = 1};
    node *share = node_get(item, "share");
    if (share) value_proportion(share, arena_format(r->arena, "%s: share", what), 0, 1e9, r->problems, &w->share);
    sum += w->share;
  }
  if (count && sum <= 0)
    problem_add(r->problems, EXIT_PROFILE, value->place, "weigh: all shares are 0; at least one must be more");
}

/* ---- segments, key customers, outputs ---------------------------------------------------------------------- */

static void read_segments(reader *r, node *segments)
{
  static const char *const known[] = {"plugin", "params", "input", NULL};
  profile *p = r->out;
  if (!expect_map(r, segments, "segments")) return;
  p->segments = arena_array(r->arena, segments->count, sizeof(segment_profile));
  for (uint32_t i = 0; i < segments->count; i++) {
    node *key = segments->entries[i].key;
    check_name(r, key, "segmentation");
    if (profile_criterion(p, key->text) >= 0 || profile_dimension(p, key->text) >= 0)
      problem_add(r->problems, EXIT_PROFILE, key->place,
                  "segmentation '%s': a criterion or dimension has the same name; choose another", key->text);
    p->segments[p->segment_count++] = (segment_profile){
        key->text, key->place,
        read_use(r, segments->entries[i].value, arena_format(r->arena, "segments.%s", key->text), known)};
  }
}

/* A count (50) or a share of the customers (5%). */
static void read_count_or_share(reader *r, const node *value, const char *what, int64_t *count, double *share)
{
  double number;
  const char *why;
  size_t length = value->kind == NODE_SCALAR ? strlen(value->text) : 0;
  if (length && !value->quoted && value->text[length - 1] == '%') {
    if (value_parse_proportion(value->text, &number, &why) && number > 0 && number <= 1) *share = number;
    else
      problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected more than 0%% and at most 100%%",
                  what, value->text);
  } else {
    value_integer(value, what, 1, INT64_C(1) << 40, r->problems, count);
  }
}

static void read_floors(reader *r, node *require)
{
  static const char *const known[] = {"least", "of", NULL};
  static const char *const scales[] = {"percentile", "score", NULL};
  profile *p = r->out;
  if (!expect_map(r, require, "key_customers.require")) return;
  p->floors = arena_array(r->arena, require->count, sizeof(floor_profile));
  for (uint32_t i = 0; i < require->count; i++) {
    node *key = require->entries[i].key, *value = require->entries[i].value, *least = value;
    const char *what = arena_format(r->arena, "key_customers.require.%s", key->text);
    floor_profile *f = &p->floors[p->floor_count++];
    *f = (floor_profile){.dimension = key->text, .place = key->place};
    if (profile_dimension(p, key->text) < 0) {
      const char *names[66];
      uint32_t count = p->dimension_count < 66 ? p->dimension_count : 66;
      for (uint32_t k = 0; k < count; k++) names[k] = p->dimensions[k].name;
      problem_add(r->problems, EXIT_PROFILE, key->place, "key_customers.require: no dimension '%s'", key->text);
      problem_nearest(r->problems, key->text, names, count);
    }
    if (value->kind == NODE_MAP) {
      value_keys(value, what, known, r->problems);
      least = node_get(value, "least");
      node *of = node_get(value, "of");
      if (of) value_choice(of, arena_format(r->arena, "%s: of", what), scales, r->problems, &f->of_score);
      if (!least) problem_add(r->problems, EXIT_PROFILE, key->place, "%s: 'least' is missing", what);
    }
    if (!least) continue;
    if (f->of_score) value_real(least, what, 0, 0, r->problems, &f->least);
    else value_proportion(least, what, 0, 1, r->problems, &f->least);
  }
}

static decision_profile *read_decisions(reader *r, node *list, const char *what, uint32_t *count)
{
  static const char *const known[] = {"customer", "reason", "author", "until", NULL};
  char found[80];
  *count = 0;
  if (list->kind != NODE_LIST) {
    problem_add(r->problems, EXIT_PROFILE, list->place,
                "%s: found %s, expected a list of {customer, reason, author, until}", what, value_found(list, found));
    return NULL;
  }
  decision_profile *out = arena_array(r->arena, list->count, sizeof *out);
  for (uint32_t i = 0; i < list->count; i++) {
    node *item = list->items[i];
    const char *at = arena_format(r->arena, "%s[%u]", what, i);
    decision_profile *d = &out[(*count)++];
    *d = (decision_profile){.place = item->place, .until = INT64_MAX};
    if (!expect_map(r, item, at)) continue;
    value_keys(item, at, known, r->problems);
    d->customer = read_string(r, item, "customer", arena_format(r->arena, "%s: customer", at), &d->place);
    d->reason = read_string(r, item, "reason", arena_format(r->arena, "%s: reason", at), NULL);
    d->author = read_string(r, item, "author", arena_format(r->arena, "%s: author", at), NULL);
    node *until = node_get(item, "until");
    if (until) value_date(until, arena_format(r->arena, "%s: until", at), r->out->zone, r->problems, &d->until);
    if (!node_get(item, "customer"))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: 'customer' is missing", at);
    if (!node_get(item, "reason"))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: 'reason' is missing: it stands in the results", at);
    if (!node_get(item, "author"))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: 'author' is missing: who decided it", at);
  }
  return out;
}

static void check_decisions(reader *r)
{
  profile *p = r->out;
  for (uint32_t i = 0; i < p->pin_count; i++)
    for (uint32_t k = 0; k < p->exclusion_count; k++)
      if (p->pins[i].customer && p->exclusions[k].customer && !strcmp(p->pins[i].customer, p->exclusions[k].customer))
        problem_add(r->problems, EXIT_PROFILE, p->exclusions[k].place,
                    "key_customers.exclude: customer '%s' is pinned too (line %d)", p->pins[i].customer,
                    p->pins[i].place.line);
}

/* `previous: out/scores.csv`: a result of an earlier run; or a table of its own whose rows are the list. */
static void read_previous(reader *r, node *key, node *value)
{
  table_profile *t = arena_alloc(r->arena, sizeof *t);
  if (value->kind == NODE_SCALAR) {
    const char *from;
    if (!value_string(value, "key_customers.previous", r->problems, &from)) return;
    *t = (table_profile){.place = key->place, .from_place = value->place, .key = "customer", .where = "key_customer"};
    t->from = file_resolve(r->arena, value->place.file ? value->place.file : r->path, from);
  } else {
    read_table(r, key, value, "key_customers.previous", t);
  }
  t->name = "previous";
  t->shape = TARAZU_ATTRIBUTES;
  r->out->previous = t;
}

static void read_key_customers(reader *r, node *value)
{
  static const char *const known[] = {"limit", "keep_within", "previous", "require", "pin", "exclude", NULL};
  profile *p = r->out;
  node *part;
  if (!expect_map(r, value, "key_customers")) return;
  p->key_place = value->place;
  value_keys(value, "key_customers", known, r->problems);
  p->limit = 0;
  if ((part = node_get(value, "limit")))
    read_count_or_share(r, part, "key_customers.limit", &p->limit, &p->limit_share);
  else
    problem_add(r->problems, EXIT_PROFILE, value->place,
                "key_customers: 'limit' is missing: a count (50) or a share (5%%)");
  if ((part = node_get(value, "keep_within"))) {
    read_count_or_share(r, part, "key_customers.keep_within", &p->keep_within, &p->keep_within_share);
    if ((p->keep_within && p->limit && p->keep_within < p->limit) ||
        (p->keep_within_share > 0 && p->limit_share > 0 && p->keep_within_share < p->limit_share))
      problem_add(r->problems, EXIT_PROFILE, part->place,
                  "key_customers.keep_within: found %s, which is less than the limit; expected at least as much",
                  part->text);
  }
  if ((part = node_get(value, "previous")) && !value_is_null(part))
    read_previous(r, node_get_key(value, "previous"), part);
  if ((part = node_get(value, "require")) && !value_is_null(part)) read_floors(r, part);
  if ((part = node_get(value, "pin")) && !value_is_null(part))
    p->pins = read_decisions(r, part, "key_customers.pin", &p->pin_count);
  if ((part = node_get(value, "exclude")) && !value_is_null(part))
    p->exclusions = read_decisions(r, part, "key_customers.exclude", &p->exclusion_count);
  check_decisions(r);
}

static void read_outputs(reader *r, node *list)
{
  static const char *const known[] = {"plugin", "params", "to", NULL};
  profile *p = r->out;
  char found[80];
  if (list->kind != NODE_LIST) {
    problem_add(r->problems, EXIT_PROFILE, list->place, "output: found %s, expected a list of {plugin, to, params}",
                value_found(list, found));
    return;
  }
  p->outputs = arena_array(r->arena, list->count, sizeof(output_profile));
  for (uint32_t i = 0; i < list->count; i++) {
    node *item = list->items[i];
    const char *what = arena_format(r->arena, "output[%u]", i);
    output_profile *o = &p->outputs[p->output_count++];
    *o = (output_profile){.place = item->place, .to = "-"};
    o->sink.place = item->place;
    if (!expect_map(r, item, what)) continue;
    value_keys(item, what, known, r->problems);
    read_use_map(r, item, what, &o->sink);
    const char *to = read_string(r, item, "to", arena_format(r->arena, "%s: to", what), &o->to_place);
    if (!o->to_place.line) o->to_place = item->place;
    o->to_given = to != NULL;
    if (to && strcmp(to, "-") != 0)
      o->to = strchr(to, ':') && !strchr(to, '/')
                  ? to
                  : file_resolve(r->arena, o->to_place.file ? o->to_place.file : r->path, to);
    if (!to && !node_get(item, "plugin"))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: neither 'plugin' nor 'to' is given", what);
    for (uint32_t k = 0; k + 1 < p->output_count; k++)
      if (strcmp(o->to, "-") != 0 && p->outputs[k].to && !strcmp(p->outputs[k].to, o->to))
        problem_add(r->problems, EXIT_PROFILE, o->to_place, "%s: two outputs go to '%s'", what, to);
  }
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

static void read_header(reader *r, node *root)
{
  profile *p = r->out;
  node *version = node_get(root, "tarazu"), *value;
  int64_t number;
  if (!version)
    problem_add(r->problems, EXIT_PROFILE, (place){.file = r->path},
                "'tarazu: 1' is missing: the version of the profile's format");
  else if (value_integer(version, "tarazu", 0, 0, r->problems, &number) && number != 1)
    problem_add(r->problems, EXIT_PROFILE, version->place, "tarazu: found format %lld, expected 1", (long long)number);
  p->company = read_string(r, root, "company", "company", NULL);
  p->currency = read_string(r, root, "currency", "currency", NULL);
  read_string(r, root, "description", "description", NULL);
  if ((value = node_get(root, "time_zone")) && value_string(value, "time_zone", r->problems, &p->time_zone_name)) {
    p->zone = zone_open(p->time_zone_name);
    if (!p->zone)
      problem_add(r->problems, EXIT_PROFILE, value->place,
                  "time_zone: found '%s', expected UTC, an offset as +03:30, or a name as Europe/London",
                  p->time_zone_name);
  }
  if ((value = node_get(root, "as_of")) && !value_is_null(value))
    p->has_as_of = value_date(value, "as_of", p->zone, r->problems, &p->as_of);
  if ((value = node_get(root, "seed")) && value_integer(value, "seed", 0, INT64_MAX, r->problems, &number))
    p->seed = (uint64_t)number;
}

void profile_read(node *root, const char *path, arena *home, problems *faults, profile *out)
{
  static const char *const known[] = {"tarazu", "company", "description", "currency",      "as_of",      "time_zone",
                                      "seed",   "data",    "criteria",    "missing",       "dimensions", "normalize",
                                      "weigh",  "combine", "segments",    "key_customers", "output",     NULL};
  static const char *const use_keys[] = {"plugin", "params", NULL};
  static const char *const combine_keys[] = {"plugin", "params", "input", NULL};
  reader r = {path, home, faults, out};
  missing_profile missing = {0};
  node *part;
  *out = (profile){.path = path, .limit = -1, .time_zone_name = "UTC"};
  if (!expect_map(&r, root, "the profile")) return;
  value_keys(root, "the profile", known, faults);
  read_header(&r, root);
  if ((part = node_get(root, "data")) && !value_is_null(part)) read_data(&r, part);
  if (!out->table_count)
    problem_add(faults, EXIT_PROFILE, part ? part->place : (place){.file = path},
                "data: there is no table; a profile needs at least one");
  if ((part = node_get(root, "missing"))) missing = read_missing(&r, part, "missing");
  if ((part = node_get(root, "criteria")) && !value_is_null(part)) read_criteria(&r, part, missing);
  else
    problem_add(faults, EXIT_PROFILE, (place){.file = path},
                "'criteria' is missing: what is measured of each customer");
  part = node_get(root, "dimensions");
  read_dimensions(&r, part && !value_is_null(part) ? part : NULL);
  if ((part = node_get(root, "normalize")) && !value_is_null(part))
    out->normalizer = read_use(&r, part, "normalize", use_keys);
  if ((part = node_get(root, "weigh")) && !value_is_null(part)) read_weighers(&r, part);
  if ((part = node_get(root, "combine")) && !value_is_null(part))
    out->combiner = read_use(&r, part, "combine", combine_keys);
  else out->combiner = (use){.plugin = "weighted_sum", .place = {.file = path}};
  if ((part = node_get(root, "segments")) && !value_is_null(part)) read_segments(&r, part);
  if ((part = node_get(root, "key_customers")) && !value_is_null(part)) read_key_customers(&r, part);
  if ((part = node_get(root, "output")) && !value_is_null(part)) read_outputs(&r, part);
}

void profile_free(profile *p)
{
  if (p) zone_free(p->zone);
}

table_profile *profile_table(const profile *p, const char *name)
{
  for (uint32_t i = 0; i < p->table_count; i++)
    if (!strcmp(p->tables[i].name, name)) return &p->tables[i];
  return NULL;
}

int profile_criterion(const profile *p, const char *name)
{
  for (uint32_t i = 0; i < p->criterion_count; i++)
    if (!strcmp(p->criteria[i].name, name)) return (int)i;
  return -1;
}

int profile_dimension(const profile *p, const char *name)
{
  for (uint32_t i = 0; i < p->dimension_count; i++)
    if (!strcmp(p->dimensions[i].name, name)) return (int)i;
  return -1;
}
