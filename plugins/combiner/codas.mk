# Vector loops, and square roots that set no errno; the results are the same to the bit.
CFLAGS_combiner_codas := -O3 -fno-math-errno
