/* kernels.c - see kernels.h. They use no libc, so that only their own code is measured. */
#include "kernels.h"

/* ---------------------------------------------------------------- queens */
static uint64_t place(unsigned all, unsigned cols, unsigned left, unsigned right)
{
    uint64_t found = 0;
    unsigned free_cols = all & ~(cols | left | right);
    if (cols == all)
        return 1;
    while (free_cols) {
        unsigned bit = free_cols & -free_cols;
        free_cols ^= bit;
        found += place(all, cols | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return found;
}

/* Loops only: one array per row, no recursion. */
static uint64_t queens_loop(uint64_t n, uint64_t b, uint64_t c)
{
    int row[32];
    uint64_t found = 0;
    int at = 0, size = (int)n;
    row[0] = -1;
    while (at >= 0) {
        int ok = 0;
        while (!ok && ++row[at] < size) {
            ok = 1;
            for (int i = 0; i < at; i++) {
                int d = row[at] - row[i];
                if (d == 0 || d == at - i || d == i - at) {
                    ok = 0;
                    break;
                }
            }
        }
        if (!ok)
            at--;
        else if (at == size - 1)
            found++;
        else
            row[++at] = -1;
    }
    return found;
}

static uint64_t queens_recursive(uint64_t n, uint64_t b, uint64_t c)
{
    return place((1u << n) - 1, 0, 0, 0);
}

/* ----------------------------------------------------------- interpreter */
enum { OP_PUSH, OP_ADD, OP_SUB, OP_DUP, OP_SWAP, OP_JNZ, OP_XOR, OP_ROT, OP_HALT };

static const uint8_t program[] = {
    OP_SWAP, OP_DUP,  OP_PUSH, 7,      OP_XOR, OP_ADD, OP_PUSH, 3,       OP_ROT,
    OP_SWAP, OP_PUSH, 1,       OP_SUB, OP_DUP, OP_JNZ, 0,       OP_HALT,
};

#define NEXT goto *const_ops[*pc++]
static uint64_t interpreter(uint64_t n, uint64_t b, uint64_t c)
{
    static const void *const const_ops[] = {&&push, &&add, &&sub, &&dup, &&swap,
                                            &&jnz,  &&xor, &&rot, &&halt};
    uint64_t stack[64], *sp = stack;
    const uint8_t *pc = program;
    *sp++ = 1;
    *sp++ = n;
    NEXT;
push:
    *sp++ = *pc++;
    NEXT;
add:
    sp--;
    sp[-1] += sp[0];
    NEXT;
sub:
    sp--;
    sp[-1] -= sp[0];
    NEXT;
dup:
    sp[0] = sp[-1];
    sp++;
    NEXT;
swap : {
    uint64_t t = sp[-1];
    sp[-1] = sp[-2];
    sp[-2] = t;
    NEXT;
}
jnz:
    pc = *--sp ? program + *pc : pc + 1;
    NEXT;
    xor : sp--;
    sp[-1] ^= sp[0];
    NEXT;
rot : {
    uint64_t k = *--sp & 63;
    sp[-1] = sp[-1] << k | sp[-1] >> (64 - k);
    NEXT;
}
halt:
    return sp[-2];
}

/* ------------------------------------------------------------- quicksort */
static int less(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int (*volatile compare)(const void *, const void *) = less;

static void sort(uint32_t *v, int n, int (*cmp)(const void *, const void *))
{
    while (n > 1) {
        uint32_t pivot = v[n / 2];
        int i = 0, j = n - 1;
        for (;;) {
            while (cmp(&v[i], &pivot) < 0)
                i++;
            while (cmp(&v[j], &pivot) > 0)
                j--;
            if (i >= j)
                break;
            uint32_t t = v[i];
            v[i++] = v[j];
            v[j--] = t;
        }
        sort(v, i, cmp);
        v += i;
        n -= i;
    }
}

static uint32_t numbers[200000];

static uint64_t quicksort(uint64_t n, uint64_t b, uint64_t c)
{
    uint32_t x = 1;
    for (uint64_t i = 0; i < n; i++)
        numbers[i] = x = x * 1664525 + 1013904223;
    sort(numbers, (int)n, compare);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum = sum * 31 + numbers[i];
    return sum;
}

/* ------------------------------------------------------------------- fib */
__attribute__((noinline)) static uint64_t fib(uint64_t n, uint64_t b, uint64_t c)
{
    return n < 2 ? n : fib(n - 1, 0, 0) + fib(n - 2, 0, 0);
}

/* ---------------------------------------------------------------- matrix */
#define SIZE 160
typedef float vec8 __attribute__((vector_size(32)));
static vec8 ma[SIZE][SIZE / 8], mb[SIZE][SIZE / 8], mc[SIZE][SIZE / 8];

static void matrix_fill(void)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            ((float *)ma[i])[j] = (float)(i * 3 + j % 7);
            ((float *)mb[i])[j] = (float)(j - i % 5);
            ((float *)mc[i])[j] = 0;
        }
}

__attribute__((target("avx2,fma"))) static uint64_t matrix(uint64_t rounds, uint64_t b, uint64_t c)
{
    matrix_fill();
    for (uint64_t r = 0; r < rounds; r++)
        for (int i = 0; i < SIZE; i++)
            for (int k = 0; k < SIZE; k++) {
                float f = ((float *)ma[i])[k];
                vec8 factor = {f, f, f, f, f, f, f, f};
                for (int j = 0; j < SIZE / 8; j++)
                    mc[i][j] += factor * mb[k][j];
            }
    uint32_t sum = 0;
    const uint32_t *p = (const uint32_t *)(const void *)mc;
    for (int i = 0; i < SIZE * SIZE; i++)
        sum = sum * 31 + p[i];
    return sum;
}

/* A string loop with memory operands in the loop's head: flags are not free there. */
static uint64_t scan(uint64_t rounds, uint64_t b, uint64_t c)
{
    static const char text[] = "the quick brown fox jumps over the lazy dog, again and again";
    uint64_t n = 0;
    for (uint64_t r = 0; r < rounds; r++)
        for (const char *p = text; *(volatile const char *)p; p++)
            n += *p == ' ' ? r : 1;
    return n;
}

const struct kernel kernels[] = {
    {"n-queens, loops", queens_loop, 11, 6},
    {"n-queens, recursive", queens_recursive, 12, 7},
    {"interpreter", interpreter, 2000000, 1000},
    {"quicksort, function pointer", quicksort, 200000, 1000},
    {"fib", fib, 34, 16},
    {"matrix, AVX2", matrix, 60, 1},
    {"scan, memory operands", scan, 1000000, 50},
};
const unsigned kernel_count = sizeof(kernels) / sizeof(kernels[0]);
