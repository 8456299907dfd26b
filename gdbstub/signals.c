/* signals.c - GDB's numbers of signals. */
#include "signals.h"

#define GDB_UNKNOWN 143
#define GDB_REALTIME_33 45 /* up to 63 they follow one another */
#define GDB_REALTIME_32 77
#define GDB_REALTIME_64 78

/* Linux' signals 1 to 31 as GDB numbers them; 16, SIGSTKFLT, is not among them. */
static const unsigned char numbers[32] = {
    0,           1,  2,  3,  4,  5,  6,  10, 8,  9,  30, 11, 31, 13, 14, 15,
    GDB_UNKNOWN, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12,
};

int signal_to_gdb(int linux_signal)
{
    if (linux_signal >= 0 && linux_signal < 32)
        return numbers[linux_signal];
    if (linux_signal == 32)
        return GDB_REALTIME_32;
    if (linux_signal == 64)
        return GDB_REALTIME_64;
    if (linux_signal > 32 && linux_signal < 64)
        return GDB_REALTIME_33 + linux_signal - 33;
    return GDB_UNKNOWN;
}

int signal_from_gdb(int gdb_signal)
{
    for (int n = 1; n <= 64; n++)
        if (n != 16 && signal_to_gdb(n) == gdb_signal)
            return n;
    return 0;
}
