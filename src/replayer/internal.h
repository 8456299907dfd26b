/* internal.h - what the files of the replayer share. */
#ifndef RRL_REPLAYER_INTERNAL_H
#define RRL_REPLAYER_INTERNAL_H

#include "replayer.h"

/* What a trace's header says, as replay needs it. Owned: free with replay_setup_free. */
struct replay_setup {
    struct rk_boot *boot;
    struct machine_image image; /* data NULL: the built-in image is the right one */
    void *image_copy;
    enum rk_vcpu_mode recorded_mode;
};

struct replayer {
    struct tf_reader *reader;
    const struct replay_options *options;
    struct replay_result *result;
    struct replay_setup setup;
    struct machine *machine;
    /* feed.c: the event that goes into the ring next, padded with zeros */
    unsigned char *event;
    size_t event_len; /* padded; 0: none read yet */
    int object_fd;    /* snapshot made but not sent yet, or -1 */
    int object_sent;  /* the snapshot of this event is on its way */
    int fed_all;      /* the ring is closed: nothing will follow */
    unsigned char *blob;
    struct rk_event last; /* the trace's last event, valid once fed_all */
    uint64_t next;        /* number of the event that is read next */
    uint64_t fed;         /* events put into the ring */
    uint64_t ahead;       /* bytes that may lie in the ring unread; grows; 0: as many as fit */
    uint64_t held_back;   /* events at the end that are the launcher's own */
    int feed_killed;      /* the guest itself is to see how the program was killed */
    int ended;            /* *result is final */
    /* run.c */
    uint64_t progress_ns, moved_ns, seen_events, seen_entries;
};

/* open.c: all that a replay needs, from reader, options and result; the guest runs then.
 * 0, or *result says why not. Free with replay_free in both cases. */
int replay_open(struct replayer *r);
void replay_free(struct replayer *r);
/* A copy of `from`, which has stopped after `event` events: with a machine of its own and the
 * same options, which must share the reader. 0 or -errno. */
int replay_copy(struct replayer *r, struct replayer *from, uint64_t event, int fresh);

/* outcome.c: makes *result final, unless it is; and does so if a report, or the death of the
 * guest process, says how the replay ended. */
void replay_ends(struct replayer *r, enum replay_end how, int error);
void replay_on_report(void *ctx, const struct rk_report *report, size_t len);
void replay_check_death(struct replayer *r);

/* setup.c: header, boot block, image, processor. 0, or *result is filled in. */
int replay_setup_load(struct replayer *r);
void replay_setup_free(struct replay_setup *s);

/* feed.c: puts events into the ring until it is full or the trace ends. Bytes put, or a
 * negative error (TF_E_* or -errno). */
int64_t replay_feed(struct replayer *r);

/* object.c: a memory file with the snapshot's contents, or a negative error. */
int replay_object_fd(struct replayer *r, uint32_t id, uint32_t generation);

#endif
