#!/bin/sh
# Every strategy that `tarazu plugin list` shows has a page, a line in the index of methods, a place in the list of
# changes, and a profile in config/ that uses it.
. "$(dirname "$0")/lib.sh"
methods=$SOURCE_DIR/docs/methods

used() { # NAME: a profile names it where plugins are named, or is written by or reads files of its kind
  grep -rqE "(plugin|combine|normalize|weigh): *$1\\b" "$SOURCE_DIR/config" --include='*.yaml'
}

tarazu plugin list
printf '%s\n' "$out" | awk '/^  (scorer|normalizer|weigher|combiner|segmenter|source|sink) / && $2 != "strategy" {print $1, $2}' >"$here/all"
holds 'plugin list shows strategies' [ "$(wc -l <"$here/all")" -gt 20 ]
while read -r role strategy; do
  case $role/$strategy in
  # The files of the duckdb plugin have one page; its source reads every profile's.
  sink/csv | sink/json | sink/parquet) page=duckdb line="^| \\[duckdb\\](duckdb\\.md) | .*\`$strategy\`" ;;
  *) page=$strategy line="^| \\[$strategy\\]($strategy\\.md) | [^|]*[^ |]" ;;
  esac
  holds "$role $strategy has its page" grep -q "^# $page: " "$methods/$page.md"
  holds "$role $strategy has its line in the index" grep -q "$line" "$methods/README.md"
  holds "$role $strategy is in the changelog" grep -q "\`$strategy\`" "$SOURCE_DIR/CHANGELOG.md"
  [ "$role" = source ] || holds "$role $strategy is used by a profile" used "$strategy"
done <"$here/all"

# And the other way round: nothing is told of that is not there.
sed -n 's/^| \[\([a-z_0-9]*\)\](.*/\1/p' "$methods/README.md" >"$here/told"
awk '{print $2}' "$here/all" >"$here/names"
is 'the index has no line twice' "$(sort "$here/told" | uniq -d)" ''
is 'the index names what is there' "$(grep -vxFf "$here/names" "$here/told")" ''
for page in "$methods"/*.md; do
  name=$(basename "$page" .md)
  [ "$name" = README ] || grep -qx "$name" "$here/told" || told 1 "the page of $name is in the index"
done
finish
