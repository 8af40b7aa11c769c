"""SMAA in NumPy with pymcdm: what one draw takes over the customers that `confidence CUSTOMERS FILE` wrote.

confidence_peer.py CUSTOMERS RESULTS METHOD DRAWS: METHOD is weighted_sum or topsis. RESULTS: what tarazu found, with the
columns id and key_probability. Prints seconds a draw as one writes it (pymcdm normalizes in each call), seconds a draw
with the normalized matrix made once, and the largest difference of the probabilities in standard errors. Reading is not
timed.
"""
import csv
import sys
import time

import numpy
from pymcdm import methods, normalizations

SEATS, BANDS, CONCENTRATION = 50, (10, 50, 100), 20
customers, found, method, draws = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(customers) as file:
    matrix = numpy.loadtxt(file, delimiter=",", skiprows=1)[:, 1:]
normalization = {
    "weighted_sum": normalizations.minmax_normalization,
    "topsis": normalizations.vector_normalization,
}[method]
body = {"weighted_sum": methods.WSM, "topsis": methods.TOPSIS}[method]
types = numpy.ones(matrix.shape[1])
random = numpy.random.default_rng(1)
weights = random.dirichlet(CONCENTRATION * numpy.full(matrix.shape[1], 1 / matrix.shape[1]), draws)


def run(score, values):
    listed = numpy.zeros(len(values))
    within = {band: numpy.zeros(len(values)) for band in BANDS}
    begin = time.monotonic()
    for w in weights:
        scores = score(values, w, types, validation=False)
        listed[numpy.argpartition(-scores, SEATS)[:SEATS]] += 1
        for band in BANDS:
            within[band][numpy.argpartition(-scores, band)[:band]] += 1
    return (time.monotonic() - begin) / draws, listed / draws


seconds, probability = run(body(normalization), matrix)
normalized = numpy.column_stack([normalization(column, False) for column in matrix.T])
at_best, again = run(body(lambda column, cost: column), normalized)
assert abs(probability - again).max() < 1e-9
with open(found) as file:
    rows = list(csv.DictReader(file))
told = numpy.zeros(len(matrix))
told[[int(row["id"]) for row in rows]] = [float(row["key_probability"]) for row in rows]
error = numpy.sqrt(numpy.maximum(told * (1 - told), 1 / draws) / draws)
print(f"{seconds:.6f} {at_best:.6f} {(abs(told - probability) / error).max():.2f}")
