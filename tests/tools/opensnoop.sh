#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# opensnoop.sh - what opensnoop must show: each case is done by a workload that says what it did.
TMPDIR=${TMPDIR:-/dev/shm} # file handles and O_TMPFILE want a tmpfs
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload opens
need_workload jsonget

# --- every way to open, with all that is known of each ------------------------------------------

test_all() {
	trace_work opensnoop --json -F -- opens all
	is "$STATUS" 0 'all: status 0'
	is "$(cat "$ERR")" '' 'all: nothing on stderr'
	ok 'all: each line is one JSON object' opens_get
	lines_match opens '2 9' '1 2 3'
}

test_uring() {
	trace_work opensnoop -v --json -F -- opens uring
	if grep -q 'io_uring.*not observed' "$ERR"; then
		skip uring "$KERNEL has no hook for it: $(grep -m 1 'io_uring.*not' "$ERR")"
		return
	fi
	opens_get
	lines_match uring '2 9' '1 2 3'
	trace_work opensnoop -- opens uring
	if grep -q '^# skip' "$WANTED"; then
		skip 'uring: marked in text' 'io_uring_setup fails'
		return
	fi
	like "$(cat "$OUT")" ' uring-nowhere \[io_uring\]$' 'uring: marked in text'
	like "$(cat "$OUT")" ' -1   2 uring-nowhere' 'uring: its error'
}

test_compat() {
	if ! has_compat; then
		skip compat "no 32-bit programs on this machine"
		return
	fi
	trace_work opensnoop --json -F -- compat32 opens
	opens_get
	lines_match 'compat' '2 9' '1 2 3'
}

# --- text ---------------------------------------------------------------------------------------

test_text() {
	local comm path pid expected=$TMP/expected escaped
	trace_work opensnoop -- comm plain 'two words' $'new\nline' $'\033[31mred' $'bad\xff' 'back\s'
	is "$(head -n 1 "$OUT")" 'PID    COMM               FD ERR PATH' 'text: header'
	: > "$expected"
	while IFS=$'\t' read -r comm path pid; do
		escaped=${comm//\\x0a/\\n}
		escaped=${escaped//\\x1b/\\e}
		escaped=${escaped//\\x5c/\\\\}
		printf '%-6s %-16s %4s %3s %s\n' "$pid" "$escaped" -1 2 "$path" >> "$expected"
	done < "$WANTED"
	is "$(wc -l < "$expected")" 6 'text: the workload has said what it did'
	is "$(grep ' /comm-' "$OUT")" "$(cat "$expected")" 'text: rows, comms escaped'

	trace_work opensnoop -T -U -e -- opens flags
	is "$(head -n 1 "$OUT")" \
		'TIME(s)       UID   PID    COMM               FD ERR FLAGS    MODE PATH' \
		'-T -U -e: header'
	like "$(cat "$OUT")" '^[0-9]+\.[0-9]{9} +0     [0-9]+ +opens +-1   2 00002002 n/a  f-rdwr$' \
		'-T -U -e: a failed open'
	like "$(cat "$OUT")" '^[0-9]+\.[0-9]{9} +0     [0-9]+ +opens +[0-9]+   0 00001101 0600 f-made$' \
		'-T -U -e: an open'
	is "$(sed -n 2p "$OUT" | cut -c 1-12)" '0.000000000 ' '-T counts from the first event'

	trace_work opensnoop -e -- opens calls
	like "$(cat "$OUT")" ' 02000102 0604 made-by-openat$' '-e: flags and mode in octal'
}

# The path's bytes, in text: one line each, reversible, nothing raw.
test_escapes() {
	local out
	trace_work opensnoop -x -- opens all
	out=$(sed -n '/opens-begin/,/opens-end/p' "$OUT")
	like "$out" ' -1   2 new\\nline$' 'escapes: newline'
	like "$out" ' -1   2 \\e\[31mred$' 'escapes: ESC'
	like "$out" ' -1   2 a\\tb\\rc$' 'escapes: tab and CR'
	like "$out" ' -1   2 back\\\\slash$' 'escapes: backslash'
	like "$out" ' -1   2 bad\\xff\\xfeutf$' 'escapes: invalid UTF-8'
	like "$out" ' -1   2 café$' 'escapes: valid UTF-8 stays'
	like "$out" ' -1   2 del\\x7f$' 'escapes: DEL'
	like "$out" ' -1   2 c1\\xc2\\x9b$' 'escapes: C1'
	like "$out" ' -1   2 \\u\{202[eE]\}bidi$' 'escapes: bidirectional control'
	like "$out" ' -1   2 cut\\xe2\\x80$' 'escapes: incomplete UTF-8'
	is "$(LC_ALL=C grep -c '[[:cntrl:]]' "$OUT")" 0 'escapes: no control byte in the output'
}

# --- filters ------------------------------------------------------------------------------------

paths_shown() { # of the text output, in order, one line
	awk 'NR > 1 { print $NF }' "$OUT" | grep -E "${1:-.}" | paste -sd ' '
}

test_filters() {
	trace_work opensnoop -x --json -F -- opens basic
	opens_get
	awk -F '\t' '$3 != 0' "$WANTED" > "$WANTED.x" && mv "$WANTED.x" "$WANTED"
	lines_match '-x' '2 9' '1 2'

	trace_work opensnoop -n needle -- comm other needle hayneedlestack needl xneedle other
	is "$(paths_shown)" '/comm-1 /comm-2 /comm-4' '-n: a part of the name, past other processes'
	trace_work opensnoop --comm needle -- comm other needle hayneedlestack needl
	is "$(paths_shown)" /comm-1 '--comm: exactly the name'

	trace_work opensnoop -f O_RDONLY -- opens flags
	is "$(paths_shown '^f-')" 'f-rd f-cloexec' '-f O_RDONLY: reads'
	trace_work opensnoop -f O_WRONLY -f O_RDWR -- opens flags
	is "$(paths_shown '^f-')" 'f-wr f-rdwr f-made' '-f O_WRONLY -f O_RDWR: either'
	trace_work opensnoop -f O_CLOEXEC -f O_TRUNC -- opens flags
	is "$(paths_shown '^f-')" 'f-cloexec f-made' '-f O_CLOEXEC -f O_TRUNC: either'

	trace_work opensnoop --path '/glob/a*' -- opens paths /glob/a1 /glob/b1 /glob/a /other /glo
	is "$(paths_shown)" '/glob/a1 /glob/a' '--path: prefix and *'
	trace_work opensnoop --path '/glob/[ab]?' -- opens paths /glob/a1 /glob/c1 /glob/b12 /glob/b2
	is "$(paths_shown)" '/glob/a1 /glob/b2' '--path: set and ?'
	trace_work opensnoop --path '*.cnf' -- opens paths /x/y.cnf z.cnf /etc/none.cnf.d
	is "$(paths_shown)" '/x/y.cnf z.cnf' '--path: no prefix'
	trace_work opensnoop --path '/exact/one' -- opens paths /exact/one /exact/on /exact/one2
	is "$(paths_shown)" /exact/one '--path: no wildcard'
}

# A process of ours that opens now and then, and another that must not be seen.
test_processes() {
	local seen other
	(cd "$PLACE" && exec "$WORKLOAD/opens" tick 10000 20) &
	seen=$!
	setpriv --reuid=65534 --regid=65534 --clear-groups "$WORKLOAD/opens" tick 10000 20 &
	other=$!
	run_tool opensnoop -p $seen --max-events 5
	is "$(awk 'NR > 1 { print $1 }' "$OUT" | sort -u) $(wc -l < "$OUT")" "$seen 6" \
		'-p: this process only; --max-events'
	run_tool opensnoop -t $seen --max-events 5
	is "$(head -n 1 "$OUT" | cut -d ' ' -f 1)" TID '-t: the column is TID'
	is "$(awk 'NR > 1 { print $1 }' "$OUT" | sort -u)" $seen '-t: this thread only'
	run_tool opensnoop --ppid $$ --json -u 65534 --max-events 5
	json_get pid uid
	is "$(sort -u "$GOT")" "$other	65534" '-u NUMBER, --ppid'
	run_tool opensnoop --ppid $$ --json -u nobody --max-events 5
	json_get pid uid
	is "$(sort -u "$GOT")" "$other	65534" '-u NAME'
	run_tool opensnoop --ppid $$ --json -u 0 --max-events 5
	json_get pid uid
	is "$(sort -u "$GOT")" "$seen	0" '-u 0: root only'
	kill $seen $other
	wait $seen $other 2>/dev/null
}

test_cgroup() {
	local seen other
	groups_skip '--cgroup' && return
	"$WORKLOAD/opens" tick 10000 20 &
	other=$!
	"$WORKLOAD/opens" tick 10000 20 &
	seen=$!
	echo $seen > "$GROUP/cgroup.procs"
	run_tool opensnoop --cgroup "$GROUP" --max-events 5 --json
	json_get pid
	is "$(sort -u "$GOT")" "$seen" '--cgroup: the processes in it only'
	kill $seen $other
	wait $seen $other 2>/dev/null
	groups_end
}

# "-- CMD" and --exec CMD: it and all its descendants, nothing else.
test_tree() {
	local noise hidden
	"$WORKLOAD/opens" tick 10000 5 &
	noise=$!
	# By raw tracepoints, by events: what is left if the others are hidden.
	for hidden in TRACEPOINT RAW_TP; do
		if [ $hidden = RAW_TP ] && ! has_tracepoint task/task_newtask; then
			skip '-- CMD: by events' "$KERNEL has no tracepoint task/task_newtask that can be read"
			continue
		fi
		PLAN_HIDE="process tree: fork/$hidden,process tree: exit/$hidden" trace_work opensnoop -v -- tree
		is "$(paths_shown '^/tree-' | tr ' ' '\n' | sort | paste -sd ' ')" \
			'/tree-child /tree-grandchild /tree-orphan /tree-root /tree-session /tree-thread' \
			"-- CMD: threads, children, grandchildren, other sessions, orphans; not by $hidden"
		is "$(grep -c "process tree: .*: attached by $hidden" "$ERR") $(grep -c 'process tree: .*: attached by' "$ERR")" \
			'0 2' "-- CMD: attached not by $hidden"
		is "$(grep -c /tick- "$OUT")" 0 '-- CMD: no other process'
	done
	run_tool opensnoop --exec "$WORKLOAD/opens" paths /by-exec -n /other
	is "$(paths_shown '^/')" '/by-exec /other' '--exec CMD ARG...: the rest is the command'
	kill $noise
	wait $noise 2>/dev/null
}

# Under a name of its own: another opensnoop may be at work here.
test_self() {
	cp "$BIN/opensnoop" "$TMP/own-opens"
	STATUS=0
	timeout "$WAIT" "$TMP/own-opens" --comm own-opens --duration 1 > "$OUT" 2> "$ERR" || STATUS=$?
	is "$STATUS $(tail -n +2 "$OUT")" '0 ' 'its own opens are not shown'
}

# --- columns, JSON ------------------------------------------------------------------------------

test_columns() {
	trace_work opensnoop -o pid,path -- opens paths /columns
	is "$(head -n 1 "$OUT")" 'PID    PATH' '-o: the header of a chosen list'
	like "$(cat "$OUT")" '^[0-9]+ +/columns$' '-o: its rows'
	trace_work opensnoop -o path,err,comm -- opens paths /columns
	like "$(cat "$OUT")" '^/columns +2 opens$' '-o: in the order given'
	trace_work opensnoop -o +flag_names,+via -- opens basic
	like "$(cat "$OUT")" ' O_RDWR\|O_CREAT\|O_CLOEXEC .* ?made-by-openat$' '-o +flag_names'
	like "$(cat "$OUT")" ' openat2 .*made-by-openat2$' '-o +via'
	trace_work opensnoop --json -o pid,path -- opens paths /columns
	like "$(cat "$OUT")" '^\{"pid":[0-9]+,"path":"/columns"\}$' '-o with --json: exactly these keys'

	trace_work opensnoop --json -F -- opens basic
	json_get error flag_names path err
	like "$(cat "$GOT")" '^ENOENT	O_RDONLY	nowhere	2$' 'JSON: the error by name'
	like "$(cat "$GOT")" '^null	O_RDWR\|O_CREAT\|O_CLOEXEC	made-by-openat	0$' 'JSON: flags by name'
	if has_program jq; then
		ok 'JSON: jq reads it too' jq -e . "$OUT"
	else
		skip 'JSON: jq reads it too' 'there is no jq'
	fi
}

test_full_text() {
	trace_work opensnoop -F -- opens basic
	like "$(cat "$OUT")" "   0 $PLACE/made-by-openat\$" '-F: the path column is the full path'
	like "$(cat "$OUT")" "   2 $PLACE/nowhere\$" '-F: a failed open has its base directory'
}

test_summary() {
	trace_work opensnoop --summary -- opens paths /s/one /s/one /s/two /dev/null
	is "$STATUS" 0 '--summary: status 0'
	like "$(cat "$OUT")" '(^| )2 +2 .*/s/one$' '--summary: opens and failures of a path'
	like "$(cat "$OUT")" '(^| )1 +1 .*/s/two$' '--summary: ... of another'
	like "$(cat "$OUT")" '(^| )1 +0 .*/dev/null$' '--summary: ... of one without failures'
	like "$(cat "$OUT")" '(^| )4 +3 .*opens$' '--summary: opens and failures of a process'
}

# --- speed and losses ---------------------------------------------------------------------------

loop_accounted() { # NAME
	is "$(cat "$WANTED")" 50000 "$1: 50,000 opens"
	accounted "$1: shown + lost = all" 50000 "$(grep -c /opens-loop-nowhere "$OUT")"
}

test_losses() {
	TRIES=1 trace_work opensnoop -- opens loop 25000 2
	loop_accounted 'loop'
	is "$(lost_count)" 0 'nothing is lost with the default buffer'

	rm -f "$WANTED"
	mkfifo "$TMP/slow"
	late_reader < "$TMP/slow" &
	# shellcheck disable=SC2016
	"$BIN/opensnoop" --buffer 64K --path '/opens-loop*' -- /bin/sh -c \
		'exec "$0" loop 25000 2 > "$1"' "$WORKLOAD/opens" "$WANTED" > "$TMP/slow" 2> "$ERR"
	STATUS=$?
	wait $!
	is "$STATUS" 0 '64K buffer, late reader: status 0'
	loop_accounted '64K buffer, late reader'
	like "$(cat "$ERR")" '^opensnoop: [1-9][0-9]* events lost' '64K buffer: losses are told'
}

# --- each row of the plan -----------------------------------------------------------------------

test_rows() {
	plan_rows_each opensnoop opens_row_check
}

opens_row_check() { # NAME WHAT HOW WHERE
	local work=basic
	[ "$2" = opens ] || work=uring
	trace_work opensnoop -v --json -F -- opens $work
	if ! row_attached "$2" "$3" "$4"; then
		# An OPTIONAL row is for one kind of kernel; the kernel says which that is.
		if [ $work = uring ] && grep -q "$2: attached\|$2: not observed" "$ERR"; then
			skip "$1" "$KERNEL takes another row: $(grep -m 1 "$2: " "$ERR")"
		else
			fail "$1" "it does not attach: $(grep -F "$2" "$ERR")"
		fi
		return
	fi
	opens_get
	lines_match_all "$1" '2 9'
}

run_cases test_all test_uring test_compat test_cgroup test_losses test_rows \
	test_filters test_processes test_tree test_self test_full_text -- \
	test_text test_escapes test_columns test_summary
done_testing
