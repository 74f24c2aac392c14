// What tmpfs was mounted with and remounted, and statmount(2) and listmount(2) in other mount namespaces.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#define SYS_STATMOUNT 457
#define SYS_LISTMOUNT 458
#define GET_ID _IOR(0xb7, 13, uint64_t)

struct request {
  uint32_t size, fd;
  uint64_t id, param, namespace;
};

static char here[200];

static uint64_t mount_id(const char *path) {
  char bytes[256];
  MUST(syscall(SYS_statx, AT_FDCWD, path, 0, 0x4000, bytes));
  uint64_t id;
  memcpy(&id, bytes + 144, sizeof id);
  return id;
}

static void options(const char *label) {
  char text[65536];
  size_t length = 0;
  int fd = MUST(open("/proc/self/mountinfo", O_RDONLY));
  for (ssize_t got; (got = read(fd, text + length, sizeof text - 1 - length)) > 0;) length += got;
  text[length] = 0;
  close(fd);
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char at[300];
    snprintf(at, sizeof at, " %s/t ", here);
    char *found = strstr(line, at);
    if (found != NULL) say("%s: %s", label, found + strlen(at));
  }
  struct statfs facts;
  MUST(statfs("t", &facts));
  int isLimited = facts.f_blocks < 1000, isCounted = facts.f_files < 1000;
  say("  blocks %ld, free %ld, files %ld, free %ld", isLimited ? (long)facts.f_blocks : -1, isLimited ? (long)facts.f_bfree : -1,
      isCounted ? (long)facts.f_files : -1, isCounted ? (long)facts.f_ffree : -1);
}

static void mounted(void) {
  CALL(mount("one", "t", "tmpfs", 0, "size=100k,mode=700,uid=5,gid=6,nr_inodes=4"));
  options("at first");
  CALL_OK(open("t/a", O_CREAT | O_RDWR, 0600));
  CALL(mkdir("t/b", 0700));
  CALL(symlink("a", "t/c"));
  CALL(symlink("a", "t/d"));
  CALL(mknod("t/e", S_IFREG | 0600, 0));
  CALL(unlink("t/c"));
  CALL(mkfifo("t/f", 0600));
  options("full");
  CALL(mount("one", "t", NULL, MS_REMOUNT, "nr_inodes=3"));
  CALL(mount("one", "t", NULL, MS_REMOUNT, "nr_inodes=8,mode=755,uid=9"));
  options("more of them");
  CALL(mount("one", "t", NULL, MS_REMOUNT, "size=1m"));
  options("larger");
  CALL(mount("one", "t", NULL, MS_REMOUNT, "unknown=1"));
  CALL(mount("one", "t", NULL, MS_REMOUNT, "size=x"));
  int file = MUST(open("t/a", O_RDWR));
  static char page[40000];
  MUST(write(file, page, sizeof page));
  CALL(mount("one", "t", NULL, MS_REMOUNT, "size=20k"));
  CALL(mount("one", "t", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  CALL(mount("one", "t", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  close(file);
  CALL(mount("one", "t", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, "size=20k"));
  options("this mount");
  CALL(mount("one", "t", NULL, MS_REMOUNT | MS_RDONLY, "size=44k"));
  options("read-only");
  CALL(mkdir("t/g", 0700));
  CALL(mount("one", "t", NULL, MS_REMOUNT, NULL));
  options("no longer");
  CALL(mkdir("t/g", 0700));
  CALL(umount("t"));
  CALL(mount("two", "t", "tmpfs", 0, "size=0,nr_inodes=0"));
  options("without limits");
  CALL(mount("two", "t", NULL, MS_REMOUNT, "size=1m"));
  CALL(mount("two", "t", NULL, MS_REMOUNT, "nr_inodes=10"));
  CALL(umount("t"));
  CALL(mount("three", "t", "tmpfs", 0, "size=5000"));
  options("pages");
  static char large[20000];
  file = MUST(open("t/full", O_CREAT | O_RDWR, 0600));
  CALL(write(file, large, sizeof large));
  CALL(write(file, large, 1));
  CALL(pwrite(file, large, 100, 8100));
  CALL(ftruncate(file, 4096));
  options("half of it");
  CALL(pwrite(file, large, 100, 8000));
  close(file);
  CALL(link("t/full", "t/again"));
  CALL(umount("t"));
  CALL(mount("six", "t", "tmpfs", 0, "nr_inodes=3"));
  CALL(mknod("t/one", S_IFREG | 0600, 0));
  CALL(link("t/one", "t/two"));
  options("two names");
  CALL(link("t/one", "t/three"));
  CALL(unlink("t/one"));
  CALL(mknod("t/one", S_IFREG | 0600, 0));
  CALL(umount("t"));
  CALL(mount("seven", "t", "devpts", 0, "newinstance,mode=620,ptmxmode=666,gid=5,max=7"));
  options("terminals");
  CALL(umount("t"));
  CALL(mount("eight", "t", "devpts", 0, NULL));
  options("plain ones");
  CALL(umount("t"));
  CALL(mount("four", "t", "tmpfs", 0, NULL));
  options("plain");
  CALL(umount("t"));
}

static unsigned half(const unsigned char *at, int offset) {
  unsigned value;
  memcpy(&value, at + offset, 4);
  return value;
}

static void tell(const char *label, struct request request) {
  unsigned char bytes[1200] = "";
  uint64_t mask, namespace;
  long result = syscall(SYS_STATMOUNT, &request, bytes, sizeof bytes, 0);
  if (result < 0) {
    say("%s: %s", label, strerrorname_np(errno));
    return;
  }
  memcpy(&mask, bytes + 8, 8);
  memcpy(&namespace, bytes + 112, 8);
  say("%s: mask %#lx, in a namespace %d", label, (long)mask, namespace != 0);
  if (mask & 0x80) say("  options %s", bytes + 512 + half(bytes, 4));
  if (mask & 0x400) {
    char *at = (char *)bytes + 512 + half(bytes, 132);
    for (unsigned i = 0; i < half(bytes, 128); i++, at += strlen(at) + 1) say("  option %s", at);
  }
  if (mask & 0x10) say("  at the same place %d", strstr((char *)bytes + 512 + half(bytes, 108), "/t") != NULL);
}

static void described(void) {
  CALL(mount("five", "t", "tmpfs", 0, "size=64k,mode=711"));
  uint64_t id = mount_id("t"), ids[200], namespace;
  tell("all", (struct request){32, 0, id, 0xfff, 0});
  tell("ids", (struct request){32, 0, id, 0x6000, 0});
  CALL(mount("five", "t", NULL, MS_REMOUNT, "mode=1777"));
  int old = MUST(open("/proc/self/ns/mnt", O_RDONLY)), zero = MUST(open("/dev/zero", O_RDONLY));
  MUST(ioctl(old, GET_ID, &namespace));
  MUST(unshare(CLONE_NEWNS));
  uint64_t copied = mount_id("t");
  say("another number: %d", id != copied);
  tell("the copy", (struct request){32, 0, copied, 0xd2, 0});
  tell("the old one", (struct request){32, 0, id, 0xd2, 0});
  tell("by descriptor", (struct request){32, old, id, 0xd2, 0});
  tell("by number", (struct request){32, 0, id, 0xd2, namespace});
  tell("twice", (struct request){32, old, id, 0xd2, namespace});
  tell("a new one in the old", (struct request){32, old, copied, 0xd2, 0});
  tell("no namespace", (struct request){32, zero, id, 0xd2, 0});
  tell("no descriptor", (struct request){32, 999, id, 0xd2, 0});
  tell("no number", (struct request){32, 0, id, 0xd2, 1});
  struct request request = {32, old, ~0ull, 0, 0};
  long there = syscall(SYS_LISTMOUNT, &request, ids, 200, 0);
  int found = 0;
  for (long i = 0; i < there; i++) found |= ids[i] == id;
  say("listed: %d", found);
  request = (struct request){32, 0, ~0ull, 0, namespace};
  say("as many by number: %d", syscall(SYS_LISTMOUNT, &request, ids, 200, 0) == there);
  request.id = id;
  CALL(syscall(SYS_LISTMOUNT, &request, ids, 200, 0));
  MUST(umount("t"));
  tell("gone here", (struct request){32, 0, copied, 0xd2, 0});
  tell("still there", (struct request){32, old, id, 0xd2, 0});
  MUST(setresuid(1000, 1000, 1000));
  tell("of others, by number", (struct request){32, 0, id, 0xd2, namespace});
  tell("of others, by descriptor", (struct request){32, old, id, 0xd2, 0});
  request = (struct request){32, 0, ~0ull, 0, namespace};
  CALL(syscall(SYS_LISTMOUNT, &request, ids, 200, 0));
}

int main(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(getcwd(here, sizeof here) == NULL ? -1 : 0);
  MUST(mkdir("t", 0755));
  say("-- tmpfs");
  mounted();
  say("-- statmount");
  described();
}
