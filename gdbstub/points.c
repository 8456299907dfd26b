/* points.c - Z and z, QCatchSyscalls, QPassSignals: where the target is to stop. */
#include "internal.h"
#include "signals.h"

#include <errno.h>
#include <string.h>

enum { Z_SOFTWARE, Z_HARDWARE, Z_WRITE, Z_READ, Z_ACCESS };

#define CONDITIONS_MAX 64
#define CONDITION_BYTES 16384
#define SYSCALLS_MAX 1024

static struct stub_point *find(struct stub *s, unsigned type, uint64_t addr, uint64_t len)
{
    for (size_t i = 0; i < s->point_count; i++) {
        struct stub_point *p = &s->points[i];
        if (p->type == type && p->addr == addr && (type <= Z_HARDWARE || p->len == len))
            return p;
    }
    return NULL;
}

/* ------------------------------------------------------------------ conditions */
struct conditions {
    const void *code[CONDITIONS_MAX];
    size_t length[CONDITIONS_MAX], count;
};

/* Xlen,bytes: one agent expression. Its bytes go to *room. */
static int take_condition(struct cursor *c, struct conditions *to, unsigned char **room,
                          const unsigned char *end)
{
    uint64_t len;
    if (!take_char(c, 'X') || !take_hex(c, &len) || !take_char(c, ',') ||
        to->count == CONDITIONS_MAX || len == 0 || len > (uint64_t)(end - *room) ||
        (uint64_t)(c->end - c->at) < 2 * len)
        return 0;
    struct cursor digits = {c->at, c->at + 2 * len};
    if (take_bytes(&digits, *room, len) != (long)len)
        return 0;
    to->code[to->count] = *room;
    to->length[to->count++] = len;
    *room += len;
    c->at = digits.at;
    return 1;
}

/* ";X..X.." and ";cmds:...", of which we ignore the latter: it is not advertised. */
static int take_conditions(struct stub *s, struct cursor *c, struct conditions *to)
{
    unsigned char *room = s->scratch;
    to->count = 0;
    while (take_char(c, ';')) {
        if (take_word(c, "cmds:"))
            return 1;
        while (c->at < c->end && *c->at == 'X')
            if (!take_condition(c, to, &room, s->scratch + CONDITION_BYTES))
                return 0;
    }
    return take_end(c);
}

/* ---------------------------------------------------------------- insert, remove */
static int insert(struct stub *s, unsigned type, uint64_t addr, uint64_t len,
                  const struct conditions *conditions)
{
    if (type <= Z_HARDWARE)
        return s->ops->break_add(s->self, addr, conditions->code, conditions->length,
                                 conditions->count);
    return s->ops->watch_add(s->self, addr, len, (enum target_watch)type);
}

/* One breakpoint of the target may stand for a software and a hardware one. */
static int remove_point(struct stub *s, const struct stub_point *p)
{
    if (p->type > Z_HARDWARE)
        return s->ops->watch_del(s->self, p->addr, p->len, (enum target_watch)p->type);
    if (find(s, p->type == Z_SOFTWARE ? Z_HARDWARE : Z_SOFTWARE, p->addr, 0))
        return 0;
    return s->ops->break_del(s->self, p->addr);
}

static int supported(const struct stub *s, unsigned type)
{
    return type <= Z_HARDWARE ? s->ops->break_add != NULL : s->ops->watch_add != NULL;
}

static int take_point(struct cursor *c, uint64_t *type, uint64_t *addr, uint64_t *len)
{
    return take_hex(c, type) && take_char(c, ',') && take_pair(c, addr, ',', len) &&
           *type <= Z_ACCESS;
}

static void add(struct stub *s, struct cursor *c)
{
    struct conditions conditions;
    uint64_t type, addr, len;
    if (!take_point(c, &type, &addr, &len) || !take_conditions(s, c, &conditions) ||
        (type >= Z_WRITE && (len == 0 || addr + len < addr))) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    if (!supported(s, (unsigned)type))
        return;
    struct stub_point *old = find(s, (unsigned)type, addr, len);
    int err = !old && s->point_count == STUB_POINTS_MAX ? -ENOSPC : 0;
    if (!err && !(old && type >= Z_WRITE))
        err = insert(s, (unsigned)type, addr, len, &conditions);
    if (!err && !old)
        s->points[s->point_count++] = (struct stub_point){addr, len, (unsigned)type};
    if (err)
        reply_error(&s->reply, err);
    else
        reply_ok(&s->reply);
}

static void del(struct stub *s, struct cursor *c)
{
    uint64_t type, addr, len;
    if (!take_point(c, &type, &addr, &len)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    if (!supported(s, (unsigned)type))
        return;
    struct stub_point *p = find(s, (unsigned)type, addr, len);
    if (p) {
        remove_point(s, p);
        *p = s->points[--s->point_count];
    }
    reply_ok(&s->reply);
}

void stub_clear_points(struct stub *s)
{
    while (s->point_count) {
        struct stub_point last = s->points[--s->point_count];
        remove_point(s, &last);
    }
}

void stub_clear_stops(struct stub *s)
{
    stub_clear_points(s);
    if (s->ops->catch_syscalls)
        s->ops->catch_syscalls(s->self, 0, NULL, 0);
    if (s->ops->pass_signals)
        s->ops->pass_signals(s->self, 0);
}

/* ------------------------------------------------------------- calls and signals */
/* "0", "1" (all), or "1;NR;NR..." */
static void catch_syscalls(struct stub *s, struct cursor *c)
{
    uint32_t numbers[SYSCALLS_MAX];
    size_t count = 0;
    uint64_t on, number;
    if (!s->ops->catch_syscalls)
        return;
    int good = take_hex(c, &on) && on <= 1;
    while (good && take_char(c, ';')) {
        good = on && count < SYSCALLS_MAX && take_hex(c, &number) && number <= UINT32_MAX;
        if (good)
            numbers[count++] = (uint32_t)number;
    }
    int err =
        good && take_end(c) ? s->ops->catch_syscalls(s->self, (int)on, numbers, count) : -EINVAL;
    if (err)
        reply_error(&s->reply, err);
    else
        reply_ok(&s->reply);
}

/* "SIG;SIG...", maybe empty, in GDB's numbers. */
static void pass_signals(struct stub *s, struct cursor *c)
{
    uint64_t mask = 0, number;
    if (!s->ops->pass_signals)
        return;
    while (take_hex(c, &number)) {
        int n = number < 256 ? signal_from_gdb((int)number) : 0;
        if (n)
            mask |= 1ull << (n - 1);
        if (!take_char(c, ';'))
            break;
    }
    int err = take_end(c) ? s->ops->pass_signals(s->self, mask) : -EINVAL;
    if (err)
        reply_error(&s->reply, err);
    else
        reply_ok(&s->reply);
}

const struct stub_command stub_point_commands[] = {
    {"Z", add, 1},
    {"z", del, 1},
    {"QCatchSyscalls:", catch_syscalls, 0},
    {"QPassSignals:", pass_signals, 0},
    {NULL, NULL, 0},
};
