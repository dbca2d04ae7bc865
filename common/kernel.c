// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag.h"
#include "kernel.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

static struct btf *types;      /* the kernel's */
static bool types_are_running; /* ... and of the kernel that runs */
static int subset_fd = -1;

int kernel_btf_open(const char *file)
{
	int err;

	types = btf__parse(file ? file : VMLINUX_BTF, NULL);
	err = libbpf_get_error(types);
	if (!err) {
		types_are_running = !file;
		return 0;
	}
	types = NULL;
	if (file)
		diag_errno(err, "--btf: cannot read types from '%s'", file);
	else if (err == -ENOENT)
		diag("this kernel has no BTF (" VMLINUX_BTF "): it was built without "
		     "CONFIG_DEBUG_INFO_BTF; give a BTF file made for it with --btf FILE");
	else
		diag_errno(err, "cannot read " VMLINUX_BTF);
	return err;
}

const struct btf *kernel_btf(void)
{
	return types;
}

const char *kernel_btf_path(void)
{
	static char path[64];

	if (subset_fd < 0) {
		subset_fd = memfd_create("btf", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", subset_fd);
	}
	return subset_fd < 0 ? NULL : path;
}

/* --- the subset: a copy of some of the kernel's types, pointers all made void * ------------ */

struct subset {
	struct btf *btf;
	__s32 *copy; /* the kernel's type id -> the copy's id; 0: none yet */
};

static int subset_type(struct subset *s, __u32 id);

/* Copies a struct or union and what its members hold by value. */
static int subset_record(struct subset *s, __u32 id, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(types, t->name_off);
	int n = btf_vlen(t);
	__s32 member[n + 1];
	int copy;

	for (int i = 0; i < n; i++) {
		member[i] = subset_type(s, btf_members(t)[i].type);
		if (member[i] < 0)
			return member[i];
	}
	copy = btf_is_struct(t) ? btf__add_struct(s->btf, name, t->size)
				: btf__add_union(s->btf, name, t->size);
	s->copy[id] = copy;
	for (int i = 0; i < n && copy > 0; i++) {
		const struct btf_member *m = btf_members(t) + i;
		int err = btf__add_field(s->btf, btf__name_by_offset(types, m->name_off), member[i],
					 btf_member_bit_offset(t, i),
					 btf_member_bitfield_size(t, i));

		if (err)
			return err;
	}
	return copy;
}

static int subset_enum(struct subset *s, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(types, t->name_off);
	int copy = btf__add_enum(s->btf, name, t->size);

	for (int i = 0; i < btf_vlen(t) && copy > 0; i++) {
		const struct btf_enum *e = btf_enum(t) + i;
		int err = btf__add_enum_value(s->btf, btf__name_by_offset(types, e->name_off),
					      e->val);

		if (err)
			return err;
	}
	return copy;
}

static int subset_array(struct subset *s, const struct btf_type *t)
{
	const struct btf_array *a = btf_array(t);
	int element = subset_type(s, a->type);
	int index = subset_type(s, a->index_type);

	if (element < 0 || index < 0)
		return -ENOMEM;
	return btf__add_array(s->btf, index, element, a->nelems);
}

/* The copy's id of a type that is held by value. */
static int subset_type(struct subset *s, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(types, id);
	int copy;

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)) {
		id = t->type;
		t = btf__type_by_id(types, id);
	}
	if (id == 0 || s->copy[id])
		return s->copy[id];
	if (btf_is_composite(t))
		copy = subset_record(s, id, t);
	else if (btf_is_enum(t))
		copy = subset_enum(s, t);
	else if (btf_is_enum64(t))
		copy = btf__add_enum64(s->btf, btf__name_by_offset(types, t->name_off), 8, false);
	else if (btf_is_array(t))
		copy = subset_array(s, t);
	else if (btf_is_int(t))
		copy = btf__add_int(s->btf, btf__name_by_offset(types, t->name_off), t->size,
				    btf_int_encoding(t));
	else if (btf_is_float(t))
		copy = btf__add_float(s->btf, btf__name_by_offset(types, t->name_off), t->size);
	else
		copy = btf__add_ptr(s->btf, 0);
	s->copy[id] = copy;
	return copy;
}

/* Type names that the object's programs know, without a ___flavour, sorted. */
struct names {
	char **name;
	size_t count;
};

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_collect(struct names *n, const struct btf *local)
{
	__u32 count = btf__type_cnt(local);

	n->name = calloc(count, sizeof(*n->name));
	n->count = 0;
	for (__u32 id = 1; n->name && id < count; id++) {
		const struct btf_type *t = btf__type_by_id(local, id);
		const char *name = btf__name_by_offset(local, t->name_off);
		const char *flavour = strstr(name, "___");

		if (!*name || !(btf_is_composite(t) || btf_is_any_enum(t)))
			continue;
		n->name[n->count++] = flavour ? strndup(name, flavour - name) : strdup(name);
	}
	qsort(n->name, n->count, sizeof(*n->name), name_compare);
}

static void names_free(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->name[i]);
	free(n->name);
}

/* A quick no for most of the kernel's names: which first two letters and length occur. */
struct sieve {
	unsigned char has[4096];
};

static unsigned int sieve_slot(const char *name)
{
	return (name[0] * 31u + (name[0] ? name[1] : 0) * 7u + (name[0] && name[1] ? name[2] : 0)) &
	       4095;
}

static int subset_fill(struct subset *s, const struct names *names)
{
	__u32 count = btf__type_cnt(types);
	struct sieve sieve = {};

	for (size_t i = 0; i < names->count; i++)
		sieve.has[sieve_slot(names->name[i])] = 1;
	for (__u32 id = 1; id < count; id++) {
		const struct btf_type *t = btf__type_by_id(types, id);
		const char *name;

		if (!t->name_off || !(btf_is_composite(t) || btf_is_any_enum(t)))
			continue;
		name = btf__name_by_offset(types, t->name_off);
		if (!sieve.has[sieve_slot(name)] ||
		    !bsearch(&name, names->name, names->count, sizeof(name), name_compare))
			continue;
		if (subset_type(s, id) < 0)
			return -ENOMEM;
	}
	return 0;
}

int kernel_btf_subset(const struct bpf_object *object)
{
	struct subset s = {
		.btf = btf__new_empty(),
		.copy = calloc(btf__type_cnt(types), sizeof(*s.copy)),
	};
	struct names names = {};
	const void *data = NULL;
	__u32 size = 0;
	int err = -ENOMEM;

	if (!libbpf_get_error(s.btf) && s.copy) {
		names_collect(&names, bpf_object__btf(object));
		err = subset_fill(&s, &names);
		names_free(&names);
	}
	if (!err)
		data = btf__raw_data(s.btf, &size);
	if (!data || write(subset_fd, data, size) != size)
		err = err ? err : -EIO;
	if (err)
		diag_errno(err, "cannot prepare the kernel's types");
	btf__free(s.btf);
	free(s.copy);
	return err;
}

/* --- tracepoints --------------------------------------------------------------------------- */

/* typedef void (*btf_trace_NAME)(void *, ARGUMENTS): include/trace/bpf_probe.h */
int kernel_raw_tracepoint_args(const char *name)
{
	const struct btf_type *t;
	char type[128];
	int id;

	if (!types_are_running)
		return -ENODATA;
	snprintf(type, sizeof(type), "btf_trace_%s", name);
	id = btf__find_by_name_kind(types, type, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -ENOENT;
	t = btf__type_by_id(types, id);
	t = btf__type_by_id(types, t->type);
	t = btf__type_by_id(types, t->type);
	return btf_is_func_proto(t) ? btf_vlen(t) - 1 : -ENOENT;
}

/* A mount of tracefs that no other process sees, and that ends with its descriptor. */
static int tracefs_private(void)
{
	int fs = syscall(SYS_fsopen, "tracefs", 1 /* FSOPEN_CLOEXEC */);
	int mnt = -1;

	if (fs >= 0 && !syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0))
		mnt = syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (fs >= 0)
		close(fs);
	return mnt;
}

static int tracefs_open(void)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	int refused = -ENOENT;
	int fd;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		fd = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !faccessat(fd, "events", R_OK, AT_EACCESS))
			return fd;
		if (errno != ENOENT)
			refused = -errno;
		if (fd >= 0)
			close(fd);
	}
	fd = tracefs_private();
	return fd >= 0 ? fd : refused;
}

int kernel_tracepoint_id(const char *name)
{
	static int tracefs = -1;
	char path[256], text[32];
	ssize_t n;
	int fd;

	if (tracefs < 0)
		tracefs = tracefs_open();
	if (tracefs < 0)
		return tracefs;
	snprintf(path, sizeof(path), "events/%s/id", name);
	fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	text[n] = 0;
	return atoi(text);
}

/* --- why the kernel said no ---------------------------------------------------------------- */

static bool has_capability(unsigned int number)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return true;
	return data[number / 32].effective >> number % 32 & 1;
}

static bool is_locked_down(void)
{
	char text[128] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strstr(text, "[confidentiality]");
}

void kernel_explain(int err)
{
	bool bpf = has_capability(CAP_SYS_ADMIN) || has_capability(CAP_BPF);
	bool perfmon = has_capability(CAP_SYS_ADMIN) || has_capability(CAP_PERFMON);

	if (err < 0)
		err = -err;
	if ((err == EPERM || err == EACCES) && !(bpf && perfmon))
		diag("not permitted: needs %s%s%s; run it as root (sudo)",
		     bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
		     perfmon ? "" : "CAP_PERFMON");
	else if ((err == EPERM || err == ENOMEM) && !has_capability(CAP_SYS_RESOURCE))
		diag("not permitted: kernels before 5.11 count BPF memory as locked memory: raise "
		     "the limit (ulimit -l unlimited) or add CAP_SYS_RESOURCE");
	else if (err == EPERM && is_locked_down())
		diag("not permitted: the kernel is locked down (confidentiality mode, see "
		     "kernel_lockdown(7))");
	else
		diag_errno(err, "the kernel refuses to load the BPF programs (see -vv)");
}
