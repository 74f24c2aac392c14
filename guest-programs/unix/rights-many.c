// SCM_RIGHTS limits: 253 descriptors and no more, a short control buffer, MSG_CMSG_CLOEXEC, MSG_PEEK.
// rows: U31 U32 U33 U34
#include "../lib/unix.h"

static int count_open(void) {
  int count = 0;
  for (int fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) != -1;
  return count;
}

int main(void) {
  int fds[2], many[256], got[256], flags;
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600));
  for (int i = 0; i < 256; i++) many[i] = file;
  int before = count_open();
  show("254 at once", send_fds(fds[0], many, 254));
  show("253 at once", send_fds(fds[0], many, 253));
  show("received", receive_fds(fds[1], got, 253, 0, &flags));
  say("flags %#x, %d more open", flags, count_open() - before);
  for (int i = 0; i < 253; i++) close(got[i]);
  MUST(send_fds(fds[0], many, 10));
  show("room for 2", receive_fds(fds[1], got, 2, 0, &flags));
  say("flags %#x, %d more open", flags, count_open() - before);
  close(got[0]);
  close(got[1]);
  MUST(send_fds(fds[0], many, 3));
  show("room for none", receive_fds(fds[1], got, 0, 0, &flags));
  say("flags %#x, %d more open", flags, count_open() - before);
  MUST(send_fds(fds[0], many, 1));
  show("peek", receive_fds(fds[1], got, 1, MSG_PEEK, &flags));
  show("then receive, close-on-exec", receive_fds(fds[1], got + 1, 1, MSG_CMSG_CLOEXEC, &flags));
  say("flags %#x, descriptor flags %d and %d", flags, fcntl(got[0], F_GETFD), fcntl(got[1], F_GETFD));
  say("two descriptors, one open file: %d", lseek(got[0], 7, SEEK_SET) == 7 && lseek(got[1], 0, SEEK_CUR) == 7);
  MUST(send_fds(fds[0], many, 1));
  char byte;
  show("plain read drops them", read(fds[1], &byte, 1));
  say("%d more open", count_open() - before);
  return 0;
}
