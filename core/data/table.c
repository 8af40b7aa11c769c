/* Loading: plan every table, read them one after the other (each on all threads), number the customers, give the
 * strings their codes, then group each table and fill its columns. */
#include "data/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/aggregate.h"
#include "data/request.h"

/* A load under way. */
typedef struct load {
  loading *tables;
  uint32_t count;
  const load_options *options;
  population *people;
  dictionary *strings;
  problems *out;
} load;

static int no_memory(const load *self, const table *of, const char *what)
{
  problem_add(self->out, EXIT_INTERNAL, of ? of->place : NOWHERE, "no memory for %s%s%s%s", what,
              of ? " of table '" : "", of ? of->name : "", of ? "'" : "");
  return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

static int read_tables(load *self)
{
  for (uint32_t t = 0; t < self->count; t++) {
    loading *l = &self->tables[t];
    table *of = l->table;
    l->pushed.done = l->plain.done = (double)t / (double)self->count;
    if (l->has_pushed && !rows_read(&l->pushed, of->fingerprint, self->out)) return 0;
    if (l->has_plain && !rows_read(&l->plain, of->fingerprint, self->out)) return 0;
    const rows *counted = l->has_plain ? &l->plain : &l->pushed;
    of->counts = (table_counts){0};
    for (uint32_t p = 0; p < counted->part_count; p++) {
      of->counts.rows += counted->parts[p].counts.rows;
      of->counts.null_keys += counted->parts[p].counts.null_keys;
      of->counts.null_times += counted->parts[p].counts.null_times;
    }
  }
  return 1;
}

/* ---- customers ---------------------------------------------------------------------------------------------- */

/* Whether a table's keys are customers: `customers` alone where there is one, else events and edges, else any. */
static int defines_customers(const load *self, const table *of)
{
  int customers = 0, others = 0;
  if (of->is_aside) return 0;
  for (uint32_t t = 0; t < self->count; t++) {
    customers |= self->tables[t].table->is_customers;
    others |= !self->tables[t].table->is_aside && self->tables[t].table->shape != TARAZU_ATTRIBUTES;
  }
  return customers ? of->is_customers : !others || of->shape != TARAZU_ATTRIBUTES;
}

/* The key maps of a pass; NULL: only how many. */
static size_t list_maps(const rows *pass, int defines, key_map *maps)
{
  size_t count = 0;
  for (uint32_t p = 0; p < pass->part_count; p++)
    for (uint32_t k = 0; k < pass->key_count; k++, count++)
      if (maps) maps[count] = (key_map){&pass->parts[p].keys[k], defines, NULL};
  return count;
}

static size_t take_maps(rows *pass, const key_map *maps)
{
  size_t count = 0;
  for (uint32_t p = 0; p < pass->part_count; p++)
    for (uint32_t k = 0; k < pass->key_count; k++, count++) pass->parts[p].customers[k] = maps[count].rows;
  return count;
}

static int number_customers(load *self)
{
  size_t count = 0, at = 0;
  for (uint32_t t = 0; t < self->count; t++)
    count += list_maps(&self->tables[t].pushed, 0, NULL) + list_maps(&self->tables[t].plain, 0, NULL);
  key_map *maps = calloc(count + 1, sizeof *maps);
  if (!maps) return no_memory(self, NULL, "the customers");
  for (uint32_t t = 0; t < self->count; t++) {
    int defines = defines_customers(self, self->tables[t].table);
    at += list_maps(&self->tables[t].pushed, defines, maps + at);
    at += list_maps(&self->tables[t].plain, defines, maps + at);
  }
  int good = population_number(self->people, maps, count);
  at = 0;
  for (uint32_t t = 0; t < self->count; t++) {
    at += take_maps(&self->tables[t].pushed, maps + at);
    at += take_maps(&self->tables[t].plain, maps + at);
  }
  free(maps);
  return good ? 1 : no_memory(self, NULL, "the customers");
}

static int tell_nobody(const load *self)
{
  place where = NOWHERE;
  for (uint32_t t = 0; t < self->count; t++) {
    const table *of = self->tables[t].table;
    if (of->is_customers || !where.file) where = of->place;
  }
  problem_add(self->out, EXIT_DATA, where, "there is no customer in the data");
  for (uint32_t t = 0; t < self->count; t++) {
    const table *of = self->tables[t].table;
    const table_counts *n = &of->counts;
    problem_hint(self->out, "table '%s': %lld row%s, left out: %lld without a key, %lld without a date%s", of->name,
                 (long long)n->rows, n->rows == 1 ? "" : "s", (long long)n->null_keys, (long long)n->null_times,
                 defines_customers(self, of) ? "" : "; it does not say who the customers are");
  }
  return 0;
}

/* ---- strings ------------------------------------------------------------------------------------------------ */

static int add_strings(const rows *pass, dictionary *all)
{
  for (uint32_t p = 0; p < pass->part_count; p++)
    for (uint32_t c = 0; c < pass->column_count; c++) {
      const dictionary *texts = pass->parts[p].texts[c];
      for (uint32_t i = 0; texts && i < dictionary_count(texts); i++) {
        size_t length;
        const char *bytes = dictionary_string(texts, (int32_t)i, &length);
        if (dictionary_add(all, bytes, length) < 0) return 0;
      }
    }
  return 1;
}

static int code_strings(rows *pass, const dictionary *strings)
{
  for (uint32_t p = 0; p < pass->part_count; p++)
    for (uint32_t c = 0; c < pass->column_count; c++) {
      dictionary *texts = pass->parts[p].texts[c];
      if (!texts) continue;
      int32_t *codes = malloc(((size_t)dictionary_count(texts) + 1) * sizeof *codes);
      if (!codes) return 0;
      pass->parts[p].text_codes[c] = codes;
      for (uint32_t i = 0; i < dictionary_count(texts); i++) {
        size_t length;
        const char *bytes = dictionary_string(texts, (int32_t)i, &length);
        codes[i] = dictionary_find(strings, bytes, length);
      }
      dictionary_free(texts);
      pass->parts[p].texts[c] = NULL;
    }
  return 1;
}

/* Codes in the order of the strings, so that they depend on the strings alone and compare as they do. */
static int number_strings(load *self)
{
  dictionary *all = dictionary_new();
  int32_t *sorted = NULL;
  int good = all != NULL;
  for (uint32_t t = 0; t < self->count && good; t++)
    good = add_strings(&self->tables[t].pushed, all) && add_strings(&self->tables[t].plain, all);
  good = good && (sorted = dictionary_sorted(all));
  for (uint32_t i = 0; good && i < dictionary_count(all); i++) {
    size_t length;
    const char *bytes = dictionary_string(all, sorted[i], &length);
    good = dictionary_add(self->strings, bytes, length) >= 0;
  }
  for (uint32_t t = 0; t < self->count && good; t++)
    good = code_strings(&self->tables[t].pushed, self->strings) && code_strings(&self->tables[t].plain, self->strings);
  free(sorted);
  dictionary_free(all);
  return good ? 1 : no_memory(self, NULL, "the strings");
}

/* ---- attributes --------------------------------------------------------------------------------------------- */

static const char *name_of(const load *self, int64_t customer, int *length)
{
  size_t count;
  const char *name = dictionary_string(self->people->names, (int32_t)customer, &count);
  *length = count < 80 ? (int)count : 80;
  return name;
}

static void cell_words(const load *self, const cells *all, int64_t row, char out[80])
{
  size_t count;
  const char *bytes;
  if (all->missing && all->missing[row]) {
    snprintf(out, 80, "nothing");
    return;
  }
  switch (all->type) {
  case TARAZU_F64: snprintf(out, 80, "%.15g", ((const double *)all->values)[row]); break;
  case TARAZU_I64: snprintf(out, 80, "%lld", (long long)((const int64_t *)all->values)[row]); break;
  case TARAZU_BOOL: snprintf(out, 80, "%s", ((const uint8_t *)all->values)[row] ? "true" : "false"); break;
  case TARAZU_TEXT:
    bytes = dictionary_string(self->strings, ((const int32_t *)all->values)[row], &count);
    snprintf(out, 80, "'%.*s'", (int)(count < 60 ? count : 60), bytes);
    break;
  default: calendar_format(((const int64_t *)all->values)[row], out); break;
  }
}

/* The lesser value first, whichever row came first. */
static int tell_contradiction(const load *self, const loading *l, const grouped *from, int64_t customer, uint32_t index,
                              int64_t a, int64_t b)
{
  cells all = grouped_cells(from, l->plain_columns[index]);
  int turned = cells_compare(&all, a, b) > 0;
  char left[80], right[80];
  cell_words(self, &all, turned ? b : a, left);
  cell_words(self, &all, turned ? a : b, right);
  int64_t first = from->lines[a], second = from->lines[b];
  char lines[80] = "";
  if (first && second)
    snprintf(lines, sizeof lines, " (lines %lld and %lld)", (long long)(first < second ? first : second),
             (long long)(first < second ? second : first));
  int length;
  const char *name = name_of(self, customer, &length);
  problem_add(
      self->out, EXIT_DATA, l->table->place,
      "table '%s' has two rows of customer '%.*s'%s that differ in '%s', %s and %s; expected one row a customer",
      l->table->name, length, name, lines, l->table->wants[index].as.name, left, right);
  return 0;
}

/* Equal rows of a customer are one; different ones are a contradiction, told of the first customers who have one. */
static int check_duplicates(const load *self, loading *l, const grouped *from)
{
  enum { TOLD = 5 };
  int told = 0;
  for (int64_t customer = 0; customer < from->groups && told < TOLD; customer++) {
    int64_t first = from->offsets[customer];
    int differs = 0;
    for (int64_t i = first + 1; i < from->offsets[customer + 1] && !differs; i++) {
      for (uint32_t w = 0; w < l->table->want_count && !differs; w++) {
        cells all = grouped_cells(from, l->plain_columns[w]);
        differs = cells_compare(&all, first, i) != 0;
        if (differs) tell_contradiction(self, l, from, customer, w, first, i);
      }
      l->table->counts.duplicates++;
    }
    told += differs;
  }
  return !told;
}

static int fill_attributes(const load *self, loading *l, const grouped *from)
{
  const table *of = l->table;
  if (!check_duplicates(self, l, from)) return 0;
  for (uint32_t i = 0; i < of->want_count; i++)
    if (!group_align(from, l->plain_columns[i], 0, dictionary_view(self->strings), &of->wants[i].column))
      return no_memory(self, of, "the columns");
  return 1;
}

/* ---- filling ------------------------------------------------------------------------------------------------ */

static int fill_pushed(const load *self, loading *l)
{
  table *of = l->table;
  grouped from;
  int good = group_rows(&l->pushed, self->people->count, self->options->pool, &from);
  if (!good) no_memory(self, of, "the aggregates");
  for (int64_t customer = 0; good && customer < from.groups; customer++) {
    if (from.offsets[customer + 1] - from.offsets[customer] < 2) continue;
    int length;
    const char *name = name_of(self, customer, &length);
    problem_add(self->out, EXIT_PLUGIN, of->place,
                "table '%s': its source broke the contract: two rows of aggregates of customer '%.*s'", of->name,
                length, name);
    good = 0;
  }
  for (uint32_t i = 0; i < of->want_count && good; i++) {
    if (l->pushed_columns[i] == ROWS_NONE) continue;
    of->pushed_down++;
    good = group_align(&from, l->pushed_columns[i], aggregate_of_nothing(&of->wants[i].as),
                       dictionary_view(self->strings), &of->wants[i].column);
    if (!good) no_memory(self, of, "the aggregates");
  }
  if (!l->has_plain) of->counts.unknown_customers = from.unknown;
  grouped_free(&from);
  return good;
}

static int fill_plain(const load *self, loading *l)
{
  table *of = l->table;
  grouped from;
  const tarazu_dictionary *strings = dictionary_view(self->strings);
  int good = group_rows(&l->plain, self->people->count, self->options->pool, &from);
  if (!good) no_memory(self, of, "the rows");
  of->counts.unknown_customers = from.unknown;
  if (of->shape == TARAZU_ATTRIBUTES) {
    good = good && fill_attributes(self, l, &from);
  } else {
    for (uint32_t i = 0; i < of->want_count && good; i++)
      if (of->wants[i].as.aggregate && l->pushed_columns[i] == ROWS_NONE)
        good = aggregate_fill(&of->wants[i], of, &l->plain, &from, l->plain_columns[i], self->people, strings,
                              self->options, self->out);
    if (good && !sets_fill(of, &from, l->plain_columns, strings, self->options->pool))
      good = no_memory(self, of, "the rows");
  }
  grouped_free(&from);
  return good;
}

void table_warn(const table *of, problems *out)
{
  if (!of->counts.rows) {
    problem_warn(out, of->place, "table '%s' has no row", of->name);
    return;
  }
  for (uint32_t i = 0; i < of->want_count; i++) {
    const column *all = &of->wants[i].column;
    if (all->rows && all->nulls == all->rows)
      problem_warn(out, of->wants[i].place, "table '%s': '%s' has no value for any customer", of->name,
                   of->wants[i].as.name);
  }
  for (uint32_t s = 0; s < of->set_count; s++)
    for (uint32_t c = 0; c < of->sets[s].count; c++) {
      const column *all = &of->sets[s].columns[c];
      const want *wanted = &of->wants[of->sets[s].wants[c]];
      if (all->rows && all->nulls == all->rows)
        problem_warn(out, wanted->place, "table '%s': '%s' has no value in any row", of->name, wanted->as.name);
    }
}

static int fill_tables(const load *self)
{
  int good = 1;
  for (uint32_t t = 0; t < self->count; t++) {
    loading *l = &self->tables[t];
    int filled = (!l->has_pushed || fill_pushed(self, l)) && (!l->has_plain || fill_plain(self, l));
    if (filled) table_warn(l->table, self->out);
    good &= filled;
  }
  return good;
}

/* ---- the interface ------------------------------------------------------------------------------------------ */

int tables_load(table *tables, uint32_t count, const load_options *options, population *people, dictionary *strings,
                problems *out)
{
  load self = {NULL, count, options, people, strings, out};
  *people = (population){0};
  int good = (self.tables = calloc((size_t)count + 1, sizeof *self.tables)) != NULL;
  if (!good) no_memory(&self, NULL, "the tables");
  for (uint32_t t = 0; t < count && self.tables; t++) {
    self.tables[t].table = &tables[t];
    self.tables[t].options = options;
    tables[t].pushed_down = 0;
    good &= loading_plan(&self.tables[t], out);
  }
  good = good && read_tables(&self) && number_customers(&self);
  if (good && !people->count) good = tell_nobody(&self);
  good = good && number_strings(&self) && fill_tables(&self);
  for (uint32_t t = 0; t < count && self.tables; t++) loading_free(&self.tables[t]);
  free(self.tables);
  return good;
}

/* One table's latest date: as an aggregate of the whole table, or out of its times. 1: *moment is later than it was. */
static int latest_of(const table *of, const load_options *options, int64_t *moment, problems *out, int *failed)
{
  tarazu_want most = {.name = "time", .expression = of->request.time, .type = TARAZU_TIME, .aggregate = TARAZU_MAX};
  row_column latest = {"time", of->time_place, TARAZU_TIME, 0};
  rows pass = {.table = of,
               .request = of->request,
               .columns = &latest,
               .column_count = 1,
               .aggregated = 1,
               .counting = ROWS_NONE,
               .undated = ROWS_NONE,
               .options = options,
               .done = -1};
  pass.request.keys[0] = pass.request.keys[1] = NULL;
  pass.request.until = pass.request.until_civil = INT64_MAX;
  pass.request.wants = (tarazu_list){&most, 1, sizeof most};
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  tarazu_status status = of->source->plan(of->self, &pass.request, &error);
  if (status == TARAZU_NO_RESULT) {
    pass.aggregated = 0;
    pass.keep_times = 1;
    pass.column_count = pass.request.wants.count = 0;
    status = of->source->plan(of->self, &pass.request, &error);
  }
  error.message[sizeof error.message - 1] = 0;
  if (status != TARAZU_OK) plan_problem(&pass, (int)status, &error, out);
  *failed |= status != TARAZU_OK || !rows_read(&pass, NULL, out);
  int found = 0;
  for (uint32_t p = 0; p < pass.part_count; p++)
    for (size_t b = 0; b < pass.parts[p].block_count; b++) {
      const row_block *block = pass.parts[p].blocks[b];
      const int64_t *times = pass.aggregated ? block->values[0] : block->times;
      for (int64_t i = 0; i < block->rows; i++) {
        if (pass.aggregated && block->missing[0] && block->missing[0][i]) continue;
        if (!found || times[i] > *moment) *moment = times[i];
        found = 1;
      }
    }
  rows_free(&pass);
  return found;
}

int tables_latest(table *tables, uint32_t count, const load_options *options, int64_t *moment, problems *out)
{
  int found = 0, failed = 0;
  for (uint32_t t = 0; t < count; t++) {
    int64_t latest = 0;
    if (!tables[t].request.time || !latest_of(&tables[t], options, &latest, out, &failed)) continue;
    if (!found || latest > *moment) *moment = latest;
    found = 1;
  }
  return found && !failed;
}

void tables_free(table *tables, uint32_t count)
{
  for (uint32_t t = 0; t < count; t++) {
    for (uint32_t i = 0; i < tables[t].want_count; i++) column_free(&tables[t].wants[i].column);
    for (uint32_t s = 0; s < tables[t].set_count; s++) {
      want_set *set = &tables[t].sets[s];
      for (uint32_t c = 0; set->columns && c < set->count; c++) column_free(&set->columns[c]);
      column_free(&set->from);
      column_free(&set->to);
      free(set->columns);
      if (!set->borrowed) free(set->offsets);
      set->columns = NULL;
      set->offsets = NULL;
      set->borrowed = 0;
      set->rows = 0;
    }
  }
}
