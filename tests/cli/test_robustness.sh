#!/bin/sh
# robustness: what changes when a run is varied; it writes nothing.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
"$TARAZU" demo company --customers 60 --quiet
before=$(find company -type f | sort)
tarazu robustness company/profile.yaml --sample 3 --runs 2 --method topsis --method borda --quiet
is 'robustness is status 0' $status 0
is 'robustness --quiet says nothing on standard error' "$err" ''
for part in 'rank reversal: ' 'weights: ' 'parameters: ' 'methods: ' "tau-b of each pair" 'need whole runs'; do
  has "robustness tells $part" "$out" "$part"
done
is 'robustness writes no file' "$(find company -type f | sort)" "$before"
tarazu robustness company/profile.yaml --only weights --json
is 'robustness --json is status 0' $status 0
is 'robustness --json gives one object' "$(head -c 1 "$here/out")$(tail -c 2 "$here/out")" '{}'
has 'one part alone is told' "$out" '"weights": ['
is 'the other parts are not' "$(grep -c 'rank_reversal\|methods' "$here/out")" 0
text=$out
tarazu robustness company/profile.yaml --only weights --json --threads 1 --batch 7
is 'neither threads nor batches change a byte' "$out" "$text"
tarazu robustness company/profile.yaml --only weigths
is 'a part that is none is status 2' $status 2
has 'a part that is none tells the nearest' "$err" "did you mean 'weights'?"
tarazu robustness company/profile.yaml --only methods --method nonsense
is 'a combiner that is none is told, not fatal' $status 0
has 'a combiner that is none is named' "$out" 'not nonsense: '
tarazu robustness company/none.yaml
is 'robustness of no profile is status 3' $status 3
finish
