/* One value a customer out of rows in any order: each aggregate here is the same whatever order they are in. */
#include "data/aggregate.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "data/days.h"
#include "data/order.h"
#include "data/sum.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

/* One thread's. */
typedef struct scratch {
  days days;
  double *reals;
  order_item *periods; /* twice the room, to sort */
  int64_t room;
} scratch;

typedef struct aggregation {
  want *want;
  const grouped *from;
  cells cells;
  int civil;      /* the source's times had no zone: windows end on the clock's time */
  int64_t period; /* microseconds, whole days */
  int filtered;   /* not every row with a value counts */
  scratch *scratch;
  _Atomic int64_t overflow; /* the first customer whose sum is beyond its type */
  atomic_int failed;
} aggregation;

/* A customer's rows under way. */
typedef struct scan {
  const aggregation *of;
  scratch *with;
  int64_t first, end;
  int64_t first_period;
} scan;

uint32_t aggregate_reads(const tarazu_want *as)
{
  return aggregate_needs_values(as) ? as->type : 0;
}

uint32_t aggregate_gives(const tarazu_want *as)
{
  switch (as->aggregate) {
  case TARAZU_COUNT:
  case TARAZU_PERIODS: return TARAZU_I64;
  case TARAZU_MEAN: return TARAZU_F64;
  case TARAZU_SUM: return as->type == TARAZU_BOOL ? TARAZU_I64 : as->type;
  default: return as->type;
  }
}

int aggregate_needs_values(const tarazu_want *as)
{
  return as->aggregate != TARAZU_COUNT && as->aggregate != TARAZU_PERIODS;
}

int aggregate_needs_times(const tarazu_want *as)
{
  return as->windowed || as->span != TARAZU_ALL || as->aggregate == TARAZU_FIRST || as->aggregate == TARAZU_LAST ||
         as->aggregate == TARAZU_PERIODS;
}

int aggregate_of_nothing(const tarazu_want *as)
{
  return as->aggregate == TARAZU_COUNT || as->aggregate == TARAZU_SUM || as->aggregate == TARAZU_PERIODS;
}

int aggregate_of_rows(const tarazu_want *as)
{
  return !aggregate_needs_values(as) && (!as->expression || !strcmp(as->expression, "*"));
}

/* ---- which rows --------------------------------------------------------------------------------------------- */

static int64_t period_of(const scan *self, int64_t time)
{
  return floor_divide(days_civil(&self->with->days, time), self->of->period);
}

static inline int counts(const scan *self, int64_t row)
{
  const aggregation *of = self->of;
  if (of->cells.missing && of->cells.missing[row]) return 0;
  if (!of->filtered) return 1;
  const tarazu_want *as = &of->want->as;
  int64_t time = of->from->times[row];
  if (as->windowed && of->civil && days_civil(&self->with->days, time) <= as->since_civil) return 0;
  if (as->windowed && !of->civil && time <= as->since) return 0;
  if (as->span == TARAZU_ALL) return 1;
  return (period_of(self, time) == self->first_period) == (as->span == TARAZU_FIRST_PERIOD);
}

/* The period of the first event of all, whether it counts itself or not. */
static void find_first_period(scan *self)
{
  if (self->of->want->as.span == TARAZU_ALL || self->first == self->end) return;
  int64_t earliest = INT64_MAX;
  for (int64_t i = self->first; i < self->end; i++)
    if (self->of->from->times[i] < earliest) earliest = self->of->from->times[i];
  self->first_period = period_of(self, earliest);
}

static int make_room(const scan *self)
{
  scratch *with = self->with;
  int64_t count = self->end - self->first;
  if (count <= with->room) return 1;
  free(with->reals);
  free(with->periods);
  with->room = 0;
  with->reals = malloc((size_t)count * sizeof *with->reals);
  with->periods = malloc((size_t)count * 2 * sizeof *with->periods);
  if (!with->reals || !with->periods) return 0;
  with->room = count;
  return 1;
}

/* ---- sums and means ----------------------------------------------------------------------------------------- */

/* sum / count, rounded once: the quotient to 64 bits or more and whether there is a rest, then ldexp of 53 bits. */
static double integer_mean(wide sum, int64_t count)
{
  unsigned_wide rest = sum < 0 ? -(unsigned_wide)sum : (unsigned_wide)sum;
  if (!rest) return 0;
  int shift = 0;
  while (!(rest >> 127)) {
    rest <<= 1;
    shift++;
  }
  unsigned_wide quotient = rest / (uint64_t)count;
  int more = rest % (uint64_t)count != 0, dropped = 0;
  while (dropped < 74 && quotient >> (54 + dropped)) dropped++; /* leaves 54 bits: the last one is the half */
  more |= (quotient & (((unsigned_wide)1 << dropped) - 1)) != 0;
  uint64_t kept = (uint64_t)(quotient >> dropped);
  uint64_t rounded = kept / 2 + ((kept & 1) && (more || (kept & 2)));
  double mean = ldexp((double)rounded, dropped + 1 - shift);
  return sum < 0 ? -mean : mean;
}

static wide integer_sum(const scan *self, int64_t *count)
{
  const cells *all = &self->of->cells;
  wide sum = 0;
  *count = 0;
  for (int64_t i = self->first; i < self->end; i++) {
    if (!counts(self, i)) continue;
    sum += all->type == TARAZU_BOOL ? ((const uint8_t *)all->values)[i] : ((const int64_t *)all->values)[i];
    ++*count;
  }
  return sum;
}

/* The doubles that count, one after the other; NULL: no memory. */
static const double *reals_of(const scan *self, int64_t *count)
{
  const double *values = self->of->cells.values;
  if (!self->of->filtered && !self->of->cells.missing) {
    *count = self->end - self->first;
    return values + self->first;
  }
  *count = 0;
  if (!make_room(self)) return NULL;
  for (int64_t i = self->first; i < self->end; i++)
    if (counts(self, i)) self->with->reals[(*count)++] = values[i];
  return self->with->reals;
}

static void tell_overflow(aggregation *self, int64_t customer)
{
  int64_t first = self->overflow;
  while (customer < first && !atomic_compare_exchange_weak(&self->overflow, &first, customer)) continue;
}

static int add_up(aggregation *self, const scan *rows_of, int64_t customer)
{
  column *out = &self->want->column;
  int mean = self->want->as.aggregate == TARAZU_MEAN;
  int64_t count;
  if (self->cells.type != TARAZU_F64) {
    wide sum = integer_sum(rows_of, &count);
    if (mean && count) ((double *)out->values)[customer] = integer_mean(sum, count);
    else if (!mean && (sum < INT64_MIN || sum > INT64_MAX)) tell_overflow(self, customer);
    else if (!mean) ((int64_t *)out->values)[customer] = (int64_t)sum;
    return count > 0;
  }
  if (rows_of->first == rows_of->end) return 0;
  const double *reals = reals_of(rows_of, &count);
  if (!reals) self->failed = 1;
  if (!reals || !count) return 0;
  double value = mean ? mean_exact(reals, NULL, count) : sum_exact(reals, NULL, count);
  if (!isfinite(value)) tell_overflow(self, customer);
  ((double *)out->values)[customer] = value;
  return 1;
}

/* ---- counts ------------------------------------------------------------------------------------------------- */

static int64_t count_rows(const scan *self)
{
  if (!self->of->filtered && !self->of->cells.missing) return self->end - self->first;
  int64_t count = 0;
  for (int64_t i = self->first; i < self->end; i++) count += counts(self, i);
  return count;
}

static int64_t count_periods(aggregation *self, const scan *rows_of)
{
  if (rows_of->first == rows_of->end) return 0;
  if (!make_room(rows_of)) {
    self->failed = 1;
    return 0;
  }
  order_item *periods = rows_of->with->periods;
  int64_t count = 0, distinct = 0;
  for (int64_t i = rows_of->first; i < rows_of->end; i++)
    if (counts(rows_of, i)) periods[count++] = (order_item){period_of(rows_of, self->from->times[i]), i};
  order_sort(periods, periods + count, count, NULL, NULL);
  for (int64_t i = 0; i < count; i++) distinct += !i || periods[i].by != periods[i - 1].by;
  return distinct;
}

/* ---- one row of many ---------------------------------------------------------------------------------------- */

/* Whether row a is to be chosen rather than b. */
static int better(const aggregation *self, int64_t a, int64_t b)
{
  uint32_t aggregate = self->want->as.aggregate;
  if (aggregate == TARAZU_FIRST || aggregate == TARAZU_LAST) {
    int64_t left = self->from->times[a], right = self->from->times[b];
    if (left != right) return (left < right) == (aggregate == TARAZU_FIRST);
  }
  int order = cells_compare(&self->cells, a, b);
  return aggregate == TARAZU_MIN || aggregate == TARAZU_FIRST ? order < 0 : order > 0;
}

static int choose(const aggregation *self, const scan *rows_of, int64_t customer)
{
  int64_t best = -1;
  for (int64_t i = rows_of->first; i < rows_of->end; i++)
    if (counts(rows_of, i) && (best < 0 || better(self, i, best))) best = i;
  if (best < 0) return 0;
  size_t width = column_width(self->cells.type);
  memcpy((char *)self->want->column.values + (size_t)customer * width,
         (const char *)self->cells.values + (size_t)best * width, width);
  return 1;
}

/* ---- all customers ------------------------------------------------------------------------------------------ */

static void aggregate_range(void *argument, int64_t first, int64_t end, int worker)
{
  aggregation *self = argument;
  column *out = &self->want->column;
  for (int64_t customer = first; customer < end && !self->failed; customer++) {
    scan one = {self, &self->scratch[worker], self->from->offsets[customer], self->from->offsets[customer + 1], 0};
    int there = 1;
    find_first_period(&one);
    switch (self->want->as.aggregate) {
    case TARAZU_COUNT: ((int64_t *)out->values)[customer] = count_rows(&one); break;
    case TARAZU_PERIODS: ((int64_t *)out->values)[customer] = count_periods(self, &one); break;
    case TARAZU_SUM:
    case TARAZU_MEAN: there = add_up(self, &one, customer); break;
    default: there = choose(self, &one, customer); break;
    }
    if (!there && !aggregate_of_nothing(&self->want->as))
      out->valid[customer >> 3] = (uint8_t)(out->valid[customer >> 3] & ~(1u << (customer & 7)));
  }
}

static int run(aggregation *self, uint32_t type, const load_options *options)
{
  int workers = pool_threads(options->pool);
  if (!column_new(&self->want->column, type, self->from->groups, !aggregate_of_nothing(&self->want->as))) return 0;
  if (!(self->scratch = calloc((size_t)workers, sizeof *self->scratch))) return 0;
  for (int w = 0; w < workers; w++) self->scratch[w].days.zone = options->zone;
  group_run(self->from, options->pool, aggregate_range, self);
  for (int w = 0; w < workers; w++) {
    free(self->scratch[w].reals);
    free(self->scratch[w].periods);
  }
  free(self->scratch);
  column_count_nulls(&self->want->column);
  return !self->failed;
}

int aggregate_fill(want *wanted, const table *of, const rows *read, const grouped *from, uint32_t index,
                   const population *people, const tarazu_dictionary *strings, const load_options *options,
                   problems *out)
{
  const tarazu_want *as = &wanted->as;
  int64_t whole = as->period / MICROSECONDS_PER_DAY;
  aggregation self = {.want = wanted, .from = from, .cells = grouped_cells(from, index), .civil = read->civil};
  self.period = (whole > 0 ? whole : 1) * MICROSECONDS_PER_DAY;
  self.filtered = as->windowed || as->span != TARAZU_ALL;
  self.overflow = INT64_MAX;
  int adds = as->aggregate == TARAZU_SUM || as->aggregate == TARAZU_MEAN;
  if (adds && (self.cells.type == TARAZU_TEXT || self.cells.type == TARAZU_TIME)) {
    problem_add(out, EXIT_PROFILE, wanted->place, "table '%s': '%s' holds %s, which cannot be added up", of->name,
                as->name, self.cells.type == TARAZU_TEXT ? "texts" : "dates");
    return 0;
  }
  uint32_t type = aggregate_gives(as);
  if (!type) type = adds && self.cells.type == TARAZU_BOOL ? TARAZU_I64 : self.cells.type;
  if (!run(&self, type, options)) {
    problem_add(out, EXIT_INTERNAL, of->place, "table '%s': no memory for '%s'", of->name, as->name);
    return 0;
  }
  if (type == TARAZU_TEXT) wanted->column.dictionary = strings;
  if (self.overflow == INT64_MAX) return 1;
  size_t length;
  const char *name = dictionary_string(people->names, (int32_t)self.overflow, &length);
  problem_add(out, EXIT_DATA, wanted->place, "table '%s', customer '%.*s': the sum of '%s' is beyond %s", of->name,
              (int)(length < 80 ? length : 80), name, as->name,
              type == TARAZU_I64 ? "what 64-bit integers hold" : "what doubles hold");
  return 0;
}
