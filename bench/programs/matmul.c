/* matmul.c - product of two 768x768 matrices with AVX2 and FMA: vector arithmetic in tight loops.
 */
#include <stdio.h>
#include <string.h>

#define N 768
static float a[N][N], b[N][N], c[N][N];

__attribute__((target("avx2,fma"), optimize("O3"))) static void multiply(void)
{
    memset(c, 0, sizeof c);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                c[i][j] += a[i][k] * b[k][j];
}

int main(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return 77;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (float)((i * 7 + j) % 13);
            b[i][j] = (float)((i + j * 5) % 11);
        }
    for (int i = 0; i < 12; i++)
        multiply();
    printf("%.0f\n", (double)c[N / 2][N / 3]);
    return 0;
}
