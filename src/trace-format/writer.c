/*
 * writer.c - the writer's own thread: fills frames with events and object records,
 * keeps them in order, and hands them to the compression thread.
 */
#include "trace-format/writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace-format/codec.h"
#include "trace-format/format.h"
#include "trace-format/record.h"
#include "trace-format/table.h"

#define FRAME_DEFAULT (512u << 10)   /* event bytes per frame */
#define OBJECTS_FRAME (64u << 10)    /* object bytes per frame */
#define BULK_EVENT (1u << 10)        /* mean event size from which a frame is bulk data */
#define CALLS_EVENT 192u             /* and below which it is calls and little else */
#define BLOB_BYTES_BEST (8u << 20)   /* blobs of a trace that get the best for its time */
#define BLOB_BYTES_GOOD (128u << 20) /* and those that get a good one */

struct tf_writer {
    struct tf_writer_options options; /* defaults filled in */
    struct tf_sink sink;
    struct tf_queue queue;
    struct tf_job *events;        /* frame being filled, or NULL */
    struct tf_job *objects;       /* the same for object records */
    struct tf_table blobs;        /* digest -> number in order of storing */
    struct tf_table object_names; /* (id, generation) */
    struct tf_writer_stats stats;
    uint64_t object_count;
};

/* ----------------------------------------------------------------- frames */

/* Zero level: decided by what is in the frame, not by how busy the thread is, so that
 * the same events always give the same file. Calls: what differs between events are hashes
 * and times, which no effort makes smaller. Over 300,000 readings of the clock level 3 takes
 * 75 ms for 3.56 MB, level 2 27 ms for 3.37 MB; over a redis under load 34 and 25 ms, 2.47
 * and 2.49 MB. */
static int event_profile(const struct tf_writer *w, const struct tf_job *job)
{
    size_t mean = job->size / job->unit.count;

    if (w->options.level != 0)
        return w->options.level;
    if (mean >= BULK_EVENT)
        return TF_PROFILE_BULK;
    return mean < CALLS_EVENT ? TF_PROFILE_CALLS : TF_PROFILE_EVENTS;
}

static int push_frame(struct tf_writer *w, struct tf_job **frame)
{
    struct tf_job *job = *frame;

    if (job == NULL)
        return 0;
    *frame = NULL;
    job->unit.length = (uint32_t)job->size;
    job->unit.profile =
        job->unit.kind == TF_KIND_EVENTS ? event_profile(w, job) : TF_PROFILE_EVENTS;
    return tf_queue_push(&w->queue, job);
}

/* Objects go first: the events may need them. */
static int push_frames(struct tf_writer *w)
{
    int rc = push_frame(w, &w->objects);
    int rc2 = push_frame(w, &w->events);

    return rc < 0 ? rc : rc2;
}

/* Room for `need` bytes at the end of *frame, in a new frame if need be. Sets *at. The
 * cut depends on `target` alone: a job's room may be larger, by chance of its reuse. */
static int frame_room(struct tf_writer *w, struct tf_job **frame, size_t need, size_t target,
                      unsigned char **at)
{
    int rc = 0;

    if (*frame != NULL && (*frame)->size + need > target)
        rc = push_frames(w);
    if (*frame == NULL) {
        *frame = tf_queue_job(&w->queue, need > target ? need : target);
        if (*frame == NULL)
            return -ENOMEM;
    }
    *at = (*frame)->data + (*frame)->size;
    return rc;
}

/* A job with a copy of `data`, of the given kind. */
static struct tf_job *copy_job(struct tf_writer *w, uint32_t kind, const void *data, size_t len)
{
    struct tf_job *job = tf_queue_job(&w->queue, len);

    if (job == NULL)
        return NULL;
    if (len > 0)
        memcpy(job->data, data, len);
    job->size = len;
    job->unit.kind = kind;
    job->unit.count = 1;
    job->unit.length = (uint32_t)len;
    job->unit.profile = TF_PROFILE_EVENTS;
    return job;
}

static int push_copy(struct tf_writer *w, uint32_t kind, const void *data, size_t len)
{
    struct tf_job *job;

    if (len > TF_HEADER_MAX)
        return TF_E_TOO_BIG;
    job = copy_job(w, kind, data, len);
    return job == NULL ? -ENOMEM : tf_queue_push(&w->queue, job);
}

/* ------------------------------------------------------------ open, close */

static int run_start(struct tf_sink *sink, struct tf_job *job)
{
    return tf_sink_start(sink);
}

static int run_finish(struct tf_sink *sink, struct tf_job *job)
{
    return tf_sink_finish(sink);
}

int tf_writer_later(struct tf_writer *w, int (*run)(struct tf_sink *, struct tf_job *),
                    const void *data, size_t len)
{
    struct tf_job *job = copy_job(w, 0, data, len);

    if (job == NULL)
        return -ENOMEM;
    job->run = run;
    return tf_queue_push(&w->queue, job);
}

/* Ends the thread, closes the file, frees everything. The queue's or close()'s error. */
static int destroy(struct tf_writer *w)
{
    int rc, rc2;

    if (w->events != NULL)
        tf_queue_drop(&w->queue, w->events);
    if (w->objects != NULL)
        tf_queue_drop(&w->queue, w->objects);
    rc = tf_queue_stop(&w->queue);
    rc2 = tf_sink_close(&w->sink);
    tf_table_free(&w->blobs);
    tf_table_free(&w->object_names);
    free(w);
    return rc < 0 ? rc : rc2;
}

static void set_options(struct tf_writer *w, const struct tf_writer_options *options)
{
    if (options != NULL)
        w->options = *options;
    if (w->options.frame_bytes == 0)
        w->options.frame_bytes = FRAME_DEFAULT;
    if (w->options.frame_bytes < TF_FRAME_MIN)
        w->options.frame_bytes = TF_FRAME_MIN;
    if (w->options.frame_bytes > TF_FRAME_MAX)
        w->options.frame_bytes = TF_FRAME_MAX;
}

/* The writer with its thread running, nothing written. Takes fd over. */
static int create(struct tf_writer **out, int fd, const struct tf_writer_options *options)
{
    struct tf_writer *w = calloc(1, sizeof(*w));
    int rc;

    if (w == NULL) {
        close(fd);
        return -ENOMEM;
    }
    set_options(w, options);
    rc = tf_sink_open(&w->sink, fd, w->options.max_size);
    if (rc == 0)
        rc = tf_queue_start(&w->queue, &w->sink);
    if (rc < 0) {
        tf_sink_close(&w->sink);
        free(w);
        return rc;
    }
    *out = w;
    return 0;
}

int tf_writer_open(struct tf_writer **out, int fd, const void *header, size_t len,
                   const struct tf_writer_options *options)
{
    struct tf_writer *w;
    int rc = create(&w, fd, options);

    if (rc < 0)
        return rc;
    rc = tf_writer_later(w, run_start, NULL, 0);
    if (rc == 0)
        rc = push_copy(w, TF_KIND_HEADER, header, len);
    if (rc == 0)
        rc = tf_queue_drain(&w->queue);
    if (rc < 0) {
        destroy(w);
        return rc;
    }
    *out = w;
    return 0;
}

int tf_writer_close(struct tf_writer *w, const void *footer, size_t len)
{
    int rc = push_frames(w);
    int rc2;

    if (rc == 0)
        rc = push_copy(w, TF_KIND_FOOTER, footer, len);
    if (rc == 0)
        rc = tf_writer_later(w, run_finish, NULL, 0);
    rc2 = destroy(w);
    return rc < 0 ? rc : rc2;
}

void tf_writer_abandon(struct tf_writer *w)
{
    destroy(w);
}

int tf_writer_flush(struct tf_writer *w)
{
    int rc = push_frames(w);

    return rc < 0 ? rc : tf_queue_drain(&w->queue);
}

void tf_writer_stats(struct tf_writer *w, struct tf_writer_stats *stats)
{
    pthread_mutex_lock(&w->queue.lock);
    w->stats.file_bytes = w->queue.file_bytes;
    w->stats.frames = w->queue.frames;
    pthread_mutex_unlock(&w->queue.lock);
    *stats = w->stats;
}

/* ----------------------------------------------------------------- events */

int tf_writer_event(struct tf_writer *w, const void *event, size_t len)
{
    size_t need = TF_EVENT_HEAD + (size_t)tf_round8(len);
    uint64_t head = len;
    unsigned char *at;
    int rc = atomic_load_explicit(&w->queue.error, memory_order_relaxed);

    if (rc < 0)
        return rc;
    if (len == 0 || len > TF_EVENT_MAX)
        return len == 0 ? -EINVAL : TF_E_TOO_BIG;
    rc = frame_room(w, &w->events, need, w->options.frame_bytes, &at);
    if (rc < 0)
        return rc;
    if (w->events->unit.count == 0) {
        w->events->unit.kind = TF_KIND_EVENTS;
        w->events->unit.first = w->stats.events + 1;
    }
    memset(at + need - 8, 0, 8); /* the padding, if any */
    memcpy(at, &head, sizeof(head));
    memcpy(at + sizeof(head), event, len);
    w->events->size += need;
    w->events->unit.count++;
    w->stats.events++;
    w->stats.event_bytes += len;
    return w->events->size >= w->options.frame_bytes ? push_frames(w) : 0;
}

/* ------------------------------------------------------------------ blobs */

uint32_t tf_writer_blob_number(struct tf_writer *w, const struct tf_digest *digest)
{
    return tf_table_get(&w->blobs, digest);
}

int tf_writer_has_blob(struct tf_writer *w, const struct tf_digest *digest)
{
    return tf_table_get(&w->blobs, digest) != TF_TABLE_NONE;
}

/* The more blobs there are, the less time each may take: a recording of a large program
 * must not wait seconds for its files. Depends on what was stored, never on the clock. */
static int blob_profile(const struct tf_writer *w)
{
    if (w->options.blob_level != 0)
        return w->options.blob_level;
    if (w->stats.blob_bytes < w->options.finest_bytes)
        return TF_PROFILE_FINEST;
    if (w->stats.blob_bytes < BLOB_BYTES_BEST)
        return TF_PROFILE_BLOB;
    return w->stats.blob_bytes < BLOB_BYTES_GOOD ? TF_PROFILE_EVENTS : TF_PROFILE_BULK;
}

/* Gives the blob that a job will store its number. The job is dropped where that fails. */
static int name_blob(struct tf_writer *w, const struct tf_digest *digest, size_t blob_len,
                     struct tf_job *job)
{
    if (tf_table_add(&w->blobs, digest, (uint32_t)w->stats.blobs) < 0) {
        tf_queue_drop(&w->queue, job);
        return -ENOMEM;
    }
    w->stats.blobs++;
    w->stats.blob_bytes += blob_len;
    return 0;
}

int tf_writer_blob_later(struct tf_writer *w, const struct tf_digest *digest, size_t blob_len,
                         int (*run)(struct tf_sink *, struct tf_job *),
                         void (*release)(struct tf_job *), const void *data, size_t len)
{
    struct tf_job *job;
    int rc;

    if (tf_writer_has_blob(w, digest))
        return 0;
    if (blob_len == 0 || blob_len > TF_BLOB_MAX || w->stats.blobs >= TF_UNIT_COUNT_MAX)
        return TF_E_TOO_BIG;
    job = copy_job(w, 0, data, len);
    if (job == NULL)
        return -ENOMEM;
    rc = name_blob(w, digest, blob_len, job);
    if (rc < 0)
        return rc;
    job->run = run;
    job->release = release;
    tf_queue_push(&w->queue, job); /* its error is the next call's too */
    return 1;
}

/* Queues a blob that the trace does not have; `packed` is 0 or the bytes of `data` as a
 * ready frame. */
static int push_blob(struct tf_writer *w, const struct tf_digest *digest, const void *data,
                     size_t len, size_t blob_len, size_t packed)
{
    struct tf_job *job;
    int rc;

    if (w->stats.blobs >= TF_UNIT_COUNT_MAX)
        return TF_E_TOO_BIG;
    job = copy_job(w, TF_KIND_BLOB, data, len);
    if (job == NULL)
        return -ENOMEM;
    job->unit.digest = *digest;
    job->unit.length = (uint32_t)blob_len;
    job->unit.packed = (uint32_t)packed;
    job->unit.profile = blob_profile(w);
    rc = name_blob(w, digest, blob_len, job);
    return rc < 0 ? rc : tf_queue_push(&w->queue, job);
}

int tf_writer_blob(struct tf_writer *w, const void *data, size_t len, struct tf_digest *digest)
{
    if (len == 0 || len > TF_BLOB_MAX)
        return len == 0 ? -EINVAL : TF_E_TOO_BIG;
    *digest = tf_digest(data, len);
    if (tf_writer_has_blob(w, digest))
        return atomic_load(&w->queue.error);
    return push_blob(w, digest, data, len, len, 0);
}

int tf_writer_blob_frame(struct tf_writer *w, const struct tf_digest *digest, const void *frame,
                         size_t frame_len, size_t blob_len)
{
    if (frame_len == 0 || blob_len == 0)
        return -EINVAL;
    if (blob_len > TF_BLOB_MAX || frame_len > tf_blob_bound(blob_len))
        return TF_E_TOO_BIG;
    if (tf_writer_has_blob(w, digest))
        return atomic_load(&w->queue.error);
    return push_blob(w, digest, frame, frame_len, blob_len, frame_len);
}

/* ---------------------------------------------------------------- objects */

/* Claims the name (id, generation): -EEXIST when taken, TF_E_NOT_FOUND when one of the
 * object's blobs is missing. */
static int claim_object(struct tf_writer *w, const struct tf_object *object)
{
    struct tf_digest name = {{object->id, object->generation}};

    if (w->object_count >= TF_OBJECT_COUNT_MAX)
        return TF_E_TOO_BIG;
    for (uint32_t i = 0; i < object->extent_count; i++)
        if (!tf_writer_has_blob(w, &object->extents[i].digest))
            return TF_E_NOT_FOUND;
    if (tf_table_get(&w->object_names, &name) != TF_TABLE_NONE)
        return -EEXIST;
    return tf_table_add(&w->object_names, &name, 0);
}

int tf_writer_object(struct tf_writer *w, const struct tf_object *object)
{
    unsigned char *at;
    size_t size;
    int rc = atomic_load(&w->queue.error);

    if (rc == 0)
        rc = tf_record_size(object, &size);
    if (rc == 0)
        rc = claim_object(w, object);
    if (rc == 0)
        rc = frame_room(w, &w->objects, size, OBJECTS_FRAME, &at);
    if (rc < 0)
        return rc;
    tf_record_make(at, object);
    if (w->objects->unit.count == 0) {
        w->objects->unit.kind = TF_KIND_OBJECTS;
        w->objects->unit.first = w->object_count;
    }
    w->objects->size += size;
    w->objects->unit.count++;
    w->object_count++;
    return 0;
}
