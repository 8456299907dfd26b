/*
 * socket_limits - recvmmsg with time limits, its own and the socket's, alone and beside another
 * thread; the list of interfaces.
 * build: -pthread
 */
#include "check.h"

#include <net/if.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static int pair[2];

static long long now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

/* Up to three messages, given so much time. */
static int receive(int flags, struct timespec *limit)
{
    static char text[3][4];
    struct iovec iov[3];
    struct mmsghdr m[3];
    memset(m, 0, sizeof m);
    for (int i = 0; i < 3; i++) {
        iov[i] = (struct iovec){text[i], sizeof text[i]};
        m[i].msg_hdr.msg_iov = &iov[i];
        m[i].msg_hdr.msg_iovlen = 1;
    }
    int n = recvmmsg(pair[0], m, 3, flags, limit);
    for (int i = 0; i < n; i++)
        CHECK(m[i].msg_len == 1 && text[i][0] == 'x');
    return n;
}

static void send_some(int n)
{
    while (n--)
        CHECK(write(pair[1], "x", 1) == 1);
}

static void limits(void)
{
    struct timespec hour = {3600, 0}, none = {0, 0}, wrong = {0, -1};
    send_some(2);
    long long before = now_ms();
    CHECK(receive(0, &hour) == 2); /* the socket's limit ends the wait for the third */
    CHECK(now_ms() - before >= 99 && hour.tv_sec == 3599);
    CHECK_ERRNO(receive(0, &hour), EAGAIN);
    send_some(2);
    CHECK(receive(0, &none) == 1); /* looked at after the first message */
    CHECK(receive(MSG_WAITFORONE, NULL) == 1);
    CHECK_ERRNO(receive(0, &wrong), EINVAL);
}

static void *sends(void *arg)
{
    usleep(20000);
    send_some(1);
    usleep(20000);
    send_some(2);
    return NULL;
}

static void interfaces(void)
{
    struct ifreq list[32];
    struct ifconf count = {.ifc_len = 0}, conf = {.ifc_len = sizeof list, .ifc_req = list};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        return;
    CHECK(ioctl(fd, SIOCGIFCONF, &count) == 0 && ioctl(fd, SIOCGIFCONF, &conf) == 0);
    CHECK(conf.ifc_len % (int)sizeof list[0] == 0 && conf.ifc_len <= count.ifc_len);
    for (size_t i = 0; i < (size_t)conf.ifc_len / sizeof list[0]; i++)
        printf("%s\n", list[i].ifr_name);
    CHECK(close(fd) == 0);
}

int main(void)
{
    pthread_t t;
    struct timeval tenth = {0, 100000}, long_time = {1000, 0};
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tenth, sizeof tenth) == 0);
    limits();
    CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof long_time) == 0);
    CHECK(pthread_create(&t, NULL, sends, NULL) == 0);
    CHECK(receive(0, NULL) == 3);
    CHECK(pthread_join(t, NULL) == 0);
    interfaces();
    printf("done\n");
    return 0;
}
