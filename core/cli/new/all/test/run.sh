#!/bin/sh
# Runs test/profile.yaml with the plugin in build/ and compares the result with test/expected.*; PREFIX is tarazu's.
set -eu
cd "$(dirname "$0")/.."
PREFIX=${PREFIX:-$(pkg-config --variable=prefix tarazu)}
tarazu=${TARAZU:-$PREFIX/bin/tarazu}
plugins=$PREFIX/lib/tarazu/plugins
rm -rf build/found.* build/others
if [ -e "$plugins/@ROLE@/@NAME@.so" ]; then # installed, it would be a second one of the name: all but that
  for other in "$plugins"/*/*.so; do
    folder=build/others/$(basename "$(dirname "$other")")
    mkdir -p "$folder" && chmod go-w build/others "$folder"
    [ "$other" = "$plugins/@ROLE@/@NAME@.so" ] || ln -s "$other" "$folder"
  done
  plugins=$PWD/build/others
fi
"$tarazu" run --quiet --plugins "$PWD/build:$plugins" test/profile.yaml

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
if "$tarazu" help plugin | grep -q 'plugin check'; then "$tarazu" plugin check "$PWD/build/@NAME@.so"; fi
echo '@NAME@: good'
