# What the command's tests share; sourced by each. Results are TAP lines, which .ci/test.sh adds up.
# shellcheck shell=sh disable=SC2034

SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD_DIR=${BUILD_DIR:-$SOURCE_DIR/build}
TARAZU=${TARAZU:-$BUILD_DIR/tarazu}
tests=0
failures=0
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
# No user's settings, and a cache of the tests' own.
export LC_ALL=C XDG_CACHE_HOME="$here/cache"
unset TARAZU_PLUGIN_PATH NO_COLOR

# tarazu ARGUMENTS...: runs the command; leaves $status, and what it said in $out and $err (files $here/out, $here/err)
tarazu() {
  "$TARAZU" "$@" >"$here/out" 2>"$here/err"
  status=$?
  out=$(cat "$here/out")
  err=$(cat "$here/err")
}

# told RESULT NAME [alone]: one TAP line, with what the command said where it is a failure, unless it has no part in it
told() {
  tests=$((tests + 1))
  if [ "$1" -eq 0 ]; then
    printf 'ok %d - %s\n' "$tests" "$2"
  else
    failures=$((failures + 1))
    printf 'not ok %d - %s\n' "$tests" "$2"
    [ -z "${3:-}" ] || return 0
    printf '# status %s\n' "${status:-}"
    printf '%s\n' "${out:-}" | head -n 20 | sed 's/^/# out: /'
    printf '%s\n' "${err:-}" | head -n 20 | sed 's/^/# err: /'
  fi
}

skip() {
  tests=$((tests + 1))
  printf 'ok %d - %s # SKIP %s\n' "$tests" "$1" "$2"
}

is() { # NAME FOUND EXPECTED
  [ "$2" = "$3" ]
  told $? "$1"
  [ "$2" = "$3" ] || printf '# found %s, expected %s\n' "$2" "$3"
}

has() { # NAME TEXT PIECE
  case $2 in
  *"$3"*) told 0 "$1" ;;
  *)
    told 1 "$1"
    printf '# expected to find: %s\n' "$3"
    ;;
  esac
}

holds() { # NAME COMMAND...: it succeeds
  name=$1
  shift
  "$@"
  told $? "$name" alone
}

finish() {
  printf '1..%d\n' "$tests"
  [ "$failures" -eq 0 ]
}
