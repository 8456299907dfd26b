/*
 * thread_openmp - OpenMP: parallel loops with reductions, critical sections, tasks, a
 * schedule decided at run time.
 */
#include "check.h"

#include <omp.h>

static long fib(int n)
{
    long a, b;
    if (n < 2)
        return n;
#pragma omp task shared(a) if (n > 12)
    a = fib(n - 1);
#pragma omp task shared(b) if (n > 12)
    b = fib(n - 2);
#pragma omp taskwait
    return a + b;
}

int main(void)
{
    long sum = 0, inside = 0, f = 0;
    int team = 0;
    omp_set_num_threads(4);
#pragma omp parallel for reduction(+ : sum) schedule(dynamic, 100)
    for (int i = 0; i < 100000; i++)
        sum += i % 7;
#pragma omp parallel
    {
#pragma omp critical
        inside++;
#pragma omp barrier
#pragma omp single
        team = omp_get_num_threads();
#pragma omp single
        f = fib(18);
    }
    CHECK(team >= 1 && inside == team && f == 2584);
    printf("sum %ld, team %d, fib %ld\n", sum, team, f);
    return 0;
}
