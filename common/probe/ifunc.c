// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "probe/ifunc.h"

struct search {
	struct stat st;
	const void *id; /* build-id */
	size_t id_size;
	char name[4096]; /* of the loaded one */
};

static bool same_build(const struct search *s, const char *path)
{
	struct elffile loaded;
	const void *id;
	size_t size;
	bool same;

	if (!s->id || elffile_open_quietly(&loaded, AT_FDCWD, path))
		return false;
	id = elffile_build_id(loaded.elf, &size);
	same = id && size == s->id_size && !memcmp(id, s->id, size);
	elffile_close(&loaded);
	return same;
}

static int loaded_compare(struct dl_phdr_info *info, size_t size, void *search)
{
	struct search *s = search;
	struct stat st;

	(void)size;
	if (info->dlpi_name[0] != '/' || strlen(info->dlpi_name) >= sizeof(s->name) ||
	    stat(info->dlpi_name, &st))
		return 0;
	if ((st.st_dev != s->st.st_dev || st.st_ino != s->st.st_ino) &&
	    !same_build(s, info->dlpi_name))
		return 0;
	strcpy(s->name, info->dlpi_name);
	return 1;
}

static bool is_libm(const struct elffile *f)
{
	const char *name = strrchr(f->shown, '/');

	name = name ? name + 1 : f->shown;
	return !strncmp(name, "libm.so.", 8) || !strncmp(name, "libm-", 5);
}

void *ifunc_loaded(const struct elffile *f)
{
	struct search s = {};

	if (!getauxval(AT_BASE) || fstat(f->fd, &s.st))
		return NULL;
	s.id = elffile_build_id(f->elf, &s.id_size);
	if (!dl_iterate_phdr(loaded_compare, &s)) {
		/* By its own name: the system's, wherever f comes from. */
		if (!is_libm(f) || !dlopen("libm.so.6", RTLD_LAZY) ||
		    !dl_iterate_phdr(loaded_compare, &s))
			return NULL;
	}
	return dlopen(s.name, RTLD_LAZY | RTLD_NOLOAD);
}

const char *ifunc_resolve(const struct elffile *f, void *loaded, const char *name,
			  uint64_t *offset)
{
	struct link_map *map;
	uintptr_t chosen;

	if (!getauxval(AT_BASE)) /* nobody interprets this program: nothing is loaded */
		return "a program chooses among its implementations when it starts (IFUNC), and a "
		       "tool that is linked statically, as this one, cannot ask which";
	if (!loaded || dlinfo(loaded, RTLD_DI_LINKMAP, &map))
		return "a program chooses among its implementations when it starts (IFUNC), and "
		       "only for glibc's own is the choice known here";
	chosen = (uintptr_t)dlsym(loaded, name);
	if (chosen >= map->l_addr && elffile_offset(f, chosen - map->l_addr, PF_X, offset))
		return NULL;
	return chosen ? "its implementation on this machine is not in the file: it is the kernel's "
			"(vDSO) or another library's" :
			"a program chooses among its implementations when it starts (IFUNC), and "
			"this one cannot be asked for by name";
}
