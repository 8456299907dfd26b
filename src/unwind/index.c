/*
 * index.c - a search table for files that bring none: statically linked programs of some
 * libraries, Go's, and code with .debug_frame only.
 *
 * The library searches tables of .eh_frame. So .debug_frame is rewritten as such: the two differ
 * in how a description names its common part, and in that addresses are not relocated.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define PE_SIZE 0x07
#define PE_PCREL 0x10
#define INDEX_MAX (256u << 20)

struct entry {
    int32_t ip, description; /* relative to the table's base */
};

struct index {
    struct unwinder *u;
    struct unwind_table *t;
    const unsigned char *data; /* the section */
    size_t size;
    int debug;           /* .debug_frame */
    uint64_t address;    /* where the library sees the section */
    unsigned char *copy; /* of .debug_frame, being rewritten; or NULL */
    struct entry *entry;
    size_t count, cap;
};

static uint32_t get32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static int64_t get_signed(const unsigned char *p, unsigned size)
{
    int64_t v = 0;
    memcpy(&v, p, size);
    return size == 4 ? (int32_t)v : size == 2 ? (int16_t)v : v;
}

/* ------------------------------------------------------- the common part (CIE) */
static const unsigned char *skip_leb(const unsigned char *p, const unsigned char *end)
{
    while (p < end && *p & 0x80)
        p++;
    return p < end ? p + 1 : end;
}

static unsigned size_of(unsigned char encoding)
{
    switch (encoding & PE_SIZE) {
    case 0:
    case 4:
        return 8;
    case 2:
        return 2;
    case 3:
        return 4;
    default:
        return 0;
    }
}

/* Encoding of the code addresses in descriptions of this common part, or -1. */
static int address_encoding(const unsigned char *p, const unsigned char *end)
{
    const char *what = (const char *)p + 1;
    const unsigned char *zero = memchr(what, 0, (size_t)(end - p - 1));
    if (!zero || (*p != 1 && *p != 3))
        return -1;
    p = skip_leb(skip_leb(zero + 1, end), end);   /* alignments */
    p = what[-1] == 1 ? p + 1 : skip_leb(p, end); /* return address register */
    if (*what != 'z')
        return *what ? -1 : 0;
    p = skip_leb(p, end);
    for (what++; *what && p < end; what++) {
        if (*what == 'R')
            return *p;
        if (*what == 'L')
            p++;
        else if (*what == 'P')
            p += 1 + size_of(*p);
        else if (*what != 'S' && *what != 'B')
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------ descriptions */
static int add(struct index *x, int64_t ip, int64_t description)
{
    if (ip != (int32_t)ip || description != (int32_t)description)
        return 0; /* out of the table's reach */
    if (x->count == x->cap) {
        size_t cap = x->cap ? 2 * x->cap : 1024;
        struct entry *more = realloc(x->entry, cap * sizeof(*more));
        if (!more)
            return -1;
        x->entry = more;
        x->cap = cap;
    }
    x->entry[x->count++] = (struct entry){(int32_t)ip, (int32_t)description};
    return 0;
}

/* Makes a description of .debug_frame, in the copy, one of .eh_frame. */
static void rewrite(struct index *x, size_t at, size_t common)
{
    uint32_t back = (uint32_t)(at + 4 - common);
    uint64_t start;
    memcpy(x->copy + at + 4, &back, 4);
    memset(x->copy + common + 4, 0, 4);
    memcpy(&start, x->copy + at + 8, 8);
    start += x->t->bias;
    memcpy(x->copy + at + 8, &start, 8);
}

/* The description of `len` bytes behind the length at `at`. */
static int take(struct index *x, size_t at, size_t len)
{
    uint32_t link = get32(x->data + at + 4);
    size_t common = x->debug ? link : at + 4 - link;
    if ((x->debug ? common : at) >= x->size || common > x->size - 12 || len < 8)
        return 0;
    size_t common_len = get32(x->data + common);
    if (common_len < 6 || common_len > x->size - common - 4)
        return 0;
    int encoding = address_encoding(x->data + common + 8, x->data + common + 4 + common_len);
    unsigned size = encoding < 0 ? 0 : size_of((unsigned char)encoding);
    if (!size || len < 4 + 2 * size || (x->debug && encoding))
        return 0;
    int64_t ip = get_signed(x->data + at + 8, size);
    if (!ip && x->debug)
        return 0; /* of a function that the linker dropped */
    if (encoding & PE_PCREL)
        ip += (int64_t)(x->address + at + 8);
    else
        ip += (int64_t)x->t->bias;
    if (x->debug)
        rewrite(x, at, common);
    return add(x, ip - (int64_t)x->t->base, (int64_t)(x->address + at - x->t->base));
}

static int walk(struct index *x)
{
    uint32_t common_id = x->debug ? UINT32_MAX : 0;
    for (size_t at = 0; x->size - at > 12;) {
        size_t len = get32(x->data + at);
        if (!len) {
            at += 4; /* one after each object file, maybe */
            continue;
        }
        if (len < 4 || len > x->size - at - 4)
            break; /* damaged, or of the 64-bit form, which nobody makes */
        if (get32(x->data + at + 4) != common_id && take(x, at, len))
            return -1;
        at += 4 + len;
    }
    return x->count ? 0 : -1;
}

static int by_ip(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->ip < y->ip ? -1 : x->ip > y->ip;
}

/* Table, then the rewritten section, as the library will see them at t->window. */
static int publish(struct index *x, size_t copied)
{
    struct unwind_table *t = x->t;
    size_t bytes = x->count * sizeof(x->entry[0]);
    unsigned char *own = realloc(x->copy, copied + bytes);
    if (!own)
        return -1;
    x->copy = NULL;
    qsort(x->entry, x->count, sizeof(x->entry[0]), by_ip);
    memcpy(own + copied, x->entry, bytes);
    t->own = own;
    t->own_size = copied + bytes;
    t->table = t->window + copied;
    t->entries = x->count;
    x->u->window_next = t->window + ((t->own_size + 4095) & ~(size_t)4095);
    return 0;
}

int unwind_index_make(struct unwinder *u, struct unwind_table *t)
{
    struct symbols_section s;
    int debug = t->source == UNWIND_DEBUG_FRAME;
    if (symbols_section(t->file, debug ? ".debug_frame" : ".eh_frame", &s) || s.size < 16 ||
        s.size > INDEX_MAX || WINDOW_END - u->window_next < 2 * s.size + 65536)
        return -1;
    size_t copied = debug ? (s.size + 7) & ~(size_t)7 : 0;
    t->window = u->window_next;
    t->base = t->start;
    struct index x = {.u = u, .t = t, .data = s.data, .size = s.size, .debug = debug};
    x.address = debug ? t->window : s.address + t->bias;
    x.copy = debug ? calloc(1, copied) : NULL;
    if (debug && !x.copy)
        return -1;
    if (debug)
        memcpy(x.copy, s.data, s.size);
    int err = walk(&x);
    if (!err)
        err = publish(&x, copied);
    free(x.copy);
    free(x.entry);
    return err;
}
