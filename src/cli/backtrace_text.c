/* backtrace_text.c - a stack as text for people. */
#include "backtrace_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The source line, when the file is there; it may be newer than the program. */
static void print_source(FILE *out, const struct level *at)
{
    char *line = NULL;
    size_t size = 0;
    unsigned number = 0;
    FILE *f = at->file ? fopen(at->file, "re") : NULL;
    if (!f)
        return;
    while (number < at->line && getline(&line, &size, f) >= 0)
        number++;
    if (number == at->line && number) {
        line[strcspn(line, "\r\n")] = 0;
        fprintf(out, "%12u  %s\n", number, line);
    }
    free(line);
    fclose(f);
}

static void print_level(FILE *out, const struct unwind_frame *frame, size_t n,
                        const struct level *at, const char *path)
{
    fprintf(out, "#%-3zu 0x%016" PRIx64 " in %s", n, frame->pc, at->function ? at->function : "??");
    if (at->file)
        fprintf(out, " (%s:%u)", at->file, at->line);
    if (path)
        fprintf(out, " from %s", path);
    if (at->inlined)
        fputs(" <inlined>", out);
    if (frame->flags & UNWIND_SIGNAL)
        fputs(" <signal handler called>", out);
    if (frame->flags & UNWIND_GUESSED)
        fputs(" <found by frame pointer>", out);
    putc('\n', out);
    print_source(out, at);
}

static void print_frame(FILE *out, const struct place_finder *f, const struct stack *s, size_t n)
{
    struct levels levels;
    backtrace_levels(f, &s->frame[n], &levels);
    for (size_t i = 0; i < levels.count; i++)
        print_level(out, &s->frame[n], n, &levels.level[i], levels.place.path);
}

void backtrace_text(FILE *out, const struct place_finder *f, const struct stack *s, size_t limit)
{
    char state[64];
    struct shown shown = backtrace_shown(s->count, limit);
    const char *end = backtrace_end_text(s);
    fprintf(out, "thread %d \"%s\" %s:\n", s->thread->tid, s->thread->name,
            backtrace_state(s, state, sizeof(state)));
    for (size_t i = 0; i < shown.head; i++)
        print_frame(out, f, s, i);
    if (shown.head + shown.tail < s->count)
        fprintf(out, "     ... %zu more frames; --limit=0 shows them ...\n",
                s->count - shown.head - shown.tail);
    for (size_t i = s->count - shown.tail; i < s->count; i++)
        print_frame(out, f, s, i);
    if (end)
        fprintf(out, "     (%s)\n", end);
}
