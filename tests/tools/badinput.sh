#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# badinput.sh - every wrong option and value: one line on stderr that names the option and the
# value, nothing on stdout, and status 2; or 1 where the machine refuses, not the command line.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/workload/expect.sh"

# bad STATUS TOOL PATTERN ARG...: the line matches "TOOL: ...PATTERN" (grep -E)
bad() {
	local status=$1 tool=$2 pattern=$3
	case " ${TOOLS:-$tool} " in *" $tool "*) ;; *) return ;; esac
	shift 3
	# A user that nobody is: a tool that wrongly starts sees nothing of this machine.
	run_briefly "$tool" --uid 4294967294 "${BASE[@]}" "$@"
	refused "$tool ${*@Q}" "$tool" "$status" "$pattern"
}

BASE=() # what makes a tool list events, so that it has all options for that; a pattern
LONG=$(printf 'x%.0s' {1..300})

# Options of events. What counts has none.
events_bad() { # TOOL
	local t=$1 v
	for v in 0 x -1 1.5 99999999999999999999; do
		if [ "$t" = funccount ]; then
			bad 2 "$t" '--max-events: there are no events here, only counts' --max-events $v
		else
			bad 2 "$t" "--max-events: '$v' is not a number of at least 1" --max-events $v
		fi
	done
	for v in 1K 2G 0 63K x 1X K 1.5M -1M 64KB; do
		if [ "$t" = funccount ]; then
			bad 2 "$t" '--buffer: there are no events here, only counts' --buffer $v
		else
			bad 2 "$t" "--buffer: '$v' is not a size (from 64K to 1G|such as)" --buffer $v
		fi
	done
}

common_bad() { # TOOL
	local t=$1 o v
	for o in --pid --tid --ppid; do
		for v in x 0 -1 4194305 1x 99999999999999999999 ' 1' 0x10; do
			bad 2 "$t" "$o: '$v' is not a number from 1 to 4194304" $o "$v"
		done
		bad 2 "$t" "$o needs a value" $o ''
		bad 2 "$t" "$o needs a value" $o
	done
	bad 2 "$t" "--uid: no user 'nosuchuser'" --uid nosuchuser
	for v in 4294967295 99999999999999999999; do
		bad 2 "$t" "--uid: '$v' is not a user's number" --uid $v
	done
	bad 2 "$t" "--uid: no user '-1'" --uid -1
	bad 2 "$t" '--uid needs a value' --uid ''
	bad 2 "$t" "--comm: 'sixteenbyteslong' is not a name of 1 to 15 bytes" --comm sixteenbyteslong
	bad 2 "$t" '--comm needs a value' --comm ''
	for v in 0 x -1 nan inf 1e3 0x1 . 1. ''; do
		case $v in
		'') bad 2 "$t" '--duration needs a value' --duration '' ;;
		1.) ;; # that is a number
		*) bad 2 "$t" "--duration: '$v' is not a number of seconds above 0" --duration $v ;;
		esac
	done
	bad 2 "$t" "--duration: '999999999' is more than 315360000 seconds" --duration 999999999
	for v in nosuch pid,nosuch +nosuch; do
		bad 2 "$t" "(-o|--output): .*'nosuch'.*pid" -o $v
	done
	bad 2 "$t" '(-o|--output): .*empty.*pid' -o pid,,pcomm
	bad 2 "$t" "(-o|--output): .*'pid'.*twice" -o pid,pid
	bad 2 "$t" '(-o|--output): .*mixes' -o +pid,ppid
	bad 2 "$t" '-o needs a value' -o ''
	bad 2 "$t" '--output needs a value' --output
	events_bad "$t"
	bad 2 "$t" "unknown option '-Z'; see $t --help" -Z
	bad 2 "$t" "unknown option '--nosuch'; see $t --help" --nosuch
	bad 2 "$t" "unknown option '--nosuch'" --nosuch=1
	bad 2 "$t" '--json takes no value' --json=1
	bad 2 "$t" "'--p' may be any of .*--pid.*--ppid" --p 1
	[ "$t" = funccount ] || bad 2 "$t" "operand|'operand'" operand # its operands are patterns
	bad 2 "$t" '-- needs a command' --
	bad 2 "$t" '-- needs a command' -- ''
	bad 2 "$t" "--uid: no user '.*e\[31m" --uid $'\e[31mred\n'
	bad 2 "$t" "--comm: '$LONG' is not a name" --comm "$LONG"
}

refusals() { # TOOL
	local t=$1
	bad 1 "$t" "--cgroup: .*'/no/such/group'.*No such file" --cgroup /no/such/group
	bad 1 "$t" "--cgroup: .*'/proc'.*cgroup v2" --cgroup /proc
	bad 1 "$t" "--cgroup: .*'/etc/passwd'.*Not a directory" --cgroup /etc/passwd
	bad 1 "$t" "--btf: .*'/no/such/btf'.*No such file" --btf /no/such/btf
	bad 1 "$t" "--btf: .*'/etc/passwd'" --btf /etc/passwd
	bad 1 "$t" "--btf: .*'/dev/null'" --btf /dev/null
	bad 1 "$t" "cannot run '/no/such/program': No such file" -- /no/such/program
	bad 1 "$t" "cannot run '/etc/passwd': Permission denied" -- /etc/passwd
}

# What the command line alone tells is the same everywhere.
test_parsing() {
	local v
	common_bad execsnoop
	common_bad opensnoop
	BASE=(--slower 1)
	common_bad biolatency
	BASE=(c:malloc)
	common_bad funccount
	BASE=()
	bad 2 execsnoop "-P: 'x' is not a number from 1" -P x
	bad 2 execsnoop "-u: no user 'nosuchuser'" -u nosuchuser
	bad 2 execsnoop '-n needs a value' -n ''
	bad 2 execsnoop "(-n|--name): '\[' is not" -n '['
	bad 2 execsnoop "(-l|--line): 'a\(' is not" -l 'a('
	bad 2 execsnoop "(-l|--line): '\*\*' is not|(-l|--line): .*" -l 'x{5,2}'
	for v in 0 x -1; do
		bad 2 execsnoop "--max-args: '$v' is not a number" --max-args $v
	done
	for v in x 1X 0 -1 99999G; do
		bad 2 execsnoop "--max-bytes: '$v' is not a size" --max-bytes $v
	done

	bad 2 opensnoop "-p: 'x' is not a number from 1" -p x
	bad 2 opensnoop "-t: '0' is not a number from 1" -t 0
	bad 2 opensnoop "-u: no user 'nosuchuser'" -u nosuchuser
	bad 2 opensnoop "-d: 'x' is not a number of seconds" -d x
	bad 2 opensnoop '-n needs a value' -n ''
	bad 2 opensnoop "-n: 'sixteen-bytes-xx' .*15" -n sixteen-bytes-xx
	bad 2 opensnoop "-f: 'O_NOSUCH' .*O_RDONLY" -f O_NOSUCH
	bad 2 opensnoop "-f: 'rdonly' .*O_RDONLY" -f rdonly
	bad 2 opensnoop '-f needs a value' -f ''
	for v in x 0 -1 3; do
		bad 2 opensnoop "-b: '$v' .*power of two" -b $v
	done
	bad 2 opensnoop "-b: '17' .*power of two" -b 17
	bad 2 opensnoop '--path needs a value' --path ''
	bad 2 opensnoop "--path: '\[a'" --path '[a'
	bad 2 opensnoop '--exec needs a command' --exec
}

# What only the machine can tell.
test_refusals() {
	refusals execsnoop
	refusals opensnoop
	refusals biolatency
	BASE=(c:malloc)
	refusals funccount
	BASE=()
}

need_root
run_cases test_refusals -- test_parsing
done_testing
