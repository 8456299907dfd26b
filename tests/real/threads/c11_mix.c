/* C11 threads: mutexes of all kinds, conditions, once, thread-specific storage, results. */
#include <stdatomic.h>
#include <stdio.h>
#include <threads.h>
#include <time.h>

static mtx_t plain, timed, recursive;
static cnd_t full, empty;
static once_flag once = ONCE_FLAG_INIT;
static tss_t slot;
static atomic_int destroyed, inits;
static thread_local int mine;
static int box = -1, sum, depth;

static void init(void)
{
    inits++;
}

static void destroy(void *p)
{
    destroyed += *(int *)p;
}

static int producer(void *arg)
{
    for (int i = 0; i < 200; i++) {
        mtx_lock(&plain);
        while (box >= 0)
            cnd_wait(&empty, &plain);
        box = i;
        cnd_signal(&full);
        mtx_unlock(&plain);
    }
    return *(int *)arg;
}

static int consumer(void *arg)
{
    for (int i = 0; i < 200; i++) {
        mtx_lock(&plain);
        while (box < 0)
            cnd_wait(&full, &plain);
        sum += box;
        box = -1;
        cnd_signal(&empty);
        mtx_unlock(&plain);
    }
    thrd_exit(*(int *)arg + 1);
}

static int own_storage(void *arg)
{
    call_once(&once, init);
    tss_set(slot, arg);
    for (int i = 0; i < 1000; i++) {
        mine++;
        if (i % 100 == 0)
            thrd_yield();
    }
    mtx_lock(&recursive);
    mtx_lock(&recursive);
    depth++;
    mtx_unlock(&recursive);
    mtx_unlock(&recursive);
    return mine;
}

static int try_long(void *arg)
{
    struct timespec end;
    timespec_get(&end, TIME_UTC);
    end.tv_nsec += 3000000;
    if (end.tv_nsec >= 1000000000)
        end.tv_sec++, end.tv_nsec -= 1000000000;
    return mtx_timedlock(&timed, &end) == thrd_timedout && mtx_trylock(&timed) == thrd_busy;
}

int main(void)
{
    thrd_t t[6];
    int r[6], args[] = {10, 20, 1, 2, 4, 8};
    mtx_init(&plain, mtx_plain);
    mtx_init(&timed, mtx_timed);
    mtx_init(&recursive, mtx_plain | mtx_recursive);
    cnd_init(&full);
    cnd_init(&empty);
    tss_create(&slot, destroy);
    thrd_create(&t[0], producer, &args[0]);
    thrd_create(&t[1], consumer, &args[1]);
    for (int i = 2; i < 6; i++)
        thrd_create(&t[i], own_storage, &args[i]);
    for (int i = 0; i < 6; i++)
        thrd_join(t[i], &r[i]);
    printf("%d %d %d %d %d %d sum %d depth %d destroyed %d inits %d mine %d\n", r[0], r[1], r[2], r[3], r[4], r[5], sum,
           depth, destroyed, inits, mine);
    mtx_lock(&timed);
    thrd_create(&t[0], try_long, NULL);
    thrd_join(t[0], &r[0]);
    printf("timed %d\n", r[0]);
    return 0;
}
