/* demangle.c - C++ and Rust names as people write them, by the C++ library where there is one. */
#include "internal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef char *(*demangler)(const char *name, char *buf, size_t *len, int *status);

static demangler find_demangler(void)
{
    static demangler found;
    static int tried;
    if (!tried) {
        void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
        void *function = library ? dlsym(library, "__cxa_demangle") : NULL;
        memcpy(&found, &function, sizeof(found));
    }
    tried = 1;
    return found;
}

/* Rust's older names end in a hash that means nothing to people. */
static void cut_hash(char *name)
{
    size_t len = strlen(name);
    if (len < 19 || strncmp(name + len - 19, "::h", 3) ||
        strspn(name + len - 16, "0123456789abcdef") != 16)
        return;
    name[len - 19] = 0;
}

const char *symbols_demangled(struct symbols *s, const char *name)
{
    int status;
    if (strncmp(name, "_Z", 2) != 0)
        return name;
    demangler demangle = find_demangler();
    char *text = demangle ? demangle(name, NULL, NULL, &status) : NULL;
    if (!text || symbols_grow(&s->plain, s->plain_count, &s->plain_cap, sizeof(s->plain[0]))) {
        free(text);
        return name;
    }
    cut_hash(text);
    return s->plain[s->plain_count++] = text;
}
