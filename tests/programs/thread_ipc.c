/*
 * thread_ipc - System V semaphores and messages and POSIX message queues between threads:
 * calls that must wait for another thread, time limits, signals, notification, removal.
 * build: -pthread -lrt
 */
#include "check.h"

#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/poll.h>
#include <sys/sem.h>
#include <time.h>

#define ROUNDS 40

struct message {
    long type;
    int value[4];
};

static int sem, queue, total;
static mqd_t requests, answers;
static volatile int notified, signalled;

static void change(int number, int by)
{
    struct sembuf op = {(unsigned short)number, (short)by, 0};
    CHECK(semop(sem, &op, 1) == 0);
}

/* Semaphore 0 counts what was made, 1 the room that is left. */
static void *semaphore_maker(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        change(1, -1);
        total += i;
        change(0, 1);
    }
    return NULL;
}

static void semaphores(void)
{
    pthread_t t;
    unsigned short set[2] = {0, 1}, now[2] = {9, 9};
    struct sembuf take = {0, -1, 0};
    struct timespec soon = {0, 20 * 1000 * 1000};
    CHECK(semctl(sem, 0, SETALL, set) == 0 && semctl(sem, 0, GETALL, now) == 0);
    CHECK(now[0] == 0 && now[1] == 1 && semctl(sem, 1, GETVAL) == 1);
    CHECK(pthread_create(&t, NULL, semaphore_maker, NULL) == 0);
    for (int i = 0, sum = 0; i < ROUNDS; i++) {
        change(0, -1);
        sum += i;
        CHECK(total == sum);
        change(1, 1);
    }
    CHECK_ERRNO(semtimedop(sem, &take, 1, &soon), EAGAIN);
    CHECK(pthread_join(t, NULL) == 0);
    CHECK_ERRNO(semtimedop(sem, &take, 1, &soon), EAGAIN);
}

/* Answers each message of type 1 by one of type 2. */
static void *message_server(void *arg)
{
    struct message m;
    do {
        CHECK(msgrcv(queue, &m, sizeof m.value, 1, 0) == sizeof m.value);
        m.type = 2;
        m.value[1] = m.value[0] * 3;
        CHECK(msgsnd(queue, &m, sizeof m.value, 0) == 0);
    } while (m.value[0] >= 0);
    return NULL;
}

static void messages(void)
{
    pthread_t t;
    struct msqid_ds ds;
    struct message m;
    CHECK_ERRNO(msgrcv(queue, &m, sizeof m.value, 1, IPC_NOWAIT), ENOMSG);
    CHECK(pthread_create(&t, NULL, message_server, NULL) == 0);
    for (int i = ROUNDS; i >= -1; i--) {
        m = (struct message){1, {i, 0, 0, 0}};
        CHECK(msgsnd(queue, &m, sizeof m.value, 0) == 0);
        CHECK(msgrcv(queue, &m, sizeof m.value, 2, 0) == sizeof m.value && m.value[1] == 3 * i);
    }
    CHECK(pthread_join(t, NULL) == 0);
    CHECK(msgctl(queue, IPC_STAT, &ds) == 0 && ds.msg_qnum == 0 && ds.msg_lspid == getpid());
}

static void on_signal(int signo)
{
    signalled++;
}

/* Waits for what never comes: first a signal ends it, then the queue's removal. */
static void *waits_in_vain(void *arg)
{
    struct message m;
    CHECK_ERRNO(msgrcv(queue, &m, sizeof m.value, 1, 0), EINTR);
    CHECK(signalled > 0);
    notified = 1;
    do
        CHECK(msgrcv(queue, &m, sizeof m.value, 1, 0) == -1);
    while (errno == EINTR);
    CHECK(errno == EIDRM || errno == EINVAL); /* EINVAL: it was removed before the call */
    return NULL;
}

static void interrupted(void)
{
    pthread_t t;
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &act, NULL);
    CHECK(pthread_create(&t, NULL, waits_in_vain, NULL) == 0);
    while (!notified) { /* it may not be waiting yet when the first signals come */
        usleep(5000);
        CHECK(pthread_kill(t, SIGUSR1) == 0);
    }
    usleep(20000);
    CHECK(msgctl(queue, IPC_RMID, NULL) == 0);
    CHECK(pthread_join(t, NULL) == 0);
}

static void *queue_server(void *arg)
{
    char text[64];
    unsigned priority;
    for (;;) {
        ssize_t n = mq_receive(requests, text, sizeof text, &priority);
        CHECK(n > 0);
        text[0]++;
        CHECK(mq_send(answers, text, (size_t)n, priority + 1) == 0);
        if (priority == 7)
            return NULL;
    }
}

static void limits(void)
{
    char text[64] = "";
    struct timespec at;
    struct pollfd p = {answers, POLLIN | POLLOUT, 0};
    CHECK(clock_gettime(CLOCK_REALTIME, &at) == 0);
    CHECK_ERRNO(mq_timedreceive(answers, text, sizeof text, NULL, &at), ETIMEDOUT);
    at.tv_nsec += 20 * 1000 * 1000;
    if (at.tv_nsec >= 1000000000)
        at.tv_sec++, at.tv_nsec -= 1000000000;
    CHECK_ERRNO(mq_timedreceive(answers, text, sizeof text, NULL, &at), ETIMEDOUT);
    at.tv_nsec = -1;
    CHECK_ERRNO(mq_timedreceive(answers, text, sizeof text, NULL, &at), EINVAL);
    CHECK(poll(&p, 1, 0) == 1 && p.revents == POLLOUT);
    CHECK_ERRNO(mq_receive(answers, text, 3, NULL), EMSGSIZE);
}

static void posix_queues(void)
{
    pthread_t t;
    char text[64];
    unsigned priority;
    CHECK(pthread_create(&t, NULL, queue_server, NULL) == 0);
    limits();
    for (int i = 0; i <= ROUNDS; i++) {
        snprintf(text, sizeof text, "a%d", i);
        CHECK(mq_send(requests, text, strlen(text) + 1, i == ROUNDS ? 7 : 2) == 0);
        CHECK(mq_receive(answers, text, sizeof text, &priority) > 0);
        CHECK(text[0] == 'b' && atoi(text + 1) == i && priority == (i == ROUNDS ? 8 : 3));
    }
    CHECK(pthread_join(t, NULL) == 0);
}

static void notification(void)
{
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct mq_attr attr;
    ev.sigev_value.sival_int = 12;
    signalled = 0;
    CHECK(mq_notify(requests, &ev) == 0);
    CHECK_ERRNO(mq_notify(requests, &ev), EBUSY);
    CHECK(mq_send(requests, "x", 1, 0) == 0);
    while (!signalled)
        usleep(1000);
    CHECK(mq_getattr(requests, &attr) == 0 && attr.mq_curmsgs == 1 && attr.mq_msgsize == 64);
}

static mqd_t open_queue(const char *what)
{
    char name[64];
    struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
    snprintf(name, sizeof name, "/thread-ipc-%d-%s", getpid(), what);
    mqd_t q = mq_open(name, O_CREAT | O_RDWR | O_EXCL, 0600, &attr);
    if (q < 0)
        SKIP("the kernel gives no message queues here");
    CHECK(mq_unlink(name) == 0 && fcntl(q, F_GETFD) == FD_CLOEXEC);
    return q;
}

int main(void)
{
    sem = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    if (sem < 0 || queue < 0)
        SKIP("the kernel gives no System V semaphores or messages here");
    semaphores();
    messages();
    CHECK(semctl(sem, 0, IPC_RMID) == 0);
    interrupted();
    requests = open_queue("requests");
    answers = open_queue("answers");
    posix_queues();
    notification();
    printf("done\n");
    return 0;
}
