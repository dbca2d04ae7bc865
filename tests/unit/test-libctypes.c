// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libc's types that are built in, against what the compiler says of the same headers. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "expr/ctype.h"
#include "expr/libctypes.h"
#include "expr/libctypes.types.h"

static struct ctypes types;

static int setup(void **state)
{
	const void *data;
	size_t size;

	(void)state;
	data = libctypes_bytes(&size);
	assert_int_equal((uintptr_t)data % 8, 0);
	assert_non_null(ctypes_add(&types, data, size, NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ctypes_free(&types);
	return 0;
}

static const struct ctype *find(const char *name)
{
	const struct ctype *type = !strncmp(name, "struct ", 7) ?
		ctypes_tag(&types, CTYPE_STRUCT, name + 7) :
		!strncmp(name, "union ", 6) ? ctypes_tag(&types, CTYPE_UNION, name + 6) :
					      ctypes_named(&types, name);

	if (!type)
		fail_msg("there is no %s", name);
	return type;
}

static void check_size(const char *name, size_t expected)
{
	uint64_t size = 0;

	if (!ctype_size(find(name), &size) || size != expected)
		fail_msg("%s: has %llu bytes, not %zu", name, (unsigned long long)size, expected);
}

static void check_member(const char *type, const char *name, size_t offset, size_t size)
{
	struct ctype_member m;

	if (!ctype_member_find(find(type), name, &m))
		fail_msg("%s has no %s", type, name);
	if (m.bit_offset != offset * 8 || m.type->size != size)
		fail_msg("%s: %s has %llu bytes at bit %llu, not %zu at byte %zu", type, name,
			 (unsigned long long)m.type->size, (unsigned long long)m.bit_offset, size,
			 offset);
}

#define SIZE(type) check_size(#type, sizeof(type))
#define MEMBER_OF(type, name) \
	check_member(#type, #name, offsetof(type, name), sizeof(((type *)0)->name))

static void sizes(void **state)
{
	(void)state;
	SIZE(union libctypes); /* the largest of all */
	SIZE(struct timespec); SIZE(struct timeval); SIZE(struct itimerspec); SIZE(struct tm);
	SIZE(struct timex); SIZE(struct stat); SIZE(struct statx); SIZE(struct statfs);
	SIZE(struct dirent); SIZE(struct flock); SIZE(struct iovec); SIZE(struct pollfd);
	SIZE(struct epoll_event); SIZE(struct termios); SIZE(struct winsize); SIZE(fd_set);
	SIZE(struct sockaddr); SIZE(struct sockaddr_in); SIZE(struct sockaddr_in6);
	SIZE(struct sockaddr_un); SIZE(struct sockaddr_storage); SIZE(struct in_addr);
	SIZE(struct in6_addr); SIZE(struct msghdr); SIZE(struct mmsghdr); SIZE(struct ucred);
	SIZE(struct linger); SIZE(struct addrinfo); SIZE(struct ifreq); SIZE(struct sigaction);
	SIZE(siginfo_t); SIZE(sigset_t); SIZE(struct rlimit); SIZE(struct rusage);
	SIZE(struct sched_param); SIZE(pthread_mutex_t); SIZE(pthread_attr_t); SIZE(sem_t);
	SIZE(struct semid_ds); SIZE(struct shmid_ds); SIZE(struct msqid_ds); SIZE(struct mq_attr);
	SIZE(struct utsname); SIZE(struct sysinfo); SIZE(struct passwd); SIZE(struct group);
	SIZE(struct utimbuf); SIZE(struct itimerval); SIZE(struct timezone); SIZE(Dl_info);
}

static void members(void **state)
{
	(void)state;
	MEMBER_OF(struct timespec, tv_nsec); MEMBER_OF(struct timeval, tv_usec);
	MEMBER_OF(struct tm, tm_year); MEMBER_OF(struct stat, st_mode);
	MEMBER_OF(struct stat, st_nlink); MEMBER_OF(struct stat, st_size);
	MEMBER_OF(struct stat, st_mtim); MEMBER_OF(struct statfs, f_type);
	MEMBER_OF(struct dirent, d_type); MEMBER_OF(struct dirent, d_name);
	MEMBER_OF(struct iovec, iov_len); MEMBER_OF(struct pollfd, revents);
	MEMBER_OF(struct epoll_event, data); MEMBER_OF(struct sockaddr_in, sin_addr);
	MEMBER_OF(struct sockaddr_in, sin_port); MEMBER_OF(struct sockaddr_in6, sin6_addr);
	MEMBER_OF(struct sockaddr_in6, sin6_scope_id); MEMBER_OF(struct sockaddr_un, sun_path);
	MEMBER_OF(struct msghdr, msg_iov); MEMBER_OF(struct msghdr, msg_controllen);
	MEMBER_OF(struct msghdr, msg_flags); MEMBER_OF(struct mmsghdr, msg_len);
	MEMBER_OF(struct addrinfo, ai_addr); MEMBER_OF(struct sigaction, sa_mask);
	MEMBER_OF(struct sigaction, sa_flags); MEMBER_OF(siginfo_t, si_code);
	MEMBER_OF(struct rusage, ru_maxrss); MEMBER_OF(struct utsname, machine);
	MEMBER_OF(struct sysinfo, mem_unit); MEMBER_OF(struct passwd, pw_dir);
	MEMBER_OF(struct flock, l_pid); MEMBER_OF(struct semid_ds, sem_nsems);
	MEMBER_OF(struct shmid_ds, shm_segsz); MEMBER_OF(struct link_map, l_name);
}

static void numbers(void **state)
{
	(void)state;
#define NUMBER(name) \
	do { \
		check_size(#name, sizeof(name)); \
		assert_int_equal(find(#name)->is_signed, (name)-1 < (name)1); \
		assert_string_equal(find(#name)->alias, #name); \
	} while (0)
	NUMBER(size_t); NUMBER(ssize_t); NUMBER(off_t); NUMBER(pid_t); NUMBER(mode_t);
	NUMBER(uid_t); NUMBER(socklen_t); NUMBER(time_t); NUMBER(dev_t); NUMBER(ino_t);
	NUMBER(nlink_t); NUMBER(clockid_t); NUMBER(int8_t); NUMBER(uint8_t); NUMBER(uint16_t);
	NUMBER(uint32_t); NUMBER(int64_t); NUMBER(uint64_t); NUMBER(uintptr_t); NUMBER(wchar_t);
	NUMBER(in_port_t); NUMBER(key_t);
}

static void chars(void **state)
{
	struct ctype_member m;

	(void)state;
	assert_true(ctype_member_find(find("struct sockaddr_un"), "sun_path", &m));
	assert_true(m.type->target->is_char);
	assert_int_equal(m.type->target->is_signed, CHAR_MIN < 0); /* arm64: unsigned */
	assert_int_equal(m.type->count, sizeof(((struct sockaddr_un *)0)->sun_path));
}

static void opaque(void **state)
{
	const struct ctype *file = find("FILE");
	uint64_t size;

	(void)state;
	assert_int_equal(file->kind, CTYPE_STRUCT);
	assert_false(ctype_size(file, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes), cmocka_unit_test(members), cmocka_unit_test(numbers),
		cmocka_unit_test(chars), cmocka_unit_test(opaque),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
