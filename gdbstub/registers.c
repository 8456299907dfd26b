/* registers.c - g, G, p and P: registers of the chosen thread. */
#include "internal.h"
#include "regs.h"

#include <errno.h>
#include <string.h>

static struct target_regs *chosen(struct stub *s)
{
    struct target_regs *regs = stub_regs(s, stub_thread(s));
    if (!regs)
        reply_error(&s->reply, ESRCH);
    return regs;
}

static void read_all(struct stub *s, struct cursor *c)
{
    struct target_regs *regs = chosen(s);
    unsigned char value[REG_MAX];
    unsigned size;
    for (unsigned n = 0; regs && (size = regs_get(regs, &s->layout, n, value)); n++)
        reply_hex(&s->reply, value, size);
}

static void read_one(struct stub *s, struct cursor *c)
{
    unsigned char value[REG_MAX];
    uint64_t number;
    unsigned size = 0;
    if (!take_last_hex(c, &number)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    struct target_regs *regs = chosen(s);
    if (regs && number < regs_count(&s->layout))
        size = regs_get(regs, &s->layout, (unsigned)number, value);
    if (size)
        reply_hex(&s->reply, value, size);
    else if (regs)
        reply_error(&s->reply, EINVAL);
}

static void store(struct stub *s, struct target_regs *regs)
{
    int err = s->ops->regs_write ? s->ops->regs_write(s->self, stub_thread(s), regs) : -EROFS;
    stub_moved(s);
    if (err)
        reply_error(&s->reply, err);
    else
        reply_ok(&s->reply);
}

static void write_all(struct stub *s, struct cursor *c)
{
    struct target_regs *regs = chosen(s);
    unsigned char value[REG_MAX], old[REG_MAX];
    unsigned size;
    if (!regs)
        return;
    for (unsigned n = 0; (size = regs_get(regs, &s->layout, n, old)); n++) {
        struct cursor digits = {c->at, c->at + 2 * size <= c->end ? c->at + 2 * size : c->end};
        if (take_bytes(&digits, value, size) != (long)size)
            break; /* fewer registers than there are is in order */
        c->at = digits.at;
        regs_set(regs, &s->layout, n, value);
    }
    if (!take_end(c)) {
        stub_moved(s);
        reply_error(&s->reply, EINVAL);
    } else {
        store(s, regs);
    }
}

static void write_one(struct stub *s, struct cursor *c)
{
    unsigned char value[REG_MAX] = {0}, old[REG_MAX];
    uint64_t number;
    struct target_regs *regs;
    if (!take_hex(c, &number) || !take_char(c, '=') || number >= regs_count(&s->layout)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    if (!(regs = chosen(s)))
        return;
    unsigned size = regs_get(regs, &s->layout, (unsigned)number, old);
    if (take_bytes(c, value, sizeof(value)) != (long)size || !take_end(c)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    regs_set(regs, &s->layout, (unsigned)number, value);
    store(s, regs);
}

const struct stub_command stub_register_commands[] = {
    {"g", read_all, 1},  {"G", write_all, 1}, {"p", read_one, 1},
    {"P", write_one, 1}, {NULL, NULL, 0},
};
