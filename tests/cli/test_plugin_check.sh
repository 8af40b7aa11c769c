#!/bin/sh
# 'tarazu plugin check': it passes every plugin of ours, and finds each fault that is planted in tests/plugins_faulty.
. "$(dirname "$0")/lib.sh"

if [ -n "${SAN:-}" ]; then
  skip 'plugin check' 'sanitizers see to memory themselves, and know no limit of it'
  finish
  exit
fi

faulty="$BUILD_DIR/tests/plugins_faulty"

# NAME TEST WORDS: the test that is to find the fault, and what it is to say.
cat >"$here/faults" <<'EOF'
null_ignored nulls under the nulls
shared_static threads static data
shared_heap threads several threads apply at once
merge_not_associative shares merged as
order_dependence batches in batches of
batch_end batches in batches of
reads_past_end random past the end of the values of column
reads_before random before the beginning of the values of column
writes_past_end random past the end of the values of a result
keeps_column lifecycle of an earlier call
keeps_state lifecycle the learning state
leaks leaks of malloc's behind
leaves_files_open leaks files open
prints random it printed "scoring
exits empty finish called exit
leaves empty finish ended the whole process
aborts empty finish crashed (SIGABRT
wrong_default declarations is out of its range
no_help declarations without help
random_by_call determinism the second time
random_by_batch batches in batches of
writes_inputs nulls which it may only read
nan_out constant expected a number or null
unwritten constant unwritten
clears_wrong_bit batches belongs to no row
saves_less reload after it was loaded
loads_garbage garbage of a model for a whole one
loads_past_end garbage past the end of the model's bytes
crashes_on_empty empty divided by zero
loops_forever empty processor time
too_much_memory parameters 1 GiB
clock determinism on another day
label_out_of_range constant but there are 2 labels
unwanted_result unwanted null pointer
looks_up_strangers strangers expected a number or null
writes_instance random the instance
fails_without_words parameters without a message
never_done parameters passes over the data
one_for_all lifecycle beside another instance
learns_on lifecycle learning a second time
uses_freed parameters SIGABRT
deep_recursion parameters crashed (SIGSEGV
weights_negative parameters the weight -0.25
contributions_off explanation add up to
task_order tasks with the tasks of host->parallel
EOF

is 'as many faults are looked for as there are' "$(wc -l <"$here/faults")" \
  "$(find "$SOURCE_DIR/tests/plugins_faulty" -name '*.c' ! -name none.c | wc -l)"

# job NAME ARGUMENTS...: what is to be run by jobs, side by side; what it says and then its status go to found/NAME
mkdir "$here/jobs" "$here/found"
job() {
  name=$1
  shift
  for word in "$@"; do printf "'%s' " "$word"; done >"$here/jobs/$name"
}
run_jobs() {
  ls "$here/jobs" | TARAZU=$TARAZU here=$here xargs -P "$(nproc)" -I{} sh -c \
    'eval "set -- $(cat "$here/jobs/{}")"; "$TARAZU" plugin check "$@" >"$here/found/{}" 2>&1; echo $? >>"$here/found/{}"'
  rm "$here"/jobs/*
}

while read -r name test _; do
  job "$name" "$faulty/$name.so" --only "$test"
done <"$here/faults"
run_jobs
while read -r name test words; do
  found=$(cat "$here/found/$name")
  is "$name: the check ends with status 5" "$(tail -n 1 "$here/found/$name")" 5
  has "$name: $test fails" "$found" "FAILED  $test"
  has "$name: and says why" "$found" "$words"
  has "$name: and how to try it again" "$found" 'again: tarazu plugin check'
done <"$here/faults"

tarazu plugin check "$faulty/none.so"
is 'what the faults are planted in has none' "$status" 0
has 'and passes everything' "$out" ' 0 failed'

# Sound plugins: one that refuses in apply, with some seeds' data more often than with others.
for seed in 1 2 3; do
  for file in "$BUILD_DIR"/tests/plugins_sound/*.so; do
    tarazu plugin check "$file" --seed $seed
    is "$(basename "$file") passes its check with seed $seed" "$status" 0
  done
done

for file in "$BUILD_DIR"/tests/abi*/*.so; do
  tarazu plugin check "$file"
  is "$(basename "$file"), built with an older header, passes its check" "$status" 0
done

# Parameters for those that cannot do without any and whose cannot be made up.
four='{criterion: revenue, over: habit, times: 3}, {criterion: word_of_mouth, over: recommendation, times: 2},
  {criterion: financial, over: non_financial, times: 2}'
ours() {
  case $1 in
  weigher.ahp) job "$1" "$2" --params "{judgements: [$four]}" ;;
  weigher.best_worst) job "$1" "$2" --params "{judgements: [{criterion: revenue, best_over: 1, over_worst: 8},
    {criterion: habit, best_over: 8, over_worst: 1}, {criterion: word_of_mouth, best_over: 2, over_worst: 4},
    {criterion: recommendation, best_over: 4, over_worst: 2}]}" ;;
  scorer.points) job "$1" "$2" --params "{rules: [{column: revenue, from: 2, points: 5}, {points: 1}]}" ;;
  *) job "$1" "$2" ;;
  esac
}
for file in "$BUILD_DIR"/plugins/*/*.so; do
  ours "$(basename "$(dirname "$file")").$(basename "$file" .so)" "$file"
done
rm "$here"/found/*
run_jobs
for found in "$here"/found/*; do
  out=$(cat "$found") status=$(tail -n 1 "$found")
  is "$(basename "$found") passes its check" "$status" 0
  [ "$status" -eq 0 ] || grep -A 8 FAILED "$found" | sed 's/^/# /'
done

# A small case that can be tried again: the same seed finds the same, as JSON too.
tarazu plugin check "$faulty/nan_out.so" --only constant --seed 1
once=$out
tarazu plugin check "$faulty/nan_out.so" --only constant --seed 1
is 'the same seed finds the same' "$out" "$once"
has 'the data that fail are small' "$out" 'tried on 1 customer,'
tarazu plugin check "$faulty/nan_out.so" --only constant --json
is 'a fault is status 5 with --json too' "$status" 5
has 'as JSON' "$out" '"passed": false'
has 'with the command that tries it again' "$out" '"replay": "tarazu plugin check'

# What stands behind `again:` is what a shell takes, whatever the file's name and the parameters hold.
cp "$faulty/nan_out.so" "$here/my plugin's.so"
tarazu plugin check "$here/my plugin's.so" --only constant --seed 1
first=$out
mkdir "$here/path" && ln -s "$TARAZU" "$here/path/tarazu"
again=$(printf '%s\n' "$first" | sed -n 's/^ *again: //p')
out=$(PATH="$here/path:$PATH" sh -c "$again")
has 'the command that tries it again can be typed' "$again" "my plugin'\\''s.so' --only scorer/faulty/constant --seed 1"
is 'and finds the same' "$(printf '%s\n' "$out" | sed 's/, [0-9.]* s//')" "$(printf '%s\n' "$first" | sed 's/, [0-9.]* s//')"
tarazu plugin check "$faulty/nan_out.so" --only constant --params "{nothing: 'x y'}"
has 'parameters stand in it, too' "$out" "--params '{nothing: '\\''x y'\\''}'"

tarazu plugin check "$faulty/nan_out.so" --only no_such_test
is 'a test that there is not is status 2' "$status" 2
tarazu plugin check "$here/nothing.so"
is 'a file that there is not is status 2' "$status" 2
echo 'no plugin' >"$here/text.so"
tarazu plugin check "$here/text.so"
is 'a file that is no plugin is status 5' "$status" 5
has 'and is told' "$out" 'cannot be loaded'
tarazu plugin check
is 'check without a file is status 2' "$status" 2
tarazu plugin list --only x
is '--only is of check alone' "$status" 2

finish
