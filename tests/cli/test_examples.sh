#!/bin/sh
# Every profile in config/examples is without a fault and finds key customers in the make-believe company's data. It
# gives the same bytes with all its plugins isolated, with other threads and batches, and with the models that it saved
# instead of learning again. Between them the examples use every plugin there is (sinks: test_isolated_files.sh), and save a
# model of everyone that can be saved. They read ../../build/demo, so a copy of config/ stands beside such a folder here.
. "$(dirname "$0")/lib.sh"

tarazu demo --quiet "$here/build/demo"
is 'the make-believe company is made' "$status" 0
cp -R "$SOURCE_DIR/config" "$here/config"
cd "$here/config/examples" || exit 1
isolates=yes
case ${SAN:-} in *thread*) isolates= ;; esac # such a build cannot

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

# facts FILE: what a manifest tells that does not hang on where and how fast the run was
facts() {
  sed -n '/^  "weights"/,/^  "warnings"/p' "$1"
}

# models MANIFEST PROFILE: what --set loads each saved model, one argument a line; each plugin into $here/tried
models() {
  sed -n 's/.*{"name": "\([^"]*\)", "plugin": "\([^"]*\)", "to": .*/\1 \2/p' "$1" | while read -r step plugin; do
    role=$(sed -n '2s/.*"role": "\([a-z]*\)", "strategy".*/\1/p' "models/$step.model")
    case $role in
    scorer) place=criteria.$step ;;
    weigher) # in a list, or alone
      place=$step
      "$TARAZU" check "$2" --quiet --set "$step={plugin: $plugin}" 2>/dev/null || place=weigh
      ;;
    combiner) place=combine ;;
    segmenter) place=segments.$step ;;
    *) continue ;;
    esac
    printf '%s/%s\n' "$role" "$plugin" >>"$here/tried"
    printf '%s={plugin: %s, model: models/%s.model}\n' "$place" "$plugin" "$step"
  done
}

count=0
for profile in *.yaml ../demo.yaml ../scorecard.yaml; do
  count=$((count + 1))
  name=$(basename "$profile" .yaml)
  rm -rf models
  tarazu check "$profile"
  if [ "$status" = 0 ]; then
    tarazu run --quiet "$profile" --threads 1 --save-models models \
      --set "output=[{plugin: table, to: '-'}, {plugin: csv, to: $here/one/$name.csv}]"
  fi
  # a table with a header, a rule and at least one key customer
  [ "$status" = 0 ] && [ "$(wc -l <"$here/out")" -gt 2 ] && head -n 1 "$here/out" | grep -q '^rank  *customer'
  told $? "$profile"
  if [ "$isolates" ]; then
    # of tables the first alone: a process with a database for each is tried in test_isolated_files.sh
    set -- --set isolate=process
    for table in $(sed -n 's/.*{"table": "\([^"]*\)".*/\1/p' "$here/one/$name.manifest.json" | tail -n +2); do
      set -- "$@" --set "data.$table.isolate=none"
    done
    tarazu run --quiet "$profile" --set "output=[{plugin: csv, to: $here/two/$name.csv}]" --threads 3 --batch 700 "$@"
    [ "$status" = 0 ] && cmp -s "$here/one/$name.csv" "$here/two/$name.csv" &&
      [ "$(facts "$here/one/$name.manifest.json")" = "$(facts "$here/two/$name.manifest.json")" ]
    told $? "$profile gives the same with its plugins isolated"
  fi
  models "$here/one/$name.manifest.json" "$profile" >"$here/settings"
  [ -s "$here/settings" ] || continue
  set --
  while IFS= read -r setting; do set -- "$@" --set "$setting"; done <"$here/settings"
  tarazu run --quiet "$profile" --set "output=[{plugin: csv, to: $here/three/$name.csv}]" --threads 2 --batch 77 "$@"
  [ "$status" = 0 ] && cmp -s "$here/one/$name.csv" "$here/three/$name.csv"
  told $? "$profile gives the same with its models"
done
holds 'there are examples' [ "$count" -gt 3 ]

sed -n 's/.*"role": "\([a-z]*\)", "plugin": "\([a-z_]*\)".*/\1 \2/p' "$here"/one/*.manifest.json | sort -u >"$here/used"
for file in "$SOURCE_DIR"/plugins/*/*.c "$SOURCE_DIR"/plugins/*/*/; do
  role=$(basename "$(dirname "$file")") plugin=$(basename "$file" .c)
  case $role in sink | shared) continue ;; esac
  grep -qx "$role $plugin" "$here/used" || echo "$role $plugin"
done >"$here/unused"
is 'every plugin was among them' "$(cat "$here/unused")" ''

# What normalizers learn is saved with their criteria; tests/cli/test_models.sh saves each of them.
tarazu plugin list
printf '%s\n' "$out" | awk '/^  (scorer|weigher|combiner|segmenter) / {print $1 "/" $2}' >"$here/all"
while IFS= read -r name; do
  grep -qx "$name" "$here/tried" && continue
  tarazu plugin info "$name"
  case $out in *'models      can be saved'*) echo "$name" ;; esac
done <"$here/all" >"$here/unsaved"
is 'a model of each that can be saved was among them' "$(cat "$here/unsaved")" ''
finish
