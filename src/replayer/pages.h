/* pages.h - which memory a process has written since it was last copied. */
#ifndef RRL_PAGES_H
#define RRL_PAGES_H

#include "revisor/abi.h"

#include <stddef.h>
#include <sys/types.h>

/* A second bit for each page, as rk_cover_bit2 is for instructions. */
static inline uint32_t page_bit2(uint64_t addr)
{
    addr = addr / RK_PAGE ^ addr >> 27;
    return (uint32_t)((addr * 0xd6e8feb86659fd93ull) >> 48);
}

/* Sets the bits (rk_page_bit, page_bit2) of all pages in these areas that process pid has written
 * since its last fork; maybe of others too. 0, or -errno: the system does not tell. */
int pages_written(pid_t pid, const struct rk_map *areas, size_t count, uint64_t *bits);

/* Bytes of written memory that the process holds, its part of what it shares with copies of itself;
 * 0: the system does not tell. */
uint64_t pages_held(pid_t pid);

/* Page faults of the process so far that needed no input; 0: the system does not tell. */
uint64_t pages_faults(pid_t pid);

#endif
