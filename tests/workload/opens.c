// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Opens files in every way there is. Usage: opens CASE [ARG...]; see cases[] at the end.
 *
 * Expected lines: via, path, err, fd, flags, mode, bits (64 or 32), full path, pid. A first open of
 * /opens-begin and a last one of /opens-end (both ENOENT, not printed) mark what is meant.
 * Works in an empty directory on a file system with file handles and O_TMPFILE (tmpfs).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "expect.h"

#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#define SYS_io_uring_enter 426
#endif

#if defined(__x86_64__) /* the libc says 0 */
#define LARGEFILE 0100000
#elif defined(__aarch64__)
#define LARGEFILE 0400000
#else
#define LARGEFILE O_LARGEFILE
#endif

struct how { /* struct open_how: not in every libc's headers */
	uint64_t flags, mode, resolve;
};

static char dir[PATH_MAX]; /* where we work, canonical */

static const char *in_dir(const char *name)
{
	static char text[8][PATH_MAX];
	static int next;
	char *s = text[next++ % 8];

	if (snprintf(s, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		fail("%s/%s", dir, name);
	return s;
}

/* One expected line. ret: what the system call returned, errno set if -1. */
static int expect_open(const char *via, const char *path, long ret, int flags, int mode,
		       bool compat, const char *full)
{
	int err = ret < 0 ? errno : 0;

	printf("%s\t", via);
	plain_string(path);
	printf("\t%d\t%ld\t%d\t", err, ret < 0 ? -1 : ret, flags);
	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
		printf("%d", mode);
	else
		fputs("null", stdout);
	printf("\t%s\t", compat ? "32" : "64");
	plain_string(full);
	printf("\t%d\n", getpid());
	fflush(stdout);
	errno = err;
	return ret;
}

static int open_at(int at, const char *path, int flags, int mode, const char *full)
{
	return expect_open("openat", path, syscall(SYS_openat, at, path, flags, mode), flags,
			   mode, false, full);
}

/* A file or directory of ours that must be there, or not; the descriptor is closed again. */
static void must(int fd)
{
	if (fd < 0)
		fail("an open that should succeed");
	close(fd);
}

static void must_fail(int fd, int err)
{
	if (fd >= 0 || errno != err)
		fail("an open that should fail with %s", strerror(err));
}

static void mark(const char *path)
{
	fflush(stdout);
	syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

static void make_file(const char *path, int mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, "x\n", 2) != 2)
		fail("%s", path);
	close(fd);
}

static void make_dir(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		fail("%s", path);
}

static void make_link(const char *to, const char *path)
{
	unlink(path);
	if (symlink(to, path))
		fail("%s", path);
}

/* Runs one case in a child: its chroot, namespace, user and descriptors end with it. */
static void in_child(void (*run)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		run();
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		fail("a case ended with status %#x", status);
}

static void set_up(void)
{
	expect_scratch_directory();
	umask(022);
	if (!realpath(".", dir))
		fail("current directory");
	make_file("file", 0644);
	make_file("secret", 0600);
	make_dir("sub");
	make_dir("sub/in");
	make_file("sub/in/deep", 0644);
	make_link("sub/in/deep", "link");
	make_link("loop", "loop");
	make_link("sub/in", "dirlink");
	make_dir("mnt");
	make_dir("bind");
	make_dir("root");
	make_dir("root/etc");
	make_file("root/etc/inside", 0644);
	make_dir("gone");
}

/* The five calls, successes. */
static void run_calls(void)
{
	struct how how = { .flags = O_RDONLY | O_CLOEXEC };
	struct how make = { .flags = O_CREAT | O_RDWR | O_EXCL, .mode = 0640 };

#ifdef SYS_open
	must(expect_open("open", "file", syscall(SYS_open, "file", O_RDONLY, 0), O_RDONLY, 0,
			 false, in_dir("file")));
	must(expect_open("open", "file", syscall(SYS_open, "file", O_RDWR | O_APPEND, 0),
			 O_RDWR | O_APPEND, 0, false, in_dir("file")));
#else
	expect_skip("open(2) is no system call here");
#endif
#ifdef SYS_creat
	must(expect_open("creat", "made-by-creat", syscall(SYS_creat, "made-by-creat", 0600),
			 O_CREAT | O_WRONLY | O_TRUNC, 0600, false, in_dir("made-by-creat")));
#else
	expect_skip("creat(2) is no system call here");
#endif
	must(open_at(AT_FDCWD, "file", O_RDONLY, 0, in_dir("file")));
	must(open_at(AT_FDCWD, "file", O_WRONLY | O_TRUNC, 0, in_dir("file")));
	must(open_at(AT_FDCWD, "made-by-openat", O_RDWR | O_CREAT | O_CLOEXEC, 0604,
		     in_dir("made-by-openat")));
	must(open_at(AT_FDCWD, "sub", O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0, in_dir("sub")));
	must(open_at(AT_FDCWD, "link", O_PATH | O_NOFOLLOW, 0, in_dir("link")));
	unlink("made-by-openat2");
	must(expect_open("openat2", "file",
			 syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof(how)),
			 how.flags, 0, false, in_dir("file")));
	must(expect_open("openat2", "made-by-openat2",
			 syscall(SYS_openat2, AT_FDCWD, "made-by-openat2", &make, sizeof(make)),
			 make.flags, make.mode, false, in_dir("made-by-openat2")));
}

static void run_handle(void)
{
	struct {
		struct file_handle head;
		char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount_id, at, fd;

	if (name_to_handle_at(AT_FDCWD, "file", &handle.head, &mount_id, 0)) {
		expect_skip("no file handles on this file system");
		return;
	}
	at = open(".", O_RDONLY | O_DIRECTORY); /* a line of its own */
	expect_open("openat", ".", at, O_RDONLY | O_DIRECTORY, 0, false, dir);
	fd = syscall(SYS_open_by_handle_at, at, &handle, O_RDONLY);
	if (fd < 0 && errno == EPERM) {
		expect_open("open_by_handle_at", NULL, fd, O_RDONLY, 0, false, "*");
		expect_skip("no CAP_DAC_READ_SEARCH");
		return;
	}
	must(expect_open("open_by_handle_at", NULL, fd, O_RDONLY, 0, false, in_dir("file")));
	memset(handle.bytes, 0x55, handle.head.handle_bytes);
	fd = syscall(SYS_open_by_handle_at, at, &handle, O_RDONLY);
	must_fail(expect_open("open_by_handle_at", NULL, fd, O_RDONLY, 0, false, "*"), ESTALE);
}

static void run_tmpfile(void)
{
	int fd = syscall(SYS_openat, AT_FDCWD, dir, O_TMPFILE | O_RDWR, 0600);

	/* its name in the file system is "#" and the inode */
	expect_open("openat", dir, fd, O_TMPFILE | O_RDWR, 0600, false, "*");
	if (fd < 0)
		expect_skip("O_TMPFILE fails on this file system");
}

static void run_as_nobody(void)
{
	if (syscall(SYS_setresgid, 65534, 65534, 65534) ||
	    syscall(SYS_setresuid, 65534, 65534, 65534)) {
		expect_skip("cannot become nobody");
		return;
	}
	must_fail(open_at(AT_FDCWD, in_dir("secret"), O_RDONLY, 0, in_dir("secret")), EACCES);
}

/* Failures: the base directory and the text as given. */
static void run_failures(void)
{
	struct how bad = { .flags = O_RDONLY, .resolve = 1ULL << 40 };

	must_fail(open_at(AT_FDCWD, "nowhere", O_RDONLY, 0, in_dir("nowhere")), ENOENT);
	must_fail(open_at(AT_FDCWD, "sub/../nowhere", O_RDONLY, 0, in_dir("sub/../nowhere")),
		  ENOENT);
	must_fail(open_at(AT_FDCWD, "/no/where", O_RDWR, 0, "/no/where"), ENOENT);
	must_fail(open_at(AT_FDCWD, "loop", O_RDONLY, 0, in_dir("loop")), ELOOP);
	must_fail(open_at(AT_FDCWD, "sub", O_WRONLY, 0, in_dir("sub")), EISDIR);
	must_fail(open_at(AT_FDCWD, "file/x", O_RDONLY, 0, in_dir("file/x")), ENOTDIR);
	must_fail(open_at(AT_FDCWD, "file", O_CREAT | O_EXCL, 0644, in_dir("file")), EEXIST);
	must_fail(open_at(999, "x", O_RDONLY, 0, "*"), EBADF);
	must_fail(expect_open("openat", NULL,
			      syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY, 0), O_RDONLY, 0,
			      false, "*"),
		  EFAULT);
	must_fail(expect_open("openat", "", syscall(SYS_openat, AT_FDCWD, "", O_RDONLY, 0),
			      O_RDONLY, 0, false, "*"),
		  ENOENT);
	must_fail(expect_open("openat2", "file",
			      syscall(SYS_openat2, AT_FDCWD, "file", &bad, sizeof(bad)),
			      O_RDONLY, 0, false, in_dir("file")),
		  EINVAL);
	in_child(run_as_nobody);
}

/* Bytes that would fool a terminal or a script. */
static void run_names(void)
{
	static const char *const names[] = {
		"new\nline", "\033[31mred", "a\tb\rc", "back\\slash", "quo\"te", "bad\xff\xfeutf",
		"caf\xc3\xa9", "del\x7f", "c1\xc2\x9b", "\xe2\x80\xae" "bidi", "cut\xe2\x80",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		must_fail(open_at(AT_FDCWD, names[i], O_RDONLY, 0, in_dir(names[i])), ENOENT);
}

/* A path of exactly 4095 bytes, one that is too long, and one deep below. */
static void run_long(void)
{
	static char path[PATH_MAX + 1], full[2 * PATH_MAX];
	char name[61];
	size_t used;
	int fd;

	memset(path, '/', PATH_MAX);
	memcpy(path + PATH_MAX - 5, "file", 4);
	path[0] = '.'; /* ".////...////file" */
	path[PATH_MAX - 1] = 0;
	must(open_at(AT_FDCWD, path, O_RDONLY, 0, in_dir("file")));
	memset(path, 'q', PATH_MAX);
	path[PATH_MAX] = 0;
	fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
	must_fail(expect_open("openat", "*", fd, O_RDONLY, 0, false, "*"), ENAMETOOLONG);

	memset(name, 'd', 60);
	name[60] = 0;
	used = sprintf(full, "%s", dir);
	for (int i = 0; i < 50; i++) {
		make_dir(name);
		if (chdir(name))
			fail("%s", name);
		used += sprintf(full + used, "/%s", name);
	}
	sprintf(full + used, "/bottom");
	must(open_at(AT_FDCWD, "bottom", O_RDWR | O_CREAT, 0600, full));
	if (chdir(dir))
		fail("%s", dir);
}

/* Where no one has looked yet: the path lies on a page that is not there until the kernel
 * reads it. */
static void run_cold(void)
{
	static char room[2 * 4096];
	int fd = open("pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *cold;

	if (fd < 0)
		fail("pages");
	expect_open("openat", "pages", fd, O_RDWR | O_CREAT | O_TRUNC, 0600, false,
		    in_dir("pages"));
	strcpy(room, "file");
	strcpy(room + 4096 - 8, "cold-nowhere"); /* half of it on the next page */
	if (write(fd, room, sizeof(room)) != sizeof(room))
		fail("pages");
	cold = mmap(NULL, sizeof(room), PROT_READ, MAP_PRIVATE, fd, 0);
	if (cold == MAP_FAILED)
		fail("mmap");
	must(expect_open("openat", "file", syscall(SYS_openat, AT_FDCWD, cold, O_RDONLY, 0),
			 O_RDONLY, 0, false, in_dir("file")));
	must_fail(expect_open("openat", "cold-nowhere",
			      syscall(SYS_openat, AT_FDCWD, cold + 4096 - 8, O_RDONLY, 0),
			      O_RDONLY, 0, false, in_dir("cold-nowhere")),
		  ENOENT);
	munmap(cold, sizeof(room));
	close(fd);
}

/* What -F must resolve. */
static void run_resolve(void)
{
	int at = open_at(AT_FDCWD, "sub", O_PATH | O_DIRECTORY, 0, in_dir("sub"));
	struct how how = { .flags = O_RDONLY, .resolve = 0x10 /* RESOLVE_IN_ROOT */ };

	must(open_at(at, "in/deep", O_RDONLY, 0, in_dir("sub/in/deep")));
	must_fail(open_at(at, "in/none", O_RDONLY, 0, in_dir("sub/in/none")), ENOENT);
	must(open_at(at, "../file", O_RDONLY, 0, in_dir("file")));
	must(open_at(at, in_dir("file"), O_RDONLY, 0, in_dir("file")));
	must(open_at(AT_FDCWD, "link", O_RDONLY, 0, in_dir("sub/in/deep")));
	must(open_at(AT_FDCWD, "dirlink/../in/./deep", O_RDONLY, 0, in_dir("sub/in/deep")));
	must(open_at(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0, "/"));
	must(open_at(AT_FDCWD, "/../..", O_RDONLY | O_DIRECTORY, 0, "/"));
	must(open_at(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0, dir));
	must(open_at(AT_FDCWD, "/dev/null", O_RDWR, 0, "/dev/null"));
	if (chdir("sub/in"))
		fail("sub/in");
	must(open_at(AT_FDCWD, "../../file", O_RDONLY, 0, in_dir("file")));
	must_fail(open_at(AT_FDCWD, "none", O_RDONLY, 0, in_dir("sub/in/none")), ENOENT);
	if (chdir(dir))
		fail("%s", dir);
	must(expect_open("openat2", "/in/deep",
			 syscall(SYS_openat2, at, "/in/deep", &how, sizeof(how)), O_RDONLY, 0,
			 false, in_dir("sub/in/deep")));
	close(at);
}

static void run_chroot(void)
{
	if (chroot("root") || chdir("/etc")) {
		expect_skip("chroot is not allowed");
		return;
	}
	must(open_at(AT_FDCWD, "/etc/inside", O_RDONLY, 0, "/etc/inside"));
	must(open_at(AT_FDCWD, "inside", O_RDONLY, 0, "/etc/inside"));
	must(open_at(AT_FDCWD, "/../../etc/./inside", O_RDONLY, 0, "/etc/inside"));
	must_fail(open_at(AT_FDCWD, "none", O_RDONLY, 0, "/etc/none"), ENOENT);
	must(open_at(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0, "/"));
}

static void run_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "mnt", "tmpfs", 0, NULL) || mount("sub", "bind", NULL, MS_BIND, NULL)) {
		expect_skip("mounting is not allowed");
		return;
	}
	make_dir("mnt/d"); /* no opens in between */
	must(open_at(AT_FDCWD, "mnt/d/f", O_CREAT | O_RDWR, 0600, in_dir("mnt/d/f")));
	must(open_at(AT_FDCWD, "mnt", O_RDONLY | O_DIRECTORY, 0, in_dir("mnt")));
	must(open_at(AT_FDCWD, "mnt/d/../../file", O_RDONLY, 0, in_dir("file")));
	must(open_at(AT_FDCWD, "bind/in/deep", O_RDONLY, 0, in_dir("bind/in/deep")));
	if (chdir("bind/in"))
		fail("bind/in");
	must(open_at(AT_FDCWD, "deep", O_RDONLY, 0, in_dir("bind/in/deep")));
	must_fail(open_at(AT_FDCWD, "none", O_RDONLY, 0, in_dir("bind/in/none")), ENOENT);
}

static void run_deleted(void)
{
	if (chdir("gone") || rmdir("../gone"))
		fail("gone");
	must_fail(open_at(AT_FDCWD, "x", O_RDONLY, 0, in_dir("gone/x")), ENOENT);
}

#ifdef __x86_64__
static char *low; /* a page that a 32-bit pointer reaches */

static int int80(int nr, unsigned int a, unsigned int b, unsigned int c, unsigned int d)
{
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	if (ret < 0 && ret > -4096) {
		errno = -ret;
		return -1;
	}
	return ret;
}

static void try_int80(void)
{
	_exit(int80(20 /* getpid */, 0, 0, 0, 0) == getpid() ? 0 : 1);
}

static bool has_int80(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		try_int80();
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static void run_int80(void)
{
	unsigned int at;
	struct how *how;

	low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		   -1, 0);
	if (low == MAP_FAILED || !has_int80()) {
		expect_skip("no 32-bit system calls (int 0x80)");
		return;
	}
	at = (uintptr_t)low;
	how = (struct how *)(low + 1024);
	strcpy(low, "file");
	strcpy(low + 512, "made-by-int80");
	how->flags = O_RDONLY | O_CLOEXEC;
	must(expect_open("open", low, int80(5, at, O_RDONLY, 0, 0), O_RDONLY, 0, true,
			 in_dir("file")));
	must(expect_open("creat", low + 512, int80(8, at + 512, 0600, 0, 0),
			 O_CREAT | O_WRONLY | O_TRUNC, 0600, true, in_dir("made-by-int80")));
	must(expect_open("openat", low, int80(295, AT_FDCWD, at, O_RDWR, 0), O_RDWR, 0, true,
			 in_dir("file")));
	must(expect_open("openat2", low, int80(437, AT_FDCWD, at, at + 1024, sizeof(*how)),
			 how->flags, 0, true, in_dir("file")));
	strcpy(low, "nowhere80");
	must_fail(expect_open("open", low, int80(5, at, O_RDONLY, 0, 0), O_RDONLY, 0, true,
			      in_dir("nowhere80")),
		  ENOENT);
}
#else
static void run_int80(void)
{
	expect_skip("int 0x80 is an x86 instruction");
}
#endif

/* ---- io_uring by its system calls; layout of include/uapi/linux/io_uring.h ---- */

struct sqe {
	uint8_t opcode, flags;
	uint16_t ioprio;
	int32_t fd;
	uint64_t off, addr;
	uint32_t len, op_flags;
	uint64_t user_data, pad[3];
};

struct cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};

struct ring_params {
	uint32_t sq_entries, cq_entries, flags, cpu, idle, features, wq_fd, resv[3];
	struct {
		uint32_t head, tail, mask, entries, flags, dropped, array, resv1;
		uint64_t resv2;
	} sq;
	struct {
		uint32_t head, tail, mask, entries, overflow, cqes, flags, resv1;
		uint64_t resv2;
	} cq;
};

static struct ring {
	int fd;
	struct ring_params p;
	char *sq, *cq;
	struct sqe *sqes;
} ring;

static bool ring_start(void)
{
	struct ring *r = &ring;

	r->fd = syscall(SYS_io_uring_setup, 4, &r->p);
	if (r->fd < 0)
		return false;
	r->sq = mmap(NULL, r->p.sq.array + r->p.sq_entries * 4, PROT_READ | PROT_WRITE,
		     MAP_SHARED, r->fd, 0);
	r->cq = mmap(NULL, r->p.cq.cqes + r->p.cq_entries * sizeof(struct cqe),
		     PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0x8000000);
	r->sqes = mmap(NULL, r->p.sq_entries * sizeof(struct sqe), PROT_READ | PROT_WRITE,
		       MAP_SHARED, r->fd, 0x10000000);
	return r->sq != MAP_FAILED && r->cq != MAP_FAILED && (void *)r->sqes != MAP_FAILED;
}

/* One request from submission to completion; -1 and errno, or its result. */
static int ring_run(const struct sqe *sqe)
{
	struct ring *r = &ring;
	uint32_t *tail = (uint32_t *)(r->sq + r->p.sq.tail);
	uint32_t *head = (uint32_t *)(r->cq + r->p.cq.head);
	uint32_t mask = *(uint32_t *)(r->sq + r->p.sq.mask), at = *tail & mask;
	struct cqe *cqe;
	int res;

	r->sqes[at] = *sqe;
	((uint32_t *)(r->sq + r->p.sq.array))[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, 1 /* GETEVENTS */, NULL, 0) != 1)
		fail("io_uring_enter");
	cqe = (struct cqe *)(r->cq + r->p.cq.cqes);
	mask = *(uint32_t *)(r->cq + r->p.cq.mask);
	res = cqe[*head & mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (res < 0) {
		errno = -res;
		return -1;
	}
	return res;
}

static int ring_openat(const char *path, int flags, int mode, int how, const char *full)
{
	struct sqe sqe = { .opcode = 18, .flags = how, .fd = AT_FDCWD,
			   .addr = (uintptr_t)path, .len = mode, .op_flags = flags };

	/* io_uring adds O_LARGEFILE by itself, as open(2) of a 64-bit program does. */
	return expect_open("io_uring", path, ring_run(&sqe), flags | LARGEFILE, mode, false, full);
}

static void run_uring(void)
{
	struct how how = { .flags = O_CREAT | O_RDWR, .mode = 0600 };
	struct sqe sqe = { .opcode = 28, .fd = AT_FDCWD, .addr = (uintptr_t) "by-uring2",
			   .len = sizeof(how), .off = (uintptr_t)&how };

	if (!ring_start()) {
		expect_skip("io_uring_setup fails");
		return;
	}
	must(ring_openat("file", O_RDONLY, 0, 0, in_dir("file")));
	must(ring_openat("by-uring", O_CREAT | O_WRONLY, 0640, 0, in_dir("by-uring")));
	must_fail(ring_openat("uring-nowhere", O_RDONLY, 0, 0, in_dir("uring-nowhere")), ENOENT);
	must(expect_open("io_uring", "by-uring2", ring_run(&sqe),
			 how.flags | LARGEFILE, how.mode, false, in_dir("by-uring2")));
	must(ring_openat("file", O_RDWR, 0, 16 /* IOSQE_ASYNC: by a worker */, in_dir("file")));
	must_fail(ring_openat("async-nowhere", O_RDONLY, 0, 16, in_dir("async-nowhere")), ENOENT);
}

/* ---- the command line ---- */

/* Everything but io_uring, which not every way of tracing sees. */
static void run_all(void)
{
	run_calls();
	in_child(run_handle);
	in_child(run_tmpfile);
	run_failures();
	run_names();
	run_long();
	run_cold();
	run_resolve();
	in_child(run_chroot);
	in_child(run_mounts);
	run_int80();
	in_child(run_deleted);
}

/* The small set that every row of the plan must give. */
static void run_basic(void)
{
	run_calls();
	must_fail(open_at(AT_FDCWD, "nowhere", O_RDONLY, 0, in_dir("nowhere")), ENOENT);
	run_cold();
}

/* One failure of each access mode and one with O_CLOEXEC, and a success. */
static void run_flags(void)
{
	must_fail(open_at(AT_FDCWD, "f-rd", O_RDONLY, 0, in_dir("f-rd")), ENOENT);
	must_fail(open_at(AT_FDCWD, "f-wr", O_WRONLY, 0, in_dir("f-wr")), ENOENT);
	must_fail(open_at(AT_FDCWD, "f-rdwr", O_RDWR | O_APPEND, 0, in_dir("f-rdwr")), ENOENT);
	must_fail(open_at(AT_FDCWD, "f-cloexec", O_RDONLY | O_CLOEXEC, 0, in_dir("f-cloexec")),
		  ENOENT);
	must(open_at(AT_FDCWD, "f-made", O_WRONLY | O_CREAT | O_TRUNC, 0600, in_dir("f-made")));
}

/* loop COUNT [PROCESSES]: as fast as can be; prints how many opens there were in all. */
static int run_loop(char **args)
{
	long count = args[0] ? atol(args[0]) : 1000;
	int processes = args[0] && args[1] ? atoi(args[1]) : 1;
	int status, bad = 0;

	for (int i = 0; i < processes; i++) {
		if (fork())
			continue;
		for (long n = 0; n < count; n++)
			syscall(SYS_openat, AT_FDCWD, "/opens-loop-nowhere", O_RDONLY, 0);
		_exit(0);
	}
	while (wait(&status) > 0)
		bad |= status;
	printf("%ld\n", count * processes);
	return bad;
}

/* tick COUNT MILLISECONDS: now and then; the path holds the monotonic clock. */
static int run_tick(char **args)
{
	int count = args[0] ? atoi(args[0]) : 10, ms = args[0] && args[1] ? atoi(args[1]) : 50;

	for (int i = 0; i < count; i++) {
		struct timespec now;
		char path[64];

		usleep(ms * 1000);
		clock_gettime(CLOCK_MONOTONIC, &now);
		snprintf(path, sizeof(path), "/tick-%lld",
			 now.tv_sec * 1000000000LL + now.tv_nsec);
		syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
	}
	return 0;
}

/* paths PATH...: opens these. */
static int run_paths(char **args)
{
	for (; *args; args++) {
		int fd = syscall(SYS_openat, AT_FDCWD, *args, O_RDONLY, 0);

		if (fd >= 0)
			close(fd);
	}
	return 0;
}

static const struct {
	const char *name;
	void (*run)(void);
	int (*with_args)(char **);
} cases[] = {
	{ "all", run_all, NULL },   { "basic", run_basic, NULL }, { "flags", run_flags, NULL },
	{ "uring", run_uring, NULL }, { "int80", run_int80, NULL }, { "calls", run_calls, NULL },
	{ "loop", NULL, run_loop }, { "tick", NULL, run_tick },   { "paths", NULL, run_paths },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[1], cases[i].name))
			continue;
		if (cases[i].with_args)
			return cases[i].with_args(argv + 2);
		set_up();
		mark("/opens-begin");
		cases[i].run();
		mark("/opens-end");
		return 0;
	}
	fprintf(stderr, "usage: opens all|basic|flags|uring|int80|calls|loop|tick|paths [ARG...]\n");
	return 2;
}
