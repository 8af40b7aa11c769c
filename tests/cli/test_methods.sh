#!/bin/sh
# Published figures of combiners and weighers, from a CSV file and a profile to the results: what a user gets. Each case
# is a problem out of a paper, with the digits that it prints.
. "$(dirname "$0")/lib.sh"
cd "$here" || exit 1

# write_profile DIRECTIONS WEIGHTS SETTINGS: the matrix is m.csv, its columns c1, c2, … of one dimension
write_profile() {
  awk -v directions="$1" -v weights="$2" -v settings="$3" 'BEGIN {
    m = split(directions, better, " ")
    split(weights, weight, " ")
    print "tarazu: 1\nas_of: 2025-01-01\ndata: {m: {from: m.csv, key: id}}\ncriteria:"
    for (j = 1; j <= m; j++)
      printf "  c%d: {plugin: attribute, dimension: financial, input: {value: m.c%d}, better: %s%s}\n", j, j,
        better[j] == "+" ? "more" : "less", j in weight ? ", weight: " weight[j] : ""
    gsub(/; /, "\n", settings)
    print settings "\noutput: [{plugin: csv, to: out.csv}]"
  }' >p.yaml
}

write_matrix() {
  awk 'NR == 1 { printf "id"; for (j = 1; j <= NF; j++) printf ",c%d", j; print "" }
    { printf "k%02d", NR; for (j = 1; j <= NF; j++) printf ",%s", $j; print "" }' >m.csv
}

# column NAME: of out.csv in the order of the keys
column() {
  awk -F, -v name="$1" 'NR == 1 { for (j = 1; j <= NF; j++) if ($j == name) at = j; next }
    { print $1, $at }' out.csv | sort | cut -d' ' -f2
}

# the weights of the manifest, one a line
weights() {
  sed -n 's/^  "weights": {\(.*\)},$/\1/p' out.manifest.json | tr ',' '\n' | sed 's/.*: //'
}

# agree NAME TOLERANCE EXPECTED: the numbers in `found` are the expected ones
agree() {
  printf '%s\n' "$3" | tr -s ' ' '\n' >expected
  difference=$(paste -d' ' found expected | awk -v tolerance="$2" 'NF != 2 { bad = 1 }
    { d = $1 - $2; if (d < 0) d = -d; if (d > tolerance) bad = 1 } END { if (bad || !NR) print "bad" }')
  [ "$status" = 0 ] && [ -z "$difference" ]
  told $? "$1"
  [ -z "$difference" ] || printf '# found %s\n# expected %s\n' "$(tr '\n' ' ' <found)" "$3"
}

# combined NAME SETTINGS DIRECTIONS WEIGHTS COLUMN TOLERANCE EXPECTED; the matrix on standard input
combined() {
  write_matrix
  write_profile "$3" "$4" "$2"
  rm -f out.csv
  tarazu run --quiet p.yaml
  column "$5" >found
  agree "$1" "$6" "$7"
}

# weighed NAME SETTINGS DIRECTIONS TOLERANCE EXPECTED
weighed() {
  write_matrix
  write_profile "$3" '' "weigh: $2"
  rm -f out.manifest.json
  tarazu run --quiet p.yaml
  weights >found
  agree "$1" "$4" "$5"
}

# ---- combiners ----

combined 'topsis: vector normalization, four customers' 'combine: topsis' '+ + +' '.3 .4 .3' score .00005 \
  '.5037 .6581 .7482 .3340' <<'M'
5 8 4
7 6 8
8 8 6
7 4 6
M

combined 'weighted sum: shares of the sum, costs by their reciprocal' 'combine: weighted_sum; normalize: sum' '+ + - -' \
  '8 5 6 7' score .0000005 '.304316 .156260 .167111 .132719 .239594' <<'M'
96 83 75 7
63 5 56 9
72 30 32 48
11 4 27 9
77 21 17 11
M

papathanasiou='8 7 2 1
5 3 7 5
7 5 6 4
9 9 7 3
11 10 3 7
6 9 5 4'
combined 'vikor: Papathanasiou, Ploskas 2018' 'combine: {plugin: vikor, params: {v: 0.625}}' '+ + + +' '.4 .3 .1 .2' \
  score_q .0005 '.640 1 .693 .271 0 .694' <<M
$papathanasiou
M
combined 'promethee: Papathanasiou, Ploskas 2018' \
  'combine: {plugin: promethee, params: {preference: linear, q: 1, p: 2}}' '+ + + +' '.4 .3 .1 .2' \
  score .005001 '-.26 -.52 -.22 .36 .70 -.06' <<M
$papathanasiou
M

combined 'promethee: Ziemba, Watrobski, Ziolo, Karczmarczyk 2017' 'combine:
  plugin: promethee
  params:
    preference: v_shape
    criteria:
      - {criterion: c1, p: 7280}
      - {criterion: c2, p: 4}
      - {criterion: c3, p: 13.4}
      - {criterion: c4, p: 7.4}
      - {criterion: c5, p: 3}
      - {criterion: c6, p: 1662}
      - {criterion: c7, p: 3}
      - {criterion: c8, p: 3}
      - {criterion: c9, p: 13.8}
      - {criterion: c10, p: 3}
      - {criterion: c11, p: 766240}
      - {criterion: c12, p: 17820}' '- - - - - + - - + - + +' '20 5 5 1.67 1.67 11.67 11.67 5 5 16.67 8.33 8.33' \
  score .00005 '-.0445 .1884 -.0954 -.0485' <<'M'
16347 9 73.8 36.7 1.5 3730 2 1 38.8 4 1720524 40012
14219 8.5 55 36 2 3240 1 1 33.1 2 1496512 34803
8160 9 64.8 28.5 2 1860 2 2 45.8 4 858830 19973
8160 8.5 62.5 29.5 1.5 1860 1 3 27.3 3 858830 19973
M

combined 'codas: Badi, Ballem, Shetwan 2018' 'combine: codas' '- + + + -' '.19 .26 .24 .17 .14' score .00005 \
  '.4463 .1658 -.2544 -.4618 .1041' <<'M'
8 8 10 9 5
8 9 9 9 8
9 9 7 8 6
8 8 7 8 9
9 8 7 7 4
M

combined 'edas: Ersoy 2021' 'combine: edas' '+ + + + - -' '.405 .221 .134 .199 .007 .034' score .0005 \
  '.414 .130 .461 .212 .944 .043' <<'M'
256 8 41 1.6 1.77 7347.16
256 8 32 1.0 1.8 6919.99
256 8 53 1.6 1.9 8400
256 8 41 1.0 1.75 6808.9
512 8 35 1.6 1.7 8479.99
256 4 35 1.6 1.7 7499.99
M

combined 'mabac: Isik, Aydin, Kosaroglu 2020' 'combine: mabac' '+ + + + + +' \
  '.171761 .105975 .191793 .168824 .161768 .199880' score .00001 \
  '-.155317 -.089493 .505407 .132405 .246943 -.386756 -.179406 .362921 -.084198 -.167505 .139895' <<'M'
2.937588 2.762986 3.233723 2.881315 3.015289 3.313491
2.978555 3.012820 2.929487 3.096154 3.012820 3.593939
3.286673 3.464600 3.746009 3.715632 3.703427 4.133620
3.322037 3.098638 3.262154 3.147851 3.206675 3.798684
3.354866 3.270945 3.221880 3.213207 3.670508 3.785941
2.796570 2.983000 2.744904 2.692550 2.787563 2.878851
2.846491 2.729618 2.789990 2.955624 3.123323 3.646595
3.253458 3.208902 3.678499 3.580044 3.505663 3.954262
2.580718 2.906903 3.176497 3.073653 3.264727 3.681887
2.789011 3.000000 3.101099 3.139194 2.985348 3.139194
3.418681 3.261905 3.187912 3.052381 3.266667 3.695238
M

goswami='80 16 2 5
110 32 2 9
130 64 4 9
185 64 4 1
135 64 3 4
140 32 3 5
185 64 6 7
110 16 3 3
120 16 4 3
340 128 6 5'
combined 'aras: Goswami, Mitra 2020' 'combine: aras' '- + + +' '.60338 .13639 .19567 .06456' score .000005 \
  '.68915 .58525 .62793 .46666 .54924 .49801 .56959 .54950 .54505 .53549' <<M
$goswami
M
combined 'copras: Goswami, Mitra 2020' 'combine: copras' '- + + +' '.60338 .13639 .19567 .06456' score .000005 \
  '1 .85262 .91930 .68523 .80515 .72587 .83436 .79758 .79097 .79533' <<M
$goswami
M

# The paper rounds on its way.
combined 'cocoso: Yazdani, Zarate, Zavadskas, Turskis 2019' 'combine: cocoso' '+ - + + +' '.036 .192 .326 .326 .12' \
  score .0015 '2.041 2.788 2.882 2.416 1.3 1.443 2.52' <<'M'
60 0.4 2540 500 990
6.35 0.15 1016 3000 1041
6.8 0.1 1727.2 1500 1676
10 0.2 1000 2000 965
2.5 0.1 560 500 915
4.5 0.08 1016 350 508
3 0.1 1778 1000 920
M

combined 'marcos: Stevic, Pamucar, Puska, Chatterjee 2020' 'combine: marcos' '- + + - + + + + + + + + + + + + + + + + +' \
  '.127 .159 .060 .075 .043 .051 .075 .061 .053 .020 .039 .022 .017 .027 .022 .039 .017 .035 .015 .024 .016' \
  score .0005 '.524 .846 .703 .796 .843 .499 .722 .291' <<'M'
6.257 4.217 4.217 6.257 3 4.217 5 3.557 3.557 3.557 3 5 4.718 3.557 3.557 2.08 3.557 3 4.718 3.557 2.08
4.217 6.804 7 5 7 6.804 5.593 5.593 6.804 7 5 7.612 5.593 6.257 5 7 5.593 5.593 6.804 5.593 5.593
4.718 5.593 6.257 5 4.718 5 5.593 4.718 5.593 5 3.557 6.257 5 4.718 4.718 5 3.557 5.593 5.593 3.557 4.217
5 6.804 5 3 5 6.257 7.612 3.557 5 6.257 6.257 5.593 6.257 5 5.593 7 5 6.257 5 3.557 4.217
3.557 5.593 6.804 3 5 7 5.593 5 6.257 7 5.593 7.612 6.257 6.257 5 6.257 5.593 7 5 4.718 5
6.257 3 4.217 5 3.557 3 4.217 3 4.217 3 2.466 3 4.217 3.557 5 3 4.217 3.557 2.08 5 3
4.217 5 6.257 5.593 3.557 5.593 4.217 5.593 5 6.257 3.557 5 6.257 5.593 5.593 7 6.257 5 6.257 5.593 5
7.612 1.442 3 9 2.08 3 1.442 2.08 1.442 3 1 1.442 2.08 3 3 1 1.442 1.442 3 2.08 1
M

combined 'spotis: Dezert, Tchamova, Han, Tacnet 2020' 'combine:
  plugin: spotis
  params:
    criteria:
      - {criterion: c1, range: [14000, 16000]}
      - {criterion: c2, range: [3, 8]}
      - {criterion: c3, range: [80, 140]}
      - {criterion: c4, range: [35, 60]}
      - {criterion: c5, range: [650, 1300]}' '- - - + +' '.2941 .2353 .2353 .0588 .1765' score .00006 \
  '.5221 .4219 .4442 .4199' <<'M'
15000 4.3 99 42 737
15290 5.0 116 42 892
15350 5.0 114 45 952
15490 5.3 123 45 1120
M

# The paper's weights sum to 0.999.
combined 'multimoora: Karabasevic, Stanujkic, Urosevic, Maksimovic 2015' 'combine: multimoora' '+ + + + + + +' \
  '.215 .215 .159 .133 .102 .102 .073' score_reference .0006 '.046 .061 0' <<'M'
4 3 3 4 3 2 4
3 3 4 3 5 4 4
5 4 4 5 5 5 4
M
column score_ratio >found
agree 'moora: Karabasevic, Stanujkic, Urosevic, Maksimovic 2015' .0012 '.494 .527 .677'

tus='5000 3 3 4 3 2
680 5 3 2 2 1
2000 3 2 3 4 3
600 4 3 1 2 2
800 2 4 3 3 4'
combined 'waspas: Tus, Aytac Adali 2019' 'combine: waspas' '- + + + + +' '.157 .249 .168 .121 .154 .151' score .001 \
  '.5622 .6575 .6192 .6409 .722' <<M
$tus
M

combined 'rim: Cables, Lamata, Verdegay 2016, the sums put right' 'combine:
  plugin: rim
  params:
    criteria:
      - {criterion: c1, range: [23, 60], ideal: [30, 35]}
      - {criterion: c2, range: [0, 15], ideal: [10, 15]}
      - {criterion: c3, range: [0, 10], ideal: [0]}
      - {criterion: c4, range: [1, 3], ideal: [3]}
      - {criterion: c5, range: [1, 3], ideal: [3]}
      - {criterion: c6, range: [1, 5], ideal: [4, 5]}' '+ + - + + +' '.2262 .2143 .1786 .1429 .1190 .1190' score .00005 \
  '.5866 .7558 .3716 .4666 .7401' <<'M'
30 0 2 3 3 2
40 9 1 3 2 2
25 0 3 1 3 2
27 0 5 3 3 1
45 15 2 2 3 4
M

# ---- weighers ----

weighed 'entropy: two customers' entropy '+ +' .0000005 '.358889 .641111' <<'M'
1 2
4 16
M

weighed 'critic: eight customers' critic '+ + +' .000000005 '.20222554 .48090173 .31687273' <<'M'
61 1.08 4.33
20.7 .26 4.34
16.3 1.98 2.53
9 3.29 1.65
5.4 2.77 2.33
4 4.12 1.21
-6.1 3.52 2.10
-34.6 3.31 .98
M

# As the paper has it: the price is not turned round before the correlations.
weighed 'critic: Tus, Aytac Adali 2019' critic '+ + + + + +' .0005 '.157 .249 .168 .121 .154 .151' <<M
$tus
M

weighed 'merec: Keshavarz-Ghorabaee and others 2021' merec '+ + - -' .00005 '.5752 .0141 .4016 .0091' <<'M'
450 8000 54 145
10 9100 2 160
100 8200 31 153
220 9300 1 162
5 8400 23 158
M

xu='30 30 38 29
19 54 86 29
19 15 85 28.9
68 70 60 29'
weighed 'entropy: Xu 2004' entropy '+ + + +' .00005 '.4630 .3992 .1378 0' <<M
$xu
M
weighed 'coefficient of variation: Shuai, Zongzhun, Yongji, Lei 2012' \
  '{plugin: standard_deviation, params: {scale: mean}}' '+ + + +' .00005 '.4258 .3610 .2121 .0011' <<M
$xu
M

podvezko='3 100 10 7
2.5 80 8 5
1.8 50 20 11
2.2 70 12 9'
weighed 'entropy: Zavadskas, Podvezko 2016' entropy '- + - +' .00005 '.1146 .1981 .4185 .2689' <<M
$podvezko
M
weighed 'cilos: Alinezhad, Khalili 2019' cilos '- + - +' .0005 '.334 .220 .196 .250' <<M
$podvezko
M
weighed 'idocriw: Zavadskas, Podvezko 2016' idocriw '- + - +' .0005 '.1658 .1886 .35455 .2911' <<M
$podvezko
M

weighed 'standard deviation: Salabun, Watrobski, Shekhovtsov 2020' \
  '{plugin: standard_deviation, params: {scale: none}}' '+ + +' .0005 '.217 .294 .488' <<'M'
0.619 0.449 0.447
0.862 0.466 0.006
0.458 0.698 0.771
0.777 0.631 0.491
0.567 0.992 0.968
M

finish
