// U38: every kind of file can be passed and works at the other end.
#include "../lib/unix-messages.h"
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static int channel[2];
static int pass(const char *label, int fd) {
  int got[4] = {-1, -1, -1, -1};
  if (fd == -1) {
    show(label, -1);
    return -1;
  }
  ssize_t sent = send_rights(channel[0], "x", 1, &fd, 1, 0);
  int count = sent == 1 ? receive_fds(channel[1], got, 4, 0, NULL) : -1;
  struct stat a, b;
  MUST(fstat(fd, &a));
  if (count == 1) MUST(fstat(got[0], &b));
  say("%s: sent %zd, received %d, same file %d", label, sent, count, count == 1 && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
  close(fd);
  return got[0];
}

int main(void) {
  char data[64];
  pair_of(SOCK_SEQPACKET, channel);
  int fd = MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "content", 7));
  fd = pass("regular file", fd);
  show("pread", pread(fd, data, 7, 0));
  MUST(mkdir("dir", 0700));
  fd = pass("directory", open("dir", O_RDONLY | O_DIRECTORY));
  show("openat", openat(fd, "inside", O_CREAT | O_WRONLY, 0600) >= 0);
  fd = pass("O_PATH", open("file", O_PATH));
  show("read O_PATH", read(fd, data, 1));
  show("openat with AT_EMPTY_PATH", fstatat(fd, "", &(struct stat){0}, AT_EMPTY_PATH));
  int ends[2];
  MUST(pipe(ends));
  fd = pass("pipe", ends[1]);
  MUST(write(fd, "p", 1));
  show("through the pipe", read(ends[0], data, 1));
  MUST(mkfifo("fifo", 0600));
  fd = pass("FIFO", open("fifo", O_RDWR));
  show("fifo", (write(fd, "f", 1), read(fd, data, 1)));
  for (int i = 0; i < 3; i++) {
    pair_of(ALL_TYPES[i], ends);
    fd = pass(words("%s socket", type_name(ALL_TYPES[i])), ends[0]);
    show("through it", (send(fd, "s", 1, 0), recv(ends[1], data, 1, 0)));
  }
  fd = pass("unbound socket", socket(AF_UNIX, SOCK_STREAM, 0));
  show("bind it now", bind_to(fd, "@u38-late"));
  fd = pass("listener", listener_at("@u38", 3));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "@u38"));
  show("accept through it", accept(fd, NULL, NULL) >= 0);
  int watch = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 77};
  MUST(pipe(ends));
  MUST(epoll_ctl(watch, EPOLL_CTL_ADD, ends[0], &event));
  watch = pass("epoll", watch);
  MUST(write(ends[1], "e", 1));
  event.data.u32 = 0;
  show("epoll_wait", epoll_wait(watch, &event, 1, 0));
  say("its data: %u", event.data.u32);
  fd = pass("eventfd", eventfd(5, EFD_NONBLOCK));
  uint64_t number = 0;
  show("read", read(fd, &number, 8));
  say("value %d", (int)number);
  int timer = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
  struct itimerspec soon = {.it_value = {0, 1000000}};
  MUST(timerfd_settime(timer, 0, &soon, NULL));
  fd = pass("timerfd", timer);
  show("read", read(fd, &number, 8));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  fd = pass("signalfd", signalfd(-1, &set, 0));
  MUST(kill(getpid(), SIGUSR1));
  struct signalfd_siginfo info;
  show("read", read(fd, &info, sizeof info) == sizeof info);
  say("signal %s", signal_name(info.ssi_signo));
  int memory = MUST(memfd_create("shared", MFD_ALLOW_SEALING));
  MUST(ftruncate(memory, 4096));
  MUST(fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
  fd = pass("memfd", memory);
  say("seals %#x", fcntl(fd, F_GET_SEALS));
  char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  strcpy(page, "mapped");
  show("pread", pread(fd, data, 6, 0));
  show("grow", ftruncate(fd, 8192));
  fd = pass("pidfd", syscall(SYS_pidfd_open, getpid(), 0));
  show("pidfd_send_signal 0", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  fd = pass("/dev/null", open("/dev/null", O_RDWR));
  show("write", write(fd, "n", 1));
  fd = pass("/proc/self/comm", open("/proc/self/comm", O_RDONLY));
  show("read", read(fd, data, 64));
  fd = pass("a socket through itself", dup(channel[0]));
  show("which works", (send(fd, "y", 1, 0), recv(channel[1], data, 1, 0)));
  int terminal = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY));
  fd = pass("terminal", terminal);
  show("isatty", isatty(fd));
  return 0;
}
