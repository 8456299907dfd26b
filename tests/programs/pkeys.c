/*
 * pkeys - protection keys: bad arguments, a key where the machine has any, and
 * pkey_mprotect without one, which is mprotect.
 * run: --filter 's/^(a key): .+/\1/'
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>

static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

static bool can_write(volatile char *p)
{
    if (sigsetjmp(out, 1))
        return false;
    *p = 1;
    return true;
}

int main(void)
{
    signal(SIGSEGV, on_fault);
    CHECK(RAW2(SYS_pkey_alloc, 1, 0) == -EINVAL);
    CHECK(RAW2(SYS_pkey_alloc, 0, 4) == -EINVAL);
    CHECK(RAW1(SYS_pkey_free, 15) == -EINVAL);
    long key = RAW2(SYS_pkey_alloc, 0, 0);
    CHECK(key > 0 || key == -ENOSPC || key == -EINVAL || key == -ENOSYS);
    printf("a key: %ld\n", key);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && can_write(page));
    CHECK(raw6(SYS_pkey_mprotect, (long)page, 4096, PROT_READ, 14, 0, 0) == -EINVAL);
    CHECK(can_write(page));
    CHECK(raw6(SYS_pkey_mprotect, (long)page, 4096, PROT_READ, -1, 0, 0) == 0);
    CHECK(!can_write(page));
    printf("key -1 protects, key 14 is refused\n");
    return 0;
}
