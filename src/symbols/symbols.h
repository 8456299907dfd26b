/*
 * symbols.h - from an address in an ELF file to function, source file and line.
 *
 * Functions come from .symtab and .dynsym (those of C++ and Rust demangled), lines from DWARF line
 * tables. Both are read on first use. Not for several threads at once. The files are those that the
 * program itself ran with, unchanged (the trace checks that): old libdwarf may crash on debug
 * information that somebody made up.
 */
#ifndef RRL_SYMBOLS_H
#define RRL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbols;

/* What is known of an address. Strings belong to the struct symbols. */
struct symbols_place {
    const char *function; /* NULL: not known */
    uint64_t offset;      /* from the function's start, bytes */
    const char *file;     /* NULL: not known */
    unsigned line;        /* from 1, valid with file */
};

/* Where separate debug information may be. */
struct symbols_places {
    const char *debug_dir; /* usually /usr/lib/debug: by build-id, and by debuglink */
    const char *path; /* of the ELF file when it ran: beside it, by debuglink; NULL: not known */
};

/* Opens an ELF file, and takes fd over, also when it fails. Where the file holds no debug
 * information, that of its build-id in `places` (NULL: none) is taken, if there is. 0; -ENOEXEC: no
 * 64-bit ELF file; -ENOMEM. */
int symbols_open(struct symbols **out, int fd, const struct symbols_places *places);
void symbols_close(struct symbols *s);

/* A file that holds separate debug information: ELF, with symbols or debug information, and without
 * code. A descriptor, or -1. */
int symbols_debug_open(const char *path);

/* Address, as the file's own tables count, of a byte at a place in the file that is loaded.
 * 0, or -ENOENT. */
int symbols_address(struct symbols *s, uint64_t file_offset, uint64_t *address);
/* Addresses, as the file counts, between which all of it is loaded. 0, or -ENOENT. */
int symbols_range(struct symbols *s, uint64_t *start, uint64_t *end);
/* A section, also of the separate debug information; data is the file's, and uncompressed. 0, or
 * -ENOENT. */
struct symbols_section {
    const void *data;
    size_t size;
    uint64_t address; /* where it is loaded, as the file counts; 0: it is not */
};
int symbols_section(struct symbols *s, const char *name, struct symbols_section *out);
/* Address of the table of frame descriptions (.eh_frame_hdr): 0, or -ENOENT. */
int symbols_unwind_header(struct symbols *s, uint64_t *address);
/* What is known of an address; *place is always filled in. */
void symbols_find(struct symbols *s, uint64_t address, struct symbols_place *place);
/* Functions that the compiler put into others at that address, innermost first; each with the place
 * that it was called from. function NULL: not known. Returns how many there are, at most cap. */
struct symbols_inline {
    const char *function;
    const char *call_file; /* NULL: not known */
    unsigned call_line;
};
size_t symbols_inlines(struct symbols *s, uint64_t address, struct symbols_inline *out, size_t cap);
/* Address of a function or other symbol by name: 0, or -ENOENT. */
int symbols_by_name(struct symbols *s, const char *name, uint64_t *address);

#endif
