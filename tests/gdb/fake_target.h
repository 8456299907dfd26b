/*
 * fake_target.h - a target that is no program: a row of moments that can be walked both ways.
 *
 * Moment n has thread 100 + n / 10 % 2 and pc FAKE_CODE + n % 50; moments with n % 100 == 7 write
 * eight bytes at FAKE_DATA + 8 * (n / 100).
 */
#ifndef RRL_FAKE_TARGET_H
#define RRL_FAKE_TARGET_H

#include "gdbstub/stub.h"
#include "gdbstub/target.h"

#define FAKE_PID 100
#define FAKE_CODE 0x401000u
#define FAKE_DATA 0x10000u
#define FAKE_BYTES 65536u
#define FAKE_END 1000 /* moments */
#define FAKE_POINTS 64

struct fake {
    long now;
    struct target_stop stop;
    struct target_regs regs[2];
    unsigned char memory[FAKE_BYTES];
    uint64_t breaks[FAKE_POINTS], watches[FAKE_POINTS];
    size_t break_count, watch_count, condition_count;
    uint64_t passed_signals;
    int catching, open_files, endless; /* endless: `continue` ends by an interrupt only */
    const char *library;               /* the only one; NULL: no list */
    int deaf;                          /* to interrupts: something else always comes first */
};

void fake_init(struct fake *f);
struct target fake_target(struct fake *f);

/* Runs a session over bytes in memory: what the client sends, and what it got (cap bytes at
 * most, cut behind that). Returns what gdbstub_session returned. */
enum fake_manners {
    FAKE_RUDE,   /* all bytes are there at once */
    FAKE_POLITE, /* while the target runs, only a ^C is */
    FAKE_WAITS,  /* the same, and the client closes while the target stands */
};
struct fake_stream {
    const unsigned char *in;
    size_t in_len, in_at;
    char *out;
    size_t out_len, out_cap;
    enum fake_manners manners;
};
int fake_session(struct fake *f, struct fake_stream *stream);

#endif
