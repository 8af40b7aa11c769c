#!/bin/sh
# Runs test programs (cmocka's, or shell scripts that print TAP lines) side by side and adds up what they say:
# test.sh PROGRAM... ends with 'N passed, N failed, N skipped', alone on a line, and fails where one did.
# TEST_WRAP='valgrind -q --error-exitcode=1' runs each program under that.
set -u
umask 022 # what tests make is their own, whatever the umask: plugins that others can write to are not loaded

if [ "${1:-}" = --one ]; then # test.sh --one FOLDER PROGRAM: one program; its counts go to a file in FOLDER
  folder=$2
  program=$3
  name=$(printf %s "$program" | sed "s|^$BUILD_DIR/||; s|^[^/]*/tests/|tests/|")
  log=$(mktemp "$folder/log.XXXXXX")
  began=$(date +%s)
  case $program in
  *.sh) set -- sh "$program" ;;
  *) set -- ${TEST_WRAP:-} "$program" ;;
  esac
  CMOCKA_MESSAGE_OUTPUT=TAP timeout "${TEST_SECONDS:-900}" "$@" >"$log" 2>&1
  status=$?
  seconds=$(($(date +%s) - began))
  # cmocka says "not ok 3 # SKIP name", TAP itself "ok 3 name # SKIP reason".
  skipped=$(grep -cE '^(not )?ok\b.*# SKIP' "$log")
  passed=$(grep -E '^ok\b' "$log" | grep -vc '# SKIP')
  failed=$(grep -E '^not ok\b' "$log" | grep -vc '# SKIP')
  planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
  why=
  if [ "$status" -eq 124 ]; then
    why='took too long'
  elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    why="ended with status $status"
  elif [ "$planned" -gt $((passed + failed + skipped)) ]; then
    why="planned $planned tests"
  elif [ $((passed + failed + skipped)) -eq 0 ]; then
    why='told no test'
  fi
  [ -z "$why" ] || failed=$((failed + 1))
  {
    if [ "$failed" -gt 0 ]; then
      printf 'FAIL %s: %d passed, %d failed, %d skipped%s\n' "$name" "$passed" "$failed" "$skipped" "${why:+ ($why)}"
      grep -v '^ok ' "$log" | sed 's/^/  | /'
    else
      printf 'ok   %s: %d passed%s%s\n' "$name" "$passed" "$([ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped")" \
        "$([ "$seconds" -lt 5 ] || printf ', %d s' "$seconds")"
      [ "$skipped" -eq 0 ] || grep -iE '# SKIP|skip' "$log" | sed 's/^/  | /'
    fi
  } >"$log.told"
  cat "$log.told"
  printf '%d %d %d %s\n' "$passed" "$failed" "$skipped" "$name" >"$log.counts"
  exit 0
fi

cd "$(dirname "$0")/.." || exit 1
export BUILD_DIR SOURCE_DIR="$PWD" TARAZU="$BUILD_DIR/tarazu"

# Where a sanitizer is told to overlook something, the file says why.
supp=$PWD/tests
export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export LSAN_OPTIONS="suppressions=$supp/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
# Its detector of deadlocks keeps account of 64 locks a thread and ends the program at one more; the allocator within
# DuckDB takes all of its own, which are more, whenever a process is started.
export TSAN_OPTIONS="suppressions=$supp/tsan.supp:detect_deadlocks=0${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
# Kernels that scatter a program's memory widely leave no room for TSan's shadow.
case ${SAN:-} in
*thread*) setarch "$(uname -m)" -R true 2>/dev/null && TEST_WRAP="setarch $(uname -m) -R ${TEST_WRAP:-}" && export TEST_WRAP ;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for program; do printf '%s\n' "$program"; done |
  xargs -P "$(nproc 2>/dev/null || echo 2)" -n 1 sh "$0" --one "$folder"

cat "$folder"/*.counts 2>/dev/null | awk -v programs=$# '
  {passed += $1; failed += $2; skipped += $3}
  $2 {print "failed: " $4 " (" $2 ")"}
  END {
    if (NR < programs) failed += programs - NR
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit failed > 0
  }'
