/* threads.c - which threads there are, and which of them the client means. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

#define LIST_MAX 65536
#define TEXT_MAX 256
#define ID_ROOM 32 /* characters of one thread in a list, at most */

void stub_put_thread(struct stub *s, int32_t tid)
{
    if (s->multiprocess)
        reply_text(&s->reply, "p%x.%x", (unsigned)s->ops->pid(s->self), (unsigned)tid);
    else
        reply_text(&s->reply, "%x", (unsigned)tid);
}

int stub_list_threads(struct stub *s)
{
    size_t count = s->ops->threads(s->self, NULL, 0);
    if (count > LIST_MAX)
        count = LIST_MAX;
    int32_t *tids = realloc(s->tids, (count + 1) * sizeof(*tids));
    if (!tids)
        return -ENOMEM;
    s->tids = tids;
    s->tid_count = s->ops->threads(s->self, tids, count);
    if (s->tid_count > count)
        s->tid_count = count;
    s->tid_next = 0;
    return 0;
}

static int exists(struct stub *s, int32_t tid)
{
    if (stub_list_threads(s))
        return 0;
    for (size_t i = 0; i < s->tid_count; i++)
        if (s->tids[i] == tid)
            return 1;
    return 0;
}

static void some_threads(struct stub *s)
{
    if (s->tid_next >= s->tid_count) {
        reply_text(&s->reply, "l");
        return;
    }
    for (char mark = 'm'; s->tid_next < s->tid_count; mark = ',') {
        if (s->reply.cap - s->reply.len < ID_ROOM)
            break;
        reply_text(&s->reply, "%c", mark);
        stub_put_thread(s, s->tids[s->tid_next++]);
    }
}

static void first_threads(struct stub *s, struct cursor *c)
{
    if (s->killed)
        reply_text(&s->reply, "l");
    else if (stub_list_threads(s))
        reply_error(&s->reply, ENOMEM);
    else
        some_threads(s);
}

static void next_threads(struct stub *s, struct cursor *c)
{
    some_threads(s);
}

static void current_thread(struct stub *s, struct cursor *c)
{
    reply_text(&s->reply, "QC");
    stub_put_thread(s, s->ops->current(s->self));
}

static void extra_info(struct stub *s, struct cursor *c)
{
    char text[TEXT_MAX];
    int32_t pid, tid;
    if (!take_thread(c, &pid, &tid) || !take_end(c))
        reply_error(&s->reply, EINVAL);
    else if (!s->ops->thread_text || s->ops->thread_text(s->self, tid, text, sizeof(text)))
        reply_error(&s->reply, ESRCH);
    else
        reply_hex_string(&s->reply, text);
}

/* H: which thread the packets of a kind are about. */
static void choose(struct stub *s, struct cursor *c)
{
    int32_t pid, tid;
    int general = take_char(c, 'g');
    if ((!general && !take_char(c, 'c')) || !take_thread(c, &pid, &tid) || !take_end(c)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    if (tid > 0 && !exists(s, tid)) {
        reply_error(&s->reply, ESRCH);
        return;
    }
    *(general ? &s->general : &s->control) = tid;
    reply_ok(&s->reply);
}

static void is_alive(struct stub *s, struct cursor *c)
{
    int32_t pid, tid;
    if (take_thread(c, &pid, &tid) && take_end(c) && exists(s, tid))
        reply_ok(&s->reply);
    else
        reply_error(&s->reply, ESRCH);
}

const struct stub_command stub_thread_commands[] = {
    {"qfThreadInfo", first_threads, 0},
    {"qsThreadInfo", next_threads, 0},
    {"qThreadExtraInfo,", extra_info, 1},
    {"qC", current_thread, 1},
    {"H", choose, 1},
    {"T", is_alive, 1},
    {NULL, NULL, 0},
};
