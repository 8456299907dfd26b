/*
 * damage - makes damaged copies of a file.
 *   damage cut FROM TO LENGTH     the first LENGTH bytes
 *   damage flip FROM TO OFFSET BIT   one bit changed
 *   damage zero FROM TO OFFSET LENGTH   a range of zeros
 *   damage noise FROM TO SEED     some random bytes at random places
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *data;
static size_t len;

static int load(const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        return -1;
    len = (size_t)ftell(f);
    rewind(f);
    data = malloc(len + 1);
    int bad = !data || fread(data, 1, len, f) != len;
    fclose(f);
    return bad ? -1 : 0;
}

static int save(const char *name)
{
    FILE *f = fopen(name, "wb");
    if (!f)
        return -1;
    int bad = fwrite(data, 1, len, f) != len;
    return fclose(f) != 0 || bad ? -1 : 0;
}

static void noise(uint32_t seed)
{
    for (int i = 0; i < 8; i++) {
        seed = seed * 1664525u + 1013904223u;
        size_t at = (size_t)((uint64_t)seed * len >> 32);
        seed = seed * 1664525u + 1013904223u;
        data[at] = (unsigned char)(seed >> 16);
    }
}

static int apply(const char *what, size_t a, size_t b)
{
    if (strcmp(what, "cut") == 0 && a <= len)
        len = a;
    else if (strcmp(what, "flip") == 0 && a < len)
        data[a] ^= (unsigned char)(1u << (b & 7));
    else if (strcmp(what, "zero") == 0 && a < len)
        memset(data + a, 0, b < len - a ? b : len - a);
    else if (strcmp(what, "noise") == 0 && len)
        noise((uint32_t)a);
    else
        return -1;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 64;
    size_t a = strtoul(argv[4], NULL, 10), b = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
    if (load(argv[2]) != 0 || apply(argv[1], a, b) != 0 || save(argv[3]) != 0) {
        fprintf(stderr, "damage: cannot %s %s\n", argv[1], argv[2]);
        return 1;
    }
    return 0;
}
