#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# argdist-bad.sh - wrong command lines of argdist: what is said of each, to the letter, nothing on
# stdout, and status 2; or 1 where the machine refuses, not the command line.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"
need_root
need_workload dist
LIBC=$(ldconfig -p | awk '$1 == "libc.so.6" && /64/ { print $NF; exit }')

# Judges the last run: STATUS, nothing on stdout, exactly this on stderr.
judge() { # STATUS STDERR NAME
	local problem=
	[ "$STATUS" = "$1" ] || problem="status $STATUS, wanted $1; "
	[ ! -s "$OUT" ] || problem="${problem}something on stdout; "
	[ "$(< "$ERR")" = "$2" ] || problem="${problem}wanted on stderr: $2"
	if [ -z "$problem" ]; then
		pass "${3:0:110}"
	else
		fail "${3:0:110}" "$problem"
		diag "stderr: $(head -c 1000 "$ERR")"
	fi
}

# A user that nobody is: a tool that wrongly starts sees nothing of this machine.
run_bad() { # ARG...
	STATUS=0
	timeout "$WAIT" "$BIN/argdist" --uid 4294967294 --duration 0.01 "$@" > "$OUT" 2> "$ERR" < /dev/null || STATUS=$?
	# What is known of libc depends on whether its debug symbols are installed.
	sed -i -e 's/: it is stripped and its debug symbols are not installed, so only .*//' \
		-e 's/ has bytes, arg1 to/ has arg1 to/' -e 's/ has mem, arg1 to/ has arg1 to/' -e 's/ entry bytes, arg1/ entry arg1/' "$ERR"
}

# Specifiers on stdin, each with what is said of it in the next line. A § stands where the caret is
# to be.
bad_specifiers() { # STATUS
	local option text message plain wanted
	while read -r option text && IFS= read -r message; do
		plain=${text/§/}
		wanted="argdist: ${message#	}" wanted=${wanted//LIBC/$LIBC}
		if [ "$plain" != "$text" ]; then
			text=${text%%§*}
			wanted+=$(printf '\nargdist:   %s\nargdist:   %*s^' "$plain" ${#text} '')
		fi
		run_bad "$option" "$plain"
		judge "$1" "$wanted" "$option $plain"
	done
}

bad() { # MESSAGE ARG...
	local message=$1
	shift
	run_bad "$@"
	judge "${WANTED_STATUS:-2}" "argdist: $message" "$*"
}

test_places() {
	bad_specifiers 2 <<'E'
-C p::§
	the function's name is missing here
-C :§
	one colon is missing: write p::FUNC for a kernel function, p:LIBRARY:FUNC for another
-C ::§
	the function's name is missing here
-C x:§:vfs_read
	'x' is taken for the library, and two colons follow; a C++ or Rust name goes behind its file: FILE:x::...
-C §k::vfs_read
	'k:' is written p::FUNC here
-C §pr::vfs_read
	a kernel function has p:: or r:: before it here: p::pr::vfs_read
-C §vfs_read::count
	a kernel function has p:: or r:: before it here: p::vfs_read::count
-C §vfs_*::$PROBE
	a kernel function has p:: or r:: before it here: p::vfs_*::$PROBE
-C p:c:§
	the function's name is missing here
-C p:c:§[
	the function's name is missing here
-C c:malloc+§
	an offset is a number of bytes: FUNC+16 or FUNC+0x10
-C c:malloc+§x
	an offset is a number of bytes: FUNC+16 or FUNC+0x10
-C u:§c
	a USDT probe is u:LIBRARY:PROBE or u:LIBRARY:PROVIDER:PROBE
-C u:/bin/true:§
	the probe's name is missing here
-C t:§
	the tracepoint's category is missing here
-C t:sched§
	the event is missing: a tracepoint is t:CATEGORY:EVENT, and t::sched finds it in any category
-C t:sched:§
	the tracepoint's event is missing here
-C t:sched:sched_switch§(int x)
	a signature is for functions; the fields here are args->NAME
-C t:sched:sched_switch::args->§nosuch
	sched:sched_switch has no field nosuch: it has prev_comm, prev_pid, prev_prio, prev_state, next_comm, next_pid, next_prio
-C t:sched:sched_switch::§nosuch
	nothing here is called nosuch
-C t:sched:sched_switch::§$retval
	$retval is for returns: r:..., r::...
-C t:sched:sched_switch::§prev_pid
	nothing here is called prev_pid; did you mean args->prev_pid?
-C r:c:malloc§+4
	a function's return has no offset
-H p:c:malloc§
	a histogram needs a value: -H 'p::func(int x)::x'
E
}

test_values() {
	bad_specifiers 2 <<'E'
-C p:c:malloc(int x)::§$PROBE + 1
	$PROBE is a key by itself, no value
-C p:c:malloc(int x)::STRCMP(§$PROBE, "malloc")
	$PROBE is a key by itself, no value
-C p:c:malloc(int x)::x:§$PROBE == 1
	$PROBE is a key by itself, no value
-C p:c:malloc(int x)::$PROBE,sum(§$PROBE)
	$PROBE is a key by itself, no value
-C p:c:malloc(int x)::(x ? (long)§$PROBE : 1)
	$PROBE is a key by itself, no value
-C c:free <- c:malloc @ (arg1, §$PROBE)
	$PROBE is a key by itself, no value
-C r:c:malloc§:int,int
	2 types for 1 value
-C p:c:malloc(int x)::x:§sum(x)
	sum() stands alone, as the last of the values
-C p:c:malloc(int x)::§$KSTACK + 1
	$KSTACK is a key by itself, no value
-C p:c:malloc(int x)::x:§$USTACK
	$USTACK is a key by itself, no value
-C p:c:malloc(int x)::sum(§$KSTACK)
	$KSTACK is a key by itself, no value
-C p:c:malloc(int x):int:§"text"
	a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else
-C p:c:malloc(int x)::x §>> 64
	int has 32 bits: a shift by 64 has no result
-C p:c:malloc(int x)::x §/ 0
	this divides by zero
-C p:c:malloc(int x)::§$entry
	$entry takes an expression: $entry(...)
-C p:c:malloc§(
	this ( is not closed
-C p:c:malloc§(int
	this ( is not closed
-C p:c:malloc§(int x
	this ( is not closed
-C p:c:malloc(int x)§)
	this ) closes nothing
-C p:c:malloc(int x):int:§y
	nothing here is called y; malloc has x, arg1 to arg16
-C p:c:malloc(int x):int:x:§y
	nothing here is called y; malloc has x, arg1 to arg16
-C p:c:malloc(int x):int:x:x>1§:z
	there is no field behind the predicate
-C p:c:malloc§(int x):int,int:x
	2 types for 1 value
-C p:c:malloc§(int x):int:x,x
	1 type for 2 values
-C p:c:malloc§(int x):int,int,int:x,x
	3 types for 2 values
-C p:c:malloc(int x):§nosuch:x
	there is no type nosuch
-C p:c:malloc(int x):§struct nosuch:x
	there is no struct nosuch
-C p:c:malloc(int x):char:x,§
	a value is missing here
-C p:c:malloc(int x)::§,x
	a value is missing here
-C p:c:malloc(int x)::x,§,x
	a value is missing here
-C p:c:malloc(int x)::§(x
	this ( is not closed
-C p:c:malloc(int x)::x§)
	this ) closes nothing
-C p:c:malloc(int x)::x +§
	a value is missing behind +
-C p:c:malloc(int x)::+§
	a value is missing behind +
-C p:c:malloc(int x)::x §y
	an operator is missing here
-C p:c:malloc(int x)::1 §2
	an operator is missing here
-C p:c:malloc(int x)::x §= 1
	nothing can be changed here; to compare, write ==
-C p:c:malloc(int x)::x§++
	nothing can be changed here; if two signs are meant, put a blank between them
-C p:c:malloc(int x)::x §? 1
	the : of this ? is missing
-C p:c:malloc(int x)::x ? 1 :§
	a value is missing here
-C p:c:malloc(int x)::§"text
	this quote is not closed
-C p:c:malloc(int x)::§'a
	this quote is not closed
-C p:c:malloc(int x)::§''
	a character is missing between the quotes
-C p:c:malloc(int x)::x->§y
	this is a number, int: it has no members
-C p:c:malloc(int x)::x.§y
	this is a number, int: it has no members
-C p:c:malloc(int x)::§*x
	* follows a pointer, and this is int: cast it, *(unsigned long *)...
-C p:c:malloc(int x)::x§[0]
	[ ] needs an array or a pointer, and this is int
-C p:c:malloc(int x)::§&x
	this has no address: it is no place in memory
-C p:c:malloc(int x)::§1.5
	there is no floating point here: write whole numbers
-C p:c:malloc(int x)::0x§
	a digit is missing behind 0x
-C p:c:malloc(int x)::0§8
	8 is no digit of an octal number
-C p:c:malloc(int x)::§99999999999999999999
	this number does not fit into 64 bits
-C p:c:malloc(int x)::x §@ 1
	behind an @ only user or kernel can stand here
-C p:c:malloc(int x)::x §; 1
	this is the place of an expression; there are no statements
-C p:c:malloc(int x)::§`
	this character has no meaning here
-C p:c:malloc(int x)::§$
	a name follows a $, as in $pid
-C p:c:malloc(int x)::§$nosuch
	there is no $nosuch; there are $pid, $tid, $tgid, $uid, $gid, $cpu, $cgroup, $task, $comm, $nsecs, $seq, $delta, $latency
-C p:c:malloc(int x)::§$NOSUCH
	there is no $NOSUCH; there are $pid, $tid, $tgid, $uid, $gid, $cpu, $cgroup, $task, $comm, $nsecs, $seq, $delta, $latency
-C p:c:malloc(int x)::§$retval
	$retval is for returns: r:..., r::...
-C p:c:malloc(int x)::§retval
	retval is for returns: r:..., r::...
-C p:c:malloc(int x)::§$latency
	$latency is for returns (r:...) and pairs (END <- START)
-C p:c:malloc(int x)::§$entry(x)
	$entry() is for returns (r:...) and pairs (END <- START)
-C p:c:malloc(int x)::§args->x
	args is for tracepoints (t:...)
-C p:c:malloc(int x)::§arg0
	nothing here is called arg0; malloc has x, arg1 to arg16
-C p:c:malloc(int x)::§arg99
	nothing here is called arg99; malloc has x, arg1 to arg16
-C p:c:malloc(int x)::§nosuch(x)
	there is no function nosuch; there are STRCMP, STRNCMP, $entry, ntohs, ntohl, ntop, sum, avg, min, max, last, stats, lhist
-C p:c:malloc(int x)::§sum()
	sum() takes one value
-C p:c:malloc(int x)::§sum(x,x)
	sum() takes one value
-C p:c:malloc(int x)::§sum(x),x
	sum() is the last of the values
-C p:c:malloc(int x)::sum(§sum(x))
	sum() stands alone, as the last of the values
-C p:c:malloc(int x)::1+§sum(x)
	sum() stands alone, as the last of the values
-C p:c:malloc(int x)::sum($COMM)§
	the last value is to be a number
-C p:c:malloc(char *s):char*:sum(s)§
	the last value is to be a number
-C p:c:malloc(int x)::§lhist(x,0,10,1)
	lhist() is for histograms: -H
-C p:c:malloc(int x)::§STRCMP(x)
	STRCMP takes 2 arguments, not 1
-C p:c:malloc(int x)::x:STRCMP("a",§x)
	this is no string but int
-C p:c:malloc(char *x)::x:STRNCMP(§x,x)
	of strings that are not in quotes STRNCMP takes the number of bytes, too: STRNCMP(a, b, 4)
-C p:c:malloc(int x)::x:STRCMP($COMM,§x)
	this is no string but int
-C p:c:malloc(int x):int:x ? §"yes" : "no"
	a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else
-C p:c:malloc(int x)::x §? "yes" : x
	char [4] and int are of no common type: cast one of them
-H p:c:malloc(int x)::x ? "yes" : "no"§
	the last value is to be a number
-C p:c:malloc(int x)::sum(x ? "yes" : "no")§
	the last value is to be a number
-C p:c:malloc(char *x)::x:x == §'a
	this quote is not closed
-C p:c:malloc(char *x)::x:§STRNCMP("a")
	STRNCMP takes 2 or 3 arguments, not 1
-C p:c:malloc(char *x)::x:STRNCMP("a",x,§x)
	the number of bytes has to be constant
-C p:c:malloc(char *x)::x:$COMM == §5
	this is no string but int
-C p:c:malloc(char *x)::x:§$COMM
	$comm is text: it can be compared with text, chosen with ?: or printed
-C p:c:malloc(char *x):int:x:§"text"
	a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else
-C p:c:malloc(int)::§x
	nothing here is called x; malloc has arg1 to arg16
-C p:c:malloc(int x,§)::x
	a type is missing here
-C p:c:malloc(§nosuch x)::x
	there is no type nosuch
-C p:c:malloc(int x, int §x)::x
	there are two parameters x
-C p:c:malloc(int x§...)::x
	a parameter is TYPE NAME, and , or ) follows
-C p:c:malloc(§struct nosuch *x)::x->y
	there is no struct nosuch
-C r:c:malloc(int x)::§$entry()
	$entry takes 1 argument, not 0
-C r:c:malloc(int x)::§$entry(x,x)
	$entry takes 1 argument, not 2
-C r:c:malloc(int x)::$entry(§y)
	nothing here is called y; r:malloc has x, arg1 to arg16, and at its entry x, arg1 to arg16
-C r:c:malloc(int x)::$entry(§$latency)
	$latency is not known at the entry
-C r:c:malloc(int x)::$entry(§$entry(x))
	this is what was at the entry already
-C r:c:malloc(int x)::$entry §x
	an operator is missing here
-C p:c:malloc(int x):int:sizeof(§struct nosuch)
	there is no struct nosuch
-C p:c:malloc(int x)::(§struct nosuch *)x
	there is no struct nosuch
-C p:c:malloc(int x)::((struct task_struct *)x)->§nosuch
	struct task_struct has no member nosuch
-C p:c:malloc(int x):§struct task_struct:x
	a key is a number or char *
-C p:c:malloc(int x):char§[5]:x
	a key is a number or char *
-C p:c:malloc(int x):§void:x
	a key is a number or char *
-C p:c:malloc(double x)::§x
	x is double: BPF cannot read floating point
E
}

test_pairs() {
	bad_specifiers 2 <<'E'
-C c:free <- c:malloc§
	behind a pair stands what connects its two sides: END <- START @ KEY, such as @ $tid
-C c:free <- c:malloc @§
	a value is missing here
-C c:free <- c:malloc @ (§)
	a value is missing here
-C c:free <- c:malloc @ §nosuch
	nothing here is called nosuch; free has arg1 to arg16
-C c:free <- §@ arg1
	the function's name is missing here
-C c:free §< c:malloc @ arg1
	an operator is missing here
-C c:free <- c:malloc @ arg1 §arg1
	an operator is missing here
-C c:free <- c:malloc @ arg1::$entry(§nosuch)
	nothing here is called nosuch; malloc has arg1 to arg16, and at its entry arg1 to arg16
-C §<- c:malloc @ arg1
	the function's name is missing here
E
}

test_samples() {
	bad_specifiers 2 <<'E'
-C profile:hz§:x
	the number is missing: profile:hz:99
-C profile:hz§
	the number is missing: profile:hz:99
-C profile:§nosuch:1
	behind profile: stands one of hz, s, ms, us
-C interval:s:§0
	this is to be 1 or more
-C software:§nosuch:1
	behind software: stands one of cpu-clock, task-clock, page-faults, minor-faults, major-faults, context-switches, cpu-migrations, alignment-faults, emulation-faults
-C profile:hz:99::§arg1
	nothing here is called arg1
-C profile:hz:99::§args->x
	args is for tracepoints (t:...)
-C profile:hz:99::§$latency
	$latency is for returns (r:...) and pairs (END <- START)
-C profile:hz:9§(int x)::x
	a sample has no arguments
-C c:free <- §profile:hz:9 @ 1
	a sample starts nothing
-C profile:hz:9 §<- c:free @ 1
	a sample has no start
E
}

test_histograms() {
	bad_specifiers 2 <<'E'
-H p:c:malloc(int x)::x:§lhist(x,0,10,1)
	lhist() stands alone, as the last of the values
-H p:c:malloc(int x)::§$KSTACK
	$KSTACK is a key by itself, no value
-H p:c:malloc(int x)::§$PROBE
	$PROBE is a key by itself, no value
-H r:c:getenv:char*§
	the last value is to be a number
-H p:c:malloc(int x)::lhist(x,0,§0x8000000000000000,10)
	the bounds of lhist() end at 2^63-1
-H p:c:malloc(int x)::x,§$USTACK
	$USTACK is a key by itself, no value
-H p:c:malloc(int x)§
	a histogram needs a value: -H 'p::func(int x)::x'
-H p:c:malloc(int x):§int
	this is the place of a type, and there is no value: values stand behind the next colon
-C p:c:malloc(int x):§x
	this is the place of a type, and there is no value: values stand behind the next colon
-C p:c:malloc(char *x):char *§x:x
	a type has no name here: values stand behind the next colon
-H p:c:malloc(int x)::§sum(x)
	sum() is for -C; -H counts the values themselves
-H p:c:malloc(int x)::$COMM§
	the last value is to be a number
-H p:c:malloc(char *x)::x§
	the last value is to be a number
-H p:c:malloc(char *x):char*:x§
	the last value is to be a number
-H p:c:malloc(int x)::§lhist(x)
	lhist() takes a value, the lowest, the highest, and the width of a bucket
-H p:c:malloc(int x)::§lhist(x,0,10)
	lhist() takes a value, the lowest, the highest, and the width of a bucket
-H p:c:malloc(int x)::lhist(x,§0,10,0)
	lhist() goes from the lower to the higher bound in steps of 1 or more
-H p:c:malloc(int x)::lhist(x,§10,0,1)
	lhist() goes from the lower to the higher bound in steps of 1 or more
-H p:c:malloc(int x)::lhist(x,0,10,§x)
	the bounds of lhist() are constants
-H p:c:malloc(int x)::lhist(x,§0,100000,1)
	these are 100000 buckets, and not more than 1024 are possible
-H p:c:malloc(int x)::lhist(x,§0,10,-1)
	lhist() goes from the lower to the higher bound in steps of 1 or more
-H p:c:malloc(int x)::§lhist(x,0,10,1),x
	lhist() is the last of the values
E
}

# What only the machine can tell.
test_machine() {
	bad_specifiers 1 <<'E'
-C p:nosuchlib:malloc
	there is no library or program 'nosuchlib': looked for it in ld.so's cache, the standard folders and PATH
-C p:/no/such/file:main
	cannot open '/no/such/file': No such file or directory
-C p:/etc/passwd:main
	'/etc/passwd' is not an ELF file: it is neither a program nor a library
-C p:/etc:main
	cannot open '/etc': Is a directory
-C p:c:nosuchfunction
	no function of LIBC matches 'nosuchfunction'
-C p:c:nosuch*
	no function of LIBC matches 'nosuch*'
-C p:c:mallo
	no function of LIBC matches 'mallo'; did you mean malloc?
-C u:/bin/true:nosuch
	/bin/true has no USDT probes (for 'u:/bin/true:nosuch'); functions can be traced: /bin/true:nosuch
-C t:sched:nosuch
	t:sched:nosuch: this kernel has no such tracepoint in this category
-C t:nosuch:sched_switch
	t:nosuch:sched_switch: this kernel has no tracepoints of a category nosuch (those of a module are there when it is loaded); did you mean t:sched:sched_switch?
-C p::nosuch_kernel_function
	p::nosuch_kernel_function: this kernel has no such function
-C c:free <- c:nosuch @ arg1
	no function of LIBC matches 'nosuch'
E
}

test_options() {
	local s=p:c:malloc v many=()
	bad "what is to be counted? Give a specifier, such as -C 'p::vfs_read::\$COMM'; see argdist --help"
	bad '-C needs a value' -C
	bad '-H needs a value' -H
	bad '-C needs a value' -C ''
	for v in x -1 86401 1.5; do
		bad "-i: '$v' is not a number from 0 to 86400" -i "$v" -C $s
	done
	for v in 1 401 x; do
		bad "-z: '$v' is not a number from 2 to 400" -z "$v" -C $s
	done
	for v in 0 x; do
		bad "-n: '$v' is not a number of at least 1" -n "$v" -C $s
		bad "-T: '$v' is not a number from 1 to 4294967295" -T "$v" -C $s
		bad "-d: '$v' is not a number of seconds above 0" -d "$v" -C $s
		bad "-p: '$v' is not a number from 1 to 4194304" -p "$v" -C $s
		bad "-t: '$v' is not a number from 1 to 4194304" -t "$v" -C $s
	done
	for v in 0 99999999; do
		bad "--keys: '$v' is not a number from 1 to 16777216" --keys $v -C $s
	done
	bad '-p and -t cannot be used together' -p 1 -t 1 -C $s
	bad '--json and --folded cannot be used together' --json --folded -C $s
	bad '--buffer: there are no events here, only counts' --buffer 1M -C $s
	bad '--max-events: there are no events here, only counts' --max-events 5 -C $s
	bad "unknown option '-M'; see argdist --help" -M 1 -C $s
	bad "unknown option '--nosuch'; see argdist --help" --nosuch -C $s
	bad '--json takes no value' --json=1 -C $s
	bad "--uid: no user 'nosuchuser'" --uid nosuchuser -C $s
	bad "--comm: 'sixteenbyteslong' is not a name of 1 to 15 bytes" --comm sixteenbyteslong -C $s
	bad '-- needs a command after it' -C $s --
	for ((v = 0; v < 33; v++)); do many+=(-C "$s"); done
	bad "-C: '$s' is not valid; expected: 32 of -C and -H at most" "${many[@]}"
	bad '-p: there is no process 4194303' -p 4194303 -C $s
	bad '-o: there are no columns here' -o pid -C $s
	bad "'$s': write -C or -H before it" $s
	bad "'operand': write -C or -H before it" -C $s operand
	bad '--heatmap draws one -H, and goes with none of -C -c -T --percentiles --folded --json' --heatmap -C $s
	WANTED_STATUS=1
	bad '-I /no/such.h: the C compiler cannot find or read it; cc -x c -c -o /dev/null /no/such.h says why' \
		-I /no/such.h -C $s
	bad '--types /no/such: No such file or directory' --types /no/such -C $s
	bad '--types /etc/passwd: it is not an ELF file of 64 bits' --types /etc/passwd -C $s
	bad "cannot run '/no/such/program': No such file or directory" -C $s -- /no/such/program
	bad "--btf: cannot read '/no/such': No such file or directory" --btf /no/such -C $s
	bad "--cgroup: cannot open '/no/such': No such file or directory" --cgroup /no/such -C $s
	bad 'nosuch*: no function of this kernel matches' -l 'nosuch*'
	WANTED_STATUS=2
}

# A name in the place of a probe that may be a type.
test_usdt() {
	local d=$WORKLOAD/dist wanted
	wanted="no USDT probe of $d matches 'u:$d:value:key_t'
argdist: if value is the probe, write u:LIB:value():key_t:..."
	WANTED_STATUS=1 bad "$wanted" -C "u:$d:value:key_t:arg1"
	WANTED_STATUS=1 bad "no USDT probe of $d matches 'u:$d:value:key_t'" -C "u:$d:value:key_t"
}

# Keys that are too long; what a terminal would obey.
test_others() {
	bad $'these keys have 808 bytes, and not more than 480 are possible: -z shortens strings\nargdist:   p:c:malloc(char *x):char*,char*:x,x\nargdist:             ^' \
		-z 400 -C 'p:c:malloc(char *x):char*,char*:x,x'
	bad $'the function\'s name is missing here\nargdist:   p:c:\\e[31m\nargdist:       ^' -C $'p:c:\e[31m'
	bad $'this character has no meaning here\nargdist:   p:c:malloc::\\x01\nargdist:               ^' -C $'p:c:malloc::\x01'
}

run_cases -- test_options test_places test_values test_pairs test_samples test_histograms \
	test_machine test_usdt test_others
done_testing
