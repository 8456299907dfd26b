/*
 * syscall_regs - what a syscall instruction leaves behind: rcx = next address, r11 =
 * flags, everything else untouched, the red zone included; arithmetic flags survive.
 */
#include "check.h"

#include <signal.h>

struct regs {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, flags, next;
};

/* One syscall with every register loaded from *in and stored into *out. */
void call_with(const struct regs *in, struct regs *out);
__asm__(".pushsection .text\n"
        ".globl call_with\n.type call_with,@function\n"
        "call_with:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "push %rsi\n"
        "mov %rdi,%rax\n"
        "mov 8(%rax),%rbx; mov 24(%rax),%rdx; mov 32(%rax),%rsi; mov 40(%rax),%rdi\n"
        "mov 48(%rax),%rbp; mov 56(%rax),%r8; mov 64(%rax),%r9; mov 72(%rax),%r10\n"
        "mov 88(%rax),%r12; mov 96(%rax),%r13; mov 104(%rax),%r14; mov 112(%rax),%r15\n"
        "push 120(%rax)\npopf\n"
        "mov (%rax),%rax\n"
        "syscall\n"
        "1: pushf\n"
        "push %rax\n"
        "mov 16(%rsp),%rax\n" /* out */
        "mov %rbx,8(%rax); mov %rcx,16(%rax); mov %rdx,24(%rax); mov %rsi,32(%rax)\n"
        "mov %rdi,40(%rax); mov %rbp,48(%rax); mov %r8,56(%rax); mov %r9,64(%rax)\n"
        "mov %r10,72(%rax); mov %r11,80(%rax); mov %r12,88(%rax); mov %r13,96(%rax)\n"
        "mov %r14,104(%rax); mov %r15,112(%rax)\n"
        "pop %rcx; mov %rcx,(%rax)\n"
        "pop %rcx; mov %rcx,120(%rax)\n"
        "lea 1b(%rip),%rcx; mov %rcx,128(%rax)\n"
        "cld\n"
        "pop %rsi\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "ret\n"
        ".popsection\n");

#define FLAGS_KEPT 0xcd5ul /* CF PF AF ZF SF DF OF */

static void one(long nr, uint64_t rdi, uint64_t rsi, uint64_t rdx, uint64_t flags, long want)
{
    struct regs in, out;
    fill_pattern(&in, sizeof(in), (unsigned)nr);
    in.rax = nr;
    in.rdi = rdi;
    in.rsi = rsi;
    in.rdx = rdx;
    in.flags = flags | 0x202;
    call_with(&in, &out);
    CHECK((long)out.rax == want || want == 12345);
    CHECK(out.rcx == out.next);
    CHECK((out.r11 & FLAGS_KEPT) == (flags & FLAGS_KEPT) && (out.r11 & 0x202) == 0x202);
    CHECK((out.flags & FLAGS_KEPT) == (flags & FLAGS_KEPT));
    CHECK(out.rbx == in.rbx && out.rdx == in.rdx && out.rsi == in.rsi && out.rdi == in.rdi);
    CHECK(out.rbp == in.rbp && out.r8 == in.r8 && out.r9 == in.r9 && out.r10 == in.r10);
    CHECK(out.r12 == in.r12 && out.r13 == in.r13 && out.r14 == in.r14 && out.r15 == in.r15);
}

static long red_zone(long nr, long a, long b)
{
    long ret, bad;
    __asm__ volatile("mov $-128,%%rcx\n"
                     "1: mov %%rcx,(%%rsp,%%rcx)\n\tadd $8,%%rcx\n\tjnz 1b\n\t"
                     "syscall\n\t"
                     "xor %%edx,%%edx\n\tmov $-128,%%rcx\n"
                     "2: cmp %%rcx,(%%rsp,%%rcx)\n\tje 3f\n\tinc %%rdx\n"
                     "3: add $8,%%rcx\n\tjnz 2b"
                     : "=a"(ret), "=d"(bad)
                     : "0"(nr), "D"(a), "S"(b)
                     : "rcx", "r11", "memory");
    CHECK(bad == 0);
    return ret;
}

/* The red zone must be used by nobody else: a function that calls nothing. */
__attribute__((noinline)) static void red_zones(int pid)
{
    for (int i = 0; i < 300; i++) {
        CHECK(red_zone(SYS_getpid, 0, 0) == pid);
        CHECK(red_zone(SYS_close, -1, 0) == -EBADF);
        CHECK(red_zone(SYS_kill, pid, SIGUSR1) == 0);
    }
}

static volatile int handled;
static void on_signal(int sig)
{
    handled++;
}

int main(void)
{
    static const uint64_t flags[] = {0, 0x8d5, 0x400, 0x41, 0xcd5};
    signal(SIGUSR1, on_signal);
    struct stat st;
    for (int i = 0; i < 200; i++) {
        uint64_t f = flags[i % COUNT(flags)];
        one(SYS_getpid, 1, 2, 3, f, getpid());
        one(SYS_fstat, 1, (uint64_t)&st, 3, f, 0);
        one(SYS_close, 1000000, 2, 3, f, -EBADF);
        one(9999, 1, 2, 3, f, -ENOSYS);
        one(SYS_kill, getpid(), SIGUSR1, 0, f, 0);
        one(SYS_brk, 0, 1, 2, f, 12345);
        one(SYS_sched_yield, 0, 1, 2, f, 0);
    }
    CHECK(handled == 200);
    red_zones(getpid());
    printf("registers, flags, red zone: kept\n");
    return 0;
}
