/* backtrace.c - from a stopped replay to the stacks of its threads. */
#include "backtrace_internal.h"
#include "strace.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define FRAMES_MAX (1u << 20) /* looked for on one stack */

struct backtrace {
    struct replay_session *session;
    const struct backtrace_options *options;
    struct place_finder places;
    const struct rk_map *areas;
    size_t area_count;
    struct unwinder *unwinder;
    size_t printed; /* threads */
};

/* ---------------------------------------------------- what the unwinder asks */
static ssize_t read_memory(void *ctx, uint64_t addr, void *buf, size_t len)
{
    struct backtrace *b = ctx;
    return replay_session_read(b->session, addr, buf, len);
}

static struct symbols *file_at(void *ctx, uint64_t addr, uint64_t *bias, uint64_t *start,
                               uint64_t *end)
{
    struct backtrace *b = ctx;
    return whereis_elf(b->places.whereis, &b->places.maps, addr, bias, start, end);
}

static int executable(void *ctx, uint64_t addr)
{
    const struct backtrace *b = ctx;
    size_t low = 0, high = b->area_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (b->areas[mid].end <= addr)
            low = mid + 1;
        else
            high = mid;
    }
    return low < b->area_count && b->areas[low].start <= addr && b->areas[low].prot & PROT_EXEC;
}

/* ------------------------------------------------------------------- phrases */
struct shown backtrace_shown(size_t count, size_t limit)
{
    if (!limit || count <= limit)
        return (struct shown){count, 0};
    size_t tail = limit / 4;
    return (struct shown){limit - tail, tail};
}

uint64_t backtrace_address(const struct unwind_frame *frame)
{
    return frame->flags & (UNWIND_EXACT | UNWIND_SIGNAL) ? frame->pc : frame->pc - 1;
}

void backtrace_levels(const struct place_finder *f, const struct unwind_frame *frame,
                      struct levels *out)
{
    struct symbols_inline inlines[LEVELS_MAX - 1];
    uint64_t address = backtrace_address(frame);
    whereis_find(f->whereis, &f->maps, address, &out->place);
    struct level at = {out->place.at.function, out->place.at.file, out->place.at.line, 0};
    size_t count = whereis_inlines(f->whereis, &f->maps, address, inlines, LEVELS_MAX - 1);
    for (size_t i = 0; i < count; i++) {
        out->level[i] = (struct level){inlines[i].function, at.file, at.line, 1};
        at.file = inlines[i].call_file;
        at.line = inlines[i].call_line;
    }
    out->level[count] = at;
    out->count = count + 1;
}

const char *backtrace_end_text(const struct stack *s)
{
    switch (s->end) {
    case UNWIND_COMPLETE:
        return NULL;
    case UNWIND_NO_INFO:
        return "no unwind information for the last frame, and no sound frame pointer";
    case UNWIND_BAD_STACK:
        return s->count == 1 ? "the stack pointer or the instruction pointer is damaged"
                             : "the stack leads to no code from here on: damaged, or not this way";
    case UNWIND_LOOP:
        return "the stack is damaged: it leads back to itself";
    case UNWIND_TOO_DEEP:
        return "the stack goes on";
    default:
        return "no memory for more frames";
    }
}

const char *backtrace_state(const struct stack *s, char *buf, size_t size)
{
    const char *call;
    switch (s->thread->state) {
    case RK_THREAD_CURRENT:
        return "runs";
    case RK_THREAD_WAITS:
    case RK_THREAD_INTERRUPTED:
        call = strace_syscall_name(s->thread->nr);
        snprintf(buf, size, "%s %s", s->thread->state == RK_THREAD_WAITS ? "waits in" : "was in",
                 call ? call : "a system call");
        return buf;
    default:
        return "ready to run";
    }
}

/* ------------------------------------------------------------------- threads */
static void print_stack(FILE *out, struct backtrace *b, const struct stack *s)
{
    if (b->options->json) {
        fputs(b->printed ? ",\n" : "\n", out);
        backtrace_json(out, &b->places, s, b->options->limit);
    } else {
        fputs(b->printed ? "\n" : "", out);
        backtrace_text(out, &b->places, s, b->options->limit);
    }
    b->printed++;
}

static int print_thread(FILE *out, struct backtrace *b, const struct rk_debug_thread *thread)
{
    struct rk_debug_stop *stop = malloc(sizeof(*stop));
    struct unwind_regs regs;
    int err = stop ? replay_session_thread_regs(b->session, thread->tid, stop) : -ENOMEM;
    if (!err) {
        struct stack s = {.thread = thread, .regs = stop};
        for (size_t i = 0; i < 16; i++)
            regs.gpr[i] = stop->gpr[i];
        regs.rip = stop->rip;
        s.end = unwinder_run(b->unwinder, &regs, FRAMES_MAX, &s.frame, &s.count);
        print_stack(out, b, &s);
    }
    free(stop);
    return err;
}

/* The one that runs, which is the one that failed, first; the others in order of creation. */
static int print_threads(FILE *out, struct backtrace *b)
{
    const struct rk_debug_thread *list;
    size_t count;
    int err = replay_session_threads(b->session, &list, &count);
    for (int others = 0; others < 2 && !err; others++)
        for (size_t i = 0; i < count && !err; i++)
            if ((list[i].state != RK_THREAD_CURRENT) == others &&
                (!b->options->tid || b->options->tid == list[i].tid))
                err = print_thread(out, b, &list[i]);
    return err ? err : b->printed ? 0 : -ESRCH;
}

int backtrace_print(FILE *out, struct replay_session *session, struct whereis *whereis,
                    const struct backtrace_options *options)
{
    struct backtrace b = {.session = session, .options = options, .places.whereis = whereis};
    struct unwind_target target = {read_memory, file_at, executable, &b};
    size_t count;
    /* The list is only looked at, and stays the session's. */
    b.places.maps.map = (struct rk_map *)(uintptr_t)replay_session_maps(session, &count);
    b.places.maps.count = count;
    int err = replay_session_areas(session, &b.areas, &b.area_count);
    if (err)
        return err;
    b.unwinder = unwinder_new(&target);
    err = b.unwinder ? print_threads(out, &b) : -ENOMEM;
    unwinder_free(b.unwinder);
    return err;
}
