/*
 * hwlen.c - the page-boundary technique.
 *
 * A probe is two signals: ud2 in enter_probe() leads into the handler, which puts aside
 * the registers and returns into the instruction under test; the exception that ends
 * the test leads into the handler again, which notes what happened and returns behind
 * the ud2. The handler uses neither libc nor thread-local storage, because fs points
 * nowhere during the test.
 */
#include "hwlen.h"

#include <asm/prctl.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096u
/* Nothing else is mapped within 2 GiB of the page, nor of the registers' values. */
#define CODE_AT 0x100000000000ull
#define FS_AT 0x200000000000ull
/* Low bits: no valid segment selector, no existing system call. */
#define GARBAGE 0x300000007ff4ull

static uint8_t *page;
static uint64_t start, fs_base;
static volatile int testing;
static greg_t saved[NGREG];
static struct hw_probe result;

extern const char probe_entry[];

static long set_fs(uint64_t base)
{
    long r;

    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "0"(SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(base)
                     : "rcx", "r11", "memory");
    return r;
}

__attribute__((noinline)) static void enter_probe(void)
{
    __asm__ volatile(".globl probe_entry\nprobe_entry: ud2\n"
                     "emms\n"
                     :
                     :
                     : "memory", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                       "r12", "r13", "r14", "r15", "cc");
}

static void begin(greg_t *regs)
{
    memcpy(saved, regs, sizeof saved);
    for (int i = 0; i <= REG_RSP; i++)
        regs[i] = (greg_t)(GARBAGE + (uint64_t)i * 0x100000000ull);
    regs[REG_RIP] = (greg_t)start;
    regs[REG_EFL] = 0x202;
    testing = 1;
    set_fs(FS_AT);
}

static struct hw_probe judge(int sig, const greg_t *regs)
{
    struct hw_probe r = {HW_RAN, (unsigned)regs[REG_TRAPNO]};
    int at_start = (uint64_t)regs[REG_RIP] == start;

    if (sig == SIGVTALRM)
        r.outcome = HW_STUCK;
    else if (sig == SIGILL && at_start)
        r.outcome = HW_UD;
    else if (r.trap == 14 && at_start && regs[REG_ERR] & 16 &&
             (uint64_t)regs[REG_CR2] == CODE_AT + PAGE)
        r.outcome = HW_SHORT;
    return r;
}

static void handler(int sig, siginfo_t *info, void *context)
{
    greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

    if (!testing) {
        if (regs[REG_RIP] == (greg_t)(uintptr_t)probe_entry)
            begin(regs);
        else if (sig != SIGVTALRM)
            _exit(3);
        return;
    }
    set_fs(fs_base);
    testing = 0;
    result = judge(sig, regs);
    memcpy(regs, saved, sizeof saved);
    regs[REG_RIP] += 2;
}

int hw_init(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGVTALRM};
    static uint8_t stack[65536];
    stack_t alt = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    if (page)
        return 0;
    page = mmap((void *)CODE_AT, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page == MAP_FAILED || mprotect(page + PAGE, PAGE, PROT_NONE) || sigaltstack(&alt, 0) ||
        syscall(SYS_arch_prctl, ARCH_GET_FS, &fs_base)) {
        page = 0;
        return -errno;
    }
    sigfillset(&sa.sa_mask);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &sa, 0))
            return -errno;
    return 0;
}

struct hw_probe hw_probe(const uint8_t *code, unsigned k)
{
    /* Processor time, not wall time: the machine may be busy with something else. */
    struct itimerval limit = {.it_value = {.tv_usec = 20000}}, off = {0};

    memset(page + PAGE - 64, 0xcc, 64);
    memcpy(page + PAGE - k, code, k);
    start = CODE_AT + PAGE - k;
    setitimer(ITIMER_VIRTUAL, &limit, 0);
    enter_probe();
    setitimer(ITIMER_VIRTUAL, &off, 0);
    return result;
}

unsigned hw_length(const uint8_t *code, unsigned guess, struct hw_probe *last)
{
    unsigned k = 1;

    if (guess > 1 && guess <= 15 && hw_probe(code, guess - 1).outcome == HW_SHORT)
        k = guess;
    for (; k <= 15; k++) {
        *last = hw_probe(code, k);
        if (last->outcome != HW_SHORT)
            return k;
    }
    return 0;
}
