#!/bin/sh
# `tarazu plugin new` makes plugins that build without a warning against an installed tarazu, and pass, at once; what
# cannot be made is refused and leaves nothing.
. "$(dirname "$0")/lib.sh"
prefix=$here/prefix
for tool in pkg-config make; do
  command -v $tool >/dev/null 2>&1 || {
    skip 'plugin new' "no $tool"
    finish
    exit
  }
done
make -s -C "$SOURCE_DIR" install PREFIX="$prefix" DESTDIR= >"$here/out" 2>&1
told $? 'tarazu is installed' alone
TARAZU=$prefix/bin/tarazu
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
case ${CC:-gcc} in *clang*) CXX=clang++ ;; *) CXX=g++ ;; esac
CC=${CC:-gcc}
export CC CXX
strict='-O2 -Wall -Wextra -Werror'

# Without what the make that runs the tests was told.
make_in() { # FOLDER TARGET...
  folder=$1
  shift
  env -u TARAZU -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$folder" CFLAGS="$strict" CXXFLAGS="$strict" "$@" >"$here/out" 2>"$here/err"
  status=$?
  out=$(cat "$here/out") err=$(cat "$here/err")
}

mkdir "$here/work"
cd "$here/work" || exit 1
made=0
for role in scorer normalizer weigher combiner segmenter source sink; do
  for language in c c++; do
    name=a_$role
    rm -rf "$name"
    tarazu plugin new "$name" --role "$role" --lang "$language"
    case $role/$language in
    source/c++ | sink/c++)
      is "$role in $language is refused" $status 2
      holds "$role in $language leaves nothing" [ ! -e "$name" ]
      continue
      ;;
    esac
    is "$role in $language is made" $status 0
    if [ "$language" = c++ ] && ! command -v $CXX >/dev/null 2>&1; then
      skip "$role in $language passes" "no $CXX"
      continue
    fi
    make_in "$name" test
    is "$role in $language builds without a warning and passes" "$status$err" 0
    has "$role in $language says so" "$out" "$name: good"
    is "$role in $language holds no placeholder" "$(grep -rl '@[A-Z]*@' "$name" --exclude-dir=build)" ''
    holds "$role in $language exports one symbol" [ "$(nm -D --defined-only "$name/build/$name.so" | grep -c ' [TDRB] ')" = 1 ]
    made=$((made + 1))
  done
done
holds 'all roles were made' [ $made -ge 7 ]
is 'a new scorer is at most 50 lines' "$(awk 'END {print NR <= 50}' a_scorer/a_scorer.c* 2>/dev/null)" 1
rm -rf a_scorer
tarazu plugin new a_scorer --role scorer
is 'c is what is taken where no language is asked for' "$(ls a_scorer/*.c)" a_scorer/a_scorer.c
holds 'a new scorer in C is at most 50 lines' [ "$(wc -l <a_scorer/a_scorer.c)" -le 50 ]

# Its test can fail: another method gives another result.
sed -i 's/worth\[i\] = mean\[i\]/worth[i] = mean[i] + 1/' a_scorer/a_scorer.c
make_in a_scorer test
holds 'a faulty plugin fails its test' [ $status -ne 0 ]
has 'a faulty plugin fails by its result' "$out" '< dot,40.0'
sed -i 's/mean\[i\] + 1/mean[i]/' a_scorer/a_scorer.c
make_in a_scorer test
is 'made right again, it passes' $status 0

# Whatever the umask; installed or not.
rm -rf a_scorer
(umask 002 && "$TARAZU" plugin new a_scorer --role scorer >/dev/null && cd a_scorer && env -u TARAZU -u MAKEFLAGS -u MAKELEVEL CFLAGS="$strict" make -s test >"$here/out" 2>"$here/err")
told $? 'it passes where files are writable to the group' alone
make_in a_scorer install
is 'it is installed' $status 0
tarazu plugin list
has 'the installed plugin is found' "$out" ' a_scorer '
make_in a_scorer test
is 'it passes beside its installed copy' $status 0

# However tarazu is found; where it is not, all ways are told and nothing is built.
found_by() { # NAME VARIABLE...: in an environment of these alone
  name=$1
  shift
  rm -rf a_scorer/build
  (cd a_scorer && env -i PATH=/usr/bin:/bin LC_ALL=C CC="$CC" CFLAGS="$strict" "$@" make test >"$here/out" 2>"$here/err")
  status=$? out=$(cat "$here/out") err=$(cat "$here/err")
  is "tarazu is found by $name" "$status$err" 0
}
tools=$(dirname "$(command -v "$CC")"):/usr/bin:/bin
found_by 'pkg-config' PATH="$tools" PKG_CONFIG_PATH="$PKG_CONFIG_PATH"
found_by 'PATH' PATH="$prefix/bin:$tools"
found_by 'the folder that it is installed under' PATH="$tools" TARAZU="$prefix"
[ -n "${SAN:-}" ] || found_by 'the folder that it is built in' PATH="$tools" TARAZU="$BUILD_DIR"
if ! env -i PATH="$tools" pkg-config --exists tarazu && ! (PATH=$tools && command -v tarazu >/dev/null); then
  for at in '' /nowhere "$here"; do
    rm -rf a_scorer/build
    (cd a_scorer && env -i PATH="$tools" ${at:+TARAZU="$at"} make test >"$here/out" 2>"$here/err")
    status=$? out=$(cat "$here/out") err=$(cat "$here/err")
    is "without tarazu${at:+ in $at} nothing is built" "$status$(ls a_scorer | grep build)" 2
    has "without tarazu${at:+ in $at} that is told" "$err" "tarazu is not found${at:+ in $at}. Say where it is:"
    has 'and how to name its folder' "$err" 'make TARAZU=FOLDER '
  done
fi
(cd a_scorer && env -i PATH="$tools" make -s clean >"$here/out" 2>&1)
told $? 'cleaning needs no tarazu'
tarazu plugin new other --role scorer
is 'another name is free' $status 0
mkdir elsewhere && cd elsewhere || exit 1
tarazu plugin new a_scorer --role scorer
is 'the name of a strategy that is there is refused' "$status $(ls -A)" '2 '
has 'the name that is taken is told' "$err" "a scorer 'a_scorer' is there already"

# Refusals, each of which leaves nothing.
tarazu plugin new rfm --role combiner
is 'a name is taken within its role alone' $status 0
rm -rf rfm
refused() { # WORDS ARGUMENTS...
  words=$1
  shift
  tarazu plugin new "$@"
  is "plugin new $* is refused" "$status $(ls -A)" '2 '
  has "plugin new $* is told why" "$err" "$words"
}
refused 'new needs a name' --role scorer
refused 'new needs --role, one of scorer' mine
refused "'score' is no role; did you mean 'scorer'?" mine --role score
refused "'wizard' is no role; expected one of scorer" mine --role wizard
refused "'fortran' is neither c nor c++" mine --role scorer --lang fortran
refused 'a sink is begun in c, not in c++' mine --role sink --lang c++
for name in Mine 9lives a-b a/b ../up . '' 'with blank' _x "$(printf 'x%064d' 1)"; do
  refused "is no name: small letters, digits and '_', a letter first" "$name" --role scorer
done
tarazu plugin list --role scorer
is '--role of another command is refused' $status 2
has '--role of another command is told' "$err" '--role and --lang are of new'

mkdir mine
echo kept >mine/file
tarazu plugin new mine --role scorer
is 'an existing folder is an output that cannot be written' $status 6
has 'an existing folder is told' "$err" 'mine: is there already; nothing is written'
is 'an existing folder stays as it was' "$(ls -A) $(cat mine/file)" 'mine kept'
rm -rf mine
for kind in empty file link; do
  case $kind in
  empty) mkdir mine ;;
  file) echo kept >mine ;;
  link) ln -s nowhere mine ;;
  esac
  tarazu plugin new mine --role scorer
  is "what is there already ($kind) is refused" "$status $(ls -A)" '6 mine'
  rm -rf mine
done

# No file may have a byte: whatever is written fails.
(
  trap '' XFSZ
  ulimit -f 0
  "$TARAZU" plugin new mine --role scorer 2>&1
  echo "status $?"
) | cat >"$here/out"
out=$(cat "$here/out")
has 'where files cannot be written, that is told' "$out" 'nothing is written'
has 'where files cannot be written, the status says so' "$out" 'status 6'
is 'where files cannot be written, nothing is left' "$(ls -A)" ''

tarazu plugin new mine --role scorer --json
is 'new --json tells the files' "$(printf %s "$out" | tr ',' '\n' | tr -d '[]"' | while read -r file; do [ -f "$file" ] || echo "$file"; done)" ''
has 'new --json is an array' "$out" '"mine/mine.c"'
tarazu help plugin
has 'help teaches new' "$out" 'tarazu plugin new delight --role scorer'
finish
