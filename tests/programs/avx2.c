/*
 * avx2 - 256-bit vector code: an integer and a floating-point kernel checked against
 * plain code; skipped where the processor lacks it.
 */
#include "check.h"

#include <immintrin.h>

#define N 4096
static int32_t a[N], b[N], c[N];
static double x[N], y[N];

__attribute__((target("avx2"))) static void vector_code(void)
{
    for (int i = 0; i < N; i += 8) {
        __m256i va = _mm256_loadu_si256((void *)(a + i));
        __m256i vb = _mm256_loadu_si256((void *)(b + i));
        __m256i s = _mm256_mullo_epi32(va, _mm256_add_epi32(vb, _mm256_set1_epi32(3)));
        _mm256_storeu_si256((void *)(c + i), _mm256_xor_si256(s, _mm256_srai_epi32(va, 5)));
    }
    for (int i = 0; i < N; i += 4) {
        __m256d v = _mm256_loadu_pd(x + i);
        _mm256_storeu_pd(y + i, _mm256_sqrt_pd(_mm256_mul_pd(v, v)));
    }
}

int main(void)
{
    if (!__builtin_cpu_supports("avx2"))
        SKIP("no AVX2");
    for (int i = 0; i < N; i++) {
        a[i] = i * 7919 - 1000000;
        b[i] = i * 104729;
        x[i] = i * 0.5 - 100;
    }
    vector_code();
    for (int i = 0; i < N; i++) {
        CHECK(c[i] == (int32_t)((uint32_t)a[i] * ((uint32_t)b[i] + 3) ^ (uint32_t)(a[i] >> 5)));
        CHECK(y[i] == (x[i] < 0 ? -x[i] : x[i]));
    }
    printf("%016llx\n", (unsigned long long)mix(MIX_START, c, sizeof(c)));
    return 0;
}
