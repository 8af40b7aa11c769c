#!/bin/sh
# Published figures of lifetime value, from orders and contracts to results: what a user gets. Those of CDNOW's sample
# need the shared data; the donors and the two cohorts of subscribers are made here from the papers' tables.
. "$(dirname "$0")/lib.sh"
data=${TARAZU_DATA:-$SOURCE_DIR/../shared/data}
cd "$here" || exit 1

# near NAME TOLERANCE FOUND EXPECTED: two lists of numbers
near() {
  difference=$(printf '%s\n%s\n' "$3" "$4" | awk -v tolerance="$2" 'NR == 1 { n = split($0, found); next }
    { m = split($0, expected)
      for (i = 1; i <= m; i++) { d = found[i] - expected[i]; if (d > tolerance || -d > tolerance) bad = 1 }
      if (bad || n != m || !m) print "bad" }')
  [ "$status" = 0 ] && [ -z "$difference" ]
  told $? "$1"
  [ -z "$difference" ] || printf '# found %s\n# expected %s\n' "$3" "$4"
}

facts() { # NAME…: their values in the manifest, in one line
  for fact in "$@"; do
    sed -n "s/.*\"fact\": \"$fact\", \"text\": [^}]*\"value\": \\([-0-9.e+]*\\),.*/\\1/p" out.manifest.json
  done | tr '\n' ' '
}

# of COLUMN KEY…: of these customers, in one line
of() {
  column=$1
  shift
  for key in "$@"; do
    awk -F, -v name="$column" -v key="$key" 'NR == 1 { for (j = 1; j <= NF; j++) if ($j == name) at = j; next }
      $1 == key { print $at }' out.csv
  done | tr '\n' ' '
}

# fit AS_OF PARAMS: of the orders in orders.csv
fit() {
  cat >p.yaml <<END
tarazu: 1
as_of: $1
data: {orders: {from: orders.csv, key: customer_id, columns: {time: date}}}
criteria:
  v: {plugin: clv, dimension: financial, params: {discount_rate: 0%, $2}}
output: [{plugin: csv, to: out.csv}]
END
  rm -f out.csv
  tarazu run --quiet p.yaml
}

# ---- donors: Fader, Hardie, Shang 2010, table 1 (gifts of six years, year of the last, donors), and what came of them ----

awk 'BEGIN {
  print "customer_id,date,amount"
  n = split("0 0 3464 1 1 1091 1 2 277 1 3 129 1 4 78 1 5 119 1 6 129 2 2 613 2 3 255 2 4 155 2 5 173 2 6 234 " \
    "3 3 322 3 4 181 3 5 225 3 6 357 4 4 240 4 5 284 4 6 512 5 5 335 5 6 728 6 6 1203", cell, " ")
  for (i = 1; i < n; i += 3)
    for (k = 0; k < cell[i + 2]; k++) {
      key = sprintf("x%d_t%d_%04d", cell[i], cell[i + 1], k)
      print key ",1995-06-15,10"
      for (j = 1; j < cell[i]; j++) print key "," 1995 + j "-06-15,10"
      if (cell[i]) print key "," 1995 + cell[i + 1] "-06-15,10"
    }
}' >orders.csv
fit 2001-12-01 'model: bg_bb, period: 365 days, horizon: 5 years, spend: empirical'
near 'the donors: parameters' .0006 "$(facts parameter_alpha parameter_beta parameter_gamma parameter_delta)" \
  '1.204 .750 .657 2.783'
near 'the donors: log-likelihood' .05 "$(facts log_likelihood)" '-33225.6'
near 'the donors: gifts expected of five years' .005 \
  "$(of v_expected_purchases x0_t0_0000 x1_t1_0000 x1_t6_0000 x2_t4_0000 x3_t6_0000 x4_t5_0000 x6_t6_0000)" \
  '.07 .09 1.15 1.06 2.19 2.03 3.75'

# ---- subscribers: Fader, Hardie 2007, the two cohorts' survivors of seven years; estimates as in their appendix ----

subscribers() { # SURVIVORS
  awk -v counts="$1" 'BEGIN {
    print "id,tenure,churned"
    n = split(counts, left, " ")
    for (k = 2; k <= n; k++) for (i = left[k]; i < left[k - 1]; i++) print "c" ++id "," k - 1 ",true"
    for (i = 0; i < left[n]; i++) print "d" ++id "," n - 1 ",false"
  }' >subscribers.csv
  cat >p.yaml <<'END'
tarazu: 1
as_of: 2020-01-01
data: {s: {from: subscribers.csv, key: id}}
criteria:
  v: {plugin: contract, dimension: financial, params: {horizon: 5}, input: {tenure: s.tenure, churned: s.churned}}
output: [{plugin: csv, to: out.csv}]
END
  rm -f out.csv
  tarazu run --quiet p.yaml
}
subscribers '1000 869 743 653 593 551 517 491'
near 'subscribers of the high end: parameters' .0005 "$(facts parameter_alpha parameter_beta)" '.668 3.806'
near 'subscribers of the high end: log-likelihood' .005 "$(facts log_likelihood)" '-1611.16'
subscribers '1000 631 468 382 326 289 262 241'
near 'regular subscribers: parameters' .0005 "$(facts parameter_alpha parameter_beta)" '.704 1.182'
near 'regular subscribers: log-likelihood' .005 "$(facts log_likelihood)" '-1680.27'

# ---- CDNOW's sample, 39 weeks known ----

if [ ! -f "$data/cdnow/sample_orders.csv" ]; then
  skip 'lifetime value of CDNOW' 'no cdnow/sample_orders.csv'
  finish
  exit
fi
cp "$data/cdnow/sample_orders.csv" orders.csv
ten='0001 0002 0003 0004 0005 0006 0007 0008 0009 0010'

# The papers count weeks of which days are sevenths: scales are 7 times theirs, and the 2,457 repeat purchases' densities
# a seventh each.
in_weeks() { # PARAMETERS THAT ARE TIMES, then the others
  awk -v times="$1" -v others="$2" 'BEGIN {
    n = split(times, t, " ")
    for (i = 1; i <= n; i++) printf "%.9g ", t[i] / 7
    print others
  }'
}
log_likelihood() {
  awk -v found="$(facts log_likelihood)" 'BEGIN { printf "%.9g", found + 2457 * log(7) }'
}

fit 1997-09-30 'model: bg_nbd, period: 1 day, horizon: 39 weeks'
near 'CDNOW, BG/NBD: parameters' .0002 \
  "$(in_weeks "$(facts parameter_alpha)" "$(facts parameter_r parameter_a parameter_b)")" '4.4136 .2426 .7929 2.4259'
near 'CDNOW, BG/NBD: log-likelihood' .005 "$(log_likelihood)" '-9582.43'
near 'CDNOW, BG/NBD: purchases expected of 39 weeks' .0005 "$(of v_expected_purchases 0001)" 1.226
near 'CDNOW, gamma-gamma: parameters' .005 \
  "$(facts spend_parameter_p spend_parameter_q spend_parameter_gamma)" '6.25 3.74 15.44'
near 'CDNOW, gamma-gamma: log-likelihood' .005 "$(facts spend_log_likelihood)" '-4055.92'
near 'CDNOW, gamma-gamma: spend of the first ten' .005 "$(of v_expected_spend $ten)" \
  '24.65 18.91 35.17 35.17 35.17 71.46 18.91 35.17 27.28 35.17'

fit 1997-09-30 'model: pareto_nbd, period: 1 day'
near 'CDNOW, Pareto/NBD: parameters' .005 \
  "$(in_weeks "$(facts parameter_alpha parameter_beta)" "$(facts parameter_r parameter_s)")" '10.576 11.672 .5532 .6063'
near 'CDNOW, Pareto/NBD: log-likelihood' .005 "$(log_likelihood)" '-9594.98'

# Known to the end of June 1998, by lifetimes 0.11.3 on the orders of all customers.
cp "$data/cdnow/orders.csv" orders.csv
fit 1998-06-30 'model: bg_nbd, period: 1 day'
near 'all of CDNOW, BG/NBD: as by lifetimes' .0001 "$(facts parameter_r parameter_alpha parameter_a parameter_b)" \
  '.267128 41.905448 .483517 2.111608'
near 'all of CDNOW, gamma-gamma: as by lifetimes' .0001 \
  "$(facts spend_parameter_p spend_parameter_q spend_parameter_gamma)" '5.086044 3.995121 21.252238'
finish
