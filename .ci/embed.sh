#!/bin/sh
# Writes C that holds the files of a folder, for `tarazu plugin new`: embed.sh FOLDER
set -eu
cd "$1"
files=$(find . -type f ! -name '.*' | sed 's|^\./||' | LC_ALL=C sort)
printf '#include "cli/plugin_new.h"\n\n'
number=0
for file in $files; do
  printf 'static const unsigned char file_%d[] = {\n' "$number"
  od -An -v -tu1 "$file" | sed 's/ *\([0-9][0-9]*\)/\1,/g'
  printf '0};\n'
  number=$((number + 1))
done
printf '\nconst new_file new_files[] = {\n'
number=0
for file in $files; do
  printf '    {"%s", (const char *)file_%d},\n' "$file" "$number"
  number=$((number + 1))
done
printf '    {NULL, NULL},\n};\n'
