#!/bin/sh
# Saved models: a strategy gives, loaded, the bytes that it gave when it learned, and is explained as before; and what was
# fitted on orders up to a date scores customers at a later one. test_examples.sh saves and loads every strategy.
. "$(dirname "$0")/lib.sh"
"$TARAZU" demo "$here/co" --quiet || exit 1
cd "$here/co" || exit 1

# ---- every strategy that saves ---------------------------------------------------------------------------------------

orders='input: {orders: orders}'
frontier='params: {least_peers: 5}, input: {value: plain, group: customers.industry}'

# profile ROLE NAME [PARAMETERS AND INPUTS]: one.yaml has the strategy at work, at $place, as the step $step
profile() {
  scorer='{plugin: rfm, dimension: financial'
  normalize='{plugin: minmax'
  combine='{plugin: weighted_sum'
  segment='{plugin: pareto, input: {value: measured}'
  settings=${3:+, $3}
  case $1 in
  scorer) scorer="{plugin: $2, dimension: financial$settings" place=criteria.measured step=measured ;;
  normalizer) normalize="{plugin: $2$settings" place=criteria.measured.normalize step=measured.normalize ;;
  combiner) combine="{plugin: $2$settings" place=combine step=combine ;;
  segmenter) segment="{plugin: $2$settings" place=segments.group step=group ;;
  esac
  cat >one.yaml <<END
extends: profile.yaml
data: {customers: {columns: {left: satisfaction < 4}}}
criteria:
  margin: null
  habit: null
  word_of_mouth: null
  recommendation: null
  satisfaction: null
  strategic_fit: null
  complaints: null
  influence: null
  trust: null
  knowledge: null
  standing: null
  loyalty: null
  plain: {plugin: monetary, dimension: financial}
  measured: $scorer, normalize: $normalize}}
dimensions: null
combine: $combine}
segments: {tier: null, portfolio: null, group: $segment}}
key_customers: {require: null}
output: [{to: scores.csv}]
END
}

# strategy, likewise: learned and saved, then loaded
strategy() {
  profile "$@"
  name=$1/$2
  printf '%s\n' "$name" >>"$here/tried"
  rm -rf models scores.csv
  tarazu run one.yaml --save-models models --threads 1
  if [ $status -ne 0 ] || [ ! -f "models/$step.model" ]; then
    told 1 "$name saves its model"
    return
  fi
  mv scores.csv learned.csv
  tarazu run one.yaml --quiet --set "$place.model=models/$step.model" --threads 2 --batch 77
  cmp -s scores.csv learned.csv
  told $? "$name, loaded, gives the same bytes"
  tarazu explain one.yaml 1042 --set "$place.model=models/$step.model"
  has "$name, loaded, is explained" "$out" "$step: by the model 'models/$step.model', fitted as of 2025-07-01 on 500 customers"
}

strategy scorer clv "$orders, params: {model: bg_nbd}"
strategy scorer clv "$orders, params: {model: auto}"
strategy scorer concentration "input: {orders: {from: orders, category: \"(order_id % 7)::VARCHAR\"}}"
strategy scorer contract 'params: {period: 1 month}, input: {tenure: customers.strategic_fit, churned: customers.left}'
strategy scorer points 'params: {rules: [{column: plain, from: 5, points: 3}, {column: category, is: [hotels], points: 2}, {column: category, points: 0}]}, input: {category: customers.industry, columns: [plain]}'
strategy scorer potential "$frontier"
strategy scorer profit 'params: {indirect_cost: 1000}'
strategy scorer rfm "$orders"
strategy scorer share_of_wallet "$frontier"
strategy scorer survey 'params: {kind: nps}, input: {answers: surveys}'
strategy combiner topsis
strategy segmenter matrix 'input: {x: plain, y: measured}'
strategy segmenter pareto 'input: {value: measured}'
tarazu plugin list
for name in $(printf '%s\n' "$out" | awk '/^  normalizer / {print $2}'); do
  tarazu plugin info "normalizer/$name"
  case $out in *'models      can be saved'*) ;; *) continue ;; esac
  settings=
  [ "$name" = target ] && settings='params: {ideal: [1000, 2000]}'
  strategy normalizer "$name" "$settings"
done
holds 'normalizers are among them' grep -q normalizer/ "$here/tried"

# ---- fitted on the past, scoring the present -------------------------------------------------------------------------

mkdir "$here/shop"
cd "$here/shop" || exit 1
# Four hundred customers of one cohort, who buy at a rate of their own until they are gone; half of them join a year later.
awk 'function uniform() {seed = (seed * 16807) % 2147483647; return seed / 2147483647}
  BEGIN {
    seed = 7
    print "customer,day,paid"
    for (c = 1; c <= 400; c++) {
      rate = -log(uniform()) / 50
      gone = -log(uniform()) * 300
      start = (c % 2) * 365
      for (t = int(uniform() * 80); t < 700; t += 1 - log(uniform()) / rate) {
        if (t > gone && t >= 80) break
        day = start + int(t)
        if (day < 1000) printf "c%d,%d,%.2f\n", c, day, 10 + 90 * uniform()
      }
    }
  }' >orders.csv
cat >shop.yaml <<'END'
tarazu: 1
as_of: 2021-01-01
data:
  orders: {from: orders.csv, key: customer, columns: {time: "DATE '2020-01-01' + day::INTEGER", amount: paid}}
criteria:
  lifetime_value: {plugin: clv, dimension: financial, params: {model: bg_nbd, horizon: 52 weeks}}
key_customers: {limit: 10}
output: [{to: scores.csv}]
END
parameters() {
  sed -n '/"fact": "\(parameter_\|log_likelihood\)/p' "$1"
}
tarazu run shop.yaml --save-models models --json
is 'a fit of the past is status 0' $status 0
has 'each model is told' "$err" 'wrote models/lifetime_value.model'
printf '%s\n' "$out" >past.json
holds 'a fit has parameters' [ "$(parameters past.json | wc -l)" -ge 4 ]
tarazu run shop.yaml --quiet --json --set as_of=2021-10-01
printf '%s\n' "$out" >own.json
mv scores.csv own.csv
tarazu run shop.yaml --quiet --json --set as_of=2021-10-01 --set criteria.lifetime_value.model=models/lifetime_value.model
is 'a fit of the past scores the present' "$status$err" 0
printf '%s\n' "$out" >present.json
is 'the parameters are those of the past' "$(parameters present.json)" "$(parameters past.json)"
holds 'they are not those of the present' [ "$(parameters own.json)" != "$(parameters past.json)" ]
holds "customers who came since are scored too" [ "$(grep -c "^c[0-9]" scores.csv)" -gt "$(grep -o "\"customers\": [0-9]*" past.json | head -n 1 | cut -d" " -f2)" ]
is 'everyone has a score' "$(grep "^c[0-9]" scores.csv | grep -cv "^c[0-9]*,[0-9]*,[0-9.e-]")" 0
holds 'scores are not those of a new fit' [ "$(cksum <scores.csv)" != "$(cksum <own.csv)" ]
has 'the manifest tells the model' "$out" '"from": "models/lifetime_value.model", "sha256": "'"$(sha256sum models/lifetime_value.model | cut -d' ' -f1)"
has 'the manifest tells as of when it was fitted' "$out" '"as_of": "2021-01-01", "customers": '
tarazu explain shop.yaml c1 --set as_of=2021-10-01 --set criteria.lifetime_value.model=models/lifetime_value.model
has 'an explanation tells the model' "$out" "lifetime_value: by the model 'models/lifetime_value.model', fitted as of 2021-01-01 on "
tarazu run shop.yaml --set as_of=2020-12-31 --set criteria.lifetime_value.model=models/lifetime_value.model
is 'a model of the future is status 3' $status 3
has 'a model of the future is told' "$err" "was fitted as of 2021-01-01, later than this run's as_of, 2020-12-31"
rm -rf scores.csv out
cat >today.yaml <<'END'
extends: shop.yaml
as_of: 2021-10-01
criteria:
  lifetime_value:
    params: {horizon: 26 weeks}
    model: models/lifetime_value.model
END
tarazu check today.yaml
is 'other parameters are status 3' $status 3
has 'other parameters are told, with the place' "$err" "today.yaml:6:12: error: criterion 'lifetime_value': the model 'models/lifetime_value.model' was fitted with horizon: 364; here it is 182"
holds 'nothing is written then' [ ! -e scores.csv ]
tarazu check today.yaml --set criteria.lifetime_value.params.horizon='52 weeks'
is 'the same parameters are good' "$status$err" 0
tarazu run shop.yaml --save-models= --quiet
is 'a folder without a name is status 2' $status 2
finish
