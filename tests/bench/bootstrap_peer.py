"""Bootstrap samples in NumPy: what one takes of the company that `bootstrap CUSTOMERS SAMPLES THREADS FILE` wrote.

bootstrap_peer.py FILE SAMPLES. Prints seconds a sample of the share captured and of the correlation of ranks, the
ranks by SciPy. Reading is not timed.
"""
import sys
import time

import numpy
from scipy.stats import rankdata

data = numpy.fromfile(sys.argv[1], dtype=numpy.uint8)
count, samples = len(data) // 17, int(sys.argv[2])
outcome, score = data[: 16 * count].view(numpy.float64).reshape(2, count)
chosen = data[16 * count :].astype(bool)
random = numpy.random.default_rng(1)


def share(i):
    y = outcome[i]
    return y[chosen[i]].sum() / y.sum()


def spearman(i):
    return numpy.corrcoef(rankdata(score[i]), rankdata(outcome[i]))[0, 1]


seconds = []
for measure in share, spearman:
    begin = time.monotonic()
    for _ in range(samples):
        measure(random.integers(0, count, count))
    seconds.append((time.monotonic() - begin) / samples)
print(*seconds)
