/* Selection of the nth smallest of many values, without sorting them. */
#include "base/nth.h"

/* The value that would stand at `at`, were they sorted; puts smaller ones before and larger ones behind it (Hoare 1961,
 * by the median of three). */
double value_at_place(double *values, int64_t count, int64_t at)
{
  int64_t low = 0, high = count - 1;
  while (low < high) {
    double a = values[low], b = values[low + (high - low) / 2], c = values[high];
    double pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
    int64_t i = low, k = high;
    while (i <= k) {
      while (values[i] < pivot) i++;
      while (values[k] > pivot) k--;
      if (i > k) break;
      double swap = values[i];
      values[i++] = values[k];
      values[k--] = swap;
    }
    if (at <= k) high = k;
    else if (at >= i) low = i;
    else break;
  }
  return values[at];
}
