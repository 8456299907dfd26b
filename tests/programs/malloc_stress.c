/*
 * malloc_stress - a general-purpose allocator at work: many sizes, realloc, free in
 * random order, large blocks by mmap; contents checked throughout.
 */
#include "check.h"

#define SLOTS 500

static struct slot {
    unsigned char *data;
    size_t len;
    unsigned seed;
} slots[SLOTS];

static uint32_t rng = 12345;
static uint32_t next_random(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 17;
    rng ^= rng << 5;
    return rng;
}

static size_t random_size(void)
{
    static const size_t limits[] = {32, 500, 5000, 60000, 400000};
    return 1 + next_random() % limits[next_random() % COUNT(limits)];
}

static void replace(struct slot *s)
{
    CHECK(is_pattern(s->data, s->len, s->seed));
    free(s->data);
    s->len = random_size();
    s->seed = next_random();
    s->data = malloc(s->len);
    CHECK(s->data);
    fill_pattern(s->data, s->len, s->seed);
}

static void resize(struct slot *s)
{
    size_t len = random_size();
    s->data = realloc(s->data, len);
    CHECK(s->data);
    CHECK(is_pattern(s->data, len < s->len ? len : s->len, s->seed));
    s->len = len;
    fill_pattern(s->data, s->len, s->seed);
}

int main(void)
{
    for (int round = 0; round < 8000; round++) {
        struct slot *s = &slots[next_random() % SLOTS];
        if (next_random() % 3)
            replace(s);
        else
            resize(s);
    }
    uint64_t h = MIX_START;
    for (int i = 0; i < SLOTS; i++) {
        CHECK(is_pattern(slots[i].data, slots[i].len, slots[i].seed));
        h = mix(h, &slots[i].len, sizeof(slots[i].len));
        free(slots[i].data);
    }
    printf("sizes hash %016llx\n", (unsigned long long)h);
    return 0;
}
