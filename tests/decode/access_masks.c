/*
 * access_masks.c - masked stores, scatters and repeated stores against the processor: the bytes
 * that change are exactly those that insn_accesses names. (What gathers and masked loads name
 * is computed by the same code.)
 */
#include "rekernel/x86/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA 8192
#define MIDDLE 4096

enum needs { NOTHING, AVX2, AVX512 };

/* Each form stores zmm2 (or rax) with base rbx, index or mask zmm1, mask k1. */
#define FORMS(F) \
    F(AVX2, "vmaskmovps %ymm2, %ymm1, 5(%rbx)") \
    F(AVX2, "vmaskmovps %xmm2, %xmm1, (%rbx,%rcx,4)") \
    F(AVX2, "vmaskmovpd %ymm2, %ymm1, (%rbx)") \
    F(AVX2, "vpmaskmovd %ymm2, %ymm1, (%rbx)") \
    F(AVX2, "vpmaskmovq %xmm2, %xmm1, (%rbx)") \
    F(AVX2, "vmaskmovdqu %xmm1, %xmm2") \
    F(NOTHING, "maskmovdqu %xmm1, %xmm2") \
    F(NOTHING, "rep stosb") \
    F(NOTHING, "rep stosq") \
    F(NOTHING, "std; rep stosl; cld") \
    F(NOTHING, "btsl %ecx, (%rbx)") \
    F(NOTHING, "btcq %rcx, 8(%rbx)") \
    F(AVX512, "vmovups %zmm2, 64(%rbx){%k1}") \
    F(AVX512, "vmovupd %ymm2, 3(%rbx){%k1}") \
    F(AVX512, "vmovdqu32 %xmm2, (%rbx){%k1}") \
    F(AVX512, "vmovdqu64 %zmm2, 4096-4096(%rbx){%k1}") \
    F(AVX512, "vmovdqu8 %zmm2, (%rbx){%k1}") \
    F(AVX512, "vmovdqu16 %ymm2, (%rbx){%k1}") \
    F(AVX512, "vpcompressd %zmm2, 4(%rbx){%k1}") \
    F(AVX512, "vcompresspd %ymm2, 8(%rbx){%k1}") \
    F(AVX512, "vpmovqb %zmm2, 8(%rbx){%k1}") \
    F(AVX512, "vpmovdw %ymm2, (%rbx){%k1}") \
    F(AVX512, "vpmovqd %zmm2, (%rbx){%k1}") \
    F(AVX512, "vpmovswb %zmm2, (%rbx){%k1}") \
    F(AVX512, "vpscatterdd %zmm2, (%rbx,%zmm1,4){%k1}") \
    F(AVX512, "vpscatterdq %zmm2, 8(%rbx,%ymm1,1){%k1}") \
    F(AVX512, "vscatterqps %ymm2, (%rbx,%zmm1,2){%k1}") \
    F(AVX512, "vscatterqpd %xmm2, 16(%rbx,%xmm1,8){%k1}") \
    F(AVX512, "vpscatterdd %zmm2, (%rbx,%zmm17,4){%k1}")

#define ASSEMBLE(needs, text) "1: " text "\n2: ret\n.pushsection .data\n.quad 1b, 2b\n.popsection\n"
__asm__(".data\n.balign 8\nforms:\n.text\n" FORMS(ASSEMBLE));
extern const uint8_t *const forms[][2]; /* from, to */

static const struct {
    enum needs needs;
    const char *text;
} names[] = {
#define NAME(needs, text) {needs, text},
    FORMS(NAME)};

static uint8_t arena[ARENA], wrong[ARENA];
static uint8_t index_bytes[64], value_bytes[64];
static uint64_t mask_bits;

/* -------------------------------------------------------------- prediction */
static uint64_t no_base(unsigned seg)
{
    return 0;
}

static void vector(unsigned number, uint8_t out[64])
{
    memcpy(out, number == 2 ? value_bytes : index_bytes, 64);
}

static uint64_t mask(unsigned number)
{
    return mask_bits;
}

/* Marks the bytes that the form is said to write. Prefix instructions (std) write nothing. */
static void predict(unsigned form, const uint64_t gpr[16])
{
    struct insn_access a[ACCESS_MAX];
    struct access_cpu cpu = {gpr, 0, 2, no_base, vector, mask, 2696};
    for (const uint8_t *at = forms[form][0]; at < forms[form][1];) {
        struct insn in;
        if (insn_decode(&in, at, 15) != 0)
            exit(2);
        if (in.map == 0 && in.opcode == 0xfd)
            cpu.rflags |= X86_DF;
        unsigned n = insn_accesses(&in, at, &cpu, a);
        for (unsigned i = 0; i < n; i++)
            if (a[i].kind & ACCESS_WRITE)
                memset(wrong + (a[i].addr - (uint64_t)arena), 1, a[i].len);
        at += in.len;
    }
}

/* ------------------------------------------------------------------ running */
__attribute__((noinline)) static void run(unsigned form, enum needs needs, const uint64_t gpr[16])
{
    register uint64_t rbx __asm__("rbx") = gpr[3];
    uint64_t rcx = gpr[1], rdi = gpr[7], rax = gpr[0];
    if (needs == AVX512)
        __asm__ volatile("vmovdqu64 %0, %%zmm1; vmovdqu64 %0, %%zmm17; vmovdqu64 %1, %%zmm2; "
                         "kmovq %2, %%k1"
                         :
                         : "m"(index_bytes), "m"(value_bytes), "m"(mask_bits));
    else if (needs == AVX2)
        __asm__ volatile("vmovdqu %0, %%ymm1; vmovdqu %1, %%ymm2"
                         :
                         : "m"(index_bytes), "m"(value_bytes));
    else
        __asm__ volatile("movdqu %0, %%xmm1; movdqu %1, %%xmm2"
                         :
                         : "m"(index_bytes), "m"(value_bytes));
    __asm__ volatile("sub $128, %%rsp; call *%3; add $128, %%rsp; cld"
                     : "+c"(rcx), "+D"(rdi), "+a"(rax)
                     : "r"(forms[form][0]), "r"(rbx)
                     : "memory", "cc");
}

static uint64_t state = 1;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Indices that stay in the arena; their bytes' signs are masks as well. */
static void random_operands(int for_scatter, unsigned index_size)
{
    for (unsigned i = 0; i < 64; i++) {
        index_bytes[i] = (uint8_t)next_random();
        value_bytes[i] = 0xee;
    }
    mask_bits = next_random();
    for (unsigned i = 0; for_scatter && i < 64; i += index_size) {
        int64_t at = (int64_t)(next_random() % 800) - 400;
        memcpy(index_bytes + i, &at, index_size);
    }
}

static unsigned try(unsigned form)
{
    const char *text = names[form].text;
    const char *scatter = strstr(text, "scatter");
    uint64_t gpr[16] = {[0] = 0xeeeeeeeeeeeeeeee,
                        [1] = next_random() % 60,
                        [3] = (uint64_t)arena + MIDDLE,
                        [7] = (uint64_t)arena + MIDDLE};
    random_operands(scatter != NULL, scatter && scatter[7] == 'q' ? 8 : 4);
    memset(arena, 0x11, sizeof(arena));
    memset(wrong, 0, sizeof(wrong));
    predict(form, gpr);
    run(form, names[form].needs, gpr);
    for (unsigned i = 0; i < ARENA; i++) {
        int changed = arena[i] != 0x11;
        int bits = strstr(text, "bt") == text; /* only one bit changes of what is written */
        if (changed != wrong[i] && !(bits && wrong[i])) {
            printf("%s: byte %d is %s\n", text, (int)i - MIDDLE,
                   changed ? "written, but not named" : "named, but not written");
            return 1;
        }
    }
    return 0;
}

static int has(enum needs needs)
{
    return needs == NOTHING || (needs == AVX2 && __builtin_cpu_supports("avx2")) ||
           (needs == AVX512 && __builtin_cpu_supports("avx512f") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"));
}

int main(void)
{
    unsigned bad = 0, tried = 0;
    for (unsigned form = 0; form < sizeof(names) / sizeof(names[0]); form++)
        for (unsigned i = 0; i < 300 && has(names[form].needs); i++, tried++)
            if (try(form)) {
                bad++;
                break;
            }
    printf("%u tried, %u forms wrong\n", tried, bad);
    return bad != 0;
}
