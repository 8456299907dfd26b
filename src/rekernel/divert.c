/*
 * divert.c - replay that has left the recorded course (RK_DEBUG_DIVERT): a debugger runs code of its
 * choice in a throw-away copy, and the world answers as little as it can.
 */
#include "debug.h"
#include "door.h"
#include "task.h"

#include <linux/uio.h>

static bool diverted_now;

void door_divert(void)
{
    diverted_now = true;
}

bool door_diverted(void)
{
    return diverted_now;
}

static s64 written_vector(const struct world *w)
{
    struct iovec v;
    s64 sum = 0;
    for (u64 i = 0; i < w->a[2]; i++) {
        if (copy_from_guest_or_kernel(&v, (void *)(w->a[1] + i * sizeof v), sizeof v))
            return -EFAULT;
        sum += (s64)v.iov_len;
    }
    return sum;
}

s64 divert_answer(const struct world *w)
{
    switch (w->nr) {
    case __NR_write:
    case __NR_pwrite64:
        return (s64)w->a[2];
    case __NR_writev:
    case __NR_pwritev:
    case __NR_pwritev2:
        return written_vector(w);
    case __NR_ppoll: /* all threads wait: nothing will ever come */
        if (w->flags & WORLD_INTERNAL && w->flags & WORLD_BLOCKS)
            debug_end(RK_STOP_LOG_END, -1);
        return -ENOSYS;
    default:
        return -ENOSYS;
    }
}
