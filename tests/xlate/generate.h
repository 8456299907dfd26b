/* generate.h - random instructions of every opcode map, with operands that mostly hit memory. */
#ifndef XLATE_GENERATE_H
#define XLATE_GENERATE_H

#include <stdint.h>

#define HIGH_CODE 0x500000000000ull /* code beyond the reach of rel32 and push imm32 */
#define HIGH_DATA 0x500000100000ull

/* Random number below n. */
unsigned pick(unsigned n);
/* Writes one instruction (up to 15 bytes; 16 are overwritten) for address pc and returns its
 * length: no control transfer, nothing that harms this process or differs by mode.
 * high: rip-relative operands hit HIGH_DATA instead of HX_DATA. */
unsigned random_insn(uint8_t *p, uint64_t pc, int high);

#endif
