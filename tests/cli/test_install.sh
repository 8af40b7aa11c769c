#!/bin/sh
# What is installed works from where it is, a plugin is built against it by pkg-config alone, and uninstalling leaves nothing.
. "$(dirname "$0")/lib.sh"
root=$here/root

install() { # install or uninstall below $root
  make -s -C "$SOURCE_DIR" "$1" DESTDIR="$root" PREFIX=/opt/tarazu >"$here/out" 2>"$here/err"
  status=$? out=$(cat "$here/out") err=$(cat "$here/err")
}

install install
is 'make install succeeds' $status 0
for file in bin/tarazu lib/libtarazu.a lib/libtarazu.so lib/libtarazu.so.0 lib/pkgconfig/tarazu.pc include/tarazu/plugin.h \
  include/tarazu/tarazu.h lib/tarazu/libduckdb.so lib/tarazu/tarazu-worker lib/tarazu/plugins/scorer/rfm.so share/doc/tarazu/README.md \
  share/tarazu/valgrind.supp share/tarazu/config/demo.yaml share/tarazu/config/examples/minmax.yaml; do
  holds "$file is installed" [ -r "$root/opt/tarazu/$file" ]
done

TARAZU=$root/opt/tarazu/bin/tarazu
tarazu plugin list
is 'the installed command finds its plugins' $status 0
has 'the installed command lists the installed plugins' "$out" 'rfm'

printf 'id,revenue\na,1\nb,2\n' >"$here/customers.csv"
printf '%s\n' 'tarazu: 1' 'as_of: 2025-01-01' 'data: {customers: {from: customers.csv, key: id}}' 'criteria:' \
  '  revenue: {plugin: attribute, dimension: financial, input: {value: customers.revenue}}' 'isolate: process' \
  >"$here/profile.yaml"
case ${SAN:-} in
*thread*) skip 'the installed command finds its worker' 'a build with the thread sanitizer cannot isolate' ;;
*)
  tarazu run "$here/profile.yaml"
  is 'the installed command finds its worker' $status 0
  ;;
esac

if command -v pkg-config >/dev/null 2>&1; then
  export PKG_CONFIG_PATH="$root/opt/tarazu/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
  has 'pkg-config gives the flags that results depend on' "$(pkg-config --cflags tarazu)" '-ffp-contract=off'
  is 'pkg-config tells where plugins go' "$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=plugindir tarazu)" \
    /opt/tarazu/lib/tarazu/plugins
  cp "$SOURCE_DIR/plugins/scorer/attribute.c" "$here/mine.c"
  # shellcheck disable=SC2046 # words
  ${CC:-gcc} -shared -fPIC $(pkg-config --cflags tarazu) "$here/mine.c" -o "$here/mine.so" >"$here/out" 2>&1
  told $? 'a plugin is built with the installed header alone'
else
  skip 'a plugin is built by pkg-config' 'no pkg-config'
fi

make -s -C "$SOURCE_DIR" install DESTDIR="$here/other" PREFIX=/srv/scales >/dev/null 2>&1
is 'another prefix is told to pkg-config, too' "$(head -n 1 "$here/other/srv/scales/lib/pkgconfig/tarazu.pc")" \
  'prefix=/srv/scales'

install uninstall
is 'make uninstall succeeds' $status 0
is 'make uninstall leaves no file' "$(find "$root" ! -type d | head -n 3)" ''
finish
