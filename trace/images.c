// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/entries.h"
#include "bpf/events.h"
#include "images.h"
#include "trace.skel.h"

static struct {
	int map; /* pid -> struct trace_image */
	struct usyms *usyms;
} images;

static void image_drop(void *context, pid_t pid)
{
	__u32 key = pid;

	(void)context;
	bpf_map_delete_elem(images.map, &key);
}

int images_setup(struct trace_bpf *skel)
{
	skel->rodata->cfg.build_ids = true;
	skel->rodata->path_depth = TRACE_DEPTH;
	return bpf_map__set_max_entries(skel->maps.images, USYMS_PROCESSES);
}

void images_start(const struct trace_bpf *skel, struct usyms *usyms)
{
	images.map = bpf_map__fd(skel->maps.images);
	images.usyms = usyms;
	usyms->dropped = image_drop;
}

void images_learn(const struct trace_event *e, const struct trace_image *image)
{
	struct trace_image known = {};
	__u32 pid = e->pid;

	if (!bpf_map_lookup_elem(images.map, &pid, &known)) {
		if (!memcmp(&known, image, sizeof(known)))
			return; /* the event is older than that */
		if (known.started != image->started || known.executions != image->executions)
			usyms_forget(images.usyms, pid);
	}
	if (usyms_follow(images.usyms, pid, e->time_ns))
		bpf_map_update_elem(images.map, &pid, image, BPF_ANY);
	else
		image_drop(NULL, pid);
}
