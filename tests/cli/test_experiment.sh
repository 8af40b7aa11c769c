#!/bin/sh
# tarazu experiment: what it finds, that it goes on wherever it was killed, and that nothing depends on how it was run.
. "$(dirname "$0")/lib.sh"
mkdir "$here/work"
cd "$here/work" || exit 1

# Sixty customers with orders of two years; a third of them stop in the middle of the second.
awk 'BEGIN {
  seed = 7; print "customer,date,amount"
  for (c = 1; c <= 60; c++) for (i = 0; i < 12; i++) {
    seed = (seed * 1103515245 + 12345) % 2147483648; month = int(i * 2) % 24
    seed = (seed * 1103515245 + 12345) % 2147483648; amount = 5 + c % 7 * 20 + int(seed / 20000000)
    if (c % 3 == 0 && month > 15) continue
    printf "c%02d,%d-%02d-%02d,%d\n", c, 2022 + int(month / 12), month % 12 + 1, 1 + seed % 27, amount
  }
}' >orders.csv
cat >profile.yaml <<'YAML'
tarazu: 1
data:
  orders: {from: orders.csv, key: customer, columns: {time: date, amount: amount}}
criteria:
  revenue: {plugin: monetary, dimension: financial, weight: 1}
  recent: {plugin: monetary, dimension: financial, weight: 2, params: {window: 26 weeks}}
  habit: {plugin: rfm, dimension: financial}
combine: weighted_sum
key_customers: {limit: 10}
output:
  - {plugin: csv, to: published.csv}
store: profile.db
YAML
cat >many.yaml <<'YAML'
tarazu_experiment: 1
name: many
profile: profile.yaml
vary:
  combine: [weighted_sum, topsis, {plugin: vikor, params: {v: 0.4}}]
  criteria.revenue.weight: {from: 1, to: 4, step: 3}
  criteria.recent.weight: {from: 0.5, to: 2, count: 2, scale: log}
outcomes: {later: {plugin: monetary}}
backtest: {cut_offs: [2023-01-01, 2023-05-25], horizon: 26 weeks}
measure: [{share_captured: later}, {ndcg: later}, turnover]
repeat: {bootstrap: 100}
output: {to: out, formats: [csv, json]}
YAML

# ---- what it finds --------------------------------------------------------------------------------------------------
tarazu experiment check many.yaml
is 'check lists the variants' "$status $(printf '%s\n' "$out" | wc -l) $err" '0 12 24 runs of 12 variants, 2 cut-offs'
has 'by labels for people' "$out" 'combine=vikor (v 0.4), revenue.weight=4, recent.weight=2'
is 'and writes nothing' "$(echo *)" 'many.yaml orders.csv profile.yaml'

tarazu experiment run many.yaml --jobs 2
is 'a run is good' "$status" 0
has 'all units are recorded' "$err" '24 runs recorded in tarazu.db'
has 'the profile as it stands is the base' "$(printf '%s\n' "$out" | grep 'the base$')" \
  'combine=weighted_sum, revenue.weight=1, recent.weight=2'
has 'what is no difference is called none' "$out" 'no real difference from the base ('
has 'how many are better is told' "$out" 'Against the base none is better, none is worse; 11 are no real difference.'
has 'what matters is told' "$out" 'what matters: shares of the variance of share_captured of later over 12 variants'
is 'the results are written, and nothing else' "$(echo * out/*)" \
  'many.yaml orders.csv out profile.yaml tarazu.db out/many.csv out/many.json'
mv out kept

# same NAME [FILE]: the results in out are those of the first run
same() {
  cmp -s "out/${2:-many}.csv" kept/many.csv && cmp -s "out/${2:-many}.json" kept/many.json
  told $? "$1"
  rm -rf out
}

tarazu experiment run many.yaml --quiet
is 'what is recorded is not run again' "$status$err" 0
same 'and gives the same tables'
tarazu experiment show many.yaml --csv
is 'show makes the table again' "$out" "$(cat kept/many.csv)"
tarazu experiment show many.yaml --json
is 'and as JSON' "$out" "$(cat kept/many.json)"

# ---- however it is run ----------------------------------------------------------------------------------------------
rm -f tarazu.db
tarazu experiment run many.yaml --jobs 1 --threads 1 --batch 7 --no-cache
same 'one job and one thread give the same'
rm -f tarazu.db
tarazu experiment run many.yaml --jobs 5 --threads 3
same 'so do five jobs and three threads'
rm -f tarazu.db
awk 'NR == 1 { print; next } { lines[NR] = $0 } END { for (i = NR; i > 1; i--) print lines[i] }' orders.csv >turned.csv
cp orders.csv straight.csv
cp turned.csv orders.csv
tarazu experiment run many.yaml
same 'so do rows in another order'
cp straight.csv orders.csv
rm -f tarazu.db
began=$(date +%s%N)
tarazu experiment run many.yaml
took=$(($(date +%s%N) - began))
same 'and so do stages out of the cache'
rm -f tarazu.db
sed -e 's/\[weighted_sum, topsis, \(.*\)\]$/[\1, topsis, weighted_sum]/' -e 's/^name: .*/name: turned/' many.yaml >turned.yaml
echo 'base: "combine=weighted_sum, revenue.weight=1, recent.weight=2"' >>turned.yaml
sed -i 's/revenue.weight: {from: 1, to: 4, step: 3}/revenue.weight: [4, 1]/' turned.yaml
tarazu experiment run turned.yaml
is 'variants in another order' "$status" 0
cut -d, -f2- out/turned.csv | sort >turned
cut -d, -f2- kept/many.csv | sort | cmp -s - turned
told $? 'find the same of each'
rm -rf out tarazu.db turned.csv straight.csv

# ---- killed ---------------------------------------------------------------------------------------------------------
# Fifty times at a moment of its own, gone on with in between; begun anew whenever it came to its end.
kills=0
ends=0
partial=0
failed=0
while [ "$kills" -lt 50 ]; do
  "$TARAZU" experiment run many.yaml --quiet >/dev/null 2>"$here/err" &
  child=$!
  sleep "$(awk -v n="$kills" -v most="$took" 'BEGIN { srand(n); printf "%.3f", rand() * most / 1e9 }')"
  kill -9 "$child" 2>/dev/null
  wait "$child" 2>/dev/null
  ended=$?
  case $ended in
  137) kills=$((kills + 1)) ;;
  0) # before it was killed
    ends=$((ends + 1))
    cmp out/many.csv kept/many.csv && cmp out/many.json kept/many.json || failed=$((failed + 1))
    rm -rf out tarazu.db
    ;;
  *)
    failed=$((failed + 1))
    printf '# after %d kills it ended with status %d\n' "$kills" "$ended"
    sed 's/^/# err: /' "$here/err"
    ;;
  esac
  [ -e tarazu.db ] && ! [ -e out/many.json ] && partial=$((partial + 1))
done
is 'killed at fifty moments, it went on each time' "$failed" 0
[ "$partial" -gt 5 ]
told $? 'of which some were in the midst of it'
[ -e tarazu.db ] || tarazu experiment run many.yaml --quiet
tarazu experiment resume many.yaml --quiet
is 'and comes to its end' "$status" 0
same 'with the same tables to the byte'
tarazu runs list --json
is 'each run is there once' "$(printf '%s\n' "$out" | grep -c '"run":')" 24

for signal in INT TERM; do
  rm -rf tarazu.db out
  "$TARAZU" experiment run many.yaml --jobs 1 --no-cache >"$here/out" 2>"$here/err" &
  child=$!
  for _ in $(seq 400); do
    [ -s tarazu.db ] && [ "$("$TARAZU" runs list --json 2>/dev/null | grep -c '"run":')" -gt 2 ] && break
    sleep 0.02
  done
  kill -s "$signal" "$child"
  wait "$child"
  is "SIG$signal stops it soon" "$?" 130
  has "which is told ($signal)" "$(cat "$here/err")" 'resume'
  is "without a table ($signal)" "$(cat "$here/out"; echo out*)" 'out*'
  tarazu experiment resume many.yaml --quiet
  same "and it goes on ($signal)"
done

# ---- two at once ----------------------------------------------------------------------------------------------------
rm -rf tarazu.db out
"$TARAZU" experiment run many.yaml --quiet >one 2>one.err &
first=$!
"$TARAZU" experiment run many.yaml --quiet >two 2>two.err &
second=$!
wait "$first"
is 'two processes on one store: the first is good' "$?$(cat one.err)" 0
wait "$second"
is 'and so is the second' "$?$(cat two.err)" 0
cmp -s one two
told $? 'both show the same'
same 'which is what one alone found'
tarazu runs list --json
is 'no run is lost or there twice' "$(printf '%s\n' "$out" | grep -c '"run":')" 24

# ---- other settings -------------------------------------------------------------------------------------------------
sed 's/to: 4, step: 3/to: 5, step: 4/' many.yaml >changed && mv changed many.yaml
for verb in resume show; do
  tarazu experiment "$verb" many.yaml
  is "$verb with other settings is refused" "$status" 2
  has "and what differs is told ($verb)" "$err" 'experiment.vary.criteria.revenue.weight.step: 3 is recorded, 4 is asked for'
done
sed 's/to: 5, step: 4/to: 4, step: 3/' many.yaml >changed && mv changed many.yaml
tarazu experiment resume many.yaml --set criteria.habit.weight=3
is 'so is another profile' "$status" 2
has 'with what differs' "$err" 'profiles.profile.criteria.habit.weight: nothing is recorded, 3 is asked for'
cp many.yaml other.yaml
sed -i 's/^name: .*/name: other/' other.yaml
tarazu experiment run other.yaml --quiet
is 'a name alone makes no other experiment' "$status" 0
cmp -s out/other.csv kept/many.csv
told $? 'its runs are those that are there'
rm -rf out
tarazu experiment show other.yaml --store nowhere.db
is 'there is nothing to show without a store' "$status$(echo nowhere*)" '2nowhere*'
sed -i 's/c01,2022-01-10,57/c01,2022-01-10,58/' orders.csv
tarazu experiment show many.yaml
has 'of other data nothing is recorded yet' "$out" '0 of 24 runs are recorded'
is 'so that there is no table' "$(printf '%s\n' "$out" | grep -c '^place')" 0

# ---- what fails -----------------------------------------------------------------------------------------------------
cat >fails.yaml <<'YAML'
tarazu_experiment: 1
profile: profile.yaml
vary: {data.orders.where: [amount > 1, price > 1, amount > 2]}
measure: [balance]
repeat: {bootstrap: 50}
YAML
tarazu experiment run fails.yaml
is 'a variant that fails gives its status' "$status" 3
has 'and is told' "$out" "where=price > 1 was not run: table 'orders'"
has 'with how many failed' "$err" '3 runs recorded in tarazu.db, 1 of them failed'
tarazu experiment run fails.yaml --quiet
is 'it is tried again, the others are not' "$status$(printf '%s\n' "$out" | grep -c 'was not run')" 31
tarazu runs list --json --in fails
is 'and stands there once' "$(printf '%s\n' "$out" | grep -c '"run":')" 3

# ---- several companies, seeds, samples ------------------------------------------------------------------------------
sed 's/habit: .*/habit: {plugin: rfm, dimension: financial, weight: 2}/' profile.yaml >bolt.yaml
cat >companies.yaml <<'YAML'
tarazu_experiment: 1
profiles: {acme: profile.yaml, bolt: bolt.yaml}
vary:
  key_customers.limit: {from: 4, to: 20}
  criteria.recent.weight: {from: 0.1, to: 10, scale: log}
  combine: [weighted_sum, topsis]
sample: {latin_hypercube: 6, seed: 3}
outcomes: {later: {plugin: monetary}}
backtest: {cut_offs: [2023-01-01], horizon: 26 weeks}
measure: [{share_captured: later}, list_stability]
repeat: {bootstrap: 50, seeds: [1, 2]}
YAML
tarazu experiment check companies.yaml
is 'a sample has its variants' "$(printf '%s\n' "$out" | wc -l)$err" '624 runs of 6 variants, 2 profiles, 2 seeds'
cp "$here/out" sampled
tarazu experiment check companies.yaml
is 'which are the same each time' "$out" "$(cat sampled)"
sed -i 's/seed: 3/seed: 4/' companies.yaml
tarazu experiment check companies.yaml
[ "$out" != "$(cat sampled)" ]
told $? 'and others with another seed'
tarazu experiment run companies.yaml --csv
is 'each company has its rows' "$status$(printf '%s\n' "$out" | cut -d, -f1 | sort | uniq -c | tr -s ' \n' ' ')" \
  '0 6 acme 6 bolt 1 company '
sed 's/latin_hypercube: 6/latin_hypercube: 8/' companies.yaml >eight.yaml
tarazu experiment run eight.yaml --store eight.db --quiet
is 'of eight draws each setting has its share' \
  "$(printf '%s\n' "$out" | grep -cE '^(limit|recent.weight|combine) +[0-9.]+ %')" 6
tarazu experiment run companies.yaml --csv
is 'lists that no seed moves are stable' "$(printf '%s\n' "$out" | grep -c ',1,1,1,')" 12

cat >alone.yaml <<'YAML'
tarazu_experiment: 1
profile: profile.yaml
measure: [memory, seconds, balance]
YAML
tarazu experiment run alone.yaml --json
is 'one variant needs no vary' "$status" 0
has 'and has the profile as it is' "$out" '"as it is"'

sed -e 's/^measure: .*/measure: [{gini: later}, {calibration_error: later, prediction: revenue}]/' -e '/^sample/d; /^vary/,/combine/d' \
  -e '/^profiles/s/.*/profile: profile.yaml/' companies.yaml >tables.yaml
tarazu experiment run tables.yaml --store tables.db --quiet
is 'calibration and gains' "$status$err" 0
tarazu runs show latest --json --store tables.db
has 'have their tables in the manifest' "$(printf '%s' "$out" | tr -d ' \n')" '"judged":{"giniof'
is 'of ten tenths and twenty points' "$(printf '%s' "$out" | grep -o '"predicted":' | wc -l) $(printf '%s' "$out" | grep -o '"lift":' | wc -l)" '10 20'

# ---- usage ----------------------------------------------------------------------------------------------------------
tarazu experiment
is 'no verb' "$status" 2
tarazu experiment rum many.yaml
has 'a wrong verb has its nearest' "$status$err" "2tarazu experiment: 'rum' is none of run, resume, show and check; did you mean 'run'?"
tarazu experiment run
has 'no file' "$status$err" '2tarazu experiment: run needs an experiment'
tarazu experiment run many.yaml --json --csv
has 'two forms' "$status$err" '2tarazu experiment: --json and --csv'
tarazu experiment run many.yaml --store /proc/none/x.db
is 'a store that cannot be made' "$status" 6
finish
