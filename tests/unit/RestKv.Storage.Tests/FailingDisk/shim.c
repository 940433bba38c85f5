/* Stands before libc and makes chosen calls on files below a directory fail, once each.
   RESTKV_FAIL_CALL  fsync, fdatasync or pwrite
   RESTKV_FAIL_AT    number of the call, from 1
   RESTKV_FAIL_PATH  only calls on files whose path contains this count
   RESTKV_FAIL_ERRNO error number */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int counted;

static int is_turn(const char *call, int descriptor)
{
    const char *wanted = getenv("RESTKV_FAIL_CALL");
    const char *at = getenv("RESTKV_FAIL_AT");
    const char *path = getenv("RESTKV_FAIL_PATH");
    const char *error = getenv("RESTKV_FAIL_ERRNO");
    char link[64];
    char target[4096];
    ssize_t length;

    if (!wanted || !at || !path || !error || strcmp(wanted, call) != 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    length = readlink(link, target, sizeof target - 1);
    if (length < 0)
        return 0;
    target[length] = 0;
    if (!strstr(target, path) || __sync_add_and_fetch(&counted, 1) != atoi(at))
        return 0;
    errno = atoi(error);
    return 1;
}

int fsync(int descriptor)
{
    static int (*next)(int);
    if (!next)
        next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return is_turn("fsync", descriptor) ? -1 : next(descriptor);
}

int fdatasync(int descriptor)
{
    static int (*next)(int);
    if (!next)
        next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return is_turn("fdatasync", descriptor) ? -1 : next(descriptor);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    if (!next)
        next = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    return is_turn("pwrite", descriptor) ? -1 : next(descriptor, bytes, count, offset);
}
