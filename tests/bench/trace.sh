# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# trace.sh - the sections trace, kernel and guest-trace of tests/bench/run: trace.
#
# All print the same line: PID TID COMM FUNC and a number of the event. Who loses an event pays
# less for it; so what is lost is told, and the same is measured with buffers that hold all.

TRACE_HEADER='PID     TID     COMM            FUNC             -'
FUNCTION=__task_pid_nr_ns # what getppid() calls, and little else
ROOM_PAGES=8192 # 32 MiB
CALL=110 # getppid()'s number
[ "$(uname -m)" = x86_64 ] || CALL=173

# The file's name is its first argument.
write_trace_script() { # FILE PROBE FUNC FORMAT VALUE
	cat >"$1" <<-E
	BEGIN { printf("$TRACE_HEADER\\n"); }
	$2 /uid == $user/
	{ printf("%-7d %-7d %-15s %-16s $4\\n", pid, tid, comm, "$3", $5); }
	E
}

add_trace_tool() { # TOOL OUR-PROBE THEIR-PROBE FUNC FORMAT OUR-VALUE THEIR-VALUE
	local script=$TMP/${1// /-}.bt
	tools+=("$1")
	PROGRAM[ours/$1]=$O/bin/trace
	COMMAND[ours/$1]=$(join_lines "$O/bin/trace" --uid "$user" "$2 \"$5\", $6")
	[ -n "${NAME[bpftrace]-}" ] || return 0
	write_trace_script "$script" "$3" "$4" "$5" "$7"
	PROGRAM[bpftrace/$1]=$(command -v bpftrace)
	COMMAND[bpftrace/$1]="bpftrace $script"
}

add_trace_tools() {
	local call=raw_syscalls:sys_enter
	add_trace_tool trace t:$call tracepoint:$call sys_enter 'number %d' 'args->id' 'args->id'
	tools+=('trace roomy')
	COMMAND['ours/trace roomy']=$(join_lines "${COMMAND[ours/trace]}" --buffer 32M)
	[ -z "${COMMAND[bpftrace/trace]-}" ] || COMMAND['bpftrace/trace roomy']="env
BPFTRACE_PERF_RB_PAGES=$ROOM_PAGES
${COMMAND[bpftrace/trace]// /$'\n'}"
	SUBJECTS+=' clang'
	NAME[clang]="$(${CLANG:-clang} --version 2>/dev/null | head -n1)" ||
		ABSENT_WHY[clang]='not installed'
}

# The user's and the system's CPU time of the tool so far, in nanoseconds.
tool_cpu_ns() {
	echo $(($(cpu_ticks) * 1000000000 / $(getconf CLK_TCK)))
}

note_lines() { # SUBJECT WHAT N ADDED-CPU TOOL-CPU COUNTED
	local s=$1 what=$2 n=$3 shown lost
	shown=$(grep -c -F "$6" "$TMP/output")
	lost=$(told_lost "$s")
	note trace "shown of them, $what" % "$s" "$(awk "BEGIN { print $shown * 100 / $n }")"
	note trace "said to be lost, $what" % "$s" "$(awk "BEGIN { print $lost * 100 / $n }")"
	[ "$shown" = 0 ] || note trace "CPU time of work and tool, $what" µs "$s" \
		"$(awk "BEGIN { print ($4 * $n + $5) / $shown / 1000 }")"
}

measure_lines() { # TOOL ROUND WHAT COUNTED WORK N
	local tool=$1 round=$2 what=$3 counted=$4 n=$6 s before with after base more field
	local names=('' '' ', CPU time') cpu memory
	shift 4
	before=$(work "$@") || exit
	for s in $(in_order "$tool" "$round"); do
		start_tool "$s" "$tool" || die "${NAME[$s]}: $tool did not start again"
		cpu=$(tool_cpu_ns)
		with=$(work "$@") || exit
		memory=$(kernel_memory_kib)
		settle_tool
		cpu=$(($(tool_cpu_ns) - cpu))
		stop_tool
		after=$(work "$@") || exit
		for field in 1 2; do
			read -r base more < <(added $field 1 "$before" "$with" "$after")
			note trace "added to $what${names[field]}" ns none "$base"
			note trace "added to $what${names[field]}" ns "$s" "$more"
		done
		note_lines "$s" "$what" "$n" "$more" "$cpu" "$counted"
		[[ $tool == *roomy ]] || note_memory trace "$s" "$memory"
		before=$after
		: >"$TMP/output"
	done
}

# Of the functions that stand for the predicate and the values, not of what is around them,
# which is the same for all.
note_instructions() {
	local object=$TMP/vfs_read.o probe s
	probe='vfs_read (count > 4096) "%s %d", file->f_path.dentry->d_name.name, count'
	[ -z "${ABSENT_WHY[clang]-}" ] || return 0
	case $(uname -m) in x86_64) s=x86 ;; aarch64) s=arm64 ;; *) return 0 ;; esac
	${CLANG:-clang} -target bpf -mcpu=v3 -O2 -g -nostdinc "-D__TARGET_ARCH_$s" \
		-iquote vmlinux -isystem "$(pkg-config --variable=includedir libbpf)" \
		-c tests/bench/vfs_read.bpf.c -o "$object" || exit
	s='vfs_read: instructions, predicate and values'
	note trace "$s" '' clang "$(readelf -SW "$object" |
		sed -n 's/^ *\[ *[0-9]*\] \(pass\|fill\) .*/&/p' | awk '
		function hex(s,  i, n) {
			for (i = 1; i <= length(s); i++)
				n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
			return n
		}
		{ sub(/^.*\] /, ""); bytes += hex($5) }
		END { print bytes / 8 }')"
	note trace "$s" '' ours "$("$O/bin/trace" --dump "$probe" |
		awk '/^ *(pass|fill), [0-9]+ instructions/ { n += $2 } END { print n + 0 }')"
}

run_trace() { # ROUND
	[ "$1" != 0 ] || note_instructions
	measure_start trace 'PID     TID' "$1"
	measure_lines trace "$1" 'a line' "number $CALL" calls $((hits / 2))
	measure_lines 'trace roomy' "$1" 'a line, room for all' "number $CALL" calls \
		$((hits / 2))
}

# --- a kernel function ----------------------------------------------------------------------

add_bcc() { # TOOL PROGRAM ARGUMENT...
	local tool=$1 program=$2
	shift 2
	[ -n "${NAME[bcc]-}" ] || return 0
	COMMAND[bcc/$tool]=$(join_lines "${bcc_python[@]}" "$BCC_ROOT/usr/sbin/$program" "$@")
}

add_kernel_tools() {
	[ -e $KPROBES ] || return 0
	add_trace_tool 'trace function' p::$FUNCTION kprobe:$FUNCTION $FUNCTION 'type %d' arg2 arg1
	add_bcc 'trace function' trace-bpfcc --uid "$user" "p::$FUNCTION \"type %d\", arg2"
	add_argdist_functions
}

run_kernel() { # ROUND
	[ -e $KPROBES ] || {
		[ "$1" != 0 ] || echo 'kernel: this kernel has no kprobes' >>"$TMP/notes"
		return
	}
	measure_start 'trace function' 'PID     TID' "$1"
	measure_lines 'trace function' "$1" 'a line of a kernel function' 'type 1' calls \
		$((hits / 20)) # a line is ten times slower in a guest than what is counted
	run_argdist_functions "$1"
}

# All rounds at once, in one guest for each kernel.
run_guest_trace() { # ROUND
	local kernel
	[ "$1" = 0 ] || return 0
	for kernel in ${kernels:-6.1}; do
		tests/guest/vm --kernel "$kernel" --timeout 3600 -- env "O=$O" "CC=${CC:-cc}" \
			"BCC_ROOT=${BCC_ROOT-}" tests/bench/run --raw --rounds "$rounds" \
			--user "$user" --hits "$hits_guest_trace" kernel \
			>"$TMP/guest" 2>"$TMP/guest-says" || {
			echo "not measured to the end (status $?)" >>"$TMP/guest-says"
			sed "s/^/bench: $kernel guest: /" "$TMP/guest-says" >&2
		}
		sed -E "s/^(trace|argdist)/\\1, $kernel guest/" "$TMP/guest" >>"$TMP/results"
		sed "s/^/$kernel guest: /" "$TMP/guest-says" >>"$TMP/notes"
	done
}
