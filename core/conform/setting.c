#include "conform/setting.h"

#include "base/calendar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const many_names[MANY_COLUMNS] = {"revenue", "habit", "word_of_mouth", "recommendation"};
static const char *const many_dimensions[MANY_COLUMNS] = {"financial", "financial", "non_financial", "non_financial"};

/* ---- the columns behind fields ----------------------------------------------------------------------------- */

static const tarazu_field *field_at(const tarazu_input *input, uint32_t index)
{
  return tarazu_at(&input->fields, index);
}

/* The number of a field's column among the distinct names. */
static uint32_t raw_of(const tarazu_input *input, uint32_t field)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i <= field; i++) {
    uint32_t k = 0;
    while (k < i && strcmp(field_at(input, k)->name, field_at(input, i)->name) != 0) k++;
    if (k < i) continue;
    if (!strcmp(field_at(input, i)->name, field_at(input, field)->name)) return count;
    count++;
  }
  return count;
}

static const tarazu_field *field_of_raw(const tarazu_input *input, uint32_t raw)
{
  for (uint32_t i = 0; i < input->fields.count; i++)
    if (raw_of(input, i) == raw) return field_at(input, i);
  return field_at(input, 0);
}

uint32_t raw_columns(const tarazu_input *input, uint32_t many)
{
  uint32_t count = 0;
  if (input->many) return many;
  for (uint32_t i = 0; i < input->fields.count; i++)
    if (raw_of(input, i) >= count) count = raw_of(input, i) + 1;
  return count;
}

const char *raw_name(const tarazu_input *input, uint32_t raw)
{
  return input->many ? many_names[raw] : field_of_raw(input, raw)->name;
}

uint32_t raw_type(const tarazu_input *input, uint32_t raw)
{
  return input->many ? field_at(input, 0)->type : field_of_raw(input, raw)->type;
}

uint32_t field_gives(const tarazu_field *field)
{
  switch (field->aggregate) {
  case TARAZU_COUNT:
  case TARAZU_PERIODS: return TARAZU_I64;
  case TARAZU_MEAN: return TARAZU_F64;
  case TARAZU_SUM: return field->type == TARAZU_BOOL ? TARAZU_I64 : field->type;
  default: return field->type;
  }
}

/* ---- parameters made up ------------------------------------------------------------------------------------ */

static const tarazu_param *param_at(const tarazu_list *params, uint32_t index)
{
  return tarazu_at(params, index);
}

/* A number of a parameter's range: its ends and what lies between; anything modest where it has none. */
static double number_in(const tarazu_param *param, int tame, dice *d)
{
  static const double some[] = {1, 2, 0.5, 10, 0, -1, 100};
  double least = param->least, most = param->most;
  if (least == 0 && most == 0) return tame ? 1 : some[dice_below(d, 7)];
  if (most - least > 1e6) most = least > 0 ? least * 8 : least < -1e6 ? 8 : least + 400;
  if (least < -1e6) least = -8;
  if (param->kind == TARAZU_INTEGER && most - least > 200) most = least + 200; /* iterations, starts: what takes time */
  if (tame) return least + (most - least) / 2;
  switch (dice_below(d, 4)) {
  case 0: return param->least > -1e15 ? param->least : least;
  case 1: return most; /* of the parameter, unless that is far off */
  default: return least + dice_unit(d) * (most - least);
  }
}

static void write_text(text *out, const char *words)
{
  text_add_json(out, words);
}

static void write_value(text *out, const tarazu_strategy *strategy, const tarazu_param *param, int tame, int item,
                        dice *d);

/* A name of a column, in the order of the items: records and lists are about columns more often than not. */
static const char *column_name(const tarazu_strategy *strategy, int item)
{
  uint32_t inputs = strategy->inputs.count;
  const tarazu_input *last = inputs ? tarazu_at(&strategy->inputs, inputs - 1) : NULL;
  if (last && last->many) return many_names[item % MANY_COLUMNS];
  return last ? raw_name(last, (uint32_t)item % raw_columns(last, 0)) : "a";
}

static void write_list(text *out, const tarazu_strategy *strategy, const tarazu_param *param, int tame, dice *d)
{
  int64_t count = !tame ? dice_below(d, 5) : param->kind == TARAZU_REALS ? 2 : MANY_COLUMNS;
  double at = param->least > -1e6 ? param->least : 0, step = (number_in(param, 1, d) - at) / 2;
  text_add(out, "[");
  for (int64_t i = 0; i < count; i++) {
    if (i) text_add(out, ", ");
    if (param->kind == TARAZU_REALS) {
      text_add_number(out, tame || dice_chance(d, 0.7) ? at += step : number_in(param, 0, d));
    } else if (param->kind == TARAZU_STRINGS) {
      write_text(out, column_name(strategy, (int)i));
    } else {
      text_add(out, "{");
      for (uint32_t k = 0, written = 0; k < param->fields.count; k++) {
        const tarazu_param *field = param_at(&param->fields, k);
        if ((field->initial || field->optional) && (tame || dice_chance(d, 0.6))) continue;
        text_addf(out, "%s%s: ", written++ ? ", " : "", field->name);
        write_value(out, strategy, field, tame, (int)i, d);
      }
      text_add(out, "}");
    }
  }
  text_add(out, "]");
}

static void write_value(text *out, const tarazu_strategy *strategy, const tarazu_param *param, int tame, int item,
                        dice *d)
{
  uint32_t choices = 0;
  int64_t day = 17000 + dice_below(d, 1000);
  char date[32];
  switch (param->kind) {
  case TARAZU_REAL:
    if (tame && param->least == 0 && param->most == 0) text_addf(out, "%d", item + 1);
    else text_add_number(out, number_in(param, tame, d));
    break;
  case TARAZU_INTEGER: text_addf(out, "%lld", (long long)ceil(number_in(param, tame, d))); break;
  case TARAZU_DURATION: text_addf(out, "%lld days", (long long)ceil(fmax(number_in(param, tame, d), 1))); break;
  case TARAZU_PROPORTION:
    text_add_number(out, 100 * number_in(param, tame, d));
    text_add(out, "%");
    break;
  case TARAZU_SWITCH: text_add(out, dice_chance(d, 0.5) ? "true" : "false"); break;
  case TARAZU_DATE:
    calendar_format(day * MICROSECONDS_PER_DAY, date);
    text_add(out, date);
    break;
  case TARAZU_CHOICE:
    while (param->choices[choices]) choices++;
    write_text(out, param->choices[tame ? 0 : dice_below(d, choices)]);
    break;
  case TARAZU_REALS:
  case TARAZU_STRINGS:
  case TARAZU_RECORDS: write_list(out, strategy, param, tame, d); break;
  default: write_text(out, column_name(strategy, item)); break;
  }
}

const char *setting_invent(const tarazu_strategy *strategy, int tame, dice *d, arena *memory)
{
  text out = {0};
  int written = 0;
  text_add(&out, "{");
  for (uint32_t i = 0; i < strategy->params.count; i++) {
    const tarazu_param *param = param_at(&strategy->params, i);
    int needed = !param->initial && !param->optional;
    if (!needed && (tame == 1 || (tame == 2 && !param->optional) || (!tame && dice_chance(d, 0.65)))) continue;
    text_addf(&out, "%s%s: ", written++ ? ", " : "", param->name);
    write_value(&out, strategy, param, tame, (int)i, d); /* later ones larger: least, most */
  }
  text_add(&out, "}");
  const char *params = arena_copy(memory, text_string(&out));
  text_free(&out);
  return params;
}

/* ---- binding ----------------------------------------------------------------------------------------------- */

static const tarazu_value *value_named(const setting *with, const char *name, size_t length, const tarazu_param **param)
{
  for (uint32_t i = 0; i < with->strategy->params.count; i++) {
    *param = param_at(&with->strategy->params, i);
    if (strlen((*param)->name) == length && !memcmp((*param)->name, name, length))
      return tarazu_arg(&with->given.args, i);
  }
  return NULL;
}

double setting_days(const setting *with, const char *name)
{
  const tarazu_param *param;
  const tarazu_value *value = name ? value_named(with, name, strlen(name), &param) : NULL;
  return value && value->given ? value->real : -1;
}

/* Whether all conditions of a field's `when` hold. */
static int holds(const setting *with, const char *when)
{
  for (const char *at = when; at && *at;) {
    size_t length = strcspn(at, ","), negated = *at == '!';
    const char *name = at + negated, *equals = memchr(at, '=', length);
    size_t name_length = equals ? (size_t)(equals - name) : length - negated;
    const tarazu_param *param;
    const tarazu_value *value = value_named(with, name, name_length, &param);
    if (!value) return 0;
    if (equals) {
      const char *choice = param->choices[value->integer];
      size_t rest = length - name_length - 1;
      if (strlen(choice) != rest || memcmp(choice, equals + 1, rest) != 0) return 0;
    } else if ((value->given != 0) == (int)negated) return 0;
    at += length + (at[length] == ',');
  }
  return 1;
}

static void add_place(setting *s, uint32_t input_index, uint32_t field, uint32_t raw, arena *memory)
{
  const tarazu_input *input = tarazu_at(&s->strategy->inputs, input_index);
  const char *name = input->many ? many_names[raw] : field_at(input, field)->name;
  s->bound[s->count] = (tarazu_bound){
      .name = name, .input = input_index, .space = input->shape == TARAZU_EDGES ? input_index + 1 : 0, .better = 1};
  if (input->many) {
    s->bound[s->count].dimension = many_dimensions[raw];
    s->bound[s->count].weight = 1 + raw;
  }
  s->places[s->count] =
      (place_bound){.input = input,
                    .field = field_at(input, input->many ? 0 : field),
                    .raw = raw,
                    .values = arena_format(memory, "the values of column '%s.%s'", input->name, name),
                    .valid = arena_format(memory, "the validity bits of column '%s.%s'", input->name, name),
                    .offsets = arena_format(memory, "the offsets of column '%s.%s'", input->name, name)};
  s->count++;
}

static void add_places(setting *s, arena *memory)
{
  for (uint32_t i = 0; i < s->strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->strategy->inputs, i);
    uint32_t fields = input->many ? s->many : input->fields.count;
    for (uint32_t f = 0; f < fields && s->count < MOST_COLUMNS; f++)
      add_place(s, i, f, input->many ? f : raw_of(input, f), memory);
  }
}

/* Whether an input that may be left out is there. */
static int is_taken(uint32_t input_index, int binds, dice *d)
{
  if (binds >= BIND_ONE) return (int)input_index == binds - BIND_ONE;
  return binds == BIND_ALL || (binds == BIND_SOME && dice_chance(d, 0.5));
}

static void bind(setting *s, int binds, dice *d)
{
  uint32_t input_index = UINT32_MAX;
  int taken = 1, some[MOST_COLUMNS] = {0}; /* of each column, since fields that share one come together */
  for (uint32_t i = 0; i < s->count; i++) {
    const place_bound *at = &s->places[i];
    if (s->bound[i].input != input_index) {
      input_index = s->bound[i].input;
      for (int c = 0; c < MOST_COLUMNS; c++) some[c] = dice_chance(d, 0.5);
      taken = !at->input->optional || is_taken(input_index, binds, d);
    }
    int wanted =
        !at->field->optional || binds == BIND_ALL || binds >= BIND_ONE || (binds == BIND_SOME && some[at->raw]);
    if (!taken && at->input->many) {
      s->count = i; /* of an input of many columns that is not bound none is there */
      return;
    }
    if (taken && wanted && holds(s, at->field->when)) s->bound[i].type = field_gives(at->field);
  }
}

static int32_t column_index(void *argument, const char *name)
{
  const setting *s = argument;
  for (uint32_t i = 0; i < s->count; i++) {
    const char *input = s->places[i].input->name;
    size_t length = strlen(input);
    if (!strcmp(s->bound[i].name, name)) return (int32_t)i;
    if (!strncmp(name, input, length) && name[length] == '.' && !strcmp(name + length + 1, s->bound[i].name))
      return (int32_t)i;
  }
  return -1;
}

const setting *setting_of(const tarazu_strategy *strategy, const char *params, int binds, dice *d, arena *memory,
                          const char **why)
{
  setting *s = arena_alloc(memory, sizeof *s);
  problems *faults = problems_new();
  text told = {0};
  *s = (setting){.strategy = strategy, .params = params, .many = MANY_COLUMNS, .as_of = 18262 * MICROSECONDS_PER_DAY};
  s->bound = arena_array(memory, MOST_COLUMNS, sizeof *s->bound);
  s->places = arena_array(memory, MOST_COLUMNS, sizeof *s->places);
  add_places(s, memory);
  node *map = yaml_parse("params", params, strlen(params), memory, faults);
  int good = map && !problems_errors(faults) &&
             args_read(strategy, map, NOWHERE, strategy->id, NULL, column_index, s, memory, faults, &s->given);
  if (good) bind(s, binds, d);
  else problems_print(faults, &told, 0);
  *why = good ? NULL : arena_copy(memory, text_string(&told));
  text_free(&told);
  problems_free(faults);
  return good ? s : NULL;
}
