/* Parts of a declaration that its readers share: structs as version 1 had them, defaults that are lists. */
#ifndef TARAZU_CATALOG_DECLARATION_H
#define TARAZU_CATALOG_DECLARATION_H

#include "config/yaml.h"
#include <tarazu/plugin.h>

/* Bytes of a struct up to the end of version 1's last member: these numbers never change, however the struct grows. */
#define VERSION_1(type, last) (offsetof(type, last) + sizeof(((const type *)0)->last))
#define PLUGIN_VERSION_1      VERSION_1(tarazu_plugin, strategies)
#define STRATEGY_VERSION_1    VERSION_1(tarazu_strategy, extension)
#define PARAM_VERSION_1       VERSION_1(tarazu_param, optional)
#define INPUT_VERSION_1       VERSION_1(tarazu_input, reserved)
#define FIELD_VERSION_1       VERSION_1(tarazu_field, optional)
#define OUTPUT_VERSION_1      VERSION_1(tarazu_output, of)
#define EXPLAIN_VERSION_1     VERSION_1(tarazu_explain, reasons)
#define SOURCE_VERSION_1      VERSION_1(tarazu_source, close)
#define SINK_VERSION_1        VERSION_1(tarazu_sink, close)

/* A parameter's default that is a list ("[80%, 95%]", "[{from: 0, points: 1}]"), parsed; NULL where it is none. */
node *declaration_default_list(const tarazu_param *param, arena *arena);

#endif
