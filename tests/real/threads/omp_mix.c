/* OpenMP: schedules, reductions, tasks, critical sections, ordered loops. */
#include <omp.h>
#include <stdio.h>

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
    static double v[20000];
    double sum = 0;
    long f = 0, locked = 0, order = 0;
    omp_lock_t lock;
    omp_init_lock(&lock);
#pragma omp parallel for schedule(dynamic, 50) num_threads(4)
    for (int i = 0; i < 20000; i++)
        v[i] = i * 0.5;
#pragma omp parallel for schedule(static) reduction(+ : sum) num_threads(4)
    for (int i = 0; i < 20000; i++)
        sum += v[i];
#pragma omp parallel num_threads(3)
#pragma omp single
    f = fib(18);
#pragma omp parallel for schedule(guided) num_threads(4)
    for (int i = 0; i < 500; i++) {
        omp_set_lock(&lock);
        locked += i;
        omp_unset_lock(&lock);
    }
#pragma omp parallel for ordered schedule(dynamic) num_threads(4)
    for (int i = 0; i < 100; i++)
#pragma omp ordered
        order = order * 3 % 100003 + i;
#pragma omp parallel num_threads(4)
    {
#pragma omp barrier
#pragma omp atomic
        locked++;
    }
    printf("%.1f %ld %ld %ld\n", sum, f, locked, order);
    return 0;
}
