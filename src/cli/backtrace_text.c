/* backtrace_text.c - a stack as text for people. */
#include "backtrace_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The source line, when the file is there; it may be newer than the program. */
static void print_source(FILE *out, const struct symbols_place *at)
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

static void print_frame(FILE *out, const struct place_finder *f, const struct stack *s, size_t n)
{
    const struct unwind_frame *frame = &s->frame[n];
    struct whereis_place place;
    whereis_find(f->whereis, &f->maps, backtrace_address(frame), &place);
    fprintf(out, "#%-3zu 0x%016" PRIx64 " in %s", n, frame->pc,
            place.at.function ? place.at.function : "??");
    if (place.at.file)
        fprintf(out, " (%s:%u)", place.at.file, place.at.line);
    if (place.path)
        fprintf(out, " from %s", place.path);
    if (frame->flags & UNWIND_SIGNAL)
        fputs(" <signal handler called>", out);
    if (frame->flags & UNWIND_GUESSED)
        fputs(" <found by frame pointer>", out);
    putc('\n', out);
    print_source(out, &place.at);
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
