// What programs that make containers do with mounts: mounts over names of /proc, terminals of their own, mounts elsewhere.
// needs: root
#include "../lib/observe.h"
#include <linux/netlink.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <termios.h>

static void show_node(const char *path) {
  struct stat status;
  if (stat(path, &status) == -1) show(path, -1);
  else
    say("%s: mode %o, of %d:%d, device %d:%d", path, status.st_mode, status.st_uid, status.st_gid, major(status.st_rdev),
        minor(status.st_rdev));
}

static void terminals(void) {
  say("-- terminals");
  MUST(mkdir("pts", 0755));
  CALL(mount("devpts", "pts", "devpts", 0, "mode=x"));
  CALL(mount("devpts", "pts", "devpts", 0, "what=1"));
  CALL(mount("devpts", "pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=640,gid=7"));
  show_node("pts/ptmx");
  int master = CALL_OK(open("pts/ptmx", O_RDWR | O_NOCTTY)), number = -1, zero = 0;
  CALL(ioctl(master, TIOCGPTN, &number));
  say("terminal %d", number);
  show_node("pts/0");
  CALL(ioctl(master, TIOCSPTLCK, &zero));
  int slave = CALL_OK(open("pts/0", O_RDWR | O_NOCTTY));
  char bytes[10];
  CALL(write(slave, "over", 4));
  CALL(read(master, bytes, sizeof bytes));
  close(slave);
  close(master);
  show_node("pts/0");
  CALL(umount("pts"));
  CALL(mount("devpts", "pts", "devpts", 0, NULL));
  show_node("pts/ptmx");
}

static void over_proc(void) {
  say("-- over /proc");
  CALL(mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL));
  CALL(mount(NULL, "/proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID, NULL));
  CALL(open("/proc/sys/kernel/hostname", O_WRONLY));
  CALL(open("/proc/sys/kernel/hostname", O_RDONLY) >= 0);
  CALL(mount("none", "/proc/sys/kernel", "tmpfs", 0, NULL));
  CALL(access("/proc/sys/kernel/hostname", F_OK));
  CALL(access("/proc/sys/net", F_OK));
  CALL(umount("/proc/sys/kernel"));
  CALL(umount("/proc/sys"));
  CALL(access("/proc/sys/kernel/hostname", W_OK));
  CALL(mount("/dev/null", "/proc/uptime", NULL, MS_BIND, NULL));
  char bytes[10];
  int fd = MUST(open("/proc/uptime", O_RDONLY));
  CALL(read(fd, bytes, sizeof bytes));
  close(fd);
  CALL(umount("/proc/uptime"));
}

static void turn(int from, int to) {
  char byte;
  MUST(write(to, "x", 1));
  MUST(read(from, &byte, 1));
}

// What another namespace has mounted does not keep a name here.
static void elsewhere(void) {
  say("-- elsewhere");
  int to_child[2], to_parent[2];
  MUST(pipe(to_child));
  MUST(pipe(to_parent));
  MUST(mkdir("there", 0755));
  CALL(mount("none", "there", "tmpfs", 0, NULL));
  CALL(rmdir("there"));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(unshare(CLONE_NEWNS));
    turn(to_child[0], to_parent[1]);
    CALL(access("there", F_OK));
    _exit(0);
  }
  char byte;
  MUST(read(to_parent[0], &byte, 1));
  CALL(umount("there"));
  CALL(rmdir("there"));
  MUST(write(to_child[1], "x", 1));
  show_wait("child", child);
}

// ip-netns(8) asks which number a namespace has.
static void numbers(void) {
  say("-- numbers of network namespaces");
  struct {
    struct nlmsghdr header;
    struct rtgenmsg message;
    char pad[3];
    struct rtattr attribute;
    int value;
  } ask = {{sizeof ask, RTM_GETNSID, NLM_F_REQUEST, 1, 0}, {AF_UNSPEC}, "", {8, NETNSA_FD}, -1};
  int fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), own = MUST(open("/proc/self/ns/net", O_RDONLY));
  const int types[] = {NETNSA_FD, NETNSA_FD, NETNSA_PID, NETNSA_PID, 0};
  const int values[] = {own, 999, getpid(), 0x3fffff, 0};
  for (size_t i = 0; i < COUNT(types); i++) {
    ask.attribute.rta_type = types[i];
    ask.value = values[i];
    MUST(send(fd, &ask, sizeof ask, 0));
    char bytes[400] __attribute__((aligned(8)));
    MUST(recv(fd, bytes, sizeof bytes, 0));
    struct nlmsghdr *header = (void *)bytes;
    if (header->nlmsg_type == NLMSG_ERROR) say("error %s", errno_name(-((struct nlmsgerr *)NLMSG_DATA(header))->error));
    else say("type %d, length %u: %d", header->nlmsg_type, header->nlmsg_len, *(int *)(bytes + 24));
  }
}

// The old root goes on top of the new one, where '.' does not lead to it, but umount2 does.
static void new_root(void) {
  say("-- another root");
  MUST(mkdir("root", 0755));
  MUST(mount("none", "root", "tmpfs", 0, NULL));
  MUST(mkdir("root/new", 0755));
  MUST(chdir("root"));
  CALL(syscall(SYS_pivot_root, ".", "."));
  CALL(access("/new", F_OK));
  CALL(umount2(".", MNT_DETACH));
  CALL(mount(NULL, ".", NULL, MS_REC | MS_SHARED, NULL));
  CALL(access("/new", F_OK));
  CALL(umount2(".", MNT_DETACH));
}

int main(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  numbers();
  over_proc();
  terminals();
  elsewhere();
  new_root();
  return 0;
}
