# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# counts.sh - the sections counts, attach and guest-counts of tests/bench/run: funccount.
#
# What a hit costs is measured of one thing in a loop: a tracepoint, a function of a program, and
# where the kernel has kprobes a function of it. bpftrace gets @[func] = count(), which is what
# funccount does, and as the cheapest that it can do @ = count(). Attaching is measured from the
# start until the line "Tracing" is on the terminal, and from Ctrl-C until the process is gone.

# A tool here is funccount and what it counts.
HIT_TOOLS=('funccount tracepoint' 'funccount user')
# Kernel functions: about ten, a hundred, some hundreds (the most that BCC can attach to), a thousand,
# and all there are. They do little on a machine at rest, so what is measured is attaching.
PATTERNS=('usb_*' 'vfs_*' 'security_*' 'tcp_*' 'acpi_*' '*')
ONE=vfs_fallocate # attached alone: what is not of the functions
KPROBES=/sys/bus/event_source/devices/kprobe
bcc_command=() bcc_python=()
declare -A MEMORY_OF=(['funccount user']=1) # tools of whose measurement it is told
FUNCTIONS=/sys/kernel/tracing/available_filter_functions

has_kprobe_multi() { # it is built on fprobe
	grep -q ' register_fprobe_ips$' /proc/kallsyms
}

# A bpftrace program in a file, as a command here is words.
write_script() { # FILE PROBES COUNTER [FILTER]
	cat >"$1" <<-E
	BEGIN { printf("Tracing\\n"); }
	$2 ${4-} { $3 = count(); }
	E
}

add_hit_tool() { # TOOL OUR-PATTERN THEIR-PROBE KEY
	local script=$TMP/${1#funccount }
	PROGRAM[ours/$1]=$O/bin/funccount
	COMMAND[ours/$1]="$O/bin/funccount --uid $user $2"
	[ -n "${NAME[bpftrace]-}" ] || return
	write_script "$script.bt" "$3" "@[$4]" "/uid == $user/"
	write_script "$script-plain.bt" "$3" @ "/uid == $user/"
	PROGRAM[bpftrace/$1]=$(command -v bpftrace)
	COMMAND[bpftrace/$1]="bpftrace $script.bt"
	COMMAND[bpftrace-plain/$1]="bpftrace $script-plain.bt"
}

add_plain() {
	[[ " $SUBJECTS " != *' bpftrace-plain '* ]] || return 0
	[ -n "${NAME[bpftrace]-}" ] || return 0
	SUBJECTS+=' bpftrace-plain'
	NAME[bpftrace-plain]='bpftrace with @ = count(), without a key'
}

add_count_tools() {
	local function
	tools+=("${HIT_TOOLS[@]}")
	add_plain
	add_hit_tool 'funccount tracepoint' t:raw_syscalls:sys_enter \
		tracepoint:raw_syscalls:sys_enter probe
	add_hit_tool 'funccount user' "$BENCH/loop:bench_step" "uprobe:$BENCH/loop:bench_step" func
	[ -e $KPROBES ] || return
	# bpftrace takes kprobe.multi for wildcards only.
	function=$(grep -oE '^__[a-z0-9]+_sys_getppid$' $FUNCTIONS) || return
	tools+=('funccount kernel')
	add_hit_tool 'funccount kernel' "${function%d}*" "kprobe:${function%d}*" func
}

# The sum of what the tool shows.
counted_funccount() {
	awk 'NF >= 2 && $NF ~ /^[0-9]+$/ { n += $NF } END { print n + 0 }' "$TMP/output"
}

# Also of argdist: the tool is the first word, and counted_TOOL tells what it counted.
measure_hits() { # TOOL ROUND WHAT WORK N [OBJECT]
	local tool=$1 round=$2 what=$3 hits=$5 s before with after base more field
	local names=('' '' ', CPU time') name=${1%% *} memory
	shift 3
	before=$(work "$@") || exit
	for s in $(in_order "$tool" "$round"); do
		start_tool "$s" "$tool" || die "${NAME[$s]}: $tool did not start again"
		with=$(work "$@") || exit
		memory=$(kernel_memory_kib)
		[ "$s" != bcc ] || sleep 2 # it reports each second, and not at its end
		stop_tool
		after=$(work "$@") || exit
		for field in 1 2; do
			read -r base more < <(added $field 1 "$before" "$with" "$after")
			note "$name" "added to $what${names[field]}" ns none "$base"
			note "$name" "added to $what${names[field]}" ns "$s" "$more"
		done
		note "$name" "counted of them, $what" % "$s" \
			"$(awk "BEGIN { print $("counted_$name") * 100 / $hits }")"
		before=$after
		[ -z "${MEMORY_OF[$tool]-}" ] || note_memory "$name" "$s" "$memory"
	done
}

run_counts() { # ROUND
	measure_start 'funccount tracepoint' Tracing "$1"
	measure_hits 'funccount tracepoint' "$1" 'a system call' calls "$hits"
	measure_hits 'funccount user' "$1" 'a user function' steps $((hits / 10))
	[ -z "${COMMAND[ours/funccount kernel]-}" ] ||
		measure_hits 'funccount kernel' "$1" 'a kernel function' calls "$hits"
}

# --- attaching ----------------------------------------------------------------------------

# Sets command, words that attach to a pattern; nothing where a subject cannot.
attach_command() { # SUBJECT PATTERN
	command=()
	case $1 in
	ours) command=("$O/bin/funccount" --force "$2") ;;
	bpftrace)
		[ "$2" != '*' ] || { # tried once, in 6.12: not attached when it was stopped, minutes later
			echo "bpftrace, $2: not tried, as it takes minutes in a guest" >>"$TMP/notes"
			return
		}
		write_script "$TMP/attach.bt" "kprobe:$2" '@[func]'
		command=(env BPFTRACE_MAX_PROBES=200000 bpftrace "$TMP/attach.bt")
		;;
	bcc) # it stops at a thousand, and at the first function that it cannot attach to
		case $2 in
		"$ONE" | usb_* | vfs_* | security_*) command=("${bcc_command[@]}" "$2") ;;
		esac
		;;
	esac
}

# One run. ALONE (SUBJECT -> ms) is what a function alone took, to be taken off.
measure_attach() { # SUBJECT PATTERN
	local s=$1 pattern=$2 figures attach detach kib
	attach_command "$s" "$pattern"
	[ ${#command[@]} -gt 0 ] || return 0
	figures=$("$BENCH/start" whole Tracing "${command[@]}" 2>"$TMP/errors") || {
		echo "$s, $pattern: not measured: $(head -c 300 "$TMP/errors" | tr '\n' ' ')" \
			>>"$TMP/notes"
		return 0
	}
	read -r attach detach kib <<<"$figures"
	[ "$pattern" != "$ONE" ] || [ -n "${ALONE[$s]-}" ] || { # that filled the caches
		ALONE[$s]=0
		measure_attach "$@"
		return
	}
	note funccount "$pattern: start to attached" s "$s" "$(awk "BEGIN { print $attach / 1000 }")"
	note funccount "$pattern: Ctrl-C to end" s "$s" "$(awk "BEGIN { print $detach / 1000 }")"
	if [ "$pattern" = "$ONE" ]; then
		ALONE[$s]=$(awk "BEGIN { print $attach + $detach }")
		return
	fi
	note funccount "$pattern: both, above $ONE alone" s "$s" \
		"$(awk "BEGIN { print ($attach + $detach - ${ALONE[$s]-0}) / 1000 }")"
	note funccount "$pattern: peak RSS" MiB "$s" "$(awk "BEGIN { print $kib / 1024 }")"
}

run_attach() { # ROUND
	local pattern s command=() turn=(ours bpftrace)
	local -A ALONE=()
	[ -e $KPROBES ] || {
		[ "$1" != 0 ] || echo 'attach: this kernel has no kprobes' >>"$TMP/notes"
		return
	}
	[ -n "${NAME[bpftrace]-}" ] || turn=(ours)
	[ $(($1 % 2)) = 0 ] || turn=("${turn[@]:1}" ours)
	[ ${#bcc_command[@]} = 0 ] || [ "$1" != 0 ] || turn+=(bcc)
	for pattern in "$ONE" "${PATTERNS[@]}"; do
		case $pattern in
		security_* | tcp_* | acpi_*) has_kprobe_multi || [ -n "$long" ] || continue ;;
		'*') has_kprobe_multi || continue ;;
		esac
		[ "$pattern" = "$ONE" ] || note funccount "$pattern: functions" '' ours \
			"$("$O/bin/funccount" --force -l "$pattern" 2>/dev/null | wc -l)"
		for s in "${turn[@]}"; do
			measure_attach "$s" "$pattern"
		done
	done
}

# --- guests ---------------------------------------------------------------------------------

# Of BCC as unpacked in a folder.
name_bcc() {
	NAME[bcc]=$(basename "$BCC_ROOT"/usr/lib/python3/dist-packages/bcc-*.egg-info .egg-info)
}

# In a guest: BCC as unpacked in a folder, and the headers where it looks for them.
find_bcc() {
	local root=${BCC_ROOT-} version modules scratch=/run/bench-headers
	[[ " $SUBJECTS " != *' bcc '* ]] || return 0
	[ -n "$root" ] || return 0
	version=$(uname -r) modules=/lib/modules/$(uname -r)
	SUBJECTS+=' bcc'
	if [ -z "$raw" ] || [ ! -d "$root/usr/src/linux-headers-$version" ]; then
		ABSENT_WHY[bcc]="no headers of $version in BCC_ROOT"
		return
	fi
	mkdir "$scratch" && mount -t tmpfs headers "$scratch" &&
		mkdir "$scratch/upper" "$scratch/work" && mount -t overlay -o \
		"lowerdir=$modules,upperdir=$scratch/upper,workdir=$scratch/work" \
		headers "$modules" &&
		ln -sfn "$root"/usr/src/linux-headers-* /usr/src/ &&
		ln -sfn "$root"/usr/lib/linux-kbuild-* /usr/lib/ &&
		ln -sfn "/usr/src/linux-headers-$version" "$modules/build" &&
		ln -sfn "/usr/src/linux-headers-${version%-*}-common" "$modules/source" || exit
	name_bcc
	bcc_python=(env "PYTHONPATH=$root/usr/lib/python3/dist-packages" python3)
	bcc_command=("${bcc_python[@]}" "$root/usr/sbin/funccount-bpfcc")
}

# Whose figures come from there.
add_guest_subjects() {
	add_plain
	[ -n "${BCC_ROOT-}" ] || return 0
	SUBJECTS+=' bcc'
	name_bcc
}

# All rounds at once, in one guest for each kernel. What is attached one by one takes a second
# for ten functions, so there is one round of it.
run_guest_counts() { # ROUND
	local kernel count sections
	[ "$1" = 0 ] || return 0
	for kernel in ${kernels:-5.10 6.1 6.12 sid}; do
		count=$(((rounds + 1) / 2)) sections=attach
		case $kernel in
		5.10 | 6.1) count=1 ;;
		6.12) sections='counts attach' ;;
		esac
		# shellcheck disable=SC2086 # sections are words
		tests/guest/vm --kernel "$kernel" --timeout 1800 -- env "O=$O" "CC=${CC:-cc}" \
			"BCC_ROOT=${BCC_ROOT-}" tests/bench/run --raw --rounds $count \
			--user "$user" --hits $((hits_guest / 1000)) ${long:+--long} $sections \
			>"$TMP/guest" 2>"$TMP/guest-says" || {
			echo "not measured to the end (status $?)" >>"$TMP/guest-says"
			sed "s/^/bench: $kernel guest: /" "$TMP/guest-says" >&2
		}
		sed "s/^funccount/funccount, $kernel guest/" "$TMP/guest" >>"$TMP/results"
		sed "s/^/$kernel guest: /" "$TMP/guest-says" >>"$TMP/notes"
	done
}
