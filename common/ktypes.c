// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "ktypes.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* The kernel's BTF as it lies in the file, and where in it each type begins. */
static struct {
	char *data;
	size_t size;
	size_t mapped; /* its size, if it is mapped and not allocated */
	bool kept;     /* ktypes_bytes() has handed it out */
	const char *strings;
	size_t strings_size;
	const struct btf_type **type; /* by id; [0] is NULL: void */
	__u32 count;
	bool running; /* of the kernel that runs */
} types;

/* What ktypes_bytes() has handed out. */
static struct {
	char *data;
	size_t mapped;
} handed;

static int subset_fd = -1;

/* --- reading --------------------------------------------------------------------------------- */

/* The bytes of a type behind its struct btf_type, or -EINVAL for a kind that came later. */
static int kind_size(const struct btf_type *t)
{
	int n = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return -EINVAL;
	}
}

static const char *string_at(__u32 offset)
{
	return offset < types.strings_size ? types.strings + offset : "";
}

static const char *type_name(const struct btf_type *t)
{
	return string_at(t->name_off);
}

static const struct btf_type *type_by_id(__u32 id)
{
	return id < types.count ? types.type[id] : NULL;
}

static int index_types(const char *at, const char *end)
{
	/* No kernel's types take less than 12 bytes each. */
	size_t most = (end - at) / sizeof(struct btf_type) + 1;

	types.type = malloc(most * sizeof(*types.type));
	if (!types.type)
		diag_no_memory();
	types.type[0] = NULL;
	types.count = 1;
	while (at + sizeof(struct btf_type) <= end) {
		const struct btf_type *t = (const void *)at;
		int size = kind_size(t);

		if (size < 0)
			return size;
		types.type[types.count++] = t;
		at += sizeof(*t) + size;
	}
	return at == end ? 0 : -EINVAL;
}

static int index_data(size_t size)
{
	const struct btf_header *h = (const void *)types.data;
	const char *body;

	if (size < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len > size)
		return -EINVAL;
	body = types.data + h->hdr_len;
	size -= h->hdr_len;
	if (h->hdr_len % 4 || h->type_off % 4 || (size_t)h->type_off + h->type_len > size ||
	    (size_t)h->str_off + h->str_len > size || !h->str_len ||
	    body[h->str_off + h->str_len - 1])
		return -EINVAL;
	types.strings = body + h->str_off;
	types.strings_size = h->str_len;
	return index_types(body + h->type_off, body + h->type_off + h->type_len);
}

static ssize_t read_rest(int fd, size_t size, char **data)
{
	size_t got = 0;
	ssize_t n = 1;

	*data = malloc(size + 1);
	if (!*data)
		diag_no_memory();
	while (got < size && n > 0) {
		n = read(fd, *data + got, size - got);
		got += n > 0 ? n : 0;
	}
	return n < 0 ? -errno : (ssize_t)got;
}

/* Mapped, so that no byte is copied, or read. 6.12's sysfs cannot do that yet. */
static ssize_t read_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t size = -1;
	struct stat st;
	void *map;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		size = -errno;
	} else {
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED) {
			types.data = map;
			types.mapped = size = st.st_size;
		} else {
			size = read_rest(fd, st.st_size, &types.data);
		}
	}
	close(fd);
	return size;
}

/* An ELF file, which libbpf knows how to take apart. */
static ssize_t read_elf(const char *name, char **data)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL); /* who asks tells */
	struct btf *btf = btf__parse_elf(name, NULL);
	const void *raw;
	__u32 size;

	libbpf_set_print(print);
	if (libbpf_get_error(btf))
		return libbpf_get_error(btf);
	raw = btf__raw_data(btf, &size);
	*data = malloc(size);
	if (!raw || !*data)
		diag_no_memory();
	memcpy(*data, raw, size);
	btf__free(btf);
	return size;
}

static void data_free(char *data, size_t mapped)
{
	if (mapped)
		munmap(data, mapped);
	else
		free(data);
}

static void types_free(void)
{
	if (types.kept) {
		handed.data = types.data;
		handed.mapped = types.mapped;
	} else {
		data_free(types.data, types.mapped);
	}
	free(types.type);
	memset(&types, 0, sizeof(types));
}

int ktypes_open(const char *file)
{
	ssize_t size = read_file(file ? file : VMLINUX_BTF);
	int err = size < 0 ? size : index_data(size);

	if (err == -EINVAL && file) { /* no plain BTF: an ELF file? */
		types_free();
		size = read_elf(file, &types.data);
		err = size < 0 ? -EINVAL : index_data(size);
	}
	types.running = !file;
	types.size = size;
	if (!err)
		return 0;
	if (file && err == -EINVAL)
		diag("--btf: no BTF in '%s'", file);
	else if (file)
		diag_errno(err, "--btf: cannot read '%s'", file);
	else if (err == -ENOENT)
		diag("this kernel has no BTF (" VMLINUX_BTF "): it was built without "
		     "CONFIG_DEBUG_INFO_BTF; give a BTF file made for it with --btf FILE");
	else
		diag_errno(err, "cannot read the kernel's types from " VMLINUX_BTF);
	return err;
}

const void *ktypes_bytes(size_t *size)
{
	types.kept = true;
	*size = types.size;
	return types.data;
}

void ktypes_release(void)
{
	data_free(handed.data, handed.mapped);
	memset(&handed, 0, sizeof(handed));
}

void *ktypes_read(const char *file, size_t *size, int *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;
	char *data = NULL;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st))
		got = S_ISREG(st.st_mode) ? read_rest(fd, st.st_size, &data) : -EINVAL;
	else
		got = -errno;
	if (fd >= 0)
		close(fd);
	if (got >= 2 && *(__u16 *)data != BTF_MAGIC) {
		free(data);
		data = NULL;
		got = read_elf(file, &data);
		got = got < 0 ? -EINVAL : got;
	}
	if (got < 0) {
		free(data);
		data = NULL;
	}
	*size = got < 0 ? 0 : got;
	*err = got < 0 ? got : 0;
	return data;
}

/* The first type of a kind and name, or NULL. */
static const struct btf_type *type_find(const char *name, int kind, __u32 *found)
{
	for (__u32 id = 1; id < types.count; id++) {
		const struct btf_type *t = types.type[id];

		if (btf_kind(t) != kind || *type_name(t) != *name || strcmp(type_name(t), name))
			continue;
		*found = id;
		return types.type[id];
	}
	return NULL;
}

/* typedef void (*btf_trace_NAME)(void *, ARGUMENTS): include/trace/bpf_probe.h */
static int tracepoint_args(const char *name)
{
	const struct btf_type *t;
	char wanted[128];
	__u32 id;

	snprintf(wanted, sizeof(wanted), "btf_trace_%s", name);
	t = type_find(wanted, BTF_KIND_TYPEDEF, &id);
	t = t ? type_by_id(t->type) : NULL;
	t = t ? type_by_id(t->type) : NULL;
	return t && btf_is_func_proto(t) && btf_vlen(t) ? btf_vlen(t) - 1 : -ENOENT;
}

int ktypes_raw_tracepoint_args(const char *name)
{
	int args = tracepoint_args(name);

	/* Every kernel has this one, so every whole BTF file has it. */
	return args == -ENOENT && tracepoint_args("sched_process_exec") < 0 ? -ENODATA : args;
}

int ktypes_function(const char *name)
{
	__u32 id;

	return types.running && type_find(name, BTF_KIND_FUNC, &id) ? (int)id : -ENOENT;
}

bool ktypes_has_member(const char *type, const char *member)
{
	__u32 id;
	const struct btf_type *t = type_find(type, BTF_KIND_STRUCT, &id);

	for (int i = 0; t && i < btf_vlen(t); i++) {
		if (!strcmp(string_at(btf_members(t)[i].name_off), member))
			return true;
	}
	return false;
}

bool ktypes_preemptible_tracepoints(void)
{
	__u32 id;

	return type_find("tracepoint_srcu_srcu_data", BTF_KIND_VAR, &id) &&
	       ktypes_has_member("srcu_struct", "srcu_reader_flavor");
}

int ktypes_enum(const char *type, void (*each)(void *context, const char *name, uint64_t value),
		void *context)
{
	const struct btf_type *t;
	__u32 id;

	t = type_find(type, BTF_KIND_ENUM, &id);
	for (int i = 0; t && i < btf_vlen(t); i++)
		each(context, string_at(btf_enum(t)[i].name_off), (__u32)btf_enum(t)[i].val);
	if (t)
		return 0;
	t = type_find(type, BTF_KIND_ENUM64, &id);
	for (int i = 0; t && i < btf_vlen(t); i++)
		each(context, string_at(btf_enum64(t)[i].name_off),
		     btf_enum64_value(&btf_enum64(t)[i]));
	return t ? 0 : -ENOENT;
}

/* --- the subset: a copy of some of the types, with all pointers made void * ------------------- */

struct subset {
	struct btf *btf;
	__s32 *copy; /* the kernel's type id -> the copy's id; 0: none yet; -ELOOP: at work */
	int depth;   /* of types in types */
};

#define SUBSET_DEPTH 64 /* no kernel's types come near it */

static int subset_type(struct subset *s, __u32 id);

/* Copies a struct or union and what its members hold by value. */
static int subset_record(struct subset *s, const struct btf_type *t)
{
	const struct btf_member *m = btf_members(t);
	int n = btf_vlen(t);
	__s32 *member = calloc(n + 1, sizeof(*member));
	int copy = 0, err = 0;

	if (!member)
		diag_no_memory();
	for (int i = 0; i < n && copy >= 0; i++)
		copy = member[i] = subset_type(s, m[i].type);
	if (copy >= 0 && btf_is_struct(t))
		copy = btf__add_struct(s->btf, type_name(t), t->size);
	else if (copy >= 0)
		copy = btf__add_union(s->btf, type_name(t), t->size);
	for (int i = 0; i < n && copy > 0 && !err; i++)
		err = btf__add_field(s->btf, string_at(m[i].name_off), member[i],
				     btf_member_bit_offset(t, i), btf_member_bitfield_size(t, i));
	free(member);
	return err ? err : copy;
}

static int subset_enum(struct subset *s, const struct btf_type *t)
{
	const struct btf_enum *e = btf_enum(t);
	int copy = btf__add_enum(s->btf, type_name(t), t->size);
	int err = 0;

	for (int i = 0; i < btf_vlen(t) && copy > 0 && !err; i++)
		err = btf__add_enum_value(s->btf, string_at(e[i].name_off), e[i].val);
	return err ? err : copy;
}

static int subset_enum64(struct subset *s, const struct btf_type *t)
{
	const struct btf_enum64 *e = btf_enum64(t);
	int copy = btf__add_enum64(s->btf, type_name(t), t->size, btf_kflag(t));
	int err = 0;

	for (int i = 0; i < btf_vlen(t) && copy > 0 && !err; i++)
		err = btf__add_enum64_value(s->btf, string_at(e[i].name_off),
					    btf_enum64_value(&e[i]));
	return err ? err : copy;
}

static int subset_array(struct subset *s, const struct btf_type *t)
{
	const struct btf_array *a = btf_array(t);
	int element = subset_type(s, a->type);
	int index = subset_type(s, a->index_type);

	if (element < 0 || index < 0)
		return -EINVAL;
	return btf__add_array(s->btf, index, element, a->nelems);
}

static int subset_copy(struct subset *s, const struct btf_type *t)
{
	if (btf_is_composite(t))
		return subset_record(s, t);
	if (btf_is_enum(t))
		return subset_enum(s, t);
	if (btf_is_enum64(t))
		return subset_enum64(s, t);
	if (btf_is_array(t))
		return subset_array(s, t);
	if (btf_is_int(t))
		return btf__add_int(s->btf, type_name(t), t->size, btf_int_encoding(t));
	if (btf_is_float(t))
		return btf__add_float(s->btf, type_name(t), t->size);
	return btf__add_ptr(s->btf, 0);
}

/* The copy's id of a type that is held by value. A damaged file may have circles. */
static int subset_type(struct subset *s, __u32 id)
{
	const struct btf_type *t = type_by_id(id);

	for (int i = 0; t && (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)); i++) {
		if (i == SUBSET_DEPTH)
			return -EINVAL;
		id = t->type;
		t = type_by_id(id);
	}
	if (!t)
		return id ? -EINVAL : 0;
	if (s->copy[id])
		return s->copy[id];
	if (s->depth == SUBSET_DEPTH)
		return -EINVAL;
	s->copy[id] = -ELOOP;
	s->depth++;
	s->copy[id] = subset_copy(s, t);
	s->depth--;
	return s->copy[id];
}

/* Names of types that the object's programs know, without a ___flavour, sorted. */
struct names {
	char **name;
	size_t count;
	/* A quick no for most of the kernel's names: which sums of their first letters occur. */
	unsigned char sieve[4096];
};

static unsigned int sieve_slot(const char *s)
{
	unsigned int slot = s[0] * 31u;

	if (s[0] && s[1])
		slot += s[1] * 7u + s[2];
	return slot % sizeof(((struct names *)0)->sieve);
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_collect(struct names *n, const struct btf *local)
{
	__u32 count = btf__type_cnt(local);

	n->name = calloc(count, sizeof(*n->name));
	if (!n->name)
		diag_no_memory();
	for (__u32 id = 1; id < count; id++) {
		const struct btf_type *t = btf__type_by_id(local, id);
		const char *name = btf__name_by_offset(local, t->name_off);
		const char *flavour = strstr(name, "___");
		char *copy;

		if (!*name || !(btf_is_composite(t) || btf_is_any_enum(t)))
			continue;
		copy = strndup(name, flavour ? (size_t)(flavour - name) : strlen(name));
		if (!copy)
			diag_no_memory();
		n->sieve[sieve_slot(copy)] = 1;
		n->name[n->count++] = copy;
	}
	qsort(n->name, n->count, sizeof(*n->name), name_compare);
}

static void names_free(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->name[i]);
	free(n->name);
}

static int subset_fill(struct subset *s, const struct names *names)
{
	for (__u32 id = 1; id < types.count; id++) {
		const struct btf_type *t = types.type[id];
		const char *name;
		int copy;

		if (!t->name_off || !(btf_is_composite(t) || btf_is_any_enum(t)))
			continue;
		name = type_name(t);
		if (!names->sieve[sieve_slot(name)] ||
		    !bsearch(&name, names->name, names->count, sizeof(name), name_compare))
			continue;
		copy = subset_type(s, id);
		if (copy < 0)
			return copy;
	}
	return 0;
}

const char *ktypes_path(void)
{
	static char path[64];

	if (subset_fd < 0) {
		subset_fd = memfd_create("ktypes", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", subset_fd);
	}
	return path;
}

int ktypes_subset(const struct bpf_object *object)
{
	struct subset s = { .copy = calloc(types.count, sizeof(*s.copy)) };
	struct names names = {};
	const void *data = NULL;
	__u32 size = 0;
	int err;

	s.btf = btf__new_empty();
	if (libbpf_get_error(s.btf) || !s.copy)
		diag_no_memory();
	names_collect(&names, bpf_object__btf(object));
	err = subset_fill(&s, &names);
	if (!err)
		data = btf__raw_data(s.btf, &size);
	if (!err && (!data || write(subset_fd, data, size) != size))
		err = -EIO;
	if (err)
		diag_errno(err, "cannot prepare the kernel's types");
	names_free(&names);
	btf__free(s.btf);
	free(s.copy);
	types_free();
	return err;
}
