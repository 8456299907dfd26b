/*
 * stub.h - a GDB remote stub over a target (target.h).
 *
 * One session serves one client on one stream. Whatever the client sends, the stub answers
 * or drops it; its memory is bounded. While the target runs, the stream is watched for ^C and
 * for its end.
 */
#ifndef RRL_GDBSTUB_STUB_H
#define RRL_GDBSTUB_STUB_H

#include "packet.h"
#include "target.h"

enum gdbstub_end {
    GDBSTUB_GONE,     /* the client has closed the stream, or broken it */
    GDBSTUB_DETACHED, /* it said that it leaves */
    GDBSTUB_KILLED,   /* it said that the program's time is over */
    GDBSTUB_QUIT,     /* options->quit said so */
};

struct gdbstub_options {
    /* True: end the session soon. Asked several times a second; may be NULL. */
    int (*quit)(void *arg);
    /* Each packet received and sent, for logs; may be NULL. */
    void (*log)(void *arg, const char *direction, const void *data, size_t len);
    void *arg;
};

/* Serves until the session ends; or -ENOMEM. Breakpoints and the like that the client left
 * behind are removed from the target. */
int gdbstub_session(const struct packet_io *io, const struct target *target,
                    const struct gdbstub_options *options);

/* Listens on 127.0.0.1; port 0: any free one. *port receives the port. A descriptor, or
 * -errno. */
int gdbstub_listen(unsigned *port);
/* Serves one client after another. Who comes while one is served gets an error for an answer, but
 * takes the place of one that has not sent a packet within a second. Until a client kills the
 * program (0), quit says so (-EINTR), or an error (-errno). The descriptor, from gdbstub_listen,
 * stays the caller's. */
int gdbstub_serve(int listener, const struct target *target, const struct gdbstub_options *options);

#endif
