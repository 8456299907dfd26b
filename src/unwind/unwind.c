/* unwind.c - step by step out of a stack, with libunwind's help. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define STUCK_MAX 64 /* frames that may follow one another without the stack pointer growing */

/* -------------------------------------------------------- what the library asks */
static int search(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *info, int need,
                  struct unwinder *u, enum unwind_source source)
{
    const struct unwind_table *t = unwind_table_at(u, ip, source);
    unw_dyn_info_t di;
    if (!t)
        return -UNW_ENOINFO;
    memset(&di, 0, sizeof(di));
    di.format = UNW_INFO_FORMAT_REMOTE_TABLE;
    di.start_ip = t->start;
    di.end_ip = t->end;
    di.u.rti.segbase = t->base;
    di.u.rti.table_data = t->table;
    di.u.rti.table_len = t->entries * 8 / sizeof(unw_word_t);
    if (!unwind_table_sound(u, t, ip))
        return -UNW_EBADFRAME;
    return unwind_search_table(as, ip, &di, info, need, u);
}

static int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *info, int need,
                          void *arg)
{
    struct unwinder *u = arg;
    int err = search(as, ip, info, need, u, UNWIND_EH_FRAME);
    if (err < 0)
        err = search(as, ip, info, need, u, UNWIND_DEBUG_FRAME);
    u->no_info |= err < 0;
    return err;
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *info, void *arg)
{
    (void)as, (void)arg;
    (void)info; /* the library's own pool */
}

static int no_dynamic_info(unw_addr_space_t as, unw_word_t *list, void *arg)
{
    (void)as, (void)list, (void)arg;
    return -UNW_ENOINFO;
}

static int access_memory(unw_addr_space_t as, unw_word_t addr, unw_word_t *value, int write,
                         void *arg)
{
    (void)as;
    return write || unwind_read(arg, addr, value, sizeof(*value)) ? -UNW_EINVAL : 0;
}

/* DWARF counts rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp; the processor has another order. */
static int access_register(unw_addr_space_t as, unw_regnum_t reg, unw_word_t *value, int write,
                           void *arg)
{
    static const unsigned char order[8] = {0, 2, 1, 3, 6, 7, 5, 4};
    const struct unwinder *u = arg;
    (void)as;
    if (write || reg < 0 || reg > UNW_X86_64_RIP)
        return -UNW_EBADREG;
    *value = reg == UNW_X86_64_RIP ? u->regs->rip : u->regs->gpr[reg < 8 ? order[reg] : reg];
    return 0;
}

static int access_float(unw_addr_space_t as, unw_regnum_t reg, unw_fpreg_t *value, int write,
                        void *arg)
{
    (void)as, (void)reg, (void)value, (void)write, (void)arg;
    return -UNW_EBADREG; /* no frame description names one */
}

static int no_resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
    (void)as, (void)cursor, (void)arg;
    return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t as, unw_word_t ip, char *buf, size_t len, unw_word_t *offset,
                   void *arg)
{
    (void)as, (void)ip, (void)buf, (void)len, (void)offset, (void)arg;
    return -UNW_ENOINFO;
}

/* ------------------------------------------------------------- the unwinder */
struct unwinder *unwinder_new(const struct unwind_target *target)
{
    static unw_accessors_t accessors = {.find_proc_info = find_proc_info,
                                        .put_unwind_info = put_unwind_info,
                                        .get_dyn_info_list_addr = no_dynamic_info,
                                        .access_mem = access_memory,
                                        .access_reg = access_register,
                                        .access_fpreg = access_float,
                                        .resume = no_resume,
                                        .get_proc_name = no_name};
    struct unwinder *u = calloc(1, sizeof(*u));
    if (!u)
        return NULL;
    u->target = *target;
    u->window_next = WINDOW_START;
    u->space = unw_create_addr_space(&accessors, 0);
    if (u->space && !unw_set_caching_policy(u->space, UNW_CACHE_GLOBAL))
        return u;
    unwinder_free(u);
    return NULL;
}

void unwinder_forget(struct unwinder *u)
{
    for (size_t i = 0; i < CACHED_PAGES; i++)
        u->cache[i].page = 0;
    unwind_tables_free(u);
    unw_flush_cache(u->space, 0, 0);
}

void unwinder_free(struct unwinder *u)
{
    if (!u)
        return;
    unwind_tables_free(u);
    if (u->space)
        unw_destroy_addr_space(u->space);
    free(u->frames);
    free(u);
}

/* ------------------------------------------------------------------- frames */
static int add(struct unwinder *u, uint64_t pc, uint64_t sp, uint32_t flags)
{
    if (u->count == u->cap) {
        size_t cap = u->cap ? 2 * u->cap : 64;
        struct unwind_frame *more = realloc(u->frames, cap * sizeof(*more));
        if (!more)
            return -1;
        u->frames = more;
        u->cap = cap;
    }
    u->frames[u->count++] = (struct unwind_frame){pc, sp, flags};
    return 0;
}

static struct unwind_frame *last(struct unwinder *u)
{
    return &u->frames[u->count - 1];
}

static int executable(struct unwinder *u, uint64_t pc)
{
    return u->target.executable(u->target.ctx, pc);
}

/* A step to the caller. 1: *next is it, 0: there is none, negative: it is not known. */
static int step(struct unwinder *u, unw_cursor_t *c, struct unwind_frame *next)
{
    unw_word_t pc, sp;
    u->no_info = 0;
    int got = unw_step(c);
    if (got <= 0)
        return got;
    int signal = unw_is_signal_frame(c) > 0; /* this one was interrupted by a signal */
    if (signal)
        last(u)->flags |= UNWIND_SIGNAL;
    if (unw_get_reg(c, UNW_REG_IP, &pc) || unw_get_reg(c, UNW_REG_SP, &sp))
        return -UNW_EBADREG;
    *next = (struct unwind_frame){
        pc, sp, (signal ? UNWIND_EXACT : 0) | (u->no_info && !signal ? UNWIND_GUESSED : 0)};
    return pc ? 1 : 0;
}

/* Stacks grow down, so that going out the pointer grows; but a signal may have come on a stack of
 * its own. Who goes the other way often goes round in circles. */
static int circles(const struct unwind_frame *from, const struct unwind_frame *to, int *stuck)
{
    if (to->sp > from->sp)
        *stuck = 0;
    else if (!(from->flags & UNWIND_SIGNAL) || to->sp == from->sp)
        (*stuck)++;
    return *stuck > STUCK_MAX || (to->sp == from->sp && to->pc == from->pc);
}

static enum unwind_end walk(struct unwinder *u, unw_cursor_t *c, size_t limit)
{
    struct unwind_frame next = {0};
    int stuck = 0;
    for (;;) {
        int got = step(u, c, &next);
        if (!got)
            return u->no_info ? UNWIND_NO_INFO : UNWIND_COMPLETE;
        if (got < 0)
            return u->no_info ? UNWIND_NO_INFO : UNWIND_BAD_STACK;
        if (!executable(u, next.pc))
            return next.flags & UNWIND_GUESSED ? UNWIND_NO_INFO : UNWIND_BAD_STACK;
        if (next.flags & UNWIND_GUESSED && next.sp <= last(u)->sp)
            return UNWIND_NO_INFO;
        if (circles(last(u), &next, &stuck))
            return UNWIND_LOOP;
        if (u->count >= limit)
            return UNWIND_TOO_DEEP;
        if (add(u, next.pc, next.sp, next.flags))
            return UNWIND_NO_MEMORY;
    }
}

/* A jump or call to where no code is: its return address is on top of the stack. */
static void leave_bad_call(struct unwinder *u, struct unwind_regs *regs)
{
    uint64_t pc;
    if (executable(u, regs->rip) || unwind_read(u, regs->gpr[4], &pc, sizeof(pc)) ||
        !executable(u, pc))
        return;
    regs->rip = pc;
    regs->gpr[4] += 8;
    add(u, pc, regs->gpr[4], 0);
}

enum unwind_end unwinder_run(struct unwinder *u, const struct unwind_regs *regs, size_t limit,
                             const struct unwind_frame **frames, size_t *count)
{
    struct unwind_regs start = *regs;
    unw_cursor_t cursor;
    enum unwind_end end = UNWIND_NO_MEMORY;
    u->count = 0;
    u->regs = &start;
    if (!add(u, regs->rip, regs->gpr[4], UNWIND_EXACT)) {
        leave_bad_call(u, &start);
        end = !executable(u, start.rip)               ? UNWIND_BAD_STACK
              : unw_init_remote(&cursor, u->space, u) ? UNWIND_BAD_STACK
                                                      : walk(u, &cursor, limit);
    }
    u->regs = NULL;
    *frames = u->frames;
    *count = u->count;
    return end;
}
