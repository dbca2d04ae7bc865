// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "ktypes.h"
#include "strbuf.h"

#define OP_BITS 8 /* REQ_OP_BITS: operation below, flags above */
#define OPS (1 << OP_BITS)
#define FLAGS (32 - OP_BITS)
#define NAME_MAX_BYTES 32

static char ops[OPS][NAME_MAX_BYTES], flags[FLAGS][NAME_MAX_BYTES];

/* BCC's words where they are not the kernel's. */
static const char *const spelled[][2] = {
	{ "Meta", "Metadata" },	    { "Prio", "Priority" },	{ "Fua", "ForcedUnitAccess" },
	{ "Rahead", "ReadAhead" },  { "Nomerge", "NoMerge" },	{ "Nowait", "NoWait" },
	{ "Nounmap", "NoUnmap" },   { "Drv", "Driver" },
};

/* WRITE_ZEROES as WriteZeroes. */
static void name_spell(char *out, const char *name)
{
	size_t n = 0;
	bool first = true;

	for (; *name && n < NAME_MAX_BYTES - 1; name++) {
		if (*name == '_') {
			first = true;
			continue;
		}
		out[n++] = first ? *name : tolower((unsigned char)*name);
		first = false;
	}
	out[n] = '\0';
	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++)
		if (!strcmp(out, spelled[i][0]))
			snprintf(out, NAME_MAX_BYTES, "%s", spelled[i][1]);
}

static void op_add(void *context, const char *name, uint64_t value)
{
	static const char prefix[] = "REQ_OP_";

	(void)context;
	if (value < OPS && !strncmp(name, prefix, sizeof(prefix) - 1) && strcmp(name, "REQ_OP_LAST"))
		name_spell(ops[value], name + sizeof(prefix) - 1);
}

static void flag_add(void *context, const char *name, uint64_t value)
{
	static const char prefix[] = "__REQ_";

	(void)context;
	if (value >= OP_BITS && value < OP_BITS + FLAGS &&
	    !strncmp(name, prefix, sizeof(prefix) - 1) && strcmp(name, "__REQ_NR_BITS") &&
	    !flags[value - OP_BITS][0])
		name_spell(flags[value - OP_BITS], name + sizeof(prefix) - 1);
}

void flags_start(void)
{
	if (ktypes_enum("req_op", op_add, NULL))
		ktypes_enum("req_opf", op_add, NULL);
	ktypes_enum("req_flag_bits", flag_add, NULL);
}

void flags_op_text(struct strbuf *out, uint32_t value)
{
	unsigned int op = value & (OPS - 1);

	if (ops[op][0])
		strbuf_str(out, ops[op]);
	else
		strbuf_printf(out, "Op%u", op);
}

void flags_text(struct strbuf *out, uint32_t value)
{
	for (int i = FLAGS - 1; i >= 0; i--) {
		if (!(value >> (OP_BITS + i) & 1))
			continue;
		if (flags[i][0])
			strbuf_printf(out, "%s-", flags[i]);
		else
			strbuf_printf(out, "Flag%d-", OP_BITS + i);
	}
	flags_op_text(out, value);
}
