// U42: O_NONBLOCK that is turned on while a call waits is not for that call, though something else wakes it.
#include "../lib/unix-messages.h"
#include <sys/uio.h>

static char data[300000];
static int fds[2], listener;

static void act(int what) {
  struct iovec vector = {data, sizeof data};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}}};
  switch (what) {
    case 0: show("recv", recv(fds[0], data, 10, 0)); break;
    case 1: show("read", read(fds[0], data, 10)); break;
    case 2: show("readv", readv(fds[0], &vector, 1)); break;
    case 3: show("send", send(fds[0], data, sizeof data, 0)); break;
    case 4: show("write", write(fds[0], data, sizeof data)); break;
    case 5: show("recvmmsg", recvmmsg(fds[0], messages, 2, 0, NULL)); break;
    default: show("accept", accept(listener, NULL, NULL) < 0 ? -1 : 0);
  }
}

int main(void) {
  for (int what = 0; what < 7; what++) {
    pair_of(SOCK_STREAM, fds);
    listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(bind_to(listener, words("@modes%d", what)));
    MUST(listen(listener, 1));
    pid_t child = MUST(fork());
    if (child == 0) {
      if (what == 3 || what == 4) close(fds[1]);
      act(what);
      _exit(0);
    }
    int fd = what == 6 ? listener : fds[0];
    usleep(30000);
    MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
    if (what == 6) MUST(shutdown(listener, SHUT_WR));
    else if (what == 3 || what == 4) MUST(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &(int){100000}, 4));
    else MUST(shutdown(fds[0], SHUT_WR));
    usleep(30000);
    if (what == 6) MUST(connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "@modes6"));
    else if (what == 3 || what == 4)
      for (long left = sizeof data; left > 0;) left -= MUST(read(fds[1], data, sizeof data));
    else MUST(send(fds[1], "hello", 5, 0));
    if (what == 5) {
      usleep(30000);
      MUST(send(fds[1], "hello", 5, 0));
    }
    show_wait("it", child);
    close(fds[0]), close(fds[1]), close(listener);
  }
  return 0;
}
