#!/bin/sh
# What the command tells of plugins, and a plugin as the README writes it.
. "$(dirname "$0")/lib.sh"

tarazu plugin list
is 'plugin list is status 0' $status 0
for name in attribute monetary rfm referral survey minmax percentile vector manual weighted_sum topsis pareto matrix duckdb table \
  csv parquet json; do
  has "plugin list has $name" "$out" " $name "
done
has 'plugin list marks the usual combiner' "$out" 'weights times values, added up (the usual one)'
is 'plugin list marks one combiner and one weigher' "$(printf '%s\n' "$out" | grep -c '(the usual one)$')" 2
tarazu plugin list --json
is 'plugin list --json is status 0' $status 0
has 'plugin list --json is JSON' "$out" '"topsis"'

tarazu plugin info topsis
is 'plugin info is status 0' $status 0
has 'plugin info tells the role' "$out" 'combiner'
tarazu plugin info weighted_sum
has 'plugin info tells the usual one' "$out" '  usual       the combiner of profiles that name none'
tarazu plugin info weighted_sum --json
has 'plugin info --json tells the usual one' "$out" '"usual": true'
tarazu plugin info scorer/rfm
has 'plugin info takes a role' "$out" 'recency'
tarazu plugin info scorer/topsis
is 'plugin info of the wrong role is status 2' $status 2
tarazu plugin info topsi
is 'plugin info of nothing is status 2' $status 2
has 'plugin info of nothing tells the nearest' "$err" "did you mean 'topsis'?"
tarazu plugin info rfm --json
is 'plugin info --json is an array' "$(printf %s "$out" | head -c 1)" '['

tarazu schema
is 'schema is status 0' $status 0
has 'schema is a JSON Schema' "$out" 'https://json-schema.org/draft/2020-12/schema'
has 'schema knows parameters' "$out" 'half_life'

mkdir "$here/mine"
echo 'no plugin' >"$here/mine/text.so"
tarazu plugin list --plugins "$here/mine"
is 'a file that is no plugin fails no list' $status 0
has 'a file that is no plugin is told' "$out" 'text.so'
rm "$here/mine/text.so"

# The README's plugin, word for word.
awk '/^```c$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$SOURCE_DIR/README.md" >"$here/delight.c"
if ${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror -O2 -shared -fPIC -ffp-contract=off -I"$SOURCE_DIR/include" \
  "$here/delight.c" -o "$here/mine/delight.so" 2>"$here/err"; then
  told 0 "the README's plugin compiles without a warning"
else
  err=$(cat "$here/err") && told 1 "the README's plugin compiles without a warning"
fi
"$TARAZU" demo "$here/co" --quiet
cd "$here/co" || exit 1
export TARAZU_PLUGIN_PATH="$here/mine:$BUILD_DIR/plugins"
tarazu run profile.yaml --set 'criteria.delight={plugin: delight, dimension: non_financial}'
is "the README's plugin runs" $status 0
is "the README's plugin says what it was written to say" "$(
  awk -F, 'NR == FNR {if (FNR > 1) asked[$1] = $6; next}
    FNR == 1 {for (i = 1; i <= NF; i++) if ($i == "delight") column = i; next}
    {expected = asked[$1] == "" ? "" : asked[$1] >= 9 ? 1 : 0; if ($column != expected) print}' customers.csv out/scores.csv |
    head -n 3
)" ''

# The README's profile, on the same data: its first piece of YAML.
awk '/^```yaml$/ {inside = 1; next} /^```$/ {if (inside) exit} inside' "$SOURCE_DIR/README.md" >readme.yaml
tarazu run readme.yaml
is "the README's profile runs" $status 0
finish
