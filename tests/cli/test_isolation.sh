#!/bin/sh
# Isolated plugins: what they must not do ends the run with one error that says what it was, or leaves that criterion
# out; nothing else suffers by it.
. "$(dirname "$0")/lib.sh"

cat >"$here/customers.csv" <<'EOF'
id,revenue,loyalty
a,10,3
b,20,1
c,30,
d,5,9
e,7,2
EOF
# With a batch a row, and two threads at once.
{
  echo 'tarazu: 1
as_of: 2025-01-01
data:
  customers: {from: customers.csv, key: id}
criteria:
  revenue: {plugin: attribute, dimension: financial, input: {value: customers.revenue}}
  other:
    plugin: hostile
    dimension: non_financial
    input: {value: customers.loyalty}
    params: {deed: nothing}
    isolate: {memory: 64M, time: 1 second}
segments:
  all: {plugin: hostile, input: {value: customers.revenue}}
key_customers: {limit: 2}
output:
  - {plugin: csv, to: out.csv}'
} >"$here/profile.yaml"
cd "$here" || exit 1
# Workers of this test's own, which no other test's can be taken for.
cp "$BUILD_DIR/tarazu-worker" "$here/tarazu-worker"
export TARAZU_WORKER="$here/tarazu-worker"
plugins=$BUILD_DIR/plugins:$BUILD_DIR/tests/plugins_hostile

# hostile DEED SETTING...: a run in which criterion 'other' does that
hostile() {
  deed=$1
  shift
  rm -f out.csv out.manifest.json
  tarazu run --threads 2 --plugins "$plugins" profile.yaml --set "criteria.other.params.deed=$deed" "$@"
}

case ${SAN:-} in
*thread*)
  hostile nothing
  is 'a build with the thread sanitizer says that it cannot isolate' "$status" 5
  has 'and why' "$err" 'thread sanitizer'
  finish
  exit
  ;;
esac

# ---- the same, isolated or not ----

hostile nothing
is 'an isolated scorer that does no harm runs' "$status" 0
cp out.csv isolated.csv
has 'the manifest says that it was isolated' "$(grep '"name": "other"' out.manifest.json)" '"isolated": true'
hasnt() { # NAME TEXT PIECE
  case $2 in
  *"$3"*) told 1 "$1" ;;
  *) told 0 "$1" ;;
  esac
}
hasnt 'and not that the others were' "$(grep '"name": "revenue"' out.manifest.json)" isolated
hostile nothing --set criteria.other.isolate=none
holds 'its results are those of a run in one process' cmp -s out.csv isolated.csv

# ---- what it must not do ----

# forbidden DEED STATUS WORDS: one error, with its place, and no output
forbidden() {
  hostile "$1"
  holds "$1 ends the run with status $2" [ "$status" = "$2" ]
  has "$1 is told" "$err" "$3"
  holds "$1 is told once, at its place, and nothing is written" sh -c "[ \$(grep -c 'error:' '$here/err') = 1 ] &&
    grep -q '^profile.yaml:8:13: error: criterion .other. (plugin .hostile.)' '$here/err' && [ ! -e out.csv ]"
}

forbidden reads_file 5 "could not score: tried to open the file '/etc/passwd', which isolation forbids"
forbidden writes_file 5 "tried to open the file '/etc/passwd'"
forbidden looks_at_file 5 "tried to look at the file '/etc/passwd'"
forbidden opens_socket 5 'tried to open a network socket, which isolation forbids'
forbidden forks 5 'tried to start a process or a thread, which isolation forbids'
forbidden forks_raw 5 'tried to start a process or a thread, which isolation forbids'
forbidden starts_thread 5 'made a system call that isolation forbids'
forbidden execs 5 "tried to run the program '/bin/true', which isolation forbids"
forbidden shares_memory 5 'tried to share memory, which isolation forbids'
forbidden spins 5 'took longer than the 1 second that a call may last, and was stopped'
forbidden sleeps 5 'took longer than the 1 second that a call may last, and was stopped'
forbidden exits 5 'could not score: ended its process (exit status 0)'
forbidden ends_thread 5 'tried to end its thread, which isolation forbids'
forbidden kills_itself 5 'tried to send a signal to a process, which isolation forbids'
forbidden kills_parent 5 'tried to send a signal to a process, which isolation forbids'
forbidden traces_parent 5 'tried to trace a process, which isolation forbids'
forbidden writes_to_parent 5 'tried to write to the memory of a process, which isolation forbids'
forbidden closes_files 5 'closed what connects it with its host'
forbidden answers_itself 5 'spoke to its host out of turn'
forbidden raises_limits 5 'tried to change its limits, which isolation forbids'
forbidden undoes_handler 5 "tried to undo the filter's handler, which isolation forbids"
forbidden odd_status 5 'spoke to its host out of turn'
forbidden gives_nan 5 "returned NaN; a value that cannot be said is a null in output 'value' (customer"
case ${SAN:-} in
*address*)
  for deed in exhausts_memory scribbles writes_inputs writes_past_results aborts; do
    skip "$deed" 'the sanitizer takes memory and crashes upon itself'
  done
  ;;
*)
  forbidden exhausts_memory 5 'MB of memory, and may use 64 MB'
  forbidden scribbles 5 'crashed (SIGSEGV)'
  forbidden writes_inputs 5 "crashed (SIGSEGV): it wrote to memory of the host's that it may only read"
  forbidden writes_past_results 5 'crashed (SIGSEGV)'
  forbidden aborts 5 'crashed (SIGABRT)'
  ;;
esac
forbidden fails 4 'it does not like the data'

hostile floods_log
is 'a flood of messages ends no run' "$status" 0
has 'it is cut short' "$err" 'more messages of this call are left out'
holds 'to a few lines' [ "$(wc -l <"$here/err")" -lt 40 ]
holds 'and changes no result' cmp -s out.csv isolated.csv

for when in create learn finish facts; do
  hostile exits --set "criteria.other.params.when=$when"
  is "the same in $when" "$status" 5
  has "and it is told, too" "$err" 'ended its process (exit status 0)'
done
hostile exits --set criteria.other.params.when=destroy
is 'after everything was told, its end ends no run' "$status" 0

# Loading: nothing that its constructor asks for is there.
hostile nothing --set criteria.other.plugin=hostile_loading --set 'segments.all=null'
is 'a constructor that reaches for files gets none' "$status" 0
is 'as its score tells' "$(cut -d, -f9 out.csv | tail -n +2 | sort -u)" 0.0
hostile nothing --set criteria.other.plugin=hostile_loading --set criteria.other.isolate=none --set 'segments.all=null'
is 'in the process of the run it gets them' "$(cut -d, -f9 out.csv | tail -n +2 | sort -u)" 3.0

# ---- left out ----

# skipped DEED SETTING...: the criterion has no value, everything else is as if it had never had one
hostile nothing --set 'data.customers.columns.loyalty=CAST(NULL AS DOUBLE)' --set criteria.other.isolate=none
cp out.csv without.csv
for deed in exits reads_file spins opens_socket fails gives_nan; do
  for where in '{memory: 64M, time: 1 second}' none; do
    case $where/$deed in none/exits | none/reads_file | none/spins | none/opens_socket) continue ;; esac
    hostile $deed --set criteria.other.on_failure=skip --set "criteria.other.isolate=$where"
    is "$deed leaves the criterion out (isolate: $where)" "$status" 0
    holds 'all else is as without its values' cmp -s out.csv without.csv
    has 'a warning says so' "$err" 'the run goes on without it'
    has 'and so does the manifest' "$(sed -n '/"skipped": \[/,/\]/p' out.manifest.json)" '"name": "other"'
  done
done
hostile exits --set criteria.other.on_failure=skip --set criteria.other.params.when=learn
is 'so does one that fails while it learns' "$status" 0
holds 'with the same results' cmp -s out.csv without.csv
hostile exits --set criteria.other.on_failure=skip --set criteria.other.missing=4
holds 'what stands for missing values does not stand for it' [ "$(cut -d, -f9 out.csv | tail -n +2 | sort -u)" = "" ]
hostile exits --set criteria.other.on_failure=skip --batch 1
is 'rows that were scored before the failure do not count' "$status" 0
holds 'with the same results, too' cmp -s out.csv without.csv
hostile blames_parameter --set criteria.other.on_failure=skip --set criteria.other.isolate=none
is "a fault of the profile's is none of the plugin's" "$status" 3
hostile nothing --set 'segments.all={plugin: hostile, input: {value: customers.revenue}, params: {deed: exits}, isolate: process, on_failure: skip}'
is 'a segmentation can be left out as well' "$status" 0
is 'nobody is in a segment' "$(cut -d, -f12 out.csv | tail -n +2 | sort -u)" ''
has 'which is told' "$err" "segmentation 'all' (plugin 'hostile') could not score: ended its process"

# ---- what a profile cannot ask for ----

hostile nothing --set 'combine={plugin: topsis, on_failure: skip}'
is 'a run cannot do without its combiner' "$status" 3
has 'which is told' "$err" 'combine: on_failure: a run cannot do without it; only criteria and segmentations can be left out'
hostile nothing --set criteria.other.isolate=proces
has 'a misspelt word is told' "$err" "did you mean 'process'?"
hostile nothing --set 'criteria.other.isolate={memory: lots}'
has 'a size that is none is told' "$err" "criteria.other: isolate: memory: found text 'lots', expected a size such as 512M or 2G"
hostile nothing --set 'criteria.other.isolate={time: 5}'
has 'a time without its unit is told' "$err" 'criteria.other: isolate: time:'
TARAZU_WORKER=/nowhere/tarazu-worker
hostile nothing
is 'without its program nothing is isolated, and nothing run' "$status" 5
has 'which is told' "$err" "scorer 'hostile' cannot be isolated: no process can be started for it"

holds 'no worker is left behind' sh -c '! pgrep -f "^$0" >/dev/null' "$here/tarazu-worker"
finish
