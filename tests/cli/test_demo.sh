#!/bin/sh
# The make-believe company: the same bytes every time, files that agree with one another and with what is said of them.
. "$(dirname "$0")/lib.sh"
files='customers.csv orders.csv referrals.csv surveys.csv profile.yaml'

sums() { # FOLDER: a checksum of each file
  (cd "$1" && for file in $files; do cksum "$file"; done)
}

tarazu demo "$here/one" --customers 300 --orders 5000
is 'demo succeeds' $status 0
has 'demo tells its customers' "$out" 'customers.csv  300 customers'
has 'demo tells its orders' "$out" 'orders.csv  5,000 orders worth '
has 'demo tells what comes next' "$out" "tarazu run $here/one/profile.yaml"
told_worth=$(sed -n 's/.*orders worth //p' "$here/out" | tr -d ,)
told_referrals=$(sed -n 's/.*referrals.csv  \(.*\) referrals/\1/p' "$here/out" | tr -d ,)
told_answers=$(sed -n 's/.*surveys.csv  \(.*\) answers/\1/p' "$here/out" | tr -d ,)

cd "$here/one" || exit 1
is 'no other file is left' "$(ls | sort | tr '\n' ' ')" 'customers.csv orders.csv profile.yaml referrals.csv surveys.csv '
is 'orders are as many as asked for' "$(($(wc -l <orders.csv) - 1))" 5000
is 'customers are as many as asked for' "$(($(wc -l <customers.csv) - 1))" 300
is 'referrals are as many as told' "$(($(wc -l <referrals.csv) - 1))" "$told_referrals"
is 'answers are as many as told' "$(($(wc -l <surveys.csv) - 1))" "$told_answers"
# In whole cents, which doubles hold exactly.
is 'orders are worth what is told' \
  "$(awk -F, 'NR > 1 {split($5, p, "."); s += $4 * (p[1] * 100 + p[2])} END {printf "%.2f", s / 100}' orders.csv)" "$told_worth"

bad() { # NAME AWK-PROGRAM FILES...: the program prints what breaks the rule
  name=$1 program=$2
  shift 2
  is "$name" "$(awk -F, "$program" "$@" | head -n 3)" ''
}
bad 'every row has all its fields' 'FNR == 1 {fields = NF} NF != fields' customers.csv orders.csv referrals.csv surveys.csv
bad 'every order is of a customer' 'NR == FNR {there[$1]; next} FNR > 1 && !($2 in there)' customers.csv orders.csv
bad 'every answer is of a customer' 'NR == FNR {there[$1]; next} FNR > 1 && !($1 in there)' customers.csv surveys.csv
bad 'both ends of a referral are customers' 'NR == FNR {there[$1]; next} FNR > 1 && !(($1 in there) && ($2 in there))' \
  customers.csv referrals.csv
bad 'nobody is brought twice' 'seen[$2]++' referrals.csv
bad 'whoever brings was there before' 'FNR > 1 && $1 >= $2' referrals.csv
bad 'customers have numbers of their own' 'seen[$1]++' customers.csv
bad 'orders are numbered in order of time' 'FNR > 1 && ($1 != FNR - 1 || $3 < last) {print} FNR > 1 {last = $3}' orders.csv
bad 'nothing is dated after the last day' 'FNR > 1 && $3 > "2025-06-30"' orders.csv
bad 'nothing is sold at or below cost' 'FNR > 1 && $6 >= $4 * $5' orders.csv
bad 'nobody orders before she joined, but for weekends' \
  'NR == FNR {since[$1] = $5; next} FNR > 1 && $3 < since[$2]' customers.csv orders.csv
bad 'scores go from 0 to 10' 'FNR > 1 && ($3 !~ /^[0-9]+$/ || $3 > 10)' surveys.csv
bad 'satisfaction is from 0 to 10, or unknown' 'FNR > 1 && $6 != "" && ($6 < 0 || $6 > 10)' customers.csv
holds 'some were never asked' grep -q ',,' customers.csv
# The point of it: few customers bring most of the revenue, and others bring the customers.
share=$(awk -F, 'NR > 1 {r[$2] += $4 * $5; s += $4 * $5} END {for (c in r) print r[c] / s}' orders.csv | sort -rg | head -n 60 |
  awk '{s += $1} END {print (s > 0.6 && s < 0.95) ? "yes" : s}')
is 'a fifth of the customers bring most of the revenue' "$share" yes
holds 'somebody brings many' awk -F, 'NR > 1 {n[$1]++} END {for (c in n) if (n[c] >= 5) found = 1; exit !found}' referrals.csv
cd "$here" || exit 1

tarazu demo "$here/two" --customers 300 --orders 5000 --quiet
is '--quiet says nothing' "$out$err" ''
is 'the same options give the same bytes' "$(sums "$here/two")" "$(sums "$here/one")"
tarazu demo "$here/three" --customers 300 --orders 5000 --seed 1
holds 'another seed gives another company' [ "$(cksum <"$here/three/orders.csv")" != "$(cksum <"$here/one/orders.csv")" ]

echo '# mine' >>"$here/two/profile.yaml"
tarazu demo "$here/two" --customers 300 --orders 5000
has 'a profile that is there is kept, and told' "$out" 'kept as it was'
is 'a profile that is there keeps its changes' "$(tail -n 1 "$here/two/profile.yaml")" '# mine'

tarazu demo "$here/default"
is 'without options: 500 customers, 24 orders each' \
  "$(($(wc -l <"$here/default/customers.csv") - 1)) $(($(wc -l <"$here/default/orders.csv") - 1))" '500 12000'
tarazu demo "$here/tiny" --customers 1 --orders 1 --years 1
is 'one customer with one order' "$status $(wc -l <"$here/tiny/orders.csv") $(wc -l <"$here/tiny/referrals.csv")" '0 2 1'
tarazu demo "$here/deep/er" --customers 10
is 'missing folders are made' "$status" 0

: >"$here/file"
tarazu demo "$here/file"
is 'a file in the place of the folder is status 6' $status 6
has 'a file in the place of the folder is named' "$err" "$here/file"
if [ "$(id -u)" != 0 ]; then
  mkdir "$here/locked" && chmod a-w "$here/locked"
  tarazu demo "$here/locked"
  is 'a folder that cannot be written to is status 6' $status 6
else
  skip 'a folder that cannot be written to is status 6' 'root may write anywhere'
fi
finish
