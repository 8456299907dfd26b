/*
 * thread_block_files - calls on files and pipes that block while the thread that ends
 * their wait is one of the program's own: locks, opening FIFOs, splices, eventfds.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define BIG (1u << 20)

static pthread_t thread;
static atomic_int held, seen;
static int fds[2];
static char *big;

static void run(void *(*fn)(void *), void *arg)
{
    held = seen = 0;
    CHECK(pthread_create(&thread, NULL, fn, arg) == 0);
}

static void join(void)
{
    CHECK(pthread_join(thread, NULL) == 0);
}

/* -------------------------------------------------------------------- locks */
static void *hold_flock(void *arg)
{
    int fd = open("lock", O_RDWR);
    CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
    held = 1;
    while (!seen)
        sched_yield();
    usleep(3000);
    held = 2;
    if (arg)
        CHECK(flock(fd, LOCK_UN) == 0);
    CHECK(close(fd) == 0);
    return NULL;
}

static void flocks(void)
{
    int fd = open("lock", O_RDWR | O_CREAT, 0644);
    for (long unlock = 0; unlock < 2; unlock++) {
        run(hold_flock, (void *)unlock);
        while (held != 1)
            sched_yield();
        CHECK_ERRNO(flock(fd, LOCK_EX | LOCK_NB), EWOULDBLOCK);
        seen = 1;
        CHECK(flock(fd, LOCK_EX) == 0 && held == 2);
        CHECK(flock(fd, LOCK_UN) == 0);
        join();
    }
    close(fd);
    printf("flock waits for a thread\n");
}

static struct flock whole(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

static void *hold_ofd(void *arg)
{
    int fd = open("lock", O_RDWR);
    struct flock l = whole(F_WRLCK);
    CHECK(fd >= 0 && fcntl(fd, F_OFD_SETLK, &l) == 0);
    held = 1;
    while (!seen)
        sched_yield();
    usleep(3000);
    held = 2;
    l.l_type = F_UNLCK;
    CHECK(fcntl(fd, F_OFD_SETLK, &l) == 0);
    CHECK(close(fd) == 0);
    return NULL;
}

static void ofd_locks(void)
{
    int fd = open("lock", O_RDWR);
    struct flock l = whole(F_RDLCK);
    run(hold_ofd, NULL);
    while (held != 1)
        sched_yield();
    CHECK_ERRNO(fcntl(fd, F_OFD_SETLK, &l), EAGAIN);
    seen = 1;
    CHECK(fcntl(fd, F_OFD_SETLKW, &l) == 0 && held == 2);
    join();
    close(fd);
    printf("F_OFD_SETLKW waits for a thread\n");
}

/* -------------------------------------------------------------------- FIFOs */
static void *open_other(void *flags)
{
    char c = 0;
    int fd;
    usleep(2000);
    held = 1;
    fd = open("fifo", (int)(long)flags);
    CHECK(fd >= 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK));
    if ((long)flags == O_WRONLY)
        CHECK(write(fd, "w", 1) == 1);
    else
        CHECK(read(fd, &c, 1) == 1 && c == 'm');
    close(fd);
    return NULL;
}

static void fifos(void)
{
    char c = 0;
    int fd;
    CHECK(mkfifo("fifo", 0644) == 0);
    run(open_other, (void *)(long)O_WRONLY);
    fd = open("fifo", O_RDONLY);
    CHECK(fd >= 0 && held == 1 && !(fcntl(fd, F_GETFL) & O_NONBLOCK));
    CHECK(read(fd, &c, 1) == 1 && c == 'w' && read(fd, &c, 1) == 0);
    close(fd);
    join();
    run(open_other, (void *)(long)O_RDONLY);
    fd = open("fifo", O_WRONLY);
    CHECK(fd >= 0 && held == 1 && write(fd, "m", 1) == 1);
    join();
    close(fd);
    CHECK_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    run(open_other, (void *)(long)O_RDONLY);
    fd = open("fifo", O_RDWR);
    CHECK(fd >= 0 && write(fd, "m", 1) == 1);
    join();
    close(fd);
    printf("FIFOs open when both ends do\n");
}

/* --------------------------------------------------------------- pipes, splices */
static void *drain(void *arg)
{
    char buf[3000];
    size_t total = 0;
    ssize_t n;
    while ((n = read(fds[0], buf, sizeof buf)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            CHECK(buf[i] == (char)pattern_at(7, total + (size_t)i));
        total += (size_t)n;
    }
    CHECK(n == 0 && total == (size_t)arg);
    return NULL;
}

static size_t vmsplice_all(void)
{
    size_t done = 0;
    while (done < BIG) {
        struct iovec v = {big + done, BIG - done};
        ssize_t n = vmsplice(fds[1], &v, 1, 0);
        CHECK(n > 0);
        done += (size_t)n;
    }
    return done;
}

static void to_pipe(int how)
{
    struct iovec v[2] = {{big, 100001}, {big + 100001, BIG - 100001}};
    int file = open("data", O_RDONLY);
    off_t at = 0;
    size_t done = 0;
    CHECK(pipe(fds) == 0 && file >= 0);
    run(drain, (void *)(long)BIG);
    if (how == 0)
        done = (size_t)writev(fds[1], v, 2);
    else if (how == 1)
        done = (size_t)pwritev2(fds[1], v, 2, -1, 0);
    else if (how == 2)
        done = vmsplice_all();
    for (ssize_t n = 1; n > 0 && done < BIG; done += (size_t)n)
        n = how == 3 ? sendfile(fds[1], file, NULL, BIG - done)
                     : splice(file, &at, fds[1], NULL, BIG - done, 0);
    CHECK(done == BIG);
    close(fds[1]);
    join();
    close(fds[0]), close(file);
    printf("filled a pipe, way %d\n", how);
}

static int second[2];

static void *feed(void *arg)
{
    usleep(2000);
    CHECK(write(fds[1], big, 5000) == 5000);
    return NULL;
}

static void tee_and_splice(void)
{
    char buf[5000];
    CHECK(pipe(fds) == 0 && pipe(second) == 0);
    run(feed, NULL);
    CHECK(tee(fds[0], second[1], 5000, 0) > 0);
    CHECK(read(second[0], buf, 5000) > 0 && is_pattern(buf, 100, 7));
    join();
    CHECK(read(fds[0], buf, 5000) == 5000 && is_pattern(buf, 5000, 7));
    CHECK(fcntl(second[0], F_GETFL) == O_RDONLY);
    run(feed, NULL);
    CHECK(splice(fds[0], NULL, second[1], NULL, 4096, 0) > 0);
    join();
    printf("tee and splice wait for data\n");
}

static void *take_event(void *arg)
{
    uint64_t v;
    usleep(2000);
    held = 1;
    CHECK(read(fds[0], &v, 8) == 8 && v == 0xfffffffffffffffeull);
    return NULL;
}

static void eventfds(void)
{
    uint64_t v = 0xfffffffffffffffeull;
    fds[0] = eventfd(0, 0);
    CHECK(write(fds[0], &v, 8) == 8);
    run(take_event, NULL);
    v = 1;
    CHECK(write(fds[0], &v, 8) == 8 && held == 1);
    CHECK(read(fds[0], &v, 8) == 8 && v == 1);
    join();
    printf("an eventfd at its end waits for a reader\n");
}

int main(void)
{
    big = malloc(BIG);
    CHECK(big != NULL);
    fill_pattern(big, BIG, 7);
    int fd = make_file("data", BIG, 7);
    close(fd);
    flocks();
    ofd_locks();
    fifos();
    for (int how = 0; how < 5; how++)
        to_pipe(how);
    tee_and_splice();
    eventfds();
    return 0;
}
