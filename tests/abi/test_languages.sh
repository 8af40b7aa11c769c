#!/bin/sh
# Scorers in C++ (by plugin.hpp) and in Rust (by the C declarations) are built, checked, and learn, apply, refuse and keep
# models as one in C would.
. "$(dirname "$0")/../cli/lib.sh"
sources=$SOURCE_DIR/tests/abi/languages
plugins=$here/mine
mkdir "$plugins"
chmod go-w "$here" "$plugins"
case ${CC:-gcc} in *clang*) CXX=clang++ ;; *) CXX=g++ ;; esac
strict='-std=c++20 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -ffp-contract=off -fPIC -fvisibility=hidden'
languages=

run_as() { # COMMAND...: leaves $status, $out and $err
  "$@" >"$here/out" 2>"$here/err"
  status=$?
  out=$(cat "$here/out") err=$(cat "$here/err")
}

if command -v $CXX >/dev/null 2>&1; then
  languages="$languages cpp"
  # shellcheck disable=SC2086 # words
  for name in scorer:share_cpp throwing:throwing; do
    run_as $CXX $strict -I"$SOURCE_DIR/include" -shared "$sources/${name%:*}.cpp" -o "$plugins/${name#*:}.so"
    is "${name%:*}.cpp builds without a warning" "$status$err" 0
  done
  # The example in the header's comment, without any run-time part: linked as C, it needs nothing of C++'s library.
  { # the comment's lines between `struct delight {` and TARAZU_PLUGIN
    echo '#include <tarazu/plugin.hpp>'
    sed -n '/^ \*   struct delight {/,/^ \*   TARAZU_PLUGIN(/s/^ \* *//p' "$SOURCE_DIR/include/tarazu/plugin.hpp"
  } >"$here/delight.cpp"
  # shellcheck disable=SC2086 # words
  run_as $CXX $strict -fno-exceptions -fno-rtti -I"$SOURCE_DIR/include" -c "$here/delight.cpp" -o "$here/delight.o"
  is "the header's example builds without a warning, exceptions and run-time types" "$status$err" 0
  run_as ${CC:-gcc} -shared "$here/delight.o" -o "$plugins/delight.so" -Wl,-z,defs
  is "the header's example is linked as C" "$status$err" 0
  run_as nm -D "$plugins/delight.so"
  is "the header's example needs nothing of C++'s library" "$(printf '%s\n' "$out" | grep -E '_Z|__cxa_[^f]|__gxx')" ''
  run_as $CXX -std=c++17 -fsyntax-only -I"$SOURCE_DIR/include" "$here/delight.cpp"
  is 'an older C++ is refused' "$status" 1
  is 'in the first words that are said' "$(printf '%s\n' "$err" | grep -m 1 'error: ' | sed 's/.*error: //; s/^#error *//')" \
    '"tarazu/plugin.hpp needs C++20: compile with -std=c++20"'
else
  skip 'a scorer in C++' "no $CXX"
fi
if command -v rustc >/dev/null 2>&1; then
  languages="$languages rust"
  run_as rustc --edition 2021 --crate-type cdylib -C panic=abort -O "$sources/scorer.rs" -o "$plugins/share_rust.so"
  is 'scorer.rs builds' $status 0
else
  skip 'a scorer in Rust' 'no rustc'
fi

TARAZU_PLUGIN_PATH=$plugins:$BUILD_DIR/plugins
export TARAZU_PLUGIN_PATH
"$TARAZU" demo "$here/co" --customers 3000 --quiet
cd "$here/co" || exit 1

profile() { # LANGUAGE TABLE
  printf '%s\n' 'tarazu: 1' 'as_of: 2025-07-01' 'data:' "  customers: {from: $2, key: customer_id}" 'criteria:' \
    "  share: {plugin: share_$1, dimension: financial, input: {value: customers.satisfaction}}" 'output:' \
    "  - {plugin: csv, to: $1.csv}"
}
column() { # FILE NAME: customer,value in the order of the keys
  awk -F, -v name="$2" 'FNR == 1 {for (i = 1; i <= NF; i++) if ($i == name) c = i; next} {print $1 "," $c}' "$1" | LC_ALL=C sort
}
# The oracle: awk's own shares, of the largest satisfaction of all.
awk -F, 'NR == FNR {if (FNR == 1) for (i = 1; i <= NF; i++) if ($i == "satisfaction") c = i; if (FNR > 1 && $c > most) most = $c; next}
  FNR > 1 {printf "%s,%s\n", $1, $c == "" ? "" : sprintf("%.17g", $c / most)}' customers.csv customers.csv | LC_ALL=C sort >oracle

for language in $languages; do
  tarazu plugin check "$plugins/share_$language.so"
  is "$language: plugin check finds no fault" $status 0
  has "$language: plugin check tried what is learned" "$out" 'passed  shares'
  profile "$language" customers.csv >"$language.yaml"
  tarazu run "$language.yaml" --save-models models --threads 1
  is "$language: learns and applies" $status 0
  column "$language.csv" share >shares
  is "$language: gives every customer her share" "$(
    awk -F, 'NR == FNR {expected[$1] = $2; n++; next}
      {e = expected[$1]; d = $2 - e; if (($2 == "") != (e == "") || d * d > 1e-30) print; n--} END {if (n) print n}' oracle shares | head -n 3
  )" ''
  cp "$language.csv" first.csv
  tarazu run "$language.yaml" --threads 2 --batch 7
  holds "$language: neither threads nor batches change a byte" cmp -s first.csv "$language.csv"

  # What it learned from all is kept for a table without the best.
  awk -F, 'NR == FNR {expected[$1] = $2; next} FNR == 1 || expected[$1] < 0.5' oracle customers.csv >some.csv
  profile "$language" some.csv | sed 's/customers.satisfaction}/&, model: models\/share.model/' >"$language.some.yaml"
  tarazu run "$language.some.yaml"
  is "$language: takes its model" $status 0
  column "$language.csv" share >some
  holds "$language: applies what was learned of others" [ "$(wc -l <some)" -gt 100 ]
  is "$language: the model's shares are those of all" "$(LC_ALL=C join -t, -v 1 some shares; comm -23 some shares | head -n 3)" ''

  awk -F, 'BEGIN {OFS = ","} FNR == 1 {for (i = 1; i <= NF; i++) if ($i == "satisfaction") c = i} FNR == 5 {$c = -2; print $1 >"who"} 1' \
    customers.csv >negative.csv
  profile "$language" negative.csv >"$language.negative.yaml"
  tarazu run "$language.negative.yaml"
  is "$language: refuses bad data" $status 4
  has "$language: says what was found" "$err" '-2 is negative; expected 0 or more'
  has "$language: says whose it is" "$err" "$(cat who)"
done
case $languages in
*cpp*)
  tarazu run cpp.yaml
  has 'cpp: facts reach the manifest' "$(cat cpp.manifest.json)" '"largest"'
  who=$(sed -n 2p cpp.csv | cut -d, -f1)
  tarazu explain cpp.yaml "$who"
  has 'cpp: reasons reach the explanation' "$out" ', the largest is '
  for place in create learn apply apply_memory; do
    case $place in
    learn) words='something was thrown' ;;
    apply_memory) words='no memory' ;;
    *) words="thrown by $place" ;;
    esac
    sed "s/plugin: share_cpp,/plugin: throwing, params: {in: $place},/" cpp.yaml >throwing.yaml
    tarazu run throwing.yaml
    holds "cpp: what $place throws is an error, no crash" [ $status -ge 1 ] && holds "cpp: $place: its status is one" [ $status -le 6 ]
    has "cpp: what $place throws is told" "$err" "$words"
  done
  ;;
esac
finish
