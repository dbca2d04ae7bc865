/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctype: the types of C as expressions use them: where they come from (BTF), what is in them, and
 * C's rules about them.
 *
 *	struct ctypes types = {};
 *	kernel = ctypes_add(&types, data, size, NULL);	the kernel's (ktypes_bytes())
 *	ctypes_add(&types, data, size, kernel);		a module's (ktypes_read())
 *	file = ctypes_tag(&types, CTYPE_STRUCT, "file");
 *	ctype_member_find(file, "f_path", &member);
 *	ctypes_free(&types);
 *
 * A type is made when it is first asked for, and the same type of the same BTF is the same pointer
 * each time. Nothing is done for the rest of the kernel's 120,000: who asks for a few names waits
 * for a few looks over the names of their kind (tags, other types, functions, enum constants), and
 * only who asks for many has them hashed.
 *
 * Qualifiers are dropped. Typedefs are what they stand for, and `alias` keeps their name.
 *
 * Units: sizes in bytes, offsets of members in bits. Pointers and long have 8 bytes: there are no
 * tracers of 32-bit kernels here. Byte order is the machine's.
 * Ownership: types and names belong to struct ctypes, and the bytes of BTF to the caller, for as
 * long: names point into them. The types that need no BTF (ctype_basic()) are constants.
 * Errors: none is reported here. In BTF that is damaged a type that makes no sense is void, which
 * nothing can be read from; a lookup ends, whatever the types point to.
 * Relies on: Documentation/bpf/btf.rst.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/arena.h"

struct near;
struct strbuf;

enum ctype_kind {
	CTYPE_VOID,
	CTYPE_INT,
	CTYPE_FLOAT,
	CTYPE_POINTER,
	CTYPE_ARRAY,
	CTYPE_STRUCT,
	CTYPE_UNION,
	CTYPE_ENUM,
	CTYPE_FUNCTION,
};

/* How a value is handed to functions (probe/abi.h), as far as it is not C's own way. In BTF it is a
 * tag of the type, CTYPE_TAG_BY_ADDRESS or CTYPE_TAG_UNKNOWN, which probe/dwarfbtf.c gives. */
enum ctype_passing {
	CTYPE_PASSED_AS_C,
	CTYPE_PASSED_BY_ADDRESS, /* C++: an object that cannot be copied as bytes */
	CTYPE_PASSED_SOMEHOW,	 /* not known */
};

#define CTYPE_TAG_BY_ADDRESS "passed by address"
#define CTYPE_TAG_UNKNOWN "passed somehow"

struct ctype_source; /* types of one BTF file */

struct ctype {
	enum ctype_kind kind;
	bool is_signed;		    /* INT, ENUM */
	bool is_bool;		    /* INT: _Bool */
	bool is_char;		    /* INT: char itself, whose arrays are text */
	bool is_user, is_percpu;    /* POINTER: tagged so, in kernels that clang built */
	bool is_incomplete;	    /* STRUCT, UNION: only declared; see ctype_complete() */
	enum ctype_passing passing;
	uint64_t size;		    /* 0: void, functions, what is not known */
	uint32_t count;		    /* ARRAY: elements; 0: a flexible array */
	const char *name;	    /* INT, FLOAT: as C writes it; tags: NULL if they have none */
	const char *alias;	    /* the typedef it was named by, or NULL */
	const struct ctype *target; /* POINTER, ARRAY: to what, of what; FUNCTION: its value */
	struct ctype_source *source; /* NULL: of no BTF */
	uint32_t id;		     /* in source: not the typedef's but the type's own */
};

struct ctypes {
	struct ctype_source *first, **last; /* private */
	const struct ctype_source *foreign; /* of types only: its functions are not found */
	struct arena arena;		    /* private: what types are made in */
	unsigned int depth;		    /* private */
};

/* Adds a file of BTF; data is to be aligned for 4 bytes. base: what a module's BTF continues,
 * else NULL. Lookups ask the files in the order in which they were added.
 * NULL: it is no BTF of this byte order, or is damaged, or has kinds of types not known here. */
struct ctype_source *ctypes_add(struct ctypes *types, const void *data, size_t size,
				struct ctype_source *base);

/* The caller lets go of the bytes: the types that were made stay, but not their names, and nothing
 * is found in them or by name any more. */
void ctypes_settle(struct ctypes *types);
void ctypes_free(struct ctypes *types);

/* --- by name ---------------------------------------------------------------------------------- */

/* struct, union or enum NAME, or NULL. Of several of a name the first that is complete. */
const struct ctype *ctypes_tag(struct ctypes *types, enum ctype_kind kind, const char *name);

/* A typedef, or a basic type as ctype_basic() takes it; or NULL. */
const struct ctype *ctypes_named(struct ctypes *types, const char *name);

struct ctype_function {
	const char *name;
	const struct ctype *type; /* FUNCTION */
	uint32_t id;		  /* of BTF's FUNC, for attaching; 0: a tracepoint's */
	unsigned int hidden;	  /* parameters that nobody sees: a tracepoint's first */
};

/* -ENOENT: there is none of this name. */
int ctypes_function(struct ctypes *types, const char *name, struct ctype_function *f);

/* What a raw tracepoint's programs are given (btf_trace_NAME; include/trace/bpf_probe.h). Its
 * parameters have names where the kernel kept a function with them. -ENOENT: there is none. */
int ctypes_tracepoint(struct ctypes *types, const char *name, struct ctype_function *f);

struct ctype_constant {
	const char *name;
	const struct ctype *type; /* ENUM */
	uint64_t value;		  /* sign-extended, if the enum is signed */
	bool is_cut;	   /* only the lower 32 bits are known: 64-bit enums before ENUM64 */
	bool is_ambiguous; /* another enum, of whichever file, gives the name another value */
};

/* A constant of any enum, the first of this name. -ENOENT: there is none. */
int ctypes_constant(struct ctypes *types, const char *name, struct ctype_constant *c);

/* Offers all names of a kind, for "did you mean": INT: typedefs and basic types; STRUCT, UNION,
 * ENUM: these tags; FUNCTION: functions. */
void ctypes_near(struct ctypes *types, enum ctype_kind kind, struct near *near);
void ctypes_near_constant(struct ctypes *types, struct near *near);

/* --- what is in a type ------------------------------------------------------------------------ */

/* The definition of a struct or union that was only declared, if the file that declares it has it;
 * otherwise the type itself. The functions below do this on their own. */
const struct ctype *ctype_complete(const struct ctype *type);

struct ctype_member {
	const char *name; /* "": anonymous */
	const struct ctype *type;
	uint64_t bit_offset; /* from the beginning of the struct that was asked */
	unsigned int bits;   /* of a bitfield; 0: it is none. Signed as its type is. */
};

/* Members of a struct or union, in its order; anonymous ones as one member. False: no such index,
 * so counting up from 0 ends there. */
bool ctype_member(const struct ctype *type, unsigned int index, struct ctype_member *m);

/* By name, also through anonymous structs and unions. */
bool ctype_member_find(const struct ctype *type, const char *name, struct ctype_member *m);

/* Offers all names that ctype_member_find() would find. */
void ctype_member_near(const struct ctype *type, struct near *near);

/* Constants of an enum, in its order; is_ambiguous is not looked at. */
bool ctype_enumerator(const struct ctype *type, unsigned int index, struct ctype_constant *c);

struct ctype_param {
	const char *name; /* "": it has none */
	const struct ctype *type;
};

/* Parameters of a FUNCTION. */
bool ctype_param(const struct ctype *type, unsigned int index, struct ctype_param *p);
bool ctype_is_variadic(const struct ctype *type);

/* ... as the user counts them, without the hidden ones. */
bool ctype_function_param(const struct ctype_function *f, unsigned int index,
			  struct ctype_param *p);

/* --- made from others ------------------------------------------------------------------------- */

const struct ctype *ctypes_pointer(struct ctypes *types, const struct ctype *target);
const struct ctype *ctypes_array(struct ctypes *types, const struct ctype *element,
				 uint32_t count);

/* An array as the pointer to its first element, a function as a pointer to it. */
const struct ctype *ctypes_decay(struct ctypes *types, const struct ctype *type);

/* --- C's rules -------------------------------------------------------------------------------- */

/* A basic type by its keywords in any order ("long unsigned", "unsigned long int"), with single
 * spaces; or NULL: C has no such type. */
const struct ctype *ctype_basic(const char *words);

/* By size (1, 2, 4, 8) and sign: char to long. */
const struct ctype *ctype_integer(unsigned int size, bool is_signed);

extern const struct ctype ctype_void;

/* INT or ENUM. */
bool ctype_is_integer(const struct ctype *type);

/* Has a truth value: integers and pointers. */
bool ctype_is_scalar(const struct ctype *type);

/* sizeof. False: it has none (void, functions, what is only declared). */
bool ctype_size(const struct ctype *type, uint64_t *size);

/* The integer promotions. bits: of a bitfield, else 0. NULL: it is no integer that a register
 * holds. */
const struct ctype *ctype_promote(const struct ctype *type, unsigned int bits);

/* The usual arithmetic conversions: what both sides become, of types that may be unpromoted.
 * NULL: a side is no integer that a register holds. */
const struct ctype *ctype_arithmetic(const struct ctype *a, const struct ctype *b);

/* An enum constant's own type: int if it fits (C11 6.4.4.3), else its enum's integer type. */
const struct ctype *ctype_constant_type(const struct ctype_constant *c);

/* Of two types whether they are one for C's purposes: typedefs do not count, and structs of two
 * files are one if name and size are. */
bool ctype_same(const struct ctype *a, const struct ctype *b);

enum ctype_comparison {
	CTYPE_COMPARE_NOT,	  /* a struct, void */
	CTYPE_COMPARE_INTEGERS,	  /* as ctype_arithmetic() says */
	CTYPE_COMPARE_POINTERS,	  /* to one type, or to void: as addresses */
	CTYPE_COMPARE_DISTINCT,	  /* pointers to two types: C compilers warn */
	CTYPE_COMPARE_POINTER_INTEGER, /* right for 0; else C compilers warn */
};

/* How ==, < and the like compare; arrays and functions as what they decay to. */
enum ctype_comparison ctype_compare(const struct ctype *a, const struct ctype *b);

/* Adds the type as C writes it, "char [16]"; with a name, "char comm[16]". */
void ctype_print(const struct ctype *type, const char *name, struct strbuf *text);
