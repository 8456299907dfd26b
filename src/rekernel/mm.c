/*
 * mm.c - areas of the guest's address space and their placement.
 */
#include "mm.h"
#include "syscall.h"
#include "vcpu_mode.h"

#include <linux/mman.h>

static struct mm mm;
static bool aliased;

struct mm *mm_current(void)
{
    return &mm;
}

void mm_boot(void)
{
    mm.brk_start = mm.brk = MM_BRK_BASE;
}

/* Index of the first area that ends above addr. */
static u32 lower_bound(u64 addr)
{
    u32 lo = 0, hi = mm.count;
    while (lo < hi) {
        u32 mid = (lo + hi) / 2;
        if (mm.v[mid].end <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct vma *mm_next(u64 addr)
{
    u32 i = lower_bound(addr);
    return i < mm.count ? &mm.v[i] : NULL;
}

struct vma *mm_find(u64 addr)
{
    struct vma *v = mm_next(addr);
    return v && v->start <= addr ? v : NULL;
}

bool mm_range_free(u64 addr, u64 len)
{
    struct vma *v = mm_next(addr);
    return addr + len > addr && addr + len <= RK_GUEST_END && !plat_owns(addr, len) &&
           (!v || v->start >= addr + len);
}

/* ------------------------------------------------------------ editing the list */
static void insert_at(u32 i, struct vma v)
{
    if (mm.count == mm.cap) {
        u32 cap = mm.cap ? mm.cap * 2 : 64;
        struct vma *n = kalloc(cap * sizeof *n);
        memcpy(n, mm.v, mm.count * sizeof *n);
        kfree(mm.v, mm.cap * sizeof *n);
        mm.v = n, mm.cap = cap;
    }
    memmove(&mm.v[i + 1], &mm.v[i], (mm.count - i) * sizeof v);
    mm.v[i] = v;
    mm.count++;
    mm.total += v.end - v.start;
}

static void remove_at(u32 i)
{
    mm.total -= mm.v[i].end - mm.v[i].start;
    mm.count--;
    memmove(&mm.v[i], &mm.v[i + 1], (mm.count - i) * sizeof mm.v[0]);
}

static bool mergeable(const struct vma *a, const struct vma *b)
{
    return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->obj == b->obj &&
           a->generation == b->generation && (!a->obj || a->off + (a->end - a->start) == b->off);
}

static void try_merge(u32 i)
{
    if (i + 1 < mm.count && mergeable(&mm.v[i], &mm.v[i + 1])) {
        u64 end = mm.v[i + 1].end;
        mm.total += end - mm.v[i].end;
        mm.v[i].end = end;
        remove_at(i + 1);
    }
}

/* Makes addr a boundary between areas. */
static void split(u64 addr)
{
    u32 i = lower_bound(addr);
    if (i == mm.count || mm.v[i].start >= addr)
        return;
    struct vma right = mm.v[i];
    mm.total -= right.end - addr;
    mm.v[i].end = addr;
    right.off += addr - right.start;
    right.start = addr;
    insert_at(i + 1, right);
}

static void forget(u64 start, u64 end)
{
    split(start);
    split(end);
    u32 i = lower_bound(start);
    while (i < mm.count && mm.v[i].start < end)
        remove_at(i);
}

static void add(struct vma v)
{
    u32 i = lower_bound(v.start);
    insert_at(i, v);
    try_merge(i);
    if (i)
        try_merge(i - 1);
}

/* ------------------------------------------------------------------- placement */
/* Lowest gap of len bytes in [from, to), or 0. */
static u64 gap_up(u64 len, u64 from, u64 to)
{
    u64 at = from;
    for (u32 i = lower_bound(from); at + len <= to; i++) {
        u64 end = i < mm.count ? mm.v[i].start : to;
        if (end >= at && end - at >= len)
            return at;
        if (i >= mm.count)
            break;
        at = MAX(at, mm.v[i].end);
    }
    return 0;
}

/* Highest gap of len bytes in [from, to), or 0. */
static u64 gap_down(u64 len, u64 from, u64 to)
{
    u64 top = to;
    for (u32 i = lower_bound(to); i > 0; i--) {
        const struct vma *v = &mm.v[i - 1];
        if (v->end <= from)
            break;
        if (v->end <= top && top - v->end >= len)
            return top - len;
        top = MIN(top, v->start);
    }
    return top >= from + len ? top - len : 0;
}

static u64 place(u64 hint, u64 len, u32 prot, u32 flags, bool code)
{
    u64 at = 0;
    hint = PAGE_DOWN(hint);
    if (hint >= 0x10000 && mm_range_free(hint, len))
        return hint;
    if (code || flags & MAP_32BIT || prot & PROT_EXEC)
        at = gap_up(len, MM_CODE_BASE, MM_CODE_END);
    if (!at && flags & MAP_32BIT)
        return 0;
    return at ? at : gap_down(len, MM_MAP_BOTTOM, MM_MAP_TOP);
}

/* ------------------------------------------------- code that nobody has looked at */
bool mm_unseen_code(void)
{
    return mm.unseen.count && unseen_code(&mm.unseen);
}

/* A new mapping; seen: it holds zeroes, or part of a program file, which was looked at. */
static void code_mapped(const struct vma *v, bool seen)
{
    if (!(v->prot & PROT_EXEC))
        unseen_drop(&mm.unseen, v->start, v->end);
    else if (v->prot & PROT_WRITE || v->flags & VMA_SHARED)
        unseen_add(&mm.unseen, v->start, v->end, UNSEEN_UNSAFE);
    else if (!seen)
        unseen_add(&mm.unseen, v->start, v->end, UNSEEN_UNKNOWN);
    else
        unseen_drop(&mm.unseen, v->start, v->end);
}

/* [start, end) gets protection prot; the areas still have the old one. What was executable and
 * not writable has not changed. */
static void code_protected(u64 start, u64 end, u32 prot)
{
    if (!(prot & PROT_EXEC)) {
        unseen_drop(&mm.unseen, start, end);
        return;
    }
    for (u32 i = lower_bound(start); i < mm.count && mm.v[i].start < end; i++) {
        const struct vma *v = &mm.v[i];
        u64 from = MAX(start, v->start), to = MIN(end, v->end);
        if (prot & PROT_WRITE || v->flags & VMA_SHARED)
            unseen_add(&mm.unseen, from, to, UNSEEN_UNSAFE);
        else if ((v->prot & (PROT_WRITE | PROT_EXEC)) != PROT_EXEC)
            unseen_add(&mm.unseen, from, to, UNSEEN_UNKNOWN);
    }
}

/* ------------------------------------------------------------------ operations */
static s64 machine_map(u64 addr, u64 len, u32 prot, u32 flags, int fd, u64 off)
{
    s64 r;
    if (door_failed_then(&r))
        return r;
    r = plat_map(addr, len, prot, flags, fd, off);
    door_machine_result(r);
    return r;
}

static s64 check_fixed(u64 addr, u64 len, u32 flags)
{
    if (addr & (RK_PAGE - 1))
        return -EINVAL;
    if (addr + len < addr || addr + len > RK_GUEST_END || plat_owns(addr, len) || addr < 0x10000)
        return addr < 0x10000 && addr + len <= RK_GUEST_END ? -EPERM : -ENOMEM;
    if ((flags & MAP_FIXED_NOREPLACE) && !mm_range_free(addr, len))
        return -EEXIST;
    return 0;
}

static u32 host_flags(u32 flags, bool anon)
{
    u32 keep = MAP_NORESERVE | MAP_POPULATE | MAP_LOCKED | MAP_HUGETLB | (63u << 26);
    u32 f = flags & keep;
    f |= (flags & MAP_TYPE) == MAP_PRIVATE ? MAP_PRIVATE : MAP_SHARED;
    return f | (anon ? MAP_ANONYMOUS : 0);
}

/* ThreadSanitizer and MemorySanitizer reserve all that they do not use, our memory included.
 * Nobody can tell that from a reservation around it: neither can be touched. */
static bool reserves_ours(u64 addr, u64 len, u32 prot, u32 flags)
{
    bool anon = (flags & (MAP_TYPE | MAP_ANONYMOUS)) == (MAP_PRIVATE | MAP_ANONYMOUS);
    return flags & MAP_FIXED && anon && prot == PROT_NONE && addr >= 0x10000 && addr + len > addr &&
           addr + len <= RK_GUEST_END && plat_owns(addr, len);
}

static s64 reserve_around(u64 addr, u64 len, u32 flags)
{
    const u64 edges[] = {0, RK_LOW_BASE, RK_LOW_END, RK_HIGH_BASE, RK_HIGH_END, RK_GUEST_END};
    for (u32 i = 0; i < ARRAY_LEN(edges); i += 2) {
        u64 from = MAX(addr, edges[i]), to = MIN(addr + len, edges[i + 1]);
        s64 r = from < to ? mm_mmap(from, to - from, PROT_NONE, flags, NULL, 0, 0) : 0;
        if (r < 0)
            return r;
    }
    return (s64)addr;
}

s64 mm_mmap(u64 addr, u64 len, u32 prot, u32 flags, struct file *f, u64 off, u32 vma_flags)
{
    struct object *obj = NULL;
    bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE), code = false;
    int fd = -1;
    len = PAGE_UP(len);
    if (!len || len > RK_GUEST_END)
        return len ? -ENOMEM : -EINVAL;
    if (!(addr & (RK_PAGE - 1)) && reserves_ours(addr, len, prot, flags))
        return reserve_around(addr, len, flags);
    s64 r = fixed ? check_fixed(addr, len, flags) : 0;
    if (r < 0)
        return r;
    if (f) {
        r = object_for_map(f, off, len, &obj);
        if (r < 0)
            return r;
        code = r & RK_OBJ_ELF;
    }
    if (obj)
        fd = recording() ? f->host_fd : obj->fd;
    if (!fixed)
        addr = place(addr, len, prot, flags, code);
    if (!addr)
        return -ENOMEM;
    vcpu_memory_changed(addr, len, false);
    r = machine_map(addr, len, prot, host_flags(flags, !obj), fd, off);
    if (r < 0)
        return r;
    forget(addr, addr + len);
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    struct vma v = {addr,
                    addr + len,
                    prot & 7,
                    vma_flags | (shared ? VMA_SHARED : 0) |
                        (flags & MAP_GROWSDOWN ? VMA_GROWSDOWN : 0),
                    obj,
                    obj ? off : 0,
                    obj ? obj->generation : 0,
                    0};
    add(v);
    code_mapped(&v, code || !obj);
    if (obj && !shared && prot & PROT_EXEC)
        object_trap_sites(obj, addr, addr + len, off);
    return (s64)addr;
}

s64 mm_munmap(u64 addr, u64 len)
{
    if (addr & (RK_PAGE - 1) || !len)
        return -EINVAL;
    len = PAGE_UP(len);
    if (addr + len < addr || addr + len > RK_GUEST_END || plat_owns(addr, len))
        return -EINVAL;
    vcpu_memory_changed(addr, len, false);
    s64 r = plat_unmap(addr, len);
    RK_CHECK(r == 0 || r == -ENOMEM, addr, r);
    if (r == 0) {
        forget(addr, addr + len);
        unseen_drop(&mm.unseen, addr, addr + len);
    }
    return r;
}

/* End of the mapped stretch that begins at start, at most end; start when there is none. */
static u64 covered_end(u64 start, u64 end)
{
    for (u32 i = lower_bound(start); start < end; i++) {
        if (i == mm.count || mm.v[i].start > start)
            break;
        start = mm.v[i].end;
    }
    return MIN(start, end);
}

static bool covered(u64 start, u64 end)
{
    return covered_end(start, end) == end;
}

static void set_prot(u64 start, u64 end, u32 prot)
{
    split(start);
    split(end);
    for (u32 i = lower_bound(start); i < mm.count && mm.v[i].start < end; i++)
        mm.v[i].prot = prot;
    for (u32 i = lower_bound(end) + 1; i-- > 0 && i < mm.count && mm.v[i].end >= start;)
        try_merge(i);
}

static void trap_sites_in(u64 start, u64 end)
{
    for (u32 i = lower_bound(start); i < mm.count && mm.v[i].start < end; i++) {
        const struct vma *v = &mm.v[i];
        u64 from = MAX(start, v->start);
        if (v->obj && !(v->flags & VMA_SHARED) && v->prot & PROT_EXEC)
            object_trap_sites(v->obj, from, MIN(end, v->end), v->off + (from - v->start));
    }
}

s64 mm_mprotect(u64 addr, u64 len, u32 prot)
{
    s64 r;
    if (addr & (RK_PAGE - 1) || prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
        return -EINVAL;
    len = PAGE_UP(len);
    if (!len)
        return 0;
    if (addr + len < addr || plat_owns(addr, len))
        return -ENOMEM;
    if (!covered(addr, addr + len)) { /* as on Linux: up to the hole, then the error */
        u64 end = covered_end(addr, addr + len);
        r = end > addr ? mm_mprotect(addr, end - addr, prot) : 0;
        return r < 0 ? r : -ENOMEM;
    }
    vcpu_memory_changed(addr, len, true);
    if (door_failed_then(&r))
        return r;
    r = plat_protect(addr, len, prot);
    door_machine_result(r);
    if (r < 0)
        return r;
    code_protected(addr, addr + len, prot);
    set_prot(addr, addr + len, prot);
    if (prot & PROT_EXEC)
        trap_sites_in(addr, addr + len);
    return 0;
}

void mm_reset(void)
{
    while (mm.count) {
        struct vma v = mm.v[mm.count - 1];
        RK_CHECK(mm_munmap(v.start, v.end - v.start) == 0, v.start, v.end);
    }
    vcpu_forget_code();
    mm.brk_start = mm.brk = MM_BRK_BASE;
}

bool mm_aliased(void)
{
    return aliased;
}

/* --------------------------------------------------- for rewriting syscall sites */
u32 mm_prot_at(u64 addr)
{
    struct vma *v = mm_find(addr);
    return v ? v->prot : 0;
}

u32 mm_patchable(u64 addr, u32 max)
{
    struct vma *v = mm_find(addr);
    if (!v || v->flags & VMA_SHARED || v->prot != (PROT_READ | PROT_EXEC))
        return 0;
    return (u32)MIN(v->end - addr, max);
}

void mm_clip_code(u64 addr, u64 *begin, u64 *end)
{
    struct vma *v = mm_find(addr);
    *begin = MAX(*begin, v ? v->start : addr);
    *end = MIN(*end, v ? v->end : addr);
}

/* -------------------------------------------------------------------- syscalls */
s64 sys_mmap(struct task *t, const u64 a[6])
{
    u32 flags = (u32)a[3], type = flags & MAP_TYPE;
    struct file *f = NULL;
    if (a[5] & (RK_PAGE - 1) || !a[1])
        return -EINVAL;
    if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS)) {
        f = fd_get((s32)a[4]);
        if (!f)
            return -EBADF;
        if (f->kind != FILE_HOST)
            return -ENODEV;
    }
    return mm_mmap(a[0], a[1], (u32)a[2], flags, f, a[5], 0);
}

s64 sys_munmap(struct task *t, const u64 a[6])
{
    return mm_munmap(a[0], a[1]);
}

s64 sys_mprotect(struct task *t, const u64 a[6])
{
    return mm_mprotect(a[0], a[1], (u32)a[2]);
}

s64 sys_brk(struct task *t, const u64 a[6])
{
    u64 want = a[0], old = PAGE_UP(mm.brk), new = PAGE_UP(want);
    if (want < mm.brk_start || want > MM_BRK_END)
        return (s64)mm.brk;
    if (new > old) {
        u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        if (!mm_range_free(old, new - old) ||
            mm_mmap(old, new - old, PROT_READ | PROT_WRITE, flags, NULL, 0, VMA_HEAP) < 0)
            return (s64)mm.brk;
    } else if (new < old && mm_munmap(new, old - new) < 0) {
        return (s64)mm.brk;
    }
    mm.brk = want;
    return (s64)want;
}

/* Where a mapping that must grow or move goes. */
static u64 remap_target(const struct vma *v, u64 addr, u64 old_len, u64 new_len, u32 flags)
{
    u64 end = addr + old_len;
    if (addr + new_len <= RK_GUEST_END && end == v->end && mm_range_free(end, new_len - old_len))
        return addr;
    if (!(flags & MREMAP_MAYMOVE))
        return 0;
    bool code = addr < MM_CODE_END;
    return place(0, new_len, v->prot, 0, code && v->obj);
}

static s64 remap_checked(struct vma v, u64 addr, u64 old_len, u64 new_len, u64 to)
{
    s64 r;
    vcpu_memory_changed(addr, old_len, true);
    vcpu_memory_changed(to, new_len, false);
    if (door_failed_then(&r))
        return r;
    r = plat_move(addr, old_len, to, new_len);
    door_machine_result(r);
    if (r < 0)
        return r;
    aliased |= !old_len;
    v.off += addr - v.start;
    if (old_len)
        forget(addr, addr + old_len);
    forget(to, to + new_len);
    v.start = to, v.end = to + new_len;
    add(v);
    unseen_drop(&mm.unseen, addr, addr + old_len);
    code_mapped(&v, false);
    trap_sites_in(to, to + new_len);
    return (s64)to;
}

s64 sys_mremap(struct task *t, const u64 a[6])
{
    u64 addr = a[0], old_len = PAGE_UP(a[1]), new_len = PAGE_UP(a[2]), to;
    u32 flags = (u32)a[3];
    if (addr & (RK_PAGE - 1) || !new_len || flags & ~7u || new_len > RK_GUEST_END)
        return -EINVAL;
    if (flags & MREMAP_DONTUNMAP) {
        notice_once(NOTICE_KEY(NG_OPTION, 1), "mremap: MREMAP_DONTUNMAP is not supported (EINVAL)");
        return -EINVAL;
    }
    struct vma *v = mm_find(addr);
    if (!v || plat_owns(addr, old_len))
        return -EFAULT;
    if (!old_len && !(v->flags & VMA_SHARED))
        return -EINVAL;
    if (addr + old_len > v->end)
        return -EFAULT;
    if (flags & MREMAP_FIXED) {
        to = a[4];
        if (!(flags & MREMAP_MAYMOVE) || to & (RK_PAGE - 1))
            return -EINVAL;
        s64 r = check_fixed(to, new_len, 0);
        if (r < 0 || (to < addr + old_len && to + new_len > addr))
            return r < 0 ? r : -EINVAL;
    } else if (new_len <= old_len) {
        s64 r = new_len < old_len ? mm_munmap(addr + new_len, old_len - new_len) : 0;
        return r < 0 ? r : (s64)addr;
    } else {
        to = remap_target(v, addr, old_len, new_len, old_len ? flags : flags | MREMAP_MAYMOVE);
        if (!to)
            return -ENOMEM;
    }
    return remap_checked(*v, addr, old_len, new_len, to);
}

/* A debugger goes back by copies of the guest process (debug.c), which must have all of its memory.
 * What the guest wants its own children not to have is no business of theirs. */
static s64 advise(u64 addr, u64 len, int advice)
{
    if (advice == MADV_DONTFORK || advice == MADV_DOFORK)
        advice = MADV_NORMAL; /* fails where they do */
    s64 r = plat_advise(addr, len, advice);
    if (advice == MADV_WIPEONFORK)
        plat_advise(addr, len, MADV_KEEPONFORK);
    return r;
}

/* Advice that changes what the guest reads is carried out; the rest is a hint and only
 * its errors are computed. */
s64 sys_madvise(struct task *t, const u64 a[6])
{
    u64 addr = a[0], len = PAGE_UP(a[1]);
    int advice = (int)a[2];
    s64 r;
    if (addr & (RK_PAGE - 1) || addr + len < addr)
        return -EINVAL;
    if (plat_owns(addr, len))
        return -ENOMEM;
    if (!len)
        return 0;
    if (advice == MADV_FREE)
        advice = MADV_DONTNEED; /* when the pages go would be the host's whim */
    if (advice == MADV_DONTNEED || advice == MADV_REMOVE)
        vcpu_memory_changed(addr, len, true);
    /* A failing call may have done part of its work: it is made in replay too. */
    bool failed = door_failed_then(&r);
    s64 now = advise(addr, len, advice);
    if (recording())
        door_machine_result(now);
    trap_sites_in(addr, addr + len);
    return failed ? r : now;
}

/* Residency is the host's business: the guest sees all its mapped pages resident. */
s64 sys_mincore(struct task *t, const u64 a[6])
{
    u64 pages = PAGE_UP(a[1]) / RK_PAGE;
    u8 one = 1;
    if (a[0] & (RK_PAGE - 1))
        return -EINVAL;
    if (!covered(a[0], a[0] + pages * RK_PAGE))
        return -ENOMEM;
    for (u64 i = 0; i < pages; i++)
        if (copy_to_guest(a[2] + i, &one, 1))
            return -EFAULT;
    return 0;
}

s64 sys_msync(struct task *t, const u64 a[6])
{
    if (plat_owns(a[0], a[1]))
        return -ENOMEM;
    return door_call(__NR_msync, a[0], a[1], a[2], 0);
}

/* Pinning pages changes nothing the guest can see but the answer. */
static s64 lock_call(u32 nr, const u64 a[6])
{
    if (nr != __NR_mlockall && nr != __NR_munlockall && plat_owns(a[0], a[1]))
        return -ENOMEM;
    return door_call(nr, a[0], a[1], a[2], 0);
}

s64 sys_mlock(struct task *t, const u64 a[6])
{
    return lock_call(__NR_mlock, a);
}

s64 sys_mlock2(struct task *t, const u64 a[6])
{
    return lock_call(__NR_mlock2, a);
}

s64 sys_munlock(struct task *t, const u64 a[6])
{
    return lock_call(__NR_munlock, a);
}

/* Locking everything would pin the rekernel's log too: answered, not done. */
s64 sys_mlockall(struct task *t, const u64 a[6])
{
    return a[0] == 0 || a[0] & ~7ull ? -EINVAL : 0;
}

s64 sys_munlockall(struct task *t, const u64 a[6])
{
    return 0;
}
