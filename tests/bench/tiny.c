// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A program that ends, without libc, so that an exec costs as little as it can and what a
 * tool adds is not lost beside it.
 */
#if defined(__x86_64__)
void _start(void);
void _start(void)
{
	__asm__ volatile("syscall" : : "a"(231), "D"(0) : "rcx", "r11", "memory");
	__builtin_unreachable();
}
#elif defined(__aarch64__)
void _start(void);
void _start(void)
{
	register long status __asm__("x0") = 0;
	register long number __asm__("x8") = 94;

	__asm__ volatile("svc 0" : : "r"(status), "r"(number) : "memory");
	__builtin_unreachable();
}
#else
#error "how does a program end here?"
#endif
