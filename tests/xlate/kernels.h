/* kernels.h - small programs that the translator is tested and timed with. */
#ifndef XLATE_KERNELS_H
#define XLATE_KERNELS_H

#include <stdint.h>

struct kernel {
    const char *name;
    uint64_t (*fn)(uint64_t a, uint64_t b, uint64_t c);
    uint64_t arg;   /* for a run of a tenth of a second or so */
    uint64_t quick; /* for a test */
};
extern const struct kernel kernels[];
extern const unsigned kernel_count;

#endif
