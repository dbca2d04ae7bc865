#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# argdist.sh - what argdist must count of calls whose values are known (dist.c).
#
# The truth comes from "dist list", which says the values of each call, by awk: no code of the tool's
# is compared with itself. On the running machine only the workload is traced, as the command or by
# -p. Kernel functions need a guest where the machine has no kprobes.
# shellcheck disable=SC2016
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload dist
need_workload values
need_program jq

D=$WORKLOAD/dist
V=$WORKLOAD/values
shopt -s lastpipe # what judges stands behind a pipe, and counts
N=21000 # calls, a multiple of 3
[ -z "$GUEST" ] || N=2100

# --- runs ---------------------------------------------------------------------------------------

# Runs the tool to its end over the workload.
disted() { # OPTION... -- THREADS NAME=COUNT...
	split_command "$@"
	run_exact -i 0 "${OPTIONS[@]}" -- "$D" "${REST[@]}"
}

run_exact() { # OPTION... [-- COMMAND...]
	run_whole argdist "$@"
}

# --- what was counted against the truth -----------------------------------------------------------

# Lines "KEY,KEY<tab>NUMBER" on stdin, against the objects that have the label (or all).
agree() { # NAME LABEL [JQ (of the number)]
	sort > "$TMP/truth"
	jq -r --arg which "$2" "select(\$which == \"\" or .label == \$which) |
		\"\\(.key | map(tostring) | join(\",\"))\\t\\(${3:-.count})\"" "$OUT" 2>&1 | sort > "$TMP/said"
	agree_files "$1"
}

# The buckets of the histogram with this label: "FROM TO COUNT".
agree_buckets() { # NAME LABEL [JQ (which object)]
	sort > "$TMP/truth"
	jq -r --arg which "$2" "select(\$which == \"\" or .label == \$which) | select(${3:-true}) |
		(.negative // empty | select(. != 0) | \"negative \\(.)\"),
		(.below // empty | select(. != 0) | \"below \\(.)\"),
		(.above // empty | select(. != 0) | \"above \\(.)\"),
		(.buckets[] | \"\\(.from) \\(.to) \\(.count)\")" "$OUT" 2>&1 | sort > "$TMP/said"
	agree_files "$1"
}

agree_files() { # NAME
	if [ "$STATUS" = 0 ] && [ -s "$TMP/truth" ] && cmp -s "$TMP/truth" "$TMP/said"; then
		pass "$1"
		return
	fi
	fail "$1" "status $STATUS; < truth, > told:"
	diag "$(diff "$TMP/truth" "$TMP/said" | head -n 10 | cut -c 1-300)"
	diag "stderr: $(head -n 5 "$ERR" | cut -c 1-300)"
}

list() { # NAME=COUNT
	"$D" list "$1"
}

# How often each line comes: "LINE<tab>COUNT".
tally() { # [AWK (of the key)]
	awk -F '\t' -v OFS='\t' "{ n[${1:-\$0}]++ } END { for (k in n) print k, n[k] }"
}

# "KEY<tab>COUNT/SUM/AVG/MIN/MAX" of the numbers.
tally_stats() { # AWK (of the key) AWK (of the number)
	awk -F '\t' "
		{ k = $1; v = $2; if (!n[k]++ || v < min[k]) min[k] = v
		  if (n[k] == 1 || v > max[k]) max[k] = v; sum[k] += v }
		END { for (k in n) printf \"%s\t%d/%.0f/%.0f/%.0f/%.0f\n\", k, n[k], sum[k], \
			int(sum[k] / n[k]) + 0, min[k], max[k] }"
}

# "FROM TO COUNT" in powers of two.
tally_log2() { # [AWK (of the number)]
	awk -F '\t' "
		{ v = ${1:-\$0}; if (v < 0) { minus++; next }
		  for (b = 0; v >= 2; b++) v = int(v / 2); n[b]++ }
		END { for (b in n) printf \"%.0f %.0f %d\n\", b + 0 ? 2 ^ b : 0, 2 ^ (b + 1) - 1, n[b]
		      if (minus) print \"negative\", minus }"
}

# "FROM TO COUNT" in steps, "below COUNT" and "above COUNT".
tally_linear() { # MIN MAX STEP [AWK (of the number)]
	awk -F '\t' -v min="$1" -v max="$2" -v step="$3" "
		{ v = ${4:-\$0}; if (v < min) below++; else if (v >= max) above++
		  else n[int((v - min) / step)]++ }
		END { for (b in n) print min + b * step, min + (b + 1) * step - 1, n[b]
		      if (below) print \"below\", below; if (above) print \"above\", above }"
}

# The report's text, without the time.
report() {
	sed '/^\[[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\]$/d' "$OUT"
}

stderr_is_empty() { # NAME
	is "$(head -n 5 "$ERR" | cut -c 1-300)" '' "$1: nothing on stderr"
}

# --- counts ---------------------------------------------------------------------------------------

KEYED='(int key, long v, int colour)'

test_counts() {
	disted --json -C "p:$D:dist_keyed$KEYED:int:key#one" -C "$D:dist_keyed$KEYED:int,int:key,colour#two" \
		-C "$D:dist_keyed$KEYED:long:v % 5 * 10#expression" -C "$D:dist_keyed$KEYED#total" \
		-C "$D:dist_keyed$KEYED::key:v > 1000 && colour != 1#filter" \
		-H "$D:dist_keyed$KEYED:long:v#hist" -H "$D:dist_keyed$KEYED::colour,v#keyed hist" \
		-H "$D:dist_keyed$KEYED::lhist(v,1000,30000,500)#linear" \
		-- 3 keyed=$N
	list keyed=$N | tally '$1' | agree 'counts: an integer key, three threads' one
	list keyed=$N | tally '$1 "," $3' | agree 'counts: two keys' two
	list keyed=$N | tally '$2 % 5 * 10' | agree 'counts: an expression' expression
	list keyed=$N | tally '""' | agree 'counts: total calls' total
	list keyed=$N | awk '$2 > 1000 && $3 != 1' | tally '$1' | agree 'counts: a filter' filter
	list keyed=$N | tally_log2 '$2' | agree_buckets 'counts: a histogram' hist
	for colour in 0 1 2; do
		list keyed=$N | awk -F '\t' "\$3 == $colour" | tally_log2 '$2' |
			agree_buckets "counts: a histogram for each key: $colour" 'keyed hist' \
				".key.colour == $colour"
	done
	list keyed=$N | tally_linear 1000 30000 500 '$2' | agree_buckets 'counts: lhist' linear
	stderr_is_empty counts
}

test_aggregates() {
	local f="$D:dist_keyed$KEYED" all='"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"' what
	disted --json -C "$f::key,sum(v)#sum" -C "$f::key,avg(v)#avg" -C "$f::key,min(v)#min" \
		-C "$f::key,max(v)#max" -C "$f::key,stats(v)#stats" -C "$f::stats(v * 2)#all" \
		-C "$D:dist_signed(int v)::stats(v)#signed" -C "r:$D:dist_signed(int v):int,int:v,sum(retval)#retval" \
		-- 3 keyed=$N signed=$N
	for what in sum avg min max stats; do
		list keyed=$N | tally_stats '$1' '$2' | agree "aggregates: $what" $what "$all"
	done
	list keyed=$N | tally_stats '""' '$2 * 2' | agree 'aggregates: without a key' all "$all"
	list signed=$N | tally_stats '""' '$1' | agree 'aggregates: negative numbers' signed "$all"
	list signed=$N | tally_stats '$1' '$1 * 3' | agree 'aggregates: of returns, typed' retval "$all"
	stderr_is_empty aggregates
	disted --json -C "$f::key,last(v)#last" -- 1 keyed=$N
	list keyed=$N | awk -F '\t' '{ v[$1] = $2 } END { for (k in v) print k "\t" v[k] }' |
		agree 'aggregates: last' last .last
	disted -C "$f::key,last(v)" -- 1 keyed=$N
	is "$(report | awk -F '\t' 'NR > 2 { print $3 }' | awk '{ print $1 }' | wc -l)" 7 \
		'aggregates: last: a row for each key'
}

test_histograms() {
	local share p f="$D:dist_number(long v)"
	disted --json -H "$f:long:v#log2" -H "$f::lhist(v, 1000, 30000, 500)#linear" \
		-H "$f::v / 4096#small" -H "$D:dist_signed(int v)::v#signed" \
		-H "$D:dist_signed(int v)::lhist(v, -50, 41, 7)#signed linear" \
		-H "r:$D:dist_signed#retval" -- 3 number=$N signed=$N
	list number=$N | tally_log2 | agree_buckets 'histograms: log2' log2
	list number=$N | tally_log2 'int($1 / 4096)' | agree_buckets 'histograms: log2 of an expression' small
	list number=$N | tally_linear 1000 30000 500 | agree_buckets 'histograms: lhist' linear
	list signed=$N | tally_log2 | agree_buckets 'histograms: log2: negative values' signed
	list signed=$N | tally_linear -50 41 7 |
		agree_buckets 'histograms: lhist: negative values, an odd last step' 'signed linear'
	list signed=$N | tally_log2 '3 * $1' | agree_buckets 'histograms: of what is returned, without a value' retval
	for share in 500 900 990 999; do
		p=p$(awk "BEGIN { print $share / 10 }")
		is "$(list number=$N | sort -n | awk -v got="$(got "map(select(.label == \"log2\"))[0].\"$p\"")" '
			{ v[NR] = $1 }
			END { at = int((NR * '$share' + 999) / 1000); error = got / v[at] - 1
			      print (error < 0.059 && error > -0.059 ? "near" : got " for " v[at]) }')" near \
			"histograms: $p within 5.9 %"
	done
	stderr_is_empty histograms
	# The largest numbers there are; awk has none of them.
	disted --json -H "$f::v#all" -C "$f::v:v < -1 || v > 9223372036854775806#ends" -- 3 extreme=193
	is "$(got 'map(select(.label == "all"))[0] | "\(.negative) \(.count) \(.buckets | length) \(.buckets[0].count) \(.buckets[1].count) \(.buckets[2:] | map(.count) | unique)"')" \
		'2 193 63 4 4 [3]' 'histograms: all powers of two and their neighbours'
	is "$(grep '"label":"ends"' "$OUT" | grep -o '"v":-\?[0-9]*' | sort | paste -sd ' ')" \
		'"v":-9223372036854775808 "v":9223372036854775807' 'counts: the largest and the least number'
}

# Lines of what was told that no number of jq's could hold: "NAME:VALUE NAME:VALUE ...".
members() { # LABEL
	grep "\"label\":\"$1\"" "$OUT" | sed 's/.*},"count"/"count"/; s/[{}"]//g' | sort
}

# From 2^63 on a number without a sign is large, not negative.
test_unsigned() {
	local f="$D:dist_edge" high=9223372036854775808 top=18446744073709551615 mean=1152921504606846977
	disted --json -C "$f::v > 1,stats(v)#stats" -H "$f::v#log2" -H "$f::lhist(v,-5,10,5)#linear" \
		-C "$f::v#key" -H "$D:dist_number(long v)::v#signed" -- 1 edge=8 extreme=193
	is "$(members stats)" "count:2,sum:1,avg:0,min:0,max:1,last:1
count:6,sum:9223372036854775818,avg:1537228672809129303,min:2,max:$top,last:$top" 'unsigned: sums'
	is "$(members log2 | sed 's/,p50.*buckets/ buckets/')" \
		"count:8,negative:0 buckets:[from:0,to:1,count:2,from:2,to:3,count:1,from:4,to:7,count:1,from:4611686018427387904,to:9223372036854775807,count:1,from:$high,to:$top,count:3]" \
		'unsigned: a histogram, its highest row'
	is "$(got 'map(select(.label == "log2"))[0] | .p50 == 5 and .p99 > 1.73e19 and .p99 < 1.96e19')" true \
		'unsigned: percentiles'
	is "$(members linear)" 'count:8,below:0,above:4,buckets:[from:0,to:4,count:3,from:5,to:9,count:1]' 'unsigned: lhist'
	is "$(grep '"label":"key"' "$OUT" | grep -o '"v":[0-9]*' | sort -t : -k 2 -n | tail -n 1)" "\"v\":$top" 'unsigned: a key'
	is "$(got 'map(select(.label == "signed"))[0].negative')" 2 'unsigned: others have a sign'
	disted -T 1 -C "$f::max(v)" -C "$f::min(v)" -C "$f::avg(v)" -C "$f::stats(v)" -C "$f::v,last(v)" -- 1 edge=8
	is "$(report | grep '^	[0-9]')" "$(printf '\t%-10s v\n' $top 0 $mean; printf '\t8          %s 9223372036854775819 v\n' $mean
		printf '\t%s v = %s' $top $top)" 'unsigned: as text; the largest is the last'
	disted --folded -C "$f::v % 2,max(v)" -- 1 edge=8
	is "$(cat "$OUT")" "$(printf '0 %s\n1 %s' $high $top)" 'unsigned: --folded'
	disted -H "$f::v" -- 1 edge=8
	is "$(report | tail -n 1)" "$(printf '%20s -> %s : 3        |********************|' $high $top)" 'unsigned: the histogram as text'
}

# Bounds as far apart as they can be, and steps that do not fit.
test_linear() {
	local f="$D:dist_number(long v)" far=9223372036854775807
	disted --json -H "$f::lhist(v,-$far,$far,$far)#far" -H "$f::lhist(v,-$far-1,$far,1152921504606846976)#even" \
		-H "$D:dist_keyed::lhist(v,0,10,3)#odd" -- 1 extreme=193 keyed=700
	is "$(members far)" "count:193,below:1,above:1,buckets:[from:-$far,to:-1,count:1,from:0,to:$((far - 1)),count:190]" \
		'lhist: the largest bounds'
	is "$(members even)" "count:193,below:0,above:1,buckets:[from:-9223372036854775808,to:-8070450532247928833,count:1,from:-1152921504606846976,to:-1,count:1,from:0,to:1152921504606846975,count:182,from:1152921504606846976,to:2305843009213693951,count:3,from:2305843009213693952,to:3458764513820540927,count:2,from:3458764513820540928,to:4611686018427387903,count:1,from:4611686018427387904,to:5764607523034234879,count:2]" \
		'lhist: from the least number on'
	list keyed=700 | awk -F '\t' '$2 < 10 { n[int($2 / 3)]++ } $2 >= 10 { above++ }
		END { for (b in n) print 3 * b, b < 3 ? 3 * b + 2 : 9, n[b]; print "above", above }' |
		agree_buckets 'lhist: the last bucket ends at the bound' odd
}

# A value has another type at each match of a wildcard.
test_matches() {
	disted --json -C "$D:typed_*::\$PROBE,v#probe" -C "r:$D:typed_*::\$PROBE,retval#returns" -C "$D:typed_*::v#all" \
		-C "$D:typed_*::\$PROBE,stats(v)#stats" -C "$D:typed_*::stats(v)#stats of all" -C "$D:typed_u*::max(v)#unsigned" \
		-C "$D:typed_*:long:v#cast" -H "$D:typed_*::v#hist" -- 3 typed=300
	list typed=300 > "$TMP/calls"
	awk -F '\t' -v OFS='\t' '
		$1 ~ /bool/ { $2 = $2 ? "true" : "false" }
		$1 ~ /colour/ { $2 = $2 == 0 ? "DIST_RED" : $2 == 1 ? "DIST_GREEN" : "DIST_BLUE" }
		{ print }' "$TMP/calls" > "$TMP/named"
	tally '$1 "," $2' < "$TMP/named" | agree 'matches: with $PROBE each has its own type' probe
	tally '$1 "," $2' < "$TMP/named" | agree 'matches: ... of what is returned' returns
	tally '$2' < "$TMP/calls" | agree 'matches: else all are numbers' all
	tally '$2' < "$TMP/calls" | agree 'matches: cast to one type' cast
	tally_stats '$1' '$2' < "$TMP/calls" | agree 'matches: sums by $PROBE' stats '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
	tally_stats '""' '$2' < "$TMP/calls" | agree 'matches: sums of all' 'stats of all' '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
	tally_log2 '$2' < "$TMP/calls" | agree_buckets 'matches: a histogram of all' hist
	is "$(members unsigned)" 'count:600,sum:'"$(awk -F '\t' '/_u/ { n += $2 } END { printf "%.0f,avg:%.0f", n, int(n / 600) }' "$TMP/calls"
		)$(grep _u "$TMP/calls" | cut -f 2 | sort -n | awk 'NR == 1 { printf ",min:%s", $1 } END { printf ",max:%s", $1 }'
		)$(got 'map(select(.label == "unsigned"))[0] | ",last:\(.last)"')" 'matches: all without a sign'
}

# --- strings ----------------------------------------------------------------------------------------

test_strings() {
	local f="$D:dist_text(char *s)"
	disted --json -C "p:$f:char*:s#star" -C "$f:char *:s#blank" -C "$f::s#untyped" -C "$f:const char *:s#const" \
		-C "$f:char*:s:STRCMP(\"alpha\", s)#STRCMP" -C "$f:char*:s:s == \"two words\"#equal" \
		-C "$f:char*:s:STRNCMP(\"alpha\", s, 5)#STRNCMP" -C "$f:char*:s:s != \"\" && s[0] != 'L'#unequal" \
		-C "$f:char*,char:s,s[0]#two" -C "$f:char*:\$COMM#comm" \
		-C "$f:char*:s[0] == 'a' ? \"with a\" : s[0] ? s : \"empty\"#chosen" \
		-C "$f:char*:\$COMM:STRCMP(s[0] == 'a' ? s : \"x\", s)#same" -- 3 text=$N
	for label in star blank untyped const; do
		list text=$N | tally 'substr($0, 1, 79)' | agree "strings: a key each, char * by its type: $label" $label
	done
	list text=$N | grep -x alpha | tally | agree 'strings: STRCMP: all of it' STRCMP
	list text=$N | grep -x 'two words' | tally | agree 'strings: ==' equal
	list text=$N | grep ^alpha | tally | agree 'strings: STRNCMP' STRNCMP
	list text=$N | grep '^[^L]' | tally | agree 'strings: !=, characters' unequal
	list text=$N | tally '"dist"' | agree 'strings: $COMM as char*' comm
	list text=$N | sed 's/^a.*/with a/; s/^$/empty/' | tally 'substr($0, 1, 79)' | agree 'strings: chosen' chosen
	list text=$N | grep ^a | tally '"dist"' | agree 'strings: a string and another' same
	is "$(grep '"label":"two"' "$OUT" | jq -r '"\(.key | map(tostring) | join(","))"' | sort | paste -sd /)" \
		"$(list text=$N | sort -u | cut -c 1-79 | uniq |
			while read -r s; do printf '%s,%d\n' "$s" "'${s:0:1}"; done | sort | paste -sd /)" \
		'strings: beside a number'
	stderr_is_empty strings
	strings_blanks "$f"
	disted --json -z 10 -C "p:$f:char*:s" -- 3 text=$N
	list text=$N | tally 'substr($0, 1, 9)' | agree 'strings: -z 10' ''
	disted --json -z 200 -C "p:$f:char*:s" -- 3 text=$N
	list text=$N | tally | agree 'strings: -z 200 tells apart what differs in the 90th byte' ''
	run_exact -i 0 -C "$V:values_strings(char *s, char *more, char *odd, char *bad, char *null):char*,char*,char*:odd,bad,null" \
		-- "$V" strings=3
	is "$(report | tail -n 1)" "$(printf '\t3          odd = tab\there, bad = <fault>, null = <fault>' | sed 's/tab\there/tab\\there/')" \
		'strings: control characters are shown as such; what cannot be read is a key'
}

strings_blanks() { # SPEC
	disted -C "$1::s" -C "$1::s,\$COMM == \"x\"" -- 1 blanks=4
	is "$(report | sed -n 3,6p | tr ' ' _)" "$(printf '\t1__________s_=_%s\n' '' a a_ a__)" 'strings: blanks at their ends are shown'
	disted --folded -C "$1::s" -C "$1::\$COMM,s" -- 1 blanks=4
	is "$(paste -sd / "$OUT")" '[empty] 1/a 1/a  1/a   1/dist;[empty] 1/dist;a 1/dist;a  1/dist;a   1' \
		'--folded: a frame for an empty text'
	disted --json -C "r:$D:dist_same:char*#text" -C "r:$D:dist_same:char *#blank" -C "r:$D:dist_same:long#number" -- 3 blanks=12
	for label in text blank; do
		printf '%s\t3\n' a 'a ' 'a  ' '' | agree "strings: a type alone: what is returned, as text: $label" $label
	done
	is "$(got 'map(select(.label == "number").key.retval | type) | tostring')" '["number","number","number","number"]' '... and as a number'
}

# --- who, where ---------------------------------------------------------------------------------------

test_who() {
	local f="$D:dist_keyed$KEYED" slice=$((N / 3)) cpus
	cpus=$(nproc)
	disted --json -C "$f::\$PID,\$COMM#pid" -C "$f::\$TID#tid" -C "$f::\$UID,\$GID#uid" -C "$f::\$CPU#cpu" \
		-C "$f::\$TID,\$CPU#both" -C "$f::\$NSECS > 1000000000#time" -- 3 keyed=$N
	is "$(got 'map(select(.label == "pid")) | length == 1 and .[0].key["$PID"] > 1 and .[0].key["$COMM"] == "dist" and .[0].count == '$N)" \
		true 'who: $PID, $COMM'
	is "$(got 'map(select(.label == "tid") | .count) | map(tostring) | join(" ")')" \
		"$slice $slice $slice" 'who: $TID: three threads'
	is "$(got 'map(select(.label == "tid") | .key["$TID"]) | unique | length')" 3 'who: $TID: are three'
	printf '0,0\t%d\n' $N | agree 'who: $UID, $GID' uid
	for ((i = 0; i < 3; i++)); do echo $((i % cpus)); done | tally | awk -v s=$slice '{ print $1 "\t" $2 * s }' |
		agree 'who: $CPU' cpu
	printf '1\t%d\n' $N | agree 'who: $NSECS' time
	run_exact -i 0 --json -C "$f::\$UID,\$GID" -- \
		setpriv --reuid=54321 --regid=54322 --clear-groups "$D" 2 keyed=30
	printf '54321,54322\t30\n' | agree 'who: $UID, $GID of others' ''
	disted --json -C "$D:dist_*t*::\$PROBE" -C "$D:dist_d*:::\$UID == 0#with filter" \
		-- 3 text=30 signed=20 stack=30 depth=2
	printf '%s\t%d\n' dist_text 30 dist_left 20 dist_right 10 dist_through 30 dist_depth 40 > "$TMP/globs"
	jq -r 'select(.key["$PROBE"]) | "\(.key["$PROBE"])\t\(.count)"' "$OUT" | sort > "$TMP/said"
	sort "$TMP/globs" > "$TMP/truth"
	agree_files 'who: $PROBE: each function of a glob'
	printf '\t40\n' | agree 'who: a glob: all its functions in one' 'with filter'
	who_cgroup "$f"
}

who_cgroup() { # SPEC
	groups_skip 'who: $CGROUP, --cgroup' && return
	run_exact -i 0 --json -C "$1::\$CGROUP" -- \
		sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$GROUP" "$D" 2 keyed=30
	printf '%d\t30\n' "$(stat -c %i "$GROUP")" | agree 'who: $CGROUP: the number of its folder' ''
	run_exact -i 0 --json --cgroup "$GROUP" -C "$1" -- sh -c \
		'"$@"; echo $$ > "$0/cgroup.procs" && exec "$@"' "$GROUP" "$D" 2 keyed=30
	printf '\t30\n' | agree '--cgroup: only this group' ''
	groups_end
}

test_filters() {
	local f="$D:dist_keyed$KEYED"
	waiter_start "$D" wait 3 keyed=$N
	start_tool argdist --json -i 0 -p "$WAITER" -C "$f::key" -H "$f::v#hist"
	"$D" 2 keyed=997
	waiter_go
	stop_tool
	list keyed=$N | tally '$1' > "$TMP/keys"
	jq -c 'select(.label != "hist")' "$OUT" > "$TMP/counts"
	list keyed=$N | tally_log2 '$2' | agree_buckets '-p: of user functions: a histogram' hist
	mv "$TMP/counts" "$OUT"
	agree '-p: of user functions' '' < "$TMP/keys"

	waiter_start "$V" wait order=5
	start_tool argdist --json -i 0 -t "$WAITER" -C "$V:values_first(long i)::i"
	"$V" order=7
	waiter_go
	stop_tool
	printf '%d\t5\n' 1 2 3 | agree '-t: of user functions' ''
	waiter_start "$D" wait 3 keyed=30
	start_tool argdist --json -i 0 -t "$WAITER" -C "$f::key"
	waiter_go
	stop_tool
	is "$STATUS $(cat "$OUT")" '0 ' '-t: not the other threads of the process'
	disted --json --comm nosuch -C "$f" -- 3 keyed=30
	is "$STATUS $(cat "$OUT")" '0 ' '--comm: another name'
	disted --json --comm dist -C "$f" -- 3 keyed=30
	printf '\t30\n' | agree '--comm: this name' ''
	run_exact --json -i 0 --uid 54321 -C "$f" -- sh -c '"$@"; exec setpriv --reuid=54321 --clear-groups "$@"' \
		sh "$D" 3 keyed=30
	printf '\t30\n' | agree '--uid: this user' ''
}

# --- returns, entries, pairs --------------------------------------------------------------------------

test_returns() {
	disted --json -C "r:$D:dist_signed(int v)#default" -C "r:$D:dist_signed(int v):int,int:\$entry(v),\$retval#entry" \
		-C "r:$D:dist_signed(int v):long:\$entry(v * v + 1)#expression" -C "r:$D:dist_signed(int v)::v:retval < 0#filter" \
		-C "r:$D:dist_text(char *s):char*:\$entry(s)#text" -C "r:$D:dist_signed::\$latency > 0 && \$latency < 10000000000#latency" \
		-- 3 signed=2100 text=210
	list signed=2100 | tally '$1 * 3' | agree 'returns: what is returned, negative values' default
	list signed=2100 | tally '$1 "," $1 * 3' | agree 'returns: $entry() and $retval' entry
	list signed=2100 | tally '$1 * $1 + 1' | agree 'returns: $entry() of an expression' expression
	list signed=2100 | awk '$1 < 0' | tally | agree 'returns: parameters by name, filter by retval' filter
	list text=210 | tally 'substr($0, 1, 79)' | agree 'returns: $entry() of a string' text
	printf '1\t2100\n' | agree 'returns: $latency' latency
	stderr_is_empty returns
}

test_latency() {
	disted --json -C "r:$D:dist_slow(int ms)::ms,min(\$latency)#least" -H "r:$D:dist_slow(int ms):u64:\$latency/1000000#ms" \
		-H "r:$D:dist_slow(int ms)::ms,lhist(\$latency/1000,0,20000,500)#linear" \
		-C "r:$D:dist_slow(int ms)::avg(\$latency):ms == 12#avg" -- 3 slow=60
	is "$(got 'map(select(.label == "least") | "\(.key.ms) \(.count) \(.min >= .key.ms * 1000000 and .min < .key.ms * 1000000 + 5000000)") | sort | join(", ")')" \
		'1 20 true, 12 20 true, 6 20 true' '$latency: not less than was slept, by key'
	is "$(got 'map(select(.label == "ms"))[0] | "\(.count) \(.buckets | map(select(.from >= 8).count) | add >= 20)"')" \
		'60 true' '$latency: as a histogram'
	is "$(got 'map(select(.label == "linear") | "\(.key.ms) \(.buckets[0].from >= .key.ms * 1000 - 500)") | sort | join(", ")')" \
		'1 true, 12 true, 6 true' '$latency: lhist by key'
	is "$(got 'map(select(.label == "avg"))[0] | "\(.count) \(.avg >= 12000000)"')" '20 true' '$latency: a filter by parameter'
}

# Each level lasts longer than the one below it, in every chain, so the least times do as well.
test_recursion() {
	local calls=$((N / 21))
	disted --json -C "r:$D:dist_depth(long n):long:\$entry(n)#entry" -C "r:$D:dist_depth(long n)::n,retval#both" \
		-C "r:$D:dist_depth(long n)::n,min(\$latency)#latency" -- 3 depth=$calls
	list depth=$calls | tally | agree 'recursion: $entry() at each level' entry
	list depth=$calls | tally '$1 "," 2 * $1' | agree 'recursion: $entry() belongs to the return' both
	is "$(got 'map(select(.label == "latency")) | sort_by(.key.n) | map(.min) | . == (unique) and length == 20')" \
		true 'recursion: $latency grows with each level'
	is "$(got 'map(select(.label == "latency").count) | unique | tostring')" "[$calls]" 'recursion: all are there'
	stderr_is_empty recursion
}

# What does not return to the probe is told, and no other return is taken for it.
test_missed() {
	local calls=$((N / 100))
	disted --json -C "r:$D:dist_depth(long n)::n,retval" -- 3 deep=$calls
	list deep=$calls | tally '$1 "," 2 * $1' | agree 'returns: of 100 calls within each other the outer 64' ''
	is "$(grep -c "^argdist: up to $((36 * calls)) hits missed: so many calls did not return to the probe" "$ERR")" 1 \
		'returns: the others are told'
	run_exact --json -i 0 -C "r:$V:values_throw*(long n)::n,retval" -- "$V" throw=$calls
	printf '%s\t%d\n' -7,-7 "$calls" 20,21 "$calls" | agree 'returns: calls that are left by longjmp()' ''
	is "$(grep -c "^argdist: up to $((4 * calls)) hits missed" "$ERR")" 1 'returns: they are told'
}

test_pairs() {
	local p="$D:dist_end <- $D:dist_begin @ arg1"
	disted --json -C "$p::arg1,\$entry(arg2)#pairs" -H "$p::\$entry(arg2)#hist" -C "$p::\$latency > 0#latency" \
		-C "$p::arg1 % 4:\$entry(arg2) > 100#filter" -- 3 pair=600
	list pair=600 | tally '$1 "," $2' | agree 'pairs: what is kept at the start belongs to the end' pairs
	list pair=600 | tally_log2 '$2' | agree_buckets 'pairs: a histogram' hist
	list pair=600 | tally 1 | agree 'pairs: $latency' latency
	list pair=600 | awk -F '\t' '$2 > 100' | tally '$1 % 4' | agree 'pairs: a filter' filter
	stderr_is_empty pairs
}

# --- USDT, tracepoints ----------------------------------------------------------------------------------

test_usdt() {
	disted --json -C "u:$D:value():int:arg1#int" -C "u:$D:dist:value():char*:arg2#text" -H "u:$D:value::arg3#hist" \
		-C "u:$D:value::arg1,sum(arg3):arg1 > 90#sum" -C "u:$D:val*#total" -- 3 usdt=$N
	list usdt=$N | tally '$1' | agree 'USDT: an int' int
	list usdt=$N | tally 'substr($2, 1, 79)' | agree 'USDT: a text' text
	list usdt=$N | tally_log2 '$3' | agree_buckets 'USDT: a histogram' hist
	list usdt=$N | awk -F '\t' '$1 > 90' | tally_stats '$1' '$3' |
		agree 'USDT: a sum' sum '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
	printf '\t%d\n' $N | agree 'USDT: total calls' total
	stderr_is_empty USDT
	usdt_types
	waiter_start "$D" wait 3 usdt=300
	start_tool argdist --json -i 0 -p "$WAITER" -C 'u::value::arg1'
	"$D" 2 usdt=97
	waiter_go
	stop_tool
	list usdt=300 | tally '$1' | agree 'USDT: -p: its probes without a file' ''
}

# Types where a provider's probe might stand.
usdt_types() {
	local type
	for type in int:arg1 'unsigned int:arg1 + 200' 'char *:arg2' 'char*:arg2' 'char*,s64:arg2,arg3:arg1 > 90'; do
		disted --json -C "u:$D:value:$type" -- 3 usdt=$N
		mv "$OUT" "$TMP/short"
		disted --json -C "u:$D:dist:value():$type" -- 3 usdt=$N
		jq -c '[.key, .count]' "$OUT" | sort > "$TMP/truth"
		jq -c '[.key, .count]' "$TMP/short" | sort > "$TMP/said"
		agree_files "USDT: types without parentheses: $type"
	done
}

test_tracepoints() {
	tracepoint_skips tracepoints syscalls/sys_enter_openat && return
	disted --json -C 't:syscalls:sys_enter_write():size_t:args->count#count' -C 't:syscalls:sys_exit_write::args->ret#ret' \
		-H 't:syscalls:sys_exit_write():long:args->ret#hist' -C 't:syscalls:sys_enter_write::args->count / 1000,sum(args->count)#sum' \
		-H 't:syscalls:sys_exit_write <- t:syscalls:sys_enter_write @ $tid::$entry(args->count) - args->ret:args->ret > 0#pair' \
		-C 't:syscalls:sys_*_write::$PROBE#glob' -C 't:task:task_rename::args->newcomm#comm' \
		-C 't:syscalls:sys_enter_write:u32:args->count:$COMM == "nosuch"#none' -- 3 write=$N rename=300
	list write=$N | tally '$1' | agree 'tracepoints: an argument' count
	list write=$N | tally '$2' | agree 'tracepoints: a result, negative ones' ret
	list write=$N | tally_log2 '$2' | agree_buckets 'tracepoints: a histogram, negative values' hist
	list write=$N | tally_stats 'int($1 / 1000)' '$1' | agree 'tracepoints: a sum' sum '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
	list write=$N | awk -F '\t' '$2 > 0 { print 0 }' | tally_log2 | agree_buckets 'tracepoints: a pair' pair
	printf '%s\t%d\n' sys_enter_write $N sys_exit_write $N | agree 'tracepoints: a glob' glob
	is "$(jq -r 'select(.label == "comm") | "\(.key | map(tostring) | join(",")) \(.count >= 300)"' "$OUT")" \
		'dist true' 'tracepoints: an array of characters'
	is "$(grep -c '"label":"none"' "$OUT")" 0 'tracepoints: a filter'
	disted --json -C 't:syscalls:sys_enter_openat::args->filename:STRNCMP("/dist/", args->filename, 6)' -- 3 open=$N
	list open=$N | tally | agree 'tracepoints: a text of user space' ''
	waiter_start "$D" wait 3 kill=300
	start_tool argdist --json -i 0 -p "$WAITER" -C 't:syscalls:sys_enter_kill::args->pid,args->sig' \
		-C 't:raw_syscalls:sys_exit::args->ret:args->ret == -ESRCH#raw'
	"$D" 2 kill=97
	waiter_go
	stop_tool
	grep -v '"label"' "$OUT" > "$TMP/only"
	is "$(jq -r '"\(.key | map(tostring) | join(",")) \(.count)"' "$TMP/only")" '4194303,0 300' 'tracepoints: -p'
	printf '%s\t300\n' -3 | agree 'tracepoints: an error by its name' raw
}

# --- reports --------------------------------------------------------------------------------------------

# What three threads have done in so many rounds: "KEY<tab>COUNT".
rounds_truth() { # NAME=COUNT COUNT KEY
	list "$1=$2" | awk -F '\t' -v n="$2" "
		FNR == NR { rounds[FNR - 1] = \$1; next }
		{ count[$3] += rounds[int((FNR - 1) * 3 / n)] }
		END { for (k in count) print k \"\t\" count[k] }" "$WANTED" -
}

# The sums over all reports.
sum_reports() {
	awk -F '\t' '{ n[$1] += $2 } END { for (k in n) print k "\t" n[k] }'
}

# Nothing is lost between two reports, nor counted twice: however the reports fall, their sum is all.
test_intervals() {
	local f="$D:dist_keyed$KEYED"
	[ -z "$GUEST" ] || kernel_intervals
	trace_work argdist --json -i 1 -C "$f::key" -H "$f::v#hist" -C "$f::stats(v)#stats" -- \
		dist seconds=3 3 keyed=699
	jq -r 'select(.label == null) | "\(.key.key)\t\(.count)"' "$OUT" | sum_reports | sort > "$TMP/said"
	rounds_truth keyed 699 '$1' | sort > "$TMP/truth"
	agree_files "intervals: -i 1: the sum of all reports is all ($(paste -sd ' ' "$WANTED") rounds)"
	jq -r 'select(.label == "hist") | .buckets[] | "\(.from)\t\(.count)"' "$OUT" | sum_reports | sort > "$TMP/said"
	list keyed=699 | awk -F '\t' 'FNR == NR { rounds[FNR - 1] = $1; next }
		{ v = $2; for (b = 0; v >= 2; b++) v = int(v / 2); n[b] += rounds[int((FNR - 1) * 3 / 699)] }
		END { for (b in n) printf "%.0f\t%d\n", b + 0 ? 2 ^ b : 0, n[b] }' "$WANTED" - | sort > "$TMP/truth"
	agree_files 'intervals: histograms: the sum of all reports is all'
	is "$(jq -s 'map(select(.label == "stats").count) | add' "$OUT")" "$(awk '{ n += $1 } END { print 233 * n }' "$WANTED")" \
		'intervals: stats: the sum of all reports is all'
	ok 'intervals: three reports or more' test "$(got 'map(.time) | unique | length')" -ge 3
}

kernel_intervals() {
	kernel_skips 'intervals: kernel functions' && return
	trace_work argdist --json -i 1 -C 'p::vfs_fallocate::offset' -- dist seconds=3 3 fallocate=99
	jq -r '"\(.key.offset)\t\(.count)"' "$OUT" | sum_reports | sort > "$TMP/said"
	rounds_truth fallocate 99 '$1' | sort > "$TMP/truth"
	agree_files 'intervals: kernel functions: the sum of all reports is all'
}

test_cumulative() {
	local f="$D:dist_keyed$KEYED"
	trace_work argdist --json -c -i 1 -C "$f::key" -H "$f::v#hist" -- dist seconds=2 3 keyed=699
	jq -s -c 'sort_by(.time) | (.[-1].time) as $last | .[] | select(.time == $last and .label == null)' "$OUT" > "$TMP/last"
	is "$(jq -s 'map(select(.label == null)) | group_by(.key.key) | map(map(.count) | . == (sort)) | all' "$OUT")" true \
		'-c: no count becomes less'
	is "$(jq -s 'map(select(.label == "hist").count) | . == sort and length >= 2' "$OUT")" true '-c: histograms, too'
	mv "$TMP/last" "$OUT"
	rounds_truth keyed 699 '$1' | agree '-c: the last report is all' ''
}

test_ends() {
	local f="$D:dist_keyed$KEYED" start
	start=$(date +%s%N)
	run_tool argdist -i 1 -n 2 -C "$f" -- sh -c 'echo $$ > "$0" && exec "$@"' "$TMP/pid" "$D" seconds=60 3 keyed=3
	start=$((($(date +%s%N) - start) / 1000000))
	is "$STATUS $(grep -c '^\[' "$OUT")" '0 2' '-n 2: two reports'
	ok "-n 2: after two seconds ($start ms)" test $start -ge 2000
	ok '-n 2: and not when the command ends' kill "$(cat "$TMP/pid")"
	run_tool argdist -i 5 -d 1 -C "$f" -- "$D" seconds=3 3 keyed=3
	is "$STATUS $(grep -c '^\[' "$OUT") $(awk 'NR == 4 { print $2, $3, ($1 > 1000) }' "$OUT")" '0 1 total calls 1' \
		'-d 1: a report at the end'
	run_tool argdist -i 1 -d 1.5 -C "$f" -- "$D" seconds=3 3 keyed=3
	is "$STATUS $(grep -c '^\[' "$OUT")" '0 2' '-i 1 -d 1.5: the rest is reported'
	waiter_start "$D" wait 3 keyed=$N
	start_tool argdist -i 100 -p "$WAITER" -C "$f"
	waiter_go
	stop_tool
	is "$STATUS $(report | sed 1d)" "0 $(printf '\tCOUNT      EVENT\n\t%-10d total calls' $N)" \
		'Ctrl-C: what was counted is reported'
	like "$(head -n 1 "$OUT")" '^\[[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\]$' 'reports begin with the time of day'
	waiter_start "$D" wait 3 keyed=$N
	start_tool argdist -i 100 -p "$WAITER" -C "$f"
	waiter_go
	stop_tool TERM
	is "$STATUS $(report | tail -n 1)" "0 $(printf '\t%-10d total calls' $N)" 'SIGTERM: the same'
}

test_keys() {
	disted --json --keys 10 -C "$D:dist_number(long v)::v" -- 3 number=1000
	is "$STATUS $(wc -l < "$OUT")" '0 10' '--keys 10: ten'
	is "$(jq -s 'map(.count) | add' "$OUT") $(cat "$ERR")" \
		"$(jq -s 'map(.count) | add' "$OUT") argdist: $((1000 - $(jq -s 'map(.count) | add' "$OUT"))) hits not counted: more different values than --keys has room for" \
		'--keys 10: the others are counted, and said'
	disted --json --keys 4 -H "$D:dist_keyed$KEYED::key,v" -- 3 keyed=700
	is "$(wc -l < "$OUT") $(jq -s 'map(.count) | unique | tostring' "$OUT") $(cat "$ERR")" \
		'4 "[100]" argdist: 300 hits not counted: more different values than --keys has room for' \
		'--keys 4: histograms'
	disted --json --keys 7 -C "$D:dist_keyed$KEYED::key" -- 3 keyed=700
	list keyed=700 | tally '$1' | agree '--keys 7: as many as there are' ''
	stderr_is_empty '--keys 7'
	disted --json -C "$D:dist_number(long v)::v" -- 3 number=10000
	list number=10000 | tally | agree 'up to 10240 keys without it' ''
}

test_top() {
	disted -T 2 -C "$D:dist_signed(int v)::v > 98 ? 3 : v > 50 ? 2 : 1" -- 3 signed=2010
	is "$(report | sed 1,2d)" "$(list signed=2010 | tally '$1 > 98 ? 3 : $1 > 50 ? 2 : 1' | sort -n -k 2 | tail -n 2 |
		awk '{ printf "\t%-10d v > 98 ? 3 : v > 50 ? 2 : 1 = %d\n", $2, $1 }')" '-T 2: the two largest, ascending; ?:'
}

# --- layouts --------------------------------------------------------------------------------------------

test_text() {
	local f="$D:dist_keyed(int key, long v, int colour)"
	disted -C "p:$f:int:key" -- 3 keyed=9
	is "$(report)" "$(printf 'p:%s:int:key\n\tCOUNT      EVENT\n' "$f"
		printf '\t1          key = %d\n' 2 3 4 5 6; printf '\t2          key = %d\n' 0 1)" 'text: -C'
	disted -C "p:$f:int,char*:key,\$COMM:key > 4#a label" -- 3 keyed=9
	is "$(report)" "$(printf 'a label\n\tCOUNT      EVENT\n\t1          key = 5, $COMM = dist\n\t1          key = 6, $COMM = dist')" \
		'text: -C with a label, several keys, a filter'
	disted -C "p:$f" -- 3 keyed=9
	is "$(report)" "$(printf 'p:%s\n\tCOUNT      EVENT\n\t9          total calls' "$f")" 'text: total calls'
	disted -C "r:$D:dist_signed(int v)" -- 1 signed=1
	is "$(report | tail -n 1)" "$(printf '\t1          retval = -300')" 'text: retval'
	disted -C "r:$D:dist_signed(int v):int,int:\$retval,\$entry(v)" -- 1 signed=1
	is "$(report | tail -n 1)" "$(printf '\t1          $retval = -300, $entry(v) = -100')" 'text: $retval, $entry()'
	disted -C "p:$f:int:key" -- 3 write=1
	is "$(report)" "$(printf 'p:%s:int:key\n\tCOUNT      EVENT' "$f")" 'text: nothing counted'
	disted -C "$f::stats(key)" -C "$f::sum(key)" -C "$f::colour,avg(key)" -C "$f::min(key)" -C "$f::max(key)" -- 1 keyed=9
	is "$(report)" "$(printf '%s::stats(key)\n\tCOUNT      AVG        TOTAL      EVENT\n\t9          2          22         key\n' "$f"
		printf '%s::sum(key)\n\tSUM        EVENT\n\t22         key\n' "$f"
		printf '%s::colour,avg(key)\n\tAVG        EVENT\n\t1          colour = 1\n\t2          colour = 2\n\t3          colour = 0\n' "$f"
		printf '%s::min(key)\n\tMIN        EVENT\n\t0          key\n%s::max(key)\n\tMAX        EVENT\n\t6          key' "$f" "$f")" \
		'text: sum, avg, min, max, stats'
	text_histograms
	# All -C first, then all -H, as they were given.
	disted -H "$f::v#1" -C "$f#2" -H "$f::key#3" -C "$f#4" -- 3 keyed=9
	is "$(report | grep -E '^(     )?[1-4] *(: count.*)?$' | awk '{ print $1 }' | paste -sd ' ')" '2 4 1 3' 'text: order of reports'
}

# BCC's algorithm (table.py), from the list.
bcc_log2() { # LABEL < numbers
	awk -v label="$1" '
		{ v = $1; for (b = 0; v >= 2; b++) v = int(v / 2); n[b]++; if (b > top) top = b
		  if (n[b] > most) most = n[b] }
		END {
			wide = top + 1 > 32
			if (wide) printf "               %-29s : count     distribution\n", label
			else printf "     %-19s : count     distribution\n", label
			for (b = 0; b <= top; b++) {
				stars = ""
				for (i = 0; i <= (wide ? 20 : 40) * n[b] / most - 1; i++) stars = stars "*"
				printf wide ? "%20.0f -> %-20.0f : %-8d |%-20s|\n" : "%10.0f -> %-10.0f : %-8d |%-40s|\n", \
					b + 0 ? 2 ^ b : 0, 2 ^ (b + 1) - 1, n[b], stars
			}
		}'
}

text_histograms() {
	local f="$D:dist_number(long v)"
	disted -H "p:$f:long:v" -- 3 number=2100
	is "$(report)" "$(list number=2100 | bcc_log2 v)" 'text: -H'
	disted -H "p:$f:long:v:v < 5#the label" -- 3 number=2100
	is "$(report)" "$(list number=2100 | awk '$1 < 5' | bcc_log2 'the label')" 'text: -H with a label'
	disted -H "p:$f:long:v * 4096" -- 3 number=2100
	is "$(report)" "$(list number=2100 | awk '{ printf "%.0f\n", $1 * 4096 }' | bcc_log2 'v * 4096')" 'text: -H, the wide layout'
	disted -H "p:$f:long:v" -- 3 write=1
	is "$(report)" '' 'text: -H: nothing is no histogram'
	disted -H "r:$D:dist_signed(int v)" -- 1 signed=3
	is "$(report)" "$(echo 180 | bcc_log2 retval; printf '     below 0             : 2')" 'text: -H: negative values'
	disted -H "r:$D:dist_signed(int v)" -- 1 signed=1
	is "$(report)" "$(printf '     %-19s : count     distribution\n     below 0             : 1' retval)" \
		'text: -H: negative values only'
	disted -H "$D:dist_keyed$KEYED::colour,key" -- 1 keyed=9
	is "$(report | grep -B 1 -A 1 colour | grep -v '^--' | sort | uniq -c | awk '{ $1 = $1 } 1' | paste -sd /)" \
		'3/3 key : count distribution/1 colour = 0/1 colour = 1/1 colour = 2' 'text: -H by key: its sections'
	disted -H "$D:dist_keyed$KEYED::lhist(key, 1, 6, 2)" -- 1 keyed=9
	is "$(report)" "$(printf '     %-13s : count     distribution\n' key
		printf '        %-10s : %-8d |%-40s|\n' '< 1' 2 "$(printf '*%.0s' {1..26})" 1 3 "$(printf '*%.0s' {1..40})" \
			3 2 "$(printf '*%.0s' {1..26})" 5 1 "$(printf '*%.0s' {1..13})" '>= 6' 1 "$(printf '*%.0s' {1..13})")" \
		'text: lhist'
	disted --percentiles -H "$D:dist_keyed$KEYED::key" -- 1 keyed=700
	is "$(report | tail -n 1)" '     count = 700, p50 = 3, p90 = 6, p99 = 6, p99.9 = 6' 'text: --percentiles'
}

# The same in all spellings.
test_spellings() {
	local spec
	for spec in "p:$D:dist_keyed(int key):int:key" "p:$D:dist_keyed(int key)::key" "$D:dist_keyed(int key):int:key" \
		"$D:dist_keyed::key" "p:$D:dist_keyed()::key" "$D:dist_keyed:int:key" "$D:dist_keyed::(int)arg1" \
		" $D:dist_keyed : int : key " "p:$D:dist_keyed(int key, long v):s32:key:v >= 0" "$D:dist_key*::key" \
		"$D:dist_keyed(int (*key)(int, char), long v):int:(int)key" "$D:dist_keyed:int:key?key:0" \
		"$D:dist_keyed(int key):long:key" "$D:dist_keyed(int key)::key:"; do
		disted --json -C "$spec" -- 3 keyed=70
		list keyed=70 | tally '$1' | agree "spelling: ${spec//"$D"/dist}" ''
	done
	disted --json -C "$D:dist_keyed::colour#c:d \"e" -- 3 keyed=3
	is "$(got 'map("\(.key.colour) \(.label)") | sort | join(",")')" \
		'DIST_BLUE c:d "e,DIST_GREEN c:d "e,DIST_RED c:d "e' 'enums by name; labels with anything in them'
	disted -C "$D:dist_keyed::flags:flags == DIST_TWO || flags == (DIST_ONE | DIST_FOUR)" -- 1 keyed=8
	is "$(report | sed 1,2d | sort)" "$(printf '\t1          flags = DIST_ONE|DIST_FOUR\n\t1          flags = DIST_TWO')" \
		'enums: sets of bits, constants in filters'
	disted -C "$D:dist_keyed::\$COMM == \"#:,\", key == ':' || key == '#':\$COMM != \",:#\"#l" -- 1 keyed=7
	is "$STATUS $(report | head -n 1) $(report | wc -l)" '0 l 3' 'separators in quotes separate nothing'
}

test_json() {
	disted --json -C "$D:dist_keyed$KEYED:int,int:key,colour" -H "$D:dist_keyed$KEYED::v#h" -C "$D:dist_keyed$KEYED#t" \
		-H "$D:dist_keyed$KEYED::lhist(v,0,10,1)#l" -C "$D:dist_keyed$KEYED::stats(v)#s" -- 3 keyed=21
	is "$(got 'map(has("time") and has("spec") and has("key") and has("count")) | all')" true '--json: what all have'
	is "$(got '.[0] | keys_unsorted | join(" ")')" 'time spec key count' '--json: -C'
	is "$(got 'map(select(.label == "h"))[0] | keys_unsorted | join(" ")')" \
		'time spec label key count negative p50 p90 p99 p99.9 buckets' '--json: -H'
	is "$(got 'map(select(.label == "l"))[0] | keys_unsorted | join(" ")')" \
		'time spec label key count below above buckets' '--json: lhist'
	is "$(got 'map(select(.label == "s"))[0] | keys_unsorted | join(" ")')" \
		'time spec label key count sum avg min max last' '--json: stats'
	is "$(got 'map(select(.label == "t"))[0].key | tostring')" '{}' '--json: total calls'
	is "$(got 'map(.time) | unique | length')" 1 '--json: one time for a report'
	is "$(got ".[0].time | sub(\"[.][0-9]+Z\"; \"Z\") | fromdate | . > $(date +%s) - 60 and . <= $(date +%s)")" true \
		'--json: the time is now'
	is "$(wc -l < "$OUT") $(jq -c . "$OUT" | wc -l)" "$(got length) $(got length)" '--json: an object a line'
	run_exact -i 0 --json -C "$V:values_strings(char *s, char *more, char *odd, char *bad)::odd,bad" -- "$V" strings
	is "$(got '.[0].key | tostring')" '{"odd":"tab\there","bad":null}' '--json: what cannot be read is null'
}

# --- stacks ---------------------------------------------------------------------------------------------

# The kernel says in which files a stack is if it gets the lock of the process's memory at once; else
# it has just addresses, which make another stack of the same.
two_stacks() { # OPTION... -- THREADS NAME=COUNT...
	local tries rows
	for ((tries = 1; tries <= 8; tries++)); do
		disted "$@"
		rows=$(grep -c '^	[0-9]' "$OUT")
		[ "$rows" != 0 ] || rows=$(wc -l < "$OUT")
		[ "$rows" != 2 ] || return 0
		diag "try $tries: $rows stacks"
	done
}

test_stacks() {
	two_stacks -C "$D:dist_leaf::\$PID,\$USTACK" -- 3 stack=300
	is "$(report | grep -c '^	[12]00        \$PID = ')" 2 '$USTACK: a row for each way'
	like "$(report | grep -A 3 '^	200' | paste -sd ' ')" 'dist_leaf\+0x[0-9a-f]+ .*dist_left\+0x' '$USTACK: by dist_left'
	like "$(report | grep -A 3 '^	100 ' | paste -sd ' ')" 'dist_leaf\+0x[0-9a-f]+ .*dist_right\+0x' '$USTACK: by dist_right'
	two_stacks -C "$D:dist_leaf::\$USTACK" -- 3 stack=300
	like "$(report | grep -A 3 '^	200' | paste -sd ' ')" 'dist_leaf\+0x[0-9a-f]+ .*dist_left\+0x' '$USTACK alone'
	two_stacks --folded -C "$D:dist_leaf::\$COMM,\$USTACK" -- 3 stack=300
	is "$(sed 's/^dist;.*;\(dist_left\|dist_right\);\(dist_through;\)\?dist_leaf \([0-9]*\)$/\1 \3/' "$OUT" | sort | paste -sd ,)" \
		'dist_left 200,dist_right 100' '--folded: lines as flame graphs read them'
	run_exact -i 0 --folded -C "$WORKLOAD/sites:sites_leaf::\$USTACK" -- "$WORKLOAD/sites" 30 20 7
	is "$(sed 's/^.*main;\(sites_[a-z]*\);\(sites_through;\)\?sites_leaf /\1 /' "$OUT" | paste -sd ,)" \
		'sites_other 7,sites_caller 50' '--folded: stacks that look alike are one line'
	two_stacks --json -C "$D:dist_leaf::\$USTACK" -- 3 stack=300
	is "$(got 'map("\(.user_stack | map(select(test("dist_(left|right)")) | sub("\\+.*"; ""))[0]) \(.count)") | sort | join(",")')" 'dist_left 200,dist_right 100' \
		'$USTACK --json: an array'
	two_stacks --json -H "$D:dist_leaf::\$USTACK,\$PID > 1" -- 3 stack=300
	is "$(got 'map("\(.user_stack | map(select(test("dist_(left|right)")) | sub("\\+.*"; ""))[0]) \(.count)") | sort | join(",")')" 'dist_left 200,dist_right 100' \
		'$USTACK: a histogram for each'
	if [ -n "$GUEST" ]; then
		diag '$KSTACK: of kernel functions, by test_kernel; at system calls 6.1 has no stack'
		return
	fi
	tracepoint_skips '$KSTACK' syscalls/sys_enter_kill && return
	disted -C 't:syscalls:sys_enter_kill::$KSTACK' -- 3 kill=300
	is "$(report | sed -n 3p | awk '{ print $1 }')" 300 '$KSTACK: one way'
	like "$(report)" '^	           (do_syscall_64|el0_svc|invoke_syscall)' '$KSTACK: names'
	disted --folded -C 't:syscalls:sys_enter_kill::$KSTACK' -- 3 kill=300
	like "$(cat "$OUT")" '^[^ ]*(do_syscall_64|invoke_syscall)[^ ;]*_\[k\][^ ]* 300$' '$KSTACK --folded'
	# Behind the end of ld.so's stacks walks find something else in each process.
	run_exact -i 0 --json -C 't:syscalls:sys_enter_read::$USTACK' -- sh -c 'for i in 1 2 3 4 5; do cat /dev/null; done'
	is "$(got 'map(.user_stack) | length > 0 and length == (unique | length)')" true '$USTACK: no stack is there twice'
}

# Many tracepoints of system calls: all together, and one by one.
calls_way() { # WAY HIDDEN SIDES
	PLAN_HIDE=$2 disted -v --json -C 't:syscalls:sys_enter_*w*::$PROBE#enter' \
		-C 't:syscalls:sys_exit_*w*::$PROBE,args->ret#exit' \
		-C 't:syscalls:sys_exit_write <- t:syscalls:sys_enter_*w* @ $tid::$entry(args->__syscall_nr) > 0,args->ret#pair' \
		-- 3 write=$N
	is "$(grep -c "attached by $1\$" "$ERR")" "$3" "many system calls: by $1"
	jq -c 'select(.key["$PROBE"] == null or (.key["$PROBE"] | test("_write$")))' "$OUT" > "$TMP/only"
	mv "$TMP/only" "$OUT"
	list write=$N | tally '"sys_enter_write"' | agree "many system calls: by $1: entries" enter
	list write=$N | tally '"sys_exit_write," $2' | agree "many system calls: by $1: exits" exit
	list write=$N | tally '"1," $2' | agree "many system calls: by $1: pairs" pair
}

test_calls() {
	tracepoint_skips 'many system calls' syscalls/sys_enter_openat && return
	if preempted_skips 'many system calls: by tracepoint'; then
		calls_way sys_enter/sys_exit '' 4 # a single one, too
	else
		calls_way sys_enter/sys_exit '' 3
		calls_way tracepoint attach/sys_enter/sys_exit 4
	fi
}

# --- kernel functions -----------------------------------------------------------------------------------

# Each way to attach, by hiding those before it; each is given values and both sides of calls.
way() { # WAY HIDDEN [THREADS]
	PLAN_HIDE=$2 disted -v --json -C 'p::vfs_fallocate::offset,len#both' -H 'p::vfs_fallocate::len#hist' \
		-C 'r::vfs_fallocate(void *f, int m, s64 o, s64 size):int:$retval#returned' -C 'r::vfs_fallocate:int,s64:$retval,$entry(len)#entry' \
		-C 'r::vfs_fallocate::stats(len):$latency > 0 && $latency < 10000000000#latency' -- "${3:-3}" fallocate=297
	like "$(cat "$ERR")" "attached by $1\$" "way: $1"
	list fallocate=297 | tally '$1 "," $2' | agree "way: $1: entries" both
	list fallocate=297 | tally_log2 '$2' | agree_buckets "way: $1: a histogram" hist
	list fallocate=297 | tally '$3' | agree "way: $1: returns" returned
	list fallocate=297 | tally '$3 "," $2' | agree "way: $1: both sides of a call" entry
	list fallocate=297 | tally_stats '""' '$2' | agree "way: $1: \$latency" latency '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
}

test_ways() {
	kernel_skips 'ways to kernel functions' && return
	way kprobe attach/kprobe.multi,attach/fentry
	if has_fprobe; then
		way kprobe.multi ''
	else
		skip 'way: kprobe.multi' "$KERNEL has none"
	fi
	if has_fentry; then
		way fentry attach/kprobe.multi,attach/kprobe "$(fentry_threads)"
		TRIES=1 PLAN_HIDE=attach/kprobe.multi,attach/kprobe disted --json -C 'p::vfs_fallocate' -- 3 fallocate=297
		accounted 'way: fentry: counted + missed = all' 297 "$(got 'map(.count) | add')"
	else
		skip 'way: fentry' "$KERNEL, $(uname -m): before 6.4 there is none"
	fi
}

kretprobes() {
	grep -c returns_ /sys/kernel/tracing/kprobe_events
}

# More returns in flight than there are CPUs; and more than a kretprobe can remember.
kernel_waiting() {
	local ways=attach/kprobe.multi,attach/fentry
	run_exact -i 0 --json -C 'r::hrtimer_nanosleep' -- "$D" 40 doze=40
	is "$(got 'map(.count) | add')" 40 'kernel: returns of a function that 40 wait in'
	PLAN_HIDE=$ways run_exact -v -i 0 --json -C 'r::hrtimer_nanosleep' -- "$D" 400 doze=400
	like "$(cat "$ERR")" ' attached by kprobe$' 'kernel: returns of a function that hundreds wait in: by kprobe'
	is "$(got 'map(.count) | add') $(missed_count)" '400 0' 'kernel: ... all are counted'
	TRIES=1 PLAN_HIDE=$ways,attach/room run_exact -v -i 0 --json -C 'r::hrtimer_nanosleep' -- "$D" 40 doze=40
	is "$(got 'map(.count) | add | . < 40') $(($(missed_count) + $(got 'map(.count) | add')))" 'true 40' \
		'kernel: ... without room for them: those that are not are told'
	is "$(kretprobes)" 0 'kernel: ... their events are removed'
	PLAN_HIDE=$ways start_tool argdist -C 'r::hrtimer_nanosleep'
	is "$(kretprobes)" 1 'kernel: a return is an event while it is counted'
	stop_tool KILL
	is "$(kretprobes)" 1 'kernel: who is killed leaves it'
	PLAN_HIDE=$ways run_exact -i 0 -C 'r::hrtimer_nanosleep' -- true
	is "$(kretprobes)" 0 'kernel: ... and the next one removes it'
}

test_kernel() {
	kernel_skips 'kernel functions' && return
	disted --json -C 'p::vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len):loff_t,loff_t:offset,len:len > 100#filter' \
		-C 'p::vfs_fallocate:char*:file->f_path.dentry->d_name.name#name' -C 'p::sys_fallocate::arg3,sum(arg4)#call' \
		-C 'p::vfs_fallocate::$KSTACK#stack' -C 'r::vfs_fallocate <- p::vfs_fallocate @ $tid::$entry(len) % 3#pair' \
		-C 'p::do_sys_openat2(int dfd, const char __user *filename):char*:filename:STRNCMP("/dist/", filename, 6)#path' \
		-- 3 fallocate=297 open=300
	list fallocate=297 | awk -F '\t' '$2 > 100' | tally '$1 "," $2' | agree 'kernel: a signature, a filter' filter
	printf 'memfd:dist\t297\n' | agree 'kernel: a chain, a string of the kernel' name
	list fallocate=297 | tally_stats '$1' '$2' | agree 'kernel: a system call' call '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
	is "$(got 'map(select(.label == "stack")) | "\(length) \(map(.count) | add) \(map(.kernel_stack | tostring | test("sys_fallocate|el0_svc")) | all)"')" \
		'1 297 true' 'kernel: $KSTACK'
	list fallocate=297 | tally '$2 % 3' | agree 'kernel: a pair' pair
	list open=300 | tally | agree 'kernel: __user, a text of user space' path
	kernel_waiting
	kernel_nested
}

# A file of an overlay: the function calls itself for the file below.
kernel_nested() {
	local place
	for place in /root /var/tmp /tmp; do
		[ "$(stat -f -c %T $place)" != overlayfs ] || break
	done
	if [ "$(stat -f -c %T $place)" != overlayfs ] || ! has_program fallocate || ! fallocate -l 4096 $place/nested; then
		skip 'kernel: recursion' 'no file of an overlay can be made here'
		return
	fi
	run_exact -i 0 --json -C 'r::vfs_fallocate::$entry(offset),$entry(len),retval#entry' \
		-C 'r::vfs_fallocate::stats($latency)#latency' -- \
		sh -c 'for i in 1 2 3 4 5; do fallocate -o ${i}000 -l 100$i "$0" || exit; done' $place/nested
	printf '%d000,100%d,0\t2\n' 1 1 2 2 3 3 4 4 5 5 | agree 'kernel: recursion: $entry() of both' entry
	is "$(got 'map(select(.label == "latency"))[0] | "\(.count) \(.max > .min)"')" '10 true' 'kernel: recursion: $latency'
	stderr_is_empty 'kernel: recursion'
	rm -f $place/nested
}

# --- options --------------------------------------------------------------------------------------------

listed() { # REGEX (of a line) LEAST ARG...
	local arguments=("${@:3}")
	lists "list: ${arguments[*]//"$D"/dist}" "$1" "$2" argdist "${arguments[@]}"
}

test_lists() {
	listed 'dist_keyed$' 10 -l "$D:dist_*"
	listed 'dist_keyed.*int key, long v' 1 -lv "$D:dist_keyed"
	listed 'sched:sched_switch$' 500 -l 't:*'
	listed 'sched:sched_switch' 500 -l
	listed 'value' 1 -l "u:$D:*"
	listed 'sched_switch.*prev_comm.*next_pid' 1 -lv t:sched:sched_switch
}

test_types() {
	if ! has_program strip || ! has_program cc; then
		skip '--types, -I' 'there is no strip(1) or no C compiler here'
		return
	fi
	strip -g -o "$PLACE/bare" "$D"
	run_exact -i 0 -C "$PLACE/bare:dist_keyed(int key, long v, enum dist_colour colour)::colour" --types "$D" -- \
		"$PLACE/bare" 1 keyed=3
	is "$(report | sed 1,2d | sort | paste -sd /)" "$(printf '\t1          colour = %s/' DIST_BLUE DIST_GREEN DIST_RED | sed 's,/$,,')" \
		'--types: of another file'
	printf 'enum mine { MINE_A, MINE_B, MINE_C };\n' > "$PLACE/mine.h"
	run_exact -i 0 -I "$PLACE/mine.h" -C "$PLACE/bare:dist_keyed(int key, long v, enum mine colour)::colour" -- \
		"$PLACE/bare" 1 keyed=3
	is "$(report | sed 1,2d | sort | paste -sd /)" "$(printf '\t1          colour = %s/' MINE_A MINE_B MINE_C | sed 's,/$,,')" \
		'-I: of a header'
	run_exact -i 0 -C "$PLACE/bare:dist_keyed(int key)::key" -- "$PLACE/bare" 1 keyed=7
	is "$(report | sed 1,2d | wc -l)" 7 'a program without debug information'
}

test_dump() {
	run_tool argdist --dump -C "$D:dist_keyed(int key)::key"
	is "$STATUS" 0 '--dump: status 0'
	stderr_is_empty '--dump'
	like "$(cat "$OUT")" '^ *[0-9]+: .*\bexit$' '--dump: instructions'
}

# --- exact ------------------------------------------------------------------------------------------------

# All threads add to the same entries at the same time, on all CPUs.
test_exact() {
	local all=120000 f="$D:dist_keyed$KEYED" threads
	threads=$((3 * $(nproc)))
	[ -z "$GUEST" ] || all=12000
	disted --json -C "$f" -H "$f::v#log2" -H "$f::key,v % 100#keyed" -C "$f::stats(v)#stats" -- $threads keyed=$all
	printf '\t%d\n' $all > "$TMP/all"
	list keyed=$all > "$TMP/calls"
	tally_log2 '$2' < "$TMP/calls" | agree_buckets "exact: $threads threads: a histogram" log2
	awk -F '\t' '$1 == 3' "$TMP/calls" | tally_log2 '$2 % 100' |
		agree_buckets "exact: $threads threads: one of several histograms" keyed '.key.key == 3'
	tally_stats '""' '$2' < "$TMP/calls" |
		agree "exact: $threads threads: a sum" stats '"\(.count)/\(.sum)/\(.avg)/\(.min)/\(.max)"'
	sed -i '/"label"/d' "$OUT"
	agree "exact: $threads threads: total calls" '' < "$TMP/all"
	stderr_is_empty exact
}

# --- examples -----------------------------------------------------------------------------------------------
#
# Each line of the documentation that people come from, as it would be written for argdist, with the
# workload behind it. What samples by time is tested in argdist-sampling.sh.

# Options as they would be typed, with the function or program that is counted in ours; --json is added.
example() { # OPTION... -- COMMAND...
	EXAMPLE=${*//"$WORKLOAD/"/}
	EXAMPLE=${EXAMPLE%% -- *}
	run_exact --json "$@"
}

# One object whose key and number are these.
tells() { # JQ (true for the array of objects)
	local verdict
	verdict=$(got "$1")
	if [ "$STATUS" = 0 ] && [ "$verdict" = true ]; then
		pass "example: $EXAMPLE"
	else
		fail "example: $EXAMPLE" "status $STATUS; not so: $1"
		diag "$(head -n 6 "$OUT" "$ERR" | cut -c 1-300)"
	fi
}

test_examples() {
	local f="r:$D:dist_slow"
	examples_libc
	example -C "p:$D:dist_slow()" -- "$D" 3 slow=6
	tells 'map(.count) | add == 6'
	example -H "$f:u64:\$latency" -- "$D" 1 slow=3
	tells 'map(.count) | add == 3'
	example -H "$f::lhist(\$latency/1000000,0,100,1)" -- "$D" 1 slow=3
	tells 'map(.buckets[] | select(.from > 0).count) | add == 3'
	for what in sum avg min max stats; do
		example -i 0 -C "$f::$what(\$latency)" -- "$D" 1 slow=3
		tells ".[0] | .count == 3 and .sum >= 19000000 and .min >= 1000000 and .max >= 12000000 and
			.min <= .avg and .avg <= .max and (.sum / 3 | floor) == .avg"
	done
	tracepoint_skips 'examples with tracepoints' syscalls/sys_enter_openat && return
	example -i 0 -C 't:syscalls:sys_enter_openat::$COMM#System call counts by process:' -- "$D" 3 open=300
	tells 'map(select(.key["$COMM"] == "dist"))[0] | .count >= 300 and .label == "System call counts by process:"'
	example -i 0 -C 't:syscalls:sys_exit_write::$COMM,sum(args->ret):args->ret>0' -- "$D" 3 write=300
	tells "map(\"\\(.key[\"\$COMM\"]) \\(.sum)\") == [\"dist $(list write=300 | awk '$2 > 0 { n += $2 } END { print n }')\"]"
	example -i 0 -H 't:syscalls:sys_exit_read::$COMM,args->ret' -- "$D" 3 read=300
	tells "map(select(.key[\"\$COMM\"] == \"dist\"))[0] | .negative == 30 and .count >= 300 and
		(.buckets | map(select(.from == 4096).count)) == [$(list read=300 | awk '$2 >= 4096' | wc -l)]"
	example -i 0 -C 't:raw_syscalls:sys_enter::$PID' -- "$D" 3 kill=300
	tells 'map(.count) | max >= 300'
	example -i 0 -C 't:syscalls:sys_enter_kil*::$PID' -- "$D" 3 kill=300
	tells 'map(.count) == [300]'
}

examples_libc() {
	waiter_start "$D" wait 3 strlen=300
	start_tool argdist --json -i 0 -p "$WAITER" -C 'p:c:strlen(char *s):char*:s'
	waiter_go
	stop_tool
	EXAMPLE="-p PID -C 'p:c:strlen(char *s):char*:s'"
	jq -c 'select(.key.s | test("^$|^(alpha|beta|two)|^LL"))' "$OUT" > "$TMP/ours"
	mv "$TMP/ours" "$OUT"
	list strlen=300 | tally 'substr($0, 1, 79)' | agree "example: $EXAMPLE" ''
	waiter_start "$V" wait nanosleep=5
	start_tool argdist --json -i 0 -p "$WAITER" -C 'p:c:nanosleep(struct timespec *t):long:t->tv_nsec'
	waiter_go
	stop_tool
	EXAMPLE="-p PID -C 'p:c:nanosleep(struct timespec *t):long:t->tv_nsec'"
	tells 'map("\(.key | map(.)) \(.count)") == ["[1000] 5"]'
	example -i 0 -C 'p:c:write(int fd):int:fd' -- bash -c 'for i in 1 2 3; do echo out; echo err >&2; done > /dev/null 2> /dev/null'
	tells 'map("\(.key.fd) \(.count)") | sort == ["1 3", "2 3"] or sort == ["1 6"]'
}

test_examples_kernel() {
	kernel_skips 'examples with kernel functions' && return
	example -i 0 -C 'p::do_sys_open::$KSTACK' -- "$D" 3 open=300
	tells 'map(select(.kernel_stack | tostring | test("sys_openat")).count) | add >= 300'
	example -i 1 -C 'r::do_sys_open::$TID,last($latency)' -- "$D" 3 open=300
	tells 'length >= 3 and (map(.count) | add >= 300) and (map(.last > 0 and .last < 10000000000) | all)'
	example -i 1 -H 'r::vfs_read():u64:$latency/1000#usecs' -- "$D" 3 read=300
	tells 'map(.count) | add >= 270'
	example -i 0 -H 'r::vfs_read::$COMM,retval' -- "$D" 3 read=300
	tells "map(select(.key[\"\$COMM\"] == \"dist\"))[0] |
		(.buckets | map(select(.from == 4096).count)) == [$(list read=300 | awk '$2 >= 4096' | wc -l)]"
	examples_switch
	examples_disk
}

# The scheduler belongs to no process: all of the guest is counted. Each new process is switched to;
# who sleeps for a moment need not be.
examples_switch() {
	live -C 'p::finish_task_switch(struct task_struct *prev):u32,u32:prev->pid,$TID' -- "$D" 3 fork=300
	tells 'map(select(.key["$TID"] > 0 and .key["$TID"] != .key["prev->pid"]).count) | add >= 300'
	live -C 't:sched:sched_switch::args->prev_pid,args->next_pid' -- "$D" 3 fork=300
	tells 'map(select(.key["args->prev_pid"] != .key["args->next_pid"]).count) | add >= 300'
	live -C 't:sched:sched_process_fork::args->parent_comm' -- "$D" 3 fork=30
	tells 'map(select(.key["args->parent_comm"] == "dist").count) == [33]'
}

live() { # OPTION... -- COMMAND...
	EXAMPLE=${*//"$WORKLOAD/"/}
	EXAMPLE=${EXAMPLE%% -- *}
	split_command "$@"
	start_tool argdist --json -i 0 "${OPTIONS[@]}"
	"${REST[@]}" > /dev/null 2>&1
	stop_tool
}

examples_disk() {
	local work=("$WORKLOAD/ios" /dev/vda read 30 4096)
	if [ ! -b /dev/vda ]; then
		skip 'examples with a disk' 'this guest has none'
		return
	fi
	live -H 't:block:block_rq_complete::args->nr_sector/2#kbytes' -- "${work[@]}"
	tells '.[0].buckets | map(select(.from == 4 and .count >= 30)) | length == 1'
	if takes_kprobe blk_account_io_done || takes_kprobe __blk_account_io_done; then
		examples_blk "${work[@]}"
		return
	fi
	run_tool argdist -H 'p::blk_account_io_done::$COMM,$NSECS/1000'
	is "$STATUS" 1 'examples with blk_account_io_done: not with this kernel: status 1'
	like "$(cat "$ERR")" '^argdist: .*blk_account_io_done: .*(t:block:block_|this kernel has blk_account_io_done.part)' \
		'... and that is said'
	skip 'examples with blk_account_io_done' "$KERNEL takes no kprobe there"
}

# Whether the kernel itself allows it.
takes_kprobe() { # FUNC
	unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing; cd /sys/kernel/tracing &&
		echo "p:argdist_test $0" >> kprobe_events && echo -:argdist_test >> kprobe_events' \
		"$1" 2> /dev/null
}

examples_blk() { # COMMAND...
	live -H 'p::blk_account_io_done(struct request *req):u32:req->__data_len/1024#kbytes' -- "$@"
	tells '.[0] | .label == "kbytes" and .count >= 30'
	live -H 'blk_account_io_done <- blk_mq_start_request @ arg1::$latency/1000000#ms' -- "$@"
	tells '.[0] | .label == "ms" and .count >= 30 and .negative == 0'
	live -H 'p::blk_account_io_done::$COMM,$NSECS/1000' -- "$@"
	tells '(map(.count) | add >= 30) and (map(.p50 > 1000000) | all)'
}

# Each thread that ends leaves the start of a call that has no end: of more than there is room for the
# oldest are given up, and none that will end.
test_left() {
	tracepoint_skips 'pairs that never end' raw_syscalls/sys_enter && return
	disted --json -C 't:raw_syscalls:sys_exit <- t:raw_syscalls:sys_enter @ $tid::args->id#calls' -- 1 fork=9000 kill=500
	is "$(got "map(select(.key[\"args->id\"] == $(call_number kill)) | .count) | add")" 500 \
		'pairs that never end: others are counted all the same'
	is "$(got "map(select(.key[\"args->id\"] == $(call_number wait4)) | .count) | add")" 9000 \
		'pairs that never end: ... before, too'
	like "$(cat "$ERR")" 'up to [0-9]+ hits missed: more than 8192 calls or starts were in flight' 'pairs that never end: said'
}

call_number() { # NAME
	echo '#include <asm/unistd.h>' | cc -E -dM - | awk -v name="__NR_$1" '$2 == name { print $3 }'
}

run_cases test_counts test_ways test_kernel test_exact test_intervals test_recursion test_missed \
	test_pairs test_stacks test_calls test_examples_kernel \
	-- test_histograms test_aggregates test_unsigned test_linear test_matches test_strings test_who \
	test_filters test_returns test_latency test_usdt test_tracepoints test_left test_cumulative \
	test_ends test_keys test_top test_text test_spellings test_json test_lists test_types test_dump \
	test_examples
done_testing
