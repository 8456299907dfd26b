/*
 * random_code.c - a generator (splitmix64) and three shapes of encodings.
 */
#include "random_code.h"

#include <string.h>

static uint64_t generator;

void random_seed(uint64_t seed)
{
    generator = seed;
}

uint64_t random64(void)
{
    uint64_t z = generator += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
    return (unsigned)(random64() >> 32) % n;
}

void random_bytes(uint8_t *out)
{
    uint64_t a = random64(), b = random64();

    memcpy(out, &a, 8);
    memcpy(out + 8, &b, 8);
}

/* Escape bytes at out + n; returns the offset of the opcode. */
static unsigned escape(uint8_t *out, unsigned n)
{
    switch (below(12)) {
    case 0 ... 2:
        return n; /* one-byte map */
    case 3 ... 5:
        out[n] = 0x0f;
        return n + 1;
    case 6:
    case 7:
        out[n + 1] = out[n + 1] & 1 ? 0x38 : 0x3a;
        out[n] = 0x0f;
        return n + 2;
    case 8:
        out[n] = 0xc5;
        return n + 2;
    case 9:
        out[n] = 0xc4;
        out[n + 1] = (uint8_t)((out[n + 1] & 0xe0) | (1 + below(3)));
        return n + 3;
    case 10:
        out[n] = 0x62;
        out[n + 1] = (uint8_t)((out[n + 1] & 0xf0) | (1 + below(3)));
        out[n + 2] |= 4;
        return n + 4;
    default:
        out[n] = 0x8f;
        out[n + 1] = (uint8_t)((out[n + 1] & 0xe0) | (8 + below(3)));
        return n + 3;
    }
}

static unsigned prefixes(uint8_t *out, unsigned most)
{
    static const uint8_t bytes[] = {0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x64, 0x65, 0xf0, 0x48, 0x41};
    unsigned n = 0, count = below(8) < 5 ? 0 : 1 + below(most);

    while (n < count)
        out[n++] = bytes[below(sizeof bytes)];
    if (below(2))
        out[n++] = (uint8_t)(0x40 + below(16));
    return n;
}

void random_structured(uint8_t *out)
{
    random_bytes(out);
    escape(out, prefixes(out, 3));
}

void random_register_form(uint8_t *out)
{
    unsigned n;

    random_bytes(out);
    n = escape(out, below(3) ? 0 : prefixes(out, 1));
    out[n + 1] |= 0xc0;
}
