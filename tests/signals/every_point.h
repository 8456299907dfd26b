/*
 * every_point.h - what the programs share that take a signal at every point of a section.
 */
#ifndef RRL_EVERY_POINT_H
#define RRL_EVERY_POINT_H

#include "../programs/check.h"

#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

/* Everything that a section works with: what is in it afterwards must not depend on where a
 * signal came. */
struct machine_state {
    uint64_t gpr[16], flags[4];
    unsigned char vector[16][32];
    double x87[4];
    uint64_t memory[32];
    uint32_t mxcsr, fcw;
};

/* Two words that are changed together by one instruction. */
struct pair {
    _Alignas(16) volatile uint64_t a;
    volatile uint64_t b;
};

static inline void pair_add(struct pair *p)
{
    __asm__ volatile("mov (%0), %%rax\n\t"
                     "mov 8(%0), %%rdx\n"
                     "1: lea 1(%%rax), %%rbx\n\t"
                     "lea 1(%%rdx), %%rcx\n\t"
                     "lock cmpxchg16b (%0)\n\t"
                     "jne 1b\n\t"
                     :
                     : "r"(p)
                     : "rax", "rbx", "rcx", "rdx", "cc", "memory");
}

/* The same by two instructions, under a lock. */
struct guarded_pair {
    struct pair pair;
    pthread_mutex_t lock;
    volatile int inside; /* a thread holds the lock */
};
#define GUARDED_PAIR_INIT \
    { \
        .lock = PTHREAD_MUTEX_INITIALIZER \
    }

static inline void guarded_pair_add(struct guarded_pair *g)
{
    pthread_mutex_lock(&g->lock);
    g->inside = 1;
    g->pair.a++;
    g->pair.b++;
    g->inside = 0;
    pthread_mutex_unlock(&g->lock);
}

/* What who interrupts it may see of it. */
static inline int guarded_pair_fits(const struct guarded_pair *g)
{
    return g->pair.a == g->pair.b || g->inside;
}

/* Nothing of what it does may be seen by who is interrupted. */
static inline void spoil_registers(void)
{
    uint32_t mxcsr = 0x7f80, fcw = 0x0e7f;
    __asm__ volatile(
        "fninit\n\tfldcw %1\n\tldmxcsr %0\n\tfldpi\n\tfldl2t\n\t"
        "pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm1, %%xmm1\n\tpcmpeqd %%xmm2, %%xmm2\n\t"
        "pcmpeqd %%xmm7, %%xmm7\n\tpcmpeqd %%xmm8, %%xmm8\n\tpcmpeqd %%xmm15, %%xmm15\n\t"
        "movdqa %%xmm0, %%xmm3\n\tmovdqa %%xmm0, %%xmm4\n\tmovdqa %%xmm0, %%xmm12\n\t"
        "xor %%eax, %%eax\n\tmov %%rax, %%rcx\n\tmov %%rax, %%rdx\n\tmov %%rax, %%rsi\n\t"
        "mov %%rax, %%rdi\n\tmov %%rax, %%r8\n\tmov %%rax, %%r9\n\tmov %%rax, %%r10\n\t"
        "mov %%rax, %%r11\n\tmov %%rax, %%rbx\n\tmov %%rax, %%r12\n\tmov %%rax, %%r13\n\t"
        "mov %%rax, %%r14\n\tmov %%rax, %%r15\n\tstc\n\t"
        :
        : "m"(mxcsr), "m"(fcw)
        : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "rbx", "r12", "r13", "r14",
          "r15", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm7", "xmm8", "xmm12", "xmm15");
}

/* Runs through all kinds of instructions; fills *s. */
void work_section(struct machine_state *s);
/* First and one past the last byte of it. */
extern const char section_begin[], section_end[];

#endif
