/* standing: what a customer's name is worth in the judgement of several raters (experts, sales staff, service), the
 * severe and the mild ones put on one footing, with how far they agree. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../shared/facts.h"
#include "../../shared/names.h"
#include "agreement.h"
#include "sort.h"

#define MICROSECONDS_PER_DAY 86400e6

enum { LEAST, MOST, RATER_EFFECTS, BY, TRIM, REPEATED, METRIC, REPLICATES };
enum { NO_EFFECTS, CENTRE, STANDARDIZE };
enum { MEAN, MEDIAN, TRIMMED_MEAN };
enum { LATEST, ALL_MEAN };
enum { TIME, RATER, SCORE }; /* columns */
enum { STANDING, RATERS, SPREAD };
enum { RATERS_TOLD = 50, JUDGEMENTS_TOLD = 6 };

static const char *const effects[] = {"none", "centre", "standardize", NULL};
static const char *const ways[] = {"mean", "median", "trimmed_mean", NULL};
static const char *const repeats[] = {"latest", "mean", NULL};
static const char *const metrics[] = {"nominal", "ordinal", "interval", "ratio", NULL};

static const tarazu_param params[] = {
    {.name = "least", .kind = TARAZU_REAL, .initial = "1", .help = "the scale's lowest score"},
    {.name = "most", .kind = TARAZU_REAL, .initial = "7", .help = "the scale's highest score"},
    {.name = "rater_effects",
     .kind = TARAZU_CHOICE,
     .initial = "none",
     .choices = effects,
     .help = "centre: each rater's mean is taken to that of all; standardize: her spread, too"},
    {.name = "by",
     .kind = TARAZU_CHOICE,
     .initial = "mean",
     .choices = ways,
     .help = "how a customer's judgements become one"},
    {.name = "trim",
     .kind = TARAZU_PROPORTION,
     .initial = "20%",
     .least = 0,
     .most = 0.49,
     .help = "trimmed_mean: the share of judgements left out at each end"},
    {.name = "repeated",
     .kind = TARAZU_CHOICE,
     .initial = "latest",
     .choices = repeats,
     .help = "of several judgements of one rater on one customer: the latest counts, or their mean"},
    {.name = "metric",
     .kind = TARAZU_CHOICE,
     .initial = "interval",
     .choices = metrics,
     .help = "what differences of scores mean to Krippendorff's alpha"},
    {.name = "replicates",
     .kind = TARAZU_INTEGER,
     .initial = "1000",
     .least = 0,
     .most = 20000,
     .help = "of the bootstrap that gives alpha its interval; 0: none"},
};
static const tarazu_field judgement_fields[] = {
    {.name = "time",
     .type = TARAZU_TIME,
     .when = "repeated=latest",
     .optional = 1,
     .help = "when it was judged; needed where a rater judged a customer more than once"},
    {.name = "rater", .type = TARAZU_TEXT, .help = "who judged"},
    {.name = "score", .type = TARAZU_F64, .help = "the judgement"},
};
static const tarazu_input inputs[] = {
    {.name = "judgements",
     .shape = TARAZU_EVENTS,
     .fields = TARAZU_LIST(judgement_fields),
     .help = "who judged which customer how high"},
};
static const tarazu_output outputs[] = {
    {.name = "standing", .type = TARAZU_F64, .better = 1, .help = "on the raters' scale; null for one nobody judged"},
    {.name = "raters", .type = TARAZU_I64, .better = 0, .unit = "raters", .help = "who judged the customer"},
    {.name = "spread",
     .type = TARAZU_F64,
     .better = 0,
     .help = "standard deviation of the judgements; null for fewer than two"},
};

/* Of one rater; flat, as it is saved. Severity: by how much she judges below the others on the same customers. */
typedef struct rater_model {
  int64_t judgements, shared;               /* on how many customers, and on how many that others judged, too */
  double mean, deviation, severity, accord; /* accord: correlation with the others' mean; NAN: not defined */
} rater_model;

typedef struct summary {
  int64_t customers, judged, judgements, without_rater, replaced;
  double mean, deviation; /* of all judgements that count */
  agreement raw, corrected;
} summary;

typedef struct standing {
  const tarazu_context *context;
  double least, most, trim;
  int64_t effects, by, repeated, metric, replicates;
  int has_time;
  /* Fitted: */
  summary summary;
  name_table names;
  rater_model *raters;
  fact_list facts;
} standing;

/* ---- creation ---- */

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  standing *s = self;
  s->context = context;
  s->least = tarazu_arg(args, LEAST)->real;
  s->most = tarazu_arg(args, MOST)->real;
  s->effects = tarazu_arg(args, RATER_EFFECTS)->integer;
  s->by = tarazu_arg(args, BY)->integer;
  s->trim = tarazu_arg(args, TRIM)->real;
  s->repeated = tarazu_arg(args, REPEATED)->integer;
  s->metric = tarazu_arg(args, METRIC)->integer;
  s->replicates = tarazu_arg(args, REPLICATES)->integer;
  s->has_time = s->repeated == LATEST && tarazu_bound_at(context, TIME)->type != 0;
  error->param = MOST;
  if (s->least >= s->most)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "a scale from %g to %g has no room for judgements: least must be below most", s->least, s->most);
  error->param = METRIC;
  if (s->metric == RATIO && s->least < 0)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "the metric ratio needs a scale with a true zero, without negative scores; this one begins at "
                       "%g",
                       s->least);
  error->param = -1;
  return TARAZU_OK;
}

static void forget(standing *s)
{
  names_free(&s->names);
  facts_free(&s->facts);
  free(s->raters);
  s->raters = NULL;
  s->summary = (summary){0};
}

static void destroy(void *self)
{
  forget(self);
}

/* ---- one customer's judgements ---- */

/* A rater not of the model (it was loaded) has a place beyond the model's, by code. */
typedef struct judgement {
  int64_t rater, order, time;
  double score;
} judgement;

typedef struct panel {
  name_lookup names;
  judgement *items; /* sorted by rater, one each after settling */
  double *values;   /* as corrected */
  int64_t count, without_rater, replaced;
} panel;

static int panel_begin(panel *p, const standing *s, const tarazu_batch *batch)
{
  const int64_t *offsets = batch->columns[SCORE]->offsets;
  int64_t most = 0;
  for (int64_t i = 0; i < batch->rows; i++)
    if (offsets[i + 1] - offsets[i] > most) most = offsets[i + 1] - offsets[i];
  lookup_begin(&p->names, &s->names, batch->columns[RATER]);
  p->items = malloc(((size_t)most + 1) * sizeof *p->items);
  p->values = malloc(((size_t)most + 1) * sizeof *p->values);
  return p->items && p->values;
}

static void panel_end(panel *p)
{
  free(p->items);
  free(p->values);
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

/* The rater's name as the data have it. */
static const char *code_text(const tarazu_column *column, int64_t i, int *length)
{
  int32_t code = ((const int32_t *)column->values)[i];
  const tarazu_dictionary *d = column->dictionary;
  int64_t bytes = d->offsets[code + 1] - d->offsets[code];
  *length = bytes < 80 ? (int)bytes : 80;
  return d->bytes + d->offsets[code];
}

static tarazu_status gather(const standing *s, const tarazu_batch *batch, int64_t row, panel *p, tarazu_error *error)
{
  const tarazu_column *raters = batch->columns[RATER], *scores = batch->columns[SCORE];
  const int64_t *time = s->has_time ? (const int64_t *)batch->columns[TIME]->values : NULL;
  for (int64_t i = scores->offsets[row]; i < scores->offsets[row + 1]; i++) {
    if (!tarazu_is_valid(scores, i)) continue;
    if (!tarazu_is_valid(raters, i)) {
      p->without_rater++;
      continue;
    }
    double score = ((const double *)scores->values)[i];
    if (!(score >= s->least && score <= s->most)) {
      int length;
      const char *rater = code_text(raters, i, &length);
      error->row = row_number(batch, row);
      return tarazu_fail(error, TARAZU_BAD_DATA, "a judgement of %.10g by %.*s is off the scale from %.10g to %.10g",
                         score, length, rater, s->least, s->most);
    }
    int32_t place = lookup_at(&p->names, i);
    int64_t rater = place < 0 ? (int64_t)s->names.count + ((const int32_t *)raters->values)[i] : place;
    p->items[p->count++] = (judgement){rater, i, time ? time[i] : 0, score};
  }
  return TARAZU_OK;
}

static int by_rater(const void *a, const void *b)
{
  const judgement *x = a, *y = b;
  if (x->rater != y->rater) return x->rater < y->rater ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

static void sort_panel(panel *p)
{
  if (p->count > FEW) {
    qsort(p->items, (size_t)p->count, sizeof *p->items, by_rater);
    return;
  }
  for (int64_t i = 1; i < p->count; i++) {
    judgement one = p->items[i];
    int64_t at = i;
    for (; at > 0 && p->items[at - 1].rater > one.rater; at--) p->items[at] = p->items[at - 1];
    p->items[at] = one;
  }
}

/* One judgement a rater: the mean of all, or of those of her latest moment. */
static tarazu_status one_each(const standing *s, const tarazu_batch *batch, int64_t row, panel *p, tarazu_error *error)
{
  int64_t kept = 0;
  for (int64_t first = 0, last; first < p->count; first = last) {
    judgement *j = p->items;
    for (last = first; last < p->count && j[last].rater == j[first].rater; last++) continue;
    int64_t from = first;
    if (s->has_time)
      while (j[from].time < j[last - 1].time) from++;
    if (last - first > 1 && s->repeated == LATEST && !s->has_time) {
      int length;
      const char *rater = code_text(batch->columns[RATER], j[first].order, &length);
      error->row = row_number(batch, row);
      return tarazu_fail(error, TARAZU_BAD_DATA,
                         "%.*s judged this customer %lld times, and nothing says which is the latest: give the table "
                         "a time, or take their mean (repeated: mean)",
                         length, rater, (long long)(last - first));
    }
    double sum = 0;
    for (int64_t i = from; i < last; i++) sum += j[i].score;
    judgement one = j[last - 1];
    one.score = sum / (double)(last - from);
    p->replaced += last - first - 1;
    j[kept++] = one;
  }
  p->count = kept;
  return TARAZU_OK;
}

static tarazu_status convene(const standing *s, const tarazu_batch *batch, int64_t row, panel *p, tarazu_error *error)
{
  p->count = p->without_rater = p->replaced = 0;
  tarazu_status status = gather(s, batch, row, p, error);
  if (status) return status;
  sort_panel(p);
  return one_each(s, batch, row, p, error);
}

/* v - mean_r + M, or M + S (v - mean_r) / S_r, for the rater's mean and deviation mean_r and S_r and those of all
 * judgements, M and S. A rater who never differs has no spread to stretch. */
static double corrected(const standing *s, const judgement *j)
{
  if (s->effects == NO_EFFECTS || j->rater >= (int64_t)s->names.count) return j->score;
  const rater_model *r = &s->raters[j->rater];
  double stretch = s->effects == STANDARDIZE && r->deviation > 0 ? s->summary.deviation / r->deviation : 1;
  return s->summary.mean + stretch * (j->score - r->mean);
}

static double mean_of(const double *values, int64_t count)
{
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += values[i] - values[0];
  return values[0] + sum / (double)count;
}

/* values: ascending, at least one. */
static double together(const standing *s, const double *values, int64_t count)
{
  if (s->by == MEDIAN) return values[(count - 1) / 2] + (values[count / 2] - values[(count - 1) / 2]) / 2;
  int64_t out = s->by == TRIMMED_MEAN ? (int64_t)floor(s->trim * (double)count) : 0;
  return mean_of(values + out, count - 2 * out);
}

static double deviation_of(const double *values, int64_t count, double mean)
{
  double squares = 0;
  for (int64_t i = 0; i < count; i++) squares += (values[i] - mean) * (values[i] - mean);
  return sqrt(squares / (double)(count - 1));
}

static void correct_all(const standing *s, panel *p)
{
  for (int64_t i = 0; i < p->count; i++) p->values[i] = corrected(s, &p->items[i]);
  sort_values(p->values, p->count);
}

/* ---- fitting ---- */

/* All judgements that count, customer after customer. */
typedef struct record {
  int64_t *starts;
  int32_t *raters;
  double *scores;
} record;

/* Sums of pairs of a rater's judgement and the others' mean, from the first pair: equal values leave exactly 0. */
typedef struct rater_sums {
  int64_t judgements, shared;
  double origin, sum, squares;
  double x0, y0, x, y, xx, yy, xy;
} rater_sums;

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the judgements");
}

static tarazu_status read_all(standing *s, const tarazu_batch *all, panel *p, record *r, tarazu_error *error)
{
  int64_t at = 0;
  for (int64_t i = 0; i < all->rows; i++) {
    tarazu_status status = convene(s, all, i, p, error);
    if (status) return status;
    for (int64_t k = 0; k < p->count; k++) {
      r->raters[at] = (int32_t)p->items[k].rater;
      r->scores[at++] = p->items[k].score;
    }
    r->starts[i + 1] = at;
    s->summary.without_rater += p->without_rater;
    s->summary.replaced += p->replaced;
    s->summary.judged += p->count > 0;
  }
  s->summary.customers = all->rows;
  s->summary.judgements = at;
  return TARAZU_OK;
}

static void count_judgement(rater_sums *r, double score, double others, int shared)
{
  if (!r->judgements++) r->origin = score;
  r->sum += score - r->origin;
  r->squares += (score - r->origin) * (score - r->origin);
  if (!shared) return;
  if (!r->shared++) r->x0 = score, r->y0 = others;
  double x = score - r->x0, y = others - r->y0;
  r->x += x;
  r->y += y;
  r->xx += x * x;
  r->yy += y * y;
  r->xy += x * y;
}

static void close_rater(rater_model *m, const rater_sums *r)
{
  double n = (double)r->judgements, k = (double)r->shared;
  *m = (rater_model){.judgements = r->judgements, .shared = r->shared, .accord = (double)NAN};
  m->mean = r->judgements ? r->origin + r->sum / n : 0;
  if (r->judgements > 1) m->deviation = sqrt(fmax((r->squares - r->sum * r->sum / n) / (n - 1), 0));
  if (r->shared) m->severity = (r->y0 + r->y / k) - (r->x0 + r->x / k);
  if (r->shared < 2) return;
  double xx = r->xx - r->x * r->x / k, yy = r->yy - r->y * r->y / k, xy = r->xy - r->x * r->y / k;
  double rounding = 1e-12;
  if (xx > rounding * r->xx && yy > rounding * r->yy) m->accord = fmax(fmin(xy / sqrt(xx * yy), 1), -1);
}

static int learn_raters(standing *s, const record *r, int64_t rows)
{
  rater_sums *sums = calloc(s->names.count + 1u, sizeof *sums);
  s->raters = calloc(s->names.count + 1u, sizeof *s->raters);
  if (!sums || !s->raters) return free(sums), 0;
  for (int64_t i = 0; i < rows; i++) {
    int64_t first = r->starts[i], last = r->starts[i + 1];
    double sum = 0;
    for (int64_t k = first; k < last; k++) sum += r->scores[k];
    for (int64_t k = first; k < last; k++) {
      double others = last - first > 1 ? (sum - r->scores[k]) / (double)(last - first - 1) : 0;
      count_judgement(&sums[r->raters[k]], r->scores[k], others, last - first > 1);
    }
  }
  for (uint32_t i = 0; i < s->names.count; i++) close_rater(&s->raters[i], &sums[i]);
  free(sums);
  int64_t count = s->summary.judgements;
  if (count) s->summary.mean = mean_of(r->scores, count);
  if (count > 1) s->summary.deviation = deviation_of(r->scores, count, s->summary.mean);
  return 1;
}

static tarazu_status compare(standing *s, const record *r, int64_t rows, tarazu_error *error)
{
  const tarazu_host *host = s->context->host;
  judgements j = {.units = rows, .starts = r->starts, .values = r->scores};
  tarazu_status status = agree(&s->summary.raw, &j, s->metric, s->replicates, host, error);
  if (status || s->effects == NO_EFFECTS) return status;
  for (int64_t k = 0; k < s->summary.judgements; k++)
    r->scores[k] = corrected(s, &(judgement){.rater = r->raters[k], .score = r->scores[k]});
  return agree(&s->summary.corrected, &j, INTERVAL, 0, host, error);
}

/* ---- facts ---- */

static void tell_alpha(standing *s)
{
  const agreement *a = &s->summary.raw;
  fact_list *l = &s->facts;
  fact_add(l, (double)a->pairable, "comparable_judgements");
  if (!a->defined) {
    fact_say(l, fact_add(l, 0, "alpha"), 1, "not defined: %s",
             a->pairable ? "all judgements on customers with two raters or more are the same"
                         : "no customer has two raters");
    return;
  }
  tarazu_fact *alpha = fact_add(l, a->alpha, "alpha");
  alpha->error = a->error;
  if (s->replicates) {
    fact_add(l, a->lower, "alpha_lower");
    fact_add(l, a->upper, "alpha_upper");
    fact_add(l, (double)a->drawn, "alpha_replicates");
    fact_add(l, a->below_tentative, "chance_below_0.667");
    fact_add(l, a->below_firm, "chance_below_0.8");
  }
  if (a->alpha < TENTATIVE)
    fact_say(l, fact_add(l, 0, "alpha_verdict"), 1,
             "Krippendorff's alpha of %.3f (%s) is below 0.667: the raters agree too little to conclude from", a->alpha,
             metrics[s->metric]);
  else if (a->alpha < FIRM)
    fact_say(l, fact_add(l, 0, "alpha_verdict"), 1,
             "Krippendorff's alpha of %.3f (%s) is below 0.8: only tentative conclusions", a->alpha,
             metrics[s->metric]);
  if (s->summary.corrected.defined) fact_add(l, s->summary.corrected.alpha, "alpha_corrected");
}

static void tell_rater(standing *s, uint32_t rater)
{
  const rater_model *r = &s->raters[rater];
  const char *name = name_at(&s->names, rater);
  fact_list *l = &s->facts;
  fact_add(l, (double)r->judgements, "judgements.%s", name);
  tarazu_fact *mean = fact_add(l, r->mean, "mean.%s", name);
  if (r->judgements > 1) mean->error = r->deviation / sqrt((double)r->judgements);
  if (r->shared) fact_add(l, r->severity, "severity.%s", name);
  if (!isnan(r->accord)) fact_add(l, r->accord, "agreement.%s", name)->level = r->accord < 0;
}

/* The raters with most judgements, a few of many. Choosing them takes one look at all for each. */
static void tell_raters(standing *s)
{
  uint32_t count = s->names.count;
  int64_t last_judgements = INT64_MAX;
  uint32_t last = 0;
  for (uint32_t told = 0; told < count && told < RATERS_TOLD; told++) {
    uint32_t best = count;
    for (uint32_t i = 0; i < count; i++) {
      int64_t n = s->raters[i].judgements;
      int after = n < last_judgements || (n == last_judgements && i > last);
      if (after && (best == count || n > s->raters[best].judgements)) best = i;
    }
    if (best == count) return;
    last_judgements = s->raters[best].judgements;
    last = best;
    tell_rater(s, best);
  }
}

static int report(standing *s)
{
  const summary *m = &s->summary;
  fact_list *l = &s->facts;
  uint32_t shown = s->names.count < RATERS_TOLD ? s->names.count : RATERS_TOLD;
  if (!facts_begin(l, 24 + 4 * shown)) return 0;
  tarazu_fact *judged = fact_add(l, (double)m->judged, "judged_customers");
  if (!m->judged) fact_say(l, judged, 1, "nobody was judged");
  fact_add(l, (double)m->judgements, "judgements");
  fact_add(l, (double)s->names.count, "raters");
  if (m->replaced)
    fact_add(l, (double)m->replaced, s->repeated == LATEST ? "judgements_replaced" : "judgements_merged");
  if (m->without_rater) fact_add(l, (double)m->without_rater, "judgements_without_rater")->level = 1;
  if (!m->judged) return 1;
  tell_alpha(s);
  int64_t single = 0;
  for (uint32_t i = 0; i < s->names.count; i++) single += s->raters[i].judgements == 1;
  if (s->effects != NO_EFFECTS && single)
    fact_say(l, fact_add(l, 0, "raters_of_one_judgement"), 1,
             "%lld: taken to the mean of all, their judgements say nothing", (long long)single);
  tell_raters(s);
  return 1;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  standing *s = self;
  const tarazu_batch *all = spaces[0]; /* there is no other space */
  int64_t events = all->columns[SCORE]->offsets[all->rows];
  (void)count;
  forget(s);
  if (!names_gather(&s->names, all->columns[RATER], events)) return no_memory(error);
  record r = {.starts = calloc((size_t)all->rows + 1, sizeof *r.starts),
              .raters = calloc((size_t)events + 1, sizeof *r.raters),
              .scores = calloc((size_t)events + 1, sizeof *r.scores)};
  panel p;
  tarazu_status status = TARAZU_OK;
  int room = panel_begin(&p, s, all);
  if (!room || !r.starts || !r.raters || !r.scores) status = no_memory(error);
  if (!status) status = read_all(s, all, &p, &r, error);
  if (!status && !learn_raters(s, &r, all->rows)) status = no_memory(error);
  if (!status) status = compare(s, &r, all->rows, error);
  if (!status && !report(s)) status = no_memory(error);
  panel_end(&p);
  free(r.starts);
  free(r.raters);
  free(r.scores);
  return status;
}

/* ---- saved models ---- */

typedef struct saved {
  double least, most;
  int64_t metric, effects, repeated;
  summary summary;
} saved;

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const standing *s = self;
  saved head = {s->least, s->most, s->metric, s->effects, s->repeated, s->summary};
  int good = writer->write(writer, &head, sizeof head) && names_write(&s->names, writer) &&
             (!s->names.count || writer->write(writer, s->raters, s->names.count * sizeof *s->raters));
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  standing *s = self;
  saved head;
  saved_part p = {bytes, count};
  forget(s);
  int good = part_read(&p, &head, sizeof head) && names_read(&s->names, &p);
  if (good) s->raters = calloc(s->names.count + 1u, sizeof *s->raters);
  good = good && s->raters && part_read(&p, s->raters, s->names.count * sizeof *s->raters) && !p.left;
  if (!good) return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is damaged: %zu bytes", count);
  if (head.least != s->least || head.most != s->most)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the saved model is of a scale from %g to %g, not from %g to %g",
                       head.least, head.most, s->least, s->most);
  if (head.metric != s->metric || head.effects != s->effects || head.repeated != s->repeated)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "the saved model is of another metric, other rater_effects, or counts repeated judgements "
                       "otherwise");
  s->summary = head.summary;
  return report(s) ? TARAZU_OK : no_memory(error);
}

/* ---- scoring ---- */

static void score_row(const standing *s, panel *p, int64_t i, tarazu_result *const *results)
{
  if (results[RATERS]) ((int64_t *)results[RATERS]->values)[i] = p->count;
  if (!p->count) {
    tarazu_set_null(results[STANDING], i);
    if (results[SPREAD]) tarazu_set_null(results[SPREAD], i);
    return;
  }
  correct_all(s, p);
  ((double *)results[STANDING]->values)[i] = together(s, p->values, p->count);
  if (!results[SPREAD]) return;
  if (p->count < 2) tarazu_set_null(results[SPREAD], i);
  else ((double *)results[SPREAD]->values)[i] = deviation_of(p->values, p->count, mean_of(p->values, p->count));
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const standing *s = self;
  panel p;
  tarazu_status status = panel_begin(&p, s, batch) ? TARAZU_OK : no_memory(error);
  for (int64_t i = 0; !status && i < batch->rows; i++) {
    status = convene(s, batch, i, &p, error);
    if (!status) score_row(s, &p, i, results);
  }
  panel_end(&p);
  return status;
}

static tarazu_list facts(const void *self)
{
  const standing *s = self;
  return (tarazu_list){s->facts.items, s->facts.count, sizeof *s->facts.items};
}

/* ---- explaining ---- */

typedef struct line {
  char text[1000];
  size_t length;
} line;

TARAZU_PRINTF(2, 3) static void put(line *l, const char *format, ...)
{
  va_list arguments;
  if (l->length >= sizeof l->text) return;
  va_start(arguments, format);
  int length = vsnprintf(l->text + l->length, sizeof l->text - l->length, format, arguments);
  va_end(arguments);
  if (length > 0) l->length += (size_t)length;
}

static void put_judgements(const standing *s, const tarazu_batch *row, panel *p, line *l)
{
  for (int64_t i = 0; i < p->count && i < JUDGEMENTS_TOLD; i++) {
    const judgement *j = &p->items[i];
    int length;
    const char *rater = code_text(row->columns[RATER], j->order, &length);
    put(l, "%s%.*s %.4g", i ? "; " : "", length, rater, j->score);
    if (s->effects != NO_EFFECTS) put(l, " (counts %.4g)", corrected(s, j));
    if (!s->has_time) continue;
    double days = round((double)(s->context->as_of - j->time) / MICROSECONDS_PER_DAY);
    put(l, ", %.0f day%s ago", days, days == 1 ? "" : "s");
  }
  if (p->count > JUDGEMENTS_TOLD) put(l, "; and %lld more", (long long)(p->count - JUDGEMENTS_TOLD));
  put(l, "\n");
}

static void put_reasons(const standing *s, const tarazu_batch *row, panel *p, line *l)
{
  static const char *const words[] = {"mean", "median", "trimmed mean"};
  if (!p->count) {
    put(l, "nobody judged\n");
    return;
  }
  correct_all(s, p);
  put(l, "%s %.4g of %lld rater%s: ", words[s->by], together(s, p->values, p->count), (long long)p->count,
      p->count == 1 ? "" : "s");
  put_judgements(s, row, p, l);
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const standing *s = self;
  line l = {.length = 0};
  panel p;
  tarazu_status status = panel_begin(&p, s, row) ? convene(s, row, 0, &p, error) : no_memory(error);
  if (!status) put_reasons(s, row, &p, &l);
  panel_end(&p);
  if (status) return status;
  size_t length = l.length < sizeof l.text ? l.length : sizeof l.text - 1;
  if (!writer->write(writer, l.text, length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
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
    .id = "standing",
    .version = "1.0",
    .summary = "social standing from several raters' judgements, with Krippendorff's alpha",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(standing),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
    .facts = facts,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "standing",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
