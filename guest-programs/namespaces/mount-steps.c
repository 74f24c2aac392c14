// fsopen(2), fsconfig(2), fsmount(2), fspick(2), open_tree(2), open_tree_attr and move_mount(2): mounts made by steps.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/mount.h>

#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define FSOPEN 430
#define FSCONFIG 431
#define FSMOUNT 432
#define FSPICK 433
#define OPEN_TREE_ATTR 467

enum { FLAG, STRING, BINARY, PATH, PATH_EMPTY, FD, CREATE, RECONFIGURE, CREATE_EXCL };
#define CLONE_TREE 1
#define RECURSIVE 0x8000
#define EMPTY 0x1000
#define F_EMPTY 4
#define T_EMPTY 0x40

static int config(int fd, int command, const char *key, const void *value, int aux) {
  return syscall(FSCONFIG, fd, command, key, value, aux);
}

static void log_of(int fd) {
  char line[200];
  ssize_t length;
  while ((length = read(fd, line, sizeof line)) > 0) say("  log: %.*s", (int)length - 1, line);
  show("  log", length);
}

static int move(int from, const char *source, int to, const char *target, unsigned flags) {
  return syscall(MOVE_MOUNT, from, source, to, target, flags);
}

static void there(const char *path) {
  char text[400];
  snprintf(text, sizeof text, "%s", path);
  show(text, access(path, F_OK));
}

/** How /proc/self/mountinfo shows what is mounted at `path`: options, type, source and the file system's read-only bit. */
static void info(const char *path) {
  char here[200], wanted[300], line[1000];
  MUST(getcwd(here, sizeof here) ? 0 : -1);
  snprintf(wanted, sizeof wanted, "%s/%s", here, path);
  FILE *table = fopen("/proc/self/mountinfo", "r");
  int found = 0;
  while (fgets(line, sizeof line, table)) {
    char root[300], at[300], options[200], type[50], source[300], super[300];
    char *rest = strstr(line, " - ");
    if (sscanf(line, "%*d %*d %*s %299s %299s %199s", root, at, options) != 3 || strcmp(at, wanted)) continue;
    sscanf(rest, " - %49s %299s %299s", type, source, super);
    say("  %s: %s, %s, %s, %.2s", path, options, type, source, super);
    found = 1;
  }
  if (!found) say("  %s: no mount", path);
  fclose(table);
}

static void fresh(void) {
  say("-- a new file system");
  CALL(syscall(FSOPEN, "nosuch", 0));
  CALL(syscall(FSOPEN, "tmpfs", 2));
  CALL(syscall(FSOPEN, NULL, 0));
  int fd = MUST(syscall(FSOPEN, "tmpfs", 1));
  say("close-on-exec %d, flags %#x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & 3);
  log_of(fd);
  CALL(config(fd, STRING, "source", "a source", 0));
  CALL(config(fd, STRING, "source", "another", 0));
  CALL(config(fd, FLAG, "source", NULL, 0));
  CALL(config(fd, STRING, "size", "1m", 0));
  CALL(config(fd, STRING, "size", "big", 0));
  CALL(config(fd, STRING, "mode", "0711", 0));
  CALL(config(fd, STRING, "foo", "bar", 0));
  CALL(config(fd, FLAG, "foo", NULL, 0));
  CALL(config(fd, BINARY, "foo", "abc", 3));
  CALL(config(fd, PATH, "foo", "/", AT_FDCWD));
  CALL(config(fd, FD, "foo", NULL, 0));
  CALL(config(fd, FD, "foo", NULL, 99));
  log_of(fd);
  CALL(config(fd, FLAG, "sync", NULL, 0));
  CALL(config(fd, FLAG, "ro", "x", 0));
  CALL(config(fd, FLAG, NULL, NULL, 0));
  CALL(config(fd, STRING, "a", NULL, 0));
  CALL(config(fd, BINARY, "a", "b", 0));
  CALL(config(fd, FD, "a", NULL, -1));
  CALL(config(fd, PATH, "a", "b", -1));
  CALL(config(fd, CREATE, "a", NULL, 0));
  CALL(config(fd, 9, NULL, NULL, 0));
  CALL(config(-1, CREATE, NULL, NULL, 0));
  CALL(config(99, CREATE, NULL, NULL, 0));
  CALL(config(0, CREATE, NULL, NULL, 0));
  CALL(syscall(FSMOUNT, fd, 0, 0));
  CALL(config(fd, RECONFIGURE, NULL, NULL, 0));
  CALL(config(fd, CREATE, NULL, NULL, 0));
  CALL(config(fd, CREATE, NULL, NULL, 0));
  CALL(config(fd, STRING, "size", "2m", 0));
  CALL(syscall(FSMOUNT, fd, 2, 0));
  CALL(syscall(FSMOUNT, fd, 0, 0x100000));
  CALL(syscall(FSMOUNT, fd, 0, 0x30));
  CALL(syscall(FSMOUNT, 0, 0, 0));
  int mount = MUST(syscall(FSMOUNT, fd, 1, 0x2 | 0x10));
  CALL(syscall(FSMOUNT, fd, 1, 0));
  say("close-on-exec %d", fcntl(mount, F_GETFD));
  struct stat facts;
  MUST(fstat(mount, &facts));
  say("mode %o", facts.st_mode);
  say("-- before it has a place");
  CALL_OK(mkdirat(mount, "inside", 0755));
  CALL_OK(openat(mount, "inside/file", O_CREAT | O_WRONLY, 0644));
  CALL(mount_setattr(mount, "", EMPTY, &(struct mount_attr){.attr_set = 4}, 32));
  CALL(umount2("a", 0));
  CALL(move(mount, "", AT_FDCWD, "a", 0));
  CALL(move(mount, "", AT_FDCWD, "a", 0x400));
  CALL(move(mount, "", AT_FDCWD, "a", 0x300 | F_EMPTY));
  CALL(move(mount, "inside", AT_FDCWD, "a", 0));
  CALL(move(mount, "", AT_FDCWD, "file", F_EMPTY));
  CALL(move(mount, "", mount, "inside", F_EMPTY));
  CALL(move(mount, "", AT_FDCWD, "a", F_EMPTY));
  info("a");
  there("a/inside/file");
  CALL(move(mount, "", AT_FDCWD, "b", F_EMPTY));
  info("a"), info("b");
  MUST(close(mount));
  there("b/inside/file");
  CALL(config(fd, FLAG, "ro", NULL, 0));
  CALL(config(fd, RECONFIGURE, NULL, NULL, 0));
  info("b");
  CALL(mkdir("b/more", 0755));
  MUST(close(fd));
}

static void picked(void) {
  say("-- one that is there");
  CALL(syscall(FSPICK, AT_FDCWD, "b", 16));
  CALL(syscall(FSPICK, AT_FDCWD, "b/inside", 0));
  CALL(syscall(FSPICK, AT_FDCWD, "nowhere", 0));
  int fd = MUST(syscall(FSPICK, AT_FDCWD, "b", 1));
  CALL(config(fd, CREATE, NULL, NULL, 0));
  CALL(syscall(FSMOUNT, fd, 0, 0));
  CALL(config(fd, FLAG, "rw", NULL, 0));
  CALL(config(fd, RECONFIGURE, NULL, NULL, 0));
  info("b");
  CALL(mkdir("b/more", 0755));
  MUST(close(fd));
}

static void trees(void) {
  say("-- trees");
  CALL(syscall(OPEN_TREE, AT_FDCWD, "b", 2));
  CALL(syscall(OPEN_TREE, AT_FDCWD, "b", RECURSIVE));
  CALL(syscall(OPEN_TREE, AT_FDCWD, "nowhere", CLONE_TREE));
  MUST(mount("inner", "b/inside", "tmpfs", 0, "mode=700"));
  MUST(mkdir("b/inside/deep", 0755));
  int place = MUST(syscall(OPEN_TREE, AT_FDCWD, "b", O_CLOEXEC));
  say("flags %#x, close-on-exec %d", fcntl(place, F_GETFL) & O_PATH, fcntl(place, F_GETFD));
  CALL(openat(place, "nothing", O_RDONLY));
  int single = MUST(syscall(OPEN_TREE, AT_FDCWD, "b", CLONE_TREE));
  int whole = MUST(syscall(OPEN_TREE, AT_FDCWD, "b", CLONE_TREE | RECURSIVE));
  CALL(faccessat(single, "inside/deep", F_OK, 0));
  CALL(faccessat(single, "inside/file", F_OK, 0));
  CALL(faccessat(whole, "inside/deep", F_OK, 0));
  CALL(move(whole, "", AT_FDCWD, "a", F_EMPTY));
  there("a/inside/deep");
  info("a"), info("a/inside");
  CALL(move(single, "", AT_FDCWD, "a/more", F_EMPTY));
  there("a/more/inside/file");
  CALL(umount2("a/more", 0));
  CALL(umount2("a/more", MNT_DETACH));
  CALL(faccessat(single, "inside/file", F_OK, 0));
  CALL(move(single, "", AT_FDCWD, "a/more", F_EMPTY));
  MUST(close(single));
  say("-- a part of one, a file, and a tree that nobody moves");
  int part = MUST(syscall(OPEN_TREE, AT_FDCWD, "b/more", CLONE_TREE));
  CALL(move(part, "", AT_FDCWD, "b/more", F_EMPTY));
  CALL(umount2("b/more", MNT_DETACH));
  int file = MUST(syscall(OPEN_TREE, AT_FDCWD, "file", CLONE_TREE));
  CALL(move(file, "", AT_FDCWD, "a", F_EMPTY));
  CALL(move(file, "", AT_FDCWD, "other", F_EMPTY));
  CALL(umount2("other", 0));
  int lost = MUST(syscall(OPEN_TREE, AT_FDCWD, "b", CLONE_TREE | RECURSIVE));
  int again = MUST(syscall(OPEN_TREE, lost, "", CLONE_TREE | EMPTY));
  CALL(move(lost, "inside", AT_FDCWD, "c", 0));
  int kept = MUST(openat(lost, "inside", O_RDONLY));
  MUST(close(lost));
  CALL(faccessat(kept, "deep", F_OK, 0));
  CALL(faccessat(kept, "..", F_OK, 0));
  CALL(move(again, "", AT_FDCWD, "c", F_EMPTY));
  info("c");
  say("-- moved from place to place");
  CALL(move(AT_FDCWD, "c", AT_FDCWD, "d", 0));
  info("c"), info("d");
  CALL(move(AT_FDCWD, "d/more", AT_FDCWD, "c", 0));
  CALL(move(AT_FDCWD, "d", AT_FDCWD, "d/more", 0));
  CALL(move(place, "", AT_FDCWD, "c", F_EMPTY));
  info("b"), info("c");
  say("-- with attributes");
  struct mount_attr attributes = {.attr_set = 1};
  CALL(syscall(OPEN_TREE_ATTR, AT_FDCWD, "d", 0, NULL, 32));
  CALL(syscall(OPEN_TREE_ATTR, AT_FDCWD, "d", CLONE_TREE, &attributes, 16));
  CALL(syscall(OPEN_TREE_ATTR, AT_FDCWD, "d", 2, &attributes, 32));
  int frozen = MUST(syscall(OPEN_TREE_ATTR, AT_FDCWD, "d", CLONE_TREE, &attributes, 32));
  CALL(mkdirat(frozen, "x", 0755));
  CALL(move(frozen, "", AT_FDCWD, "b", F_EMPTY));
  info("b"), info("d");
  CALL(mkdir("d/x", 0755));
  CALL_OK(syscall(OPEN_TREE_ATTR, AT_FDCWD, "d", 0, NULL, 0));
}

static void shared(void) {
  say("-- where mounts are shared");
  MUST(mount("peer", "p", "tmpfs", 0, NULL));
  MUST(mount(NULL, "p", NULL, MS_SHARED, NULL));
  MUST(mkdir("p/x", 0755)), MUST(mkdir("p/y", 0755));
  MUST(mount("p", "q", NULL, MS_BIND, NULL));
  int copy = MUST(syscall(OPEN_TREE, AT_FDCWD, "d", CLONE_TREE));
  CALL(move(copy, "", AT_FDCWD, "p/x", F_EMPTY));
  info("p/x"), info("q/x");
  CALL(move(AT_FDCWD, "p/x", AT_FDCWD, "c", 0));
  int self = MUST(syscall(OPEN_TREE, AT_FDCWD, "p", CLONE_TREE));
  CALL(move(self, "", AT_FDCWD, "p/y", F_EMPTY));
  info("p/y"), info("q/y");
  CALL(umount2("p/x", MNT_DETACH));
  info("p/x"), info("q/x");
}

int main(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  const char *places[] = {"a", "b", "c", "d", "p", "q"};
  for (size_t i = 0; i < COUNT(places); i++) MUST(mkdir(places[i], 0755));
  MUST(close(open("file", O_CREAT | O_WRONLY, 0644))), MUST(close(open("other", O_CREAT | O_WRONLY, 0644)));
  fresh();
  picked();
  trees();
  shared();
  say("-- without privilege");
  MUST(setresuid(1000, 1000, 1000));
  CALL(syscall(FSOPEN, "nosuch", 2));
  CALL(syscall(FSPICK, AT_FDCWD, "nowhere", 0));
  CALL(syscall(OPEN_TREE, AT_FDCWD, "nowhere", CLONE_TREE));
  CALL(move(99, "", AT_FDCWD, "d", F_EMPTY));
  CALL(syscall(FSMOUNT, 99, 0, 0));
  return 0;
}
