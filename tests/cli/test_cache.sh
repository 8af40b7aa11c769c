#!/bin/sh
# The stage cache changes no byte: profiles of every role in config/examples without it, with an empty one and with a filled one
# that all of them share; and none is harmed by runs that are killed, run at once, or lose the folder.
. "$(dirname "$0")/lib.sh"

"$TARAZU" demo --quiet "$here/build/demo" || exit 1
cp -R "$SOURCE_DIR/config" "$here/config"
cd "$here/config/examples" || exit 1
cache=$here/stages

# run HOW PROFILE [OPTIONS]: manifest without what may differ in HOW.json, tables and messages in HOW.txt
run() {
  how=$1
  shift
  "$TARAZU" run --json "$@" >"$here/whole" 2>"$here/$how.txt"
  status=$?
  grep -v -e '^  "seconds"' -e '^  "cache"' "$here/whole" >"$here/$how.json"
}

same() { # HOW as `off`
  cmp -s "$here/off.json" "$here/$1.json" && cmp -s "$here/off.txt" "$here/$1.txt"
}

for name in confidence entropy gaussian_mixture influence kmeans promethee rfm_grid rules survey trust vikor zscore; do
  profile=$name.yaml
  run off "$profile"
  [ "$status" = 0 ] && run cold "$profile" --cache "$cache" && same cold && run warm "$profile" --cache "$cache" && same warm
  result=$?
  out=$(diff "$here/off.json" "$here/warm.json")
  err=$(diff "$here/off.txt" "$here/warm.txt")
  told $result "$profile"
done
has 'a filled cache is used' "$(cat "$here/whole")" '"made": 3}'

profile=zscore.yaml
run off "$profile"
customer=$(sed -n 's/^ *1  *\([^ ]*\).*/\1/p' "$here/off.txt" | head -n 1)
tarazu explain "$profile" "$customer"
before=$out
tarazu explain "$profile" "$customer" --cache "$cache"
is 'an explanation is the same' "$out" "$before"

# ---- at any moment ---------------------------------------------------------------------------------------------------

rm -r "$cache"
for wait in 0.01 0.03 0.05 0.08 0.1 0.13 0.16 0.2 0.25 0.3; do
  "$TARAZU" run --quiet "$profile" --cache "$cache" >/dev/null 2>&1 &
  sleep $wait
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
done
run after "$profile" --cache "$cache"
holds 'after ten runs that were killed' same after
run again "$profile" --cache "$cache"
holds '  and once more' same again

rm -r "$cache"
for number in 1 2 3 4; do
  "$TARAZU" run --json "$profile" --cache "$cache" 2>"$here/at_once.$number" >/dev/null &
done
for _ in 1 2 3 4 5 6 7 8; do
  rm -rf "$cache" 2>/dev/null
  sleep 0.03
done
wait
for number in 1 2 3 4; do
  holds "run $number of four at once, their folder deleted" cmp -s "$here/off.txt" "$here/at_once.$number"
done

rm -rf "$cache"
mkdir "$cache"
chmod 777 "$cache"
tarazu run "$profile" --cache "$cache"
is 'a folder that others can write to: the run goes on' "$status" 0
has '  with a warning' "$err" "warning: the cache folder '$cache' can be written to by others"
is '  and nothing in it' "$(ls "$cache")" ''
tarazu run "$profile" --cache "$here/whole/cache"
is 'a folder that cannot be made: the run goes on' "$status" 0
is '  with one warning' "$(printf '%s\n' "$err" | grep -c 'warning: the cache folder')" 1
finish
