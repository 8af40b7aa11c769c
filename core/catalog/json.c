/* The JSON writer: commas, line ends and indents. */
#include "catalog/json.h"

static void new_line(json *j)
{
  text_add(j->out, "\n");
  for (int i = 0; i < j->depth; i++) text_add(j->out, "  ");
}

void json_key(json *j, const char *key)
{
  if (j->begun) text_add(j->out, ",");
  if (j->depth) new_line(j);
  j->begun = 1;
  if (!key) return;
  text_add_json(j->out, key);
  text_add(j->out, ": ");
}

void json_open(json *j, const char *key, char bracket)
{
  json_key(j, key);
  text_add_n(j->out, &bracket, 1);
  j->depth++;
  j->begun = 0;
}

void json_close(json *j, char bracket)
{
  j->depth--;
  if (j->begun) new_line(j);
  text_add_n(j->out, &bracket, 1);
  j->begun = 1;
}

void json_text(json *j, const char *key, const char *value)
{
  if (!value) return;
  json_key(j, key);
  text_add_json(j->out, value);
}

void json_number(json *j, const char *key, double value)
{
  json_key(j, key);
  text_add_number(j->out, value);
}

void json_bool(json *j, const char *key, int value)
{
  json_key(j, key);
  text_add(j->out, value ? "true" : "false");
}
