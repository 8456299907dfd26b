/*
 * pairtime.c - times variants of one command against each other, fairly.
 *
 *   pairtime [-n ROUNDS] [-s SETUP] [-t SECONDS] [-m] [-p] NAME CMD ARG... [:: NAME CMD ARG...]...
 *
 * Each round runs every variant once, in the order given, so that whatever disturbs the
 * machine disturbs them alike; ratios and differences are taken within a round, against
 * the first variant, and the median over the rounds is printed. One round before the
 * first is not counted: it warms the caches.
 *
 *   -n  rounds (default 5)
 *   -s  shell command run before each variant, outside the timing, with PAIRTIME_VARIANT
 *       set to the variant's name
 *   -t  seconds after which a variant is killed and the whole run fails (default 600)
 *   -m  also samples the memory of the variant's processes (proportional set size);
 *       that disturbs the timing, so use it in a run of its own
 *   -p  ratio and added ms are of processor time, user and system, of all processes:
 *       for programs with threads, and for machines that do other work meanwhile
 *
 * Standard input and output of the commands are /dev/null; standard error is kept. One
 * line per variant, fields separated by tabs: name, exit status (128 + N for signal N;
 * the worst of all rounds), wall ms (median, least, most), processor ms, ratio, added
 * ms, peak memory in KiB (0 without -m).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VARIANTS_MAX 16
#define ROUNDS_MAX 1000
#define SAMPLE_NS 2000000

struct variant {
    const char *name;
    char **argv;
    int status;
    long peak_kib;
    double wall[ROUNDS_MAX], cpu[ROUNDS_MAX]; /* ms */
};

struct options {
    int rounds;
    int seconds;
    bool memory;
    bool processor;
    const char *setup;
};

static struct variant variants[VARIANTS_MAX];
static int variant_count;
static volatile sig_atomic_t running; /* process group being timed, or 0 */
static volatile sig_atomic_t timed_out;

static void die(const char *what, const char *name)
{
    fprintf(stderr, "pairtime: %s: %s\n", name, what);
    exit(125);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void on_alarm(int sig)
{
    timed_out = 1;
    if (running)
        kill(-running, SIGKILL);
}

static void run_setup(const struct options *opt, const struct variant *v)
{
    if (!opt->setup)
        return;
    setenv("PAIRTIME_VARIANT", v->name, 1);
    if (system(opt->setup) != 0)
        die("the set-up command failed", v->name);
}

static void child(char **argv)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    setpgid(0, 0);
    dup2(null, 0);
    dup2(null, 1);
    unsetenv("PAIRTIME_VARIANT");
    execvp(argv[0], argv);
    fprintf(stderr, "pairtime: %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* Sum of Pss of one process in KiB; 0 when it is gone. */
static long pss_kib(int pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    long kib = 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "Pss: %ld", &kib) == 1)
            break;
    fclose(f);
    return kib;
}

/* The process group of a process, or -1. */
static int group_of(int pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    int group = -1;
    const char *end = strrchr(text, ')'); /* the name may hold anything */
    if (!end || sscanf(end + 1, " %*c %*d %d", &group) != 1)
        return -1;
    return group;
}

/* Threads can be looked up there too, by their ids: each would count as its whole process. */
static bool is_process(int pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "re");
    int leader = -1;
    while (f && leader < 0 && fgets(line, sizeof line, f))
        sscanf(line, "Tgid: %d", &leader);
    if (f)
        fclose(f);
    return leader == pid;
}

/* Memory of all processes of the group in KiB. Pids near the leader's are enough to
 * look at: the group was made a moment ago. */
static long group_kib(int group)
{
    long sum = 0;
    for (int pid = group; pid < group + 256; pid++)
        if (group_of(pid) == group && is_process(pid))
            sum += pss_kib(pid);
    return sum;
}

static pid_t wait_sampling(pid_t pid, int *status, struct rusage *usage, long *peak)
{
    struct timespec nap = {.tv_nsec = SAMPLE_NS};
    for (;;) {
        pid_t got = wait4(pid, status, WNOHANG, usage);
        if (got != 0)
            return got;
        long kib = group_kib(pid);
        *peak = kib > *peak ? kib : *peak;
        nanosleep(&nap, NULL);
    }
}

/* Waits through interruptions by the alarm. */
static void reap(const struct options *opt, struct variant *v, pid_t pid, int *status,
                 struct rusage *usage)
{
    pid_t got;
    do {
        if (opt->memory)
            got = wait_sampling(pid, status, usage, &v->peak_kib);
        else
            got = wait4(pid, status, 0, usage);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        die(strerror(errno), "wait4");
}

static double usage_ms(const struct rusage *u)
{
    double s = (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec);
    return s * 1e3 + (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

/* round < 0: the one that is not counted. */
static void run_once(const struct options *opt, struct variant *v, int round)
{
    struct rusage usage;
    int status = 0;
    run_setup(opt, v);
    double start = now_ms();
    pid_t pid = fork();
    if (pid < 0)
        die(strerror(errno), "fork");
    if (pid == 0)
        child(v->argv);
    setpgid(pid, pid); /* the child does it too: whoever comes first */
    running = pid;
    alarm((unsigned)opt->seconds);
    reap(opt, v, pid, &status, &usage);
    double wall = now_ms() - start;
    alarm(0);
    running = 0;
    if (timed_out)
        die("took too long and was killed (-t)", v->name);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    v->status = code > v->status ? code : v->status;
    if (round >= 0) {
        v->wall[round] = wall;
        v->cpu[round] = usage_ms(&usage);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts a copy; percent 0 is the least, 50 the median, 100 the most. */
static double quantile(const double *values, int count, int percent)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, sizeof *values * (size_t)count);
    qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    if (percent == 50 && count % 2 == 0)
        return (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    return sorted[(count - 1) * percent / 100];
}

static void print_variant(const struct options *opt, const struct variant *v)
{
    double ratio[ROUNDS_MAX], added[ROUNDS_MAX];
    const double *mine = opt->processor ? v->cpu : v->wall;
    const double *first = opt->processor ? variants[0].cpu : variants[0].wall;
    for (int i = 0; i < opt->rounds; i++) {
        ratio[i] = mine[i] / first[i];
        added[i] = mine[i] - first[i];
    }
    int n = opt->rounds;
    printf("%s\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.4f\t%.3f\t%ld\n", v->name, v->status,
           quantile(v->wall, n, 50), quantile(v->wall, n, 0), quantile(v->wall, n, 100),
           quantile(v->cpu, n, 50), quantile(ratio, n, 50), quantile(added, n, 50), v->peak_kib);
}

/* Splits the rest of the command line at "::" into variants. */
static void parse_variants(char **argv)
{
    while (*argv) {
        if (variant_count == VARIANTS_MAX || !argv[1])
            die("too many variants, or one without a command", *argv);
        struct variant *v = &variants[variant_count++];
        v->name = argv[0];
        v->argv = ++argv;
        while (*argv && strcmp(*argv, "::") != 0)
            argv++;
        if (argv == v->argv)
            die("a variant without a command", v->name);
        if (*argv)
            *argv++ = NULL;
    }
}

static void parse_options(struct options *opt, int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "+n:s:t:mp")) != -1) {
        if (c == 'n')
            opt->rounds = atoi(optarg);
        else if (c == 's')
            opt->setup = optarg;
        else if (c == 't')
            opt->seconds = atoi(optarg);
        else if (c == 'm')
            opt->memory = true;
        else if (c == 'p')
            opt->processor = true;
        else
            exit(64);
    }
    if (opt->rounds < 1 || opt->rounds > ROUNDS_MAX || opt->seconds < 1 || optind == argc)
        die("usage: pairtime [-n ROUNDS] [-s SETUP] [-t SECONDS] [-m] [-p] NAME CMD... [:: ...]",
            "wrong use");
}

int main(int argc, char **argv)
{
    struct options opt = {.rounds = 5, .seconds = 600};
    parse_options(&opt, argc, argv);
    parse_variants(argv + optind);
    struct sigaction act = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &act, NULL);
    for (int round = -1; round < opt.rounds; round++)
        for (int i = 0; i < variant_count; i++)
            run_once(&opt, &variants[i], round);
    for (int i = 0; i < variant_count; i++)
        print_variant(&opt, &variants[i]);
    return 0;
}
