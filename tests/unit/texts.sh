#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# texts.sh - what the texts say of the tools holds: --help, the man page and the table of columns
# name the same options and fields, and every command in a text is one that the tools take.
# Needs no root: nothing is traced. TOOLS="..." for some of them only.
. "$(dirname "$0")/../lib.sh"
cd "$TESTS/.." || exit 1

ALL=$([ -n "${TOOLS-}" ] || echo 1)
TOOLS=${TOOLS:-$(for f in */*.bpf.c; do dirname "$f"; done | sort -u | paste -sd ' ')}
[ "$TOOLS" != '*' ] || bail 'no tool found'
READMES=$(ls README.md */README.md)
SECTIONS='NAME SYNOPSIS DESCRIPTION OPTIONS FIELDS TEXT JSON CAPABILITIES OVERHEAD EXIT_STATUS
	EXAMPLES DIFFERENCES_FROM_BCC SEE_ALSO CAVEATS'

# --- what --help says --------------------------------------------------------------------------

# "-T, --time", "--max-args N": one a line
help_options() { # TOOL
	sed -n '/^Columns/q; /^  \(-[^-], \|    \)--[a-z]/{ s/^ *//; s/   *.*//; p }' "$TMP/help.$1"
}

help_columns() { # TOOL
	sed -n '/^Columns for -o:/,/^$/s/^  \([a-z0-9_]\{1,\}\).*/\1/p' "$TMP/help.$1"
}

# --- what the man page says ----------------------------------------------------------------------

man_section() { # TOOL SECTION
	awk -v section="$2" '/^\.Sh / { on = substr($0, 5) == section; next } on' "$1/$1.8"
}

man_options() { # TOOL
	man_section "$1" OPTIONS | sed -n 's/^\.It Fl //p' |
		sed 's/^/-/; s/ , Fl /, -/; s/ Ar / /'
}

# HEADER KEY TYPE: one a line
man_fields() { # TOOL
	man_section "$1" FIELDS |
		sed -n 's/^\.It Sy \([^ ]*\) , Va \([^ ]*\) , No \([a-z]*\).*/\1 \2 \3/p'
}

# --- what the table of columns says ----------------------------------------------------------------

# HEADER KEY KIND: one a line
source_columns() { # TOOL
	sed -n 's/^[[:space:]]*{ "\([^" ]*\)", *"\([a-z0-9_]*\)",.* CELL_\([A-Z0-9]*\),.*/\1 \2 \3/p' \
		"$1/$1.c"
}

# The JSON type that a kind of cell always has; a formatted one may have any.
kind_type() { # KIND TYPE
	case $1 in
	U32|S32|U64|SINCE) echo number ;;
	BYTES|CHARS|CLOCK) echo string ;;
	*) echo "$2" ;;
	esac
}

fields_compare() { # TOOL: what the man page has wrong
	local header key kind type said
	while read -r header key kind; do
		said=$(man_fields "$1" | awk -v k="$key" '$2 == k { print $1, $3 }')
		type=$(kind_type "$kind" "${said#* }")
		[ "$said" = "$header $type" ] ||
			echo "$key: is $header $type, the man page has: ${said:-nothing}"
	done < <(source_columns "$1")
}

test_man() { # TOOL
	local wanted got
	is "$(man_options "$1" | sort)" "$(help_options "$1" | sort)" \
		"$1: the man page has the options of --help, with the same letters and values"
	like "$(help_options "$1")" '^-[a-zA-Z], --' "$1: the options of --help were read"
	is "$(man_fields "$1" | cut -d ' ' -f 2)" "$(help_columns "$1")" \
		"$1: the man page has the columns of --help, in the same order"
	is "$(source_columns "$1" | cut -d ' ' -f 2)" "$(help_columns "$1")" \
		"$1: the table of columns was read"
	is "$(fields_compare "$1")" '' "$1: the man page has the columns' headers and JSON types"
	# shellcheck disable=SC2086
	wanted=$(printf '%s\n' $SECTIONS | tr _ ' ')
	got=$(sed -n 's/^\.Sh //p' "$1/$1.8")
	is "$(grep -vxF "$wanted" <<< "$got")$(comm -13 <(sort <<< "$got") <(sort <<< "$wanted"))" '' \
		"$1: the man page has all sections, and no other"
	is "$(man_flags "$1")" '' "$1: the man page speaks of no option that is not there"
}

# Options that the text mentions, but for those of BCC.
man_flags() { # TOOL
	awk '/^\.Sh / { on = $0 !~ /BCC/ } on && /^\.(Fl|It Fl|Op Fl|Pq Fl) /' "$1/$1.8" |
		grep -o 'Fl -*[A-Za-z][A-Za-z_-]*' | sed 's/Fl /-/' | sort -u |
		while read -r flag; do
			option_find "$1" "$flag" > /dev/null || echo "$flag"
		done
}

# Two formatters look for different mistakes; the machine need not have them.
test_format() { # TOOL
	if has_program mandoc; then
		is "$(mandoc -T lint -W warning "$1/$1.8" 2>&1)" '' "$1: mandoc has nothing to say"
	else
		skip "$1: mandoc has nothing to say" 'there is no mandoc'
	fi
	if has_program groff; then
		is "$(groff -mandoc -Tutf8 -ww -z "$1/$1.8" 2>&1)" '' "$1: groff has nothing to say"
	else
		skip "$1: groff has nothing to say" 'there is no groff'
	fi
}

# --- commands in texts -----------------------------------------------------------------------------

# Prints the row of --help that has this option, -x or --xxx.
option_find() { # TOOL OPTION
	help_options "$1" | grep -E -m 1 -e "(^|, )$2( |,|\$)"
}

# What is wrong with one word of a command line: "-TUu" is -T, -U and -u.
word_check() { # TOOL WORD
	local letters row
	case $2 in
	--*)
		option_find "$1" "${2%%=*}" > /dev/null || echo "$1 has no $2" ;;
	-[A-Za-z]*)
		letters=${2#-}
		while [ -n "$letters" ]; do
			row=$(option_find "$1" "-${letters:0:1}") || {
				echo "$1 has no -${letters:0:1}"
				return
			}
			# What follows one with a value is the value.
			case $row in *' '*' '*) return ;; esac
			letters=${letters:1}
		done ;;
	esac
}

# A shell command: if it runs one of the tools, the tool's options up to "--".
command_check() { # WORDS...
	local tool word
	while case ${1-} in '$'|'#'|sudo|env|*=*) ;; *) false ;; esac; do shift; done
	tool=${1-}
	tool=${tool##*/}
	case " $TOOLS " in *" ${tool:-none} "*) shift ;; *) return ;; esac
	echo "$tool" >> "$TMP/checked"
	for word; do
		case $word in --|'|'|'>'|'#'|';'|'&&') return ;; esac
		word_check "$tool" "$word"
	done
}

make_check() { # WORDS... of a "make" command, without what is in quotes
	local word targets
	targets=" $TOOLS mysnoop $(sed -n '/^\.PHONY:/,/[^\\]$/p' Makefile | tr -d '\\\n') "
	while case ${1-} in '$'|'#'|sudo) ;; *) false ;; esac; do shift; done
	[ "${1-}" = make ] || return
	shift
	for word; do
		case $word in
		'#'*|'>'|'|'|'&&') return ;;
		*=*|-*) continue ;;
		esac
		case $targets in *[[:space:]]"$word"[[:space:]]*) ;; *) echo "make has no $word" ;; esac
	done
}

# make run TOOL=tool ARGS='options'
make_run() { # LINE
	local tool=execsnoop
	[[ $1 =~ make\ run ]] || return
	[[ ! $1 =~ TOOL=([a-z]+) ]] || tool=${BASH_REMATCH[1]}
	[[ $1 =~ ARGS=\'([^\']*)\' ]] && echo "$tool ${BASH_REMATCH[1]}"
}

# The commands of a text: lines of ```sh blocks, lines after a "$ " in the others, `code` that
# begins with a tool's name; of a man page the .Dl lines.
text_commands() { # FILE
	case $1 in
	*.8) sed -n 's/^\.Dl # //p' "$1" ;;
	*) awk -v tools="$TOOLS" '
		BEGIN { gsub(/ /, "|", tools) }
		{ sub(/^ +/, "") }
		/^```/ { block = block ? 0 : /^```sh/ ? 2 : 1; next }
		block == 2 && !/^#/ || block && /^\$ /
		!block {
			while (match($0, /`[^`]+`/)) {
				code = substr($0, RSTART + 1, RLENGTH - 2)
				$0 = substr($0, RSTART + RLENGTH)
				if (code ~ "^(sudo )?((" tools ") |make )")
					print code
			}
		}' "$1" ;;
	esac
}

text_check() { # FILE: what is wrong with its commands
	local line words
	while IFS= read -r line; do
		read -ra words <<< "$(sed "s/='[^']*'/=/g; s/=\"[^\"]*\"/=/g; s/'/ /g" <<< "$line")"
		command_check "${words[@]}"
		make_check "${words[@]}"
		read -ra words <<< "$(make_run "$line")"
		command_check "${words[@]}"
	done < <(text_commands "$1" | sed 's/;/ ; /g')
}

# `--option` in the running text of the README: some tool has it.
options_check() {
	local option tool
	while read -r option; do
		for tool in $TOOLS; do
			[ -n "$(word_check "$tool" "$option")" ] || continue 2
		done
		echo "no tool has $option"
	done < <(sed '/^ *```/,/^ *```$/d' README.md | grep -oE '`-[^ `]+' | tr -d '`' | grep -vx -e --)
}

test_commands() {
	local text wrong
	for text in $READMES $(for t in $TOOLS; do echo "$t/$t.8"; done); do
		: > "$TMP/checked"
		wrong=$(text_check "$text")
		is "$wrong" '' "$text: its $(wc -l < "$TMP/checked") commands have options that are there"
		case $text in
		README.md|*.8) isnt "$(wc -l < "$TMP/checked")" 0 "$text: commands were found" ;;
		esac
	done
}

# --- files that texts name ---------------------------------------------------------------------------

# `common/plan.h` and its like, and links.
test_files() {
	local text name missing
	for text in $READMES; do
		missing=$(
			{
				grep -oE '`[a-z0-9_.-]+/[a-zA-Z0-9_./-]+`' "$text" | tr -d '`'
				grep -oE '\]\([^)#:]+\)' "$text" | sed 's/^](//; s/)$//'
			} | sort -u | while read -r name; do
				case $name in *mysnoop*|build/*|*/x.*|*/test-x.c) continue ;; esac
				[ -e "$name" ] || [ -e "$(dirname "$text")/$name" ] || echo "$name"
			done
		)
		is "$missing" '' "$text: the files that it names are there"
	done
}

for tool in $TOOLS; do
	[ -e "$tool/$tool.8" ] || { fail "$tool has a man page"; continue; }
	"$BIN/$tool" --help > "$TMP/help.$tool" || bail "$tool --help does not work"
	test_man "$tool"
	test_format "$tool"
done
test_commands
# A new tool need not have the options of those that the README is about.
[ -n "$ALL" ] && is "$(options_check)" '' 'README.md: the options that it speaks of are there'
test_files
done_testing
