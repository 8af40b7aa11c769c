#!/bin/sh
# Every profile in config/examples gives the same bytes with all its plugins isolated as in one process, with other
# threads and batches; and between them they use every plugin there is; of
# sinks the others are in test_isolated_files.sh.
. "$(dirname "$0")/lib.sh"

case ${SAN:-} in
*thread*)
  skip 'examples, isolated' 'a build with the thread sanitizer cannot isolate'
  finish
  exit
  ;;
esac
tarazu demo --quiet "$here/build/demo"
is 'the make-believe company is made' "$status" 0
cp -R "$SOURCE_DIR/config" "$here/config"
cd "$here/config/examples" || exit 1

# facts FILE: what a manifest tells that does not hang on where and how fast the run was
facts() {
  sed -n '/^  "weights"/,/^  "warnings"/p' "$1"
}

# Subscribers, of whom no example tells.
awk 'BEGIN { print "id,tenure,churned,charge"
  for (i = 1; i <= 3000; i++) printf "%d,%d,%s,%.2f\n", i, 1 + i * 7919 % 24, i * 31 % 5 ? "false" : "true", 10 + i * 37 % 90 }' \
  >"$here/subscribers.csv"
cat >subscribers.yaml <<'EOF'
tarazu: 1
as_of: 2025-01-01
data: {customers: {from: ../../subscribers.csv, key: id}}
criteria:
  renewals:
    plugin: contract
    dimension: financial
    input: {tenure: customers.tenure, churned: customers.churned, value: customers.charge}
  tenure: {plugin: attribute, dimension: non_financial, input: {value: customers.tenure}}
key_customers: {limit: 10}
EOF

for profile in *.yaml ../demo.yaml ../scorecard.yaml; do
  name=$(basename "$profile" .yaml)
  tarazu run --quiet "$profile" --set "output=[{plugin: csv, to: $here/one/$name.csv}]"
  plain=$status
  tarazu run --quiet "$profile" --set "output=[{plugin: csv, to: $here/two/$name.csv}]" --set isolate=process \
    --threads 3 --batch 700
  [ "$plain" = 0 ] && [ "$status" = 0 ] && cmp -s "$here/one/$name.csv" "$here/two/$name.csv" &&
    [ "$(facts "$here/one/$name.manifest.json")" = "$(facts "$here/two/$name.manifest.json")" ]
  told $? "$name"
done

sed -n 's/.*"role": "\([a-z]*\)", "plugin": "\([a-z_]*\)".*"isolated": true.*/\1 \2/p' "$here"/two/*.manifest.json |
  sort -u >"$here/used"
for file in "$SOURCE_DIR"/plugins/*/*.c "$SOURCE_DIR"/plugins/*/*/; do
  role=$(basename "$(dirname "$file")") plugin=$(basename "$file" .c)
  case $role in sink | shared) continue ;; esac
  grep -qx "$role $plugin" "$here/used" || echo "$role $plugin"
done >"$here/unused"
is 'every plugin was among them' "$(cat "$here/unused")" ''
finish
