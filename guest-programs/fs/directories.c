// mkdir, rmdir, getdents, chdir, getcwd, fchdir, seekdir: what they accept and refuse.
#include "../lib/observe.h"
#include <dirent.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
  DIR *directory = opendir(path);
  if (!directory) {
    show(path, -1);
    return;
  }
  char *names[32];
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    char text[300];
    const char *kind = entry->d_type == DT_DIR ? "/" : entry->d_type == DT_LNK ? "@" : entry->d_type == DT_FIFO ? "|" : "";
    snprintf(text, sizeof text, "%s%s", entry->d_name, kind);
    names[count++] = strdup(text);
  }
  qsort(names, count, sizeof names[0], by_name);
  for (int i = 0; i < count; i++) say("  %s", names[i]);
  closedir(directory);
}

int main(void) {
  umask(022);
  CALL(mkdir("d", 0777));
  CALL(mkdir("d", 0777));
  CALL(mkdir("x/y", 0777));
  CALL(mkdir("d/e/", 0700));
  struct stat status;
  MUST(stat("d", &status));
  say("mode %o, links %lu", status.st_mode, (long)status.st_nlink);
  close(MUST(open("d/file", O_CREAT | O_WRONLY, 0600)));
  MUST(symlink("file", "d/link"));
  MUST(mkfifo("d/pipe", 0600));
  list("d");
  CALL(rmdir("d"));
  CALL(rmdir("d/file"));
  CALL(rmdir("d/."));
  CALL(rmdir("d/e/.."));
  CALL(unlink("d"));
  char before[512], after[512];
  MUST(getcwd(before, sizeof before) ? 0 : -1);
  CALL(chdir("d/e"));
  MUST(getcwd(after, sizeof after) ? 0 : -1);
  say("moved to %s", after + strlen(before));
  CALL(chdir("../file"));
  CALL(chdir("nowhere"));
  CALL(syscall(SYS_getcwd, after, 3));
  int fd = MUST(open("../..", O_RDONLY | O_DIRECTORY));
  CALL(rmdir("../e"));
  say("getcwd of a removed directory: %s", getcwd(after, sizeof after) ? after : errno_name(errno));
  CALL(open("new", O_CREAT | O_WRONLY, 0600));
  list(".");
  CALL(fchdir(fd));
  say("back: %d", strcmp(getcwd(after, sizeof after), before) == 0);
  CALL(fchdir(0));
  char raw[200];
  int directory = MUST(open("d", O_RDONLY | O_DIRECTORY));
  CALL(syscall(SYS_getdents64, directory, raw, 10));
  long total = 0, got;
  while ((got = syscall(SYS_getdents64, directory, raw, sizeof raw)) > 0) total += got;
  say("all entries in records: %ld", total);
  CALL(syscall(SYS_getdents64, directory, raw, sizeof raw));
  CALL(lseek(directory, 0, SEEK_SET));
  say("again after rewinding: %d", syscall(SYS_getdents64, directory, raw, sizeof raw) > 0);
  CALL(syscall(SYS_getdents64, MUST(open("d/file", O_RDONLY)), raw, sizeof raw));
  CALL(mknod("d/dev", S_IFREG | 0600, 0));
  CALL(unlinkat(fd, "d/pipe", 0));
  CALL(unlinkat(fd, "d/file", AT_REMOVEDIR));
  CALL(unlinkat(fd, "d", 0));
  return 0;
}
