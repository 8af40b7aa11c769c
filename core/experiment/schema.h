/* The JSON Schema (draft 2020-12) of experiments' files, for editors. */
#ifndef TARAZU_EXPERIMENT_SCHEMA_H
#define TARAZU_EXPERIMENT_SCHEMA_H

#include "base/text.h"
#include "catalog/catalog.h"

/* Of the measures there are, and with the parameters of the strategies that the catalog has. */
void experiment_schema(catalog *catalog, text *out);

#endif
