/*
 * access.h - which bytes of memory an instruction is about to access, from the state before it.
 *
 * For watchpoints: exact for all that user code can run on x86-64, with these exceptions, where
 * more is named than is touched: a masked AVX-512 instruction that is no plain move, compress,
 * expand, gather or scatter; xsave and xrstor (the legacy area, the header and everything that
 * the extended components asked for may take). Prefetches, cache-line flushes and lea access
 * nothing. Nothing here reads guest memory.
 *
 * Source: Intel SDM volume 2; AMD APM volumes 3 to 5.
 */
#ifndef RRL_ACCESS_H
#define RRL_ACCESS_H

#include "decode.h"

#define ACCESS_READ 1u
#define ACCESS_WRITE 2u
/* The most accesses of one instruction: 64 masked bytes. */
#define ACCESS_MAX 66

struct insn_access {
    uint64_t addr, len; /* addr + len does not wrap around */
    uint32_t kind;      /* ACCESS_* */
};

/* The state before the instruction. The functions are asked only if the instruction needs them. */
struct access_cpu {
    const uint64_t *gpr; /* 16, by hardware number */
    uint64_t pc;
    uint64_t rflags;
    uint64_t (*base)(unsigned seg);                   /* of 0x64 (fs) or 0x65 (gs) */
    void (*vector)(unsigned number, uint8_t out[64]); /* zmm0 to zmm31; what there is of it */
    uint64_t (*mask)(unsigned number);                /* k0 to k7 */
    uint32_t xsave_size;                              /* bytes of an XSAVE area with everything */
};

/* Bytes of the operand that ModRM names in memory; 0: none, or only insn_accesses knows. bytes:
 * the instruction. And: with EVEX the unit of an 8-bit displacement. */
uint32_t insn_operand_size(const struct insn *in, const uint8_t *bytes);
uint32_t insn_disp8_unit(const struct insn *in, const uint8_t *bytes);
/* Can the operand be a vector of addresses (gather, scatter)? */
int insn_vector_index(const struct insn *in);
/* Displacement of the operand, EVEX's 8-bit ones scaled. */
int64_t insn_displacement(const struct insn *in, const uint8_t *bytes);
/* Address of that operand; for one with a vector index: of its base and displacement. */
uint64_t insn_operand_addr(const struct insn *in, const uint8_t *bytes,
                           const struct access_cpu *cpu);

/* False for control transfers that trap, system calls and the like, and where nothing is
 * loaded or stored. */
int insn_may_access(const struct insn *in);
/* Does it read (ACCESS_READ), write, or both? Of one with several operands: any of them. */
uint32_t insn_kinds(const struct insn *in, const uint8_t *bytes);
/* All accesses of the instruction that lies in bytes; returns their number. A repeated string
 * instruction is taken to run to the end of its count. */
unsigned insn_accesses(const struct insn *in, const uint8_t *bytes, const struct access_cpu *cpu,
                       struct insn_access out[ACCESS_MAX]);

#endif
