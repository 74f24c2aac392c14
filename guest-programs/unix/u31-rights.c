// U31: SCM_RIGHTS: limits, merging, malformed headers; what passes is the open file description.
#include "../lib/unix-messages.h"

static struct outgoing out;

static ssize_t raw_header(int fd, size_t cmsg_len, size_t controllen, int level, int type) {
  outgoing_init(&out, "x", 1);
  int none[4] = {0, 0, 0, 0};
  struct cmsghdr *header = outgoing_add(&out, type, none, sizeof none);
  header->cmsg_len = cmsg_len;
  header->cmsg_level = level;
  out.header.msg_controllen = controllen;
  return sendmsg(fd, &out.header, 0);
}

int main(void) {
  int fds[2], many[300];
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    for (int k = 0; k < 300; k++) many[k] = 0;
    const int counts[] = {1, 2, 253, 254, 300};
    for (size_t k = 0; k < COUNT(counts); k++) {
      show(words("%s: %d descriptors", kind, counts[k]), send_rights(fds[0], "x", 1, many, counts[k], 0));
      show_recvmsg(words("%s: received", kind), fds[1], 10, 2000, MSG_DONTWAIT);
    }
    many[1] = 999;
    show(words("%s: a closed one among them", kind), send_rights(fds[0], "x", 1, many, 3, 0));
    many[1] = -1;
    show(words("%s: -1", kind), send_rights(fds[0], "x", 1, many, 3, 0));
    many[1] = 0;
    show(words("%s: closed one beyond 253", kind), (many[260] = 999, send_rights(fds[0], "x", 1, many, 300, 0)));
    show(words("%s: nothing arrived", kind), recv(fds[1], many + 299, 1, MSG_DONTWAIT));

    outgoing_init(&out, "merged", 6);
    outgoing_add(&out, SCM_RIGHTS, many, 8);
    outgoing_add(&out, SCM_RIGHTS, many, 12);
    show(words("%s: two headers", kind), sendmsg(fds[0], &out.header, 0));
    show_recvmsg(words("%s: two headers", kind), fds[1], 10, 2000, MSG_DONTWAIT);
    outgoing_init(&out, "too many", 8);
    outgoing_add(&out, SCM_RIGHTS, many, 200 * 4);
    outgoing_add(&out, SCM_RIGHTS, many, 54 * 4);
    show(words("%s: 200 and 54", kind), sendmsg(fds[0], &out.header, 0));
    outgoing_init(&out, "odd", 3);
    outgoing_add(&out, SCM_RIGHTS, many, 7);
    show(words("%s: 7 bytes", kind), sendmsg(fds[0], &out.header, 0));
    show_recvmsg(words("%s: 7 bytes", kind), fds[1], 10, 2000, MSG_DONTWAIT);
    outgoing_init(&out, "none", 4);
    outgoing_add(&out, SCM_RIGHTS, many, 0);
    show(words("%s: no descriptors", kind), sendmsg(fds[0], &out.header, 0));
    show_recvmsg(words("%s: no descriptors", kind), fds[1], 10, 2000, MSG_DONTWAIT);

    show(words("%s: cmsg_len 0", kind), raw_header(fds[0], 0, 32, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: cmsg_len 15", kind), raw_header(fds[0], 15, 32, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: cmsg_len 16", kind), raw_header(fds[0], 16, 32, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: cmsg_len beyond the buffer", kind), raw_header(fds[0], 33, 32, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: huge cmsg_len", kind), raw_header(fds[0], (size_t)-1, 32, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: buffer of 15", kind), raw_header(fds[0], 20, 15, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: buffer of 16", kind), raw_header(fds[0], 20, 16, SOL_SOCKET, SCM_RIGHTS));
    show(words("%s: another level", kind), raw_header(fds[0], 20, 32, SOL_SOCKET + 1, SCM_RIGHTS));
    show(words("%s: another level, malformed", kind), raw_header(fds[0], 3, 32, SOL_SOCKET + 1, SCM_RIGHTS));
    show(words("%s: type 0", kind), raw_header(fds[0], 20, 32, SOL_SOCKET, 0));
    show(words("%s: type 99", kind), raw_header(fds[0], 20, 32, SOL_SOCKET, 99));
    show(words("%s: SCM_SECURITY", kind), raw_header(fds[0], 20, 32, SOL_SOCKET, SCM_SECURITY));
    char drop[10];
    int left = 0;
    while (recv(fds[1], drop, 1, MSG_DONTWAIT) > 0) left++;
    say("%s: %d messages got through", kind, left);

    outgoing_init(&out, "x", 1);
    out.header.msg_control = (void *)8;
    out.header.msg_controllen = 24;
    show(words("%s: bad control address", kind), sendmsg(fds[0], &out.header, 0));
    out.header.msg_controllen = 0;
    show(words("%s: bad control address, length 0", kind), sendmsg(fds[0], &out.header, 0));
    out.header.msg_control = NULL;
    out.header.msg_controllen = 24;
    show(words("%s: no control, length 24", kind), sendmsg(fds[0], &out.header, 0));
    out.header.msg_controllen = (size_t)1 << 31;
    show(words("%s: 2 GiB of control", kind), sendmsg(fds[0], &out.header, 0));
    static char large[200000];
    out.header.msg_control = large;
    out.header.msg_controllen = sizeof large;
    show(words("%s: 200000 bytes of control", kind), sendmsg(fds[0], &out.header, 0));
    out.header.msg_controllen = 100000;
    show(words("%s: 100000 bytes of control", kind), sendmsg(fds[0], &out.header, 0));
    close(fds[0]), close(fds[1]);
  }

  // Offset, status flags and locks are shared.
  pair_of(SOCK_STREAM, fds);
  int file = MUST(open("file", O_RDWR | O_CREAT, 0600)), got[4];
  MUST(write(file, "0123456789", 10));
  MUST(lseek(file, 2, SEEK_SET));
  MUST(send_rights(fds[0], "f", 1, &file, 1, 0));
  say("received %d", receive_fds(fds[1], got, 4, 0, NULL));
  char data[4];
  MUST(read(got[0], data, 3));
  say("read %s, offset seen by the sender %ld", quoted(data, 3), (long)lseek(file, 0, SEEK_CUR));
  MUST(fcntl(got[0], F_SETFL, O_APPEND | O_NONBLOCK));
  say("flags seen by the sender: append %d nonblock %d", (fcntl(file, F_GETFL) & O_APPEND) != 0, (fcntl(file, F_GETFL) & O_NONBLOCK) != 0);
  say("close-on-exec: %d", fcntl(got[0], F_GETFD));
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  show("OFD lock through one", fcntl(file, F_OFD_SETLK, &lock));
  show("OFD lock through the other", fcntl(got[0], F_OFD_SETLK, &lock));
  int apart = MUST(open("file", O_RDWR));
  show("OFD lock of another description", fcntl(apart, F_OFD_SETLK, &lock));
  close(file);
  show("closed by the sender, still locked", fcntl(apart, F_OFD_SETLK, &lock));
  show("still open", lseek(got[0], 0, SEEK_CUR));
  // Lowest numbers, in order.
  int a = MUST(dup(0)), b = MUST(dup(0));
  int pass[2] = {got[0], apart};
  MUST(send_rights(fds[0], "n", 1, pass, 2, 0));
  close(a);
  MUST(receive_fds(fds[1], got, 4, 0, NULL));
  say("lowest free numbers first: %d %d", got[0] == a, got[1] > b);
  // What lies in flight stays open.
  int ends[2];
  MUST(pipe(ends));
  MUST(send_rights(fds[0], "p", 1, &ends[1], 1, 0));
  close(ends[1]);
  MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  show("pipe whose writer is in flight", read(ends[0], data, 1));
  MUST(recv(fds[1], data, 1, 0));
  show("and dropped by a plain recv", read(ends[0], data, 1));
  MUST(pipe(ends));
  MUST(send_rights(fds[0], "p", 1, &ends[1], 1, 0));
  close(ends[1]);
  close(fds[1]);
  show("and dropped with the socket", read(ends[0], data, 1));
  return 0;
}
