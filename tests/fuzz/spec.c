// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * spec: odd specifications, patterns and mistyped names. Nothing may crash, hang or leak, an error
 * has a place within the text, and what was taken is taken again in the same way.
 */
#include <fcntl.h>
#include <unistd.h>

#include "probe/near.h"
#include "probe/spec.h"
#include "strbuf.h"
#include "tests/fuzz/fuzz.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same(const struct spec *a, const struct spec *b)
{
	return a->kind == b->kind && a->ret == b->ret && a->offset == b->offset &&
	       same_text(a->text, b->text) && same_text(a->module, b->module) &&
	       same_text(a->library, b->library) && same_text(a->syscall, b->syscall) &&
	       same_text(a->group.text, b->group.text) && same_text(a->name.text, b->name.text);
}

static void report_try(const char *text, const struct mistake *error)
{
	MUST(error->at <= strlen(text));
	MUST(*error->why);
	mistake_report(text, error);
}

/* What was taken as a prefix is the same prefix when it stands there alone. */
static void spec_try(const char *text, bool whole, bool regex)
{
	struct mistake error = { .at = SIZE_MAX };
	struct spec s, again;
	const char *end = NULL, *end_again;

	if (spec_parse(&s, text, whole ? NULL : &end, regex, &error)) {
		report_try(text, &error);
		return;
	}
	MUST(s.text && s.name.text && *s.name.text);
	MUST(whole || (end >= text && end <= text + strlen(text)));
	MUST(s.kind != SPEC_USER || (s.library && *s.library));
	MUST(!s.syscall || (s.syscall > s.name.text && *s.syscall));
	MUST(!s.offset || !s.name.wild);
	pattern_match(&s.name, text);
	pattern_match(&s.name, "vfs_read");
	pattern_match(&s.group, "sched");
	MUST(s.name.wild || pattern_match(&s.name, s.name.text));
	MUST(!spec_parse(&again, s.text, whole ? NULL : &end_again, regex, &error));
	MUST(same(&s, &again));
	MUST(whole || !*end_again);
	spec_free(&s);
	spec_free(&again);
}

static void near_try(const char *text)
{
	struct near near = { .wanted = text };
	char *twisted = strdup(text);
	struct strbuf asked = {};
	size_t size = strlen(text);

	if (size > 1) {
		char first = twisted[0];

		twisted[0] = twisted[1];
		twisted[1] = first;
	}
	near_offer(&near, "vfs_read");
	near_offer(&near, twisted);
	MUST(near_ask(&near, "", &asked) || size > 96);
	strbuf_free(&asked);
	near_free(&near);
	free(twisted);
}

static size_t repetitions(const char *text)
{
	size_t n = 0;

	while ((text = strpbrk(text, "*+?")))
		text++, n++;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int quiet;
	char *text;

	if (!quiet) /* reports are made, and not looked at */
		quiet = dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) >= 0;
	text = strndup((const char *)data, size);
	fuzz_trying = text;
	spec_try(text, true, false);
	spec_try(text, false, false);
	/* What libc makes of expressions that repeat repetitions, gigabytes, is not ours to test. */
	if (!strchr(text, '{') && repetitions(text) < 4) {
		spec_try(text, true, true);
		spec_try(text, false, true);
	}
	near_try(text);
	free(text);
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	static const char *const pieces[] = {
		"p", "r", "t", "u", ":", ":", ":", "::", "c", "/bin/a b", "\"", "\\", "\\\"",
		"vfs_read", "sys_", "__x64_sys_clone", "ksyscall", "[ext4]", "[a-z]", "[", "]",
		"[!", "*", "?", "+", "+16", "+0x", "0x1f", "(", ")", "|", "^", "$", " ", "\t",
		"#", "@", "@@V1", "-", "ns::f", "operator+", "<a, b>", "~", ".", ".isra.0",
		"\xc3\xa4", "\xff", "\x01", "kprobe", "{", "[[:alpha:]]", "$COMM", "9", "_",
	};
	unsigned long rounds = fuzz_begin(argc, argv, 20000);

	fuzz_texts(rounds, pieces, COUNT(pieces), 11, false);
	return fuzz_end(rounds);
}
#endif
