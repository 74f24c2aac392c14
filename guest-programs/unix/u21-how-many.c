// How many sends of each size fit into each buffer before EAGAIN, and what they are charged.
// rows: U21 U19 U20
#include "../lib/unix-messages.h"

static char data[300000];

int main(void) {
  static const int BUFFERS[] = {0, 1000, 2304, 4000, 10000, 40000, 106496, 200000};
  static const size_t SIZES[] = {0, 1, 63, 64, 65, 192, 193, 448, 704, 705, 1000, 1728, 1729, 3776, 3777, 4000, 7872, 8000, 16064, 16065, 20000, 32768, 36544,
                                 36545, 65536, 100000, 212960, 250000};
  for (int i = 0; i < 3; i++)
    for (size_t b = 0; b < COUNT(BUFFERS); b++)
      for (size_t s = 0; s < COUNT(SIZES); s++) {
        int type = ALL_TYPES[i], fds[2], count = 0;
        if (type == SOCK_STREAM && SIZES[s] == 0) continue;
        pair_of(type, fds);
        MUST(set_option(fds[0], SO_SNDBUF, BUFFERS[b]));
        long last, total = 0;
        while (count < 1000 && (last = send(fds[0], data, SIZES[s], MSG_DONTWAIT | MSG_NOSIGNAL)) >= 0) total += last, count++;
        const char *error = count == 1000 ? "no end" : errno_name(errno);
        long charged = queue_size(fds[0], TIOCOUTQ);
        struct pollfd entry = {fds[0], POLLOUT, 0};
        int ready = poll(&entry, 1, 0);
        // read one by one: when is it writable again?
        int reads = 0;
        while (!ready && recv(fds[1], data, SIZES[s] ? SIZES[s] : 1, MSG_DONTWAIT) >= 0) reads++, ready = poll(&entry, 1, 0);
        say("%s, buffer %d, size %zu: %d sends, %ld bytes, then %s, charged %ld, writable after %d reads, then %ld", type_name(type), BUFFERS[b], SIZES[s],
            count, total, error, charged, reads, queue_size(fds[0], TIOCOUTQ));
        close(fds[0]), close(fds[1]);
      }
  return 0;
}
