/* A make-believe wholesale company, the same on every machine: its customers, their orders, who brought whom, what they
 * answered when they were asked, and what else they say and do. */
#ifndef TARAZU_CLI_COMPANY_H
#define TARAZU_CLI_COMPANY_H

#include <stdint.h>

typedef struct company_size {
  int64_t customers, orders, years;
  uint64_t seed;
} company_size;

typedef struct company_counts {
  int64_t customers, orders, referrals, answers;
  int64_t complaints, promises, ideas, judgements, item_answers, mentions, ratings;
  int64_t revenue; /* cents */
} company_counts;

enum { COMPANY_FIRST_CUSTOMER = 1001 };
#define COMPANY_AS_OF "2025-07-01" /* the day after the last order */

/* Writes its tables (customers.csv, orders.csv and nine more) into a folder that exists, each beside its place and then
 * renamed. 0, or errno with the path at fault in failed. */
int company_write(const char *folder, const company_size *size, company_counts *counts, char failed[4096]);

#endif
