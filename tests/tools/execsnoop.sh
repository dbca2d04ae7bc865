#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# execsnoop.sh - what execsnoop must show: each case is done by a workload that says what it did.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload execs
need_workload jsonget

# --- every way to execute, with all that is known of each ---------------------------------------

test_all() {
	trace_work execsnoop --json -o +file -- execs all
	is "$STATUS" 0 'all: status 0'
	is "$(cat "$ERR")" '' 'all: nothing on stderr'
	ok 'all: each line is one JSON object' execs_get
	lines_match execs 8 '1 2'
	if has_program jq; then
		ok 'JSON: jq reads it too' jq -e . "$OUT"
	else
		skip 'JSON: jq reads it too' 'there is no jq'
	fi
}

# Only with -x are failures shown.
test_failures() {
	local errors
	trace_work execsnoop --json -- execs failures
	execs_get
	is "$(cat "$GOT")" '' 'failures: not shown without -x'

	trace_work execsnoop --json -o +file -x -- execs failures
	json_get error ret
	errors=$(sed 1,2d "$GOT" | sort -u | paste -sd ,)
	is "$errors" 'E2BIG	-7,EACCES	-13,EBADF	-9,ENOENT	-2,ENOEXEC	-8,ENOTDIR	-20' \
		'-x: errors by name and number'
	execs_get
	lines_match -x '8' '1 2'
	trace_work execsnoop -x -- execs failures
	like "$(cat "$OUT")" '^execs +[0-9]+ +[0-9]+ +-2 \./nowhere a b$' '-x: text'
}

test_compat() {
	if ! has_compat; then
		skip compat "no 32-bit programs on this machine"
		return
	fi
	trace_work execsnoop --json -o +file -x -- compat32 execs
	execs_get
	lines_match 'compat' '8' '1 2'
}

# The budget: what is shown of what is too long, and that it is said.
test_budget() {
	trace_work execsnoop --json -- execs big
	json_get args args_cut args_size argc
	sed -i 1,2d "$GOT"
	is "$(cut -f 2,3,4 "$GOT" | paste -sd ' ')" \
		'false	16384	3 true	16385	3 true	40102	101 true	102407	3' \
		'budget: cut exactly where it is exceeded; the full size is told'
	# Beside them are argv[0] and the NULs; words of 400 bytes end somewhere before.
	is "$(awk -F '\t' '$2 == "true" { sub(/^[^]]*]/, "", $1); gsub(/[][]/, "", $1)
			if (length($1) > 16384 - 2 || length($1) < 16384 - 2 - 401) print length($1) }' "$GOT")" \
		'' 'budget: 16 KB are shown of what is cut'

	trace_work execsnoop --json --max-bytes 128K -- execs big
	json_get args_cut args
	sed -i 1,2d "$GOT"
	is "$(cut -f 1 "$GOT" | sort -u)" false '--max-bytes 128K: nothing is cut'
	is "$(tail -n 1 "$GOT" | tr -cd a | wc -c)" $((102400 + 1)) \
		'--max-bytes 128K: an argument of 100 KB is whole'
	like "$(tail -n 1 "$GOT" | tail -c 20)" 'aa\]\[end\]$' '--max-bytes 128K: and what follows it'

	trace_work execsnoop -- execs big
	is "$(sed 1,3d "$OUT" | grep -c ' \.\.\.$')" 3 'budget: text ends in " ..." where cut'
	is "$(sed -n 4p "$OUT" | grep -c '\.\.\.$')" 0 'budget: ... and not where just full'

	trace_work execsnoop --max-args 20 -- execs many-args
	is "$(sed 1,3d "$OUT" | grep -c '\.\.\.$')" 2 '--max-args 20: ellipsis for more than 20'
	like "$(sed -n 4p "$OUT")" ' 18 19$' '--max-args 20: none for exactly 20'
	like "$(sed -n 5p "$OUT")" ' 18 19 \.\.\.$' '--max-args 20: exactly 20 of 21 shown'
	like "$(sed -n 6p "$OUT")" ' 18 19 \.\.\.$' '--max-args 20: exactly 20 of 100 shown'
}

# --- text ---------------------------------------------------------------------------------------

test_text() {
	local pid ppid rest wanted
	trace_work execsnoop -- execs odd-names
	is "$(head -n 1 "$OUT")" 'PCOMM            PID     PPID    RET ARGS' 'text: header'
	IFS=$'\t' read -r _ _ _ _ _ _ _ pid ppid _ < "$WANTED"
	rest='./t new\nline \e[31mred a\tb\rc back\\slash quo"te it'\''s bad\xff\xfeutf café'
	rest="$rest two words c1\\xc2\\x9b del\\x7f "
	wanted=$(printf '%-16s %-7s %-7s %3s %s' t "$pid" "$ppid" 0 "$rest")
	is "$(tail -n 1 "$OUT" | sed 's/\\u{202[eE]}bidi$//')" "$wanted" 'text: one escaped line'
	is "$(wc -l < "$OUT")" 4 'text: header, shell, workload, exec'
	is "$(LC_ALL=C grep -c '[[:cntrl:]]' "$OUT")" 0 'text: no control byte in the output'

	trace_work execsnoop -q -- execs odd-names
	like "$(tail -n 1 "$OUT")" '"\./t" "new\\nline" ' '-q: arguments in quotes'
	like "$(tail -n 1 "$OUT")" ' "quo\\"te" "it'\''s" ' '-q: quotes in them escaped'

	trace_work execsnoop -T -t -U -C -M -- execs empty
	is "$(head -n 1 "$OUT" | tr -s ' ')" "$COLUMNS_ALL" '-T -t -U -C -M: header'
	like "$(tail -n 1 "$OUT")" "^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] +[0-9]+\.[0-9]{3} +.* 0 \./t" \
		'-T -t -U -C -M: a row'
	is "$(head -n 1 "$OUT" | grep -bo ARGS)" \
		"$(sed -n 5p "$OUT" | grep -bo '\./t' | sed 's/\.\/t/ARGS/')" \
		'-T -t -U -C -M: rows stand below their header'
}
COLUMNS_ALL='TIME TIME(s) UID PCOMM PID PARENT PPID CPU RET ARGS'

# --- filters ------------------------------------------------------------------------------------

args_shown() { # the last word of each row that executes ./NAME
	sed -n 's/.* \.\/[^ ]* \([^ ]*\)$/\1/p' "$OUT" | paste -sd ' '
}

test_filters() {
	local names='cc1 gcc ld gcc-12 xgccx as'
	# shellcheck disable=SC2086
	{
		trace_work execsnoop -n 'gcc' -- execs names $names
		is "$(args_shown)" '1 3 4' '-n REGEX: the command name contains it'
		trace_work execsnoop -n '^(gcc|as)$' -- execs names $names
		is "$(args_shown)" '1 5' '-n REGEX: anchors and alternatives'
		trace_work execsnoop --comm gcc -- execs names $names
		is "$(args_shown)" 1 '--comm: exactly the new name'
		trace_work execsnoop -l 'gcc-12 3$' -- execs names $names
		is "$(args_shown)" '3' '-l REGEX: on the joined arguments'
		trace_work execsnoop -l ' [45]$' -- execs names $names
		is "$(args_shown)" '4 5' '-l REGEX: on the arguments, not the name'
	}
	trace_work execsnoop --max-events 3 -- execs names a b c d e
	is "$STATUS $(wc -l < "$OUT")" '0 4' '--max-events: so many rows'
}

test_processes() {
	local seen other
	(cd "$PLACE" && exec "$WORKLOAD/execs" tick 10000 20) &
	seen=$!
	mkdir "$TMP/nobody" && chown 65534 "$TMP/nobody"
	(cd "$TMP/nobody" && exec setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$WORKLOAD/execs" tick 10000 20) &
	other=$!
	run_tool execsnoop -P $seen --max-events 5 --json
	json_get ppid
	is "$(sort -u "$GOT") $(wc -l < "$GOT")" "$seen 5" '-P: children of this process only'
	run_tool execsnoop -P $other -u 65534 --json --max-events 3
	json_get ppid uid user
	is "$(sort -u "$GOT")" "$other	65534	nobody" '-u NUMBER; the user by name'
	run_tool execsnoop -P $seen -u nobody --duration 1 --json
	is "$(cat "$OUT")" '' '-u NAME: nobody else'
	run_tool execsnoop -P $seen -u 0 --json --max-events 3
	json_get uid
	is "$(sort -u "$GOT")" 0 '-u 0: root'
	run_tool execsnoop -P $other -u 0 --duration 1 --json
	is "$(cat "$OUT")" '' '-u 0: root only'
	kill $seen $other
	wait $seen $other 2>/dev/null
}

test_cgroup() {
	local seen other
	groups_skip '--cgroup' && return
	mkdir -p "$TMP/other"
	(cd "$TMP/other" && exec "$WORKLOAD/execs" tick 10000 20) &
	other=$!
	(cd "$PLACE" && exec "$WORKLOAD/execs" tick 10000 20) &
	seen=$!
	echo $seen > "$GROUP/cgroup.procs"
	run_tool execsnoop --cgroup "$GROUP" --max-events 5 --json -o +cgroup
	json_get ppid cgroup
	is "$(cut -f 1 "$GOT" | sort -u)" "$seen" '--cgroup: the processes in it only'
	is "$(cut -f 2 "$GOT" | sort -u)" "/${GROUP##*/}" 'cgroup: the path is a column'
	kill $seen $other
	wait $seen $other 2>/dev/null
	groups_end
}

test_tree() {
	local noise
	(cd "$PLACE" && exec "$WORKLOAD/execs" tick 10000 5) &
	noise=$!
	trace_work execsnoop -- tree
	is "$(sed -n 's/.* \([a-z]*\) done$/\1/p' "$OUT" | sort | paste -sd ' ')" \
		'child grandchild orphan session vfork' \
		'-- CMD: children, grandchildren, other sessions, orphans'
	is "$(grep -c /tick- "$OUT")" 0 '-- CMD: no other process'
	test_make
	kill $noise
	wait $noise 2>/dev/null
}

test_make() {
	local i shown
	if ! has_program make; then
		skip '-- make -j8' 'there is no make'
		return
	fi
	printf 'all: %s\n%%:\n\t@/bin/true job-$@ && /bin/true job-$@\n' \
		"$(for i in {1..16}; do printf 'x%d ' "$i"; done)" > "$PLACE/jobs.mk"
	run_whole execsnoop -- make -s -j8 -C "$PLACE" -f "$PLACE/jobs.mk"
	is "$STATUS" 0 '-- make -j8: status 0'
	# A fork that the kernel left the probe out for takes the two execs of its job with it.
	shown=$(grep -cE '^true .* (/usr)?/bin/true job-x[0-9]+$' "$OUT")
	diag "$shown of 32 shown, up to $(missed_count) missed"
	ok '-- make -j8: every exec of it' \
		test "$shown" -le 32 -a $((shown + 2 * $(missed_count))) -ge 32
	is "$(grep -c /tick- "$OUT")" 0 '-- make -j8: no other process'
}

# --- columns ------------------------------------------------------------------------------------

test_columns() {
	local pid ppid
	trace_work execsnoop --json -o +file,+cwd,+cgroup,+ancestors -- execs odd-names
	IFS=$'\t' read -r _ _ _ _ _ _ _ pid ppid _ < "$WANTED"
	json_get pcomm parent uid user cwd tty ns_pid interpreter
	is "$(tail -n 1 "$GOT")" "t	execs	0	root	$PLACE	null	$pid	null" \
		'JSON: comm, parent, uid, user, cwd, tty, pid in the namespace, interpreter'
	json_get ancestors
	like "$(tail -n 1 "$GOT")" "$ppid.*execs" 'JSON: ancestors'
	json_get time time_s cpu
	like "$(tail -n 1 "$GOT")" \
		'^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z	[0-9]+\.[0-9]+	[0-9]+$' \
		'JSON: time as ISO 8601, seconds, CPU'

	trace_work execsnoop -o args,pid,pcomm -- execs names cc
	like "$(cat "$OUT")" '^\./cc 0 +[0-9]+ +cc$' '-o: columns in the order given'
	trace_work execsnoop -o +cwd,+argv0 -- execs names cc
	like "$(tail -n 1 "$OUT")" " $PLACE +cc +\./cc 0\$" '-o +: more columns'
}

test_namespace() {
	if ! unshare --pid --fork true 2> /dev/null; then
		skip 'ns_pid' 'no pid namespaces here'
		return
	fi
	# shellcheck disable=SC2016
	run_whole execsnoop --json -- unshare --pid --fork /bin/sh -c '"$0" > /dev/null' "$WORKLOAD/tree"
	json_get args pid ns_pid
	like "$(grep '\[vfork\]' "$GOT")" '	[0-9]+	[1-9][0-9]?$' "ns_pid: in the task's own namespace"
	unlike "$(grep '\[vfork\]' "$GOT")" '	([0-9]+)	\1$' 'ns_pid: and not the pid outside'
}

test_tty() {
	if ! has_program script; then
		skip 'tty' 'there is no script(1)'
		return
	fi
	script -qec "$BIN/execsnoop --json -- /bin/true" /dev/null 2> "$ERR" < /dev/null |
		tr -d '\r' > "$OUT"
	json_get tty
	like "$(cat "$GOT")" '^(/dev/)?pts/[0-9]+$' 'tty: by name'
}

# --- many ---------------------------------------------------------------------------------------

# The number of entries in the tool's hash maps, by name.
map_entries() {
	local fd id type name
	for fd in /proc/"$TOOL_PID"/fdinfo/*; do
		id=$(sed -n 's/^map_id:\t*//p' "$fd" 2> /dev/null)
		[ -n "$id" ] || continue
		read -r type name < <(bpftool map show id "$id" | sed -n '1s/^[0-9]*: \([a-z_]*\)  *name \([^ ]*\).*/\1 \2/p')
		case $type in *hash) echo "$name $(bpftool -j map dump id "$id" | grep -o '"key":\[' | wc -l)" ;; esac
	done | sort -u
}

# The runs that the kernel left out of the tool's program $1.
program_misses() {
	local fd id misses=0
	for fd in /proc/"$TOOL_PID"/fdinfo/*; do
		grep -q '^recursion_misses:' "$fd" 2> /dev/null || continue # kernels before 5.12; a link
		id=$(sed -n 's/^prog_id:\t*//p' "$fd")
		bpftool prog show id "$id" | grep -q "  name $1 " || continue
		misses=$(sed -n 's/^recursion_misses:\t*//p' "$fd")
	done
	echo "$misses"
}

test_many() {
	local count=10000 start good bad shown entries misses
	start=$(date +%s%N)
	(cd "$PLACE" && "$WORKLOAD/execs" many 48) > /dev/null
	if [ $((($(date +%s%N) - start) / 48)) -gt 6000000 ]; then
		count=200
		diag "execs take $((($(date +%s%N) - start) / 48000)) us here: $count instead of 10000"
	fi
	# The command waits after its work, so that the maps can be looked at; it executes nothing
	# meanwhile, for an exec may be between two programs.
	mkfifo "$TMP/looked"
	# shellcheck disable=SC2016
	PLACE=$PLACE start_tool execsnoop --json -x -- /bin/sh -c \
		'cd "$PLACE" && "$0" many "$1" > "$2.new" && mv "$2.new" "$2"; read -r _ < "$3"' \
		"$WORKLOAD/execs" $count "$WANTED.many" "$TMP/looked"
	WAIT=150 wait_for test -e "$WANTED.many" || bail 'the workload did not end'
	IFS=$'\t' read -r good bad < "$WANTED.many"
	if has_program bpftool; then
		entries=$(map_entries)
		diag "entries in hash maps: $(paste -sd ' ' <<< "$entries")"
		# An exec that only the first of the two programs saw (execsnoop.bpf.c) stays in its map.
		misses=$(program_misses exec_done_again)
		diag "runs of exec_done_again that the kernel left out: $misses"
		is "$(awk -v misses="$misses" '$1 != "filter_tree" && $2 > ($1 == "execs_seen" ? misses : 0)' \
			<<< "$entries")" '' "many: no map entry is left after $count execs"
		is "$(awk '$1 == "filter_tree" && $2 > 3' <<< "$entries")" '' \
			"many: nor in the command's tree"
	else
		skip "many: no map entry is left after $count execs" 'there is no bpftool'
	fi
	echo > "$TMP/looked"
	wait_tool
	is "$STATUS" 0 'many: status 0'
	shown=$(grep -cE '"args":\["([^"]*/t|\./script|\./nowhere|\./garbage)"' "$OUT")
	accounted 'many: shown + lost = all' $((good + bad)) "$shown"
	is "$(lost_count)" 0 'many: nothing is lost with the default buffer'
}

test_losses() {
	local good bad
	rm -f "$WANTED"
	mkfifo "$TMP/slow"
	late_reader < "$TMP/slow" &
	# shellcheck disable=SC2016
	PLACE=$PLACE "$BIN/execsnoop" --buffer 64K --json -x -- /bin/sh -c \
		'cd "$PLACE" && exec "$0" many 900 > "$1"' \
		"$WORKLOAD/execs" "$WANTED" > "$TMP/slow" 2> "$ERR"
	STATUS=$?
	wait $!
	IFS=$'\t' read -r good bad < "$WANTED"
	is "$STATUS" 0 '64K buffer, late reader: status 0'
	# with the shell and the workload
	accounted '64K buffer, late reader: shown + lost = all, exactly' \
		$((good + bad + 2)) "$(wc -l < "$OUT")"
	like "$(cat "$ERR")" '^execsnoop: [1-9][0-9]* events lost' '64K buffer: losses are told'
}

# --- each row of the plan -----------------------------------------------------------------------

test_rows() {
	plan_rows_each execsnoop execs_row_check
}

execs_row_check() { # NAME WHAT HOW WHERE
	local work=basic options=(--json -o +file)
	if [ "$2" = 'execs again' ] && ! has_preemption; then
		skip "$1" "$KERNEL: tasks are not preempted in tracepoints"
		return
	fi
	case $2 in
	*fail*|*error*|*return*|*enter*) work=failures options=(--json -o +file -x) ;;
	esac
	trace_work execsnoop -v "${options[@]}" -- execs $work
	if ! row_attached "$2" "$3" "$4"; then
		fail "$1" "it does not attach: $(grep -F "$2" "$ERR")"
		return
	fi
	execs_get
	lines_match_all "$1" 8
}

run_cases test_all test_failures test_compat test_namespace test_cgroup test_many test_rows \
	test_losses test_budget test_filters test_processes test_tree test_columns test_tty -- \
	test_text
done_testing
