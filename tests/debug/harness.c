/* harness.c - see harness.h. */
#include "harness.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char trace[] = "/tmp/rrl-debug-XXXXXX";

static void remove_trace(void)
{
    unlink(trace);
}

void record_guest(const char *mode, int translated)
{
    record_guest_ending(mode, translated, 0);
}

void record_guest_ending(const char *mode, int translated, int code)
{
    int fd = mkstemp(trace);
    CHECK(fd >= 0, "%s", trace);
    close(fd);
    atexit(remove_trace);
    pid_t pid = fork();
    if (!pid) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        execl(RR_LIKE, RR_LIKE, "record", "-o", trace,
              translated ? "--vcpu=translated" : "--vcpu=native", "--", GUEST, mode, (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code, "recording %s: %#x", mode, status);
}

void run_reader(struct run *r)
{
    memset(r, 0, sizeof(*r));
    CHECK(!tf_reader_open(&r->reader, open(trace, O_RDONLY | O_CLOEXEC)), "%s", trace);
}

void run_open(struct run *r)
{
    run_reader(r);
    r->options.flags = RK_CTL_NO_CONSOLE;
    int err = replay_session_open(&r->session, r->reader, &r->options, &r->result);
    CHECK(!err, "end %d, error %d, %s", r->result.end, r->result.error, r->result.text);
}

void run_close(struct run *r)
{
    replay_session_close(r->session);
    tf_reader_close(r->reader);
}

void run_finish(struct run *r)
{
    int err = replay_session_finish(r->session, WAIT_MS);
    CHECK(!err && r->result.end == REPLAY_FAITHFUL, "%d, end %d, error %d, event %lu: %s", err,
          r->result.end, r->result.error, (unsigned long)r->result.at_event, r->result.text);
    run_close(r);
}

const struct rk_debug_stop *run_where(const struct run *r)
{
    const struct rk_debug_stop *stop = replay_session_where(r->session);
    CHECK(stop, "the guest runs");
    return stop;
}

/* ---------------------------------------------------------------- symbols */
static const unsigned char *map_guest(void)
{
    struct stat st;
    int fd = open(GUEST, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && !fstat(fd, &st), "%s", GUEST);
    const unsigned char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED, "%s", GUEST);
    close(fd);
    return p;
}

uint64_t guest_function(const char *name)
{
    const unsigned char *p = map_guest();
    const Elf64_Ehdr *head = (const void *)p;
    const Elf64_Shdr *sections = (const void *)(p + head->e_shoff);
    for (int i = 0; i < head->e_shnum; i++) {
        const Elf64_Shdr *s = &sections[i];
        if (s->sh_type != SHT_SYMTAB)
            continue;
        const Elf64_Sym *sym = (const void *)(p + s->sh_offset);
        const char *names = (const char *)p + sections[s->sh_link].sh_offset;
        for (size_t n = 0; n < s->sh_size / sizeof(*sym); n++)
            if (!strcmp(names + sym[n].st_name, name))
                return sym[n].st_value;
    }
    CHECK(0, "no function %s", name);
}

/* ----------------------------------------------------------------- random */
static uint64_t state;

void seed_random(uint64_t seed)
{
    state = seed * 2 + 1;
}

uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1dull >> 16;
}
