/* spin.c - computes for some seconds of replay. */
#include <stdint.h>
#include <stdio.h>

volatile uint64_t sink, rounds;

void round_done(void)
{
    rounds++;
}

int main(void)
{
    for (int i = 0; i < 1000; i++) {
        for (int j = 0; j < 1000000; j++)
            sink += (uint64_t)j;
        round_done();
    }
    printf("%lu\n", (unsigned long)sink);
    return 0;
}
