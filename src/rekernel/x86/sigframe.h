/*
 * sigframe.h - the x86-64 signal frame as the kernel lays it out (Linux
 * arch/x86/include/uapi/asm/{sigcontext,ucontext}.h; System V ABI AMD64). The host
 * platform reads it when the host interrupts the guest; the rekernel writes it when it
 * delivers a signal to the guest.
 */
#ifndef RRL_SIGFRAME_H
#define RRL_SIGFRAME_H

#include "base.h"

struct sig_stack {
    u64 sp;
    s32 flags, pad;
    u64 size;
};

struct sig_mcontext {
    u64 r8, r9, r10, r11, r12, r13, r14, r15;
    u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    u16 cs, gs, fs, ss;
    u64 err, trapno, oldmask, cr2;
    u64 fpstate; /* address of the XSAVE area, or 0 */
    u64 reserved[8];
};

struct sig_ucontext {
    u64 flags, link;
    struct sig_stack stack;
    struct sig_mcontext mc;
    u64 sigmask;
};
#define UC_FP_XSTATE 1u
#define UC_SIGCONTEXT_SS 2u
#define UC_STRICT_RESTORE_SS 4u

struct sig_info {
    s32 signo, err, code, pad;
    union {
        u64 addr; /* faults */
        struct {
            s32 pid;
            u32 uid;
            u64 value;
        } rt; /* kill, sigqueue */
        struct {
            s32 timer_id, overrun;
            u64 value;
        } timer;
        struct {
            u64 call_addr;
            s32 syscall;
            u32 arch;
        } sys;
        u8 raw[112];
    };
};
_Static_assert(sizeof(struct sig_info) == 128, "siginfo layout");

struct sig_frame {
    u64 restorer;
    struct sig_ucontext uc;
    struct sig_info info;
};

/* Software-reserved bytes of the XSAVE legacy area (offset 464) in a signal frame. */
struct sig_fp_sw {
    u32 magic1;        /* SIG_FP_MAGIC1 */
    u32 extended_size; /* XSAVE area and the magic2 word behind it */
    u64 features;
    u32 xstate_size;
    u32 pad[7];
};
#define SIG_FP_SW_OFFSET 464
#define SIG_FP_MAGIC1 0x46505853u
#define SIG_FP_MAGIC2 0x46505845u

#endif
