/* The strategy of the functions that a file has put in place, the good ones elsewhere. */
#ifndef CREATE
#define CREATE good_create
#endif
#ifndef DESTROY
#define DESTROY good_destroy
#endif
#ifndef LEARN
#define LEARN good_learn
#endif
#ifndef MERGE
#define MERGE good_merge
#endif
#ifndef FINISH
#define FINISH good_finish
#endif
#ifndef APPLY
#define APPLY good_apply
#endif
#ifndef SAVE
#define SAVE good_save
#endif
#ifndef LOAD
#define LOAD good_load
#endif
#ifndef SHARE_DEFAULT
#define SHARE_DEFAULT "50%"
#endif
#ifndef SHARE_HELP
#define SHARE_HELP "what nothing depends on"
#endif
#ifndef FLAGS
#define FLAGS 0
#endif

static const tarazu_param params[] = {
    {.name = "share", .kind = TARAZU_PROPORTION, .initial = SHARE_DEFAULT, .least = 0, .most = 1, .help = SHARE_HELP}};
static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "a column"}};
static const tarazu_output outputs[] = {
    {.name = "centred", .type = TARAZU_F64, .better = 1, .help = "value less the mean"},
    {.name = "side", .type = TARAZU_TEXT, .help = "of the mean"}};

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "faulty",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "value less the mean, with one fault",
                                         .params = TARAZU_LIST(params),
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .flags = FLAGS,
                                         .self_size = sizeof(instance),
                                         .create = CREATE,
                                         .destroy = DESTROY,
                                         .state_size = good_state_size,
                                         .learn = LEARN,
                                         .merge = MERGE,
                                         .finish = FINISH,
                                         .save = SAVE,
                                         .load = LOAD,
                                         .apply = APPLY,
                                         .labels = good_labels};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "faulty", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};
