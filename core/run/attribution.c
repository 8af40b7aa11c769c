/* What a change is due to, when several causes changed at once. */
#include "run/attribution.h"
#include <math.h>

enum { ORDERS = 6 };
static const int orders[ORDERS][SWITCHES] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

/* Whether every place on the way of an order is known. */
static int can_go(const int *order, const int known[8])
{
  unsigned at = 0;
  for (int i = 0; i < SWITCHES; i++) {
    at |= 1u << order[i];
    if (!known[at]) return 0;
  }
  return known[0];
}

/* Own data and rivals as one switch: over what settings do before and after. */
static attribution attribute_jointly(const double places[8], const int known[8])
{
  const unsigned settings = 1u << SWITCH_SETTINGS, all = 7, data = all & ~settings;
  attribution out = {.share = {NAN, NAN, NAN}, .data = NAN};
  double of_settings = 0, of_data = 0;
  if (known[0] && known[settings] && known[all]) {
    out.orders++;
    of_settings += places[0] - places[settings];
    of_data += places[settings] - places[all];
  }
  if (known[0] && known[data] && known[all]) {
    out.orders++;
    of_data += places[0] - places[data];
    of_settings += places[data] - places[all];
  }
  if (!out.orders) return out;
  out.share[SWITCH_SETTINGS] = of_settings / out.orders;
  out.data = of_data / out.orders;
  return out;
}

attribution attribute(place_task *task, void *argument)
{
  attribution out = {.data = NAN};
  double places[8] = {0};
  int known[8];
  for (unsigned at = 0; at < 8; at++) known[at] = task(argument, at, &places[at]);
  for (int i = 0; i < ORDERS; i++) {
    if (!can_go(orders[i], known)) continue;
    unsigned at = 0;
    out.orders++;
    for (int k = 0; k < SWITCHES; k++) {
      unsigned next = at | 1u << orders[i][k];
      out.share[orders[i][k]] += places[at] - places[next];
      at = next;
    }
  }
  if (!out.orders) return attribute_jointly(places, known);
  for (int k = 0; k < SWITCHES; k++) out.share[k] /= out.orders;
  return out;
}
