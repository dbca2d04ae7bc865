/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Types that libctypes.h offers; the Makefile makes BTF of them, and no program includes this.
 * They are members of a union, because clang keeps no type that nothing uses, and of what is only
 * pointed to just the name.
 */
#include <aio.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <grp.h>
#include <ifaddrs.h>
#include <link.h>
#include <mqueue.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <utime.h>
#include <wchar.h>

#define JOIN(a, b) a##b
#define MEMBER(line) JOIN(on_line_, line)
#define HAVE(type) type MEMBER(__LINE__);

union libctypes {
	/* times */
	HAVE(struct timespec)
	HAVE(struct timeval)
	HAVE(struct timezone)
	HAVE(struct itimerspec)
	HAVE(struct itimerval)
	HAVE(struct tm)
	HAVE(struct tms)
	HAVE(struct timex)
	HAVE(struct utimbuf)
	HAVE(time_t)
	HAVE(suseconds_t)
	HAVE(useconds_t)
	HAVE(clock_t)
	HAVE(clockid_t)
	HAVE(timer_t)

	/* files */
	HAVE(struct stat)
	HAVE(struct statx)
	HAVE(struct statfs)
	HAVE(struct statvfs)
	HAVE(struct dirent)
	HAVE(struct flock)
	HAVE(struct iovec)
	HAVE(struct pollfd)
	HAVE(struct epoll_event)
	HAVE(struct inotify_event)
	HAVE(struct aiocb)
	HAVE(struct termios)
	HAVE(struct winsize)
	HAVE(glob_t)
	HAVE(fd_set)
	HAVE(nfds_t)
	HAVE(dev_t)
	HAVE(ino_t)
	HAVE(mode_t)
	HAVE(nlink_t)
	HAVE(off_t)
	HAVE(loff_t)
	HAVE(blksize_t)
	HAVE(blkcnt_t)
	HAVE(fsblkcnt_t)
	HAVE(fsfilcnt_t)
	HAVE(FILE *)
	HAVE(DIR *)

	/* sockets */
	HAVE(struct sockaddr)
	HAVE(struct sockaddr_in)
	HAVE(struct sockaddr_in6)
	HAVE(struct sockaddr_un)
	HAVE(struct sockaddr_storage)
	HAVE(struct in_addr)
	HAVE(struct in6_addr)
	HAVE(struct in_pktinfo)
	HAVE(struct in6_pktinfo)
	HAVE(struct ip_mreq)
	HAVE(struct ipv6_mreq)
	HAVE(struct msghdr)
	HAVE(struct mmsghdr)
	HAVE(struct cmsghdr)
	HAVE(struct linger)
	HAVE(struct ucred)
	HAVE(struct addrinfo)
	HAVE(struct hostent)
	HAVE(struct servent)
	HAVE(struct protoent)
	HAVE(struct ifaddrs)
	HAVE(struct ifreq)
	HAVE(struct ifconf)
	HAVE(socklen_t)
	HAVE(sa_family_t)
	HAVE(in_addr_t)
	HAVE(in_port_t)

	/* processes, threads, signals */
	HAVE(struct sigaction)
	HAVE(struct sigevent)
	HAVE(struct signalfd_siginfo)
	HAVE(union sigval)
	HAVE(siginfo_t)
	HAVE(sigset_t)
	HAVE(stack_t)
	HAVE(struct rlimit)
	HAVE(struct rusage)
	HAVE(struct sched_param)
	HAVE(cpu_set_t)
	HAVE(pthread_t)
	HAVE(pthread_attr_t)
	HAVE(pthread_mutex_t)
	HAVE(pthread_cond_t)
	HAVE(pthread_rwlock_t)
	HAVE(sem_t)
	HAVE(pid_t)
	HAVE(uid_t)
	HAVE(gid_t)
	HAVE(id_t)
	HAVE(idtype_t)

	/* System V's, POSIX's messages */
	HAVE(struct ipc_perm)
	HAVE(struct sembuf)
	HAVE(struct semid_ds)
	HAVE(struct shmid_ds)
	HAVE(struct msqid_ds)
	HAVE(struct mq_attr)
	HAVE(key_t)
	HAVE(mqd_t)

	/* the system, accounts, programs */
	HAVE(struct utsname)
	HAVE(struct sysinfo)
	HAVE(struct passwd)
	HAVE(struct group)
	HAVE(struct option)
	HAVE(struct dl_phdr_info)
	HAVE(struct link_map)
	HAVE(Dl_info)

	/* numbers */
	HAVE(size_t)
	HAVE(ssize_t)
	HAVE(ptrdiff_t)
	HAVE(wchar_t)
	HAVE(wint_t)
	HAVE(intptr_t)
	HAVE(uintptr_t)
	HAVE(intmax_t)
	HAVE(uintmax_t)
	HAVE(int8_t)
	HAVE(int16_t)
	HAVE(int32_t)
	HAVE(int64_t)
	HAVE(uint8_t)
	HAVE(uint16_t)
	HAVE(uint32_t)
	HAVE(uint64_t)
	HAVE(u_char)
	HAVE(u_short)
	HAVE(u_int)
	HAVE(u_long)
	HAVE(u_int8_t)
	HAVE(u_int16_t)
	HAVE(u_int32_t)
	HAVE(u_int64_t)
} libctypes;
