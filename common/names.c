// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's own <asm/fcntl.h>, not the C library's: that one says that O_LARGEFILE is
 * 0 where every file may be large anyway, but the kernel sees the bit, and so do we. */
#include <asm/fcntl.h>
#include <errno.h>
#include <string.h>
#include "names.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* clang-format off */
#define NAME(e) [e] = #e

static const char *const errno_names[] = {
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO),
	NAME(E2BIG), NAME(ENOEXEC), NAME(EBADF), NAME(ECHILD), NAME(EAGAIN),
	NAME(ENOMEM), NAME(EACCES), NAME(EFAULT), NAME(ENOTBLK), NAME(EBUSY),
	NAME(EEXIST), NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR), NAME(EISDIR),
	NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY), NAME(ETXTBSY),
	NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK), NAME(EPIPE),
	NAME(EDOM), NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOLCK),
	NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP), NAME(ENOMSG), NAME(EIDRM),
	NAME(ECHRNG), NAME(EL2NSYNC), NAME(EL3HLT), NAME(EL3RST), NAME(ELNRNG),
	NAME(EUNATCH), NAME(ENOCSI), NAME(EL2HLT), NAME(EBADE), NAME(EBADR),
	NAME(EXFULL), NAME(ENOANO), NAME(EBADRQC), NAME(EBADSLT), NAME(EBFONT),
	NAME(ENOSTR), NAME(ENODATA), NAME(ETIME), NAME(ENOSR), NAME(ENONET),
	NAME(ENOPKG), NAME(EREMOTE), NAME(ENOLINK), NAME(EADV), NAME(ESRMNT),
	NAME(ECOMM), NAME(EPROTO), NAME(EMULTIHOP), NAME(EDOTDOT), NAME(EBADMSG),
	NAME(EOVERFLOW), NAME(ENOTUNIQ), NAME(EBADFD), NAME(EREMCHG), NAME(ELIBACC),
	NAME(ELIBBAD), NAME(ELIBSCN), NAME(ELIBMAX), NAME(ELIBEXEC), NAME(EILSEQ),
	NAME(ERESTART), NAME(ESTRPIPE), NAME(EUSERS), NAME(ENOTSOCK), NAME(EDESTADDRREQ),
	NAME(EMSGSIZE), NAME(EPROTOTYPE), NAME(ENOPROTOOPT), NAME(EPROTONOSUPPORT),
	NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP), NAME(EPFNOSUPPORT), NAME(EAFNOSUPPORT),
	NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ENETDOWN), NAME(ENETUNREACH),
	NAME(ENETRESET), NAME(ECONNABORTED), NAME(ECONNRESET), NAME(ENOBUFS),
	NAME(EISCONN), NAME(ENOTCONN), NAME(ESHUTDOWN), NAME(ETOOMANYREFS),
	NAME(ETIMEDOUT), NAME(ECONNREFUSED), NAME(EHOSTDOWN), NAME(EHOSTUNREACH),
	NAME(EALREADY), NAME(EINPROGRESS), NAME(ESTALE), NAME(EUCLEAN), NAME(ENOTNAM),
	NAME(ENAVAIL), NAME(EISNAM), NAME(EREMOTEIO), NAME(EDQUOT), NAME(ENOMEDIUM),
	NAME(EMEDIUMTYPE), NAME(ECANCELED), NAME(ENOKEY), NAME(EKEYEXPIRED),
	NAME(EKEYREVOKED), NAME(EKEYREJECTED), NAME(EOWNERDEAD), NAME(ENOTRECOVERABLE),
	NAME(ERFKILL), NAME(EHWPOISON),
};
/* clang-format on */

/* include/linux/errno.h: never seen by programs, but by whoever looks at the kernel's
 * return value. An open of a FIFO that a signal ends has returned ERESTARTSYS at that
 * point. */
#define ERRNO_KERNEL 512

static const char *const kernel_names[] = {
	[512 - ERRNO_KERNEL] = "ERESTARTSYS",
	[513 - ERRNO_KERNEL] = "ERESTARTNOINTR",
	[514 - ERRNO_KERNEL] = "ERESTARTNOHAND",
	[515 - ERRNO_KERNEL] = "ENOIOCTLCMD",
	[516 - ERRNO_KERNEL] = "ERESTART_RESTARTBLOCK",
	[517 - ERRNO_KERNEL] = "EPROBE_DEFER",
	[518 - ERRNO_KERNEL] = "EOPENSTALE",
	[519 - ERRNO_KERNEL] = "ENOPARAM",
	[521 - ERRNO_KERNEL] = "EBADHANDLE",
	[522 - ERRNO_KERNEL] = "ENOTSYNC",
	[523 - ERRNO_KERNEL] = "EBADCOOKIE",
	[524 - ERRNO_KERNEL] = "ENOTSUPP",
	[525 - ERRNO_KERNEL] = "ETOOSMALL",
	[526 - ERRNO_KERNEL] = "ESERVERFAULT",
	[527 - ERRNO_KERNEL] = "EBADTYPE",
	[528 - ERRNO_KERNEL] = "EJUKEBOX",
	[529 - ERRNO_KERNEL] = "EIOCBQUEUED",
	[530 - ERRNO_KERNEL] = "ERECALLCONFLICT",
	[531 - ERRNO_KERNEL] = "ENOGRACE",
};

const char *errno_name(int err)
{
	if (err < 0)
		return NULL;
	if ((size_t)err < ARRAY_SIZE(errno_names))
		return errno_names[err];
	if (err >= ERRNO_KERNEL && (size_t)err - ERRNO_KERNEL < ARRAY_SIZE(kernel_names))
		return kernel_names[err - ERRNO_KERNEL];
	return NULL;
}

/* clang-format off */
#define FLAG(f) { #f, f, f }

/* In the order in which they are shown. A flag that contains another stands before it. */
static const struct {
	const char *name;
	uint32_t mask, value;
} open_flags[] = {
	{ "O_RDONLY", O_ACCMODE, O_RDONLY },
	{ "O_WRONLY", O_ACCMODE, O_WRONLY },
	{ "O_RDWR", O_ACCMODE, O_RDWR },
	FLAG(O_CREAT),
	FLAG(O_EXCL),
	FLAG(O_NOCTTY),
	FLAG(O_TRUNC),
	FLAG(O_APPEND),
	FLAG(O_NONBLOCK),
	FLAG(O_SYNC), /* contains O_DSYNC */
	FLAG(O_DSYNC),
	{ "O_ASYNC", FASYNC, FASYNC },
	FLAG(O_DIRECT),
	FLAG(O_LARGEFILE),
	FLAG(O_TMPFILE), /* contains O_DIRECTORY */
	FLAG(O_DIRECTORY),
	FLAG(O_NOFOLLOW),
	FLAG(O_NOATIME),
	FLAG(O_CLOEXEC),
	FLAG(O_PATH),
	/* Second names: never shown, since the first ones have taken their bits. */
	FLAG(O_NDELAY),
	{ "O_RSYNC", O_SYNC, O_SYNC },
};
/* clang-format on */

void open_flags_text(struct strbuf *out, uint32_t flags)
{
	/* 3 checks for both and allows neither: for ioctl() on devices. No name. */
	static const char *const access_names[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
						    "3" };
	uint32_t left = flags & ~(uint32_t)O_ACCMODE;

	strbuf_str(out, access_names[flags & O_ACCMODE]);
	for (size_t i = 0; i < ARRAY_SIZE(open_flags); i++) {
		uint32_t value = open_flags[i].value;

		if (open_flags[i].mask == O_ACCMODE || (left & value) != value)
			continue;
		strbuf_char(out, '|');
		strbuf_str(out, open_flags[i].name);
		left &= ~value;
	}
	if (left)
		strbuf_printf(out, "|0%o", left);
}

bool open_flag_parse(const char *name, uint32_t *mask, uint32_t *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(open_flags); i++) {
		if (strcmp(name, open_flags[i].name))
			continue;
		*mask = open_flags[i].mask;
		*value = open_flags[i].value;
		return true;
	}
	return false;
}

const char *open_flag_list(void)
{
	static struct strbuf list;

	if (list.size)
		return strbuf_cstr(&list);
	for (size_t i = 0; i < ARRAY_SIZE(open_flags); i++) {
		if (i)
			strbuf_str(&list, ", ");
		strbuf_str(&list, open_flags[i].name);
	}
	return strbuf_cstr(&list);
}
