/* stub_session.c - the fuzzing entry: bytes are what a client sends in one session. */
#include "fake_target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fake fake;
    struct fake_stream stream = {
        data, size, 0, NULL, 0, 0, size > 0 && (data[0] & 1) ? FAKE_POLITE : FAKE_RUDE};
    fake_init(&fake);
    int end = fake_session(&fake, &stream);
    if (end < 0 || fake.open_files || fake.break_count || fake.watch_count)
        abort(); /* whatever a client says, it leaves nothing behind */
    return 0;
}
