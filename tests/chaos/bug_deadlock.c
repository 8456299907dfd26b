/* bug_deadlock - two transfers in opposite directions take the two locks in opposite order. */
#include "bug.h"

struct account {
    pthread_mutex_t lock;
    long balance;
};
static struct account accounts[2] = {{PTHREAD_MUTEX_INITIALIZER, 100}, {PTHREAD_MUTEX_INITIALIZER, 100}};

static void transfer(struct account *from, struct account *to, long amount)
{
    pthread_mutex_lock(&from->lock);
    pthread_mutex_lock(&to->lock);
    from->balance -= amount;
    to->balance += amount;
    pthread_mutex_unlock(&to->lock);
    pthread_mutex_unlock(&from->lock);
}

static void *there(void *arg)
{
    work(100 * US);
    transfer(&accounts[0], &accounts[1], 30);
    return arg;
}

static void *back(void *arg)
{
    work(400 * US);
    transfer(&accounts[1], &accounts[0], 10);
    return arg;
}

int main(void)
{
    pthread_t a, b;
    start(&a, there, NULL);
    start(&b, back, NULL);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    printf("%ld %ld\n", accounts[0].balance, accounts[1].balance);
    return 0;
}
