/* crash.c - handles two signals, then dies by a third: a null pointer that was stored earlier. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct box {
    int *value;
};

static volatile int handled;
static int number = 4;
struct box box = {&number};

static void on_usr1(int signo)
{
    handled += signo;
}

void spoil(struct box *b)
{
    b->value = NULL;
}

int use(struct box *b)
{
    return *b->value;
}

int main(void)
{
    signal(SIGUSR1, on_usr1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    printf("%d\n", use(&box));
    fflush(stdout);
    spoil(&box);
    for (int i = 0; i < 100; i++)
        handled++;
    return use(&box);
}
