/* formula: a scorer in a few lines of Lua, over columns, other criteria and aggregates of events. The script can reach
 * nothing but numbers and mathematics, and takes no more steps and memory than it is given. */
#include <luajit-2.1/lauxlib.h>
#include <luajit-2.1/lua.h>
#include <luajit-2.1/luajit.h>
#include <luajit-2.1/lualib.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { SCRIPT, INSTRUCTIONS, MEMORY };

static const tarazu_param params[] = {
    {.name = "script", .kind = TARAZU_STRING, .help = "an expression, or lines of Lua that return a number or nil"},
    {.name = "instructions",
     .kind = TARAZU_INTEGER,
     .initial = "100000",
     .least = 100,
     .most = 1e9,
     .help = "the most that one customer's run may take of a script with loops or functions"},
    {.name = "memory",
     .kind = TARAZU_INTEGER,
     .initial = "16",
     .least = 2,
     .most = 1024,
     .unit = "MiB",
     .help = "the most that a script may take, on each thread"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only events of this long before as_of; all where absent"},
};

static const tarazu_field event_fields[] = {
    {.name = "time",
     .type = TARAZU_TIME,
     .aggregate = TARAZU_COUNT,
     .window = "window",
     .optional = 1,
     .help = "event_count: how many"},
    {.name = "time",
     .type = TARAZU_TIME,
     .aggregate = TARAZU_MIN,
     .window = "window",
     .optional = 1,
     .help = "first_event_days: the first one, in days before as_of"},
    {.name = "time",
     .type = TARAZU_TIME,
     .aggregate = TARAZU_MAX,
     .window = "window",
     .optional = 1,
     .help = "last_event_days: the last one, in days before as_of"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .optional = 1,
     .help = "amount_sum"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_MEAN,
     .window = "window",
     .optional = 1,
     .help = "amount_mean"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_MIN,
     .window = "window",
     .optional = 1,
     .help = "amount_min"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_MAX,
     .window = "window",
     .optional = 1,
     .help = "amount_max"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_FIRST,
     .window = "window",
     .optional = 1,
     .help = "amount_first"},
    {.name = "amount",
     .type = TARAZU_F64,
     .aggregate = TARAZU_LAST,
     .window = "window",
     .optional = 1,
     .help = "amount_last"},
};
enum { EVENT_FIELDS = sizeof event_fields / sizeof *event_fields };
/* What the script calls them. */
static const char *const event_names[EVENT_FIELDS] = {"event_count", "first_event_days", "last_event_days",
                                                      "amount_sum",  "amount_mean",      "amount_min",
                                                      "amount_max",  "amount_first",     "amount_last"};

static const tarazu_field column_fields[] = {
    {.name = "column", .type = TARAZU_F64, .help = "a column of numbers, or another criterion"},
};
static const tarazu_input inputs[] = {
    {.name = "events",
     .shape = TARAZU_EVENTS,
     .optional = 1,
     .fields = TARAZU_LIST(event_fields),
     .help = "a table whose aggregates the script can use"},
    {.name = "columns",
     .shape = TARAZU_ATTRIBUTES,
     .optional = 1,
     .many = 1,
     .fields = TARAZU_LIST(column_fields),
     .help = "what the script can use, by name"},
};
static const tarazu_output outputs[] = {
    {.name = "value", .type = TARAZU_F64, .better = 1, .help = "what the script returns; null for nil"},
};

enum { CHUNK = 1024, MOST_COLUMNS = 120, MOST_IDLE = 64, MOST_SCRIPT = 65536 };

/* How a script is run. Without a loop or a function of its own a script comes to its end after as many steps as it is
 * long, so that it needs no limit and may be compiled. LuaJIT compiles x^2 to x*x, which differs from the interpreter's
 * power in the last bit, and which rows are compiled depends on where the loop got hot: powers are interpreted. The
 * others are interpreted and counted, which holds no matter what the script does. */
enum { COMPILED, INTERPRETED, COUNTED };

typedef struct variable {
  uint32_t column; /* of the batch */
  char name[128];
} variable;

/* One state of Lua, used by one thread at a time. */
typedef struct machine {
  lua_State *lua;
  size_t used, limit; /* bytes */
} machine;

typedef struct formula {
  const char *script;
  char *header; /* "local margin, age = ...;": goes before the script on its first line */
  char *names;  /* "margin, age, visits, ": all columns, also those that the script does not use */
  int how;
  int power; /* the script has a ^ */
  int instructions;
  size_t memory;
  int64_t as_of;
  variable *variables; /* that the script uses */
  uint32_t count;
  _Atomic(machine *) *idle; /* MOST_IDLE of them */
  tarazu_fact fact;
  char text[100];
} formula;

/* ---- memory ---- */

static void *allocate(void *argument, void *block, size_t old, size_t size)
{
  machine *m = argument;
  if (!block) old = 0;
  if (!size) {
    m->used -= old;
    free(block);
    return NULL;
  }
  if (size > old && size - old > m->limit - m->used) return NULL;
  void *moved = realloc(block, size);
  if (moved) m->used = m->used - old + size;
  return moved;
}

/* ---- what surrounds a script ---- */

/* Run once a state, trusted. What the script sees is `known`: numbers and mathematics. It has no strings' library, no
 * load, no pcall (which would outlive a limit), no pairs (whose order is not the same everywhere), no metatables.
 * Minima, maxima and ceilings are written out because LuaJIT compiles its own to what differs from the interpreter on
 * NaN and -0. Opcodes are asked of LuaJIT by compiling a line of which they are known. */
static const char surroundings[] =
    "local util, header, script, returns, columns, count = ...\n"
    "local floor, select = math.floor, select\n"
    "local function check(good, name, text) if not good then error('math.' .. name .. ' takes ' .. text, 3) end end\n"
    "local function min(a, b, ...)\n"
    "  check(type(a) == 'number' and type(b) == 'number', 'min', 'two numbers or more')\n"
    "  if b < a then a = b end\n"
    "  if select('#', ...) > 0 then return (min(a, ...)) end\n"
    "  return a\n"
    "end\n"
    "local function max(a, b, ...)\n"
    "  check(type(a) == 'number' and type(b) == 'number', 'max', 'two numbers or more')\n"
    "  if b > a then a = b end\n"
    "  if select('#', ...) > 0 then return (max(a, ...)) end\n"
    "  return a\n"
    "end\n"
    "local function ceil(x)\n"
    "  check(type(x) == 'number', 'ceil', 'a number')\n"
    "  return 0 - floor(-x)\n"
    "end\n"
    "local functions = {min = min, max = max, ceil = ceil,\n"
    "  pi = math.pi, huge = math.huge}\n"
    "for _, name in ipairs{'abs', 'floor', 'sqrt', 'exp', 'log', 'log10', 'sin', 'cos', 'tan', 'asin', 'acos',\n"
    "  'atan', 'atan2', 'sinh', 'cosh', 'tanh', 'fmod', 'modf', 'deg', 'rad'} do functions[name] = math[name] end\n"
    "local function sealed(name)\n"
    "  return function() error('`' .. name .. '` cannot be changed', 2) end\n"
    "end\n"
    "local library = setmetatable({}, {__index = functions, __newindex = sealed('math')})\n"
    "local known = {math = library, error = error, assert = assert, ipairs = ipairs}\n"
    "local environment = setmetatable({}, {__index = known, __newindex = sealed('_G')})\n"
    "local lines\n"
    "local run, why = loadstring(header .. 'return ' .. script, '=script')\n"
    "if run then\n" /* in parentheses it is no tail call, whose line would not be known */
    "  local open = header .. 'return (' .. script\n"
    "  run = loadstring(open .. ')', '=script') or loadstring(open .. '\\n)', '=script')\n"
    "  if not run then error('the script is not one expression', 0) end\n"
    "else\n"
    "  local other\n"
    "  lines, other = loadstring(header .. script, '=script')\n"
    "  if not lines then error(returns and other or why, 0) end\n"
    "  run = lines\n"
    "end\n"
    "local function opcode(text, place) return util.funcbc(loadstring(text), place) % 256 end\n"
    "local read, written = opcode('return x', 1), opcode('x = nil', 2)\n"
    "local joined, power = opcode('return x .. x', 3), opcode('return x ^ x', 3)\n"
    "local powers = false\n"
    "local function look(code)\n"
    "  local place, ins = 1, util.funcbc(code, 1)\n"
    "  while ins do\n"
    "    local op, name = ins % 256, nil\n"
    "    local function refuse(text)\n"
    "      error('script:' .. util.funcinfo(code, place).currentline .. ': ' .. text, 0)\n"
    "    end\n"
    "    if op == read or op == written then name = util.funck(code, -(floor(ins / 65536) % 65536) - 1) end\n"
    "    if op == written then refuse('`' .. name .. '` is not local: nothing is kept from row to row') end\n"
    "    if op == read and known[name] == nil then\n"
    "      refuse('there is no `' .. name .. '`; known are ' .. columns .. 'math, assert, error, ipairs')\n"
    "    end\n"
    "    if op == joined then refuse('there are no texts to join, only numbers') end\n"
    "    powers = powers or op == power\n"
    "    place = place + 1\n"
    "    ins = util.funcbc(code, place)\n"
    "  end\n"
    "  for k = 1, util.funcinfo(code).gcconsts do\n"
    "    local inner = util.funck(code, -k)\n"
    "    if type(inner) == 'proto' then look(inner) end\n"
    "  end\n"
    "end\n"
    "look(run)\n"
    "if lines and not returns then error('the script returns nothing', 0) end\n"
    "setfenv(run, environment)\n"
    "local tables, values = '', ''\n"
    "for k = 1, count do\n"
    "  local comma = k > 1 and ', ' or ''\n"
    "  tables, values = tables .. ', c' .. k, values .. comma .. 'c' .. k .. '[i]'\n"
    "end\n"
    "local at = {0}\n"
    "local rows = loadstring('local run, at = ... return function(n, out' .. tables ..\n"
    "  ') for i = 1, n do at[1] = i out[i] = run(' .. values .. ') end end', '=rows')(run, at)\n"
    "return rows, run, at, powers\n";

/* Fields of the registry. */
static const char rows_key[] = "tarazu.rows", run_key[] = "tarazu.run", at_key[] = "tarazu.at",
                  out_key[] = "tarazu.out";

/* ---- scripts ---- */

static int is_word(const char *text, size_t length, const char *const *words)
{
  for (; *words; words++)
    if (strlen(*words) == length && !memcmp(*words, text, length)) return 1;
  return 0;
}

static int in_name(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

/* Whether one of the words stands in the script. Comments are left out where nothing can be mistaken for one, that is
 * in a script without quotes and long brackets; in others a word in a comment counts too, which is no worse than slow.
 */
static int has_word(const char *script, const char *const *words)
{
  int plain = !strpbrk(script, "'\"") && !strstr(script, "[[") && !strstr(script, "[=");
  for (const char *at = script; *at;) {
    if (plain && at[0] == '-' && at[1] == '-') {
      at += strcspn(at, "\r\n");
      continue;
    }
    size_t length = 0;
    while (in_name(at[length])) length++;
    if (length && is_word(at, length, words)) return 1;
    at += length ? length : 1;
  }
  return 0;
}

static const char *const repeating[] = {"for", "while", "repeat", "goto", "function", NULL};
static const char *const returning[] = {"return", NULL};
static const char *const reserved[] = {"and",   "break", "do",    "else",   "elseif",   "end",    "error",
                                       "false", "for",   "goto",  "if",     "in",       "ipairs", "local",
                                       "math",  "nil",   "not",   "or",     "repeat",   "return", "then",
                                       "true",  "until", "while", "assert", "function", NULL};

/* "script:3: what" becomes "script, line 3: what"; lines of what surrounds the script say nothing to anybody. */
static void say(char *into, size_t room, const char *message)
{
  static const char *const chunks[] = {"script:", "formula:", "rows:"};
  for (int k = 0; k < 3; k++) {
    size_t length = strlen(chunks[k]);
    if (strncmp(message, chunks[k], length) != 0) continue;
    const char *number = message + length;
    size_t digits = strspn(number, "0123456789");
    if (!digits || strncmp(number + digits, ": ", 2) != 0) continue;
    if (!k) snprintf(into, room, "script, line %.*s%s", (int)digits, number, number + digits);
    else snprintf(into, room, "%s", number + digits + 2);
    return;
  }
  snprintf(into, room, "%s", message);
}

static tarazu_status tell(const formula *f, lua_State *lua, int failure, tarazu_error *error)
{
  error->param = SCRIPT;
  if (failure == LUA_ERRMEM) {
    error->param = MEMORY;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the script takes more than %zu MiB of memory", f->memory >> 20);
  }
  char message[900];
  const char *said = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "error() was called without a text";
  say(message, sizeof message, said);
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s", message);
}

/* ---- machines ---- */

typedef struct building {
  const formula *f;
  int power;
} building;

static void open_library(lua_State *lua, const char *name, lua_CFunction open)
{
  lua_pushcfunction(lua, open);
  lua_pushstring(lua, name);
  lua_call(lua, 1, 0);
}

/* Protected. */
static int build(lua_State *lua)
{
  building *b = lua_touserdata(lua, 1);
  const formula *f = b->f;
  open_library(lua, "", luaopen_base);
  open_library(lua, LUA_MATHLIBNAME, luaopen_math);
  open_library(lua, LUA_JITLIBNAME, luaopen_jit);
  luaJIT_setmode(lua, 0, LUAJIT_MODE_ENGINE | (f->how == COMPILED ? LUAJIT_MODE_ON : LUAJIT_MODE_OFF));
  if (luaL_loadbuffer(lua, surroundings, sizeof surroundings - 1, "=formula")) return lua_error(lua);
  lua_getfield(lua, LUA_REGISTRYINDEX, "_PRELOAD");
  lua_getfield(lua, -1, LUA_JITLIBNAME ".util");
  lua_remove(lua, -2);
  lua_call(lua, 0, 1);
  lua_pushstring(lua, f->header);
  lua_pushstring(lua, f->script);
  lua_pushboolean(lua, has_word(f->script, returning));
  lua_pushstring(lua, f->names);
  lua_pushinteger(lua, (lua_Integer)f->count);
  lua_call(lua, 6, 4);
  b->power = lua_toboolean(lua, -1);
  lua_pop(lua, 1);
  lua_setfield(lua, LUA_REGISTRYINDEX, at_key);
  lua_setfield(lua, LUA_REGISTRYINDEX, run_key);
  lua_setfield(lua, LUA_REGISTRYINDEX, rows_key);
  lua_createtable(lua, CHUNK, 0);
  lua_setfield(lua, LUA_REGISTRYINDEX, out_key);
  for (uint32_t i = 0; i < f->count; i++) {
    lua_createtable(lua, CHUNK, 0);
    lua_rawseti(lua, LUA_REGISTRYINDEX, (int)(i + 1000)); /* above what LuaJIT itself keeps by number */
  }
  return 0;
}

static void machine_close(machine *m)
{
  if (!m) return;
  if (m->lua) lua_close(m->lua);
  free(m);
}

static tarazu_status machine_open(const formula *f, machine **out, int *power, tarazu_error *error)
{
  machine *m = calloc(1, sizeof *m);
  building b = {.f = f};
  *out = NULL;
  if (m) m->limit = f->memory;
  if (m) m->lua = lua_newstate(allocate, m);
  if (!m || !m->lua) {
    free(m);
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a state of Lua");
  }
  int failure = lua_cpcall(m->lua, build, &b);
  tarazu_status status = failure ? tell(f, m->lua, failure, error) : TARAZU_OK;
  if (power) *power = b.power;
  if (status) machine_close(m);
  else *out = m;
  return status;
}

/* An idle machine, or a new one: there are as many as there ever were calls at once. */
static tarazu_status check_out(const formula *f, machine **out, tarazu_error *error)
{
  for (int i = 0; i < MOST_IDLE; i++) {
    *out = atomic_exchange(&f->idle[i], NULL);
    if (*out) return TARAZU_OK;
  }
  return machine_open(f, out, NULL, error);
}

static void check_in(const formula *f, machine *m)
{
  for (int i = 0; i < MOST_IDLE; i++) {
    machine *none = NULL;
    if (atomic_compare_exchange_strong(&f->idle[i], &none, m)) return;
  }
  machine_close(m);
}

/* ---- creation ---- */

/* A column's name as Lua can write it: customers.age is customers_age. */
static void write_name(char *into, size_t room, const char *name)
{
  size_t length = 0;
  if (*name >= '0' && *name <= '9') into[length++] = '_';
  for (; *name && length + 1 < room; name++) into[length++] = (char)(in_name(*name) ? *name : '_');
  into[length] = 0;
}

/* Adds a column if the script has its name. */
static tarazu_status add_variable(formula *f, uint32_t column, const char *name, tarazu_error *error)
{
  variable *v = &f->variables[f->count];
  v->column = column;
  write_name(v->name, sizeof v->name, name);
  strcat(strcat(f->names, v->name), ", ");
  if (!has_word(f->script, (const char *const[]){v->name, NULL})) return TARAZU_OK;
  error->param = SCRIPT;
  if (is_word(v->name, strlen(v->name), reserved))
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "a column is called '%s', which is a word of the script's",
                       v->name);
  for (uint32_t i = 0; i < f->count; i++)
    if (!strcmp(f->variables[i].name, v->name))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "two columns are called '%s' in the script", v->name);
  error->param = -1;
  f->count++;
  return TARAZU_OK;
}

static tarazu_status name_variables(formula *f, const tarazu_context *context, tarazu_error *error)
{
  uint32_t columns = context->columns.count;
  f->variables = calloc(columns + 1u, sizeof *f->variables);
  f->names = calloc(columns + 1u, sizeof f->variables->name + 2);
  if (!f->variables || !f->names) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u columns", columns);
  for (uint32_t c = 0; c < columns; c++) {
    const tarazu_bound *bound = tarazu_bound_at(context, c);
    tarazu_status status = TARAZU_OK;
    if (bound->type) status = add_variable(f, c, c < EVENT_FIELDS ? event_names[c] : bound->name, error);
    if (status) return status;
  }
  if (f->count <= MOST_COLUMNS) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u columns; expected at most %d", f->count, MOST_COLUMNS);
}

static tarazu_status write_header(formula *f, tarazu_error *error)
{
  size_t room = 32 + (size_t)f->count * (sizeof f->variables[0].name + 2), length = 0;
  f->header = malloc(room);
  if (!f->header) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u columns", f->count);
  f->header[0] = ' '; /* so that a script never comes first, where compiled code could stand */
  f->header[1] = 0;
  for (uint32_t i = 0; i < f->count; i++)
    length += (size_t)snprintf(f->header + length, room - length, "%s%s", i ? ", " : "local ", f->variables[i].name);
  if (f->count) snprintf(f->header + length, room - length, " = ...; ");
  return TARAZU_OK;
}

static void report(formula *f)
{
  f->fact = (tarazu_fact){.name = "script", .text = f->text, .value = f->how, .error = -1};
  if (f->how == COMPILED) snprintf(f->text, sizeof f->text, "compiled");
  else if (f->how == INTERPRETED) snprintf(f->text, sizeof f->text, "interpreted, for it has powers (^)");
  else
    snprintf(f->text, sizeof f->text, "interpreted, for it has loops or functions; at most %d instructions a customer",
             f->instructions);
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  formula *f = self;
  machine *m;
  int power = 0;
  f->script = tarazu_arg(args, SCRIPT)->text;
  f->instructions = (int)tarazu_arg(args, INSTRUCTIONS)->integer;
  f->memory = (size_t)tarazu_arg(args, MEMORY)->integer << 20;
  f->as_of = context->as_of;
  f->how = has_word(f->script, repeating) ? COUNTED : COMPILED;
  error->param = SCRIPT;
  if (strlen(f->script) > MOST_SCRIPT)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the script has more than %d bytes", MOST_SCRIPT);
  error->param = -1;
  tarazu_status status = name_variables(f, context, error);
  if (!status) status = write_header(f, error);
  if (status) return status;
  f->idle = calloc(MOST_IDLE, sizeof *f->idle);
  if (!f->idle) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for states of Lua");
  for (int i = 0; i < MOST_IDLE; i++) atomic_init(&f->idle[i], NULL);
  status = machine_open(f, &m, &power, error);
  if (status) return status;
  if (power && f->how == COMPILED) {
    f->how = INTERPRETED;
    luaJIT_setmode(m->lua, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
  }
  check_in(f, m);
  report(f);
  return TARAZU_OK;
}

static void destroy(void *self)
{
  formula *f = self;
  for (int i = 0; f->idle && i < MOST_IDLE; i++) machine_close(atomic_load(&f->idle[i]));
  free(f->idle);
  free(f->header);
  free(f->names);
  free(f->variables);
}

/* ---- rows ---- */

typedef struct job {
  const formula *f;
  const tarazu_batch *batch;
  tarazu_result *result;
  int64_t first;
  int rows;
  int wrong;   /* what the script gave is no number: its type, and the row in row */
  int64_t row; /* where it is; of the batch */
} job;

/* 0: null. Times are days before as_of. */
static int value_at(const formula *f, const tarazu_column *column, int64_t row, double *value)
{
  if (!column || !tarazu_is_valid(column, row)) return 0;
  switch (column->type) {
  case TARAZU_F64: *value = ((const double *)column->values)[row]; break;
  case TARAZU_TIME: *value = (double)(f->as_of - ((const int64_t *)column->values)[row]) / MICROSECONDS_PER_DAY; break;
  default: *value = (double)((const int64_t *)column->values)[row]; break;
  }
  return 1;
}

static void push_value(lua_State *lua, const formula *f, const tarazu_column *column, int64_t row)
{
  double value;
  if (value_at(f, column, row, &value)) lua_pushnumber(lua, value);
  else lua_pushnil(lua);
}

/* What the script has given stands on the stack's top. 0: it is neither a number nor nil. */
static int take_result(lua_State *lua, job *j, int64_t row)
{
  int type = lua_type(lua, -1);
  double value = 0;
  if (type == LUA_TNUMBER) value = lua_tonumber(lua, -1) + 0.0; /* -0 is 0 */
  lua_pop(lua, 1);
  j->row = row;
  if (type == LUA_TNIL) tarazu_set_null(j->result, row);
  else if (type == LUA_TNUMBER) ((double *)j->result->values)[row] = value;
  else j->wrong = type;
  return !j->wrong;
}

/* Row by row: each begins with a full count. */
static void count_down(lua_State *lua, lua_Debug *where)
{
  lua_Debug up = *where;
  int level = 0;
  do lua_getinfo(lua, "Sl", &up);
  while (strcmp(up.short_src, "script") != 0 && lua_getstack(lua, ++level, &up));
  lua_pushfstring(lua, "script:%d: too many instructions: it does not come to an end, or `instructions` is too low",
                  up.currentline);
  lua_error(lua);
}

static void run_counted(lua_State *lua, job *j)
{
  const formula *f = j->f;
  lua_getfield(lua, LUA_REGISTRYINDEX, run_key);
  for (int64_t row = j->first; row < j->first + j->rows; row++) {
    j->row = row;
    lua_pushvalue(lua, -1);
    for (uint32_t c = 0; c < f->count; c++) push_value(lua, f, j->batch->columns[f->variables[c].column], row);
    lua_sethook(lua, count_down, LUA_MASKCOUNT, f->instructions);
    lua_call(lua, (int)f->count, 1);
    lua_sethook(lua, NULL, 0, 0);
    if (!take_result(lua, j, row)) return;
  }
}

/* Fills the tables of the columns, has the rows run in Lua and reads the results. */
static void run_chunk(lua_State *lua, job *j)
{
  const formula *f = j->f;
  lua_getfield(lua, LUA_REGISTRYINDEX, at_key);
  lua_getfield(lua, LUA_REGISTRYINDEX, out_key);
  lua_getfield(lua, LUA_REGISTRYINDEX, rows_key);
  int at = lua_gettop(lua) - 2, out = at + 1;
  lua_pushinteger(lua, j->rows);
  lua_pushvalue(lua, out);
  for (uint32_t c = 0; c < f->count; c++) {
    const tarazu_column *column = j->batch->columns[f->variables[c].column];
    lua_rawgeti(lua, LUA_REGISTRYINDEX, (int)(c + 1000));
    for (int i = 0; i < j->rows; i++) {
      push_value(lua, f, column, j->first + i);
      lua_rawseti(lua, -2, i + 1);
    }
  }
  lua_call(lua, (int)f->count + 2, 0);
  for (int i = 0; i < j->rows; i++) {
    lua_rawgeti(lua, out, i + 1);
    if (!take_result(lua, j, j->first + i)) return;
  }
}

/* Protected. */
static int run(lua_State *lua)
{
  job *j = lua_touserdata(lua, 1);
  luaL_checkstack(lua, (int)j->f->count + 20, "columns");
  if (j->f->how == COUNTED) run_counted(lua, j);
  else run_chunk(lua, j);
  return 0;
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* Where in the chunk the script was when it failed. */
static int64_t failed_at(lua_State *lua, const job *j)
{
  if (j->f->how == COUNTED) return j->row;
  lua_getfield(lua, LUA_REGISTRYINDEX, at_key);
  lua_rawgeti(lua, -1, 1);
  int64_t row = j->first + (int64_t)lua_tonumber(lua, -1) - 1;
  lua_pop(lua, 2);
  return row;
}

static tarazu_status run_rows(const formula *f, machine *m, job *j, tarazu_error *error)
{
  int failure = lua_cpcall(m->lua, run, j);
  if (failure) {
    error->row = row_number(j->batch, failed_at(m->lua, j));
    return tell(f, m->lua, failure, error);
  }
  error->param = SCRIPT;
  if (j->wrong) {
    error->row = row_number(j->batch, j->row);
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the script gives a %s; expected a number, or nil for null",
                       lua_typename(m->lua, j->wrong));
  }
  for (int64_t row = j->first; row < j->first + j->rows; row++) {
    double value = ((const double *)j->result->values)[row];
    int valid = (j->result->valid[row >> 3] >> (row & 7)) & 1;
    if (!valid || isfinite(value)) continue;
    error->row = row_number(j->batch, row);
    return tarazu_fail(error, TARAZU_NUMERIC, "the script gives %s; let it return nil where nothing can be said",
                       isnan(value) ? "0/0 (not a number)" : "infinity");
  }
  error->param = -1;
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const formula *f = self;
  machine *m;
  tarazu_status status = check_out(f, &m, error);
  for (int64_t first = 0; first < batch->rows && !status; first += CHUNK) {
    int64_t left = batch->rows - first;
    job j = {.f = f, .batch = batch, .result = results[0], .first = first, .rows = (int)(left < CHUNK ? left : CHUNK)};
    status = run_rows(f, m, &j, error);
  }
  if (status) machine_close(m);
  else check_in(f, m);
  return status;
}

/* ---- explaining ---- */

static tarazu_list facts(const void *self)
{
  const formula *f = self;
  return (tarazu_list){&f->fact, 1, sizeof f->fact};
}

/* What the script was given. */
static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const formula *f = self;
  char line[200];
  for (uint32_t i = 0; i < f->count; i++) {
    const variable *v = &f->variables[i];
    double value;
    int length = value_at(f, row->columns[v->column], 0, &value)
                     ? snprintf(line, sizeof line, "%s = %.10g\n", v->name, value)
                     : snprintf(line, sizeof line, "%s = nil\n", v->name);
    if (!writer->write(writer, line, (size_t)length))
      return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  }
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "formula",
    .version = "1.0",
    .summary = "a few lines of Lua over columns, criteria and aggregates",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(formula),
    .create = create,
    .destroy = destroy,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "formula",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
