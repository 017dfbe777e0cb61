// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Preloaded into a process: files of a watched folder fail, and the clock jumps.
//
// FAULTY_WATCH names the folder. FAULTY_KIND says what happens: "full" (writes end half way, then
// there is no room for a while), "flush" (one flush fails and its bytes are taken for written),
// "short" (every write takes only a part), "clock" (the time of day jumps by days). FAULTY_AT is the
// operation at which it begins.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *watch, *kind;
static long begin;
static atomic_long operations, flushes;
static atomic_uint state = 1;
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_clock)(clockid_t, struct timespec *);
static int (*real_day)(struct timeval *, void *);

// Libraries behind this one in the preload list start before it: whatever is called first sets up.
static void setup(void) {
  if (real_day) return;
  *(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  *(void **)&real_write = dlsym(RTLD_NEXT, "write");
  *(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
  *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  *(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
  watch = getenv("FAULTY_WATCH");
  kind = getenv("FAULTY_KIND");
  const char *at = getenv("FAULTY_AT");
  begin = at ? atol(at) : 0;
  atomic_store(&state, (unsigned)begin * 2654435761u | 1);
  *(void **)&real_day = dlsym(RTLD_NEXT, "gettimeofday");
}

static unsigned any(void) {
  unsigned x = atomic_load(&state);
  x ^= x << 13; x ^= x >> 17; x ^= x << 5;
  atomic_store(&state, x);
  return x;
}

static int is(const char *name) { return kind && !strcmp(kind, name); }

static int watched(int fd) {
  if (!watch) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return !strncmp(path, watch, strlen(watch));
}

// How many of some bytes are taken; -1 for none, with errno.
static ssize_t allowed(int fd, size_t count) {
  if (count < 2 || !(is("full") || is("short")) || !watched(fd)) return (ssize_t)count;
  if (is("short")) return 1 + any() % count;
  long at = atomic_fetch_add(&operations, 1);
  // Room comes back after some writes, as when somebody deletes something.
  if (at < begin || at >= begin + 40) return (ssize_t)count;
  if (at == begin) return 1 + any() % (count - 1);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  setup();
  ssize_t some = allowed(fd, count);
  return some < 0 ? some : real_pwrite(fd, bytes, (size_t)some, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
  return pwrite(fd, bytes, count, offset);
}
ssize_t write(int fd, const void *bytes, size_t count) {
  setup();
  ssize_t some = allowed(fd, count);
  return some < 0 ? some : real_write(fd, bytes, (size_t)some);
}

static int fails(int fd) {
  if (!is("flush") || !watched(fd) || atomic_fetch_add(&flushes, 1) != begin) return 0;
  errno = EIO;
  return 1;
}
int fsync(int fd) {
  setup();
  return fails(fd) ? -1 : real_fsync(fd);
}
int fdatasync(int fd) {
  setup();
  return fails(fd) ? -1 : real_fdatasync(fd);
}

static long jump(void) { return is("clock") ? (long)(any() % 2000000) - 1000000 : 0; }
int clock_gettime(clockid_t id, struct timespec *time) {
  setup();
  int result = real_clock(id, time);
  if (!result && id == CLOCK_REALTIME) time->tv_sec += jump();
  return result;
}
int gettimeofday(struct timeval *time, void *zone) {
  setup();
  int result = real_day(time, zone);
  if (!result) time->tv_sec += jump();
  return result;
}

__attribute__((constructor)) static void start(void) { setup(); }
