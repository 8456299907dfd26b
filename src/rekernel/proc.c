/*
 * proc.c - /proc/self as the guest should see it. What describes the host process (its
 * maps, descriptors, name, state) is told by the rekernel; the rest of /proc is the
 * world's.
 */
#include "cores.h"
#include "cputime.h"
#include "sched.h"
#include "syscall.h"

#include <linux/fcntl.h>

#define PROC_TEXT_MAX (4u << 20)

/* The thread that the path names, of which own_part() found the rest; NULL: the process. And
 * the process. */
static struct task *asked;
static struct process *asked_process;

static s32 leading_number(const char **at)
{
    s32 n = 0;
    while (**at >= '0' && **at <= '9' && n < 1 << 24)
        n = n * 10 + (*(*at)++ - '0');
    return n;
}

/* Skips "task/TID/" of one of the threads. */
static const char *skip_task(const char *rest)
{
    const char *at = rest + 5;
    if (!str_starts(rest, "task/"))
        return rest;
    struct task *t = sched_find(leading_number(&at));
    if (*at != '/' || !t)
        return rest;
    asked = t;
    asked_process = t->proc;
    return at + 1;
}

/* Skips "PID/" of the process; a thread's number names the process too. */
static const char *skip_pid(const char *rest)
{
    struct task *t = *rest == '0' ? NULL : sched_find(leading_number(&rest));
    if (!t || *rest != '/')
        return NULL;
    asked = t->tid == t->proc->pid ? NULL : t;
    asked_process = t->proc;
    return rest + 1;
}

/* The part behind /proc/self/, /proc/thread-self/, /proc/PID/ or a task/TID/ below
 * those; NULL: not about this process. */
static const char *own_part(const char *path)
{
    const char *rest;
    asked = NULL;
    asked_process = current()->proc;
    if (!str_starts(path, "/proc/"))
        return NULL;
    rest = path + 6;
    if (str_starts(rest, "self/"))
        rest += 5;
    else if (str_starts(rest, "thread-self/"))
        rest += 12, asked = current();
    else
        rest = skip_pid(rest);
    return rest ? skip_task(rest) : NULL;
}

static s64 parse_fd(const char *s)
{
    s64 v = 0;
    if (!*s)
        return -1;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || v > 1 << 24)
            return -1;
        v = v * 10 + (*s - '0');
    }
    return v;
}

/* Guest descriptor that a path such as /dev/fd/3 or /proc/self/fd/3 names, or -1. */
static s64 fd_of_path(const char *path)
{
    const char *own = own_part(path);
    if (str_starts(path, "/dev/fd/"))
        return parse_fd(path + 8);
    if (str_cmp(path, "/dev/stdin") == 0)
        return 0;
    if (str_cmp(path, "/dev/stdout") == 0)
        return 1;
    if (str_cmp(path, "/dev/stderr") == 0)
        return 2;
    return own && str_starts(own, "fd/") ? parse_fd(own + 3) : -1;
}

/* The host has one thread, whose directory stands for those of all. */
static s64 translate_task(const char *own, struct text *x)
{
    const char *at = own + 5;
    if (asked && asked->tid != asked->proc->pid) {
        text_add(x, "/proc/self/task/%d/%s", (s64)asked->proc->pid, own);
        return 1;
    }
    if (!str_starts(own, "task/") || *at < '0' || *at > '9')
        return 0;
    struct task *t = sched_find(leading_number(&at));
    if (!t || *at)
        return -ENOENT;
    text_add(x, "/proc/self/task/%d", (s64)t->proc->pid);
    return 1;
}

s64 proc_translate(const char *path, char *out, u64 cap)
{
    struct text x = {out, cap, 0};
    if (path[0] != '/' || (!str_starts(path, "/proc/") && !str_starts(path, "/dev/")))
        return 0;
    s64 fd = fd_of_path(path);
    if (fd >= 0) {
        s64 h = fd_host(fd);
        if (h < 0)
            return -ENOENT;
        text_add(&x, "/proc/self/fd/%d", h);
        return 1;
    }
    const char *own = own_part(path);
    if (own && str_cmp(own, "exe") == 0) {
        str_copy(out, current()->proc->exe ? current()->proc->exe : "", cap);
        return 1;
    }
    return own ? translate_task(own, &x) : 0;
}

bool proc_real_name(const char *path, char *out, u64 cap)
{
    const char *own = own_part(path);
    struct file *f = fd_get(fd_of_path(path));
    if (own && str_cmp(own, "exe") == 0)
        str_copy(out, current()->proc->exe ? current()->proc->exe : path, cap);
    else if (f)
        str_copy(out, f->path, cap);
    else
        return false;
    return true;
}

/* --------------------------------------------------------------------- contents */
static char vma_letter(const struct vma *v, u32 bit, char c)
{
    return v->prot & bit ? c : '-';
}

static void put_maps_line(struct text *x, const struct vma *v)
{
    u64 dev = v->obj ? v->obj->dev : 0;
    u64 start = x->len;
    text_add(x, "%08x-%08x %c%c%c%c %08x %02x:%02x %u ", v->start, v->end,
             (u64)vma_letter(v, 1, 'r'), (u64)vma_letter(v, 2, 'w'), (u64)vma_letter(v, 4, 'x'),
             (u64)(v->flags & VMA_SHARED ? 's' : 'p'), v->off, dev >> 8 & 0xfff, dev & 0xff,
             v->obj ? v->obj->ino : 0ull);
    const char *name = v->obj               ? v->obj->path
                       : v->flags & VMA_HEAP  ? "[heap]"
                       : v->flags & VMA_STACK ? "[stack]"
                                              : "";
    while (*name && x->len - start < 73)
        text_add(x, " ");
    text_add(x, "%s\n", name);
}

static void put_maps(struct text *x)
{
    const struct mm *m = mm_current();
    for (u32 i = 0; i < m->count; i++)
        put_maps_line(x, &m->v[i]);
}

static void put_smaps(struct text *x)
{
    const struct mm *m = mm_current();
    for (u32 i = 0; i < m->count; i++) {
        u64 kb = (m->v[i].end - m->v[i].start) / 1024;
        put_maps_line(x, &m->v[i]);
        text_add(x, "Size: %14u kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n", kb);
        text_add(x, "Rss: %15u kB\nPss: %15u kB\nShared_Clean:          0 kB\n", kb, kb);
        text_add(x, "Shared_Dirty:          0 kB\nPrivate_Clean:         0 kB\nPrivate_Dirty: %5u kB\n",
                 kb);
        text_add(x, "Referenced: %8u kB\nAnonymous: %9u kB\nVmFlags: \n", kb,
                 m->v[i].obj ? 0ull : kb);
    }
}

static u64 copy_area(u8 *out, u64 cap, u64 start, u64 end)
{
    u64 n = MIN(end - start, cap);
    return copy_from_guest(out, start, n) ? 0 : n;
}

static void put_mask(struct text *x, const char *name, u64 mask)
{
    text_add(x, "%s:\t%016x\n", name, mask);
}

/* The thread that a file is about: the process's first one, which may have ended. */
static struct task *shown(void)
{
    struct task *first = sched_find(asked_process->pid);
    return asked ? asked : first ? first : current();
}

static char state_letter(const struct task *t)
{
    return t->tracer ? 't' : t->parked ? 'S' : 'R';
}

static void put_signal_masks(struct text *x)
{
    const struct task *t = shown();
    u64 ign = 0, caught = 0;
    for (u32 s = 1; s <= SIG_COUNT; s++) {
        u64 h = t->proc->actions[s].handler;
        ign |= h == 1 ? SIG_BIT(s) : 0;
        caught |= h > 1 ? SIG_BIT(s) : 0;
    }
    put_mask(x, "SigPnd", t->pending.set);
    put_mask(x, "ShdPnd", t->proc->pending.set);
    put_mask(x, "SigBlk", t->sigmask);
    put_mask(x, "SigIgn", ign);
    put_mask(x, "SigCgt", caught);
}

static u32 task_count(void)
{
    u32 n = 0;
    for (const struct task *t = sched_first(); t; t = t->next)
        n += t->proc == asked_process;
    return n;
}

static const char *state_text(const struct task *t)
{
    return t->tracer ? "t (tracing stop)" : t->parked ? "S (sleeping)" : "R (running)";
}

static void put_status(struct text *x)
{
    const struct rk_boot *b = plat_boot();
    const struct process *p = asked_process;
    u64 kb = mm_current()->total / 1024, heap = (mm_current()->brk - mm_current()->brk_start) / 1024;
    struct task *t = shown();
    text_add(x, "Name:\t%s\nUmask:\t0022\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n", task_comm(t),
             state_text(t), (s64)p->pid,
             asked ? (s64)t->tid : (s64)p->pid);
    text_add(x, "PPid:\t%d\nTracerPid:\t%d\n", (s64)p->ppid,
             t->tracer ? (s64)t->tracer->pid : 0ll);
    text_add(x, "Uid:\t%u\t%u\t%u\t%u\n", (u64)b->uid, (u64)b->euid, (u64)b->euid, (u64)b->euid);
    text_add(x, "Gid:\t%u\t%u\t%u\t%u\n", (u64)b->gid, (u64)b->egid, (u64)b->egid, (u64)b->egid);
    text_add(x, "FDSize:\t%u\nGroups:\t \nVmPeak:\t%8u kB\nVmSize:\t%8u kB\n",
             (u64)MAX(64u, fd_table()->count), kb, kb);
    text_add(x, "VmLck:\t       0 kB\nVmPin:\t       0 kB\nVmHWM:\t%8u kB\nVmRSS:\t%8u kB\n", kb, kb);
    text_add(x, "VmData:\t%8u kB\nVmStk:\t%8u kB\nVmExe:\t%8u kB\nVmSwap:\t       0 kB\n", heap,
             plat_boot()->stack_limit / 1024, (p->end_code - p->start_code) / 1024);
    text_add(x, "Threads:\t%u\n", (u64)task_count());
    put_signal_masks(x);
    text_add(x, "NoNewPrivs:\t0\nSeccomp:\t0\nCpus_allowed:\t%x\nCpus_allowed_list:\t", cores_of(t));
    cores_list(x, cores_of(t));
    text_add(x, "\nMems_allowed:\t1\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t1\n"
                "nonvoluntary_ctxt_switches:\t0\n");
}

/* Processor time, all of it the user's, in hundredths of a second. */
static u64 cpu_hundredths(struct task *t)
{
    return (u64)(asked ? cputime_of(t) : cputime_process()) / 10000000;
}

/* proc(5): the 52 fields of stat; faults and the like are zero, which is stable. */
static void put_stat(struct text *x)
{
    const struct rk_boot *b = plat_boot();
    const struct process *p = asked_process;
    struct task *t = shown();
    text_add(x, "%d (%s) %c %d %d %d 0 -1 4194304 0 0 0 0 %u 0 0 0 20 0 %u 0 ",
             asked ? (s64)t->tid : (s64)p->pid, task_comm(t), (u64)state_letter(t), (s64)p->ppid,
             (s64)b->pgid, (s64)b->sid, cpu_hundredths(t), (u64)task_count());
    text_add(x, "%u %u %u 18446744073709551615 %u %u %u 0 0 ", b->start_realtime_ns / 10000000,
             mm_current()->total, mm_current()->total / RK_PAGE, p->start_code, p->end_code,
             p->stack_start);
    text_add(x, "0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 %u %u %u %u %u 0\n", mm_current()->brk_start,
             p->arg_start, p->arg_end, p->env_start, p->env_end);
}

static void put_statm(struct text *x)
{
    u64 pages = mm_current()->total / RK_PAGE;
    text_add(x, "%u %u 0 %u 0 %u 0\n", pages, pages,
             (current()->proc->end_code - current()->proc->start_code) / RK_PAGE, pages);
}

static void put_comm(struct text *x)
{
    text_add(x, "%s\n", asked ? task_comm(asked) : current()->proc->comm);
}

struct proc_text {
    const char *name;
    void (*put)(struct text *x);
};
static const struct proc_text texts[] = {
    {"maps", put_maps}, {"smaps", put_smaps}, {"status", put_status},
    {"stat", put_stat}, {"statm", put_statm}, {"comm", put_comm},
};

static struct file *file_of(const u8 *data, u64 size, const char *path)
{
    u8 *copy = size ? memcpy(kalloc(size), data, size) : NULL;
    return file_new_virtual(copy, size, path);
}

static struct file *open_area(u8 *buf, const char *own, const char *path)
{
    const struct process *p = current()->proc;
    u64 n;
    if (str_cmp(own, "cmdline") == 0)
        n = copy_area(buf, PROC_TEXT_MAX, p->arg_start, p->arg_end);
    else if (str_cmp(own, "environ") == 0)
        n = copy_area(buf, PROC_TEXT_MAX, p->env_start, p->env_end);
    else if (str_cmp(own, "auxv") == 0)
        n = copy_area(buf, PROC_TEXT_MAX, p->auxv_addr, p->auxv_addr + p->auxv_size);
    else
        return NULL;
    return file_of(buf, n, path);
}

static struct file *open_directory(u8 *data, u64 size, const char *path)
{
    struct file *f = file_new_virtual(data, size, path);
    f->kind = FILE_VIRTUAL_DIR;
    return f;
}

static struct file *open_tasks(const char *path)
{
    u64 size = task_count() * sizeof(s32);
    s32 *tids = kalloc(size), *at = tids;
    for (const struct task *t = sched_first(); t; t = t->next)
        if (t->proc == asked_process)
            *at++ = t->tid;
    return open_directory((u8 *)tids, size, path);
}

struct file *proc_open(const char *path, u32 flags, s64 *error)
{
    const char *own = own_part(path);
    struct file *f = NULL;
    *error = 0;
    if (!own || flags & O_PATH)
        return NULL;
    if (str_cmp(own, "fd") == 0 || str_cmp(own, "fd/") == 0)
        return open_directory(NULL, 0, path);
    if (str_cmp(own, "task") == 0 || str_cmp(own, "task/") == 0)
        return open_tasks(path);
    if (str_cmp(own, "mem") == 0 && (flags & O_ACCMODE) != O_RDONLY) {
        *error = -EACCES; /* it would reach the rekernel */
        return NULL;
    }
    u8 *buf = kalloc(PROC_TEXT_MAX);
    f = open_area(buf, own, path);
    for (u32 i = 0; i < ARRAY_LEN(texts) && !f; i++) {
        struct text x = {(char *)buf, PROC_TEXT_MAX, 0};
        if (str_cmp(own, texts[i].name) != 0)
            continue;
        texts[i].put(&x);
        f = file_of(buf, x.len, path);
    }
    kfree(buf, PROC_TEXT_MAX);
    if (f)
        f->flags = flags;
    if (f && (flags & O_ACCMODE) != O_RDONLY && str_cmp(own, "comm") != 0) {
        file_put(f);
        *error = -EACCES;
        return NULL;
    }
    return f;
}

/* Only names of threads can be written: /proc/self/comm and task/TID/comm. */
s64 proc_write(struct file *f, u64 addr, u64 len)
{
    char name[16] = {0};
    const char *own = own_part(f->path);
    if (!own || str_cmp(own, "comm") != 0 || (f->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    struct task *t = asked ? asked : sched_find(current()->proc->pid);
    if (copy_from_guest(name, addr, MIN(len, 15ull)))
        return -EFAULT;
    for (u32 i = 0; i < sizeof name; i++)
        if (name[i] == '\n')
            name[i] = 0;
    if (!t)
        return -ESRCH;
    task_set_comm(t, name);
    return (s64)len;
}

s64 proc_readlink(const char *path, char *out, u64 cap)
{
    const char *own = own_part(path);
    struct text x = {out, cap, 0};
    s64 fd = fd_of_path(path);
    if (own && str_cmp(own, "exe") == 0)
        return (s64)str_copy(out, current()->proc->exe ? current()->proc->exe : "", cap);
    if (str_cmp(path, "/proc/self") == 0) {
        text_add(&x, "%d", (s64)current()->proc->pid);
        return (s64)x.len;
    }
    if (fd < 0)
        return -ENOTSUP;
    struct file *f = fd_get(fd);
    if (!f)
        return -ENOENT;
    if (f->kind == FILE_HOST)
        return -ENOTSUP; /* the host names it: the path is translated */
    return (s64)str_copy(out, f->path, cap);
}
