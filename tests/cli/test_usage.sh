#!/bin/sh
# What cannot be understood is status 2, one clear message on standard error, and nothing on standard output.
. "$(dirname "$0")/lib.sh"

usage_fault() { # NAME PIECE ARGUMENTS...
  name=$1 piece=$2
  shift 2
  tarazu "$@"
  is "$name: status 2" $status 2
  is "$name: nothing on standard output" "$out" ''
  has "$name: told" "$err" "$piece"
}

usage_fault 'no command' 'usage: tarazu COMMAND'
usage_fault 'an unknown command' "unknown command 'rnu'; did you mean 'run'?" rnu
usage_fault 'a command like none' "unknown command 'xyzzyx'; expected one of" xyzzyx
usage_fault 'help on an unknown command' "did you mean 'explain'" help explian
usage_fault 'an option before the command' 'options follow it' --quiet run
usage_fault 'an unknown option' "unknown option '--thread'; did you mean '--threads'?" run --thread 2 p.yaml
usage_fault 'a short option' "unknown option '-x'" run -x p.yaml
usage_fault 'an option without its value' '--threads needs a value' run p.yaml --threads
usage_fault 'a value that is no number' "--threads is 'two'; expected a whole number" run p.yaml --threads two
usage_fault 'a value with letters behind' "--threads is '2x'" run p.yaml --threads=2x
usage_fault 'a value below the range' "--threads is '-1'" run p.yaml --threads -1
usage_fault 'a value above the range' "--threads is '99999999999999999999'" run p.yaml --threads 99999999999999999999
usage_fault 'an empty value' "--batch is ''" run p.yaml --batch=
usage_fault 'a switch with a value' "--quiet takes no value, but has 'yes'" run p.yaml --quiet=yes
usage_fault 'a size that is none' "--memory is '1X'" run p.yaml --memory 1X
usage_fault 'a size too small' "--memory is '1K'" run p.yaml --memory 1K
usage_fault 'no profile' 'PROFILE is missing' run
usage_fault 'no customer' 'CUSTOMER is missing' explain p.yaml
usage_fault 'too many words' "unexpected 'q.yaml'" run p.yaml q.yaml
usage_fault 'a verb of plugin that is none' "'lst' is none of list, info, check, lock and new" plugin lst
usage_fault 'info without a name' 'info needs a name' plugin info
usage_fault 'list with a name' "did you mean 'info topsis'?" plugin list topsis
usage_fault 'no folder' 'FOLDER is missing' demo
usage_fault 'no customers' '--customers is' demo "$here/none" --customers 0
holds 'a usage error writes nothing' [ ! -e "$here/none" ]

# Words that only look like options go behind '--'.
tarazu run -- --strange.yaml
has "after '--' all are operands" "$err" '--strange.yaml'
is "after '--' it is the profile that is missing" $status 3

if [ -w /dev/full ]; then
  "$TARAZU" --help >/dev/full 2>"$here/err"
  status=$? err=$(cat "$here/err")
  is 'a full disk is status 6' $status 6
  has 'a full disk is told' "$err" 'standard output'
else
  skip 'a full disk is status 6' 'no /dev/full'
fi
finish
