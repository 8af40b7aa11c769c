/* What customers of the make-believe company say and do beyond orders: complaints, promises, ideas, answers, and what
 * is said of them.
 *
 * Behind it are traits that no file names: goodwill, half of which comes with a customer's kind, and wit and standing,
 * which have little to do with how much she buys. Whoever measures them well finds those who are worth more than
 * their orders. A ring of customers who praise nobody but one another is there to be seen through. */
#include "cli/company_inner.h"
#include <errno.h>
#include <stdlib.h>

enum { MOST = 1000 /* of a trait, from 0 */, MONTH = 30, QUARTER = 91 };

static int64_t within(int64_t value, int64_t least, int64_t most)
{
  return value < least ? least : value > most ? most : value;
}

/* ---- traits -------------------------------------------------------------------------------------------------- */

static int64_t goodwill(const company *c, int64_t index)
{
  return (company_kinds[c->customers[index].kind].satisfaction * 10 +
          below(chance(c, DRAW_GOODWILL, index, 0), MOST + 1)) /
         2;
}

/* Many know a little, few much. */
static int64_t wit(const company *c, int64_t index)
{
  int64_t drawn = below(chance(c, DRAW_WIT, index, 0), MOST + 1);
  return drawn * drawn / MOST;
}

/* How well she keeps her word. */
static int64_t word(const company *c, int64_t index)
{
  return (goodwill(c, index) + below(chance(c, DRAW_WORD, index, 0), MOST + 1)) / 2;
}

static int64_t standing(const company *c, int64_t index)
{
  return (goodwill(c, index) + wit(c, index) + 2 * below(chance(c, DRAW_STANDING, index, 0), MOST + 1)) / 4;
}

/* How likely others are to talk of her. As in Zipf's law, the share of customers who have at least some fame falls as
 * one over that fame; those who are well disposed have more. */
static int64_t fame(const company *c, int64_t index)
{
  return 1 + goodwill(c, index) / (1 + below(chance(c, DRAW_FAME, index, 0), MOST));
}

/* ---- the ring: every so manyeth customer, so that its members joined at different times ------------------------ */

static int64_t ring_size(const company *c)
{
  return c->size.customers < 50 ? 0 : within(c->size.customers / 60, 3, 12);
}

static int64_t ring_member(const company *c, int64_t which)
{
  return (2 * which + 1) * c->size.customers / (2 * ring_size(c));
}

static int in_ring(const company *c, int64_t index)
{
  for (int64_t k = 0; k < ring_size(c); k++)
    if (ring_member(c, k) == index) return 1;
  return 0;
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

static char *put_customer(char *at, int64_t index)
{
  at = put_number(at, COMPANY_FIRST_CUSTOMER + index);
  *at++ = ',';
  return at;
}

static char *put_day(char *at, const company *c, int64_t day)
{
  at = put_date(at, c->first_day + day);
  *at++ = ',';
  return at;
}

static char *put_last(char *at, int64_t number)
{
  if (number < 0) *at++ = '-';
  at = put_number(at, number < 0 ? -number : number);
  *at++ = '\n';
  return at;
}

/* More likely the more she orders and the less she is well disposed; a few are never resolved, the latest not yet. */
static void complain(company *c, sheet *s, int64_t index, int32_t month)
{
  const kind *like = &company_kinds[c->customers[index].kind];
  uint64_t bits = chance(c, DRAW_COMPLAINT, index, month), more = mix(bits);
  if (below(bits, 10000) >= (MOST + 100 - goodwill(c, index)) * (8 + like->orders) / 50) return;
  int64_t opened = month + below(bits >> 32, MONTH);
  int64_t severity = within((28 + wobble(more, 40) + 5) / 10, 1, 5), effort = mix(more) & UINT32_MAX;
  int64_t resolved = opened + 1 + below(mix(more) >> 32, 12) * severity;
  char *at = put_day(put_customer(sheet_line(s), index), c, opened);
  if (resolved >= c->days || below(more >> 13, 100) < 6) *at++ = ',';
  else at = put_day(at, c, resolved);
  at = put_number(at, severity);
  *at++ = ',';
  at = put_cents(at, severity * severity * (500 + below((uint64_t)effort, 4000)));
  *at++ = '\n';
  sheet_took(s, at);
  c->counts.complaints++;
}

int write_complaints(company *c, sheet *s)
{
  sheet_took(s, put_text(sheet_line(s), "customer_id,opened,resolved,severity,cost\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    for (int32_t day = first_order_day(who); day + MONTH <= who->left + 1; day += MONTH) complain(c, s, i, day);
  }
  return 0;
}

/* Volumes agreed, payments announced: in about half of the quarters something falls due. */
int write_promises(company *c, sheet *s)
{
  sheet_took(s, put_text(sheet_line(s), "customer_id,due,kept\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    for (int32_t day = first_order_day(who); day + QUARTER <= who->left + 1; day += QUARTER) {
      uint64_t bits = chance(c, DRAW_PROMISE, i, day);
      if (bits & 1) continue;
      int kept = below(mix(bits), MOST) < 350 + word(c, i) * 63 / 100;
      char *at = put_day(put_customer(sheet_line(s), i), c, day + below(bits >> 32, QUARTER));
      sheet_took(s, put_last(at, kept));
      c->counts.promises++;
    }
  }
  return 0;
}

/* An idea is worth something once it has been adopted; the latest wait for their answer. */
static void offer_idea(company *c, sheet *s, int64_t index, int32_t quarter)
{
  uint64_t bits = chance(c, DRAW_IDEA, index, quarter), more = mix(bits);
  int64_t knows = wit(c, index), day = quarter + below(bits >> 32, QUARTER);
  if (below(bits, MOST) >= 20 + knows * 4 / 10) return;
  char *at = put_day(put_customer(sheet_line(s), index), c, day);
  if (day + 20 + below(more, 160) < c->days) {
    int adopted = below(more >> 32, MOST) < 50 + knows * 45 / 100;
    *at++ = (char)('0' + adopted);
    *at++ = ',';
    /* what it saved or brought: the square makes few of them worth much */
    int64_t luck = below(mix(more), 100);
    if (adopted) at = put_cents(at, (10000 + luck * luck * 150) * (500 + knows) / 1000);
  } else {
    *at++ = ',';
  }
  *at++ = '\n';
  sheet_took(s, at);
  c->counts.ideas++;
}

int write_ideas(company *c, sheet *s)
{
  sheet_took(s, put_text(sheet_line(s), "customer_id,date,adopted,value\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    for (int32_t day = first_order_day(who); day + QUARTER <= who->left + 1; day += QUARTER) offer_idea(c, s, i, day);
  }
  return 0;
}

/* Those of the house who know the customers, once in the last year that each was there. */
int write_judgements(company *c, sheet *s)
{
  static const struct {
    const char *name;
    int mildness; /* tenths of a point */
    int doubt;    /* spread of the judgements, in tenths */
    int knows;    /* of a hundred customers */
  } raters[] = {{"sales", 3, 9, 90},
                {"service", 1, 6, 80},
                {"finance", -3, 8, 70},
                {"logistics", -1, 8, 55},
                {"management", 2, 12, 30}};
  sheet_took(s, put_text(sheet_line(s), "customer_id,date,rater,score\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    int32_t first = first_order_day(who), since = who->left - DAYS_PER_YEAR > first ? who->left - DAYS_PER_YEAR : first;
    for (size_t r = 0; r < COUNT(raters); r++) {
      uint64_t bits = chance(c, DRAW_JUDGEMENT, i, (int64_t)r);
      if (below(bits, 100) >= raters[r].knows) continue;
      int64_t tenths = 10 + standing(c, i) * 60 / MOST + raters[r].mildness + wobble(mix(bits), raters[r].doubt);
      char *at = put_day(put_customer(sheet_line(s), i), c, since + below(bits >> 32, who->left - since + 1));
      at = put_text(at, raters[r].name);
      *at++ = ',';
      sheet_took(s, put_last(at, within((tenths + 5) / 10, 1, 7)));
      c->counts.judgements++;
    }
  }
  return 0;
}

/* Once a year the long questionnaire. "I would rather have bought elsewhere" (regret) is asked the other way round. */
int write_survey_items(company *c, sheet *s)
{
  static const struct {
    const char *name;
    int level, doubt, reversed; /* tenths of a point; of the answer before it is turned round */
  } items[] = {
      {"ease", 33, 24, 0}, {"quality", 36, 18, 0}, {"support", 31, 26, 0}, {"regret", 34, 30, 1}, {"trust", 33, 20, 0}};
  sheet_took(s, put_text(sheet_line(s), "customer_id,date,item,answer\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    const customer *who = &c->customers[i];
    for (int32_t day = first_order_day(who); day + DAYS_PER_YEAR <= who->left + 1; day += DAYS_PER_YEAR) {
      uint64_t bits = chance(c, DRAW_ITEM, i, (int64_t)day * 8);
      if (below(bits, 100) >= company_kinds[who->kind].answers) continue;
      int64_t mood = (goodwill(c, i) - MOST * 6 / 10) * 40 / MOST + wobble(mix(bits), 12);
      int64_t asked = day + below(bits >> 32, DAYS_PER_YEAR);
      for (size_t k = 0; k < COUNT(items); k++) {
        uint64_t answer = chance(c, DRAW_ITEM, i, (int64_t)day * 8 + 1 + (int64_t)k);
        if (below(mix(answer), 100) < 5) continue; /* left blank */
        int64_t points = within((items[k].level + mood + wobble(answer, items[k].doubt) + 5) / 10, 1, 5);
        char *at = put_text(put_day(put_customer(sheet_line(s), i), c, asked), items[k].name);
        *at++ = ',';
        sheet_took(s, put_last(at, items[k].reversed ? 6 - points : points));
        c->counts.item_answers++;
      }
    }
  }
  return 0;
}

/* ---- who speaks of whom ---------------------------------------------------------------------------------------- */

/* The sums of all customers' fame, for drawn_of. NULL: no memory. */
static int64_t *fame_sums(const company *c)
{
  int64_t *sums = malloc(((size_t)c->size.customers + 1) * sizeof *sums);
  if (!sums) return NULL;
  sums[0] = 0;
  for (int64_t i = 0; i < c->size.customers; i++) sums[i + 1] = sums[i] + fame(c, i);
  return sums;
}

/* A day when both were customers, or the last one's first day where the other had left by then. */
static int64_t common_day(const company *c, int64_t one, int64_t other, uint64_t bits)
{
  const customer *a = &c->customers[one], *b = &c->customers[other];
  int32_t from = first_order_day(a) > first_order_day(b) ? first_order_day(a) : first_order_day(b);
  int32_t upto = a->left < b->left ? a->left : b->left;
  return from + below(bits, upto > from ? upto - from + 1 : 1);
}

/* Talkative customers speak of many, everybody most often of the famous. */
int write_mentions(company *c, sheet *s)
{
  int64_t *sums = fame_sums(c);
  if (!sums) return ENOMEM;
  sheet_took(s, put_text(sheet_line(s), "from_id,to_id,date,weight\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    uint64_t talks = chance(c, DRAW_MENTION, i, 0);
    int64_t spoken = below(talks, 7) + company_kinds[c->customers[i].kind].brings / 8;
    if (below(talks >> 32, 100) < 5) spoken += 20;
    for (int64_t k = 1; k <= spoken; k++) {
      uint64_t bits = chance(c, DRAW_MENTION, i, k), more = mix(bits);
      int64_t of = drawn_of(sums, c->size.customers, bits);
      if (of == i) continue;
      char *at = put_day(put_customer(put_customer(sheet_line(s), i), of), c, common_day(c, i, of, more));
      sheet_took(s, put_last(at, 1 + below(more >> 32, 3) * below(mix(more), 3)));
      c->counts.mentions++;
    }
  }
  free(sums);
  return 0;
}

static void rate(company *c, sheet *s, int64_t rater, int64_t rated, uint64_t bits, int64_t rating)
{
  char *at = put_day(put_customer(put_customer(sheet_line(s), rater), rated), c, common_day(c, rater, rated, bits));
  sheet_took(s, put_last(at, rating));
  c->counts.ratings++;
}

/* How it is to do business with her, as one who has done it says; members of the ring are no good at it. */
static int64_t honest_rating(const company *c, int64_t rater, int64_t rated, uint64_t bits)
{
  int64_t mildness = wobble(chance(c, DRAW_RATING, rater, -1), 20);
  int64_t tenths = in_ring(c, rated) ? -35 : (word(c, rated) + standing(c, rated) - 850) * 100 / MOST;
  tenths += mildness + wobble(bits, 45);
  return within((tenths + (tenths < 0 ? -5 : 5)) / 10, -10, 10);
}

/* Nobody rates another one twice, nor herself. */
int write_ratings(company *c, sheet *s)
{
  enum { MOST_RATED = 10 };
  int64_t *sums = fame_sums(c);
  if (!sums) return ENOMEM;
  sheet_took(s, put_text(sheet_line(s), "rater_id,rated_id,date,rating\n"));
  for (int64_t i = 0; i < c->size.customers; i++) {
    int64_t rated[MOST_RATED], count = 0, ring = in_ring(c, i);
    int64_t wanted = ring ? 2 : below(chance(c, DRAW_RATING, i, 0), MOST_RATED + 1);
    for (int64_t k = 1; k <= wanted; k++) {
      uint64_t bits = chance(c, DRAW_RATING, i, k), more = mix(bits);
      /* every second one is met by chance, not by fame */
      int64_t whom = k & 1 ? drawn_of(sums, c->size.customers, bits) : below(bits, c->size.customers);
      int known = whom == i || (ring && in_ring(c, whom));
      for (int64_t n = 0; n < count; n++) known |= rated[n] == whom;
      if (known) continue;
      rated[count++] = whom;
      rate(c, s, i, whom, more, honest_rating(c, i, whom, mix(more)));
    }
    for (int64_t k = 0; ring && k < ring_size(c); k++) {
      int64_t whom = ring_member(c, k);
      if (whom != i) rate(c, s, i, whom, chance(c, DRAW_RATING, i, 100 + k), 10);
    }
  }
  free(sums);
  return 0;
}
