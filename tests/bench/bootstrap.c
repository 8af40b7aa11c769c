/* Bootstrap samples of customers, and measures on them: bootstrap CUSTOMERS SAMPLES [FILE]. Prints what one
 * sample takes of one thread, in seconds: "draw" of drawing it alone, then by its name each measure with its drawing.
 * FILE: writes outcomes and scores as doubles, and the list as bytes, for the peer. */
#include "bench.h"
#include "experiment/resample.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t state = 7;

static double uniform(void)
{
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state >> 11) * 0x1p-53;
}

/* Later revenue, mostly none, and a score that knows something of it; the list is the best twentieth. */
static judged make_company(int64_t customers)
{
  double *outcome = malloc((size_t)customers * sizeof *outcome), *score = malloc((size_t)customers * sizeof *score);
  uint8_t *chosen = malloc((size_t)customers);
  if (!outcome || !score || !chosen) exit(1);
  for (int64_t i = 0; i < customers; i++) {
    double worth = uniform();
    outcome[i] = uniform() < worth ? -100 * log(1 - worth) : 0;
    score[i] = worth + uniform();
    chosen[i] = score[i] > 1.68377; /* 0.05 of the sum of two uniforms */
  }
  return (judged){.customers = customers, .outcome = outcome, .score = score, .chosen = chosen};
}

static void write_company(const judged *company, const char *path)
{
  FILE *file = fopen(path, "wb");
  size_t n = (size_t)company->customers;
  if (!file) exit(1);
  int good = fwrite(company->outcome, sizeof(double), n, file) == n &&
             fwrite(company->score, sizeof(double), n, file) == n && fwrite(company->chosen, 1, n, file) == n;
  if (fclose(file) || !good) exit(1);
}

/* m NULL: drawing alone. */
static void time_samples(const resampling *r, const measure *m, const char *name)
{
  uint8_t *counts = malloc((size_t)r->customers);
  void *room = malloc(m ? measure_room(m) + 1 : 1);
  double sum = 0, begin = clock_seconds();
  if (!counts || !room) exit(1);
  for (int64_t b = 0; b < r->samples; b++) {
    resample_counts(r, b, counts);
    if (m) sum += measure_value(m, counts, room);
    BENCH_BARRIER();
  }
  printf("%s %.6f %g\n", name, (clock_seconds() - begin) / (double)r->samples, sum / (double)r->samples);
  free(counts);
  free(room);
}

int main(int argc, char **argv)
{
  static const measure_id ids[] = {MEASURE_SHARE_CAPTURED, MEASURE_SHARE_OF_BEST, MEASURE_NDCG, MEASURE_NORMALIZED_GINI,
                                   MEASURE_SPEARMAN,       MEASURE_KENDALL,       MEASURE_MAE};
  if (argc < 3) return 2;
  resampling r = {.customers = atoll(argv[1]), .samples = atoll(argv[2]), .seed = 1};
  judged company = make_company(r.customers);
  measure_fault fault;
  company.k = r.customers / 20;
  if (r.customers < 1 || r.samples < 1) return 1;
  if (argc > 3) write_company(&company, argv[3]);
  time_samples(&r, NULL, "draw");
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    measure *m = measure_new(ids[i], &company, &fault);
    if (!m) return 1;
    time_samples(&r, m, measure_list[ids[i]].name);
    measure_free(m);
  }
  return 0;
}
