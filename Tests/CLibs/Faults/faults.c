// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Preloaded into a process: lets its disk fill up, its flushes fail and its clock jump.
//
// FAULTS_WATCH names the folder whose files are concerned. FAULTS_SPACE is how many more bytes may be
// written there: then writes are cut short and fail with ENOSPC. FAULTS_FLUSHES is how many flushes
// succeed: then they fail with EIO, after throwing away nothing. FAULTS_SHORT makes every so many-th
// write short by half, without an error. FAULTS_CLOCK names a file of eight bytes, a signed number of
// seconds by which the wall clock is off; it may change at any time.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static const char *watch;
static atomic_llong space = -1;
static atomic_llong flushes = -1;
static long short_every;
static atomic_llong writes;
static const volatile int64_t *clock_offset;

static int watched(int fd) {
  char link[64], path[PATH_MAX];
  if (!watch) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count < 0) return 0;
  path[count] = 0;
  size_t length = strlen(watch);
  return !strncmp(path, watch, length) && (!path[length] || path[length] == '/');
}

// How many of the bytes may be written; -1 for none any more.
static ssize_t allowed(int fd, size_t count) {
  if ((space < 0 && !short_every) || !watched(fd)) return count;
  if (short_every && count > 1 && atomic_fetch_add(&writes, 1) % short_every == short_every - 1)
    return count / 2;
  if (space < 0) return count;
  long long before = atomic_fetch_sub(&space, (long long)count);
  if (before >= (long long)count) return count;
  // Full for good: what was taken too much is not given back.
  atomic_store(&space, 0);
  return before > 0 ? before : -1;
}

static int full(void) {
  errno = ENOSPC;
  return -1;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t may = allowed(fd, count);
  return may < 0 ? full() : real_write(fd, bytes, may);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  ssize_t may = allowed(fd, count);
  return may < 0 ? full() : real_pwrite(fd, bytes, may, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
  return pwrite(fd, bytes, count, offset);
}

// Of several pieces the first alone is written when not all may be: a short write.
ssize_t writev(int fd, const struct iovec *pieces, int count) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += pieces[i].iov_len;
  ssize_t may = allowed(fd, total);
  if (may < 0) return full();
  if ((size_t)may == total || count == 0) return real_writev(fd, pieces, count);
  size_t first = pieces[0].iov_len < (size_t)may ? pieces[0].iov_len : (size_t)may;
  return real_write(fd, pieces[0].iov_base, first);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += pieces[i].iov_len;
  ssize_t may = allowed(fd, total);
  if (may < 0) return full();
  if ((size_t)may == total || count == 0) return real_pwritev(fd, pieces, count, offset);
  size_t first = pieces[0].iov_len < (size_t)may ? pieces[0].iov_len : (size_t)may;
  return real_pwrite(fd, pieces[0].iov_base, first, offset);
}

static int failed(int fd) {
  if (flushes < 0 || !watched(fd)) return 0;
  if (atomic_fetch_sub(&flushes, 1) > 0) return 0;
  atomic_store(&flushes, 0);
  errno = EIO;
  return 1;
}

int fsync(int fd) { return failed(fd) ? -1 : real_fsync(fd); }
int fdatasync(int fd) { return failed(fd) ? -1 : real_fdatasync(fd); }

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = real_clock_gettime(clock, time);
  if (!result && clock_offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += *clock_offset;
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

__attribute__((constructor)) static void start(void) {
  real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  real_write = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  real_writev = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
  real_pwritev = (ssize_t(*)(int, const struct iovec *, int, off_t))dlsym(RTLD_NEXT, "pwritev");
  real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  watch = getenv("FAULTS_WATCH");
  const char *text = getenv("FAULTS_SPACE");
  if (text) space = atoll(text);
  if ((text = getenv("FAULTS_FLUSHES"))) flushes = atoll(text);
  if ((text = getenv("FAULTS_SHORT"))) short_every = atol(text);
  if ((text = getenv("FAULTS_CLOCK"))) {
    int fd = open(text, O_RDONLY | O_CLOEXEC);
    if (fd < 0) abort();
    void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) abort();
    clock_offset = page;
    close(fd);
  }
}
