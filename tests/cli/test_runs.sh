#!/bin/sh
# runs: what a run store holds, listed, shown, compared and exported.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
"$TARAZU" demo company --customers 60 --quiet
run() { "$TARAZU" run company/profile.yaml --store tarazu.db --quiet "$@" >"$here/run" 2>&1 || sed 's/^/# /' "$here/run"; }
run
run --set key_customers.limit=5 --set combine.plugin=weighted_sum
cp company/out/scores.csv second.csv

# ---- list and show ----
tarazu runs list
is 'list is status 0' $status 0
is 'list says nothing on standard error' "$err" ''
is 'list has a line a run below its heads' "$(wc -l <"$here/out")" 3
has 'list tells profile, customers and list' "$(sed -n 3p "$here/out" | tr -s ' ')" "$here/company/profile.yaml 2025-07-01 60 5"
tarazu runs list --latest 1
is '--latest keeps the newest' "$(sed -n 2p "$here/out" | cut -c 1-3 | tr -d ' ')" 2
tarazu runs list --profile company/profile.yaml
is '--profile takes the end of a path' "$(wc -l <"$here/out")" 3

tarazu runs show latest
is 'show is status 0' $status 0
has 'show tells the run' "$out" 'Run 2'
has 'show tells what was measured by what' "$out" 'word_of_mouth   non_financial  referral'
has 'show tells the list with reasons' "$out" 'within the limit of 5'
is 'show tells the whole list' "$(grep -c 'in line, within\|^ *1  .*within' "$here/out")" 5
tarazu runs show 1
has 'show takes a number' "$out" 'Run 1'

# ---- diff ----
tarazu runs diff 1 2
is 'diff is status 0' $status 0
has 'diff tells whether settings and data are the same' "$out" 'settings: different; data: the same'
has 'diff tells the setting and both values' "$(tr -s ' ' <"$here/out")" 'combine.plugin "topsis" "weighted_sum"'
has 'diff tells settings that only one has' "$out" 'key_customers.limit'
has 'diff tells the agreement' "$out" 'Kendall tau-b'
has 'diff tells who left' "$out" 'left the list'
tarazu runs diff 1 1
has 'a run does not differ from itself' "$out" 'settings: the same; data: the same'
has 'a run keeps its own list' "$out" '15 stay, 0 entered, 0 left'
tarazu runs diff 1 latest --customer 1001
has 'diff tells the customer who was asked for' "$out" 'asked for'
# What it says of the rankings is what compare says of the files.
"$TARAZU" run company/profile.yaml --quiet >/dev/null
tarazu compare company/out/scores.csv second.csv
agreement=$(sed -n '/^agreement/,/^rank-biased/p' "$here/out")
tarazu runs diff 1 2
is 'diff finds the agreement that compare finds' "$(sed -n '/^agreement/,/^rank-biased/p' "$here/out")" "$agreement"

# ---- export ----
tarazu runs export runs.csv
is 'export is status 0' $status 0
has 'export tells what it wrote' "$err" 'wrote runs.csv'
is 'export writes a line a run below its heads' "$(wc -l <runs.csv)" 3
is 'export has what a run is' "$(head -n 1 runs.csv | cut -d, -f 1-5)" 'run,experiment,variant,label,repeat'
tarazu runs export 2 list.csv --quiet
is 'export of a run is status 0' $status 0
is '--quiet says nothing' "$err" ''
is 'export has every customer' "$(wc -l <list.csv)" 61
is 'export uses the names of outputs' "$(head -n 1 list.csv | cut -d, -f 1-4)" 'customer,rank,score,margin'
is 'export has the ranks and scores of the output' "$(cut -d, -f 1-3 list.csv)" "$(cut -d, -f 1-3 second.csv)"
tarazu runs export 2 -
is '- is standard output' "$out" "$(cat list.csv)"

# ---- JSON ----
if command -v python3 >/dev/null; then
  for words in 'list' 'show 1' 'diff 1 2'; do
    # shellcheck disable=SC2086 # several words
    tarazu runs $words --json
    python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$here/out"
    told $? "$words --json is JSON"
  done
else
  skip '--json is JSON' 'no python3'
fi

# ---- several writers at once ----
for number in 1 2 3; do
  (for seed in 1 2; do run --set "seed=$number$seed" --set "output=[]"; done) &
done
wait
tarazu runs list --json
is 'runs that are recorded at once are all there' "$(grep -c '"run":' "$here/out")" 8
is 'each once' "$(grep -o '"settings_sha256": "[^"]*"' "$here/out" | sort -u | wc -l)" 8

# ---- what goes wrong ----
tarazu runs show 99
is 'a run that is not there is status 2' $status 2
has 'the newest is told' "$err" 'the newest is 8'
tarazu runs show first
is 'a word that is no run is status 2' $status 2
has 'what is expected is told' "$err" 'expected a number'
tarazu runs show -- -1
is 'a negative run is status 2' $status 2
tarazu runs show
is 'show without a run is status 2' $status 2
tarazu runs diff 1
is 'diff of one run is status 2' $status 2
tarazu runs lst
is 'an unknown word is status 2' $status 2
has 'the nearest word is told' "$err" "did you mean 'list'?"
tarazu runs best
is 'best without variants is status 2' $status 2
has 'best without variants tells what makes them' "$err" 'tarazu experiment run'
tarazu runs list --in nothing
is 'an unknown experiment is status 2' $status 2
has 'an unknown experiment is named' "$err" "no run of an experiment 'nothing'"
tarazu runs list --profile profil.yaml
has 'the nearest profile is told' "$err" 'did you mean'
tarazu runs export 2 list.xlsx
is 'another kind of file is status 2' $status 2
has 'the kind it writes is told' "$err" 'export writes CSV'
tarazu runs export none/there/list.csv
is 'a file that cannot be written is status 6' $status 6
tarazu runs list --by x
is 'an option of another word is status 2' $status 2
tarazu runs list --store none.db
is 'no store is status 2' $status 2
: >empty.db
tarazu runs list --store empty.db
is 'an empty file is status 4' $status 4
mkdir folder.db
tarazu runs list --store folder.db
is 'a folder is status 4' $status 4
dd if=tarazu.db of=cut.db bs=1000 count=9 2>/dev/null
tarazu runs show 1 --store cut.db
is 'a store that was cut short is status 4' $status 4
has 'a store that was cut short is told' "$err" 'damaged'
finish
