/*
 * avx512 - 512-bit vector code with mask registers, and zmm16..31 and k1..k7 kept
 * across syscalls; skipped where CPUID does not show it (a recorder may hide it).
 * run: --filter 's/^skipped.+//'
 */
#include "check.h"

#include <immintrin.h>

#define N 4096
static int32_t a[N], c[N];

__attribute__((target("avx512f"))) static void vector_code(void)
{
    for (int i = 0; i < N; i += 16) {
        __m512i v = _mm512_loadu_si512(a + i);
        __mmask16 odd = _mm512_test_epi32_mask(v, _mm512_set1_epi32(1));
        v = _mm512_mask_add_epi32(v, odd, _mm512_slli_epi32(v, 1), _mm512_set1_epi32(1));
        _mm512_storeu_si512(c + i, v);
    }
}

__attribute__((target("avx512f"))) static void across_syscall(void)
{
    uint64_t before[8], after[8], mask;
    fill_pattern(before, sizeof(before), 3);
    __asm__ volatile("vmovdqu64 %[in], %%zmm29\n\t"
                     "mov $0x5a5a, %%eax\n\t"
                     "kmovw %%eax, %%k5\n\t"
                     "mov $39, %%eax\n\t"
                     "syscall\n\t"
                     "vmovdqu64 %%zmm29, %[out]\n\t"
                     "kmovw %%k5, %%eax"
                     : [out] "=m"(after), "=&a"(mask)
                     : [in] "m"(before)
                     : "rcx", "r11", "xmm29", "k5", "memory");
    CHECK(memcmp(before, after, sizeof(before)) == 0);
    CHECK((mask & 0xffff) == 0x5a5a);
}

int main(void)
{
    if (!__builtin_cpu_supports("avx512f")) {
        printf("skipped: no AVX-512\n");
        return 0;
    }
    for (int i = 0; i < N; i++)
        a[i] = i * 7919 - 1000000;
    vector_code();
    for (int i = 0; i < N; i++)
        CHECK(c[i] == ((a[i] & 1) ? a[i] * 2 + 1 : a[i]));
    across_syscall();
    return 0;
}
