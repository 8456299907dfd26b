/*
 * access_hw.c - asks the processor how much memory each instruction accesses: the operand
 * is laid against the end of a page behind which nothing may be touched. With as many bytes in
 * front of the end as insn_accesses says, it must not fault; with one byte less it must. And
 * it must fault in a page that cannot be written just when it is said to write. What this
 * processor does not have (#UD) is left out.
 */
#include "rekernel/x86/access.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define PAGE 4096u
#define ERR_WRITE 2u

static uint8_t *code, *arena; /* arena: one page to use, one that nobody may touch */
static unsigned tried, wrong;

/* ------------------------------------------------------------------ running */
static volatile int got_signal;
static volatile uint64_t got_addr, got_err;
uint64_t probe_sp;

/* Jumps to code with rbx = base and most other registers 0; a signal ends it. */
void probe_run(const void *where, uint64_t base);
void probe_out(void);
__asm__(".text\n"
        "probe_run:\n"
        "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; sub $8, %rsp\n"
        "  mov %rsp, probe_sp(%rip)\n"
        "  mov %rsi, %rbx\n"
        "  mov %rdi, %r15\n"
        "  fninit\n"
        "  pushq $0x1f80; ldmxcsr (%rsp); add $8, %rsp\n"
        "  xor %eax, %eax; xor %ecx, %ecx; xor %edx, %edx; xor %esi, %esi; xor %edi, %edi\n"
        "  xor %ebp, %ebp; xor %r8d, %r8d; xor %r9d, %r9d; xor %r10d, %r10d; xor %r11d, %r11d\n"
        "  xor %r12d, %r12d; xor %r13d, %r13d; xor %r14d, %r14d\n"
        "  jmp *%r15\n"
        "probe_out:\n"
        "  cld\n"
        "  add $8, %rsp; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "  ret\n");

static void on_signal(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    got_signal = signo;
    got_err = (uint64_t)uc->uc_mcontext.gregs[REG_ERR];
    got_addr = uc->uc_mcontext.gregs[REG_TRAPNO] == 14 ? (uint64_t)info->si_addr : 0;
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)probe_out;
    uc->uc_mcontext.gregs[REG_RSP] = (greg_t)probe_sp;
    uc->uc_mcontext.gregs[REG_EFL] &= ~0x100ll;
}

static void prepare(void)
{
    static uint8_t stack[65536];
    static const int caught[] = {SIGSEGV, SIGTRAP, SIGILL, SIGFPE, SIGBUS};
    stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction act = {.sa_sigaction = on_signal,
                            .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaltstack(&alt, NULL);
    for (unsigned i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
        sigaction(caught[i], &act, NULL);
    code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    arena = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(arena + PAGE, PAGE, PROT_NONE);
}

/* What the instruction in code does with its operand at addr. disp: what its displacement adds. */
static void run_at(uint64_t addr, uint64_t disp)
{
    for (unsigned i = 0; i < PAGE; i += 4) /* harmless as a control word of any kind */
        memcpy(arena + i, "\x80\x1f\0", 4);
    probe_run(code, addr - disp);
}

static int faulted_beyond(void)
{
    return got_signal == SIGSEGV && got_addr >= (uint64_t)arena + PAGE &&
           got_addr < (uint64_t)arena + 2 * PAGE;
}

/* ---------------------------------------------------------------- one form */
static void complain(const struct insn *in, const char *what, uint64_t len)
{
    wrong++;
    printf("%s (%" PRIu64 " bytes; signal %d):", what, len, got_signal);
    for (unsigned i = 0; i < in->len; i++)
        printf(" %02x", code[i]);
    putchar('\n');
}

static uint64_t no_base(unsigned seg)
{
    return 0;
}

static void no_vector(unsigned number, uint8_t out[64])
{
    memset(out, 0, 64);
}

static uint64_t no_mask(unsigned number)
{
    return 0;
}

static void check_kind(const struct insn *in, const struct insn_access *a, uint64_t disp)
{
    mprotect(arena, PAGE, PROT_READ);
    probe_run(code, (uint64_t)arena + PAGE - 64 - disp);
    int writes = got_signal == SIGSEGV && got_addr && (got_err & ERR_WRITE);
    mprotect(arena, PAGE, PROT_READ | PROT_WRITE);
    if (got_signal != SIGSEGV && got_signal != SIGTRAP)
        return;
    if (writes != ((a->kind & ACCESS_WRITE) != 0))
        complain(in, writes ? "writes" : "does not write", a->len);
}

static void check(const struct insn *in)
{
    struct insn_access a[ACCESS_MAX];
    uint64_t gpr[16] = {[3] = 0x10000};
    struct access_cpu cpu = {gpr, 0, 2, no_base, no_vector, no_mask, 576};
    uint64_t end = (uint64_t)arena + PAGE;
    unsigned n = insn_accesses(in, code, &cpu, a);
    uint64_t disp = n ? a[0].addr - gpr[3] : 0, len = n ? a[0].len : 0;
    run_at(end - len, disp);
    if (got_signal == SIGILL)
        return;
    tried++;
    if (faulted_beyond())
        complain(in, "accesses more", len);
    if (!n)
        return;
    if (n > 1)
        complain(in, "one operand, but more accesses", len);
    run_at(end - len + 1, disp);
    if (!faulted_beyond() && got_signal != SIGSEGV)
        complain(in, "accesses less", len);
    check_kind(in, a, disp);
}

/* Is it one whose only operand in memory is ModRM's, of a size that does not depend on data? */
static int is_meant(const struct insn *in)
{
    unsigned reg = in->modrm >> 3 & 7;
    if (in->cls != INSN_PLAIN || !(in->flags & INSN_F_MODRM) || !(in->flags & INSN_F_MEM) ||
        (in->flags & (INSN_F_STRING | INSN_F_STACK)) || insn_vector_index(in))
        return 0;
    if (in->map == 1 && (in->opcode == 0xae || in->opcode == 0xc7) &&
        !(in->flags & (INSN_F_REX2_VEX | INSN_F_EVEX)))
        return in->opcode == 0xae ? reg < 4 && reg != 1 : reg == 1; /* state areas */
    if (in->map == 2 && in->opcode >= 0x2c && in->opcode <= 0x2f && !(in->flags & INSN_F_EVEX) &&
        (in->flags & INSN_F_REX2_VEX))
        return 0; /* masked */
    if (in->map == 2 && (in->opcode == 0x8c || in->opcode == 0x8e) && !(in->flags & INSN_F_EVEX))
        return 0;
    if (in->map == 0 && in->opcode == 0x8e) /* segment registers: fs holds our own thread */
        return 0;
    if (in->map == 1 && in->opcode >= 0xb2 && in->opcode <= 0xb5 && in->opcode != 0xb3)
        return 0;
    if (in->map == 1 && (in->opcode & 0xe7) == 0xa3 && !(in->flags & INSN_F_REX2_VEX))
        return reg == 1; /* bit 0 */
    return !(in->map == 2 && in->opcode >= 0xf5 && in->opcode <= 0xfc && in->opcode != 0xf6 &&
             in->opcode != 0xf7); /* shadow stacks, movdir64b */
}

/* Tries the instruction of which len bytes have been written, with zeros for immediates. */
static void try(unsigned len)
{
    struct insn in;
    memset(code + len, 0, 16);
    if (insn_decode(&in, code, 32) != 0 || !is_meant(&in))
        return;
    code[in.len] = 0xcc;
    memset(code + in.len + 1, 0xcc, 4);
    check(&in);
}

/* ------------------------------------------------------------------- all forms */
#define MODRM(reg) ((uint8_t)(0x43 | (reg) << 3)) /* [rbx + disp8] */

static void legacy(unsigned map, unsigned opcode, unsigned pp, unsigned w, unsigned reg)
{
    static const uint8_t prefix[] = {0, 0x66, 0xf3, 0xf2};
    unsigned n = 0;
    if (pp)
        code[n++] = prefix[pp];
    if (w)
        code[n++] = 0x48;
    if (map)
        code[n++] = 0x0f;
    if (map > 1)
        code[n++] = map == 2 ? 0x38 : 0x3a;
    code[n++] = (uint8_t)opcode;
    code[n++] = MODRM(reg);
    code[n++] = 3;
    try(n);
}

static int is_prefix(unsigned opcode)
{
    return (opcode & 0xf8) == 0x40 || (opcode & 0xe7) == 0x26 || (opcode & 0xfc) == 0x64 ||
           opcode == 0xf0 || opcode == 0xf2 || opcode == 0xf3;
}

static void all_legacy(void)
{
    for (unsigned map = 0; map < 4; map++)
        for (unsigned opcode = 0; opcode < 256; opcode++)
            for (unsigned i = 0; i < 64; i++)
                if (map || !is_prefix(opcode))
                    legacy(map, opcode, i & 3, i >> 2 & 1, i >> 3);
}

static void vex(unsigned map, unsigned opcode, unsigned bits, unsigned reg)
{
    uint8_t form[] = {0xc4,
                      (uint8_t)(0xe0 | map),
                      (uint8_t)((bits & 7) | (bits & 8 ? 0x80 : 0) | (bits & 16 ? 0x78 : 0x70)),
                      (uint8_t)opcode,
                      MODRM(reg),
                      3};
    memcpy(code, form, sizeof(form));
    try(sizeof(form));
}

static void all_vex(void)
{
    for (unsigned map = 1; map < 4; map++)
        for (unsigned opcode = 0; opcode < 256; opcode++)
            for (unsigned bits = 0; bits < 32; bits++)
                for (unsigned reg = 0; reg < 4; reg++)
                    vex(map, opcode, bits, reg);
}

/* bits: pp 0-1, L 2-3, W 4, broadcast 5, vvvv 6. */
static void evex(unsigned map, unsigned opcode, unsigned bits, unsigned reg)
{
    uint8_t form[] = {
        0x62,
        (uint8_t)(0xf0 | map),
        (uint8_t)((bits & 3) | 4 | (bits & 16 ? 0x80 : 0) | (bits & 64 ? 0x78 : 0x70)),
        (uint8_t)(8 | (bits >> 2 & 3) << 5 | (bits >> 5 & 1) << 4),
        (uint8_t)opcode,
        MODRM(reg),
        0xff};
    if ((bits >> 2 & 3) == 3)
        return;
    memcpy(code, form, sizeof(form));
    try(sizeof(form));
}

static void all_evex(void)
{
    static const unsigned maps[] = {1, 2, 3, 5, 6};
    for (unsigned m = 0; m < 5; m++)
        for (unsigned opcode = 0; opcode < 256; opcode++)
            for (unsigned bits = 0; bits < 128; bits++)
                for (unsigned reg = 1; reg < 8; reg += 5)
                    evex(maps[m], opcode, bits, reg);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    prepare();
    all_legacy();
    all_vex();
    all_evex();
    printf("%u forms, %u wrong\n", tried, wrong);
    return wrong || tried < 2000;
}
