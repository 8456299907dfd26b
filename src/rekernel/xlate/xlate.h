/*
 * xlate.h - translated mode of the vCPU: the guest's own instructions, copied block
 * by block into a code cache, with ticks counted and stops at any (ticks, pc).
 *
 * A tick is one control transfer that can go backward: a taken direct branch, jump or
 * call to an address lower than or equal to its own, and every return, indirect jump and
 * indirect call. Between two ticks the pc only grows, so (ticks, pc) names one moment.
 *
 * One vCPU, one thread; only the functions marked "signal" may be called from a
 * signal handler. General registers only: vector state is never touched.
 *
 * Memory: the caller maps, before xl_init, [RK_LOW_XLATE, +64 KiB) readable and
 * writable and [RK_LOW_CACHE, RK_LOW_CACHE_END) readable, writable and executable, both
 * zeroed and without reserve (what is not used is never touched). VCPU must be mapped too.
 */
#ifndef RRL_XLATE_H
#define RRL_XLATE_H

#include "rekernel/vcpu.h"

/* What the translator asks of its user. */
struct xl_env {
    /* Copies up to len (1..256) bytes of guest code at addr into buf, as the guest wrote
     * them (rewritten sites undone). Returns how many: fewer than len when the rest is
     * not executable or not mapped, 0 when addr itself is not. */
    int (*fetch)(uint64_t addr, uint8_t *buf, unsigned len);
    /* on: pages [addr, addr+len) hold translated code; from now on a store into them must
     * fault (nothing to do where the guest may not write anyway). off: stores may go
     * through again. Returns 0, or -1 when stores cannot be seen (a mapping with a
     * second, writable view): then blocks of that page are compared with memory each
     * time they are entered. */
    int (*wprotect)(uint64_t addr, uint64_t len, int on);
    /* The instruction at VCPU->rip must not run untrapped. Returns 1 when it has been carried
     * out without the kernel being entered: the guest goes on at VCPU->rip. 0: xl_run returns
     * VCPU_EXIT_TRAP. NULL: always so. */
    int (*trap)(void);
    /* True when a run must stop before the instruction at pc as if a breakpoint were there; may
     * be NULL. A pc that it once denied must stay denied until xl_flush. */
    _Bool (*place)(uint64_t pc);
    /* False while place denies every pc: asked once per block. May be NULL when place is. */
    _Bool (*places)(void);
    /* The cache's memory [addr, addr+len) will be written soon: one call instead of many page
     * faults. May be NULL. */
    void (*soon)(uint64_t addr, uint64_t len);
    /* The count instructions at pc + off[i] have been translated. May be NULL. */
    void (*translated)(uint64_t pc, const uint16_t *off, uint32_t count);
    /* When more blocks than this have been translated, the cache is emptied once and returns are
     * from then on predicted by their calls: dearer, but large programs gain. */
    uint32_t pair_after;
};

/* Where to stop. */
struct xl_stop {
    uint64_t ticks; /* of XL_STOP_TICKS and XL_STOP_POINT */
    uint64_t pc;    /* of XL_STOP_POINT */
    uint32_t flags; /* XL_STOP_* */
    uint32_t reserved;
};
/* As soon as v->ticks >= ticks: right after the transfer that makes it so. */
#define XL_STOP_TICKS 1u
/* Before the instruction at pc runs, v->ticks being ticks. When that moment is never
 * reached (or lies in the past) the run stops at the first moment after it that it
 * sees: the caller compares v->ticks and v->rip. */
#define XL_STOP_POINT 2u
/* After one instruction (a repeated string instruction counts as one). */
#define XL_STOP_STEP 4u

/* General registers and flags of the host at a signal, in the order of vcpu.h. */
struct host_ctx {
    uint64_t gpr[16];
    uint64_t rip;
    uint64_t rflags;
};

/* Prepares an empty cache. env is kept (not copied). May be called again: starts anew. */
void xl_init(const struct xl_env *env);

/* Runs the guest from VCPU's gpr, rip, rflags and ticks until something happens; v must be
 * VCPU. All of them are exact on return. stop may be NULL. Returns
 *   VCPU_EXIT_SYSCALL      rip after the instruction, rcx = rip, r11 = rflags;
 *   VCPU_EXIT_TRAP         rip at an instruction that must not run here (rdtsc, cpuid, int n,
 *                          int3, far transfers, privileged ones ...), not executed;
 *   VCPU_EXIT_FAULT        fault_* describe a fault that the translator saw itself:
 *                          SIGILL for an undefined instruction, SIGSEGV for a fetch from
 *                          memory that is not executable (fault_addr says where; fault_code
 *                          is SEGV_MAPERR, for the caller to refine), SIGTRAP for rflags.TF;
 *                          or what the signal handler put there before xl_leave;
 *   VCPU_EXIT_INTERRUPTED  xl_interrupt was called;
 *   VCPU_EXIT_STOP         the stop, or a breakpoint at rip.
 * An interrupt that came while nothing ran makes the next call return at once. */
enum vcpu_exit xl_run(struct vcpu *v, const struct xl_stop *stop);

/* Breakpoints: xl_run returns VCPU_EXIT_STOP before the instruction at pc runs. One at the
 * rip where xl_run starts is passed over. Returns 0, or -1 when all 64 are taken. */
int xl_breakpoint_add(uint64_t pc);
/* Returns 0, or -1 when there is none at pc. */
int xl_breakpoint_del(uint64_t pc);

/* Watched memory. While there is some, xl_run returns VCPU_EXIT_STOP before each instruction that
 * may touch it, and between any two near a stop, so that the caller can look at each
 * access that matters; it passes over the instruction at the rip where it starts. */
#define XL_WATCH_MAX 4
struct xl_watched {
    uint64_t start, end; /* start < end */
    uint32_t kinds;      /* 1: reads, 2: writes */
    uint32_t reserved;
};
/* What is watched from now on: at most XL_WATCH_MAX ranges; 0: nothing more. Forgets all translated
 * code. has: what of the processor may be used; without XL_HAS_SHIFTS watching is slow. */
#define XL_HAS_SHIFTS 1u /* shrx (BMI2) */
#define XL_HAS_BASES 2u  /* rdfsbase, rdgsbase */
void xl_watch(const struct xl_watched *ranges, unsigned count, unsigned has);

/* A state that is looked for: xl_run returns VCPU_EXIT_STOP before the instruction at pc runs if
 * all of at most XL_SEEK_MAX tests hold. The instruction at the rip where it starts is passed
 * over. pc 0: nothing more. */
#define XL_SEEK_MAX 4
struct xl_test {
    uint64_t where; /* below 16: that register; else the address of 8 bytes that can be read */
    uint64_t value;
};
void xl_seek(uint64_t pc, const struct xl_test *tests, unsigned count);

/* Guest memory [addr, addr+len) is unmapped, mapped anew or changes its protection:
 * forget its blocks, and that its pages were write-protected. Not while the guest runs. */
void xl_invalidate(uint64_t addr, uint64_t len);
/* Somebody other than the guest's own stores (a system call) is about to write there:
 * drops the blocks of these pages and lifts their write protection. */
void xl_will_write(uint64_t addr, uint64_t len);
/* Forgets everything (exec). Pages lose their write protection by wprotect(off) when
 * unprotect is 1, without a call when 0 (they are no longer mapped). */
void xl_flush(int unprotect);

/* Forgets all blocks, as when the cache is full: what runs from now on is translated anew. */
void xl_forget_blocks(void);

/* Signal. The guest leaves before its next tick but one at the latest. ctx is the interrupted
 * context, which may be changed. Safe at any time. */
void xl_interrupt(struct host_ctx *ctx);
/* Signal. True when pc lies in translated code, or on the way into or out of it. */
int xl_in_cache(uint64_t pc);
/* Signal. When ctx->rip lies in translated code: puts the guest's exact registers, flags,
 * rip and ticks into *v (which must be VCPU) and returns 1; otherwise returns 0. */
int xl_fault_state(const struct host_ctx *ctx, struct vcpu *v);
/* Signal. A store to addr faulted. If that is because of wprotect: drops the blocks of the
 * page, lifts the protection and returns 1. Also 1 after an xl_fault_state that found the store not
 * to be the guest's (it will be run without). On 1 the guest must then leave by xl_leave with
 * VCPU_EXIT_NONE, which makes xl_run repeat the store and go on. Otherwise returns 0. */
int xl_write_fault(uint64_t addr);
/* Signal. After xl_fault_state: changes ctx so that xl_run returns `reason` when the
 * handler returns to it; with VCPU_EXIT_NONE xl_run goes on by itself. */
void xl_leave(struct host_ctx *ctx, enum vcpu_exit reason);

/* What rcx and r11 were before the syscall instruction that xl_run returned for last. */
void xl_before_syscall(uint64_t *rcx, uint64_t *r11);

/* Figures since xl_init. */
struct xl_stats {
    uint64_t blocks;     /* translated */
    uint64_t insns;      /* in them */
    uint64_t code_bytes; /* of the cache now in use */
    uint64_t exits;      /* ways from the cache into the dispatcher */
    uint64_t one_shots;  /* blocks made for one use near a stop */
    uint64_t flushes;    /* cache full, or xl_flush */
    uint64_t dropped;    /* blocks dropped by writes and invalidations */
};
void xl_get_stats(struct xl_stats *out);

#endif
