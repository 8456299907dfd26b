/* internal.h - what the files of the unwinder share. */
#ifndef RRL_UNWIND_INTERNAL_H
#define RRL_UNWIND_INTERNAL_H

#include "unwind.h"

#include <libunwind.h>

/* Not in the library's header, but part of its interface: other unwinders of foreign memory use it
 * as well. Finds ip in a sorted table of frame descriptions. */
#define unwind_search_table UNW_OBJ(dwarf_search_unwind_table)
extern int unwind_search_table(unw_addr_space_t as, unw_word_t ip, unw_dyn_info_t *di,
                               unw_proc_info_t *pi, int need_unwind_info, void *arg);

/* Tables that we make ourselves lie, as the library sees it, in a window of the address space
 * where no program has memory (abi.h: the rekernel's low range) and from which all code that is
 * linked or loaded low is within 2 GiB. */
#define WINDOW_START 0x70000000ull
#define WINDOW_END 0x7fff0000ull

/* A file may describe some code in .eh_frame and other code in .debug_frame. */
enum unwind_source { UNWIND_EH_FRAME, UNWIND_DEBUG_FRAME };

/* How to find frame descriptions of one ELF file. */
struct unwind_table {
    struct unwind_table *next;
    enum unwind_source source;
    struct symbols *file;
    uint64_t bias, start, end;
    int found;                     /* 0: the file has none */
    uint64_t base, table, entries; /* addresses are relative to base; pairs of int32_t */
    unsigned char *own;            /* made by ourselves, seen at `window`; or NULL */
    uint64_t window;
    size_t own_size;
};

#define CACHED_PAGES 64
#define CACHE_PAGE 4096u

struct unwinder {
    struct unwind_target target;
    unw_addr_space_t space;
    struct unwind_table *tables;
    uint64_t window_next;
    const struct unwind_regs *regs; /* where the present cursor began */
    int no_info;                    /* the last step met code without unwind information */
    struct unwind_frame *frames;
    size_t count, cap;
    struct {
        uint64_t page; /* address + 1, 0: empty */
        unsigned char data[CACHE_PAGE];
    } cache[CACHED_PAGES];
};

/* memory.c: 0, or -1 when not all of it can be read. */
int unwind_read(struct unwinder *u, uint64_t addr, void *buf, size_t len);

/* table.c: the table of that source for the code at ip; NULL: there is none. */
const struct unwind_table *unwind_table_at(struct unwinder *u, uint64_t ip,
                                           enum unwind_source source);
void unwind_tables_free(struct unwinder *u);
/* False: the description that the table has for ip would lead the library astray, which
 * trusts the number of the return address register. */
int unwind_table_sound(struct unwinder *u, const struct unwind_table *t, uint64_t ip);

/* index.c: makes a table of all descriptions in the source's section. 0, or -1. */
int unwind_index_make(struct unwinder *u, struct unwind_table *t);

#endif
