# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# disk.sh - the sections disk and guest of tests/bench/run: biolatency.
#
# The disk here is a loop device on a file in memory, and tools are told to look at it only.
# In the guest it is null_blk, which completes at once where it is submitted (irqmode 0), and
# they look at all disks. Reads are done one at a time, so what a tool adds is waited for.

# A tool in these sections is biolatency with options; all are rows of one table.
DISK_TOOLS=(biolatency 'biolatency -Q' 'biolatency -D -F -e' 'biolatency --split')
STATS=/proc/sys/kernel/bpf_stats_enabled
BATCHES=10

# Sets disk, a path, and looks, the option to look at it only.
make_disk() {
	disk=/dev/$device looks=''
	if [ -n "$device" ]; then
		[ -b "$disk" ] || die "--device: no disk $disk"
		echo none >"/sys/class/block/$device/queue/scheduler" || exit 1
		return
	fi
	truncate -s 64M "$TMP/disk" || exit 1
	disk=$(losetup --find --show "$TMP/disk") || die 'cannot make a loop device'
	looks="-d ${disk#/dev/}"
}

free_disk() {
	[ -z "${stats_before-}" ] || echo "$stats_before" >$STATS
	[ -n "$device" ] || [ -z "${disk-}" ] || losetup --detach "$disk"
}

add_disk_tool() { # SUBJECT PROGRAM
	local tool options
	for tool in "${DISK_TOOLS[@]}"; do
		options=${tool#biolatency}
		if [ "$1" != ours ]; then # no other has --split or -e
			[ "$options" != ' --split' ] || continue
			options=${options% -e}
		fi
		PROGRAM[$1/$tool]=$2
		COMMAND[$1/$tool]="$2 $looks$options"
	done
}

add_disk_tools() {
	local path
	make_disk
	tools+=("${DISK_TOOLS[@]}")
	add_disk_tool ours "$O/bin/biolatency"
	path=$(find_libbpf_tool biolatency) && add_disk_tool libbpf-tools "$path"
	path=${LIBBPF_TOOLS-}/biolatency
	is_libbpf_tool "$path" && add_disk_tool libbpf-source "$path"
	add_disk_scripts
}

# bpftrace's own tool, which looks at all disks and has no options; and, as that attaches to
# nothing on newer kernels, one of ours for it.
add_disk_scripts() {
	local path
	[ -n "${NAME[bpftrace]-}" ] || return
	for path in {/usr,}/{s,}bin /usr/share/bpftrace/tools; do
		[ -f "$path/biolatency.bt" ] || continue
		PROGRAM[bpftrace/biolatency]=$(command -v bpftrace)
		COMMAND[bpftrace/biolatency]="bpftrace $path/biolatency.bt"
		break
	done
	SUBJECTS+=' bpftrace-tp'
	NAME[bpftrace-tp]='bpftrace with tests/bench/biolatency.bt, by tracepoints'
	if [ -n "$device" ]; then
		ABSENT_WHY[bpftrace-tp]='too slow to start in a guest (20 s); 5.10 has too little BTF for it'
		return
	fi
	PROGRAM[bpftrace-tp/biolatency]=$(command -v bpftrace)
	COMMAND[bpftrace-tp/biolatency]="bpftrace tests/bench/biolatency.bt $(disk_number)"
}

# As the kernel has it: major << 20 | minor.
disk_number() {
	local major minor
	IFS=: read -r major minor <"/sys/class/block/${disk##*/}/dev"
	echo $((major << 20 | minor))
}

# A tool that runs but counts nothing has no cost that could be compared.
drop_blind() {
	local s
	for s in $SUBJECTS; do
		[ -n "${COMMAND[$s/biolatency]-}" ] || continue
		start_tool "$s" biolatency || die "${NAME[$s]}: biolatency did not start again"
		work reads 1000 "$disk" >/dev/null || exit
		stop_tool
		[ "$(counted)" = 0 ] || continue
		[ "$s" != ours ] || die 'ours counts no read'
		ABSENT_WHY[$s/biolatency]='runs, and counts no read on this kernel'
		unset "COMMAND[$s/biolatency]"
	done
}

# Nanoseconds in the tool's programs so far, by the kernel's statistics.
programs_ns() {
	cat "/proc/$TOOL_PID/fdinfo/"* 2>/dev/null | awk '
	$1 == "prog_id:" { id = $2 }
	$1 == "run_time_ns:" { ns[id] = $2 }
	END {
		for (id in ns)
			sum += ns[id]
		printf "%.0f\n", sum
	}'
}

# The time of the programs alone, without what it takes to get to them: a figure without the
# noise of the disk. The statistics cost time themselves, so they have reads of their own; told
# is the batch that a quarter of the batches are quicker than, as with the reads.
note_programs() { # OPTIONS SUBJECT
	local i now before batch=$((reads / BATCHES))
	stats_before=$(cat $STATS)
	echo 1 >$STATS
	before=$(programs_ns)
	for ((i = 0; i < BATCHES; i++)); do
		work reads "$batch" "$disk" >/dev/null || exit
		now=$(programs_ns)
		echo "$(((now - before) / batch))"
		before=$now
	done >"$TMP/batches"
	echo "$stats_before" >$STATS
	stats_before=''
	note biolatency "its programs, a read$1" ns "$2" \
		"$(sort -n "$TMP/batches" | sed -n "$((BATCHES / 4 + 1))p")"
}

# The sum of the counts of a histogram, in the layout of BCC or bpftrace.
counted() {
	awk '/^ *[0-9]+ +-> [0-9]+ +: / { sub(/.*: /, ""); n += $1 }
	/^\[[0-9KMGT]+(\]|, [0-9KMGT]+\))/ { sub(/.*[])]/, ""); n += $1 }
	END { print n + 0 }' "$TMP/output"
}

measure_reads() { # TOOL ROUND
	local tool=$1 options=${1#biolatency} s before with after base more memory
	before=$(work reads "$reads" "$disk") || exit
	for s in $(in_order "$tool" "$2"); do
		start_tool "$s" "$tool" || die "${NAME[$s]}: $tool did not start again"
		with=$(work reads "$reads" "$disk") || exit
		note_programs "$options" "$s"
		memory=$(kernel_memory_kib)
		stop_tool
		after=$(work reads "$reads" "$disk") || exit
		read -r base more < <(added 1 1000 "$before" "$with" "$after")
		note biolatency "added to a read$options" µs none "$base"
		note biolatency "added to a read$options" µs "$s" "$more"
		before=$after
		[ -z "$options" ] || continue
		note biolatency 'counted of them' % "$s" \
			"$(awk "BEGIN { print $(counted) * 50 / $reads }")"
		note_memory biolatency "$s" "$memory"
	done
}

run_disk() { # ROUND
	local tool
	measure_start biolatency 'Tracing block' "$1"
	for tool in "${DISK_TOOLS[@]}"; do
		measure_reads "$tool" "$1"
	done
}

# All rounds at once, in one guest for each kernel.
run_guest() { # ROUND
	local kernel
	[ "$1" = 0 ] || return 0
	for kernel in ${kernels:-5.10 6.12}; do
		tests/guest/vm --kernel "$kernel" --modprobe null_blk \
			--append null_blk.irqmode=0 --timeout 1800 -- env \
			"O=$O" "LIBBPF_TOOLS=${LIBBPF_TOOLS-}" "CC=${CC:-cc}" \
			tests/bench/run --raw --rounds "$rounds" --user "$user" \
			--reads $((reads_guest / 1000)) --device nullb0 disk \
			>"$TMP/guest" 2>"$TMP/guest-says" || {
			echo "not measured to the end (status $?)" >>"$TMP/guest-says"
			sed "s/^/bench: $kernel guest: /" "$TMP/guest-says" >&2
		}
		sed "s/^biolatency/biolatency, $kernel guest/" "$TMP/guest" >>"$TMP/results"
		sed "s/^/$kernel guest: /" "$TMP/guest-says" >>"$TMP/notes"
	done
}
