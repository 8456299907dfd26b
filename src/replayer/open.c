/* open.c - from a trace to a machine that runs, and back. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int start(struct replayer *r)
{
    struct machine_config config = {.mode = RK_MODE_REPLAY,
                                    .vcpu_mode = r->options->vcpu_mode == RK_VCPU_AUTO &&
                                                         !r->options->vcpu_given
                                                     ? r->setup.recorded_mode
                                                     : r->options->vcpu_mode,
                                    .flags = r->options->flags,
                                    .image = r->setup.image,
                                    .boot = r->setup.boot};
    int err = machine_create(&r->machine, &config);
    if (!err)
        err = machine_start(r->machine);
    if (err)
        replay_ends(r, REPLAY_HOST_FAILED, err);
    return err;
}

static int allocate(struct replayer *r)
{
    r->event = malloc(RK_EVENT_MAX + 8);
    r->blob = malloc(TF_BLOB_MAX);
    if (r->event && r->blob)
        return 0;
    replay_ends(r, REPLAY_HOST_FAILED, -ENOMEM);
    return -ENOMEM;
}

static int rewind_trace(struct replayer *r)
{
    struct tf_info info;
    tf_reader_info(r->reader, &info);
    r->result->total_events = info.events;
    int err = tf_reader_seek(r->reader, 1);
    r->next = 1;
    if (r->options->reader_at)
        *r->options->reader_at = err ? 0 : 1;
    if (err)
        replay_ends(r, REPLAY_BAD_TRACE, err);
    return err;
}

int replay_open(struct replayer *r)
{
    memset(r->result, 0, sizeof(*r->result));
    r->object_fd = -1;
    if (allocate(r) || rewind_trace(r) || replay_setup_load(r))
        return -1;
    return start(r);
}

/* Feeding begins with little: most copies run not far. */
#define AHEAD_FIRST (16u << 10)

int replay_copy(struct replayer *r, struct replayer *from, uint64_t event, int fresh)
{
    *r = (struct replayer){.reader = from->reader,
                           .options = from->options,
                           .result = from->result,
                           .setup = {.recorded_mode = from->setup.recorded_mode},
                           .object_fd = -1,
                           .next = event + 1,
                           .fed = event,
                           .ahead = AHEAD_FIRST,
                           .feed_killed = from->feed_killed};
    r->event = malloc(RK_EVENT_MAX + 8);
    r->blob = malloc(TF_BLOB_MAX);
    if (!r->event || !r->blob)
        return -ENOMEM;
    return machine_clone(from->machine, fresh, &r->machine);
}

void replay_free(struct replayer *r)
{
    machine_destroy(r->machine);
    replay_setup_free(&r->setup);
    if (r->object_fd >= 0)
        close(r->object_fd);
    free(r->event);
    free(r->blob);
}
