#!/bin/sh
# A backtest on cdnow, by the command and by a script of another language (backtest_by_hand.py), gives the same numbers;
# and what would leak is refused by the command.
. "$(dirname "$0")/lib.sh"

data=${TARAZU_DATA:-$SOURCE_DIR/../shared/data}/cdnow/orders.csv
cd "$here" || exit 1

# profile ORDERS: of three criteria that a few lines of a script can repeat
profile() {
  cat >profile.yaml <<P
tarazu: 1
as_of: 1998-06-30   # a backtest does not heed it
data:
  orders: {from: $1, key: customer_id, columns: {time: date, amount: amount}}
criteria:
  revenue: {plugin: monetary, dimension: financial}
  recent: {plugin: monetary, dimension: financial, params: {window: 26 weeks}}
  frequency: {plugin: monetary, dimension: non_financial, input: {orders: {from: orders, amount: 1}}}
normalize: max
combine: weighted_sum
key_customers: {limit: 5%}
P
}

# experiment CUT_OFFS MORE: every measure that the script knows, and more
experiment() {
  cat >experiment.yaml <<E
tarazu_experiment: 1
profile: profile.yaml
vary:
  mix:
    even: {}
    revenue: {criteria.recent.weight: 0, criteria.frequency.weight: 0}
    recent: {criteria.revenue.weight: 0, criteria.frequency.weight: 0}
outcomes:
  revenue: monetary
  purchases: {plugin: monetary, input: {orders: {from: orders, amount: 1}}}
backtest: {cut_offs: [$1], horizon: 39 weeks}
measure:
  - share_captured: revenue
  - value_captured: revenue
  - share_of_best: revenue
  - {against_baseline: revenue, baseline: revenue}
  - {against_baseline: purchases, baseline: {plugin: monetary, params: {window: 13 weeks}}, name: against season}
  - lift: revenue
  - gini: revenue
  - normalized_gini: revenue
  - {ndcg: revenue, k: 100}
  - {precision: purchases, k: 1000}
  - {recall: purchases, k: 1000}
  - spearman: revenue
  - {mae: purchases, prediction: frequency}
  - {rmse: purchases, prediction: frequency}
  - {calibration_error: revenue, prediction: revenue}
  - dimension_share: non_financial
  - balance
$2
repeat: {bootstrap: 0}
store: $3
E
}

by_hand() { # NAME CUT_OFF...: the table in $here/out is that of the script
  name=$1
  shift
  cp "$here/out" table.json
  said=$(python3 "$SOURCE_DIR/tests/cli/backtest_by_hand.py" "$data" table.json 273 "$@" 2>&1)
  result=$?
  told "$result" "$name" alone
  [ "$result" = 0 ] || printf '%s\n' "$said" | sed 's/^/# /'
}

if [ ! -r "$data" ]; then
  skip 'the same numbers by hand' "no cdnow data at $data"
elif ! command -v python3 >/dev/null; then
  skip 'the same numbers by hand' 'no python3'
else
  profile "$data"
  experiment 1997-09-30 '' one.db
  tarazu experiment run --json --quiet experiment.yaml
  is 'a backtest of cdnow runs' "$status" 0
  by_hand 'the same numbers by hand' 1997-09-30
  experiment '1997-03-31, 1997-06-30, 1997-09-30' '  - turnover
  - overlap' three.db
  tarazu experiment run --json --quiet experiment.yaml
  is 'a rolling backtest of cdnow runs' "$status" 0
  by_hand 'the same means over three cut-offs by hand' 1997-03-31 1997-06-30 1997-09-30
  experiment 1997-12-31 '' late.db
  tarazu experiment run --quiet experiment.yaml
  is 'a horizon that the data do not cover is refused' "$status" 3
  has 'and how much of it they cover is told' "$err" 'experiment.yaml:11:23: error: outcomes are measured up to 1998-09-30'
fi

# Leaks, as the command refuses them.
cat >orders.csv <<'D'
customer_id,date,amount
ann,1997-01-01,5
bob,1997-01-02,6
ann,1997-09-30,7
bob,1998-06-30,8
D
profile orders.csv
printf 'customer_id,happy\nann,1\nbob,2\n' >status.csv
experiment 1997-09-30 '' leaks.db
cp experiment.yaml plain.yaml

cat >experiment.yaml <<'E'
set:
  data.status: {from: status.csv, key: customer_id}
  criteria.happy: {plugin: attribute, dimension: non_financial, input: {value: status.happy}}
E
cat plain.yaml >>experiment.yaml
tarazu experiment run --quiet experiment.yaml
is 'a table without dates is refused' "$status" 3
has 'with its place' "$err" "table 'status' has no dates, so that a backtest cannot tell what of it was known"
sed -i 's/key: customer_id}/key: customer_id, timeless: yes}/' experiment.yaml
tarazu experiment run --quiet experiment.yaml
is 'but not where it says that it is timeless' "$status" 0

tarazu run --quiet --save-models "$here/models" profile.yaml --set criteria.recent.plugin=rfm \
  --set as_of=1997-10-01
is 'a model is fitted a day after the cut-off' "$status" 0
{
  printf 'set:\n  criteria.recent: {plugin: rfm, model: models/recent.model}\n'
  cat plain.yaml
} >experiment.yaml
tarazu experiment run --quiet experiment.yaml
is 'a model that was fitted later is refused' "$status" 3
has 'with both moments' "$err" "was fitted as of 1997-10-01, later than this run's as_of, 1997-09-30"
finish
