/* internal.h - what the files of the recorder share. */
#ifndef RRL_RECORDER_INTERNAL_H
#define RRL_RECORDER_INTERNAL_H

#include "recorder.h"
#include "revisor/supervise.h"
#include "trace-format/blobcache.h"
#include "trace-format/trace.h"

#define OBJECT_IDS_MAX 65536u /* files that one recording can map */
#define NOTICES_MAX 256       /* different notices that are told apart */

struct recorder {
    const struct record_options *options;
    struct record_result *result;
    struct machine *machine;
    struct supervisor supervisor;
    struct tf_writer *writer;   /* NULL: nothing is written (any more) */
    struct tf_blobcache *cache; /* NULL: none */
    unsigned char *event;       /* private copy of the event at hand, RK_EVENT_MAX bytes */
    uint64_t start_ns, last_event_ns;
    uint64_t unflushed;    /* bytes of events that may not be in the file yet */
    uint64_t unflushed_ns; /* since when */
    uint64_t flush_ns;     /* how long they may wait while they are few */
    int exited;         /* RK_EV_EXIT was seen */
    int broken;         /* the guest's data made no sense: end it */
    int log_broken;     /* ... and that was the log: nothing more can be read from it */
    int panicked;
    int socket_gone;
    uint64_t deadline_ns; /* when the program is signalled next; 0: never */
    int timed_out;        /* SIGTERM has been sent for that */
    /* snapshots taken, by object id; blob buffer */
    uint32_t *generations;
    uint32_t generation_room;
    unsigned char *chunk;
    uint32_t sites[RK_SITES_MAX];
    uint64_t notices[NOTICES_MAX];
    int notice_count;
};

uint64_t recorder_now(void); /* monotonic nanoseconds */
void recorder_say(struct recorder *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The trace cannot be written any more: says so once and lets the program run on. */
void recorder_stop_writing(struct recorder *r, int err);

/* header.c: opens the writer with the trace's header; text of the footer. */
int recorder_open_trace(struct recorder *r);
void recorder_close_trace(struct recorder *r);

/* log.c: moves all committed events into the trace; returns bytes moved. */
size_t recorder_drain_log(struct recorder *r);
/* Notes that the guest process vanished without saying goodbye. */
void recorder_log_killed(struct recorder *r, int wait_status);
void recorder_flush_if_due(struct recorder *r);

/* objects.c: answers the snapshot requests that wait on the socket. */
void recorder_serve_objects(struct recorder *r);

/* notices.c: reports. */
void recorder_drain_reports(struct recorder *r);

#endif
