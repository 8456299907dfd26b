/*
 * digest.c - XXH64, written from its public specification, and the content name
 * made of it.
 */
#include "trace-format/format.h"

#include <string.h>

#define P1 0x9E3779B185EBCA87ull
#define P2 0xC2B2AE3D27D4EB4Full
#define P3 0x165667B19E3779F9ull
#define P4 0x85EBCA77C2B2AE63ull
#define P5 0x27D4EB2F165667C5ull

/* Seed of the second half of a digest; the first half's is 0, which makes its low 32
 * bits the content checksum that zstd itself stores. */
#define SECOND_SEED 0x9E3779B97F4A7C15ull

static inline uint64_t rotate(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

static inline uint64_t load64(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline uint64_t step(uint64_t acc, uint64_t lane)
{
    return rotate(acc + lane * P2, 31) * P1;
}

static uint64_t merge(uint64_t acc, uint64_t lane_acc)
{
    return (acc ^ step(0, lane_acc)) * P1 + P4;
}

/* Whole 32-byte stripes; leaves *p at the first byte that was not taken. */
static uint64_t stripes(const unsigned char **p, size_t count, uint64_t seed)
{
    uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1, acc;
    const unsigned char *q = *p;

    for (; count > 0; count--, q += 32) {
        a = step(a, load64(q));
        b = step(b, load64(q + 8));
        c = step(c, load64(q + 16));
        d = step(d, load64(q + 24));
    }
    *p = q;
    acc = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    return merge(merge(merge(merge(acc, a), b), c), d);
}

/* The last 0 to 31 bytes. */
static uint64_t tail(uint64_t acc, const unsigned char *p, size_t left)
{
    uint32_t word;

    for (; left >= 8; left -= 8, p += 8)
        acc = rotate(acc ^ step(0, load64(p)), 27) * P1 + P4;
    if (left >= 4) {
        memcpy(&word, p, sizeof(word));
        acc = rotate(acc ^ word * P1, 23) * P2 + P3;
        left -= 4;
        p += 4;
    }
    for (; left > 0; left--, p++)
        acc = rotate(acc ^ *p * P5, 11) * P1;
    return acc;
}

uint64_t tf_xxh64(const void *data, size_t len, uint64_t seed)
{
    const unsigned char *p = data;
    uint64_t acc = seed + P5;

    if (len >= 32)
        acc = stripes(&p, len / 32, seed);
    acc = tail(acc + len, p, len % 32);
    acc = (acc ^ acc >> 33) * P2;
    acc = (acc ^ acc >> 29) * P3;
    return acc ^ acc >> 32;
}

struct tf_digest tf_digest(const void *data, size_t len)
{
    struct tf_digest digest = {{tf_xxh64(data, len, 0), tf_xxh64(data, len, SECOND_SEED)}};
    return digest;
}
