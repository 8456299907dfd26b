/* recording.c - from a command line to a recorded run. */
#include "recording.h"
#include "cli.h"
#include "naming.h"
#include "revisor/boot.h"
#include "revisor/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int bad_cpu(const struct recording *r, const char *bad)
{
    return cli_usage(r->command,
                     "--cpu: `%.*s` is unknown; give host, x86-64, x86-64-v2, x86-64-v3, "
                     "x86-64-v4 or no-FEATURE, several with commas between",
                     (int)strcspn(bad, ","), bad);
}

#define CORES_MAX 64

/* Options about how the program is run. */
static int schedule_option(struct recording *r, int option, const char *value)
{
    uint64_t number;
    switch (option) {
    case OPT_CHAOS:
        r->chaos = 1;
        r->chaos_seed = value;
        if (!value || !cli_parse_number(value, &number))
            return 0;
        return cli_usage(r->command, "--chaos: `%s` is no seed; give a number below 2^64, or none",
                         value);
    case OPT_CORES:
        if (!cli_parse_number(value, &number) && number >= 1 && number <= CORES_MAX) {
            r->cores = (uint32_t)number;
            return 0;
        }
        return cli_usage(r->command, "--cores: `%s` is no number from 1 to %d", value, CORES_MAX);
    default:
        if (!cli_parse_seconds(value, &r->timeout_ns))
            return 0;
        return cli_usage(r->command, "--timeout: `%s` is no number of seconds such as 30 or 0.5",
                         value);
    }
}

int recording_option(struct recording *r, int option, char **argv)
{
    struct cpu_policy policy;
    const char *value = optarg, *bad = value;
    switch (option) {
    case 'o':
        r->output = value;
        return 0;
    case OPT_VCPU:
        if (!cli_parse_vcpu(value, &r->vcpu_mode))
            return 0;
        return cli_usage(r->command, "--vcpu: `%s` is none of auto, native, translated", value);
    case OPT_CPU:
        r->cpu = value;
        return cpu_policy_parse(&policy, value, &bad) ? bad_cpu(r, bad) : 0;
    case OPT_MAX_SIZE:
        if (!cli_parse_size(value, &r->max_size) && r->max_size)
            return 0;
        return cli_usage(r->command, "--max-size: `%s` is no size such as 500M or 2G", value);
    case OPT_CHAOS:
    case OPT_CORES:
    case OPT_TIMEOUT:
        return schedule_option(r, option, value);
    case OPT_NO_SUD:
        r->flags |= RK_CTL_NO_SUD;
        return 0;
    case OPT_NO_PATCH:
        r->flags |= RK_CTL_NO_PATCH;
        return 0;
    case OPT_NO_CACHE:
        r->no_cache = 1;
        return 0;
    default:
        return cli_bad_option(r->command, argv);
    }
}

/* -------------------------------------------------------------- trace file */

struct output {
    char path[PATH_MAX], dir[PATH_MAX];
    int fd;
    int in_dir; /* named by us, in the trace directory */
};

static int open_named(const char *path, struct output *out)
{
    snprintf(out->path, sizeof(out->path), "%s", path);
    out->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out->fd >= 0)
        return 0;
    cli_say("the trace %s cannot be created: %s", path, strerror(errno));
    return CLI_FAILED;
}

static int open_new(const char *prog, struct output *out)
{
    int err = naming_dir(out->dir, sizeof(out->dir));
    if (err) {
        cli_say("no directory for traces: set RR_LIKE_TRACE_DIR or HOME, or name a file with -o");
        return CLI_FAILED;
    }
    err = naming_make_dir(out->dir);
    if (!err)
        err = out->fd = naming_create(out->dir, prog, out->path, sizeof(out->path));
    out->in_dir = 1;
    if (err >= 0)
        return 0;
    cli_say("no trace can be created in %s: %s; set RR_LIKE_TRACE_DIR to another directory or "
            "name a file with -o",
            out->dir, strerror(-err));
    return CLI_FAILED;
}

static int open_output(const struct recording *r, struct output *out)
{
    *out = (struct output){.fd = -1};
    if (r->no_trace)
        return 0;
    return r->output ? open_named(r->output, out) : open_new(r->argv[0], out);
}

/* A file that holds nothing is of no use; a device or pipe that -o named is not ours. */
static void discard_output(const struct output *out)
{
    struct stat st;
    if (*out->path && !lstat(out->path, &st) && S_ISREG(st.st_mode))
        unlink(out->path);
}

static void announce_output(const struct output *out)
{
    if (!*out->path)
        return;
    if (out->in_dir)
        naming_set_latest(out->dir, out->path);
    cli_say("trace: %s", out->path);
}

/* ---------------------------------------------------------------------- run */

/* The seed that was asked for, or a random one; said either way, since it is what the
 * schedule can be had again by. */
static uint64_t choose_seed(const struct recording *r)
{
    uint64_t seed = 0;
    if (!r->chaos_seed || cli_parse_number(r->chaos_seed, &seed))
        if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
            seed = (uint64_t)getpid();
    cli_say("chaos seed: %" PRIu64, seed);
    return seed;
}

static int make_boot(const struct recording *r, const char *exe, struct rk_boot **boot)
{
    struct boot_config config = {.exe = exe,
                                 .argv = r->argv,
                                 .envp = environ,
                                 .cores = r->cores,
                                 .chaos = r->chaos != 0};
    if (r->chaos)
        config.chaos_seed = choose_seed(r);
    cpu_policy_parse(&config.cpu, r->cpu ? r->cpu : "", NULL);
    int err = boot_build(boot, &config);
    if (!err)
        return 0;
    cli_say("the program's start cannot be prepared: %s", strerror(-err));
    return CLI_FAILED;
}

static int exit_code(const struct record_result *result)
{
    if (!result->started || result->failed)
        return CLI_FAILED;
    return cli_program_code(result->wait_status);
}

static int run_with(const struct recording *r, struct rk_boot *boot, struct output *out)
{
    char cache[PATH_MAX];
    struct record_result result;
    struct record_options options = {.boot = boot,
                                     .vcpu_mode = r->vcpu_mode,
                                     .flags = r->flags,
                                     .trace_fd = out->fd,
                                     .max_size = r->max_size,
                                     .timeout_ns = r->timeout_ns,
                                     .tool = "rr-like " RRL_VERSION,
                                     .cpu_policy = r->cpu,
                                     .say = cli_say_text,
                                     .report = r->report,
                                     .ctx = r->ctx};
    if (!r->no_cache && !naming_cache_dir(cache, sizeof(cache)))
        options.cache_dir = cache;
    int err = record_run(&options, &result);
    if (result.started)
        announce_output(out);
    else
        discard_output(out);
    if (err && result.started)
        cli_say("recording failed: %s", strerror(-err));
    return exit_code(&result);
}

int recording_run(const struct recording *r)
{
    char exe[PATH_MAX + 256];
    struct output out;
    struct rk_boot *boot;
    int code = exe_find(r->argv[0], getenv("PATH"), exe, sizeof(exe));
    if (code) {
        cli_say("%s", exe);
        return code;
    }
    code = make_boot(r, exe, &boot);
    if (code)
        return code;
    code = open_output(r, &out);
    if (!code)
        code = run_with(r, boot, &out);
    free(boot);
    return code;
}
