/* diversion.c - throw-away copies of the present. */
#include "timeline_internal.h"

#include <errno.h>
#include <stdlib.h>

struct diversion {
    struct timeline *t;
    struct replay_session *session;
};

/* At the end of history nothing can run any more: the copy is one of the moment before the
 * instruction that ended it, and gets the registers of the end. */
static int copy_present(struct timeline *t, struct replay_session **out)
{
    struct timeline_mark here = timeline_here(t);
    int at_end = RK_STOP_IS_END(t->stop.reason);
    if (at_end)
        here.in_kernel = here.signal = 0;
    int err = travel_again(t, &here, out);
    if (!err)
        err = replay_session_divert(*out);
    return err || !at_end ? err : replay_session_set_regs(*out, &t->stop);
}

int diversion_begin(struct diversion **out, struct timeline *t)
{
    struct diversion *d;
    *out = NULL;
    if (t->diversion)
        return -EBUSY;
    if (!t->live)
        return -EIO;
    d = calloc(1, sizeof(*d));
    if (!d)
        return -ENOMEM;
    int err = copy_present(t, &d->session);
    if (err) {
        replay_session_close(d->session);
        free(d);
        return err;
    }
    d->t = t;
    t->diversion = d;
    *out = d;
    return 0;
}

void diversion_end(struct diversion *d)
{
    if (!d)
        return;
    replay_session_close(d->session);
    d->t->diversion = NULL;
    free(d);
}

const struct rk_debug_stop *diversion_where(const struct diversion *d)
{
    return replay_session_where(d->session);
}

ssize_t diversion_read(struct diversion *d, uint64_t addr, void *buf, size_t len)
{
    return replay_session_read(d->session, addr, buf, len);
}

ssize_t diversion_write(struct diversion *d, uint64_t addr, const void *buf, size_t len)
{
    return replay_session_write(d->session, addr, buf, len);
}

int diversion_set_regs(struct diversion *d, const struct rk_debug_stop *regs)
{
    return replay_session_set_regs(d->session, regs);
}

int diversion_break_add(struct diversion *d, uint64_t pc)
{
    return replay_session_break_add(d->session, pc);
}

int diversion_break_del(struct diversion *d, uint64_t pc)
{
    return replay_session_break_del(d->session, pc);
}

int diversion_continue(struct diversion *d)
{
    atomic_store(&d->t->interrupt, 0);
    return travel_divert(d->t, d->session, &(struct travel){.command = TRAVEL_CONTINUE});
}

int diversion_step(struct diversion *d, uint64_t count)
{
    atomic_store(&d->t->interrupt, 0);
    return travel_divert(d->t, d->session,
                         &(struct travel){.command = TRAVEL_STEP, .number = count});
}
