// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "names.h"
#include "path.h"
#include "row.h"

/* The name of a user, or its number; each is looked up once, which may ask a server. */
static const char *user_name(uint32_t uid)
{
	static struct {
		uint32_t uid;
		char name[64];
	} cache[64];
	const struct passwd *user;
	char *name = cache[uid % 64].name;

	if (name[0] && cache[uid % 64].uid == uid)
		return name;
	user = getpwuid(uid);
	if (user)
		snprintf(name, sizeof(cache[0].name), "%s", user->pw_name);
	else
		snprintf(name, sizeof(cache[0].name), "%u", uid);
	cache[uid % 64].uid = uid;
	return name;
}

void user_text(struct strbuf *out, const void *row)
{
	const char *name = user_name(((const struct row *)row)->uid);

	escape_text(out, name, strlen(name), false);
}

void error_text(struct strbuf *out, const void *row)
{
	const char *name = errno_name(-((const struct row *)row)->ret);

	strbuf_str(out, name ? name : "-");
}

void error_json(struct strbuf *out, const void *row)
{
	const char *name = errno_name(-((const struct row *)row)->ret);

	strbuf_printf(out, name ? "\"%s\"" : "null", name);
}

void ancestors_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	for (size_t i = 0; i < r->ancestor_count; i++) {
		const struct exec_ancestor *a = &r->ancestors[i];

		if (i)
			strbuf_str(out, " < ");
		strbuf_u64(out, a->pid);
		strbuf_char(out, ':');
		escape_text(out, a->comm, strnlen(a->comm, sizeof(a->comm)), false);
	}
}

void ancestors_json(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	strbuf_char(out, '[');
	for (size_t i = 0; i < r->ancestor_count; i++) {
		const struct exec_ancestor *a = &r->ancestors[i];

		strbuf_printf(out, "%s{\"pid\":%u,\"comm\":", i ? "," : "", a->pid);
		escape_json(out, a->comm, strnlen(a->comm, sizeof(a->comm)));
		strbuf_char(out, '}');
	}
	strbuf_char(out, ']');
}

/* A walked path as text; unknown if there was none. */
static struct bytes row_path(struct strbuf *text, const char *components, size_t size,
			     unsigned int cut, unsigned int outside)
{
	strbuf_clear(text);
	path_join(text, components, size, cut, outside);
	return (struct bytes){ text->data, text->size };
}

/* "pts0" of the kernel is /dev/pts/0. */
static struct bytes row_tty(struct strbuf *text, const char tty[16])
{
	bool pts = !strncmp(tty, "pts", 3);

	strbuf_clear(text);
	strbuf_str(text, pts ? "pts/" : "");
	strbuf_add(text, tty + (pts ? 3 : 0), strnlen(tty, 16) - (pts ? 3 : 0));
	return (struct bytes){ tty[0] ? text->data : NULL, text->size };
}

/* The parts behind the header; false: they do not fit into the record. */
static bool row_parts(struct row *r, const struct execsnoop_event *e, size_t size,
		      const struct execsnoop_config *cfg)
{
	const char *interp = e->data + e->name_size;
	const char *file = interp + e->interp_size;
	const char *cwd = file + e->file_size;
	const char *cgroup = cwd + e->cwd_size;
	const char *ancestors = cgroup + e->cgroup_size;
	const char *args = ancestors + e->ancestors_size;

	if (args + e->args_size != (const char *)e + size)
		return false;
	r->interp = (struct bytes){ e->bits & EXEC_SCRIPT ? interp : NULL, e->interp_size };
	r->file = (struct bytes){};
	if (e->file_size)
		r->file = row_path(&r->file_text, file, e->file_size, e->bits & EXEC_FILE_CUT,
				   e->bits & EXEC_FILE_OUTSIDE);
	r->cwd = (struct bytes){};
	if (cfg->want_cwd)
		r->cwd = row_path(&r->cwd_text, cwd, e->cwd_size, e->bits & EXEC_CWD_CUT,
				  e->bits & EXEC_CWD_OUTSIDE);
	r->cgroup = (struct bytes){};
	if (cfg->want_cgroup)
		r->cgroup = row_path(&r->cgroup_text, cgroup, e->cgroup_size,
				     e->bits & EXEC_CGROUP_CUT, 0);
	r->ancestors = (const void *)ancestors;
	r->ancestor_count = e->ancestors_size / sizeof(*r->ancestors);
	arguments_set(&r->args, e, args, r->file);
	r->argv0 = arguments_argv0(&r->args);
	return true;
}

bool row_fill(struct row *r, const struct execsnoop_event *e, size_t size,
	      const struct execsnoop_config *cfg)
{
	if (size < sizeof(*e) || !row_parts(r, e, size, cfg))
		return false;
	r->e = e;
	r->time_ns = e->time_ns;
	r->pid = e->pid;
	r->ppid = e->ppid;
	r->ns_pid = e->ns_pid;
	r->uid = e->uid;
	r->cpu = e->cpu;
	r->ret = e->ret;
	memcpy(r->comm, e->comm, sizeof(r->comm));
	memcpy(r->parent, e->parent, sizeof(r->parent));
	r->tty = row_tty(&r->tty_text, e->tty);
	return true;
}
