#!/bin/sh
# Runs test/profile.yaml with the plugin in build/ and compares the result with test/expected.*. The Makefile says where
# tarazu and its plugins are; WRAP='valgrind -q --error-exitcode=9' runs it under that.
set -eu
cd "$(dirname "$0")/.."
: "${tarazu:?is set by make test}" "${plugins:?is set by make test}"
rm -rf build/found.* build/others
if [ -e "$plugins/@ROLE@/@NAME@.so" ]; then # installed, it would be a second one of the name: all but that
  for other in "$plugins"/*/*.so; do
    folder=build/others/$(basename "$(dirname "$other")")
    mkdir -p "$folder" && chmod go-w build/others "$folder"
    [ "$other" = "$plugins/@ROLE@/@NAME@.so" ] || ln -s "$other" "$folder"
  done
  plugins=$PWD/build/others
fi
# shellcheck disable=SC2086 # words
${wrap:-} "$tarazu" run --quiet --plugins "$PWD/build:$plugins" test/profile.yaml

if [ -e test/expected.csv ]; then # the columns that its first line names, of the customers in order
  {
    head -n 1 test/expected.csv
    awk -F, 'FILENAME ~ /expected/ {if (FNR == 1) for (i = 1; i <= NF; i++) wanted[++n] = $i; next}
      FNR == 1 {for (i = 1; i <= NF; i++) at[$i] = i; next}
      {line = $at[wanted[1]]; for (i = 2; i <= n; i++) line = line "," $at[wanted[i]]; print line}' \
      test/expected.csv build/found.csv | LC_ALL=C sort
  } >build/found.txt
  diff test/expected.csv build/found.txt
else
  diff test/expected.@NAME@ build/found.@NAME@
fi
[ -n "${wrap:-}" ] || "$tarazu" plugin check "$PWD/build/@NAME@.so" # which loads it in processes of its own
echo '@NAME@: good'
