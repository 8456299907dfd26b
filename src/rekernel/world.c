/*
 * world.c - the generic handler of world calls: what a call reads and writes follows
 * from its argument kinds (sysdef.h).
 */
#include "sched.h"
#include "syscall.h"
#include "vcpu_mode.h"

static struct call scratch;

struct call *call_scratch(void)
{
    return &scratch;
}

void call_init(struct call *c, u32 nr, const u64 a[6], u32 flags)
{
    c->w = (struct world){.nr = nr, .flags = flags, .out = c->out};
    for (u32 i = 0; i < 6; i++)
        c->w.a[i] = a[i];
    c->paths = 0;
}

static struct out *add_out(struct call *c, u64 addr, u64 cap, u8 rule, u32 unit)
{
    RK_CHECK(c->w.nout < WORLD_OUT_MAX, c->w.nr, c->w.nout);
    struct out *o = &c->out[c->w.nout++];
    *o = (struct out){.addr = addr, .cap = cap, .rule = rule, .unit = unit};
    return o;
}

s64 call_out(struct call *c, u64 addr, u64 cap, u8 rule, u32 unit)
{
    if (!addr || !cap)
        return 0;
    if (!guest_range(addr, cap)) {
        /* A huge capacity is legal when the kernel fills only the front of it. */
        if (!guest_range(addr, 1))
            return -EFAULT;
        u64 room = plat_owns(addr, cap) && addr < RK_HIGH_BASE
                       ? (addr < RK_LOW_BASE ? RK_LOW_BASE : RK_HIGH_BASE) - addr
                       : RK_GUEST_END - addr;
        cap = MIN(cap, room);
    }
    vcpu_will_write(addr, cap);
    add_out(c, addr, cap, rule, unit);
    return 0;
}

void call_out_kernel(struct call *c, void *buf, u64 cap, u8 rule, u32 unit)
{
    add_out(c, (u64)buf, cap, rule, unit)->kernel = 1;
}

s64 call_out_lenptr(struct call *c, u64 addr, u64 lenptr)
{
    u32 cap = 0;
    if (!addr || !lenptr)
        return 0;
    if (copy_from_guest(&cap, lenptr, 4))
        return -EFAULT;
    if (!cap || cap > 0x7fffffff)
        return 0;
    if (!guest_range(addr, cap))
        return -EFAULT;
    vcpu_will_write(addr, cap);
    add_out(c, addr, cap, OUT_LENPTR, 1)->lenptr = lenptr;
    return 0;
}

s64 call_make(struct call *c)
{
    return door_world(&c->w);
}

s64 call_path(struct call *c, u32 i)
{
    char *out = c->path[c->paths & 1];
    char name[4096];
    if (!c->w.a[i])
        return 0;
    s64 n = copy_string(name, c->w.a[i], sizeof name);
    if (n == -ENAMETOOLONG)
        return guest_range(c->w.a[i], 4096) ? 0 : -EFAULT; /* the host says it */
    if (n < 0)
        return n;
    c->w.check = hash_bytes(c->w.check, name, (u64)n);
    s64 r = proc_translate(name, out, sizeof c->path[0]);
    if (r > 0) {
        c->w.a[i] = (u64)out;
        c->paths++;
    }
    return r < 0 ? r : 0;
}

static s64 prepare_fd(struct call *c, u32 i)
{
    s64 h = fd_host((s32)c->w.a[i]);
    if (h < 0)
        return h;
    c->w.a[i] = (u64)h;
    return 0;
}

/* The number of a thread of ours: the host knows the process's only. Some calls tell by
 * their first argument whether this one is a process at all. */
static s64 prepare_pid(struct call *c, u32 i)
{
    bool other = (c->w.nr == __NR_setpriority || c->w.nr == __NR_getpriority) ? c->w.a[0] != 0
                 : (c->w.nr == __NR_ioprio_set || c->w.nr == __NR_ioprio_get) ? c->w.a[0] != 1
                                                                              : false;
    const struct task *t = other ? NULL : sched_find((s32)c->w.a[i]);
    if (t)
        c->w.a[i] = (u64)t->proc->pid;
    return 0;
}

static s64 prepare_dirfd(struct call *c, u32 i)
{
    s32 fd = (s32)c->w.a[i];
    if (fd == -100) /* AT_FDCWD */
        return 0;
    s64 h = fd_host(fd);
    c->w.a[i] = h < 0 ? (u64)-1 : (u64)h; /* absolute paths do not look at it */
    return 0;
}

static s64 prepare_in(struct call *c, u32 i, u64 len)
{
    u64 addr = c->w.a[i];
    if (!addr || !len)
        return 0;
    return guest_range(addr, len) ? 0 : -EFAULT;
}

static s64 prepare_outputs(struct call *c, u32 i, u32 word, const u64 a[6])
{
    u64 size = struct_size(ARG_PARAM(word));
    u64 count = a[ARG_INDEX(word) < 6 ? ARG_INDEX(word) : 0];
    switch (ARG_KIND(word)) {
    case AK_OUT:
    case AK_INOUT:
        return call_out(c, a[i], size, OUT_FULL, 1);
    case AK_OBUF:
        return call_out(c, a[i], count, OUT_RESULT, 1);
    case AK_OARR:
        return call_out(c, a[i], size * (count & 0xffffffff), OUT_FULL, 1);
    case AK_ORARR:
        return call_out(c, a[i], size * (count & 0xffffffff), OUT_RESULT, (u32)size);
    case AK_OSOCK:
    case AK_OOPT:
        return call_out_lenptr(c, a[i], count);
    case AK_LENIO:
        return call_out(c, a[i], 4, OUT_FULL, 1);
    default:
        return 0;
    }
}

static s64 prepare(struct call *c, u32 i, u32 word, const u64 a[6])
{
    u64 size = struct_size(ARG_PARAM(word));
    u64 count = a[ARG_INDEX(word) < 6 ? ARG_INDEX(word) : 0];
    switch (ARG_KIND(word)) {
    case AK_FD:
        return prepare_fd(c, i);
    case AK_DIRFD:
        return prepare_dirfd(c, i);
    case AK_PID:
        return prepare_pid(c, i);
    case AK_PATH:
        return call_path(c, i);
    case AK_STR:
        return prepare_in(c, i, 1);
    case AK_IN:
        return prepare_in(c, i, size);
    case AK_IBUF:
        return prepare_in(c, i, count & 0xffffffff);
    case AK_IARR:
        return prepare_in(c, i, size * (count & 0xffffffff));
    default:
        return prepare_outputs(c, i, word, a);
    }
}

s64 world_prepare(struct call *c, u32 nr, const u64 a[6], u32 flags)
{
    const struct syscall_row *row = &syscall_table[nr];
    call_init(c, nr, a, flags);
    for (u32 i = 0; i < row->nargs; i++) {
        s64 r = prepare(c, i, row->args[i], a);
        if (r < 0)
            return r;
    }
    return 0;
}

s64 world_generic(struct task *t, u32 nr, const u64 a[6], u32 flags)
{
    s64 r = world_prepare(&scratch, nr, a, flags);
    t->restartable = true;
    return r < 0 ? r : call_make(&scratch);
}
