/*
 * platform.c - the platform host inside the guest process: start, host calls, machine
 * operations, objects. It owns the process: after host_start nothing but the
 * rekernel's own ranges is mapped.
 */
#include "host.h"

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/socket.h>
#include <linux/uio.h>

void host_start(u64 *stack) __attribute__((noreturn));
void rk_main(void) __attribute__((noreturn));

static struct rk_control *const control = (void *)RK_SHARED_BASE;
static struct rk_boot *boot;
static int socket_fd;

const struct rk_boot *plat_boot(void)
{
    return boot;
}

void host_die(const char *why, u64 a, u64 b)
{
    char buf[160];
    struct text t = {buf, sizeof buf, 0};
    text_add(&t, "rr-like: guest process cannot start: %s (%x, %x)\n", why, a, b);
    HOST3(__NR_write, 2, buf, t.len);
    HOST1(__NR_exit_group, 125);
    __builtin_unreachable();
}

/* Numbers come as text because argv is all that execve hands over. */
static u64 parse_number(const char *s)
{
    u64 v = 0;
    while (*s >= '0' && *s <= '9')
        v = v * 10 + (u64)(*s++ - '0');
    return v;
}

static u64 map_fixed(u64 addr, u64 len, u32 prot, u32 flags, s64 fd, u64 off)
{
    return (u64)HOST6(__NR_mmap, addr, len, prot, flags | MAP_FIXED_NOREPLACE, fd, off);
}

/* The data area once more right behind itself: records never wrap in memory. */
static void map_ring_twice(struct rk_ring *r, int fd, u64 view)
{
    u32 prot = PROT_READ | PROT_WRITE;
    if (map_fixed(view, r->size, prot, MAP_SHARED, fd, r->offset) != view ||
        map_fixed(view + r->size, r->size, prot, MAP_SHARED, fd, r->offset) != view + r->size)
        host_die("ring cannot be mapped", view, r->size);
    keys_cover(view, 2 * r->size, prot);
}


static void map_shared(int fd)
{
    u32 prot = PROT_READ | PROT_WRITE;
    if (map_fixed(RK_SHARED_BASE, RK_PAGE, prot, MAP_SHARED, fd, 0) != RK_SHARED_BASE)
        host_die("shared memory cannot be mapped", (u64)fd, 0);
    if (control->magic != RK_CONTROL_MAGIC || control->abi_version != RK_ABI_VERSION)
        host_die("launcher and rekernel are of different versions", control->abi_version,
                 RK_ABI_VERSION);
    u64 len = PAGE_UP(control->boot_offset + control->boot_size);
    HOST2(__NR_munmap, RK_SHARED_BASE, RK_PAGE);
    map_fixed(RK_SHARED_BASE, len, prot, MAP_SHARED, fd, 0);
    keys_cover(RK_SHARED_BASE, len, prot);
    boot = (void *)(RK_SHARED_BASE + control->boot_offset);
    map_ring_twice(&control->log, fd, LOG_VIEW);
    map_ring_twice(&control->report, fd, REPORT_VIEW);
    socket_fd = control->socket_fd;
    HOST1(__NR_close, fd);
}

static void replace(u64 addr, u64 len, int fd, u64 off)
{
    u64 r = (u64)HOST6(__NR_mmap, addr, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, off);
    if (r != addr)
        host_die("a copy's shared memory cannot be mapped", addr, r);
    keys_cover(addr, len, PROT_READ | PROT_WRITE);
}

static void replace_ring(const struct rk_ring *r, u64 view, int fd)
{
    replace(view, r->size, fd, r->offset);
    replace(view + r->size, r->size, fd, r->offset);
}

void platform_cloned(int shared_fd, int socket)
{
    replace(RK_SHARED_BASE, PAGE_UP(control->boot_offset + control->boot_size), shared_fd, 0);
    replace_ring(&control->log, LOG_VIEW, shared_fd);
    replace_ring(&control->report, REPORT_VIEW, shared_fd);
    HOST3(__NR_dup3, socket, socket_fd, 0);
}

/* Everything that the host kernel mapped for the exec (stack, vDSO, vvar, heap) goes. */
static void unmap_the_rest(void)
{
    HOST2(__NR_munmap, 0x10000, RK_LOW_BASE - 0x10000);
    HOST2(__NR_munmap, RK_LOW_END, RK_HIGH_BASE - RK_LOW_END);
    HOST2(__NR_munmap, RK_HIGH_END, RK_GUEST_END - RK_HIGH_END);
}

void host_start(u64 *stack)
{
    u64 handlers, size;
    if (stack[0] < 2)
        host_die("started by hand; use rr-like record", 0, 0);
    native_handler_stack(&handlers, &size);
    keys_init(handlers, size);
    map_shared((int)parse_number((const char *)stack[2]));
    plat_kernel_map(RK_LOW_VCPU, RK_LOW_XLATE - RK_LOW_VCPU);
    plat_kernel_map(RK_LOW_XLATE, RK_LOW_STUBS - RK_LOW_XLATE);
    unmap_the_rest();
    native_init();
    patch_init();
    rk_main();
}

void plat_kernel_map(u64 addr, u64 len)
{
    u64 r = map_fixed(addr, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r != addr)
        host_die("no memory for the rekernel", addr, r);
    keys_cover(addr, len, PROT_READ | PROT_WRITE);
}

bool plat_owns(u64 addr, u64 len)
{
    u64 end = addr + len;
    return end < addr || (addr < RK_LOW_END && end > RK_LOW_BASE) ||
           (addr < RK_HIGH_END && end > RK_HIGH_BASE);
}

s64 plat_world(u32 nr, const u64 a[6])
{
    return host_call(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

s64 plat_world_interruptible(u32 nr, const u64 a[6])
{
    return host_call_interruptible(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

s64 plat_map(u64 addr, u64 len, u32 prot, u32 flags, int fd, u64 offset)
{
    s64 r = HOST6(__NR_mmap, addr, len, prot, flags | MAP_FIXED, fd, offset);
    return r < 0 && r > -4096 ? r : 0;
}

s64 plat_unmap(u64 addr, u64 len)
{
    return HOST2(__NR_munmap, addr, len);
}

s64 plat_protect(u64 addr, u64 len, u32 prot)
{
    return HOST3(__NR_mprotect, addr, len, prot);
}

s64 plat_move(u64 from, u64 old_len, u64 to, u64 new_len)
{
    u64 flags = from == to ? 0 : MREMAP_MAYMOVE | MREMAP_FIXED;
    s64 r = HOST6(__NR_mremap, from, old_len, new_len, flags, to, 0);
    return r < 0 && r > -4096 ? r : 0;
}

s64 plat_advise(u64 addr, u64 len, int advice)
{
    return HOST3(__NR_madvise, addr, len, advice);
}

s64 plat_resident(u64 addr, u64 len, u8 *out)
{
    return HOST3(__NR_mincore, addr, len, out);
}

void plat_eventfd_set(int host_fd, bool readable)
{
    u64 v = 1;
    HOST3(readable ? __NR_write : __NR_read, host_fd, &v, 8);
}

s64 plat_object_write(int fd, const void *data, u64 len, u64 offset)
{
    return HOST4(__NR_pwrite64, fd, data, len, offset);
}

s64 plat_object_resize(int fd, u64 size)
{
    return HOST2(__NR_ftruncate, fd, size);
}

s64 plat_object_allocate(int fd, u32 mode, u64 offset, u64 len)
{
    s64 r;
    do
        r = HOST4(__NR_fallocate, fd, mode, offset, len);
    while (r == -EINTR); /* a debugger interrupts whatever there is */
    return r;
}

/* From data to hole to data: what is a hole stays one. */
static s64 copy_data(int to, int from)
{
    u64 at = 0;
    for (;;) {
        s64 begin = HOST3(__NR_lseek, from, at, SEEK_DATA);
        if (begin < 0)
            return begin == -ENXIO ? 0 : begin;
        s64 end = HOST3(__NR_lseek, from, begin, SEEK_HOLE);
        HOST3(__NR_lseek, to, begin, SEEK_SET);
        for (at = (u64)begin; end > 0 && at < (u64)end;) {
            s64 n = HOST4(__NR_sendfile, to, from, &at, (u64)end - at);
            if (n <= 0 && n != -EINTR)
                return n ? n : -EIO;
        }
        if (end < 0)
            return end;
    }
}

s64 plat_object_copy(int fd)
{
    s64 to = HOST2(__NR_memfd_create, "rr-like-object", MFD_CLOEXEC);
    s64 size = HOST3(__NR_lseek, fd, 0, SEEK_END);
    s64 r = to < 0 ? to : size < 0 ? size : HOST2(__NR_ftruncate, to, size);
    if (r >= 0)
        r = copy_data((int)to, fd);
    if (r < 0 && to >= 0)
        HOST1(__NR_close, to);
    return r < 0 ? r : to;
}

void plat_object_close(int fd)
{
    HOST1(__NR_close, fd);
}

void plat_console(int fd, const void *data, u64 len)
{
    const u8 *p = data;
    if (control->flags & RK_CTL_NO_CONSOLE ||
        atomic_load_explicit(&control->events, memory_order_relaxed) <= control->console_after)
        return;
    while (len) {
        s64 n = HOST3(__NR_write, fd, p, len);
        if (n == -EINTR || n == -EAGAIN)
            continue;
        if (n <= 0) /* nobody listens any more: replay goes on */
            return;
        p += n, len -= (u64)n;
    }
}

/* One descriptor as ancillary data: struct cmsghdr {len, level, type} and the int. */
struct fd_cmsg {
    u64 len;
    s32 level, type, fd, pad;
};

#define HOST_MSG_CMSG_CLOEXEC 0x40000000
#define HOST_MSG_NOSIGNAL 0x4000

static s64 message(u32 nr, struct rk_msg *msg, struct fd_cmsg *cm, u32 *sites)
{
    struct iovec iov[2] = {{msg, sizeof *msg}, {sites, RK_SITES_MAX * sizeof *sites}};
    struct host_msghdr h = {0, 0, 0, iov, sites ? 2 : 1, cm, cm ? 20 : 0, 0, 0};
    s64 r;
    if (cm && nr == __NR_recvmsg)
        h.controllen = sizeof *cm;
    do
        r = HOST3(nr, socket_fd, &h, nr == __NR_recvmsg ? HOST_MSG_CMSG_CLOEXEC : HOST_MSG_NOSIGNAL);
    while (r == -EINTR);
    return r;
}

s64 plat_object_store(u32 id, u32 generation, u64 offset, u64 len, int host_fd, u32 *sites,
                      u32 *site_count)
{
    struct rk_msg m = {RK_MSG_OBJECT, id, generation, 0, offset, len};
    struct fd_cmsg cm = {20, HOST_SOL_SOCKET, HOST_SCM_RIGHTS, host_fd, 0};
    if (message(__NR_sendmsg, &m, &cm, NULL) < 0)
        return -EIO;
    s64 n = message(__NR_recvmsg, &m, NULL, sites);
    if (n < (s64)sizeof m || m.kind != RK_MSG_OBJECT_DONE)
        return -EIO;
    *site_count = (u32)((u64)n - sizeof m) / sizeof *sites;
    return m.result;
}

/* Snapshots arrive in the order of their events, but an older generation of another
 * object may still wait: keep none, the order is the same on both sides. */
int plat_object_fetch(u32 id, u32 generation)
{
    struct rk_msg m;
    struct fd_cmsg cm = {0, 0, 0, -1, 0};
    s64 r = message(__NR_recvmsg, &m, &cm, NULL);
    if (r != sizeof m || m.kind != RK_MSG_OBJECT_FD || m.id != id || m.generation != generation)
        return -EIO;
    return m.result < 0 ? m.result : cm.fd;
}

void plat_set_name(const char *name)
{
    HOST2(__NR_prctl, PR_SET_NAME, name);
}
