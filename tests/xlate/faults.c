/*
 * faults.c - every kind of instruction that the translator rewrites, from states in which it
 * faults and in which it does not, at low and at high addresses: the guest's registers,
 * flags and the fault itself must be those of a native run.
 */
#include "generate.h"
#include "harness.h"

#include <string.h>
#include <sys/mman.h>

/* A snippet is position independent: it is copied to where it runs, and `hlt` follows. */
#define SNIPPET(name, text) \
    __asm__(".pushsection .rodata\n.intel_syntax noprefix\n" \
            "snip_" #name ": " text "\nsnip_" #name "_end:\n.att_syntax\n.popsection\n"); \
    extern const uint8_t snip_##name[], snip_##name##_end[];

/* rax: good address or bad; rdx: small; [data] holds addresses of the snippet's end. */
#define SNIPPETS(X) \
    X(call, "call 1f; nop; 1: mov ebx, 5") \
    X(call_back, "jmp 2f; 1: inc ebx; jmp 3f; 2: call 1b; 3: nop") \
    X(ret, "lea rcx, [rip + 1f]; push rcx; mov rsi, rsp; ret; 1: mov edi, 1") \
    X(ret_rsp, "mov rsp, rax; ret") \
    X(ret_rsp_checked, "add rbx, rdx; mov rsp, rax; ret") \
    X(ret_imm, "lea rcx, [rip + 1f]; push rcx; ret 24; 1: mov edi, 1") \
    X(ret_imm_rsp, "mov rsp, rax; ret 8") \
    X(call_reg, "lea rcx, [rip + 1f]; call rcx; 1: pop rbx") \
    X(call_r11, "lea r11, [rip + 1f]; mov rsp, rax; call r11; 1: pop rbx; add r11, rbx") \
    X(call_rdx, "lea rdx, [rip + 1f]; mov rsp, rax; call rdx; 1: pop rbx") \
    X(call_mem, "lea rbx, [rip + 1f]; mov [r14 + 8], rbx; call [r14 + 8]; 1: pop rbx") \
    X(call_mem_bad, "call [rax]") \
    X(call_mem_checked, "sub rbx, rdx; call [rax + 8]") \
    X(call_mem_rcx, "mov rcx, rax; call [rcx + 16]") \
    X(call_mem_r11, "mov r11, rax; call [r11 + 16]") \
    X(call_mem_r11_checked, "mov r11, rax; cmp r11, rdx; call [r11 + 16]") \
    X(call_rsp_mem, "lea rbx, [rip + 1f]; push rbx; call [rsp]; 1: pop rbx; pop rdi") \
    X(call_push, "lea rbx, [rip + 1f]; mov [r14], rbx; mov rsp, rax; call [r14]; 1: nop") \
    X(jmp_reg, "lea r9, [rip + 1f]; jmp r9; 1: mov ebx, 1") \
    X(jmp_wild, "jmp rax") \
    X(jmp_wild_r11, "mov r11, rax; jmp r11") \
    X(jmp_mem, "jmp [rax]") \
    X(jmp_mem_scaled, \
      "lea rbx, [rip + 1f]; mov [r14 + 24], rbx; mov ecx, 3; jmp [r14 + rcx * 8]; 1: nop") \
    X(jmp_rip, "lea rbx, [rip + 1f]; mov [rip + 2f], rbx; jmp [rip + 2f]; 1: hlt; 2: .quad 0") \
    X(jmp_addr32, "jmp [eax]") \
    X(jmp_fs, "jmp fs:[0x7fffffff]") \
    X(popf, "pushf; xor qword ptr [rsp], 0xcd5; popf; setc al; nop") \
    X(popf_word, "push rdx; pushfw; xor word ptr [rsp], 0xcd5; popfw; setc al; nop") \
    X(popf_rsp, "mov rsp, rax; popf") \
    X(popf_trap, "pushf; or qword ptr [rsp], 0x100; popf; mov ebx, 1; mov ebx, 2") \
    X(popf_trap_r11, "pushf; or qword ptr [rsp], 0x100; popf; mov r11, rdx; mov ebx, 2") \
    X(popf_trap_jump, "pushf; or qword ptr [rsp], 0x100; popf; jmp 1f; nop; 1: mov ebx, 2") \
    X(popf_trap_fault, "mov rdi, rax; pushf; or qword ptr [rsp], 0x100; popf; mov rbx, [rdi]") \
    X(r11_load, "mov r11, [rax]; add r11, rdx; mov [rax + 8], r11") \
    X(r11_store, "add r11, 5; mov [rax], r11; inc r11") \
    X(r11_base, "mov r11, rax; add [r11 + rdx], r11; nop; mov rbx, r11") \
    X(r11_push, "push r11; mov rsp, rax; pop r11; push r11") \
    X(r11_div, "mov r11, rdx; xor edx, edx; div r11; mov rbx, r11") \
    X(div, "xor edx, edx; div rbx; div dl") \
    X(rip_store, "mov [rip + 1f], rdx; add rbx, [rip + 1f]; hlt; 1: .quad 0") \
    X(rip_far, "mov rbx, [rip + 0x7ffffff]") \
    X(rip_far_rax, "mul qword ptr [rip + 0x7ffffff]") \
    X(rip_far_xmm, "vaddps ymm9, ymm3, [rip + 0x7ffffff]") \
    X(rip_far_imm, "mov dword ptr [rip + 0x7ffffff], 0x12345678") \
    X(rip_cmpxchg, "mov [rip + 1f], rdx; cmpxchg [rip + 1f], rsi; hlt; .balign 16; 1: .quad 1, 2") \
    X(rip_cmpxchg16, "cmpxchg16b [rip + 1f]; hlt; .balign 16; 1: .quad 1, 2") \
    X(string, "mov rdi, rax; mov rsi, r14; mov ecx, 3000; rep movsb") \
    X(string_back, "std; mov rdi, rax; mov ecx, 700; rep stosq; cld") \
    X(enter_leave, "enter 64, 2; mov [rbp - 8], rdx; leave; mov rbp, rax; leave") \
    X(jrcxz, "xor ecx, ecx; jrcxz 1f; mov ebx, 1; 1: mov ecx, 3; 2: add ebx, 7; loop 2b") \
    X(loop_zf, \
      "mov ecx, 9; xor eax, eax; 1: add al, 77; loopne 1b; loope 1b; jecxz 1f; nop; 1: nop") \
    X(ud, "add rbx, rdx; ud2") \
    X(movaps, "movaps xmm1, [rax + 8]") \
    X(middle, "jmp 1f + 1; 1: .byte 0xb8; inc ebx; nop; nop; nop") \
    X(noncanonical, "mov rbx, 0x8000000000000000; mov rbx, [rbx]") \
    X(loop_fault, "mov ecx, 20; mov rdi, rax; 1: mov [rdi], rcx; add rdi, 512; dec ecx; jnz 1b") \
    X(loop_fault_r11, \
      "mov r11d, 20; mov rdi, rax; 1: mov [rdi], rcx; add rdi, 512; sub r11, 1; jnz 1b") \
    X(ticks_call, "jmp 2f; 1: cmp rbx, rdx; ret; 2: mov rsp, rax; add rbx, 1; call 1b") \
    X(ticks_window, "mov r11, rax; mov ecx, 9; 1: mov rbx, r11; lea r11, [r11 + 1]; sub ecx, 1; " \
                    "mov [r11 + rcx * 8], rbx; jnz 1b") \
    X(ticks_jmp, "mov ecx, 9; jmp 2f; 1: dec ecx; jz 3f; 2: add rbx, 1; push qword ptr [rax]; " \
                 "pop rdx; jmp 1b; 3: nop") \
    X(ticks_mem, "mov ecx, 9; mov rdi, rax; 1: sub [rdi], ecx; lea rdi, [rdi + 700]; loop 1b") \
    X(pushes, "push 0x12345678; push qword ptr [rax]; push r11; pop qword ptr [rax + 8]; push " \
              "fs; pop rbx")

SNIPPETS(SNIPPET)

struct snippet {
    const char *name;
    const uint8_t *start, *end;
};
#define ROW(name, text) {#name, snip_##name, snip_##name##_end},
static const struct snippet snippets[] = {SNIPPETS(ROW)};

/* A stack that may not be written: a return only reads it. */
#define READ_ONLY 0x6f000000ull

static uint8_t kept[2][HX_DATA_SIZE];
static struct hx_result start_state;

/* Addresses where things go well, at the edges of mappings, and badly. */
static uint64_t address(void)
{
    static const uint64_t edges[] = {
        HX_DATA,  HX_DATA - 4,    HX_DATA + HX_DATA_SIZE - 8, HX_DATA + HX_DATA_SIZE - 4, 0,
        0x123456, 0x900000000000, HX_CODE + 0x4000,           READ_ONLY + 0x800,          8};
    return pick(2) ? HX_DATA + 0x800 + 16 * pick(256) : edges[pick(10)];
}

static void random_state(uint64_t base)
{
    memset(&start_state, 0, sizeof(start_state));
    for (unsigned i = 0; i < 16; i++)
        start_state.gpr[i] = hx_random();
    start_state.gpr[RAX] = address();
    start_state.gpr[RDX] = pick(20);
    start_state.gpr[R14] = HX_DATA + 0x3000;
    start_state.gpr[RSP] = pick(8) ? HX_STACK : address();
    start_state.rip = base;
    start_state.rflags = 0x202 | (hx_random() & 0x8d5);
    hx_seed_vectors(hx_random());
}

static void fill_read_only(uint64_t end)
{
    mprotect((void *)READ_ONLY, 4096, PROT_READ | PROT_WRITE);
    for (unsigned i = 0; i < 4096 / 8; i++)
        ((uint64_t *)READ_ONLY)[i] = end;
    mprotect((void *)READ_ONLY, 4096, PROT_READ);
}

/* Data: addresses of the end of the code, so that wild jumps through it are tame. */
static void reset(uint64_t base, const struct snippet *s)
{
    uint64_t *data = (uint64_t *)HX_DATA;
    uint64_t end = base + (uint64_t)(s->end - s->start);
    for (unsigned i = 0; i < HX_DATA_SIZE / 8; i++)
        data[i] = end;
    fill_read_only(end);
    memcpy((void *)base, s->start, (size_t)(s->end - s->start));
    memset((void *)end, 0xf4, 64);
    memset((void *)(HX_CODE + 0x4000), 0xf4, 0x4000);
}

/* What the kernel reports for an instruction fetch, the translator leaves to its user. */
static int same_fault(const struct hx_result *n, const struct hx_result *t)
{
    if (t->exit == VCPU_EXIT_TRAP)
        return n->signo == 11 && n->trapno == 13;
    if (t->exit != VCPU_EXIT_FAULT || n->signo != t->signo)
        return 0;
    if (n->trapno == 14)
        return n->trapno == t->trapno && n->fault_addr == t->fault_addr &&
               (n->err & ~1ull) == (t->err & ~1ull);
    return n->trapno == t->trapno;
}

/* A transfer to an address that is not canonical: the processor faults at the branch, the
 * translator only at its target. */
static int not_canonical(const struct hx_result *n, const struct hx_result *t)
{
    return n->trapno == 13 && t->exit == VCPU_EXIT_FAULT && t->rip >> 47 != 0;
}

static void check(const struct snippet *s, uint64_t base, unsigned long seed)
{
    struct hx_result native, translated;
    hx_seed(seed);
    random_state(base);
    xl_will_write(base, 8192);
    xl_will_write(HX_CODE, HX_CODE_SIZE);
    reset(base, s);
    hx_native(&start_state, &native);
    memcpy(kept[0], (void *)HX_DATA, HX_DATA_SIZE);
    reset(base, s);
    hx_translated(&start_state, NULL, &translated);
    if (not_canonical(&native, &translated))
        return;
    int differ = hx_differ(&native, &translated) || !same_fault(&native, &translated) ||
                 memcmp(kept[0], (void *)HX_DATA, HX_DATA_SIZE) != 0;
    CHECK(
        !differ,
        "%s at %#lx, seed %lu, rax %#lx: native signal %u trap %lu address %#lx rip %#lx err %lu; "
        "translated exit %d signal %u trap %lu address %#lx rip %#lx err %lu",
        s->name, (unsigned long)base, seed, (unsigned long)start_state.gpr[RAX], native.signo,
        (unsigned long)native.trapno, (unsigned long)native.fault_addr, (unsigned long)native.rip,
        (unsigned long)native.err, translated.exit, translated.signo,
        (unsigned long)translated.trapno, (unsigned long)translated.fault_addr,
        (unsigned long)translated.rip, (unsigned long)translated.err);
}

/* The ticks at the end, at full speed and one instruction at a time. */
static void check_fault_ticks(const struct snippet *s, uint64_t base, unsigned long seed)
{
    struct hx_result fast, at;
    struct xl_stop stop = {.flags = XL_STOP_STEP};
    hx_seed(seed);
    random_state(base);
    xl_will_write(HX_CODE, HX_CODE_SIZE);
    reset(base, s);
    hx_translated(&start_state, NULL, &fast);
    xl_will_write(HX_CODE, HX_CODE_SIZE);
    reset(base, s);
    at = start_state;
    do
        hx_translated(&at, &stop, &at);
    while (at.exit == VCPU_EXIT_STOP);
    CHECK(fast.ticks == at.ticks && fast.rip == at.rip,
          "%s, seed %lu: ticks %lu at %#lx, stepped %lu at %#lx", s->name, seed,
          (unsigned long)fast.ticks, (unsigned long)fast.rip, (unsigned long)at.ticks,
          (unsigned long)at.rip);
}

/* ------------------------------------------------- instructions that trap */
static const struct {
    const char *name;
    uint8_t bytes[8];
} traps[] = {
    {"rdtsc", {0x0f, 0x31}},
    {"rdtscp", {0x0f, 0x01, 0xf9}},
    {"cpuid", {0x0f, 0xa2}},
    {"rdrand", {0x0f, 0xc7, 0xf0}},
    {"rdseed", {0x0f, 0xc7, 0xf8}},
    {"rdpid", {0xf3, 0x0f, 0xc7, 0xf8}},
    {"xgetbv", {0x0f, 0x01, 0xd0}},
    {"int3", {0xcc}},
    {"int 0x80", {0xcd, 0x80}},
    {"int1", {0xf1}},
    {"sysenter", {0x0f, 0x34}},
    {"sgdt", {0x0f, 0x01, 0x00}},
    {"sidt", {0x0f, 0x01, 0x08}},
    {"sldt", {0x0f, 0x00, 0xc0}},
    {"str", {0x0f, 0x00, 0xc8}},
    {"smsw", {0x0f, 0x01, 0xe0}},
    {"hlt", {0xf4}},
    {"in", {0xec}},
    {"out", {0xe6, 0x80}},
    {"cli", {0xfa}},
    {"iretq", {0x48, 0xcf}},
    {"retf", {0xcb}},
    {"jmp far", {0xff, 0x28}},
    {"xbegin", {0xc7, 0xf8, 0, 0, 0, 0}},
    {"rdpmc", {0x0f, 0x33}},
    {"umwait", {0xf2, 0x0f, 0xae, 0xf1}},
    {"wrmsr", {0x0f, 0x30}},
};

static void check_traps(void)
{
    struct hx_result r;
    for (unsigned i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        random_state(HX_CODE);
        xl_will_write(HX_CODE, 4096);
        memset((void *)HX_CODE, 0x90, 64);
        memcpy((void *)(HX_CODE + 3), traps[i].bytes, 8);
        hx_translated(&start_state, NULL, &r);
        start_state.rip = HX_CODE + 3;
        memcpy(start_state.vectors, r.vectors, sizeof(r.vectors));
        CHECK(r.exit == VCPU_EXIT_TRAP && !hx_differ(&start_state, &r), "%s: exit %d rip %#lx",
              traps[i].name, r.exit, (unsigned long)r.rip);
    }
}

static void check_syscall(void)
{
    struct hx_result r;
    random_state(HX_CODE);
    xl_will_write(HX_CODE, 4096);
    memcpy((void *)HX_CODE, "\x41\xff\xc3\x0f\x05\x90", 6); /* inc r11d; syscall */
    hx_translated(&start_state, NULL, &r);
    CHECK(r.exit == VCPU_EXIT_SYSCALL && r.rip == HX_CODE + 5 && r.gpr[RCX] == r.rip &&
              r.gpr[R11] == r.rflags && r.gpr[RBX] == start_state.gpr[RBX],
          "exit %d rip %#lx", r.exit, (unsigned long)r.rip);
}

/* Code that runs into a page that is not executable: exact, and where it ends. */
static void check_edge(void)
{
    struct hx_result r;
    const uint64_t end = HX_END + 4096;
    for (unsigned before = 0; before < 8; before++) {
        random_state(end - before);
        xl_will_write(HX_END, 4096);
        memcpy((void *)(end - 8), "\x90\x90\x90\x90\xb8\x01\x02\x03", 8);
        hx_translated(&start_state, NULL, &r);
        uint64_t want = before == 0 ? end : before < 4 ? r.rip : end - 4;
        CHECK(r.exit == VCPU_EXIT_FAULT && (before < 4 || r.signo == 11) &&
                  (before < 4 || r.fault_addr == end) && r.rip == want,
              "%u: exit %d rip %#lx", before, r.exit, (unsigned long)r.rip);
    }
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 200;
    unsigned count = sizeof(snippets) / sizeof(snippets[0]);
    hx_init();
    hx_add_exec(HX_END, 4096);
    void *p = mmap((void *)HIGH_CODE, 0x10000, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(p == (void *)HIGH_CODE, "mmap");
    hx_add_exec(HIGH_CODE, 0x10000);
    p = mmap((void *)READ_ONLY, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
             -1, 0);
    CHECK(p == (void *)READ_ONLY, "mmap");
    for (unsigned i = 0; i < count; i++)
        for (unsigned long seed = 1; seed <= rounds; seed++) {
            uint64_t base = seed % 3 ? HX_CODE : HIGH_CODE;
            hx_note = i * 1000 + seed;
            check(&snippets[i], base + (seed % 5 ? 0x800 : 0xffe), seed);
            if (seed % 4 == 0)
                check_fault_ticks(&snippets[i], base + 0x800, seed);
        }
    check_traps();
    check_syscall();
    check_edge();
    printf("%u snippets, %lu states each\n", count, rounds);
    return 0;
}
