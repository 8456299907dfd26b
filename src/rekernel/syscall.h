/*
 * syscall.h - the syscall table as the rekernel sees it, and helpers for handlers.
 */
#ifndef RRL_RK_SYSCALL_H
#define RRL_RK_SYSCALL_H

#include "door.h"
#include "fd.h"
#include "mm.h"
#include "sysdef.h"
#include "task.h"

typedef s64 syscall_handler(struct task *t, const u64 a[6]);

struct syscall_row {
    const char *name;
    syscall_handler *handler; /* NULL: the row does not exist */
    u8 level, ret, nargs;
    u32 args[6];
};

#define SYSCALL_MAX 480
extern const struct syscall_row syscall_table[SYSCALL_MAX];

/* Every handler that a row names. */
#define SYSCALL(number, name, handler, level, ret, nargs, args, note) \
    syscall_handler sys_##handler;
#include "syscalls.def"
#undef SYSCALL

u64 struct_size(u32 id);

/* A world call in the making: outputs are added, then it is made. */
struct call {
    struct world w;
    struct out out[WORLD_OUT_MAX];
    char path[2][4096]; /* translated paths */
    u32 paths;
};
void call_init(struct call *c, u32 nr, const u64 a[6], u32 flags);
/* Adds an output; 0 or -EFAULT when it does not lie in guest space. addr 0 is skipped. */
s64 call_out(struct call *c, u64 addr, u64 cap, u8 rule, u32 unit);
void call_out_kernel(struct call *c, void *buf, u64 cap, u8 rule, u32 unit);
s64 call_out_lenptr(struct call *c, u64 addr, u64 lenptr);
s64 call_make(struct call *c);
/* A call with everything that the table's argument kinds say; 0 or -errno. */
s64 world_prepare(struct call *c, u32 nr, const u64 a[6], u32 flags);
/* The generic handler: the call prepared like that, and made. */
s64 world_generic(struct task *t, u32 nr, const u64 a[6], u32 flags);
/* A scratch call; handlers that nest use their own. */
struct call *call_scratch(void);
/* Path argument i of a call: translated when it names something of ours. */
s64 call_path(struct call *c, u32 i);

/* Bytes that a known device control reads and writes at its argument; false: unknown (ioctl.c). */
bool ioctl_sizes(u32 request, u64 *in, u64 *out);
/* A read of a socket while other threads run (sockmsg.c). */
s64 socket_read(struct task *t, struct file *f, u64 addr, u64 len);
/* Reading a signalfd (signalfd.c). */
s64 signalfd_read(struct task *t, struct file *f, u64 addr, u64 len);

/* /proc/self and friends (proc.c). Rewrites path into what the host must open; returns
 * 1 rewritten (out), 0 leave as is, or -errno. */
s64 proc_translate(const char *path, char *out, u64 cap);
/* The file's own name when path leads to it through /proc/self/exe or a descriptor. */
bool proc_real_name(const char *path, char *out, u64 cap);
/* A virtual file for path, or NULL: not ours. */
struct file *proc_open(const char *path, u32 flags, s64 *error);
/* A write to a virtual file: the bytes taken or -errno. */
s64 proc_write(struct file *f, u64 addr, u64 len);
/* Target of a link of ours; length or -errno; -ENOTSUP: not ours. */
s64 proc_readlink(const char *path, char *out, u64 cap);

#endif
