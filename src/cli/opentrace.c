/* opentrace.c - opens the trace that a command is about, or says why not. */
#include "cli.h"
#include "naming.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char latest[PATH_MAX];

static int no_latest(int err)
{
    char dir[PATH_MAX];
    if (naming_dir(dir, sizeof(dir)))
        cli_say("no trace is named, and neither RR_LIKE_TRACE_DIR nor HOME says where the latest "
                "one is");
    else
        cli_say("no trace is named, and %s has no latest one: %s; record one first", dir,
                strerror(-err));
    return CLI_NO_FILE;
}

static int cannot_open(const char *name)
{
    cli_say("%s: %s", name, strerror(errno));
    return CLI_NO_FILE;
}

static int open_file(const char *name, int *fd)
{
    struct stat st;
    *fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat(*fd, &st))
        return cannot_open(name);
    if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
        return 0;
    close(*fd);
    cli_say("%s: is no regular file; a trace is read at many places, so save it to a file first",
            name);
    return CLI_BAD_TRACE;
}

int cli_open_trace(struct tf_reader **out, const char *path, const char **name)
{
    int fd, err = path ? 0 : naming_latest(latest, sizeof(latest));
    if (err)
        return no_latest(err);
    *name = path ? path : latest;
    err = open_file(*name, &fd);
    if (err)
        return err;
    err = tf_reader_open(out, fd);
    if (!err)
        return 0;
    cli_say("%s: %s", *name, tf_strerror(err));
    return err <= TF_E_NOT_A_TRACE ? CLI_BAD_TRACE : CLI_FAILED;
}
