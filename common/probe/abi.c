// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "expr/ctype.h"
#include "probe/abi.h"

#define LOOKED_MAX 4096 /* in damaged BTF a struct may hold itself */
#define DEPTH_MAX 32
#define LARGE 64	/* what is larger lies in memory, whatever is in it */

#define X86_INTEGERS 6
#define ARM_INTEGERS 8
#define FLOATS 8

/* --- what is in a type ------------------------------------------------------------------------ */

/* Of the words of 8 bytes just the first two matter. */
struct parts {
	uint64_t size, alignment;
	bool integer[2], floating[2];
	bool has_integers, is_odd; /* odd: how it is handed over cannot be told */
	bool is_wide;		   /* floating point of 16 bytes that is no long double */
	uint64_t float_size;	   /* if all that is in it is floating point of one size */
	bool mixes_floats;
	unsigned int looked, depth;
};

static bool is_wide_float(const struct ctype *type)
{
	return type->size == 16 && (!type->name || strcmp(type->name, "long double"));
}

/* _BitInt(128) is aligned otherwise. */
static bool is_int128(const struct ctype *type)
{
	return type->kind == CTYPE_INT && type->name && strstr(type->name, "__int128");
}

static bool is_power(uint64_t size)
{
	return size && !(size & (size - 1));
}

/* An integer, a pointer, a number of floating point; bit: where it begins. */
static void leaf_add(struct parts *p, const struct ctype *type, uint64_t bit, unsigned int bits)
{
	bool is_float = type->kind == CTYPE_FLOAT;
	uint64_t last = bit + (bits ? bits : 8 * type->size) - 1;

	/* What is packed is handed over in its own ways, and so are bitfields of 16 bytes. */
	p->is_odd |= !is_power(type->size) || (bits ? type->size > 8 : bit % (8 * type->size));
	p->is_odd |= type->size > 8 && !is_float && !is_int128(type);
	if (!bits && type->size > p->alignment)
		p->alignment = type->size;
	for (uint64_t word = bit / 64; word <= last / 64 && word < 2; word++)
		*(is_float ? &p->floating[word] : &p->integer[word]) = true;
	p->has_integers |= !is_float;
	if (!is_float)
		return;
	p->is_wide |= is_wide_float(type);
	p->mixes_floats |= p->float_size && p->float_size != type->size;
	p->float_size = type->size;
}

static void type_add(struct parts *p, const struct ctype *type, uint64_t bit);

/* Of a large one just the alignment matters, which is that of its element. */
static void array_add(struct parts *p, const struct ctype *type, uint64_t bit)
{
	uint32_t count = p->size > LARGE ? 1 : type->count;

	p->is_odd |= !type->count;
	for (uint32_t i = 0; i < count && !p->is_odd; i++)
		type_add(p, type->target, bit + 8 * i * type->target->size);
}

/* One without members may be what C has no word for. */
static void record_add(struct parts *p, const struct ctype *type, uint64_t bit)
{
	struct ctype_member m;
	unsigned int i = 0;

	for (; !p->is_odd && ctype_member(type, i, &m); i++) {
		if (m.bits)
			leaf_add(p, m.type, bit + m.bit_offset, m.bits);
		else
			type_add(p, m.type, bit + m.bit_offset);
	}
	p->is_odd |= !i;
}

static void type_add(struct parts *p, const struct ctype *type, uint64_t bit)
{
	p->is_odd |= p->looked++ == LOOKED_MAX || p->depth == DEPTH_MAX ||
		     type->passing != CTYPE_PASSED_AS_C;
	if (p->is_odd)
		return;
	p->depth++;
	switch (type->kind) {
	case CTYPE_INT:
	case CTYPE_ENUM:
	case CTYPE_POINTER:
	case CTYPE_FLOAT:
		leaf_add(p, type, bit, 0);
		break;
	case CTYPE_ARRAY:
		array_add(p, type, bit);
		break;
	case CTYPE_STRUCT:
	case CTYPE_UNION:
		record_add(p, ctype_complete(type), bit);
		break;
	case CTYPE_VOID:
	case CTYPE_FUNCTION:
		p->is_odd = true;
	}
	p->depth--;
}

/* An array as a parameter is a pointer in C: here it is something else. */
static void parts_find(struct parts *p, const struct ctype *type)
{
	*p = (struct parts){ .is_odd = type->kind == CTYPE_ARRAY };
	p->is_odd |= !ctype_size(type, &p->size) || !p->size;
	if (!p->is_odd)
		type_add(p, type, 0);
}

static bool is_record(const struct ctype *type)
{
	return type->kind == CTYPE_STRUCT || type->kind == CTYPE_UNION;
}

static unsigned int words(uint64_t size)
{
	return (size + 7) / 8;
}

/* --- the machines' rules ---------------------------------------------------------------------- */

static struct abi_place lost(struct abi *a)
{
	a->lost = true;
	return (struct abi_place){ .where = ABI_UNKNOWN };
}

static struct abi_place on_stack(struct abi *a, const struct parts *p)
{
	struct abi_place place = { .where = ABI_STACK };

	if (p->alignment > 8)
		a->stack = (a->stack + 15) & ~15ull;
	place.at = a->stack;
	a->stack += 8 * words(p->size);
	return place;
}

static struct abi_place in_registers(struct abi *a, unsigned int integers, unsigned int floats)
{
	struct abi_place place = {
		.where = !floats ? ABI_REGISTERS : integers ? ABI_BOTH : ABI_FLOATS,
		.at = integers ? a->integers : a->floats,
	};

	a->integers += integers;
	a->floats += floats;
	return place;
}

/* Its class is X87: an argument lies in memory, a result in st(0). */
static bool is_x87(const struct parts *p)
{
	return p->float_size == 16 && !p->has_integers && !p->mixes_floats;
}

/* What is in it is known, and it has no union of a long double and something else. */
static bool x86_is_known(const struct parts *p)
{
	if (p->is_odd || p->is_wide)
		return false;
	if (p->size > 16 || is_x87(p))
		return true;
	for (unsigned int i = 0; i < words(p->size); i++) {
		if (!p->integer[i] && !p->floating[i]) /* nothing but padding */
			return false;
	}
	return p->alignment < 16 || !p->floating[0];
}

static struct abi_place x86_place(struct abi *a, const struct parts *p)
{
	unsigned int integers = 0, floats = 0;

	if (!x86_is_known(p))
		return lost(a);
	if (p->size > 16 || is_x87(p))
		return on_stack(a, p);
	for (unsigned int i = 0; i < words(p->size); i++) {
		integers += p->integer[i];
		floats += !p->integer[i];
	}
	/* All of it or nothing: whoever comes later may still get the registers. */
	if (a->integers + integers > X86_INTEGERS || a->floats + floats > FLOATS)
		return on_stack(a, p);
	return in_registers(a, integers, floats);
}

/* Up to four members of one size. */
static unsigned int floats_alone(const struct parts *p)
{
	if (!p->float_size || p->has_integers || p->mixes_floats || p->size > 4 * p->float_size)
		return 0;
	return p->size / p->float_size;
}

static struct abi_place arm_place(struct abi *a, const struct parts *p)
{
	unsigned int count = floats_alone(p);

	if (p->is_odd)
		return lost(a);
	if (count && a->floats + count > FLOATS) {
		a->floats = FLOATS;
		return on_stack(a, p);
	}
	if (count)
		return in_registers(a, 0, count);
	if (p->alignment > 8)
		a->integers += a->integers % 2;
	count = words(p->size);
	if (a->integers + count <= ARM_INTEGERS)
		return in_registers(a, count, 0);
	a->integers = ARM_INTEGERS; /* nobody behind it gets one */
	return on_stack(a, p);
}

/* The caller makes a copy, and its address is the argument. */
static struct abi_place arm_address(struct abi *a)
{
	static const struct parts pointer = { .size = 8, .alignment = 8, .has_integers = true };
	struct abi_place place = arm_place(a, &pointer);

	place.is_address = true;
	return place;
}

/* Machines differ in all that is no word. */
static struct abi_place word_place(struct abi *a, const struct parts *p)
{
	if (p->is_odd || p->floating[0] || p->size > 8 || !is_power(p->size))
		return lost(a);
	return in_registers(a, 1, 0);
}

static struct abi_place slot_place(struct abi *a, const struct ctype *type)
{
	uint64_t size;

	if (type->kind == CTYPE_FLOAT || !ctype_size(type, &size) || !size || size > 16)
		return lost(a);
	return in_registers(a, words(size), 0);
}

/* --- all of them ------------------------------------------------------------------------------ */

void abi_start(struct abi *a, enum abi_kind kind)
{
	*a = (struct abi){ .kind = kind };
}

void abi_result(struct abi *a, const struct ctype *type)
{
	struct parts p;

	/* Arm's address of a result has a register of its own. */
	if (a->kind == ABI_ARM64 || a->kind == ABI_SLOTS)
		return;
	if (type->passing == CTYPE_PASSED_BY_ADDRESS) {
		a->integers++;
		return;
	}
	if (type->kind == CTYPE_VOID)
		return;
	parts_find(&p, type);
	if (a->kind == ABI_WORDS)
		a->lost = p.is_odd || is_record(type) || p.size > 8;
	else if (!x86_is_known(&p) && type->kind != CTYPE_FLOAT)
		a->lost = true;
	else if (p.size > 16)
		a->integers++;
}

struct abi_place abi_parameter(struct abi *a, const struct ctype *type)
{
	struct parts p;

	if (a->lost)
		return lost(a);
	if (a->kind == ABI_SLOTS)
		return slot_place(a, type);
	parts_find(&p, type);
	if (a->kind == ABI_X86_64)
		return x86_place(a, &p);
	if (a->kind == ABI_WORDS)
		return word_place(a, &p);
	if (!p.is_odd && is_record(type) && p.size > 16 && !floats_alone(&p))
		return arm_address(a);
	return arm_place(a, &p);
}
