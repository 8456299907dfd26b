/*
 * sites.c - see sites.h.
 */
#include "sites.h"
#include "incode.h"
#include "rekernel/x86/decode.h"
#include "trace-format/trace.h"

#include <elf.h>
#include <emmintrin.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Decoding starts at each of these many bytes before a candidate: x86 code brings a
 * decoder that starts anywhere into step within a few instructions. */
#define LEAD_FIRST 48u
#define LEAD_COUNT 24u
#define DISAGREE_MAX (LEAD_COUNT / 4)

static int wanted(const struct insn *in)
{
    return in->cls == INSN_CPUID || in->cls == INSN_RDRAND || in->cls == INSN_RDSEED ||
           in->cls == INSN_RDPID || in->cls == INSN_XGETBV || in->cls == INSN_SYSTAB;
}

/* The bytes of smsw and lsl also stand in data and immediates: all ways of decoding must
 * agree on them. */
static int is_common(const unsigned char *p)
{
    return p[1] == 0x03 || (p[1] == 0x01 && p[2] != 0xd0);
}

/* Does decoding from `start` meet a wanted instruction whose opcode is at `at`? */
static int meets(const unsigned char *code, size_t start, size_t at, size_t end)
{
    struct insn in;
    while (start <= at) {
        size_t avail = end - start;
        if (insn_decode(&in, code + start, avail > 15 ? 15 : (uint32_t)avail))
            return 0;
        if (in.map == 1 && start + in.op_off == at + 1)
            return wanted(&in);
        start += in.cls == INSN_INVALID ? 1 : in.len;
    }
    return 0;
}

static int confirmed(const unsigned char *code, size_t at, size_t begin, size_t end)
{
    unsigned disagree = 0, tried = 0, most = is_common(code + at) ? 0 : DISAGREE_MAX;
    for (unsigned lead = LEAD_FIRST; lead < LEAD_FIRST + LEAD_COUNT; lead++, tried++) {
        if (at < begin + lead)
            break;
        disagree += !meets(code, at - lead, at, end);
        if (disagree > most)
            return 0;
    }
    if (!tried) /* right at the segment's start: decode from there */
        return meets(code, begin, at, end);
    return disagree * LEAD_COUNT <= most * tried;
}

/* May the bytes at p be an instruction that must trap? smsw and lsl only in register form,
 * which is how they are used. sgdt, sidt, sldt and str are left alone: processors with UMIP
 * refuse them, the last two tell the same on every x86-64 Linux, and the bytes of all stand in
 * the tables of small numbers that some compilers mix with code. */
static int candidate(const unsigned char *p)
{
    switch (p[1]) {
    case 0xa2: /* cpuid */
        return 1;
    case 0xc7: /* rdrand rdseed rdpid */
        return p[2] >= 0xf0;
    case 0x01: /* xgetbv; smsw */
        return p[2] == 0xd0 || (p[2] & 0xf8) == 0xe0;
    case 0x03: /* lsl */
        return p[2] >= 0xc0;
    default:
        return 0;
    }
}

struct search {
    struct incode code;
    const unsigned char *image;
    size_t begin, end;
    uint32_t *offsets, count, max;
};

static void consider(struct search *s, size_t at)
{
    if (at + 3 > s->end || !candidate(s->image + at) || s->count == s->max)
        return;
    int code = incode_by_function(&s->code, at);
    if (code < 0)
        code = incode_idiom(&s->code, at) ||
               (confirmed(s->image, at, s->begin, s->end) && incode_plausible(&s->code, at));
    if (code)
        s->offsets[s->count++] = (uint32_t)at;
}

/* One bit for each of the 16 bytes at p that are an escape byte and one of the second bytes.
 * Of those below 4 candidate() wants 1 and 3. */
static unsigned escapes(const unsigned char *p)
{
    __m128i a = _mm_loadu_si128((const __m128i *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(p + 1));
    __m128i cpuid = _mm_cmpeq_epi8(b, _mm_set1_epi8((char)0xa2));
    __m128i random = _mm_cmpeq_epi8(b, _mm_set1_epi8((char)0xc7));
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(b, _mm_set1_epi8(3)), b);
    __m128i second = _mm_or_si128(_mm_or_si128(cpuid, random), low);
    __m128i first = _mm_cmpeq_epi8(a, _mm_set1_epi8(0x0f));
    return (unsigned)_mm_movemask_epi8(_mm_and_si128(first, second));
}

static void search_segment(struct search *s)
{
    size_t at = s->begin;
    for (; at + 17 <= s->end; at += 16)
        for (unsigned mask = escapes(s->image + at); mask; mask &= mask - 1)
            consider(s, at + (unsigned)__builtin_ctz(mask));
    for (; at + 3 <= s->end; at++)
        if (s->image[at] == 0x0f)
            consider(s, at);
}

uint32_t sites_find(const void *image, size_t len, uint32_t *offsets, uint32_t max)
{
    const Elf64_Ehdr *h = image;
    struct search s = {.image = image, .offsets = offsets, .max = max};
    if (len < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) || len > UINT32_MAX ||
        h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff > len ||
        (len - h->e_phoff) / sizeof(Elf64_Phdr) < h->e_phnum)
        return 0;
    incode_open(&s.code, image, len);
    for (unsigned i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr p;
        memcpy(&p, s.image + h->e_phoff + i * sizeof(p), sizeof(p));
        if (p.p_type != PT_LOAD || !(p.p_flags & PF_X) || p.p_offset >= len)
            continue;
        s.begin = p.p_offset;
        s.end = p.p_filesz < len - p.p_offset ? p.p_offset + p.p_filesz : len;
        incode_segment(&s.code, i);
        search_segment(&s);
    }
    return s.count;
}

/* ------------------------------------------------------------------ kept results */
#define KEEP_MIN (1u << 20) /* smaller files are searched faster than looked up */
#define KEPT_MAGIC 0x3353544953524cull

struct kept {
    uint64_t magic;
    uint64_t dev, ino, size;
    int64_t mtime_ns, ctime_ns;
    uint64_t count;
    struct tf_digest digest; /* of the offsets that follow */
};

static struct kept identity(const struct stat *st)
{
    return (struct kept){.magic = KEPT_MAGIC,
                         .dev = st->st_dev,
                         .ino = st->st_ino,
                         .size = (uint64_t)st->st_size,
                         .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
                         .ctime_ns =
                             (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec};
}

static int kept_path(char *path, size_t cap, const char *dir, const struct kept *k, const char *end)
{
    struct tf_digest d =
        tf_digest(&k->dev, offsetof(struct kept, count) - offsetof(struct kept, dev));
    return snprintf(path, cap, "%s/%016llx%s", dir, (unsigned long long)d.w[0], end) < (int)cap;
}

static int load(const char *dir, const struct kept *want, uint32_t *offsets, uint32_t max)
{
    char path[4096];
    struct kept k;
    int count = -1;
    if (!kept_path(path, sizeof(path), dir, want, ".sites"))
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (read(fd, &k, sizeof(k)) == sizeof(k) && k.count <= max &&
        !memcmp(&k, want, offsetof(struct kept, count)) &&
        read(fd, offsets, k.count * 4) == (ssize_t)(k.count * 4)) {
        struct tf_digest d = tf_digest(offsets, k.count * 4);
        count = d.w[0] == k.digest.w[0] && d.w[1] == k.digest.w[1] ? (int)k.count : -1;
    }
    close(fd);
    return count;
}

static void keep(const char *dir, struct kept k, const uint32_t *offsets, uint32_t count)
{
    char path[4096], tmp[4096], end[32];
    snprintf(end, sizeof(end), ".%d.tmp", (int)getpid());
    if (!kept_path(path, sizeof(path), dir, &k, ".sites") ||
        !kept_path(tmp, sizeof(tmp), dir, &k, end))
        return;
    k.count = count;
    k.digest = tf_digest(offsets, count * 4);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    int ok = write(fd, &k, sizeof(k)) == sizeof(k) &&
             write(fd, offsets, count * 4) == (ssize_t)(count * 4);
    ok = !close(fd) && ok;
    if (!ok || rename(tmp, path))
        unlink(tmp);
}

uint32_t sites_of_file(int fd, const char *dir, uint32_t *offsets, uint32_t max)
{
    struct stat st;
    if (fstat(fd, &st) || st.st_size < (off_t)sizeof(Elf64_Ehdr) || st.st_size > UINT32_MAX)
        return 0;
    struct kept k = identity(&st);
    int known = dir && st.st_size >= KEEP_MIN ? load(dir, &k, offsets, max) : -1;
    if (known >= 0)
        return (uint32_t)known;
    void *image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (image == MAP_FAILED)
        return 0;
    uint32_t count = sites_find(image, (size_t)st.st_size, offsets, max);
    munmap(image, (size_t)st.st_size);
    if (dir && st.st_size >= KEEP_MIN)
        keep(dir, k, offsets, count);
    return count;
}
