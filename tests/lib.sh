# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# lib.sh - for tool tests (tests/tools/*.sh): results as TAP, tools in the background, and what
# this kernel offers. A test begins with:
#
#	. "$(dirname "$0")/../lib.sh"
#	need_root
#	plan 2                                   # or done_testing as the last line
#	start_tool opensnoop -n cat              # returns when it is attached
#	cat /etc/hostname
#	wait_lines "$OUT" 2                      # header and one row
#	stop_tool                                # SIGINT; sets STATUS
#	is "$STATUS" 0 'ends with status 0'
#	like "$(cat "$OUT")" '/etc/hostname' 'shows the open'
#
# BIN and WORKLOAD are the folders of the tools and of the workload programs. TMP is a private
# folder that goes away with the test.

set -u
LC_ALL=C.UTF-8
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BIN=${BIN:-$TESTS/../${O:-build}/bin}
WORKLOAD=${WORKLOAD:-${BIN%/bin}/workload}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/tooltest.XXXXXX") || exit 1
OUT=$TMP/out ERR=$TMP/err
TOOL_PID= STATUS=
RUN_AS=() # set to a command (setpriv ...) that start_tool and run_tool put before the tool
WAIT=${WAIT:-120} # seconds that any wait may take, on a machine that has much else to do

test_count=0 test_plan=

cleanup() {
	[ -z "$TOOL_PID" ] || kill -KILL "$TOOL_PID" 2>/dev/null
	rm -rf "$TMP"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- results ------------------------------------------------------------------------------

plan() {
	test_plan=$1
	echo "1..$1"
}

# Without a plan at the start this must be the last line: a test that dies before is noticed.
done_testing() {
	[ -n "$test_plan" ] || plan "$test_count"
}

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass() { # NAME
	test_count=$((test_count + 1))
	echo "ok $test_count - $1"
}

fail() { # NAME [EXPLANATION...]
	test_count=$((test_count + 1))
	echo "not ok $test_count - $1"
	shift
	[ $# = 0 ] || diag "$@"
}

ok() { # NAME COMMAND...: the command ends with status 0
	local name=$1 status=0
	shift
	"$@" > "$TMP/ok.log" 2>&1 || status=$?
	if [ $status = 0 ]; then
		pass "$name"
	else
		fail "$name" "status $status: $*"
		diag "$(head -c 4000 "$TMP/ok.log")"
	fi
}

is() { # GOT WANTED NAME
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" "got:    $1"
		diag "wanted: $2"
	fi
}

isnt() { # GOT UNWANTED NAME
	if [ "$1" != "$2" ]; then pass "$3"; else fail "$3" "got just that: $1"; fi
}

like() { # TEXT REGEX NAME (grep -E, any line)
	if grep -qE -e "$2" <<< "$1"; then
		pass "$3"
	else
		fail "$3" "no line matches: $2"
		diag "$(head -c 4000 <<< "$1")"
	fi
}

unlike() { # TEXT REGEX NAME
	if ! grep -qE -e "$2" <<< "$1"; then
		pass "$3"
	else
		fail "$3" "a line matches: $2"
		diag "$(grep -E -m 5 -e "$2" <<< "$1")"
	fi
}

skip() { # NAME REASON
	test_count=$((test_count + 1))
	echo "ok $test_count - $1 # SKIP $2"
}

skip_all() { # REASON: before any result
	echo "1..0 # SKIP $*"
	exit 0
}

bail() { # REASON: this test cannot go on, and that is a failure
	echo "Bail out! $*"
	exit 1
}

# --- tools --------------------------------------------------------------------------------

wait_for() { # COMMAND...: until it succeeds, at most WAIT seconds
	local end=$((SECONDS + WAIT))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

has_lines() { # FILE N
	[ "$(wc -l < "$1")" -ge "$2" ]
}

wait_lines() { # FILE N
	wait_for has_lines "$1" "$2"
}

wait_match() { # FILE REGEX
	wait_for grep -qsE -e "$2" "$1"
}

tool_is_ready() {
	# With -v a tool says "attached" when all is; the header of a text table comes then too.
	[ -s "$OUT" ] || grep -qsE '^[^ ]+: attached$' "$ERR" || ! tool_is_alive
}

tool_is_alive() {
	[ -n "$TOOL_PID" ] && [ -r "/proc/$TOOL_PID/stat" ] &&
		! grep -qs '^State:.*Z' "/proc/$TOOL_PID/status"
}

# Starts BIN/NAME -v ARG... in the background, stdout to $OUT, stderr to $ERR, and returns when
# it is attached. A shell starts background jobs with SIGINT ignored, so that is put right.
start_tool() { # NAME ARG...
	local name=$1
	shift
	[ -x "$BIN/$name" ] || bail "$BIN/$name is not there"
	: > "$OUT"; : > "$ERR"; STATUS=
	env --default-signal=INT,QUIT "${RUN_AS[@]}" "$BIN/$name" -v "$@" \
		> "$OUT" 2> "$ERR" < /dev/null &
	TOOL_PID=$!
	wait_for tool_is_ready || {
		diag "$(tail -n 20 "$ERR")"
		stop_tool KILL
		bail "$name $* was not attached within $WAIT s"
	}
}

# Waits for the tool's own end. A tool that does not end is killed: STATUS 137.
wait_tool() {
	local end=$((SECONDS + WAIT))
	while tool_is_alive; do
		[ $SECONDS -lt $end ] || {
			diag "the tool did not end within $WAIT s"
			kill -KILL "$TOOL_PID"
			break
		}
		sleep 0.02
	done
	STATUS=0
	wait "$TOOL_PID" 2>/dev/null || STATUS=$?
	TOOL_PID=
}

stop_tool() { # [SIGNAL]
	[ -z "$TOOL_PID" ] && return
	kill -s "${1:-INT}" "$TOOL_PID" 2>/dev/null
	wait_tool
}

# Runs BIN/NAME ARG... to its end: STATUS, $OUT, $ERR. 124: it did not end.
run_tool() { # NAME ARG...
	local name=$1
	shift
	STATUS=0
	timeout "$WAIT" env "${RUN_AS[@]}" "$BIN/$name" "$@" \
		> "$OUT" 2> "$ERR" < /dev/null || STATUS=$?
}

# The same for what ends at once, with few processes: in an emulated machine each one costs.
run_briefly() { # NAME ARG...
	STATUS=0
	timeout "$WAIT" "$BIN/$1" "${@:2}" > "$OUT" 2> "$ERR" < /dev/null || STATUS=$?
}

# For RUN_AS: nobody, who has no capabilities but these.
NOBODY=(setpriv --reuid=65534 --regid=65534 --clear-groups)
# shellcheck disable=SC2034
{
	CAPS_NONE=("${NOBODY[@]}" --inh-caps=-all)
	CAPS_BPF=("${NOBODY[@]}" --inh-caps=-all,+bpf,+perfmon --ambient-caps=-all,+bpf,+perfmon)
	CAPS_BPF_ALONE=("${NOBODY[@]}" --inh-caps=-all,+bpf --ambient-caps=-all,+bpf)
}

# --- what this machine and this kernel offer ----------------------------------------------

KERNEL=$(uname -r)
kernel_at_least() { # MAJOR.MINOR
	[ "$(printf '%s\n%s\n' "$1" "${KERNEL%%-*}" | sort -V | head -n 1)" = "$1" ]
}

has_program() {
	command -v "$1" > /dev/null
}

has_kprobes() {
	[ -e /sys/bus/event_source/devices/kprobe/type ]
}

has_fprobe() { # kprobe.multi is built on it
	has_function register_fprobe_ips
}

has_fentry() {
	[ "$(uname -m)" = x86_64 ] || kernel_at_least 6.4
}

has_uprobe_multi() {
	kernel_at_least 6.6
}

has_function() { # a kernel function of this name
	grep -qE "^[0-9a-f]+ [tT] $1( |\$)" /proc/kallsyms
}

# Where tracefs is not mounted, looked up in a mount of our own.
has_tracepoint() { # CATEGORY/NAME
	[ ! -d "/sys/kernel/tracing/events/$1" ] || return 0
	unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing &&
		test -d "/sys/kernel/tracing/events/$0"' "$1" 2>/dev/null
}

has_cgroup2() {
	CGROUP2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$CGROUP2" ]
}

# Each of these skips what NAME says and is true, where the machine does not have it:
# kernel_skips 'kernel functions' && return

kernel_skips() { # NAME
	has_kprobes && return 1
	skip "$1" "$KERNEL has no kprobes: tested in guests"
}

tracepoint_skips() { # NAME CATEGORY/EVENT
	has_tracepoint "$2" && return 1
	skip "$1" "$KERNEL has no tracepoint $2"
}

# Whether the workload's 32-bit programs were made, and the kernel runs them.
has_compat() {
	local status=0
	[ -x "$WORKLOAD/compat32" ] || return 1
	"$WORKLOAD/compat32" > /dev/null 2>&1 || status=$?
	[ $status != 126 ]
}

# Tasks can be preempted in raw tracepoints and in the events of single system calls: nothing is exact
# that is attached to these, and so the tools take others there.
has_preemption() {
	kernel_at_least 7.0
}

# As many as miss no call of a function with fentry: a thread that is preempted there keeps the
# program from other threads of its CPU.
fentry_threads() {
	if has_preemption; then echo 1; else echo 3; fi
}

preempted_skips() { # NAME
	has_preemption || return 1
	skip "$1" "$KERNEL leaves out hits there"
}

# There are two cgroups, GROUP and OTHER_GROUP, until groups_end().
groups_skip() { # NAME
	if has_cgroup2; then
		GROUP=$CGROUP2/test.$$ OTHER_GROUP=$CGROUP2/test-other.$$
		mkdir "$GROUP" "$OTHER_GROUP" 2> /dev/null && return 1
	fi
	skip "$1" 'no cgroup of v2 can be made here'
}

in_group() { # GROUP COMMAND...
	# shellcheck disable=SC2016
	sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$@"
}

groups_end() {
	wait_for rmdir "$GROUP" 2> /dev/null
	wait_for rmdir "$OTHER_GROUP" 2> /dev/null
}

# And these all of a test.

need() { # REASON COMMAND...
	local reason=$1
	shift
	"$@" || skip_all "$reason"
}

need_root() {
	need 'needs root' test "$(id -u)" = 0
}

need_program() {
	need "needs the program $1" has_program "$1"
}

need_workload() {
	need "the workload $1 cannot be built for $(uname -m)" test -x "$WORKLOAD/$1"
}

need_kprobes() {
	need "$KERNEL has no kprobes" has_kprobes
}

need_tracepoint() {
	need "$KERNEL has no tracepoint $1" has_tracepoint "$1"
}

need_btf() {
	need "$KERNEL has no BTF" test -r /sys/kernel/btf/vmlinux
}
