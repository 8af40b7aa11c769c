# Runs a page of the documentation as a reader would; sourced after lib.sh.
#   <!-- file: PATH --> before a block   the block is written to that file
#   ```sh                                the block is run, in one shell for the whole page, in the folder that it left
#   ``` (no language) after a sh block   what that block prints, line by line; a line '…' stands for any
#                                        lines, and within a line for anything
#   any other block                      is read only
# shellcheck shell=sh disable=SC2154

# page_script PAGE: the page as a shell script; each step says 'step LINE' and then 'status STATUS' in $here/steps
page_script() {
  awk '
    function start() {inside = 1; first = NR}
    /^<!-- file: .* -->$/ && !inside {file = $0; sub(/^<!-- file: /, "", file); sub(/ -->$/, "", file); next}
    /^```/ && !inside {
      start(); language = substr($0, 4)
      kind = file != "" ? "file" : language == "sh" ? "run" : language == "" && ran ? "shown" : "read"
      if (kind == "file") printf "mkdir -p \"$(dirname %s)\" && cat >%s <<'\''END OF FILE'\''\n", file, file
      if (kind == "run") printf "page_step=%d\n{\n", NR
      if (kind == "shown") printf "cat >\"$page_folder/shown.$page_step\" <<'\''END OF SHOWN'\''\n"
      next
    }
    /^```$/ && inside {
      inside = 0
      if (kind == "file") {print "END OF FILE"; file = ""}
      if (kind == "run") print "} >\"$page_folder/out.$page_step\" 2>&1 </dev/null\nprintf \"%d %d\\n\" \"$page_step\" $? >>\"$page_folder/steps\""
      if (kind == "shown") print "END OF SHOWN"
      ran = kind == "run"
      next
    }
    inside && kind != "read" {print}
    !inside && /^#/ {ran = 0}' "$1"
}

# page_matches SHOWN FOUND: the same lines; '…' stands for any, and within a line for anything; blanks at the ends of lines
# do not count
page_matches() {
  awk '
    function is_like(line, pattern,   n, i, at, pieces) {
      n = split(pattern, pieces, "…")
      if (n == 1) return line == pattern
      if (substr(line, 1, length(pieces[1])) != pieces[1]) return 0
      line = substr(line, length(pieces[1]) + 1)
      for (i = 2; i < n; i++) {
        if (!(at = index(line, pieces[i]))) return 0
        line = substr(line, at + length(pieces[i]))
      }
      return length(line) >= length(pieces[n]) && substr(line, length(line) - length(pieces[n]) + 1) == pieces[n]
    }
    {sub(/[ \t]+$/, "")}
    NR == FNR {shown[++n] = $0; next}
    {found[++m] = $0}
    END {
      at = 0; loose = 0
      for (i = 1; i <= n; i++) {
        if (shown[i] == "…") {loose = 1; continue}
        for (at++; at <= m && !is_like(found[at], shown[i]); at++) if (!loose) {at = m + 1; break}
        if (at > m) {print "not found: " shown[i]; exit 1}
        loose = 0
      }
      if (!loose && at < m) {print "more than is shown: " found[at + 1]; exit 1}
    }' "$1" "$2"
}

# page_run PAGE FOLDER: runs it in a new FOLDER, a test a step, and one a listing
page_run() {
  page=$1 page_folder=$here/page
  rm -rf "$page_folder"
  mkdir -p "$page_folder" "$2"
  page_script "$page" >"$page_folder/script"
  : >"$page_folder/steps"
  (cd "$2" && page_folder=$page_folder PS4='' sh "$page_folder/script") >"$page_folder/rest" 2>&1
  page_wanted=$(grep -c '^page_step=' "$page_folder/script")
  is "$(basename "$page"): every step ran" "$(wc -l <"$page_folder/steps" | tr -d ' ') $(cat "$page_folder/rest")" "$page_wanted "
  while read -r line ended; do
    status=$ended out=$(tail -n 40 "$page_folder/out.$line") err=
    [ "$ended" -eq 0 ]
    told $? "$(basename "$page"):$line runs"
    [ -e "$page_folder/shown.$line" ] || continue
    err=$(page_matches "$page_folder/shown.$line" "$page_folder/out.$line")
    told $? "$(basename "$page"):$line prints what is shown"
  done <"$page_folder/steps"
}
