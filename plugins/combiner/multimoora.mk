# Vector loops; the results are the same to the bit.
CFLAGS_combiner_multimoora := -O3
