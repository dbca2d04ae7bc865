/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz: what the fuzzers share. Each is a LLVMFuzzerTestOneInput(), in which nothing may crash, hang,
 * leak or run away with memory, and MUST() holds.
 *
 * With libFuzzer (an empty corpus is filled with seeds first): tests/fuzz/run NAME [SECONDS]
 * Without, it is a loop over inputs made by chance, the same ones for the same number. It prints TAP,
 * and make check runs it:
 *	NAME [NUMBER [ROUNDS]]
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define SEED_MOST  8192 /* bytes */
#define COUNT(a)   (sizeof(a) / sizeof(*(a)))
#define MUST(what) ((what) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #what))

/* The input, where it is a text. */
static const char *fuzz_trying;

__attribute__((noinline, noreturn)) static void fuzz_fail(const char *file, int line,
							  const char *what)
{
	printf("%s:%d: not so: %s: '%s'\n", file, line, what, fuzz_trying ? fuzz_trying : "");
	fflush(stdout);
	abort();
}

#ifdef LIBFUZZER

/* A seed of the corpus, if it has none of this number: argv is that of libFuzzer. */
static inline void fuzz_seed(char **argv, size_t number, const void *bytes, size_t size)
{
	char path[4096];
	FILE *file;

	if (!argv[1] || argv[1][0] == '-')
		return;
	snprintf(path, sizeof(path), "%s/seed-%zu", argv[1], number);
	file = fopen(path, "wx");
	if (!file)
		return;
	fwrite(bytes, 1, size, file);
	fclose(file);
}

#else

static uint64_t chance_state;

/* xorshift64: the same ones on every machine */
static inline uint64_t chance(uint64_t below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return chance_state % below;
}

/* The number of rounds. */
static inline unsigned long fuzz_begin(int argc, char **argv, unsigned long rounds)
{
	chance_state = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) * 0x9e3779b97f4a7c15ull + 1;
	return argc > 2 ? strtoul(argv[2], NULL, 10) : rounds;
}

static inline int fuzz_end(unsigned long rounds)
{
	printf("ok 1 - %lu inputs, none did harm\n1..1\n", rounds);
	return 0;
}

/* In memory of its own size, so that ASan sees who reads behind its end. */
static inline void fuzz_try(const void *bytes, size_t size)
{
	uint8_t *own = malloc(size ? size : 1);

	MUST(own);
	memcpy(own, bytes, size);
	LLVMFuzzerTestOneInput(own, size);
	free(own);
}

/* Tries texts of up to `most` pieces, behind a byte of any value if that is wanted. */
static inline void fuzz_texts(unsigned long rounds, const char *const *pieces, size_t count,
			      size_t most, bool byte)
{
	char text[1024];

	for (unsigned long i = 0; i < rounds; i++) {
		size_t size = 0;

		if (byte)
			text[size++] = chance(256);
		for (size_t n = chance(most + 1); n; n--)
			size += snprintf(text + size, sizeof(text) - size, "%s",
					 pieces[chance(count)]);
		fuzz_try(text, size);
	}
}

/* Numbers at the edges of what fits. */
static inline void fuzz_damage(unsigned char *bytes, size_t size)
{
	static const uint64_t edges[] = { 0, 1, 4, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xffffffff,
					  INT64_MAX, UINT64_MAX, SEED_MOST, 0x1000 };
	size_t at = chance(size), wide = 1ul << chance(4);
	uint64_t value = edges[chance(COUNT(edges))];

	if (chance(2))
		value = chance(UINT64_MAX);
	at -= chance(2) ? at % wide : 0;
	memcpy(bytes + at, &value, wide < size - at ? wide : size - at);
}

/* Tries damaged seeds; seed() makes the one of this number, and returns its size. */
static inline void fuzz_damaged(unsigned long rounds, int seeds,
				size_t (*seed)(int number, unsigned char *out))
{
	static unsigned char bytes[SEED_MOST];

	for (unsigned long i = 0; i < rounds; i++) {
		size_t size = seed(i % seeds, bytes);

		if (!chance(8))
			size = 1 + chance(size);
		for (uint64_t n = chance(6); n; n--)
			fuzz_damage(bytes, size);
		fuzz_try(bytes, size);
	}
}

#endif
