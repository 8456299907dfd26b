/*
 * record_points - `rr-like record` for programs that ask for signals at points (RK_CTL_POINTS).
 *
 *   record_points MODE TRACE PROGRAM [ARGS...]
 *
 * MODE is auto, native or translated. Exits with the program's status, with 125 when nothing
 * was recorded.
 */
#include "recorder/recorder.h"
#include "revisor/boot.h"
#include "revisor/cpuid.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "record_points: %s\n", text);
}

static enum rk_vcpu_mode mode_named(const char *name)
{
    if (!strcmp(name, "native"))
        return RK_VCPU_NATIVE;
    return strcmp(name, "translated") ? RK_VCPU_AUTO : RK_VCPU_TRANSLATED;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: record_points MODE TRACE PROGRAM [ARGS...]\n");
        return 125;
    }
    struct boot_config config = {.exe = argv[3], .argv = argv + 3, .envp = environ};
    struct record_options options = {.vcpu_mode = mode_named(argv[1]),
                                     .flags = RK_CTL_POINTS,
                                     .tool = "record_points",
                                     .say = say};
    struct record_result result = {0};
    cpu_policy_parse(&config.cpu, "", NULL);
    options.trace_fd = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (options.trace_fd < 0 || boot_build(&options.boot, &config) < 0) {
        fprintf(stderr, "record_points: %s or %s is of no use\n", argv[2], argv[3]);
        return 125;
    }
    int err = record_run(&options, &result);
    free(options.boot);
    if (err < 0 || !result.started || result.failed)
        return 125;
    return WIFEXITED(result.wait_status) ? WEXITSTATUS(result.wait_status)
                                         : 128 + WTERMSIG(result.wait_status);
}
