/* What clv promises, printed as tables.
 *   clv recovery               parameters and prediction intervals on simulated cohorts
 *   clv cdnow                  the first 39 weeks of CDNOW known, weeks 40 to 78 foretold; needs ../shared/data
 *   clv million DAYS [FILE]    seconds of fit and twelve-month value for a million customers with periods of DAYS days;
 *                              FILE gets their x, t_x, T and mean repeat spend, each as a million doubles, for a peer
 *   clv memory DAYS MODEL      bytes a customer that this takes at most, what it reads and gives included
 */
#include "../../plugins/scorer/clv/clv.h"

#include "base/pool.h"
#include "bench.h"
#include "support/clv_cohort.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- a host ------------------------------------------------------------------------------------------------------ */

typedef struct bench_host {
  tarazu_host host;
  pool *pool;
} bench_host;

typedef struct host_task {
  void (*task)(void *argument, int64_t index);
  void *argument;
} host_task;

static int go_on(const tarazu_host *host, double done)
{
  (void)host, (void)done;
  return 1;
}

static void run_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  const host_task *t = argument;
  t->task(t->argument, index);
}

static void in_pool(const tarazu_host *host, int64_t count, void (*task)(void *, int64_t), void *argument)
{
  host_task t = {task, argument};
  pool_run(((const bench_host *)host)->pool, count, run_task, &t);
}

static bench_host the_host = {.host = {.size = sizeof the_host.host, .progress = go_on, .parallel = in_pool}};

static void fail(const char *what)
{
  fprintf(stderr, "clv: %s\n", what);
  exit(1);
}

static void *need(void *memory)
{
  if (!memory) fail("no memory");
  return memory;
}

/* ---- recovery ---------------------------------------------------------------------------------------------------- */

enum { COHORTS = 25, PEOPLE = 8000, FINE = 100, LEVELS = 4 };

static const double levels[LEVELS] = {0.5, 0.8, 0.9, 0.95};

/* What cohorts are made of. */
typedef struct world {
  const char *name;
  int family_number, unit; /* unit: of a period, in which times are counted */
  const double *theta;
  double watched, spread, ahead; /* watched for `watched` periods and up to `spread` more, then for `ahead` */
  int customers;
} world;

static const world worlds[] = {
    {"bg_nbd", BG_NBD, FINE, clv_truths[BG_NBD], 26, 50, 52, PEOPLE},
    {"mbg_nbd", MBG_NBD, FINE, clv_truths[MBG_NBD], 26, 50, 52, PEOPLE},
    {"pareto_nbd", PARETO_NBD, FINE, clv_truths[PARETO_NBD], 26, 50, 52, PEOPLE},
    {"bg_bb", BG_BB, 1, clv_truths[BG_BB], 26, 50, 52, PEOPLE},
    {"bg_bb_donors", BG_BB, 1, clv_donors, 6, 0, 10, PEOPLE},
};
enum { WORLDS = sizeof worlds / sizeof *worlds };

typedef struct recovered {
  double mean[PARAMETERS], squares[PARAMETERS]; /* of estimates, of their distances in standard errors */
  int within[PARAMETERS], fitted;
  clv_coverage coverage[LEVELS];
} recovered;

static void count_parameters(recovered *r, const estimate *e, const double *truth)
{
  r->fitted++;
  for (int k = 0; k < PARAMETERS; k++) {
    double away = log(e->theta[k] / truth[k]) / e->deviation[k];
    r->mean[k] += e->theta[k];
    r->squares[k] += away * away;
    r->within[k] += fabs(away) <= 2;
  }
}

/* With the estimates, as a user has them, not with the truth. */
static void count_intervals(recovered *r, const world *w, const estimate *buying, const estimate *paying,
                            const clv_person *people, const horizon *later)
{
  for (int i = 0; i < w->customers; i++) {
    const clv_person *p = &people[i];
    future ahead = families[w->family_number]->ahead(buying->theta, p->x, p->t_x, p->T, later);
    spend s = clv_spend(paying->theta, p);
    for (int k = 0; k < LEVELS; k++) clv_count_interval(&r->coverage[k], &ahead, &s, levels[k], p->later);
  }
}

static void recover(const world *w, recovered *r, const horizon *later, uint64_t *seed)
{
  static clv_person people[PEOPLE];
  static keyed histories[PEOPLE], spenders[PEOPLE], room[PEOPLE];
  int64_t buyers = 0;
  for (int i = 0; i < w->customers; i++) {
    double T = w->watched + floor(w->spread * clv_uniform(seed));
    const clv_person *p = &people[i];
    people[i] = clv_watch(seed, w->family_number, w->theta, T, w->ahead);
    histories[i].key = history_key(p->x, llround(w->unit * p->t_x), llround(w->unit * p->T));
    if (p->x) spenders[buyers++] = (keyed){(uint64_t)p->x, p->paid};
  }
  cohort c;
  estimate buying, paying;
  if (!cohort_make(&c, sort_keyed(histories, room, w->customers), w->customers, 1. / w->unit)) fail("no memory");
  fit_family(families[w->family_number], (sampled){&c, &c}, 0, &the_host.host, &buying);
  fit_gamma_gamma(sort_keyed(spenders, room, buyers), buyers, 0, &the_host.host, &paying);
  cohort_free(&c);
  if (buying.failure || paying.failure) return;
  count_parameters(r, &buying, w->theta);
  count_intervals(r, w, &buying, &paying, people, later);
}

static void print_parameters(const recovered *all)
{
  printf("%-14s %-7s %8s %14s %24s %26s\n", "cohorts", "", "truth", "mean estimate", "within 2 standard errors",
         "root mean square distance");
  for (int n = 0; n < WORLDS; n++) {
    const recovered *r = &all[n];
    for (int k = 0; k < PARAMETERS; k++)
      printf("%-14s %-7s %8.3g %14.4g %17d of %3d %16.2f std. err.\n", k ? "" : worlds[n].name,
             families[worlds[n].family_number]->parameters[k], worlds[n].theta[k], r->mean[k] / r->fitted, r->within[k],
             r->fitted, sqrt(r->squares[k] / r->fitted));
  }
}

static void print_coverage(const recovered *all)
{
  printf(
      "\nCustomers whose spend ahead fell into the prediction interval, parameters estimated. Plain: just so.\n"
      "Promised: what forecasts say of their intervals, which is more than the level where one who buys nothing is\n"
      "likelier than it. Adjusted: by the non-randomized probability integral transform, exactly the level if all is "
      "right.\n");
  printf("%-14s %6s %10s %10s %10s %17s %14s\n", "cohorts", "level", "plain", "promised", "adjusted", "[0, 0] for",
         "right there");
  for (int n = 0; n < WORLDS; n++)
    for (int k = 0; k < LEVELS; k++) {
      const clv_coverage *c = &all[n].coverage[k];
      printf("%-14s %4.0f %% %8.1f %% %8.1f %% %8.1f %% %15.1f %% %12.1f %%\n", worlds[n].name, 100 * levels[k],
             100 * c->held / c->customers, 100 * c->promised / c->customers, 100 * c->adjusted / c->customers,
             100 * c->nothing / c->customers, 100 * c->held_nothing / c->nothing);
    }
}

static void recovery(void)
{
  static horizon later;
  static recovered all[WORLDS];
  printf(
      "%d simulated cohorts of %d customers each; 26 to 75 weeks known and 52 foretold, of donors 6 years and 10\n\n",
      COHORTS, PEOPLE);
  for (int n = 0; n < WORLDS; n++) {
    uint64_t seed = 20260 + (uint64_t)n;
    horizon_make(&later, worlds[n].ahead, 0);
    for (int i = 0; i < COHORTS; i++) recover(&worlds[n], &all[n], &later, &seed);
  }
  print_parameters(all);
  print_coverage(all);
}

/* ---- CDNOW ------------------------------------------------------------------------------------------------------- */

enum { START = 9862, WEEKS = 39, ALL_WEEKS = 78, MOST_BUYERS = 30000, MOST_FREQUENCY = 7 }; /* START: 1997-01-01 */

/* Days and weeks are counted from 1997-01-01, so that the first 39 weeks end between two periods of either kind. */
typedef struct buyer {
  int x, t_x, T, later; /* in periods; later: repeat purchases of weeks 40 to 78 */
  int first;
} buyer;

typedef struct data {
  const char *name;
  int period; /* days */
  int count;
  buyer buyers[MOST_BUYERS];
  int made[ALL_WEEKS * 7 + 1]; /* repeat purchases by period */
  double known, later;
} data;

/* Gregorian, March first: days since 1970-01-01 (Hinnant's era arithmetic). */
static int day_number(int year, int month, int day)
{
  int y = year - (month <= 2), of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

/* Orders of a customer follow one another by date. */
static int read_orders(const char *file_name, data *d)
{
  const char *folder = getenv("TARAZU_DATA");
  char path[1024], line[200], key[32], before[32] = "";
  snprintf(path, sizeof path, "%s/cdnow/%s", folder ? folder : SOURCE_DIR "/../shared/data", file_name);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  int last = 0;
  const int cut = WEEKS * 7 / d->period;
  while (fgets(line, sizeof line, file)) {
    int year, month, day;
    if (sscanf(line, "%31[^,],%d-%d-%d", key, &year, &month, &day) != 4) continue;
    int at = (day_number(year, month, day) - START) / d->period;
    if (at < 0 || at >= ALL_WEEKS * 7 / d->period) fail("an order outside CDNOW's 78 weeks");
    if (strcmp(key, before) != 0) {
      if (d->count == MOST_BUYERS) fail("more customers than CDNOW has");
      d->buyers[d->count++] = (buyer){.T = cut - 1 - at, .first = at};
      memcpy(before, key, sizeof key);
    } else if (at != last) {
      buyer *b = &d->buyers[d->count - 1];
      d->made[at]++;
      if (at < cut) b->x++, b->t_x = at - b->first;
      else b->later++;
    }
    last = at;
  }
  fclose(file);
  for (int i = 0; i < d->count; i++) d->known += d->buyers[i].x, d->later += d->buyers[i].later;
  return 1;
}

typedef struct forecast {
  int failure;
  double later;                            /* of weeks 40 to 78, given each history: the sum */
  double by_frequency[MOST_FREQUENCY + 1]; /* the same, by x */
  double cumulative[ALL_WEEKS + 1];        /* from the first purchases on, no history known */
} forecast;

static void expect_later(const data *d, int f, const double *theta, forecast *to)
{
  static horizon ahead;
  horizon_make(&ahead, WEEKS * 7. / d->period, 0);
  for (int i = 0; i < d->count; i++) {
    const buyer *b = &d->buyers[i];
    future next = families[f]->ahead(theta, b->x, b->t_x, b->T, &ahead);
    to->by_frequency[b->x < MOST_FREQUENCY ? b->x : MOST_FREQUENCY] += next.alive * next.purchases;
    to->later += next.alive * next.purchases;
  }
}

/* E[X(t)] of a new customer for t = 0, 1, … periods, then summed over customers by when they were new. */
static void track(const data *d, int f, const double *theta, forecast *to)
{
  static horizon h;
  static double expected[ALL_WEEKS * 7 + 1];
  const int a_week = 7 / d->period;
  expected[0] = 0;
  for (int t = 1; t < ALL_WEEKS * a_week; t++) {
    horizon_make(&h, t, 0);
    future new = families[f]->ahead(theta, 0, 0, 0, &h);
    expected[t] = new.alive *new.purchases;
  }
  for (int week = 1; week <= ALL_WEEKS; week++)
    for (int i = 0; i < d->count; i++) {
      int t = week * a_week - 1 - d->buyers[i].first;
      if (t > 0) to->cumulative[week] += expected[t];
    }
}

static void foretell(const data *d, int f, forecast *to)
{
  static keyed histories[MOST_BUYERS], room[MOST_BUYERS];
  cohort c;
  estimate e;
  for (int i = 0; i < d->count; i++) histories[i].key = history_key(d->buyers[i].x, d->buyers[i].t_x, d->buyers[i].T);
  if (!cohort_make(&c, sort_keyed(histories, room, d->count), d->count, 1)) fail("no memory");
  fit_family(families[f], (sampled){&c, &c}, 0, &the_host.host, &e);
  cohort_free(&c);
  *to = (forecast){.failure = e.failure};
  if (e.failure) return;
  expect_later(d, f, e.theta, to);
  track(d, f, e.theta, to);
}

static void print_heads(const char *first, const char *second)
{
  printf("%-22s %9s", first, second);
  for (int f = 0; f < FAMILIES; f++) printf(" %16s", families[f]->name);
  printf("\n");
}

static double made_until(const data *d, int week)
{
  double sum = 0;
  for (int t = 0; t < week * 7 / d->period; t++) sum += d->made[t];
  return sum;
}

/* known: given each history; else what is tracked from the first purchases on. */
static void print_sums(const data *d, const forecast *by, int known)
{
  char name[40];
  snprintf(name, sizeof name, "%s, %s", d->name, d->period == 1 ? "days" : "weeks");
  printf("%-22s %9.0f", name, d->later);
  for (int f = 0; f < FAMILIES; f++) {
    double later = known ? by[f].later : by[f].cumulative[ALL_WEEKS] - by[f].cumulative[WEEKS];
    printf(" %7.0f %+6.1f %%", later, 100 * (later / d->later - 1));
  }
  printf("\n");
}

static void print_tracking(const data *d, const forecast *by)
{
  printf("\nCumulative repeat purchases, %s, periods of %d day(s); models know the first 39 weeks\n", d->name,
         d->period);
  print_heads("to week", "actual");
  for (int week = 6; week <= ALL_WEEKS; week += week == 36 || week == 39 ? 3 : 6) {
    double made = made_until(d, week);
    printf("%-22d %9.0f", week, made);
    for (int f = 0; f < FAMILIES; f++)
      printf(" %7.0f %+6.1f %%", by[f].cumulative[week], 100 * (by[f].cumulative[week] / made - 1));
    printf("\n");
  }
}

static void print_frequencies(const data *d, const forecast *by)
{
  int people[MOST_FREQUENCY + 1] = {0};
  double later[MOST_FREQUENCY + 1] = {0};
  for (int i = 0; i < d->count; i++) {
    int x = d->buyers[i].x < MOST_FREQUENCY ? d->buyers[i].x : MOST_FREQUENCY;
    people[x]++;
    later[x] += d->buyers[i].later;
  }
  printf("\nMean repeat purchases of weeks 40 to 78 by those of weeks 1 to 39, %s, periods of %d day(s)\n", d->name,
         d->period);
  print_heads("before (customers)", "actual");
  for (int x = 0; x <= MOST_FREQUENCY; x++) {
    char name[40];
    snprintf(name, sizeof name, "%d%s (%d)", x, x == MOST_FREQUENCY ? " or more" : "", people[x]);
    printf("%-22s %9.3f", name, later[x] / people[x]);
    for (int f = 0; f < FAMILIES; f++) printf(" %16.3f", by[f].by_frequency[x] / people[x]);
    printf("\n");
  }
}

static void cdnow(void)
{
  static data sets[] = {{.name = "sample", .period = 1},
                        {.name = "sample", .period = 7},
                        {.name = "whole cohort", .period = 1},
                        {.name = "whole cohort", .period = 7}};
  static forecast forecasts[4][FAMILIES];
  for (int s = 0; s < 4; s++) {
    if (!read_orders(s < 2 ? "sample_orders.csv" : "orders.csv", &sets[s])) {
      printf("CDNOW is not here (TARAZU_DATA, else ../shared/data): skipped\n");
      return;
    }
    for (int f = 0; f < FAMILIES; f++) foretell(&sets[s], f, &forecasts[s][f]);
  }
  printf("Repeat purchases of CDNOW's weeks 40 to 78, given each customer's weeks 1 to 39\n");
  print_heads("customers, periods", "actual");
  for (int s = 0; s < 4; s++) print_sums(&sets[s], forecasts[s], 1);
  printf("\nThe same from the models alone, as tracked from the first purchases on\n");
  print_heads("customers, periods", "actual");
  for (int s = 0; s < 4; s++) print_sums(&sets[s], forecasts[s], 0);
  for (int s = 0; s < 4; s += 2) {
    print_tracking(&sets[s], forecasts[s]);
    print_frequencies(&sets[s], forecasts[s]);
  }
}

/* ---- a million customers ----------------------------------------------------------------------------------------- */

enum { MILLION = 1000000, BATCH = 2048, ROUNDS = 3, INPUTS = 7, OUTPUTS = 6, PARAMS = 9, AS_OF = 20000 };

typedef struct million {
  int period;                               /* days */
  int64_t *first, *last, *periods, *orders; /* input columns; times in microseconds */
  double *paid, *least;
  double *value;
} million;

typedef struct shopper {
  int period, start, last, periods, orders; /* start: the first period, last: the last one so far */
  double first_day, last_day, paid, least;
} shopper;

static void shop(void *to, double t, double amount)
{
  shopper *s = to;
  double day = floor(s->first_day + 7 * t);
  int number = (int)day / s->period;
  s->orders++;
  s->last_day = day;
  if (amount < s->least) s->least = amount;
  if (number != s->start) s->paid += amount;
  s->periods += number != s->last;
  s->last = number;
}

static void simulate(million *m)
{
  uint64_t seed = 1000;
  for (int i = 0; i < MILLION; i++) {
    int watched = 26 * 7 + (int)(350 * clv_uniform(&seed)), first = AS_OF - watched;
    shopper s = {m->period, first / m->period, first / m->period, 1, 1, first, first, 0, 10};
    clv_live(&seed, BG_NBD, clv_truths[BG_NBD], (watched - 0.5) / 7, shop, &s);
    m->first[i] = first * MICROSECONDS_PER_DAY;
    m->last[i] = (int64_t)s.last_day * MICROSECONDS_PER_DAY;
    m->periods[i] = s.periods;
    m->orders[i] = s.orders;
    m->paid[i] = s.paid;
    m->least[i] = s.least;
  }
}

/* As a run has them: x, t_x, T and the mean spend, columns after one another. */
static void write_summaries(const million *m, const char *path)
{
  FILE *file = fopen(path, "wb");
  double *column = need(malloc(MILLION * sizeof *column));
  if (!file) fail("the file for the peer cannot be written");
  for (int part = 0; part < 4; part++) {
    for (int i = 0; i < MILLION; i++) {
      int64_t first = period_number(m->period, m->first[i]), x = m->periods[i] - 1;
      double parts[] = {(double)x, (double)(period_number(m->period, m->last[i]) - first),
                        (double)(period_number(m->period, AS_OF * MICROSECONDS_PER_DAY) - first),
                        x ? m->paid[i] / (double)x : 0};
      column[i] = parts[part];
    }
    if (fwrite(column, sizeof *column, MILLION, file) != MILLION) fail("the file for the peer cannot be written");
  }
  free(column);
  if (fclose(file)) fail("the file for the peer cannot be written");
}

typedef struct scoring {
  const million *of;
  const tarazu_strategy *strategy;
  void *self;
  int all_outputs;
} scoring;

static void score_batch(void *argument, int64_t index)
{
  const scoring *s = argument;
  const million *m = s->of;
  int64_t from = index * BATCH, rows = MILLION - from < BATCH ? MILLION - from : BATCH;
  double values[OUTPUTS][BATCH];
  uint8_t valid[OUTPUTS][BATCH / 8];
  tarazu_column columns[INPUTS - 1];
  const void *const inputs[] = {m->first + from,  m->last + from, m->periods + from,
                                m->orders + from, m->paid + from, m->least + from};
  const tarazu_column *placed[INPUTS] = {0};
  for (int i = 0; i < INPUTS - 1; i++) {
    columns[i] = (tarazu_column){.size = sizeof columns[i], .values = inputs[i]};
    placed[i] = &columns[i];
  }
  tarazu_result results[OUTPUTS], *wanted[OUTPUTS] = {0};
  for (int o = 0; o < (s->all_outputs ? OUTPUTS : 1); o++) {
    memset(valid[o], 0xFF, sizeof valid[o]);
    results[o] = (tarazu_result){sizeof results[o], TARAZU_F64, values[o], valid[o]};
    wanted[o] = &results[o];
  }
  tarazu_error error = {.size = sizeof error};
  tarazu_batch batch = {
      .size = sizeof batch, .first_row = from, .rows = rows, .columns = placed, .column_count = INPUTS};
  if (s->strategy->apply(s->self, &batch, wanted, &error)) fail(error.message);
  memcpy(m->value + from, values[0], (size_t)rows * sizeof(double));
}

static void fit_million(const million *m, const tarazu_strategy *strategy, void *self, int family_number)
{
  /* In their order: model, spend, horizon, discount_rate, period, interval, penalty, fallback, holdout. Twelve months
   * are what lifetimes takes for them: 12 of 30 days, or of 4.345 weeks. */
  tarazu_value values[PARAMS] = {{.given = 1, .integer = family_number},
                                 {.given = 1, .integer = SPEND_GAMMA_GAMMA},
                                 {.given = 1, .real = m->period == 7 ? 12 * 4.345 * 7 : 360},
                                 {.given = 1, .real = 0.1},
                                 {.given = 1, .real = m->period},
                                 {.given = 1, .real = 0.9},
                                 {.given = 1},
                                 {.given = 1}};
  tarazu_args args = {TARAZU_LIST(values)};
  tarazu_context context = {.size = sizeof context, .host = &the_host.host, .as_of = AS_OF * MICROSECONDS_PER_DAY};
  tarazu_error error = {.size = sizeof error};
  const void *const inputs[] = {m->first, m->last, m->periods, m->orders, m->paid, m->least};
  tarazu_column columns[INPUTS - 1];
  const tarazu_column *placed[INPUTS] = {0};
  for (int i = 0; i < INPUTS - 1; i++) {
    columns[i] = (tarazu_column){.size = sizeof columns[i], .values = inputs[i]};
    placed[i] = &columns[i];
  }
  tarazu_batch batch = {.size = sizeof batch, .rows = MILLION, .columns = placed, .column_count = INPUTS};
  memset(self, 0, strategy->self_size);
  if (strategy->create(self, &context, &args, &error)) fail(error.message);
  if (strategy->fit(self, (const tarazu_batch *const[]){&batch}, 1, &error)) fail(error.message);
}

static void time_model(const million *m, int family_number)
{
  const tarazu_strategy *strategy = tarazu_plugin_v1.strategies[0];
  clv *self = need(malloc(strategy->self_size));
  double fitted[ROUNDS], scored[ROUNDS], whole[ROUNDS], all[ROUNDS], sum = 0;
  scoring s = {m, strategy, self, 0};
  const int64_t batches = (MILLION + BATCH - 1) / BATCH;
  for (int round = 0; round < ROUNDS; round++) {
    double begin = clock_seconds();
    fit_million(m, strategy, self, family_number);
    fitted[round] = clock_seconds() - begin;
    s.all_outputs = 0;
    in_pool(&the_host.host, batches, score_batch, &s);
    whole[round] = clock_seconds() - begin;
    scored[round] = whole[round] - fitted[round];
    s.all_outputs = 1;
    begin = clock_seconds();
    in_pool(&the_host.host, batches, score_batch, &s);
    all[round] = clock_seconds() - begin;
    if (round < ROUNDS - 1) strategy->destroy(self);
  }
  for (int i = 0; i < MILLION; i++) sum += m->value[i];
  printf("%s %.3f %.3f %.3f %.3f %.0f %.4f %s\n", families[family_number]->name, bench_median(whole, ROUNDS),
         bench_median(fitted, ROUNDS), bench_median(scored, ROUNDS), bench_median(all, ROUNDS), self->model.distinct,
         sum / MILLION, choice_name(self->model.family));
  strategy->destroy(self);
  free(self);
}

static void make_million(million *m)
{
  int64_t **integers[] = {&m->first, &m->last, &m->periods, &m->orders};
  double **reals[] = {&m->paid, &m->least, &m->value};
  for (int i = 0; i < 4; i++) *integers[i] = need(malloc(MILLION * sizeof(int64_t)));
  for (int i = 0; i < 3; i++) *reals[i] = need(malloc(MILLION * sizeof(double)));
  simulate(m);
}

static void free_million(million *m)
{
  void *const columns[] = {m->first, m->last, m->periods, m->orders, m->paid, m->least, m->value};
  for (int i = 0; i < 7; i++) free(columns[i]);
}

/* A line each: model, seconds of fit and value, of the fit, of the value, of all outputs with the interval, distinct
 * histories, mean value, the model that was used. */
static void time_million(int period, const char *path)
{
  million m = {.period = period};
  make_million(&m);
  if (path) write_summaries(&m, path);
  for (int f = 0; f < FAMILIES; f++) time_model(&m, f);
  free_million(&m);
}

/* The most memory that the process has had so far; getrusage would count what ran before exec, too. */
static double peak_bytes(void)
{
  char line[200];
  double kibibytes = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmHWM: %lf", &kibibytes) == 1) break;
  if (file) fclose(file);
  if (kibibytes == 0) fail("/proc/self/status tells no VmHWM");
  return 1024 * kibibytes;
}

static int family_named(const char *name)
{
  for (int f = 0; f < FAMILIES; f++)
    if (!strcmp(families[f]->name, name)) return f;
  fail("there is no such model");
  return 0;
}

/* Events are not there at all: the columns are the aggregates that a run has of them. Prints the model, bytes a
 * customer with these and the value, the same without, distinct histories a customer. */
static void weigh_million(int period, const char *name)
{
  const tarazu_strategy *strategy = tarazu_plugin_v1.strategies[0];
  const int family_number = family_named(name);
  million m = {.period = period};
  double begin = peak_bytes();
  make_million(&m);
  memset(m.value, 0, MILLION * sizeof(double));
  double ready = peak_bytes();
  clv *self = need(malloc(strategy->self_size));
  scoring s = {&m, strategy, self, 1};
  fit_million(&m, strategy, self, family_number);
  in_pool(&the_host.host, (MILLION + BATCH - 1) / BATCH, score_batch, &s);
  double end = peak_bytes();
  if (self->model.family != family_number) fail("the model was not the one that was used");
  printf("%s %.1f %.1f %.4f\n", name, (end - begin) / MILLION, (end - ready) / MILLION, self->model.distinct / MILLION);
  strategy->destroy(self);
  free(self);
  free_million(&m);
}

int main(int count, char **words)
{
  const char *what = count > 1 ? words[1] : "";
  const int days = count > 2 ? atoi(words[2]) : 0;
  the_host.pool = need(pool_new(pool_processors()));
  if (!strcmp(what, "recovery")) recovery();
  else if (!strcmp(what, "cdnow")) cdnow();
  else if (!strcmp(what, "million") && days > 0) time_million(days, count > 3 ? words[3] : NULL);
  else if (!strcmp(what, "memory") && days > 0 && count > 3) weigh_million(days, words[3]);
  else fail("recovery, cdnow, million DAYS [FILE] or memory DAYS MODEL");
  pool_free(the_host.pool);
  return 0;
}
