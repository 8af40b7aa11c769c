#!/bin/sh
# Help teaches: every command is listed, tells its options and shows examples; the version is one line.
. "$(dirname "$0")/lib.sh"

tarazu --version
is '--version succeeds' $status 0
is '--version is one line' "$(wc -l <"$here/out")" 1
has '--version names the program' "$out" 'tarazu 0.'

tarazu --help
is '--help succeeds' $status 0
has '--help goes to standard output' "$out" 'usage: tarazu COMMAND'
is '--help says nothing on standard error' "$err" ''
has '--help documents the exit statuses' "$out" 'exit statuses'
for command in run preview check explain compare robustness experiment runs history plugin schema demo; do
  has "--help lists $command" "$out" "
  $command"
done
help=$out
tarazu help
is 'help is --help' "$out" "$help"
tarazu -h
is '-h is --help' "$out" "$help"

for command in run preview check explain compare robustness experiment runs history plugin schema demo; do
  tarazu help $command
  is "help $command succeeds" $status 0
  has "help $command has examples" "$out" "tarazu $command"
  has "help $command lists options" "$out" '--help'
  help=$out
  tarazu $command --help
  is "$command --help is help $command" "$out" "$help"
done

# The same options, status by status, stand in the page.
for number in 0 1 2 3 4 5 6 10 130; do
  holds "docs/commands.md documents status $number" grep -q "^| $number " "$SOURCE_DIR/docs/commands.md"
done
for name in $(for command in run runs history; do "$TARAZU" help $command; done | sed -n 's/^  --\([a-z]*\).*/\1/p'); do
  holds "docs/commands.md documents --$name" grep -q -e "--$name" "$SOURCE_DIR/docs/commands.md"
done
finish
