// MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, MSG_TRUNC on streams; FIONREAD; reads in pieces; writev and readv.
// rows: U42 U40 U41 U46
#include "../lib/unix.h"

int main(void) {
  int fds[2], queued;
  char text[32];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  show("nothing there", recv(fds[1], text, sizeof text, MSG_DONTWAIT));
  struct iovec parts[3] = {{"one ", 4}, {"", 0}, {"two three", 9}};
  CALL(writev(fds[0], parts, 3));
  CALL(ioctl(fds[1], FIONREAD, &queued));
  say("queued: %d", queued);
  ssize_t length = recv(fds[1], text, 3, MSG_PEEK);
  say("peek: %s", quoted(text, length));
  length = recv(fds[1], text, 5, 0);
  say("read: %s", quoted(text, length));
  char a[3], b[20];
  struct iovec into[2] = {{a, 3}, {b, 20}};
  length = readv(fds[1], into, 2);
  say("readv: %zd %s %s", length, quoted(a, 3), quoted(b, length - 3));
  pid_t child = MUST(fork());
  if (child == 0) {
    for (int i = 0; i < 4; i++) {
      sleep_ms(5);
      MUST(write(fds[0], "wxyz" + i, 1));
    }
    _exit(0);
  }
  length = recv(fds[1], text, 4, MSG_WAITALL);
  say("MSG_WAITALL: %zd %s", length, quoted(text, length));
  show_wait("child", child);
  MUST(write(fds[0], "12345678", 8));
  show("zero-length read", read(fds[1], text, 0));
  show("bad buffer", read(fds[1], (void *)8, 4));
  show("still there", recv(fds[1], text, sizeof text, MSG_DONTWAIT));
  show("zero-length write", write(fds[0], "", 0));
  show("still nothing", recv(fds[1], text, sizeof text, MSG_DONTWAIT));
  show("sendto with an address", ({
         struct unix_address address = unix_address("x");
         sendto(fds[0], "x", 1, 0, (struct sockaddr *)&address.name, address.size);
       }));
  show("lseek", lseek(fds[0], 0, SEEK_CUR));
  show("pread", pread(fds[0], text, 1, 0));
  show("ftruncate", ftruncate(fds[0], 0));
  show("fsync", fsync(fds[0]));
  struct timeval limit = {0, 20000};
  MUST(setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  show("SO_RCVTIMEO", read(fds[1], text, 1));
  return 0;
}
