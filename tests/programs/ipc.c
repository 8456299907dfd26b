/*
 * ipc - System V shared memory, semaphores and messages, POSIX shared memory and message
 * queues, kernel aio. An older kernel may lack some: ENOSYS is accepted, a wrong answer
 * is not.
 * build: -lrt
 * run: --filter 's/: .+//'
 */
#include "check.h"

#include <linux/aio_abi.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int missing(const char *what, long ret)
{
    int lacks = ret < 0 && (errno == ENOSYS || errno == EACCES || errno == EPERM);
    printf("%s: %s\n", what, lacks ? strerrorname_np(errno) : "ok");
    CHECK(lacks || ret >= 0);
    return lacks;
}

static void shared_memory(void)
{
    int id = shmget(IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600);
    if (missing("shmget", id))
        return;
    char *p = shmat(id, NULL, 0), *q = shmat(id, NULL, SHM_RDONLY);
    struct shmid_ds ds;
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    if (p == (void *)-1) {
        CHECK(errno == ENOSYS || errno == EACCES);
        return;
    }
    CHECK(is_zero(p, 3 * PAGE));
    fill_pattern(p, 3 * PAGE, 8);
    CHECK(is_pattern(q, 3 * PAGE, 8) && shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 2);
    CHECK(shmdt(q) == 0 && is_pattern(p, 3 * PAGE, 8) && shmdt(p) == 0);
    CHECK_ERRNO(shmdt(p), EINVAL);
}

static void semaphores(void)
{
    int id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    if (missing("semget", id))
        return;
    struct sembuf up = {0, 3, 0}, down = {0, -4, IPC_NOWAIT};
    CHECK(semop(id, &up, 1) == 0 && semctl(id, 0, GETVAL) == 3);
    CHECK_ERRNO(semop(id, &down, 1), EAGAIN);
    CHECK(semctl(id, 0, IPC_RMID) == 0);
}

static void messages(void)
{
    struct {
        long type;
        char text[20];
    } m = {7, "message"};
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    if (missing("msgget", id))
        return;
    CHECK(msgsnd(id, &m, 8, 0) == 0);
    memset(&m, 0, sizeof(m));
    CHECK_ERRNO(msgrcv(id, &m, 20, 5, IPC_NOWAIT), ENOMSG);
    CHECK(msgrcv(id, &m, 20, 7, 0) == 8 && strcmp(m.text, "message") == 0);
    CHECK(msgctl(id, IPC_RMID, NULL) == 0);
}

static void posix(void)
{
    char name[40], back[8192];
    snprintf(name, sizeof(name), "/rrl-test-%d", getpid());
    int fd = shm_open(name, O_CREAT | O_RDWR, 0600);
    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0 && shm_unlink(name) == 0);
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED && pwrite(fd, "shared", 6, 9) == 6 && memcmp(p + 9, "shared", 6) == 0);
    mqd_t q = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, NULL);
    if (missing("mq_open", q))
        return;
    unsigned priority = 0;
    CHECK(mq_send(q, "low", 3, 1) == 0 && mq_send(q, "high", 4, 9) == 0);
    CHECK(mq_receive(q, back, sizeof(back), &priority) == 4 && priority == 9 && back[0] == 'h');
    CHECK(mq_close(q) == 0 && mq_unlink(name) == 0);
}

static void aio(void)
{
    aio_context_t ctx = 0;
    static char buf[512];
    int fd = make_file("aio", 512, 3);
    if (missing("io_setup", syscall(SYS_io_setup, 4, &ctx)))
        return;
    struct iocb cb = {.aio_fildes = (uint32_t)fd,
                      .aio_lio_opcode = IOCB_CMD_PREAD,
                      .aio_buf = (uint64_t)buf,
                      .aio_nbytes = 512};
    struct iocb *list[] = {&cb};
    struct io_event ev;
    CHECK(syscall(SYS_io_submit, ctx, 1, list) == 1);
    CHECK(syscall(SYS_io_getevents, ctx, 1, 1, &ev, NULL) == 1 && ev.res == 512);
    CHECK(is_pattern(buf, 512, 3) && syscall(SYS_io_destroy, ctx) == 0);
}

int main(void)
{
    shared_memory();
    semaphores();
    messages();
    posix();
    aio();
    return 0;
}
