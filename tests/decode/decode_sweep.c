/*
 * decode_sweep - walks the executable sections of ELF files and compares each
 * instruction with capstone.
 *
 *   decode_sweep [--limit N] [--seconds S] [--every N] [--detail] [--bench] [FILE...]
 *
 * --limit, --seconds: stop after so many instructions or so much time
 * --every N           of each section only every Nth stretch of 4 KiB
 * --detail            compare registers and flags, too (slower)
 * --bench             decode only and print the time per instruction
 * Without files: the installed system. Exit status 1 when a difference is unexplained.
 */
#include "compare.h"
#include "elfwalk.h"
#include "tally.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define STRETCH 4096u

struct sweep {
    csh handle;
    cs_insn *cs;
    int detail, bench;
    uint64_t limit, insns, bytes, files;
    unsigned every, chosen;
    double deadline, decoding;
    uint64_t checksum;
};

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void compare_one(struct sweep *sw, const struct insn *in, const uint8_t *code,
                        const cs_insn *cs)
{
    unsigned kinds = compare_shape(in, cs);
    struct detail_difference d = {0};

    if (sw->detail && !kinds && cs && in->cls == INSN_PLAIN)
        d = compare_detail(sw->handle, in, cs);
    kinds |= d.kinds;
    for (unsigned k = 0; kinds >> k; k++)
        if (kinds >> k & 1)
            tally_add(k, explain(k, in, code, cs, d.of[k]), in, code, cs, d.of[k]);
}

/* One stretch: starts anywhere, so the first instructions may be nonsense; nonsense is
 * compared as well. */
static void sweep_stretch(struct sweep *sw, const struct elf_code *code, size_t at, size_t end)
{
    while (at < end) {
        const uint8_t *p = code->bytes + at;
        size_t left = code->len - at;
        uint64_t addr = code->addr + at;
        struct insn in;
        int known;

        if (insn_decode(&in, p, left < 64 ? (uint32_t)left : 64))
            return;
        known = cs_disasm_iter(sw->handle, &p, &left, &addr, sw->cs);
        compare_one(sw, &in, code->bytes + at, known ? sw->cs : 0);
        at += in.cls == INSN_INVALID ? 1 : in.len;
        sw->insns++;
    }
}

static void bench_stretch(struct sweep *sw, const struct elf_code *code, size_t at, size_t end)
{
    double start = now();
    struct insn in;

    while (at < end) {
        size_t left = code->len - at;

        if (insn_decode(&in, code->bytes + at, left < 64 ? (uint32_t)left : 64))
            break;
        sw->checksum += in.gpr_read + in.flags_write;
        at += in.cls == INSN_INVALID ? 1 : in.len;
        sw->insns++;
    }
    sw->decoding += now() - start;
}

static int visit(const struct elf_code *code, void *arg)
{
    struct sweep *sw = arg;

    sw->files++;
    for (size_t at = 0; at < code->len; at += STRETCH) {
        size_t end = at + STRETCH < code->len ? at + STRETCH : code->len;

        if (sw->chosen++ % sw->every)
            continue;
        if (sw->bench)
            bench_stretch(sw, code, at, end);
        else
            sweep_stretch(sw, code, at, end);
        sw->bytes += end - at;
        if (sw->insns >= sw->limit || now() >= sw->deadline)
            return 1;
    }
    return 0;
}

static void report(const struct sweep *sw, double seconds)
{
    printf("%" PRIu64 " instructions, %" PRIu64 " bytes, %" PRIu64 " sections in %.1f s", sw->insns,
           sw->bytes, sw->files, seconds);
    if (sw->bench)
        printf(": %.2f ns an instruction (checksum %" PRIx64 ")\n",
               sw->decoding * 1e9 / (double)sw->insns, sw->checksum);
    else
        printf(": %.2f million a second\n", (double)sw->insns / seconds / 1e6);
    if (!sw->bench)
        tally_print(stdout);
}

static int usage(void)
{
    fprintf(stderr, "usage: decode_sweep [--limit N] [--seconds S] [--every N] [--detail] "
                    "[--bench] [FILE...]\n");
    return 64;
}

static int parse(struct sweep *sw, int argc, char **argv)
{
    static const struct option options[] = {
        {"limit", 1, 0, 'l'},  {"seconds", 1, 0, 's'}, {"every", 1, 0, 'e'},
        {"detail", 0, 0, 'd'}, {"bench", 0, 0, 'b'},   {0, 0, 0, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, 0)) != -1) {
        switch (c) {
        case 'l':
            sw->limit = strtoull(optarg, 0, 0);
            break;
        case 's':
            sw->deadline = now() + strtod(optarg, 0);
            break;
        case 'e':
            sw->every = (unsigned)strtoul(optarg, 0, 0);
            break;
        case 'd':
            sw->detail = 1;
            break;
        case 'b':
            sw->bench = 1;
            break;
        default:
            return -1;
        }
    }
    return sw->every ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct sweep sw = {.limit = UINT64_MAX, .every = 1, .deadline = now() + 1e9};
    double start = now();

    if (parse(&sw, argc, argv))
        return usage();
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &sw.handle)) {
        fprintf(stderr, "decode_sweep: capstone cannot be opened for x86-64\n");
        return 1;
    }
    if (sw.detail)
        cs_option(sw.handle, CS_OPT_DETAIL, CS_OPT_ON);
    sw.cs = cs_malloc(sw.handle);
    if (optind == argc)
        elf_walk_system(visit, &sw);
    for (int i = optind; i < argc; i++)
        if (elf_walk(argv[i], visit, &sw))
            break;
    report(&sw, now() - start);
    cs_free(sw.cs, 1);
    cs_close(&sw.handle);
    if (!sw.insns) {
        fprintf(stderr, "decode_sweep: no x86-64 code found\n");
        return 1;
    }
    return tally_unexplained() != 0;
}
