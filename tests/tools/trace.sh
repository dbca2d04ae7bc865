#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# trace.sh - what trace must show of calls whose values are known (values.c, calls.c).
#
# On the running machine only the workload is traced, as the command or by -p. Kernel functions need
# a guest where the machine has no kprobes. See also trace-examples.sh and trace-bad.sh.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload values
need_workload calls
need_workload calls
need_program jq

V=$WORKLOAD/values CALLS=$WORKLOAD/calls

# --- runs ---------------------------------------------------------------------------------------

# Runs the tool to its end over the workload.
traced() { # OPTION|PROBE... -- DEED...
	split_command "$@"
	run_whole trace "${OPTIONS[@]}" -- "$V" "${REST[@]}"
}

joined() {
	sed 's/ *$//' | awk 'NR > 1 { printf " / " } { printf "%s", $0 }'
}

# The rows without the header: "a / b".
rows() {
	tail -n +2 "$OUT" | joined
}

# The messages of a run, all of them; nothing on stderr but what SAID allows. ORDER=any: probes of
# one place are run in an order that each kernel chooses; WANTED is in the order of sort(1) then.
shows() { # WANTED NAME OPTION|PROBE... -- DEED...
	local wanted=$1 name=$2 rows problem=
	shift 2
	traced -o message "$@"
	rows=$(rows)
	[ "${ORDER-}" != any ] || rows=$(tail -n +2 "$OUT" | sort | joined)
	[ "$STATUS" = 0 ] || problem="status $STATUS; "
	[ "$rows" = "$wanted" ] || problem="${problem}got: ${rows:0:900}; "
	if [ -n "${SAID-}" ]; then
		grep -qE -e "$SAID" "$ERR" || problem="${problem}wanted on stderr: $SAID; "
	elif [ -s "$ERR" ]; then
		problem="${problem}something on stderr; "
	fi
	if [ -z "$problem" ]; then
		pass "$name"
	else
		fail "$name" "$problem"
		diag "wanted: $wanted"
		diag "stderr: $(head -n 5 "$ERR" | cut -c 1-300)"
	fi
}

shows_like() { # REGEX (of one row) NAME OPTION|PROBE... -- DEED...
	local wanted=$1 name=$2
	shift 2
	traced -o message "$@"
	if [ "$STATUS" = 0 ] && tail -n +2 "$OUT" | grep -qE -e "$wanted"; then
		pass "$name"
	else
		fail "$name" "status $STATUS, no row matches: $wanted"
		diag "$(head -n 8 "$OUT" "$ERR" | cut -c 1-300)"
	fi
}

# --- user functions -----------------------------------------------------------------------------

X150=$(printf 'x%.0s' {1..150})

test_user() {
	local wanted='-5 -300 -70000 -5000000000 / 250 65000 4000000000 18000000000000000000'

	shows "$wanted / 101 102 103 104 105 106 / 5:250 / 0 sec 1000 nsec / 127.0.0.1:9 / length of this" \
		"user: signatures, signed and unsigned; arg1 to arg6; libc's types and functions, IFUNC" \
		"$V:values_signed(signed char c, short s, int i, long l) \"%d %d %d %ld\", c, s, i, l" \
		"$V:values_unsigned(unsigned char c, unsigned short s, unsigned i, unsigned long l)
			\"%u %u %u %lu\", c, s, i, l" \
		"$V:values_many \"%d %d %d %d %d %d\", arg1, arg2, arg3, arg4, arg5, arg6" \
		"$V:values_time(struct timespec *t) \"%d:%d\", t->tv_sec, t->tv_nsec" \
		'c:nanosleep(struct timespec *req) "%d sec %d nsec", req->tv_sec, req->tv_nsec' \
		'c:connect(int fd, struct sockaddr_in *to)
			"%s:%d", ntop(to->sin_addr.s_addr), ntohs(to->sin_port)' \
		'c:strlen (STRCMP("length of this", arg1)) "%s", arg1' \
		-- signed unsigned many time nanosleep connect strlen
	shows "alpha|${X150:0:79}|tab\there|<fault>|<fault>" \
		'user: strings; 80 bytes of them; what cannot be read' \
		"$V:values_strings(char *s, char *more, char *odd, char *bad, char *null)
			\"%s|%s|%s|%s|%s\", s, more, odd, bad, null" -- strings
	shows "$X150" 'user: -Z: longer strings' -Z 200 "$V:values_strings \"%s\", (char *)arg2" \
		-- strings
	shows '-5 / 1 / 200 / text 7 / 1 20' 'user: returns of several types; $latency of 20 ms' \
		"r:$V:values_int \"%d\", (int)retval" "r:$V:values_bool \"%d\", (bool)retval" \
		"r:$V:values_byte \"%u\", (unsigned char)retval" \
		"r:$V:values_text \"%s\", (char *)retval" \
		"r:$V:values_slow(int ms) \"%d %d\", \$latency >= 20000000 && \$latency < 5000000000, ms" \
		-- returns slow
	ORDER=any shows '! 1 = 1 / ! 2 = 2 / ! 3 = 6 / ! 4 = 24 / ! 5 = 120 / 3 6 7 / 4 24 8 / 5 120 9' \
		'user: returns know the parameters of their own entry: recursion' \
		"r:$V:values_factorial(long n) \"! %d = %d\", \$entry(n), retval" \
		"r:$V:values_factorial(long n) (\$entry(n * 2) > 4) \"%d %d %d\", n, retval, \$entry(n + 4)" \
		-- factorial
	ORDER=any shows '2 4 1 / 3 9 1 / one 1 / one 2 / one 3 / two 1 / two 3' \
		'user: pairs of two functions, with a key; predicates' \
		"$V:values_second <- $V:values_first @ arg1 (arg1 > 1)
			\"%d %d %d\", arg1, \$entry(arg1 * arg1), \$latency > 0" \
		"$V:values_int <- $V:values_first @ arg1 \"no such key\"" \
		"$V:values_first \"one %d\", arg1" "$V:values_second (arg1 != 2) \"two %d\", arg1" -- order
	# One by one that takes minutes in a guest.
	if ! has_uprobe_multi; then
		skip 'user: returns of some dozens of functions' "$KERNEL has no uprobe.multi"
		return
	fi
	run_whole trace -o func,message 'r:c:get* "%d", $latency > 0' -- "$WORKLOAD/calls" 1 getpriority=3
	is "$STATUS $(grep -c '^getpriority  *1$' "$OUT")" '0 3' 'user: returns of some dozens of functions, with $latency'
}

# Returns have the values of their own calls, also if those of others do not come.
test_missed() {
	local p="r:$V:values_level*(long n) \"%d %d\", n, retval" levels
	levels=$(seq 37 100 | awk '{ print $1, $1 }' | joined)
	SAID='^trace: up to 37 events missed: so many calls did not return to the probe: deeper than 64' \
		shows "$levels" 'returns: of 101 calls within each other those of the outer 64' "$p" -- levels
	SAID='^trace: up to 74 events missed' shows "$levels / $levels" 'returns: ... twice' "$p" -- levels=2
	ORDER=any SAID='^trace: up to 74 events missed' \
		shows "$(seq 37 100 | awk '{ print "all", $1, $1; print $1, $1 }' | sort | joined)" \
		'returns: ... of two probes' "$p" "r:$V:values_level(long n) \"all %d %d\", n, retval" -- levels
	shows '0 0 / 1 1 / 2 2 / 3 3 / 109 109' 'returns: calls in a handler on another stack' "$p" -- signal
	SAID='^trace: up to 8 events missed: .*, or left by longjmp or an exception$' \
		shows '-7 -7 / 20 21 / -7 -7 / 20 21' 'returns: calls that are left by longjmp()' \
		"r:$V:values_throw*(long n) \"%d %d\", n, retval" -- throw=2
	shows '15 30 / 5 30 / 15 30 / 5 30' 'returns: of a jump to another function, both' \
		"r:$V:values_jump*(long n) \"%d %d\", n, retval" -- jump=2
}

# What a program may have to hold: the verifier of each kernel is to take it.
test_limits() {
	local terms values strings
	terms=$(printf 'n + %.0s' {1..63})n
	values=$(printf ', n + %d' {1..16})
	strings=$(printf '(char *)arg%d == "none" || ' {1..3})
	shows '448 / 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 / values 1 1 / 1' \
		'limits: 64 terms, 16 values, the task, comparisons of strings' \
		"$V:values_int(int n) \"%d\", $terms" \
		"$V:values_bool(int n) \"$(printf '%%d %.0s' {1..15})%d\"$values" \
		"$V:values_byte \"%s %d %d\", \$task->comm, \$task->real_parent->tgid > 0, \$cgroup > 0" \
		"$V:values_strings ($strings(char *)arg1 == \"alpha\") \"1\"" -- returns strings
	shows "alpha $X150 tab\there alpha $X150 tab\there" 'limits: strings of 4 KB' -Z 4096 \
		"$V:values_strings(char *a, char *b, char *c) \"%s %s %s %s %s %s\", a, b, c, a, b, c" -- strings
}

# Types and names from debug information. An arm64 guest has the same.
test_dwarf() {
	local wanted

	shows 'c=-5 s=-300 i=-70000 l=-5000000000' 'DWARF: all parameters by name, without a format' \
		"$V:values_signed" -- signed
	shows 'a=101 b=102 c=103 d=104 e=105 f=106 g=107 h=108' \
		'DWARF: parameters on the stack, too' "$V:values_many" -- many
	shows 'retval=-5 / retval=true / retval=200 / retval="text 7"' 'DWARF: types of returns' \
		"r:$V:values_int" "r:$V:values_bool" "r:$V:values_byte" "r:$V:values_text" -- returns
	shows '-42 first second 43 -3 2' 'DWARF: members, of a pointer in it, bit fields' \
		"$V:values_item \"%d %s %s %d %d %d\", item->number, item->name, item->next->name,
			item->next->number, item->below, item->next->colour" -- item
	wanted='^\{\.number=-42, \.name="first", \.next=0x[0-9a-f]+, \.low=5, \.high=19, \.below=-3,'
	wanted+=' \.colour=BLUE, \.bits=BIT_READ\|BIT_EXEC, \.word=67305985, \.bytes=\[1, 2, 3, 4\],'
	wanted+=' \.list=\[10, -20, 30\], \.text=0x[0-9a-f]+, \.yes=true\}$'
	shows_like "$wanted" \
		'DWARF: a whole structure by %S' "$V:values_item \"%S\", *item" -- item
	shows '107 108' 'DWARF: arg7 and arg8' "$V:values_many \"%d %d\", arg7, arg8" -- many
}

# Parameters behind structs, floating point, results in memory: by name and by signature.
test_places() {
	local wanted='7 behind / -8 / 9 / 10 / 10 / 5 6 7 / 11 12 / 13 14'

	shows "$wanted / 7 8 -9 10" 'places: parameters behind what is not in one register' \
		"$V:values_floats \"%d %s\", i, s" "$V:values_point \"%d\", z" \
		"$V:values_mixed \"%d\", z" "$V:values_triple \"%d\", z" \
		"r:$V:values_triple \"%d\", z" "$V:values_pair \"%d %d %d\", e, f, g" \
		"$V:values_wide \"%d %d\", a, b" "$V:values_large \"%d %d\", a, b" \
		"$V:values_far \"%d %d %d %d\", g, h, i, j" -- places
	shows "$wanted / 7 8 -9 10" 'places: by signature' \
		"$V:values_floats(double, int i, float y, char *s) \"%d %s\", i, s" \
		"$V:values_point(struct point, int z) \"%d\", z" \
		"$V:values_mixed(struct mixed, int z) \"%d\", z" \
		"$V:values_triple(int z) \"%d\", z" "r:$V:values_triple(int z) \"%d\", z" \
		"$V:values_pair(int, int, int, int, int e, struct pair, int f, int g) \"%d %d %d\", e, f, g" \
		"$V:values_wide(int a, __int128, int b) \"%d %d\", a, b" \
		"$V:values_large(int a, struct triple, long double, int b) \"%d %d\", a, b" \
		"$V:values_far(int, int, int, int, int, int, int g, int h, long double, short i,
			struct triple, int j) \"%d %d %d %d\", g, h, i, j" -- places
	shows 'i=7 s="behind" / e=5 f=6 g=7' 'places: without a format, what can be read' \
		"$V:values_floats" "$V:values_pair (e == 5) \"e=%d f=%d g=%d\", e, f, g" -- places
}

test_patterns() {
	traced -o func,message "$V:values_*t*" -- signed strings bytes returns factorial
	is "$(awk 'NR > 1 { print $1 }' "$OUT" | sort | uniq -c | awk '{ print $2, $1 }' | paste -sd ,)" \
		'values_byte 1,values_bytes 1,values_factorial 5,values_int 1,values_strings 1,values_text 1' \
		'patterns: FUNC is the name of each'
	traced -o func,message "r:$V:values_b*" "u:$V:*ree" -- bytes returns usdt
	is "$(awk 'NR > 1 { print $1 }' "$OUT" | paste -sd ' ')" \
		'values_bytes values_bool values_byte values:three' 'patterns: returns, USDT probes'
	traced -o func,message "$V:*" -- signed
	is "$(grep -E '^(_start|values_signed)' "$OUT" | joined | tr -s ' ')" \
		'_start / values_signed c=-5 s=-300 i=-70000 l=-5000000000' \
		'patterns: parameters by name, whatever else is without debug information'
	SAID='^trace: not attached: [0-9]+; -v lists them$' \
		shows '1 / 1 / 2 / 2 / 3 / 3' 'patterns: what has no such parameter is left out' \
		"$V:values_* \"%d\", i" -- item order
}

# --- USDT ---------------------------------------------------------------------------------------

test_usdt() {
	shows '-7 usdt text 77' 'USDT: signed argument of 4 bytes, text, long' \
		"u:$V:three \"%d %s %d\", arg1, (char *)arg2, arg3" -- usdt
	shows 77 'USDT: with the provider; predicates' \
		"u:$V:values:three (arg1 < 0 && STRCMP(\"usdt text\", arg2)) \"%d\", arg3" \
		"u:$V:values:three (arg1 > 0) \"no\"" \
		"u:$V:values:three (STRCMP(\"usdt\", arg2)) \"no\"" -- usdt
	shows '0 / 1 / 2 / 0' 'USDT: semaphores are raised' \
		"u:$V:guarded \"%d\", arg1" -- guarded=3 guarded
	traced -o func,message "u:$V:values:three" -- usdt
	like "$(rows)" '^values:three +arg1=-7 arg2=[0-9a-fx]+ arg3=77$' \
		'USDT: all arguments without a format; FUNC has the provider'
	waiter_start "$V" wait guarded=2 usdt
	start_tool trace -o message -p "$WAITER" 'u::guarded "%d", arg1' "u:$V:three \"%d\", arg3"
	"$V" guarded usdt
	waiter_go
	stop_tool
	is "$STATUS $(rows)" '0 0 / 1 / 77' 'USDT: -p: its probes without a file, and only its calls'
}

# --- tracepoints --------------------------------------------------------------------------------

test_tracepoints() {
	tracepoint_skips tracepoints syscalls/sys_enter_openat && return
	shows '/values/none 524288 / -3' 'tracepoints: a pointer to user memory, integers' \
		't:syscalls:sys_enter_openat (args->filename == "/values/none") "%s %d", args->filename,
			args->flags' 't:syscalls:sys_exit_kill (args->ret < 0) "%d", args->ret' -- open kill
	shows 'values -> renamed / renamed -> values' 'tracepoints: char arrays' \
		't:task:task_rename (args->oldcomm == "values" || args->newcomm == "values" &&
			args->oldcomm != "trace") "%s -> %s", args->oldcomm, args->newcomm' -- rename
	shows "$V" 'tracepoints: __data_loc' 't:sched:sched_process_exec "%s", args->filename' -- kill
	shows "$V and another / values -> renamed" 'tracepoints: texts that are compared and chosen' \
		't:sched:sched_process_exec (args->filename != $comm && STRCMP(args->filename, args->filename))
			"%s and %s", args->pid ? args->filename : $comm, $comm == args->filename ? "same" : "another"' \
		't:task:task_rename (args->oldcomm == $comm && args->oldcomm != args->newcomm &&
			args->newcomm == "renamed") "%s -> %s", args->oldcomm, args->newcomm' -- kill rename
	shows 'pid=4194303 sig=0' 'tracepoints: all fields without a format' \
		t:syscalls:sys_enter_kill -- kill
	traced --json t:syscalls:sys_enter_kill -- kill
	is "$(got 'map("\(.func) \(.args)") | join(" ")')" \
		'sys_enter_kill {"pid":4194303,"sig":0}' 'tracepoints: as JSON'
	shows 1 'tracepoints: flags by name' \
		't:syscalls:sys_enter_openat (args->flags & O_CLOEXEC && args->filename == "/values/none")
			"%d", args->flags == (O_RDONLY | O_CLOEXEC)' -- open
	shows 'sig 0 to 4194303 = -3 1' 'tracepoints: pairs: $entry() and $latency' \
		't:syscalls:sys_exit_kill <- t:syscalls:sys_enter_kill @ $tid
			"sig %d to %d = %d %d", $entry(args->sig), $entry(args->pid), args->ret, $latency > 0' \
		-- kill
	shows '-3 3 / -3 3' 'tracepoints: pairs: keys of several parts, predicates' \
		't:syscalls:sys_exit_kill <- t:syscalls:sys_enter_kill @ ($tid, 5) (args->ret < 0)
			"%d %d", args->ret, $entry(args->pid % 10)' -- kill=2
	shows ESRCH 'tracepoints: errors by name' \
		't:syscalls:sys_exit_kill (args->ret == -ESRCH) "ESRCH"' -- kill
	connect_row
}

connect_row() {
	tracepoint_skips 'tracepoints: ntop()' sock/inet_sock_set_state && return
	shows '127.0.0.1 9' "tracepoints: ntop(), an enum's constant" \
		't:sock:inet_sock_set_state (args->newstate == TCP_SYN_SENT)
			"%s %d", ntop(args->daddr), args->dport' -- connect
}

# Each way to attach, by hiding those before it; each is given values.
way() { # WAY HIDDEN-WAYS WANTED OPTION|PROBE... -- DEED...
	local way=$1 hidden=$2 wanted=$3
	shift 3
	PLAN_HIDE=$hidden traced -v -o message "$@"
	is "$STATUS $(rows) $(grep -m 1 -o " attached by $way\$" "$ERR")" "0 $wanted  attached by $way" \
		"way: $way"
}

test_ways() {
	local user=("$V:values_signed(signed char c, short s) \"%d %d\", c, s"
		"r:$V:values_int(int n) \"%d %d\", n, (int)retval" "u:$V:three \"%d %d\", arg1, arg3"
		-- signed returns usdt)

	way uprobe attach/uprobe.multi '-5 -300 / 7 -5 / -7 77' "${user[@]}"
	if has_uprobe_multi; then
		way uprobe.multi '' '-5 -300 / 7 -5 / -7 77' "${user[@]}"
	else
		skip 'way: uprobe.multi' "$KERNEL has none"
	fi
	preempted_skips 'way: raw tracepoint' || way 'raw tracepoint' '' 'values / renamed' \
		't:task:task_rename ($comm == "values" || $comm == "renamed") "%s", $comm' -- rename
	way tracepoint 'attach/raw tracepoint' values \
		't:task:task_rename (args->newcomm == "renamed") "%s", args->oldcomm' -- rename
	kernel_skips 'ways to kernel functions' && return
	kernel_way kprobe attach/kprobe.multi,attach/fentry
	if has_fprobe; then
		kernel_way kprobe.multi ''
	else
		skip 'way: kprobe.multi' "$KERNEL has none"
	fi
	if has_fentry; then
		kernel_way fentry attach/kprobe.multi,attach/kprobe
	else
		skip 'way: fentry' "$KERNEL, $(uname -m): before 6.4 there is none"
	fi
}

kernel_way() { # WAY HIDDEN
	way "$1" "$2" '0 4096 8192 / 0 8192' 'vfs_fallocate "%d %d %d", mode, offset, len' \
		'r::vfs_fallocate "%d %d", retval, len' -- tmpfile
}

# --- kernel functions ---------------------------------------------------------------------------

test_kernel() {
	local wanted said=

	kernel_skips 'kernel functions' && return
	# A name that kernels had, and have another for.
	has_function __vfs_read || said='^trace: .*__vfs_read.* vfs_read'
	wanted='/values/none -100 / 0 12345 / 0 4096 8192 / 1 1 / 4096 8192 / b 8192 / c 4096 1 / e -2'
	SAID=$said ORDER=any shows "$wanted / memfd:values 12345 / retval=0 / {.tv_nsec=1000}" \
		'kernel: by names of BTF, argN, a signature, chains, returns, strings, structures, pairs' \
		'vfs_fallocate "%d %lld %lld", mode, offset, len' 'vfs_fallocate "%d %d", arg3, arg4' \
		'p::vfs_fallocate(void *f, int m, s64 o, s64 size) "b %d", size' r::vfs_fallocate \
		'r::vfs_fallocate "%d %d", $latency > 0 && $latency < 10000000000, $entry(offset) == 4096' \
		'r::vfs_fallocate <- p::vfs_fallocate @ $tid "c %d %d", $entry(offset), $latency > 0' \
		'__vfs_read (count == 12345) "%s %d", file->f_path.dentry->d_name.name, count' \
		'r::vfs_read (count == 12345) "%d %d", retval, count' \
		'do_sys_openat2 (filename == "/values/none") "%s %d", filename, dfd' \
		'r::do_sys_openat2 (retval < 0 && filename == "/values/none") "e %d", retval' \
		'sys_nanosleep(struct __kernel_timespec *t) "%S", *t' -- tmpfile open nanosleep
	kernel_shown
	kernel_offset
	kernel_suffix
	kernel_stacks
	kernel_module
}

kernel_shown() {
	local data=shmem_file_operations
	# Of files in memory. Not every kernel has names of data.
	grep -q " $data\$" /proc/kallsyms || data='0xffff[0-9a-f]{12}'
	traced -o func,message vfs_fallocate 'vfs_falloc* "%d", len' \
		'vfs_fallocate "%K %K", file->f_op, file->f_op->fallocate' 'vfs_fallocate "%.2S", *file' \
		-- tmpfile
	is "$STATUS $(wc -l < "$OUT")" '0 5' 'kernel: four probes at one place'
	like "$(cat "$OUT")" '^vfs_fallocate +file=0x[0-9a-f]+ mode=0 offset=4096 len=8192$' \
		'kernel: all arguments without a format'
	like "$(cat "$OUT")" '^vfs_fallocate +8192$' 'kernel: a pattern; FUNC is the name of each'
	like "$(cat "$OUT")" \
		" $data(\+0x0)?( \[kernel\])? shmem_fallocate(\+0x0)?( \[kernel\])?\$" 'kernel: %K'
	like "$(grep 'f_op=0x' "$OUT")" \
		' \{.*\.f_path=\{\.mnt=0x[0-9a-f]+, \.dentry=0x[0-9a-f]+\}.*\}$' \
		'kernel: %S of a whole structure'
}

# The guests' root is of this module.
kernel_module() {
	if ! grep -qs '^overlay ' /proc/modules; then
		skip 'kernel: a function of a module' 'overlay is no module here'
		return
	fi
	run_whole trace -o func,message ovl_open 'ovl_open "%x", arg2 != 0' -- cat /etc/hostname
	like "$(rows)" '(^|/ )ovl_open +1( |$)' 'kernel: a function of a module'
	if [ -e /sys/kernel/btf/overlay ]; then
		like "$(rows)" '(^|/ )ovl_open +inode=0x[0-9a-f]+ file=0x[0-9a-f]+( |$)' \
			'kernel: a function of a module: its types'
	else
		skip 'kernel: a function of a module: its types' "$KERNEL has none of modules"
	fi
}

# Where a function of the kernel has its second instruction depends on how the kernel was built;
# the kernel refuses a place that is none.
kernel_offset() {
	local at wanted=()
	case $(uname -m) in
	x86_64) wanted=(4 5) ;; # behind endbr64, or behind the call of ftrace's
	*) wanted=(12) ;;
	esac
	for at in "${wanted[@]}"; do
		traced -o func,message "vfs_fallocate+$at \"%d\", arg3" -- tmpfile
		[ "$STATUS" != 0 ] || break
	done
	like "$(rows)" '^vfs_fallocate\+[0-9]+ +4096' 'kernel: FUNC+OFFSET'
}

kernel_suffix() {
	local name
	name=$(awk '$3 ~ /^finish_task_switch\./ { print $3; exit }' /proc/kallsyms)
	if [ -z "$name" ]; then
		skip 'kernel: a function that the compiler has renamed' "$KERNEL has none that is known here"
		return
	fi
	run_tool trace -M 1 -o func finish_task_switch
	is "$STATUS $(rows)" "0 $name" 'kernel: a function that the compiler has renamed'
}

kernel_stacks() {
	traced -K -a 'do_nanosleep "%d", arg2' -- nanosleep
	like "$(cat "$OUT")" '^        ffff[0-9a-f]{12} do_nanosleep(\+0x[0-9a-f]+)? \[kernel\]$' \
		'kernel: -K: where it is'
	# arm64 leaves out the caller of where the probe is.
	like "$(cat "$OUT")" \
		'^        ffff[0-9a-f]{12} (hrtimer_nanosleep|__arm64_sys_nanosleep)\+0x[0-9a-f]+ \[kernel\]$' \
		'kernel: -K: its callers'
	is "$(grep -c '^$' "$OUT")" 2 'kernel: -K: an empty line behind each'
}

# System calls under any of their names.
test_syscalls() {
	local wanted i

	kernel_skips 'system calls' && return
	wanted='/values/none 80000 / 80000 / fourth 8192 / r -3 4194303'
	for i in {1..6}; do wanted+=" / s$i 4194303 0"; done
	ORDER=any shows "$wanted" \
		'system calls: all spellings; argN, by name, a signature, returns, a string, the fourth' \
		'sys_kill "s1 %d %d", (int)arg1, (int)arg2' 'SyS_kill "s2 %d %d", pid, sig' \
		'__x64_sys_kill "s3 %d %d", pid, sig' '__arm64_sys_kill "s4 %d %d", pid, sig' \
		'ksyscall:kill "s5 %d %d", pid, sig' \
		'p::sys_kill(int who, int what) "s6 %d %d", who, what' \
		'r::sys_kill "r %d %d", (int)retval, pid' \
		'sys_openat (STRNCMP("/values", filename, 7)) "%s %x", filename, flags' \
		'sys_openat (filename == "/values/none") "%x", arg3' \
		'sys_fallocate "fourth %d", arg4' -- kill open tmpfile
}

# Many tracepoints of system calls: all together, and one by one. The same lines, but for addresses.
calls_way() { # WAY HIDDEN
	PLAN_HIDE=$2 traced -v -o func,message 't:syscalls:sys_enter_*at* ($comm == "values")' \
		't:syscalls:sys_exit_*at* ($comm == "values")' -- open=97
	like "$STATUS $(grep -o "attached by $1\$" "$ERR" | joined)" "^0 .*attached by $1 / attached by $1\$" \
		"many system calls: by $1"
	is "$(rows | grep -o ' sys_enter_openat dfd=-100 filename="/values/none" flags=524288 mode=0 / sys_exit_openat  ret=-2' |
		wc -l)" 97 "many system calls: by $1: each call, and its values"
	sed -E 's/0x[0-9a-f]+|[0-9]{10,}/ADDRESS/g' "$OUT" > "$TMP/calls$2"
}

test_calls() {
	tracepoint_skips 'many system calls' syscalls/sys_enter_openat && return
	calls_way sys_enter/sys_exit ''
	if ! preempted_skips 'many system calls: by tracepoint'; then
		mkdir -p "$TMP/callsattach/sys_enter"
		calls_way tracepoint attach/sys_enter/sys_exit
		is "$(diff "$TMP/calls" "$TMP/callsattach/sys_enter/sys_exit" | head -n 10)" '' \
			'many system calls: either way shows the same'
	fi
	calls_compat
	[ -z "$GUEST" ] || return # tracepoints of system calls have no stack on some kernels
	traced -K -o message 't:syscalls:sys_enter_*at* (args->__syscall_nr > 0) "x"' -- open
	like "$(rows)" ' x / +[a-z_]+\+.*(do_syscall_64|el0_svc|invoke_syscall)' 'many system calls: -K'
}

# Calls of 32-bit programs have other numbers: tracepoints leave them out.
calls_compat() {
	if ! has_compat; then
		skip 'many system calls: 32-bit programs' 'no compiler for them, or no kernel that runs them'
		return
	fi
	(cd "$TMP" && run_whole trace -o comm,func 't:syscalls:sys_enter_*' -- "$WORKLOAD/compat32" opens)
	like "$(rows)" 'sys_enter_execve' 'many system calls: 32-bit programs: until it begins'
	is "$(grep -c '^compat32 ' "$OUT")" 0 'many system calls: 32-bit programs: left out'
}

# --- what is printed ------------------------------------------------------------------------------

prints() { # FORMAT-AND-EXPRESSIONS WANTED, of values_int(7)
	shows "$2" "prints: $1" "$V:values_int(int n) $1" -- returns
}

test_formats() {
	prints '"%d %i %u", n, -n, n' '7 -7 7'
	prints '"%5d|%-5d|%05d|%+d|% d|%.3d", n, n, n, n, n, n' '    7|7    |00007|+7| 7|007'
	prints '"%x %X %#x %08llx %o %#o", n * 30, n * 30, n, 300, 64, 8' \
		'd2 D2 0x7 0000012c 100 010'
	prints '"%hd %hu %hhd %hhu", -1, -1, -1, -1' '-1 65535 -1 255'
	prints '"%ld %lld %lu %llu", -1l, -1ll, -1l, -1ll' \
		'-1 -1 18446744073709551615 18446744073709551615'
	prints '"%lx %lu", 0xffffffffff, 1ull << 63' 'ffffffffff 9223372036854775808'
	prints '"%c%c%c", 0x48, 105, '"'!'" 'Hi!'
	prints '"%c|%c", 10, 200' '\n|\xc8'
	prints '"%p %p", (void *)n, (void *)0' '0x7 0x0'
	prints '"%s|%10s|%-10s|%.2s|", "text", "text", "text", "text"' 'text|      text|text      |te|'
	prints '"%%d 100%% %d", n' '%d 100% 7'
	prints '"a\tb\\ \"q\" \x41 %d", n' "$(printf 'a\tb\\ "q" A 7')"
	prints '"one" " two %d", n' 'one two 7'
	prints '"%d%d%s", n, n, "x"' 77x
	prints '"%pI4 %s", 0x0100007f, ntop(0x0100007f)' '127.0.0.1 127.0.0.1'
	prints '"%d %x", ntohs(0x1234), ntohl(0x12345678)' '13330 78563412'
	prints '"%f %.1f %e", n, n, n' '7.000000 7.0 7.000000e+00'
	prints '"%s %d", $comm, $pid == $tid && $tgid == $pid' 'values 1'
	prints '"%d %d %d", $uid, $gid, $cpu >= 0' '0 0 1'
	prints '"%d", $nsecs > 1000000000' 1
	prints '"%s", $task->comm' values
	prints '"%d", $task->tgid == $tgid' 1
	prints '""' ''
	prints '"no values"' 'no values'
	shows 'BLUE BIT_READ|BIT_EXEC 6 true' 'prints: enums and bits by name, or as numbers' \
		"$V:values_item \"%s %s %d %s\", item->colour, item->bits, item->colour, item->yes" -- item
	shows '01 fe 00 7f|01 fe 00|\x01\xfe' 'prints: bytes as hexadecimal digits' \
		"$V:values_bytes(unsigned char *b) \"%.4x|%x|%s\", *(char (*)[4])b, *(char (*)[3])b, b" -- bytes
	shows 'text of item|irst|r' 'prints: %s of pointers, of arrays' \
		"$V:values_item \"%s|%s|%c\", item->text, item->name + 1, item->name[2]" -- item
	shows 'write|none|first|values|<fault>' 'prints: %s of strings that are chosen' \
		"$V:values_item \"%s|%s|%s|%s|%s\", item->yes ? \"write\" : \"read\", item->next->text ?: \"none\",
			item->next ? item->name : \"x\", item->yes ? \$comm : item->next->text,
			item->yes ? item->next->text : \"x\"" -- item
}

expression() { # EXPRESSION WANTED, of values_item() and its structure
	shows "$2" "expression: $1" "$V:values_item \"%d\", $1" -- item
}

test_expressions() {
	expression 'item->number + 2 * 3' -36
	expression '(item->number + 2) * 3' -120
	expression 'item->number / 5' -8
	expression 'item->number % 5' -2
	expression 'item->number >> 1' -21
	expression '(unsigned)item->number >> 28' 15
	expression 'item->number < 0' 1
	expression 'item->number < 0u' 0
	expression 'item->number < sizeof(int)' 0
	expression '-item->number' 42
	expression '~item->number' 41
	expression '!item->number' 0
	expression 'item->low' 5
	expression 'item->high' 19
	expression 'item->below' -3
	expression 'item->word' 67305985
	expression 'item->bytes[2]' 3
	expression 'item->list[1]' -20
	expression 'item->list[item->bytes[0]]' -20
	expression '*(item->list + 2)' 30
	expression 'item->next->number' 43
	expression 'item->next->next == 0' 1
	expression '!item->next->next' 1
	expression 'item->next && item->next->number == 43' 1
	expression 'item->next->next && item->next->next->number' 0
	expression '!item->next->next || item->next->next->number' 1
	expression 'item->next->next ? item->next->next->number : -1' -1
	expression 'item->colour == BLUE' 1
	expression 'item->bits & BIT_WRITE' 0
	expression 'item->bits & BIT_EXEC' 4
	expression 'item->name == "first"' 1
	expression 'item->name != "first"' 0
	expression 'item->name == "firs"' 0
	expression 'STRCMP("first", item->name)' 1
	expression 'STRCMP("firs", item->name)' 0
	expression 'STRNCMP("firs", item->name, 4)' 1
	expression 'item->text == "text of item"' 1
	expression 'item->name == item->next->name' 0
	expression 'STRCMP(item->name, (char *)item + 4)' 1
	expression 'STRNCMP(item->text, item->next->text, 4)' '<fault>'
	expression '$comm == $task->comm && $comm != item->name' 1
	expression 'STRCMP(item->yes ? "first" : item->next->text, item->name)' 1
	expression 'item->name[0] == '"'f'" 1
	expression '((struct item *)item->next)->name[0]' 115
	expression '(char)item->word' 1
	expression '(short)0x18000' -32768
	expression 'sizeof(struct item) == sizeof(*item)' 1
	expression 'sizeof(item->list)' 6
	expression '&item->next->name[1] - item->next->name' 1
	expression '(long)&item->name - (long)item' 4
	expression '1 ? 2 : 3' 2
	expression 'item->yes' 1
	expression 'item->number ?: 5' -42
	expression '0 ?: 5' 5
	expression '010 + 0x10 + 0b10' 26
}

# Those that programs hand to the C library.
test_libc_types() {
	local wanted='16 16 56 8 12 144 28 110'
	[ "$(uname -m)" = x86_64 ] || wanted='16 16 56 8 16 128 28 110'
	shows "$wanted" 'types of libc: sizes' "$V:values_int \"%d %d %d %d %d %d %d %d\",
		sizeof(struct timeval), sizeof(struct iovec), sizeof(struct msghdr), sizeof(struct pollfd),
		sizeof(struct epoll_event), sizeof(struct stat), sizeof(struct sockaddr_in6),
		sizeof(struct sockaddr_un)" -- returns
}

# What cannot be read says so, wherever it is.
test_faults() {
	shows '<fault> <fault> <fault> 1' 'faults: in a chain, of a string, as a character' \
		"$V:values_item \"%d %s %c %d\", item->next->next->number, item->next->next->name,
			item->next->next->name[0], item->yes" -- item
	SAID='^trace: 1 events? not shown: ' \
		shows '' 'faults: in a predicate: not shown, and told' \
		"$V:values_item (item->next->next->number == 0) \"%d\", item->number" -- item
	traced --json "$V:values_item \"%d %s\", item->next->next->number, item->next->next->name" -- item
	is "$(got 'map(.args | map(. == null)) | tostring')" '[[true,true]]' 'faults: null in JSON'
}

# --- options --------------------------------------------------------------------------------------

test_text() {
	local probe="$V:values_first \"%d\", arg1" before
	traced "$probe" -- order
	is "$(head -n 1 "$OUT")" 'PID     TID     COMM            FUNC             -' 'text: the header'
	like "$(sed -n 2p "$OUT")" '^([0-9]+) +\1 +values          values_first     1$' 'text: a row'
	is "$(sed -n 2p "$OUT" | awk '{ printf "%-7d %-7d %-15s %-16s %s", $1, $2, $3, $4, $5 }')" \
		"$(sed -n 2p "$OUT")" 'text: its columns'
	traced "$V:values_leaf" -- deep
	is "$(head -n 1 "$OUT")" 'PID     TID     COMM            FUNC' 'text: no values: no column'
	traced -t "$probe" -- order
	is "$(head -n 1 "$OUT")" 'TIME     PID     TID     COMM            FUNC             -' '-t: header'
	like "$(sed -n 2p "$OUT")" '^[0-9]\.[0-9]{6} [0-9]' '-t: seconds since the start'
	is "$(awk 'NR > 1 { print $1 }' "$OUT" | sort -c && echo sorted)" sorted '-t: in their order'
	before=$(date +%s)
	traced -t -u "$probe" -- order
	like "$(sed -n 2p "$OUT" | awk -v a="$before" -v b="$(date +%s)" '{ print ($1 >= a && $1 < b + 1), $0 }')" \
		'^1 [0-9]+\.[0-9]{6} [0-9]' '-t -u: seconds since 1970'
	traced -T "$probe" -- order
	like "$(sed -n 2p "$OUT")" '^[0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]' '-T: the time of day'
	traced -C "$probe" -- order
	like "$(head -n 2 "$OUT" | paste -sd /)" '^CPU PID .*/[0-9]+ +[0-9]' '-C: the CPU'
	traced -T -C "$probe" -- order
	like "$(head -n 1 "$OUT")" '^TIME     CPU PID     TID ' '-T -C: both, TIME first'
	traced -o uid,cpu,func,message "$probe" -- order
	like "$(sed -n 2p "$OUT")" '^0 +[0-9]+ +values_first +1$' '-o: columns'
}

test_filters() {
	local probe="$V:values_first \"%d\", arg1"
	shows '1 / 2' '-M: ends after so many' -M 2 "$probe" -- order
	shows 3 '-M counts what is shown only' -M 1 -f 3 "$probe" -- order=2
	shows '2 / 2' '-f: of messages that contain it' -f 2 "$probe" "$V:values_second \"%d\", arg1" \
		-- order
	shows '1 / 2 / 3' '-n: part of the name' -n alue "$probe" -- order
	shows '' '-n: other names' -n nosuch "$probe" -- order
	shows '' '--uid: another user' --uid 54321 "$probe" -- order
	run_tool trace -o uid,message --uid 54321 "$probe" -- setpriv --reuid=54321 --clear-groups "$V" order
	is "$STATUS $(rows | tr -s ' ')" '0 54321 1 / 54321 2 / 54321 3' '--uid: this user'

	waiter_start "$V" wait order
	start_tool trace -o pid,message -p "$WAITER" "$probe"
	"$V" order
	waiter_go
	stop_tool
	is "$STATUS $(rows | tr -s ' ')" "0 $WAITER 1 / $WAITER 2 / $WAITER 3" '-p: this process only'
	waiter_start "$V" wait order
	start_tool trace -o tid,message -L "$WAITER" "$probe"
	"$V" order
	waiter_go
	stop_tool
	is "$STATUS $(rows | tr -s ' ')" "0 $WAITER 1 / $WAITER 2 / $WAITER 3" '-L: this thread only'
	traced -o message --duration 0.5 "$probe" -- slow=200 order
	is "$STATUS $(rows)" '0 ' '--duration: ends before'
	filter_cgroup "$probe"
}

filter_cgroup() { # PROBE
	groups_skip '-c' && return
	start_tool trace -o message -c "$GROUP" "$1"
	in_group "$GROUP" "$V" order
	"$V" order
	stop_tool
	is "$STATUS $(rows)" '0 1 / 2 / 3' '-c: this cgroup only'
	groups_end
}

test_self() {
	if [ -z "$GUEST" ] || ! has_tracepoint syscalls/sys_enter_write; then
		skip '-S' 'all that the machine writes: in guests that have the tracepoint'
		return
	fi
	run_tool trace -S --comm trace -M 1 -o comm t:syscalls:sys_enter_write
	is "$STATUS $(rows)" '0 trace' '-S: its own events'
	run_tool trace --comm trace --duration 1 -o comm t:syscalls:sys_enter_write
	is "$STATUS $(rows)" '0 ' 'without -S: not'
}

test_stacks() {
	local caller='values_middle [values],' stack
	traced -U -a "$V:values_leaf" -- deep
	stack=$(sed -n 's/^ *[0-9a-f]\{8,16\} \([a-z_]*\)+0x[0-9a-f]* \(\[values\]\)$/\1 \2/p' "$OUT" | paste -sd ,)
	# Before the first instruction the frame is the caller's still, and only x86's 6.12 knows.
	if [ "$(uname -m)" != x86_64 ] || ! kernel_at_least 6.12; then
		stack=${stack/"$caller"/} caller=
	fi
	like "$stack" \
		"^values_leaf \[values\],${caller//[\[]/\\[}values_deep \[values\],do_deep \[values\],main \[values\]" \
		'-U -a: the callers of a process that has ended'
	is "$(tail -n 1 "$OUT")" '' '-U: an empty line behind it'
	traced --json -U "$V:values_leaf" -- deep
	like "$(got '.[0].user_stack | join(",")')" \
		'^values_leaf\+0x0 \[values\],(values_middle\+0x[0-9a-f]+ \[values\],)?values_deep\+0x[0-9a-f]+ \[values\],' \
		'-U --json: an array'
	traced --json -U -a "$V:values_leaf" -- deep
	like "$(got '.[0].user_stack[0]')" '^[0-9a-f]{8,16} values_leaf\+0x0 \[values\]$' '-U -a --json: addresses, too'
	# shellcheck disable=SC2016
	run_whole trace -M 1 -o message "$V:values_leaf \"%U\", $(return_address)" -- \
		sh -c 'echo $$ > "$0" && exec "$@"' "$TMP/pid" "$V" deep slow=3000
	like "$STATUS $(rows)" '^0 values_middle\+0x[0-9a-f]+ \[values\]$' \
		'%U: a return address, of a process that goes on'
	ok '%U: ... it does' kill "$(cat "$TMP/pid")"
	traced -K -U t:task:task_rename -- rename
	like "$(cat "$OUT")" '^        [^ ]*sys_prctl(\+0x[0-9a-f]+) \[kernel\]$' '-K -U: the kernel part'
	like "$(cat "$OUT")" '^        (__)?prctl(\+0x[0-9a-f]+)? \[libc.so.6\]$' '-K -U: the process'\''s'
}

# Where it is at a function's first instruction.
return_address() {
	case $(uname -m) in
	x86_64) echo '*(long *)ctx->sp' ;;
	*) echo 'ctx->x30' ;;
	esac
}

test_json() {
	traced --json "$V:values_strings \"%s %s\", s, odd" "$V:values_item \"%s %d\", item->name, item->next->number" \
		"r:$V:values_int" "u:$V:three" -- strings item returns usdt
	is "$(got 'length')" 4 '--json: an object each'
	is "$(jq -c .func "$OUT" | paste -sd ' ')" \
		'"values_strings" "values_item" "values_int" "values:three"' '--json: func'
	is "$(got '.[0].args | tostring')" '{"s":"alpha","odd":"tab\there"}' '--json: args by name'
	is "$(got '.[1].args | tostring')" '{"item->name":"first","item->next->number":43}' \
		'--json: args by expression'
	is "$(got '.[2].args | tostring')" '{"retval":-5}' '--json: retval'
	is "$(got '.[0].message')" "$(printf 'alpha tab\\there')" '--json: the message'
	is "$(got 'map(.comm == "values" and .pid == .tid and (.time_s | type) == "number" and .cpu >= 0) | all')" \
		true '--json: who and when'
	traced --json "$V:values_item \"%S\", *item" -- item
	is "$(got '.[0].args | to_entries[0] | "\(.key) \(.value.number) \(.value.name) \(.value.colour) \(.value.list)"')" \
		'*item -42 first BLUE [10,-20,30]' '--json: a structure is an object'
	traced --json "$V:values_bytes(char *b) \"%s\", b" -- bytes
	is "$(got '.[0].args | has("b") and has("b_hex") and .b_hex == "01fe"')" true \
		'--json: what is no UTF-8 comes as hexadecimal digits, too'
	traced --json 'BEGIN "be\"gin"' 'END "end"' "$V:values_leaf" -- deep
	is "$(got 'map("\(.func) \(.message)") | join(",")')" 'BEGIN be"gin,values_leaf ,END end' \
		'--json: BEGIN and END are objects, too'
}

test_texts() {
	run_tool trace 'BEGIN "hello world"'
	is "$STATUS $(cat "$OUT" "$ERR")" '0 hello world' 'BEGIN alone: its text, and the end'
	traced -o message 'BEGIN "tab\there"' 'END "bye\n"' "$V:values_first \"%d\", arg1" -- order
	is "$(paste -sd , "$OUT")" "$(printf 'tab\there,-,1,2,3,bye,')" 'BEGIN before the header, END behind all'
}

test_seq() {
	shows '2 2 / 3 3' '$seq: the hits of this probe' "$V:values_first (\$seq > 1) \"%d %d\", arg1, \$seq" \
		-- order
	shows '2 1 / 3 1' '$delta: the time since its last hit' \
		"$V:values_first (\$delta > 0 && \$delta < 5000000000) \"%d %d\", arg1, \$delta < 5000000000" -- order
	shows '1 1 / 1 2 / 2 3' '$seq: each probe has its own' \
		"$V:values_slow \"%d 1\", \$seq" "$V:values_first (\$seq < 3) \"%d %d\", \$seq, arg1 + 1" \
		-- slow order
}

test_aggregate() {
	traced -A -M 4 -o func,message "$V:values_first \"%d\", arg1" -- order=2
	is "$(tail -n +2 "$OUT" | tr -s ' ' | paste -sd ,)" \
		'values_first 1-->COUNT 2,,values_first 2-->COUNT 1,,values_first 3-->COUNT 1,' \
		'-A: equal rows, the most frequent first'
	traced -A -M 3 "$V:values_first \"%d\", arg1 > 0" -- order
	like "$(cat "$OUT")" '^([0-9]+) +\1 +values +values_first +1-->COUNT 3$' '-A: with all columns'
}

test_binary() {
	shows yes '-B: STRCMP of bytes' -B \
		"$V:values_bytes (STRCMP(\"{0x01, 0xfe, 0, 0x7f}\", (char *)arg1)) \"yes\"" \
		"$V:values_bytes (STRCMP(\"{0x01, 0xfe, 0, 0x7e}\", (char *)arg1)) \"no\"" -- bytes
}

# Types and names that the program itself does not have.
test_types() {
	local probe
	if ! has_program objcopy; then
		skip '--types, -I, -s' 'there is no objcopy(1)'
		return
	fi
	objcopy --strip-debug "$V" "$PLACE/nodebug"
	probe="$PLACE/nodebug:values_item(struct item *i) \"%d %s\", i->number, i->name"
	run_tool trace -o message --types "$V" "$probe" -- "$PLACE/nodebug" item
	is "$STATUS $(rows)" '0 -42 first' '--types: of a file with debug information'
	echo 'struct my_item { int number; char name[16]; };' > "$PLACE/item.h"
	run_tool trace -o message -I "$PLACE/item.h" "${probe/struct item/struct my_item}" \
		-- "$PLACE/nodebug" item
	if has_program clang; then
		is "$STATUS $(rows)" '0 -42 first' '-I: a header'
	else
		is "$STATUS $(wc -l < "$ERR")" '1 1' '-I: without a compiler: said in one line'
	fi
	objcopy --strip-debug --redefine-sym values_int=vfs_read "$V" "$PLACE/namesake"
	run_tool trace "$PLACE/namesake:vfs_read \"%d\", count" -- "$PLACE/namesake" returns
	like "$STATUS $(cat "$ERR")" '^2 trace: nothing here is called count; vfs_read has arg1 ' \
		"a program's function that is called like one of the kernel: it has not that one's parameters"
	objcopy --redefine-sym values_int=values_signed "$V" "$PLACE/same"
	run_tool trace -o message "$PLACE/same:values_signed" -- "$PLACE/same" signed returns
	is "$STATUS $(rows)" '0 c=-5 s=-300 i=-70000 l=-5000000000 / n=7' \
		'two functions of one name: each has its own parameters'
	run_tool trace -lv "$PLACE/same:values_signed"
	is "$STATUS $(sed 's/  .*//' "$OUT" | sort | paste -sd ,)" \
		'0 values_signed(int n): int,values_signed(signed char c, short s, int i, long l): void' \
		'two functions of one name: -lv has both'
	run_tool trace -v -o message "$PLACE/same:values_signed \"%d\", l" -- "$PLACE/same" signed returns
	is "$STATUS $(rows)" '0 -705032704' 'two functions of one name: where there is no such parameter, nothing'
	run_tool trace --types "$V" 't:syscalls:sys_enter_getppid' -- true
	is "$STATUS $(cat "$ERR")" '0 ' '--types: of a file of which nothing is needed'
	SAID='^trace: -I linux/fs.h is not needed' \
		shows 7 "-I: a kernel's header is not needed" -I linux/fs.h "$V:values_int \"%d\", arg1" -- returns
	objcopy --strip-all "$V" "$PLACE/stripped"
	run_tool trace -U "u:$PLACE/stripped:three \"x\"" -- "$PLACE/stripped" usdt
	like "$(cat "$OUT")" '^        0x[0-9a-f]+ \[stripped\+0x[0-9a-f]+\]$' '-U: a stripped program: place and file'
	run_tool trace -U -s "$V" "u:$PLACE/stripped:three \"x\"" -- "$PLACE/stripped" usdt
	like "$(cat "$OUT")" '^        do_usdt\+0x[0-9a-f]+ ' '-s: names from another file with this build-id'
}

test_dump() {
	run_tool trace --dump "$V:values_first (arg1 > 2) \"%d\", arg1"
	is "$STATUS $(cat "$ERR")" '0 ' '--dump: status 0'
	like "$(cat "$OUT")" '^ *predicate +\(> arg1 2\)$' '--dump: what was read'
	like "$(cat "$OUT")" '^ *value +unsigned long +arg1$' '--dump: its type'
	like "$(cat "$OUT")" '^ *[0-9]+: r0 = \*\(u64 \*\)\(r6 \+[0-9]+\)$' '--dump: its instructions'
}

# --- nothing is lost in silence -------------------------------------------------------------------

test_exact() {
	local all=20000
	[ -z "$GUEST" ] || all=5000
	run_whole trace -b 8192 -o message "$CALLS:calls_step(long i) \"%d\", i" -- "$CALLS" 4 step=$all
	sed -i '/^step /d' "$OUT"
	is "$STATUS $(tail -n +2 "$OUT" | sort -n | uniq | md5sum) $(($(wc -l < "$OUT") - 1)) $(lost_count)" \
		"0 $(seq 0 $((all - 1)) | md5sum) $all 0" "exact: all of 4 threads' $all events, each once"
	traced -o message "$V:values_first \"%d\", arg1" "$V:values_second \"-%d\", arg1" -- order=500
	is "$(tail -n +2 "$OUT" | md5sum) $(lost_count)" \
		"$(for ((i = 0; i < 500; i++)); do printf '1\n-1\n2\n-2\n3\n-3\n'; done | md5sum) 0" \
		'exact: two probes of one thread, in the order of the calls'
	[ -z "$GUEST" ] || return
	rm -f "$WANTED"
	# shellcheck disable=SC2016
	WANTED=$WANTED timeout "$WAIT" "$BIN/trace" -b 16 -o message "$CALLS:calls_step(long i) \"%d\", i" \
		-- /bin/sh -c 'exec "$0" "$@" > "$WANTED"' "$CALLS" 4 step=50000 2> "$ERR" | late_reader
	accounted 'exact: with a reader that is late: shown and lost are all' 50000 \
		$(($(wc -l < "$OUT") - 1))
	ok 'exact: with a reader that is late: some are lost' test "$(lost_count)" -gt 0
}

run_cases test_user test_missed test_ways test_usdt test_tracepoints test_kernel test_limits test_syscalls \
	test_calls \
	test_stacks test_exact test_self -- \
	test_dwarf test_places test_patterns test_formats test_expressions test_libc_types \
	test_faults test_text test_filters test_json test_texts test_seq test_aggregate test_binary \
	test_types test_dump
done_testing
