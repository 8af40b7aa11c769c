#!/bin/sh
# The schemas for editors: what tarazu takes fits them, and of what it refuses, what a schema can tell does not.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
tarazu schema
is 'schema is status 0' $status 0
cp out profile.json
tarazu schema --experiment
is 'schema --experiment is status 0' $status 0
has 'it is a JSON Schema' "$out" '"$schema": "https://json-schema.org/draft/2020-12/schema"'
cp out experiment.json
tarazu schema --experiments
is 'a misspelt option is status 2' $status 2

# fits SCHEMA FILE...: leaves what does not in $out
fits() {
  out=$(python3 "$SOURCE_DIR/tests/cli/validate.py" "$@" 2>"$here/err")
  status=$?
  err=$(cat "$here/err")
}
fits experiment.json
if [ $status = 77 ] || [ $status = 127 ]; then
  skip 'files are held against them' "no python3 with yaml and jsonschema"
  finish
  exit
fi

# The docs' examples, each as a file.
for page in "$SOURCE_DIR"/README.md "$SOURCE_DIR"/docs/experiments/*.md; do
  awk -v name="$(basename "$page" .md)" \
    '/^```yaml$/ {inside = 1; n++; next} /^```$/ {inside = 0} inside {print >(name "." n ".yaml")}' "$page"
done
examples=$(grep -l '^tarazu_experiment' ./*.yaml)
holds 'the docs have examples' [ -n "$examples" ]
# shellcheck disable=SC2086 # words
fits experiment.json "$SOURCE_DIR"/config/experiments/*.yaml "$SOURCE_DIR/tests/experiments_bad/with/good.yaml" $examples
is 'good experiments fit' "$status$out" 0

fits profile.json "$SOURCE_DIR"/config/*.yaml
is 'good profiles fit' "$status$out" 0

cat >measures.yaml <<'END'
tarazu_experiment: 1
profiles: {acme: acme.yaml, bolt: bolt.yaml}
set: {combine: {params: {p: 1}}, key_customers.limit: 5%}
vary:
  combine: [weighted_sum, {plugin: vikor, params: {v: 0.4}}, null]
  criteria.a.weight: {from: 1, to: 1000, count: 4, scale: log}
  key_customers.limit: {from: 5%, to: 20%, step: 5%}
  seed: {money: {criteria.a.weight: 5}, none: {}, as_it_is: null}
sample: {latin_hypercube: 100, seed: 1}
outcomes: {margin: {plugin: monetary, params: {measure: margin}}, loyalty: loyalty}
backtest: {from: 2024-01-01, to: 2024-12-31, every: 3 months, horizon: 26 weeks}
measure:
  - {ndcg: margin, k: 10, name: the first ten}
  - {mae: margin, prediction: criterion.output}
  - {against_baseline: margin, baseline: {plugin: monetary}}
  - {value_per_cost: margin, cost: criterion}
  - {list_cost: {plugin: monetary}}
  - {dimension_share: financial}
  - {rank_biased_overlap: null, between: samples, samples: 30, persistence: 0.9}
  - {turnover: }
  - balance
repeat: {bootstrap: 0, level: 90%, interval: bca, correction: none, seeds: [1, 2], seed: 3}
output: {to: out, formats: [csv, json]}
store: a.db
jobs: 2
END
fits experiment.json measures.yaml
is 'every form of a key fits' "$status$out" 0

# bad NAME LINE: the same with one line of it replaced, by its key
bad() {
  key=$(printf %s "$2" | sed 's/:.*//')
  sed "s/^$key:.*/$2/" measures.yaml >bad.yaml
  holds "$1: the file is another" sh -c '! cmp -s measures.yaml bad.yaml'
  fits experiment.json bad.yaml
  is "$1 does not fit" "$status" 1
}
bad 'a unit without its number' 'repeat: {level: percent}'
bad 'an unknown key of repeat' 'repeat: {bootstraps: 10}'
bad 'a scorer that there is not' 'outcomes: {margin: {plugin: monetry}}'
bad 'a parameter that a scorer lacks' 'outcomes: {margin: {plugin: monetary, params: {measures: margin}}}'
bad 'what an outcome does not have' 'outcomes: {margin: {plugin: monetary, weight: 2}}'
for measure in against_baseline '{against_baseline: margin}' '{value_per_cost: margin}' '{balance: margin}' \
  '{lift: margin, k: 3}' '{lift: margin, gini: margin}' '{overlap: , samples: 3}' '{overlap: , between: days}' \
  '{dimension_share: }' '{ndcg: margin, k: 0}' '{name: nothing}'; do
  sed "s/^  - balance/  - $measure/" measures.yaml >bad.yaml
  fits experiment.json bad.yaml
  is "$measure does not fit" "$status" 1
done

# What is wrong with these hangs on other parts of the file or on other files, of which a schema knows nothing.
cat >beyond <<'END'
a_profile
backtest_date
backtest_list_and_rolling
backtest_of_undated
backtest_rolling_backwards
backtest_rolling_without_every
backtest_too_many
backtest_without_outcomes
base_unknown
extends_itself
grid_too_large
measure_of_no_outcome
measure_prediction
measure_twice
memory_of_many
output_without_to
profile_and_profiles
profile_not_there
range_falls
range_log_of_zero
range_of_two_units
range_step_too_large
range_step_zero
range_without_step
range_without_to
sample_of_nothing
set_into_text
set_of_a_stranger
set_unknown
turnover_of_one_list
vary_as_of
vary_empty
vary_removes_what_is_not_there
vary_twice
vary_undone
vary_unknown_setting
vary_value_out_of_range
END
fits experiment.json "$SOURCE_DIR"/tests/experiments_bad/*.yaml
for file in "$SOURCE_DIR"/tests/experiments_bad/*.yaml; do
  case $out in
  *"$file: "*) ;;
  *) basename "$file" .yaml ;;
  esac
done >taken
is 'bad experiments do not fit, where a schema can tell' "$(diff beyond taken)" ''
finish
