#!/bin/sh
# Every strategy that `tarazu plugin list` shows has a page, a line in the index of methods, a place in the list of
# changes, and a profile in config/ that uses it. The page on the plugin ABI is the header's; no link leads nowhere.
. "$(dirname "$0")/lib.sh"
methods=$SOURCE_DIR/docs/methods

used() { # NAME PATHS…: a profile names it where plugins are named, or is written by or reads files of its kind
  name=$1
  shift
  grep -rqE "(plugin|combine|normalize|weigh): *$name\\b" "$@"
}
shown() { # NAME: its page leads to a profile with it
  (cd "$methods" && used "$1" $(grep -oE '\]\([./]*/config/[^)]*\.yaml\)' "$1.md" | sed 's/^](//; s/)$//') /dev/null)
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
  [ "$role" = source ] || holds "$role $strategy is used by a profile" used "$strategy" "$SOURCE_DIR/config"
  [ $page = duckdb ] || holds "the page of $role $strategy leads to a profile with it" shown "$strategy"
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

"$SOURCE_DIR/.ci/reference.sh" "$SOURCE_DIR/include/tarazu/plugin.h" >"$here/reference.md"
diff "$SOURCE_DIR/docs/plugins/reference.md" "$here/reference.md" >"$here/out"
told $? 'the reference is what the header says; make reference writes it' alone
head -n 5 "$here/out" | sed 's/^/# /'
# What the header declares stands there under its name.
sed -nE 's/^(typedef (struct|enum) |TARAZU_UNUSED .*)(tarazu_[a-z_]+).*/\3/p; s/^extern TARAZU_EXPORT .* (tarazu_[a-z_0-9]+);/\1/p' \
  "$SOURCE_DIR/include/tarazu/plugin.h" | sort -u >"$here/declared"
holds 'the header declares much' [ "$(wc -l <"$here/declared")" -gt 30 ]
is 'the reference has every declaration' "$(while read -r name; do grep -qx "### .$name." "$here/reference.md" || echo "$name"; done <"$here/declared")" ''

# Every link of every page leads to a file, and to a heading in it where it names one.
anchors() { # FILE: its headings as links name them
  awk '/^```/ {code = !code} /^#+ / && !code {
    sub(/^#+ /, ""); gsub(/`/, ""); line = tolower($0); gsub(/[^a-z0-9 _-]/, "", line); gsub(/ /, "-", line); print line}' "$1"
}
links() { # FILE: what it links to in the tree, a line each
  awk '/^```/ {code = !code} !code' "$1" | sed 's/`[^`]*`//g' | grep -oE '\]\([^)]+\)' | sed 's/^](//; s/)$//; s/ ".*"$//' |
    grep -vE '^[a-z]+:'
}
dead() {
  find "$SOURCE_DIR" -name '*.md' ! -path '*/deps/*' ! -path '*/build*' ! -path '*/.git/*' | while read -r page; do
    links "$page" | while read -r link; do
      file=${link%%#*}
      [ -n "$file" ] && file=$(dirname "$page")/$file || file=$page
      if [ ! -e "$file" ]; then
        echo "${page#"$SOURCE_DIR"/}: $link leads to nothing"
      elif [ "$link" != "${link#*#}" ] && ! anchors "$file" | grep -qx "${link#*#}"; then
        echo "${page#"$SOURCE_DIR"/}: $link names no heading"
      fi
      echo checked >>"$here/links"
    done
  done
}
out=$(dead)
[ -z "$out" ]
told $? 'no link leads nowhere' alone
[ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/# /'
holds 'there are links' [ "$(wc -l <"$here/links")" -gt 100 ]
finish
