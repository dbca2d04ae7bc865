#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# trace-stacks.sh - trace -U: names of processes' stacks, of those above all that have ended when
# the event is read. To be sure of that the workload stops the tool meanwhile.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload stacks
need_program jq
need_tracepoint syscalls/sys_enter_getpriority

STACKS=$WORKLOAD/stacks
PROBE=t:syscalls:sys_enter_getpriority
# libc's function keeps no frame pointer, so the kernel misses the one that calls it.
LIBC='getpriority [libc]'

# Emulated machines are slow to start processes.
PROCESSES=100
[ -z "${GUEST-}" ] || PROCESSES=20

chain() { # MODULE: what the workload's stack begins with
	echo "$LIBC|stacks_two [$1]|stacks_one [$1]|main [$1]"
}

# Runs the tool over a script, whose tool() stops and continues it.
traced() { # SCRIPT OPTION...
	local script=$1
	shift
	# shellcheck disable=SC2016
	run_whole trace "$@" $PROBE -- /bin/sh -c 'tool() { kill -s "$1" "$TOOL"; }; TOOL=$PPID
		STACKS=$1 TMP=$2; '"$script" sh "$STACKS" "$TMP"
}

# Each process's stack, without offsets and libc's version: "COUNT STACK" a line.
stacks() { # FRAMES
	jq -r --argjson n "$1" '[.user_stack[:$n][] | sub("\\+0x[0-9a-f]+ "; " ") |
		sub(" \\[libc[-.][^]]*\\]"; " [libc]")] | join("|")' < "$OUT" 2>&1 |
		sort | uniq -c | sed 's/^ *//'
}

test_short() {
	# shellcheck disable=SC2016
	traced 'tool STOP; i=0; while [ $i -lt '$PROCESSES' ]; do "$STACKS" call 2; i=$((i + 1)); done
		tool CONT' -U --json
	is "$STATUS $(cat "$ERR")" '0 ' 'short: status 0, nothing is said'
	is "$(stacks 4)" "$((2 * PROCESSES)) $(chain stacks)" \
		'short: many processes that have ended: all frames have names'
	is "$(jq -s 'map(.pid) | unique | length' < "$OUT")" $PROCESSES 'short: ... all of them'

	# shellcheck disable=SC2016
	traced 'tool STOP; "$STACKS" call 1; tool CONT' -U -a
	like "$(cat "$OUT")" '^        [ 0-9a-f]{16} stacks_one\+0x[0-9a-f]+ \[stacks\]$' \
		'short: -a: address, name, module'
	# shellcheck disable=SC2016
	traced 'tool STOP; "$STACKS" call 1; tool CONT' -U
	like "$(cat "$OUT")" '^        stacks_one\+0x[0-9a-f]+ \[stacks\]$' 'short: text'
}

# Known, known, in flight, and another program under the same pid.
test_exec() {
	cp "$STACKS" "$TMP/another"
	# shellcheck disable=SC2016
	traced '"$STACKS" exec "$TMP/another" $TOOL; tool CONT' -U --json
	# A copy has the same build-id, so it goes by the name that was met first.
	is "$(stacks 4)" "4 $(chain stacks)" \
		'exec: a process that was known becomes a program elsewhere, and ends'
	is "$(jq -s 'map(.comm) | unique | join(" ")' -r < "$OUT")" 'another stacks' 'exec: ... it does'
	is "$(jq -s 'map(.pid) | unique | length' < "$OUT")" 1 'exec: ... which is the same process'
}

test_astray() {
	# shellcheck disable=SC2016
	traced 'tool STOP; "$STACKS" astray; tool CONT' -U --json
	is "$(stacks 99)" "1 $LIBC|stacks_two [stacks]|stacks_one [stacks]|stacks_astray [stacks]|main [stacks]" \
		'astray: what is no code ends the stack'
}

# A root of its own with a program that nobody else sees, in no folder of programs.
test_root() {
	if ! unshare -m true 2> /dev/null; then
		skip 'root' 'no mount namespace can be made here'
		return
	fi
	mkdir "$TMP/hidden"
	# The parent stays until a stack is shown: it has a descriptor of the file, which it does not see.
	# shellcheck disable=SC2016
	traced 'unshare -m sh -c "mount --bind / \$0 && mount -t tmpfs none \$0/tmp &&
			mkdir \$0/tmp/own && cp \$1 \$0/tmp/own/inside && exec chroot \$0 sh -c \"
				kill -s STOP \$2; /tmp/own/inside call 3; kill -s CONT \$2
				timeout 120 sh -c \\\"until read -r line <&9; do sleep 0.05; done\\\"\"" \
		"$TMP/hidden" "$STACKS" $TOOL 9< "$TMP/out"' -U --json
	is "$(stacks 4)" "3 $(chain inside)" 'root: a program that only the process and its parent see'
	ok 'root: we do not see it' test ! -e /tmp/own
}

# The file has gone, too.
test_deleted() {
	local script
	# shellcheck disable=SC2016
	script='cp "$STACKS" "$TMP/gone"; tool STOP; "$TMP/gone" call 1; rm "$TMP/gone"; tool CONT'
	traced "$script" -U --json
	like "$(stacks 4)" '0x[0-9a-f]+ \[[0-9a-f]{40}\+0x[0-9a-f]+\]\|' \
		'deleted: build-id and offset'
	traced "$script" -U --json -s "/nowhere/../$STACKS"
	is "$STATUS" 1 '-s: a file that is not there: status 1'
	like "$(cat "$ERR")" "cannot open '/nowhere" '-s: ... is said'
	traced "$script" -U --json -s "$TESTS/lib.sh,$STACKS"
	is "$(stacks 4)" "1 $(chain stacks)" '-s: the same program elsewhere'
	like "$(cat "$ERR")" "/lib.sh' has no build-id" '-s: a file without a build-id is told'
}

test_short
test_exec
test_astray
test_root
test_deleted
done_testing
