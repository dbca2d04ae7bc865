#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# trace-bad.sh - what people get wrong in probes of trace and in its options, and what it says:
# the table is trace-bad.txt.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload values

# Where nothing of the machine could be seen if a wrong line were taken.
cd "$WORKLOAD" || exit 1

# One case of the table: COMMAND, STATUS, MESSAGE, AT.
judge() {
	local arguments=("$command") lines problem='' place rest
	if [[ $command == t:syscalls:* ]] && ! has_tracepoint syscalls/sys_enter_kill; then
		skip "bad input: ${command:0:100}" "$KERNEL has no tracepoints of system calls"
		return
	fi
	if [[ $command == *' -I '* ]] && ! has_program clang; then
		skip "bad input: ${command:0:100}" 'there is no compiler'
		return
	fi
	[[ $command != 'trace '* ]] || eval "arguments=(${command#trace })"
	STATUS=0
	timeout "$WAIT" "$BIN/trace" --uid 4294967294 "${arguments[@]}" > "$OUT" 2> "$ERR" < /dev/null ||
		STATUS=$?
	mapfile -t lines < "$ERR"
	[ "$STATUS" = "$status" ] || problem="status $STATUS, wanted $status; "
	[ ! -s "$OUT" ] || problem="${problem}something on stdout; "
	[ "${lines[0]-}" = "trace: $message" ] || problem="${problem}another message; "
	if [ -n "$at" ]; then
		# The third line's caret says what of the second line is meant.
		place=${lines[2]-} place=${place%^}
		rest=${lines[1]-} rest=${rest:${#place}}
		[ "${#lines[@]}" = 3 ] && [[ ${lines[2]} == *^ ]] || problem="${problem}no caret; "
		[ "^$rest" = "$at" ] || problem="${problem}the caret is at '$rest'; "
	elif [ "${#lines[@]}" != 1 ]; then
		problem="$problem${#lines[@]} lines; "
	fi
	if [ -z "$problem" ]; then
		pass "bad input: ${command:0:100}"
		return
	fi
	fail "bad input: ${command:0:100}" "$problem"
	diag "wanted: $message $at"
	diag "$(head -n 6 "$ERR" | cut -c 1-300)"
}

# Read before the first case is run: the tool has another stdin.
test_table() {
	local command='' status message at line table
	mapfile -t table < "$TESTS/tools/trace-bad.txt"
	for line in "${table[@]}" ''; do
		case $line in
		'#'*) continue ;;
		$'\t^'*) at=${line#$'\t'} ;;
		$'\t'*) line=${line#$'\t'} status=${line%% *} message=${line#* } ;;
		*)
			[ -z "$command" ] || judge
			command=$line status='' message='' at='' ;;
		esac
	done
}

# The machine's names, of which only the sense is known.
said() { # STATUS REGEX ARG...
	local status=$1 regex=$2
	shift 2
	STATUS=0
	timeout "$WAIT" "$BIN/trace" --uid 4294967294 "$@" > "$OUT" 2> "$ERR" < /dev/null || STATUS=$?
	is "$STATUS $(grep -cE -e "^trace: $regex\$" "$ERR")" "$status 1" "bad input: ${*@Q}"
}

test_near() {
	said 1 'vfs_raed: this kernel has no such function; did you mean .*vfs_read.*' vfs_raed
	said 1 "no function of /.*/libc.so.6 matches 'malocc'; did you mean malloc.*" c:malocc
	said 1 't:sched:sched_swich: .*did you mean .*sched_switch.*' t:sched:sched_swich
	said 2 'struct task_struct has no member pidd; did you mean .*pid.*' \
		'./values:values_int "%d", $task->pidd'
	said 2 'nothing here is called TCP_SYN_SEND.*TCP_SYN_SENT.*' \
		'./values:values_int "%d", TCP_SYN_SEND'
}

run_cases -- test_table test_near
done_testing
