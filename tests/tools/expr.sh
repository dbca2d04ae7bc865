#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# expr.sh - what common/expr compiles, run by the kernel: chosen expressions, and random ones
# against the C compiler (in a guest fewer, whose answers were found out outside).
. "$(dirname "$0")/../lib.sh"
need_root
EXPR=$(cd "$BIN/../expr" && pwd) || bail 'the programs of tests/expr are not built'

"$EXPR/fixed" "$EXPR/types.o" > "$TMP/fixed" 2>&1 || bail "fixed: $(tail -n 3 "$TMP/fixed")"
while IFS= read -r line; do
	case $line in
	'ok '*) pass "${line#* - }" ;;
	'not ok '*) fail "${line#* - }" ;;
	'#'*) echo "$line" ;;
	esac
done < "$TMP/fixed"
is "$(grep -c '^\(not \)\?ok ' "$TMP/fixed")" "$(sed -n 's/^1\.\.//p' "$TMP/fixed")" \
	'all chosen expressions were tried'

if [ -e /run/vm/conf ]; then
	ok "$(wc -l < "$EXPR/texts") random expressions" \
		"$EXPR/random" "$EXPR/texts" "$EXPR/answers" "$EXPR/types.o" 1
else
	ok '20000 random expressions' env O="${BIN%/bin}" "$TESTS/expr/run" 20000
fi
done_testing
