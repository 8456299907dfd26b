/* whereis.h - from a guest address to a place in a source file, by what the trace holds. */
#ifndef RRL_WHEREIS_H
#define RRL_WHEREIS_H

#include "replayer/maplist.h"
#include "symbols/symbols.h"
#include "trace-format/trace.h"

struct whereis;

/* What is known of an address. Strings live as long as the struct whereis. */
struct whereis_place {
    struct symbols_place at;
    const char *path; /* of the mapped file, NULL: not in one */
    uint64_t offset;  /* in that file */
};

/* Files are read from `reader`, which must not be in use by somebody else meanwhile.
 * NULL: no memory. */
struct whereis *whereis_new(struct tf_reader *reader);
void whereis_free(struct whereis *w);
void whereis_find(struct whereis *w, const struct maplist *maps, uint64_t address,
                  struct whereis_place *place);
/* Functions that the compiler put into others there (symbols_inlines). */
size_t whereis_inlines(struct whereis *w, const struct maplist *maps, uint64_t address,
                       struct symbols_inline *out, size_t cap);
/* The ELF file at an address, NULL: there is none. *bias: what its own addresses lack, [*start,
 * *end): where all of it lies. */
struct symbols *whereis_elf(struct whereis *w, const struct maplist *maps, uint64_t address,
                            uint64_t *bias, uint64_t *start, uint64_t *end);

#endif
