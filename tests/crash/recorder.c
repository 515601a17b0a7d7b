/* Logs what a process does to the files below one folder, and what it says and hears on sockets; kills it where told.
 *
 * Preloaded (LD_PRELOAD) into an unchanged program. Environment:
 *   CRASH_FOLDER   files below this absolute path are looked at, without their mmapped `-shm`, whose content is no data
 *   CRASH_LOG      the log; nothing is logged without it
 *   CRASH_SOCKETS  set: send and recv are logged with their bytes
 *   CRASH_KILL     steps `kind|name|count|when|text`, separated by `;`. The count-th operation of that kind from here
 *                  on, on a file whose path ends in `name` (a socket: whose peer has that port; empty: any), that
 *                  carries `text` (empty: anything), ends the step; the last step ends the process by SIGKILL, `before`
 *                  or `after` the operation.
 *
 * A record is little-endian: u32 length of all, u32 pid, i32 fd, i64 number, u16 kind, u16 and u16 lengths of
 * two paths, the paths, the bytes. One lock is held over an operation and its record, so the log's order is the order of
 * what happened; each record is one write with O_APPEND, so several processes may share the log. What goes out (send) is
 * logged before it is done and everything else after it: an acknowledgement counts from the moment it may be heard.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, WRITE, TRUNCATE, ALLOCATE, SYNC, DATASYNC, UNLINK, RENAME, LINK, CLOSE, MKDIR, SEND, RECEIVE };
static const char *const NAMES[] = {"open",   "write", "truncate", "allocate", "sync", "datasync", "unlink",
                                    "rename", "link",  "close",    "mkdir",    "send", "recv"};

#define FDS 4096
#define STEPS 8
struct step {
    char kind[16], name[64], when[8], text[128];
    long count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FDS]; /* of the descriptors that are below the folder */
static char folder[PATH_MAX];
static size_t folder_length;
static int log_fd = -1, log_sockets, steps, step;
static struct step plan[STEPS];

static long call(long number, long a, long b, long c, long d) { return syscall(number, a, b, c, d); }

__attribute__((constructor)) static void begin(void) {
    const char *value = getenv("CRASH_FOLDER");
    if (value == NULL || realpath(value, folder) == NULL) return;
    folder_length = strlen(folder);
    log_sockets = getenv("CRASH_SOCKETS") != NULL;
    if ((value = getenv("CRASH_LOG")) != NULL)
        log_fd = (int)call(SYS_openat, AT_FDCWD, (long)value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char *text = strdup((value = getenv("CRASH_KILL")) != NULL ? value : ""), *next = text, *one;
    while ((one = strsep(&next, ";")) != NULL && *one != '\0' && steps < STEPS) {
        const char *fields[5] = {"", "", "1", "after", ""};
        for (int index = 0; index < 5 && one != NULL; index++) fields[index] = strsep(&one, "|");
        struct step *made = &plan[steps++];
        snprintf(made->kind, sizeof made->kind, "%s", fields[0]);
        snprintf(made->name, sizeof made->name, "%s", fields[1]);
        made->count = atol(fields[2]);
        snprintf(made->when, sizeof made->when, "%s", fields[3]);
        snprintf(made->text, sizeof made->text, "%s", fields[4]);
    }
    free(text);
}

static int ends_with(const char *path, const char *name) {
    size_t whole = strlen(path), part = strlen(name);
    return part <= whole && strcmp(path + whole - part, name) == 0;
}

static int is_watched(const char *path) {
    return folder_length && strncmp(path, folder, folder_length) == 0 &&
           (path[folder_length] == '/' || path[folder_length] == '\0') && !ends_with(path, "-shm");
}

static const char *absolute(int directory, const char *path, char *into) {
    if (path[0] == '/') return path;
    char link[64], base[PATH_MAX];
    if (directory == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length < 0) return path;
    base[length] = '\0';
    if (snprintf(into, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return path;
    return into;
}

/* Whether the process ends at this operation; `after`: it has been done. */
static void look(enum kind kind, const char *path, const void *bytes, size_t length, int after) {
    if (step >= steps) return;
    struct step *now = &plan[step];
    if ((strcmp(now->when, "after") == 0) != after || strcmp(now->kind, NAMES[kind]) != 0) return;
    if (!ends_with(path, now->name)) return;
    if (now->text[0] != '\0' && (bytes == NULL || memmem(bytes, length, now->text, strlen(now->text)) == NULL)) return;
    if (--now->count > 0) return;
    if (++step == steps) {
        call(SYS_kill, (long)getpid(), SIGKILL, 0, 0);
        for (;;) pause();
    }
}

static void note(enum kind kind, int fd, int64_t number, const char *first, const char *second, const void *bytes,
                 size_t length) {
    if (log_fd < 0) return;
    size_t one = strlen(first), two = strlen(second), all = 26 + one + two + length;
    char *record = malloc(all), *at = record;
    if (record == NULL) abort();
    uint32_t whole = (uint32_t)all, pid = (uint32_t)getpid();
    int32_t descriptor = fd;
    uint16_t what = (uint16_t)kind, one_length = (uint16_t)one, two_length = (uint16_t)two;
#define PUT(pointer, size) (memcpy(at, pointer, size), at += (size))
    PUT(&whole, 4);
    PUT(&pid, 4);
    PUT(&descriptor, 4);
    PUT(&number, 8);
    PUT(&what, 2);
    PUT(&one_length, 2);
    PUT(&two_length, 2);
    PUT(first, one);
    PUT(second, two);
    if (length) PUT(bytes, length);
    if (call(SYS_write, log_fd, (long)record, (long)all, 0) != (long)all) abort();
    free(record);
}

static void enter(void) { pthread_mutex_lock(&lock); }
static void leave(void) {
    int kept = errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
}
static const char *path_of(int fd) { return fd >= 0 && fd < FDS ? paths[fd] : NULL; }

static int opening(int directory, const char *name, int flags, mode_t mode) {
    char space[PATH_MAX];
    const char *path = absolute(directory, name, space);
    if (!is_watched(path)) return (int)call(SYS_openat, directory, (long)name, flags, mode);
    enter();
    look(OPEN, path, NULL, 0, 0);
    int fd = (int)call(SYS_openat, directory, (long)name, flags, mode);
    if (fd >= 0 && fd < FDS) {
        free(paths[fd]);
        paths[fd] = strdup(path);
        note(OPEN, fd, flags, path, "", NULL, 0);
        look(OPEN, path, NULL, 0, 1);
    }
    leave();
    return fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }
int open(const char *path, int flags, ...) { MODE(flags) return opening(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opening(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return opening(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return opening(at, path, flags, mode); }
int __open_2(const char *path, int flags) { return opening(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opening(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return opening(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return opening(at, path, flags, 0); }

/* `offset` -1: where the descriptor stands. */
static ssize_t writing(int fd, const void *bytes, size_t length, off_t offset) {
    const char *path = path_of(fd);
    if (path == NULL)
        return offset < 0 ? call(SYS_write, fd, (long)bytes, (long)length, 0)
                          : call(SYS_pwrite64, fd, (long)bytes, (long)length, offset);
    enter();
    look(WRITE, path, bytes, length, 0);
    ssize_t done = offset < 0 ? call(SYS_write, fd, (long)bytes, (long)length, 0)
                              : call(SYS_pwrite64, fd, (long)bytes, (long)length, offset);
    if (done > 0) {
        if (offset < 0) offset = call(SYS_lseek, fd, 0, SEEK_CUR, 0) - done;
        note(WRITE, fd, offset, path, "", bytes, (size_t)done);
        look(WRITE, path, bytes, (size_t)done, 1);
    }
    leave();
    return done;
}

static int is_socket(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (path_of(fd) == NULL && (log_sockets || step < steps) && is_socket(fd)) return send(fd, bytes, length, 0);
    return writing(fd, bytes, length, -1);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return writing(fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return writing(fd, bytes, length, at); }
static ssize_t gathered(int fd, const struct iovec *parts, int count, off_t offset) {
    ssize_t all = 0;
    for (int index = 0; index < count; index++) {
        ssize_t done = writing(fd, parts[index].iov_base, parts[index].iov_len, offset < 0 ? -1 : offset + all);
        if (done < 0) return all ? all : done;
        all += done;
        if ((size_t)done < parts[index].iov_len) break;
    }
    return all;
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    return path_of(fd) ? gathered(fd, parts, count, -1) : call(SYS_writev, fd, (long)parts, count, 0);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return gathered(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return gathered(fd, parts, count, at); }

/* An operation on a descriptor that has a number or two and no bytes. */
static int plainly(enum kind kind, int fd, long number, long a, long b, long c) {
    const char *path = path_of(fd);
    if (path == NULL) return (int)call(number, fd, a, b, c);
    enter();
    look(kind, path, NULL, 0, 0);
    int done = (int)call(number, fd, a, b, c);
    if (done == 0) {
        note(kind, fd, kind == ALLOCATE ? b + c : a, path, "", NULL, 0);
        look(kind, path, NULL, 0, 1);
    }
    leave();
    return done;
}

int ftruncate(int fd, off_t size) { return plainly(TRUNCATE, fd, SYS_ftruncate, size, 0, 0); }
int ftruncate64(int fd, off64_t size) { return plainly(TRUNCATE, fd, SYS_ftruncate, size, 0, 0); }
int fsync(int fd) { return plainly(SYNC, fd, SYS_fsync, 0, 0, 0); }
int fdatasync(int fd) { return plainly(DATASYNC, fd, SYS_fdatasync, 0, 0, 0); }
int fallocate(int fd, int how, off_t at, off_t size) { return plainly(ALLOCATE, fd, SYS_fallocate, how, at, size); }
int fallocate64(int fd, int how, off64_t at, off64_t size) { return fallocate(fd, how, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) { return fallocate(fd, 0, at, size) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

int close(int fd) {
    if (path_of(fd) == NULL) return (int)call(SYS_close, fd, 0, 0, 0);
    enter();
    char *path = paths[fd];
    paths[fd] = NULL;
    note(CLOSE, fd, 0, path, "", NULL, 0);
    int done = (int)call(SYS_close, fd, 0, 0, 0);
    free(path);
    leave();
    return done;
}

/* An operation on one or two names. */
static int naming(enum kind kind, int from, const char *name, int to, const char *other, long flags) {
    char space[PATH_MAX], more[PATH_MAX];
    const char *first = absolute(from, name, space), *second = other ? absolute(to, other, more) : "";
    int is_ours = is_watched(first) || is_watched(second), done;
    if (is_ours) enter(), look(kind, second[0] ? second : first, NULL, 0, 0);
    if (kind == UNLINK)
        done = (int)call(SYS_unlinkat, from, (long)name, flags, 0);
    else if (kind == MKDIR)
        done = (int)call(SYS_mkdirat, from, (long)name, flags, 0);
    else
        done = (int)syscall(kind == RENAME ? SYS_renameat2 : SYS_linkat, from, name, to, other, flags);
    if (is_ours) {
        if (done == 0) {
            note(kind, -1, 0, first, second, NULL, 0);
            look(kind, second[0] ? second : first, NULL, 0, 1);
        }
        leave();
    }
    return done;
}

int unlink(const char *name) { return naming(UNLINK, AT_FDCWD, name, 0, NULL, 0); }
int unlinkat(int at, const char *name, int flags) { return naming(UNLINK, at, name, 0, NULL, flags); }
int rename(const char *old, const char *new) { return naming(RENAME, AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return naming(RENAME, from, old, to, new, 0); }
int link(const char *old, const char *new) { return naming(LINK, AT_FDCWD, old, AT_FDCWD, new, 0); }
int linkat(int from, const char *old, int to, const char *new, int flags) {
    return naming(LINK, from, old, to, new, flags);
}
int mkdir(const char *name, mode_t mode) { return naming(MKDIR, AT_FDCWD, name, 0, NULL, mode); }

static const char *peer(int fd, char *into, size_t size) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    int port = 0;
    if (getpeername(fd, (struct sockaddr *)&address, &length) == 0) {
        if (address.ss_family == AF_INET) port = ntohs(((struct sockaddr_in *)&address)->sin_port);
        if (address.ss_family == AF_INET6) port = ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    }
    snprintf(into, size, ":%d", port);
    return into;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    char port[16];
    if (folder_length && (log_sockets || step < steps)) {
        enter();
        peer(fd, port, sizeof port);
        look(SEND, port, bytes, length, 0);
        if (log_sockets) note(SEND, fd, 0, port, "", bytes, length);
        leave();
    }
    ssize_t done = syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
    if (folder_length && step < steps && done > 0) {
        enter();
        look(SEND, port, bytes, (size_t)done, 1);
        leave();
    }
    return done;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
    ssize_t done = syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);
    if (folder_length && (log_sockets || step < steps) && done > 0) {
        char port[16];
        enter();
        peer(fd, port, sizeof port);
        if (log_sockets) note(RECEIVE, fd, 0, port, "", bytes, (size_t)done);
        look(RECEIVE, port, bytes, (size_t)done, 1);
        leave();
    }
    return done;
}
ssize_t __recv_chk(int fd, void *bytes, size_t length, size_t space, int flags) {
    (void)space;
    return recv(fd, bytes, length, flags);
}
