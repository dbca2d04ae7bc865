// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "disk.h"
#include "escape.h"
#include "flags.h"
#include "names.h"
#include "row.h"
#include "strbuf.h"

#define NO_SECTOR UINT64_MAX /* of a flush */

void row_fill(struct row *r, const struct biolatency_event *e)
{
	r->time_ns = e->time_ns;
	r->queue_ns = e->queue_ns;
	r->device_ns = e->device_ns;
	r->sector = e->sector;
	r->bytes = e->bytes;
	r->dev = e->dev;
	r->flags = e->flags;
	r->status = e->status;
	r->pid = e->pid;
	r->tid = e->tid;
	memcpy(r->comm, e->comm, sizeof(r->comm));
}

void disk_text(struct strbuf *out, const void *row)
{
	const char *name = disk_name(((const struct row *)row)->dev);

	escape_text(out, name, strlen(name), false);
}

void disk_json(struct strbuf *out, const void *row)
{
	const char *name = disk_name(((const struct row *)row)->dev);

	escape_json(out, name, strlen(name));
}

void op_text(struct strbuf *out, const void *row)
{
	flags_op_text(out, ((const struct row *)row)->flags);
}

void opflags_text(struct strbuf *out, const void *row)
{
	flags_text(out, ((const struct row *)row)->flags);
}

void sector_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	if (r->sector == NO_SECTOR)
		strbuf_char(out, '-');
	else
		strbuf_u64(out, r->sector);
}

void sector_json(struct strbuf *out, const void *row)
{
	if (((const struct row *)row)->sector == NO_SECTOR)
		strbuf_str(out, "null");
	else
		sector_text(out, row);
}

static void ms_text(struct strbuf *out, uint64_t ns)
{
	strbuf_printf(out, "%.3f", ns / 1e6);
}

void queue_text(struct strbuf *out, const void *row)
{
	ms_text(out, ((const struct row *)row)->queue_ns);
}

void device_text(struct strbuf *out, const void *row)
{
	ms_text(out, ((const struct row *)row)->device_ns);
}

void total_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	ms_text(out, r->queue_ns + r->device_ns);
}

/* blk_status_t as block/blk-core.c maps it; before 5.16 the kernel gave -errno itself. */
static int status_errno(uint32_t status)
{
	static const int of_status[] = {
		[1] = EOPNOTSUPP, [2] = ETIMEDOUT, [3] = ENOSPC, [4] = ENOLINK,
		[5] = EREMOTEIO,  [6] = EBADE,	   [7] = ENODATA, [8] = EILSEQ,
		[9] = ENOMEM,	  [10] = EIO,	   [11] = EREMCHG, [12] = EAGAIN,
	};

	if ((int32_t)status < 0)
		return -(int32_t)status;
	if (status < sizeof(of_status) / sizeof(of_status[0]) && of_status[status])
		return of_status[status];
	return status ? EIO : 0;
}

static const char *error_name(const struct row *r)
{
	return errno_name(status_errno(r->status));
}

void error_text(struct strbuf *out, const void *row)
{
	const char *name = error_name(row);

	strbuf_str(out, name ? name : "-");
}

void error_json(struct strbuf *out, const void *row)
{
	const char *name = error_name(row);

	strbuf_printf(out, name ? "\"%s\"" : "null", name);
}
