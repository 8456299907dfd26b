/* log.c - from the log ring into the trace, event by event, checked. */
#include "internal.h"

#include <string.h>

#define FLUSH_NS 200000000ull       /* events are in the file after this */
#define FLUSH_LATE_NS 3200000000ull /* at the latest, for a program that logs little */
#define FLUSH_LITTLE (256u << 10)   /* that is: less than this many bytes */

static size_t padded(size_t len)
{
    return (len + 7) & ~(size_t)7;
}

/* The guest's process may be hostile or damaged: an event is copied once, and the copy
 * is what is checked and stored. Bytes taken; 0: no whole event there, or nonsense. */
static size_t copy_event(struct recorder *r, const unsigned char *data, size_t n)
{
    struct rk_event head;
    if (n < sizeof(head))
        return 0;
    memcpy(&head, data, sizeof(head));
    if (head.size < sizeof(head) || head.size > RK_EVENT_MAX || !head.kind ||
        head.kind >= RK_EV_KIND_END || head.kind == RK_EV_KILLED) {
        recorder_say(r,
                     "event %llu of the program is malformed (kind %u, %u bytes): the recording "
                     "ends before it",
                     (unsigned long long)r->result->events + 1, head.kind, head.size);
        r->broken = r->log_broken = 1;
        return 0;
    }
    if (padded(head.size) > n)
        return 0;
    memcpy(r->event, data, head.size);
    memcpy(r->event, &head, sizeof(head));
    return padded(head.size);
}

static void store(struct recorder *r, const void *event, size_t len)
{
    r->result->events++;
    if (!r->unflushed)
        r->unflushed_ns = recorder_now();
    r->unflushed += len;
    if (!r->writer)
        return;
    int err = tf_writer_event(r->writer, event, len);
    if (err)
        recorder_stop_writing(r, err);
}

static void take(struct recorder *r)
{
    struct rk_event head;
    memcpy(&head, r->event, sizeof(head));
    store(r, r->event, head.size);
    if (head.kind == RK_EV_EXIT) {
        r->exited = 1;
        r->result->wait_status = (int)head.result;
    }
}

size_t recorder_drain_log(struct recorder *r)
{
    struct rk_ring *ring = &machine_control(r->machine)->log;
    size_t moved = 0;
    while (!r->log_broken) {
        size_t n, at = 0, len = 0;
        const unsigned char *data = ring_peek(r->machine, ring, &n);
        if (!data) {
            recorder_say(r, "the program damaged the log in memory: the recording ends here");
            r->broken = r->log_broken = 1;
        }
        /* Give room back in pieces, not event by event. */
        while (data && at < RK_RING_WAKE && (len = copy_event(r, data + at, n - at)) > 0) {
            take(r);
            at += len;
        }
        if (at)
            ring_consume(r->machine, ring, at);
        moved += at;
        if (!at || !len)
            break;
    }
    if (moved)
        r->last_event_ns = recorder_now();
    return moved;
}

void recorder_log_killed(struct recorder *r, int wait_status)
{
    struct rk_event e = {.size = sizeof(e),
                         .kind = RK_EV_KILLED,
                         .tid = r->options->boot->pid,
                         .ticks = RK_TICKS_UNKNOWN,
                         .result = wait_status,
                         .check = atomic_load(&machine_control(r->machine)->entries)};
    store(r, &e, sizeof(e));
    r->result->wait_status = wait_status;
}

/* A flush ends a frame, and small frames compress badly: a server that idles, but looks at
 * the clock ten times a second, would have one for each two looks. So while flushes find
 * little the next one waits twice as long; as soon as there is more, it does not. */
static uint64_t flush_delay(struct recorder *r)
{
    if (r->unflushed >= FLUSH_LITTLE || r->flush_ns < FLUSH_NS)
        r->flush_ns = FLUSH_NS;
    return r->flush_ns;
}

void recorder_flush_if_due(struct recorder *r)
{
    if (!r->unflushed || recorder_now() - r->unflushed_ns < flush_delay(r))
        return;
    if (r->unflushed < FLUSH_LITTLE && r->flush_ns < FLUSH_LATE_NS)
        r->flush_ns *= 2;
    r->unflushed = 0;
    int err = r->writer ? tf_writer_flush(r->writer) : 0;
    if (err)
        recorder_stop_writing(r, err);
}
