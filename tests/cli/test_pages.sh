#!/bin/sh
# Pages for programmers, done as they say, with tarazu installed under a prefix: the tutorial's plugins build, pass their
# tests and give what is shown; the program of the page on embedding, too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/page.sh"
for tool in pkg-config make cc; do
  command -v $tool >/dev/null 2>&1 || {
    skip 'pages for programmers' "no $tool"
    finish
    exit
  }
done
if [ -n "${SAN:-}" ]; then
  skip 'pages for programmers' 'what they build is without sanitizers, and make test without them builds it'
  finish
  exit
fi
make -s -C "$SOURCE_DIR" install BUILD="$BUILD_DIR" PREFIX="$here/prefix" DESTDIR= >"$here/out" 2>&1
told $? 'tarazu is installed' alone
export PKG_CONFIG_PATH="$here/prefix/lib/pkgconfig" PATH="$here/prefix/bin:$PATH"
unset TARAZU MAKEFLAGS MAKELEVEL MFLAGS CFLAGS CXXFLAGS
page_run "$SOURCE_DIR/docs/plugins/tutorial.md" "$here/tutorial"
page_run "$SOURCE_DIR/docs/embedding.md" "$here/embedding"
finish
