/* bug_double_checked - the instance is published before it is complete. */
#include "bug.h"

struct instance {
    volatile int ready;
    int table[8];
};
static struct instance *volatile instance;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct instance *get(void)
{
    if (!instance) {
        pthread_mutex_lock(&lock);
        if (!instance) {
            instance = calloc(1, sizeof *instance);
            for (int i = 0; i < 8; i++)
                instance->table[i] = i * i;
            instance->ready = 1;
        }
        pthread_mutex_unlock(&lock);
    }
    return instance;
}

static void *user(void *arg)
{
    work((uint32_t)(uintptr_t)arg * US);
    if (!get()->ready)
        bug("an incomplete instance was used");
    return NULL;
}

int main(void)
{
    pthread_t a, b;
    start(&a, user, (void *)100);
    start(&b, user, (void *)700);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    printf("%d\n", instance->table[7]);
    return 0;
}
