// seccomp(2), SECCOMP_RET_USER_NOTIF: a supervisor answers calls of a confined process (seccomp_unotify(2)).
// needs: root
#include "../lib/observe.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1 << 5)
#endif
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define IS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skip, 0)

static struct sock_filter notify_filter[] = {LOAD(nr),
                                             IS(SYS_getpriority, 3),
                                             IS(SYS_openat, 2),
                                             IS(SYS_mkdirat, 1),
                                             RETURN(SECCOMP_RET_ALLOW),
                                             RETURN(SECCOMP_RET_USER_NOTIF)};

static long install(unsigned flags) {
  struct sock_fprog program = {COUNT(notify_filter), notify_filter};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void send_fd(int socket, int fd) {
  char data = 'x', control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec iov = {&data, 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  MUST(sendmsg(socket, &message, 0));
}

static int receive_fd(int socket) {
  char data, control[CMSG_SPACE(sizeof(int))];
  struct iovec iov = {&data, 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  MUST(recvmsg(socket, &message, 0));
  int fd;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static struct seccomp_notif request;
static int listener;
static pid_t child;

static short ready(int timeout) {
  struct pollfd poll_fd = {listener, POLLIN | POLLOUT, 0};
  MUST(poll(&poll_fd, 1, timeout));
  return poll_fd.revents;
}

static void receive(const char *label) {
  memset(&request, 0, sizeof request);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == -1) {
    show(label, -1);
    return;
  }
  const char *name = request.data.nr == SYS_getpriority ? "getpriority"
                     : request.data.nr == SYS_openat    ? "openat"
                     : request.data.nr == SYS_mkdirat   ? "mkdirat"
                                                        : "another";
  say("%s: %s(%d, %lld, ...) of the child: %d, flags %u, valid: %d", label, name, (int)request.data.args[0],
      (long long)request.data.args[1] > 100 ? -1 : (long long)request.data.args[1], request.pid == (unsigned)child, request.flags,
      ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request.id));
}

static long answer(int64_t value, int error, unsigned flags) {
  struct seccomp_notif_resp response = {request.id, value, error, flags};
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static long add_fd(unsigned flags, int source, int target, unsigned target_flags) {
  struct seccomp_notif_addfd added = {request.id, flags, source, target, target_flags};
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &added);
}

// Children keep what they see until the supervisor has said what it did.
static char kept[4096];
static void keep(const char *label, long result) {
  size_t used = strlen(kept);
  if (result == -1) snprintf(kept + used, sizeof kept - used, "  child: %s: %s\n", label, errno_name(errno));
  else snprintf(kept + used, sizeof kept - used, "  child: %s: %ld\n", label, result);
}

static void tell(int turn) {
  await_turn(turn);
  MUST(write(1, kept, strlen(kept)));
}

// A child that confines itself, hands its listener over and does what `work` says.
static void start(void (*work)(int turn), unsigned flags, int *turn) {
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  child = MUST(fork());
  if (child == 0) {
    int own = MUST(install(SECCOMP_FILTER_FLAG_NEW_LISTENER | flags));
    send_fd(pair[0], own);
    MUST(close(own));
    MUST(close(pair[1]));
    work(pair[0]);
    tell(pair[0]);
    _exit(0);
  }
  MUST(close(pair[0]));
  listener = receive_fd(pair[1]);
  *turn = pair[1];
}

static void answers(int turn) {
  await_turn(turn);
  keep("value", syscall(SYS_getpriority, 1, 2));
  keep("error", syscall(SYS_getpriority, 3, 4));
  keep("positive error", syscall(SYS_getpriority, 3, 4));
  keep("allowed after all", syscall(SYS_mkdirat, AT_FDCWD, "made", 0755));
  keep("again", syscall(SYS_mkdirat, AT_FDCWD, "made", 0755));
  keep("a long value", syscall(SYS_getpriority, 0, 0) == 0x123456789abLL);
}

static void opens(int turn MAYBE_UNUSED) {
  int fd = openat(AT_FDCWD, "a file that is not there", O_RDONLY);
  char text[32] = "";
  keep("opened", fd);
  keep("read", read(fd, text, sizeof text));
  keep(text, 0);
  keep("close on exec", fcntl(10, F_GETFD));
  keep("opened", openat(AT_FDCWD, "x", O_RDONLY));
}

static int handled;
static void on_signal(int signo) {
  (void)signo;
  handled++;
}

static void is_interrupted(int turn) {
  struct sigaction action = {.sa_handler = on_signal};
  MUST(sigaction(SIGUSR1, &action, 0));
  action.sa_flags = SA_RESTART;
  MUST(sigaction(SIGUSR2, &action, 0));
  hand_over(turn);
  keep("interrupted", syscall(SYS_getpriority, 1, 0));
  hand_over(turn);
  keep("made again", syscall(SYS_getpriority, 2, 0));
  keep("handled", handled);
}

static void waits_for_nobody(int turn) {
  await_turn(turn);
  keep("the listener is closed", syscall(SYS_getpriority, 1, 0));
  int again = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
  keep("another listener", again >= 0);
}

static void *confined_thread(void *argument) {
  keep("thread", syscall(SYS_getpriority, 7, 0));
  return argument;
}

static void has_threads(int turn MAYBE_UNUSED) {
  pthread_t thread;
  pthread_create(&thread, NULL, confined_thread, NULL);
  pthread_join(thread, NULL);
  pid_t grandchild = fork();
  if (grandchild == 0) _exit(syscall(SYS_getpriority, 8, 0));
  int status;
  MUST(waitpid(grandchild, &status, 0));
  keep("grandchild", WEXITSTATUS(status));
}

static void errors(void) {
  struct seccomp_notif_sizes sizes;
  CALL(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
  say("sizes: %u %u %u", sizes.seccomp_notif, sizes.seccomp_notif_resp, sizes.seccomp_data);
  CALL(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 1, &sizes));
  CALL(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, NULL));
  unsigned action = SECCOMP_RET_USER_NOTIF;
  CALL(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
  CALL(install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC));
  CALL(install(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
  CALL(install(64));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CALL(install(0));
    CALL(syscall(SYS_getpriority, 0, 0)); // nobody listens
    int own = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
    show("listener", own >= 0);
    CALL(install(SECCOMP_FILTER_FLAG_NEW_LISTENER));
    CALL(install(0));
    CALL(fcntl(own, F_GETFD));
    CALL(fcntl(own, F_GETFL) & O_ACCMODE);
    char byte;
    CALL(read(own, &byte, 1));
    CALL(write(own, "", 1));
    CALL(ioctl(own, 0x1234, 0));
    CALL(ioctl(own, SECCOMP_IOCTL_NOTIF_SEND, NULL));
    CALL(ioctl(own, SECCOMP_IOCTL_NOTIF_ID_VALID, NULL));
    CALL(ioctl(own, SECCOMP_IOCTL_NOTIF_RECV, NULL));
    memset(&request, 0, sizeof request);
    request.flags = 1;
    CALL(ioctl(own, SECCOMP_IOCTL_NOTIF_RECV, &request));
    request.id = 1;
    CALL(ioctl(own, SECCOMP_IOCTL_NOTIF_ID_VALID, &request.id));
    listener = own;
    CALL(answer(0, 0, 2));
    CALL(answer(1, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
    CALL(answer(0, 0, 0));
    CALL(add_fd(4, 0, 0, 0));
    CALL(add_fd(0, 0, 3, 0));
    CALL(add_fd(0, 0, 0, 1));
    CALL(add_fd(0, 99, 0, 0));
    CALL(add_fd(0, 0, 0, 0));
    CALL(ioctl(own, SECCOMP_IOCTL_NOTIF_ADDFD, NULL));
    CALL(ioctl(own, _IOW('!', 3, int), &request));
    struct { struct seccomp_notif_addfd addfd; long more; } large = {{1, 0, 0, 0, 0}, 1};
    CALL(ioctl(own, _IOW('!', 3, struct { char size[32]; }), &large));
    large.more = 0;
    CALL(ioctl(own, _IOW('!', 3, struct { char size[32]; }), &large));
    CALL(ioctl(own, _IOW('!', 4, uint64_t), 1));
    CALL(ioctl(own, _IOW('!', 4, uint64_t), 2));
    say("ready: %#x", ready(0));
    _exit(0);
  }
  show_wait("child", pid);
}

int main(void) {
  int turn, pipe_fds[2];
  errors();

  say("# answers");
  start(answers, 0, &turn);
  say("ready before: %#x", ready(0));
  hand_over(turn);
  say("ready: %#x", ready(-1));
  receive("value");
  say("ready after: %#x", ready(0));
  CALL(answer(0, 0, 2));
  CALL(answer(1, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  CALL(answer(42, 0, 0));
  receive("error");
  CALL(answer(7, -EXDEV, 0));
  receive("positive error");
  CALL(answer(7, 77, 0));
  receive("allowed");
  CALL(answer(0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  receive("again");
  CALL(answer(0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  receive("long value");
  CALL(answer(0x123456789abLL, 0, 0));
  hand_over(turn);
  show_wait("child", child);
  CALL(answer(0, 0, 0));
  say("ready at the end: %#x", ready(0));
  receive("at the end");
  MUST(close(listener));
  CALL(rmdir("made"));

  say("# descriptors");
  MUST(pipe(pipe_fds));
  MUST(write(pipe_fds[1], "through the pipe", 16));
  start(opens, 0, &turn);
  receive("open");
  say("added at 10: %ld", add_fd(SECCOMP_ADDFD_FLAG_SETFD, 1, 10, O_CLOEXEC));
  long fd = add_fd(0, pipe_fds[0], 0, 0);
  CALL(fd > 2);
  CALL(answer(fd, 0, 0));
  CALL(add_fd(0, pipe_fds[0], 0, 0) < 0);
  receive("open");
  show("added and answered", add_fd(SECCOMP_ADDFD_FLAG_SEND, pipe_fds[0], 0, 0) > 0);
  hand_over(turn);
  show_wait("child", child);
  MUST(close(listener));

  say("# signals");
  start(is_interrupted, 0, &turn);
  await_turn(turn);
  receive("call");
  MUST(kill(child, SIGUSR1));
  await_turn(turn);
  CALL(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request.id));
  CALL(answer(1, 0, 0));
  receive("call");
  __u64 old = request.id;
  MUST(kill(child, SIGUSR2));
  receive("the same again");
  say("another id: %d", old != request.id);
  CALL(answer(5, 0, 0));
  hand_over(turn);
  show_wait("child", child);
  MUST(close(listener));

  say("# killable waits");
  start(is_interrupted, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &turn);
  await_turn(turn);
  receive("call");
  MUST(kill(child, SIGUSR1));
  CALL(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request.id));
  CALL(answer(3, 0, 0));
  await_turn(turn);
  receive("call");
  MUST(kill(child, SIGKILL));
  show_wait("child", child);
  CALL(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request.id));
  MUST(close(listener));

  say("# nobody listens any more");
  start(waits_for_nobody, 0, &turn);
  MUST(close(listener));
  hand_over(turn);
  hand_over(turn);
  show_wait("child", child);

  say("# threads and children");
  start(has_threads, 0, &turn);
  pid_t leader = child;
  memset(&request, 0, sizeof request);
  MUST(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request));
  say("of another thread: %d", request.pid != (unsigned)leader && request.data.args[0] == 7);
  CALL(answer(70, 0, 0));
  memset(&request, 0, sizeof request);
  MUST(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request));
  say("of a child: %d", request.pid != (unsigned)leader && request.data.args[0] == 8);
  CALL(answer(80, 0, 0));
  hand_over(turn);
  show_wait("child", child);
  say("ready at the end: %#x", ready(0));
  return 0;
}
