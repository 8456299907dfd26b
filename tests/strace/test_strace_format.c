/*
 * What the printer writes for given reports: lines as strace has them, JSON, and nothing
 * worse than an error for reports that make no sense. Calls that can be made here are
 * compared with strace itself by compare_native.sh.
 */
#include "cli/strace.h"
#include "json_check.h"
#include "report_builder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static _Alignas(16) uint8_t arena[1 << 20];

static struct builder new_builder(void)
{
    return (struct builder){arena, arena + sizeof(arena), NULL};
}

/* The line for a report; the caller frees it. */
static char *line_of(const struct rk_report *report, const struct strace_options *options)
{
    char *line = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&line, &len);
    cr_assert_eq(strace_format(out, report, report->size, options), 0);
    fclose(out);
    return line;
}

static void expect_line(const struct rk_report *report, const struct strace_options *options,
                        const char *expected)
{
    char *line = line_of(report, options);
    cr_expect_str_eq(line, expected);
    free(line);
}

struct sample {
    uint32_t nr;
    uint64_t args[6];
    int64_t result;
    const char *line;
};

static const struct strace_options plain = {.max_string = STRACE_MAX_STRING};

static void check_samples(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct builder b = new_builder();
        builder_entry(&b, samples[i].nr, samples[i].args);
        builder_exit(&b, samples[i].result);
        expect_line(b.report, &plain, samples[i].line);
    }
}
#define CHECK(samples) check_samples(samples, sizeof(samples) / sizeof((samples)[0]))
#define P(x) (uint64_t)(uintptr_t)(x)

Test(strace, layout_of_the_line)
{
    struct strace_options options = STRACE_DEFAULTS;
    struct builder b = new_builder();
    const uint64_t args[6] = {3};
    builder_entry(&b, SYS_close, args);
    builder_exit(&b, 0);
    b.report->event = 17;
    b.report->tid = 42;
    ((struct rk_syscall_report *)(b.report + 1))->ticks = 1234;
    expect_line(b.report, &options, "close(3)                                = 0\n");
    options.show_tid = options.show_event = options.show_ticks = true;
    options.column = 0;
    expect_line(b.report, &options, "[pid    42] 17 @1234 close(3) = 0\n");
}

Test(strace, results)
{
    static const struct sample samples[] = {
        {SYS_getpid, {0}, 123, "getpid() = 123\n"},
        {SYS_close, {9}, -EBADF, "close(9) = -1 EBADF (Bad file descriptor)\n"},
        {SYS_close, {9}, -4000, "close(9) = -1 (errno 4000)\n"},
        {SYS_read, {1, 0, 0}, -512, "read(1, NULL, 0) = ? ERESTARTSYS\n"},
        {SYS_exit_group, {3}, 0, "exit_group(3) = ?\n"},
        {SYS_mmap,
         {0, 4096, 3, 0x22, 0xffffffff, 0},
         0x7f0000000000,
         "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = "
         "0x7f0000000000\n"},
        {SYS_umask, {077}, 022, "umask(077) = 022\n"},
        {SYS_poll, {0, 0, 100}, 0, "poll(NULL, 0, 100) = 0 (Timeout)\n"},
        {SYS_sched_getscheduler, {0}, 1, "sched_getscheduler(0) = 1 (SCHED_FIFO)\n"},
        {9999,
         {1, 2, 3, 4, 5, 6},
         -ENOSYS,
         "syscall_0x270f(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function not implemented)\n"},
    };
    CHECK(samples);
}

Test(strace, what_is_unknown_stays_a_number)
{
    static const struct sample samples[] = {
        {SYS_mprotect,
         {0x1000, 1, 0x40000005},
         0,
         "mprotect(0x1000, 1, PROT_READ|PROT_EXEC|0x40000000) = 0\n"},
        {SYS_mprotect,
         {0x1000, 1, 0x40000000},
         0,
         "mprotect(0x1000, 1, 0x40000000 /* PROT_??? */) = 0\n"},
        {SYS_lseek,
         {3, 0, 77},
         -EINVAL,
         "lseek(3, 0, 0x4d /* SEEK_??? */) = -1 EINVAL "
         "(Invalid argument)\n"},
        {SYS_ioctl,
         {3, 0xc0045678, 0x20},
         -ENOTTY,
         "ioctl(3, _IOC(_IOC_READ|_IOC_WRITE, 0x56, 0x78, 0x4), 0x20) = -1 ENOTTY "
         "(Inappropriate ioctl for device)\n"},
        {SYS_kill, {5, 99}, -EINVAL, "kill(5, 99) = -1 EINVAL (Invalid argument)\n"},
        {SYS_personality,
         {0x40009},
         0,
         "personality(0x9 /* PER_??? */|ADDR_NO_RANDOMIZE) = 0 (PER_LINUX)\n"},
    };
    CHECK(samples);
}

Test(strace, arguments_that_depend_on_others)
{
    static const struct sample samples[] = {
        {SYS_clone,
         {0x1200011, 0, 0, 0, 0x77},
         5,
         "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, "
         "child_tidptr=NULL) = 5\n"},
        {SYS_futex, {0x2000, 129, 1}, 1, "futex(0x2000, FUTEX_WAKE_PRIVATE, 1) = 1\n"},
        {SYS_futex,
         {0x2000, 0, 7, 0},
         -EAGAIN,
         "futex(0x2000, FUTEX_WAIT, 7, NULL) = -1 EAGAIN (Resource temporarily unavailable)\n"},
        {SYS_mremap,
         {0x1000, 1, 2, 1, 0x99},
         0x1000,
         "mremap(0x1000, 1, 2, MREMAP_MAYMOVE) = 0x1000\n"},
        {SYS_fcntl,
         {3, F_GETFL, 5},
         0x8002,
         "fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)\n"},
        {SYS_fcntl, {3, F_SETFD, 1}, 0, "fcntl(3, F_SETFD, FD_CLOEXEC) = 0\n"},
        {SYS_prctl, {15, P("abc"), 9, 9, 9}, 0, "prctl(PR_SET_NAME, \"abc\") = 0\n"},
        {SYS_socket, {16, 3, 15}, 4, "socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT) = 4\n"},
        {SYS_clock_gettime,
         {0xfffffffe, 0},
         -EINVAL,
         "clock_gettime(MAKE_THREAD_CPUCLOCK(0, CPUCLOCK_SCHED), NULL) = -1 EINVAL "
         "(Invalid argument)\n"},
    };
    CHECK(samples);
}

Test(strace, children)
{
    static int exited = 3 << 8, killed = SIGSEGV | 0x80, stopped = SIGSTOP << 8 | 0x7f,
               continued = 0xffff;
    static const struct sample samples[] = {
        {SYS_wait4,
         {5, P(&exited), 0, 0},
         5,
         "wait4(5, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 5\n"},
        {SYS_wait4,
         {5, P(&killed), 0, 0},
         5,
         "wait4(5, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL) = 5\n"},
        {SYS_wait4,
         {5, P(&stopped), WUNTRACED, 0},
         5,
         "wait4(5, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], WUNTRACED, NULL) = 5\n"},
        {SYS_wait4,
         {5, P(&continued), WCONTINUED, 0},
         5,
         "wait4(5, [{WIFCONTINUED(s)}], WCONTINUED, NULL) = 5\n"},
    };
    CHECK(samples);
}

Test(strace, faulty_pointers_print_as_addresses)
{
    static const struct sample samples[] = {
        {SYS_open, {0x10, O_RDONLY}, -EFAULT, "open(0x10, O_RDONLY) = -1 EFAULT (Bad address)\n"},
        {SYS_write, {1, 0x10, 5}, -EFAULT, "write(1, 0x10, 5) = -1 EFAULT (Bad address)\n"},
        {SYS_writev, {1, 0x10, 5}, -EFAULT, "writev(1, 0x10, 5) = -1 EFAULT (Bad address)\n"},
        {SYS_execve,
         {0x10, 0x18, 0},
         -EFAULT,
         "execve(0x10, 0x18, NULL) = -1 EFAULT (Bad address)\n"},
        {SYS_sendmsg, {1, 0x10, 0}, -EFAULT, "sendmsg(1, 0x10, 0) = -1 EFAULT (Bad address)\n"},
        {SYS_bind, {1, 0x10, 16}, -EFAULT, "bind(1, 0x10, 16) = -1 EFAULT (Bad address)\n"},
    };
    CHECK(samples);
}

Test(strace, strings_are_cut_and_escaped)
{
    static const struct sample samples[] = {
        {SYS_write,
         {1, P("a\1\0012\tb\"\\\377"), 9},
         9,
         "write(1, \"a\\1\\0012\\tb\\\"\\\\\\377\", 9) = 9\n"},
        {SYS_write,
         {1, P("0123456789abcdef0123456789abcdef!"), 33},
         33,
         "write(1, \"0123456789abcdef0123456789abcdef\"..., 33) = 33\n"},
        {SYS_chdir,
         {P("/a/path/that/is/much/longer/than/thirty-two/bytes")},
         0,
         "chdir(\"/a/path/that/is/much/longer/than/thirty-two/bytes\") = 0\n"},
    };
    CHECK(samples);
    struct strace_options options = {.max_string = 2};
    struct builder b = new_builder();
    const uint64_t args[6] = {1, P("abc"), 3};
    builder_entry(&b, SYS_write, args);
    builder_exit(&b, 3);
    expect_line(b.report, &options, "write(1, \"ab\"..., 3) = 3\n");
}

/* A capture may hold the NUL, or be cut: only then there is more. */
Test(strace, captured_strings)
{
    const uint64_t args[6] = {P("/ab")};
    static const struct {
        size_t len;
        uint64_t full;
        const char *line;
    } forms[] = {
        {0, 0, "chdir(\"\") = 0\n"},
        {3, 3, "chdir(\"/ab\") = 0\n"},
        {4, 4, "chdir(\"/ab\") = 0\n"},
        {3, 4097, "chdir(\"/ab\"...) = 0\n"},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const uint64_t none[6] = {0};
        struct builder b = new_builder();
        builder_entry(&b, SYS_chdir, none);
        ((struct rk_syscall_report *)(b.report + 1))->args[0] = args[0];
        builder_capture(&b, 0, 0, args[0], "/ab", forms[i].len, forms[i].full);
        builder_exit(&b, 0);
        expect_line(b.report, &plain, forms[i].line);
    }
}

Test(strace, details_on_demand)
{
    struct strace_options options = {.max_string = 32, .verbose = true};
    static uint64_t st[18] = {0x801, 7, 1, 0x1000081a4ull, 2, 0, 123, 4096, 8, 1, 2, 3, 4, 5, 6};
    struct builder b = new_builder();
    const uint64_t args[6] = {3, P(st)};
    builder_entry(&b, SYS_fstat, args);
    builder_exit(&b, 0);
    expect_line(
        b.report, &options,
        "fstat(3, {st_dev=makedev(0x8, 0x1), st_ino=7, st_mode=S_IFREG|0644, st_nlink=1, "
        "st_uid=1, st_gid=2, st_blksize=4096, st_blocks=8, st_size=123, st_atime=1, "
        "st_atime_nsec=2, st_mtime=3, st_mtime_nsec=4, st_ctime=5, st_ctime_nsec=6}) = 0\n");
}

/* --------------------------------------------------------------- signals and ends */
static struct rk_report *signal_report(int sig, int code, uint64_t first, uint64_t second)
{
    static _Alignas(8) uint8_t bytes[sizeof(struct rk_report) + 128];
    struct rk_report *report = (struct rk_report *)bytes;
    siginfo_t info = {.si_signo = sig, .si_code = code};
    *report = (struct rk_report){.size = sizeof(bytes), .kind = RK_REPORT_SIGNAL, .tid = 1};
    report->nr = (uint32_t)sig;
    memcpy((uint8_t *)&info + 16, &first, 8);
    memcpy((uint8_t *)&info + 24, &second, 8);
    memcpy(report + 1, &info, 128);
    return report;
}

Test(strace, signals)
{
    expect_line(signal_report(SIGSEGV, SEGV_MAPERR, 0, 0), &plain,
                "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---\n");
    expect_line(signal_report(SIGBUS, BUS_ADRERR, 0x1234, 0), &plain,
                "--- SIGBUS {si_signo=SIGBUS, si_code=BUS_ADRERR, si_addr=0x1234} ---\n");
    expect_line(signal_report(SIGTERM, SI_USER, 7 | 5ull << 32, 0), &plain,
                "--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=7, si_uid=5} ---\n");
    expect_line(signal_report(SIGCHLD, CLD_KILLED, 7, SIGKILL), &plain,
                "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=7, si_uid=0, "
                "si_status=SIGKILL, si_utime=0, si_stime=0} ---\n");
    expect_line(signal_report(SIGALRM, SI_KERNEL, 0, 0), &plain,
                "--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---\n");
    expect_line(signal_report(40, SI_TKILL, 7, 0), &plain,
                "--- SIGRT_8 {si_signo=SIGRT_8, si_code=SI_TKILL, si_pid=7, si_uid=0} ---\n");
}

Test(strace, ends)
{
    struct rk_report report = {.size = sizeof(report), .kind = RK_REPORT_EXIT, .tid = 1};
    expect_line(&report, &plain, "+++ exited with 0 +++\n");
    report.result = 255 << 8;
    expect_line(&report, &plain, "+++ exited with 255 +++\n");
    report.result = SIGKILL;
    expect_line(&report, &plain, "+++ killed by SIGKILL +++\n");
    report.result = SIGSEGV | 0x80;
    expect_line(&report, &plain, "+++ killed by SIGSEGV (core dumped) +++\n");
}

/* --------------------------------------------------------------------------- JSON */
static const struct strace_options json = {.json = true, .max_string = STRACE_MAX_STRING};

/* At a fixed address, as the line shows it. */
static const char *at_fixed_address(const char *text)
{
    char *page = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    cr_assert_eq(page, (char *)0x10000000);
    return strcpy(page, text);
}

Test(strace_json, call)
{
    struct builder b = new_builder();
    const uint64_t args[6] = {(uint64_t)AT_FDCWD, P(at_fixed_address("/caf\xc3\xa9/\xff\"\n")),
                              O_RDONLY};
    builder_entry(&b, SYS_openat, args);
    builder_exit(&b, -ENOENT);
    b.report->event = 5;
    expect_line(b.report, &json,
                "{\"type\":\"syscall\",\"event\":5,\"tid\":1,\"pc\":\"0x401000\",\"nr\":257,"
                "\"name\":\"openat\",\"args\":[{\"value\":\"0xffffffffffffff9c\",\"text\":"
                "\"AT_FDCWD\"},{\"value\":\"0x10000000\",\"text\":\"\\\"/caf\\\\303\\\\251/\\\\377"
                "\\\\\\\"\\\\n\\\"\",\"string\":\"/caf\xc3\xa9/\\u00ff\\\"\\u000a\"},{\"value\":"
                "\"0\",\"text\":\"O_RDONLY\"},{\"value\":\"0\",\"text\":\"\"}],\"arguments\":"
                "\"AT_FDCWD, \\\"/caf\\\\303\\\\251/\\\\377\\\\\\\"\\\\n\\\", O_RDONLY\","
                "\"result\":-2,\"errno\":\"ENOENT\",\"error\":\"No such file or directory\"}\n");
}

Test(strace_json, other_kinds)
{
    struct rk_report report = {.size = sizeof(report), .kind = RK_REPORT_EXIT, .tid = 1};
    expect_line(&report, &json,
                "{\"type\":\"exit\",\"event\":0,\"tid\":1,\"status\":0,\"code\":0}\n");
    report.result = SIGKILL;
    expect_line(&report, &json,
                "{\"type\":\"exit\",\"event\":0,\"tid\":1,\"status\":9,\"signal\":9,"
                "\"name\":\"SIGKILL\",\"core\":false}\n");
    expect_line(signal_report(SIGSEGV, SEGV_ACCERR, 16, 0), &json,
                "{\"type\":\"signal\",\"event\":0,\"tid\":1,\"signal\":11,\"name\":\"SIGSEGV\","
                "\"siginfo\":\"{si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x10}\"}\n");
}

Test(strace_json, notice_of_any_bytes)
{
    static _Alignas(8) uint8_t bytes[sizeof(struct rk_report) + 8];
    struct rk_report *report = (struct rk_report *)bytes;
    *report = (struct rk_report){.size = sizeof(bytes), .kind = RK_REPORT_NOTICE};
    memcpy(report + 1, "\xed\xa0\x80\xc0\xaf\x7f\x01\xf8", 8);
    expect_line(report, &json,
                "{\"type\":\"notice\",\"event\":0,\"tid\":0,\"text\":\"\\u00ed\\u00a0\\u0080\\u00c0"
                "\\u00af\\u007f\\u0001\\u00f8\"}\n");
}

/* --------------------------------------------------------------- what makes no sense */
static FILE *sink;

static int format(const void *report, size_t len, const struct strace_options *options)
{
    return strace_format(sink, report, len, options);
}

Test(strace_malformed, too_short)
{
    struct builder b = new_builder();
    const uint64_t args[6] = {1, P("hello"), 5};
    sink = fopen("/dev/null", "w");
    builder_entry(&b, SYS_write, args);
    builder_exit(&b, 5);
    size_t least =
        sizeof(struct rk_report) + sizeof(struct rk_syscall_report) + sizeof(struct rk_capture) + 5;
    for (size_t len = 0; len < least; len++)
        cr_assert_eq(format(arena, len, &plain), -EBADMSG, "length %zu", len);
    cr_assert_eq(format(arena, least, &plain), 0, "only padding is missing");
    struct rk_report *report = signal_report(SIGSEGV, 1, 0, 0);
    cr_assert_eq(format(report, report->size - 1, &plain), -EBADMSG);
    fclose(sink);
}

Test(strace_malformed, lying_numbers)
{
    struct builder b = new_builder();
    const uint64_t args[6] = {1, P("hello"), 5};
    sink = fopen("/dev/null", "w");
    builder_entry(&b, SYS_write, args);
    builder_exit(&b, 5);
    struct rk_syscall_report *body = (struct rk_syscall_report *)(b.report + 1);
    struct rk_capture *capture = (struct rk_capture *)(body + 1);
    body->captures = UINT32_MAX;
    cr_assert_eq(format(arena, b.report->size, &plain), -EBADMSG);
    body->captures = 1;
    capture->len = UINT32_MAX;
    cr_assert_eq(format(arena, b.report->size, &plain), -EBADMSG);
    capture->len = 5;
    capture->addr = UINT64_MAX;
    capture->arg = 77;
    cr_assert_eq(format(arena, b.report->size, &plain), 0);
    fclose(sink);
}

/* A small generator of its own, so that a failure is the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A report with captures of random bytes at the addresses that the arguments name. */
static struct builder random_report(uint64_t *seed)
{
    struct builder b = new_builder();
    uint64_t args[6];
    uint8_t data[512];
    for (size_t i = 0; i < 6; i++)
        args[i] = next_random(seed) % 3 == 0 ? next_random(seed) % 64 : i * 8;
    builder_entry(&b, (uint32_t)(next_random(seed) % 480), args);
    struct rk_syscall_report *body = (struct rk_syscall_report *)(b.report + 1);
    b.at = (uint8_t *)(body + 1);
    body->captures = 0;
    for (unsigned n = next_random(seed) % 8; n > 0; n--) {
        for (size_t i = 0; i < sizeof(data); i++)
            data[i] = (uint8_t)(next_random(seed) % 4 == 0 ? next_random(seed) : i % 8 == 0);
        uint64_t len = next_random(seed) % sizeof(data), arg = next_random(seed) % 6;
        uint64_t addr = next_random(seed) % 4 == 0 ? 0x1000 : 0x10000 + arg;
        body->args[arg] = addr;
        builder_capture(&b, (unsigned)arg, (unsigned)next_random(seed) & 15, addr, data, len,
                        next_random(seed) % 1000);
    }
    b.report->result = (int64_t)(next_random(seed) % 200) - 20;
    b.report->size = (uint32_t)(b.at - arena);
    return b;
}

Test(strace_malformed, random_captures_print_valid_lines)
{
    uint64_t seed = 88172645463325252ull;
    for (unsigned i = 0; i < 30000; i++) {
        struct builder b = random_report(&seed);
        struct strace_options options = {.json = i % 2, .verbose = i % 4 > 1, .max_string = 32};
        char *line = line_of(b.report, &options);
        size_t len = strlen(line);
        cr_assert(len > 0 && line[len - 1] == '\n', "report %u", i);
        if (options.json)
            cr_assert(json_is_valid(line), "report %u: %s", i, line);
        else
            cr_assert_eq(strchr(line, '\n'), line + len - 1, "report %u", i);
        free(line);
    }
}

Test(strace_malformed, flipped_bytes_do_no_harm)
{
    uint64_t seed = 12345;
    sink = fopen("/dev/null", "w");
    for (unsigned i = 0; i < 30000; i++) {
        struct builder b = random_report(&seed);
        size_t len = b.report->size;
        for (unsigned n = 0; n < 4; n++)
            arena[next_random(&seed) % len] = (uint8_t)next_random(&seed);
        len -= next_random(&seed) % 8;
        int rc = format(arena, len, i % 2 ? &json : &plain);
        cr_assert(rc == 0 || rc == -EBADMSG, "report %u: %d", i, rc);
    }
    fclose(sink);
}
