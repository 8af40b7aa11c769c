#!/bin/sh
# The make-believe company: the same bytes every time, files that agree with one another and with what is said of them.
. "$(dirname "$0")/lib.sh"
files='complaints.csv customers.csv ideas.csv judgements.csv mentions.csv orders.csv profile.yaml promises.csv ratings.csv
referrals.csv survey_items.csv surveys.csv'

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
told_of() { # FILE: how many rows the account gives it
  sed -n "s|.*/$1  \([0-9,]*\) .*|\1|p" "$here/one.out" | tr -d ,
}
cp "$here/out" "$here/one.out"
told_answers=$(sed -n 's/.*surveys.csv  \(.*\) answers/\1/p' "$here/out" | tr -d ,)

cd "$here/one" || exit 1
is 'no other file is left' "$(ls | LC_ALL=C sort | tr '\n' ' ')" "$(echo $files) "
is 'orders are as many as asked for' "$(($(wc -l <orders.csv) - 1))" 5000
is 'customers are as many as asked for' "$(($(wc -l <customers.csv) - 1))" 300
is 'referrals are as many as told' "$(($(wc -l <referrals.csv) - 1))" "$told_referrals"
is 'answers are as many as told' "$(($(wc -l <surveys.csv) - 1))" "$told_answers"
for file in complaints promises ideas judgements survey_items mentions ratings; do
  is "rows of $file are as many as told" "$(($(wc -l <$file.csv) - 1))" "$(told_of $file.csv)"
done
# In whole cents, which doubles hold exactly.
is 'orders are worth what is told' \
  "$(awk -F, 'NR > 1 {split($5, p, "."); s += $4 * (p[1] * 100 + p[2])} END {printf "%.2f", s / 100}' orders.csv)" "$told_worth"

bad() { # NAME AWK-PROGRAM FILES...: the program prints what breaks the rule
  name=$1 program=$2
  shift 2
  is "$name" "$(awk -F, "$program" "$@" | head -n 3)" ''
}
bad 'every row has all its fields' 'FNR == 1 {fields = NF} NF != fields' ./*.csv
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
for file in complaints promises ideas judgements survey_items; do
  bad "every row of $file is of a customer, and of her days" \
    'NR == FNR {since[$1] = $5; next} FNR > 1 && (!($1 in since) || $2 < since[$1] || $2 > "2025-06-30")' \
    customers.csv $file.csv
done
for file in mentions ratings; do
  bad "both ends of $file are customers, not one, at a day when both were" \
    'NR == FNR {since[$1] = $5; next}
     FNR > 1 && (!($1 in since) || !($2 in since) || $1 == $2 || $3 < since[$1] || $3 < since[$2] || $3 > "2025-06-30")' \
    customers.csv $file.csv
done
bad 'complaints are resolved after they were opened, or open' \
  'FNR > 1 && ($3 != "" && ($3 <= $2 || $3 > "2025-06-30") || $4 !~ /^[1-5]$/ || $5 !~ /^[0-9]+\.[0-9][0-9]$/)' complaints.csv
holds 'some complaints are open' grep -q ',,' complaints.csv
bad 'promises are kept or not' 'FNR > 1 && $3 !~ /^[01]$/' promises.csv
bad 'ideas are worth something where they were adopted, and only there' \
  'FNR > 1 && ($3 !~ /^[01]?$/ || ($3 == 1) != ($4 != ""))' ideas.csv
bad 'ideas that are pending are the latest' 'FNR > 1 && $3 == "" && $2 < "2025-01-01"' ideas.csv
holds 'some ideas are pending' grep -q ',,' ideas.csv
bad 'judgements go from 1 to 7' 'FNR > 1 && $4 !~ /^[1-7]$/' judgements.csv
bad 'a rater judges a customer once' 'seen[$1, $3]++' judgements.csv
is 'five judge' "$(awk -F, 'FNR > 1 {print $3}' judgements.csv | sort -u | wc -l | tr -d ' ')" 5
bad 'answers to items go from 1 to 5' 'FNR > 1 && $4 !~ /^[1-5]$/' survey_items.csv
bad 'an item is answered once a day' 'seen[$1, $2, $3]++' survey_items.csv
is 'items are those of the questionnaire' "$(awk -F, 'FNR > 1 {print $3}' survey_items.csv | sort -u | tr '\n' ' ')" \
  'ease quality regret support trust '
bad 'mentions weigh something' 'FNR > 1 && $4 !~ /^[1-9]$/' mentions.csv
bad 'ratings go from -10 to 10' 'FNR > 1 && ($4 !~ /^-?[0-9]+$/ || $4 < -10 || $4 > 10)' ratings.csv
bad 'nobody rates another one twice' 'seen[$1, $2]++' ratings.csv
holds 'some are much spoken of' awk -F, 'NR > 1 {n[$2]++; all++} END {for (c in n) if (n[c] * 300 > 8 * all) found = 1; exit !found}' \
  mentions.csv
# Of those who praise one another with a 10, each is praised so by all the others of a ring of five.
is 'a ring praises itself' "$(awk -F, 'NR > 1 && $4 == 10 {to[$1, $2] = 1}
  END {for (pair in to) {split(pair, p, SUBSEP); if ((p[2], p[1]) in to) n[p[1]]++}
       for (c in n) if (n[c] >= 4) members++; print members + 0}' ratings.csv)" 5
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
