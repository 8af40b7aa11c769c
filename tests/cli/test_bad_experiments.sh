#!/bin/sh
# Bad experiment files, tests/experiments_bad/*.yaml: each gets its clear error, at its place, and the right status; nothing
# is written, neither results nor a store, whether it is checked, run, resumed or shown.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bad.sh"

cp -R "$SOURCE_DIR/tests/experiments_bad" "$here/experiments"
cd "$here/experiments" || exit 1

# try VERB NAME FILE: judged by the file's comments
try() {
  find . | sort >"$here/before"
  tarazu experiment "$1" "$3"
  judge "$3"
  [ -z "$out" ] || fault 'something on standard output'
  find . | sort | cmp -s - "$here/before" || fault 'files were written'
  verdict "$2"
}

tarazu experiment check with/good.yaml
is 'the experiment that the others extend is good' "$status$err" "012 runs of 6 variants, 2 cut-offs"

for file in *.yaml; do
  try check "${file%.yaml}" "$file"
done
try run 'a run stops where a check does' vary_value_unknown.yaml
try resume 'so does a resume' vary_value_unknown.yaml
try show 'and a show' vary_value_unknown.yaml
finish
