/*
 * vcpu.h - the one virtual processor: its state and how the rekernel runs it.
 *
 * The vCPU block lies at RK_LOW_BASE, below 2 GiB, so that patch stubs and
 * translated code address it absolutely. While the guest runs the general registers
 * are in the processor; while the rekernel runs they are here. Vector state stays in
 * the processor (the rekernel is built for general registers only) until somebody
 * needs it in memory: xstate_live says where it is.
 *
 * vcpu_run() enters the guest and returns when it enters the kernel: KVM_RUN's shape,
 * on every platform and in both modes.
 */
#ifndef RRL_VCPU_H
#define RRL_VCPU_H

#include "revisor/abi.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

enum vcpu_exit {
    VCPU_EXIT_NONE = 0,
    VCPU_EXIT_SYSCALL, /* regs after the instruction: rip = next, rcx/r11 clobbered */
    VCPU_EXIT_FAULT,   /* synchronous fault: fault_* below; regs at the instruction */
    VCPU_EXIT_INTERRUPTED, /* an asynchronous host signal stopped the guest between two
                              instructions: regs exact */
    VCPU_EXIT_TRAP,    /* translated mode: an instruction that must not run untrapped;
                          regs at the instruction, not executed */
    VCPU_EXIT_STOP,    /* translated mode: the stop that was asked for was reached */
};

/* Largest XSAVE area kept (standard format; AVX-512 and PKRU need 2696 bytes). */
#define VCPU_XSTATE_MAX 4096

struct vcpu {
    uint64_t gpr[16]; /* 0x00 */
    uint64_t rip;     /* 0x80 */
    uint64_t rflags;  /* 0x88 */
    uint64_t resume;  /* 0x90: host address to jump to when entering (rip, or a stub's tail) */
    uint64_t kernel_sp; /* 0x98: rekernel's stack pointer while the guest runs */
    uint64_t fast_tail; /* 0xa0: set by a patch stub: where to go on after the syscall */
    uint64_t fast_rip;  /* 0xa8: rip that fast_tail stands for */
    uint32_t exit;      /* 0xb0: enum vcpu_exit */
    _Atomic uint32_t attention; /* 0xb4: a host signal is pending */
    uint32_t xstate_live; /* 0xb8: 1: in the processor; 0: in *xstate */
    uint32_t in_guest;    /* 0xbc */
    uint64_t ticks;     /* 0xc0: of the running thread; RK_TICKS_UNKNOWN once native ran */
    void *xstate;       /* 0xc8: XSAVE area of the running thread, 64-byte aligned */
    uint64_t fs_base, gs_base; /* 0xd0, 0xd8: as of the last kernel entry that asked */
    /* of VCPU_EXIT_FAULT */
    uint32_t fault_signo; /* 0xe0: SIGSEGV SIGBUS SIGILL SIGFPE SIGTRAP */
    int32_t fault_code;   /* 0xe4: si_code */
    uint64_t fault_addr;  /* 0xe8: si_addr */
    uint64_t fault_err;   /* 0xf0: page-fault error code (REG_ERR) */
    uint64_t fault_trapno; /* 0xf8: REG_TRAPNO */
    uint64_t native_entry; /* 0x100: where patch stubs jump to */
    uint32_t cpuid_faults; /* 0x108: 1: the cpuid instruction traps in native mode */
    /* Protection keys' rights (PKRU) while the guest runs natively, and translated; 0: the
     * rekernel's memory has no keys. While the rekernel runs all is open (PKRU = 0). */
    uint32_t pkru_native;     /* 0x10c */
    uint32_t pkru_translated; /* 0x110 */
    uint32_t pad;
    uint64_t reserved[29];
};
_Static_assert(offsetof(struct vcpu, resume) == 0x90, "vcpu layout");
_Static_assert(offsetof(struct vcpu, fault_trapno) == 0xf8, "vcpu layout");
#define VCPU ((struct vcpu *)RK_LOW_BASE)

/* Parts of the low range. */
#define RK_LOW_VCPU RK_LOW_BASE                 /* vCPU block and friends: 64 KiB */
#define RK_LOW_OPEN (RK_LOW_BASE + 0xf000)      /* its last page: never has a protection key */
#define RK_LOW_XLATE (RK_LOW_BASE + 0x10000)    /* translator's control block: 64 KiB */
#define RK_LOW_STUBS (RK_LOW_BASE + 0x20000)    /* patch stubs */
#define RK_LOW_STUBS_END (RK_LOW_BASE + 0x1000000)
#define RK_LOW_CACHE (RK_LOW_BASE + 0x1000000)  /* code cache and its tables */
#define RK_LOW_CACHE_END RK_LOW_END

#endif
