#!/bin/sh
# The make-believe company from its data to its key customers: what each command says, writes, and ends with.
. "$(dirname "$0")/lib.sh"
"$TARAZU" demo "$here/co" --quiet || exit 1
cd "$here/co" || exit 1

tarazu check profile.yaml
is 'check of a good profile is status 0' $status 0
is 'check of a good profile says so' "$out" 'profile.yaml: good'
tarazu check profile.yaml --json
is 'check --json of a good profile is an empty array' "$out" '[]'
holds 'check writes nothing' [ ! -e out ]

tarazu run profile.yaml
is 'run is status 0' $status 0
has 'run tells where the outputs went' "$err" 'wrote '
has 'run tells the path of an output' "$err" 'out/scores.csv'
holds 'run shows a table' [ "$(wc -l <"$here/out")" -ge 15 ]
holds 'run writes every customer' [ "$(wc -l <out/scores.csv)" -eq 501 ]
has 'results begin with customer, rank and score' "$(head -n 1 out/scores.csv)" 'customer,rank,score,'
has 'results end with key_customer, reason and coverage' "$(head -n 1 out/scores.csv)" ',key_customer,reason,coverage'
holds 'a manifest lies beside the outputs' [ -n "$(find . -name '*manifest*.json')" ]
is 'nothing half-written is left' "$(find . -name '*.part' -o -name '*.tmp' -o -name '.*.csv*' | head -n 1)" ''
first=$(cksum <out/scores.csv)

for options in '--threads 1' '--threads 2' '--threads 8' '--batch 1' '--batch 7' '--batch 65536'; do
  rm -rf out
  # shellcheck disable=SC2086 # two words
  tarazu run profile.yaml --quiet $options
  is "$options gives the same bytes" "$(cksum <out/scores.csv)" "$first"
done
is '--quiet says nothing on standard error' "$err" ''

mkdir nested
printf '%s\n' 'extends: ../profile.yaml' 'output: [{to: ../made/nested.csv}]' >nested/profile.yaml
tarazu run nested/profile.yaml
is 'an output is told by its shortest path' "$err" 'wrote made/nested.csv'

tarazu run profile.yaml --json
is 'run --json is status 0' $status 0
is 'run --json gives one JSON object' "$(head -c 1 "$here/out")$(tail -n 1 "$here/out")" '{}'
has 'the manifest names the data' "$out" 'orders.csv'
has 'the table is on standard error then' "$err" 'rank  customer'

tarazu run profile.yaml --quiet --set key_customers.limit=3 --set 'output=[{plugin: csv, to: three.csv}]'
is '--set is obeyed' "$status $(grep -c ',true,' three.csv)" '0 3'
tarazu run profile.yaml --set key_customer.limit=3
is '--set of an unknown key is status 3' $status 3
has '--set of an unknown key tells the nearest' "$err" "did you mean 'key_customers'"
tarazu run profile.yaml --set nothing
is '--set without a value is status 2' $status 2

customer=$(grep ',true,' three.csv | head -n 1 | cut -d, -f1)
tarazu explain profile.yaml "$customer"
is 'explain is status 0' $status 0
has 'explain names the customer' "$out" "$customer"
has 'explain names the criteria' "$out" 'word_of_mouth'
tarazu explain profile.yaml "$customer" --json
is 'explain --json gives one JSON object' "$(printf %s "$out" | head -c 1)" '{'
tarazu explain profile.yaml 99999999
is 'explain of nobody is status 2' $status 2
has 'explain of nobody says so' "$err" "99999999"

sed 's/plugin: topsis/plugin: topsys/; s/dimensions:/dimension:/' profile.yaml >wrong.yaml
rm -rf out
for command in check run; do
  tarazu $command wrong.yaml
  is "$command of a wrong profile is status 3" $status 3
  has "$command tells the first fault" "$err" "did you mean 'topsis'?"
  has "$command tells the second fault" "$err" "did you mean 'dimensions'?"
done
tarazu check wrong.yaml --json
has 'check --json tells faults on standard output' "$out" 'topsys'
tarazu explain wrong.yaml 1042
is 'explain of a wrong profile is status 3' $status 3
tarazu run missing.yaml
is 'a missing profile is status 3' $status 3
has 'a missing profile is named' "$err" 'missing.yaml'
sed 's/orders.csv/ordres.csv/' profile.yaml >wrong.yaml
tarazu run wrong.yaml
holds 'missing data are an error' [ $status -eq 3 -o $status -eq 4 ]
has 'missing data are named' "$err" 'ordres.csv'
: >file
tarazu run profile.yaml --set 'output=[{plugin: csv, to: out/scores.csv}, {plugin: csv, to: file/below.csv}]'
is 'an output that cannot be written is status 6' $status 6
has 'an output that cannot be written is named' "$err" 'file/below.csv'
holds 'a run that fails writes nothing' [ ! -e out/scores.csv ]
tarazu run profile.yaml --plugins "$here/nowhere"
is 'without plugins a profile cannot be run' $status 3

# What strategies warn of in their facts, and a criterion that nobody has.
rm -rf out
cat >doubtful.yaml <<'END'
extends: profile.yaml
criteria:
  margin: {weight: 1}
  habit: {weight: 1}
  complaints: {weight: 1}
  word_of_mouth: null
  influence: null
  satisfaction: null
  recommendation: null
  trust: null
  knowledge: null
  standing: null
  loyalty: null
  strategic_fit: null
  nobody: {plugin: formula, dimension: non_financial, params: {script: 'nil'}}
weigh:
  plugin: ahp
  params:
    judgements:
      - {criterion: margin, over: habit, times: 9}
      - {criterion: habit, over: complaints, times: 9}
      - {criterion: complaints, over: margin, times: 9}
output: [{plugin: csv, to: doubtful.csv}]
END
tarazu run doubtful.yaml
is 'doubtful judgements are no fault' $status 0
has 'doubtful judgements are told' "$err" 'warning: weigh'
has 'how doubtful they are is told' "$err" 'consistency'
has 'a criterion that nobody has is told' "$err" "criterion 'nobody' has a value for no customer"
has 'warnings stand in the manifest' "$(cat doubtful.csv.manifest.json doubtful.manifest.json 2>/dev/null)" 'a value for no customer'
tarazu explain doubtful.yaml "$customer"
has 'explain tells the warnings' "$err" 'warning: weigh'
tarazu run profile.yaml --set combine.plugin=owa --set combine.params.orness=0.3 --set combine.plugin=vikor \
  --set 'output=[{plugin: csv, to: three.csv}]'
is 'another plugin takes the parameters of the old one away' "$status$err" '0wrote three.csv'

# Long enough to be stopped on the way.
"$TARAZU" demo "$here/large" --customers 50000 --orders 1500000 --quiet
cd "$here/large" || exit 1
for signal in INT TERM; do
  "$TARAZU" run profile.yaml --threads 1 >"$here/out" 2>"$here/err" &
  sleep 0.15
  kill -$signal $!
  wait $!
  status=$? out=$(cat "$here/out") err=$(cat "$here/err")
  is "SIG$signal is status 130" $status 130
  is "SIG$signal leaves no output" "$(find . -newer profile.yaml -type f | grep -c out)" 0
done
finish
