#!/bin/sh
# Measures what `make bench` promises, as ratios of what runs in turn on the same machine, and prints one table. The
# data are made once and kept in BUILD_DIR/bench. Fails only where a benchmark could not run, never because of a time.
set -eu

build=${BUILD_DIR:?the folder that everything was built into}
here=$build/tests/bench
folder=$build/bench
threads=$(nproc)
rounds=5
customers=200000
orders=10000000

fail() {
  echo "bench: $*" >&2
  exit 1
}

# ---- the table --------------------------------------------------------------------------------------------------------

table=$folder/table
held=0
goals=0

row() { # what, measured, goal, held
  printf '%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" >>"$table"
}

# judge WHAT VALUE FORMAT at_most|at_least|below|within LIMIT UNIT: a row with a goal; within: on either side of 0
judge() {
  verdict=$(awk -v value="$2" -v how="$4" -v limit="$5" 'BEGIN {
    if (how == "within" && value < 0) value = -value
    good = how == "at_least" ? value >= limit : how == "below" ? value < limit : value <= limit
    print good ? "yes" : "no" }')
  goals=$((goals + 1))
  if [ "$verdict" = yes ]; then held=$((held + 1)); fi
  row "$1" "$(printf "$3" "$2")$6" "$(echo "$4" | tr _ ' ') $5$6" "$verdict"
}

# tell WHAT VALUE FORMAT UNIT: a row that is worth knowing but has no goal
tell() {
  row "$1" "$(printf "$3" "$2")$4" - -
}

print_table() {
  awk -F'|' '
    { for (i = 1; i <= 4; i++) { cell[NR, i] = $i; if (length($i) > wide[i]) wide[i] = length($i) } }
    END {
      for (n = 1; n <= NR; n++)
        printf "%-*s  %*s  %*s  %s\n", wide[1], cell[n, 1], wide[2], cell[n, 2], wide[3], cell[n, 3], cell[n, 4]
    }' "$table"
}

compute() { # an expression of awk's
  awk "BEGIN { print ($1) }"
}

median() { # of numbers, a line each
  sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# field NAME COLUMN FILE: of the line that begins with NAME
field() {
  awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$3"
}

# ---- the plugin boundary ----------------------------------------------------------------------------------------------

# Instructions of one batch: what twice as many batches cost more, so that starting up falls out.
instructions() { # linked|plugin|engine
  for count in 1000 2000; do
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$here/boundary" "$1" $count 2>&1 >/dev/null |
      awk '/Collected/ { print $NF }'
  done | awk '{ v[NR] = $1 } END { print (v[2] - v[1]) / 1000 }'
}

bench_boundary() {
  if command -v valgrind >/dev/null; then
    linked=$(instructions linked)
    judge 'plugin boundary, instructions' "$(compute "($(instructions plugin) / $linked - 1) * 100")" '%+.3f' \
      at_most 1 ' %'
    tell '  the engine'\''s marks and checks around it' "$(compute "($(instructions engine) / $linked - 1) * 100")" \
      '%+.1f' ' %'
  else
    row 'plugin boundary, instructions' 'skipped: no valgrind' 'at most 1 %' -
  fi
  "$here/boundary" time >"$folder/boundary"
  linked=$(field linked 2 "$folder/boundary")
  judge 'plugin boundary, time' "$(compute "($(field plugin 2 "$folder/boundary") / $linked - 1) * 100")" '%+.2f' \
    at_most 3 ' %'
  tell '  the engine'\''s marks and checks around it' \
    "$(compute "($(field engine 2 "$folder/boundary") / $linked - 1) * 100")" '%+.1f' ' %'
}

# ---- bandwidth --------------------------------------------------------------------------------------------------------

several() { # threads
  [ "$1" = 1 ] && echo '1 thread' || echo "$1 threads"
}

bench_bandwidth() { # threads
  "$here/bandwidth" "$1" weighted_sum 6 >"$folder/bandwidth"
  triad=$(field triad 2 "$folder/bandwidth")
  judge "weighted sum of a triad's bandwidth, $(several "$1")" \
    "$(compute "$(field plugin 2 "$folder/bandwidth") / $triad * 100")" '%.0f' at_least 85 ' %'
  tell '  of which the triad had' "$triad" '%.1f' ' GB/s'
  tell '  with the engine'\''s marks and checks' "$(compute "$(field engine 2 "$folder/bandwidth") / $triad * 100")" \
    '%.0f' ' %'
}

# Against the triad with all that it reads and writes; of TOPSIS what it must read alone.
bench_topsis() { # threads
  "$here/bandwidth" "$1" topsis 12 >"$folder/bandwidth" || fail 'the bandwidth of topsis could not be measured'
  triad=$(field triad 2 "$folder/bandwidth")
  judge "TOPSIS of 10 million by 12 of a triad's bandwidth, $(several "$1")" \
    "$(compute "$(field plugin 4 "$folder/bandwidth") / $triad * 100")" '%.0f' at_least 50 ' %'
  tell '  of which the triad had' "$triad" '%.1f' ' GB/s'
  tell '  with the engine'\''s marks and checks' "$(compute "$(field engine 4 "$folder/bandwidth") / $triad * 100")" \
    '%.0f' ' %'
}

# ---- whole runs -------------------------------------------------------------------------------------------------------

own() { # statements
  "$here/duckdb_own" "$build/libduckdb.so" "$threads" "$@"
}

# The columns that a run reads, about 26 bytes an order; and the same with the amounts as doubles.
make_data() {
  if [ ! -f "$folder/orders.csv" ]; then
    "$build/tarazu" demo --quiet --customers $customers --orders $orders "$folder/company"
    cut -d, -f2-5 "$folder/company/orders.csv" >"$folder/orders.part"
    rm -r "$folder/company"
    mv "$folder/orders.part" "$folder/orders.csv"
  fi
  if [ ! -f "$folder/orders.parquet" ]; then
    own "COPY (SELECT customer_id, order_date, CAST(quantity * unit_price AS DOUBLE) AS amount
      FROM read_csv('$folder/orders.csv')) TO '$folder/orders.part' (FORMAT parquet)" >/dev/null
    mv "$folder/orders.part" "$folder/orders.parquet"
  fi
}

profile() { # kind, amount
  cat >"$folder/$1.yaml" <<EOF
tarazu: 1
company: Ten Million Orders
as_of: 2025-07-01
data:
  orders: {from: orders.$1, key: customer_id, columns: {time: order_date, amount: $2}}
criteria:
  revenue: {plugin: monetary, dimension: financial, weight: 2}
  habit: {plugin: rfm, dimension: financial}
combine: {plugin: weighted_sum}
key_customers: {limit: 50}
output:
  - {plugin: table, to: out/list.txt}
EOF
}

# ratio COLUMN: the median over the rounds of the run by DuckDB's own, each beside each, so that a slow minute of the
# machine meets both.
ratio() { # column, file of the runs
  paste -d' ' "$folder/$2" "$folder/own" | awk -v column="$1" '{ print $column / $(column + 3) }' | median
}

# Each in turn, `rounds` times after one that warms the file cache: files of seconds, MiB and processor seconds. Neither
# side of the goal writes more than it found out: the run its list of key customers, DuckDB nothing. What writing every
# customer's results in the format that was read costs on top is told beside it.
bench_run() { # kind, amount, function that reads, most times as long
  profile "$1" "$2"
  statement="SELECT customer_id, sum($2), count(*), max(order_date) FROM $3('$folder/orders.$1') GROUP BY customer_id"
  rm -f "$folder/own" "$folder/run" "$folder/written"
  own "$statement" >/dev/null
  for round in $(seq $rounds); do
    "$here/measure" "$here/duckdb_own" "$build/libduckdb.so" "$threads" "$statement" >>"$folder/own"
    "$here/measure" "$build/tarazu" run --quiet --threads "$threads" "$folder/$1.yaml" >>"$folder/run"
    "$here/measure" "$build/tarazu" run --quiet --threads "$threads" "$folder/$1.yaml" \
      --set "output=[{plugin: $1, to: $folder/out/scores.$1}]" >>"$folder/written"
  done
  judge "run over 10 million orders, $1, against DuckDB's own" "$(ratio 1 run)" '%.2f' at_most "$4" ' times'
  tell '  the same in processor time' "$(ratio 3 run)" '%.2f' ' times'
  tell '  with every customer written, too' "$(ratio 1 written)" '%.2f' ' times'
  tell "  DuckDB's own" "$(cut -d' ' -f1 "$folder/own" | median)" '%.2f' ' s'
  tell '  the run' "$(cut -d' ' -f1 "$folder/run" | median)" '%.2f' ' s'
  judge '  the most memory that either took' "$(cut -d' ' -f2 "$folder/run" "$folder/written" | sort -g | tail -1)" '%.0f' \
    at_most 1024 ' MiB'
}

# ---- isolation --------------------------------------------------------------------------------------------------------

# A profile of a whole company, every strategy but source and sink isolated, and with these, against the same in one
# process: each in turn. A run on a machine that has nothing else to do hides part of the cost in idle processors, so both
# are told.
bench_isolation() {
  [ -f "$folder/whole/profile.yaml" ] || "$build/tarazu" demo --quiet --customers 300000 "$folder/whole"
  rm -f "$folder/own" "$folder/run" "$folder/all"
  not_files=$(sed -n '/^data:/,/^[a-z]/s/^  \([a-z_]*\):.*/--set data.\1.isolate=none/p' "$folder/whole/profile.yaml")
  for round in $(seq $rounds); do
    for to in own run all; do
      case $to in
      own) set -- --set isolate=none ;;
      run) set -- --set isolate=process --set output.0.isolate=none $not_files ;;
      all) set -- --set isolate=process ;;
      esac
      "$here/measure" "$build/tarazu" run --quiet --threads "$threads" "$folder/whole/profile.yaml" --batch 2048 \
        --set "output=[{plugin: csv, to: $folder/out/whole_$to.csv}]" "$@" >>"$folder/$to"
    done
  done
  cmp -s "$folder/out/whole_own.csv" "$folder/out/whole_run.csv" || fail 'isolation changes a result'
  cmp -s "$folder/out/whole_own.csv" "$folder/out/whole_all.csv" || fail 'isolation of sources and sinks changes a result'
  judge 'what isolating every strategy adds to a run of 300 thousand' "$(compute "($(ratio 1 run) - 1) * 100")" '%+.1f' \
    at_most 10 ' %'
  tell '  the same in processor time' "$(compute "($(ratio 3 run) - 1) * 100")" '%+.1f' ' %'
  tell '  with its twelve sources and its sink' "$(compute "($(ratio 1 all) - 1) * 100")" '%+.1f' ' %'
  tell '  the same in processor time' "$(compute "($(ratio 3 all) - 1) * 100")" '%+.1f' ' %'
  tell '  the run in one process' "$(cut -d' ' -f1 "$folder/own" | median)" '%.2f' ' s'
}

# ---- starting up ------------------------------------------------------------------------------------------------------

bench_start() { # milliseconds it may take, words of the command
  limit=$1
  shift
  "$build/tarazu" "$@" >/dev/null
  took=$(for round in $(seq 21); do "$here/measure" "$build/tarazu" "$@"; done | cut -d' ' -f1 | median)
  judge "tarazu $*" "$(compute "$took * 1000")" '%.1f' below "$limit" ' ms'
}

# ---- lifetime value ---------------------------------------------------------------------------------------------------

# TARAZU_BENCH_PYTHON: an interpreter, or the folder of a virtual environment, that has the peer.
peer=${TARAZU_BENCH_PYTHON:-python3}
if [ -d "$peer" ]; then peer=$peer/bin/python; fi

bench_value() { # days of a period, what they are called, most of the peer's time
  "$here/clv" million "$1" "$folder/customers" >"$folder/clv"
  own_seconds=$(field bg_nbd 2 "$folder/clv")
  what="fit and twelve-month value of a million, $2"
  if "$peer" -c 'import lifetimes' 2>/dev/null; then
    "$peer" "$(dirname "$0")/clv_peer.py" "$1" "$folder/customers" >"$folder/clv_peer" 2>/dev/null ||
      fail 'lifetimes could not fit a million customers'
    read -r seconds _ mean <"$folder/clv_peer"
    judge "$what, lifetimes against bg_nbd" "$(compute "$seconds / $own_seconds")" '%.0f' at_least "$3" ' times'
    tell '  lifetimes' "$seconds" '%.2f' ' s'
    tell '  its mean value against the mean of bg_nbd' "$(compute "($mean / $(field bg_nbd 7 "$folder/clv") - 1) * 100")" \
      '%+.2f' ' %'
  else
    row "$what, lifetimes against bg_nbd" 'skipped: no lifetimes' "at least $3 times" -
  fi
  for name in bg_nbd mbg_nbd pareto_nbd bg_bb; do
    tell "  $name" "$(field $name 2 "$folder/clv")" '%.2f' ' s'
  done
  rm "$folder/customers"
}

# With what the plugin reads, which are aggregates in place of the events, and the value that it gives.
bench_value_memory() { # days of a period, what they are called
  for name in bg_nbd mbg_nbd pareto_nbd bg_bb; do
    "$here/clv" memory "$1" $name || fail 'the memory of clv could not be measured'
  done >"$folder/clv_memory"
  judge "its most memory a customer, $2, columns included" "$(cut -d' ' -f2 "$folder/clv_memory" | sort -g | tail -1)" \
    '%.0f' below 200 ' bytes'
  tell '  without the columns' "$(cut -d' ' -f3 "$folder/clv_memory" | sort -g | tail -1)" '%.0f' ' bytes'
}

# covered COHORTS COLUMN: of the 90 % interval
covered() {
  awk -v name="$1" -v column="$2" '$1 == name && $2 == 90 { print $column }' "$folder/recovery"
}

# Within 3 points of 90 %; the plain coverage of what forecasts promise where that is more, see recovery's table.
bench_recovery() {
  "$here/clv" recovery >"$folder/recovery" || fail 'simulated cohorts could not be fitted'
  judge 'estimates within two standard errors of the truth' \
    "$(awk '/ of .* std\. err\.$/ { for (i = 2; i < NF; i++) if ($i == "of") { within += $(i - 1); all += $(i + 1) } }
      END { print within / all * 100 }' "$folder/recovery")" '%.1f' at_least 92 ' %'
  for name in bg_nbd mbg_nbd pareto_nbd bg_bb bg_bb_donors; do
    what="the 90 % interval of $name"
    judge "$what, adjusted coverage's distance" "$(compute "$(covered $name 8) - 90")" '%+.1f' within 3 ' points'
    promised=$(covered $name 6)
    if [ "$(compute "$promised <= 93")" = 1 ]; then
      judge "  plain coverage's" "$(compute "$(covered $name 4) - 90")" '%+.1f' within 3 ' points'
    else
      judge "  plain coverage's, from the $promised % promised" "$(compute "$(covered $name 4) - $promised")" '%+.1f' \
        within 3 ' points'
    fi
  done
}

# ---- Lua formulas -----------------------------------------------------------------------------------------------------

bench_formula() {
  "$here/formula" >"$folder/formula" || fail 'formulas could not be measured'
  for name in arithmetic four_columns; do
    judge "Lua formula $name, rows a second on one core" "$(field $name 2 "$folder/formula")" '%.1f' at_least 5 ' million'
  done
  for name in power loop; do
    tell "  $name" "$(field $name 2 "$folder/formula")" '%.1f' ' million'
  done
}

# ---- graphs and events ------------------------------------------------------------------------------------------------

# Both build the graph from the same sorted list of edges.
bench_influence() {
  "$here/influence" >"$folder/influence"
  what='PageRank of a million customers, 10 million edges'
  judge "$what, igraph against influence" "$(compute "$(field igraph 2 "$folder/influence") / \
    $(field two_threads 2 "$folder/influence")")" '%.1f' at_least 8 ' times'
  tell '  against influence with one thread' "$(compute "$(field igraph 2 "$folder/influence") / \
    $(field one_thread 2 "$folder/influence")")" '%.1f' ' times'
  tell '  igraph' "$(field igraph 2 "$folder/influence")" '%.2f' ' s'
  tell '  influence, two threads' "$(field two_threads 2 "$folder/influence")" '%.2f' ' s'
  tell '  their largest difference, times the mean rank' "$(field difference 2 "$folder/influence")" '%.1e' ''
  gain=$(compute "$(field one_thread 2 "$folder/influence") / $(field two_threads 2 "$folder/influence")")
  bound=$(compute "$(field control_one 2 "$folder/influence") / $(field control_two 2 "$folder/influence")")
  if [ "$threads" -gt 1 ]; then
    judge "  a second thread's gain, of a gathering loop's" "$(compute "$gain / $bound")" '%.2f' at_least 0.8 ' times'
    tell '  the gain' "$gain" '%.2f' ' times'
  fi
}

bench_slopes() {
  "$here/slope" list >"$folder/slopes"
  while read -r name; do
    "$here/slope" "$name" </dev/null >"$folder/slope" || fail "$name could not be measured"
    judge "slope from 10 thousand to a million, $name" "$(field slope 2 "$folder/slope")" '%.2f' at_most 1.1 ''
  done <"$folder/slopes"
}

# ---- confidence -------------------------------------------------------------------------------------------------------

# Ten thousand draws here, some of the peer's, each draw of which takes as long as any other.
bench_confidence() { # combiner
  "$here/confidence" 100000 "$folder/confidence.csv"
  {
    echo 'tarazu: 1'
    echo 'as_of: 2025-07-01'
    echo 'data: {customers: {from: confidence.csv, key: id}}'
    echo 'criteria:'
    for c in 0 1 2 3 4 5 6 7; do
      echo "  c$c: {plugin: attribute, dimension: financial, input: {value: customers.c$c}}"
    done
    echo "combine: $1"
    echo 'key_customers: {limit: 50}'
    echo 'confidence: {draws: 10000}'
    echo 'output: [{plugin: csv, to: out/confidence.csv}]'
  } >"$folder/confidence.yaml"
  rm -f "$folder/confidence" "$folder/confidence_peer"
  what="SMAA of 100 thousand by 8 criteria, 10 thousand draws, $1"
  for round in 1 2 3; do
    "$build/tarazu" run --quiet --threads "$threads" "$folder/confidence.yaml"
    sed -n 's/.*"seconds": {.*"confidence": \([0-9.]*\).*/\1/p' "$folder/out/confidence.manifest.json" \
      >>"$folder/confidence"
    if "$peer" -c 'import pymcdm' 2>/dev/null; then
      sed '1s/^customer,/id,/' "$folder/out/confidence.csv" >"$folder/confidence.found"
      "$peer" "$(dirname "$0")/confidence_peer.py" "$folder/confidence.csv" "$folder/confidence.found" "$1" 100 \
        >>"$folder/confidence_peer" || fail 'pymcdm could not score'
    fi
  done
  seconds=$(median <"$folder/confidence")
  judge "$what" "$seconds" '%.2f' below 60 ' s'
  if [ -f "$folder/confidence_peer" ]; then
    usual=$(cut -d' ' -f1 "$folder/confidence_peer" | median)
    judge '  pymcdm in NumPy against it, 100 draws scaled' "$(compute "$usual * 10000 / $seconds")" '%.0f' at_least 50 \
      ' times'
    tell '  pymcdm with the matrix normalized beforehand' \
      "$(compute "$(cut -d' ' -f2 "$folder/confidence_peer" | median) * 10000 / $seconds")" '%.0f' ' times'
    tell '  the largest difference of 100 thousand probabilities' "$(cut -d' ' -f3 "$folder/confidence_peer" | median)" \
      '%.1f' ' std. errors'
  else
    row '  pymcdm in NumPy against it' 'skipped: no pymcdm' 'at least 50 times' -
  fi
}

# ---- explanation ------------------------------------------------------------------------------------------------------

# What the contributions of a key list of 10 thousand add to all else that the same run does but writing; and what asking
# for one customer, with the smallest changes of a million, takes beside a run.
bench_explanation() { # combiner
  [ -f "$folder/million.csv" ] || "$here/confidence" 1000000 "$folder/million.csv"
  {
    echo 'tarazu: 1'
    echo 'as_of: 2025-07-01'
    echo 'data: {customers: {from: million.csv, key: id}}'
    echo 'criteria:'
    for c in 0 1 2 3 4 5 6 7; do
      echo "  c$c: {plugin: attribute, dimension: financial, input: {value: customers.c$c}}"
    done
    echo "combine: $1"
    echo 'key_customers: {limit: 1%}'
    echo 'output: [{plugin: table, to: out/million.txt}]'
  } >"$folder/million.yaml"
  rm -f "$folder/shares" "$folder/asked" "$folder/run"
  for round in 1 2 3; do
    "$here/measure" "$build/tarazu" run --quiet --threads "$threads" "$folder/million.yaml" >>"$folder/run"
    sed -n 's/.*"seconds": {\([^}]*\)}.*/\1/p' "$folder/out/million.manifest.json" | tr ',' '\n' | awk -F': ' '
      /"contributions"/ { own = $2; next } { rest += $2 } END { print own / rest * 100 }' >>"$folder/shares"
    "$here/measure" "$build/tarazu" explain --quiet --threads "$threads" "$folder/million.yaml" 17 >>"$folder/asked"
  done
  judge "Shapley values of 10 thousand key customers of a million by 8, $1, added to a run" \
    "$(median <"$folder/shares")" '%+.1f' at_most 20 ' %'
  tell '  the run' "$(cut -d' ' -f1 "$folder/run" | median)" '%.2f' ' s'
  tell '  explaining one customer, smallest changes and all' "$(cut -d' ' -f1 "$folder/asked" | median)" '%.2f' ' s'
}

# ---- bootstrap --------------------------------------------------------------------------------------------------------

# One thread on both sides.
bench_bootstrap() {
  what='a bootstrap sample of a million'
  rm -f "$folder/own" "$folder/run"
  for round in 1 2 3; do
    "$here/bootstrap" 1000000 20 "$folder/company" >>"$folder/own" || fail 'the bootstrap could not be measured'
    if "$peer" -c 'import scipy' 2>/dev/null; then
      "$peer" "$(dirname "$0")/bootstrap_peer.py" "$folder/company" 5 >>"$folder/run" || fail 'NumPy could not draw'
    fi
  done
  rm -f "$folder/company"
  share=$(field share_captured 2 "$folder/own" | median)
  rank=$(field spearman 2 "$folder/own" | median)
  if [ -f "$folder/run" ]; then
    judge "NumPy against $what, share captured" \
      "$(compute "$(cut -d' ' -f1 "$folder/run" | median) / $share")" '%.1f' at_least 4 ' times'
    judge '  correlation of ranks' "$(compute "$(cut -d' ' -f2 "$folder/run" | median) / $rank")" '%.1f' at_least 10 ' times'
  else
    row "NumPy against $what, share captured" 'skipped: no scipy' 'at least 4 times' -
  fi
  tell '  drawn' "$(compute "$(field draw 2 "$folder/own" | median) * 1000")" '%.1f' ' ms'
  tell '  drawn, and the share captured found' "$(compute "$share * 1000")" '%.1f' ' ms'
  tell '  drawn, and the correlation of ranks found' "$(compute "$rank * 1000")" '%.1f' ' ms'
}

# ---- combining and grouping -------------------------------------------------------------------------------------------

bench_promethee() { # threads
  "$here/methods" promethee "$1" >"$folder/promethee" || fail 'promethee could not be measured'
  sort=$(field sort 2 "$folder/promethee")
  judge "PROMETHEE II of a million by 8 against sorting the columns, $(several "$1")" \
    "$(compute "$(field promethee 2 "$folder/promethee") / $sort")" '%.2f' at_most 3 ' times'
  tell '  the sort' "$sort" '%.3f' ' s'
}

# Both from a matrix in memory to scores, in turn, each time beside each.
bench_combiner() { # combiner, customers, criteria
  what="pymcdm against $1, $2 by $3"
  if ! "$peer" -c 'import pymcdm' 2>/dev/null; then
    row "$what" 'skipped: no pymcdm' 'at least 20 times' -
    return 0
  fi
  rm -f "$folder/own" "$folder/run"
  for round in 1 2 3; do
    status=0
    "$here/methods" score "$1" "$2" "$3" "$threads" "$folder/matrix" >>"$folder/own" || status=$?
    if [ "$status" = 3 ]; then
      row "$what" "skipped: no $1" 'at least 20 times' -
      return 0
    fi
    [ "$status" = 0 ] || fail "$1 could not be measured"
    "$peer" "$(dirname "$0")/methods_peer.py" score "$1" "$3" "$folder/matrix" >>"$folder/run" ||
      fail "pymcdm could not combine by $1"
  done
  rm -f "$folder/matrix" "$folder/matrix.scores"
  judge "$what" "$(paste -d' ' "$folder/run" "$folder/own" | awk '{ print $1 / $3 }' | median)" '%.0f' at_least 20 ' times'
  tell '  pymcdm' "$(cut -d' ' -f1 "$folder/run" | median)" '%.2f' ' s'
  tell "  $1" "$(median <"$folder/own")" '%.4f' ' s'
  tell '  the largest difference of a score' "$(cut -d' ' -f2 "$folder/run" | sort -g | tail -1)" '%.1e' ''
}

# scikit-learn gets columns that are standardized already, kmeans does that itself; each round with other random numbers on both sides.
bench_kmeans() { # customers, k, starts
  what="k-means of $1 by 6, $2 clusters, $3 starts, against scikit-learn"
  if ! "$peer" -c 'import sklearn' 2>/dev/null; then
    row "$what" 'skipped: no sklearn' 'at most 1.5 times' -
    return 0
  fi
  rm -f "$folder/own" "$folder/run"
  for round in $(seq $rounds); do
    "$here/methods" kmeans "$1" "$2" "$3" "$threads" "$round" "$folder/matrix" >>"$folder/own" ||
      fail 'kmeans could not be measured'
    "$peer" "$(dirname "$0")/methods_peer.py" kmeans "$2" "$3" "$round" 6 "$folder/matrix" >>"$folder/run" ||
      fail 'scikit-learn could not group'
  done
  rm -f "$folder/matrix"
  judge "$what" "$(paste -d' ' "$folder/own" "$folder/run" | awk '{ print $1 / $4 }' | median)" '%.2f' at_most 1.5 ' times'
  judge '  its inertia against scikit-learn'\''s' \
    "$(paste -d' ' "$folder/own" "$folder/run" | awk '{ printf "%.9f\n", $2 / $5 }' | median)" '%.6f' at_most 1.00001 \
    ' times'
  tell '  its inertia' "$(cut -d' ' -f2 "$folder/own" | median)" '%.2f' ''
  tell '  scikit-learn'\''s' "$(cut -d' ' -f2 "$folder/run" | median)" '%.2f' ''
  tell '  kmeans' "$(cut -d' ' -f1 "$folder/own" | median)" '%.3f' ' s'
  tell '  scikit-learn' "$(cut -d' ' -f1 "$folder/run" | median)" '%.3f' ' s'
}

# ---- variants of an experiment ------------------------------------------------------------------------------------------

# Each in a session of its own, all in one process with one cache in memory.
bench_variants() {
  mkdir -p "$folder/variants"
  TARAZU_PLUGIN_PATH=$build/plugins "$here/variants" "$folder/variants" 1000000 200 "$threads" weighted_sum \
    >"$folder/variants/times" || fail 'variants could not be run'
  judge 'a weight variant of 1 million by 8, of a pass and a sort' "$(field ratio 2 "$folder/variants/times")" '%.2f' \
    at_most 2 ' times'
  tell '  the variant' "$(compute "$(field variant 2 "$folder/variants/times") * 1000")" '%.0f' ' ms'
  tell '  the pass' "$(compute "$(field pass 2 "$folder/variants/times") * 1000")" '%.0f' ' ms'
  tell '  the sort' "$(compute "$(field sort 2 "$folder/variants/times") * 1000")" '%.0f' ' ms'
  tell '  the first, with reading' "$(field first 2 "$folder/variants/times")" '%.2f' ' s'
}

mkdir -p "$folder"
rm -f "$table"
row what measured goal held
bench_boundary || fail 'the boundary could not be measured'
bench_bandwidth 1
if [ "$threads" -gt 1 ]; then bench_bandwidth "$threads"; fi
make_data
bench_run csv 'quantity * unit_price' read_csv 1.5
bench_run parquet amount read_parquet 2.5
bench_isolation
bench_start 5 --version
bench_start 30 plugin list
bench_value 7 weeks 50
bench_value 1 days 20
bench_influence || fail 'influence could not be measured'
bench_slopes
bench_value_memory 7 weeks
bench_value_memory 1 days
bench_recovery
bench_formula
bench_confidence weighted_sum
bench_confidence topsis
bench_explanation topsis
bench_explanation vikor
bench_bootstrap
bench_variants
bench_topsis 1
if [ "$threads" -gt 1 ]; then bench_topsis "$threads"; fi
bench_promethee "$threads"
bench_combiner topsis 2000000 12
bench_combiner vikor 2000000 12
bench_combiner promethee 12000 8
bench_kmeans 1000000 8 3
print_table
echo "$held of $goals goals held, on $threads processors"
for package in lifetimes pymcdm scikit-learn; do
  module=$package
  [ $package = scikit-learn ] && module=sklearn
  "$peer" -c "import $module" 2>/dev/null ||
    echo "$package is absent: python3 -m venv FOLDER, FOLDER/bin/pip install $package, TARAZU_BENCH_PYTHON=FOLDER"
done
echo
cat "$folder/recovery"
echo
"$here/clv" cdnow
