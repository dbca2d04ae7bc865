// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <string.h>

#include "names.h"
#include "path.h"
#include "row.h"

static const char *const via_names[] = {
	[VIA_OPEN] = "open",       [VIA_CREAT] = "creat",
	[VIA_OPENAT] = "openat",   [VIA_OPENAT2] = "openat2",
	[VIA_HANDLE] = "open_by_handle_at", [VIA_IO_URING] = "io_uring",
};

void via_text(struct strbuf *out, const void *row)
{
	strbuf_str(out, via_names[((const struct row *)row)->via]);
}

void error_text(struct strbuf *out, const void *row)
{
	const char *name = errno_name(((const struct row *)row)->err);

	strbuf_str(out, name ? name : "-");
}

void error_json(struct strbuf *out, const void *row)
{
	const char *name = errno_name(((const struct row *)row)->err);

	strbuf_printf(out, name ? "\"%s\"" : "null", name);
}

void flags_text(struct strbuf *out, const void *row)
{
	strbuf_printf(out, "%08o", ((const struct row *)row)->flags);
}

void flags_json(struct strbuf *out, const void *row)
{
	strbuf_u64(out, ((const struct row *)row)->flags);
}

void flag_names_text(struct strbuf *out, const void *row)
{
	open_flags_text(out, ((const struct row *)row)->flags);
}

/* The mode counts only where a file may be made. */
static bool has_mode(const struct row *r)
{
	return (r->flags & O_CREAT) || (r->flags & O_TMPFILE) == O_TMPFILE;
}

void mode_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	strbuf_printf(out, has_mode(r) ? "%04o" : "n/a", r->mode);
}

void mode_json(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	strbuf_printf(out, has_mode(r) ? "%u" : "null", r->mode);
}

void bits_text(struct strbuf *out, const void *row)
{
	strbuf_str(out, ((const struct row *)row)->bits & OPEN_COMPAT ? "32" : "64");
}

void bits_json(struct strbuf *out, const void *row)
{
	bits_text(out, row);
}

/* The full path: what the kernel walked, and for a failed open the given text behind it. */
static void row_full_path(struct row *r, const struct opensnoop_event *e, bool walked)
{
	strbuf_clear(&r->walked);
	r->full_path = (struct bytes){};
	if ((e->bits & OPEN_RELATIVE) && (e->bits & OPEN_NO_PATH))
		return; /* relative to a directory, but what? */
	if (e->bits & OPEN_WALKED) {
		path_join(&r->walked, e->data + e->path_size, e->walk_size,
			  e->bits & OPEN_WALK_CUT, e->bits & OPEN_OUTSIDE);
		if (e->bits & OPEN_RELATIVE) {
			if (r->walked.size && r->walked.data[r->walked.size - 1] != '/')
				strbuf_char(&r->walked, '/');
			strbuf_add(&r->walked, e->data, e->path_size);
		}
		r->full_path = (struct bytes){ r->walked.data, r->walked.size };
	} else if (walked && e->path_size && e->data[0] == '/') {
		r->full_path = r->path; /* a failed open of an absolute path */
	}
}

void row_fill(struct row *r, const struct opensnoop_event *e, bool walked)
{
	r->time_ns = e->time_ns;
	r->pid = e->pid;
	r->tid = e->tid;
	r->uid = e->uid;
	r->fd = e->ret < 0 ? -1 : e->ret;
	r->err = e->ret < 0 ? -e->ret : 0;
	r->flags = e->flags;
	r->mode = e->mode;
	r->dirfd = e->dirfd;
	r->via = e->via;
	r->bits = e->bits;
	memcpy(r->comm, e->comm, sizeof(r->comm));
	r->path = (struct bytes){ e->bits & OPEN_NO_PATH ? NULL : e->data, e->path_size };
	row_full_path(r, e, walked);
	r->shown = r->path;
}

void row_show(struct row *r, bool full, bool mark)
{
	if (r->full_path.data && (full || !r->path.data))
		r->shown = r->full_path;
	if (r->via != VIA_IO_URING || !mark)
		return;
	strbuf_clear(&r->marked);
	strbuf_add(&r->marked, r->shown.data, r->shown.data ? r->shown.size : 0);
	strbuf_str(&r->marked, " [io_uring]");
	r->shown = (struct bytes){ r->marked.data, r->marked.size };
}
