/* Values that are no rows of a run through the normalizers that the run has learned. */
#include "run/stranger.h"

#include <stdlib.h>
#include <string.h>

int strangers_taken(const engine *e)
{
  const plan *p = e->plan;
  if (p->combiner->strategy->flags & TARAZU_BY_ROW) return 0;
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const step *s = p->normalized[i]->maker;
    if (s->kind == STEP_NORMALIZER && s->strategy->flags & TARAZU_BY_ROW) return 0;
  }
  return 1;
}

int measured_value(const column *c, int64_t row, double *out)
{
  *out = 0;
  if (row < 0 || !column_is_valid(c, row)) return 0;
  if (c->type == TARAZU_F64) *out = ((const double *)c->values)[row];
  else if (c->type == TARAZU_I64) *out = (double)((const int64_t *)c->values)[row];
  else *out = ((const uint8_t *)c->values)[row];
  return 1;
}

static int apply(engine *e, const series *normalized, const double *values, column *given, column *out, frame *f)
{
  instance *in = instance_of(e, normalized->maker);
  if (!instance_live(e, in)) return 0;
  int64_t rows = out->rows;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  tarazu_column view = {.size = sizeof view, .type = TARAZU_F64, .values = values, .valid = given->valid};
  const tarazu_column *pointer = &view;
  f->batch =
      (tarazu_batch){.size = sizeof f->batch, .first_row = -1, .rows = rows, .columns = &pointer, .column_count = 1};
  frame_result(f, 0, out, 0, rows);
  tarazu_status status = instance_apply(in, &f->batch, f->result_pointers, &error);
  return status == TARAZU_OK ? frame_accept(e, in, f, 0, normalized->name, 0, out, 0, rows, NULL)
                             : instance_failed(e, in, " could not normalize", status, &error);
}

int strangers_normalize(engine *e, uint32_t criterion, const double *values, const uint8_t *given, int64_t rows,
                        double *out, uint8_t *there)
{
  const series *normalized = e->plan->normalized[criterion];
  column valid = {0}, to = {0};
  frame f = {0};
  if (normalized->maker->kind != STEP_NORMALIZER) {
    memcpy(out, values, (size_t)rows * sizeof *out);
    for (int64_t i = 0; i < rows; i++) there[i] = given ? given[i] : 1;
    return 1;
  }
  int good = column_new(&to, TARAZU_F64, rows, 1) && column_new(&valid, TARAZU_BOOL, rows, given != NULL) &&
             frame_new(&f, 1, 1, rows);
  for (int64_t i = 0; good && given && i < rows; i++)
    if (!given[i]) valid.valid[i >> 3] = (uint8_t)(valid.valid[i >> 3] & ~(1u << (i & 7)));
  good = good && apply(e, normalized, values, &valid, &to, &f);
  for (int64_t i = 0; good && i < rows; i++) {
    there[i] = (uint8_t)column_is_valid(&to, i);
    out[i] = there[i] ? ((const double *)to.values)[i] : 0;
  }
  if (f.columns) frame_free(&f);
  column_free(&valid);
  column_free(&to);
  return good;
}
