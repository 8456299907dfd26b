/*
 * door.c - the one door (door.h): writes events while recording, takes and checks them
 * while replaying.
 */
#include "door.h"
#include "debug.h"
#include "moment.h"
#include "points.h"
#include "task.h"

static u64 event_number; /* of the event last logged or consumed */
static u64 entries;

void door_count_entry(void)
{
    entries++;
    atomic_store_explicit(&plat_control()->entries, entries, memory_order_relaxed);
}

u64 door_entries(void)
{
    return entries;
}

u64 door_events(void)
{
    return event_number;
}

static void count_event(void)
{
    event_number++;
    atomic_store_explicit(&plat_control()->events, event_number, memory_order_relaxed);
}

/* In four chains, which the processor works on at once. */
static u64 regs_hash(void)
{
    const u64 *r = VCPU->gpr;
    u64 a = rk_mix(VCPU->rip, r[RAX]), b = rk_mix(r[RBX], r[RDX]);
    u64 c = rk_mix(r[RSI], r[RDI]), d = rk_mix(r[RBP], r[RSP]);
    a = rk_mix(a, r[R8]), b = rk_mix(b, r[R9]), c = rk_mix(c, r[R10]), d = rk_mix(d, r[R12]);
    a = rk_mix(a, r[R13]), b = rk_mix(b, r[R14]), c = rk_mix(c, r[R15]);
    return rk_mix(rk_mix(a, b), rk_mix(c, d));
}

static void event_here(struct rk_event *e, u32 kind, u32 nr)
{
    *e = (struct rk_event){
        .size = sizeof *e,
        .kind = (u16)kind,
        .tid = current_tid(),
        .nr = nr,
        .ticks = VCPU->ticks,
        .pc = VCPU->rip,
        .regs = regs_hash(),
    };
}

/* ---------------------------------------------------------------- recording */
/* A payload in the making: as many bytes as announced, cut into events of at most
 * RK_EVENT_PAYLOAD_CHUNK payload bytes. */
struct emit {
    struct rk_event head; /* copied for continuation events */
    u8 *at;               /* next byte in the ring */
    u64 room;             /* payload bytes left in the current event */
    u64 left;             /* payload bytes left after the current event */
    u64 size;             /* of the current event */
};

static void emit_open(struct emit *m)
{
    u64 n = MIN(m->left, RK_EVENT_PAYLOAD_CHUNK);
    m->left -= n;
    m->room = n;
    m->size = sizeof m->head + n;
    m->head.size = (u32)m->size;
    m->head.flags = (u16)((m->head.flags & ~RK_EVF_MORE) | (m->left ? RK_EVF_MORE : 0));
    u8 *p = plat_log_reserve(ALIGN_UP(m->size, 8));
    memset(p + ALIGN_DOWN(m->size, 8), 0, ALIGN_UP(m->size, 8) - ALIGN_DOWN(m->size, 8));
    __builtin_memcpy(p, &m->head, sizeof m->head);
    m->at = p + sizeof m->head;
}

static void emit_close(struct emit *m)
{
    count_event();
    plat_log_commit(ALIGN_UP(m->size, 8));
}

static void emit_begin(struct emit *m, const struct rk_event *e, u64 payload)
{
    m->head = *e;
    m->left = payload;
    emit_open(m);
}

static void emit_next(struct emit *m)
{
    emit_close(m);
    m->head.kind = RK_EV_DATA;
    m->head.check = 0;
    emit_open(m);
}

/* src may be guest memory that another mapping's owner truncates: then zeros go out. */
static void emit_bytes(struct emit *m, const void *src, u64 len)
{
    const u8 *p = src;
    while (len) {
        if (!m->room)
            emit_next(m);
        u64 n = MIN(len, m->room);
        if (copy_from_guest_or_kernel(m->at, p, n))
            memset(m->at, 0, n);
        m->at += n, p += n, m->room -= n, len -= n;
    }
}

static void emit_event(struct rk_event *e, const void *payload, u64 len)
{
    struct emit m;
    emit_begin(&m, e, len);
    emit_bytes(&m, payload, len);
    emit_close(&m);
}

static u64 lenptr_value(const struct out *o)
{
    u32 v = 0;
    if (!o->lenptr || copy_from_guest_or_kernel(&v, (void *)o->lenptr, 4))
        return 0;
    return v;
}

static void find_lengths(struct world *w, s64 result)
{
    u64 spread = result > 0 ? (u64)result : 0;
    for (u32 i = 0; i < w->nout; i++) {
        struct out *o = &w->out[i];
        o->len = 0;
        if (o->rule == OUT_ALWAYS)
            o->len = o->cap;
        else if (result < 0 || !o->addr)
            continue;
        else if (o->rule == OUT_FULL)
            o->len = o->cap;
        else if (o->rule == OUT_RESULT)
            o->len = MIN((u64)result * o->unit, o->cap);
        else if (o->rule == OUT_LENPTR)
            o->len = MIN(lenptr_value(o), o->cap);
        else
            o->len = MIN(spread, o->cap), spread -= o->len;
    }
}

/* Bytes that an answer takes in the log. */
static u64 payload_of(const struct world *w)
{
    u64 payload = 0;
    for (u32 i = 0; i < w->nout; i++)
        if (w->out[i].len)
            payload += sizeof(struct rk_seg) + ALIGN_UP(w->out[i].len, 8);
    return payload;
}

static struct rk_seg seg_of(const struct out *o)
{
    return (struct rk_seg){o->kernel ? 0 : o->addr, o->len};
}

static void emit_long(const struct rk_event *e, const struct world *w, u64 payload)
{
    struct emit m;
    emit_begin(&m, e, payload);
    for (u32 i = 0; i < w->nout; i++) {
        const struct out *o = &w->out[i];
        struct rk_seg seg = seg_of(o);
        if (!o->len)
            continue;
        emit_bytes(&m, &seg, sizeof seg);
        emit_bytes(&m, (const void *)o->addr, o->len);
        emit_bytes(&m, "\0\0\0\0\0\0\0", ALIGN_UP(o->len, 8) - o->len);
    }
    emit_close(&m);
}

/* An answer that fits into one event, as nearly all do: put together where it lies. */
static void emit_short(const struct rk_event *e, const struct world *w, u64 payload)
{
    u8 *p = plat_log_reserve(sizeof *e + payload), *at = p + sizeof *e;
    *(struct rk_event *)p = *e;
    ((struct rk_event *)p)->size = (u32)(sizeof *e + payload);
    for (u32 i = 0; i < w->nout; i++) {
        const struct out *o = &w->out[i];
        u64 room = ALIGN_UP(o->len, 8);
        if (!o->len)
            continue;
        *(struct rk_seg *)at = seg_of(o);
        at += sizeof(struct rk_seg);
        *(u64 *)(at + room - 8) = 0; /* the padding, if any */
        if (copy_from_guest_or_kernel(at, (const void *)o->addr, o->len))
            memset(at, 0, o->len);
        at += room;
    }
    count_event();
    plat_log_commit(sizeof *e + payload);
}

static s64 ask(const struct world *w)
{
    if (!(w->flags & WORLD_BLOCKS))
        return plat_world(w->nr, w->a);
    signal_tell_host();
    points_world_call();
    return plat_world_interruptible(w->nr, w->a);
}

static s64 record_world(struct world *w)
{
    struct rk_event e;
    s64 result = ask(w);
    find_lengths(w, result);
    u64 payload = payload_of(w);
    event_here(&e, RK_EV_SYSCALL, w->nr); /* the call has not changed the guest's registers */
    e.flags = w->flags & WORLD_INTERNAL ? RK_EVF_INTERNAL : 0;
    e.check = w->check;
    e.result = result;
    if (payload <= RK_EVENT_PAYLOAD_CHUNK)
        emit_short(&e, w, payload);
    else
        emit_long(&e, w, payload);
    return result;
}

/* ---------------------------------------------------------------- replaying */
static _Noreturn void log_ended(s64 status)
{
    struct rk_report r = {sizeof r, RK_REPORT_LOG_END, 0, current_tid(), 0, status, event_number};
    plat_report(&r, sizeof r);
    debug_end(RK_STOP_LOG_END, status);
    plat_exit(0);
}

static _Noreturn void diverged(const struct rk_event *expected, const struct rk_event *got,
                               const char *why)
{
    struct {
        struct rk_report r;
        struct rk_event expected, got;
        char text[200];
    } m = {{sizeof m, RK_REPORT_DIVERGED, 0, current_tid(), 0, 0, event_number}, *expected, *got, {0}};
    str_copy(m.text, why, sizeof m.text);
    plat_report(&m, sizeof m);
    debug_end(RK_STOP_DIVERGED, 0);
    plat_exit(0);
}

static s64 divert_world(struct world *w)
{
    s64 result = divert_answer(w);
    find_lengths(w, result);
    return result;
}

/* The next event, whole, or NULL at the end of the log. */
static const struct rk_event *peek_event(void)
{
    if (door_diverted())
        return NULL;
    const struct rk_event *e = plat_log_peek(sizeof *e);
    if (!e)
        return NULL;
    RK_CHECK(e->size >= sizeof *e && e->size <= RK_EVENT_MAX, e->size, e->kind);
    return plat_log_peek(ALIGN_UP(e->size, 8));
}

static void consume(const struct rk_event *e)
{
    count_event();
    plat_log_consume(ALIGN_UP(e->size, 8));
}

static const char *difference(const struct rk_event *e, const struct rk_event *got)
{
    if (e->kind != got->kind)
        return "another kind of event";
    if (e->tid != got->tid)
        return "another thread";
    if (e->nr != got->nr)
        return "another syscall, signal or object";
    if (e->pc != got->pc)
        return "another place in the program";
    if (e->regs != got->regs)
        return "other register contents";
    if (e->ticks != got->ticks && e->ticks != RK_TICKS_UNKNOWN && got->ticks != RK_TICKS_UNKNOWN)
        return "another tick count";
    if (e->check != got->check)
        return "other data given to the call";
    return NULL;
}

/* The next event, which must be the one that `got` describes. */
static const struct rk_event *take(const struct rk_event *got)
{
    const struct rk_event *e = peek_event();
    if (!e)
        log_ended(-1);
    if (e->kind == RK_EV_KILLED)
        log_ended(e->result);
    const char *why = difference(e, got);
    if (why)
        diverged(e, got, why);
    debug_before_event();
    return e;
}

/* Payload bytes of an event and its continuations, in order. */
struct take_cursor {
    const struct rk_event *e;
    const u8 *at;
    u64 room;
};

static void cursor_refill(struct take_cursor *c)
{
    struct rk_event want = *c->e;
    bool more = c->e->flags & RK_EVF_MORE;
    consume(c->e);
    want.kind = RK_EV_DATA;
    if (!more)
        diverged(&want, &want, "the recorded answer is shorter than the call's");
    c->e = peek_event();
    if (!c->e)
        log_ended(-1);
    if (c->e->kind != RK_EV_DATA)
        diverged(c->e, &want, "a continuation is missing");
    debug_before_event();
    c->at = (const u8 *)(c->e + 1);
    c->room = c->e->size - sizeof *c->e;
}

static void cursor_read(struct take_cursor *c, void *dst, u64 len, bool guest)
{
    u8 *d = dst;
    while (len) {
        if (!c->room)
            cursor_refill(c);
        u64 n = MIN(len, c->room);
        if (!guest)
            memcpy(d, c->at, n);
        else if (copy_to_guest((u64)d, c->at, n))
            diverged(c->e, c->e, "guest memory that was written is not writable");
        c->at += n, d += n, c->room -= n, len -= n;
    }
}

static struct out *find_out(struct world *w, const struct rk_seg *seg, u32 *from)
{
    for (u32 i = *from; i < w->nout; i++) {
        struct out *o = &w->out[i];
        if (o->addr && (o->kernel ? 0 : o->addr) == seg->addr && seg->len <= o->cap) {
            *from = i + 1;
            return o;
        }
    }
    return NULL;
}

static s64 replay_world(struct world *w)
{
    struct rk_event got;
    event_here(&got, RK_EV_SYSCALL, w->nr);
    got.check = w->check;
    struct take_cursor c = {take(&got), NULL, 0};
    s64 result = c.e->result;
    u32 from = 0;
    c.at = (const u8 *)(c.e + 1);
    c.room = c.e->size - sizeof got;
    while (c.room || c.e->flags & RK_EVF_MORE) {
        struct rk_seg seg;
        u64 pad;
        cursor_read(&c, &seg, sizeof seg, false);
        struct out *o = find_out(w, &seg, &from);
        if (!o)
            diverged(c.e, &got, "the recorded answer goes to another address");
        o->len = seg.len;
        cursor_read(&c, (void *)o->addr, seg.len, !o->kernel);
        cursor_read(&c, &pad, ALIGN_UP(seg.len, 8) - seg.len, false);
    }
    consume(c.e);
    return result;
}

s64 door_world(struct world *w)
{
    if (door_diverted())
        return divert_world(w);
    return recording() ? record_world(w) : replay_world(w);
}

s64 door_call(u32 nr, u64 a0, u64 a1, u64 a2, u64 a3)
{
    struct world w = {nr, WORLD_INTERNAL, {a0, a1, a2, a3}, 0, 0, NULL};
    return door_world(&w);
}

s64 door_call_out(u32 nr, u64 a0, u64 a1, u64 a2, u64 a3, void *buf, u64 len)
{
    struct out o = {.addr = (u64)buf, .cap = len, .rule = OUT_FULL, .kernel = 1};
    struct world w = {nr, WORLD_INTERNAL, {a0, a1, a2, a3}, 0, 1, &o};
    return door_world(&w);
}

/* A plain event without payload: written, or taken and checked. */
static s64 door_plain(u32 kind, u32 *nr, s64 value)
{
    struct rk_event e;
    if (door_diverted())
        return value;
    event_here(&e, kind, *nr);
    e.result = value;
    if (recording()) {
        emit_event(&e, NULL, 0);
        return value;
    }
    const struct rk_event *was = peek_event();
    if (was && was->kind == kind)
        e.nr = was->nr; /* part of the answer, not of the moment */
    was = take(&e);
    *nr = was->nr;
    value = was->result;
    consume(was);
    return value;
}

s64 door_value(u32 kind, u32 *nr, s64 value)
{
    return door_plain(kind, nr, value);
}

bool door_failed_then(s64 *result)
{
    struct rk_event got;
    if (recording())
        return false;
    const struct rk_event *e = peek_event();
    event_here(&got, RK_EV_HOST_FAIL, 0);
    if (!e || e->kind != RK_EV_HOST_FAIL || difference(e, &got))
        return false;
    debug_before_event();
    *result = e->result;
    consume(e);
    return true;
}

void door_machine_result(s64 result)
{
    u32 nr = 0;
    if (result >= 0 || door_diverted())
        return;
    RK_CHECK(recording(), result, VCPU->rip); /* this machine cannot do what the recorded could */
    door_plain(RK_EV_HOST_FAIL, &nr, result);
}

/* ------------------------------------------------------------ other events */
#define OBJECT_PATH_MAX 512

static s64 record_object(struct rk_object *obj, u32 id, const char *path, int host_fd, u32 *sites)
{
    char name[OBJECT_PATH_MAX] = {0};
    struct rk_event e;
    struct emit m;
    s64 r = plat_object_store(id, obj->generation, obj->offset, obj->len, host_fd, sites,
                              &obj->site_count);
    if (r < 0)
        obj->flags |= RK_OBJ_FAILED;
    obj->path_size = (u32)ALIGN_UP(str_copy(name, path, sizeof name) + 1, 8);
    u64 site_bytes = obj->site_count * sizeof *sites;
    event_here(&e, RK_EV_OBJECT, id);
    e.result = r;
    emit_begin(&m, &e, sizeof *obj + obj->path_size + site_bytes);
    emit_bytes(&m, obj, sizeof *obj);
    emit_bytes(&m, name, obj->path_size);
    emit_bytes(&m, sites, site_bytes);
    emit_close(&m);
    return r;
}

/* The sites out of the recorded payload. */
static void replay_sites(const struct rk_event *e, struct rk_object *obj, u32 *sites)
{
    const struct rk_object *was = (const void *)(e + 1);
    RK_CHECK(e->size >= sizeof *e + sizeof *was, e->size, 0);
    u64 at = sizeof *e + sizeof *was + was->path_size;
    obj->site_count = was->site_count;
    RK_CHECK(was->site_count <= RK_SITES_MAX && at + was->site_count * 4ull <= e->size, at, e->size);
    memcpy(sites, (const u8 *)e + at, was->site_count * 4ull);
}

s64 door_object(struct rk_object *obj, u32 *id, const char *path, int host_fd, int *fd,
                u32 *sites)
{
    struct rk_event got;
    *fd = -1;
    if (recording())
        return record_object(obj, *id, path, host_fd, sites);
    if (door_diverted())
        return -ENOSYS;
    event_here(&got, RK_EV_OBJECT, *id);
    const struct rk_event *e = take(&got);
    s64 r = e->result;
    replay_sites(e, obj, sites);
    consume(e);
    if (r < 0)
        return r;
    *fd = plat_object_fetch(*id, obj->generation);
    return *fd;
}

/* Signals taken inside a call (pause and its like) have no ticks of their own: they are
 * told from those taken when the call is over. */
static bool serving;

void door_serving(bool on)
{
    serving = on;
}

/* Set when the guest was brought to the moment that the next signal names. */
static bool moment_found;

/* The signal that was logged or taken last was named by a state. */
static bool last_by_state;

bool door_signal_by_state(void)
{
    return last_by_state;
}

void door_found_moment(void)
{
    moment_found = true;
}

static bool signal_is_due(const struct rk_event *e)
{
    if (e->flags & RK_EVF_ASYNC)
        return moment_found;
    if (serving)
        return e->ticks == RK_TICKS_UNKNOWN;
    if (e->ticks == RK_TICKS_UNKNOWN)
        return true; /* came while one named by its state was delivered: at the same place */
    if (e->ticks != VCPU->ticks)
        return e->ticks < VCPU->ticks;
    /* At a kernel exit the pc may still go back: a call that is made again after this. */
    return e->pc == VCPU->rip || (VCPU->ticks && e->pc < VCPU->rip);
}

static int replay_signal(u8 siginfo[128])
{
    const struct rk_event *e = peek_event();
    if (!e || e->kind != RK_EV_SIGNAL || e->check != entries || !signal_is_due(e))
        return 0; /* not yet */
    struct rk_event got;
    event_here(&got, RK_EV_SIGNAL, e->nr);
    got.ticks = serving ? RK_TICKS_UNKNOWN : got.ticks;
    got.check = entries;
    e = take(&got);
    RK_CHECK(e->size >= sizeof *e + 128, e->size, 0);
    last_by_state = e->flags & RK_EVF_ASYNC;
    __builtin_memcpy(siginfo, e + 1, 128);
    int signo = (int)e->nr;
    consume(e);
    const struct rk_event *next = peek_event();
    moment_found = moment_found && next && next->kind == RK_EV_SIGNAL && next->check == entries &&
                  next->flags & RK_EVF_ASYNC;
    return signo;
}

u64 door_regs_hash(void)
{
    return regs_hash();
}

const struct moment *door_next_moment(u64 *pc, u64 *regs)
{
    if (recording())
        return NULL;
    const struct rk_event *e = peek_event();
    if (!e || e->kind != RK_EV_SIGNAL || e->check != entries || !(e->flags & RK_EVF_ASYNC))
        return NULL;
    const struct moment *m = (const void *)((const u8 *)(e + 1) + 128);
    u64 size = e->size - MIN(e->size, (u32)sizeof *e + 128);
    RK_CHECK(size >= offsetof(struct moment, words) && m->count <= MOMENT_WORDS_MAX &&
                 size >= moment_size(m), size, 0);
    *pc = e->pc;
    *regs = e->regs;
    return m;
}

int door_signal_async(u8 siginfo[128], const struct moment *m)
{
    struct rk_event e;
    static u8 payload[128 + sizeof *m];
    int signo = plat_next_signal(siginfo);
    if (!signo)
        return 0;
    event_here(&e, RK_EV_SIGNAL, (u32)signo);
    e.flags = RK_EVF_ASYNC;
    e.check = entries;
    last_by_state = true;
    __builtin_memcpy(payload, siginfo, 128);
    __builtin_memcpy(payload + 128, m, moment_size(m));
    emit_event(&e, payload, 128 + moment_size(m));
    return signo;
}

bool door_next_stop(u64 *ticks, u64 *pc)
{
    if (recording())
        return false;
    const struct rk_event *e = peek_event();
    if (!e || e->kind != RK_EV_SIGNAL || e->check != entries || e->ticks == RK_TICKS_UNKNOWN)
        return false;
    *ticks = e->ticks;
    *pc = e->pc;
    return true;
}

int door_signal(u8 siginfo[128])
{
    struct rk_event e;
    if (!recording())
        return replay_signal(siginfo);
    int signo = plat_next_signal(siginfo);
    if (!signo)
        return 0;
    event_here(&e, RK_EV_SIGNAL, (u32)signo);
    e.ticks = serving ? RK_TICKS_UNKNOWN : e.ticks;
    e.check = entries;
    last_by_state = false;
    emit_event(&e, siginfo, 128);
    return signo;
}

static void door_text(u32 kind, const char *text)
{
    struct rk_event e;
    if (door_diverted())
        return;
    event_here(&e, kind, 0);
    e.check = hash_bytes(0, text, str_len(text));
    if (recording())
        emit_event(&e, text, str_len(text) + 1);
    else
        consume(take(&e));
}

static void report_text(u32 kind, const char *text)
{
    struct {
        struct rk_report r;
        char text[512];
    } m = {{0, (u16)kind, 0, current_tid(), 0, 0, event_number}, {0}};
    u64 n = str_copy(m.text, text, sizeof m.text);
    m.r.size = (u32)(sizeof m.r + n + 1);
    plat_report(&m, m.r.size);
}

void door_notice(const char *text)
{
    door_text(RK_EV_NOTICE, text);
    if (!(plat_control()->flags & RK_CTL_QUIET_NOTICES))
        report_text(RK_REPORT_NOTICE, text);
}

void door_exec(const char *path)
{
    door_text(RK_EV_EXEC, path);
    report_text(RK_REPORT_EXEC, path);
}

static _Noreturn void report_exit(int status)
{
    struct rk_report r = {sizeof r, RK_REPORT_EXIT, 0, current_tid(), 0, status, event_number};
    plat_report(&r, sizeof r);
    debug_end(RK_STOP_EXIT, status);
    plat_exit(status);
}

void door_exit(int status, bool async)
{
    struct rk_event e;
    event_here(&e, RK_EV_EXIT, 0);
    e.check = entries;
    e.result = status;
    if (recording()) {
        e.flags = async ? RK_EVF_ASYNC : 0;
        emit_event(&e, NULL, 0);
        report_exit(status);
    }
    if (door_diverted())
        report_exit(status);
    const struct rk_event *was = take(&e);
    if (was->result != status)
        diverged(was, &e, "another exit status");
    consume(was);
    report_exit(status);
}

/* The recorded guest was ended between two kernel entries: nothing it did after the
 * last one could be seen, so replay ends here too. */
void door_check_end(void)
{
    if (recording())
        return;
    const struct rk_event *e = peek_event();
    if (e && e->kind == RK_EV_SIGNAL && e->check < entries) {
        struct rk_event got;
        event_here(&got, RK_EV_SIGNAL, e->nr);
        got.check = entries;
        diverged(e, &got, "the moment of a signal has passed");
    }
    if (e && e->kind == RK_EV_KILLED && e->check <= entries)
        log_ended(e->result);
    if (!e || e->check != entries)
        return;
    if (e->kind == RK_EV_EXIT && e->flags & RK_EVF_ASYNC) {
        int status = (int)e->result;
        debug_before_event();
        consume(e);
        report_exit(status);
    }
}

void rk_panic(const char *what, u64 a, u64 b)
{
    char buf[320];
    struct text t = {buf, sizeof buf, 0};
    text_add(&t, "rekernel check failed: %s (%x, %x), guest rip %x, event %u", what, a, b,
             VCPU->rip, event_number);
    report_text(RK_REPORT_PANIC, buf);
    debug_end(RK_STOP_PANIC, 0);
    plat_exit(125 << 8);
}
