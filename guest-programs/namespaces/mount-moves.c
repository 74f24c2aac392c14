// Mounts beneath others, groups that are handed on, mounts that expire, what keeps a mount busy, and mount points that another
// namespace removes (move_mount(2), umount2(2), mount_namespaces(7)).
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define CLONE_TREE 1
#define F_EMPTY 4
#define SET_GROUP 0x100
#define BENEATH 0x200

static char here[200];

// Our mounts: where, what of which file system, options, group tags as letters by their first appearance.
static void table(const char *label) {
  static int known[26];
  FILE *file = fopen("/proc/self/mountinfo", "r");
  char line[1000];
  say("[%s]", label);
  while (fgets(line, sizeof line, file)) {
    char at[400], root[400], options[100], type[50], source[50], super[200], tags[200] = "";
    int used = 0;
    char *rest = strstr(line, " - ");
    if (sscanf(line, "%*d %*d %*s %399s %399s %99s%n", root, at, options, &used) != 3) continue;
    size_t length = strlen(here);
    if (strncmp(at, here, length) || at[length] != '/') continue;
    MUST(sscanf(rest, " - %49s %49s %199s", type, source, super) == 3 ? 0 : -1);
    *rest = 0;
    for (char *word = strtok(line + used, " "); word; word = strtok(NULL, " ")) {
      char *colon = strchr(word, ':');
      int i = 0, group = colon ? atoi(colon + 1) : 0;
      while (colon && known[i] && known[i] != group) i++;
      if (colon) known[i] = group;
      size_t end = strlen(tags);
      if (colon) snprintf(tags + end, sizeof tags - end, " %.*s:%c", (int)(colon - word), word, 'A' + i);
      else snprintf(tags + end, sizeof tags - end, " %s", word);
    }
    say("  .%s: %s of %s, %s, %.2s%s", at + length, root, source, options, super, tags);
  }
  fclose(file);
}

static int move(const char *from, const char *to, unsigned flags) { return syscall(MOVE_MOUNT, AT_FDCWD, from, AT_FDCWD, to, flags); }

static void directory(const char *path) { MUST(mkdir(path, 0755)); }

static void tmpfs(const char *source, const char *path) { MUST(mount(source, path, "tmpfs", 0, NULL)); }

static void beneath(void) {
  say("-- beneath");
  directory("a"), directory("b"), directory("c");
  tmpfs("low", "a"), tmpfs("new", "b");
  directory("a/x"), directory("b/y");
  CALL(move("b", "c", BENEATH));
  CALL(move("b", "a/x", BENEATH));
  CALL(move("b", "a", BENEATH | SET_GROUP));
  CALL(move("b", "a", BENEATH));
  table("the new one lies below");
  show("a/x", access("a/x", F_OK));
  CALL(umount2("a", 0));
  show("a/y", access("a/y", F_OK));
  CALL(move("a", "a", BENEATH));
  tmpfs("top", "a"), tmpfs("third", "b");
  int tree = MUST(syscall(OPEN_TREE, AT_FDCWD, "b", CLONE_TREE));
  CALL(syscall(MOVE_MOUNT, tree, "", AT_FDCWD, "a", BENEATH | F_EMPTY));
  close(tree);
  table("in the middle");
  MUST(umount2("a", 0)), MUST(umount2("a", 0)), MUST(umount2("a", 0));
  table("taken away");
  CALL(move("b", "/", BENEATH));
  // where it would come to lie on both
  tmpfs("shared", "a");
  MUST(mount(NULL, "a", NULL, MS_SHARED, NULL));
  MUST(mount("a", "a", NULL, MS_BIND, NULL));
  CALL(move("b", "a", BENEATH));
  MUST(umount2("a", 0)), MUST(umount2("a", 0)), MUST(umount2("b", 0));
}

static void groups(void) {
  say("-- groups that are handed on");
  tmpfs("one", "a");
  directory("a/x"), directory("a/y");
  MUST(mount("a", "b", NULL, MS_BIND, NULL)), MUST(mount("a/x", "c", NULL, MS_BIND, NULL));
  CALL(move("a", "b", SET_GROUP));
  MUST(mount(NULL, "a", NULL, MS_SHARED, NULL));
  CALL(move("a", "b", SET_GROUP));
  CALL(move("a", "b", SET_GROUP));
  CALL(move("c", "a", SET_GROUP));
  CALL(move("a", "c", SET_GROUP));
  CALL(move("a/x", "c", SET_GROUP));
  table("three peers");
  MUST(mount("deep", "a/x", "tmpfs", 0, NULL));
  table("mounted on a part");
  MUST(mount(NULL, "c", NULL, MS_SLAVE, NULL));
  MUST(umount2("a/x", 0));
  table("a slave loses what it covers");
  MUST(umount2("c", 0)), MUST(umount2("a", 0)), MUST(umount2("b", 0));
}

static void expiry(void) {
  say("-- expiry");
  tmpfs("one", "a");
  directory("a/x");
  CALL(umount2("a", MNT_EXPIRE | MNT_DETACH));
  CALL(umount2("a", MNT_EXPIRE | MNT_FORCE));
  CALL(umount2("a", MNT_EXPIRE));
  show("a/x", access("a/x", F_OK));
  CALL(umount2("a", MNT_EXPIRE));
  int fd = MUST(open("a", O_RDONLY));
  CALL(umount2("a", MNT_EXPIRE));
  close(fd);
  tmpfs("two", "a/x");
  CALL(umount2("a", MNT_EXPIRE));
  MUST(umount2("a/x", 0));
  CALL(umount2("a", MNT_EXPIRE));
  CALL(umount2("a", MNT_EXPIRE));
  CALL(umount2("a", MNT_EXPIRE));
}

static void busy(void) {
  say("-- what keeps it busy");
  tmpfs("one", "a");
  int fd = MUST(open("a/f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 4096));
  void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  CALL(umount2("a", 0));
  close(fd);
  show("mapped", umount2("a", 0));
  MUST(munmap(map, 4096));
  fd = MUST(open("a/f", O_PATH));
  struct iovec data = {"x", 1};
  union {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr aligned;
  } control = {0};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  MUST(sendmsg(pair[0], &message, 0));
  close(fd);
  show("in a message", umount2("a", 0));
  close(pair[0]), close(pair[1]);
  show("free", umount2("a", 0));
}

static void options(void) {
  say("-- options");
  CALL(mount("one", "a", NULL, 0, NULL));
  CALL(mount("one", "a", "", 0, NULL));
  CALL(mount("", "a", NULL, MS_BIND, NULL));
  CALL(mount(NULL, "a", NULL, MS_MOVE, NULL));
  MUST(mount("one", "a", "tmpfs", MS_NOATIME | MS_NODIRATIME, NULL));
  MUST(mount("a", "b", NULL, MS_BIND, NULL));
  CALL(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL));
  table("access times stay");
  CALL(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_STRICTATIME, NULL));
  CALL(mount(NULL, "b", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  table("one mount and the file system are read-only");
  CALL(mkdir("a/x", 0755));
  CALL(rmdir("a/none"));
  CALL(unlink("a/none"));
  CALL(mount(NULL, "b", NULL, MS_REMOUNT, NULL));
  directory("a/x");
  int fd = MUST(open("a/x", O_RDONLY | O_DIRECTORY));
  MUST(rmdir("a/x"));
  show("something is removed and open", mount(NULL, "b", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  close(fd);
  CALL(mount(NULL, "b", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  MUST(umount2("a", 0)), MUST(umount2("b", 0));
  CALL(mount("two", "a", "tmpfs", MS_RDONLY, NULL));
  table("made read-only");
  MUST(umount2("a", 0));
}

// The child has a mount namespace of its own and waits for its turns.
static void removed(void) {
  say("-- mount points that another namespace removes");
  int turn[2], back[2];
  char byte = 0;
  MUST(pipe(turn)), MUST(pipe(back));
  tmpfs("base", "a");
  directory("a/x"), directory("a/y"), directory("a/z");
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(unshare(CLONE_NEWNS));
    tmpfs("own", "a/x"), tmpfs("own", "a/y");
    directory("a/x/deep");
    tmpfs("deep", "a/x/deep");
    MUST(chdir("a/x/deep"));
    MUST(write(back[1], &byte, 1));
    MUST(read(turn[0], &byte, 1));
    table("in the other namespace");
    show("..", chdir(".."));
    show("deep", access("deep", F_OK));
    show("../..", chdir("../.."));
    MUST(write(back[1], &byte, 1));
    _exit(0);
  }
  MUST(read(back[0], &byte, 1));
  CALL(rmdir("a/x"));
  CALL(rename("a/z", "a/y"));
  MUST(write(turn[1], &byte, 1));
  MUST(read(back[0], &byte, 1));
  wait(NULL);
  int fd = MUST(open("a/y", O_PATH));
  MUST(rmdir("a/y"));
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  show("on what was removed", mount("one", path, "tmpfs", 0, NULL));
  show("of what was removed", mount(path, "b", NULL, MS_BIND, NULL));
  MUST(umount2("a", MNT_DETACH));
  show("in what was taken away", mount("one", path, "tmpfs", 0, NULL));
}

int main(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(mount("work", ".", "tmpfs", 0, NULL));
  MUST(getcwd(here, sizeof here) ? 0 : -1);
  MUST(chdir(here));
  beneath();
  groups();
  expiry();
  busy();
  options();
  removed();
  return 0;
}
