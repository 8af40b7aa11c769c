/* How the time that a scorer of events or edges takes grows with them: from ten thousand to a million of made-up ones,
 * ten a customer.
 *   slope list      the names of what can be measured
 *   slope NAME      a line each: how many events or edges, seconds; then the slope of the logarithms (least squares)
 * Seconds are the processor's, of create, learn or fit, and apply, the least of several rounds, so that whoever else
 * uses the machine shows little. Each time is a process of its own: a run of tarazu does this once, in memory that it
 * has to be given first and with data that no earlier round has left in the cache. What is measured is a row of a
 * table: strategy, parameters, and of which columns with which values its inputs are. */
#include "support/properties.h"
#include "support/strategy.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZES = 5, COLUMNS = 5, INPUTS = 4, EACH = 10, TEXTS = 12 };

static const int64_t sizes[SIZES] = {10000, 31623, 100000, 316228, 1000000};
static const int rounds[SIZES] = {40, 20, 10, 6, 4};

/* Of values: real ones of a range, whole ones as reals, moments of the last 1,000 days, words. */
typedef enum kind { NONE, REAL, WHOLE, MOMENT, WORD } kind;

typedef struct made_column {
  const char *field;
  kind kind;
  double least, most;
} made_column;

/* TREE: edges of which each customer but the first has one that comes to her. */
typedef enum shape { ATTRIBUTES = 1, EVENTS, EDGES, TREE } shape;

typedef struct made_input {
  const char *name;
  shape shape;
  made_column columns[COLUMNS];
} made_input;

typedef struct measured {
  const char *name, *strategy, *params;
  made_input inputs[INPUTS];
} measured;

#define RATINGS                                                                               \
  {                                                                                           \
    {"ratings", EDGES, {{"ratings.time", MOMENT, 0, 0}, {"ratings.rating", WHOLE, -10, 11}}}, \
  }
#define TIES                                                                          \
  {                                                                                   \
    {"edges", EDGES, {{"edges.weight", REAL, 0.5, 2}, {"edges.time", MOMENT, 0, 0}}}, \
        {"value", ATTRIBUTES, {{"value.value", REAL, 0, 1000}}},                      \
  }

static const measured table[] = {
    {"influence, PageRank", "influence", "{half_life: 26 weeks}", TIES},
    {"influence, LeaderRank", "influence", "{half_life: 26 weeks, method: leader_rank}", TIES},
    {"influence, Katz", "influence", "{half_life: 26 weeks, method: katz}", TIES},
    {"referral",
     "referral",
     NULL,
     {{"referrals", TREE, {{"referrals.time", MOMENT, 0, 0}}},
      {"value", ATTRIBUTES, {{"value.value", REAL, 0, 1000}}}}},
    {"survey",
     "survey",
     "{kind: nps, half_life: 26 weeks}",
     {{"answers", EVENTS, {{"answers.time", MOMENT, 0, 0}, {"answers.answer", WHOLE, 0, 11}}}}},
    {"reputation, beta", "reputation", "{method: beta, least: -10, most: 10}", RATINGS},
    {"reputation, EigenTrust", "reputation", "{method: eigentrust, least: -10, most: 10}", RATINGS},
    {"reputation, fairness and goodness", "reputation", "{method: fairness_goodness, least: -10, most: 10}", RATINGS},
    {"reputation, REV2", "reputation", "{method: rev2, least: -10, most: 10}", RATINGS},
    {"loyalty", "loyalty", NULL, {{"orders", EVENTS, {{"orders.time", MOMENT, 0, 0}}}}},
    {"trust",
     "trust",
     "{half_life: 26 weeks}",
     {{"promises", EVENTS, {{"promises.time", MOMENT, 0, 0}, {"promises.kept", WHOLE, 0, 2}}},
      {"complaints", EVENTS, {{"complaints.time", MOMENT, 0, 0}, {"complaints.resolved", MOMENT, 0, 0}}}}},
    {"knowledge",
     "knowledge",
     "{half_life: 26 weeks}",
     {{"ideas",
       EVENTS,
       {{"ideas.time", MOMENT, 0, 0}, {"ideas.adopted", WHOLE, 0, 2}, {"ideas.value", REAL, 0, 1000}}}}},
    {"standing",
     "standing",
     "{repeated: latest}",
     {{"judgements",
       EVENTS,
       {{"judgements.time", MOMENT, 0, 0}, {"judgements.rater", WORD, 0, 0}, {"judgements.score", WHOLE, 1, 8}}}}},
    {"complaints",
     "complaints",
     NULL,
     {{"complaints",
       EVENTS,
       {{"complaints.time", MOMENT, 0, 0}, {"complaints.resolved", MOMENT, 0, 0}, {"complaints.cost", REAL, 0, 100}}}}},
    {"engagement",
     "engagement",
     "{influence_share: 10%}",
     {{"lifetime_value", ATTRIBUTES, {{"lifetime_value.lifetime_value", REAL, 0, 1000}}},
      {"influences", EDGES, {{"influences.weight", REAL, 0.5, 2}}}}},
};

static void give_up(const char *what)
{
  fprintf(stderr, "slope: %s\n", what);
  exit(1);
}

static void *need(size_t count)
{
  void *memory = calloc(count + 1, 8);
  if (!memory) give_up("no memory");
  return memory;
}

/* ---- making inputs ---- */

static uint64_t seed;

static int by_value(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int64_t moment(const rig *r)
{
  return r->as_of - (int64_t)(next_uniform(&seed) * 1000 * 86400e6);
}

/* Events' moments ascend within a customer, as the host has them. */
static void bind_moments(rig *r, const char *field, const int64_t *offsets, int64_t customers, int64_t count)
{
  int64_t *values = need((size_t)count);
  for (int64_t i = 0; i < count; i++) values[i] = moment(r);
  for (int64_t i = 0; offsets && i < customers; i++)
    qsort(values + offsets[i], (size_t)(offsets[i + 1] - offsets[i]), sizeof *values, by_value);
  rig_i64(r, field, values, count);
  free(values);
}

static void bind_words(rig *r, const char *field, int64_t count)
{
  static const char *const words[TEXTS] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
  const char **values = need((size_t)count);
  for (int64_t i = 0; i < count; i++) values[i] = words[(int)(next_uniform(&seed) * TEXTS)];
  rig_text(r, field, values, count);
  free(values);
}

static void bind_reals(rig *r, const made_column *column, int64_t count)
{
  double *values = need((size_t)count);
  for (int64_t i = 0; i < count; i++) {
    values[i] = column->least + (column->most - column->least) * next_uniform(&seed);
    if (column->kind == WHOLE) values[i] = floor(values[i]);
  }
  rig_f64(r, column->field, values, count);
  free(values);
}

static void bind_columns(rig *r, const made_input *input, const int64_t *offsets, int64_t customers, int64_t count)
{
  for (const made_column *c = input->columns; c < input->columns + COLUMNS && c->kind; c++) {
    if (c->kind == MOMENT) bind_moments(r, c->field, offsets, customers, count);
    else if (c->kind == WORD) bind_words(r, c->field, count);
    else bind_reals(r, c, count);
  }
}

static void bind_events(rig *r, const made_input *input, int64_t customers, int64_t count)
{
  int64_t *offsets = need((size_t)customers + 1);
  for (int64_t i = 0; i < count; i++) offsets[1 + (int64_t)(next_uniform(&seed) * (double)customers)]++;
  for (int64_t i = 0; i < customers; i++) offsets[i + 1] += offsets[i];
  rig_events(r, input->name, offsets, customers);
  bind_columns(r, input, offsets, customers, count);
  free(offsets);
}

/* Some customers have many edges, most have few: a square pulls the even chance toward the first. In a tree the
 * referrer is one of those who came before. */
static void bind_edges(rig *r, const made_input *input, int64_t customers, int64_t count)
{
  int64_t *both = need((size_t)count), *from = need((size_t)count), *to = need((size_t)count);
  char field[100];
  for (int64_t e = 0; e < count; e++) {
    double u = next_uniform(&seed), other = next_uniform(&seed);
    int64_t end = input->shape == TREE ? e + 1 : (int64_t)((double)customers * other);
    both[e] = (int64_t)((double)(input->shape == TREE ? end : customers) * u * u) * (customers + 1) + end;
  }
  qsort(both, (size_t)count, sizeof *both, by_value);
  for (int64_t e = 0; e < count; e++) {
    from[e] = both[e] / (customers + 1);
    to[e] = both[e] % (customers + 1);
  }
  snprintf(field, sizeof field, "%s.from", input->name);
  rig_i64(r, field, from, count);
  snprintf(field, sizeof field, "%s.to", input->name);
  rig_i64(r, field, to, count);
  bind_columns(r, input, NULL, customers, count);
  free(both);
  free(from);
  free(to);
}

static rig *make(const measured *m, int64_t count)
{
  rig *r = rig_open("scorer", m->strategy);
  int64_t customers = m->inputs[0].shape == TREE ? count + 1 : count / EACH;
  for (const made_input *input = m->inputs; input < m->inputs + INPUTS && input->name; input++) {
    if (input->shape == ATTRIBUTES) bind_columns(r, input, NULL, customers, customers);
    else if (input->shape == EVENTS) bind_events(r, input, customers, count);
    else bind_edges(r, input, customers, count);
  }
  rig_customers(r, customers);
  return r;
}

/* ---- measuring ---- */

static double processor_seconds(void)
{
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static double seconds_here(rig *r, const char *params)
{
  double begin = processor_seconds();
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) give_up(r->error.message);
  return processor_seconds() - begin;
}

/* The same in a child. */
static double seconds(rig *r, const char *params)
{
  int ends[2], status;
  double took = 0;
  if (pipe(ends)) give_up("no pipe");
  pid_t child = fork();
  if (child < 0) give_up("no process");
  if (!child) {
    took = seconds_here(r, params);
    _exit(write(ends[1], &took, sizeof took) != sizeof took);
  }
  close(ends[1]);
  ssize_t got = read(ends[0], &took, sizeof took);
  close(ends[0]);
  if (waitpid(child, &status, 0) != child || status || got != sizeof took) give_up("a round failed");
  return took;
}

static void measure(const measured *m)
{
  double x[SIZES], y[SIZES], mean_x = 0, mean_y = 0, covariance = 0, variance = 0;
  rig *rigs[SIZES];
  for (int i = 0; i < SIZES; i++) {
    seed = 1;
    rigs[i] = make(m, sizes[i]);
    y[i] = INFINITY;
  }
  for (int round = 0; round < rounds[0]; round++)
    for (int i = 0; i < SIZES; i++)
      if (round < rounds[i]) y[i] = fmin(y[i], seconds(rigs[i], m->params));
  for (int i = 0; i < SIZES; i++) {
    printf("%lld %.6f\n", (long long)sizes[i], y[i]);
    rig_close(rigs[i]);
    x[i] = log((double)sizes[i]);
    y[i] = log(y[i]);
    mean_x += x[i] / SIZES;
    mean_y += y[i] / SIZES;
  }
  for (int i = 0; i < SIZES; i++) {
    covariance += (x[i] - mean_x) * (y[i] - mean_y);
    variance += (x[i] - mean_x) * (x[i] - mean_x);
  }
  printf("slope %.3f\n", covariance / variance);
}

int main(int count, char **words)
{
  enum { MEASURED = sizeof table / sizeof *table };
  char path[4096];
  for (int i = 0; i < MEASURED; i++) {
    snprintf(path, sizeof path, BUILD_DIR "/plugins/scorer/%s.so", table[i].strategy);
    if (access(path, R_OK)) continue;
    if (count > 1 && !strcmp(words[1], "list")) puts(table[i].name);
    else if (count > 1 && !strcmp(words[1], table[i].name)) {
      measure(&table[i]);
      return 0;
    }
  }
  if (count > 1 && !strcmp(words[1], "list")) return 0;
  give_up("usage: slope list, or slope NAME, one of those listed");
}
