/* exe.c - PATH search and a first look at the file. */
#include "exe.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that execvp would take: regular and executable. 0 or errno. */
static int runnable(const char *file)
{
    struct stat st;
    if (stat(file, &st))
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    return access(file, X_OK) ? errno : 0;
}

/* execvp goes on after an entry that it may not execute, but remembers it. */
static int search(const char *name, const char *path, char *file, size_t cap)
{
    int best = ENOENT;
    for (const char *p = path;; p++) {
        size_t len = strcspn(p, ":");
        int n = snprintf(file, cap, "%.*s%s%s", (int)len, p, len ? "/" : "", name);
        if (n > 0 && (size_t)n < cap) {
            int err = runnable(file);
            if (!err)
                return 0;
            if (err == EACCES)
                best = EACCES;
        }
        p += len;
        if (!*p)
            return best;
    }
}

static int locate(const char *name, const char *path, char *file, size_t cap)
{
    if (!*name)
        return ENOENT;
    if (!strchr(name, '/'))
        return search(name, path ? path : "/bin:/usr/bin", file, cap);
    if ((size_t)snprintf(file, cap, "%s", name) >= cap)
        return ENAMETOOLONG;
    return runnable(file);
}

/* NULL when the format is fine, else what is wrong with it. */
static const char *format_problem(const unsigned char *head, ssize_t n)
{
    Elf64_Ehdr ehdr;
    if (n >= 2 && head[0] == '#' && head[1] == '!')
        return NULL;
    if (n < SELFMAG || memcmp(head, ELFMAG, SELFMAG))
        return "is neither an ELF program nor a script with a #! line";
    if (n < (ssize_t)sizeof(ehdr))
        return "is an ELF file that ends within its header";
    memcpy(&ehdr, head, sizeof(ehdr));
    if (ehdr.e_ident[EI_CLASS] == ELFCLASS32)
        return "is a 32-bit program; only 64-bit x86 programs can be recorded";
    if (ehdr.e_machine != EM_X86_64)
        return "is a program for another processor architecture than x86-64";
    if (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN)
        return "is an ELF file, but no program (an object or core file)";
    return NULL;
}

static const char *file_problem(const char *file)
{
    unsigned char head[sizeof(Elf64_Ehdr)];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? "cannot be read, and recording has to read it" : strerror(errno);
    ssize_t n = read(fd, head, sizeof(head));
    close(fd);
    return n < 0 ? strerror(errno) : format_problem(head, n);
}

static int say_not_found(const char *name, int err, char *text, size_t cap)
{
    if (err == ENOENT && !strchr(name, '/'))
        snprintf(text, cap, "%s: not found in PATH", name);
    else if (err == EISDIR)
        snprintf(text, cap, "%s: is a directory, not a program", name);
    else if (err == EACCES)
        snprintf(text, cap, "%s: not executable (permission denied)", name);
    else
        snprintf(text, cap, "%s: %s", name, strerror(err));
    return err == ENOENT || err == ENOTDIR || err == ENAMETOOLONG ? EXE_NOT_FOUND
                                                                  : EXE_NOT_EXECUTABLE;
}

int exe_find(const char *name, const char *path, char *found, size_t cap)
{
    char file[PATH_MAX];
    int err = locate(name, path, file, sizeof(file));
    if (err)
        return say_not_found(name, err, found, cap);
    const char *problem = file_problem(file);
    if (problem) {
        snprintf(found, cap, "%s: %s", file, problem);
        return EXE_NOT_EXECUTABLE;
    }
    snprintf(found, cap, "%s", file);
    return 0;
}
