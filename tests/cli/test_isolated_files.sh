#!/bin/sh
# Isolated sources and sinks: they read and write their own files, with the same bytes as in the process of the run, and
# nothing else; what they must not do ends the run with one error, and leaves no output.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
# Workers of this test's own, which no other test's can be taken for.
cp "$BUILD_DIR/tarazu-worker" "$here/tarazu-worker"
export TARAZU_WORKER="$here/tarazu-worker"
plugins=$BUILD_DIR/plugins:$BUILD_DIR/tests/plugins_hostile
hasnt() { # NAME TEXT PIECE
  case $2 in
  *"$3"*) told 1 "$1" ;;
  *) told 0 "$1" ;;
  esac
}

echo data >in.hostile
echo 'somebody else'"'"'s' >secret
mkdir closed
echo hidden >closed/file
cat >hostile.yaml <<'EOF'
tarazu: 1
as_of: 2025-01-01
data:
  customers: {from: in.hostile, key: id, params: {deed: nothing}, isolate: {memory: 128M, time: 2 seconds}}
criteria:
  value: {plugin: attribute, dimension: financial, input: {value: customers.value}}
key_customers: {limit: 2}
output:
  - {to: out.hostile, params: {deed: nothing}, isolate: {memory: 128M, time: 2 seconds}}
EOF

# source DEED [WHEN [SETTING...]], sink DEED [WHEN [SETTING...]]: a run in which it does that
hostile() {
  place=$1 deed=$2 when=${3:-open}
  shift 2
  [ $# = 0 ] || shift
  rm -rf out.hostile out.manifest.json
  tarazu run --threads 2 --plugins "$plugins" hostile.yaml --set "$place.params.deed=$deed" \
    --set "$place.params.when=$when" "$@"
}
source() { hostile data.customers "$@"; }
sink() { hostile output.0 "$@"; }

case ${SAN:-} in
*thread*)
  source nothing
  is 'a build with the thread sanitizer cannot isolate' "$status" 5
  finish
  exit
  ;;
esac
# A kernel without Landlock, which tests/core/isolate/test_isolate.c tells from a fault of ours.
source nothing
case $err in
*'cannot keep its files apart (Landlock)'*)
  is 'without Landlock no source is isolated, and none runs' "$status" 5
  skip 'isolated sources and sinks' 'this kernel has no Landlock'
  finish
  exit
  ;;
esac

# ---- what they may do ----

source nothing
is 'an isolated source and an isolated sink that do no harm run' "$status" 0
is 'the sink has written its file' "$(cat out.hostile)" '5 rows'
has 'the manifest says that the source was isolated' "$(grep '"role": "source"' out.manifest.json)" '"isolated": true'
has 'and the sink' "$(grep '"role": "sink"' out.manifest.json)" '"isolated": true'
hasnt 'and not that others were' "$(grep '"role": "scorer"' out.manifest.json)" isolated
holds 'nothing is left beside the output' [ "$(find . -name '.out*')" = '' ]

# does ROLE DEED WHEN WORDS: it can, as it says itself
does() {
  $1 "$2" "$3"
  is "$2 ($1) ends no run" "$status" 0
  has 'and does what it is to' "$err" "$4"
}
does source reads_location plan 'it read its location'
does source spills open 'it spilled'
does source starts_thread read 'it started a thread'
does source tells_memory plan 'it may use 100663296 bytes' # three quarters of 128M
does sink starts_thread write 'it started a thread'
does sink writes_beside prepare 'it wrote beside its file'
holds 'what it wrote beside goes with the run' [ "$(find . -name '*.wal')" = '' ]
source reads_proc open
is 'what tells of the machine is just not there' "$status" 0
hasnt 'so that nothing is read' "$err" 'it read its surroundings'
umask 022
sink leaves_rights prepare
is 'a sink that makes its file anew runs' "$status" 0
is 'the file has the rights of any' "$(stat -c %a out.hostile)" 644
source big_chunk open
is 'a chunk larger than any before comes over whole' "$status" 0
is 'with all its rows' "$(cat out.hostile)" '400000 rows'

# ---- what they must not do ----

# forbidden ROLE DEED WHEN WORDS [SETTING...]: one error, status 5, and no output
forbidden() {
  role=$1 deed=$2 when=$3 words=$4
  shift 4
  $role "$deed" "$when" "$@"
  is "$deed ($role, in $when) ends the run" "$status" 5
  has 'which is told' "$err" "$words"
  holds 'once, and nothing is written' sh -c "[ \$(grep -c 'error:' '$here/err') = 1 ] && [ ! -e out.hostile ] &&
    [ ! -e out.manifest.json ] && [ \"\$(find . -name '.out*')\" = '' ]"
}

for role in source sink; do
  [ $role = source ] && in=read at=data.customers || { in=write && at=output.0; }
  of() { printf -- '--set %s.params.of=%s' "$at" "$1"; }
  [ $role = source ] && whose="table 'customers': its source 'hostile'" || whose="output 'hostile' to 'out.hostile':"
  forbidden $role reads_file $in "$whose tried to open the file '/etc/passwd', which isolation forbids"
  # shellcheck disable=SC2046
  {
    forbidden $role reads_file open "tried to open the file '$here/secret'" $(of "$here/secret")
    forbidden $role reads_legacy $in "tried to open the file 'secret'" $(of secret)
    forbidden $role lists_folder $in "tried to open the file '$here/closed'" $(of "$here/closed")
    forbidden $role writes_file $in "tried to open the file 'secret'" $(of secret)
    forbidden $role empties_file $in "tried to open the file 'secret'" $(of secret)
    forbidden $role makes_file $in "tried to open the file 'made'" $(of made)
    forbidden $role makes_folder $in "tried to make the folder 'made'" $(of made)
    forbidden $role removes_file $in "tried to remove the file 'secret'" $(of secret)
    forbidden $role renames_file $in "tried to rename the file 'secret'" $(of secret)
    forbidden $role links_file $in "tried to link the file 'secret'" $(of secret)
    forbidden $role changes_rights $in "tried to change the rights of the file 'secret'" $(of secret)
  }
  forbidden $role opens_socket $in 'tried to open a network socket, which isolation forbids'
  forbidden $role forks $in 'tried to start a process'
  forbidden $role forks_raw $in 'tried to start a process'
  forbidden $role forks_newly $in "tried to run the program '/bin/true'"
  forbidden $role execs $in "tried to run the program '/bin/true', which isolation forbids"
  forbidden $role kills_parent $in 'tried to send a signal to a process'
  forbidden $role traces_parent $in 'tried to trace a process'
  forbidden $role spins $in 'took longer than the 2 seconds that a call may last, and was stopped'
  forbidden $role ends_thread $in 'ended a thread that is not its own, which isolation forbids'
  forbidden $role exits $in 'ended its process (exit status 0)'
  forbidden $role exits create 'ended its process (exit status 0)'
  case ${SAN:-} in
  *address*) skip "exhausts_memory, scribbles ($role)" 'the sanitizer takes memory and crashes upon itself' ;;
  *)
    forbidden $role exhausts_memory $in 'MB of memory, and may use 128 MB'
    forbidden $role scribbles $in 'crashed (SIGSEGV)'
    ;;
  esac
done
is 'the file that they were to harm is as it was' "$(cat secret)" "somebody else's"
is 'and has the rights that it had' "$(stat -c %a secret)" 644
forbidden source writes_file open "tried to open the file 'in.hostile'" --set data.customers.params.of=in.hostile
is 'a source cannot write to what it reads' "$(cat in.hostile)" data
forbidden source reads_file plan "tried to open the file '/etc/passwd'"
forbidden source reads_file fingerprint "tried to open the file '/etc/passwd'"
forbidden sink reads_file table "tried to open the file '/etc/passwd'"
forbidden sink reads_file prepare "tried to open the file '/etc/passwd'"
forbidden sink reads_file prepare "tried to open the file 'in.hostile'" --set output.0.params.of=in.hostile
forbidden sink leaves_nothing prepare "'out.hostile' cannot be written: its sink has left no file"
forbidden sink leaves_folder prepare "'out.hostile' cannot be written: its sink has left no file"
source fails read
is "a source's own error is told as it is without isolation" "$status" 4
has 'in its words' "$err" 'it does not like the data'
sink fails prepare
is "and a sink's" "$status" 6

# ---- what it hands over ----

forbidden source unordered_strings open "its source 'hostile' handed over a chunk of strings out of order"
forbidden source endless_strings open 'has a chunk of 1099511628224 bytes, more than the memory that it may use'
forbidden source wrong_code open 'broke the contract'
forbidden source short_values open 'broke the contract'
forbidden source endless_rows open 'broke the contract'
forbidden source fewer_columns open 'broke the contract'
forbidden source many_parts open 'says that it has 4294967295 parts'
forbidden source odd_fingerprint open 'a fingerprint that is no number'

# ---- files of their own ----

mkdir -p data/2024 data/2025/more elsewhere
printf 'id,day,amount\na,2024-01-01,3\nb,2024-02-01,5\n' >data/2024/1.csv
printf 'id,day,amount\na,2024-03-01,3.5\nc,2024-02-01,\n' >data/2025/more/2.csv
printf 'id,day,amount\nd,2024-03-01,3.5\n' >elsewhere/3.csv
printf 'id,name,value\na,Zoë,1\nb,"x, y",2\nc,,3\n' >customers.csv
printf '{"id": "a", "name": "Zoë", "value": 1}\n{"id": "b", "name": "x, y", "value": 2}\n{"id": "c", "value": 3}\n' \
  >customers.ndjson
gzip -c customers.csv >customers.csv.gz
cat >files.yaml <<'EOF'
tarazu: 1
as_of: 2025-01-01
data:
  customers: {from: customers.csv, key: id}
  orders: {from: "data/**/*.csv", key: id, columns: {time: day, amount: amount * 2}}
criteria:
  value: {plugin: attribute, dimension: non_financial, input: {value: customers.value}}
  money: {plugin: monetary, dimension: financial, input: {orders: orders}}
  standing: {plugin: rfm, dimension: financial, input: {orders: orders}}
key_customers: {limit: 2}
output:
  - {to: results/files.csv}
  - {to: results/files.json}
  - {to: results/files.parquet}
  - {plugin: table, to: results/files.txt}
  - {plugin: table}
EOF

# same NAME SETTING...: the same bytes isolated and not
same() {
  name=$1
  shift
  rm -rf results plain
  tarazu run files.yaml "$@"
  plain=$status
  cp "$here/out" screen
  mv results plain
  tarazu run files.yaml --threads 3 "$@" --set isolate=process
  [ "$plain" = 0 ] && [ "$status" = 0 ]
  told $? "$name, isolated"
  for file in files.csv files.json files.parquet files.txt; do
    holds "the same $file" cmp -s "results/$file" "plain/$file"
  done
  holds 'the same screen' cmp -s "$here/out" screen
}
same 'CSV files, one and a pattern of many'
cp plain/files.parquet customers.parquet
same 'Parquet' --set data.customers.from=customers.parquet --set data.customers.key=customer \
  --set data.customers.columns.value=score
same 'JSON' --set data.customers.from=customers.ndjson
same 'a compressed file' --set data.customers.from=customers.csv.gz
ln -s customers.csv link.csv
same 'a link to a file' --set data.customers.from=link.csv
same 'an absolute path' --set "data.customers.from=$here/customers.csv"
tarazu run files.yaml --set isolate=process --set data.orders.from=nowhere.csv
is 'a file that is not there is told as without isolation' "$status" 3
has 'in the same words' "$err" nowhere.csv
tarazu run files.yaml --set isolate=process --set 'data.orders.columns.amount=amonut'
has 'and so is a misspelt column' "$err" "did you mean 'amount'?"
tarazu run files.yaml --set isolate=process --set "data.orders.where=id IN (SELECT id FROM read_csv('customers.csv'))"
holds 'an expression reaches no other file' [ "$status" != 0 ]
ln -s ../elsewhere/3.csv data/3.csv
tarazu run files.yaml --set isolate=process
is 'a link that leads out of the folder of a pattern leads nowhere' "$status" 5
has 'which is told' "$err" "3.csv', which isolation forbids"
rm data/3.csv

# ---- what a profile cannot ask for ----

tarazu check --plugins "$plugins" hostile.yaml --set data.customers.from=hostile:server
is 'a source of a server cannot be isolated' "$status" 3
has 'which is told' "$err" \
  "data.customers: isolate: 'hostile:server' is no file, and files are all that an isolated source can read; expected none"
tarazu check --plugins "$plugins" hostile.yaml --set output.0.to=hostile:server --set isolate=process \
  --set output.0.isolate=
has 'nor a sink' "$err" "output[0]: isolate: 'hostile:server' is no file"
has 'with what to do where all are' "$err" '`isolate: none` beside its location is for it alone'
tarazu check --plugins "$plugins" hostile.yaml
is 'checking makes no file' "$status$(find . -name '*out.hostile*')" 0
tarazu check --plugins "$plugins" hostile.yaml --set data.customers.params.when=create \
  --set data.customers.params.deed=reads_file
is 'and what a source does when it is created is seen by then' "$status" 5

holds 'no worker is left behind' sh -c '! pgrep -f "^$0" >/dev/null' "$here/tarazu-worker"
finish
