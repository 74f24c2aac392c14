// The file system of pidfds: one inode for each process, opened anew, with attributes and handles; what its ioctls tell; PIDFD_SELF.
// needs: root
#include "../lib/observe.h"
#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#define SELF_THREAD -10000
#define SELF_THREAD_GROUP -10001
#define PIDFS_ROOT -10002
#define THREAD O_EXCL

struct info {
  uint64_t mask, cgroup;
  uint32_t pid, tgid, ppid, ids[8];
  int32_t exit_code;
  uint32_t coredump, signal;
};
#define INFO(size) _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, size)
enum { PID = 1, CREDS = 2, CGROUP = 4, EXIT = 8, COREDUMP = 16, SUPPORTED = 32 };

static int pidfd_open_(pid_t pid, unsigned flags) { return syscall(SYS_pidfd_open, pid, flags); }

static struct stat status_of(int fd) {
  struct stat status;
  MUST(fstat(fd, &status));
  return status;
}

static void same(const char *label, int a, int b) {
  struct stat one = status_of(a), other = status_of(b);
  say("%s: same number %d, same device %d", label, one.st_ino == other.st_ino, one.st_dev == other.st_dev);
}

static const char *link_of(int fd) {
  static char text[100];
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  text[MUST(readlink(path, text, sizeof text - 1))] = 0;
  return text;
}

static int again(int fd, int flags) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return open(path, flags);
}

static void *sleeper(void *at) {
  *(int *)at = gettid();
  MUST(write(*((int *)at + 1), "", 1));
  pause();
  return NULL;
}

static pid_t child_that_waits(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pause();
  }
  return child;
}

static void ask(const char *label, int fd, uint64_t mask, int size) {
  struct info info = {.mask = mask};
  if (ioctl(fd, INFO(size), &info) != 0) {
    show(label, -1);
    return;
  }
  say("%s: mask %#lx, cgroup %d, pid %d, exit code %#x, coredump %#x", label,
      (unsigned long)info.mask & (PID | CREDS | CGROUP | EXIT | COREDUMP), info.cgroup != 0, info.pid != 0, info.exit_code,
      info.coredump);
}

static void inodes(void) {
  pid_t child = child_that_waits();
  int fd = MUST(pidfd_open_(child, 0)), second = MUST(pidfd_open_(child, O_NONBLOCK)), own = MUST(pidfd_open_(getpid(), 0));
  int thread = MUST(pidfd_open_(getpid(), THREAD)), event = MUST(eventfd(0, 0)), epoll = MUST(epoll_create1(0));
  same("two of one process", fd, second);
  same("two processes", fd, own);
  same("the first thread", thread, own);
  same("an eventfd", fd, event);
  same("eventfd and epoll", event, epoll);
  struct stat status = status_of(fd);
  say("mode %o, links %d, owner %d:%d, size %ld, is new %d", status.st_mode, (int)status.st_nlink, status.st_uid,
      status.st_gid, (long)status.st_size, status.st_ctime > time(NULL) - 100);
  struct statfs system;
  MUST(fstatfs(fd, &system));
  say("file system %lx, names of %ld, blocks of %ld", (long)system.f_type, (long)system.f_namelen, (long)system.f_bsize);
  say("link %s", link_of(fd));
  CALL(fchmod(fd, 0600));
  CALL(fchown(fd, 1, 1));
  CALL(futimens(fd, NULL));
  CALL(ftruncate(fd, 0));
  CALL(lseek(fd, 0, SEEK_SET));
  char byte;
  CALL(read(fd, &byte, 1));
  CALL(write(fd, &byte, 1));

  int opened = MUST(again(fd, O_RDONLY));
  same("opened anew", opened, fd);
  say("link %s, flags %#x", link_of(opened), fcntl(opened, F_GETFL) & ~O_LARGEFILE);
  CALL(syscall(SYS_pidfd_send_signal, opened, 0, NULL, 0));
  CALL_OK(again(fd, O_RDWR | O_NONBLOCK));
  CALL_OK(again(fd, O_WRONLY | O_TRUNC));
  CALL_OK(again(fd, O_DIRECTORY));
  CALL_OK(again(fd, O_PATH));
  MUST(kill(child, SIGUSR1));
  siginfo_t gone;
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED | WNOWAIT));
  CALL_OK(again(fd, O_RDONLY));
  MUST(waitid(P_PIDFD, opened, &gone, WEXITED));
  opened = CALL_OK(again(fd, O_RDONLY));
  if (opened >= 0) {
    CALL(syscall(SYS_pidfd_send_signal, opened, 0, NULL, 0));
    ask("opened after the end", opened, EXIT, 72);
    struct pollfd poll_of = {.fd = opened, .events = POLLIN};
    MUST(poll(&poll_of, 1, 0));
    say("events %#x", poll_of.revents);
  }
}

static void informations(void) {
  pid_t child = child_that_waits();
  int fd = MUST(pidfd_open_(child, 0));
  int sizes[] = {0, 8, 63, 64, 72, 80, 200};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    union { struct info info; char bytes[256]; } buffer;
    memset(&buffer, 0xff, sizeof buffer);
    buffer.info.mask = PID | CREDS | CGROUP | EXIT | COREDUMP;
    int result = ioctl(fd, INFO(sizes[i]), &buffer);
    int written = 256;
    while (written > 0 && (unsigned char)buffer.bytes[written - 1] == 0xff) written--;
    say("size %d: %d %s, mask %#lx", sizes[i], result, result < 0 ? errno_name(errno) : "",
        (unsigned long)buffer.info.mask & ~(unsigned long)SUPPORTED);
    if (result == 0) say("bytes written: as asked %d", written == sizes[i]);
  }
  ask("nothing", fd, 0, 64);
  ask("what nobody knows", fd, 1ul << 40, 72);
  ask("the core", fd, COREDUMP, 72);
  CALL(ioctl(fd, _IOC(_IOC_READ, 0xff, 11, 64), &(struct info){0}));
  CALL(ioctl(fd, _IOC(_IOC_NONE, 0xff, 11, 64), &(struct info){0}));
  CALL(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 0xfe, 11, 64), &(struct info){0}));
  int version = -1;
  CALL(ioctl(fd, FS_IOC_GETVERSION, &version));
  CALL(version);
  CALL(ioctl(fd, FS_IOC_GETVERSION, NULL));
  CALL(ioctl(fd, FS_IOC_GETVERSION, (void *)8));
  CALL(ioctl(fd, FIONREAD, &version));
  MUST(kill(child, SIGKILL));
  siginfo_t gone;
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED | WNOWAIT));
  ask("a zombie", fd, EXIT | COREDUMP, 72);
  ask("a zombie's cgroup", fd, CGROUP, 72);
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED));
  ask("reaped", fd, EXIT, 72);
  ask("reaped, and the core", fd, EXIT | COREDUMP, 72);
  ask("reaped, the core alone", fd, COREDUMP, 72);
  ask("reaped, the cgroup alone", fd, CGROUP, 72);
  CALL(ioctl(fd, FS_IOC_GETVERSION, &version));

  child = MUST(fork());
  if (child == 0) {
    MUST(prctl(PR_SET_DUMPABLE, 0));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pause();
  }
  fd = MUST(pidfd_open_(child, 0));
  struct info info;
  do {
    sleep_ms(5);
    info.mask = COREDUMP;
    MUST(ioctl(fd, INFO(72), &info));
  } while (info.coredump == 4);
  say("not dumpable: coredump %#x", info.coredump);
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
}

static void namespaces(void) {
  static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts"};
  pid_t child = child_that_waits();
  int fd = MUST(pidfd_open_(child, 0));
  for (int i = 0; i <= 11; i++) {
    int namespace = ioctl(fd, _IO(0xff, i), 0);
    if (namespace < 0) {
      say("request %d: %s", i, errno_name(errno));
      continue;
    }
    char path[60];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", child, names[i - 1]);
    struct stat there, here = status_of(namespace);
    MUST(stat(path, &there));
    say("%s: the right one %d, close on exec %d", names[i - 1], there.st_ino == here.st_ino,
        fcntl(namespace, F_GETFD) == FD_CLOEXEC);
    MUST(close(namespace));
  }
  CALL(ioctl(fd, _IO(0xff, 2), 1));
  CALL(ioctl(fd, _IOR(0xff, 2, int), 0));
  MUST(kill(child, SIGKILL));
  siginfo_t gone;
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED | WNOWAIT));
  CALL(ioctl(fd, _IO(0xff, 2), 0));
  CALL(ioctl(fd, _IO(0xff, 2), 1));
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED));
  CALL(ioctl(fd, _IO(0xff, 2), 0));
  CALL(ioctl(fd, _IO(0xff, 2), 1));
}

static void selves(void) {
  for (int flags = 0; flags <= 2; flags++) {
    say("flags %d", flags);
    CALL(syscall(SYS_pidfd_send_signal, SELF_THREAD, 0, NULL, flags));
    CALL(syscall(SYS_pidfd_send_signal, SELF_THREAD_GROUP, 0, NULL, flags));
  }
  CALL(syscall(SYS_pidfd_send_signal, SELF_THREAD, 99, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, PIDFS_ROOT, 0, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0));
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  CALL(syscall(SYS_pidfd_send_signal, SELF_THREAD, SIGUSR1, NULL, 0));
  MUST(sigpending(&pending));
  say("pending %d", sigismember(&pending, SIGUSR1));
  siginfo_t info;
  MUST(sigwaitinfo(&set, &info));
  say("code %d, from me %d", info.si_code, info.si_pid == getpid());
  CALL(syscall(SYS_pidfd_send_signal, SELF_THREAD_GROUP, SIGUSR1, NULL, 0));
  MUST(sigwaitinfo(&set, &info));
  say("code %d, from me %d", info.si_code, info.si_pid == getpid());
  CALL(syscall(SYS_pidfd_getfd, SELF_THREAD_GROUP, 0, 0));
  CALL(waitid(P_PIDFD, SELF_THREAD_GROUP, &info, WEXITED));
  CALL(setns(SELF_THREAD_GROUP, CLONE_NEWUTS));
  static char page[8192] __attribute__((aligned(4096)));
  struct iovec range = {page, 4096};
  CALL(syscall(SYS_process_madvise, SELF_THREAD_GROUP, &range, 1, MADV_COLD, 0));
  CALL(syscall(SYS_process_madvise, SELF_THREAD, &range, 1, MADV_COLD, 0));
  CALL(syscall(SYS_process_madvise, PIDFS_ROOT, &range, 1, MADV_COLD, 0));
  CALL(syscall(SYS_process_mrelease, SELF_THREAD_GROUP, 0));

  int directory = MUST(open("/proc/self", O_RDONLY | O_DIRECTORY)), task = MUST(open("/proc/thread-self", O_RDONLY | O_DIRECTORY));
  CALL(syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, directory, SIGUSR1, NULL, 0));
  MUST(sigwaitinfo(&set, &info));
  say("code %d", info.si_code);
  CALL(syscall(SYS_pidfd_send_signal, task, 0, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, MUST(open("/proc", O_RDONLY)), 0, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, MUST(open("/proc/self", O_PATH)), 0, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, MUST(open("/proc/self/stat", O_RDONLY)), 0, NULL, 0));
  CALL(waitid(P_PIDFD, directory, &info, WEXITED));
  CALL(syscall(SYS_pidfd_getfd, directory, 0, 0));
  pid_t child = child_that_waits();
  char path[40];
  snprintf(path, sizeof path, "/proc/%d", child);
  directory = MUST(open(path, O_RDONLY | O_DIRECTORY));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
  CALL(syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0));
}

static void attributes(void) {
  pid_t child = child_that_waits();
  int fd = MUST(pidfd_open_(child, 0)), second = MUST(pidfd_open_(child, 0));
  char value[100];
  CALL(fsetxattr(fd, "trusted.one", "value", 5, 0));
  CALL(fsetxattr(fd, "trusted.one", "other", 5, XATTR_CREATE));
  CALL(fsetxattr(fd, "trusted.two", "", 0, XATTR_REPLACE));
  CALL(fsetxattr(fd, "trusted.", "", 0, 0));
  CALL(fsetxattr(fd, "user.one", "", 0, 0));
  CALL(fsetxattr(fd, "security.one", "", 0, 0));
  CALL(fsetxattr(fd, "system.one", "", 0, 0));
  CALL(fgetxattr(fd, "user.one", value, sizeof value));
  CALL(fgetxattr(fd, "security.one", value, sizeof value));
  int event = MUST(eventfd(0, 0));
  CALL(fsetxattr(event, "user.one", "", 0, 0));
  CALL(fgetxattr(event, "user.one", value, sizeof value));
  CALL(fsetxattr(event, "trusted.one", "", 0, 0));
  long length = CALL(fgetxattr(second, "trusted.one", value, sizeof value));
  say("%s", quoted(value, length > 0 ? length : 0));
  length = CALL(flistxattr(second, value, sizeof value));
  say("%s", quoted(value, length > 0 ? length : 0));
  MUST(close(fd));
  MUST(close(second));
  fd = MUST(pidfd_open_(child, 0));
  CALL(fgetxattr(fd, "trusted.one", value, sizeof value));
  CALL(fremovexattr(fd, "trusted.one"));
  CALL(fremovexattr(fd, "trusted.one"));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
  CALL(fsetxattr(fd, "trusted.late", "value", 5, 0));
  CALL(fgetxattr(fd, "trusted.late", value, sizeof value));
}

struct handle {
  struct file_handle head;
  uint64_t number[16];
};

static void open_handle(const char *label, int mount, struct handle *handle, int flags, int fd) {
  int opened = open_by_handle_at(mount, &handle->head, flags);
  show_ok(label, opened);
  if (opened < 0) return;
  same(label, opened, fd);
  say("flags %#x, %s", fcntl(opened, F_GETFL) & ~O_LARGEFILE, link_of(opened));
  MUST(close(opened));
}

static void handles(void) {
  pid_t child = child_that_waits();
  int fd = MUST(pidfd_open_(child, 0)), mount;
  struct handle handle = {.head = {.handle_bytes = 4}};
  CALL(name_to_handle_at(fd, "", &handle.head, &mount, AT_EMPTY_PATH));
  say("bytes %d", handle.head.handle_bytes);
  handle.head.handle_bytes = 128;
  CALL(name_to_handle_at(fd, "", &handle.head, &mount, AT_EMPTY_PATH));
  say("bytes %d, type %#x, the number %d", handle.head.handle_bytes, handle.head.handle_type,
      *(uint64_t *)handle.head.f_handle == status_of(fd).st_ino);
  handle.head.handle_bytes = 128;
  CALL(name_to_handle_at(fd, "", &handle.head, &mount, AT_EMPTY_PATH | 0x200));
  say("bytes %d, type %#x", handle.head.handle_bytes, handle.head.handle_type);
  int own = MUST(pidfd_open_(getpid(), 0));
  open_handle("by another pidfd", own, &handle, O_RDONLY, fd);
  open_handle("by the root", PIDFS_ROOT, &handle, O_RDONLY, fd);
  open_handle("not waiting", PIDFS_ROOT, &handle, O_RDWR | O_NONBLOCK | O_CLOEXEC, fd);
  open_handle("a thread's", PIDFS_ROOT, &handle, THREAD, fd);
  open_handle("to append", PIDFS_ROOT, &handle, O_APPEND, fd);
  open_handle("cut", PIDFS_ROOT, &handle, O_TRUNC, fd);
  open_handle("path", PIDFS_ROOT, &handle, O_PATH, fd);
  open_handle("directory", PIDFS_ROOT, &handle, O_DIRECTORY, fd);
  open_handle("elsewhere", AT_FDCWD, &handle, O_RDONLY, fd);
  open_handle("no descriptor", -5, &handle, O_RDONLY, fd);
  struct handle wrong = handle;
  wrong.head.handle_type = 1;
  open_handle("another type", PIDFS_ROOT, &wrong, O_RDONLY, fd);
  wrong = handle;
  wrong.head.handle_bytes = 4;
  open_handle("too short", PIDFS_ROOT, &wrong, O_RDONLY, fd);
  wrong = handle;
  *(uint64_t *)wrong.head.f_handle = 1ull << 60;
  open_handle("nobody's", PIDFS_ROOT, &wrong, O_RDONLY, fd);
  pid_t other = MUST(fork());
  if (other == 0) {
    MUST(setresuid(1, 1, 1));
    say("as somebody else");
    open_handle("by the root", PIDFS_ROOT, &handle, O_RDONLY, fd);
    CALL_OK(again(fd, O_RDONLY));
    CALL(ioctl(fd, _IO(0xff, 2), 0));
    ask("informations", fd, CGROUP | COREDUMP, 72);
    char value[10];
    CALL(fsetxattr(fd, "trusted.one", "value", 5, 0));
    CALL(fgetxattr(fd, "trusted.one", value, sizeof value));
    CALL(fsetxattr(fd, "user.one", "value", 5, 0));
    _exit(0);
  }
  MUST(waitpid(other, NULL, 0));
  MUST(kill(child, SIGKILL));
  siginfo_t gone;
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED | WNOWAIT));
  open_handle("a zombie's", PIDFS_ROOT, &handle, O_RDONLY, fd);
  MUST(waitid(P_PIDFD, fd, &gone, WEXITED));
  open_handle("one that is gone", PIDFS_ROOT, &handle, O_RDONLY, fd);
  CALL(name_to_handle_at(fd, "", &handle.head, &mount, AT_EMPTY_PATH));
}

static void threads(void) {
  int ends[2], at[2];
  MUST(pipe(ends));
  at[1] = ends[1];
  pthread_t thread;
  pthread_create(&thread, NULL, sleeper, at);
  char byte;
  MUST(read(ends[0], &byte, 1));
  int fd = MUST(pidfd_open_(at[0], THREAD)), second = MUST(pidfd_open_(at[0], THREAD)), own = MUST(pidfd_open_(getpid(), 0));
  same("two of one thread", fd, second);
  same("thread and process", fd, own);
  say("flags %#x", fcntl(fd, F_GETFL) & ~O_LARGEFILE);
  struct info info = {.mask = 0};
  MUST(ioctl(fd, INFO(64), &info));
  say("pid the thread %d, tgid the process %d", info.pid == (uint32_t)at[0], info.tgid == (uint32_t)getpid());
  int opened = CALL_OK(again(fd, O_RDONLY));
  if (opened >= 0) {
    same("opened anew", opened, fd);
    say("flags %#x", fcntl(opened, F_GETFL) & ~O_LARGEFILE);
    info.mask = 0;
    MUST(ioctl(opened, INFO(64), &info));
    say("pid the thread %d", info.pid == (uint32_t)at[0]);
  }
}

int main(void) {
  inodes();
  informations();
  namespaces();
  selves();
  attributes();
  handles();
  threads();
  return 0;
}
