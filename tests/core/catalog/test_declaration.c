/* Each rule of a declaration, broken alone: a good strategy with one thing changed, and the line that tells it. */
#include "catalog/catalog.h"
#include "support/near.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- good strategies to break ------------------------------------------------------------------------------ */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)batch, (void)results, (void)error;
  return TARAZU_OK;
}

static tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  (void)self, (void)out, (void)count, (void)error;
  return TARAZU_OK;
}

static size_t state_size(const void *self)
{
  (void)self;
  return 8;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)state, (void)batch, (void)error;
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)into, (void)from, (void)error;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)self, (void)state, (void)again, (void)error;
  return TARAZU_OK;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)self, (void)spaces, (void)count, (void)error;
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  (void)self, (void)writer, (void)error;
  return TARAZU_OK;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  (void)self, (void)bytes, (void)count, (void)error;
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  (void)self, (void)output;
  *count = 0;
  return NULL;
}

static const char *const measures[] = {"sum", "margin", NULL};
static const char *const twice[] = {"sum", "sum", NULL}, *const wordless[] = {"sum", "", NULL};
static const tarazu_param good_fields[] = {
    {.name = "from", .kind = TARAZU_REAL, .help = "where it begins"},
    {.name = "share", .kind = TARAZU_PROPORTION, .least = 0, .most = 1, .optional = 1, .help = "what it counts"},
};
enum { SHARE, HALF_LIFE, MEASURE, BANDS, CUTS, START, PARAMS };
static const tarazu_param good_params[PARAMS] = {
    {.name = "share", .kind = TARAZU_PROPORTION, .initial = "5%", .least = 0, .most = 1, .help = "any share"},
    {.name = "half_life", .kind = TARAZU_DURATION, .optional = 1, .least = 1, .most = 36525, .help = "decay"},
    {.name = "measure", .kind = TARAZU_CHOICE, .initial = "sum", .choices = measures, .help = "what is taken"},
    {.name = "bands",
     .kind = TARAZU_RECORDS,
     .initial = "[{from: 0, share: 20%}, {from: 10}]",
     .fields = TARAZU_LIST(good_fields),
     .help = "the bands"},
    {.name = "cuts", .kind = TARAZU_REALS, .initial = "[80%, 0.95]", .least = 0, .most = 1, .help = "where they end"},
    {.name = "start", .kind = TARAZU_DATE, .initial = "2011-12-10", .help = "since when"},
};
enum { TIME, AMOUNT, FIELDS };
static const tarazu_field order_fields[FIELDS] = {
    {.name = "time",
     .type = TARAZU_TIME,
     .aggregate = TARAZU_COUNT,
     .span = TARAZU_LATER_PERIODS,
     .period = "half_life",
     .help = "when it was"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "half_life",
     .when = "!half_life,measure=margin",
     .help = "what was paid"},
};
enum { FROM, TO, TRUST };
static const tarazu_field edge_fields[] = {
    {.name = "from", .type = TARAZU_ROW, .help = "who trusts"},
    {.name = "to", .type = TARAZU_ROW, .help = "whom"},
    {.name = "trust", .type = TARAZU_F64, .when = "half_life", .help = "how much"},
};
enum { ORDERS, EDGES, INPUTS };
static const tarazu_input good_inputs[INPUTS] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .help = "what was bought"},
    {.name = "ratings", .shape = TARAZU_EDGES, .bind = "trust", .optional = 1, .help = "who trusts whom"},
};
enum { SCORE, LOWER, CLASS, OUTPUTS };
static const tarazu_output good_outputs[OUTPUTS] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the score"},
    {.name = "low", .type = TARAZU_F64, .meaning = TARAZU_LOWER, .of = SCORE, .help = "its lower end"},
    {.name = "class", .type = TARAZU_TEXT, .help = "its class"},
};

/* A plugin of one strategy whose every part may be changed. */
typedef struct sample {
  tarazu_param fields[2], params[PARAMS];
  tarazu_field order_fields[FIELDS], edge_fields[3];
  tarazu_input inputs[INPUTS];
  tarazu_output outputs[OUTPUTS];
  tarazu_strategy strategy;
  const tarazu_strategy *strategies[3];
  tarazu_plugin plugin;
} sample;

static void make(sample *s)
{
  memset(s, 0, sizeof *s);
  memcpy(s->fields, good_fields, sizeof s->fields);
  memcpy(s->params, good_params, sizeof s->params);
  memcpy(s->order_fields, order_fields, sizeof s->order_fields);
  memcpy(s->edge_fields, edge_fields, sizeof s->edge_fields);
  memcpy(s->inputs, good_inputs, sizeof s->inputs);
  memcpy(s->outputs, good_outputs, sizeof s->outputs);
  s->params[BANDS].fields = (tarazu_list)TARAZU_LIST(s->fields);
  s->inputs[ORDERS].fields = (tarazu_list)TARAZU_LIST(s->order_fields);
  s->inputs[EDGES].fields = (tarazu_list)TARAZU_LIST(s->edge_fields);
  s->strategy = (tarazu_strategy){.size = sizeof s->strategy,
                                  .role = TARAZU_SCORER,
                                  .id = "sample",
                                  .version = "1.0",
                                  .summary = "for tests",
                                  .license = "MIT",
                                  .params = TARAZU_LIST(s->params),
                                  .inputs = TARAZU_LIST(s->inputs),
                                  .outputs = TARAZU_LIST(s->outputs),
                                  .state_size = state_size,
                                  .learn = learn,
                                  .merge = merge,
                                  .finish = finish,
                                  .save = save,
                                  .load = load,
                                  .apply = apply,
                                  .labels = labels};
  s->strategies[0] = &s->strategy;
  s->plugin = (tarazu_plugin){.size = sizeof s->plugin, .name = "sample", .strategies = s->strategies};
}

static void assert_fault(const sample *s, const char *expected)
{
  char why[512];
  int good = declaration_check(&s->plugin, why);
  if (good) fail_msg("nothing was told; expected \"%s\"", expected);
  assert_string_equal(why, expected);
}

static void assert_good(const sample *s)
{
  char why[512];
  if (!declaration_check(&s->plugin, why)) fail_msg("%s", why);
  assert_string_equal(why, "");
}

/* As a role that is given criteria: one, or many. */
static void give_criteria(sample *s, uint32_t role, uint32_t many)
{
  static const tarazu_field one = {.name = "value", .type = TARAZU_F64, .help = "a criterion"};
  s->inputs[0] = (tarazu_input){.name = "criteria",
                                .shape = TARAZU_ATTRIBUTES,
                                .fields = {&one, 1, sizeof one},
                                .many = many,
                                .help = "what is given"};
  s->strategy.role = role;
  s->strategy.inputs.count = 1;
}

/* BROKEN(change of s, "line") */
#define BROKEN(change, expected) \
  do {                           \
    sample s;                    \
    make(&s);                    \
    change;                      \
    assert_fault(&s, expected);  \
  } while (0)
#define FINE(change) \
  do {               \
    sample s;        \
    make(&s);        \
    change;          \
    assert_good(&s); \
  } while (0)

static void roles_that_are_given_criteria_take_no_more(void **state)
{
  (void)state;
  static const char all[] = "combiner 'sample': its input must be one, of attributes, that takes many: the criteria",
                    one[] = "normalizer 'sample': its input must be one, of attributes, with one field: a criterion";
  FINE(give_criteria(&s, TARAZU_COMBINER, 1));
  BROKEN(give_criteria(&s, TARAZU_COMBINER, 0), all);
  BROKEN(give_criteria(&s, TARAZU_COMBINER, 1); s.strategy.inputs.count = 0, all);
  BROKEN(s.strategy.role = TARAZU_COMBINER, all);
  FINE(give_criteria(&s, TARAZU_NORMALIZER, 0));
  BROKEN(give_criteria(&s, TARAZU_NORMALIZER, 1), one);
  BROKEN(give_criteria(&s, TARAZU_NORMALIZER, 0); s.strategy.inputs.count = 0, one);
  BROKEN(give_criteria(&s, TARAZU_NORMALIZER, 0); s.inputs[0].shape = TARAZU_EVENTS, one);
}

/* ---- rules ------------------------------------------------------------------------------------------------- */

static void a_whole_declaration_is_good(void **state)
{
  (void)state;
  FINE((void)0);
  FINE(s.strategy.params = s.strategy.inputs = (tarazu_list){0}; s.strategy.save = NULL; s.strategy.load = NULL);
  FINE(s.strategy.learn = NULL; s.strategy.state_size = NULL; s.strategy.merge = NULL; s.strategy.finish = NULL;
       s.strategy.fit = fit);
  FINE(s.plugin.size += 64; s.strategy.size += 64); /* of a later minor that it can do without */
}

static void the_descriptor_is_whole(void **state)
{
  (void)state;
  BROKEN(s.plugin.size = 0, "the descriptor has 0 bytes; version 1's has 40");
  BROKEN(s.plugin.size = 32, "the descriptor has 32 bytes; version 1's has 40");
  BROKEN(s.plugin.abi_minor = TARAZU_ABI_MINOR + 7, "needs ABI 1.8, this host speaks 1.1");
  BROKEN(s.plugin.name = NULL, "the descriptor without name");
  BROKEN(s.plugin.name = "two\nlines", "the descriptor without name");
  BROKEN(s.plugin.strategies = NULL, "the descriptor offers no strategy");
  BROKEN(s.strategies[0] = NULL, "the descriptor offers no strategy");
  BROKEN(s.strategies[1] = &s.strategy, "scorer 'sample' is offered twice");
}

static void a_strategy_says_what_it_is(void **state)
{
  (void)state;
  BROKEN(s.strategy.size -= 8, "strategy 1 has 208 bytes; version 1's has 216");
  BROKEN(s.strategy.role = 0, "strategy 1 has the unknown role 0");
  BROKEN(s.strategy.role = 8, "strategy 1 has the unknown role 8");
  BROKEN(s.strategy.id = NULL, "scorer 1 without id");
  BROKEN(s.strategy.id = "", "scorer '': its id is no name of small letters, digits and '_'");
  BROKEN(s.strategy.id = "Upper", "scorer 'Upper': its id is no name of small letters, digits and '_'");
  BROKEN(s.strategy.id = "2nd", "scorer '2nd': its id is no name of small letters, digits and '_'");
  BROKEN(s.strategy.id = "a-b", "scorer 'a-b': its id is no name of small letters, digits and '_'");
  BROKEN(s.strategy.version = NULL, "scorer 'sample' without version");
  BROKEN(s.strategy.summary = "", "scorer 'sample' without summary of one line");
  BROKEN(s.strategy.summary = "\xff", "scorer 'sample' without summary of one line");
  BROKEN(s.strategy.license = NULL, "scorer 'sample' without license");
  BROKEN(s.strategy.normalizer = "minmax", "scorer 'sample' asks for a normalizer, which its role never sees");
  BROKEN(s.strategy.flags = 16, "scorer 'sample' has the unknown flags 0x10");
  BROKEN(s.strategy.flags = TARAZU_LEARNS_WEIGHTS,
         "scorer 'sample' says that it learns weights, which only a combiner does");
  FINE(give_criteria(&s, TARAZU_COMBINER, 1); s.strategy.flags = TARAZU_LEARNS_WEIGHTS;
       s.strategy.normalizer = "minmax");
  BROKEN(s.strategy.flags = TARAZU_USUAL;
         s.plugin.abi_minor = 1,
         "scorer 'sample' says that it is the usual one, which only a combiner or a weigher can be");
  BROKEN(s.strategy.role = TARAZU_NORMALIZER; s.strategy.flags = TARAZU_USUAL;
         s.plugin.abi_minor = 1,
         "normalizer 'sample' says that it is the usual one, which only a combiner or a weigher can be");
  FINE(give_criteria(&s, TARAZU_COMBINER, 1); s.strategy.flags = TARAZU_USUAL; s.plugin.abi_minor = 1);
  FINE(s.strategy.role = TARAZU_WEIGHER; s.strategy.weights = weights; s.strategy.apply = NULL;
       s.strategy.outputs.count = 0; s.strategy.flags = TARAZU_USUAL; s.plugin.abi_minor = 1);
  BROKEN(give_criteria(&s, TARAZU_COMBINER, 1); s.strategy.flags = TARAZU_USUAL;
         s.plugin.abi_minor = 0,
         "combiner 'sample' says that it is the usual one, for which its plugin must need ABI 1.1");
}

static void each_role_has_its_functions(void **state)
{
  (void)state;
  BROKEN(s.strategy.apply = NULL, "scorer 'sample' without apply");
  BROKEN(s.strategy.role = TARAZU_NORMALIZER; s.strategy.apply = NULL, "normalizer 'sample' without apply");
  BROKEN(s.strategy.role = TARAZU_COMBINER; s.strategy.apply = NULL, "combiner 'sample' without apply");
  BROKEN(s.strategy.role = TARAZU_SEGMENTER; s.strategy.apply = NULL, "segmenter 'sample' without apply");
  BROKEN(s.strategy.role = TARAZU_WEIGHER, "weigher 'sample' without weights");
  BROKEN(s.strategy.weights = weights, "scorer 'sample' with weights, which only a weigher gives");
  FINE(s.strategy.role = TARAZU_WEIGHER; s.strategy.weights = weights; s.strategy.apply = NULL;
       s.strategy.outputs.count = 0);
  BROKEN(s.strategy.fit = fit, "scorer 'sample' with both learn and fit; expected one of them");
  BROKEN(s.strategy.state_size = NULL, "scorer 'sample' with learn but without state_size");
  BROKEN(s.strategy.merge = NULL, "scorer 'sample' with learn but without merge");
  BROKEN(s.strategy.finish = NULL, "scorer 'sample' with learn but without finish");
  BROKEN(s.strategy.learn = NULL, "scorer 'sample' with state_size but without learn");
  BROKEN(s.strategy.save = NULL, "scorer 'sample' with load but without save");
  BROKEN(s.strategy.load = NULL, "scorer 'sample' with save but without load");
  BROKEN(s.strategy.flags = TARAZU_BY_ROW, "scorer 'sample' with save, though it cannot do without row numbers");
}

static void lists_are_whole(void **state)
{
  (void)state;
  BROKEN(s.strategy.params.items = NULL, "scorer 'sample': 6 parameters are counted, but there is no list");
  BROKEN(s.strategy.params.count = UINT_MAX, "scorer 'sample': 4294967295 parameters; at most 4096 make sense");
  BROKEN(s.strategy.params.stride = 72,
         "scorer 'sample': the list of parameters has a stride of 72 bytes; version 1's is 80");
  BROKEN(s.strategy.params.stride = 84,
         "scorer 'sample': the list of parameters has a stride of 84 bytes; version 1's is 80");
  BROKEN(s.strategy.inputs.stride = 0,
         "scorer 'sample': the list of inputs has a stride of 0 bytes; version 1's is 56");
  BROKEN(s.inputs[ORDERS].fields.stride = 8,
         "scorer 'sample': the list of fields has a stride of 8 bytes; version 1's is 56");
  BROKEN(s.strategy.outputs.stride = 32,
         "scorer 'sample': the list of outputs has a stride of 32 bytes; version 1's is 40");
}

/* A list of items that have grown since: read by its stride, no further than version 1's members. */
static void a_longer_stride_is_followed(void **state)
{
  struct {
    tarazu_output output;
    uint64_t later;
  } outputs[2] = {{good_outputs[SCORE], UINT64_MAX}, {good_outputs[SCORE], UINT64_MAX}};
  (void)state;
  outputs[1].output.name = "other";
  FINE(s.strategy.outputs = (tarazu_list)TARAZU_LIST(outputs));
  outputs[1].output.help = NULL;
  BROKEN(s.strategy.outputs = (tarazu_list)TARAZU_LIST(outputs),
         "scorer 'sample': output 'other' without help of one line");
}

static void parameters_are_named_and_explained(void **state)
{
  (void)state;
  BROKEN(s.params[SHARE].name = NULL, "scorer 'sample': parameter 1 has no name");
  BROKEN(s.params[SHARE].name = "the share",
         "scorer 'sample': parameter 'the share' is no name of small letters, digits and '_'");
  BROKEN(s.params[MEASURE].name = "share", "scorer 'sample': two parameters are called 'share'");
  BROKEN(s.params[SHARE].help = NULL, "scorer 'sample': parameter 'share' without help of one line");
  BROKEN(s.params[SHARE].help = "two\nlines", "scorer 'sample': parameter 'share' without help of one line");
  BROKEN(s.params[SHARE].kind = 0, "scorer 'sample': parameter 'share' has the unknown kind 0");
  BROKEN(s.params[SHARE].kind = 13, "scorer 'sample': parameter 'share' has the unknown kind 13");
  BROKEN(s.params[SHARE].choices = measures, "scorer 'sample': parameter 'share' has choices, but is no choice");
  BROKEN(s.params[MEASURE].choices = NULL, "scorer 'sample': parameter 'measure' without choices");
  BROKEN(s.params[MEASURE].choices = twice, "scorer 'sample': parameter 'measure' has the choice 'sum' twice");
  BROKEN(s.params[MEASURE].choices = wordless, "scorer 'sample': parameter 'measure' has a choice that is no word");
  BROKEN(s.params[BANDS].fields.count = 0, "scorer 'sample': parameter 'bands' without fields");
  BROKEN(s.params[CUTS].fields = s.params[BANDS].fields,
         "scorer 'sample': parameter 'cuts' has fields, but is no list of records");
  BROKEN(s.fields[1].name = "from", "scorer 'sample': two parameters are called 'bands.from'");
  BROKEN(s.fields[1].help = "", "scorer 'sample': parameter 'bands.share' without help of one line");
}

static void ranges_make_sense(void **state)
{
  (void)state;
  BROKEN(s.params[SHARE].least = 2, "scorer 'sample': the range of parameter 'share' is empty, 2 to 1");
  BROKEN(s.params[SHARE].most = NAN, "scorer 'sample': the range of parameter 'share' is empty, 0 to nan");
  BROKEN(s.params[MEASURE].most = 1, "scorer 'sample': parameter 'measure' has a range, but its kind has none");
  FINE(s.params[SHARE].most = INFINITY);
}

static void set_default(sample *s, uint32_t kind, const char *initial, double least, double most)
{
  s->params[SHARE] =
      (tarazu_param){.name = "x", .kind = kind, .initial = initial, .least = least, .most = most, .help = "help"};
  if (kind == TARAZU_CHOICE) s->params[SHARE].choices = measures;
}

#define X "scorer 'sample': the default "
static void defaults_are_values_of_their_kind(void **state)
{
  (void)state;
  FINE(set_default(&s, TARAZU_REAL, "-1.5e3", 0, 0));
  FINE(set_default(&s, TARAZU_INTEGER, "7", 7, 7));
  FINE(set_default(&s, TARAZU_SWITCH, "no", 0, 0));
  FINE(set_default(&s, TARAZU_STRING, "a: b, [c", 0, 0));
  FINE(set_default(&s, TARAZU_CHOICE, "margin", 0, 0));
  FINE(set_default(&s, TARAZU_DURATION, "52 weeks", 364, 364));
  FINE(set_default(&s, TARAZU_PROPORTION, "12%", 0, .12));
  FINE(set_default(&s, TARAZU_REALS, "[]", 0, 0));
  FINE(set_default(&s, TARAZU_STRINGS, "[a, 'b c']", 0, 0));
  BROKEN(set_default(&s, TARAZU_REAL, "many", 0, 0), X "'many' of parameter 'x' cannot be read");
  BROKEN(set_default(&s, TARAZU_REAL, "", 0, 0), X "'' of parameter 'x' cannot be read");
  BROKEN(set_default(&s, TARAZU_INTEGER, "7.5", 0, 0), X "'7.5' of parameter 'x' cannot be read");
  BROKEN(set_default(&s, TARAZU_INTEGER, "0", 1, 9), X "'0' of parameter 'x' is out of its range, 1 to 9");
  BROKEN(set_default(&s, TARAZU_SWITCH, "maybe", 0, 0), X "'maybe' of parameter 'x' is none of its values");
  BROKEN(set_default(&s, TARAZU_CHOICE, "mean", 0, 0), X "'mean' of parameter 'x' is none of its values");
  BROKEN(set_default(&s, TARAZU_DURATION, "52", 0, 0), X "'52' of parameter 'x' cannot be read");
  BROKEN(set_default(&s, TARAZU_DURATION, "2 days", 3, 9), X "'2 days' of parameter 'x' is out of its range, 3 to 9");
  BROKEN(set_default(&s, TARAZU_PROPORTION, "120%", 0, 1), X "'120%' of parameter 'x' is out of its range, 0 to 1");
  BROKEN(set_default(&s, TARAZU_DATE, "2011-02-30", 0, 0), X "'2011-02-30' of parameter 'x' is none of its values");
  BROKEN(set_default(&s, TARAZU_REALS, "0.5", 0, 1), X "'0.5' of parameter 'x' is no list");
  BROKEN(set_default(&s, TARAZU_REALS, "[80%", 0, 1), X "'[80%' of parameter 'x' is no list");
  BROKEN(set_default(&s, TARAZU_REALS, "[80%, 1.2]", 0, 1), X "'1.2' of parameter 'x' is out of its range, 0 to 1");
  BROKEN(set_default(&s, TARAZU_REALS, "[[1]]", 0, 1), X "of parameter 'x' has an item that is no single value");
  BROKEN(s.params[SHARE].optional = 1, "scorer 'sample': parameter 'share' may be absent, though it has a default");
}

static void defaults_of_records_have_their_fields(void **state)
{
  (void)state;
  BROKEN(s.params[BANDS].initial = "[5]", X "of parameter 'bands' has an item that is no map");
  BROKEN(s.params[BANDS].initial = "[{share: 5%}]", X "of parameter 'bands' lacks the field 'from'");
  BROKEN(s.params[BANDS].initial = "[{from: 1, to: 2}]", X "of parameter 'bands' has the unknown field 'to'");
  BROKEN(s.params[BANDS].initial = "[{from: low}]", X "'low' of parameter 'bands.from' cannot be read");
  BROKEN(s.params[BANDS].initial = "[{from: [1]}]", X "of 'bands.from' is not of its kind");
  BROKEN(s.params[BANDS].initial = "[{from: 1, share: 2}]",
         X "'2' of parameter 'bands.share' is out of its range, 0 to 1");
}

static void records_do_not_nest_for_ever(void **state)
{
  (void)state;
  BROKEN(s.fields[0].kind = TARAZU_RECORDS;
         s.fields[0].fields = (tarazu_list)TARAZU_LIST(s.fields),
         "scorer 'sample': parameter 'bands.from.from.from.from' has records too deep in records");
}

static void inputs_are_named_and_explained(void **state)
{
  (void)state;
  BROKEN(s.inputs[EDGES].name = "orders", "scorer 'sample': two inputs are called 'orders'");
  BROKEN(s.inputs[EDGES].name = "", "scorer 'sample': input '' is no name of small letters, digits and '_'");
  BROKEN(s.inputs[ORDERS].help = NULL, "scorer 'sample': input 'orders' without help of one line");
  BROKEN(s.inputs[ORDERS].shape = 0, "scorer 'sample': input 'orders' has the unknown shape 0");
  BROKEN(s.inputs[ORDERS].bind = "", "scorer 'sample': input 'orders' binds to a name that is none");
  BROKEN(s.inputs[ORDERS].many = 1, "scorer 'sample': input 'orders' takes many columns; only the last input may");
  BROKEN(s.inputs[ORDERS].fields.count = 0, "scorer 'sample': input 'orders' without fields");
  BROKEN(s.inputs[EDGES].fields.count = 1, "scorer 'sample': input 'ratings' without fields for the ends of an edge");
  FINE(s.strategy.inputs.count = 1; s.inputs[ORDERS].many = 1);
}

#define F "scorer 'sample': field "
static void fields_are_of_a_known_type_and_aggregate(void **state)
{
  (void)state;
  BROKEN(s.order_fields[TIME].name = NULL, "scorer 'sample': orders.field 1 has no name");
  BROKEN(s.order_fields[TIME].help = NULL, F "'orders.time' without help of one line");
  BROKEN(s.order_fields[TIME].type = 0, F "'orders.time' has the unknown type 0");
  BROKEN(s.order_fields[TIME].type = TARAZU_CIVIL, F "'orders.time' has the unknown type 7");
  BROKEN(s.order_fields[TIME].type = TARAZU_ROW,
         F "'orders.time' is a row, which only the first two fields of edges are");
  BROKEN(s.edge_fields[TO].type = TARAZU_I64, F "'ratings.to' is an end of edges, so its type is a row");
  BROKEN(s.edge_fields[TRUST].type = TARAZU_ROW,
         F "'ratings.trust' is a row, which only the first two fields of edges are");
  BROKEN(s.edge_fields[TRUST].aggregate = TARAZU_SUM,
         F "'trust' is an aggregate, but input 'ratings' is not of events");
  BROKEN(s.order_fields[TIME].aggregate = 9, F "'time' has the unknown aggregate 9");
  BROKEN(s.order_fields[TIME].span = 3, F "'time' has the unknown span 3");
  BROKEN(s.order_fields[TIME].aggregate = TARAZU_NONE, F "'time' has a span but no aggregate");
  BROKEN(s.order_fields[AMOUNT].type = TARAZU_TEXT, F "'amount' sums what is no number");
  FINE(s.order_fields[AMOUNT].name = "time"); /* two aggregates of one column */
}

static void fields_depend_on_parameters_that_exist(void **state)
{
  (void)state;
  BROKEN(s.order_fields[TIME].period = "length",
         "scorer 'sample': the period of field 'time' is parameter 'length', which does not exist");
  BROKEN(s.order_fields[AMOUNT].window = "share",
         "scorer 'sample': the window of field 'amount' is parameter 'share', which is no duration");
  BROKEN(s.order_fields[AMOUNT].when = "length", F "'amount' depends on 'length', which names no parameter");
  BROKEN(s.order_fields[AMOUNT].when = "", F "'amount' depends on '', which names no parameter");
  BROKEN(s.order_fields[AMOUNT].when = "half_life,", F "'amount' depends on '', which names no parameter");
  BROKEN(s.order_fields[AMOUNT].when = "measure=mean",
         F "'amount' depends on 'measure=mean', which is no choice of that parameter");
  BROKEN(s.order_fields[AMOUNT].when = "half_life=1",
         F "'amount' depends on 'half_life=1', which is no choice of that parameter");
  BROKEN(s.order_fields[AMOUNT].when = "!measure=sum",
         F "'amount' depends on '!measure=sum', which names no parameter");
  BROKEN(s.order_fields[AMOUNT].when = "share", F "'amount' depends on 'share', but that parameter is always given");
}

#define O "scorer 'sample': output "
static void outputs_are_named_and_explained(void **state)
{
  (void)state;
  BROKEN(s.strategy.outputs.count = 0, "scorer 'sample' without outputs");
  BROKEN(s.outputs[CLASS].name = "score", "scorer 'sample': two outputs are called 'score'");
  BROKEN(s.outputs[SCORE].help = NULL, O "'score' without help of one line");
  BROKEN(s.outputs[SCORE].type = 0, O "'score' has the unknown type 0");
  BROKEN(s.outputs[CLASS].type = TARAZU_ROW, O "'class' has the unknown type 6");
  BROKEN(s.outputs[SCORE].type = TARAZU_TIME, "scorer 'sample': its first output 'score' is the score, but no number");
  BROKEN(s.outputs[SCORE].better = 2, O "'score' says better 2; expected 1, -1 or 0");
  BROKEN(s.outputs[CLASS].name = "normalized", O "'normalized' has a name that the results' own columns end in");
  BROKEN(s.strategy.labels = NULL, O "'class' is text, without labels");
  FINE(s.outputs[SCORE].name = "normalized");
  FINE(s.strategy.role = TARAZU_SEGMENTER; s.outputs[SCORE] = s.outputs[CLASS]; s.strategy.outputs.count = 1);
}

static void ends_of_intervals_belong_to_a_number(void **state)
{
  (void)state;
  BROKEN(s.outputs[LOWER].meaning = 3, O "'low' has the unknown meaning 3");
  BROKEN(s.outputs[LOWER].of = 3, O "'low' is an end of output 3, which does not exist");
  BROKEN(s.outputs[LOWER].of = LOWER, O "'low' is an end of 'low', which is an end itself");
  BROKEN(s.outputs[LOWER].of = CLASS, O "'low' is an end of 'class', but their types do not make an interval");
  BROKEN(s.outputs[LOWER].type = TARAZU_I64, O "'low' is an end of 'score', but their types do not make an interval");
}

/* ---- extensions -------------------------------------------------------------------------------------------- */

static tarazu_source source;
static tarazu_sink sink;
static tarazu_explain explain;

static const void *extension(const char *id)
{
  if (!strcmp(id, "tarazu.source/1")) return &source;
  if (!strcmp(id, "tarazu.sink/1")) return &sink;
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static tarazu_status source_describe(void *self, const tarazu_request *request, tarazu_list *columns,
                                     tarazu_error *error)
{
  (void)self, (void)request, (void)columns, (void)error;
  return TARAZU_OK;
}

static tarazu_status source_plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  (void)self, (void)request, (void)error;
  return TARAZU_OK;
}

static tarazu_status source_open(void *self, const tarazu_request *request, void **reader, uint32_t *parts,
                                 tarazu_error *error)
{
  (void)self, (void)request, (void)reader, (void)parts, (void)error;
  return TARAZU_OK;
}

static tarazu_status source_read(const void *self, void *reader, uint32_t part, const tarazu_chunk **chunk,
                                 tarazu_error *error)
{
  (void)self, (void)reader, (void)part, (void)chunk, (void)error;
  return TARAZU_OK;
}

static tarazu_status source_fingerprint(const void *self, void *reader, char digits[65], tarazu_error *error)
{
  (void)self, (void)reader, (void)digits, (void)error;
  return TARAZU_OK;
}

static tarazu_status sink_open(const void *self, const tarazu_target *target, void **writer, tarazu_error *error)
{
  (void)self, (void)target, (void)writer, (void)error;
  return TARAZU_OK;
}

static tarazu_status sink_table(const void *self, void *writer, const tarazu_table *table, tarazu_error *error)
{
  (void)self, (void)writer, (void)table, (void)error;
  return TARAZU_OK;
}

static tarazu_status sink_write(const void *self, void *writer, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)writer, (void)batch, (void)error;
  return TARAZU_OK;
}

static tarazu_status sink_step(const void *self, void *writer, tarazu_error *error)
{
  (void)self, (void)writer, (void)error;
  return TARAZU_OK;
}

static void close_either(const void *self, void *reader)
{
  (void)self, (void)reader;
}

static void extend(sample *s, uint32_t role)
{
  static const char *const accepts[] = {"*.csv", NULL};
  source = (tarazu_source){.size = sizeof source,
                           .accepts = accepts,
                           .describe = source_describe,
                           .plan = source_plan,
                           .open = source_open,
                           .read = source_read,
                           .fingerprint = source_fingerprint,
                           .close = close_either};
  sink = (tarazu_sink){.size = sizeof sink,
                       .tables = TARAZU_CUSTOMERS,
                       .accepts = accepts,
                       .open = sink_open,
                       .table = sink_table,
                       .write = sink_write,
                       .prepare = sink_step,
                       .commit = sink_step,
                       .close = close_either};
  explain = (tarazu_explain){.size = sizeof explain};
  s->strategy = (tarazu_strategy){.size = sizeof s->strategy,
                                  .role = role,
                                  .id = "sample",
                                  .version = "1.0",
                                  .summary = "for tests",
                                  .license = "MIT",
                                  .extension = extension};
}

static void a_source_has_all_of_its_extension(void **state)
{
  (void)state;
  FINE(extend(&s, TARAZU_SOURCE));
  BROKEN(extend(&s, TARAZU_SOURCE); s.strategy.extension = NULL, "source 'sample' without extension tarazu.source/1");
  BROKEN(extend(&s, TARAZU_SOURCE);
         source.size -= 8, "source 'sample': extension tarazu.source/1 has 56 bytes; version 1's has 64");
  BROKEN(extend(&s, TARAZU_SOURCE); source.describe = NULL, "source 'sample' without describe");
  BROKEN(extend(&s, TARAZU_SOURCE); source.plan = NULL, "source 'sample' without plan");
  BROKEN(extend(&s, TARAZU_SOURCE); source.open = NULL, "source 'sample' without open");
  BROKEN(extend(&s, TARAZU_SOURCE); source.read = NULL, "source 'sample' without read");
  BROKEN(extend(&s, TARAZU_SOURCE); source.fingerprint = NULL, "source 'sample' without fingerprint");
  BROKEN(extend(&s, TARAZU_SOURCE); source.close = NULL, "source 'sample' without close");
  BROKEN(extend(&s, TARAZU_SOURCE); source.accepts = NULL, "source 'sample' accepts no location");
  BROKEN(extend(&s, TARAZU_SOURCE);
         source.accepts = wordless + 1, "source 'sample' accepts a location that is no line of text");
}

static void a_sink_has_all_of_its_extension(void **state)
{
  (void)state;
  FINE(extend(&s, TARAZU_SINK));
  BROKEN(extend(&s, TARAZU_SINK); s.strategy.extension = NULL, "sink 'sample' without extension tarazu.sink/1");
  BROKEN(extend(&s, TARAZU_SINK);
         sink.size = 8, "sink 'sample': extension tarazu.sink/1 has 8 bytes; version 1's has 64");
  BROKEN(extend(&s, TARAZU_SINK); sink.open = NULL, "sink 'sample' without open");
  BROKEN(extend(&s, TARAZU_SINK); sink.table = NULL, "sink 'sample' without table");
  BROKEN(extend(&s, TARAZU_SINK); sink.write = NULL, "sink 'sample' without write");
  BROKEN(extend(&s, TARAZU_SINK); sink.prepare = NULL, "sink 'sample' without prepare");
  BROKEN(extend(&s, TARAZU_SINK); sink.commit = NULL, "sink 'sample' without commit");
  BROKEN(extend(&s, TARAZU_SINK); sink.close = NULL, "sink 'sample' without close");
  BROKEN(extend(&s, TARAZU_SINK); sink.tables = 0, "sink 'sample' wants the unknown tables 0x0");
  BROKEN(extend(&s, TARAZU_SINK); sink.tables = 17, "sink 'sample' wants the unknown tables 0x11");
  BROKEN(extend(&s, TARAZU_SINK); sink.accepts = wordless + 2, "sink 'sample' accepts no location");
}

static void an_extension_too_small_is_none(void **state)
{
  sample with;
  (void)state;
  make(&with);
  extend(&with, TARAZU_COMBINER);
  assert_ptr_equal(strategy_explain(&with.strategy), &explain);
  assert_ptr_equal(strategy_source(&with.strategy), &source);
  assert_ptr_equal(strategy_sink(&with.strategy), &sink);
  explain.size = source.size = sink.size = 16;
  assert_null(strategy_explain(&with.strategy));
  assert_null(strategy_source(&with.strategy));
  assert_null(strategy_sink(&with.strategy));
  with.strategy.extension = NULL;
  assert_null(strategy_explain(&with.strategy));
  BROKEN(extend(&s, TARAZU_SCORER); s.strategy.apply = apply; s.strategy.outputs.items = s.outputs;
         s.strategy.outputs.count = 1; s.strategy.outputs.stride = sizeof *s.outputs;
         explain.size = 16, "scorer 'sample': extension tarazu.explain/1 has 16 bytes; version 1's has 24");
}

static void nothing_is_read_beyond_the_sizes(void **state)
{
  char why[512];
  (void)state;
  uint32_t *alone = malloc(2 * sizeof *alone); /* to the byte, for the address sanitizer and Valgrind */
  assert_non_null(alone);
  alone[0] = 8;
  alone[1] = TARAZU_ABI_MINOR;
  assert_int_equal(declaration_check((const tarazu_plugin *)(const void *)alone, why), 0);
  assert_string_equal(why, "the descriptor has 8 bytes; version 1's has 40");
  const tarazu_strategy *strategies[] = {(const tarazu_strategy *)(const void *)alone, NULL};
  tarazu_plugin plugin = {.size = sizeof plugin, .name = "small", .strategies = strategies};
  assert_int_equal(declaration_check(&plugin, why), 0);
  assert_string_equal(why, "strategy 1 has 8 bytes; version 1's has 216");
  free(alone);
}

static void a_long_line_is_cut(void **state)
{
  char name[2000];
  sample s;
  char why[512];
  (void)state;
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = 0;
  make(&s);
  s.strategy.id = name;
  s.params[SHARE].name = name;
  s.params[SHARE].help = NULL;
  assert_int_equal(declaration_check(&s.plugin, why), 0);
  assert_true(strlen(why) < sizeof why);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_whole_declaration_is_good),
      cmocka_unit_test(the_descriptor_is_whole),
      cmocka_unit_test(a_strategy_says_what_it_is),
      cmocka_unit_test(roles_that_are_given_criteria_take_no_more),
      cmocka_unit_test(each_role_has_its_functions),
      cmocka_unit_test(lists_are_whole),
      cmocka_unit_test(a_longer_stride_is_followed),
      cmocka_unit_test(parameters_are_named_and_explained),
      cmocka_unit_test(ranges_make_sense),
      cmocka_unit_test(defaults_are_values_of_their_kind),
      cmocka_unit_test(defaults_of_records_have_their_fields),
      cmocka_unit_test(records_do_not_nest_for_ever),
      cmocka_unit_test(inputs_are_named_and_explained),
      cmocka_unit_test(fields_are_of_a_known_type_and_aggregate),
      cmocka_unit_test(fields_depend_on_parameters_that_exist),
      cmocka_unit_test(outputs_are_named_and_explained),
      cmocka_unit_test(ends_of_intervals_belong_to_a_number),
      cmocka_unit_test(a_source_has_all_of_its_extension),
      cmocka_unit_test(a_sink_has_all_of_its_extension),
      cmocka_unit_test(an_extension_too_small_is_none),
      cmocka_unit_test(nothing_is_read_beyond_the_sizes),
      cmocka_unit_test(a_long_line_is_cut),
  };
  return cmocka_run_group_tests_name("declaration", tests, NULL, NULL);
}
