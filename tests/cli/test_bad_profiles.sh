#!/bin/sh
# Bad profiles, tests/profiles_bad/*.yaml and some that no text file can be: each gets its one clear error, at its place,
# and the right status; nothing is written, whether the profile is checked or run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bad.sh"

cp -R "$SOURCE_DIR/tests/profiles_bad" "$here/profiles"
cd "$here/profiles" || exit 1

# check NAME PROFILE: checks it, and judges by its comments
check() {
  find . | sort >"$here/before"
  tarazu check "$2"
  judge "$2"
  [ -z "$out" ] || fault 'something on standard output'
  find . | sort | cmp -s - "$here/before" || fault 'files were written'
  verdict "$1"
}

tarazu check with/good.yaml
is 'the profile that the others extend is good' "$status$err" 0

for profile in *.yaml; do
  check "${profile%.yaml}" "$profile"
done

# made NAME TEXT FORMAT: a profile by printf, with the text that must be told
made() {
  printf '# exit: 3\n# says: %s\n' "$2" >"made_$1.yaml"
  # shellcheck disable=SC2059
  printf "$3" >>"made_$1.yaml"
  check "made: $1" "made_$1.yaml"
}
good='extends: with/good.yaml\n'
made bad_utf8 "made_bad_utf8.yaml:4:13: error: the byte 0xE9 is no UTF-8; expected a file saved as UTF-8" \
  "${good}company: Caf\\351\\n"
made zero_byte 'made_zero_byte.yaml:4:10: error: a zero byte; expected text' "${good}company: \\000\\n"
made control_character 'made_control_character.yaml:4:10: error: the control character U+0001; expected text without' \
  "${good}company: \\001\\n"
made old_mac_tab 'made_old_mac_tab.yaml:5:1: error: a tab in the indentation; expected spaces' \
  "${good}key_customers:\\r\\tlimit: 5\\r"
made long_line "made_long_line.yaml:4:25028: error: key_customers.limit: found text 'x'" \
  "${good}key_customers: {require: {financial: 0.$(printf '%024978d' 0)}, limit: x}\\n"

# without_comments NAME STATUS TEXT ARGUMENTS...: a profile that cannot hold comments
without_comments() {
  name=$1
  printf '# exit: %s\n# says: %s\n' "$2" "$3" >"$here/expected"
  shift 3
  find . | sort >"$here/before"
  tarazu "$@"
  judge "$here/expected"
  find . | sort | cmp -s - "$here/before" || fault 'files were written'
  verdict "$name"
}
: >"$here/nothing.yaml"
without_comments 'no bytes at all' 3 "$here/nothing.yaml: error: the profile is empty" check "$here/nothing.yaml"
printf '\377\376t\000' >"$here/wide.yaml"
without_comments 'UTF-16' 3 "$here/wide.yaml: error: the file is UTF-16; expected a file saved as UTF-8" check "$here/wide.yaml"
head -c 5000000 /dev/zero | tr '\000' '#' >"$here/huge.yaml"
without_comments 'a huge file' 3 "$here/huge.yaml: error: cannot read '$here/huge.yaml': it is larger than 4 MiB" \
  check "$here/huge.yaml"
without_comments 'no such file' 3 "none.yaml: error: cannot read 'none.yaml': No such file or directory" check none.yaml
without_comments 'a folder' 3 "with: error: cannot read 'with': it is a folder; expected a YAML file" check with
if [ "$(id -u)" != 0 ]; then
  : >"$here/locked.yaml" && chmod a-r "$here/locked.yaml"
  without_comments 'a file that cannot be read' 3 "cannot read '$here/locked.yaml': Permission denied" \
    check "$here/locked.yaml"
else
  skip 'a file that cannot be read' 'root may read anything'
fi
{
  printf 'extends: with/good.yaml\ncriteria:\n'
  for number in $(seq 61); do
    printf '  habit%d: {plugin: rfm, dimension: financial}\n' "$number"
  done
} >"$here/profiles/many.yaml"
without_comments '65 criteria' 3 'criteria: there are 65; at most 64 can be combined' check many.yaml

# Settings of the command line: what cannot be understood is a usage error; what can, but is no good, is the profile's.
setting() { # NAME STATUS TEXT SETTING
  without_comments "--set: $1" "$2" "$3" check with/good.yaml --set "$4"
}
setting 'no equals sign' 2 "'company': no '='; expected key=value or key.key=value" company
setting 'no key' 2 "'=Acme': an empty key; expected key=value" =Acme
setting 'an empty key within' 2 "'criteria..weight=2': an empty key" criteria..weight=2
setting 'an item that is not there' 2 "no item '7' in the list; expected a number from 0 to 0" output.7.to=a.csv
setting 'an item that is no number' 2 "no item 'csv' in the list" output.csv.to=a.csv
setting 'into a text' 2 "cannot set 'name' in text 'Example'; expected a map or a list" company.name=Acme
setting 'removing what is not there' 2 "there is no 'segmnts' to remove" segmnts=
setting 'removing with the nearest name' 2 "did you mean 'segments'?" segmnts=null
setting 'removing from a list' 2 'cannot remove from a list; expected a whole new list' output.0=
setting 'a value that is no YAML' 2 '--set:1:9: error: a value that begins with' 'company=@acme'
setting 'a value that never ends' 2 "--set:1:25: error: something that is no entry of the map in braces" 'dimensions={financial: 1'
setting 'an alias' 2 "the alias '*a' repeats nothing" 'company=*a'
setting 'no UTF-8' 2 'no UTF-8' "$(printf 'company=\351')"
setting 'an unknown key' 3 "--set:1:15: error: key_customers: unknown key 'limt'" key_customers.limt=3
setting 'a criterion that is not there' 3 "--set:1:10: error: the profile has no criterion 'NOPE'; a new one needs 'plugin' and" criteria.NOPE.weight=2
setting 'a table that is not there' 3 "--set:1:6: error: the profile has no table 'odrers'; a new one needs 'from' and 'key'" data.odrers.from=a.csv
setting 'the nearest table' 3 "did you mean 'orders'?" data.odrers.from=a.csv
setting 'a segmentation that is not there' 3 "--set:1:10: error: the profile has no segmentation 'x'; a new one needs 'plugin'" segments.x.params.a=1
setting 'a value out of range' 3 '--set:1:21: error: key_customers.limit: found the number 0' key_customers.limit=0
setting 'an unknown strategy' 3 "--set:1:16: error: unknown combiner 'topsys'" combine.plugin=topsys

# A run stops where a check does.
without_comments 'a run of a bad profile' 3 'limit_zero.yaml:5:10: error: key_customers.limit' run limit_zero.yaml
without_comments 'an explanation by a bad profile' 3 'limit_zero.yaml:5:10: error: key_customers.limit' \
  explain limit_zero.yaml A
finish
