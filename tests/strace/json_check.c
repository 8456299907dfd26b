/*
 * json_check.c - see json_check.h. Written from the grammar of RFC 8259; it shares no code
 * with the printer.
 */
#include "json_check.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const char *value(const char *p);

/* Bytes of the well-formed UTF-8 sequence at p (RFC 3629), or 0. */
static size_t utf8(const unsigned char *p)
{
    static const struct {
        unsigned char low, high, low2, high2;
        size_t len;
    } forms[] = {
        {0x20, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (p[0] < forms[i].low || p[0] > forms[i].high)
            continue;
        if (forms[i].len > 1 && (p[1] < forms[i].low2 || p[1] > forms[i].high2))
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if (p[k] < 0x80 || p[k] > 0xbf)
                return 0;
        return forms[i].len;
    }
    return 0;
}

static const char *escape(const char *p)
{
    if (*p != 'u')
        return *p != 0 && strchr("\"\\/bfnrt", *p) != NULL ? p + 1 : NULL;
    for (int i = 1; i <= 4; i++)
        if (!isxdigit((unsigned char)p[i]))
            return NULL;
    return p + 5;
}

static const char *string(const char *p)
{
    if (*p++ != '"')
        return NULL;
    while (p != NULL && *p != '"') {
        size_t n = utf8((const unsigned char *)p);
        if (n == 0)
            return NULL;
        p = *p == '\\' ? escape(p + 1) : p + n;
    }
    return p != NULL ? p + 1 : NULL;
}

static const char *number(const char *p)
{
    p += *p == '-';
    if (!isdigit((unsigned char)*p) || (*p == '0' && isdigit((unsigned char)p[1])))
        return NULL;
    while (isdigit((unsigned char)*p))
        p++;
    return p;
}

static const char *member(const char *p)
{
    p = string(p);
    return p != NULL && *p == ':' ? value(p + 1) : NULL;
}

static const char *list(const char *p, char end, const char *(*item)(const char *))
{
    if (*p == end)
        return p + 1;
    while ((p = item(p)) != NULL && *p == ',')
        p++;
    return p != NULL && *p == end ? p + 1 : NULL;
}

static const char *value(const char *p)
{
    if (*p == '{')
        return list(p + 1, '}', member);
    if (*p == '[')
        return list(p + 1, ']', value);
    if (*p == '"')
        return string(p);
    if (strncmp(p, "true", 4) == 0 || strncmp(p, "null", 4) == 0)
        return p + 4;
    return strncmp(p, "false", 5) == 0 ? p + 5 : number(p);
}

bool json_is_valid(const char *line)
{
    const char *end = value(line);
    return end != NULL && strcmp(end, "\n") == 0;
}
