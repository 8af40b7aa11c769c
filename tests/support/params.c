#include "support/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct block {
  struct block *next;
  max_align_t bytes[];
} block;

struct params {
  block *blocks;
  tarazu_args args;
  int32_t (*column)(void *argument, const char *name);
  void *argument;
  char *message;
  size_t size;
};

static void *take(params *p, size_t bytes)
{
  block *b = calloc(1, sizeof *b + (bytes ? bytes : 1));
  if (!b) abort();
  b->next = p->blocks;
  p->blocks = b;
  return b->bytes;
}

static int wrong(params *p, const tarazu_param *param, const char *found)
{
  snprintf(p->message, p->size, "parameter '%s' cannot be '%s'", param->name, found);
  return 0;
}

static int read_date(const char *text, int64_t *out)
{
  int y, m, d;
  if (sscanf(text, "%d-%d-%d", &y, &m, &d) != 3) return 0;
  /* days from civil (Hinnant 2013) */
  y -= m <= 2;
  int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1, doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  *out = ((int64_t)era * 146097 + doe - 719468) * INT64_C(86400000000);
  return 1;
}

static int read_real(const char *text, double *out)
{
  char *end;
  *out = strtod(text, &end);
  if (end == text) return 0;
  if (*end == '%') *out /= 100, end++;
  return !*end;
}

static int read_duration(const char *text, double *out)
{
  static const struct {
    const char *name;
    double days;
  } units[] = {{" hour", 1. / 24}, {" day", 1}, {" week", 7}, {" month", 365.25 / 12}, {" year", 365.25}};
  char *end;
  *out = strtod(text, &end);
  if (end == text) return 0;
  if (!*end) return *out == 0;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t length = strlen(units[i].name);
    if (strncmp(end, units[i].name, length) || (end[length] && strcmp(end + length, "s"))) continue;
    *out *= units[i].days;
    return 1;
  }
  return 0;
}

static int read_scalar(params *p, const tarazu_param *param, const char *text, tarazu_value *out)
{
  char *end;
  int good = 1;
  out->given = 1;
  switch (param->kind) {
  case TARAZU_REAL:
  case TARAZU_PROPORTION: good = read_real(text, &out->real); break;
  case TARAZU_DURATION: good = read_duration(text, &out->real); break;
  case TARAZU_DATE: good = read_date(text, &out->integer); break;
  case TARAZU_STRING: out->text = text; break;
  case TARAZU_INTEGER:
    out->integer = strtoll(text, &end, 10);
    good = end != text && !*end;
    break;
  case TARAZU_SWITCH:
    out->integer = !strcmp(text, "true") || !strcmp(text, "yes");
    good = out->integer || !strcmp(text, "false") || !strcmp(text, "no");
    break;
  case TARAZU_CHOICE:
    while (param->choices[out->integer] && strcmp(param->choices[out->integer], text)) out->integer++;
    good = param->choices[out->integer] != NULL;
    break;
  case TARAZU_COLUMN:
    out->integer = p->column(p->argument, text);
    good = out->integer >= 0;
    break;
  default: good = 0;
  }
  if (param->kind == TARAZU_INTEGER) out->real = (double)out->integer;
  int ranged = param->least != 0 || param->most != 0;
  if (good && ranged && param->kind != TARAZU_STRING && (out->real < param->least || out->real > param->most)) good = 0;
  return good || wrong(p, param, text);
}

static int read_map(params *p, yaml_document_t *document, yaml_node_t *map, const tarazu_list *declared,
                    tarazu_args *out);

static int read_list(params *p, yaml_document_t *document, yaml_node_t *list, const tarazu_param *param,
                     tarazu_value *out)
{
  size_t count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
  double *reals = take(p, count * sizeof *reals);
  const char **texts = take(p, count * sizeof *texts);
  tarazu_args *records = take(p, count * sizeof *records);
  for (size_t i = 0; i < count; i++) {
    yaml_node_t *item = yaml_document_get_node(document, list->data.sequence.items.start[i]);
    const char *text = item->type == YAML_SCALAR_NODE ? (const char *)item->data.scalar.value : "(a map or list)";
    if (param->kind == TARAZU_RECORDS) {
      if (!read_map(p, document, item, &param->fields, &records[i])) return 0;
    } else if (item->type != YAML_SCALAR_NODE) return wrong(p, param, text);
    else if (param->kind == TARAZU_STRINGS) texts[i] = strcpy(take(p, strlen(text) + 1), text);
    else if (!read_real(text, &reals[i])) return wrong(p, param, text);
  }
  out->given = 1;
  out->count = (uint32_t)count;
  if (param->kind == TARAZU_REALS) out->reals = reals;
  else if (param->kind == TARAZU_STRINGS) out->texts = texts;
  else if (param->kind == TARAZU_RECORDS) out->records = records;
  else return wrong(p, param, "a list");
  return 1;
}

static int read_node(params *p, yaml_document_t *document, yaml_node_t *node, const tarazu_param *param,
                     tarazu_value *out)
{
  if (node->type == YAML_SEQUENCE_NODE) return read_list(p, document, node, param, out);
  if (node->type != YAML_SCALAR_NODE) return wrong(p, param, "a map");
  const char *text = (const char *)node->data.scalar.value;
  return read_scalar(p, param, strcpy(take(p, strlen(text) + 1), text), out);
}

static int parse(params *p, const char *yaml, yaml_document_t *document)
{
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) abort();
  yaml_parser_set_input_string(&parser, (const unsigned char *)yaml, strlen(yaml));
  int good = yaml_parser_load(&parser, document);
  if (!good) snprintf(p->message, p->size, "%s", parser.problem);
  yaml_parser_delete(&parser);
  return good;
}

static int read_initial(params *p, const tarazu_param *param, tarazu_value *out)
{
  yaml_document_t document;
  if (!parse(p, param->initial, &document)) return 0;
  yaml_node_t *root = yaml_document_get_root_node(&document);
  int good = root ? read_node(p, &document, root, param, out) : read_scalar(p, param, "", out);
  yaml_document_delete(&document);
  return good;
}

static int read_map(params *p, yaml_document_t *document, yaml_node_t *map, const tarazu_list *declared,
                    tarazu_args *out)
{
  tarazu_value *values = take(p, declared->count * sizeof *values);
  *out = (tarazu_args){{values, declared->count, sizeof *values}};
  if (map && map->type != YAML_MAPPING_NODE) return wrong(p, tarazu_at(declared, 0), "not a map");
  for (yaml_node_pair_t *pair = map ? map->data.mapping.pairs.start : NULL; map && pair < map->data.mapping.pairs.top;
       pair++) {
    const char *key = (const char *)yaml_document_get_node(document, pair->key)->data.scalar.value;
    uint32_t i = 0;
    while (i < declared->count && strcmp(((const tarazu_param *)tarazu_at(declared, i))->name, key)) i++;
    if (i == declared->count) return snprintf(p->message, p->size, "unknown parameter '%s'", key), 0;
    if (!read_node(p, document, yaml_document_get_node(document, pair->value), tarazu_at(declared, i), &values[i]))
      return 0;
  }
  for (uint32_t i = 0; i < declared->count; i++) {
    const tarazu_param *param = tarazu_at(declared, i);
    if (values[i].given) continue;
    if (param->initial && !read_initial(p, param, &values[i])) return 0;
    if (!param->initial && !param->optional) return wrong(p, param, "absent");
  }
  return 1;
}

params *params_read(const tarazu_strategy *strategy, const char *yaml,
                    int32_t (*column)(void *argument, const char *name), void *argument, char *message, size_t size)
{
  params *p = calloc(1, sizeof *p);
  if (!p) abort();
  *p = (params){.column = column, .argument = argument, .message = message, .size = size};
  yaml_document_t document;
  int good = parse(p, yaml, &document);
  if (good) {
    good = read_map(p, &document, yaml_document_get_root_node(&document), &strategy->params, &p->args);
    yaml_document_delete(&document);
  }
  if (good) return p;
  params_free(p);
  return NULL;
}

const tarazu_args *params_args(const params *p)
{
  return &p->args;
}

void params_free(params *p)
{
  if (!p) return;
  for (block *b = p->blocks, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  free(p);
}
