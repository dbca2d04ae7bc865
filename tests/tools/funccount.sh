#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# funccount.sh - what funccount must show of calls whose number is known (calls.c).
#
# On the running machine only the workload is traced, by -p or as the command: a probe of libc
# would be hit by everybody. Kernel functions need a guest where the machine has no kprobes.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload calls
need_program jq

CALLS=$WORKLOAD/calls

# --- runs ---------------------------------------------------------------------------------------

# Runs the tool to its end over the workload.
counted() { # OPTION|PATTERN... -- THREADS NAME=COUNT...
	split_command "$@"
	trace_work funccount "${OPTIONS[@]}" -- calls "${REST[@]}"
}

# "NAME COUNT, NAME COUNT" by name, each the sum of its objects; paths of tracepoints stay.
counts() {
	got 'group_by(.func) | map("\(.[0].func) \(map(.count) | add)") | join(", ")'
}

count_of() { # FUNC
	got "map(select(.func == \"$1\").count) | add // 0"
}

user_way() {
	if has_uprobe_multi; then echo uprobe.multi; else echo uprobe; fi
}

# Of a tracepoint of a system call, and of another.
call_way() {
	if has_preemption; then echo sys_enter/sys_exit; else echo tracepoint; fi
}

event_way() {
	if has_preemption; then echo tracepoint; else echo raw tracepoint; fi
}

# --- functions of programs, USDT -----------------------------------------------------------------

test_user() {
	local at
	counted -v --json "$CALLS:calls_step" "u:$CALLS:plain" "u:$CALLS:calls:guarded" c:getpriority \
		-- 3 step=997 usdt=499 semaphore=101 getpriority=1009
	is "$STATUS" 0 'user: status 0'
	is "$(counts)" 'calls:guarded 101, calls:plain 499, calls_step 997, getpriority 1009' \
		'user: own function, libc, USDT with and without a semaphore: all calls of three threads'
	like "$(cat "$WANTED")" '^raised [1-9]' 'user: the semaphore is raised'
	like "$(cat "$ERR")" "^funccount: [0-9]+ attached by $(user_way)\$" "user: by $(user_way)"
	is "$(got 'map("\(.func) \(.kind)") | sort | join(" ")')" \
		'calls:guarded usdt calls:plain usdt calls_step user getpriority user' 'user: kinds'

	# Half of the calls of calls_outer() come so far.
	at=$("$CALLS" offset)
	counted --json --force "r:$CALLS:calls_outer" "$CALLS:calls_outer+$at" r:c:getpriority \
		-- 3 outer=499 getpriority=997
	is "$(counts)" "calls_outer+$at 250, r:calls_outer 499, r:getpriority 997" \
		'user: returns, FUNC+OFFSET'
	if [ "$(uname -m)" = x86_64 ]; then
		counted "$CALLS:calls_outer+$at" -- 3 outer=499
		is "$STATUS $(wc -l < "$ERR")" '1 1' 'user: FUNC+OFFSET without --force: status 1, one line'
		like "$(cat "$ERR")" 'instruction.*--force' 'user: FUNC+OFFSET without --force: said'
	fi
	counted --json "$CALLS:calls_step" "$CALLS:calls_step" "$CALLS:calls_st*" -- 2 step=997
	is "$(counts)" 'calls_step 997' 'user: what two patterns match is counted once'
	ln -f "$CALLS" "$TMP/hard" 2> /dev/null || cp "$CALLS" "$TMP/hard"
	ln -sf "$TMP/hard" "$TMP/soft"
	run_tool funccount --json "$TMP/hard:calls_step" "$TMP/soft:calls_st*" "u:$TMP/soft:plain" \
		"u:$TMP/hard:plain" -- "$TMP/hard" 2 step=997 usdt=499
	is "$(got 'sort_by(.func) | map("\(.func) \(.count)") | join(", ")')" 'calls:plain 499, calls_step 997' \
		'user: one file by two names is one'
	# shellcheck disable=SC2016
	(ulimit -Sn 256 && run_tool funccount --top 1 'c:str*' -- sh -c 'echo "limit $(ulimit -Sn)" >&2')
	like "$(cat "$ERR")" '^limit 256$' 'user: -- CMD has the limit of open files that it would have without us'
}

# With a process that is there, and others that do the same.
test_pid() {
	waiter_start "$CALLS" wait 3 step=997 getpriority=499 semaphore=101
	start_tool funccount --json -p "$WAITER" "$CALLS:calls_step" c:getpriority u:calls:guarded
	"$CALLS" 2 step=211 getpriority=307 > /dev/null
	waiter_go
	stop_tool
	is "$STATUS" 0 '-p: status 0'
	is "$(counts)" 'calls:guarded 101, calls_step 997, getpriority 499' \
		'-p: calls of its threads only; its USDT probes without a file'

	waiter_start "$CALLS" wait 2 step=997 semaphore=101
	start_tool funccount --json -p "$WAITER" "u:$CALLS:guarded"
	stop_tool
	waiter_go
	is "$(grep raised "$WANTED") $(counts)" 'raised 0 ' \
		'-p: the semaphore is as it was when the tool has ended'
}

# Of a program that was replaced, or deleted, while it runs: of a library after an upgrade.
test_replaced() {
	local how
	for how in replaced deleted; do
		cp "$CALLS" "$TMP/$how"
		waiter_start "$TMP/$how" wait 2 step=499
		rm "$TMP/$how"
		[ $how = deleted ] || cp "$CALLS" "$TMP/$how"
		ln -sf "$TMP/$how" "$TMP/$how.link"
		start_tool funccount --json -p "$WAITER" "$TMP/$how:calls_step"
		waiter_go
		stop_tool
		is "$(counts) $(got 'map(.module) | join(",")')" "calls_step 499 $TMP/$how" "-p: a program that was $how"
	done
	waiter_start "$TMP/replaced" wait 2 step=499
	rm "$TMP/replaced"
	cp "$CALLS" "$TMP/replaced"
	start_tool funccount --json -p "$WAITER" "$TMP/replaced.link:calls_step"
	waiter_go
	stop_tool
	is "$(counts)" 'calls_step 499' '-p: a program that was replaced, by a symbolic link'
}

# Files are those that the process sees.
test_root() {
	if ! unshare -m true 2> /dev/null; then
		skip '-p: another root' 'no mount namespace can be made here'
		return
	fi
	mkdir "$TMP/hidden"
	# shellcheck disable=SC2016
	waiter_make unshare -m sh -c 'mount -t tmpfs none "$1" && cp "$0" "$1/inside" &&
		exec "$1/inside" wait 2 step=997 usdt=499' "$CALLS" "$TMP/hidden"
	if ! wait_for waiter_waits inside; then
		fail '-p: another root' 'there is none'
		waiter_go
		return
	fi
	ok '-p: another root: we do not see it' test ! -e "$TMP/hidden/inside"
	start_tool funccount --json -p "$WAITER" "$TMP/hidden/inside:calls_step" \
		"u:$TMP/hidden/inside:plain"
	waiter_go
	stop_tool
	is "$(counts)" 'calls:plain 499, calls_step 997' '-p: a program that only it can see'
	is "$(got 'map(.module) | unique | join(" ")')" "$TMP/hidden/inside" \
		'-p: a program that only it can see: its path is the name that it has there'
}

# --- tracepoints ---------------------------------------------------------------------------------

test_tracepoints() {
	local name tries
	for name in task/task_rename syscalls/sys_enter_getpriority; do
		if ! has_tracepoint $name; then
			skip 'tracepoints' "$KERNEL has no tracepoint $name"
			return
		fi
	done
	for ((tries = 1; tries <= 8; tries++)); do # as run_whole() does
		waiter_start "$CALLS" wait 3 getpriority=997 rename=499
		start_tool funccount --json -p "$WAITER" t:syscalls:sys_enter_getpriority \
			t:task:task_rename
		"$CALLS" 2 getpriority=211 rename=307 > /dev/null
		waiter_go
		stop_tool
		[ "$(missed_count)" != 0 ] || break
		diag "try $tries: $(grep -E "$MISSED" "$ERR")"
	done
	is "$STATUS $(counts)" '0 syscalls:sys_enter_getpriority 997, task:task_rename 499' \
		'tracepoints: -p: all calls of its threads only'
	like "$(cat "$ERR")" " attached by $(event_way)\$" 'tracepoints: raw ones where they are whole'
	like "$(cat "$ERR")" " attached by $(call_way)\$" 'tracepoints: ... and others'
	counted --json 't::sys_e*_getpriority' -- 3 getpriority=997
	is "$(counts)" 'syscalls:sys_enter_getpriority 997, syscalls:sys_exit_getpriority 997' \
		'tracepoints: of any category; -- CMD'
}

# --- kernel functions ----------------------------------------------------------------------------

test_kernel() {
	local name
	if kernel_skips 'kernel functions'; then
		kernel_refused
		return
	fi
	counted -v --json getrusage vfs_fallocate ksyscall:getpriority \
		-- 3 getrusage=997 fallocate=499 getpriority=1009
	is "$STATUS" 0 'kernel: status 0'
	name=$(got 'map(select(.count == 1009).func)[0]')
	is "$(counts)" "$name 1009, getrusage 997, vfs_fallocate 499" 'kernel: all calls of three threads'
	like "$name" 'sys_getpriority$' "kernel: ksyscall: is this kernel's function"
	if has_fprobe; then
		like "$(cat "$ERR")" '^funccount: 3 attached by kprobe.multi$' 'kernel: by kprobe.multi'
	else
		like "$(cat "$ERR")" '^funccount: 3 attached by kprobe$' 'kernel: by kprobe'
	fi
	counted --json 'getrusag?' 'vfs_fallocat*' '*_sys_getpriorit*' \
		-- 3 getrusage=997 fallocate=499 getpriority=1009
	is "$(counts)" "$name 1009, getrusage 997, vfs_fallocate 499" \
		'kernel: by wildcards: each has its own calls'
	counted --json r::getrusage getrusage SyS_getpriority __x64_sys_getrusage \
		-- 3 getrusage=997 getpriority=499
	is "$(count_of getrusage) $(count_of r::getrusage)" '997 997' 'kernel: returns'
	is "$(got 'map(select(.func | test("sys_")).count) | sort | join(" ")')" '499 997' \
		'kernel: system calls in other spellings'
	kernel_offset
}

# Each way to attach, by hiding those before it. The shell and the workload are renamed as they are
# executed: two more of task_rename.
way() { # WAY HIDDEN-WAYS COUNT PATTERN... -- THREADS NAME=COUNT...
	local way=$1 hidden=$2 count=$3
	shift 3
	PLAN_HIDE=$hidden counted -v --json "$@"
	is "$STATUS $(counts | sed 's/.* //') $(grep -c " attached by $way\$" "$ERR")" "0 $count 1" \
		"way: $way"
}

test_ways() {
	way uprobe attach/uprobe.multi 997 "$CALLS:calls_step" -- 3 step=997
	way "$(event_way)" '' 501 t:task:task_rename -- 3 rename=499
	way tracepoint 'attach/raw tracepoint' 501 t:task:task_rename -- 3 rename=499
	if has_tracepoint syscalls/sys_enter_getpriority; then
		way "$(call_way)" '' 997 t:syscalls:sys_enter_getpriority -- 3 getpriority=997
	fi
	if has_uprobe_multi; then
		way uprobe.multi '' 997 "$CALLS:calls_step" -- 3 step=997
	else
		skip 'way: uprobe.multi' "$KERNEL has none"
	fi
	kernel_skips 'ways to kernel functions' && return
	way kprobe attach/kprobe.multi 997 getrusage -- 3 getrusage=997
	if [ "$(uname -m)" = x86_64 ]; then
		way fentry attach/kprobe.multi,attach/kprobe 997 getrusage -- "$(fentry_threads)" getrusage=997
		TRIES=1 PLAN_HIDE=attach/kprobe.multi,attach/kprobe counted --json getrusage -- 3 getrusage=997
		accounted 'way: fentry: counted + missed = all' 997 "$(count_of getrusage)"
	else
		skip 'way: fentry' "$KERNEL, $(uname -m): before 6.4 there is none, and it is tested on x86-64"
	fi
}

# Where a function of the kernel has its second instruction depends on how the kernel was built;
# the kernel refuses a place that is none.
kernel_offset() {
	local at wanted=() good=()
	case $(uname -m) in
	x86_64) wanted=(4 5) ;; # behind endbr64, or behind the call of ftrace's
	*) wanted=(12) ;;
	esac
	for at in "${wanted[@]}"; do
		counted -v --json "getrusage+$at" -- 3 getrusage=997
		if [ "$STATUS" = 0 ]; then
			good+=("$at $(got 'map(.count) | add') $(grep -c ' attached by kprobe$' "$ERR")")
		else
			like "$(cat "$ERR")" '^funccount: +kprobe: no instruction begins there$' \
				'kernel: FUNC+OFFSET inside an instruction: said'
		fi
	done
	like "${good[*]}" '^[0-9]+ 997 1$' 'kernel: FUNC+OFFSET: one of them is an instruction, by kprobe'
}

# A machine that lets nobody probe its kernel.
kernel_refused() {
	run_tool funccount vfs_read -- /bin/true
	is "$STATUS $(wc -c < "$OUT")" '1 0' 'no kprobes: status 1, nothing on stdout'
	for name in kprobe.multi kprobe fentry; do
		like "$(cat "$ERR")" "^funccount: +$name: .+" "no kprobes: why not $name"
	done
	like "$(cat "$ERR")" 't:.*u:' 'no kprobes: what works here'
}

# --- which functions -----------------------------------------------------------------------------

test_patterns() {
	local command=(-- 2 step=997 outer=499)
	counted --json "$CALLS:calls_*" "${command[@]}"
	is "$(counts)" 'calls_outer 499, calls_step 997' 'patterns: *'
	counted --json "$CALLS:calls_????" "${command[@]}"
	is "$(counts)" 'calls_step 997' 'patterns: ?'
	counted --json -r "$CALLS:^calls_(st|ou).+" "${command[@]}"
	is "$(counts)" 'calls_outer 499, calls_step 997' 'patterns: -r'
	counted --json "$CALLS:calls_*" --exclude 'calls_o*' "${command[@]}"
	is "$(counts)" 'calls_step 997' '--exclude'
	counted --json -r "$CALLS:calls_.*" --exclude '.*_st..' --exclude nosuch "${command[@]}"
	is "$(counts)" 'calls_outer 499' '--exclude -r, twice'
	counted "$CALLS:calls_*" --exclude '*' "${command[@]}"
	is "$STATUS $(wc -l < "$ERR") $(wc -c < "$OUT")" '1 1 0' '--exclude of all: status 1, one line'
	like "$(cat "$ERR")" '^funccount: .*--exclude' '--exclude of all: said'
	counted --json "$CALLS:calls_step" "$CALLS:nosuch" "${command[@]}"
	is "$STATUS $(counts)" '0 calls_step 997' 'a pattern without a match: the other one is counted'
	like "$(cat "$ERR")" "^funccount: .*nosuch" 'a pattern without a match: said'
}

# --- split ---------------------------------------------------------------------------------------

# Two processes, of two names.
test_by() {
	local pids
	cp "$CALLS" "$TMP/other"
	# shellcheck disable=SC2016
	set -- "$CALLS:calls_step" "$TMP/other:calls_step" -- /bin/sh -c \
		'"$0" 3 step=997 > /dev/null & echo $! > "$2"; "$1" 3 step=499 > /dev/null & echo $! >> "$2"
		wait' "$CALLS" "$TMP/other" "$TMP/pids"
	run_tool funccount --json --by comm "$@"
	is "$(got 'map("\(.comm) \(.count)") | sort | join(", ")')" 'calls 997, other 499' '--by comm'
	is "$(got 'map(.pid == null and .cpu == null and .cgroup == null) | all')" true \
		'--by comm: JSON has nothing that was not asked for'
	run_tool funccount --json --by pid "$@"
	pids=$(paste -sd ' ' "$TMP/pids")
	is "$(got 'sort_by(-.count) | map("\(.pid) \(.count)") | join(", ")')" \
		"${pids% *} 997, ${pids#* } 499" '--by pid'
	is "$(got 'map(.cpu == null) | all')" true '--by pid: JSON has no cpu'
	run_tool funccount --json --by pid -o func,pid,cpu,comm,cgroup,count "$@"
	is "$(got 'map(.cpu == null and .comm == null and .cgroup == null and .pid > 0) | all')" true \
		'--by pid -o: what it is not split by is null'

	if [ "$(nproc)" -lt 2 ]; then
		skip '--by cpu, -c' 'there is but one CPU'
	else
		counted --json --by cpu "$CALLS:calls_step" -- 2 step=997
		is "$(got 'sort_by(.cpu) | map("\(.cpu) \(.count)") | join(", ")')" '0 498, 1 499' '--by cpu'
		counted --json -c 1 "$CALLS:calls_step" -- 2 step=997
		is "$(counts)" 'calls_step 499' '-c: this CPU only'
	fi
	by_cgroup
}

by_cgroup() {
	groups_skip '--by cgroup, --cgroup' && return
	start_tool funccount --json --by cgroup "$CALLS:calls_step"
	in_group "$GROUP" "$CALLS" 3 step=997 > /dev/null
	in_group "$OTHER_GROUP" "$CALLS" 3 step=499 > /dev/null
	stop_tool
	is "$(got "sort_by(.count) | map(\"\(.cgroup | sub(\".*/\"; \"\")) \(.count)\") | join(\", \")")" \
		"${OTHER_GROUP##*/} 499, ${GROUP##*/} 997" '--by cgroup'
	start_tool funccount --json --cgroup "$GROUP" "$CALLS:calls_step"
	in_group "$GROUP" "$CALLS" 3 step=997 > /dev/null
	in_group "$OTHER_GROUP" "$CALLS" 3 step=499 > /dev/null
	stop_tool
	is "$(counts)" 'calls_step 997' '--cgroup: its calls only'
	groups_end
}

# --- how it is shown -----------------------------------------------------------------------------

rows() { # of the only table, with its header
	sed -n '3,$p' "$OUT" | tr -s ' ' | paste -sd ,
}

test_text() {
	counted "$CALLS:calls_*" -- 2 step=997 outer=499
	is "$STATUS $(cat "$ERR")" '0 ' 'text: status 0, nothing on stderr'
	is "$(head -n 2 "$OUT")" "Tracing 2 functions for \"$CALLS:calls_*\"... Hit Ctrl-C to end." \
		'text: a banner and an empty line'
	is "$(rows)" 'FUNC COUNT,calls_outer 499,calls_step 997' \
		'text: a header, and rows by count, ascending'
	counted -T "$CALLS:calls_step" -- 2 step=997
	like "$(sed -n 3p "$OUT")" '^[0-9]{2}:[0-9]{2}:[0-9]{2} *$' '-T: the time of day'
	counted "$CALLS:calls_*" --sort name --total -- 2 step=97 outer=499
	is "$(rows)" \
		'FUNC COUNT,calls_outer 499,calls_step 97,TOTAL 596' '--sort name --total'
	counted "$CALLS:calls_*" --sort count -- 2 step=97 outer=499
	is "$(rows)" 'FUNC COUNT,calls_step 97,calls_outer 499' \
		'--sort count'
	counted "$CALLS:calls_*" --top 1 --total -- 2 step=97 outer=499
	is "$(rows)" 'FUNC COUNT,calls_outer 499,TOTAL 596' \
		'--top: the most called one; TOTAL is of all'
	counted "$CALLS:calls_*" --zero -- 2 step=97
	is "$(rows)" 'FUNC COUNT,calls_outer 0,calls_step 97' \
		'--zero: what was never called'
	counted "$CALLS:calls_*" -- 2 step=97
	is "$(rows)" 'FUNC COUNT,calls_step 97' 'without --zero: not'
	counted "$CALLS:calls_step" --by comm -- 2 step=97
	is "$(rows)" 'FUNC COMM COUNT,calls_step calls 97' \
		'--by comm: a column'
	counted "$CALLS:calls_outer" --zero --by comm -- 2 step=97
	like "$(cat "$OUT")" '^calls_outer +.* 0$' '--zero --by: what was never called'
	counted -o func,kind,module,share,since_start,count "$CALLS:calls_*" -- 2 step=75 outer=25
	like "$(cat "$OUT")" "^calls_step +user +$CALLS +75.0 +75 +75\$" '-o: columns'
}

test_json() {
	counted --json --total "$CALLS:calls_*" -- 2 step=997 outer=499
	is "$(got 'map("\(.func) \(.count) \(.kind)") | join(", ")')" \
		'calls_outer 499 user, calls_step 997 user, TOTAL 1496 total' '--json --total: an object each'
	is "$(got 'map(.since_start == .count) | all')" true '--json: since_start, TOTAL'\''s too'
	is "$(got 'map(.share | . * 10 | round) | join(" ")')" '334 666 1000' '--json: per cent'
	is "$(got 'map(has("pid") and .pid != null) | any')" false '--json: no pid without --by pid'
	counted --json --rate "$CALLS:calls_step" -- 2 step=997
	is "$(got '.[0] | (.rate | type) == "number" and .rate > 0 and .rate < 997000')" true \
		'--json --rate: a number'
	is "$(got 'map(.module) | unique | join(" ")')" "$CALLS" '--json: the file'
	counted --json --top 1 "$CALLS:calls_*" -- 2 step=997 outer=499
	is "$(counts)" 'calls_step 997' '--json --top'
	counted --json --zero "$CALLS:calls_*" -- 2 step=997
	is "$(counts)" 'calls_outer 0, calls_step 997' '--json --zero'
}

# Counters are never cleared: what an interval has not, the next one has.
test_intervals() {
	local start tables
	# shellcheck disable=SC2016
	set -- "$CALLS:calls_*" -- timeout "$WAIT" /bin/sh -c 'for i in 1 2 3; do
			"$0" 3 step=9973 outer=997 > /dev/null
			until [ "$(grep -c calls_step "$1")" -ge $i ]; do sleep 0.05; done
		done' "$CALLS" "$OUT" # each is seen in a table before the next
	run_tool funccount --json -i 0.1 "$@"
	is "$(counts)" 'calls_outer 2991, calls_step 29919' '-i: the intervals sum up to all calls'
	tables=$(got 'map(select(.func == "calls_step")) | length')
	ok "-i: several tables with calls ($tables)" test "$tables" -ge 3
	is "$(got 'map(select(.func == "calls_step")) | .[-1].since_start')" 29919 \
		'-i: since_start goes on'
	is "$(got 'map(select(.count == 0)) | length')" 0 '-i: nothing of what was not called'
	run_tool funccount --json -i 0.1 --by comm --by pid "$@"
	is "$(counts)" 'calls_outer 2991, calls_step 29919' '-i --by: the intervals sum up to all calls'
	start=$(date +%s%N)
	run_tool funccount -T -i 0.5 -d 1.5 "u:$CALLS:plain"
	start=$((($(date +%s%N) - start) / 1000000))
	is "$STATUS" 0 '-i -d: status 0'
	like "$(grep -cE '^[0-9]{2}:[0-9]{2}:[0-9]{2} *$' "$OUT")" '^[234]$' '-i 0.5 -d 1.5: three tables, or one less of a busy machine'
	ok "-d 1.5: a second and a half and little more ($start ms)" \
		test "$start" -ge 1500 -a "$start" -lt 9500
}

test_live() {
	if ! has_program script; then
		skip '--live' 'there is no script(1)'
		return
	fi
	TERM=xterm script -qefc "timeout $WAIT $BIN/funccount --live -i 0.1 $CALLS:calls_* -- \
		timeout $WAIT /bin/sh -c 'for i in 1 2 3; do
			$CALLS 2 step=97 > /dev/null
			until [ \$(grep -c ^calls_step $OUT) -ge \$i ]; do sleep 0.05; done
		done'" /dev/null > "$OUT" 2>&1 < /dev/null
	like "$(cat "$OUT")" $'\e\\[[0-9]+A\e\\[J' '--live: draws over what was there'
	like "$(tr '\n' ' ' < "$OUT")" $'\e\\[\\?7l.*calls_step .*\e\\[\\?7h' \
		'--live: what is too long for the terminal is cut'
	ok '--live: tables' test "$(grep -c '^calls_step ' "$OUT")" -ge 3
	run_tool funccount --live "$CALLS:calls_step"
	is "$STATUS $(wc -l < "$ERR")" '2 1' '--live without a terminal: status 2, one line'
}

test_list() {
	run_tool funccount -l "$CALLS:calls_*"
	is "$STATUS $(sort "$OUT" | paste -sd ' ')" '0 calls_outer calls_step' '-l: names, nothing else'
	run_tool funccount -l "$CALLS:calls_*" --exclude '*step'
	is "$(cat "$OUT")" calls_outer '-l --exclude'
	run_tool funccount -lv "u:$CALLS:*" "$CALLS:calls_step"
	like "$(cat "$OUT")" '^calls:guarded .* 8@%?[a-z0-9]+$' '-lv: arguments of a USDT probe'
	like "$(cat "$OUT")" "^calls_step(\(.*\): .*)? +$CALLS\+0x[0-9a-f]+\$" \
		'-lv: parameters, file and place of a function'
	run_tool funccount -l vfs_fallocate 'vfs_fsync*'
	is "$STATUS $(grep -cx vfs_fallocate "$OUT")" '0 1' '-l: a kernel function, kprobes or not'
	ok '-l: several' test "$(wc -l < "$OUT")" -ge 3
	run_tool funccount -lv vfs_fallocate
	like "$(cat "$OUT")" \
		'^vfs_fallocate\(struct file \*file, int mode, loff_t offset, loff_t len\): int$' \
		'-lv: arguments by BTF'
	if has_tracepoint syscalls/sys_enter_getpriority; then
		run_tool funccount -lv 't:syscalls:sys_*_getpriority'
		like "$(cat "$OUT")" '^syscalls:sys_enter_getpriority\(.*int which, int who\)$' \
			'-lv: fields of a tracepoint'
	else
		skip '-lv: fields of a tracepoint' "$KERNEL has no tracepoints of system calls"
	fi
	bad 2 '--json: a list .* is text' --json -l "$CALLS:calls_step"
	run_tool funccount -l nosuch_function
	is "$STATUS $(wc -c < "$OUT")" '1 0' '-l of nothing: status 1'
}

# --- many ----------------------------------------------------------------------------------------

functions_n() { # of the banner
	sed -n 's/.*Tracing \([0-9]*\) functions .*/\1/p' "$OUT"
}

# The rest of the system goes on while it is traced, and afterwards.
many() { # LEAST NAME=COUNT|- FUNC OPTION|PATTERN...
	local least=$1 work=$2 func=$3 start=$SECONDS
	shift 3
	counted "$@" -- 3 "$work"
	diag "$*: $(functions_n) functions, $((SECONDS - start)) s$(sed 's/^funccount: /; /' "$ERR" |
		head -n 3 | tr -d '\n')"
	is "$STATUS" 0 "$*: status 0"
	ok "$*: $(functions_n) functions, at least $least" test "0$(functions_n)" -ge "$least"
	is "$(awk -v f="$func" '$1 == f { print $2 }' "$OUT")" "${work#*=}" "$*: $func ${work#*=}"
	is "$("$CALLS" 3 "$work")" "${work%=*} ${work#*=}" "$*: the machine goes on"
}

test_many() {
	many 20 getpriority=997 getpriority 'c:str*' c:getpriority
	if has_tracepoint syscalls/sys_enter_getpriority; then
		many 200 getpriority=997 syscalls:sys_enter_getpriority 't:syscalls:sys_enter_*'
	else
		skip 't:syscalls:sys_enter_*' "$KERNEL has no tracepoints of system calls"
	fi
	kernel_skips 'vfs_*, tcp_*' && return
	many 50 fallocate=997 vfs_fallocate 'vfs_*'
	if has_fprobe || [[ $KERNEL == 6.1.* && $(uname -m) = x86_64 ]]; then
		many 200 getrusage=997 getrusage 'tcp_*' getrusage
	else
		skip 'tcp_*' 'hundreds of kprobes one by one: in the amd64 guest of 6.1'
		many_interrupted
	fi
}

# One by one is slow: there is something to look at, and Ctrl-C ends it. It is typed as soon as there
# is, when nearly all are still to be attached on however fast a machine.
many_interrupted() {
	local start all said script
	if [ "$(uname -m)" != x86_64 ]; then
		skip 'Ctrl-C while it attaches' 'to detach is what takes minutes under emulation here'
		return
	fi
	if ! has_program script; then
		skip 'Ctrl-C while it attaches' 'there is no script(1)'
		return
	fi
	all=$("$BIN/funccount" -l 'tcp_*' | wc -l)
	mkfifo "$TMP/keys"
	exec 8<> "$TMP/keys"
	timeout "$WAIT" script -qefc "exec $BIN/funccount 'tcp_*'" /dev/null \
		> "$OUT" 2>&1 < "$TMP/keys" &
	script=$!
	wait_match "$OUT" 'attaching [0-9]+ of [0-9]+'
	start=$SECONDS
	printf '\003' >&8
	wait $script
	is $? 0 'Ctrl-C while it attaches: status 0'
	exec 8>&-
	said=$(tr '\r' '\n' < "$OUT" | sed 's/\x1b\[K//g')
	like "$said" "^funccount: attaching [0-9]+ of $all" 'one by one: progress on a terminal'
	like "$said" "^funccount: stopped after [0-9]+ of $all were attached" \
		'Ctrl-C while it attaches: said'
	all=$((all - $(sed -n 's/^funccount: stopped after \([0-9]*\) of .*/\1/p' <<< "$said")))
	ok "Ctrl-C while it attaches: it goes no further ($all are left)" test "$all" -gt 0
	unlike "$said" '^Tracing' 'Ctrl-C while it attaches: nothing is traced'
	ok "Ctrl-C while it attaches: it ends soon ($((SECONDS - start)) s)" \
		test $((SECONDS - start)) -le 20
}

# All of a large library. Python's is there where there is a Python, OpenSSL's nearly everywhere.
test_library() {
	local library count
	for library in /usr/lib/*-linux-gnu/libcrypto.so.3 /usr/lib/*-linux-gnu/libpython3.*.so.1.0; do
		[ -e "$library" ] || continue
		count=$("$BIN/funccount" -l "$library:*" 2> /dev/null | wc -l)
		[ "$count" -lt 3000 ] || break
	done
	if [ "${count:-0}" -lt 3000 ]; then
		skip 'all of a library' 'no library with more than 3,000 functions is here'
		return
	fi
	many 3000 step=997 calls_step "$library:*" "$CALLS:calls_step"
}

# Once: in the guest of 6.12, where it is done by kprobe.multi.
test_all() {
	local start=$SECONDS n
	if [ "$GUEST" != 1 ] || ! has_fprobe || [[ $KERNEL != 6.12* ]]; then
		skip 'all kernel functions' 'in the 6.12 guest only'
		return
	fi
	run_tool funccount '*'
	is "$STATUS $(wc -c < "$OUT")" '1 0' "'*': refused"
	like "$(cat "$ERR")" '^funccount: .*[0-9]+ kernel functions.*--force' "'*': how many, and --force"
	TRIES=1 WAIT=120 counted '*' --force -- 3 getrusage=997 fallocate=499
	n=$(functions_n)
	diag "all: $n functions, $((SECONDS - start)) s: $(head -n 5 "$ERR")"
	is "$STATUS" 0 "'*' --force: status 0"
	like "$(cat "$ERR")" '^funccount: up to [0-9]+ calls not counted: ' \
		"'*' --force: probes in probes are left out by the kernel, and told"
	ok "'*' --force: $n functions, at least 20,000" test "0$n" -ge 20000
	is "$(awk '$1 == "vfs_fallocate" || $1 == "getrusage" { print $1, $2 }' "$OUT" | sort |
		paste -sd ' ')" 'getrusage 997 vfs_fallocate 499' "'*' --force: exact among them"
	is "$("$CALLS" 3 getrusage=997)" 'getrusage 997' "'*' --force: the machine goes on"
}

# --- ends ----------------------------------------------------------------------------------------

test_ends() {
	local signal
	for signal in INT TERM HUP; do
		waiter_start "$CALLS" wait 2 step=997
		start_tool funccount -p "$WAITER" "$CALLS:calls_step"
		waiter_go
		stop_tool $signal
		is "$STATUS $(awk '$1 == "calls_step" { print $2 }' "$OUT")" '0 997' \
			"SIG$signal: status 0, and what was counted"
	done
	STATUS=0
	timeout "$WAIT" "$BIN/funccount" -i 0.1 -d 2 "$CALLS:calls_step" 2> "$ERR" | head -n 1 > "$OUT"
	is "${PIPESTATUS[0]} $(cat "$ERR")" '0 ' '| head -n 1: status 0 and no complaint'
	timeout "$WAIT" "$BIN/funccount" -d 0.1 "$CALLS:calls_step" > /dev/full 2> "$ERR" || STATUS=$?
	is "$STATUS $(cat "$ERR")" \
		'1 funccount: cannot write to standard output: No space left on device' \
		'a full disk: status 1, said once'
}

# --- privileges ----------------------------------------------------------------------------------

test_privileges() {
	local bin=$TMP/bin
	if ! has_program setpriv; then
		skip 'privileges' 'there is no setpriv(1)'
		return
	fi
	mkdir -m 755 "$bin"
	cp "$BIN/funccount" "$CALLS" "$bin"
	local BIN=$bin
	RUN_AS=("${CAPS_NONE[@]}")
	run_tool funccount "$bin/calls:calls_step" -- "$bin/calls" 2 step=997
	is "$STATUS $(wc -l < "$ERR")" '1 1' 'without capabilities: status 1, one line'
	like "$(cat "$ERR")" '^funccount: .*CAP_BPF.*CAP_PERFMON' 'without capabilities: names them'
	RUN_AS=("${CAPS_BPF[@]}")
	if ! "${RUN_AS[@]}" true 2> /dev/null; then
		skip 'CAP_BPF and CAP_PERFMON alone' 'setpriv cannot give these capabilities here'
	else
		ulimit -l unlimited # before 5.11 maps count against it
		run_tool funccount --json "$bin/calls:calls_step" -- "$bin/calls" 2 step=997
		sed -i '/^{/!d' "$OUT"
		if [ "$STATUS" = 0 ]; then
			is "$(counts)" 'calls_step 997' 'CAP_BPF and CAP_PERFMON alone: they suffice'
		else
			like "$(cat "$ERR")" 'uprobe.*(perf_event_paranoid|CAP_|denied|not permitted)' \
				'CAP_BPF and CAP_PERFMON alone: what refuses it'
		fi
	fi
	RUN_AS=()
}

# --- bad input -----------------------------------------------------------------------------------

bad() { # STATUS PATTERN ARG...
	local arguments=("${@:3}") name
	name="bad input: ${arguments[*]@Q}"
	run_briefly funccount "${arguments[@]}"
	MOST=6 refused "${name//"$TMP"\//}" funccount "$1" "$2"
}

test_bad() {
	local v
	bad 2 'what is to be counted|pattern'
	bad 2 'pattern' -i 1
	bad 2 'missing' ''
	bad 2 "--by.*'x'.*pid, comm, cgroup or cpu" --by x c:malloc
	bad 2 '--by needs a value' c:malloc --by ''
	bad 2 "--sort.*'x'.*count or name" --sort x c:malloc
	for v in x -1 65536 1.5; do
		bad 2 "(-c|--cpu).*'$v'" -c $v c:malloc
		bad 2 "--cpu.*'$v'" --cpu=$v c:malloc
	done
	for v in 0 x -1 1.5; do
		bad 2 "--top.*'$v'" --top $v c:malloc
		bad 2 "-p: '$v'" -p $v c:malloc
	done
	for v in 0 x nan ''; do
		bad 2 "-i.*('$v'|value)" -i "$v" c:malloc
	done
	bad 2 "--max-events" --max-events 5 c:malloc
	bad 2 "--live.*terminal" --live c:malloc
	bad 2 "-o.*'nosuch'|'nosuch'" -o nosuch c:malloc
	bad 2 "'\('|[Uu]nmatched|regular expression" -r 'c:('
	bad 2 "--exclude.*" -r c:malloc --exclude '('
	bad 2 '\^' 't:'
	bad 2 '\^' 'u:c'
	bad 2 '\^' 'p:c:malloc:x:y'
	bad 2 '\^' '"c:malloc'
	bad 1 "e\[31m|\\\\" $'c:\e[31mred'
}

# What matches nothing, with what would.
test_hints() {
	bad 1 'nosuch_function.*no such function' nosuch_function
	bad 1 "no library or program 'nosuchlib'" nosuchlib:malloc
	bad 1 "no function of .* matches 'malocc'" c:malocc
	bad 1 'has to match the whole name' -r 'c:^mall'
	bad 1 '(did you mean|malloc)' c:malocc
	bad 1 'did you mean .*vfs_fallocate' vfs_falocate
	bad 1 'no tracepoints of a category nosuch' t:nosuch:event
	bad 1 'did you mean .*sched_switch' t:sched:sched_swich
	bad 1 "USDT probe.*'nosuch'|no USDT probe.*nosuch" "u:$CALLS:nosuch"
	bad 1 'has no USDT probes' u:/bin/true:nosuch
	bad 1 'u:LIB|-p PID' u::nosuch
	bad 1 "outside|beyond|bytes long|offset" --force "$CALLS:calls_step+0x100000"
}

# Files that are no programs, and those that were.
test_files() {
	local file=$TMP/damaged size at
	bad 1 "'$TMP/none'.*(No such file|not there)|No such file" "$TMP/none:f"
	bad 1 'not an ELF file' /etc/passwd:f
	bad 1 'directory|not a (regular )?file' "$TMP:f"
	bad 1 'regular file|not an ELF file|device' /dev/zero:f
	: > "$file"
	bad 1 'empty|not an ELF file' "$file:f"
	mkfifo "$file.fifo"
	bad 1 'not a (regular )?file|not an ELF file' "$file.fifo:f"
	cp "$CALLS" "$file"
	chmod 0 "$file"
	RUN_AS=("${CAPS_BPF[@]}")
	cp "$BIN/funccount" "$TMP" # where nobody can reach it
	if "${RUN_AS[@]}" true 2> /dev/null; then
		BIN=$TMP run_tool funccount "$file:calls_step"
		is "$STATUS" 1 'bad input: an unreadable binary: status 1'
		like "$(cat "$ERR")" "damaged.*Permission denied" 'bad input: an unreadable binary: said'
	else
		skip 'bad input: an unreadable binary' 'setpriv cannot give these capabilities here'
	fi
	RUN_AS=()
	chmod 755 "$file"
	size=$(stat -c %s "$CALLS")
	for at in 4 20 63 64 100 1000 $((size / 2)) $((size - 1)) $((size - 100)); do
		head -c "$at" "$CALLS" > "$file"
		damaged "cut at $at" "$file"
		[ "$at" -lt 100 ] || like "$(cat "$ERR")" 'is damaged: it is shorter than its header says' \
			"a damaged file, cut at $at: said"
	done
	# Bytes that the headers have, section headers at the end included.
	for at in 4 5 16 18 24 32 40 52 54 56 58 60 62 $((size - 40)) $((size - 200)); do
		cp "$CALLS" "$file"
		printf '\xff\xff' | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
		damaged "0xffff at $at" "$file"
	done
	files_stripped
}

# Listing never crashes; what can be said of the file is said.
damaged() { # HOW FILE
	run_tool funccount -l "$2:calls_*" "u:$2:*"
	if [ "$STATUS" = 0 ] && [ -s "$OUT" ]; then
		pass "a damaged file, $1: its functions are known still"
	elif [ "$STATUS" = 1 ] && [ -s "$ERR" ] && ! grep -qv '^funccount: ' "$ERR"; then
		pass "a damaged file, $1: status 1 and a reason"
	else
		fail "a damaged file, $1" "status $STATUS; $(head -n 5 "$ERR" | cut -c 1-300)"
	fi
}

files_stripped() {
	if ! has_program strip; then
		skip 'a stripped program' 'there is no strip(1)'
		return
	fi
	strip -o "$TMP/stripped" "$CALLS"
	bad 1 'stripped' "$TMP/stripped:calls_step"
	bad 1 'stripped' "$TMP/stripped:*"
	run_tool funccount --json "u:$TMP/stripped:*" -- "$TMP/stripped" 2 usdt=997
	is "$(sed '/^{/!d' "$OUT" > "$OUT.json"; mv "$OUT.json" "$OUT"; counts)" 'calls:plain 997' \
		'a stripped program: its USDT probes'
}

# --- processes that go ---------------------------------------------------------------------------

test_gone() {
	local pid i bad=0
	sleep 0 &
	pid=$!
	wait $pid
	bad 2 "no process $pid" -p $pid "$CALLS:calls_step"
	# It ends before, while or after the tool attaches; the tool ends by itself or by -d.
	for i in 0 1 2 3 5 8 12 20 40; do
		# shellcheck disable=SC2016
		sh -c 'sleep 0.0$0 2> /dev/null' "$(printf %02d $i)" &
		pid=$!
		run_tool funccount -p $pid -d 0.5 c:getpriority "$CALLS:calls_step"
		wait $pid
		case $STATUS in
		0) ;;
		1|2) [ -s "$ERR" ] || bad=$((bad + 1)) ;;
		*) bad=$((bad + 1)); diag "ends after $i ms: status $STATUS; $(head -n 3 "$ERR")" ;;
		esac
	done
	is $bad 0 'a process that ends while it is attached to: status 0, or a reason'
	waiter_start "$CALLS" wait 2 step=997
	start_tool funccount --json -p "$WAITER" "$CALLS:calls_step"
	waiter_go
	stop_tool
	is "$STATUS $(counts)" '0 calls_step 997' 'a process that has ended: its counts are shown'
}

run_cases test_ways test_user test_pid test_replaced test_root test_tracepoints test_kernel test_by test_many \
	test_all test_privileges -- \
	test_library test_patterns test_text test_json test_intervals test_live test_list test_ends \
	test_bad test_hints test_files test_gone
done_testing
