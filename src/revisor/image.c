/* image.c - the rekernel image that this program was built with. */
#include "machine.h"

extern const char rrl_rekernel_image[] __attribute__((visibility("hidden")));
extern const char rrl_rekernel_image_end[] __attribute__((visibility("hidden")));

struct machine_image machine_builtin_image(void)
{
    return (struct machine_image){rrl_rekernel_image,
                                  (size_t)(rrl_rekernel_image_end - rrl_rekernel_image)};
}
