/* ask.c - questions to a stopped guest. What it answers is checked: it may be damaged. */
#include "ask.h"

#include <errno.h>
#include <stdlib.h>

#define LIST_MAX (1u << 20) /* structures; more is nonsense */

void answers_free(struct answers *a)
{
    free(a->data);
    *a = (struct answers){0};
}

static int make_room(struct answers *a, size_t size, size_t more)
{
    if (a->count + more <= a->cap)
        return 0;
    size_t cap = 2 * a->cap + more;
    void *data = realloc(a->data, cap * size);
    if (!data)
        return -ENOMEM;
    a->data = data;
    a->cap = cap;
    return 0;
}

/* The piece that `number` asks for, behind what is there. 1: there is more; 0; or an error. */
static int ask_piece(struct machine *m, struct answers *a, enum rk_debug_command question,
                     uint64_t number, size_t size)
{
    size_t most = RK_DEBUG_ANSWER_MAX / size;
    int more, err = make_room(a, size, most);
    if (err)
        return err;
    int64_t got = machine_debug_ask(m, question, number, (char *)a->data + a->count * size, size,
                                    most, &more);
    if (got < 0)
        return (int)got;
    a->count += (size_t)got;
    return more && (!got || a->count > LIST_MAX) ? -EPROTO : more;
}

static int finish(struct answers *a, int err)
{
    if (err)
        a->count = 0;
    return err;
}

int ask_threads(struct machine *m, struct answers *a)
{
    int more;
    a->count = 0;
    do
        more = ask_piece(m, a, RK_DEBUG_ASK_THREADS, a->count, sizeof(struct rk_debug_thread));
    while (more > 0);
    for (size_t i = 0; i < a->count; i++) {
        struct rk_debug_thread *t = (struct rk_debug_thread *)a->data + i;
        t->name[sizeof(t->name) - 1] = 0;
    }
    return finish(a, more);
}

int ask_areas(struct machine *m, struct answers *a)
{
    int more;
    a->count = 0;
    do {
        const struct rk_map *list = a->data;
        uint64_t from = a->count ? list[a->count - 1].end : 0;
        more = ask_piece(m, a, RK_DEBUG_ASK_AREAS, from, sizeof(struct rk_map));
    } while (more > 0);
    return finish(a, more);
}

int ask_regs(struct machine *m, int32_t tid, struct rk_debug_stop *out)
{
    int64_t got =
        machine_debug_ask(m, RK_DEBUG_ASK_REGS, (uint32_t)tid, out, sizeof(*out), 1, NULL);
    if (got <= 0)
        return got ? (int)got : -ESRCH;
    return out->xstate_size > sizeof(out->xstate) ? -EPROTO : 0;
}

int ask_process(struct machine *m, struct rk_debug_process *out)
{
    int64_t got = machine_debug_ask(m, RK_DEBUG_ASK_PROCESS, 0, out, sizeof(*out), 1, NULL);
    if (got != 1)
        return got < 0 ? (int)got : -EPROTO;
    out->name[sizeof(out->name) - 1] = 0;
    out->exe[sizeof(out->exe) - 1] = 0;
    return 0;
}
