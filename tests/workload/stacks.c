// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stacks - calls getpriority(2) with a known stack: main, stacks_one, stacks_two, stacks_three.
 *
 *	stacks call COUNT		so often
 *	stacks exec PROGRAM PID		twice, with time between; stops the process PID; once more;
 *					becomes PROGRAM, which does "call 1"
 *	stacks astray			below stacks_astray() the stack goes on with what is no code
 *
 * libc's function keeps no frame pointer, so who walks the stack misses stacks_three().
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "probed.h"

#pragma GCC optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")

static volatile int sum;

void stacks_one(void);
void stacks_two(void);
void stacks_three(void);
void stacks_astray(void);

PROBED void stacks_three(void)
{
	sum += getpriority(PRIO_PROCESS, 0);
}

PROBED void stacks_two(void)
{
	stacks_three();
	sum++;
}

PROBED void stacks_one(void)
{
	stacks_two();
	sum++;
}

/* As the ABIs of x86-64 and arm64 have it. */
struct frame {
	struct frame *below;
	uintptr_t back;
};

PROBED void stacks_astray(void)
{
	struct frame *own = __builtin_frame_address(0), *below = own->below;
	struct frame nowhere[3] = {
		{ &nowhere[1], (uintptr_t)&sum },
		{ &nowhere[2], 0x69667a7400524944 },
		{ NULL, 0x10 },
	};

	__asm__ volatile("" : : "r"(nowhere) : "memory");
	*(struct frame *volatile *)&own->below = nowhere;
	stacks_one();
	*(struct frame *volatile *)&own->below = below;
}

static int become(const char *program, pid_t pid)
{
	stacks_one();
	usleep(400000);
	stacks_one();
	usleep(400000);
	if (kill(pid, SIGSTOP))
		return 1;
	stacks_one();
	execl(program, program, "call", "1", NULL);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "call")) {
		for (int i = atoi(argv[2]); i > 0; i--)
			stacks_one();
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "exec"))
		return become(argv[2], atoi(argv[3]));
	if (argc == 2 && !strcmp(argv[1], "astray")) {
		stacks_astray();
		return 0;
	}
	fprintf(stderr, "usage: stacks call COUNT | exec PROGRAM PID | astray\n");
	return 2;
}
