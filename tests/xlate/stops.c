/*
 * stops.c - random programs with every kind of branch, single-stepped by ptrace and stopped
 * in translated mode at random (ticks, pc), at ticks, at breakpoints, step by step and by
 * interrupts: registers and flags must be those of the single-stepped run.
 *
 * usage: xlate_stops [seconds [seed]]
 */
#include "generate.h"
#include "harness.h"

#include "../lib/ticks.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCKS 12
#define MOMENTS_MAX 6000
#define FUEL (HX_DATA + 0x7000)
#define TABLE (HX_DATA + 0x7100)

/* One moment of the single-stepped run: the state before the instruction at rip. */
struct moment {
    uint64_t gpr[16], rip, rflags, ticks;
};

static struct moment *moments;
static unsigned moment_count;
static uint64_t block_at[BLOCKS];
static uint8_t *code;
static struct hx_result start_state;
static unsigned long seed;

/* --------------------------------------------------------------- programs */
static void put(const void *bytes, unsigned n)
{
    memcpy(code, bytes, n);
    code += n;
}

static void put8(unsigned v)
{
    *code++ = (uint8_t)v;
}

static void put32(uint64_t v)
{
    uint32_t low = (uint32_t)v;
    put(&low, 4);
}

static void put_rel32(uint64_t target)
{
    put32(target - ((uint64_t)code + 4));
}

/* sub dword ptr [FUEL], 1; js end: the program ends after so many blocks. */
static void put_fuel(uint64_t end)
{
    put("\x83\x2c\x25", 3);
    put32(FUEL);
    put8(1);
    put("\x0f\x88", 2);
    put_rel32(end);
}

/* Register instructions that leave rsp alone and cannot fault. */
static void put_plain(void)
{
    struct insn in;
    uint8_t bytes[16];
    do {
        random_insn(bytes, (uint64_t)code, 0);
        insn_decode(&in, bytes, 15);
    } while ((in.flags & (INSN_F_MEM | INSN_F_LOAD | INSN_F_STORE | INSN_F_VECTOR | INSN_F_STACK |
                          INSN_F_STRING)) ||
             in.map > 1 || ((in.gpr_read | in.gpr_write) & 1 << RSP) ||
             ((in.opcode & 0xfe) == 0xf6 && (in.modrm >> 3 & 7) >= 6) || in.flags & INSN_F_LOCK ||
             (in.map == 1 && (in.opcode == 0x0b || in.opcode == 0xb9 || in.opcode == 0xff)));
    put(bytes, in.len);
}

static void put_memory(void)
{
    static const char *const forms[] = {"\x48\x89", "\x4c\x8b", "\x4c\x01", "\x48\x33", "\x4c\x87"};
    put(forms[pick(5)], 2);
    put8(0x04 | pick(8) << 3);
    if ((code[-1] >> 3 & 7) == 4)
        code[-1] ^= 8;
    put8(0x25);
    put32(HX_DATA + 0x6000 + 8 * pick(64));
}

/* and ecx, 7; jmp or call [TABLE + rcx * 8]; any register can take rcx's part. */
static void put_table(unsigned call)
{
    unsigned reg = pick(16);
    reg = reg == RSP ? R11 : reg;
    if (reg >= 8)
        put8(0x41);
    put("\x83", 1);
    put8(0xe0 | (reg & 7));
    put8(7);
    if (pick(2)) {
        if (reg >= 8)
            put8(0x42);
        put8(0xff);
        put8(call ? 0x14 : 0x24);
        put8(0xc5 | (reg & 7) << 3);
        put32(TABLE);
        return;
    }
    put8(reg >= 8 ? 0x4e : 0x48); /* mov reg, [TABLE + reg * 8] */
    put8(0x8b);
    put8(0x04 | (reg & 7) << 3);
    put8(0xc5 | (reg & 7) << 3);
    if (reg >= 8)
        code[-4] = 0x4e;
    put32(TABLE);
    if (reg >= 8)
        put8(0x41);
    put8(0xff);
    put8((call ? 0xd0 : 0xe0) | (reg & 7));
}

static void put_terminator(uint64_t end)
{
    uint64_t target = pick(20) ? block_at[pick(BLOCKS)] : end;
    switch (pick(9)) {
    case 0:
        put8(0xe9);
        put_rel32(target);
        break;
    case 1:
        put8(0xe8);
        put_rel32(target);
        break;
    case 2: /* push imm32; ret or ret 8 */
        put8(0x68);
        put32(target);
        put(pick(2) ? "\xc3\x90\x90" : "\xc2\x08\x00", 3);
        break;
    case 3:
        put_table(0);
        break;
    case 4:
        put_table(1);
        break;
    case 5: /* loop, jrcxz over a jump */
        put8(0xe0 + pick(4));
        put8(5);
        put8(0xe9);
        put_rel32(target);
        break;
    default:
        put8(0x0f);
        put8(0x80 + pick(16));
        put_rel32(target);
    }
}

static void put_blocks(uint64_t end)
{
    uint64_t kept[BLOCKS];
    code = (uint8_t *)HX_CODE;
    for (unsigned b = 0; b < BLOCKS; b++) {
        kept[b] = (uint64_t)code;
        put_fuel(end);
        for (unsigned i = pick(6); i; i--)
            pick(3) ? put_plain() : put_memory();
        put_terminator(end);
        if (pick(3) == 0)
            put8(0x90);
    }
    memcpy(block_at, kept, sizeof(kept));
}

/* Laid out twice with the same numbers: the second time the blocks' addresses are known. */
static void make_program(void)
{
    uint64_t end = HX_CODE + 0x2000;
    xl_will_write(HX_CODE, HX_CODE_SIZE);
    memset(block_at, 0, sizeof(block_at));
    memset((void *)HX_CODE, 0xf4, 0x3000);
    for (int pass = 0; pass < 2; pass++) {
        hx_seed(seed);
        put_blocks(end);
    }
    memset(&start_state, 0, sizeof(start_state));
    for (unsigned i = 0; i < 16; i++)
        start_state.gpr[i] = pick(4) ? pick(50) : hx_random();
    start_state.gpr[RSP] = HX_STACK;
    start_state.rip = HX_CODE;
    start_state.rflags = 0x202 | (hx_random() & 0x8d5);
    hx_seed_vectors(1);
}

static void reset_data(void)
{
    memset((void *)HX_DATA, 0, HX_DATA_SIZE);
    *(uint32_t *)FUEL = 400;
    for (unsigned i = 0; i < 8; i++)
        ((uint64_t *)TABLE)[i] = block_at[i];
}

/* ---------------------------------------------------------- native moments */
static void child(void)
{
    struct hx_result end;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    hx_native(&start_state, &end);
    _exit(0);
}

static int step(pid_t pid, struct user_regs_struct *r)
{
    int status;
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
        return 0;
    ptrace(PTRACE_GETREGS, pid, 0, r);
    return 1;
}

/* Runs the child to the program's first instruction, by a breakpoint there. */
static void to_start(pid_t pid)
{
    int status;
    struct user_regs_struct r;
    waitpid(pid, &status, 0);
    long word = ptrace(PTRACE_PEEKTEXT, pid, start_state.rip, 0);
    ptrace(PTRACE_POKETEXT, pid, start_state.rip, (word & ~0xffl) | 0xcc);
    ptrace(PTRACE_CONT, pid, 0, 0);
    waitpid(pid, &status, 0);
    ptrace(PTRACE_POKETEXT, pid, start_state.rip, word);
    ptrace(PTRACE_GETREGS, pid, 0, &r);
    r.rip = start_state.rip;
    ptrace(PTRACE_SETREGS, pid, 0, &r);
}

static void add_moment(const struct user_regs_struct *r, uint64_t ticks)
{
    struct moment *m = &moments[moment_count++];
    *m = (struct moment){{r->rax, r->rcx, r->rdx, r->rbx, r->rsp, r->rbp, r->rsi, r->rdi, r->r8,
                          r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15},
                         r->rip,
                         r->eflags,
                         ticks};
}

/* Does going from pc to next count a tick? */
static unsigned is_tick(uint64_t pc, uint64_t next)
{
    struct insn in;
    insn_decode(&in, (const uint8_t *)pc, 15);
    return tick_made(&in, pc, next) > 0;
}

static void record_moments(void)
{
    struct user_regs_struct r;
    uint64_t ticks = 0;
    moment_count = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        child();
    to_start(pid);
    ptrace(PTRACE_GETREGS, pid, 0, &r);
    for (;;) {
        uint64_t pc = r.rip;
        add_moment(&r, ticks);
        if (*(uint8_t *)pc == 0xf4 || moment_count == MOMENTS_MAX || !step(pid, &r))
            break;
        ticks += is_tick(pc, r.rip);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ----------------------------------------------------------------- checks */
static void same(const char *what, const struct moment *m, const struct hx_result *got)
{
    struct hx_result want;
    memset(&want, 0, sizeof(want));
    memcpy(want.gpr, m->gpr, sizeof(want.gpr));
    want.rip = m->rip;
    want.rflags = m->rflags;
    memcpy(want.vectors, got->vectors, sizeof(want.vectors));
    int differ = hx_differ(&want, got) || got->ticks != m->ticks;
    CHECK(!differ,
          "%s: seed %lu, moment %ld of %u: ticks %lu pc %#lx; stopped at ticks %lu pc %#lx", what,
          seed, (long)(m - moments), moment_count, (unsigned long)m->ticks, (unsigned long)m->rip,
          (unsigned long)got->ticks, (unsigned long)got->rip);
}

static void from_start(void)
{
    reset_data();
    start_state.ticks = 0;
}

static void check_point(const struct moment *m)
{
    struct hx_result got;
    struct xl_stop stop = {.ticks = m->ticks, .pc = m->rip, .flags = XL_STOP_POINT};
    from_start();
    hx_translated(&start_state, &stop, &got);
    CHECK(got.exit == VCPU_EXIT_STOP, "seed %lu: exit %d", seed, got.exit);
    same("point", m, &got);
}

/* A chain of stops, each going on from the one before. */
static void check_chain(void)
{
    struct hx_result at = start_state;
    from_start();
    for (unsigned i = 0; i < moment_count; i += 1 + pick(200)) {
        struct xl_stop stop = {
            .ticks = moments[i].ticks, .pc = moments[i].rip, .flags = XL_STOP_POINT};
        hx_translated(&at, &stop, &at);
        same("chain", &moments[i], &at);
    }
}

static void check_ticks(uint64_t ticks)
{
    struct hx_result got;
    struct xl_stop stop = {.ticks = ticks, .flags = XL_STOP_TICKS};
    unsigned i = 0;
    while (i + 1 < moment_count && moments[i].ticks < ticks)
        i++;
    from_start();
    hx_translated(&start_state, &stop, &got);
    same("ticks", &moments[i], &got);
}

static void check_steps(void)
{
    struct hx_result at = start_state;
    struct xl_stop stop = {.flags = XL_STOP_STEP};
    from_start();
    for (unsigned i = 0; i + 1 < moment_count && i < 300; i++) {
        same("step", &moments[i], &at);
        hx_translated(&at, &stop, &at);
    }
}

/* Every time the breakpoint is reached, and nothing else. */
static void check_break(void)
{
    struct hx_result at = start_state;
    uint64_t pc = moments[pick(moment_count - 1)].rip;
    from_start();
    if (pick(2)) /* blocks that hold it exist already, or not */
        xl_invalidate(HX_CODE, HX_CODE_SIZE);
    xl_breakpoint_add(pc);
    for (unsigned i = 1; i + 1 < moment_count; i++) {
        if (moments[i].rip != pc)
            continue;
        hx_translated(&at, NULL, &at);
        CHECK(at.exit == VCPU_EXIT_STOP, "seed %lu: exit %d", seed, at.exit);
        same("breakpoint", &moments[i], &at);
    }
    xl_breakpoint_del(pc);
    hx_translated(&at, NULL, &at);
    same("after breakpoints", &moments[moment_count - 1], &at);
}

static void check_program(void)
{
    make_program();
    reset_data();
    record_moments();
    if (moment_count < 2 || moment_count == MOMENTS_MAX)
        return;
    xl_invalidate(HX_CODE, HX_CODE_SIZE);
    hx_seed(seed + 1000000);
    check_steps();
    for (int i = 0; i < 40; i++)
        check_point(&moments[pick(moment_count)]);
    for (int i = 0; i < 10; i++)
        check_ticks(pick((unsigned)moments[moment_count - 1].ticks + 1));
    check_chain();
    check_break();
}

/* The timer may have fired once more after the last run. */
static void swallow_interrupt(void)
{
    struct hx_result r;
    struct xl_stop here = {.flags = XL_STOP_POINT};
    hx_translated(&start_state, &here, &r);
}

/* Interrupted by a timer at random moments: each state must be one that a stop reproduces. */
static void check_interrupts(void)
{
    struct hx_result at = start_state, again;
    struct itimerval often = {{0, 170}, {0, 170}}, never = {{0, 0}, {0, 0}};
    unsigned seen = 0;
    from_start();
    *(uint32_t *)FUEL = 3000000;
    setitimer(ITIMER_REAL, &often, NULL);
    while (seen < 60) {
        hx_translated(&at, NULL, &at);
        if (at.exit != VCPU_EXIT_INTERRUPTED)
            break;
        seen++;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    swallow_interrupt();
    if (at.exit != VCPU_EXIT_INTERRUPTED)
        return;
    struct xl_stop stop = {.ticks = at.ticks, .pc = at.rip, .flags = XL_STOP_POINT};
    do {
        from_start();
        *(uint32_t *)FUEL = 3000000;
        hx_translated(&start_state, &stop, &again);
    } while (again.exit == VCPU_EXIT_INTERRUPTED);
    CHECK(again.ticks == at.ticks && !hx_differ(&again, &at), "seed %lu: interrupted at %lu %#lx",
          seed, (unsigned long)at.ticks, (unsigned long)at.rip);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 10;
    unsigned long count = 0, total = 0;
    seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
    hx_init();
    moments = calloc(MOMENTS_MAX, sizeof(*moments));
    for (double end = now() + seconds; now() < end; seed++) {
        hx_note = seed;
        check_program();
        check_interrupts();
        total += moment_count;
        count++;
    }
    printf("%lu programs, %lu moments, %d interrupts\n", count, total, hx_async_pending);
    return 0;
}
