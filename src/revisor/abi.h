/*
 * abi.h - the contract between the launcher (revisor) and the rekernel.
 *
 * Dual use: compiled into the hosted launcher and into the freestanding
 * rekernel. It holds layout constants, plain-old-data structures and nothing
 * that allocates or calls. All integers are little-endian (x86-64). Structures
 * have no implicit padding; every one of them is checked by a static assertion.
 *
 * Who owns what: the launcher creates one shared memory object (a memfd) that
 * holds, in this order, the control page, the debug area, the boot block and the two rings. The
 * rekernel maps it at RK_SHARED_BASE. Neither side ever frees it; it goes with
 * the last process that maps it, so what the guest committed to a ring survives
 * the guest's death, however sudden.
 */
#ifndef RRL_ABI_H
#define RRL_ABI_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define RK_ABI_VERSION 1u

/* ------------------------------------------------------------------ layout
 * Guest-virtual layout of a platform-host machine. Everything the rekernel owns
 * lies in two ranges that the guest can neither map nor unmap:
 *   low:  [RK_LOW_BASE, RK_LOW_END)   vCPU block, patch stubs, code cache;
 *         below 2 GiB so that it is addressed absolutely and reached by rel32;
 *         ends below 0x7fff7000, where AddressSanitizer puts its shadow.
 *   high: [RK_HIGH_BASE, RK_HIGH_END) image, shared memory, heap, stacks.
 */
#define RK_LOW_BASE 0x70000000ull
#define RK_LOW_END 0x7fff0000ull
#define RK_HIGH_BASE 0x700000000000ull
#define RK_HIGH_END 0x701000000000ull /* above it MemorySanitizer has its heap */
#define RK_IMAGE_BASE 0x700000000000ull  /* rekernel ELF: text, rodata, data, bss */
#define RK_SHARED_BASE 0x700100000000ull /* control page, boot block, rings */
#define RK_HEAP_BASE 0x700200000000ull   /* rekernel heap, grows up */
#define RK_HEAP_END 0x700600000000ull
#define RK_SCRATCH_BASE 0x700700000000ull /* bounce buffers, object windows */
#define RK_PAGE 4096ull

/* First address beyond guest space (x86-64 canonical lower half, one guard page). */
#define RK_GUEST_END 0x7ffffffff000ull

/* ------------------------------------------------------------------- rings
 * A ring is a byte stream with one producer and one consumer. head and tail
 * count bytes ever written and read (they never wrap in practice); the data area
 * is `size` bytes, a power of two, and is mapped twice in a row by both sides so
 * that no record is ever split in memory. Publish with a release store of head,
 * consume with an acquire load; the other way round for tail.
 *
 * Sleeping: a side that finds the ring empty (full) sets its *_waits flag to 1,
 * re-checks, then futex-waits on that flag with a time-out of at most
 * RK_RING_NAP_MS; the other side clears the flag and futex-wakes. The producer
 * of a log wakes the consumer only past RK_RING_WAKE bytes, so that the common
 * logged call makes no host call of its own.
 */
struct rk_ring {
    _Atomic uint64_t head;
    uint64_t pad0[7];
    _Atomic uint64_t tail;
    uint64_t pad1[7];
    _Atomic uint32_t consumer_waits;
    _Atomic uint32_t producer_waits;
    _Atomic uint32_t closed; /* producer will write no more (end of log) */
    uint32_t pad2;
    uint64_t offset; /* of the data area in the shared object; page multiple */
    uint64_t size;   /* bytes; power of two, page multiple */
    uint64_t pad3[4];
};
_Static_assert(sizeof(struct rk_ring) == 192, "rk_ring layout");
#define RK_RING_NAP_MS 20
#define RK_RING_WAKE (256u * 1024u)

/* Total bytes of the log ring and the report ring. */
#define RK_LOG_RING_SIZE (8u << 20)
#define RK_REPORT_RING_SIZE (1u << 20)

enum rk_mode { RK_MODE_RECORD = 1, RK_MODE_REPLAY = 2 };

/* Where the guest runs; see docs/ARCHITECTURE.md. */
enum rk_vcpu_mode { RK_VCPU_AUTO = 0, RK_VCPU_NATIVE = 1, RK_VCPU_TRANSLATED = 2 };

#define RK_CONTROL_MAGIC 0x31304b52u /* "RK01" */

/* First page of the shared object. Host-specific and never part of a trace. */
struct rk_control {
    uint32_t magic;
    uint32_t abi_version;
    uint32_t mode;      /* enum rk_mode */
    uint32_t vcpu_mode; /* enum rk_vcpu_mode */
    uint32_t flags;     /* RK_CTL_* */
    int32_t socket_fd;  /* SOCK_SEQPACKET to the launcher, see struct rk_msg */
    uint64_t boot_offset; /* of struct rk_boot in the shared object */
    uint64_t boot_size;   /* bytes, strings included */
    uint64_t shared_size; /* bytes of the whole object, second ring views excluded */
    struct rk_ring log;    /* record: guest -> launcher; replay: launcher -> guest */
    struct rk_ring report; /* guest -> launcher, both modes: struct rk_report */
    /* Written by the rekernel for the launcher to read at any time: */
    _Atomic uint64_t events;   /* events logged or consumed so far */
    _Atomic uint64_t entries;  /* kernel entries of the guest so far (syscalls, trapped
                                  instructions, faults, signals taken in between) */
    _Atomic uint32_t exited;   /* 1 when the guest's end has been reported */
    uint32_t reserved;
    uint64_t debug_offset; /* of struct rk_debug in the shared object; 0: there is none */
    int32_t clone_fd; /* SOCK_SEQPACKET to the launcher, see RK_DEBUG_CLONE; -1: none */
    uint32_t reserved2;
    uint64_t console_after; /* replay: print the guest's output only after so many events */
    uint32_t reserved3[2];
};
_Static_assert(sizeof(struct rk_control) == 488, "rk_control layout");
#define RK_CTL_TRACE_SYSCALLS 1u /* report every syscall (RK_REPORT_SYSCALL) */
#define RK_CTL_QUIET_NOTICES 2u  /* do not report notices */
#define RK_CTL_NO_CONSOLE 4u     /* replay: do not print the guest's output */
#define RK_CTL_NO_SUD 8u         /* use the seccomp fallback even where SUD works (for tests) */
#define RK_CTL_NO_PATCH 16u      /* never rewrite syscall sites (for tests) */
#define RK_CTL_DEBUG 32u         /* replay, translated: stop for commands, see struct rk_debug */
#define RK_CTL_REPORT_POINTS 64u /* replay: RK_REPORT_MAPS and RK_REPORT_POINT before events */
#define RK_CTL_POINTS 128u       /* record: the guest may ask for signals at points (for tests) */
#define RK_POINTS_MAGIC 0x73746e696f70u /* first argument of a sched_yield that asks for one */

/* -------------------------------------------------------------- boot block
 * All that the guest's start depends on. Recorded verbatim in the trace header,
 * handed back verbatim in replay: the rekernel is a function of this, of the
 * log, and of nothing else.
 */
struct rk_cpuid_leaf {
    uint32_t leaf, subleaf;
    uint32_t flags; /* 1: subleaf is significant */
    uint32_t eax, ebx, ecx, edx;
    uint32_t reserved;
};

/* An inherited file descriptor. */
struct rk_boot_fd {
    int32_t fd;
    uint32_t flags; /* RK_BFD_* */
};
#define RK_BFD_STDOUT 1u /* replay prints what is written here to its stdout */
#define RK_BFD_STDERR 2u /* replay prints what is written here to its stderr */

#define RK_BOOT_MAGIC 0x544f4f42u /* "BOOT" */

struct rk_boot {
    uint32_t magic;
    uint32_t size; /* bytes of the block: this struct, arrays and strings */
    int32_t pid;   /* the guest's pid and main tid: the host's pid when recorded */
    int32_t ppid, pgid, sid;
    uint32_t uid, euid, gid, egid;
    uint32_t secure; /* AT_SECURE */
    uint32_t hwcap2; /* AT_HWCAP2 */
    uint8_t random[16]; /* AT_RANDOM */
    uint64_t hwcap;     /* AT_HWCAP: CPUID.1:EDX after policy */
    uint64_t xcr0;      /* state components enabled by the host, after policy */
    uint32_t xsave_size; /* bytes of a standard-format XSAVE area for xcr0 */
    uint32_t cores;      /* processors the guest believes in, >= 1 */
    uint64_t stack_limit; /* bytes of the main stack; RLIMIT_STACK, clamped */
    uint64_t start_realtime_ns; /* wall clock at the start, for people */
    uint64_t chaos_seed;        /* 0: none */
    uint32_t chaos;             /* 1: seeded schedule */
    uint32_t slice_ticks;       /* length of a time slice in ticks */
    /* Offsets are bytes from the start of this struct. Strings end in NUL. */
    uint32_t exe_offset; /* path that is executed, as the launcher found it */
    uint32_t cwd_offset;
    uint32_t argv_offset, argc; /* argc strings, one after another */
    uint32_t envp_offset, envc;
    uint32_t cpuid_offset, cpuid_count; /* struct rk_cpuid_leaf[] */
    uint32_t fds_offset, fds_count;     /* struct rk_boot_fd[] */
    uint64_t sigmask;   /* signals (bit n-1) that the launcher was started with blocked */
    uint64_t sigignore; /* and ignored */
};
_Static_assert(sizeof(struct rk_boot) == 176, "rk_boot layout");

/* ------------------------------------------------------------------ events
 * The log is a sequence of events, each 8-byte aligned in the stream: a header,
 * then `size - sizeof(struct rk_event)` payload bytes, then zero padding to a
 * multiple of 8. An event says at which moment of which thread the outside world
 * entered, and what it brought.
 */
struct rk_event {
    uint32_t size; /* header and payload, without the padding; >= 56 */
    uint16_t kind; /* enum rk_event_kind */
    uint16_t flags; /* RK_EVF_* */
    int32_t tid;
    uint32_t nr;    /* syscall number, signal number, object id ...: by kind */
    uint64_t ticks; /* of the thread since its last kernel entry; RK_TICKS_UNKNOWN when it
                       ran natively */
    uint64_t pc;    /* of the instruction that entered the kernel */
    uint64_t regs;  /* rk_regs_hash() at entry */
    int64_t result; /* syscall result, tsc value, exit status ...: by kind */
    uint64_t check; /* hash of the bytes the guest gave to the world, or 0 */
};
_Static_assert(sizeof(struct rk_event) == 56, "rk_event layout");
#define RK_TICKS_UNKNOWN UINT64_MAX
/* Largest event, header included. Longer results continue in RK_EV_DATA events. */
#define RK_EVENT_MAX (128u * 1024u + 4096u)
#define RK_EVENT_PAYLOAD_CHUNK (128u * 1024u)

enum rk_event_kind {
    RK_EV_SYSCALL = 1, /* world call: nr, result, out segments */
    RK_EV_DATA = 2,    /* continuation: raw bytes of the segment begun before */
    RK_EV_TSC = 3,     /* rdtsc/rdtscp: result = value; nr = TSC_AUX */
    RK_EV_OBJECT = 4,  /* mapped file: nr = object id; payload struct rk_object */
    RK_EV_SIGNAL = 5,  /* asynchronous host signal taken here; nr = signal; check =
                          number of kernel entries before it; payload: siginfo (128 bytes) */
    RK_EV_HOST_FAIL = 6, /* a machine operation failed when recorded; result = -errno */
    RK_EV_RANDOM = 7,    /* rdrand/rdseed: result = value */
    RK_EV_NOTICE = 8,    /* something unsupported was met; payload: text */
    RK_EV_EXIT = 9,      /* the guest's last event: result = wait status; check = number
                            of kernel entries before it; RK_EVF_ASYNC: a host signal
                            ended it between two kernel entries */
    RK_EV_KILLED = 10,   /* written by the launcher: the guest vanished; result =
                            wait status of the guest process; check = kernel entries
                            (rk_control.entries) */
    RK_EV_EXEC = 11,     /* execve succeeded; payload: path */
    RK_EV_SWITCH = 12,   /* scheduler decision that depends on the world */
    RK_EV_KIND_END
};
#define RK_EVF_MORE 1u     /* RK_EV_DATA events follow */
#define RK_EVF_ASYNC 4u    /* RK_EV_EXIT: not at a kernel entry. RK_EV_SIGNAL: in a native
                              stretch; the moment is the first since the last kernel entry
                              with this pc, these registers and this state (behind the
                              siginfo: struct moment, rekernel/moment.h) */
#define RK_EVF_INTERNAL 2u /* made by the rekernel itself, not by a guest's call */

/* Payload of RK_EV_SYSCALL: segments, each 8-byte aligned. */
struct rk_seg {
    uint64_t addr; /* guest address written; 0: taken by the rekernel itself */
    uint64_t len;  /* bytes that follow (continued in RK_EV_DATA when cut) */
};

/* Payload of RK_EV_OBJECT: contents of a file that the guest maps. The launcher
 * stores bytes [offset, offset+len) before the event itself is stored; the pair
 * (id, generation) names the snapshot in the trace. Then: the path, NUL ended.
 */
struct rk_object {
    uint64_t dev, ino, size;
    int64_t mtime_ns, ctime_ns;
    uint64_t offset, len; /* snapshot range; whole pages but for the file's end */
    uint32_t generation;  /* counts snapshots of this object, from 1 */
    uint32_t flags;       /* RK_OBJ_* */
    uint32_t path_size;   /* bytes of the path behind this, NUL and padding to 8 included */
    uint32_t site_count;  /* then: file offsets (uint32_t) of instructions that must trap */
};
/* Instructions that leak the machine and that not every processor can make trap (cpuid,
 * rdrand, rdseed, rdpid, xgetbv, lsl, smsw) are found when a file is stored:
 * RK_MSG_OBJECT_DONE is followed in its packet by the file offsets of their opcodes. The rekernel
 * replaces those two bytes by ud2 wherever it maps the file for execution. */
#define RK_SITES_MAX 4096u
#define RK_OBJ_ELF 1u    /* begins with the ELF magic: stored whole */
#define RK_OBJ_FAILED 2u /* contents could not be read; result = -errno */

/* ----------------------------------------------------------------- reports
 * Guest -> launcher, in both modes; never part of the log. 8-byte aligned.
 */
struct rk_report {
    uint32_t size; /* header and payload, without padding */
    uint16_t kind; /* enum rk_report_kind */
    uint16_t flags;
    int32_t tid;
    uint32_t nr;
    int64_t result;
    uint64_t event; /* number of the event last logged or consumed, from 1 */
};
_Static_assert(sizeof(struct rk_report) == 32, "rk_report layout");

enum rk_report_kind {
    RK_REPORT_NOTICE = 1,   /* payload: text for the user, no newline */
    RK_REPORT_SYSCALL = 2,  /* payload: struct rk_syscall_report */
    RK_REPORT_DIVERGED = 3, /* payload: struct rk_event expected, got, then text */
    RK_REPORT_EXIT = 4,     /* result = wait status; the guest is gone after it */
    RK_REPORT_LOG_END = 5,  /* replay: the log ended before the guest's exit */
    RK_REPORT_PANIC = 6,    /* rekernel invariant broken; payload: text */
    RK_REPORT_SIGNAL = 7,   /* signal delivered to the guest: nr = signal;
                               payload: siginfo (128 bytes). For `trace` */
    RK_REPORT_EXEC = 8,     /* payload: path */
    RK_REPORT_POINT = 9,    /* event `event` + 1 is about to be taken; payload: struct
                               rk_position of the guest instruction it happens at */
    RK_REPORT_MAPS = 10,    /* payload: struct rk_map[nr], all file mappings, by address;
                               flags RK_REPF_*; sent when they have changed, before a
                               point and before a debug stop */
};
#define RK_REPF_MORE 1u  /* the list goes on in the next report of this kind */
#define RK_REPF_FIRST 2u /* the list begins here */

/* One moment of the guest, named uniquely and in order: kernel entries made before it, ticks
 * since the last of them, and the instruction that has not run yet. */
struct rk_position {
    uint64_t entries;
    uint64_t ticks; /* RK_TICKS_UNKNOWN in native mode */
    uint64_t pc;
};

/* A part of a file that the guest has mapped. */
struct rk_map {
    uint64_t start, end; /* guest addresses */
    uint64_t offset;     /* of start in the file */
    uint32_t object;     /* object id and generation, see RK_EV_OBJECT */
    uint32_t generation;
    uint32_t prot;  /* PROT_* */
    uint32_t flags; /* RK_MAP_* */
};
_Static_assert(sizeof(struct rk_map) == 40, "rk_map layout");
#define RK_MAP_SHARED 1u
#define RK_MAP_STACK 2u /* the main thread's; only in RK_DEBUG_ASK_AREAS */
#define RK_MAP_HEAP 4u  /* that of brk; only there */

/* One syscall as `trace` prints it. args are as the guest passed them. Bytes of
 * memory that arguments point to are captured by argument kind (sysdef.h): first
 * those read at entry, then those read at exit.
 */
struct rk_syscall_report {
    uint64_t args[6];
    uint64_t pc;
    uint64_t ticks;
    uint32_t nr;
    uint32_t captures; /* number of struct rk_capture that follow */
};
struct rk_capture {
    uint16_t arg;   /* argument index 0..5; for iovecs: the iovec's argument */
    uint16_t flags; /* RK_CAP_* */
    uint32_t len;   /* captured bytes that follow, padded to 8 */
    uint64_t addr;
    uint64_t full;  /* bytes there are; > len when cut */
};
#define RK_CAP_EXIT 1u   /* read after the call */
#define RK_CAP_IOV 2u    /* data behind an iovec */
#define RK_CAP_FAULT 4u  /* address not readable */
#define RK_CAP_STRV 8u   /* one string of a string vector */
#define RK_CAPTURE_MAX 4096u

/* -------------------------------------------------------------- debug port
 * Replay under a debugger (RK_CTL_DEBUG): the guest stops before its first instruction,
 * tells where it is, and waits for a command; and so again after each command. `turn` says
 * whose move it is: all other fields belong to the side that has it, but `interrupt`, which
 * the launcher may set while the guest runs. Whoever gives the turn away stores it (release)
 * and wakes the futex at it. Stops change nothing that the guest can see.
 */
enum rk_debug_turn { RK_TURN_NONE = 0, RK_TURN_GUEST = 1, RK_TURN_LAUNCHER = 2 };

enum rk_debug_command {
    RK_DEBUG_CONTINUE = 1,  /* to the next breakpoint or the end */
    RK_DEBUG_RUN_POINT = 2, /* until `goal` */
    RK_DEBUG_RUN_EVENT = 3, /* until event `number` is about to be taken */
    RK_DEBUG_STEP = 4,      /* `number` instructions; a repeated string instruction, a
                               system call and the delivery of a signal are one each */
    RK_DEBUG_END = 5,       /* the guest process ends at once */
    RK_DEBUG_CLONE = 6,     /* a copy of the guest process is made, which stands at the same stop.
                               Before it, `clone_fd` brings an rk_clone_msg: what the copy
                               is to use. `copy`: the copy's pid, or -errno. It goes on with
                               an empty log at event stop.event + 1.
                               number 1: all translated code is forgotten before, `cover`, `ran`
                               and `remapped` are cleared */
    RK_DEBUG_DIVERT = 8,    /* from now on the guest goes on without the log: system calls to the
                               outside answer -ENOSYS, writes succeed (and are printed), no
                               time slice ends. For good: only for copies */
    RK_DEBUG_SET_REGS = 9,  /* gpr, rip, rflags, bases and, unless xstate_size is 0, the vector
                               image of `stop` become the guest's; then `stop` is told anew */
    RK_DEBUG_RUN_LAST = 10, /* as RK_DEBUG_RUN_POINT, but breakpoints and watches do not stop it:
                               the last one is told in `last`. number 1: only what is before
                               `goal`; 0: breakpoints at it, too */
    RK_DEBUG_TRAIL = 7,     /* as RK_DEBUG_RUN_POINT, by single steps: `trail` tells of them */
    /* Questions: nothing runs and `stop` stays as it is; the answer is `answer_count` structures
     * in `answer`, `answer_more` is 1 when there are more to ask for. Asked at the end, too. */
    RK_DEBUG_ASK_THREADS = 32, /* struct rk_debug_thread[], in order of creation, without the
                                  first `number` of them */
    RK_DEBUG_ASK_REGS = 33,    /* struct rk_debug_stop: the stop, with registers and tid of thread
                                  `number`; none: there is no such thread */
    RK_DEBUG_ASK_AREAS = 34,   /* struct rk_map[]: all memory of the guest that ends above address
                                  `number`, by address; object 0: anonymous */
    RK_DEBUG_ASK_PROCESS = 35, /* struct rk_debug_process */
};

enum rk_debug_reason {
    RK_STOP_START = 1,      /* before the guest's first instruction */
    RK_STOP_REACHED = 2,    /* the point or event asked for */
    RK_STOP_PASSED = 3,     /* it does not exist: the first moment after it */
    RK_STOP_BREAKPOINT = 4, /* the instruction at rip has a breakpoint and has not run */
    RK_STOP_STEP = 5,       /* steps done */
    RK_STOP_INTERRUPTED = 6, /* by `interrupt` */
    RK_STOP_WATCH = 7, /* the instruction before this moment, or what the kernel did for it, has
                          touched watched bytes: struct rk_debug_hit says more */
    RK_STOP_SIGNAL = 8,      /* a signal of `stop_signals` is about to be acted on, in the kernel:
                                its handler runs next, or the program dies. status = signal */
    RK_STOP_SYSCALL = 9, /* the instruction at rip makes a call of `stop_calls` and has not run;
                            status = its number */
    RK_STOP_SYSCALL_END = 10, /* the thread has come back from such a call; status = number */
    RK_STOP_THREAD = 11, /* thread `stop_thread` has got the processor; of RK_DEBUG_RUN_LAST: where
                            it stood when it lost the processor to another */
    /* The guest is at its end; only questions and RK_DEBUG_END are left. Memory can still be
     * read, and registers are those that the program died with. */
    RK_STOP_EXIT = 16,     /* status = wait status */
    RK_STOP_LOG_END = 17,  /* the log ended first; status as in RK_REPORT_LOG_END */
    RK_STOP_DIVERGED = 18, /* RK_REPORT_DIVERGED has been sent */
    RK_STOP_PANIC = 19,    /* RK_REPORT_PANIC has been sent */
};
#define RK_STOP_IS_END(reason) ((reason) >= RK_STOP_EXIT)

#define RK_DEBUG_VERSION 9u
#define RK_DEBUG_BREAKS 60 /* the translator has a few more, for the rekernel itself */
#define RK_DEBUG_WATCHES 64
#define RK_DEBUG_CONDS 16384 /* bytes of conditions, of all breakpoints together */
#define RK_DEBUG_XSTATE_MAX 4096
#define RK_DEBUG_CALLS 512 /* numbers of system calls that can be stopped at: 0 up to this */
#define RK_DEBUG_TRAIL_MAX 512
#define RK_DEBUG_COVER_BITS (1u << 19)
#define RK_DEBUG_PAGE_BITS (1u << 16)

/* Conditions of a breakpoint are agent expressions of the GDB remote protocol (src/rekernel/agent.h),
 * each with its length (uint16_t, little-endian) in front, one behind the other. The guest
 * stops when one of them is not zero or cannot be evaluated; without any it always stops. */
struct rk_debug_break {
    uint64_t pc;
    uint32_t cond_offset, cond_size; /* in rk_debug.conds */
};

#define RK_WATCH_READ 1u
#define RK_WATCH_WRITE 2u
#define RK_WATCH_ACCESS (RK_WATCH_READ | RK_WATCH_WRITE)

/* Bytes [addr, addr + len) that are watched. */
struct rk_debug_watch {
    uint64_t addr, len;
    uint32_t kind; /* RK_WATCH_* */
    uint32_t reserved;
};

/* Of RK_STOP_WATCH. An access that stores what was there before is a write, too. Writes of the
 * kernel for a system call or a signal count, its reads do not. */
struct rk_debug_hit {
    uint64_t watches; /* bit n: number n of the list was touched */
    uint64_t changed; /* bit n: ... and not all of its bytes are what they were */
    uint64_t addr, len; /* the first access that touched one */
    uint32_t kind;      /* RK_WATCH_READ, RK_WATCH_WRITE: what that one did */
    uint32_t in_kernel; /* 1: done by the kernel, for `at` */
    int32_t tid;        /* the thread that did it; a switch may have come since */
    uint32_t reserved;
    struct rk_position at; /* of the instruction that did it, not executed yet */
};

struct rk_debug_stop {
    uint32_t reason; /* enum rk_debug_reason */
    int32_t tid;
    struct rk_position at;
    uint64_t event;  /* number of the event last taken */
    int64_t status;
    uint64_t gpr[16]; /* in the order of the processor's register numbers */
    uint64_t rip, rflags, fs_base, gs_base;
    uint32_t in_kernel;   /* 1: the instruction at `at.pc` has entered the kernel and is being
                             served; after a system call rcx, r11 and rip show that */
    uint32_t xstate_size; /* bytes of the image that are valid */
    uint64_t xstate_mask; /* components in it */
    struct rk_position entered; /* where the last kernel entry before `at` was made */
    struct rk_debug_hit hit; /* of RK_STOP_WATCH */
    uint32_t signal; /* that is being acted on at this very kernel entry (reasons SIGNAL and
                        EXIT), or 0 */
    uint32_t reserved;
    uint8_t siginfo[128]; /* of it; beyond si_signo zeros where it is not known */
    uint8_t xstate[RK_DEBUG_XSTATE_MAX]; /* XSAVE image, standard format, with all components
                                            marked as used and a zero x87 FIP */
};

enum rk_thread_state {
    RK_THREAD_CURRENT = 1, /* has the processor; its registers are in the stop */
    RK_THREAD_READY = 2,   /* could have it */
    RK_THREAD_WAITS = 3,   /* in system call `nr` */
    RK_THREAD_INTERRUPTED = 4, /* could have the processor, to see that its wait in system call
                                  `nr` was interrupted by a signal */
};
struct rk_debug_thread {
    int32_t tid;
    uint32_t state; /* enum rk_thread_state */
    uint32_t nr;
    uint32_t reserved;
    char name[16]; /* NUL ended */
};

struct rk_debug_process {
    int32_t pid, ppid, pgid, sid;
    uint32_t uid, euid, gid, egid;
    uint32_t threads;
    uint32_t reserved;
    uint64_t entry;                  /* of the program, not of its interpreter */
    uint64_t auxv, auxv_size;        /* guest address, bytes */
    uint64_t brk_start, brk;
    uint64_t stack_start;
    uint64_t arg_start, arg_end, env_start, env_end; /* argv's and envp's strings */
    char name[16];
    char exe[4096]; /* NUL ended */
};

#define RK_DEBUG_ANSWER_MAX 8192

/* Of RK_DEBUG_RUN_LAST. */
struct rk_debug_last {
    uint64_t count;  /* breakpoints, watches, system calls and losses of the processor met */
    uint32_t reason; /* of the last one: RK_STOP_BREAKPOINT, _WATCH, _SYSCALL, _SYSCALL_END
                        or _THREAD */
    uint32_t number; /* of the system call that _SYSCALL and _SYSCALL_END are about */
    uint64_t event;          /* then */
    struct rk_position at;   /* where it was met */
    struct rk_debug_hit hit; /* of RK_STOP_WATCH */
};

/* What the guest has done since this was cleared, as sets of bits that may hold more. */
struct rk_debug_footprint {
    uint64_t cover[RK_DEBUG_COVER_BITS / 64]; /* instructions, by rk_cover_bit and rk_cover_bit2 */
    uint64_t ran;                             /* threads, by rk_thread_bit */
    /* System calls by number: made, or come back, or the next instruction makes it. */
    uint64_t called[RK_DEBUG_CALLS / 64];
    uint64_t remapped[RK_DEBUG_PAGE_BITS / 64]; /* changed mappings, by rk_page_bit */
};

struct rk_debug {
    uint32_t version;          /* set by the rekernel: RK_DEBUG_VERSION */
    _Atomic uint32_t turn;     /* enum rk_debug_turn; futex */
    _Atomic uint32_t interrupt; /* 1: stop where you are */
    uint32_t command;          /* enum rk_debug_command */
    struct rk_position goal;
    uint64_t number;
    /* Breakpoints and watches, as they shall be from the next command on. */
    uint32_t break_count, watch_count;
    uint32_t cond_size; /* bytes of conds that are in use */
    int32_t copy;       /* of RK_DEBUG_CLONE */
    struct rk_debug_break breaks[RK_DEBUG_BREAKS];
    struct rk_debug_watch watches[RK_DEBUG_WATCHES];
    uint8_t conds[RK_DEBUG_CONDS];
    uint64_t stop_signals; /* bit n-1: stop before signal n is acted on; from the next command on */
    uint64_t stop_calls[RK_DEBUG_CALLS / 64]; /* bit n: stop at system call n; likewise */
    int32_t stop_thread; /* 0, or a thread: stop when the processor goes to it (RK_STOP_THREAD);
                            likewise */
    uint32_t reserved;
    struct rk_debug_stop stop;
    uint32_t answer_count, answer_more;
    uint64_t answer[RK_DEBUG_ANSWER_MAX / 8];
    struct rk_debug_last last;
    /* The moments that the last RK_DEBUG_TRAIL stood at, the first and the last among them:
     * the n-th, from 0, is trail[n % RK_DEBUG_TRAIL_MAX]. */
    uint64_t trail_count;
    struct rk_position trail[RK_DEBUG_TRAIL_MAX];
    struct rk_debug_footprint footprint;
};
_Static_assert(sizeof(struct rk_debug) == 31976 + 24 * RK_DEBUG_TRAIL_MAX +
                                              RK_DEBUG_COVER_BITS / 8 + RK_DEBUG_PAGE_BITS / 8,
               "rk_debug layout");
_Static_assert(sizeof(struct rk_debug_stop) <= RK_DEBUG_ANSWER_MAX, "answer holds registers");
_Static_assert(sizeof(struct rk_debug_process) <= RK_DEBUG_ANSWER_MAX, "answer holds a process");

static inline uint32_t rk_thread_bit(int32_t tid)
{
    return (uint32_t)tid % 64;
}

static inline uint32_t rk_cover_bit(uint64_t pc)
{
    return (uint32_t)((pc * 0x9e3779b97f4a7c15ull) >> 45);
}

/* One bit alone errs too often: hot code elsewhere that happens to share it is enough. */
static inline uint32_t rk_cover_bit2(uint64_t pc)
{
    pc ^= pc >> 15;
    return (uint32_t)((pc * 0xd6e8feb86659fd93ull) >> 45);
}

static inline uint32_t rk_page_bit(uint64_t addr)
{
    return (uint32_t)((addr / RK_PAGE * 0x9e3779b97f4a7c15ull) >> 48);
}

/* ------------------------------------------------- socket (host platform)
 * SOCK_SEQPACKET between guest process and launcher; file descriptors travel as
 * SCM_RIGHTS. One message per packet.
 */
struct rk_msg {
    uint32_t kind; /* enum rk_msg_kind */
    uint32_t id;   /* object id */
    uint32_t generation;
    int32_t result; /* 0 or -errno */
    uint64_t offset, len; /* RK_MSG_OBJECT: bytes to store; len 0: the whole file */
};
_Static_assert(sizeof(struct rk_msg) == 32, "rk_msg layout");
enum rk_msg_kind {
    RK_MSG_OBJECT = 1,      /* record, guest -> launcher, with the file's fd: take the
                               snapshot that the next RK_EV_OBJECT of this id names */
    RK_MSG_OBJECT_DONE = 2, /* record, launcher -> guest: contents are safe; sent for
                               each RK_MSG_OBJECT, in order */
    RK_MSG_OBJECT_FD = 3,   /* replay, launcher -> guest, with a memfd of the
                               contents; sent before the event is put into the ring */
};

/* On the clone socket, with three descriptors: the copy's shared object, its end of the
 * socket above and its end of the clone socket. */
struct rk_clone_msg {
    uint32_t size; /* of this struct */
    uint32_t reserved;
};

/* --------------------------------------------------------- register hash
 * Over rip and the general registers, in door.c's order: a replay uses the image that
 * recorded, so nobody else computes it. rcx and r11 are left out (the syscall instruction
 * destroys them), and so are the flags (some are undefined after common instructions
 * and differ between processors).
 */
static inline uint64_t rk_mix(uint64_t h, uint64_t v)
{
    h ^= v;
    h *= 0x9e3779b97f4a7c15ull;
    return h ^ (h >> 29);
}

#endif
