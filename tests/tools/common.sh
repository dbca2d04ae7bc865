#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# common.sh - what all tools share: how they end, what they do with a full disk or a reader that
# goes away, "-- CMD", how soon an event can be read, privileges, BTF and tracefs.
#
# What is traced here is a user of its own, so nothing else on the machine is seen. An event has a
# name: one run of "opens paths /NAME" is one exec and one open, one run of ios as a program NAME
# one request to a disk, one of calls one call of a function, and NAME is the end of each tool's
# line of it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload opens
need_program setpriv

# Some of these run as nobody, who need not reach the folder that the programs were built in.
mkdir -m 755 "$TMP/bin"
cp "$BIN"/{execsnoop,opensnoop,biolatency,funccount} "$WORKLOAD"/* "$TMP/bin/" || exit 1
BIN=$TMP/bin WORKLOAD=$TMP/bin

USER_ID=54321
NOISE=
DISK='' LOOP=''

# A disk that everybody may read: the guest's, or a loop device of our own.
disk_make() {
	if [ -n "$GUEST" ]; then
		DISK=/dev/vda
	else
		truncate -s 1M "$TMP/disk"
		LOOP=$(losetup -f --show "$TMP/disk" 2> /dev/null)
		DISK=$LOOP
	fi
	[ -b "$DISK" ] && chmod o+r "$DISK"
}

disk_end() {
	[ -z "$LOOP" ] || { chmod o-r "$LOOP"; losetup -d "$LOOP"; }
	cleanup
}
trap disk_end EXIT

# Sets EVENT to the command that is one event, and SHOW to the options that show its name.
event_of() { # NAME
	if [ "$TOOL" = biolatency ]; then
		ln -sf ios "$WORKLOAD/$1"
		# shellcheck disable=SC2016
		EVENT=(/bin/sh -c 'exec "$@" > /dev/null' sh "$WORKLOAD/$1" "$DISK" read 1 4096)
		SHOW=(--slower 0.000001 -d "$DISK" -o pid,comm)
	elif [ "$TOOL" = funccount ]; then
		ln -sf calls "$WORKLOAD/$1"
		# shellcheck disable=SC2016
		EVENT=(/bin/sh -c 'exec "$@" > /dev/null' sh "$WORKLOAD/$1" 1 step=1)
		SHOW=(--by comm -o count,comm "$WORKLOAD/calls:calls_step")
	else
		EVENT=("$WORKLOAD/opens" paths "/$1")
		SHOW=()
	fi
}

event() { # NAME
	event_of "$1"
	setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups "${EVENT[@]}"
}

shown() { # NAME: how many lines of it are in $OUT
	grep -cE "[/ ]$1 *\$" "$OUT"
}

noise_start() {
	event_of noise
	# shellcheck disable=SC2016
	setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups /bin/sh -c \
		'while sleep 0.05; do "$@"; done' sh "${EVENT[@]}" &
	NOISE=$!
}

noise_stop() {
	kill $NOISE
	wait $NOISE 2>/dev/null
}

# --- ends ---------------------------------------------------------------------------------------

# What has happened before the signal is shown, though the tool had no time to look.
test_signals() {
	local signal
	for signal in INT TERM HUP; do
		event_of "before-$signal"
		start_tool "$TOOL" "${SHOW[@]}" --uid $USER_ID
		event "before-$signal"
		stop_tool $signal
		is "$STATUS" 0 "$TOOL: SIG$signal: status 0"
		is "$(shown "before-$signal")" 1 "$TOOL: SIG$signal: what waits is shown"
		unlike "$(cat "$ERR")" 'lost' "$TOOL: SIG$signal: nothing lost"
	done
}

test_stops() {
	local start took
	noise_start
	start=$(date +%s%N)
	run_tool "$TOOL" "${SHOW[@]}" --uid $USER_ID --duration 1
	took=$((($(date +%s%N) - start) / 1000000))
	is "$STATUS" 0 "$TOOL: --duration: status 0"
	ok "$TOOL: --duration 1 lasts a second and little more ($took ms)" \
		test $took -ge 1000 -a $took -lt 8000
	run_tool "$TOOL" "${SHOW[@]}" --uid $USER_ID --max-events 3
	is "$STATUS $(wc -l < "$OUT")" '0 4' "$TOOL: --max-events 3: a header and three rows"
	run_tool "$TOOL" "${SHOW[@]}" --uid $USER_ID --max-events 3 --json
	is "$STATUS $(wc -l < "$OUT")" '0 3' "$TOOL: --max-events 3 --json: three lines"

	timeout "$WAIT" "$BIN/$TOOL" "${SHOW[@]}" --uid $USER_ID 2> "$ERR" | head -n 1 > "$OUT"
	is "${PIPESTATUS[0]} $(cat "$ERR")" '0 ' "$TOOL: | head -n 1: status 0 and no complaint"
	is "$(wc -l < "$OUT")" 1 "$TOOL: | head -n 1: one line"

	STATUS=0
	timeout "$WAIT" "$BIN/$TOOL" "${SHOW[@]}" --uid $USER_ID > /dev/full 2> "$ERR" || STATUS=$?
	is "$STATUS" 1 "$TOOL: a full disk: status 1"
	is "$(cat "$ERR")" "$TOOL: cannot write to standard output: No space left on device" \
		"$TOOL: a full disk: said once"
	STATUS=0
	timeout "$WAIT" "$BIN/$TOOL" "${SHOW[@]}" --uid $USER_ID 2> "$ERR" >&- || STATUS=$?
	is "$STATUS" 1 "$TOOL: standard output is closed: status 1"
	is "$(cat "$ERR")" "$TOOL: cannot write to standard output: Bad file descriptor" \
		"$TOOL: standard output is closed: said once"
	noise_stop
	STATUS=0
	"$BIN/$TOOL" --help > /dev/full 2> "$ERR" || STATUS=$?
	is "$STATUS" 1 "$TOOL: --help to a full disk: status 1"
}

# --- -- CMD -------------------------------------------------------------------------------------

test_command() {
	event_of command
	run_tool "$TOOL" "${SHOW[@]}" -- /bin/false
	is "$STATUS" 0 "$TOOL: -- CMD that fails: status 0"
	run_tool "$TOOL" "${SHOW[@]}" -- /no/such/program
	is "$STATUS" 1 "$TOOL: -- CMD that is not there: status 1"
	is "$(cat "$ERR")" "$TOOL: cannot run '/no/such/program': No such file or directory" \
		"$TOOL: -- CMD that is not there: said"
	run_tool "$TOOL" "${SHOW[@]}" -- $'/no/such\e[31m'
	unlike "$(cat "$ERR")" $'\e' "$TOOL: -- CMD that is not there: its name escaped"
	# shellcheck disable=SC2016
	run_tool "$TOOL" "${SHOW[@]}" -- /bin/sh -c 'kill -PIPE $$; echo survived'
	is "$(grep -cx survived "$OUT")" 0 "$TOOL: -- CMD has the default signal handling"
	# shellcheck disable=SC2016
	start_tool "$TOOL" "${SHOW[@]}" -- /bin/sh -c \
		'while [ ! -e "$0" ]; do sleep 0.05; done; touch "$0.done"' "$TMP/go"
	stop_tool INT
	is "$STATUS" 0 "$TOOL: stopped before CMD has ended: status 0"
	touch "$TMP/go"
	ok "$TOOL: stopped before CMD has ended: CMD goes on" wait_for test -e "$TMP/go.done"
	rm -f "$TMP/go" "$TMP/go.done"
}

# --- when an event can be read ------------------------------------------------------------------

test_lag() {
	local work=opens rate rates=('20 60') count middle last tries
	if [ "$TOOL" = biolatency ]; then
		skip "$TOOL: lag" 'it lists events by the same reader as the others'
		return
	fi
	[ "$TOOL" = opensnoop ] || work=execs
	[ -n "$GUEST" ] || rates+=('4 400')
	for rate in "${rates[@]}"; do
		for tries in 1 2 3; do # the machine may have other work
			# shellcheck disable=SC2086
			(cd "$PLACE" && timeout "$WAIT" "$BIN/$TOOL" -- "$WORKLOAD/$work" tick $rate 2> "$ERR") |
				"$WORKLOAD/lag" > "$TMP/lag"
			read -r count middle last < "$TMP/lag"
			diag "$TOOL, COUNT and MS of the events $rate, try $tries:" \
				"readable after $middle ms, at most $last ms"
			[ "$count" = "${rate% *}" ] && [ "$middle" -le 100 ] && break
		done
		is "$count" "${rate% *}" "$TOOL: $rate: all events can be read while it runs"
		# The last one may have been late by the machine's doing, not most.
		ok "$TOOL: $rate: within a tenth of a second ($middle ms)" test "$middle" -le 100
	done
}

# --- privileges ---------------------------------------------------------------------------------

test_privileges() {
	RUN_AS=("${CAPS_NONE[@]}")
	run_tool "$TOOL" --duration 1
	is "$STATUS" 1 "$TOOL: without capabilities: status 1"
	is "$(wc -l < "$ERR")" 1 "$TOOL: without capabilities: one line"
	like "$(cat "$ERR")" "^$TOOL: .*CAP_BPF.*CAP_PERFMON" \
		"$TOOL: without capabilities: names those that it needs"
	RUN_AS=()
	if ! "${CAPS_BPF[@]}" true 2> /dev/null; then
		skip "$TOOL: CAP_BPF and CAP_PERFMON alone" \
			'setpriv cannot give these capabilities here'
		return
	fi
	RUN_AS=("${CAPS_BPF_ALONE[@]}")
	run_tool "$TOOL" --duration 1
	is "$STATUS $(wc -l < "$ERR")" '1 1' "$TOOL: CAP_BPF without CAP_PERFMON: status 1, one line"
	like "$(cat "$ERR")" "^$TOOL: .*CAP_PERFMON" \
		"$TOOL: CAP_BPF without CAP_PERFMON: names the missing one"

	# Before 5.11 maps count against RLIMIT_MEMLOCK, which only root can raise.
	RUN_AS=("${CAPS_BPF[@]}")
	ulimit -l unlimited
	event_of by-nobody
	run_whole "$TOOL" "${SHOW[@]}" -- "${EVENT[@]}"
	is "$STATUS $(cat "$ERR")" '0 ' "$TOOL: CAP_BPF and CAP_PERFMON alone: status 0"
	is "$(shown by-nobody)" 1 "$TOOL: CAP_BPF and CAP_PERFMON alone: works"
	if [ "$TOOL" = opensnoop ]; then
		run_whole opensnoop -F -x -- "$WORKLOAD/opens" paths by-nobody
		like "$(cat "$OUT")" "^[0-9]+ +opens +-1   2 $PWD/by-nobody\$" \
			'opensnoop: CAP_BPF and CAP_PERFMON alone: -F -x'
	elif [ "$TOOL" = execsnoop ]; then
		run_whole execsnoop --json -x -- "$WORKLOAD/opens" paths /by-nobody
		like "$(cat "$OUT")" '"uid":65534,.*"/by-nobody"' \
			'execsnoop: CAP_BPF and CAP_PERFMON alone: -x --json'
	fi
	RUN_AS=()
}

test_memlock() {
	RUN_AS=(setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource
		bash -c 'ulimit -l 64; exec "$0" "$@"')
	event_of memlock
	run_whole "$TOOL" "${SHOW[@]}" -- "${EVENT[@]}"
	RUN_AS=()
	if ! kernel_at_least 5.11; then
		if [ "$STATUS" = 1 ]; then
			like "$(cat "$ERR")" 'locked memory.*ulimit -l' "$TOOL: RLIMIT_MEMLOCK too small: said"
		else
			is "$STATUS" 0 "$TOOL: RLIMIT_MEMLOCK too small: status 0 or 1"
		fi
		return
	fi
	is "$STATUS $(cat "$ERR")" '0 ' "$TOOL: an RLIMIT_MEMLOCK that cannot be raised is no error"
	is "$(shown memlock)" 1 "$TOOL: ... and it works"
}

# --- BTF, tracefs -------------------------------------------------------------------------------

test_btf() {
	event_of by-btf
	run_whole "$TOOL" "${SHOW[@]}" --btf /sys/kernel/btf/vmlinux -- "${EVENT[@]}"
	is "$STATUS $(shown by-btf)" '0 1' "$TOOL: --btf FILE"
	cp /sys/kernel/btf/vmlinux "$TMP/btf"
	RUN_AS=(unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"')
	event_of no-btf
	run_whole "$TOOL" "${SHOW[@]}" -- "${EVENT[@]}"
	is "$STATUS $(wc -l < "$ERR")" '1 1' "$TOOL: a kernel without BTF: status 1, one line"
	like "$(cat "$ERR")" "^$TOOL: .*BTF.*--btf" "$TOOL: a kernel without BTF: says what helps"
	event_of own-btf
	run_whole "$TOOL" "${SHOW[@]}" --btf "$TMP/btf" -- "${EVENT[@]}"
	is "$STATUS $(shown own-btf)" '0 1' "$TOOL: a kernel without BTF: --btf FILE"
	RUN_AS=()
	rm "$TMP/btf"
}

test_tracefs() {
	local before after hide
	hide=$(plan_rows "$TOOL" | awk -F / '$2 == "RAW_TP" || $2 == "TP_BTF" { print $1 "/" $2 }' |
		grep -v 'tree\|io_uring' | sort -u | paste -sd ,)
	before=$(cat /proc/mounts)
	RUN_AS=(unshare -m sh -c 'umount -l /sys/kernel/debug /sys/kernel/tracing 2> /dev/null
		exec "$0" "$@"')
	# debugfs is not there, and is not missed
	event_of no-debugfs
	run_whole "$TOOL" "${SHOW[@]}" -- "${EVENT[@]}"
	is "$STATUS $(shown no-debugfs)" '0 1' "$TOOL: without debugfs and tracefs"
	if [ "$TOOL" = opensnoop ]; then
		RUN_AS=(env "PLAN_HIDE=$hide" "${RUN_AS[@]:0:5}")
		run_whole "$TOOL" -v -- "$WORKLOAD/opens" paths /tracefs
		if [ -n "$(row_excuse TRACEPOINT syscalls/sys_exit_openat)" ]; then
			skip "$TOOL: tracefs is mounted privately" "$KERNEL has none to mount"
		else
			is "$STATUS $(grep -c '/tracefs$' "$OUT") $(grep -o 'opens: attached by TRACEPOINT' "$ERR")" \
				'0 1 opens: attached by TRACEPOINT' "$TOOL: tracefs is mounted privately"
		fi
	fi
	RUN_AS=()
	after=$(cat /proc/mounts)
	is "$after" "$before" "$TOOL: no mount is left behind"
}

# --- help ---------------------------------------------------------------------------------------

test_help() {
	run_tool "$TOOL" --help
	is "$STATUS $(cat "$ERR")" '0 ' "$TOOL: --help: status 0"
	like "$(head -n 1 "$OUT")" "^Usage: $TOOL " "$TOOL: --help: begins with the usage"
	is "$(awk 'length($0) > 80' "$OUT")" '' "$TOOL: --help: no line is longer than 80"
	run_tool "$TOOL" --version
	like "$STATUS $(cat "$OUT")" "^0 $TOOL [^ ]+\$" "$TOOL: --version"
}

for TOOL in ${TOOLS:-execsnoop opensnoop biolatency funccount}; do
	if [ ! -x "$BIN/$TOOL" ]; then
		fail "$TOOL is built"
		continue
	fi
	if [ "$TOOL" = biolatency ] && ! disk_make; then
		skip "$TOOL" 'no loop device can be made here'
		continue
	fi
	if [ "$TOOL" = funccount ]; then # no events: the other cases are in funccount.sh
		run_cases test_memlock test_btf test_tracefs -- test_help test_signals test_command
		continue
	fi
	run_cases test_privileges test_memlock test_btf test_tracefs test_lag -- \
		test_help test_signals test_stops test_command
done
done_testing
