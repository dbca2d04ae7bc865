// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "kernel.h"
#include "probe/near.h"
#include "probe/tracepoints.h"
#include "strbuf.h"

/* Calls with each folder in a folder of tracefs until it returns non-zero; returns that. */
static int folders_each(const char *path, int (*call)(const char *name, void *data), void *data)
{
	int fd = kernel_open_tracefs(path), err = 0;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	while (!err && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && entry->d_type != DT_REG)
			err = call(entry->d_name, data);
	}
	closedir(dir);
	return err;
}

static int category_each(const char *category, int (*call)(const char *, void *), void *data)
{
	struct strbuf path = {};
	int err;

	strbuf_printf(&path, "events/%s", category);
	err = folders_each(strbuf_cstr(&path), call, data);
	strbuf_free(&path);
	return err;
}

/* --- matching -------------------------------------------------------------------------------- */

struct search {
	struct spec *spec;
	const char *category; /* where it looks at the moment */
	struct targets *to;
	struct strbuf name;
};

/* 0 also if there is none of this name. */
static int event_take(const char *event, void *data)
{
	struct search *s = data;
	struct target *t;
	const char *name;
	int id;

	if (!pattern_match(&s->spec->name, event))
		return 0;
	strbuf_clear(&s->name);
	strbuf_printf(&s->name, "%s/%s", s->category, event);
	id = kernel_tracepoint_id(strbuf_cstr(&s->name));
	if (id == -ENOENT || id == -ENOTDIR)
		return 0;
	s->name.data[strlen(s->category)] = ':';
	name = targets_text(s->to, s->name.data, s->name.size);
	if (id < 0) {
		targets_skip(s->to, name, "tracefs does not let its number be read");
		return 0;
	}
	t = targets_add(s->to, TARGET_TRACEPOINT);
	t->name = name;
	t->id = id;
	s->spec->found++;
	return 0;
}

static int category_take(const char *category, void *data)
{
	struct search *s = data;
	const struct pattern *group = &s->spec->group;
	bool wild = group->wild || !group->text;
	int err;

	if (!pattern_match(group, category) || (wild && !strcmp(category, "ftrace")))
		return 0;
	s->category = category;
	if (!s->spec->name.wild)
		return event_take(s->spec->name.text, s);
	err = category_each(category, event_take, s);
	return err == -ENOENT || err == -ENOTDIR ? 0 : err;
}

static int spec_match(struct spec *spec, struct targets *to)
{
	struct search s = { .spec = spec, .to = to };
	int err;

	if (spec->group.text && !spec->group.wild)
		err = category_take(spec->group.text, &s);
	else
		err = folders_each("events", category_take, &s);
	strbuf_free(&s.name);
	return err;
}

static int events_check(void)
{
	int fd = kernel_open_tracefs("events");

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

int tracepoints_match(struct spec *specs, size_t count, struct targets *to)
{
	bool checked = false;
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		if (specs[i].kind != SPEC_TRACEPOINT)
			continue;
		err = checked ? 0 : events_check();
		checked = true;
		if (!err)
			err = spec_match(&specs[i], to);
		if (err == -ENOENT)
			diag("%s: cannot read the tracepoints: tracefs is not mounted, and this "
			     "process cannot mount it", specs[i].text);
		else if (err)
			diag_errno(err, "%s: cannot read the tracepoints (tracefs)", specs[i].text);
	}
	return err;
}

/* --- hints ----------------------------------------------------------------------------------- */

struct evidence {
	const struct spec *spec;
	const char *category;
	struct strbuf elsewhere; /* t:CATEGORY:EVENT of this name */
	struct near categories;
	struct near events;	 /* of the categories that match; "CATEGORY:EVENT" */
	bool category_found;
};

static int event_look(const char *event, void *data)
{
	struct evidence *e = data;
	const struct spec *spec = e->spec;

	if (!spec->name.wild && !e->elsewhere.size && !strcmp(event, spec->name.text))
		strbuf_printf(&e->elsewhere, "t:%s:%s", e->category, event);
	if (pattern_match(&spec->group, e->category))
		near_offer(&e->events, event);
	return 0;
}

static int category_look(const char *category, void *data)
{
	struct evidence *e = data;

	if (!strcmp(category, "ftrace"))
		return 0;
	e->category_found |= pattern_match(&e->spec->group, category);
	if (e->categories.wanted)
		near_offer(&e->categories, category);
	e->category = category;
	category_each(category, event_look, e);
	return 0;
}

void tracepoints_explain(const struct spec *spec)
{
	struct evidence e = { .spec = spec, .categories.wanted = spec->group.text,
			      .events.wanted = spec->name.text };
	struct strbuf text = {};

	folders_each("events", category_look, &e);
	if (!e.category_found)
		strbuf_printf(&text, "this kernel has no tracepoints of a category %s%s",
			      spec->group.text, spec->group.wild ? "" :
			      " (those of a module are there when it is loaded)");
	else
		strbuf_printf(&text, "this kernel has no such tracepoint%s",
			      e.category_found && spec->group.text && !spec->group.wild ?
			      " in this category" : "");
	if (e.elsewhere.size)
		strbuf_printf(&text, "; did you mean %s?", strbuf_cstr(&e.elsewhere));
	else if (!e.category_found && e.categories.wanted)
		near_ask(&e.categories, "", &text);
	else
		near_ask(&e.events, "", &text);
	diag("%s: %s", spec->text, strbuf_cstr(&text));
	near_free(&e.categories);
	near_free(&e.events);
	strbuf_free(&e.elsewhere);
	strbuf_free(&text);
}
