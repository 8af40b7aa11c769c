# Vector loops; none of it depends on errno, and the results are the same to the bit.
CFLAGS_segmenter_gaussian_mixture := -O3 -fno-math-errno
