#!/bin/sh
# history: one customer through the runs of a store, and what moved her: her own data, settings or her rivals.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1

# people A B C D E: what each is worth, and how much she is liked
people() {
  {
    echo id,worth,liked
    echo "ann,$1,1"
    echo "Ann & Sons,$2,2"
    echo "żółw,$3,3"
    echo "-17,$4,4"
    echo "eve,$5,5"
  } >people.csv
}
cat >profile.yaml <<'Y'
tarazu: 1
company: Acme
as_of: 2026-01-01
data: {customers: {from: people.csv, key: id}}
criteria:
  worth: {plugin: attribute, dimension: financial, input: {value: customers.worth}}
  liked: {plugin: attribute, dimension: non_financial, input: {value: customers.liked}}
combine: {plugin: weighted_sum}
dimensions: {financial: 90%, non_financial: 10%}
key_customers: {limit: 2}
store: tarazu.db
Y
once() { "$TARAZU" run profile.yaml --quiet "$@" || echo "# a run failed: $*"; }
# The last line of a run's row in the history, blanks squeezed.
row() { printf '%s\n' "$out" | sed -n "s/^ *\($1  .*\)/\1/p" | tr -s ' '; }

people 100 60 50 40 30
once #                                                               1
people 100 60 90 40 30 #                                             2: of these the third's own data
once
people 100 95 90 40 30 #                                             3: her rivals alone
once
once --set dimensions.financial=10% --set dimensions.non_financial=90% # 4: settings alone
once --set dimensions.financial=10% --set dimensions.non_financial=90% # 5: nothing

tarazu history żółw
is 'history is status 0' $status 0
is 'history says nothing on standard error' "$err" ''
has 'history tells the runs and the profile' "$out" "in 5 runs of $here/profile.yaml (Acme)"
has 'a move by her own data is hers' "$(row 2)" '+1 +1 0 0 entered the list; worth 50 → 90'
has "a move by others' data is theirs" "$(row 3)" '-1 0 0 -1 left the list; nothing of her own changed'
has 'a move by settings is theirs' "$(row 4)" '0 0 0 0 dimensions.financial'
has 'where nothing changed it says so' "$(row 5)" 'nothing changed'
has 'history draws the ranks' "$out" 'rank  ▁█▁▁▁  best 2 (run 2), worst 3 (run 1)'
has 'history tells since when' "$out" 'no key customer since run 3'

tarazu history eve
has 'settings move those whom they favour' "$(row 4)" '+4 0 +4 0 entered the list; dimensions.financial "90%" → "10%" and 1 more'
tarazu history -- -17
is 'a key that begins with a dash is found behind --' $status 0
tarazu history 'Ann & Sons' --latest 2
is 'a key with blanks is found' $status 0
has '--latest keeps the newest runs' "$out" 'in 2 runs of'

people 100 95 90 40 200 #                                            6: both her own data and settings
once --set criteria.liked.weight=3
tarazu history eve
has 'settings and data at once are not told apart' "$(row 6)" ' - - - '
has 'it is told how they could be' "$out" '`tarazu compare`'

sed -i '/^eve/d' people.csv
echo 'new,500,5' >>people.csv
once
tarazu history eve
has 'who is gone is absent' "$(row 7)" 'absent 5 - no'
has 'who is gone has left' "$(row 7)" 'no longer among the customers'
tarazu history new
has 'who is new was not among the customers' "$(row 7)" 'new among the customers'
is 'runs long before her are left out' "$(row 5)" ''

tarazu history eve --json
is 'history --json is status 0' $status 0
is 'history --json gives one object' "$(head -c 1 "$here/out")$(tail -c 2 "$here/out")" '{}'
if command -v python3 >/dev/null; then
  python3 - "$here/out" <<'P'
import json, sys
h = json.load(open(sys.argv[1]))
runs = h['profiles'][0]['runs']
assert [r['run'] for r in runs] == [1, 2, 3, 4, 5, 6, 7], runs
assert runs[3]['move']['by'] == {'own_data': 0, 'settings': 4, 'rivals': 0}, runs[3]
assert runs[3]['move']['settings'][0] == {'key': 'dimensions.financial', 'before': '90%', 'after': '10%'}, runs[3]
assert runs[6]['rank'] is None and runs[6]['among_customers'] is False
P
  told $? '--json has every value'
else
  skip '--json has every value' 'no python3'
fi

# ---- several profiles ----
sed 's/limit: 2/limit: 1/' profile.yaml >other.yaml
"$TARAZU" run other.yaml --quiet
tarazu history ann
is 'each profile has a history of its own' "$(grep -c '^Customer ann in' "$here/out")" 2
tarazu history ann --profile other.yaml
is '--profile chooses one' "$(grep -c '^Customer ann in' "$here/out")" 1

# ---- what goes wrong ----
tarazu history anm
is 'an unknown customer is status 2' $status 2
has 'an unknown customer is named' "$err" "no run in 'tarazu.db' knows a customer 'anm'"
has 'the nearest customer is told' "$err" "did you mean 'ann'?"
tarazu history new --profile other.yaml --latest 1
is 'a customer of the newest run is found' $status 0
tarazu history eve --profile other.yaml
is 'a customer of other runs alone is status 2' $status 2
has 'it is told where she is' "$err" 'is in other runs, such as 6'
tarazu history ann --profile othr.yaml
is 'an unknown profile is status 2' $status 2
has 'the nearest profile is told' "$err" 'did you mean'
tarazu history ann --store none.db
is 'no store is status 2' $status 2
has 'no store is named' "$err" "there is no run store 'none.db'"
mkdir elsewhere && cd elsewhere || exit 1
tarazu history ann
is 'no store in this folder is status 2' $status 2
has 'it is told how to get one' "$err" '--store FILE'
cd .. || exit 1
printf 'no database at all, but words enough to be one: %01000d' 0 >words.db
tarazu history ann --store words.db
is 'what is no store is status 4' $status 4
has 'what is no store is told' "$err" 'is no run store'
tarazu history
is 'no customer is status 2' $status 2
has 'what is missing is named' "$err" 'CUSTOMER is missing'
finish
