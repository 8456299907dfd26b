/* feed.c - from the trace into the log ring, event by event. */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static size_t padded(size_t len)
{
    return (len + 7) & ~(size_t)7;
}

static int event_ok(const struct rk_event *head, size_t len)
{
    return head->size == len && len <= RK_EVENT_MAX && head->kind && head->kind < RK_EV_KIND_END;
}

/* The next event of the trace, wherever another replay left the reader. */
static int read_event(struct replayer *r, const void **data, size_t *len)
{
    uint64_t *at = r->options->reader_at;
    int err = at && *at != r->next ? tf_reader_seek(r->reader, r->next) : 0;
    if (at)
        *at = 0;
    int got = err ? err : tf_reader_next(r->reader, data, len);
    r->next += got > 0;
    if (at && got >= 0)
        *at = r->next;
    return got;
}

/* Reads the next event into r->event. 1, 0 at the end, or an error. */
static int fetch(struct replayer *r)
{
    const void *data;
    size_t len;
    int got = read_event(r, &data, &len);
    if (got <= 0)
        return got;
    if (len < sizeof(r->last))
        return TF_E_CORRUPT;
    memcpy(&r->last, data, sizeof(r->last));
    if (!event_ok(&r->last, len))
        return TF_E_CORRUPT;
    memset(r->event + len, 0, padded(len) - len);
    memcpy(r->event, data, len);
    r->event_len = padded(len);
    r->object_sent = 0;
    return 1;
}

static int finish(struct replayer *r)
{
    ring_close(r->machine, &machine_control(r->machine)->log);
    r->fed_all = 1;
    return 0;
}

static int has_snapshot(const struct replayer *r, struct rk_object *o)
{
    if (r->last.kind != RK_EV_OBJECT || r->last.size < sizeof(r->last) + sizeof(*o))
        return 0;
    memcpy(o, r->event + sizeof(r->last), sizeof(*o));
    return !(o->flags & RK_OBJ_FAILED);
}

/* The file goes ahead of its event. 0 done, -EAGAIN: later, or an error. */
static int send_object(struct replayer *r)
{
    struct rk_object o;
    if (r->object_sent || !has_snapshot(r, &o))
        return 0;
    if (r->object_fd < 0) {
        r->object_fd = replay_object_fd(r, r->last.nr, o.generation);
        if (r->object_fd < 0)
            return r->object_fd;
    }
    struct rk_msg msg = {.kind = RK_MSG_OBJECT_FD, .id = r->last.nr, .generation = o.generation};
    int err = machine_send(r->machine, &msg, r->object_fd);
    if (err == -ETOOMANYREFS) /* too many files on their way: as good as a full socket */
        err = -EAGAIN;
    if (err != -EAGAIN) {
        close(r->object_fd);
        r->object_fd = -1;
        r->object_sent = 1;
    }
    return err;
}

/* One event. 1 put, 0 no room or no more, or an error. */
static int feed_one(struct replayer *r)
{
    int got = r->event_len ? 1 : fetch(r);
    if (got <= 0)
        return got < 0 ? got : finish(r);
    if (r->last.kind == RK_EV_KILLED && !r->feed_killed) {
        r->held_back = 1;
        return finish(r);
    }
    int err = send_object(r);
    if (!err)
        err = ring_put(r->machine, &machine_control(r->machine)->log, r->event, r->event_len, 0);
    if (err == -EPIPE || err == -ECONNRESET)
        return 0; /* the guest is gone, or on its way: what became of it others tell */
    if (err)
        return err == -EAGAIN || err == -ETIMEDOUT ? 0 : err;
    r->fed++;
    return 1;
}

static int far_enough(struct replayer *r)
{
    size_t unread = RK_LOG_RING_SIZE - ring_room(r->machine, &machine_control(r->machine)->log);
    return r->ahead && unread >= r->ahead;
}

int64_t replay_feed(struct replayer *r)
{
    int64_t total = 0;
    while (!r->fed_all && !far_enough(r)) {
        size_t len;
        int put = feed_one(r);
        if (put < 0)
            return put;
        if (!put)
            break;
        len = r->event_len;
        r->event_len = 0;
        total += (int64_t)len;
    }
    if (total && r->ahead && r->ahead < RK_LOG_RING_SIZE)
        r->ahead *= 2;
    return total;
}
