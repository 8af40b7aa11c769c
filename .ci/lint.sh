#!/bin/sh
# Static checks: format, clang-tidy, cppcheck, public headers alone, layers. A tool that is not installed is passed over,
# saying so, unless CI=true. Ends with 'N passed, N failed'.
set -u
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp)
trap 'rm -f "$log" "$log.files"' EXIT
passed=0 failed=0
jobs=$(nproc 2>/dev/null || echo 2)
flags="-std=c17 -D_GNU_SOURCE -Iinclude -Icore -Itests -I${DUCKDB_DIR:-deps/duckdb} $(pkg-config --cflags luajit 2>/dev/null)"
strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'

# check NAME COMMAND...: silent where all is good
check() {
  name=$1
  shift
  if "$@" >"$log" 2>&1; then
    printf 'ok   %s\n' "$name"
    passed=$((passed + 1))
  else
    printf 'FAIL %s\n' "$name"
    sed 's/^/  | /' "$log" | head -n 200
    failed=$((failed + 1))
  fi
}

# check_with TOOL NAME COMMAND...
check_with() {
  tool=$1
  shift
  if command -v "$tool" >/dev/null 2>&1; then
    check "$@"
  elif [ "${CI:-}" = true ]; then
    check "$1" false "$tool is not installed"
  else
    printf -- '-    %s: %s is not installed\n' "$1" "$tool"
  fi
}

own_files() { # but the frozen headers
  find core plugins tests include \( -name '*.[ch]' -o -name '*.[ch]pp' \) ! -path 'tests/abi*/*.h' 2>/dev/null | sort
}
format() { # names the files that clang-format -i would change
  own_files | xargs -r clang-format --dry-run 2>&1 | sed -n 's/:.* warning: .*//p' | sort -u >"$log.files"
  cat "$log.files"
  [ ! -s "$log.files" ]
}
tidy() { # without the notes of how each came about: clang-tidy FILE -- FLAGS tells them
  # shellcheck disable=SC2016
  find core plugins -name '*.c' | sort |
    xargs -r -P "$jobs" -n 1 sh -c 'flags=$1; shift; clang-tidy --quiet "$@" -- $flags 2>/dev/null' tidy \
      "$flags -DTARAZU_VERSION=\"\"" | grep -E ': (error|warning):' | sort -u >"$log.files"
  cat "$log.files"
  [ ! -s "$log.files" ]
}
# Left out: its own faults in reading code and hexadecimal floats; readdir, which is safe on a stream of one's own; what it
# takes for uninitialized or redundant across functions, where it is often mistaken and the compilers look too.
cpp_check() {
  # shellcheck disable=SC2046 # one word a folder
  cppcheck -j "$jobs" --quiet --file-filter='*.c' --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,performance,portability \
    --suppress=internalAstError --suppress=incorrectLogicOperator --suppress=readdirCalled \
    --suppress=uninitvar --suppress=nullPointerRedundantCheck \
    --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective --library=posix -D_GNU_SOURCE \
    -DTARAZU_VERSION=\"\" -Iinclude -Icore $(ls -d core plugins 2>/dev/null)
}
alone() { # HEADER LANGUAGE STANDARD COMPILER; STANDARD may hold further flags
  # shellcheck disable=SC2086 # words
  printf '#include <tarazu/%s>\n' "$1" | "$4" -x "$2" -std=$3 $strict -Iinclude -fsyntax-only -
}
short() {
  lines=$(wc -l <include/tarazu/plugin.h)
  echo "include/tarazu/plugin.h has $lines lines; expected fewer than 600"
  [ "$lines" -lt 600 ]
}

check 'layers include only what is below them' .ci/layers.sh
check 'plugin.h is short' short
for header in plugin.h tarazu.h; do
  for compiler in gcc clang; do
    check_with $compiler "$header alone as C99, $compiler" alone $header c c99 $compiler
    check_with $compiler "$header alone as C11, $compiler" alone $header c c11 $compiler
  done
  check_with g++ "$header alone as C++17, g++" alone $header c++ c++17 g++
  check_with clang++ "$header alone as C++17, clang++" alone $header c++ c++17 clang++
done
for compiler in g++ clang++; do
  check_with $compiler "plugin.hpp alone as C++20, $compiler" alone plugin.hpp c++ c++20 $compiler
  check_with $compiler "plugin.hpp alone as C++20 without exceptions, $compiler" \
    alone plugin.hpp c++ 'c++20 -fno-exceptions -fno-rtti' $compiler
done
check_with clang-format 'format' format
check_with cppcheck 'cppcheck' cpp_check
check_with clang-tidy 'clang-tidy' tidy

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
