/*
 * tls.c - qGetTLSAddr: where a thread has a thread-local variable.
 *
 * The C library says by a table for debuggers (a symbol of its own) where its list of modules
 * has the module's number. The client knows symbols, so it is asked for that one; a program
 * without such a table has its thread-local variables in module 1.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>

#define SYMBOL "_thread_db_link_map_l_tls_modid"
#define DTV_IN_TCB 8 /* fs_base points to the thread's control block */
#define DTV_ENTRY 16
#define NOT_YET UINT64_MAX /* the thread has not touched the module yet */

/* The client offers to look symbols up: "qSymbol::", and answers "qSymbol:VALUE:NAME", without
 * the value when it does not know it (yet: it offers again when it has read more files). */
static void symbols(struct stub *s, struct cursor *c)
{
    uint64_t value;
    if (take_hex(c, &value)) {
        s->tls_table = value;
        reply_ok(&s->reply);
    } else if (take_char(c, ':') && take_end(c) && !s->tls_table) {
        reply_text(&s->reply, "qSymbol:");
        reply_hex_string(&s->reply, SYMBOL);
    } else {
        reply_ok(&s->reply);
    }
}

static int read_number(struct stub *s, uint64_t addr, void *to, size_t len)
{
    ssize_t n = s->ops->mem_read(s->self, addr, to, len);
    return n < 0 ? (int)n : (size_t)n < len ? -EFAULT : 0;
}

/* The table: width in bits, number of elements, offset. */
static int find_module(struct stub *s, uint64_t link_map, uint64_t *module)
{
    uint32_t table[3];
    *module = 1;
    if (!s->tls_table || !link_map)
        return 0;
    int err = read_number(s, s->tls_table, table, sizeof(table));
    return err ? err : read_number(s, link_map + table[2], module, sizeof(*module));
}

static int find_block(struct stub *s, int32_t tid, uint64_t module, uint64_t *block)
{
    const struct target_regs *regs = stub_regs(s, tid);
    uint64_t dtv;
    if (!regs)
        return -ESRCH;
    if (!regs->fs_base || !module)
        return -ENOENT;
    int err = read_number(s, regs->fs_base + DTV_IN_TCB, &dtv, sizeof(dtv));
    if (!err)
        err = read_number(s, dtv + module * DTV_ENTRY, block, sizeof(*block));
    return !err && *block == NOT_YET ? -ENOENT : err;
}

static void thread_local_address(struct stub *s, struct cursor *c)
{
    uint64_t offset, link_map, module, block = 0;
    int32_t pid, tid;
    if (!take_thread(c, &pid, &tid) || !take_char(c, ',') ||
        !take_pair(c, &offset, ',', &link_map) || !take_end(c)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    int err = find_module(s, link_map, &module);
    if (!err)
        err = find_block(s, tid, module, &block);
    if (err)
        reply_error(&s->reply, err);
    else
        reply_text(&s->reply, "%llx", (unsigned long long)(block + offset));
}

const struct stub_command stub_tls_commands[] = {
    {"qSymbol:", symbols, 0},
    {"qGetTLSAddr:", thread_local_address, 1},
    {NULL, NULL, 0},
};
