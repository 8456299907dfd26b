/* basics.c - a program to walk about in: calls, recursion, a list, memory that changes. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct node {
    int value;
    struct node *next;
};

static struct node *head;
static int counter;
static char text[64];
static __thread int per_thread = 77;
static jmp_buf back;
int watched;
double real = 2.5;

int square(int n)
{
    int r = n * n;
    counter++;
    return r;
}

int factorial(int n)
{
    if (n < 2)
        return 1;
    return n * factorial(n - 1);
}

static void push(int value)
{
    struct node *n = malloc(sizeof(*n));
    n->value = value;
    n->next = head;
    head = n;
    watched = value;
}

static void jump(int n)
{
    per_thread = n;
    longjmp(back, n);
}

int main(int argc, char **argv)
{
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        push(i * 3);
        sum += square(i);
    }
    snprintf(text, sizeof(text), "sum %d", sum);
    sum += factorial(5);
    if (!setjmp(back))
        jump(3);
    for (struct node *n = head; n; n = n->next)
        sum -= n->value;
    errno = 5;
    write(1, "out\n", 4);
    printf("%s %d %g\n", text, sum, real);
    return argc > 1 ? atoi(argv[1]) : 0;
}
