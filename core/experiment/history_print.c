/* A customer's history as people read it, and as JSON. */
#include "base/grid.h"
#include "experiment/history.h"
#include <math.h>
#include <string.h>

/* ---- as text ----------------------------------------------------------------------------------------------------- */

enum { WIDEST = 60, NAMED = 1 };

/* The higher the better: by the logarithm of the rank, since from 2 to 1 is as much as from 200 to 100. */
static const char *bar_of(const history_step *at, double best, double worst)
{
  static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (!at->found || !at->standing.rank) return " ";
  double height = worst > best ? log(worst / (double)at->standing.rank) / log(worst / best) : 1;
  return bars[(int)floor(height * 7 + 0.5)];
}

/* Of more runs than a line holds, evenly chosen ones, the last among them. */
static void draw_ranks(const history *h, double best, double worst, text *out)
{
  uint32_t width = h->count < WIDEST ? h->count : WIDEST;
  for (uint32_t i = 0; i < width; i++) {
    uint32_t at = width > 1 ? (uint32_t)((uint64_t)i * (h->count - 1) / (width - 1)) : 0;
    text_add(out, bar_of(&h->steps[at], best, worst));
  }
}

static int is_listed(const history_step *at)
{
  return at->found && at->standing.listed;
}

static void write_place(const history_step *at, text *out)
{
  if (!at->found) text_add(out, "not among the customers");
  else if (!at->standing.rank) text_add(out, "without a rank");
  else text_addf(out, "rank %lld of %lld", (long long)at->standing.rank, (long long)at->run.scored);
}

static void write_summary(const history *h, text *out)
{
  const history_step *last = &h->steps[h->count - 1], *best = NULL, *worst = NULL;
  uint32_t since = h->count;
  for (uint32_t i = 0; i < h->count; i++) {
    const history_step *at = &h->steps[i];
    if (!at->found || !at->standing.rank) continue;
    if (!best || at->standing.rank <= best->standing.rank) best = at;
    if (!worst || at->standing.rank > worst->standing.rank) worst = at;
  }
  while (since && is_listed(&h->steps[since - 1]) == is_listed(last)) since--;
  text_add(out, "now ");
  write_place(last, out);
  text_addf(out, ", %s", is_listed(last) ? "a key customer" : "no key customer");
  if (h->count > 1) {
    if (since) text_addf(out, " since run %lld", (long long)h->steps[since].run.id);
    else text_add(out, " in all of these runs");
  }
  text_add(out, "\n");
  if (!best || h->count < 2) return;
  text_add(out, "rank  ");
  draw_ranks(h, (double)best->standing.rank, (double)worst->standing.rank, out);
  text_addf(out, "  best %lld (run %lld), worst %lld (run %lld)\n", (long long)best->standing.rank,
            (long long)best->run.id, (long long)worst->standing.rank, (long long)worst->run.id);
}

static void cell_places(grid *g, double places)
{
  if (isnan(places)) grid_cell(g, "-");
  else if (fabs(places) < 0.05) grid_cell(g, "0");
  else grid_cellf(g, places == floor(places) ? "%+.0f" : "%+.1f", places);
}

static void write_number(double value, text *out)
{
  if (isnan(value)) text_add(out, "nothing");
  else text_addf(out, fabs(value) >= 1000 && fabs(value) < 1e15 ? "%.0f" : "%.4g", value + 0.0);
}

static void separate(text *out)
{
  if (out->length) text_add(out, "; ");
}

static void write_measured(const history_step *at, text *out)
{
  for (uint32_t i = 0; i < at->measured_count && i < NAMED; i++) {
    const measured_change *c = &at->measured[i];
    separate(out);
    text_addf(out, "%s ", c->criterion);
    write_number(c->before, out);
    text_add(out, " → ");
    write_number(c->after, out);
  }
  if (at->measured_count > NAMED) text_addf(out, " and %u more", at->measured_count - NAMED);
}

static void write_differing(const history_step *at, text *out)
{
  for (uint32_t i = 0; i < at->differing_count && i < NAMED; i++) {
    const setting_difference *d = &at->differing[i];
    separate(out);
    text_addf(out, "%s %s → %s", d->key, d->at[0] ? d->at[0] : "nothing", d->at[1] ? d->at[1] : "nothing");
  }
  if (at->differing_count > NAMED) text_addf(out, " and %u more", at->differing_count - NAMED);
  if (at->settings == DIFFERENT && !at->differing_count) text_add(out, "another version of a strategy or a model");
}

/* What is different in this run, the decision about the list first. */
static const char *tell_change(const history_step *from, const history_step *to, arena *home)
{
  text words = {0};
  if (is_listed(from) != is_listed(to)) text_add(&words, is_listed(to) ? "entered the list" : "left the list");
  if (from->found != to->found) {
    separate(&words);
    text_add(&words, to->found ? "new among the customers" : "no longer among the customers");
  }
  if (to->settings == DIFFERENT) write_differing(to, &words);
  if (to->data == DIFFERENT || to->settings == SAME) write_measured(to, &words);
  if (to->settings == SAME && to->data == SAME && to->moved == 0) {
    separate(&words);
    text_add(&words, "nothing changed");
  } else if (to->data == DIFFERENT && to->own == 0) {
    separate(&words);
    text_add(&words, "nothing of her own changed");
  }
  const char *kept = arena_copy(home, text_string(&words));
  text_free(&words);
  return kept;
}

static void cell_step(grid *g, const history_step *at)
{
  grid_cellf(g, "%lld", (long long)at->run.id);
  grid_cellf(g, "%.10s %.5s", at->run.began, at->run.began + (strlen(at->run.began) > 11 ? 11 : 0));
  grid_cell(g, at->run.as_of);
  if (!at->found) grid_cell(g, "absent");
  else if (!at->standing.rank) grid_cell(g, "-");
  else grid_cellf(g, "%lld", (long long)at->standing.rank);
  grid_cellf(g, "%lld", (long long)at->run.scored);
  if (at->found && !isnan(at->standing.score)) grid_cellf(g, "%.4f", at->standing.score);
  else grid_cell(g, "-");
  grid_cell(g, is_listed(at) ? "yes" : "no");
}

static void write_steps(const history *h, arena *home, text *out, screen to)
{
  grid g = grid_new(home, 12, 0x7b9);
  const char *heads[] = {"run",    "recorded",      "as of",    "rank",     "of",     "score",
                         "listed", "places gained", "own data", "settings", "rivals", "what changed"};
  for (int i = 0; i < 12; i++) grid_cell(&g, heads[i]);
  for (uint32_t i = 0; i < h->count; i++) {
    const history_step *at = &h->steps[i];
    cell_step(&g, at);
    if (!i) {
      for (int k = 0; k < 5; k++) grid_cell(&g, "");
      continue;
    }
    cell_places(&g, at->moved);
    cell_places(&g, at->by.share[SWITCH_OWN]);
    cell_places(&g, at->by.share[SWITCH_SETTINGS]);
    cell_places(&g, at->by.share[SWITCH_RIVALS]);
    grid_cell(&g, tell_change(&h->steps[i - 1], at, home));
  }
  grid_print(&g, out, to);
}

/* Why some moves have no shares. */
static void write_note(const history *h, text *out)
{
  int both = 0, unknown = 0;
  for (uint32_t i = 1; i < h->count; i++) {
    const history_step *at = &h->steps[i];
    both |= at->settings == DIFFERENT && at->data == DIFFERENT;
    unknown |= at->settings == NOT_KNOWN || at->data == NOT_KNOWN;
  }
  if (both)
    text_add(out, "Where settings and data both changed, what a move is due to cannot be told from what is stored: "
                  "`tarazu compare`\nof the two profiles can.\n");
  if (unknown) text_add(out, "Of runs without a manifest it is not known whether settings or data changed.\n");
}

void history_text(const char *customer, const history *histories, uint32_t count, arena *home, text *out, screen to)
{
  for (uint32_t i = 0; i < count; i++) {
    const history *h = &histories[i];
    text_addf(out, "%sCustomer %s in %u run%s of %s", i ? "\n" : "", customer, h->count, h->count == 1 ? "" : "s",
              h->profile ? h->profile : "no profile");
    if (h->company) text_addf(out, " (%s)", h->company);
    text_add(out, "\n");
    write_summary(h, out);
    text_add(out, "\n");
    write_steps(h, home, out, to);
    write_note(h, out);
  }
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static void json_number(text *out, const char *name, double value)
{
  text_addf(out, ", \"%s\": ", name);
  text_add_number(out, value);
}

static void json_text(text *out, const char *name, const char *words)
{
  text_addf(out, ", \"%s\": ", name);
  text_add_json(out, words);
}

static void json_truth(text *out, const char *name, int truth)
{
  text_addf(out, ", \"%s\": %s", name, truth < 0 ? "null" : truth ? "true" : "false");
}

static void json_changes(const history_step *at, text *out)
{
  text_add(out, ", \"measured\": [");
  for (uint32_t i = 0; i < at->measured_count; i++) {
    text_add(out, i ? ", {\"criterion\": " : "{\"criterion\": ");
    text_add_json(out, at->measured[i].criterion);
    json_number(out, "before", at->measured[i].before);
    json_number(out, "after", at->measured[i].after);
    text_add(out, "}");
  }
  text_add(out, "], \"settings\": [");
  for (uint32_t i = 0; i < at->differing_count; i++) {
    text_add(out, i ? ", {\"key\": " : "{\"key\": ");
    text_add_json(out, at->differing[i].key);
    text_addf(out, ", \"before\": %s", at->differing[i].at[0] ? at->differing[i].at[0] : "null");
    text_addf(out, ", \"after\": %s}", at->differing[i].at[1] ? at->differing[i].at[1] : "null");
  }
  text_add(out, "]");
}

static void json_move(const history_step *at, text *out)
{
  text_add(out, ", \"move\": {\"places_gained\": ");
  text_add_number(out, at->moved);
  text_add(out, ", \"by\": {\"own_data\": ");
  text_add_number(out, at->by.share[SWITCH_OWN]);
  json_number(out, "settings", at->by.share[SWITCH_SETTINGS]);
  json_number(out, "rivals", at->by.share[SWITCH_RIVALS]);
  text_add(out, "}, \"same\": {\"settings\": ");
  text_add(out, at->settings == NOT_KNOWN ? "null" : at->settings == SAME ? "true" : "false");
  json_truth(out, "data", at->data == NOT_KNOWN ? -1 : at->data == SAME);
  json_truth(out, "own_data", at->own < 0 ? -1 : !at->own);
  text_add(out, "}");
  json_changes(at, out);
  text_add(out, "}");
}

static void json_step(const history_step *at, int first, text *out)
{
  text_addf(out, "{\"run\": %lld", (long long)at->run.id);
  json_text(out, "recorded", at->run.began);
  json_text(out, "as_of", at->run.as_of);
  text_addf(out, ", \"customers\": %lld, \"scored\": %lld", (long long)at->run.customers, (long long)at->run.scored);
  json_truth(out, "among_customers", at->found);
  if (at->found && at->standing.rank) text_addf(out, ", \"rank\": %lld", (long long)at->standing.rank);
  else text_add(out, ", \"rank\": null");
  json_number(out, "score", at->found ? at->standing.score : (double)NAN);
  json_truth(out, "key_customer", is_listed(at));
  text_add(out, ", \"reason\": ");
  if (at->found && at->standing.reason) text_add_json_n(out, at->standing.reason, at->standing.reason_length);
  else text_add(out, "null");
  if (first) text_add(out, ", \"move\": null");
  else json_move(at, out);
  text_add(out, "}");
}

void history_json(const char *customer, const history *histories, uint32_t count, text *out)
{
  text_add(out, "{\"customer\": ");
  text_add_json(out, customer);
  text_add(out, ",\n \"profiles\": [");
  for (uint32_t i = 0; i < count; i++) {
    text_add(out, i ? ",\n  {\"profile\": " : "\n  {\"profile\": ");
    text_add_json(out, histories[i].profile);
    json_text(out, "company", histories[i].company);
    text_add(out, ", \"runs\": [");
    for (uint32_t k = 0; k < histories[i].count; k++) {
      text_add(out, k ? ",\n   " : "\n   ");
      json_step(&histories[i].steps[k], !k, out);
    }
    text_add(out, "]}");
  }
  text_add(out, "]}\n");
}
