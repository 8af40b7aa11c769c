/* Customers for the benchmark of confidence: 100 thousand by 8 criteria, as a CSV file.
 *   confidence CUSTOMERS FILE
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { CRITERIA = 8 };

static uint64_t seed = 88172645463325252u;

/* Marsaglia (2003). */
static double uniform(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return ((double)(seed >> 11) + 0.5) * 0x1p-53;
}

/* Half of the criteria are skewed as money is, half are even as marks are. */
int main(int count, char **words)
{
  long customers = count == 3 ? strtol(words[1], NULL, 10) : 0;
  FILE *file = count == 3 ? fopen(words[2], "w") : NULL;
  if (!file || customers < 1) {
    fprintf(stderr, "confidence CUSTOMERS FILE\n");
    return 1;
  }
  fprintf(file, "id");
  for (int c = 0; c < CRITERIA; c++) fprintf(file, ",c%d", c);
  for (long i = 0; i < customers; i++) {
    fprintf(file, "\n%ld", i);
    for (int c = 0; c < CRITERIA; c++)
      fprintf(file, ",%.9g", c % 2 ? uniform() : exp(sqrt(-2 * log(uniform())) * cos(2 * acos(-1) * uniform())));
  }
  fprintf(file, "\n");
  return fclose(file) != 0;
}
