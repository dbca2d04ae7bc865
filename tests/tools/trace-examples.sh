#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# trace-examples.sh - lines of the documentation that people come from (BCC's, bpftrace's), as they
# would be written for trace, each with a workload behind it: FUNC and the message of one row.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload values
need_workload calls

V=$WORKLOAD/values CALLS=$WORKLOAD/calls

example() { # FUNC MESSAGE (regular expressions) OPTION|PROBE... -- CMD...
	local func=$1 message=$2 at
	shift 2
	for ((at = $#; at > 0; at--)); do [ "${!at}" != -- ] || break; done
	run_whole trace "$@"
	example_judge "$func" "$message" "${*:1:at - 1}"
}

# The same without a command: what others do, such as interrupts, is traced, too.
example_live() { # FUNC MESSAGE OPTION|PROBE... -- CMD...
	split_command "${@:3}"
	start_tool trace "${OPTIONS[@]}"
	"${REST[@]}" > /dev/null 2>&1
	stop_tool
	example_judge "$1" "$2" "${OPTIONS[*]}"
}

example_judge() { # FUNC MESSAGE NAME
	local row="^([0-9.:]+ +)?[0-9]+ +[0-9]+ +[^ ]+( [^ ]+)? +$1${2:+ +$2}\$" name=${3//"$TMP"\//}
	if [ "$STATUS" = 0 ] && grep -qE -e "$row" "$OUT"; then
		pass "example: ${name//"$WORKLOAD"\//}"
	else
		fail "example: ${name//"$WORKLOAD"\//}" "status $STATUS, wanted a row: $1 $2"
		diag "$(head -n 6 "$OUT" "$ERR" | cut -c 1-300)"
	fi
}

listed() { # REGEX (of a line) LEAST ARG...
	lists "example: ${*:3}" "$1" "$2" trace "${@:3}"
}

test_examples() {
	run_tool trace 'BEGIN "hello world"'
	is "$(cat "$OUT")" 'hello world' "example: BEGIN \"hello world\""
	example nanosleep '0 sec 1000 nsec' \
		'p:c:nanosleep(struct timespec *req) "%d sec %d nsec", req->tv_sec, req->tv_nsec' -- "$V" nanosleep
	example pthread_create '[0-9a-f]{8,}' 'c:pthread_create "%llx", arg3' -- "$CALLS" 2 step=1
	run_tool trace 'u:pthread:pthread_create "%x", arg1' -- "$CALLS" 1 step=1
	if [ "$STATUS" = 0 ]; then
		like "$(cat "$OUT")" ' pthread_create +[0-9a-f]+$' "example: u:pthread:pthread_create"
	else
		like "$(cat "$ERR")" 'pthread.*no USDT probes.*c:pthread_create' \
			"example: u:pthread:pthread_create: this libc has no such probe, and what helps"
	fi
	cp "$V" "$PLACE/myprogram"
	cd "$PLACE" || return
	example main 'main\(\) called' './myprogram:main "main() called"' -- ./myprogram deep
	cd "$OLDPWD" || return
	example readline 'readline: "true one"' 'r:/bin/bash:readline "readline: \"%s\"", retval' -- \
		bash -c 'bash --norc -i <<< "true one" > /dev/null 2>&1'
	example readline 'true one' 'r:/bin/bash:readline "%s", retval' -- \
		bash -c 'bash --norc -i <<< "true one" > /dev/null 2>&1'
	example readline '' /bin/bash:readline -- \
		bash -c 'bash --norc -i <<< "true one" > /dev/null 2>&1'
	example_node
	example_syscalls
}

# No Node.js here: a program of this name with the same probe, which has a semaphore.
example_node() {
	cp "$V" "$PLACE/node"
	waiter_start "$PLACE/node" wait node
	PATH=$PLACE:$PATH start_tool trace -p "$WAITER" 'u:node:http__server__request "path:%s", arg6'
	waiter_go
	stop_tool
	example_judge node:http__server__request path:/index \
		"-p PID 'u:node:http__server__request \"path:%s\", arg6'"
}

example_syscalls() {
	tracepoint_skips 'examples with system calls' syscalls/sys_enter_openat && return
	example sys_enter_execve 'values called [^ ]*/true' \
		't:syscalls:sys_enter_execve "%s called %s", $comm, args->filename' -- \
		bash -c "exec $V exec"
	example sys_exit_kill 'sig 0 to 4194303 = -3' -T \
		't:syscalls:sys_exit_kill <- t:syscalls:sys_enter_kill @ $tid "sig %d to %d = %d", $entry(args->sig), $entry(args->pid), args->ret' \
		-- "$V" kill
	if [ "$(uname -m)" = x86_64 ]; then
		example sys_enter_open 'filename=[^ ]*/none.* flags=0 .*mode=0' t:syscalls:sys_enter_open -- "$V" oldopen
		example sys_enter_open 'values /values/none' \
			't:syscalls:sys_enter_open "%s %s", $comm, args->filename' -- "$V" oldopen
	else
		skip 'examples: sys_enter_open' "$(uname -m) has no such system call"
	fi
}

# What needs functions of the kernel, or tracepoints that belong to no process.
test_examples_kernel() {
	local bash

	bash=$(command -v bash)
	kernel_skips 'examples with kernel functions' && return
	example 'do_sys_open(at2)?' /values/none 'p::do_sys_open "%s", arg2' -- "$V" open
	unless_named do_sys_open "$(cat "$ERR")"
	example 'do_sys_open(at2)?' 'ret: -2' 'r::do_sys_open "ret: %d", retval' -- "$V" open
	example 'do_sys_open(at2)?' 'File opened: /values/none' 'do_sys_open "File opened: %s", arg2' \
		-- "$V" open
	example 'do_sys_open(at2)?' 'do_sys_open called with filename: /values/none' \
		'do_sys_open "do_sys_open called with filename: %s", arg2' -- "$V" open
	example do_nanosleep 'mode: 1' -K 'do_nanosleep "mode: %d", arg2' -- "$V" nanosleep
	like "$(cat "$OUT")" '^        do_nanosleep(\+0x[0-9a-f]+)? \[kernel\]$' 'example: -K do_nanosleep: its stack'
	example '[^ ]*sys_clone' 'Hello, World!' 'sys_clone "Hello, World!"' -- "$V" clone
	example '[^ ]*sys_clone' 'Hello, World!' -t 'sys_clone "Hello, World!"' -- "$V" clone
	example '[^ ]*sys_sync' 'sys_sync\(\) called' 'BEGIN "Tracing sys_sync()... Ctrl-C to end."' \
		'sys_sync "sys_sync() called"' -- "$V" sync
	is "$(head -n 1 "$OUT")" 'Tracing sys_sync()... Ctrl-C to end.' 'example: ... and the banner'
	example '[^ ]*sys_sync' 'multiple syncs detected, last [0-9]{1,3} ms ago count 2' -t \
		'sys_sync ($delta < 1000000000) "multiple syncs detected, last %lld ms ago count %lld", $delta/1000000, $seq' \
		-- "$V" sync=2
	example tcp_connect '127.0.0.1:[0-9]+ -> 127.0.0.1:9' -T \
		'tcp_connect "%s:%d -> %s:%d", ntop(sk->__sk_common.skc_rcv_saddr), sk->__sk_common.skc_num, ntop(sk->__sk_common.skc_daddr), ntohs(sk->__sk_common.skc_dport)' \
		-- "$V" connect
	example vfs_read 'file=0x[0-9a-f]+ buf=.* count=12345 pos=0x[0-9a-f]+' vfs_read -- "$V" tmpfile
	example vfs_read 0 'r::vfs_read "%d", retval' -- "$V" tmpfile
	example '[^ ]*sys_execve' 'execve called: [^ ]*/values' 'sys_execve "execve called: %s", arg1' \
		"$bash:main \"bash main called\"" \
		'tcp_connect "TCP connect from %s to %s", ntop(sk->__sk_common.skc_rcv_saddr), ntop(sk->__sk_common.skc_daddr)' \
		-- "$bash" -c "$V connect"
	example_judge main 'bash main called' '... of bash'
	example_judge tcp_connect 'TCP connect from 127.0.0.1 to 127.0.0.1' '... of TCP'
	examples_random
	examples_disk
	examples_mysql
}

# The function of this name is not what opens files since 5.6: that is told.
unless_named() { # FUNC STDERR
	if kernel_at_least 5.6; then
		like "$2" "^trace: .*$1.*do_sys_openat2" "example: $1: what is used in its place is said"
	fi
}

examples_random() {
	if has_tracepoint random/urandom_read; then
		example urandom_read '[0-9]+' -t 't:random:urandom_read "%d", args->got_bits' -- "$V" random
	else
		example urandom_read_iter 512 -t 'r::urandom_read_iter "%d", retval*8' -- "$V" random
	fi
}

ftrace_has() { # REGEX
	grep -qxE "$1( .*)?" /sys/kernel/tracing/available_filter_functions
}

examples_disk() {
	local work=("$WORKLOAD/ios" /dev/vda read 3 4096)
	if [ ! -b /dev/vda ]; then
		skip 'examples with a disk' 'this guest has none'
		return
	fi
	example_live block_rq_complete 'R[A-Z]* 4096 [0-9]+ us' -t \
		't:block:block_rq_complete <- t:block:block_rq_issue @ (args->dev, args->sector) "%s %d %lld us", args->rwbs, args->nr_sector*512, $latency/1000' \
		-- "${work[@]}"
	if ! ftrace_has '_*blk_account_io_done'; then
		skip 'example: blk_account_io_done' "$KERNEL has none that can be traced"
		return
	fi
	listed '^_*blk_account_io_done' 1 -l '*blk_account_io_done'
	example_live '_*blk_account_io_done' 'R [0-9]+ [0-9]+ us' -t \
		"blk_account_io_done <- blk_mq_start_request @ arg1 \"%c %d %lld us\", (((struct request *)arg1)->cmd_flags & 1) ? 'W' : 'R', ((struct request *)arg1)->__data_len, \$latency/1000" \
		-- "${work[@]}"
}

# No MySQL here: a program of this name with the same probe.
examples_mysql() {
	if [ -z "$GUEST" ] || [ -e /usr/sbin/mysqld ]; then
		skip 'example: mysqld' 'a file in /usr/sbin is made in guests only'
		return
	fi
	cp "$V" /usr/sbin/mysqld
	example mysql:query__start 'SELECT 1' 'u:/usr/sbin/mysqld:mysql:query__start "%s", arg1' \
		-- /usr/sbin/mysqld mysql
	rm /usr/sbin/mysqld
}

test_lists() {
	listed '^(t:)?syscalls:sys_enter_execve' 500 -l
	listed '^(t:)?sched:sched_switch$' 500 -l 't:*'
	listed 'do_nanosleep' 5 -l '*sleep*'
	listed '^readline$' 500 -l '/bin/bash:*'
	listed '^vfs_read$' 1 -l vfs_read
	tracepoint_skips 'examples: lists of system calls' syscalls/sys_enter_open && return
	listed 'sys_enter_openat' 3 -l 't:syscalls:sys_enter_open*'
	listed 'sys_enter_execve.*const char \* ?filename.*argv' 1 -lv t:syscalls:sys_enter_execve
}

run_cases test_examples_kernel -- test_examples test_lists
done_testing
