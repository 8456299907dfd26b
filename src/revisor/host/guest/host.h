/* host.h - inside the guest process of the platform host. */
#ifndef RRL_HOST_GUEST_H
#define RRL_HOST_GUEST_H

#include "rekernel/platform.h"
#include "rekernel/vcpu.h"

s64 host_call(s64 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);
s64 host_call_interruptible(s64 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);
#define HOST0(nr) host_call(nr, 0, 0, 0, 0, 0, 0)
#define HOST1(nr, a) host_call(nr, (u64)(a), 0, 0, 0, 0, 0)
#define HOST2(nr, a, b) host_call(nr, (u64)(a), (u64)(b), 0, 0, 0, 0)
#define HOST3(nr, a, b, c) host_call(nr, (u64)(a), (u64)(b), (u64)(c), 0, 0, 0)
#define HOST4(nr, a, b, c, d) host_call(nr, (u64)(a), (u64)(b), (u64)(c), (u64)(d), 0, 0)
#define HOST6(nr, a, b, c, d, e, f) \
    host_call(nr, (u64)(a), (u64)(b), (u64)(c), (u64)(d), (u64)(e), (u64)(f))

/* recvmsg(2), sendmsg(2): struct msghdr as the host kernel has it. */
struct iovec;
struct host_msghdr {
    void *name;
    u32 namelen, pad;
    struct iovec *iov;
    u64 iovlen;
    void *control;
    u64 controllen;
    u32 flags, pad2;
};
#define HOST_SOL_SOCKET 1
#define HOST_SCM_RIGHTS 1

/* Where the rings' data areas are mapped, each twice in a row. */
#define LOG_VIEW (RK_SHARED_BASE + 0x40000000ull)
#define REPORT_VIEW (RK_SHARED_BASE + 0x80000000ull)

/* Protection keys (keys.c), where the processor has them; all others are no-ops. First of all:
 * takes the keys and closes the image's data, but not the stack of signal handlers. */
void keys_init(u64 handler_stack, u64 handler_stack_size);
/* A range of the rekernel's own memory gets its key; prot as it is mapped. */
void keys_cover(u64 addr, u64 len, u32 prot);
bool keys_in_use(void);
/* From now on the guest runs with the rights that it should have. */
void keys_arm(struct vcpu *v);

/* Signal handlers and the kernel entries of native mode; and what of them a copy of the process
 * does not inherit. */
void native_init(void);
void native_cloned(void);
/* Descriptors of the launcher's that a copy takes over, see RK_DEBUG_CLONE. */
void platform_cloned(int shared_fd, int socket);
void native_handler_stack(u64 *addr, u64 *size);
/* Lets the host's default action for a signal end this process. */
void host_die(const char *why, u64 a, u64 b) __attribute__((noreturn));

/* Rewritten syscall sites (patch.c). */
void patch_init(void);
/* The syscall instruction at site trapped: rewrite it if that is safe. */
void patch_site(u64 site);
/* Address in a stub that stands for the guest's rip, or 0: no rewritten site there. */
u64 patch_tail(u64 rip);
/* Guest pc that an address inside a stub's tail stands for, or 0. */
u64 patch_guest_pc(u64 stub_pc);
/* Instructions that were made to trap (traps.c). */
void traps_original(u64 addr, u8 *buf, u64 len);
void traps_changed(u64 addr, u64 len, bool keep_contents);
/* Writes into read-only guest code. */
void patch_write_code(u64 addr, const u8 *bytes, u32 len);
/* A guest jump into the bytes that a rewritten site displaced. */
bool patch_inside(u64 rip);

#endif
