/* Questions about one customer, each answered by combining everybody anew. */
#include "run/what_if.h"

#include "run/rescore.h"
#include "run/select.h"

/* One cell of a criterion, to be put back. */
typedef struct cell {
  column *of;
  double value;
  int valid;
} cell;

static void put(const cell *c, int64_t row)
{
  column *to = c->of;
  if (to->type == TARAZU_F64) ((double *)to->values)[row] = c->value;
  else if (to->type == TARAZU_I64) ((int64_t *)to->values)[row] = (int64_t)c->value;
  else ((uint8_t *)to->values)[row] = c->value != 0;
  if (!to->valid) return;
  to->nulls += (c->valid == 0) - !column_is_valid(to, row);
  uint8_t bit = (uint8_t)(1u << (row & 7)), *byte = &to->valid[row >> 3];
  *byte = (uint8_t)(c->valid ? *byte | bit : *byte & ~bit);
}

static cell take(column *of, int64_t row)
{
  cell c = {.of = of, .valid = column_is_valid(of, row)};
  if (of->type == TARAZU_F64) c.value = ((const double *)of->values)[row];
  else if (of->type == TARAZU_I64) c.value = (double)((const int64_t *)of->values)[row];
  else c.value = ((const uint8_t *)of->values)[row];
  return c;
}

static int answer(what_if *w, const double *weights)
{
  selection chosen;
  rescoring asked = {.from = w->from, .weights = weights, .same_normalized = weights != NULL};
  int listed = -1;
  w->asked++;
  if (rescore(w->to, &asked)) {
    if (select_key_customers(w->to, &chosen)) listed = ((const uint8_t *)chosen.key.values)[w->row];
    selection_free(&chosen);
  }
  rescore_undo(w->to);
  return listed;
}

int what_if_values(what_if *w, uint32_t count, const uint32_t *criteria, const double *values)
{
  cell before[64];
  for (uint32_t k = 0; k < count; k++) {
    if (column_own(&w->from->plan->raw[criteria[k]]->column)) continue;
    problem_add(w->from->problems, EXIT_INTERNAL, NOWHERE, "no memory to change a value");
    return -1;
  }
  for (uint32_t k = 0; k < count; k++) {
    column *of = &w->from->plan->raw[criteria[k]]->column;
    before[k] = take(of, w->row);
    put(&(cell){of, values[k], 1}, w->row);
  }
  int listed = answer(w, NULL);
  for (uint32_t k = 0; k < count; k++) put(&before[k], w->row);
  return listed;
}

int what_if_weights(what_if *w, const double *weights)
{
  return answer(w, weights);
}
