// U20: a datagram or record longer than SO_SNDBUF - 32 is EMSGSIZE; streams take any length.
#include "../lib/unix-messages.h"

int main(void) {
  static char data[600000];
  const int buffers[] = {0, 4608, 10000, 65536, 212992, 400000};
  for (int i = 1; i < 3; i++) {
    for (size_t k = 0; k < COUNT(buffers); k++) {
      int fds[2];
      pair_of(ALL_TYPES[i], fds);
      if (buffers[k]) MUST(set_option(fds[0], SO_SNDBUF, buffers[k] / 2));
      int size = int_option(fds[0], SO_SNDBUF);
      for (int more = -33; more <= -31; more++) {
        show(words("%s, SO_SNDBUF %d, %d bytes", type_name(ALL_TYPES[i]), size, size + more),
             send(fds[0], data, size + more, MSG_DONTWAIT));
      }
      show("charged", queue_size(fds[0], SIOCOUTQ));
      show("received", recv(fds[1], data, sizeof data, MSG_DONTWAIT));
      show("next", send(fds[0], data, 100, MSG_DONTWAIT));
      close(fds[0]), close(fds[1]);
    }
  }
  int fds[2];
  pair_of(SOCK_STREAM, fds);
  show("stream, 600000 bytes", send(fds[0], data, sizeof data, MSG_DONTWAIT));
  show("charged", queue_size(fds[0], SIOCOUTQ));
  show("queued", queue_size(fds[1], FIONREAD));
  return 0;
}
