/* What the files of the make-believe company share: who its customers are, chance, and tables being written. */
#ifndef TARAZU_CLI_COMPANY_INNER_H
#define TARAZU_CLI_COMPANY_INNER_H

#include "cli/company.h"
#include <stddef.h>

enum { DAYS_PER_YEAR = 365, PRODUCTS = 240, SHEET_BUFFER = 1 << 20, LONGEST_LINE = 256 };
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What is drawn; each has random numbers of its own: a new one at the end leaves all others as they are. */
enum draw {
  DRAW_KIND,
  DRAW_NAME,
  DRAW_JOINED,
  DRAW_LEFT,
  DRAW_RATE,
  DRAW_DAY,
  DRAW_ORDER,
  DRAW_PRODUCT,
  DRAW_REFERRER,
  DRAW_SATISFACTION,
  DRAW_FIT,
  DRAW_ANSWER,
  DRAW_GOODWILL,
  DRAW_WIT,
  DRAW_WORD,
  DRAW_STANDING,
  DRAW_FAME,
  DRAW_COMPLAINT,
  DRAW_PROMISE,
  DRAW_IDEA,
  DRAW_JUDGEMENT,
  DRAW_ITEM,
  DRAW_MENTION,
  DRAW_RATING,
  DRAWS
};
_Static_assert(DRAWS <= 64, "chance() has room for 64 kinds of draws");

typedef enum trend { STEADY, FALLING, RISING } trend;

typedef struct kind {
  int share;                         /* of a thousand customers */
  int orders;                        /* in a year */
  int least_quantity, most_quantity; /* of an order */
  int satisfaction;                  /* tenths of a point out of ten */
  int brings;                        /* how likely she is to have brought a new customer, against others */
  int answers;                       /* of a hundred surveys */
  int leaves;                        /* of a hundred such customers */
  int fit;                           /* tenths of a point out of five */
  trend trend;
} kind;
extern const kind company_kinds[];

typedef struct customer {
  int32_t joined, left; /* days since the first day of orders; joined may be before it; left is the last day */
  int32_t orders;
  uint8_t kind;
} customer;

typedef struct product {
  int32_t price, cost; /* cents apiece */
  char digits[12];     /* the price as a file shows it */
  int length;
} product;

typedef struct company {
  company_size size;
  company_counts counts;
  int32_t days;      /* that orders span */
  int64_t first_day; /* since 1970-01-01 */
  customer *customers;
  product products[PRODUCTS];
  char (*dates)[10]; /* of each day of orders */
} company;

/* The first day on which a customer may have ordered. */
static inline int32_t first_order_day(const customer *who)
{
  return who->joined > 0 ? who->joined : 0;
}

uint64_t chance(const company *c, enum draw what, int64_t whose, int64_t which);
uint64_t mix(uint64_t z); /* other random bits out of random bits */
int64_t below(uint64_t bits, int64_t limit);
int64_t wobble(uint64_t bits, int64_t spread);
int64_t drawn_of(const int64_t *sums, int64_t count, uint64_t bits);

/* ---- company_sheet.c ----------------------------------------------------------------------------------------- */

typedef struct sheet {
  int descriptor, fault; /* fault: errno of the first failure */
  size_t used;
  char path[4096], draft[4096 + 8];
  char bytes[SHEET_BUFFER];
} sheet;

void sheet_open(sheet *s, const char *folder, const char *name);
char *sheet_line(sheet *s); /* room for one more line, of at most LONGEST_LINE bytes */
void sheet_took(sheet *s, const char *end);
int sheet_close(sheet *s); /* 0, or errno of what failed first; then nothing is left behind */

/* Each returns where the next one goes on. */
char *put_text(char *to, const char *string);
char *put_number(char *to, int64_t number);
char *put_cents(char *to, int64_t cents); /* hundredths as "12.50" */
char *put_date(char *to, int64_t days);

/* ---- company_voice.c: what customers say and do beyond orders. Each 0 or errno. ------------------------------ */

int write_complaints(company *c, sheet *s);
int write_promises(company *c, sheet *s);
int write_ideas(company *c, sheet *s);
int write_judgements(company *c, sheet *s);
int write_survey_items(company *c, sheet *s);
int write_mentions(company *c, sheet *s);
int write_ratings(company *c, sheet *s);

#endif
