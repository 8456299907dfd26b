/*
 * sites.h - instructions in a program file that must trap but that not every processor can
 * make trap: cpuid, rdrand, rdseed, rdpid, xgetbv, lsl, smsw (revisor/abi.h, RK_SITES_MAX).
 */
#ifndef RRL_RECORDER_SITES_H
#define RRL_RECORDER_SITES_H

#include <stddef.h>
#include <stdint.h>

/* Finds the sites in an ELF image (its first bytes on; anything else has none). offsets
 * receives file offsets of the two opcode bytes, ascending; returns how many, at most max.
 * A byte pair counts when unwind information says that it is an instruction of a function, or
 * else when what is around it can only be code (incode.h), so that bytes inside other
 * instructions or data are left alone. */
uint32_t sites_find(const void *image, size_t len, uint32_t *offsets, uint32_t max);

/* The same for an open file, with results kept in directory `dir` (NULL: not kept) by
 * the file's identity, so that a big program is searched once. */
uint32_t sites_of_file(int fd, const char *dir, uint32_t *offsets, uint32_t max);

#endif
