#!/bin/sh
# Every profile in config/examples is without a fault and finds key customers in the make-believe company's data. They
# read ../../build/demo, so a copy of config/ stands beside such a folder here.
. "$(dirname "$0")/lib.sh"

tarazu demo --quiet "$here/build/demo"
is 'the make-believe company is made' "$status" 0
cp -R "$SOURCE_DIR/config" "$here/config"
cd "$here/config/examples" || exit 1

count=0
for profile in *.yaml; do
  count=$((count + 1))
  tarazu check "$profile"
  if [ "$status" = 0 ]; then
    tarazu run --quiet "$profile"
  fi
  # a table with a header, a rule and at least one key customer
  [ "$status" = 0 ] && [ "$(wc -l <"$here/out")" -gt 2 ] && head -n 1 "$here/out" | grep -q '^rank  *customer'
  told $? "$profile"
done
holds 'there are examples' [ "$count" -gt 1 ]
finish
