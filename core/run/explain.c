/* One customer's page: her place, each criterion with its share in the score, her segments, and the decision about her.
 */
#include "run/explain.h"

#include "run/confidence.h"
#include "run/grounds.h"
#include "run/stranger.h"
#include <math.h>
#include <string.h>

static const char *text_at(const engine *e, const column *c, int64_t row)
{
  if (!column_is_valid(c, row) || !c->dictionary) return NULL;
  int32_t code = ((const int32_t *)c->values)[row];
  const int64_t *offsets = c->dictionary->offsets;
  return arena_copy_n(e->arena, c->dictionary->bytes + offsets[code], (size_t)(offsets[code + 1] - offsets[code]));
}

/* Four significant digits, cents from a thousand on; "-" for nothing. */
static const char *cell(const engine *e, const column *c, int64_t row)
{
  double value;
  if (!measured_value(c, row, &value)) return "-";
  if (value == 0) return "0";
  if (fabs(value) >= 1000) return arena_format(e->arena, "%.2f", value);
  return arena_format(e->arena, "%.4g", value);
}

typedef struct page {
  const results *r;
  engine *e;
  const plan *p;
  const profile *f;
  int64_t row;
  const char *customer;
  text *out;
} page;

static page page_of(const results *r, int64_t row, text *out)
{
  page g = {.r = r, .e = r->engine, .p = r->engine->plan, .f = r->engine->plan->profile, .row = row, .out = out};
  g.customer = customer_name(r->engine, row);
  return g;
}

static const series *contribution_of(const page *g, uint32_t criterion)
{
  return &g->p->combiner->outputs[g->p->combiner->strategy->outputs.count + g->f->dimension_count + criterion];
}

static const series *dimension_score(const page *g, uint32_t dimension)
{
  return &g->p->combiner->outputs[g->p->combiner->strategy->outputs.count + dimension];
}

/* A bar of up to 10 cells to the right for a gain, to the left for a loss. */
static const char *bar(const engine *e, double value, double most)
{
  static const char *const gain = "██████████", *const loss = "░░░░░░░░░░";
  int cells = most > 0 ? (int)lround(10 * fabs(value) / most) : 0;
  return arena_format(e->arena, "%.*s", cells * 3, value < 0 ? loss : gain);
}

static size_t width_of(const char *words)
{
  return (size_t)text_columns(words, strlen(words));
}

static void pad(text *out, const char *words, size_t width, int right)
{
  size_t own = width_of(words);
  if (!right) text_add(out, words);
  for (size_t i = own; i < width; i++) text_add(out, " ");
  if (right) text_add(out, words);
}

static void write_head(page *g)
{
  const engine *e = g->e;
  double score;
  const char *reason = text_at(e, &g->r->selection->reason, g->row);
  text_addf(g->out, "Customer %s", g->customer);
  if (e->rank[g->row] && measured_value(&g->p->score->column, g->row, &score))
    text_addf(g->out, ": rank %lld of %lld, score %.4f", (long long)e->rank[g->row], (long long)e->people.count, score);
  text_addf(g->out, "\n%s: %s\n\n",
            ((const uint8_t *)g->r->selection->key.values)[g->row] ? "Key customer" : "Not a key customer",
            reason ? reason : "");
}

static void write_criteria(page *g)
{
  enum { COLUMNS = 8 };
  static const char *const heads[COLUMNS] = {"criterion",   "dimension", "value",  "unit",
                                             "better than", "seen as",   "weight", "contribution"};
  const char *cells[65][COLUMNS];
  size_t widths[COLUMNS];
  double most = 0, value;
  uint32_t count = g->f->criterion_count;
  for (int k = 0; k < COLUMNS; k++) widths[k] = strlen(heads[k]);
  for (uint32_t i = 0; i < count; i++) {
    double better = grounds_standing(g->p->raw[i], g->row);
    const char *row[COLUMNS] = {
        g->f->criteria[i].name,
        g->f->criteria[i].dimension,
        cell(g->e, &g->p->raw[i]->column, g->row),
        g->p->raw[i]->unit ? g->p->raw[i]->unit : "",
        isnan(better) ? "-" : arena_format(g->e->arena, "%.0f %%", 100 * better),
        cell(g->e, &g->p->normalized[i]->column, g->row),
        arena_format(g->e->arena, "%.3f", g->e->weights[i]),
        cell(g->e, &contribution_of(g, i)->column, g->row),
    };
    memcpy(cells[i], row, sizeof row);
    for (int k = 0; k < COLUMNS; k++)
      if (width_of(row[k]) > widths[k]) widths[k] = width_of(row[k]);
    if (measured_value(&contribution_of(g, i)->column, g->row, &value) && fabs(value) > most) most = fabs(value);
  }
  for (int k = 0; k < COLUMNS; k++) {
    pad(g->out, heads[k], widths[k], k == 2 || k > 3);
    text_add(g->out, k + 1 < COLUMNS ? "  " : "\n");
  }
  for (uint32_t i = 0; i < count; i++) {
    for (int k = 0; k < COLUMNS; k++) {
      pad(g->out, cells[i][k], widths[k], k == 2 || k > 3);
      text_add(g->out, "  ");
    }
    int there = measured_value(&contribution_of(g, i)->column, g->row, &value);
    text_addf(g->out, "%s\n", there ? bar(g->e, value, most) : "");
  }
}

static void write_sum(page *g)
{
  double sum = 0, value, score;
  int any = 0;
  for (uint32_t i = 0; i < g->f->criterion_count; i++)
    if (measured_value(&contribution_of(g, i)->column, g->row, &value)) {
      sum += value;
      any = 1;
    }
  if (!any || !measured_value(&g->p->score->column, g->row, &score)) return;
  text_addf(g->out, "\nscore %.4f = baseline %.4f + contributions %.4f\n", score, score - sum, sum);
  if (((const double *)g->e->coverage.values)[g->row] < 1)
    text_addf(g->out,
              "coverage %.0f %%: the other criteria have no value here and their weight is shared by the rest\n",
              100 * ((const double *)g->e->coverage.values)[g->row]);
}

static uint32_t find_grounds(const page *g, int against, ground *found)
{
  uint32_t count = against ? grounds_against(g->e, g->r->selection, g->row, found) : grounds_for(g->e, g->row, found);
  for (uint32_t i = 0; i < count; i++) found[i].better = grounds_standing(g->p->raw[found[i].criterion], g->row);
  return count;
}

static int is_key(const page *g)
{
  return ((const uint8_t *)g->r->selection->key.values)[g->row];
}

/* Reason codes: up to three for her and, where she is not on the list, up to three against her. */
static void write_grounds(page *g)
{
  static const char *const heads[] = {"for her", "against her, beside the key customers' mean"};
  for (int against = 0; against < 2; against++) {
    ground found[MOST_GROUNDS];
    if (against && (is_key(g) || !g->r->selection->count)) break;
    uint32_t count = find_grounds(g, against, found);
    if (count) text_addf(g->out, "%s:\n", heads[against]);
    for (uint32_t i = 0; i < count; i++) {
      text_addf(g->out, "  %u. ", i + 1);
      grounds_words(g->e, g->row, &found[i], against, g->out);
      text_add(g->out, "\n");
    }
    if (count) text_add(g->out, "\n");
  }
}

static void write_dimensions(page *g)
{
  double value;
  for (uint32_t d = 0; d < g->f->dimension_count; d++) {
    if (!measured_value(&dimension_score(g, d)->column, g->row, &value)) continue;
    text_addf(g->out, "%s: %.4f, better than %.0f %% of the customers\n", g->f->dimensions[d].name, value,
              100 * grounds_standing(dimension_score(g, d), g->row));
  }
}

static void write_segments(page *g)
{
  for (uint32_t i = 0; i < g->f->segment_count; i++) {
    const char *name = text_at(g->e, &g->p->segmenters[i]->outputs[0].column, g->row);
    text_addf(g->out, "%s: %s\n", g->f->segments[i].name, name ? name : "-");
  }
}

/* How far the customer is from the list's edge: the last who was chosen by rank, or the first who was not. */
static void write_edge(page *g)
{
  const uint8_t *key = g->r->selection->key.values;
  const double *scores = g->p->score->column.values;
  int64_t last = -1, next = -1;
  if (!g->e->rank[g->row] || g->f->limit < 0) return;
  for (int64_t i = 0; i < g->e->scored; i++) {
    if (key[g->e->order[i]]) last = g->e->order[i];
    else if (next < 0) next = g->e->order[i];
  }
  if (key[g->row] && next >= 0 && next != g->row)
    text_addf(g->out, "the first customer who is not key is '%s', rank %lld, score %.4f\n", customer_name(g->e, next),
              (long long)g->e->rank[next], scores[next]);
  if (!key[g->row] && last >= 0)
    text_addf(g->out, "the last key customer is '%s', rank %lld, score %.4f\n", customer_name(g->e, last),
              (long long)g->e->rank[last], scores[last]);
}

/* "97.3 %"; certain only where every draw says so. */
static const char *percent(const page *g, double share)
{
  if (share > 0 && share < 0.001) return "less than 0.1 %";
  if (share < 1 && share > 0.999) return "more than 99.9 %";
  return arena_format(g->e->arena, "%.1f %%", 100 * share);
}

/* How sure the decision is, and which weights speak for it. */
static void write_confidence(page *g)
{
  const confidence *c = g->e->confidence;
  double share, central;
  if (!c) return;
  if (c->has_list) {
    share = ((const double *)c->probability.values)[g->row];
    const char *word = confidence_word(c, g->row);
    text_addf(g->out, "confidence: %s%son the list in %s of %lld draws (standard error %.1f %%)", word ? word : "",
              word ? ", " : "", percent(g, share), (long long)c->draws, 100 * confidence_error(c, share));
  } else {
    text_addf(g->out, "confidence: in %lld draws", (long long)c->draws);
  }
  for (uint32_t i = 0; i < c->band_count; i++)
    if (measured_value(&c->within[i], g->row, &share))
      text_addf(g->out, "%s first %lld in %s", i ? "," : "; among the", (long long)c->bands[i], percent(g, share));
  text_add(g->out, "\n");
  if (!c->has_list || !measured_value(&c->central[0], g->row, &central)) return;
  text_add(g->out, "mean weights of the draws with her on the list:");
  for (uint32_t i = 0; i < g->f->criterion_count; i++)
    if (measured_value(&c->central[i], g->row, &central))
      text_addf(g->out, "%s %s %.3f (given %.3f)", i ? "," : "", g->f->criteria[i].name, central, g->e->weights[i]);
  text_add(g->out, "\n");
}

static const char *fitted(const model *m, const char *key)
{
  const node *value = node_get(m->told, key);
  return value && value->kind == NODE_SCALAR ? value->text : NULL;
}

static void write_models(page *g)
{
  for (uint32_t i = 0; i < g->p->step_count; i++) {
    const model *m = g->e->instances[i].model;
    if (m)
      text_addf(g->out, "%s: by the model '%s', fitted as of %s on %s customers\n", g->p->steps[i]->name, m->path,
                fitted(m, "as_of"), fitted(m, "customers"));
  }
}

typedef struct line_writer {
  tarazu_writer writer;
  text *out;
} line_writer;

static int take_words(const tarazu_writer *writer, const void *bytes, size_t count)
{
  text_add_n(((const line_writer *)(const void *)writer)->out, bytes, count);
  return 1;
}

/* What a strategy says of the customer in its own words ("tarazu.explain/1", reasons); nothing where it has none. */
static void add_reasons(const page *g, instance *in, text *words)
{
  frame f;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  text said = {0};
  line_writer writer = {{.size = sizeof(tarazu_writer), .write = take_words}, &said};
  if (in->skipped || !in->explain || !in->explain->reasons || !instance_live(g->e, in) ||
      !frame_new(&f, in->step->count, 0, 8))
    return;
  frame_window(g->e, in->step, g->row, 1, &f);
  tarazu_batch row = instance_batch(in, &f.batch);
  engine_enter(in, "reasons");
  tarazu_status status = in->explain->reasons(in->self, &row, &writer.writer, &error);
  engine_leave();
  if (status == TARAZU_OK && said.length) text_add_n(words, said.bytes, said.length);
  text_free(&said);
  frame_free(&f);
}

/* The first line behind the name, those that follow it below, set in. */
static void write_words(text *out, const char *name, const char *words)
{
  text_addf(out, "%s: ", name);
  for (size_t length = strcspn(words, "\n"); *words; length = strcspn(words, "\n")) {
    text_add_n(out, words, length);
    text_add(out, "\n");
    words += length;
    words += strspn(words, "\n");
    if (*words) text_add(out, "  ");
  }
}

static void write_reasons(page *g)
{
  for (uint32_t i = 0; i < g->p->step_count; i++) {
    text words = {0};
    add_reasons(g, &g->e->instances[i], &words);
    if (words.length) write_words(g->out, g->p->steps[i]->name, text_string(&words));
    text_free(&words);
  }
}

void explain_text(const results *r, int64_t row, const smallest_changes *changes, text *out)
{
  page g = page_of(r, row, out);
  write_head(&g);
  write_criteria(&g);
  write_sum(&g);
  text_add(out, "\n");
  write_grounds(&g);
  write_dimensions(&g);
  write_segments(&g);
  write_edge(&g);
  write_confidence(&g);
  text_add(out, "\n");
  if (changes) smallest_print(g.e, changes, out);
  write_reasons(&g);
  write_models(&g);
}

/* ---- JSON -------------------------------------------------------------------------------------------------- */

static void json_real(text *out, const char *name, const column *c, int64_t row)
{
  double value;
  text_addf(out, ", \"%s\": ", name);
  if (measured_value(c, row, &value)) text_add_number(out, value);
  else text_add(out, "null");
}

static void json_grounds(const page *g)
{
  static const char *const names[] = {"for", "against"};
  for (int against = 0; against < 2; against++) {
    ground found[MOST_GROUNDS];
    uint32_t count = against && (is_key(g) || !g->r->selection->count) ? 0 : find_grounds(g, against, found);
    text_addf(g->out, "%s\"%s\": [", against ? ", " : ", \"grounds\": {", names[against]);
    for (uint32_t i = 0; i < count; i++) {
      text words = {0};
      grounds_words(g->e, g->row, &found[i], against, &words);
      text_add(g->out, i ? ", {\"criterion\": " : "{\"criterion\": ");
      text_add_json(g->out, g->f->criteria[found[i].criterion].name);
      text_add(g->out, ", \"worth\": ");
      text_add_number(g->out, against ? -found[i].worth : found[i].worth);
      text_add(g->out, ", \"better_than\": ");
      text_add_number(g->out, found[i].better);
      text_add(g->out, ", \"text\": ");
      text_add_json(g->out, text_string(&words));
      text_add(g->out, "}");
      text_free(&words);
    }
    text_add(g->out, "]");
  }
  text_add(g->out, "}");
}

static void json_confidence(const page *g)
{
  const confidence *c = g->e->confidence;
  if (!c) {
    text_add(g->out, "}, \"confidence\": null");
    return;
  }
  text_addf(g->out, "}, \"confidence\": {\"draws\": %lld", (long long)c->draws);
  if (c->has_list) {
    json_real(g->out, "key_probability", &c->probability, g->row);
    text_add(g->out, ", \"standard_error\": ");
    text_add_number(g->out, confidence_error(c, ((const double *)c->probability.values)[g->row]));
    text_add(g->out, ", \"level\": ");
    text_add_json(g->out, confidence_word(c, g->row));
  }
  text_add(g->out, ", \"within\": {");
  for (uint32_t i = 0; i < c->band_count; i++) {
    double share;
    text_addf(g->out, "%s\"%lld\": ", i ? ", " : "", (long long)c->bands[i]);
    if (measured_value(&c->within[i], g->row, &share)) text_add_number(g->out, share);
    else text_add(g->out, "null");
  }
  text_add(g->out, "}, \"central_weights\": {");
  for (uint32_t i = 0, begun = 0; c->has_list && i < g->f->criterion_count; i++) {
    double central;
    if (!measured_value(&c->central[i], g->row, &central)) continue;
    text_add(g->out, begun++ ? ", " : "");
    text_add_json(g->out, g->f->criteria[i].name);
    text_add(g->out, ": ");
    text_add_number(g->out, central);
  }
  text_add(g->out, "}}");
}

static void json_reasons(const page *g)
{
  int begun = 0;
  text_add(g->out, ", \"reasons\": [");
  for (uint32_t i = 0; i < g->p->step_count; i++) {
    text words = {0};
    add_reasons(g, &g->e->instances[i], &words);
    if (words.length) {
      text_add(g->out, begun++ ? ", {\"of\": " : "{\"of\": ");
      text_add_json(g->out, g->p->steps[i]->name);
      text_add(g->out, ", \"text\": ");
      text_add_json_n(g->out, words.bytes, words.length);
      text_add(g->out, "}");
    }
    text_free(&words);
  }
}

static void json_models(const page *g)
{
  int begun = 0;
  text_add(g->out, "], \"models\": [");
  for (uint32_t i = 0; i < g->p->step_count; i++) {
    const model *m = g->e->instances[i].model;
    if (!m) continue;
    text_add(g->out, begun++ ? ", {\"of\": " : "{\"of\": ");
    text_add_json(g->out, g->p->steps[i]->name);
    text_add(g->out, ", \"from\": ");
    text_add_json(g->out, m->path);
    text_addf(g->out, ", \"sha256\": \"%s\", \"fitted\": %s}", m->sha256, m->header);
  }
}

void explain_json(const results *r, int64_t row, const smallest_changes *changes, text *out)
{
  page g = page_of(r, row, out);
  text_add(out, "{\"customer\": ");
  text_add_json(out, g.customer);
  if (g.e->rank[row]) text_addf(out, ", \"rank\": %lld", (long long)g.e->rank[row]);
  else text_add(out, ", \"rank\": null");
  text_addf(out, ", \"customers\": %lld", (long long)g.e->people.count);
  json_real(out, "score", &g.p->score->column, row);
  text_addf(
      out, ", \"key_customer\": %s, \"reason\": ", ((const uint8_t *)r->selection->key.values)[row] ? "true" : "false");
  text_add_json(out, text_at(g.e, &r->selection->reason, row));
  json_real(out, "coverage", &g.e->coverage, row);
  text_add(out, ", \"dimensions\": {");
  for (uint32_t d = 0; d < g.f->dimension_count; d++) {
    double value;
    text_addf(out, "%s\"%s\": ", d ? ", " : "", g.f->dimensions[d].name);
    if (measured_value(&dimension_score(&g, d)->column, row, &value)) text_add_number(out, value);
    else text_add(out, "null");
  }
  text_add(out, "}, \"criteria\": [");
  for (uint32_t i = 0; i < g.f->criterion_count; i++) {
    text_add(out, i ? ", {\"criterion\": " : "{\"criterion\": ");
    text_add_json(out, g.f->criteria[i].name);
    text_add(out, ", \"dimension\": ");
    text_add_json(out, g.f->criteria[i].dimension);
    json_real(out, "value", &g.p->raw[i]->column, row);
    json_real(out, "normalized", &g.p->normalized[i]->column, row);
    json_real(out, "contribution", &contribution_of(&g, i)->column, row);
    text_add(out, ", \"weight\": ");
    text_add_number(out, g.e->weights[i]);
    text_add(out, ", \"better_than\": ");
    text_add_number(out, grounds_standing(g.p->raw[i], row));
    text_add(out, "}");
  }
  text_add(out, "]");
  json_grounds(&g);
  text_add(out, ", \"segments\": {");
  for (uint32_t i = 0; i < g.f->segment_count; i++) {
    text_addf(out, "%s\"%s\": ", i ? ", " : "", g.f->segments[i].name);
    text_add_json(out, text_at(g.e, &g.p->segmenters[i]->outputs[0].column, row));
  }
  json_confidence(&g);
  if (changes) smallest_print_json(g.e, changes, out);
  else text_add(out, ", \"changes\": null");
  json_reasons(&g);
  json_models(&g);
  text_add(out, "]}\n");
}
