/*
 * queue.h - hands work from the writer's thread to its compression thread, and holds
 * the writer back when that falls behind. Private to src/trace-format.
 */
#ifndef RRL_TRACE_QUEUE_H
#define RRL_TRACE_QUEUE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "trace-format/sink.h"

/* One piece of work with the bytes it needs; owned by whoever holds it. */
struct tf_job {
    struct tf_job *next;
    struct tf_unit unit;                                  /* .data is filled in by tf_queue_push */
    int (*run)(struct tf_sink *sink, struct tf_job *job); /* NULL: store the unit */
    void (*release)(struct tf_job *job); /* or NULL: called when the job is done or dropped */
    size_t size, cap;                                     /* bytes used of and room in data */
    _Alignas(16) unsigned char data[];
};

struct tf_queue {
    pthread_mutex_t lock;
    pthread_cond_t more; /* for the thread: a job, or the end */
    pthread_cond_t less; /* for the writer: a job is done */
    pthread_t thread;
    struct tf_job *head, **tail;
    struct tf_job *spare; /* finished jobs, to be used again */
    unsigned spares;
    size_t bytes;  /* of jobs waiting or in work */
    unsigned jobs; /* waiting or in work */
    int stopping;
    _Atomic int error; /* first failure; later jobs are dropped */
    struct tf_sink *sink;
    uint64_t file_bytes, frames; /* as of the last job done */
};

/* Starts the thread; it alone uses `sink` until tf_queue_stop. 0 or -errno. */
int tf_queue_start(struct tf_queue *queue, struct tf_sink *sink);
/* A job with room for `need` bytes, or NULL. */
struct tf_job *tf_queue_job(struct tf_queue *queue, size_t need);
/* Gives a job to the thread; waits while it is too far behind. Returns the queue's
 * error so far. The job is gone, whatever is returned. */
int tf_queue_push(struct tf_queue *queue, struct tf_job *job);
/* Puts a job back that is not to be pushed. */
void tf_queue_drop(struct tf_queue *queue, struct tf_job *job);
/* Waits until every job is done. Returns the queue's error so far. */
int tf_queue_drain(struct tf_queue *queue);
/* Drains, ends the thread and frees the jobs. Returns the queue's error. */
int tf_queue_stop(struct tf_queue *queue);

#endif
