// U49: SPLICE_F_NONBLOCK and O_NONBLOCK in splices of sockets: who waits for what; which end of a pipe is looked at first.
// needs: punctuality
#include "../lib/unix-messages.h"
#include <sys/sendfile.h>
#include <time.h>

static int fds[2], ends[2];
static char data[300000];

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void show_splice(const char *label, int in, int out, size_t size, unsigned flags) {
  long start = now(), moved = splice(in, NULL, out, NULL, size, flags);
  show(label, moved);
  say("waited %d", now() - start >= 40);
}

int main(void) {
  struct timeval soon = {0, 60000};
  for (int i = 0; i < 3; i++)
    for (int how = 0; how < 4; how++) {
      const char *kind = words("%s, pipe %s, flags %s", type_name(ALL_TYPES[i]), how & 1 ? "nonblocking" : "blocking", how & 2 ? "nonblocking" : "none");
      unsigned flags = how & 2 ? SPLICE_F_NONBLOCK : 0;
      pair_of(ALL_TYPES[i], fds);
      MUST(pipe2(ends, how & 1 ? O_NONBLOCK : 0));
      MUST(setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
      MUST(setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon));
      show_splice(words("%s: from an empty socket", kind), fds[1], ends[1], 100, flags);
      while (send(fds[0], data, 30000, MSG_DONTWAIT) == 30000) {}
      MUST(write(ends[1], data, 1000));
      show_splice(words("%s: to a full socket", kind), ends[0], fds[0], 100, flags);
      MUST(fcntl(fds[0], F_SETFL, O_NONBLOCK));
      show_splice(words("%s: to a full one that does not wait", kind), ends[0], fds[0], 100, flags);
      close(fds[0]), close(fds[1]), close(ends[0]), close(ends[1]);
    }

  // From a pipe without writers to a full one, and to one without readers.
  int full[2];
  MUST(pipe2(ends, O_NONBLOCK));
  MUST(pipe2(full, O_NONBLOCK));
  show("both empty", splice(ends[0], NULL, full[1], NULL, 10, SPLICE_F_NONBLOCK));
  close(ends[1]);
  show("no writer", splice(ends[0], NULL, full[1], NULL, 10, SPLICE_F_NONBLOCK));
  while (write(full[1], data, 4096) > 0) {}
  show("no writer, and full", splice(ends[0], NULL, full[1], NULL, 10, SPLICE_F_NONBLOCK));
  show("tee, no writer, and full", tee(ends[0], full[1], 10, SPLICE_F_NONBLOCK));
  signal(SIGPIPE, SIG_IGN);
  close(full[0]);
  show("no writer, no reader", splice(ends[0], NULL, full[1], NULL, 10, SPLICE_F_NONBLOCK));
  show("tee, no writer, no reader", tee(ends[0], full[1], 10, SPLICE_F_NONBLOCK));
  return 0;
}
