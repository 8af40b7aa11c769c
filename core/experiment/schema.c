/* The JSON Schema of experiments' files: what file.c, vary.c, outcome.c and asked.c read. Criteria and methods are as
 * the schema of profiles has them. What must be there is required of a file alone that extends no other. */
#include "experiment/schema.h"

#include "catalog/describe.h"
#include "experiment/asked.h"
#include "experiment/paired.h"
#include <string.h>

#define TEXT    "{\"type\": [\"string\", \"number\", \"boolean\"]}"
#define NAME    "\"^[A-Za-z0-9_-]+$\""
#define NULLED  ", {\"type\": \"null\"}"
#define PERCENT "\"^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+) *%$\""
/* Settings that a variant cannot have (vary.c). */
#define REFUSED "\"^(output|store|extends|tarazu|seed|key_customers[.]previous)([.].*)?$\""
#define MISPUT  "\"propertyNames\": {\"not\": {\"pattern\": " REFUSED "}}"

static void put(json *j, const char *key, const char *value)
{
  json_key(j, key);
  text_add(j->out, value);
}

/* ---- measures ------------------------------------------------------------------------------------------------ */

/* What stands behind the measure's own name. */
static const char *subject_of(const measure_about *about)
{
  if (about->needs & MEASURE_NEEDS_OUTCOME) return "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}";
  if (about->needs & MEASURE_NEEDS_DIMENSION) return TEXT;
  if (about->needs & MEASURE_NEEDS_COST) return "{\"anyOf\": [{\"$ref\": \"#/$defs/beside\"}" NULLED "]}";
  return "{\"type\": \"null\"}";
}

static void write_key(json *j, const char *key)
{
  static const struct {
    const char *key, *value;
  } known[] = {
      {"name", "{\"type\": [\"string\", \"number\", \"boolean\"], \"description\": \"what the table calls it\"}"},
      {"prediction", "{\"type\": [\"string\", \"number\", \"boolean\"], \"description\": \"score, a criterion, "
                     "CRITERION.OUTPUT or a dimension; the score by default\"}"},
      {"baseline", "{\"$ref\": \"#/$defs/beside\"}"},
      {"cost", "{\"$ref\": \"#/$defs/beside\"}"},
      {"k", "{\"type\": \"integer\", \"minimum\": 1}"},
      {"persistence", "{\"type\": \"number\", \"minimum\": 0.01, \"maximum\": 0.9999, \"default\": 0.98}"},
      {"between", "{\"enum\": [\"cut_offs\", \"repeats\", \"samples\"]}"},
      {"samples", "{\"type\": \"integer\", \"minimum\": 2, \"maximum\": 1000, \"default\": 20}"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(known[i].key, key)) put(j, key, known[i].value);
}

/* A map of one measure. */
static void write_measure(json *j, measure_id id)
{
  const measure_about *about = &measure_list[id];
  const char *keys[ASKED_KEYS];
  asked_keys(id, keys);
  json_open(j, NULL, '{');
  json_text(j, "description", about->help);
  json_text(j, "type", "object");
  json_open(j, "properties", '{');
  put(j, about->name, subject_of(about));
  for (int i = 1; keys[i]; i++) write_key(j, keys[i]);
  json_close(j, '}');
  json_open(j, "required", '[');
  json_text(j, NULL, about->name);
  if (about->needs & MEASURE_NEEDS_BASELINE) json_text(j, NULL, "baseline");
  if (about->needs & MEASURE_NEEDS_COST && about->needs & MEASURE_NEEDS_OUTCOME) json_text(j, NULL, "cost");
  json_close(j, ']');
  json_bool(j, "additionalProperties", 0);
  put(j, "dependentSchemas",
      "{\"samples\": {\"properties\": {\"between\": {\"const\": \"samples\"}}, \"required\": [\"between\"]}}");
  json_close(j, '}');
}

/* Measures that may stand there by their name alone. */
static void write_names(json *j)
{
  const unsigned more = MEASURE_NEEDS_BASELINE | MEASURE_NEEDS_COST | MEASURE_NEEDS_DIMENSION;
  json_open(j, NULL, '{');
  json_open(j, "oneOf", '[');
  for (int id = 0; id < MEASURE_COUNT; id++) {
    if (measure_list[id].needs & more) continue;
    json_open(j, NULL, '{');
    json_text(j, "const", measure_list[id].name);
    json_text(j, "description", measure_list[id].help);
    json_close(j, '}');
  }
  json_close(j, ']');
  json_close(j, '}');
}

static void write_measures(json *j)
{
  json_open(j, "measure", '{');
  json_open(j, "anyOf", '[');
  write_names(j);
  for (int id = 0; id < MEASURE_COUNT; id++) write_measure(j, (measure_id)id);
  json_close(j, ']');
  json_close(j, '}');
}

/* ---- what is varied ------------------------------------------------------------------------------------------ */

/* A map with `from` or `to` is a range, any other one holds alternatives. */
static void write_knobs(json *j)
{
  put(j, "quantity", "{\"anyOf\": [{\"type\": \"number\"}, {\"type\": \"string\", \"pattern\": \"^[-+]?[.]?[0-9]\"}]}");
  put(j, "range",
      "{\"type\": \"object\", \"properties\": {\"from\": {\"$ref\": \"#/$defs/quantity\"}, \"to\": {\"$ref\": "
      "\"#/$defs/quantity\"}, \"step\": {\"$ref\": \"#/$defs/quantity\"}, \"count\": {\"type\": \"integer\", "
      "\"minimum\": 2, \"maximum\": 10000}, \"scale\": {\"enum\": [\"linear\", \"log\"], \"default\": \"linear\"}}, "
      "\"additionalProperties\": false, \"not\": {\"required\": [\"step\", \"count\"]}, \"description\": \"numbers: "
      "{from: 1, to: 5}, with step or count\"}");
  put(j, "alternatives",
      "{\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": {\"type\": [\"object\", "
      "\"null\"], " MISPUT "}, \"description\": \"by name, each with its settings: {NAME: {KEY: VALUE}}\"}");
  put(j, "maps",
      "{\"if\": {\"anyOf\": [{\"required\": [\"from\"]}, {\"required\": [\"to\"]}]}, \"then\": {\"$ref\": "
      "\"#/$defs/range\"}, \"else\": {\"$ref\": \"#/$defs/alternatives\"}}");
  put(j, "knob",
      "{\"type\": [\"array\", \"object\", \"null\"], \"if\": {\"type\": \"object\"}, \"then\": {\"$ref\": "
      "\"#/$defs/maps\"}, \"minItems\": 1}");
}

/* Values of what names a method, by its definition in a profile. */
static void write_method_knob(json *j, const char *key, const char *definition)
{
  json_key(j, key);
  text_addf(j->out, "{\"allOf\": [{\"$ref\": \"#/$defs/knob\"}], \"items\": {\"$ref\": \"#/$defs/%s\"}}", definition);
}

static void write_varied(json *j)
{
  put(j, "set",
      "{\"type\": [\"object\", \"null\"], " MISPUT ", \"properties\": {\"combine\": {\"$ref\": "
      "\"#/$defs/combiner\"}, \"normalize\": {\"$ref\": \"#/$defs/normalizer\"}}, \"description\": "
      "\"settings laid over the profiles, for all variants\"}");
  json_open(j, "vary", '{');
  put(j, "type", "[\"object\", \"null\"]");
  json_text(j, "description",
            "settings, each with its values: a list, a range {from: 1, to: 5}, or alternatives that "
            "set several things at once");
  json_open(j, "properties", '{');
  write_method_knob(j, "combine", "combiner");
  write_method_knob(j, "normalize", "normalizer");
  json_close(j, '}');
  /* The name of alternatives is free. */
  put(j, "patternProperties",
      "{" REFUSED ": {\"anyOf\": [{\"$ref\": \"#/$defs/alternatives\", \"not\": {\"anyOf\": [{\"required\": "
      "[\"from\"]}, {\"required\": [\"to\"]}]}}" NULLED "]}}");
  put(j, "additionalProperties", "{\"$ref\": \"#/$defs/knob\"}");
  json_close(j, '}');
  put(j, "sample",
      "{\"if\": {\"type\": \"object\"}, \"then\": {\"properties\": {\"random\": {\"type\": \"integer\", \"minimum\": "
      "1, "
      "\"maximum\": 10000}, \"latin_hypercube\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 10000}, "
      "\"seed\": "
      "{\"type\": \"integer\", \"minimum\": 0, \"default\": 0}}, \"oneOf\": [{\"required\": [\"random\"]}, "
      "{\"required\": "
      "[\"latin_hypercube\"]}], \"additionalProperties\": false}, \"else\": {\"enum\": [\"grid\", null]}, "
      "\"description\": \"which combinations: grid, all of them, or {random: 100} or {latin_hypercube: 100}, so many "
      "drawn\"}");
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

static void write_head(json *j)
{
  put(j, "tarazu_experiment", "{\"const\": 1, \"description\": \"the version of the format\"}");
  put(j, "extends",
      "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}], "
      "\"description\": \"experiments that this one is laid over\"}");
  put(j, "name",
      "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"], \"pattern\": " NAME
      ", \"description\": \"names the files of results; the file's own name by default\"}");
  put(j, "description",
      "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"], \"description\": \"the question, "
      "for people\"}");
  put(j, "profile", "{\"type\": [\"string\", \"null\"], \"description\": \"what is varied, as seen from this file\"}");
  put(j, "profiles",
      "{\"type\": [\"object\", \"null\"], \"minProperties\": 1, \"maxProperties\": 1000, \"propertyNames\": "
      "{\"pattern\": " NAME "}, \"additionalProperties\": {\"type\": [\"string\", \"null\"]}, \"description\": "
      "\"several companies' profiles, by name; each is varied alike and has a table of its own\"}");
  put(j, "base",
      "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"], \"description\": \"the label of the variant that "
      "the others are compared with\"}");
}

static void write_judging(json *j)
{
  put(j, "outcomes",
      "{\"type\": [\"object\", \"null\"], \"propertyNames\": {\"pattern\": \"^[A-Za-z_][A-Za-z0-9_]*$\"}, "
      "\"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/$defs/outcome\"}" NULLED
      "]}, \"description\": \"criteria that are measured on what came later\"}");
  put(j, "backtest",
      "{\"type\": [\"object\", \"null\"], \"properties\": {\"cut_offs\": {\"anyOf\": [{\"$ref\": \"#/$defs/date\"}, "
      "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/date\"}, \"minItems\": 1, \"maxItems\": 1000, "
      "\"uniqueItems\": true}" NULLED "]}, \"from\": {\"anyOf\": [{\"$ref\": \"#/$defs/date\"}" NULLED
      "]}, \"to\": {\"anyOf\": [{\"$ref\": \"#/$defs/date\"}" NULLED
      "]}, \"every\": {\"anyOf\": [{\"$ref\": \"#/$defs/duration\"}" NULLED
      "]}, \"horizon\": {\"$ref\": \"#/$defs/duration\", \"description\": \"how long after a cut-off its list is "
      "judged\"}}, \"additionalProperties\": false, \"description\": \"when the past ends: cut_offs, or from, to and "
      "every\"}");
  put(j, "measure",
      "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/measure\"}, \"minItems\": 1, \"description\": \"what "
      "tells "
      "the better variant; the first decides the order\"}");
}

static void write_repeat(json *j)
{
  json_open(j, "repeat", '{');
  put(j, "type", "[\"object\", \"null\"]");
  json_text(j, "description", "how often");
  json_open(j, "properties", '{');
  put(j, "bootstrap", "{\"type\": [\"integer\", \"null\"], \"minimum\": 0, \"maximum\": 100000, \"default\": 1000}");
  put(j, "level",
      "{\"anyOf\": [{\"type\": \"number\", \"minimum\": 0.5, \"maximum\": 0.9999}, {\"type\": \"string\", "
      "\"pattern\": " PERCENT "}" NULLED "], \"default\": \"95%\"}");
  put(j, "interval", "{\"enum\": [\"bca\", \"percentile\", null], \"default\": \"bca\"}");
  json_open(j, "correction", '{');
  json_open(j, "enum", '[');
  for (const char *const *name = correction_names; *name; name++) json_text(j, NULL, *name);
  put(j, NULL, "null");
  json_close(j, ']');
  json_text(j, "default", correction_names[CORRECTION_HOLM]);
  json_close(j, '}');
  put(j, "seeds",
      "{\"type\": [\"array\", \"null\"], \"items\": {\"type\": \"integer\", \"minimum\": 0}, \"minItems\": 1, "
      "\"uniqueItems\": true, \"description\": \"each variant is run with each as the profile's seed\"}");
  put(j, "seed",
      "{\"type\": [\"integer\", \"null\"], \"minimum\": 0, \"default\": 0, \"description\": \"of the "
      "bootstrap samples\"}");
  json_close(j, '}');
  json_bool(j, "additionalProperties", 0);
  json_close(j, '}');
}

static void write_places(json *j)
{
  put(j, "output",
      "{\"anyOf\": [{\"type\": [\"string\", \"null\"]}, {\"type\": \"object\", \"properties\": {\"to\": {\"type\": "
      "\"string\"}, \"formats\": {\"anyOf\": [{\"$ref\": \"#/$defs/format\"}, {\"type\": \"array\", \"items\": "
      "{\"$ref\": \"#/$defs/format\"}, \"minItems\": 1}" NULLED "]}}, \"additionalProperties\": false}], "
      "\"description\": \"a folder for the results\"}");
  put(j, "store", "{\"type\": [\"string\", \"null\"], \"default\": \"tarazu.db\", \"description\": \"the run store\"}");
  put(j, "jobs",
      "{\"type\": [\"integer\", \"null\"], \"minimum\": 1, \"maximum\": 256, \"description\": \"runs at "
      "once\"}");
}

/* What a file says that is laid over no other. */
static void write_required(json *j)
{
  put(j, "if", "{\"required\": [\"extends\"]}");
  put(j, "else",
      "{\"required\": [\"tarazu_experiment\", \"measure\"], \"oneOf\": [{\"required\": [\"profile\"]}, {\"required\": "
      "[\"profiles\"]}], \"dependentRequired\": {\"backtest\": [\"outcomes\"], \"sample\": [\"vary\"]}, "
      "\"properties\": {\"backtest\": {\"required\": [\"horizon\"], \"oneOf\": [{\"required\": [\"cut_offs\"]}, "
      "{\"required\": [\"from\", \"to\", \"every\"]}]}, \"vary\": {\"additionalProperties\": {\"dependentRequired\": "
      "{\"from\": [\"to\"], \"to\": [\"from\"]}}}, \"output\": {\"dependentRequired\": {\"formats\": [\"to\"]}}}}");
}

static void write_definitions(catalog *c, json *j)
{
  json_open(j, "$defs", '{');
  write_knobs(j);
  put(j, "outcome",
      "{\"anyOf\": [{\"$ref\": \"#/$defs/scorer_id\"}, {\"type\": \"object\", \"allOf\": [{\"$ref\": "
      "\"#/$defs/criterion\"}], \"propertyNames\": {\"enum\": [\"plugin\", \"params\", \"input\", \"missing\", "
      "\"model\"]}}]}");
  put(j, "beside",
      "{\"anyOf\": [" TEXT ", {\"$ref\": \"#/$defs/outcome\", \"type\": \"object\"}], \"description\": "
      "\"a criterion of the profile, or one of its own, measured beside\"}");
  put(j, "format", "{\"enum\": [\"text\", \"csv\", \"json\"]}");
  write_measures(j);
  describe_definitions(c, j);
  json_close(j, '}');
}

void experiment_schema(catalog *c, text *out)
{
  json whole = {.out = out}, *j = &whole;
  json_open(j, NULL, '{');
  json_text(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
  json_text(j, "title", "an experiment of tarazu");
  json_text(j, "type", "object");
  json_open(j, "properties", '{');
  write_head(j);
  write_varied(j);
  write_judging(j);
  write_repeat(j);
  write_places(j);
  json_close(j, '}');
  json_bool(j, "additionalProperties", 0);
  write_required(j);
  write_definitions(c, j);
  json_close(j, '}');
  text_add(out, "\n");
}
