/* A make-believe wholesale company. Its customers are of a few kinds that no file names: regulars, quiet giants who buy
 * much and talk to nobody, connectors who buy little and bring many, giants who are about to leave. Who looks at
 * revenue alone takes the wrong ones for key customers.
 *
 * Everything is drawn from a hash of (seed, what is drawn, whose), in integers: the same bytes on every machine, and an
 * order's details can be drawn again when it is written, in the order of time, without having been kept. */
#include "base/calendar.h"
#include "cli/company_inner.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EARLIER_YEARS = 5 /* that the company is older than its orders */ };

const kind company_kinds[] = {
    {520, 16, 4, 24, 74, 2, 45, 12, 29, STEADY},  /* regulars */
    {240, 4, 2, 12, 66, 1, 20, 45, 22, STEADY},   /* occasional ones */
    {50, 34, 60, 220, 68, 0, 15, 0, 30, STEADY},  /* quiet giants */
    {30, 36, 60, 220, 34, 0, 70, 0, 26, FALLING}, /* unhappy giants */
    {60, 9, 2, 10, 93, 90, 80, 0, 41, STEADY},    /* connectors */
    {70, 18, 8, 60, 84, 8, 60, 0, 38, RISING},    /* newcomers on their way up */
    {30, 28, 40, 150, 88, 20, 65, 0, 44, STEADY}, /* big and well spoken of */
};
enum { KINDS = COUNT(company_kinds), REGULAR = 0, NEWCOMER = 5 };

static const char *const places[] = {
    "Alder",  "Amber",    "Ashford", "Birch",    "Bridge", "Canal",  "Castle",  "Cedar",   "Clover",  "Copper",
    "Corner", "Crown",    "Dale",    "Eastgate", "Elm",    "Fern",   "Garden",  "Granite", "Harbour", "Hazel",
    "Hill",   "Ivory",    "Juniper", "Lake",     "Larch",  "Linden", "Market",  "Meadow",  "Mill",    "North",
    "Oak",    "Old Town", "Orchard", "Park",     "Quarry", "River",  "Saffron", "Station", "Willow",  "Zürich"};
static const char *const trades[] = {"Foods",  "Bakery", "Kitchens", "Hotel",   "Provisions", "Catering",
                                     "Pantry", "Deli",   "Grocers",  "Canteen", "Bistro",     "Larder",
                                     "Dairy",  "Café",   "Stores",   "Traders"};
static const char *const forms[] = {"", " Ltd", " & Co", " & Sons", " Group", " Partners"};
static const char *const industries[] = {"restaurants", "hotels", "grocery", "bakeries", "schools", "offices"};
static const char *const regions[] = {"north", "south", "east", "west", "overseas"};
/* ---- chance ------------------------------------------------------------------------------------------------ */

/* SplitMix64's finalizer (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"). */
uint64_t mix(uint64_t z)
{
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint64_t chance(const company *c, enum draw what, int64_t whose, int64_t which)
{
  uint64_t z = mix(c->size.seed * 64 + (uint64_t)what + UINT64_C(0x9e3779b97f4a7c15));
  z = mix(z + (uint64_t)whose * UINT64_C(0x9e3779b97f4a7c15));
  return mix(z + (uint64_t)which * UINT64_C(0xd1b54a32d192ed03));
}

/* A whole number in [0, below) out of 32 bits of a draw. */
int64_t below(uint64_t bits32, int64_t limit)
{
  return (int64_t)(((bits32 & UINT32_MAX) * (uint64_t)limit) >> 32);
}

/* -spread … spread, the more likely the nearer to 0 (the sum of four even draws of 16 bits each). */
int64_t wobble(uint64_t bits, int64_t spread)
{
  int64_t sum = (int64_t)((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
  return (sum - 2 * 0xffff) * spread / (2 * 0xffff);
}

/* ---- the company ------------------------------------------------------------------------------------------- */

static int kind_of(const company *c, int64_t index)
{
  int64_t drawn = below(chance(c, DRAW_KIND, index, 0), 1000);
  int like = 0;
  while (like < KINDS - 1 && drawn >= company_kinds[like].share) drawn -= company_kinds[like++].share;
  /* Newcomers are new: among the first seven in ten to join they are regulars. */
  return like == NEWCOMER && index * 10 < c->size.customers * 7 ? REGULAR : like;
}

static void company_people(company *c)
{
  int64_t span = c->days + (int64_t)EARLIER_YEARS * DAYS_PER_YEAR - 60; /* nobody joins in the last two months */
  for (int64_t i = 0; i < c->size.customers; i++) {
    customer *who = &c->customers[i];
    /* In order of their numbers, about evenly over the years. */
    int64_t part = (int64_t)((uint64_t)i * 1024 + (chance(c, DRAW_JOINED, i, 0) & 1023));
    who->kind = (uint8_t)kind_of(c, i);
    who->joined = (int32_t)(span * part / (c->size.customers * 1024) - (int64_t)EARLIER_YEARS * DAYS_PER_YEAR);
    who->left = c->days - 1;
    uint64_t leaving = chance(c, DRAW_LEFT, i, 0);
    if (below(leaving, 100) < company_kinds[who->kind].leaves) {
      int32_t first = first_order_day(who);
      who->left = first + (int32_t)below(leaving >> 32, c->days - first);
    }
  }
}

/* Shares the orders out by each customer's habit and days, so that they add up to what was asked for: what one's share
 * leaves over is carried to the next (Bresenham 1965). */
static void company_share_orders(company *c)
{
  uint64_t whole = 0, carried = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t i = 0; i < c->size.customers; i++) {
      customer *who = &c->customers[i];
      uint64_t habit = (uint64_t)company_kinds[who->kind].orders *
                       (uint64_t)(60 + below(chance(c, DRAW_RATE, i, 0), 81)) *
                       (uint64_t)(who->left - first_order_day(who) + 1);
      if (pass == 0) {
        whole += habit;
        continue;
      }
      carried += habit * (uint64_t)c->size.orders;
      who->orders = (int32_t)(carried / whole);
      carried %= whole;
    }
  }
}

static void company_catalogue(company *c)
{
  for (int i = 0; i < PRODUCTS; i++) {
    uint64_t bits = chance(c, DRAW_PRODUCT, i, 0);
    product *made = &c->products[i];
    made->price = (int32_t)(200 + below(bits, 150) * below(bits >> 32, 40));
    made->price -= made->price % 5;
    made->cost = (int32_t)(made->price * (55 + below(bits >> 20, 31)) / 100);
    made->length = (int)(put_cents(made->digits, made->price) - made->digits);
  }
}

/* The day of a customer's order: a weekday, later ones more likely where she is rising, earlier ones where falling. */
static int32_t order_day(const company *c, int64_t index, int32_t which)
{
  const customer *who = &c->customers[index];
  uint64_t bits = chance(c, DRAW_DAY, index, which);
  uint32_t one = (uint32_t)bits, other = (uint32_t)(bits >> 32);
  trend going = company_kinds[who->kind].trend;
  uint32_t drawn = going == STEADY ? one : (going == RISING) == (one > other) ? one : other;
  int32_t first = first_order_day(who);
  int32_t day = first + (int32_t)below(drawn, who->left - first + 1);
  int64_t weekday = (c->first_day + day + 3) % 7; /* 1970-01-01 was a Thursday: 0 is Monday */
  if (weekday >= 5) day += (int32_t)(7 - weekday);
  return day < c->days ? day : c->days - 1;
}

/* ---- what is written --------------------------------------------------------------------------------------- */

static int write_customers(company *c, sheet *s)
{
  sheet_took(s, put_text(sheet_line(s), "customer_id,name,industry,region,since,satisfaction,strategic_fit\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    const kind *like = &company_kinds[who->kind];
    uint64_t bits = chance(c, DRAW_NAME, i, 0), asked = chance(c, DRAW_SATISFACTION, i, 0);
    char *at = put_number(sheet_line(s), COMPANY_FIRST_CUSTOMER + i);
    *at++ = ',';
    at = put_text(at, places[bits % COUNT(places)]);
    *at++ = ' ';
    at = put_text(at, trades[(bits >> 10) % COUNT(trades)]);
    at = put_text(at, forms[(bits >> 20) % COUNT(forms)]);
    *at++ = ',';
    at = put_text(at, industries[(bits >> 30) % COUNT(industries)]);
    *at++ = ',';
    at = put_text(at, regions[(bits >> 40) % COUNT(regions)]);
    *at++ = ',';
    at = put_date(at, c->first_day + who->joined);
    *at++ = ',';
    if (asked % 100 >= 8) { /* eight in a hundred were never asked */
      int64_t tenths = like->satisfaction + wobble(mix(asked), 22);
      tenths = tenths < 0 ? 0 : tenths > 100 ? 100 : tenths;
      at = put_number(at, tenths / 10);
      *at++ = '.';
      at = put_number(at, tenths % 10);
    }
    *at++ = ',';
    int64_t fit = (like->fit + wobble(chance(c, DRAW_FIT, i, 0), 20) + 5) / 10;
    at = put_number(at, fit < 1 ? 1 : fit > 5 ? 5 : fit);
    *at++ = '\n';
    sheet_took(s, at);
    c->counts.customers++;
  }
  return 0;
}

static char *put_order(company *c, char *at, int64_t number, uint32_t index, int32_t day)
{
  const kind *like = &company_kinds[c->customers[index].kind];
  uint64_t bits = chance(c, DRAW_ORDER, number, 0);
  const product *sold = &c->products[(bits >> 32) % PRODUCTS];
  int64_t quantity = like->least_quantity + below(bits, like->most_quantity - like->least_quantity + 1);
  at = put_number(at, number);
  *at++ = ',';
  at = put_number(at, COMPANY_FIRST_CUSTOMER + (int64_t)index);
  *at++ = ',';
  memcpy(at, c->dates[day], 10);
  at += 10;
  *at++ = ',';
  at = put_number(at, quantity);
  *at++ = ',';
  memcpy(at, sold->digits, sizeof sold->digits);
  at += sold->length;
  *at++ = ',';
  at = put_cents(at, quantity * sold->cost);
  *at++ = '\n';
  c->counts.revenue += quantity * sold->price;
  c->counts.orders++;
  return at;
}

/* In order of time, as a company's books are: the orders of each day are counted, then set in their places (a counting
 * sort), then written. Customers are gone through in strides that no number of theirs divides, so that a day's orders
 * do not come in the order of customers. */
static int write_orders(company *c, sheet *s)
{
  enum { STRIDE = 2147483647 }; /* a prime above any number of customers */
  int64_t *starts = calloc((size_t)c->days + 1, sizeof *starts);
  uint32_t *order = malloc(((size_t)c->size.orders + 1) * sizeof *order);
  if (!starts || !order) {
    free(starts);
    free(order);
    return ENOMEM;
  }
  for (int64_t i = 0; i < c->size.customers; i++) {
    for (int32_t k = 0; k < c->customers[i].orders; k++) starts[order_day(c, i, k) + 1]++;
  }
  for (int32_t day = 0; day < c->days; day++) starts[day + 1] += starts[day];
  for (int64_t i = 0; i < c->size.customers; i++) {
    int64_t who = i * STRIDE % c->size.customers;
    for (int32_t k = 0; k < c->customers[who].orders; k++) order[starts[order_day(c, who, k)]++] = (uint32_t)who;
  }
  sheet_took(s, put_text(sheet_line(s), "order_id,customer_id,order_date,quantity,unit_price,cost\n"));
  int64_t number = 0;
  for (int32_t day = 0; day < c->days; day++) { /* starts[day] is by now where the day ends */
    for (; number < starts[day]; number++) {
      sheet_took(s, put_order(c, sheet_line(s), number + 1, order[number], day));
    }
  }
  free(starts);
  free(order);
  return 0;
}

/* The one of customers 0 … count - 1 at whom a draw falls: sums[i] is the weight of customers 0 … i - 1. */
int64_t drawn_of(const int64_t *sums, int64_t count, uint64_t bits)
{
  int64_t drawn = below(bits, sums[count]), low = 0, high = count;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (sums[middle] <= drawn) low = middle;
    else high = middle;
  }
  return low;
}

/* Of those who came before, by how likely each brings somebody. */
static int64_t referrer_of(const company *c, const int64_t *sums, int64_t index)
{
  uint64_t bits = chance(c, DRAW_REFERRER, index, 0);
  if (bits >> 32 & 1 || sums[index] == 0) return -1; /* every second one came by herself */
  return drawn_of(sums, index, mix(bits));
}

static int write_referrals(company *c, sheet *s)
{
  int64_t *sums = malloc(((size_t)c->size.customers + 1) * sizeof *sums);
  if (!sums) return ENOMEM;
  sums[0] = 0;
  for (int64_t i = 0; i < c->size.customers; i++) sums[i + 1] = sums[i] + company_kinds[c->customers[i].kind].brings;
  sheet_took(s, put_text(sheet_line(s), "referrer_id,referred_id,date\n"));
  for (int64_t i = 1; i < c->size.customers; i++) {
    int64_t from = referrer_of(c, sums, i);
    if (from < 0) continue;
    char *at = put_number(sheet_line(s), COMPANY_FIRST_CUSTOMER + from);
    *at++ = ',';
    at = put_number(at, COMPANY_FIRST_CUSTOMER + i);
    *at++ = ',';
    at = put_date(at, c->first_day + c->customers[i].joined);
    *at++ = '\n';
    sheet_took(s, at);
    c->counts.referrals++;
  }
  free(sums);
  return 0;
}

/* "How likely would you recommend us, from 0 to 10?", twice a year, while a customer buys. */
static int write_surveys(company *c, sheet *s)
{
  enum { EVERY = 182 };
  sheet_took(s, put_text(sheet_line(s), "customer_id,date,score\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    const kind *like = &company_kinds[who->kind];
    int32_t first = first_order_day(who);
    for (int32_t day = first; day + EVERY <= who->left + 1; day += EVERY) {
      uint64_t bits = chance(c, DRAW_ANSWER, i, day);
      if (below(bits, 100) >= like->answers) continue;
      int64_t tenths = like->satisfaction + wobble(mix(bits), 25);
      if (like->trend == FALLING) tenths += 30 - 45 * (int64_t)(day - first) / c->days;
      int64_t score = (tenths + 5) / 10;
      char *at = put_number(sheet_line(s), COMPANY_FIRST_CUSTOMER + i);
      *at++ = ',';
      at = put_date(at, c->first_day + day + below(bits >> 32, EVERY));
      *at++ = ',';
      at = put_number(at, score < 0 ? 0 : score > 10 ? 10 : score);
      *at++ = '\n';
      sheet_took(s, at);
      c->counts.answers++;
    }
  }
  return 0;
}

static int write_all(company *c, sheet *s, const char *folder)
{
  static const struct {
    const char *name;
    int (*write)(company *c, sheet *s);
  } tables[] = {
      {"customers.csv", write_customers},
      {"orders.csv", write_orders},
      {"referrals.csv", write_referrals},
      {"surveys.csv", write_surveys},
      {"complaints.csv", write_complaints},
      {"promises.csv", write_promises},
      {"ideas.csv", write_ideas},
      {"judgements.csv", write_judgements},
      {"survey_items.csv", write_survey_items},
      {"mentions.csv", write_mentions},
      {"ratings.csv", write_ratings},
  };
  for (size_t i = 0; i < COUNT(tables); i++) {
    sheet_open(s, folder, tables[i].name);
    int fault = tables[i].write(c, s);
    if (sheet_close(s) || fault) return fault ? fault : s->fault;
  }
  return 0;
}

int company_write(const char *folder, const company_size *size, company_counts *counts, char failed[4096])
{
  company c = {.size = *size, .days = (int32_t)(size->years * DAYS_PER_YEAR)};
  int zoned, fault = ENOMEM;
  int64_t as_of;
  failed[0] = 0;
  calendar_parse(COMPANY_AS_OF, &as_of, &zoned);
  c.first_day = as_of / MICROSECONDS_PER_DAY - c.days;
  c.customers = calloc((size_t)size->customers, sizeof *c.customers);
  c.dates = malloc((size_t)c.days * sizeof *c.dates);
  sheet *s = malloc(sizeof *s);
  if (c.customers && c.dates && s) {
    for (int32_t i = 0; i < c.days; i++) put_date(c.dates[i], c.first_day + i);
    company_people(&c);
    company_share_orders(&c);
    company_catalogue(&c);
    fault = write_all(&c, s, folder);
    if (fault) snprintf(failed, 4096, "%s", s->path);
  }
  free(s);
  free(c.dates);
  free(c.customers);
  *counts = c.counts;
  return fault;
}
