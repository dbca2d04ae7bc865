# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# argdist.sh - the section argdist of tests/bench/run, and argdist's part of kernel.
#
# What is counted in each way is one thing in a loop. bpftrace gets the map that does the same:
# count() or hist(), with the same key, with strings of the same size.

STRING_SIZE=80 # argdist's -z

write_tally_script() { # FILE PROBE ACTION [PROBE ACTION FILTER]: each of our user only
	cat >"$1" <<-E
	BEGIN { printf("bench: attached\\n"); }
	$2 /uid == $user/ { $3 }
	E
	[ -z "${4-}" ] || echo "$4 /uid == $user && $6/ { $5 }" >>"$1"
}

add_tally_tool() { # TOOL -C|-H SPEC THEIR-PROBE ACTION [PROBE ACTION FILTER]
	local tool=$1 script=$TMP/${1// /-}.bt
	tools+=("$tool")
	PROGRAM[ours/$tool]=$O/bin/argdist
	COMMAND[ours/$tool]=$(join_lines "$O/bin/argdist" --uid "$user" -i 0 "$2" "$3")
	[ -n "${NAME[bpftrace]-}" ] || return 0
	shift 3
	write_tally_script "$script" "$@"
	PROGRAM[bpftrace/$tool]=$(command -v bpftrace)
	COMMAND[bpftrace/$tool]=$(join_lines env "BPFTRACE_STRLEN=$STRING_SIZE" bpftrace "$script")
}

# How long something took: key, where it starts and ends.
add_time_tool() { # TOOL SPEC START END
	# shellcheck disable=SC2016
	add_tally_tool "$1" -H "$2" "$3" '@start[tid] = nsecs;' \
		"$4" '@ = hist(nsecs - @start[tid]); delete(@start[tid]);' '@start[tid]'
}

# For the start, -v says when it is attached.
add_tally_start() { # TOOL OF
	local s
	for s in ours bpftrace bcc; do
		[ -n "${COMMAND[$s/$2]-}" ] || continue
		PROGRAM[$s/$1]=${PROGRAM[$s/$2]-}
		COMMAND[$s/$1]=${COMMAND[$s/$2]}
	done
	COMMAND[ours/$1]=$(join_lines "${COMMAND[ours/$2]}" -v)
}

# shellcheck disable=SC2016
add_argdist_tools() {
	local enter=raw_syscalls:sys_enter leave=raw_syscalls:sys_exit step=$BENCH/loop:bench_step
	local open=syscalls:sys_enter_openat
	add_tally_tool 'argdist number' -C "t:$enter::args->id" tracepoint:$enter \
		'@[args->id] = count();'
	add_tally_tool 'argdist comm' -C "t:$enter::\$COMM" tracepoint:$enter '@[comm] = count();'
	add_tally_tool 'argdist path' -C "t:$open::args->filename" tracepoint:$open \
		'@[str(args->filename)] = count();'
	add_tally_tool 'argdist hist' -H "t:$enter::args->id" tracepoint:$enter \
		'@ = hist(args->id);'
	add_time_tool 'argdist call' "t:$leave <- t:$enter @ \$tid::\$latency" \
		tracepoint:$enter tracepoint:$leave
	add_time_tool 'argdist step' "r:$step::\$latency" "uprobe:$step" "uretprobe:$step"
	add_tally_start 'argdist start' 'argdist number'
	MEMORY_OF['argdist number']=1
}

# The sum of what the tool shows: in BCC's layouts, or in bpftrace's.
counted_argdist() {
	awk '/^\t *[0-9]+ +[^ ]/ { n += $1 }
	/^@\[.*\]: [0-9]+$/ { n += $NF }
	/^ *-?[0-9]+ +-> -?[0-9]+ +: / { sub(/.*: /, ""); n += $1 }
	/^\[[0-9KMGT]+(\]|, [0-9KMGT]+\)) / { sub(/.*[])] /, ""); n += $1 }
	END { print n + 0 }' "$TMP/output"
}

run_argdist() { # ROUND
	measure_start 'argdist start' ': attached' "$1"
	measure_hits 'argdist number' "$1" 'a call, by a number' calls "$hits"
	measure_hits 'argdist comm' "$1" 'a call, by $COMM' calls "$hits"
	measure_hits 'argdist path' "$1" 'an open, by its path' opens $((hits / 5)) "$ABSENT"
	measure_hits 'argdist hist' "$1" 'a call, -H' calls "$hits"
	measure_hits 'argdist call' "$1" 'a call, $latency' calls "$hits"
	measure_hits 'argdist step' "$1" 'a user function, $latency' steps $((hits / 10))
}

# --- a kernel function: with BCC, whose argdist filters by C -------------------------------------

# shellcheck disable=SC2016
add_argdist_functions() {
	local mine="(u32)bpf_get_current_uid_gid() == $user" open=do_sys_openat2
	local arguments='(struct task_struct *task, int type)'
	add_tally_tool 'argdist function number' -C "p::$FUNCTION$arguments:int:type" \
		kprobe:$FUNCTION '@[(int32)arg1] = count();'
	add_bcc 'argdist function number' argdist-bpfcc -C \
		"p::$FUNCTION$arguments:int:type:$mine"
	add_tally_tool 'argdist function path' -C \
		"p::$open(int dfd, const char __user *name):char *:name" \
		kprobe:$open '@[str(arg1)] = count();'
	add_bcc 'argdist function path' argdist-bpfcc -C \
		"p::$open(int dfd, const char __user *name):char *:name:$mine"
	add_tally_tool 'argdist function hist' -H "p::$FUNCTION$arguments:int:type" \
		kprobe:$FUNCTION '@ = hist((int32)arg1);'
	add_bcc 'argdist function hist' argdist-bpfcc -H \
		"p::$FUNCTION$arguments:int:type:$mine"
	add_time_tool 'argdist function time' "r::$FUNCTION():u64:\$latency" kprobe:$FUNCTION \
		kretprobe:$FUNCTION
	add_bcc 'argdist function time' argdist-bpfcc -H "r::$FUNCTION():u64:\$latency:$mine"
	MEMORY_OF['argdist function number']=1
}

run_argdist_functions() { # ROUND
	measure_hits 'argdist function number' "$1" 'a function, by a number' calls "$hits"
	measure_hits 'argdist function path' "$1" 'an open, by its path' opens $((hits / 5)) \
		"$ABSENT"
	measure_hits 'argdist function hist' "$1" 'a function, -H' calls "$hits"
	measure_hits 'argdist function time' "$1" 'a function, $latency' calls "$hits"
}
