#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# fields.sh - what the man pages promise of --json: the keys that come, and their types.
. "$(dirname "$0")/../lib.sh"
[ ! -e /run/vm/conf ] || skip_all 'the same on every kernel: tested on the host'
need_root
need_program jq
cd "$TESTS/.." || exit 1

# KEY TYPES (number, string or null, array) [extra]: one a line; extra: only with -o
man_fields() { # TOOL
	awk '/^\.Sh / { on = /FIELDS/ }
		!on { next }
		/^\.It Sy / { if (line) print line; split($0, part, / , /)
			line = substr(part[2], 4) " " substr(part[3], 4) }
		/^Only with$/ { line = line " extra" }
		END { print line }' "$1/$1.8"
}

# Keys beside those of FIELDS that the section JSON has.
man_more() { # TOOL
	awk '/^\.Sh / { on = /JSON/ } on && /^\.It Va / { print $3 }' "$1/$1.8"
}

# KEY TYPE of all lines of $OUT
json_types() {
	jq -r 'to_entries[] | "\(.key) \(.value | type)"' "$OUT" | sort -u
}

# Types that came and are not promised.
types_wrong() { # TOOL
	local key type promised
	json_types | while read -r key type; do
		promised=$(man_fields "$1" | sed -n "s/^$key //p")
		# The bytes of a string are a string.
		[ -n "$promised" ] || promised=$(man_fields "$1" | sed -n "s/^${key%_hex} string.*/string/p")
		case " $promised " in
		'  ') man_more "$1" | grep -qx "$key" || echo "$key is not in the man page" ;;
		*" $type "*) ;;
		*) echo "$key: $type came, the man page has: $promised" ;;
		esac
	done
}

# Does something that a tool of any kind may show: execs, opens, failures, odd bytes.
work() { # OPTION...
	local patterns=()
	[ "$TOOL" != funccount ] || patterns=('t:syscalls:sys_enter_openat')
	[ "$TOOL" != trace ] || patterns=('t:syscalls:sys_enter_openat "%s", args->filename')
	# shellcheck disable=SC2016
	run_tool "$TOOL" --json "$@" "${patterns[@]}" -- /bin/sh -c \
		'cat /etc/hostname "/nowhere$(printf "\377")" > /dev/null 2>&1; exec /nowhere 2> /dev/null'
	[ -s "$OUT" ] || bail "$TOOL showed nothing: $(cat "$ERR")"
}

for TOOL in ${TOOLS:-$(for f in */*.bpf.c; do dirname "$f"; done)}; do
	if [ "$TOOL" = biolatency ]; then # it has objects of two kinds, and no disk here
		skip "$TOOL" 'biolatency.sh holds its JSON against biolatency-schema.jq'
		continue
	fi
	if [ "$TOOL" = argdist ]; then # it has no columns
		skip "$TOOL" 'argdist.sh looks at its JSON'
		continue
	fi
	work
	is "$(types_wrong "$TOOL")" '' "$TOOL: --json: types as in the man page"
	is "$(jq -r 'keys_unsorted[]' "$OUT" | grep -v '_hex$' | sort -u)" \
		"$({ man_fields "$TOOL" | sed '/ extra$/d; s/ .*//'; man_more "$TOOL"; } |
			grep -v '_hex$' | sort -u)" "$TOOL: --json: all keys of the man page"
	all=$(man_fields "$TOOL" | cut -d ' ' -f 1)
	work -o "$(paste -sd , <<< "$all")"
	is "$(types_wrong "$TOOL")" '' "$TOOL: --json with all columns: types as in the man page"
	is "$(head -n 1 "$OUT" | jq -r 'keys_unsorted[]' | grep -vxF -f <(man_more "$TOOL"))" "$all" \
		"$TOOL: --json with all columns: these keys in this order"
	[ "$TOOL" != funccount ] || continue # it shows no bytes of others
	like "$(cat "$OUT")" '_hex":\[?"[0-9a-f",]*ff' "$TOOL: bytes that are no UTF-8 in hexadecimal"
done
done_testing
