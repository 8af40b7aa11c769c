/* A comparison as people read it, and as JSON. */
#include "base/grid.h"
#include "run/compare.h"
#include <math.h>

/* ---- as text -------------------------------------------------------------------------------------------------- */

enum { SHOWN = 50 };

static const char *name_of(const comparison *c, const customer_move *m)
{
  int side = m->row[0] < 0;
  size_t length;
  const char *name = ranking_name(c->sides[side], m->row[side], &length);
  return arena_copy_n(c->arena, name, length);
}

static int is_listed(const comparison *c, const customer_move *m, int side)
{
  return m->row[side] >= 0 && c->sides[side]->key[m->row[side]];
}

static void cell_rank(const comparison *c, grid *g, const customer_move *m, int side)
{
  if (m->row[side] < 0) grid_cell(g, "absent");
  else if (!c->sides[side]->rank || !c->sides[side]->rank[m->row[side]]) grid_cell(g, "-");
  else grid_cellf(g, "%lld", (long long)c->sides[side]->rank[m->row[side]]);
}

static void cell_places(grid *g, double places)
{
  if (isnan(places)) grid_cell(g, "-");
  else if (fabs(places) < 0.05) grid_cell(g, "0");
  else if (places == floor(places)) grid_cellf(g, "%+.0f", places);
  else grid_cellf(g, "%+.1f", places);
}

/* What the profile's rule said of her where she stands now. */
static const char *reason_of(const comparison *c, const customer_move *m)
{
  const char *reason = ranking_reason(c->sides[1], m->row[1]);
  if (m->row[1] < 0)
    return arena_format(c->arena, "no longer among the customers%s", c->sides[1]->rank ? "" : " listed");
  return reason ? reason : "";
}

static int any_joint(const customer_move *moves, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (!isnan(moves[i].by.data)) return 1;
  return 0;
}

static void write_moves(const comparison *c, const char *title, const customer_move *moves, uint32_t count, text *out,
                        screen to)
{
  uint32_t shown = count < SHOWN ? count : SHOWN;
  int joint = any_joint(moves, shown);
  if (!count) return;
  grid g = grid_new(c->arena, 8, joint ? 0x3e : 0x7e);
  text_addf(out, "\n%s\n", title);
  const char *heads[] = {"customer", c->names[0], c->names[1], "places gained"};
  for (int i = 0; i < 4; i++) grid_cell(&g, heads[i]);
  grid_cell(&g, joint ? "data" : "own data");
  grid_cell(&g, "settings");
  grid_cell(&g, joint ? "" : "rivals");
  grid_cell(&g, "decision");
  for (uint32_t i = 0; i < shown; i++) {
    const customer_move *m = &moves[i];
    grid_cell(&g, name_of(c, m));
    for (int side = 0; side < 2; side++) cell_rank(c, &g, m, side);
    cell_places(&g, m->place[0] - m->place[1]);
    cell_places(&g, joint && isnan(m->by.data) ? m->by.share[SWITCH_OWN] + m->by.share[SWITCH_RIVALS]
                    : joint                    ? m->by.data
                                               : m->by.share[SWITCH_OWN]);
    cell_places(&g, m->by.share[SWITCH_SETTINGS]);
    if (joint) grid_cell(&g, "");
    else cell_places(&g, m->by.share[SWITCH_RIVALS]);
    grid_cell(&g, reason_of(c, m));
  }
  grid_print(&g, out, to);
  if (shown < count) text_addf(out, "… and %u more, which --json has\n", count - shown);
}

static void write_measure(grid *g, const char *name, double value, const char *note)
{
  grid_cell(g, name);
  if (isnan(value)) grid_cell(g, "-");
  else grid_cellf(g, "%.4f", value);
  grid_cell(g, note);
}

static void write_agreement(const comparison *c, text *out)
{
  const agreement_found *a = &c->agreement;
  grid g = grid_new(c->arena, 3, 2);
  if (!comparison_has_ranks(c)) return;
  text_addf(out, "\nagreement of the rankings of the %lld customers who have a rank on both sides\n",
            (long long)a->customers);
  write_measure(&g, "Spearman", a->spearman, "");
  write_measure(&g, "Kendall tau-b", a->kendall, "");
  write_measure(&g, "weighted Spearman", a->weighted_spearman, "the top counts more");
  write_measure(&g, "WS", a->ws, "the top counts most");
  if (a->k > 0) {
    write_measure(&g, "overlap", a->overlap, arena_format(c->arena, "of the first %lld", (long long)a->k));
    write_measure(&g, "rank-biased overlap", a->rank_biased_overlap,
                  arena_format(c->arena, "of the first %lld, persistence %.4g", (long long)a->k, a->persistence));
  }
  grid_print(&g, out, (screen){0});
}

static const char *words_of(sameness same)
{
  return same == SAME ? "the same" : same == DIFFERENT ? "different" : "not known";
}

/* How the shares of moves came about, or why there are none. */
static const char *method(const comparison *c)
{
  if (!comparison_has_ranks(c)) return "One side is a list without ranks: there are no moves to be explained.";
  if (c->sides[0]->run && c->sides[1]->run && (c->cross[0] || c->cross[1] || c->settings == SAME || c->data == SAME))
    return "Places gained are shared among her own data, weights and settings, and her rivals' data: each is changed "
           "from A to B\nin every order that can be gone, and what it moves her by is averaged, so that the shares add "
           "up to the move.";
  if (c->sides[0]->run && c->sides[1]->run)
    return "What moves are due to cannot be told: neither side's settings can be run on the other's data.";
  if (c->settings == SAME || c->data == SAME)
    return "Places gained are shared between her own score and her rivals' scores, as they were published; settings "
           "that are the\nsame moved nobody, and of data that are the same only settings can have moved anybody.";
  return c->settings == NOT_KNOWN
             ? "What moves are due to cannot be told: a manifest beside the results is missing."
             : "What moves are due to cannot be told from results whose settings and data both differ: compare the "
               "profiles.";
}

void comparison_text(const comparison *c, text *out, screen to)
{
  grid g = grid_new(c->arena, 4, 0xc);
  const char *heads[] = {"", "", "customers", "key customers"};
  for (int i = 0; i < 4; i++) grid_cell(&g, heads[i]);
  for (int k = 0; k < 2; k++) {
    grid_cell(&g, c->names[k]);
    grid_cell(&g, c->sides[k]->name);
    if (c->sides[k]->rank) grid_cellf(&g, "%lld", (long long)c->sides[k]->count);
    else grid_cell(&g, "-");
    grid_cellf(&g, "%lld", (long long)c->sides[k]->listed);
  }
  grid_print(&g, out, to);
  text_addf(out, "settings: %s; data: %s\n", words_of(c->settings), words_of(c->data));
  for (int k = 0; k < 2; k++)
    if (c->why_not[k])
      text_addf(out, "%s's settings cannot be run on %s's data: %s\n", c->names[k], c->names[!k], c->why_not[k]);
  text_addf(out, "the lists: %lld stay, %u entered, %u left\n", (long long)c->shared, c->entered_count, c->left_count);
  write_agreement(c, out);
  write_moves(c, "entered the list", c->entered, c->entered_count, out, to);
  write_moves(c, "left the list", c->left, c->left_count, out, to);
  write_moves(c, "moved most, by the ratio of ranks", c->moved, c->moved_count, out, to);
  write_moves(c, "asked for", c->asked_moves, c->asked_count, out, to);
  if (c->entered_count + c->left_count + c->moved_count + c->asked_count) text_addf(out, "\n%s\n", method(c));
}

/* ---- as JSON -------------------------------------------------------------------------------------------------- */

static void json_number(text *out, const char *name, double value)
{
  text_addf(out, "\"%s\": ", name);
  text_add_number(out, value);
}

static void json_side(const comparison *c, int side, text *out)
{
  const ranking *r = c->sides[side];
  text_add(out, "{\"name\": ");
  text_add_json(out, r->name);
  if (r->rank) text_addf(out, ", \"customers\": %lld, \"scored\": %lld", (long long)r->count, (long long)r->scored);
  else text_add(out, ", \"customers\": null, \"scored\": null");
  text_addf(out, ", \"key_customers\": %lld}", (long long)r->listed);
}

static void json_move(const comparison *c, const customer_move *m, text *out)
{
  static const char *const names[] = {"a", "b"};
  text_add(out, "{\"customer\": ");
  text_add_json(out, name_of(c, m));
  for (int k = 0; k < 2; k++) {
    const ranking *r = c->sides[k];
    int64_t row = m->row[k];
    text_addf(out, ", \"%s\": ", names[k]);
    if (row < 0) {
      text_add(out, "null");
      continue;
    }
    if (r->rank && r->rank[row]) text_addf(out, "{\"rank\": %lld, ", (long long)r->rank[row]);
    else text_add(out, "{\"rank\": null, ");
    json_number(out, "score", r->score ? r->score[row] : NAN);
    text_addf(out, ", \"key_customer\": %s, \"reason\": ", is_listed(c, m, k) ? "true" : "false");
    text_add_json(out, ranking_reason(r, row));
    text_add(out, "}");
  }
  text_add(out, ", ");
  json_number(out, "places_gained", m->place[0] - m->place[1]);
  text_add(out, ", \"by\": {");
  json_number(out, "own_data", m->by.share[SWITCH_OWN]);
  text_add(out, ", ");
  json_number(out, "settings", m->by.share[SWITCH_SETTINGS]);
  text_add(out, ", ");
  json_number(out, "rivals", m->by.share[SWITCH_RIVALS]);
  text_add(out, ", ");
  json_number(out, "data", m->by.data);
  text_addf(out, ", \"orders\": %d}}", m->by.orders);
}

static void json_moves(const comparison *c, const char *name, const customer_move *moves, uint32_t count, text *out)
{
  text_addf(out, ",\n \"%s\": [", name);
  for (uint32_t i = 0; i < count; i++) {
    text_add(out, i ? ",\n  " : "\n  ");
    json_move(c, &moves[i], out);
  }
  text_add(out, "]");
}

static void json_sameness(text *out, const char *name, sameness same)
{
  text_addf(out, ", \"%s\": %s", name, same == SAME ? "true" : same == DIFFERENT ? "false" : "null");
}

void comparison_json(const comparison *c, text *out)
{
  const agreement_found *g = &c->agreement;
  text_add(out, "{\"a\": ");
  json_side(c, 0, out);
  text_add(out, ",\n \"b\": ");
  json_side(c, 1, out);
  text_add(out, ",\n \"same\": {");
  text_addf(out, "\"list\": %s", c->entered_count + c->left_count ? "false" : "true");
  json_sameness(out, "settings", c->settings);
  json_sameness(out, "data", c->data);
  text_add(out, "},\n \"not_run\": {\"settings_of_a_on_data_of_b\": ");
  text_add_json(out, c->why_not[0]);
  text_add(out, ", \"settings_of_b_on_data_of_a\": ");
  text_add_json(out, c->why_not[1]);
  text_addf(out, "},\n \"agreement\": ");
  if (comparison_has_ranks(c)) {
    text_addf(out, "{\"customers\": %lld, ", (long long)g->customers);
    json_number(out, "spearman", g->spearman);
    text_add(out, ", ");
    json_number(out, "kendall_tau_b", g->kendall);
    text_add(out, ", ");
    json_number(out, "weighted_spearman", g->weighted_spearman);
    text_add(out, ", ");
    json_number(out, "ws", g->ws);
    text_addf(out, ", \"k\": %lld, ", (long long)g->k);
    json_number(out, "overlap", g->overlap);
    text_add(out, ", ");
    json_number(out, "rank_biased_overlap", g->rank_biased_overlap);
    text_add(out, ", ");
    json_number(out, "persistence", g->persistence);
    text_add(out, "}");
  } else {
    text_add(out, "null");
  }
  text_addf(out, ",\n \"stayed\": %lld", (long long)c->shared);
  json_moves(c, "entered", c->entered, c->entered_count, out);
  json_moves(c, "left", c->left, c->left_count, out);
  json_moves(c, "moved", c->moved, c->moved_count, out);
  json_moves(c, "asked", c->asked_moves, c->asked_count, out);
  text_add(out, "}\n");
}
