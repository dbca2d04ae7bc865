#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# biolatency.sh - what biolatency must show of I/O whose number (ios.c), time (null_blk, dm-delay)
# and fate are known.
#
# On the running machine the disk is a loop device of our own, and only its I/O is traced. In a
# guest it is the scratch disk (tests/guest/vm --disk), beside devices that are made there:
#	nullb0  at once; keeps what is written, has a cache, FUA and discard
#	nullb1  10 ms
#	nullb2  10 ms, one request at a time, a scheduler
#	nullb3  1 MB/s, no scheduler: requests go back to the queue
# shellcheck disable=SC2016
TMPDIR=${TMPDIR:-/dev/shm} # the loop device's file
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload ios
need_workload dm
need_program jq

DISK='' LOOP=''

# --- devices ------------------------------------------------------------------------------------

devices_end() {
	[ -z "$LOOP" ] || losetup -d "$LOOP"
	cleanup
}
trap devices_end EXIT

null_make() { # NAME ATTRIBUTE=VALUE...
	local dir=/sys/kernel/config/nullb/$1 attribute
	shift
	mkdir "$dir" || return
	for attribute; do
		echo "${attribute#*=}" > "$dir/${attribute%%=*}" || return
	done
	echo 1 > "$dir/power"
}

nulls_make() {
	modprobe null_blk nr_devices=0 || return
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config || return
	null_make nullb0 size=512 memory_backed=1 discard=1 cache_size=1 irqmode=0 queue_mode=2 &&
		null_make nullb1 size=64 completion_nsec=10000000 irqmode=2 queue_mode=2 &&
		null_make nullb2 size=64 completion_nsec=10000000 irqmode=2 queue_mode=2 \
			submit_queues=1 hw_queue_depth=1 &&
		null_make nullb3 size=64 mbps=1 irqmode=0 queue_mode=2 submit_queues=1 || return
	echo mq-deadline > /sys/block/nullb2/queue/scheduler
	echo 64 > /sys/block/nullb2/queue/nr_requests
	echo none > /sys/block/nullb3/queue/scheduler
}

# The first use of loop and null_blk in a guest is here: loop's queue is as long as it can be.
devices_make() {
	if [ -z "$GUEST" ]; then
		truncate -s 64M "$TMP/disk" || skip_all "no room in $TMPDIR"
		LOOP=$(losetup -f --show "$TMP/disk" 2> /dev/null) ||
			skip_all 'no loop device can be made here'
		DISK=${LOOP#/dev/}
		return
	fi
	[ -b /dev/vda ] || skip_all 'this guest has no scratch disk (tests/guest/vm --disk)'
	DISK=vda
	modprobe loop hw_queue_depth=10240 2> /dev/null || modprobe loop
	modprobe dm-mod
	NULLS=1
	nulls_make > "$TMP/nulls.log" 2>&1 || NULLS=
}
NULLS=

# Skips a case that needs a device of a guest's.
guest_skips() { # NAME
	if [ -z "$GUEST" ]; then
		skip "$1" \
			'the running machine is given a loop device only: tested in guests'
	elif [ -z "$NULLS" ]; then
		skip "$1" "null_blk cannot be used on $KERNEL: $(tail -n 1 "$TMP/nulls.log")"
	else
		return 1
	fi
}

# The kernel's own count, in the words of Documentation/admin-guide/iostats.rst.
stat_of() { # DISK reads|writes|discards|flushes
	local -A field=([reads]=1 [writes]=5 [discards]=12 [flushes]=16)
	awk -v f="${field[$2]}" '{ print $f + 0 }' "/sys/block/$1/stat"
}

in_flight() { # DISK...
	local disk
	for disk; do cat "/sys/block/$disk/inflight"; done | awk '{ n += $1 + $2 } END { print n }'
}

has_in_flight() { # N DISK...
	[ "$(in_flight "${@:2}")" = "$1" ]
}

# --- runs ---------------------------------------------------------------------------------------

# ios, which says in $WANTED what it did.
io() { # DISK OP COUNT SIZE [DEPTH [THREADS]]
	"$WORKLOAD/ios" "/dev/$1" "${@:2}" >> "$WANTED"
}

# Runs the tool to its end over a shell command, in which "io" is the same.
traced() { # [OPTION...] -- SHELL COMMAND
	split_command "$@"
	: > "$WANTED"
	IOS=$WORKLOAD/ios WANTED=$WANTED run_whole biolatency "${OPTIONS[@]}" -- /bin/sh -c \
		'io() { d=$1; shift; "$IOS" "/dev/$d" "$@" >> "$WANTED"; }; '"${REST[0]}"
}

# traced, and again where this does not hold afterwards: an emulated machine is late at times, and
# what the tool gets wrong it gets wrong each time. The eighth is judged as it is.
traced_in_time() { # SHELL COMMAND (true if it holds), then as traced()
	local holds=$1 tries
	shift
	for ((tries = 1; tries <= 8; tries++)); do
		traced "$@"
		if eval "$holds"; then return; fi
		diag "try $tries: not so: $holds"
	done
}

gives_true() { # JQ
	[ "$(got "$1")" = true ]
}

# The requests of all objects that are like this.
count() { # [JQ CONDITION]
	got "map(select(${1:-true})) | map(.count) | add // 0"
}

bucket() { # FROM: the requests in this one of the first object
	got ".[0].buckets | map(select(.from == $1)) | map(.count) | add // 0"
}

text_count() { # the rows of all histograms in $OUT
	awk '$2 == "->" { n += $5 } END { print n + 0 }' "$OUT"
}

# --- one disk -----------------------------------------------------------------------------------

SANE='(.buckets | map(.count) | add // 0) == .count
	and (.buckets | all(.to == 2 * .from - 1 or (.from == 0 and .to == 1)))
	and (.buckets | map(.from)) == (.buckets | map(.from) | sort)
	and .min <= .p50 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= ."p99.9" and ."p99.9" <= .max
	and .min <= .mean and .mean <= .max
	and .buckets[0].from <= .min and .max < .buckets[-1].to + 1'

# All objects are as the man page says.
schema() { # NAME NUMBER OF OBJECTS [-o LIST]
	is "$(wc -l < "$OUT") $(jq -r ${3:+--arg columns "$3"} \
		-f "$TESTS/workload/biolatency-schema.jq" "$OUT" 2>&1 | head -n 5)" "$2 " \
		"$1: JSON as in the man page"
}

test_schema() {
	traced --json -D -F -e --split -d "$DISK" 60 -- "io $DISK read 40 4096; io $DISK write 40 4096"
	schema '-D -F --split' 6
	traced --json -m -d "$DISK" -- "io $DISK read 40 4096"
	schema '-m' 1
	traced --json --slower 0.000001 -d "$DISK" -- "io $DISK read 7 4096"
	schema '--slower' 7
	traced --json --slower 0.000001 -d "$DISK" -o disk,total_ms,error -- "io $DISK read 7 4096"
	schema '--slower -o' 7 disk,total_ms,error
}

test_count() {
	traced --json -d "$DISK" -- "io $DISK read 200 4096"
	is "$STATUS $(cat "$ERR")" '0 ' 'count: status 0, nothing on stderr'
	is "$(cat "$WANTED")" 'read 200 819200 0' 'count: 200 reads'
	is "$(got 'length') $(got '.[0] | "\(.count) \(.errors) \(.span) \(.unit)"')" \
		'1 200 0 device usecs' 'count: one object, 200 requests of device time'
	is "$(got ".[0] | $SANE")" true 'count: buckets, percentiles and bounds agree'
	like "$(got '.[0].time')" '^[0-9-]{10}T[0-9:]{8}\.[0-9]+Z$' 'count: the time, by ISO 8601'
}

test_text() {
	traced -T -e -d "/dev/$DISK" -- "io $DISK read 200 4096"
	is "$(sed -n 1,2p "$OUT")" 'Tracing block device I/O... Hit Ctrl-C to end.' \
		'text: a banner and an empty line'
	like "$(sed -n 3p "$OUT")" '^[0-9]{2}:[0-9]{2}:[0-9]{2} *$' '-T: the time of day'
	is "$(sed -n 4p "$OUT")" '     usecs               : count     distribution' 'text: header'
	is "$(text_count)" 200 'text: 200 requests'
	like "$(cat "$OUT")" '^ +[0-9]+ -> [0-9]+ +: [0-9]+ +\|\*{40}\|$' \
		'text: the largest row is full'
	like "$(cat "$OUT")" '^avg = [0-9]+ usecs, total: [0-9]+ usecs, count: 200$' \
		'-e: BCC'\''s line'
	like "$(sed -E 's/ = [0-9.]+/ = N/g' "$OUT")" \
		'^p50 = N, p90 = N, p99 = N, p99\.9 = N, min = N, max = N usecs$' \
		'-e: percentiles'
	is "$(awk '/^avg/ { d = $6 / 200 - $3; print (d > -1.5 && d < 1.5) }' "$OUT")" 1 \
		'-e: the average is the total by the count'
	unlike "$(cat "$OUT")" '^errors' 'text: no errors, no line of them'
}

# All that happens to a disk, by the kernel's own count: nothing of it is our child.
test_system() {
	local before
	: > "$WANTED"
	start_tool biolatency --json -d "$DISK"
	before=$(stat_of "$DISK" reads)
	io "$DISK" read 100 4096
	io "$DISK" read 100 4096 10 2
	before=$(($(stat_of "$DISK" reads) - before))
	stop_tool
	is "$STATUS" 0 'system-wide: status 0'
	accounted 'system-wide: what the kernel has counted itself' "$before" "$(count)"
	ok 'system-wide: no less than was asked for' test "$before" -ge 200
}

test_silence() {
	run_tool biolatency --json -d "$DISK" --duration 0.3
	is "$STATUS $(cat "$ERR")" "0 biolatency: no request to $DISK was seen" \
		'a disk without requests: said at the end'
	is "$(got '.[0] | "\(.count) \(.min) \(.p50) \(.buckets | length)"')" '0 null null 0' \
		'a disk without requests: an object with a count of 0'
}

# --- what kind of I/O, which disk ---------------------------------------------------------------

test_flags() {
	local disk=$DISK flushes
	[ -z "$NULLS" ] || disk=nullb0
	: > "$WANTED"
	start_tool biolatency --json -D -F -d "$disk"
	flushes=$(stat_of "$disk" flushes)
	io "$disk" read 10 4096
	io "$disk" write 20 4096
	io "$disk" fua 16 4096 4
	io "$disk" flush 7 4096
	io "$disk" discard 5 4096
	flushes=$(($(stat_of "$disk" flushes) - flushes))
	stop_tool
	diag "$(got '.[] | "\(.disk) \(.op) \(.flags) \(.count)"')"
	is "$(got 'map(.disk) | unique | join(" ")')" "$disk" '-D: the disk'\''s name'
	ok '-F: each mix once' test "$(got 'length')" = "$(got 'map(.flags) | unique | length')"
	ok '-F: the number of reads' test "$(count '.op == "Read"')" -ge 10
	is "$(count '.op == "Write"')" 36 '-F: the number of writes'
	is "$(count '.op == "Write" and (.flags | test("Sync-"))')" 36 '-F: the writes are Sync'
	is "$(count '.op == "Flush"')" "$flushes" \
		"-F: the flushes that the kernel has counted ($flushes)"
	ok '-F: flushes, no fewer than asked for' test "$flushes" -ge 7
	is "$(count '.op == "Discard"')" 5 '-F: the number of discards'
	is "$(count '.op as $o | .flags | endswith($o) | not')" 0 '-F: flags end with the operation'
	if [ "$disk" = nullb0 ]; then
		is "$(count '.flags | test("ForcedUnitAccess-.*Write")')" 16 \
			'-F: the number of FUA writes'
	else
		skip '-F: the number of FUA writes' 'a loop device has no FUA'
	fi

	traced -D -F -d "$disk" -- "io $disk read 3 4096; io $disk write 4 4096"
	is "$(grep -c "^disk = $disk, flags = .*\(Read\|Write\)\$" "$OUT")" 2 \
		'-D -F: one line above each histogram'
	is "$(grep -B 1 '^disk =' "$OUT" | grep -c '^$')" 2 '-D -F: an empty line before it'
	is "$(text_count)" 7 '-D -F: all requests'
}

test_disks() {
	local work='io nullb0 read 30 4096; io vda read 20 4096; io nullb3 read 5 4096'
	guest_skips '-D, -d: several disks' && return
	traced --json -D -- "$work"
	is "$(got 'sort_by(.disk) | map("\(.disk) \(.count)") | join(" ")')" \
		'nullb0 30 nullb3 5 vda 20' '-D: each disk with its own'
	traced --json -d nullb0 -- "$work"
	is "$(count)" 30 '-d: this disk only'
	traced --json -Q -d vda -- "$work"
	is "$(count)" 20 '-d -Q: this disk only'
}

test_partition() {
	local work='io vda1 read 30 4096; io vda2 read 50 4096; io vda read 10 4096'
	guest_skips '-d PARTITION' && return
	if ! addpart /dev/vda 1 2048 65536 || ! addpart /dev/vda 2 67584 65536; then
		fail '-d PARTITION' 'no partitions can be made'
		return
	fi
	traced --json -D -d vda1 -- "$work"
	is "$(got 'map("\(.disk) \(.count)") | join(" ")')" 'vda 30' \
		'-d PARTITION: its requests only'
	traced --json -d /dev/vda2 -- "$work"
	is "$(count)" 50 '-d PARTITION: its neighbour'\''s'
	traced --json -d vda -- "$work"
	is "$(count)" 90 '-d DISK: those of its partitions too'
	run_tool biolatency -d vda1 --duration 0.1
	is "$(cat "$ERR")" 'biolatency: no request to vda1 was seen' \
		'-d PARTITION: no requests, said'
	delpart /dev/vda 1
	delpart /dev/vda 2
}

# --- how long -----------------------------------------------------------------------------------

TEN_MS='^p50 = 1[0-5][.0-9]*, .* min = 1[0-5][.0-9]*, max = [0-9.]+ msecs$'

row_of_ten() {
	awk '$1 == 8 && $3 == 15 { n = $5 } END { print n + 0 }' "$OUT"
}

# Most are right where they belong, for an emulated machine is late at times; none is before.
test_times() {
	guest_skips '10 ms' && return
	traced_in_time '[ "$(bucket 8192)" -ge 60 ]' --json -d nullb1 -- 'io nullb1 read 100 4096 8'
	diag "$(got '.[0] | "10 ms: min \(.min) p50 \(.p50) p99 \(.p99) max \(.max)"')"
	is "$(count)" 100 '10 ms: all requests'
	is "$(got '.[0].min >= 10000')" true '10 ms: none is faster'
	ok '10 ms: the bucket that holds 10 ms' test "$(bucket 8192)" -ge 60
	is "$(got ".[0] | $SANE")" true '10 ms: buckets, percentiles and bounds agree'

	traced_in_time 'grep -qE "$TEN_MS" "$OUT" && [ "$(row_of_ten)" -ge 30 ]' -m -e -d nullb1 -- \
		'io nullb1 read 50 4096 8'
	like "$(cat "$OUT")" '^     msecs               : count' '-m: the header'
	ok '-m: the row of 8 to 15' test "$(row_of_ten)" -ge 30
	is "$(text_count)" 50 '-m: all requests'
	like "$(cat "$OUT")" '^avg = [1-9][0-9]+ msecs, total: [0-9]+ msecs, count: 50$' \
		'-m -e: the average'
	is "$(awk '/^avg/ { d = $6 / 50 - $3; print (d > -1.5 && d < 1.5) }' "$OUT")" 1 \
		'-m -e: the average is the total by the count'
	like "$(cat "$OUT")" "$TEN_MS" '-m -e: percentiles'
}

SPAN='def span($s): map(select(.span == $s))[0];'
# Of the disk that takes one request of 8 at a time, and of the one that puts them back.
DEVICE='(span("device") | .min >= 10000 and .min < 16384 and .p50 < 40000)'
TOTAL='span("total").p50 >= 4 * span("device").p50'
WAITING='span("queue").mean >= 10 * span("device").mean'

test_queue() {
	guest_skips '-Q, --split' && return
	traced_in_time 'gives_true "$SPAN $DEVICE and $TOTAL"' --json --split -d nullb2 -- 'io nullb2 read 64 4096 8'
	diag "$(got '.[] | "\(.span): mean \(.mean) min \(.min) max \(.max)"')"
	is "$(got 'map("\(.span) \(.count)") | join(" ")')" 'queue 64 device 64 total 64' \
		'--split: three histograms of all requests'
	is "$(got "$SPAN"' def mean($s): span($s).mean;
		mean("queue") + mean("device") - mean("total") | fabs < 1')" true \
		'--split: queue and device are the total'
	is "$(got "$SPAN $DEVICE")" true '--split: the device takes 10 ms'
	is "$(got "$SPAN $TOTAL")" true '--split: the queue of 8 is in the total'
	is "$(got "map($SANE) | all")" true '--split: buckets, percentiles and bounds agree'

	traced --json -Q -d nullb2 -- 'io nullb2 read 64 4096 8'
	is "$(got '.[0] | "\(.span) \(.count) \(.p50 >= 40000)"')" 'total 64 true' \
		'-Q: with the queue'
	start_tool biolatency --json -Q -d nullb2
	io nullb2 read 64 4096 8
	stop_tool
	is "$(got '.[0] | "\(.span) \(.count) \(.p50 >= 40000)"')" 'total 64 true' \
		'-Q, system-wide: with the queue'
	traced_in_time 'gives_true ".[0].p50 < 40000"' --json -d nullb2 -- 'io nullb2 read 64 4096 8'
	is "$(got '.[0] | "\(.span) \(.count) \(.p50 < 40000)"')" 'device 64 true' \
		'without -Q: the device'\''s time only'
	traced --split -d nullb2 -- 'io nullb2 read 64 4096 8'
	is "$(grep '^time = ' "$OUT" | paste -sd ' ')" 'time = queue time = device time = total' \
		'--split: text, one under the other'
}

# 32 reads of 16 KB at 1 MB/s take half a second. Without a scheduler nothing but the request
# itself knows how long it has waited, and each goes back to the queue until its turn has come.
test_requeue() {
	guest_skips 'scheduler none, requeued requests' && return
	like "$(cat /sys/block/nullb3/queue/scheduler)" '\[none\]|^none' 'nullb3: scheduler none'
	traced_in_time 'gives_true "$SPAN $WAITING"' --json --split -d nullb3 -- 'io nullb3 read 32 16384 32'
	diag "$(got '.[] | "\(.span): mean \(.mean) min \(.min) max \(.max)"')"
	is "$(got 'map("\(.span) \(.count)") | join(" ")')" 'queue 32 device 32 total 32' \
		'requeued: each request once'
	is "$(got "$SPAN"' span("total").max >= 200000')" true \
		'scheduler none: the queue is in the total'
	is "$(got "$SPAN $WAITING")" true 'requeued: waiting is no time of the device'
	start_tool biolatency --json -Q -d nullb3
	io nullb3 read 32 16384 32
	stop_tool
	is "$(got '.[0] | "\(.span) \(.count) \(.max >= 200000)"')" 'total 32 true' \
		'scheduler none: -Q includes the queue, system-wide too'
}

# --- what fails, what was there before ----------------------------------------------------------

test_errors() {
	local bad=/sys/kernel/config/nullb/nullb1/badblocks
	guest_skips 'errors' && return
	echo +0-39 > $bad # of the reads at 0, 16, 32, ... three
	traced --json -d nullb1 -- 'io nullb1 read 20 4096'
	is "$(cat "$WANTED")" 'read 17 69632 3' 'errors: three of 20 reads fail'
	is "$(got '.[0] | "\(.count) \(.errors)"')" '17 3' \
		'errors: counted, and not in the histogram'
	is "$(got ".[0] | $SANE")" true 'errors: buckets, percentiles and bounds agree'
	traced --split -d nullb1 -- 'io nullb1 read 20 4096'
	is "$(grep '^errors' "$OUT")" 'errors = 3' 'errors: text, once'
	is "$(text_count)" 51 'errors: text, not in the three histograms'
	traced -D -F -d nullb1 -- 'io nullb1 read 3 4096'
	is "$(grep -c '^disk = nullb1, flags = .*Read$' "$OUT") $(grep '^errors' "$OUT")" \
		'1 errors = 3' \
		'errors: text, where there is nothing else'
	traced --slower 1 -d nullb1 -o sector,error -- 'io nullb1 read 20 4096'
	is "$(awk '$2 == "EIO" { print $1 }' "$OUT" | paste -sd ' ')" '0 16 32' \
		'--slower: the error by name'
	is "$(grep -c ' -$' "$OUT")" 17 '--slower: requests without an error'
	echo -0-39 > $bad
}

# A loop device upon a suspended one holds its requests until that one goes on.
held_make() { # NUMBER SECTORS: sets HELD, HELD_BY
	local i
	HELD_BY=$("$WORKLOAD/dm" create held "$2" linear '/dev/nullb0 0') || return
	HELD=()
	for ((i = 0; i < $1; i++)); do
		HELD+=("$(losetup -f --show "/dev/$HELD_BY")") || return
		HELD[i]=${HELD[i]#/dev/}
		echo none > "/sys/block/${HELD[i]}/queue/scheduler"
	done
	"$WORKLOAD/dm" suspend held
}

held_end() {
	local disk
	for disk in "${HELD[@]}"; do losetup -d "/dev/$disk"; done
	wait_for "$WORKLOAD/dm" remove held 2> /dev/null
}

test_late() {
	local work
	guest_skips 'requests before the start' && return
	held_make 1 100000 || { fail 'late' 'no device'; return; }
	: > "$WANTED"
	io "${HELD[0]}" read 30 4096 30 &
	work=$!
	ok 'late: 30 requests are in flight' wait_for has_in_flight 30 "${HELD[0]}"
	start_tool biolatency --json -Q -d "${HELD[0]}"
	"$WORKLOAD/dm" resume held
	wait $work
	io "${HELD[0]}" read 7 4096
	stop_tool
	like "$(cat "$ERR")" '^biolatency: 30 requests .*before tracing began' \
		'late: they are counted apart'
	is "$(got '.[0] | "\(.count) \(.errors)"')" '7 0' 'late: ... and are in no histogram'

	blockdev --flushbufs "/dev/$HELD_BY" # what has been read is in memory now
	"$WORKLOAD/dm" suspend held
	io "${HELD[0]}" read 30 4096 30 &
	work=$!
	ok 'late: 30 more' wait_for has_in_flight 30 "${HELD[0]}"
	start_tool biolatency --slower 0.000001 -d "${HELD[0]}"
	"$WORKLOAD/dm" resume held
	wait $work
	stop_tool
	is "$(wc -l < "$OUT")" 1 'late: --slower lists none of them'
	like "$(cat "$ERR")" '^biolatency: 30 requests .*before tracing began' \
		'late: --slower: said'
	held_end
}

# 100,000 at a time, none of them lost: requests where loop's queue can be that long, else bios.
test_in_flight() {
	local disk
	guest_skips '100,000 in flight' && return
	echo 1000000 > /proc/sys/fs/aio-max-nr
	if [ "$(cat /sys/module/loop/parameters/hw_queue_depth 2> /dev/null)" != 10240 ]; then
		skip '100,000 requests in flight' \
			"loop devices of $KERNEL have a queue of 128: bios instead"
		in_flight_bios
		return
	fi
	held_make 10 1000000 || { fail '100,000 requests in flight' 'no devices'; return; }
	start_tool biolatency --json -D -Q
	for disk in "${HELD[@]}"; do
		"$WORKLOAD/ios" "/dev/$disk" read 10000 512 10000 > "$TMP/$disk.did" &
	done
	ok '100,000 requests are in flight' wait_for has_in_flight 100000 "${HELD[@]}"
	"$WORKLOAD/dm" resume held
	# shellcheck disable=SC2046
	wait $(jobs -p | grep -vx "$TOOL_PID")
	stop_tool
	diag "$(got '.[] | "\(.disk) \(.count)"' | paste -sd ' ')"
	accounted '100,000 requests in flight: all are measured' 100000 \
		"$(count '.disk | test("loop")')"
	unlike "$(cat "$ERR")" 'too many at a time' \
		'100,000 requests in flight: there is room for all'
	held_end
}

in_flight_bios() {
	local name
	name=$("$WORKLOAD/dm" create held 1000000 linear '/dev/nullb0 0')
	"$WORKLOAD/dm" suspend held
	start_tool biolatency --json --bio -d "$name"
	"$WORKLOAD/ios" "/dev/$name" read 100000 512 100000 > "$TMP/bios" &
	wait_match "$TMP/bios" submitted
	"$WORKLOAD/dm" resume held
	wait $!
	stop_tool
	accounted '100,000 bios in flight: all are measured' 100000 "$(count)"
	unlike "$(cat "$ERR")" 'too many at a time' '100,000 bios in flight: there is room for all'
	wait_for "$WORKLOAD/dm" remove held 2> /dev/null
}

# --- devices without requests -------------------------------------------------------------------

test_bio() {
	local name
	guest_skips '--bio' && return
	if ! modprobe dm-delay || ! name=$("$WORKLOAD/dm" create slow \
			20000 delay '/dev/nullb0 0 24' 1000 error -); then
		skip '--bio' "$KERNEL has no dm-delay"
		return
	fi
	traced_in_time '[ "$(bucket 16384)" -ge 25 ]' --json --bio -d "$name" -- "io $name read 40 4096 8"
	diag "$(got '.[0] | "24 ms: min \(.min) p50 \(.p50) max \(.max)"')"
	# dm-delay counts in ticks, of which the first is not a whole one: at 250 Hz 20 to 24 ms. A
	# guest that did not run for a while makes up for its ticks at once: 17 ms were seen, and a bio
	# that --slower 15 did not list.
	is "$(count) $(got '.[0].min >= 1000')" '40 true' \
		'--bio: all bios of dm-delay, none too fast'
	ok '--bio: the bucket that holds 24 ms' test "$(bucket 16384)" -ge 25
	is "$(got ".[0] | $SANE")" true '--bio: buckets, percentiles and bounds agree'
	traced --json --bio -D -F -- \
		"io $name read 10 4096; io vda read 10 4096; io $name write 5 4096"
	is "$(got 'sort_by(.op) | map("\(.disk) \(.op) \(.count)") | join(" ")')" \
		"$name Read 10 $name Write 5" '--bio -D -F: what has requests is not in it'
	start_tool biolatency --json -D
	io "$name" read 10 4096
	stop_tool
	is "$(count '.disk == "nullb0"') $(count ".disk == \"$name\"")" '10 0' \
		'without --bio: the requests below'
	traced --json --bio -d "$name" -- "io $name read 1 8192; dd if=/dev/$name of=/dev/null \
		iflag=direct bs=4096 skip=2500 count=1 2> /dev/null; true"
	is "$(got '.[0] | "\(.count) \(.errors)"')" '1 1' '--bio: errors apart'
	traced --bio --slower 1 -- "io $name read 4 4096"
	is "$(awk -v d="$name" '$2 == d && $3 == "Read" { print $4, $5, $8 }' "$OUT" |
		paste -sd ' ')" '0 4096 ios 16 4096 ios 32 4096 ios 48 4096 ios' \
		'--bio --slower: each'
	bad "-d: '$name' .*--bio" -d "$name"
	bad "-d: 'vda' .*--bio" --bio -d vda
	wait_for "$WORKLOAD/dm" remove slow
}

# --- lists, maps, intervals ---------------------------------------------------------------------

test_slower() {
	local d=$DISK
	traced --slower 0.000001 -d "$d" -- "io $d read 12 4096"
	is "$STATUS $(cat "$ERR")" '0 ' '--slower: status 0, nothing on stderr'
	is "$(head -n 1 "$OUT" | tr -s ' ')" \
		'TIME DISK OP SECTOR BYTES QUEUE(ms) DEVICE(ms) COMM PID' '--slower: header'
	is "$(awk -v d="$d" '$2 == d && $3 == "Read" && $5 == 4096 && $8 == "ios" { print $4 }' \
		"$OUT" | paste -sd ' ')" "$(seq 0 16 176 | paste -sd ' ')" \
		'--slower: each request, by its sector'
	traced --json --slower 0.000001 -d "$d" -o disk,op,sector,bytes,total_ms,error,comm,pid \
		-- "io $d write 3 8192"
	is "$(got 'map("\(.op) \(.sector) \(.bytes) \(.error) \(.comm)") | join(" ")')" \
		'Write 0 8192 null ios Write 32 8192 null ios Write 64 8192 null ios' \
		'--slower --json -o'
	is "$(got 'all((.total_ms | type) == "number" and (.pid | type) == "number")')" true \
		'--slower --json: numbers'
}

test_slower_ends() {
	traced --slower 0.000001 -d "$DISK" --max-events 5 -- "io $DISK read 50 4096"
	is "$(wc -l < "$OUT")" 6 '--slower --max-events: a header and five rows'
	traced --slower 60000 -d "$DISK" -- "io $DISK read 50 4096"
	is "$(wc -l < "$OUT") $(cat "$ERR")" '1 ' '--slower: none is as slow as a minute'
}

rows_of() { # DISK
	awk -v d="$1" '$2 == d { n++ } END { print n + 0 }' "$OUT"
}

test_slow_disks() {
	guest_skips '--slower: one disk of two' && return
	traced_in_time '[ "$(rows_of nullb0)" -le 4 ]' --slower 9.5 -- \
		'io nullb0 read 20 4096; io nullb1 read 12 4096; io nullb0 read 20 4096'
	is "$(rows_of nullb1)" 12 '--slower: those of the slow disk'
	ok '--slower: the other one'\''s only if the machine stood still' \
		test "$(rows_of nullb0)" -le 4
	is "$(awk 'NR > 1 && $6 + $7 < 9.499' "$OUT")" '' '--slower: none that was faster'
	is "$(awk '$2 == "nullb1" && $7 < 10' "$OUT")" '' '--slower: the device'\''s time'
	traced --slower 40 -d nullb2 -- 'io nullb2 read 64 4096 8'
	is "$(awk 'NR > 1 && $6 + $7 < 39.999' "$OUT")" '' '--slower: queue time counts'
	ok '--slower: ... and makes most requests slow' test "$(wc -l < "$OUT")" -ge 40
}

test_intervals() {
	traced_in_time '[ "$(got length)" -ge 3 ]' --json -d "$DISK" 0.1 -- \
		"io $DISK read 3000 4096; sleep 0.3; io $DISK read 3000 4096 8 2"
	is "$(count)" 6000 'intervals: nothing is lost between them'
	ok "intervals: several ($(got length))" test "$(got length)" -ge 3
	is "$(got "map(select(.count > 0) | $SANE) | all")" true \
		'intervals: buckets, percentiles and bounds agree in each'
	is "$(got '(.[:-1] | map(.interval) | add) >= 0.099 * (length - 1)')" true \
		'intervals: they end when they should, or later'

}

test_interval_options() {
	local start
	start=$(date +%s%N)
	run_tool biolatency -T -d "$DISK" 0.5 3
	start=$((($(date +%s%N) - start) / 1000000))
	is "$STATUS $(grep -cE '^[0-9]{2}:[0-9]{2}:[0-9]{2} *$' "$OUT")" '0 3' \
		'interval, count: three outputs'
	ok "interval, count: they take 1.5 s and little more ($start ms)" \
		test "$start" -ge 1500 -a "$start" -lt 9500
	run_tool biolatency 0.2 2 --json -d "$DISK"
	is "$STATUS $(got 'map(.count) | join(" ")')" '0 0 0' \
		'options after operands; empty intervals'
	traced --json -D -d "$DISK" 0.2 -- "io $DISK read 10 4096; sleep 0.5; io $DISK read 10 4096"
	is "$(count) $(got 'map(select(.count == 0)) | length')" '20 0' \
		'intervals -D: a disk without requests has no object'
}

test_heatmap() {
	traced --heatmap -d "$DISK" 0.1 -- \
		"io $DISK read 500 4096; sleep 0.3; io $DISK read 500 4096"
	is "$STATUS $(cat "$ERR")" '0 ' '--heatmap: status 0, nothing on stderr'
	ok '--heatmap: rows with marks' grep -qE '^ +[0-9]+ -> [0-9]+ .*[.:=+*#%@-]' "$OUT"
	unlike "$(cat "$OUT")" $'\e' '--heatmap: no colours where there is no terminal'
	is "$(awk 'length($0) > 80' "$OUT")" '' '--heatmap: no line is longer than 80'
	if ! has_program script; then
		skip '--heatmap: colours' 'there is no script(1)'
		return
	fi
	TERM=xterm-256color script -qec "$BIN/biolatency --heatmap -d $DISK 0.1 -- \
		$WORKLOAD/ios /dev/$DISK read 500 4096" /dev/null > "$OUT" 2>&1 < /dev/null
	like "$(cat "$OUT")" $'\e\\[48;5;[0-9]+m' '--heatmap: 256 colours on a terminal'
	TERM=vt100 COLORTERM='' script -qec "$BIN/biolatency --heatmap -d $DISK 0.1 -- \
		$WORKLOAD/ios /dev/$DISK read 500 4096" /dev/null > "$OUT" 2>&1 < /dev/null
	is "$(grep -c '48;5;' "$OUT") $(grep -cE '^ +[0-9]+ -> [0-9]+ .*[.:=+*#%@-]' "$OUT" | sed 's/[1-9].*/rows/')" \
		'0 rows' '--heatmap: characters on a terminal without them'
}

# --- whose I/O ----------------------------------------------------------------------------------

test_processes() {
	local pid
	cp "$WORKLOAD/ios" "$TMP/other-ios"
	mkfifo "$TMP/go"
	start_tool biolatency --json --comm other-ios -d "$DISK"
	"$TMP/other-ios" "/dev/$DISK" read 20 4096 4 > /dev/null
	"$WORKLOAD/ios" "/dev/$DISK" read 30 4096 4 > /dev/null
	stop_tool
	accounted '--comm: its requests only' 20 "$(count)"

	sh -c 'read -r line < "$1"; exec "$0" "$2" read 25 4096 5' "$WORKLOAD/ios" "$TMP/go" \
		"/dev/$DISK" > /dev/null &
	pid=$!
	start_tool biolatency --json -Q --pid $pid -d "$DISK"
	"$WORKLOAD/ios" "/dev/$DISK" read 30 4096 4 > /dev/null
	echo > "$TMP/go"
	wait $pid
	stop_tool
	accounted '--pid: its requests only' 25 "$(count)"

	start_tool biolatency --json -d "$DISK" -- sh -c "read -r line < $TMP/go; \
		$WORKLOAD/ios /dev/$DISK read 40 4096 4 > /dev/null"
	"$WORKLOAD/ios" "/dev/$DISK" read 30 4096 > /dev/null
	echo > "$TMP/go"
	wait_tool
	accounted '-- CMD: its requests only' 40 "$(count)"
}

test_cgroup() {
	groups_skip '--cgroup' && return
	start_tool biolatency --json --cgroup "$GROUP" -d "$DISK"
	in_group "$GROUP" "$WORKLOAD/ios" "/dev/$DISK" read 20 4096 4 > /dev/null
	in_group "$OTHER_GROUP" "$WORKLOAD/ios" "/dev/$DISK" read 30 4096 4 > /dev/null
	"$WORKLOAD/ios" "/dev/$DISK" read 40 4096 4 > /dev/null
	stop_tool
	accounted '--cgroup: its requests only' 20 "$(count)"
	guest_skips '--cgroup: writeback' || cgroup_io
	groups_end
}

# With the io controller the bio itself says whose it is, whoever submits it. The disks are held
# open, so that only the flush writes back, and that is of no cgroup of ours. (The kernel accounts
# writeback by file: two cgroups that write to one disk's node would be one.)
cgroup_io() {
	local writes
	if ! echo '+io +memory' > "$CGROUP2/cgroup.subtree_control"; then
		fail '--cgroup: io controller' "it cannot be enabled in $CGROUP2"
		return
	fi
	start_tool biolatency --json -D -F -c "$GROUP"
	in_group "$GROUP" "$WORKLOAD/ios" "/dev/$DISK" read 20 4096 4 > /dev/null
	in_group "$OTHER_GROUP" "$WORKLOAD/ios" "/dev/$DISK" read 30 4096 4 > /dev/null
	exec 5<> "/dev/$DISK" 6<> /dev/nullb1
	writes=$(stat_of "$DISK" writes)
	in_group "$GROUP" "$WORKLOAD/ios" "/dev/$DISK" buffered 100 4096 > /dev/null
	"$WORKLOAD/ios" "/dev/$DISK" flush 1 4096 > /dev/null
	writes=$(($(stat_of "$DISK" writes) - writes))
	in_group "$OTHER_GROUP" "$WORKLOAD/ios" /dev/nullb1 buffered 50 4096 > /dev/null
	"$WORKLOAD/ios" /dev/nullb1 flush 1 4096 > /dev/null
	exec 5>&- 6>&-
	stop_tool
	diag "$(got '.[] | "\(.disk) \(.flags) \(.count)"')"
	is "$(count '.op == "Read"')" 20 '--cgroup, io controller: its requests only'
	ok "--cgroup, io controller: its writeback, which others do ($writes writes)" \
		test "$(count '.op == "Write"')" -ge 50 -a "$(count '.op == "Write"')" -le "$writes"
	is "$(count '.disk == "nullb1"')" 0 '--cgroup, io controller: no writeback of others'
	echo '-io -memory' > "$CGROUP2/cgroup.subtree_control"
}

# --- each row of the plan -----------------------------------------------------------------------

# Rows that differ in the number of arguments only are one here: each kernel has one of them.
test_rows() {
	local row hidden what before name
	local -A seen=()
	name=$DISK
	if [ -n "$NULLS" ]; then
		name=$("$WORKLOAD/dm" create rows 100000 linear '/dev/nullb0 0')
	fi
	while IFS= read -r row; do
		what=${row%%/*} hidden=
		[ -z "${seen[$row]-}" ] || continue
		for before in "${!seen[@]}"; do
			[ "${before%%/*}" != "$what" ] || hidden=$hidden,$before
		done
		seen[$row]=1
		row_check "$row" "${hidden#,}" "$name"
	done < <(plan_rows biolatency)
	ok 'the plan has rows' test ${#seen[@]} -ge 5
	[ "$name" = "$DISK" ] || wait_for "$WORKLOAD/dm" remove rows
}

row_check() { # ROW HIDDEN BIO-DEVICE
	local what=${1%%/*} how=${1#*/} where options=() disk=$DISK
	where=${how#*/} how=${how%%/*}
	case $what in
	*again)
		if ! has_preemption; then
			skip "row $1" "$KERNEL: tasks are not preempted in tracepoints"
			return
		fi
		options=(-Q) ;;
	bio*)
		if [ "$3" = "$DISK" ]; then
			skip "row $1" 'there is no device of bios here: tested in guests'
			return
		fi
		options=(--bio) disk=$3 ;;
	*) options=(-Q) ;;
	esac
	if ! has_tracepoint "block/$where"; then
		skip "row $1" "$KERNEL has no tracepoint $where"
		return
	fi
	export PLAN_HIDE=$2
	traced -v --json "${options[@]}" -d "$disk" -- "io $disk read 20 4096"
	unset PLAN_HIDE
	if row_attached "$what" "$how" "$where"; then
		is "$(count)" 20 "row $1"
	else
		fail "row $1" "it does not attach: $(grep -F "$what: " "$ERR")"
	fi
}

# --- bad input ----------------------------------------------------------------------------------

bad() { # PATTERN ARG...
	local arguments=("${@:2}")
	run_briefly biolatency "${arguments[@]}"
	refused "bad input: ${arguments[*]@Q}" biolatency 2 "$1"
}

test_bad() {
	local v
	bad "-d: 'nosuch'" -d nosuch
	bad "-d: '/dev/nosuch'" -d /dev/nosuch
	bad "-d: '/dev/null'" -d /dev/null
	bad "-d: '${DISK}p99'" -d "${DISK}p99"
	bad "-d: '\.\./\.\./etc/passwd'" -d ../../etc/passwd
	bad "-d: '.*e\[31m" -d $'\e[31m'
	bad '-d needs a value' -d ''
	bad '-d needs a value' -d
	for v in 0 x nan 1e3 '' 1x; do
		bad "interval.*'$v'|'$v'.*interval" "$v"
	done
	bad "interval|unknown option '-1'" -1
	for v in 0 x 1.5 99999999999999999999 ''; do
		bad "count.*'$v'|'$v'.*count" 1 "$v"
	done
	bad "unexpected argument '3'" 1 2 3
	for v in 0 x 1ms nan -1; do
		bad "--slower: '$v'" --slower "$v"
	done
	bad '--slower needs a value' --slower ''
	for v in -T -D -F -e --split --heatmap -m 1; do
		bad '--slower .*goes with no' --slower 1 "$v"
	done
	bad '--max-events.*--slower' --max-events 1
	bad '-o.*--slower' -o disk
	bad '--buffer.*--slower' --buffer 1M
	for v in -D -F -j -T --split; do
		bad '--heatmap' --heatmap $v
	done
	bad '--bio' --bio --split
	bad "-o.*'nosuch'|'nosuch'" --slower 1 -o nosuch
	run_tool biolatency --cgroup /proc --duration 0.1
	is "$STATUS $(wc -l < "$ERR")" '1 1' '--cgroup of no cgroup v2: status 1, one line'
	like "$(cat "$ERR")" "^biolatency: --cgroup: .*'/proc'.*cgroup v2" \
		'--cgroup of no cgroup v2: said'
}

devices_make
run_cases test_count test_schema test_system test_flags test_disks test_partition test_times test_queue \
	test_requeue test_errors test_late test_bio test_slower test_slow_disks test_intervals \
	test_processes test_cgroup test_rows test_in_flight -- test_text test_silence \
	test_slower_ends test_interval_options test_heatmap test_bad
done_testing
