// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * check - holds the types of vmlinux/vmlinux.h against the BTF of kernels.
 *
 *	check TYPES.o KERNEL=BTF-FILE... [+KERNEL=BTF-FILE...]
 *
 * TYPES.o is vmlinux.h compiled so that all its types are in the BTF. The rule is the one at
 * the top of vmlinux.h: a type, field or enum value must be in every kernel; in a flavour
 * (name___why) it must be in one at least, be it one of another architecture, given with "+".
 * A field that is there must be of a kind and, for numbers, of a size that a CO-RE access can
 * read; of another kind it is absent to bpf_core_field_exists(), so a flavour may be that
 * (libbpf: bpf_core_fields_are_compat()).
 * Prints one line of TAP a type, without the plan.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>

#define MAX_KERNELS 32

struct kernel {
	const char *name;
	struct btf *btf;
};

/* The ones that count for every type come first, then those that count for flavours only. */
static struct kernel kernels[MAX_KERNELS];
static int kernel_count, own_count;
static const struct btf *ours;

/* What is wrong with the type at hand, as diagnostics below its result. */
static char problems[16384];

static void problem_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void problem_add(const char *format, ...)
{
	size_t used = strlen(problems);
	va_list args;

	va_start(args, format);
	vsnprintf(problems + used, sizeof(problems) - used, format, args);
	va_end(args);
}

static const char *name_of(const struct btf *btf, __u32 offset)
{
	return btf__name_by_offset(btf, offset) ?: "";
}

/* "name___why" is the flavour of "name". */
static bool split_flavour(const char *name, char *base, size_t size)
{
	const char *flavour = strstr(name, "___");

	snprintf(base, size, "%.*s", flavour ? (int)(flavour - name) : (int)strlen(name),
		 name);
	return flavour;
}

static const struct btf_type *type_resolve(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* A member by name, also inside members that have none. */
static const struct btf_member *member_find(const struct btf *btf,
					    const struct btf_type *t, const char *name)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++, m++) {
		const struct btf_type *inner;
		const struct btf_member *found;

		if (m->name_off) {
			if (!strcmp(name_of(btf, m->name_off), name))
				return m;
			continue;
		}
		inner = type_resolve(btf, m->type);
		found = inner && btf_is_composite(inner) ? member_find(btf, inner, name)
							 : NULL;
		if (found)
			return found;
	}
	return NULL;
}

static bool is_number(const struct btf_type *t)
{
	return btf_is_int(t) || btf_is_any_enum(t);
}

static const char another_kind[] = "is of another kind";

/* NULL if our access can read theirs, else why not. */
static const char *field_mismatch(__u32 our_id, const struct btf *btf, __u32 their_id)
{
	const struct btf_type *a = type_resolve(ours, our_id);
	const struct btf_type *b = type_resolve(btf, their_id);

	if (btf_is_array(a) && btf_is_array(b))
		return field_mismatch(btf_array(a)->type, btf, btf_array(b)->type);
	if (is_number(a) && is_number(b))
		return a->size == b->size ? NULL : "is a number of another size";
	if (btf_is_composite(a) && btf_is_composite(b))
		return NULL;
	if (btf_is_ptr(a) && btf_is_ptr(b))
		return NULL;
	return another_kind;
}

/* The kernel's type of that name; a typedef of a struct without a tag counts as the struct. */
static const struct btf_type *kernel_type(const struct btf *btf, const char *name,
					  int kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	return id < 0 ? NULL : type_resolve(btf, id);
}

/* How many kernels have the field; those that have it otherwise are problems. */
static int field_count(const char *base, int kind, const struct btf_member *m,
		       bool flavour)
{
	const char *name = name_of(ours, m->name_off);
	int count = 0;

	for (int k = 0; k < (flavour ? kernel_count : own_count); k++) {
		const struct btf *btf = kernels[k].btf;
		const struct btf_type *t = kernel_type(btf, base, kind);
		const struct btf_member *theirs;
		const char *why;

		theirs = t && btf_is_composite(t) ? member_find(btf, t, name) : NULL;
		if (!theirs)
			continue;
		why = field_mismatch(m->type, btf, theirs->type);
		if (flavour && why == another_kind)
			continue;
		count++;
		if (why)
			problem_add("# %s.%s %s in %s\n", base, name, why,
				    kernels[k].name);
	}
	return count;
}

static void absence_add(const char *base, const char *name, int count, bool flavour)
{
	if (flavour && !count)
		problem_add("# %s.%s: none of the kernels has it\n", base, name);
	if (!flavour && count < own_count)
		problem_add("# %s.%s: %d of %d kernels have it, so it wants a flavour\n",
			    base, name, count, own_count);
}

static int composite_check(const struct btf_type *t, const char *base, int kind,
			   bool flavour)
{
	const struct btf_member *m = btf_members(t);
	int fields = 0;

	for (int i = 0; i < btf_vlen(t); i++, m++) {
		const struct btf_type *inner = type_resolve(ours, m->type);

		if (m->name_off) {
			absence_add(base, name_of(ours, m->name_off),
				    field_count(base, kind, m, flavour), flavour);
			fields++;
		} else if (btf_is_composite(inner)) {
			fields += composite_check(inner, base, kind, flavour);
		}
	}
	return fields;
}

static bool enum_value(const struct btf *btf, const struct btf_type *t, const char *name,
		       __s64 *value)
{
	for (int i = 0; i < btf_vlen(t); i++) {
		bool wide = btf_is_enum64(t);
		__u32 offset = wide ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;

		if (strcmp(name_of(btf, offset), name))
			continue;
		*value = wide ? (__s64)btf_enum64_value(&btf_enum64(t)[i])
			      : btf_enum(t)[i].val;
		return true;
	}
	return false;
}

static int enum_check(const struct btf_type *t, const char *base, bool flavour)
{
	const struct btf_enum *e = btf_enum(t);

	for (int i = 0; i < btf_vlen(t); i++, e++) {
		const char *name = name_of(ours, e->name_off);
		int count = 0;

		for (int k = 0; k < (flavour ? kernel_count : own_count); k++) {
			const struct btf *btf = kernels[k].btf;
			const struct btf_type *theirs =
				kernel_type(btf, base, BTF_KIND_ENUM);
			__s64 value;

			if (!theirs || !btf_is_any_enum(theirs) ||
			    !enum_value(btf, theirs, name, &value))
				continue;
			count++;
			if (value != e->val)
				problem_add("# %s is %lld in %s, here %d\n", name,
					    (long long)value, kernels[k].name, e->val);
		}
		absence_add(base, name, count, flavour);
	}
	return btf_vlen(t);
}

static void type_check(__u32 id, int number)
{
	const struct btf_type *t = btf__type_by_id(ours, id);
	const struct btf_type *body = type_resolve(ours, id);
	const char *name = name_of(ours, t->name_off);
	int kind = btf_kind(t), count = 0, parts;
	bool flavour;
	char base[128];

	problems[0] = '\0';
	flavour = split_flavour(name, base, sizeof(base));
	for (int k = 0; k < own_count; k++)
		count += !!kernel_type(kernels[k].btf, base, kind);
	if (btf_is_composite(body))
		parts = composite_check(body, base, kind, flavour);
	else
		parts = enum_check(body, base, flavour);
	if (count < own_count && !flavour)
		problem_add("# only %d of %d kernels have the type\n", count, own_count);
	printf("%s %d - %s: %d names, %d kernels\n%s", problems[0] ? "not ok" : "ok",
	       number, name, parts, own_count, problems);
}

/* Types that say something about the kernel: with a tag, or a typedef of one without. */
static bool is_checked(const struct btf_type *t)
{
	const struct btf_type *target;

	if (!t->name_off)
		return false;
	if (btf_is_composite(t) || btf_is_any_enum(t))
		return true;
	if (!btf_is_typedef(t))
		return false;
	target = btf__type_by_id(ours, t->type);
	return btf_is_composite(target) && !target->name_off;
}

static int kernels_open(char **argv)
{
	for (; *argv; argv++) {
		char *file = strchr(*argv, '=');

		if (!file || kernel_count == MAX_KERNELS)
			return -1;
		*file++ = '\0';
		kernels[kernel_count].name = *argv;
		own_count += **argv != '+';
		kernels[kernel_count].btf = btf__parse(file, NULL);
		if (!kernels[kernel_count].btf) {
			printf("Bail out! no BTF in %s\n", file);
			return -1;
		}
		kernel_count++;
	}
	return own_count ? 0 : -1;
}

int main(int argc, char **argv)
{
	int number = getenv("FIRST") ? atoi(getenv("FIRST")) : 1;

	if (argc < 3)
		return 2;
	ours = btf__parse(argv[1], NULL);
	if (!ours || kernels_open(argv + 2))
		return 1;
	for (__u32 id = 1; id < btf__type_cnt(ours); id++)
		if (is_checked(btf__type_by_id(ours, id)))
			type_check(id, number++);
	return 0;
}
