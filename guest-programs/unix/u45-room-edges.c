// A send that fails had its room for a while, which pollers and owners hear of when it goes; what polls leave for SIGIO.
// rows: U45 U46
#include "../lib/unix-messages.h"
#include <linux/filter.h>
#include <sys/syscall.h>

static int watch, fds[2];

static void fresh(int type) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
  pair_of(type, fds);
  watch = MUST(epoll_create1(0));
  MUST(epoll_ctl(watch, EPOLL_CTL_ADD, fds[0], &event));
  MUST(epoll_wait(watch, &event, 1, 0));
}

static void end(void) {
  close(watch);
  close(fds[0]);
  close(fds[1]);
}

static void show_edge(const char *label) {
  struct epoll_event event = {0};
  int count = MUST(epoll_wait(watch, &event, 1, 0));
  say("%s: %d edges %#x", label, count, event.events);
}

int main(void) {
  char data[30000] = {0};
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 3; i++) {
    int type = ALL_TYPES[i], off = 0;
    const char *kind = type_name(type);
    fresh(type);
    show_edge("nothing happened");
    MUST(shutdown(fds[1], SHUT_RD));
    show_edge(words("%s: the peer reads no more", kind));
    show(words("%s: send", kind), send(fds[0], "x", 1, 0));
    show_edge("after it");
    end();

    fresh(type);
    show(words("%s: send of a bad buffer", kind), syscall(SYS_sendto, fds[0], (void *)16, 10, 0, NULL, 0));
    show_edge("after it");
    MUST(setsockopt(fds[1], SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off));
    union { char room[CMSG_SPACE(4)]; struct cmsghdr header; } control = {.header = {CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
    show(words("%s: rights that the peer does not take", kind), sendmsg(fds[0], &message, 0));
    show_edge("after it");
    end();

    fresh(type);
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {1, nothing};
    MUST(setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
    show(words("%s: send to a filter", kind), send(fds[0], "x", 1, 0));
    show_edge("after it");
    end();

    // Room is told to the owner if a poll has missed it; polls of streams do not say so.
    fresh(type);
    signal(SIGIO, count_signal);
    MUST(fcntl(fds[0], F_SETOWN, getpid()));
    for (int polls = 0; polls < 2; polls++)
      for (int is_on = 0; is_on < 2; is_on++) {
        MUST(fcntl(fds[0], F_SETFL, is_on ? O_ASYNC : 0));
        while (send(fds[0], data, sizeof data, MSG_DONTWAIT) == sizeof data && i == 0) {}
        if (i) MUST(send(fds[0], data, sizeof data, MSG_DONTWAIT));
        struct pollfd entry = {fds[0], POLLOUT, 0};
        if (polls) say("%s: poll %d", kind, poll(&entry, 1, 0));
        MUST(fcntl(fds[0], F_SETFL, O_ASYNC));
        while (recv(fds[1], data, sizeof data, MSG_DONTWAIT) > 0) {}
        show_caught(words("%s: room, O_ASYNC %d, polled %d", kind, is_on, polls), SIGIO);
      }
    signal(SIGIO, SIG_DFL);
    end();
  }
  // A quarter of the send buffer, to the byte, is no room.
  const int sizes[] = {1000, 1000, 1, 1};
  for (int i = 0; i < 3; i++) {
    fresh(ALL_TYPES[i]);
    for (int k = 0; k < 11; k++) MUST(send(fds[0], data, 2048, 0));
    for (size_t k = 0; k < COUNT(sizes); k++) {
      MUST(send(fds[0], data, sizes[k], 0));
      struct pollfd entry = {fds[0], POLLOUT, 0};
      say("%s: charged %ld: poll %d", type_name(ALL_TYPES[i]), queue_size(fds[0], SIOCOUTQ), poll(&entry, 1, 0));
    }
    end();
  }
  return 0;
}
