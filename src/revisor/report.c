/* report.c - takes reports out of a machine's report ring, checked. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Copies the first report in the n bytes at data. Its length; 0: not whole yet. */
static int64_t copy_report(unsigned char *copy, const unsigned char *data, size_t n)
{
    struct rk_report head;
    if (n < sizeof(head))
        return 0;
    memcpy(&head, data, sizeof(head));
    if (head.size < sizeof(head) || head.size > REPORT_MAX)
        return -EPROTO;
    if (head.size > n)
        return 0;
    memcpy(copy, data, head.size);
    memcpy(copy, &head, sizeof(head)); /* the checked size, whatever the guest did since */
    return head.size;
}

int report_drain(struct machine *m, report_fn *fn, void *ctx)
{
    static _Thread_local _Alignas(8) unsigned char copy[REPORT_MAX];
    struct rk_ring *ring = &machine_control(m)->report;
    int count = 0;
    for (;;) {
        size_t n;
        const unsigned char *data = ring_peek(m, ring, &n);
        int64_t len = data ? copy_report(copy, data, n) : -EPROTO;
        if (len <= 0)
            return len < 0 ? (int)len : count;
        size_t padded = ((size_t)len + 7) & ~(size_t)7;
        if (padded > n)
            return count;
        ring_consume(m, ring, padded);
        fn(ctx, (const struct rk_report *)copy, (size_t)len);
        count++;
    }
}

void report_text(const struct rk_report *report, size_t len, size_t skip, char *text, size_t cap)
{
    const unsigned char *p = (const unsigned char *)report + sizeof(*report) + skip;
    size_t n = len > sizeof(*report) + skip ? len - sizeof(*report) - skip : 0;
    size_t i;
    for (i = 0; i < n && i + 1 < cap && p[i]; i++)
        text[i] = p[i] >= ' ' && p[i] != 0x7f ? (char)p[i] : '?';
    if (cap)
        text[i] = '\0';
}
