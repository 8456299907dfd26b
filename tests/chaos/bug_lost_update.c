/* bug_lost_update - deposits are added to a balance without a lock. */
#include "bug.h"

#define DEPOSITS 3
static volatile long balance;

static void deposit(long amount)
{
    balance = balance + amount;
}

static void *earn(void *arg)
{
    uint32_t pace = (uint32_t)(uintptr_t)arg;
    for (int i = 0; i < DEPOSITS; i++) {
        work(pace * US);
        deposit(10);
    }
    return NULL;
}

int main(void)
{
    pthread_t a, b;
    start(&a, earn, (void *)150);
    start(&b, earn, (void *)520);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    printf("balance %ld\n", balance);
    if (balance != 2 * DEPOSITS * 10)
        bug("a deposit was lost");
    return 0;
}
