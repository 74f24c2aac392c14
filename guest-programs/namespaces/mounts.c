// mount_namespaces(7): a tree of mounts of one's own, pivot_root, and what a less privileged user namespace may not do.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statfs.h>

static char here[200];

// How many lines of our mounts name something below the directory we started in.
static int own_mounts(const char *path) {
  FILE *file = fopen(path, "r");
  char line[1000], below[210];
  snprintf(below, sizeof below, "%s/", here);
  int count = 0;
  while (fgets(line, sizeof line, file)) count += strstr(line, below) != NULL;
  fclose(file);
  return count;
}

static void show_at(const char *label, const char *path) { show(label, access(path, F_OK)); }

static long pivot(const char *root, const char *old) { return syscall(SYS_pivot_root, root, old); }

static long put(const char *path, const char *text) {
  int fd = MUST(open(path, O_WRONLY));
  long result = write(fd, text, strlen(text));
  close(fd);
  return result;
}

static void unprivileged(int home) {
  uid_t uid = 1000;
  MUST(setresgid(uid, uid, uid));
  MUST(setresuid(uid, uid, uid));
  MUST(prctl(PR_SET_DUMPABLE, 1));
  MUST(chdir(here));
  CALL(mount("none", "a", "tmpfs", 0, NULL));
  CALL(unshare(CLONE_NEWNS));
  CALL(unshare(CLONE_NEWUSER | CLONE_NEWNS));
  CALL(put("/proc/self/setgroups", "deny"));
  CALL(put("/proc/self/uid_map", "0 1000 1"));
  CALL(put("/proc/self/gid_map", "0 1000 1"));
  say("locked mounts: %d", own_mounts("/proc/self/mounts"));
  CALL(umount2("a", MNT_DETACH));
  CALL(mount("a", "b", NULL, MS_BIND, NULL));
  CALL(mount("none", "a", NULL, MS_REMOUNT | MS_BIND, NULL));
  CALL(mount("none", "a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL));
  CALL(mount("none", "b", "tmpfs", 0, "mode=700"));
  CALL(mount("none", "b", "none", 0, NULL));
  CALL(mount("none", "b", "mqueue", 0, NULL));
  struct stat status;
  CALL(stat("b", &status));
  say("of %d:%d, mode %o", status.st_uid, status.st_gid, status.st_mode);
  CALL(mount("none", "b", "tmpfs", 0, "uid=5"));
  CALL(creat("b/file", 0600) >= 0);
  CALL(mknod("b/null", S_IFCHR | 0666, 0x103));
  CALL(umount2("b", 0));
  CALL(umount2("b", MNT_DETACH));
  CALL(umount2("b", 0));
  CALL(mount("/", "b", NULL, MS_BIND, NULL));
  CALL(mount("/", "b", NULL, MS_BIND | MS_REC, NULL));
  CALL(setns(home, CLONE_NEWNS));
  CALL(chroot("c"));
  CALL(unshare(CLONE_NEWUSER));
}

static void enters(int other) {
  CALL(setns(other, CLONE_NEWNS));
  char path[300];
  CALL(getcwd(path, sizeof path) == NULL ? -1 : 0);
  say("at %s", path);
  MUST(chdir(here));
  show_at("there", "a/inside");
  CALL(unshare(CLONE_NEWNS));
  CALL(umount2("a", 0));
  show_at("gone here", "a/inside");
}

int main(void) {
  MUST(getcwd(here, sizeof here) ? 0 : -1);
  int home = MUST(open("/proc/self/ns/mnt", O_RDONLY));
  CALL(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(chmod(".", 0777));
  MUST(mkdir("a", 0777)), MUST(mkdir("b", 0777)), MUST(mkdir("c", 0777));
  MUST(chmod("b", 0777));
  CALL(mount("none", "a", "tmpfs", MS_NOSUID, NULL));
  CALL(mkdir("a/inside", 0755));
  int own = MUST(open("/proc/self/ns/mnt", O_RDONLY)), directory = MUST(open("a", O_RDONLY | O_DIRECTORY));
  say("own mounts: %d", own_mounts("/proc/self/mounts"));

  CALL(unshare(CLONE_NEWNS));
  show_at("a copy", "a/inside");
  CALL(mount("none", "b", "tmpfs", 0, NULL));
  say("own mounts: %d", own_mounts("/proc/self/mountinfo"));
  close(MUST(creat("namespace", 0600)));
  CALL(mount("/proc/self/ns/mnt", "namespace", NULL, MS_BIND, NULL));
  char link[60];
  snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  show_at("the old one by a descriptor", link);
  CALL(mount(link, "c", NULL, MS_BIND, NULL));
  CALL(mount("none", link, "tmpfs", 0, NULL));
  CALL(umount2(link, 0));
  CALL(mount(link, "c", NULL, MS_MOVE, NULL));
  CALL(mount("b", "b", NULL, MS_MOVE, NULL));
  CALL(setns(own, CLONE_NEWNS));
  MUST(chdir(here));
  say("own mounts: %d", own_mounts("/proc/self/mounts"));

  // A namespace held by a mount of its file.
  close(MUST(creat("held", 0644)));
  CALL(mount("/proc/self/ns/uts", "held", NULL, MS_BIND, NULL));
  struct stat first, second;
  MUST(stat("held", &first));
  MUST(stat("/proc/self/ns/uts", &second));
  say("the same: %d", first.st_ino == second.st_ino && first.st_dev == second.st_dev);
  int held = CALL_OK(open("held", O_RDONLY));
  CALL(setns(held, CLONE_NEWUTS));
  CALL(umount("held"));

  pid_t child = MUST(fork());
  if (child == 0) {
    enters(own);
    _exit(0);
  }
  show_wait("child", child);
  show_at("still here", "a/inside");
  child = MUST(fork());
  if (child == 0) {
    unprivileged(home);
    _exit(0);
  }
  show_wait("child", child);
  child = MUST(syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0));
  if (child == 0) {
    CALL(umount2("a", 0));
    say("own mounts: %d", own_mounts("/proc/self/mounts"));
    CALL(unshare(CLONE_FS));
    CALL(syscall(SYS_clone, CLONE_NEWNS | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
    _exit(0);
  }
  show_wait("child", child);
  say("own mounts: %d", own_mounts("/proc/self/mounts"));

  say("-- pivot_root");
  CALL(pivot("c", "c"));
  CALL(mount("none", "b", "tmpfs", 0, NULL));
  CALL(mkdir("b/old", 0755));
  CALL(mkdir("b/new", 0755));
  close(MUST(creat("b/file", 0644)));
  CALL(pivot("b/new", "b/old"));
  CALL(pivot("b", "c"));
  CALL(pivot("b", "b/none"));
  CALL(pivot("b", "b/file"));
  CALL(pivot("b/file", "b"));
  CALL(pivot("/", "b/old"));
  CALL(pivot("b", "b/old"));
  char path[300];
  CALL(getcwd(path, sizeof path) == NULL ? -1 : 0);
  CALL(chdir("/"));
  show_at("the new root", "/file");
  show_at("the old one", "/old/proc/self");
  CALL(umount2("/old", 0));
  MUST(mkdir("/top", 0755));
  CALL(mount("/top", "/top", NULL, MS_BIND, NULL));
  CALL(chdir("/top"));
  int root = MUST(open("/", O_RDONLY | O_DIRECTORY));
  CALL(pivot(".", "."));
  CALL(fchdir(root));
  CALL(umount2(".", MNT_DETACH));
  CALL(chdir("/"));
  show_at("only the top", "/file");
  CALL(mkdir("/proc", 0755));
  CALL(open("/proc/self/mounts", O_RDONLY));
  return 0;
}
