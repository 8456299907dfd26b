/*
 * target.h - what the GDB stub needs of whatever it debugs.
 *
 * The stub knows this interface and nothing else: no trace, no replayer. One target is one
 * x86-64 Linux process with a history that can be walked both ways. All functions are called
 * by one thread. Numbers (signals, errno, system calls) are Linux'. Unless said otherwise a
 * function returns 0 or -errno, and one that is missing (NULL) is answered with "unknown
 * packet", so that the debugger does without.
 */
#ifndef RRL_GDBSTUB_TARGET_H
#define RRL_GDBSTUB_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TARGET_XSTATE_MAX 4096
#define TARGET_SIGINFO_SIZE 128

/* State components as XCR0 numbers them, and where this machine's XSAVE image has them. */
enum target_component {
    TARGET_X_AVX = 2,
    TARGET_X_OPMASK = 5,
    TARGET_X_ZMM_HIGH = 6,  /* upper halves of zmm0 to zmm15 */
    TARGET_X_ZMM_16_31 = 7, /* zmm16 to zmm31 */
    TARGET_X_PKRU = 9,
    TARGET_X_COUNT = 10,
};

struct target_regs {
    uint64_t gpr[16]; /* by the processor's numbers: rax rcx rdx rbx rsp rbp rsi rdi r8... */
    uint64_t rip, rflags, fs_base, gs_base;
    uint64_t orig_rax;                 /* number of the system call being served, or UINT64_MAX */
    uint64_t xstate_mask;              /* components that the image has (bit n: component n) */
    uint32_t xstate_size;              /* bytes of it */
    uint8_t xstate[TARGET_XSTATE_MAX]; /* XSAVE image, standard format */
};

/* Components there are, and their offsets in the image; the first two have fixed places. */
struct target_layout {
    uint64_t mask;
    uint32_t offset[TARGET_X_COUNT];
};

enum target_direction { TARGET_FORWARD = 0, TARGET_BACKWARD = 1 };

/* How far to run. */
struct target_run {
    enum target_direction direction;
    int step;            /* 1: one instruction of `tid`; 0: until something stops it */
    int32_t tid;         /* thread to step; 0: whichever is current */
    uint64_t start, end; /* step: on and on while pc is in [start, end); none when equal */
    /* Asked at least every 50 ms; true: stop as soon as possible, with TARGET_INTERRUPTED. */
    int (*interrupted)(void *arg);
    void *arg;
};

enum target_reason {
    TARGET_NOTHING = 0, /* has not run yet */
    TARGET_STEPPED,
    TARGET_BREAKPOINT,
    TARGET_WATCHPOINT,  /* addr, watch */
    TARGET_SIGNAL,      /* number: this signal is about to be delivered, or was fatal */
    TARGET_SYSCALL,     /* number: about to be entered */
    TARGET_SYSCALL_END, /* number: has returned */
    TARGET_EXEC,        /* text: path of the program that it is now */
    TARGET_INTERRUPTED,
    TARGET_BEGIN,  /* history begins here */
    TARGET_END,    /* and ends here */
    TARGET_EXITED, /* number: exit status; only in a diversion */
    TARGET_KILLED, /* number: signal; only in a diversion */
};

enum target_watch { TARGET_WATCH_WRITE = 2, TARGET_WATCH_READ = 3, TARGET_WATCH_ACCESS = 4 };

struct target_stop {
    enum target_reason reason;
    int32_t tid;
    int32_t number;
    enum target_watch watch;
    uint64_t addr;
    const char *text; /* valid until the target runs again */
};

/* Where a list in the target is written to, piece by piece. */
struct target_out {
    void (*text)(void *arg, const char *text);
    /* To be asked several times a second while a command takes long; true: stop soon, nobody waits
     * for it. */
    int (*interrupted)(void *arg);
    void *arg;
};

/* What debuggers read as a whole. */
enum target_object {
    TARGET_AUXV,
    TARGET_EXEC_FILE, /* path, no NUL */
    TARGET_SIGINFO,   /* of the signal at which the current thread stopped */
};

/* One entry of the dynamic linker's list. */
struct target_library {
    uint64_t map;     /* address of its struct link_map; 0: it has none yet */
    uint64_t base;    /* what is added to the addresses in its file */
    uint64_t dynamic; /* address of its dynamic section */
    const char *name; /* as the linker knows it */
};
typedef void target_library_fn(void *arg, const struct target_library *library);

struct target_stat {
    uint64_t size, ino, dev;
    uint32_t mode;
    int64_t mtime;
};

struct target_ops {
    int32_t (*pid)(void *t);
    void (*layout)(void *t, struct target_layout *layout);

    /* Thread ids, sorted; returns how many there are, writes at most cap. */
    size_t (*threads)(void *t, int32_t *tids, size_t cap);
    int32_t (*current)(void *t);
    /* What `info threads` says of it: name and state. */
    int (*thread_text)(void *t, int32_t tid, char *text, size_t cap);

    int (*regs_read)(void *t, int32_t tid, struct target_regs *regs);
    int (*regs_write)(void *t, int32_t tid, const struct target_regs *regs);
    /* Bytes moved, fewer at the edge of what is mapped; or -errno. A write starts a
     * diversion: history itself cannot be changed. */
    ssize_t (*mem_read)(void *t, uint64_t addr, void *buf, size_t len);
    ssize_t (*mem_write)(void *t, uint64_t addr, const void *buf, size_t len);

    /* Runs; returns when stopped. -errno: could not, nothing has moved. */
    int (*run)(void *t, const struct target_run *how, struct target_stop *stop);
    /* Where it is, as the last run or restart said. */
    void (*where)(void *t, struct target_stop *stop);
    /* To a moment in the target's own words; to the beginning when `where` is empty, or no moment:
     * what debuggers give there are the program's arguments. */
    int (*restart)(void *t, const char *where);

    /* Conditions: count of agent expressions (GDB manual), of which one must be true. A
     * second breakpoint at the address replaces the conditions. */
    int (*break_add)(void *t, uint64_t addr, const void *const *conditions, const size_t *lengths,
                     size_t count);
    int (*break_del)(void *t, uint64_t addr);
    int (*watch_add)(void *t, uint64_t addr, uint64_t len, enum target_watch kind);
    int (*watch_del)(void *t, uint64_t addr, uint64_t len, enum target_watch kind);
    /* Stops at the system calls named (count 0: all), or at none of them any more. */
    int (*catch_syscalls)(void *t, int on, const uint32_t *numbers, size_t count);
    /* Signals (bit n-1) that are not worth a stop. */
    int (*pass_signals)(void *t, uint64_t mask);

    /* Bytes [offset, offset+len) of an object: bytes copied, 0 at its end, or -errno. */
    ssize_t (*object)(void *t, enum target_object which, void *buf, size_t len, uint64_t offset);

    /* True: the debugger wants to be told when the process has become another program
     * (TARGET_EXEC), or going back the one before. Until then no run says so. */
    void (*exec_events)(void *t, int on);

    /* What the dynamic linker has loaded at this moment, without the program itself; *main_map:
     * the link_map of that, or 0. -ENOENT: nobody knows; the debugger finds it himself maybe. */
    int (*libraries)(void *t, uint64_t *main_map, target_library_fn *take, void *arg);

    /* Files as the recorded program saw them, and debug information of it, for reading: a handle
     * >= 0, or -errno. */
    int (*file_open)(void *t, const char *path);
    ssize_t (*file_read)(void *t, int file, void *buf, size_t len, uint64_t offset);
    int (*file_stat)(void *t, int file, struct target_stat *st);
    int (*file_close)(void *t, int file);
    /* Target of a link: its length, or -errno. */
    ssize_t (*link_read)(void *t, const char *path, char *buf, size_t cap);

    /* A command of the user. Everything to be said, errors too, goes to out. Returns 1 when
     * the command moved the target: the debugger must then forget what it read. */
    int (*monitor)(void *t, const char *command, const struct target_out *out);
};

struct target {
    const struct target_ops *ops;
    void *self;
};

#endif
