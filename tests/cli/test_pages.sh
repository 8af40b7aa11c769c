#!/bin/sh
# Pages for programmers, done as they say, with tarazu installed under a prefix: the tutorial's plugins build, pass their
# tests and give what is shown; the program of the page on embedding, too; the tools of the page on debugging find its fault.
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
unset TARAZU MAKEFLAGS MAKELEVEL MFLAGS CC CXX CFLAGS CXXFLAGS
page_run "$SOURCE_DIR/docs/plugins/tutorial.md" "$here/tutorial"
page_run "$SOURCE_DIR/docs/embedding.md" "$here/embedding"

missing=$(for tool in gdb valgrind; do command -v $tool >/dev/null 2>&1 || printf ' %s' $tool; done)
if [ -z "$missing" ]; then
  page_run "$SOURCE_DIR/docs/plugins/debugging.md" "$here/debugging"
else
  skip 'debugging.md' "no$missing"
fi

# What runs pages can fail.
cat >"$here/bad.md" <<'END'
```sh
echo one; echo two; echo 33
```
```
one
…
3…4
```
```sh
false
```
END
(
  failures=0 tests=0
  page_run "$here/bad.md" "$here/bad"
) >"$here/out"
is 'of a bad page its faults are told' "$(grep -c '^not ok' "$here/out") $(grep -c '^ok' "$here/out")" '2 2'
finish
