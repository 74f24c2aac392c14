// SCM_RIGHTS: the child reads through the passed file; offset and status flags are shared, descriptor flags are not.
// rows: U31
#include "../lib/unix.h"

int main(void) {
  int fds[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  int file = MUST(open("data", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  MUST(write(file, "0123456789abcdef", 16));
  MUST(lseek(file, 4, SEEK_SET));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(file);
    int got = -1, flags = 0;
    show("child: descriptors", receive_fds(fds[1], &got, 1, 0, &flags));
    say("child: flags %#x, descriptor flags %d", flags, fcntl(got, F_GETFD));
    char text[4];
    show("child: read", read(got, text, 4));
    say("child: %s", quoted(text, 4));
    MUST(fcntl(got, F_SETFL, O_APPEND));
    _exit(0);
  }
  ssize_t sent = send_fds(fds[0], &file, 1);
  show_wait("child", child);
  show("parent: send", sent);
  show("parent: offset", lseek(file, 0, SEEK_CUR));
  say("parent: O_APPEND seen: %d", (fcntl(file, F_GETFL) & O_APPEND) != 0);
  say("parent: FD_CLOEXEC kept: %d", fcntl(file, F_GETFD));
  int bad[2] = {file, 999};
  show("bad descriptor", send_fds(fds[0], bad, 2));
  return 0;
}
