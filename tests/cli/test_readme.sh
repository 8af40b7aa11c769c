#!/bin/sh
# The README's quick start prints what the README shows, word for word.
. "$(dirname "$0")/lib.sh"

tarazu demo --quiet "$here/build/demo"
cp -R "$SOURCE_DIR/config" "$here/config"
cd "$here" || exit 1

listing() { # N: the N-th block of the README that is in no language
  awk -v wanted="$1" '
    inside && /^```$/ {inside = 0; next}
    inside {if (inside == 2 && n == wanted) print; next}
    /^```/ {inside = 1 + ($0 == "```"); n += inside == 2}' "$SOURCE_DIR/README.md"
}

listing 1 >shown
holds 'the README shows key customers' grep -q 'key customers shown' shown
"$TARAZU" run --quiet config/demo.yaml >found 2>/dev/null
status=$? out=$(diff shown found) err=
told "$status" 'the demo runs'
[ -z "$out" ]
told $? 'the demo prints the table that the README shows'

asked=$(sed -n 's/.*`build\/tarazu explain config\/demo.yaml \([0-9]*\)`.*/\1/p' "$SOURCE_DIR/README.md")
listing 2 >shown
has 'the README explains a customer' "$(head -n 1 shown)" "Customer $asked: rank "
"$TARAZU" explain config/demo.yaml "$asked" >found 2>/dev/null
out=$(diff shown found)
[ -z "$out" ]
told $? 'the explanation is the one that the README shows'
is 'who is explained is the customer of the largest margin' "$asked" "$(
  awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "margin") m = i; next} $m > most {most = $m; who = $1} END {print who}' \
    build/demo/out/scores.csv)"

"$TARAZU" demo --quiet company
awk '/^```yaml$/ {inside = 1; next} /^```$/ {if (inside) n++; inside = 0} inside && n == 1' "$SOURCE_DIR/README.md" >company/experiment.yaml
tarazu experiment run company/experiment.yaml
is "the README's experiment runs" $status 0
has 'and compares its variants' "$out" 'combine.plugin=copeland'
finish
