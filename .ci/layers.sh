#!/bin/sh
# Checks by their includes that every layer of core/ calls only those below it, that plugins see no core, and that public
# headers stand alone. Prints each include that breaks this and fails.
set -u
cd "$(dirname "$0")/.." || exit 1

# below LAYER: the layers that it may include, itself among them
below() {
  case $1 in
  base) echo base ;;
  config) echo base config ;;
  data | catalog) echo base config "$1" ;;
  run) echo base config data catalog isolate run ;;
  experiment) echo base config data catalog isolate run experiment ;;
  isolate) echo base config data catalog isolate ;;
  worker) echo base config data catalog isolate worker ;;
  conform) echo base config catalog conform ;;
  cli) echo base config data catalog isolate run experiment conform cli ;;
  esac
}

faults=0
fault() {
  printf '%s\n' "$1"
  faults=$((faults + 1))
}

# includes FILE...: "FILE:LINE:INCLUDED" for each include in quotes
includes() {
  grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$@" 2>/dev/null |
    sed 's/^\([^:]*:[0-9]*\):.*"\(.*\)".*/\1:\2/'
}

for folder in core/*/; do
  layer=$(basename "$folder")
  allowed=$(below "$layer")
  [ -n "$allowed" ] || fault "core/$layer: a layer that is not known (.ci/layers.sh)"
  for row in $(includes "$folder"*.[ch]); do
    from=${row%:*} what=${row##*:}
    case " $allowed " in
    *" ${what%%/*} "*) ;;
    *) fault "$from: core/$layer may not include \"$what\" (but: $allowed)" ;;
    esac
  done
done

for row in $(includes plugins/*/*.[ch] plugins/*/*/*.[ch]); do
  from=${row%:*} what=${row##*:}
  case $what in
  *core/* | base/* | config/* | data/* | catalog/* | run/* | experiment/* | cli/* | *tarazu.h)
    fault "$from: a plugin may not include \"$what\"" ;;
  esac
done
for file in $(grep -ln '#[[:space:]]*include[[:space:]]*<tarazu/tarazu.h>' plugins/*/*.[ch] plugins/*/*/*.[ch] 2>/dev/null); do
  fault "$file: a plugin sees tarazu/plugin.h alone"
done
for row in $(includes include/tarazu/*.h); do fault "${row%:*}: a public header includes \"${row##*:}\""; done

[ "$faults" -eq 0 ]
