# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# expect.sh - for tool tests: a workload's expected lines (expect.h) against a tool's JSON.
# Included after lib.sh.

WANTED=$TMP/wanted   # what the workload said
GOT=$TMP/got         # the tool's events, in the same form
PLACE=$TMP/place     # the workloads' current directory
WORKLOAD=$(realpath "$WORKLOAD")
mkdir -p "$PLACE" && chmod 755 "$TMP" "$PLACE"

# Sets OPTIONS to the words before the first "--", and REST to those behind it.
split_command() { # [OPTION...] -- [WORD...]
	OPTIONS=()
	while [ "$1" != -- ]; do OPTIONS+=("$1"); shift; done
	REST=("${@:2}")
}

# Runs the tool to its end over one workload, whose stdout goes to $WANTED: a shell that execs
# it, so the tool sees one exec and the shell's own opens before it.
trace_work() { # TOOL [OPTION...] -- WORKLOAD [ARG...]
	split_command "$@"
	# shellcheck disable=SC2016
	PLACE=$PLACE WANTED=$WANTED run_whole "${OPTIONS[@]}" -- /bin/sh -c \
		'cd "$PLACE" && exec "$0" "$@" > "$WANTED"' "$WORKLOAD/${REST[0]}" "${REST[@]:1}"
}

# --- a workload that waits ----------------------------------------------------------------------

WAITER=

# Starts a workload, and returns when it is there and waits for its stdin, having done nothing yet.
# What it says goes to $WANTED.
waiter_start() { # WORKLOAD wait [ARG...]
	waiter_make "$@"
	wait_for waiter_waits "${1##*/}" || bail "$1 does not wait"
}

# The same, of a command that becomes the workload: it is to be waited for.
waiter_make() { # COMMAND...
	rm -f "$TMP/go"
	mkfifo "$TMP/go"
	exec 7<> "$TMP/go"
	"$@" < "$TMP/go" > "$WANTED" 7>&- &
	WAITER=$!
}

# It sleeps, so it has been loaded with all its libraries.
waiter_waits() { # NAME
	grep -qsx "$1" "/proc/$WAITER/comm" && grep -qs '^State:.S' "/proc/$WAITER/status"
}

# Lets it work, to its end.
waiter_go() {
	echo >&7
	exec 7>&-
	wait "$WAITER"
}

# --- what a tool said ---------------------------------------------------------------------------

# run_tool, and again if the tool says that the kernel left out runs of its probes: nothing
# exact can be asked of such a run. On 7.2, in a guest that shares its CPUs, some in ten are so; the
# eighth is judged as it is. (TRIES=1 for those that are judged by accounted().)
run_whole() { # NAME ARG...
	local tries
	for ((tries = 1; tries <= ${TRIES:-8}; tries++)); do
		run_tool "$@"
		[ "$(missed_count)" != 0 ] || return 0
		diag "try $tries: $(grep -E "$MISSED" "$ERR")"
	done
}

got() { # JQ: of the array of all objects
	jq -rs "$1" < "$OUT" 2>&1
}

# $OUT as tab-separated values of these keys in $GOT; false if it is no JSON.
json_get() { # KEY...
	"$WORKLOAD/jsonget" "$@" < "$OUT" > "$GOT" 2> "$TMP/json.log"
}

# Keeps of $GOT what lies between the workload's two marks (opens.c, compat32.c).
keep_marked() { # FIELD (of the path)
	awk -F '\t' -v p="$1" '$p == "/opens-end" { exit } on { print }
		$p == "/opens-begin" { on = 1 }' "$GOT" > "$GOT.kept"
	mv "$GOT.kept" "$GOT"
}

# One result for each expected line, found by its key fields from where the last one was found,
# and one for events that nobody expected. "# skip" lines become skips.
lines_match() { # NAME KEYFIELDS ("2 9") NAMEFIELDS ("1 2")
	awk -F '\t' -v title="$1" -v keys="$2" -v names="$3" '
	function same(a, b) { return a == "*" || a == b }
	function line_name(n,    i, text) {
		for (i = 1; i <= names_n; i++)
			text = text " " substr(n[names_at[i]], 1, 60)
		gsub(/#/, "\\x23", text)
		return title ":" text
	}
	BEGIN { keys_n = split(keys, keys_at, " "); names_n = split(names, names_at, " ") }
	FNR == NR { got[++count] = $0; next }
	/^# skip / { print "skip\t" title "\t" substr($0, 8); next }
	{
		n = split($0, want, "\t")
		wanted++
		for (at = last + 1; at <= count; at++) {
			split(got[at], have, "\t")
			hit = 1
			for (i = 1; i <= keys_n; i++)
				hit = hit && same(want[keys_at[i]], have[keys_at[i]])
			if (hit)
				break
		}
		if (at > count) {
			print "fail\t" line_name(want) "\tnot shown; expected: " substr($0, 1, 500)
			next
		}
		for (i = last + 1; i < at; i++)
			extra = extra "\n" substr(got[i], 1, 300)
		last = at
		wrong = ""
		for (i = 1; i <= n; i++)
			if (!same(want[i], have[i]))
				wrong = wrong " field " i " is " substr(have[i], 1, 300) \
					", wanted " substr(want[i], 1, 300) ";"
		gsub(/\t/, " ", wrong)
		print (wrong == "" ? "pass" : "fail") "\t" line_name(want) "\t" wrong
	}
	END {
		for (i = last + 1; i <= count; i++)
			extra = extra "\n" substr(got[i], 1, 300)
		gsub(/\t/, " ", extra)
		gsub(/\n/, " | ", extra)
		if (!wanted)
			print "fail\t" title ": something was expected\tthe workload said nothing"
		print (extra == "" ? "pass" : "fail") "\t" title ": nothing else\t" substr(extra, 1, 900)
	}' "$GOT" "$WANTED" > "$TMP/verdict"
	local verdict name more
	[ -s "$TMP/verdict" ] || fail "$1" 'the lines could not be compared'
	while IFS=$'\t' read -r verdict name more; do
		case $verdict in
		pass) pass "$name" ;;
		fail) fail "$name" "$more" ;;
		skip) skip "$name" "$more" ;;
		esac
	done < "$TMP/verdict"
}

# The same as one result, for what is only repeated.
lines_match_all() { # NAME KEYFIELDS
	local results=$test_count log=$TMP/match.log
	lines_match "$1" "$2" 1 > "$log"
	test_count=$results
	if grep -q '^not ok' "$log"; then
		fail "$1"
		diag "$(grep -A 1 '^not ok' "$log" | head -n 12 | cut -c 1-600)"
	else
		pass "$1"
	fi
}

# Opens: via path err fd flags mode bits full_path pid
OPEN_KEYS='via path err fd flags mode bits full_path pid'
opens_get() {
	# shellcheck disable=SC2086
	json_get $OPEN_KEYS && keep_marked 2
}

# Execs, without the shell and the workload itself.
EXEC_KEYS='ret args argc args_size args_cut file argv0 pid ppid interpreter'
execs_get() {
	# shellcheck disable=SC2086
	json_get $EXEC_KEYS && sed -i 1,2d "$GOT"
}

# A reader that is kept waiting till the workload has said what it did: then whatever the pipe
# and the tool's buffer could not hold is lost.
late_reader() {
	until [ -s "$WANTED" ]; do sleep 0.1; done
	cat > "$OUT"
}

# "N events lost" at the end, or 0.
lost_count() {
	awk '/ events lost: / { n += $2 } END { print n + 0 }' "$ERR"
}

# Runs of the probes that the kernel itself left out: an upper bound of events that are neither
# shown nor lost. None where the tracepoints of system calls cannot be preempted.
missed_count() {
	awk -v missed="$MISSED" '$0 ~ missed { n += $4 } END { print n + 0 }' "$ERR"
}
MISSED='^[^ ]+: up to [0-9]+ ([a-z]+ missed|calls not counted): the kernel left out '

# Each event is shown or lost: exactly, unless the kernel says that it left out runs of the
# probes: then within that number.
accounted() { # NAME ALL SHOWN
	local lost missed
	lost=$(lost_count)
	missed=$(missed_count)
	diag "$1: of $2: $3 shown, $lost lost, up to $missed missed"
	if [ $(($3 + lost)) -le "$2" ] && [ $(($3 + lost + missed)) -ge "$2" ]; then
		pass "$1"
	else
		fail "$1" "$3 shown, $lost lost, up to $missed missed, of $2; $(head -c 1000 "$ERR")"
	fi
}

# Judges the last run, of a command line that the tool has to refuse: this status, nothing on stdout,
# at most MOST lines (1), all of the tool itself, no raw control bytes, and a line that matches.
refused() { # NAME TOOL STATUS REGEX
	local line lines problem='' matches=''
	[ "$STATUS" = "$3" ] || problem="status $STATUS, wanted $3; "
	[ ! -s "$OUT" ] || problem="${problem}something on stdout; "
	mapfile -t lines < "$ERR"
	[ "${#lines[@]}" -le "${MOST:-1}" ] || problem="$problem${#lines[@]} lines on stderr; "
	for line in "${lines[@]}"; do
		[[ $line == "$2: "* ]] || problem="${problem}a line that is not its own; "
		[[ ! $line =~ [[:cntrl:]] ]] || problem="${problem}raw control bytes; "
		[[ ! $line =~ ^"$2: ".*($4) ]] || matches=1
	done
	[ -n "$matches" ] || problem="${problem}wanted in a line: $4; "
	if [ -z "$problem" ]; then
		pass "${1:0:100}"
	else
		fail "${1:0:100}" "$problem"
		diag "stderr: $(head -n 6 "$ERR" | cut -c 1-300)"
	fi
}

# A list is printed: so many lines at least, one of them like this.
lists() { # NAME REGEX LEAST TOOL ARG...
	run_tool "${@:4}"
	if [ "$STATUS" = 0 ] && [ ! -s "$ERR" ] && grep -qE -e "$2" "$OUT" &&
			[ "$(wc -l < "$OUT")" -ge "$3" ]; then
		pass "$1"
	else
		fail "$1" "status $STATUS, $(wc -l < "$OUT") lines; wanted $3, one of them $2"
		diag "$(head -n 6 "$OUT" "$ERR" | cut -c 1-300)"
	fi
}

# --- the plan -----------------------------------------------------------------------------------

# The rows of a tool's plan, from its source: "WHAT/HOW/WHERE" lines.
plan_rows() { # TOOL
	tr '\n' ' ' < "$TESTS/../$1/$1.c" | sed 's/static const struct probe [a-z]*\[\] = {/\n&\n/; s/PLAN_END/\n/' |
		sed -n '/static const struct probe/{n;p;q}' | sed 's|/\*[^*]*\*/||g; s/{ *"/\n"/g' |
		sed -n 's/^"\([^"]*\)", *[A-Z]*, *\([A-Z_]*\), *\(.*\), *PROG.*/\1\/\2\/\3/p' |
		sed 's/"[[:space:]]*"//g; s/"//g'
}

# Why this kernel cannot attach a row, or nothing.
row_excuse() { # HOW WHERE
	local target
	case $1 in
	KRETPROBE|KRETSYSCALL|KPROBE|KSYSCALL)
		has_kprobes || echo "$KERNEL has no kprobes" ;;
	TRACEPOINT)
		for target in $2; do
			case $target in *\?) continue ;; esac
			has_tracepoint "$target" || echo "$KERNEL has no tracepoint $target that can be read"
		done ;;
	esac
}

# Attaches each row of the plan once, by hiding its alternatives, and lets CHECK judge.
plan_rows_each() { # TOOL CHECK
	local rows row other what rest how where excuse hidden
	mapfile -t rows < <(plan_rows "$1")
	for row in "${rows[@]}"; do
		what=${row%%/*} rest=${row#*/}
		how=${rest%%/*} where=${rest#*/}
		excuse=$(row_excuse "$how" "$where" | head -n 1)
		if [ -n "$excuse" ]; then
			skip "row $what/$how" "$excuse"
			continue
		fi
		hidden=
		for other in "${rows[@]}"; do
			[ "${other%%/*}" != "$what" ] || [ "$other" = "$row" ] || hidden=$hidden,$other
		done
		export PLAN_HIDE=${hidden#,}
		"$2" "row $what/$how" "$what" "$how" "$where"
		unset PLAN_HIDE
	done
	ok "the plan of $1 has rows" test "${#rows[@]}" -gt 0
}

# Whether the last run (with -v) has attached this row.
row_attached() { # WHAT HOW WHERE
	grep -qF ": $1: attached by $2 $3" "$ERR"
}

# Runs these cases, or says why not: in a guest (tests/guest/run-tools says GUEST=1) every start
# of a tool takes a second, so what does not depend on the kernel is left to the host.
GUEST=${GUEST:-}
run_cases() { # CASE... [-- CASE THAT NEEDS NO OTHER KERNEL...]
	local case start portable=
	for case; do
		if [ "$case" = -- ]; then
			portable=1
			continue
		fi
		case " ${CASES:-$case} " in *" $case "*) ;; *) continue ;; esac # for people
		if [ "$portable$GUEST" = 11 ]; then
			skip "${TOOL:+$TOOL: }$case" 'the same on every kernel: tested on the host'
			continue
		fi
		start=$SECONDS
		"$case"
		diag "$case took $((SECONDS - start)) s"
	done
}
