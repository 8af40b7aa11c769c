#!/bin/sh
# Looks whether all is there that building and testing needs, and brings what is missing: deps.sh check|install FOLDER
# check only says what is missing. install does it with apt-get as root; as anyone else it prints the one command that an
# administrator would run. FOLDER is for DuckDB's library, which comes from the npm registry (see duckdb.sh).
set -u
mode=$1
folder=$2
here=$(dirname "$0")
missing=

# lacks PACKAGE HEADER...: the package joins the missing ones unless the compiler finds the headers
lacks() {
  package=$1
  shift
  for header; do printf '#include <%s>\n' "$header"; done | "${CC:-gcc}" -E -x c - >/dev/null 2>&1 ||
    missing="$missing $package"
}

if command -v "${CC:-gcc}" >/dev/null 2>&1; then
  lacks libc6-dev stdio.h
else
  missing=" ${CC:-gcc} libc6-dev"
fi
lacks libyaml-dev yaml.h
lacks libmd-dev stdint.h sys/types.h sha2.h
lacks libsqlite3-dev sqlite3.h
lacks libxxhash-dev xxhash.h
lacks libseccomp-dev seccomp.h
lacks libluajit-5.1-dev luajit-2.1/luajit.h
lacks libcmocka-dev stdarg.h stddef.h setjmp.h stdint.h cmocka.h
lacks libglpk-dev glpk.h
lacks libigraph-dev igraph/igraph.h
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"

duckdb_here() {
  [ -r "$folder/libduckdb.so" ] && [ -r "$folder/duckdb.h" ]
}
if ! duckdb_here && [ -z "${DUCKDB_DIR:-}" ] && ! command -v npm >/dev/null 2>&1; then
  missing="$missing npm ca-certificates"
fi

if [ -n "$missing" ]; then
  command="apt-get update && apt-get install -y --no-install-recommends$missing"
  if [ "$mode" = check ]; then
    printf 'tarazu needs what is not installed here:%s\n  make deps\nbrings it; by hand, as root: %s\n' "$missing" "$command" >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    printf 'tarazu needs what is not installed here:%s\nOn Debian an administrator installs it with this command:\n  %s\n' \
      "$missing" "$command" >&2
    exit 1
  fi
  printf 'installing%s\n' "$missing"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  # shellcheck disable=SC2086 # one word a package
  if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
fi

if ! duckdb_here; then
  if [ "$mode" = check ] && [ -z "${DUCKDB_DIR:-}" ]; then
    printf 'tarazu needs the library of DuckDB, which is not in %s\n  make deps\nbrings it\n' "$folder" >&2
    exit 1
  fi
  printf 'fetching DuckDB into %s\n' "$folder"
fi
[ "$mode" = check ] && duckdb_here || "$here/duckdb.sh" "$folder"
