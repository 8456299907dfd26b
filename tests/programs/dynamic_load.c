/*
 * dynamic_load - dlopen of libraries, symbols, dlclose and again, iconv and locales:
 * files that are mapped late in the run.
 * build: -ldl -lm
 */
#include "check.h"

#include <dlfcn.h>
#include <iconv.h>
#include <locale.h>
#include <math.h>

int main(void)
{
    for (int i = 0; i < 5; i++) {
        void *lib = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
        CHECK(lib);
        double (*f)(double) = (double (*)(double))dlsym(lib, "cbrt");
        CHECK(f && fabs(f(27.0) - 3) < 1e-12 && dlclose(lib) == 0);
    }
    CHECK(dlopen("libnothing-of-that-name.so", RTLD_NOW) == NULL && dlerror());
    void *self = dlopen(NULL, RTLD_NOW);
    CHECK(self && dlsym(self, "printf"));
    iconv_t cd = iconv_open("UTF-16LE", "ISO-8859-15");
    if (cd != (iconv_t)-1) {
        char in[] = "\xa4", out[8] = "";
        char *pi = in, *po = out;
        size_t ni = 1, no = sizeof(out);
        CHECK(iconv(cd, &pi, &ni, &po, &no) == 0 && (unsigned char)out[0] == 0xac &&
              out[1] == 0x20);
        CHECK(iconv_close(cd) == 0);
    }
    const char *locale = setlocale(LC_ALL, "C.UTF-8");
    printf("locale %s\n", locale ? locale : "none");
    return 0;
}
