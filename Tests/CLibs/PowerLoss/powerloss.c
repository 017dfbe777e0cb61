// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Preloaded into a process: keeps, beside a watched folder, what would survive a power cut.
//
// POWERLOSS_WATCH names the folder, POWERLOSS_SHADOW where the survivors go: contents/<inode>-<birth>
// is a file as it was when it was last flushed, names/<folder> the names of a folder when that was
// last flushed, seeded says that everything there at the start has been entered. A flush returns only after its copy is there. A flushed file that its folder does
// not list yet gets its name, as ext4 does it. Nothing else survives.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

// The path of a descriptor below the watched folder, without a slash in front; 0 if it is not there.
static int relative(int fd, char *out) {
  const char *watch = getenv("POWERLOSS_WATCH");
  if (!watch || !getenv("POWERLOSS_SHADOW")) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count < 0) return 0;
  path[count] = 0;
  size_t length = strlen(watch);
  if (strncmp(path, watch, length) || (path[length] && path[length] != '/')) return 0;
  strcpy(out, path[length] ? path + length + 1 : "");
  return 1;
}

static int identity(const char *path, int fd, char *out) {
  struct statx status;
  if (statx(fd, path, fd >= 0 && !*path ? AT_EMPTY_PATH : 0, STATX_INO | STATX_BTIME, &status))
    return 0;
  sprintf(out, "%llu-%lld%09u", (unsigned long long)status.stx_ino,
          (long long)status.stx_btime.tv_sec, status.stx_btime.tv_nsec);
  return 1;
}

// The file that lists the names of a folder; slashes of the folder become commas.
static void list_path(const char *folder, char *out) {
  int count = sprintf(out, "%s/names/_", getenv("POWERLOSS_SHADOW"));
  for (; *folder; folder++) out[count++] = *folder == '/' ? ',' : *folder;
  out[count] = 0;
}

static void keep_content(int fd) {
  char id[80], temporary[PATH_MAX], final[PATH_MAX], buffer[1 << 16], link[64];
  if (!identity("", fd, id)) abort();
  snprintf(temporary, sizeof temporary, "%s/contents/%s.tmp", getenv("POWERLOSS_SHADOW"), id);
  snprintf(final, sizeof final, "%s/contents/%s", getenv("POWERLOSS_SHADOW"), id);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int in = open(link, O_RDONLY | O_CLOEXEC);
  int out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (in < 0 || out < 0) abort();
  ssize_t count;
  while ((count = read(in, buffer, sizeof buffer)) > 0)
    if (write(out, buffer, count) != count) abort();
  close(in);
  close(out);
  if (rename(temporary, final)) abort();
}

static void keep_names(const char *relative_folder) {
  char folder[PATH_MAX], temporary[PATH_MAX + 8], final[PATH_MAX], id[80], path[PATH_MAX + 300];
  snprintf(folder, sizeof folder, "%s/%s", getenv("POWERLOSS_WATCH"), relative_folder);
  list_path(relative_folder, final);
  snprintf(temporary, sizeof temporary, "%s.tmp", final);
  FILE *out = fopen(temporary, "w");
  DIR *directory = opendir(folder);
  if (!out || !directory) abort();
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    if (entry->d_type != DT_REG) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (identity(path, AT_FDCWD, id)) fprintf(out, "%s %s\n", id, entry->d_name);
  }
  closedir(directory);
  fclose(out);
  if (rename(temporary, final)) abort();
}

// Adds the name of a flushed file to the list of its folder if it is not there.
static void keep_own_name(const char *path, int fd) {
  char folder[PATH_MAX], list[PATH_MAX], id[80], line[PATH_MAX], wanted[PATH_MAX];
  strcpy(folder, path);
  char *slash = strrchr(folder, '/');
  const char *name = slash ? path + (slash - folder) + 1 : path;
  if (slash) *slash = 0; else *folder = 0;
  if (strstr(name, " (deleted)") || !identity("", fd, id)) return;
  list_path(folder, list);
  snprintf(wanted, sizeof wanted, "%s %s\n", id, name);
  FILE *in = fopen(list, "r");
  if (in) {
    while (fgets(line, sizeof line, in))
      if (!strcmp(line, wanted)) { fclose(in); return; }
    fclose(in);
  }
  FILE *out = fopen(list, "a");
  if (!out || fputs(wanted, out) < 0 || fclose(out)) abort();
}

static int flushed(int fd, int result) {
  char path[PATH_MAX];
  struct stat status;
  if (result || !relative(fd, path) || fstat(fd, &status)) return result;
  pthread_mutex_lock(&lock);
  if (S_ISDIR(status.st_mode)) {
    keep_names(path);
  } else {
    keep_content(fd);
    keep_own_name(path, fd);
  }
  pthread_mutex_unlock(&lock);
  return 0;
}

int fsync(int fd) { return flushed(fd, real_fsync(fd)); }
int fdatasync(int fd) { return flushed(fd, real_fdatasync(fd)); }

// What is there at the start is on the disk.
static void seed(const char *relative_folder) {
  char folder[PATH_MAX], path[PATH_MAX + 300], below[PATH_MAX + 300];
  snprintf(folder, sizeof folder, "%s/%s", getenv("POWERLOSS_WATCH"), relative_folder);
  DIR *directory = opendir(folder);
  if (!directory) return;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_type == DT_DIR) {
      snprintf(below, sizeof below, "%s%s%s", relative_folder, *relative_folder ? "/" : "",
               entry->d_name);
      seed(below);
    } else if (entry->d_type == DT_REG) {
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) abort();
      keep_content(fd);
      close(fd);
    }
  }
  closedir(directory);
  keep_names(relative_folder);
}

__attribute__((constructor)) static void start(void) {
  real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (!getenv("POWERLOSS_WATCH") || !getenv("POWERLOSS_SHADOW")) return;
  seed("");
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/seeded", getenv("POWERLOSS_SHADOW"));
  close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}
