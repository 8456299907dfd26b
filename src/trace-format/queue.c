/*
 * queue.c - the compression thread and its bounded queue.
 */
#include "trace-format/queue.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define QUEUE_BYTES (16u << 20) /* the writer waits while more than this is unfinished */
#define SPARES 8u               /* jobs kept for use again */
#define SPARE_MIN (256u << 10)  /* smaller ones are as cheap to allocate anew */
#define JOB_ROUND (64u << 10)   /* room of jobs, so that they fit each other's uses */

struct tf_job *tf_queue_job(struct tf_queue *queue, size_t need)
{
    size_t cap = need < JOB_ROUND ? need : (need + JOB_ROUND - 1) / JOB_ROUND * JOB_ROUND;
    struct tf_job *job, **link;

    pthread_mutex_lock(&queue->lock);
    for (link = &queue->spare; *link != NULL && (*link)->cap < cap; link = &(*link)->next)
        ;
    job = *link;
    if (job != NULL) {
        *link = job->next;
        queue->spares--;
    }
    pthread_mutex_unlock(&queue->lock);
    if (job == NULL) {
        job = malloc(sizeof(*job) + cap);
        if (job == NULL)
            return NULL;
        job->cap = cap;
    }
    job->next = NULL;
    job->unit = (struct tf_unit){0};
    job->run = NULL;
    job->release = NULL;
    job->size = 0;
    return job;
}

/* Keeps a finished job, or frees it; the lock is held. */
static void retire(struct tf_queue *queue, struct tf_job *job)
{
    if (queue->spares >= SPARES || job->cap < SPARE_MIN) {
        free(job);
        return;
    }
    job->next = queue->spare;
    queue->spare = job;
    queue->spares++;
}

static void release(struct tf_job *job)
{
    if (job->release != NULL)
        job->release(job);
}

void tf_queue_drop(struct tf_queue *queue, struct tf_job *job)
{
    release(job);
    pthread_mutex_lock(&queue->lock);
    retire(queue, job);
    pthread_mutex_unlock(&queue->lock);
}

int tf_queue_push(struct tf_queue *queue, struct tf_job *job)
{
    job->unit.data = job->data;
    pthread_mutex_lock(&queue->lock);
    while (queue->jobs > 0 && queue->bytes + job->size > QUEUE_BYTES)
        pthread_cond_wait(&queue->less, &queue->lock);
    job->next = NULL;
    *queue->tail = job;
    queue->tail = &job->next;
    queue->bytes += job->size;
    queue->jobs++;
    pthread_cond_signal(&queue->more);
    pthread_mutex_unlock(&queue->lock);
    return atomic_load(&queue->error);
}

int tf_queue_drain(struct tf_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->jobs > 0)
        pthread_cond_wait(&queue->less, &queue->lock);
    pthread_mutex_unlock(&queue->lock);
    return atomic_load(&queue->error);
}

/* Does one job without the lock. After a failure nothing more is written: what
 * follows would be events with a hole before them. */
static void work(struct tf_queue *queue, struct tf_job *job)
{
    int rc;

    if (atomic_load(&queue->error) != 0)
        return;
    rc = job->run != NULL ? job->run(queue->sink, job) : tf_sink_put(queue->sink, &job->unit);
    if (rc < 0)
        atomic_store(&queue->error, rc);
}

static void *run(void *arg)
{
    struct tf_queue *queue = arg;
    struct tf_job *job;

    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (queue->head == NULL && !queue->stopping)
            pthread_cond_wait(&queue->more, &queue->lock);
        job = queue->head;
        if (job == NULL)
            break;
        queue->head = job->next;
        if (queue->head == NULL)
            queue->tail = &queue->head;
        pthread_mutex_unlock(&queue->lock);
        work(queue, job);
        release(job);
        pthread_mutex_lock(&queue->lock);
        queue->bytes -= job->size;
        queue->jobs--;
        queue->file_bytes = queue->sink->size;
        queue->frames = queue->sink->unit_count;
        retire(queue, job);
        pthread_cond_signal(&queue->less);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static void destroy(struct tf_queue *queue)
{
    while (queue->spare != NULL) {
        struct tf_job *job = queue->spare;
        queue->spare = job->next;
        free(job);
    }
    pthread_cond_destroy(&queue->more);
    pthread_cond_destroy(&queue->less);
    pthread_mutex_destroy(&queue->lock);
}

int tf_queue_start(struct tf_queue *queue, struct tf_sink *sink)
{
    sigset_t all, old;
    int rc;

    *queue = (struct tf_queue){.sink = sink, .file_bytes = sink->size, .frames = sink->unit_count};
    queue->tail = &queue->head;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->more, NULL);
    pthread_cond_init(&queue->less, NULL);
    /* Signals are the launcher's: none is handled here, and SIGPIPE and SIGXFSZ of a
     * write become EPIPE and EFBIG. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(&queue->thread, NULL, run, queue);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0)
        destroy(queue);
    return -rc;
}

int tf_queue_stop(struct tf_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->stopping = 1;
    pthread_cond_signal(&queue->more);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    destroy(queue);
    return atomic_load(&queue->error);
}
