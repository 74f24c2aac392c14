// user_namespaces(7): maps and who may write them, overflow ids, full capabilities inside and none outside.
// needs: root
#include "../lib/observe.h"
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#define NS_GET_USERNS 0xb701
#define NS_GET_PARENT 0xb702
#define NS_GET_OWNER_UID 0xb704

static long put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd == -1) return -1;
  long result = write(fd, text, strlen(text));
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static void show_file(const char *path) {
  char text[600];
  int fd = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text));
  close(fd);
  say("%s: %s", path, quoted(text, length));
}

static void show_ids(const char *title) {
  uid_t real, effective, saved;
  gid_t groups[10];
  getresuid(&real, &effective, &saved);
  say("-- %s", title);
  say("uids %d %d %d, gid %d, groups %d", real, effective, saved, getegid(), getgroups(0, NULL));
  if (getgroups(10, groups) > 0) say("first group %d", groups[0]);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  MUST(syscall(SYS_capget, &header, data));
  say("effective %08x, inheritable %08x", data[0].effective, data[0].inheritable);
  struct stat status;
  MUST(stat("/", &status));
  say("/ is of %d:%d", status.st_uid, status.st_gid);
  MUST(stat("mine", &status));
  say("mine is of %d:%d", status.st_uid, status.st_gid);
  MUST(stat("foreign", &status));
  say("foreign is of %d:%d", status.st_uid, status.st_gid);
}

static void show_groups_line(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[300];
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, "Uid:", 4) || !strncmp(line, "Gid:", 4) || !strncmp(line, "CapEff:", 7))
      say("%s", quoted(line, strlen(line)));
  fclose(file);
}

static int sockets[2];

static void send_ids(int uid, int gid) {
  struct ucred claim = {getpid(), uid, gid};
  char control[CMSG_SPACE(sizeof claim)] __attribute__((aligned(8))) = "";
  struct iovec part = {"x", 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){CMSG_LEN(sizeof claim), SOL_SOCKET, SCM_CREDENTIALS};
  memcpy(CMSG_DATA(header), &claim, sizeof claim);
  char label[60];
  snprintf(label, sizeof label, "send as %d:%d", uid, gid);
  show(label, sendmsg(sockets[1], &message, 0));
}

static void receive_ids(const char *label) {
  char control[200] __attribute__((aligned(8))), byte;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(sockets[0], &message, MSG_DONTWAIT) == -1) {
    show(label, -1);
    return;
  }
  struct ucred *claim = (void *)CMSG_DATA(CMSG_FIRSTHDR(&message));
  say("%s: from %d:%d", label, claim->uid, claim->gid);
}

// Runs `inside` as uid 1000 in a child; `outside` acts between two turns of the child.
static void in_child(const char *title, void (*inside)(int, int), void (*outside)(pid_t)) {
  say("== %s", title);
  int to_child[2], to_parent[2];
  MUST(pipe(to_child));
  MUST(pipe(to_parent));
  pid_t child = MUST(fork());
  if (child == 0) {
    inside(to_child[0], to_parent[1]);
    _exit(0);
  }
  close(to_parent[1]);
  char byte;
  if (read(to_parent[0], &byte, 1) == 1) {
    outside(child);
    MUST(write(to_child[1], "x", 1));
  }
  show_wait("child", child);
  for (int i = 0; i < 2; i++) close(to_child[i]);
  close(to_parent[0]);
}

static void turn(int from, int to) {
  char byte;
  MUST(write(to, "x", 1));
  MUST(read(from, &byte, 1));
}

static void by_itself(int from, int to) {
  (void)from, (void)to;
  gid_t groups[] = {1000, 2000};
  MUST(setgroups(2, groups));
  MUST(setresgid(1000, 1000, 1000));
  MUST(setresuid(1000, 1000, 1000));
  prctl(PR_SET_DUMPABLE, 1);
  CALL(unshare(CLONE_NEWUSER));
  show_ids("unmapped");
  show_file("/proc/self/uid_map");
  show_file("/proc/self/setgroups");
  CALL(prctl(PR_GET_DUMPABLE));
  CALL(setuid(0));
  CALL(chown("mine", 0, 0));
  CALL(put("/proc/self/uid_map", ""));
  CALL(put("/proc/self/uid_map", "0 1000"));
  CALL(put("/proc/self/uid_map", "0 1000 0"));
  CALL(put("/proc/self/uid_map", "0 1000 x"));
  CALL(put("/proc/self/uid_map", "0 4294967295 1"));
  CALL(put("/proc/self/uid_map", "0 1000 2"));
  CALL(put("/proc/self/uid_map", "0 0 1"));
  CALL(put("/proc/self/uid_map", "0 2000 1"));
  CALL(put("/proc/self/uid_map", "0 1000 1\n0 2000 1\n"));
  CALL(put("/proc/self/gid_map", "0 1000 1"));
  CALL(put("/proc/self/setgroups", "den"));
  CALL(put("/proc/self/setgroups", "deny"));
  CALL(put("/proc/self/setgroups", "allow"));
  CALL(put("/proc/self/gid_map", "0 1000 1"));
  CALL(put("/proc/self/uid_map", "  0\t1000 1\n"));
  CALL(put("/proc/self/uid_map", "0 1000 1"));
  CALL(put("/proc/self/projid_map", "0 5 10\n20 30 2"));
  show_file("/proc/self/uid_map");
  show_file("/proc/self/gid_map");
  show_file("/proc/self/projid_map");
  show_file("/proc/self/setgroups");
  show_ids("mapped to root");
  show_groups_line();
  CALL(setgroups(0, NULL));
  CALL(setuid(1));
  CALL(setresuid(-1, 0, -1));
  CALL(chmod("mine", 0600));
  CALL(chown("mine", 0, 0));
  CALL(chown("mine", 5, -1));
  CALL(chmod("foreign", 0600));
  CALL(open("foreign", O_RDWR));
  CALL(sethostname("x", 1));
  CALL(kill(getppid(), 0));
  CALL(mknod("device", S_IFCHR | 0600, 0x103));
  CALL(unshare(CLONE_NEWNET));
  CALL(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
  send_ids(0, 0);
  send_ids(1, 0);
  send_ids(0, 1000);
  CALL(unshare(CLONE_NEWUSER));
  show_ids("nested");
  show_file("/proc/self/setgroups");
  CALL(put("/proc/self/uid_map", "7 0 1"));
  CALL(put("/proc/self/gid_map", "8 0 1"));
  show_ids("nested and mapped");
  show_file("/proc/self/uid_map");
  send_ids(7, 8);
}

static void nothing(pid_t child) { (void)child; }

static void waits_for_maps(int from, int to) {
  MUST(unshare(CLONE_NEWUSER));
  turn(from, to);
  show_ids("maps written by the parent");
  show_file("/proc/self/uid_map");
  CALL(setgid(3));
  gid_t groups[] = {1, 5};
  CALL(setgroups(2, groups));
  CALL(setuid(100));
  CALL(setuid(10));
  show_ids("as 10");
  CALL(creat("by-10", 0666) >= 0);
  struct stat status;
  MUST(stat("by-10", &status));
  say("by-10 is of %d:%d", status.st_uid, status.st_gid);
  send_ids(10, 3);
  int own = MUST(open("/proc/self/ns/user", O_RDONLY)), net = MUST(open("/proc/self/ns/net", O_RDONLY));
  CALL(ioctl(own, NS_GET_USERNS));
  CALL(ioctl(own, NS_GET_PARENT));
  uid_t owner = 77;
  CALL(ioctl(own, NS_GET_OWNER_UID, &owner));
  say("owner %d", owner);
  CALL(ioctl(net, NS_GET_USERNS));
  CALL(ioctl(net, NS_GET_OWNER_UID, &owner));
  CALL(setns(own, CLONE_NEWUSER));
  CALL(setns(net, CLONE_NEWNET));
}

static void writes_maps(pid_t child) {
  char path[60];
  snprintf(path, sizeof path, "/proc/%d/uid_map", child);
  show("the parent writes uid_map", put(path, "0 100000 20\n50 1000 1\n"));
  snprintf(path, sizeof path, "/proc/%d/gid_map", child);
  show("the parent writes gid_map", put(path, "0 200000 10"));
  show("once only", put(path, "0 200000 10"));
  snprintf(path, sizeof path, "/proc/%d/setgroups", child);
  show("too late to deny", put(path, "deny"));
  snprintf(path, sizeof path, "/proc/%d/ns/user", child);
  int fd = MUST(open(path, O_RDONLY));
  uid_t owner = 77;
  CALL(ioctl(fd, NS_GET_OWNER_UID, &owner));
  say("owner %d", owner);
  int parent = CALL_OK(ioctl(fd, NS_GET_PARENT)) == -1 ? -1 : ioctl(fd, NS_GET_PARENT);
  CALL(ioctl(parent, NS_GET_PARENT));
  struct stat first, second;
  MUST(fstat(parent, &first));
  MUST(stat("/proc/self/ns/user", &second));
  say("its parent is ours: %d", first.st_ino == second.st_ino);
  pid_t visitor = MUST(fork());
  if (visitor == 0) {
    CALL(setns(fd, 0));
    show_ids("a visitor");
    CALL(setns(parent, 0));
    CALL(setuid(0));
    show_ids("a visitor as root");
    _exit(0);
  }
  waitpid(visitor, NULL, 0);
  close(fd);
  close(parent);
}

int main(void) {
  MUST(chmod(".", 0777));
  close(MUST(creat("mine", 0644)));
  MUST(chown("mine", 1000, 1000));
  close(MUST(creat("foreign", 0644)));
  MUST(chown("foreign", 3000, 3000));
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
  int one = 1;
  MUST(setsockopt(sockets[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  show_file("/proc/self/uid_map");
  CALL(put("/proc/self/uid_map", "0 0 1"));
  in_child("an unprivileged process by itself", by_itself, nothing);
  for (int i = 0; i < 4; i++) receive_ids("received");
  in_child("maps by the parent", waits_for_maps, writes_maps);
  receive_ids("received");
  struct stat status;
  MUST(stat("by-10", &status));
  say("by-10 is of %d:%d", status.st_uid, status.st_gid);
  return 0;
}
