/* Another wall clock, another boot, and a time source by request, for one process and its children.
 *
 * Preloaded (LD_PRELOAD) into an unchanged program. SHIFTED_CLOCK names a file of three little-endian 64-bit numbers
 * that is mapped and may change while the program runs: what is added to the wall clock (ns), what is added to the
 * boot-time clock (ns), and whether the kernel says that the wall clock is synchronised. SHIFTED_BOOT_ID names a file
 * that is opened in place of the kernel's boot id. The monotonic clock, which all waiting goes by, is left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift; /* wall, boot-time, synchronised */

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SHIFTED_CLOCK");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *found = file < 0 ? MAP_FAILED : mmap(NULL, 3 * sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    if (found != MAP_FAILED) shift = found;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = (int)syscall(SYS_clock_gettime, clock, now);
    int which = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? 0 : clock == CLOCK_BOOTTIME ? 1 : -1;
    if (answer != 0 || shift == NULL || which < 0) return answer;
    int64_t total = now->tv_sec * 1000000000LL + now->tv_nsec + shift[which];
    now->tv_sec = total / 1000000000LL;
    now->tv_nsec = total % 1000000000LL;
    return 0;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec found;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *answer) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (answer != NULL) *answer = found.tv_sec;
    return found.tv_sec;
}

int adjtimex(struct timex *values) {
    (void)values;
    return shift != NULL && shift[2] ? TIME_OK : TIME_ERROR;
}

static const char *instead(const char *path) {
    const char *other = getenv("SHIFTED_BOOT_ID");
    return other != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? other : path;
}

#define OPENER(name)                                                                    \
    int name(const char *path, int flags, ...) {                                        \
        va_list more;                                                                   \
        va_start(more, flags);                                                          \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;       \
        va_end(more);                                                                   \
        return (int)syscall(SYS_openat, AT_FDCWD, instead(path), flags, mode);          \
    }
OPENER(open)
OPENER(open64)
