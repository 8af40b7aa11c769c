#!/bin/sh
# The exact plugins of a profile: pinned by their hash in it, or locked in a file beside it that --locked insists on.
. "$(dirname "$0")/lib.sh"

mkdir -m 755 "$here/co" "$here/co/plugins" "$here/elsewhere"
cd "$here/co" || exit 1
for plugin in source/duckdb sink/table scorer/attribute combiner/topsis combiner/weighted_sum normalizer/vector \
  normalizer/minmax weigher/manual; do
  cp "$BUILD_DIR/plugins/$plugin.so" plugins/
done
chmod 755 plugins/*
export TARAZU_PLUGIN_PATH="$here/co/plugins" TARAZU_DUCKDB="$BUILD_DIR/libduckdb.so"
printf 'id,points,later\na,1,2\nb,2,1\nc,3,3\n' >customers.csv
cat >profile.yaml <<'END'
tarazu: 1
as_of: 2025-01-01
data: {customers: {from: customers.csv, key: id}}
criteria: {points: {plugin: attribute, dimension: financial, input: {value: customers.points}}}
combine: {plugin: topsis}
key_customers: {limit: 1}
output: [{plugin: table, to: "-"}]
END
hash_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# ---- the lock ----

for command in 'run profile.yaml' 'check profile.yaml' 'preview profile.yaml' 'explain profile.yaml a'; do
  # shellcheck disable=SC2086 # words
  tarazu $command --locked
  is "$command --locked without a lock is status 3" $status 3
  has "$command --locked without a lock says so" "$err" 'profile.lock: error: there is no such file, which --locked asks for'
  has "$command --locked without a lock says what to do" "$err" '`tarazu plugin lock profile.yaml` writes it'
done

tarazu plugin lock profile.yaml
is 'plugin lock is status 0' $status 0
has 'plugin lock tells what it added' "$out" "added $here/co/plugins/topsis.so (combiner/topsis "
has 'plugin lock tells what it wrote' "$out" 'wrote profile.lock: 6 plugins'
is 'the lock holds the exact plugins' "$(sed -n 's/^    sha256: //p' profile.lock)" \
  "$(for name in attribute duckdb manual table topsis vector; do hash_of plugins/$name.so; done)"
is 'their paths go from the lock' "$(sed -n 's/^  - path: //p' profile.lock | head -n 1)" '"plugins/attribute.so"'
cp profile.lock first.lock
tarazu plugin lock profile.yaml
is 'locking again is status 0' $status 0
is 'locking again says that nothing is new' "$out" 'profile.lock is as it should be: 6 plugins'
holds 'locking again changes no byte' cmp -s profile.lock first.lock
rm profile.lock && tarazu plugin lock profile.yaml
holds 'locking anew gives the same bytes' cmp -s profile.lock first.lock
tarazu plugin lock profile.yaml --json
is 'plugin lock --json tells whether it changed' "$(printf '%s\n' "$out" | sed -n 's/^  "changed": //p')" 'false,'

for command in 'run profile.yaml' 'check profile.yaml' 'explain profile.yaml a'; do
  # shellcheck disable=SC2086 # words
  tarazu $command --locked
  is "$command --locked is status 0" $status 0
  is "$command --locked warns of nothing" "$err" ''
done
tarazu run profile.yaml --locked --json
has 'the manifest of a locked run names the lock' "$out" '"lock": "profile.lock",'
tarazu run profile.yaml --json
has 'that of another says that there was none' "$out" '"lock": null,'
cd "$here" || exit 1
tarazu check co/profile.yaml --locked
is 'a lock holds from another folder, too' "$status$err" 0
cd co || exit 1

# ---- what breaks it ----

tarazu run profile.yaml --locked --set combine.plugin=weighted_sum
is 'a plugin that is not locked is status 5' $status 5
has 'a plugin that is not locked is told' "$err" "error: combiner 'weighted_sum' is not in profile.lock"
has 'and what to do' "$err" '`tarazu plugin lock profile.yaml` writes profile.lock anew'

printf 'id\nx\n' >other.txt
tarazu run profile.yaml --locked --set data.customers.from=other.foo
is 'a source that the lock lacks is an error' $status 3
has 'a source that the lock lacks is told with the lock' "$err" 'writes profile.lock anew'

old=$(hash_of plugins/topsis.so)
printf 'x' >>plugins/topsis.so
tarazu run profile.yaml --locked
is 'a changed plugin is status 5' $status 5
has 'a changed plugin is told at its place in the lock' "$err" 'profile.lock:21:11: error: '
has 'with both hashes' "$err" \
  "$here/co/plugins/topsis.so: is another file than the locked one: its SHA-256 is $(hash_of plugins/topsis.so), expected $old"
is 'a locked run that fails prints nothing' "$out" ''
tarazu run profile.yaml
is 'without --locked it runs' $status 0
tarazu plugin lock profile.yaml
has 'locking tells what changed' "$out" "changed $here/co/plugins/topsis.so: SHA-256 "
tarazu run profile.yaml --locked
is 'and then it runs' $status 0
cp "$BUILD_DIR/plugins/combiner/topsis.so" plugins/ && cp first.lock profile.lock

cp plugins/* "$here/elsewhere/"
tarazu run profile.yaml --locked --plugins "$here/elsewhere"
is 'the same plugins in another place are status 5' $status 5
has 'the same plugins in another place are told' "$err" "$here/co/plugins/topsis.so is not on the plugin path"
is 'each of them' "$(printf '%s\n' "$err" | grep -c 'is not on the plugin path')" 6

# A worker that tells which files it was to look at; a plugin that tells where it was not the worker that did.
cat >looker <<END
#!/bin/sh
printf '%s\n' "\$2" >>'$here/looked'
exec '$BUILD_DIR/tarazu-worker' "\$@"
END
chmod 755 looker
export TARAZU_WORKER="$here/co/looker"
ran() { [ -e ran ] || { [ -e "$here/looked" ] && grep -q "/$1\$" "$here/looked"; }; } # NAME: code of that plugin's
cat >sneaky.c <<'END'
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void ran(void)
{
  FILE *f = fopen("ran", "w");
  if (f) fclose(f);
}
END
${CC:-cc} -shared -fPIC sneaky.c -o plugins/sneaky.so
tarazu run profile.yaml --locked
is 'a plugin beside that is not locked does not matter' "$status$err" 0
ran sneaky.so
is 'and none of its code runs' $? 1
tarazu run profile.yaml --quiet
holds 'which it otherwise does' ran sneaky.so
rm -f plugins/sneaky.so ran
unset TARAZU_WORKER

sed 's/topsis/weighted_sum/' profile.yaml >leaner.yaml
sed -n 'p' first.lock >leaner.lock
cat >>leaner.lock <<END
  - path: "plugins/weighted_sum.so"
    sha256: $(hash_of plugins/weighted_sum.so)
    abi: "1.0"
    strategies: {}
  - path: "plugins/minmax.so"
    sha256: $(hash_of plugins/minmax.so)
    abi: "1.0"
    strategies: {}
END
tarazu check leaner.yaml --locked
is 'what is locked and not used stops nothing' $status 0
has 'what is locked and not used is told' "$err" \
  "leaner.lock:21:11: warning: $here/co/plugins/topsis.so is locked, but leaner.yaml does not use it"
has 'and what to do about it' "$err" '`tarazu plugin lock leaner.yaml` leaves it out'
tarazu plugin lock leaner.yaml
has 'locking leaves it out' "$out" "removed $here/co/plugins/topsis.so"

sed 's/sha256: ./sha256: x/' first.lock >profile.lock
tarazu run profile.yaml --locked
is 'a lock that cannot be read is status 3' $status 3
is 'with all its faults' "$(printf '%s\n' "$err" | grep -c 'expected 64 hexadecimal digits$')" 6
has 'and what to do about it, too' "$err" '`tarazu plugin lock profile.yaml` writes the file anew'
tarazu plugin lock profile.yaml
is 'which a new one replaces' $status 0
holds 'by what it should be' cmp -s profile.lock first.lock

# What a run writes, its own lock may not be able to read back.
tarazu plugin new ledger --role source
${CC:-cc} -std=c17 -shared -fPIC -I"$SOURCE_DIR/include" ledger/ledger.c -o plugins/ledger.so -lm
cp "$BUILD_DIR/plugins/sink/duckdb.so" plugins/sink_duckdb.so
sed 's|- {plugin: csv, to: .*|- {plugin: csv, to: found.csv}|' ledger/test/profile.yaml >ledger.yaml
printf 'key_customers: {limit: 1}\n' >>ledger.yaml
cp ledger/test/customers.ledger .
tarazu plugin lock ledger.yaml
tarazu run ledger.yaml --locked
is 'a source of one'"'"'s own is locked, too' $status 0
tarazu preview ledger.yaml --locked
has 'a preview without a locked source for the last list says so' "$err" \
  "warning: no locked plugin reads 'found.csv': it is not compared with"
rm plugins/ledger.so plugins/sink_duckdb.so found.csv*

tarazu plugin lock profile.yaml --set combine.plugin=nothing
is 'a faulty profile is not locked' $status 3
holds 'and leaves the lock as it is' cmp -s profile.lock first.lock
tarazu plugin lock nowhere.yaml
is 'a profile that is not there is not locked' $status 3
tarazu plugin lock
is 'plugin lock wants a profile' $status 2
tarazu plugin list --set a=1
is 'plugin --set is of lock' $status 2

# ---- what runs several times ----

cp "$BUILD_DIR/plugins/source/duckdb.so" plugins/
tarazu robustness profile.yaml --locked --json
is 'robustness --locked is status 0' "$status$err" 0
is 'and compares with no combiner that is not locked' "$(printf '%s\n' "$out" | grep -c weighted_sum)" 0
tarazu robustness profile.yaml --json --quiet
holds 'as it otherwise does' [ "$(printf '%s\n' "$out" | grep -c weighted_sum)" != 0 ]
sed 's/topsis/weighted_sum/' profile.yaml >other.yaml
tarazu robustness other.yaml --locked
is 'robustness --locked without a lock is status 3' $status 3
tarazu compare profile.yaml other.yaml --locked
is 'each of two compared profiles needs its lock' $status 3
has 'which is told' "$err" 'other.lock: error: there is no such file, which --locked asks for'
tarazu plugin lock other.yaml
tarazu compare profile.yaml other.yaml --locked
is 'and with it they are compared' "$status$err" 0
tarazu run profile.yaml --quiet --plugins "$BUILD_DIR/plugins" --set 'output=[{plugin: csv, to: list.csv}]'
tarazu compare list.csv profile.yaml --locked
is "a list is read by the other side's lock" "$status$err" 0
tarazu compare list.csv list.csv --locked
is 'two lists have no lock' $status 2
has 'which is told' "$err" "--locked is of a profile's lock, and neither list.csv nor list.csv is a profile"
rm other.yaml other.lock

cat >experiment.yaml <<'END'
tarazu_experiment: 1
profile: profile.yaml
vary: {combine: [topsis, weighted_sum]}
outcomes: {points: {plugin: attribute, input: {value: customers.later}}}
measure: [{lift: points}]
repeat: {bootstrap: 0}
END
for verb in check run; do
  tarazu experiment $verb experiment.yaml --locked
  is "experiment $verb --locked without a lock is status 3" $status 3
  is "which is told once" "$(printf '%s\n' "$err" | grep -c 'experiment.lock: error: there is no such file')" 1
done
tarazu plugin lock experiment.yaml
is 'an experiment is locked' "$status$err" 0
is 'with the plugins of all variants' "$(sed -n 's/^    sha256: //p' experiment.lock)" \
  "$(for name in attribute duckdb manual minmax topsis vector weighted_sum; do hash_of plugins/$name.so; done)"
cp experiment.lock first_experiment.lock
tarazu plugin lock experiment.yaml
is 'locking it again changes nothing' "$status$(cmp experiment.lock first_experiment.lock)" 0
tarazu experiment check experiment.yaml --locked --quiet
is 'a locked experiment is checked' "$status$err" 0
tarazu experiment run experiment.yaml --locked --quiet --no-cache
is 'and runs' "$status$err" 0
has 'each of its variants' "$out" 'weighted_sum'
tarazu experiment check experiment.yaml --locked --set 'normalize={plugin: max}'
is 'a plugin that its lock lacks is status 5' $status 5
sed 's/vary:.*/vary: {combine: [topsis, vikor]}/' experiment.yaml >wider.yaml
cp "$BUILD_DIR/plugins/combiner/vikor.so" plugins/ && cp experiment.lock wider.lock
tarazu experiment check wider.yaml --locked
is 'so is a variant that it lacks' $status 5
has 'which is told with its place' "$err" "wider.yaml:3:26: error: combiner 'vikor' is not in wider.lock"
rm plugins/vikor.so wider.*
printf x >>plugins/topsis.so
tarazu experiment run experiment.yaml --locked
is 'a plugin that changed is status 5' $status 5
is 'and told once' "$(printf '%s\n' "$err" | grep -c 'is another file than the locked one')" 1
tarazu experiment check experiment.yaml --quiet
is 'without --locked it will do' "$status$err" 0
cp "$BUILD_DIR/plugins/combiner/topsis.so" plugins/
rm tarazu.db

# ---- pins ----

good=$(hash_of plugins/topsis.so)
# pinned PLACE WHAT: with a right, a wrong and a broken pin
pinned() {
  file=$2
  right=$(hash_of "plugins/$file.so")
  wrong=$(printf '%s' "$right" | tr '0-9a-f' '1-9a-f0')
  tarazu check profile.yaml --set "$1=$right"
  is "$1: the right pin is status 0" "$status$err" 0
  tarazu check profile.yaml --set "$1=$(printf '%s' "$right" | tr a-f A-F)"
  is "$1: in capitals, too" "$status$err" 0
  tarazu check profile.yaml --set "$1=$wrong"
  is "$1: the wrong pin is status 5" $status 5
  has "$1: the wrong pin is told with its place" "$err" '--set:1:'
  has "$1: the wrong pin is told with both" "$err" \
    "is another file than the pinned one: $here/co/plugins/$file.so has the SHA-256 $right, expected $wrong"
  has "$1: the wrong pin is told with what to do" "$err" "write its hash: \`sha256: $right\`"
  tarazu check profile.yaml --set "$1=12ab"
  is "$1: what is no hash is status 3" $status 3
  has "$1: what is no hash is told" "$err" \
    "sha256: found text '12ab', expected 64 hexadecimal digits, as \`sha256sum FILE\` prints them"
}
pinned data.customers.sha256 duckdb
pinned criteria.points.sha256 attribute
pinned combine.sha256 topsis
pinned output.0.sha256 table

sed 's/^combine:.*/combine: {plugin: topsis, sha256: '"$good"'}/' profile.yaml >pins.yaml
cat >>pins.yaml <<END
normalize: {plugin: minmax, sha256: $(hash_of plugins/minmax.so)}
weigh: {plugin: manual, sha256: $(hash_of plugins/manual.so)}
END
tarazu run pins.yaml
is 'pins run' "$status" 0
tarazu check pins.yaml --set combine.plugin=weighted_sum
is 'another plugin takes the pin of the old one away' "$status$err" 0
for section in normalize weigh; do
  sed "/^$section/s/sha256: .*}/sha256: $good}/" pins.yaml >wrong.yaml
  tarazu check wrong.yaml
  is "$section: a wrong pin is status 5" $status 5
done

# ---- isolated plugins ----

case ${SAN:-} in
*thread*) # such a build cannot isolate
  finish
  exit
  ;;
esac

# A worker that tells that it was started, and puts another file in the plugin's place where there is one.
cat >worker <<END
#!/bin/sh
[ "\$1" != probe ] || exec '$here/co/looker' "\$@"
echo started >>'$here/started'
[ ! -e '$here/next.so' ] || mv '$here/next.so' '$here/co/plugins/attribute.so'
exec '$BUILD_DIR/tarazu-worker'
END
chmod 755 worker
export TARAZU_WORKER="$here/co/worker"
isolated() {
  rm -f "$here/started"
  tarazu run profile.yaml --set criteria.points.isolate=process "$@"
}
right=$(hash_of plugins/attribute.so)
isolated --set "criteria.points.sha256=$right"
is 'an isolated plugin with the right pin runs' "$status" 0
is 'in its own process' "$(cat "$here/started")" started
isolated --set "criteria.points.sha256=$good"
is 'with a wrong pin it does not' "$status" 5
has 'which is told' "$err" \
  "is another file than the pinned one: $here/co/plugins/attribute.so has the SHA-256 $right, expected $good"
holds 'and its process is not even started' [ ! -e "$here/started" ]

isolated --locked
is 'a locked plugin runs isolated' "$status$(cat "$here/started")" 0started
cp plugins/attribute.so "$here/next.so" && chmod 755 "$here/next.so"
isolated
is 'a file that is swapped while its process loads it is status 5' "$status" 5
has 'which is told' "$err" "scorer 'attribute' cannot be used: $here/co/plugins/attribute.so: has changed since it was looked at"
is 'and nothing is printed' "$out" ''
isolated
is 'once it stays as it is, it runs' "$status" 0

cat >>sneaky.c <<'END'
#include <tarazu/plugin.h>
static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "nothing"}};
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) tarazu_set_null(results[0], i);
  return TARAZU_OK;
}
static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "attribute",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "no score for anybody",
                                         .outputs = TARAZU_LIST(outputs),
                                         .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "sneaky", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};
END
${CC:-cc} -std=c17 -shared -fPIC -I"$SOURCE_DIR/include" sneaky.c -o plugins/attribute.so
rm -f "$here/looked"
isolated --locked
is 'another file than the locked one is status 5, isolated or not' "$status" 5
has 'which is told at its place in the lock' "$err" "plugins/attribute.so: is another file than the locked one: its SHA-256 is $(hash_of plugins/attribute.so)"
ran attribute.so
is 'no code of it runs' $? 1
holds 'and no process is started for it' [ ! -e "$here/started" ]
isolated --set 'criteria.points.input={}' --set criteria.points.params=
holds 'as it otherwise does' ran attribute.so
finish
