// link, symlink, readlink, rename, renameat2: every pair of kinds, flags, and what becomes of link counts.
#include "../lib/observe.h"

static void make(const char *name) { close(MUST(open(name, O_CREAT | O_WRONLY, 0600))); }
static long links(const char *name) {
  struct stat status;
  return lstat(name, &status) == -1 ? -1 : (long)status.st_nlink;
}

int main(void) {
  char target[64];
  make("a");
  CALL(link("a", "b"));
  say("links: %ld %ld", links("a"), links("b"));
  CALL(link("a", "b"));
  CALL(link("missing", "c"));
  MUST(mkdir("dir", 0700));
  CALL(link("dir", "c"));
  CALL(symlink("a", "s"));
  CALL(symlink("", "empty"));
  CALL(symlink("a", "s"));
  CALL(link("s", "s2"));
  CALL(readlink("s2", target, sizeof target));
  CALL(readlink("s", target, 0));
  CALL(readlink("a", target, sizeof target));
  CALL(rename("a", "b"));
  say("renaming one link over the other keeps both: %ld %ld", links("a"), links("b"));
  CALL(rename("a", "new"));
  say("a %ld, new %ld", links("a"), links("new"));
  CALL(rename("new", "dir"));
  CALL(rename("dir", "new"));
  CALL(rename("dir", "dir/inside"));
  MUST(mkdir("dir2", 0700));
  CALL(rename("dir", "dir2"));
  MUST(mkdir("dir", 0700));
  make("dir/file");
  CALL(rename("dir2", "dir"));
  CALL(rename("missing", "x"));
  CALL(rename(".", "x"));
  CALL(renameat2(AT_FDCWD, "b", AT_FDCWD, "new", RENAME_NOREPLACE));
  make("other");
  CALL(renameat2(AT_FDCWD, "other", AT_FDCWD, "dir", RENAME_EXCHANGE));
  struct stat status;
  MUST(stat("other", &status));
  say("exchanged: %d", S_ISDIR(status.st_mode));
  CALL(renameat2(AT_FDCWD, "b", AT_FDCWD, "new", 128));
  int fd = MUST(open("b", O_RDWR));
  CALL(unlink("b"));
  CALL(unlink("new"));
  MUST(fstat(fd, &status));
  say("open and unlinked: links %lu", (long)status.st_nlink);
  CALL(write(fd, "still", 5));
  char path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  char read_back[64];
  say("its link can be read: %d", readlink(path, read_back, sizeof read_back) > 0);
  for (int i = 0; i < 45; i++) {
    char from[16], to[16];
    sprintf(from, "l%d", i);
    sprintf(to, "l%d", i + 1);
    MUST(symlink(to, from));
  }
  make("l45");
  CALL(open("l5", O_RDONLY));
  CALL(open("l4", O_RDONLY));
  MUST(symlink("..", "dir2/up"));
  CALL(access("dir2/up/dir2/up/other", F_OK));
  CALL(access("dir/../other", F_OK));
  CALL(access("other/../dir2/./up//other", F_OK));
  return 0;
}
