/* moment.c - how users name a moment of a recording. */
#include "moment.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int number(const char **text, int base, uint64_t *out)
{
    char *end;
    if (!isxdigit((unsigned char)**text))
        return -EINVAL;
    errno = 0;
    *out = strtoull(*text, &end, base);
    if (end == *text || errno)
        return -EINVAL;
    *text = end;
    return 0;
}

static int parse_point(const char *text, struct rk_position *p)
{
    if (number(&text, 10, &p->entries) || *text++ != ':' || number(&text, 10, &p->ticks) ||
        *text++ != ':' || number(&text, 16, &p->pc))
        return -EINVAL;
    return *text ? -EINVAL : 0;
}

int moment_parse(const char *text, struct moment *out)
{
    const char *rest = text;
    *out = (struct moment){.kind = MOMENT_EVENT};
    if (!strcmp(text, "start") || !strcmp(text, "end")) {
        out->kind = *text == 's' ? MOMENT_START : MOMENT_END;
        return 0;
    }
    if (!strchr(text, ':'))
        return number(&rest, 10, &out->event) || *rest || !out->event ? -EINVAL : 0;
    out->kind = MOMENT_POINT;
    return parse_point(text, &out->point);
}
