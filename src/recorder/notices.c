/* notices.c - what the rekernel reports while it records. */
#include "internal.h"
#include "revisor/report.h"

#include <string.h>

static uint64_t text_hash(const char *s)
{
    uint64_t h = 1469598103934665603ull;
    while (*s)
        h = rk_mix(h, (unsigned char)*s++);
    return h;
}

/* Each notice once, whatever the program does a million times. */
static int is_new(struct recorder *r, const char *text)
{
    uint64_t h = text_hash(text);
    for (int i = 0; i < r->notice_count; i++)
        if (r->notices[i] == h)
            return 0;
    if (r->notice_count == NOTICES_MAX)
        return 0;
    r->notices[r->notice_count++] = h;
    return 1;
}

static void on_report(void *ctx, const struct rk_report *report, size_t len)
{
    struct recorder *r = ctx;
    char text[512];
    if (report->kind == RK_REPORT_NOTICE || report->kind == RK_REPORT_PANIC) {
        report_text(report, len, 0, text, sizeof(text));
        if (report->kind == RK_REPORT_PANIC) {
            r->panicked = 1;
            recorder_say(r, "internal error in the rekernel: %s; please report this", text);
        } else if (is_new(r, text)) {
            recorder_say(r, "%s", text);
        }
        return;
    }
    if (r->options->report)
        r->options->report(r->options->ctx, report, len);
}

void recorder_drain_reports(struct recorder *r)
{
    if (report_drain(r->machine, on_report, r) < 0 && !r->broken) {
        recorder_say(r, "the program damaged the reports in memory: the recording ends here");
        r->broken = 1;
    }
}
