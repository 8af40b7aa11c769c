#!/bin/sh
# compare: two profiles, or two results, with what each move is due to; it writes nothing.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
"$TARAZU" demo company --customers 120 --quiet
cat >company/july.yaml <<'Y'
extends: profile.yaml
key_customers: {limit: 10, require: null}
output: [{to: july.csv}]
Y
cat >company/april.yaml <<'Y'
extends: july.yaml
as_of: 2025-04-01
dimensions: {financial: 40%, non_financial: 60%}
key_customers: {limit: 8}
output: [{to: april.csv}]
Y
before=$(find company -type f | sort)

tarazu compare company/april.yaml company/july.yaml --customer 1001
is 'compare is status 0' $status 0
is 'compare says nothing on standard error' "$err" ''
has 'compare tells what changed' "$out" 'settings: different; data: different'
has 'compare tells the agreement' "$out" 'Kendall tau-b'
has 'compare tells who entered' "$out" 'entered the list'
has 'compare tells the customer who was asked for' "$out" 'asked for'
is 'compare writes no file' "$(find company -type f | sort)" "$before"

tarazu compare company/april.yaml company/july.yaml --json
is 'compare --json is status 0' $status 0
is 'compare --json gives one object' "$(head -c 1 "$here/out")$(tail -c 2 "$here/out")" '{}'
text=$out
tarazu compare company/april.yaml company/july.yaml --json --threads 1 --batch 7
is 'neither threads nor batches change a byte' "$out" "$text"

tarazu compare company/july.yaml company/july.yaml
has 'a profile has not changed from itself' "$out" 'settings: the same; data: the same'
has 'a profile keeps its own list' "$out" '10 stay, 0 entered, 0 left'

"$TARAZU" run company/july.yaml --quiet
"$TARAZU" run company/april.yaml --quiet
tarazu compare company/april.csv company/july.csv
is 'compare of results is status 0' $status 0
has 'results alone name what they cannot tell' "$out" 'compare the profiles'
tarazu compare company/july.csv company/july.yaml
is 'a result and a profile are compared too' $status 0
has 'a result is what its profile gives' "$out" 'settings: the same; data: the same'
rm company/april.manifest.json
tarazu compare company/april.csv company/july.csv
is 'results without a manifest are compared' $status 0
has 'results without a manifest name what is missing' "$out" 'a manifest beside the results is missing'

tarazu compare company/april.yaml company/july.yaml --customer 99999999
is 'a customer who is on neither side is status 2' $status 2
has 'a customer who is on neither side is named' "$err" '99999999'
tarazu compare company/april.yaml company/none.yaml
is 'a profile that is not there is status 3' $status 3
tarazu compare company/april.yaml company/none.csv
is 'a result that is not there is status 2' $status 2
has 'a result that is not there is named' "$err" 'none.csv'
tarazu compare company/orders.csv company/july.csv
is 'a file that is no result is status 3 or 4' "$((status == 3 || status == 4))" 1
tarazu compare company/july.yaml
is 'one side alone is status 2' $status 2
finish
