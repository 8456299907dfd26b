/*
 * guestmem.c - the checked door to guest memory: an address is a number until it has
 * passed here. A fault on the way is an answer, not an accident.
 */
#include "task.h"
#include "vcpu_mode.h"
#include "watch.h"

bool guest_range(u64 addr, u64 len)
{
    return addr + len >= addr && addr + len <= RK_GUEST_END && !plat_owns(addr, len);
}

u64 copy_from_guest_or_kernel(void *dst, const void *src, u64 len)
{
    struct guard g;
    volatile u64 left = len; /* survives the second return */
    if (guard_set(&g))
        return left;
    memcpy(dst, src, len);
    guard_clear();
    return 0;
}

u64 copy_from_guest(void *dst, u64 src, u64 len)
{
    return guest_range(src, len) ? copy_from_guest_or_kernel(dst, (void *)src, len) : len;
}

u64 copy_to_guest(u64 dst, const void *src, u64 len)
{
    if (!guest_range(dst, len))
        return len;
    vcpu_will_write(dst, len);
    watch_kernel_writes(dst, src, len);
    return copy_from_guest_or_kernel((void *)dst, src, len);
}

static s64 string_length(const char *src, u64 cap)
{
    struct guard g;
    if (guard_set(&g))
        return -EFAULT;
    u64 n = 0;
    while (n < cap && ((const volatile char *)src)[n])
        n++;
    guard_clear();
    return (s64)n;
}

s64 copy_string(char *dst, u64 src, u64 cap)
{
    if (!guest_range(src, 1))
        return -EFAULT;
    s64 n = string_length((const char *)src, cap);
    if (n < 0)
        return n;
    if ((u64)n == cap)
        return -ENAMETOOLONG;
    return copy_from_guest(dst, src, (u64)n + 1) ? -EFAULT : n;
}

u64 hash_guest(u64 seed, u64 addr, u64 len)
{
    struct guard g;
    if (!guest_range(addr, len) || guard_set(&g))
        return 0;
    u64 h = hash_bytes(seed, (const void *)addr, len);
    guard_clear();
    return h;
}
