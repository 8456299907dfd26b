/*
 * pkeys.c - protection keys: a machine without them, which every user of keys must expect.
 *
 * The processor's keys guard the rekernel's own memory (platform), and cpuid says that
 * there are none. pkey_alloc(2) then answers ENOSPC; key -1 means "no key" everywhere.
 */
#include "syscall.h"

#define RIGHTS_KNOWN 3ull /* PKEY_DISABLE_ACCESS, PKEY_DISABLE_WRITE */
#define NO_KEY (-1)

s64 sys_pkey_alloc(struct task *t, const u64 a[6])
{
    return a[0] || a[1] & ~RIGHTS_KNOWN ? -EINVAL : -ENOSPC;
}

s64 sys_pkey_free(struct task *t, const u64 a[6])
{
    return -EINVAL;
}

s64 sys_pkey_mprotect(struct task *t, const u64 a[6])
{
    return (s32)a[3] == NO_KEY ? sys_mprotect(t, a) : -EINVAL;
}
