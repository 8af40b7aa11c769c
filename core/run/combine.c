/* The combiner's batches. Rows that lack the same criteria come together, those columns absent, their weight 0 and the
 * rest rescaled; a dimension's score is the same combiner with the other dimensions' criteria absent in the same way.
 */
#include "run/engine.h"
#include <stdlib.h>
#include <string.h>

struct combiner_scratch {
  uint32_t criteria, dimensions, own; /* own: the combiner's declared outputs */
  int64_t room;
  frame frame;
  uint64_t *lacks;  /* by row of the batch: bit c set where criterion c is missing */
  int64_t *members; /* rows of one group, within the batch */
  int64_t *row_numbers;
  double *values;  /* criteria × room, gathered */
  double *weights; /* of the group at hand */
  tarazu_column *columns;
  const tarazu_column **pointers;
  uint8_t *done;
  uint64_t *members_of; /* by dimension: bit c set where criterion c is of it */
  column **to;          /* where a group's results go */
  column *gathered;     /* results of a group before they are spread: own + dimensions + criteria */
};

uint64_t criteria_of_dimension(const engine *e, uint32_t dimension)
{
  const profile *f = e->plan->profile;
  uint64_t wanted = 0;
  for (uint32_t i = 0; i < f->criterion_count; i++)
    if (f->criteria[i].dimension && !strcmp(f->criteria[i].dimension, f->dimensions[dimension].name))
      wanted |= UINT64_C(1) << i;
  return wanted;
}

static uint32_t outputs_of(const combiner_scratch *c)
{
  return c->own + c->dimensions + c->criteria;
}

combiner_scratch *combiner_scratch_new(const engine *e, int64_t rows)
{
  const plan *p = e->plan;
  combiner_scratch *c = calloc(1, sizeof *c);
  size_t room = (size_t)rows;
  if (!c) return NULL;
  c->criteria = p->profile->criterion_count;
  c->dimensions = p->profile->dimension_count;
  c->own = p->combiner->strategy->outputs.count;
  c->room = rows;
  int good = frame_new(&c->frame, c->criteria, outputs_of(c), rows);
  good &= (c->lacks = malloc(room * sizeof *c->lacks)) != NULL;
  good &= (c->members = malloc(room * sizeof *c->members)) != NULL;
  good &= (c->row_numbers = malloc(room * sizeof *c->row_numbers)) != NULL;
  good &= (c->values = malloc((c->criteria + 1) * room * sizeof *c->values)) != NULL;
  good &= (c->weights = malloc((c->criteria + 1) * sizeof *c->weights)) != NULL;
  good &= (c->columns = calloc(c->criteria + 1, sizeof *c->columns)) != NULL;
  good &= (c->pointers = calloc(c->criteria + 1, sizeof *c->pointers)) != NULL;
  good &= (c->done = malloc(room)) != NULL;
  good &= (c->members_of = malloc((c->dimensions + 1) * sizeof *c->members_of)) != NULL;
  good &= (c->to = calloc(outputs_of(c), sizeof *c->to)) != NULL;
  good &= (c->gathered = calloc(outputs_of(c), sizeof *c->gathered)) != NULL;
  for (uint32_t d = 0; good && d < c->dimensions; d++) c->members_of[d] = criteria_of_dimension(e, d);
  for (uint32_t i = 0; good && i < outputs_of(c); i++)
    good = column_new(&c->gathered[i], p->combiner->outputs[i].type, rows, 1);
  if (good) return c;
  combiner_scratch_free(c);
  return NULL;
}

void combiner_scratch_free(combiner_scratch *c)
{
  if (!c) return;
  frame_free(&c->frame);
  for (uint32_t i = 0; c->gathered && i < outputs_of(c); i++) column_free(&c->gathered[i]);
  free(c->lacks);
  free(c->members);
  free(c->row_numbers);
  free(c->values);
  free(c->weights);
  free(c->columns);
  free(c->pointers);
  free(c->done);
  free(c->gathered);
  free(c->members_of);
  free(c->to);
  free(c);
}

/* ---- groups of rows that lack the same criteria ------------------------------------------------------------ */

/* Marks what each row of the window lacks; 1 where nobody lacks anything. */
static int find_gaps(combiner_scratch *c, int64_t rows)
{
  int any = 0;
  for (uint32_t i = 0; i < c->criteria; i++) any |= c->frame.columns[i].valid != NULL;
  if (!any) return 1;
  memset(c->lacks, 0, (size_t)rows * sizeof *c->lacks);
  uint64_t all = 0;
  for (uint32_t i = 0; i < c->criteria; i++) {
    if (!c->frame.columns[i].valid) continue;
    for (int64_t r = 0; r < rows; r++) c->lacks[r] |= (uint64_t)!tarazu_is_valid(&c->frame.columns[i], r) << i;
  }
  for (int64_t r = 0; r < rows; r++) all |= c->lacks[r];
  return !all;
}

/* The rows of the batch that lack exactly `lacks`, gathered side by side. */
static int64_t gather(combiner_scratch *c, uint64_t lacks, int64_t first, int64_t rows)
{
  int64_t count = 0;
  for (int64_t r = 0; r < rows; r++)
    if (!c->done[r] && c->lacks[r] == lacks) {
      c->done[r] = 1;
      c->row_numbers[count] = first + r;
      c->members[count++] = r;
    }
  for (uint32_t i = 0; i < c->criteria; i++) {
    if (lacks >> i & 1) continue;
    const double *from = c->frame.columns[i].values;
    double *to = c->values + (size_t)i * (size_t)c->room;
    for (int64_t k = 0; k < count; k++) to[k] = from[c->members[k]];
    c->columns[i] = (tarazu_column){.size = sizeof(tarazu_column), .type = TARAZU_F64, .values = to};
  }
  return count;
}

/* Points at the criteria that are there and in `wanted`, with their weights over the sum of these; 0: none weighs. */
static double choose(combiner_scratch *c, const engine *e, const tarazu_column *columns, uint64_t lacks,
                     uint64_t wanted)
{
  double sum = 0;
  for (uint32_t i = 0; i < c->criteria; i++)
    if (wanted >> i & 1 && !(lacks >> i & 1)) sum += e->weights[i];
  for (uint32_t i = 0; i < c->criteria; i++) {
    int there = wanted >> i & 1 && !(lacks >> i & 1);
    c->pointers[i] = there ? &columns[i] : NULL;
    c->weights[i] = there && sum > 0 ? e->weights[i] / sum : 0;
  }
  return sum;
}

static tarazu_batch group_batch(combiner_scratch *c, int64_t first, int64_t rows, const int64_t *row_numbers)
{
  return (tarazu_batch){.size = sizeof(tarazu_batch),
                        .first_row = first,
                        .rows = rows,
                        .columns = c->pointers,
                        .weights = c->weights,
                        .row_numbers = row_numbers,
                        .column_count = c->criteria};
}

/* Calls take(context, rows, columns, lacks, row_numbers) for each group; members NULL: the whole window as it stands.
 */
typedef int group_task(engine *e, instance *in, combiner_scratch *c, void *context, int64_t first, int64_t rows,
                       const tarazu_column *columns, uint64_t lacks, const int64_t *row_numbers);

static int each_group(engine *e, instance *in, combiner_scratch *c, int64_t first, int64_t rows, group_task *task,
                      void *context)
{
  frame_window(e, in->step, first, rows, &c->frame);
  if (find_gaps(c, rows)) return task(e, in, c, context, first, rows, c->frame.columns, 0, NULL);
  memset(c->done, 0, (size_t)rows);
  for (int64_t r = 0; r < rows; r++) {
    if (c->done[r]) continue;
    uint64_t lacks = c->lacks[r];
    int64_t count = gather(c, lacks, first, rows);
    if (!task(e, in, c, context, first, count, c->columns, lacks, c->row_numbers)) return 0;
  }
  return 1;
}

/* ---- learning ---------------------------------------------------------------------------------------------- */

static int learn_group(engine *e, instance *in, combiner_scratch *c, void *state, int64_t first, int64_t rows,
                       const tarazu_column *columns, uint64_t lacks, const int64_t *row_numbers)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  choose(c, e, columns, lacks, in->criteria);
  tarazu_batch batch = group_batch(c, first, rows, row_numbers);
  engine_enter(in, "learn");
  tarazu_status status = in->step->strategy->learn(in->self, state, &batch, &error);
  engine_leave();
  return status == TARAZU_OK || instance_failed(e, in, " could not learn", status, &error);
}

int combine_learn_block(engine *e, instance *in, void *state, int64_t first, int64_t rows, combiner_scratch *c)
{
  return each_group(e, in, c, first, rows, learn_group, state);
}

/* ---- scores ------------------------------------------------------------------------------------------------ */

static void set_null_rows(column *to, int64_t first, int64_t rows)
{
  size_t width = column_width(to->type);
  memset((char *)to->values + (size_t)first * width, 0, (size_t)rows * width);
  for (int64_t r = first; r < first + rows; r++) to->valid[r >> 3] = (uint8_t)(to->valid[r >> 3] & ~(1u << (r & 7)));
}

static const char *output_name(const instance *in, uint32_t index)
{
  return in->step->outputs[index].name;
}

/* Scores a group into results [from, from + count) of `to`, at row `at` of them. */
static int apply_group(engine *e, instance *in, combiner_scratch *c, tarazu_batch *batch, column **to, uint32_t from,
                       uint32_t count, int64_t at)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  for (uint32_t i = 0; i < c->own; i++) {
    c->frame.result_pointers[i] = NULL;
    if (i < count) frame_result(&c->frame, i, to[from + i], at, batch->rows);
  }
  tarazu_status status = instance_apply(in, batch, c->frame.result_pointers, &error);
  if (status != TARAZU_OK) return instance_failed(e, in, " could not score", status, &error);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t codes = in->labels ? in->labels[i].count : 0;
    if (!frame_accept(e, in, &c->frame, i, output_name(in, from + i), codes, to[from + i], at, batch->rows,
                      batch->row_numbers))
      return 0;
  }
  return 1;
}

static int contributions_of_group(engine *e, instance *in, combiner_scratch *c, tarazu_batch *batch, column **to,
                                  int64_t at)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  uint32_t base = c->own + c->dimensions;
  double baseline = 0;
  for (uint32_t i = 0; i < c->criteria; i++) {
    c->frame.result_pointers[i] = NULL;
    if (batch->columns[i]) frame_result(&c->frame, i, to[base + i], at, batch->rows);
    else set_null_rows(to[base + i], at, batch->rows);
  }
  tarazu_batch given = instance_batch(in, batch);
  engine_enter(in, "contributions");
  tarazu_status status = in->explain->contributions(in->self, &given, c->frame.result_pointers, &baseline, &error);
  engine_leave();
  if (in->model) error.row = -1;
  if (status != TARAZU_OK) return instance_failed(e, in, " could not explain", status, &error);
  for (uint32_t i = 0; i < c->criteria; i++)
    if (batch->columns[i] && !frame_accept(e, in, &c->frame, i, output_name(in, base + i), 0, to[base + i], at,
                                           batch->rows, batch->row_numbers))
      return 0;
  return 1;
}

/* All of a group's columns: outputs, dimensions, contributions. */
static int score_columns(engine *e, instance *in, combiner_scratch *c, int64_t first, int64_t rows,
                         const tarazu_column *columns, uint64_t lacks, const int64_t *row_numbers, column **to,
                         int64_t at)
{
  double there = choose(c, e, columns, lacks, in->criteria);
  tarazu_batch batch = group_batch(c, first, rows, row_numbers);
  uint32_t base = c->own + c->dimensions;
  int closed = in->explain && in->explain->contributions;
  if (there > 0) {
    if (!apply_group(e, in, c, &batch, to, 0, c->own, at)) return 0;
    if (closed && !contributions_of_group(e, in, c, &batch, to, at)) return 0;
  } else {
    for (uint32_t i = 0; i < c->own; i++) set_null_rows(to[i], at, rows);
  }
  for (uint32_t i = 0; (!closed || !(there > 0)) && i < c->criteria; i++) set_null_rows(to[base + i], at, rows);
  for (uint32_t d = 0; d < c->dimensions; d++) {
    if (choose(c, e, columns, lacks, c->members_of[d]) > 0) {
      batch = group_batch(c, first, rows, row_numbers);
      instance *one = in->of_dimension ? &in->of_dimension[d] : in;
      if (!apply_group(e, one, c, &batch, to, c->own + d, 1, at)) return 0;
    } else {
      set_null_rows(to[c->own + d], at, rows);
    }
  }
  return 1;
}

static void spread(const column *from, column *to, const int64_t *row_numbers, int64_t rows)
{
  size_t width = column_width(to->type);
  for (int64_t k = 0; k < rows; k++) {
    int64_t r = row_numbers[k];
    memcpy((char *)to->values + (size_t)r * width, (const char *)from->values + (size_t)k * width, width);
    if (!column_is_valid(from, k)) to->valid[r >> 3] = (uint8_t)(to->valid[r >> 3] & ~(1u << (r & 7)));
  }
}

static int score_group(engine *e, instance *in, combiner_scratch *c, void *context, int64_t first, int64_t rows,
                       const tarazu_column *columns, uint64_t lacks, const int64_t *row_numbers)
{
  column **to = c->to;
  uint32_t count = outputs_of(c);
  (void)context;
  for (uint32_t i = 0; i < count; i++) to[i] = row_numbers ? &c->gathered[i] : &in->step->outputs[i].column;
  for (uint32_t i = 0; row_numbers && i < count; i++) memset(to[i]->valid, 0xff, ((size_t)rows + 7) / 8);
  if (!score_columns(e, in, c, first, rows, columns, lacks, row_numbers, to, row_numbers ? 0 : first)) return 0;
  for (uint32_t i = 0; row_numbers && i < count; i++) spread(to[i], &in->step->outputs[i].column, row_numbers, rows);
  return 1;
}

int combine_batch(engine *e, instance *in, int64_t first, int64_t rows, combiner_scratch *c)
{
  return each_group(e, in, c, first, rows, score_group, NULL);
}

/* ---- rows that are not rows of the run --------------------------------------------------------------------- */

typedef struct strangers {
  tarazu_column views[64];
  const tarazu_column *pointers[64];
  tarazu_batch batch;
} strangers;

static void strangers_make(strangers *s, const engine *e, const double *const *columns, const double *weights,
                           int64_t rows)
{
  uint32_t criteria = e->plan->profile->criterion_count;
  for (uint32_t i = 0; i < criteria; i++) {
    s->views[i] = (tarazu_column){.size = sizeof(tarazu_column), .type = TARAZU_F64, .values = columns[i]};
    s->pointers[i] = columns[i] ? &s->views[i] : NULL;
  }
  s->batch = (tarazu_batch){.size = sizeof s->batch,
                            .first_row = -1,
                            .rows = rows,
                            .columns = s->pointers,
                            .weights = weights,
                            .column_count = criteria};
}

int combine_rows(engine *e, const double *const *columns, const double *weights, int64_t rows, double *scores)
{
  return combine_rows_by(e, instance_of(e, e->plan->combiner), columns, weights, rows, scores);
}

int combine_rows_by(engine *e, instance *in, const double *const *columns, const double *weights, int64_t rows,
                    double *scores)
{
  uint32_t own = in->step->strategy->outputs.count;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  strangers s;
  strangers_make(&s, e, columns, weights, rows);
  column out;
  frame f;
  if (!column_new(&out, TARAZU_F64, rows, 1)) return 0;
  int good = frame_new(&f, 1, own, rows);
  if (good) {
    f.batch = s.batch;
    frame_result(&f, 0, &out, 0, rows);
    tarazu_status status = instance_apply(in, &s.batch, f.result_pointers, &error);
    good = status == TARAZU_OK ? frame_accept(e, in, &f, 0, "score", 0, &out, 0, rows, NULL)
                               : instance_failed(e, in, " could not score", status, &error);
    if (good) memcpy(scores, out.values, (size_t)rows * sizeof *scores);
    frame_free(&f);
  }
  column_free(&out);
  return good;
}

int combine_baseline(engine *e, const double *const *columns, const double *weights, double *baseline)
{
  instance *in = instance_of(e, e->plan->combiner);
  uint32_t criteria = e->plan->profile->criterion_count;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  tarazu_result results[64], *pointers[64];
  double parts[64];
  uint8_t valid[64];
  strangers s;
  strangers_make(&s, e, columns, weights, 1);
  for (uint32_t i = 0; i < criteria; i++) {
    valid[i] = 0xff;
    results[i] =
        (tarazu_result){.size = sizeof(tarazu_result), .type = TARAZU_F64, .values = &parts[i], .valid = &valid[i]};
    pointers[i] = columns[i] ? &results[i] : NULL;
  }
  engine_enter(in, "contributions");
  tarazu_status status = in->explain->contributions(in->self, &s.batch, pointers, baseline, &error);
  engine_leave();
  return status == TARAZU_OK || instance_failed(e, in, " could not explain", status, &error);
}
