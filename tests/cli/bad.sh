# What the tests of bad profiles and of bad data share; sourced by both after lib.sh. Each case says in the comments that
# its profile begins with what is expected of it:
#   # exit: 3               the exit status
#   # errors: 2             how many errors are told; 1 where nothing is said, 0 where the status is 0
#   # says: TEXT            stands in what is told on standard error
# shellcheck shell=sh

# expected KEY PROFILE: what the comments say under the key, a line each
expected() {
  sed -n "/^#/!q; s/^# $1: //p" "$2"
}

# fault TEXT: one more reason why the case fails
fault() {
  faults="$faults# $1
"
}

# judge PROFILE: compares $status and $err with what the profile's comments expect
judge() {
  faults=
  wanted=$(expected exit "$1")
  [ "$status" = "$wanted" ] || fault "status $status, expected $wanted"
  number=$(expected errors "$1")
  [ -n "$number" ] || number=$([ "$wanted" = 0 ] && echo 0 || echo 1)
  found=$(printf '%s\n' "$err" | grep -cE '(^|: )error: ')
  [ "$found" = "$number" ] || fault "$found errors are told, expected $number"
  expected says "$1" >"$here/says"
  while IFS= read -r text; do
    case $err in
    *"$text"*) ;;
    *) fault "not told: $text" ;;
    esac
  done <"$here/says"
  case $err in
  *Sanitizer* | *'runtime error: '*) fault 'a sanitizer complains' ;;
  esac
}

# verdict NAME: the case's one TAP line, and what is wrong
verdict() {
  [ -z "$faults" ]
  told $? "$1"
  printf %s "$faults"
}
