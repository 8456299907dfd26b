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
#define CODE_AT 0x180000000000ull
#define FS_AT 0x200000000000ull
/* Low bits: no valid segment selector, no existing system call. */
#define GARBAGE 0x300000007ff4ull

static uint8_t *page;
static uint64_t start, fs_base;
static volatile int testing;
static struct hw_state state; /* before the test, then after it */
static uint64_t end_rip;
static greg_t saved[NGREG];
static struct hw_probe result;

extern const char probe_entry[];

/* Places of the registers in a signal frame, by hardware number. */
static const uint8_t frame_index[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

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

/* Empties vector, mask and x87 registers, so that runs differ in nothing else. */
static void clear_vectors(struct _libc_fpstate *fp)
{
    const struct _fpx_sw_bytes *sw = (const void *)((uint8_t *)fp + 464);

    if (!fp)
        return;
    memset(fp->_st, 0, sizeof fp->_st);
    memset(fp->_xmm, 0, sizeof fp->_xmm);
    if (sw->magic1 == FP_XSTATE_MAGIC1)
        memset((uint8_t *)fp + 512, 0, 8); /* XSTATE_BV: all components initial */
}

static void begin(greg_t *regs, struct _libc_fpstate *fp)
{
    memcpy(saved, regs, sizeof saved);
    clear_vectors(fp);
    for (int i = 0; i < 16; i++)
        regs[frame_index[i]] = (greg_t)state.gpr[i];
    regs[REG_RIP] = (greg_t)start;
    regs[REG_EFL] = (greg_t)state.flags;
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
            begin(regs, ((ucontext_t *)context)->uc_mcontext.fpregs);
        else if (sig != SIGVTALRM)
            _exit(3);
        return;
    }
    set_fs(fs_base);
    testing = 0;
    result = judge(sig, regs);
    for (int i = 0; i < 16; i++)
        state.gpr[i] = (uint64_t)regs[frame_index[i]];
    state.flags = (uint64_t)regs[REG_EFL];
    end_rip = (uint64_t)regs[REG_RIP];
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

static struct hw_probe run_bytes(const uint8_t *code, unsigned k)
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

struct hw_probe hw_probe(const uint8_t *code, unsigned k)
{
    for (unsigned i = 0; i < 16; i++)
        state.gpr[i] = GARBAGE + i * 0x100000000ull;
    state.flags = 0x202;
    return run_bytes(code, k);
}

int hw_run(const uint8_t *code, unsigned len, const struct hw_state *before, struct hw_state *after)
{
    struct hw_probe p;

    state = *before;
    p = run_bytes(code, len);
    *after = state;
    return p.outcome == HW_RAN && end_rip == CODE_AT + PAGE;
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
