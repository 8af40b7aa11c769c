#!/bin/sh
# The experiments in config/experiments: each is understood, and where its data are it runs, with few bootstrap samples.
. "$(dirname "$0")/lib.sh"

cd "$here" || exit 1
DATA=$SOURCE_DIR/../shared/data

# table NAME FILE: place, variant and value of each variant in a printed table; of a page its section NAME
table() {
  sed -n "/^## $1\$/,/^## /p; /^$1: /,\$p" "$2" | sed -n 's/^ *\([0-9][0-9]*  .*[^ ]\)  *[-0-9.e]* to [-0-9.e]*  .*/\1/p' | tr -s ' '
}

# shipped NAME VARIANTS MEASURE: one experiment of the folder, cut down to few samples
shipped() {
  of=$1
  holds "docs/experiments/findings.md tells of $of" grep -q "^## $of" "$SOURCE_DIR/docs/experiments/findings.md"
  if [ ! -d "$DATA/$of" ]; then
    skip "$of runs" "no $DATA/$of"
    return
  fi
  cat >"$of.yaml" <<Y
extends: $SOURCE_DIR/config/experiments/$of.yaml
repeat: {bootstrap: 60}
store: runs.db
Y
  tarazu experiment run "$of.yaml"
  is "$of runs" $status 0
  has "$of measures what it asks" "$out" "$3"
  is "the page has the values that $of finds" "$(table "$of" "$here/out")" \
    "$(table "$of" "$SOURCE_DIR/docs/experiments/findings.md")"
  "$TARAZU" runs list --store runs.db --in "$of" --json >"$here/list"
  is "$of has every variant, none failed" "$(grep -c '"status": 0' "$here/list")" "$2"
  tarazu experiment show "$of.yaml"
  is "$of is shown out of its store" $status 0
  tarazu runs best --store runs.db --in "$of"
  is "$of has a best variant" $status 0
}

shipped cdnow 12 'share_captured of revenue'
shipped online_retail 44 'share_captured of revenue'
shipped telco 8 'lift of referrals'
shipped bitcoin_otc 36 'spearman of later_rating'
shipped completejourney 30 'share_captured of revenue'

for file in "$SOURCE_DIR"/config/experiments/*.yaml; do
  of=$(basename "$file" .yaml)
  holds "$of is tried here" grep -q "^shipped $of " "$SOURCE_DIR/tests/cli/test_experiments_shipped.sh"
done
finish
