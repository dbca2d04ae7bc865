#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# argdist-sampling.sh - argdist's samples of the clock and of events that are counted, and --heatmap.
#
# Page faults and context switches with a period of 1 are exact. Samples of the clock are as many
# as the CPU time that the workload says that it used, within bounds that a shared machine needs.
# Only the workload is looked at, but for ticks that are counted without a look at who is running.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload samples
need_program jq
need_program taskset

S=$WORKLOAD/samples
CPUS=$(grep -c ^processor /proc/cpuinfo)

# A virtual CPU that its host makes wait misses ticks, and the kernel does not make up for them: so
# many of 100 samples there are at least.
LEAST=20

# The workload itself is the command, because its file is known by name then; what it says, a number,
# stands among the tool's messages.
sampled() { # OPTION... -- WORK N: $OUT, and what the workload says in $WANTED
	split_command "$@"
	run_tool argdist "${OPTIONS[@]}" -- "$S" "${REST[@]}"
	grep -E '^[0-9]+$' "$ERR" > "$WANTED"
	sed -i -E '/^[0-9]+$/d' "$ERR"
}

# A stack is told that finds another one in its place, as some in a hundred runs do.
quiet() { # NAME
	sed -i '/ stacks found no room$/d' "$ERR"
	is "$STATUS$(cat "$ERR")" 0 "$1: status 0, nothing on stderr"
}

between() { # NUMBER LOW HIGH NAME
	if awk -v n="$1" -v low="$2" -v high="$3" \
		'BEGIN { exit !(n ~ /^[0-9.]+$/ && n + 0 >= low + 0 && n + 0 <= high + 0) }'; then
		pass "$4"
	else
		fail "$4" "got: $1, wanted: $2 to $3"
		diag "$(head -n 20 "$OUT" "$ERR" | cut -c 1-200)"
	fi
}

# --- the clock ----------------------------------------------------------------------------------

test_profile() {
	local ms inside all
	sampled -i 0 --json -C 'profile:hz:199::$COMM,$PROBE,$USTACK' -- spin 4000
	quiet 'profile:hz:199 -- CMD'
	ms=$(cat "$WANTED")
	all=$(got 'map(select(.key["$COMM"] == "samples") | .count) | add')
	inside=$(got 'map(select(.user_stack[0] // "" | startswith("samples_spin+")) | .count) | add')
	between "$all" $((ms * 199 * LEAST / 100000)) $((ms * 199 * 12 / 10000)) \
		"profile:hz:199 of $ms ms: 199 samples for each second of CPU time ($LEAST % to 120 %)"
	between "$inside" $((all * 8 / 10)) "$all" \
		'profile: the function with the loop is the innermost of 80 % of the stacks'
	is "$(got 'map(.key["$PROBE"]) | unique | join(" ")')" profile:hz:199 'profile: $PROBE'
	sampled -i 0 --folded -C 'profile:us:5000::$USTACK' -- spin 1000
	between "$(awk '/^(.*;)?samples_spin [0-9]+$/ { n += $NF } END { print n + 0 }' "$OUT")" \
		$((2 * LEAST - 10)) 240 \
		'profile:us:5000 --folded: 200 samples of a second end in the loop'
}

test_clocks() {
	sampled -i 0 --json -C 'software:cpu-clock:10000000' -- spin 1000
	between "$(got '.[0].count')" "$LEAST" 125 'software:cpu-clock: 100 samples of a second'
	sampled -i 0 --json -C 'software:task-clock:10000000' -- spin 1000
	between "$(got '.[0].count')" "$LEAST" 125 'software:task-clock: 100 samples of a second'
}

# Without a filter, and without a look at who is running. The CPUs are kept busy: some machines'
# clocks skip ticks of idle ones, with or without us. Then the first probe ticks a while before the
# last one is attached.
test_ticks() {
	local cpu spins=()
	for ((cpu = 0; cpu < CPUS; cpu++)); do
		nice -n 19 taskset -c "$cpu" "$S" spin 60000 > "$TMP/spin" &
		spins+=($!)
	done
	run_tool argdist -d 2 -i 0 --json -C 'interval:ms:100' -C 'interval:s:1' \
		-C 'profile:ms:100' -C 'profile:hz:10::$CPU'
	kill "${spins[@]}"
	wait "${spins[@]}" 2>> "$TMP/spin"
	quiet 'ticks'
	between "$(got '.[0].count')" $((LEAST / 5)) 60 'interval:ms:100: 20 in two seconds, of one CPU'
	between "$(got '.[1].count')" 1 6 'interval:s:1: 2 in two seconds'
	between "$(got '.[2].count')" $((LEAST * CPUS / 5)) $((60 * CPUS)) \
		"profile:ms:100: 20 of each of $CPUS CPUs"
	between "$(got '.[3:] | map(.count) | min')" $((LEAST / 5)) 60 \
		'profile:hz:10: 20 of each CPU, of that with the fewest'
	between "$(got '.[3:] | map(.count) | max')" $((LEAST / 5)) 60 'profile:hz:10: ... with the most'
	is "$(got '.[3:] | map(.key["$CPU"]) | sort | join(" ")')" \
		"$(seq -s ' ' 0 $((CPUS - 1)))" 'profile: every CPU'
}

has_threads() { # N
	[ "$(find "/proc/$WAITER/task" -mindepth 1 -maxdepth 1 | wc -l)" = "$1" ]
}

test_process() {
	local said
	waiter_start "$S" wait thread 1000
	wait_for has_threads 2
	start_tool argdist -i 0 --json -p "$WAITER" -C 'profile:hz:100::$PID,$TID'
	waiter_go
	stop_tool
	said=$(cat "$WANTED")
	is "$(got 'max_by(.count) | .key | "\(.["$PID"]) \(.["$TID"])"')" "$WAITER ${said#* }" \
		'profile -p: a thread that was there before is sampled'
	between "$(got 'map(.count) | add')" "$LEAST" 125 'profile -p: 100 samples of a second'
}

# --- events -------------------------------------------------------------------------------------

test_faults() {
	sampled -i 0 --json -C 'software:page-faults:1::$COMM' -C 'software:minor-faults:1::$COMM#minor' \
		-C 'software:major-faults:1::$COMM#major' -- pages 1234
	quiet 'page faults'
	is "$(got 'map(select(.key["$COMM"] == "touching") | "\(.label):\(.count)") | join(" ")')" \
		'null:1234 minor:1234' 'page-faults, minor-faults: each new page once; no major-faults'
	sampled -i 0 --json -C 'software:faults:1::$COMM,$USTACK' -- pages 77
	is "$(got 'map(select(.key["$COMM"] == "touching") | "\(.count) \(.user_stack[0])") | join(" ")' |
		sed 's/+.*//')" '77 samples_touch' 'page-faults: the stack has who touches them'
	sampled -i 0 --json --comm touching -C 'software:page-faults:1' -- pages 500
	is "$(got 'map(.count) | join(" ")')" 500 'page-faults: --comm'
	sampled -i 0 --json -C 'software:page-faults:1:::STRCMP("touching", $COMM)' -- pages 300
	is "$(got 'map(.count) | join(" ")')" 300 'page-faults: a predicate'
	sampled -i 0 --json -C 'software:page-faults:1::$UID,sum(1):STRCMP("touching", $COMM)' -- pages 50
	is "$(got 'map("\(.key["$UID"]) \(.sum)") | join(" ")')" '0 50' 'page-faults: a sum by user'
}

test_filter_pid() {
	waiter_start "$S" wait pages 400
	start_tool argdist -i 0 --json -p "$WAITER" -C 'software:page-faults:1::$COMM'
	"$S" pages 300
	waiter_go
	stop_tool
	is "$(got 'map(select(.key["$COMM"] == "touching") | .count) | join(" ")')" 400 \
		'page-faults -p: those of this process'
}

test_switches() {
	local count
	sampled -i 0 --json -C 'software:context-switches:1::$COMM' -- switches 100
	count=$(cat "$WANTED")
	# The process may be switched between its look at the kernel's count and its new name.
	between "$(got 'map(select(.key["$COMM"] == "switching") | .count) | add')" \
		$((count - 2)) "$count" "context-switches: the $count that the kernel counted"
}

test_hardware() {
	local probe
	run_tool argdist -l 'hardware:*'
	if [ "$STATUS" != 0 ]; then
		is "$(cat "$ERR")" "argdist: 'hardware:*': this machine offers no such event" \
			"-l 'hardware:*': what is not there is said"
		run_tool argdist -i 0 -C 'hardware:cycles:1000000' -- /bin/true
		is "$STATUS $(cat "$ERR")" \
			"1 argdist: 'hardware:cycles:1000000': this machine does not offer cycles" \
			'hardware:cycles: what is not there is said'
		skip 'hardware: samples' 'this machine counts none'
		return
	fi
	probe=$(grep -m 1 -E '^hardware:(cycles|instructions):N' "$OUT")
	if [ -z "$probe" ]; then
		skip 'hardware: samples' 'this machine counts other events only'
		return
	fi
	probe=${probe/%N/500000}
	sampled -i 0 --json -C "$probe::\$USTACK" -- spin 3000
	quiet "$probe"
	between "$(got '(map(select(.user_stack[0] // "" | startswith("samples_spin+")) | .count) | add)
		* 100 / (map(.count) | add)')" 80 100 "$probe: 80 % are of the loop"
}

test_list() {
	run_tool argdist -l 'profile:*' 'software:*-faults:N' 'interval:s:*'
	is "$STATUS $(sort "$OUT" | tr '\n' ' ')" \
		'0 interval:s:N profile:hz:N profile:ms:N profile:s:N profile:us:N software:alignment-faults:N software:emulation-faults:N software:major-faults:N software:minor-faults:N software:page-faults:N ' \
		'-l: samples'
}

# --- with others --------------------------------------------------------------------------------

test_together() {
	sampled -i 0 --json -C "$S:samples_touch(void *at, long pages):long:pages" \
		-C 'software:page-faults:1::$COMM' -C 'software:context-switches:1' -- pages 222
	is "$(got '.[:2] | map(.key.pages) | sort | join(" ")') $(got \
		'map(select(.key["$COMM"] == "touching") | .count) | join(" ")')" '1 222 222' \
		'samples and functions in one run'
	sampled -i 0 -H 'software:page-faults:1::$CPU' -- pages 64
	like "$(cat "$OUT")" '^ +\$CPU +: count +distribution' 'a histogram of samples'
}

# Where a return is reached by fexit, the program and its trampoline are frames, too.
test_own_frames() {
	local name='stacks of kernel functions: BPF is no part of them'
	kernel_skips "$name" && return
	sampled -i 0 --json -C 'r::vfs_write::$KSTACK' -C 'p::vfs_write::$KSTACK' -- spin 1
	is "$STATUS $(got 'length > 1') $(got 'map(select(.kernel_stack[0] | test("bpf"))) | length')" \
		'0 true 0' "$name"
}

# --- a map --------------------------------------------------------------------------------------

test_heatmap() {
	local take="$S:samples_take(long size):long:size"
	sampled -i 0 --heatmap -H "$take#bytes" -- sizes 32
	quiet '--heatmap'
	is "$(cat "$OUT")" '     64 -> 127     @
     32 -> 63       
     16 -> 31       
      8 -> 15       
      4 -> 7       *
intervals ago    now
bytes; hits: 1 .:-=+*#%@ 256' '--heatmap: one interval, exactly'
	sampled -i 1 --heatmap -H "$S:samples_spin(long rounds):long:rounds" -- spin 2500
	like "$(cat "$OUT")" '^ 524288 -> 1048575 [ .:=+*#%@-]{2,}[.:=+*#%@-]' '--heatmap: a column for each second'
	sampled -i 0 --heatmap -H "$take - 50" -- sizes 10
	is "$(cat "$ERR")" \
		'argdist: 10 hits not counted: --heatmap has no row for values below 0' \
		'--heatmap: what is not on it is told'
	if ! has_program script; then
		skip '--heatmap: colours' 'there is no script(1)'
		return
	fi
	TERM=xterm-256color script -qec "$BIN/argdist -i 0 --heatmap -H '$take' -- $S sizes 9" \
		/dev/null > "$OUT" 2>&1 < /dev/null
	like "$(cat "$OUT")" $'\e\\[48;5;[0-9]+m' '--heatmap: 256 colours on a terminal'
	script -qec "stty rows 6 cols 80; TERM=vt100 COLORTERM= $BIN/argdist -i 1 --heatmap -H '$take' -- \
		sh -c '$S sizes 32; sleep 1.5; $S sizes 32'" /dev/null > "$OUT" 2>&1 < /dev/null
	is "$(grep -o $'\e\\[[0-9]*A' "$OUT" | sort -u | sed $'s/\e//') $(grep -c -- '0 -> 31 ' "$OUT")" \
		"[5A $(grep -c -- '64 -> 127' "$OUT")" '--heatmap: not higher than the terminal'
}

# --- mistakes -----------------------------------------------------------------------------------

wrong() { # COLUMN (of the caret) MESSAGE OPTION...
	local column=$1 message=$2
	shift 2
	run_tool argdist "$@" -- /bin/true
	is "$STATUS $(sed -n 1p "$ERR")" "2 argdist: $message" "wrong: $*"
	[ "$column" = - ] || is "$(sed -n '3s/^argdist:   //p' "$ERR" | wc -c)" $((column + 1)) \
		"wrong: $*: the caret"
}

test_bad() {
	wrong 9 'behind profile: stands one of hz, s, ms, us' -C 'profile:99'
	wrong 11 'the number is missing: profile:hz:99' -C 'profile:hz'
	wrong 12 'this is to be 1 or more' -C 'profile:hz:0'
	wrong 12 "the kernel's clock samples every 10000 ns (100000 hz) at most" -C 'profile:hz:100001'
	wrong 12 'this is too large' -C 'profile:hz:99999999999999999999'
	wrong 12 'this is too large' -C 'interval:s:9999999999999'
	wrong 21 'how many of them make a sample is missing: software:page-faults:1' \
		-C 'software:page-faults::$COMM'
	wrong 14 'a sample has no arguments' -C 'profile:hz:99(int x)'
	wrong 16 'nothing here is called arg1' -C 'profile:hz:99::arg1'
	wrong 16 'there are no registers here' -C 'profile:hz:99::ctx->ip'
	wrong 16 '$latency is for returns (r:...) and pairs (END <- START)' -C 'profile:hz:99::$latency'
	wrong 15 'a sample has no start' -C 'profile:hz:99 <- p::vfs_read @ $tid'
	wrong 16 'a sample starts nothing' -C 'p::vfs_read <- profile:hz:99 @ $tid'
	wrong 14 "a histogram needs a value: -H 'p::func(int x)::x'" -H 'profile:hz:99'
	wrong - '--heatmap draws one -H, and goes with none of -C -c -T --percentiles --folded --json' \
		--heatmap -C 'profile:hz:99'
	wrong - '--heatmap draws one histogram: -H without keys and without lhist()' \
		--heatmap -H 'profile:hz:99::$COMM,$CPU'
}

test_profile
test_clocks
test_ticks
test_process
test_faults
test_filter_pid
test_switches
test_hardware
test_list
test_together
test_own_frames
test_heatmap
test_bad
done_testing
