# Vector loops, and square roots that set no errno; the results are the same to the bit.
CFLAGS_combiner_rim := -O3 -fno-math-errno
