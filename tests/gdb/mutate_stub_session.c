/*
 * mutate_stub_session.c - feeds the fuzzing entry with bent sessions, always the same ones:
 * `mutate_stub_session [ROUNDS [FIRST]]`. A round that fails can be repeated alone with FIRST.
 *
 * A session is a row of packets from a list of good ones, each bent a little or not at all.
 * Most checksums are right, so that what is tested is the judgement behind them.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUNDS 60000u
#define ROOM (1u << 16)

static const char *const good[] = {
    "qSupported:multiprocess+;swbreak+;hwbreak+;exec-events+",
    "QStartNoAckMode",
    "?",
    "g",
    "p10",
    "P0=11223344aabbccdd",
    "G00112233",
    "m10000,40",
    "M10000,2:ab12",
    "X10000,2:ab",
    "Z0,401005,1",
    "Z0,401005,1;X3,220027",
    "z0,401005,1",
    "Z1,401005,1",
    "Z2,10008,8",
    "z2,10008,8",
    "Z3,10010,100",
    "Z4,10018,1",
    "vCont?",
    "vCont;c",
    "vCont;s:p64.65;c",
    "vCont;r401000,401005:p64.64",
    "vCont;C0b:p64.64",
    "bs",
    "bc",
    "s",
    "c",
    "S05",
    "C0b",
    "Hgp64.65",
    "Hc-1",
    "Tp64.65",
    "qC",
    "qfThreadInfo",
    "qsThreadInfo",
    "qThreadExtraInfo,p64.65",
    "qXfer:features:read:target.xml:0,ffb",
    "qXfer:threads:read::0,1000",
    "qXfer:auxv:read::0,1000",
    "qXfer:siginfo:read::0,80",
    "qXfer:exec-file:read:64:0,1000",
    "vFile:setfs:0",
    "vFile:open:2f62696e2f66616b65,0,0",
    "vFile:pread:0,100,0",
    "vFile:fstat:0",
    "vFile:close:0",
    "vFile:stat:2f62696e2f66616b65",
    "vFile:readlink:2f62696e",
    "qRcmd,77686572",
    "QCatchSyscalls:1;1;2",
    "QPassSignals:e;14",
    "qSearch:memory:10000;1000;ab",
    "qCRC:10000,100",
    "vRun;",
    "R00",
    "D;64",
    "vAttach;64",
    "vKill;64",
    "!",
    "k",
    "qAttached:64",
    "qSymbol::",
    "qHostInfo",
    "qProcessInfo",
    "qTStatus",
    "vMustReplyEmpty",
};

static uint8_t session[ROOM];
static uint64_t state;

static uint64_t below(uint64_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % bound;
}

static size_t bend(char *packet, size_t len, size_t cap)
{
    static const char interesting[] = "0123456789abcdef,;:=#$}*-\003p.\0XmqvZz";
    size_t at = len ? below(len) : 0;
    switch (below(5)) {
    case 0:
        if (len)
            packet[at] = (char)below(256);
        return len;
    case 1:
        if (len)
            packet[at] = interesting[below(sizeof(interesting))];
        return len;
    case 2: /* cut a piece out */
        if (len) {
            size_t n = 1 + below(len - at);
            memmove(packet + at, packet + at + n, len - at - n);
            return len - n;
        }
        return len;
    case 3: /* double a piece */
        if (len) {
            size_t n = 1 + below(len - at);
            if (len + n > cap)
                return len;
            memmove(packet + at + n, packet + at, len - at);
            return len + n;
        }
        return len;
    default: /* a number too big */
        if (len + 16 > cap)
            return len;
        memmove(packet + at + 16, packet + at, len - at);
        memset(packet + at, below(2) ? 'f' : '8', 16);
        return len + 16;
    }
}

static size_t add_packet(size_t at)
{
    char packet[512], framed[512 + 8];
    const char *from = good[below(sizeof(good) / sizeof(good[0]))];
    size_t len = strlen(from), n = 0;
    unsigned sum = 0;
    memcpy(packet, from, len);
    for (uint64_t bends = below(3) ? below(4) : 0; bends > 0; bends--)
        len = bend(packet, len, sizeof(packet));
    framed[n++] = '$';
    for (size_t i = 0; i < len; i++) {
        sum += (unsigned char)packet[i];
        framed[n++] = packet[i];
    }
    n += (size_t)sprintf(framed + n, "#%02x", (below(50) ? sum : sum + 1) & 0xff);
    if (at + n > ROOM)
        return at;
    memcpy(session + at, framed, n);
    return at + n;
}

static size_t make_session(uint64_t round)
{
    size_t len = 1;
    state = round * 0x9e3779b97f4a7c15ull + 1;
    session[0] = (uint8_t)(below(4) ? '+' : '-'); /* '+' is odd: a polite client */
    if (below(20) == 0) {                         /* noise */
        len = 1 + below(2000);
        for (size_t i = 1; i < len; i++)
            session[i] = (uint8_t)below(256);
        return len;
    }
    for (uint64_t n = 1 + below(30); n > 0; n--) {
        len = add_packet(len);
        if (len < ROOM && below(10) == 0)
            session[len++] = (uint8_t)(below(2) ? 3 : "+-$#"[below(4)]);
    }
    return len;
}

static uint64_t now;

static void say_where(int signo)
{
    char text[64];
    int n = snprintf(text, sizeof(text), "round %llu\n", (unsigned long long)now);
    if (write(2, text, (size_t)n) < 0)
        _exit(3);
    signal(signo, SIG_DFL);
    raise(signo);
}

int main(int argc, char **argv)
{
    uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : ROUNDS;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    const int fatal[] = {SIGABRT, SIGSEGV, SIGALRM, SIGBUS, SIGFPE};
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
        signal(fatal[i], say_where);
    for (now = first; now < first + rounds; now++) {
        size_t len = make_session(now);
        alarm(10); /* a session never hangs */
        LLVMFuzzerTestOneInput(session, len);
    }
    printf("%llu sessions\n", (unsigned long long)rounds);
    return 0;
}
