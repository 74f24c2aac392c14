// U21: buffer sizes and the true size of what is queued: small messages cost a whole buffer.
// contrary: net.core.wmem_max is 4194304, not 212992, and a stream's send is queued in pieces of at most 36544 bytes, each paid for by itself.
#include "../lib/unix-messages.h"

int main(void) {
  static char data[300000];
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show_option(words("%s: SO_SNDBUF", kind), fd, SO_SNDBUF);
    show_option(words("%s: SO_RCVBUF", kind), fd, SO_RCVBUF);
    const int values[] = {0, 1, 2304, 2305, 5000, 100000, 212992, 212993, 1000000, -1, -5000};
    for (size_t k = 0; k < COUNT(values); k++) {
      MUST(set_option(fd, SO_SNDBUF, values[k]));
      MUST(set_option(fd, SO_RCVBUF, values[k]));
      say("%s: set to %d: send %d, receive %d", kind, values[k], int_option(fd, SO_SNDBUF), int_option(fd, SO_RCVBUF));
    }
    close(fd);
  }
  const int sizes[] = {1, 100, 192, 193, 704, 705, 1728, 1729, 3776, 3777, 4096, 4288, 4289, 7872, 7873, 8192, 16064, 16065,
                       20000, 32768, 36544, 36545, 40000, 50000, 65536, 86144, 86145, 100000, 106432, 150000, 212000};
  for (int i = 0; i < 3; i++) {
    for (size_t k = 0; k < COUNT(sizes); k++) {
      int fds[2];
      pair_of(ALL_TYPES[i], fds);
      ssize_t sent = send(fds[0], data, sizes[k], MSG_DONTWAIT);
      say("%s: %d bytes: sent %zd, charged %ld", type_name(ALL_TYPES[i]), sizes[k], sent, queue_size(fds[0], SIOCOUTQ));
      close(fds[0]), close(fds[1]);
    }
  }
  const int pieces[] = {1, 100, 1000, 4096, 10000, 65536};
  for (int i = 0; i < 3; i++) {
    for (size_t k = 0; k < COUNT(pieces); k++) {
      int fds[2], count = 0;
      long total = 0;
      ssize_t sent;
      pair_of(ALL_TYPES[i], fds);
      while ((sent = send(fds[0], data, pieces[k], MSG_DONTWAIT)) > 0) count++, total += sent;
      say("%s: sends of %d: %d went, %ld bytes, charged %ld, then %s", type_name(ALL_TYPES[i]), pieces[k], count, total,
          queue_size(fds[0], SIOCOUTQ), errno_name(errno));
      close(fds[0]), close(fds[1]);
    }
  }
  // A message is paid for until its last byte is read.
  int fds[2];
  pair_of(SOCK_STREAM, fds);
  MUST(send(fds[0], data, 1000, 0));
  MUST(send(fds[0], data, 10, 0));
  const int reads[] = {1, 998, 1, 5, 5};
  for (size_t k = 0; k < COUNT(reads); k++) {
    MUST(recv(fds[1], data, reads[k], 0));
    say("after reading %d: charged %ld, queued %ld", reads[k], queue_size(fds[0], SIOCOUTQ), queue_size(fds[1], FIONREAD));
  }
  // SO_SNDBUF lowered while full; the receiver's SO_RCVBUF does not matter.
  MUST(set_option(fds[1], SO_RCVBUF, 1));
  int count = 0;
  while (send(fds[0], data, 1, MSG_DONTWAIT) == 1) count++;
  say("a small SO_RCVBUF: %d one-byte sends", count);
  MUST(set_option(fds[0], SO_SNDBUF, 1));
  MUST(recv(fds[1], data, 270, 0));
  show("still over the lowered SO_SNDBUF", send(fds[0], data, 1, MSG_DONTWAIT));
  MUST(recv(fds[1], data, 4, 0));
  show("below it", send(fds[0], data, 10000, MSG_DONTWAIT));
  show("charged", queue_size(fds[0], SIOCOUTQ));
  return 0;
}
