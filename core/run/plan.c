/* Makes the plan of a run: finds each strategy, checks its parameters, binds its inputs to tables and to other steps'
 * outputs, and puts the steps in an order in which each finds its inputs ready. */
#include "run/plan.h"

#include "base/file.h"
#include "config/value.h"
#include <stdio.h>
#include <string.h>

/* ---- steps ------------------------------------------------------------------------------------------------- */

static step *add_step(plan *p, step_kind kind, const char *name, const char *subject, place where)
{
  step *s = arena_alloc(p->arena, sizeof *s);
  *s = (step){.kind = kind, .name = name, .subject = subject, .place = where};
  *arena_push(p->arena, p->steps, p->step_count, p->step_room) = s;
  return s;
}

static void declare_outputs(plan *p, step *s)
{
  const tarazu_list *declared = &s->strategy->outputs;
  s->output_count = declared->count;
  s->outputs = arena_array(p->arena, declared->count, sizeof(series));
  for (uint32_t i = 0; i < declared->count; i++) {
    const tarazu_output *o = tarazu_at(declared, i);
    s->outputs[i] = (series){.name = i ? arena_format(p->arena, "%s_%s", s->name, o->name) : s->name,
                             .unit = o->unit,
                             .type = o->type,
                             .better = o->better,
                             .maker = s,
                             .output = i};
  }
}

/* The host's own steps make one series of reals out of another. */
static series *add_host_step(plan *p, step_kind kind, series *from, const char *ending, uint32_t index)
{
  step *s =
      add_step(p, kind, arena_format(p->arena, "%s.%s", from->name, ending), from->maker->subject, from->maker->place);
  s->index = index;
  s->count = s->first_many = s->output_count = 1;
  s->bindings = arena_alloc(p->arena, sizeof(binding));
  s->bindings[0] = (binding){.kind = BOUND_SERIES, .series = from};
  s->outputs = arena_alloc(p->arena, sizeof(series));
  s->outputs[0] = *from;
  s->outputs[0].type = TARAZU_F64;
  s->outputs[0].maker = s;
  s->outputs[0].output = 0;
  return &s->outputs[0];
}

const char *why_no_model(const tarazu_strategy *s)
{
  if (!s->learn && !s->fit) return "learns nothing";
  if (s->flags & TARAZU_BY_ROW) return "cannot do without the customers that it has seen, so it has no model to keep";
  if (s->flags & TARAZU_LEARNS_WEIGHTS) return "learns anew whenever weights change, so it has no model to keep";
  return s->save && s->load ? NULL : "does not save what it learns";
}

static const isolate_profile *isolation_of(const plan *p, const use *asked)
{
  return asked->isolate.given ? &asked->isolate : &p->profile->isolate;
}

/* The strategy of a file that another process loads; NULL with a problem. */
static const tarazu_strategy *load_isolated(plan *p, const char *subject, uint32_t role, const char *id,
                                            const use *asked, place where, const plugin_file *file, isolated **out)
{
  const isolate_profile *how = isolation_of(p, asked);
  const isolate_limits limits = {how->memory, how->seconds};
  char why[ISOLATE_WHY];
  int unable;
  if (!p->isolation) p->isolation = isolation_new(p->threads);
  const tarazu_strategy *found = isolation_start(p->isolation, file->target, role, id, &limits, out, why, &unable);
  if (found && catalog_stayed(p->catalog, file)) return found;
  if (found) snprintf(why, sizeof why, "%s", file->fault);
  problem_add(p->problems, EXIT_PLUGIN, unable ? how->place : where, "%s: %s '%s' cannot be %s: %s%s%s", subject,
              role_name(role), id, unable ? "isolated" : "used", unable ? "" : file->path, unable ? "" : ": ", why);
  return NULL;
}

static const tarazu_strategy *find_isolated(plan *p, step *s, uint32_t role, const use *asked)
{
  const char *id = asked->usual ? NULL : asked->plugin;
  s->file = catalog_unloaded(p->catalog, role, &id, asked->place, &asked->pin, p->problems);
  return s->file ? load_isolated(p, s->subject, role, id, asked, asked->place, s->file, &s->isolated) : NULL;
}

static int find_strategy(plan *p, step *s, uint32_t role, const use *asked)
{
  s->skip = asked->skip;
  s->strategy = isolation_of(p, asked)->on ? find_isolated(p, s, role, asked)
                : asked->usual             ? catalog_usual(p->catalog, role, asked->place, &s->file, p->problems)
                               : catalog_strategy(p->catalog, role, asked->plugin, asked->place, &asked->pin, &s->file,
                                                  p->problems);
  if (!s->strategy) return 0;
  declare_outputs(p, s);
  s->model = asked->model;
  s->model_place = asked->model_place;
  const char *why = s->model ? why_no_model(s->strategy) : NULL;
  if (why)
    problem_add(p->problems, EXIT_PROFILE, asked->model_place, "%s: model: %s '%s' %s", s->subject, role_name(role),
                s->strategy->id, why);
  return 1;
}

series *plan_series(const plan *p, const char *name)
{
  const char *dot = strchr(name, '.');
  size_t length = dot ? (size_t)(dot - name) : strlen(name);
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const char *criterion = p->profile->criteria[i].name;
    if (strlen(criterion) != length || strncmp(criterion, name, length) != 0 || !p->raw[i]) continue;
    if (!dot) return p->raw[i];
    const step *s = p->raw[i]->maker;
    for (uint32_t k = 0; k < s->output_count; k++)
      if (!strcmp(((const tarazu_output *)tarazu_at(&s->strategy->outputs, k))->name, dot + 1)) return &s->outputs[k];
  }
  return NULL;
}

/* ---- binding to tables ------------------------------------------------------------------------------------- */

static table_plan *find_table(plan *p, const char *name)
{
  for (uint32_t i = 0; i < p->table_count; i++)
    if ((int)i != p->previous && !strcmp(p->tables[i].profile->name, name)) return &p->tables[i];
  return NULL;
}

static const char *const shape_names[] = {"any", "attributes", "events", "edges"};

static int same_text(const char *a, const char *b)
{
  return a == b || (a && b && !strcmp(a, b));
}

static uint32_t add_want(plan *p, table_plan *t, const tarazu_want *as, double window, place where)
{
  for (uint32_t i = 0; i < t->want_count; i++) {
    const tarazu_want *w = &t->wants[i].as;
    if (same_text(w->expression, as->expression) && w->type == as->type && w->aggregate == as->aggregate &&
        w->span == as->span && w->period == as->period && t->windows[i] == window)
      return i;
  }
  uint32_t windows = t->want_count;
  *arena_push(p->arena, t->windows, windows, t->window_room) = window;
  *arena_push(p->arena, t->wants, t->want_count, t->want_room) = (want){.as = *as, .place = where};
  return t->want_count - 1;
}

static uint32_t add_set(plan *p, table_plan *t, const uint32_t *wants, uint32_t count)
{
  for (uint32_t i = 0; i < t->set_count; i++)
    if (t->sets[i].count == count && (!count || !memcmp(t->sets[i].wants, wants, count * sizeof *wants))) return i;
  uint32_t *kept = arena_array(p->arena, count + 1, sizeof *kept);
  if (count) memcpy(kept, wants, count * sizeof *wants);
  *arena_push(p->arena, t->sets, t->set_count, t->set_room) = (want_set){.count = count, .wants = kept};
  return t->set_count - 1;
}

/* A TARAZU_DURATION parameter's value in days, by name; 0 where the parameter is absent or not given. */
static double duration_of(const step *s, const char *name)
{
  for (uint32_t i = 0; name && i < s->strategy->params.count; i++) {
    const tarazu_param *param = tarazu_at(&s->strategy->params, i);
    if (!strcmp(param->name, name)) return tarazu_arg(&s->args.args, i)->given ? tarazu_arg(&s->args.args, i)->real : 0;
  }
  return 0;
}

/* One condition of tarazu_field.when: "half_life", "!half_life", "measure=margin". */
static int condition_holds(const step *s, const char *condition, size_t length)
{
  int negated = *condition == '!';
  condition += negated;
  length -= (size_t)negated;
  const char *equals = memchr(condition, '=', length);
  size_t name = equals ? (size_t)(equals - condition) : length;
  for (uint32_t i = 0; i < s->strategy->params.count; i++) {
    const tarazu_param *param = tarazu_at(&s->strategy->params, i);
    const tarazu_value *value = tarazu_arg(&s->args.args, i);
    if (strlen(param->name) != name || strncmp(param->name, condition, name) != 0) continue;
    if (!equals) return (int)value->given != negated;
    const char *choice = value->given && param->choices ? param->choices[value->integer] : "";
    return strlen(choice) == length - name - 1 && !strncmp(choice, equals + 1, length - name - 1);
  }
  return 0;
}

static int is_called_for(const step *s, const char *when)
{
  while (when && *when) {
    size_t length = strcspn(when, ",");
    if (!condition_holds(s, when, length)) return 0;
    when += length + (when[length] == ',');
  }
  return 1;
}

static uint32_t type_after(const tarazu_field *field)
{
  if (field->aggregate == TARAZU_COUNT || field->aggregate == TARAZU_PERIODS) return TARAZU_I64;
  return field->aggregate == TARAZU_MEAN ? TARAZU_F64 : field->type;
}

/* What a table calls a field: a renaming in the input, the profile's `columns`, or the field's own name. */
static const char *expression_of(plan *p, table_plan *t, const tarazu_field *field, node *renames, place *where)
{
  const char *name = field->name, *out;
  node *rename = renames ? node_get(renames, field->name) : NULL;
  if (rename && value_string(rename, field->name, p->problems, &name)) *where = rename->place;
  node *named = t->profile->columns ? node_get(t->profile->columns, name) : NULL;
  if (named && value_string(named, name, p->problems, &out)) {
    if (!rename) *where = named->place;
    return out;
  }
  return name;
}

static int take_shape(plan *p, const step *s, table_plan *t, uint32_t shape, place where)
{
  if (!t->profile->shape) t->profile->shape = shape;
  if (t->profile->shape == shape) return 1;
  problem_add(p->problems, EXIT_PROFILE, where, "%s: table '%s' holds %s, but this input takes %s", s->subject,
              t->profile->name, shape_names[t->profile->shape], shape_names[shape]);
  return 0;
}

static want_set *bound_set(const plan *p, const binding *b)
{
  return &p->tables[b->table].sets[b->item];
}

/* Binds one field of an input to a table; a column that a set must hold goes to `set`. */
static void bind_field(plan *p, step *s, table_plan *t, const tarazu_input *input, const tarazu_field *field,
                       uint32_t place_in_batch, node *renames, place where, uint32_t *set, uint32_t *set_count)
{
  tarazu_bound *bound = &s->bound[place_in_batch];
  binding *b = &s->bindings[place_in_batch];
  const char *expression = expression_of(p, t, field, renames, &where);
  if (input->shape == TARAZU_EVENTS && field->type == TARAZU_TIME && !strcmp(field->name, "time") &&
      !t->profile->time) {
    t->profile->time = expression;
    t->profile->time_place = where;
  }
  double window = duration_of(s, field->window), period = field->period ? duration_of(s, field->period) : 1;
  tarazu_want as = {.name = field->name,
                    .expression = expression,
                    .type = field->type,
                    .aggregate = field->aggregate,
                    .span = field->span,
                    .windowed = window > 0};
  if (field->aggregate == TARAZU_PERIODS || field->span != TARAZU_ALL)
    as.period = (int64_t)(period * (double)MICROSECONDS_PER_DAY);
  uint32_t index = add_want(p, t, &as, window, where);
  bound->type = type_after(field);
  *b = (binding){.kind = BOUND_WANT, .table = (uint32_t)(t - p->tables), .item = index};
  if (input->shape != TARAZU_ATTRIBUTES && field->aggregate == TARAZU_NONE) {
    b->kind = BOUND_SET;
    b->column = *set_count;
    set[(*set_count)++] = index;
  }
}

static void bind_table(plan *p, step *s, table_plan *t, uint32_t input_index, uint32_t at, node *renames, place where)
{
  const tarazu_input *input = tarazu_at(&s->strategy->inputs, input_index);
  uint32_t *set = arena_array(p->arena, input->fields.count + 1, sizeof *set), set_count = 0;
  if (!take_shape(p, s, t, input->shape, where)) return;
  int raw = input->shape == TARAZU_EDGES;
  for (uint32_t f = 0; f < input->fields.count; f++) {
    const tarazu_field *field = tarazu_at(&input->fields, f);
    if (!is_called_for(s, field->when)) continue;
    if (input->shape == TARAZU_EDGES && f < 2) {
      s->bound[at + f].type = TARAZU_ROW;
      s->bindings[at + f] = (binding){.kind = f ? BOUND_TO : BOUND_FROM, .table = (uint32_t)(t - p->tables)};
      continue;
    }
    int named = (renames && node_get(renames, field->name)) ||
                (t->profile->columns && node_get(t->profile->columns, field->name)) ||
                (t->profile->time && !strcmp(field->name, "time"));
    if (field->optional && !named) continue;
    bind_field(p, s, t, input, field, at + f, renames, where, set, &set_count);
    raw |= s->bindings[at + f].kind == BOUND_SET;
  }
  if (!raw) return;
  uint32_t index = add_set(p, t, set, set_count);
  for (uint32_t f = 0; f < input->fields.count; f++) {
    binding *b = &s->bindings[at + f];
    if (b->kind == BOUND_SET || b->kind == BOUND_FROM || b->kind == BOUND_TO) b->item = index;
  }
}

/* ---- binding to names -------------------------------------------------------------------------------------- */

typedef struct name_list {
  const char **words;
  uint32_t count;
  unsigned room;
} name_list;

static void add_name(plan *p, name_list *names, const char *name)
{
  for (uint32_t i = 0; i < names->count; i++)
    if (!strcmp(names->words[i], name)) return;
  *arena_push(p->arena, names->words, names->count, names->room) = name;
}

/* "orders", "one of x, y", "none". */
static const char *listed(plan *p, const name_list *names)
{
  text out = {0};
  for (uint32_t i = 0; i < names->count; i++)
    text_addf(&out, "%s%s", i ? ", " : names->count > 1 ? "one of " : "", names->words[i]);
  const char *kept = arena_copy(p->arena, names->count ? text_string(&out) : "none");
  text_free(&out);
  return kept;
}

/* The nearest of all that an input could name; of TABLE.COLUMN the table, and of CRITERION.OUTPUT the criterion. */
static void tell_nearest(plan *p, const char *word, uint32_t shape)
{
  name_list names = {0};
  const char *dot = shape == TARAZU_ATTRIBUTES ? strchr(word, '.') : NULL;
  for (uint32_t i = 0; i < p->table_count; i++)
    if ((int)i != p->previous && (dot || shape != TARAZU_ATTRIBUTES))
      add_name(p, &names, arena_format(p->arena, "%s%s", p->tables[i].profile->name, dot ? dot : ""));
  for (uint32_t i = 0; shape == TARAZU_ATTRIBUTES && i < p->profile->criterion_count; i++)
    add_name(p, &names, arena_format(p->arena, "%s%s", p->profile->criteria[i].name, dot ? dot : ""));
  for (uint32_t i = 0; shape == TARAZU_ATTRIBUTES && !dot && i < p->profile->dimension_count; i++)
    add_name(p, &names, p->profile->dimensions[i].name);
  problem_nearest(p->problems, word, names.words, names.count);
}

/* Whether what a profile names would be there, had it not a fault that was told already. */
static int is_faulty(const plan *p, const char *name)
{
  const char *dot = strchr(name, '.');
  size_t length = dot ? (size_t)(dot - name) : strlen(name);
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const char *criterion = p->profile->criteria[i].name;
    if (strlen(criterion) == length && !strncmp(criterion, name, length) && !p->raw[i]) return 1;
  }
  if (!p->combiner && (!strcmp(name, "score") || profile_dimension(p->profile, name) >= 0)) return 1;
  return p->profile->data_faulty && dot != NULL;
}

static series *series_by_name(plan *p, const char *name)
{
  series *found = plan_series(p, name);
  if (found || !p->combiner) return found;
  if (!strcmp(name, "score")) return p->score;
  int dimension = profile_dimension(p->profile, name);
  return dimension >= 0 && p->combiner->outputs
             ? &p->combiner->outputs[p->combiner->strategy->outputs.count + (uint32_t)dimension]
             : NULL;
}

/* Binds one place of a batch to a series, through a cast where reals are wanted of whole numbers. */
static int bind_series(plan *p, step *s, uint32_t at, series *from, uint32_t type, place where)
{
  static const char *const types[] = {"any type", "real", "integer", "switch", "time", "text", "row", "civil time"};
  if (type == TARAZU_F64 && (from->type == TARAZU_I64 || from->type == TARAZU_BOOL)) {
    series *cast = NULL;
    for (uint32_t i = 0; i < p->step_count && !cast; i++)
      if (p->steps[i]->kind == STEP_CAST && p->steps[i]->bindings[0].series == from) cast = &p->steps[i]->outputs[0];
    from = cast ? cast : add_host_step(p, STEP_CAST, from, "real", 0);
  }
  if (type && from->type != type) {
    problem_add(p->problems, EXIT_PROFILE, where, "%s: '%s' is of type %s, but this input takes %s", s->subject,
                from->name, types[from->type], types[type]);
    return 0;
  }
  s->bindings[at] = (binding){.kind = BOUND_SERIES, .series = from, .place = where};
  s->bound[at].type = from->type;
  s->bound[at].better = from->better;
  if (!s->bound[at].unit) s->bound[at].unit = from->unit;
  return 1;
}

/* `customers.satisfaction`: a column of an attribute table. 1 when the text has that form and the table is there. */
static int bind_table_column(plan *p, step *s, uint32_t at, const tarazu_field *field, const char *written, place where)
{
  const char *dot = strchr(written, '.');
  if (!dot) return 0;
  table_plan *t = find_table(p, arena_copy_n(p->arena, written, (size_t)(dot - written)));
  if (!t) return 0;
  if (!take_shape(p, s, t, TARAZU_ATTRIBUTES, where)) return 1;
  const char *expression = dot + 1, *out;
  node *named = t->profile->columns ? node_get(t->profile->columns, expression) : NULL;
  if (named && value_string(named, expression, p->problems, &out)) {
    expression = out;
    where = named->place;
  }
  tarazu_want as = {.name = field->name, .expression = expression, .type = field->type};
  s->bindings[at] =
      (binding){.kind = BOUND_WANT, .table = (uint32_t)(t - p->tables), .item = add_want(p, t, &as, 0, where)};
  s->bound[at].type = field->type;
  return 1;
}

/* What is wrong with a name that nothing answers to. */
static void tell_unknown_value(plan *p, const step *s, const tarazu_field *field, const char *written, place where)
{
  const char *dot = strchr(written, '.');
  const series *owner = dot ? plan_series(p, arena_copy_n(p->arena, written, (size_t)(dot - written))) : NULL;
  if (!owner) {
    problem_add(p->problems, EXIT_PROFILE, where,
                "%s: input '%s': there is no criterion, dimension or TABLE.COLUMN '%s'", s->subject, field->name,
                written);
    tell_nearest(p, written, TARAZU_ATTRIBUTES);
    return;
  }
  name_list outputs = {0};
  for (uint32_t i = 0; i < owner->maker->strategy->outputs.count; i++)
    add_name(p, &outputs, ((const tarazu_output *)tarazu_at(&owner->maker->strategy->outputs, i))->name);
  problem_add(p->problems, EXIT_PROFILE, where, "%s: input '%s': criterion '%s' has no output '%s'; expected %s",
              s->subject, field->name, owner->name, dot + 1, listed(p, &outputs));
  problem_nearest(p->problems, dot + 1, outputs.words, outputs.count);
}

/* One field of an ATTRIBUTES input by what the profile wrote: a criterion, its output, a dimension, a table's column.
 */
static int bind_value(plan *p, step *s, uint32_t at, const tarazu_field *field, node *value)
{
  static const char *const known[] = {"criterion", "output", NULL};
  const char *written = NULL;
  char found[80];
  if (value->kind == NODE_MAP && node_get(value, "criterion")) {
    const char *criterion = NULL, *output = NULL;
    value_keys(value, field->name, known, p->problems);
    if (!value_string(node_get(value, "criterion"), "criterion", p->problems, &criterion)) return 0;
    if (node_get(value, "output") && !value_string(node_get(value, "output"), "output", p->problems, &output)) return 0;
    written = output ? arena_format(p->arena, "%s.%s", criterion, output) : criterion;
  } else if (value->kind != NODE_SCALAR) {
    problem_add(p->problems, EXIT_PROFILE, value->place,
                "%s: input '%s': found %s, expected a criterion, a dimension or TABLE.COLUMN", s->subject, field->name,
                value_found(value, found));
    return 0;
  } else {
    written = value->text;
  }
  series *from = series_by_name(p, written);
  if (from) return bind_series(p, s, at, from, field->type, value->place);
  if (bind_table_column(p, s, at, field, written, value->place)) return 1;
  if (!is_faulty(p, written)) tell_unknown_value(p, s, field, written, value->place);
  return 0;
}

/* What an input binds to where the profile is silent. 1: bound, or may stay unbound. */
static int bind_by_default(plan *p, step *s, uint32_t input_index, uint32_t at)
{
  const tarazu_input *input = tarazu_at(&s->strategy->inputs, input_index);
  const char *name = input->bind ? input->bind : input->name;
  table_plan *t = find_table(p, name);
  if (t && (!t->profile->shape || t->profile->shape == input->shape)) {
    bind_table(p, s, t, input_index, at, NULL, s->place);
    return 1;
  }
  if (input->shape == TARAZU_ATTRIBUTES) {
    table_plan *customers = find_table(p, "customers");
    uint32_t missing = 0;
    for (uint32_t f = 0; f < input->fields.count; f++) {
      const tarazu_field *field = tarazu_at(&input->fields, f);
      if (s->bindings[at + f].kind != BOUND_NOT || !is_called_for(s, field->when)) continue;
      series *from = series_by_name(p, input->fields.count == 1 ? name : field->name);
      if (from && from->maker != s) {
        bind_series(p, s, at + f, from, field->type, s->place);
      } else if (customers && customers->profile->columns && node_get(customers->profile->columns, field->name)) {
        bind_table_column(p, s, at + f, field, arena_format(p->arena, "customers.%s", field->name), s->place);
      } else {
        missing += !field->optional && !is_faulty(p, input->fields.count == 1 ? name : field->name);
      }
    }
    if (!missing) return 1;
  }
  return input->optional || p->profile->data_faulty;
}

/* The fields that an input's map renames must be the input's. */
static void check_fields(plan *p, const step *s, const tarazu_input *input, const node *map)
{
  name_list fields = {0};
  for (uint32_t f = 0; f < input->fields.count; f++)
    add_name(p, &fields, ((const tarazu_field *)tarazu_at(&input->fields, f))->name);
  for (uint32_t i = 0; i < map->count; i++) {
    const node *key = map->entries[i].key;
    int hit = !strcmp(key->text, "from");
    for (uint32_t f = 0; f < fields.count; f++) hit |= !strcmp(fields.words[f], key->text);
    if (hit) continue;
    problem_add(p->problems, EXIT_PROFILE, key->place, "%s: input '%s' has no field '%s'; expected %s", s->subject,
                input->name, key->text, listed(p, &fields));
    problem_nearest(p->problems, key->text, fields.words, fields.count);
  }
}

static void tell_no_table(plan *p, const step *s, const tarazu_input *input, const node *value, const char *name)
{
  char found[80];
  if (p->profile->data_faulty) return;
  if (value->kind == NODE_MAP && !name) {
    problem_add(p->problems, EXIT_PROFILE, value->place, "%s: input '%s': 'from' is missing: the table", s->subject,
                input->name);
    return;
  }
  problem_add(p->problems, EXIT_PROFILE, value->place, "%s: input '%s' takes a table of %s; found %s", s->subject,
              input->name, shape_names[input->shape],
              name ? arena_format(p->arena, "'%s', which is no table", name) : value_found(value, found));
  if (name) tell_nearest(p, name, input->shape);
}

static void tell_unbound(plan *p, const step *s, const tarazu_input *input)
{
  const char *wanted = input->bind ? input->bind : input->name;
  problem_add(p->problems, EXIT_PROFILE, s->place, "%s: its input '%s' (%s) is not bound: there is no %s '%s'",
              s->subject, input->name, input->help, input->shape == TARAZU_ATTRIBUTES ? "criterion or column" : "table",
              wanted);
  problem_hint(p->problems, "say what it is: `input: {%s: %s}`", input->name,
               input->shape == TARAZU_ATTRIBUTES ? "TABLE.COLUMN" : "TABLE");
  tell_nearest(p, wanted, input->shape);
}

static void bind_input(plan *p, step *s, uint32_t input_index, uint32_t at, node *value)
{
  const tarazu_input *input = tarazu_at(&s->strategy->inputs, input_index);
  node *from = value && value->kind == NODE_MAP ? node_get(value, "from") : NULL;
  const char *name = NULL;
  if (from && !value_string(from, "from", p->problems, &name)) return;
  if (value && value->kind == NODE_SCALAR) name = value->text;
  table_plan *t = name ? find_table(p, name) : NULL;
  if (t) {
    bind_table(p, s, t, input_index, at, from ? value : NULL, value->place);
    if (from) check_fields(p, s, input, value);
  } else if (value && input->shape == TARAZU_ATTRIBUTES && input->fields.count == 1 && !from) {
    bind_value(p, s, at, tarazu_at(&input->fields, 0), value);
  } else if (value) {
    tell_no_table(p, s, input, from ? from : value, name);
  } else if (!bind_by_default(p, s, input_index, at)) {
    tell_unbound(p, s, input);
  }
}

/* ---- inputs of a step -------------------------------------------------------------------------------------- */

/* The names in a `many` input: the profile's list, else all criteria. */
static uint32_t many_names(plan *p, const step *s, const tarazu_input *input, node *value, const char ***names,
                           node ***nodes)
{
  uint32_t count = 0;
  unsigned room = 0, node_room = 0;
  *names = NULL;
  *nodes = NULL;
  if (!value) {
    for (uint32_t i = 0; input->bind && !strcmp(input->bind, "criteria") && i < p->profile->criterion_count; i++)
      *arena_push(p->arena, *names, count, room) = p->profile->criteria[i].name;
    return count;
  }
  if (value->kind != NODE_LIST) {
    char found[80];
    problem_add(p->problems, EXIT_PROFILE, value->place, "%s: input '%s': found %s, expected a list of names",
                s->subject, input->name, value_found(value, found));
    return 0;
  }
  for (uint32_t i = 0; i < value->count; i++) {
    const char *name;
    uint32_t same = count;
    if (!value_string(value->items[i], input->name, p->problems, &name)) continue;
    *arena_push(p->arena, *nodes, same, node_room) = value->items[i];
    *arena_push(p->arena, *names, count, room) = name;
  }
  return count;
}

static const tarazu_input *many_input(const step *s)
{
  uint32_t count = s->strategy->inputs.count;
  const tarazu_input *last = count ? tarazu_at(&s->strategy->inputs, count - 1) : NULL;
  return last && last->many ? last : NULL;
}

typedef struct column_names {
  const char **names;
  uint32_t count, first;
} column_names;

static int32_t column_by_name(void *argument, const char *name)
{
  const column_names *c = argument;
  for (uint32_t i = 0; i < c->count; i++)
    if (!strcmp(c->names[i], name)) return (int32_t)(c->first + i);
  return -1;
}

/* The columns of a `many` input over criteria: what the role sees of each. */
static void bind_criteria(plan *p, step *s, uint32_t at, series *const *columns)
{
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const criterion_profile *c = &p->profile->criteria[i];
    tarazu_bound *bound = &s->bound[at + i];
    bound->name = c->name;
    bound->dimension = c->dimension;
    bound->weight = c->weight;
    if (columns[i]) bind_series(p, s, at + i, columns[i], TARAZU_F64, c->place);
  }
}

static void name_fields(step *s)
{
  uint32_t at = 0;
  for (uint32_t i = 0; i < s->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->strategy->inputs, i);
    for (uint32_t f = 0; !input->many && f < input->fields.count; f++, at++) {
      const tarazu_field *field = tarazu_at(&input->fields, f);
      int edge = input->shape == TARAZU_EDGES;
      s->bound[at] = (tarazu_bound){.name = field->name, .input = i, .space = edge ? i + 1 : 0};
    }
    for (uint32_t k = at; input->many && k < s->count; k++) s->bound[k].input = i;
  }
}

static node *input_node(const tarazu_input *input, node *map)
{
  node *value = map ? node_get(map, input->name) : NULL;
  return value_is_null(value) ? NULL : value;
}

/* Fields of ATTRIBUTES inputs may stand in `input:` by their own names. */
static void bind_named_fields(plan *p, step *s, node *map)
{
  uint32_t at = 0;
  for (uint32_t i = 0; map && i < s->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->strategy->inputs, i);
    for (uint32_t f = 0; !input->many && f < input->fields.count; f++, at++) {
      const tarazu_field *field = tarazu_at(&input->fields, f);
      node *value = input->shape == TARAZU_ATTRIBUTES && strcmp(field->name, input->name) != 0
                        ? node_get(map, field->name)
                        : NULL;
      if (value) bind_value(p, s, at, field, value);
    }
  }
}

static void check_input_keys(plan *p, const step *s, const node *map)
{
  name_list names = {0};
  for (uint32_t i = 0; map && i < s->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->strategy->inputs, i);
    add_name(p, &names, input->name);
    for (uint32_t f = 0; input->shape == TARAZU_ATTRIBUTES && !input->many && f < input->fields.count; f++)
      add_name(p, &names, ((const tarazu_field *)tarazu_at(&input->fields, f))->name);
  }
  for (uint32_t e = 0; map && e < map->count; e++) {
    const node *key = map->entries[e].key;
    uint32_t hit = 0;
    for (uint32_t i = 0; i < names.count; i++) hit |= !strcmp(names.words[i], key->text);
    if (hit) continue;
    problem_add(p->problems, EXIT_PROFILE, key->place, "%s: '%s' has no input '%s'; expected %s", s->subject,
                s->strategy->id, key->text, listed(p, &names));
    problem_nearest(p->problems, key->text, names.words, names.count);
  }
}

static void bind_step(plan *p, step *s, const use *asked, series *const *criteria)
{
  const tarazu_input *many = many_input(s);
  const char **names = NULL;
  node **nodes = NULL;
  uint32_t fields = 0, named = 0, at = 0;
  for (uint32_t i = 0; i < s->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->strategy->inputs, i);
    if (!input->many) fields += input->fields.count;
  }
  node *many_value = many ? input_node(many, asked->input) : NULL;
  if (many) named = many_names(p, s, many, many_value, &names, &nodes);
  s->first_many = fields;
  s->count = fields + named;
  s->bound = arena_array(p->arena, s->count + 1, sizeof *s->bound);
  s->bindings = arena_array(p->arena, s->count + 1, sizeof *s->bindings);
  name_fields(s);
  column_names columns = {names, named, fields};
  check_input_keys(p, s, asked->input);
  if (!args_read(s->strategy, asked->params, asked->place, s->subject, p->profile->zone, column_by_name, &columns,
                 p->arena, p->problems, &s->args))
    return;
  bind_named_fields(p, s, asked->input);
  for (uint32_t i = 0; i < s->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->strategy->inputs, i);
    if (input->many) continue;
    bind_input(p, s, i, at, input_node(input, asked->input));
    at += input->fields.count;
  }
  if (named && !many_value && criteria) bind_criteria(p, s, fields, criteria);
  const tarazu_field *like = many && many->fields.count ? tarazu_at(&many->fields, 0) : NULL;
  for (uint32_t i = 0; many_value && like && i < named; i++) {
    s->bound[fields + i].name = names[i];
    bind_value(p, s, fields + i, like, nodes[i]);
  }
}

/* ---- the pipeline's parts ---------------------------------------------------------------------------------- */

static void plan_scorers(plan *p)
{
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const criterion_profile *c = &p->profile->criteria[i];
    if (!c->scorer.plugin) continue;
    step *s = add_step(p, STEP_SCORER, c->name, arena_format(p->arena, "criterion '%s'", c->name), c->scorer.place);
    s->index = i;
    if (!find_strategy(p, s, TARAZU_SCORER, &c->scorer)) continue;
    series *score = &s->outputs[0];
    if (c->better) score->better = c->better;
    score->dimension = c->dimension;
    score->weight = c->weight;
    p->raw[i] = score;
    if (score->type == TARAZU_TEXT || score->type == TARAZU_TIME)
      problem_add(p->problems, EXIT_PROFILE, c->scorer.place, "%s: '%s' gives no number, so it cannot be a criterion",
                  s->subject, c->scorer.plugin);
    else if (!score->better)
      problem_add(p->problems, EXIT_PROFILE, c->scorer.place,
                  "%s: '%s' does not say whether more or less is better; say `better: more` or `better: less`",
                  s->subject, c->scorer.plugin);
  }
}

/* The reals that later steps see of a criterion: cast from whole numbers, gaps filled where the profile says so. */
static void plan_measured(plan *p)
{
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    series *s = p->raw[i];
    if (s && s->type != TARAZU_F64) s = add_host_step(p, STEP_CAST, s, "real", i);
    if (s && p->profile->criteria[i].missing.rule != MISSING_LEFT_OUT) s = add_host_step(p, STEP_FILL, s, "filled", i);
    p->measured[i] = s;
  }
}

/* A criterion seen through a normalizer; the same pair is made once. ending: of its name. */
static series *normalized(plan *p, uint32_t criterion, const use *asked, const char *ending)
{
  const criterion_profile *c = &p->profile->criteria[criterion];
  if (!p->measured[criterion]) return NULL;
  for (uint32_t i = 0; i < p->step_count && !asked->params && !asked->model; i++) {
    const step *other = p->steps[i];
    if (other->kind == STEP_NORMALIZER && other->strategy && other->index == criterion && !other->args.params &&
        !other->model && !asked->isolate.given && !strcmp(other->strategy->id, asked->plugin))
      return &other->outputs[0];
  }
  step *s = add_step(p, STEP_NORMALIZER, arena_format(p->arena, "%s.%s", c->name, ending),
                     arena_format(p->arena, "normalizer of criterion '%s'", c->name), asked->place);
  s->index = criterion;
  if (!find_strategy(p, s, TARAZU_NORMALIZER, asked)) return NULL;
  s->skip = c->scorer.skip;
  s->count = s->first_many = 1;
  s->bound = arena_array(p->arena, 1, sizeof *s->bound);
  s->bindings = arena_array(p->arena, 1, sizeof *s->bindings);
  /* Not the criterion's own weight: what a normalizer makes of it is the same under every weight. */
  s->bound[0] = (tarazu_bound){.name = c->name, .dimension = c->dimension, .weight = 1};
  /* The profile's own normalizer is one setting, however many criteria it is for. */
  const char *setting = asked->params && asked->params == p->profile->normalizer.params ? "normalize" : s->subject;
  args_read(s->strategy, asked->params, asked->place, setting, p->profile->zone, NULL, NULL, p->arena, p->problems,
            &s->args);
  bind_series(p, s, 0, p->measured[criterion], TARAZU_F64, asked->place);
  s->outputs[0].better = 1;
  s->outputs[0].dimension = c->dimension;
  s->outputs[0].weight = c->weight;
  return &s->outputs[0];
}

/* What a method sees of every criterion: raw, or through the normalizer that it calls for or, of the combiner, the
 * profile gives. The combiner's is NAME.normalize; another that a method calls for besides, NAME.PLUGIN. */
static series **seen_by(plan *p, const char *called_for, place where, int heed_profile)
{
  series **seen = arena_array(p->arena, p->profile->criterion_count, sizeof(series *));
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    use given = {.plugin = called_for, .place = where};
    if (heed_profile && p->profile->criteria[i].normalizer.plugin) given = p->profile->criteria[i].normalizer;
    else if (heed_profile && p->profile->normalizer.plugin) given = p->profile->normalizer;
    seen[i] = given.plugin ? normalized(p, i, &given, heed_profile ? "normalize" : given.plugin) : p->measured[i];
  }
  return seen;
}

/* The combiner's outputs: its own, then a score a dimension, then a contribution a criterion. */
static void plan_combiner(plan *p)
{
  const profile *f = p->profile;
  step *s = add_step(p, STEP_COMBINER, "combine", "combine", f->combiner.place);
  if (!find_strategy(p, s, TARAZU_COMBINER, &f->combiner)) return;
  uint32_t own = s->output_count, all = own + f->dimension_count + f->criterion_count;
  series *outputs = arena_array(p->arena, all, sizeof(series));
  memcpy(outputs, s->outputs, own * sizeof(series));
  outputs[0].name = "score";
  for (uint32_t i = 0; i < f->dimension_count; i++)
    outputs[own + i] = (series){
        .name = f->dimensions[i].name, .type = TARAZU_F64, .better = outputs[0].better, .maker = s, .output = own + i};
  for (uint32_t i = 0; i < f->criterion_count; i++)
    outputs[own + f->dimension_count + i] =
        (series){.name = arena_format(p->arena, "%s_contribution", f->criteria[i].name),
                 .type = TARAZU_F64,
                 .better = 1,
                 .maker = s,
                 .output = own + f->dimension_count + i};
  s->outputs = outputs;
  s->output_count = all;
  p->combiner = s;
  p->score = &outputs[0];
  const node *named = input_node(many_input(s), f->combiner.input);
  if (named)
    problem_add(p->problems, EXIT_PROFILE, named->place,
                "combine: its input cannot be chosen, since all criteria are combined; `weight: 0` leaves one out");
  memcpy(p->normalized, seen_by(p, s->strategy->normalizer, f->combiner.place, 1),
         f->criterion_count * sizeof(series *));
}

static void plan_weighers(plan *p)
{
  profile *f = p->profile;
  if (!f->weigher_count) {
    f->weighers = arena_alloc(p->arena, sizeof *f->weighers);
    f->weighers[f->weigher_count++] = (weigher_profile){.use = {.usual = 1, .place = {.file = f->path}}, .share = 1};
  }
  p->weighers = arena_array(p->arena, f->weigher_count, sizeof(step *));
  for (uint32_t i = 0; i < f->weigher_count; i++) {
    const use *asked = &f->weighers[i].use;
    if (!asked->plugin && !asked->usual) continue;
    step *s = add_step(p, STEP_WEIGHER, arena_format(p->arena, "weigh.%u", i), "weigh", asked->place);
    s->index = i;
    if (!find_strategy(p, s, TARAZU_WEIGHER, asked)) continue;
    s->subject = arena_format(p->arena, "weigher '%s'", s->strategy->id);
    bind_step(p, s, asked, seen_by(p, s->strategy->normalizer, asked->place, 0));
    p->weighers[i] = s;
  }
}

static void plan_segments(plan *p)
{
  const profile *f = p->profile;
  p->segmenters = arena_array(p->arena, f->segment_count, sizeof(step *));
  for (uint32_t i = 0; i < f->segment_count; i++) {
    const segment_profile *g = &f->segments[i];
    if (!g->use.plugin) continue;
    step *s = add_step(p, STEP_SEGMENTER, g->name, arena_format(p->arena, "segmentation '%s'", g->name), g->use.place);
    s->index = i;
    if (!find_strategy(p, s, TARAZU_SEGMENTER, &g->use)) continue;
    bind_step(p, s, &g->use, seen_by(p, s->strategy->normalizer, g->use.place, 0));
    p->segmenters[i] = s;
  }
}

/* What a customer takes of the capacity is bound as the input of a segmentation would be. */
static void plan_capacity(plan *p)
{
  static const tarazu_field field = {.name = "of", .type = TARAZU_F64, .help = "what a key customer takes"};
  const capacity_profile *c = &p->profile->capacity;
  if (!c->of) return;
  step *s = arena_alloc(p->arena, sizeof *s);
  *s = (step){.name = "capacity", .subject = "key_customers.capacity", .place = c->place, .count = 1};
  s->bound = arena_array(p->arena, 1, sizeof *s->bound);
  s->bindings = arena_array(p->arena, 1, sizeof *s->bindings);
  s->bound[0].name = field.name;
  bind_value(p, s, 0, &field, c->of);
  p->capacity = s;
}

/* A source or a sink as the profile has it. */
typedef struct transport {
  uint32_t role;
  const char *subject, *location;
  place location_place;
  const use *asked;
  const plugin_file *file;
  isolated *isolated;
} transport;

int is_file(const char *location)
{
  return !strchr(location, ':') || strchr(location, '/');
}

/* What is held back from all but its files cannot reach a server. 1, or 0 with a problem. */
static int may_isolate(plan *p, const transport *t)
{
  const isolate_profile *how = isolation_of(p, t->asked);
  if (is_file(t->location)) return 1;
  problem_add(p->problems, EXIT_PROFILE, how->place,
              "%s: isolate: '%s' is no file, and files are all that an isolated %s can %s; expected none", t->subject,
              t->location, role_name(t->role), t->role == TARAZU_SOURCE ? "read" : "write");
  if (!t->asked->isolate.given) problem_hint(p->problems, "`isolate: none` beside its location is for it alone");
  return 0;
}

/* By its name, or else by its location. NULL with a problem. */
static const tarazu_strategy *find_transport(plan *p, transport *t)
{
  const use *asked = t->asked;
  const char *id = asked->plugin;
  size_t before = problems_errors(p->problems);
  const tarazu_strategy *found = NULL;
  if (!isolation_of(p, asked)->on) {
    found = id ? catalog_strategy(p->catalog, t->role, id, asked->place, &asked->pin, &t->file, p->problems)
               : catalog_accepting(p->catalog, t->role, t->location, &asked->pin, &t->file, p->problems);
  } else if (may_isolate(p, t)) {
    t->file = id ? catalog_unloaded(p->catalog, t->role, &id, asked->place, &asked->pin, p->problems)
                 : catalog_accepting_unloaded(p->catalog, t->role, t->location, &asked->pin, &id, p->problems);
    place where = asked->plugin ? asked->place : t->location_place;
    if (t->file) found = load_isolated(p, t->subject, t->role, id, asked, where, t->file, &t->isolated);
  }
  if (found || problems_errors(p->problems) != before) return found;
  problem_add(p->problems, EXIT_PROFILE, t->location_place, "%s: no %s %s '%s'; say which one as `plugin:`", t->subject,
              role_name(t->role), t->role == TARAZU_SOURCE ? "reads" : "writes", t->location);
  catalog_hint_lock(p->catalog, p->problems);
  return NULL;
}

static void plan_tables(plan *p, int (*pushed)(void *argument, const char *name), void *argument)
{
  const profile *f = p->profile;
  p->previous = -1;
  p->tables = arena_array(p->arena, f->table_count + 1, sizeof(table_plan));
  for (uint32_t i = 0; i < f->table_count; i++) p->tables[p->table_count++].profile = &f->tables[i];
  if (f->previous) {
    p->previous = (int)p->table_count;
    p->tables[p->table_count++].profile = f->previous;
    tarazu_want as = {.name = "listed", .expression = f->previous->key, .type = TARAZU_TEXT};
    add_want(p, &p->tables[p->previous], &as, 0, f->previous->place);
  }
  for (uint32_t i = 0; i < p->table_count; i++) {
    table_plan *t = &p->tables[i];
    if ((int)i != p->previous && pushed && pushed(argument, t->profile->name)) continue;
    const char *subject = t->profile->what;
    if (!t->profile->from) {
      if (!t->profile->has_from)
        problem_add(p->problems, EXIT_PROFILE, t->profile->place, "%s: 'from' is missing: where its rows are", subject);
      continue;
    }
    transport source = {.role = TARAZU_SOURCE,
                        .subject = subject,
                        .location = t->profile->from,
                        .location_place = t->profile->from_place,
                        .asked = &t->profile->source};
    t->source = find_transport(p, &source);
    t->file = source.file;
    t->isolated = source.isolated;
    if (t->source)
      args_read(t->source, t->profile->source.params, t->profile->from_place, subject, f->zone, NULL, NULL, p->arena,
                p->problems, &t->args);
  }
}

/* A sink that accepts no location but the screen. */
static int is_for_screen(const tarazu_strategy *sink)
{
  for (const char *const *pattern = strategy_sink(sink)->accepts; pattern && *pattern; pattern++)
    if (strcmp(*pattern, "-") != 0) return 0;
  return 1;
}

static void plan_output(plan *p, const output_profile *o, const char *subject, output_plan *to)
{
  to->profile = o;
  if (!o->sink.plugin && !o->to_given) return;
  transport sink = {.role = TARAZU_SINK,
                    .subject = subject,
                    .location = o->to ? o->to : "-",
                    .location_place = o->to_place,
                    .asked = &o->sink};
  to->sink = find_transport(p, &sink);
  to->file = sink.file;
  to->isolated = sink.isolated;
  if (!to->sink) return;
  args_read(to->sink, o->sink.params, o->place, subject, p->profile->zone, NULL, NULL, p->arena, p->problems,
            &to->args);
  if (o->to && !o->to_given && !is_for_screen(to->sink))
    problem_add(p->problems, EXIT_PROFILE, o->place,
                "%s: 'to' is missing: the file that it writes, or - for the screen", subject);
}

static void plan_outputs(plan *p)
{
  const profile *f = p->profile;
  p->outputs = arena_array(p->arena, f->output_count, sizeof *p->outputs);
  for (uint32_t i = 0; i < f->output_count; i++)
    plan_output(p, &f->outputs[i], arena_format(p->arena, "output[%u]", i), &p->outputs[i]);
}

/* Further outputs of scorers become columns NAME_OUTPUT: no criterion or segmentation may have that name too. */
static void check_columns(plan *p)
{
  const profile *f = p->profile;
  for (uint32_t i = 0; i < f->criterion_count; i++) {
    const step *s = p->raw[i] ? p->raw[i]->maker : NULL;
    for (uint32_t k = 1; s && k < s->output_count; k++) {
      const char *name = s->outputs[k].name, *kind = NULL;
      place where = {0};
      int criterion = profile_criterion(f, name);
      if (criterion >= 0) kind = "criterion", where = f->criteria[criterion].place;
      for (uint32_t g = 0; g < f->segment_count; g++)
        if (!strcmp(f->segments[g].name, name)) kind = "segmentation", where = f->segments[g].place;
      int dimension = profile_dimension(f, name);
      if (dimension >= 0) kind = "dimension", where = f->dimensions[dimension].place;
      if (kind)
        problem_add(p->problems, EXIT_PROFILE, where,
                    "%s '%s': criterion '%s' has a further output '%s', whose column has this name; choose another",
                    kind, name, f->criteria[i].name,
                    ((const tarazu_output *)tarazu_at(&s->strategy->outputs, k))->name);
    }
  }
}

/* ---- order ------------------------------------------------------------------------------------------------- */

enum { UNSEEN, ON_THE_PATH, IN_A_TOLD_CYCLE, ORDERED }; /* step.mark */

typedef struct ordering {
  plan *plan;
  step **done;
  uint32_t count;
  step **path;
  const binding **through; /* how the path goes on from each of its steps; NULL: from the combiner to a weigher */
  uint32_t depth;
} ordering;

/* The cycle as a profile's author knows it: criteria, and the scores by which they hang on one another. */
static void tell_cycle(ordering *o, step *back)
{
  text words = {0};
  uint32_t first = 0;
  while (o->path[first] != back) first++;
  place where = o->through[first] ? o->through[first]->place : back->place;
  for (uint32_t i = first; i < o->depth; i++) {
    if (o->path[i]->kind == STEP_SCORER) text_addf(&words, "%s → ", o->path[i]->name);
    if (o->path[i]->kind == STEP_COMBINER && i > first) text_addf(&words, "%s → ", o->through[i - 1]->series->name);
    o->path[i]->mark = IN_A_TOLD_CYCLE;
  }
  text_add(&words, back->name);
  problem_add(o->plan->problems, EXIT_PROFILE, where, "%s: its inputs lead back to itself: %s", back->subject,
              text_string(&words));
  text_free(&words);
}

static void visit(ordering *o, step *s);

static void follow(ordering *o, const binding *through, step *next)
{
  o->through[o->depth - 1] = through;
  visit(o, next);
}

static void visit(ordering *o, step *s)
{
  if (s->mark == ON_THE_PATH) tell_cycle(o, s);
  if (s->mark != UNSEEN) return;
  s->mark = ON_THE_PATH;
  o->path[o->depth++] = s;
  for (uint32_t i = 0; i < s->count; i++)
    if (s->bindings && s->bindings[i].kind == BOUND_SERIES) follow(o, &s->bindings[i], s->bindings[i].series->maker);
  for (uint32_t i = 0; s->kind == STEP_COMBINER && i < o->plan->profile->weigher_count; i++)
    if (o->plan->weighers[i]) follow(o, NULL, o->plan->weighers[i]);
  o->depth--;
  s->mark = ORDERED;
  o->done[o->count++] = s;
}

static void put_in_order(plan *p)
{
  ordering o = {.plan = p};
  o.done = arena_array(p->arena, p->step_count, sizeof(step *));
  o.path = arena_array(p->arena, p->step_count, sizeof(step *));
  o.through = arena_array(p->arena, p->step_count, sizeof(binding *));
  for (uint32_t i = 0; i < p->step_count; i++) visit(&o, p->steps[i]);
  p->steps = o.done;
}

/* A table that no strategy of its shape reads still says who the customers are. */
static void settle_tables(plan *p)
{
  for (uint32_t i = 0; i < p->table_count; i++) {
    table_plan *t = &p->tables[i];
    if (!t->profile->shape) t->profile->shape = TARAZU_ATTRIBUTES;
    if (t->profile->shape == TARAZU_EDGES && !t->profile->edge[0] && !t->profile->faulty)
      problem_add(p->problems, EXIT_PROFILE, t->profile->place,
                  "table '%s' is used as edges: it needs 'edge: [from, to]' in place of 'key'", t->profile->name);
  }
  for (uint32_t i = 0; i < p->step_count; i++)
    for (uint32_t k = 0; k < p->steps[i]->count; k++) {
      const binding *b = &p->steps[i]->bindings[k];
      if (b->kind == BOUND_SET && bound_set(p, b)->count <= b->column)
        problem_add(p->problems, EXIT_INTERNAL, p->steps[i]->place, "%s: a column is bound outside its set",
                    p->steps[i]->subject);
    }
}

int plan_make(plan *p, int (*pushed)(void *argument, const char *name), void *argument)
{
  const profile *f = p->profile;
  p->raw = arena_array(p->arena, f->criterion_count, sizeof(series *));
  p->measured = arena_array(p->arena, f->criterion_count, sizeof(series *));
  p->normalized = arena_array(p->arena, f->criterion_count, sizeof(series *));
  plan_tables(p, pushed, argument);
  plan_scorers(p);
  plan_measured(p);
  if (!p->scorers_only && (f->combiner.plugin || f->combiner.usual)) plan_combiner(p);
  for (uint32_t i = 0, steps = p->step_count; i < steps; i++)
    if (p->steps[i]->kind == STEP_SCORER && p->steps[i]->strategy)
      bind_step(p, p->steps[i], &f->criteria[p->steps[i]->index].scorer, NULL);
  if (p->combiner) bind_step(p, p->combiner, &f->combiner, p->normalized);
  if (!p->scorers_only) {
    plan_weighers(p);
    plan_segments(p);
    plan_capacity(p);
    plan_outputs(p);
  }
  check_columns(p);
  settle_tables(p);
  put_in_order(p);
  return !problems_errors(p->problems);
}
