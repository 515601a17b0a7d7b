/* A disk that fails when told to, for one folder of one process.
 *
 * Contract: while the file FAULTS_FLAG exists, calls on files below FAULTS_UNDER do what its first letter says:
 *   e  I/O errors: reading, writing and flushing fail with EIO, opening too
 *   w  writing and flushing fail with EIO, reading does not: a card whose last spare block is used up
 *   r  read-only: whatever would change something fails with EROFS
 *   s  slow: each flush takes as many milliseconds as the number behind the letter says
 * To be preloaded. mmap is left alone: SQLite maps only the index of its log, which lies in memory.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { READS, WRITES, FLUSHES };

static int (*real_open)(const char *, int, ...);

__attribute__((constructor)) static void find_open(void) { real_open = dlsym(RTLD_NEXT, "open"); }

/* What the flag says, "" where there is none. */
static void mode(char *found, size_t size) {
    const char *flag = getenv("FAULTS_FLAG");
    found[0] = 0;
    if (!flag || !real_open) return;
    int descriptor = real_open(flag, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    ssize_t length = REAL(read)(descriptor, found, size - 1);
    found[length > 0 ? length : 0] = 0;
    REAL(close)(descriptor);
}

static int is_under(const char *path) {
    const char *under = getenv("FAULTS_UNDER");
    return under && !strncmp(path, under, strlen(under));
}

/* 0, or the error that a call of this kind ends with. */
static int fault(const char *path, int kind) {
    char said[32];
    if (!is_under(path)) return 0;
    mode(said, sizeof said);
    if (said[0] == 'e' || (said[0] == 'w' && kind != READS)) return EIO;
    if (said[0] == 'r' && kind == WRITES) return EROFS;
    if (said[0] == 's' && kind == FLUSHES) usleep(1000 * atoi(said + 1));
    return 0;
}

static int fault_of(int descriptor, int kind) {
    char link[64], path[PATH_MAX];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length <= 0) return 0;
    path[length] = 0;
    return fault(path, kind);
}

#define FAILING(failed) do { int error = failed; if (error) { errno = error; return -1; } } while (0)

static int opened(const char *name, const char *path, int flags, mode_t access) {
    int writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
    FAILING(fault(path, writes ? WRITES : READS));
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, access);
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t access = flags & O_CREAT ? va_arg(more, mode_t) : 0;                                                    \
        va_end(more);                                                                                                  \
        return opened(#name, path, flags, access);                                                                     \
    }
OPEN(open)
OPEN(open64)

#define MOVING(name, kind, type, at)                                                                                   \
    ssize_t name(int descriptor, type *data, size_t size, at offset) {                                                 \
        FAILING(fault_of(descriptor, kind));                                                                           \
        return REAL(name)(descriptor, data, size, offset);                                                             \
    }
MOVING(pread, READS, void, off_t)
MOVING(pread64, READS, void, off64_t)
MOVING(pwrite, WRITES, const void, off_t)
MOVING(pwrite64, WRITES, const void, off64_t)

ssize_t write(int descriptor, const void *data, size_t size) {
    FAILING(fault_of(descriptor, WRITES));
    return REAL(write)(descriptor, data, size);
}

ssize_t read(int descriptor, void *data, size_t size) {
    FAILING(fault_of(descriptor, READS));
    return REAL(read)(descriptor, data, size);
}

int fsync(int descriptor) {
    FAILING(fault_of(descriptor, FLUSHES));
    return REAL(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    FAILING(fault_of(descriptor, FLUSHES));
    return REAL(fdatasync)(descriptor);
}

int ftruncate(int descriptor, off_t size) {
    FAILING(fault_of(descriptor, WRITES));
    return REAL(ftruncate)(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
    FAILING(fault_of(descriptor, WRITES));
    return REAL(ftruncate64)(descriptor, size);
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
    int error = fault_of(descriptor, WRITES);
    return error ? error : REAL(posix_fallocate64)(descriptor, offset, size);
}

int unlink(const char *path) {
    FAILING(fault(path, WRITES));
    return REAL(unlink)(path);
}

int rename(const char *from, const char *to) {
    FAILING(fault(from, WRITES));
    return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t access) {
    FAILING(fault(path, WRITES));
    return REAL(mkdir)(path, access);
}
