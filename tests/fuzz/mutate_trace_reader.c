/*
 * mutate_trace_reader.c - feeds the fuzzing entry with bent traces, always the same
 * ones: `mutate_trace_reader [ROUNDS [FIRST]]`. A round that fails can be repeated alone
 * with FIRST; rounds do not depend on each other.
 *
 * Plain noise only reaches the first checksum. So most rounds bend a part of the trace
 * and then put all checks right again: what is tested then is the judgement behind them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zstd.h>

#include "../trace-format/samples.h"
#include "trace-format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUNDS 100000u
#define UNITS_MAX 64u
#define ROOM (1u << 20)
#define FRAME_CUT (1u << 14) /* bytes of a frame that are used at most */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_LIMIT 0 /* the sanitizer's own memory is beyond any limit */
#else
#define MEMORY_LIMIT (600ull << 20)
#endif

struct piece {
    struct tf_tag tag;
    unsigned char *frame;
};
static struct piece sample[UNITS_MAX], bent[UNITS_MAX];
static size_t sample_count, bent_count;
/* The original has room behind it: a bent length may reach there. */
static unsigned char original[ROOM], file[4 * ROOM], frames[UNITS_MAX][1u << 16];
static uint64_t state; /* of the random numbers of this round */

static uint64_t below(uint64_t bound)
{
    return sample_random(&state) % bound;
}

static uint64_t odd_number(void)
{
    static const uint64_t numbers[] = {0,          1,          7,          8,
                                       16,         4096,       1u << 20,   (1u << 20) + 1,
                                       4u << 20,   64u << 20,  0x7fffffff, 0x80000000,
                                       0xffffffff, UINT64_MAX, 1ull << 63, 3};
    return below(4) == 0 ? sample_random(&state) : numbers[below(16)];
}

static void split_sample(unsigned char *data, size_t len)
{
    size_t at = sizeof(struct tf_start);

    while (at + sizeof(struct tf_tag) < len && sample_count < UNITS_MAX / 2) {
        struct piece *p = &sample[sample_count];
        memcpy(&p->tag, data + at, sizeof(p->tag));
        if (p->tag.magic != TF_TAG_MAGIC)
            break;
        p->frame = data + at + sizeof(p->tag);
        at += sizeof(p->tag) + p->tag.packed;
        sample_count++;
    }
}

/* ----------------------------------------------------- bending, piece by piece */

static void bend_bytes(unsigned char *data, size_t len)
{
    for (uint64_t n = 1 + below(4); n > 0 && len > 0; n--) {
        size_t at = below(len), size = 1u << below(4);
        uint64_t value = odd_number();
        if (below(2) == 0)
            data[at] ^= (unsigned char)(1u << below(8));
        else
            memcpy(data + at, &value, size < len - at ? size : len - at);
    }
}

/* Contents that are read by structure: bent, packed again, named by their new digest. */
static void bend_contents(struct piece *p, unsigned char *room, size_t cap)
{
    static unsigned char raw[1u << 16];
    size_t packed = p->tag.packed < FRAME_CUT ? p->tag.packed : FRAME_CUT;
    size_t len = ZSTD_decompress(raw, sizeof(raw), p->frame, packed);

    if (ZSTD_isError(len))
        return;
    if (below(3) == 0)
        len = below(len + 1);
    bend_bytes(raw, len);
    p->tag.packed = (uint32_t)ZSTD_compress(room, cap, raw, len, 1);
    p->tag.length = (uint32_t)len;
    p->tag.digest = tf_digest(raw, len);
    p->frame = room;
}

static void bend_frame(struct piece *p, unsigned char *room)
{
    size_t len = p->tag.packed < FRAME_CUT ? p->tag.packed : FRAME_CUT;

    memmove(room, p->frame, len);
    bend_bytes(room, len);
    p->frame = room;
}

static void bend_order(void)
{
    size_t a = below(bent_count), b = below(bent_count);
    struct piece moved = bent[a];

    if (below(2) == 0 || bent_count == UNITS_MAX) {
        bent[a] = bent[b];
        bent[b] = moved;
    } else {
        bent[bent_count++] = moved;
    }
    if (below(2) == 0) /* numbers that make it right again, or nearly */
        for (size_t i = 0; i < bent_count; i++)
            bent[i].tag.sequence = (uint32_t)i + 1;
}

static void bend_piece(void)
{
    size_t i = below(bent_count);

    switch (below(5)) {
    case 0:
        bend_order();
        break;
    case 1:
        bend_frame(&bent[i], frames[i]);
        break;
    case 2:
        bend_bytes((unsigned char *)&bent[i].tag, sizeof(bent[i].tag));
        break;
    default:
        bend_contents(&bent[i], frames[i], sizeof(frames[i]));
    }
}

/* Puts the pieces together; `honest` gives each the checks it should have. */
static size_t join(int honest)
{
    static struct tf_unit_size sizes[UNITS_MAX];
    struct tf_start start;
    uint64_t chain;
    size_t at = sizeof(start);

    tf_start_make(&start);
    memcpy(file, &start, sizeof(start));
    chain = start.check;
    for (size_t i = 0; i < bent_count; i++) {
        struct tf_tag *tag = &bent[i].tag;
        size_t len = tag->packed < FRAME_CUT ? tag->packed : FRAME_CUT;
        if (honest) {
            tag->packed_check = tf_xxh64(bent[i].frame, len, 0);
            tf_tag_seal(tag, chain);
        }
        chain = tag->chain;
        memcpy(file + at, tag, sizeof(*tag));
        memcpy(file + at + sizeof(*tag), bent[i].frame, len);
        at += sizeof(*tag) + len;
        sizes[i] = (struct tf_unit_size){tag->packed, tag->length};
    }
    tf_table_make(file + at, sizes, bent_count);
    return at + tf_table_size(bent_count);
}

static void run_round(uint64_t number)
{
    size_t len;

    state = number * 0x9E3779B97F4A7C15ull + 1;
    memcpy(bent, sample, sizeof(sample));
    bent_count = sample_count;
    for (uint64_t n = 1 + below(3); n > 0; n--)
        bend_piece();
    len = join(below(8) != 0);
    if (below(8) == 0)
        bend_bytes(file, len);
    if (below(8) == 0)
        len = below(len + 1);
    LLVMFuzzerTestOneInput(file, len);
}

static uint64_t current;

static void tell_round(int signal)
{
    char text[80];
    int n = snprintf(text, sizeof(text), "failed in round %llu (signal %d)\n",
                     (unsigned long long)current, signal);

    if (write(STDERR_FILENO, text, (size_t)n) < 0)
        _exit(2);
    _exit(1);
}

int main(int argc, char **argv)
{
    uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 0) : ROUNDS;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
    struct rlimit memory = {MEMORY_LIMIT, MEMORY_LIMIT};
    size_t len;
    unsigned char *data = sample_trace(&len);

    if (data == NULL || len > ROOM / 2) {
        fprintf(stderr, "the sample trace could not be written\n");
        return 2;
    }
    if (MEMORY_LIMIT != 0)
        setrlimit(RLIMIT_AS, &memory);
    signal(SIGABRT, tell_round);
    signal(SIGALRM, tell_round);
    signal(SIGSEGV, tell_round);
    memcpy(original, data, len);
    free(data);
    split_sample(original, len);
    LLVMFuzzerTestOneInput(original, len);
    for (current = first; current < first + rounds; current++) {
        alarm(20); /* no input of this size may take that long */
        run_round(current);
    }
    printf("%llu rounds from %zu units\n", (unsigned long long)rounds, sample_count);
    return 0;
}
