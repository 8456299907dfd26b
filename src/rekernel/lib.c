/* lib.c - memory, strings, text, hashing. */
#include "base.h"
#include "platform.h"

#include <stdarg.h>

/* Copies of a few words are most of them, and string instructions start slowly. */
#define SMALL_MAX 96

static inline void copy_small(u8 *d, const u8 *s, size_t n)
{
    u64 w;
    for (; n >= 8; d += 8, s += 8, n -= 8) {
        __builtin_memcpy(&w, s, 8);
        __builtin_memcpy(d, &w, 8);
    }
    for (; n; n--)
        *d++ = *s++;
}

void *memcpy(void *dst, const void *src, size_t n)
{
    void *d = dst;
    if (n <= SMALL_MAX) {
        copy_small(dst, src, n);
        return dst;
    }
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    void *d = dst;
    if (n <= 16) {
        for (u8 *p = dst; n; n--)
            *p++ = (u8)c;
        return dst;
    }
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    if ((u64)dst - (u64)src >= n)
        return memcpy(dst, src, n);
    u8 *d = dst;
    const u8 *s = src;
    for (u64 w; n >= 8;) { /* the tables that shift are long */
        n -= 8;
        __builtin_memcpy(&w, s + n, 8);
        __builtin_memcpy(d + n, &w, 8);
    }
    while (n--)
        d[n] = s[n];
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

size_t str_len(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

int str_cmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (u8)*a - (u8)*b;
}

bool str_starts(const char *s, const char *prefix)
{
    while (*prefix)
        if (*s++ != *prefix++)
            return false;
    return true;
}

size_t str_copy(char *dst, const char *src, size_t cap)
{
    size_t n = 0;
    for (; n + 1 < cap && src[n]; n++)
        dst[n] = src[n];
    if (cap)
        dst[n] = 0;
    return n;
}

static void text_put(struct text *t, char c)
{
    if (t->len + 1 < t->cap) {
        t->buf[t->len++] = c;
        t->buf[t->len] = 0;
    }
}

static void text_number(struct text *t, u64 v, u32 base, u32 width, char pad)
{
    char digits[24];
    u32 n = 0;
    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    for (u32 i = n; i < width; i++)
        text_put(t, pad);
    while (n)
        text_put(t, digits[--n]);
}

static void text_convert(struct text *t, char c, u32 width, char pad, va_list *ap)
{
    if (c == 's') {
        const char *s = va_arg(*ap, const char *);
        while (*s)
            text_put(t, *s++);
    } else if (c == 'd') {
        s64 v = va_arg(*ap, s64);
        if (v < 0)
            text_put(t, '-');
        text_number(t, v < 0 ? -(u64)v : (u64)v, 10, width, pad);
    } else if (c == 'c') {
        text_put(t, (char)va_arg(*ap, u64));
    } else {
        text_number(t, va_arg(*ap, u64), c == 'x' ? 16 : c == 'o' ? 8 : 10, width, pad);
    }
}

void text_vadd(struct text *t, const char *format, va_list args)
{
    va_list ap;
    va_copy(ap, args);
    for (; *format; format++) {
        if (*format != '%') {
            text_put(t, *format);
            continue;
        }
        char pad = ' ';
        u32 width = 0;
        if (*++format == '0')
            pad = '0', format++;
        while (*format >= '0' && *format <= '9')
            width = width * 10 + (u32)(*format++ - '0');
        text_convert(t, *format, width, pad, &ap);
    }
    va_end(ap);
}

void text_add(struct text *t, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    text_vadd(t, format, ap);
    va_end(ap);
}

/* Four lanes keep the multiplier busy; the tail is folded byte by byte. */
u64 hash_bytes(u64 seed, const void *data, size_t len)
{
    const u8 *p = data;
    u64 a = seed, b = seed ^ 1, c = seed ^ 2, d = seed ^ 3, w[4];
    for (; len >= 32; p += 32, len -= 32) {
        __builtin_memcpy(w, p, 32);
        a = (a ^ w[0]) * 0x9e3779b97f4a7c15ull;
        b = (b ^ w[1]) * 0xc2b2ae3d27d4eb4full;
        c = (c ^ w[2]) * 0x165667b19e3779f9ull;
        d = (d ^ w[3]) * 0x85ebca77c2b2ae63ull;
        a ^= a >> 32, b ^= b >> 32, c ^= c >> 32, d ^= d >> 32;
    }
    u64 h = rk_mix(rk_mix(rk_mix(rk_mix(seed, a), b), c), d);
    for (; len; p++, len--)
        h = rk_mix(h, *p);
    return h;
}
