/*
 * signal_faults - the siginfo and ucontext of synchronous faults: SIGSEGV in its kinds,
 * SIGFPE, SIGILL, SIGBUS, SIGTRAP by int3 and by the trap flag; exact registers.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

static siginfo_t info;
static ucontext_t context;
static sigjmp_buf out;

static void on_fault(int sig, siginfo_t *i, void *c)
{
    info = *i;
    memcpy(&context, c, sizeof(context));
    siglongjmp(out, sig);
}

/* Runs code at `at` with known registers; it faults or crashes. */
static void run(void *at, uint64_t rax, uint64_t rdx)
{
    int sig = sigsetjmp(out, 1);
    if (sig)
        return;
    __asm__ volatile("mov $0x1111111111111111,%%rbx\n\tmov $0x2222222222222222,%%r12\n\t"
                     "mov $0x3333333333333333,%%r15\n\tmov $0x44444444,%%ebp\n\tcall *%0"
                     :
                     : "S"(at), "a"(rax), "d"(rdx)
                     : "rbx", "r12", "r15", "memory", "cc");
    check_failed(__FILE__, __LINE__, "no fault");
}

static void expect(const char *what, void *at, uint64_t rax, uint64_t rdx, int sig, int code,
                   uintptr_t addr, uintptr_t rip)
{
    memset(&info, 0, sizeof(info));
    run(at, rax, rdx);
    greg_t *r = context.uc_mcontext.gregs;
    printf("%s: signal %d code %d trapno %lld err %lld\n", what, info.si_signo, info.si_code,
           r[REG_TRAPNO], r[REG_ERR]);
    CHECK(info.si_signo == sig && info.si_code == code);
    CHECK((uintptr_t)info.si_addr == addr);
    CHECK((uintptr_t)r[REG_RIP] == rip);
    CHECK(r[REG_RBX] == 0x1111111111111111 && r[REG_R12] == 0x2222222222222222);
    CHECK(r[REG_R15] == 0x3333333333333333 && r[REG_RBP] == 0x44444444);
    CHECK((uint64_t)r[REG_RAX] == rax);
    CHECK((r[REG_EFL] & 0x202) == 0x202);
}

static unsigned char *code;
static void *emit(const char *bytes, size_t n)
{
    memcpy(code, bytes, n);
    return code;
}

static void memory_faults(void)
{
    char *area = map_pages(20, PROT_NONE);
    char *none = area, *ro = area + PAGE, *gone = area + 2 * PAGE;
    uintptr_t at = (uintptr_t)code;
    CHECK(mprotect(ro, PAGE, PROT_READ) == 0 && munmap(gone, PAGE) == 0);
    emit("\x90\x8b\x08", 3); /* nop; mov (%rax),%ecx */
    expect("read unmapped", code, (uintptr_t)gone + 5, 0, SIGSEGV, SEGV_MAPERR, (uintptr_t)gone + 5,
           at + 1);
    expect("read PROT_NONE", code, (uintptr_t)none + 8, 0, SIGSEGV, SEGV_ACCERR,
           (uintptr_t)none + 8, at + 1);
    expect("read non-canonical", code, 0x8000000000000000, 0, SIGSEGV, SI_KERNEL, 0, at + 1);
    expect("read kernel half", code, 0xffffffff81000000, 0, SIGSEGV, SEGV_MAPERR,
           0xffffffff81000000, at + 1);
    emit("\x89\x08", 2); /* mov %ecx,(%rax) */
    expect("write read-only", code, (uintptr_t)ro + 16, 0, SIGSEGV, SEGV_ACCERR, (uintptr_t)ro + 16,
           at);
    expect("write NULL", code, 0, 0, SIGSEGV, SEGV_MAPERR, 0, at);
    int fd = make_file("short", 10, 1);
    char *p =
        mmap(area + 8 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    expect("beyond end of file", code, (uintptr_t)p + PAGE, 0, SIGBUS, BUS_ADRERR,
           (uintptr_t)p + PAGE, at);
    emit("\xff\xe0", 2); /* jmp *%rax */
    expect("jump to NULL", code, 0, 0, SIGSEGV, SEGV_MAPERR, 0, 0);
    expect("jump to data", code, (uintptr_t)ro, 0, SIGSEGV, SEGV_ACCERR, (uintptr_t)ro,
           (uintptr_t)ro);
    expect("jump to unmapped", code, (uintptr_t)gone, 0, SIGSEGV, SEGV_MAPERR, (uintptr_t)gone,
           (uintptr_t)gone);
}

static void other_faults(void)
{
    uintptr_t at = (uintptr_t)code;
    emit("\x31\xf6\xf7\xf6", 4); /* xor %esi,%esi; div %esi */
    expect("divide by zero", code, 5, 0, SIGFPE, FPE_INTDIV, at + 2, at + 2);
    emit("\x90\x0f\x0b", 3);
    expect("ud2", code, 5, 0, SIGILL, ILL_ILLOPN, at + 1, at + 1);
    emit("\x90\xcc\x90", 3);
    expect("int3", code, 5, 0, SIGTRAP, SI_KERNEL, 0, at + 2);
    emit("\xf4", 1);
    expect("hlt", code, 5, 0, SIGSEGV, SI_KERNEL, 0, at);
    emit("\xcd\x81", 2);
    expect("int 0x81", code, 5, 0, SIGSEGV, SI_KERNEL, 0, at);
    emit("\x0f\x20\xc0", 3); /* mov %cr0,%rax */
    expect("privileged", code, 5, 0, SIGSEGV, SI_KERNEL, 0, at);
    emit("\x0f\x28\x40\x01", 4); /* movaps 1(%rax),%xmm0 */
    expect("misaligned movaps", code, at & ~0xfful, 0, SIGSEGV, SI_KERNEL, 0, at);
}

int main(void)
{
    static char stack[65536];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    CHECK(sigaltstack(&ss, NULL) == 0);
    for (int sig = 1; sig < 32; sig++)
        if (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP)
            CHECK(sigaction(sig, &sa, NULL) == 0);
    code = map_pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    memory_faults();
    other_faults();
    return 0;
}
