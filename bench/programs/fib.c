/* fib.c - Fibonacci by plain recursion: calls and returns. */
#include <stdio.h>

__attribute__((noinline)) static unsigned long fib(unsigned long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void)
{
    printf("%lu\n", fib(42));
    return 0;
}
