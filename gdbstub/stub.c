/* stub.c - one session: takes packets, finds their handlers, sends the answers. */
#include "stub.h"
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 200 /* how often an idle session asks whether to quit */

static const struct stub_command *const tables[] = {
    stub_resume_commands, stub_register_commands, stub_memory_commands,  stub_search_commands,
    stub_tls_commands,    stub_point_commands,    stub_xfer_commands,    stub_query_commands,
    stub_thread_commands, stub_file_commands,     stub_process_commands,
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* A name that ends in a letter must not go on in the packet: "qC" is not "qCRC". One-letter
 * packets have their fields right behind the letter. */
static int is_named(const struct stub_command *command, const struct cursor *c)
{
    size_t len = strlen(command->name), there = (size_t)(c->end - c->at);
    if (there < len || memcmp(c->at, command->name, len) != 0)
        return 0;
    if (len == 1 || there == len)
        return 1;
    char last = command->name[len - 1], next = c->at[len];
    return strchr(":;,", last) || strchr(":;,?", next);
}

static const struct stub_command *find(const struct cursor *c)
{
    for (size_t t = 0; t < TABLES; t++)
        for (const struct stub_command *command = tables[t]; command->name; command++)
            if (is_named(command, c))
                return command;
    return NULL;
}

static void say_log(struct stub *s, const char *direction, const void *data, size_t len)
{
    if (s->options->log)
        s->options->log(s->options->arg, direction, data, len);
}

static void send_reply(struct stub *s)
{
    if (s->silent)
        return;
    if (s->reply.full)
        reply_error(&s->reply, ENOBUFS);
    say_log(s, "<", s->reply.data, s->reply.len);
    if (packet_put(&s->packets, s->reply.data, s->reply.len) == -EMSGSIZE) {
        reply_error(&s->reply, ENOBUFS);
        packet_put(&s->packets, s->reply.data, s->reply.len);
    }
}

static void answer(struct stub *s)
{
    struct cursor c = {s->packets.data, s->packets.data + s->packets.len};
    const struct stub_command *command = find(&c);
    s->reply.len = 0;
    s->reply.full = s->silent = 0;
    say_log(s, ">", s->packets.data, s->packets.len);
    if (command && command->needs_program && s->killed) {
        reply_error(&s->reply, ESRCH);
    } else if (command) {
        c.at += strlen(command->name);
        command->handle(s, &c);
    }
    send_reply(s);
    s->packets.no_ack |= s->no_ack;
}

static int quit(struct stub *s)
{
    return s->options->quit && s->options->quit(s->options->arg);
}

static void finish(struct stub *s, enum gdbstub_end end)
{
    s->over = 1;
    s->end = end;
}

static void one_packet(struct stub *s)
{
    switch (packet_get(&s->packets, LOOK_MS)) {
    case PACKET_DATA:
        answer(s);
        break;
    case PACKET_TOO_BIG:
        s->reply.full = s->silent = 0;
        reply_error(&s->reply, EMSGSIZE);
        send_reply(s);
        break;
    case PACKET_GONE:
        finish(s, s->killed ? GDBSTUB_KILLED : GDBSTUB_GONE);
        break;
    case PACKET_BREAK:
        s->interrupt = 1;
        break;
    case PACKET_NONE:
        break;
    }
    if (!s->over && quit(s))
        finish(s, GDBSTUB_QUIT);
}

/* ----------------------------------------------------------------- for handlers */
void stub_moved(struct stub *s)
{
    s->regs_valid = 0;
}

int32_t stub_thread(const struct stub *s)
{
    return s->general > 0 ? s->general : s->ops->current(s->self);
}

struct target_regs *stub_regs(struct stub *s, int32_t tid)
{
    if (s->regs_valid && s->regs_tid == tid)
        return &s->regs;
    s->regs_valid = 0;
    if (s->ops->regs_read(s->self, tid, &s->regs))
        return NULL;
    s->regs_tid = tid;
    s->regs_valid = 1;
    return &s->regs;
}

int stub_interrupted(void *arg)
{
    struct stub *s = arg;
    switch (packet_get(&s->packets, 0)) {
    case PACKET_BREAK:
        s->interrupt = 1;
        return 1;
    case PACKET_GONE:
        return 1;
    default: /* nobody speaks while the target runs: what comes is dropped */
        return quit(s);
    }
}

void stub_say(struct stub *s, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    char piece[1 + 2 * 1024];
    while (*text) {
        size_t n = 0;
        piece[n++] = 'O';
        for (; *text && n + 2 <= sizeof(piece); text++) {
            piece[n++] = digits[(unsigned char)*text >> 4];
            piece[n++] = digits[(unsigned char)*text & 15];
        }
        packet_put(&s->packets, piece, n);
    }
}

/* -------------------------------------------------------------- begin and end */
static int begin(struct stub *s, const struct packet_io *io, const struct target *target)
{
    s->ops = target->ops;
    s->self = target->self;
    for (size_t i = 0; i < STUB_FILES_MAX; i++)
        s->files[i] = -1;
    s->ops->layout(s->self, &s->layout);
    s->ops->where(s->self, &s->stop);
    s->reply.cap = PACKET_MAX;
    s->reply.data = malloc(s->reply.cap);
    s->scratch = malloc(PACKET_MAX);
    s->points = calloc(STUB_POINTS_MAX, sizeof(*s->points));
    int err = packets_init(&s->packets, io);
    return err || !s->reply.data || !s->scratch || !s->points ? -ENOMEM : 0;
}

static void end(struct stub *s)
{
    if (s->points)
        stub_clear_stops(s);
    stub_close_files(s);
    packets_free(&s->packets);
    free(s->reply.data);
    free(s->scratch);
    free(s->points);
    free(s->document);
    free(s->tids);
    free(s);
}

int gdbstub_session(const struct packet_io *io, const struct target *target,
                    const struct gdbstub_options *options)
{
    struct stub *s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->options = options;
    int result = begin(s, io, target);
    while (!result && !s->over)
        one_packet(s);
    if (!result)
        result = (int)s->end;
    end(s);
    return result;
}
