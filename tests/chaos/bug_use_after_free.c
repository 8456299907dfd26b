/* bug_use_after_free - a reader tests a pointer, then uses it, while the owner may free it. */
#include "bug.h"

#define GOOD 0x600d600d
struct session {
    uint32_t magic;
    int uses;
};
static struct session *volatile session;
static volatile int sum;

static void release(struct session *s)
{
    memset(s, 0xdd, sizeof *s); /* as a checking allocator would */
    free(s);
}

static void use(void)
{
    if (!session)
        return;
    if (session->magic != GOOD)
        bug("a session was used after its end");
    sum += ++session->uses;
}

static void *reader(void *arg)
{
    for (int i = 0; i < 4; i++) {
        work(60 * US);
        use();
    }
    return arg;
}

static void *owner(void *arg)
{
    struct session *s = session;
    work(1500 * US);
    session = NULL;
    release(s);
    return arg;
}

int main(void)
{
    pthread_t a, b;
    session = malloc(sizeof *session);
    *session = (struct session){GOOD, 0};
    start(&a, reader, NULL);
    start(&b, owner, NULL);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    printf("sum %d\n", sum);
    return 0;
}
