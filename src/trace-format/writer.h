/*
 * writer.h - doors of the writer for other parts of src/trace-format.
 */
#ifndef RRL_TRACE_WRITER_H
#define RRL_TRACE_WRITER_H

#include "trace-format/queue.h"

/* Number of a stored blob, an index of tf_sink.blobs, or TF_TABLE_NONE. */
uint32_t tf_writer_blob_number(struct tf_writer *w, const struct tf_digest *digest);
/* Has `run` called on the writer's thread, after all that was given before, with a
 * job that holds a copy of `data`. A negative result of `run` ends the trace. */
int tf_writer_later(struct tf_writer *w, int (*run)(struct tf_sink *, struct tf_job *),
                    const void *data, size_t len);

/* Stores a blob of `blob_len` bytes by calling `run` there, which puts it into the sink, and
 * `release` after it, or when nothing is stored any more. 1: queued; 0: the trace has that blob;
 * else an error: `release` is not called then, nor for 0. */
int tf_writer_blob_later(struct tf_writer *w, const struct tf_digest *digest, size_t blob_len,
                         int (*run)(struct tf_sink *, struct tf_job *),
                         void (*release)(struct tf_job *), const void *data, size_t len);

#endif
