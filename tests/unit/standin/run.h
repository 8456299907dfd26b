/*
 * run.h - helpers for tests that record and replay with the stand-in image.
 */
#ifndef RRL_TESTS_STANDIN_RUN_H
#define RRL_TESTS_STANDIN_RUN_H

#include "revisor/boot.h"
#include "revisor/machine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STANDIN_WORDS 32

static inline struct machine_image standin_image(void)
{
    static char data[1 << 20];
    int fd = open(STANDIN_IMAGE, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, data, sizeof(data));
    close(fd);
    return (struct machine_image){data, n > 0 ? (size_t)n : 0};
}

/* A boot block whose argv is the words of `script`, separated by blanks. */
static inline struct rk_boot *standin_boot(const char *script)
{
    static char words[512];
    char *argv[STANDIN_WORDS] = {"standin"}, *envp[] = {NULL};
    int n = 1;
    snprintf(words, sizeof(words), "%s", script);
    for (char *w = strtok(words, " "); w && n < STANDIN_WORDS - 1; w = strtok(NULL, " "))
        argv[n++] = w;
    struct rk_boot *boot = NULL;
    struct boot_config config = {.exe = "/standin", .argv = argv, .envp = envp};
    cpu_policy_parse(&config.cpu, "host", NULL);
    return boot_build(&boot, &config) ? NULL : boot;
}

#endif
