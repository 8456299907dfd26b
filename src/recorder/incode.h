/*
 * incode.h - is a place in an ELF file code, or data that lies among code?
 *
 * Assemblers' programmers put tables into .text (libcrypto's, for example, hold random looking
 * numbers by the 100 KiB), and two bytes of those look like any instruction now and then. To
 * overwrite them would change what the program computes, so a place must be proven.
 */
#ifndef RRL_RECORDER_INCODE_H
#define RRL_RECORDER_INCODE_H

#include <stddef.h>
#include <stdint.h>

struct incode {
    const unsigned char *image;
    size_t len;
    uint64_t low, high; /* addresses that the file's segments take */
    /* the segment that is looked at, as file offsets, and address minus offset in it */
    size_t begin, end;
    uint64_t shift;
    /* PT_GNU_EH_FRAME's sorted table of functions, where there is one that can be read */
    const unsigned char *table;
    uint64_t table_address, functions;
};

/* Reads the program headers of a valid ELF image; headers: e_phnum of them, in the file. */
void incode_open(struct incode *c, const unsigned char *image, size_t len);
/* Looks at the segment of program header `index` from now on. */
void incode_segment(struct incode *c, unsigned index);

/* Does an instruction start at file offset `at` (that of its escape byte 0x0f, or of prefixes
 * before it)? 1 yes, 0 no: decoding its function from the start says so. -1: no unwind
 * information covers the place. */
int incode_by_function(const struct incode *c, size_t at);
/* Do the instructions around `at` look like those of a compiler? */
int incode_plausible(const struct incode *c, size_t at);
/* Does cpuid or xgetbv at `at` follow an instruction that sets the number it is asked about? */
int incode_idiom(const struct incode *c, size_t at);

#endif
