#!/bin/sh
# The page on experiments, done as it says.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/page.sh"
PATH=$(dirname "$TARAZU"):$PATH
export PATH
page_run "$SOURCE_DIR/docs/experiments/README.md" "$here/page"
finish
