/*
 * base.h - what every file of the rekernel core starts from: short integer names,
 * the four mem* functions, checks that stay on in release, and string helpers.
 */
#ifndef RRL_RK_BASE_H
#define RRL_RK_BASE_H

#include <asm/errno.h>
#include <asm/unistd.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENOTSUP EOPNOTSUPP

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define ALIGN_UP(v, n) (((v) + (n)-1) & ~(u64)((n)-1))
#define ALIGN_DOWN(v, n) ((v) & ~(u64)((n)-1))
#define PAGE_UP(v) ALIGN_UP((u64)(v), RK_PAGE)
#define PAGE_DOWN(v) ALIGN_DOWN((u64)(v), RK_PAGE)

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

size_t str_len(const char *s);
int str_cmp(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
/* Copies at most cap-1 bytes and always ends dst in NUL; returns the length copied. */
size_t str_copy(char *dst, const char *src, size_t cap);

/* Bounded text building: never writes past cap, always NUL ended. Conversions:
 * %s %c %d (s64) %u (u64) %x (u64), %o (u64) and %0Nx / %Nu widths. All integer
 * arguments are passed as 64 bits. */
struct text {
    char *buf;
    size_t cap, len;
};
void text_add(struct text *t, const char *format, ...);
void text_vadd(struct text *t, const char *format, va_list args);

/* A broken invariant of the rekernel itself: reported, then the machine ends. */
_Noreturn void rk_panic(const char *what, u64 a, u64 b);
#define RK_CHECK(cond, a, b) \
    do {                     \
        if (!(cond))         \
            rk_panic(#cond, (u64)(a), (u64)(b)); \
    } while (0)

/* Kernel heap: deterministic, zeroed, never fails softly (a full heap panics: its
 * users are bounded by guest-visible limits). */
void *kalloc(size_t size);
void kfree(void *p, size_t size);
char *kstrdup(const char *s);
void kstrfree(char *s);

/* 64-bit hash of bytes for event checks (not cryptographic). */
u64 hash_bytes(u64 seed, const void *data, size_t len);

#endif
