/* quicksort.c - quicksort that compares by a function pointer: an indirect call for each step. */
#include <stdint.h>
#include <stdio.h>

#define COUNT 2000000
typedef int (*compare_fn)(const uint32_t *a, const uint32_t *b);
static uint32_t numbers[COUNT];

static int ascending(const uint32_t *a, const uint32_t *b)
{
    return (*a > *b) - (*a < *b);
}

static int descending(const uint32_t *a, const uint32_t *b)
{
    return ascending(b, a);
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static void sort(uint32_t *v, long count, compare_fn compare)
{
    while (count > 1) {
        uint32_t pivot = v[count / 2];
        long i = 0, j = count - 1;
        while (i <= j) {
            while (compare(&v[i], &pivot) < 0)
                i++;
            while (compare(&v[j], &pivot) > 0)
                j--;
            if (i <= j)
                swap(&v[i++], &v[j--]);
        }
        sort(v, j + 1, compare);
        v += i;
        count -= i;
    }
}

int main(int argc, char **argv)
{
    uint32_t x = 2463534242u;
    compare_fn compare = argc > 1 ? descending : ascending; /* not known when compiled */
    for (long i = 0; i < COUNT; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        numbers[i] = x;
    }
    sort(numbers, COUNT, compare);
    for (long i = 1; i < COUNT; i++)
        if (compare(&numbers[i - 1], &numbers[i]) > 0)
            return 1;
    printf("%u\n", numbers[COUNT / 3]);
    return 0;
}
