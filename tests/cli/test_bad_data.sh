#!/bin/sh
# Data that are not as one would wish, tests/data_bad/*/: what cannot be used gets its one clear error, the right status,
# and nothing is written; what can be used is, and the manifest counts what was left out. Beside what bad.sh reads, a
# profile's comments say
#   # make: COMMAND         what makes a file that git or a text editor would not keep as it is
#   # manifest: TEXT        stands in the manifest
#   # result: TEXT          a line of out/scores.csv begins with it
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bad.sh"

cp -R "$SOURCE_DIR/tests/data_bad" "$here/data"

# The folders, and a file's name and what is in it, for all files there are.
files() {
  find . -type d | sort
  find . -type f -exec cksum {} + 2>/dev/null | sort
}

# prepare NAME: makes the case's files, or skips it
prepare() {
  if [ "$(id -u)" = 0 ] && expected make profile.yaml | grep -q chmod; then
    skip "$1" 'root may read and write anything'
    return 1
  fi
  expected make profile.yaml >"$here/make"
  export TARAZU
  sh -e "$here/make" || fault 'its files could not be made'
}

for folder in "$here"/data/*/; do
  cd "$folder" || exit 1
  name=$(basename "$folder")
  prepare "$name" || continue
  files >"$here/before"
  tarazu run profile.yaml
  judge profile.yaml
  if [ "$wanted" = 0 ]; then
    expected manifest profile.yaml >"$here/lines"
    while IFS= read -r line; do
      grep -qF "$line" out/scores.manifest.json || fault "not in the manifest: $line"
    done <"$here/lines"
    expected result profile.yaml >"$here/lines"
    while IFS= read -r line; do
      line=$line awk 'index($0, ENVIRON["line"]) == 1 {found = 1} END {exit !found}' out/scores.csv ||
        fault "no row of the results begins with: $line"
    done <"$here/lines"
  else
    [ -z "$out" ] || fault 'something on standard output'
    files | cmp -s - "$here/before" || fault 'files were written'
  fi
  verdict "$name"
done
finish
