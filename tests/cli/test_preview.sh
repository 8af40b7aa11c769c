#!/bin/sh
# preview: what a run would change in the list, before anything is written; status 10 where it would change.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
"$TARAZU" demo company --customers 120 --quiet
cat >company/p.yaml <<'Y'
extends: profile.yaml
key_customers: {limit: 10, keep_within: 14, previous: out/list.csv, require: null}
output: [{plugin: table, to: "-"}, {plugin: csv, to: out/list.csv}]
Y

tarazu preview company/p.yaml
is 'a first list is a change' $status 10
has 'a first list is told' "$out" 'No list has been published yet: a run would write one of 10'
holds 'preview writes nothing' [ ! -e company/out ]
"$TARAZU" run company/p.yaml --quiet >/dev/null
first=$(cksum company/out/*)

tarazu preview company/p.yaml
is 'an unchanged list is status 0' $status 0
has 'an unchanged list is told' "$out" 'A run would not change the list'
tarazu preview company/p.yaml --set key_customers.limit=12
is 'a longer list is status 10' $status 10
has 'a longer list tells who enters' "$out" 'entered the list'
has 'a longer list tells why' "$out" 'within the limit of 12'
tarazu preview company/p.yaml --set as_of=2023-01-01 --json
is 'other data may change the list' $status 10
has 'preview --json tells it' "$out" '"same": {"list": false, "settings": true, "data": false}'
is 'preview leaves what was published alone' "$(cksum company/out/*)" "$first"

# Without `previous`, its own output is what was published.
tarazu preview company/p.yaml --set key_customers.previous= --set key_customers.keep_within= --set key_customers.limit=9
is 'its own output counts' $status 10
has 'its own output is named' "$out" 'out/list.csv'

# A list of somebody's own, without ranks.
{
  echo 'id,since'
  grep ',true,' company/out/list.csv | cut -d, -f1 | sed 's/$/,2024/'
} >company/list.csv
tarazu preview company/p.yaml --set 'key_customers.previous={from: list.csv, key: id}'
is 'a list without ranks is compared too' $status 0
has 'a list without ranks is told' "$out" '10 stay, 0 entered, 0 left'

tarazu preview company/none.yaml
is 'a preview that fails has its own status' $status 3
tarazu preview company/p.yaml --set combine.plugin=topsys
is 'a preview of a faulty profile is status 3' $status 3
finish
