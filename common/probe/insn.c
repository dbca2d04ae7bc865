// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>

#include "probe/insn.h"

#ifdef __x86_64__
/* Opcodes that branch_setup_xol_ops() takes for its own. */
static bool taken_for_branch(uint8_t opcode)
{
	return (opcode >= 0x70 && opcode <= 0x7f) || opcode == 0xe8 || opcode == 0xe9 ||
	       opcode == 0xeb || opcode == 0x90;
}

const char *insn_refused(const uint8_t *bytes, size_t size)
{
	size_t at;

	if (!size)
		return NULL;
	switch (bytes[0]) {
	case 0x62: /* EVEX: three more bytes */
		at = 4;
		break;
	case 0xc4: /* VEX: two more */
		at = 3;
		break;
	case 0xc5: /* VEX: one more */
		at = 2;
		break;
	default:
		return NULL;
	}
	if (at >= size || !taken_for_branch(bytes[at]))
		return NULL;
	return "it begins with an AVX instruction that the kernel would take for a jump, and the "
	       "program would go wrong";
}
#else
const char *insn_refused(const uint8_t *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	return NULL;
}
#endif
