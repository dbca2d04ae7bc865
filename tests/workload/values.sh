# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# values.sh - for tests of trace: workloads with known values (values.c, calls.c) that wait, and what
# this kernel has not. Included after expect.sh.

# shellcheck disable=SC2034
V=$WORKLOAD/values CALLS=$WORKLOAD/calls
WAITER=

# A workload that is there and does nothing yet; waiter_go() lets it work, to its end.
waiter_start() { # COMMAND...
	rm -f "$TMP/go"
	mkfifo "$TMP/go"
	exec 7<> "$TMP/go"
	"$@" < "$TMP/go" > "$WANTED" 7>&- &
	WAITER=$!
	wait_for grep -qsE '^(values|calls|node|other)$' "/proc/$WAITER/comm"
}

waiter_go() {
	echo >&7
	exec 7>&-
	wait "$WAITER"
}

has_fprobe() { # kprobe.multi is built on it
	has_function register_fprobe_ips
}

kernel_skips() { # NAME
	has_kprobes && return 1
	skip "$1" "$KERNEL has no kprobes: tested in guests"
}

tracepoint_skips() { # NAME CATEGORY/EVENT
	has_tracepoint "$2" && return 1
	skip "$1" "$KERNEL has no tracepoint $2"
}
