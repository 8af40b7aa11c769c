#!/bin/sh
# Lines of a folder's files that tests have reached, by gcov, from a build with --coverage:
# coverage.sh BUILD FOLDER LEAST fails below LEAST per cent. Not counted are core/worker and core/conform, whose
# processes can write no file to count in, or end before they would.
set -eu
build=$1 folder=$2 least=$3
cd "$(dirname "$0")/.."
find "$build/obj/$folder" -name '*.gcno' ! -path '*/core/worker/*' ! -path '*/core/conform/*' | sort |
  xargs -n 1 gcov -n 2>/dev/null |
  awk -v folder="$folder" -v least="$least" '
    /^File / {file = $0; sub(/^File ./, "", file); sub(/.$/, "", file)}
    # Headers come once for each file that includes them; they are counted with the files of code they stand for.
    /^Lines executed:/ && file ~ "^" folder "/.*\\.c$" {
      split($2, part, ":")
      sub(/%/, "", part[2])
      hit += part[2] * $4 / 100
      all += $4
      printf "%6.1f %%  of %5d  %s\n", part[2], $4, file
      file = ""
    }
    END {
      share = all ? 100 * hit / all : 0
      printf "%6.1f %%  of %5d  lines of %s/ (least %s %%)\n", share, all, folder, least
      exit share < least
    }'
