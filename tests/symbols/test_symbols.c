/* test_symbols.c - functions and lines of this very program, and of damaged copies. */
#include "symbols/symbols.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BEFORE = __LINE__ };
int symbols_subject(int n);
__attribute__((noinline)) int symbols_subject(int n)
{
    return n * 3 + 1;
}
enum { BEHIND = __LINE__ };

static struct symbols *open_self(void)
{
    struct symbols *s;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    cr_assert_eq(symbols_open(&s, fd, NULL), 0);
    return s;
}

static int note_base(struct dl_phdr_info *info, size_t size, void *base)
{
    *(uint64_t *)base = info->dlpi_addr;
    return 1; /* the program comes first */
}

static uint64_t subject_address(void)
{
    uint64_t base;
    dl_iterate_phdr(note_base, &base);
    return (uint64_t)(uintptr_t)&symbols_subject - base;
}

Test(symbols, function_and_line)
{
    struct symbols_place p;
    struct symbols *s = open_self();
    symbols_find(s, subject_address(), &p);
    cr_assert(p.function && p.file);
    cr_expect_str_eq(p.function, "symbols_subject");
    cr_expect_eq(p.offset, 0);
    cr_expect(strstr(p.file, "test_symbols.c"), "%s", p.file);
    cr_expect(p.line > BEFORE && p.line < BEHIND, "line %u", p.line);
    symbols_find(s, subject_address() + 1, &p);
    cr_expect_str_eq(p.function, "symbols_subject");
    cr_expect_eq(p.offset, 1);
    symbols_close(s);
}

Test(symbols, by_name)
{
    uint64_t address;
    struct symbols *s = open_self();
    cr_assert_eq(symbols_by_name(s, "symbols_subject", &address), 0);
    cr_expect_eq(address, subject_address());
    cr_expect_eq(symbols_by_name(s, "no such symbol", &address), -ENOENT);
    symbols_close(s);
}

Test(symbols, addresses_of_nothing)
{
    struct symbols_place p;
    struct symbols *s = open_self();
    symbols_find(s, 0, &p);
    cr_expect_null(p.function);
    symbols_find(s, UINT64_MAX, &p);
    cr_expect_null(p.file);
    symbols_close(s);
}

/* The code at a place of the file is that at its address. */
Test(symbols, file_offsets)
{
    unsigned char code[8];
    uint64_t address = 0, found = 0;
    struct symbols *s = open_self();
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    for (uint64_t at = 0; !found && !symbols_address(s, at, &address); at += 4096)
        if (subject_address() - address < 4096)
            found = at + (subject_address() - address);
    cr_assert_eq(pread(fd, code, sizeof(code), (off_t)found), sizeof(code));
    cr_expect_arr_eq(code, (const void *)&symbols_subject, sizeof(code));
    cr_expect_eq(symbols_address(s, (uint64_t)1 << 60, &address), -ENOENT);
    close(fd);
    symbols_close(s);
}

Test(symbols, no_elf_file)
{
    struct symbols *s;
    cr_expect_eq(symbols_open(&s, open("/etc/passwd", O_RDONLY | O_CLOEXEC), NULL), -ENOEXEC);
    cr_expect_null(s);
    cr_expect_eq(symbols_open(&s, open("/dev/null", O_RDONLY | O_CLOEXEC), NULL), -ENOEXEC);
}

/* Symbol tables of whatever bytes: there is an answer or none. */
Test(symbols, damaged, .timeout = 60)
{
    struct stat st;
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    cr_assert_eq(fstat(self, &st), 0);
    size_t len = (size_t)st.st_size;
    unsigned char *copy = malloc(len);
    srand(1);
    for (int round = 0; round < 60; round++) {
        struct symbols *s;
        uint64_t address;
        cr_assert_eq(pread(self, copy, len, 0), (ssize_t)len);
        for (int i = 0; i < 200; i++)
            copy[64 + (size_t)rand() % (len - 64)] = (unsigned char)rand();
        int fd = memfd_create("damaged", MFD_CLOEXEC);
        cr_assert_eq(write(fd, copy, round % 3 ? len : len / 2),
                     (ssize_t)(round % 3 ? len : len / 2));
        if (symbols_open(&s, fd, NULL))
            continue;
        symbols_by_name(s, "symbols_subject", &address);
        symbols_close(s);
    }
    free(copy);
}
