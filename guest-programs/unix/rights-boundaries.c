// On a stream a read never crosses into bytes that carry other descriptors; they come with their first byte.
// rows: U35
#include "../lib/unix.h"

static void receive(const char *label, int fd, size_t room) {
  char control[256] __attribute__((aligned(8))), text[64];
  struct iovec data = {text, room};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
  int count = 0;
  for (struct cmsghdr *h = got < 0 ? NULL : CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
    count += (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  }
  if (got == -1) show(label, -1);
  else say("%s: %s with %d descriptors", label, quoted(text, got), count);
}

int main(void) {
  int fds[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600)), two[2] = {file, file};
  MUST(write(fds[0], "plain", 5));
  MUST(send_fds(fds[0], two, 2));
  MUST(write(fds[0], "after", 5));
  MUST(write(fds[0], "more", 4));
  MUST(send_fds(fds[0], two, 1));
  MUST(send_fds(fds[0], two, 1));
  for (int i = 0; i < 6; i++) receive("receive", fds[1], 64);
  MUST(write(fds[0], "abcdef", 6));
  receive("in parts", fds[1], 2);
  receive("in parts", fds[1], 2);
  receive("in parts", fds[1], 20);
  return 0;
}
