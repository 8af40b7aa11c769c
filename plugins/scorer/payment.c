/* payment: what a customer's way of paying costs: the capital tied up by invoices paid after they were due, and debts
 * that will not be paid. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6
#define DAYS_PER_YEAR        365.0 /* as interest is counted */

enum { COST_OF_CAPITAL, TERMS, LOST_AFTER, WINDOW };
enum { TIME, DUE, PAID, AMOUNT, WRITTEN_OFF, COLUMNS };
enum { COST, DAYS_LATE, LATE_SHARE, FINANCING, BAD_DEBT, OVERDUE };

static const tarazu_param params[] = {
    {.name = "cost_of_capital",
     .kind = TARAZU_PROPORTION,
     .initial = "8%",
     .least = 0,
     .most = 10,
     .unit = "a year",
     .help = "what a year's wait for money costs the company"},
    {.name = "terms",
     .kind = TARAZU_DURATION,
     .initial = "30 days",
     .least = 0,
     .most = 3652.5,
     .help = "from an invoice to when it is due, where due is not bound or not known"},
    {.name = "lost_after",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "an invoice open this long after it was due counts as lost; none does where absent"},
    {.name = "window",
     .kind = TARAZU_DURATION,
     .optional = 1,
     .least = 1,
     .most = 36525,
     .help = "only invoices of this long before as_of; all where absent"},
};
static const tarazu_field invoice_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the invoice was written"},
    {.name = "due", .type = TARAZU_TIME, .optional = 1, .help = "when it is to be paid"},
    {.name = "paid", .type = TARAZU_TIME, .help = "when it was paid; null: not yet"},
    {.name = "amount", .type = TARAZU_F64, .help = "what it is over; negative for a credit note"},
    {.name = "written_off", .type = TARAZU_F64, .optional = 1, .help = "how much of it was given up"},
};
static const tarazu_input inputs[] = {
    {.name = "invoices",
     .shape = TARAZU_EVENTS,
     .fields = TARAZU_LIST(invoice_fields),
     .help = "what the customer was to pay, and when it was paid"},
};
static const tarazu_output outputs[] = {
    {.name = "cost",
     .type = TARAZU_F64,
     .better = -1,
     .help = "financing and bad debt, in the currency of the amounts"},
    {.name = "days_late",
     .type = TARAZU_F64,
     .better = -1,
     .unit = "days",
     .help = "mean days after the due date by amount, 0 for what was paid in time"},
    {.name = "late_share", .type = TARAZU_F64, .better = -1, .help = "share of the amounts that was or is late"},
    {.name = "financing", .type = TARAZU_F64, .better = -1, .help = "cost of the capital that late amounts tied up"},
    {.name = "bad_debt", .type = TARAZU_F64, .better = -1, .help = "amounts that will not be paid"},
    {.name = "overdue", .type = TARAZU_F64, .better = -1, .help = "amounts open at as_of though due"},
};

typedef struct payment {
  double as_of, since; /* microseconds: invoices at `since` or before do not count */
  double rate;         /* a day */
  double terms;        /* microseconds */
  double lost_after;   /* days; infinite: never */
  int has[COLUMNS];
} payment;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  payment *p = self;
  const tarazu_value *lost_after = tarazu_arg(args, LOST_AFTER), *window = tarazu_arg(args, WINDOW);
  p->as_of = (double)context->as_of;
  p->since = window->given ? p->as_of - window->real * MICROSECONDS_PER_DAY : -(double)INFINITY;
  p->rate = tarazu_arg(args, COST_OF_CAPITAL)->real / DAYS_PER_YEAR;
  p->terms = tarazu_arg(args, TERMS)->real * MICROSECONDS_PER_DAY;
  p->lost_after = lost_after->given ? lost_after->real : (double)INFINITY;
  for (uint32_t i = 0; i < COLUMNS; i++) p->has[i] = tarazu_bound_at(context, i)->type != 0;
  return TARAZU_OK;
}

/* ---- one customer ---- */

typedef struct sums {
  double amount, waiting, late, bad, overdue; /* waiting: amount times days */
} sums;

/* Moments are taken as doubles, which hold microseconds exactly for 285 years around 1970 and do not overflow. */
static double moment(const tarazu_column *column, int64_t i)
{
  return (double)((const int64_t *)column->values)[i];
}

/* A payment after as_of is not known yet: the invoice is open. Credit notes have no due date to be late on. */
static void add_invoice(const payment *p, const tarazu_batch *batch, int64_t i, sums *s)
{
  const tarazu_column *due = batch->columns[DUE], *paid = batch->columns[PAID], *lost = batch->columns[WRITTEN_OFF];
  double written = moment(batch->columns[TIME], i);
  if (written <= p->since || !tarazu_is_valid(batch->columns[AMOUNT], i)) return;
  double amount = ((const double *)batch->columns[AMOUNT]->values)[i];
  if (!(amount > 0)) return;
  double due_at = p->has[DUE] && tarazu_is_valid(due, i) ? moment(due, i) : written + p->terms;
  int open = !tarazu_is_valid(paid, i) || moment(paid, i) > p->as_of;
  double days = ((open ? p->as_of : moment(paid, i)) - due_at) / MICROSECONDS_PER_DAY;
  double bad = p->has[WRITTEN_OFF] && tarazu_is_valid(lost, i) ? ((const double *)lost->values)[i] : 0;
  s->amount += amount;
  s->bad += open && days > p->lost_after ? amount : fmin(fmax(bad, 0), amount);
  if (!(days > 0)) return;
  s->waiting += amount * days;
  s->late += amount;
  if (open) s->overdue += amount;
}

static void put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const payment *p = self;
  const int64_t *offsets = batch->columns[AMOUNT]->offsets;
  for (int64_t row = 0; row < batch->rows; row++) {
    sums s = {0};
    for (int64_t i = offsets[row]; i < offsets[row + 1]; i++) add_invoice(p, batch, i, &s);
    int known = s.amount > 0;
    double financing = s.waiting * p->rate;
    if (!isfinite(s.amount) || !isfinite(s.waiting) || !isfinite(financing + s.bad)) {
      error->row = row_number(batch, row);
      return tarazu_fail(error, TARAZU_NUMERIC, "the cost of late payment is beyond what a double holds");
    }
    put(results[COST], row, known, financing + s.bad);
    put(results[DAYS_LATE], row, known, s.waiting / s.amount);
    put(results[LATE_SHARE], row, known, s.late / s.amount);
    put(results[FINANCING], row, known, financing);
    put(results[BAD_DEBT], row, known, s.bad);
    put(results[OVERDUE], row, known, s.overdue);
  }
  return TARAZU_OK;
}

/* ---- explaining ---- */

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const payment *p = self;
  const int64_t *offsets = row->columns[AMOUNT]->offsets;
  char line[300];
  sums s = {0};
  for (int64_t i = offsets[0]; i < offsets[1]; i++) add_invoice(p, row, i, &s);
  int length =
      s.amount > 0
          ? snprintf(line, sizeof line,
                     "invoices of %.10g, %.1f %% of it late, %.4g days in the mean: %.6g of interest; "
                     "lost %.6g, overdue %.6g\n",
                     s.amount, 100 * s.late / s.amount, s.waiting / s.amount, s.waiting * p->rate, s.bad, s.overdue)
          : snprintf(line, sizeof line, "no invoice\n");
  if (!writer->write(writer, line, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
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
    .id = "payment",
    .version = "1.0",
    .summary = "what late payment and bad debt cost",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(payment),
    .create = create,
    .apply = apply,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "payment",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
