#!/bin/sh
# Brings DuckDB's C library and header into a folder, pinned by hash: duckdb.sh FOLDER
# They come out of two packages of the npm registry, by npm itself, so that its configuration (registry, proxy, cache)
# holds here too. Where DUCKDB_DIR names a folder that holds libduckdb.so and duckdb.h, nothing is downloaded.
set -eu

fail() {
  printf 'duckdb: %s\n' "$*" >&2
  exit 1
}

[ $# -eq 1 ] || fail "usage: $0 FOLDER"
folder=$1

if [ -n "${DUCKDB_DIR:-}" ]; then
  for file in libduckdb.so duckdb.h; do
    [ -r "$DUCKDB_DIR/$file" ] || fail "DUCKDB_DIR is $DUCKDB_DIR, which holds no readable $file"
  done
  exit 0
fi

case $(uname -s)-$(uname -m) in
Linux-x86_64 | Linux-amd64)
  library=@duckdb/node-bindings-linux-x64@1.4.4-r.1
  library_hash=sha512-fjYNc+t4/T7mhzZ57oJoIQaWvbYVvxhidcNNansQFiWnd6/JMLCULd4qnt8XI3Tt2BrZsraH690KSBIS3QPt0w==
  ;;
Linux-aarch64 | Linux-arm64)
  library=@duckdb/node-bindings-linux-arm64@1.4.4-r.1
  library_hash=sha512-wq92/EcTiOTRW1RSDOwjeLyMMXWwNVNwU21TQdfu3sgS86+Ih3raaK68leDgY5cWgf72We3J2W7HYz8GwxcMYw==
  ;;
*) fail "no pinned build for $(uname -s) on $(uname -m): set DUCKDB_DIR to a folder with libduckdb.so and duckdb.h" ;;
esac
header=duckdb@1.4.4
header_hash=sha512-hEJJ5hyVF0VLj3dmOLpsWrQR0b3d4Ykqtygm6iUXjHJDDnSqg/USKxcb5qvNrOhFYPgktayU6dXCtgPqcmmpog==

# The stamp's first line says which packages were unpacked; the others are sha512sum's, of each file.
stamp=$folder/stamp
pins="$library_hash $header_hash"
if [ -r "$stamp" ] && [ "$(head -n 1 "$stamp")" = "# $pins" ] &&
  (cd "$folder" && grep -v '^#' stamp | sha512sum --check --status --strict 2>/dev/null); then
  exit 0
fi

command -v npm >/dev/null 2>&1 ||
  fail "npm is not installed; install it (Debian: apt-get install npm), or set DUCKDB_DIR to a folder with libduckdb.so and duckdb.h"

mkdir -p "$folder" || fail "$folder cannot be made"
work=$(mktemp -d "$folder/unpack.XXXXXX") || fail "$folder cannot be written to"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# fetch PACKAGE HASH NAME: the package's tgz as $work/NAME/package.tgz, its sha512 checked
fetch() {
  mkdir "$work/$3"
  if ! (cd "$work/$3" && npm pack --loglevel=error --ignore-scripts "$1" >npm.out 2>npm.err); then
    sed -n '1,4s/^/duckdb: /p' "$work/$3/npm.err" >&2
    fail "npm cannot bring $1 (no network, or no such registry?); try again, or set DUCKDB_DIR to a folder with libduckdb.so and duckdb.h"
  fi
  for tgz in "$work/$3"/*.tgz; do mv "$tgz" "$work/$3/package.tgz"; done
  expected=$(printf %s "${2#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  found=$(sha512sum <"$work/$3/package.tgz" | cut -d ' ' -f 1)
  [ "$found" = "$expected" ] || fail "$1 is not the package that was pinned: sha512 $found, expected $expected"
}

# unpack NAME MEMBER FILE: one member of the package's tgz as $work/out/FILE
unpack() {
  tar -xzf "$work/$1/package.tgz" -C "$work/$1" --no-same-owner "package/$2" || fail "$1 holds no $2"
  mv "$work/$1/package/$2" "$work/out/$3"
}

mkdir "$work/out"
fetch "$library" "$library_hash" library
fetch "$header" "$header_hash" header
unpack library libduckdb.so libduckdb.so
unpack library LICENSE LICENSE.node-bindings
unpack header src/duckdb/src/include/duckdb.h duckdb.h
unpack header LICENSE LICENSE
chmod 644 "$work/out"/*
(cd "$work/out" && { echo "# $pins" && sha512sum libduckdb.so duckdb.h LICENSE LICENSE.node-bindings; } >stamp)

# The stamp moves last: a folder that was left half done has none that fits.
rm -f "$stamp"
for file in libduckdb.so duckdb.h LICENSE LICENSE.node-bindings stamp; do
  mv -f "$work/out/$file" "$folder/$file"
done
