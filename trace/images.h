/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * images: which processes can be named addresses of when they have gone, so that the kernel side
 * need not say in which files the frames of their stacks are (struct trace_image).
 *
 *	images_setup(skel)	before load; only if stacks of processes are asked for
 *	images_start(skel, usyms)	after load; usyms stays where it is
 *	images_learn(event, image), of each event with build-ids, before its stack is shown
 *
 * Errors: -errno, not reported: libbpf does.
 */
#pragma once

#include "probe/usyms.h"
#include "trace.h"

struct trace_bpf;

int images_setup(struct trace_bpf *skel);
void images_start(const struct trace_bpf *skel, struct usyms *usyms);
void images_learn(const struct trace_event *e, const struct trace_image *image);
