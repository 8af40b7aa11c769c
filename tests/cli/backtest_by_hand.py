#!/usr/bin/env python3
"""The same backtest by hand: cdnow split at each cut-off, three lists by simple scores, judged by the horizon after it.

usage: backtest_by_hand.py ORDERS.CSV TABLE.JSON HORIZON_DAYS CUT_OFF...
TABLE.JSON: what `tarazu experiment show --json` says of it. Exit status 1 where a value differs, and says which.
Nothing here is taken from tarazu: formulas are those of docs/experiments/measures.md, by plain loops.
"""
import csv
import datetime
import json
import math
import sys
from collections import defaultdict

VARIANTS = {"even": (1, 1, 1), "revenue": (1, 0, 0), "recent": (0, 1, 0)}  # weights of revenue, recent, frequency


def mean(values):
    return math.fsum(values) / len(values)


def totals(orders, after, until, count=False):
    """What each customer paid (or how often she bought) after one day and up to another."""
    parts = defaultdict(list)
    for customer, day, amount in orders:
        if after < day <= until:
            parts[customer].append(1.0 if count else amount)
    return {customer: math.fsum(p) for customer, p in parts.items()}


def ranks(values):
    """From 1 for the least, ties averaged."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    out, i = [0.0] * len(values), 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in range(i, j + 1):
            out[order[k]] = (i + j) / 2 + 1
        i = j + 1
    return out


def correlation(x, y):
    mx, my = mean(x), mean(y)
    return math.fsum((a - mx) * (b - my) for a, b in zip(x, y)) / math.sqrt(
        math.fsum((a - mx) ** 2 for a in x) * math.fsum((b - my) ** 2 for b in y))


def gini(by, y):
    """sum over pairs of sign(s_i - s_k) (y_i - y_k) / (2 n Y), by ranks."""
    n = len(y)
    return math.fsum((2 * r - n - 1) * v for r, v in zip(ranks(by), y)) / (n * math.fsum(y))


def top_sum(by, y, k):
    """The outcome of the k with the largest `by`; who tie at the end have the places that are left in equal parts."""
    edge = sorted(by, reverse=True)[k - 1]
    sure = [v for b, v in zip(by, y) if b > edge]
    tied = [v for b, v in zip(by, y) if b == edge]
    return math.fsum(sure) + math.fsum(tied) * (k - len(sure)) / len(tied)


def top_share(by, members, k):
    """How many of the members are among the k with the largest `by`, ties in equal parts."""
    return top_sum(by, [1.0 if m else 0.0 for m in members], k)


def ndcg(by, y, k):
    def gained(by):
        order = sorted(range(len(y)), key=lambda i: -by[i])
        total, i = [], 0
        while i < min(k, len(order)):
            j = i
            while j + 1 < len(order) and by[order[j + 1]] == by[order[i]]:
                j += 1
            gain = mean([y[order[t]] for t in range(i, j + 1)])
            total += [gain / math.log2(place + 2) for place in range(i, min(j + 1, k))]
            i = j + 1
        return math.fsum(total)
    return gained(by) / gained(y)


def calibration_error(s, y):
    """Tenths by prediction, ties together in the tenth that their middle is in."""
    n, middle = len(s), ranks(s)
    tenths = defaultdict(list)
    for i in range(n):
        tenths[min(9, int((middle[i] - 0.5) * 10 / n))].append(i)
    return math.fsum(len(t) / n * abs(mean([s[i] for i in t]) - mean([y[i] for i in t])) for t in tenths.values())


def backtest(orders, cut_off, horizon):
    """By variant (measures by name, the list)."""
    begin, until = datetime.date.min, cut_off + datetime.timedelta(horizon)
    revenue, frequency = totals(orders, begin, cut_off), totals(orders, begin, cut_off, True)
    recent = totals(orders, cut_off - datetime.timedelta(weeks=26), cut_off)
    season = totals(orders, cut_off - datetime.timedelta(weeks=13), cut_off)
    later, bought = totals(orders, cut_off, until), totals(orders, cut_off, until, True)
    customers = sorted(revenue)
    n, k = len(customers), max(1, len(customers) * 5 // 100)
    y, purchases = [later.get(c, 0.0) for c in customers], [bought.get(c, 0.0) for c in customers]
    columns = [[of.get(c, 0.0) for c in customers] for of in (revenue, recent, frequency)]
    shares = [[v / most for v in column] for column, most in zip(columns, map(max, columns))]
    seasonal = [season.get(c, 0.0) for c in customers]
    out = {}
    for name, weights in VARIANTS.items():
        parts = [[w / sum(weights) * v for v in column] for w, column in zip(weights, shares)]
        score = [math.fsum(p) for p in zip(*parts)]
        order = sorted(range(n), key=lambda i: (-score[i], customers[i]))
        members = [False] * n
        for i in order[:k]:
            members[i] = True
        value = math.fsum(v for v, m in zip(y, members) if m)
        sizes = [math.fsum(math.fsum(p[i] for p in dimension) for i in order[:k]) for dimension in (parts[:2], parts[2:])]
        balance = [s / math.fsum(sizes) for s in sizes]
        error = [f - p for f, p in zip(columns[2], purchases)]
        hits = top_share(purchases, members, 1000)
        out[name] = {
            "share_captured of revenue": value / math.fsum(y),
            "value_captured of revenue": value,
            "share_of_best of revenue": value / top_sum(y, y, k),
            "against_baseline of revenue by revenue": value / top_sum(columns[0], y, k),
            "against season": math.fsum(v for v, m in zip(purchases, members) if m) / top_sum(seasonal, purchases, k),
            "lift of revenue": value / k / mean(y),
            "gini of revenue": gini(score, y),
            "normalized_gini of revenue": gini(score, y) / gini(y, y),
            "ndcg of revenue at 100": ndcg(score, y, 100),
            "precision of purchases at 1000": hits / k,
            "recall of purchases at 1000": hits / 1000,
            "spearman of revenue": correlation(ranks(score), ranks(y)),
            "mae of purchases by frequency": mean([abs(e) for e in error]),
            "rmse of purchases by frequency": math.sqrt(mean([e * e for e in error])),
            "calibration_error of revenue by revenue": calibration_error(columns[0], y),
            "dimension_share of non_financial": balance[1],
            "balance": -math.fsum(s * math.log(s) for s in balance if s > 0) / math.log(2),
        }, {customers[i] for i in order[:k]}
    return out


def main(path, table, horizon, *cut_offs):
    with open(path, newline="", encoding="utf-8") as file:
        orders = [(r["customer_id"], datetime.date.fromisoformat(r["date"]), float(r["amount"]))
                  for r in csv.DictReader(file)]
    splits = [backtest(orders, datetime.date.fromisoformat(c), int(horizon)) for c in cut_offs]
    with open(table, encoding="utf-8") as file:
        board = json.load(file)["boards"][0]["leaderboard"]
    compared = wrong = 0
    for variant in board["variants"]:
        name = variant["variant"].partition("=")[2]
        found = {m["measure"]: m["value"] for m in variant["measures"]}
        expected = {m: mean([s[name][0][m] for s in splits]) for m in splits[0][name][0]}
        if len(splits) > 1:
            pairs = list(zip([s[name][1] for s in splits], [s[name][1] for s in splits[1:]]))
            expected["turnover"] = mean([len(a - b) / len(a) for a, b in pairs])
            expected["overlap"] = mean([len(a & b) / max(len(a), len(b)) for a, b in pairs])
        for measure, value in expected.items():
            compared += 1
            if measure not in found or abs(found[measure] - value) > 1e-9 * max(1, abs(value)):
                wrong += 1
                print(f"{name}: {measure}: tarazu {found.get(measure)}, by hand {value}")
    print(f"{compared} values compared, {wrong} differ")
    return wrong > 0 or compared < 50


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
