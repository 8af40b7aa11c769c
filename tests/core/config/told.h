/* For tests of what reads YAML: one arena, the problems, and what they print. */
#ifndef TESTS_CONFIG_TOLD_H
#define TESTS_CONFIG_TOLD_H

#include "config/yaml.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the headers above
#include <cmocka.h>

typedef struct told {
  arena *arena;
  problems *problems;
} told;

static inline told told_new(void)
{
  return (told){arena_new(), problems_new()};
}

static inline void told_free(told *t)
{
  arena_free(t->arena);
  problems_free(t->problems);
}

static inline node *told_parse(told *t, const char *yaml)
{
  return yaml_parse("p.yaml", yaml, strlen(yaml), t->arena, t->problems);
}

/* All that was told so far, as a user would see it. */
static inline const char *told_printed(told *t)
{
  text out = {0};
  problems_print(t->problems, &out, 0);
  const char *printed = arena_copy(t->arena, text_string(&out));
  text_free(&out);
  return printed;
}

static inline const char *told_json(told *t, const node *root)
{
  text out = {0};
  node_write_json(root, &out);
  const char *json = arena_copy(t->arena, text_string(&out));
  text_free(&out);
  return json;
}

static inline void assert_told(told *t, const char *expected)
{
  assert_string_equal(told_printed(t), expected);
}

/* The part must stand somewhere in what was told. */
static inline void assert_tells(told *t, const char *part)
{
  const char *printed = told_printed(t);
  if (!strstr(printed, part)) fail_msg("'%s' is not in:\n%s", part, printed);
}

static inline void assert_tree(const char *yaml, const char *json)
{
  told t = told_new();
  node *root = told_parse(&t, yaml);
  assert_told(&t, "");
  assert_non_null(root);
  assert_string_equal(told_json(&t, root), json);
  told_free(&t);
}

#endif
