# Sums over rows; the results are the same to the bit.
CFLAGS_scorer_clv := -O3 -fno-math-errno
