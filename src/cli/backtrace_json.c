/* backtrace_json.c - a stack as a JSON object. */
#include "backtrace_internal.h"
#include "event_text.h"

#include <inttypes.h>
#include <string.h>

static void put_text(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    json_string(out, text, strlen(text));
}

static void put_place(FILE *out, const struct level *at)
{
    if (at->function)
        put_text(out, "function", at->function);
    if (at->file) {
        put_text(out, "file", at->file);
        fprintf(out, ",\"line\":%u", at->line);
    }
}

static void put_inlined(FILE *out, const struct levels *levels)
{
    fputs(",\"inlined\":[", out);
    for (size_t i = 0; i + 1 < levels->count; i++) {
        fprintf(out, "%s{\"level\":%zu", i ? "," : "", i);
        put_place(out, &levels->level[i]);
        fputs("}", out);
    }
    fputs("]", out);
}

/* Function, file and line of a frame are those of the function that has it; what the compiler
 * put into it stands in a list, innermost first. */
static void put_frame(FILE *out, const struct place_finder *f, const struct stack *s, size_t n)
{
    const struct unwind_frame *frame = &s->frame[n];
    struct levels levels;
    backtrace_levels(f, frame, &levels);
    fprintf(out, "{\"frame\":%zu,\"pc\":\"0x%" PRIx64 "\",\"sp\":\"0x%" PRIx64 "\"", n, frame->pc,
            frame->sp);
    put_place(out, &levels.level[levels.count - 1]);
    if (levels.place.at.function)
        fprintf(out, ",\"offset\":%" PRIu64, levels.place.at.offset);
    if (levels.count > 1)
        put_inlined(out, &levels);
    if (levels.place.path) {
        put_text(out, "object", levels.place.path);
        fprintf(out, ",\"object_offset\":%" PRIu64, levels.place.offset);
    }
    fprintf(out, "%s%s}", frame->flags & UNWIND_SIGNAL ? ",\"signal_handler\":true" : "",
            frame->flags & UNWIND_GUESSED ? ",\"guessed\":true" : "");
}

void backtrace_json(FILE *out, const struct place_finder *f, const struct stack *s, size_t limit)
{
    char state[64];
    struct shown shown = backtrace_shown(s->count, limit);
    const char *end = backtrace_end_text(s);
    fprintf(out, "{\"tid\":%d", s->thread->tid);
    put_text(out, "name", s->thread->name);
    put_text(out, "state", backtrace_state(s, state, sizeof(state)));
    fprintf(out, ",\"frame_count\":%zu,\"frames\":[", s->count);
    for (size_t i = 0, n = 0; i < s->count; i++) {
        if (i >= shown.head && i < s->count - shown.tail)
            continue;
        fputs(n++ ? ",\n  " : "\n  ", out);
        put_frame(out, f, s, i);
    }
    fputs("]", out);
    if (end)
        put_text(out, "end", end);
    fputs("}", out);
}
