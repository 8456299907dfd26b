/*
 * exec.c - programs: finding the ELF file behind a path or a #! line, and the first
 * stack. Loading segments is in elf.c.
 */
#include "companion.h"
#include "elf.h"
#include "sched.h"
#include "syscall.h"

#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#define SCRIPT_DEPTH_MAX 5
#define ARG_BYTES_MAX (6u << 20)
#define ARG_COUNT_MAX 0x40000u

/* ------------------------------------------------------------------- the stack */
struct stack {
    u64 sp, low;
    bool bad;
};

static void push_bytes(struct stack *s, const void *p, u64 len)
{
    s->sp -= len;
    if (s->sp < s->low || copy_to_guest(s->sp, p, len))
        s->bad = true;
}

static u64 push_string(struct stack *s, const char *str)
{
    push_bytes(s, str, str_len(str) + 1);
    return s->sp;
}

struct words {
    u64 *v;
    u32 n;
};

static void aux(struct words *w, u64 type, u64 value)
{
    w->v[w->n++] = type;
    w->v[w->n++] = value;
}

static void build_auxv(struct words *w, const struct elf_image *im, u64 random, u64 platform,
                       u64 execfn)
{
    const struct rk_boot *b = plat_boot();
    aux(w, AT_HWCAP, b->hwcap);
    aux(w, AT_PAGESZ, RK_PAGE);
    aux(w, AT_CLKTCK, 100);
    aux(w, AT_PHDR, im->phdr);
    aux(w, AT_PHENT, 56);
    aux(w, AT_PHNUM, im->phnum);
    aux(w, AT_BASE, im->interp_base);
    aux(w, AT_FLAGS, 0);
    aux(w, AT_ENTRY, im->entry);
    aux(w, AT_UID, b->uid);
    aux(w, AT_EUID, b->euid);
    aux(w, AT_GID, b->gid);
    aux(w, AT_EGID, b->egid);
    aux(w, AT_SECURE, b->secure);
    aux(w, AT_RANDOM, random);
    aux(w, AT_HWCAP2, b->hwcap2);
    aux(w, AT_EXECFN, execfn);
    aux(w, AT_PLATFORM, platform);
    aux(w, 51 /* AT_MINSIGSTKSZ */, vcpu_xstate_size() + 1024);
    aux(w, AT_NULL, 0);
}

/* Different for each program that the process becomes, but a function of the boot block. */
static void fresh_random(u8 out[16])
{
    static u64 execs;
    u64 w[2];
    __builtin_memcpy(w, plat_boot()->random, 16);
    w[0] = execs ? rk_mix(w[0], execs) : w[0];
    w[1] = execs ? rk_mix(w[1], ~execs) : w[1];
    execs++;
    __builtin_memcpy(out, w, 16);
}

struct strings {
    u64 argc, envc;
    char *const *argv, *const *envp;
};

/* Strings from the top down in Linux's order: file name, environment, arguments. */
static void push_vectors(struct process *p, struct stack *s, const struct strings *in,
                         struct words *w)
{
    u64 *argv = &w->v[1], *envp = &w->v[2 + in->argc];
    p->env_end = s->sp;
    for (u64 i = in->envc; i-- > 0;)
        envp[i] = push_string(s, in->envp[i]);
    p->env_start = p->arg_end = s->sp;
    for (u64 i = in->argc; i-- > 0;)
        argv[i] = push_string(s, in->argv[i]);
    p->arg_start = s->sp;
    w->v[0] = in->argc;
    argv[in->argc] = envp[in->envc] = 0;
    w->n = (u32)(3 + in->argc + in->envc);
}

static s64 map_stack(bool exec, struct stack *s)
{
    u64 size = PAGE_UP(plat_boot()->stack_limit);
    u32 prot = PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0);
    u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    s64 r = mm_mmap(MM_STACK_TOP - size, size, prot, flags, NULL, 0, VMA_STACK);
    *s = (struct stack){MM_STACK_TOP - 8, MM_STACK_TOP - size + 65536, false};
    return r < 0 ? r : 0;
}

static s64 build_stack(struct process *p, const struct elf_image *im, const struct strings *in,
                       const char *execfn)
{
    struct stack s;
    u8 random[16];
    u64 size = (in->argc + in->envc + 48) * 8;
    struct words w = {kalloc(size), 0};
    s64 r = map_stack(im->exec_stack, &s);
    if (r < 0)
        return r;
    u64 fn = push_string(&s, execfn);
    push_vectors(p, &s, in, &w);
    u64 platform = push_string(&s, "x86_64");
    fresh_random(random);
    push_bytes(&s, random, sizeof random);
    u64 random_at = s.sp;
    u32 auxv_at = w.n;
    build_auxv(&w, im, random_at, platform, fn);
    s.sp = ALIGN_DOWN(s.sp - w.n * 8, 16) + w.n * 8;
    push_bytes(&s, w.v, w.n * 8);
    p->auxv_addr = s.sp + auxv_at * 8;
    p->auxv_size = (w.n - auxv_at) * 8;
    p->stack_start = s.sp;
    kfree(w.v, size);
    VCPU->gpr[RSP] = s.sp;
    return s.bad ? -E2BIG : 0;
}

/* --------------------------------------------------------------- becoming it */
static void start_registers(const struct elf_image *im)
{
    struct vcpu *v = VCPU;
    u64 sp = v->gpr[RSP];
    memset(v->gpr, 0, sizeof v->gpr);
    v->gpr[RSP] = sp;
    v->rip = im->start;
    v->rflags = 0x202;
    vcpu_set_bases(0, 0);
    xstate_init(v->xstate);
}

/* path: as it was named, the source of the short name; real: without links. */
static void set_names(struct process *p, const char *path, const char *real)
{
    const char *base = path;
    for (const char *s = path; *s; s++)
        if (*s == '/')
            base = s + 1;
    kstrfree(p->exe);
    p->exe = kstrdup(real);
    memset(p->comm, 0, sizeof p->comm);
    str_copy(p->comm, base, sizeof p->comm);
    plat_set_name(p->comm);
}

/* Past this the old program is gone: a failure kills the process. */
static void become(struct task *t, struct elf_file *exe, struct elf_file *interp, const char *path,
                   const struct strings *in)
{
    struct elf_image im;
    sched_kill_others();
    t->tid = t->proc->pid;
    mm_reset();
    fd_close_exec();
    signal_exec_reset(t->proc);
    t->altstack = (struct sig_stack){0};
    t->clear_child_tid = t->robust_list = 0;
    t->sleep_interrupted = false;
    s64 r = elf_load(exe, interp, &im);
    if (r == 0)
        r = build_stack(t->proc, &im, in, path);
    if (r < 0) {
        notice_once(NOTICE_KEY(NG_OTHER, 3), "%s: cannot be loaded (error %d)", path, -r);
        process_exit(9);
    }
    start_registers(&im);
    t->proc->start_code = im.start_code;
    t->proc->end_code = im.end_code;
    t->proc->entry = im.entry;
    t->in_syscall = false;
}

/* An absolute name for /proc/self/exe. */
static void absolute(const char *path, char *out, u64 cap)
{
    u64 n = 0;
    out[0] = 0;
    if (proc_real_name(path, out, cap))
        return;
    if (path[0] != '/') {
        struct out o = {.addr = (u64)out, .cap = cap, .rule = OUT_RESULT, .unit = 1, .kernel = 1};
        struct world w = {__NR_getcwd, WORLD_INTERNAL, {(u64)out, cap}, 0, 1, &o};
        s64 r = door_world(&w);
        n = r > 0 ? (u64)r - 1 : 0;
        while (str_starts(path, "./"))
            path += 2;
        if (n && out[n - 1] != '/' && n + 1 < cap)
            out[n++] = '/';
    }
    str_copy(out + n, path, cap - n);
}

/* The file's name without symbolic links, as the host knows it: programs look for their
 * libraries beside it. path when the host cannot tell. */
static void real_name(const struct elf_file *f, const char *path, char *out, u64 cap)
{
    char name[64];
    struct text x = {name, sizeof name, 0};
    struct out o = {.addr = (u64)out, .cap = cap - 1, .rule = OUT_RESULT, .unit = 1, .kernel = 1};
    struct world w = {__NR_readlink, WORLD_INTERNAL, {(u64)name, (u64)out, cap - 1}, 0, 1, &o};
    text_add(&x, "/proc/self/fd/%d", (s64)f->file->host_fd);
    s64 n = door_world(&w);
    if (n > 0 && out[0] == '/')
        out[n] = 0;
    else
        str_copy(out, path, cap);
}

static s64 exec_elf(struct task *t, struct elf_file *exe, const char *path,
                    const struct strings *in)
{
    struct elf_file interp = {0};
    char full[4096], real[4096];
    s64 r = elf_check(exe);
    if (r == 0 && exe->interp[0]) {
        r = elf_open(exe->interp, &interp);
        if (r == 0)
            r = elf_check(&interp);
    }
    if (r == 0) {
        absolute(path, full, sizeof full); /* while the old program is still there */
        real_name(exe, full, real, sizeof real);
        become(t, exe, exe->interp[0] ? &interp : NULL, path, in);
        set_names(t->proc, full, real);
        door_exec(full);
    }
    elf_close(&interp);
    return r;
}

/* ------------------------------------------------------------------- scripts */
static char *trim(char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/* "#!interpreter [one argument]": the new argument vector goes before the old one,
 * whose first entry the script's path replaces. */
static s64 exec_script(struct task *t, struct elf_file *f, const char *path,
                       const struct strings *in, u32 depth)
{
    char line[257], *arg = NULL, *name, *end;
    u64 n = MIN(f->head_len, sizeof line - 1);
    memcpy(line, f->head, n);
    line[n] = 0;
    for (end = line; *end && *end != '\n'; end++)
        ;
    while (end > line && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    *end = 0;
    name = trim(line + 2);
    if (!*name)
        return -ENOEXEC;
    for (arg = name; *arg && *arg != ' ' && *arg != '\t'; arg++)
        ;
    if (*arg)
        *arg++ = 0, arg = trim(arg);
    u64 extra = *arg ? 3 : 2, argc = in->argc ? in->argc - 1 : 0, size = (argc + extra) * sizeof(char *);
    char **argv = kalloc(size);
    argv[0] = name;
    argv[1] = *arg ? arg : (char *)path;
    if (*arg)
        argv[2] = (char *)path;
    for (u64 i = 0; i < argc; i++)
        argv[extra + i] = in->argv[i + 1];
    s64 r = exec_image(t, name, argc + extra, argv, in->envc, in->envp, depth + 1);
    kfree(argv, size);
    return r;
}

s64 exec_image(struct task *t, const char *path, u64 argc, char *const *argv, u64 envc,
               char *const *envp, u32 depth)
{
    struct strings in = {argc, envc, argv, envp};
    struct elf_file f;
    if (depth > SCRIPT_DEPTH_MAX)
        return -ELOOP;
    s64 r = elf_open(path, &f);
    if (r < 0)
        return r;
    if (f.head_len >= 2 && f.head[0] == '#' && f.head[1] == '!')
        r = exec_script(t, &f, path, &in, depth);
    else
        r = exec_elf(t, &f, path, &in);
    elf_close(&f);
    return r;
}

/* ---------------------------------------------------------------- from the boot */
static char **boot_vector(u32 offset, u32 count)
{
    char **v = kalloc((count + 1) * sizeof *v);
    char *s = (char *)plat_boot() + offset;
    for (u32 i = 0; i < count; i++) {
        v[i] = s;
        s += str_len(s) + 1;
    }
    return v;
}

void exec_boot(void)
{
    const struct rk_boot *b = plat_boot();
    const char *path = (const char *)b + b->exe_offset;
    char **argv = boot_vector(b->argv_offset, b->argc), **envp = boot_vector(b->envp_offset, b->envc);
    s64 r = exec_image(current(), path, b->argc, argv, b->envc, envp, 0);
    if (r < 0) {
        notice_once(NOTICE_KEY(NG_OTHER, 4), "%s: cannot be executed (error %d)", path, -r);
        process_exit((r == -ENOENT ? 127 : 126) << 8);
    }
    kfree(argv, (b->argc + 1) * sizeof *argv);
    kfree(envp, (b->envc + 1) * sizeof *envp);
}

/* ----------------------------------------------------------------- from execve */
static void free_vector(char **v, u64 n, u64 cap)
{
    for (u64 i = 0; i < n; i++)
        kstrfree(v[i]);
    kfree(v, cap * sizeof *v);
}

static s64 count_vector(u64 addr, u64 *n)
{
    u64 p;
    for (*n = 0; addr; ++*n) {
        if (copy_from_guest(&p, addr + *n * 8, 8))
            return -EFAULT;
        if (!p)
            break;
        if (*n > ARG_COUNT_MAX)
            return -E2BIG;
    }
    return 0;
}

static s64 copy_vector(u64 addr, char ***out, u64 *count, u64 *bytes)
{
    static char one[131072]; /* MAX_ARG_STRLEN */
    u64 n, p;
    s64 r = count_vector(addr, &n);
    if (r < 0)
        return r;
    *out = kalloc((n + 1) * sizeof **out);
    for (*count = 0; *count < n; ++*count) {
        if (copy_from_guest(&p, addr + *count * 8, 8))
            r = -EFAULT;
        else
            r = copy_string(one, p, sizeof one);
        if (r >= 0 && (*bytes += (u64)r + 9) > ARG_BYTES_MAX)
            r = -E2BIG;
        if (r < 0) {
            free_vector(*out, *count, n + 1);
            return r == -ENAMETOOLONG ? -E2BIG : r;
        }
        (*out)[*count] = kstrdup(one);
    }
    return 0;
}

static s64 exec_call(struct task *t, const char *path, u64 argv_addr, u64 envp_addr)
{
    char **argv, **envp;
    u64 argc, envc, bytes = 0;
    if (companion_is(t)) {
        notice_once(NOTICE_KEY(NG_CLONE, 1),
                    "a process that shares the program's memory wants to run %s: not supported (ENOSYS)", path);
        return -ENOSYS;
    }
    s64 r = copy_vector(argv_addr, &argv, &argc, &bytes);
    if (r < 0)
        return r;
    r = copy_vector(envp_addr, &envp, &envc, &bytes);
    if (r == 0) {
        r = exec_image(t, path, argc, argv, envc, envp, 0);
        free_vector(envp, envc, envc + 1);
    }
    free_vector(argv, argc, argc + 1);
    return r;
}

s64 sys_execve(struct task *t, const u64 a[6])
{
    char path[4096];
    s64 n = copy_string(path, a[0], sizeof path);
    return n < 0 ? n : exec_call(t, path, a[1], a[2]);
}

/* Of execveat's forms the plain ones: a path that dirfd does not matter for, or an empty
 * path with the file's own name. */
s64 sys_execveat(struct task *t, const u64 a[6])
{
    char path[4096];
    struct file *f = fd_get((s32)a[0]);
    s64 n = copy_string(path, a[1], sizeof path);
    if (n < 0)
        return n;
    if (!n && a[4] & AT_EMPTY_PATH) {
        if (!f)
            return -EBADF;
        struct text x = {path, sizeof path, 0};
        text_add(&x, "/dev/fd/%d", (s64)(s32)a[0]);
    } else if (path[0] != '/' && (s32)a[0] != AT_FDCWD) {
        if (!f)
            return -EBADF;
        struct text x = {path, sizeof path, 0};
        char name[4096];
        str_copy(name, path, sizeof name);
        text_add(&x, "%s/%s", f->path, name);
    }
    return exec_call(t, path, a[2], a[3]);
}
