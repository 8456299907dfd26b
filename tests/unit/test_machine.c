/* test_machine.c - the guest process of the platform host, with the stand-in image. */
#include <stdio.h>
#include "standin/run.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

static struct machine *create(const char *script, enum rk_mode mode)
{
    struct machine *m = NULL;
    struct rk_boot *boot = standin_boot(script);
    struct machine_config config = {.mode = mode, .image = standin_image(), .boot = boot};
    cr_assert_not_null(boot);
    cr_assert_gt(config.image.len, 0);
    cr_assert_eq(machine_create(&m, &config), 0);
    if (mode == RK_MODE_RECORD) {
        cr_expect_eq(boot->pid, machine_pid(m));
        cr_expect_eq(boot->ppid, getpid());
    }
    free(boot);
    return m;
}

static int wait_for_end(struct machine *m)
{
    struct pollfd p = {.fd = machine_death_fd(m), .events = POLLIN};
    int status;
    cr_assert_eq(poll(&p, 1, 10000), 1);
    cr_assert_eq(machine_wait(m, &status), 0);
    return status;
}

Test(machine, runs_to_its_end, .timeout = 20)
{
    struct machine *m = create("event 3 exit 7", RK_MODE_RECORD);
    int status;
    cr_expect_eq(machine_wait(m, &status), -EAGAIN);
    cr_assert_eq(machine_start(m), 0);
    cr_expect_eq(WEXITSTATUS(wait_for_end(m)), 7);
    machine_destroy(m);
}

Test(machine, what_was_committed_survives, .timeout = 20)
{
    struct machine *m = create("event 100 kill 9", RK_MODE_RECORD);
    size_t n;
    cr_assert_eq(machine_start(m), 0);
    cr_expect_eq(WTERMSIG(wait_for_end(m)), SIGKILL);
    cr_expect_not_null(ring_peek(m, &machine_control(m)->log, &n));
    cr_expect_eq(n, 100 * sizeof(struct rk_event));
    machine_destroy(m);
}

Test(machine, destroy_ends_it, .timeout = 20)
{
    struct machine *waiting = create("exit 0", RK_MODE_RECORD);
    struct machine *running = create("spin", RK_MODE_RECORD);
    pid_t pids[] = {machine_pid(waiting), machine_pid(running)};
    cr_assert_eq(machine_start(running), 0);
    machine_destroy(waiting);
    machine_destroy(running);
    for (int i = 0; i < 2; i++)
        cr_expect(kill(pids[i], 0) == -1 && errno == ESRCH);
    machine_destroy(NULL);
}

Test(machine, memory_can_be_read_and_written, .timeout = 20)
{
    struct machine *m = create("event 1 spin", RK_MODE_RECORD);
    struct rk_control c;
    uint32_t flag = 77;
    cr_assert_eq(machine_start(m), 0);
    cr_assert_eq(ring_wait(m, &machine_control(m)->log, 10000), 0);
    cr_expect_eq(machine_read(m, RK_SHARED_BASE, &c, sizeof(c)), (ssize_t)sizeof(c));
    cr_expect_eq(c.magic, RK_CONTROL_MAGIC);
    cr_expect_eq(machine_write(m, RK_SHARED_BASE + offsetof(struct rk_control, flags), &flag, 4),
                 4);
    cr_expect_eq(machine_control(m)->flags, 77);
    cr_expect_lt(machine_read(m, 0x1000, &c, 8), 0);
    machine_destroy(m);
}

/* Runs `setup` in a child and a machine in it, and returns the exit code: what the child
 * does to itself does not disturb the test runner. */
static int in_child(int (*body)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(body());
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status), "status %#x", status);
    return WEXITSTATUS(status);
}

static int line_of(struct machine *m, const char *file, const char *key, char *value, size_t cap)
{
    char path[64], line[512];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)machine_pid(m), file);
    FILE *f = fopen(path, "re");
    int found = 0;
    while (f && !found && fgets(line, sizeof(line), f)) {
        found = !strncmp(line, key, strlen(key));
        snprintf(value, cap, "%s", line + strlen(key));
    }
    if (f)
        fclose(f);
    return found;
}

static struct machine *started_spinner(void)
{
    struct machine *m = NULL;
    struct rk_boot *boot = standin_boot("event 1 spin");
    struct machine_config config = {.mode = RK_MODE_RECORD, .image = standin_image(), .boot = boot};
    if (!boot || machine_create(&m, &config) || machine_start(m) ||
        ring_wait(m, &machine_control(m)->log, 10000))
        return NULL;
    free(boot);
    return m;
}

static int signals_are_inherited(void)
{
    char blocked[64] = "", ignored[64] = "";
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct machine *m = started_spinner();
    if (!m)
        return 1;
    line_of(m, "status", "SigBlk:\t", blocked, sizeof(blocked));
    line_of(m, "status", "SigIgn:\t", ignored, sizeof(ignored));
    machine_destroy(m);
    if (strtoull(blocked, NULL, 16) != 1ull << (SIGUSR2 - 1))
        return 2;
    return strtoull(ignored, NULL, 16) >> (SIGPIPE - 1) & 1 ? 0 : 3;
}

Test(machine, signal_mask_and_dispositions_are_inherited, .timeout = 20)
{
    cr_expect_eq(in_child(signals_are_inherited), 0);
}

static int has_fd(struct machine *m, int fd)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)machine_pid(m), fd);
    return !access(path, F_OK) || !faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW);
}

static int descriptors_are_inherited(void)
{
    int plain = open("/dev/null", O_RDONLY), ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(0);
    struct machine *m = started_spinner();
    if (!m)
        return 1;
    int bad = !has_fd(m, plain) ? 2
              : has_fd(m, ours) ? 3
              : has_fd(m, 0)    ? 4
              : !has_fd(m, 2)   ? 5
                                : 0;
    machine_destroy(m);
    return bad;
}

Test(machine, descriptors_are_inherited, .timeout = 20)
{
    cr_expect_eq(in_child(descriptors_are_inherited), 0);
}

static int dies_with_launcher(void)
{
    struct machine *m = started_spinner();
    if (!m)
        return 1;
    return printf("%d\n", (int)machine_pid(m)) > 0 && !fflush(stdout) ? 0 : 2;
}

Test(machine, guest_dies_with_the_launcher, .timeout = 20)
{
    int out[2];
    char text[32] = "";
    cr_assert_eq(pipe(out), 0);
    int saved = dup(1);
    dup2(out[1], 1);
    close(out[1]);
    cr_expect_eq(in_child(dies_with_launcher), 0);
    dup2(saved, 1);
    cr_assert_gt(read(out[0], text, sizeof(text) - 1), 0);
    pid_t pid = (pid_t)strtol(text, NULL, 10);
    for (int i = 0; i < 200 && !kill(pid, 0); i++) {
        char path[64], state[64] = "";
        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        FILE *f = fopen(path, "re");
        if (!f || !fgets(state, sizeof(state), f) || strstr(state, ") Z"))
            pid = -1; /* gone, or waiting for init */
        if (f)
            fclose(f);
        usleep(10000);
    }
    cr_expect(pid == -1 || kill(pid, 0), "the guest outlived its launcher");
}

Test(machine, an_image_that_cannot_run_is_an_error)
{
    struct machine *m = NULL;
    struct rk_boot *boot = standin_boot("exit 0");
    struct machine_config config = {
        .mode = RK_MODE_RECORD, .image = {"not an ELF file", 15}, .boot = boot};
    cr_assert_eq(machine_create(&m, &config), 0);
    cr_expect_eq(machine_start(m), -ENOEXEC);
    machine_destroy(m);
    free(boot);
}
