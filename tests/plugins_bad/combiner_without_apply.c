/* A combiner that cannot combine. */
#include "bad.h"

static const tarazu_input criteria[] = {
    {.name = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value_fields),
     .many = 1,
     .help = "criteria"},
};
static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "combiner_without_apply",
    .version = "1.0",
    .license = "MIT",
    .summary = "a plugin with a fault, for tests",
    .inputs = TARAZU_LIST(criteria),
    .outputs = TARAZU_LIST(score_outputs),
};
PLUGIN(strategy);
