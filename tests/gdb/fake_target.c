/* fake_target.c - see fake_target.h */
#include "fake_target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char file_text[] = "contents of the file $#*} with specials";

static int32_t thread_at(long n)
{
    return FAKE_PID + (int32_t)(n / 10 % 2);
}

static uint64_t pc_at(long n)
{
    return FAKE_CODE + (uint64_t)(n % 50);
}

static int32_t fake_pid(void *t)
{
    return FAKE_PID;
}

static void fake_layout(void *t, struct target_layout *layout)
{
    *layout = (struct target_layout){0xe7, {0}};
    layout->offset[TARGET_X_AVX] = 576;
    layout->offset[TARGET_X_OPMASK] = 1088;
    layout->offset[TARGET_X_ZMM_HIGH] = 1152;
    layout->offset[TARGET_X_ZMM_16_31] = 1664;
}

static size_t fake_threads(void *t, int32_t *tids, size_t cap)
{
    for (size_t i = 0; i < 2 && i < cap; i++)
        tids[i] = FAKE_PID + (int32_t)i;
    return 2;
}

static int32_t fake_current(void *t)
{
    return thread_at(((struct fake *)t)->now);
}

static int fake_thread_text(void *t, int32_t tid, char *text, size_t cap)
{
    if (tid != FAKE_PID && tid != FAKE_PID + 1)
        return -ESRCH;
    snprintf(text, cap, "thread <%d>", tid);
    return 0;
}

static int fake_regs_read(void *t, int32_t tid, struct target_regs *regs)
{
    struct fake *f = t;
    if (tid != FAKE_PID && tid != FAKE_PID + 1)
        return -ESRCH;
    *regs = f->regs[tid - FAKE_PID];
    regs->rip = pc_at(f->now);
    return 0;
}

static int fake_regs_write(void *t, int32_t tid, const struct target_regs *regs)
{
    struct fake *f = t;
    if (tid != FAKE_PID && tid != FAKE_PID + 1)
        return -ESRCH;
    f->regs[tid - FAKE_PID] = *regs;
    return 0;
}

/* Bytes of [addr, addr+len) that there are. */
static size_t inside(uint64_t addr, size_t len)
{
    if (addr < FAKE_DATA || addr >= FAKE_DATA + FAKE_BYTES)
        return 0;
    size_t left = (size_t)(FAKE_DATA + FAKE_BYTES - addr);
    return len < left ? len : left;
}

static ssize_t fake_mem_read(void *t, uint64_t addr, void *buf, size_t len)
{
    struct fake *f = t;
    size_t n = inside(addr, len);
    if (n)
        memcpy(buf, f->memory + (addr - FAKE_DATA), n);
    return n ? (ssize_t)n : -EFAULT;
}

static ssize_t fake_mem_write(void *t, uint64_t addr, const void *buf, size_t len)
{
    struct fake *f = t;
    size_t n = inside(addr, len);
    if (n)
        memcpy(f->memory + (addr - FAKE_DATA), buf, n);
    return n ? (ssize_t)n : -EFAULT;
}

static int listed(const uint64_t *list, size_t count, uint64_t value)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == value)
            return 1;
    return 0;
}

/* Why to stop at moment n, having come from the moment before or behind. */
static int stops(struct fake *f, const struct target_run *how, long n)
{
    long wrote = how->direction == TARGET_FORWARD ? n - 1 : n;
    f->stop = (struct target_stop){.tid = thread_at(n)};
    if (wrote % 100 == 7 &&
        listed(f->watches, f->watch_count, FAKE_DATA + 8 * (uint64_t)(wrote / 100))) {
        f->stop.reason = TARGET_WATCHPOINT;
        f->stop.watch = TARGET_WATCH_WRITE;
        f->stop.addr = FAKE_DATA + 8 * (uint64_t)(wrote / 100);
    } else if (listed(f->breaks, f->break_count, pc_at(n))) {
        f->stop.reason = TARGET_BREAKPOINT;
    } else if (how->step && (pc_at(n) < how->start || pc_at(n) >= how->end)) {
        f->stop.reason = TARGET_STEPPED;
    }
    return f->stop.reason != TARGET_NOTHING;
}

static int fake_run(void *t, const struct target_run *how, struct target_stop *stop)
{
    struct fake *f = t;
    long by = how->direction == TARGET_FORWARD ? 1 : -1;
    for (;;) {
        if (f->endless ? how->interrupted(how->arg)
                       : f->now % 16 == 0 && how->interrupted(how->arg) && !f->deaf) {
            f->stop = (struct target_stop){.reason = TARGET_INTERRUPTED, .tid = thread_at(f->now)};
            break;
        }
        if (f->endless)
            continue;
        if (f->now + by < 0 || f->now + by > FAKE_END) {
            f->stop = (struct target_stop){.reason = by > 0 ? TARGET_END : TARGET_BEGIN,
                                           .tid = thread_at(f->now)};
            break;
        }
        f->now += by;
        if (stops(f, how, f->now))
            break;
    }
    *stop = f->stop;
    return 0;
}

static void fake_where(void *t, struct target_stop *stop)
{
    *stop = ((struct fake *)t)->stop;
}

static int fake_restart(void *t, const char *where)
{
    struct fake *f = t;
    f->now = strtol(where, NULL, 10);
    f->stop = (struct target_stop){.tid = thread_at(f->now)};
    return 0;
}

static int add(uint64_t *list, size_t *count, uint64_t value)
{
    if (*count == FAKE_POINTS)
        return -ENOSPC;
    list[(*count)++] = value;
    return 0;
}

static int del(uint64_t *list, size_t *count, uint64_t value)
{
    for (size_t i = 0; i < *count; i++)
        if (list[i] == value) {
            list[i] = list[--*count];
            return 0;
        }
    return -ENOENT;
}

static int fake_break_add(void *t, uint64_t addr, const void *const *conditions,
                          const size_t *lengths, size_t count)
{
    struct fake *f = t;
    f->condition_count = count;
    for (size_t i = 0; i < count; i++)
        if (lengths[i] == 0 || ((const unsigned char *)conditions[i])[lengths[i] - 1] != 0x27)
            return -EINVAL; /* an expression ends in `end` */
    return listed(f->breaks, f->break_count, addr) ? 0 : add(f->breaks, &f->break_count, addr);
}

static int fake_break_del(void *t, uint64_t addr)
{
    struct fake *f = t;
    return del(f->breaks, &f->break_count, addr);
}

static int fake_watch_add(void *t, uint64_t addr, uint64_t len, enum target_watch kind)
{
    struct fake *f = t;
    return add(f->watches, &f->watch_count, addr);
}

static int fake_watch_del(void *t, uint64_t addr, uint64_t len, enum target_watch kind)
{
    struct fake *f = t;
    return del(f->watches, &f->watch_count, addr);
}

static int fake_catch(void *t, int on, const uint32_t *numbers, size_t count)
{
    ((struct fake *)t)->catching = on ? 1 + (int)count : 0;
    return 0;
}

static int fake_pass(void *t, uint64_t mask)
{
    ((struct fake *)t)->passed_signals = mask;
    return 0;
}

static ssize_t fake_object(void *t, enum target_object which, void *buf, size_t len,
                           uint64_t offset)
{
    static const char text[] = "0123456789";
    if (which == TARGET_SIGINFO)
        return -ENOENT;
    if (offset >= sizeof(text) - 1)
        return 0;
    size_t left = sizeof(text) - 1 - (size_t)offset;
    memcpy(buf, text + offset, len < left ? len : left);
    return (ssize_t)(len < left ? len : left);
}

static int fake_libraries(void *t, uint64_t *main_map, target_library_fn *take, void *arg)
{
    struct fake *f = t;
    if (!f->library)
        return -ENOENT;
    *main_map = f->now ? 0x7000 : 0;
    take(arg, &(struct target_library){0x7100, 0x5000, 0x5e00, f->library});
    return 0;
}

static int fake_open(void *t, const char *path)
{
    if (strcmp(path, "/bin/fake") != 0)
        return -ENOENT;
    ((struct fake *)t)->open_files++;
    return 5;
}

static ssize_t fake_file_read(void *t, int file, void *buf, size_t len, uint64_t offset)
{
    if (offset >= sizeof(file_text) - 1)
        return 0;
    size_t left = sizeof(file_text) - 1 - (size_t)offset;
    memcpy(buf, file_text + offset, len < left ? len : left);
    return (ssize_t)(len < left ? len : left);
}

static int fake_stat(void *t, int file, struct target_stat *st)
{
    *st = (struct target_stat){.size = sizeof(file_text) - 1, .mode = 0100755};
    return 0;
}

static int fake_close(void *t, int file)
{
    ((struct fake *)t)->open_files--;
    return 0;
}

static ssize_t fake_link(void *t, const char *path, char *buf, size_t cap)
{
    return -EINVAL;
}

static int fake_monitor(void *t, const char *command, const struct target_out *out)
{
    if (!strcmp(command, "long"))
        for (int i = 0; i < 1000; i++)
            out->text(out->arg, "a line of a long answer\n");
    else
        out->text(out->arg, command);
    return !strcmp(command, "seek") ? fake_restart(t, "") + 1 : 0;
}

static const struct target_ops fake_ops = {
    .pid = fake_pid,
    .layout = fake_layout,
    .threads = fake_threads,
    .current = fake_current,
    .thread_text = fake_thread_text,
    .regs_read = fake_regs_read,
    .regs_write = fake_regs_write,
    .mem_read = fake_mem_read,
    .mem_write = fake_mem_write,
    .run = fake_run,
    .where = fake_where,
    .restart = fake_restart,
    .break_add = fake_break_add,
    .break_del = fake_break_del,
    .watch_add = fake_watch_add,
    .watch_del = fake_watch_del,
    .catch_syscalls = fake_catch,
    .pass_signals = fake_pass,
    .object = fake_object,
    .libraries = fake_libraries,
    .file_open = fake_open,
    .file_read = fake_file_read,
    .file_stat = fake_stat,
    .file_close = fake_close,
    .link_read = fake_link,
    .monitor = fake_monitor,
};

void fake_init(struct fake *f)
{
    memset(f, 0, sizeof(*f));
    for (size_t i = 0; i < FAKE_BYTES; i++)
        f->memory[i] = (unsigned char)(i * 7);
    for (int i = 0; i < 2; i++) {
        f->regs[i].xstate_size = 2688;
        f->regs[i].gpr[4] = FAKE_DATA + 1024;
        for (int j = 0; j < 2688; j++)
            f->regs[i].xstate[j] = (unsigned char)(j + i);
    }
    fake_restart(f, "");
}

struct target fake_target(struct fake *f)
{
    return (struct target){&fake_ops, f};
}

/* ----------------------------------------------------------------------- stream */
/* While the target runs, a client that knows its manners says nothing but ^C. */
static ssize_t read_bytes(void *arg, void *buf, size_t len, int timeout_ms)
{
    struct fake_stream *stream = arg;
    size_t left = stream->in_len - stream->in_at, n = len < left ? len : left;
    if (stream->manners == FAKE_WAITS && timeout_ms == 0 && !n)
        return -EAGAIN;
    if (stream->manners && n) {
        if (timeout_ms == 0 && stream->in[stream->in_at] != 3)
            return -EAGAIN;
        n = 1;
    }
    memcpy(buf, stream->in + stream->in_at, n);
    stream->in_at += n;
    return (ssize_t)n; /* 0: the client has closed */
}

static int write_bytes(void *arg, const void *buf, size_t len)
{
    struct fake_stream *stream = arg;
    size_t left = stream->out_cap - stream->out_len, n = len < left ? len : left;
    if (n)
        memcpy(stream->out + stream->out_len, buf, n);
    stream->out_len += n;
    return 0;
}

int fake_session(struct fake *f, struct fake_stream *stream)
{
    struct packet_io io = {read_bytes, write_bytes, stream};
    struct gdbstub_options options = {0};
    struct target target = fake_target(f);
    return gdbstub_session(&io, &target, &options);
}
