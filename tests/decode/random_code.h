/*
 * random_code.h - random encodings that have the form of instructions.
 */
#ifndef RRL_TEST_RANDOM_CODE_H
#define RRL_TEST_RANDOM_CODE_H

#include <stdint.h>

void random_seed(uint64_t seed);
uint64_t random64(void);
/* 16 bytes with nothing to hold them together. */
void random_bytes(uint8_t *out);
/* 16 bytes: prefixes, an escape, then anything. */
void random_structured(uint8_t *out);
/* The same with few prefixes and a ModRM byte, where there is one, that names a
 * register. */
void random_register_form(uint8_t *out);

#endif
