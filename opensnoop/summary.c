// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "escape.h"
#include "summary.h"

/* What is counted: a path (pid 0), or a process with its name. */
struct count {
	uint32_t pid;
	uint32_t size;
	uint64_t opens, failed;
	char name[];
};

static void *paths, *processes; /* trees of tsearch(3) */

static int count_compare(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->name, y->name, x->size);
}

static void count_one(void **tree, uint32_t pid, const char *name, size_t size, bool failed)
{
	struct count *key = calloc(1, sizeof(*key) + size);
	struct count **found;

	if (!key)
		diag_no_memory();
	key->pid = pid;
	key->size = size;
	memcpy(key->name, name, size);
	found = tsearch(key, tree, count_compare);
	if (!found)
		diag_no_memory();
	if (*found != key)
		free(key);
	(*found)->opens++;
	(*found)->failed += failed;
}

void summary_add(struct bytes path, uint32_t pid, const char *comm, bool failed)
{
	count_one(&paths, 0, path.data ? path.data : "?", path.data ? path.size : 1, failed);
	count_one(&processes, pid, comm, strnlen(comm, 16), failed);
}

/* The counts of a tree as an array, most opens first. */
struct list {
	const struct count **count;
	size_t size;
};

static struct list list;

static void list_visit(const void *node, VISIT visit, int depth)
{
	(void)depth;
	if (visit != postorder && visit != leaf)
		return;
	list.count = realloc(list.count, (list.size + 1) * sizeof(*list.count));
	if (!list.count)
		diag_no_memory();
	list.count[list.size++] = *(const struct count *const *)node;
}

static int list_compare(const void *a, const void *b)
{
	const struct count *x = *(const struct count *const *)a;
	const struct count *y = *(const struct count *const *)b;

	if (x->opens != y->opens)
		return x->opens > y->opens ? -1 : 1;
	return count_compare(x, y);
}

static void count_print(struct strbuf *out, const struct count *c, bool json)
{
	if (json) {
		strbuf_printf(out, "{\"opens\":%ju,\"failed\":%ju,", (uintmax_t)c->opens,
			      (uintmax_t)c->failed);
		if (c->pid)
			strbuf_printf(out, "\"pid\":%u,\"comm\":", c->pid);
		else
			strbuf_str(out, "\"path\":");
		if (!escape_json(out, c->name, c->size)) {
			strbuf_str(out, c->pid ? ",\"comm_hex\":\"" : ",\"path_hex\":\"");
			escape_hex(out, c->name, c->size);
			strbuf_char(out, '"');
		}
		strbuf_str(out, "}\n");
		return;
	}
	strbuf_printf(out, "%8ju %8ju ", (uintmax_t)c->opens, (uintmax_t)c->failed);
	if (c->pid)
		strbuf_printf(out, "%-7u ", c->pid);
	escape_text(out, c->name, c->size, false);
	strbuf_char(out, '\n');
}

static void tree_print(struct strbuf *out, const void *tree, const char *header, bool json)
{
	list = (struct list){};
	twalk(tree, list_visit);
	if (list.size)
		qsort(list.count, list.size, sizeof(*list.count), list_compare);
	if (!json)
		strbuf_str(out, header);
	for (size_t i = 0; i < list.size; i++)
		count_print(out, list.count[i], json);
	free(list.count);
}

void summary_print(struct strbuf *out, bool json)
{
	tree_print(out, paths, "   OPENS   FAILED PATH\n", json);
	tree_print(out, processes, "\n   OPENS   FAILED PID     COMM\n", json);
}
