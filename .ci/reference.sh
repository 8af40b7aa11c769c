#!/bin/sh
# Writes docs/plugins/reference.md's text out of the comments of include/tarazu/plugin.h: reference.sh HEADER
set -eu
awk '
function trimmed(t) {gsub(/^[ \t\n]+|[ \t\n]+$/, "", t); return t}
function flat(t) {gsub(/[ \t\n]+/, " ", t); return trimmed(t)}
function escaped(t) {gsub(/\*/, "\\*", t); gsub(/</, "\\&lt;", t); return t}
function cell(t) {t = escaped(flat(t)); gsub(/\|/, "\\|", t); return t}
# A comment without its frame: lines of words become paragraphs, what is indented stays as it is.
function prose(c,   n, i, line, lines, inside, words) {
  n = split(c, lines, "\n")
  for (i = 1; i <= n; i++) {
    line = lines[i]
    sub(/^ \* ?/, "", line)
    if (i == 1) sub(/^ /, "", line)
    sub(/[ \t]+$/, "", line)
    if (line ~ /^  / && !inside) {if (words != "") print words "\n"; words = ""; print "```"; inside = 1}
    if (line !~ /^  / && inside && line != "") {print "```\n"; inside = 0}
    if (inside) print substr(line, 3)
    else if (line == "") {if (words != "") print words "\n"; words = ""}
    else words = words (words == "" ? "" : "\n") escaped(line)
  }
  if (words != "") print words "\n"
  if (inside) print "```\n"
}
function tell(title) {
  print "### " title "\n"
  if (pending != "") prose(pending)
  pending = ""
}
# Takes the comment that begins at `at`; at then stands behind it.
function comment(   end, c) {
  end = index(substr(s, at + 2), "*/")
  c = substr(s, at + 2, end - 1)
  at += end + 3
  return c
}
# A member or a number: what it is, and what its comments say.
function add(what, is_enum) {
  what = flat(what)
  if (what == "") return
  if (is_enum) {
    if (what ~ /=/) {number = what; sub(/.*= */, "", number)}
    else what = what " = " number
    number++
  }
  members[++count] = what
  said[count] = lead
  lead = ""
}
# The body between the braces, up to and with the closing one.
function body(is_enum,   depth, c, cur, same_line) {
  count = 0; lead = ""; number = 0; cur = ""; depth = 0; same_line = 0
  for (;;) {
    if (substr(s, at, 2) == "/*") {
      c = comment()
      gsub(/\n[ \t]*\*?/, " ", c)
      if (trimmed(cur) == "" && same_line) said[count] = said[count] (said[count] == "" ? "" : " ") trimmed(c)
      else lead = lead (lead == "" ? "" : " ") trimmed(c)
      continue
    }
    c = substr(s, at++, 1)
    if (c == "\n" && trimmed(cur) == "") same_line = 0
    if (c == "(" || c == "{") depth++
    if (c == ")") depth--
    if (c == "}" && depth-- == 0) {add(cur, is_enum); return}
    if (depth == 0 && c == (is_enum ? "," : ";")) {add(cur, is_enum); cur = ""; same_line = 1; continue}
    cur = cur c
  }
}
function table(head,   i) {
  print "| " head " | |\n| --- | --- |"
  for (i = 1; i <= count; i++) printf "| `%s` | %s |\n", members[i], cell(said[i])
  print ""
}
# Code up to `stop` at depth 0 (or the end of a function); at then stands behind it.
function code(   c, from, depth) {
  from = at; depth = 0
  for (;;) {
    c = substr(s, at++, 1)
    if (c == "{") depth++
    if (c == "}" && --depth == 0) return substr(s, from, at - from)
    if (c == ";" && depth == 0) return substr(s, from, at - from)
  }
}
function defines(   i) {
  if (!defined) return
  print "| constant | |\n| --- | --- |"
  for (i = 1; i <= defined; i++) print constant[i]
  print ""
  defined = 0
}
{s = s $0 "\n"}
END {
  print "# The plugin ABI\n"
  print "Made from the comments of [`tarazu/plugin.h`](../../include/tarazu/plugin.h) by `make reference`. How a plugin is begun:"
  print "[tutorial](tutorial.md).\n"
  at = 1
  first = comment()
  sub(/^ *tarazu\/plugin\.h: */, "", first)
  first = toupper(substr(first, 1, 1)) substr(first, 2)
  prose(first)
  while (at <= length(s)) {
    rest = substr(s, at, 400)
    if (rest ~ /^[ \t\n]/) {at++; continue}
    if (substr(rest, 1, 2) == "/*") {
      if (pending != "") prose(pending)
      pending = comment()
      if (pending ~ /^ -+ .* -+ *$/) {
        defines()
        gsub(/^ -+ | -+ *$/, "", pending)
        print "## " toupper(substr(pending, 1, 1)) substr(pending, 2) "\n"
        pending = ""
      }
      continue
    }
    if (substr(rest, 1, 1) == "#") { # one directive, with its continued lines
      line = ""
      do {
        piece = substr(s, at); end = index(piece, "\n"); piece = substr(piece, 1, end - 1)
        line = line piece; at += end
      } while (piece ~ /\\$/)
      if (line ~ /^#if/) depth++
      if (line ~ /^#endif/) depth--
      if (depth == 1 && line ~ /^#define [A-Z_]+ +[0-9]/) {
        said_of = line; sub(/^[^\/]*/, "", said_of); gsub(/\/\*|\*\//, "", said_of); sub(/ *\/\*.*/, "", line)
        sub(/^#define /, "", line)
        constant[++defined] = "| `" flat(line) "` | " cell(said_of) " |"
      } else if (depth == 1 && line ~ /^#define [A-Z_]+\(/) {
        defines()
        sub(/^#define /, "", line); sub(/\).*/, ")", line)
        tell("`" line "`")
      }
      continue
    }
    if (rest ~ /^extern "C"/) {at += index(rest, "\n"); continue}
    if (rest ~ /^}/) {at++; continue}
    defines()
    if (match(rest, /^(typedef )?(enum|struct)[^;{]*\{/)) {
      head = substr(rest, 1, RLENGTH - 1); at += RLENGTH
      is_enum = head ~ /enum/
      name = flat(head); sub(/^(typedef )?(enum|struct) */, "", name)
      body(is_enum); code()
      if (name == "") {name = members[1]; sub(/ *=.*/, "", name); name = name " …"}
      tell("`" name "`"); table(is_enum ? "number" : "member")
    } else {
      what = code()
      gsub(/TARAZU_UNUSED|TARAZU_EXPORT|TARAZU_PRINTF\([^)]*\)|static inline/, "", what)
      sub(/\{.*/, "", what); sub(/;$/, "", what); what = flat(what)
      if (what ~ /^typedef/) continue
      name = what; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
      tell("`" name "`"); print "```c\n" what ";\n```\n"
    }
  }
}' "$1" | awk 'NF || !blank {print} {blank = !NF}' | sed -e '${/^$/d;}'
