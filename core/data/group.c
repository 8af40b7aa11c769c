/* Grouping: a counting sort over slices of blocks, one a thread, each of which knows where its rows of a customer go.
 */
#include "data/group.h"

#include <stdlib.h>
#include <string.h>

#include "data/buffer.h"
#include "data/order.h"

typedef struct block_at {
  row_part *part;
  size_t block;
} block_at;

typedef struct grouping {
  rows *from;
  grouped *out;
  block_at *blocks;
  size_t block_count;
  size_t slices;
  int64_t *next;    /* slices x groups: first how many rows, then where the next one goes */
  int64_t *unknown; /* a slice each */
  int *failed;      /* a slice each */
} grouping;

static int list_blocks(grouping *self)
{
  size_t count = 0;
  for (uint32_t p = 0; p < self->from->part_count; p++) count += self->from->parts[p].block_count;
  if (!(self->blocks = malloc((count + 1) * sizeof *self->blocks))) return 0;
  for (uint32_t p = 0; p < self->from->part_count; p++)
    for (size_t b = 0; b < self->from->parts[p].block_count; b++)
      self->blocks[self->block_count++] = (block_at){&self->from->parts[p], b};
  return 1;
}

/* The customer of a row, -1: left out. */
static inline int32_t customer_of(const grouping *self, const row_part *part, const row_block *block, int64_t i)
{
  int32_t row = part->customers[0][block->keys[0][i]];
  if (self->from->key_count > 1 && part->customers[1][block->keys[1][i]] < 0) return -1;
  return row;
}

static int64_t events_of(const rows *from, const row_block *block, int64_t i)
{
  return from->counting == ROWS_NONE ? 1 : ((const int64_t *)block->values[from->counting])[i];
}

static void count_slice(void *argument, int64_t slice, int worker)
{
  (void)worker;
  grouping *self = argument;
  int64_t *counts = self->next + slice * self->out->groups;
  size_t first = self->block_count * (size_t)slice / self->slices;
  size_t end = self->block_count * ((size_t)slice + 1) / self->slices;
  for (size_t b = first; b < end; b++) {
    const row_part *part = self->blocks[b].part;
    const row_block *block = part->blocks[self->blocks[b].block];
    for (int64_t i = 0; i < block->rows; i++) {
      int32_t customer = customer_of(self, part, block, i);
      if (customer >= 0) counts[customer]++;
      else self->unknown[slice] += events_of(self->from, block, i);
    }
  }
}

static void place_groups(grouping *self)
{
  grouped *out = self->out;
  int64_t at = 0;
  for (int64_t group = 0; group < out->groups; group++) {
    out->offsets[group] = at;
    for (size_t slice = 0; slice < self->slices; slice++) {
      int64_t *next = &self->next[(int64_t)slice * out->groups + group], count = *next;
      *next = at;
      at += count;
    }
  }
  out->offsets[out->groups] = out->rows = at;
}

static void scatter_eights(const int64_t *from, const int64_t *to, int64_t count, int64_t *out)
{
  for (int64_t i = 0; i < count; i++)
    if (to[i] >= 0) out[to[i]] = from[i];
}

static void scatter_bytes(const uint8_t *from, const int64_t *to, int64_t count, uint8_t *out)
{
  for (int64_t i = 0; i < count; i++)
    if (to[i] >= 0) out[to[i]] = from[i];
}

static void scatter_texts(const int32_t *from, const uint8_t *missing, const int32_t *codes, const int64_t *to,
                          int64_t count, int32_t *out)
{
  for (int64_t i = 0; i < count; i++)
    if (to[i] >= 0) out[to[i]] = missing && missing[i] ? 0 : codes[from[i]];
}

static void scatter_block(const grouping *self, const row_part *part, const row_block *block, const int64_t *to)
{
  grouped *out = self->out;
  if (out->times) scatter_eights(block->times, to, block->rows, out->times);
  if (out->lines) scatter_eights(block->lines, to, block->rows, out->lines);
  for (int64_t i = 0; out->to && i < block->rows; i++)
    if (to[i] >= 0) out->to[to[i]] = part->customers[1][block->keys[1][i]];
  for (uint32_t c = 0; c < out->column_count; c++) {
    cells *to_cells = &out->columns[c];
    if (block->missing[c]) scatter_bytes(block->missing[c], to, block->rows, to_cells->missing);
    if (!to_cells->values) continue;
    if (to_cells->type == TARAZU_TEXT)
      scatter_texts(block->values[c], block->missing[c], part->text_codes[c], to, block->rows, to_cells->values);
    else if (column_width(to_cells->type) == 8) scatter_eights(block->values[c], to, block->rows, to_cells->values);
    else scatter_bytes(block->values[c], to, block->rows, to_cells->values);
  }
}

static void scatter_slice(void *argument, int64_t slice, int worker)
{
  (void)worker;
  grouping *self = argument;
  int64_t *next = self->next + slice * self->out->groups, *to = NULL, room = 0;
  size_t first = self->block_count * (size_t)slice / self->slices;
  size_t end = self->block_count * ((size_t)slice + 1) / self->slices;
  for (size_t b = first; b < end; b++) {
    row_part *part = self->blocks[b].part;
    row_block **block = &part->blocks[self->blocks[b].block];
    if ((*block)->rows > room) {
      free(to);
      room = (*block)->room;
      to = malloc((size_t)room * sizeof *to);
    }
    if (!to && (*block)->rows) { /* a block may be empty: none of its rows counted */
      self->failed[slice] = 1;
      return;
    }
    for (int64_t i = 0; i < (*block)->rows; i++) {
      int32_t customer = customer_of(self, part, *block, i);
      to[i] = customer < 0 ? -1 : next[customer]++;
    }
    scatter_block(self, part, *block, to);
    block_free(*block, self->from->column_count);
    *block = NULL;
  }
  free(to);
}

static int has_missing(const grouping *self, uint32_t c)
{
  for (size_t b = 0; b < self->block_count; b++)
    if (self->blocks[b].part->blocks[self->blocks[b].block]->missing[c]) return 1;
  return 0;
}

static int allocate(grouping *self)
{
  grouped *out = self->out;
  const rows *from = self->from;
  int good = 1;
  if (from->keep_times) good = good && (out->times = buffer_new(out->rows, sizeof *out->times, 0));
  if (from->keep_lines) good = good && (out->lines = buffer_new(out->rows, sizeof *out->lines, 0));
  if (from->key_count > 1) good = good && (out->to = buffer_new(out->rows, sizeof *out->to, 0));
  for (uint32_t c = 0; c < out->column_count && good; c++) {
    cells *to_cells = &out->columns[c];
    to_cells->type = rows_type(from, c);
    if (!from->columns[c].presence)
      good = (to_cells->values = buffer_new(out->rows, column_width(to_cells->type), 0)) != NULL;
    if (has_missing(self, c)) good = good && (to_cells->missing = buffer_new(out->rows, 1, 1));
  }
  return good;
}

int group_rows(rows *from, int64_t customers, pool *threads, grouped *out)
{
  *out = (grouped){.groups = customers, .column_count = from->column_count};
  grouping self = {.from = from, .out = out, .slices = (size_t)pool_threads(threads)};
  int good = 0;
  out->offsets = malloc(((size_t)customers + 1) * sizeof *out->offsets);
  out->columns = calloc((size_t)from->column_count + 1, sizeof *out->columns);
  self.next = calloc(self.slices * (size_t)customers + 1, sizeof *self.next);
  self.unknown = calloc(self.slices, sizeof *self.unknown);
  self.failed = calloc(self.slices, sizeof *self.failed);
  if (!out->offsets || !out->columns || !self.next || !self.unknown || !self.failed || !list_blocks(&self)) goto out;
  pool_run(threads, (int64_t)self.slices, count_slice, &self);
  place_groups(&self);
  if (!allocate(&self)) goto out;
  pool_run(threads, (int64_t)self.slices, scatter_slice, &self);
  good = 1;
  for (size_t slice = 0; slice < self.slices; slice++) {
    good &= !self.failed[slice];
    out->unknown += self.unknown[slice];
  }
  for (uint32_t p = 0; p < from->part_count && good; p++) from->parts[p].block_count = 0;
out:
  free(self.blocks);
  free(self.next);
  free(self.unknown);
  free(self.failed);
  return good;
}

void grouped_free(grouped *self)
{
  for (uint32_t c = 0; self->columns && c < self->column_count; c++) {
    free(self->columns[c].values);
    free(self->columns[c].missing);
  }
  free(self->columns);
  free(self->offsets);
  free(self->times);
  free(self->lines);
  free(self->to);
  *self = (grouped){0};
}

cells grouped_cells(const grouped *self, uint32_t index)
{
  if (index == ROWS_TIME) return (cells){TARAZU_TIME, self->times, NULL};
  return index == ROWS_NONE ? (cells){0} : self->columns[index];
}

int cells_compare(const cells *self, int64_t a, int64_t b)
{
  if (self->missing && (self->missing[a] || self->missing[b])) return (int)self->missing[b] - (int)self->missing[a];
  int64_t left, right;
  switch (self->type) {
  case TARAZU_F64:
    left = order_of_double(((const double *)self->values)[a]);
    right = order_of_double(((const double *)self->values)[b]);
    break;
  case TARAZU_TEXT: /* the run's codes are in the order of the strings */
    left = ((const int32_t *)self->values)[a];
    right = ((const int32_t *)self->values)[b];
    break;
  case TARAZU_BOOL:
    left = ((const uint8_t *)self->values)[a];
    right = ((const uint8_t *)self->values)[b];
    break;
  default:
    left = ((const int64_t *)self->values)[a];
    right = ((const int64_t *)self->values)[b];
    break;
  }
  return (left > right) - (left < right);
}

typedef struct ranged {
  const grouped *groups;
  group_task *task;
  void *argument;
} ranged;

static void run_range(void *argument, int64_t index, int worker)
{
  const ranged *self = argument;
  int64_t first = index * GROUP_RANGE, end = first + GROUP_RANGE;
  self->task(self->argument, first, end < self->groups->groups ? end : self->groups->groups, worker);
}

void group_run(const grouped *self, pool *threads, group_task *task, void *argument)
{
  ranged all = {self, task, argument};
  pool_run(threads, (self->groups + GROUP_RANGE - 1) / GROUP_RANGE, run_range, &all);
}

int group_align(const grouped *self, uint32_t index, int zero, const tarazu_dictionary *strings, column *out)
{
  cells from = grouped_cells(self, index);
  size_t width = column_width(from.type);
  if (!column_new(out, from.type, self->groups, 1)) return 0;
  if (from.type == TARAZU_TEXT) out->dictionary = strings;
  for (int64_t group = 0; group < self->groups; group++) {
    int64_t row = self->offsets[group];
    if (row < self->offsets[group + 1] && !(from.missing && from.missing[row]))
      memcpy((char *)out->values + (size_t)group * width, (const char *)from.values + (size_t)row * width, width);
    else if (!zero) out->valid[group >> 3] = (uint8_t)(out->valid[group >> 3] & ~(1u << (group & 7)));
  }
  column_count_nulls(out);
  return 1;
}
