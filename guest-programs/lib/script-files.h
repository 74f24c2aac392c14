// Calls of fuzz/call-script.c that show files: trees, descriptors, directories, and struct stat, which differs by processor.
// Included by script-calls.h; v[] are the arguments.
#pragma once
#include <dirent.h>
#include <sys/xattr.h>

enum { NAMES_MAX = 64 };
static int workplace;

static void say_name(const char *name) {
  size_t length = strlen(name);
  if (length > 20) say("%.6s..%zu", name, length);
  else say("%s", name);
}

static void say_status(const struct stat *status) {
  say(" %o %u %u:%u", status->st_mode, (unsigned)status->st_nlink, status->st_uid, status->st_gid);
  say(" %ld", (long)status->st_size);
  if (S_ISREG(status->st_mode)) say("/%ld", (long)status->st_blocks);
  if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) say(" %lx", (long)status->st_rdev);
  say_time(status->st_mtim.tv_sec);
  if (status->st_mtim.tv_sec < 1000000000) say(".%ld", status->st_mtim.tv_nsec);
}

static void say_content(int directory, const char *name, const struct stat *status) {
  char path[64], attributes[256], content[256];
  ssize_t got;
  if (S_ISLNK(status->st_mode)) {
    got = readlinkat(directory, name, content, sizeof content - 1);
    content[got < 0 ? 0 : got] = 0;
    say(">");
    say_name(content);
    return;
  }
  if (S_ISREG(status->st_mode) && status->st_size <= 100000) {
    int file = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    if (file < 0) return (void)result(-1);
    got = read(file, buffer, sizeof buffer);
    close(file);
    say_data(buffer, got);
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
  int entry = openat(directory, name, O_PATH | O_NOFOLLOW);
  snprintf(path, sizeof path, "/proc/self/fd/%d", entry);
  got = listxattr(path, attributes, sizeof attributes);
  for (char *at = attributes; got > 0 && at < attributes + got; at += strlen(at) + 1) {
    say(" %s", at);
    say_data(content, getxattr(path, at, content, sizeof content));
  }
  close(entry);
}

static int by_name(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

static void say_tree(int parent, const char *name, int depth) {
  char *names[NAMES_MAX];
  int count = 0, fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (!directory) return (void)result(-1);
  for (struct dirent *entry; count < NAMES_MAX && (entry = readdir(directory));)
    if (!is(entry->d_name, ".") && !is(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
  qsort(names, count, sizeof *names, by_name);
  say(" {");
  for (int i = 0; i < count; i++) {
    struct stat status = {0};
    say(i ? "; " : "");
    say_name(names[i]);
    if (fstatat(fd, names[i], &status, AT_SYMLINK_NOFOLLOW) < 0) result(-1);
    else say_status(&status), say_content(fd, names[i], &status);
    if (depth < 6 && S_ISDIR(status.st_mode)) say_tree(fd, names[i], depth + 1);
    free(names[i]);
  }
  say("}");
  closedir(directory);
}

static void say_slots(void) {
  for (int i = 0; i < SLOTS; i++) {
    int flags = fcntl(slot(i), F_GETFL);
    if (flags < 0) continue;
    say(" %d:%o%s", i, flags, fcntl(slot(i), F_GETFD) & FD_CLOEXEC ? "c" : "");
    struct stat status;
    long at = lseek(slot(i), 0, SEEK_CUR);
    if (fstat(slot(i), &status) == 0 && S_ISDIR(status.st_mode)) continue;
    if (at < 0) result(-1);
    else say("@%ld", at);
  }
}

// descriptor, size, where to unless 0; from the start, for positions are numbers of the file system's own
static void say_entries(const long v[6]) {
  struct stat status;
  long size = v[1] > (long)sizeof buffer ? (long)sizeof buffer : v[1];
  if (fstat((int)v[0], &status) == 0 && S_ISDIR(status.st_mode)) lseek((int)v[0], 0, SEEK_SET);
  long got = result(syscall(SYS_getdents64, (int)v[0], v[2] ? (void *)v[2] : buffer, size));
  if (v[2]) return;
  for (long at = 0; at < got; at += *(unsigned short *)(buffer + at + 16)) {
    say(" %d:", buffer[at + 18]);
    say_name(buffer + at + 19);
  }
}

// True when the call is one of these.
static int act_on_files(const char *call, const long v[6]) {
  struct stat status;
  if (is(call, "tree")) say_tree(workplace, ".", 0);
  else if (is(call, "slots")) say_slots();
  else if (is(call, "entries")) say_entries(v);
  else if (is(call, "stat")) {
    if (result(syscall(SYS_newfstatat, (int)v[0], (const char *)v[1], &status, (int)v[2])) == 0) say_status(&status);
  } else return 0;
  return 1;
}
