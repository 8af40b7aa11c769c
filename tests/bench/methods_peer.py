"""What pymcdm and scikit-learn take for what `methods` wrote.

methods_peer.py score COMBINER COLUMNS FILE: prints seconds, and the largest difference from the scores in FILE.scores.
methods_peer.py kmeans K STARTS SEED COLUMNS FILE: prints seconds, inertia and iterations.
Reading is not timed.
"""
import sys
import time

import numpy


def read(path, columns):
    return numpy.fromfile(path).reshape(-1, columns)


def score(combiner, columns, path):
    from pymcdm import methods, normalizations

    matrix = read(path, columns)
    method = {
        "topsis": lambda: methods.TOPSIS(normalizations.vector_normalization),
        "vikor": methods.VIKOR,
        "promethee": lambda: methods.PROMETHEE_II("usual"),
    }[combiner]()
    weights, types = numpy.full(columns, 1 / columns), numpy.ones(columns)
    begin = time.monotonic()
    scores = method(matrix, weights, types)
    seconds = time.monotonic() - begin
    if combiner == "vikor":
        scores = 1 - scores
    print(f"{seconds:.6f} {numpy.abs(scores - numpy.fromfile(path + '.scores')).max():.3g}")


def kmeans(k, starts, seed, columns, path):
    from sklearn.cluster import KMeans

    matrix = read(path, columns)
    method = KMeans(k, n_init=starts, max_iter=300, tol=1e-4, random_state=seed)
    begin = time.monotonic()
    method.fit(matrix)
    seconds = time.monotonic() - begin
    print(f"{seconds:.6f} {method.inertia_:.9g} {method.n_iter_}")


if sys.argv[1] == "score":
    score(sys.argv[2], int(sys.argv[3]), sys.argv[4])
else:
    kmeans(*map(int, sys.argv[2:6]), sys.argv[6])
