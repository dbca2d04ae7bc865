#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# newtool.sh - the README's six steps to a new tool, typed word for word in a copy of the tree:
# the result is built, traces, and passes the tests of the texts and the include rules as it is.
. "$(dirname "$0")/../lib.sh"
# tests/guest leaves this folder; the copy is built and run on the host.
[ ! -e /run/vm/conf ] || skip_all 'the same on every kernel: tested on the host'
need_root
cd "$TESTS/.." || exit 1
COPY=$TMP/copy
mkdir -p "$COPY" "$TMP/bin"

# What a clone has. Not by git: a tarball has none.
tree_copy() {
	local name
	for name in *; do
		case $name in build*) continue ;; esac
		case $name in
		Makefile|README.md|LICENSE*|common|vmlinux|packaging|tests) ;;
		*) [ -e "$name/$name.bpf.c" ] || continue ;;
		esac
		cp -a "$name" "$COPY/" || return
	done
}

# The commands of one step: all blocks of "```sh new-tool" have the steps' indentation.
step_commands() { # NUMBER
	awk -v wanted="$1" '
		/^ *```sh new-tool$/ { step++; on = 1; indent = index($0, "`"); next }
		/^ *```$/ { on = 0 }
		on && step == wanted { print substr($0, indent) }' README.md
}

# As a user would: with a user's environment, not with that of make or the tests.
step_run() { # NUMBER: output in $OUT, STATUS
	STATUS=0
	(cd "$COPY" && env -i PATH="$TMP/bin:$PATH" HOME="${HOME:-/root}" LANG=C.UTF-8 \
		bash -e -u -o pipefail -c "$(step_commands "$1")") > "$OUT" 2>&1 < /dev/null || STATUS=$?
	if [ "$STATUS" = 0 ]; then
		pass "step $1"
	else
		fail "step $1" "status $STATUS: $(step_commands "$1")"
		diag "$(tail -n 20 "$OUT")"
	fi
}

copy_sum() {
	(cd "$COPY" && find . -path ./build -prune -o -type f -exec cksum {} + | sort -k 3)
}

# shellcheck disable=SC2016
printf '#!/bin/sh\nexec "$@"\n' > "$TMP/bin/sudo"
chmod +x "$TMP/bin/sudo"
ok 'the tree was copied' tree_copy
is "$(grep -c '^ *```sh new-tool$' README.md)" 6 'the README has six steps'
before=$(copy_sum)

for step in 1 2 3 4 5; do
	last=$(copy_sum)
	step_run $step
	isnt "$(copy_sum)" "$last" "step $step changes something"
done
# Each sed has to hit: the result of one that does not is the file as it was.
for word in 'mysnoop.h:__u32 cpu;' 'mysnoop.bpf.c:e->cpu = ' 'row.h:tid, uid, cpu;' \
	'row.c:r->cpu = e->cpu;' 'mysnoop.c:{ "CPU", "cpu",' 'mysnoop.8:Va cpu'; do
	ok "${word%%:*} has: ${word#*:}" grep -qF "${word#*:}" "$COPY/mysnoop/${word%%:*}"
done
is "$(copy_sum | grep -v ' \./mysnoop/')" "$before" 'no file outside of the new folder has changed'
is "$(grep -rli opensnoop "$COPY/mysnoop")" '' 'the old name is nowhere in it'

step_run 6
like "$(cat "$OUT")" '^CPU +PID +COMM +FD +ERR +PATH$' 'the new tool prints its header'
like "$(cat "$OUT")" '^[0-9]+ +[0-9]+ +cat +[0-9]+ +0 +/etc/hostname$' \
	'and an event, with the new column'
is "$("$COPY/build/bin/mysnoop" --version | cut -d ' ' -f 1)" mysnoop 'it knows its name'

ok 'the texts of the new tool hold' env -i PATH="$PATH" TOOLS=mysnoop BIN="$COPY/build/bin" \
	"$COPY/tests/unit/texts.sh"
unlike "$(cat "$TMP/ok.log")" '^not ok' '... in all that is tested'
ok 'its JSON is what its man page says' env -i PATH="$PATH" TOOLS=mysnoop \
	BIN="$COPY/build/bin" "$COPY/tests/tools/fields.sh"
unlike "$(cat "$TMP/ok.log")" '^not ok' '... in all that is tested'
ok 'it breaks no include rule' "$COPY/tests/include-rules"
unlike "$(cat "$TMP/ok.log")" '^not ok' '... none of them'
done_testing
