/* harness.c - see harness.h. Compiled for general registers only, so that the vector state
 * which a test seeds reaches the guest. */
#include "harness.h"

#include "rekernel/xlate/internal.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* memcpy and friends without vector registers, for the translator as in the rekernel. */
void *memcpy(void *dst, const void *src, size_t n)
{
    void *d = dst;
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    void *d = dst;
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* ---------------------------------------------------------------- random */
static uint64_t random_state = 1;

void hx_seed(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15ull + 1;
}

uint64_t hx_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

/* ------------------------------------------------------------ environment */
static struct range {
    uint64_t start, end;
} exec_ranges[256];
static unsigned exec_count;
int (*hx_wprotect_hook)(uint64_t addr, uint64_t len, int on);

void hx_add_exec(uint64_t addr, uint64_t len)
{
    exec_ranges[exec_count++] = (struct range){addr, addr + len};
}

static uint64_t exec_end(uint64_t addr)
{
    for (unsigned i = 0; i < exec_count; i++)
        if (addr >= exec_ranges[i].start && addr < exec_ranges[i].end)
            return exec_ranges[i].end;
    return 0;
}

static int fetch(uint64_t addr, uint8_t *buf, unsigned len)
{
    uint64_t end = exec_end(addr);
    if (!end)
        return 0;
    if (len > end - addr)
        len = (unsigned)(end - addr);
    memcpy(buf, (const void *)addr, len);
    return (int)len;
}

static int protect_pages(uint64_t addr, uint64_t len, int on)
{
    if (hx_wprotect_hook)
        return hx_wprotect_hook(addr, len, on);
    if (addr < HX_CODE || addr >= HX_CODE + HX_CODE_SIZE)
        return 0;
    return mprotect((void *)addr, len, PROT_READ | PROT_EXEC | (on ? 0 : PROT_WRITE));
}

static const struct xl_env env = {.fetch = fetch, .wprotect = protect_pages};

/* Line by line, with general registers only: stdio's scanf would do as well elsewhere. */
static void add_own_text(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    while (maps && fgets(line, sizeof(line), maps)) {
        char *rest;
        uint64_t start = strtoull(line, &rest, 16);
        uint64_t end = strtoull(rest + 1, &rest, 16);
        if (rest[3] == 'x' && start < RK_GUEST_END && exec_count < 200)
            hx_add_exec(start, end - start);
    }
    if (maps)
        fclose(maps);
}

static void map_at(uint64_t addr, uint64_t len, int prot)
{
    void *p = mmap((void *)addr, len, prot,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(p == (void *)addr, "cannot map %#lx", (unsigned long)addr);
}

/* ---------------------------------------------------------------- vectors */
static uint8_t seeded[4096] __attribute__((aligned(64)));
static uint32_t component_at[10], component_size[10];

static void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(sub));
}

static uint64_t xgetbv(void)
{
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

static void find_components(void)
{
    uint32_t r[4];
    uint64_t have = xgetbv();
    for (unsigned i = 2; i < 8; i++) {
        if (!(have >> i & 1))
            continue;
        cpuid(0xd, i, r);
        component_at[i] = r[1];
        component_size[i] = r[0];
    }
}

void hx_seed_vectors(uint64_t seed)
{
    uint64_t kept = random_state;
    hx_seed(seed);
    memset(seeded, 0, sizeof(seeded));
    *(uint16_t *)seeded = 0x37f;
    *(uint32_t *)(seeded + 24) = 0x1f80;
    for (unsigned i = 160; i < 416; i++)
        seeded[i] = (uint8_t)hx_random();
    *(uint64_t *)(seeded + 512) = xgetbv() & 0xe7;
    for (unsigned c = 2; c < 8; c++)
        for (unsigned i = 0; i < component_size[c]; i++)
            seeded[component_at[c] + i] = (uint8_t)hx_random();
    random_state = kept;
}

static void load_vectors(void)
{
    __asm__ volatile("xrstor %0" : : "m"(seeded), "a"(0xe7), "d"(0));
}

/* Components in their initial state may hold anything in the frame: zero them. The last
 * x87 instruction's address differs between the modes and is left out. */
static void save_vectors(uint8_t *out, const uint8_t *frame)
{
    uint64_t present = *(const uint64_t *)(frame + 512);
    memset(out, 0, 4096);
    *(uint16_t *)out = 0x37f;
    if (present & 1) {
        memcpy(out, frame, 6);
        for (unsigned i = 0; i < 8; i++)
            memcpy(out + 32 + i * 16, frame + 32 + i * 16, 10);
    }
    memcpy(out + 24, frame + 24, 4);
    if (present & 2)
        memcpy(out + 160, frame + 160, 256);
    for (unsigned c = 2; c < 8; c++)
        if (present >> c & 1)
            memcpy(out + component_at[c], frame + component_at[c], component_size[c]);
}

/* ---------------------------------------------------------------- signals */
static const int greg_of[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15};
static int native;
static uint8_t end_vectors[4096];
int hx_async_pending;
unsigned long hx_write_faults;

static void get_context(struct host_ctx *ctx, const greg_t *g)
{
    for (unsigned i = 0; i < 16; i++)
        ctx->gpr[i] = (uint64_t)g[greg_of[i]];
    ctx->rip = (uint64_t)g[REG_RIP];
    ctx->rflags = (uint64_t)g[REG_EFL];
}

static void put_context(greg_t *g, const struct host_ctx *ctx)
{
    for (unsigned i = 0; i < 16; i++)
        g[greg_of[i]] = (greg_t)ctx->gpr[i];
    g[REG_RIP] = (greg_t)ctx->rip;
    g[REG_EFL] = (greg_t)ctx->rflags;
}

unsigned long hx_note;

static void die(int signo, const struct host_ctx *ctx, const siginfo_t *si)
{
    char text[160];
    int n = snprintf(text, sizeof(text),
                     "harness: signal %d at %#lx, address %p, guest rip %#lx, note %lu\n", signo,
                     (unsigned long)ctx->rip, si->si_addr, (unsigned long)VCPU->rip, hx_note);
    if (write(2, text, (size_t)n) < 0)
        _exit(3);
    _exit(2);
}

static void native_state(const struct host_ctx *ctx)
{
    memcpy(VCPU->gpr, ctx->gpr, sizeof(ctx->gpr));
    VCPU->rip = ctx->rip;
    VCPU->rflags = ctx->rflags;
}

static void on_fault(int signo, siginfo_t *si, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    struct host_ctx ctx;
    enum vcpu_exit reason = VCPU_EXIT_FAULT;
    get_context(&ctx, g);
    if (native)
        native_state(&ctx);
    else if (!xl_in_cache(ctx.rip) || !xl_fault_state(&ctx, VCPU))
        die(signo, &ctx, si);
    if (!native && signo == SIGSEGV && (g[REG_ERR] & 2) && xl_write_fault((uint64_t)si->si_addr)) {
        hx_write_faults++;
        reason = VCPU_EXIT_NONE;
    }
    VCPU->fault_signo = (uint32_t)signo;
    VCPU->fault_code = si->si_code;
    VCPU->fault_addr = (uint64_t)si->si_addr;
    VCPU->fault_trapno = (uint64_t)g[REG_TRAPNO];
    VCPU->fault_err = (uint64_t)g[REG_ERR];
    if (reason != VCPU_EXIT_NONE)
        save_vectors(end_vectors, (const uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs);
    xl_leave(&ctx, reason);
    put_context(g, &ctx);
}

static void on_alarm(int signo, siginfo_t *si, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    struct host_ctx ctx;
    get_context(&ctx, g);
    hx_async_pending++;
    xl_interrupt(&ctx);
    put_context(g, &ctx);
}

static void handle_signals(void)
{
    static uint8_t stack[65536];
    stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};
    sigaltstack(&alt, NULL);
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    sigaction(SIGILL, &sa, NULL);
    sigaction(SIGFPE, &sa, NULL);
    sigaction(SIGTRAP, &sa, NULL);
    sa.sa_sigaction = on_alarm;
    sa.sa_flags |= SA_RESTART;
    sigaction(SIGALRM, &sa, NULL);
}

void hx_init(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    map_at(RK_LOW_VCPU, 0x20000, rw);
    map_at(RK_LOW_CACHE, RK_LOW_CACHE_END - RK_LOW_CACHE, rw | PROT_EXEC);
    map_at(HX_CODE, HX_CODE_SIZE, rw | PROT_EXEC);
    map_at(HX_DATA, HX_DATA_SIZE, rw);
    map_at(HX_END, 4096, rw | PROT_EXEC);
    *(uint8_t *)HX_END = 0xf4;
    add_own_text();
    find_components();
    handle_signals();
    xl_init(&env);
}

/* ------------------------------------------------------------------- runs */
static void set_state(const struct hx_result *regs)
{
    memcpy(VCPU->gpr, regs->gpr, sizeof(regs->gpr));
    VCPU->rip = regs->rip;
    VCPU->rflags = regs->rflags;
    VCPU->ticks = regs->ticks;
    VCPU->fault_signo = 0;
}

static void get_state(struct hx_result *out, enum vcpu_exit reason)
{
    memcpy(out->gpr, VCPU->gpr, sizeof(out->gpr));
    out->rip = VCPU->rip;
    out->rflags = VCPU->rflags;
    out->ticks = VCPU->ticks;
    out->exit = reason;
    out->signo = VCPU->fault_signo;
    out->code = VCPU->fault_code;
    out->fault_addr = VCPU->fault_addr;
    out->trapno = VCPU->fault_trapno;
    out->err = VCPU->fault_err;
    memcpy(out->vectors, end_vectors, sizeof(end_vectors));
}

static uint8_t live_frame[4096] __attribute__((aligned(64)));

/* The way in for translated code serves native code as well: it jumps to CTL->entry with
 * CTL->counter in r11. */
void hx_native(const struct hx_result *regs, struct hx_result *out)
{
    set_state(regs);
    CTL->entry = regs->rip;
    CTL->counter = regs->gpr[R11];
    CTL->interrupt = 0;
    native = 1;
    load_vectors();
    xl_enter();
    native = 0;
    get_state(out, VCPU_EXIT_FAULT);
}

void hx_translated(const struct hx_result *regs, const struct xl_stop *stop, struct hx_result *out)
{
    set_state(regs);
    load_vectors();
    enum vcpu_exit reason = xl_run(VCPU, stop);
    __asm__ volatile("xsave %0" : "=m"(live_frame) : "a"(0xe7), "d"(0) : "memory");
    if (reason != VCPU_EXIT_FAULT || VCPU->fault_signo == 0)
        save_vectors(end_vectors, live_frame);
    get_state(out, reason);
}

void hx_stopping(const struct hx_result *regs, const struct xl_stop *stop, void (*seen)(void),
                 struct hx_result *out)
{
    enum vcpu_exit reason;
    set_state(regs);
    load_vectors();
    for (;;) {
        reason = xl_run(VCPU, stop);
        __asm__ volatile("xsave %0" : "=m"(live_frame) : "a"(0xe7), "d"(0) : "memory");
        /* The guest may have unmasked floating-point exceptions. */
        __asm__ volatile("fninit; ldmxcsr %0" : : "m"((const uint32_t){0x1f80}));
        if (reason != VCPU_EXIT_STOP)
            break;
        seen();
        __asm__ volatile("xrstor %0" : : "m"(live_frame), "a"(0xe7), "d"(0) : "memory");
    }
    if (reason != VCPU_EXIT_FAULT || VCPU->fault_signo == 0)
        save_vectors(end_vectors, live_frame);
    get_state(out, reason);
}

/* Part of a state component in the last frame; zeros where it is not in use. */
static void copy_component(uint8_t *to, unsigned component, unsigned at, unsigned size)
{
    unsigned a = 0xd, b, c = component, d;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a && live_frame[512] >> component & 1)
        memcpy(to, live_frame + b + at, size);
}

void hx_vector(unsigned number, uint8_t out[64])
{
    memset(out, 0, 64);
    if (number >= 16) {
        copy_component(out, 7, (number - 16) * 64, 64);
        return;
    }
    memcpy(out, live_frame + 160 + number * 16, 16);
    copy_component(out + 16, 2, number * 16, 16);
    copy_component(out + 32, 6, number * 32, 32);
}

uint64_t hx_mask(unsigned number)
{
    uint64_t mask = 0;
    copy_component((uint8_t *)&mask, 5, number * 8, 8);
    return mask;
}

int hx_differ(const struct hx_result *a, const struct hx_result *b)
{
    static const char *names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                  "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    int bad = 0;
    for (unsigned i = 0; i < 16; i++)
        if (a->gpr[i] != b->gpr[i])
            bad |= printf("%s: %#lx, translated %#lx\n", names[i], (unsigned long)a->gpr[i],
                          (unsigned long)b->gpr[i]);
    if (a->rip != b->rip)
        bad |= printf("rip: %#lx, translated %#lx\n", (unsigned long)a->rip, (unsigned long)b->rip);
    /* RF is set in the frame of some faults; it is no state of the program. */
    if ((a->rflags ^ b->rflags) & ~0x10000ull)
        bad |= printf("rflags: %#lx, translated %#lx\n", (unsigned long)a->rflags,
                      (unsigned long)b->rflags);
    for (unsigned i = 0; i < sizeof(a->vectors); i++)
        if (a->vectors[i] != b->vectors[i])
            return bad | printf("vector state at byte %u: %#x, translated %#x\n", i, a->vectors[i],
                                b->vectors[i]);
    return bad;
}

static void do_syscall(struct vcpu *v)
{
    register uint64_t r10 __asm__("r10") = v->gpr[R10];
    register uint64_t r8 __asm__("r8") = v->gpr[R8];
    register uint64_t r9 __asm__("r9") = v->gpr[R9];
    __asm__ volatile("syscall"
                     : "+a"(v->gpr[RAX])
                     : "D"(v->gpr[RDI]), "S"(v->gpr[RSI]), "d"(v->gpr[RDX]), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
}

uint64_t hx_call(void *fn, uint64_t a, uint64_t b, uint64_t c)
{
    struct vcpu *v = VCPU;
    uint64_t *sp = (uint64_t *)(HX_DATA + HX_DATA_SIZE - 4096);
    memset(v->gpr, 0, sizeof(v->gpr));
    *--sp = HX_END;
    v->gpr[RSP] = (uint64_t)sp;
    v->gpr[RDI] = a;
    v->gpr[RSI] = b;
    v->gpr[RDX] = c;
    v->rip = (uint64_t)fn;
    v->rflags = 0x202;
    for (;;) {
        enum vcpu_exit reason = xl_run(v, NULL);
        if (reason == VCPU_EXIT_SYSCALL)
            do_syscall(v);
        else if (reason == VCPU_EXIT_TRAP && v->rip == HX_END)
            return v->gpr[RAX];
        else if (reason != VCPU_EXIT_INTERRUPTED)
            CHECK(0, "exit %d at %#lx signal %u address %#lx", reason, (unsigned long)v->rip,
                  v->fault_signo, (unsigned long)v->fault_addr);
    }
}
