/*
 * standin.c - a guest image for tests of the launcher: it speaks the interface of abi.h
 * and does what its boot block's arguments say, word by word:
 *   event N   logs N small events (replay: takes and compares them)
 *   big N     logs N events of the largest size
 *   map FILE  has FILE stored as object 1, 2, ... (replay: fetches it); writes its first
 *             bytes to standard output
 *   notice T  reports the notice T
 *   entry N   counts N kernel entries
 *   spin      runs for ever
 *   kill N    kills itself with host signal N
 *   stop      stops itself
 *   skip      replay: leaves the next event out
 *   differ    replay: reports a divergence
 *   bad-event, bad-ring, bad-report, bad-message: behaves as a damaged guest
 *   status N  changes the exit code to N, in replay only
 *   exit N    logs the end with exit code N, reports it, ends
 * A command line that ends without `exit` makes it vanish with exit code 9.
 */
#include "revisor/abi.h"

#include <asm/unistd.h>

#define MAP_SHARED_FIXED 0x11
#define OPEN_READ 0
#define CMSG_BYTES 20

static struct rk_control *control = (void *)RK_SHARED_BASE;
static unsigned char *log_data = (void *)(RK_SHARED_BASE + 0x40000000);
static unsigned char *report_data = (void *)(RK_SHARED_BASE + 0x80000000);
static unsigned char big[RK_EVENT_MAX + 8];
static unsigned objects, replay_status = ~0u;

void *memset(void *p, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void standin_main(long *stack);

void *memset(void *p, int c, size_t n)
{
    for (volatile unsigned char *b = p; n--; b++)
        *b = (unsigned char)c;
    return p;
}

void *memcpy(void *to, const void *from, size_t n)
{
    volatile unsigned char *d = to;
    for (const unsigned char *s = from; n--;)
        *d++ = *s++;
    return to;
}

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static void leave(int code)
{
    for (;;)
        call(__NR_exit_group, code, 0, 0, 0, 0, 0);
}

static long number(const char *s)
{
    long v = 0;
    while (*s >= '0' && *s <= '9')
        v = v * 10 + *s++ - '0';
    return v;
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static size_t length(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

static size_t padded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

/* ------------------------------------------------------------------- rings */

static void map(void *at, size_t len, int fd, uint64_t offset)
{
    if (call(__NR_mmap, (long)at, (long)len, 3, MAP_SHARED_FIXED, fd, (long)offset) != (long)at)
        leave(10);
}

static void map_twice(unsigned char *at, const struct rk_ring *r, int fd)
{
    map(at, r->size, fd, r->offset);
    map(at + r->size, r->size, fd, r->offset);
}

static void put(struct rk_ring *r, unsigned char *data, const void *record, size_t len)
{
    uint64_t head = atomic_load(&r->head);
    while (head + padded(len) - atomic_load(&r->tail) > r->size)
        call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
    memcpy(data + (head & (r->size - 1)), record, len);
    memset(data + (head & (r->size - 1)) + len, 0, padded(len) - len);
    atomic_store(&r->head, head + padded(len));
}

static void report(int kind, long result, const void *payload, size_t len)
{
    static unsigned char copy[4096];
    struct rk_report r = {.size = (uint32_t)(sizeof(r) + len),
                          .kind = (uint16_t)kind,
                          .result = result,
                          .event = atomic_load(&control->events)};
    memcpy(copy, &r, sizeof(r));
    memcpy(copy + sizeof(r), payload, len);
    put(&control->report, report_data, copy, sizeof(r) + len);
}

static void diverged(const struct rk_event *expected, const struct rk_event *got)
{
    static const char text[] = "stand-in says so";
    unsigned char payload[2 * sizeof(*got) + sizeof(text)];
    memcpy(payload, expected, sizeof(*got));
    memcpy(payload + sizeof(*got), got, sizeof(*got));
    memcpy(payload + 2 * sizeof(*got), text, sizeof(text));
    atomic_fetch_add(&control->events, 1);
    report(RK_REPORT_DIVERGED, 0, payload, sizeof(payload));
    leave(0);
}

/* Replay: the next event in the ring; ends the machine when there is none. */
static const struct rk_event *peek(void)
{
    struct rk_ring *r = &control->log;
    uint64_t tail = atomic_load(&r->tail);
    for (;;) {
        int closed = (int)atomic_load(&r->closed);
        if (atomic_load(&r->head) - tail >= sizeof(struct rk_event))
            return (const void *)(log_data + (tail & (r->size - 1)));
        if (closed) {
            report(RK_REPORT_LOG_END, 0, "", 0);
            leave(0);
        }
        call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
    }
}

/* Logs the event, or compares it with the recorded one; returns the result. */
static long event(const void *bytes)
{
    const struct rk_event *mine = bytes;
    long result = mine->result;
    if (control->mode == RK_MODE_RECORD) {
        put(&control->log, log_data, bytes, mine->size);
    } else {
        const struct rk_event *old = peek();
        if (old->kind != mine->kind || old->size != mine->size || old->nr != mine->nr)
            diverged(old, mine);
        result = old->result;
        atomic_fetch_add(&control->log.tail, padded(old->size));
    }
    atomic_fetch_add(&control->events, 1);
    return result;
}

/* ----------------------------------------------------------------- objects */

struct message {
    struct rk_msg msg;
    struct {
        uint64_t len;
        int level, type, fd, pad;
    } control;
};

struct header {
    void *name;
    uint64_t name_len;
    void *iov;
    uint64_t iov_count;
    void *control;
    uint64_t control_len, flags;
};

static long transfer(long nr, struct message *m, int with_fd)
{
    struct {
        void *base;
        uint64_t len;
    } iov = {&m->msg, sizeof(m->msg)};
    struct header h = {0, 0, &iov, 1, with_fd ? &m->control : 0, 0, 0};
    if (with_fd)
        h.control_len = nr == __NR_sendmsg ? CMSG_BYTES : sizeof(m->control);
    return call(nr, control->socket_fd, (long)&h, 0, 0, 0, 0);
}

static int store(const char *file, unsigned id)
{
    int fd = (int)call(__NR_open, (long)file, OPEN_READ, 0, 0, 0, 0);
    struct message m = {{RK_MSG_OBJECT, id, 1, 0, 0, 0}, {CMSG_BYTES, 1, 1, fd, 0}};
    if (fd < 0 || transfer(__NR_sendmsg, &m, 1) < 0)
        leave(11);
    if (transfer(__NR_recvmsg, &m, 0) != sizeof(m.msg) || m.msg.kind != RK_MSG_OBJECT_DONE)
        leave(12);
    return m.msg.result ? m.msg.result : fd;
}

static int fetch(unsigned id)
{
    struct message m = {.control = {.fd = -1}};
    if (transfer(__NR_recvmsg, &m, 1) != sizeof(m.msg) || m.msg.id != id)
        leave(13);
    return m.control.fd;
}

static void show(int fd)
{
    char text[64];
    long n = call(__NR_pread64, fd, (long)text, sizeof(text), 0, 0, 0);
    if (n > 0)
        call(__NR_write, 1, (long)text, n, 0, 0, 0);
}

static void map_file(const char *file)
{
    struct {
        struct rk_event e;
        struct rk_object o;
    } ev = {.o = {.generation = 1}};
    unsigned id = ++objects;
    int fd = control->mode == RK_MODE_RECORD ? store(file, id) : 0;
    ev.e = (struct rk_event){.size = sizeof(ev), .kind = RK_EV_OBJECT, .nr = id};
    ev.e.result = fd < 0 ? fd : 0;
    ev.o.flags = fd < 0 ? RK_OBJ_FAILED : 0;
    long result = event(&ev);
    if (control->mode == RK_MODE_REPLAY && !result)
        fd = fetch(id);
    if (!result)
        show(fd);
}

/* ---------------------------------------------------------------- commands */

static void events(long count, size_t size)
{
    struct rk_event e = {.size = (uint32_t)size,
                         .kind = RK_EV_SYSCALL,
                         .tid = 1,
                         .ticks = RK_TICKS_UNKNOWN,
                         .pc = 0x1000};
    for (long i = 0; i < count; i++) {
        e.nr = (uint32_t)(i % 300);
        e.result = i;
        memcpy(big, &e, sizeof(e));
        event(big);
    }
}

static void end(long code)
{
    struct rk_event e = {.size = sizeof(e), .kind = RK_EV_EXIT, .result = code << 8};
    event(&e);
    if (control->mode == RK_MODE_REPLAY && replay_status != ~0u)
        code = replay_status;
    report(RK_REPORT_EXIT, code << 8, "", 0);
    leave((int)code);
}

static void damage(const char *how)
{
    struct rk_event e = {.size = 3, .kind = RK_EV_SYSCALL};
    struct message m = {.msg = {.kind = 77}};
    if (same(how, "bad-event"))
        put(&control->log, log_data, &e, sizeof(e));
    else if (same(how, "bad-ring"))
        atomic_store(&control->log.head, 1ull << 60);
    else if (same(how, "bad-report"))
        put(&control->report, report_data, &e, sizeof(e));
    else
        transfer(__NR_sendmsg, &m, 0);
    for (;;)
        call(__NR_pause, 0, 0, 0, 0, 0, 0);
}

static void skip_event(void)
{
    if (control->mode != RK_MODE_REPLAY)
        return;
    atomic_fetch_add(&control->log.tail, padded(peek()->size));
    atomic_fetch_add(&control->events, 1);
}

static void raise_signal(long sig)
{
    call(__NR_kill, call(__NR_getpid, 0, 0, 0, 0, 0, 0), sig, 0, 0, 0, 0);
}

/* Words that take a value. */
static void do_with(const char *word, const char *value)
{
    if (same(word, "event"))
        events(number(value), sizeof(struct rk_event));
    else if (same(word, "big"))
        events(number(value), RK_EVENT_MAX);
    else if (same(word, "map"))
        map_file(value);
    else if (same(word, "notice"))
        report(RK_REPORT_NOTICE, 0, value, length(value) + 1);
    else if (same(word, "entry"))
        atomic_fetch_add(&control->entries, (uint64_t)number(value));
    else if (same(word, "kill"))
        raise_signal(number(value));
    else if (same(word, "status"))
        replay_status = (unsigned)number(value);
    else if (same(word, "exit"))
        end(number(value));
    else
        leave(14);
}

/* Words without one; 0: it is none of these. */
static int do_word(const char *word)
{
    struct rk_event e = {.size = sizeof(e), .kind = RK_EV_TSC};
    if (same(word, "spin"))
        for (;;)
            __asm__ volatile("pause");
    else if (same(word, "stop"))
        raise_signal(19);
    else if (same(word, "skip"))
        skip_event();
    else if (same(word, "differ")) {
        if (control->mode == RK_MODE_REPLAY)
            diverged(peek(), &e);
    } else if (word[0] == 'b' && word[3] == '-')
        damage(word);
    else
        return 0;
    return 1;
}

static void open_shared(int fd)
{
    map(control, RK_PAGE, fd, 0);
    if (control->magic != RK_CONTROL_MAGIC)
        leave(15);
    map(control, control->boot_offset + control->boot_size, fd, 0);
    map_twice(log_data, &control->log, fd);
    map_twice(report_data, &control->report, fd);
    call(__NR_close, fd, 0, 0, 0, 0, 0);
}

void standin_main(long *stack)
{
    open_shared((int)number((const char *)stack[2]));
    const struct rk_boot *boot = (const void *)((const char *)control + control->boot_offset);
    const char *word = (const char *)boot + boot->argv_offset;
    for (uint32_t i = 1; i < boot->argc; i++) {
        word += length(word) + 1;
        if (do_word(word))
            continue;
        const char *value = word + length(word) + 1;
        do_with(word, value);
        word = value;
        i++;
    }
    leave(9);
}

__asm__(".globl _start\n"
        "_start: mov %rsp, %rdi\n"
        "        and $-16, %rsp\n"
        "        call standin_main\n"
        "        hlt\n");
