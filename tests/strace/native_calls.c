/*
 * native_calls.c - makes a system call of nearly every kind and writes our line for each to
 * the file given. compare_native.sh runs it under strace and compares.
 *
 * Memory of calls is static, so that no allocation happens between the two markers, which
 * are writes to descriptor -1.
 */
#include "cli/strace.h"
#include "report_builder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utime.h>

static _Alignas(16) uint8_t arena[8 << 20];
static struct builder builder = {arena, arena + sizeof(arena), NULL};
static char buffer[8192];
static volatile sig_atomic_t have_signal;
static siginfo_t last_signal;

static int64_t raw(uint32_t nr, const uint64_t a[6])
{
    register uint64_t r10 __asm__("r10") = a[3];
    register uint64_t r8 __asm__("r8") = a[4];
    register uint64_t r9 __asm__("r9") = a[5];
    int64_t result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((uint64_t)nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* A signal that came with the call is reported behind it, as strace shows it. */
static void report_signal(void)
{
    struct rk_report head = {.size = sizeof(head) + 128, .kind = RK_REPORT_SIGNAL, .tid = 1};
    head.nr = (uint32_t)last_signal.si_signo;
    memcpy(builder.at, &head, sizeof(head));
    memcpy(builder.at + sizeof(head), &last_signal, 128);
    builder.at += sizeof(head) + 128;
    have_signal = 0;
}

static int64_t call(uint32_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                    uint64_t a5)
{
    const uint64_t args[6] = {a0, a1, a2, a3, a4, a5};
    builder_entry(&builder, nr, args);
    int64_t result = raw(nr, args);
    builder_exit(&builder, result);
    if (have_signal)
        report_signal();
    return result;
}

#define U(x) ((uint64_t)(x))
#define CALL6(name, a, b, c, d, e, f, ...) call(SYS_##name, U(a), U(b), U(c), U(d), U(e), U(f))
#define CALL(...) CALL6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

static void on_signal(int sig, siginfo_t *info, void *context)
{
    last_signal = *info;
    have_signal = 1;
}

static void files(void)
{
    static struct stat st;
    static struct statx sx;
    static struct statfs sf;
    static struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
    static struct timespec times[2] = {{1, 5}, {1700000000, UTIME_NOW}};
    static struct timeval tv[2] = {{1, 5}, {1700000000, 0}};
    static struct utimbuf ut = {1, 1700000000};
    CALL(access, "/etc/passwd", R_OK);
    CALL(access, "/nonexistent", F_OK);
    CALL(faccessat, AT_FDCWD, "/etc/passwd", R_OK | W_OK);
    CALL(faccessat2, AT_FDCWD, "/etc/passwd", F_OK, AT_EACCESS);
    int fd =
        (int)CALL(openat, AT_FDCWD, "native.tmp", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CALL(open, "/nonexistent/a\"b\\c\td\001\0012\377", O_RDONLY | O_NONBLOCK | O_DIRECTORY);
    CALL(open, "native.tmp", O_WRONLY | O_APPEND);
    CALL(openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how));
    CALL(creat, "native.2", 0600);
    CALL(openat, AT_FDCWD, NULL, O_PATH | O_NOFOLLOW);
    CALL(openat, AT_FDCWD, 1, O_RDWR | O_SYNC);
    CALL(write, fd, "hello, world\n\1\0012\377\"\\", 19);
    CALL(write, fd, "a string that is longer than thirty-two bytes, so that it is cut", 64);
    CALL(pwrite64, fd, "xyz", 3, 100);
    CALL(pread64, fd, buffer, 5, 2);
    CALL(lseek, fd, -3, SEEK_END);
    CALL(read, fd, buffer, 100);
    CALL(read, fd, buffer, 100);
    CALL(read, 999, buffer, 100);
    CALL(read, fd, NULL, 0);
    CALL(write, 999, NULL, 5);
    CALL(fstat, fd, &st);
    CALL(stat, "/dev/null", &st);
    CALL(lstat, "/proc/self", &st);
    CALL(stat, "/tmp", &st);
    CALL(stat, "/nonexistent", &st);
    CALL(newfstatat, AT_FDCWD, "/etc", &st, AT_SYMLINK_NOFOLLOW);
    CALL(newfstatat, fd, "", &st, AT_EMPTY_PATH);
    CALL(statx, AT_FDCWD, "/etc", AT_STATX_SYNC_AS_STAT | AT_NO_AUTOMOUNT, STATX_ALL, &sx);
    CALL(statx, fd, "", AT_STATX_DONT_SYNC | AT_EMPTY_PATH, STATX_BASIC_STATS, &sx);
    CALL(statfs, "/proc", &sf);
    CALL(fstatfs, fd, &sf);
    CALL(chmod, "native.tmp", 0640);
    CALL(fchmod, fd, 04755);
    CALL(fchmodat, AT_FDCWD, "native.tmp", 0);
    CALL(chown, "native.tmp", -1, -1);
    CALL(fchown, fd, 0, -1);
    CALL(fchownat, AT_FDCWD, "native.tmp", -1, 0, AT_SYMLINK_NOFOLLOW);
    CALL(umask, 027);
    CALL(umask, 022);
    CALL(truncate, "native.tmp", 10);
    CALL(ftruncate, fd, 4096);
    CALL(fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 8192);
    CALL(fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    CALL(readahead, fd, 0, 4096);
    CALL(sync_file_range, fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    CALL(fsync, fd);
    CALL(fdatasync, fd);
    CALL(flock, fd, LOCK_EX | LOCK_NB);
    CALL(flock, fd, LOCK_UN);
    CALL(utimensat, AT_FDCWD, "native.tmp", times, 0);
    CALL(utimensat, fd, NULL, NULL, 0);
    CALL(utimes, "native.tmp", tv);
    CALL(utime, "native.tmp", &ut);
    CALL(mkdir, "native.dir", 0755);
    CALL(mkdirat, AT_FDCWD, "native.dir/sub", 0700);
    CALL(rename, "native.2", "native.3");
    CALL(renameat2, AT_FDCWD, "native.3", AT_FDCWD, "native.4", RENAME_NOREPLACE);
    CALL(link, "native.4", "native.5");
    CALL(linkat, AT_FDCWD, "native.4", AT_FDCWD, "native.6", AT_SYMLINK_FOLLOW);
    CALL(symlink, "native.4", "native.7");
    CALL(symlinkat, "native.4", AT_FDCWD, "native.8");
    CALL(readlink, "native.7", buffer, 100);
    CALL(readlinkat, AT_FDCWD, "native.4", buffer, 100);
    CALL(mknod, "native.fifo", S_IFIFO | 0600, 0);
    CALL(mknodat, AT_FDCWD, "native.null", S_IFCHR | 0600, 0x103);
    CALL(unlink, "native.4");
    CALL(unlinkat, AT_FDCWD, "native.dir/sub", AT_REMOVEDIR);
    CALL(rmdir, "native.dir");
    CALL(setxattr, "native.5", "user.x", "value", 5, 1);
    CALL(getxattr, "native.5", "user.x", buffer, 100);
    CALL(getxattr, "native.5", "user.none", buffer, 100);
    CALL(listxattr, "native.5", buffer, 100);
    CALL(removexattr, "native.5", "user.x");
    CALL(getcwd, buffer, sizeof(buffer));
    CALL(getcwd, buffer, 1);
    CALL(chdir, ".");
    CALL(close, 999);
    CALL(close_range, 900, 999, 0);
    CALL(memfd_create, "name", 3);
    int dir = (int)CALL(open, "/proc/self/task", O_RDONLY | O_DIRECTORY);
    CALL(getdents64, dir, buffer, 4096);
    CALL(getdents64, dir, buffer, 4096);
    int w = (int)CALL(inotify_init1, IN_CLOEXEC | IN_NONBLOCK);
    CALL(inotify_add_watch, w, "/tmp", IN_CREATE | IN_DELETE | IN_ONESHOT);
    CALL(inotify_rm_watch, w, 77);
}

static void descriptors(void)
{
    static int fds[2];
    static struct iovec iov[3] = {{"one", 3}, {"", 0}, {"three", 5}};
    static struct iovec in[3] = {{buffer, 4}, {buffer + 100, 100}, {buffer + 200, 10}};
    static struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
    static struct f_owner_ex owner = {F_OWNER_PID, 0};
    static loff_t off = 2;
    static int value;
    CALL(pipe2, fds, O_CLOEXEC | O_NONBLOCK);
    CALL(pipe, 0x8);
    CALL(writev, fds[1], iov, 3);
    CALL(readv, fds[0], in, 3);
    CALL(readv, fds[0], in, 3);
    CALL(dup, fds[0]);
    CALL(dup2, fds[0], 50);
    CALL(dup3, fds[0], 51, O_CLOEXEC);
    CALL(fcntl, 50, F_GETFL);
    CALL(fcntl, 50, F_SETFL, O_RDONLY | O_NONBLOCK | O_APPEND);
    CALL(fcntl, 50, F_GETFD);
    CALL(fcntl, 51, F_GETFD);
    CALL(fcntl, 50, F_SETFD, FD_CLOEXEC);
    CALL(fcntl, 50, F_DUPFD, 60);
    CALL(fcntl, 50, F_DUPFD_CLOEXEC, 0);
    CALL(fcntl, 50, F_GETPIPE_SZ);
    CALL(fcntl, 50, F_SETPIPE_SZ, 8192);
    CALL(fcntl, 50, F_GETOWN);
    CALL(fcntl, 50, F_SETSIG, SIGIO);
    CALL(fcntl, 50, F_GETOWN_EX, &owner);
    CALL(fcntl, 50, 999, 5);
    int fd = (int)CALL(open, "native.tmp", O_RDWR);
    CALL(fcntl, fd, F_SETLK, &lock);
    CALL(fcntl, fd, F_OFD_GETLK, &lock);
    CALL(fcntl, fd, F_GETLK, &lock);
    CALL(fcntl, fd, F_GET_SEALS);
    CALL(pwritev, fd, iov, 3, 10);
    CALL(preadv, fd, in, 2, 10);
    CALL(preadv2, fd, in, 2, 0, 0, 0);
    CALL(sendfile, fds[1], fd, &off, 4);
    CALL(splice, fds[0], NULL, fd, NULL, 3, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    CALL(copy_file_range, fd, NULL, fd, NULL, 0, 0);
    CALL(ioctl, fds[0], FIONREAD, &value);
    value = 1;
    CALL(ioctl, fds[0], FIONBIO, &value);
    CALL(ioctl, fds[0], FIOCLEX);
    CALL(ioctl, fds[0], TCGETS, buffer);
    CALL(ioctl, fds[0], TIOCGPGRP, buffer);
    CALL(ioctl, fds[0], 0x12345678, 5);
    CALL(eventfd2, 3, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void terminal(void)
{
    static struct termios t;
    static struct winsize ws;
    static int unlock, number;
    int master = (int)CALL(open, "/dev/ptmx", O_RDWR | O_NOCTTY);
    CALL(ioctl, master, TIOCGPTN, &number);
    CALL(ioctl, master, TIOCSPTLCK, &unlock);
    CALL(ioctl, master, TCGETS, &t);
    CALL(ioctl, master, TIOCGWINSZ, &ws);
    ws.ws_row = 24;
    CALL(ioctl, master, TIOCSWINSZ, &ws);
    CALL(ioctl, master, TCFLSH, TCIOFLUSH);
    CALL(ioctl, master, TCXONC, TCOON);
}

static void polling(void)
{
    static int fds[2];
    static struct pollfd p[3];
    static struct epoll_event ev = {EPOLLIN | EPOLLET, {.u64 = 77}}, evs[4];
    static struct timespec ts = {0, 1000};
    static struct timeval tv = {5, 0};
    static fd_set in, out;
    static uint64_t mask = 1ull << (SIGUSR2 - 1);
    static struct {
        uint64_t set, size;
    } arg = {0, 8};
    CALL(pipe2, fds, 0);
    CALL(write, fds[1], "x", 1);
    p[0] = (struct pollfd){fds[0], POLLIN | POLLPRI, 0};
    p[1] = (struct pollfd){-1, POLLIN, 0};
    p[2] = (struct pollfd){fds[1], POLLOUT, 0};
    CALL(poll, p, 3, -1);
    CALL(poll, NULL, 0, 1);
    CALL(ppoll, p, 1, &ts, NULL, 0);
    CALL(ppoll, p + 1, 1, &ts, &mask, 8);
    FD_SET(fds[0], &in);
    FD_SET(fds[1], &out);
    CALL(select, fds[1] + 1, &in, &out, NULL, &tv);
    CALL(select, 0, NULL, NULL, NULL, &ts);
    CALL(pselect6, fds[1] + 1, &in, NULL, NULL, NULL, &arg);
    CALL(pselect6, fds[1] + 1, NULL, NULL, NULL, &ts, NULL);
    int e = (int)CALL(epoll_create1, EPOLL_CLOEXEC);
    CALL(epoll_ctl, e, EPOLL_CTL_ADD, fds[0], &ev);
    CALL(epoll_wait, e, evs, 4, -1);
    CALL(epoll_wait, e, evs, 4, 0);
    CALL(epoll_pwait, e, evs, 4, 0, &mask, 8);
    CALL(epoll_ctl, e, EPOLL_CTL_DEL, fds[0], NULL);
    CALL(signalfd4, -1, &mask, 8, SFD_CLOEXEC);
    CALL(epoll_wait, 999, evs, 4, 0);
}

static void memory(void)
{
    static struct rlimit rl = {100, RLIM_INFINITY};
    uint64_t p =
        (uint64_t)CALL(mmap, NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    CALL(mprotect, p, 4096, PROT_NONE);
    CALL(mprotect, p, 4096, PROT_READ | PROT_EXEC);
    CALL(madvise, p, 4096, MADV_DONTNEED);
    CALL(msync, p, 4096, MS_SYNC);
    CALL(mremap, p, 8192, 4096, 0);
    CALL(mremap, p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 0x100000);
    CALL(munmap, p + 0x100000, 4096);
    CALL(mmap, NULL, 0, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE, 3, 0x3000);
    CALL(mmap, NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1);
    CALL(brk, 0);
    CALL(mlock, &rl, 8);
    CALL(munlock, &rl, 8);
    CALL(mlock2, &rl, 8, 1);
    CALL(mlockall, MCL_FUTURE | 8);
    CALL(getrlimit, RLIMIT_STACK, &rl);
    CALL(prlimit64, 0, RLIMIT_NOFILE, NULL, &rl);
    CALL(setrlimit, RLIMIT_CORE, &rl);
    CALL(membarrier, 8, 0, 0);
}

static void interfaces(int fd)
{
    static struct ifreq r = {.ifr_name = "lo"};
    static const int requests[] = {SIOCGIFADDR,   SIOCGIFFLAGS, SIOCGIFMTU,
                                   SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFNAME};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        CALL(ioctl, fd, requests[i], &r);
    CALL(ioctl, fd, SIOCGIFNETMASK, NULL);
    strcpy(r.ifr_name, "none0");
    CALL(ioctl, fd, SIOCGIFMTU, &r);
}

static void sockets(void)
{
    static struct sockaddr_in in = {.sin_family = AF_INET}, peer;
    static struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = 0};
    static struct sockaddr_un un = {AF_UNIX, "/tmp/native.sock"}, abstract = {AF_UNIX, "\0name"};
    static socklen_t len = sizeof(in), opt_len = 4;
    static int pair[2], one = 1, value;
    static struct linger linger = {1, 5};
    static struct ucred cred;
    static struct iovec iov[2] = {{"ab", 2}, {"cde", 3}},
                        riov[2] = {{buffer, 3}, {buffer + 50, 50}};
    static struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
    static struct mmsghdr mmsg[2];
    static _Alignas(8) char control[CMSG_SPACE(sizeof(int))], rcontrol[64];
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = (int)CALL(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    CALL(setsockopt, s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(setsockopt, s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    CALL(setsockopt, s, IPPROTO_TCP, TCP_NODELAY, &one, 4);
    CALL(bind, s, &in, sizeof(in));
    CALL(listen, s, 5);
    CALL(getsockname, s, &in, &len);
    CALL(getsockopt, s, SOL_SOCKET, SO_ERROR, &value, &opt_len);
    CALL(getsockopt, s, SOL_SOCKET, SO_KEEPALIVE, &value, &opt_len);
    int c = (int)CALL(socket, AF_INET, SOCK_STREAM, 0);
    CALL(connect, c, &in, sizeof(in));
    len = 100;
    int a = (int)CALL(accept4, s, &peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    CALL(getpeername, s, &peer, &len);
    CALL(sendto, c, "hello", 5, MSG_NOSIGNAL, NULL, 0);
    len = sizeof(peer);
    CALL(recvfrom, a, buffer, 100, MSG_DONTWAIT, &peer, &len);
    CALL(recvfrom, a, buffer, 100, MSG_DONTWAIT, NULL, NULL);
    CALL(shutdown, c, SHUT_WR);
    int u = (int)CALL(socket, AF_INET, SOCK_DGRAM, 0);
    in.sin_port = 0;
    CALL(bind, u, &in, sizeof(in));
    len = sizeof(in);
    CALL(getsockname, u, &in, &len);
    CALL(sendto, u, "datagram", 8, 0, &in, sizeof(in));
    CALL(recvfrom, u, buffer, 100, 0, &peer, &len);
    CALL(socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    CALL(bind, u, &in6, sizeof(in6));
    int x = (int)CALL(socket, AF_UNIX, SOCK_DGRAM, 0);
    CALL(connect, x, &un, sizeof(un));
    CALL(connect, x, &abstract, 8);
    CALL(socket, AF_NETLINK, SOCK_RAW, 0);
    CALL(socket, 99, SOCK_SEQPACKET | SOCK_NONBLOCK, 99);
    CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
    opt_len = sizeof(cred);
    CALL(getsockopt, pair[0], SOL_SOCKET, SO_PEERCRED, &cred, &opt_len);
    CALL(sendmsg, pair[0], &msg, MSG_NOSIGNAL);
    msg = (struct msghdr){.msg_iov = riov, .msg_iovlen = 2};
    CALL(recvmsg, pair[1], &msg, 0);
    struct cmsghdr *cmsg = (struct cmsghdr *)control;
    *cmsg = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    msg = (struct msghdr){.msg_iov = iov, .msg_iovlen = 2};
    msg.msg_control = control;
    msg.msg_controllen = CMSG_LEN(sizeof(int));
    CALL(sendmsg, pair[0], &msg, 0);
    msg = (struct msghdr){.msg_iov = riov, .msg_iovlen = 2};
    msg.msg_control = rcontrol;
    msg.msg_controllen = sizeof(rcontrol);
    CALL(recvmsg, pair[1], &msg, MSG_CMSG_CLOEXEC);
    CALL(recvmsg, pair[1], &msg, MSG_DONTWAIT);
    mmsg[0].msg_hdr = mmsg[1].msg_hdr = (struct msghdr){.msg_iov = iov, .msg_iovlen = 2};
    CALL(sendmmsg, pair[0], mmsg, 2, 0);
    mmsg[0].msg_hdr = (struct msghdr){.msg_iov = riov, .msg_iovlen = 2};
    CALL(recvmmsg, pair[1], mmsg, 1, MSG_DONTWAIT, NULL);
    CALL(sendmsg, 999, &msg, 0);
    interfaces(u);
}

static void processes(void)
{
    static struct rusage ru;
    static struct utsname uts;
    static struct sysinfo si;
    static struct tms tms;
    static uint32_t ids[64], cap_header[2] = {0x20080522, 0}, cap_data[6];
    static uint64_t cpus[16];
    static unsigned cpu, node;
    static struct sched_param param;
    CALL(getpid);
    CALL(gettid);
    CALL(getuid);
    CALL(getgroups, 0, NULL);
    CALL(getresuid, ids, ids + 1, ids + 2);
    CALL(setresuid, -1, -1, -1);
    CALL(setuid, 0);
    CALL(getpgid, 0);
    CALL(getpriority, PRIO_PROCESS, 0);
    CALL(uname, &uts);
    CALL(getrusage, RUSAGE_SELF, &ru);
    CALL(sched_getaffinity, 0, sizeof(cpus), cpus);
    CALL(sched_getscheduler, 0);
    CALL(sched_getparam, 0, &param);
    CALL(sched_get_priority_max, SCHED_FIFO);
    CALL(sched_yield);
    CALL(getcpu, &cpu, &node, NULL);
    CALL(capget, cap_header, cap_data);
    CALL(personality, 0xffffffff);
    CALL(prctl, PR_SET_NAME, "newname");
    CALL(prctl, PR_GET_DUMPABLE);
    CALL(prctl, PR_SET_PDEATHSIG, SIGTERM);
    CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    CALL(prctl, 999, 1, 2, 3, 4);
    CALL(arch_prctl, 0x3001, 0x7ffd0000);
    CALL(set_robust_list, buffer, 24);
    CALL(set_tid_address, buffer);
    CALL(futex, buffer, FUTEX_WAKE_PRIVATE, 1);
    CALL(futex, buffer, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 99, NULL, NULL, -1);
    CALL(futex, buffer, FUTEX_WAIT, 99, NULL);
    CALL(futex, buffer, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, buffer + 8, 99);
    CALL(futex, buffer, FUTEX_WAKE_OP_PRIVATE, 1, 1, buffer + 8, 0x4000001);
    CALL(wait4, -1, cpus, WNOHANG, NULL);
    CALL(waitid, P_ALL, 0, buffer, WEXITED | WNOHANG, NULL);
    CALL(execve, "/nonexistent", ((char *[]){"a", "b c", NULL}), ((char *[]){"X=1", "Y=2", NULL}));
    CALL(sysinfo, &si);
    CALL(times, &tms);
}

static void times_and_signals(int pid)
{
    static struct timespec ts, zero = {0, 1};
    static struct timeval tv;
    static struct itimerval itv = {{0, 0}, {100, 5}}, old;
    static struct itimerspec its = {{0, 0}, {100, 5}}, old_its;
    static struct sigevent sev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    static struct {
        void *handler;
        uint64_t flags;
        void *restorer;
        uint64_t mask;
    } act = {SIG_IGN, SA_RESTART | SA_SIGINFO, NULL, 0x4003};
    static uint64_t mask = 1ull << (SIGUSR2 - 1) | 1ull << 33, full = ~0ull;
    static siginfo_t info, queued = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
    static stack_t ss;
    static struct timex timex;
    static time_t now;
    static int timer;
    queued.si_pid = pid;
    queued.si_value.sival_int = 5;
    CALL(nanosleep, &zero, NULL);
    CALL(nanosleep, &zero, &ts);
    CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &zero, NULL);
    CALL(clock_gettime, CLOCK_MONOTONIC, &ts);
    CALL(clock_gettime, 77, &ts);
    CALL(clock_getres, CLOCK_PROCESS_CPUTIME_ID, &ts);
    CALL(clock_gettime, CLOCK_THREAD_CPUTIME_ID, &ts);
    CALL(gettimeofday, &tv, NULL);
    CALL(time, NULL);
    CALL(time, &now);
    CALL(adjtimex, &timex);
    CALL(clock_adjtime, CLOCK_REALTIME, &timex);
    CALL(alarm, 0);
    CALL(setitimer, ITIMER_VIRTUAL, &itv, &old);
    CALL(getitimer, ITIMER_REAL, &itv);
    int t = (int)CALL(timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    CALL(timerfd_settime, t, TFD_TIMER_ABSTIME, &its, NULL);
    CALL(timerfd_gettime, t, &its);
    CALL(timer_create, CLOCK_REALTIME, &sev, &timer);
    CALL(timer_settime, timer, 0, &its, &old_its);
    CALL(timer_delete, timer);
    CALL(rt_sigaction, SIGUSR2, &act, NULL, 8);
    CALL(rt_sigaction, SIGUSR2, NULL, &act, 8);
    CALL(rt_sigprocmask, SIG_BLOCK, &mask, NULL, 8);
    CALL(rt_sigprocmask, SIG_SETMASK, &full, &mask, 8);
    CALL(rt_sigprocmask, SIG_UNBLOCK, &full, NULL, 8);
    CALL(rt_sigpending, &mask, 8);
    CALL(sigaltstack, NULL, &ss);
    mask = 1;
    CALL(rt_sigtimedwait, &mask, &info, &zero, 8);
    CALL(kill, pid, SIGUSR1);
    CALL(tgkill, pid, pid, SIGUSR1);
    CALL(rt_sigqueueinfo, pid, SIGUSR1, &queued);
    CALL(kill, 0x7fffffff, 0);
    CALL(kill, 0x7fffffff, 40);
    CALL(getrandom, buffer, 8, GRND_NONBLOCK);
    CALL(ioctl, -1, TIOCSTI, "x");
}

static int write_lines(const char *path)
{
    struct strace_options options = STRACE_DEFAULTS;
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return 1;
    for (uint8_t *at = arena; at < builder.at;) {
        const struct rk_report *report = (const struct rk_report *)at;
        if (strace_format(out, report, report->size, &options) != 0)
            return 1;
        at += report->size;
    }
    return fclose(out) != 0;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    if (argc != 2 || sigaction(SIGUSR1, &act, NULL) != 0)
        return 64;
    int pid = getpid();
    memset(buffer, 0, sizeof(buffer));
    (void)!write(-1, "begin", 5);
    files();
    descriptors();
    terminal();
    polling();
    memory();
    sockets();
    processes();
    times_and_signals(pid);
    (void)!write(-1, "end", 3);
    return write_lines(argv[1]);
}
