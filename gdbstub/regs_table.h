/* regs_table.h - the table of registers, shared by regs.c and describe.c. */
#ifndef RRL_GDBSTUB_REGS_TABLE_H
#define RRL_GDBSTUB_REGS_TABLE_H

#include "target.h"

enum reg_feature { F_CORE, F_SSE, F_LINUX, F_SEGMENTS, F_AVX, F_AVX512, F_PKEYS, F_COUNT };

enum reg_where {
    W_REGS,     /* at offset in struct target_regs */
    W_XSTATE,   /* at offset in its component of the image */
    W_X87,      /* stride bytes at offset of the image, shown as 32 bits */
    W_X87_TAG,  /* the tag word */
    W_CONSTANT, /* offset is its value */
};

/* Registers that differ by their number only. */
struct reg_block {
    const char *name; /* with %u where the number goes */
    unsigned first, count, size;
    const char *type;
    enum reg_feature feature;
    unsigned component; /* 0: always there */
    enum reg_where where;
    size_t offset, stride;
    const char *group;
};

/* The i-th block; one with count 0 where this machine lacks it, NULL behind the last. */
const struct reg_block *regs_block(unsigned i, const struct target_layout *layout);

#endif
