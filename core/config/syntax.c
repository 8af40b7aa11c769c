/* libyaml's complaints in words that help the author of a profile: what stands there, what was expected, and where the
 * thing that is wrong began. */
#include "config/inner.h"
#include <string.h>

typedef struct rewording {
  const char *problem; /* libyaml's phrase, or its beginning */
  const char *words;
  int at_context; /* the fault is better shown where the thing begun that libyaml was reading */
} rewording;

static const rewording rewordings[] = {
    {"mapping values are not allowed",
     "a ':' where no key can end; expected one 'key: value' on a line, indented like the keys beside it, and text with "
     "': ' in quotes",
     0},
    {"could not find expected ':'", "text without a ':'; expected 'key: value'", 1},
    {"did not find expected '-'",
     "neither an item of the list above nor the end of it; expected '- ' as before its other items", 0},
    {"did not find expected ',' or ']'",
     "something that is no item of the list in brackets; expected ',' or ']' before it", 0},
    {"did not find expected ',' or '}'",
     "something that is no entry of the map in braces; expected ',' or '}' before it", 0},
    {"did not find expected <document start>",
     "something behind the end of the document; expected keys indented like the first one", 0},
    {"did not find expected node content",
     "no value begins like this; expected text, a list or a map, or quotes around it", 0},
    {"block sequence entries",
     "a '- ' where no list can begin; expected the list on the lines below its key, or text in quotes", 0},
    {"found unexpected end of stream", "text in quotes that never ends; expected the closing quote", 1},
    {"found unexpected document indicator",
     "'---' or '...' inside of text in quotes; expected the closing quote before it", 0},
    {"found unknown escape character",
     "an unknown escape after '\\'; expected \\n, \\t, \\\", \\\\ or \\uXXXX, or single quotes, which have no escapes",
     0},
    {"did not find expected hexdecimal", "an incomplete escape; expected hexadecimal digits after \\x, \\u or \\U", 0},
    {"found invalid Unicode character escape", "an escape that is no Unicode character", 0},
    {"found a tab character", "a tab in the indentation; expected spaces", 0},
    {"did not find expected comment or line break",
     "text behind '|' or '>', which begin a block of lines; expected it on the next lines, or in quotes", 1},
    {"found an indentation indicator equal to 0", "an indentation of 0; expected '|' or '>' alone, or with 1 to 9", 0},
    {"found incompatible YAML document", "a version of YAML that is not supported; expected 1.1 or 1.2", 0},
    {"mapping keys are not allowed", "a '?' where no key can begin; expected 'key: value'", 0},
    {"found undefined tag handle",
     "a tag, which profiles do not use; expected none, or text that begins with '!' in quotes", 0},
    {"found duplicate %", "a directive that is given twice; expected it once", 0},
};

/* The last byte before a place on its line that is no blank; 0: there is none. */
static char before(place at)
{
  int i = at.column - 2;
  while (i >= 0 && (at.line_text[i] == ' ' || at.line_text[i] == '\t')) i--;
  return i < 0 ? 0 : at.line_text[i];
}

/* Words that depend on what stands there; NULL: the table's will do. */
static const char *by_character(const char *problem, const char *context, char here, place at)
{
  if (context && strcmp(context, "while scanning an alias") == 0)
    return "a '*', which begins an alias; expected a name behind it, or text that begins with '*' in quotes";
  if (context && strcmp(context, "while scanning an anchor") == 0)
    return "an '&', which begins an anchor; expected a name behind it, or text that begins with '&' in quotes";
  if (context && (strstr(context, " a tag") || strstr(context, " a %TAG")))
    return "a tag, which profiles do not use; expected none, or text that begins with '!' in quotes";
  if (here == '\t' && strcmp(problem, "found character that cannot start any token") == 0)
    return "a tab in the indentation; expected spaces";
  int no_key = strcmp(problem, "did not find expected key") == 0;
  if (here == ':' && (no_key || strcmp(problem, "did not find expected node content") == 0))
    return "a ':' without a key; expected 'key: value'";
  if (!no_key) return NULL;
  if (here == '-')
    return "an item of a list among the keys of a map; expected 'key: value', or '- ' indented below its key";
  char last = before(at);
  if (last == '\'' || last == '"')
    return "text behind a closing quote; expected the end of the line (inside of single quotes a quote is written '')";
  if (last) return "something behind the end of the value; expected the end of the line, or quotes around all of it";
  return "a line that belongs to no map above it; expected a key indented like those beside it";
}

/* What stands where a value should, but cannot begin one; 0: something else is wrong. */
static char wrong_start(const char *problem, char here)
{
  if (strcmp(problem, "found character that cannot start any token") != 0 &&
      strcmp(problem, "did not find expected node content") != 0)
    return 0;
  return here && strchr("@`%,]}", here) ? here : 0;
}

static const rewording *find(const char *problem)
{
  for (size_t i = 0; i < sizeof rewordings / sizeof *rewordings; i++)
    if (strncmp(problem, rewordings[i].problem, strlen(rewordings[i].problem)) == 0) return &rewordings[i];
  return NULL;
}

/* What it was reading, for a hint on where that began. */
static const char *thing(const char *context)
{
  static const char *const things[][2] = {
      {"block mapping", "map"},
      {"flow mapping", "map in braces"},
      {"block collection", "list"},
      {"flow sequence", "list in brackets"},
      {"quoted scalar", "text in quotes"},
  };
  for (size_t i = 0; context && i < sizeof things / sizeof *things; i++)
    if (strstr(context, things[i][0])) return things[i][1];
  return NULL;
}

void syntax_problem(const yaml_parser_t *parser, exit_status status, place at, place context, const char *bytes,
                    problems *faults)
{
  const rewording *known = find(parser->problem);
  const char *words = by_character(parser->problem, parser->context, *bytes, at);
  char start = words ? 0 : wrong_start(parser->problem, *bytes);
  int at_context = !words && known && known->at_context && context.line;
  if (!words && known) words = known->words;
  if (start) problem_add(faults, status, at, "a value that begins with '%c'; expected it in quotes", start);
  else if (words) problem_add(faults, status, at_context ? context : at, "%s", words);
  else problem_add(faults, status, at, "no YAML: %s", parser->problem);
  const char *begun = thing(parser->context);
  if (begun && context.line && !at_context && context.line != at.line)
    problem_hint(faults, "the %s begins at %s:%d:%d", begun, context.file, context.line, context.column);
}
