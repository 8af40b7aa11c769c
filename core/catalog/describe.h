/* What declarations say, for people and for editors. */
#ifndef TARAZU_CATALOG_DESCRIBE_H
#define TARAZU_CATALOG_DESCRIBE_H

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/json.h"

void describe_list(catalog *catalog, text *out,
                   int colour); /* a table: role, id, version, summary; then faulty files with their reason */
void describe_list_json(catalog *catalog, text *out);
void describe_strategy(const tarazu_strategy *strategy, const plugin_file *file, text *out,
                       int colour); /* parameters, inputs, outputs, with a sample of a profile */
void describe_strategy_json(const tarazu_strategy *strategy, const plugin_file *file, text *out);
/* The JSON Schema (draft 2020-12) of profiles, with each strategy's parameters. */
void describe_schema(catalog *catalog, text *out);
/* What stands under its $defs, for other schemas that hold parts of profiles: members of the object that is open. */
void describe_definitions(catalog *catalog, json *json);

#endif
