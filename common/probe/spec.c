// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "mistake.h"
#include "probe/spec.h"
#include "strbuf.h"

struct parser {
	struct spec *spec;
	const char *text;
	const char *at;	   /* what is read next */
	bool whole;	   /* nothing may follow */
	bool regex;
	bool quoted;	   /* the last pattern was in quotes */
	struct mistake *error;
};

__attribute__((format(printf, 3, 4)))
static int fail(struct parser *p, const char *at, const char *why, ...)
{
	va_list args;

	p->error->at = at - p->text;
	va_start(args, why);
	vsnprintf(p->error->why, sizeof(p->error->why), why, args);
	va_end(args);
	return -EINVAL;
}

static char *copy_text(const char *at, const char *end)
{
	char *copy = strndup(at, end - at);

	if (!copy)
		diag_no_memory();
	return copy;
}

/* --- lexer: where a part ends --------------------------------------------------------------- */

/* The quote that closes the one at `at`, or NULL. */
static const char *quote_end(const char *at)
{
	for (at++; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
	}
	return *at ? at : NULL;
}

/* A [...] of a pattern that closes within the name: its ']', or NULL. */
static const char *bracket_end(const char *at)
{
	at++;
	if (*at == '!' || *at == '^')
		at++;
	if (*at == ']')
		at++;
	while (isalnum((unsigned char)*at) || (*at && strchr("_.-$", *at)))
		at++;
	return *at == ']' ? at : NULL;
}

/* The end of a bare name: what kernel functions, tracepoints and USDT probes are called, and
 * user functions, as long as they are not C++'s. */
static const char *name_end(const char *at, enum spec_kind kind)
{
	const char *close;

	for (; *at; at++) {
		unsigned char next = at[1];

		if (isalnum((unsigned char)*at) || strchr("_.$*?~", *at) || *at & 0x80)
			continue;
		/* A symbol's version; where trace pairs probes, @ is followed by a blank or $. */
		if (*at == '@' && kind == SPEC_USER &&
		    (isalnum(next) || (next == '@' && isalnum((unsigned char)at[2]))))
			continue;
		if (*at == '-' && kind == SPEC_USDT && isalnum(next))
			continue;
		close = *at == '[' ? bracket_end(at) : NULL;
		if (close)
			at = close;
		else if (*at == '\\' && next)
			at++;
		else
			break;
	}
	return at;
}

/* The ':' outside of brackets and quotes, if p->at begins a type, category or library, or NULL.
 * A regular expression may have its own colons, but behind characters that no library has. */
static const char *colon_find(const struct parser *p)
{
	const char *at = p->at;

	if (*at == '"') {
		at = quote_end(at);
		return at && at[1] == ':' ? at + 1 : NULL;
	}
	for (; *at && *at != ':'; at++) {
		if (strchr("\"(", *at) || (isspace((unsigned char)*at) && !p->whole))
			return NULL;
		if (p->regex && (strchr("^$*)|?\\{", *at) || (*at == '[' && at != p->at)))
			return NULL;
	}
	return *at ? at : NULL;
}

/* The first ':' of a regular expression that is not its own, or the end. */
static const char *regex_end(const char *at)
{
	const char *close;
	int depth = 0;

	for (; *at && (*at != ':' || depth > 0); at++) {
		close = *at == '[' ? strchr(at + 2 - !at[1], ']') : NULL;
		if (*at == '\\' && at[1])
			at++;
		else if (close) /* "[[:alpha:]]": from the first ']' on it is read as usual */
			at = close;
		else
			depth += (*at == '(') - (*at == ')');
	}
	return at;
}

static const char *skip_blanks(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* Without its quotes, and without the backslashes before quotes. */
static char *unquote(const char *at, const char *end)
{
	char *copy = copy_text(at + 1, end), *to = copy;

	for (const char *from = copy; *from; from++) {
		if (from[0] == '\\' && from[1] == '"')
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return copy;
}

/* --- parser --------------------------------------------------------------------------------- */

static bool number_read(const char *at, const char **end, uint64_t *value)
{
	char *stop;

	if (!isdigit((unsigned char)*at))
		return false;
	errno = 0;
	*value = strtoull(at, &stop, at[0] == '0' && (at[1] | 0x20) == 'x' ? 16 : 10);
	*end = stop;
	return !errno && !isalnum((unsigned char)*stop) && *stop != '_';
}

/* The "+OFFSET" that ends a user function's name where nothing follows, or the end. Behind the one
 * of an operator stands no digit. */
static const char *offset_find(const char *at, const char *end)
{
	const char *plus = memrchr(at, '+', end - at);

	if (!plus || plus == at || !isdigit((unsigned char)plus[1]))
		return end;
	for (const char *digit = plus + 1; digit < end; digit++) {
		if (!isalnum((unsigned char)*digit))
			return end;
	}
	return plus;
}

/* A part that is a pattern begins at p->at: where does it end? */
static int pattern_end(struct parser *p, const char *what, bool last, const char **end)
{
	const char *at = p->at;

	if (*at == '"') {
		*end = quote_end(at);
		if (!*end)
			return fail(p, at, "this quote is not closed");
		++*end;
	} else if (p->regex && p->whole) {
		*end = last ? at + strlen(at) : regex_end(at);
	} else if (p->whole && last && p->spec->kind == SPEC_USER) {
		*end = at + strlen(at);
		while (*end > at && isspace((unsigned char)(*end)[-1]))
			--*end;
		*end = offset_find(at, *end);
	} else {
		*end = name_end(at, p->spec->kind);
	}
	return *end > at + 2 * (*at == '"') ? 0 : fail(p, at, "%s is missing here", what);
}

/* pattern := '"' ... '"' | name */
static int parse_pattern(struct parser *p, struct pattern *to, const char *what, bool last)
{
	const char *at = p->at, *end, *wrong;
	char *text;
	int err = pattern_end(p, what, last, &end);

	if (err)
		return err;
	p->quoted = *at == '"';
	text = p->quoted ? unquote(at, end - 1) : copy_text(at, end);
	pattern_free(to);
	wrong = pattern_set(to, text, p->regex);
	free(text);
	p->at = end;
	return wrong ? fail(p, at, "in the regular expression: %s", wrong) : 0;
}

/* function := pattern [ "+" number ] */
static int parse_function(struct parser *p)
{
	struct spec *s = p->spec;
	const char *at = p->at;
	int err;

	if (*at == ':' && s->library)
		return fail(p, at, "'%s' is taken for the library, and two colons follow; a C++ or "
			    "Rust name goes behind its file: FILE:%s::...", s->library, s->library);
	if (*at == ':')
		return fail(p, at, "two colons too many");
	err = parse_pattern(p, &s->name, "the function's name", true);
	if (err || *p->at != '+')
		return err;
	at = p->at;
	if (!number_read(at + 1, &p->at, &s->offset))
		return fail(p, at + 1, "an offset is a number of bytes: FUNC+16 or FUNC+0x10");
	if (s->name.wild)
		return fail(p, at, "an offset needs one function, and this name has wildcards");
	if (s->ret)
		return fail(p, at, "a function's return has no offset");
	return 0;
}

/* What stood before a function's name: a library, a kernel module or nothing. */
static int take_library(struct parser *p, const char *at, char *library)
{
	struct spec *s = p->spec;
	size_t size = strlen(library);

	s->kind = SPEC_KERNEL;
	if (!size) {
		free(library);
		return 0;
	}
	if (library[0] == '[' && library[size - 1] == ']') {
		s->module = copy_text(library + 1, library + size - 1);
		free(library);
		return *s->module ? 0 : fail(p, at, "the module's name is missing here");
	}
	if (!strcmp(library, "ksyscall")) {
		free(library);
		s->syscall = ""; /* parse_syscall() */
		return 0;
	}
	s->kind = SPEC_USER;
	s->library = library;
	if (*at != '"' && strpbrk(library, "*?"))
		return fail(p, at, "a library's name has no wildcards");
	return 0;
}

static int parse_library(struct parser *p, const char *colon)
{
	const char *at = p->at;
	char *library = *at == '"' ? unquote(at, colon - 1) : copy_text(at, colon);

	p->at = colon + 1;
	return take_library(p, at, library);
}

/* tracepoint := category ":" event */
static int parse_tracepoint(struct parser *p)
{
	struct spec *s = p->spec;
	const char *start = p->at;
	int err;

	s->kind = SPEC_TRACEPOINT;
	if (*p->at != ':') {
		err = parse_pattern(p, &s->group, "the tracepoint's category", false);
		if (err)
			return err;
	}
	if (*p->at != ':' && s->group.text && !strcmp(s->group.text, "*")) { /* t:*: all of them */
		pattern_set(&s->name, "*", false);
		return 0;
	}
	if (*p->at != ':')
		return fail(p, p->at, "the event is missing: a tracepoint is t:CATEGORY:EVENT, and "
			    "t::%.*s finds it in any category", (int)(p->at - start), start);
	p->at++;
	return parse_pattern(p, &s->name, "the tracepoint's event", true);
}

/* Words that a type begins with, and that no probe is called. */
static const char *const type_words[] = {
	"struct", "union", "enum", "unsigned", "signed", "const", "volatile", "char", "short",
	"int", "long", "float", "double", "void", "bool", "_Bool", "size_t", "ssize_t", "u8", "u16",
	"u32", "u64", "s8", "s16", "s32", "s64", "__u8", "__u16", "__u32", "__u64", "__s8", "__s16",
	"__s32", "__s64", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "int8_t", "int16_t",
	"int32_t", "int64_t",
};

static const char *word_end(const char *at)
{
	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return at;
}

/* Whether here stands what argdist has behind a place: types, and a colon. "T *" is one, too, but
 * "t*" may be a pattern. */
static bool types_follow(const char *at)
{
	const char *start = skip_blanks(at), *end = word_end(start);
	bool known = false;

	for (size_t i = 0; i < sizeof(type_words) / sizeof(type_words[0]); i++)
		known |= strlen(type_words[i]) == (size_t)(end - start) &&
			 !memcmp(type_words[i], start, end - start);
	at = skip_blanks(end);
	if (end == start || (!known && (at == end || *at != '*')))
		return false;
	while (*at && (isalnum((unsigned char)*at) || strchr("_ \t*,", *at)))
		at++;
	return *at == ':';
}

/* usdt := [ library ] ":" [ [ provider ] ":" ] probe */
static int parse_usdt(struct parser *p)
{
	struct spec *s = p->spec;
	const char *colon = colon_find(p);
	int err;

	if (!colon)
		return fail(p, p->at,
			    "a USDT probe is u:LIBRARY:PROBE or u:LIBRARY:PROVIDER:PROBE");
	err = parse_library(p, colon);
	if (err)
		return err;
	if (s->syscall || s->module)
		return fail(p, p->at, "the kernel has no USDT probes: name a library or program");
	s->kind = SPEC_USDT;
	if (*p->at == ':') {
		p->at++;
		return parse_pattern(p, &s->name, "the probe's name", true);
	}
	err = parse_pattern(p, &s->name, "the probe's name", false);
	if (err || *p->at != ':' ||
	    (!p->whole && ((p->at[1] != '"' && name_end(p->at + 1, s->kind) == p->at + 1) ||
			   types_follow(p->at + 1))))
		return err;
	p->at++;
	s->group = s->name;
	s->name = (struct pattern){};
	return parse_pattern(p, &s->name, "the probe's name", true);
}

/* "p:" and "r:" have been read: the library and the function follow. */
static int parse_typed(struct parser *p)
{
	const char *colon = colon_find(p);
	int err;

	if (!colon)
		return fail(p, p->at, "one colon is missing: write %c::FUNC for a kernel function, "
			    "%c:LIBRARY:FUNC for another", p->spec->ret ? 'r' : 'p',
			    p->spec->ret ? 'r' : 'p');
	err = parse_library(p, colon);
	return err ? err : parse_function(p);
}

/* What bpftrace's users may write; none of them is a library. */
static int refuse_foreign(struct parser *p, const char *colon)
{
	static const struct { const char *word, *ours; } words[] = {
		{ "kprobe", "p::FUNC" },	  { "k", "p::FUNC" },
		{ "kretprobe", "r::FUNC" },	  { "kr", "r::FUNC" },
		{ "fentry", "p::FUNC" },	  { "fexit", "r::FUNC" },
		{ "kfunc", "p::FUNC" },		  { "kretfunc", "r::FUNC" },
		{ "uprobe", "p:LIBRARY:FUNC" },	  { "uretprobe", "r:LIBRARY:FUNC" },
		{ "usdt", "u:LIBRARY:PROBE" },	  { "tracepoint", "t:CATEGORY:EVENT" },
		{ "kretsyscall", "r:ksyscall:NAME" },
	};
	size_t size = colon - p->at;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) == size && !memcmp(words[i].word, p->at, size))
			return fail(p, p->at, "'%s:' is written %s here", words[i].word,
				    words[i].ours);
	}
	return 0;
}

/* spec := [ type ":" ] ...; type := "" | "p" | "r" | "t" | "u" */
static int parse_start(struct parser *p)
{
	const char *colon = colon_find(p);
	char type = colon == p->at ? 'p' : colon == p->at + 1 ? *p->at : 0;
	int err;

	if (!colon) {
		p->spec->kind = SPEC_KERNEL;
		return parse_function(p);
	}
	if (type && strchr("prtu", type)) {
		p->at = colon + 1;
		p->spec->ret = type == 'r';
		return type == 't' ? parse_tracepoint(p) : type == 'u' ? parse_usdt(p) :
		       parse_typed(p);
	}
	err = refuse_foreign(p, colon);
	if (!err)
		err = parse_library(p, colon);
	return err ? err : parse_function(p);
}

/* ksyscall:NAME is the same as sys_NAME; the latter may turn out to be any function. */
static int parse_syscall(struct parser *p)
{
	struct spec *s = p->spec;
	bool stated = s->syscall;
	struct strbuf name = {};

	if (s->kind != SPEC_KERNEL)
		return 0;
	s->syscall = spec_syscall(s->name.text);
	if (!stated || s->syscall)
		return 0;
	strbuf_printf(&name, p->regex ? "sys_(%s)" : "sys_%s", s->name.text);
	pattern_free(&s->name);
	pattern_set(&s->name, strbuf_cstr(&name), p->regex);
	strbuf_free(&name);
	s->syscall = spec_syscall(s->name.text);
	return 0;
}

/* Where nothing may follow. */
static int parse_end(struct parser *p)
{
	const char *at = skip_blanks(p->at);

	if (!*at)
		return 0;
	if (*at == ':' && p->spec->kind == SPEC_KERNEL)
		return fail(p, at, "a kernel function's name has no colon");
	if (*at == ':')
		return fail(p, at, "too many colons");
	return fail(p, at, "this cannot be part of %s name",
		    p->spec->kind == SPEC_TRACEPOINT ? "a tracepoint's" :
		    p->spec->kind == SPEC_USDT	     ? "a probe's" : "a function's");
}

/* Once more for user functions, whose names may have anything: "x:lib:func" is a wrong type, not
 * a function called "lib:func". */
static int check_colons(struct parser *p, const char *start)
{
	const struct spec *s = p->spec;
	const char *name = s->name.text, *colon;

	if (s->kind != SPEC_USER || !p->whole || p->regex || p->quoted)
		return 0;
	for (colon = strchr(name, ':'); colon && colon[1] == ':'; colon = strchr(colon + 2, ':'))
		;
	return colon ? fail(p, start, "the type must be p, r, t or u (a path with a colon goes "
			    "into double quotes)") : 0;
}

int spec_parse(struct spec *s, const char *text, const char **end, bool regex,
	       struct mistake *error)
{
	struct parser p = { .spec = s, .text = text, .at = skip_blanks(text), .whole = !end,
			    .regex = regex, .error = error };
	const char *start = p.at;
	int err;

	*s = (struct spec){};
	err = *p.at ? parse_start(&p) : fail(&p, p.at, "a specification is missing");
	if (!err)
		err = parse_syscall(&p);
	if (!err && !end)
		err = check_colons(&p, start);
	if (!err && !end)
		err = parse_end(&p);
	if (!err)
		s->text = copy_text(start, p.at);
	else
		spec_free(s);
	if (end)
		*end = p.at;
	return err;
}

const char *spec_syscall(const char *name)
{
	static const char *const prefixes[] = { "sys_",	       "SyS_",	       "__x64_sys_",
						"__arm64_sys_", "__riscv_sys_", "__s390x_sys_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t size = strlen(prefixes[i]);

		if (!strncmp(name, prefixes[i], size) && name[size])
			return name + size;
	}
	return NULL;
}

void spec_free(struct spec *s)
{
	free(s->text);
	free(s->module);
	free(s->library);
	pattern_free(&s->group);
	pattern_free(&s->name);
	*s = (struct spec){};
}
